#!/usr/bin/env bash
# run.sh: every test there is, and one number at the end.
# usage: run.sh release|san|golden|crash
#
#   release   unit tests, night cases, kills at every fault point (crash.sh), tests/check_*.sh
#   san       unit tests, night cases, tests/check_*.sh, with the programs of the `san` variant
#   golden    writes the expected output of the night cases anew
#   crash     kills every case at every fault point, not only those that are marked
# A case is killed at every fault point if its folder has a file `crash`. Only what fails is shown; V=1 shows all. What
# ends without its line `N passed, M failed` counts as failed. JOBS pieces run at once. The last line is
# `N passed, M failed`; exit 1 if anything failed, or nothing was run.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."

MODE=${1:-release}
JOBS=${JOBS:-$(nproc)}
LOGS=$(mktemp -d)
trap 'rm -rf "$LOGS"' EXIT
pieces=()

# --- a unit test, told in the words of the other pieces ---------------------------------------------------------------

# cmocka tells of each test, then how many failed; a program that died tells no end.
run_unit() {
	local program=$1 log=$2 status=0 passed failed

	CMOCKA_MESSAGE_OUTPUT=STDOUT "$program" || status=$?
	passed=$(grep -c '^\[       OK \]' "$log" || true)
	failed=$(sed -nE 's/^\[  FAILED  \] ([0-9]+) test\(s\), listed below:$/\1/p' "$log")
	failed=${failed:-0}
	if [[ $status != 0 && $failed == 0 ]]; then
		echo "$program ended with $status"
		failed=1
	fi
	echo "$passed passed, $failed failed"
}

# --- pieces: started at once, reported in their order -----------------------------------------------------------------

# start NAME COMMAND...: {log} among its arguments is the file that its output goes to.
start() {
	local name=$1 log

	shift
	while (($(jobs -rp | wc -l) >= JOBS)); do
		wait -n || true
	done
	pieces+=("$name")
	log=$LOGS/${#pieces[@]}
	"${@//'{log}'/$log}" >"$log" 2>&1 </dev/null &
}

report() {
	local i log last passed=0 failed=0

	for i in "${!pieces[@]}"; do
		log=$LOGS/$((i + 1))
		last=$(tail -n 1 "$log")
		if ! [[ $last =~ ^([0-9]+)' passed, '([0-9]+)' failed'$ ]]; then
			echo "${pieces[i]} ended early" >>"$log"
			last='0 passed, 1 failed'
		fi
		[[ $last =~ ^([0-9]+)' passed, '([0-9]+)' failed'$ ]]
		passed=$((passed + BASH_REMATCH[1]))
		failed=$((failed + BASH_REMATCH[2]))
		if [[ ${BASH_REMATCH[2]} != 0 || -n ${V:-} ]]; then
			sed '$d' "$log"
		fi
		grep -h '^# skipped' "$log" || true
		printf '%-40s %s\n' "${pieces[i]}" "$last"
	done
	echo "$passed passed, $failed failed"
	((failed == 0 && passed > 0))
}

# --- what there is ----------------------------------------------------------------------------------------------------

cases() {
	local list

	for list in fixtures/nights/*/nights; do
		[[ ! -f $list ]] || basename "$(dirname "$list")"
	done
}

start_units() {
	local source name

	for source in tests/test_*.c; do
		name=$(basename "$source" .c)
		start "$name" run_unit "out/build/$1/tests/$name" '{log}'
	done
}

start_nights() {
	local case

	for case in $(cases); do
		start "night $case" tests/night.sh "$1" "$case" "${@:2}"
	done
}

start_checks() {
	local check

	for check in tests/check_*.sh; do
		[[ ! -f $check ]] || start "$(basename "$check" .sh)" bash "$check" "$1"
	done
}

# Each has JOBS processes of its own, so one after the other.
start_crashes() {
	local case

	for case in $(cases); do
		[[ $1 == all || -f fixtures/nights/$case/crash ]] || continue
		wait
		start "crash $case" tests/crash.sh out/build/faults/bin "$case" "$JOBS"
	done
}

case $MODE in
release)
	start_units release
	start_nights out/bin
	start_checks out/bin
	start_crashes marked
	;;
crash)
	start_crashes all
	;;
san)
	start_units san
	start_nights out/build/san/bin
	start_checks out/build/san/bin
	;;
golden)
	start_nights out/bin golden
	;;
*)
	echo "usage: run.sh release|san|golden|crash" >&2
	exit 64
	;;
esac
wait
report
