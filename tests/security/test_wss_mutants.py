"""Signed messages, changed at random: whatever is accepted must be believed as one of those that were
signed, octet for octet, with its replay key. Changes of octets, of text, and of the tree (elements
moved, copied, renamed, exchanged between two messages of one signer).

    test_wss_mutants.py [--count N] [--seed S]    S: as a failed run says it
"""
import copy
import os
import random
import sys
import time

from lxml import etree

from attacks_parts import good as swa_attachments, two as hashed_attachments
from wss_attack import message
from wss_message import BODY, DS, WSA, WSU, Wire, username_token
from wss_world import Probe, World, is_taken

COUNT = 300 if os.environ.get("KONTOR_SANITIZED") else 3000
BITS = (b"<", b">", b"&amp;", b"&#0;", b"&lt;", b"\"", b"'", b"<!--", b"-->", b"<![CDATA[", b"]]>",
        b"<?x?>", b"\0", b"\xc0\x80", b"\xef\xbb\xbf", b" ", b"\n", b":", b"#", b"=", b"body-1",
        b"time-1", b"token-1", b' Id="body-1"', b' wsu:Id="x"', b"<a/>", b"xmlns:s", b"EVIL",
        b' xmlns="urn:x"', b"</s:Body>", b"<s:Body>", b"<wsse:Security>", b"\r", b"\t", b"e:", b"0")


# -- octets --

def flip(octets, dice):
    at = dice.randrange(len(octets))
    return octets[:at] + bytes([octets[at] ^ (1 << dice.randrange(8))]) + octets[at + 1:]


def insert(octets, dice):
    at = dice.randrange(len(octets))
    return octets[:at] + dice.choice(BITS) + octets[at:]


def drop(octets, dice):
    at = dice.randrange(len(octets))
    return octets[:at] + octets[at + dice.choice((1, 1, 2, 5, 20, 200)):]


def double(octets, dice):
    at = dice.randrange(len(octets))
    return octets[:at] + octets[at:at + dice.choice((1, 3, 10, 100, 500))] + octets[at:]


def overwrite(octets, dice):
    at, bit = dice.randrange(len(octets)), dice.choice(BITS)
    return octets[:at] + bit + octets[at + len(bit):]


def reference(octets, dice):
    """A character as a reference: mostly the same text."""
    letters = [i for i, c in enumerate(octets) if chr(c).isalnum()]
    at = dice.choice(letters)
    return octets[:at] + f"&#{octets[at]};".encode() + octets[at + 1:]


# -- the tree --

def elements(root):
    return [e for e in root.iter(etree.Element) if e is not root]


def move(root, other, dice):
    del other
    what, where = dice.choice(elements(root)), dice.choice(list(root.iter(etree.Element)))
    if where in what.iter(etree.Element):
        return
    where.insert(dice.randrange(len(where) + 1), what)


def clone(root, other, dice):
    what = copy.deepcopy(dice.choice(elements(dice.choice((root, other)))))
    if dice.random() < 0.7:
        for e in what.iter(etree.Element):
            for name in (f"{{{WSU}}}Id", "Id", "ID"):
                e.attrib.pop(name, None)
    where = dice.choice(list(root.iter(etree.Element)))
    where.insert(dice.randrange(len(where) + 1), what)


def graft(root, other, dice):
    """An element of another message of the same signer in the place of one of this."""
    what = dice.choice(elements(root))
    same = [e for e in elements(other) if e.tag == what.tag]
    if same:
        what.getparent().replace(what, copy.deepcopy(dice.choice(same)))


def remove(root, other, dice):
    del other
    what = dice.choice(elements(root))
    what.getparent().remove(what)


def rename(root, other, dice):
    del other
    what = dice.choice(elements(root))
    spaces = [e.tag for e in elements(root)]
    what.tag = dice.choice(spaces) if dice.random() < 0.5 else \
        f"{{{etree.QName(dice.choice(spaces)).namespace or 'urn:x'}}}" \
        f"{etree.QName(what).localname}"


def attribute(root, other, dice):
    del other
    what = dice.choice(list(root.iter(etree.Element)))
    name = dice.choice((f"{{{WSU}}}Id", "Id", "ID", "URI", "Algorithm", "ValueType", "Type",
                        "{http://schemas.xmlsoap.org/soap/envelope/}actor", "href",
                        "{http://www.w3.org/XML/1998/namespace}id", *what.attrib))
    values = [v for e in root.iter(etree.Element) for v in e.attrib.values()]
    if dice.random() < 0.3:
        what.attrib.pop(name, None)
    else:
        what.set(name, dice.choice(values + ["", "#", "x", "#x"]))


def wrap(root, other, dice):
    del other
    what = dice.choice(elements(root))
    parent, at = what.getparent(), what.getparent().index(what)
    box = etree.Element(dice.choice((f"{{{DS}}}Object", "{urn:w}Wrapper", what.tag,
                                     "{http://schemas.xmlsoap.org/soap/envelope/}Body")))
    parent.remove(what)
    box.append(what)
    parent.insert(at, box)


def note(root, other, dice):
    del other
    where = dice.choice(list(root.iter(etree.Element)))
    what = etree.Comment("x") if dice.random() < 0.7 else etree.ProcessingInstruction("x", "y")
    where.insert(dice.randrange(len(where) + 1), what)


OCTETS = (flip, insert, drop, double, overwrite, reference)
TREE = (move, clone, graft, remove, rename, attribute, wrap, note)


def mutant(octets, other, dice):
    """One to three changes of one kind."""
    count = dice.choice((1, 1, 1, 2, 3))
    if dice.random() < 0.45:
        for _ in range(count):
            octets = dice.choice(OCTETS)(octets, dice) or b" "
        return octets
    root, second = etree.fromstring(octets), etree.fromstring(other)
    for _ in range(count):
        dice.choice(TREE)(root, second, dice)
    return etree.tostring(root)


# -- messages --

def pairs(world):
    """(name, message, another one of the same signer)"""
    def made(name, signer, change=None, body=None):
        both = []
        for number in (1, 2):
            m = message(world, signer)
            m.wsa = {"MessageID": f"urn:uuid:{number}", "To": "http://127.0.0.1/",
                     "ReplyTo": WSA + "/anonymous"}
            m.body = (body or BODY).replace("A-1", f"A-{number}")
            if change:
                change(m, world)
            both.append(m)
        return name, both[0].build(), both[1].build()

    def user(m, w):
        del w
        m.user = username_token("shop-both", digest=True)

    def sealed(m, w):
        m.encrypts_for = w.box

    def sealed_first(m, w):
        m.encrypts_for, m.encrypts_last = w.box, False
    yield made("RSA", "sap")
    yield made("ECDSA, issuer", "ec", lambda m, w: setattr(m, "key_info", "issuer"))
    yield made("X509Data, default namespace", "sap", lambda m, w: (
        setattr(m, "key_info", "x509"), setattr(m, "ds", "")))
    yield made("inclusive", "legacy", lambda m, w: setattr(m, "transforms", (
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",)))
    yield made("token and signature", "both", user)
    yield made("signed, then encrypted", "sealed", sealed)
    yield made("encrypted, then signed", "any-box", sealed_first)
    yield made("attachments by hashes", "hashes", hashed_attachments)
    yield made("attachments by the signature", "swa", lambda m, w: (
        setattr(m, "wsa", None), swa_attachments(m, w)))


def changed(wire, other, dice):
    """A mutant as it goes over the wire: of a package its root part, or any of its octets."""
    if not wire.content_type.startswith("multipart"):
        return Wire(mutant(wire.octets, other.octets, dice), wire.content_type, wire.soap_action)
    if dice.random() < 0.4:
        return Wire(dice.choice(OCTETS)(wire.octets, dice), wire.content_type, wire.soap_action)
    def root_of(w):
        at = w.octets.index(b"<s:Envelope ")
        return at, w.octets.index(b"</s:Envelope>") + len(b"</s:Envelope>")
    (at, end), (from_, to) = root_of(wire), root_of(other)
    octets = mutant(wire.octets[at:end], other.octets[from_:to], dice)
    return Wire(wire.octets[:at] + octets + wire.octets[end:], wire.content_type, wire.soap_action)


def believed(answer):
    """What is handed on; the order of headers means nothing."""
    head, _, body = answer["xml"].rpartition(b"</e:Header>")
    headers = [etree.tostring(e, method="c14n", exclusive=True) for e in
               (etree.fromstring(answer["xml"])[0] if head else ())]
    return sorted(headers), body, answer["digest"], answer["replay"], answer["signer"]


def choice(name, default):
    return int(sys.argv[sys.argv.index(name) + 1]) if name in sys.argv else default


def main():
    seed, count = choice("--seed", time.time_ns() % 1000000007), choice("--count", COUNT)
    dice, wrong, kept, codes = random.Random(seed), [], 0, set()
    world = World()
    probe = Probe(world.folder)
    try:
        bases = [(name, wire, other, [probe.open(wire), probe.open(other)])
                 for name, wire, other in pairs(world)]
        wrong += [f"{name}: {one['code']} {one['look']} {one.get('failed_says')}"
                  for name, _, _, known in bases for one in known if not is_taken(one)]
        for number in range(0 if wrong else count):
            name, wire, other, known = bases[number % len(bases)]
            now = changed(wire, other, dice)
            answer = probe.open(now)
            codes.add(answer["code"])
            if answer["rc"] != "OK" or answer["look"] != "ok":
                continue
            kept += 1
            if believed(answer) not in [believed(one) for one in known]:
                wrong.append(f"mutant {number} of {name}: accepted as a third message\n"
                             f"{now.octets.decode(errors='replace')}")
        code, said = probe.close()
        if code != 0:
            wrong.append(f"wss_probe ended with {code}: {said}")
        if not wrong and (len(codes) < 20 or not kept):
            wrong.append(f"the mutants are too alike: {sorted(codes)}, {kept} accepted")
    finally:
        world.close()
    for line in wrong:
        print(line)
    print(f"{count} mutants, {kept} accepted as what was signed, {len(codes)} codes, seed {seed}")
    sys.exit(1 if wrong else 0)


main()
