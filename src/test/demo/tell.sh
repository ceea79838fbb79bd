# How the demo speaks, and how it measures.
bold=$(tput bold 2>/dev/null || true); plain=$(tput sgr0 2>/dev/null || true)
timings=() failure=

title() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
say() { printf '  %s\n' "$*"; }
# fail SENTENCE: ends the demo; the sentence is its last word, behind what explains it.
fail() { failure=$*; exit 1; }

# await WHAT COMMAND...: repeats the command, which looks whether it is so, until it is. WHAT ends the sentence of a failure.
patience=600 # seconds: a machine may be busy
await() {
  local what=$1 deadline=$((SECONDS + patience)) answer
  shift
  until answer=$("$@" 2>&1); do
    expect_cluster
    [ $SECONDS -lt $deadline ] || fail "waited $((patience / 60)) minutes until $what; the last look said: $answer"
    sleep 0.5
  done
}

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
