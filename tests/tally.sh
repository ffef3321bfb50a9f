# shellcheck shell=bash
# tally.sh: what the tests/check_*.sh share: claims that hold or not, and the last line that run.sh reads. Sourced.
# V=1 prints what passed too.
set -euo pipefail
export LC_ALL=C
# shellcheck disable=SC2034 # for who sources this
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
passed=0
failed=0

# What a claim's command prints goes to a file without a name: a process less than into a variable.
OUTPUT=$(mktemp)
exec {output}<>"$OUTPUT"
rm "$OUTPUT"
OUTPUT=/proc/self/fd/$output

# check CLAIM COMMAND...: the claim holds if the command succeeds; its output is shown when it does not.
check() {
	if "${@:2}" >"$OUTPUT" 2>&1; then
		passed=$((passed + 1))
		[[ -z ${V:-} ]] || echo "ok $1"
	else
		failed=$((failed + 1))
		echo "FAILED $1"
		sed 's/^/	/' "$OUTPUT"
	fi
}

# check_same CLAIM EXPECTED ACTUAL: two texts, the first of which must say something.
check_same() {
	check "$1" hold_against "$2" "$3"
}

hold_against() {
	[[ -n $1 && $1 == "$2" ]] || {
		diff <(echo "$1") <(echo "$2") | sed -n '/^[<>]/p'
		return 1
	}
}

skip() {
	echo "# skipped: $1"
}

sum_up() {
	echo "$passed passed, $failed failed"
	((failed == 0))
}
