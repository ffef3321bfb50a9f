#!/usr/bin/env bash
# run.sh: every test there is, a line for each piece as it ends, and one number at the end.
# usage: run.sh release|san|golden|crash
#
#   release   unit tests, night cases, stages from fixtures (rerun.sh), kills at some fault points (crash.sh), tests/check_*.sh
#   san       all of them but the kills, with the programs of the `san` variant
#   golden    writes the expected output of the night cases, and the fixtures of the stages, anew
#   crash     kills every case, and the import and the delivery (check_swan.sh, check_delivery.sh), at every fault point
# In `release` a case is killed if its folder has a file `crash`, at points that SEED chooses (1, unless it is given).
# JOBS pieces run at once, those first that took longest the last time (out/test/seconds). They work in memory where it
# can be had. Only what fails is shown; V=1 shows all. What ends without its line `N passed, M failed` counts as failed.
# The last line is `N passed, M failed`; exit 1 if anything failed, or nothing was run.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."

MODE=${1:-release}
JOBS=${JOBS:-$(nproc)}
SEED=${SEED:-1}
TOOK=out/test/seconds
names=()
likely=()
commands=()
passed=0
failed=0
declare -A of_pid=() began=() took=()

# --- where ------------------------------------------------------------------------------------------------------------

# What is written and synced a thousand times is best written to memory. A night needs some 10 MB, kills some 100.
make_work() {
	local base=${TMPDIR:-/tmp} free

	free=$(df --output=avail /dev/shm 2>/dev/null | tail -n 1 || true)
	[[ ! -w /dev/shm || ${free:-0} -lt $((200 * 1024 * JOBS)) ]] || base=/dev/shm
	WORK=$(mktemp -d "$base/alanpay.XXXXXX")
	trap 'rm -rf "$WORK"' EXIT
	mkdir "$WORK/log" "$WORK/tmp"
	chmod 711 "$WORK" "$WORK/tmp" # one check runs as another user
	export TMPDIR=$WORK/tmp SEED
	echo "# works in $base, $JOBS at once, SEED=$SEED"
}

# --- a unit test, reported as the other pieces are -------------------------------------------------------------------

# cmocka prints a line for each test, then how many failed; a program that died prints no end.
run_unit() {
	local program=$1 log=$2 status=0 ok=0 bad=0 line

	CMOCKA_MESSAGE_OUTPUT=STDOUT "$program" || status=$?
	while IFS= read -r line; do
		[[ $line != '[       OK ]'* ]] || ok=$((ok + 1))
		[[ ! $line =~ ^'[  FAILED  ] '([0-9]+)' test(s), listed below:' ]] || bad=${BASH_REMATCH[1]}
	done <"$log"
	if [[ $status != 0 && $bad == 0 ]]; then
		echo "$program ended with $status"
		bad=1
	fi
	echo "$ok passed, $bad failed"
}

# --- pieces -----------------------------------------------------------------------------------------------------------

# piece SECONDS NAME COMMAND...: to be run; so long it took in the eyes of who has never run it. Words have no blanks.
piece() {
	names+=("$2")
	likely+=("${took[$2]:-$1}")
	commands+=("${*:3}")
}

start() {
	local i=$1 log=$WORK/log/$1
	local -a words

	read -ra words <<<"${commands[i]}"
	began[$i]=${EPOCHREALTIME/./}
	"${words[@]}" >"$log" 2>&1 </dev/null &
	of_pid[$!]=$i
}

# The report of a piece that ended.
report() {
	local i=$1 log=$WORK/log/$1 lines last='' line tenths

	tenths=$(((${EPOCHREALTIME/./} - began[$i]) / 100000))
	mapfile -t lines <"$log"
	[[ ${#lines[@]} == 0 ]] || last=${lines[-1]}
	if ! [[ $last =~ ^([0-9]+)' passed, '([0-9]+)' failed'$ ]]; then
		lines+=("${names[i]} ended early" '')
		last='0 passed, 1 failed'
	fi
	[[ $last =~ ^([0-9]+)' passed, '([0-9]+)' failed'$ ]]
	passed=$((passed + BASH_REMATCH[1]))
	failed=$((failed + BASH_REMATCH[2]))
	for line in "${lines[@]:0:${#lines[@]}-1}"; do
		[[ ${BASH_REMATCH[2]} == 0 && -z ${V:-} && $line != '# skipped'* ]] || printf '%s\n' "$line"
	done
	printf '%-28s %4d.%d s   %s\n' "${names[i]}" $((tenths / 10)) $((tenths % 10)) "$last"
	took[${names[i]}]=$((tenths / 10))
}

wait_for_one() {
	local pid

	wait -n -p pid "${!of_pid[@]}" || true
	report "${of_pid[$pid]}"
	unset "of_pid[$pid]"
}

print_likely() {
	local i

	for i in "${!names[@]}"; do
		echo "${likely[i]} $i"
	done
}

run_pieces() {
	local i order

	mapfile -t order < <(print_likely | sort -k1,1nr -k2n)
	for i in "${order[@]#* }"; do
		((${#of_pid[@]} < JOBS)) || wait_for_one
		start "$i"
	done
	while ((${#of_pid[@]} > 0)); do
		wait_for_one
	done
}

recall_seconds() {
	local seconds name

	[[ -f $TOOK.$MODE ]] || return 0
	while read -r seconds name; do
		took[$name]=$seconds
	done <"$TOOK.$MODE"
}

keep_seconds() {
	local name

	mkdir -p "${TOOK%/*}"
	for name in "${!took[@]}"; do
		echo "${took[$name]} $name"
	done | sort -k1,1nr -k2 >"$TOOK.$MODE"
}

# --- what there is ----------------------------------------------------------------------------------------------------

units() {
	local source name

	for source in tests/test_*.c; do
		name=$(basename "$source" .c)
		piece 1 "$name" run_unit "out/build/$1/tests/$name" "$WORK/log/${#names[@]}"
	done
}

nights() {
	local list case lines

	for list in fixtures/nights/*/nights; do
		case=${list%/nights} case=${case##*/}
		mapfile -t lines <"$list"
		piece $((${#lines[@]} / 5)) "night $case" tests/night.sh "$1" "$case" "${@:2}"
	done
}

reruns() {
	local from stage

	for from in fixtures/stages/*/from; do
		stage=${from%/from} stage=${stage##*/}
		piece 1 "rerun $stage" tests/rerun.sh "$1" "$stage" "${@:2}"
	done
}

checks() {
	local check part

	for check in tests/check_*.sh; do
		[[ $check == tests/check_trust.sh ]] || piece 20 "$(basename "$check" .sh)" bash "$check" "$1"
	done
	for part in tests/trust_*.sh; do
		part=${part#tests/trust_} part=${part%.sh}
		piece 20 "check_trust $part" bash tests/check_trust.sh "$1" "$part"
	done
}

crashes() {
	local mark case lines

	for mark in fixtures/nights/*/"$1"; do
		case=${mark%/*} case=${case##*/}
		mapfile -t lines <"${mark%/*}/nights"
		piece "${#lines[@]}" "crash $case" tests/crash.sh out/build/faults/bin "$case" "${@:2}"
	done
}

began_at=$SECONDS
make_work
recall_seconds
case $MODE in
release)
	units release
	nights out/bin
	reruns out/bin
	checks out/bin
	crashes crash
	;;
crash)
	crashes nights all
	piece 60 check_swan bash tests/check_swan.sh out/bin all
	piece 900 "check_trust backup" bash tests/trust_backup.sh out/bin all
	piece 60 check_delivery bash tests/check_delivery.sh out/bin all
	;;
san)
	units san
	nights out/build/san/bin
	reruns out/build/san/bin
	checks out/build/san/bin
	;;
golden)
	nights out/bin golden
	reruns out/bin golden
	;;
*)
	echo "usage: run.sh release|san|golden|crash" >&2
	exit 64
	;;
esac
run_pieces
keep_seconds
echo "# $((SECONDS - began_at)) s in all"
echo "$passed passed, $failed failed"
((failed == 0 && passed > 0))
