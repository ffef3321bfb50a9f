#!/usr/bin/env bash
# check_fakeswan.sh: the fake Swan answers as the tests expect: tokens, pages, refusals, the list.
# usage: check_fakeswan.sh BINDIR
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=${1%/}
FROM=2026-01-01T00:00:00Z
TO=2026-02-01T00:00:00Z
WORLD=(--now 2026-02-03T00:00:00Z --members 30 --transactions 400)
WORK=$(mktemp -d)
trap 'stop_swan; rm -rf "$WORK"' EXIT
# shellcheck source=tests/fakeswan.sh
. "$(dirname "$0")/fakeswan.sh"

# serve OPTION...: starts it.
serve() {
	stop_swan
	rm -f "$WORK/log"
	serve_swan "${WORLD[@]}" --log "$WORK/log" "$@"
	TOKEN=$(sed -nE 's/.*"access_token":"([^"]*)".*/\1/p' <<<"$(ask_token fakeswan-secret)")
}

ask_token() {
	post_to_swan /oauth2/token application/x-www-form-urlencoded \
		"client_id=fakeswan&client_secret=$1&grant_type=client_credentials"
}

# ask OPERATION VARIABLES [HEADER]: with the token, or another header instead.
ask() {
	post_to_swan /graphql application/json "{\"operationName\":\"$1\",\"query\":\"query $1 {}\",\"variables\":$2}" \
		"${3:-Authorization: Bearer $TOKEN}"
}

status_of() {
	head -n 1 | cut -d ' ' -f 2
}

# Every page of the window, a line each; ends where it says that nothing follows.
all_pages() {
	local page after=

	while :; do
		page=$(ask Transactions "{\"first\":100,\"from\":\"$FROM\",\"to\":\"$TO\"$after}" | tail -n 1)
		echo "$page"
		[[ $page == *'"hasNextPage":true'* ]] || break
		after=",\"after\":$(sed -nE 's/.*"endCursor":("[^"]*").*/\1/p' <<<"$page")"
	done
}

check_refusals() {
	check_same 'a wrong secret is refused' 401 "$(ask_token wrong | status_of)"
	check_same 'no token, no page' 401 "$(ask Cards '{"first":10}' 'X-Nothing: 1' | status_of)"
	check_same 'a made-up token is not valid' 401 "$(ask Cards '{"first":10}' 'Authorization: Bearer x_000001' | status_of)"
	check_same 'first is required' 400 "$(ask Cards '{}' | status_of)"
	check_same 'and at most 100' 400 "$(ask Cards '{"first":101}' | status_of)"
	check_same 'an operation that is not known is refused' 400 "$(ask Payments '{"first":10}' | status_of)"
	check_same 'nobody is impersonated' 400 \
		"$(ask Cards '{"first":10}' "Authorization: Bearer $TOKEN"$'\r\nx-swan-user-id: u' | status_of)"
	check_same 'what breaks a rule is in the log' 4 "$(grep -c violation: "$WORK/log")"
	check 'the secret is not' eval "! grep -q 'secret\|fst_' '$WORK/log'"
}

check_pages() {
	local list=$WORK/list ids=$WORK/ids total

	"$FAKESWAN" "${WORLD[@]}" --list transactions --from "$FROM" --to "$TO" >"$list"
	all_pages >"$WORK/pages"
	grep -o '"node":{"__typename":"[A-Za-z]*","id":"[^"]*"' "$WORK/pages" | sed 's/.*"id":"//; s/"$//' >"$ids"
	total=$(sed -nE '1s/.*"totalCount":([0-9]+).*/\1/p' "$WORK/pages")
	check_same 'the pages hold as many as they say' "$total" "$(wc -l <"$ids")"
	check_same 'the list is the pages, in their order' "$(cat "$ids")" \
		"$(grep -oE '^[0-9a-f]{8}-[0-9a-f-]{27}' "$list")"
	check_same 'it is ordered by updatedAt' "$(grep -o '"updatedAt":"[^"]*"' "$WORK/pages" | sort)" \
		"$(grep -o '"updatedAt":"[^"]*"' "$WORK/pages")"
	check_same 'cards come too' 200 "$(ask Cards '{"first":100}' | status_of)"
	check_same 'and memberships' 200 "$(ask Memberships '{"first":100}' | status_of)"
}

serve
check_refusals
check_pages
serve --fault 503@1 --fault expired@2
check_same 'a fault acts on its call' 503 "$(ask Cards '{"first":10}' | status_of)"
check_same 'and another on the next' 401 "$(ask Cards '{"first":10}' | status_of)"
check_same 'the token stays revoked' 401 "$(ask Cards '{"first":10}' | status_of)"
check_same 'faults are named in the log' '503 expired' "$(awk '$4 != "-" { print $4 }' "$WORK/log" | xargs)"
sum_up
