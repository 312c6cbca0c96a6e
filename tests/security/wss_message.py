"""Messages of WS-Security, made part by part: python3-cryptography for digests, values and keys,
lxml for canonical octets. A Message is a plain set of choices; what an attack changes is one of them,
or a hook that edits the text at one of four moments:

    before(text)     the whole Envelope, nothing signed yet
    info(text)       SignedInfo, its digests in place, before the value is made
    value(octets)    the SignatureValue
    after(text)      the whole message, nothing is computed any more (octets or text)

now = 2026-03-01T12:00:00Z; a reader is to be given NOW_US as its clock."""
import base64
import calendar
import copy
import datetime
import hashlib
import os
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes, padding as block_padding, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import etree

from wss_keys import NOW

NOW_US = calendar.timegm(NOW.timetuple()) * 1000000
NAMESPACE = "urn:kontor:push:1"
SOAP = {"1.1": "http://schemas.xmlsoap.org/soap/envelope/",
        "1.2": "http://www.w3.org/2003/05/soap-envelope"}
OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = OASIS + "wssecurity-secext-1.0.xsd"
WSU = OASIS + "wssecurity-utility-1.0.xsd"
WSSE11 = "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd"
X509 = OASIS + "x509-token-profile-1.0"
USER = OASIS + "username-token-profile-1.0"
MESSAGE = OASIS + "soap-message-security-1.0"
MESSAGE11 = "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1"
SWA = "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1"
DS = "http://www.w3.org/2000/09/xmldsig#"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
XENC11 = "http://www.w3.org/2009/xmlenc11#"
WSA = "http://www.w3.org/2005/08/addressing"
XOP = "http://www.w3.org/2004/08/xop/include"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
INCLUSIVE_11 = "http://www.w3.org/2006/12/xml-c14n11"
ENVELOPED = DS + "enveloped-signature"
STR_TRANSFORM = MESSAGE + "#STR-Transform"

DIGEST = {DS + "sha1": "sha1", XENC + "sha256": "sha256", MORE + "sha384": "sha384",
          XENC + "sha512": "sha512", MORE + "md5": "md5", MORE + "sha224": "sha224"}
SHA256 = XENC + "sha256"
HASH = {"sha1": hashes.SHA1, "sha224": hashes.SHA224, "sha256": hashes.SHA256,
        "sha384": hashes.SHA384, "sha512": hashes.SHA512, "md5": hashes.MD5}
METHOD = {DS + "rsa-sha1": "sha1", MORE + "rsa-md5": "md5", MORE + "rsa-sha224": "sha224",
          MORE + "rsa-sha256": "sha256", MORE + "rsa-sha384": "sha384",
          MORE + "rsa-sha512": "sha512", MORE + "ecdsa-sha1": "sha1",
          MORE + "ecdsa-sha256": "sha256", MORE + "ecdsa-sha384": "sha384",
          MORE + "ecdsa-sha512": "sha512"}

BODY = ('<k:PushStock xmlns:k="urn:kontor:push:1"><k:item><k:sku>A-1</k:sku>'
        "<k:quantity>5</k:quantity></k:item></k:PushStock>")


def b64(octets):
    return base64.b64encode(octets).decode()


def stamp(seconds=0, of=NOW):
    """A time, so many seconds from now."""
    return (of + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def canonical(element, method=EXCLUSIVE, prefixes=()):
    """Octets of an element with the namespaces it stands in."""
    alone = etree.fromstring(etree.tostring(element, with_tail=False))
    return etree.tostring(alone, method="c14n", exclusive=method == EXCLUSIVE, with_comments=False,
                          inclusive_ns_prefixes=list(prefixes) or None)


def find_id(root, name):
    """The first element of that Id, as a reader without care would."""
    for element in root.iter(etree.Element):
        if name in (element.get(f"{{{WSU}}}Id"), element.get("Id"), element.get("ID")):
            return element
    return None


def issuer_text(certificate):
    """As RFC 2253 writes it, most specific first."""
    return certificate.issuer.rfc4514_string()


@dataclass
class Reference:
    uri: str                     # "#body-1"
    target: str = None           # Id whose octets are digested; None: that of the URI
    transforms: tuple = (EXCLUSIVE,)
    prefixes: tuple = ()         # of InclusiveNamespaces
    digest: str = SHA256
    octets: bytes = None         # digested instead of an element
    value: str = None            # written instead of the digest
    extra: str = ""              # inside Transform, in place of InclusiveNamespaces
    attributes: str = ""

    def write(self, root, p):
        octets = self.octets
        if octets is None:
            element = find_id(root, self.target or self.uri.lstrip("#"))
            if element is None:
                octets = b""
            else:
                method = next((t for t in self.transforms if t in (INCLUSIVE, INCLUSIVE_11)),
                              EXCLUSIVE)
                octets = canonical(element, method, self.prefixes)
        value = self.value
        if value is None:
            value = b64(hashlib.new(DIGEST.get(self.digest, "sha256"), octets).digest())
        made = ""
        for transform in self.transforms:
            inner = self.extra
            if not inner and self.prefixes and transform == EXCLUSIVE:
                inner = (f'<ec:InclusiveNamespaces xmlns:ec="{EXCLUSIVE}" '
                         f'PrefixList="{" ".join(p or "#default" for p in self.prefixes)}"/>')
            made += f'<{p}Transform Algorithm="{transform}">{inner}</{p}Transform>'
        made = f"<{p}Transforms>{made}</{p}Transforms>" if self.transforms else ""
        uri = f' URI="{self.uri}"' if self.uri is not None else ""
        return (f'<{p}Reference{uri}{self.attributes}>{made}'
                f'<{p}DigestMethod Algorithm="{self.digest}"/><{p}DigestValue>{value}'
                f"</{p}DigestValue></{p}Reference>")


@dataclass
class Part:
    """An attachment."""
    cid: str
    octets: bytes
    media: str = "application/pdf"


@dataclass
class Message:
    signer: object = None        # Identity; None: not signed
    soap: str = "1.1"
    operation: str = "PushStock"
    body: str = BODY
    body_attributes: str = 'wsu:Id="body-1"'
    envelope_attributes: str = ""
    soap_action: str = None      # None: that of the operation
    created: str = field(default_factory=stamp)
    expires: str = field(default_factory=lambda: stamp(300))
    timestamp: str = None        # whole element instead; "": none
    wsa: dict = None             # {"MessageID": "urn:uuid:…"}
    user: str = ""               # a whole UsernameToken, see username_token()
    confirmation: str = ""
    extra_header: str = ""       # beside Security
    extra_security: str = ""     # in Security, first
    last_security: str = ""      # in Security, last
    must_understand: bool = True
    security_attributes: str = ""
    ds: str = "ds"               # prefix of the signature; "": default namespace
    method: str = None           # signature algorithm; None: by the key
    c14n: str = EXCLUSIVE        # of SignedInfo
    c14n_extra: str = ""
    digest: str = SHA256
    transforms: tuple = (EXCLUSIVE,)
    key_info: str = "token"      # a form, or a whole KeyInfo
    references: list = None      # None: those of `signs`
    signs: tuple = None          # Ids; None: Body, Timestamp, wsa headers, UsernameToken …
    order: tuple = ("token", "timestamp", "user", "confirmation", "key", "signature", "key-after")
    encrypts_for: object = None  # Identity
    encrypts_last: bool = True   # False: encrypted first, then signed
    encryption: dict = None      # choices of encrypt()
    parts: list = None           # attachments
    before: object = None
    info: object = None
    value: object = None
    after: object = None
    token: str = None            # whole BinarySecurityToken instead
    declaration: str = ""
    content_type: str = None     # None: that of the version

    # -- parts --

    def token_text(self):
        if self.token is not None:
            return self.token
        if self.signer is None or self.key_info not in ("token", "str-transform"):
            return ""
        return (f'<wsse:BinarySecurityToken wsu:Id="token-1" EncodingType="{MESSAGE}#Base64Binary" '
                f'ValueType="{X509}#X509v3">{b64(self.signer.der)}</wsse:BinarySecurityToken>')

    def timestamp_text(self):
        if self.timestamp is not None:
            return self.timestamp
        return (f'<wsu:Timestamp wsu:Id="time-1"><wsu:Created>{self.created}</wsu:Created>'
                f"<wsu:Expires>{self.expires}</wsu:Expires></wsu:Timestamp>")

    def wsa_text(self):
        made = ""
        for number, (name, value) in enumerate((self.wsa or {}).items(), 1):
            inner = (f"<wsa:Address>{value}</wsa:Address>"
                     if name in ("ReplyTo", "FaultTo", "From", "AcksTo") else value)
            made += f'<wsa:{name} xmlns:wsa="{WSA}" wsu:Id="wsa-{number}">{inner}</wsa:{name}>'
        return made

    def key_info_text(self, p):
        forms = {
            "token": lambda: self.str_text(f'<wsse:Reference URI="#token-1" '
                                           f'ValueType="{X509}#X509v3"/>'),
            "str-transform": lambda: self.str_text(f'<wsse:Reference URI="#token-1" '
                                                   f'ValueType="{X509}#X509v3"/>',
                                                   ' wsu:Id="str-1"'),
            "issuer": lambda: self.str_text(self.x509_data(p, self.serial_text(p))),
            "ski": lambda: self.str_text(self.key_identifier("X509SubjectKeyIdentifier",
                                                             self.signer.ski)),
            "thumbprint": lambda: self.str_text(
                f'<wsse:KeyIdentifier EncodingType="{MESSAGE}#Base64Binary" '
                f'ValueType="{MESSAGE11}#ThumbprintSHA1">'
                f"{b64(hashlib.sha1(self.signer.der).digest())}</wsse:KeyIdentifier>"),
            "identifier": lambda: self.str_text(self.key_identifier("X509v3", self.signer.der)),
            "str-x509": lambda: self.str_text(self.x509_data(p, self.certificate_text(p))),
            "x509": lambda: self.x509_data(p, self.certificate_text(p)),
            "x509-issuer": lambda: self.x509_data(p, self.serial_text(p)),
            "x509-ski": lambda: self.x509_data(
                p, f"<{p}X509SKI>{b64(self.signer.ski)}</{p}X509SKI>"),
            "str-x509-both": lambda: self.str_text(
                self.x509_data(p, self.serial_text(p) + self.certificate_text(p))),
        }
        if self.key_info in forms:
            return f"<{p}KeyInfo>{forms[self.key_info]()}</{p}KeyInfo>"
        return self.key_info

    @staticmethod
    def str_text(inner, attributes=""):
        return (f"<wsse:SecurityTokenReference{attributes}>{inner}"
                "</wsse:SecurityTokenReference>")

    @staticmethod
    def key_identifier(kind, octets):
        return (f'<wsse:KeyIdentifier EncodingType="{MESSAGE}#Base64Binary" '
                f'ValueType="{X509}#{kind}">{b64(octets)}</wsse:KeyIdentifier>')

    @staticmethod
    def x509_data(p, inner):
        return f'<{p}X509Data xmlns:ds="{DS}">{inner}</{p}X509Data>'

    def certificate_text(self, p):
        return f"<{p}X509Certificate>{b64(self.signer.der)}</{p}X509Certificate>"

    def serial_text(self, p):
        from xml.sax.saxutils import escape
        return (f"<{p}X509IssuerSerial><{p}X509IssuerName>"
                f"{escape(issuer_text(self.signer.certificate))}</{p}X509IssuerName>"
                f"<{p}X509SerialNumber>{self.signer.certificate.serial_number}"
                f"</{p}X509SerialNumber></{p}X509IssuerSerial>")

    # -- the whole --

    def envelope(self, signature="", encrypted_key=""):
        uri = SOAP[self.soap]
        pieces = {"token": self.token_text(), "timestamp": self.timestamp_text(),
                  "user": self.user, "confirmation": self.confirmation, "signature": signature,
                  "key": encrypted_key if self.encrypts_last else "",
                  "key-after": "" if self.encrypts_last else encrypted_key}
        inside = self.extra_security + "".join(pieces[name] for name in self.order)
        inside += self.last_security
        must = ' s:mustUnderstand="1"' if self.must_understand else ""
        security = ""
        if inside:
            security = (f'<wsse:Security xmlns:wsse="{WSSE}"{must}{self.security_attributes}>'
                        f"{inside}</wsse:Security>")
        return (f'<s:Envelope xmlns:s="{uri}" xmlns:wsu="{WSU}"'
                f"{self.envelope_attributes}><s:Header>{self.wsa_text()}{security}"
                f"{self.extra_header}</s:Header><s:Body {self.body_attributes}>{self.body}</s:Body>"
                "</s:Envelope>")

    def default_references(self, root):
        names = self.signs
        if names is None:
            names = [n for n in ("body-1", "time-1", "user-1", "confirmation-1",
                                 *(f"wsa-{i}" for i in range(1, len(self.wsa or {}) + 1)))
                     if find_id(root, n) is not None]
        return [Reference("#" + name, transforms=self.transforms, digest=self.digest)
                for name in names]

    def method_uri(self):
        if self.method is not None:
            return self.method
        if isinstance(self.signer.key, rsa.RSAPrivateKey):
            return MORE + "rsa-sha256"
        size = self.signer.key.curve.key_size
        return MORE + "ecdsa-sha" + {256: "256", 384: "384", 521: "512", 224: "256"}[size]

    def sign(self, octets):
        kind = HASH[METHOD.get(self.method_uri(), "sha256")]()
        if isinstance(self.signer.key, rsa.RSAPrivateKey):
            value = self.signer.key.sign(octets, padding.PKCS1v15(), kind)
        else:
            size = (self.signer.key.curve.key_size + 7) // 8
            r, s = utils.decode_dss_signature(self.signer.key.sign(octets, ec.ECDSA(kind)))
            value = r.to_bytes(size, "big") + s.to_bytes(size, "big")
        return self.value(value) if self.value else value

    def signed(self, unsigned):
        """(SignedInfo, whole Signature without its value)"""
        root = etree.fromstring(unsigned.encode())
        p = self.ds + ":" if self.ds else ""
        references = self.references
        if references is None:
            references = self.default_references(root)
        info = (f'<{p}SignedInfo><{p}CanonicalizationMethod Algorithm="{self.c14n}">'
                f"{self.c14n_extra}</{p}CanonicalizationMethod>"
                f'<{p}SignatureMethod Algorithm="{self.method_uri()}"/>'
                + "".join(r if isinstance(r, str) else r.write(root, p) for r in references)
                + f"</{p}SignedInfo>")
        if self.info:
            info = self.info(info)
        xmlns = f'xmlns:{self.ds}="{DS}"' if self.ds else f'xmlns="{DS}"'
        return (f"<{p}Signature {xmlns}>{info}<{p}SignatureValue>@VALUE@</{p}SignatureValue>"
                f"{self.key_info_text(p)}</{p}Signature>")

    def prefixes_of_info(self, root):
        found = root.find(f".//{{{DS}}}CanonicalizationMethod/{{{EXCLUSIVE}}}InclusiveNamespaces")
        if found is None:
            return ()
        return ["" if p == "#default" else p for p in found.get("PrefixList").split()]

    def _text(self):
        encrypted_key = ""
        if self.encrypts_for and not self.encrypts_last:
            encrypted_key, self.body = encrypt(self.body, self.encrypts_for,
                                               **(self.encryption or {}))
        unsigned = self.envelope(encrypted_key=encrypted_key)
        if self.before:
            unsigned = self.before(unsigned)
        made = unsigned
        if self.signer is not None:
            signature = self.signed(unsigned)
            made = self.envelope(signature, encrypted_key)
            if self.before:
                made = self.before(made)
            root = etree.fromstring(made.encode())
            info = [e for e in root.iter(f"{{{DS}}}SignatureValue") if e.text == "@VALUE@"]
            octets = canonical(info[0].getparent()[0], self.c14n, self.prefixes_of_info(root))
            made = made.replace("@VALUE@", b64(self.sign(octets)))
        if self.encrypts_for and self.encrypts_last:
            inner = made[made.index("<s:Body "):]
            inner = inner[inner.index(">") + 1:inner.rindex("</s:Body>")]
            key, data = encrypt(inner, self.encrypts_for, **(self.encryption or {}))
            self.body = data
            made = made.replace(inner, data)
            at = made.index("<ds:Signature ") if "<ds:Signature " in made \
                else made.index("</wsse:Security>")
            made = made[:at] + key + made[at:]
        return self.declaration + made

    def build(self):
        """What goes over the wire: octets and the headers that belong to them."""
        made = copy.copy(self)._text()
        if self.after:
            made = self.after(made)
        octets = made if isinstance(made, bytes) else made.encode()
        action = self.soap_action
        if action is None:
            action = f"{NAMESPACE}/{self.operation}"
        plain = {"1.1": "text/xml; charset=utf-8",
                 "1.2": f'application/soap+xml; charset=utf-8; action="{action}"'}[self.soap]
        wire = Wire(octets, self.content_type or plain, action if self.soap == "1.1" else None)
        return wire if self.parts is None else package(wire, self.parts)


@dataclass
class Wire:
    octets: bytes
    content_type: str
    soap_action: str = None


def package(wire, parts, boundary="=_part-7f3a"):
    """Root and attachments as multipart/related (XOP)."""
    made = [f'--{boundary}\r\nContent-Type: application/xop+xml; charset=UTF-8; type="text/xml"\r\n'
            "Content-Transfer-Encoding: 8bit\r\nContent-ID: <root@test>\r\n\r\n".encode(),
            wire.octets, b"\r\n"]
    for part in parts:
        made += [f"--{boundary}\r\nContent-Type: {part.media}\r\nContent-Transfer-Encoding: binary"
                 f"\r\nContent-ID: <{part.cid}>\r\n\r\n".encode(), part.octets, b"\r\n"]
    made.append(f"--{boundary}--\r\n".encode())
    kind = (f'multipart/related; type="application/xop+xml"; start="<root@test>"; '
            f'start-info="text/xml"; boundary="{boundary}"')
    return Wire(b"".join(made), kind, wire.soap_action)


def username_token(name="shop", password="secret-1", digest=False, nonce=b"0123456789abcdef",
                   created=None, nonce_text=None, kind=None):
    """A UsernameToken; nonce None: none. kind: Type of the password, None: the fitting one."""
    created = stamp() if created is None else created
    secret = password
    if digest:
        secret = b64(hashlib.sha1((nonce or b"") + created.encode() + password.encode()).digest())
    kind = kind or (USER + ("#PasswordDigest" if digest else "#PasswordText"))
    made = ""
    if nonce is not None and (digest or nonce_text is not None):
        made = (f'<wsse:Nonce EncodingType="{MESSAGE}#Base64Binary">'
                f"{b64(nonce) if nonce_text is None else nonce_text}</wsse:Nonce>")
    if created:
        made += f"<wsu:Created>{created}</wsu:Created>"
    return (f'<wsse:UsernameToken wsu:Id="user-1"><wsse:Username>{name}</wsse:Username>'
            f'<wsse:Password Type="{kind}">{secret}</wsse:Password>{made}</wsse:UsernameToken>')


def encrypt(text, recipient, cipher=XENC11 + "aes256-gcm", transport=XENC + "rsa-oaep-mgf1p",
            kind=XENC + "Content", key_reference=None, session=None, tamper=None,
            data_extra="", data_cipher=None, key_cipher=None, listed="data-1"):
    """(EncryptedKey, EncryptedData) of a text for an Identity. tamper(octets): on the cipher text."""
    size = int(cipher.rsplit("aes", 1)[1][:3]) // 8
    session = session or os.urandom(size)
    if cipher.endswith("gcm"):
        iv = os.urandom(12)
        octets = iv + AESGCM(session).encrypt(iv, text.encode(), None)
    else:
        iv = os.urandom(16)
        pad = block_padding.ANSIX923(128).padder()
        plain = pad.update(text.encode()) + pad.finalize()
        work = Cipher(algorithms.AES(session), modes.CBC(iv)).encryptor()
        octets = iv + work.update(plain) + work.finalize()
    if tamper:
        octets = tamper(octets)
    method = f'<xenc:EncryptionMethod Algorithm="{transport}"/>'
    if transport.endswith("rsa-1_5"):
        pad = padding.PKCS1v15()
    elif transport == XENC11 + "rsa-oaep":
        pad = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
        method = (f'<xenc:EncryptionMethod Algorithm="{transport}">'
                  f'<ds:DigestMethod xmlns:ds="{DS}" Algorithm="{XENC}sha256"/>'
                  f'<xenc11:MGF xmlns:xenc11="{XENC11}" Algorithm="{XENC11}mgf1sha256"/>'
                  "</xenc:EncryptionMethod>")
    else:
        pad = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
    wrapped = recipient.certificate.public_key().encrypt(session, pad)
    reference = key_reference or Message.str_text(
        Message.key_identifier("X509SubjectKeyIdentifier", recipient.ski))
    key = (f'<xenc:EncryptedKey xmlns:xenc="{XENC}" Id="key-1">{method}'
           f'<ds:KeyInfo xmlns:ds="{DS}">{reference}</ds:KeyInfo>'
           f'<xenc:CipherData>{key_cipher or f"<xenc:CipherValue>{b64(wrapped)}</xenc:CipherValue>"}'
           "</xenc:CipherData><xenc:ReferenceList>"
           f'<xenc:DataReference URI="#{listed}"/></xenc:ReferenceList></xenc:EncryptedKey>')
    value = data_cipher or f"<xenc:CipherValue>{b64(octets)}</xenc:CipherValue>"
    data = (f'<xenc:EncryptedData xmlns:xenc="{XENC}" Id="data-1" Type="{kind}">'
            f'<xenc:EncryptionMethod Algorithm="{cipher}"/>{data_extra}'
            f"<xenc:CipherData>{value}</xenc:CipherData></xenc:EncryptedData>")
    return key, data


def public_pem(identity):
    return identity.certificate.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
