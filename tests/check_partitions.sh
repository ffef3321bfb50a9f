#!/usr/bin/env bash
# check_partitions.sh: night cases, exported after each step, with both settings of [exports] partitions. What is linked or copied
# instead of written is what would be written: after each export, `export --all` writes every file and finds nothing to do. The months of a
# list have together the rows of the whole list. A missing month is written once more, and so is one that differs from the books. What
# has not the published bytes is not copied.
# usage: check_partitions.sh BINDIR [CASE...]
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=$(cd "$1" && pwd)
CASES=("${@:2}")
((${#CASES[@]} > 0)) || CASES=(by-month refunds taken-back attributed)
make_work

ask() {
	sqlite3 -batch -init /dev/null "$HOME_DIR/state/alanpay.db" "$1"
}

# export_books DAY NOW [--all]: prints what the stage says.
export_books() {
	"$BIN/alanpay-export" --home "$HOME_DIR" --date "$1" --now "$2" --as scheduler "${@:3}" 2>&1
}

# Sets ON and AT, of the last step.
play() {
	local case=$1 step on at text out

	while read -r step on at _ text; do
		ON=$on AT=$at
		drop_inputs "$case" "$step" "$HOME_DIR"
		set_words "$case" "$step" "$ON" "$AT" "$text"
		run_alanpay "$BIN" "$case" "$step" "$HOME_DIR" >"$WORK/output" 2>&1 || true
		out=$(export_books "$ON" "$AT") || echo "$step: $out"
		out=$(export_books "$ON" "$AT" --all) || echo "$step: $out"
		[[ $out == *'nothing to do'* ]] || echo "$step: what was linked or copied is not what is written: $out"
	done < <(print_steps "$case")
}

# rows_of HOME LIST: of the newest set, whole or by month.
rows_of() {
	local files=("$1/out/exports/latest/$2"*.csv "$1/out/exports/latest/$2"/*.csv)

	cat "${files[@]}" | grep -v ^id, | sort
}

# A month that was removed has the same bytes again, and so has the set after.
comes_back() {
	local months=("$HOME_DIR"/out/exports/latest/card_payments/*.csv) digest on

	on=$(ask 'SELECT business_on FROM export_set ORDER BY number DESC LIMIT 1')
	digest=$(sha256sum "${months[0]}")
	rm "${months[0]}"
	export_books "$on" "${on}T23:00:00Z"
	[[ $(sha256sum "${months[0]}") == "$digest" ]]
}

# audit_says STATUS WORDS
audit_says() {
	local got=0 said

	said=$("$BIN/alanpay-audit" --full --home "$HOME_DIR" --date "$ON" --now "$AT" --as scheduler 2>&1) || got=$?
	[[ " $1 " == *" $got "* && $said == *"$2"* ]] && return
	echo "the audit ended with $got and said: $said"
	return 1
}

exports() {
	local said

	said=$(export_books "$ON" "$AT" "${@:2}") || return 1
	[[ $said == *"$1"* ]] && return
	echo "$said"
	return 1
}

# Something of the first member is noted as changed, so that the rows of others are copied: but not from a file that was altered.
# Read from the books they are those of the newest set.
copies_published_bytes() {
	local file=$HOME_DIR/out/exports/latest/card_payments.csv said

	cp "$file" "$WORK/published"
	ask "INSERT INTO touched (name, number, keys) VALUES ('card_payment', 1, x'0100000100000000')"
	sed -i '$s/,[A-Z]*,/,ALTERED,/' "$file"
	said=$(export_books "$ON" "$AT")
	mv -f "$WORK/published" "$file"
	[[ $said == *'nothing to do'* ]] && return
	echo "$said"
	return 1
}

# A row changes without a note: what is linked stays as it was, until every file is written.
writes_all() {
	ask "UPDATE merchant SET name = 'Another' WHERE name IS NOT NULL" &&
		audit_says 70 ': alanpay export --all --home ' && exports 'nothing to do' && audit_says 70 'a row differs' &&
		exports 'files written' --all && audit_says '0 3' 'claims proved' && exports 'nothing to do' && exports 'nothing to do' --all
}

# The digest of the program is part of what a file was made with. Run under another name, the stage does not find its file.
needs_its_program() {
	local said got=0

	mkdir -p "$WORK/other"
	cp "$BIN/alanpay-export" "$WORK/other/renamed"
	said=$("$WORK/other/renamed" --home "$HOME_DIR" --date "$ON" --now "$AT" --as scheduler 2>&1) || got=$?
	[[ $got == 74 && $said == *"$WORK/other/alanpay-export: is missing"* ]] && return
	echo "the export ended with $got and said: $said"
	return 1
}

for CASE in "${CASES[@]}"; do
	for MODE in none month; do
		HOME_DIR=$WORK/$CASE.$MODE
		make_home "$BIN" "$CASE" "$HOME_DIR"
		sed -i '/^partitions *=/d' "$HOME_DIR/alanpay.ini"
		printf '\n[exports]\npartitions = %s\n' "$MODE" >>"$HOME_DIR/alanpay.ini"
		play "$CASE" >"$WORK/said"
		check_same "$CASE, $MODE: what is linked or copied is what would be written" 'done' "$(cat "$WORK/said")done"
		[[ $MODE == month ]] || check "$CASE: rows are not copied from a file that was altered" copies_published_bytes
	done
	check "$CASE: a month that was removed comes back" comes_back
	for LIST in alan_balance_transactions card_payments; do
		check_same "$CASE: the months of $LIST have the rows of the whole" "$(rows_of "$WORK/$CASE.none" $LIST)" \
			"$(rows_of "$WORK/$CASE.month" $LIST)"
	done
	check "$CASE: the full audit finds the months right" audit_says '0 3' 'claims proved'
	check "$CASE: what differs from the books is written anew" writes_all
done
check 'an export whose program is missing is refused' needs_its_program
sum_up
