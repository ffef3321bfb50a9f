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
	embed migration_0010, "stages/core/migrations/0010.sql"
	embed claims_sql, "stages/core/audit/claims.sql"
	embed nightly, "schedules/nightly"
	embed pain001_xsd, "formats/xsd/pain.001.001.09.xsd"
	embed pain001_03_xsd, "formats/xsd/pain.001.001.03.xsd"
	embed pain008_xsd, "formats/xsd/pain.008.001.08.xsd"
	embed pain008_02_xsd, "formats/xsd/pain.008.001.02.xsd"
	embed transactions_graphql, "formats/swan/transactions.graphql"
	embed cards_graphql, "formats/swan/cards.graphql"
	embed memberships_graphql, "formats/swan/memberships.graphql"
	embed start_user_creation_graphql, "formats/swan/start_user_creation.graphql"
	embed complete_user_creation_graphql, "formats/swan/complete_user_creation.graphql"
	embed users_by_phone_graphql, "formats/swan/users_by_phone.graphql"
	embed add_account_membership_graphql, "formats/swan/add_account_membership.graphql"
	embed bind_account_membership_graphql, "formats/swan/bind_account_membership.graphql"
	embed disable_account_membership_graphql, "formats/swan/disable_account_membership.graphql"
	embed memberships_by_email_graphql, "formats/swan/memberships_by_email.graphql"
	embed account_membership_graphql, "formats/swan/account_membership.graphql"
	embed add_card_graphql, "formats/swan/add_card.graphql"
	embed cancel_card_graphql, "formats/swan/cancel_card.graphql"
	embed consent_graphql, "formats/swan/consent.graphql"
	embed grant_consent_graphql, "formats/swan/grant_consent.graphql"
	embed accept_consent_graphql, "formats/swan/accept_consent.graphql"
	embed view_card_numbers_graphql, "formats/swan/view_card_numbers.graphql"
	embed view_card_numbers_with_consent_graphql, "formats/swan/view_card_numbers_with_consent.graphql"

	.section .note.GNU-stack, "", %progbits
