"""Messages that are made to be costly: two megabytes each, of whatever a reader might be slow at. A
captured message carries most of them, so that everything up to the digest of the Body is right."""
from wss_attack import attack, cut, group, put_after, put_before, swap
from wss_message import DS, INCLUSIVE, Reference, username_token

SIZE = 2000000
group("Cost")


def repeated(piece, size=SIZE):
    return piece * (size // len(piece))


def numbered(form, size=SIZE):
    made, n = [], 0
    while n < size:
        made.append(form.format(len(made)))
        n += len(made[-1])
    return "".join(made)


def at(mark, text, is_before=False):
    def run(m, w):
        m.after = (put_before if is_before else put_after)(mark, text() if callable(text) else text)
    return run


ITEM = "<k:sku>A-1</k:sku>"
PREFIXED = ("<n" + "".join(f' p{i}:a=""' for i in range(25)) + "/>")
NAMESPACES = "<w" + "".join(f' xmlns:p{i}="urn:{i}"' for i in range(25)) + ">"
for name, does, code, change in (
        ("Distinct names", "Each element has a name of its own.", "bytes.malformed",
         at("<s:Header>", lambda: "<x:y xmlns:x='urn:x'>" + numbered("<a{0}/>") + "</x:y>")),
        ("Distinct attributes", "Each attribute has a name of its own.", "bytes.malformed",
         at("<s:Header>", lambda: "<x:y xmlns:x='urn:x'>" + numbered("<a b{0}='' c{0}=''/>") +
            "</x:y>")),
        ("Comments", "Comments in the Body.", "signed.digest",
         at(ITEM, lambda: repeated("<!-- c --><k:n/>"))),
        ("Instructions", "Processing instructions in the Body.", "envelope.instruction",
         at(ITEM, lambda: repeated("<?p?>"))),
        ("CDATA sections", "CDATA sections in the Body.", "signed.digest",
         at(ITEM, lambda: repeated("<![CDATA[x]]>"))),
        ("Character references", "A Body of character references.", "signed.digest",
         at(ITEM, lambda: repeated("&#38;"))),
        ("Long text", "A Body of one text.", "signed.digest", at(ITEM, lambda: "x" * SIZE)),
        ("Elements", "A Body of empty elements.", "signed.digest",
         at(ITEM, lambda: repeated("<k:n/>"))),
        ("Attributes", "Elements of 60 attributes each, to be sorted.", "signed.digest",
         at(ITEM, lambda: repeated("<n" + "".join(f' z{59 - i}=""' for i in range(60)) + "/>"))),
        ("Prefixed attributes", "Attributes of 25 namespaces in each element.", "signed.digest",
         at(ITEM, lambda: NAMESPACES + repeated(PREFIXED) + "</w>")),
        ("Declarations", "25 declarations in each element.", "signed.digest",
         at(ITEM, lambda: repeated("<n" + "".join(f' xmlns:p{i}="u{i}"' for i in range(25)) +
                                   ' p1:a=""/>'))),
        ("Nested declarations", "25 declarations, nested, again and again.", "signed.digest",
         at(ITEM, lambda: repeated("".join(f'<p{i}:n xmlns:p{i}="urn:{i}">' for i in range(25)) +
                                   "".join(f"</p{24 - i}:n>" for i in range(25))))),
        ("Deep and wide", "60 levels, again and again.", "signed.digest",
         at(ITEM, lambda: repeated("<k:n>" * 55 + "</k:n>" * 55))),
        ("Ids", "Each element has an Id.", "signed.digest",
         at(ITEM, lambda: numbered('<k:n Id="i{0}"/>'))),
        ("Headers", "As many headers as fit.", "header.unknown",
         at("<s:Header>", lambda: repeated("<x:y xmlns:x='urn:x'/>"))),
        ("Tokens", "Unknown elements in Security.", "security.child",
         at("</wsse:Security>", lambda: repeated("<x/>"), True)),
        ("References", "References in SignedInfo.", "reference.twice",
         at("</ds:SignedInfo>", lambda: repeated('<ds:Reference URI="#body-1"/>'), True)),
        ("Transforms", "Transforms in one reference.", "signature.transform",
         at("</ds:Transforms>", lambda: repeated(
             '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>'), True)),
        ("Certificates", "Certificates in KeyInfo.", "keyinfo.form",
         at("<ds:KeyInfo>", lambda: "<ds:X509Data>" + repeated(
             "<ds:X509Certificate>AAAA</ds:X509Certificate>") + "</ds:X509Data>")),
        ("Objects", "Objects in the Signature.", "signature.form",
         at("</ds:Signature>", lambda: repeated(f'<ds:Object xmlns:ds="{DS}"/>', 1000000), True)),
        ("Long SignatureValue", "A value of two megabytes.", "signature.form",
         at("<ds:SignatureValue>", lambda: "A" * SIZE)),
        ("Long token", "A certificate of two megabytes.", "token.type",
         lambda m, w: setattr(m, "after", lambda t: t.replace(
             cut(t, "<wsse:BinarySecurityToken ", ">")[1],
             cut(t, "<wsse:BinarySecurityToken ", ">")[1] + "A" * SIZE))),
        ("Long Created", "A time of two megabytes.", "timestamp.form",
         at("<wsu:Created>", lambda: "0" * SIZE)),
        ("Long Id", "An Id that fills its tag.", "signed.digest",
         lambda m, w: setattr(m, "after", swap("<k:item>", '<k:item Id="' + "i" * 8000 + '">')))):
    attack(name, does, code)(change)


@attack("Growing in canonical form", "One declaration that exclusive canonicalisation repeats in "
        "each of many short elements.", "bytes.canonical")
def _(m, w):
    m.after = swap("<k:sku>", '<k:sku xmlns:p="urn:' + "u" * 240 + '">' + repeated("<p:a/>"))


@attack("Growing by a long name", "The same with a name that fills its tag.", "bytes.namespaces")
def _(m, w):
    m.after = swap("<k:sku>", '<k:sku xmlns:p="urn:' + "u" * 7990 + '">' + repeated("<p:a/>"))


DEEP = NAMESPACES.replace("<w", "<k:w").replace("xmlns:p24", "xmlns") + "<a>" * 50


def nest(m, w):
    m.after = put_after(ITEM, DEEP + repeated("<a/>") + "</a>" * 50 + "</k:w>")


def prefixed(m, w):
    m.references = [Reference("#body-1", prefixes=tuple(f"p{i}" for i in range(16))),
                    Reference("#time-1")]


def inclusive(m, w):
    m.transforms = (INCLUSIVE,)


attack("Prefixes of a list", "A PrefixList of 16, each looked up through 50 levels and 25 "
       "declarations at every element.", "bytes.canonical", base=prefixed)(nest)
attack("Declarations of inclusive form", "25 declarations, each looked up through 50 levels at "
       "every element.", "bytes.canonical", base=inclusive, signer="legacy")(nest)
attack("Deep and wide in scope", "The same in exclusive form, which looks up none of them.",
       "signed.digest")(nest)


@attack("Comments alone", "More comments and texts than elements may be.", "bytes.elements",
        at_most_us=100000)
def _(m, w):
    m.after = put_after(ITEM, "x<!---->" * 1000000)


@attack("Long Nonce", "A Nonce of two megabytes.", "user.nonce", signer="digest",
        twin_is="a Nonce of 16 octets",
        base=lambda m, w: setattr(m, "user", username_token(
            "shop-digest", digest=True)))
def _(m, w):
    m.user = m.user.replace("#Base64Binary\">MDEy", "#Base64Binary\">" + "A" * SIZE)


@attack("Long password", "A password of two megabytes.", "user.password", signer="text",
        twin_is="the right one",
        base=lambda m, w: setattr(m, "user", username_token(
            "shop", nonce=None)))
def _(m, w):
    m.user = m.user.replace("secret-1", "s" * SIZE)
