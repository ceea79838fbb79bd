# The stage: cluster, images, chart; and how it is cleared.

check_choices() {
  image=hello service=hello
  case $kernel in
    linux) memory=512Mi ;;
    nanos)
      memory=256Mi
      [ -n "${NANOS_RELEASE:-}" ] || fail "KERNEL=nanos needs NANOS_RELEASE=DIR|URL: a directory with boot.img and kernel.img, or the URL of a release archive." ;;
    *) fail "KERNEL=$kernel is not known: use linux or nanos." ;;
  esac
  if [ -n "${CONTEXT:-}" ]; then
    [ -n "${REGISTRY:-}" ] || fail "CONTEXT needs REGISTRY=host/path: a registry that you are logged in to and the cluster can pull from."
  fi
}

raise_cluster() {
  PATH=$binaries:$PATH
  if [ -n "${CONTEXT:-}" ]; then
    join_cluster
  else
    "$cluster_home/binaries"
    local started
    problems=$(mktemp)
    started=$("$cluster_home/up" --detach --problems "$problems") || fail "the dev cluster did not come up; the reason is above."
    eval "$started"
    up=yes insecure=1
    tail -n +1 -f "$problems" >&2 &
    teller=$!
  fi
  kubectl create namespace "$namespace" >/dev/null
  made_namespace=yes
  kubectl config set-context --current --namespace "$namespace" >/dev/null
  [ -z "$login" ] || log_in "$namespace"
}

# A dev cluster ends when one of its components does, and there is nothing more to wait for.
expect_cluster() {
  [ -z "$problems" ] || ! grep -q 'dev cluster .* ended' "$problems" || fail "the dev cluster ended by itself: $(sed -n 's/^ *\(.* ended with [0-9]*\);.*/\1/p' "$problems" | head -n 1); its last words are above."
}

# A copy of the user's kubeconfig, so that theirs stays as it is; and their registry login, for the pods that pull and push.
join_cluster() {
  local tool
  for tool in kubectl helm; do
    command -v $tool >/dev/null || fail "CONTEXT needs $tool: install it, or run make demo without CONTEXT once, which builds it."
  done
  own_kubeconfig=$(mktemp)
  kubectl config view --raw --minify --flatten --context "$CONTEXT" >"$own_kubeconfig" || fail "kubectl knows no context $CONTEXT."
  export KUBECONFIG=$own_kubeconfig
  up=yes insecure=${INSECURE:-}
  kubectl get --raw /apis/kubevirt.io/v1 >/dev/null || fail "the cluster of context $CONTEXT has no KubeVirt: install it first."
  ! kubectl get namespace "$namespace" >/dev/null 2>&1 || fail "the namespace $namespace exists already: delete it first."
  ! kubectl --namespace "$system" get deployment unikernel-operator >/dev/null 2>&1 ||
    fail "the operator is installed already, and the demo would replace it. To remove it: $remove_operator"
  login=$(mktemp)
  registry_login >"$login"
  if [ -s "$login" ]; then
    export REGISTRY_AUTH_FILE=$login # for skopeo
  else
    login=
  fi
}

# A .dockerconfigjson with the user's login to the one registry; nothing when they have none.
registry_login() {
  local config=${DOCKER_CONFIG:-$HOME/.docker}/config.json host=${REGISTRY%%/*} entry helper
  [ "$host" != docker.io ] || host=https://index.docker.io/v1/
  [ -f "$config" ] || return 0
  entry=$(jq --compact-output --arg host "$host" '.auths[$host] // empty | select(.auth)' "$config")
  helper=$(jq --raw-output --arg host "$host" '.credHelpers[$host] // .credsStore // empty' "$config")
  [ -n "$entry" ] || [ -z "$helper" ] ||
    entry=$(printf %s "$host" | "docker-credential-$helper" get | jq --compact-output '{auth: ("\(.Username):\(.Secret)" | @base64)}')
  [ -z "$entry" ] || jq --null-input --arg host "$host" --argjson entry "$entry" '{auths: {($host): $entry}}'
}

log_in() { # namespace
  kubectl --namespace "$1" create secret generic registry-login --type kubernetes.io/dockerconfigjson \
    --from-file ".dockerconfigjson=$login" >/dev/null
}

push_images() { make --no-print-directory -C "$project" images REGISTRY="$REGISTRY" ${insecure:+INSECURE=1} || fail "make images failed; the reason is above."; }

push_source() { "$cluster_home/source-image" "$REGISTRY/node:18" ${insecure:+--insecure}; }

install_operator() {
  local values=("--values=$project/target/images/values.yaml")
  if [ "$kernel" = nanos ]; then
    "$demo_home/nanos-catalogue" "$NANOS_RELEASE" "$REGISTRY/kernels/nanos" "$project/target/images/values.yaml" ${insecure:+--insecure} >"$project/target/images/nanos.yaml"
    values+=("--values=$project/target/images/nanos.yaml")
  fi
  if ! kubectl get namespace "$system" >/dev/null 2>&1; then
    kubectl create namespace "$system" >/dev/null
    made_system=yes
  fi
  if [ -n "$login" ]; then
    log_in "$system"
    values+=(--set 'operator.pullSecrets[0].name=registry-login')
  fi
  installed=yes
  crds_before=$(crds)
  helm install unikernel-operator "$project/helm/unikernel-operator" --namespace "$system" \
    "${values[@]}" ${insecure:+--set "plainHttpRegistries={${REGISTRY%%/*}}"} --wait --timeout 10m >/dev/null || fail "the operator's chart could not be installed; Helm's reason is above."
  kubectl --namespace "$system" get pods
}

# Our CustomResourceDefinitions that the cluster has: Helm installs them and never deletes them.
crds() { sed -n 's/^  name: //p' "$project"/crds/*.unikernel.dev.yaml | xargs kubectl get crds -o name --ignore-not-found; }

# On the way out, however it ended. Until `up`, nothing is ours, and kubectl would speak to the user's current cluster.
end_demo() {
  local status=$?
  set +e
  trap - ERR
  [ -z "$teller" ] || kill "$teller" 2>/dev/null
  [ -z "$made_namespace" ] || [ $status = 0 ] || explain_failure
  if [ -n "$up" ] && [ -n "${KEEP:-}" ]; then
    tell_how_to_use
  elif [ -n "${CONTEXT:-}" ]; then
    leave_cluster
  elif [ -n "$up" ]; then
    "$cluster_home/down" "$CLUSTER" >/dev/null 2>&1
  fi
  rm -f "$login" "$problems"
  [ $status = 0 ] || printf '\ndemo: %s\n' "${failure:-it ended with $status; the reason is above.}" >&2
}

tell_how_to_use() {
  say "Left running. To look around:"
  say "  export KUBECONFIG=$KUBECONFIG PATH=$binaries:\$PATH"
  say "  kubectl get uki,uks,vm,pods"
  if [ -n "${CONTEXT:-}" ]; then
    say "To remove it: kubectl delete namespace $namespace; $remove_operator; rm $KUBECONFIG"
  else
    say "To end it: $cluster_home/down $CLUSTER"
  fi
}

leave_cluster() {
  [ -z "$made_namespace" ] || kubectl delete namespace "$namespace" --wait=false
  [ -z "$installed" ] || helm --namespace "$system" uninstall unikernel-operator
  [ -z "$made_system" ] || kubectl delete namespace "$system" --wait=false
  [ -z "$own_kubeconfig" ] || rm -f "$own_kubeconfig"
}

explain_failure() {
  printf '\nThe state when it failed:\n'
  kubectl get uki,uks,jobs,vm,vmi,pods -o wide
  kubectl get uki,uks,vmi -o json | jq -r '.items[] | "\n\(.kind) \(.metadata.name):", (.status.conditions[]? | "  \(.type)=\(.status) \(.reason // ""): \(.message // "")")'
  printf '\nIts last Events:\n'
  kubectl get events --sort-by=.metadata.creationTimestamp | tail -n 25
  for pod in $(kubectl get pods -o name); do
    printf '\nThe last words of %s:\n' "$pod"
    kubectl logs "$pod" --all-containers --prefix --tail=15
  done
  printf '\nThe last words of the operator:\n'
  kubectl --namespace "$system" get pods
  kubectl --namespace "$system" logs deployment/unikernel-operator --tail=30
  if [ -n "$problems" ]; then
    printf '\nThe last words of what plays KubeVirt, and what went wrong in the dev cluster:\n'
    "$cluster_home/enter" tail -n 15 /run/log/kubevirt.log
    cat "$problems"
  fi
} >&2
