#!/usr/bin/python3
"""The same octets once more, as senders of others made them: to the same node, to a second one, after
SIGKILL at the worst moments, and with clocks that jump. They are taken once, and answered alike."""
import concurrent.futures
import http.client
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import packages  # noqa: E402
import soap_clients  # noqa: E402
from wss_stacks import PASSWORD, Stacks, stock  # noqa: E402
import wss_under_test  # noqa: E402
import wss_xmlsec1 as spelt  # noqa: E402
from wss_message import Wire  # noqa: E402
from wss_under_test import TLS, etree, kut, nonce_token, wait_for  # noqa: E402

TEXT_XML = "text/xml; charset=utf-8"
KONTOR = "{urn:kontor:push:1}"
HOUR = 3600


class Repeats(Stacks):
    def told(self, root):
        """(was it a repeat, the answer without that word)"""
        body = root.find("{*}Body")[0]
        repeated = body.find(KONTOR + "repeated")
        said = repeated.text
        repeated.text = ""
        return said == "true", etree.tostring(body, method="c14n", exclusive=True)

    def send_told(self, wire, **how):
        return self.told(self.must(wire, listener="tls", **how))

    def renew(self, **env):
        """The node once more, as after a crash of its machine."""
        if self.node.is_alive():
            self.node.kill()
        type(self).node = self.start(**env)

    def lost(self, wire):
        """It ends while it is at work on the message."""
        try:
            got = self.send(wire, listener="tls")
            self.fail(got)
        except (OSError, http.client.HTTPException):
            pass
        wait_for("its end", lambda: not self.node.is_alive())

    # ---- messages

    def signed(self, sku):
        one = spelt.Spelling(self.ids["stack"], self.path("stack.key"))
        return Wire(one.build(sku).encode(), TEXT_XML, "")

    def token(self, sku):
        made = self.message(None, user=nonce_token("erp"), body=wss_under_test.stock(sku))
        return made.build()

    def by_stacks(self):
        """(what it is, SKU, whether answers are signed, octets and answer of a message that a client
        made and had taken)"""
        files = lambda name: {"key": self.path(f"{name}.key"),
                              "certificate": self.path(f"{name}.pem")}
        digest = {"user": "digest", "password": PASSWORD}
        jobs = [("zeep", dict(files("stack"), kind="binary")),
                ("zeep", {"kind": "user", "user": {"username": "digest", "password": PASSWORD,
                                                   "use_digest": True, "zulu_timestamp": True}}),
                ("node", dict(files("slow"), kind="certificate")),
                ("node", dict(digest, kind="user", options={"passwordType": "PasswordDigest"})),
                ("php", dict(files("stack"), kind="signature")),
                ("php", dict(digest, kind="digest"))]
        for number, (client, wss) in enumerate(jobs):
            try:
                soap_clients.CLIENT[client]()
            except packages.Missing as why:
                print(f"{client}: {why}")
                continue
            sku = f"AGAIN-{number}"
            said, = self.run_client(client, "1.1", wss, ("PushStock", stock(sku)))
            self.assertIn("answer", said, said)
            yield client, sku, "key" in wss, said

    # ---- tests

    def test_of_every_stack(self):
        kept = []
        for client, sku, is_signed, said in self.by_stacks():
            wire = Wire(said["sent"].encode(), TEXT_XML, "")
            is_repeat, first = self.told(etree.fromstring(said["got"].encode()))
            self.assertFalse(is_repeat)
            kept.append((client, sku, is_signed, wire, first))
        self.assertGreaterEqual(len(kept), 2)
        seen = set()

        def once_more(node):
            for client, sku, is_signed, wire, first in kept:
                with self.subTest(client=client, sku=sku, node=node.name):
                    root = self.must(wire, listener="tls", node=node)
                    if is_signed:       # made for this answer
                        value = self.check_answer(root, wire)
                        self.assertNotIn(value, seen)
                        seen.add(value)
                    self.assertEqual(self.told(root), (True, first))
                    self.assertEqual(self.taken(sku), 1)

        once_more(self.node)
        second = self.start("second")
        try:
            once_more(second)
        finally:
            second.kill()
        self.renew()
        once_more(self.node)
        for client, sku, is_signed, wire, _ in kept:
            with self.subTest(changed=client, sku=sku):
                at = f">{sku}<".encode()
                self.assertIn(at, wire.octets)
                wire.octets = wire.octets.replace(at, f">{sku}x<".encode())
                self.refused(wire, "signed.digest" if is_signed else "replay", **TLS)
                self.assertEqual(self.taken(sku), 1)

    def test_killed_before_and_behind_the_commit(self):
        for point, rows in (("committer.written", 0), ("committer.committed", 1)):
            for make in (self.signed, self.token):
                with self.subTest(point=point, what=make.__name__):
                    sku = f"KILLED-{rows}-{make.__name__}"
                    self.renew(KT_CRASH_AT=f"{point}:1")
                    wire = make(sku)
                    self.lost(wire)
                    self.assertEqual(self.taken(sku), rows)
                    self.renew()
                    is_repeat, first = self.send_told(wire)
                    self.assertEqual(is_repeat, rows == 1)
                    self.assertIn(b"accepted>1<", first)
                    self.assertEqual(self.send_told(wire), (True, first))
                    self.assertEqual(self.taken(sku), 1)

    def test_two_nodes_at_once(self):
        second = self.start("beside")
        try:
            for make in (self.signed, self.token):
                sku = f"BOTH-{make.__name__}"
                wire = make(sku)
                send = lambda n: self.send(wire, listener="tls", node=(self.node, second)[n % 2])
                with concurrent.futures.ThreadPoolExecutor(8) as crew:
                    answers = list(crew.map(send, range(16)))
                self.assertLessEqual({status for status, _, _ in answers}, {200, 503})
                told = [self.told(etree.fromstring(octets)) for status, _, octets in answers
                        if status == 200]
                self.assertLessEqual(sum(not is_repeat for is_repeat, _ in told), 1)
                self.assertLessEqual(len({octets for _, octets in told}), 1)
                for node in (self.node, second):
                    self.assertTrue(self.send_told(wire, node=node)[0])
                self.assertEqual(self.taken(sku), 1)
        finally:
            self.assertEqual(second.stop(), 0)

    def test_z_clocks_that_jump(self):
        """Set back: what was taken is still known. Ahead, so far that it was forgotten, and back: it
        is too old for good."""
        clock = self.path("clock")
        kut.set_clock(clock, 0)
        hooks = {"KT_CLOCK_FILE": clock, "KT_CLOCK_STEADY_S": "0"}
        self.renew(**hooks)
        made = {make.__name__: make(f"CLOCK-{make.__name__}") for make in (self.signed, self.token)}
        first = {name: self.send_told(wire)[1] for name, wire in made.items()}
        for seconds in (-45, 30, 0):
            kut.set_clock(clock, seconds)
            for name, wire in made.items():
                self.assertEqual(self.send_told(wire), (True, first[name]))
        kut.set_clock(clock, HOUR)
        self.stale(made)
        self.renew(**hooks)     # the house thread forgets when it starts
        wait_for("that repeats are forgotten", lambda: self.kontor.query(
            "SELECT COUNT(*) FROM replay")[0][0] == 0, alive=[self.node])
        self.stale(made)
        for seconds in (0, HOUR - 300):
            kut.set_clock(clock, seconds)
            for wire in made.values():
                status, _, octets = self.send(wire, listener="tls")
                self.assertEqual(status, 503, octets)
                self.assertIn(b"SECURITY_CLOCK", octets)
        kut.set_clock(clock, HOUR - 30)
        self.stale(made)
        for name in made:
            self.assertEqual(self.taken(f"CLOCK-{name}"), 1)

    def stale(self, made):
        for wire in made.values():
            self.refused(wire, "timestamp.stale", **TLS)


if __name__ == "__main__":
    kut.main()
