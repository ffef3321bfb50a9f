#!/usr/bin/env bash
# check_queries.sh: every name of the table of queries, in all four formats, for what is there and what is not: exactly
# the promised keys in their order, the same answer in each format, null, [] or 66 where nothing is found.
# usage: check_queries.sh BINDIR
# Plays the night case `month` up to its first question.
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=$(cd "$1" && pwd)
CASE=month
ASKED=(--date 2026-03-04 --now 2026-03-13T09:00:00Z)
FORMATS=(json jsonl csv table)

# --- the promised keys ------------------------------------------------------------------------------------------------

PROFILE='id app_id app_user_id status provisioning_push_notification_sent_at'
SESSION='id recovery_period_start_date recovery_period_end_date freeze_date recovery_date status'
PAYMENT='effective_date amount_in_cents status rejection_reason is_recovered merchant_name merchant_postal_code'
PAYMENT="$PAYMENT merchant_city merchant_country merchant_id merchant_category_code"
MANDATE='sepa_creditor_identifier debtor_name debtor_iban unique_mandate_reference'
TRANSACTION='id alan_pay_profile_id alan_pay_recovery_debt_id amount_in_cents event_type transaction_date card_payment'
TRANSACTION="$TRANSACTION sepa_debit external_transaction_id push_notification_sent_at"
DEBT='id profile recovery_session status transactions amount_in_cents recovered_amount_in_cents refunded_amount_in_cents'

in_each() {
	local key

	for key in $2; do
		printf '%s.%s ' "$1" "$key"
	done
}

# What is expected: a line for each kind of object, `key of it: its keys`; and the header of the CSV.
declare -A KEYS=(
	[balance]=': amount_in_cents profile_found'
	[profile]=": $PROFILE"
	[session]=": $SESSION"
	[payment]=": $PAYMENT"
	[transaction]=": $TRANSACTION
card_payment: $PAYMENT
sepa_debit: recovery_session_id sepa_mandate
sepa_mandate: $MANDATE"
	[debt]=": $DEBT
card_payment: $PAYMENT
profile: $PROFILE
recovery_session: $SESSION
transactions: $TRANSACTION"
	[provisioning]=': has_card_provisioning'
	[scheduling]=': enabled'
)
FLAT_TRANSACTION="id alan_pay_profile_id alan_pay_recovery_debt_id amount_in_cents event_type transaction_date \
$(in_each card_payment "$PAYMENT")sepa_debit.recovery_session_id $(in_each sepa_debit.sepa_mandate "$MANDATE")\
external_transaction_id push_notification_sent_at"
declare -A HEADER=(
	[balance]='amount_in_cents profile_found'
	[profile]=$PROFILE
	[session]=$SESSION
	[payment]=$PAYMENT
	[transaction]=$FLAT_TRANSACTION
	[debt]="id $(in_each profile "$PROFILE")$(in_each recovery_session "$SESSION")status amount_in_cents \
recovered_amount_in_cents refunded_amount_in_cents"
	[provisioning]='has_card_provisioning'
	[scheduling]='enabled'
)

# --- reading the answers ----------------------------------------------------------------------------------------------

# ask FORMAT WORDS...: sets STATUS; the answer is in $WORK/FORMAT
ask() {
	STATUS=0
	"$BIN/alanpay" query "${@:2}" --home "$HOME_DIR" "${ASKED[@]}" --format "$1" >"$WORK/$1" 2>"$WORK/error" || STATUS=$?
}

# Of indented JSON: a line for each kind of object, its parent and its keys. The parent of an object in a list is the list.
print_keys() {
	awk '
		{ match($0, /^ */); deep = RLENGTH / 2 }
		/^ *"[^"]*": / {
			key = $0; sub(/^ *"/, "", key); sub(/": .*/, "", key)
			keys[deep] = keys[deep] " " key
		}
		/\{$/ { name[deep] = /": \{$/ ? key : list[deep - 1]; keys[deep + 1] = "" }
		/\[$/ { list[deep] = /": \[$/ ? key : "" }
		/^ *\},?$/ { print name[deep] ":" keys[deep + 1] }
	' | LC_ALL=C sort -u
}

# Indented JSON without what is only for the eye.
squeeze() {
	sed -E 's/^ +//; s/^("[a-z_0-9]+"): /\1:/' | tr -d '\n'
}

lines_as_list() {
	printf '[%s]' "$(paste -sd, "$WORK/jsonl")"
}

jsonl_is_json() {
	if [[ $1 == one ]]; then
		diff <(squeeze <"$WORK/json") <(tr -d '\n' <"$WORK/jsonl")
	else
		diff <(squeeze <"$WORK/json") <(lines_as_list)
	fi
}

# Rows of a CSV whose fields have no line breaks.
rows() {
	echo $(($(wc -l <"$WORK/csv") - 1))
}

# --- what is there, and what is not ------------------------------------------------------------------------------------

# there one|many KIND NAME OPTION...
there() {
	local how=$1 kind=$2 name=$3 format

	for format in "${FORMATS[@]}"; do
		ask "$format" "${@:3}"
		check "${*:3} as $format" test "$STATUS" = 0
	done
	check_same "${*:3}: its keys" "$(LC_ALL=C sort <<<"${KEYS[$kind]}")" "$(print_keys <"$WORK/json")"
	check "${*:3}: jsonl is json" jsonl_is_json "$how"
	check_same "${*:3}: the header of csv" "$(tr ' ' , <<<"${HEADER[$kind]}")" "$(head -n 1 "$WORK/csv")"
	check_same "${*:3}: the rows of csv" "$(wc -l <"$WORK/jsonl")" "$(rows)"
	check "${*:3}: a table" test "$(head -n 1 "$WORK/table")" != none
	SEEN[$name]=1
}

# none ANSWER KIND NAME OPTION...: ANSWER is null or []
none() {
	local kind=$2 format

	for format in "${FORMATS[@]}"; do
		ask "$format" "${@:3}"
		check "${*:3} as $format" test "$STATUS" = 0
	done
	check_same "${*:3}: json" "$1" "$(cat "$WORK/json")"
	check "${*:3}: jsonl" test "$(cat "$WORK/jsonl")" = "$(grep -v '\[\]' <<<"$1")"
	check_same "${*:3}: csv is its header" "$(tr ' ' , <<<"${HEADER[$kind]}")" "$(cat "$WORK/csv")"
	check_same "${*:3}: table" none "$(cat "$WORK/table")"
}

# ends STATUS NAME OPTION...: and nothing is answered
ends() {
	local format

	for format in "${FORMATS[@]}"; do
		ask "$format" "${@:2}"
		check "${*:2} as $format ends $1" test "$STATUS" = "$1"
		check "${*:2} as $format: no answer" test ! -s "$WORK/$format"
		check "${*:2} as $format: why" test -s "$WORK/error"
	done
}

# --- the questions ----------------------------------------------------------------------------------------------------

id() {
	printf '0000a1a9-0%s00-8000-80%02x-%012x' "$1" $((4 * $2)) "$3"
}

check_members() {
	local she=(--app-id alan --app-user-id 1001) undeclared=(--app-id alan --app-user-id 9999)
	local elsewhere=(--app-id web --app-user-id 1001)

	there one balance get_alan_balance "${she[@]}"
	there one balance get_alan_balance "${undeclared[@]}"
	check_same 'the balance of an undeclared member' '{"amount_in_cents":0,"profile_found":false}' "$(cat "$WORK/jsonl")"
	there one profile get_profile "${she[@]}"
	none null profile get_profile "${undeclared[@]}"
	none null profile get_profile "${elsewhere[@]}"
	there one profile get_profile_by_id --id "$(id 1 0 1)"
	ends 66 get_profile_by_id --id "$(id 1 0 255)"
	ends 66 get_profile_by_id --id "$(id 4 0 1)"
	ends 64 get_profile_by_id --id 1
	there many profile get_profiles --app-id alan
	none '[]' profile get_profiles --app-id web
	there one provisioning has_card_provisioning --profile-id "$(id 1 0 1)"
	ends 66 has_card_provisioning --profile-id "$(id 1 0 255)"
	ends 64 get_profile --app-id alan
	ends 64 get_alan_balance --app-id alan --app-user-id ''
	ends 64 get_profiles --app-id ' '
	ends 64 get_alan_balance "${she[@]}" --unmask
}

check_transactions() {
	local she=(--app-id alan --app-user-id 1001) undeclared=(--app-id alan --app-user-id 9999)
	local one two other

	one=$(id 2 1 1) two=$(id 2 1 4) other=$(id 2 2 1)
	there many transaction get_alan_balance_transactions "${she[@]}"
	check 'they come oldest first' is_sorted_by_date
	there many transaction get_alan_balance_transactions "${she[@]}" --transaction-id "$two" --transaction-id "$one" \
		--transaction-id "$other"
	check_same 'some of them, hers alone' "$one $two" "$(sed -E 's/^\{"id":"([^"]*)".*/\1/' "$WORK/jsonl" | paste -sd' ')"
	check 'IBANs are masked' grep -q '"debtor_iban": "FR76\*\*\*0797"' "$WORK/json"
	ask json get_alan_balance_transactions "${she[@]}" --unmask
	check 'unless they are asked for' grep -qE '"debtor_iban": "FR76[0-9]{19}0797"' "$WORK/json"
	none '[]' transaction get_alan_balance_transactions "${undeclared[@]}"
	none '[]' transaction get_alan_balance_transactions "${undeclared[@]}" --transaction-id "$one"
	none '[]' transaction get_alan_balance_transactions "${she[@]}" --transaction-id "$(id 2 1 99)"
	ends 64 get_alan_balance_transactions "${she[@]}" --transaction-id 1
	none '[]' transaction get_alan_balance_transactions_by_external_id --external-transaction-id none
	ends 64 get_alan_balance_transactions_by_external_id
	ends 64 get_alan_balance_transactions_by_external_id --external-transaction-id ''
	there many payment get_latest_payments "${she[@]}"
	there many payment get_latest_payments "${she[@]}" --limit 1
	check_same 'as many as were asked for' 1 "$(wc -l <"$WORK/jsonl")"
	none '[]' payment get_latest_payments "${undeclared[@]}"
	none '[]' payment get_latest_payments "${she[@]}" --limit 0
	ends 64 get_latest_payments "${she[@]}" --limit -1
}

is_sorted_by_date() {
	grep -o '"transaction_date":"[^"]*"' "$WORK/jsonl" | LC_ALL=C sort -c
}

# An external transaction, asked for as another component does it.
check_external() {
	"$BIN/alanpay" transactions request-external --app-id alan --app-user-id 1001 --transaction-date 2026-03-04T10:00:00Z \
		--requested-amount-in-cents 5 --external-transaction-id care-1 --home "$HOME_DIR" --date 2026-03-13 \
		--now 2026-03-13T09:00:00Z --as scheduler >"$WORK/result"
	KEYS[external]=": $TRANSACTION" HEADER[external]=$FLAT_TRANSACTION
	there many external get_alan_balance_transactions_by_external_id --external-transaction-id care-1 \
		--external-transaction-id none
	check_same 'the result of the request is that transaction' "$(cat "$WORK/result")" "$(cat "$WORK/jsonl")"
}

check_debts() {
	local he=(--app-id alan --app-user-id 1004) undeclared=(--app-id alan --app-user-id 9999) first never

	first=$(id 4 0 1) never=$(id 4 0 99)
	there one session get_next_recovery_session
	check 'it is the nearest, whatever its status' grep -q "\"id\": \"$first\"" "$WORK/json"
	there one debt get_next_recovery_debt "${he[@]}"
	none null debt get_next_recovery_debt "${undeclared[@]}"
	there one debt get_recovery_debt "${he[@]}" --recovery-session-id "$first"
	check 'settled: the other amount is 0' grep -q '"recovered_amount_in_cents":3850,"refunded_amount_in_cents":0' "$WORK/jsonl"
	none null debt get_recovery_debt "${he[@]}" --recovery-session-id "$never"
	none null debt get_recovery_debt "${undeclared[@]}" --recovery-session-id "$first"
	ends 64 get_recovery_debt "${he[@]}"
	there many debt get_recovery_debts_for_user "${he[@]}"
	none '[]' debt get_recovery_debts_for_user "${undeclared[@]}"
	ends 64 get_recovery_debts_for_user "${he[@]}" --recovery-session-id "$first"
	there many debt get_recovery_debts --recovery-session-id "$first"
	ends 66 get_recovery_debts --recovery-session-id "$never"
	ends 64 get_recovery_debts --recovery-session-id first
	there many debt get_recovery_debts --recovery-session-id 20260228-1
	there one debt get_recovery_debt "${he[@]}" --recovery-session-id 20260228-1
	none null debt get_recovery_debt "${he[@]}" --recovery-session-id 20990228-1
	ends 66 get_recovery_debts --recovery-session-id 20990228-1
	there one debt get_recovery_debt_by_id --id "$(id 5 4 1)"
	ends 66 get_recovery_debt_by_id --id "$(id 5 4 99)"
	ASKED[1]=2030-01-01
	none null session get_next_recovery_session
	none null debt get_next_recovery_debt "${he[@]}"
	ASKED[1]=2026-03-04
}

# Keys that are data.
check_rest() {
	local lang format

	there one scheduling is_support_appointment_scheduling_enabled
	for lang in en fr; do
		for format in "${FORMATS[@]}"; do
			ask "$format" get_merchant_category_code_descriptions --lang $lang
			check "categories in $lang as $format" test "$STATUS" = 0
		done
		check "categories in $lang: jsonl is json" jsonl_is_json one
	done
	check_same 'a category in French' '  "8043": "Opticiens",' "$(grep -F '"8043"' "$WORK/json")"
	check_same 'a list of categories' 'code,description_en,description_fr' "$(head -n 1 "$WORK/csv")"
	ask json get_merchant_category_code_descriptions
	check_same 'English unless said' '  "8043": "Opticians",' "$(grep -F '"8043"' "$WORK/json")"
	ends 64 get_merchant_category_code_descriptions --lang es
	SEEN[get_merchant_category_code_descriptions]=1
}

# stages/commands/README.md, the program and this test know the same names.
check_names() {
	local known

	known=$(printf '%s\n' "${!SEEN[@]}" | sort)
	check_same 'the names of stages/commands/README.md' "$(grep -v '| `alanpay ' "$ROOT/stages/commands/README.md" | sed -nE 's/^\| .((get|has|is)_[a-z_]+). \|.*/\1/p' | sort)" "$known"
	check_same 'the names of the program' "$("$BIN/alanpay" help --format jsonl | sed -nE 's/^\{"command":"query ([^"]*)".*/\1/p' | sort)" "$known"
}

play() {
	local step on now expected text got

	while read -r step on now expected text; do
		[[ $text != query* ]] || return 0
		got=0
		drop_inputs "$CASE" "$step" "$HOME_DIR"
		set_words "$CASE" "$step" "$on" "$now" "$text"
		run_alanpay "$BIN" "$CASE" "$step" "$HOME_DIR" >"$WORK/output" || got=$?
		check "$step can be played" test "$got" = "${expected%!}"
	done < <(print_steps "$CASE")
}

declare -A SEEN=()
make_work
HOME_DIR=$WORK/home
make_home "$BIN" "$CASE" "$HOME_DIR"
play
check_members
check_transactions
check_debts
check_external
check_rest
check_names
sum_up
