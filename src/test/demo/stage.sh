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
    started=$("$cluster_home/up" --detach)
    eval "$started"
    insecure=1
  fi
  kubectl create namespace "$namespace" >/dev/null
  made_namespace=yes
  kubectl config set-context --current --namespace "$namespace" >/dev/null
  [ -z "$login" ] || log_in "$namespace"
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
  kubectl get --raw /apis/kubevirt.io/v1 >/dev/null || fail "the cluster of context $CONTEXT has no KubeVirt: install it first."
  ! kubectl get namespace "$namespace" >/dev/null 2>&1 ||
    fail "the namespace $namespace exists already: delete it, or name another one with NAMESPACE=."
  ! kubectl --namespace "$system" get deployment unikernel-operator >/dev/null 2>&1 ||
    fail "the operator is installed already, and the demo would replace it. To remove it: $remove_operator"
  insecure=${INSECURE:-}
  login=${DOCKER_CONFIG:-$HOME/.docker}/config.json
  [ -f "$login" ] || login=
}

log_in() { # namespace
  kubectl --namespace "$1" create secret generic registry-login --type kubernetes.io/dockerconfigjson \
    --from-file ".dockerconfigjson=$login" --dry-run=client -o yaml | kubectl --namespace "$1" apply -f - >/dev/null
}

push_images() { make --no-print-directory -C "$project" images REGISTRY="$REGISTRY" ${insecure:+INSECURE=1}; }

push_source() { "$cluster_home/source-image" "$REGISTRY/node:18"; }

install_operator() {
  local values=("--values=$project/target/images/values.yaml")
  if [ "$kernel" = nanos ]; then
    "$demo_home/nanos-catalogue" "$NANOS_RELEASE" "$REGISTRY/kernels/nanos" "$project/target/images/values.yaml" ${insecure:+--insecure} >"$project/target/images/nanos.yaml"
    values+=("--values=$project/target/images/nanos.yaml")
  fi
  if [ -n "$login" ]; then
    kubectl create namespace "$system" --dry-run=client -o yaml | kubectl apply -f - >/dev/null
    log_in "$system"
    values+=(--set 'operator.pullSecrets[0].name=registry-login')
  fi
  installed=yes
  helm install unikernel-operator "$project/helm/unikernel-operator" --namespace "$system" --create-namespace \
    "${values[@]}" ${insecure:+--set "plainHttpRegistries={${REGISTRY%%/*}}"} --wait --timeout 3m >/dev/null
  kubectl --namespace "$system" get pods
}

end_demo() {
  local status=$?
  if [ -n "${KEEP:-}" ] && [ -n "${KUBECONFIG:-}" ]; then
    say "Left running. To look around:"
    say "  export KUBECONFIG=$KUBECONFIG PATH=$binaries:\$PATH"
    say "  kubectl get uki,uks,vm,pods"
    if [ -n "${CONTEXT:-}" ]; then
      say "To remove it: kubectl delete namespace $namespace; $remove_operator"
    else
      say "To end it: $cluster_home/down"
    fi
    return
  fi
  [ $status = 0 ] || explain_failure
  if [ -n "${CONTEXT:-}" ]; then
    leave_cluster
  else
    [ -z "${CLUSTER:-}" ] || "$cluster_home/down" "$CLUSTER" >/dev/null 2>&1 || true
  fi
}

leave_cluster() {
  [ -n "${own_kubeconfig:-}" ] || return 0
  [ -z "$made_namespace" ] || kubectl delete namespace "$namespace" --wait=false >/dev/null 2>&1 || true
  [ -z "$installed" ] || helm --namespace "$system" uninstall unikernel-operator >/dev/null 2>&1 || true
  rm -f "$own_kubeconfig"
}

explain_failure() {
  [ -n "${KUBECONFIG:-}" ] || return 0
  printf '\nThe state when it failed:\n' >&2
  kubectl get uki,uks,jobs,vm,vmi,pods -o wide >&2 || true
  kubectl describe uki,uks >&2 || true
  kubectl --namespace "$system" logs deployment/unikernel-operator --tail=40 >&2 || true
}
