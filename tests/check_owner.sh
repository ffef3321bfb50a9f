#!/usr/bin/env bash
# check_owner.sh: who may use a home, with which configuration, and in which environment; and what `doctor` says about it.
# usage: check_owner.sh BINDIR
# What needs a second user is done as root, and skipped for others.
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"
# shellcheck source=tests/said.sh
. "$(dirname "$0")/said.sh"

BIN=$(cd "$1" && pwd)
OTHER=65534
cd "$ROOT"
make_work
SAID=$WORK/said
HOME_DIR=$WORK/home
AS=()

# act WORDS...: in the home, as the user of AS
act() {
	STATUS=0
	"${AS[@]}" "$BIN/alanpay" "$@" --home "$HOME_DIR" >"$SAID" 2>&1 || STATUS=$?
}

# claim CLAIM STATUS TEXT WORDS...
claim() {
	act "${@:4}"
	check "$1: exit status" ended "$2"
	check "$1" says "$3"
}

# fresh ENVIRONMENT
fresh() {
	rm -rf "$HOME_DIR"
	"$BIN/alanpay" init --home "$HOME_DIR" --environment "$1" --store-id 0000a1a9 >/dev/null 2>&1
	sed "s/^name = test$/name = $1/" fixtures/alanpay.ini >"$HOME_DIR/alanpay.ini"
	chmod 644 "$HOME_DIR/alanpay.ini"
}

# --- the environment --------------------------------------------------------------------------------------------------

check_environment() {
	local word

	claim 'no such environment' 64 '--environment takes production, sandbox or test' init --environment staging
	check 'and there is no home' test ! -e "$HOME_DIR"
	act init --format json
	check 'a home is one for production' says '"environment": "production"'
	claim 'a home is made once' 73 'has a database' init --environment test
	for word in production sandbox; do
		fresh $word
		claim "$word: at its place" 0 "home       $HOME_DIR" status
		claim "$word: --config" 77 '--config and ALANPAY_CONFIG are allowed only in a test home' status --config "$HOME_DIR/alanpay.ini"
		export ALANPAY_CONFIG=$HOME_DIR/alanpay.ini
		claim "$word: ALANPAY_CONFIG" 77 '--config and ALANPAY_CONFIG are allowed only in a test home' status
		claim "$word: it is not even read" 77 'allowed only in a test home' config validate
		unset ALANPAY_CONFIG
		claim "$word: --as" 77 '--as is allowed only in a test home' status --as bob
		claim "$word: a day to come" 77 '--date is after today' debts --date 2999-01-01
		claim "$word: a person acts now" 77 'a person acts now' profiles declare --app-id a --app-user-id 1 --date 2026-02-02
		sed -i "s/^name = $word$/name = test/" "$HOME_DIR/alanpay.ini"
		claim "$word: the configuration of another environment" 78 \
			"[environment] name = test, but this home was made for $word" debts
		claim "$word: validate says it too" 78 'correct it' config validate
	done
	fresh test
	cp fixtures/alanpay.ini "$WORK/other.ini"
	claim 'a test home takes all of it' 0 'home' status --config "$WORK/other.ini" --as bob --date 2999-01-01
	sed -i 's/^name = test$/name = sandbox/' "$WORK/other.ini"
	claim 'but no other environment' 78 "name = sandbox, but this home was made for test" debts --config "$WORK/other.ini"
	check_same 'nothing changes the environment of a home' 'test' "$(
		sqlite3 -batch -init /dev/null "$HOME_DIR/state/alanpay.db" "UPDATE store SET environment = 'production'" 2>/dev/null || true
		ask_books 'SELECT environment FROM store')"
}

# --- the configuration ------------------------------------------------------------------------------------------------

check_configuration() {
	fresh production
	chmod 664 "$HOME_DIR/alanpay.ini"
	claim 'a configuration that a group can change' 78 "mode 0664: others can change it: \`sudo chmod go-w $HOME_DIR/alanpay.ini\`" debts
	claim 'validate says it too' 78 'others can change it' config validate
	chmod 646 "$HOME_DIR/alanpay.ini"
	claim 'or anybody' 78 'mode 0646: others can change it' status
	chmod 644 "$HOME_DIR/alanpay.ini"
	chmod 1733 "$HOME_DIR"
	claim 'a folder in which others can put another one' 78 "\`sudo chmod go-w $HOME_DIR\`" status
	chmod 711 "$HOME_DIR"
	mv "$HOME_DIR/alanpay.ini" "$WORK/linked.ini"
	ln -s "$WORK/linked.ini" "$HOME_DIR/alanpay.ini"
	claim 'a link' 78 'is a link: put the file itself there' status
	rm "$HOME_DIR/alanpay.ini"
	mkfifo "$HOME_DIR/alanpay.ini"
	claim 'a pipe does not stop it' 78 'is not a file' status
	rm "$HOME_DIR/alanpay.ini"
	head -c 2000000 /dev/zero >"$HOME_DIR/alanpay.ini"
	claim 'a file of two million bytes' 78 'the file is larger than' status
}

check_hash() {
	local sha word

	fresh test
	act run --only audit --date 2026-02-02
	check 'the journal has its hash' ended 0
	sha=$(sha256sum <"$HOME_DIR/alanpay.ini" | tr -d ' -')
	check_same 'each night, and each start of a stage' "$sha|$sha" "$(ask_books \
		'SELECT lower(hex(n.config_sha256)), lower(hex(s.config_sha256)) FROM night n, stage_run s')"
	act status --format json
	check 'status has its hash' says "\"sha256\": \"$sha\""
	check 'status: it has not changed' says '"changed_since_night": null'
	echo '; a comment' >>"$HOME_DIR/alanpay.ini"
	claim 'status: it has changed' 0 'alanpay.ini has changed since the night of 2026-02-02' status --date 2026-02-02
	rm -rf "$HOME_DIR"
	STATUS=0
	"$BIN/alanpay" fixture load fixtures/stages/notify --home "$HOME_DIR" >"$SAID" 2>&1 || STATUS=$?
	check 'a home with bank files' ended 0
	read -r word _ < <(grep -v '^#' fixtures/stages/notify/from)
	cp "fixtures/nights/$word/alanpay.ini" "$HOME_DIR/"
	claim 'a file: the configuration is as it was' 0 'as when the file was made' sepa show --file 0000a1a9-20260228-1-D1
	echo '; a comment' >>"$HOME_DIR/alanpay.ini"
	claim 'a file: it has changed' 0 'changed since the file was made' sepa show --file 0000a1a9-20260228-1-D1
}

# --- the owner --------------------------------------------------------------------------------------------------------

list_all() {
	find "$HOME_DIR" -printf '%p %u %m %s %T@ %C@\n' | sort
}

# refused CLAIM OWNER WORDS...: by the sentence with what was typed, and nothing in the home changes
refused() {
	local before

	before=$(list_all)
	claim "$1" 77 "this home belongs to $2: sudo -u $2 alanpay ${*:3} --home $HOME_DIR" "${@:3}"
	check_same "$1: nothing changes" "$before" "$(list_all)"
}

check_owner() {
	local owner why

	if [[ $(id -u) != 0 ]]; then
		skip 'another user: needs root'
		return
	fi
	chmod 711 "$WORK"
	AS=(setpriv --reuid "$OTHER" --regid "$OTHER" --clear-groups)
	fresh production
	if ! "${AS[@]}" test -x "$BIN/alanpay" -a -d "$HOME_DIR/out"; then
		skip "another user may not enter ${BIN%/out/*} or ${WORK%/*}"
		AS=()
		return
	fi
	owner=$(id -un $OTHER)
	rm -f "$HOME_DIR/state/lock"
	refused 'another user changes' root debts
	refused 'another user only reads' root status
	refused 'another user asks' root query get_alan_balance --app-id a --app-user-id b
	refused 'another user checks the configuration' root config validate
	refused 'another user, a program of its own' root sepa list
	refused 'another user makes it once more' root init
	AS=()
	chown -R $OTHER "$HOME_DIR"
	refused 'root changes' "$owner" run --date 2026-02-02
	refused 'root only reads' "$owner" status
	refused 'root makes a home in the folder of another' "$owner" init
	chown 0 "$HOME_DIR/alanpay.ini"
	AS=(setpriv --reuid "$OTHER" --regid "$OTHER" --clear-groups)
	claim 'the configuration may belong to root' 0 "home       $HOME_DIR" status
	chmod 600 "$HOME_DIR/alanpay.ini"
	claim 'but be readable' 78 'alanpay.ini: Permission denied (it belongs to root, mode 0600): `sudo chmod 644 ' status
	chmod 644 "$HOME_DIR/alanpay.ini"
	chown 12345 "$HOME_DIR/alanpay.ini"
	claim 'and to no third' 78 "belongs to uid 12345, mode 0644: it must belong to root or to the owner of the home: \`sudo chown root" status
	chown 0 "$HOME_DIR/alanpay.ini"
	for why in state/lock state/alanpay.db; do
		touch "$HOME_DIR/$why"
		chown 0 "$HOME_DIR/$why"
		chmod 600 "$HOME_DIR/$why"
		claim "root's $why" 74 "$why: Permission denied (it belongs to root, mode 0600): give the whole home to its owner" debts
		chown $OTHER "$HOME_DIR/$why"
	done
	chown 0 "$HOME_DIR/out"
	chmod 700 "$HOME_DIR/out"
	claim 'a folder of root is named with its mode' 74 'Permission denied (out belongs to root, mode 0700)' audit
	AS=()
}

check_environment
check_configuration
check_hash
check_owner
sum_up
