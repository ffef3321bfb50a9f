#!/usr/bin/env bash
# check_migration.sh: a home of each older program, fixtures/homes/<version of its schema>, becomes one of this program: with the
# schema of a new home, the rows that this program would have made, and a clean audit; killed anywhere and run again, too.
# usage: check_migration.sh BINDIR
# The home of version 9 is the case month up to its step 15-returned, captured by `alanpay fixture capture`; database.sql is
# what the sqlite3 shell dumps of it, without the comments. That of 9-moved is the case moved up to its step 07-proof, as it was
# left: rows.sql has its rows but those of the journal, in the order in which they were stored.
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=$(cd "$1" && pwd)
FAULTS=$ROOT/out/build/faults/bin
umask 077

query() {
	sqlite3 -batch -bail -init /dev/null "$1/state/alanpay.db" "$2"
}

# What the sqlite3 shell reads of a stored home; one that has rows alone is of the schema of the other home of its version.
print_database() {
	local from=$1

	if [[ -f $from/database.sql ]]; then
		cat "$from/database.sql"
	else
		awk -v rows="$from/rows.sql" '
			/^INSERT INTO/ { next }
			/^CREATE (UNIQUE )?(INDEX|VIEW|TRIGGER)/ && !done++ { while ((getline line <rows) > 0) print line }
			{ print }' "${from%-*}/database.sql"
	fi
}

# A home as the program of this version of the schema left it; its release log begins with the next start.
make_old_home() {
	local from=$ROOT/fixtures/homes/$1 home=$2 config=$ROOT/fixtures/homes/$1/alanpay.ini

	rm -rf "$home"
	"$BIN/alanpay" init --home "$home" --environment test --store-id 0000a1a9 --now 2026-01-31T00:00:00Z >/dev/null
	rm -f "$home"/state/alanpay.db* "$home"/state/released.log
	rm -rf "$home/state/released.pages"
	print_database "$from" | sqlite3 -batch -bail -init /dev/null "$home/state/alanpay.db"
	query "$home" 'PRAGMA journal_mode = WAL' >/dev/null
	cp -R "$from/home/." "$home/"
	[[ -f $config ]] || config=$ROOT/fixtures/alanpay.ini
	cp "$config" "$home/alanpay.ini"
	chmod -R u=rwX,go= "$home/out" "$home/archive"
}

# ends_with STATUS WORDS HOME PROGRAM [WORD...]: its exit status, and words of what it prints.
ends_with() {
	local wanted=$1 words=$2 home=$3 got=0

	"$BIN/$4" "${@:5}" --home "$home" "${AT[@]}" >"$WORK/output" 2>&1 </dev/null || got=$?
	[[ $got == "$wanted" && $(<"$WORK/output") == *"$words"* ]] || {
		echo "${*:4} ended with $got, and printed"
		cat "$WORK/output"
		return 1
	}
}

# The schema without its comments, which a migration does not follow.
print_schema() {
	query "$1" "SELECT type || ' ' || name || ' of ' || tbl_name || char(10) || coalesce(sql, 'automatic')
		FROM sqlite_schema ORDER BY type, name" | sed 's/[ \t]*-- .*//' | tr -s ' \t\n' ' ' | sed 's/) STRICT/&\n/g; s/; END/&\n/g'
}

# What a refused command may not change; the release log may say where it begins.
print_all() {
	query "$1" .dump | grep -v '^INSERT INTO intent '
	print_published "$1"
}

# play_steps HOME FROM TO: the steps of the case after FROM, and up to TO; "": from its first one, to its last one.
play_steps() {
	local home=$1 from=$2 to=$3 step on now expected text got

	while read -r step on now expected text; do
		if [[ -n $from ]]; then
			[[ $step != "$from" ]] || from=
			continue
		fi
		got=0
		drop_inputs "$CASE" "$step" "$home"
		set_words "$CASE" "$step" "$on" "$now" "$text"
		run_alanpay "$BIN" "$CASE" "$step" "$home" >"$WORK/output" || got=$?
		check_same "$step ends with" "${expected%!}" "$got"
		[[ $step != "$to" ]] || break
	done < <(print_steps "$CASE")
}

# The same inputs under this program, captured in the same way.
make_new_home() {
	make_home "$BIN" "$CASE" "$WORK/played"
	play_steps "$WORK/played" '' "$LAST"
	"$BIN/alanpay" fixture capture --stage audit --out "$WORK/captured" --home "$WORK/played" "${AT[@]}" >/dev/null
	"$BIN/alanpay" fixture load --home "$1" "$WORK/captured" >/dev/null
}

# How many lines of the release log have this kind.
lines_of_kind() {
	grep -c "\"kind\":\"$2\"" "$1/state/released.log" || true
}

refuses_and_keeps() {
	local before

	before=$(print_all "$1")
	ends_with "${@:2:2}" "$1" "${@:4}" && [[ $(print_all "$1") == "$before" && ! -e $1/state/rehearsal ]]
}

is_as_migrated() {
	print_books "$1" | cmp "$WORK/migrated" - && ends_with 0 'claims proved' "$1" alanpay-audit --full &&
		[[ $(lines_of_kind "$1" migrate) == 1 ]]
}

# Killed at the n-th point that a process of it passes, then run again.
kill_and_run_again() {
	local version=$1 n=$2 home=$WORK/killed got=0

	make_old_home "$version" "$home"
	ALANPAY_FAULT=$n "$FAULTS/alanpay" migrate --home "$home" "${AT[@]}" >"$WORK/output" 2>&1 </dev/null || got=$?
	((got != 0)) || return 1
	ends_with 0 '' "$home" alanpay migrate && is_as_migrated "$home"
}

kill_everywhere() {
	local version=$1 points n

	make_old_home "$version" "$WORK/killed"
	ALANPAY_FAULT=list "$FAULTS/alanpay" migrate --home "$WORK/killed" "${AT[@]}" >"$WORK/points" 2>&1 </dev/null
	points=$(sed -n 's/^fault: passed \([0-9]*\) .*/\1/p' "$WORK/points" | sort -n | tail -1)
	check "version $version: it has points at which it can be killed" test "${points:-0}" -gt 3
	for ((n = 1; n <= points; n++)); do
		check "version $version: killed at point $n of $points, and run again" kill_and_run_again "$version" "$n"
	done
}

# A backup from before the migration, put in the place of the database after it.
restores_across() {
	local home=$1

	ends_with 0 'checked' "$home" alanpay backup --out "$WORK/before.db" && grep -q "\"schema_version\": $2," "$WORK/before.db.manifest.json" &&
		ends_with 0 'the books were changed from schema' "$home" alanpay migrate && print_books "$home" >"$WORK/expected" || return 1
	cp "$WORK/before.db" "$home/state/alanpay.db"
	ends_with 78 'alanpay restore' "$home" alanpay-audit && ends_with 0 'put back' "$home" alanpay restore &&
		print_books "$home" | cmp "$WORK/expected" - && ends_with 0 'claims proved' "$home" alanpay-audit --full
}

# The home was never migrated, for its books were wrong: what is restored is the older one, and that start migrates it.
restores_older() {
	local home=$1

	query "$home" 'UPDATE profile SET balance_in_cents = balance_in_cents + 1 WHERE number = 3'
	ends_with 78 'run the programs of before' "$home" alanpay-audit || return 1
	query "$home" 'UPDATE profile SET balance_in_cents = balance_in_cents - 1 WHERE number = 3'
	ends_with 0 'checked' "$home" alanpay backup --out "$WORK/older.db" && cp "$WORK/older.db" "$home/state/alanpay.db" &&
		ends_with 0 '' "$home" alanpay restore && ends_with 0 'claims proved' "$home" alanpay-audit --full
}

try_version() {
	local version=$1 home=$WORK/home

	make_old_home "$version" "$home"
	check "version $version: what only reads refuses it" refuses_and_keeps "$home" 78 '`alanpay migrate' alanpay sepa list
	check "version $version: so does a dry run" refuses_and_keeps "$home" 78 'in a dry run: `alanpay migrate' alanpay-audit --dry-run
	check "version $version: doctor names the command" refuses_and_keeps "$home" 78 ': alanpay migrate' alanpay doctor
	check "version $version: a rehearsal changes a copy alone" refuses_and_keeps "$home" 0 "$DRY" alanpay migrate --dry-run
	check "version $version: it says so first, and names each table" grep -qx \
		"a copy of the books was changed from schema $version to [0-9]*, and audit --full proved it:" "$WORK/output"
	check "version $version: and what became of its rows" grep -qE '^  balance_transaction +rebuilt, [0-9]+ rows as before$' "$WORK/output"

	check "version $version: a stage migrates it at its start" ends_with 0 "the books of schema $version are of schema" "$home" alanpay-audit --full
	print_books "$home" >"$WORK/migrated"
	check "version $version: migrate has nothing to do then" ends_with 0 'nothing to do' "$home" alanpay migrate
	check_same "version $version: the schema is that of a new home" "$(print_schema "$WORK/new")" "$(print_schema "$home")"
	check "version $version: the rows are those of a new home" diff "$WORK/new.books" "$WORK/migrated"

	query "$home" "PRAGMA user_version = $(($(query "$home" 'PRAGMA user_version') + 1))"
	check "version $version: newer books want newer programs" ends_with 78 'put the newer programs back' "$home" alanpay-audit
	check "version $version: also those that only read" ends_with 78 'put the newer programs back' "$home" alanpay sepa list

	make_old_home "$version" "$WORK/second"
	check "version $version: the command does it too" ends_with 0 '"dry_run": false' "$WORK/second" alanpay migrate --format json
	check "version $version: and ends with the same books" is_as_migrated "$WORK/second"

	make_old_home "$version" "$WORK/wrong"
	query "$WORK/wrong" 'UPDATE profile SET balance_in_cents = balance_in_cents + 1 WHERE number = 3'
	check "version $version: books that are wrong stay as they are" refuses_and_keeps "$WORK/wrong" 78 'run the programs of before' alanpay-audit

	make_old_home "$version" "$WORK/third"
	check "version $version: a backup from before is restored across it" restores_across "$WORK/third" "$version"
	make_old_home "$version" "$WORK/fourth"
	check "version $version: a backup of books that were never migrated is, too" restores_older "$WORK/fourth"
	if [[ -x $FAULTS/alanpay && $BIN != */san/bin ]]; then
		kill_everywhere "$version"
	else
		skip 'kills: no programs with fault points, or too slow'
	fi
}

# A home in which transactions were moved to other payments: the rows of one that always was of this schema, also after the nights
# that follow.
try_moved() {
	local name=$1 old=$WORK/old straight=$WORK/straight

	make_home "$BIN" "$CASE" "$straight"
	play_steps "$straight" '' "$LAST"
	make_old_home "$name" "$old"
	check "$name: a stage migrates it" ends_with 0 'claims proved' "$old" alanpay-audit --full
	check "$name: the rows are those of a home of this schema" diff <(print_books "$straight") <(print_books "$old")
	play_steps "$straight" "$LAST" ''
	play_steps "$old" "$LAST" ''
	check "$name: so they are after the nights that follow" diff <(print_books "$straight") <(print_books "$old")
}

make_work
DRY=$'dry run: nothing is stored\nnext, change the books: `alanpay migrate --home '
CASE=month
LAST=15-returned
AT=(--date 2026-03-14 --now 2026-03-14T02:30:00Z)
make_new_home "$WORK/new"
print_books "$WORK/new" >"$WORK/new.books"
for version in "$ROOT"/fixtures/homes/*; do
	[[ $version == *-moved ]] || try_version "${version##*/}"
done
CASE=moved
LAST=07-proof
AT=(--date 2026-02-10 --now 2026-02-10T02:50:00Z)
for version in "$ROOT"/fixtures/homes/*-moved; do
	try_moved "${version##*/}"
done
sum_up
