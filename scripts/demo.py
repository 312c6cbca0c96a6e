"""The demo's story; scripts/demo builds and calls it:
demo.py KONTOR FOLDER [--erp sap|nav] [--shop woocommerce|vendure] [--check]."""
import argparse
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import demo_sides  # noqa: E402


class Demo:
    def __init__(self, kontor, folder, erp, shop):
        self.kontor, self.folder = str(pathlib.Path(kontor).resolve()), pathlib.Path(folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.erp = demo_sides.ERPS[erp](self.folder)
        self.shop = demo_sides.SHOPS[shop](self.folder)

    def __enter__(self):
        with contextlib.ExitStack() as started:
            started.enter_context(self.erp.running())
            started.enter_context(self.shop.running())
            self.started = started.pop_all()
        self.write("kontor.yaml", json.dumps(self.configuration(), indent=1))  # JSON is YAML
        self.write("erp.password", self.erp.secret + "\n")
        self.write("shop.secret", self.shop.secret + "\n")
        return self

    def __exit__(self, *_):
        self.started.close()

    def configuration(self):
        channel = dict(self.shop.section(self.erp), erp=self.erp.name, language="de",
                       fallback_language="en", market="DE", zone="Europe/Berlin", currency="EUR",
                       price_list=self.erp.price_list, orders={
                           "take": True, "every": "2s", "from": "2020-01-01T00:00:00Z"})
        return {"installation": "demo", "database": {"driver": "sqlite", "file": "kontor.db"},
                "log": {"level": "warn"}, "retry": {"first": "1s", "most": "5s", "settle": "2s"},
                "erps": {self.erp.name: self.erp.section()}, "channels": {"shop": channel}}

    def write(self, name, text):
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")

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

    # --- what the receivers hold, by their own count ---

    def written(self):
        return self.shop.written() + self.erp.documents()

    def figures(self):
        seen = self.shop.figures()
        status = json.loads(self.run("--json", "status", allowed=(0, 1), shown=False))
        return {"products": seen["products"], "variants": status["records"]["variant"],
                "prices": seen["prices"], "stock": seen["stock"], "orders": seen["orders"],
                "erp_documents": self.erp.documents(), "exceptions": status["exceptions"]}

    # --- the story ---

    def out(self):
        self.run("db", "migrate")
        self.run("check")
        self.run("sync", "all")
        report = self.shop.compare(self.erp)
        print("\n# the independent checker compares every article")
        print("\n".join([*report.found, *(f"{s}: refused: {w}." for s, w in
                                          report.refused.items()), report.line()]), flush=True)
        if report.found or report.refused:
            sys.exit(f"demo: the shop differs from {self.erp.title}")
        print("\n# an article with variants is one page with choices: " + self.erp.page)
        self.run("plan", self.erp.page, "shop")

    def orders(self):
        print("\n# three customers buy, and a fourth forgets the house number", flush=True)
        self.shop.buy(self.erp, 3)
        self.shop.buy_badly(self.erp)
        self.run("sync", "orders", "--wait", "30", allowed=(0, 1))
        self.run("exceptions", "list", allowed=(0, 1))
        print("\n# the clerk asks the customer and corrects the address in the shop", flush=True)
        self.shop.correct_address()
        self.run("sync", "orders", "--wait", "30")
        print("\n# what was sold is missing in the ERP's stock", flush=True)
        self.run("sync", "stock")

    def delivery(self):
        """What the shop shows of a delivery that the ERP posted, and what it should show."""
        if self.shop.ship_seen is None or not hasattr(self.erp, "ship"):
            return None, None
        number = self.shop.erp_number(0)
        print(f"\n# {self.erp.title} delivers order {number}", flush=True)
        tracking = self.erp.ship(number)
        self.run("sync", "all")
        state, seen = self.shop.ship_seen(0)
        print(f"# the customer sees: {state}, {', '.join(seen)}", flush=True)
        return (state, seen), ("Shipped", [tracking])

    def second_run(self):
        before = self.written() + self.shop.requests_written()
        self.run("sync", "all")
        self.run("sync", "all", "--full")
        return self.written() + self.shop.requests_written() - before

    def change_price(self, percent):
        number, old, new = self.erp.move_price(percent)
        print(f"\n# {self.erp.title} changes the price of {number} by {percent} percent: {old} -> "
              f"{new}", flush=True)

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
        name = self.shop.page_name(self.erp.page)
        print(f"\n# somebody renames {self.erp.page} in the shop", flush=True)
        self.shop.rename(self.erp.page, "renamed by hand")
        self.run("reconcile", "shop", allowed=(1,))
        print("\n# it is sent again, and nothing differs any more", flush=True)
        self.run("reconcile", "shop", "--repair", allowed=(1,))
        self.run("sync", "all", allowed=(0, 1), shown=False)    # 1: the finding is still open
        self.run("reconcile", "shop")
        return name, self.shop.page_name(self.erp.page)


def parse():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("kontor")
    p.add_argument("folder")
    p.add_argument("--erp", choices=demo_sides.ERPS, default="sap")
    p.add_argument("--shop", choices=demo_sides.SHOPS, default="woocommerce")
    p.add_argument("--check", action="store_true")
    return p.parse_args()


def main():
    options = parse()
    with Demo(options.kontor, options.folder, options.erp, options.shop) as demo:
        demo.out()
        demo.orders()
        seen, told = demo.delivery()
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
            ("name after the repair", mended, name), ("the delivery in the shop", seen, told),
            ("exceptions", figures["exceptions"], 0), ("orders", figures["orders"], 4),
            ("documents", figures["erp_documents"], 4), ("changes of a second run", again, 0))
            if found != wanted and not print(f"demo: {what}: {found}, not {wanted}")]
        if not options.check:
            follow(demo)
        print(f"demo: {line} second_run_changes={again} {'FAILED' if wrong else 'ok'}")
        sys.exit(1 if wrong else 0)


def follow(demo):
    """Kontor goes on as a service until Ctrl-C."""
    print(f"""
Kontor now runs as a service. In another terminal:
  {os.path.relpath(demo.kontor)} --config {demo.folder}/kontor.yaml status
  curl -s {demo.erp.partner.url}/_sandbox/counts
The shop: {demo.shop.url}
Ctrl-C ends everything.""", flush=True)
    try:
        subprocess.run([demo.kontor, "--config", str(demo.folder / "kontor.yaml"), "serve"],
                       check=False)
    except KeyboardInterrupt:
        print()


main()
