-- From schema 9 to 10: integer keys that grow in the order of the members, Swan's ids in two maps, merchants in a table of their own;
-- what the audit remembers of each member; which lists of a session are to be written; what changed since the last export, and what that
-- was.
-- Numbers are kept. A number or a payment that has no room in a key is refused: 'no room' is no key.

DROP INDEX swan_transaction_by_payment;
DROP INDEX balance_transaction_by_debt;
DROP INDEX balance_transaction_waiting;
DROP INDEX balance_transaction_by_payment;
ALTER TABLE swan_transaction RENAME TO was_swan_transaction;
ALTER TABLE card_payment RENAME TO was_card_payment;
ALTER TABLE balance_transaction RENAME TO was_balance_transaction;

CREATE TABLE swan_transaction_id (
	id BLOB NOT NULL PRIMARY KEY,
	key INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE swan_payment_id (
	id BLOB NOT NULL PRIMARY KEY,
	key INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE swan_transaction (
	key INTEGER NOT NULL PRIMARY KEY,
	id BLOB NOT NULL,
	moved_to INTEGER,
	payment INTEGER NOT NULL GENERATED ALWAYS AS (coalesce(moved_to, key / 256)) VIRTUAL,
	profile_number INTEGER NOT NULL GENERATED ALWAYS AS (coalesce(moved_to, key / 256) / 16777216) VIRTUAL,
	type INTEGER NOT NULL,
	status INTEGER NOT NULL,
	reason INTEGER,
	rejection INTEGER,
	amount_in_cents INTEGER NOT NULL CHECK (amount_in_cents >= 0),
	first_amount_in_cents INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	input_number INTEGER NOT NULL,
	line INTEGER NOT NULL
) STRICT;

CREATE TABLE merchant (
	number INTEGER NOT NULL PRIMARY KEY,
	id TEXT,
	name TEXT,
	city TEXT,
	country TEXT,
	postal_code TEXT,
	category_code TEXT
) STRICT;
CREATE INDEX merchant_by_words ON merchant (id, name, city, country, postal_code, category_code);

CREATE TABLE card_payment (
	key INTEGER NOT NULL PRIMARY KEY,
	profile_number INTEGER NOT NULL GENERATED ALWAYS AS (key / 16777216) VIRTUAL,
	number INTEGER NOT NULL GENERATED ALWAYS AS (key % 16777216) VIRTUAL,
	swan_payment BLOB NOT NULL,
	status INTEGER NOT NULL,
	rejection INTEGER,
	effective_at INTEGER NOT NULL,
	authorized_in_cents INTEGER NOT NULL,
	captured_in_cents INTEGER NOT NULL,
	merchant_number INTEGER REFERENCES merchant,
	merchant_at INTEGER,
	CHECK ((merchant_number IS NULL) = (merchant_at IS NULL))
) STRICT;

CREATE TABLE balance_transaction (
	key INTEGER NOT NULL PRIMARY KEY,
	profile_number INTEGER NOT NULL GENERATED ALWAYS AS (key / 16777216) VIRTUAL,
	number INTEGER NOT NULL GENERATED ALWAYS AS (key % 16777216) VIRTUAL,
	event INTEGER NOT NULL CHECK (event BETWEEN 1 AND 7),
	amount_in_cents INTEGER NOT NULL,
	transaction_at INTEGER NOT NULL,
	transaction_on TEXT NOT NULL,
	source_kind INTEGER NOT NULL CHECK (source_kind BETWEEN 1 AND 8),
	source ANY NOT NULL,
	payment_number INTEGER,
	session_number INTEGER,
	settled_session INTEGER,
	push_notification_sent_at INTEGER,
	input_number INTEGER,
	line INTEGER,
	CHECK (typeof(source) = CASE source_kind WHEN 1 THEN 'integer' ELSE 'blob' END),
	CHECK (event NOT IN (6, 7) OR amount_in_cents = 0),
	CHECK (settled_session IS NULL OR session_number IS NULL)
) STRICT;

-- The merchants, in the order of the first payment that has each.
INSERT INTO merchant (id, name, city, country, postal_code, category_code)
SELECT merchant_id, merchant_name, merchant_city, merchant_country, merchant_postal_code, merchant_category_code
FROM was_card_payment
WHERE merchant_at IS NOT NULL
GROUP BY merchant_id, merchant_name, merchant_city, merchant_country, merchant_postal_code, merchant_category_code
ORDER BY min(rowid);

INSERT INTO counter (name, last)
SELECT 'merchant', max(number)
FROM merchant
HAVING count(*) > 0;

-- The payments.
INSERT INTO swan_payment_id (id, key)
SELECT payment, profile_number * 16777216 + CASE WHEN number < 16777216 THEN number END
FROM was_card_payment
ORDER BY payment;

INSERT INTO card_payment (key, swan_payment, status, rejection, effective_at, authorized_in_cents, captured_in_cents,
	merchant_number, merchant_at)
SELECT p.profile_number * 16777216 + p.number, p.payment, p.status, p.rejection, p.effective_at, p.authorized_in_cents,
	p.captured_in_cents, m.number, p.merchant_at
FROM was_card_payment p
LEFT JOIN merchant m ON p.merchant_at IS NOT NULL
	AND m.id IS NOT DISTINCT FROM p.merchant_id
	AND m.name IS NOT DISTINCT FROM p.merchant_name
	AND m.city IS NOT DISTINCT FROM p.merchant_city
	AND m.country IS NOT DISTINCT FROM p.merchant_country
	AND m.postal_code IS NOT DISTINCT FROM p.merchant_postal_code
	AND m.category_code IS NOT DISTINCT FROM p.merchant_category_code
ORDER BY p.profile_number, p.number;

-- The transactions of each payment, in the order in which they were stored. The key of one that a person moved is of the payment under
-- which it was posted, as its row in the ledger says. One without its payment, or with a payment of another member, has no key.
INSERT INTO swan_transaction_id (id, key)
SELECT id, CASE WHEN nth < 256 AND profile_number = payment_key / 16777216 THEN first_key * 256 + nth END
FROM (
	SELECT id, profile_number, payment_key, first_key, row_number() OVER (PARTITION BY first_key ORDER BY stored) AS nth
	FROM (
		SELECT t.id, t.profile_number, i.key AS payment_key, t.rowid AS stored,
			coalesce(b.profile_number * 16777216 + b.payment_number, i.key) AS first_key
		FROM was_swan_transaction t
		LEFT JOIN swan_payment_id i ON i.id = t.payment
		LEFT JOIN was_balance_transaction b ON b.source_kind = 1 AND b.source = t.id AND b.event = 1
	)
)
ORDER BY id;

INSERT INTO swan_transaction (key, id, moved_to, type, status, reason, rejection, amount_in_cents, first_amount_in_cents, created_at,
	updated_at, input_number, line)
SELECT i.key, t.id, nullif(p.key, i.key / 256), t.type, t.status, t.reason, t.rejection, t.amount_in_cents, t.first_amount_in_cents,
	t.created_at, t.updated_at, t.input_number, t.line
FROM swan_transaction_id i
JOIN was_swan_transaction t ON t.id = i.id
JOIN swan_payment_id p ON p.id = t.payment
ORDER BY i.key;

-- The ledger. A source that is no transaction of Swan's is refused.
INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at, transaction_on, source_kind, source, payment_number,
	session_number, settled_session, push_notification_sent_at, input_number, line)
SELECT CASE WHEN b.number < 16777216 THEN b.profile_number * 16777216 + b.number ELSE 'no room' END, b.event,
	b.amount_in_cents, b.transaction_at, b.transaction_on, b.source_kind,
	CASE b.source_kind WHEN 1 THEN (SELECT i.key FROM swan_transaction_id i WHERE i.id = b.source) ELSE b.source END,
	b.payment_number, b.session_number, b.settled_session, b.push_notification_sent_at, b.input_number, b.line
FROM was_balance_transaction b
ORDER BY b.profile_number, b.number;

DROP TABLE was_balance_transaction;
DROP TABLE was_swan_transaction;
DROP TABLE was_card_payment;

CREATE INDEX swan_transaction_moved ON swan_transaction (moved_to) WHERE moved_to IS NOT NULL;
CREATE INDEX card_payment_by_day ON card_payment (effective_at);
CREATE UNIQUE INDEX balance_transaction_source ON balance_transaction (source_kind, source, event);
CREATE INDEX balance_transaction_by_debt ON balance_transaction (session_number, profile_number) WHERE session_number IS NOT NULL;
CREATE INDEX balance_transaction_correction ON balance_transaction (profile_number, payment_number) WHERE source_kind = 8;
CREATE INDEX balance_transaction_waiting ON balance_transaction (profile_number)
	WHERE session_number IS NULL AND settled_session IS NULL AND event < 6;

-- Members are found by what differs most of their ids.
ALTER TABLE profile RENAME TO was_profile;
CREATE TABLE profile (
	number INTEGER NOT NULL PRIMARY KEY,
	app_id TEXT NOT NULL,
	app_user_id TEXT NOT NULL,
	status TEXT NOT NULL CHECK (status = 'inactive' OR status = 'active' OR status = 'offboarded'),
	balance_in_cents INTEGER NOT NULL DEFAULT 0,
	last_transaction INTEGER NOT NULL DEFAULT 0,
	last_payment INTEGER NOT NULL DEFAULT 0,
	declared_at INTEGER NOT NULL,
	active_since_at INTEGER,
	input_number INTEGER REFERENCES input,
	line INTEGER,
	UNIQUE (app_user_id, app_id)
) STRICT;
INSERT INTO profile (number, app_id, app_user_id, status, balance_in_cents, last_transaction, last_payment, declared_at,
	active_since_at, input_number, line)
SELECT number, app_id, app_user_id, status, balance_in_cents, last_transaction, last_payment, declared_at,
	active_since_at, input_number, line
FROM was_profile
ORDER BY number;
DROP TABLE was_profile;

DROP INDEX request_message_once;
CREATE UNIQUE INDEX request_message_once ON request (message_id, source) WHERE first = 1;

DROP INDEX consequence_by_member;
CREATE INDEX consequence_by_member ON consequence (profile_number, action, of_member DESC, end_to_end_id);

-- All lists of the sessions that wait are written.
ALTER TABLE stale_session RENAME TO was_stale_session;
CREATE TABLE stale_session (
	session_number INTEGER NOT NULL PRIMARY KEY,
	notice_list INTEGER NOT NULL CHECK (notice_list IN (0, 1)),
	return_list INTEGER NOT NULL CHECK (return_list IN (0, 1))
) STRICT;
INSERT INTO stale_session (session_number, notice_list, return_list)
SELECT session_number, 1, 1
FROM was_stale_session;
DROP TABLE was_stale_session;

-- Empty: the first export writes all files.
CREATE TABLE touched (
	name TEXT NOT NULL,
	number INTEGER NOT NULL,
	keys BLOB,
	PRIMARY KEY (name, number),
	CHECK ((number = 0) = (keys IS NULL))
) STRICT;

CREATE TABLE export_file (
	name TEXT NOT NULL PRIMARY KEY,
	set_number INTEGER NOT NULL,
	rows INTEGER NOT NULL,
	made_with BLOB NOT NULL CHECK (length(made_with) = 32)
) STRICT;

-- Empty: the first audit proves all members.
CREATE TABLE audit_member (
	profile_number INTEGER NOT NULL PRIMARY KEY,
	digest INTEGER NOT NULL,
	transactions INTEGER NOT NULL
) STRICT;

CREATE TABLE audit_mark (
	number INTEGER NOT NULL PRIMARY KEY,
	made_on TEXT NOT NULL,
	members INTEGER NOT NULL,
	transactions INTEGER NOT NULL,
	members_sum INTEGER NOT NULL,
	bank_entry INTEGER NOT NULL,
	notification INTEGER NOT NULL,
	receipt INTEGER NOT NULL,
	digest BLOB NOT NULL CHECK (length(digest) = 32)
) STRICT;
