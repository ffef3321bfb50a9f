"""world: members, their cards and what they pay, made up from a seed: the files that the chain and its peer read.

A folder with requests/*.jsonl (a profile, a mandate and a membership of each member), cards.csv, transactions.csv (the nights of a
month), later.csv (one night of the next month) and world.json (what both must end with). The same arguments, the same bytes.
"""
import csv, json, os, random

COLUMNS = ("id type side status amount_cents currency created_at updated_at execution_date payment_id "
           "origin_transaction_id reference account_id card_id account_membership_id masked_pan authorization_type "
           "merchant_id merchant_name merchant_city merchant_country merchant_postal_code merchant_category_code "
           "merchant_category rejected_reason released_reason released_at pending_end_at booked_at value_date "
           "original_amount original_currency counterparty label external_reference return_reason").split()
CARD_COLUMNS = ("card_id type status created_at updated_at name masked_number e_commerce withdrawal international "
                "non_main_currency is_provisioned account_membership_id membership_status membership_email first_name "
                "last_name spending_limits").split()
ACCOUNT = "2f0ad1c4-51e2-4b6c-9a57-6d0f3b7e8c11"
NAMES = "Alix Basile Céleste Dorian Élise Fantine Gaspard Hélène Isaure Joël Kévin Lou Maïwenn Noémie Octave Prune".split()
FAMILIES = "Abadie Boyer Caron Da.Costa Évrard Fabre Giraud Hervé Imbert Joly Klein Lacroix Mallet Nguyên O'Brien Pons".split()
TOWNS = [("PARIS", "75012"), ("LYON", "69003"), ("LILLE", "59000"), ("NANTES", "44000"), ("NICE", "06000")]
TRADES = [("PHARMACIE", "5912"), ("OPTIQUE", "8043"), ("DENTISTE", "8021"), ("CLINIQUE", "8062"), ("LABO", "8071"),
          ("KINE", "8049"), ("MEDECIN", "8011")]
COME_BACK = 20        # of so many debits the bank returns one
REASONS = ["AM04", "AC04", "MS03", "MD06", "AC06"]
LEAST = 100           # cents: a smaller debt is not collected


def uuid(rng):
    """A random UUID of version 4."""
    n = rng.getrandbits(128) & ~(0xf << 76 | 0x3 << 62) | 4 << 76 | 2 << 62
    t = "%032x" % n
    return "-".join((t[:8], t[8:12], t[12:16], t[16:20], t[20:]))


def iban(rng):
    """A French one, with both of its check numbers right."""
    bank, desk, account = rng.randint(10000, 99998), rng.randint(0, 99998), rng.randint(1, 10**11 - 1)
    rib = 97 - (bank * 89 + desk * 15 + account * 3) % 97
    bban = "%05d%05d%011d%02d" % (bank, desk, account, rib)
    return "FR%02d" % (98 - int(bban + "152700") % 97) + bban


class Member:
    def __init__(self, rng, number):
        self.number = number
        self.name = rng.choice(NAMES) + " " + rng.choice(FAMILIES).replace(".", " ")
        self.iban = iban(rng)
        self.reference = "BENCH-%08d" % number
        self.signed = "2025-%02d-%02d" % (rng.randint(1, 12), rng.randint(1, 28))
        self.membership, self.card = uuid(rng), uuid(rng)
        self.cents = 0


class Shop:
    def __init__(self, rng, number):
        trade, self.code = rng.choice(TRADES)
        self.town, self.postcode = rng.choice(TOWNS)
        self.name = "%s %d" % (trade, number)
        self.id = "%015d" % (700000000 + number)


class Month:
    """The rows of one file, one after the other; a captured authorization and its debit stand some rows apart."""

    def __init__(self, rng, members, shops, month, days, paired, plain):
        self.rng, self.members, self.shops = rng, members, shops
        self.month, self.days, self.paired, self.plain = month, days, paired, plain
        self.waiting = []

    def make(self, rows):
        for left in range(rows, 0, -1):
            if self.waiting and (len(self.waiting) >= left or self.rng.random() < 0.2):
                yield self.waiting.pop(0)
            else:
                yield self.first_sight(left - len(self.waiting) > 1)

    def first_sight(self, has_room):
        """A row; where the transaction is reported twice, the second one waits."""
        rng = self.rng
        member, chance = rng.choice(self.members), rng.random()
        at = "2026-%02d-%02dT%02d:%02d:%02d.%03dZ" % (self.month, rng.choice(self.days), rng.randint(0, 23),
                                                      rng.randint(0, 59), rng.randint(0, 59), rng.randint(0, 899))
        about = (member, rng.choice(self.shops), rng.randint(120, 7000), at, uuid(rng))
        if has_room and rng.random() < self.paired:
            self.waiting.append(self.row(*about, "CardOutDebit", "Debit", "Booked"))
            return self.row(*about, "CardOutAuthorization", "Debit", "Released")
        if self.plain or chance > 0.06:
            return self.row(*about, "CardOutDebit", "Debit", "Booked")
        if chance > 0.02:
            return self.row(*about, "CardOutCredit", "Credit", "Booked")
        if chance > 0.01 or not has_room:
            return self.row(*about, "CardOutAuthorization", "Debit", "Rejected")
        early = self.row(*about, "CardOutDebit", "Debit", "Pending")
        member.cents -= about[2]
        self.waiting.append({**early, "status": "Booked", "booked_at": at, "updated_at": at[:-4] + "950Z"})
        return early

    def row(self, member, shop, cents, at, payment, kind, side, status):
        row = {"id": uuid(self.rng), "type": kind, "side": side, "status": status, "amount_cents": cents, "currency": "EUR",
               "created_at": at, "updated_at": at, "execution_date": at, "payment_id": payment, "reference": payment[:12],
               "account_id": ACCOUNT, "card_id": member.card, "account_membership_id": member.membership,
               "masked_pan": "531645******%04d" % (member.number % 10000), "authorization_type": "Classic",
               "merchant_id": shop.id, "merchant_name": shop.name, "merchant_city": shop.town, "merchant_country": "FRA",
               "merchant_postal_code": shop.postcode, "merchant_category_code": shop.code, "merchant_category": "InStore",
               "original_amount": "%d.%02d" % divmod(cents, 100), "original_currency": "EUR", "counterparty": shop.name,
               "label": "Carte " + shop.name}
        if status == "Booked":
            row["booked_at"] = at
            member.cents += cents if side == "Credit" else -cents
        elif status == "Rejected":
            row["rejected_reason"] = "InvalidPin"
        elif status == "Released":
            row.update(released_reason="Captured", released_at=at)
        return row


def put_table(path, columns, rows):
    with open(path, "w", encoding="utf-8", newline="") as out:
        table = csv.DictWriter(out, columns, restval="", lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def put_requests(folder, members):
    os.makedirs(folder, exist_ok=True)
    operations = {
        "declare_profile": lambda m: {},
        "declare_sepa_mandate": lambda m: {"debtor_name": m.name, "debtor_iban": m.iban, "debtor_country": "FRA",
                                           "unique_mandate_reference": m.reference, "signature_date": m.signed},
        "link_account_membership": lambda m: {"account_membership_id": m.membership},
    }
    for number, (operation, more) in enumerate(operations.items(), 1):
        path = os.path.join(folder, "%s.bench.20260105T170000Z.%d.jsonl" % (operation, number))
        with open(path, "w", encoding="utf-8") as out:
            for m in members:
                out.write(json.dumps({"message_id": "%s-%d" % (operation, m.number), "op": operation, "app_id": "alan",
                                      "app_user_id": str(m.number), **more(m)}, ensure_ascii=False) + "\n")


def cards_of(members):
    for m in members:
        yield {"card_id": m.card, "type": "Virtual", "status": "Enabled", "created_at": "2025-12-10T08:00:00.000Z",
               "updated_at": "2025-12-10T08:00:00.000Z", "name": "Carte", "masked_number": "531645******0001",
               "e_commerce": "true", "withdrawal": "true", "international": "true", "non_main_currency": "true",
               "is_provisioned": "true", "account_membership_id": m.membership, "membership_status": "Enabled",
               "membership_email": "m%d@example.org" % m.number, "first_name": "A", "last_name": "B",
               "spending_limits": "AccountHolder/Daily/40000/EUR"}


def make(folder, members, transactions, later, paired=0.0, seed=14):
    """Writes the world; returns what world.json says. paired: the part of the payments that are an authorization and a debit."""
    rng = random.Random("%d %d %d %s" % (seed, members, transactions, paired))
    people = [Member(rng, n) for n in range(1, members + 1)]
    shops = [Shop(rng, n) for n in range(1, 1 + max(20, transactions // 50))]
    os.makedirs(folder, exist_ok=True)
    put_requests(os.path.join(folder, "requests"), people)
    put_table(os.path.join(folder, "cards.csv"), CARD_COLUMNS, cards_of(people))
    month = Month(rng, people, shops, 1, range(1, 15), paired, False)
    put_table(os.path.join(folder, "transactions.csv"), COLUMNS, month.make(transactions))
    owed = {m.reference: -m.cents for m in people if -m.cents >= LEAST}
    back = sorted(owed)[::COME_BACK]
    balance = sum(m.cents for m in people)
    month = Month(rng, people, shops, 2, range(14, 17), paired, True)
    put_table(os.path.join(folder, "later.csv"), COLUMNS, month.make(later))
    facts = {"members": members, "transactions": transactions, "later": later, "balance": balance,
             "balance_after_later": sum(m.cents for m in people), "debits": len(owed), "debited": sum(owed.values()),
             "returns": {reference: REASONS[i % len(REASONS)] for i, reference in enumerate(back)},
             "returned": sum(owed[reference] for reference in back)}
    with open(os.path.join(folder, "world.json"), "w", encoding="utf-8") as out:
        json.dump(facts, out)
    return facts
