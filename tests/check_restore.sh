#!/usr/bin/env bash
# check_restore.sh: published files that are gone come back from the rows of the books with the same bytes, by the stage that
# makes them; never with other bytes; and the files of the import not at all.
# usage: check_restore.sh BINDIR
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=$(cd "$1" && pwd)
CASE=month
LAST=07-notice
AT=(--date 2026-03-05 --now 2026-03-05T03:00:00Z)

play_until() {
	local step on now expected text got

	while read -r step on now expected text; do
		got=0
		drop_inputs "$CASE" "$step" "$HOME_DIR"
		set_words "$CASE" "$step" "$on" "$now" "$text"
		"$BIN/alanpay" "${WORDS[@]}" --home "$HOME_DIR" >"$WORK/output" 2>&1 </dev/null || got=$?
		check "$step ends with $expected" test "$got" = "$expected"
		[[ $step != "$1" ]] || return 0
	done < <(print_steps "$CASE")
}

# ends_with STATUS STAGE WORDS [OPTION...]: its exit status, and words of what it says.
ends_with() {
	local wanted=$1 stage=$2 words=$3 got=0

	shift 3
	"$BIN/alanpay-$stage" --home "$HOME_DIR" "${AT[@]}" "$@" >"$WORK/output" 2>&1 || got=$?
	[[ $got == "$wanted" && $(<"$WORK/output") == *"$words"* ]] || {
		echo "exit status $got"
		cat "$WORK/output"
		return 1
	}
}

# Each stage brings its own files back, and not one more.
lose_and_restore() {
	local claim=$1 stage=$2 path=$3

	rm -r "${HOME_DIR:?}/$path"
	check "$claim: the audit says what is missing" ends_with 70 audit "$path" --full
	check "$claim: $stage brings it back" ends_with 0 "$stage" 'was missing and is published once more, with the same bytes'
	check_same "$claim: all is published as before" "$PUBLISHED" "$(print_published "$HOME_DIR")"
	check "$claim: the audit is content" ends_with 0 audit '' --full
	check "$claim: $stage has nothing to do then" ends_with 0 "$stage" ''
	check_same "$claim: and changes nothing" "$PUBLISHED" "$(print_published "$HOME_DIR")"
}

# A list of receipts is a view: it is in no row, and the audit does not miss it.
receipts_come_back() {
	local id=$1 view=$HOME_DIR/out/notifications/2026-03-05/receipts.jsonl

	printf '{"notification_id":"%s","status":"accepted"}\n' "$id" >"$HOME_DIR/inbox/receipts/receipts.app.20260305T030000Z.1.jsonl"
	ends_with 0 notify '1 notification accepted' && [[ $(<"$view") == *"$id"* ]] || return 1
	cp "$view" "$WORK/receipts.jsonl"
	touch -d 2026-03-05 "$view"
	ends_with 0 notify '' && [[ ! $view -nt $WORK/receipts.jsonl ]] || return 1
	rm "$view"
	ends_with 0 notify '' && cmp "$view" "$WORK/receipts.jsonl" || return 1
	rm -r "$HOME_DIR/out/notifications"
	ends_with 0 notify '' && cmp "$view" "$WORK/receipts.jsonl"
}

make_work
HOME_DIR=$WORK/home
make_home "$BIN" "$CASE" "$HOME_DIR"
play_until "$LAST"
check 'the books are in order' ends_with 0 audit '' --full
PUBLISHED=$(print_published "$HOME_DIR")
BOOKS=$(print_books "$HOME_DIR" | grep -v '^bank_file')

lose_and_restore 'a hand-off folder' collect out/sepa/2026-03-10_20260228-1/v1
lose_and_restore 'all hand-off folders' collect out/sepa
lose_and_restore 'one file of a hand-off folder' collect out/sepa/2026-03-10_20260228-1/v1/manifest.json
lose_and_restore 'the notifications' notify out/notifications
lose_and_restore 'the newest export' export out/exports/2026-03-05
lose_and_restore 'the answers to requests' intake out/2026-02-02/requests
check_same 'the books are as before' "$BOOKS" "$(print_books "$HOME_DIR" | grep -v '^bank_file')"

check 'so does a list of receipts' receipts_come_back \
	"$(head -1 "$HOME_DIR/out/notifications/2026-03-05/alan_pay__recovery_session-1.jsonl" | cut -d '"' -f 4)"

mv "$HOME_DIR/out/2026-03-05/transactions.csv" "$WORK/"
check 'no stage brings a file of the import back' ends_with 70 audit out/2026-03-05/transactions.csv --full
mv "$WORK/transactions.csv" "$HOME_DIR/out/2026-03-05/"

rm -r "$HOME_DIR/out/sepa/2026-03-10_20260228-1/v1"
sqlite3 "$HOME_DIR/state/alanpay.db" "UPDATE mandate SET debtor_name = 'Another' WHERE number = 1"
check 'other bytes than the published ones do not come back' ends_with 70 collect \
	'is missing, and the books and the configuration give other bytes than the published ones: restore the file from a backup'
check 'and leave nothing' test -z "$(ls -A "$HOME_DIR/out/sepa/2026-03-10_20260228-1/v1")"
sum_up
