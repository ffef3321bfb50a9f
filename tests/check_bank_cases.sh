#!/usr/bin/env bash
# check_bank_cases.sh: what banks answer. Each folder of fixtures/bank is a case: files of a bank with one oddity, and what must
# come of them. A case begins in a copy of the home of tests/bank.sh: its files are at the bank, which has not answered yet.
# usage: check_bank_cases.sh BINDIR [CASE...]
#
# A case has a file `expected`, whose lines are obeyed in order:
#   # ...                         comment
#   set SECTION KEY = VALUE       a line of the configuration
#   night DATE EXIT FILE...       files that come into inbox/bank, then `alanpay reconcile`; EXIT may be 0/3. Those of
#                                 fixtures/bank/common: {answers} accept both files and pay the refund, {accepted} only accept
#                                 them, {refund} is what concerns the refund; {bookings} credit each debit
#   do DATE EXIT WORDS...         another command of alanpay; {folder} is that of the case
#   once                          the files are not delivered a second time (see below); a comment says why
#   debits STATE N ...            how many debits are in each state
#   debit MANDATE STATE [REASON] [fee CENTS], refund MANDATE STATE [REASON] [fee CENTS], file debit|refund STATE,
#   mandate REFERENCE STATUS [REASON], balance USER CENTS, debt USER SESSION STATUS [CENTS [REASON]],
#   presented USER N, open CODE...
#                                 a fact of the books: `presented` is how many debits a member had, `open` the open exceptions about
#                                 bank files and entries; * ? [] as in names of files
# At the end of each case all files are delivered once more with other bytes (a line feed behind them): no fact may change. Then
# the audit proves the books, and returns.csv lists what failed.
# The cases of ../shared/cases/bank are held against fixtures/bank/shared/cases, where that folder exists.
# shellcheck source=tests/bank.sh
. "$(dirname "$0")/bank.sh"

BIN=$(cd "$1" && pwd)
SHARED=$ROOT/../shared/cases/bank
WANTED=("${@:2}")

# --- facts ------------------------------------------------------------------------------------------------------------

read_facts() {
	[[ -z $STALE ]] || {
		write_facts "$WORK/facts"
		mapfile -t facts <"$WORK/facts"
		STALE=
	}
}

# The fact whose pattern is given holds; else the facts of that subject are printed.
holds() {
	local fact subject=${1%% *}

	[[ $1 != 'debit '* && $1 != [rfmb]* ]] || subject=$(cut -d ' ' -f 1,2 <<<"$1")
	for fact in "${facts[@]}"; do
		# shellcheck disable=SC2053 # a pattern
		[[ $fact != $1 ]] || return 0
	done
	echo "expected: $1"
	for fact in "${facts[@]}"; do
		[[ "$fact " != "$subject "* ]] || echo "is:       $fact"
	done
	return 1
}

# --- a case -----------------------------------------------------------------------------------------------------------

deliver() {
	local file

	for file; do
		cp --no-preserve=mode "$file" "$HOME_DIR/inbox/bank/${file##*/}"
	done
}

# The paths of files as a case names them.
find_files() {
	local file

	files=()
	for file; do
		case $file in
		'{answers}') files+=("$BANK"/common/{debits-accepted,refund-accepted,refund-paid}.xml) ;;
		'{accepted}') files+=("$BANK"/common/{debits,refund}-accepted.xml) ;;
		'{refund}') files+=("$BANK"/common/refund-{accepted,paid}.xml) ;;
		'{bookings}') files+=("$BANK"/common/bookings.xml) ;;
		*) files+=("$FOLDER/$file") ;;
		esac
	done
	delivered+=("${files[@]}")
}

play_night() {
	local on=$1 expected=$2

	shift 2
	find_files "$@"
	deliver "${files[@]}"
	LAST=$on STALE=1
	check "$NAME: night of $on" alanpay_at "$on" 02:30 "$expected" reconcile
}

# The same content in other bytes. An odd byte would end a text in UTF-16, and containers have none to spare.
deliver_again() {
	local file

	for file in "${delivered[@]}"; do
		[[ $file == *.xml && $file != *utf-16* ]] || continue
		{
			cat "$file"
			echo
		} >"$HOME_DIR/inbox/bank/again-${file##*/}"
	done
}

facts_stay() {
	write_facts "$WORK/after"
	diff "$WORK/facts" "$WORK/after"
}

end_case() {
	read_facts
	[[ -n $ONCE ]] || deliver_again
	check "$NAME: another run" alanpay_at "$LAST" 04:00 0/3 reconcile
	check "$NAME: another run with the same entries changes nothing" facts_stay
	check "$NAME: returns.csv lists what failed" lists_what_failed
	check "$NAME: the books are proved" alanpay_at "$LAST" 05:00 0/3 audit --full
}

obey() {
	local line words

	while IFS= read -r line; do
		read -ra words <<<"${line//'{folder}'/"$FOLDER"}"
		case $line in
		'' | '#'*) ;;
		'set '*) sed -i "s,^\[${words[1]}\]\$,&\n${line#set "${words[1]}" }," "$HOME_DIR/alanpay.ini" ;;
		'night '*) play_night "${words[@]:1}" ;;
		'do '*)
			STALE=1
			check "$NAME: ${words[*]:3}" alanpay_at "${words[1]}" 09:00 "${words[@]:2}"
			;;
		once) ONCE=1 ;;
		*)
			read_facts
			check "$NAME: $line" holds "$line"
			;;
		esac
	done
}

# play_case NAME FOLDER: obeys standard input in a new home.
play_case() {
	NAME=$1 FOLDER=$2 STALE=1 LAST='' ONCE=''
	facts=() delivered=()
	new_home
	obey
	end_case
}

is_wanted() {
	local case

	((${#WANTED[@]})) || return 0
	for case in "${WANTED[@]}"; do
		[[ $1 != "$case" ]] || return 0
	done
	return 1
}

# The cases of ../shared, as fixtures/bank/shared/cases has them: paragraphs that begin with the name of a folder.
play_shared() {
	local case

	while IFS= read -rd '' case; do
		! is_wanted "${case%%$'\n'*}" || play_case "${case%%$'\n'*}" "$SHARED/${case%%$'\n'*}" <<<"${case#*$'\n'}"
	done < <(awk -v RS= -v ORS='\0' 1 "$BANK/shared/cases")
}

make_work
prepare_home
for folder in "$BANK"/*/expected; do
	folder=${folder%/expected}
	! is_wanted "${folder##*/}" || play_case "${folder##*/}" "$folder" <"$folder/expected"
done
if [[ -d $SHARED ]]; then
	play_shared
else
	skip '../shared/cases/bank does not exist'
fi
sum_up
