/* embed: files that are part of the program, put into it by stages/core/engine/embed.S.
 *
 * Each ends where its _end begins; a NUL follows, so that the text ones can be read as strings.
 */
#ifndef FORMATS_EMBED_H
#define FORMATS_EMBED_H

extern const char embed_pain001_xsd[], embed_pain001_xsd_end[];
extern const char embed_pain001_03_xsd[], embed_pain001_03_xsd_end[];
extern const char embed_pain008_xsd[], embed_pain008_xsd_end[];
extern const char embed_pain008_02_xsd[], embed_pain008_02_xsd_end[];
extern const char embed_schema_sql[], embed_schema_sql_end[];
extern const char embed_views_sql[], embed_views_sql_end[];
extern const char embed_triggers_sql[], embed_triggers_sql_end[];
extern const char embed_migration_0010[];
extern const char embed_claims_sql[], embed_claims_sql_end[];
extern const char embed_nightly[], embed_nightly_end[];
extern const char embed_transactions_graphql[], embed_transactions_graphql_end[];
extern const char embed_cards_graphql[], embed_cards_graphql_end[];
extern const char embed_memberships_graphql[], embed_memberships_graphql_end[];
extern const char embed_start_user_creation_graphql[], embed_start_user_creation_graphql_end[];
extern const char embed_complete_user_creation_graphql[], embed_complete_user_creation_graphql_end[];
extern const char embed_users_by_phone_graphql[], embed_users_by_phone_graphql_end[];
extern const char embed_add_account_membership_graphql[], embed_add_account_membership_graphql_end[];
extern const char embed_bind_account_membership_graphql[], embed_bind_account_membership_graphql_end[];
extern const char embed_disable_account_membership_graphql[], embed_disable_account_membership_graphql_end[];
extern const char embed_memberships_by_email_graphql[], embed_memberships_by_email_graphql_end[];
extern const char embed_account_membership_graphql[], embed_account_membership_graphql_end[];
extern const char embed_add_card_graphql[], embed_add_card_graphql_end[];
extern const char embed_cancel_card_graphql[], embed_cancel_card_graphql_end[];
extern const char embed_consent_graphql[], embed_consent_graphql_end[];
extern const char embed_grant_consent_graphql[], embed_grant_consent_graphql_end[];
extern const char embed_accept_consent_graphql[], embed_accept_consent_graphql_end[];
extern const char embed_view_card_numbers_graphql[], embed_view_card_numbers_graphql_end[];
extern const char embed_view_card_numbers_with_consent_graphql[],
    embed_view_card_numbers_with_consent_graphql_end[];

#endif
