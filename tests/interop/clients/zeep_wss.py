"""What zeep puts into the header Security, for client_zeep.py. Job:

    {"kind": "user" | "binary" | "signature", "user": {choices of UsernameToken}, "key": FILE,
     "certificate": FILE, "verify": FILE, "sha1": FLAG, "timestamp": FLAG, "signs": [names],
     "addressing": FLAG}

zeep signs Body and Timestamp, makes no Timestamp, and adds addressing headers since the contract
names actions; it leaves them unsigned. `signs` names what is signed besides; unless "addressing" is
set the addressing headers are taken out."""
import contextlib
import datetime
import unittest.mock

import xmlsec
import zeep.wsse.compose
import zeep.wsse.signature
from lxml import etree
from zeep import ns
from zeep.wsse.username import UsernameToken
from zeep.wsse.utils import WSU, get_security_header


class Signed:
    """Of zeep's own classes: a Timestamp, further references, answers by Kontor's certificate."""
    job = None

    def apply(self, envelope, headers):
        if not self.job.get("addressing"):
            for one in envelope.findall(f"{{*}}Header/{{{ns.WSA}}}*"):
                one.getparent().remove(one)
        if self.job.get("timestamp", True):
            now = datetime.datetime.now(datetime.timezone.utc)
            stamp = lambda at: at.strftime("%Y-%m-%dT%H:%M:%SZ")
            get_security_header(envelope).append(WSU.Timestamp(
                WSU.Created(stamp(now)),
                WSU.Expires(stamp(now + datetime.timedelta(minutes=5)))))
        with self.further(envelope):
            return super().apply(envelope, headers)

    def further(self, envelope):
        names = self.job.get("signs", [])
        if not names:
            return contextlib.nullcontext()
        wanted = [n for n in envelope.iter(etree.Element)
                  if etree.QName(n).localname in names
                  and etree.QName(n).namespace in (ns.WSA, ns.WSSE)]
        plain = zeep.wsse.signature._sign_node

        def sign(context, signature, target, digest_method=None):
            plain(context, signature, target, digest_method)
            if etree.QName(target).localname == "Body":
                for one in wanted:
                    plain(context, signature, one, digest_method)

        return unittest.mock.patch.object(zeep.wsse.signature, "_sign_node", sign)

    def verify(self, envelope):
        if self.job.get("verify"):
            key = xmlsec.Key.from_file(self.job["verify"], xmlsec.KeyFormat.CERT_PEM)
            zeep.wsse.signature._verify_envelope_with_key(envelope, key)
        return envelope


class Binary(Signed, zeep.wsse.signature.BinarySignature):
    pass


class Inline(Signed, zeep.wsse.signature.Signature):
    pass


def choices(job):
    """Of zeep.Client."""
    parts = []
    if "user" in job:
        parts.append(UsernameToken(**job["user"]))
    if job["kind"] != "user":
        kind = {"binary": Binary, "signature": Inline}[job["kind"]]
        methods = {} if job.get("sha1") else {
            "signature_method": xmlsec.Transform.RSA_SHA256,
            "digest_method": xmlsec.Transform.SHA256}
        signer = kind(job["key"], job["certificate"], **methods)
        signer.job = job
        parts.append(signer)
    return {"wsse": parts[0] if len(parts) == 1 else zeep.wsse.compose.Compose(parts)}
