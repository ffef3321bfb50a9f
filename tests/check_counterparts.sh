#!/usr/bin/env bash
# check_counterparts.sh: each function and command of the Python component has a row in stages/commands/README.md, in one of its
# tables of requests, members at Swan, queries and what else the component had, and the command of the row works: all of them are
# run in one home that asks the fake Swan.
# usage: check_counterparts.sh BINDIR
# What the component had is in ../shared/seed/api-reference.txt, if that is there.
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=$(cd "$1" && pwd)
SEED_FILE=$ROOT/../shared/seed/api-reference.txt
WHEN=(--date 2026-02-10 --now 2026-02-10T09:00:00Z)
WORLD=(--members 20 --transactions 300 --now 2026-02-10T09:00:00Z)

make_work
"$BIN/alanpay" init --home "$WORK/home" --environment test --store-id 0000a1a9 --now 2026-01-31T00:00:00Z >/dev/null
trap 'stop_swan; rm -rf "$WORK"' EXIT
# shellcheck source=tests/fakeswan.sh
. "$(dirname "$0")/fakeswan.sh"
serve_swan "${WORLD[@]}"
(umask 077 && "$FAKESWAN" --list key >"$WORK/key" && echo fakeswan-secret >"$WORK/secret")
{
	cat "$ROOT/fixtures/alanpay.ini"
	printf '%s\n' '[swan]' "endpoint = $URL/graphql" "oauth_endpoint = $URL/oauth2/token" 'client_id = fakeswan' \
		"client_secret_file = $WORK/secret" "signing_key_file = $WORK/key" \
		'start_date = 2026-01-01'
	"$FAKESWAN" "${WORLD[@]}" --list configuration
} >"$WORK/home/alanpay.ini"

# --- the tables ----------------------------------------------------------------------------------------------------

# section HEADING: the rows of its tables: of each the spans of code in its first and its second cell, parted by |. Of several
# spans in a cell each ends with a comma.
section() {
	sed -n "/^## $1\$/,/^## /p" "$ROOT/stages/commands/README.md" | sed 's/\\|/ or /g' | awk -F '|' '
		function spans(cell, part, i, n, text) {
			n = split(cell, part, "`")
			for (i = 2; i <= n; i += 2)
				text = text (text == "" ? "" : ", ") part[i]
			return text
		}
		/^\| `/ { print spans($2) "|" spans($3) }'
}

# The options of a request are the fields of its operation.
print_requests() {
	local name command

	while IFS='|' read -r name command; do
		case $name in
		declare_profile) echo "$name|$command --app-id A --app-user-id U" ;;
		declare_sepa_mandate)
			echo "$name|$command --app-id A --app-user-id U --debtor-name NAME --debtor-iban - --debtor-country FR" \
				'--unique-mandate-reference RUM --signature-date DAY'
			;;
		request_external_transaction)
			echo "$name|$command --app-id A --app-user-id U --transaction-date DAY --requested-amount-in-cents 100" \
				'--external-transaction-id CARE'
			;;
		set_push*) echo "$name|$command --transaction-id TRANSACTION --sent-at INSTANT" ;;
		esac
	done < <(section Requests)
}

print_queries() {
	section Queries | sed -E 's/\[[^]]*\]//g; s/\.\.\.//g; s/^([^|]*)\|/\1|alanpay query \1 /'
}

# A command for several names has NAME, or is the same for all; else there is a command for each.
print_others() {
	section 'From the Python component' | awk -F '|' '$2 ~ /alanpay/ && $2 !~ /query NAME/ {
		n = split($1, name, ", ")
		commands = split($2, command, ", ")
		for (i = 1; i <= n; i++) {
			text = command[commands == n ? i : 1]
			sub(/NAME$/, name[i], text)
			print name[i] "|" text
		}
	}'
}

# print_rows: each name of the component, and the command that does the same, parted by |. Those that end a member come last.
print_rows() {
	print_requests
	section 'Members at Swan' | grep -vE '^(offboard|reset)'
	print_queries
	print_others
	section 'Members at Swan' | grep -E '^(offboard|reset)'
}

# What the component had: functions of its two classes, commands, a route, an exception, a reset.
print_before() {
	{
		sed -nE 's/^([a-z_]+) (static|class)method$/\1/p' "$SEED_FILE"
		awk '/@[a-z_]+_commands\.command|action_route/ { wanted = 1 } wanted && /^ *def / { print; wanted = 0 }' "$SEED_FILE" |
			sed -E 's/^ *def ([a-z_]+)\(.*/\1/'
		sed -nE 's/^def (reset_[a-z_]+)\(.*/\1/p; s/^class ([A-Za-z]+Exception).*/\1/p; s/^([A-Za-z]+Exception)\(message\)$/\1/p' "$SEED_FILE"
	} | sort -u
}

# --- running a row --------------------------------------------------------------------------------------------------

alanpay() {
	"$BIN/alanpay" "$@" --home "$WORK/home" "${WHEN[@]}"
}

ask_books() {
	sqlite3 -batch -init /dev/null -readonly "$WORK/home/state/alanpay.db" "$1"
}

# A member who owes, from here on the one that is asked about.
choose_debtor() {
	DEBTOR=$(ask_books 'SELECT app_user_id FROM profile ORDER BY balance_in_cents, number LIMIT 1')
}

value() {
	sed -nE "/\"$1\"/{s/^[^:]*\"$1\": ?\"([^\"]*)\".*/\1/p;q}" "$2"
}

# Words of the table that stand for values.
fill_in() {
	local words=$1

	case $words in
	*' users '* | *' cards '* | *' dev '* | *' profiles '* | *' mandates '*) words=${words//user-id U/user-id 7} ;;
	*) words=${words//user-id U/user-id $DEBTOR} ;;
	esac
	words=${words//PHONE/+33698765432}
	words=${words//EMAIL/zoe@example.com}
	words=${words//-id A/-id alan}
	words=${words//NAME/Martin}
	words=${words//BORN/1990-05-17}
	words=${words//RUM/AP-7}
	words=${words//DAY/2026-02-09}
	words=${words//INSTANT/2026-02-09T10:00:00Z}
	words=${words//CARE/care-1}
	words=${words//REQUEST/${REQUEST:-}}
	words=${words//TRANSACTION/${TRANSACTION:-}}
	words=${words//PROFILE/${PROFILE:-}}
	words=${words//SESSION/${SESSION:-}}
	words=${words//CODE/${SESSION:-}}
	echo "${words//DEBT/${DEBT:-}}"
}

# run_row BEFORE COMMAND
run_row() {
	local words status=0

	case $1 in
	run_session) WHEN=(--date 2026-03-04 --now 2026-03-04T09:00:00Z) ;;
	send_for_recovery_session) WHEN=(--date 2026-03-05 --now 2026-03-05T09:00:00Z) ;;
	send_for_transaction) TRANSACTION=$(ask_books "SELECT format('0000a1a9-0200-8000-80%02x-%012x', 4 * profile_number, number)
		FROM balance_transaction WHERE event = 1 ORDER BY profile_number LIMIT 1") ;;
	esac
	words=$(fill_in " $2")
	case $1 in
	declare_sepa_mandate) echo FR7630006000011234567890189 ;;
	onboard_user) echo 123456 ;;
	esac >"$WORK/input"
	# shellcheck disable=SC2086 # words
	alanpay ${words# alanpay } <"$WORK/input" >"$WORK/output" 2>&1 9>"$WORK/numbers" || status=$?
	check "$1: \`$2\` works" fine "$status"
	case $1 in
	start_phone_number_verification) REQUEST=$(value request_id "$WORK/output") ;;
	request_external_transaction) TRANSACTION=$(value id "$WORK/output") ;;
	esac
}

fine() {
	[[ $1 == 0 || $1 == 3 ]] || {
		echo "exit $1"
		cat "$WORK/output"
		return 1
	}
}

reject_code() {
	local status=0

	alanpay users start-phone-verification --phone +33698765433 --lang fr >"$WORK/started"
	alanpay profiles declare --app-id alan --app-user-id 8 >/dev/null 2>&1
	alanpay users onboard --app-id alan --app-user-id 8 --request-id "$(value request_id "$WORK/started")" --first-name Zoe \
		--last-name Martin --birth-date 1990-05-17 --email z@example.com --lang fr --format json <<<999999 >"$WORK/output" 2>&1 ||
		status=$?
	[[ $status == 65 ]] && grep -q '"code":"invalid_phone_number_verification_code"' "$WORK/output"
}

run_rows() {
	local before now

	while IFS='|' read -r before now; do
		case $before in
		*Exception) check "$before: a wrong code ends 65 with its code" reject_code ;;
		*) run_row "$before" "$now" ;;
		esac
	done < <(print_rows)
}

"$FAKESWAN" "${WORLD[@]}" --list requests >"$WORK/home/inbox/requests/mixed.fakeswan.20260101T000000Z.1.jsonl"
alanpay run --as scheduler >"$WORK/night" 2>&1 || true
choose_debtor
SESSION=$(ask_books 'SELECT s.code FROM session s JOIN debt d ON d.session_number = s.number ORDER BY s.number LIMIT 1')
alanpay query get_recovery_debts --recovery-session-id "$SESSION" >"$WORK/output"
DEBT=$(value id "$WORK/output")
alanpay query get_profile --app-id alan --app-user-id "$DEBTOR" >"$WORK/output"
PROFILE=$(value id "$WORK/output")
check 'there is a member who owes' test -n "$DEBTOR"
run_rows
if [[ -f $SEED_FILE ]]; then
	check_same 'nothing of the component is missing' "$(print_before)" "$(print_rows | cut -d '|' -f 1 | sort -u)"
	check_same 'its own table names all but the queries, and nothing else' "$(print_before | grep -vE '^(get|has|is)_')" \
		"$(section 'From the Python component' | cut -d '|' -f 1 | sed 's/, /\n/g' | grep -vE '^(get|has|is)_' | sort -u)"
else
	skip "what the component had: ../shared/seed/api-reference.txt is not here"
fi
sum_up
