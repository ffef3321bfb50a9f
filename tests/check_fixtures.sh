#!/usr/bin/env bash
# check_fixtures.sh: fixtures that are wrong are refused with file and line; homes become fixtures while they are used.
# usage: check_fixtures.sh BINDIR
# That the nine stages run from theirs: tests/rerun.sh.
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=$(cd "$1" && pwd)
make_work

# ends STATUS WORDS COMMAND...: ends so, and says those words.
ends() {
	local got=0

	"$BIN/alanpay" "${@:3}" >"$WORK/said" 2>&1 || got=$?
	if [[ $got != "$1" ]] || ! grep -qF -- "$2" "$WORK/said"; then
		echo "ended with $got, expected: $1 and \"$2\""
		cat "$WORK/said"
		return 1
	fi
}

# spoil SCRIPT: a copy of the fixture of debts, its books changed by sed.
spoil() {
	rm -rf "$WORK/bad"
	cp -R "$ROOT/fixtures/stages/debts" "$WORK/bad"
	cp "$ROOT/fixtures/alanpay.ini" "$WORK/bad/"
	sed -i "$1" "$WORK/bad/books"
}

line_of() {
	grep -n -m 1 "$1" "$WORK/bad/books" | cut -d : -f 1
}

check_bad_books() {
	local line

	spoil '/^card /s/=.*//'
	line=$(line_of '^card')
	check 'a line that is cut' ends 65 "$WORK/bad/books:$line: " fixture run "$WORK/bad"
	spoil '/^table card:/s/card/carte/'
	line=$(line_of '^table carte')
	check 'an unknown table' ends 65 "$WORK/bad/books:$line: a table carte does not exist" fixture run "$WORK/bad"
	spoil '/^card /s/created_at=/created_at=now/'
	line=$(line_of '^card')
	check 'a wrong literal' ends 65 "$WORK/bad/books:$line: a value is" fixture run "$WORK/bad"
	spoil '1s/.*/schema 1/'
	check 'another schema' ends 65 "$WORK/bad/books:1: these are the books of schema 1, and" fixture run "$WORK/bad"
	spoil '/^end$/d'
	check 'books without their end' ends 65 'the file is cut' fixture run "$WORK/bad"
	spoil '/^profile number=1\t/d'
	check 'a row whose member is missing' ends 65 'refers to a row of profile that does not exist' fixture run "$WORK/bad"
	check 'of a fixture that is refused no home is left' leaves_no_home
}

leaves_no_home() {
	ends 65 'refers to' fixture load "$WORK/bad" --home "$WORK/none" && [[ ! -e $WORK/none ]]
}

check_bad_folders() {
	spoil ''
	check 'no fixture' ends 66 'a fixture has a file' fixture run "$WORK"
	check 'a home that exists' ends 73 'does not exist yet' fixture load "$WORK/bad" --home "$WORK"
	echo 'debts 2026-03-04' >"$WORK/bad/stage"
	check 'a stage without a clock' ends 65 "$WORK/bad/stage:1: the clock behind the date is missing" fixture run "$WORK/bad"
	spoil ''
	sed -i 's/= test/= sandbox/; /^identity = any/d' "$WORK/bad/alanpay.ini"
	check 'another environment' ends 77 'in a test environment only' fixture run "$WORK/bad"
	spoil ''
	sed -i '1d' "$WORK/bad/expected/books.diff"
	check 'other changes than expected' ends 3 'not as expected' fixture run "$WORK/bad"
	check 'they are shown' grep -q '^+~\|^++' "$WORK/said"
	check 'and accepted' ends 0 written: fixture run "$WORK/bad" --accept
	check 'then they are expected' ends 0 'as expected' fixture run "$WORK/bad"
}

check_load() {
	check 'a fixture becomes a home' ends 0 'alanpay audit --home' fixture load "$ROOT/fixtures/stages/audit" --home "$WORK/audit"
	write_books_query "$WORK/audit" >"$WORK/books.sql"
	print_books "$WORK/audit" >"$WORK/books"
	check 'whose books are those of the fixture, as sqlite3 sees them' \
		diff "$WORK/books" <(sed '1d; $d' "$ROOT/fixtures/stages/audit/books")
	check 'and it proves' ends 0 'claims proved' audit --full --home "$WORK/audit" --date 2026-04-04 --now 2026-04-04T02:30:00Z
}

# While a process holds the lock of the home, as a stage does, and writes.
captures_while_used() {
	local used=$WORK/in-use status=0

	ends 0 'next run it' fixture load "$ROOT/fixtures/stages/audit" --home "$used" || return 1
	exec {lock}<>"$used/state/lock"
	flock "$lock"
	ends 75 'another process' debts --home "$used" --date 2026-04-04 --now 2026-04-04T02:30:00Z --wait 0 &&
		ends 0 'is a fixture for audit' fixture capture --home "$used" --date 2026-04-04 --out "$WORK/used" || status=1
	exec {lock}>&-
	diff "$WORK/used/books" "$ROOT/fixtures/stages/audit/books" || status=1
	return "$status"
}

# A home changes nothing by being captured.
is_untouched() {
	local before after

	before=$(cd "$WORK/audit" && find . -type f ! -name '*-shm' ! -name lock -exec sha256sum {} + | sort)
	ends 0 'replaced:' fixture capture --home "$WORK/audit" --date 2026-04-04 --out "$WORK/masked" --anonymize
	after=$(cd "$WORK/audit" && find . -type f ! -name '*-shm' ! -name lock -exec sha256sum {} + | sort)
	diff <(echo "$before") <(echo "$after")
}

proves_masked() {
	ends 0 'next run it' fixture load "$WORK/masked" --home "$WORK/masked-home" &&
		ends 0 'claims proved' audit --full --home "$WORK/masked-home" --date 2026-04-04 --now 2026-04-04T02:30:00Z
}

# What leads to Swan, to a receiver or to a secret stays in the home.
leads_nowhere() {
	cat >>"$WORK/in-use/alanpay.ini" <<-'END'

		[swan]
		endpoint = https://swan.example/graphql
		client_id = the-client
		client_secret_file = /etc/alanpay/secret

		[notifications]
		mode = http
		url = https://receiver.example/batches
		hmac_secret_file = /etc/alanpay/hmac

		[support]
		appointment_scheduling_enabled = yes
		appointment_scheduling_url = https://alan.com/support
	END
	ends 0 'next run it' fixture capture --home "$WORK/in-use" --date 2026-04-04 --out "$WORK/inward" || return 1
	if grep -E 'example|the-client|secret =|http$|_file' "$WORK/inward/alanpay.ini"; then
		return 1
	fi
	ends 0 'claims proved' fixture run "$WORK/inward"
}

# A year later, to the day.
proves_shifted() {
	local when=(--date 2027-04-04 --now 2027-04-04T02:30:00Z)

	ends 0 'replaced:' fixture capture --home "$WORK/audit" --date 2026-04-04 --now 2026-04-04T02:30:00Z --out "$WORK/shifted" \
		--anonymize --shift-days 365 &&
		diff <(echo 'audit 2027-04-04 2027-04-04T02:30:00Z 0') "$WORK/shifted/stage" &&
		ends 0 'next run it' fixture load "$WORK/shifted" --home "$WORK/shifted-home" &&
		ends 0 'claims proved' audit --full --home "$WORK/shifted-home" "${when[@]}" || return 1
	[[ -d $WORK/shifted-home/out/sepa/2027-04-10_20270331-1 ]] && ! grep -E "'2026-|20260[1-4][0-3][0-9]-" "$WORK/shifted/books"
}

print_odd() {
	sqlite3 "$1/state/alanpay.db" 'SELECT hex(name), hex(kept_at) FROM input; SELECT hex(message) FROM request; SELECT hex(message) FROM exception'
}

# A file has any name, and a request any field: what is not UTF-8, or was cut within a character, comes back.
keeps_bytes() {
	local home=$WORK/odd when=(--date 2026-03-05 --now 2026-03-05T02:30:00Z)

	ends 0 'next run it' fixture load "$ROOT/fixtures/stages/notify" --home "$home" || return 1
	printf '{"message_id":"1","op":"declare_profile","app_id":"alan","app_user_id":"1","%s":"1"}\n' "x$(printf 'é%.0s' {1..50})" \
		>"$home/inbox/requests/mixed.web.20260305T010000Z.1.jsonl"
	echo junk >"$home/inbox/receipts/receipts.app.20260305T010000Z.1.jsonl"
	ends 3 quarantined notify --home "$home" "${when[@]}" && ends 3 '1 request rejected' intake --home "$home" "${when[@]}" || return 1
	# a home that has stored such bytes
	sqlite3 -batch -bail -init /dev/null "$home/state/alanpay.db" \
		"UPDATE exception SET message = CAST(x'64E96AE0' AS TEXT) WHERE number = (SELECT max(number) FROM exception)" || return 1
	[[ $(print_odd "$home") == *64E96AE0* ]] || return 1
	ends 0 'next run it' fixture capture --home "$home" --out "$WORK/odd-plain" --stage notify "${when[@]}" &&
		ends 0 'without a receipt' fixture run "$WORK/odd-plain" &&
		ends 0 'next run it' fixture load "$WORK/odd-plain" --home "$WORK/odd-again" || return 1
	diff <(print_odd "$home") <(print_odd "$WORK/odd-again") &&
		ends 0 'replaced:' fixture capture --home "$home" --out "$WORK/odd-masked" --stage notify --anonymize "${when[@]}" &&
		ends 0 'without a receipt' fixture run "$WORK/odd-masked"
}

# What a night has published before is not there in its fixture, and is not missed.
misses_nothing() {
	local home=$WORK/answered when=(--date 2026-03-05 --now 2026-03-05T09:00:00Z)

	ends 0 'next run it' fixture load "$ROOT/fixtures/stages/notify" --home "$home" &&
		ends 0 'without a receipt' notify --home "$home" "${when[@]}" || return 1
	head -1 "$home/out/notifications/2026-03-05/alan_pay__recovery_session-1.jsonl" |
		sed 's/,"name.*/,"status":"accepted"}/' >"$home/inbox/receipts/receipts.app.20260305T080000Z.1.jsonl"
	ends 0 '1 notification accepted' notify --home "$home" "${when[@]}" &&
		ends 0 'next run it' fixture capture --home "$home" --out "$WORK/answered-fixture" --stage notify "${when[@]}" &&
		ends 0 'without a receipt' fixture run "$WORK/answered-fixture" && ! grep SHA256 "$WORK/said"
}

check_capture() {
	check 'a home is captured while it is used' captures_while_used
	check 'the fixture of it leads nowhere' leads_nowhere
	check 'a home stays as it is' is_untouched
	check 'anonymized it proves, whole' proves_masked
	check 'a year later it proves, too' proves_shifted
	check 'bytes that are not UTF-8 come back' keeps_bytes
	check 'files of before are not missed' misses_nothing
	check 'days without the rest' ends 64 'belongs to --anonymize' fixture capture --home "$WORK/audit" --out "$WORK/other" --shift-days 7
	check 'no days' ends 64 'is not a valid number of days' \
		fixture capture --home "$WORK/audit" --out "$WORK/other" --anonymize --shift-days week
	check 'a folder that exists' ends 73 'name a folder that does not exist yet' fixture capture --home "$WORK/audit" --out "$WORK/masked"
	check 'an import without pages' ends 64 '--swan DIR is required' fixture capture --home "$WORK/audit" --out "$WORK/other" --stage import
	check 'no stage' ends 64 'is not a valid stage' fixture capture --home "$WORK/audit" --out "$WORK/other" --stage sepa
}

# only HOME MEMBERS WORDS...: what of the home is captured with them proves, and names no other member.
only() {
	local home=$1 members=$2 others

	rm -rf "$WORK/cut"
	ends 0 'next run it' fixture capture --home "$home" --date 2026-04-04 --out "$WORK/cut" "${@:3}" || return 1
	ends 0 'claims proved' fixture run "$WORK/cut" || return 1
	[[ $(grep -c '^profile number' "$WORK/cut/books") == "$members" ]]
	others=$(sqlite3 -batch -init /dev/null "$home/state/alanpay.db" \
		"SELECT iban FROM mandate WHERE profile_number NOT IN ($(sed -nE 's/^profile number=([0-9]+).*/\1/p' "$WORK/cut/books" | paste -sd,))")
	[[ -z $others ]] || ! grep -rlF "$others" "$WORK/cut"
}

# Of the files of Swan that are to be posted, too.
only_posts() {
	ends 0 'next run it' fixture load "$ROOT/fixtures/stages/post" --home "$WORK/post" || return 1
	ends 0 'next run it' fixture capture --home "$WORK/post" --date 2026-02-09 --now 2026-02-09T02:30:00Z --stage post \
		--profile alan/3001 --out "$WORK/cut-post" || return 1
	ends 0 'transaction captured' fixture run "$WORK/cut-post" && (($(cat "$WORK"/cut-post/home/out/*/transactions.csv | wc -l) < 9))
}

# Members between whom a person moved transactions come together.
only_moved() {
	local home=$WORK/moved user

	play_case "$BIN" moved "$home" || return 1
	for user in 3001 3002 3003; do
		only "$home" 3 --profile "alan/$user" || return 1
	done
}

check_selection() {
	local user

	user=$(sqlite3 -batch -init /dev/null "$WORK/audit/state/alanpay.db" 'SELECT min(app_user_id) FROM profile')
	check 'a member alone' only "$WORK/audit" 1 --profile "alan/$user"
	check 'a member alone, anonymized' only "$WORK/audit" 1 --profile "alan/$user" --anonymize
	check 'the members of a session' only "$WORK/audit" 7 --session 20260228-1
	check 'a member alone, to post' only_posts
	check 'members whose transactions were moved' only_moved
	check 'no member' ends 66 'Profile not found for app [alan] and user [none]' \
		fixture capture --home "$WORK/audit" --out "$WORK/other" --profile alan/none
	check 'no such session' ends 66 'session 20990101-1 does not exist' \
		fixture capture --home "$WORK/audit" --out "$WORK/other" --session 20990101-1
}

# What the bank reports again under other bytes, and a digest beside a file that is right or wrong, are recognized when anonymized, too.
knows_again() {
	local file door=$WORK/bank/inbox/bank

	play_case "$BIN" bank-answers "$WORK/bank" 10-done || return 1
	for file in "$NIGHTS"/bank-answers/drop/{09,10}*/bank/*; do
		{ cat "$file" && echo; } >"$door/again-${file##*/}"
	done
	(cd "$door" && sha256sum again-C53-20260310-1.xml >again-C53-20260310-1.xml.sha256)
	sed 's/[0-9a-f]/0/' "$door/again-C53-20260310-1.xml.sha256" >"$door/again-C53-20260310-2.xml.sha256"
	WHEN=(--date 2026-03-14 --now 2026-03-14T02:30:00Z)
	ends 0 'replaced:' fixture capture --home "$WORK/bank" --out "$WORK/again" --stage reconcile --anonymize "${WHEN[@]}" || return 1
	"$BIN/alanpay" fixture run "$WORK/again" | grep '^reconcile ' >"$WORK/masked.txt"
	"$BIN/alanpay" reconcile --home "$WORK/bank" "${WHEN[@]}" 2>/dev/null >"$WORK/plain.txt" || true
	grep 'known before' "$WORK/plain.txt" && grep 'quarantined' "$WORK/plain.txt" &&
		diff "$WORK/plain.txt" "$WORK/masked.txt"
}

# What the stage says in that home, and in its anonymized fixture.
says_the_same() {
	local stage=$1 when=(--date 2026-03-14 --now 2026-03-14T02:30:00Z) pages=() capture=()

	[[ $stage != import ]] || pages=(--fixtures "$NIGHTS/month/drop/06-freeze/swan") capture=(--swan "${pages[1]}")
	rm -rf "$WORK/month-run" "$WORK/month-masked"
	cp -a "$WORK/month" "$WORK/month-run"
	"$BIN/alanpay" "$stage" --home "$WORK/month-run" "${when[@]}" "${pages[@]}" --as scheduler 2>/dev/null >"$WORK/plain.txt" || true
	ends 0 'replaced:' fixture capture --home "$WORK/month" --out "$WORK/month-masked" --stage "$stage" --anonymize "${when[@]}" \
		"${capture[@]}" || return 1
	"$BIN/alanpay" fixture run "$WORK/month-masked" | grep "^$stage " >"$WORK/masked.txt"
	[[ -s $WORK/plain.txt ]] && diff "$WORK/plain.txt" "$WORK/masked.txt"
}

# The home of the demo at its end, captured for each stage.
check_demo() {
	local stage

	check 'the demo can be played' play_case "$BIN" month "$WORK/month" 15-returned
	while IFS= read -r stage; do
		check "of the demo, anonymized: $stage" says_the_same "$stage"
	done < <(grep -Ev '^(#|$)' "$ROOT/schedules/nightly")
}

check_bad_books
check_bad_folders
check_load
check_capture
check 'what came before is known again' knows_again
check_selection
check_demo
sum_up
