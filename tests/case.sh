# shellcheck shell=bash
# case.sh: what night.sh, crash.sh and some tests/check_*.sh share: a home, its steps, its books and its published files.
# Sourced.
#
# A case is a folder of fixtures/nights:
#   nights               one line a step: <step> <date> <now> <exit status> <alanpay arguments...>
#                        '#' begins a comment line; arguments may be quoted; {drop} is drop/<step>, {swan} its swan/; a
#                        status that ends in '!' says that the command is not meant to be repeated
#   drop/<step>/         requests/, bank/ and receipts/ go into the inbox before the step, stdin is given to the command
#   alanpay.ini          if it is there; else fixtures/alanpay.ini
#   expected/<step>/     output.txt, books.diff, published.diff, files/: see night.sh
# The state of a home is a folder with two files:
#   books                every table but the journal: its columns, then its rows, one a line: the table and the primary
#                        key, then the other columns that are not NULL, parted by tabs
#   published            digest of every file, target of every link, but of the views that may hold wall-clock
# As few processes are started as can be: a night has some hundred steps, and starting one can be slow.
set -euo pipefail
shopt -s globstar dotglob nullglob
export LC_ALL=C
unset ALANPAY_CONFIG ALANPAY_FAULT
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
NIGHTS=$ROOT/fixtures/nights

# A work folder of our own, in memory where that can be had; gone when the script ends.
make_work() {
	local base=${TMPDIR:-/dev/shm}

	[[ -d $base && -w $base ]] || base=/tmp
	WORK=$(mktemp -d "$base/alanpay.XXXXXX")
	trap 'rm -rf "$WORK"' EXIT
}

make_home() {
	local bin=$1 case=$2 home=$3 config=$NIGHTS/$2/alanpay.ini

	[[ -f $config ]] || config=$ROOT/fixtures/alanpay.ini
	"$bin/alanpay" init --home "$home" --environment test --store-id 0000a1a9 --now 2026-01-31T00:00:00Z >/dev/null
	cp "$config" "$home/alanpay.ini"
	write_books_query "$home" >"$WORK/books.sql"
}

# change_environment HOME production|sandbox|test: of a home and of its configuration, as if init had been asked for it.
change_environment() {
	sqlite3 -batch -bail -init /dev/null "$1/state/alanpay.db" "
		DROP TRIGGER store_identity_is_final;
		UPDATE store SET environment = '$2'"
	sed -i -E "/^\[environment\]/,/^\[/s/^name = .*/name = $2/" "$1/alanpay.ini"
}

# --- the state of a home ----------------------------------------------------------------------------------------------

# The script of the sqlite3 shell that prints the books. Values are as SQL writes them, on one line: \n, \t and \\ stand
# for what a text has of a line break, a tab and a backslash.
write_books_query() {
	sqlite3 -batch -bail -init /dev/null "$1/state/alanpay.db" <<-'END'
		CREATE TEMP VIEW field AS
		SELECT t.name AS of_table, c.cid, c.name, c.pk,
		    format('iif("%w" IS NULL, '''', %s || ''%w='' || %s)', c.name, iif(c.pk, ''' ''', 'char(9)'), c.name,
		        iif(c.type = 'TEXT', format('replace(replace(replace(quote("%w"), ''\'', ''\\''), char(10), ''\n''), char(9), ''\t'')',
		            c.name), format('quote("%w")', c.name))) AS as_text
		FROM sqlite_schema t JOIN pragma_table_info(t.name) c
		WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\_%' ESCAPE '\' AND t.name NOT IN ('night', 'stage_run', 'restoration', 'intent',
			'audit_mark', 'audit_member', 'touched', 'export_file');

		SELECT format('.print table %s: %s', of_table,
		        (SELECT group_concat(name, ', ') FROM pragma_table_info(of_table))) || char(10)
		    || format('SELECT ''%s'' || %s || %s FROM "%w" ORDER BY %s;', of_table,
		        group_concat(as_text, ' || ') FILTER (WHERE pk > 0),
		        coalesce(group_concat(as_text, ' || ') FILTER (WHERE pk = 0), ''''''), of_table, group_concat(format('"%w"', name), ', '))
		FROM (SELECT * FROM field ORDER BY of_table, cid)
		GROUP BY of_table ORDER BY of_table;
	END
}

print_books() {
	sqlite3 -batch -bail -init /dev/null "$1/state/alanpay.db" <"$WORK/books.sql"
}

print_published() {
	local path files=() links=() here=$PWD

	cd "$1"
	for path in out/** archive/** quarantine/** inbox/**; do
		if [[ -L $path ]]; then
			links+=("$path")
		elif [[ -f $path && $path != out/metrics/* && $path != */run_results.json ]]; then
			files+=("$path")
		fi
	done
	[[ ${#files[@]} == 0 ]] || sha256sum --tag "${files[@]}"
	[[ ${#links[@]} == 0 ]] || find "${links[@]}" -maxdepth 0 -printf 'link (%p) to %l\n'
	cd "$here"
}

# write_state HOME FOLDER
write_state() {
	print_books "$1" >"$2/books"
	print_published "$1" >"$2/published"
}

# What a finished command may not leave behind in state/; elsewhere it would show among what is published.
print_leftovers() {
	compgen -G "$1/state/.*.new" || true
	compgen -G "$1/state/.nameless.*" || true
}

# --- what a step changed: from the one state and this difference, the other follows ---------------------------------

# A row that is gone (-), one that is new (+), and of one that changed (~) its key and what changed.
print_books_diff() {
	awk -F '\t' '
		function refuse(key) {
			print "two rows with one key: " key >"/dev/stderr"
			wrong = 1
			exit 1
		}
		function as_line(row) {
			gsub(/\t/, " ", row)
			return row
		}
		function changes(from, to,    n, m, i, name, f, t, was, is, all) {
			n = split(from, f)
			m = split(to, t)
			for (i = 2; i <= n; i++) {
				name = substr(f[i], 1, index(f[i], "="))
				was[name] = substr(f[i], length(name) + 1)
			}
			for (i = 2; i <= m; i++) {
				name = substr(t[i], 1, index(t[i], "="))
				is[name] = substr(t[i], length(name) + 1)
				if (!(name in was))
					all = all " " name "NULL -> " is[name]
				else if (was[name] != is[name])
					all = all " " name was[name] " -> " is[name]
			}
			for (i = 2; i <= n; i++) {
				name = substr(f[i], 1, index(f[i], "="))
				if (!(name in is))
					all = all " " name was[name] " -> NULL"
			}
			return all
		}
		FILENAME == ARGV[1] {
			if ($1 in before)
				refuse($1)
			before[$1] = $0
			key[++rows] = $1
			next
		}
		{
			if ($1 in after)
				refuse($1)
			after[$1] = 1
			if (!($1 in before))
				line[++lines] = "+ " as_line($0)
			else if (before[$1] != $0)
				line[++lines] = "~ " $1 ":" changes(before[$1], $0)
		}
		END {
			if (wrong)
				exit 1
			for (i = 1; i <= rows; i++)
				if (!(key[i] in after))
					print "- " as_line(before[key[i]])
			for (i = 1; i <= lines; i++)
				print line[i]
		}' "$1" "$2"
}

print_published_diff() {
	diff --old-line-format='- %L' --new-line-format='+ %L' --unchanged-line-format='' "$1" "$2" || [[ $? == 1 ]]
}

# write_diffs BEFORE AFTER FOLDER: books.diff and published.diff of two states; what did not change has no file.
write_diffs() {
	local different

	different=$(diff -rq "$1" "$2") || [[ $? == 1 ]]
	[[ $different != *"$2/books differ"* ]] || print_books_diff "$1/books" "$2/books" >"$3/books.diff"
	[[ $different != *"$2/published differ"* ]] ||
		print_published_diff "$1/published" "$2/published" >"$3/published.diff"
}

# --- the steps of a case ----------------------------------------------------------------------------------------------

require_case() {
	[[ -f $NIGHTS/$1/nights ]] || {
		echo "the case $1 does not exist: \`ls fixtures/nights\` lists them" >&2
		exit 64
	}
}

# Steps of a case without comments.
print_steps() {
	local line

	while IFS= read -r line; do
		[[ $line =~ ^[[:space:]]*(#|$) ]] || printf '%s\n' "$line"
	done <"$NIGHTS/$1/nights"
}

drop_inputs() {
	local case=$1 step=$2 home=$3 door from

	for door in requests bank receipts; do
		from=$NIGHTS/$case/drop/$step/$door
		[[ ! -d $from ]] || cp -R "$from/." "$home/inbox/$door/"
	done
}

# Sets WORDS: the arguments of a step, whole.
set_words() {
	local case=$1 step=$2 on=$3 now=$4 text=$5 i

	if [[ $text == *[\'\"\\]* ]]; then
		mapfile -d '' WORDS < <(xargs printf '%s\0' <<<"$text")
	else
		read -ra WORDS <<<"$text"
	fi
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

# play_case BIN CASE HOME [STEP]: a new home in which the steps of the case were done, up to this one; each ends as it should.
play_case() {
	local bin=$1 case=$2 home=$3 last=${4:-} step on now expected text got

	make_home "$bin" "$case" "$home"
	while read -r step on now expected text; do
		got=0
		drop_inputs "$case" "$step" "$home"
		set_words "$case" "$step" "$on" "$now" "$text"
		run_alanpay "$bin" "$case" "$step" "$home" >"$WORK/output" || got=$?
		[[ $got == "${expected%!}" ]] || {
			echo "$step of $case ended with $got, and printed"
			cat "$WORK/output"
			return 1
		}
		[[ $step != "$last" ]] || break
	done < <(print_steps "$case")
}

# 0, 3 and what the step expects are fine for a command that runs a second time.
is_fine_again() {
	[[ $1 == 0 || $1 == 3 || $1 == "$2" ]]
}
