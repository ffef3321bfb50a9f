#!/usr/bin/env bash
# check_trust.sh: people around the home: who runs it, who may act, what comes back from a backup. Each claim is an attack, or a slip,
# that is refused, or undone.
# usage: check_trust.sh BINDIR [PART...]
#
# The parts are tests/trust_*.sh; without one all of them run, one after the other.
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=$1
shift
[[ $# -gt 0 ]] || set -- "$ROOT"/tests/trust_*.sh
for part; do
	part=${part##*/trust_} part=${part%.sh}
	lines=('')
	mapfile -t lines < <(bash "$ROOT/tests/trust_$part.sh" "$BIN" 2>&1)
	last=${lines[-1]:-}
	if [[ $last =~ ^([0-9]+)' passed, '([0-9]+)' failed'$ ]]; then
		passed=$((passed + BASH_REMATCH[1]))
		failed=$((failed + BASH_REMATCH[2]))
		unset 'lines[-1]'
	else
		failed=$((failed + 1))
		lines+=("FAILED $part ended early")
	fi
	printf '%s\n' "${lines[@]}"
done
sum_up
