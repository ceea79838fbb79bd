# What the demo does to the two objects, and what it waits for and shows.

# The sample as a user would edit it: their registry, the kernel they want, and on Linux the memory that holds all files.
sample() {
  sed -e "s#registry\.example#$REGISTRY#g" -e "s#/node:20#/node:18#" -e "s#^  args: .*#&\n  kernel: {name: $kernel}#" \
    -e "s#^  replicas: .*#&\n  resources: {memory: $memory}#" "$project/config/samples/hello.yaml" |
    if [ -n "$login" ]; then
      sed -e 's#^\( *\)reference: .*#&\n\1pullSecret: registry-login#' -e 's#^\( *\)repository: .*#&\n\1pushSecret: registry-login#'
    else
      cat
    fi
}

apply_sample() {
  here_before=$(objects)
  sample | kubectl apply -f -
}

# follow KIND NAME CONDITION: prints every change of Ready until CONDITION is True, or Stalled is.
follow() {
  local kind=unikernel$1s.unikernel.dev name=$2 condition=$3 deadline=$((SECONDS + patience)) seen= conditions ready
  while :; do
    expect_cluster
    conditions=$(kubectl get "$kind" "$name" -o json | jq -r '.status.conditions[]? | "\(.type)=\(.status) \(.reason): \(.message)"') || true
    ready=$(grep '^Ready=' <<<"$conditions") || true
    [ -z "$ready" ] || [ "$ready" = "$seen" ] || say "$1 $ready"
    seen=${ready:-$seen}
    ! grep -q "^$condition=True" <<<"$conditions" || return 0
    ! grep -q '^Stalled=True' <<<"$conditions" || fail "$1 $name: $(grep '^Stalled=' <<<"$conditions")"
    [ $SECONDS -lt $deadline ] ||
      fail "waited $((patience / 60)) minutes until $1 $name is $condition. It says: ${seen:-nothing yet}. The last warning: $(last_warning)"
    sleep 0.5
  done
}

last_warning() {
  kubectl get events --field-selector type=Warning --sort-by=.metadata.creationTimestamp -o json |
    jq -r '.items | if length == 0 then "none" else last | "\(.involvedObject.kind) \(.involvedObject.name): \(.reason): \(.message)" end'
}

show_surface() {
  kubectl get uki "$image" -o json | jq -r '
    .status as {$surface, $artifact}
    | def row($what; $source; $now): "  \($what | . + " " * (18 - length)) \($source | tostring | " " * (10 - length) + .) \($now | tostring | " " * (10 - length) + .)";
    row(""; "source"; "image"),
    row("files"; $surface.sourceFiles; $surface.files),
    row("executables"; $surface.sourceExecutables; $surface.executables),
    row("shared libraries"; $surface.sourceSharedLibraries; $surface.sharedLibraries),
    row("setuid programs"; $surface.sourceSetuid; $surface.setuid),
    row("shells"; $surface.sourceShells; $surface.shells),
    "  \($artifact.registry)", "  kernel \($artifact.kernel) \($artifact.kernelVersion), \($artifact.sizeBytes / 1048576 | floor) MiB"'
}

# The client is a pod, so that it reaches the Service the way any other program of the cluster does.
start_client() {
  local address secrets=
  [ -z "$login" ] || secrets='imagePullSecrets: [{name: registry-login}]'
  address=$(kubectl get service "$service" -o 'jsonpath={.spec.clusterIP}:{.spec.ports[0].port}')
  kubectl create configmap client --from-file="$demo_home/client.js" --dry-run=client -o yaml | kubectl apply -f - >/dev/null
  kubectl apply -f - >/dev/null <<EOF
apiVersion: v1
kind: Pod
metadata: {name: client}
spec:
  terminationGracePeriodSeconds: 0
  $secrets
  containers:
  - name: client
    image: $REGISTRY/node:18
    command: [/usr/bin/node, /client/client.js, "$address"]
    env: [{name: SERVICE, value: "http://$address"}]
    volumeMounts: [{name: client, mountPath: /client}]
  volumes: [{name: client, configMap: {name: client}}]
EOF
  await "the client pod is Ready" kubectl wait pod client --for=condition=Ready --timeout=5s
}

from_client() { kubectl exec client -- node -e "fetch($1).then(r => r.text()).then(t => console.log(t.trimEnd()), e => console.log('no answer:', e.cause?.message))"; }

ask() {
  answer=$(from_client "process.env.SERVICE + '$1'")
  say "GET $1"
  say "    $answer"
}

expect_refused() {
  case $1 in *"spawn ENOSYS"*) ;; *) fail "the injected command should have answered 'Error: spawn ENOSYS'." ;; esac
}

await_available() {
  await "$1 instances are available" kubectl wait uks "$service" --for="jsonpath={.status.availableReplicas}=$1" --timeout=5s
}

show_instances() {
  kubectl get uks "$service" -o json | jq -r '.status.instances[] | "  \(.name)  \(.phase)  \(.address // "")"'
}

kill_one() {
  victim=$(kubectl get uks "$service" -o jsonpath='{.status.instances[0].name}')
  mark_traffic
  kubectl delete pod -l "vm.kubevirt.io/name=$victim" --grace-period=1 --wait=false
}

gone() { # kind name
  local found
  found=$(kubectl get "$1" "$2" -o name --ignore-not-found) && [ -z "$found" ]
}

await_replaced() {
  await "the killed instance $1 is gone" gone vm "$1"
  await_available 3
}

# A change of the program's text is a change of the ConfigMap: the operator sees it and builds.
change_program() {
  before=$(kubectl get uki "$image" -o jsonpath='{.status.artifact.digest}')
  kubectl get configmap "$image-js" -o json | jq '.data["main.js"] += "\n// version 2\n"' | kubectl apply -f - >/dev/null
  await "the changed program is built" other_disk
}

other_disk() {
  after=$(kubectl get uki "$image" -o jsonpath='{.status.artifact.digest}')
  [ -n "$after" ] && [ "$after" != "$before" ]
}

await_rolled_out() {
  after=$(kubectl get uki "$image" -o jsonpath='{.status.artifact.digest}')
  await "the service has the new disk" kubectl wait uks "$service" --for="jsonpath={.status.image.digest}=$after" --timeout=5s
  await "3 instances are updated" kubectl wait uks "$service" --for="jsonpath={.status.updatedReplicas}=3" --timeout=5s
  await "the service is Ready" kubectl wait uks "$service" --for=condition=Ready --timeout=5s
}

counts() { from_client "'http://localhost:9000'"; }

mark_traffic() { marked=$(counts); }

show_traffic() {
  traffic=$(jq -n --argjson before "$marked" --argjson now "$(counts)" \
    '{requests: ($now.sent - $before.sent), failed: ($now.failures | map(select(.number > $before.sent)))} | .lastFailure = .failed[-1].why | .failed |= length')
  say "requests since: $(jq -r '"\(.requests), failed: \(.failed)" + (if .failed > 0 then " (\(.lastFailure))" else "" end)' <<<"$traffic")"
}

expect_no_failure() { [ "$(jq .failed <<<"$traffic")" = 0 ] || fail "the rolling update should not have failed a request."; }

delete_everything() {
  kubectl delete pod/client configmap/client --wait=true >/dev/null
  sample | kubectl delete -f - --wait=true >/dev/null
  await "all that was made for them is gone" nothing_left
}

nothing_left() {
  leftovers
  [ -z "$(leftovers)" ]
}

objects() { kubectl get uki,uks,vm,vmi,pods,jobs,services,endpointslices,configmaps,secrets -o name 2>/dev/null; }

leftovers() {
  local now
  now=$(objects) || now="what is there, for kubectl cannot tell"
  grep -vxF "$here_before" <<<"$now" || true
}

show_leftovers() {
  say "objects left in the namespace: $(leftovers | grep -c .)"
  say "The namespaces and the operator go now."
  if [ -z "${CONTEXT:-}" ]; then
    say "So does the dev cluster, with all that is in it."
  elif [ -z "$crds_before" ]; then
    say "The CustomResourceDefinitions stay, as Helm leaves them: deleting them would delete every UnikernelImage and UnikernelService of the cluster."
    say "To remove them: kubectl --context $CONTEXT delete $(crds | xargs)"
  fi
}
