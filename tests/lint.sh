#!/usr/bin/env bash
# lint.sh: what the compiler does not see. Prints nothing but problems, and `lint: clean` when there are none.
#
# Formatting, cppcheck, clang-tidy, shellcheck; the SQL is loaded; words and functions that the design forbids are
# looked for; the files of stages/ are held against schedules/nightly. Wants out/build/gen, so build first.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "$0")/.."

INCLUDES=(-I. -Iout/build/gen -isystem /usr/include/libxml2)
mapfile -t SOURCES < <(find stages formats tests -name '*.c' | sort)
mapfile -t HEADERS < <(find stages formats tests -name '*.h' | sort)
mapfile -t SCRIPTS < <(find tests .ci -name '*.sh' -o -path .ci/run | sort)
OURS='(stages|formats|tests)/'
problems=0

# Runs a check; whatever it prints, or its bad exit, is a problem.
check() {
	local name=$1 out

	shift
	if ! out=$("$@" 2>&1) || [[ -n $out ]]; then
		problems=$((problems + 1))
		echo "--- $name"
		echo "$out"
	fi
}

# --- tools ------------------------------------------------------------------------------------------------------------

# A line for each file that clang-format would change.
formatting() {
	clang-format --dry-run "${SOURCES[@]}" "${HEADERS[@]}" 2>&1 |
		sed -nE 's/^([^:]+):[0-9]+:[0-9]+: .*/\1/p' | sort | uniq -c | awk '{ print $2 ": " $1 " places" }'
}

run_cppcheck() {
	cppcheck --quiet --std=c11 -j "$(nproc)" --enable=warning,performance,portability --error-exitcode=1 \
		--library=tests/cppcheck.cfg --suppressions-list=.cppcheck-suppressions -D_POSIX_C_SOURCE=200809L -I. -Iout/build/gen "${SOURCES[@]}"
}

# One start for a few files: the arguments after -- are those of the compiler.
tidy_some() {
	clang-tidy --quiet --header-filter="$OURS" "$@" -- -std=c17 -D_POSIX_C_SOURCE=200809L "${INCLUDES[@]}" 2>/dev/null
}

tidy_all() {
	local i running=0 status=0

	for ((i = 0; i < ${#SOURCES[@]}; i += 6)); do
		if ((running == $(nproc))); then
			wait -n || status=1
			running=$((running - 1))
		fi
		tidy_some "${SOURCES[@]:i:6}" &
		running=$((running + 1))
	done
	while ((running > 0)); do
		wait -n || status=1
		running=$((running - 1))
	done
	return "$status"
}

load_sql() {
	cat stages/core/schema.sql stages/core/views.sql stages/core/triggers.sql | sqlite3 -batch -bail -init /dev/null :memory:
}

# Without the views of the schema: what the audit checks by is its own.
load_claims() {
	cat stages/core/schema.sql stages/core/audit/claims.sql | sqlite3 -batch -bail -init /dev/null :memory:
}

# Each piece of claims.sql has a name of its own and one statement: the audit runs the first one only. Its views are named
# audit_..., so that they hide none of the schema.
claims_are_whole() {
	awk '
		function finish() { if (name != "" && ends != 1) print FILENAME ": " name ": " ends " statements" }
		/^-- (claim|view):/ {
			finish()
			name = $0; ends = 0
			if (!/^-- (claim: [a-z].*[^.: ]|view: audit_[a-z_]+)$/ || seen[name]++) print FILENAME ":" FNR ": " name
			next
		}
		/^--/ { next }
		name == "" && NF { print FILENAME ":" FNR ": belongs to no claim" }
		{ ends += gsub(/;/, "") }
		/^CREATE/ && $0 !~ "^CREATE TEMP VIEW " substr(name, 10) " " { print FILENAME ":" FNR ": another view" }
		END { finish() }' stages/core/audit/claims.sql
}

# --- words ------------------------------------------------------------------------------------------------------------

# Lines of code, comments apart, that match; none is good.
forbid() {
	local pattern=$1

	shift
	! grep -nPH -- "$pattern" "$@" | grep -vP '^[^:]*:[0-9]+:\s*(/\*|\*|//|--)'
}

library_in() {
	find formats stages -name "$1" "${@:2}" | sort
}

banned_functions() {
	local everything formats

	mapfile -t everything < <(library_in '*.[ch]')
	mapfile -t formats < <(find formats -name '*.[ch]' | sort)
	forbid '\b(strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|atof|strtod|gets|setlocale|system|popen|tmpnam)\s*\(' \
		"${everything[@]}"
	forbid '\b(float|double)\b(?!-)(?=\s+\**[a-z_]+\s*[;,=)\[(])' "${everything[@]}"
	forbid '\b(time|gettimeofday|clock_gettime|localtime|gmtime|mktime|getenv|printf|fprintf|puts|fopen|open)\s*\(' \
		"${formats[@]}"
	forbid '#include [<"](sqlite3|curl/|stages/|time\.h|syslog)' "${formats[@]}"
}

# The clock is core/engine/run.c's, and journal.c's for the journal; of the environment core/engine/run.c takes who and where,
# log.c whether journald listens, fault.c where to die. Of SQLite know store.c and what it is made of, and storefile.c.
one_door_each() {
	local others

	mapfile -t others < <(library_in '*.[ch]' ! -path stages/core/engine/run.c ! -path stages/core/engine/journal.c)
	forbid '\b(time|clock_gettime|gettimeofday)\s*\(' "${others[@]}"
	mapfile -t others < <(library_in '*.[ch]' ! -path stages/core/engine/run.c ! -path stages/core/engine/log.c ! -path stages/core/engine/fault.c)
	forbid '\bgetenv\s*\(' "${others[@]}"
	mapfile -t others < <(library_in '*.[ch]' ! -path stages/core/engine/store.c ! -path stages/core/engine/storefile.c \
		! -path 'stages/core/engine/database.[ch]' ! -path stages/core/engine/statement.c ! -path stages/core/engine/pool.c)
	forbid '#include (<sqlite3|"stages/core/engine/database\.h)' "${others[@]}"
}

# What PostgreSQL would not take, in SQL text. triggers.sql is SQLite's own.
forbidden_sql() {
	local code words='OR REPLACE|strftime|julianday|\browid\b|\bGLOB\b|\bCOLLATE\b|\bIS NOT\b(?! NULL| DISTINCT)'

	mapfile -t code < <(library_in '*.c')
	forbid "\"[^\"]*($words)" "${code[@]}"
	forbid "$words" stages/core/schema.sql stages/core/views.sql stages/core/audit/claims.sql
}

stages_are_the_night() {
	diff <(find stages -maxdepth 1 -name '[0-9]*.c' | sort | sed 's,.*/[0-9]*-,,; s,\.c$,,') \
		<(grep -Ev '^(#|$)' schedules/nightly)
}

# Who may include whom, who links what, and old idioms.
rooms_and_words() {
	local out

	out=$(bash tests/check_house.sh out/build/clang/bin 2>&1) || echo "$out"
}

check 'clang-format' formatting
check 'cppcheck' run_cppcheck
check 'clang-tidy' tidy_all
check 'shellcheck' shellcheck -x -P tests "${SCRIPTS[@]}"
check 'SQL' load_sql
check 'claims of the audit' load_claims
check 'names of the claims' claims_are_whole
check 'banned functions' banned_functions
check 'clock, environment, SQLite: one door each' one_door_each
check 'forbidden in SQL' forbidden_sql
check 'stages/ and schedules/nightly' stages_are_the_night
check 'rooms and words' rooms_and_words
((problems == 0)) || exit 1
echo 'lint: clean'
