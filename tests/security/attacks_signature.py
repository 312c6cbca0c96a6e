"""Attacks on the form of the signature, its algorithms, references, KeyInfo and values."""
import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric import utils
from lxml import etree

from wss_attack import attack, cut, group, put_before, swap, table
from wss_message import (DS, ENVELOPED, EXCLUSIVE, INCLUSIVE, INCLUSIVE_11, MESSAGE, MORE,
                         STR_TRANSFORM, WSA, X509, XENC, Message, Reference, b64, canonical,
                         public_pem)

XSLT = ('<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0">'
        '<xsl:template match="/"><x/></xsl:template></xsl:stylesheet>')
DSIG11 = "http://www.w3.org/2009/xmldsig11#"

group("The form of the signature")

table((
    ("SignatureValue first", "The value stands before SignedInfo.", None, "<ds:SignedInfo>",
     "<ds:SignatureValue>AAAA</ds:SignatureValue><ds:SignedInfo>"),
    ("SignatureValue twice", "Two values.", None, "</ds:SignatureValue>",
     "</ds:SignatureValue><ds:SignatureValue>AAAA</ds:SignatureValue>"),
    ("KeyInfo twice", "Two KeyInfo.", None, "</ds:Signature>",
     '<ds:KeyInfo xmlns:ds="' + DS + '"><ds:KeyName>k</ds:KeyName></ds:KeyInfo></ds:Signature>'),
    ("Manifest beside SignedInfo", "A Manifest in an Object.", None, "</ds:Signature>",
     "<ds:Object><ds:Manifest/></ds:Object></ds:Signature>"),
    ("Text in the Signature", "Text among its children.", None, "<ds:SignatureValue>",
     "x<ds:SignatureValue>"),
    ("Element in SignatureValue", "A value that is cut by an element.", None,
     "</ds:SignatureValue>", "<x/></ds:SignatureValue>"),
    ("Junk in SignatureValue", "Characters that lax readers of base64 skip.", None,
     "</ds:SignatureValue>", "!*</ds:SignatureValue>"),
    ("Padding in the middle", "Base64 with '=' before its end.", None, "<ds:SignatureValue>",
     "<ds:SignatureValue>AA=="),
), "signature.form")
attack("SignatureValue empty", "No value at all.", "signature.form")(
    lambda m, w: setattr(m, "after", lambda t: t.replace(
        cut(t, "<ds:SignatureValue>", "</ds:SignatureValue>")[1],
        "<ds:SignatureValue></ds:SignatureValue>")))


@attack("No KeyInfo", "Nothing says which key it is.", "signature.form")
def _(m, w):
    m.key_info = ""


for name, mark in (("SignedInfo", "<ds:SignatureMethod"), ("SignatureValue", "</ds:SignatureValue>"),
                   ("DigestValue", "</ds:DigestValue>"), ("KeyInfo", "</ds:KeyInfo>")):
    attack(f"Comment in {name}", "A comment, which canonical octets do not show.",
           "signature.comment")(
        lambda m, w, mark=mark: setattr(m, "after", put_before(mark, "<!-- -->")))
attack("Instruction in SignedInfo", "A processing instruction in SignedInfo.",
       "envelope.instruction")(
    lambda m, w: setattr(m, "after", put_before("<ds:SignatureMethod", "<?x?>")))


def choose(**choices):
    def run(m, w):
        for name, value in choices.items():
            setattr(m, name, value)
    return run


def legacy(**choices):
    """The same, of a partner whose policy allows it."""
    def run(m, w):
        choose(**choices)(m, w)
        m.signer = w.legacy
    return run


for name, uri in (("with comments", EXCLUSIVE + "WithComments"),
                  ("inclusive with comments", INCLUSIVE + "#WithComments"),
                  ("XPath", "http://www.w3.org/TR/1999/REC-xpath-19991116"),
                  ("XSLT", "http://www.w3.org/TR/1999/REC-xslt-19991116"),
                  ("base64", DS + "base64"), ("C14N 2.0", "http://www.w3.org/2010/xml-c14n2"),
                  ("none", "")):
    attack(f"SignedInfo canonicalised: {name}", "A CanonicalizationMethod that is not allowed.",
           "signature.canonicalization")(choose(c14n=uri))
for name, uri in (("1.0", INCLUSIVE), ("1.1", INCLUSIVE_11)):
    attack(f"Inclusive canonicalisation {name}", "Of SignedInfo, where no policy allows it.",
                      "signature.canonicalization", twin=legacy(c14n=uri),
           twin_is="the policy allows it")(choose(c14n=uri))
    attack(f"Inclusive canonicalisation {name} of the Body", "Where no policy allows it.",
           "signature.canonicalization", twin=legacy(transforms=(uri,)),
           twin_is="the policy allows it")(choose(transforms=(uri,)))


def inclusive_namespaces(text):
    return f'<ec:InclusiveNamespaces xmlns:ec="{EXCLUSIVE}" PrefixList="{text}"/>'


attack("Two prefix lists", "InclusiveNamespaces twice in CanonicalizationMethod.",
       "signature.canonicalization", twin=choose(c14n_extra=inclusive_namespaces("wsse wsu s")),
       twin_is="one list")(
    choose(c14n_extra=inclusive_namespaces("wsse") + inclusive_namespaces("wsu")))
attack("Foreign element in CanonicalizationMethod", "Something besides a prefix list.",
       "signature.canonicalization")(choose(c14n_extra="<x/>"))
attack("Prefix list changed", "The prefix list is emptied after signing.", "signature.value",
       base=choose(c14n_extra=inclusive_namespaces("wsse wsu s")))(
    choose(after=swap('PrefixList="wsse wsu s"', 'PrefixList=""')))

group("Algorithms")


def hmac_with(secret, method, key_info=None):
    """A message built from nothing but a secret that its reader can see."""
    def run(m, w):
        m.method = method
        if key_info:
            m.key_info = key_info

        def edit(text):
            root = etree.fromstring(text.encode())
            info = root.find(f".//{{{DS}}}SignedInfo")
            kind = method.rsplit("-", 1)[1]
            value = hmac.new(secret(w), canonical(info), getattr(hashlib, kind)).digest()
            head, _, rest = cut(text, "<ds:SignatureValue>", "</ds:SignatureValue>")
            return head + f"<ds:SignatureValue>{b64(value)}</ds:SignatureValue>" + rest
        m.after = edit
    return run


IDENTIFIER = ('<ds:KeyInfo><wsse:SecurityTokenReference><wsse:KeyIdentifier ValueType="'
              f'{MESSAGE}#EncryptedKeySHA1">c2VjcmV0</wsse:KeyIdentifier>'
              "</wsse:SecurityTokenReference></ds:KeyInfo>")
attack("HMAC, key in the message", "HMAC-SHA1 with a key that stands in KeyIdentifier.",
       "signature.hmac")(hmac_with(lambda w: b"secret", DS + "hmac-sha1", IDENTIFIER))
attack("HMAC with the public key", "HMAC-SHA256 with the certificate's public key as secret.",
       "signature.hmac")(hmac_with(lambda w: public_pem(w.sap), MORE + "hmac-sha256"))
attack("HMAC with the certificate", "HMAC-SHA512 with the certificate as secret.",
       "signature.hmac")(hmac_with(lambda w: w.sap.der, MORE + "hmac-sha512"))
attack("HMAC, no octet of it", "HMACOutputLength 0.", "signature.hmac")(
    lambda m, w: (hmac_with(lambda w: b"", DS + "hmac-sha1")(m, w),
                  setattr(m, "info", swap(f'Algorithm="{DS}hmac-sha1"/>',
                          f'Algorithm="{DS}hmac-sha1"><ds:HMACOutputLength>0</ds:HMACOutputLength>'
                          "</ds:SignatureMethod>"))))

for name, uri in (("MD5", MORE + "rsa-md5"), ("SHA-224", MORE + "rsa-sha224"),
                  ("DSA", DS + "dsa-sha1"), ("RIPEMD", MORE + "rsa-ripemd160"),
                  ("PSS", "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1"),
                  ("EdDSA", "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519"),
                  ("none", ""), ("upper case", MORE.upper() + "RSA-SHA256")):
    attack(f"Signature algorithm {name}", "A signature algorithm that is not on the list.",
           "signature.algorithm")(choose(method=uri))
attack("ECDSA with SHA-224", "A signature algorithm that is not on the list.",
       "signature.algorithm", signer="ec")(choose(method=MORE + "ecdsa-sha224"))





attack("RSA with SHA-1", "A downgrade that this policy does not allow.", "signature.sha1",
       twin=legacy(method=DS + "rsa-sha1"), twin_is="the policy allows it")(
    choose(method=DS + "rsa-sha1"))
attack("ECDSA with SHA-1", "A downgrade that this policy does not allow.", "signature.algorithm",
       signer="ec")(choose(method=MORE + "ecdsa-sha1"))
attack("Digest SHA-1", "A downgrade that this policy does not allow.", "signature.sha1",
       twin=legacy(digest=DS + "sha1"), twin_is="the policy allows it")(
    choose(digest=DS + "sha1"))
for name, uri in (("MD5", MORE + "md5"), ("SHA-224", MORE + "sha224"),
                  ("SHA-3", "http://www.w3.org/2007/05/xmldsig-more#sha3-256"), ("none", "")):
    attack(f"Digest {name}", "A digest algorithm that is not on the list.", "signature.digest")(
        choose(digest=uri))
attack("HMACOutputLength with RSA", "A child of SignatureMethod.", "signature.form")(
    choose(info=swap('rsa-sha256"/>', 'rsa-sha256"><ds:HMACOutputLength>8</ds:HMACOutputLength>'
                     "</ds:SignatureMethod>")))


@attack("Algorithm changed", "rsa-sha512 in the place of rsa-sha256, after signing.",
        "signature.value")
def _(m, w):
    m.after = swap("rsa-sha256", "rsa-sha512")


for name, uri in (("with a blank", " " + MORE + "rsa-sha256"),
                  ("with a blank behind", MORE + "rsa-sha256 "),
                  ("with a newline", MORE + "rsa-sha256&#10;"),
                  ("as path", MORE.replace("#", "/#") + "rsa-sha256")):
    attack(f"Signature algorithm {name}", "A name that is nearly one of the list.",
           "signature.algorithm")(choose(method=uri))
attack("ECDSA for an RSA key", "A signature algorithm that does not fit the key.", "key.type")(
    choose(method=MORE + "ecdsa-sha256"))
attack("RSA for an ECDSA key", "A signature algorithm that does not fit the key.", "key.type",
       signer="ec")(choose(method=MORE + "rsa-sha256"))

group("Transforms")


def body_reference(**choices):
    """The Body's reference is this; the Timestamp's stays as it is."""
    def run(m, w):
        m.references = [Reference(**{"uri": "#body-1", **choices}), Reference("#time-1")]
    return run


XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
for name, does, code, choices in (
        ("XSLT", "A style sheet makes what is digested.", "signature.xslt",
         {"transforms": ("http://www.w3.org/TR/1999/REC-xslt-19991116", EXCLUSIVE), "extra": XSLT}),
        ("XPath", "An expression chooses what is digested.", "signature.xpath",
         {"transforms": (XPATH, EXCLUSIVE), "extra": "<ds:XPath>not(self::k)</ds:XPath>"}),
        ("XPath filter 2", "Sets choose what is digested.", "signature.xpath",
         {"transforms": ("http://www.w3.org/2002/06/xmldsig-filter2", EXCLUSIVE),
          "extra": '<f:XPath xmlns:f="http://www.w3.org/2002/06/xmldsig-filter2" '
                   'Filter="subtract">//*</f:XPath>'}),
        ("Base64", "Text is decoded before it is digested.", "signature.transform",
         {"transforms": (DS + "base64",)}),
        ("Decryption transform", "Something is decrypted before it is digested.",
         "signature.transform",
         {"transforms": ("http://www.w3.org/2002/07/decrypt#XML", EXCLUSIVE)}),
        ("Relationship transform", "A transform of Office packages.", "signature.transform",
         {"transforms": ("http://schemas.openxmlformats.org/package/2006/RelationshipTransform",
                         EXCLUSIVE)}),
        ("STR-Transform of the Body", "STR-Transform where no token reference is.",
         "signature.transform", {"transforms": (STR_TRANSFORM,)}),
        ("Attachment transform of the Body", "A transform of attachments, on an element.",
         "signature.transform",
         {"transforms": ("http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1"
                         "#Attachment-Content-Signature-Transform",)}),
        ("Canonicalised twice", "Two canonicalisations.", "signature.transform",
         {"transforms": (EXCLUSIVE, EXCLUSIVE)}),
        ("Enveloped twice", "enveloped-signature twice.", "signature.transform",
         {"transforms": (ENVELOPED, ENVELOPED, EXCLUSIVE)}),
        ("Enveloped alone", "No canonicalisation is named: inclusive is meant.",
         "signature.canonicalization", {"transforms": (ENVELOPED,)}),
        ("No Transforms", "No canonicalisation is named: inclusive is meant.",
         "signature.canonicalization", {"transforms": ()}),
        ("With comments", "Exclusive with comments.", "signature.transform",
         {"transforms": (EXCLUSIVE + "WithComments",)}),
        ("Unknown transform", "A transform of nobody.", "signature.transform",
         {"transforms": ("urn:x", EXCLUSIVE)}),
        ("Foreign element in a transform", "Something besides a prefix list.",
         "signature.transform", {"extra": "<x/>"})):
    attack(name, does, code)(body_reference(**choices))
for name, extra in (("of another namespace", '<x:InclusiveNamespaces xmlns:x="urn:x" PrefixList=""/>'),
                    ("with a child", f'<x:InclusiveNamespaces xmlns:x="{EXCLUSIVE}" '
                     'PrefixList=""><y/></x:InclusiveNamespaces>')):
    attack(f"Prefix list {name}", "InclusiveNamespaces of another form.", "signature.transform")(
        body_reference(extra=extra))
attack("Enveloped behind exclusive", "enveloped-signature after the canonicalisation.",
       "signature.transform", twin=body_reference(transforms=(ENVELOPED, EXCLUSIVE)),
       twin_is="it stands in front, as node-soap writes it")(
    body_reference(transforms=(EXCLUSIVE, ENVELOPED)))


def token_reference(m, w):
    """STR-Transform from the SecurityTokenReference to the token."""
    m.key_info = "str-transform"
    extra = ('<wsse:TransformationParameters><ds:CanonicalizationMethod '
             f'Algorithm="{EXCLUSIVE}"/></wsse:TransformationParameters>')
    token = etree.fromstring(m.envelope()).find(".//{*}BinarySecurityToken")
    octets = canonical(token, EXCLUSIVE, ("",))
    # STR-Transform writes the empty default namespace where it is visible
    octets = octets.replace(b"<wsse:BinarySecurityToken ", b'<wsse:BinarySecurityToken xmlns="" ', 1)
    m.references = [Reference("#body-1"), Reference("#time-1"),
                    Reference("#str-1", transforms=(STR_TRANSFORM,), extra=extra, octets=octets)]


@attack("STR-Transform, token changed", "The token reference is signed, the token gets an attribute.",
        "signed.digest", base=token_reference)
def _(m, w):
    m.after = swap('wsu:Id="token-1"', 'wsu:Id="token-1" q="1"')


group("References")


@attack("No reference", "A SignedInfo that covers nothing.", "reference.count")
def _(m, w):
    m.references = []


def many(count):
    def run(m, w):
        names = ("MessageID", "To", "Action", "ReplyTo", "FaultTo", "From", "RelatesTo")
        values = {"Action": "urn:kontor:push:1/PushStock", "ReplyTo": WSA + "/anonymous",
                  "FaultTo": WSA + "/anonymous"}
        m.wsa = {n: values.get(n, "urn:uuid:1") for n in names[:count - 2]}
    return run


attack("Nine references", "One more than a signature may have.", "reference.count",
       twin=many(8), twin_is="eight")(many(9))
for name, uri in (("of the whole document", ""), ("by xpointer(/)", "#xpointer(/)"),
                  ("by xpointer(id())", "#xpointer(id('body-1'))"),
                  ("over HTTP", "http://127.0.0.1:9/x"), ("to a file", "file:///etc/passwd"),
                  ("by XPath", "#body-1']|//*['"), ("with %23", "%23body-1"),
                  ("percent-encoded", "#%62ody-1"), ("with a blank", "# body-1"),
                  ("with a blank behind", "#body-1 "), ("without '#'", "body-1"),
                  ("with '##'", "##body-1"),
                  
                  ("by ' quote", "#body-1'"), ("to nothing", "#"),
                  ("with a base", "x.xml#body-1")):
    attack(f"Reference {name}", "A URI that is not '#' and an NCName.", "reference.uri")(
        body_reference(uri=uri, target="body-1"))
attack("Reference without URI", "The reader is to know what is meant.", "reference.uri")(
    body_reference(uri=None, target="body-1"))
attack("Manifest", "A reference of type Manifest.", "reference.manifest")(
    body_reference(attributes=f' Type="{DS}Manifest"'))
attack("Unknown Id", "A reference to an Id that does not exist.", "reference.unknown")(
    lambda m, w: (many(3)(m, w), setattr(m, "references", [
        Reference("#body-1"), Reference("#time-1"), Reference("#wsa-1"), Reference("#gone-1")])))
attack("The Body twice", "Two references to one element.", "reference.twice")(
    lambda m, w: setattr(m, "references", [Reference("#body-1"), Reference("#time-1"),
                                           Reference("#body-1")]))
for name, does, edit in (
        ("the Envelope", "A reference to what holds the Signature.",
         lambda t: t.replace("<s:Envelope ", '<s:Envelope Id="all-1" ', 1)),
        ("the Header", "A reference to what holds the Signature.",
         lambda t: t.replace("<s:Header>", '<s:Header Id="all-1">', 1)),
        ("Security", "A reference to what holds the Signature.",
         lambda t: t.replace("<wsse:Security ", '<wsse:Security Id="all-1" ', 1)),
        ("the operation", "A reference to the element in the Body.",
         lambda t: t.replace("<k:PushStock ", '<k:PushStock Id="all-1" ', 1)),
        ("an item", "A reference deep in the Body.",
         lambda t: t.replace("<k:item>", '<k:item Id="all-1">', 1)),
        ("the Signature", "A reference to the Signature itself.",
         lambda t: t.replace("<ds:Signature ", '<ds:Signature Id="all-1" ', 1)),
        ("KeyInfo", "A reference into the Signature.",
         lambda t: t.replace("<ds:KeyInfo>", '<ds:KeyInfo Id="all-1">', 1))):
    def change(m, w, edit=edit):
        m.before = edit
        m.references = [Reference("#body-1"), Reference("#time-1"), Reference("#all-1")]
    attack(f"Reference to {name}", does, "reference.place")(change)

group("KeyInfo")


def key_info(text):
    def run(m, w):
        m.key_info = f"<ds:KeyInfo>{text(m, w) if callable(text) else text}</ds:KeyInfo>"
    return run


TOKEN = f'<wsse:Reference URI="#token-1" ValueType="{X509}#X509v3"/>'


def with_token(text):
    """KeyInfo of our own, the token in its place."""
    def run(m, w):
        m.token = m.token_text()
        key_info(text)(m, w)
    return run


for name, does, text in (
        ("Two children", "The token reference, and a KeyName behind it.",
         Message.str_text(TOKEN) + "<ds:KeyName>k</ds:KeyName>"),
        ("Two token references", "Two SecurityTokenReferences.", Message.str_text(TOKEN) * 2),
        ("Two children of the reference", "Two forms in one SecurityTokenReference.",
         Message.str_text(TOKEN + TOKEN)),
        ("Nothing", "An empty KeyInfo.", ""),
        ("KeyName", "A name chooses the key.", "<ds:KeyName>sap</ds:KeyName>"),
        ("Key in the message", "A KeyValue.", "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQAB"
         "</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>"),
        ("Key in the message, DER", "A DEREncodedKeyValue.",
         f'<d:DEREncodedKeyValue xmlns:d="{DSIG11}">AQAB</d:DEREncodedKeyValue>'),
        ("RetrievalMethod", "A key is to be fetched.",
         '<ds:RetrievalMethod URI="http://127.0.0.1:9/k"/>'),
        ("RetrievalMethod, XSLT", "A key is to be made by a style sheet.",
         '<ds:RetrievalMethod URI="#token-1"><ds:Transforms><ds:Transform Algorithm="http://www.w3'
         f'.org/TR/1999/REC-xslt-19991116">{XSLT}</ds:Transform></ds:Transforms>'
         "</ds:RetrievalMethod>"),
        ("KeyInfoReference", "KeyInfo stands elsewhere.",
         f'<d:KeyInfoReference xmlns:d="{DSIG11}" URI="#token-1"/>'),
        ("EncryptedKey", "A key that only we can read.",
         f'<xenc:EncryptedKey xmlns:xenc="{XENC}"/>'),
        ("PGP", "PGPData.", "<ds:PGPData/>"),
        ("Subject", "A certificate by its subject alone.",
         "<ds:X509Data><ds:X509SubjectName>CN=Signer sap</ds:X509SubjectName></ds:X509Data>"),
        ("CRL", "A revocation list in the message.",
         "<ds:X509Data><ds:X509CRL>AAAA</ds:X509CRL></ds:X509Data>"),
        ("Empty X509Data", "No certificate is named.", "<ds:X509Data/>"),
        ("Embedded", "A token inside the reference.",
         Message.str_text("<wsse:Embedded><wsse:BinarySecurityToken/></wsse:Embedded>")),
        ("Reference over HTTP", "The token is to be fetched.",
         Message.str_text('<wsse:Reference URI="http://127.0.0.1:9/t"/>')),
        ("Reference to the Body", "The Body is the token.",
         Message.str_text('<wsse:Reference URI="#body-1"/>')),
        ("Reference to nothing", "There is no such token.",
         Message.str_text('<wsse:Reference URI="#token-2"/>')),
        ("Reference by XPath", "An expression finds the token.",
         Message.str_text('<wsse:Reference URI="#xpointer(//*)"/>')),
        ("Reference of another type", "The token is said to be a path.",
         Message.str_text(f'<wsse:Reference URI="#token-1" ValueType="{X509}#X509PKIPathv1"/>')),
        ("Key identifier of an encrypted key", "A secret by its hash.",
         Message.str_text('<wsse:KeyIdentifier ValueType="http://docs.oasis-open.org/wss/oasis-wss-'
                          'soap-message-security-1.1#EncryptedKeySHA1">AAAA</wsse:KeyIdentifier>')),
        ("Key identifier of SAML", "An assertion by its id.",
         Message.str_text('<wsse:KeyIdentifier ValueType="http://docs.oasis-open.org/wss/oasis-wss-'
                          'saml-token-profile-1.1#SAMLID">_1</wsse:KeyIdentifier>'))):
    attack(f"KeyInfo: {name}", does, "keyinfo.form")(with_token(text))


def two_certificates(m, w):
    return m.x509_data("ds:", m.certificate_text("ds:") * 2)


attack("KeyInfo: two certificates", "Two certificates in X509Data.", "keyinfo.form",
       twin=lambda m, w: setattr(m, "key_info", "x509"), twin_is="one")(key_info(two_certificates))


@attack("KeyInfo: forms that disagree", "The serial number of one certificate, another beside it.",
        "keyinfo.form", twin=lambda m, w: setattr(m, "key_info", "str-x509-both"),
        twin_is="both name one certificate, as zeep writes it")
def _(m, w):
    stranger = Message(signer=w.stranger)
    key_info(lambda m, w: m.str_text(m.x509_data(
        "ds:", stranger.serial_text("ds:") + m.certificate_text("ds:"))))(m, w)


group("Values")


def value(edit):
    def run(m, w):
        m.value = edit
    return run


flip = lambda v: bytes([v[0] ^ 1]) + v[1:]
for name, does, edit in (
        ("one bit", "One bit of the value is another.", flip),
        ("cut", "The last octet is missing.", lambda v: v[:-1]),
        ("zero in front", "A zero octet in front.", lambda v: b"\0" + v),
        ("all zeros", "A value of zeros.", lambda v: bytes(len(v))),
        ("one", "The value 1.", lambda v: bytes(len(v) - 1) + b"\1"),
        ("twice", "The value twice.", lambda v: v + v)):
    attack(f"RSA value: {name}", does, "signature.value")(value(edit))
N256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def rs(v):
    half = len(v) // 2
    return int.from_bytes(v[:half], "big"), int.from_bytes(v[half:], "big")


def join(r, s, size=32):
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


for name, does, edit in (
        ("one bit", "One bit of the value is another.", flip),
        ("r = s = 0", "The value that old verifiers took for any message.", lambda v: bytes(64)),
        ("r = 0", "r is 0.", lambda v: bytes(32) + v[32:]),
        ("s = 0", "s is 0.", lambda v: v[:32] + bytes(32)),
        ("r = s = n", "Both are the order of the curve.", lambda v: join(N256, N256)),
        ("r + n", "r is above the order.", lambda v: join(rs(v)[0] + N256, rs(v)[1], 33)),
        ("DER", "As OpenSSL writes it.", lambda v: utils.encode_dss_signature(*rs(v))),
        ("longer halves", "Both halves filled up with zeros.", lambda v: join(*rs(v), 48)),
        ("exchanged", "s before r.", lambda v: v[32:] + v[:32])):
    attack(f"ECDSA value: {name}", does, "signature.value", signer="ec")(value(edit))


def forged_e3(m, w):
    """Bleichenbacher 2006: a cube root whose cube begins as PKCS#1 wants, with garbage behind."""
    m.signer = w.e3

    def edit(text):
        root = etree.fromstring(text.encode())
        octets = canonical(root.find(f".//{{{DS}}}SignedInfo"))
        info = bytes.fromhex("3031300d060960864801650304020105000420")
        head = b"\0\1" + b"\xff" * 8 + b"\0" + info + hashlib.sha256(octets).digest()
        want = int.from_bytes(head + b"\xff" * (256 - len(head)), "big")
        low, high = 0, 1 << 700
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if middle ** 3 <= want else (low, middle - 1)
        assert (low ** 3).to_bytes(256, "big").startswith(head)
        before, _, rest = cut(text, "<ds:SignatureValue>", "</ds:SignatureValue>")
        return (before + f"<ds:SignatureValue>{b64(low.to_bytes(256, 'big'))}</ds:SignatureValue>"
                + rest)
    m.after = edit


attack("RSA value: exponent 3", "A forged value with garbage behind the digest, for a key of "
       "exponent 3.", "signature.value", twin=lambda m, w: setattr(m, "signer", w.e3),
       twin_is="that key signed")(forged_e3)

for name, does, code, edit in (
        ("tampered quantity", "The Body says another quantity.", "signed.digest",
         swap(">5<", ">500<")),
        ("tampered blank", "A blank more in the Body.", "signed.digest", swap(">5<", "> 5<")),
        ("attribute in the Body", "An attribute more in the Body.", "signed.digest",
         swap("<k:item>", '<k:item x="1">')),
        ("attribute of the Body", "An attribute more on the Body.", "signed.digest",
         swap("<s:Body ", '<s:Body x="1" ')),
        ("other prefix in the Body", "The same names with another prefix.", "signed.digest",
         lambda t: t.replace("k:", "j:").replace("xmlns:k=", "xmlns:j=")),
        ("other namespace in the Body", "The same names of another namespace.", "signed.digest",
         swap('xmlns:k="urn:kontor:push:1"', 'xmlns:k="urn:kontor:push:2"')),
        ("tampered Timestamp", "A later Expires.", "signed.digest",
         swap("12:05:00Z", "12:04:59Z")),
        ("tampered digest", "A Body and its digest changed together.", "signature.value",
         lambda t: t.replace(">5<", ">6<").replace("<ds:DigestValue>" + t.split(
             "<ds:DigestValue>")[1][:4], "<ds:DigestValue>AAAA", 1))):
    attack(f"Content: {name}", does, code)(lambda m, w, edit=edit: setattr(m, "after", edit))


@attack("Content: forged with its digest", "Another Body, and the digest that fits it.",
        "signature.value")
def _(m, w):
    def edit(text):
        root = etree.fromstring(text.replace(">5<", ">500<").encode())
        old = root.findall(f".//{{{DS}}}DigestValue")[0].text
        body = root.find("{*}Body")
        return text.replace(">5<", ">500<").replace(
            old, b64(hashlib.sha256(canonical(body)).digest()))
    m.after = edit


full = lambda m: hashlib.sha256(canonical(etree.fromstring(m.envelope()).find("{*}Body"))).digest()
for name, does, edit in (
        ("empty", "A digest of no octets.", lambda d: b""),
        ("cut", "Half of the digest.", lambda d: d[:16]),
        ("one octet", "The first octet of the digest.", lambda d: d[:1]),
        ("longer", "The digest, and zeros behind it.", lambda d: d + bytes(16))):
    attack(f"Digest value: {name}", does, "signature.form")(
        lambda m, w, edit=edit: body_reference(value=b64(edit(full(m))))(m, w))
attack("Digest value: other", "A digest of something else, signed.", "signed.digest")(
    body_reference(value=b64(bytes(32))))
attack("Digest value: hex", "The digest in hex.", "signature.form")(
    lambda m, w: body_reference(value=full(m).hex())(m, w))
