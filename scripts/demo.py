"""The demo's story; scripts/demo builds and calls it: demo.py KONTOR FOLDER [--check]."""
import json
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SANDBOX = ROOT / "tests" / "sandbox"
sys.path.insert(0, str(SANDBOX))

from standin import StandIn  # noqa: E402  (the sandbox is found first)

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
        self.python("catalogue.py", str(self.folder / "data"))
        self.sap = StandIn("sap.py", "--port", "0", "--data", str(self.folder / "data"),
                           "--user", "KONTOR", "--password", "demo-secret", "--pricing", "own")
        self.shop = StandIn("wcv3.py")

    def __enter__(self):
        self.sap.start()
        try:
            self.shop.start()
        except Exception:
            self.sap.stop()
            raise
        customers = json.loads((self.folder / "data/customers.json").read_text(encoding="utf-8"))
        one_time = next(c["KUNNR"] for c in customers if c.get("ONE_TIME") == "X")
        self.write("kontor.yaml", CONFIG.format(sap=self.sap.url, shop=self.shop.url,
                                                one_time=one_time))
        self.write("sap.password", "demo-secret\n")
        self.write("shop.secret", "cs_sandbox\n")
        return self

    def __exit__(self, *_):
        self.shop.stop()
        self.sap.stop()

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
        self.python("orders.py", "--shop", self.shop.url, "--plain", *arguments)

    # --- what the receivers hold, by their own count ---

    def written(self):
        return (self.shop.control("counts")["items_written"] +
                self.sap.control("counts")["documents"])

    def requests_written(self):
        return self.shop.control("counts")["writes"]

    def figures(self):
        products = [p for p in self.listed("products") if p["status"] == "publish"]
        told = [o for o in self.listed("orders")
                if any(m["key"] == "kontor_erp_number" for m in o["meta_data"])]
        status = json.loads(self.run("--json", "status", allowed=(0, 1), shown=False))
        return {
            "products": len(products),
            "variants": status["records"]["variant"],
            "prices": sum(p["regular_price"] != "" for p in products),
            "stock": sum(p["stock_quantity"] is not None for p in products),
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

    def orders(self):
        self.place("--count", "3", "--seed", "7")
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

    def one_price(self):
        price = next(p for p in self.sap.control("data")["prices"]
                     if p["PRICE_LIST"] == "00" and p["CURRENCY"] == "EUR" and
                     p.get("VALID_TO", "") > "9" and p.get("DELETED") != "X" and
                     float(p.get("MIN_QTY") or 0) <= 1)
        before = self.written()
        print(f"\n# SAP changes one price: {price['MATNR']}", flush=True)
        self.sap.control("change", {"kind": "price", "key": {"PRICE_ID": price["PRICE_ID"]},
                                     "set": {"AMOUNT": "77.00"}})
        self.run("sync", "prices")
        return self.written() - before


def main():
    kontor, folder, *options = sys.argv[1:]
    with Demo(kontor, folder) as demo:
        demo.out()
        demo.orders()
        again = demo.second_run()
        alone = demo.one_price()
        figures = demo.figures()
        line = " ".join(f"{name}={value}" for name, value in figures.items())
        is_right = (again == 0 and alone == 1 and figures["exceptions"] == 0 and
                    figures["orders"] == figures["erp_documents"] == 4)
        if alone != 1:
            print(f"demo: the changed price wrote {alone} things, not one")
        if "--check" not in options:
            follow(demo)
        print(f"demo: {line} second_run_changes={again} {'ok' if is_right else 'FAILED'}")
        sys.exit(0 if is_right else 1)


def follow(demo):
    """Kontor goes on as a service until Ctrl-C."""
    print(f"""
Kontor now runs as a service. In another terminal:
  {os.path.relpath(demo.kontor)} --config {demo.folder}/kontor.yaml status
  tests/sandbox/orders.py --shop {demo.shop.url} --plain --count 2
  curl -s {demo.sap.url}/_sandbox/counts
  curl -s {demo.shop.url}/_sandbox/orders
Ctrl-C ends everything.""", flush=True)
    try:
        subprocess.run([demo.kontor, "--config", str(demo.folder / "kontor.yaml"), "serve"],
                       check=False)
    except KeyboardInterrupt:
        print()


main()
