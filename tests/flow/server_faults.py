"""A database server in trouble while the service works in both directions: restarted, killed,
read-only, without a connection to give, and answers to COMMIT that get lost. The sentence is clear,
no partner is blamed, nothing is lost or doubled, and work resumes by itself.

The program comes by TCP and with a password. Used by test_store_faults_postgresql.py and
test_store_faults_mariadb.py.
"""
import socket
import threading
import time
import unittest

import database_server
import kontor_under_test as kut
from cutting_proxy import CuttingProxy
from kontor_under_test import wait_for

CHANGES, AWAY_S = 12, 1.5
LOST = {"en": "The connection to the database is lost", "de": "Die Verbindung zur Datenbank ist weg"}
READ_ONLY = {"en": "The database takes no changes", "de": "Die Datenbank nimmt keine Änderungen an"}


class Faults(kut.Bench):
    """The tests; once for each kind of server."""
    kind = None
    articles = 40
    # short calls make short leases, which is what a lost answer has to wait for at worst
    more = dict(kut.QUICK, database__busy="3s", erps__main__brakes=kut.NO_BRAKES,
                channels__shop__connection__timeout="1s")

    @classmethod
    def setUpClass(cls):
        if cls.kind is None:
            raise unittest.SkipTest("once for each kind of server")
        try:
            cls.server = cls.kind()
        except database_server.Absent as why:
            raise unittest.SkipTest(str(why)) from None
        cls.addClassCleanup(cls.server.close)
        cls.server.start()
        cls.proxy = CuttingProxy(cls.server)
        cls.addClassCleanup(cls.proxy.close)
        super().setUpClass()
        cls.goods = cls.goods[:8]
        cls.kontor.sync()
        cls.node = cls.kontor.serve()
        cls.turn = 0

    @classmethod
    def make_kontor(cls):
        database = kut.ServerDatabase(cls.server, cls.folder, cls.proxy.port)
        return kut.Kontor(cls.folder, kut.fast_settings(cls.sap, cls.shop, **cls.more),
                          database=database)

    # ---- load

    def change_some(self):
        """Stock figures of a few articles in SAP, and prices of those that nobody orders, each time
        others."""
        type(self).turn += 1
        data = self.sap.control("data")
        ordered = {g.sku for g in self.goods}
        prices = [p for p in data["prices"] if p["PRICE_ID"].endswith("-01") and p["PER"] == "1"
                  and p["MATNR"] not in ordered]
        for i in range(CHANGES):
            row = prices[(self.turn * CHANGES + i) % len(prices)]
            self.change("price", row, AMOUNT=kut.moved(row["AMOUNT"], 1 + self.turn % 5))
            row = data["stock"][(self.turn * CHANGES + i) % len(data["stock"])]
            figure = str(100 + (self.turn * 7 + i) % 800)
            self.change("stock", row, ON_HAND=figure, AVAILABLE=figure)

    def load(self):
        """Orders and changes without a pause, until stop() is called, which gives the orders."""
        over, ids, wrong = threading.Event(), [], []

        def go():
            try:
                while not over.is_set():
                    ids.extend(self.place(1))
                    self.change_some()
                    over.wait(0.05)
            except Exception as why:        # told by stop()
                wrong.append(why)
        thread = threading.Thread(target=go, daemon=True)
        thread.start()

        def stop():
            over.set()
            thread.join(60)
            self.assertEqual(wrong, [])
            return ids
        return stop

    # ---- what is expected

    def since(self, mark):
        return self.node.text()[mark:]

    def says(self, mark, code):
        wait_for(f"{code} in the log", lambda: f'code="{code}"' in self.since(mark), 30,
                 [self.node])

    def command_says(self, sentences, code, *words):
        """A command beside the service says the same in words, in both languages."""
        for lang, sentence in sentences.items():
            done = self.kontor.run("--lang", lang, *words)
            self.assertEqual(done.status, 4, done.err + done.out)
            self.assertRegex(done.err, rf"kontor: {sentence}: .*\[{code}\]")
            self.assertNotIn(database_server.PASSWORD, done.err)

    def expect_all_well(self, mark, ids):
        self.assertGreater(len(ids), 0)
        wait_for("orders in Kontor", lambda: self.open_orders(ids), 60, [self.node])
        self.wait_told(ids, self.node, 150)
        documents = self.documents()
        self.assertEqual([len(documents[i]) for i in ids], [1] * len(ids))
        wait_for("the shop like SAP", lambda: kut.compare(self.sap, self.shop).found == [], 60,
                 [self.node])
        self.assert_same_as_sap()
        held = [line for line in self.since(mark).splitlines()
                if "event=endpoint.held" in line and "STORE_" in line]
        self.assertEqual(held, [], "a partner was blamed for our own store")
        wait_for("no open exceptions", lambda: not self.kontor.open_codes(), 30, [self.node])
        self.assert_whole()

    def open_orders(self, ids):
        known = {row[0] for row in self.kontor.query("SELECT order_id FROM orders")}
        return {str(i) for i in ids} <= known

    def under_load(self, begin, end, code, sentences=None, words=("status",)):
        """The fault begins in the middle of work and ends in the middle of more."""
        mark = len(self.node.text())
        stop = self.load()
        try:
            before = self.sap.control("counts")["documents"]
            wait_for("work under way", lambda: self.sap.control("counts")["documents"] > before + 2,
                     30, [self.node])
            begin()
            self.says(mark, code)
            if sentences:
                self.command_says(sentences, code, *words)
            time.sleep(AWAY_S)
        finally:
            self.kontor.database.close()
            end()
            time.sleep(0.3)
            ids = stop()
        self.expect_all_well(mark, ids)
        self.assertTrue(self.node.is_alive())

    # ---- the tests

    def test_0_a_server_that_says_nothing(self):
        """It takes the connection and never answers: who waits is told after `busy`."""
        folder = kut.make_folder("silent")
        self.addCleanup(kut.drop_folder, folder)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            kontor = kut.Kontor(folder, kut.fast_settings(self.sap, self.shop, **self.more),
                                database=kut.ServerDatabase(self.server, folder, port))
            began = time.monotonic()
            done = kontor.run("status")
        self.assertEqual(done.status, 4, done.err)
        self.assertIn(LOST["en"], done.err)
        self.assertLess(time.monotonic() - began, 10)

    def test_1_restarted(self):
        self.under_load(self.server.stop, self.server.start, "STORE_LOST", LOST)

    def test_2_killed(self):
        self.under_load(self.server.kill, self.server.start, "STORE_LOST", LOST)

    def test_3_read_only(self):
        self.under_load(lambda: self.server.read_only(True), lambda: self.server.read_only(False),
                        "STORE_READ_ONLY", READ_ONLY, ("sync", "all", "--full", "--wait", "0"))

    def test_4_out_of_connections(self):
        self.under_load(self.server.take_all_connections, self.server.give_connections,
                        "STORE_LOST", LOST)

    def test_5_answers_to_commit_lost(self):
        """After the COMMIT or before it: who sent it cannot tell. The committer looks its batch
        up, all others begin again; until it has met both, twice."""
        mark = len(self.node.text())
        stop = self.load()
        try:
            for cut in ({"after": 1000}, {"before": 1000}):
                batches = self.batches_lost(mark)
                self.proxy.cut(every=5, **cut)
                wait_for(f"batches to look up, COMMITs cut {cut}", lambda seen=batches:
                         self.batches_lost(mark) >= seen + 2, 90, [self.node])
                self.proxy.cut()
        finally:
            self.proxy.cut()
            ids = stop()
        self.expect_all_well(mark, ids)
        self.assertGreater(self.proxy.lost, 8)
        rows, numbers = self.kontor.query("SELECT COUNT(*), COUNT(DISTINCT seq) FROM journal")[0]
        self.assertEqual(rows, numbers)

    def batches_lost(self, mark):
        return self.since(mark).count("event=commit.lost")

    def test_9_ends_in_good_order(self):
        self.assertEqual(self.node.stop(), 0)
