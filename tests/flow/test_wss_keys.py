#!/usr/bin/python3
"""Keys and certificates of secured messages in a running service: what `check` says of them, how
they follow one another without a stop, what happens when they end or are revoked."""
import copy
import datetime
import http.client
import os
import signal
import subprocess

import kontor_under_test as kut
from kontor_under_test import wait_for
from wss_under_test import Secured, identity
import wss_keys

CONFIG = 3


def page(port, path):
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        line.request("GET", path)
        return line.getresponse().read().decode()
    finally:
        line.close()


class Keyed(Secured):
    def settings(self):
        return copy.deepcopy(self.kontor.settings)

    def put(self, name, octets):
        path = wss_keys.write(self.folder, name + ".new", octets)
        os.replace(path, os.path.join(self.folder, name))

    def hang_up(self, event, node=None):
        """SIGHUP, and what the service says to it."""
        node = node or self.node
        before = node.text().count(f"event={event}")
        node.process.send_signal(signal.SIGHUP)
        wait_for(event, lambda: node.text().count(f"event={event}") > before, alive=[node])

    def ping(self, who="sap", status=200):
        return self.must(self.message(who).build(), status)


class Changes(Keyed):
    def test_1_check_tells_all(self):
        out = self.kontor.run("check").out
        for line in (r"key ours +ok +.*ours\.pem \(active\) ends on 20\d\d-\d\d-\d\d",
                     r"signer of policy signed +ok +.*sap\.pem ends on",
                     r"wss signed +ok +Of partner sap; requires signature; gives signature and "
                     r"confirmation",
                     r"security +note +The clock is trusted unasked"):
            self.assertRegex(out, line)

    def test_2_answers_are_signed_by_the_next_key(self):
        for name in ("first", "second"):
            made = identity(f"Ours {name}", number=20 + len(name))
            self.put(f"{name}.pem", made.pem)
            self.put(f"{name}.key", made.key_pem)
            self.ids[name] = made
        settings = self.settings()
        one = lambda name, state: {"purpose": "sign", "state": state, "certificate": f"{name}.pem",
                                   "key": f"{name}.key"}
        for states in (("active", "next"), ("verify-only", "active"), ("revoked", "active")):
            settings["keys"].pop("ours", None)
            settings["keys"].update(first=one("first", states[0]), second=one("second", states[1]))
            self.kontor.write(settings)
            self.hang_up("keys.renewed")
            self.ids["ours"] = self.ids["first" if states[0] == "active" else "second"]
            request = self.message("sap").build()
            self.check_answer(self.must(request), request)

    def test_3_faulty_file_changes_nothing(self):
        good = self.settings()
        for spoil, event in (
                (lambda s: s["wss"]["signed"].pop("signers"), "config.refused"),
                (lambda s: s["wss"]["signed"].update(signers=["nowhere.pem"]), "keys.refused"),
                (lambda s: s["wss"]["ec"].update(signers=["sap.pem"]), "keys.refused")):
            bad = copy.deepcopy(good)
            spoil(bad)
            self.kontor.write(bad)
            self.hang_up(event)
            self.ping()
            self.assertEqual(self.kontor.run("check").status, CONFIG)
        self.kontor.write(good)
        self.hang_up("keys.renewed")

    def test_4_other_changes_need_a_restart(self):
        good = self.settings()
        changed = copy.deepcopy(good)
        changed["retry"]["first"] = "2s"
        changed["wss"]["signed"]["skew"] = "30s"
        self.kontor.write(changed)
        self.hang_up("config.changed")
        self.assertRegex(self.node.text(), r'event=config.changed .*settings="retry" ')
        self.ping()
        self.kontor.write(good)
        self.hang_up("config.unchanged")

    def test_5_policy_that_is_gone_lets_nobody_in(self):
        good = self.settings()
        less = copy.deepcopy(good)
        del less["wss"]["ec"], less["partners"]["curve"]
        self.kontor.write(less)
        self.hang_up("keys.renewed")
        self.refused(self.message("ec").build(), "key.unknown")
        self.ping()
        self.kontor.write(good)
        self.hang_up("keys.renewed")
        self.ping("ec")


class Ends(Keyed):
    def test_1_certificate_that_ends_soon_is_told(self):
        today = (datetime.datetime.utcnow() - wss_keys.NOW).days
        for name, left in (("month", 20), ("week", 5)):
            made = wss_keys.Identity(f"Test {name}", kind="p256", number=len(name),
                                     days=(today - 30, today + left))
            self.put(f"{name}.pem", made.pem)
        settings = self.settings()
        settings["wss"]["ending"] = {"requires": ["signature"],
                                     "signers": ["month.pem", "week.pem"]}
        self.kontor.write(settings)
        self.assertRegex(self.kontor.run("check").out,
                         r"signer 1 of policy ending +note .*, in (19|20) days\.")
        node = self.start("ending")
        for i in (1, 2):
            what = f"signer {i} of policy ending"
            wait_for(what, lambda w=what: self.kontor.exception("CERTIFICATE_ENDS", what=w),
                     alive=[node])
            self.assertRegex(node.text(), f'event=certificate.ends .*what="{what}"')
        port = node.port("watch")
        text = page(port, "/metrics")
        self.assertRegex(text, r'kontor_certificate_expires_seconds\{what="signer 2 of policy '
                               r'ending"\} (3|4)\d{5}\n')
        self.assertRegex(text, r'\{what="certificate of listener tls"\} \d+\n')
        self.assertEqual(node.stop(), 0)
        # nobody has to close it by hand
        del settings["wss"]["ending"]
        self.kontor.write(settings)
        node = self.start("renewed")
        wait_for("no exception", lambda: "CERTIFICATE_ENDS" not in self.kontor.open_codes(),
                 alive=[node])
        self.assertEqual(node.stop(), 0)

    def test_2_key_that_others_may_read_stops_the_start(self):
        path = os.path.join(self.folder, "ours.key")
        os.chmod(path, 0o640)
        self.addCleanup(os.chmod, path, 0o600)
        for words in (("check",), ("sync", "stock"), ("serve",)):
            done = self.kontor.run(*words)
            self.assertEqual(done.status, CONFIG, done)
            self.assertRegex(done.out + done.err, "private key .*ours.key can be read by others")
        # what needs no key works for who may not read it
        self.assertIn(self.kontor.run("status").status, (0, 1))


class Trial(Keyed):
    def test_certificates_of_the_script_do(self):
        script = os.path.join(kut.HERE, "..", "..", "certs", "make-test-ca")
        there = os.path.join(self.folder, "trial")
        subprocess.run([script, "--folder", there, "--days", "40"], check=True,
                       capture_output=True)
        for name in os.listdir(there):
            self.assertEqual(os.stat(os.path.join(there, name)).st_mode & 0o077, 0, name)
        settings = self.settings()
        settings["keys"] = {
            "sign": {"purpose": "sign", "certificate": "trial/ours-sign.pem",
                     "key": "trial/ours-sign.key"},
            "box": {"purpose": "decrypt", "certificate": "trial/ours-box.pem",
                    "key": "trial/ours-box.key"}}
        both = ["signature", "encryption"]
        for name in ("sap", "nav"):
            settings["wss"]["trial-" + name] = {
                "requires": both, "gives": both, "signers": [f"trial/{name}-sign.pem"],
                "recipient": f"trial/{name}-box.pem", "authority": "trial/ca.pem",
                "crl": "trial/ca.crl", "decrypt_keys": ["box"]}
        settings["wss"]["trial-sap"]["signers"].append("trial/sap-sign-next.pem")
        settings["listen"]["tls"].update(certificate="trial/server.pem", key="trial/server.key",
                                         client_ca="trial/ca.pem")
        self.kontor.write(settings)
        out = self.kontor.run("check").out
        self.assertNotRegex(out, r"(policy trial|wss|key \w+|listen \w+) +problem")
        self.assertRegex(out, r"signer 2 of policy trial-sap +ok .*, in 39 days")
        self.assertRegex(out, r"revocation list of policy trial-nav +ok ")
        self.assertRegex(out, r"wss trial-nav +note +Shares keys.box with wss.trial-sap")
        listed = lambda: subprocess.run(
            ["openssl", "crl", "-in", os.path.join(there, "ca.crl"), "-noout", "-text"],
            check=True, capture_output=True).stdout.count(b"Serial Number")
        self.assertEqual(listed(), 0)
        subprocess.run([script, "--folder", there, "--revoke", "sap-sign"], check=True,
                       capture_output=True)
        self.assertEqual(listed(), 1)
        for wrong in (["--folder", self.folder], ["--folder", there, "--revoke", "nobody"],
                      ["--days", "3"], ["--folder", there, "--days", "x"]):
            self.assertEqual(subprocess.run([script, *wrong], check=False,
                                            capture_output=True).returncode, 2, wrong)
        self.assertTrue(os.path.exists(os.path.join(self.folder, "ours.key")))


class Revoked(Keyed):
    @classmethod
    def make_kontor(cls):
        kontor = super().make_kontor()
        cls.ca = identity("Test CA", number=30, is_authority=True,
                          usage=("key_cert_sign", "crl_sign"))
        cls.ids["issued"] = identity("Test issued", number=31, issuer=cls.ca)
        wss_keys.write(cls.folder, "ca.pem", cls.ca.pem)
        wss_keys.write(cls.folder, "issued.pem", cls.ids["issued"].pem)
        wss_keys.write(cls.folder, "ca.crl", cls.revocations())
        settings = kontor.settings
        settings["wss"]["issued"] = {"requires": ["signature"], "signers": ["issued.pem"],
                                     "authority": "ca.pem", "crl": "ca.crl"}
        settings["partners"]["issued"] = {"erp": "main", "wss": "issued"}
        kontor.write(settings)
        return kontor

    @classmethod
    def revocations(cls, *revoked, hours=1):
        last = datetime.datetime.utcnow() - datetime.timedelta(hours=hours)
        return wss_keys.revocation_list(cls.ca, [i.certificate for i in revoked], last)

    def test_list_is_read_again_by_itself(self):
        self.ping("issued")
        self.put("ca.crl", self.revocations(self.ids["issued"]))
        # the file is looked at every 10 seconds
        def refused():
            status, _, _ = self.send(self.message("issued").build())
            return status == 500
        wait_for("the revocation", refused, 30, [self.node])
        self.assertGreater(self.reasons("key.revoked"), 0)
        self.put("ca.crl", self.revocations(hours=25))
        self.hang_up("keys.renewed")
        self.refused(self.message("issued").build(), "key.crl")
        self.assertRegex(self.kontor.run("check").out,
                         r"revocation list of policy issued +problem .*too old")
        self.put("ca.crl", self.revocations())
        self.hang_up("keys.renewed")
        self.ping("issued")


if __name__ == "__main__":
    kut.main()
