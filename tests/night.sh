#!/usr/bin/env bash
# night.sh: plays one case of fixtures/nights and holds it against what is expected.
# usage: night.sh BINDIR CASE [golden]
#
# For each step expected/<step>/ has
#   output.txt      standard output and error together
#   books.diff      what the step changed in the tables, but the journal: + new row, - row that is gone, ~ changed columns
#   published.diff  the same of the files in out/, archive/, quarantine/, inbox/: digest and path
#   files/          the files below out/ whose bytes this step brought, but merchant_category_codes.csv, which is the same
#                   in every export, and, outside the case month, status.html, which most steps change: their
#                   digests are enough
# The first step has all of its books. What did not change has no file. The whole state is read after each step, and two
# states that are the same before a step and differ by the same are the same after it: so a step that is right has all of
# its state right, if the steps before it were; and a wrong row fails the step that wrote it, not those after it.
# Then the same command runs again (`run` from its first stage on): books and published files must stay as they are.
# With `golden` expected/ is written anew, and nothing is rehearsed; exit statuses and the second run are held against the rules
# all the same.
# V=1 prints what passed too. The last line is `N passed, M failed`.
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"

BIN=$(cd "$1" && pwd)
CASE=${2:?is missing: night.sh BINDIR CASE}
GOLDEN=${3:-}
EXPECTED=$NIGHTS/$CASE/expected
require_case "$CASE"
passed=0
failed=0

pass() {
	passed=$((passed + 1))
	[[ -z ${V:-} ]] || echo "ok $CASE $1 $2"
}

fail() {
	failed=$((failed + 1))
	echo "FAILED $CASE $1 $2"
}

check_status() {
	local step=$1 what=$2 status=$3 expected=" ${*:4} "

	if [[ $expected == *" $status "* ]]; then
		pass "$step" "$what"
	else
		fail "$step" "$what is $status, expected:$expected"
		sed 's/^/	/' "$WORK/again.txt"
	fi
}

# Two files or folders, or neither. A difference is printed with all that is missing; then what an empty file would hide.
check_same() {
	local step=$1 what=$2

	if [[ ! -e $3 && ! -e $4 ]] || diff -rq "$3" "$4" >"$WORK/differ" 2>&1; then
		pass "$step" "$what"
	else
		fail "$step" "$what"
		{ diff -ruN "$3" "$4" || cat "$WORK/differ"; } | sed "s,$WORK/,,g; s,$ROOT/,,g"
	fi
}

# Standard output and error, without the paths of this machine.
write_output() {
	local text

	IFS= read -rd '' text <"$WORK/again.txt" || true
	text=${text//"$HOME_DIR"/HOME}
	text=${text//"$BIN"/BIN}
	printf '%s' "${text//"$ROOT"/ROOT}" >"$1"
}

# What has the digest of a file that was there before needs no copy.
copy_new_files() {
	local before=$1 after=$2 actual=$3 line digest new=()
	local -A seen=()

	while IFS= read -r line; do
		seen[${line##* }]=1
	done <"$before"
	while IFS= read -r line; do
		digest=${line##* }
		[[ $line == 'SHA256 (out/'* && $line != *merchant_category_codes* && -z ${seen[$digest]:-} ]] || continue
		[[ $line != */status.html* || $CASE == month ]] || continue
		line=${line#'SHA256 (out/'}
		new+=("${line%") = $digest"}")
	done <"$after"
	[[ ${#new[@]} != 0 ]] || return 0
	mkdir "$actual/files"
	(cd "$HOME_DIR/out" && cp --parents "${new[@]}" "$actual/files")
}

hold_against_expected() {
	local step=$1 actual=$2 expected=$EXPECTED/$1 what so_far=$failed

	if [[ -n $GOLDEN ]]; then
		return
	fi
	if diff -rq "$expected" "$actual" >"$WORK/diff" 2>&1; then
		for what in output.txt books.diff published.diff files; do
			pass "$step" "$what"
		done
		return
	fi
	for what in output.txt books.diff published.diff files; do
		check_same "$step" "$what" "$expected/$what" "$actual/$what"
	done
	if [[ $failed == "$so_far" ]]; then
		fail "$step" 'has something else among what is expected'
		sed "s,$WORK/,,g; s,$ROOT/,,g" "$WORK/diff"
	fi
}

play_again() {
	local step=$1 status=$2 got=0

	if [[ ${WORDS[0]} == run && " ${WORDS[*]} " != *' --from '* ]]; then
		WORDS+=(--from intake)
	fi
	run_alanpay "$BIN" "$CASE" "$step" "$HOME_DIR" >"$WORK/again.txt" || got=$?
	check_status "$step" 'exit status of the second run' "$got" 0 3 "$status"
	write_state "$HOME_DIR" "$WORK/again"
	if diff -rq "$AFTER" "$WORK/again" >/dev/null; then
		pass "$step" 'books after the second run'
		pass "$step" 'published after the second run'
		return
	fi
	check_same "$step" 'books after the second run' "$AFTER/books" "$WORK/again/books"
	check_same "$step" 'published after the second run' "$AFTER/published" "$WORK/again/published"
}

# A command that starts stages is rehearsed first: --dry-run must end and print as the command itself then does, but for the bank
# files, which a night lists; and change nothing, which is looked at the first time. Sets REHEARSED to the exit status, or to nothing.
rehearse() {
	REHEARSED=
	[[ -z $GOLDEN && (${WORDS[0]} == run || ${WORDS[1]} == run_session) ]] || return 0
	REHEARSED=0
	[[ -e $WORK/rehearsed.txt ]] || write_state "$HOME_DIR" "$WORK/rehearsal"
	WORDS+=(--dry-run)
	run_alanpay "$BIN" "$CASE" "$1" "$HOME_DIR" >"$WORK/again.txt" || REHEARSED=$?
	unset 'WORDS[-1]'
	if [[ -e $WORK/rehearsed.txt ]]; then
		write_output "$WORK/rehearsed.txt"
		return
	fi
	write_output "$WORK/rehearsed.txt"
	write_state "$HOME_DIR" "$WORK/again"
	check_same "$1" 'books after the rehearsal' "$WORK/rehearsal/books" "$WORK/again/books"
	check_same "$1" 'published after the rehearsal' "$WORK/rehearsal/published" "$WORK/again/published"
}

check_rehearsal() {
	local step=$1 status=$2 actual=$3 file='^0000a1a9-[0-9-]+-[DC][0-9.]+ '

	[[ -n $REHEARSED ]] || return 0
	check_status "$step" 'exit status of the rehearsal' "$REHEARSED" "$status"
	sed -E "s/ \\(dry run\\):/:/; /^dry run: /d; /^file  .* due on/d; /$file/d" "$WORK/rehearsed.txt" >"$WORK/output.txt"
	check_same "$step" 'output of the rehearsal' "$actual/output.txt" "$WORK/output.txt"
	[[ ${WORDS[0]} == run ]] || return 0
	sed -nE "s/($file).*/\\1/p" "$WORK/rehearsed.txt" >"$WORK/listed"
	touch "$actual/books.diff"
	sed -nE "s/^\\+ bank_file .* msg_id='([^']*)'.*/\\1 /p" "$actual/books.diff" >"$WORK/written"
	[[ -s $actual/books.diff ]] || rm "$actual/books.diff"
	check_same "$step" 'bank files of the rehearsal' "$WORK/written" "$WORK/listed"
}

# BEFORE is the state that the step before left, AFTER becomes that of this one.
play_step() {
	local step=$1 on=$2 now=$3 status=$4 text=$5 actual=$WORK/actual/$1 got=0

	drop_inputs "$CASE" "$step" "$HOME_DIR"
	set_words "$CASE" "$step" "$on" "$now" "$text"
	rehearse "$step"
	run_alanpay "$BIN" "$CASE" "$step" "$HOME_DIR" >"$WORK/again.txt" || got=$?
	write_output "$actual/output.txt"
	check_status "$step" 'exit status' "$got" "${status%!}"
	write_state "$HOME_DIR" "$AFTER"
	write_diffs "$BEFORE" "$AFTER" "$actual"
	[[ ! -e $actual/published.diff ]] || copy_new_files "$BEFORE/published" "$AFTER/published" "$actual"
	check_rehearsal "$step" "$got" "$actual"
	hold_against_expected "$step" "$actual"
	[[ $status == *! ]] || play_again "$step" "$status"
	print_leftovers "$HOME_DIR" >"$WORK/leftovers"
	if [[ -s $WORK/leftovers ]]; then
		check_same "$step" 'nothing unfinished is left' /dev/null "$WORK/leftovers"
	else
		pass "$step" 'nothing unfinished is left'
	fi
}

play() {
	local step on now status text last

	BEFORE=$WORK/one AFTER=$WORK/two
	mkdir "$BEFORE" "$AFTER" "$WORK/again" "$WORK/rehearsal" "$WORK/actual"
	touch "$BEFORE/books" "$BEFORE/published"
	mapfile -t STEPS < <(print_steps "$CASE")
	(cd "$WORK/actual" && mkdir "${STEPS[@]%% *}")
	for step in "${STEPS[@]}"; do
		read -r step on now status text <<<"$step"
		play_step "$step" "$on" "$now" "$status" "$text"
		last=$BEFORE BEFORE=$AFTER AFTER=$last
	done
}

# Expected steps that the case no longer plays would never be noticed.
check_forgotten() {
	local folder

	for folder in "$EXPECTED"/*; do
		[[ -d $WORK/actual/${folder##*/} ]] || fail "${folder##*/}" 'is expected, but no step of the case'
	done
}

make_work
HOME_DIR=$WORK/home
make_home "$BIN" "$CASE" "$HOME_DIR"
play
if [[ -n $GOLDEN ]]; then
	rm -rf "$EXPECTED"
	cp -R "$WORK/actual" "$EXPECTED"
else
	check_forgotten
fi
echo "$passed passed, $failed failed"
[[ $failed == 0 && $passed != 0 ]]
