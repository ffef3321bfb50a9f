#!/usr/bin/env bash
# check_eyes.sh: what is debited, and for whom, is what several persons saw: each claim is an attack that is refused.
#   - who acts is the login user, or nobody does
#   - the creditor is frozen with the file: row, XML and configuration are compared at the release and by the audit
# usage: check_eyes.sh BINDIR
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"
# shellcheck source=tests/said.sh
. "$(dirname "$0")/said.sh"

BIN=$(cd "$1" && pwd)
DEBITS=0000a1a9-20260228-1-D1
REFUNDS=0000a1a9-20260331-1-C1
BASE=${TMPDIR:-/dev/shm}
[[ -d $BASE && -w $BASE ]] || BASE=/tmp
WORK=$(mktemp -d "$BASE/alanpay.XXXXXX")
trap 'rm -rf "$WORK"' EXIT
SAID=$WORK/said

# home NAME [LINE...]: a home with a file of debits and one of refunds, made and audited; the lines are added to its configuration.
home() {
	HOME_DIR=$WORK/$1
	cp -a "$WORK/audited" "$HOME_DIR"
	printf '%s\n' "${@:2}" >>"$HOME_DIR/alanpay.ini"
}

# act WORDS...: a command of the morning after; its status is STATUS, what it says is in SAID.
act() {
	STATUS=0
	"$BIN/alanpay" "$@" --home "$HOME_DIR" --date 2026-03-05 --now 2026-03-05T08:30:00Z </dev/null >"$SAID" 2>&1 || STATUS=$?
}

# act_by UID WORDS...: the same by a process that logged in as that user; `none`: by one without a login
act_by() {
	STATUS=0
	(
		[[ $1 == none ]] || echo "$1" >/proc/self/loginuid
		exec "$BIN/alanpay" "${@:2}" --home "$HOME_DIR" --date 2026-03-05 --now 2026-03-05T08:30:00Z
	) </dev/null >"$SAID" 2>&1 || STATUS=$?
}

# expect CLAIM STATUS [WORDS]: how the last command ended, and what it said
expect() {
	check "$1" ended "$2"
	[[ -z ${3:-} ]] || check "$1: it says so" says "$3"
}

sha256_of() {
	ask_books "SELECT lower(hex(sha256)) FROM bank_file WHERE msg_id = '$1'"
}

# approve MSGID PERSON
approve() {
	act sepa approve --file "$1" --sha256 "$(sha256_of "$1")" --as "$2"
}

# set_key KEY VALUE: in the configuration
set_key() {
	sed -i "0,/^$1 = /s|^$1 = .*|$1 = $2|" "$HOME_DIR/alanpay.ini"
}

# tamper SQL: changes rows past the triggers, as a hand with access to the database does.
tamper() {
	{
		ask_books "SELECT 'DROP TRIGGER \"' || name || '\";' FROM sqlite_schema WHERE type = 'trigger'"
		echo "$1;"
	} | sqlite3 -batch -bail -init /dev/null "$HOME_DIR/state/alanpay.db"
}

prepare() {
	"$BIN/alanpay" fixture load "$ROOT/fixtures/stages/audit" --home "$WORK/audited" >"$SAID"
	HOME_DIR=$WORK/audited
	printf '[release]\nrequire_notice = no\n' >>"$HOME_DIR/alanpay.ini"
	act audit
	expect 'a home with two files is audited' 0
}

# --- who acts -----------------------------------------------------------------------------------------------------------

# No login is asked for where nobody acts; the person is not taken from the environment.
check_nobody() {
	local words

	home nobody
	MEMBER=$(ask_books "SELECT '--app-id ' || app_id || ' --app-user-id ' || app_user_id FROM profile ORDER BY number LIMIT 1")
	sed -i '/^identity = any/d' "$HOME_DIR/alanpay.ini"
	while IFS= read -r words; do
		# shellcheck disable=SC2086 # words of a command
		SUDO_UID=1 SUDO_USER=daemon USER=daemon LOGNAME=daemon act_by none $words
		expect "nobody may act: ${words%% --*}" 77 'this process has no login'
	done <<-END
		sepa approve --file $DEBITS --sha256 $(sha256_of "$DEBITS")
		sepa cancel --file $DEBITS --why no
		recovery record_credit_transfer $MEMBER --amount-cents 100 --booking-date 2026-03-05 --bank-reference B
	END
	check_same 'nothing was approved' 0 "$(ask_books 'SELECT count(*) FROM approval WHERE file_number = 1')"
	act_by none audit
	expect 'a timer audits' 0
	act sepa cancel --file "$DEBITS" --why no --as carol
	act_by none collect
	expect 'a timer collects' 0
	act sepa show --file "${DEBITS%1}2" --format json
	expect 'what a timer starts is built by scheduler' 0 '"built_by": "scheduler"'
	check 'nobody is believed to have built it' says '"built_identity": "scheduler"'
}

# Logins are of users that every system has; a process without a login may give itself one, once.
check_logins() {
	home logins
	sed -i '/^identity = any/d' "$HOME_DIR/alanpay.ini"
	if ! (echo 1 >/proc/self/loginuid) 2>/dev/null; then
		skip 'acts of a login user: a test cannot log in here'
		return
	fi
	act_by 1 sepa approve --file "$DEBITS" --sha256 "$(sha256_of "$DEBITS")"
	expect 'a login user approves' 0 "approved by daemon"
	SUDO_UID=2 act_by 1 sepa approve --file "$DEBITS" --sha256 "$(sha256_of "$DEBITS")"
	expect 'the same login approves once, whatever the environment says' 0 'already approved by daemon'
	act_by 1 sepa release --file "$DEBITS"
	expect 'one person is not two' 77 '1 of 2 approvals'
	act_by 54321 sepa approve --file "$DEBITS" --sha256 "$(sha256_of "$DEBITS")"
	expect 'a user without a name approves nothing' 77 'no user has the number 54321'
	act_by 2 sepa approve --file "$DEBITS" --sha256 "$(sha256_of "$DEBITS")"
	expect 'another login user approves' 0 'approved by bin'
	act_by 1 sepa release --file "$DEBITS"
	expect 'two persons are two' 0
	act sepa show --file "$DEBITS" --format json
	expect 'what was believed stands beside each name' 0 '"released_identity": "loginuid"'
	check 'beside the approvers too' says '"identity": "loginuid"'
	act sepa cancel --file "$REFUNDS" --why no --as carol
	act_by 3 recovery run_session --id "${REFUNDS:9:10}"
	act_by 3 sepa approve --file "${REFUNDS%1}2" --sha256 "$(sha256_of "${REFUNDS%1}2")"
	expect 'who built a file does not approve it' 77 'sys built it'
}

check_anybody() {
	home anybody
	sed -i 's/^name = test/name = production/' "$HOME_DIR/alanpay.ini"
	act audit
	expect 'anybody may act in a test environment alone' 78 'identity = any'
}

# --- the creditor is frozen with the file --------------------------------------------------------------------------------

approved_home() {
	home "$@"
	approve "$DEBITS" alice
	approve "$DEBITS" bob
	expect 'the file is approved by two' 0
}

check_configuration() {
	local change key value before

	while IFS='|' read -r key value change; do
		approved_home "creditor-$key"
		before=$(sed -n "0,/^$key = /s/^$key = //p" "$HOME_DIR/alanpay.ini")
		set_key "$key" "$value"
		act sepa release --file "$DEBITS" --as carol
		expect "another $key in the configuration stops the release" 77 "has another $change now"
		check "another $key: the commands are named" says "sepa cancel --file $DEBITS --why TEXT"
		act audit
		expect "another $key is reported by the audit" 3 "bank file $DEBITS: [creditor] in the configuration has another $key now"
		act sepa list
		expect "another $key is the next step of the file" 0 '[creditor] in the configuration is another one now'
		set_key "$key" "$before"
		act audit
		expect "$key is what it was: the audit is content" 0
		act sepa release --file "$DEBITS" --as carol
		expect "$key is what it was: the file is released" 0
	done <<-'END'
		name|Alan Two|name
		identifier|DE98ZZZ09999999999|identifier
		iban|DE89370400440532013000|account
	END
	approved_home creditor-bic
	sed -i '/^country/a bic = AGRIFRPP' "$HOME_DIR/alanpay.ini"
	act sepa release --file "$DEBITS" --as carol
	expect 'a BIC in the configuration stops the release' 77 'has another BIC now'
	act sepa cancel --file "$DEBITS" --why 'another bank' --as carol
	expect 'the file of the other creditor is cancelled' 0
	act collect
	expect 'collect makes the next version' 0 '1 bank file'
	act sepa show --file "${DEBITS%1}2" --format json
	expect 'the next version has the new BIC' 0 '"creditor_bic": "AGRIFRPP"'
}

check_row() {
	local column value

	while IFS='|' read -r column value; do
		approved_home "row-$column"
		tamper "UPDATE bank_file SET $column = '$value' WHERE msg_id = '$DEBITS'"
		set_key "${column#creditor_}" "$value"
		act sepa release --file "$DEBITS" --as carol
		expect "another $column in the row and the configuration stops the release" 70 'than its row'
		act audit
		expect "another $column in the row is reported by the audit" 70 'each bank file names the creditor that is recorded for it'
	done <<-'END'
		creditor_name|Alan Two
		creditor_iban|DE89370400440532013000
	END
}

# The rows of the old file, not the configuration of now, make it once more.
check_restored() {
	local folder file

	home restored
	folder=$HOME_DIR/$(ask_books "SELECT folder FROM bank_file WHERE msg_id = '$DEBITS'")
	(cd "$folder" && sha256sum -- *) >"$WORK/sums"
	sed -i -e 's/^name = Alan SA/name = Alan Two/' -e '/^country/a bic = AGRIFRPP' -e 's/^iban = .*/iban = DE89370400440532013000/' \
		-e 's/^batch_booking = .*/&\nlead_target_days = 5\ncutoff = 09:00\naddress = none/' -e '/require_notice/a approvals = 4' \
		"$HOME_DIR/alanpay.ini"
	for file in "$folder"/*; do
		rm "$file"
	done
	act collect
	expect 'a hand-off that is gone is made once more' 0
	check 'it has the same bytes, whatever the configuration has become' bash -c "cd '$folder' && sha256sum --quiet --check '$WORK/sums'"
}

check_shown() {
	home shown
	act sepa show --file "$DEBITS"
	expect 'sepa show names the creditor' 0 'FR72ZZZ123456'
	check 'the account is masked' says 'FR76***0189'
	act sepa show --file "$DEBITS" --unmask
	expect 'the account is shown in full when asked for' 0 'FR7630006000011234567890189'
	act sepa show --file "$REFUNDS" --format json
	expect 'of refunds the account that pays is shown' 0 '"debtor_iban": "FR76***0189"'
}

prepare
check_nobody
check_logins
check_anybody
check_configuration
check_row
check_restored
check_shown
sum_up
