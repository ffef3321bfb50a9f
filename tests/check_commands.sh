#!/usr/bin/env bash
# check_commands.sh: what a person sees of the front end: every command in every format, help, the status of a home, the
# check of a configuration.
# usage: check_commands.sh BINDIR
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=$(cd "$1" && pwd)
CASE=cancelled
LAST=04-notified
ON=2026-03-05
NOW=2026-03-05T09:00:00Z
DEBITS=0000a1a9-20260228-1-D1
REFUNDS=0000a1a9-20260228-1-C1
SWAN=$NIGHTS/spending-limits/drop/02-cards/swan

# --- a home with a frozen session, two bank files, an exception -------------------------------------------------------

play_until_last() {
	local step on now text

	while read -r step on now _ text; do
		drop_inputs "$CASE" "$step" "$HOME_DIR"
		set_words "$CASE" "$step" "$on" "$now" "$text"
		run_alanpay "$BIN" "$CASE" "$step" "$HOME_DIR" >"$WORK/output" || [[ $? == 3 ]]
		[[ $step != "$LAST" ]] || break
	done < <(print_steps "$CASE")
}

# act WORDS...: sets STATUS; out and err are files
act() {
	STATUS=0
	"$BIN/alanpay" "$@" >"$WORK/out" 2>"$WORK/err" </dev/null || STATUS=$?
}

# person NAME WORDS...: on the day of the home
person() {
	act "${@:2}" --home "$HOME_DIR" --date $ON --now $NOW --as "$1"
}

ended() {
	[[ $STATUS == "$1" ]] || {
		echo "ended with $STATUS and said:"
		cat "$WORK/out" "$WORK/err"
		return 1
	}
}

journal() {
	sqlite3 -batch -init /dev/null "$HOME_DIR/state/alanpay.db" "$1"
}

# What asks Swan, or works on the members of a development environment there.
OF_SWAN=('users start-phone-verification' 'users onboard' 'cards view-numbers' 'dev reset-user')

# --- every command in every format ------------------------------------------------------------------------------------

# A transfer that Swan reports, and that a person attributes: the last exception.
attribute_transfer() {
	head -1 "$NIGHTS/held/drop/02-unknown/transactions.csv" >"$WORK/transfer.csv"
	echo "in-1,SepaCreditTransferIn,Credit,Booked,100,EUR,${ON}T01:00:00Z,${ON}T01:00:00Z,,,,,,,,,,,,,,,,,,,,,,,,,,,," >>"$WORK/transfer.csv"
	person carol post --transactions "$WORK/transfer.csv"
	TRANSFER=$(journal "SELECT number FROM exception WHERE key = 'in-1'")
	person carol exceptions resolve --id "$TRANSFER" --decision attributed --app-id alan --app-user-id 5001 --why hers
}

# The words after `alanpay`, for each command; what changes something is rehearsed, so that all four formats find the same.
write_calls() {
	local member=(--app-id alan --app-user-id 5001) of_session=(--recovery-session-id 20260228-1)
	local alan=${member[*]} session=${of_session[*]} profile debt external payment xml

	profile=$(ask get_profile "${member[@]}")
	debt=$(ask get_recovery_debt "${member[@]}" "${of_session[@]}")
	payment=$(journal "SELECT format('0000a1a9-0300-8000-80%02x-%012x', 4 * profile_number, number) FROM card_payment LIMIT 1")
	# one member is to be notified once more
	journal "UPDATE notification_batch SET lines = lines - 1, last_number = last_number - 1 WHERE number =
		(SELECT batch_number FROM notification ORDER BY number DESC LIMIT 1);
		DELETE FROM notification WHERE number = (SELECT max(number) FROM notification)"
	xml=$(compgen -G "$HOME_DIR/out/sepa/*/v1/SDD-*.xml")
	person carol recovery record_credit_transfer "${member[@]}" --amount-cents 100 --booking-date $ON --bank-reference EB-8
	attribute_transfer
	external=$(ask get_alan_balance_transactions_by_external_id --external-transaction-id e0)
	printf '{"message_id":"m1","app_id":"alan","app_user_id":"9"}\n' >"$WORK/declare_profile.web.20260302T180000Z.1.jsonl"
	cat <<-END
		run --from export --until export --dry-run
		intake --dry-run
		reconcile --dry-run
		import --fixtures $SWAN --only payment_supports --dry-run
		post --dry-run
		debts --dry-run
		collect --dry-run
		notify --dry-run
		export --dry-run
		audit --dry-run
		status
		exceptions list
		exceptions show --id 1
		acts
		exceptions resolve --id 1 --decision duplicate --why twice --dry-run
		exceptions reverse --id $TRANSFER --why wrong --dry-run
		explain debt $debt
		explain payment $payment
		explain file $DEBITS
		swan sync_transactions --fixtures $SWAN --dry-run
		swan sync_payment_supports --fixtures $SWAN --dry-run
		swan check_spending_limits --dry-run
		backup
		restore --dry-run
		migrate --dry-run
		init
		config generate
		config validate
		config show
		doctor
		support config
		sepa list
		sepa show --file $DEBITS
		sepa approve --file $DEBITS --count 3 --total 87.50 --dry-run
		sepa release --file $REFUNDS --dry-run
		sepa mark-uploaded --file $REFUNDS --bank-reference EB-1 --dry-run
		sepa reject --file $DEBITS --why wrong --dry-run
		sepa cancel --file $DEBITS --why wrong --dry-run
		sepa withdraw --file $REFUNDS --as rebuild --why lost --as alice --dry-run
		sepa describe $xml
		sepa validate $xml
		sepa diff $xml $xml
		recovery list_sessions
		recovery create_session --period-start 2027-01-01 --period-end 2027-01-31 --freeze-date 2027-02-03 --recovery-date 2027-02-10 --dry-run
		recovery run_session --id 20260228-1 --dry-run
		recovery record_credit_transfer $alan --amount-cents 100 --booking-date $ON --bank-reference EB-9 --dry-run
		recovery reverse_credit_transfer --bank-reference EB-8 --why wrong --dry-run
		query get_alan_balance $alan
		query get_alan_balance_transactions $alan
		query get_alan_balance_transactions_by_external_id --external-transaction-id e1
		query get_latest_payments $alan
		query get_merchant_category_code_descriptions
		query get_next_recovery_session
		query get_next_recovery_debt $alan
		query get_recovery_debt $alan $session
		query get_recovery_debts_for_user $alan
		query get_recovery_debts $session
		query get_recovery_debt_by_id --id $debt
		query get_profile_by_id --id $profile
		query get_profile $alan
		query get_profiles --app-id alan
		query has_card_provisioning --profile-id $profile
		query is_support_appointment_scheduling_enabled
		profiles declare --app-id alan --app-user-id 9 --dry-run
		profiles list
		mandates declare $alan --debtor-name Ada --debtor-iban FR7630006000011234567890189 --debtor-country FR --unique-mandate-reference R9 --signature-date 2026-01-02 --dry-run
		mandates list
		mandates unblock --unique-mandate-reference AP-5001-1 --dry-run
		users link-account-membership $alan --account-membership-id 95f7e658-c4a5-5e7b-bc96-1bd772db39b5 --dry-run
		users offboard $alan --dry-run
		transactions request-external $alan --transaction-date $ON --requested-amount-in-cents 100 --external-transaction-id e1 --dry-run
		transactions set-push-notification-date --transaction-id $external --sent-at $NOW --dry-run
		push_notification send_for_non_provisioned_members --dry-run
		push_notification send_for_recovery_session --id 20260228-1 --dry-run
		push_notification send_for_transaction --id $external --dry-run
		requests validate $WORK/declare_profile.web.20260302T180000Z.1.jsonl
		requests submit $WORK/declare_profile.web.20260302T180000Z.1.jsonl --dry-run
		fixture load $ROOT/fixtures/stages/debts
		fixture run $ROOT/fixtures/stages/debts
		fixture capture --out $WORK/captured
	END
}

# The id that a query answers first.
ask() {
	person carol query "$@" >/dev/null
	sed -nE '0,/"id"/s/.*"id": "([^"]*)".*/\1/p' "$WORK/out"
}

is_document() {
	[[ $(sqlite3 -batch -init /dev/null :memory: "SELECT json_valid(readfile('$WORK/out'))") == 1 ]]
}

are_documents() {
	paste -sd, "$WORK/out" | sed 's/^/[/; s/$/]/' >"$WORK/lines"
	[[ $(sqlite3 -batch -init /dev/null :memory: "SELECT json_valid(readfile('$WORK/lines'))") == 1 ]]
}

is_csv() {
	head -n 1 "$WORK/out" | grep -qE '^[a-z0-9_.]+(,[a-z0-9_.]+)*$'
}

is_text() {
	[[ -s $WORK/out ]] && ! grep -q '^[[{]$' "$WORK/out"
}

# Printed in that form; or refused, and the message says which forms there are.
prints() {
	local format=$1

	if [[ $STATUS == 64 ]]; then
		grep -q -- "--format .* is not available here: use " "$WORK/err" && [[ ! -s $WORK/out ]]
		return
	fi
	[[ $STATUS == 0 || $STATUS == 3 ]] || ended '0 or 3'
	case $format in
	table) is_text ;;
	json) is_document ;;
	jsonl) are_documents ;;
	csv) is_csv ;;
	esac || {
		echo "this is no $format:"
		head "$WORK/out"
		return 1
	}
}

commands() {
	"$BIN/alanpay" help --format jsonl | sed -nE 's/^\{"command":"([^"]+)".*/\1/p'
}

takes() {
	"$BIN/alanpay" help --format jsonl | grep -F "{\"command\":\"$1\"," | grep -q "\"formats\":\[.*\"$2\""
}

# The formats that help names are those that are taken.
agrees_with_help() {
	if takes "$1" "$2"; then
		[[ $STATUS != 64 ]]
	else
		[[ $STATUS == 64 ]]
	fi
}

check_call() {
	local words=$1 name=$2 format n=$3

	for format in table json jsonl csv; do
		[[ $name != backup ]] || words="backup --out $WORK/backup-$format.db"
		[[ $name != init ]] || words="init --environment test --home $WORK/home-$format"
		[[ $name != 'fixture load' ]] || words="$1 --home $WORK/loaded-$format"
		# shellcheck disable=SC2086 # the words of a call
		if [[ $name =~ ^(init|fixture load|fixture run|config generate)$ ]]; then
			act $words --format $format
		else
			person carol $words --format $format
		fi
		check "$name --format $format" prints $format
		check "$name --format $format, as help has it" agrees_with_help "$name" $format
	done
}

check_formats() {
	local name words n=0

	write_calls >"$WORK/calls"
	check_same 'every command is called' "$(commands | sort)" "$( (name_calls && printf '%s\n' "${OF_SWAN[@]}") | sort)"
	for name in "${OF_SWAN[@]}"; do
		check "a check of the fake Swan calls $name" grep -qF "act $name" "$ROOT"/tests/check_members.sh "$ROOT"/tests/check_reset.sh
	done
	while read -r words; do
		check_call "$words" "$(name_of "$words")" $((n += 1))
	done <"$WORK/calls"
}

name_calls() {
	local words

	while read -r words; do
		name_of "$words"
	done <"$WORK/calls"
}

# The longest command that the words begin with.
name_of() {
	local two

	two=$(cut -d' ' -f1-2 <<<"$1")
	if grep -qxF -e "$two" "$WORK/commands"; then
		echo "$two"
	else
		cut -d' ' -f1 <<<"$1"
	fi
}

# --- words ------------------------------------------------------------------------------------------------------------

# says CLAIM STATUS TEXT WORDS...: the text stands in what is printed, or in the message
says() {
	act "${@:4}"
	check "$1: exit status" ended "$2"
	check "$1" finds "$3"
}

finds() {
	grep -qF -e "$1" "$WORK/out" "$WORK/err" || {
		cat "$WORK/out" "$WORK/err"
		return 1
	}
}

# shellcheck disable=SC2016 # messages have backticks
check_words() {
	local number

	says 'help is for three readers' 0 'for other components' help
	check_same 'in their order' 'operator finance other' \
		"$(sed -nE 's/^for (the )?(operator|finance|other).*/\2/p' "$WORK/out" | paste -sd' ')"
	check_same 'all purposes begin in one column' 40 \
		"$(sed -nE 's/^(  [a-z_-]+( [a-z_-]+)? {2,}|  {10,})[^ ].*/\1/p' "$WORK/out" | awk '{ print length + 1 }' | sort -u)"
	says 'no word at all is wrong usage' 64 'usage: alanpay COMMAND'
	says 'help of one command' 0 'Usage: alanpay sepa list' help sepa list
	says 'help of a command names its formats' 0 '--format=table|json|jsonl' status -h
	says 'help of a list names CSV' 0 '--format=table|json|jsonl|csv' sepa list -h
	says 'help of a command names its arguments in order' 0 'Usage: alanpay sepa diff [OPTION...] FILE OTHER' sepa diff -h
	says 'help of a command says which argument may be repeated' 0 '[OPTION...] FILE...' sepa describe -h
	says 'help of a command says what its argument is' 0 'ID: the id or the end-to-end id of the debt' explain debt -h
	says 'help of a stage' 0 'Usage: alanpay debts' debts -h
	says 'help of a group' 0 'sepa mark-uploaded' sepa -h
	says 'the version' 0 'Alan Pay recovery' -V
	says 'the version, of a stage' 0 'Alan Pay recovery' debts -V
	says 'the version, of a command' 0 'Alan Pay recovery' sepa list -V
	says 'what help does not print' 64 '--format `csv` is not available here: use table, json or jsonl' help --format csv
	says 'a slip' 64 'did you mean `status`?' stauts
	says 'a slip in a group' 64 'did you mean `sepa approve`?' sepa aprove --file x
	says 'a slip in the name of a group' 64 'did you mean `query get_profile`?' querry get_profile
	says 'two words as one' 64 'did you mean `sepa list`?' sepa_list
	says 'a word that means something else' 64 'no command `daemon`: `alanpay help` lists all commands' daemon
	says 'another one' 64 'no command `history`: `alanpay help`' history
	says 'an unknown word in a group' 64 '`alanpay sepa --help` lists the commands of `sepa`' sepa sign
	says 'a file without its option' 64 'unexpected argument `X-D1`: `--file X-D1`?' sepa show X-D1
	for number in ' 9' +9 9x -1 99999999999999999999; do
		says "--wait '$number' is no number" 64 '--wait requires a number of seconds from 0 to 86400' debts "--wait=$number"
		says "--night '$number' is no number" 64 '--night requires the number of a night' debts "--night=$number"
	done
	says 'a word too many' 64 'unexpected argument `X-D1`' sepa list X-D1
}

# --- configuration ----------------------------------------------------------------------------------------------------

check_config() {
	local home=(--home "$WORK/home-table") lines

	says 'no configuration, though the variable is there' 78 'no configuration in ' config validate "${home[@]}"
	cp fixtures/alanpay.ini "$WORK/home-table/"
	export ALANPAY_CONFIG=
	says 'an empty ALANPAY_CONFIG is not set' 0 'alanpay.ini is valid' config validate "${home[@]}"
	unset ALANPAY_CONFIG
	check 'what a night lacks: Swan' finds 'client_id in [swan] is empty'
	check 'what a night lacks: a group' finds 'a group that sends requests: chgrp GROUP'
	check 'what is not checked' finds 'whether Swan accepts the client id'
	printf '[swan]\nclient_id = c\nclient_secret_file = %s/secret\n' "$WORK" >>"$WORK/home-table/alanpay.ini"
	says 'no secret' 0 'secret: No such file' config validate "${home[@]}"
	touch "$WORK/secret"
	chmod 640 "$WORK/secret"
	says 'a secret that others can read' 0 "mode 640, others can read it: chmod 600 $WORK/secret" config validate "${home[@]}"
	chmod 600 "$WORK/secret"
	act config validate "${home[@]}"
	check 'a secret of our own is in order' does_not_find client_secret_file
	rm -r "$WORK/home-table/inbox/bank"
	says 'a folder that is gone' 0 'inbox/bank: No such file' config validate "${home[@]}"
	printf 'client = x\n[recovery]\nremittance = {month}\n' >>"$WORK/home-table/alanpay.ini"
	lines=$(wc -l <"$WORK/home-table/alanpay.ini")
	says 'every error: the first' 78 "alanpay.ini:$((lines - 2)): unknown key client" config validate "${home[@]}"
	check 'every error: the last' finds "alanpay.ini:$lines: remittance: unknown placeholder {month}"
	check 'every error: how many' finds '2 errors: correct them'
}

# --- the journal and the status ---------------------------------------------------------------------------------------

# status_is EXIT WORDS...: of the home, for a monitor
status_is() {
	person carol status --exit-code "${@:2}"
	check "status ends $1" ended "$1"
}

# The cells of the newest night in the journal of the home, as status has them.
newest_night() {
	person carol status --format json
	sed -nE '/"nights"/,/\]/p' "$WORK/out" | tr -d ' \n' | sed -E 's/.*"nights":\[\{"date":"([^"]*)","stages":\{([^}]*)\}.*/\1 \2/'
}

check_refusals() {
	local before refused=0

	before=$(newest_night)
	check_same 'the newest night' "$ON" "${before%% *}"
	for words in 'collect --session nope' 'post --transactions /nope' 'debts --session 20260331-1' 'import --only x'; do
		# shellcheck disable=SC2086 # the words of a command
		person carol $words
		check "$words is refused" test "$STATUS" -ge 64
		check_same "$words leaves the night as it was" "$before" "$(newest_night)"
		person carol status
		check "$words is not named" does_not_find "${words%% *} of"
		refused=$((refused + 1))
	done
	check_same 'the journal knows them' $refused "$(journal "SELECT count(*) FROM stage_run WHERE state = 'refused'")"
	check_same 'the stages of a night know their night' 5 \
		"$(journal "SELECT count(*) FROM stage_run WHERE business_on = '$ON' AND night_number IS NOT NULL")"
}

does_not_find() {
	! finds "$1" 2>&1
}

# The last lines of the screen name the command, as it is to be pasted.
last_advice_is() {
	[[ $(tail -n 1 "$WORK/out") == "    alanpay $1 --home $HOME_DIR" ]] || {
		cat "$WORK/out"
		return 1
	}
}

# A stage that was killed is one that still runs in the journal, and whose process is gone.
kill_stage() {
	journal "INSERT INTO stage_run (stage, business_on, night_number, now_at, state, config_sha256, pid, started_at)
		VALUES ('$1', '$ON', $2, 0, 'running', zeroblob(32), 4194304, 0)"
}

is_narrow() {
	! grep -v '^    ' "$WORK/out" | grep -E '.{81}'
}

check_status() {
	local lines

	journal "UPDATE night SET state = 'done'"
	status_is 3
	lines=$(wc -l <"$WORK/out")
	check "the screen has at most 24 lines, not $lines" test "$lines" -le 24
	check 'only commands are wider than 80 columns' is_narrow
	check 'home' finds "home       $HOME_DIR (test home)"
	check 'date' finds "date       $ON (given); next night 2026-03-06"
	check 'a refused bank report is money at risk' finds '1 bank report quarantined'
	check 'what is not ok of a night' finds '2026-03-04 not run: intake, reconcile, import, post'
	echo x >"$HOME_DIR/inbox/bank/x.xml"
	echo x >"$HOME_DIR/inbox/requests/x.csv"
	status_is 3
	check 'what waits' finds '1 file in inbox/bank, 1 in inbox/requests'
	rm "$HOME_DIR/inbox/bank/x.xml" "$HOME_DIR/inbox/requests/x.csv"
	act status --home "$HOME_DIR" --date $ON
	check 'a look at the past says so' finds "$ON, in the past: decide by the status of today"
	check 'and proposes no decision' does_not_find 'sepa '
}

check_failures() {
	kill_stage import NULL
	status_is 70
	check 'a stage that a person interrupted' finds "import of $ON was interrupted: a rerun is safe"
	check 'and its command' last_advice_is "import --date $ON"
	kill_stage import "(SELECT max(number) FROM night)"
	status_is 70
	check 'a stage that was killed in a night' last_advice_is "run --date $ON"
	journal "UPDATE stage_run SET state = 'failed', exit_status = 69, message = 'Swan does not answer' WHERE pid = 4194304"
	status_is 70
	check 'a stage that failed' finds "import of $ON failed with 69: Swan does not answer"
	check 'what a service failed with says what to do, once' does_not_find 'later'
	journal "UPDATE stage_run SET exit_status = 70, message = 'the books differ' WHERE pid = 4194304"
	status_is 70
	check 'our own bug' finds 'failed with 70: the books differ; when an engineer has'
	journal "DELETE FROM stage_run WHERE pid = 4194304"
	journal "UPDATE night SET state = 'failed', exit_status = 74"
	status_is 70
	check 'a night that is not finished is named once' test "$(grep -c "night of $ON" "$WORK/out")" = 1
	check 'with its command' last_advice_is "run --date $ON"
	journal "UPDATE night SET state = 'done'"
	act status --home "$HOME_DIR" --now 2026-03-08T09:00:00Z --exit-code
	check 'two nights are missing' finds '2 nights before this one were not run'
	check 'missing nights: exit status' ended 70
	journal "INSERT INTO night (business_on, state, config_sha256, started_at) VALUES ('2026-03-06', 'failed', zeroblob(32), 0)"
	act status --home "$HOME_DIR" --now 2026-03-08T09:00:00Z
	check 'a night that failed is not one that was not run' finds '1 night before this one was not run'
	journal "DELETE FROM night WHERE business_on = '2026-03-06'"
	act status --home "$HOME_DIR" --now 2026-05-08T09:00:00Z
	check 'more than one run makes up' last_advice_is 'run'
}

# A clock that is behind: every night would be done already.
check_clock() {
	"$BIN/alanpay" run --home "$HOME_DIR" --date 2099-01-01 --from intake --until intake >/dev/null
	act run --home "$HOME_DIR" --date 2099-01-01 --from intake --until intake --quiet
	check 'a night that is well is silent with --quiet' test ! -s "$WORK/out"
	act run --home "$HOME_DIR" --from intake --until intake
	check 'a newest night of the future' finds 'the newest night is 2099-01-01'
	act status --home "$HOME_DIR"
	check 'status says so as well' finds 'the newest night is 2099-01-01'
	journal "DELETE FROM stage_run WHERE business_on = '2099-01-01'; DELETE FROM night WHERE business_on = '2099-01-01'"
}

# ----------------------------------------------------------------------------------------------------------------------

cd "$ROOT"
make_work
HOME_DIR=$WORK/home
make_home "$BIN" "$CASE" "$HOME_DIR"
play_until_last
commands >"$WORK/commands"
person alice sepa approve --file $REFUNDS --count 3 --total 37.49
person bob sepa approve --file $REFUNDS --count 3 --total 37.49
person bob sepa release --file $REFUNDS
echo garbage >"$HOME_DIR/inbox/bank/garbage.xml"
person scheduler reconcile
person scheduler post --transactions "$NIGHTS/$CASE/drop/05-spends/transactions.csv"
person carol transactions request-external --app-id alan --app-user-id 5005 --transaction-date $ON \
	--requested-amount-in-cents 100 --external-transaction-id e0
person scheduler import --fixtures "$SWAN" --only payment_supports
check_formats
check_words
check_config
check_refusals
check_status
check_failures
check_clock
sum_up
