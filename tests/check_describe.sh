#!/usr/bin/env bash
# check_describe.sh: `alanpay sepa describe`, `validate` and `diff` on what the night case `month` sends and gets, and on files
# that are broken: what they print, that names and IBANs are masked, and that what describe says of a bank's file is what
# the night then does with it, while describe changes nothing.
# usage: check_describe.sh BINDIR
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=$(cd "$1" && pwd)
CASE=month
FROM=12-accepted # from here on the bank answers
LAST=15-returned

# sepa WORDS...: sets STATUS; out and err are files
sepa() {
	STATUS=0
	"$BIN/alanpay" sepa "$@" >"$WORK/out" 2>"$WORK/err" || STATUS=$?
}

# ends STATUS TEXT WORDS...
ends() {
	sepa "${@:3}"
	if [[ $STATUS != "$1" ]] || ! grep -qF -- "$2" "$WORK/out" "$WORK/err"; then
		echo "ended with $STATUS and said:"
		cat "$WORK/out" "$WORK/err"
		return 1
	fi
}

# From the JSON just printed.
ask_json() {
	sqlite3 -batch -init /dev/null :memory: "SELECT $1 FROM (SELECT readfile('$WORK/out') AS j)${2:-}"
}

ask_store() {
	sqlite3 -batch -init /dev/null "$HOME_DIR/state/alanpay.db" "$1"
}

# What describe says reconcile would do with each entry of a file.
foretell() {
	sepa describe "$1" --home "$HOME_DIR" --date "$2" --now "$3" --format json
	[[ $STATUS == 0 ]] || cat "$WORK/out" "$WORK/err"
	sqlite3 -batch -init /dev/null :memory: "SELECT json_extract(value, '\$.line'), json_extract(value, '\$.kind'),
		json_extract(value, '\$.state'), json_extract(value, '\$.code')
		FROM json_each(readfile('$WORK/out'), '\$[0].reconcile.entries')"
}

# What the night did with them.
recall() {
	ask_store "SELECT e.line, e.kind, e.state, x.code FROM bank_entry e
		JOIN bank_message m ON m.number = e.message_number JOIN input i ON i.number = m.input_number
		LEFT JOIN exception x ON x.kind = 'bank_entry' AND x.key = lower(hex(e.fingerprint)) || '-' || e.occurrence
		WHERE i.name = '$1' ORDER BY e.number"
}

# Before each night describes what the bank sent, and compares afterwards. Days and files are as the case has them.
play() {
	local step on now text file began=''

	while read -r step on now _ text; do
		[[ $step != "$FROM" ]] || began=1
		if [[ -n $began && -d $NIGHTS/$CASE/drop/$step/bank ]]; then
			write_state "$HOME_DIR" "$WORK/before"
			for file in "$NIGHTS/$CASE/drop/$step"/bank/*.xml; do
				foretell "$file" "$on" "$now" >"$WORK/foretold.$(basename "$file")"
			done
			write_state "$HOME_DIR" "$WORK/after"
			check "$step: describe changes nothing" diff -r "$WORK/before" "$WORK/after"
		fi
		drop_inputs "$CASE" "$step" "$HOME_DIR"
		set_words "$CASE" "$step" "$on" "$now" "$text"
		run_alanpay "$BIN" "$CASE" "$step" "$HOME_DIR" >"$WORK/output" || [[ $? == 3 ]]
		if [[ -n $began && -d $NIGHTS/$CASE/drop/$step/bank ]]; then
			for file in "$NIGHTS/$CASE/drop/$step"/bank/*.xml; do
				file=$(basename "$file")
				check_same "$step: $file does what describe said" "$(cat "$WORK/foretold.$file")" "$(recall "$file")"
			done
		fi
		[[ $step != "$LAST" ]] || break
	done < <(print_steps "$CASE")
}

# changed NAME SED-EXPRESSION: a copy of the debits' file
changed() {
	sed -E "$2" "$XML" >"$WORK/$1"
	! cmp -s "$XML" "$WORK/$1"
}

shows_no() {
	! grep -nE "$1" "$WORK/out"
}

# A file of debits whose sum does not fit into the numbers that we add up.
print_huge() {
	echo '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.008.001.08"><CstmrDrctDbtInitn><GrpHdr><MsgId>M</MsgId></GrpHdr><PmtInf>'
	seq -f '<DrctDbtTxInf><PmtId><EndToEndId>E%.0f</EndToEndId></PmtId><InstdAmt Ccy="EUR">9999999999999.99</InstdAmt></DrctDbtTxInf>' 9300
	echo '</PmtInf></CstmrDrctDbtInitn></Document>'
}

make_work
mkdir "$WORK/before" "$WORK/after"
HOME_DIR=$WORK/home
make_home "$BIN" "$CASE" "$HOME_DIR"
play
XML=$(compgen -G "$HOME_DIR/out/sepa/*/v1/SDD-*.xml")
REFUNDS=$(compgen -G "$HOME_DIR/out/sepa/*/refunds-v1/SCT-*.xml")
CREDITS=$NIGHTS/$CASE/drop/14-credited/bank/C54-20260310-0001.xml

# --- describe ---------------------------------------------------------------------------------------------------------

check 'our file of debits' ends 0 '24 x debit, 1 816.54 EUR' describe "$XML" --home "$WORK/nowhere"
check 'no IBAN of it, no name' shows_no 'FR76[0-9]|Martin|Alan SA'
check 'unmasked on request' ends 0 'FR7630006000011234567890189' describe "$XML" --unmask
check 'our file of refunds' ends 0 '1 x transfer, 48.00 EUR' describe "$REFUNDS"
check 'each column has a head' grep -qE '^ +line +amount EUR +kind +end to end id +' "$WORK/out"
check 'several files' ends 0 '1 x transfer, 48.00 EUR' describe "$XML" "$REFUNDS"
check 'a file of the bank' ends 0 '23 x credit BOOK, 1 720.85 EUR' describe "$CREDITS" --home "$WORK/nowhere"
check 'without a home it says so' grep -q 'is not a data home that you may use' "$WORK/out"
check 'a file that was read before' ends 0 'the same bytes were read as C54-20260310-0001.xml' \
	describe "$CREDITS" --home "$HOME_DIR" --date 2026-03-13 --now 2026-03-13T09:00:00Z
sepa describe "$XML" --format json --home "$WORK/nowhere"
check_same 'JSON has every debit' '24|24' "$(ask_json "json_array_length(j, '\$[0].items'), json_extract(j, '\$[0].totals[0].count')")"
check 'no IBAN, no name in JSON' shows_no 'FR76[0-9]|Martin|Alan SA'
head -c 1000 "$CREDITS" >"$WORK/cut.xml"
check 'a file that is cut off is exit 65, the others are described' ends 65 '1 x transfer, 48.00 EUR' \
	describe "$WORK/cut.xml" "$REFUNDS"
print_huge >"$WORK/huge.xml"
check 'a sum that is too large is not printed' ends 0 '9300 x debit, the sum of the amounts is too large' describe "$WORK/huge.xml"
sepa describe "$WORK/huge.xml" --format json
check_same 'nor is it in JSON' '9300|null' "$(ask_json "json_extract(j, '\$[0].totals[0].count'), json_type(j, '\$[0].totals[0].sum_in_cents')")"
check 'a file that is absent is exit 66' ends 66 'No such file' describe "$WORK/absent.xml"
check 'no file is exit 64' ends 64 'FILE is required' describe

sed 's,</Ntry>,</Ntry><Ntry><Amt Ccy="EUR">1.00</Amt></Ntry>,' "$CREDITS" >"$WORK/odd.xml"
check 'an entry that cannot be used stands with its problem' ends 0 'problem: ' describe "$WORK/odd.xml" --home "$WORK/nowhere"
sed 's,>FR76[0-9]*<,>FR7610011000201234567890188<,' "$CREDITS" >"$WORK/stranger.xml"
check 'a file of another account' ends 0 'none of its entries (24) is of the configured account' describe "$WORK/stranger.xml" \
	--home "$HOME_DIR" --date 2026-03-13 --now 2026-03-13T09:00:00Z
check 'without entries of ours there is no empty table' shows_no '^none$'
check 'exceptions about what was reported before are printed' ends 0 'credit_after_failure' describe "$ROOT/fixtures/bank/each-rejected/status.xml" \
	--home "$HOME_DIR" --date 2026-03-13 --now 2026-03-13T09:00:00Z
check_same 'and what is not printed is counted' $'      12 more: --format json has all\n12 more: --format json has all\n9 more: --format json has all' "$(grep ' more: ' "$WORK/out")"

# --- validate ---------------------------------------------------------------------------------------------------------

check 'our files are valid' ends 0 'held against our schema' validate "$XML" "$REFUNDS"
check 'a file of the bank is valid' ends 0 'valid camt.054' validate "$CREDITS"
# breaks CLAIM NAME SED-EXPRESSION WHAT
breaks() {
	check "$1 can be made" changed "$2" "$3"
	check "$1 is exit 65, with its place" ends 65 "$WORK/$2:2: $4" validate "$WORK/$2"
}
cat "$CREDITS" "$NIGHTS/$CASE/drop/13-rejected/bank/PSR-20260309-0001.xml" >"$WORK/glued.xml"
check 'several messages in a file are counted' ends 0 '2 valid messages, 26 items' validate "$WORK/glued.xml"
breaks 'another sum of the file' sum.xml 's,<CtrlSum>1816.54,<CtrlSum>1816.55,' 'the file states a sum of 1 816.55 EUR and has 1 816.54 EUR'
breaks 'another count of the block' count.xml 's,(<PmtMtd>.*)<NbOfTxs>24,\1<NbOfTxs>23,' 'the block states 23 transactions and has 24'
breaks 'a wrong check digit' iban.xml 's,DE68([0-9]+),DE69\1,' 'debit 0000a1a9050080008018000000000001: debtor_iban: '
breaks 'an end-to-end id twice' twice.xml 's,0000a1a9050080008008000000000001,0000a1a9050080008004000000000001,' 'the end-to-end id 0000a1a9050080008004000000000001 is used twice'
breaks 'an amount with three decimals' amount.xml 's,>24.00<,>24.001<,' 'debit 0000a1a9050080008004000000000001: InstdAmt'
breaks 'what only the schema forbids' schema.xml 's,<SeqTp>RCUR,<SeqTp>WHAT,' 'Element '
head -c 5000 "$XML" >"$WORK/cut-debits.xml"
check 'a cut file of ours is not called unknown' ends 65 'the document ends too early' validate "$WORK/cut-debits.xml"
check 'a cut file is exit 65' ends 65 "$WORK/cut.xml:" validate "$WORK/cut.xml"
printf '<!DOCTYPE x [<!ENTITY a "b">]><Document/>' >"$WORK/doctype.xml"
check 'a DOCTYPE is exit 65' ends 65 'document type declaration' validate "$WORK/doctype.xml"
printf '<Document><Other/></Document>' >"$WORK/other.xml"
check 'another message is exit 65' ends 65 'is not a pain.001' validate "$WORK/other.xml"
check 'one that is not valid among others is exit 65' ends 65 'held against our schema' validate "$XML" "$WORK/other.xml"
sepa validate "$WORK/sum.xml" --format json
check_same 'JSON says what is wrong' 'sum_differs|0' "$(ask_json "json_extract(j, '\$[0].problems[0].code'), json_extract(j, '\$[0].is_valid')")"

gzip -c "$XML" >"$WORK/sdd.xml.gz"
check 'a file of ours in a gzip' ends 0 'valid pain.008.001.08, 24 items, read to its end' validate "$WORK/sdd.xml.gz"
gzip -c "$CREDITS" >"$WORK/c54.xml.gz"
check 'a file of the bank in a gzip' ends 0 '23 x credit BOOK' describe "$WORK/c54.xml.gz" --home "$WORK/nowhere"
gzip -c "$WORK/sum.xml" >"$WORK/sum.xml.gz"
check 'what is wrong in a gzip' ends 65 'the file states a sum of 1 816.55 EUR' validate "$WORK/sum.xml.gz"
check 'a gzip and its file have the same content' ends 0 'the same content' diff "$XML" "$WORK/sdd.xml.gz"

# --- diff -------------------------------------------------------------------------------------------------------------

xmllint --format "$XML" >"$WORK/pretty.xml"
check 'other bytes, the same content' ends 0 'the same content' diff "$XML" "$WORK/pretty.xml"
sed 's,>24.00<,>42.00<,' "$XML" >"$WORK/amount.xml"
check 'a changed amount' ends 3 '~ debit 0000a1a9050080008004000000000001  amount: 24.00 -> 42.00' \
	diff "$XML" "$WORK/amount.xml"
sed -E 's,<DrctDbtTxInf><PmtId><EndToEndId>0000a1a9050080008004000000000001.*(<DrctDbtTxInf><PmtId><EndToEndId>0000a1a9050080008008000000000001),\1,' \
	"$XML" >"$WORK/less.xml"
check 'a debit that is gone' ends 3 '- debit 0000a1a9050080008004000000000001  24.00 EUR' diff "$XML" "$WORK/less.xml"
check 'a debit that is new' ends 3 '+ debit 0000a1a9050080008004000000000001  24.00 EUR' diff "$WORK/less.xml" "$XML"
sed 's,FR7699999011010123450700797,FR7699999011010123450790797,' "$XML" >"$WORK/iban.xml"
check 'a new account, masked' ends 3 'debtor_iban: FR76***0797 -> FR76***0797 (they differ where they are masked)' \
	diff "$XML" "$WORK/iban.xml"
sed 's,<ReqdColltnDt>2026-03-10,<ReqdColltnDt>2026-03-11,' "$XML" >"$WORK/day.xml"
check 'another day' ends 3 '~ block 1  requested_collection_date: 2026-03-10 -> 2026-03-11' diff "$XML" "$WORK/day.xml"
check 'two files of the bank' ends 3 'header' diff "$CREDITS" "$NIGHTS/$CASE/drop/13-rejected/bank/PSR-20260309-0001.xml"
sum_up
