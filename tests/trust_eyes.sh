#!/usr/bin/env bash
# trust_eyes.sh: what is debited, and for whom, is what several persons saw: each claim is an attack that is refused.
#   - who acts is the login user, or nobody does
#   - an approval may be signed on another machine: the key makes the person, and each key is one
#   - one approver may refuse a file
#   - the creditor is frozen with the file: row, XML and configuration are compared at the release and by the audit
# usage: trust_eyes.sh BINDIR
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

# --- signatures ---------------------------------------------------------------------------------------------------------

# sign WHO MSGID: as ssh-keygen does, into $WORK/sig
sign() {
	act sepa show --file "$2" --to-sign
	cp "$SAID" "$WORK/text"
	rm -f "$WORK/sig"
	ssh-keygen -q -Y sign -n alanpay -f "$WORK/keys/$1" <"$WORK/text" >"$WORK/sig" 2>"$WORK/noise"
}

# sign_plain WHO MSGID: as openssl does
sign_plain() {
	act sepa show --file "$2" --to-sign
	cp "$SAID" "$WORK/text"
	openssl pkeyutl -sign -rawin -inkey "$WORK/keys/$1.pem" -in "$WORK/text" -out "$WORK/sig"
}

# signing_home NAME: a home that wants signatures of alice (ssh-keygen) and bob (openssl)
signing_home() {
	home "$1"
	sed -i 's/^identity = any/identity = signature/' "$HOME_DIR/alanpay.ini"
	mkdir "$HOME_DIR/keys"
	cp "$WORK/keys/alice.pub" "$WORK/keys/bob.pub" "$HOME_DIR/keys/"
	chmod 644 "$HOME_DIR"/keys/*
	printf '[approvers]\nalice = keys/alice.pub\nbob = keys/bob.pub\n' >>"$HOME_DIR/alanpay.ini"
}

make_keys() {
	mkdir "$WORK/keys"
	ssh-keygen -q -t ed25519 -N '' -C alice@laptop -f "$WORK/keys/alice"
	ssh-keygen -q -t ed25519 -N '' -C eve@laptop -f "$WORK/keys/eve"
	openssl genpkey -algorithm ed25519 -out "$WORK/keys/bob.pem"
	openssl pkey -in "$WORK/keys/bob.pem" -pubout -out "$WORK/keys/bob.pub"
}

check_signatures() {
	local kept

	signing_home signed
	act sepa show --file "$DEBITS" --to-sign
	check_same 'what is signed has eight lines' "alanpay approve|0000a1a9|$DEBITS|$(sha256_of "$DEBITS")|1|56.00|FR7630006000011234567890189|2026-03-10" \
		"$(paste -sd'|' "$SAID")"
	act sepa approve --file "$DEBITS" --count 1 --total 56.00 --as alice
	expect 'without a signature nobody approves' 77 '--to-sign'
	sign alice "$DEBITS"
	act_by none sepa approve --file "$DEBITS" --signature "$WORK/sig"
	expect 'a signature approves, whoever brings it' 0 'approved by alice (1 approval'
	act_by none sepa approve --file "$DEBITS" --signature "$WORK/sig"
	expect 'a second time it changes nothing' 0 'already approved by alice'
	act sepa release --file "$DEBITS" --as carol
	expect 'one key is one person' 77 '1 of 2 approvals'
	cp "$WORK/sig" "$WORK/replayed"
	sign_plain bob "$DEBITS"
	act sepa approve --file "$DEBITS" --signature "$WORK/sig" --approver alice
	expect 'a signature is not of another approver' 77 'no key of [approvers] of alice'
	base64 -w0 "$WORK/sig" >"$WORK/sig64"
	act sepa approve --file "$DEBITS" --signature "$WORK/sig64" --approver bob
	expect 'openssl signs as well, in base64 too' 0 'approved by bob'
	act sepa approve --file "$REFUNDS" --signature "$WORK/replayed"
	expect 'a signature is of one file' 77 'made it for this file'
	act audit --full
	expect 'the audit verifies them' 0
	act sepa release --file "$DEBITS" --as carol
	expect 'two signatures release' 0
	act sepa show --file "$DEBITS" --format json
	expect 'what was believed is the signature' 0 '"identity": "signature"'
	kept=$(dirname "$HOME_DIR/$(ask_books "SELECT folder FROM bank_file WHERE msg_id = '$DEBITS'")")/approvals
	check 'ssh-keygen verifies what was kept' ssh-keygen -Y verify -n alanpay -I alice -f "$kept/v1.alice.pub" \
		-s "$kept/v1.alice.sig" <"$kept/v1.alice.txt"
	check 'openssl verifies what was kept' openssl pkeyutl -verify -rawin -pubin -inkey "$kept/v1.bob.pub" \
		-in "$kept/v1.bob.txt" -sigfile "$kept/v1.bob.sig"
	rm "$kept/v1.alice.sig"
	act audit
	expect 'a signature that is gone is a difference' 70 'is not beside it'
	act collect
	act audit
	expect 'collect puts it back from its row' 0
	sed -i '/^alice = /d' "$HOME_DIR/alanpay.ini"
	act audit --full
	expect 'a key that was revoked later proves what was released with it' 0
	tamper "UPDATE approval SET signature = zeroblob(64) WHERE identity = 'signature' AND approver = 'alice'"
	act audit
	expect 'another signature in the row is a difference' 70 'the signature of alice is not of it'
}

check_keys() {
	signing_home revoked
	sign alice "$DEBITS"
	act sepa approve --file "$DEBITS" --signature "$WORK/sig"
	sign_plain bob "$DEBITS"
	act sepa approve --file "$DEBITS" --signature "$WORK/sig"
	sed -i '/^alice = /d' "$HOME_DIR/alanpay.ini"
	act sepa release --file "$DEBITS" --as carol
	expect 'an approval by a revoked key does not release' 77 'the approval by alice does not count'
	sed -i '/^bob = /i alice = keys/alice.pub' "$HOME_DIR/alanpay.ini"
	cp "$WORK/keys/eve.pub" "$HOME_DIR/keys/alice.pub"
	act sepa release --file "$DEBITS" --as carol
	expect 'an approval by a key that was replaced does not release' 77 'another key of alice now'
	cp "$WORK/keys/alice.pub" "$HOME_DIR/keys/alice.pub"
	chmod 664 "$HOME_DIR/keys/alice.pub"
	act sepa release --file "$DEBITS" --as carol
	expect 'a key that others can write is not believed' 77 'can be written by others'
	chmod 644 "$HOME_DIR/keys/alice.pub"
	act sepa release --file "$DEBITS" --as carol
	expect 'the right key releases' 0

	signing_home same-key
	sed -i '/^bob = /s/.*/bob = keys\/alice.pub/' "$HOME_DIR/alanpay.ini"
	sign alice "$DEBITS"
	act sepa approve --file "$DEBITS" --signature "$WORK/sig" --approver alice
	act sepa approve --file "$DEBITS" --signature "$WORK/sig" --approver bob
	expect 'a key under two names counts once' 77 'alice has approved it with the same key'
	sign eve "$REFUNDS"
	act sepa approve --file "$REFUNDS" --signature "$WORK/sig"
	expect 'an unknown key approves nothing' 77 'no key of [approvers]'
	ssh-keygen -q -Y sign -n file -f "$WORK/keys/alice" <"$WORK/text" >"$WORK/sig" 2>"$WORK/noise"
	act sepa approve --file "$REFUNDS" --signature "$WORK/sig"
	expect 'a signature for another purpose approves nothing' 65 'another namespace'
	tamper "UPDATE bank_file SET creditor_iban = 'DE89370400440532013000' WHERE msg_id = '$DEBITS'"
	act audit
	expect 'a row that was changed after its signature is a difference' 70 'the signature of alice is not of it'
}

check_inbox() {
	signing_home dropped
	sign alice "$DEBITS"
	cp "$WORK/sig" "$HOME_DIR/inbox/approvals/a.sig"
	act_by none reconcile
	expect 'the night takes a signature from the inbox' 0 '1 approval given'
	sign_plain bob "$DEBITS"
	cp "$WORK/sig" "$HOME_DIR/inbox/approvals/b.sig"
	echo nonsense >"$HOME_DIR/inbox/approvals/c.sig"
	head -c 300000 /dev/zero >"$HOME_DIR/inbox/approvals/d.sig"
	mkdir "$HOME_DIR/inbox/approvals/folder"
	act_by none sepa approve --inbox
	expect 'what is no signature is quarantined, the others count' 3 '1 approval taken from inbox/approvals'
	act_by none reconcile
	check 'it stops no night' bash -c "[[ $STATUS == 0 || $STATUS == 3 ]]"
	act sepa release --file "$DEBITS" --as carol
	expect 'both count' 0
}

# --- a refusal ----------------------------------------------------------------------------------------------------------

check_rejections() {
	approved_home rejected
	act sepa reject --file "$DEBITS" --why 'I do not know member 3' --as dora
	expect 'a file is rejected' 0 'rejected by dora'
	act sepa release --file "$DEBITS" --as carol
	expect 'a rejected file is not released' 77 'rejected by dora (I do not know member 3)'
	act sepa list
	expect 'the list shows it' 0 'rejected by dora'
	act sepa reject --file "$DEBITS" --withdraw --as alice
	expect 'nobody else withdraws it' 66 'only the same person'
	act sepa approve --file "$DEBITS" --sha256 "$(sha256_of "$DEBITS")" --as dora
	expect 'who rejects does not approve' 73 'withdraw that first'
	act sepa reject --file "$DEBITS" --withdraw --as dora
	expect 'the same person withdraws it' 0 'no longer rejected by dora'
	act sepa show --file "$DEBITS" --format json
	expect 'it is never forgotten' 0 'I do not know member 3'
	act sepa release --file "$DEBITS" --as carol
	expect 'then it is released' 0
	act sepa reject --file "$DEBITS" --why late --as dora
	expect 'a released file is not rejected' 73
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
if command -v ssh-keygen >/dev/null; then
	make_keys
	check_signatures
	check_keys
	check_inbox
else
	skip 'signatures: ssh-keygen is not here'
fi
check_rejections
check_configuration
check_row
check_restored
check_shown
sum_up
