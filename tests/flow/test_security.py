"""`kontor security` and the house thread: the clock that secured messages are judged by, what was
refused, and what ends when. No message comes here; those of test_wss_listen.py do."""
import calendar
import json
import os
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import kontor_under_test as kut  # noqa: E402

OK, ATTENTION, USAGE = range(3)
NOBODY = "http://127.0.0.1:9"       # the discard port: nobody listens there
POLICY = {"requires": ["username-digest"], "user": "erp", "password": "env:KONTOR_TEST_SAP"}
HOUR = 3600
KEPT, LOST = {"KT_CLOCK_SYNC": "yes"}, {"KT_CLOCK_SYNC": "no"}
AT_ONCE = dict(KEPT, KT_CLOCK_STEADY_S="0")     # nothing waits until the clock has run evenly


def seconds(instant):
    return calendar.timegm(time.strptime(instant[:19], "%Y-%m-%dT%H:%M:%S"))


class Security(unittest.TestCase):

    def setUp(self):
        self.folder = kut.make_folder("security")
        self.addCleanup(kut.drop_folder, self.folder)
        partner = type("Nobody", (), {"url": NOBODY})
        self.settings = kut.fast_settings(partner, partner, wss={"erp": POLICY})
        self.kontor = kut.Kontor(self.folder, self.settings)
        self.addCleanup(self.kontor.close)
        self.kontor.migrate()
        self.clock_file = os.path.join(self.folder, "clock")
        kut.set_clock(self.clock_file, 0)

    def clock(self, *words, status=OK, **env):
        env = dict({"KT_CLOCK_FILE": self.clock_file}, **env)
        return json.loads(self.kontor.must("--json", "security", "clock", *words, status=(status,),
                                           env=env))

    def serve_until(self, what, condition, **env):
        """The house thread looks when the service starts, and once a minute."""
        node = self.kontor.serve(KT_CLOCK_FILE=self.clock_file, **env)
        kut.wait_for(what, condition, alive=(node,))
        self.assertEqual(node.stop(), 0, node.tail())

    def is_open(self):
        return "SECURITY_CLOCK" in self.kontor.open_codes()

    def reached(self):
        return self.kontor.query("SELECT at_us FROM security_clock")[0][0]

    def test_a_clock_that_nobody_keeps(self):
        said = self.clock(status=ATTENTION, **LOST)
        self.assertFalse(said["synchronised"])
        self.assertIn("nobody keeps the clock of", said["wrong"])
        text = self.kontor.run("security", "clock", env=LOST)
        self.assertEqual(text.status, ATTENTION)
        self.assertIn("No secured message is taken", text.out)
        self.assertFalse(self.is_open())                # asking changes nothing
        self.serve_until("an exception", self.is_open, **LOST)
        self.assertEqual(self.kontor.exception("SECURITY_CLOCK")["endpoint"], "test")
        self.assertEqual(self.reached(), 0)
        self.serve_until("its end", lambda: not self.is_open(), **KEPT)
        self.assertIsNone(self.clock(**KEPT)["wrong"])
        self.kontor.write(dict(self.settings, security={"clock": "trusted"}))
        said = self.clock(**LOST)
        self.assertEqual((said["synchronised"], said["trusted"], said["wrong"]),
                         (False, True, None))

    def test_b_a_clock_that_stood_ahead(self):
        kut.set_clock(self.clock_file, 30 * HOUR)
        self.serve_until("the instant", lambda: self.reached() > 0, **AT_ONCE)
        kut.set_clock(self.clock_file, 0)
        said = self.clock(status=ATTENTION, **KEPT)
        self.assertAlmostEqual(seconds(said["reached"]) - seconds(said["wall_clock"]), 30 * HOUR,
                               delta=60)
        self.assertIn("behind what was reached before", said["wrong"])
        self.serve_until("an exception", self.is_open, **AT_ONCE)
        done = self.kontor.run("security", "clock", "--reset",
                               env=dict(LOST, KT_CLOCK_FILE=self.clock_file))
        self.assertEqual(done.status, ATTENTION, done.out)  # by a clock that is no better
        self.assertEqual(self.kontor.query("SELECT COUNT(*) FROM audit")[0][0], 0)
        said = self.clock("--reset", status=ATTENTION, **KEPT)  # what lives may be forgotten
        self.assertAlmostEqual(seconds(said["reached"]) - seconds(said["wall_clock"]), 25 * 60,
                               delta=60)
        self.assertIn("behind what was reached before", said["wrong"])
        self.assertTrue(said["reset_by"])
        (row,) = self.kontor.query("SELECT number, actor, action, detail FROM audit")
        self.assertEqual(row[:3], (1, said["reset_by"], "security.clock.reset"))
        self.assertTrue(row[3].startswith("was 20"), row)
        kut.set_clock(self.clock_file, 25 * 60)
        self.serve_until("its end", lambda: not self.is_open(), **KEPT)
        self.assertIsNone(self.clock(**KEPT)["wrong"])

    def test_c_it_is_not_moved_before_the_clock_has_run_evenly(self):
        self.serve_until("an exception", self.is_open, **LOST)
        kut.set_clock(self.clock_file, 30 * HOUR)
        self.serve_until("its end", lambda: not self.is_open(), **KEPT)     # so it has looked
        self.assertEqual(self.reached(), 0)

    def test_d_refusals(self):
        now_us = int(time.time()) * 1000000
        rows = (("signature.hmac", "erp", "192.0.2.1", 12, now_us - 60 * 1000000),
                ("bytes.doctype", "", "192.0.2.7", 3, now_us - 60 * 1000000),
                ("replay", "erp", "192.0.2.1", 1, now_us - 50 * HOUR * 1000000))
        for code, partner, address, times, last_us in rows:
            self.kontor.database.change(
                "INSERT INTO security_refusal (hour_us, code, partner, address, times, last_us) "
                "VALUES (?, ?, ?, ?, ?, ?)", last_us - last_us % (HOUR * 1000000), code, partner,
                address, times, last_us)
        for words, expected in (((), ["signature.hmac", "bytes.doctype"]),
                                (("--since", "3d"), ["signature.hmac", "bytes.doctype", "replay"]),
                                (("--since", "30s"), []),
                                (("--since", "2000-01-01"),
                                 ["signature.hmac", "bytes.doctype", "replay"])):
            said = json.loads(self.kontor.must("--json", "security", "refusals", *words))
            self.assertEqual([r["code"] for r in said["refusals"]], expected, words)
        self.assertEqual(said["refusals"][1]["partner"], None)
        self.assertEqual((said["refusals"][0]["partner"], said["refusals"][0]["count"]),
                         ("erp", 12))
        text = self.kontor.must("security", "refusals")
        self.assertRegex(text, r"signature\.hmac +erp +192\.0\.2\.1 +12 ")
        self.assertNotIn("replay", text)

    def make_certificate(self, name):
        pem, key = (os.path.join(self.folder, f"{name}.{end}") for end in ("pem", "key"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key,
                        "-out", pem, "-days", "10", "-subj", f"/CN={name}", "-addext",
                        "keyUsage=critical,digitalSignature"], check=True, capture_output=True)
        os.chmod(key, 0o600)
        return pem, key

    def test_e_what_ends_when(self):
        theirs, _ = self.make_certificate("erp")
        pem, key = self.make_certificate("ours")
        self.kontor.write(dict(
            self.settings, wss={"erp": {"requires": ["signature"], "signers": [theirs]}},
            keys={"ours": {"purpose": "sign", "state": "next", "certificate": pem, "key": key}}))
        said = json.loads(self.kontor.must("--json", "security", "keys", status=(ATTENTION,)))
        ours = [k for k in said["keys"] if k["state"] == "next"]
        self.assertEqual([k["what"] for k in ours], ["key ours"])
        self.assertEqual(len(said["keys"]), 2)
        for k in said["keys"]:
            self.assertRegex(k["sha256"], r"^[0-9a-f]{64}$")
            self.assertAlmostEqual(seconds(k["until"]), time.time() + 10 * 24 * HOUR,
                                   delta=2 * HOUR)
        self.assertIn("next", self.kontor.must("security", "keys", status=(ATTENTION,)))

    def test_f_what_is_not_understood(self):
        for words in ((), ("clocks",), ("clock", "now"), ("keys", "--reset"),
                      ("clock", "--since", "1d"), ("refusals", "--since", "soon")):
            self.assertEqual(self.kontor.run("security", *words).status, USAGE, words)


if __name__ == "__main__":
    kut.main()
