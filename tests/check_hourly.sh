#!/usr/bin/env bash
# check_hourly.sh: reconcile runs alone every hour of the day, as a line of schedules/crontab has it, and the night is not
# disturbed: the night case `month` twice, once as it stands, once with each file of the bank read by an hourly reconcile on the
# day before its night. The books end the same, in the same order, and so do the views and the next night.
# usage: check_hourly.sh BINDIR
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=$(cd "$1" && pwd)
CASE=month
FROM=12-accepted # from here on the bank answers
LAST=15-returned

# Starts reconcile at the 15th minute of each hour from 6 to 22, UTC, of the day before `on`; a file of the bank appears before
# every third of them. Sets WORST and STARTS.
hourly() {
	local on=$1 step=$2 hour files=("$NIGHTS/$CASE/drop/$2"/bank/*) day got

	day=$(date -ud "$on - 1 day" +%F)
	for hour in {06..22}; do
		if ((10#$hour % 3 == 0)) && ((${#files[@]} > 0)); then
			cp "${files[0]}" "$HOME_DIR/inbox/bank/"
			files=("${files[@]:1}")
		fi
		got=0
		"$BIN/alanpay-reconcile" --home "$HOME_DIR" --date "$day" --now "${day}T$hour:15:00Z" --quiet --wait 600 \
			>"$WORK/output" 2>&1 || got=$?
		[[ $got == 0 || $got == 3 ]] || {
			echo "hourly reconcile of $day $hour:15 ended with $got"
			cat "$WORK/output"
		}
		((STARTS += 1))
	done
	((${#files[@]} == 0)) || echo "$step: files of the bank are left"
}

# play WITH_HOURLY: the whole month; from $FROM on the bank's files are read by the night, or before it
play() {
	local step on now text began=''

	while read -r step on now _ text; do
		[[ $step != "$FROM" ]] || began=1
		if [[ -n $1 && -n $began && -d $NIGHTS/$CASE/drop/$step/bank ]]; then
			hourly "$on" "$step"
			mkdir -p "$WORK/drop/$CASE"
		else
			drop_inputs "$CASE" "$step" "$HOME_DIR"
		fi
		set_words "$CASE" "$step" "$on" "$now" "$text"
		run_alanpay "$BIN" "$CASE" "$step" "$HOME_DIR" >"$WORK/output" || [[ $? == 3 ]]
		[[ $step != "$LAST" ]] || break
	done < <(print_steps "$CASE")
}

ask() {
	sqlite3 -batch -init /dev/null "$HOME_DIR/state/alanpay.db" "$1"
}

# The books, without what says when and from which file in which order something was read.
write_result() {
	ask "SELECT 'profile', number, balance_in_cents, last_transaction FROM profile ORDER BY number;
		SELECT 'ledger', profile_number, number, event, amount_in_cents, transaction_on, source_kind, hex(source),
			session_number, settled_session FROM balance_transaction ORDER BY key;
		SELECT 'debt', * FROM debt ORDER BY session_number, profile_number;
		SELECT 'session', number, status FROM session ORDER BY number;
		SELECT 'collection', end_to_end_id, file_number, live, state, booked_on, failed_on, reason, fee_in_cents
			FROM collection ORDER BY end_to_end_id, file_number;
		SELECT 'file', number, state FROM bank_file ORDER BY number;
		SELECT 'mandate', number, status, why FROM mandate ORDER BY number;
		SELECT 'entry', e.line, e.kind, e.status, e.end_to_end_id, e.amount_in_cents, e.event_on, e.state, i.name
			FROM bank_entry e JOIN bank_message m ON m.number = e.message_number
			JOIN input i ON i.number = m.input_number ORDER BY i.name, e.number;
		SELECT 'exception', kind, key, code, state FROM exception ORDER BY kind, key;
		SELECT 'notification', name, profile_number, subject FROM notification ORDER BY name, profile_number, subject;"
	cat "$HOME_DIR"/out/sepa/*/returns.csv
	cat "$HOME_DIR"/out/exports/latest/{balances,recovery_debts}.csv
}

status_of() {
	"$BIN/alanpay" status --home "$HOME_DIR" --date 2026-03-13 --now 2026-03-13T09:00:00Z "$@" || true
}

# The lock of the home is mine until I give it back.
take_lock() {
	exec {LOCK}>>"$HOME_DIR/state/lock"
	flock -n "$LOCK"
}

# Has another process the lock's file open?
someone_waits() {
	local fd

	for fd in /proc/[0-9]*/fd/*; do
		[[ ! $fd -ef $HOME_DIR/state/lock || $fd == /proc/$BASHPID/* ]] || return 0
	done
	return 1
}

# busy COMMAND...: how it ends while I have the lock
busy() {
	local got=0

	take_lock
	"$@" >"$WORK/output" 2>&1 || got=$?
	echo "$got"
}

# waits COMMAND...: how it ends if I have the lock until the command looks for it
waits() {
	local got=0 pid

	take_lock
	"$@" {LOCK}>&- >"$WORK/output" 2>&1 &
	pid=$!
	until someone_waits || [[ ! -e /proc/$pid/exe ]]; do
		:
	done
	flock -u "$LOCK"
	wait "$pid" || got=$?
	echo "$got"
}

make_work
for way in night hour; do
	HOME_DIR=$WORK/$way
	make_home "$BIN" "$CASE" "$HOME_DIR"
	STARTS=0
	play "${way#night}"
	write_result >"$WORK/result.$way"
	status_of --format json >"$WORK/status.$way"
	sqlite3 -batch -init /dev/null :memory: \
		"SELECT json_extract(readfile('$WORK/status.$way'), '\$.nights')" >"$WORK/nights.$way"
done

check 'reconcile was started every hour of four days' test "$STARTS" = 68
check_same 'each file of the bank was read on the day before its night' '2026-03-05 2026-03-09 2026-03-10 2026-03-12' \
	"$(ask "SELECT DISTINCT received_on FROM input WHERE kind = 'bank' ORDER BY 1" | paste -sd' ')"
check 'the books, the views and the exports end the same' diff "$WORK/result.night" "$WORK/result.hour"
check 'they say something' test "$(wc -l <"$WORK/result.hour")" -gt 200
check 'status shows the same nights' cmp "$WORK/nights.night" "$WORK/nights.hour"
check 'the night was not resumed behind a stage that the hour had done' test 9 = \
	"$(ask "SELECT count(*) FROM stage_run WHERE night_number = (SELECT max(number) FROM night)")"
check 'the whole audit is clean' grep -q '^audit .* claims proved' \
	<("$BIN/alanpay-audit" --full --home "$HOME_DIR" --date 2026-03-13 --now 2026-03-13T10:00:00Z)

# --- locks ------------------------------------------------------------------------------------------------------------

ON=(--home "$HOME_DIR" --date 2026-03-13 --now 2026-03-13T11:15:00Z)
before=$(ask 'SELECT count(*) FROM stage_run')
check_same 'while another process has the lock it is busy' 75 "$(busy "$BIN/alanpay-reconcile" "${ON[@]}")"
check_same 'a start that was busy is no failed stage' "$before" "$(ask 'SELECT count(*) FROM stage_run')"
check_same 'with --wait it waits' 0 "$(waits "$BIN/alanpay-reconcile" "${ON[@]}" --wait 600)"
check_same 'a night waits for it' 0 "$(waits "$BIN/alanpay" run --from export --until export "${ON[@]}")"

# --- what status says of the last intake is not over when reconcile runs alone after midnight -------------------------

printf '{"message_id":"x","app_id":"alan"}\n' >"$HOME_DIR/inbox/requests/declare_profile.web.20260313T180000Z.9.jsonl"
"$BIN/alanpay-intake" "${ON[@]}" >/dev/null || true
"$BIN/alanpay-reconcile" --home "$HOME_DIR" --date 2026-03-14 --now 2026-03-13T23:15:00Z >/dev/null
check 'a rejected request is named until the next intake' grep -q '1 record of requests rejected' \
	<("$BIN/alanpay" status --home "$HOME_DIR" --date 2026-03-14 --now 2026-03-13T23:30:00Z)
sum_up
