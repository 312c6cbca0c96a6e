#!/usr/bin/python3
"""How long a stock figure is on its way, from the moment at which an ERP begins to push it to the
moment at which the shop has Kontor's request: 100 changes a second for 20 seconds, while another
client pushes a catalogue of 20,000 variants that goes to the same shop. The shop is the wc/v3
stand-in, on this machine, with the same clock. Called by scripts/bench stock-path.

    bench_stock_path.py --program KONTOR [--seconds 20] [--rate 100] [--catalogue 20000]
                        [--log FILE]

A figure that was overtaken by a newer one of its article counts as there when the newer one is.
Ends with 1 when a figure did not arrive. p99_ms is of the run with the catalogue; ratio is its p50
to that of a run without one, just before."""
import argparse
import http.client
import os
import ssl
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "interop"), os.path.join(HERE, "..", "flow")]
import installation  # noqa: E402
import messages  # noqa: E402
from answers import Answer  # noqa: E402

kut = installation.kut
ARTICLES, SENDERS, PIECE = 2000, 16, 500
SETTLE_S = 30           # longest wait for figures that are still on their way at the end
AIM_P50_MS, AIM_P99_MS = 50, 500


class Sender:
    """One connection with a client certificate."""

    def __init__(self, there):
        context = ssl.create_default_context(cafile=there.ca.file)
        context.load_cert_chain(there.client["cert"], there.client["key"])
        self.connection = http.client.HTTPSConnection("127.0.0.1", there.ways.tls, timeout=60,
                                                      context=context)
        self.connection.connect()

    def push(self, operation, fields):
        self.connection.request("POST", installation.PUSH, messages.envelope(operation, fields),
                                messages.content_type(operation))
        got = self.connection.getresponse()
        answer = Answer(got.status, got.headers, got.read())
        if answer.is_fault or answer.counts[2] or answer.counts[3]:
            raise RuntimeError(f"{operation}: {answer.octets[:600]}")
        return answer


class Changes:
    """The changes of one run, and when they left and arrived."""

    def __init__(self, there, goods, first, options):
        self.there, self.goods, self.first, self.options = there, goods, first, options
        self.count = int(options.rate * options.seconds)
        self.left = [0.0] * self.count
        self.answered_ms = [0.0] * self.count
        self.late_s = 0.0
        self.broken = []

    def of(self, n):
        """(article, figure) of change n."""
        sku, warehouse, unit = self.goods[n % len(self.goods)]
        return sku, {"sku": sku, "warehouse": warehouse, "unit": unit,
                     "onHand": str(self.first + n), "available": str(self.first + n),
                     "basis": "minus_open_orders"}

    def send(self):
        began = time.time() + 0.2
        threads = [threading.Thread(target=self.some, args=(began, n)) for n in range(SENDERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.broken:
            raise RuntimeError(self.broken[0])

    def some(self, began, first):
        try:
            sender = Sender(self.there)
            for n in range(first, self.count, SENDERS):
                wait = began + n / self.options.rate - time.time()
                if wait > 0:
                    time.sleep(wait)
                self.late_s = max(self.late_s, -wait)
                self.left[n] = time.time()
                sender.push("PushStock", {"stock": self.of(n)[1]})
                self.answered_ms[n] = (time.time() - self.left[n]) * 1000
        except Exception as wrong:       # seen by send()
            self.broken.append(repr(wrong))

    def times_ms(self, arrivals):
        """How long each was on its way; None: it never arrived. arrivals: {sku: [(at, figure)]}"""
        found = []
        for n in range(self.count):
            sku, fields = self.of(n)
            at = next((at for at, figure in arrivals.get(sku, ())
                       if int(fields["onHand"]) <= figure < self.first + self.count), None)
            found.append(None if at is None else (at - self.left[n]) * 1000)
        return found


class Shop:
    """What arrived at the stand-in, read bit by bit: it keeps only so much."""

    def __init__(self, shop):
        self.shop = shop
        self.sku = {p["id"]: p["sku"] for p in shop.control("products")}
        self.arrivals, self.written = {}, 0
        self.since = shop.control(f"requests?since={1 << 60}")["last"]
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.follow)

    def follow(self):
        while not self.stop.wait(1):
            self.read()

    def read(self):
        # not "last": what came while the rows were being written out is in no answer then
        for row in self.shop.control(f"requests?since={self.since}")["requests"]:
            self.since = row["n"]
            body = row["body"] if isinstance(row["body"], dict) else {}
            self.written += len(body.get("create", ())) + len(body.get("update", ()))
            for one in body.get("update", ()):
                if one.get("id") in self.sku and "stock_quantity" in one:
                    self.arrivals.setdefault(self.sku[one["id"]], []).append(
                        (row["at"], one["stock_quantity"]))


class Caller:
    """As much of an installation as a Sender needs, in a process of its own."""

    def __init__(self, folder, port):
        self.ca = installation.certificates.Authority.__new__(
            installation.certificates.Authority)
        self.ca.file = os.path.join(folder, "ca.pem")
        self.client = {end: os.path.join(folder, f"erp.{name}")
                       for end, name in (("cert", "pem"), ("key", "key"))}
        self.ways = installation.Ways()
        self.ways.tls = int(port)


def catalogue(there, count):
    """Pushes articles with their pages, prices and figures, in messages of PIECE records."""
    sender = Sender(there)
    for at in range(0, count, PIECE):
        names = [f"LOAD-{n:05}" for n in range(at, min(at + PIECE, count))]
        made = {
            "PushProducts": {"product": [
                {"id": n, "brand": "Muster", "texts": {"item": {
                    "language": "de", "name": f"Kupplung {n}",
                    "longText": f"Beschreibung {n}. " * 30}},
                 "attributes": {"item": [{"code": f"M{i}", "value": f"Wert {i}"}
                                         for i in range(10)]}, "lifecycle": "active"}
                for n in names]},
            "PushVariants": {"variant": [{"sku": n, "product": n, "baseUnit": "PCE",
                                           "lifecycle": "active"}
                                         for n in names]},
            "PushPrices": {"price": [{"id": n, "sku": n, "kind": "list", "list": "00",
                                      "currency": "EUR", "amount": "9.99", "per": "1",
                                      "unit": "PCE", "isGross": True} for n in names]},
            "PushStock": {"stock": [{"sku": n, "warehouse": "1000", "unit": "PCE", "onHand": "5",
                                     "available": "5", "basis": "atp"} for n in names]}}
        for operation, fields in made.items():
            sender.push(operation, fields)


def make():
    """Kontor between two stand-ins, with a synced catalogue."""
    there = installation.Place("stock-path")
    there.articles = ARTICLES
    shop = kut.start_shop(there.folder)
    there.settings = {"channels": kut.fast_settings(
        shop, shop, channels__shop__orders={"take": False},
        channels__shop__connection={"url": shop.url, "consumer_key": kut.SHOP_LOGIN[0],
                                    "consumer_secret": "env:KONTOR_TEST_SHOP"})["channels"]}
    return there, shop


def run(there, shop, options):
    there.kontor.must("sync", "all", env=installation.NODE, timeout=300)
    rows = there.kontor.query("SELECT sku, MIN(warehouse), MIN(unit) FROM stock GROUP BY sku "
                              "HAVING COUNT(*) = 1 ORDER BY sku")
    known = {p["sku"]: p for p in shop.control("products")}
    goods = [r for r in rows if known.get(r[0], {}).get("manage_stock")
             and known[r[0]]["type"] == "simple"]
    node = there.kontor.serve(**installation.NODE)
    kut.wait_for("the node's ports", there.answers, alive=[node])
    print(f"{len(goods)} articles, {options.rate} changes a second for {options.seconds} s")
    arrived = Shop(shop)
    arrived.thread.start()
    runs = []
    try:
        for name, is_loaded in (("alone", False), ("beside a catalogue", True)):
            runs.append((name, one_run(there, arrived, goods, options, is_loaded, len(runs))))
    finally:
        arrived.stop.set()
        arrived.thread.join()
        if options.log:
            os.replace(node.log, options.log)
    with open(f"/proc/{node.process.pid}/status", encoding="ascii") as file:
        most_kb = next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))
    return report(runs, most_kb / 1024)


def one_run(there, arrived, goods, options, is_loaded, number):
    loader, written = None, arrived.written
    try:
        if is_loaded:       # a process of its own: it must not slow down who takes the time
            loader = subprocess.Popen([sys.executable, "-B", __file__, "--program", "",
                                       "--catalogue", str(options.catalogue), "--load",
                                       there.folder, str(there.ways.tls)])
            kut.wait_for("the catalogue on its way to the shop",
                         lambda: arrived.written > written + 100 or loader.poll(), 60)
        changes = Changes(there, goods, 100000 * (number + 1), options)
        changes.send()
        wrote = arrived.written - written
        pushed, = there.kontor.query("SELECT COUNT(*) FROM product WHERE id LIKE 'LOAD-%'")[0]
        still = loader is None or loader.poll() is None or wrote < pushed
        end = time.monotonic() + SETTLE_S
        while None in changes.times_ms(arrived.arrivals) and time.monotonic() < end:
            time.sleep(0.5)
        if loader and loader.poll():
            raise RuntimeError("the catalogue could not be pushed")
    finally:
        if loader and loader.poll() is None:
            loader.terminate()
            loader.wait(10)
    return {"times": changes.times_ms(arrived.arrivals), "late_ms": changes.late_s * 1000,
            "answered": sorted(changes.answered_ms), "pushed": pushed, "wrote": wrote,
            "still": still}


def of(times, share):
    return times[int((len(times) - 1) * share)]


def report(runs, rss_mb):
    status = 0
    print(f"{'run':<20} {'p50 ms':>8} {'p90 ms':>8} {'p99 ms':>8} {'max ms':>8} {'late ms':>8} "
          f"{'missing':>8} {'answer p50':>10} {'p99':>7} {'articles in':>11} {'to shop':>8}")
    for name, r in runs:
        there = sorted(t for t in r["times"] if t is not None) or [0.0]
        missing = len(r["times"]) - sum(t is not None for t in r["times"])
        print(f"{name:<20} {of(there, .5):>8.1f} {of(there, .9):>8.1f} {of(there, .99):>8.1f} "
              f"{there[-1]:>8.1f} {r['late_ms']:>8.1f} {missing:>8} "
              f"{of(r['answered'], .5):>10.1f} {of(r['answered'], .99):>7.1f} "
              f"{r['pushed']:>11} {r['wrote']:>8}")
        if missing:
            status = 1
        if not r["still"]:
            print("the catalogue was through before the run was over: take a larger one")
        r["p50"], r["p99"] = of(there, .5), of(there, .99)
    alone, loaded = (r for _, r in runs)
    if loaded["p50"] > AIM_P50_MS or loaded["p99"] > AIM_P99_MS:
        print(f"the aim is p50 under {AIM_P50_MS} ms and p99 under {AIM_P99_MS} ms")
    print(f"stock-path ratio={loaded['p50'] / max(alone['p50'], 0.001):.2f} "
          f"p50_ms={loaded['p50']:.1f} p99_ms={loaded['p99']:.1f} rss_mb={rss_mb:.0f}")
    return status


def words():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--catalogue", type=int, default=20000)
    parser.add_argument("--load", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--log", help="keeps the node's log there")
    return parser.parse_args()


def main():
    options = words()
    if options.load:
        os.nice(10)         # it stands for another machine
        catalogue(Caller(*options.load), options.catalogue)
        return 0
    os.environ["KONTOR_BIN"] = os.path.abspath(options.program)
    there, shop = make()
    try:
        with there:
            return run(there, shop, options)
    finally:
        if shop.process.poll() is None:
            shop.kill()


if __name__ == "__main__":
    sys.exit(main())
