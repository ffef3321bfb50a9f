#!/usr/bin/env bash
# check_surroundings.sh: what is published depends on the books alone: another time zone, locale, umask and working folder, and
# the nights of the case `month` up to its bank file come out byte for byte as expected.
# usage: check_surroundings.sh BINDIR
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=$(cd "$1" && pwd)
CASE=month
LAST=06-freeze

# Runs WORDS elsewhere; gives its exit status back.
run_elsewhere() (
	cd /
	umask 0
	env TZ=Pacific/Kiritimati LC_ALL=fr_FR.UTF-8 LANG=fr_FR.UTF-8 TMPDIR=/nowhere HOME=/nowhere \
		"$BIN/alanpay" "${WORDS[@]}" --home "$HOME_DIR" </dev/null 2>&1
)

# Two files, or neither.
are_same() {
	[[ ! -e $1 && ! -e $2 ]] || diff "$1" "$2"
}

# What a step changed is what night.sh expects of it.
check_diffs() {
	local step=$1 expected=$NIGHTS/$CASE/expected/$1

	write_state "$HOME_DIR" "$WORK/after"
	mkdir "$WORK/$step"
	write_diffs "$WORK/before" "$WORK/after" "$WORK/$step"
	check "$step publishes the same files" are_same "$expected/published.diff" "$WORK/$step/published.diff"
	check "$step changes the books by the same" are_same "$expected/books.diff" "$WORK/$step/books.diff"
	cp "$WORK"/after/* "$WORK/before"
}

play_until() {
	local step on now expected text got

	mkdir "$WORK/before" "$WORK/after"
	touch "$WORK/before/books" "$WORK/before/published"
	while read -r step on now expected text; do
		got=0
		drop_inputs "$CASE" "$step" "$HOME_DIR"
		set_words "$CASE" "$step" "$on" "$now" "$text"
		run_elsewhere >"$WORK/output" || got=$?
		check "$step ends with $expected" test "$got" = "$expected"
		check_diffs "$step"
		[[ $step != "$1" ]] || return 0
	done < <(print_steps "$CASE")
}

make_work
HOME_DIR=$WORK/home
make_home "$BIN" "$CASE" "$HOME_DIR"
play_until "$LAST"
sum_up
