"""What the fuzzing of kt_wss_open begins with: messages as fuzz_wire_wss_open.c and
fuzz_wire_wss_decrypt.c take them apart, a section up to a NUL each; @RSA@ and the like are replaced
there by what the keys of the run give."""
import base64
import hashlib

WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
DS = "http://www.w3.org/2000/09/xmldsig#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
TOKEN = WSS + "x509-token-profile-1.0#X509v3"
TIME = ("<u:Timestamp u:Id='i'><u:Created>2026-03-01T10:00:00Z</u:Created><u:Expires>"
        "2026-03-01T10:05:00Z</u:Expires></u:Timestamp>")
HEADERS = ("<w:Action u:Id='w1'>urn:k/p</w:Action><w:MessageID u:Id='w2'>urn:uuid:1</w:MessageID>")
CONTENT = ("<o:p xmlns:o='urn:k' xmlns:z='urn:z' z:a='1' a='2'><x><![CDATA[<y>]]></x>&amp;<o:q "
           "xsi:type='z:t' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'/></o:p>")


def envelope(security, headers="", body=CONTENT, soap="http://schemas.xmlsoap.org/soap/envelope/",
             more=""):
    return (f"<s:Envelope xmlns:s='{soap}' xmlns:o='{WSS}wssecurity-secext-1.0.xsd' xmlns:u='{WSS}"
            f"wssecurity-utility-1.0.xsd' xmlns:w='http://www.w3.org/2005/08/addressing' xmlns:d='{DS}'"
            f" xmlns:x='{XENC}'{more}><s:Header>{headers}<o:Security s:mustUnderstand='1'>{security}"
            f"</o:Security></s:Header><s:Body u:Id='b'>{body}</s:Body></s:Envelope>").encode()


def signature(who="rsa", covers=("b", "i"), key=None, c14n=EXCLUSIVE, digest=XENC + "sha256",
              prefixes="", method="sha256"):
    listed = (f"<c:InclusiveNamespaces xmlns:c='{EXCLUSIVE}' PrefixList='{prefixes}'/>"
              if prefixes else "")
    size = {"sha256": 44, "sha1": 28, "sha512": 88}[digest.rsplit("#", 1)[1]]
    pad = {44: 1, 28: 1, 88: 2}[size]
    value = "A" * (size - pad) + "=" * pad
    references = "".join(
        f"<d:Reference URI='#{name}'><d:Transforms><d:Transform Algorithm='{c14n}'>{listed}"
        f"</d:Transform></d:Transforms><d:DigestMethod Algorithm='{digest}'/><d:DigestValue>{value}"
        "</d:DigestValue></d:Reference>" for name in covers)
    kind = {"rsa": "rsa", "ec": "ecdsa"}[who]
    uri = (DS if method == "sha1" else "http://www.w3.org/2001/04/xmldsig-more#") + f"{kind}-{method}"
    return (f"<d:Signature><d:SignedInfo><d:CanonicalizationMethod Algorithm='{EXCLUSIVE}'/>"
            f"<d:SignatureMethod Algorithm='{uri}'/>{references}</d:SignedInfo><d:SignatureValue>AAAA"
            f"</d:SignatureValue><d:KeyInfo>{key or by_token()}</d:KeyInfo></d:Signature>")


def by_token():
    return ("<o:SecurityTokenReference u:Id='r'><o:Reference URI='#t' "
            f"ValueType='{TOKEN}'/></o:SecurityTokenReference>")


def token(mark="@RSA@"):
    return (f"<o:BinarySecurityToken u:Id='t' EncodingType='{WSS}soap-message-security-1.0"
            f"#Base64Binary' ValueType='{TOKEN}'>{mark}</o:BinarySecurityToken>")


def by_ski(mark):
    return (f"<o:SecurityTokenReference><o:KeyIdentifier EncodingType='{WSS}soap-message-security-1.0"
            f"#Base64Binary' ValueType='{WSS}x509-token-profile-1.0#X509SubjectKeyIdentifier'>{mark}"
            "</o:KeyIdentifier></o:SecurityTokenReference>")


def by_issuer(name, serial):
    return (f"<d:X509Data><d:X509IssuerSerial><d:X509IssuerName>CN={name}</d:X509IssuerName>"
            f"<d:X509SerialNumber>{serial}</d:X509SerialNumber></d:X509IssuerSerial></d:X509Data>")


def user(name, is_digest=False):
    nonce, created = b"0123456789abcdef", "2026-03-01T10:00:00Z"
    password = "secret"
    if is_digest:
        digest = hashlib.sha1(nonce + created.encode() + password.encode()).digest()
        password = base64.b64encode(digest).decode()
    kind = WSS + "username-token-profile-1.0#Password" + ("Digest" if is_digest else "Text")
    return (f"<o:UsernameToken u:Id='n'><o:Username>{name}</o:Username><o:Password Type='{kind}'>"
            f"{password}</o:Password><o:Nonce>{base64.b64encode(nonce).decode()}</o:Nonce>"
            f"<u:Created>{created}</u:Created></o:UsernameToken>")


KEY = (f"<x:EncryptedKey Id='k'><x:EncryptionMethod @OAEP@<d:KeyInfo>{by_ski('@BOX-SKI@')}"
       "</d:KeyInfo><x:CipherData><x:CipherValue>@KEY@</x:CipherValue></x:CipherData>"
       "<x:ReferenceList><x:DataReference URI='#e'/></x:ReferenceList></x:EncryptedKey>")
CBC_KEY = KEY.replace("@BOX-SKI@", "@CBOX-SKI@")
DATA = (f"<x:EncryptedData Id='e' Type='{XENC}Content' xmlns:x='{XENC}'><x:EncryptionMethod "
        "Algorithm='@CIPHER@'/><x:CipherData><x:CipherValue>@DATA@</x:CipherValue></x:CipherData>"
        "</x:EncryptedData>").encode()
PLAIN = b"<p xmlns='urn:k'><a b='1'>&lt;</a></p>"
EDITS = (b"\0\0\4\x20\0\0", b"\1\0\2\xff\0\1\x83\x40\6\2\x20\7", b"\x82\x40\2\x30\x10\0")
FORMS = (
    b"1" + envelope(token() + TIME + signature()),
    b"1" + envelope(token() + TIME + signature(covers=("b", "i", "t", "w1", "w2")), HEADERS),
    b"2" + envelope(token("@EC@") + signature("ec") + TIME,
                    soap="http://www.w3.org/2003/05/soap-envelope"),
    b"2" + envelope(TIME + signature("ec", key=by_issuer("ec", 4712))),
    b"1" + envelope(TIME + signature(key=by_ski("@RSA-SKI@"), prefixes="s #default")),
    b"1" + envelope(TIME + signature(key="<d:X509Data><d:X509Certificate>@RSA@"
                                     "</d:X509Certificate></d:X509Data>", c14n=INCLUSIVE),
                    more=" xml:lang='de' xmlns='urn:k'"),
    b"1" + envelope(token() + TIME + signature(digest=DS + "sha1", method="sha1")),
    b"q" + envelope(token() + TIME + signature(covers=("b", "i", "w1", "w2", "w3")), HEADERS
                    + "<w:RelatesTo u:Id='w3'>urn:uuid:2</w:RelatesTo>"),
    b"0" + envelope(user("text")), b"0" + envelope(TIME + user("digest", True), HEADERS),
)


def encrypted(flags, security):
    return bytes([flags]) + envelope(security, body="@BODY@") + b"\0" + DATA + b"\0" + PLAIN


SEEDS = {
    "wire_wss_open": [*FORMS, *(form + b"\0" + edit for form in FORMS[:5] for edit in EDITS)],
    "wire_wss_decrypt": [
        encrypted(0, user("sealed") + KEY), encrypted(5, user("sealed") + KEY),
        encrypted(8, KEY + token() + TIME + signature()),
        encrypted(13, KEY + token() + TIME + signature(c14n=INCLUSIVE)),
        encrypted(72, token() + TIME + signature() + KEY),
        encrypted(90, token("@CBC@") + TIME + signature("ec") + CBC_KEY),
        encrypted(95, token("@CBC@") + TIME + signature("ec", c14n=INCLUSIVE) + CBC_KEY),
        encrypted(88, token("@CBC@") + TIME + signature("ec") + CBC_KEY),
        encrypted(72, token() + TIME + signature() + KEY) + b"\0" + EDITS[0],
        encrypted(128, user("sealed") + KEY) + b"\0\4\1\0\1\0\0",
        encrypted(0, user("sealed") + KEY) + b"\0\4\1\0\1\0\0",
    ],
}
WORDS = ("<!--", "-->", "<![CDATA[", "]]>", "&#13;", " xmlns='u'", " xmlns:s='u'", " Id='b'",
         " u:Id='i'", "URI='#b'", "cid:a", "<d:Object/>", "<o:Security/>", "<s:Body u:Id='b'>",
         "</s:Body>", "<d:Transforms>", "<d:X509Data>", "s:mustUnderstand='1'", "@RSA@", "@EC@",
         "@CBC@", "@BOX@", "@RSA-SKI@", "@EC-SKI@", "@BOX-SKI@", "@CBOX-SKI@", "@BODY@", "@DATA@", "@KEY@",
         "@CIPHER@", "@OAEP@", "PrefixList='s'", "xml:lang='x'", "xml:space='preserve'", "<x:EncryptedData>",
         "<x:ReferenceList/>", "\\x00", EXCLUSIVE, INCLUSIVE, DS + "sha1", XENC + "sha512")
