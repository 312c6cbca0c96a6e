"""Forms that must be accepted, so that no stage refuses too much: every way to name a key, every
algorithm, the spellings that senders use."""
from dataclasses import replace

from wss_attack import message
from wss_message import (DS, ENVELOPED, EXCLUSIVE, INCLUSIVE, INCLUSIVE_11, MORE, WSA, XENC, XENC11,
                         Reference, username_token)
from wss_world import is_taken

FORMS = ("token", "issuer", "ski", "thumbprint", "identifier", "str-x509", "x509", "x509-issuer",
         "x509-ski", "str-x509-both")
SHA = {"256": XENC + "sha256", "384": MORE + "sha384", "512": XENC + "sha512"}


def rows(world):
    """(name, message)"""
    sap, ec, legacy = (message(world, n) for n in ("sap", "ec", "legacy"))
    for form in FORMS:
        yield f"KeyInfo {form}, RSA", replace(sap, key_info=form)
        yield f"KeyInfo {form}, ECDSA", replace(ec, key_info=form)
    for form in ("token", "x509", "str-x509", "identifier"):
        yield f"KeyInfo {form}, listed by fingerprint", replace(message(world, "pinned"),
                                                                key_info=form)
    for bits, uri in SHA.items():
        yield f"RSA and digest, SHA-{bits}", replace(sap, method=MORE + "rsa-sha" + bits,
                                                     digest=uri)
        yield f"ECDSA P-256, SHA-{bits}", replace(ec, method=MORE + "ecdsa-sha" + bits)
    for name in ("p384", "p521"):
        yield f"ECDSA {name}", message(world, name)
    yield "RSA, exponent 3", replace(sap, signer=world.e3)
    for name, changes in (
            ("RSA with SHA-1", {"method": DS + "rsa-sha1"}), ("Digest SHA-1", {"digest": DS + "sha1"}),
            ("SignedInfo inclusive", {"c14n": INCLUSIVE}),
            ("SignedInfo inclusive 1.1", {"c14n": INCLUSIVE_11}),
            ("Body inclusive", {"transforms": (INCLUSIVE,)}),
            ("All inclusive", {"c14n": INCLUSIVE, "transforms": (INCLUSIVE,)})):
        yield f"{name}, by policy", replace(legacy, **changes)
    for name in ("good", "pinned"):
        yield f"Certificate: {name}", message(world, name)
    yield "SOAP 1.2", replace(sap, soap="1.2")
    yield "default namespace for the Signature", replace(sap, ds="")
    yield "other prefix for the Signature", replace(sap, ds="dsig")
    yield "enveloped in front", replace(sap, transforms=(ENVELOPED, EXCLUSIVE))
    for prefixes in (("s", "wsu"), ("",), ("k", "s", ""), ("none",)):
        yield f"PrefixList {' '.join(prefixes)}", replace(sap, references=[
            Reference("#body-1", prefixes=prefixes), Reference("#time-1", prefixes=prefixes)])
    yield "signed token", replace(sap, signs=("body-1", "time-1", "token-1"))
    yield "Timestamp last", replace(sap, order=("token", "signature", "timestamp"))
    yield "Timestamp first", replace(sap, order=("timestamp", "signature", "token"))
    yield "Timestamp signed first", replace(sap, signs=("time-1", "body-1"))
    yield "fractions of a second", replace(sap, created="2026-03-01T12:00:00.123Z",
                                           expires="2026-03-01T12:04:59.1234567Z")
    yield "Body with Id", replace(sap, body_attributes='Id="body-1"')
    yield "Body with ID", replace(sap, body_attributes='ID="body-1"')
    yield "Ids of other letters", replace(sap, body_attributes='wsu:Id="_K\u00f6rper.1-a"', references=[
        Reference("#_K\u00f6rper.1-a"), Reference("#time-1")])
    yield "no mustUnderstand", replace(sap, must_understand=False)
    yield "actor next", replace(
        sap, security_attributes=' s:actor="http://schemas.xmlsoap.org/soap/actor/next"')
    yield "all addressing", replace(sap, wsa={
        "MessageID": "urn:uuid:1", "To": "http://127.0.0.1/", "ReplyTo": WSA + "/anonymous",
        "Action": "urn:kontor:push:1/PushStock"})
    yield "FaultTo none", replace(sap, wsa={"FaultTo": WSA + "/none"})
    yield "signed foreign header", replace(
        sap, extra_header='<x:y xmlns:x="urn:x" wsu:Id="x-1"/>', signs=("body-1", "time-1", "x-1"))
    yield "XML declaration", replace(sap, declaration='<?xml version="1.0" encoding="utf-8"?>\r\n')
    yield "no SOAPAction", replace(sap, soap_action="")
    yield "Unicode in the Body", replace(sap, body=sap.body.replace(
        "A-1", "\u00c4 \U0001f600 &amp; &lt; ]]&gt; &#13;&#10;&#9; \"'"))
    yield "CDATA in the Body", replace(sap, body=sap.body.replace("A-1", "<![CDATA[<&>]]>"))
    yield "comment in the Body", replace(sap, body=sap.body.replace("A-1", "A<!-- x -->-1"))
    yield "line ends in the Body", replace(sap, body=sap.body.replace("><", ">\r\n  <"))
    yield "default namespace in the Body", replace(sap, body='<PushStock xmlns="urn:kontor:push:1">'
                                                   '<item><sku>A</sku></item></PushStock>')
    yield "namespaces on the Envelope", replace(
        sap, envelope_attributes=' xmlns:k="urn:kontor:push:1" xmlns:xs="urn:unused"',
        body="<k:PushStock><k:item/></k:PushStock>")
    for size in (16, 20, 64):
        yield f"Nonce of {size} octets", replace(message(world, "digest"), user=username_token(
            "shop-digest", digest=True, nonce=b"n" * size))
    yield "text with Nonce and Created", replace(message(world, "text"), user=username_token(
        "shop", nonce=b"0123456789abcdef", nonce_text="MDEyMzQ1Njc4OWFiY2RlZg=="))
    yield "text, no Timestamp", replace(message(world, "text"), timestamp="",
                                        user=username_token("shop", nonce=None))
    yield "digest, no Timestamp", replace(message(world, "digest"), timestamp="",
                                          user=username_token("shop-digest", digest=True))
    yield "digest, Created with fraction", replace(message(world, "digest"), user=username_token(
        "shop-digest", digest=True, created="2026-03-01T12:00:00.5Z"))
    yield "text, SOAP 1.2", replace(message(world, "text"), soap="1.2",
                                    user=username_token("shop", nonce=None))
    yield "token and signature", replace(message(world, "both"),
                                         user=username_token("shop-both", digest=True))
    sealed, box = message(world, "sealed"), {"encrypts_for": world.box}
    for name, changes in (("AES-128-GCM", {"cipher": XENC11 + "aes128-gcm"}),
                          ("AES-256-GCM", {}),
                          ("Type Element", {"kind": XENC + "Element"}),
                          ("OAEP of 1.1", {"transport": XENC11 + "rsa-oaep"})):
        yield f"encryption: {name}", replace(sealed, **box, encryption=changes)
    yield "encryption: encrypted first", replace(sealed, **box, encrypts_last=False)
    yield "encryption: SOAP 1.2", replace(sealed, **box, soap="1.2")
    yield "encryption: verify-only key", replace(message(world, "any-box"),
                                                 encrypts_for=world.of["box-old"])


def run(world, probe, wanted=""):
    """(count, complaints)"""
    count, wrong, seen = 0, [], set()
    for name, m in rows(world):
        if wanted and wanted not in name:
            continue
        wire = m.build()
        answer = probe.open(wire)
        count += 1
        if name in seen:
            wrong.append(f"two forms are named {name}")
        seen.add(name)
        if not is_taken(answer):
            wrong.append(f"form {name}: refused: {answer['code']} {answer['look']} "
                         f"{answer.get('failed_says', '')}{answer.get('look_says', '')}"
                         f"{answer.get('believed_says', '')}")
        elif not answer["secured"]:
            wrong.append(f"form {name}: nobody would have looked at its security")
        elif answer["operation"] != "PushStock":
            wrong.append(f"form {name}: the operation is {answer['operation']}")
    return count, wrong
