#!/usr/bin/env python3
"""swan_import.py: what the import costs, as a ratio against a Python peer that does less, in the same run.

usage: swan_import.py BINDIR FAKESWAN [PAIRS]

The world is a day of some 100,000 transactions at a fake Swan on this machine. The import asks for all of it over HTTP,
checks, de-duplicates, orders and publishes it (dry run, so that each run does the same). The peer reads the same pages
from a file, with json.loads and csv.writer, and does nothing else. If ../shared/bench/peer_night.py is there, its phase
`swan` is run over the same pages as well. CPU is user and system time of the whole process, as the kernel counts it;
runs take turns, and the medians of the pairs are printed. Nothing here passes or fails.
"""
import csv, glob, json, os, shutil, statistics, subprocess, sys, tempfile

DATE, NOW = "2026-02-03", "2026-02-03T02:30:00Z"
WORLD = ["--members", "5000", "--start", "2026-02-02", "--days", "1", "--now", NOW]
COLUMNS = ("id type side statusInfo.status amount.value amount.currency createdAt updatedAt executionDate paymentId "
           "originTransactionId reference account.id cardDetails.card.id cardDetails.card.accountMembership.id "
           "cardDetails.maskedPan authorizationType merchant.merchantId merchant.merchantName merchant.merchantCity "
           "merchant.merchantCountry merchant.merchantPostalCode merchant.merchantCategoryCode merchant.category "
           "statusInfo.rejectedReason statusInfo.releasedReason statusInfo.releaseDate statusInfo.pendingEndDate "
           "statusInfo.bookingDate statusInfo.valueDate originalAmount.value originalAmount.currency counterparty label "
           "externalReference returnReason").split()


def peer(pages, out):
    """The peer: a page a line -> CSV."""
    with open(pages, encoding="utf-8") as f, open(out, "w", encoding="utf-8", newline="") as g:
        w = csv.writer(g, lineterminator="\n")
        w.writerow(COLUMNS)
        for line in f:
            for edge in json.loads(line)["data"]["transactions"]["edges"]:
                t = edge["node"]
                s, a = t["statusInfo"], t["amount"]
                m, d, o = t.get("merchant") or {}, t.get("cardDetails") or {}, t.get("originalAmount") or {}
                c = d.get("card") or {}
                w.writerow((t["id"], t["type"], t["side"], s["status"], a["value"], a["currency"], t["createdAt"],
                            t["updatedAt"], t.get("executionDate"), t.get("paymentId"), t.get("originTransactionId"),
                            t.get("reference"), (t.get("account") or {}).get("id"), c.get("id"),
                            (c.get("accountMembership") or {}).get("id"), d.get("maskedPan"), t.get("authorizationType"),
                            m.get("merchantId"), m.get("merchantName"), m.get("merchantCity"), m.get("merchantCountry"),
                            m.get("merchantPostalCode"), m.get("merchantCategoryCode"), m.get("category"),
                            s.get("rejectedReason"), s.get("releasedReason"), s.get("releaseDate"),
                            s.get("pendingEndDate"), s.get("bookingDate"), s.get("valueDate"), o.get("value"),
                            o.get("currency"), t.get("counterparty"), t.get("label"), t.get("externalReference"),
                            t.get("returnReason")))
        g.flush()
        os.fsync(g.fileno())


def measure(command):
    """CPU seconds and peak MB of one process."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit("%s ended with status %d" % (command[0], status))
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


class Bench:
    def __init__(self, bindir, fakeswan, transactions):
        self.work = tempfile.mkdtemp(prefix="alanpay-bench.")
        self.bin = bindir
        self.server = subprocess.Popen([fakeswan, *WORLD, "--transactions", str(transactions)],
                                       stdout=subprocess.PIPE, text=True)
        self.url = self.server.stdout.readline().strip()
        self.home = os.path.join(self.work, "home")
        subprocess.run([os.path.join(bindir, "alanpay"), "init", "--environment", "test", "--home", self.home], check=True,
                       stdout=subprocess.DEVNULL)
        secret = os.path.join(self.work, "secret")
        with open(os.open(secret, os.O_WRONLY | os.O_CREAT, 0o600), "w") as f:
            f.write("fakeswan-secret\n")
        with open(os.path.join(self.home, "alanpay.ini"), "w") as f:
            f.write("[creditor]\nname = Alan SA\nidentifier = FR72ZZZ123456\niban = FR7630006000011234567890189\n"
                    "[swan]\nendpoint = %s/graphql\noauth_endpoint = %s/oauth2/token\nclient_id = fakeswan\n"
                    "client_secret_file = %s\nstart_date = 2026-02-02\nrequests_per_5_minutes = 2000\n"
                    "[environment]\nname = test\n" % (self.url, self.url, secret))

    def command(self, *more):
        return [os.path.join(self.bin, "alanpay-import"), "--home", self.home, "--date", DATE, "--now", NOW,
                "--only", "transactions", "--dry-run", "--quiet", *more]

    def record(self):
        """The same pages for the peers, a line each; how many transactions."""
        folder = os.path.join(self.work, "recording")
        subprocess.run(self.command("--record", folder), check=True, stdout=subprocess.DEVNULL)
        transactions = 0
        with open(os.path.join(self.work, "pages"), "w", encoding="utf-8") as ours, \
                open(os.path.join(self.work, "pages.jsonl"), "w", encoding="utf-8") as theirs:
            for path in sorted(glob.glob(folder + "/*/transactions-*.json")):
                with open(path, encoding="utf-8") as f:
                    text = f.read()
                ours.write(text.replace("\n", " ") + "\n")
                page = json.loads(text)["data"]
                for edge in page["transactions"]["edges"]:
                    edge["node"]["account"] = dict(edge["node"].get("account") or {}, holder={"id": "-"})
                    transactions += 1
                theirs.write(json.dumps({"data": {"account": page}}, ensure_ascii=False, separators=(",", ":")) + "\n")
        return transactions, os.path.getsize(os.path.join(self.work, "pages"))

    def end(self):
        self.server.terminate()
        self.server.wait()
        shutil.rmtree(self.work)


def print_pair(name, pairs, at):
    ours = statistics.median(p[0][0] for p in pairs)
    cpu = statistics.median(p[at][0] for p in pairs)
    ratio = statistics.median(p[0][0] / p[at][0] for p in pairs)
    print("import / %-24s CPU %.2f s / %.2f s = %.2f   peak %.0f MB / %.0f MB" % (
        name, ours, cpu, ratio, max(p[0][1] for p in pairs), max(p[at][1] for p in pairs)))


def main(bindir, fakeswan, pairs):
    small = Bench(bindir, fakeswan, 20000)
    peak = measure(small.command())[1]
    small.end()
    bench = Bench(bindir, fakeswan, 200000)
    try:
        transactions, size = bench.record()
        work, shared = bench.work, os.path.join("..", "shared", "bench", "peer_night.py")
        peers = [("json.loads + csv.writer", [sys.executable, __file__, "peer", work + "/pages", work + "/peer.csv"])]
        if os.path.exists(shared) and subprocess.run(["/usr/bin/python3", "-c", "import lxml"],
                                                     stderr=subprocess.DEVNULL).returncode == 0:
            peers.append(("peer_night.py", ["/usr/bin/python3", shared, "--data", work, "--work", work + "/night",
                                            "--phase", "swan"]))
        print("%d transactions, %.0f MB of pages, %d pairs" % (transactions, size / 1e6, pairs))
        seen = [[measure(bench.command())] + [measure(command) for _, command in peers] for _ in range(pairs)]
        for at, (name, _) in enumerate(peers, 1):
            print_pair(name, seen, at)
        print("peak memory of the import with a tenth of them: %.0f MB" % peak)
    finally:
        bench.end()


if __name__ == "__main__":
    if sys.argv[1] == "peer":
        peer(sys.argv[2], sys.argv[3])
    else:
        main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 5)
