# How the demo speaks, and how it measures.
bold=$(tput bold 2>/dev/null || true); plain=$(tput sgr0 2>/dev/null || true)
timings=()

title() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
say() { printf '  %s\n' "$*"; }
fail() { printf '\ndemo: %s\n' "$*" >&2; exit 1; }

# timed LABEL COMMAND...: runs the command and remembers how long it took.
timed() {
  local label=$1 start=${EPOCHREALTIME/./}
  shift
  "$@"
  local took=$(( ${EPOCHREALTIME/./} - start ))
  timings+=("$(printf '%-24s %6d.%d s' "$label" $((took / 1000000)) $((took / 100000 % 10)))")
  say "$label after $((took / 1000000)).$((took / 100000 % 10)) s"
}

show_timings() { printf '  %s\n' "${timings[@]}"; }
