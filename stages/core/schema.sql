-- The books of Alan Pay recovery. Read this first: it is the documentation of the data.
--
-- Days are TEXT YYYY-MM-DD (Europe/Paris), instants INTEGER milliseconds UTC, money INTEGER euro cents, states and
-- kinds TEXT with a CHECK. Names: ..._on a day, ..._at an instant, ..._in_cents. Rows that people or components see
-- are numbered from `counter` or from the owner's row, never by SQLite, and a number is never used twice.
-- The comment of each table names the module that writes it; where there are several, what each of them writes. A row made from an input has its input_number and line.
-- The CHECKs also have the words of the vocabulary that nothing writes yet: they are promised to others. In tables that get many
-- rows in a night they are comparisons with OR: for IN with three words or more, SQLite makes a table for each row it inserts.
-- Beside each person who acted (..._by) stands by what that person was known (..._identity): `loginuid`, the login on this server;
-- `signature`, of an approval; `any`, nothing that proves it, in a test environment; `scheduler`: a timer started it, no person.
-- `night`, `stage_run`, `restoration`, `intent`, `touched` and `export_file` are the journal and may hold wall-clock time; `audit_mark`
-- and `audit_member` are what the audit remembers, and are made anew where they are missing. All other tables are the books: a night that
-- is run twice, or interrupted and run once more, leaves them byte for byte the same.

-- store: the identity of this database. One row, written by init (core/engine/store.c).
CREATE TABLE store (
	one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
	store_id INTEGER NOT NULL CHECK (store_id BETWEEN 0 AND 4294967295), -- part of every public id
	environment TEXT NOT NULL CHECK (environment IN ('production', 'sandbox', 'test')), -- the configuration must have the same
	created_at INTEGER NOT NULL
) STRICT;

-- counter: the last number used for rows that belong to no member (core/engine/number.c).
CREATE TABLE counter (
	name TEXT NOT NULL PRIMARY KEY,
	last INTEGER NOT NULL CHECK (last >= 0)
) STRICT;

-- The journal -------------------------------------------------------------------------------------------------

-- night: one `alanpay run` for one business date (core/engine/journal.c).
CREATE TABLE night (
	number INTEGER NOT NULL PRIMARY KEY,
	business_on TEXT NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed', 'aborted')),
	exit_status INTEGER,
	config_sha256 BLOB CHECK (length(config_sha256) = 32), -- of the configuration that it began with
	started_at INTEGER NOT NULL,
	finished_at INTEGER
) STRICT;

-- stage_run: one start of one stage (core/engine/journal.c). The next start, which has the lock of the home, marks
-- a row as aborted that a dead process left `running`. `refused`: a person asked for something that the stage did not do;
-- this does not count for the night.
CREATE TABLE stage_run (
	number INTEGER NOT NULL PRIMARY KEY,
	stage TEXT NOT NULL,
	business_on TEXT NOT NULL,
	night_number INTEGER REFERENCES night, -- the `alanpay run` that started it; null: a person started it
	now_at INTEGER NOT NULL,
	state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed', 'refused', 'aborted')),
	exit_status INTEGER,
	message TEXT, -- the summary line, or the error
	counters TEXT, -- a JSON object: the counters that are not 0, by key (engine/counter.h)
	config_sha256 BLOB CHECK (length(config_sha256) = 32), -- of the configuration that it read
	pid INTEGER NOT NULL,
	started_at INTEGER NOT NULL,
	finished_at INTEGER
) STRICT;
CREATE INDEX stage_run_by_stage ON stage_run (stage, business_on);

-- restoration: a database that a person restored, and that `alanpay restore` brought up to date (core/engine/journal.c). It stands in
-- the journal because the books are then those of a home that never was restored.
CREATE TABLE restoration (
	number INTEGER NOT NULL PRIMARY KEY,
	from_line INTEGER NOT NULL, -- of the release log
	to_line INTEGER NOT NULL,
	restored_by TEXT NOT NULL,
	restored_identity TEXT NOT NULL CHECK (restored_identity IN ('any', 'loginuid')),
	restored_at INTEGER NOT NULL
) STRICT;

-- intent: what the release log is about to say: a row is committed with the rows it is about, and its line is appended
-- after that (core/engine/intent.c). Only the newest are kept: those that the log may still lack, and the last one that it has.
CREATE TABLE intent (
	number INTEGER NOT NULL PRIMARY KEY, -- of the line
	kind TEXT NOT NULL,
	what TEXT NOT NULL,   -- MsgId, path, session code, number
	detail TEXT NOT NULL,
	sha256 BLOB CHECK (length(sha256) = 32), -- of the file that it is about
	program TEXT NOT NULL,
	business_on TEXT NOT NULL,
	now_at INTEGER NOT NULL,
	after BLOB CHECK (length(after) = 32) -- digest of the last line that the log had before; null: it had none
) STRICT;

-- touched: rows that changed since the last export (core/engine/touched.c).
CREATE TABLE touched (
	name TEXT NOT NULL,      -- of the table
	number INTEGER NOT NULL, -- 1 ... for each unit of work; 0: any row may have changed
	keys BLOB,               -- of the rows, 8 bytes each as this machine has them; a negative one begins a run, and the next one ends it
	PRIMARY KEY (name, number),
	CHECK ((number = 0) = (keys IS NULL))
) STRICT;

-- export_file: what was exported last, so that a file of which nothing changed is linked and not written once more
-- (stages/80-export.c).
CREATE TABLE export_file (
	name TEXT NOT NULL PRIMARY KEY, -- in the folder of the set
	set_number INTEGER NOT NULL,
	rows INTEGER NOT NULL,
	made_with BLOB NOT NULL CHECK (length(made_with) = 32) -- digest of what else than rows the file depends on
) STRICT;

-- act: what a person did by a command, where no other row says so (core/engine/act.c): sessions opened or frozen by hand, mandates
-- unblocked, members onboarded, requests by command. All acts of persons are in the view `acts` (views.sql).
CREATE TABLE act (
	number INTEGER NOT NULL PRIMARY KEY,
	kind TEXT NOT NULL, -- as in the release log
	what TEXT NOT NULL, -- to look it up: code, reference, number of the request
	detail TEXT NOT NULL,
	app_id TEXT, -- of the member
	app_user_id TEXT,
	acted_by TEXT NOT NULL,
	acted_identity TEXT NOT NULL CHECK (acted_identity IN ('any', 'loginuid', 'scheduler')),
	acted_at INTEGER NOT NULL
) STRICT;

-- What goes in and out ---------------------------------------------------------------------------------------------

-- cursor: how far a reader has read; it moves in the transaction of the rows it covers (core/engine/journal.c).
CREATE TABLE cursor (
	name TEXT NOT NULL PRIMARY KEY,
	value INTEGER NOT NULL
) STRICT;

-- stale_session: sessions whose files beside their bank files are to be written once more, because something that they show has
-- changed: status.html, and those lists that are 1 here; triggers add them, core/bank/sessionview.c removes them.
CREATE TABLE stale_session (
	session_number INTEGER NOT NULL PRIMARY KEY,
	notice_list INTEGER NOT NULL CHECK (notice_list IN (0, 1)), -- notices.csv and its twin
	return_list INTEGER NOT NULL CHECK (return_list IN (0, 1))  -- returns.csv and its twin
) STRICT;

-- audit_member: of each member, what its small rows were when the audit proved all of its rows (core/audit/mark.c): when they are
-- others, or there is a transaction after the last one, the member is proved again.
CREATE TABLE audit_member (
	profile_number INTEGER NOT NULL PRIMARY KEY,
	digest INTEGER NOT NULL,
	transactions INTEGER NOT NULL -- the number of the last one
) STRICT;

-- audit_mark: what the books were at each clean audit that proved something new (core/audit/mark.c).
CREATE TABLE audit_mark (
	number INTEGER NOT NULL PRIMARY KEY,
	made_on TEXT NOT NULL,
	members INTEGER NOT NULL,
	transactions INTEGER NOT NULL, -- of all members
	members_sum INTEGER NOT NULL,  -- over the rows of audit_member, in any order
	bank_entry INTEGER NOT NULL,   -- the highest numbers; 0: no row was there
	notification INTEGER NOT NULL,
	receipt INTEGER NOT NULL,
	digest BLOB NOT NULL CHECK (length(digest) = 32) -- SHA-256 over that of the mark before and these numbers
) STRICT;

-- artifact: a published file, by its path below the home (core/home/publication.c, publish.c). Its row is committed with the
-- rows that it is made from, and the file gets its name after that: `due`, then `placed`; `leaving`, then `gone` when it is
-- removed. A file without a row was not published by this program.
CREATE TABLE artifact (
	path TEXT NOT NULL PRIMARY KEY,
	kind TEXT NOT NULL,
	owner INTEGER NOT NULL, -- number of the row that it is made from: input, bank_file, notification_batch ...
	folder TEXT,            -- the folder that appears as a whole with it; null: it appears alone
	sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
	size INTEGER NOT NULL CHECK (size >= 0),
	state TEXT NOT NULL CHECK (state IN ('due', 'placed', 'leaving', 'gone'))
) STRICT;
CREATE INDEX artifact_unfinished ON artifact (state) WHERE state IN ('due', 'leaving');

-- input: a file that was read to its end and applied or quarantined; also the CSV files of import that post read
-- (core/home/inbox.c).
CREATE TABLE input (
	number INTEGER NOT NULL PRIMARY KEY,
	kind TEXT NOT NULL CHECK (kind IN ('requests', 'bank', 'receipts', 'approvals', 'transactions', 'payment_supports')),
	name TEXT NOT NULL,
	sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
	size INTEGER NOT NULL CHECK (size >= 0),
	state TEXT NOT NULL CHECK (state IN ('applied', 'duplicate', 'refused')),
	duplicate_of INTEGER REFERENCES input, -- the input with the same bytes under another name
	code TEXT,                             -- why it was quarantined
	message TEXT,
	kept_at TEXT NOT NULL,                 -- path below the home: archive/, quarantine/, out/<date>/
	received_on TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX input_applied_once ON input (kind, sha256)
	WHERE state = 'applied' AND kind IN ('requests', 'bank', 'receipts', 'approvals');
CREATE UNIQUE INDEX input_name_once ON input (kind, name) WHERE kind IN ('requests', 'receipts') AND state <> 'refused';

-- exception: an input that could not be applied, stored whole and tried each night until it is applied or a person resolves
-- it (core/engine/exception.c).
CREATE TABLE exception (
	number INTEGER NOT NULL PRIMARY KEY,
	kind TEXT NOT NULL CHECK (kind IN ('file', 'swan_transaction', 'swan_node', 'bank_entry', 'bank_file', 'debt', 'offboarding', 'receipt')),
	key TEXT NOT NULL, -- identifies it within its kind: one exception for each key
	code TEXT NOT NULL,
	message TEXT NOT NULL,
	record TEXT, -- the record whole
	input_number INTEGER REFERENCES input,
	line INTEGER,
	profile_number INTEGER REFERENCES profile,
	state TEXT NOT NULL CHECK (state IN ('open', 'applied', 'resolved')),
	amount_in_cents INTEGER, -- what it is about, whatever the direction; null: no amount, or one that cannot be read
	opened_on TEXT NOT NULL,
	overdue_on TEXT,   -- the audit that found it open for more than 7 days
	closed_on TEXT,
	decision TEXT CHECK (decision IN ('attributed', 'as_told', 'applied_elsewhere', 'not_ours', 'accepted_loss', 'duplicate',
	    'apply', 'waive', 'credit', 'return', 'fee', 'reversal')), -- a person's; the last four post a bank entry
	posted_to TEXT,     -- of those: the end-to-end id of a debit or refund, or the MsgId of a file; a fee may have neither
	posted_reason TEXT, -- the reason code that the person gave; null: that of the bank
	why TEXT,
	resolved_by TEXT,
	resolved_identity TEXT CHECK (resolved_identity IN ('any', 'loginuid')),
	resolved_at INTEGER,
	UNIQUE (kind, key),
	CHECK ((state = 'open') = (closed_on IS NULL)),
	CHECK ((state = 'resolved') = (decision IS NOT NULL)),
	CHECK ((decision IS NULL) = (why IS NULL)),
	CHECK ((decision IS NULL) = (resolved_by IS NULL)),
	CHECK ((decision IS NULL) = (resolved_at IS NULL)),
	CHECK (posted_to IS NULL OR (kind = 'bank_entry' AND decision IN ('credit', 'return', 'fee', 'reversal'))),
	CHECK (posted_to IS NOT NULL OR decision IS NULL OR decision NOT IN ('credit', 'return', 'reversal')),
	CHECK (posted_reason IS NULL OR decision = 'return')
) STRICT;
CREATE INDEX exception_open ON exception (kind) WHERE state = 'open';
CREATE INDEX exception_decided ON exception (number) WHERE decision IS NOT NULL;

-- attribution: which member a transaction with an exception belongs to, as a person decided (core/cards/attribution.c).
-- Permanent, also when a later version of the transaction becomes an exception, and when it is reversed: then the next one may
-- name another member.
CREATE TABLE attribution (
	transaction_id TEXT NOT NULL, -- Swan's
	nth INTEGER NOT NULL CHECK (nth >= 1),
	id BLOB NOT NULL,             -- the same as transaction_id, as in the bulk tables
	bank_reference TEXT UNIQUE,   -- of the transfer that it became; null: a card payment
	profile_number INTEGER NOT NULL REFERENCES profile,
	why TEXT NOT NULL,
	attributed_by TEXT NOT NULL,
	attributed_identity TEXT CHECK (attributed_identity IN ('any', 'loginuid')),
	attributed_at INTEGER NOT NULL,
	PRIMARY KEY (transaction_id, nth)
) STRICT;
CREATE INDEX attribution_by_id ON attribution (id);

-- reversed_decision: a decision about an exception that a person took back. The exception is open again, without its decision, which
-- stands here. What posted a Swan transaction has a contra row, that of a transfer_reversal or a correction
-- (core/cards/revocation.c); what posted nothing has none (core/bank/reopening.c).
CREATE TABLE reversed_decision (
	exception_number INTEGER NOT NULL REFERENCES exception,
	nth INTEGER NOT NULL CHECK (nth >= 1),
	decision TEXT NOT NULL CHECK (decision IN ('attributed', 'as_told', 'applied_elsewhere', 'not_ours', 'accepted_loss',
	    'duplicate', 'apply', 'waive')),
	profile_number INTEGER REFERENCES profile, -- whose balance it moved
	bank_reference TEXT,    -- of the transfer that was reversed
	correction_nth INTEGER, -- or of the correction that took it back
	decided_why TEXT NOT NULL,
	decided_by TEXT NOT NULL,
	decided_identity TEXT CHECK (decided_identity IN ('any', 'loginuid')),
	decided_at INTEGER NOT NULL,
	why TEXT NOT NULL,
	reversed_by TEXT NOT NULL,
	reversed_identity TEXT CHECK (reversed_identity IN ('any', 'loginuid')),
	reversed_at INTEGER NOT NULL,
	PRIMARY KEY (exception_number, nth),
	CHECK (bank_reference IS NULL OR correction_nth IS NULL),
	CHECK ((decision IN ('attributed', 'as_told')) = (bank_reference IS NOT NULL OR correction_nth IS NOT NULL)),
	CHECK (bank_reference IS NOT NULL OR correction_nth IS NOT NULL OR profile_number IS NULL)
) STRICT;

-- request: every record of every request file, with its result (core/api/request.c). The first record of a message id counts;
-- a later one with the same content is a duplicate, one with other content is rejected, and neither is `first`. A request by
-- command is stored once it is done; its source is '(command)', which no file can have.
CREATE TABLE request (
	number INTEGER NOT NULL PRIMARY KEY,
	input_number INTEGER REFERENCES input, -- null: a command
	line INTEGER,
	source TEXT NOT NULL,
	message_id TEXT,
	first INTEGER NOT NULL CHECK (first IN (0, 1)),
	digest BLOB NOT NULL CHECK (length(digest) = 32), -- of the content, for comparison
	op TEXT,
	status TEXT NOT NULL CHECK (status = 'succeeded' OR status = 'skipped' OR status = 'duplicate' OR status = 'rejected'),
	code TEXT NOT NULL,
	field TEXT,
	message TEXT,
	result TEXT, -- JSON
	processed_at INTEGER NOT NULL,
	UNIQUE (input_number, line),
	CHECK ((input_number IS NULL) = (line IS NULL))
) STRICT;
CREATE UNIQUE INDEX request_message_once ON request (message_id, source) WHERE first = 1; -- what differs most comes first

-- Members -----------------------------------------------------------------------------------------------------------

-- profile: a member of an application (core/members/profile.c). `balance_in_cents` is the sum of its balance transactions, updated
-- with each posting (core/books/ledger.c) and proved by audit. Negative: the member owes Alan.
CREATE TABLE profile (
	number INTEGER NOT NULL PRIMARY KEY,
	app_id TEXT NOT NULL,
	app_user_id TEXT NOT NULL,
	status TEXT NOT NULL CHECK (status = 'inactive' OR status = 'active' OR status = 'offboarded'),
	balance_in_cents INTEGER NOT NULL DEFAULT 0,
	last_transaction INTEGER NOT NULL DEFAULT 0, -- the last numbers used for balance transactions and card payments
	last_payment INTEGER NOT NULL DEFAULT 0,
	declared_at INTEGER NOT NULL,
	active_since_at INTEGER, -- when the first enabled card was made
	input_number INTEGER REFERENCES input,
	line INTEGER,
	UNIQUE (app_user_id, app_id) -- what differs most comes first
) STRICT;

-- mandate: a SEPA Core mandate as signed, one row for each version of a reference (core/members/mandate.c). The same reference
-- with another IBAN is an amendment: the next version. One row per profile is not superseded.
CREATE TABLE mandate (
	number INTEGER NOT NULL PRIMARY KEY,
	profile_number INTEGER NOT NULL REFERENCES profile,
	reference TEXT NOT NULL,     -- RUM, as declared
	reference_key TEXT NOT NULL, -- upper case: banks compare without case
	version INTEGER NOT NULL CHECK (version >= 1),
	debtor_name TEXT NOT NULL,
	iban TEXT NOT NULL,
	country TEXT NOT NULL CHECK (length(country) = 3),
	bic TEXT,            -- this, and town and country, are needed to debit an account outside the EEA
	street TEXT,
	building TEXT,
	postcode TEXT,
	town TEXT,
	address_line_1 TEXT,
	address_line_2 TEXT,
	ultimate_debtor TEXT, -- who uses the card, when another person pays
	signed_on TEXT NOT NULL,
	status TEXT NOT NULL CHECK (status = 'active' OR status = 'suspended' OR status = 'blocked' OR status = 'expired'
	    OR status = 'superseded'),
	status_at INTEGER NOT NULL, -- since when it has this status
	why TEXT,            -- reason code that suspended or blocked it
	unblocked_by TEXT,   -- the person who last made it active once more
	unblocked_identity TEXT CHECK (unblocked_identity IN ('any', 'loginuid')),
	unblocked_at INTEGER,
	last_due_on TEXT,    -- of the last collection at the bank under this reference; 36 months later it expires
	declared_at INTEGER NOT NULL,
	input_number INTEGER REFERENCES input,
	line INTEGER,
	UNIQUE (reference_key, version),
	CHECK ((unblocked_by IS NULL) = (unblocked_at IS NULL))
) STRICT;
CREATE UNIQUE INDEX mandate_one_current ON mandate (profile_number) WHERE status <> 'superseded';
CREATE INDEX mandate_by_profile ON mandate (profile_number, status);

-- account_membership: a member's seat at Swan (core/members/membership.c). profile_number is null until it is linked to a member.
CREATE TABLE account_membership (
	id TEXT NOT NULL PRIMARY KEY, -- Swan's
	profile_number INTEGER REFERENCES profile,
	status TEXT, -- as received; null until Swan reports it
	updated_at INTEGER
) STRICT;
CREATE INDEX account_membership_by_profile ON account_membership (profile_number);

-- card: a payment card (core/members/membership.c).
CREATE TABLE card (
	id TEXT NOT NULL PRIMARY KEY, -- Swan's
	account_membership_id TEXT NOT NULL REFERENCES account_membership,
	status TEXT NOT NULL, -- as received
	is_provisioned INTEGER NOT NULL CHECK (is_provisioned IN (0, 1)), -- in a wallet
	spending_limits TEXT,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX card_by_membership ON card (account_membership_id);

-- offboarding: an offboarded member, and whether Swan has removed the cards and memberships (core/members/offboarding.c).
CREATE TABLE offboarding (
	profile_number INTEGER NOT NULL PRIMARY KEY REFERENCES profile,
	asked_on TEXT NOT NULL,
	asked_at INTEGER NOT NULL,
	payments_seen INTEGER NOT NULL, -- the member's last card payment that was compared with that instant
	done_on TEXT, -- when Swan reported that none is left; null: not yet
	input_number INTEGER REFERENCES input,
	line INTEGER
) STRICT;

-- phone_verification: a code that Swan sent to a phone, until the member is onboarded, or for a day (core/enrol/verification.c).
CREATE TABLE phone_verification (
	request_id TEXT NOT NULL PRIMARY KEY, -- Swan's
	phone_number TEXT NOT NULL,
	asked_at INTEGER NOT NULL
) STRICT;

-- onboarding: how far the onboarding of a member at Swan is (core/enrol/onboarding.c, which explains the steps). Each id is stored
-- before the next call; `step` is the next one.
CREATE TABLE onboarding (
	profile_number INTEGER NOT NULL PRIMARY KEY REFERENCES profile,
	step TEXT NOT NULL CHECK (step IN ('verify', 'invite', 'bind', 'order', 'consent', 'await', 'done')),
	request_id TEXT NOT NULL, -- of the verification of the phone
	details BLOB NOT NULL CHECK (length(details) = 32), -- SHA-256 of names, birth date, email and language
	verifying_since_at INTEGER, -- when a code was sent whose answer is not stored
	user_id TEXT,               -- Swan's, as are the other ids
	phone_number TEXT,          -- until it is done, as the email
	email TEXT,
	account_membership_id TEXT,
	card_id TEXT,
	begun_at INTEGER NOT NULL,
	done_at INTEGER,
	CHECK ((step = 'verify') = (user_id IS NULL)),
	CHECK ((step IN ('verify', 'invite')) = (account_membership_id IS NULL)),
	CHECK ((step IN ('consent', 'await', 'done')) = (card_id IS NOT NULL)),
	CHECK ((step = 'done') = (done_at IS NOT NULL))
) STRICT;

-- dev_reset: a member of a development environment who was removed from the books (core/enrol/reset.c). The only rows that are
-- ever deleted are those of the member of a row that is open, which it is only inside the unit of work that writes it.
CREATE TABLE dev_reset (
	number INTEGER NOT NULL PRIMARY KEY,
	profile_number INTEGER NOT NULL, -- which is never given again
	app_id TEXT NOT NULL,
	app_user_id TEXT NOT NULL,
	is_open INTEGER NOT NULL CHECK (is_open IN (0, 1)),
	deleted INTEGER NOT NULL, -- how many rows
	reset_by TEXT NOT NULL,
	reset_identity TEXT NOT NULL CHECK (reset_identity IN ('any', 'loginuid')),
	reset_at INTEGER NOT NULL
) STRICT;

-- The card side: bulk tables, with integer codes and external ids as bytes (16 for a UUID, else the text) ----------

-- code: the words of the integer codes in the bulk tables (core/cards/code.c); a new word of Swan gets the next code.
CREATE TABLE code (
	number INTEGER NOT NULL PRIMARY KEY,
	kind TEXT NOT NULL CHECK (kind IN ('event', 'payment', 'rejection', 'swan_type', 'swan_status', 'swan_reason')),
	word TEXT NOT NULL,
	UNIQUE (kind, word)
) STRICT;
INSERT INTO code (number, kind, word) VALUES
	(1, 'event', 'captured_card_payment'), (2, 'event', 'external_transaction'), (3, 'event', 'failed_recovery'),
	(4, 'event', 'recovery'), (5, 'event', 'refund'), (6, 'event', 'rejected_card_payment'),
	(7, 'event', 'released_card_payment'),
	(11, 'payment', 'received'), (12, 'payment', 'authorized'), (13, 'payment', 'captured'),
	(14, 'payment', 'rejected'), (15, 'payment', 'released'),
	(21, 'rejection', 'online_payment'), (22, 'rejection', 'other_reason'),
	(23, 'rejection', 'spending_limit_reached'), (24, 'rejection', 'wrong_merchant_category');

-- import_asked: the window that import is reading from Swan, stored before its first page and deleted after its last one
-- (core/swan/window.c). After an interrupted run the next one reads the same window.
CREATE TABLE import_asked (
	one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
	from_at INTEGER NOT NULL, -- of updatedAt, inclusive
	to_at INTEGER NOT NULL    -- exclusive
) STRICT;

-- import_window: a window that was read to its end (core/swan/window.c): its transactions, all cards and memberships, or both.
-- The CSV files are artifacts; `watermark_at` is the latest updated_at up to the end of the window.
CREATE TABLE import_window (
	number INTEGER NOT NULL PRIMARY KEY,
	business_on TEXT NOT NULL,
	from_at INTEGER, -- inclusive; null when no transactions were asked for
	to_at INTEGER,   -- exclusive
	watermark_at INTEGER,
	transactions INTEGER NOT NULL, -- rows of the file
	transactions_new INTEGER NOT NULL CHECK (transactions_new <= transactions), -- without those of the overlap
	payment_supports INTEGER NOT NULL,
	transactions_path TEXT,
	payment_supports_path TEXT,
	CHECK ((from_at IS NULL) = (transactions_path IS NULL)),
	CHECK ((from_at IS NULL) = (to_at IS NULL)),
	CHECK ((from_at IS NULL) = (watermark_at IS NULL)),
	CHECK (transactions_path IS NOT NULL OR payment_supports_path IS NOT NULL)
) STRICT;

-- Keys that grow in order: a payment and a balance transaction have the number of the member and their own in one integer,
-- member * 2^24 + number; a Swan transaction has that of its payment and its own, payment * 2^8 + number (core/engine/key.h). Each
-- table is then in the order of the members, and a batch that is sorted by key writes each of its pages once. The columns that are
-- GENERATED take a key apart; a condition on them uses no key: ask for a key, or for a range of keys.

-- swan_transaction_id, swan_payment_id: which row has this id of Swan, its id or its paymentId (core/cards/batch_write.c). They are tables
-- of their own, and not indexes, so that a batch is written in the order of the ids.
CREATE TABLE swan_transaction_id (
	id BLOB NOT NULL PRIMARY KEY,
	key INTEGER NOT NULL -- of swan_transaction
) STRICT, WITHOUT ROWID;

CREATE TABLE swan_payment_id (
	id BLOB NOT NULL PRIMARY KEY,
	key INTEGER NOT NULL -- of card_payment
) STRICT, WITHOUT ROWID;

-- swan_transaction: the newest version of each transaction of a known member (core/cards/batch_write.c); input and line are those of that
-- version. The key is final: it is of the payment under which the transaction was stored first.
CREATE TABLE swan_transaction (
	key INTEGER NOT NULL PRIMARY KEY,
	id BLOB NOT NULL, -- Swan's
	moved_to INTEGER, -- key of the payment to which a person moved it; null: it is in that of its key
	payment INTEGER NOT NULL GENERATED ALWAYS AS (coalesce(moved_to, key / 256)) VIRTUAL, -- key of its payment
	profile_number INTEGER NOT NULL GENERATED ALWAYS AS (coalesce(moved_to, key / 256) / 16777216) VIRTUAL,
	type INTEGER NOT NULL,
	status INTEGER NOT NULL,
	reason INTEGER,        -- rejected or released
	rejection INTEGER,     -- the public rejection reason
	amount_in_cents INTEGER NOT NULL CHECK (amount_in_cents >= 0),
	first_amount_in_cents INTEGER NOT NULL, -- Swan lowers an authorization as it is captured; this is the highest amount reported
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	input_number INTEGER NOT NULL,
	line INTEGER NOT NULL
) STRICT;
-- Few rows: the transactions of a payment are those in its range of keys, and those that were moved to it.
CREATE INDEX swan_transaction_moved ON swan_transaction (moved_to) WHERE moved_to IS NOT NULL;

-- merchant: who sold something, in the words of Swan (core/cards/merchant.c); many payments have the same one.
CREATE TABLE merchant (
	number INTEGER NOT NULL PRIMARY KEY,
	id TEXT,
	name TEXT,
	city TEXT,
	country TEXT,
	postal_code TEXT,
	category_code TEXT
) STRICT;
-- A merchant is found by all its words.
CREATE INDEX merchant_by_words ON merchant (id, name, city, country, postal_code, category_code);

-- card_payment: a purchase as the member sees it: all transactions with the same paymentId (core/cards/batch_write.c). All columns
-- but the key are the same in whatever order its transactions are posted, and so are the words of the merchant.
CREATE TABLE card_payment (
	key INTEGER NOT NULL PRIMARY KEY,
	profile_number INTEGER NOT NULL GENERATED ALWAYS AS (key / 16777216) VIRTUAL,
	number INTEGER NOT NULL GENERATED ALWAYS AS (key % 16777216) VIRTUAL, -- the member's n-th
	swan_payment BLOB NOT NULL, -- Swan's paymentId; the id of the transaction when it has none
	status INTEGER NOT NULL,
	rejection INTEGER,
	effective_at INTEGER NOT NULL, -- the first created_at
	authorized_in_cents INTEGER NOT NULL, -- the newest amount; once captured, the highest one; of a rejected payment what was
	                                      -- asked for last
	captured_in_cents INTEGER NOT NULL,   -- the sum of captures; releases and refunds are on the balance only
	merchant_number INTEGER REFERENCES merchant, -- null: no transaction has one
	merchant_at INTEGER, -- updated_at of the version that the merchant is from: the earliest with one
	CHECK ((merchant_number IS NULL) = (merchant_at IS NULL))
) STRICT;
-- The payments of the last days, whose members are to be notified.
CREATE INDEX card_payment_by_day ON card_payment (effective_at);

-- The books ----------------------------------------------------------------------------------------------------------

-- balance_transaction: the ledger (core/books/ledger.c; session_number: core/books/debt.c, freeze.c). Append-only; each row moves
-- cents between the member and the counter account of its event. Negative: the member owes more. The source key makes it
-- impossible to post a source twice.
CREATE TABLE balance_transaction (
	key INTEGER NOT NULL PRIMARY KEY,
	profile_number INTEGER NOT NULL GENERATED ALWAYS AS (key / 16777216) VIRTUAL,
	number INTEGER NOT NULL GENERATED ALWAYS AS (key % 16777216) VIRTUAL, -- the member's n-th
	event INTEGER NOT NULL CHECK (event BETWEEN 1 AND 7),
	amount_in_cents INTEGER NOT NULL,
	transaction_at INTEGER NOT NULL,
	transaction_on TEXT NOT NULL, -- the same in Paris
	source_kind INTEGER NOT NULL CHECK (source_kind BETWEEN 1 AND 8), -- 1 Swan transaction, 2 collection, 3 request,
	                           -- 4 credit transfer, 5 refund that came back, 6 a return that was taken back, or came once
	                           -- more after that, 7 reversal of a transfer, 8 correction of a Swan transaction
	source ANY NOT NULL,       -- of a Swan transaction its key, of others an id as bytes
	payment_number INTEGER,    -- the member's card payment
	session_number INTEGER,    -- the debt it belongs to; permanent once that session is frozen
	settled_session INTEGER,   -- the debt a recovery or refund settles
	push_notification_sent_at INTEGER,
	input_number INTEGER,
	line INTEGER,
	CHECK (typeof(source) = CASE source_kind WHEN 1 THEN 'integer' ELSE 'blob' END),
	CHECK (event NOT IN (6, 7) OR amount_in_cents = 0),
	CHECK (settled_session IS NULL OR session_number IS NULL)
) STRICT;
-- Nothing is posted twice; also the rows of a payment, whose Swan transactions have a range of keys.
CREATE UNIQUE INDEX balance_transaction_source ON balance_transaction (source_kind, source, event);
-- The rows of a debt: its amount, its freeze, what is carried.
CREATE INDEX balance_transaction_by_debt ON balance_transaction (session_number, profile_number) WHERE session_number IS NOT NULL;
-- Few rows: the corrections of a payment.
CREATE INDEX balance_transaction_correction ON balance_transaction (profile_number, payment_number) WHERE source_kind = 8;
-- The rows that wait for a debt: a row is in this index or in that of the debts.
CREATE INDEX balance_transaction_waiting ON balance_transaction (profile_number)
	WHERE session_number IS NULL AND settled_session IS NULL AND event < 6;

-- credit_transfer: a transfer from a member, recorded by a person or attributed from a Swan transaction
-- (core/books/transfer.c). A bank reference (for Swan: the id of the transaction) is permanently that of one transfer. The keys
-- are the references as they are compared (formats/fold.h): persons type one in several spellings.
CREATE TABLE credit_transfer (
	bank_reference TEXT NOT NULL PRIMARY KEY,
	reference_key TEXT NOT NULL UNIQUE CHECK (reference_key <> ''),
	swan_reference TEXT,     -- the reference of Swan's transaction; others may have the same one
	swan_reference_key TEXT,
	swan_updated_at INTEGER, -- of the version that was posted; null: recorded by hand
	swan_payment TEXT,       -- its paymentId, which the debit that takes it back has too
	profile_number INTEGER NOT NULL REFERENCES profile,
	amount_in_cents INTEGER NOT NULL CHECK (amount_in_cents > 0),
	booked_on TEXT NOT NULL,
	recorded_by TEXT NOT NULL,
	recorded_identity TEXT CHECK (recorded_identity IN ('any', 'loginuid')),
	recorded_at INTEGER NOT NULL
) STRICT;
CREATE INDEX credit_transfer_by_payment ON credit_transfer (swan_payment) WHERE swan_payment IS NOT NULL;

-- transfer_reversal: a credit transfer that went back, whole or in part: Swan reported the debit, or a person says so
-- (core/books/reversal.c). Never more than the transfer brought. Its source in the ledger is the bank reference, '/' and nth.
CREATE TABLE transfer_reversal (
	bank_reference TEXT NOT NULL REFERENCES credit_transfer,
	nth INTEGER NOT NULL CHECK (nth >= 1),
	swan_id TEXT UNIQUE, -- of the debit that took it back; null: a person
	swan_updated_at INTEGER, -- of the version that was posted
	amount_in_cents INTEGER NOT NULL CHECK (amount_in_cents > 0),
	booked_on TEXT NOT NULL,
	why TEXT,          -- a person's reason; null: Swan's report fits to the cent
	reversed_by TEXT,
	reversed_identity TEXT CHECK (reversed_identity IN ('any', 'loginuid')),
	reversed_at INTEGER NOT NULL,
	PRIMARY KEY (bank_reference, nth),
	CHECK ((swan_id IS NULL) = (swan_updated_at IS NULL)),
	CHECK ((why IS NULL) = (reversed_by IS NULL)),
	CHECK (swan_id IS NOT NULL OR why IS NOT NULL)
) STRICT;

-- correction: what a person decided (`as_told`) about a Swan transaction that is posted otherwise than Swan reports it, or not at
-- all (core/books/correction.c). `moves_in_cents` is what it moves since then, all its rows in the ledger together; the row that
-- makes the difference, if there is one, has the Swan id, '/' and nth as its source. Later versions are compared with the last
-- correction. The bank reference is that of the transfer received which the transaction is; null: it is one of a card payment, or
-- what went back of a transfer.
CREATE TABLE correction (
	swan_id TEXT NOT NULL,
	nth INTEGER NOT NULL CHECK (nth >= 1),
	id BLOB NOT NULL, -- the same, as in the bulk tables
	profile_number INTEGER NOT NULL REFERENCES profile,
	bank_reference TEXT REFERENCES credit_transfer,
	moves_in_cents INTEGER NOT NULL, -- negative: the member owes more
	swan_updated_at INTEGER NOT NULL, -- of the version that says so
	why TEXT NOT NULL,
	corrected_by TEXT NOT NULL,
	corrected_identity TEXT CHECK (corrected_identity IN ('any', 'loginuid')),
	corrected_at INTEGER NOT NULL,
	PRIMARY KEY (swan_id, nth)
) STRICT;
CREATE INDEX correction_by_id ON correction (id);
CREATE INDEX correction_by_transfer ON correction (bank_reference);

-- own_money: Swan transactions from or to an account that [swan] own_accounts lists, which therefore belong to no member
-- (core/cards/payment.c). Those that are Alan's by their type are not stored.
CREATE TABLE own_money (
	swan_id TEXT NOT NULL PRIMARY KEY,
	amount_in_cents INTEGER NOT NULL, -- negative: it left the account
	input_number INTEGER REFERENCES input,
	line INTEGER
) STRICT;

-- external_transaction: a request of another component to reduce a member's debt, and its outcome
-- (core/books/external.c). `posted` is permanent; `no_debt` is that of the latest message. `number` is the source of its balance transaction.
CREATE TABLE external_transaction (
	number INTEGER NOT NULL PRIMARY KEY,
	app_id TEXT NOT NULL,
	external_transaction_id TEXT NOT NULL, -- the other component's
	profile_number INTEGER NOT NULL REFERENCES profile,
	requested_in_cents INTEGER NOT NULL CHECK (requested_in_cents > 0),
	outcome TEXT NOT NULL CHECK (outcome IN ('posted', 'no_debt')),
	transaction_number INTEGER, -- the member's n-th balance transaction
	input_number INTEGER REFERENCES input,
	line INTEGER,
	UNIQUE (app_id, external_transaction_id),
	UNIQUE (profile_number, transaction_number),
	CHECK ((outcome = 'posted') = (transaction_number IS NOT NULL))
) STRICT;
CREATE INDEX external_transaction_by_id ON external_transaction (external_transaction_id);

-- session: a recovery session (core/books/session.c). Once it is frozen, its amounts and debts never change.
CREATE TABLE session (
	number INTEGER NOT NULL PRIMARY KEY,
	code TEXT NOT NULL UNIQUE, -- <YYYYMMDD period end>-<n>
	period_start_on TEXT NOT NULL,
	period_end_on TEXT NOT NULL,
	freeze_on TEXT NOT NULL,   -- the last day that still counts
	recovery_on TEXT NOT NULL,
	status TEXT NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed')),
	opened_by TEXT NOT NULL CHECK (opened_by IN ('configuration', 'person')),
	frozen_at INTEGER,
	digest BLOB, -- SHA-256 over the frozen rows, checked by audit
	CHECK (period_start_on <= period_end_on AND period_end_on <= freeze_on AND freeze_on < recovery_on),
	CHECK ((frozen_at IS NULL) = (digest IS NULL))
) STRICT;
CREATE UNIQUE INDEX session_period_once ON session (period_start_on, period_end_on) WHERE opened_by = 'configuration';

-- debt: what one member owes in one session (core/books/debt.c; its amount: core/books/freeze.c). Its id is made of both numbers.
-- The amount is the sum of its rows until the session is frozen, then stored here. Positive: the member owes Alan.
CREATE TABLE debt (
	profile_number INTEGER NOT NULL REFERENCES profile,
	session_number INTEGER NOT NULL REFERENCES session,
	status TEXT NOT NULL CHECK (status = 'pending' OR status = 'initiated' OR status = 'executed'
	    OR status = 'succeeded' OR status = 'failed'),
	amount_in_cents INTEGER, -- null until frozen
	recovered_in_cents INTEGER,
	refunded_in_cents INTEGER,
	failure TEXT, -- reason code
	PRIMARY KEY (profile_number, session_number),
	CHECK (status = 'pending' OR status = 'initiated' OR status = 'executed'
	    OR (recovered_in_cents IS NOT NULL AND refunded_in_cents IS NOT NULL)),
	CHECK (status <> 'succeeded' OR recovered_in_cents - refunded_in_cents = amount_in_cents),
	CHECK (status <> 'failed' OR recovered_in_cents = 0)
) STRICT;
CREATE INDEX debt_by_session ON debt (session_number, profile_number);
CREATE INDEX debt_not_settled ON debt (session_number) WHERE status NOT IN ('succeeded', 'failed');

-- exclusion: a debt excluded at the freeze, the reason, and the session that its cents are carried to (core/books/freeze.c).
CREATE TABLE exclusion (
	profile_number INTEGER NOT NULL,
	session_number INTEGER NOT NULL,
	reason TEXT NOT NULL CHECK (reason IN ('no_mandate', 'mandate_suspended', 'mandate_blocked', 'mandate_expired',
	    'invalid_iban', 'below_minimum', 'above_limit', 'country_not_sepa', 'no_address', 'too_many_failures', 'offset')),
	amount_in_cents INTEGER NOT NULL,
	carried_to_session INTEGER NOT NULL REFERENCES session,
	PRIMARY KEY (profile_number, session_number),
	FOREIGN KEY (profile_number, session_number) REFERENCES debt
) STRICT;

-- The bank side ----------------------------------------------------------------------------------------------------

-- bank_file: a pain.008 (debits) or pain.001 (refunds) and its state (core/bank/bankfile.c; overdue: core/bank/settlement.c). A
-- session has at most one of each in force, or as many as it has parts.
CREATE TABLE bank_file (
	number INTEGER NOT NULL PRIMARY KEY,
	session_number INTEGER NOT NULL REFERENCES session,
	kind TEXT NOT NULL CHECK (kind IN ('debit', 'refund')),
	version INTEGER NOT NULL CHECK (version >= 1), -- of its kind
	part INTEGER NOT NULL CHECK (part >= 1), -- above 1 only where each block has a file of its own
	msg_id TEXT NOT NULL UNIQUE CHECK (length(msg_id) <= 35),
	name TEXT NOT NULL UNIQUE,   -- of the XML
	folder TEXT NOT NULL UNIQUE, -- hand-off folder, below the home
	created_at INTEGER NOT NULL,
	wanted_on TEXT NOT NULL,     -- the session's recovery date
	collect_on TEXT NOT NULL,    -- the day asked of the bank; of refunds, the day of payment
	collections INTEGER NOT NULL CHECK (collections > 0), -- how many
	sum_in_cents INTEGER NOT NULL CHECK (sum_in_cents > 0),
	sha256 BLOB CHECK (length(sha256) = 32), -- of the XML, set once it is rendered; approvals bind to it
	-- what the XML and the report were made with, so that they can be made once more, whatever the configuration has become
	pain_version TEXT NOT NULL CHECK (pain_version IN ('08', '02')),
	creditor_name TEXT NOT NULL,
	creditor_identifier TEXT NOT NULL,
	creditor_iban TEXT NOT NULL,
	creditor_bic TEXT,
	ultimate_creditor TEXT,
	batch_booking TEXT NOT NULL CHECK (batch_booking IN ('yes', 'no', 'contract')),
	address TEXT NOT NULL CHECK (address IN ('none', 'structured', 'hybrid')),
	purpose TEXT,
	remittance TEXT NOT NULL,
	cutoff TEXT NOT NULL,
	lead_target_days INTEGER NOT NULL,
	approvals_needed INTEGER NOT NULL, -- as its report says; its release asks the configuration
	config_sha256 BLOB NOT NULL CHECK (length(config_sha256) = 32), -- of the configuration that it was made with
	state TEXT NOT NULL CHECK (state IN ('generated', 'approved', 'released', 'uploaded', 'accepted',
	    'partially_accepted', 'rejected', 'settled', 'cancelled', 'withdrawn')),
	built_by TEXT NOT NULL,
	built_identity TEXT NOT NULL CHECK (built_identity IN ('any', 'loginuid', 'scheduler')),
	audited_on TEXT,             -- date of the first clean audit with this file in the books
	released_by TEXT,
	released_identity TEXT CHECK (released_identity IN ('any', 'loginuid')),
	released_at INTEGER,
	uploaded_by TEXT,
	uploaded_identity TEXT CHECK (uploaded_identity IN ('any', 'loginuid')),
	uploaded_at INTEGER,
	bank_reference TEXT,
	overdue TEXT CHECK (overdue IN ('upload', 'answer', 'booking', 'settlement')), -- what is still missing after its
	                             -- day, as the last night found it (core/bank/settlement.c)
	overdue_on TEXT,             -- the night that found it first
	cancelled_by TEXT,           -- before release: its debts went into the next version, or failed
	cancelled_identity TEXT CHECK (cancelled_identity IN ('any', 'loginuid')),
	cancelled_at INTEGER,
	cancel_why TEXT,
	UNIQUE (session_number, kind, version, part),
	CHECK ((released_at IS NULL) = (released_by IS NULL)),
	CHECK ((uploaded_at IS NULL) = (bank_reference IS NULL)),
	CHECK ((overdue IS NULL) = (overdue_on IS NULL)),
	CHECK ((state = 'cancelled') = (cancelled_at IS NOT NULL)),
	CHECK ((cancelled_at IS NULL) = (cancelled_by IS NULL)),
	CHECK ((cancelled_at IS NULL) = (cancel_why IS NULL)),
	CHECK (cancelled_at IS NULL OR released_at IS NULL),
	CHECK (sha256 IS NOT NULL OR state = 'generated')
) STRICT;
CREATE UNIQUE INDEX bank_file_one_in_force ON bank_file (session_number, kind, part)
	WHERE state NOT IN ('cancelled', 'withdrawn');

-- bank_block: a payment information of a bank file: its debits of one sequence type, or its refunds (core/bank/bankfile.c).
CREATE TABLE bank_block (
	file_number INTEGER NOT NULL REFERENCES bank_file,
	nth INTEGER NOT NULL CHECK (nth >= 1), -- in the file
	payment_information_id TEXT NOT NULL UNIQUE CHECK (length(payment_information_id) <= 35),
	sequence_type TEXT CHECK (sequence_type IN ('FRST', 'RCUR')), -- null: refunds
	collections INTEGER NOT NULL CHECK (collections > 0), -- how many
	sum_in_cents INTEGER NOT NULL CHECK (sum_in_cents > 0),
	PRIMARY KEY (file_number, nth)
) STRICT;

-- approval: a person approved a file by its count, total and hash (core/bank/approval.c).
CREATE TABLE approval (
	file_number INTEGER NOT NULL REFERENCES bank_file,
	approver TEXT NOT NULL,
	identity TEXT NOT NULL CHECK (identity IN ('any', 'loginuid', 'signature')),
	public_key BLOB CHECK (length(public_key) = 32), -- of a signature: the key that the configuration had, Ed25519
	signature BLOB CHECK (length(signature) = 64),   -- of the text of core/bank/approval.h
	signed_with TEXT CHECK (signed_with IN ('openssl', 'ssh-sha512', 'ssh-sha256')), -- what wrote it
	sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
	config_sha256 BLOB NOT NULL CHECK (length(config_sha256) = 32), -- of the configuration at that moment
	approved_at INTEGER NOT NULL,
	PRIMARY KEY (file_number, approver),
	CHECK ((identity = 'signature') = (signature IS NOT NULL)),
	CHECK ((signature IS NULL) = (public_key IS NULL)),
	CHECK ((signature IS NULL) = (signed_with IS NULL))
) STRICT;

-- rejection: an approver's refusal of a file that is not released (core/bank/rejection.c). It blocks the release until the same person
-- withdraws it, or the file is cancelled. Never deleted: the person may refuse the file once more.
CREATE TABLE rejection (
	file_number INTEGER NOT NULL REFERENCES bank_file,
	nth INTEGER NOT NULL CHECK (nth >= 1), -- of the file
	person TEXT NOT NULL,
	identity TEXT NOT NULL CHECK (identity IN ('any', 'loginuid')),
	why TEXT NOT NULL CHECK (length(why) > 0),
	rejected_at INTEGER NOT NULL,
	withdrawn_at INTEGER,
	withdrawn_identity TEXT CHECK (withdrawn_identity IN ('any', 'loginuid')),
	PRIMARY KEY (file_number, nth),
	CHECK ((withdrawn_at IS NULL) = (withdrawn_identity IS NULL))
) STRICT;
CREATE UNIQUE INDEX rejection_stands_once ON rejection (file_number, person) WHERE withdrawn_at IS NULL;

-- withdrawal: a person stated that the bank does not have a released file, or that it rejected the whole file
-- (core/bank/withdrawal.c). With the second statement that counts the file is withdrawn, and they are final. A statement from
-- before the upload was marked does not count after it.
CREATE TABLE withdrawal (
	file_number INTEGER NOT NULL REFERENCES bank_file,
	person TEXT NOT NULL,
	identity TEXT NOT NULL CHECK (identity IN ('any', 'loginuid')),
	way TEXT NOT NULL CHECK (way IN ('rebuild', 'carry')), -- of its debts: into the next version, or to the next session
	why TEXT NOT NULL CHECK (length(why) > 0),
	stated_at INTEGER NOT NULL,
	after_upload INTEGER NOT NULL CHECK (after_upload IN (0, 1)), -- the file was marked as uploaded by then
	after_reject INTEGER NOT NULL CHECK (after_reject IN (0, 1)), -- the bank had rejected the whole file by then
	PRIMARY KEY (file_number, person)
) STRICT;

-- upload_correction: another reference of the bank for a file that was marked as uploaded (core/bank/release.c). bank_file has the
-- last one; those before stay here.
CREATE TABLE upload_correction (
	file_number INTEGER NOT NULL REFERENCES bank_file,
	nth INTEGER NOT NULL CHECK (nth >= 1),
	was TEXT NOT NULL,     -- the reference until then
	becomes TEXT NOT NULL,
	why TEXT NOT NULL,
	corrected_by TEXT NOT NULL,
	corrected_identity TEXT CHECK (corrected_identity IN ('any', 'loginuid')),
	corrected_at INTEGER NOT NULL,
	PRIMARY KEY (file_number, nth),
	CHECK (was <> becomes)
) STRICT;

-- collection: one debit, or refund, in one file (core/books/collection.c; new rows: core/books/presentation.c); the amount is
-- positive for both. `live` is 1 until it fails, then 0: the index collection_one_live makes it impossible to collect a debt twice. A
-- collection of a cancelled file, or of one that was withdrawn because the bank never had it, stays `cancelled` (`live` is null);
-- its debt was never presented and keeps its end-to-end id in the next version, so only one collection of an id is not
-- cancelled. When the bank rejected the whole file, it is `withdrawn` with that file, and its id is spent. The indexes
-- distinguish them by `live`, which a booking does not change, so that it writes none of them.
CREATE TABLE collection (
	end_to_end_id TEXT NOT NULL CHECK (length(end_to_end_id) <= 35),
	file_number INTEGER NOT NULL REFERENCES bank_file,
	block INTEGER NOT NULL, -- of the file
	profile_number INTEGER NOT NULL,
	session_number INTEGER NOT NULL,
	mandate_number INTEGER NOT NULL REFERENCES mandate, -- of a refund: the account it is paid to
	presentation INTEGER NOT NULL CHECK (presentation >= 1),
	amount_in_cents INTEGER NOT NULL CHECK (amount_in_cents BETWEEN 1 AND 99999999999),
	amended INTEGER NOT NULL CHECK (amended IN (0, 1)), -- it announces another IBAN
	original_creditor_name TEXT,       -- it announces another creditor: the name or the identifier that the bank knows
	original_creditor_identifier TEXT,
	live INTEGER CHECK (live IN (0, 1)),
	state TEXT NOT NULL CHECK (state = 'presented' OR state = 'accepted' OR state = 'booked' OR state = 'rejected'
	    OR state = 'returned' OR state = 'cancelled' OR state = 'withdrawn'),
	booked_on TEXT,
	moved_on TEXT,    -- the day to which the bank moved it when it accepted it (core/bank/change.c); null: it did not
	settled_on TEXT,  -- its collection day, when it counted as recovered (or paid) by that day and not by a booking;
	                  -- booked_on is set when the bank reports the booking after all
	settled_by TEXT CHECK (settled_by IN ('acceptance', 'silence')), -- what that rests on
	failed_on TEXT,
	reason TEXT,
	fee_in_cents INTEGER,
	PRIMARY KEY (end_to_end_id, file_number),
	UNIQUE (profile_number, session_number, presentation, file_number),
	FOREIGN KEY (profile_number, session_number) REFERENCES debt,
	FOREIGN KEY (file_number, block) REFERENCES bank_block,
	CHECK (state NOT IN ('cancelled', 'withdrawn') OR (booked_on IS NULL AND settled_on IS NULL)),
	CHECK ((settled_on IS NULL) = (settled_by IS NULL)),
	CHECK (settled_on IS NULL OR state = 'booked' OR state = 'rejected' OR state = 'returned'),
	CHECK ((live IS 1) = (state = 'presented' OR state = 'accepted' OR state = 'booked')),
	CHECK ((live IS NULL) = (state = 'cancelled')),
	CHECK ((state IN ('rejected', 'returned')) = (failed_on IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX collection_one_live ON collection (profile_number, session_number) WHERE live = 1;
CREATE UNIQUE INDEX collection_id_once ON collection (end_to_end_id) WHERE live IS NOT NULL;
CREATE UNIQUE INDEX collection_presented_once ON collection (profile_number, session_number, presentation)
	WHERE live IS NOT NULL;
CREATE INDEX collection_by_file ON collection (file_number, end_to_end_id);
CREATE INDEX collection_failed ON collection (session_number) WHERE failed_on IS NOT NULL;

-- consequence: a debit or refund that the bank rejected or returned, and what its reason does to the mandate
-- (core/members/consequence.c). `seen_at`: since then it neither acts nor counts, for a person has unblocked the mandate.
CREATE TABLE consequence (
	end_to_end_id TEXT NOT NULL PRIMARY KEY,
	file_number INTEGER NOT NULL REFERENCES bank_file,
	profile_number INTEGER NOT NULL REFERENCES profile,
	mandate_number INTEGER NOT NULL REFERENCES mandate,
	kind TEXT NOT NULL CHECK (kind IN ('debit', 'refund')),
	reason TEXT NOT NULL,
	action TEXT NOT NULL CHECK (action IN ('keep', 'suspend', 'block')),
	of_member INTEGER NOT NULL CHECK (of_member IN (0, 1)), -- 1: acts on every mandate of the member, also on later ones
	seen_at INTEGER
) STRICT;
CREATE INDEX consequence_by_member ON consequence (profile_number, action, of_member DESC, end_to_end_id); -- the severest first
CREATE INDEX consequence_by_reason ON consequence (file_number, reason, profile_number);

-- same_reason: how many debits or refunds of a file came back for one reason that acts on mandates, and whether it does
-- (core/members/consequence.c). `few`: each one does; `held`: most of the file, so that none does until a person decides;
-- `applied`, `waived`: what the person decided.
CREATE TABLE same_reason (
	file_number INTEGER NOT NULL REFERENCES bank_file,
	reason TEXT NOT NULL,
	failures INTEGER NOT NULL CHECK (failures >= 0),
	state TEXT NOT NULL CHECK (state IN ('few', 'held', 'applied', 'waived')),
	PRIMARY KEY (file_number, reason)
) STRICT;

-- bank_message: one document of the bank that was read to its end (core/bank/bankmessage.c). A file may have several of them,
-- and a bank uses an id again for a second page or for more entries: the entries decide what is new, not the id.
CREATE TABLE bank_message (
	number INTEGER NOT NULL PRIMARY KEY,
	kind TEXT NOT NULL CHECK (kind IN ('pain.002', 'camt.052', 'camt.053', 'camt.054')),
	msg_id TEXT NOT NULL,      -- '' when it has none
	page INTEGER,
	document INTEGER NOT NULL, -- the n-th of its file
	created_at INTEGER NOT NULL, -- without one in the message: the start of the day on which it was read
	entries INTEGER NOT NULL,
	repeated INTEGER NOT NULL, -- how many of them an earlier message of this kind had
	of_others INTEGER NOT NULL, -- entries of other accounts, which are not stored
	input_number INTEGER NOT NULL REFERENCES input
) STRICT;

-- bank_entry: one entry that the bank reported, or one detail of it; inserted by core/bank/bankmessage.c. What it means is found
-- by core/bank/bankmatch.c (`collection`, `file_number`) and applied by core/bank/bankentry.c, whose order does not depend on the
-- order of the files; those that leave no question by core/bank/plainbooking.c. An acceptance that a later reject overtakes is
-- applied once more (core/bank/bankstatus.c).
CREATE TABLE bank_entry (
	number INTEGER NOT NULL PRIMARY KEY,
	message_number INTEGER NOT NULL REFERENCES bank_message,
	nth INTEGER NOT NULL,        -- of the entry in its message, from 1; its details share it
	line INTEGER NOT NULL,
	kind TEXT NOT NULL CHECK (kind = 'status' OR kind = 'credit' OR kind = 'return' OR kind = 'debit'
	    OR kind = 'refund_return' OR kind = 'fee' OR kind = 'other'),
	                             -- a refund_return is a credit that is marked as a return, or as the reversal of one
	level TEXT CHECK (level = 'file' OR level = 'block' OR level = 'debit'), -- of a status
	status TEXT,
	msg_id TEXT,                 -- our ids as the bank repeats them; null when missing
	payment_information_id TEXT,
	end_to_end_id TEXT,
	instruction_id TEXT,
	mandate_reference TEXT,
	amount_in_cents INTEGER,     -- what moved; of a status the original amount or control sum
	fee_in_cents INTEGER NOT NULL DEFAULT 0, -- charges and interest in that amount, beside what was asked for
	fee_beside_in_cents INTEGER NOT NULL DEFAULT 0, -- charges that the bank reports with it, and books elsewhere
	transactions INTEGER,        -- of a status of a file or block: the original number of transactions
	event_on TEXT NOT NULL,      -- booking date; of a status: the report's day
	reason TEXT,
	moved_on TEXT,               -- of an acceptance with a change: the day that the bank reports; null: none, or there is
	                             -- another change
	bank_reference TEXT,
	text TEXT,
	problem TEXT,                -- why the entry cannot be used; null: it can
	fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32), -- of the content and the kind of message
	occurrence INTEGER NOT NULL, -- n-th of equal entries within one message
	message_kind TEXT NOT NULL,  -- of bank_message
	-- What bank_entry means, once it is matched:
	collection TEXT,             -- the end-to-end id of the debit or refund
	file_number INTEGER REFERENCES bank_file, -- the file
	event INTEGER,               -- without a collection: the same for all reports of the same event; null: not matched yet
	rank INTEGER,                -- n-th report of the event in messages of this kind; other kinds report the same event again;
	                             -- below 0: has another amount than its collection, and an event of its own
	state TEXT NOT NULL CHECK (state = 'new' OR state = 'applied' OR state = 'noted' OR state = 'held'
	    OR state = 'resolved'), -- resolved: a person decided, and it changes nothing
	files_known INTEGER, -- of a held one that names nothing of ours: the next number of a bank file then;
	                             -- it is tried again once there is such a file
	UNIQUE (fingerprint, occurrence)
) STRICT;
CREATE INDEX bank_entry_open ON bank_entry (files_known) WHERE state IN ('new', 'held');
CREATE INDEX bank_entry_reject ON bank_entry (status, collection, file_number)
	WHERE status = 'RJCT' AND state IN ('held', 'applied');
CREATE INDEX bank_entry_changed ON bank_entry (msg_id) WHERE status = 'ACWC';
CREATE INDEX bank_entry_by_collection ON bank_entry (collection, kind, message_kind, rank) WHERE collection IS NOT NULL;
CREATE INDEX bank_entry_by_file ON bank_entry (file_number, kind, event_on) WHERE file_number IS NOT NULL AND collection IS NULL;
CREATE INDEX bank_entry_by_event ON bank_entry (event, message_kind, rank) WHERE event IS NOT NULL;

-- Notifying the members ------------------------------------------------------------------------------------------

-- notification_batch: one file of notifications (core/members/notification.c).
CREATE TABLE notification_batch (
	number INTEGER NOT NULL PRIMARY KEY,
	name TEXT NOT NULL,
	business_on TEXT NOT NULL,
	nth INTEGER NOT NULL, -- of the day
	lines INTEGER NOT NULL,
	first_number INTEGER NOT NULL, -- of its notifications, which are numbered without a gap
	last_number INTEGER NOT NULL,
	UNIQUE (business_on, name, nth)
) STRICT;

-- notification: at most one for each name, subject and attempt, permanently (core/members/notification.c; how it was delivered:
-- core/members/receipt.c).
CREATE TABLE notification (
	number INTEGER NOT NULL PRIMARY KEY,
	name TEXT NOT NULL CHECK (name = 'alan_pay__post_payment' OR name = 'alan_pay__provisioning_reminder'
	    OR name = 'alan_pay__recovery_session' OR name = 'alan_pay__recovery_session_withdrawn'
	    OR name = 'alan_pay__external_transaction'),
	subject_type TEXT NOT NULL CHECK (subject_type = 'card_payment' OR subject_type = 'profile'
	    OR subject_type = 'collection' OR subject_type = 'balance_transaction'),
	subject TEXT NOT NULL, -- the number of the payment, with /2 when it succeeded after it was notified as rejected; the
	                       -- end-to-end id, with /<version of the file> when a later version has another day or
	                       -- amount; the number of the balance transaction; '' for the profile itself
	attempt INTEGER NOT NULL CHECK (attempt > 0), -- 2 and later: a person sent it once more (--force)
	profile_number INTEGER NOT NULL REFERENCES profile,
	params TEXT NOT NULL,
	batch_number INTEGER NOT NULL REFERENCES notification_batch,
	created_at INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	asked_by TEXT, -- the person who asked for it; null: a night planned it
	asked_identity TEXT CHECK (asked_identity IN ('any', 'loginuid', 'scheduler')),
	asked_why TEXT,
	state TEXT NOT NULL CHECK (state = 'pending' OR state = 'accepted' OR state = 'refused' OR state = 'expired'),
	accepted_at INTEGER, -- when the member counts as notified
	proof TEXT CHECK (proof = 'receipt' OR proof = 'publication'), -- of the acceptance
	UNIQUE (name, profile_number, subject, attempt),
	CHECK ((state = 'accepted') = (accepted_at IS NOT NULL)),
	CHECK ((state = 'accepted') = (proof IS NOT NULL)),
	CHECK (attempt = 1 OR (asked_by IS NOT NULL AND asked_why IS NOT NULL))
) STRICT;
CREATE INDEX notification_asked ON notification (batch_number) WHERE asked_by IS NOT NULL;
CREATE INDEX notification_pending ON notification (number) WHERE state = 'pending';

-- notification_chunk: consecutive lines of a batch that are sent in one request, decided with the batch, so that the request is
-- always sent with the same key and the same bytes (core/members/notification.c; answered_at: core/members/receipt.c).
CREATE TABLE notification_chunk (
	number INTEGER NOT NULL PRIMARY KEY,
	batch_number INTEGER NOT NULL REFERENCES notification_batch,
	nth INTEGER NOT NULL, -- of the batch
	first_number INTEGER NOT NULL, -- of its notifications
	last_number INTEGER NOT NULL,
	answered_at INTEGER, -- when a receipt for each of its lines was stored; null: it is to be sent
	UNIQUE (batch_number, nth)
) STRICT;
CREATE INDEX notification_chunk_waiting ON notification_chunk (number) WHERE answered_at IS NULL;

-- receipt: what a receiver answered about a notification, in a file or in the answer to a chunk (core/members/receipt.c).
-- Append-only. The same answer again is only counted. Another answer is stored too, and opens an exception.
CREATE TABLE receipt (
	number INTEGER NOT NULL PRIMARY KEY,
	notification_number INTEGER NOT NULL REFERENCES notification,
	status TEXT NOT NULL CHECK (status = 'accepted' OR status = 'unknown_user' OR status = 'invalid' OR status = 'expired'),
	answered_at INTEGER NOT NULL, -- when the receiver took or rejected the notification
	message TEXT,
	input_number INTEGER REFERENCES input,
	line INTEGER NOT NULL, -- of the file, or of the answer
	chunk_number INTEGER REFERENCES notification_chunk,
	stored_at INTEGER NOT NULL,
	UNIQUE (notification_number, status),
	CHECK ((input_number IS NULL) <> (chunk_number IS NULL))
) STRICT;

-- export_set: one folder of CSV files for other components (stages/80-export.c).
CREATE TABLE export_set (
	number INTEGER NOT NULL PRIMARY KEY,
	business_on TEXT NOT NULL,
	folder TEXT NOT NULL UNIQUE,
	digest BLOB NOT NULL -- over the hashes of the files: the same books are exported once a day
) STRICT;
