#!/usr/bin/env bash
# trust_acts.sh: what persons did can be taken back before anything followed from it, and every act has a line.
# usage: trust_acts.sh BINDIR
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=$(cd "$1" && pwd)

# play CASE LAST: a home in which the case was played to that step, without the steps that only look.
play() {
	local step on now expected text got

	HOME_DIR=$WORK/home-$1
	make_home "$BIN" "$1" "$HOME_DIR"
	while read -r step on now expected text; do
		got=0
		if [[ $expected == [037]* && ! $text =~ ^(exceptions\ (list|show)|status|audit|sepa\ show|mandates\ list) && $expected != 7* ]]; then
			drop_inputs "$1" "$step" "$HOME_DIR"
			set_words "$1" "$step" "$on" "$now" "$text"
			run_alanpay "$BIN" "$1" "$step" "$HOME_DIR" >"$WORK/output" || got=$?
			[[ $got == "${expected%!}" ]] || check "$1: $step can be played" cat "$WORK/output" /dev/null/none
		fi
		[[ $step != "$2" ]] || break
	done < <(print_steps "$1")
}

# at INSTANT WORDS...: a command of that instant, by PERSON; its exit status is the last line.
at() {
	local got=0

	"$BIN/alanpay" "${@:2}" --as "${PERSON:-alice}" --home "$HOME_DIR" --date "${1%T*}" --now "$1:00Z" </dev/null 2>&1 || got=$?
	echo "exit $got"
}

reverse() {
	PERSON=bob at "$1" exceptions reverse --id "$2" --why 'a slip' "${@:3}"
}

decide() {
	at "$1" exceptions resolve --id "$2" --decision "$3" --why 'as the statement says' "${@:4}"
}

has() {
	[[ $1 == *"$2"* ]] || {
		printf '%s\n' "$1"
		return 1
	}
}

ask() {
	sqlite3 -batch -init /dev/null -readonly "$HOME_DIR/state/alanpay.db" "$1"
}

# proved INSTANT: the audit has no difference. 3: an exception is overdue.
proved() {
	local output

	output=$(at "$1" audit --full)
	[[ $output == *'exit 0' || $output == *'exit 3' ]] || {
		echo "$output"
		return 1
	}
}

# opened WHAT INSTANT N: the exception is open, and twice changes nothing.
opened() {
	local shown

	check "$1: the decision is taken back" has "$(reverse "$2" "$3")" 'exit 0'
	check_same "$1: the exception is open" 'open' "$(ask "SELECT state FROM exception WHERE number = $3")"
	check "$1: once more changes nothing" has "$(reverse "$2" "$3")" 'was reversed before: nothing changed'
	check_same "$1: it is taken back once" '1' "$(ask "SELECT count(*) FROM reversed_decision WHERE exception_number = $3")"
	shown=$(at "$2" exceptions show --id "$3")
	check "$1: it has the decision" has "$shown" 'by alice (any): '
	check "$1: and who took it back" has "$shown" 'this was reversed by bob (any): a slip'
	check "$1: the books are in order" proved "$2"
}

# --- decisions that post nothing ------------------------------------------------------------------------------------

make_work

# most of a file came back for one reason
play mandates 10-waive
opened 'waive' 2026-03-16T09:30 1
check_same 'waive: it waits for a person' held "$(ask "SELECT state FROM same_reason WHERE failures >= 3")"
MANDATES=$(ask 'SELECT number, status, why FROM mandate')
check 'waive: the other way' has "$(decide 2026-03-16T09:40 1 apply)" 'exit 0'
check 'apply: it moved mandates' test "$MANDATES" != "$(ask 'SELECT number, status, why FROM mandate')"
REFUSED=$(reverse 2026-03-16T09:50 1)
check 'apply: it is not taken back' has "$REFUSED" 'exit 77'
check 'apply: the mandates are, one by one' has "$REFUSED" 'mandates unblock --unique-mandate-reference AP-'
check 'apply: it stands' has "$(at 2026-03-16T09:51 exceptions show --id 1 --format json)" '"decision": "apply"'
check 'apply: the books are in order' proved 2026-03-16T09:52

# bank entries, and files of the bank, that block a release
play bank-bad 24-credits
RELEASE=(sepa release --file 0000a1a9-20260331-1-D1)
# The state of the entry of an exception.
entry() {
	ask "SELECT e.state FROM exception x JOIN bank_entry e ON x.key = lower(hex(e.fingerprint)) || '-' || e.occurrence
		WHERE x.number = $1"
}
opened 'a reject' 2026-04-06T09:00 12
check_same 'a reject: its entry is held' 'held' "$(entry 12)"
check 'a reject: nothing is released' has "$(PERSON=bob at 2026-04-06T09:01 "${RELEASE[@]}")" 'exception 12 '
check 'a reject: the next night tries it again' has "$(at 2026-04-06T09:02 reconcile)" 'exit 0'
check_same 'a reject: and it waits' 'open' "$(ask 'SELECT state FROM exception WHERE number = 12')"
check 'a reject: it is decided otherwise' has "$(decide 2026-04-06T09:03 12 duplicate)" 'exit 0'
check 'a reject: the night after it' has "$(at 2026-04-06T09:04 reconcile)" 'exit 0'
check_same 'a reject: its entry is resolved' 'resolved' "$(entry 12)"
check 'a reject: a reconcile alone is no hindrance' has "$(reverse 2026-04-06T09:05 12)" 'exit 0'
check 'a reject: and decided' has "$(decide 2026-04-06T09:06 12 not_ours)" 'exit 0'
opened 'a report in quarantine' 2026-04-06T09:10 3
check 'a report in quarantine: nothing is released' has "$(PERSON=bob at 2026-04-06T09:11 "${RELEASE[@]}")" 'exceptions show --id 3'
check 'a report in quarantine: it is decided' has "$(decide 2026-04-06T09:12 3 duplicate)" 'exit 0'
check 'a wrong word' has "$(reverse 2026-04-06T09:13 12 --decision duplicate)" 'is decided as not_ours, not as duplicate'
check 'released' has "$(PERSON=bob at 2026-04-06T09:20 "${RELEASE[@]}")" 'exit 0'
for number in 3 9 12; do
	REFUSED=$(reverse 2026-04-06T09:30 "$number")
	check "exception $number: a file was released since" has "$REFUSED" 'exit 77'
	check "exception $number: which is named" has "$REFUSED" 'sepa withdraw --file 0000a1a9-20260331-1-D1'
done
WITHDRAW=(sepa withdraw --file 0000a1a9-20260331-1-D1 --as rebuild --why 'a slip')
check 'one person withdraws it' has "$(at 2026-04-06T09:40 "${WITHDRAW[@]}")" 'exit 0'
check 'and another one' has "$(PERSON=bob at 2026-04-06T09:41 "${WITHDRAW[@]}")" 'exit 0'
opened 'a withdrawn file is no hindrance' 2026-04-06T09:50 9

# an entry that was posted
check 'a member is not in it' has "$(reverse 2026-04-06T09:55 10)" 'exit 0'
check 'a fee is posted' has "$(decide 2026-04-06T10:00 9 fee)" 'exit 0'
REFUSED=$(reverse 2026-04-06T10:01 9)
check 'it is not taken back' has "$REFUSED" 'exit 77'
check 'and nothing can' has "$REFUSED" 'no command takes that back'

# a withdrawal, and a settlement by the due date, that the open exception would have stopped
play withdrawn 09-rejected
NUMBER=$(ask "SELECT number FROM exception WHERE state = 'open' AND kind = 'bank_entry'")
check 'a status is decided' has "$(decide 2026-03-10T07:00 "$NUMBER" not_ours)" 'exit 0'
for person in alice bob; do
	check "$person withdraws its file" has "$(PERSON=$person at 2026-03-10T08:00 sepa withdraw --file 0000a1a9-20260228-1-D2 \
		--as rebuild --why 'not there')" 'exit 0'
done
REFUSED=$(reverse 2026-03-10T10:00 "$NUMBER")
check 'the status is not held again' has "$REFUSED" 'exit 77'
check 'because of that' has "$REFUSED" '0000a1a9-20260228-1-D2 was withdrawn since'
play settle-by-due-date 10-unpaid
echo '<Document' >"$HOME_DIR/inbox/bank/cut.xml"
check 'a report cannot be read' has "$(at 2026-03-16T02:30 reconcile)" 'exit 3'
check 'a report is decided' has "$(decide 2026-03-16T08:00 1 duplicate)" 'exit 0'
opened 'a report that nothing followed from' 2026-03-16T08:10 1
check 'a report is decided once more' has "$(decide 2026-03-16T08:20 1 duplicate)" 'exit 0'
check 'debits are settled' has "$(at 2026-03-17T02:30 reconcile)" '4 debits recovered by their due date'
REFUSED=$(reverse 2026-03-17T08:00 1)
check 'the report is not opened again' has "$REFUSED" 'exit 77'
check 'because of those' has "$REFUSED" 'is settled by its due date'

# a receipt, and what Swan still does for a member who left, move no money
play notices 05-decided
opened 'a receipt' 2026-03-05T06:15 2
play paid-after-leaving 04-paying
check 'an offboarding is decided' has "$(decide 2026-02-19T08:00 1 accepted_loss)" 'exit 0'
opened 'an offboarding' 2026-02-19T08:05 1
check 'an offboarding: it is closed when Swan has ended the card' has "$(drop_inputs paid-after-leaving 05-ended "$HOME_DIR"
	at 2026-02-20T02:30 post --payment-supports "$NIGHTS/paid-after-leaving/drop/05-ended/payment_supports.csv")" '1 exception closed'

# a node of Swan's that could not be read
play swan-unreadable 05-none
opened 'a node' 2026-02-04T10:00 6

# a transaction of Swan's: the versions that come while it is decided are not lost
HEADER=$(head -1 "$NIGHTS/held/drop/02-unknown/transactions.csv")
post() {
	printf '%s\n' "$HEADER" "in-9,SepaCreditTransferIn,Credit,Booked,$3,EUR,2026-02-03T10:00:00.000Z,$2T10:00:00.000Z,,p-in,,,,,,,,,,,,,,,,,,,,,,,,,," >"$WORK/transactions-$2.csv"
	at "$1" post --transactions "$WORK/transactions-$2.csv"
}
check 'a transfer waits' has "$(post 2026-02-05T02:30 2026-02-03 600)" 'exit 3'
NUMBER=$(ask "SELECT number FROM exception WHERE key = 'in-9'")
check 'a transfer is decided' has "$(decide 2026-02-05T08:00 "$NUMBER" not_ours)" 'exit 0'
check 'Swan reports another amount' has "$(post 2026-02-06T02:30 2026-02-05 700)" 'exit 0'
opened 'a transfer' 2026-02-06T08:00 "$NUMBER"
check_same 'a transfer: both versions are kept' 3 "$(ask "SELECT record FROM exception WHERE number = $NUMBER" | grep -c .)"
check 'a transfer: the next night tries it again' has "$(at 2026-02-07T02:30 post)" 'exit 0'
USER=$(ask "SELECT '--app-id ' || app_id || ' --app-user-id ' || app_user_id FROM profile ORDER BY number LIMIT 1")
# shellcheck disable=SC2086 # two options
check 'a transfer: it is attributed as Swan reports it last' has "$(decide 2026-02-07T08:00 "$NUMBER" attributed $USER)" '7.00 EUR posted'
check 'a transfer: the books are in order' proved 2026-02-07T08:10

# --- every act has a line ---------------------------------------------------------------------------------------------

# Columns that name a person and stand for no act in the view, with the reason.
no_person=' session.opened_by collection.settled_by ' # a word: by configuration or by a person, by acceptance or by silence
of_act=' mandate.unblocked_by ' # the last one; each of them is in the table act

cat "$ROOT"/stages/core/{schema,views}.sql | sqlite3 -batch -init /dev/null "$WORK/schema.db"

# A line for each column of the schema that names a person, as table.column.
person_columns() {
	sqlite3 -batch -init /dev/null "$WORK/schema.db" "SELECT t.name || '.' || c.name FROM sqlite_schema t, pragma_table_info(t.name) c
		WHERE t.type = 'table' AND (c.name LIKE '%\_by' ESCAPE '\' OR c.name IN ('approver', 'person')) ORDER BY 1"
}

# has_branch TABLE COLUMN: a SELECT of the view reads it from there.
has_branch() {
	sqlite3 -batch -init /dev/null "$WORK/schema.db" "SELECT sql FROM sqlite_schema WHERE name = 'acts'" | tr '\n\t' '  ' |
		sed 's/UNION ALL/\n/g' | grep -E "(FROM|JOIN) $1 " | grep -qE "SELECT [^ ]+, ([a-z]\.)?$2,"
}

COLUMNS=$(person_columns)
check 'columns name persons' test "$(wc -l <<<"$COLUMNS")" -ge 15
for column in $COLUMNS; do
	[[ $no_person$of_act == *" $column "* ]] || check "the view acts has $column" has_branch "${column%.*}" "${column#*.}"
done
# the third column of each branch: by what the person is known
check_same 'beside each person stands the identity' "$(sqlite3 "$WORK/schema.db" "SELECT sql FROM sqlite_schema WHERE name = 'acts'" |
	grep -c '^SELECT ')" "$(sqlite3 "$WORK/schema.db" "SELECT sql FROM sqlite_schema WHERE name = 'acts'" |
	grep -cE '^SELECT [^ ]+, (([a-z]\.)?[a-z_]+, ([a-z]\.)?([a-z]+_)?identity( AS identity)?|NULL, NULL),')"
check 'another column would be missing' eval '! has_branch exception closed_by'

# acts WORDS...: as the command prints them, without the head
acts() {
	"$BIN/alanpay" acts --home "$HOME_DIR" --format csv "$@" | tail -n +2
}
HOME_DIR=$WORK/home-bank-bad
check_same 'who released, and withdrew' '2026-04-06T09:20:00.000Z,bob,release
2026-04-06T09:40:00.000Z,alice,withdrawal
2026-04-06T09:41:00.000Z,bob,withdrawal' "$(acts --since 2026-04-06 | grep 20260331-1-D1 | grep -v approval | cut -d, -f 1,2,4)"
check_same 'a decision, and that it was taken back' '2026-04-06T08:43:00.000Z,alice,decision,not_ours,the bank took its reject back by telephone
2026-04-06T09:00:00.000Z,bob,reversal,not_ours,a slip
2026-04-06T09:03:00.000Z,alice,decision,duplicate,as the statement says
2026-04-06T09:05:00.000Z,bob,reversal,duplicate,a slip
2026-04-06T09:06:00.000Z,alice,decision,not_ours,as the statement says' \
	"$(acts | grep ',exception 12,' | cut -d, -f 1,2,4,6,10)"
check_same 'of one person' bob "$(acts --person bob | cut -d, -f 2 | sort -u)"
check_same 'until a day, which is included' 2026-03-05 "$(acts --until 2026-03-05 | cut -c 1-10 | sort -u)"
check 'days in order' has "$(at 2026-04-06T10:00 acts --since 2026-04-06 --until 2026-04-05 2>&1 || true)" 'exit 64'
check_same 'the export has them' "$(acts | wc -l)" "$(at 2026-04-07T02:30 export >/dev/null
	tail -n +2 "$HOME_DIR/out/exports/latest/acts.csv" | wc -l)"

# each act of the view has its lines in the release log; nobody knows who changed the configuration
HOME_DIR=$WORK/home-mandates
check 'a mandate is unblocked' has "$(at 2026-03-17T08:00 mandates unblock --unique-mandate-reference AP-2001-1)" 'exit 0'
check 'a mandate is unblocked once more' has "$(at 2026-03-17T08:10 mandates unblock --unique-mandate-reference AP-2002-1)" 'exit 0'
check 'a session is opened' has "$(at 2026-03-17T08:20 recovery create_session --period-start 2026-03-17 --period-end 2026-03-18 \
	--freeze-date 2026-03-19 --recovery-date 2026-04-01)" 'exit 0'
check 'a member leaves' has "$(at 2026-03-17T08:30 users offboard --app-id alan --app-user-id 2003)" 'exit 0'
check 'a transfer is recorded' has "$(at 2026-03-17T08:40 recovery record_credit_transfer --app-id alan --app-user-id 2002 \
	--amount-cents 100 --booking-date 2026-03-16 --bank-reference BNK-9)" 'exit 0'
check 'a transfer is reversed' has "$(at 2026-03-17T08:50 recovery reverse_credit_transfer --bank-reference BNK-9 --why 'not his')" 'exit 0'
printf '\n; another comment\n' >>"$HOME_DIR/alanpay.ini"
check 'a session is frozen by hand' has "$(at 2026-03-20T08:00 recovery run_session --id 20260318-1)" '1 session frozen'
check_same 'acts that no other row has' 'alice unblock AP-2001-1
alice unblock AP-2002-1
alice session 20260318-1
alice request offboard_user
alice transfer BNK-9
alice transfer BNK-9
 configuration changed
alice session 20260318-1' "$(acts --since 2026-03-17 | grep -v ',file,' | awk -F , '{print $2, $4, $4 ~ /request|configuration/ ? $6 : $5}')"
lacks_lines() {
	"$BIN/alanpay" acts --home "$HOME_DIR" --format csv | tail -n +2 | cut -d, -f 4,5 | sort | uniq -c |
		while read -r n act; do
			kind=${act%%,*}
			[[ $kind != withdrawal ]] || kind='(withdrawal|statement)'
			((n <= $(grep -cE "\"kind\":\"$kind\",\"what\":\"${act#*,}\"" "$HOME_DIR/state/released.log"))) || echo "$n $act"
		done
}
for case in bank-bad mandates notices withdrawn settle-by-due-date; do
	HOME_DIR=$WORK/home-$case
	check_same "$case: each act is in the release log" 'none' "$(lacks_lines | grep . || echo none)"
done
HOME_DIR=$WORK/home-withdrawn
sed -i '0,/"kind":"release"/{/"kind":"release"/d}' "$HOME_DIR/state/released.log"
check_same 'a line that is missing is noticed' '1 release,0000a1a9-20260228-1-D1' "$(lacks_lines | sed 's/^ *//')"

sum_up
