#!/usr/bin/env bash
# check_requests.sh: every code of an answer has a fixture that gets it, and stages/commands/README.md explains it.
# usage: check_requests.sh BINDIR
# The codes are those that are compiled into the program, formats/data/request_codes.csv; those that ask Swan are no answer to
# a record of a file.
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

cd "$ROOT"

# "status code" of each result line that a night expects, each once; a repeated answer is the first somewhere.
print_expected() {
	find fixtures/nights -path '*/expected/*' -name '*.results.jsonl' -exec cat {} + |
		sed -nE 's/.*"status":"([a-z]+)","code":"([a-z_0-9]+)".*/\1 \2/p' | grep -v '^duplicate ' | sort -u
}

print_promised() {
	awk -F, 'NR > 1 && $3 == "" { print $2, $1 }' formats/data/request_codes.csv | sort -u
}

is_in_readme() {
	grep -qF "\`$1\`" stages/commands/README.md
}

check_readme() {
	local code

	while read -r _ code; do
		check "stages/commands/README.md explains the code $code" is_in_readme "$code"
	done < <(print_promised)
}

check_same 'each code has a record that is answered so' "$(print_promised)" "$(print_expected)"
check_readme
sum_up
