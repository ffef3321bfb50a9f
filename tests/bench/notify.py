#!/usr/bin/env python3
"""notify.py: what a million notifications cost: made and published, then sent over HTTP to a fake receiver.

usage: notify.py BINDIR FAKEAPP [NOTIFICATIONS]

The home has so many members, each with a card payment of yesterday. Printed are the CPU seconds and the peak memory of
`notify`, where receipts are read from a file, and where each chunk is sent; and the same with a tenth of them. Nothing here
passes or fails.
"""
import os, shutil, sqlite3, subprocess, sys, tempfile, time

DATE, NOW = "2026-03-05", "2026-03-05T02:30:00Z"
PAID_AT = 1772625600000  # 2026-03-04T12:00:00Z
CONFIG = ("[creditor]\nname = Alan SA\nidentifier = FR72ZZZ123456\niban = FR7630006000011234567890189\n"
          "[environment]\nname = test\n[notifications]\n")


def measure(command):
    """CPU seconds, peak MB and seconds of one process."""
    began = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 3):
        sys.exit("%s ended with status %d" % (command[0], status))
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, time.monotonic() - began


def make_home(bindir, work, n):
    home = os.path.join(work, "home")
    subprocess.run([os.path.join(bindir, "alanpay"), "init", "--environment", "test", "--home", home, "--store-id", "0000a1a9"], check=True,
                   stdout=subprocess.DEVNULL)
    with sqlite3.connect(os.path.join(home, "state", "alanpay.db")) as db:
        numbers = "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < %d) " % n
        db.execute("INSERT INTO profile (number, app_id, app_user_id, status, balance_in_cents, declared_at) " + numbers +
                   "SELECT i, 'alan', 'user-' || i, 'active', 0, 0 FROM n")
        db.execute("INSERT INTO card_payment (key, swan_payment, status, effective_at, authorized_in_cents,"
                   " captured_in_cents) " + numbers +
                   "SELECT i * 16777216 + 1, CAST(i AS BLOB), (SELECT number FROM code WHERE word = 'authorized'), %d, 1250, 0 FROM n"
                   % PAID_AT)
    db.close()
    return home


def configure(home, *lines):
    with open(os.path.join(home, "alanpay.ini"), "w") as f:
        f.write(CONFIG + "".join(line + "\n" for line in lines))


def write_receipts(home, n):
    """What a component would answer: a line for each notification."""
    path = os.path.join(home, "inbox", "receipts", "receipts.app.20260305T080000Z.1.jsonl")
    with open(path, "w") as f:
        for i in range(1, n + 1):
            f.write('{"notification_id":"0000a1a9-0700-8000-8000-%012x","status":"accepted","at":"2026-03-05T08:00:00Z"}\n' % i)


def report(what, n, measured):
    print("%-44s %8d   CPU %6.1f s   peak %4.0f MB   %6.1f s" % ((what, n) + measured), flush=True)


def run(bindir, fakeapp, n):
    work = tempfile.mkdtemp(prefix="alanpay-bench.")
    notify = [os.path.join(bindir, "alanpay-notify"), "--home", os.path.join(work, "home"), "--date", DATE, "--now", NOW]
    try:
        home = make_home(bindir, work, n)
        configure(home)
        report("notifications made and published", n, measure(notify))
        write_receipts(home, n)
        report("their receipts read from a file", n, measure(notify))
        shutil.rmtree(home)
        home = make_home(bindir, work, n)
        with open(os.open(os.path.join(work, "secret"), os.O_WRONLY | os.O_CREAT, 0o600), "w") as f:
            f.write("fakeapp-secret\n")
        server = subprocess.Popen([fakeapp], stdout=subprocess.PIPE, text=True)
        try:
            configure(home, "mode = http", "url = %s/push" % server.stdout.readline().strip(),
                      "hmac_secret_file = %s/secret" % work)
            report("made, published, sent in chunks of 500", n, measure(notify))
        finally:
            server.terminate()
            server.wait()
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    most = int(sys.argv[3]) if len(sys.argv) > 3 else 1000000
    for count in (most // 10, most):
        run(sys.argv[1], sys.argv[2], count)
