#!/usr/bin/env bash
# rerun.sh: one stage alone, from its fixture in fixtures/stages/<stage>; and whether that fixture is what it says.
# usage: rerun.sh BINDIR STAGE [golden]
#
# The file `from` of a fixture says where it is from: <case> <first stage> <step>... The night case is played up to the first of
# the steps; then what is dropped for all of them is in the inbox, and at the last one the stages from <first stage> up to that of
# the fixture have run. If the fixture has a configuration of its own, it gets that. That home
#   - becomes the same fixture by `alanpay fixture capture`, byte for byte
#   - runs the stage with the same output and the same changes as the fixture has in expected/, found by case.sh
# and `alanpay fixture run` finds them, too. With `golden` the fixture is written anew from that home, with expected/.
# V=1 prints what passed too. The last line is `N passed, M failed`.
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=$(cd "$1" && pwd)
STAGE=${2:?is missing: rerun.sh BINDIR STAGE}
GOLDEN=${3:-}
FIXTURE=$ROOT/fixtures/stages/$STAGE

# Sets CASE, FIRST, DROPPED, and of the last step ON, NOW and SWAN.
read_from() {
	local words step on now _

	read -ra words < <(grep -v '^#' "$FIXTURE/from")
	CASE=${words[0]} FIRST=${words[1]} DROPPED=("${words[@]:2}")
	while read -r step on now _; do
		[[ $step != "${DROPPED[-1]}" ]] || ON=$on NOW=$now
	done < <(print_steps "$CASE")
	SWAN=$NIGHTS/$CASE/drop/${DROPPED[-1]}/swan
}

play_until() {
	local step on now text

	while read -r step on now _ text; do
		[[ $step != "$1" ]] || return 0
		drop_inputs "$CASE" "$step" "$HOME_DIR"
		set_words "$CASE" "$step" "$on" "$now" "$text"
		run_alanpay "$BIN" "$CASE" "$step" "$HOME_DIR" >"$WORK/step.txt" || true
	done < <(print_steps "$CASE")
	echo "$1 is no step of $CASE"
	return 1
}

# Sets WORDS: the stage as the chain starts it.
set_stage() {
	WORDS=("$1")
	[[ $1 != import || ! -d $SWAN ]] || WORDS+=(--fixtures "$SWAN")
	WORDS+=(--date "$ON" --now "$NOW" --as scheduler)
}

# Those before the stage of the fixture.
run_before() {
	local stage begun=

	while IFS= read -r stage; do
		[[ $stage != "$FIRST" ]] || begun=1
		[[ $stage != "$STAGE" ]] || return 0
		[[ -n $begun ]] || continue
		set_stage "$stage"
		run_alanpay "$BIN" "$CASE" - "$HOME_DIR" >"$WORK/step.txt" || true
	done < <(grep -Ev '^(#|$)' "$ROOT/schedules/nightly")
}

prepare() {
	local step

	HOME_DIR=$WORK/home
	make_home "$BIN" "$CASE" "$HOME_DIR"
	play_until "${DROPPED[0]}"
	for step in "${DROPPED[@]}"; do
		drop_inputs "$CASE" "$step" "$HOME_DIR"
	done
	run_before
	[[ ! -f $FIXTURE/alanpay.ini ]] || cp "$FIXTURE/alanpay.ini" "$HOME_DIR/alanpay.ini"
}

capture() {
	local more=()

	[[ $STAGE != import ]] || more=(--swan "$SWAN")
	"$BIN/alanpay" fixture capture --home "$HOME_DIR" --date "$ON" --now "$NOW" --stage "$STAGE" --out "$WORK/captured" "${more[@]}"
	# the configuration is that of the fixture, or of all fixtures
	rm "$WORK/captured/alanpay.ini"
}

write_fixture() {
	local part

	for part in stage books home input; do
		rm -rf "${FIXTURE:?}/$part"
		[[ ! -e $WORK/captured/$part ]] || cp -R "$WORK/captured/$part" "$FIXTURE/$part"
	done
	"$BIN/alanpay" fixture run "$FIXTURE" --accept
}

# The exit status is in the file `stage`, where capture cannot know it.
is_captured() {
	local part

	for part in books home input; do
		[[ ! -e $WORK/captured/$part && ! -e $FIXTURE/$part ]] || diff -ruN --no-dereference "$WORK/captured/$part" "$FIXTURE/$part" || return 1
	done
	diff <(cut -d ' ' -f 1-3,5- "$WORK/captured/stage") <(cut -d ' ' -f 1-3,5- "$FIXTURE/stage")
}

# The same stage in the home itself, seen by case.sh; the inputs are there already.
run_in_home() {
	local actual=$WORK/actual before=$WORK/before after=$WORK/after got=0 text

	mkdir "$actual" "$before" "$after"
	write_state "$HOME_DIR" "$before"
	sed -i '/^SHA256 (inbox\//d' "$before/published"
	set_stage "$STAGE"
	run_alanpay "$BIN" "$CASE" - "$HOME_DIR" >"$WORK/step.txt" || got=$?
	text=$(<"$WORK/step.txt")
	text=${text//"$HOME_DIR"/HOME}
	printf '%s\n' "${text//"$BIN"/BIN}" >"$actual/output.txt"
	write_state "$HOME_DIR" "$after"
	write_diffs "$before" "$after" "$actual"
	diff -ruN -x files "$FIXTURE/expected" "$actual" && [[ $got == "$(cut -d ' ' -f 4 "$FIXTURE/stage")" ]]
}

make_work
read_from
prepare
capture >"$WORK/step.txt"
if [[ -n $GOLDEN ]]; then
	check "$STAGE: the fixture is written" write_fixture
else
	check "$STAGE: from its fixture, as expected" "$BIN/alanpay" fixture run "$FIXTURE"
	check "$STAGE: the home of $CASE becomes that fixture" is_captured
	check "$STAGE: in that home, too, as expected" run_in_home
fi
sum_up
