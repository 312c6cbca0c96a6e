"""The demo's story; scripts/demo builds and calls it: demo.py KONTOR FOLDER [--check]."""
import contextlib
import decimal
import json
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SANDBOX = ROOT / "tests" / "sandbox"
sys.path[:0] = [str(SANDBOX), str(ROOT / "tests" / "realdata")]

from catalogue import MEDIA_BASE, Catalogue  # noqa: E402  (these folders are found first)
from images import ImageServer  # noqa: E402
from standin import StandIn  # noqa: E402

PAGE, VARIANT = "G-2001", "G-2001-03"
CONFIG = """\
# Kontor of the demo: SAP and the shop are the stand-ins of tests/sandbox.
installation: demo
database: {{ driver: sqlite, file: kontor.db }}
log: {{ level: warn }}
retry: {{ first: 1s, most: 5s, settle: 2s }}
erps:
  sap:
    adapter: sap
    scope: sap-800
    connection:
      url: {sap}/sap/bc/srt/rfc/sap/kontor_z/100/kontor_z/kontor_z
      user: KONTOR
      password: file:sap.password
      sales_org: "1000"
      distribution_channel: "10"
      division: "00"
      doc_type: ZWEB
      one_time_customer: "{one_time}"
    every: {{ catalogue: 5s, prices: 2s, stock: 1s }}
channels:
  shop:
    adapter: woocommerce
    erp: sap
    connection:
      url: {shop}
      consumer_key: ck_sandbox
      consumer_secret: file:shop.secret
    language: de
    fallback_language: en
    market: DE
    zone: Europe/Berlin
    currency: EUR
    price_list: "00"
    orders: {{ take: true, every: 2s, from: 2020-01-01T00:00:00Z }}
"""


class Demo:
    def __init__(self, kontor, folder):
        self.kontor, self.folder = str(pathlib.Path(kontor).resolve()), pathlib.Path(folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.images = ImageServer()
        self.sap = StandIn("sap.py", "--port", "0", "--data", str(self.folder / "data"),
                           "--user", "KONTOR", "--password", "demo-secret", "--pricing", "own")
        self.shop = StandIn("wcv3.py")

    def __enter__(self):
        with contextlib.ExitStack() as started:
            self.write_catalogue(started.enter_context(self.images))
            started.enter_context(self.sap)
            started.enter_context(self.shop)
            self.started = started.pop_all()
        customers = json.loads((self.folder / "data/customers.json").read_text(encoding="utf-8"))
        one_time = next(c["KUNNR"] for c in customers if c.get("ONE_TIME") == "X")
        self.write("kontor.yaml", CONFIG.format(sap=self.sap.url, shop=self.shop.url,
                                                one_time=one_time))
        self.write("sap.password", "demo-secret\n")
        self.write("shop.secret", "cs_sandbox\n")
        return self

    def __exit__(self, *_):
        self.started.close()

    def write_catalogue(self, images):
        """Flat articles and generic ones with variants; their pictures are served here."""
        made = Catalogue(variants=True)
        for article in made.articles:
            for picture in article.get("MEDIA", ()):
                picture["URL"] = picture["URL"].replace(MEDIA_BASE, images.url + "/")
        made.write(str(self.folder / "data"))

    def write(self, name, text):
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")

    def python(self, script, *arguments):
        subprocess.run(["/usr/bin/python3", "-B", str(SANDBOX / script), *arguments], check=True,
                       stdout=subprocess.DEVNULL)

    def run(self, *arguments, allowed=(0,), shown=True):
        """One kontor command; its output, shown to the reader as well."""
        if shown:
            print("\n$ kontor " + " ".join(arguments), flush=True)
        done = subprocess.run([self.kontor, "--config", str(self.folder / "kontor.yaml"),
                               *arguments], stdout=subprocess.PIPE, text=True, check=False)
        if shown:
            print(done.stdout, end="", flush=True)
        if done.returncode not in allowed:
            sys.exit(f"demo: kontor {' '.join(arguments)} ended with {done.returncode}")
        return done.stdout

    def place(self, *arguments):
        print("\n# customers buy: orders.py " + " ".join(arguments), flush=True)
        self.python("orders.py", "--shop", self.shop.url, "--data", str(self.folder / "data"),
                    "--plain", *arguments)

    # --- what the receivers hold, by their own count ---

    def written(self):
        return (self.shop.control("counts")["items_written"] +
                self.sap.control("counts")["documents"])

    def requests_written(self):
        return self.shop.control("counts")["writes"]

    def figures(self):
        shown = [p for p in self.listed("products") if p["status"] == "publish"]
        sold = [p for p in shown if p["type"] != "variable"]
        told = [o for o in self.listed("orders")
                if any(m["key"] == "kontor_erp_number" for m in o["meta_data"])]
        status = json.loads(self.run("--json", "status", allowed=(0, 1), shown=False))
        return {
            "products": sum(p["type"] != "variation" for p in shown),
            "variants": status["records"]["variant"],
            "prices": sum(p["regular_price"] != "" for p in sold),
            "stock": sum(p["stock_quantity"] is not None for p in sold),
            "orders": len(told),
            "erp_documents": self.sap.control("counts")["documents"],
            "exceptions": status["exceptions"],
        }

    def listed(self, what):
        answer = self.shop.control("" + what)
        return answer[what] if isinstance(answer, dict) else answer

    # --- the story ---

    def out(self):
        self.run("db", "migrate")
        self.run("check")
        self.run("sync", "all")
        done = subprocess.run(["/usr/bin/python3", "-B", str(SANDBOX / "check.py"), "--sap",
                               self.sap.url, "--shop", self.shop.url],
                              stdout=subprocess.PIPE, text=True, check=False)
        print("\n# the independent checker compares every article\n" + done.stdout, end="")
        if done.returncode != 0:
            sys.exit("demo: the shop differs from SAP")
        print(f"\n# a generic article and its variants are one page with two choices: {PAGE}")
        self.run("plan", PAGE, "shop")

    def orders(self):
        self.place("--count", "3", "--seed", "2")
        self.place("--count", "1", "--seed", "5", "--fault", "missing_house_number")
        self.run("sync", "orders", "--wait", "30", allowed=(0, 1))
        self.run("exceptions", "list", allowed=(0, 1))
        held = max(self.listed("orders"), key=lambda order: order["id"])
        print("\n# the clerk asks the customer and corrects the address in the shop", flush=True)
        for part in ("billing", "shipping"):
            held[part]["address_1"] += " 12"
        self.shop.control(f"order/{held['id']}", {"billing": held["billing"],
                                                   "shipping": held["shipping"]})
        self.run("sync", "orders", "--wait", "30")

    def second_run(self):
        before, requests = self.written(), self.requests_written()
        self.run("sync", "all")
        self.run("sync", "all", "--full")
        return self.written() - before + self.requests_written() - requests

    def change_price(self, percent):
        price = next(p for p in self.sap.control("data")["prices"]
                     if p["MATNR"] == VARIANT and p["PRICE_ID"].endswith("-01"))
        amount = decimal.Decimal(price["AMOUNT"]) * (100 + percent) / 100
        amount = str(amount.quantize(decimal.Decimal("0.01")))
        print(f"\n# SAP changes the price of {VARIANT} by {percent} percent: {price['AMOUNT']} -> "
              f"{amount}", flush=True)
        self.sap.control("change", {"kind": "price", "key": {"PRICE_ID": price["PRICE_ID"]},
                                     "set": {"AMOUNT": amount}})

    def one_price(self):
        before = self.written()
        self.change_price(10)
        self.run("sync", "prices")
        return self.written() - before

    def braked(self):
        """A price that moves too far waits for a person; (written before, after) approval."""
        before = self.written()
        self.change_price(400)
        self.run("sync", "prices", allowed=(1,))
        self.run("held", "list", allowed=(1,))
        held, = json.loads(self.run("--json", "held", "list", allowed=(1,), shown=False))["held"]
        waiting = self.written() - before
        self.run("held", "approve", str(held["run"]))
        self.run("sync", "prices")
        return waiting, self.written() - before

    def by_hand(self):
        """Somebody edits a page in the shop: found, and mended. Its name before; afterwards."""
        page = next(p for p in self.listed("products") if p["sku"] == PAGE)
        name = page["name"]
        print(f"\n# somebody renames {PAGE} in the shop", flush=True)
        self.shop.api("PUT", f"/products/{page['id']}", {"name": "renamed by hand"})
        self.run("reconcile", "shop", allowed=(1,))
        print("\n# it is sent again, and nothing differs any more", flush=True)
        self.run("reconcile", "shop", "--repair", allowed=(1,))
        self.run("sync", "all", allowed=(0, 1), shown=False)    # 1: the finding is still open
        self.run("reconcile", "shop")
        page = next(p for p in self.listed("products") if p["sku"] == PAGE)
        return name, page["name"]


def main():
    kontor, folder, *options = sys.argv[1:]
    with Demo(kontor, folder) as demo:
        demo.out()
        demo.orders()
        again = demo.second_run()
        alone = demo.one_price()
        braked = demo.braked()
        name, mended = demo.by_hand()
        demo.run("runs", "--most", "12")
        figures = demo.figures()
        line = " ".join(f"{name}={value}" for name, value in figures.items())
        wrong = [what for what, found, wanted in (
            ("things written by one changed price", alone, 1),
            ("things written before and after the approval", braked, (0, 1)),
            ("name after the repair", mended, name),
            ("exceptions", figures["exceptions"], 0), ("orders", figures["orders"], 4),
            ("documents", figures["erp_documents"], 4), ("changes of a second run", again, 0))
            if found != wanted and not print(f"demo: {what}: {found}, not {wanted}")]
        if "--check" not in options:
            follow(demo)
        print(f"demo: {line} second_run_changes={again} {'FAILED' if wrong else 'ok'}")
        sys.exit(1 if wrong else 0)


def follow(demo):
    """Kontor goes on as a service until Ctrl-C."""
    print(f"""
Kontor now runs as a service. In another terminal:
  {os.path.relpath(demo.kontor)} --config {demo.folder}/kontor.yaml status
  tests/sandbox/orders.py --shop {demo.shop.url} --data {demo.folder}/data --plain --count 2
  curl -s {demo.sap.url}/_sandbox/counts
  curl -s {demo.shop.url}/_sandbox/orders
Ctrl-C ends everything.""", flush=True)
    try:
        subprocess.run([demo.kontor, "--config", str(demo.folder / "kontor.yaml"), "serve"],
                       check=False)
    except KeyboardInterrupt:
        print()


main()
