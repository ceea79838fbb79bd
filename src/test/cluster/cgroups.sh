# Sourced: the private cgroups of a cluster, on a cgroup v1 host (one per controller) or a v2 host (one, untested).
# shellcheck shell=bash

cgroup_version() {
  if [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ]; then echo 2; else echo 1; fi
}

# The directories of this cluster's cgroups on the host, one per line.
cgroup_directories() {
  local controller own
  if [ "$(cgroup_version)" = 2 ]; then
    echo "/sys/fs/cgroup/$cgroup"
    return
  fi
  for controller in cpu cpuacct cpuset memory devices freezer blkio pids systemd; do
    [ -d "/sys/fs/cgroup/$controller" ] || continue
    own=$(sed -nE "s/^[0-9]+:([^:]*,)?(name=)?$controller(,[^:]*)?:(.*)$/\4/p" /proc/1/cgroup)
    echo "/sys/fs/cgroup/$controller${own%/}/$cgroup"
  done
}

create_cgroups() {
  local directory parent
  if [ "$(cgroup_version)" = 2 ]; then
    for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
      echo "+$controller" >/sys/fs/cgroup/cgroup.subtree_control 2>/dev/null || true
    done
  fi
  while read -r directory; do
    mkdir -p "$directory"
    if [ -e "$directory/cpuset.mems" ] && [ "$(cgroup_version)" = 1 ]; then
      parent=$(dirname "$directory")
      cat "$parent/cpuset.cpus" >"$directory/cpuset.cpus"
      cat "$parent/cpuset.mems" >"$directory/cpuset.mems"
      echo 1 >"$directory/cgroup.clone_children"
    fi
  done < <(cgroup_directories)
}

enter_cgroups() {
  local directory
  while read -r directory; do
    echo "$1" >"$directory/cgroup.procs"
  done < <(cgroup_directories)
}

# Succeeds when none is left. A directory can be busy for a moment after its last process died.
remove_cgroups() {
  local directory left=0
  while read -r directory; do
    [ -d "$directory" ] && find "$directory" -depth -type d -exec rmdir {} + 2>/dev/null
    [ -d "$directory" ] && left=1
  done < <(cgroup_directories)
  return $left
}
