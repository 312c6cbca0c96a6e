#!/usr/bin/python3
"""The store in trouble: a disk that is full, and another program that holds the database. The
sentence is clear, nothing is lost or doubled, and work resumes by itself."""
import resource
import sqlite3
import subprocess
import time

import kontor_under_test as kut
from kontor_under_test import wait_for

LIMIT = 64 * 1024           # of any file: the log stays below, the database's journal does not
HELD_S, BUSY_S = 20, 3
NO_LIMIT = resource.RLIM_INFINITY


def limit(node, size):
    resource.prlimit(node.process.pid, resource.RLIMIT_FSIZE, (size, NO_LIMIT))


class StoreFaults(kut.Bench):
    articles = 24
    more = {"database__busy": f"{BUSY_S}s", "log__level": "warn"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kontor.sync()

    def booked_once(self, ids, node):
        self.wait_told(ids, node, 60)
        documents = self.documents()
        self.assertEqual([len(documents[i]) for i in ids], [1] * len(ids))

    def says(self, node, code):
        wait_for(f"{code} in the log", lambda: f'code="{code}"' in node.text(), 30, [node])

    def test_a_full_disk(self):
        node = self.kontor.serve("full")
        before = self.place(2)
        self.booked_once(before, node)
        limit(node, LIMIT)
        ids = self.place(10)
        self.says(node, "STORE_FULL")
        wait_for("a thread that starts anew",
                 lambda: "event=thread.stumbled" in node.text(), alive=[node])
        # A command under the same limit says so in words, in both languages.
        for lang, sentence in (("en", "The database cannot grow"),
                               ("de", "Die Datenbank kann nicht wachsen")):
            done = subprocess.run(
                [self.kontor.binary, "--config", self.kontor.file, "--lang", lang, "sync", "all",
                 "--full", "--wait", "0"], env=self.kontor.environment(), capture_output=True,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, NO_LIMIT)),
                timeout=60, check=False)
            self.assertEqual(done.returncode, 4, done.stderr.decode())
            self.assertIn(sentence, done.stderr.decode())
        self.assertLess(sum(kut.number_of(o) is not None for o in self.shop.control("orders")), 12)
        limit(node, NO_LIMIT)
        self.booked_once(ids, node)
        self.no_partner_is_blamed(node)
        self.assertEqual(node.stop(), 0)
        self.assert_whole()

    def no_partner_is_blamed(self, node):
        """Our own store's failure holds no partner back and names none."""
        held = [line for line in node.text().splitlines()
                if "event=endpoint.held" in line and "STORE_" in line]
        self.assertEqual(held, [])
        self.assertEqual(self.kontor.open_codes(), [])

    def test_full_in_the_middle_then_restarted(self):
        """The disk is full while creates are under way, and the process does not live to see it
        well again: the journal resumes with its successor."""
        node = self.kontor.serve("doomed")
        ids = self.place(8)
        wait_for("the first create", lambda: self.sap.control("counts")["calls"].get(
            "Z_KONTOR_ORDER_CREATE"), alive=[node])
        limit(node, LIMIT)
        ids += self.place(4)
        self.says(node, "STORE_FULL")
        node.kill()
        node = self.kontor.serve("successor")
        self.booked_once(ids, node)
        self.assertEqual(node.stop(), 0)
        self.assert_whole()

    def test_held_by_another_program(self):
        node = self.kontor.serve("held")
        other = sqlite3.connect(self.kontor.database.file, isolation_level=None)
        self.addCleanup(other.close)
        other.execute("BEGIN IMMEDIATE")
        since = time.monotonic()
        ids = self.place(5)
        self.says(node, "STORE_BUSY")
        self.kontor.must("status")                  # who only reads is not held up
        done = self.kontor.run("sync", "all", "--full", "--wait", "0")
        self.assertEqual(done.status, 4, done.err)
        self.assertIn(f"held by another program for more than {BUSY_S} s", done.err)
        wait_for(f"{HELD_S} s", lambda: time.monotonic() - since >= HELD_S, HELD_S + 1, [node])
        self.assertEqual([d for i in ids for d in self.documents()[i]], [])
        other.execute("ROLLBACK")
        began = time.monotonic()
        self.booked_once(ids, node)
        self.assertLess(time.monotonic() - began, 15)
        self.no_partner_is_blamed(node)
        self.assertEqual(node.stop(), 0)
        self.assert_whole()


if __name__ == "__main__":
    kut.main()
