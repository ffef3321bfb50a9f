#!/usr/bin/env bash
# trust_backup.sh: a home whose database was restored from a backup: each stage and each act refuses it, `alanpay restore`
# makes of it the home that never was restored, and the nights go on to the same end.
# usage: trust_backup.sh BINDIR [all]
# The database is saved after each step of a case that changes something, in one of three manners. Of all pairs of a backup
# and a later moment SEED chooses some (1, unless it is given); with `all` each pair is tried, and the restore is killed at
# each fault point.
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=$(cd "$1" && pwd)
ALL=${2:-}
FAULTS=$ROOT/out/build/faults/bin
RANDOM=${SEED:-1}
AT=(--date 2026-03-18 --now 2026-03-18T12:00:00Z --as operator)

# Published files are never written again, only linked, renamed and removed: links to them do.
copy_home() {
	rm -rf "$2"
	cp -al "$1" "$2"
	cp -a --remove-destination "$1/alanpay.ini" "$1/inbox" "$1/state" "$2/"
}

# ends_with STATUS WORDS COMMAND...: its exit status, and words of what it prints.
ends_with() {
	local wanted=$1 words=$2 got=0

	"$BIN/$3" "${@:4}" --home "$HOME_DIR" "${AT[@]}" >"$WORK/output" 2>&1 </dev/null || got=$?
	[[ $got == "$wanted" && $(<"$WORK/output") == *"$words"* ]] || {
		echo "$3 ended with $got, and printed"
		cat "$WORK/output"
		return 1
	}
}

# --- a case, step by step ---------------------------------------------------------------------------------------------

save_database() {
	case $(($2 % 3)) in
	0) cp "$1/state/alanpay.db" "$3" ;;
	1) "$BIN/alanpay" backup --out "$3" --home "$1" "${AT[@]}" >/dev/null && rm "$3.manifest.json" ;;
	2) sqlite3 -batch -init /dev/null -readonly "$1/state/alanpay.db" ".backup $3" ;;
	esac
}

# play FROM: the steps from this number on; each moment is kept when SAVED says where.
play() {
	local step on now expected text got number=0 before=0 lines

	while read -r step on now expected text; do
		number=$((number + 1))
		((number >= $1)) || continue
		got=0
		drop_inputs "$CASE" "$step" "$HOME_DIR"
		set_words "$CASE" "$step" "$on" "$now" "$text"
		run_alanpay "$BIN" "$CASE" "$step" "$HOME_DIR" >"$WORK/output" || got=$?
		[[ $got == "${expected%!}" ]] || check "$CASE $step ends with $expected" false
		lines=$(wc -l <"$HOME_DIR/state/released.log")
		[[ -n $SAVED && $lines != "$before" ]] || continue
		before=$lines
		MOMENTS+=("$number")
		mkdir "$SAVED/$number"
		save_database "$HOME_DIR" "$number" "$SAVED/$number/backup.db"
		write_state "$HOME_DIR" "$SAVED/$number"
		copy_home "$HOME_DIR" "$SAVED/$number/home"
	done < <(print_steps "$CASE")
}

put_back() {
	if (($2 % 2)); then
		cp "$1" "$HOME_DIR/state/alanpay.db"
	else
		cp "$1" "$HOME_DIR/state/restored" && mv "$HOME_DIR/state/restored" "$HOME_DIR/state/alanpay.db"
	fi
}

is_the_state_of() {
	mkdir -p "$WORK/state"
	write_state "$HOME_DIR" "$WORK/state"
	print_leftovers "$HOME_DIR" >"$WORK/state/leftovers"
	cmp "$1/books" "$WORK/state/books" && cmp "$1/published" "$WORK/state/published" &&
		[[ ! -s $WORK/state/leftovers ]]
}

# The database of the moment I in the home of the moment J.
restore_pair() {
	local i=$1 j=$2 pair="$CASE, backup of step $1 at step $2"

	HOME_DIR=$WORK/pair
	copy_home "$SAVED/$j/home" "$HOME_DIR"
	put_back "$SAVED/$i/backup.db" $((i + j))
	check "$pair: a stage refuses it" ends_with 78 'bring it up to date: `alanpay restore' alanpay-collect
	check "$pair: an act refuses it" ends_with 78 'bring it up to date: `alanpay restore' alanpay sepa release --file X
	check "$pair: it is restored" ends_with 0 'the database was at line' alanpay restore
	check "$pair: it is the home that never was" is_the_state_of "$SAVED/$j"
}

has_each_id_once() {
	local ids

	ids=$(sed 's/>/>\n/g' "$1"/out/uploaded/*.xml "$1"/out/upload/*.xml 2>/dev/null | sed -n 's,</EndToEndId>.*,,p' | sort)
	[[ $(uniq -d <<<"$ids") == '' ]]
}

# All pairs, or some; then the steps that follow, in a home that was restored.
try_case() {
	local i j n last home

	CASE=$1
	SAVED=$WORK/$CASE
	MOMENTS=()
	mkdir "$SAVED"
	HOME_DIR=$SAVED/home
	make_home "$BIN" "$CASE" "$HOME_DIR"
	play 1
	n=${#MOMENTS[@]}
	last=${MOMENTS[n - 1]}
	if [[ -n $ALL ]]; then
		for ((j = 1; j < n; j++)); do
			for ((i = 0; i < j; i++)); do
				restore_pair "${MOMENTS[i]}" "${MOMENTS[j]}"
			done
		done
	else
		for ((i = 0; i < $2; i++)); do
			j=$((RANDOM % (n - 1) + 1))
			restore_pair "${MOMENTS[RANDOM % j]}" "${MOMENTS[j]}"
		done
	fi
	home=$SAVED
	SAVED=
	play $((MOMENTS[j < n ? j : n - 1] + 1))
	check "$CASE: from there the nights go on to the same end" is_the_state_of "$home/$last"
	SAVED=$home
}

# --- what else can be wrong -------------------------------------------------------------------------------------------

# fresh: the last moment of the case, with the backup of an early one.
fresh() {
	HOME_DIR=$WORK/pair
	copy_home "$SAVED/${MOMENTS[-1]}/home" "$HOME_DIR"
	cp "$SAVED/${MOMENTS[1]}/backup.db" "$HOME_DIR/state/alanpay.db"
}

try_the_rest() {
	local lost n status

	fresh
	check 'a reader says so and goes on' ends_with 0 'was restored from a backup' alanpay status
	check 'a restored database is no backup' ends_with 78 'is not the newest one' alanpay backup --out "$WORK/none.db"
	check 'a rehearsal restores nothing' ends_with 0 'dry run: nothing is stored' alanpay restore --dry-run
	check 'and the next stage refuses it still' ends_with 78 'restored from a backup' alanpay-audit
	check 'the files to look for at the bank are named' ends_with 0 'check that the bank lists these files' alanpay restore
	check 'once more it has nothing to do' ends_with 0 'is up to date' alanpay restore
	check 'the audit is content' ends_with 0 '' alanpay-audit --full

	fresh
	lost=$(sed -n 's/.*"kind":"input","what":"\(archive[^"]*\)".*/\1/p' "$HOME_DIR/state/released.log" | tail -n 1)
	mv "$HOME_DIR/$lost" "$WORK/lost"
	check 'an input that is missing is named' ends_with 78 "$lost is missing, or has not the SHA-256 $(sha256sum <"$WORK/lost" | cut -c1-64)" alanpay restore
	check 'and nothing is changed' ends_with 78 'restored from a backup' alanpay-audit
	mv "$WORK/lost" "$HOME_DIR/$lost"
	check 'it is put there, and the restore goes on' ends_with 0 '' alanpay restore
	check 'to the same end' is_the_state_of "$SAVED/${MOMENTS[-1]}"

	fresh
	rm "$HOME_DIR"/state/released.pages/2026-03-0*
	check 'pages that are missing are named' ends_with 78 'released.pages/2026-03-0' alanpay restore
	check 'and still nothing is changed' ends_with 78 'restored from a backup' alanpay-audit

	fresh
	sed -i '5s/"kind":"/"kind":"x/' "$HOME_DIR/state/released.log"
	check 'a log that was changed is refused' ends_with 78 'does not follow the one before it' alanpay restore
	check 'and the audit of the untouched home finds it' audit_finds_the_log

	fresh
	rm "$HOME_DIR/state/released.log"
	check 'a log that is missing is asked for' ends_with 78 'is missing' alanpay-audit
	fresh
	chmod 666 "$HOME_DIR/state/released.log"
	check 'a log that others can write is refused' ends_with 78 'others can write it' alanpay restore
	try_with_its_log
	try_foreign_log
	try_backup
	[[ ! -x $FAULTS/alanpay ]] || try_kills
}

audit_finds_the_log() {
	copy_home "$SAVED/${MOMENTS[-1]}/home" "$HOME_DIR"
	sed -i '5s/"kind":"/"kind":"x/' "$HOME_DIR/state/released.log"
	ends_with 70 'released.log' alanpay-audit --full
}

# Database and log of the same early moment agree; but the files of the home are newer.
try_with_its_log() {
	HOME_DIR=$WORK/pair
	copy_home "$SAVED/${MOMENTS[-1]}/home" "$HOME_DIR"
	cp -a "$SAVED/${MOMENTS[1]}/home/state/." "$HOME_DIR/state/"
	check 'a database that was restored with its log is refused' ends_with 78 'is not known to the books' alanpay-collect
	check 'and cannot be restored from that log' ends_with 78 'bring back the newest copy of that log' alanpay restore
}

# A killed stage leaves its commits in the write-ahead log; then the database is put back beside it.
try_foreign_log() {
	[[ -x $FAULTS/alanpay ]] || return 0
	HOME_DIR=$WORK/pair
	copy_home "$SAVED/${MOMENTS[-1]}/home" "$HOME_DIR"
	{ ALANPAY_FAULT='after the line' "$FAULTS/alanpay-export" --home "$HOME_DIR" "${AT[@]}" >/dev/null 2>&1; } 2>/dev/null || true
	check 'the killed stage left a write-ahead log' test -s "$HOME_DIR/state/alanpay.db-wal"
	cp "$SAVED/${MOMENTS[1]}/backup.db" "$HOME_DIR/state/alanpay.db"
	check 'a database beside the log of another is not opened' ends_with 78 'belongs to another database' alanpay-audit
	check 'by a reader neither' ends_with 78 'belongs to another database' alanpay status
	check 'it is restored' ends_with 0 'the database was at line' alanpay restore
	check 'and the log is gone' ends_with 0 '' alanpay-export
	check 'the books are right' ends_with 0 '' alanpay-audit --full
}

try_backup() {
	HOME_DIR=$WORK/pair
	copy_home "$SAVED/${MOMENTS[-1]}/home" "$HOME_DIR"
	check 'a backup' ends_with 0 'checked, up to line' alanpay backup --out "$WORK/new.db"
	check_same 'is closed to others, and so is its manifest' '600 600' \
		"$(stat -c %a "$WORK/new.db" "$WORK/new.db.manifest.json" | paste -sd ' ')"
	check_same 'its manifest has its digest' "$(sha256sum <"$WORK/new.db" | cut -c1-64)" \
		"$(sed -n 's/^  "sha256": "\(.*\)",$/\1/p' "$WORK/new.db.manifest.json")"
	check_same 'and the digest of its line of the release log' "$(tail -n 1 "$HOME_DIR/state/released.log" | tr -d '\n' | sha256sum | cut -c1-64)" \
		"$(sed -n 's/^  "log_sha256": "\(.*\)"$/\1/p' "$WORK/new.db.manifest.json")"
	check 'it is never written over' ends_with 73 'is never written over' alanpay backup --out "$WORK/new.db"
}

try_kills() {
	local n status most=1000 killed=0

	[[ -n $ALL ]] || most=3
	for ((n = 1; n <= most; n++)); do
		fresh
		status=0
		{ ALANPAY_FAULT=$n "$FAULTS/alanpay" restore --home "$HOME_DIR" "${AT[@]}" >"$WORK/output" 2>&1; } 2>/dev/null || status=$?
		((status == 137)) || break
		killed=$((killed + 1))
		check "killed at point $n, it is done by the next restore" ends_with 0 '' alanpay restore
		check "killed at point $n, it comes to the same end" is_the_state_of "$SAVED/${MOMENTS[-1]}"
	done
	check 'the restore was killed' test "$killed" -gt 0
}

make_work
try_case month 4
check 'month: no end-to-end id is in two files for the bank' has_each_id_once "$HOME_DIR"
try_case withdrawn 4
try_the_rest
sum_up
