#!/usr/bin/env bash
# check_bank_files.sh: proves the bank files, debits and refunds, of the night case `month` with tools that share nothing with ours: xmllint, awk,
# sqlite3, sha256sum. Count and sum are the same at every place that states them, and the schemas are kept.
# usage: check_bank_files.sh BINDIR
# The official schemas are taken from ../shared/iso20022 when they are there. What the nights let the bank say is held
# against them too, but for the steps named *-broken.
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=$(cd "$1" && pwd)
CASE=month
LAST=06-freeze
SCHEMAS=$ROOT/../shared/iso20022

# The month up to and with its freeze.
play_until_freeze() {
	local step on now text got

	while read -r step on now _ text; do
		got=0
		drop_inputs "$CASE" "$step" "$HOME_DIR"
		set_words "$CASE" "$step" "$on" "$now" "$text"
		run_alanpay "$BIN" "$CASE" "$step" "$HOME_DIR" >"$WORK/output" || got=$?
		[[ $got == 0 || $got == 3 ]] || {
			sed 's/^/	/' "$WORK/output"
			check "$step can be played" false
			sum_up
			exit 1
		}
		[[ $step != "$LAST" ]] || break
	done < <(print_steps "$CASE")
}

# --- the same fact, from different sources: "<count> <cents>" ---------------------------------------------------------

# Elements by their path of local names below the document's message, a value a line.
print_values() {
	local path='' name

	for name in ${2//\// }; do
		path="$path/*[local-name()='$name']"
	done
	xmllint --xpath "/*/*$path/text()" "$1"
	echo
}

# An amount that has not two decimals is no amount of a bank file.
in_cents() {
	awk '
		NF == 0 { next }
		!/^[0-9]+\.[0-9][0-9]$/ { print "not an amount: " $0 > "/dev/stderr"; exit 1 }
		{ sub(/\./, ""); sum += $0; n++ }
		END { printf "%d %.0f\n", n, sum }'
}

# Where the amounts are: of a pain.008 or a pain.001.
set_kind() {
	case $1 in
	*/SDD-*) KIND=debit TRANSACTION=DrctDbtTxInf AMOUNT=DrctDbtTxInf/InstdAmt MESSAGE=pain.008.001.08 SIGN=1 ;;
	*/SCT-*) KIND=refund TRANSACTION=CdtTrfTxInf AMOUNT=CdtTrfTxInf/Amt/InstdAmt MESSAGE=pain.001.001.09 SIGN=-1 ;;
	esac
}

count_amounts() {
	print_values "$1" "PmtInf/$AMOUNT" | in_cents
}

stated_in() {
	local count sum

	count=$(print_values "$1" "$2/NbOfTxs" | head -n 1)
	sum=$(print_values "$1" "$2/CtrlSum" | in_cents)
	echo "$count ${sum#1 }"
}

count_csv() {
	sqlite3 -batch -init /dev/null :memory: -cmd ".import --csv '$1' list" \
		'SELECT count(*), sum(amount_in_cents) FROM list' -separator ' '
}

ask_books() {
	sqlite3 -batch -init /dev/null -readonly -separator ' ' "$HOME_DIR/state/alanpay.db" "$1"
}

count_debts() {
	ask_books "SELECT count(*), sum($SIGN * d.amount_in_cents) FROM debt d JOIN session s ON s.number = d.session_number
		JOIN bank_file f ON f.session_number = s.number
		WHERE f.name = '$1' AND $SIGN * d.amount_in_cents > 0 AND d.status NOT IN ('succeeded', 'failed')"
}

# What the members spent and got back in the debts of the file, from the ledger alone.
count_ledger() {
	ask_books "SELECT count(DISTINCT b.profile_number), -sum($SIGN * b.amount_in_cents) FROM balance_transaction b
		JOIN debt d ON d.profile_number = b.profile_number AND d.session_number = b.session_number
		JOIN bank_file f ON f.session_number = b.session_number
		WHERE f.name = '$1' AND $SIGN * d.amount_in_cents > 0 AND d.status NOT IN ('succeeded', 'failed')"
}

# --- claims -----------------------------------------------------------------------------------------------------------

print_repeated() {
	print_values "$1" "PmtInf/$TRANSACTION/PmtId/EndToEndId" | sort | uniq -d | sed '/^$/d'
}

are_all_different() {
	local repeated

	repeated=$(print_repeated "$1")
	[[ -z $repeated ]] || {
		echo "$repeated"
		return 1
	}
}

keeps_digest() {
	(cd "$1" && sha256sum --quiet -c ./*.sha256)
}

keeps_schema() {
	xmllint --noout --nonet --schema "$1" "$2"
}

check_schema() {
	local schema=$1 file=$2

	if [[ -f $schema ]]; then
		check "${file##*/} keeps $(basename "$schema")" keeps_schema "$schema" "$file"
	else
		skip "${file##*/}: ${schema#"$ROOT"/} is not here"
	fi
}

check_file() {
	local xml=$1 folder=${1%/*} name=${1##*/} counted

	set_kind "$xml"
	counted=$(count_amounts "$xml")
	check_same "$name: GrpHdr states its ${KIND}s" "$counted" "$(stated_in "$xml" GrpHdr)"
	check_same "$name: PmtInf states its ${KIND}s" "$counted" "$(stated_in "$xml" PmtInf)"
	check_same "$name: ${KIND}s.csv has its ${KIND}s" "$counted" "$(count_csv "$folder/${KIND}s.csv")"
	check_same "$name: the debts are its ${KIND}s" "$counted" "$(count_debts "$name")"
	check_same "$name: the ledger is its ${KIND}s" "$counted" "$(count_ledger "$name")"
	check "$name: no EndToEndId twice" are_all_different "$xml"
	check "$name: its .sha256 is right" keeps_digest "$folder"
	check_schema "$ROOT/formats/xsd/$MESSAGE.xsd" "$xml"
	check_schema "$SCHEMAS/$MESSAGE.xsd" "$xml"
	check_schema "$SCHEMAS/gbic/${MESSAGE}_GBIC_4.xsd" "$xml"
}

# The documents of a file, which may be packed, or hold several in a row: each in a file of its own in $WORK/documents.
split_documents() {
	local name=${1##*/}

	rm -rf "$WORK/documents"
	mkdir "$WORK/documents"
	gzip -dcf "$1" | awk -v name="$WORK/documents/${name%.gz}" '
		/^<\?xml / { n++ }
		{ print >(n < 2 ? name : name "-" n) }'
}

check_answers() {
	local file document message

	if [[ ! -d $SCHEMAS ]]; then
		skip 'what the bank says in the nights: ../shared/iso20022 is not here'
		return
	fi
	for file in "$NIGHTS"/*/drop/*/bank/*.xml{,.gz}; do
		[[ $file != */drop/*-broken/* ]] || continue
		split_documents "$file"
		for document in "$WORK"/documents/*; do
			message=$(xmllint --nonet --xpath 'namespace-uri(/*)' "$document")
			check_schema "$SCHEMAS/${message##*:}.xsd" "$document"
		done
	done
}

make_work
HOME_DIR=$WORK/home
make_home "$BIN" "$CASE" "$HOME_DIR"
play_until_freeze
check 'the freeze made a file of debits' compgen -G "$HOME_DIR/out/sepa/*/v1/SDD-*.xml"
check 'the freeze made a file of refunds' compgen -G "$HOME_DIR/out/sepa/*/refunds-v1/SCT-*.xml"
for xml in "$HOME_DIR"/out/sepa/*/*v1/*.xml; do
	check_file "$xml"
done
check_answers
sum_up
