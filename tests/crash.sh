#!/usr/bin/env bash
# crash.sh: kills every command of a case at every fault point and wants the same end as if it had not been killed.
# usage: crash.sh FAULTS_BINDIR CASE [JOBS]
#
# The case is played once without kills, a snapshot of the home before each command; `run` is taken apart into the
# stages of schedules/nightly. Then, for n = 1, 2, ... the command starts from its snapshot, is killed at its n-th
# fault point and runs again: books and published files must be those of the undisturbed run, and nothing unfinished
# may be left. For odd n the second run is killed too, at its (n mod 5 + 1)-th point, and a third one must mend it.
# A command with more than MOST fault points has points that grow with its records: that is refused.
# The last line is `N passed, M failed`.
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"

BIN=$(cd "$1" && pwd)
CASE=$2
JOBS=${3:-2}
MOST=${MOST:-400}
KILLED=137

print_state() {
	print_books "$1"
	print_published "$1"
}

# Published files are never written again, only linked, renamed and removed: links to them do.
restore() {
	rm -rf "$2"
	mkdir -m 711 "$2"
	cp -al "$1/archive" "$1/out" "$1/quarantine" "$2/"
	cp -a "$1/alanpay.ini" "$1/inbox" "$1/state" "$2/"
}

# The stages that a `run` stands for, each with the options it would get.
print_stages() {
	local words=" $1 " from='' until='' swan='' stage

	[[ $words =~ ' --from '([^ ]+) ]] && from=${BASH_REMATCH[1]}
	[[ $words =~ ' --until '([^ ]+) ]] && until=${BASH_REMATCH[1]}
	[[ $words =~ ' --fixtures '([^ ]+) ]] && swan=${BASH_REMATCH[1]}
	while read -r stage; do
		[[ -z $from || $stage == "$from" ]] || continue
		from=
		[[ $stage == import && -n $swan ]] && echo "import --fixtures $swan" || echo "$stage"
		[[ $stage != "$until" ]] || break
	done < <(grep -v '^#' "$ROOT/schedules/nightly")
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

# Plays the case undisturbed. Of each command: home (before it), line, state-before, state (after it), status.
play() {
	local home=$WORK/home n=0 last='' step on now status text folder got

	make_home "$BIN" "$CASE" "$home"
	while read -r step on now status text; do
		n=$((n + 1))
		folder=$WORK/command/$(printf '%03d' "$n")
		mkdir -p "$folder"
		[[ $step == "$last" ]] || drop_inputs "$CASE" "$step" "$home"
		last=$step
		cp -a "$home" "$folder/home"
		print_state "$home" >"$folder/state-before"
		set_words "$CASE" "$step" "$on" "$now" "$text"
		got=0
		run_alanpay "$BIN" "$CASE" "$step" "$home" >"$folder/output" || got=$?
		echo "$step $on $now $status $text" >"$folder/line"
		echo "$got" >"$folder/status"
		print_state "$home" >"$folder/state"
		if [[ $got != "${status%!}" ]] && ! is_fine_again "$got" "$status"; then
			echo "FAILED $CASE $step $text: exit $got undisturbed"
			sed 's/^/	/' "$folder/output"
			echo "0 passed, 1 failed"
			exit 1
		fi
	done < <(print_commands)
}

# --- one command, in a process of its own ---------------------------------------------------------------------------

fail() {
	failed=$((failed + 1))
	echo "FAILED $CASE $STEP $TEXT: $1"
}

# Runs the command, killed at the given point (0: not at all); gives its exit status back. bash tells of a killed child
# on its own standard error.
start() {
	local home=$1 fault=''

	[[ $2 == 0 ]] || fault=$2
	ALANPAY_FAULT=$fault run_alanpay "$BIN" "$CASE" "$STEP" "$home" >"$SCRATCH/output" 2>/dev/null
}

# The last, undisturbed start has ended: is all as it should be?
check_end() {
	local home=$1 status=$2 what=$3

	print_state "$home" >"$SCRATCH/state"
	print_leftovers "$home" >"$SCRATCH/leftovers"
	if ! is_fine_again "$status" "$UNDISTURBED"; then
		fail "$what: exit $status"
		sed 's/^/	/' "$SCRATCH/output"
	elif ! cmp -s "$FOLDER/state" "$SCRATCH/state"; then
		fail "$what: another end than undisturbed"
		diff -U0 "$FOLDER/state" "$SCRATCH/state" | sed -n '3,22p'
	elif [[ -s $SCRATCH/leftovers ]]; then
		fail "$what: something unfinished is left"
		sed 's/^/	/' "$SCRATCH/leftovers"
	else
		passed=$((passed + 1))
	fi
}

kill_twice() {
	local home=$SCRATCH/twice n=$1 k=$(($1 % 5 + 1)) status=0

	start "$home" "$k" || status=$?
	if [[ $status == "$KILLED" ]]; then
		kills=$((kills + 1))
		status=0
		start "$home" 0 || status=$?
	fi
	check_end "$home" "$status" "killed at point $n, then at point $k"
}

# False when there is no n-th point.
kill_once() {
	local home=$SCRATCH/home n=$1 point status=0

	restore "$FOLDER/home" "$home"
	start "$home" "$n" || status=$?
	if [[ $status != "$KILLED" ]]; then
		check_end "$home" "$status" 'undisturbed once more'
		return 1
	fi
	kills=$((kills + 1))
	point=$(sed -n 's/^fault: killed at //p' "$SCRATCH/output")
	[[ $((n % 2)) == 0 ]] || restore "$home" "$SCRATCH/twice"
	status=0
	start "$home" 0 || status=$?
	check_end "$home" "$status" "killed at point $n ($point)"
	[[ $((n % 2)) == 0 ]] || kill_twice "$n"
}

crash_command() {
	local on now status n=1

	FOLDER=$1
	SCRATCH=$FOLDER/scratch
	mkdir "$SCRATCH"
	passed=0 failed=0 kills=0
	read -r STEP on now status TEXT <"$FOLDER/line"
	UNDISTURBED=$(<"$FOLDER/status")
	set_words "$CASE" "$STEP" "$on" "$now" "$TEXT"
	while ((n <= MOST)) && kill_once "$n"; do
		n=$((n + 1))
	done
	((n <= MOST)) || fail "more than $MOST fault points: they grow with the records"
	if [[ $kills == 0 ]] && ! cmp -s "$FOLDER/state-before" "$FOLDER/state"; then
		fail 'changes something, but passes no fault point'
	fi
	echo "$passed $failed $kills" >"$FOLDER/counts"
	[[ -z ${V:-} ]] || echo "$CASE $STEP $TEXT: $kills kills"
	rm -rf "$SCRATCH"
}

# --------------------------------------------------------------------------------------------------------------------

crash_all() {
	local folder status running=0

	for folder in "$WORK"/command/*/; do
		folder=${folder%/}
		read -r _ _ _ status _ <"$folder/line"
		[[ $status != *! ]] || continue
		if ((running == JOBS)); then
			wait -n || true
			running=$((running - 1))
		fi
		(
			trap - EXIT
			crash_command "$folder"
		) >"$folder/report" 2>&1 &
		running=$((running + 1))
	done
	wait
}

# A worker that died left no counts: it failed.
sum_up() {
	local folder p f k passed=0 failed=0 kills=0 commands=0

	for folder in "$WORK"/command/*/; do
		[[ -f $folder/report ]] || continue
		cat "$folder/report"
		commands=$((commands + 1))
		p=0 f=1 k=0
		[[ ! -f $folder/counts ]] || read -r p f k <"$folder/counts"
		passed=$((passed + p)) failed=$((failed + f)) kills=$((kills + k))
	done
	echo "$CASE: $kills kills in $commands commands"
	echo "$passed passed, $failed failed"
	((failed == 0))
}

make_work
play
crash_all
sum_up
