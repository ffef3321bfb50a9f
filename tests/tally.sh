# shellcheck shell=bash
# tally.sh: what the tests/check_*.sh share: claims that hold or not, and the last line that run.sh reads. Sourced.
# V=1 tells what passed too.
set -euo pipefail
export LC_ALL=C
# shellcheck disable=SC2034 # for who sources this
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
passed=0
failed=0

# check CLAIM COMMAND...: the claim holds if the command succeeds; what it prints is told when it does not.
check() {
	local claim=$1 told

	shift
	if told=$("$@" 2>&1); then
		passed=$((passed + 1))
		[[ -z ${V:-} ]] || echo "ok $claim"
	else
		failed=$((failed + 1))
		echo "FAILED $claim"
		[[ -z $told ]] || printf '\t%s\n' "${told//$'\n'/$'\n\t'}"
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
