#!/usr/bin/env bash
# check_tree.sh: the tree is laid out as README says, the example configuration is the generated one, and no whole IBAN
# stands where only masked ones may.
# usage: check_tree.sh BINDIR
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=$(cd "$1" && pwd)
cd "$ROOT"

# Anything of the shape of an IBAN, right or wrong, but a creditor identifier.
has_no_iban() {
	! grep -nE '(^|[^A-Z])[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}' "$@" /dev/null | grep -vE 'creditor[ _]identifier'
}

# Options are taken in their order: one that is not known ends the line before its --help.
scheduled_lines_are_known() {
	local line words

	while IFS= read -r line; do
		read -ra words <<<"$line"
		[[ ${words[*]:5:2} == 'alanpay alanpay' ]] &&
			"$BIN/alanpay" "${words[@]:7}" --help >/dev/null || return 1
	done < <(sed -nE 's/^#?([0-9])/\1/p' schedules/crontab)
}

check_stages() {
	check_same 'the stages are those of schedules/nightly, in its order' "$(grep -v '^#' schedules/nightly)" \
		"$(printf '%s\n' stages/[0-9]*.c | sed -E 's,^stages/[0-9]+-(.*)\.c$,\1,')"
}

has_no_stray() {
	! git ls-files | cut -d/ -f1 | sort -u |
		grep -vxE 'Makefile|stages|formats|schedules|fixtures|tests|out|README\.md|LICENSE|\..+'
}

check_top_level() {
	if git rev-parse --git-dir >/dev/null 2>&1; then
		check 'nothing else stands at the top level' has_no_stray
	else
		skip 'the top level: this is no git checkout'
	fi
}

check_schedules() {
	check 'schedules/crontab has the night and the whole audit, in options that there are' \
		scheduled_lines_are_known
	check_same 'schedules/crontab has two lines, and two that are off' '2 2' \
		"$(grep -c '^[0-9]' schedules/crontab) $(grep -c '^#[0-9]' schedules/crontab)"
	check 'schedules/alanpay.ini.example is what config generate prints' \
		diff schedules/alanpay.ini.example <("$BIN/alanpay" config generate)
}

# test_pain008 tries each character with two of them.
check_schemas() {
	local schema
	local first=formats/xsd/pain.008.001.08.xsd

	check_same "$first has one pattern for texts" 1 "$(print_text_type "$first" | grep -c '<xs:pattern ')"
	for schema in formats/xsd/*.xsd; do
		check_same "$schema has the characters of $first" "$(print_text_type "$first")" \
			"$(print_text_type "$schema")"
	done
}

print_text_type() {
	sed -n '/<xs:simpleType name="text">/,/<\/xs:simpleType>/p' "$1"
}

check_ibans() {
	local output
	local -a outputs=(fixtures/nights/*/expected/*/output.txt)

	if has_no_iban "${outputs[@]}" >/dev/null; then
		for output in "${outputs[@]}"; do
			check "$output has no IBAN" true
		done
	else
		for output in "${outputs[@]}"; do
			check "$output has no IBAN" has_no_iban "$output"
		done
	fi
	if [[ -f out/demo/log ]]; then
		check 'out/demo/log has no IBAN' has_no_iban out/demo/log
	else
		skip 'out/demo/log is not here, make demo writes it'
	fi
}

check_stages
check_top_level
check_schedules
check_schemas
check_ibans
sum_up
