#!/usr/bin/env bash
# check_contract.sh: what other components read and write about notifications is as formats/schemas/ says: every batch, manifest and
# receipt of the night cases has all its keys, and is valid by npm's ajv, where that is there; what we refuse is not.
# usage: check_contract.sh BINDIR
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=$(cd "$1" && pwd)
SCHEMAS=$ROOT/formats/schemas
make_work

# The night case `notices` up to its first batch of a session, in a home whose notifications a group reads.
open_to_group() {
	local step on now text

	make_home "$BIN" notices "$WORK/empty"
	"$BIN/alanpay" init --home "$WORK/home" --environment test --store-id 0000a1a9 --now 2026-01-31T00:00:00Z --notifications-group "$(id -gn)" >/dev/null
	cp "$WORK/empty/alanpay.ini" "$WORK/home/"
	while read -r step on now _ text; do
		drop_inputs notices "$step" "$WORK/home"
		set_words notices "$step" "$on" "$now" "$text"
		run_alanpay "$BIN" notices "$step" "$WORK/home" >"$WORK/output" || true
	done < <(print_steps notices | sed '/^04-approve-one/,$d')
}

print_modes() {
	(cd "$WORK/home" && stat -c '%a %n' out/notifications out/notifications/2026-03-05 \
		out/notifications/2026-03-05/{alan_pay__recovery_session-1.jsonl,manifest.json} inbox/receipts out/sepa state)
}

cat_all() {
	find "$ROOT/fixtures/nights" "$ROOT/fixtures/stages" "$@" -type f -print0 | sort -z | xargs -0 cat
}

# is_json FILE: each line, or with `whole` the file.
count_valid() {
	sqlite3 -batch -init /dev/null :memory: '.mode ascii' '.separator "\t" "\n"' 'CREATE TABLE t (line)' ".import $1 t" "$2"
}

# Each line has just the keys that the schema requires, in its order.
has_keys() {
	local schema=$1 lines=$2 wanted

	wanted=$(sqlite3 -batch -init /dev/null :memory: "SELECT group_concat(value) FROM json_each(readfile('$SCHEMAS/$schema.json'), '$.required')")
	count_valid "$lines" "SELECT DISTINCT (SELECT group_concat(key) FROM json_each(line)) FROM t WHERE json_valid(line)" >"$WORK/keys"
	[[ $(cat "$WORK/keys") == "$wanted" ]] || {
		echo "wanted: $wanted"
		cat "$WORK/keys"
		return 1
	}
}

all_are_json() {
	[[ $(count_valid "$1" 'SELECT count(*) > 0 AND min(json_valid(line)) FROM t') == 1 ]]
}

# validate SCHEMA FILE WANTED: each line is valid (or none is), says ajv.
validate() {
	node -e '
		const fs = require("fs"), [schema, lines, wanted] = process.argv.slice(1);
		const Ajv = require("ajv/dist/2020");
		const check = new (Ajv.default || Ajv)({strict: false}).compile(JSON.parse(fs.readFileSync(schema)));
		let n = 0, wrong = 0;
		for (const line of fs.readFileSync(lines, "utf8").split("\n").filter(Boolean)) {
			n++;
			if (check(JSON.parse(line)) !== (wanted === "valid")) {
				wrong++;
				console.log(line, JSON.stringify(check.errors));
			}
		}
		process.exit(n > 0 && wrong === 0 ? 0 : 1);' "$SCHEMAS/$1.json" "$2" "$3"
}

cat_all -path '*/notifications/*' -name 'alan_pay__*.jsonl' >"$WORK/notifications"
cat_all -path '*/notifications/*' -name 'manifest*.json' | tr -d '\n' | sed 's/}{/}\n{/g' >"$WORK/manifests"
echo >>"$WORK/manifests"
grep -h '"notification_id"' "$ROOT"/fixtures/nights/notices/drop/*/receipts/*.jsonl | grep -v delivered >"$WORK/receipts"
cat >"$WORK/bad_receipts" <<-'END'
	{"notification_id":"0000a1a9-0700-8000-8000-000000000001","status":"delivered"}
	{"notification_id":"1","status":"accepted"}
	{"status":"accepted"}
	{"notification_id":"0000a1a9-0700-8000-8000-000000000001","status":"accepted","at":"today"}
	{"notification_id":"0000a1a9-0700-8000-8000-000000000001","status":"accepted","at":7}
END
sed 's/"direction":"[a-z]*"/"direction":"both"/; s/"status":"[a-z]*"/"status":"paid"/; s/"params":{}/"params":{"name":"Ada"}/; s/"transaction_date":"[0-9-]*"/"transaction_date":"soon"/' \
	"$WORK/notifications" >"$WORK/bad_notifications"
open_to_group
check_same 'a group may read the notifications and drop receipts, and nothing else' '2750 out/notifications
2750 out/notifications/2026-03-05
640 out/notifications/2026-03-05/alan_pay__recovery_session-1.jsonl
640 out/notifications/2026-03-05/manifest.json
3770 inbox/receipts
700 out/sepa
700 state' "$(print_modes)"
check 'and the audit of such a home is clean' "$BIN/alanpay" audit --full --home "$WORK/home" --date 2026-03-05 \
	--now 2026-03-05T03:00:00Z
for schema in notification manifest receipt; do
	check "formats/schemas/$schema.json is JSON" test \
		"$(sqlite3 -batch -init /dev/null :memory: "SELECT json_valid(readfile('$SCHEMAS/$schema.json'))")" = 1
done
check 'each notification of the nights is JSON' all_are_json "$WORK/notifications"
check 'each notification has the keys of its schema' has_keys notification "$WORK/notifications"
check 'each manifest is JSON' all_are_json "$WORK/manifests"
check 'each manifest has the keys of its schema' has_keys manifest "$WORK/manifests"
check 'each receipt is JSON' all_are_json "$WORK/receipts"
if ! node -e 'require("ajv/dist/2020")' 2>/dev/null; then
	skip 'formats/schemas: node cannot find the package ajv'
else
	check 'each notification is valid' validate notification "$WORK/notifications" valid
	check 'each manifest is valid' validate manifest "$WORK/manifests" valid
	check 'each receipt that is applied is valid' validate receipt "$WORK/receipts" valid
	check 'a receipt that is refused is not' validate receipt "$WORK/bad_receipts" invalid
	check 'a notification with other params is not' validate notification "$WORK/bad_notifications" invalid
fi
sum_up
