"""Published vectors (../shared/data) through the reader of messages, whole: no file is accepted as a
message or as the Body of one, none is slow, none ends the reader. Canonical octets and signature values
are compared with what the vectors say, with keys that are given. Vectors of our own run in every case.

    test_wss_vectors.py [--write]   --write: writes its part of docs/security/ws-security.md
"""
import base64
import collections
import functools
import io
import os
import re
import sys
import tarfile
import warnings

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from lxml import etree

import wss_page
from wss_attack import message
from wss_message import (DS, EXCLUSIVE, HASH, INCLUSIVE, INCLUSIVE_11, METHOD, Message, Wire,
                         canonical, public_pem)
from wss_world import Probe, World

warnings.simplefilter("ignore")     # old certificates have odd serial numbers
DATA = os.path.join(wss_page.ROOT, "..", "shared", "data")
SETS = ("wss", "xml_security", "xmldsig", "c14n", "xml/bombs", "xml/libxml2",
        "xml/w3c_xmlconf_xmltest_sun_eduni.tar.gz")
SKIPPED = 77
SLOWER = 100 if os.environ.get("KONTOR_SANITIZED") else 1
KINDS = {"exclusive": EXCLUSIVE, "inclusive": INCLUSIVE, "inclusive11": INCLUSIVE_11}
PARSER = {"resolve_entities": False, "no_network": True, "load_dtd": False}


def files_of(name):
    """[(path inside the set, octets)]"""
    path = os.path.join(DATA, name)
    found = []
    if name.endswith(".tar.gz"):
        with tarfile.open(path) as archive:
            found = [(m.name, archive.extractfile(m).read()) for m in archive if m.isfile()]
    for folder, _, names in os.walk(path):
        for one in names:
            with open(os.path.join(folder, one), "rb") as f:
                found.append((os.path.relpath(os.path.join(folder, one), path), f.read()))
    return sorted((n, decoded(n, o)) for n, o in found)


def decoded(name, octets):
    if not name.endswith(".base64"):
        return octets
    try:
        return base64.b64decode(octets)
    except ValueError:
        return octets


# -- messages --

class Messages:
    def __init__(self, world, probe):
        self.probe, self.wrong = probe, []
        self.carrier = message(world, "sap").build().octets.decode()
        at = self.carrier.index(">", self.carrier.index("<s:Body ")) + 1
        self.head, self.tail = self.carrier[:at], self.carrier[self.carrier.rindex("</s:Body>"):]

    def refused(self, name, octets, **ask):
        wire = Wire(octets, "text/xml", "")
        answer = self.probe.open(wire, policy="sap", repeat=2, **ask)
        if answer["rc"] == "OK" or answer["xml"]:
            self.wrong.append(f"{name}: ACCEPTED")
        limit = (10000 + len(octets) // 10) * SLOWER
        if answer["us"] > limit:
            self.wrong.append(f"{name}: it took {answer['us']} us for {len(octets)} octets")
        return answer["code"]

    def as_body(self, octets):
        octets = re.sub(rb"^(\xef\xbb\xbf)?<\?xml[^>]*\?>\s*", b"", octets)
        return self.head.encode() + octets + self.tail.encode()

    def run(self, name):
        """Codes of the set's files as messages, and as Body of a signed one."""
        alone, inside, single = collections.Counter(), collections.Counter(), []
        for path, octets in files_of(name):
            if not octets:
                continue
            code = self.refused(f"{name}/{path}", octets, raw=True)
            alone[code] += 1
            inside[self.refused(f"{name}/{path} as Body", self.as_body(octets))] += 1
            if re.match(r"wss|xml_security", name) and b"Envelope" in octets[:600]:
                single.append((f"{name}/{path}", code))
        return alone, inside, single


# -- canonical octets --

def child_path(element):
    """As wss_probe counts: "0.2.1"."""
    steps = []
    while element.getparent() is not None:
        parent = element.getparent()
        steps.append(str([c for c in parent if isinstance(c.tag, str)].index(element)))
        element = parent
    return ".".join(reversed(steps))


def apex_of(xpath, root):
    """The one element whose subtree an expression selects; None: it selects otherwise."""
    text = re.sub(r"\s+", "", "".join(xpath.xpath("text()")))
    found = re.fullmatch(r"(?:\(//\.\|//@\*\|//namespace::\*\)\[)?"
                         r"ancestor-or-self::((?:[\w.-]+:)?[\w.-]+)\]?", text)
    if not found or root is None:
        return None
    nodes = root.xpath(f"//{found.group(1)}[not(ancestor::{found.group(1)})]",
                       namespaces={k: v for k, v in xpath.nsmap.items() if k})
    return nodes[0] if len(nodes) == 1 else None


def parse(octets):
    try:
        return etree.fromstring(octets, etree.XMLParser(**PARSER))
    except etree.XMLSyntaxError:
        return None


def canonical_vectors():
    """[(name, octets, kind, path of the element or None, prefixes, expected, why not)]"""
    made = []
    base = os.path.join(DATA, "c14n", "libxml2")
    for folder, kind in (("exc-without-comments", "exclusive"), ("without-comments", "inclusive"),
                         ("1-1-without-comments", "inclusive11"), ("with-comments", None)):
        for one in sorted(os.listdir(os.path.join(base, "test", folder))):
            stem = os.path.join(base, "test", folder, one[:-4])
            result = os.path.join(base, "result", folder, one[:-4])
            if one.endswith(".xml") and os.path.exists(result):
                made.append(libxml2_vector(f"libxml2/{folder}/{one[:-4]}", stem, kind, read(result)))
    soap = os.path.join(DATA, "c14n", "santuario")
    for source, expected, kind, name in (
            ("inExcl/example2_2_1.xml", "inExcl/example2_2_1_c14nized.xml", "inclusive", "elem2"),
            ("inExcl/example2_2_2.xml", "inExcl/example2_2_2_c14nized.xml", "inclusive", "elem2"),
            ("inExcl/example2_2_1.xml", "inExcl/example2_2_c14nized_exclusive.xml", "exclusive",
             "elem2"),
            ("inExcl/example2_2_2.xml", "inExcl/example2_2_c14nized_exclusive.xml", "exclusive",
             "elem2"),
            ("inExcl/example2_2_3.xml", "inExcl/example2_2_3_c14nized_exclusive.xml", "exclusive",
             "p"),
            ("inExcl/example2_4.xml", "inExcl/example2_4_c14nized.xml", "exclusive", "elem2"),
            ("inExcl/plain-soap-1.1.xml", "inExcl/plain-soap-c14nized.xml", "exclusive", "Body"),
            ("in/default_ns_redefinition_input.xml", "in/default_ns_redefinition_c14n.xml",
             "inclusive", "Object"),
            ("in/36_input.xml", "in/36_c14n.xml", "inclusive", None)):
        octets = read(os.path.join(soap, source))
        root = parse(octets)
        apex = root if name is None else root.find(f".//{{*}}{name}")
        made.append((f"santuario/{source} ({kind})", octets, kind, child_path(apex), [],
                     read(os.path.join(soap, expected)), None))
    return made + merlin_vectors()


def libxml2_vector(name, stem, kind, expected):
    octets = read(stem + ".xml")
    prefixes = read(stem + ".ns").decode().split() if os.path.exists(stem + ".ns") else []
    prefixes = ["" if p == "#default" else p for p in prefixes]
    if kind is None:
        return name, octets, kind, None, prefixes, expected, "comments are never canonicalised"
    if b"<!DOCTYPE" in octets:
        return name, octets, kind, None, prefixes, expected, "it has a document type"
    root = parse(octets)
    apex = root
    if os.path.exists(stem + ".xpath"):
        apex = apex_of(etree.fromstring(read(stem + ".xpath")), root)
    if apex is None:
        return name, octets, kind, None, prefixes, expected, "it selects nodes, not an element"
    return name, octets, kind, child_path(apex), prefixes, expected, None


def merlin_vectors():
    """The references of one signature, each with the octets it comes to."""
    folder = os.path.join(DATA, "xmldsig", "merlin-c14n-three")
    octets = read(os.path.join(folder, "signature.xml"))
    root = parse(octets)
    made = []
    for number, reference in enumerate(root.iter(f"{{{DS}}}Reference")):
        expected = os.path.join(folder, f"c14n-{number}.txt")
        if not os.path.exists(expected):
            continue
        name = f"merlin-c14n-three/c14n-{number}"
        xpath = reference.find(f".//{{{DS}}}XPath")
        method = reference.findall(f".//{{{DS}}}Transform")[-1]
        apex = apex_of(xpath, root) if xpath is not None else None
        kind = "exclusive" if method.get("Algorithm") == EXCLUSIVE else "inclusive"
        listed = method.find(f"{{{EXCLUSIVE}}}InclusiveNamespaces")
        prefixes = listed.get("PrefixList").split() if listed is not None else []
        made.append((name, octets, kind, child_path(apex) if apex is not None else None,
                     ["" if p == "#default" else p for p in prefixes], read(expected),
                     None if apex is not None else "it selects nodes, not an element"))
    return made


def own_canonical_vectors():
    """Ours: the element in question is e, the expected octets are lxml's of a document that begins
    with it."""
    made = []
    for number, (octets, prefixes) in enumerate((
            (b'<a xmlns="urn:d" xmlns:p="urn:p" xmlns:q="urn:q"><e p:x="1"><p:f/></e></a>', []),
            (b'<a xmlns="urn:d" xmlns:p="urn:p" xmlns:q="urn:q"><e p:x="1"><p:f/></e></a>', ["q", ""]),
            (b'<p:a xmlns:p="urn:1"><p:e xmlns:p="urn:2"><p:f xmlns:p="urn:1"/></p:e></p:a>', []),
            (b'<a xmlns="urn:d"><e xmlns=""><f xmlns="urn:d"/></e></a>', []),
            ('<a><e b="&#13;&#10;&#9;&lt;&quot;" a=\'"\'>&#13;x&gt;&amp;<![CDATA[<&]]>\u00e9</e></a>'
             .encode(), []),
            (b'<a xmlns:z="urn:z"><e z:a="1" b="2" xmlns:y="urn:a" y:c="3" a="4"><!-- c --></e></a>',
             ["z"]),
            (b'<a><e><?p i?><g\n k = "v"  /></e>tail</a>', []))):
        root = parse(octets)
        apex = next(e for e in root.iter() if isinstance(e.tag, str) and
                    etree.QName(e).localname == "e")
        for kind, method in KINDS.items():
            if kind == "inclusive11":
                continue
            chosen = prefixes if kind == "exclusive" else []
            made.append((f"own-{number} ({kind})", octets, kind, child_path(apex), chosen,
                         canonical(apex, method, chosen), None))
    return made


def check_canonical(probe, vectors):
    """(matching, {reason: names}, complaints)"""
    matching, skipped, wrong = 0, collections.defaultdict(list), []
    for name, octets, kind, path, prefixes, expected, why in vectors:
        if why:
            skipped[why].append(name)
            continue
        answer = probe.ask(mode="canonical", base64=base64.b64encode(octets).decode(), kind=kind,
                           at=path, prefixes=prefixes)
        made = base64.b64decode(answer.get("octets") or "")
        if made.strip() != expected.strip():
            wrong.append(f"{name}: canonical octets differ: {answer.get('error', '')}\n"
                         f"  made     {made[:600]!r}\n  expected {expected[:600]!r}")
        else:
            matching += 1
    return matching, skipped, wrong


# -- signature values --

# what must not fit, as the names say that its authors gave the files: the value or SignedInfo was
# changed afterwards, or an ECDSA value is written as OpenSSL writes it
NOT_FITTING = re.compile(r"bad-sig|bad-digest|with-asn1|invalid_signature.*(value|non existing)")
# in all other files of this set the value must fit
ALL_FIT = re.compile(r"^xmldsig/|xml-crypto/")


def read(path):
    with open(path, "rb") as f:
        return f.read()


def number(element):
    return int.from_bytes(base64.b64decode("".join(element.itertext())), "big")


def pem_of(key):
    return key.public_bytes(serialization.Encoding.PEM,
                            serialization.PublicFormat.SubjectPublicKeyInfo).decode()


@functools.lru_cache(maxsize=None)
def load_key(octets):
    """A public key of a certificate or a key, PEM or DER; None: neither."""
    for load in (x509.load_pem_x509_certificate, x509.load_der_x509_certificate,
                 serialization.load_pem_public_key, serialization.load_der_public_key):
        try:
            made = load(octets)
            return made.public_key() if isinstance(made, x509.Certificate) else made
        except (ValueError, TypeError):
            continue
    return None


CURVES = {"1.2.840.10045.3.1.7": ec.SECP256R1, "1.3.132.0.34": ec.SECP384R1,
          "1.3.132.0.35": ec.SECP521R1}


@functools.lru_cache(maxsize=None)
def keys_below(folder):
    return [load_key(read(os.path.join(below, n))) for below, _, names in os.walk(folder)
            for n in sorted(names) if n.endswith((".pem", ".der", ".crt"))]


def keys_in(signature, root, path):
    """Keys that the vector means: in KeyInfo, in a token of the message, or beside the file."""
    found = []
    for scope in (signature, root):
        for one in scope.iter("{*}X509Certificate", "{*}BinarySecurityToken"):
            try:
                found.append(load_key(base64.b64decode(one.text or "")))
            except ValueError:
                continue
    for one in signature.iter("{*}RSAKeyValue"):
        found.append(rsa.RSAPublicNumbers(number(one.find("{*}Exponent")),
                                          number(one.find("{*}Modulus"))).public_key())
    for one in signature.iter("{*}ECKeyValue"):
        curve = CURVES[one.find("{*}NamedCurve").get("URI").replace("urn:oid:", "")]()
        found.append(ec.EllipticCurvePublicKey.from_encoded_point(
            curve, base64.b64decode(one.find("{*}PublicKey").text)))
    for one in signature.iter("{*}ECDSAKeyValue"):
        curve = CURVES[one.find(".//{*}NamedCurve").get("URN").replace("urn:oid:", "")]()
        point = one.find("{*}PublicKey")
        found.append(ec.EllipticCurvePublicNumbers(
            int(point.find("{*}X").get("Value")), int(point.find("{*}Y").get("Value")),
            curve).public_key())
    for place in (os.path.join(DATA, "xmldsig", "keys"), os.path.dirname(path)):
        found += keys_below(place)
    unique = {pem_of(k): k for k in found
              if isinstance(k, (rsa.RSAPublicKey, ec.EllipticCurvePublicKey))}
    return list(unique)


def reason(method, c14n):
    if "#WithComments" in c14n:
        return "canonicalisation with comments"
    for mark, why in (("hmac", "shared secrets (HMAC)"), ("dsa-sha", "DSA"), ("MGF1", "RSA-PSS"),
                      ("eddsa", "EdDSA"), ("sha3", "SHA-3"), ("sha224", "SHA-224"),
                      ("ecdsa-sha1", "ECDSA with SHA-1")):
        if mark in method and not (mark == "dsa-sha" and "ecdsa" in method):
            return why
    return "other algorithms"


def fits(signature, pem):
    """What lxml and python3-cryptography say: somebody else's yes or no."""
    info = signature[0]
    method = info.find(f"{{{DS}}}SignatureMethod").get("Algorithm")
    c14n = info.find(f"{{{DS}}}CanonicalizationMethod").get("Algorithm")
    key = serialization.load_pem_public_key(pem.encode())
    listed = info[0].find(f"{{{EXCLUSIVE}}}InclusiveNamespaces")
    prefixes = listed.get("PrefixList").split() if listed is not None else []
    octets = canonical(info, c14n, ["" if p == "#default" else p for p in prefixes])
    try:
        value = base64.b64decode(signature.find(f"{{{DS}}}SignatureValue").text or "")
        kind = HASH[METHOD[method]]()
        if isinstance(key, rsa.RSAPublicKey):
            if "rsa" not in method:
                return False
            key.verify(value, octets, padding.PKCS1v15(), kind)
            return True
        size = (key.curve.key_size + 7) // 8
        if "ecdsa" not in method or len(value) != 2 * size:
            return False
        key.verify(utils.encode_dss_signature(int.from_bytes(value[:size], "big"),
                                              int.from_bytes(value[size:], "big")), octets,
                   ec.ECDSA(kind))
        return True
    except (InvalidSignature, ValueError):
        return False


def check_values(probe):
    """({"fits": …, "does not": …}, {reason: count}, complaints)"""
    done, skipped, wrong = collections.Counter(), collections.Counter(), []
    for name in ("xmldsig", "xml_security", "wss"):
        for path, octets in files_of(name):
            root = parse(octets)
            signature = None if root is None else next(root.iter(f"{{{DS}}}Signature"), None)
            if signature is None:
                continue
            full = f"{name}/{path}"
            ask = {"mode": "signature", "base64": base64.b64encode(octets).decode()}
            said = probe.ask(**ask)
            if said.get("method") is None:
                skipped["the first signature is of another form"] += 1
                continue
            if said["fits"] == "unsupported":
                skipped[reason(said["method"], said["c14n"])] += 1
                continue
            verdicts = set()
            for key in keys_in(signature, root, os.path.join(DATA, name, path)):
                verdict = probe.ask(**ask, key=key)["fits"]
                verdicts.add(verdict)
                if (verdict == "yes") != fits(signature, key):
                    wrong.append(f"{full}: {verdict}, and python3-cryptography says otherwise")
            must_not = NOT_FITTING.search(full)
            if ("yes" in verdicts) == bool(must_not) and (must_not or ALL_FIT.search(full)):
                wrong.append(f"{full}: {sorted(verdicts)}, which its authors say otherwise")
            elif must_not or "yes" in verdicts:
                done["does not" if must_not else "fits"] += 1
            else:
                skipped["no key that is known here fits (python3-cryptography agrees)"] += 1
    return done, skipped, wrong


def check_own_values(world, probe):
    wrong = []
    for name in ("sap", "ec", "p384", "p521", "legacy"):
        for changes, expected in (({}, "yes"), ({"value": lambda v: v[:-1] + bytes([v[-1] ^ 1])},
                                                 "no"), ({"value": lambda v: v + b"\0"}, "no")):
            octets = Message(signer=world.of[name], **changes).build().octets
            answer = probe.ask(mode="signature", base64=base64.b64encode(octets).decode(),
                               key=public_pem(world.of[name]).decode())
            if answer.get("fits") != expected:
                wrong.append(f"own value of {name}: {answer}")
        other = probe.ask(mode="signature", base64=base64.b64encode(octets).decode(),
                          key=public_pem(world.of["stranger"]).decode())
        if other.get("fits") != "no":
            wrong.append(f"own value of {name} fits a stranger's key: {other}")
    return wrong


# -- the page --

def page(results, matching, skipped, values, value_skips):
    out = io.StringIO()
    out.write("\nEvery file as the whole message, and as the Body of a signed one. Of many, none was "
              "accepted, none took longer than 10 ms and 100 ms a MB.\n\n"
              "| set | files | codes as message | codes as Body |\n|---|---|---|---|\n")
    count = lambda c: ", ".join(f"`{k}` {n}" for k, n in sorted(c.items()))
    singles = []
    for name, (alone, inside, single) in results.items():
        out.write(f"| {name} | {sum(alone.values())} | {count(alone)} | {count(inside)} |\n")
        singles += single
    out.write("\nThose that are SOAP messages, one by one (their keys are nobody's here):\n\n"
              "| message | code |\n|---|---|\n")
    for name, code in singles:
        out.write(f"| {wss_page.cell(name)} | `{code}` |\n")
    out.write(f"\n**Canonical octets**: {matching} vectors match to the octet. Not run:\n\n")
    for why, names in sorted(skipped.items()):
        out.write(f"- {why}: {len(names)} ({', '.join(sorted(names))})\n")
    out.write(f"\n**Signature values** over SignedInfo with the vectors' own keys: {values['fits']} "
              f"fit as they must, {values['does not']} do not, as their names say; for each key the verdict is that "
              "of python3-cryptography. Not counted:\n\n")
    for why, n in sorted(value_skips.items()):
        out.write(f"- {why}: {n}\n")
    return out.getvalue()


def main():
    world = World()
    probe = Probe(world.folder)
    wrong = []
    has_data = os.path.isdir(DATA)
    try:
        _, _, said = check_canonical(probe, own_canonical_vectors())
        wrong += said + check_own_values(world, probe)
        if has_data:
            messages = Messages(world, probe)
            results = {name: messages.run(name) for name in SETS}
            matching, skipped, said = check_canonical(probe, canonical_vectors())
            values, value_skips, unfit = check_values(probe)
            wrong += messages.wrong + said + unfit
            if not matching or not values["fits"]:
                wrong.append("no vector was run")
        code, said = probe.close()
        if code != 0:
            wrong.append(f"wss_probe ended with {code}: {said}")
    finally:
        world.close()
    if has_data and not wrong:
        wrong += wss_page.put("vectors", page(results, matching, skipped, values, value_skips),
                              "--write" in sys.argv)
    for line in wrong:
        print(line)
    if not has_data:
        print("../shared/data is not here: published vectors were skipped, our own ran")
    sys.exit(1 if wrong else 0 if has_data else SKIPPED)


if __name__ == "__main__":
    main()
