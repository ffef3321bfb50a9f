#!/usr/bin/env bash
# check_graphql.sh: the documents that ask Swan are right by Swan's own schema, as graphql-js sees it.
# usage: check_graphql.sh
# Wants node, its package graphql (NODE_PATH may say where), and ../shared/swan/partner-schema.graphql.
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

if ! node -e 'require("graphql")' 2>/dev/null; then
	skip "formats/swan: node cannot find the package graphql"
elif [[ ! -f $SCHEMA ]]; then
	skip "formats/swan: ../shared/swan/partner-schema.graphql is not here"
else
	for document in "$ROOT"/formats/swan/*.graphql; do
		check "${document#"$ROOT"/} is right by Swan's schema" validate_document "$document"
	done
fi
sum_up
