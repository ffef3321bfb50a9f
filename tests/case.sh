# shellcheck shell=bash
# case.sh: what night.sh and crash.sh share: a home, its steps, its books and its published files. Sourced.
#
# A case is a folder of fixtures/nights:
#   nights               one line a step: <step> <date> <now> <exit status> <alanpay arguments...>
#                        '#' begins a comment line; arguments may be quoted; {drop} is drop/<step>, {swan} its swan/; a
#                        status that ends in '!' says that the command is not meant to be repeated
#   drop/<step>/         requests/ and bank/ go into the inbox before the step, stdin is given to the command
#   alanpay.ini          if it is there; else fixtures/alanpay.ini
#   expected/<step>/     output.txt, books.txt, published.txt, files/: see night.sh
# The books are all tables but the journal; what is published is all files but the views that may hold wall-clock.
set -euo pipefail
export LC_ALL=C
unset ALANPAY_CONFIG ALANPAY_FAULT
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
NIGHTS=$ROOT/fixtures/nights

# A work folder of our own, in memory where that can be had; gone when the script ends.
make_work() {
	local base=/dev/shm

	if ! [[ -d $base && -w $base ]]; then
		base=$ROOT/out/test
		mkdir -p "$base"
	fi
	WORK=$(mktemp -d "$base/alanpay.XXXXXX")
	trap 'rm -rf "$WORK"' EXIT
}

make_home() {
	local bin=$1 case=$2 home=$3 config=$NIGHTS/$2/alanpay.ini

	[[ -f $config ]] || config=$ROOT/fixtures/alanpay.ini
	"$bin/alanpay" init --home "$home" --store-id 0000a1a9 --now 2026-01-31T00:00:00Z >/dev/null
	cp "$config" "$home/alanpay.ini"
	write_books_query "$home" >"$WORK/books.sql"
}

# The script of the sqlite3 shell that prints every table of the books, rows in the order of their columns.
write_books_query() {
	echo '.mode quote'
	echo '.headers on'
	sqlite3 -batch -init /dev/null "$1/state/alanpay.db" "
		SELECT '.print -- ' || t.name || char(10) || 'SELECT * FROM \"' || t.name || '\" ORDER BY '
		    || (SELECT group_concat(cid + 1, ', ') FROM pragma_table_info(t.name)) || ';'
		FROM sqlite_schema t WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\_%' ESCAPE '\'
		    AND t.name NOT IN ('night', 'stage_run') ORDER BY t.name"
}

print_books() {
	sqlite3 -batch -init /dev/null "$1/state/alanpay.db" <"$WORK/books.sql"
}

print_published() {
	(
		cd "$1"
		find out archive quarantine inbox ! -path 'out/metrics/*' ! -name run_results.json \
			\( -type f -exec sha256sum {} + -o -type l -printf 'link to %l  %p\n' \) | sort -k2
	)
}

# What a finished command may not leave behind in state/; elsewhere it would show among what is published.
print_leftovers() {
	compgen -G "$1/state/.*.new" || true
	compgen -G "$1/state/.rehearsal.*" || true
}

# Steps of a case without comments.
print_steps() {
	grep -Ev '^[[:space:]]*(#|$)' "$NIGHTS/$1/nights"
}

drop_inputs() {
	local case=$1 step=$2 home=$3 door from

	for door in requests bank; do
		from=$NIGHTS/$case/drop/$step/$door
		[[ ! -d $from ]] || cp -R "$from/." "$home/inbox/$door/"
	done
}

# Sets WORDS: the arguments of a step, whole.
set_words() {
	local case=$1 step=$2 on=$3 now=$4 text=$5 i

	mapfile -d '' WORDS < <(xargs printf '%s\0' <<<"$text")
	for i in "${!WORDS[@]}"; do
		WORDS[i]=${WORDS[i]//'{swan}'/'{drop}/swan'}
		WORDS[i]=${WORDS[i]//'{drop}'/$NIGHTS/$case/drop/$step}
	done
	WORDS+=(--date "$on" --now "$now")
	[[ " ${WORDS[*]} " == *' --as '* ]] || WORDS+=(--as scheduler)
}

# Runs alanpay with WORDS in a home; gives its exit status back.
run_alanpay() {
	local bin=$1 case=$2 step=$3 home=$4 input=$NIGHTS/$2/drop/$3/stdin

	[[ -f $input ]] || input=/dev/null
	"$bin/alanpay" "${WORDS[@]}" --home "$home" <"$input" 2>&1
}

# 0, 3 and what the step expects are fine for a command that runs a second time.
is_fine_again() {
	[[ $1 == 0 || $1 == 3 || $1 == "$2" ]]
}
