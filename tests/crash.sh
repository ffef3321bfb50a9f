#!/usr/bin/env bash
# crash.sh: kills the commands of a case at fault points and wants the same end as if they had not been killed.
# usage: crash.sh FAULTS_BINDIR CASE [all]
#
# The case is played once without kills; `run` is taken apart into the stages of schedules/nightly. Each command lists
# the fault points that it passes. Then it starts from where the case was before it, is killed at its n-th fault point
# and runs again: books and published files must be those of the undisturbed run, and nothing unfinished may be left.
# Of some kills the second run is killed too, at its (n mod 5 + 1)-th point, and a third one must finish the work.
# With `all` n is every point, and one more, at which nothing may be killed any more; the second run is killed too for
# odd n. Else n is what kills.sh chooses, and the second run is killed at one in four.
# A command with more than MOST fault points has points that grow with its records: that is refused.
# The last line is `N passed, M failed`.
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/kills.sh
. "$(dirname "$0")/kills.sh"

BIN=$(cd "$1" && pwd)
CASE=${2:?is missing: crash.sh FAULTS_BINDIR CASE}
require_case "$CASE"
ALL=${3:-}
MOST=${MOST:-400}
KILLED=137
commands=0
passed=0
failed=0
points=0
kills=0

fail() {
	failed=$((failed + 1))
	echo "FAILED $CASE $STEP $TEXT: $1"
}

# --- the commands of a case -------------------------------------------------------------------------------------------

# The stages that a `run` stands for, each with the options it would get.
print_stages() {
	local words=" $1 " from='' until='' swan='' stage

	[[ $words =~ ' --from '([^ ]+) ]] && from=${BASH_REMATCH[1]}
	[[ $words =~ ' --until '([^ ]+) ]] && until=${BASH_REMATCH[1]}
	[[ $words =~ ' --fixtures '([^ ]+) ]] && swan=${BASH_REMATCH[1]}
	for stage in "${STAGES[@]}"; do
		[[ -z $from || $stage == "$from" ]] || continue
		from=
		[[ $stage == import && -n $swan ]] && echo "import --fixtures $swan" || echo "$stage"
		[[ $stage != "$until" ]] || break
	done
}

# Commands of the case, a line each, like the steps.
print_commands() {
	local step on now status text stage

	while read -r step on now status text; do
		if [[ ${text%% *} != run ]]; then
			echo "$step $on $now $status $text"
			continue
		fi
		while read -r stage; do
			echo "$step $on $now $status $stage"
		done < <(print_stages "$text")
	done < <(print_steps "$CASE")
}

# Published files are never written again, only linked, renamed and removed: links to them do.
copy_home() {
	cp -al "$1" "$2"
	cp -a --remove-destination "$1/alanpay.ini" "$1/inbox" "$1/state" "$2/"
}

# All that is published is the same in two homes. What is linked to in both needs no reading.
same_files() {
	diff -rq --no-dereference -x state -x alanpay.ini -x metrics -x run_results.json "$1" "$2"
}

# start HOME FAULT: gives the exit status back. A stage is started as the program that it is. bash reports a killed
# child on its own standard error.
start() {
	local program=alanpay words=("${WORDS[@]}") input=$NIGHTS/$CASE/drop/$STEP/stdin

	[[ -f $input ]] || input=/dev/null
	if [[ -x $BIN/alanpay-${WORDS[0]} && ${WORDS[1]:-} == --* ]]; then
		program=alanpay-${WORDS[0]}
		words=("${WORDS[@]:1}")
	fi
	{ ALANPAY_FAULT=$2 "$BIN/$program" "${words[@]}" --home "$1" <"$input" >"$WORK/output" 2>&1; } 2>/dev/null
}

# --- kills ------------------------------------------------------------------------------------------------------------

# The last, undisturbed start has ended: is all as it should be?
check_end() {
	local home=$1 status=$2 what=$3

	print_books "$home" >"$WORK/end"
	print_leftovers "$home" >"$WORK/leftovers"
	if ! is_fine_again "$status" "$UNDISTURBED"; then
		fail "$what: exit $status"
		sed 's/^/	/' "$WORK/output"
	elif ! cmp -s "$WORK/books" "$WORK/end" || ! same_files "$WORK/home" "$home" >"$WORK/differ"; then
		fail "$what: another end than undisturbed"
		diff -U0 "$WORK/books" "$WORK/end" | sed -n '3,22p'
		head -n 20 "$WORK/differ"
	elif [[ -s $WORK/leftovers ]]; then
		fail "$what: something unfinished is left"
		sed 's/^/	/' "$WORK/leftovers"
	else
		passed=$((passed + 1))
	fi
}

kill_twice() {
	local home=$1 n=$2 k=$(($2 % 5 + 1)) status=0

	start "$home" "$k" || status=$?
	if [[ $status == "$KILLED" ]]; then
		kills=$((kills + 1))
		status=0
		start "$home" '' || status=$?
	fi
	check_end "$home" "$status" "killed at point $n, then at point $k"
}

# False when there is no n-th point.
kill_once() {
	local n=$1 home=$WORK/scratch/$1 status=0

	copy_home "$WORK/before" "$home"
	start "$home" "$n" || status=$?
	if [[ $status != "$KILLED" ]]; then
		check_end "$home" "$status" 'undisturbed once more'
		return 1
	fi
	kills=$((kills + 1))
	[[ $TWICE == 0 ]] || copy_home "$home" "$home.twice"
	status=0
	start "$home" '' || status=$?
	check_end "$home" "$status" "killed at point $n (${NAMES[n - 1]:-not listed})"
	[[ $TWICE == 0 ]] || kill_twice "$home.twice" "$n"
}

kill_command() {
	local n so_far=$kills

	mkdir "$WORK/scratch"
	if [[ -n $ALL ]]; then
		for ((n = 1; n <= MOST; n++)); do
			TWICE=$((n % 2))
			kill_once "$n" || break
		done
		[[ $((n - 1)) == "${#NAMES[@]}" ]] || fail "lists ${#NAMES[@]} fault points, but is killed at $((n - 1))"
	else
		choose_points
		for n in "${SAMPLE[@]}"; do
			pick 4
			TWICE=$((PICKED == 0))
			kill_once "$n" || fail "lists a point $n, but is not killed there"
		done
	fi
	[[ -z ${V:-} ]] || echo "$CASE $STEP $TEXT: $((kills - so_far)) kills at ${#NAMES[@]} points"
	rm -rf "$WORK/scratch"
}

# --------------------------------------------------------------------------------------------------------------------

# Its books and files are those that the command found, though it passed no fault point.
changed_nothing() {
	print_books "$WORK/before" >"$WORK/end"
	cmp "$WORK/end" "$WORK/books" && same_files "$WORK/before" "$WORK/home"
}

crash_command() {
	local status=$1

	copy_home "$WORK/home" "$WORK/before"
	UNDISTURBED=0
	start "$WORK/home" list || UNDISTURBED=$?
	print_books "$WORK/home" >"$WORK/books"
	if [[ $UNDISTURBED != "${status%!}" ]] && ! is_fine_again "$UNDISTURBED" "$status"; then
		fail "exit $UNDISTURBED undisturbed"
		sed 's/^/	/' "$WORK/output"
		return 1
	fi
	read_names "$WORK/output"
	points=$((points + ${#NAMES[@]}))
	[[ ${#NAMES[@]} -le $MOST ]] || fail "more than $MOST fault points: they grow with the records"
	if [[ ${#NAMES[@]} == 0 ]] && ! changed_nothing >"$WORK/differ"; then
		fail 'changes something, but passes no fault point'
		head -n 20 "$WORK/differ"
	fi
	if [[ $status != *! && (${#NAMES[@]} != 0 || -n $ALL) ]]; then
		commands=$((commands + 1))
		kill_command
	fi
	rm -rf "$WORK/before"
}

play() {
	local last='' on now status

	make_home "$BIN" "$CASE" "$WORK/home"
	while read -r STEP on now status TEXT; do
		[[ $STEP == "$last" ]] || drop_inputs "$CASE" "$STEP" "$WORK/home"
		last=$STEP
		set_words "$CASE" "$STEP" "$on" "$now" "$TEXT"
		crash_command "$status" || break
	done < <(print_commands)
}

make_work
mapfile -t STAGES < <(grep -v '^#' "$ROOT/schedules/nightly")
play
echo "$CASE: $kills kills at $points points of $commands commands${ALL:+, all of them}, SEED=$SEED"
echo "$passed passed, $failed failed"
[[ $failed == 0 && $passed != 0 ]]
