#!/usr/bin/python3
"""A SOAP client that is not ours, zeep, PHP's or node-soap (the first argument), against a running
node: it reads the contract from the node itself, calls every operation, plain and over TLS, with a
password and with a certificate, in SOAP 1.1 and 1.2. What it sent is read back from the database.
"""
import os
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import installation  # noqa: E402
import packages  # noqa: E402
import samples  # noqa: E402
import soap_clients  # noqa: E402

CLIENT = ""
WAYS = (("1.1", False, False), ("1.2", False, False), ("1.1", True, False), ("1.2", True, False),
        ("1.1", True, True), ("1.2", True, True))
COUNTS = ("accepted", "unchanged", "stale", "refused")
MINE = {"1.1": "Client", "1.2": "Sender"}      # the fault is the sender's


def results(answer):
    found = answer.get("result") or []
    return found if isinstance(found, list) else [found]


def counts(answer):
    return tuple(int(answer[name]) for name in COUNTS)


def is_true(value):
    return value in (True, "true", "1", 1)


def problem_of(fault):
    """The declared detail, however deep the client keeps it."""
    detail = fault["detail"]
    return (detail or {}).get("problem") or detail


def stock(tag, on_hand="1", **more):
    return {"stock": [{"sku": f"{tag}-S", "warehouse": "1", "onHand": on_hand}], **more}


class EveryOperation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.there = cls.enterClassContext(installation.Pushed("clients"))

    def run_job(self, soap, tls, signed, calls):
        job = self.there.job(soap, tls, signed, calls)
        return soap_clients.run(CLIENT, job)

    def call(self, soap, *calls, tls=True, signed=False):
        answers = self.run_job(soap, tls, signed, calls)
        self.assertEqual(len(answers), len(calls))
        return answers

    def answer(self, soap, operation, request, **way):
        said, = self.call(soap, (operation, request), **way)
        self.assertIn("answer", said, said)
        return said["answer"]

    def fault(self, soap, operation, request, code, **way):
        """The native exception, with our detail."""
        said, = self.call(soap, (operation, request), **way)
        self.assertIn("fault", said, said)
        fault = said["fault"]
        self.assertEqual(fault["code"].rpartition(":")[2], MINE[soap], fault)
        problem = problem_of(fault)
        self.assertEqual(problem["code"], code, fault)
        self.assertEqual(problem["sentence"], fault["text"], fault)
        self.assertGreater(len(problem["suggestion"]), 5, fault)
        return fault

    def test_every_operation_in_every_way(self):
        for n, (soap, tls, signed) in enumerate(WAYS):
            with self.subTest(soap=soap, tls=tls, signed=signed):
                self.every_operation(f"w{n}", soap, tls, signed)

    def every_operation(self, tag, soap, tls, signed):
        wanted = samples.samples(tag, f"00000{n_of(tag)}17")
        calls = [(operation, {"messageId": f"{tag}-{operation}",
                              samples.ELEMENT[operation]: records})
                 for operation, records in wanted.items()]
        answers = self.run_job(soap, tls, signed, calls)
        for (operation, records), said in zip(wanted.items(), answers, strict=True):
            self.assertIn("answer", said, (operation, said))
            answer = said["answer"]
            self.assertEqual(counts(answer), (len(records), 0, 0, 0), (operation, answer))
            self.assertFalse(is_true(answer["repeated"]), operation)
            self.assertEqual([(int(r["position"]), r["status"]) for r in results(answer)],
                             [(i + 1, "accepted") for i in range(len(records))], operation)
            for record in records:
                self.assertEqual(samples.differences(
                    self.there.kontor.query, installation.SCOPE, operation, record), [])

    def test_ping_says_who_one_is(self):
        for signed, name in ((False, "named"), (True, "signed")):
            answer = self.answer("1.2", "Ping", {}, signed=signed)
            self.assertEqual((answer["partner"], answer["scope"]), (name, installation.SCOPE))

    def test_a_repeat_gets_the_same_answer(self):
        for soap in MINE:
            request = stock(f"rep{soap}", "5", messageId=f"rep-{soap}")
            first = self.answer(soap, "PushStock", request)
            again = self.answer(soap, "PushStock", request)
            self.assertFalse(is_true(first.pop("repeated")))
            self.assertTrue(is_true(again.pop("repeated")))
            self.assertEqual(first, again)
            self.assertEqual(self.revisions(f"rep{soap}-S"), [(1, 5000)])

    def revisions(self, sku):
        return self.there.kontor.query("SELECT rec_rev, on_hand FROM stock WHERE sku = ?", sku)

    def test_a_known_id_with_other_content_is_a_fault(self):
        for soap in MINE:
            self.answer(soap, "PushStock", stock(f"chg{soap}", "5", messageId=f"chg-{soap}"))
            self.fault(soap, "PushStock", stock(f"chg{soap}", "6", messageId=f"chg-{soap}"),
                       "MESSAGE_CHANGED")
            self.assertEqual(self.revisions(f"chg{soap}-S"), [(1, 5000)])

    def test_without_an_id_the_same_is_unchanged(self):
        self.assertEqual(counts(self.answer("1.1", "PushStock", stock("same"))), (1, 0, 0, 0))
        self.assertEqual(counts(self.answer("1.1", "PushStock", stock("same"))), (0, 1, 0, 0))

    def test_an_older_figure_is_stale(self):
        new = stock("old", "7", asOf="2020-11-22T10:00:00Z")
        old = stock("old", "8", asOf="2020-11-22T09:59:59.999Z")
        self.assertEqual(counts(self.answer("1.2", "PushStock", new)), (1, 0, 0, 0))
        self.assertEqual(counts(self.answer("1.2", "PushStock", old)), (0, 0, 1, 0))
        self.assertEqual(self.revisions("old-S"), [(1, 7000)])

    def test_a_clock_that_runs_ahead_does_not_silence_later_figures(self):
        ahead = stock("ahead", "7", asOf="2099-01-01T00:00:00Z")
        self.assertEqual(counts(self.answer("1.2", "PushStock", ahead)), (1, 0, 0, 0))
        self.assertEqual(counts(self.answer("1.2", "PushStock", stock("ahead", "8"))),
                         (1, 0, 0, 0))
        self.assertEqual(self.revisions("ahead-S"), [(2, 8000)])

    def test_one_bad_record_is_named_and_the_others_are_taken(self):
        records = [{"sku": f"one-{i}", "warehouse": "1", "onHand": str(i)} for i in range(3)]
        records[1]["onHand"] = "0.12345"        # three digits are what stock has
        for language, word in (("en", "on_hand"), ("de", "on_hand")):
            answer = self.answer("1.1", "PushStock", {"language": language, "stock": records})
            self.assertEqual(int(answer["refused"]), 1, answer)
            bad = results(answer)[1]
            self.assertEqual((int(bad["position"]), bad["status"]), (2, "refused"))
            self.assertIn(word, bad["sentence"])
            self.assertGreater(len(bad["suggestion"]), 5)
        self.assertEqual([len(self.revisions(f"one-{i}")) for i in range(3)], [1, 0, 1])

    def test_a_deletion(self):
        self.answer("1.1", "PushStock", stock("del"))
        gone = {"stock": [{"deleted": True, "sku": "del-S", "warehouse": "1"}]}
        self.assertEqual(counts(self.answer("1.1", "PushStock", gone)), (1, 0, 0, 0))
        self.assertEqual(self.there.kontor.query(
            "SELECT rec_deleted FROM stock WHERE sku = 'del-S'"), [(1,)])

    def test_a_foreign_scope_is_refused(self):
        answer = self.answer("1.1", "PushStock", stock("foreign", scope="another-erp"))
        self.assertEqual(counts(answer), (0, 0, 0, 1))
        self.assertEqual(results(answer)[0]["code"], "SCOPE_FOREIGN")


def n_of(tag):
    return tag.lstrip("w")


def main():
    global CLIENT
    CLIENT = sys.argv.pop(1)
    installation.kut.need_program()
    try:
        soap_clients.CLIENT[CLIENT]()
    except packages.Missing as why:
        print(f"skipped: {why}")
        sys.exit(77)
    unittest.main(verbosity=2)


if __name__ == "__main__":
    main()
