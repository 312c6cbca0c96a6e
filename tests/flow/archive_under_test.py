"""An installation whose articles have documents and whose customers may read them: what pushes
documents, what a customer asks for, what is in the pages."""
import base64
import hashlib
import html
import http.client
import os
import re
import sys
import time
import urllib.parse

import kontor_under_test as kut
from kontor_under_test import wait_for

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))
import messages  # noqa: E402

SCOPE = "kts-100"
LOGIN = {"Authorization": "Basic " + base64.b64encode(b"papers:s3cret").decode()}
PASSWORD = {"KONTOR_TEST_PAPERS": "s3cret"}
KIND = "declaration_of_conformity"


def pdf(words, octets=0):
    """A small PDF, each with its own words; `octets`: grown to about this size."""
    filler = b"%" + b"x" * 998 + b"\n"
    return (b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
            b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
            b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\n%"
            + words.encode() + b"\n" + filler * (octets // len(filler)) +
            b"trailer<</Root 1 0 R/Size 4>>\nstartxref\n0\n%%EOF\n")


def sha256(content):
    return hashlib.sha256(content).hexdigest()


class Got:
    """An answer. fields: by their small names; text: without markup, blanks folded."""

    def __init__(self, path, answer, body):
        self.path, self.status, self.body = path, answer.status, body
        self.fields = {name.lower(): value for name, value in answer.getheaders()}

    @property
    def page(self):
        return self.body.decode()

    @property
    def text(self):
        inner = re.sub(r"<style>.*?</style>", " ", self.page, flags=re.S)
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", inner))).strip()

    @property
    def links(self):
        found = [html.unescape(x) for x in re.findall(r'href="([^"]*)"', self.page)]
        assert not [x for x in found if x.startswith(("/", "http"))], found     # proxies have paths
        return [urllib.parse.urljoin(self.path, x) for x in found]


class Archive(kut.Bench):
    """One node that takes documents at one listener and gives them out at another."""
    articles = 6
    kinds = {"internal_report": {"public": False}}
    docs = {}               # settings of the listener besides

    @classmethod
    def make_kontor(cls):
        cls.blobs = os.path.join(cls.folder, "blobs")
        os.makedirs(cls.blobs, exist_ok=True)
        settings = kut.fast_settings(cls.sap, cls.shop, **cls.more)
        # its documents are pushed: what SAP does not list itself would count as deleted
        settings["erps"]["main"]["every"] = {**kut.EVERY_SECOND, "documents": "0s"}
        settings["listen"] = {"push": {"port": 0, "roles": ["push"]},
                              "docs": {"port": 0, "roles": ["documents"], **cls.docs}}
        settings["partners"] = {"papers": {"erp": "main", "user": "papers",
                                           "password": "env:KONTOR_TEST_PAPERS"}}
        settings["push"] = {"blobs": cls.blobs}
        settings["documents"] = {"archive": "http://127.0.0.1/docs/", "kinds": cls.kinds}
        return kut.Kontor(cls.folder, settings)

    @classmethod
    def setUpClass(cls):
        os.environ.update(PASSWORD)         # for commands, too
        super().setUpClass()
        cls.serve()

    @classmethod
    def serve(cls, **environment):
        cls.node = cls.kontor.serve(**environment)
        wait_for("listeners", lambda: "listener.opened listener=\"docs\"" in cls.node.text(),
                 alive=[cls.node])
        cls.push_port, cls.port = cls.node.port("push"), cls.node.port("docs")

    # ---- documents

    @classmethod
    def push(cls, content=None, **fields):
        """One document; `content` comes with it. Keys as in the contract."""
        parts, extra = [], {}
        if content is not None:
            parts = [("file", "application/pdf", content)]
            extra["content"] = messages.include("file")
        # in the order of the contract
        order = ["id", "version", "type", "titles", "languages", "markets", "products", "variants",
                 "families", "validFrom", "validUntil", "supersedes", "sha256", "size",
                 "mediaType", "fileName", "reference", "content", "asOf", "deleted"]
        fields = {**fields, **extra}
        assert set(fields) <= set(order), fields
        document = {name: fields[name] for name in order if name in fields}
        root = messages.envelope("PushDocuments", {"document": document})
        headers, body = messages.package("PushDocuments", root, parts)
        line = http.client.HTTPConnection("127.0.0.1", cls.push_port, timeout=60)
        line.request("POST", "/soap/push", body, {**headers, **LOGIN})
        answer = line.getresponse()
        text = answer.read().decode()
        line.close()
        assert answer.status == 200 and "<" in text, (answer.status, text[:2000])
        assert re.search(r"refused>0<", text), text[:2000]

    @staticmethod
    def ids(*names):
        return {"item": list(names)}

    @staticmethod
    def titles(**by_language):
        return {"item": [{"language": language, "name": name}
                         for language, name in by_language.items()]}

    # ---- asking

    @classmethod
    def line_to(cls, port):
        return http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    @classmethod
    def ask(cls, path, method="GET", port=None, **fields):
        line = cls.line_to(port or cls.port)
        try:
            line.putrequest(method, path, skip_accept_encoding=True)
            for name, value in fields.items():
                line.putheader(name.replace("_", "-"), value)
            line.endheaders()
            answer = line.getresponse()
            return Got(path, answer, answer.read())
        finally:
            line.close()

    # ---- orders

    def link_of(self, order_id):
        """The path of the link that the shop was told."""
        told = kut.meta(self.shop_order(order_id))["kontor_documents"]
        self.assertTrue(told.startswith("http://127.0.0.1/docs/o/"), told)
        return told.removeprefix("http://127.0.0.1/docs")

    @classmethod
    def shown(cls, sku):
        return [row[0] for row in cls.kontor.query(
            "SELECT sha256 FROM shown WHERE sku_key = ? AND until_us > 9000000000000000000",
            f"{SCOPE}|{sku}")]

    def wait_shown(self, sku, *contents):
        """Until the shop shows exactly these contents of the article."""
        want = sorted(sha256(c) for c in contents)
        wait_for(f"{sku} shows its documents", lambda: sorted(self.shown(sku)) == want,
                 alive=[self.node])
        second = int(time.time())       # orders say when they were placed in whole seconds
        wait_for("the next second", lambda: int(time.time()) > second)

    def bound(self, axis):
        return [row[0] for row in self.kontor.query(
            "SELECT sha256 FROM bound_document WHERE axis = ? AND until_us > 9000000000000000000",
            axis)]
