"""Attacks on the octets and on the form of the Envelope."""
from wss_attack import attack, cut, group, put_after, put_before, table
from wss_message import BODY, INCLUSIVE, SOAP, WSA, Reference

DECLARATION = '<?xml version="1.0" encoding="{}"?>'
ITEM = "<k:sku>A-1</k:sku>"


def declared(encoding):
    def run(m, w):
        m.declaration = DECLARATION.format(encoding)
    return run


def in_body(text):
    """A signed Body with that in it."""
    def run(m, w):
        m.body = BODY.replace(ITEM, ITEM + text)
    return run


def raw(old, new):
    """Octets in the place of a text, after all is signed."""
    def run(m, w):
        def edit(text):
            assert old in text
            return text.encode().replace(old.encode(), new, 1)
        m.after = edit
    return run


group("The octets")


for _name, _text in (
        ("An instruction that ends at once", "<?></x></x></x></x>?>"),
        ("An instruction over many levels", "<?>" + "<a>" * 80 + "?>"),
        ("A comment that ends at once", "<!--></x></x></x></x>")):
    attack(_name, "Marks that one reader takes for the whole and another for a beginning.",
           "bytes.malformed")(lambda m, w, text=_text: setattr(
               m, "after", put_after("<s:Header>", text)))


@attack("UTF-16", "The whole message in UTF-16 with its byte order mark.", "bytes.encoding")
def _(m, w):
    m.after = lambda text: text.encode("utf-16")


@attack("UTF-32", "The whole message in UTF-32.", "bytes.encoding")
def _(m, w):
    m.after = lambda text: text.encode("utf-32")


for name in ("UTF-16", "UTF-7", "ISO-8859-1", "IBM037", "US-ASCII-X"):
    attack(f"{name} declared", f"The declaration names {name}, the octets are ASCII.",
           "bytes.encoding", twin=declared("UTF-8"),
           twin_is="the declaration names UTF-8")(declared(name))


@attack("UTF-7 hides a tag", "20,000 attributes in UTF-7 that only a decoder sees.",
        "bytes.encoding", twin=declared("utf-8"), twin_is="the declaration names utf-8")
def _(m, w):
    m.declaration = DECLARATION.format("UTF-7")
    hidden = "+ADw-a" + "".join(f" a{i}+AD0AIgAi" for i in range(20000)) + "/+AD4-"
    m.after = put_after(ITEM, hidden)


for name, octets in (("an overlong '<'", b"\xc0\xbc"), ("an overlong NUL", b"\xc0\x80"),
                     ("a surrogate", b"\xed\xa0\x80"), ("a lone continuation", b"\x80"),
                     ("five octets", b"\xf8\x88\x80\x80\x80"), ("a cut sequence", b"\xe2\x82")):
    attack(f"UTF-8: {name}", "Ill-formed UTF-8 that lax decoders take.", "bytes.encoding")(
        raw("A-1<", b"A-1" + octets + b"<"))

attack("NUL", "An octet 0 in a text.", "bytes.encoding")(raw("A-1<", b"A-1\x00<"))
attack("Control character", "An octet 1 in a text.", "bytes.malformed")(raw("A-1<", b"A-1\x01<"))
attack("U+FFFF", "A character that is none, as octets.", "bytes.malformed")(
    raw("A-1<", b"A-1\xef\xbf\xbf<"))


def mark(count):
    def run(m, w):
        m.after = lambda text: b"\xef\xbb\xbf" * count + text.encode()
    return run


attack("Two byte order marks", "The second one is text before the root.", "look:SOAP_MALFORMED",
       twin=mark(1), twin_is="one byte order mark")(mark(2))

DOCTYPES = (
    ("DOCTYPE", "An empty document type.", "<!DOCTYPE x>"),
    ("Entities", "An internal entity.", '<!DOCTYPE x [<!ENTITY e "5">]>'),
    ("External entity", "An entity from a file.", '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'),
    ("Parameter entity", "A document type from the network.",
     '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]>'),
    ("External document type", "A document type from the network.",
     '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'),
    ("Attributes by document type", "An Id that ATTLIST adds to every Body.",
     '<!DOCTYPE x [<!ATTLIST s:Body Id CDATA "body-1">]>'),
    ("Billion laughs", "Entities of entities.",
     '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
     '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'),
)
for name, does, text in DOCTYPES:
    attack(name, does, "bytes.doctype")(
        lambda m, w, text=text: setattr(m, "after", put_before("<s:Envelope", text)))


@attack("DOCTYPE behind a comment", "The document type stands behind 1 kB of comments.",
        "bytes.doctype")
def _(m, w):
    m.after = put_before("<s:Envelope", "<!--" + "x" * 1000 + "--> <!DOCTYPE x>")


table((
    ("Unknown entity", "An entity that nobody declared.", None, "A-1<", "A-1&e;<"),
    ("Entity of HTML", "An entity that gSOAP would know.", None, "A-1<", "A-1&nbsp;<"),
    ("Reference to NUL", "&#0; for what it is.", None, "A-1<", "A-1&#0;<"),
    ("Reference to a surrogate", "&#xD800; for half a character.", None, "A-1<", "A-1&#xD800;<"),
    ("Prefix without namespace", "libxml2 reads on after this mistake.", None, ITEM,
     ITEM + "<zz:note/>"),
    ("Attribute prefix without namespace", "libxml2 reads on after this mistake.", None, "<k:sku>",
     '<k:sku zz:a="1">'),
    ("Attribute twice", "The same attribute twice.", None, "<k:sku>", '<k:sku a="1" a="2">'),
    ("Id twice by two prefixes", "wsu:Id twice on Body, by two prefixes of one namespace.", None,
     '<s:Body wsu:Id="body-1"',
     '<s:Body xmlns:u2="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility'
     '-1.0.xsd" u2:Id="body-2" wsu:Id="body-1"'),
    ("Namespace of xml rebound", "xmlns:xml names something else.", None, "<k:sku>",
     '<k:sku xmlns:xml="urn:x">'),
    ("Prefix unbound", "xmlns:p=\"\", which XML 1.0 does not know.", None, "<k:sku>",
     '<k:sku xmlns:p="">'),
    ("Wrong end tag", "End tags in another order.", None, "</k:sku>", "</k:SKU>"),
    ("Text behind the root", "Something stands behind the Envelope.", None, "</s:Envelope>",
     "</s:Envelope>x"),
    ("Two roots", "A second Envelope behind the first.", None, "</s:Envelope>",
     "</s:Envelope><s:Envelope/>"),
    ("']]>' in a text", "The end of a CDATA section without its beginning.", None, "A-1<",
     "A-1]]><"),
    ("'<' in an attribute", "A tag within an attribute.", None, "<k:sku>", '<k:sku a="<b>">'),
), "bytes.malformed")


@attack("Message cut off", "The last ten octets are missing.", "bytes.malformed")
def _(m, w):
    m.after = lambda text: text[:-10]


def with_attributes(count, size=1):
    return in_body("<k:note" + "".join(f' a{i}="{"x" * size}"' for i in range(count)) + "/>")


attack("65 attributes", "One attribute more than a tag may have.", "bytes.attributes",
       twin=with_attributes(64), twin_is="64 attributes")(with_attributes(65))
attack("Start tag of 8 kB and one", "One octet more than a tag may have.", "bytes.tag",
       twin=with_attributes(10, 800), twin_is="a tag of 8,090 octets")(with_attributes(10, 813))


@attack("20,000 attributes", "A tag that costs parsers quadratic time.", "bytes.tag")
def _(m, w):
    m.after = put_after(ITEM, "<n" + "".join(f' a{i}=""' for i in range(20000)) + "/>")


@attack("20,000 declarations", "Namespace declarations in one tag.", "bytes.tag")
def _(m, w):
    m.after = put_after(ITEM, "<n" + "".join(f' xmlns:a{i}="u"' for i in range(20000)) + "/>")


def with_namespaces(count):
    return in_body("".join(f'<k:n xmlns:a{i}="urn:{i}">' for i in range(count)) + "</k:n>" * count)


# s, wsu and k are in scope, too
attack("33 declarations in scope", "One namespace more than may be in scope.", "bytes.namespaces",
       twin=with_namespaces(29), twin_is="32 declarations")(with_namespaces(30))


@attack("Nested declarations, inclusive", "Sixty kilobytes of nested declarations, canonicalised "
        "inclusively: 29 s in a reader without limits.", "bytes.namespaces", signer="legacy",
        base=lambda m, w: setattr(m, "transforms", (INCLUSIVE,)))
def _(m, w):
    inner = "".join(f'<n xmlns:a{i}="urn:{i}">' for i in range(55))
    m.after = put_after(ITEM, (inner + "</n>" * 55) * 50)


def nested(depth):
    return in_body("<k:n>" * depth + "</k:n>" * depth)


attack("65 levels", "One level more than elements may nest.", "bytes.depth", twin=nested(60),
       twin_is="64 levels")(nested(61))


@attack("100,000 levels", "A tree for readers that recurse.", "bytes.depth")
def _(m, w):
    m.after = put_after("<s:Header>", "<n>" * 100000 + "</n>" * 100000)


def flood(count):
    def run(m, w):
        m.after = put_after("<s:Header>", "<n>" + "<a/>" * count + "</n>")
    return run


attack("A million elements", "More elements than a message may have, in a header.",
       "bytes.elements", twin=flood(10000), twin_is="10,000 elements")(flood(1000000))

for name, kind, ok in (
        ("charset UTF-16", "text/xml; charset=utf-16", "text/xml; charset=utf-8"),
        ("charset UTF-7", 'text/xml; charset="utf-7"', 'text/xml; charset="utf-8"'),
        ("no XML", "text/plain", "text/xml")):
    attack(f"Content type: {name}", "The content type says what the octets are not.",
           "look:SOAP_CONTENT_TYPE", twin=lambda m, w, ok=ok: setattr(m, "content_type", ok),
           twin_is=ok)(lambda m, w, kind=kind: setattr(m, "content_type", kind))

group("The envelope")

SECOND = f"<s:Body>{BODY.replace('A-1', 'EVIL')}</s:Body>"
table((
    ("Second Body behind", "Another Body behind the signed one.", None, "</s:Envelope>",
     SECOND + "</s:Envelope>"),
    ("Second Body in front", "Another Body in front of the signed one.", None, "<s:Body ",
     SECOND + "<s:Body "),
    ("Element behind the Body", "Something stands behind the Body.", None, "</s:Envelope>",
     "<a/></s:Envelope>"),
    ("Header twice", "A second Header.", None, "<s:Body ", "<s:Header/><s:Body "),
    ("Header behind the Body", "A Header where none may stand.", None, "</s:Envelope>",
     "<s:Header/></s:Envelope>"),
    ("Text beside the Body", "Text between Header and Body.", None, "<s:Body ", "x<s:Body "),
), "envelope.body")


def renamed_body(name, attributes=""):
    def run(m, w):
        def edit(text):
            head, body, rest = cut(text, "<s:Body ", "</s:Body>")
            return (head + body.replace("<s:Body ", f"<{name} {attributes} ")
                    .replace("</s:Body>", f"</{name}>") + rest)
        m.before = edit
    return run


attack("Body of SOAP 1.2", "Envelope of SOAP 1.1, Body of 1.2, signed.", "envelope.body")(
    renamed_body("z:Body", f'xmlns:z="{SOAP["1.2"]}"'))
attack("Body without namespace", "A Body of no namespace, signed.", "envelope.body")(
    renamed_body("Body"))
attack("body", "A Body in another case, signed.", "envelope.body")(renamed_body("s:body"))


@attack("Envelope of the other version", "Content type of SOAP 1.1, Envelope of 1.2.",
        "envelope.root", twin=lambda m, w: setattr(m, "soap", "1.2"),
        twin_is="content type and Envelope of SOAP 1.2")
def _(m, w):
    m.before = lambda text: text.replace(SOAP["1.1"], SOAP["1.2"])


@attack("Envelope of a foreign namespace", "An Envelope of no SOAP version.", "envelope.root")
def _(m, w):
    m.before = lambda text: text.replace(SOAP["1.1"], "urn:soap")


@attack("No Envelope", "The operation stands alone.", "envelope.root")
def _(m, w):
    m.after = lambda text: cut(text, "<k:PushStock", "</k:PushStock>")[1]


attack("Two operations", "Two elements in the Body, both signed.", "envelope.operation")(
    lambda m, w: setattr(m, "body", BODY + BODY))
attack("Text beside the operation", "Text in the Body, signed.", "envelope.operation")(
    lambda m, w: setattr(m, "body", BODY + "x"))
attack("Empty Body", "A Body of nothing, signed.", "envelope.operation")(
    lambda m, w: setattr(m, "body", ""))

table((
    ("Instruction in the Body", "A processing instruction, put in after signing.", None, "A-1<",
     "A-1<?x?><"),
    ("Instruction in the Header", "A processing instruction among the headers.", None,
     "<s:Header>", "<s:Header><?x y?>"),
    ("Instruction before the Envelope", "A style sheet for the message.", None, "<s:Envelope",
     '<?xml-stylesheet href="http://127.0.0.1:9/x"?><s:Envelope'),
), "envelope.instruction")
attack("Instruction signed", "A processing instruction that the signature covers.",
       "envelope.instruction")(in_body("<?x y?>"))
attack("Other SOAPAction", "SOAPAction names another operation than the signed Body.",
       "envelope.action")(lambda m, w: setattr(m, "soap_action", "urn:kontor:push:1/PushPrices"))


def action(name):
    def run(m, w):
        m.wsa = {"Action": f"urn:kontor:push:1/{name}"}
    return run


attack("Other wsa:Action", "A signed wsa:Action names another operation.", "envelope.action",
       twin=action("PushStock"), twin_is="it names the operation")(action("PushPrices"))


def foreign_header(attributes, name="t:Trust"):
    def run(m, w):
        m.extra_header = f'<{name} xmlns:t="urn:t" {attributes}/>'
    return run


attack("Header that must be understood", "An unknown header with mustUnderstand.",
       "header.unknown", twin=foreign_header('s:mustUnderstand="0"'),
       twin_is="mustUnderstand is 0")(foreign_header('s:mustUnderstand="1"'))
attack("Header that must be understood, in words", "mustUnderstand as \"true\", in SOAP 1.2.",
       "header.unknown", base=lambda m, w: setattr(m, "soap", "1.2"),
       twin=foreign_header('s:mustUnderstand="false"'),
       twin_is="mustUnderstand is false")(foreign_header('s:mustUnderstand="true"'))


def addressed(m, w):
    m.wsa = {"MessageID": "urn:uuid:1"}


@attack("MessageID twice", "A second MessageID beside the signed one.", "header.double",
        base=addressed)
def _(m, w):
    m.after = put_after("<s:Header>", f'<wsa:MessageID xmlns:wsa="{WSA}">urn:uuid:2'
                        "</wsa:MessageID>")


def reply(name, address):
    def run(m, w):
        m.wsa = {"MessageID": "urn:uuid:1", name: address}
    return run


for name in ("ReplyTo", "FaultTo"):
    attack(f"{name} elsewhere", f"A signed {name} sends the answer to another place.",
           "header.reply-to", twin=reply(name, WSA + "/anonymous"),
           twin_is="it is anonymous")(reply(name, "http://127.0.0.1:9/"))

group("Ids")


def body_id(attributes):
    def run(m, w):
        m.body_attributes = attributes
        m.references = [Reference("#body-1"), Reference("#time-1")]
    return run


for name, text in (("a quote", "x' or '1'='1"), ("an XPath", "a']|//*['"), ("a blank", "a b"),
                   ("a digit first", "1a"), ("a colon", "a:b"), ("nothing", ""),
                   ("a '#'", "#body")):
    attack(f"Id of {name}", "An Id that is no NCName, on a header.", "id.form",
           twin=foreign_header('wsu:Id="fine-1"'), twin_is="the Id is an NCName")(
        foreign_header(f'wsu:Id="{text}"'))
attack("Id with an entity for its quote", "The quote comes as &amp;quot;.", "id.form",
       twin=foreign_header('wsu:Id="fine-1"'), twin_is="the Id is an NCName")(
    foreign_header('wsu:Id="a&quot;b"'))
attack("Two Ids on one element", "wsu:Id and Id on the Body, both signed for.", "id.form")(
    body_id('wsu:Id="body-1" Id="body-2"'))
attack("Two Ids, one of them ID", "wsu:Id and ID on the Body.", "id.form")(
    body_id('wsu:Id="body-1" ID="body-1"'))
for name in ("wsu:Id", "Id", "ID"):
    attack(f"Id twice ({name})", f"A header has the Body's Id as {name}.", "id.double",
           twin=foreign_header(f'{name}="other-1"'), twin_is="another Id")(
        foreign_header(f'{name}="body-1"'))
attack("Id twice, by a character reference", "The Body's Id again, one letter as a reference.",
       "id.double", twin=foreign_header('wsu:Id="other-1"'), twin_is="another Id")(
    foreign_header('wsu:Id="b&#111;dy-1"'))
attack("Id with a blank behind", "An Id that is trimmed by some.", "id.form",
       twin=foreign_header('wsu:Id="fine-1"'), twin_is="without it")(
    foreign_header('wsu:Id="fine-1 "'))
for name, text in (("xml:id", 'xml:id="body-1"'), ("a foreign Id", 'xmlns:q="urn:q" q:Id="body-1"'),
                   ("id", 'id="body-1"'), ("AssertionID", 'AssertionID="body-1"')):
    attack(f"Body named by {name}", "An attribute that is no Id where a reference looks for one.",
           "reference.unknown", twin=body_id('Id="body-1"'), twin_is="it is named by Id")(
        body_id(text))


@attack("Id in another normal form", "The Id is composed, the reference decomposed Unicode.",
        "reference.unknown", base=lambda m, w: setattr(m, "body_attributes", 'wsu:Id="body-1"'))
def _(m, w):
    m.body_attributes = 'wsu:Id="b\u00e9"'
    m.references = [Reference("#be\u0301", target="b\u00e9"), Reference("#time-1")]
