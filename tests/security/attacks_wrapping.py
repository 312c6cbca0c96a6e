"""Signature wrapping: what was signed is moved elsewhere, and something else takes its place; and the
header Security itself."""
import base64

from wss_attack import attack, cut, group, swap, table
from wss_message import BODY, DS, SOAP, WSA, WSSE, WSSE11, X509, XENC

EVIL = BODY.replace("A-1", "EVIL").replace(">5<", ">500<")


def moved_body(place, new_attributes="", kept_attributes=None, wrapper="w:Wrapper"):
    """The signed Body goes into a wrapper before `place`; a Body of ours takes its place."""
    def run(m, w):
        def edit(text):
            head, body, rest = cut(text, "<s:Body ", "</s:Body>")
            if kept_attributes is not None:
                body = body.replace('wsu:Id="body-1"', kept_attributes)
            moved = f'<{wrapper} xmlns:w="urn:w" xmlns:ds="{DS}">{body}</{wrapper}>' if wrapper \
                else body
            text = head + f"<s:Body {new_attributes}>{EVIL}</s:Body>" + rest
            assert place in text
            return text.replace(place, moved + place, 1)
        m.after = edit
    return run


group("Signature wrapping")

for name, does, code, change in (
        ("Body into a header", "The signed Body stands in a wrapper among the headers.",
         "reference.place", moved_body("</s:Header>")),
        ("Body into a header, new Id", "The same; the new Body has an Id of its own.",
         "reference.place", moved_body("</s:Header>", 'wsu:Id="body-2"')),
        ("Body as a header", "The signed Body itself is a header.", "signed.body",
         moved_body("</s:Header>", wrapper=None)),
        ("Body into Security", "The signed Body stands in a wrapper in Security.",
         "security.child", moved_body("</wsse:Security>")),
        ("Body into the Signature", "The signed Body stands in an Object.", "signature.form",
         moved_body("</ds:Signature>", wrapper="ds:Object")),
        ("Body into KeyInfo", "The signed Body stands in KeyInfo.", "reference.place", moved_body("</ds:KeyInfo>")),
        ("Body into the token reference", "The signed Body stands in the SecurityTokenReference.",
         "reference.place", moved_body("</wsse:SecurityTokenReference>")),
        ("Body into the Timestamp", "The signed Body stands in the Timestamp.", "reference.place", moved_body("</wsu:Timestamp>")),
        ("Body behind the Body", "The signed Body stands in a wrapper behind the new one.",
         "envelope.body", moved_body("</s:Envelope>")),
        ("Body in front of the Header", "The signed Body stands in a wrapper before the Header.",
         "envelope.body", moved_body("<s:Header>")),
        ("Body into the new Body", "The signed Body stands beside the new operation.",
         "envelope.operation", moved_body("</s:Body></s:Envelope>")),
        ("Body into the new operation", "The signed Body stands inside the new operation.",
         "reference.place", moved_body("</k:PushStock></s:Body></s:Envelope>")),
        ("Two Bodies of one Id", "The signed Body in a header, the new one with its Id.",
         "id.double", moved_body("</s:Header>", 'wsu:Id="body-1"')),
        ("Mixed Ids: Id", "The new Body has the Id as Id, the signed one as wsu:Id.",
         "id.double", moved_body("</s:Header>", 'Id="body-1"')),
        ("Mixed Ids: ID", "The new Body has the Id as ID, the signed one as wsu:Id.",
         "id.double", moved_body("</s:Header>", 'ID="body-1"')),
        ("Mixed Ids: xml:id", "The new Body has the Id as xml:id.",
         "reference.place", moved_body("</s:Header>", 'xml:id="body-1"'))):
    attack(name, does, code)(change)


@attack("Body into a second Security", "The signed Body stands in a second Security.",
        "security.double")
def _(m, w):
    moved_body("</s:Header>", wrapper="wsse2:Security")(m, w)
    edit = m.after
    m.after = lambda text: edit(text).replace(
        "<wsse2:Security ", f'<wsse2:Security xmlns:wsse2="{WSSE}" ')


@attack("Ids exchanged", "Body and Timestamp change their Ids.", "signed.digest")
def _(m, w):
    m.after = lambda text: (text.replace('wsu:Id="body-1"', 'wsu:Id="swap"')
                            .replace('wsu:Id="time-1"', 'wsu:Id="body-1"')
                            .replace('wsu:Id="swap"', 'wsu:Id="time-1"'))


@attack("Timestamp moved", "The signed Timestamp stands in a header, a fresh one in its place.",
        "reference.place")
def _(m, w):
    def edit(text):
        head, old, rest = cut(text, "<wsu:Timestamp ", "</wsu:Timestamp>")
        fresh = old.replace(' wsu:Id="time-1"', "")
        return head + fresh + rest.replace("</s:Header>", f"<w:W xmlns:w='urn:w'>{old}</w:W>"
                                           "</s:Header>")
    m.after = edit


@attack("Timestamp as a header", "The signed Timestamp is a header itself, a fresh one in its "
        "place.", "signed.timestamp")
def _(m, w):
    def edit(text):
        head, old, rest = cut(text, "<wsu:Timestamp ", "</wsu:Timestamp>")
        return head + old.replace(' wsu:Id="time-1"', "") + rest.replace("</s:Header>",
                                                                         old + "</s:Header>")
    m.after = edit


def addressed(m, w):
    m.wsa = {"MessageID": "urn:uuid:1"}


@attack("MessageID moved", "The signed MessageID stands in a wrapper, another one in its place.",
        "reference.place", base=addressed)
def _(m, w):
    def edit(text):
        head, old, rest = cut(text, "<wsa:MessageID ", "</wsa:MessageID>")
        new = old.replace(' wsu:Id="wsa-1"', "").replace("urn:uuid:1", "urn:uuid:2")
        return head + new + rest.replace("</s:Header>", f"<w:W xmlns:w='urn:w'>{old}</w:W>"
                                         "</s:Header>")
    m.after = edit


for name in ("MessageID", "ReplyTo", "Action", "RelatesTo"):
    def unsigned(m, w, name=name):
        value = {"MessageID": "urn:uuid:1", "ReplyTo": WSA + "/anonymous", "RelatesTo": "urn:uuid:9",
                 "Action": "urn:kontor:push:1/PushStock"}[name]
        m.wsa = {name: value}
        m.signs = ("body-1", "time-1")

    def signed(m, w, unsigned=unsigned):
        unsigned(m, w)
        m.signs = None
    attack(f"{name} unsigned", f"A {name} that the signature does not cover.", "signed.header",
           twin=signed, twin_is="the signature covers it")(unsigned)


@attack("Body unsigned", "The signature covers the Timestamp alone.", "signed.body")
def _(m, w):
    m.signs = ("time-1",)


@attack("Only the operation is signed", "The signature covers the element in the Body.",
        "reference.place")
def _(m, w):
    m.body = BODY.replace("<k:PushStock ", '<k:PushStock wsu:Id="op-1" ')
    m.signs = ("op-1", "time-1")


@attack("Timestamp unsigned", "The signature covers the Body alone.", "signed.timestamp")
def _(m, w):
    m.signs = ("body-1",)


@attack("Two Signatures", "A second Signature in Security, the same again.", "security.twice")
def _(m, w):
    def edit(text):
        _, signature, _ = cut(text, "<ds:Signature ", "</ds:Signature>")
        return text.replace(signature, signature * 2)
    m.after = edit


@attack("SignedInfo in an assertion", "A captured SignedInfo in an assertion before the real "
        "Signature, whose digests are forged.", "security.saml")
def _(m, w):
    def edit(text):
        _, signature, _ = cut(text, "<ds:Signature ", "</ds:Signature>")
        assertion = ('<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion">'
                     f"{signature}</saml2:Assertion>")
        return text.replace(signature, assertion + signature).replace("A-1", "EVIL")
    m.after = edit


table((
    ("SignedInfo twice", "A second SignedInfo behind the first.", None, "<ds:SignatureValue>",
     "<ds:SignedInfo/><ds:SignatureValue>"),
    ("Object", "An Object in the Signature.", None, "</ds:Signature>",
     "<ds:Object/></ds:Signature>"),
), "signature.form")

group("The header Security")


@attack("No Security", "The connection's partner must sign, the message has no Security.",
        "security.missing", ask={"policy": "sap"})
def _(m, w):
    m.after = lambda text: (lambda p: p[0] + p[2])(cut(text, "<wsse:Security", "</wsse:Security>"))


@attack("Security in the Body", "Security stands in the Body.", "security.missing",
        ask={"policy": "sap"})
def _(m, w):
    def edit(text):
        head, security, rest = cut(text, "<wsse:Security", "</wsse:Security>")
        return head + rest.replace("<k:item>", security + "<k:item>")
    m.after = edit


@attack("Security of another namespace", "A Security that looks like one.", "security.missing",
        ask={"policy": "sap"}, base=lambda m, w: setattr(m, "must_understand", False))
def _(m, w):
    m.after = swap(WSSE, "urn:wsse")


@attack("Signature beside Security", "The Signature is a header itself.", "signature.missing",
        ask={"policy": "sap"})
def _(m, w):
    def edit(text):
        head, signature, rest = cut(text, "<ds:Signature ", "</ds:Signature>")
        signature = signature.replace("<ds:Signature ", f'<ds:Signature xmlns:wsse="{WSSE}" ')
        return head + rest.replace("</s:Header>", signature + "</s:Header>")
    m.after = edit


@attack("No Signature", "Security with a Timestamp alone.", "signature.missing",
        ask={"policy": "sap"})
def _(m, w):
    m.signer = None


for name, attributes, code in (("", "", "security.double"), (
        " for another node", ' s:actor="urn:other"', "security.actor")):
    attack(f"Second Security{name}", "Two Security headers.", code)(
        lambda m, w, attributes=attributes: setattr(
            m, "extra_header", f'<wsse:Security xmlns:wsse="{WSSE}"{attributes}/>'))


def actor(value, attribute="actor", soap="1.1"):
    def run(m, w):
        m.soap = soap
        m.security_attributes = f' s:{attribute}="{value}"'
    return run


attack("Security for another node", "A foreign actor.", "security.actor",
       twin=actor("http://schemas.xmlsoap.org/soap/actor/next"),
       twin_is="the actor is next")(actor("urn:other"))
attack("Security for another node, 1.2", "A foreign role in SOAP 1.2.", "security.actor",
       twin=actor(SOAP["1.2"] + "/role/ultimateReceiver", "role", "1.2"),
       twin_is="the role is ultimateReceiver")(actor(SOAP["1.2"] + "/role/none", "role", "1.2"))

SAML1 = '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:1.0:assertion"/>'
SAML2 = '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"/>'
SCT = '<c:{0} xmlns:c="http://docs.oasis-open.org/ws-sx/ws-secureconversation/200512"/>'
SCT04 = '<c:{0} xmlns:c="http://schemas.xmlsoap.org/ws/2005/02/sc"/>'
for name, does, code, text in (
        ("Unknown element", "An element of ours in Security.", "security.child", "<x/>"),
        ("Text in Security", "Text among the tokens.", "security.child", "x"),
        ("SAML 1.1", "An assertion.", "security.saml", SAML1),
        ("SAML 2.0", "An assertion.", "security.saml", SAML2),
        ("Derived key", "A DerivedKeyToken.", "security.derived", SCT.format("DerivedKeyToken")),
        ("Derived key of 2005", "A DerivedKeyToken of the draft.", "security.derived",
         SCT04.format("DerivedKeyToken")),
        ("Security context", "A SecurityContextToken.", "security.derived",
         SCT.format("SecurityContextToken")),
        ("EncryptedData in Security", "Encrypted security.", "security.child",
         f'<xenc:EncryptedData xmlns:xenc="{XENC}"/>'),
        ("Timestamp twice", "A second Timestamp.", "security.twice",
         "<wsu:Timestamp><wsu:Created>2026-03-01T12:00:00Z</wsu:Created></wsu:Timestamp>"),
        ("Security in Security", "A Security in Security.", "security.child", "<wsse:Security/>"),
        ("Header of TLS", "A header that only some servers know.", "security.child",
         "<wsse:TransitedServices/>")):
    attack(name, does, code)(lambda m, w, text=text: setattr(m, "last_security", text))
attack("EncryptedHeader", "An encrypted header beside Security.", "security.encrypted-header")(
    lambda m, w: setattr(m, "extra_header",
                         f'<wsse11:EncryptedHeader xmlns:wsse11="{WSSE11}"/>'))


@attack("Token twice", "A second BinarySecurityToken.", "security.twice")
def _(m, w):
    m.last_security = m.token_text().replace("token-1", "token-2")


@attack("SignatureConfirmation in a request", "A confirmation of what we never asked.",
        "security.child")
def _(m, w):
    m.last_security = f'<wsse11:SignatureConfirmation xmlns:wsse11="{WSSE11}"/>'


def token(edit):
    def run(m, w):
        m.token = edit(m.token_text(), w)
    return run


for name, does, code, edit in (
        ("PKIPath", "A token that holds a path of certificates.", "token.path",
         lambda t, w: t.replace("#X509v3", "#X509PKIPathv1")),
        ("PKCS7", "A token that holds a bag of certificates.", "token.path",
         lambda t, w: t.replace("#X509v3", "#PKCS7")),
        ("Kerberos", "A ticket as token.", "token.type",
         lambda t, w: t.replace("x509-token-profile-1.0#X509v3",
                                "kerberos-token-profile-1.1#GSS_Kerberosv5_AP_REQ")),
        ("Token of version 1", "A token without version 3.", "token.type",
         lambda t, w: t.replace("#X509v3", "#X509v1")),
        ("Token without a type", "A token that does not say what it is.", "token.type",
         lambda t, w: t.replace(f' ValueType="{X509}#X509v3"', "")),
        ("Token in hex", "A token of another encoding.", "token.type",
         lambda t, w: t.replace("#Base64Binary", "#HexBinary")),
        ("Two certificates in one token", "A second certificate behind the first.", "token.type",
         lambda t, w: t[:t.index(">") + 1] +
         base64.b64encode(w.sap.der + w.stranger.der).decode() + "</wsse:BinarySecurityToken>"),
        ("Octets behind the certificate", "Rubbish behind the certificate.", "token.type",
         lambda t, w: t[:t.index(">") + 1] + base64.b64encode(w.sap.der + b"\0\0").decode() +
         "</wsse:BinarySecurityToken>"),
        ("No certificate", "A token of rubbish.", "token.type",
         lambda t, w: t[:t.index(">") + 1] + "AAAA</wsse:BinarySecurityToken>"),
        ("Base64 with junk", "A token with characters that lax readers skip.", "token.type",
         lambda t, w: t.replace("</wsse:Bin", "!</wsse:Bin")),
        ("Comment in the token", "A comment in the token's text.", "token.type",
         lambda t, w: t.replace("</wsse:Bin", "<!-- --></wsse:Bin")),
        ("Element in the token", "An element in the token.", "token.type",
         lambda t, w: t.replace("</wsse:Bin", "<x/></wsse:Bin"))):
    attack(name, does, code)(token(edit))
