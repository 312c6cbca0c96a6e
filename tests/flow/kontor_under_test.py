"""Kontor as a test meets it: a folder with its configuration, its commands, its running nodes.

Tests wait for named conditions with a deadline and never just sleep. The program under test is
KONTOR_BIN. Partners are the stand-ins of tests/sandbox. The database is SQLite; with
KONTOR_TEST_DATABASE=postgresql or mariadb one on a server that is started for this process.
"""
import collections
import decimal
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
SANDBOX = os.path.join(HERE, "..", "sandbox")
sys.path[:0] = [SANDBOX, os.path.join(HERE, "..", "realdata")]
import check  # noqa: E402
import database_server  # noqa: E402
import orders  # noqa: E402
from databases import DATABASE, ServerDatabase, database_of, the_server  # noqa: E402
from catalogue import MEDIA_BASE, Catalogue  # noqa: E402
from images import ImageServer  # noqa: E402
from standin import StandIn  # noqa: E402

SAP_PATH = "/sap/bc/srt/rfc/sap/kontor_z/100/kontor_z/kontor_z"
SAP_LOGIN = ("KONTOR", "geheim-sap")
SHOP_LOGIN = ("ck_sandbox", "cs_sandbox")
KEEP = bool(os.environ.get("KONTOR_TEST_KEEP"))        # keeps the folders for a look afterwards

# Failures come back after a second each time, so that the third one is soon there.
QUICK = {"retry": {"first": "1s", "most": "1s", "settle": "1s"}}

FEEDS = ("catalogue", "prices", "stock", "categories", "customers")
EVERY_SECOND = {feed: "1s" for feed in FEEDS}
BY_HAND = {feed: "0s" for feed in (*FEEDS, "documents")}
NO_BRAKES = {"delete_percent": 0, "price_percent": 0}
KEYS = {"price": ("PRICE_ID",), "article": ("MATNR",), "stock": ("MATNR", "PLANT"),
        "category": ("ID",)}

# What a finished order carries in the shop.
NUMBER, KEY, TOTAL = "kontor_erp_number", "kontor_key", "kontor_erp_total"

Done = collections.namedtuple("Done", "status out err")


class NotYet(AssertionError):
    """A condition that did not come true in time."""


def wait_for(what, condition, deadline_s=20, alive=()):
    """Asks until the condition is true and returns its value. `alive`: nodes that must not die."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        for node in alive:
            if not node.is_alive():
                raise NotYet(f"{node.name} ended while waiting for {what}\n{node.tail()}")
        if time.monotonic() > end:
            raise NotYet(f"not within {deadline_s} s: {what}\n"
                         + "\n".join(node.tail() for node in alive))
        time.sleep(0.03)


def program():
    return os.environ.get("KONTOR_BIN", "")


def need_program():
    """Ends with 77, which counts as skipped, where there is nothing to test, or where the server
    that is asked for cannot be had."""
    if not os.access(program(), os.X_OK):
        print(f"skipped: KONTOR_BIN names no program ({program() or 'it is not set'})")
        sys.exit(database_server.SKIP)
    if DATABASE != "sqlite":
        try:
            the_server()
        except database_server.Absent as why:
            print(f"skipped: {why}")
            sys.exit(database_server.SKIP)


only_sqlite = unittest.skipUnless(DATABASE == "sqlite", "about SQLite's file")


def main():
    need_program()
    unittest.main(verbosity=2)


def make_folder(what):
    folder = tempfile.mkdtemp(prefix=f"kontor-{what}-")
    return folder


def drop_folder(folder):
    if KEEP:
        print(f"kept: {folder}", file=sys.stderr)
    else:
        shutil.rmtree(folder, ignore_errors=True)


# ---- partners

def start_sap(folder, *options, articles=60, settings=None, context=None, media=None):
    """The SAP stand-in over a fresh catalogue in folder/data; its documents survive a restart.
    media: URL of an image server; then the catalogue is the wide one, with its pictures there."""
    data = os.path.join(folder, "data")
    if not os.path.exists(data):
        made = Catalogue(articles=articles, variants=media is not None)
        for row in made.articles:
            for picture in row.get("MEDIA", ()):
                picture["URL"] = picture["URL"].replace(MEDIA_BASE, f"{media}/")
        made.write(data)
    if settings:
        path = os.path.join(data, "settings.json")
        with open(path, encoding="utf-8") as file:
            known = json.load(file)
        with open(path, "w", encoding="utf-8") as file:
            json.dump(dict(known, **settings), file)
    words = [*options] if "--port" in options else ["--port", "0", *options]
    return StandIn("sap.py", "--data", data, "--state", os.path.join(folder, "sap.jsonl"),
                   "--user", SAP_LOGIN[0], "--password", SAP_LOGIN[1], *words,
                   context=context).start()


def start_shop(folder, *options, context=None):
    return StandIn("wcv3.py", "--state", os.path.join(folder, "shop.jsonl"), *options,
                   context=context).start()


def trusting_nobody():
    """For the test's own control calls: it started the stand-in itself and knows who is there."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def goods_of(folder):
    """What can be ordered, as far as SAP itself would take the same price for it."""
    return [g for g in orders.goods_from_data(os.path.join(folder, "data")) if g.exact]


def meta(order):
    return {m["key"]: m["value"] for m in order["meta_data"]}


def number_of(order):
    return meta(order).get(NUMBER)


# ---- one installation

def fast_settings(sap, shop, **more):
    """Everything as short as the settings allow, so that failures are over quickly."""
    erp = {"adapter": "sap", "scope": "kts-100", "page": 500,
           "connection": {"url": sap.url + SAP_PATH, "user": SAP_LOGIN[0],
                          "password": "env:KONTOR_TEST_SAP", "timeout": "1s",
                          "connect_timeout": "1s", "sales_org": "1000",
                          "distribution_channel": "10", "division": "00", "doc_type": "ZWEB",
                          "one_time_customer": "900000"},
           "every": EVERY_SECOND}
    channel = {"adapter": "woocommerce", "erp": "main",
               "connection": {"url": shop.url, "consumer_key": SHOP_LOGIN[0],
                              "consumer_secret": "env:KONTOR_TEST_SHOP", "timeout": "2s",
                              "connect_timeout": "1s"},
               "language": "de", "fallback_language": "en", "market": "DE",
               "zone": "Europe/Berlin", "currency": "EUR", "price_list": "00",
               "orders": {"take": True, "every": "1s", "from": "2020-01-01T00:00:00Z"}}
    settings = {"installation": "test", "database": {},
                "log": {"level": "info"}, "retry": {"first": "1s", "most": "2s", "settle": "1s"},
                "erps": {"main": erp}, "channels": {"shop": channel}}
    for path, value in more.items():        # erps__main__page=3
        *folders, last = path.split("__")
        at = settings
        for name in folders:
            at = at.setdefault(name, {})
        at[last] = value
    return settings


class Kontor:
    """One installation in a folder: kontor.yaml, its database, a log for each node."""

    def __init__(self, folder, settings, binary=None, database=None):
        self.folder, self.binary = folder, binary or program()
        self.nodes = []
        self.file = os.path.join(folder, "kontor.yaml")
        self.database = database or database_of(folder)
        self.write(settings)

    def write(self, settings):
        """What the settings say of the database itself stays, such as how long it waits."""
        section = dict(self.database.settings(), **settings["database"])
        self.settings = settings = dict(settings, database=section)
        with open(self.file, "w", encoding="utf-8") as file:
            json.dump(settings, file, indent=1)     # JSON is YAML

    def environment(self, extra=None):
        env = {k: v for k, v in os.environ.items() if not k.startswith("KT_")}
        env.update(KONTOR_TEST_SAP=SAP_LOGIN[1], KONTOR_TEST_SHOP=SHOP_LOGIN[1], LC_ALL="C.UTF-8",
                   KONTOR_TEST_DATABASE_PASSWORD=database_server.PASSWORD)
        if isinstance(self.database, ServerDatabase):
            # the drivers copy texts with strndup from buffers that end without a zero, as they may
            env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":strict_string_checks=0"
        env.update(extra or {})
        return env

    def run(self, *words, env=None, timeout=60):
        done = subprocess.run([self.binary, "--config", self.file, *words], cwd=self.folder,
                              env=self.environment(env), capture_output=True, timeout=timeout,
                              check=False)
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def must(self, *words, status=(0,), env=None, timeout=60):
        """Runs a command that must end with one of these exit statuses; what it printed."""
        done = self.run(*words, env=env, timeout=timeout)
        if done.status not in status:
            raise AssertionError(f"kontor {' '.join(words)}: exit status {done.status}\n"
                                 f"{done.out}{done.err}")
        return done.out

    def migrate(self):
        self.must("db", "migrate")
        return self

    def sync(self, what="all", *words, env=None, status=(0, 1)):
        return json.loads(self.must("--json", "sync", what, "--wait", "15", *words, env=env,
                                    status=status))

    def exceptions(self, *words, lang="en"):
        """Open exceptions, as `kontor --json exceptions list` prints them."""
        answer = json.loads(self.must("--json", "--lang", lang, "exceptions", "list", *words,
                                      status=(0, 1)))
        return answer["exceptions"] if isinstance(answer, dict) else answer

    def open_codes(self):
        """Codes of the open exceptions, straight from the table: cheap enough to ask often."""
        return [row[0] for row in self.query(
            "SELECT code FROM exceptions WHERE open_mark IS NOT NULL")]

    def exception(self, code, endpoint=None, **params):
        """The open exception of this code whose parameters are as given, or None."""
        for x in self.exceptions() if code in self.open_codes() else ():
            if x["code"] == code and endpoint in (None, x["endpoint"]) and all(
                    x["parameters"].get(k) == v for k, v in params.items()):
                return x
        return None

    # ---- the database, read from beside

    def query(self, sql, *values):
        return self.database.query(sql, *values)

    def states(self):
        return collections.Counter(dict(self.query(
            "SELECT state, COUNT(*) FROM orders GROUP BY state")))

    def integrity(self):
        return self.database.integrity()

    # ---- nodes

    def serve(self, name="node", **env):
        node = Node(self, name, env)
        self.nodes.append(node)
        return node

    def close(self):
        for node in self.nodes:
            node.end()


class Node:
    """One `kontor serve`. Its log is appended over restarts of the same name."""

    def __init__(self, kontor, name, env):
        self.name = name
        self.log = os.path.join(kontor.folder, name + ".log")
        self.is_frozen = False
        with open(self.log, "ab") as log:
            self.start = log.tell()
            self.process = subprocess.Popen(
                [kontor.binary, "--config", kontor.file, "serve"], cwd=kontor.folder,
                env=kontor.environment(env), stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def is_alive(self):
        return self.process.poll() is None

    def text(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            log.seek(self.start)
            return log.read()

    def tail(self, lines=40):
        return f"--- {self.log}:\n" + "\n".join(self.text().splitlines()[-lines:])

    def port(self, listener):
        """The port that a section of `listen` got."""
        found = re.search(rf'event=listener.opened listener="{listener}" .*?port=(\d+)', self.text())
        return int(found[1])

    def kill(self):
        """SIGKILL: what survives is what was committed."""
        self.process.kill()
        return self.process.wait()

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)
        self.is_frozen = True

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)
        self.is_frozen = False

    def stop(self, within_s=35):
        """SIGTERM, as systemd does; the exit status."""
        if self.is_frozen:
            self.thaw()
        self.process.terminate()
        return self.process.wait(within_s)

    def end(self):
        if self.is_alive():
            self.kill()


class Bench(unittest.TestCase):
    """A class of tests around one folder, two stand-ins and one installation, made once."""
    sap_options = ()
    shop_options = ()
    articles = 60
    is_wide = False         # generic articles with variants, categories, images
    more = {}

    @classmethod
    def setUpClass(cls):
        cls.folder = make_folder(cls.__name__.lower())
        cls.addClassCleanup(drop_folder, cls.folder)
        cls.images = cls.enterClassContext(ImageServer()) if cls.is_wide else None
        cls.sap = start_sap(cls.folder, *cls.sap_options, articles=cls.articles,
                            media=cls.images and cls.images.url)
        cls.addClassCleanup(lambda: cls.sap.process.poll() is None and cls.sap.kill())
        cls.shop = start_shop(cls.folder, *cls.shop_options)
        cls.addClassCleanup(lambda: cls.shop.process.poll() is None and cls.shop.kill())
        cls.goods = goods_of(cls.folder)
        cls.kontor = cls.make_kontor().migrate()
        cls.addClassCleanup(cls.kontor.close)

    @classmethod
    def make_kontor(cls):
        return Kontor(cls.folder, fast_settings(cls.sap, cls.shop, **cls.more))

    def assert_whole(self):
        self.assertEqual(self.kontor.integrity(), "ok")

    def assert_same_as_sap(self, **rules):
        """The independent checker finds no difference between SAP and the shop."""
        report = compare(self.sap, self.shop, **rules)
        self.assertEqual(report.found, [])
        self.assertEqual(report.refused, {})
        self.assertGreater(report.skus, 0)

    # ---- SAP's side and the shop's

    def rows(self, kind, sku):
        return [r for r in self.sap.control("data")[kind]
                if r["MATNR"] == sku and not r.get("DELETED")]

    def plain_price(self, sku):
        """The one price that holds now."""
        return next(r for r in self.rows("prices", sku) if r["PRICE_ID"].endswith("-01"))

    def change(self, kind, row, **fields):
        key = {name: row[name] for name in KEYS[kind]}
        self.sap.control("change", {"kind": kind, "key": key, "set": fields})

    def product(self, sku):
        """A product or a variation; never more than one."""
        found = [p for p in self.shop.control("products")
                 if p["sku"] == sku and p["status"] != "trash"]
        self.assertLessEqual(len(found), 1, f"{sku} is in the shop {len(found)} times")
        return found[0] if found else None

    def written(self, action):
        """What one action wrote into the shop: (things, their requests)."""
        before = self.shop.control("counts")["items_written"]
        since = self.shop.control("requests")["last"]
        action()
        after = self.shop.control("counts")["items_written"]
        writes = [r for r in self.shop.control(f"requests?since={since}")["requests"]
                  if r["method"] != "GET"]
        return after - before, writes

    # ---- orders

    def place(self, *wanted, **fields):
        """Places orders in the shop; each of `wanted` is an order, or a number of sound ones."""
        made = []
        for order in wanted:
            made += [order] if isinstance(order, dict) else sound(self.goods, order)
        placed = orders.post(self.shop.url, [dict(o, **fields) for o in made])
        return [o["id"] for o in placed]

    def shop_order(self, order_id):
        return next(o for o in self.shop.control("orders") if o["id"] == order_id)

    def erp_number(self, order_id):
        return number_of(self.shop_order(order_id))

    def change_order(self, order_id, **fields):
        return self.shop.control(f"order/{order_id}", fields)

    def wait_told(self, ids, node=None, deadline_s=20):
        ids = list(ids)

        def all_told():
            known = {o["id"]: number_of(o) for o in self.shop.control("orders")}
            return all(known[i] for i in ids)
        wait_for(f"ERP numbers of orders {ids}", all_told, deadline_s, [node] if node else ())

    def documents(self):
        """SAP's documents by the shop's order id."""
        by_key = collections.defaultdict(list)
        for document in self.sap.control("orders"):
            by_key[document["key"]].append(document)
        return {o["id"]: by_key.get(meta(o).get(KEY), []) for o in self.shop.control("orders")}


class Patient(Bench):
    """A running node with work in both directions, whose partners fall ill and get well again."""
    more = QUICK

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        report = cls.kontor.sync()
        assert report["rest"]["left"] == 0, report
        cls.node = cls.kontor.serve()
        cls.turn = 0

    def work(self):
        """An order inward and a price outward; the price's article and its new amount. The price
        moves as far as a price may without a person's word."""
        type(self).turn += 1
        order_id, = self.place(1)
        skus = {g.sku for g in self.goods}
        row = [p for p in self.sap.control("data")["prices"] if p["MATNR"] in skus
               and p["PRICE_ID"].endswith("-01") and p["PER"] == "1"][self.turn]
        sku, amount = row["MATNR"], moved(row["AMOUNT"])
        self.sap.control("change", {"kind": "price", "key": {"PRICE_ID": row["PRICE_ID"]},
                                    "set": {"AMOUNT": amount}})
        return order_id, sku, amount

    def endpoint_exception(self, endpoint, code):
        x = wait_for(f"{code} of {endpoint}", lambda: self.kontor.exception(code, endpoint),
                     alive=[self.node])
        self.assertEqual(x["subject"], "endpoint")
        return x

    def expect_well_again(self, order_id, sku, amount):
        """Order booked once and told, price there, and nothing open any more."""
        def price():
            return next(p for p in self.shop.control("products")
                        if p["sku"] == sku)["regular_price"]
        self.wait_told([order_id], self.node)
        wait_for(f"price {amount} of {sku}", lambda: price() == amount, alive=[self.node])
        self.assertEqual(len(self.documents()[order_id]), 1)
        wait_for("no open exceptions", lambda: not self.kontor.open_codes(), alive=[self.node])


def set_clock(path, seconds):
    """How far the clock of a program with KT_CLOCK_FILE stands ahead."""
    with open(path + ".new", "w", encoding="ascii") as file:
        file.write(str(seconds))
    os.replace(path + ".new", path)


def moved(amount, percent=20):
    """A price that is higher by so much, in cents: below a brake of 30 percent, and another one."""
    return str((decimal.Decimal(amount) * (100 + percent) / 100).quantize(decimal.Decimal("0.01")))


_placed = [0]


def sound(goods, count):
    """Orders without a fault that an ERP with its own prices sums up to the cent."""
    first = _placed[0]
    _placed[0] += count
    return orders.make_orders(goods, count, seed=7, first=first, plain=True)


def faulty(goods, fault, country="DE"):
    first = _placed[0]
    _placed[0] += 1
    return orders.make_orders(goods, 1, seed=7, fault=fault, first=first, plain=True,
                              country=country)[0]


def compare(sap, shop, **rules):
    return check.check(sap.control("data"), shop.control("products"), check.Rules(**rules))


def make_certificate(folder, name, host="127.0.0.1"):
    """A self-signed certificate for the loopback address: (certificate, key) files."""
    cert, key = (os.path.join(folder, f"{name}.{kind}") for kind in ("pem", "key"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", cert, "-days",
                    "90", "-subj", f"/CN={name}", "-addext", f"subjectAltName=IP:{host}"],
                   check=True, capture_output=True)
    os.chmod(key, 0o600)
    return cert, key
