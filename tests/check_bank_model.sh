#!/usr/bin/env bash
# check_bank_model.sh: banks of all habits, by chance. For each seed a bank is made up: which debits it rejects, sends back, and
# takes back what it has sent back; whether it books the file debit by debit, in one credit or in several, gross or net of what it
# rejected; in which of the messages camt.052, 053 and 054 it reports each event, by which ids and references; fees and payments
# of strangers among them. Its files come in any order over some nights. How it must end is known by construction: the state of
# each debit, the balance of each member, and one open exception for each payment of a stranger. The audit proves the books.
# usage: check_bank_model.sh BINDIR [FIRST LAST]
# Seeds are FIRST to LAST, else 8 that SEED chooses.
# shellcheck source=tests/bank.sh
. "$(dirname "$0")/bank.sh"

BIN=$(cd "$1" && pwd)
FIRST=${2:-$((${SEED:-1} * 100))}
LAST=${3:-$((FIRST + 7))}
FILE=0000a1a9-20260228-1-D1
DAYS=(06 11 12 13 14 16 17)

# --- chance -----------------------------------------------------------------------------------------------------------

# Sets ANY to one of the words.
any() {
	local n=$((RANDOM % $#))

	ANY=${*:n+1:1}
}

one_in() {
	((RANDOM % $1 == 0))
}

# Sets SHUFFLED to the words in another order.
shuffle() {
	local words=("$@") i j word

	for ((i = $# - 1; i > 0; i--)); do
		j=$((RANDOM % (i + 1))) word=${words[i]}
		words[i]=${words[j]}
		words[j]=$word
	done
	SHUFFLED=("${words[@]}")
}

# --- what a bank writes -----------------------------------------------------------------------------------------------

# Sets EUROS.
print_euros() {
	printf -v EUROS '%d.%02d' $(($1 / 100)) $(($1 % 100))
}

# Sets IDS: how a bank names the debit of a member.
name_debit() {
	local e2e=${E2E[$1]} mandate="<MndtId>${MANDATE[$1]}</MndtId>"

	any own own own capitals instruction mandate
	case $ANY in
	own) IDS="<EndToEndId>$e2e</EndToEndId>$mandate" ;;
	capitals) IDS="<EndToEndId>${e2e^^}</EndToEndId>" ;;
	instruction) IDS="<InstrId>$e2e</InstrId><EndToEndId>NOTPROVIDED</EndToEndId>$mandate" ;;
	mandate) IDS="<EndToEndId>NOTPROVIDED</EndToEndId>$mandate" ;;
	esac
}

# detail CENTS DIRECTION IDS REASON: sets DETAIL.
detail() {
	local reason=${4:+<RtrInf><Rsn><Cd>$4</Cd></Rsn></RtrInf>}

	print_euros "$1"
	DETAIL="<TxDtls><Refs>$3</Refs><Amt Ccy=\"EUR\">$EUROS</Amt><CdtDbtInd>$2</CdtDbtInd>$reason</TxDtls>"
}

# entry CENTS DIRECTION DAY FAMILY REVERSAL DETAILS: adds to ENTRIES.
entry() {
	local reference='' family=${4//\// }

	read -ra family <<<"$family"
	((RANDOM % 2)) || reference="<AcctSvcrRef>R$RANDOM$RANDOM</AcctSvcrRef>"
	print_euros "$1"
	ENTRIES+="<Ntry><Amt Ccy=\"EUR\">$EUROS</Amt><CdtDbtInd>$2</CdtDbtInd><RvslInd>$5</RvslInd><Sts><Cd>BOOK</Cd></Sts>"
	ENTRIES+="<BookgDt><Dt>2026-03-$3</Dt></BookgDt>$reference<BkTxCd><Domn><Cd>${family[0]}</Cd>"
	ENTRIES+="<Fmly><Cd>${family[1]}</Cd><SubFmlyCd>${family[2]}</SubFmlyCd></Fmly></Domn></BkTxCd>"
	ENTRIES+="${6:+<NtryDtls>$6</NtryDtls>}</Ntry>"$'\n'
}

# message KIND DAY: ENTRIES become a file that comes on that day or later.
message() {
	local names=([52]='BkToCstmrAcctRpt Rpt' [53]='BkToCstmrStmt Stmt' [54]='BkToCstmrDbtCdtNtfctn Ntfctn')
	local root=${names[$1]% *} part=${names[$1]#* } id=C$1-$SEEDED-${#MESSAGES[@]}

	MESSAGES+=("<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.0$1.001.08\"><$root><GrpHdr><MsgId>$id</MsgId>
<CreDtTm>2026-03-$2T21:00:00</CreDtTm></GrpHdr><$part><Id>$id</Id><CreDtTm>2026-03-$2T21:00:00</CreDtTm>
<Acct><Id><IBAN>FR7630006000011234567890189</IBAN></Id></Acct>
$ENTRIES</$part></$root></Document>")
	FROM_DAY+=("$2")
	ENTRIES=''
}

# --- a bank -----------------------------------------------------------------------------------------------------------

# Sets FATE of each member: booked, rejected, returned, back (returned and taken back) or again (returned once more).
draw_fates() {
	local i

	FATE=()
	for i in "${!E2E[@]}"; do
		any booked booked booked booked booked booked booked rejected returned back again
		FATE[i]=$ANY
	done
}

report_rejects() {
	local i list='' n=0

	for i in "${!E2E[@]}"; do
		[[ ${FATE[i]} != rejected ]] || {
			n=$((n + 1))
			list+="<TxInfAndSts><StsId>$n</StsId><OrgnlEndToEndId>${E2E[i]}</OrgnlEndToEndId><TxSts>RJCT</TxSts>"
			list+="<StsRsnInf><Rsn><Cd>AC06</Cd></Rsn></StsRsnInf></TxInfAndSts>"
		}
	done
	((n > 0)) || return 0
	MESSAGES+=("<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"><CstmrPmtStsRpt><GrpHdr>
<MsgId>P-$SEEDED</MsgId><CreDtTm>2026-03-06T10:00:00</CreDtTm></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>$FILE</OrgnlMsgId>
<OrgnlMsgNmId>pain.008.001.08</OrgnlMsgNmId><GrpSts>PART</GrpSts></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts>
<OrgnlPmtInfId>$FILE-1</OrgnlPmtInfId>$list</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>")
	FROM_DAY+=(06)
}

# Sets KINDS: the messages in which an event is reported. One of them has all: what no message has whole cannot be counted.
draw_kinds() {
	local kind

	KINDS=("$WHOLE")
	for kind in 52 53 54; do
		[[ $kind == "$WHOLE" ]] || one_in 2 || KINDS+=("$kind")
	done
}

# bulk MEMBER...: one credit for these debits, named by the file or its block.
bulk() {
	local i sum=0

	for i; do
		sum=$((sum + CENTS[i]))
	done
	any "<MsgId>$FILE</MsgId>" "<PmtInfId>$FILE-1</PmtInfId>" "<MsgId>$FILE</MsgId><PmtInfId>$FILE-1</PmtInfId>"
	entry "$sum" CRDT 10 PMNT/IDDT/ESDD false "<Btch>$ANY<NbOfTxs>$#</NbOfTxs></Btch>"
}

# listed MEMBER...: one credit with a detail for each debit, booked on the day LISTED_ON.
listed() {
	local i sum=0 details=''

	for i; do
		sum=$((sum + CENTS[i]))
		name_debit "$i"
		detail "${CENTS[i]}" CRDT "$IDS" ''
		details+=$DETAIL
	done
	entry "$sum" CRDT "$LISTED_ON" PMNT/IDDT/ESDD false "$details"
}

# each MEMBER...: a credit for each debit.
each() {
	local i

	for i; do
		listed "$i"
	done
}

# The bookings of the file, whole in each message that has them. Details of a sum may stand on the day after it.
report_bookings() {
	local i kind members=() half way

	for i in "${!E2E[@]}"; do
		[[ -z $GROSS && ${FATE[i]} == rejected ]] || members+=("$i")
	done
	shuffle "${members[@]}"
	members=("${SHUFFLED[@]}")
	half=$((1 + RANDOM % (${#members[@]} - 1)))
	any bulk bulk each listed
	way=$ANY LISTED_ON=10
	draw_kinds
	for kind in "${KINDS[@]}"; do
		if [[ $way == bulk && -n $SPLIT ]]; then
			bulk "${members[@]:0:half}"
			one_in 2 || message "$kind" 11
			bulk "${members[@]:half}"
		else
			"$way" "${members[@]}"
		fi
		message "$kind" $((LISTED_ON + 1))
		[[ $way == bulk ]] || continue
		any bulk each listed
		way=$ANY
		any 10 10 11
		LISTED_ON=$ANY
	done
}

# moved MEMBER DIRECTION DAY REASON: money that went back, or came again, in some messages.
moved() {
	local i=$1 direction=$2 day=$3 reason=$4 kind

	draw_kinds
	for kind in "${KINDS[@]}"; do
		name_debit "$i"
		[[ ${FATE[i]} == returned ]] || IDS="<EndToEndId>${E2E[i]}</EndToEndId>"
		detail "${CENTS[i]}" "$direction" "$IDS" "$reason"
		entry "${CENTS[i]}" "$direction" "$day" PMNT/IDDT/UPDD true "$DETAIL"
		message "$kind" "$((day + 1))"
	done
}

report_what_went_back() {
	local i

	for i in "${!E2E[@]}"; do
		case ${FATE[i]} in
		rejected) [[ -z $GROSS ]] || moved "$i" DBIT 10 AC06 ;;
		returned) moved "$i" DBIT 12 AM04 ;;
		back | again)
			moved "$i" DBIT 11 AM04
			moved "$i" CRDT 13 ''
			[[ ${FATE[i]} == back ]] || moved "$i" DBIT 15 MD06
			;;
		esac
	done
}

# Fees are noted; the payments of strangers are held, whatever their amounts, and though one of them names our block.
report_noise() {
	local i n=$((RANDOM % 3)) ids

	any '' "<EndToEndId>${E2E[0]}</EndToEndId>" "<PmtInfId>$FILE-1</PmtInfId>"
	detail 80 DBIT "$ANY" ''
	any PMNT/IDDT/CHRG ACMT/MDOP/CHRG
	entry 80 DBIT 12 "$ANY" false "$DETAIL"
	message 53 13
	STRANGERS=$n
	for ((i = 0; i < n; i++)); do
		any "<EndToEndId>INV-$i</EndToEndId>" "<PmtInfId>$FILE-1</PmtInfId><MndtId>ZZ-$i</MndtId>"
		ids=$ANY
		any "${CENTS[@]}" 181654
		detail "$ANY" CRDT "$ids" ''
		entry "$ANY" CRDT 12 PMNT/RCDT/ESCT false "$DETAIL"
		message 54 13
	done
}

# --- its files come, and what they must come to ---------------------------------------------------------------------------

# Each file on its day or later, the files of a night in any order.
play_nights() {
	local day i n

	shuffle "${!MESSAGES[@]}"
	for day in "${DAYS[@]}"; do
		n=0
		for i in "${SHUFFLED[@]}"; do
			[[ -n ${MESSAGES[i]:-} ]] || continue
			((10#${FROM_DAY[i]} <= 10#$day)) || continue
			[[ $day == 17 ]] || one_in 2 || continue
			n=$((n + 1))
			printf '%s\n' "${MESSAGES[i]}" >"$HOME_DIR/inbox/bank/$day-$n-$i.xml"
			MESSAGES[i]=''
		done
		((n == 0)) || alanpay_at "2026-03-$day" 02:30 0/3 reconcile || return 1
	done
}

# What the store has of each debit, beside what must be there.
compare_debits() {
	local i=0 state balance wanted owed

	while IFS='|' read -r state balance; do
		case ${FATE[i]} in
		booked | back) wanted=booked ;;
		rejected) wanted=rejected ;;
		*) wanted=returned ;;
		esac
		[[ $wanted == "$state" ]] || echo "${MANDATE[i]} (${FATE[i]}) is $state"
		owed=${BALANCE[i]}
		[[ $wanted != booked ]] || owed=$((owed + CENTS[i]))
		[[ $balance == "$owed" ]] || echo "${MANDATE[i]} (${FATE[i]}) has the balance $balance, expected: $owed"
		i=$((i + 1))
	done < <(ask "SELECT state, $OF_MEMBER FROM collection c WHERE file_number = 1 ORDER BY end_to_end_id")
}

ask() {
	sqlite3 -batch -bail -init /dev/null -readonly "$HOME_DIR/state/alanpay.db" "$1"
}
OF_MEMBER='(SELECT sum(amount_in_cents) FROM balance_transaction b WHERE b.profile_number = c.profile_number)'

ends_as_drawn() {
	local wrong open

	play_nights || return 1
	wrong=$(compare_debits)
	open=$(ask "SELECT code FROM exception WHERE state = 'open' AND kind IN ('bank_entry', 'file')")
	[[ $(wc -w <<<"$open") == "$STRANGERS" ]] || wrong+=$'\n'"$STRANGERS strangers; open: ${open//$'\n'/ }"
	[[ -z $wrong ]] || {
		printf '%s\n' "$wrong"
		return 1
	}
}

make_bank() {
	SEEDED=$1 GROSS='' SPLIT='' ENTRIES=''
	RANDOM=$1
	MESSAGES=() FROM_DAY=()
	one_in 2 || GROSS=1
	one_in 2 || SPLIT=1
	any 52 53 54
	WHOLE=$ANY
	draw_fates
	report_rejects
	report_bookings
	report_what_went_back
	report_noise
}

make_work
prepare_home
HOME_DIR=$READY
E2E=() MANDATE=() CENTS=() BALANCE=()
while IFS='|' read -r e2e mandate cents balance; do
	E2E+=("$e2e") MANDATE+=("$mandate") CENTS+=("$cents") BALANCE+=("$balance")
done < <(ask "SELECT end_to_end_id, reference, amount_in_cents, $OF_MEMBER
	FROM collection c JOIN mandate m ON m.number = mandate_number WHERE file_number = 1 ORDER BY end_to_end_id")
for ((seed = FIRST; seed <= LAST; seed++)); do
	new_home
	make_bank "$seed"
	check "bank $seed ends as it was drawn" ends_as_drawn
	check "bank $seed: the books are proved" alanpay_at 2026-03-17 05:00 0/3 audit --full
done
sum_up
