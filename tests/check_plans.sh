#!/usr/bin/env bash
# check_plans.sh: no statement of a night reads the whole of a table that grows each night: what a night costs follows what is
# new. Some cases are played once, and SQLite is asked how it means to run each statement of each stage.
# usage: check_plans.sh BINDIR
# An index in OPEN may be read whole: it has only what is open, or what persons decided. tests/plans.allowed has the statements that
# may read a whole table, each with its reason: stage (* for any), tab, the beginning of the statement, tab, reason; every one of
# them is needed.
# A claim of claims.sql that runs without the temporary tables of core/audit/scope.c is about all members: `whole: ` stands before it.
# One that reads the whole of such a table for each row of another step costs the square of what is new: `inner: ` stands before it.
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=$(cd "$1" && pwd)
STAGES='intake reconcile import post debts collect notify export audit'
CASES='month bank-answers french-bank bank-bulk settle-by-due-date mandates posted attributed refunds notices'
OPEN='artifact_unfinished swan_transaction_moved balance_transaction_waiting bank_entry_open debt_not_settled exception_open exception_decided notification_pending'
GROWING='bank_entry|bank_message|collection|debt|balance_transaction|card_payment|swan_transaction|notification|request|exception|input|artifact|swan_transaction_id|swan_payment_id|account_membership|card'
# A search by no more than these columns finds most rows of the table; `>?` alone stands for IS NOT NULL too.
COARSE='INDEX (balance_transaction_source [(]source_kind=[?][)]|sqlite_autoindex_exception_[0-9] [(]kind=[?][)]|[a-z_]+ [(][a-z_]+>[?][)])'

# The steps of a night case, one after the other; what they give is compared elsewhere (night.sh).
play() {
	local home=$WORK/home step on now text

	rm -rf "$home"
	make_home "$BIN" "$1" "$home"
	while read -r step on now _ text; do
		drop_inputs "$1" "$step" "$home"
		set_words "$1" "$step" "$on" "$now" "$text"
		PLANS=$WORK/$1 LD_PRELOAD=$WORK/plans.so run_alanpay "$BIN" "$1" "$step" "$home" >/dev/null || true
	done < <(print_steps "$1")
}

# Lines `stage: step: statement` of the plans that read a whole growing table, under its name or that of the statement. A temporary
# table stands before a growing one of its name, except where the statement names main.TABLE.
print_scans() {
	awk -F '\t' -v stages="$STAGES" -v growing="$GROWING" -v open="$OPEN" -v coarse="$COARSE" '
		# Whether a text names a growing table NAME, or one of another name as NAME.
		function is_growing(name, text, temporary,    at, found, word, n) {
			while (match(text, "(FROM|JOIN|,) +(main\\.)?(" growing ")( +(AS +)?[a-z_0-9]+)?( |,|\\)|;|$)")) {
				found = substr(text, RSTART, RLENGTH)
				text = substr(text, RSTART + RLENGTH - 1)
				sub(/^(FROM|JOIN|,) +/, "", found)
				sub(/[ ,);]+$/, "", found)
				n = split(found, word, / +/)
				at = word[1]
				sub(/^main\./, "", at)
				if (name != at && name != word[1] && (n == 1 || name != word[n]))
					continue
				if (at == word[1] && index(" " temporary " ", " " at " ") > 0)
					continue
				return 1
			}
			return 0
		}
		{
			split($2, word, " ")
			stage = $1
			sub(/^alanpay-/, "", stage)
			if (($2 ~ ("^SEARCH .* " coarse "$") ? "SCAN" : word[1]) != "SCAN" || index(" " stages " ", " " stage " ") == 0 || $3 ~ /^INSERT INTO bank_file /)
				next
			is_scoped = $3 ~ /^-- / && index(" " $5 " ", " collection ") > 0
			if (is_scoped && $6 == "inner" && is_growing(word[2], $3 " " $4, "") && !is_growing(word[2], $3 " " $4, $5))
				print stage ": " $2 ": inner: " $3
			if (!is_growing(word[2], $3 " " $4, $5) && (word[2] !~ "^(main\\.)?(" growing ")$" || index(" " $5 " ", " " word[2] " ") > 0))
				next
			if (match($2, /INDEX [a-z_0-9]+/) && index(" " open " ", " " substr($2, RSTART + 6, RLENGTH - 6) " ") > 0)
				next
			print stage ": " $2 ": " ($3 ~ /^-- / && !is_scoped ? "whole: " : "") $3
		}' "$1" | sort -u
}

# Of lines of print_scans those that are not allowed, or with `unneeded` the allowances that no line needs.
compare_allowed() {
	awk -F '\t' -v wanted="$1" '
		FNR == NR {
			if (NF == 3 && $1 !~ /^#/) {
				stage[++n] = $1
				text[n] = $2
			}
			next
		}
		{
			i = index($0, ": ")
			of = substr($0, 1, i - 1)
			rest = substr($0, i + 2)
			rest = substr(rest, index(rest, ": ") + 2)
			allowed = 0
			for (i = 1; i <= n; i++)
				if ((stage[i] == "*" || stage[i] == of) && index(rest, text[i]) == 1) {
					allowed = needed[i] = 1
				}
			if (!allowed && wanted == "forbidden")
				print
		}
		END {
			for (i = 1; i <= n && wanted == "unneeded"; i++)
				if (!needed[i])
					print stage[i] ": " text[i]
		}' "$ROOT/tests/plans.allowed" "$2"
}

has_none() {
	local lines

	lines=$(compare_allowed "$1" "$2")
	[[ -z $lines ]] || {
		cut -c 1-300 <<<"$lines"
		return 1
	}
}

make_work
printf 'sh\tSCAN e\tSELECT 1 FROM bank_entry e\nalanpay-reconcile\tSCAN e\tSELECT 1 FROM bank_entry e JOIN x\n' >"$WORK/known"
printf 'alanpay-audit\tSCAN %s\t-- I1. SELECT 1 FROM %s\t\t%s\n' c 'collection c' 'a collection' o 'main.collection o' 'a collection' \
	collection collection 'a collection' main.debt main.debt 'collection debt' debt debt collection c 'collection c' '' >"$WORK/claims"
check_same 'a scan is seen' 'reconcile: SCAN e: SELECT 1 FROM bank_entry e JOIN x' "$(print_scans "$WORK/known")"
coarse='SEARCH b USING COVERING INDEX balance_transaction_source (source_kind=?)'
printf 'alanpay-audit\t%s\tSELECT 1 FROM balance_transaction b\nalanpay-audit\t%s AND source=?)\tSELECT 1 FROM balance_transaction b\n' \
	"$coarse" "${coarse%)}" >"$WORK/known"
check_same 'a search by a column that most rows have alike is a scan' "audit: $coarse: SELECT 1 FROM balance_transaction b" \
	"$(print_scans "$WORK/known")"
check_same 'of claims, one of a table that is not temporary' "$(printf 'audit: SCAN %s\n' 'c: whole: -- I1. SELECT 1 FROM collection c' \
	'debt: -- I1. SELECT 1 FROM debt' 'main.debt: -- I1. SELECT 1 FROM main.debt' 'o: -- I1. SELECT 1 FROM main.collection o')" \
	"$(print_scans "$WORK/claims")"
printf 'alanpay-audit\tSCAN c\t-- I1. SELECT 1 FROM collection c\t\tcollection debt\t%s\n' '' inner >"$WORK/claims"
check_same 'of claims, one that reads a temporary table for each row of another one' \
	'audit: SCAN c: inner: -- I1. SELECT 1 FROM collection c' "$(print_scans "$WORK/claims")"
if [[ $(ldd "$BIN/alanpay-reconcile") == *libasan* ]]; then
	echo '# skipped: no library is loaded before that of the sanitizer'
	echo "$passed passed, $failed failed"
	exit
fi
"${CC:-cc}" -std=c17 -O1 -fPIC -shared -o "$WORK/plans.so" "$ROOT/tests/plans.c" -ldl
for case in $CASES; do
	play "$case"
	print_scans "$WORK/$case" >"$WORK/$case.scans"
	check "$case: no statement reads the whole of a growing table" has_none forbidden "$WORK/$case.scans"
done
cat "$WORK"/*.scans | sort -u >"$WORK/all"
for stage in $STAGES; do
	check "$stage prepared statements" grep -qrs "^alanpay-$stage	" "$WORK"
done
check 'claims were proved of some members only, as by night' grep -Eqrs "^alanpay-audit	SCAN [^	]*	-- .* collection debt " "$WORK"
check 'each allowance of tests/plans.allowed is needed' has_none unneeded "$WORK/all"
echo "$passed passed, $failed failed"
