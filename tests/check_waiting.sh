#!/usr/bin/env bash
# check_waiting.sh: what waits for a person does not make a night end with 3: only what this night held, and a deadline that passed.
# What waits is counted, with its sum and its oldest day, by `status` and by the audit.
# usage: check_waiting.sh BINDIR
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=$(cd "$1" && pwd)
HEADER=$(head -1 "$NIGHTS/held/drop/02-unknown/transactions.csv")

# at DATE WORDS...: a command of that day; its exit status is the last line.
at() {
	local got=0

	"$BIN/alanpay" "${@:2}" --home "$HOME_DIR" --date "$1" --now "$1T02:30:00Z" </dev/null 2>&1 || got=$?
	echo "exit $got"
}

# give_transactions NAME ROW...: rows of id,type,side,cents,day,payment,card; booked on that day
give_transactions() {
	local file=$WORK/$1 row id type side cents day payment card

	echo "$HEADER" >"$file"
	for row in "${@:2}"; do
		IFS=, read -r id type side cents day payment card <<<"$row"
		echo "$id,$type,$side,Booked,$cents,EUR,${day}T10:00:00.000Z,${day}T10:00:00.000Z,,$payment,,,,$card,,,,,,,,,,,,,,,,,,,,,," >>"$file"
	done
}

has() {
	[[ $1 == *"$2"* ]] || {
		printf '%s\n' "$1"
		return 1
	}
}

# night DATE: post, debts, ..., audit of that date, without the import
night() {
	at "$1" run --from post
}

make_work
HOME_DIR=$WORK/home
"$BIN/alanpay" init --home "$HOME_DIR" --environment test --store-id 0000a1a9 --now 2026-01-31T00:00:00Z >"$WORK/output"
cp "$ROOT/fixtures/alanpay.ini" "$HOME_DIR/alanpay.ini"
give_transactions one.csv d-1,CardOutDebit,Debit,1200,2026-02-07,p-1,c-1 d-2,CardOutDebit,Debit,2250,2026-02-07,p-2,c-1
give_transactions two.csv i-1,SepaCreditTransferIn,Credit,700,2026-02-09,,

check 'a night that holds something ends with 3' has "$(at 2026-02-08 post --transactions "$WORK/one.csv")" 'exit 3'
check 'the same file again holds nothing new' has "$(at 2026-02-08 post --transactions "$WORK/one.csv")" 'exit 0'
check 'a night in which it only waits ends with 0' has "$(night 2026-02-09)" 'exit 0'
check 'and says what is open' has "$(night 2026-02-09)" '2 open exceptions in all'
check 'status has count, sum and oldest day' has "$(at 2026-02-09 status)" \
	'2 open since 2026-02-08, 34.50 EUR: 2 unknown_card (34.50 EUR)'
check 'another thing is new' has "$(at 2026-02-10 post --transactions "$WORK/two.csv")" 'exit 3'
check 'the day before the deadline it waits' has "$(night 2026-02-15)" 'exit 0'
OVERDUE=$(night 2026-02-16)
check 'the night after the deadline ends with 3' has "$OVERDUE" 'exit 3'
check 'its audit counts them' has "$OVERDUE" '2 exceptions open for more than 7 days; 3 open exceptions in all'
LATER=$(night 2026-02-17)
check 'the next one does not' has "$LATER" 'exit 0'
check 'its audit counts them, too' has "$LATER" '2 exceptions open for more than 7 days; 3 open exceptions in all'
check 'the next deadline is another one' has "$(night 2026-02-18)" 'exit 3'
check 'after that all wait' has "$(night 2026-02-19)" 'exit 0'
check 'status has all of them' has "$(at 2026-02-19 status --format json)" \
	'"code": "unknown_card",
      "open": 2,
      "sum_in_cents": 3450,
      "oldest_on": "2026-02-08"'

# all AMOUNT-WORDS...: all of unknown_card are not ours
all() {
	at 2026-02-20 exceptions resolve --code unknown_card --all --decision not_ours --why 'cards of the old product' --as alice "$@"
}

ANSWER=$(all)
check 'a decision for many prints count and sum first' has "$ANSWER" '2 open exceptions with code unknown_card, 34.50 EUR in all'
check 'and wants them typed back' has "$ANSWER" 'exit 64'
check 'another number is refused' has "$(all --count 3 --total 34.50)" 'exit 65'
check 'another sum is refused' has "$(all --count 2 --total 34.51)" 'exit 65'
check 'nothing was decided' has "$(at 2026-02-20 exceptions list --code unknown_card)" '2 open exceptions'
check 'a rehearsal decides nothing' has "$(all --count 2 --total 34.50 --dry-run)" 'dry run'
check 'typed back right, all are decided' has "$(all --count 2 --total 34.50)" '2 exceptions resolved as not_ours by alice'
check 'once more there is nothing to decide' has "$(all --count 2 --total 34.50)" 'nothing changed'
check 'a decision that names a member is for one' \
	has "$(at 2026-02-20 exceptions resolve --code unattributed_credit --all --decision attributed --why his --as alice)" 'exit 64'
check 'a decision about mandates does not fit' \
	has "$(at 2026-02-20 exceptions resolve --code unattributed_credit --all --decision waive --why no --count 1 --total 7 --as alice)" \
	'does not fit exception 3'
check 'they stay decided' has "$(at 2026-02-20 post --transactions "$WORK/one.csv")" 'exit 0'
check 'only the other one is open' has "$(at 2026-02-20 exceptions list)" '1 open exception'
check 'the books are in order' has "$(at 2026-02-19 audit --full)" 'exit 0'
sum_up
