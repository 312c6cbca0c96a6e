"""What may be changed without a word of it being believed: the message is accepted, and what is
handed on is the same, octet for octet. And what is the same message in another spelling: it has the
same replay key."""
import base64

from wss_attack import cut, message, put_after, swap
from wss_message import BODY, Message, b64, username_token
from wss_world import is_taken

N256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
TYPED = BODY.replace("<k:quantity>5<",
                     '<k:quantity xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
                     'xsi:type="t:whole">5<')

# name, what it does, edit of the finished text
SAME = (
    ("Comment in a text", "A comment in the signed Body, which canonical octets do not show.",
     swap("A-1<", "A<!-- x -->-1<")),
    ("CDATA", "A signed text as CDATA.", swap("A-1<", "<![CDATA[A-1]]><")),
    ("Character reference", "A signed text with a character reference.", swap("A-1<", "&#65;-1<")),
    ("Empty element", "Blanks in tags.", swap("<k:item>", "<k:item\n >")),
    ("Header unsigned", "A header that nobody reads.",
     put_after("<s:Header>", '<x:y xmlns:x="urn:x">EVIL</x:y>')),
    ("Attribute of the Envelope", "An attribute that nothing covers.",
     swap("<s:Envelope ", '<s:Envelope s:encodingStyle="urn:x" ')),
    ("Namespace of the Envelope", "A declaration that nothing uses.",
     swap("<s:Envelope ", '<s:Envelope xmlns:e="urn:x" xmlns:xop="urn:y" ')),
    ("Indented", "Blanks between the parts of the Envelope.",
     lambda t: t.replace("<s:Header>", "\n  <s:Header>").replace("<s:Body", "\r\n <s:Body")),
    ("Comment outside", "Comments before the Envelope and the Body.",
     lambda t: "<!-- a -->" + t.replace("<s:Body", "<!-- b --><s:Body")),
    ("Signature moved", "The Timestamp behind the Signature.",
     lambda t: (lambda p: p[0] + p[2].replace("</wsse:Security>", p[1] + "</wsse:Security>"))(
         cut(t, "<wsu:Timestamp ", "</wsu:Timestamp>"))),
    ("Other quotes", "Apostrophes around attributes.",
     swap('wsu:Id="body-1"', "wsu:Id='body-1'")),
    ("Prefix of the Envelope", "A second prefix for the Envelope's namespace.",
     lambda t: t.replace("<s:Envelope xmlns:s=", "<e:Envelope xmlns:s=").replace(
         "</s:Envelope>", "</e:Envelope>").replace(
         "<e:Envelope ", '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" ')),
)


def typed(prefix_of):
    """A signed xsi:type whose prefix only the Envelope binds: canonical octets do not hold it."""
    def make(world):
        m = message(world, "sap")
        m.body = TYPED
        m.envelope_attributes = f' xmlns:t="{prefix_of}"'
        return m
    return make


def spellings():
    """(name, what it does, message, message of the same replay key)"""
    def valued(signer, edit):
        """Two messages that differ in the text of SignatureValue alone."""
        def make(world):
            m = message(world, signer)
            wire = m.build()
            text = wire.octets.decode()
            head, value, rest = cut(text, "<ds:SignatureValue>", "</ds:SignatureValue>")
            inner = value[len("<ds:SignatureValue>"):-len("</ds:SignatureValue>")]
            other = head + f"<ds:SignatureValue>{edit(inner)}</ds:SignatureValue>" + rest
            return wire, type(wire)(other.encode(), wire.content_type, wire.soap_action)
        return make

    def mirrored(text):
        octets = base64.b64decode(text)
        s = N256 - int.from_bytes(octets[32:], "big")
        return b64(octets[:32] + s.to_bytes(32, "big"))

    def token(edit):
        def make(world):
            del world
            first = Message(user=username_token("shop-digest", digest=True))
            other = Message(user=edit(first.user))
            return first.build(), other.build()
        return make

    def rewritten(edit, signer="sap"):
        def make(world):
            wire = message(world, signer).build()
            other = edit(wire.octets.decode())
            assert other != wire.octets.decode()
            return wire, type(wire)(other.encode(), wire.content_type, wire.soap_action)
        return make
    nonce = b64(b"0123456789abcdef")
    return (
        ("Blanks in SignatureValue", "The same value with line ends in it.",
         valued("sap", lambda v: "\n " + v[:40] + "\r\n\t" + v[40:] + "\n")),
        ("Character references in SignatureValue", "The same value, its letters as references.",
         valued("sap", lambda v: "".join(f"&#{ord(c)};" for c in v[:8]) + v[8:])),
        ("CDATA in SignatureValue", "The same value as CDATA.",
         valued("sap", lambda v: f"<![CDATA[{v}]]>")),
        ("ECDSA s to n - s", "The other value that fits.", valued("ec", mirrored)),
        ("Other prefix of Security", "The header in another spelling.",
         rewritten(lambda t: t.replace("wsse:", "o:").replace("xmlns:wsse=", "xmlns:o="))),
        ("Other KeyInfo", "The certificate is named otherwise: KeyInfo is not signed.",
         rewritten(lambda t: t.replace(
             "<wsse:SecurityTokenReference>", '<wsse:SecurityTokenReference wsu:Id="extra-1">'))),
        ("Other Id of the Signature", "The Signature gets an Id.",
         rewritten(lambda t: t.replace("<ds:Signature ", '<ds:Signature Id="extra-1" '))),
        ("Blanks around the Nonce", "The same octets.",
         token(lambda t: t.replace(nonce, f"\n {nonce[:7]} {nonce[7:]}\n"))),
        ("CDATA around the Nonce", "The same octets.",
         token(lambda t: t.replace(nonce, f"<![CDATA[{nonce}]]>"))),
        ("Other Id of the token", "The token gets another Id.",
         token(lambda t: t.replace("user-1", "user-2"))),
    )


def run(world, probe, wanted=""):
    """([(title, name, does)], complaints)"""
    done, wrong = [], []
    plain = probe.open(message(world, "sap").build())
    for name, does, edit in SAME:
        if wanted and wanted not in name:
            continue
        m = message(world, "sap")
        m.after = edit
        answer = probe.open(m.build())
        done.append(("same", name, does))
        if not is_taken(answer):
            wrong.append(f"{name}: refused: {answer['code']} {answer['look']} "
                         f"{answer.get('failed_says', '')}{answer.get('look_says', '')}")
        elif answer["xml"] != plain["xml"]:
            wrong.append(f"{name}: what is believed differs: {answer['xml'].decode()}")
        elif answer["replay"] != plain["replay"]:
            wrong.append(f"{name}: it has another replay key")
    if not wanted:
        wrong += rebound(world, probe)
        done.append(("same", "Prefix under xsi:type rebound",
                     "The Envelope binds the prefix of a signed xsi:type anew."))
    for name, does, make in spellings():
        if wanted and wanted not in name:
            continue
        first, second = (probe.open(wire) for wire in make(world))
        done.append(("replay", name, does))
        if not is_taken(first):
            wrong.append(f"{name}: the first is refused: {first['code']}")
        elif is_taken(second) and second["replay"] != first["replay"]:
            wrong.append(f"{name}: it has another replay key and passes again")
        elif not is_taken(second):
            wrong.append(f"{name}: the second is refused: {second['code']}: it may be, but then "
                         "it belongs to the attacks")
    return done, wrong


def rebound(world, probe):
    """The octets that are handed on are the digested ones: no binding of the sender's Envelope."""
    first = probe.open(typed("urn:one")(world).build())
    m = typed("urn:one")(world)
    m.after = swap('xmlns:t="urn:one"', 'xmlns:t="urn:two"')
    second = probe.open(m.build())
    wrong = []
    if not is_taken(first) or not is_taken(second):
        wrong.append(f"rebinding: refused: {first['code']} {second['code']}")
    elif first["xml"] != second["xml"] or b"urn:two" in second["xml"]:
        wrong.append("rebinding: the Envelope's binding is handed on")
    return wrong
