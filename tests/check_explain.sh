#!/usr/bin/env bash
# check_explain.sh: `alanpay explain` says all that happened to a debt, a payment and a file of the night case `month`, in order,
# each with the input and the line that said so, and changes nothing.
# usage: check_explain.sh BINDIR
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=$(cd "$1" && pwd)
FILE=0000a1a9-20260228-1-D1
E2E=0000a1a9050080008004000000000001

# play CASE LAST: up to and with this step
play() {
	local step on now text

	CASE=$1
	HOME_DIR=$WORK/$1
	make_home "$BIN" "$CASE" "$HOME_DIR"
	while read -r step on now _ text; do
		drop_inputs "$CASE" "$step" "$HOME_DIR"
		set_words "$CASE" "$step" "$on" "$now" "$text"
		run_alanpay "$BIN" "$CASE" "$step" "$HOME_DIR" >"$WORK/output" || true # some steps are refused, as they should be
		[[ $step != "$2" ]] || break
	done < <(print_steps "$CASE")
}

# explain WORDS...: sets STATUS; out and err are files
explain() {
	STATUS=0
	"$BIN/alanpay" explain "$@" --home "$HOME_DIR" >"$WORK/out" 2>"$WORK/err" || STATUS=$?
}

ask_store() {
	sqlite3 -batch -init /dev/null "$HOME_DIR/state/alanpay.db" "$1"
}

# The events of the CSV just printed, "event cents source:line", or the columns asked for.
events() {
	sqlite3 -batch -init /dev/null :memory: -cmd ".import --csv '$WORK/out' e" -separator ' ' \
		"SELECT ${1:-"event, amount_in_cents, source_file, source_line"} FROM e"
}

# ends STATUS TEXT WORDS...
ends() {
	explain "${@:3}"
	if [[ $STATUS != "$1" ]] || ! grep -qF -- "$2" "$WORK/out" "$WORK/err"; then
		echo "ended with $STATUS and said:"
		cat "$WORK/out" "$WORK/err"
		return 1
	fi
}

same_as() {
	explain "$@"
	[[ $STATUS == 0 ]] && cmp "$WORK/out" "$WORK/wanted"
}

has_no() {
	! grep -nE "$1" "$WORK/out"
}

make_work
play month 15-returned

explain debt $E2E --format csv
check_same 'a debt that came back: its events, each with its source' "$(
	cat <<-'END'
		profile_declared  declare_profile.web.20260201T180000Z.1.jsonl 1
		mandate_declared  declare_sepa_mandate.web.20260201T180000Z.2.jsonl 1
		posted -1200 out/2026-02-09/transactions.csv 3
		posted -1200 out/2026-02-23/transactions.csv 13
		frozen 2400  
		file_generated 181654  
		presented 2400  
		file_audited   
		notified   
		file_approved   
		file_approved   
		file_released   
		file_uploaded   
		bank_reported 181654 PSR-20260305-0001.xml 9
		bank_reported 181654 PSR-20260309-0001.xml 9
		bank_reported 2400 C54-20260310-0001.xml 12
		booked 2400  
		posted 2400 C54-20260310-0001.xml 12
		bank_reported 2700 C54-20260312-0001.xml 12
		returned 2400  
		posted -2400 C54-20260312-0001.xml 12
	END
)" "$(events)"
check_same 'who acted on its file' 'alice bob bob alice' \
	"$(events person | grep -E 'alice|bob' | paste -sd' ')"
explain debt $E2E
cp "$WORK/out" "$WORK/wanted"
check 'its end-to-end id in capitals' same_as debt ${E2E^^}
check 'its id' same_as debt 0000a1a9-0500-8000-8004-000000000001
check 'its member and session' same_as debt --app-id alan --app-user-id 1001 --recovery-session-id 20260228-1
check 'no IBAN, no name' has_no "FR76[0-9]|$(ask_store 'SELECT debtor_name FROM mandate WHERE number = 1')"
check 'an IBAN and a name when asked for' ends 0 \
	"$(ask_store "SELECT iban || ' of ' || debtor_name FROM mandate WHERE number = 1")" debt $E2E --unmask
check 'cents that were carried name the next session' ends 0 'failed_recovery, in the debt of session 20260331-1' debt $E2E
check 'an excluded debt says why' ends 0 'no_mandate, carried to session 20260331-1' \
	debt --app-id alan --app-user-id 1030 --recovery-session-id 20260228-1
check 'a blocked mandate is an act' ends 0 'mandate_blocked' \
	debt --app-id alan --app-user-id 1009 --recovery-session-id 20260228-1

explain file $FILE
cp "$WORK/out" "$WORK/wanted"
check 'a file says what the bank reported of its debits' grep -q '23 x credit BOOK, applied, in camt.054' "$WORK/out"
check 'a file by its id' same_as file 0000a1a9-0600-8000-8000-000000000001
check 'a file by the name of its XML' same_as file SDD-20260228-1-20260310-1.xml

explain payment "$(ask_store "SELECT lower(substr(hex(swan_payment), 1, 8) || '-' || substr(hex(swan_payment), 9, 4) || '-' ||
	substr(hex(swan_payment), 13, 4) || '-' || substr(hex(swan_payment), 17, 4) || '-' || substr(hex(swan_payment), 21))
	FROM card_payment WHERE profile_number = 1 AND number = 1")"
cp "$WORK/out" "$WORK/wanted"
check 'a payment by its id' same_as payment 0000a1a9-0300-8000-8004-000000000001
check 'a payment was imported, posted, frozen, presented, returned' eval \
	"grep -q '^2026.* imported .*transactions.csv:' '$WORK/out' && grep -q ' posted ' '$WORK/out' && grep -q ' frozen ' '$WORK/out' && grep -q ' returned ' '$WORK/out'"

check 'an unknown debt is exit 66' ends 66 'the debt x does not exist' debt x
check 'a debt of an unknown member is exit 66' ends 66 'does not exist' debt --app-id alan --app-user-id 9 --recovery-session-id 20260228-1
check 'an unknown payment is exit 66' ends 66 'does not exist' payment 0000a1a9-0300-8000-8004-000000009999
check 'the id of a debt is no payment' ends 66 'is a debt: `alanpay explain debt' payment 0000a1a9-0500-8000-8004-000000000001
check 'an end-to-end id is no file' ends 66 'is a debt: `alanpay explain debt' file $E2E
check 'a MsgId is no debt' ends 66 'is a bank file: `alanpay explain file' debt $FILE
check 'the id of a payment is no debt' ends 66 'is a card payment: `alanpay explain payment' debt 0000a1a9-0300-8000-8004-000000000001
check 'an unknown payment says where the ids stand' ends 66 'card_payments.csv' payment x
check 'an unknown file is exit 66' ends 66 'does not exist' file x
check 'half a name of a debt is exit 64' ends 64 'name the debt by its ID' debt --app-id alan
check 'no name at all is exit 64' ends 64 'ID is required' file

# --- what persons decided ---------------------------------------------------------------------------------------------

play withdrawn 06-list
explain file $FILE --format csv
check_same 'a file that was taken back: each statement once, with who made it' $'file_withdrawal_stated alice\nfile_withdrawal_stated bob' \
	"$(events 'event, person' | grep '^file_withdrawal')"
play posted ''
explain debt 0000a1a9050080008008000000000001 --format csv
check_same 'decisions about the entries of a debit and of its file, with who decided' "$(
	cat <<-'END'
		exception_opened  2026-03-11
		exception_opened  2026-03-11
		exception_resolved alice 2026-03-11
		exception_resolved alice 2026-03-11
		exception_opened  2026-03-13
		exception_resolved alice 2026-03-13
		exception_opened  2026-03-17
		exception_resolved alice 2026-03-17
	END
)" "$(events 'event, person, date' | grep '^exception')"
check 'an entry that names nothing is in the story of the debit it was posted to' ends 0 \
	'C54-20260312-0002.xml:12' debt 0000a1a9050080008008000000000001

print_books "$HOME_DIR" >"$WORK/books"
explain debt $E2E
print_books "$HOME_DIR" >"$WORK/books.after"
check 'nothing is changed' cmp "$WORK/books" "$WORK/books.after"
sum_up
