"""WS-Security of the ERP stand-ins: opens requests, seals answers, spoils answers on demand. Used by sap.py and nav.py.

Canonical octets by lxml, keys and ciphers by soapcrypt.py: no xmlsec, so that an error there does not hide. A request is
judged strictly: what is signed is told by the element itself, never by its Id alone.
"""
import base64
import datetime
import hashlib
import hmac
import json
import os
import re
import secrets
import threading
import uuid

from lxml import etree

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
DS = "http://www.w3.org/2000/09/xmldsig#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
XENC11 = "http://www.w3.org/2009/xmlenc11#"
WSA = "http://www.w3.org/2005/08/addressing"
OASIS = "http://docs.oasis-open.org/wss/"
WSSE = OASIS + "2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSSE11 = OASIS + "oasis-wss-wssecurity-secext-1.1.xsd"
WSU = OASIS + "2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
X509 = OASIS + "2004/01/oasis-200401-wss-x509-token-profile-1.0"
USER = OASIS + "2004/01/oasis-200401-wss-username-token-profile-1.0"
BASE64 = OASIS + "2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
EXC = "http://www.w3.org/2001/10/xml-exc-c14n#"
SHA256 = XENC + "sha256"
OAEP = XENC + "rsa-oaep-mgf1p"
AES256_GCM = XENC11 + "aes256-gcm"
ENCRYPTED = re.compile(rb"(<([\w.-]+:)?EncryptedData[\s>].*?</\2EncryptedData\s*>)", re.DOTALL)
CONTROL = re.compile(rb"&#x(?:[0-8BCEF]|1[0-9A-F]);")
SKEW_S, LIFETIME_S = 60, 300
SPOILS = ("sound", "unsigned", "control", "nul", "other_key", "tampered", "wrapped", "stale", "future", "no_timestamp", "other_request",
          "unrelated", "unconfirmed", "other_confirmation", "replayed", "garbage", "clear")
FIELDS = {"requires", "gives", "signers", "certificate", "key", "decrypt", "recipient", "user", "password"}


class Refused(Exception):
    """A request whose security does not hold. The reason goes to the journal."""


class Sealed(bytes):
    """Octets of an answer that are final."""


class Opened:
    def __init__(self, octets, had, message_id, action, signature_value):
        self.octets, self.had, self.message_id = octets, had, message_id
        self.action, self.signature_value = action, signature_value


def name(space, local):
    return f"{{{space}}}{local}"


def children(element, space, local):
    return [c for c in element if c.tag == name(space, local)]


def one(element, space, local, needed=True):
    """The only child of that name; None: there is none."""
    found = children(element, space, local) if element is not None else []
    if len(found) > 1 or needed and not found:
        raise Refused(f"{len(found)} {local} in {element.tag if element is not None else 'nothing'}")
    return found[0] if found else None


def parser():
    return etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)


def canonical(element, prefixes=()):
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False,
                          inclusive_ns_prefixes=list(prefixes) or None)


def digest(octets):
    return base64.b64encode(hashlib.sha256(octets).digest()).decode()


def instant(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"


def moment_of(text):
    for form in ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ"):
        try:
            return datetime.datetime.strptime(text, form).replace(tzinfo=datetime.timezone.utc)
        except ValueError:
            pass
    raise Refused(f"no UTC time: {text}")


class Guard:
    """What requests must carry and what answers get, from a JSON file beside whose certificates and keys it is."""

    def __init__(self, path):
        folder = os.path.dirname(os.path.abspath(path))
        with open(path, encoding="utf-8") as file:
            told = json.load(file)
        if set(told) - FIELDS:
            raise ValueError(f"--wss: unknown: {', '.join(sorted(set(told) - FIELDS))}")

        def octets(field):
            with open(os.path.join(folder, field), "rb") as file:
                return file.read()
        import soapcrypt    # needs python3-cryptography, which stand-ins without security do not
        self.crypt = soapcrypt
        self.requires, self.gives = set(told.get("requires", ())), set(told.get("gives", ()))
        self.signers = [soapcrypt.certificate(octets(file)) for file in told.get("signers", ())]
        self.pair = (soapcrypt.key(octets(told["key"])), soapcrypt.certificate(octets(told["certificate"]))) \
            if "key" in told else None
        self.decrypt = soapcrypt.key(octets(told["decrypt"])) if "decrypt" in told else None
        self.recipient = soapcrypt.certificate(octets(told["recipient"])) if "recipient" in told else None
        self.user, self.password = told.get("user"), told.get("password")
        self.stranger = soapcrypt.stranger()
        self.lock = threading.Lock()
        self.seen = set()       # of signatures and nonces; a request comes once
        self.last = {}          # by operation: the last sound answer

    # ---- requests

    def open(self, octets, now=None):
        now = now or datetime.datetime.now(datetime.timezone.utc)
        root, head, body, security = self.parts(octets)
        had, signature_value = [], None
        if security is not None:
            plain = self.decipher(octets, security, body)
            if plain is not None:
                had.append("encryption")
                root, head, body, security = self.parts(plain)
            self.judge_timestamp(security, now)
            signature_value = self.judge_signature(root, head, body, security)
            had += ["signature"] * (signature_value is not None) + self.judge_user(security, now)
        missing = self.requires - set(had)
        if missing:
            raise Refused(f"missing: {', '.join(sorted(missing))}")
        message_id, action = (one(head, WSA, local, False) if head is not None else None
                              for local in ("MessageID", "Action"))
        clean = etree.Element(name(SOAP, "Envelope"), nsmap={"e": SOAP})
        clean.append(body)
        return Opened(etree.tostring(clean), had, message_id.text if message_id is not None else None,
                      action.text if action is not None else None, signature_value)

    @staticmethod
    def parts(octets):
        """(Envelope, Header or None, Body, Security or None)"""
        try:
            root = etree.fromstring(octets, parser())
        except etree.XMLSyntaxError as error:
            raise Refused(f"not well-formed: {error}") from None
        if root.tag != name(SOAP, "Envelope") or root.getroottree().docinfo.doctype:
            raise Refused("no SOAP 1.1 envelope")
        head, body = one(root, SOAP, "Header", False), one(root, SOAP, "Body")
        return root, head, body, one(head, WSSE, "Security", False) if head is not None else None

    def decipher(self, octets, security, body):
        """The message with the plaintext in the place of the Body's EncryptedData; None: it is in the clear."""
        data, wrapped = one(body, XENC, "EncryptedData", False), one(security, XENC, "EncryptedKey", False)
        if data is None and wrapped is None:
            return None
        if data is None or wrapped is None or len(body) != 1 or self.decrypt is None:
            raise Refused("not one EncryptedKey and one EncryptedData")
        if list(security).index(wrapped) > list(security).index(one(security, DS, "Signature")):
            raise Refused("encrypted after it was signed is expected")
        method = one(wrapped, XENC, "EncryptionMethod")
        digests = [d.get("Algorithm") for d in children(method, DS, "DigestMethod")]
        masks = [m.get("Algorithm") for m in children(method, XENC11, "MGF")]
        if one(data, XENC, "EncryptionMethod").get("Algorithm") != AES256_GCM:
            raise Refused("another encryption than AES-256-GCM")
        try:
            session = self.crypt.unwrap(self.decrypt, self.cipher(wrapped), method.get("Algorithm"), digests, masks)
            plain = self.crypt.decipher(session, self.cipher(data))
        except ValueError as error:
            raise Refused(f"does not decrypt: {error}") from None
        found = ENCRYPTED.findall(octets)
        if len(found) != 1:
            raise Refused(f"{len(found)} EncryptedData")
        return octets.replace(found[0][0], plain)

    @staticmethod
    def cipher(element):
        return base64.b64decode(one(one(element, XENC, "CipherData"), XENC, "CipherValue").text)

    @staticmethod
    def judge_timestamp(security, now):
        stamp = one(security, WSU, "Timestamp")
        created, expires = (moment_of(one(stamp, WSU, local).text) for local in ("Created", "Expires"))
        skew = datetime.timedelta(seconds=SKEW_S)
        if created > now + skew or expires < now - skew or expires - created > datetime.timedelta(seconds=LIFETIME_S):
            raise Refused(f"Timestamp {created} to {expires} at {now}")

    def judge_signature(self, root, head, body, security):
        """The octets of its value; None: not signed."""
        signature = one(security, DS, "Signature", False)
        if signature is None:
            return None
        info = one(signature, DS, "SignedInfo")
        if one(info, DS, "CanonicalizationMethod").get("Algorithm") != EXC:
            raise Refused("another canonicalisation")
        value = base64.b64decode(one(signature, DS, "SignatureValue").text)
        certificate = self.signer(security, signature)
        method = one(info, DS, "CanonicalizationMethod")
        if not self.crypt.is_signed_by(certificate, canonical(info, self.prefixes(method)), value,
                                       one(info, DS, "SignatureMethod").get("Algorithm")):
            raise Refused("SignatureValue")
        covered = [self.judge_reference(root, reference) for reference in children(info, DS, "Reference")]
        needed = [body, one(security, WSU, "Timestamp"), *[h for h in head if h.tag.startswith(f"{{{WSA}}}")],
                  *children(security, WSSE, "UsernameToken")]
        for element in needed:
            if not any(element is c for c in covered):
                raise Refused(f"not signed: {element.tag}")
        self.once(canonical(info), "signature")
        return value

    def signer(self, security, signature):
        """The certificate of the message's token, which must be a listed one."""
        reference = one(one(one(signature, DS, "KeyInfo"), WSSE, "SecurityTokenReference"), WSSE, "Reference")
        token = one(security, WSSE, "BinarySecurityToken")
        if reference.get("URI") != "#" + (token.get(name(WSU, "Id")) or ""):
            raise Refused("KeyInfo does not name the token")
        der = base64.b64decode(token.text)
        for certificate in self.signers:
            if hmac.compare_digest(self.crypt.der(certificate), der):
                return certificate
        raise Refused("a certificate that is not listed")

    @staticmethod
    def prefixes(method):
        """Of an exclusive canonicalisation's InclusiveNamespaces."""
        inclusive = method.find(name(EXC, "InclusiveNamespaces"))
        return inclusive.get("PrefixList").split() if inclusive is not None else ()

    def judge_reference(self, root, reference):
        uri = reference.get("URI") or ""
        found = [e for e in root.iter() if isinstance(e.tag, str) and uri == "#" + e.get(name(WSU, "Id"), " ")]
        if len(found) != 1:
            raise Refused(f"{len(found)} elements of {uri}")
        transforms = list(one(reference, DS, "Transforms"))
        if len(transforms) != 1 or transforms[0].get("Algorithm") != EXC:
            raise Refused(f"transforms of {uri}")
        if one(reference, DS, "DigestMethod").get("Algorithm") != SHA256:
            raise Refused(f"digest of {uri}")
        expected = (one(reference, DS, "DigestValue").text or "").strip()
        if not hmac.compare_digest(digest(canonical(found[0], self.prefixes(transforms[0]))), expected):
            raise Refused(f"digest of {found[0].tag}")
        return found[0]

    def judge_user(self, security, now):
        token = one(security, WSSE, "UsernameToken", False)
        if token is None:
            return []
        password = one(token, WSSE, "Password")
        if one(token, WSSE, "Username").text != self.user or self.password is None:
            raise Refused("user")
        if password.get("Type", "").endswith("#PasswordDigest"):
            nonce, created = one(token, WSSE, "Nonce"), one(token, WSU, "Created")
            if abs((now - moment_of(created.text)).total_seconds()) > LIFETIME_S + SKEW_S:
                raise Refused("UsernameToken's Created")
            raw = base64.b64decode(nonce.text)
            expected = base64.b64encode(hashlib.sha1(raw + created.text.encode() + self.password.encode()).digest())
            if len(raw) < 16 or not hmac.compare_digest(expected.decode(), password.text):
                raise Refused("password digest")
            self.once(raw, "nonce")
            return ["username-digest"]
        if not hmac.compare_digest(password.text or "", self.password):
            raise Refused("password")
        return ["username"]

    def once(self, octets, what):
        mark = hashlib.sha256(octets).digest()
        with self.lock:
            if mark in self.seen:
                raise Refused(f"the same {what} again")
            self.seen.add(mark)

    # ---- answers

    def seal(self, octets, opened, spoil=None, operation=""):
        """Sound, or spoilt in the one way that is asked for."""
        if spoil == "replayed" and operation in self.last:
            return self.last[operation]
        if spoil == "unsigned" or not self.gives:
            return Sealed(octets)
        if spoil in ("control", "nul"):     # not signed, and no XML until somebody mends it
            return Sealed(octets.replace(b"</", (b"\x01" if spoil == "control" else b"\x00") + b"</", 1))
        octets = CONTROL.sub(b" ", octets)      # NAV writes what no parser takes; a gateway that signs must read it
        root = etree.fromstring(octets, parser())
        head, body = one(root, SOAP, "Header", False), one(root, SOAP, "Body")
        if head is None:
            head = etree.Element(name(SOAP, "Header"))
            root.insert(0, head)
        security = etree.SubElement(head, name(WSSE, "Security"), nsmap={"wsse": WSSE, "wsu": WSU})
        security.set(name(SOAP, "mustUnderstand"), "1")
        targets = [body]
        if spoil != "no_timestamp":
            targets.append(self.put_timestamp(security, {"stale": -3600, "future": 3600}.get(spoil, 0)))
        targets += self.put_addressing(head, opened, spoil)
        targets += self.put_confirmation(security, opened, spoil)
        if "signature" in self.gives:
            self.put_signature(security, targets, self.stranger if spoil == "other_key" else self.pair)
        if spoil == "tampered":
            self.tamper(body)
        if spoil == "wrapped":
            body = self.wrap(root, head, body)
        if "encryption" in self.gives and spoil != "clear":     # anybody can encrypt for us
            self.encrypt(security, body, spoil)
        sealed = Sealed(etree.tostring(root, encoding="utf-8"))
        if spoil in (None, "sound"):
            self.last[operation] = sealed
        return sealed

    @staticmethod
    def put_timestamp(security, offset_s):
        stamp = etree.SubElement(security, name(WSU, "Timestamp"))
        now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=offset_s)
        etree.SubElement(stamp, name(WSU, "Created")).text = instant(now)
        etree.SubElement(stamp, name(WSU, "Expires")).text = instant(now + datetime.timedelta(seconds=LIFETIME_S))
        return stamp

    @staticmethod
    def put_addressing(head, opened, spoil):
        """RelatesTo for a request that has a MessageID."""
        if opened.message_id is None:
            return []
        action = etree.SubElement(head, name(WSA, "Action"), nsmap={"wsa": WSA})
        action.text = (opened.action or "").removesuffix("Request") + "Response"
        action.set(name(SOAP, "mustUnderstand"), "1")
        if spoil == "unrelated":
            return [action]
        relates = etree.SubElement(head, name(WSA, "RelatesTo"), nsmap={"wsa": WSA})
        relates.text = f"urn:uuid:{uuid.uuid4()}" if spoil == "other_request" else opened.message_id
        return [action, relates]

    def put_confirmation(self, security, opened, spoil):
        if "confirmation" not in self.gives or spoil == "unconfirmed":
            return []
        confirmation = etree.SubElement(security, name(WSSE11, "SignatureConfirmation"), nsmap={"wsse11": WSSE11})
        value = secrets.token_bytes(64) if spoil == "other_confirmation" else opened.signature_value
        if value is not None:
            confirmation.set("Value", base64.b64encode(value).decode())
        return [confirmation]

    def put_signature(self, security, targets, pair):
        key, certificate = pair
        for target in targets:
            target.set(name(WSU, "Id"), "id-" + secrets.token_hex(8))
        token = etree.SubElement(security, name(WSSE, "BinarySecurityToken"), EncodingType=BASE64,
                                 ValueType=X509 + "#X509v3")
        token.set(name(WSU, "Id"), "token-" + secrets.token_hex(8))
        token.text = base64.b64encode(self.crypt.der(certificate)).decode()
        signature = etree.SubElement(security, name(DS, "Signature"), nsmap={"ds": DS})
        info = etree.SubElement(signature, name(DS, "SignedInfo"))
        etree.SubElement(info, name(DS, "CanonicalizationMethod"), Algorithm=EXC)
        etree.SubElement(info, name(DS, "SignatureMethod"), Algorithm=self.crypt.algorithm_of(key))
        for target in targets:
            reference = etree.SubElement(info, name(DS, "Reference"), URI="#" + target.get(name(WSU, "Id")))
            transforms = etree.SubElement(reference, name(DS, "Transforms"))
            etree.SubElement(transforms, name(DS, "Transform"), Algorithm=EXC)
            etree.SubElement(reference, name(DS, "DigestMethod"), Algorithm=SHA256)
            etree.SubElement(reference, name(DS, "DigestValue")).text = digest(canonical(target))
        value = etree.SubElement(signature, name(DS, "SignatureValue"))
        value.text = base64.b64encode(self.crypt.sign(key, canonical(info))).decode()
        place = etree.SubElement(etree.SubElement(signature, name(DS, "KeyInfo")), name(WSSE, "SecurityTokenReference"))
        etree.SubElement(place, name(WSSE, "Reference"), URI="#" + token.get(name(WSU, "Id")),
                         ValueType=X509 + "#X509v3")

    def encrypt(self, security, body, spoil):
        """The Body's content, for the recipient; the key stands in front of all, so that it is decrypted first."""
        plain = ((body.text or "") + "".join(etree.tostring(c, encoding="unicode") for c in body)).encode()
        session = secrets.token_bytes(32)
        octets = self.crypt.encipher(session, plain)
        if spoil == "garbage":
            octets = secrets.token_bytes(len(octets))
        wrapped = etree.Element(name(XENC, "EncryptedKey"), nsmap={"xenc": XENC, "ds": DS}, Id="ek-" + secrets.token_hex(8))
        etree.SubElement(wrapped, name(XENC, "EncryptionMethod"), Algorithm=OAEP)
        place = etree.SubElement(etree.SubElement(wrapped, name(DS, "KeyInfo")), name(WSSE, "SecurityTokenReference"))
        serial = etree.SubElement(etree.SubElement(place, name(DS, "X509Data")), name(DS, "X509IssuerSerial"))
        etree.SubElement(serial, name(DS, "X509IssuerName")).text = self.recipient.issuer.rfc4514_string()
        etree.SubElement(serial, name(DS, "X509SerialNumber")).text = str(self.recipient.serial_number)
        self.put_cipher(wrapped, self.crypt.wrap(self.recipient, session))
        data_id = "ed-" + secrets.token_hex(8)
        etree.SubElement(etree.SubElement(wrapped, name(XENC, "ReferenceList")), name(XENC, "DataReference"),
                         URI="#" + data_id)
        security.insert(0, wrapped)
        body.text = None
        for child in list(body):
            body.remove(child)
        data = etree.SubElement(body, name(XENC, "EncryptedData"), nsmap={"xenc": XENC}, Id=data_id, Type=XENC + "Content")
        etree.SubElement(data, name(XENC, "EncryptionMethod"), Algorithm=AES256_GCM)
        self.put_cipher(data, octets)

    @staticmethod
    def put_cipher(element, octets):
        data = etree.SubElement(element, name(XENC, "CipherData"))
        etree.SubElement(data, name(XENC, "CipherValue")).text = base64.b64encode(octets).decode()

    # ---- spoiling

    @staticmethod
    def tamper(body):
        leaf = next((e for e in body.iter() if isinstance(e.tag, str) and not len(e) and (e.text or "").strip()), body)
        leaf.text = "9" + (leaf.text or "")

    @staticmethod
    def wrap(root, head, body):
        """The signed Body stays in the message, where nobody reads it; the one in its place is handed back."""
        forged = etree.fromstring(etree.tostring(body))
        forged.attrib.pop(name(WSU, "Id"), None)
        Guard.tamper(forged)
        root.replace(body, forged)
        etree.SubElement(head, "{urn:wrapper}Wrapper").append(body)
        return forged


def fault(code="FailedCheck", text="The signature or decryption was invalid"):
    """As security fails: not signed, and it does not say why."""
    return (f'<s:Envelope xmlns:s="{SOAP}"><s:Body><s:Fault><faultcode xmlns:w="{WSSE}">w:{code}</faultcode>'
            f"<faultstring>{text}</faultstring></s:Fault></s:Body></s:Envelope>").encode()
