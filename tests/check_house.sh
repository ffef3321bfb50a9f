#!/usr/bin/env bash
# check_house.sh: who may include whom, who links what, and words that a stranger stumbles over.
# usage: check_house.sh BINDIR
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=$(cd "$1" && pwd)
cd "$ROOT"

# never FROM TO: an arrow that the house does not have (stages/core/README.md shows those it has). TO is as in a|b.
never() {
	check "$1 never includes ${2//|/, }" reaches_none "$1" "$2"
}

reaches_none() {
	! grep -nE "#include \"stages/core/($2)/" "stages/core/$1"/*.[ch]
}

formats_stand_alone() {
	! grep -n '#include "stages/' formats/*.[ch]
}

# Modules that include each other, however far round: tsort names them.
has_no_circle() {
	local arrows

	arrows=$(grep -HE '^#include "(stages/core|formats)/' stages/core/*/*.[ch] formats/*.[ch] |
		sed -E 's,^([^:]*)\.[ch]:#include "(.*)\.h"$,\1 \2,' | awk '$1 != $2' | sort -u)
	! tsort <<<"$arrows" 2>&1 >/dev/null | grep .
}

# The programs that link a library: starting one of them costs its libraries too.
linked_with() {
	local program

	for program in "$BIN"/alanpay*; do
		[[ $(readelf -d "$program") != *"[$1."* ]] || basename "$program"
	done
}

# Idioms that plain English does without, as words and as parts of names. Everything that people read: sources, tables,
# documents, steps of the night cases. Not the inputs and outputs of the cases: what others send is theirs to word.
IDIOMS="(?<![a-z])(?<!as_)(nobody's|of nobody|no matter of|told|tells?|what is held|things told|whose it is|made again|by itself"
IDIOMS+="|for ever|what for|mend(s|ed)?)(?![a-z])|(?<!there )\\bis none\\b"

has_no_idiom() {
	local status=0

	grep -rnIiP --exclude=check_house.sh "$IDIOMS" stages formats schedules tests README.md Makefile fixtures/nights/*/nights || status=$?
	((status == 1))
}

never engine 'home|lists|members|books|cards|swan|bank|api|audit|enrol|fixture|net|push'
never home 'lists|members|books|cards|swan|bank|api|audit|enrol|fixture|net|push'
never lists 'home|members|books|cards|swan|bank|api|audit|enrol|fixture|net|push'
never members 'home|lists|books|cards|swan|bank|api|audit|enrol|fixture|net|push'
never books 'lists|cards|swan|bank|api|audit|enrol|fixture|net|push'
never cards 'lists|swan|bank|api|audit|enrol|fixture|net|push'
never net 'home|lists|members|books|cards|swan|bank|api|audit|enrol|fixture|push'
never swan 'lists|members|books|cards|bank|api|audit|enrol|fixture|push'
never bank 'cards|swan|api|audit|enrol|fixture|net|push'
never api 'cards|swan|bank|audit|enrol|fixture|net|push'
never audit 'lists|members|books|cards|swan|bank|api|enrol|fixture|net|push'
never enrol 'home|lists|cards|bank|api|audit|fixture|push'
never fixture 'lists|members|books|cards|swan|bank|api|audit|enrol|net|push'
never push 'lists|cards|swan|bank|api|audit|enrol|fixture'
check 'formats include nothing of the stages' formats_stand_alone
check 'no module includes itself, however far round' has_no_circle
check_same 'what speaks to the network links libcurl, nothing else does' \
	$'alanpay-import\nalanpay-notify\nalanpay-push\nalanpay-swan\nalanpay-users' "$(linked_with libcurl.so)"
check_same 'what reads XML links libxml2, nothing else does' \
	$'alanpay-audit\nalanpay-collect\nalanpay-fixture\nalanpay-reconcile\nalanpay-sepa' "$(linked_with libxml2.so)"
check_same 'what opens a ZIP links libarchive, nothing else does' $'alanpay-fixture\nalanpay-reconcile\nalanpay-sepa' "$(linked_with libarchive.so)"
check 'no old idiom where people read' has_no_idiom
sum_up
