#!/usr/bin/env bash
# check_returns_view.sh: a person posts a return, a reversal, a credit, and is killed at each fault point: the next night leaves the
# returns.csv that the books say, whether or not anybody repeats the command.
# usage: check_returns_view.sh BINDIR
# shellcheck source=tests/bank.sh
. "$(dirname "$0")/bank.sh"

BIN=$(cd "$1" && pwd)
FAULTY=$ROOT/out/build/faults/bin
ADA=0000a1a9050080008004000000000001
BEN=0000a1a9050080008008000000000001
KILLED=137

# entry CENTS DIRECTION NUMBER: one that names nothing.
entry() {
	echo "<Ntry><Amt Ccy=\"EUR\">$1</Amt><CdtDbtInd>$2</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-03-12</Dt></BookgDt>
<AcctSvcrRef>R$3</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>OTHR</SubFmlyCd></Fmly></Domn></BkTxCd>
</Ntry>"
}

# Three entries without a name: 24.00 out, 24.00 in, 57.50 in; and a reject of the debit of 57.50.
prepare_entries() {
	HOME_DIR=$READY
	{
		echo '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>N</MsgId>
<CreDtTm>2026-03-12T21:00:00</CreDtTm></GrpHdr><Ntfctn><Id>N</Id><CreDtTm>2026-03-12T21:00:00</CreDtTm><Acct><Id>
<IBAN>FR7630006000011234567890189</IBAN></Id></Acct>'
		entry 24.00 DBIT 1
		entry 24.00 CRDT 2
		entry 57.50 CRDT 3
		echo '</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>'
	} >"$HOME_DIR/inbox/bank/n.xml"
	sed "s/$ADA/$BEN/; s/24\\.00/57.50/" "$BANK/orders/reject.xml" >"$HOME_DIR/inbox/bank/r.xml"
	alanpay_at 2026-03-13 02:30 3 reconcile
}

# The number of the exception of an entry, by its line in the order of the three.
exception_of() {
	sqlite3 -batch -bail -init /dev/null -readonly "$READY/state/alanpay.db" "SELECT number FROM exception
		WHERE kind = 'bank_entry' ORDER BY line LIMIT 1 OFFSET $(($1 - 1))"
}

# kill_at N WORDS...: false when there is no such point.
kill_at() {
	local n=$1 got=0

	shift
	{ ALANPAY_FAULT=$n "$FAULTY/alanpay" "$@" --as alice --home "$HOME_DIR" --date 2026-03-13 --now 2026-03-13T08:00:00Z \
		</dev/null >"$WORK/output" 2>&1; } 2>/dev/null || got=$?
	[[ $got == "$KILLED" ]]
}

# Each point of the command; then the next night. From the last home the next decision goes on.
heals() {
	local n

	for ((n = 1; n < 100; n++)); do
		new_home
		if ! kill_at "$n" "$@"; then
			lists_what_failed || return 1
			break
		fi
		alanpay_at 2026-03-14 02:30 0/3 reconcile || return 1
		lists_what_failed || {
			echo "killed at point $n"
			return 1
		}
	done
	((n > 1 && n < 100)) || {
		echo "the command passes $((n - 1)) fault points"
		return 1
	}
	rm -rf "$READY"
	cp -a "$HOME_DIR" "$READY"
}

make_work
prepare_home
check 'the entries are held' prepare_entries
if [[ -x $FAULTY/alanpay ]]; then
	check 'a return' heals exceptions resolve --id "$(exception_of 1)" --decision return --end-to-end-id "$ADA" --reason AC04 --why TEXT
	check 'a reversal' heals exceptions resolve --id "$(exception_of 2)" --decision reversal --end-to-end-id "$ADA" --why TEXT
	check 'a credit of a rejected debit' heals exceptions resolve --id "$(exception_of 3)" --decision credit --end-to-end-id "$BEN" --why TEXT
else
	skip 'kills: no programs with fault points'
fi
sum_up
