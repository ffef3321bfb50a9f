#!/usr/bin/env python3
"""peer: the same nights in Python, written to be fast: the same tables and files, the same checks of what comes in, one
transaction a stage, as durable (WAL, synchronous FULL), with the pages of each commit in a log outside. What is looked up often
is in dicts, rows go in by executemany in the order of their keys, sums are those of SQLite.

usage: peer.py STAGE HOME WORLD DAY [FILE]    STAGE: intake supports post debts collect notify reconcile export audit
"""
import csv, datetime, hashlib, html, json, os, re, shutil, sqlite3, sys, zoneinfo

HERE = os.path.dirname(os.path.abspath(__file__))
XSD = os.path.join(HERE, "../../formats/xsd/pain.008.001.08.xsd")
PARIS = zoneinfo.ZoneInfo("Europe/Paris")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z").match
STATUS = {"Pending": 1, "Booked": 2, "Rejected": 3, "Released": 4, "Canceled": 5, "Upcoming": 6}
TYPES = {"CardOutDebit": 1, "CardOutCredit": 2, "CardOutAuthorization": 3, "CardOutDebitReversal": 4}
RECEIVED, AUTHORIZED, CAPTURED, REJECTED, RELEASED = range(11, 16)
PAYMENTS = {RECEIVED: "received", AUTHORIZED: "authorized", CAPTURED: "captured", REJECTED: "rejected", RELEASED: "released"}
EVENTS = {1: "captured_card_payment", 3: "failed_recovery", 4: "recovery", 6: "rejected_card_payment"}
SUSPENDS = {"AC04", "MD06", "AC06"}      # reasons that act on the mandate
MEMBER, PAYMENT = 1 << 24, 1 << 8        # keys: member and number, payment and number
BATCH = 16384
LEAST = 100
CREDITOR, OWN_ID, OWN_IBAN = "Alan SA", "FR72ZZZ123456", "FR7630006000011234567890189"


# --- what the stages share --------------------------------------------------------------------------------------------

def connect(home):
    is_new = not os.path.exists(home + "/books.db")
    os.makedirs(home, exist_ok=True)
    db = sqlite3.connect(home + "/books.db", isolation_level=None)
    db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY")
    if is_new:
        with open(os.path.join(HERE, "peer.sql"), encoding="utf-8") as schema:
            db.executescript(schema.read())
    db.execute("BEGIN IMMEDIATE")
    return db


def digest_of(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def take_input(db, home, kind, path, day, keeps=False):
    """Archives the file, or says where it stays; its number, or 0 when these bytes were read before."""
    digest, name = digest_of(path), os.path.basename(path)
    if db.execute("SELECT 1 FROM input WHERE kind = ? AND sha256 = ?", (kind, digest)).fetchone():
        return 0
    folder = "%s/archive/%s" % (home, day)
    kept = path if keeps else os.path.join(folder, name)
    if not keeps:
        os.makedirs(folder, exist_ok=True)
        shutil.copyfile(path, kept)
        sync(kept)
    return db.execute("INSERT INTO input (kind, name, sha256, size, kept_at, received_on) VALUES (?, ?, ?, ?, ?, ?)",
                      (kind, name, digest, os.path.getsize(path), kept, day)).lastrowid


def sync(path):
    fd = os.open(path, os.O_RDONLY)
    os.fsync(fd)
    os.close(fd)


def publish(db, path, kind, chunks):
    """Writes the file whole, with its row."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with open(path + ".part", "wb", buffering=1 << 20) as out:
        for chunk in chunks:
            data = chunk.encode()
            digest.update(data)
            size += len(data)
            out.write(data)
        out.flush()
        os.fsync(out.fileno())
    os.rename(path + ".part", path)
    db.execute("INSERT OR REPLACE INTO artifact (path, kind, sha256, size) VALUES (?, ?, ?, ?)", (path, kind, digest.digest(), size))
    return digest.digest()


def blocks(lines, size=2000):
    """Lines joined, so that a file is written in few pieces."""
    some = []
    for line in lines:
        some.append(line)
        if len(some) == size:
            yield "".join(some)
            some.clear()
    yield "".join(some)


EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def instant(text):
    """Milliseconds of an RFC 3339 text in UTC."""
    if text[-1:] != "Z":
        raise ValueError(text)
    return round((datetime.datetime.fromisoformat(text) - EPOCH).total_seconds() * 1000)


def print_instant(ms):
    return datetime.datetime.utcfromtimestamp(ms // 1000).isoformat() + ".%03dZ" % (ms % 1000)


class Days(dict):
    """The day in Paris of an hour in UTC, "2026-01-05T23"."""

    def __missing__(self, hour):
        at = datetime.datetime.fromisoformat(hour + ":00:00+00:00")
        self[hour] = day = at.astimezone(PARIS).date().isoformat()
        return day


def public_id(kind, owner, number):
    tail = "%08x" % (owner << 2)
    return "00000014-%02x00-8000-8%s-%s%08x" % (kind, tail[5:], tail[1:5], number)


def cell(text):
    return '"%s"' % text.replace('"', '""') if text and any(c in text for c in ',";\n') else text or ""


def euros(cents):
    return "%s%d.%02d" % ("-" if cents < 0 else "", *divmod(abs(cents), 100))


def masked(iban):
    return iban[:4] + "***" + iban[-4:]


def is_iban(text):
    return text.isalnum() and 15 <= len(text) <= 34 and int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 == 1


def read_table(path):
    with open(path, encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        head = next(rows)
        yield {name: i for i, name in enumerate(head)}
        yield from rows


# --- intake -----------------------------------------------------------------------------------------------------------

class Intake:
    def __init__(self, db, day):
        self.db, self.now = db, instant(day + "T02:00:00.000Z")
        self.profiles = dict(db.execute("SELECT app_id || '/' || app_user_id, number FROM profile"))
        self.mandates = {m for m, in db.execute("SELECT reference FROM mandate")}
        self.rows = {"profile": [], "mandate": [], "account_membership": []}

    def declare_profile(self, record, key):
        if key in self.profiles:
            return "skipped", self.profiles[key]
        number = self.profiles[key] = len(self.profiles) + 1
        self.rows["profile"].append((number, record["app_id"], record["app_user_id"], "active", 0, 0, 0, self.now))
        return "succeeded", number

    def declare_sepa_mandate(self, record, key):
        profile, reference = self.profiles[key], record["unique_mandate_reference"]
        datetime.date.fromisoformat(record["signature_date"])
        if not is_iban(record["debtor_iban"]) or not 0 < len(record["debtor_name"]) <= 70 or not re.match(r"[\w/?:().,'+ -]{1,35}\Z", reference):
            raise ValueError("mandate")
        if reference in self.mandates:
            return "skipped", profile
        self.mandates.add(reference)
        self.rows["mandate"].append((profile, reference, record["debtor_name"], record["debtor_iban"], record["signature_date"], "active"))
        return "succeeded", profile

    def link_account_membership(self, record, key):
        if not UUID(record["account_membership_id"]):
            raise ValueError("membership")
        self.rows["account_membership"].append((record["account_membership_id"], self.profiles[key], None))
        return "succeeded", self.profiles[key]

    def take(self, path, number):
        source, results, requests = os.path.basename(path).split(".")[1], [], []
        known = {m for m, in self.db.execute("SELECT message_id FROM request WHERE source = ?", (source,))}
        with open(path, "rb") as lines:
            for nth, line in enumerate(lines, 1):
                record = json.loads(line)
                status, code, result = "rejected", "bad_field", None
                if record["message_id"] in known:
                    continue
                known.add(record["message_id"])
                try:
                    status, profile = getattr(self, record["op"])(record, "%s/%s" % (record["app_id"], record["app_user_id"]))
                    code, result = "ok", '{"profile_id":"%s"}' % public_id(1, 0, profile)
                except (KeyError, ValueError, AttributeError) as wrong:
                    result = json.dumps(str(wrong))
                content = json.dumps(record, sort_keys=True).encode()
                requests.append((number, nth, source, record["message_id"], hashlib.sha256(content).digest(), record["op"], status, code, result))
                results.append('{"line":%d,"message_id":%s,"status":"%s","code":"%s","result":%s}\n' % (
                    nth, json.dumps(record["message_id"]), status, code, result or "null"))
        self.db.executemany("INSERT INTO request (input, line, source, message_id, digest, op, status, code, result)"
                            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", requests)
        self.db.executemany("INSERT INTO profile VALUES (?, ?, ?, ?, ?, ?, ?, ?)", self.rows["profile"])
        self.db.executemany("INSERT INTO mandate (profile, reference, debtor, iban, signed_on, status) VALUES (?, ?, ?, ?, ?, ?)",
                            self.rows["mandate"])
        self.db.executemany("INSERT INTO account_membership VALUES (?, ?, ?)", sorted(self.rows["account_membership"]))
        for rows in self.rows.values():
            rows.clear()
        return results


def intake(db, home, world, day, _):
    work = Intake(db, day)
    for name in sorted(os.listdir(world + "/requests"), key=lambda name: name.split(".")[3]):
        path = os.path.join(world, "requests", name)
        number = take_input(db, home, "requests", path, day)
        if number:
            publish(db, "%s/out/%s/requests/%s.results.jsonl" % (home, day, name), "results", blocks(work.take(path, number)))


def supports(db, home, world, day, file):
    number = take_input(db, home, "payment_supports", file, day, keeps=True)
    rows = read_table(file)
    at = next(rows)
    names = [at[n] for n in ("card_id", "account_membership_id", "status", "spending_limits", "created_at", "updated_at")]
    cards = []
    for row in rows:
        card, membership, status, limits, created, updated = (row[i] for i in names)
        if not UUID(card) or not UUID(membership):
            raise SystemExit("card %s" % card)
        cards.append((card, membership, status, limits, instant(created), instant(updated)))
    cards.sort()
    db.executemany("INSERT INTO card VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET status = excluded.status, limits ="
                   " excluded.limits, updated_at = excluded.updated_at WHERE excluded.updated_at > updated_at", cards)
    db.execute("UPDATE account_membership SET status = 'Enabled' WHERE id IN (SELECT membership FROM card WHERE status = 'Enabled')")
    return number


# --- post -------------------------------------------------------------------------------------------------------------

class Post:
    """Transactions in batches: what is stored of a batch is read at once, and written in the order of each table."""

    def __init__(self, db, number):
        self.db, self.input, self.days = db, number, Days()
        self.members = dict(db.execute("SELECT id, profile FROM account_membership WHERE profile IS NOT NULL"))
        self.cards = {card: self.members.get(m) for card, m in db.execute("SELECT id, membership FROM card")}
        self.counters = {n: list(more) for n, *more in db.execute("SELECT number, balance, last_transaction, last_payment FROM profile")}
        self.merchants = {tuple(words): n for n, *words in db.execute("SELECT number, id, name, city, country, postcode, code FROM merchant")}
        self.changed, self.new_merchants = set(), []
        db.execute("CREATE TEMP TABLE wanted (id BLOB PRIMARY KEY) WITHOUT ROWID")

    def look_up(self, table, ids, columns, of):
        """What is stored under these ids."""
        self.db.execute("DELETE FROM wanted")
        self.db.executemany("INSERT OR IGNORE INTO wanted VALUES (?)", ((i,) for i in sorted(ids)))
        return {row[0]: list(row[1:]) for row in self.db.execute(
            "SELECT w.id, i.key, %s FROM wanted w JOIN %s i ON i.id = w.id JOIN %s t ON t.key = i.key" % (columns, table, of))}

    def merchant(self, words):
        if not any(words):
            return None
        number = self.merchants.get(words)
        if not number:
            number = self.merchants[words] = len(self.merchants) + 1
            self.new_merchants.append((number, *words))
        return number

    def post(self, rows):
        """rows: (line, id, type, side, status, cents, created, updated, payment, merchant, profile, released as captured)."""
        self.transactions = self.look_up("swan_transaction_id", (r[1] for r in rows), "t.type, t.status, t.cents, t.created_at, t.updated_at",
                                         "swan_transaction")
        self.payments = self.look_up("swan_payment_id", (r[8] for r in rows), "t.status, t.effective_at, t.authorized, t.captured,"
                                     " t.merchant, t.merchant_at, 0", "card_payment")
        self.new, self.postings, self.new_payments = {}, [], []
        keys = [p[0] for p in self.payments.values()]
        for payment in self.payments.values():
            payment[-1] = None
        self.numbers = {}
        for key in keys:
            self.numbers[key], = self.db.execute("SELECT coalesce(max(key), ?) & 255 FROM swan_transaction WHERE key BETWEEN ? AND ?",
                                                 (key * PAYMENT, key * PAYMENT, key * PAYMENT + 255)).fetchone()
        for row in rows:
            self.take(*row)
        self.write()

    def take(self, line, id, kind, side, status, cents, created, hour, updated, payment_id, merchant, profile, was_captured):
        counters = self.counters[profile]
        payment = self.payments.get(payment_id)
        if not payment:
            counters[2] += 1
            key = profile * MEMBER + counters[2]
            payment = self.payments[payment_id] = [key, RECEIVED, created, 0, 0, merchant, updated, None]
            self.new_payments.append((payment_id, key))
            self.numbers[key] = 0
        elif not payment[6] or updated < payment[6]:
            payment[5], payment[6] = merchant, updated
        known = self.transactions.get(id)
        if known is not None and known[5] >= updated:
            return
        if not known:
            self.numbers[payment[0]] += 1
            known = self.transactions[id] = [payment[0] * PAYMENT + self.numbers[payment[0]], 0, 0, 0, created, 0]
            self.new[id] = known[0]
        known[1], known[2], known[3], known[5] = kind, status, cents, updated
        known[6:] = [line]
        self.changed.add(profile)
        payment[2] = min(payment[2], created)
        payment[3] = max(payment[3], cents)
        if status == STATUS["Booked"]:
            amount = cents if side == "Credit" else -cents
            payment[1], payment[4] = CAPTURED, payment[4] + (cents if side == "Debit" else 0)
            self.add(profile, counters, 1, amount, created, hour, known[0], payment[0], line)
        elif status == STATUS["Rejected"]:
            payment[1] = REJECTED if payment[1] < CAPTURED else payment[1]
            self.add(profile, counters, 6, 0, created, hour, known[0], payment[0], line)
        elif status == STATUS["Released"]:
            payment[1] = payment[1] if was_captured and payment[1] == CAPTURED else RELEASED
        elif payment[1] < AUTHORIZED:
            payment[1] = AUTHORIZED

    def add(self, profile, counters, event, amount, at, hour, source, payment, line):
        counters[0] += amount
        counters[1] += 1
        self.postings.append((profile * MEMBER + counters[1], event, amount, at, self.days[hour], 1, source, payment & (MEMBER - 1),
                              self.input, line))

    def write(self):
        db = self.db
        db.executemany("INSERT INTO merchant VALUES (?, ?, ?, ?, ?, ?, ?)", self.new_merchants)
        self.new_merchants.clear()
        db.executemany("INSERT INTO swan_payment_id VALUES (?, ?)", sorted(self.new_payments))
        db.executemany("INSERT INTO swan_transaction_id VALUES (?, ?)", sorted(self.new.items()))
        db.executemany("INSERT INTO swan_transaction (key, id, type, status, cents, created_at, updated_at, input, line)"
                       " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET status = excluded.status, cents = excluded.cents,"
                       " updated_at = excluded.updated_at, input = excluded.input, line = excluded.line",
                       sorted((t[0], id, *t[1:6], self.input, t[6]) for id, t in self.transactions.items() if len(t) > 6))
        db.executemany("INSERT INTO card_payment (key, swan_payment, status, effective_at, authorized, captured, merchant, merchant_at)"
                       " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET status = excluded.status, effective_at ="
                       " excluded.effective_at, authorized = excluded.authorized, captured = excluded.captured, merchant = excluded.merchant,"
                       " merchant_at = excluded.merchant_at", sorted((p[0], id, *p[1:7]) for id, p in self.payments.items()))
        self.postings.sort()
        db.executemany("INSERT INTO balance_transaction (key, event, cents, at, day, source_kind, source, payment, input, line)"
                       " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", self.postings)

    def end(self):
        self.db.executemany("UPDATE profile SET balance = ?, last_transaction = ?, last_payment = ? WHERE number = ?",
                            ((*self.counters[p], p) for p in sorted(self.changed)))


def post(db, home, world, day, file):
    number = take_input(db, home, "transactions", file, day, keeps=True)
    work, rows, held, fromhex = Post(db, number), [], [], bytes.fromhex
    lines = read_table(file)
    at = next(lines)
    (ID, TYPE, SIDE, STATE, CENTS, CURRENCY, CREATED, UPDATED, PAY, CARD, SEAT, REASON, MID, NAME, CITY, COUNTRY, POSTCODE, MCC) = (at[n] for n in (
        "id type side status amount_cents currency created_at updated_at payment_id card_id account_membership_id released_reason merchant_id"
        " merchant_name merchant_city merchant_country merchant_postal_code merchant_category_code").split())
    for line, r in enumerate(lines, 2):
        kind, status, profile = TYPES.get(r[TYPE]), STATUS.get(r[STATE]), work.members.get(r[SEAT]) or work.cards.get(r[CARD])
        if not kind or not status or not profile or r[CURRENCY] != "EUR" or not UUID(r[ID]) or not UUID(r[PAY]) or not r[CENTS].isdigit():
            held.append(("swan_transaction", r[ID], "cannot be posted", json.dumps(r), "open"))
            continue
        created = r[CREATED]
        words = (r[MID], r[NAME], r[CITY], r[COUNTRY], r[POSTCODE], r[MCC])
        rows.append((line, fromhex(r[ID].replace("-", "")), kind, r[SIDE], status, int(r[CENTS]), instant(created), created[:13],
                     instant(r[UPDATED]), fromhex(r[PAY].replace("-", "")), work.merchant(words), profile, r[REASON] == "Captured"))
        if len(rows) == BATCH:
            work.post(rows)
            rows.clear()
    work.post(rows)
    work.end()
    db.executemany("INSERT INTO exception (kind, key, message, record, state) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", held)


# --- debts ------------------------------------------------------------------------------------------------------------

SESSIONS = [("2026-01-31", "2026-02-03", "2026-02-10"), ("2026-02-28", "2026-03-03", "2026-03-10"), ("2026-03-31", "2026-04-03", "2026-04-10")]


def assign(db):
    for number, (ends, freeze_on, recovery) in enumerate(SESSIONS, 1):
        db.execute("INSERT OR IGNORE INTO session VALUES (?, ?, ?, ?, ?, 'pending', NULL)", (number, ends.replace("-", "") + "-1", ends, freeze_on, recovery))
    waiting = "session IS NULL AND settles IS NULL AND event < 6"
    for number, ends in db.execute("SELECT number, ends_on FROM session WHERE digest IS NULL ORDER BY number").fetchall():
        db.execute("INSERT OR IGNORE INTO debt (profile, session, status) SELECT DISTINCT key >> 24, ?, 'pending' FROM balance_transaction"
                   " WHERE %s AND day <= ? ORDER BY 1" % waiting, (number, ends))
        db.execute("UPDATE balance_transaction SET session = ? WHERE %s AND day <= ?" % waiting, (number, ends))


def freeze(db, session):
    to_carry, frozen, digest = [], [], hashlib.sha256()
    mandates = {p: (status, iban) for p, status, iban in db.execute("SELECT profile, status, iban FROM mandate")}
    for profile, cents in db.execute("SELECT key >> 24, -sum(cents) FROM balance_transaction WHERE session = ? GROUP BY 1 ORDER BY 1", (session,)):
        status, iban = mandates.get(profile, (None, ""))
        reason = None if cents >= LEAST and status == "active" and is_iban(iban) else "below_minimum" if status == "active" else "no_mandate"
        if reason and cents:
            to_carry.append((profile, session, reason, cents, session + 1))
            cents = 0
        frozen.append((cents, "pending" if cents > 0 else "succeeded", None if cents > 0 else 0, profile, session))
    db.executemany("INSERT INTO exclusion VALUES (?, ?, ?, ?, ?)", to_carry)
    db.executemany("UPDATE balance_transaction SET session = ?3 WHERE session = ?2 AND key BETWEEN ?1 << 24 AND (?1 << 24) + 16777215",
                   ((p, s, n) for p, s, _, _, n in to_carry))
    db.executemany("INSERT OR IGNORE INTO debt (profile, session, status) VALUES (?, ?, 'pending')", ((p, n) for p, _, _, _, n in to_carry))
    db.executemany("UPDATE debt SET cents = ?, status = ?, recovered = ? WHERE profile = ? AND session = ?", frozen)
    for row in db.execute("SELECT key, cents FROM balance_transaction WHERE session = ? ORDER BY key", (session,)):
        digest.update(b"%d %d\n" % row)
    db.execute("UPDATE session SET digest = ? WHERE number = ?", (digest.digest(), session))


def debts(db, home, world, day, _):
    assign(db)
    for session, in db.execute("SELECT number FROM session WHERE digest IS NULL AND freeze_on < ?", (day,)).fetchall():
        freeze(db, session)


# --- collect ----------------------------------------------------------------------------------------------------------

PAIN_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.008.001.08"><CstmrDrctDbtInitn><GrpHdr><MsgId>%(id)s</MsgId><CreDtTm>%(day)sT03:00:00</CreDtTm>\
<NbOfTxs>%(n)d</NbOfTxs><CtrlSum>%(sum)s</CtrlSum><InitgPty><Nm>Alan SA</Nm></InitgPty></GrpHdr><PmtInf><PmtInfId>%(id)s-1</PmtInfId>\
<PmtMtd>DD</PmtMtd><BtchBookg>false</BtchBookg><NbOfTxs>%(n)d</NbOfTxs><CtrlSum>%(sum)s</CtrlSum><PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl>\
<LclInstrm><Cd>CORE</Cd></LclInstrm><SeqTp>RCUR</SeqTp></PmtTpInf><ReqdColltnDt>%(due)s</ReqdColltnDt><Cdtr><Nm>Alan SA</Nm></Cdtr><CdtrAcct><Id>\
<IBAN>%(iban)s</IBAN></Id></CdtrAcct><CdtrAgt><FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId></CdtrAgt><ChrgBr>SLEV</ChrgBr>\
<CdtrSchmeId><Id><PrvtId><Othr><Id>%(ics)s</Id><SchmeNm><Prtry>SEPA</Prtry></SchmeNm></Othr></PrvtId></Id></CdtrSchmeId>"""
PAIN_DEBIT = """<DrctDbtTxInf><PmtId><EndToEndId>%s</EndToEndId></PmtId><InstdAmt Ccy="EUR">%s</InstdAmt><DrctDbtTx><MndtRltdInf><MndtId>%s</MndtId>\
<DtOfSgntr>%s</DtOfSgntr><AmdmntInd>false</AmdmntInd></MndtRltdInf></DrctDbtTx><DbtrAgt><FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId>\
</DbtrAgt><Dbtr><Nm>%s</Nm></Dbtr><DbtrAcct><Id><IBAN>%s</IBAN></Id></DbtrAcct><RmtInf><Ustrd>Alan Pay</Ustrd></RmtInf></DrctDbtTxInf>"""
ACCENTS = str.maketrans("ÉÈÊéèêëçàâäîïôöùûüÿœ", "EEEeeeecaaaiioouuuyo")
LISTED = "end_to_end_id,debt_id,profile_id,app_id,app_user_id,debtor_name,debtor_iban_masked,unique_mandate_reference,signature_date,sequence_type,amount"


def print_pain(head, debits):
    yield PAIN_HEAD % head
    yield from blocks(PAIN_DEBIT % (d[0], euros(d[3]), d[5], d[8], html.escape(d[6].translate(ACCENTS)[:70], quote=False), d[7]) for d in debits)
    yield "</PmtInf></CstmrDrctDbtInitn></Document>\n"


def print_list(debits, session, mark, amount):
    yield LISTED.replace(",", mark) + "\n"
    yield from blocks(mark.join((d[0], public_id(5, d[1], session), public_id(1, 0, d[1]), d[9], d[10], cell(d[6]), masked(d[7]), d[5], d[8], "RCUR",
                                 amount(d[3]))) + "\n" for d in debits)


def print_report(head, debits):
    yield "<!doctype html><title>%(id)s</title><h1>%(id)s</h1><p>%(n)d debits, %(sum)s EUR, %(due)s<table>" % head
    yield from blocks("<tr><td>%s<td>%s<td>%s<td>%s<td>%s\n" % (d[0], html.escape(d[6]), masked(d[7]), d[5], euros(d[3])) for d in debits)
    yield "</table>\n"


def collect(db, home, world, day, _):
    for session, code, due in db.execute("SELECT number, code, recovery_on FROM session WHERE digest IS NOT NULL AND status = 'pending'"
                                         " AND number NOT IN (SELECT session FROM bank_file)").fetchall():
        write_file(db, home, day, session, code, due)


def write_file(db, home, day, session, code, due):
    debits = [(public_id(5, d[0], session).replace("-", ""), *d) for d in db.execute(
        "SELECT d.profile, d.session, d.cents, m.number, m.reference, m.debtor, m.iban, m.signed_on, p.app_id, p.app_user_id FROM debt d"
        " JOIN mandate m ON m.profile = d.profile JOIN profile p ON p.number = d.profile"
        " WHERE d.session = ? AND d.status = 'pending' AND d.cents > 0 AND m.status = 'active' ORDER BY d.profile", (session,))]
    if not debits:
        db.execute("UPDATE session SET status = 'succeeded' WHERE number = ?", (session,))
        return
    cents, folder = sum(d[3] for d in debits), "%s/out/sepa/%s_%s/v1" % (home, due, code)
    head = {"id": "00000014-%s-D1" % code, "day": day, "n": len(debits), "sum": euros(cents), "due": due, "iban": OWN_IBAN, "ics": OWN_ID}
    path = "%s/SDD-%s.xml" % (folder, code)
    if not all(is_iban(d[7]) for d in debits):
        raise SystemExit("an IBAN is not valid")
    file = db.execute("INSERT INTO bank_file (session, msg_id, path, collections, cents, state) VALUES (?, ?, ?, ?, ?, 'generated')",
                      (session, head["id"], path, len(debits), cents)).lastrowid
    db.executemany("INSERT INTO collection (end_to_end_id, file, profile, session, mandate, cents, state) VALUES (?, ?, ?, ?, ?, ?, 'presented')",
                   ((d[0], file, d[1], session, d[4], d[3]) for d in sorted(debits)))
    db.execute("UPDATE debt SET status = 'initiated' WHERE session = ? AND status = 'pending' AND cents > 0", (session,))
    from lxml import etree   # the other stages start without it
    digest = publish(db, path, "pain.008", print_pain(head, debits))
    etree.XMLSchema(file=XSD).assertValid(etree.parse(path))
    db.execute("UPDATE bank_file SET sha256 = ? WHERE number = ?", (digest, file))
    files = {"debits.csv": print_list(debits, session, ",", str), "report.html": print_report(head, debits),
             "debits.excel-fr.csv": print_list(debits, session, ";", lambda c: euros(c).replace(".", ",")),
             "excluded.csv": blocks("%d,%d,%s\n" % x for x in db.execute("SELECT profile, cents, reason FROM exclusion WHERE session = ?", (session,))),
             os.path.basename(path) + ".sha256": ["%s  %s\n" % (digest.hex(), os.path.basename(path))]}
    digests = {name: publish(db, folder + "/" + name, "hand-off", chunks).hex() for name, chunks in files.items()}
    publish(db, folder + "/manifest.json", "hand-off", [json.dumps({**head, "files": digests})])


def notify(db, home, world, day, _):
    now, batch = instant(day + "T02:00:00.000Z"), None
    rows = db.execute("SELECT c.end_to_end_id, c.profile, c.session, c.cents, p.app_id, p.app_user_id, s.recovery_on FROM collection c"
                      " JOIN profile p ON p.number = c.profile JOIN session s ON s.number = c.session LEFT JOIN notification n"
                      " ON n.name = 'recovery_session' AND n.profile = c.profile AND n.subject = c.end_to_end_id"
                      " WHERE n.number IS NULL AND s.recovery_on > ? ORDER BY c.profile", (day,)).fetchall()
    if not rows:
        return
    first, = db.execute("SELECT coalesce(max(number), 0) + 1 FROM notification").fetchone()
    batch = db.execute("INSERT INTO notification_batch (name, day, lines) VALUES ('recovery_session', ?, ?)", (day, len(rows))).lastrowid
    params = ['{"amount_in_cents":%d,"recovery_date":"%s","direction":"debit"}' % (r[3], r[6]) for r in rows]
    db.executemany("INSERT INTO notification VALUES (?, 'recovery_session', ?, ?, ?, ?, ?, 'accepted')",
                   ((first + i, r[0], r[1], params[i], batch, now) for i, r in enumerate(rows)))
    at = print_instant(now)
    lines = ('{"notification_id":"%s","name":"recovery_session","app_id":"%s","app_user_id":"%s","profile_id":"%s","subject":{"type":"recovery_debt",'
             '"id":"%s"},"params":%s,"created_at":"%s"}\n' % (public_id(7, 0, first + i), r[4], r[5], public_id(1, 0, r[1]), public_id(5, r[1], r[2]),
                                                              params[i], at) for i, r in enumerate(rows))
    digest = publish(db, "%s/out/notifications/%s/recovery_session-1.jsonl" % (home, day), "batch", blocks(lines))
    publish(db, "%s/out/notifications/%s/manifest.json" % (home, day), "batch", [json.dumps({"lines": len(rows), "sha256": digest.hex()})])


# --- reconcile --------------------------------------------------------------------------------------------------------

def read_entries(path):
    """Each entry of a camt.054, as a stream: kind, end-to-end id, mandate, cents, day, reason, reference."""
    from lxml import etree

    for _, entry in etree.iterparse(path, events=("end",), tag="{*}Ntry"):
        found = {}
        for part in entry.iter():
            found[part.tag.rpartition("}")[2]] = part
        own = entry[0]
        euro, _, cent = own.text.partition(".")
        reason = found.get("RtrInf")
        yield ("return" if reason is not None else "credit", found["EndToEndId"].text, found["MndtId"].text, int(euro) * 100 + int(cent),
               entry.findtext("{*}BookgDt/{*}Dt"), reason.findtext(".//{*}Cd") if reason is not None else None, found["AcctSvcrRef"].text)
        entry.clear()
        while entry.getprevious() is not None:
            del entry.getparent()[0]


class Books:
    """Postings of the bank: rows, balances and counters, written at the end."""

    def __init__(self, db):
        self.db, self.rows, self.counters = db, [], {}

    def add(self, profile, event, cents, day, source, settles):
        counter = self.counters.get(profile)
        if not counter:
            counter = self.counters[profile] = list(self.db.execute(
                "SELECT balance, last_transaction FROM profile WHERE number = ?", (profile,)).fetchone())
        counter[0] += cents
        counter[1] += 1
        self.rows.append((profile * MEMBER + counter[1], event, cents, instant(day + "T11:00:00.000Z"), day, 2, source, settles))

    def write(self):
        self.rows.sort()
        self.db.executemany("INSERT INTO balance_transaction (key, event, cents, at, day, source_kind, source, settles)"
                            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)", self.rows)
        self.db.executemany("UPDATE profile SET balance = ?, last_transaction = ? WHERE number = ?",
                            ((*c, p) for p, c in sorted(self.counters.items())))


def reconcile(db, home, world, day, file):
    number = take_input(db, home, "bank", file, day)
    books, entries, booked, failed, held = Books(db), [], [], [], []
    message = db.execute("SELECT coalesce(max(number), 0) + 1 FROM bank_message").fetchone()[0]
    look = "SELECT profile, session, mandate, cents, state FROM collection WHERE end_to_end_id = ?"
    for nth, entry in enumerate(read_entries(file), 1):
        kind, end, reference, cents, on, reason, bank_reference = entry
        print_ = hashlib.sha256(repr(entry).encode()).digest()
        known = db.execute(look, (end,)).fetchone()
        fits = known is not None and known[3] == cents and known[4] == ("presented" if kind == "credit" else "booked")
        entries.append((message, nth, kind, end, reference, cents, on, reason, bank_reference, print_, end if fits else None, "applied" if fits else "held"))
        if not fits:
            held.append(("bank_entry", print_.hex(), "cannot be applied", repr(entry), "open"))
        elif kind == "credit":
            booked.append((on, end))
            books.add(known[0], 4, cents, on, end.encode(), known[1])
        else:
            failed.append((on, reason, end, known))
            books.add(known[0], 3, -cents, on, end.encode(), None)
    db.execute("INSERT INTO bank_message VALUES (?, 'camt.054', ?, ?, ?)", (message, os.path.basename(file), len(entries), number))
    db.executemany("INSERT INTO bank_entry (message, nth, kind, end_to_end_id, mandate, cents, day, reason, bank_reference, fingerprint, collection, state)"
                   " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", entries)
    db.executemany("INSERT INTO exception (kind, key, message, record, state) VALUES (?, ?, ?, ?, ?)", held)
    books.write()
    db.executemany("UPDATE collection SET state = 'booked', booked_on = ? WHERE end_to_end_id = ?", booked)
    db.execute("UPDATE debt SET status = 'succeeded', recovered = debt.cents FROM collection c WHERE c.profile = debt.profile AND c.session = debt.session"
               " AND debt.status = 'initiated' AND c.state = 'booked'")
    fail(db, failed)
    db.execute("UPDATE session SET status = 'failed' WHERE number IN (SELECT session FROM debt WHERE status = 'failed')")
    db.execute("UPDATE session SET status = 'succeeded' WHERE status = 'pending' AND digest IS NOT NULL"
               " AND number NOT IN (SELECT session FROM debt WHERE status NOT IN ('succeeded', 'failed'))")
    write_views(db, home)


def fail(db, failed):
    db.executemany("UPDATE collection SET state = 'returned', failed_on = ?, reason = ? WHERE end_to_end_id = ?", (f[:3] for f in failed))
    db.executemany("UPDATE debt SET status = 'failed', recovered = 0, failure = ? WHERE profile = ? AND session = ?",
                   ((f[1], f[3][0], f[3][1]) for f in failed))
    db.executemany("INSERT INTO consequence VALUES (?, ?, ?, ?, ?)",
                   ((f[2], f[3][0], f[3][2], f[1], "suspend" if f[1] in SUSPENDS else "keep") for f in sorted(failed, key=lambda f: f[2])))
    db.executemany("UPDATE mandate SET status = 'suspended', why = ? WHERE number = ?", ((f[1], f[3][2]) for f in failed if f[1] in SUSPENDS))


def write_views(db, home):
    for session, code, due in db.execute("SELECT s.number, s.code, s.recovery_on FROM session s JOIN bank_file f ON f.session = s.number").fetchall():
        folder = "%s/out/sepa/%s_%s" % (home, due, code)
        rows = db.execute("SELECT end_to_end_id, profile, cents, failed_on, reason FROM collection WHERE session = ? AND failed_on IS NOT NULL"
                          " ORDER BY end_to_end_id", (session,)).fetchall()
        publish(db, folder + "/returns.csv", "view", ["end_to_end_id,profile,amount_in_cents,failed_on,reason\n", *("%s,%d,%d,%s,%s\n" % r for r in rows)])
        counts = db.execute("SELECT state, count(*), sum(cents) FROM collection WHERE session = ? GROUP BY state", (session,)).fetchall()
        publish(db, folder + "/status.html", "view", ["<!doctype html><table>", *("<tr><td>%s<td>%d<td>%d" % c for c in counts), "</table>\n"])


# --- export -----------------------------------------------------------------------------------------------------------

def export(db, home, world, day, _):
    folder, files = "%s/out/exports/%s" % (home, day), {}

    def table(name, head, lines):
        files[name] = publish(db, "%s/%s.csv" % (folder, name), "export", (chunk for part in ([head + "\n"], blocks(lines)) for chunk in part)).hex()

    table("balances", "profile_id,app_id,app_user_id,amount_in_cents", (
        "%s,%s,%s,%d\n" % (public_id(1, 0, p), a, u, c) for p, a, u, c in db.execute("SELECT number, app_id, app_user_id, balance FROM profile ORDER BY number")))
    table("profiles", "id,app_id,app_user_id,status", (
        "%s,%s,%s,%s\n" % (public_id(1, 0, p), a, u, s) for p, a, u, s in db.execute("SELECT number, app_id, app_user_id, status FROM profile ORDER BY number")))
    table("sepa_mandates", "profile_id,sepa_creditor_identifier,debtor_name,debtor_iban,unique_mandate_reference,signature_date,status", (
        "%s,%s,%s,%s,%s,%s,%s\n" % (public_id(1, 0, p), OWN_ID, cell(n), masked(i), r, d, s) for p, n, i, r, d, s in db.execute(
            "SELECT profile, debtor, iban, reference, signed_on, status FROM mandate ORDER BY profile")))
    table("recovery_sessions", "id,period_end_date,freeze_date,recovery_date,status", (
        "%s,%s,%s,%s,%s\n" % (public_id(4, 0, n), *r) for n, *r in db.execute("SELECT number, ends_on, freeze_on, recovery_on, status FROM session")))
    table("recovery_debts", "id,profile_id,recovery_session_id,status,amount_in_cents,recovered_amount_in_cents", (
        "%s,%s,%s,%s,%s,%s\n" % (public_id(5, p, s), public_id(1, 0, p), public_id(4, 0, s), st, c if c is not None else "", r if r is not None else "")
        for p, s, st, c, r in db.execute("SELECT profile, session, status, cents, recovered FROM debt ORDER BY profile, session")))
    merchants = {n: ",".join(map(cell, words)) for n, *words in db.execute("SELECT number, name, postcode, city, country, id, code FROM merchant")}
    merchants[None] = ",,,,,"
    table("card_payments", "id,profile_id,effective_date,amount_in_cents,status,is_recovered,merchant_name,merchant_postal_code,merchant_city,"
          "merchant_country,merchant_id,merchant_category_code", (
              "%s,%s,%s,%d,%s,%s,%s\n" % (public_id(3, k >> 24, k & MEMBER - 1), public_id(1, 0, k >> 24), print_instant(at), captured or authorized,
                                          PAYMENTS[status], "false", merchants[m])
              for k, at, authorized, captured, status, m in db.execute(
                  "SELECT key, effective_at, authorized, captured, status, merchant FROM card_payment ORDER BY key")))
    recovered = {(p, s) for p, s in db.execute("SELECT profile, session FROM debt WHERE status = 'succeeded'")}
    table("alan_balance_transactions", "id,alan_pay_profile_id,alan_pay_recovery_debt_id,amount_in_cents,event_type,transaction_date,"
          "card_payment.effective_date,card_payment.amount_in_cents,card_payment.status,card_payment.is_recovered,card_payment.merchant_name,"
          "card_payment.merchant_postal_code,card_payment.merchant_city,card_payment.merchant_country,card_payment.merchant_id,"
          "card_payment.merchant_category_code", (
              "%s,%s,%s,%d,%s,%s,%s\n" % (
                  public_id(2, k >> 24, k & MEMBER - 1), public_id(1, 0, k >> 24), public_id(5, k >> 24, s) if s else "", c, EVENTS[e], print_instant(at),
                  ",,,,,,,,," if not status else "%s,%d,%s,%s,%s" % (print_instant(effective), captured or authorized, PAYMENTS[status],
                                                                       "true" if (k >> 24, s) in recovered else "false", merchants[m]))
              for k, s, c, e, at, effective, authorized, captured, status, m in db.execute(
                  "SELECT b.key, coalesce(b.session, b.settles), b.cents, b.event, b.at, p.effective_at, p.authorized, p.captured, p.status, p.merchant"
                  " FROM balance_transaction b LEFT JOIN card_payment p ON p.key = (b.key >> 24 << 24) + b.payment ORDER BY b.key")))
    publish(db, folder + "/datapackage.json", "export", [json.dumps(files)])
    if os.path.lexists(home + "/out/exports/latest"):
        os.remove(home + "/out/exports/latest")
    os.symlink(day, home + "/out/exports/latest")


# --- audit ------------------------------------------------------------------------------------------------------------

CLAIMS = {
    "a balance is the sum of its rows": """SELECT count(*) FROM (SELECT key >> 24 AS profile, sum(cents) AS cents FROM balance_transaction GROUP BY 1) b
        LEFT JOIN profile p ON p.number = b.profile WHERE p.balance IS NOT b.cents""",
    "no balance without rows": "SELECT count(*) FROM profile WHERE balance <> 0 AND last_transaction = 0",
    "what Swan booked is posted once": """SELECT (SELECT count(*) || ' ' || sum(CASE type WHEN 2 THEN cents ELSE -cents END) || ' ' ||
        sum((key % 1000003) * (cents % 10007)) FROM swan_transaction WHERE status = 2) <> (SELECT count(*) || ' ' || sum(cents) || ' ' ||
        sum((source % 1000003) * (abs(cents) % 10007)) FROM balance_transaction WHERE source_kind = 1 AND event = 1)""",
    "a payment is what its transactions are": """SELECT (SELECT count(*) || ' ' || sum((key % 1000003) * (captured % 10007)) FROM card_payment
        WHERE captured > 0) <> (SELECT count(*) || ' ' || sum((payment % 1000003) * (cents % 10007)) FROM (SELECT key >> 8 AS payment, sum(cents) AS cents
        FROM swan_transaction WHERE status = 2 AND type = 1 GROUP BY 1))""",
    "each id finds its row": """SELECT (SELECT count(*) || ' ' || sum(key) FROM swan_transaction_id) <> (SELECT count(*) || ' ' || sum(key) FROM swan_transaction)
        OR (SELECT count(*) || ' ' || sum(key) FROM swan_payment_id) <> (SELECT count(*) || ' ' || sum(key) FROM card_payment)""",
    "a frozen debt is the sum of its rows": """SELECT count(*) FROM (SELECT profile, session, sum(cents) AS rest FROM (SELECT key >> 24 AS profile, session, cents
        FROM balance_transaction WHERE session IN (SELECT number FROM session WHERE digest IS NOT NULL) UNION ALL SELECT profile, session, cents FROM debt
        WHERE cents IS NOT NULL) GROUP BY 1, 2) WHERE rest <> 0""",
    "a collection is that of its debt": """SELECT count(*) FROM collection c LEFT JOIN debt d USING (profile, session) WHERE d.cents IS NOT c.cents
        OR (c.state = 'booked' AND d.status <> 'succeeded') OR (c.state = 'returned' AND d.status <> 'failed')""",
    "a file is the sum of its collections": """SELECT count(*) FROM bank_file f WHERE (f.collections, f.cents) <> (SELECT count(*), sum(cents) FROM collection
        WHERE file = f.number)""",
    "an entry of the bank is applied once": """SELECT count(*) FROM (SELECT collection FROM bank_entry WHERE collection IS NOT NULL AND state = 'applied'
        GROUP BY collection, kind HAVING count(*) > 1)""",
    "what the bank paid is in the books": """SELECT (SELECT coalesce(sum(CASE kind WHEN 'credit' THEN cents ELSE -cents END), 0) FROM bank_entry
        WHERE state = 'applied') <> (SELECT coalesce(sum(cents), 0) FROM balance_transaction WHERE source_kind = 2)""",
    "a mandate that is suspended has its reason": "SELECT count(*) FROM mandate WHERE (status = 'suspended') <> (why IS NOT NULL)",
    "each notification is of a batch": """SELECT count(*) FROM notification_batch b WHERE lines <> (SELECT count(*) FROM notification WHERE batch = b.number)""",
}


def audit(db, home, world, day, full):
    wrong = [claim for claim, text in CLAIMS.items() if db.execute(text).fetchone()[0]]
    for session, kept in db.execute("SELECT number, digest FROM session WHERE digest IS NOT NULL").fetchall():
        digest = hashlib.sha256()
        for row in db.execute("SELECT key, cents FROM balance_transaction WHERE session = ? ORDER BY key", (session,)):
            digest.update(b"%d %d\n" % row)
        if digest.digest() != kept:
            wrong.append("session %d is as it was frozen" % session)
    kinds = "" if full else " WHERE kind IN ('pain.008', 'hand-off')"
    wrong += [path for path, kept in db.execute("SELECT path, sha256 FROM artifact" + kinds) if digest_of(path) != kept]
    if full:
        wrong += [path for path, kept in db.execute("SELECT kept_at, sha256 FROM input") if digest_of(path) != kept]
        wrong += [found for found, in db.execute("PRAGMA integrity_check") if found != "ok"]
    if wrong:
        raise SystemExit("not true: " + "; ".join(map(str, wrong)))


def keep_pages(home, stage, day):
    """What the commit changed, kept outside of the database: its pages, and a line in a log whose lines are chained."""
    digest, size = hashlib.sha256(), 0
    with open(home + "/books.db-wal", "rb") as wal, open("%s/pages-%s" % (home, day), "ab") as pages:
        while chunk := wal.read(1 << 20):
            digest.update(chunk)
            size += pages.write(chunk)
        pages.flush()
        os.fsync(pages.fileno())
    with open(home + "/released.log", "a+b") as log:
        log.seek(max(0, os.path.getsize(log.name) - 4096))
        last = log.read().splitlines()[-1:] or [b""]
        line = {"stage": stage, "date": day, "bytes": size, "pages": digest.hexdigest(), "prev": hashlib.sha256(last[0]).hexdigest()}
        log.write(json.dumps(line).encode() + b"\n")
        log.flush()
        os.fsync(log.fileno())


def main():
    stage, home, world, day, *file = sys.argv[1:]
    db = connect(home)
    before = db.total_changes
    globals()[stage](db, home, world, day, file[0] if file else None)
    changed = db.total_changes > before
    db.execute("COMMIT")
    if changed:
        keep_pages(home, stage, day)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


if __name__ == "__main__":
    main()
