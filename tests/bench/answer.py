#!/usr/bin/env python3
"""answer.py: what reading a bank's report costs, against the parser alone and against fast-xml-parser.

usage: answer.py ANSWER [ENTRIES [ROUNDS]]

One camt.053 of 100,000 entries. We read it and hand on each entry; libxml2's parser alone calls handlers that do nothing;
fast-xml-parser (npm) makes an object of it, with no meaning yet. It is left out where `node` cannot load it: install it into a
folder, and put that folder's node_modules into NODE_PATH. CPU is user and system time of the whole process; runs take turns,
and the medians are printed. Nothing here passes or fails.
"""
import os, shutil, statistics, subprocess, sys, tempfile

SCRIPT = ("const {XMLParser} = require('fast-xml-parser'); const fs = require('fs');"
          "const o = new XMLParser({ignoreAttributes: false}).parse(fs.readFileSync(process.argv[1]));"
          "console.log(o.Document.BkToCstmrStmt.Stmt.Ntry.length)")


def measure(command):
    """CPU seconds and peak MB of one process."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit("%s ended with status %d" % (command[0], status))
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main(program, entries, rounds):
    work = tempfile.mkdtemp(prefix="alanpay-bench.")
    path = os.path.join(work, "camt.053.xml")
    try:
        with open(path, "wb") as f:
            subprocess.run([program, "make", str(entries)], stdout=f, check=True)
        runs = [("ours", [program, "ours", path]), ("bare SAX2 parse", [program, "bare", path])]
        node = shutil.which("node")
        if node and subprocess.run([node, "-e", "require('fast-xml-parser')"], stderr=subprocess.DEVNULL).returncode == 0:
            runs.append(("fast-xml-parser", [node, "--max-old-space-size=4096", "-e", SCRIPT, path]))
        else:
            print("skipped: fast-xml-parser is not here")
        seen = [[measure(command) for _, command in runs] for _ in range(rounds)]
        print("%d entries, %.0f MB" % (entries, os.path.getsize(path) / 1e6))
        for at, (name, _) in enumerate(runs):
            print("report / %-16s CPU %.2f s   peak %.0f MB   ours is %.2f of it" % (
                name, statistics.median(s[at][0] for s in seen), max(s[at][1] for s in seen),
                statistics.median(s[0][0] / s[at][0] for s in seen)))
        few, many = (statistics.median(measure([program, "keys", str(n)])[0] for _ in range(rounds)) for n in (100000, 800000))
        print("json keys / 8 times as many   %.1f times the CPU (64 if each were compared with each)" % (many / max(few, 0.001)))
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100000, int(sys.argv[3]) if len(sys.argv) > 3 else 5)
