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
  local started
  "$cluster_home/binaries"
  PATH=$binaries:$PATH
  if [ -n "${CONTEXT:-}" ]; then
    own_kubeconfig=$(mktemp)
    kubectl config view --raw --minify --flatten --context "$CONTEXT" >"$own_kubeconfig"
    export KUBECONFIG=$own_kubeconfig
    kubectl get --raw /apis/kubevirt.io/v1 >/dev/null || fail "the cluster of context $CONTEXT has no KubeVirt: install it first."
  else
    started=$("$cluster_home/up" --detach)
    eval "$started"
    insecure=1
  fi
  kubectl create namespace "$namespace" --dry-run=client -o yaml | kubectl apply -f - >/dev/null
  kubectl config set-context --current --namespace "$namespace" >/dev/null
}

push_images() { make --no-print-directory -C "$project" images REGISTRY="$REGISTRY" ${insecure:+INSECURE=1}; }

push_source() { "$cluster_home/source-image" "$REGISTRY/node:18" ${insecure:+--insecure}; }

install_operator() {
  local values=("--values=$project/target/images/values.yaml")
  if [ "$kernel" = nanos ]; then
    "$demo_home/nanos-catalogue" "$NANOS_RELEASE" "$REGISTRY/kernels/nanos" "$project/target/images/values.yaml" ${insecure:+--insecure} >"$project/target/images/nanos.yaml"
    values+=("--values=$project/target/images/nanos.yaml")
  fi
  helm upgrade --install unikernel-operator "$project/helm/unikernel-operator" --namespace unikernel-system --create-namespace \
    "${values[@]}" ${insecure:+--set "plainHttpRegistries={${REGISTRY%%/*}}"} --wait --timeout 3m >/dev/null
  kubectl --namespace unikernel-system get pods
}

end_demo() {
  local status=$?
  if [ -n "${KEEP:-}" ] && [ -n "${KUBECONFIG:-}" ]; then
    say "Left running. To look around:"
    say "  export KUBECONFIG=$KUBECONFIG PATH=$binaries:\$PATH"
    say "  kubectl get uki,uks,vm,pods"
    [ -n "${CONTEXT:-}" ] || say "To end it: $cluster_home/down"
    return
  fi
  [ $status = 0 ] || explain_failure
  if [ -n "${CONTEXT:-}" ]; then
    [ -z "${own_kubeconfig:-}" ] || { kubectl delete namespace "$namespace" --wait=false >/dev/null 2>&1; rm -f "$own_kubeconfig"; }
  else
    "$cluster_home/down" "$CLUSTER" >/dev/null 2>&1 || true
  fi
}

explain_failure() {
  [ -n "${KUBECONFIG:-}" ] || return 0
  printf '\nThe state when it failed:\n' >&2
  kubectl get uki,uks,jobs,vm,vmi,pods -o wide >&2 || true
  kubectl describe uki,uks >&2 || true
  kubectl --namespace unikernel-system logs deployment/unikernel-operator --tail=40 >&2 || true
}
