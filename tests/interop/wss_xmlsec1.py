"""Messages signed and encrypted by the command xmlsec1, in the spellings that senders use. xmlsec1
writes the whole document anew; so that a spelling arrives as it was written, only the values that it
computed are put into the text."""
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass

from lxml import etree

from wss_message import (DS, EXCLUSIVE, INCLUSIVE, MORE, SOAP, WSA, WSSE, WSU, XENC, XENC11,
                         Message)
from wss_under_test import at

KONTOR = "urn:kontor:push:1"
XSI = "http://www.w3.org/2001/XMLSchema-instance"


def run(*words):
    done = subprocess.run(["xmlsec1", *words], capture_output=True, timeout=60, check=False)
    if done.returncode != 0:
        raise AssertionError(f"xmlsec1 {' '.join(words)}: {done.stderr.decode(errors='replace')}")
    return done.stdout


@dataclass
class Spelling:
    """A message before it is signed, part by part."""
    signer: object
    key: str                        # file
    warehouse: str = "1000"         # as it is written
    stands: str = None              # as it is in the database; None: as written
    soap: str = "1.1"
    body: str = None                # whole content, with @SKU@; None: by `inner`
    inner: str = ('<p:stock><p:sku>@SKU@</p:sku><p:warehouse>@WAREHOUSE@</p:warehouse>'
                  "<p:onHand>5</p:onHand></p:stock>")
    body_tag: str = f' xmlns:wsu="{WSU}" wsu:Id="body-1"'
    envelope_tag: str = ""
    header: str = ""                # beside Security
    method: str = MORE + "rsa-sha256"
    digest: str = XENC + "sha256"
    c14n: str = EXCLUSIVE
    prefixes: str = ""              # PrefixList of each reference and of SignedInfo
    ids: tuple = ("body-1", "time-1")
    key_info: str = "token"
    time: str = None                # of Created
    edit: object = None             # of the whole text, last

    def transform(self, name):
        inner = (f'<ec:InclusiveNamespaces xmlns:ec="{EXCLUSIVE}" PrefixList="{self.prefixes}"/>'
                 if self.prefixes else "")
        return f'<ds:{name} Algorithm="{self.c14n}">{inner}</ds:{name}>'

    def signature(self):
        made = "".join(
            f'<ds:Reference URI="#{name}"><ds:Transforms>{self.transform("Transform")}'
            f'</ds:Transforms><ds:DigestMethod Algorithm="{self.digest}"/>'
            "<ds:DigestValue></ds:DigestValue></ds:Reference>" for name in self.ids)
        return (f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo>'
                f'{self.transform("CanonicalizationMethod")}'
                f'<ds:SignatureMethod Algorithm="{self.method}"/>{made}</ds:SignedInfo>'
                "<ds:SignatureValue></ds:SignatureValue>@KEYINFO@</ds:Signature>")

    def text(self, sku):
        token = Message(signer=self.signer, key_info=self.key_info).token_text()
        body = self.body or f'<p:PushStock xmlns:p="{KONTOR}">{self.inner}</p:PushStock>'
        made = (f'<s:Envelope xmlns:s="{SOAP[self.soap]}"{self.envelope_tag}><s:Header>{self.header}'
                f'<wsse:Security xmlns:wsse="{WSSE}" xmlns:wsu="{WSU}" s:mustUnderstand="1">'
                f'{token}<wsu:Timestamp wsu:Id="time-1"><wsu:Created>{self.time or at()}'
                f"</wsu:Created><wsu:Expires>{at(300)}</wsu:Expires></wsu:Timestamp>"
                f"{self.signature()}</wsse:Security></s:Header><s:Body{self.body_tag}>{body}</s:Body>"
                "</s:Envelope>")
        made = made.replace("@SKU@", sku).replace("@WAREHOUSE@", self.warehouse)
        return self.edit(made) if self.edit else made

    def build(self, sku):
        """The text as it goes over the wire."""
        text = self.text(sku)
        p = "ds:" if "<ds:Signature" in text else ""
        info = Message(signer=self.signer, key_info=self.key_info).key_info_text(p)
        return sign(text, self.key).replace("@KEYINFO@", info)


def sign(text, key):
    """The text with the values of its one signature. The key may be of RSA or of ECDSA."""
    root = etree.fromstring(text.replace("@KEYINFO@", "").encode())
    words = ["--sign", "--privkey-pem", key]
    named = {(etree.QName(n).namespace or "", etree.QName(n).localname)
             for n in root.iter(etree.Element)
             if {f"{{{WSU}}}Id", "Id"} & set(n.attrib)}
    for uri, name in sorted(named):
        words += ["--id-attr:Id", f"{uri}:{name}"]
    with tempfile.TemporaryDirectory(prefix="kontor-xmlsec1-") as folder:
        path = os.path.join(folder, "template.xml")
        with open(path, "wb") as file:
            file.write(text.replace("@KEYINFO@", "").encode())
        made = etree.fromstring(run(*words, path))
    values = [n.text for n in made.iter(f"{{{DS}}}DigestValue", f"{{{DS}}}SignatureValue")]
    tags = iter(values)
    filled = re.sub(r"(<(?:\w+:)?(?:DigestValue|SignatureValue)>)()(</)",
                    lambda m: m[1] + next(tags) + m[3], text)
    assert next(tags, None) is None, "a value found no place"
    return filled


def encrypt(plain, certificate, recipient, bits=256):
    """(EncryptedKey, EncryptedData) of the content of a Body."""
    template = (f'<xenc:EncryptedData xmlns:xenc="{XENC}" xmlns:ds="{DS}" Type="{XENC}Content">'
                f'<xenc:EncryptionMethod Algorithm="{XENC11}aes{bits}-gcm"/><ds:KeyInfo>'
                f'<xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="{XENC}rsa-oaep-mgf1p"/>'
                "<ds:KeyInfo><ds:KeyName/></ds:KeyInfo><xenc:CipherData><xenc:CipherValue/>"
                "</xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData>"
                "<xenc:CipherValue/></xenc:CipherData></xenc:EncryptedData>")
    with tempfile.TemporaryDirectory(prefix="kontor-xmlsec1-") as folder:
        paths = [os.path.join(folder, name) for name in ("plain", "template.xml")]
        for path, text in zip(paths, (plain, template)):
            with open(path, "wb") as file:
                file.write(text.encode())
        made = etree.fromstring(run("--encrypt", "--pubkey-cert-pem", certificate, "--session-key",
                                    f"aes-{bits}", "--binary-data", paths[0], paths[1]))
    key, data = (n.text for n in made.iter(f"{{{XENC}}}CipherValue"))
    ski = Message.str_text(Message.key_identifier("X509SubjectKeyIdentifier", recipient.ski))
    cipher = "<xenc:CipherData><xenc:CipherValue>{}</xenc:CipherValue></xenc:CipherData>"
    return (f'<xenc:EncryptedKey xmlns:xenc="{XENC}" Id="key-1">'
            f'<xenc:EncryptionMethod Algorithm="{XENC}rsa-oaep-mgf1p"/>'
            f'<ds:KeyInfo xmlns:ds="{DS}">{ski}</ds:KeyInfo>{cipher.format(key)}'
            '<xenc:ReferenceList><xenc:DataReference URI="#data-1"/></xenc:ReferenceList>'
            "</xenc:EncryptedKey>",
            f'<xenc:EncryptedData xmlns:xenc="{XENC}" Id="data-1" Type="{XENC}Content">'
            f'<xenc:EncryptionMethod Algorithm="{XENC11}aes{bits}-gcm"/>{cipher.format(data)}'
            "</xenc:EncryptedData>")


# --- the spellings ---

def swap(*pairs):
    """Edits the text; what is to be replaced must be there."""
    def edit(text):
        for old, new in pairs:
            assert old in text, old
            text = text.replace(old, new)
        return text
    return edit


def indent(text):
    """Every element on a line of its own, but for what holds text."""
    return re.sub(r">(?=<)(?!</(?:ds:)?(?:DigestValue|SignatureValue)>)", ">\n    ", text)


def rename(text, old, new):
    return re.sub(rf"(</?){old}:", rf"\1{new}:", text).replace(f"xmlns:{old}=", f"xmlns:{new}=")


def default_soap(text):
    text = re.sub(r"(</?)s:", r"\1", text).replace("xmlns:s=", "xmlns=")
    return text.replace(" s:mustUnderstand", f' xmlns:t="{SOAP["1.1"]}" t:mustUnderstand')


def security_alone(text):
    begin, end = text.index("<wsse:Security"), text.index("</wsse:Security>")
    return text[:begin] + indent(text[begin:end]) + text[end:]


def signature_without_prefix(text):
    return re.sub(r"(</?)ds:", r"\1", text).replace("xmlns:ds=", "xmlns=")


def spellings(rsa, legacy, curves):
    """(what it is, Spelling); each argument gives the signer and the key's file."""
    base = lambda **choices: Spelling(*rsa, **choices)
    short = ("<p:stock><p:sku>@SKU@</p:sku><p:warehouse>1000</p:warehouse>%s<p:onHand>5</p:onHand>"
             "</p:stock>")
    yield "as plain as can be", base()
    yield "every element on its own line", base(edit=indent)
    yield "line ends of Windows", base(edit=lambda t: indent(t).replace("\n", "\r\n"))
    yield "only Security indented, with tabs", base(
        edit=lambda t: security_alone(t).replace("    ", "\t"))
    yield "SOAP's namespace as the default", base(edit=default_soap)
    yield "our namespace as the default in the Body", base(
        edit=lambda t: re.sub(r"(</?)p:", r"\1", t).replace("xmlns:p=", "xmlns="))
    yield "all namespaces on the Envelope", base(
        envelope_tag=f' xmlns:p="{KONTOR}" xmlns:wsu="{WSU}" xmlns:wsse="{WSSE}" xmlns:ds="{DS}"',
        body_tag=' wsu:Id="body-1"', edit=lambda t: re.sub(
            r'(<(?:wsse:Security|p:PushStock|ds:Signature))((?: xmlns:\w+="[^"]*")+)', r"\1", t))
    yield "namespaces that nobody uses", base(
        envelope_tag=f' xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="{XSI}"',
        inner=(short % "").replace("<p:stock>", '<p:stock xmlns="urn:x" xmlns:y="urn:y">'))
    yield "Envelope as SOAP-ENV", base(edit=lambda t: rename(t, "s", "SOAP-ENV").replace(
        " s:must", " SOAP-ENV:must"))
    yield "the prefix ds stands for something else outside", base(
        envelope_tag=' xmlns:ds="urn:something-else"')
    yield "the Envelope's prefix stands for our namespace in the Body", base(
        body=f'<s:PushStock xmlns:s="{KONTOR}">{(short % "").replace("p:", "s:")}</s:PushStock>')
    yield "Signature without prefix", base(edit=signature_without_prefix)
    yield "entities and character references", base(
        warehouse="K&#246;ln &amp; &lt;S&#xFC;d&gt; &quot;&apos;&#x1F600;",
        stands="Köln & <Süd> \"'\U0001f600")
    yield "CDATA", base(warehouse="<![CDATA[<a> & b]]>", stands="<a> & b")
    yield "comments in the Body, before it was signed", base(
        inner="<!-- one -->" + short % "<!-- two -->" + "<!-- three -->")
    yield "an empty element, short and long", base(
        inner=short % "<p:expected/>" + short.replace(">1000<", ">2000<") % "<p:expected></p:expected>")
    yield "attributes: other order, apostrophes, a line break within", base(
        body_tag=f" xmlns:x='urn:x' x:b=' 1\n2&#10;\t\"3'\n a='4'  xmlns:wsu='{WSU}' wsu:Id='body-1'\n")
    yield "InclusiveNamespaces PrefixList", base(
        envelope_tag=f' xmlns:q="{KONTOR}" xmlns:xsi="{XSI}"', prefixes="q xsi #default")
    yield "xsi:type by a prefix in PrefixList", base(
        envelope_tag=f' xmlns:q="{KONTOR}" xmlns:xsi="{XSI}"', prefixes="q xsi",
        inner=(short % "").replace("<p:stock>", '<p:stock xsi:type="q:Stock">'))
    yield "xsi:type with its namespaces beside it", base(inner=(short % "").replace(
        "<p:stock>", f'<p:stock xmlns:xsi="{XSI}" xmlns:q="{KONTOR}" xsi:type="q:Stock">'))
    yield "Id without wsu on the Body", base(body_tag=' Id="body-1"')
    yield "XML declaration and byte order mark", base(
        edit=lambda t: '\ufeff<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + t)
    yield "times in milliseconds", base(time=at().replace("Z", ".000Z"))
    yield "SOAP 1.2", base(soap="1.2")
    yield "addressing headers, signed", base(
        header=f'<wsa:Action xmlns:wsa="{WSA}" xmlns:wsu="{WSU}" wsu:Id="action-1">{KONTOR}/PushStock'
        f'</wsa:Action><wsa:MessageID xmlns:wsa="{WSA}" xmlns:wsu="{WSU}" wsu:Id="message-1">'
        "urn:uuid:@SKU@</wsa:MessageID>", ids=("body-1", "time-1", "action-1", "message-1"))
    yield "the token signed besides", base(ids=("body-1", "time-1", "token-1"))
    for form, name in (("issuer", "issuer and serial number"), ("ski", "subject key identifier"),
                       ("thumbprint", "thumbprint"), ("identifier", "KeyIdentifier with the certificate"),
                       ("x509", "X509Certificate in KeyInfo"),
                       ("str-x509", "X509Certificate in a SecurityTokenReference")):
        yield f"key by {name}", base(key_info=form)
    yield "RSA with SHA-384", base(method=MORE + "rsa-sha384", digest=MORE + "sha384")
    yield "RSA with SHA-512", base(method=MORE + "rsa-sha512", digest=XENC + "sha512")
    for name, bits in (("p256", "256"), ("p384", "384")):
        yield f"ECDSA on P-{bits}", Spelling(*curves[name], method=MORE + "ecdsa-sha" + bits)
    old = lambda **choices: Spelling(*legacy, c14n=INCLUSIVE, **choices)
    yield "inclusive canonicalisation, by policy", old(
        envelope_tag=f' xmlns:p="{KONTOR}" xmlns:unused="urn:x"')
    yield "inclusive, with xml:lang of the Envelope, by policy", old(
        envelope_tag=' xml:lang="de" xmlns="urn:y"')
    yield "RSA and digests with SHA-1, by policy", Spelling(
        *legacy, method=DS + "rsa-sha1", digest=DS + "sha1")
