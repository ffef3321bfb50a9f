#!/usr/bin/env bash
# rerun.sh: one stage alone, from its fixture in fixtures/stages/<stage>; and whether that fixture is what it says.
# usage: rerun.sh BINDIR STAGE [golden]
#
# The file `from` of a fixture says where it is from: <case> <first stage> <step>... The night case is played up to the first of
# the steps; then what is dropped for all of them is in the inbox, and at the last one the stages from <first stage> up to that of
# the fixture have run. If the fixture has a configuration of its own, it gets that. That home
#   - becomes the same fixture by `alanpay fixture capture`, byte for byte
#   - runs the stage with the same output and the same changes as the fixture has in expected/, found by case.sh
#   - becomes an anonymized fixture, too, in which the stage does the same but for the values that were replaced, whose bank files
#     name debits and files of ours as before, and which has none of the values that say who somebody is
# and `alanpay fixture run` finds those changes, too. With `golden` the fixture is written anew from that home, with expected/.
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
	MORE=()
	[[ $STAGE != import ]] || MORE=(--swan "$SWAN")
	"$BIN/alanpay" fixture capture --home "$HOME_DIR" --date "$ON" --now "$NOW" --stage "$STAGE" --out "$WORK/captured" "${MORE[@]}"
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

# A difference without texts, bytes and lengths: what is left is what happened, to which row.
strip_values() {
	sed -E "s/''//g; s/'[^']*'/''/g" "$1" | sed -E 's/ size=[0-9]+( -> [0-9]+)?//; s/ event=[0-9]{3,}//; s/= [0-9a-f]{64}$/=/; s,\((archive|quarantine|inbox)/.*\),(\1),' | sort
}

does_the_same() {
	local file

	"$BIN/alanpay" fixture capture --home "$HOME_DIR" --date "$ON" --now "$NOW" --stage "$STAGE" --out "$WORK/masked" \
		"${MORE[@]}" --anonymize
	"$BIN/alanpay" fixture run "$WORK/masked" --accept >"$WORK/step.txt"
	for file in books.diff published.diff; do
		[[ -f $FIXTURE/expected/$file || -f $WORK/masked/expected/$file ]] || continue
		diff <(strip_values "$FIXTURE/expected/$file") <(strip_values "$WORK/masked/expected/$file") || return 1
	done
	diff <(tail -n 1 "$FIXTURE/expected/output.txt") <(tail -n 1 "$WORK/masked/expected/output.txt")
	diff "$FIXTURE/stage" "$WORK/masked/stage"
}

# The values of the home that say who somebody is, a line each; of a few characters they could be there by chance.
print_persons() {
	local file

	sqlite3 -batch -init /dev/null "$HOME_DIR/state/alanpay.db" <<-'END'
		SELECT debtor_name FROM mandate UNION SELECT iban FROM mandate UNION SELECT reference FROM mandate
		UNION SELECT town FROM mandate UNION SELECT street FROM mandate UNION SELECT ultimate_debtor FROM mandate
		UNION SELECT app_user_id FROM profile UNION SELECT id FROM account_membership UNION SELECT id FROM card
		UNION SELECT name FROM merchant UNION SELECT id FROM merchant
		UNION SELECT bank_reference FROM credit_transfer UNION SELECT text FROM bank_entry
		UNION SELECT phone_number FROM onboarding UNION SELECT external_transaction_id FROM external_transaction
		UNION SELECT message_id FROM request WHERE length(message_id) > 5 UNION SELECT why FROM exception
		UNION SELECT bank_reference FROM bank_file UNION SELECT creditor_iban FROM bank_file;
	END
	grep -rhoE '"(debtor_name|debtor_iban|unique_mandate_reference|firstName|lastName|email|merchantName|counterparty)": *"[^"]+"' \
		"$FIXTURE/input" | sed -E 's/^[^:]*: *"//; s/"$//' || true
	for file in "$FIXTURE"/home/out/*/payment_supports.csv; do
		sed 1d "$file" | cut -d , -f 15-17 | tr , '\n'
	done
	for file in "$FIXTURE"/home/out/*/transactions.csv; do
		sed 1d "$file" | cut -d , -f 18-20 | tr , '\n'
	done
	grep -rhoE '<(Nm|IBAN|MndtId|Ustrd|AddtlNtryInf|AcctSvcrRef)>[^<]+' "$FIXTURE/input" | sed 's/.*>//' || true
}

# The ids of ours that a bank file names, in order, by which debits, files and messages are found.
print_own_ids() {
	grep -rhoE '<(Orgnl)?(EndToEndId|PmtInfId|MsgId)>0000a1a9[^<]*' "$1/input" | sort || true
}

names_our_ids() {
	diff <(print_own_ids "$FIXTURE") <(print_own_ids "$WORK/masked")
	[[ $STAGE != reconcile || $(print_own_ids "$WORK/masked") == *'<EndToEndId>'* ]]
}

has_no_person() {
	print_persons | grep -E '.{5}' | sort -u >"$WORK/persons"
	[[ -s $WORK/persons ]]
	! grep -rFf "$WORK/persons" "$WORK/masked"
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
	check "$STAGE: anonymized it does the same" does_the_same
	check "$STAGE: anonymized its bank files name our debits" names_our_ids
	check "$STAGE: anonymized it names nobody" has_no_person
	check "$STAGE: in that home, too, as expected" run_in_home
fi
sum_up
