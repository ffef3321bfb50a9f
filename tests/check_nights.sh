#!/usr/bin/env bash
# check_nights.sh: what `alanpay run` makes of nights that were missed, or run in part, and of --dry-run, which rehearses in a private
# copy of the home.
# usage: check_nights.sh BINDIR
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=$(cd "$1" && pwd)
CASE=month
SWAN=$NIGHTS/$CASE/drop/02-week1/swan

# act DAY WORDS...: alanpay at 02:30 of a day; STATUS, and what it printed in $WORK/out
act() {
	STATUS=0
	"$BIN/alanpay" "${@:2}" --home "$HOME_DIR" --date "$1" --now "$1T02:30:00Z" >"$WORK/out" 2>&1 || STATUS=$?
}

night() {
	act "$1" run --fixtures "$SWAN" "${@:2}"
}

ended() {
	cat "$WORK/out"
	[[ $STATUS == "$1" ]]
}

says() {
	cat "$WORK/out"
	grep -qF -e "$1" "$WORK/out"
}

says_nothing_of() {
	! says "$1"
}

# The nights that the last command ran, in one line.
nights() {
	sed -nE 's/^run       (....-..-..): .*/\1/p' "$WORK/out" | paste -sd ' '
}

check_missed() {
	act 2026-02-02 run --fixtures "$NIGHTS/$CASE/drop/01-intake/swan"
	check 'the first night' ended 0
	night 2026-02-05 --only export
	check 'one stage alone' ended 0
	check_same 'it is one' export "$(sed -nE 's/^([a-z]+) +2026.*/\1/p' "$WORK/out" | grep -v '^run$')"
	check 'it names the nights that it skips' says '2 nights from 2026-02-03 to 2026-02-04 are not finished'
	act 2026-02-05 status
	check 'its night is not finished' says 'the night of 2026-02-05 is not finished'
	check 'and the others are named still' says '2 nights before this one were not run'
	night 2026-02-05 --from notify
	check 'the end of the chain alone' ended 0
	act 2026-02-05 status
	check 'does not finish the night' says 'the night of 2026-02-05 is not finished'
	night 2026-02-06
	check_same 'the next night makes up all of them' '2026-02-03 2026-02-04 2026-02-05 2026-02-06' "$(nights)"
	act 2026-02-06 status
	check 'then nothing is missing' says_nothing_of 'not finished'
	night 2026-02-07 --until import
	night 2026-02-07 --from post
	act 2026-02-07 status
	check 'two halves finish a night' says_nothing_of 'not finished'
	night 2026-02-10 --from intake
	check 'a whole night out of turn names those before it' says '2 nights from 2026-02-08 to 2026-02-09 are not finished'
	act 2026-02-10 status
	check 'which stay named' says '2 nights between 2026-02-08 and 2026-02-09 were skipped'
	night 2026-02-10 --only debts --until audit
	check '--only is alone' ended 64
	night 2026-02-09
	check 'a night behind the newest one' says 'the newest night is 2026-02-10, and --date is 2026-02-09: is that date right?'
}

check_many() {
	night 2026-03-15 --dry-run
	check 'a rehearsal of more nights than one run makes up' ended 75
	night 2026-03-15
	check 'more nights than one run makes up' ended 75
	check_same 'it makes up as many as it can' 31 "$(nights | wc -w)"
	check 'and says what is left' says '31 nights were run, and 2 up to 2026-03-15 are still missing'
	check 'with a command' says 'alanpay run --date 2026-03-15'
	night 2026-03-15
	check_same 'which runs them' '2026-03-14 2026-03-15' "$(nights)"
	check 'to the end' ended 0
}

# Everything but the journal and what a rehearsal leaves on purpose: its lock.
write_home() {
	write_state "$HOME_DIR" "$1"
	find "$HOME_DIR" ! -path '*/state/rehearsal.lock' -printf '%P %y %m\n' | sort >>"$1/published"
}

rehearse() {
	write_home "$WORK/before"
	night "$1" --dry-run "${@:2}"
	write_home "$WORK/after"
	check "the rehearsal of $1 changes nothing" diff -r "$WORK/before" "$WORK/after"
	cp "$WORK/out" "$WORK/rehearsed"
}

check_inbox() {
	mkfifo "$HOME_DIR/inbox/bank/pipe.xml"
	ln -s /etc/passwd "$HOME_DIR/inbox/bank/link.xml"
	mkdir -m 700 "$HOME_DIR/inbox/requests/folder"
	echo no >"$HOME_DIR/inbox/requests/folder/file"
	echo garbage >"$HOME_DIR/inbox/bank/garbage.xml"
	rehearse 2026-03-16
	night 2026-03-16
	check 'what others put into the inbox is rehearsed as it is' \
		diff <(sed 's/ (dry run)//; /^dry run: /d' "$WORK/rehearsed") "$WORK/out"
	check 'and is held' ended 3
}

check_copy() {
	local lock

	mkdir -p "$HOME_DIR/state/rehearsal/out"
	echo old >"$HOME_DIR/state/rehearsal/out/file"
	night 2026-03-17 --dry-run
	check 'what an interrupted rehearsal left is no hindrance' test "$STATUS" -le 3
	check 'and is gone' test ! -e "$HOME_DIR/state/rehearsal"
	mkdir -m 700 "$HOME_DIR/state/rehearsal"
	mkdir -m 755 "$HOME_DIR/state/rehearsal/out"
	exec {lock}>"$HOME_DIR/state/rehearsal.lock"
	flock "$lock"
	night 2026-03-17 --dry-run
	check 'two rehearsals at once' ended 75
	night 2026-03-17
	check 'a rehearsal does not hinder the night' test "$STATUS" -le 3
	check 'which leaves it its copy' test -e "$HOME_DIR/state/rehearsal"
	exec {lock}>&-
	night 2026-03-18
	check 'a night removes what an interrupted rehearsal left' test ! -e "$HOME_DIR/state/rehearsal"
	exec {lock}>"$HOME_DIR/state/run.lock"
	flock "$lock"
	night 2026-03-19 --dry-run
	check 'no rehearsal beside a night' ended 75
	exec {lock}>&-
	night 2026-03-19 --dry-run --format json
	check 'a rehearsal in JSON' says '"dry_run": true'
	check 'names no copy' says_nothing_of 'state/rehearsal'
}

make_work
mkdir "$WORK/before" "$WORK/after"
HOME_DIR=$WORK/home
make_home "$BIN" "$CASE" "$HOME_DIR"
cp "$NIGHTS/$CASE/drop/01-intake/requests/"* "$HOME_DIR/inbox/requests/"
check_missed
check_many
check_inbox
check_copy
sum_up
