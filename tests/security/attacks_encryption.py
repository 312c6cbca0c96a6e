"""Attacks on encryption: algorithms, keys, cipher texts, and what is hidden in them."""
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from wss_attack import attack, group
from wss_message import XENC, XENC11, b64, encrypt

group("Encryption")


def sealed(**choices):
    def run(m, w):
        m.encrypts_for = choices.get("recipient", lambda w: w.box)(w)
        m.encrypts_last = choices.get("last", True)
        m.encryption = {k: v for k, v in choices.items() if k not in ("recipient", "last")}
    return run


def by_cbc(last=False):
    return sealed(cipher=XENC + "aes256-cbc", last=last, recipient=lambda w: w.box_cbc)


attack("Body in the clear", "The policy wants encryption.", "encryption.missing", signer="sealed",
       twin=sealed(), twin_is="encrypted")(lambda m, w: None)
attack("Unexpected", "The policy knows no encryption.", "encryption.unexpected", signer="clear",
       twin_is="in the clear")(sealed())
flip = lambda o: o[:-1] + bytes([o[-1] ^ 1])
REFERENCE = '<xenc:CipherReference URI="http://127.0.0.1:9/x"/>'
for name, does, code, change in (
        ("PKCS#1 1.5", "A key transport that falls to Bleichenbacher.", "encryption.algorithm",
         sealed(transport=XENC + "rsa-1_5")),
        ("CBC", "A cipher without authentication; no policy allows it.", "encryption.algorithm",
         sealed(cipher=XENC + "aes256-cbc")),
        ("CBC, encrypted first", "No policy allows it.", "encryption.algorithm",
         sealed(cipher=XENC + "aes256-cbc", last=False)),
        ("for nobody here", "None of our keys.", "encryption.key",
         sealed(recipient=lambda w: w.stranger)),
        ("for another of our keys", "A key of ours that this policy does not name.",
         "encryption.key", sealed(recipient=lambda w: w.box_old)),
        ("tampered", "One bit of the cipher text is another.", "encryption.value",
         sealed(tamper=flip)),
        ("tampered IV", "One bit of the IV is another.", "encryption.value",
         sealed(tamper=lambda o: bytes([o[0] ^ 1]) + o[1:])),
        ("cut", "The authentication tag is cut.", "encryption.value", sealed(tamper=lambda o: o[:-1])),
        ("empty", "No cipher text.", "encryption.value", sealed(tamper=lambda o: b"")),
        ("IV alone", "Nothing behind the IV.", "encryption.value", sealed(tamper=lambda o: o[:12])),
        ("Key wrapped wrongly", "Rubbish as the wrapped key.", "encryption.value",
         sealed(key_cipher=f"<xenc:CipherValue>{b64(bytes(range(256)))}</xenc:CipherValue>")),
        ("Key cut", "Half of the wrapped key.", "encryption.value",
         sealed(key_cipher=f"<xenc:CipherValue>{b64(bytes(range(128)))}</xenc:CipherValue>")),
        ("CipherReference", "The cipher text is to be fetched.", "encryption.reference",
         sealed(data_cipher=REFERENCE)),
        ("CipherReference of the key", "The wrapped key is to be fetched.", "encryption.reference",
         sealed(key_cipher=REFERENCE)),
        ("RetrievalMethod", "The key is to be fetched.", "encryption.reference",
         sealed(data_extra='<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">'
                '<ds:RetrievalMethod URI="http://127.0.0.1:9/k"/></ds:KeyInfo>')),
        ("Type Element", "The Body's content is one element only.", "encryption.form",
         sealed(kind=XENC + "EncryptedKey")),
        ("listed elsewhere", "ReferenceList names another element.", "encryption.form",
         sealed(listed="data-2"))):
    attack(name[0].upper() + name[1:], does, code, signer="sealed", twin=sealed(),
           twin_is="as the policy fixes it")(change)


for name, does, code, change in (
        ("AES-192", "A cipher that is not on the list.", "encryption.algorithm",
         sealed(cipher=XENC11 + "aes192-gcm")),
        ("Cipher text as attachment", "XOP in the place of the cipher text.", "encryption.form",
         sealed(data_cipher='<xenc:CipherValue><xop:Include xmlns:xop="http://www.w3.org/2004/08/'
                'xop/include" href="cid:a@test"/></xenc:CipherValue>')),
        ("Two cipher texts", "Two CipherValues.", "encryption.form",
         sealed(data_cipher="<xenc:CipherValue>AAAA</xenc:CipherValue>" * 2)),
        ("Cipher text with junk", "Characters that lax readers skip.", "encryption.form",
         sealed(data_cipher="<xenc:CipherValue>!AAAA</xenc:CipherValue>"))):
    attack(name, does, code, signer="sealed", twin=sealed(), twin_is="as the policy fixes it")(
        change)


def rewrapped(m, w):
    """The wrapped key, which the signature does not cover, is exchanged for one that we chose."""
    by_cbc()(m, w)

    def edit(text):
        old = piece(text, "EncryptedKey")
        return text.replace(old, encrypt("x", w.box_cbc, cipher=XENC + "aes256-cbc")[0])
    m.after = edit


# by chance one in sixteen keys leaves a padding that looks right, and octets that are no element
attack("Key exchanged under CBC", "Another session key for the signed cipher text.",
       "encryption.value or encryption.form", signer="cbc", twin=by_cbc(),
       twin_is="the key it was made with")(rewrapped)


@attack("Short session key", "A key of 128 bits for AES-256.", "encryption.value",
        signer="sealed", twin=sealed(), twin_is="a key that fits")
def _(m, w):
    sealed()(m, w)
    wrapped = w.box.certificate.public_key().encrypt(
        bytes(16), padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None))
    m.encryption = {"key_cipher": f"<xenc:CipherValue>{b64(wrapped)}</xenc:CipherValue>"}


attack("For a key that was revoked", "A key of ours that is out of use.", "encryption.key",
       signer="any-box", twin=sealed(recipient=lambda w: w.box_old),
       twin_is="for the former key, which still decrypts")(
    sealed(recipient=lambda w: w.box_gone))
attack("CBC, signed first", "CBC that no signature covers, although the policy allows CBC.",
       "encryption.order", signer="cbc", twin=by_cbc(),
       twin_is="encrypted first, then signed")(by_cbc(last=True))
attack("CBC tampered", "One bit of the cipher text under the signature.", "signed.digest",
       signer="cbc", twin=by_cbc(), twin_is="untouched")(
    lambda m, w: (by_cbc()(m, w), setattr(
        m, "after", lambda t: t[:t.rindex("</xenc:CipherValue>") - 30] + (
            "A" if t[t.rindex("</xenc:CipherValue>") - 30] != "A" else "B") +
        t[t.rindex("</xenc:CipherValue>") - 29:])))


def tampered(edit):
    """Sealed, then edited."""
    def run(m, w):
        sealed()(m, w)
        m.after = edit
    return run


def piece(text, name):
    at = text.index(f"<xenc:{name} ")
    end = f"</xenc:{name}>"
    return text[at:text.index(end) + len(end)]


for name, does, code, edit in (
        ("EncryptedKey twice", "Two keys.", "security.twice",
         lambda t: t.replace(piece(t, "EncryptedKey"), piece(t, "EncryptedKey") +
                             piece(t, "EncryptedKey").replace("key-1", "key-2"))),
        ("EncryptedData twice", "Two EncryptedData in the Body.", "envelope.operation",
         lambda t: t.replace(piece(t, "EncryptedData"), piece(t, "EncryptedData") +
                             piece(t, "EncryptedData").replace("data-1", "data-2"))),
        ("No EncryptedKey", "Nothing to decrypt with.", "encryption.form",
         lambda t: t.replace(piece(t, "EncryptedKey"), "")),
        ("No EncryptedData", "A key for nothing.", "encryption.form",
         lambda t: t.replace(piece(t, "EncryptedData"), "<k:PushStock xmlns:k='urn:kontor:push:1'/>")),
        ("EncryptedData in the operation", "A part of the operation is encrypted.",
         "encryption.form",
         lambda t: t.replace(piece(t, "EncryptedData"), "<k:PushStock xmlns:k='urn:kontor:push:1'>"
                             + piece(t, "EncryptedData") + "</k:PushStock>")),
        ("EncryptedData as a header", "An encrypted header.", "security.encrypted-header",
         lambda t: t.replace("</s:Header>", piece(t, "EncryptedData").replace("data-1", "data-2")
                             + "</s:Header>"))):
    attack(name, does, code, signer="sealed", twin=sealed(), twin_is="one of each")(tampered(edit))


def hidden(content):
    """Something else than the signed content, encrypted for us: our key is public."""
    def run(m, w):
        def edit(text):
            at = text.index(">", text.index("<s:Body ")) + 1
            stop = text.rindex("</s:Body>")
            inner = text[at:stop]
            made = content(inner, w) if callable(content) else content
            key, data = encrypt(made, w.box)
            text = text[:at] + data + text[stop:]
            return text.replace("<ds:Signature ", key + "<ds:Signature ", 1)
        m.after = edit
    return run


OP = '<k:PushStock xmlns:k="urn:kontor:push:1">{}</k:PushStock>'
for name, does, code, content in (
        ("another Body", "Another content, in the place of the signed one.", "signed.digest",
         OP.format("<k:item/>")),
        ("a document type", "A document type in what was encrypted.", "encryption.form",
         "<!DOCTYPE x>" + OP.format("")),
        ("another encoding", "Ill-formed UTF-8 in what was encrypted.", "bytes.malformed",
         OP.format("&#0;")),
        ("20,000 attributes", "A flood in what was encrypted.", "encryption.form",
         OP.format("<n" + "".join(f' a{i}=""' for i in range(20000)) + "/>")),
        ("100 levels", "Depth in what was encrypted.", "encryption.form",
         OP.format("<n>" * 100 + "</n>" * 100)),
        ("an instruction", "A processing instruction in what was encrypted.",
         "envelope.instruction", OP.format("<?x?>")),
        ("an end of the Body", "What was encrypted closes the Body and opens another.",
         "encryption.form", OP.format("") + "</s:Body><s:Body>" + OP.format("")),
        ("an unclosed tag", "What was encrypted is cut off.", "encryption.form",
         '<k:PushStock xmlns:k="urn:kontor:push:1">'),
        ("a comment that swallows", "What was encrypted opens a comment.", "encryption.form",
         OP.format("") + "<!--"),
        ("the Body's Id", "What was encrypted has an Id that is taken.", "id.double",
         OP.format('<k:item wsu:Id="body-1"/>')),
        ("two operations", "Two elements were encrypted.", "encryption.form",
         OP.format("") * 2),
        ("nothing", "Nothing was encrypted.", "encryption.form", ""),
        ("encryption again", "EncryptedData in what was encrypted.", "encryption.form",
         lambda inner, w: encrypt(inner, w.box)[1])):
    attack(f"Encrypted: {name}", does, code, signer="sealed", twin=hidden(lambda i, w: i),
           twin_is="the signed content")(hidden(content))
