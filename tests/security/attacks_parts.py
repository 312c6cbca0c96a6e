"""Attacks on attachments, and on answers of partners that we called."""
import base64
import hashlib

from wss_attack import attack, group, swap
from wss_message import (EXCLUSIVE, SWA, WSSE11, XOP, Part, Reference, b64)

PDF = b"%PDF-1.4 one"
PDF2 = b"%PDF-1.4 two"


def include(cid):
    return f'<xop:Include xmlns:xop="{XOP}" href="cid:{cid}"/>'


def document(number, cid, octets, sha=True, size=True, content=None):
    made = f"<k:number>{number}</k:number>"
    if sha:
        made += f"<k:sha256>{hashlib.sha256(octets).hexdigest()}</k:sha256>"
    if size:
        made += f"<k:size>{len(octets)}</k:size>"
    content = include(cid) if content is None else content
    return f"<k:item>{made}<k:content>{content}</k:content></k:item>"


def documents(*items):
    return ('<k:PushDocuments xmlns:k="urn:kontor:push:1">' + "".join(items) +
            "</k:PushDocuments>")


def carries(parts, *items):
    def run(m, w):
        m.operation = "PushDocuments"
        m.body = documents(*items)
        m.parts = parts
    return run


ONE = Part("a@test", PDF)
TWO = Part("b@test", PDF2)
two = carries([ONE, TWO], document("1", "a@test", PDF), document("2", "b@test", PDF2))

group("Attachments")

for name, does, code, change in (
        ("changed", "An attachment is another.", "attachment.digest",
         carries([Part("a@test", PDF2), TWO], document("1", "a@test", PDF),
                 document("2", "b@test", PDF2))),
        ("changed in its case", "One letter of it.", "attachment.digest",
         carries([Part("a@test", b"%pDF-1.4 one"), TWO], document("1", "a@test", PDF),
                 document("2", "b@test", PDF2))),
        ("swapped", "Two attachments change their places.", "attachment.digest",
         carries([Part("a@test", PDF2), Part("b@test", PDF)], document("1", "a@test", PDF),
                 document("2", "b@test", PDF2))),
        ("longer", "Octets behind the attachment.", "attachment.digest",
         carries([Part("a@test", PDF + b" "), TWO], document("1", "a@test", PDF),
                 document("2", "b@test", PDF2))),
        ("without SHA-256", "The Body names its size alone.", "attachment.unbound",
         carries([ONE, TWO], document("1", "a@test", PDF, sha=False),
                 document("2", "b@test", PDF2))),
        ("without size", "The Body names its SHA-256 alone.", "attachment.unbound",
         carries([ONE, TWO], document("1", "a@test", PDF, size=False),
                 document("2", "b@test", PDF2))),
        ("unreferenced", "An attachment that nothing refers to.", "attachment.loose",
         carries([ONE, TWO, Part("c@test", b"x")], document("1", "a@test", PDF),
                 document("2", "b@test", PDF2))),
        ("missing", "A reference to no attachment.", "attachment.unbound",
         carries([ONE], document("1", "a@test", PDF), document("2", "b@test", PDF2))),
        ("used twice", "Two references to one attachment.", "attachment.double",
         carries([ONE], document("1", "a@test", PDF), document("2", "a@test", PDF))),
        ("named twice", "Two attachments of one Content-ID.", "look:MIME_INVALID",
         carries([ONE, Part("a@test", PDF2), TWO], document("1", "a@test", PDF),
                 document("2", "b@test", PDF2)))):
    attack(f"Attachment {name}", does, code, signer="hashes", twin=two,
           twin_is="each as the signed Body names it")(change)
attack("Attachments without a policy", "The partner's policy binds none.", "attachment.policy",
       twin=lambda m, w: carries([], document("1", "", PDF, content=b64(PDF)))(m, w),
       twin_is="the content stands in the Body")(
    carries([ONE], document("1", "a@test", PDF)))


@attack("Signed inlined", "Signed over base64 in the Body, sent with an attachment in its place.",
        "attachment.inlined", signer="hashes", twin=two, twin_is="signed as it was sent")
def _(m, w):
    carries([ONE], document("1", "a@test", PDF, content=b64(PDF)))(m, w)
    m.after = swap(f">{b64(PDF)}<", f">{include('a@test')}<")


attack("Vouched for by TLS, without a certificate", "Nobody vouches for the attachments.",
       "attachment.unbound", signer="tls", base=two, ask={"tls_certificate": True},
       attack_ask={"tls_certificate": False}, twin_is="the peer showed the partner's certificate")(
    lambda m, w: None)


def swa(parts, *signed):
    """A signature that covers attachments (SwA, content only)."""
    def run(m, w):
        carries(parts, *(document(str(i), part.cid, part.octets, False, False)
                         for i, part in enumerate(parts, 1)))(m, w)
        m.references = [Reference("#body-1"), Reference("#time-1")] + [
            Reference("cid:" + part.cid, octets=part.octets,
                      transforms=(SWA + "#Attachment-Content-Signature-Transform",))
            for part in signed]
    return run


def replaced(change, parts):
    def run(m, w):
        change(m, w)
        m.parts = parts
    return run


good = swa([ONE, TWO], ONE, TWO)
for name, does, code, change in (
        ("changed", "An attachment under the signature is another.", "attachment.digest",
         replaced(good, [Part("a@test", b"other"), TWO])),
        ("swapped", "Two attachments under the signature change their places.",
         "attachment.digest", replaced(good, [Part("a@test", PDF2), Part("b@test", PDF)])),
        ("unsigned", "One attachment is not covered.", "attachment.unbound",
         swa([ONE, TWO], ONE)),
        ("gone", "A signed attachment is missing.", "reference.unknown",
         replaced(good, [ONE])),
        ("signed twice", "Two references to one attachment.", "reference.twice",
         swa([ONE, TWO], ONE, ONE, TWO))):
    attack(f"SwA: {name}", does, code, signer="swa", twin=good,
           twin_is="each covered as it is")(change)
attack("SwA: another transform", "Content and headers are to be digested.", "signature.transform",
       signer="swa", twin=good, twin_is="content alone")(
    lambda m, w: (good(m, w), [setattr(r, "transforms",
                                       (SWA + "#Attachment-Complete-Signature-Transform",))
                               for r in m.references[2:]]))
attack("SwA: exclusive canonicalisation", "A transform of elements, on an attachment.",
       "signature.transform", signer="swa", twin=good, twin_is="that of attachments")(
    lambda m, w: (good(m, w), [setattr(r, "transforms", (EXCLUSIVE,)) for r in m.references[2:]]))

group("Answers of partners")

ASKED = {"message_id": "urn:uuid:asked", "signature_value": base64.b64encode(b"value").decode()}
UNRELATED = {"signature_value": ASKED["signature_value"]}


def relates(to="urn:uuid:asked"):
    def run(m, w):
        m.soap_action = ""
        m.body = m.body.replace("PushStock", "PushStockResponse")
        m.wsa = {"RelatesTo": to} if to else None
    return run


def answered(**ask):
    return {"policy": "answer", "asked": ASKED, **ask}


attack("Answer of another signer", "A partner's certificate, not that of the connection.",
       "answer.signer", signer="answer", ask=answered(), twin=relates(), twin_is="its own")(
    lambda m, w: (relates()(m, w), setattr(m, "signer", w.sap)))
attack("Answer of a stranger", "A certificate of nobody.", "key.unknown", signer="answer",
       ask=answered(), twin=relates(), twin_is="its own")(
    lambda m, w: (relates()(m, w), setattr(m, "signer", w.stranger)))
attack("Answer to another request", "An earlier answer of the same partner.", "answer.relates-to",
       signer="answer", ask=answered(), twin=relates(), twin_is="to ours")(
    relates("urn:uuid:other"))
attack("Answer to nothing", "It does not say what it answers.", "answer.relates-to",
       signer="answer", ask=answered(), twin=relates(), twin_is="to ours")(relates(None))
attack("RelatesTo unsigned", "The signature does not cover RelatesTo.", "signed.header",
       signer="answer", ask=answered(), twin=relates(), twin_is="it does")(
    lambda m, w: (relates()(m, w), setattr(m, "signs", ("body-1", "time-1"))))
attack("Answer unsigned", "No signature where the policy wants one.", "signature.missing",
       signer="answer", ask=answered(), twin=relates(), twin_is="signed")(
    lambda m, w: (relates()(m, w), setattr(m, "signer", None)))
attack("Answer in the clear", "No Security at all.", "security.missing", signer="answer",
       ask=answered(), twin=relates(), twin_is="signed")(
    lambda m, w: (relates()(m, w), setattr(m, "signer", None), setattr(m, "timestamp", "")))


def confirmation(value=b"value", ids=' wsu:Id="confirmation-1"', count=1, signs=None):
    def run(m, w):
        relates()(m, w)
        text = f' Value="{base64.b64encode(value).decode()}"' if value is not None else ""
        m.confirmation = (f'<wsse11:SignatureConfirmation xmlns:wsse11="{WSSE11}"{ids}{text}/>'
                          ) * count
        m.signs = signs
    return run


CONFIRMED = {"policy": "confirmed", "asked": ASKED}
for name, does, code, change in (
        ("missing", "Nothing confirms our signature.", "answer.confirmation", relates()),
        ("of another signature", "Another request's signature is confirmed.",
         "answer.confirmation", confirmation(b"other")),
        ("of none", "It says that we did not sign.", "answer.confirmation", confirmation(None)),
        ("cut", "The beginning of our signature.", "answer.confirmation", confirmation(b"valu")),
        ("unsigned", "The signature does not cover it.", "signed.confirmation",
         confirmation(ids="", signs=("body-1", "time-1", "wsa-1")))):
    attack(f"Confirmation {name}", does, code, signer="confirmed", ask=CONFIRMED,
           twin=confirmation(), twin_is="of our signature")(change)
