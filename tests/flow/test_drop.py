#!/usr/bin/python3
"""The file drop of a running service: tables and messages that others put into a folder."""
import glob
import json
import os
import signal
import threading
import time
import types
import unittest

import kontor_under_test as kut
from kontor_under_test import wait_for

NOWHERE = types.SimpleNamespace(url="http://127.0.0.1:9")   # partners are of no interest here

FILES = {
    "stock": {"pattern": "stock_*.csv", "kind": "stock", "values": {"warehouse": "0001"}},
    "same": {"pattern": "same.csv", "kind": "stock", "values": {"warehouse": "0001"}},
    "content": {"pattern": "content_*.csv", "kind": "stock", "repeat": "by_content",
                "values": {"warehouse": "0001"}},
    "once": {"pattern": "once_*.csv", "kind": "stock", "renewed": "refuse",
             "values": {"warehouse": "0001"}},
    "strict": {"pattern": "strict_*.csv", "kind": "stock", "unknown_columns": "refuse"},
    "prices": {"pattern": "preise_*.csv", "kind": "price", "encoding": "windows-1252",
               "decimals": "comma", "dates": ["dd.mm.yyyy"],
               "columns": {"Artikel": "sku", "Preis": "amount", "Gültig ab": "valid_from",
                           "Bemerkung": ""},
               "values": {"id": "{Artikel}-00", "currency": "EUR", "per": "1", "list": "00"}},
    "articles": {"pattern": "artikel_*.csv", "kind": "article",
                 "columns": {"Nummer": "sku", "Name": "texts.de.name", "Farbe": "attributes.F"}},
    "xml": {"pattern": "*.xml", "format": "xml"},
}
SECTION = {"erp": "main", "folder": "in", "every": "1s", "settle": "0s", "batch": 100,
           "files": FILES}

STOCK_MESSAGE = """<p:PushStock xmlns:p="urn:kontor:push:1">
  <p:stock><p:sku>X-1</p:sku><p:warehouse>0001</p:warehouse><p:available>7</p:available></p:stock>
</p:PushStock>"""


def table(rows, header="sku;available"):
    return "\n".join([header, *rows]) + "\n"


def settings(**section):
    return kut.fast_settings(
        NOWHERE, NOWHERE, erps__main__every=kut.BY_HAND, channels__shop__orders={"take": False},
        drop={"hall": dict(SECTION, **section)})


class Drop(unittest.TestCase):
    section = {}

    def setUp(self):
        self.folder = kut.make_folder("drop")
        self.addCleanup(kut.drop_folder, self.folder)
        self.place = os.path.join(self.folder, "in")
        os.mkdir(self.place)
        self.kontor = kut.Kontor(self.folder, settings(**self.section)).migrate()
        self.addCleanup(self.kontor.close)

    def serve(self, name="node", **env):
        self.node = self.kontor.serve(name, **env)
        return self.node

    # ---- the folder

    def put(self, name, text, encoding="utf-8"):
        """Written beside and renamed, as a careful sender does."""
        path = os.path.join(self.place, name)
        data = text if isinstance(text, bytes) else text.encode(encoding)
        with open(path + ".tmp", "wb") as file:
            file.write(data)
        os.rename(path + ".tmp", path)
        return path

    def kept(self, place, name="*"):
        """What stands there for the file of this name, oldest first."""
        return sorted(p for p in glob.glob(os.path.join(self.place, place, "*~" + name))
                      if ".report." not in os.path.basename(p) or ".report." in name)

    def reports(self, name, place="reports"):
        found = []
        for path in self.kept(place, name + ".report.json"):
            with open(path, encoding="utf-8") as file:
                found.append(json.load(file))
        return found

    def report(self, name, number=1, deadline_s=20):
        """The last report of a file, once there are that many and the file is put away."""
        wait_for(f"report {number} of {name}",
                 lambda: len(self.kept("archive", name) + self.kept("error", name)) >= number,
                 deadline_s, [self.node])
        self.assertEqual(len(self.reports(name)), number)
        return self.reports(name)[-1]

    def text_report(self, name):
        with open(self.kept("reports", name + ".report.txt")[-1], encoding="utf-8") as file:
            return file.read()

    def counts(self, report):
        return tuple(report[k] for k in ("accepted", "unchanged", "stale", "refused"))

    def is_empty(self):
        """Nothing is left lying about."""
        self.assertEqual(self.kept("work"), [])
        self.assertEqual([n for n in os.listdir(self.place)
                          if os.path.isfile(os.path.join(self.place, n)) and n[0] != "."], [])

    # ---- what was taken

    def stock(self):
        return {sku: available / 1000 for sku, available in self.kontor.query(
            "SELECT sku, available FROM stock WHERE rec_deleted = 0")}

    def journal(self):
        """Changes of each record: more than one, and it was taken twice."""
        return dict(self.kontor.query("SELECT row_key, rec_rev FROM stock"))


class Tables(Drop):
    def test_stock_prices_and_articles(self):
        self.serve()
        self.put("stock_1.csv", table(["A-1;5", "A-2;7.5"]))
        self.put("preise_1.csv", "Artikel;Preis;Gültig ab;Bemerkung\r\n"
                 "A-1;1234,50;01.02.2026;für Käufer\r\nA-2;0,99;;\r\n", "windows-1252")
        self.put("artikel_1.csv", "Nummer,Name,Farbe,Lager\nA-1,\"Lampe, groß\",rot,x\nA-2,Topf,,\n")
        report = self.report("stock_1.csv")
        self.assertEqual((report["state"], report["rows"], self.counts(report)),
                         ("taken", 2, (2, 0, 0, 0)))
        self.assertEqual(self.stock(), {"A-1": 5, "A-2": 7.5})
        self.assertEqual(self.report("preise_1.csv")["state"], "taken")
        self.assertEqual(
            self.kontor.query("SELECT id, amount, valid_from FROM price ORDER BY id"),
            [("A-1-00", 1234500000, 20260201), ("A-2-00", 990000, None)])
        report = self.report("artikel_1.csv")
        self.assertEqual((report["rows"], self.counts(report)), (2, (4, 0, 0, 0)))
        self.assertEqual(report["unknown_columns"], ["Lager"])
        name, = self.kontor.query("SELECT texts FROM product WHERE id = 'A-1'")
        self.assertEqual(json.loads(name[0]), [{"language": "de", "name": "Lampe, groß"}])
        self.assertEqual(self.kontor.query("SELECT sku, product FROM variant ORDER BY sku"),
                         [("A-1", "A-1"), ("A-2", "A-2")])
        self.is_empty()

    def test_runs_show_each_file(self):
        self.serve()
        self.put("stock_1.csv", table(["A-1;5", "A-2;x"]))
        report = self.report("stock_1.csv")
        run, = json.loads(self.kontor.must("--json", "runs", "list"))["runs"]
        self.assertEqual((run["number"], run["endpoint"], run["stream"], run["how"], run["state"]),
                         (report["run"], "main", "drop hall", "file", "done"))
        self.assertEqual((run["changed"], run["refused"]), (1, 1))

    def test_bad_rows_are_told_and_the_rest_is_taken(self):
        self.serve()
        rows = [f"A-{n};{n}" for n in range(250)]
        rows[100] = "A-100;many"
        rows[101] = "A-101"
        rows[200] = ";5"
        self.put("stock_1.csv", table(rows))
        report = self.report("stock_1.csv")
        self.assertEqual((report["state"], report["rows"], self.counts(report)),
                         ("partly", 250, (247, 0, 0, 3)))
        self.assertEqual(
            [(r["line"], r["code"], r.get("field")) for r in report["refusals"]],
            [(102, "CSV_NUMBER", "available"), (103, "CSV_FIELD_COUNT", None),
             (202, "FIELD_MISSING", "sku")])
        self.assertEqual(report["refusals"][0]["sentence"],
                         'Line 102, available: "many" is no number like 1234.5')
        self.assertEqual(len(self.stock()), 247)
        refused = json.loads(self.kontor.must("--json", "exceptions", status=(0, 1)))["exceptions"]
        self.assertEqual({x["trail"] for x in refused if x["subject"] == "record"},
                         {"brought by drop:hall, file stock_1.csv"})
        text = self.text_report("stock_1.csv")
        self.assertIn("line 103, stock", text)
        self.assertIn("Line 103 has 1 fields, the first line 2", text)
        self.assertIn("What to do: ", text)

    def test_file_that_breaks_off(self):
        self.serve()
        rows = [f"A-{n};{n}" for n in range(150)]
        rows[120] = 'A-120;"1'
        self.put("stock_1.csv", table(rows))
        report = self.report("stock_1.csv")
        self.assertEqual((report["state"], self.counts(report)), ("broken_off", (120, 0, 0, 0)))
        self.assertEqual(report["why"]["code"], "CSV_QUOTE_OPEN")
        self.assertIn("Line 122", report["why"]["sentence"])
        self.assertEqual(len(self.kept("error", "stock_1.csv")), 1)
        self.assertEqual(self.reports("stock_1.csv", "error"), [report])
        self.assertEqual(self.report("stock_1.csv")["accepted"], 120)

    def test_files_that_are_refused(self):
        self.serve()
        wrong = {
            "stock_empty.csv": (b"", "CSV_EMPTY"),
            "stock_wide.csv": ("sku;available\n".encode("utf-16"), "CSV_UTF16"),
            "stock_key.csv": (b"available\n1\n", "CSV_KEY_ABSENT"),
            "strict_1.csv": (b"sku;warehouse;colour\nA;1;red\n", "CSV_COLUMN_UNKNOWN"),
            "preise_1.csv": (b"Artikel;Preis\nA;1\n", "CSV_COLUMN_ABSENT"),
            "notes.txt": (b"hello", "DROP_NO_RULE"),
            "bad.xml": (b"<a>", "DROP_XML"),
            "odd.xml": (b"<order/>", "DROP_XML"),
        }
        for name, (data, _) in wrong.items():
            self.put(name, data)
        for name, (_, code) in wrong.items():
            report = self.report(name)
            self.assertEqual((name, report["state"], report["why"]["code"]),
                             (name, "refused", code))
            self.assertEqual(len(self.kept("error", name)), 1)
        self.is_empty()
        self.assertEqual(self.stock(), {})

    def test_deletion(self):
        self.serve()
        self.put("stock_1.csv", table(["A-1;5", "A-2;7"]))
        self.report("stock_1.csv")
        self.put("stock_2.csv", table(["A-1;;ja", "A-2;8;"], "sku;available;deleted"))
        self.report("stock_2.csv")
        self.assertEqual(self.stock(), {"A-2": 8})

    def test_row_is_the_whole_record(self):
        self.serve()
        self.put("stock_1.csv", table(["A-1;5;9"], "sku;available;on_hand"))
        self.report("stock_1.csv")
        self.put("stock_2.csv", table(["A-1;5"]))
        self.assertEqual(self.report("stock_2.csv")["accepted"], 1)
        self.assertEqual(self.kontor.query("SELECT available, on_hand FROM stock"), [(5000, None)])

    def test_report_in_german(self):
        self.kontor.write(settings(language="de"))
        self.serve()
        self.put("stock_1.csv", table(["A-1;viel"]))
        report = self.report("stock_1.csv")
        self.assertEqual(report["refusals"][0]["sentence"],
                         "Zeile 2, available: „viel“ ist keine Zahl wie 1234.5")
        self.assertIn("Was zu tun ist: ", self.text_report("stock_1.csv"))


class Repeats(Drop):
    def test_same_name_and_content_is_a_duplicate(self):
        self.serve()
        for number in (1, 2):
            self.put("stock_1.csv", table(["A-1;5"]))
            report = self.report("stock_1.csv", number)
        self.assertEqual(report["state"], "duplicate")
        self.put("stock_1.csv", table(["A-1;6"]))       # the name again, but something new
        self.assertEqual(self.report("stock_1.csv", 3)["state"], "taken")
        self.put("stock_2.csv", table(["A-1;5"]))       # the content again, but a new name
        self.assertEqual(self.report("stock_2.csv")["state"], "taken")
        self.assertEqual(self.stock(), {"A-1": 5})
        run = json.loads(self.kontor.must("--json", "runs", "list"))["runs"]
        self.assertEqual([r["changed"] for r in run], [1, 1, 0, 1])

    def test_one_name_only_is_never_a_duplicate(self):
        self.serve()
        for number, available in enumerate((5, 7, 5), 1):
            self.put("same.csv", table([f"A-1;{available}"]))
            self.assertEqual(self.report("same.csv", number)["state"], "taken")
        self.assertEqual(self.stock(), {"A-1": 5})
        self.assertEqual(list(self.journal().values()), [3])

    def test_same_content_under_another_name(self):
        self.serve()
        self.put("content_1.csv", table(["A-1;5"]))
        self.report("content_1.csv")
        self.put("content_2.csv", table(["A-1;5"]))
        self.assertEqual(self.report("content_2.csv")["state"], "duplicate")

    def test_renewed_name_is_refused_where_set(self):
        self.serve()
        self.put("once_1.csv", table(["A-1;5"]))
        self.report("once_1.csv")
        self.put("once_1.csv", table(["A-1;6"]))
        report = self.report("once_1.csv", 2)
        self.assertEqual(report["why"]["code"], "DROP_NAME_TAKEN")
        self.put("once_1.csv", table(["A-1;5"]))
        self.assertEqual(self.report("once_1.csv", 3)["state"], "duplicate")
        self.assertEqual(self.stock(), {"A-1": 5})

    def test_changed_settings_take_a_file_anew(self):
        self.serve()
        self.put("stock_1.csv", table(["A-1;5"]))
        self.report("stock_1.csv")
        self.assertEqual(self.node.stop(), 0)
        changed = dict(FILES, stock=dict(FILES["stock"], values={"warehouse": "0002"}))
        self.kontor.write(settings(files=changed))
        self.serve()
        self.put("stock_1.csv", table(["A-1;5"]))
        self.assertEqual(self.report("stock_1.csv", 2)["state"], "taken")
        self.assertEqual(len(self.journal()), 2)


class Strangers(Drop):
    section = {"size_max": 1000}

    def test_links_and_devices_are_not_followed(self):
        secret = os.path.join(self.folder, "secret.csv")
        with open(secret, "w", encoding="utf-8") as file:
            file.write(table(["S-1;1"]))
        os.symlink(secret, os.path.join(self.place, "stock_soft.csv"))
        os.link(secret, os.path.join(self.place, "stock_hard.csv"))
        os.mkfifo(os.path.join(self.place, "stock_pipe.csv"))
        os.mkdir(os.path.join(self.place, "stock_folder.csv"))
        self.serve()
        for name in ("stock_soft.csv", "stock_hard.csv", "stock_pipe.csv"):
            wait_for(name, lambda n=name: self.reports(n), 20, [self.node])
            self.assertEqual(self.reports(name)[0]["why"]["code"], "DROP_NOT_PLAIN", name)
        self.assertEqual(self.stock(), {})
        self.assertTrue(os.path.isdir(os.path.join(self.place, "stock_folder.csv")))
        self.assertTrue(os.path.exists(secret))

    def test_folders_inside_may_not_be_links(self):
        os.symlink(self.folder, os.path.join(self.place, "archive"))
        self.put("stock_1.csv", table(["A-1;5"]))
        node = self.serve()
        wait_for("two refusals", lambda: node.text().count("DROP_FOLDER") >= 2, 20, [node])
        self.assertIn("archive", self.kontor.run("check").out)
        self.assertEqual(self.stock(), {})
        os.remove(os.path.join(self.place, "archive"))
        self.report("stock_1.csv")
        self.assertEqual(self.stock(), {"A-1": 5})

    def test_folder_that_comes_later(self):
        """The rest of the service does not wait for a network drive."""
        os.rmdir(self.place)
        done = self.kontor.run("check")
        self.assertIn("serve goes on without it, and tries again", done.out)
        node = self.serve()
        wait_for("a failure", lambda: "event=drop.failed" in node.text(), 20, [node])
        self.assertIn("event=service.started", node.text())
        os.mkdir(self.place)
        self.put("stock_1.csv", table(["A-1;5"]))
        self.report("stock_1.csv")
        self.assertEqual(self.stock(), {"A-1": 5})
        self.assertEqual({p for p, in self.kontor.query("SELECT partner FROM message")},
                         {"drop:hall"})

    def test_odd_names(self):
        self.serve()
        self.put("stock_2.csv~", table(["A-1;1"]))          # an editor's copy
        self.put(".stock_3.csv", table(["A-1;1"]))
        self.put("stock_1.csv\n", table(["A-1;1"]))
        self.put("stock_" + "x" * 220 + ".csv", table(["A-1;1"]))
        wait_for("two refusals", lambda: len(self.kept("error", "unnamed-*[0-9a-f]")) == 2, 20,
                 [self.node])
        self.assertEqual(self.stock(), {})
        self.assertTrue(os.path.exists(os.path.join(self.place, "stock_2.csv~")))
        self.assertTrue(os.path.exists(os.path.join(self.place, ".stock_3.csv")))

    def test_size(self):
        self.serve()
        self.put("stock_1.csv", table([f"A-{n:06};1" for n in range(110)]))
        self.assertEqual(self.report("stock_1.csv")["why"]["code"], "DROP_TOO_LARGE")

    @unittest.skipIf(os.geteuid() == 0, "root may read everything")
    def test_no_right_to_read(self):
        path = self.put("later.txt", table(["A-1;1"]))
        os.chmod(path, 0)
        os.rename(path, os.path.join(self.place, "stock_1.csv"))
        self.serve()
        self.assertEqual(self.report("stock_1.csv")["why"]["code"], "DROP_UNREADABLE")

    def test_strangers_may_be_left_alone(self):
        self.kontor.write(settings(strangers="leave"))
        path = self.put("notes.txt", "hello")
        self.serve()
        self.put("stock_1.csv", table(["A-1;1"]))
        self.report("stock_1.csv")
        self.assertTrue(os.path.exists(path))

    def test_cleared_folder_is_made_again(self):
        self.serve()
        self.put("stock_1.csv", table(["A-1;1"]))
        self.report("stock_1.csv")
        for place in ("work", "archive", "error", "reports"):
            for name in os.listdir(os.path.join(self.place, place)):
                os.unlink(os.path.join(self.place, place, name))
            os.rmdir(os.path.join(self.place, place))
        self.put("stock_2.csv", table(["A-2;2"]))
        wait_for("the second file", lambda: len(self.stock()) == 2, 20, [self.node])


class Patience(Drop):
    section = {"settle": "1s"}

    def test_growing_file_is_left_until_it_stands_still(self):
        self.serve()
        path = os.path.join(self.place, "stock_1.csv")
        with open(path, "w", encoding="utf-8") as file:
            file.write("sku;available\n")
            file.flush()
            for n in range(25):
                file.write(f"A-{n};{n}\n")
                file.flush()
                threading.Event().wait(0.1)     # the sender's pace, not the test's patience
                self.assertTrue(os.path.exists(path), "it was taken while it grew")
        report = self.report("stock_1.csv")
        self.assertEqual((report["state"], report["accepted"]), ("taken", 25))


class Triggers(Drop):
    section = {"trigger": ".ok", "every": "1h"}     # so the system must tell of the trigger

    def test_trigger_says_when(self):
        self.serve()
        self.put("stock_1.csv", table(["A-1;1"]))
        self.put("stock_2.csv", table(["A-2;2"]))
        self.put("stock_2.ok", "")
        self.report("stock_2.csv")
        self.assertEqual(self.stock(), {"A-2": 2})
        self.put("stock_1.csv.ok", "")
        self.report("stock_1.csv")
        self.is_empty()

    def test_trigger_of_an_earlier_file_does_not_count(self):
        old = self.put("stock_1.ok", "")
        os.utime(old, (1, 1))
        self.put("stock_1.csv", table(["A-1;1"]))
        self.serve()
        self.put("stock_2.csv", table(["A-2;2"]))
        self.put("stock_2.ok", "")
        self.report("stock_2.csv")
        self.assertTrue(os.path.exists(os.path.join(self.place, "stock_1.csv")))


class Order(Drop):
    def test_by_name(self):
        for number in (3, 1, 2):
            self.put(f"stock_{number}.csv", table([f"A-1;{number}"]))
        self.serve()
        self.report("stock_3.csv")
        self.assertEqual(self.stock(), {"A-1": 3})

    def test_by_time(self):
        self.kontor.write(settings(order="time"))
        for number, at in ((3, 1000), (1, 3000), (2, 2000)):
            path = self.put(f"stock_{number}.csv", table([f"A-1;{number}"]))
            os.utime(path, (at, at))
        self.serve()
        self.report("stock_1.csv")
        self.assertEqual(self.stock(), {"A-1": 1})


class Messages(Drop):
    def test_push_message(self):
        self.serve()
        self.put("a.xml", STOCK_MESSAGE)
        report = self.report("a.xml")
        self.assertEqual((report["state"], self.counts(report)), ("taken", (1, 0, 0, 0)))
        self.assertEqual(self.stock(), {"X-1": 7})
        self.put("a.xml", STOCK_MESSAGE)
        self.assertEqual(self.report("a.xml", 2)["state"], "duplicate")

    def test_idocs(self):
        """Several IDocs in a file; each is known by its own number."""
        def customer(docnum, kunnr):
            return (f'<IDOC BEGIN="1"><EDI_DC40 SEGMENT="1"><DOCNUM>{docnum}</DOCNUM>'
                    f"<MESTYP>DEBMAS</MESTYP><IDOCTYP>DEBMAS06</IDOCTYP><SNDPRN>ERP100</SNDPRN>"
                    f"<CREDAT>20260301</CREDAT><CRETIM>101500</CRETIM></EDI_DC40>"
                    f'<E1KNA1M SEGMENT="1"><MSGFN>005</MSGFN><KUNNR>{kunnr}</KUNNR>'
                    f"<NAME1>Haus</NAME1><LAND1>DE</LAND1></E1KNA1M></IDOC>")
        self.serve()
        self.put("debmas.xml", f"<DEBMAS06>{customer(1, 4711)}{customer(2, 4712)}</DEBMAS06>")
        report = self.report("debmas.xml")
        self.assertEqual((report["state"], self.counts(report)), ("taken", (2, 0, 0, 0)), report)
        self.assertEqual(self.kontor.query("SELECT number FROM customer ORDER BY number"),
                         [("4711",), ("4712",)])
        self.put("again.xml", f"<DEBMAS06>{customer(1, 4711)}</DEBMAS06>")
        self.assertEqual(self.report("again.xml")["state"], "duplicate")


class Killed(Drop):
    """SIGKILL at each step; afterwards every row was taken exactly once."""
    ROWS = [f"A-{n};{n}" for n in range(1000)]

    def die(self, step):
        self.put("stock_1.csv", table(self.ROWS))
        node = self.serve(KT_CRASH_AT=step)
        self.assertEqual(node.process.wait(60), -signal.SIGKILL)

    def recover(self):
        self.serve()
        report = self.report("stock_1.csv", deadline_s=60)
        self.assertEqual((report["state"], report["rows"], self.counts(report)),
                         ("taken", 1000, (1000, 0, 0, 0)))
        self.assertEqual(len(self.stock()), 1000)
        self.assertEqual(set(self.journal().values()), {1}, "a row was taken twice")
        self.assertEqual(len(self.kept("archive")), 1)
        self.is_empty()
        self.assertEqual(self.kontor.integrity(), "ok")

    def test_claimed(self):
        self.die("drop.claimed")
        self.assertEqual(len(self.kept("work")), 1)
        self.recover()

    def test_in_the_middle(self):
        self.die("drop.committed:4")
        self.assertEqual(len(self.stock()), 400)
        self.recover()

    def test_all_committed(self):
        self.die("drop.committed:10")
        self.assertEqual(len(self.stock()), 1000)
        self.recover()

    def test_reported(self):
        self.die("drop.reported")
        self.recover()

    def test_put_away(self):
        self.die("drop.put_away")
        self.serve()
        self.assertEqual(len(self.reports("stock_1.csv")), 1)
        self.assertEqual(set(self.journal().values()), {1})
        self.put("stock_1.csv", table(self.ROWS))
        self.assertEqual(self.report("stock_1.csv", 2)["state"], "duplicate")

    def test_stopped_in_the_middle_goes_on(self):
        self.put("stock_1.csv", table([f"A-{n};{n}" for n in range(40000)]))
        node = self.serve()
        wait_for("the first rows", lambda: len(self.stock()) > 0, 20, [node])
        self.assertEqual(node.stop(), 0)
        before = len(self.stock())
        self.assertEqual(len(self.kept("work")) + len(self.kept("archive")), 1)
        self.serve()
        report = self.report("stock_1.csv", deadline_s=120)
        self.assertEqual((report["state"], report["accepted"]), ("taken", 40000), before)
        self.assertEqual(set(self.journal().values()), {1})


class TwoNodes(Drop):
    def test_each_file_is_taken_once(self):
        nodes = [self.serve("one"), self.serve("two")]
        for number in range(40):
            self.put(f"stock_{number:02}.csv", table([f"A-{number}-{n};1" for n in range(20)]))
        wait_for("all files", lambda: len(self.kept("archive")) == 40, 60, nodes)
        self.assertEqual(len(self.stock()), 800)
        self.assertEqual(set(self.journal().values()), {1})
        self.assertEqual([r["state"] for n in range(40) for r in self.reports(f"stock_{n:02}.csv")],
                         ["taken"] * 40)
        self.is_empty()

    def test_the_other_one_takes_over(self):
        one = self.serve("one", KT_CRASH_AT="drop.committed:2")
        wait_for("the first node", lambda: os.path.exists(
            os.path.join(self.place, ".kontor.lock")), 20, [one])
        two = self.serve("two")
        wait_for("the second node", lambda: "event=service.started" in two.text() or
                 "serve" in two.text(), 20, [one, two])
        self.put("stock_1.csv", table([f"A-{n};{n}" for n in range(1000)]))
        self.assertEqual(one.process.wait(60), -signal.SIGKILL)
        self.node = two
        report = self.report("stock_1.csv", deadline_s=60)
        self.assertEqual((report["state"], self.counts(report)), ("taken", (1000, 0, 0, 0)))
        self.assertEqual(set(self.journal().values()), {1})


if __name__ == "__main__":
    kut.main()
