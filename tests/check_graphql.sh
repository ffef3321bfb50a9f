#!/usr/bin/env bash
# check_graphql.sh: the documents that ask Swan are right by Swan's own schema, as graphql-js sees it, and each rejection that
# they can be answered with is in formats/data/swan_refusals.csv.
# usage: check_graphql.sh
# Wants ../shared/swan/partner-schema.graphql; for the documents also node and its package graphql (NODE_PATH may say where).
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

SCHEMA=$ROOT/../shared/swan/partner-schema.graphql

validate_document() {
	# shellcheck disable=SC2016 # JavaScript's own ${}
	node -e '
		const fs = require("fs");
		const { buildSchema, parse, validate } = require("graphql");
		const [schema, document] = process.argv.slice(1).map((path) => fs.readFileSync(path, "utf8"));
		const errors = validate(buildSchema(schema), parse(document));
		for (const e of errors)
			console.log(`${e.locations[0].line}: ${e.message}`);
		process.exit(errors.length > 0 ? 1 : 0);
	' "$SCHEMA" "$1"
}

# The rejections in the payload of a mutation, of which each has a line `union ...Payload = A | B`.
print_rejections() {
	local mutation

	while IFS= read -r mutation; do
		sed -nE "s/^union ${mutation^}Payload = //p" "$SCHEMA" | tr -d ' ' | tr '|' '\n' | grep 'Rejection$'
	done < <(sed -nE 's/^  ([a-zA-Z]+)\(.*/\1/p' "$@") | sort -u
}

print_mutations() {
	grep -l '^mutation ' "$ROOT"/formats/swan/*.graphql
}

if [[ ! -f $SCHEMA ]]; then
	skip "formats/swan: ../shared/swan/partner-schema.graphql is not here"
	sum_up
	exit
fi
mapfile -t mutations < <(print_mutations)
check_same 'each rejection of our mutations is in formats/data/swan_refusals.csv, and no other' \
	"$(print_rejections "${mutations[@]}")" "$(sed '1d; s/,.*//' "$ROOT/formats/data/swan_refusals.csv" | sort -u)"
if ! node -e 'require("graphql")' 2>/dev/null; then
	skip "formats/swan: node cannot find the package graphql"
else
	for document in "$ROOT"/formats/swan/*.graphql; do
		check "${document#"$ROOT"/} is right by Swan's schema" validate_document "$document"
	done
fi
sum_up
