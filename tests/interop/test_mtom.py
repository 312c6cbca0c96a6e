#!/usr/bin/python3
"""Documents as attachments: packages made by hand and by node-soap. A document of 20 MB arrives
octet by octet, and the node's memory grows by less than 40 MB."""
import base64
import hashlib
import os
import random
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import installation  # noqa: E402
import messages  # noqa: E402
import packages  # noqa: E402
import soap_clients  # noqa: E402
from answers import Answer  # noqa: E402

LARGE, MORE_KB = 20 << 20, 40 << 10


def octets(size, seed):
    """A PDF, a little larger than that."""
    return messages.pdf(random.Random(seed).randbytes(size))


def digest(content):
    return hashlib.sha256(content).hexdigest()


def document(name, content=None, cid=None, **more):
    fields = {"id": name, "version": "1", "type": "data_sheet", "mediaType": "application/pdf"}
    if content is not None:
        fields.update(sha256=digest(content), size=len(content))
    fields.update(more)
    if cid:
        fields["content"] = messages.include(cid)
    return fields


class Attachments(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.there = cls.enterClassContext(installation.Pushed("mtom"))
        word = base64.b64encode(f"{installation.USER}:{installation.PASSWORD}".encode()).decode()
        cls.login = {"Authorization": f"Basic {word}"}

    def send(self, headers, body, **way):
        return Answer(*self.there.ask("POST", installation.PUSH, body,
                                      dict(headers, **self.login), **way))

    def push(self, documents, parts, soap="1.1", **way):
        root = messages.envelope("PushDocuments", {"document": documents}, soap)
        return self.send(*messages.package("PushDocuments", root, parts, soap), **way)

    def assert_kept(self, name, content):
        sha = digest(content)
        self.assertEqual(self.there.kontor.query(
            "SELECT sha256, size FROM document WHERE id = ?", name), [(sha, len(content))])
        self.assertEqual(self.there.kontor.query(
            "SELECT size FROM stored_blob WHERE sha256 = ?", sha), [(len(content),)])
        found = [os.path.join(folder, f) for folder, _, files
                 in os.walk(os.path.join(self.there.folder, "blobs")) for f in files if sha in f
                 or sha.endswith(f)]
        self.assertEqual(len(found), 1)
        with open(found[0], "rb") as file:
            self.assertEqual(digest(file.read()), sha)

    def test_a_large_document_costs_little_memory(self):
        for n, (soap, tls) in enumerate((("1.1", False), ("1.2", True))):
            with self.subTest(soap=soap, tls=tls):
                content = octets(LARGE, n)
                self.there.forget_peak()
                before, _ = self.there.memory_kb()
                answer = self.push([document(f"large-{n}", content, "a@b")],
                                   [("a@b", "application/pdf", content)], soap, tls=tls)
                self.assertEqual(answer.counts, (1, 0, 0, 0), answer.octets)
                grown = installation.wait_peak(self.there) - before
                print(f"20 MB by SOAP {soap}, TLS {tls}: at most {grown} kB more")
                self.assertLess(grown, MORE_KB)
                self.assert_kept(f"large-{n}", content)

    def test_the_peak_of_several_does_not_stay(self):
        self.there.forget_peak()
        before, _ = self.there.memory_kb()
        for n in range(5):
            content = octets(LARGE, 10 + n)
            self.assertEqual(self.push([document(f"again-{n}", content, "a")],
                                       [("a", "application/pdf", content)]).counts, (1, 0, 0, 0))
        self.assertLess(self.there.memory_kb()[0] - before, MORE_KB)

    def test_several_documents_and_parts_in_any_order(self):
        contents = [octets(1000 + n, 100 + n) for n in range(4)]
        parts = [(f"p{n}", "application/octet-stream", c) for n, c in enumerate(contents)]
        answer = self.push([document(f"several-{n}", c, f"p{n}") for n, c in enumerate(contents)],
                           parts[::-1])
        self.assertEqual(answer.counts, (4, 0, 0, 0), answer.octets)
        for n, content in enumerate(contents):
            self.assert_kept(f"several-{n}", content)

    def test_a_content_that_looks_like_the_boundary(self):
        edge = b"\n--=_kontor-part-7f3a\r\n --=_kontor-part-7f3a\r\n--=_kontor-part-7f3\r\r\n-"
        content = edge + messages.pdf(edge) + edge
        self.assertEqual(self.push([document("edge", content, "e")],
                                   [("e", "application/pdf", content)]).counts, (1, 0, 0, 0))
        self.assert_kept("edge", content)

    def test_a_small_one_inline(self):
        content = octets(3000, 7)
        fields = document("inline", content)
        fields["content"] = base64.b64encode(content).decode()
        root = messages.envelope("PushDocuments", {"document": [fields]})
        answer = self.send(messages.content_type("PushDocuments"), root)
        self.assertEqual(answer.counts, (1, 0, 0, 0), answer.octets)
        self.assert_kept("inline", content)

    def test_a_hash_alone_names_what_is_there(self):
        content = octets(2000, 8)
        self.push([document("there", content, "t")], [("t", "application/pdf", content)])
        root = messages.envelope("PushDocuments", {"document": [
            document("there-too", content), document("nowhere", sha256="0" * 64)]})
        answer = self.send(messages.content_type("PushDocuments"), root)
        self.assertEqual(answer.counts, (1, 0, 0, 1), answer.octets)
        self.assertEqual(answer.results[1]["status"], "refused")
        self.assertGreater(len(answer.results[1]["sentence"]), 10)
        self.assert_kept("there-too", content)

    def test_another_content_than_said_is_refused(self):
        content = octets(500, 9)
        answer = self.push([document("wrong", octets(500, 1), "w"), document("right", content, "r")],
                           [("w", "application/pdf", content), ("r", "application/pdf", content)])
        self.assertEqual(answer.counts, (1, 0, 0, 1), answer.octets)
        self.assertEqual(self.there.kontor.query("SELECT id FROM document WHERE id = 'wrong'"), [])

    def test_a_part_that_is_missing_is_nobody_elses_fault(self):
        answer = self.push([document("missing", octets(5, 5), "m")], [])
        self.assertTrue(answer.is_fault or answer.counts == (0, 0, 0, 1), answer.octets)
        self.assertEqual(self.there.kontor.query("SELECT id FROM document WHERE id = 'missing'"), [])

    def test_two_parts_of_one_id_are_refused(self):
        for content in (b"one", b"two"):
            answer = self.push([document("double", content, "d")],
                               [("d", "text/plain", b"one"), ("d", "text/plain", b"two")])
            self.assertTrue(answer.is_fault, answer.octets)
            self.assertIn(answer.fault_code, ("Client", "Sender"))
        self.assertEqual(self.there.kontor.query("SELECT id FROM document WHERE id = 'double'"), [])

    def test_a_package_that_breaks_off_is_refused(self):
        content = octets(5000, 11)
        root = messages.envelope("PushDocuments", {"document": [document("cut", content, "c")]})
        headers, body = messages.package("PushDocuments", root, [("c", "text/plain", content)])
        answer = self.send(headers, body[:-100])
        self.assertTrue(answer.is_fault, answer.octets)
        self.assertEqual(self.there.kontor.query("SELECT id FROM document WHERE id = 'cut'"), [])

    def test_another_sender_of_packages(self):
        """node-soap's own MTOM."""
        try:
            soap_clients.CLIENT["node"]()
        except packages.Missing as why:
            self.skipTest(str(why))
        content = octets(300000, 12)
        path = os.path.join(self.there.folder, "attached.pdf")
        with open(path, "wb") as file:
            file.write(content)
        fields = document("node", content)
        fields["content"] = {"$xml": messages.include("doc-1")[0]}
        job = self.there.job("1.1", signed=True, calls=[
            ["PushDocuments", {"document": [fields]},
             [{"mimetype": "application/pdf", "contentId": "doc-1", "name": "attached.pdf",
               "file": path}]]])
        said, = soap_clients.run("node", job)
        self.assertIn("answer", said, said)
        self.assertEqual(int(said["answer"]["accepted"]), 1, said)
        self.assert_kept("node", content)


if __name__ == "__main__":
    installation.kut.main()
