"""An installation for senders of secured messages that are not ours, what came of each message, and
the table of it in docs/security/ws-security.md."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "flow"), os.path.join(HERE, "..", "security")]
import samples  # noqa: E402
import soap_clients  # noqa: E402
import wss_keys  # noqa: E402
import wss_page  # noqa: E402
from wss_under_test import PASSWORD, PUSH, Secured, etree, identity  # noqa: E402,F401

TAKEN = "taken"
# node-soap's: it asks for the time twice, so that it is a second more now and then.
TEN_MINUTES = "601s"
SIGNERS = {"stack": {}, "slow": {}, "weak": {}, "both": {}, "p256": {"kind": "p256"},
           "p384": {"kind": "p384"}}


class Table:
    """Rows of the page: group, message, answer; in the order of the groups that are named here."""

    def __init__(self, *groups):
        self.rows = {group: {} for group in groups}

    def add(self, group, message, answer):
        self.rows[group][message] = answer

    def text(self):
        made = ("\nSent to the running program, over TLS and without. What was taken was compared with "
                "the database; each signed answer was verified, and its SignatureConfirmation "
                "compared with what was sent.\n")
        for group, rows in self.rows.items():
            made += f"\n**{group}**\n\n| message | answer |\n|---|---|\n"
            for message, answer in rows.items():
                told = f"`{answer}`" if "." in answer else answer      # an audit code
                made += f"| {wss_page.cell(message)} | {told} |\n"
        return made


class Stacks(Secured):
    """Policies for each stack, beside those of Secured; partners are named like their policies."""

    @classmethod
    def make_kontor(cls):
        kontor = super().make_kontor()
        for number, (name, choices) in enumerate(SIGNERS.items(), 20):
            one = cls.ids[name] = identity(f"Test {name}", number=number, **choices)
            wss_keys.write(cls.folder, f"{name}.pem", one.pem)
            wss_keys.write(cls.folder, f"{name}.key", one.key_pem)
        for name in ("sap", "other"):
            wss_keys.write(cls.folder, f"{name}.key", cls.ids[name].key_pem)
        settings = kontor.settings
        answers = ["signature", "confirmation"]
        signed = lambda name, *more, **rest: dict(
            {"requires": ["signature", *more], "signers": [f"{name}.pem"], "gives": answers}, **rest)
        user = lambda name: {"user": name, "password": "file:user.secret"}
        wss = {"stack": signed("stack", attachments="hashes"),
               "slow": signed("slow", lifetime=TEN_MINUTES, attachments="hashes"),
               "weak": signed("weak", allows=["sha1", "inclusive-c14n"]),
               "p256": signed("p256"), "p384": signed("p384"),
               "both": signed("both", "username-digest", lifetime=TEN_MINUTES, **user("both")),
               "text": dict(user("text"), requires=["username"], lifetime=TEN_MINUTES),
               "digest": dict(user("digest"), requires=["username-digest"], lifetime=TEN_MINUTES)}
        settings["wss"].update(wss)
        settings["partners"].update({name: {"erp": "main", "wss": name} for name in wss})
        kontor.write(settings)
        return kontor

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scope = cls.kontor.settings["erps"]["main"].get("scope", "main")

    def path(self, name):
        return os.path.join(self.folder, name)

    def job(self, soap, wss, *calls, tls=True):
        port = self.node.port("tls" if tls else "plain")
        job = {"wsdl": f"{'https' if tls else 'http'}://127.0.0.1:{port}{PUSH}?wsdl", "soap": soap,
               "wss": wss, "calls": list(calls)}
        return dict(job, ca=self.tls[0]) if tls else job

    def run_client(self, client, soap, wss, *calls, tls=True):
        """What the client made of it: for each call "answer" or "fault", "sent" and "got"."""
        said = soap_clients.run(client, self.job(soap, wss, *calls, tls=tls))
        self.assertEqual(len(said), len(calls))
        return said

    def accepted(self, said, operation, records):
        """Everything was taken, and stands in the database as it was sent."""
        self.assertIn("answer", said, (said, self.node.tail(5)))
        self.assertEqual(int(said["answer"]["accepted"]), len(records), said)
        self.same(operation, records)

    def same(self, operation, records):
        for record in records:
            self.assertEqual(samples.differences(self.kontor.query, self.scope, operation, record),
                             [])

    def refusal(self, code, run):
        """A call that ends in the one fault, and counts under this code."""
        before = self.reasons(code)
        said, = run()
        self.assertNotIn("answer", said)
        self.assertIn("SECURITY_REFUSED", said["got"], said)
        self.assertNotIn(code, said["got"])
        self.assertEqual(self.reasons(code), before + 1, self.node.tail(3))

    def signed_answer(self, said):
        """A signature of ours, with the confirmation of what was sent."""
        wire = type("Wire", (), {"octets": said["sent"].encode()})
        self.check_answer(etree.fromstring(said["got"].encode()), wire)


def stock(sku, on_hand="5", warehouse="Köln & <Süd>"):
    return {"stock": [{"sku": sku, "warehouse": warehouse, "onHand": on_hand}]}


def put(table, writes):
    return wss_page.put("interop", table.text(), writes)
