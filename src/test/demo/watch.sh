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

# follow KIND NAME CONDITION: prints every change of the conditions until CONDITION is True, or Stalled is.
follow() {
  local kind=unikernel$1s.unikernel.dev name=$2 condition=$3 last= line stalled=
  kubectl wait "$kind" "$name" --for="condition=$condition" --timeout=5m >/dev/null &
  local awaited=$!
  exec 7< <(exec kubectl get "$kind" "$name" --watch --output json 2>/dev/null)
  local watcher=$!
  exec 8< <(jq --unbuffered --raw-output '.status.conditions[]? | "\(.type)=\(.status) \(.reason): \(.message)"' <&7)
  while kill -0 $awaited 2>/dev/null; do
    read -r -t 1 line <&8 || { [ $? -gt 128 ] && continue || break; }
    case $line in
      "$last") ;;
      Ready=*) last=$line; say "$1 $line" ;;
      Stalled=True*) stalled=$line; kill $awaited; break ;;
    esac
  done
  kill $watcher 2>/dev/null || true
  exec 7<&- 8<&-
  [ -z "$stalled" ] || fail "$1 $name: $stalled"
  wait $awaited || fail "$1 $name did not become $condition within 5 minutes."
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
  local address
  address=$(kubectl get service "$service" -o 'jsonpath={.spec.clusterIP}:{.spec.ports[0].port}')
  kubectl create configmap client --from-file="$demo_home/client.js" --dry-run=client -o yaml | kubectl apply -f - >/dev/null
  kubectl apply -f - >/dev/null <<EOF
apiVersion: v1
kind: Pod
metadata: {name: client}
spec:
  terminationGracePeriodSeconds: 0
  imagePullSecrets: [{name: registry-login}]
  containers:
  - name: client
    image: $REGISTRY/node:18
    command: [/usr/bin/node, /client/client.js, "$address"]
    env: [{name: SERVICE, value: "http://$address"}]
    volumeMounts: [{name: client, mountPath: /client}]
  volumes: [{name: client, configMap: {name: client}}]
EOF
  kubectl wait pod client --for=condition=Ready --timeout=2m >/dev/null
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
  kubectl wait uks "$service" --for="jsonpath={.status.availableReplicas}=$1" --timeout=5m >/dev/null
}

show_instances() {
  kubectl get uks "$service" -o json | jq -r '.status.instances[] | "  \(.name)  \(.phase)  \(.address // "")"'
}

kill_one() {
  victim=$(kubectl get uks "$service" -o jsonpath='{.status.instances[0].name}')
  mark_traffic
  kubectl delete pod -l "vm.kubevirt.io/name=$victim" --grace-period=1 --wait=false
}

await_replaced() {
  kubectl wait vm "$1" --for=delete --timeout=3m >/dev/null 2>&1 || ! kubectl get vm "$1" >/dev/null 2>&1 || fail "$1 should have been replaced."
  await_available 3
}

# A change of the program's text is a change of the ConfigMap: the operator sees it and builds.
change_program() {
  before=$(kubectl get uki "$image" -o jsonpath='{.status.artifact.digest}')
  kubectl get configmap "$image-js" -o json | jq '.data["main.js"] += "\n// version 2\n"' | kubectl apply -f - >/dev/null
  local deadline=$((SECONDS + 300))
  until after=$(kubectl get uki "$image" -o jsonpath='{.status.artifact.digest}'); [ -n "$after" ] && [ "$after" != "$before" ]; do
    [ $SECONDS -lt $deadline ] || fail "the changed program was not built within 5 minutes."
    kubectl wait uki "$image" --for="jsonpath={.status.artifact.digest}" --timeout=1s >/dev/null 2>&1 || true
  done
}

await_rolled_out() {
  kubectl wait uks "$service" --for="jsonpath={.status.image.digest}=$after" --timeout=5m >/dev/null
  kubectl wait uks "$service" --for="jsonpath={.status.updatedReplicas}=3" --timeout=5m >/dev/null
  kubectl wait uks "$service" --for=condition=Ready --timeout=5m >/dev/null
}

counts() { from_client "'http://localhost:9000'"; }

mark_traffic() { marked=$(counts); }

show_traffic() {
  traffic=$(jq -n --argjson before "$marked" --argjson now "$(counts)" \
    '{requests: ($now.sent - $before.sent), failed: ($now.failed - $before.failed), lastFailure: $now.lastFailure}')
  say "requests since: $(jq -r '"\(.requests), failed: \(.failed)" + (if .failed > 0 then " (\(.lastFailure))" else "" end)' <<<"$traffic")"
}

expect_no_failure() { [ "$(jq .failed <<<"$traffic")" = 0 ] || fail "the rolling update should not have failed a request."; }

delete_everything() {
  kubectl delete pod/client configmap/client --wait=true >/dev/null
  sample | kubectl delete -f - --wait=true >/dev/null
  local deadline=$((SECONDS + 120))
  until [ -z "$(leftovers)" ]; do
    [ $SECONDS -lt $deadline ] || fail "still there after two minutes: $(leftovers)"
    kubectl wait vm,vmi,pods,jobs --all --for=delete --timeout=5s >/dev/null 2>&1 || true
  done
}

objects() { kubectl get uki,uks,vm,vmi,pods,jobs,services,endpointslices,configmaps,secrets -o name 2>/dev/null; }

leftovers() {
  local now
  now=$(objects) || now="what is there, for kubectl cannot tell"
  grep -vxF "$here_before" <<<"$now" || true
}

show_leftovers() { say "objects left in the namespace: $(leftovers | grep -c .)"; }
