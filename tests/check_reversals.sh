#!/usr/bin/env bash
# check_reversals.sh: a person takes back an attribution, or a decision as_told: a contra row follows, the exception is open again,
# may be decided otherwise, and the books are in order after each step, whatever Swan reports of it in between.
# usage: check_reversals.sh BINDIR
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=$(cd "$1" && pwd)
HEADER=$(head -1 "$NIGHTS/held/drop/02-unknown/transactions.csv")
SEAT=00000000-0000-4000-8000-00000000000

# at DATE WORDS...: a command of that day; its exit status is the last line.
at() {
	local got=0

	"$BIN/alanpay" "${@:2}" --home "$HOME_DIR" --date "$1" --now "$1T02:30:00Z" </dev/null 2>&1 || got=$?
	echo "exit $got"
}

# post DATE ROW...: rows of id,type,side,status,cents,created,updated,payment,origin,seat,counterparty: booked on the first of two
# days, as it was reported on the second
post() {
	local file=$WORK/transactions-$((POSTED += 1)).csv row id type side status cents created updated payment origin seat party

	echo "$HEADER" >"$file"
	for row in "${@:2}"; do
		IFS=, read -r id type side status cents created updated payment origin seat party <<<"$row"
		echo "$id,$type,$side,$status,$cents,EUR,${created}T10:00:00.000Z,${updated}T10:00:00.000Z,,$payment,$origin,,,${seat:+c-$seat},${seat:+$SEAT$seat},,,,,,,,,,,,,,,,,,${party:-},,," >>"$file"
	done
	at "$1" post --transactions "$file"
}

# balances: of the two members, in cents
balances() {
	local user

	for user in 1 2; do
		"$BIN/alanpay" query get_alan_balance --app-id alan --app-user-id $user --home "$HOME_DIR" --format jsonl |
			sed -E 's/.*"amount_in_cents":(-?[0-9]+).*/\1/'
	done | paste -sd' '
}

attribute() {
	at "$1" exceptions resolve --id "$2" --decision attributed --app-id alan --app-user-id "$3" --why 'her name is on it' --as alice
}

decide() {
	at "$1" exceptions resolve --id "$2" --decision "$3" --why 'the statement says so' --as alice "${@:4}"
}

# record DATE REFERENCE CENTS: a transfer of the first member, by hand
record() {
	at "$1" recovery record_credit_transfer --app-id alan --app-user-id 1 --amount-cents "$3" --booking-date "$1" \
		--bank-reference "$2" --as alice
}

reverse() {
	at "$1" exceptions reverse --id "$2" --why 'it was not hers' --as bob "${@:3}"
}

has() {
	[[ $1 == *"$2"* ]] || {
		printf '%s\n' "$1"
		return 1
	}
}

lacks() {
	[[ $1 != *"$2"* ]] || {
		printf '%s\n' "$1"
		return 1
	}
}

# holds WHAT DATE BALANCES: the balances, and that the audit is content
holds() {
	check_same "$1: the balances" "$3" "$(balances)"
	check "$1: the books are in order" has "$(at "$2" audit --full)" 'exit 0'
}

# members NAME: a home of that name, in which two members have spent 10.00 each
members() {
	local user

	HOME_DIR=$WORK/home-$1
	"$BIN/alanpay" init --home "$HOME_DIR" --environment test --store-id 0000a1a9 --now 2026-01-31T00:00:00Z >"$WORK/output"
	cp "$ROOT/fixtures/alanpay.ini" "$HOME_DIR/alanpay.ini"
	for user in 1 2; do
		echo "{\"message_id\":\"p-$user\",\"op\":\"declare_profile\",\"app_id\":\"alan\",\"app_user_id\":\"$user\"}"
		echo "{\"message_id\":\"l-$user\",\"op\":\"link_account_membership\",\"app_id\":\"alan\",\"app_user_id\":\"$user\",\"account_membership_id\":\"$SEAT$user\"}"
	done >"$HOME_DIR/inbox/requests/mixed.web.20260201T180000Z.1.jsonl"
	check "$1: the members are declared" has "$(at 2026-02-02 intake)" 'exit 0'
	check "$1: both have spent" has "$(post 2026-02-02 d-1,CardOutDebit,Debit,Booked,1000,2026-02-01,2026-02-01,p-1,,1 \
		d-2,CardOutDebit,Debit,Booked,1000,2026-02-01,2026-02-01,p-2,,2)" 'exit 0'
}

make_work
POSTED=0
members reversed

# a transfer of the first member, attributed to the second by mistake
IN=in-1,SepaCreditTransferIn,Credit,Booked,600,2026-02-03,2026-02-03,p-in,,
check 'a transfer is held' has "$(post 2026-02-04 $IN)" 'exit 3'
check 'it is not decided yet' has "$(reverse 2026-02-04 1)" 'exit 65'
check 'another one does not exist' has "$(reverse 2026-02-04 9)" 'exit 66'
check 'it is attributed' has "$(attribute 2026-02-04 1 2)" 'exit 0'
holds 'attributed to the wrong member' 2026-02-04 '-1000 -400'
check 'a rehearsal' has "$(reverse 2026-02-05 1 --dry-run)" 'dry run'
holds 'after the rehearsal' 2026-02-05 '-1000 -400'
check 'the attribution is reversed' has "$(reverse 2026-02-05 1)" 'exit 0'
holds 'reversed' 2026-02-05 '-1000 -1000'
check 'once more changes nothing' has "$(reverse 2026-02-05 1)" 'was reversed before: nothing changed'
holds 'reversed once' 2026-02-05 '-1000 -1000'
SHOWN=$(at 2026-02-05 exceptions show --id 1)
check 'the exception is open again' has "$SHOWN" 'open'
check 'and has who decided and who reversed it' has "$SHOWN" 'this was reversed by bob (any): it was not hers'
check 'the next night has nothing new' has "$(post 2026-02-06 $IN)" 'exit 0'
holds 'reported again' 2026-02-06 '-1000 -1000'
check 'it is attributed to the right member' has "$(attribute 2026-02-06 1 1)" 'exit 0'
holds 'attributed again' 2026-02-06 '-400 -1000'
check 'a later version of it changes nothing' \
	has "$(post 2026-02-07 in-1,SepaCreditTransferIn,Credit,Booked,600,2026-02-03,2026-02-06,p-in,,)" 'exit 0'
holds 'reported later' 2026-02-07 '-400 -1000'

# what posts nothing
check 'another transfer is held' has "$(post 2026-02-09 in-2,SepaCreditTransferIn,Credit,Booked,300,2026-02-08,2026-02-08,p-4,,)" 'exit 3'
check 'a decision that posts nothing' has "$(decide 2026-02-13 2 accepted_loss)" 'exit 0'
check 'is taken back without a posting' has "$(reverse 2026-02-13 2)" 'exit 0'
check 'and only once' has "$(reverse 2026-02-13 2)" 'nothing changed'
holds 'in the end' 2026-02-13 '-400 -1000'

# a purchase with a card that nobody knows, given to three members one after the other, and to the first one once more
members moved
LOST=d-3,CardOutDebit,Debit,Booked
check 'an unknown card is held' has "$(post 2026-02-09 $LOST,300,2026-02-08,2026-02-08,p-3,,9)" 'exit 3'
check 'it is attributed to a member' has "$(attribute 2026-02-09 1 2)" 'exit 0'
holds 'a purchase attributed' 2026-02-09 '-1000 -1300'
check 'the purchase is reversed' has "$(reverse 2026-02-10 1)" 'exit 0'
holds 'a purchase reversed' 2026-02-10 '-1000 -1000'
check 'once more changes nothing' has "$(reverse 2026-02-10 1)" 'was reversed before: nothing changed'
check 'it waits' has "$(post 2026-02-11 $LOST,300,2026-02-08,2026-02-08,p-3,,9)" 'exit 0'
SHOWN=$(at 2026-02-11 exceptions show --id 1)
check 'for a member' has "$SHOWN" 'a person took back to which member'
check 'whom a person names' has "$SHOWN" '--decision attributed --app-id APP'
check 'and is not closed otherwise' lacks "$SHOWN" 'closed automatically'
check 'the report alone does not name one' has "$(decide 2026-02-11 1 as_told)" 'exit 65'
holds 'the purchase reported again' 2026-02-11 '-1000 -1000'
check 'another member has it' has "$(attribute 2026-02-12 1 1)" '-3.00 EUR posted for app [alan] and user [1]'
holds 'a purchase moved' 2026-02-12 '-1300 -1000'
check_same 'as a payment of its own' '2 0 1 300' \
	"$(sqlite3 -separator ' ' "$HOME_DIR/state/alanpay.db" "SELECT profile_number, captured_in_cents FROM card_payment
		WHERE swan_payment NOT IN ('p-1', 'p-2', x'702d31', x'702d32') ORDER BY number DESC, profile_number DESC" | paste -sd' ')"
check 'a later report is one of hers' has "$(post 2026-02-13 $LOST,300,2026-02-08,2026-02-12,p-3,,9)" 'exit 0'
check 'another amount is held' has "$(post 2026-02-13 $LOST,250,2026-02-08,2026-02-13,p-3,,9)" 'exit 3'
check 'and counts for her' has "$(decide 2026-02-13 1 as_told)" '0.50 EUR posted for app [alan] and user [1]'
holds 'a purchase moved and corrected' 2026-02-13 '-1250 -1000'
check 'the attribution is not the last decision' has "$(reverse 2026-02-14 1 --decision attributed)" 'reverse that first'
check 'the correction is' has "$(reverse 2026-02-14 1)" 'as_told'
holds 'the correction reversed' 2026-02-14 '-1300 -1000'
check 'once more does not reach the attribution' has "$(reverse 2026-02-14 1)" 'nothing changed'
check 'unless it is named' has "$(reverse 2026-02-14 1 --decision attributed)" 'exit 0'
holds 'nobody has it' 2026-02-14 '-1000 -1000'
check 'the first one has it again' has "$(attribute 2026-02-15 1 2)" '-2.50 EUR posted for app [alan] and user [2]'
holds 'with the newest amount' 2026-02-15 '-1000 -1250'
check 'and not any more' has "$(reverse 2026-02-16 1)" 'exit 0'
holds 'nobody has it again' 2026-02-16 '-1000 -1000'
check 'the second one has it after all' has "$(attribute 2026-02-16 1 1)" 'exit 0'
holds 'moved back' 2026-02-16 '-1250 -1000'

# a purchase that Swan reports otherwise
members contradicted
check 'another amount is held' has "$(post 2026-02-12 d-1,CardOutDebit,Debit,Booked,700,2026-02-01,2026-02-11,p-1,,1)" 'exit 3'
check 'there is no attribution' has "$(reverse 2026-02-12 1 --decision attributed)" 'exit 65'
check 'nor a decision' has "$(reverse 2026-02-12 1)" 'there is no'
check 'it counts as Swan reports it' has "$(decide 2026-02-12 1 as_told)" 'exit 0'
holds 'as Swan reports' 2026-02-12 '-700 -1000'
check 'this is reversed, too' has "$(reverse 2026-02-13 1)" 'exit 0'
holds 'as it was before' 2026-02-13 '-1000 -1000'
check 'a night in which it waits' has "$(post 2026-02-13 d-1,CardOutDebit,Debit,Booked,700,2026-02-01,2026-02-11,p-1,,1)" 'exit 0'
check 'and is decided once more' has "$(decide 2026-02-13 1 as_told)" 'exit 0'
holds 'as Swan reports again' 2026-02-13 '-700 -1000'
check 'this is reversed' has "$(reverse 2026-02-13 1)" 'exit 0'
check 'Swan reports the first amount again' \
	has "$(post 2026-02-14 d-1,CardOutDebit,Debit,Booked,1000,2026-02-01,2026-02-12,p-1,,1)" '1 exception closed'
check 'so that nothing is left to decide' has "$(decide 2026-02-14 1 as_told)" 'there is nothing to decide'
holds 'as it was first' 2026-02-14 '-1000 -1000'
check 'and the other one after all' \
	has "$(post 2026-02-14 d-1,CardOutDebit,Debit,Booked,700,2026-02-01,2026-02-13,p-1,,1)" 'exit 3'
check 'which counts' has "$(decide 2026-02-14 1 as_told)" 'exit 0'
check 'not booked at all' has "$(post 2026-02-14 d-1,CardOutDebit,Debit,Rejected,700,2026-02-01,2026-02-14,p-1,,1)" 'exit 3'
check 'which counts' has "$(decide 2026-02-14 1 as_told)" 'exit 0'
holds 'not booked' 2026-02-14 '0 -1000'
check 'only the last decision is reversed' has "$(reverse 2026-02-14 1)" 'exit 0'
holds 'booked' 2026-02-14 '-700 -1000'

# another amount after the transfer was given to the right member: it is his transfer that is corrected
members corrected
check 'a transfer waits' has "$(post 2026-02-04 $IN)" 'exit 3'
check 'it goes to the wrong member' has "$(attribute 2026-02-04 1 2)" 'exit 0'
check 'is reversed' has "$(reverse 2026-02-05 1)" 'exit 0'
check 'and goes to the right one' has "$(attribute 2026-02-05 1 1)" 'exit 0'
check 'Swan reports another amount' \
	has "$(post 2026-02-06 in-1,SepaCreditTransferIn,Credit,Booked,700,2026-02-03,2026-02-05,p-in,,)" 'exit 3'
check 'of the right member' has "$(at 2026-02-06 exceptions show --id 1)" 'user               1'
check 'it counts as Swan reports it' has "$(decide 2026-02-06 1 as_told)" 'posted for app [alan] and user [1]'
holds 'corrected' 2026-02-06 '-300 -1000'
check 'a transfer of Swan is not reversed as one by hand' has \
	"$(at 2026-02-07 recovery reverse_credit_transfer --bank-reference in-1/2 --why 'not hers' --as bob)" \
	'exceptions reverse --id 1 --decision attributed'
check 'the correction is reversed' has "$(reverse 2026-02-07 1)" 'exit 0'
holds 'the first amount' 2026-02-07 '-400 -1000'
check 'then the attribution' has "$(reverse 2026-02-07 1 --decision attributed)" 'exit 0'
holds 'nothing of it' 2026-02-07 '-1000 -1000'
check 'it goes to the wrong member once more' has "$(attribute 2026-02-08 1 2)" '7.00 EUR posted'
holds 'whole' 2026-02-08 '-1000 -300'
check 'one more amount' \
	has "$(post 2026-02-09 in-1,SepaCreditTransferIn,Credit,Booked,500,2026-02-03,2026-02-08,p-in,,)" 'exit 3'
check 'counts' has "$(decide 2026-02-09 1 as_told)" '-2.00 EUR posted for app [alan] and user [2]'
holds 'less' 2026-02-09 '-1000 -500'
check 'a report that opens it again' \
	has "$(post 2026-02-10 in-1,SepaCreditTransferIn,Credit,Booked,600,2026-02-03,2026-02-09,p-in,,)" 'exit 3'
check 'does not end the attribution' has "$(reverse 2026-02-10 1)" 'its attribution stands'
check 'which is reversed with what is left of it' has "$(reverse 2026-02-10 1 --decision attributed)" 'exit 0'
holds 'reversed with its correction' 2026-02-10 '-1000 -1000'
check 'and given to the same member' has "$(attribute 2026-02-11 1 2)" '6.00 EUR posted'
holds 'as Swan reports it last' 2026-02-11 '-1000 -400'
check 'Swan takes all of it back' \
	has "$(post 2026-02-12 r-9,SepaCreditTransferInRecall,Debit,Booked,600,2026-02-12,2026-02-12,p-r,in-1,)" 'exit 0'
holds 'taken back' 2026-02-12 '-1000 -1000'
check 'then nothing is left to reverse' has "$(reverse 2026-02-12 1)" 'nothing is left'

# Swan took a part back while the transfer was attributed to another member: only the rest may be given to the right one
members recalled
check 'a transfer is attributed' has "$(post 2026-02-04 $IN; attribute 2026-02-04 1 2)" 'resolved as attributed'
check 'Swan takes a part back' \
	has "$(post 2026-02-05 r-1,SepaCreditTransferInRecall,Debit,Booked,200,2026-02-05,2026-02-05,p-r,in-1,)" 'exit 3'
check 'which counts' has "$(decide 2026-02-05 2 as_told)" 'exit 0'
holds 'a part is taken back' 2026-02-05 '-1000 -600'
check 'which is reversed' has "$(reverse 2026-02-05 2)" 'exit 0'
holds 'nothing is taken back' 2026-02-05 '-1000 -400'
check 'and counts after all' has "$(decide 2026-02-05 2 as_told)" 'exit 0'
holds 'a part is taken back again' 2026-02-05 '-1000 -600'
check 'the rest is reversed' has "$(reverse 2026-02-06 1)" 'exit 0'
holds 'nothing is left of it' 2026-02-06 '-1000 -1000'
check 'the whole is not given to another member' has "$(attribute 2026-02-06 1 1)" 'record 4.00 EUR with'
holds 'refused' 2026-02-06 '-1000 -1000'
check 'the rest is recorded by hand' has "$(record 2026-02-06 in-1/rest 400)" 'exit 0'
check 'and the exception is closed' has "$(decide 2026-02-06 1 accepted_loss)" 'exit 0'
check 'what Swan took back cannot come back to the wrong member' has "$(reverse 2026-02-06 2)" 'record what is left'
check 'not booked after all' \
	has "$(post 2026-02-07 r-1,SepaCreditTransferInRecall,Debit,Rejected,200,2026-02-05,2026-02-06,p-r,in-1,)" 'exit 3'
check 'nor by a report' has "$(decide 2026-02-07 2 as_told)" 'record what came back'
holds 'the rest is given' 2026-02-07 '-600 -1000'

# a transfer that a person recorded under its id at Swan, in capitals
members recorded
check 'a transfer is recorded by hand' has "$(record 2026-02-04 IN-1 500)" 'exit 0'
check 'Swan reports another amount of it' has "$(post 2026-02-04 $IN)" 'exit 3'
check 'the recorded transfer is corrected' has "$(decide 2026-02-04 1 as_told)" 'posted for app [alan] and user [1]'
holds 'as Swan reports it' 2026-02-04 '-400 -1000'
check 'it is reversed with its correction' has \
	"$(at 2026-02-05 recovery reverse_credit_transfer --bank-reference in-1 --why 'not hers' --as bob)" '6.00'
holds 'nobody has it' 2026-02-05 '-1000 -1000'
check 'Swan reports it again' \
	has "$(post 2026-02-06 in-1,SepaCreditTransferIn,Credit,Booked,600,2026-02-03,2026-02-05,p-in,,)" 'exit 3'
check 'it is given to the other one' has "$(attribute 2026-02-06 1 2)" '6.00 EUR posted for app [alan] and user [2]'
holds 'of another member' 2026-02-06 '-1000 -400'

# the same with the same amount, so that nothing is to be decided
members known
check 'a transfer is recorded by hand before Swan reports it' has "$(record 2026-02-04 IN-1 600)" 'exit 0'
check 'it is known by its id' has "$(post 2026-02-04 $IN)" 'exit 0'
holds 'it is posted once' 2026-02-04 '-400 -1000'

# between the reversal of an attribution and the next one Swan reports another amount
members renewed
check 'a transfer goes to the wrong member' has "$(post 2026-02-04 $IN; attribute 2026-02-04 1 2)" 'exit 0'
check 'this is reversed' has "$(reverse 2026-02-05 1)" 'exit 0'
check 'its amount changes' \
	has "$(post 2026-02-06 in-1,SepaCreditTransferIn,Credit,Booked,700,2026-02-03,2026-02-05,p-in,,)" 'exit 0'
check 'it goes to the right member' has "$(attribute 2026-02-06 1 1)" 'exit 0'
holds 'with the new amount' 2026-02-06 '-300 -1000'

# two versions of one transfer, both booked
members superseded
check 'a transfer is not known' has "$(post 2026-02-04 $IN)" 'exit 3'
check 'a newer version has another amount' \
	has "$(post 2026-02-05 in-1,SepaCreditTransferIn,Credit,Booked,500,2026-02-03,2026-02-04,p-in,,)" 'exit 0'
check 'the newer one is attributed' has "$(attribute 2026-02-05 1 1)" 'exit 0'
holds 'the newest version counts' 2026-02-05 '-500 -1000'
check 'it is not reported as a contradiction' \
	has "$(post 2026-02-06 in-1,SepaCreditTransferIn,Credit,Booked,500,2026-02-03,2026-02-05,p-in,,)" 'exit 0'

# the same of a card that nobody knows
members late
check 'a purchase is not known' has "$(post 2026-02-04 d-3,CardOutDebit,Debit,Booked,300,2026-02-03,2026-02-03,p-3,,9)" 'exit 3'
check 'a newer version of it has another amount' \
	has "$(post 2026-02-05 d-3,CardOutDebit,Debit,Booked,200,2026-02-03,2026-02-04,p-3,,9)" 'exit 0'
check 'it is attributed with the newer one' has "$(attribute 2026-02-05 1 2)" 'exit 0'
holds 'the newest purchase counts' 2026-02-05 '-1000 -1200'

# a transfer between two accounts of Alan's, until one of them is a member's after all
members own
OWN=own-1,SepaCreditTransferIn,Credit
printf '[swan]\nown_accounts = Alan SA\n' >>"$HOME_DIR/alanpay.ini"
check 'it belongs to no member' has "$(post 2026-02-04 "$OWN,Booked,600,2026-02-03,2026-02-04,,,,Alan SA")" 'exit 0'
holds 'own money' 2026-02-04 '-1000 -1000'
check 'another amount' has "$(post 2026-02-05 "$OWN,Booked,700,2026-02-03,2026-02-05,,,,Alan SA")" 'exit 0'
holds 'own money of another amount' 2026-02-05 '-1000 -1000'
check 'not booked' has "$(post 2026-02-06 "$OWN,Rejected,700,2026-02-03,2026-02-06,,,,Alan SA")" 'exit 0'
holds 'no own money' 2026-02-06 '-1000 -1000'
sed -i '/^own_accounts/d' "$HOME_DIR/alanpay.ini"
check 'it is not an own account any more' has "$(post 2026-02-07 "$OWN,Booked,700,2026-02-03,2026-02-07,,,,Alan SA")" 'exit 3'
check 'it is a transfer received' has "$(attribute 2026-02-07 1 1)" 'exit 0'
holds 'not own money any more' 2026-02-07 '-300 -1000'

# one decision about all exceptions of a code: all of them, or none
members many
check 'two amounts and a transfer are held' has "$(post 2026-02-12 d-1,CardOutDebit,Debit,Booked,700,2026-02-01,2026-02-11,p-1,,1 \
	d-2,CardOutDebit,Debit,Booked,1200,2026-02-01,2026-02-11,p-2,,2 $IN)" '3 exceptions opened'
decide_all() {
	at "$1" exceptions resolve --code "$2" --all --decision as_told --why 'the statement says so' --as alice "${@:3}"
}
check 'their sum is typed back' has "$(decide_all 2026-02-12 amount_conflict --count 2 --total 18.00)" 'exit 6'
check 'as it is rehearsed' has "$(decide_all 2026-02-12 amount_conflict --dry-run)" '2 open exceptions with code amount_conflict, 19.00 EUR'
holds 'nothing is decided yet' 2026-02-12 '-1000 -1000'
check 'a code that no report contradicts is refused' \
	has "$(decide_all 2026-02-12 unattributed_credit --count 1 --total 6.00)" 'exception 3 (unattributed_credit)'
check 'both count as Swan reports them' \
	has "$(decide_all 2026-02-12 amount_conflict --count 2 --total 19.00)" '2 exceptions resolved as as_told by alice'
holds 'both are decided' 2026-02-12 '-700 -1200'
check 'nothing is left' has "$(decide_all 2026-02-13 amount_conflict --count 0 --total 0)" 'nothing changed'
check 'each is reversed alone' has "$(reverse 2026-02-13 2)" 'exit 0'
holds 'one is reversed' 2026-02-13 '-700 -1000'

# a purchase with the card of one member, which names the payment of another
members both
check 'it is held' has "$(post 2026-02-12 d-4,CardOutDebit,Debit,Booked,300,2026-02-11,2026-02-11,p-1,,2)" 'exit 3'
SHOWN=$(at 2026-02-12 exceptions show --id 1)
check 'its report may count' has "$SHOWN" '--decision as_told'
check 'for the member of the card' has "$SHOWN" 'to the member to whom its card belongs'
check 'who has it then' has "$(decide 2026-02-12 1 as_told)" '-3.00 EUR posted for app [alan] and user [2]'
holds 'posted to the card' 2026-02-12 '-1000 -1300'
check 'once' has "$(post 2026-02-13 d-4,CardOutDebit,Debit,Booked,300,2026-02-11,2026-02-12,p-1,,2)" 'exit 0'
check 'this is reversed' has "$(reverse 2026-02-13 1)" 'exit 0'
holds 'not posted any more' 2026-02-13 '-1000 -1000'
check 'and counts after all' has "$(decide 2026-02-13 1 as_told)" 'user [2]'
holds 'posted again' 2026-02-13 '-1000 -1300'

# money that went back, and that the books never had
members debited
BACK=r-1,SepaCreditTransferInReturn,Debit,Booked
check 'it is held' has "$(post 2026-02-12 $BACK,300,2026-02-11,2026-02-11,,in-0,)" 'exit 3'
check 'a person names the member' has "$(at 2026-02-12 exceptions show --id 1)" 'which this member owes again'
check 'who owes it' has "$(attribute 2026-02-12 1 1)" '-3.00 EUR posted for app [alan] and user [1] as a transfer that went back'
holds 'a debit attributed' 2026-02-12 '-1300 -1000'
check 'once' has "$(post 2026-02-13 $BACK,300,2026-02-11,2026-02-12,,in-0,)" 'exit 0'
check 'another amount is held' has "$(post 2026-02-13 $BACK,200,2026-02-11,2026-02-13,,in-0,)" 'exit 3'
check 'and counts for the member' has "$(decide 2026-02-13 1 as_told)" '1.00 EUR posted for app [alan] and user [1]'
holds 'a debit corrected' 2026-02-13 '-1200 -1000'
check 'the correction is reversed' has "$(reverse 2026-02-14 1)" 'exit 0'
holds 'a debit as it was' 2026-02-14 '-1300 -1000'
check 'Swan confirms it' has "$(post 2026-02-14 $BACK,300,2026-02-11,2026-02-14,,in-0,)" '1 exception closed'
check 'reports less again' has "$(post 2026-02-14 $BACK,200,2026-02-11,2026-02-15,,in-0,)" 'exit 3'
check 'the attribution is reversed' has "$(reverse 2026-02-14 1 --decision attributed)" 'exit 0'
holds 'a debit taken back' 2026-02-14 '-1000 -1000'
SHOWN=$(at 2026-02-14 exceptions show --id 1)
check 'only a person closes it' lacks "$SHOWN" 'closed automatically'
check 'it is given to another member' has "$SHOWN" '--decision attributed'
check 'who owes the newest amount' has "$(attribute 2026-02-15 1 2)" '-2.00 EUR posted for app [alan] and user [2]'
holds 'a debit moved' 2026-02-15 '-1000 -1200'
check 'later reports change nothing' has "$(post 2026-02-16 $BACK,200,2026-02-11,2026-02-16,,in-0,)" 'exit 0'
check 'it was not booked' has "$(post 2026-02-17 r-1,SepaCreditTransferInReturn,Debit,Rejected,200,2026-02-11,2026-02-17,,in-0,)" 'exit 3'
check 'which counts' has "$(decide 2026-02-17 1 as_told)" 'exit 0'
holds 'no debit' 2026-02-17 '-1000 -1000'

# a type that is not known, posted as Swan reports it
members new
check 'a new type is held' has "$(post 2026-02-12 u-1,CardOutSomethingNew,Debit,Booked,300,2026-02-11,2026-02-11,p-u,,2)" 'exit 3'
check 'it is posted' has "$(decide 2026-02-12 1 as_told)" '-3.00 EUR posted for app [alan] and user [2]'
check 'and taken back' has "$(reverse 2026-02-13 1)" 'exit 0'
holds 'a new type taken back' 2026-02-13 '-1000 -1000'
check 'it is booked all the same' lacks "$(at 2026-02-13 exceptions show --id 1)" 'not booked later'
check 'and posted after all' has "$(decide 2026-02-13 1 as_told)" 'exit 0'
holds 'a new type' 2026-02-13 '-1000 -1300'

# a chargeback of which Swan took back more than the first report gave
members charged
CHARGED=cb-1,InternalCreditTransferIn,Credit,Booked
check 'a chargeback is won' has "$(post 2026-02-03 $CHARGED,1000,2026-02-03,2026-02-03,p-1,,)" 'exit 0'
check 'with more' has "$(post 2026-02-04 $CHARGED,1200,2026-02-03,2026-02-04,p-1,,)" 'exit 3'
check 'which counts' has "$(decide 2026-02-04 1 as_told)" '2.00 EUR posted'
check 'and is lost' has "$(post 2026-02-05 cb-2,CardInChargeback,Debit,Booked,1200,2026-02-05,2026-02-05,p-1,,)" 'exit 0'
check 'what was lost is not taken away twice' has "$(reverse 2026-02-05 1)" 'it cannot be reversed'
holds 'lost once' 2026-02-05 '-1000 -1000'

# a transfer by hand of which Swan took a part back, before a person reversed it
members parted
check 'it is recorded' has "$(record 2026-02-04 in-1 600)" 'exit 0'
check 'Swan takes a part back' \
	has "$(post 2026-02-05 r-1,SepaCreditTransferInRecall,Debit,Booked,200,2026-02-05,2026-02-05,p-r,in-1,)" 'exit 3'
check 'which counts' has "$(decide 2026-02-05 1 as_told)" 'exit 0'
check 'the rest is reversed' has \
	"$(at 2026-02-06 recovery reverse_credit_transfer --bank-reference in-1 --why 'not hers' --as bob)" '4.00'
check 'Swan reports the transfer' has "$(post 2026-02-06 $IN)" 'exit 3'
check 'only the rest may be given to another member' has "$(attribute 2026-02-06 2 2)" 'record 4.00 EUR'
holds 'the rest of it waits' 2026-02-06 '-1000 -1000'

# a part of a transfer went back, and was attributed before the transfer was
members halved
RECALL=SepaCreditTransferInRecall,Debit,Booked
check 'the transfer is held' has "$(post 2026-02-04 $IN)" 'exit 3'
check 'a part of it goes back' has "$(post 2026-02-05 r-1,$RECALL,200,2026-02-05,2026-02-05,p-r,in-1,)" 'exit 3'
check 'the part is attributed' has "$(attribute 2026-02-05 2 1)" '-2.00 EUR posted'
check 'then the transfer' has "$(attribute 2026-02-05 1 1)" '6.00 EUR posted'
check 'no more than the rest goes back' has "$(post 2026-02-06 r-2,$RECALL,600,2026-02-06,2026-02-06,p-r2,in-1,)" 'exit 3'
check 'but 4.00 is left' has "$(at 2026-02-06 exceptions show --id 3)" 'of which 4.00 EUR are left'
check 'even as Swan reports it' has "$(decide 2026-02-06 3 as_told)" 'takes back more than is left'
holds 'a part recalled' 2026-02-06 '-600 -1000'
check 'the rest does' has "$(post 2026-02-07 r-3,$RECALL,400,2026-02-07,2026-02-07,p-r3,in-1,)" '1 transfer taken back'
holds 'all of it recalled' 2026-02-07 '-1000 -1000'
sum_up
