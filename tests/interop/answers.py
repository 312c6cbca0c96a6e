"""Answers to messages made by hand, read with lxml."""
from lxml import etree

from messages import ENVELOPE, NAMESPACE


class Answer:
    """An envelope as it came: .status of HTTP, .counts, .results, .fault, .problem"""

    def __init__(self, status, headers, octets):
        self.status, self.headers, self.octets = status, headers, octets
        self.root = etree.fromstring(octets)
        self.soap = next(v for v, ns in ENVELOPE.items()
                         if self.root.tag == f"{{{ns}}}Envelope")
        self.ns = {"s": ENVELOPE[self.soap], "k": NAMESPACE}
        self.body = self.root.find("s:Body", self.ns)[0]
        self.is_fault = self.body.tag == f"{{{ENVELOPE[self.soap]}}}Fault"

    def text(self, path):
        return self.body.findtext(path, namespaces=self.ns)

    @property
    def counts(self):
        return tuple(int(self.text(f"k:{n}"))
                     for n in ("accepted", "unchanged", "stale", "refused"))

    @property
    def repeated(self):
        return self.text("k:repeated") == "true"

    @property
    def results(self):
        return [{etree.QName(n).localname: n.text or "" for n in r}
                for r in self.body.findall("k:result", self.ns)]

    @property
    def fault_code(self):
        """"Client", "Sender", "Server" …"""
        path = "faultcode" if self.soap == "1.1" else "s:Code/s:Value"
        return self.text(path).rpartition(":")[2]

    @property
    def problem(self):
        found = self.body.find(".//k:problem", self.ns)
        return {} if found is None else {etree.QName(n).localname: n.text for n in found}
