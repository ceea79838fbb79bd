# Sourced by every script here: where things lie and which addresses a cluster has.
# shellcheck shell=bash disable=SC2034

KUBERNETES=1.36.3

cluster_home=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project=$(cd "$cluster_home/../../.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/unikernel-operator
# The layout fabric8's kube-api-test looks for, so that the control-plane tests share the binaries.
binaries=${KUBERNETES_BINARIES:-$cache/k8s/$KUBERNETES-linux-amd64}
clusters=/run/unikernel-dev-cluster

fail() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

say() {
  printf '%s\n' "$*" >&2
}

# Everything that tells cluster number $1 (1 to 15) from another one on the same machine.
cluster_settings() {
  number=$1
  run=$clusters/$number                         # on the host: kubeconfig, pids; removed when the cluster ends
  disk=/var/tmp/unikernel-dev-cluster-$number   # the state's file, unlinked as soon as it is mounted
  link=ukdev$number                             # the host's end of the veth pair
  cgroup=ukdev$number
  node=dev$number
  host_address=10.200.$number.1
  node_address=10.200.$number.2
  pod_range=10.244.$number.0/24
  service_range=10.$((96 + number)).0.0/16
  service_api=10.$((96 + number)).0.1
  registry=$node_address:5000
}

# The numbers of the clusters that run, one per line.
running_clusters() {
  local each
  for each in "$clusters"/*/init.pid; do
    [ -e "$each" ] && [ -d "/proc/$(cat "$each")" ] && basename "$(dirname "$each")"
  done
}

# Settles on the cluster a script is to work on: $1 or $CLUSTER if given, else the only one that runs.
choose_cluster() {
  local wanted=${1:-${CLUSTER:-}} found
  mapfile -t found < <(running_clusters)
  if [ -z "$wanted" ]; then
    case ${#found[@]} in
      0) fail "no dev cluster runs; start one with $cluster_home/up" ;;
      1) wanted=${found[0]} ;;
      *) fail "several dev clusters run (${found[*]}); set CLUSTER to the number of the one you mean" ;;
    esac
  fi
  printf '%s\n' "${found[@]}" | grep -qx "$wanted" || fail "dev cluster $wanted does not run (running: ${found[*]:-none})"
  cluster_settings "$wanted"
}
