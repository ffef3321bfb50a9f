-- The tables of the peer: those that the programs keep of such nights, with integer keys, without their triggers and views.
CREATE TABLE input (number INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, sha256 BLOB NOT NULL, size INTEGER NOT NULL,
	kept_at TEXT NOT NULL, received_on TEXT NOT NULL) STRICT;
CREATE TABLE artifact (path TEXT PRIMARY KEY, kind TEXT NOT NULL, sha256 BLOB NOT NULL, size INTEGER NOT NULL) STRICT;
CREATE TABLE exception (number INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, message TEXT NOT NULL, record TEXT,
	state TEXT NOT NULL, UNIQUE (kind, key)) STRICT;
CREATE TABLE request (number INTEGER PRIMARY KEY, input INTEGER NOT NULL, line INTEGER NOT NULL, source TEXT NOT NULL,
	message_id TEXT NOT NULL, digest BLOB NOT NULL, op TEXT NOT NULL, status TEXT NOT NULL, code TEXT NOT NULL, result TEXT,
	UNIQUE (input, line), UNIQUE (source, message_id)) STRICT;
CREATE TABLE profile (number INTEGER PRIMARY KEY, app_id TEXT NOT NULL, app_user_id TEXT NOT NULL, status TEXT NOT NULL,
	balance INTEGER NOT NULL, last_transaction INTEGER NOT NULL, last_payment INTEGER NOT NULL, declared_at INTEGER NOT NULL,
	UNIQUE (app_id, app_user_id)) STRICT;
CREATE TABLE mandate (number INTEGER PRIMARY KEY, profile INTEGER NOT NULL, reference TEXT NOT NULL UNIQUE, debtor TEXT NOT NULL,
	iban TEXT NOT NULL, signed_on TEXT NOT NULL, status TEXT NOT NULL, why TEXT) STRICT;
CREATE UNIQUE INDEX mandate_of ON mandate (profile);
CREATE TABLE account_membership (id TEXT PRIMARY KEY, profile INTEGER, status TEXT) STRICT;
CREATE INDEX membership_of ON account_membership (profile);
CREATE TABLE card (id TEXT PRIMARY KEY, membership TEXT NOT NULL, status TEXT NOT NULL, limits TEXT, created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL) STRICT;
CREATE INDEX card_of ON card (membership);
CREATE TABLE merchant (number INTEGER PRIMARY KEY, id TEXT, name TEXT, city TEXT, country TEXT, postcode TEXT, code TEXT) STRICT;
CREATE TABLE swan_transaction_id (id BLOB PRIMARY KEY, key INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE swan_payment_id (id BLOB PRIMARY KEY, key INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE swan_transaction (key INTEGER PRIMARY KEY, id BLOB NOT NULL, type INTEGER NOT NULL, status INTEGER NOT NULL,
	cents INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, input INTEGER NOT NULL,
	line INTEGER NOT NULL) STRICT;
CREATE TABLE card_payment (key INTEGER PRIMARY KEY, swan_payment BLOB NOT NULL, status INTEGER NOT NULL, effective_at INTEGER NOT NULL,
	authorized INTEGER NOT NULL, captured INTEGER NOT NULL, merchant INTEGER, merchant_at INTEGER) STRICT;
CREATE TABLE balance_transaction (key INTEGER PRIMARY KEY, event INTEGER NOT NULL, cents INTEGER NOT NULL, at INTEGER NOT NULL,
	day TEXT NOT NULL, source_kind INTEGER NOT NULL, source ANY NOT NULL, payment INTEGER, session INTEGER, settles INTEGER,
	input INTEGER, line INTEGER) STRICT;
CREATE UNIQUE INDEX posted_once ON balance_transaction (source_kind, source, event);
CREATE INDEX of_debt ON balance_transaction (session, key) WHERE session IS NOT NULL;
CREATE INDEX waiting ON balance_transaction (key) WHERE session IS NULL AND settles IS NULL AND event < 6;
CREATE TABLE session (number INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, ends_on TEXT NOT NULL, freeze_on TEXT NOT NULL,
	recovery_on TEXT NOT NULL, status TEXT NOT NULL, digest BLOB) STRICT;
CREATE TABLE debt (profile INTEGER NOT NULL, session INTEGER NOT NULL, status TEXT NOT NULL, cents INTEGER, recovered INTEGER,
	failure TEXT, PRIMARY KEY (profile, session)) STRICT;
CREATE INDEX debt_of_session ON debt (session, profile);
CREATE INDEX debt_open ON debt (session) WHERE status NOT IN ('succeeded', 'failed');
CREATE TABLE exclusion (profile INTEGER NOT NULL, session INTEGER NOT NULL, reason TEXT NOT NULL, cents INTEGER NOT NULL,
	carried_to INTEGER NOT NULL, PRIMARY KEY (profile, session)) STRICT;
CREATE TABLE bank_file (number INTEGER PRIMARY KEY, session INTEGER NOT NULL, msg_id TEXT NOT NULL UNIQUE, path TEXT NOT NULL,
	collections INTEGER NOT NULL, cents INTEGER NOT NULL, sha256 BLOB, state TEXT NOT NULL) STRICT;
CREATE TABLE collection (end_to_end_id TEXT PRIMARY KEY, file INTEGER NOT NULL, profile INTEGER NOT NULL, session INTEGER NOT NULL,
	mandate INTEGER NOT NULL, cents INTEGER NOT NULL, state TEXT NOT NULL, booked_on TEXT, failed_on TEXT, reason TEXT) STRICT;
CREATE UNIQUE INDEX collection_live ON collection (profile, session) WHERE state IN ('presented', 'booked');
CREATE INDEX collection_of_file ON collection (file, end_to_end_id);
CREATE TABLE consequence (end_to_end_id TEXT PRIMARY KEY, profile INTEGER NOT NULL, mandate INTEGER NOT NULL, reason TEXT NOT NULL,
	action TEXT NOT NULL) STRICT;
CREATE TABLE bank_message (number INTEGER PRIMARY KEY, kind TEXT NOT NULL, msg_id TEXT NOT NULL, entries INTEGER NOT NULL,
	input INTEGER NOT NULL) STRICT;
CREATE TABLE bank_entry (number INTEGER PRIMARY KEY, message INTEGER NOT NULL, nth INTEGER NOT NULL, kind TEXT NOT NULL,
	end_to_end_id TEXT, mandate TEXT, cents INTEGER, day TEXT NOT NULL, reason TEXT, bank_reference TEXT, fingerprint BLOB NOT NULL,
	collection TEXT, state TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX entry_once ON bank_entry (fingerprint);
CREATE INDEX entry_of ON bank_entry (collection, kind) WHERE collection IS NOT NULL;
CREATE TABLE notification (number INTEGER PRIMARY KEY, name TEXT NOT NULL, subject TEXT NOT NULL, profile INTEGER NOT NULL,
	params TEXT NOT NULL, batch INTEGER NOT NULL, created_at INTEGER NOT NULL, state TEXT NOT NULL,
	UNIQUE (name, profile, subject)) STRICT;
CREATE TABLE notification_batch (number INTEGER PRIMARY KEY, name TEXT NOT NULL, day TEXT NOT NULL, lines INTEGER NOT NULL) STRICT;
