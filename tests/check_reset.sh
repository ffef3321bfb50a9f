#!/usr/bin/env bash
# check_reset.sh: a member of a development environment is removed, whatever the books have of it, and the audit stays clean; in
# production, at a live endpoint, with a debt that was in a bank file, or with a decision that was taken back nobody is.
# usage: check_reset.sh BINDIR
# The home is that of the night case `month` at its end; that with decisions is of some steps of the case `moved`.
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=$(cd "$1" && pwd)
WHEN=(--date 2026-03-13 --now 2026-03-13T09:00:00Z --as alice)
HERE='endpoint = http://127.0.0.1:1/graphql'

make_work

# play CASE [STEPS]: a home of the name of the case, after those of its steps that the pattern fits.
play() {
	local case=$1 step on now expected text

	make_home "$BIN" "$case" "$WORK/$case"
	while read -r step on now expected text; do
		[[ $step =~ ${2:-.} ]] || continue
		drop_inputs "$case" "$step" "$WORK/$case"
		set_words "$case" "$step" "$on" "$now" "$text"
		run_alanpay "$BIN" "$case" "$step" "$WORK/$case" >"$WORK/output" || [[ $? == "${expected%!}" ]]
	done < <(print_steps "$case")
}

# The member's onboarding has begun, with two codes sent to the phone; another phone has got one too.
begin_onboarding() {
	sqlite3 -batch -init /dev/null "$WORK/home/state/alanpay.db" "
		INSERT INTO phone_verification (request_id, phone_number, asked_at)
		VALUES ('r-1', '+33698765432', 1), ('r-2', '+33698765432', 2), ('r-3', '+33698765433', 3);
		INSERT INTO onboarding (profile_number, step, request_id, details, begun_at)
		VALUES ($1, 'verify', 'r-2', zeroblob(32), 2)"
}

# fresh [LINE [CASE]]: a copy of the home of a case, with [swan].
fresh() {
	rm -rf "${WORK:?}/home"
	cp -a "$WORK/${2:-month}" "$WORK/home"
	printf '\n[swan]\n%s\n' "${1:-$HERE}" >>"$WORK/home/alanpay.ini"
}

act() {
	STATUS=0
	"$BIN/alanpay" "$@" --home "$WORK/home" "${WHEN[@]}" >"$WORK/said" 2>&1 || STATUS=$?
}

ended() {
	[[ $STATUS == "$1" ]] || {
		echo "exit $STATUS instead of $1"
		cat "$WORK/said"
		return 1
	}
}

says() {
	grep -qF -- "$1" "$WORK/said" || {
		cat "$WORK/said"
		return 1
	}
}

ask_books() {
	sqlite3 -batch -init /dev/null -readonly "$WORK/${2:-home}/state/alanpay.db" "$1"
}

# Every row that names the member, but for its own reset.
rows_of() {
	local table

	for table in $(ask_books "SELECT t.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c
			WHERE t.type = 'table' AND c.name = 'profile_number' AND t.name NOT IN ('dev_reset', 'audit_member')"); do
		ask_books "SELECT '$table' FROM $table WHERE profile_number = $1"
	done
	ask_books "SELECT 'profile' FROM profile WHERE number = $1"
}

is_clean() {
	act audit --full
	[[ $STATUS == 0 || $STATUS == 3 ]] || {
		cat "$WORK/said"
		return 1
	}
}

# Members with rows of the ledger, and with no debt in any bank file.
members() {
	ask_books "SELECT p.number FROM profile p
		WHERE EXISTS (SELECT 1 FROM balance_transaction b WHERE b.profile_number = p.number)
		AND NOT EXISTS (SELECT 1 FROM collection c WHERE c.profile_number = p.number) ORDER BY p.number" month
}

remove() {
	local number=$1 user lines before

	user=$(ask_books "SELECT app_user_id FROM profile WHERE number = $number" month)
	fresh
	begin_onboarding "$number"
	before=$(ask_books 'SELECT group_concat(name || last) FROM counter WHERE name <> '"'dev_reset'")
	print_books "$WORK/home" >"$WORK/before"
	act dev reset-user --app-user-id "$user" --app-id alan --dry-run
	check "user $user: a dry run ends well" ended 0
	check "user $user: and prints what would go" says "Removing profile alan $user"
	lines=$(grep -c ^Removing "$WORK/said")
	check "user $user: how far the onboarding went" says 'Removing onboarding (last step: '
	check "user $user: and changes nothing" diff "$WORK/before" <(print_books "$WORK/home")
	act dev reset-user --app-user-id "$user"
	check "user $user: it is removed" ended 0
	check_same "user $user: with the same lines" "$lines" "$(grep -c ^Removing "$WORK/said")"
	check_same "user $user: which are the rows" "$lines" "$(ask_books 'SELECT deleted FROM dev_reset WHERE is_open = 0')"
	check "user $user: nothing is left" test -z "$(rows_of "$number")"
	check_same "user $user: nor is the phone, but that of another person" r-3 "$(ask_books 'SELECT request_id FROM phone_verification')"
	check "user $user: the audit is clean" is_clean
	check "user $user: and forgets what it had proved" test -z "$(ask_books "SELECT 1 FROM audit_member WHERE profile_number = $number")"
	act dev reset-user --app-user-id "$user"
	check "user $user: once more finds nothing" says "No payment card profile found for app_user_id $user"
	act profiles declare --app-id alan --app-user-id "$user" --message-id again
	check "user $user: may be declared again" ended 0
	check "user $user: under another number" test "$(ask_books "SELECT number FROM profile WHERE app_user_id = '$user'")" -gt "$number"
	act post
	act debts
	check "user $user: the audit stays clean" is_clean
	check "user $user: counters are never lower" counters_grew "$before"
}

counters_grew() {
	local now

	now=$(ask_books "SELECT count(*) FROM profile WHERE number > (SELECT last FROM counter WHERE name = 'profile')")
	[[ -n $1 && $now == 0 ]]
}

# refuses STATUS WORDS USER
refuses() {
	print_books "$WORK/home" >"$WORK/before"
	act dev reset-user --app-user-id "$3" --app-id alan
	check "$2: ends $1" ended "$1"
	check "$2: says so" says "$2"
	check "$2: nothing changes" diff "$WORK/before" <(print_books "$WORK/home")
}

# refuses_after STEPS USER...: of the case `moved`, in which a transaction of the first member is taken back from her.
refuses_after() {
	local user

	rm -rf "${WORK:?}/moved"
	play moved "$1"
	fresh '' moved
	for user in "${@:2}"; do
		refuses 77 'the Swan transaction f-1, which concerns the member, was reversed: its rows stay' "$user"
	done
}

refuse_decided() {
	refuses_after '^0[12]|-out$|^08-later|^09' 3001 3002 # moved to the second one, and corrected there
	refuses_after '^0[12]|-out$' 3001 3002
	refuses_after '^0[12]|^0[34]-out$' 3001
	act dev reset-user --app-user-id 3002
	check 'a member whom it does not concern is removed' ended 0
	check 'that audit is clean' is_clean
}

refuse() {
	local user email

	fresh
	user=$(ask_books "SELECT p.app_user_id FROM profile p JOIN collection c ON c.profile_number = p.number LIMIT 1")
	refuses 77 'which was released' "$user"
	user=$(ask_books "SELECT app_user_id FROM profile WHERE number = $FIRST")
	fresh 'endpoint = https://api.swan.io/live-partner/graphql'
	refuses 77 "is not Swan's sandbox" "$user"
	fresh 'endpoint = https://api.swan.io.example/sandbox-partner/graphql'
	refuses 77 "is not Swan's sandbox" "$user"
	fresh
	for email in 'zoe' 'zoe@ex ample.com'; do
		print_books "$WORK/home" >"$WORK/before"
		act dev reset-user --app-user-id "$user" --app-user-email "$email"
		check "email '$email': ends 65" ended 65
		check "email '$email': is named" says 'app-user-email: '
		check "email '$email': nothing changes" diff "$WORK/before" <(print_books "$WORK/home")
	done
	refuse_decided
	WHEN=()
	fresh 'endpoint = https://api.swan.io/sandbox-partner/graphql'
	change_environment "$WORK/home" production
	sed -i '/^identity = any/d' "$WORK/home/alanpay.ini"
	refuses 77 'a production home' "$user"
}

# Without a reset the triggers are closed, also for a member whose reset is over.
keep_closed() {
	local table

	for table in balance_transaction debt; do
		! sqlite3 -batch -init /dev/null "$WORK/home/state/alanpay.db" "DELETE FROM $table" 2>/dev/null ||
			check "$table can be deleted" false
	done
	check 'the triggers are closed' test "$(ask_books 'SELECT count(*) FROM balance_transaction')" -gt 0
}

play month
fresh
check 'the month is clean' is_clean
mapfile -t NUMBERS < <(members)
FIRST=${NUMBERS[0]}
check 'some members can be removed' test ${#NUMBERS[@]} -ge 3
for number in "${NUMBERS[@]}"; do
	remove "$number"
done
keep_closed
refuse
sum_up
