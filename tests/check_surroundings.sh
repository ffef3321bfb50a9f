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

play_until() {
	local step on now expected text got

	while read -r step on now expected text; do
		got=0
		drop_inputs "$CASE" "$step" "$HOME_DIR"
		set_words "$CASE" "$step" "$on" "$now" "$text"
		run_elsewhere >"$WORK/output" || got=$?
		check "$step ends with $expected" test "$got" = "$expected"
		[[ $step != "$1" ]] || return 0
	done < <(print_steps "$CASE")
}

make_work
HOME_DIR=$WORK/home
make_home "$BIN" "$CASE" "$HOME_DIR"
play_until "$LAST"
check 'the same files are published' diff "$NIGHTS/$CASE/expected/$LAST/published.txt" <(print_published "$HOME_DIR")
check 'from the same books' diff "$NIGHTS/$CASE/expected/$LAST/books.txt" <(print_books "$HOME_DIR")
sum_up
