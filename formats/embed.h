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
extern const char embed_claims_sql[], embed_claims_sql_end[];
extern const char embed_nightly[], embed_nightly_end[];
extern const char embed_transactions_graphql[], embed_transactions_graphql_end[];
extern const char embed_cards_graphql[], embed_cards_graphql_end[];
extern const char embed_memberships_graphql[], embed_memberships_graphql_end[];

#endif
