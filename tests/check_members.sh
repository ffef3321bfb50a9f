#!/usr/bin/env bash
# check_members.sh: members at a fake Swan: a phone is verified, a member onboarded and offboarded, the numbers of a card shown;
# whatever is refused, lost or killed on the way, the member ends with exactly one membership and one card.
# usage: check_members.sh BINDIR
# Kills want the programs with fault points, the signature wants openssl: what is not there is skipped.
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"
# shellcheck source=tests/said.sh
. "$(dirname "$0")/said.sh"
# shellcheck source=tests/kills.sh
. "$(dirname "$0")/kills.sh"

BIN=$(cd "$1" && pwd)
FAULTY=$ROOT/out/build/faults/bin
DAY=2026-02-03
NOW=2026-02-03T09:30:00Z
CODE=40718
SECRET=a-secret-that-nobody-may-see
WORLD=(--members 20 --transactions 100 --now "$NOW" --secret "$SECRET" --code "$CODE")
PERSON=(--first-name Zoé --last-name "D'Été" --birth-date 1990-05-17 --email zoe@example.com --lang fr)
MEMBER=(--app-id alan --app-user-id 7)

make_work
trap 'stop_swan; rm -rf "$WORK"' EXIT
# shellcheck source=tests/fakeswan.sh
. "$(dirname "$0")/fakeswan.sh"
mkdir "$WORK/said"
make_home "$BIN" month "$WORK/empty"
(umask 077 && printf '%s\n' "$SECRET" >"$WORK/secret")
KEY=()
if command -v openssl >/dev/null; then
	(umask 077 && openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$WORK/key") 2>/dev/null
	openssl pkey -in "$WORK/key" -pubout -out "$WORK/key.pub"
	KEY=(--key "$WORK/key.pub")
else
	skip 'members at Swan: openssl makes the key that consents'
	sum_up
	exit
fi

# serve [FAULT...]: another fake Swan, with the world of the beginning.
serve() {
	local fault faults=()

	for fault; do
		faults+=(--fault "$fault")
	done
	stop_swan
	rm -f "$WORK/log"
	serve_swan "${WORLD[@]}" "${KEY[@]}" --log "$WORK/log" "${faults[@]}"
}

# home NAME [LINE...]: an empty one with member 7, and [swan] for the fake Swan that serves.
home() {
	HOME_DIR=$WORK/$1
	rm -rf "$HOME_DIR"
	cp -a "$WORK/empty" "$HOME_DIR"
	ask_here "${@:2}"
	act profiles declare "${MEMBER[@]}"
}

ask_here() {
	{
		sed '/^\[swan\]/,$d' "$WORK/empty/alanpay.ini"
		printf '%s\n' '[swan]' "endpoint = $URL/graphql" "oauth_endpoint = $URL/oauth2/token" 'client_id = fakeswan' \
			"client_secret_file = $WORK/secret" "signing_key_file = $WORK/key" 'first_pause_ms = 1' \
			'start_date = 2026-02-02'
		[[ "$*" == *card_wait_seconds* ]] || echo 'card_wait_seconds = 10'
		"$FAKESWAN" "${WORLD[@]}" --list configuration
		[[ $# == 0 ]] || printf '%s\n' "$@"
	} >"$HOME_DIR/alanpay.ini"
}

# act WORDS...: sets STATUS and SAID. What is ever said is kept, to be searched for what is secret.
act() {
	SAID=$WORK/said/$((said += 1))
	STATUS=0
	{ "${PROGRAMS:-$BIN}/alanpay" "$@" --home "$HOME_DIR" --date "$DAY" --now "$NOW" >"$SAID" 2>&1; } 2>/dev/null || STATUS=$?
}
said=0

verify() {
	act users start-phone-verification --phone +33698765432 --lang fr
	REQUEST=$(sed -nE 's/.*"request_id": "([^"]*)".*/\1/p' "$SAID")
}

# onboard [CODE [PERSON...]]
onboard() {
	local person=("${PERSON[@]}")

	[[ $# -lt 2 ]] || person=("${@:2}")
	act users onboard "${MEMBER[@]}" --request-id "$REQUEST" "${person[@]}" <<<"${1:-$CODE}"
}

# --- what the fake Swan has ---------------------------------------------------------------------------------------

ask_swan() {
	local token

	token=$(post_to_swan /oauth2/token application/x-www-form-urlencoded \
		"client_id=fakeswan&client_secret=$SECRET&grant_type=client_credentials" | sed -nE 's/.*"access_token":"([^"]*)".*/\1/p')
	post_to_swan /graphql application/json "{\"operationName\":\"$1\",\"query\":\"query $1\",\"variables\":$2}" \
		"Authorization: Bearer $token" | tail -n 1
}

# The statuses of the memberships and cards that the fake Swan has of zoe, in one line.
at_swan() {
	local memberships id statuses=

	memberships=$(ask_swan MembershipsByEmail '{"email":"zoe@example.com"}')
	while IFS= read -r id; do
		statuses+=$(ask_swan AccountMembership "{\"id\":\"$id\"}" | grep -oE '"status":"(Enabled|Disabled|Suspended|InvitationSent|BindingUserError|Processing|Canceled|Canceling|ConsentPending)"' |
			sed -E 's/.*:"(.*)"/ \1/' | tr -d '\n')
		statuses+=';'
	done < <(grep -oE '"__typename":"AccountMembership","id":"[^"]*"' <<<"$memberships" | sed -E 's/.*"id":"(.*)"/\1/')
	echo "$statuses"
}

has_one_of_each() {
	check_same "$1: one membership and one card" ' Enabled Enabled;' "$(at_swan)"
	check_same "$1: the books know both" 1 "$(ask_books "SELECT count(*) FROM onboarding o
		JOIN account_membership m ON m.id = o.account_membership_id AND m.profile_number = o.profile_number
		WHERE o.step = 'done' AND o.card_id IS NOT NULL")"
}

calls() {
	grep -c " $1 " "$WORK/log" || true
}

# --- bad input ----------------------------------------------------------------------------------------------------

# refuses FIELD WORDS...: 65, naming the field, before anything is asked.
refuses() {
	act "${@:2}" <<<"$CODE"
	check "$1 is refused: ${*: -1}" ended 65
	check "$1 is named" says ": $1: "
	check "$1: nothing is asked" test ! -s "$WORK/log"
}

# person_with FIELD VALUE: sets OTHER, the person with another value there.
person_with() {
	local i

	OTHER=("${PERSON[@]}")
	for i in "${!OTHER[@]}"; do
		[[ ${OTHER[i]} != "--$1" ]] || OTHER[i + 1]=$2
	done
}

with() {
	person_with "$1" "$2"
	refuses "$1" users onboard "${MEMBER[@]}" --request-id r "${OTHER[@]}"
}

check_input() {
	local value

	serve
	home input
	for value in 0612345678 '+33 612345678' +0612345678 +12 +1234567890123456; do
		refuses phone users start-phone-verification --lang fr --phone "$value"
	done
	refuses lang users start-phone-verification --phone +33698765432 --lang de
	with first-name 'R2D2'
	with first-name ' Zoé'
	with last-name '-'
	with birth-date 1990-02-30
	with birth-date 2020-01-01
	with email zoe
	with email 'zoe@ex ample.com'
	with lang fra
	refuses request-id users onboard "${MEMBER[@]}" --request-id $'a\tb' "${PERSON[@]}"
	act users onboard --app-id alan --app-user-id 8 --request-id r "${PERSON[@]}" <<<"$CODE"
	check 'a member who is not declared ends 66' ended 66
	check 'in the words of the reference' says 'Profile not found for app [alan] and user [8]'
	ask_here
	sed -i '/^account_id/d' "$HOME_DIR/alanpay.ini"
	REQUEST=r
	onboard
	check 'a key that is missing ends 78' ended 78
	check 'and is named' says 'account_id in [swan]'
	check 'all this asks nothing' test ! -s "$WORK/log"
}

# --- onboarding ---------------------------------------------------------------------------------------------------

check_onboarding() {
	serve
	home plain
	verify
	check 'a code is sent' ended 0
	check 'a dry run ends well' eval 'act users start-phone-verification --phone +33612345679 --lang en --dry-run && ended 0'
	check_same 'and sends none' 1 "$(calls StartUserCreation)"
	onboard 12x4
	check 'a code with a letter is refused' ended 65
	check 'as the field otp' says 'otp: must be'
	act users onboard "${MEMBER[@]}" --request-id "$REQUEST" "${PERSON[@]}" --dry-run <<<"$CODE"
	check 'a dry run names the next change' says 'CompleteUserCreation; it is not sent'
	onboard
	check 'a member is onboarded' ended 0
	has_one_of_each 'onboarded'
	check_same 'the phone is stored no longer' 0 \
		"$(ask_books "SELECT (SELECT count(*) FROM phone_verification) + (SELECT count(phone_number) FROM onboarding)")"
	check_same 'the card has the agreed limit' 1 "$(grep -c 'AddCard 200' "$WORK/log")"
	check 'nothing was asked against the rules' test -z "$(grep violation "$WORK/log")"
	calls=$(wc -l <"$WORK/log")
	onboard
	check 'once more ends well' ended 0
	check_same 'and asks nothing' "$calls" "$(wc -l <"$WORK/log")"
	onboard "$CODE" "${PERSON[@]:0:8}" --lang en
	check 'with other details it is refused' ended 73
	act import
	check 'the import ends well' ended 0
	act post
	check_same 'who is active' active "$(ask_books "SELECT status FROM profile WHERE app_user_id = '7'")"
	act swan check_spending_limits
	check 'the limits of the new card are the agreed ones' eval \
		"! grep -q '$(ask_books "SELECT card_id FROM onboarding")' '$SAID'"
}

check_codes() {
	local n

	serve
	home codes
	verify
	for n in 1 2; do
		onboard 999999
		check "wrong code $n ends 65" ended 65
		check "wrong code $n has its own code" says WrongCodeRejection
	done
	act users onboard "${MEMBER[@]}" --request-id "$REQUEST" "${PERSON[@]}" --format json <<<999999
	check 'as JSON too' says '"code":"invalid_phone_number_verification_code"'
	onboard
	check 'after three the number is blocked' says UserBlockedRejection
	check 'with its own status' ended 65
	verify
	onboard
	check 'another verification helps' ended 0
	has_one_of_each 'after wrong codes'
	serve quoted
	home quoted
	verify
	check 'a phone that a rejection repeats is hidden' says 'InvalidPhoneNumberRejection: We do not take [secret]'
	verify
	onboard
	check 'a code that a rejection repeats is hidden' says 'WrongCodeRejection: We do not take [secret]'
	onboard
	check 'and may be typed again' ended 0
}

# stumbles FAULT STATUS WORDS [STATUS WORDS]...: each run ends so; the last one well.
stumbles() {
	local fault=$1

	serve "$fault"
	home stumbles 'card_wait_seconds = 1'
	verify
	shift
	while (($# > 0)); do
		onboard
		check "$fault: ends $1" ended "$1"
		check "$fault: says '$2'" says "$2"
		shift 2
	done
	onboard
	check "$fault: ends well at last" ended 0
}

check_rejections() {
	for fault in blocked bot; do
		serve "$fault"
		home "$fault"
		verify
		check "$fault: the reason is printed" says Rejection
		check "$fault: is a rejection" test "$STATUS" = 65 -o "$STATUS" = 75
	done
	stumbles sms 75 'SmsProviderRejection: The provider does not answer'
	has_one_of_each sms
	stumbles pending 75 'AccountMembershipNotReadyToBeBoundRejection: The invitation is not ready'
	has_one_of_each pending
	stumbles binderror 65 'differ in: last name'
	has_one_of_each binderror
	stumbles invited
	has_one_of_each invited
	stumbles forbidden 78 'ForbiddenRejection: This card may not be added'
	has_one_of_each forbidden
	stumbles refused 65 'is cancelled, for its consent is CustomerRefused'
	check_same 'refused: one card is left' ' Enabled Canceled Enabled;' "$(at_swan)"
	stumbles expiredconsent 65 'is cancelled, for its consent is Expired'
	check_same 'expired: one card is left' ' Enabled Canceled Enabled;' "$(at_swan)"
	serve neverenabled
	home never 'card_wait_seconds = 1'
	verify
	onboard
	check 'a card that is never enabled ends 75' ended 75
	onboard
	check 'and again' ended 75
	check 'with its state' says 'is still Processing after 1 s'
	check_same 'and is the only one' ' Enabled Processing;' "$(at_swan)"
}

# An invitation that was made with a wrong name is replaced when the right one is given.
check_other_name() {
	serve
	home other
	verify
	onboard "$CODE" --first-name Zoe --last-name Ete --birth-date 1990-05-17 --email zoe@example.com --lang fr
	check 'a member with another name is onboarded' ended 0
	serve binderror
	home corrected
	verify
	onboard
	check 'a binding that fails ends 65' ended 65
	onboard "$CODE" --first-name Zoé --last-name "D'Été-Martin" --birth-date 1990-05-17 --email zoe@example.com --lang fr
	check_same 'the old invitation is disabled' ' Disabled; BindingUserError;' "$(at_swan)"
	serve
	home bound
	verify
	onboard
	sqlite3 -batch -init /dev/null "$HOME_DIR/state/alanpay.db" "UPDATE onboarding SET step = 'bind', card_id = NULL, done_at = NULL"
	onboard "$CODE" --first-name Zoe --last-name Ete --birth-date 1990-05-17 --email zoe@example.com --lang fr
	check 'who is bound already, but for the row, gives the same details' ended 73
	check_same 'and stays bound' ' Enabled Enabled;' "$(at_swan)"
	onboard
	has_one_of_each 'with the same details'
}

# What the fake Swan has of both addresses: a line for each membership.
invitations() {
	local email

	for email in zoe@example.com zoe2@example.com; do
		ask_swan MembershipsByEmail "{\"email\":\"$email\"}"
	done | sed 's/"__typename":"AccountMembership",/\n&/g' | sed -nE '/"accountId"/{
		s/.*"email":"([^"]*)".*"language":"([^"]*)".*"status":"([A-Z][A-Za-z]*)"(.*)/\1 \2 \3\4/
		s/([^ ]* [^ ]* [^ ,]*),.*"lastName":"([^"]*)","birthDate":"([^"]*)".*/\1 \2 \3/
		s/[}{].*//
		p
	}'
}

# The points around a line of the release log follow each commit: one of each is enough.
declare -A LINES_KILLED=()
is_repeated() {
	[[ $1 == *' the line' ]] || return 1
	[[ -z ${LINES_KILLED[$1]:-} ]] || return 0
	LINES_KILLED[$1]=1
	return 1
}

# kill_unstored FAULT: the onboarding is killed there.
kill_unstored() {
	serve
	home killed
	verify
	PROGRAMS=$FAULTY ALANPAY_FAULT=$1 onboard
}

# An invitation that a killed run left without storing its id does not keep details that are corrected later.
check_corrected() {
	local point field value wanted

	for ((point = 1; ; point++)); do
		kill_unstored "$point"
		[[ $STATUS == 137 ]] || break
		[[ $(calls AddAccountMembership) == 0 || $(ask_books 'SELECT step FROM onboarding') != invite ]] || break
	done
	check 'a kill leaves an invitation that is not stored' ended 137
	while read -r field value wanted; do
		kill_unstored "$point"
		person_with "$field" "$value"
		onboard "$CODE" "${OTHER[@]}"
		check_same "a corrected $field reaches Swan" "zoe@example.com fr Disabled;$wanted" \
			"$(invitations | paste -sd ';')"
		[[ $wanted != *BindingUserError* ]] || onboard
		check "and the onboarding ends well with the $field of the user" ended 0
	done <<-'END'
		email zoe2@example.com zoe2@example.com fr Enabled
		lang en zoe@example.com en Enabled
		birth-date 1990-05-18 zoe@example.com fr BindingUserError D'Été 1990-05-18
		last-name Ete zoe@example.com fr BindingUserError Ete 1990-05-17
	END
}

# --- lost answers and kills -----------------------------------------------------------------------------------------

check_lost() {
	local n fault

	for fault in unanswered 503 errors reset; do
		for n in 2 3 4 5 6; do
			serve "$fault@$n"
			home lost
			verify
			onboard
			[[ $STATUS == 0 ]] || { verify && onboard; }
			check "$fault@$n: ends well" ended 0
			has_one_of_each "$fault@$n"
		done
	done
	serve '503@*'
	home down 'tries = 2'
	verify
	check 'without Swan it ends 69' ended 69
}

kill_onboarding() {
	local n names

	PROGRAMS=$FAULTY
	serve
	home undisturbed
	verify
	ALANPAY_FAULT=list onboard
	check 'the onboarding ends well with fault points too' ended 0
	read_names "$SAID"
	names=("${NAMES[@]}")
	check 'and passes enough of them' test ${#names[@]} -ge 20
	for n in "${!names[@]}"; do
		! is_repeated "${names[n]}" || continue
		serve
		home killed
		verify
		ALANPAY_FAULT=$((n + 1)) onboard
		check "killed at point $((n + 1)) (${names[n]})" ended 137
		onboard
		check "killed at point $((n + 1)) (${names[n]}) it goes on" ended 0
		has_one_of_each "killed at point $((n + 1))"
	done
	unset PROGRAMS
}

# --- offboarding ------------------------------------------------------------------------------------------------------

onboarded() {
	serve "$@"
	home offboarded
	verify
	onboard
	check 'onboarded, to be offboarded' ended 0
}

check_offboarding() {
	onboarded
	act users offboard "${MEMBER[@]}"
	check 'a member is offboarded' ended 0
	act import --dry-run
	check 'a dry run of the import says what would end' says '1 card cancelled, 1 membership disabled'
	check_same 'and ends nothing' ' Enabled Enabled;' "$(at_swan)"
	act run --dry-run
	check 'nor does the rehearsal of a night' says '1 card cancelled, 1 membership disabled'
	check_same 'which runs as other programs' ' Enabled Enabled;' "$(at_swan)"
	check_same 'so that Swan was asked for none' 0 "$(calls CancelCard)"
	act import
	check 'the import ends what Swan has' says '1 card cancelled, 1 membership disabled'
	check_same 'both are over' ' Disabled Canceled;' "$(at_swan)"
	check 'nothing was asked against the rules' test -z "$(grep violation "$WORK/log")"
	act import
	check_same 'once more sends nothing' 1 "$(calls CancelCard)"
	act post
	check_same 'the offboarding is done' "$DAY" "$(ask_books 'SELECT done_on FROM offboarding')"
	act import
	check 'and asks for nothing more' ended 0
	onboard
	check 'who was offboarded is not onboarded again' ended 65
}

check_offboarding_rejected() {
	onboarded uncanceled
	act users offboard "${MEMBER[@]}"
	act import
	check 'a card that Swan does not cancel ends 3' ended 3
	check 'with Swan'"'"'s words' says 'ForbiddenRejection: This card may not be canceled'
	check_same 'it is an exception of the member' offboarding_rejected \
		"$(ask_books "SELECT code FROM exception WHERE kind = 'offboarding' AND state = 'open' AND profile_number = 1")"
	act import
	check_same 'the next import does it' ' Disabled Canceled;' "$(at_swan)"
	act swan sync_payment_supports
	act post
	check_same 'and closes it' 0 "$(ask_books "SELECT count(*) FROM exception WHERE state = 'open' AND kind = 'offboarding'")"
}

# Of one member Swan answers with errors, or does not end a card as asked: an exception of that member, and the import goes on.
check_offboarding_unanswered() {
	local fault=$1 operation=$2 n

	onboarded
	n=$(calls "$operation")
	onboarded "$fault@$((n + 1))x5"
	act users offboard "${MEMBER[@]}"
	act import
	check "$fault: the import goes on, and ends 3" ended 3
	check "$fault: it imports what Swan has" says 'transactions imported'
	check "$fault: with the operation that has no answer" says "offboarding: Swan does not answer $operation as it should:"
	check_same "$fault: it is an exception of the member" offboarding_rejected \
		"$(ask_books "SELECT code FROM exception WHERE kind = 'offboarding' AND state = 'open' AND profile_number = 1")"
	act import
	check_same "$fault: the next import does it" ' Disabled Canceled;' "$(at_swan)"
}

check_offboarding_lost() {
	local n

	for n in 6 7; do
		onboarded "unanswered@$n"
		act users offboard "${MEMBER[@]}"
		act import
		check "unanswered@$n: the import ends well" ended 0
		check_same "unanswered@$n: both are over" ' Disabled Canceled;' "$(at_swan)"
	done
}

kill_offboarding() {
	local n names

	onboarded
	act users offboard "${MEMBER[@]}"
	PROGRAMS=$FAULTY
	ALANPAY_FAULT=list act import
	check 'the offboarding ends well with fault points too' ended 0
	read_names "$SAID"
	names=("${NAMES[@]}")
	check 'and passes enough of them' test ${#names[@]} -ge 20
	LINES_KILLED=()
	for ((n = 1; n <= ${#names[@]}; n++)); do
		! is_repeated "${names[n - 1]}" || continue
		unset PROGRAMS
		onboarded
		act users offboard "${MEMBER[@]}"
		PROGRAMS=$FAULTY
		ALANPAY_FAULT=$n act import
		check "the offboarding is killed at point $n (${names[n - 1]})" ended 137
		act import
		check "killed at point $n it goes on" ended 0
		check_same "killed at point $n both are over at last" ' Disabled Canceled;' "$(at_swan)"
	done
	unset PROGRAMS
}

# --- the numbers of a card ----------------------------------------------------------------------------------------------

# Opens descriptor 8: a pipe that nobody reads.
unread() {
	rm -f "$WORK/pipe"
	mkfifo "$WORK/pipe"
	exec 7<>"$WORK/pipe"
	exec 8>"$WORK/pipe" 7<&-
}

check_numbers() {
	local consent fd

	onboarded
	act cards view-numbers "${MEMBER[@]}"
	check 'without a terminal they are not shown' ended 77
	act cards view-numbers "${MEMBER[@]}" --fd 9
	check 'a descriptor that is not open is no place' ended 64
	for fd in ' 9' +9 9x -9 0x9 '' 99999999999; do
		act cards view-numbers "${MEMBER[@]}" --fd "$fd" 9>"$WORK/numbers"
		check "'$fd' is not a descriptor" ended 64
		check "'$fd': nothing is shown" test ! -s "$WORK/numbers"
	done
	unread
	act cards view-numbers "${MEMBER[@]}" --fd 9 9>&8
	check 'into a pipe that is closed it ends 74' ended 74
	check 'with the descriptor' says 'descriptor 9: Broken pipe'
	{ "$BIN/alanpay" users start-phone-verification --phone +33698765432 --lang fr --home "$HOME_DIR" --date "$DAY" \
		--now "$NOW" >&8 2>"$SAID" && STATUS=0; } 2>/dev/null || STATUS=$?
	check 'an id that nobody reads ends 74 too' ended 74
	exec 8>&-
	for fd in 3 4 5 6 7 8; do
		act cards view-numbers "${MEMBER[@]}" --fd "$fd" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&-
		check "nor is $fd, be it the database" ended 64
	done
	act cards view-numbers "${MEMBER[@]}" --fd 9 9>"$WORK/numbers"
	check 'to a descriptor they are' ended 0
	check 'all four of them' grep -q '"pan_url": "https://fakeswan.example/secret-pan/' "$WORK/numbers"
	check 'all four' test "$(grep -cE '"(pan_url|expiry_date_url|cvv_url|cardholder_name)": ".*(secret-|SECRET)' "$WORK/numbers")" = 4
	if script -qec true /dev/null >/dev/null 2>&1; then
		script -qec "'$BIN/alanpay' cards view-numbers ${MEMBER[*]} --home '$HOME_DIR' --date $DAY --now $NOW" /dev/null \
			>"$WORK/terminal" </dev/null
		check 'to a terminal too' grep -q 'secret-cvv' "$WORK/terminal"
	fi
	onboarded sca
	act cards view-numbers "${MEMBER[@]}" --fd 9 9>"$WORK/numbers"
	check 'where Swan wants the member, it ends 75' ended 75
	check 'with what to open' says 'https://fakeswan.example/consent/'
	consent=$(grep -oE 'consent-id [0-9a-f-]+' "$SAID" | cut -d ' ' -f 2)
	check 'nothing is shown before' test ! -s "$WORK/numbers"
	act cards view-numbers "${MEMBER[@]}" --consent-id "$consent" --fd 9 9>"$WORK/numbers"
	check 'not even with its id' ended 65
	check 'and the message says whose turn it is' says \
		'ForbiddenRejection: There is no such consent: the member has not given this consent'
	open_in_browser "$consent"
	act cards view-numbers "${MEMBER[@]}" --consent-id "$consent" --fd 9 9>"$WORK/numbers"
	check 'after the member consented they are shown' grep -q secret-pan "$WORK/numbers"
	act cards view-numbers "${MEMBER[@]}" --consent-id "$consent" --fd 9 9>"$WORK/numbers"
	check 'a consent is for once' says CardSensitiveInfoNoLongerAvailableRejection
	onboarded nullconsent
	act cards view-numbers "${MEMBER[@]}" --fd 9 9>"$WORK/numbers"
	check 'a consent that is null wants the member too' ended 75
	home cardless
	act cards view-numbers "${MEMBER[@]}" --fd 9 9>"$WORK/numbers"
	check 'a member without a card ends 66' ended 66
}

open_in_browser() {
	exec 3<>"/dev/tcp/127.0.0.1/${URL##*:}"
	printf 'GET /consent/%s HTTP/1.1\r\nHost: fake\r\nConnection: close\r\n\r\n' "$1" >&3
	cat <&3 >/dev/null
	exec 3<&-
}

# Neither the numbers, nor the code, the secret, a token or the key are in any file of a home, or were ever said.
hides() {
	! grep -rlE -e "$1" "$WORK/said" "$WORK"/*/state "$WORK"/*/out "$WORK"/*/archive "$WORK"/*/inbox
}

check_input
check_onboarding
check_codes
check_rejections
check_other_name
check_lost
check_offboarding
check_offboarding_rejected
check_offboarding_unanswered noseat AccountMembership
check_offboarding_unanswered cancelfails CancelCard
check_offboarding_lost
check_numbers
if [[ -x $FAULTY/alanpay-users && $BIN != */san/bin ]]; then
	check_corrected
	kill_onboarding
	kill_offboarding
else
	skip 'kills: no programs with fault points, or too slow'
fi
check 'the numbers are nowhere' hides 'secret-(pan|expiry|cvv)|SECRET HOLDER'
check 'nor is the code' hides "$CODE"
check 'nor is the secret' hides "$SECRET"
check 'nor is a token' hides 'Bearer [^[]|fst_'
check 'nor is the key' hides 'PRIVATE KEY'
check 'nor is the phone where it was said' eval "! grep -rlF 33698765432 '$WORK/said'"
sum_up
