"""The command line from end to end: what each command prints, its exit status, and that a second
run sends nothing. Also: the documents that are made from the program say what it says."""
import json
import os
import re
import shutil
import signal
import socket
import stat
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import kontor_under_test as kut  # noqa: E402

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
OK, ATTENTION, USAGE, CONFIG, DATABASE, PARTNER = range(6)
NOBODY = "http://127.0.0.1:9"       # the discard port: nobody listens there


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


class Alone(unittest.TestCase):
    """What needs no partner."""

    def setUp(self):
        self.folder = kut.make_folder("cli")
        self.addCleanup(kut.drop_folder, self.folder)

    def kontor(self, *words, text=None, env=None):
        partner = type("Nobody", (), {"url": NOBODY})
        kontor = kut.Kontor(self.folder, kut.fast_settings(partner, partner))
        if text is not None:
            with open(kontor.file, "w", encoding="utf-8") as file:
                file.write(text)
        return kontor.run(*words, env=env)

    def test_help_and_version(self):
        overview = self.kontor("help")
        self.assertEqual(overview.status, OK)
        for name in ("serve", "check", "sync", "status", "exceptions", "order", "db"):
            self.assertRegex(overview.out, rf"(?m)^  {name} ")
            own = self.kontor("help", name)
            self.assertEqual((own.status, own.err), (OK, ""))
            self.assertTrue(own.out.startswith(f"kontor {name}"), own.out)
            self.assertEqual(self.kontor(name, "--help").out, own.out)
        self.assertRegex(self.kontor("--version").out, r"^kontor \d+\.\d+\.\d+\n$")

    def test_what_is_not_understood_is_said(self):
        for words, said in (((), "which command"), (("sink",), "no command sink"),
                            (("sync",), "catalogue, prices"), (("sync", "all", "--ful"), "--ful"),
                            (("sync", "all", "--wait"), "SECONDS"),
                            (("sync", "all", "--wait", "soon"), "--wait"),
                            (("db",), "migrate"), (("order", "show"), "order show"),
                            (("exceptions", "show"), "NUMBER"),
                            (("exceptions", "retry"), "--all"),
                            (("exceptions", "retry", "1", "--all"), "not both"),
                            (("sync", "all", "--dry-run", "--wait", "5"), "--wait"),
                            (("check", "--pin-anew", "shpo"), "Known: main, shop"),
                            (("--config=", "status"), "names no file"),
                            (("status", "now"), "takes nothing"), (("serve", "it"), "nothing"),
                            (("--lang", "fr", "status"), "en or de")):
            done = self.kontor(*words)
            self.assertEqual((done.status, done.out), (USAGE, ""), words)
            self.assertIn(said, done.err)

    def test_all_problems_at_once(self):
        text = "installation: Demo\nlgo: {}\nerps:\n  main: { adapter: sapp, scope: x }\n"
        done = self.kontor("status", text=text)
        self.assertEqual((done.status, done.out), (CONFIG, ""))
        for line in (":1: installation", ":2: lgo: no such setting; did you mean log?",
                     ":4: erps.main.adapter: there is no adapter \"sapp\". Known: nav, sap"):
            self.assertIn("kontor.yaml" + line, done.err)
        answer = json.loads(self.kontor("--json", "status", text=text).out)
        self.assertEqual(answer["error"]["code"], "CONFIG_INVALID")
        self.assertEqual(len(answer["error"]["problems"]), 3)

    def test_no_configuration_at_all(self):
        with tempfile.TemporaryDirectory() as empty:
            done = self.kontor("--config", os.path.join(empty, "none.yaml"), "check")
        self.assertEqual(done.status, CONFIG)

    def test_a_database_is_only_made_by_migrate(self):
        for words in (["status"], ["sync", "all"], ["exceptions"], ["order", "show", "1"], ["serve"]):
            done = self.kontor(*words)
            self.assertEqual(done.status, DATABASE, words)
            self.assertIn("kontor db migrate", done.err)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "kontor.db")))
        self.assertEqual(self.kontor("db", "migrate").status, OK)
        if kut.DATABASE == "sqlite":
            mode = os.stat(os.path.join(self.folder, "kontor.db")).st_mode
            self.assertEqual(stat.S_IMODE(mode) & 0o077, 0, "others may read the database")
        again = json.loads(self.kontor("--json", "db", "migrate").out)
        self.assertEqual(again["from"], again["to"])

    @kut.only_sqlite
    def test_a_place_where_no_database_can_be(self):
        partner = type("Nobody", (), {"url": NOBODY})
        settings = kut.fast_settings(partner, partner, database__file="nowhere/kontor.db")
        for words in (["db", "migrate"], ["status"], ["check"]):
            done = kut.Kontor(self.folder, settings).run(*words)
            self.assertEqual(done.status, CONFIG)
            self.assertRegex(done.err, r"kontor.yaml:\d+: database.file: there is no folder .*nowhere/")

    @kut.only_sqlite
    def test_a_database_that_others_may_read_is_told(self):
        self.assertEqual(self.kontor("db", "migrate").status, OK)
        self.assertNotIn("chmod", self.kontor("check").out)
        os.chmod(os.path.join(self.folder, "kontor.db"), 0o644)
        self.assertRegex(self.kontor("check").out,
                         r"database +problem +.*kontor.db holds personal data.*chmod 600")

    def test_plain_http_to_another_machine_is_told(self):
        here = type("Nobody", (), {"url": NOBODY})
        there = type("Nobody", (), {"url": "http://shop.invalid"})
        self.assertEqual(self.kontor("db", "migrate").status, OK)
        out = kut.Kontor(self.folder, kut.fast_settings(here, there)).run("check").out
        self.assertRegex(out, r"channel shop +note +connection.url begins with http://")
        self.assertNotRegex(out, r"erp main +note +connection.url")

    def test_a_database_keeps_its_installation(self):
        partner = type("Nobody", (), {"url": NOBODY})
        kut.Kontor(self.folder, kut.fast_settings(partner, partner)).migrate()
        other = kut.Kontor(self.folder, kut.fast_settings(partner, partner, installation="copy"))
        for words in (["status"], ["db", "migrate"], ["check"], ["serve"]):
            done = other.run(*words)
            self.assertEqual(done.status, CONFIG, words)
            self.assertIn("belongs to test", done.err)

    @kut.only_sqlite
    def test_a_file_that_is_no_database(self):
        with open(os.path.join(self.folder, "kontor.db"), "w", encoding="ascii") as file:
            file.write("this is not a database, it is a sentence. " * 100)
        self.assertEqual(self.kontor("status").status, DATABASE)
        self.assertEqual(json.loads(self.kontor("--json", "status").out)["error"]["owner"], "it")

    def test_partners_that_are_not_there(self):
        self.assertEqual(self.kontor("db", "migrate").status, OK)
        done = self.kontor("check")
        self.assertEqual(done.status, PARTNER)
        self.assertRegex(done.out, r"erp main +problem +.*cannot be reached")
        self.assertRegex(done.out, r"channel shop +problem +.*cannot be reached")
        german = self.kontor("check", env={"LC_ALL": "de_DE.UTF-8"})
        self.assertIn("ist nicht erreichbar", german.out)

    def test_a_closed_pipe_is_no_crash(self):
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "w") as broken:
            done = kut.subprocess.run([kut.program(), "help", "configuration"], stdout=broken,
                                      stderr=kut.subprocess.PIPE, check=False, timeout=20)
        self.assertEqual((done.returncode, done.stderr), (ATTENTION, b""))

    def test_documents_say_what_the_program_says(self):
        shown = read("docs", "configuration.md").split("```\n")[-2]
        self.assertEqual(shown.splitlines(), self.kontor("help", "configuration").out.splitlines())
        cli = read("docs", "cli.md")
        for command in ("help", "sync", "check", "exceptions"):
            for name in re.findall(r"^  (--[a-z-]+)", self.kontor("help", command).out, re.M):
                if name != "--help":
                    self.assertIn(name, cli, command)

    def test_the_example_is_sound(self):
        shutil.copytree(os.path.join(ROOT, "deploy"), os.path.join(self.folder, "d"))
        secrets = os.path.join(self.folder, "d", "secrets")
        os.mkdir(secrets)
        for name in ("sap.password", "shop.secret"):
            path = os.path.join(secrets, name)
            with open(path, "w", encoding="ascii") as file:
                file.write("hush\n")
            os.chmod(path, 0o600)
        text = re.sub(r"https://\w+\.example\.com", NOBODY, read("deploy", "kontor.example.yaml"))
        path = os.path.join(self.folder, "d", "kontor.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        done = self.kontor("--config", path, "status")
        self.assertEqual(done.status, DATABASE, done.err)      # not made yet: the file was sound
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("settle", "setle"))
        self.assertEqual(self.kontor("--config", path, "status").status, CONFIG)


class Together(kut.Bench):
    """With both stand-ins; the tests build on each other in the order of their names."""

    def numbers(self):
        status = json.loads(self.kontor.must("--json", "status", status=(OK, ATTENTION)))
        return status["records"], {(d["unit"]): d["links"] for d in status["deliveries"]}

    def test_1_check(self):
        out = self.kontor.must("check")
        for sentence in ("It is pinned as", "grade key",
                         "Others do not travel", "woocommerce.lua, as it comes with Kontor"):
            self.assertIn(sentence, out)
        findings = json.loads(self.kontor.must("--json", "check"))["findings"]
        self.assertEqual({f["area"] for f in findings},
                         {"configuration", "database", "erp main", "channel shop"})
        self.assertEqual(self.shop.control("counts")["writes"], 0)

    def test_1b_https_to_a_server_of_plain_http(self):
        wrong = kut.fast_settings(self.sap, self.shop)
        wrong["channels"]["shop"]["connection"]["url"] = self.shop.url.replace("http:", "https:")
        done = kut.Kontor(self.folder, wrong).run("check")
        self.kontor.write(self.kontor.settings)
        self.assertEqual(done.status, PARTNER)
        self.assertRegex(done.out, r"channel shop +problem +shop does not speak TLS .* https://")

    def test_2_a_dry_run_writes_nothing(self):
        out = self.kontor.must("sync", "all", "--dry-run")
        type(self).promised = int(re.search(r"dry run: (\d+) units would be sent", out)[1])
        small = kut.fast_settings(self.sap, self.shop, erps__main__page=7)
        paged = kut.Kontor(self.folder, small).must("sync", "all", "--dry-run")
        self.kontor.write(self.kontor.settings)
        self.assertEqual(paged.splitlines()[-1], out.splitlines()[-1], "pages change the result")
        self.assertEqual(self.shop.control("counts")["writes"], 0)
        records, links = self.numbers()
        self.assertEqual(sum(records.values()) + sum(links.values()), 0)

    def test_3_sync_and_status(self):
        report = self.kontor.sync()
        self.assertGreater(report["catalogue"]["created"], 0)
        self.assertEqual(report["shops"]["sent"], self.promised, "the dry run promised another")
        self.assertEqual(report["rest"], {"left": 0, "partners_failed": 0, "elsewhere": 0,
                                          "exceptions": 0})
        self.assert_same_as_sap()
        records, links = self.numbers()
        data = self.sap.control("data")
        living = [a for a in data["articles"] if a.get("DELETED") != "X"]
        self.assertEqual(records["variant"], len(living))
        published = [p for p in self.shop.control("products") if p["status"] == "publish"]
        self.assertEqual(links["product"], len(published))
        self.assertIn("No open exceptions.", self.kontor.must("status"))

    def test_4_a_second_run_sends_nothing(self):
        before = self.shop.control("counts")
        for words in ([], ["--full"]):
            report = self.kontor.sync("all", *words)
            self.assertEqual(report["shops"]["sent"], 0)
            self.assertEqual(report["catalogue"]["changed"] + report["catalogue"]["created"], 0)
        after = self.shop.control("counts")
        self.assertEqual(after["writes"], before["writes"])
        self.assertEqual(after["items_written"], before["items_written"])

    def test_5_one_price_travels_alone(self):
        price = next(p for p in self.sap.control("data")["prices"]
                     if p["MATNR"] == self.goods[0].sku and p.get("PRICE_LIST", "00") == "00")
        amount = kut.moved(price["AMOUNT"])
        self.sap.control("change", {"kind": "price", "key": {"PRICE_ID": price["PRICE_ID"]},
                                    "set": {"AMOUNT": amount}})
        dry = self.kontor.must("sync", "all", "--dry-run")
        self.assertIn(f'-> "{amount}"', dry)
        self.assertIn("dry run: 1 unit would be sent, 0 withdrawn, 0 refused", dry)
        before = self.shop.control("counts")["items_written"]
        report = self.kontor.sync("prices")
        self.assertEqual(report["prices"]["changed"], 1)
        self.assertEqual(self.shop.control("counts")["items_written"], before + 1)

    def test_5b_a_changed_setting_sends_what_differs(self):
        """The buffer changes stock alone; first shown, then sent once."""
        usual = self.kontor.settings
        self.addCleanup(self.kontor.write, usual)
        buffered = kut.fast_settings(self.sap, self.shop, channels__shop__buffer=2)
        before = {p["sku"]: p["stock_quantity"] for p in self.shop.control("products")}
        differing = sum(1 for n in before.values() if n)      # 0 stays 0
        self.assertGreater(differing, 0)
        self.kontor.write(buffered)
        self.assertRegex(self.kontor.must("sync", "all", "--dry-run"),
                         rf"dry run: {differing} units would be sent, 0 withdrawn, 0 refused")
        self.assertEqual(self.kontor.sync()["shops"]["sent"], differing)
        for p in self.shop.control("products"):
            if before[p["sku"]] is not None:
                self.assertEqual(p["stock_quantity"], max(before[p["sku"]] - 2, 0), p["sku"])
        self.assertEqual(self.kontor.sync()["shops"]["sent"], 0)
        self.kontor.write(usual)
        self.assertEqual(self.kontor.sync()["shops"]["sent"], differing)
        self.assert_same_as_sap()

    def test_6_an_order_is_shown(self):
        order_id, = self.place(1)
        self.kontor.sync()
        number = self.erp_number(order_id)
        self.assertTrue(number)
        shown = self.kontor.must("order", "show", str(order_id))
        for text in (number, "told", "one-time account", "shipping-"):
            self.assertIn(text, shown)
        order, = json.loads(self.kontor.must("--json", "order", "show", str(order_id)))["orders"]
        self.assertEqual(order["erp_number"], number)
        self.assertEqual(order["history"][-1]["to"], "told")
        by_key, = json.loads(self.kontor.must("--json", "order", "show", order["key"]))["orders"]
        self.assertEqual(by_key, order)
        self.assertIsNone(order["customer"])
        self.assertIsNone(order["history"][0]["from"])
        missing = self.kontor.run("order", "show", "no-such-order")
        self.assertEqual(missing.status, ATTENTION)

    def test_7_an_exception_is_shown_explained_and_retried(self):
        wrong = kut.faulty(self.goods, "bad_postcode")
        postcode = wrong["billing"]["postcode"]
        order_id, = self.place(wrong)
        synced = self.kontor.run("sync", "orders")
        self.assertEqual(synced.status, ATTENTION)
        x, = self.kontor.exceptions()
        self.assertEqual((x["code"], x["owner"]), ("ORDER_POSTCODE_INVALID", "clerk"))
        number = str(x["number"])
        english = self.kontor.must("exceptions", "show", number)
        german = self.kontor.must("--lang", "de", "exceptions", "show", number)
        for text in (english, german):      # the clerk sees it …
            self.assertIn(f'{postcode}', text)
        self.assertIn("Correct postal code", english)
        self.assertIn("berichtigen", german)
        self.assertNotIn(wrong["billing"]["last_name"], synced.err)     # … a log does not
        self.assertEqual(self.kontor.run("exceptions").status, ATTENTION)
        self.assertEqual(self.kontor.exceptions("--cause", "ORDER_UNPAID"), [])
        self.assertEqual(len(self.kontor.exceptions("--cause", x["cause"])), 1)
        good = dict(wrong["billing"], postcode=self.shop_order(order_id)["billing"]["postcode"])
        sound = kut.sound(self.goods, 1)[0]
        good.update({k: sound["billing"][k] for k in ("postcode", "country", "city", "address_1")})
        self.change_order(order_id, billing=good, shipping=dict(sound["shipping"]))
        self.assertIn(f"{number}: ", self.kontor.must("exceptions", "retry", "--cause",
                                                      "ORDER_POSTCODE_INVALID"))
        self.kontor.sync("orders")
        self.assertTrue(self.erp_number(order_id))
        self.assertEqual(self.kontor.exceptions(), [])
        self.assertEqual(self.kontor.exceptions("--all")[0]["open"], False)
        self.assertIn("closed already", self.kontor.must("exceptions", "retry", number))
        self.assertEqual(self.kontor.run("exceptions", "show", "999").status, ATTENTION)

    def test_7b_logs_hold_neither_persons_nor_secrets(self):
        """At debug level, and even where the shop quotes the customer in its refusal."""
        usual = self.kontor.settings
        self.addCleanup(self.kontor.write, usual)
        self.kontor.write(kut.fast_settings(self.sap, self.shop, log__level="debug"))
        order_id, = self.place(1)
        person = self.shop_order(order_id)["billing"]
        self.shop.control("misbehave", {
            "on": "PUT /orders/*", "mode": "status", "status": 400, "times": 1,
            "body": {"code": "rest_invalid_param", "message": "invalid: " + person["address_1"]}})
        synced = self.kontor.run("--verbose", "sync", "orders", "--wait", "1")
        x, = self.kontor.exceptions("--cause", "CHANNEL_REFUSED")
        self.assertIn(person["address_1"], x["sentence"])
        self.assertIn("event=http.called", synced.err)
        self.assertIn("event=order.untold", synced.err)
        hidden = [v for k, v in person.items() if k not in ("country", "state") and len(v) > 3]
        self.assertGreater(len(hidden), 4)
        for value in (*hidden, kut.SAP_LOGIN[1], kut.SHOP_LOGIN[1]):
            self.assertNotIn(value, synced.err)
        self.kontor.must("exceptions", "retry", str(x["number"]))
        self.kontor.sync("orders")
        self.assertEqual(self.kontor.exceptions(), [])
        self.assertTrue(self.erp_number(order_id))

    def test_8_the_service_starts_looks_again_and_stops(self):
        path = os.path.join(self.folder, "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(path)
            manager.settimeout(20)
            node = self.kontor.serve("service", NOTIFY_SOCKET=path)
            self.assertEqual(manager.recv(100), b"READY=1")
            node.process.send_signal(signal.SIGHUP)
            kut.wait_for("the look at the file", lambda: "config.unchanged" in node.text(),
                         alive=[node])
            node.process.send_signal(signal.SIGHUP)
            order_id, = self.place(1)
            self.wait_told([order_id], node)
            self.assertEqual(node.stop(), OK)
            self.assertEqual(manager.recv(100), b"STOPPING=1")
        self.assertIn("service.stopped", node.text())
        self.assertNotIn(self.shop_order(order_id)["billing"]["last_name"], node.text())

    def test_9_another_shop_at_the_same_address_gets_nothing(self):
        port = self.shop.url.rsplit(":", 1)[1]
        self.shop.stop()
        done = self.kontor.run("sync", "all", "--wait", "1")
        self.assertEqual(done.status, PARTNER, done.out)
        other = kut.StandIn("wcv3.py", "--port", port)
        with other:
            done = self.kontor.run("check")
            self.assertEqual(done.status, PARTNER)
            self.assertRegex(done.out, r"channel shop +problem +.* was pinned; nothing is written")
            self.kontor.run("sync", "all", "--full", "--wait", "1")
            self.assertEqual(other.control("counts")["writes"], 0)


if __name__ == "__main__":
    kut.main()
