"""chain: one build of the programs plays the nights of a world; each step is a process, and what it cost is kept.

It asks the programs, their files and their exports alone, so that it plays a build of any schema. The release log is on.
"""
import csv, glob, json, os, re, shutil, sqlite3, subprocess, sys

SETTINGS = """[creditor]
name = Alan SA
identifier = FR72ZZZ123456
iban = FR7630006000011234567890189
[bank]
batch_booking = no
[release]
identity = any
max_debit_cents = 99999999
max_total_cents = 99999999999
max_debits = 9999999
[notifications]
file_dates = published
[environment]
name = test
"""
OWN_IBAN = "FR7630006000011234567890189"
POSTED, FROZEN, SENT, PAID, RETURNED, QUIET, LATER = (
    "2026-01-16", "2026-02-04", "2026-02-05", "2026-02-11", "2026-02-13", "2026-02-14", "2026-02-17")


class Cost:
    """What a process took: seconds of CPU, peak memory in MB; and of how many units."""

    def __init__(self, cpu, wall, memory, units):
        self.cpu, self.wall, self.memory, self.units = cpu, wall, memory, units

    def each(self):
        return self.cpu / max(self.units, 1) * 1e6


def measure(tool, command, units, log, good=(0, 3)):
    """Runs the command by tests/bench/measure.c; its output goes to the file `log`."""
    with open(log, "wb") as out:
        subprocess.run([tool, log + ".cost", *command], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                       check=True)
    with open(log + ".cost", encoding="ascii") as cost:
        status, user, system, wall, memory = (float(word) for word in cost.read().split())
    if int(status) not in good:
        with open(log, encoding="utf-8", errors="replace") as out:
            sys.exit("%s\nended with %d: %s" % (" ".join(command), status, out.read()[-1500:]))
    return Cost(user + system, wall, memory / 1024, units)


def read_debits(path):
    """The debits of a pain.008: end-to-end id, cents, mandate, block."""
    block, debits = None, []
    pattern = re.compile(rb"<PmtInfId>([^<]+)|<EndToEndId>([^<]+)|<InstdAmt[^>]*>(\d+)\.(\d\d)|<MndtId>([^<]+)")
    with open(path, "rb") as file:
        for found in pattern.finditer(file.read()):
            info, end, euros, cents, mandate = found.groups()
            if info:
                block = info.decode()
            elif end:
                debits.append([end.decode(), 0, None, block])
            elif euros:
                debits[-1][1] = int(euros + cents)
            else:
                debits[-1][2] = mandate.decode()
    return debits


def write_report(path, name, day, debits, reasons):
    """A camt.054: a credit for each debit or, with reasons (by mandate), its return."""
    with open(path + ".part", "w", encoding="utf-8") as out:
        out.write('<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>%s</MsgId>'
                  "<CreDtTm>%sT20:00:00</CreDtTm></GrpHdr><Ntfctn><Id>%s</Id><CreDtTm>%sT20:00:00</CreDtTm><Acct><Id><IBAN>%s</IBAN>"
                  "</Id><Ccy>EUR</Ccy></Acct>\n" % (name, day, name, day, OWN_IBAN))
        for number, (end, cents, mandate, block) in enumerate(debits):
            amount = '<Amt Ccy="EUR">%d.%02d</Amt><CdtDbtInd>%s</CdtDbtInd>' % (*divmod(cents, 100), "DBIT" if reasons else "CRDT")
            out.write("<Ntry>%s%s<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>%s</Dt></BookgDt><ValDt><Dt>%s</Dt></ValDt><AcctSvcrRef>%s%09d"
                      "</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>IDDT</Cd><SubFmlyCd>%s</SubFmlyCd></Fmly></Domn></BkTxCd>"
                      "<NtryDtls><TxDtls><Refs>%s<EndToEndId>%s</EndToEndId><MndtId>%s</MndtId></Refs>%s%s</TxDtls></NtryDtls>"
                      "</Ntry>\n" % (amount, "<RvslInd>true</RvslInd>" if reasons else "", day, day, name[:3], number,
                                     "UPDD" if reasons else "ESDD", "" if reasons else "<PmtInfId>%s</PmtInfId>" % block, end, mandate,
                                     amount, "<RtrInf><Rsn><Cd>%s</Cd></Rsn></RtrInf>" % reasons[mandate] if reasons else ""))
        out.write("</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>\n")
    os.rename(path + ".part", path)


class Chain:
    """The nights of a world in a home below `work`. `steps` is a generator: each step of it is a name and a cost."""

    def __init__(self, build, world, work, tool):
        self.build, self.world, self.work, self.tool = build, world, work, tool
        self.home, self.empty = os.path.join(work, "home"), os.path.join(work, "empty")
        self.logs = 0
        with open(os.path.join(world, "world.json"), encoding="utf-8") as facts:
            self.facts = json.load(facts)
        shutil.rmtree(work, ignore_errors=True)
        os.makedirs(work)

    # --- one process ------------------------------------------------------------------------------------------------

    def run(self, units, program, *words, home=None, day=POSTED, clock="02:00", who="scheduler"):
        self.logs += 1
        command = [os.path.join(self.build, program), *words, "--home", home or self.home, "--date", day,
                   "--now", "%sT%s:00Z" % (day, clock), "--as", who]
        return measure(self.tool, command, units, os.path.join(self.work, "%03d" % self.logs))

    def stage(self, name, units, day, *words, home=None):
        return self.run(units, "alanpay-" + name, *words, home=home, day=day)

    def make_home(self, home):
        subprocess.run([os.path.join(self.build, "alanpay"), "init", "--environment", "test", "--home", home, "--store-id", "00000014",
                        "--now", "2026-01-01T00:00:00Z"], check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(home, "alanpay.ini"), "w", encoding="utf-8") as out:
            out.write(SETTINGS)
        for path in sorted(glob.glob(self.world + "/requests/*")):
            shutil.copy(path, home + "/inbox/requests/")

    # --- the nights -------------------------------------------------------------------------------------------------

    def first_night(self, home):
        members, n = self.facts["members"], self.facts["transactions"]
        self.make_home(home)
        yield "intake", self.stage("intake", 3 * members, POSTED, home=home)
        yield "supports", self.stage("post", members, POSTED, "--payment-supports", self.world + "/cards.csv", home=home)
        if home == self.home:
            yield "post", self.stage("post", n, POSTED, "--transactions", self.world + "/transactions.csv")
            yield "assign", self.stage("debts", n, POSTED)

    def hand_over(self, path):
        """What finance does with a file of debits."""
        debits = read_debits(path)
        cents = sum(debit[1] for debit in debits)
        file = ("--file", re.search(r"<MsgId>([^<]+)", open(path, encoding="utf-8").read(4000)).group(1))
        count = ("--count", str(len(debits)), "--total", "%d.%02d" % divmod(cents, 100))
        for who, clock in (("ada", "08:00"), ("ben", "08:10")):
            yield "approve", self.run(len(debits), "alanpay", "sepa", "approve", *file, *count, day=SENT, clock=clock, who=who)
        yield "release", self.run(len(debits), "alanpay", "sepa", "release", *file, day=SENT, clock="08:20", who="ben")
        yield "upload", self.run(len(debits), "alanpay", "sepa", "mark-uploaded", *file, "--bank-reference", "B-1", day=SENT,
                                 clock="08:30", who="ada")

    def bank_answers(self, debits):
        write_report(self.home + "/inbox/bank/CREDITS-1.xml", "CREDITS-1", "2026-02-10", debits, None)
        yield "credits", self.stage("reconcile", len(debits), PAID)
        back = [debit for debit in debits if debit[2] in self.facts["returns"]]
        write_report(self.home + "/inbox/bank/RETURNS-1.xml", "RETURNS-1", "2026-02-12", back, self.facts["returns"])
        yield "returns", self.stage("reconcile", len(back), RETURNED)
        self.require("debits", (len(debits), sum(debit[1] for debit in debits)), (self.facts["debits"], self.facts["debited"]))

    def steps(self):
        n, debits = self.facts["transactions"], self.facts["debits"]
        yield from self.first_night(self.home)
        yield "freeze", self.stage("debts", debits, FROZEN)
        yield "collect", self.stage("collect", debits, FROZEN)
        yield "notify", self.stage("notify", debits, SENT)
        yield "first audit", self.stage("audit", n, SENT)
        files = glob.glob(self.home + "/out/sepa/*/*/SDD-*.xml")
        for path in files:
            yield from self.hand_over(path)
        yield from self.bank_answers([debit for path in files for debit in read_debits(path)])
        yield "assign returns", self.stage("debts", len(self.facts["returns"]), RETURNED)
        yield "export", self.stage("export", n, RETURNED)
        yield "audit", self.stage("audit", n, RETURNED)
        yield "quiet export", self.stage("export", n, QUIET)
        yield "quiet audit", self.stage("audit", n, QUIET)
        yield "full audit", self.stage("audit", n, QUIET, "--full")
        yield "query", self.run(1, "alanpay", "query", "get_alan_balance_transactions", "--app-id", "alan", "--app-user-id",
                                str(self.facts["members"] // 2), day=QUIET)
        self.require_balances(self.facts["balance"], self.facts["debited"] - self.facts["returned"])
        yield from self.later_nights()

    def later_nights(self):
        """One night on these books, and on those of the same members that paid nothing before."""
        for _ in self.first_night(self.empty):
            pass
        for stage in ("debts", "collect", "audit", "export"):
            self.stage(stage, 1, QUIET, home=self.empty)
        n = self.facts["later"]
        for title, home in (("later", self.home), ("empty", self.empty)):
            yield title + " post", self.stage("post", n, LATER, "--transactions", self.world + "/later.csv", home=home)
            for stage in ("debts", "collect", "notify", "export", "audit"):
                yield title + " " + stage, self.stage(stage, n, LATER, home=home)
        self.require_balances(self.facts["balance_after_later"], self.facts["debited"] - self.facts["returned"])

    # --- that all did the same --------------------------------------------------------------------------------------

    def require(self, what, is_now, must_be):
        if is_now != must_be:
            sys.exit("%s: %s are %s and must be %s" % (self.build, what, is_now, must_be))

    def require_balances(self, posted, recovered):
        with open(self.home + "/out/exports/latest/balances.csv", encoding="utf-8", newline="") as table:
            self.require("balances", sum(int(row["amount_in_cents"]) for row in csv.DictReader(table)), posted + recovered)

    def database(self, home=None):
        """Bytes of the database with its write-ahead log."""
        with sqlite3.connect("file:%s/state/alanpay.db?mode=ro" % (home or self.home), uri=True) as db:
            return db.execute("PRAGMA page_count").fetchone()[0] * db.execute("PRAGMA page_size").fetchone()[0]
