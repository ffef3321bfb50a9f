#!/usr/bin/env python3
"""night.py: what the nights cost: our programs, a peer in Python that keeps the same tables and does the same work, and the floor: what
the libraries alone need to read the same files (libcsv, libxml2) and to write the same rows (SQLite).

usage: night.py BINDIR TOOLS      TOOLS: the folder with the programs `measure`, `floor` and `reading`
QUICK=1    a small world, in some two minutes
BASE=DIR   another build, as one more column
ROUNDS=N TRANSACTIONS=N WORK=DIR   other than 5 (QUICK: 3), 1,000,000 (QUICK: 20,000), a temporary folder

CPU is the user and system time of whole processes, as the kernel counts it. In a round all take turns, stage by stage; the one
that begins is another one in each round. Figures are medians of the rounds, ratios medians of the ratios of each round: where
`peer divided by ours` is below 1, the peer is faster. Where counts or cents are not those of the world it ends at once; else nothing here
passes or fails.
"""
import datetime, glob, json, os, shutil, sqlite3, statistics, subprocess, sys, tempfile

import chain, world

QUICK = os.environ.get("QUICK", "") not in ("", "0")
TRANSACTIONS = int(os.environ.get("TRANSACTIONS") or (20000 if QUICK else 1000000))
ROUNDS = int(os.environ.get("ROUNDS") or (3 if QUICK else 5))
UNITS = {"intake": "record", "supports": "card", "post": "row", "assign": "row", "freeze": "debt", "collect": "debit", "notify": "message",
         "first audit": "transaction", "approve": "debit", "release": "debit", "upload": "debit", "credits": "credit", "returns": "return",
         "assign returns": "return", "export": "transaction", "audit": "transaction", "quiet export": "transaction",
         "quiet audit": "transaction", "full audit": "transaction", "query": "query"}
NIGHT = ("intake", "supports", "post", "assign", "freeze", "collect", "notify", "first audit", "credits", "returns", "export")
FLOORS = ("intake", "supports", "post", "assign", "freeze", "collect", "notify", "credits", "returns", "later post")
SEPA_XML = """
const SepaXML = require('sepa-xml'), fs = require('fs'), file = new SepaXML('pain.008.001.02');
file.setHeaderInfo({messageId: 'BENCH-1', initiator: 'Alan SA'});
file.setPaymentInfo({when: new Date('2026-02-10'), id: 'BENCH-1-1', method: 'DD', creditorName: 'Alan SA', batchBooking: false,
	creditorIBAN: 'FR7630006000011234567890189', creditorIdentifier: 'FR72ZZZ123456', bic: 'AGRIFRPPXXX'});
for (const debit of JSON.parse(fs.readFileSync(process.argv[1])))
	file.addTransaction({...debit, bic: 'AGRIFRPPXXX', description: 'Alan Pay'});
file.compile((error, text) => { if (error) throw error; fs.writeFileSync(process.argv[2], text); });
"""
HERE = os.path.dirname(os.path.abspath(__file__))


class Peer:
    """The same steps by peer.py; a step that it does not have comes without a cost."""

    def __init__(self, python, place, work, tool):
        self.python, self.world, self.work, self.tool = python, place, work, tool
        self.home, self.empty, self.logs = os.path.join(work, "home"), os.path.join(work, "empty"), 0
        with open(os.path.join(place, "world.json"), encoding="utf-8") as facts:
            self.facts = json.load(facts)
        shutil.rmtree(work, ignore_errors=True)
        os.makedirs(work)

    def stage(self, name, units, day, *file, home=None):
        self.logs += 1
        return chain.measure(self.tool, [self.python, os.path.join(HERE, "peer.py"), name, home or self.home, self.world, day, *file],
                             units, os.path.join(self.work, "%03d" % self.logs), (0,))

    def members(self, home):
        members = self.facts["members"]
        yield "intake", self.stage("intake", 3 * members, chain.POSTED, home=home)
        yield "supports", self.stage("supports", members, chain.POSTED, self.world + "/cards.csv", home=home)

    def bank_answers(self):
        folder = self.home + "/out/sepa/2026-02-10_20260131-1/v1/"
        path = folder + next(name for name in sorted(os.listdir(folder)) if name.endswith(".xml"))
        debits = chain.read_debits(path)
        if (len(debits), sum(debit[1] for debit in debits)) != (self.facts["debits"], self.facts["debited"]):
            sys.exit("peer.py makes other debits than the world has")
        for step in ("approve", "approve", "release", "upload"):
            yield step, None
        reasons = self.facts["returns"]
        report = os.path.join(self.work, "CREDITS-1.xml")
        chain.write_report(report, "CREDITS-1", "2026-02-10", debits, None)
        yield "credits", self.stage("reconcile", len(debits), chain.PAID, report)
        back, report = [debit for debit in debits if debit[2] in reasons], os.path.join(self.work, "RETURNS-1.xml")
        chain.write_report(report, "RETURNS-1", "2026-02-12", back, reasons)
        yield "returns", self.stage("reconcile", len(back), chain.RETURNED, report)

    def steps(self):
        n, debits, transactions = self.facts["transactions"], self.facts["debits"], self.world + "/transactions.csv"
        yield from self.members(self.home)
        yield "post", self.stage("post", n, chain.POSTED, transactions)
        yield "assign", self.stage("debts", n, chain.POSTED)
        yield "freeze", self.stage("debts", debits, chain.FROZEN)
        yield "collect", self.stage("collect", debits, chain.FROZEN)
        yield "notify", self.stage("notify", debits, chain.SENT)
        yield "first audit", self.stage("audit", n, chain.SENT)
        yield from self.bank_answers()
        yield "assign returns", self.stage("debts", len(self.facts["returns"]), chain.RETURNED)
        yield "export", self.stage("export", n, chain.RETURNED)
        yield "audit", self.stage("audit", n, chain.RETURNED)
        yield "quiet export", self.stage("export", n, chain.QUIET)
        yield "quiet audit", self.stage("audit", n, chain.QUIET)
        yield "full audit", self.stage("audit", n, chain.QUIET, "full")
        yield "query", None
        yield from self.later_nights()
        self.check()

    def later_nights(self):
        for _ in self.members(self.empty):
            pass
        for stage in ("debts", "collect", "audit", "export"):
            self.stage(stage, 1, chain.QUIET, home=self.empty)
        for title, home in (("later", self.home), ("empty", self.empty)):
            yield title + " post", self.stage("post", self.facts["later"], chain.LATER, self.world + "/later.csv", home=home)
            for stage in ("debts", "collect", "notify", "export", "audit"):
                yield title + " " + stage, self.stage(stage, self.facts["later"], chain.LATER, home=home)

    def check(self):
        with sqlite3.connect(self.home + "/books.db") as db:
            is_now, = db.execute("SELECT sum(balance) FROM profile").fetchone()
        if is_now != self.facts["balance_after_later"] + self.facts["debited"] - self.facts["returned"]:
            sys.exit("peer.py ends with other balances than the world")


# --- rounds -----------------------------------------------------------------------------------------------------------

class Bench:
    def __init__(self, build, tools, work):
        self.builds = {"ours": build, **({"base": os.environ["BASE"]} if os.environ.get("BASE") else {})}
        self.tool, self.floor, self.reading, self.work = *(os.path.join(tools, name) for name in ("measure", "floor", "reading")), work
        self.python = next((p for p in (sys.executable, "/usr/bin/python3") if has_lxml(p)), None)
        self.bytes = {}

    def players(self, place):
        for name, build in self.builds.items():
            yield name, chain.Chain(build, place, os.path.join(self.work, name), self.tool)
        if self.python:
            yield "peer", Peer(self.python, place, os.path.join(self.work, "peer"), self.tool)

    def play(self, place, number, until=None):
        """One round: {player: {step: cost}}."""
        players = dict(self.players(place))
        order = list(players)
        order = order[number % len(order):] + order[:number % len(order)]
        steps = {name: player.steps() for name, player in players.items()}
        costs = {name: {} for name in players}
        while True:
            for name in order:
                step, cost = next(steps[name], (None, None))
                costs[name].setdefault(step, []).append(cost)
            if step in (None, until):
                break
        for name, player in players.items():
            if name != "peer" and not until:
                self.bytes[name] = player.database() / player.facts["transactions"]
        return {name: {step: merge(found) for step, found in of.items()} for name, of in costs.items()}

    def rounds(self, place, until=None):
        return [self.play(place, number, until) for number in range(ROUNDS)]

    def floor_of(self, step, files):
        """Seconds of CPU: to read the files, and to write what the stage wrote between before.db and after.db."""
        spent = 0
        if files:
            spent += chain.measure(self.tool, [self.reading, *files], 1, os.path.join(self.work, "reading"), (0,)).cpu
        if step in FLOORS:
            done = subprocess.run([self.floor, *(os.path.join(self.work, name + ".db") for name in ("before", "after", "copy"))],
                                  capture_output=True, text=True, check=True)
            spent += float(done.stdout.split()[0])
        return spent

    def find_floors(self, place):
        """us for a unit: what each stage reads by a library, and what it wrote."""
        player, floors = chain.Chain(self.builds["ours"], place, os.path.join(self.work, "floor"), self.tool), {}
        before, after = (os.path.join(self.work, name + ".db") for name in ("before", "after"))
        subprocess.run([os.path.join(player.build, "alanpay"), "init", "--environment", "test", "--home", player.work + "/new"],
                       stdout=subprocess.DEVNULL, check=True)
        save(player.work + "/new", before)
        for step, cost in player.steps():
            if step.startswith("empty"):
                break
            save(player.home, after)
            files = files_of(step, player)
            if step in FLOORS or files:
                floors[step] = self.floor_of(step, files) / max(cost.units, 1) * 1e6
            os.replace(after, before)
        return floors


def files_of(step, player):
    """What a stage reads by a library, or checks against a schema."""
    if step in ("credits", "returns"):
        return there("%s/archive/**/*%s-1*.xml" % (player.home, step.upper()))
    if step == "collect":
        return [os.path.join(HERE, "../../formats/xsd/pain.008.001.08.xsd"), *there(player.home + "/out/sepa/*/*/SDD-*.xml")]
    if step == "full audit":
        return [player.home + "/state/alanpay.db", *there(player.home + "/out/exports/latest/*.csv")]
    name = {"supports": "cards.csv", "post": "transactions.csv", "later post": "later.csv"}.get(step)
    return [os.path.join(player.world, name)] if name else []


def there(pattern):
    return glob.glob(pattern, recursive=True) or sys.exit("night.py: there is no " + pattern)


def has_lxml(python):
    return os.path.exists(python) and subprocess.run([python, "-c", "import lxml.etree"], stderr=subprocess.DEVNULL).returncode == 0


def merge(costs):
    """A step that is done twice, as two approvals, is one."""
    costs = [cost for cost in costs if cost is not None]
    if not costs:
        return None
    return chain.Cost(sum(c.cpu for c in costs), sum(c.wall for c in costs), max(c.memory for c in costs), costs[0].units)


def save(home, path):
    for end in ("", "-wal", "-shm"):
        if os.path.exists(path + end):
            os.remove(path + end)
    with sqlite3.connect(home + "/state/alanpay.db") as db, sqlite3.connect(path) as copy:
        db.backup(copy)


# --- the table --------------------------------------------------------------------------------------------------------

class Figures:
    """Medians of rounds."""

    def __init__(self, rounds):
        self.rounds = rounds

    def each(self, name, step):
        costs = [r[name][step] for r in self.rounds if r.get(name, {}).get(step)]
        return statistics.median(cost.each() for cost in costs) if costs else None

    def memory(self, name, step):
        costs = [r[name][step] for r in self.rounds if r.get(name, {}).get(step)]
        return max(cost.memory for cost in costs) if costs else None

    def ratio(self, a, b, steps):
        """The CPU of a divided by that of b, for the steps that both have."""
        ratios = []
        for r in self.rounds:
            both = [s for s in steps if r.get(a, {}).get(s) and r.get(b, {}).get(s)]
            if both:
                ratios.append(sum(r[a][s].cpu for s in both) / sum(r[b][s].cpu for s in both))
        return statistics.median(ratios) if ratios else None

    def units(self, step):
        return self.rounds[0]["ours"][step].units

    def seconds(self, name, steps):
        return statistics.median(sum(r[name][s].cpu for s in steps if r[name].get(s)) for r in self.rounds) if self.rounds[0].get(name) else None


def number(value, form="%.1f"):
    return form % value if value is not None else "-"


def print_sepa_xml(bench, place, large):
    """The file of debits alone, by sepa-xml (npm): neither lists nor schema, nothing is stored."""
    node, debits = shutil.which("node"), []
    if not node or subprocess.run([node, "-e", "require('sepa-xml')"], stderr=subprocess.DEVNULL).returncode != 0:
        print("# skipped: sepa-xml, which `node` cannot load (npm install sepa-xml; NODE_PATH)")
        return
    with open(place + "/requests/declare_sepa_mandate.bench.20260105T170000Z.2.jsonl", encoding="utf-8") as lines:
        for line in lines:
            m = json.loads(line)
            debits.append({"id": m["message_id"][-20:], "amount": "86.00", "mandateId": m["unique_mandate_reference"], "name": m["debtor_name"],
                           "mandateSignatureDate": m["signature_date"], "iban": m["debtor_iban"]})
    path = os.path.join(bench.work, "debits.json")
    with open(path, "w", encoding="utf-8") as out:
        json.dump(debits, out)
    each = statistics.median(chain.measure(bench.tool, [node, "-e", SEPA_XML, path, path + ".xml"], len(debits), path + ".log", (0,)).each()
                             for _ in range(ROUNDS))
    print("sepa-xml (npm), the XML alone: %.1f us a debit, %.2f of our collect" % (each, each / large.each("ours", "collect")))


def put_row(*cells):
    print("%-16s %-12s" % cells[:2] + "".join("%13s" % cell for cell in cells[2:]))


def put_head(*cells):
    """In two lines: what stands before a | and what after it."""
    put_row("", "", *(cell.partition("|")[0] if "|" in cell else "" for cell in cells[2:]))
    put_row(*cells[:2], *(cell.rpartition("|")[2] for cell in cells[2:]))


def print_stages(bench, large, small, floors):
    has_base = "base" in bench.builds
    put_head("stage", "unit", "ours us", "peer us", "peer divided|by ours", *(("base us", "ours divided|by base") if has_base else ()), "floor us", "growth", "MB", "peer MB")
    for step, unit in UNITS.items():
        ours, less = large.each("ours", step), small.each("ours", step)
        put_row(step, unit, number(ours), number(large.each("peer", step)), number(large.ratio("peer", "ours", [step]), "%.2f"),
                *((number(large.each("base", step)), number(large.ratio("ours", "base", [step]), "%.2f")) if has_base else ()),
                number(floors.get(step)), number(ours / less if less else None, "%.2f"), number(large.memory("ours", step)),
                number(large.memory("peer", step)))
    put_row("the night", "seconds", number(large.seconds("ours", NIGHT), "%.2f"), number(large.seconds("peer", NIGHT), "%.2f"),
            number(large.ratio("peer", "ours", NIGHT), "%.2f"),
            *((number(large.seconds("base", NIGHT), "%.2f"), number(large.ratio("ours", "base", NIGHT), "%.2f")) if has_base else ()),
            number(sum(floors[step] * large.units(step) for step in NIGHT if step in floors) / 1e6, "%.2f"))
    print("the night: %s\n" % ", ".join(NIGHT))


def print_later(bench, large, floors):
    stages = ("post", "debts", "collect", "notify", "export", "audit")
    names = [name for name in ("ours", "peer", "base") if name in large.rounds[0]]
    put_head("a later night", "", *(head for name in names for head in (name + " old", "empty", "old divided|by empty")), "floor us")
    for stage in (*stages, "all"):
        cells = []
        for name in names:
            pairs = [(sum(r[name]["later " + s].cpu for s in stages if stage in (s, "all")), sum(r[name]["empty " + s].cpu for s in stages if stage in (s, "all")),
                      r[name]["later post"].units) for r in large.rounds]
            cells += [number(statistics.median(p[i] / p[2] * 1e6 for p in pairs)) for i in (0, 1)]
            cells.append(number(statistics.median(p[0] / p[1] for p in pairs), "%.2f"))
        put_row("later " + stage, "row", *cells, number(floors.get("later " + stage)))
    print("us for a new row: on the old books, of the night above, on empty ones, of the same members that had paid nothing, and the first divided by"
          " the second\n")


def print_pairs(bench, paired):
    put_head("authorized, then", "", "ours us", "peer us", "peer divided|by ours", *(("base us", "ours divided|by base") if "base" in bench.builds else ()))
    put_row("debited: post", "row", number(paired.each("ours", "post")), number(paired.each("peer", "post")),
            number(paired.ratio("peer", "ours", ["post"]), "%.2f"), *((number(paired.each("base", "post")),
                                                                      number(paired.ratio("ours", "base", ["post"]), "%.2f")) if "base" in bench.builds else ()))
    print()


def main():
    work = os.environ.get("WORK") or tempfile.mkdtemp(prefix="alanpay-bench.")
    bench = Bench(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), work)
    later, members = max(300, min(10000, TRANSACTIONS // 10)), TRANSACTIONS // 10
    places = {name: os.path.join(work, "world-" + name) for name in ("large", "small", "paired")}
    world.make(places["large"], members, TRANSACTIONS, later)
    world.make(places["small"], max(10, members // 10), TRANSACTIONS // 10, later)
    world.make(places["paired"], members // 10, TRANSACTIONS // 10, 1, paired=1.0)
    print("# %s: %d members, %d transactions, a later night of %d; %d rounds, taking turns" % (
        datetime.date.today(), members, TRANSACTIONS, later, ROUNDS))
    print("# us: microseconds of CPU for a unit; where peer divided by ours is below 1, the peer is faster; where ours divided by base is, ours is;"
          " growth: the cost of a unit here divided by that with %d transactions" % (TRANSACTIONS // 10))
    if not bench.python:
        print("# skipped: the peer, which needs python3-lxml")
    large, sizes = Figures(bench.rounds(places["large"])), dict(bench.bytes)
    small = Figures(bench.rounds(places["small"]))
    paired = Figures(bench.rounds(places["paired"], until="post"))
    floors = bench.find_floors(places["large"])
    print_stages(bench, large, small, floors)
    print_later(bench, large, floors)
    print_pairs(bench, paired)
    print_sepa_xml(bench, places["large"], large)
    for name in bench.builds:
        print("%s: peak memory %.1f MB, with a tenth of the transactions %.1f MB" % (
            name, *(max(f.memory(name, s) for s in (*UNITS, "later audit")) for f in (large, small))))
    print("bytes of the database a transaction, members and bank included: " + ", ".join("%s %.0f" % item for item in sizes.items()))
    if not os.environ.get("WORK"):
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
