/* Files that the programs contain unchanged. Each gets the symbol NAME, a NUL at its end, and NAME_end at the NUL. */
	.section .rodata

.macro embed name, file
	.balign 16
	.global embed_\name, embed_\name\()_end
embed_\name:
	.incbin "\file"
embed_\name\()_end:
	.byte 0
.endm

	embed schema_sql, "stages/core/schema.sql"
	embed views_sql, "stages/core/views.sql"
	embed triggers_sql, "stages/core/triggers.sql"
	embed claims_sql, "stages/core/audit/claims.sql"
	embed nightly, "schedules/nightly"
	embed pain001_xsd, "formats/xsd/pain.001.001.09.xsd"
	embed pain001_03_xsd, "formats/xsd/pain.001.001.03.xsd"
	embed pain008_xsd, "formats/xsd/pain.008.001.08.xsd"
	embed pain008_02_xsd, "formats/xsd/pain.008.001.02.xsd"
	embed transactions_graphql, "formats/swan/transactions.graphql"
	embed cards_graphql, "formats/swan/cards.graphql"
	embed memberships_graphql, "formats/swan/memberships.graphql"

	.section .note.GNU-stack, "", %progbits
