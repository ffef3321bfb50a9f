#!/usr/bin/env python3
"""reconcile.py: what matching and posting cost, for each entry of a bank's report, and the memory of the stage.

usage: reconcile.py BIN ANSWER [ENTRIES [ROUNDS]]

A home with ENTRIES debits at the bank, all of one amount, and one camt.054 that credits each. The books of that home are made
by SQL, as a year of nights would take too long. `reconcile` reads, matches and posts them; reading alone is measured beside it,
in the same run, and taken off. CPU is user and system time of the whole process; the medians are printed. Nothing here passes
or fails.
"""
import os, shutil, sqlite3, statistics, subprocess, sys, tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BOOKS = """
INSERT INTO profile (number, app_id, app_user_id, status, balance_in_cents, last_transaction, declared_at)
 SELECT i, 'alan', 'u' || i, 'active', -2400, 1, 0 FROM n;
INSERT INTO mandate (number, profile_number, reference, reference_key, version, debtor_name, iban, country, signed_on,
  status, status_at, declared_at)
 SELECT i, i, 'AP-' || i, 'AP-' || i, 1, 'A Member', 'FR7630006000011234567890189', 'FRA', '2026-01-01', 'active', 0, 0 FROM n;
INSERT INTO session (number, code, period_start_on, period_end_on, freeze_on, recovery_on, status, opened_by)
 VALUES (1, '20260228-1', '2026-02-01', '2026-02-28', '2026-03-03', '2026-03-10', 'pending', 'configuration');
INSERT INTO debt (profile_number, session_number, status, amount_in_cents) SELECT i, 1, 'initiated', 2400 FROM n;
INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at, transaction_on,
  source_kind, source, session_number)
 SELECT i * 16777216 + 1, 1, -2400, 0, '2026-02-13', 1, i, 1 FROM n;
UPDATE session SET frozen_at = 0, digest = zeroblob(32);
INSERT INTO bank_file (number, session_number, kind, version, part, msg_id, name, folder, created_at, wanted_on, collect_on,
  collections, sum_in_cents, sha256, pain_version, creditor_name, creditor_identifier, creditor_iban, batch_booking,
  address, remittance, cutoff, lead_target_days, approvals_needed, config_sha256, state, built_by, built_identity, released_by, released_at, uploaded_by, uploaded_at, bank_reference)
 SELECT 1, 1, 'debit', 1, 1, '0badcafe-20260228-1-D1', 'x', 'out/sepa/s/v1', 0, '2026-03-10', '2026-03-10', count(*), 2400 * count(*),
  zeroblob(32), '08', 'Alan SA', 'FR72ZZZ123456', 'FR7630006000011234567890189', 'no', 'none', 'x', '11:30', 2, 2, zeroblob(32), 'uploaded', 'a', 'any', 'b', 0,
  'b', 0, 'r' FROM n;
INSERT INTO bank_block (file_number, nth, payment_information_id, sequence_type, collections, sum_in_cents)
 SELECT 1, 1, '0badcafe-20260228-1-D1-1', 'RCUR', count(*), 2400 * count(*) FROM n;
INSERT INTO collection (end_to_end_id, file_number, block, profile_number, session_number, mandate_number, presentation,
  amount_in_cents, amended, live, state)
 SELECT printf('0badcafe05008000%08x00000001', i), 1, 1, i, 1, i, 1, 2400, 0, 1, 'presented' FROM n;
"""
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>C1</MsgId>
<CreDtTm>2026-03-10T21:00:00</CreDtTm></GrpHdr><Ntfctn><Id>N1</Id><Acct><Id><IBAN>FR7630006000011234567890189</IBAN></Id></Acct>
"""
ENTRY = """<Ntry><Amt Ccy="EUR">24.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-03-10</Dt></BookgDt>
<ValDt><Dt>2026-03-10</Dt></ValDt><AcctSvcrRef>S%d</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>IDDT</Cd>
<SubFmlyCd>ESDD</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs><PmtInfId>0badcafe-20260228-1-D1-1</PmtInfId>
<EndToEndId>0badcafe05008000%08x00000001</EndToEndId><MndtId>AP-%d</MndtId></Refs><Amt Ccy="EUR">24.00</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><RltdPties><Dbtr><Pty><Nm>A Member</Nm></Pty></Dbtr></RltdPties></TxDtls></NtryDtls></Ntry>
"""


def measure(command):
    """CPU seconds and peak MB of one process."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit("%s ended with status %d" % (command[0], status))
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def make_home(binaries, home, entries):
    subprocess.run([binaries + "/alanpay", "init", "--environment", "test", "--home", home, "--store-id", "0badcafe", "--now", "2026-01-31T00:00:00Z"],
                   check=True, stdout=subprocess.DEVNULL)
    shutil.copy(os.path.join(ROOT, "fixtures/alanpay.ini"), home)
    books = sqlite3.connect(home + "/state/alanpay.db")
    books.execute("CREATE TEMP TABLE n (i INTEGER PRIMARY KEY)")
    books.executemany("INSERT INTO n VALUES (?)", ((i,) for i in range(1, entries + 1)))
    books.executescript(BOOKS)
    books.commit()
    books.close()


def main(binaries, program, entries, rounds):
    work = tempfile.mkdtemp(prefix="alanpay-bench.")
    report = work + "/camt.054.xml"
    try:
        make_home(binaries, work + "/made", entries)
        with open(report, "w") as f:
            f.write(HEAD)
            for i in range(1, entries + 1):
                f.write(ENTRY % (i, i, i))
            f.write("</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>\n")
        seen = []
        for _ in range(rounds):
            home = work + "/home"
            shutil.rmtree(home, ignore_errors=True)
            shutil.copytree(work + "/made", home)
            shutil.copy(report, home + "/inbox/bank/")
            whole = measure([binaries + "/alanpay-reconcile", "--home", home, "--date", "2026-03-11",
                             "--now", "2026-03-11T02:30:00Z"])
            seen.append((whole[0] - measure([program, "ours", report])[0], whole[1]))
        print("report / match and post  %.1f microseconds of CPU an entry   peak %.0f MB   (%d entries)" % (
            statistics.median(s[0] for s in seen) * 1e6 / entries, max(s[1] for s in seen), entries))
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 100000,
         int(sys.argv[4]) if len(sys.argv) > 4 else 3)
