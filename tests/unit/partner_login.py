"""Logins of the partner in partner.py: NTLM on a connection, and a server of bearer tokens.

/ntlm/MODE wants DOMAIN\\anna with the password "geheim" (NTLMv2, checked); MODE says how it
misbehaves. /token/MODE gives tokens to the client "kontor" with the secret "geheim&=%"; /api/MODE
wants one of them; /revoke makes the server forget them all.
"""
import base64
import hashlib
import hmac
import json
import struct
import threading
import urllib.parse

USER, DOMAIN, PASSWORD = "anna", "DOMAIN", "geheim"
CLIENT, SECRET = "kontor", "geheim&=%"
CHALLENGE = b"\x01\x23\x45\x67\x89\xab\xcd\xef"
LOCK = threading.Lock()
TOKENS = set()
ISSUED = [0]


def md4(data):
    """RFC 1320; OpenSSL 3 no longer has it."""
    def turn(x, n):
        x &= 0xFFFFFFFF
        return (x << n | x >> (32 - n)) & 0xFFFFFFFF
    rounds = ((lambda x, y, z: x & y | ~x & z, 0, range(16), (3, 7, 11, 19)),
              (lambda x, y, z: x & y | x & z | y & z, 0x5A827999,
               [i % 4 * 4 + i // 4 for i in range(16)], (3, 5, 9, 13)),
              (lambda x, y, z: x ^ y ^ z, 0x6ED9EBA1,
               (0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15), (3, 9, 11, 15)))
    state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476]
    padded = data + b"\x80" + b"\0" * ((55 - len(data)) % 64) + struct.pack("<Q", len(data) * 8)
    for at in range(0, len(padded), 64):
        word = struct.unpack("<16I", padded[at:at + 64])
        a, b, c, d = state
        for mix, add, order, turns in rounds:
            for step, k in enumerate(order):
                a, b, c, d = d, turn(a + mix(b, c, d) + word[k] + add, turns[step % 4]), b, c
        state = [(x + y) & 0xFFFFFFFF for x, y in zip(state, (a, b, c, d))]
    return struct.pack("<4I", *state)


def type2():
    """A challenge that asks for Unicode, NTLM and target information."""
    name = DOMAIN.encode("utf-16-le")
    info = struct.pack("<HH", 2, len(name)) + name + struct.pack("<HH", 0, 0)
    flags = 0x00000001 | 0x00000200 | 0x00010000 | 0x00080000 | 0x00800000
    head = b"NTLMSSP\0" + struct.pack("<IHHII", 2, len(name), len(name), 48, flags)
    head += CHALLENGE + b"\0" * 8 + struct.pack("<HHI", len(info), len(info), 48 + len(name))
    return head + name + info


def is_right(message):
    """Whether a type 3 message proves the password."""
    def field(at):
        n, _, begin = struct.unpack("<HHI", message[at:at + 8])
        return message[begin:begin + n]
    response, domain, user = field(20), field(28), field(36)
    key = hmac.new(md4(PASSWORD.encode("utf-16-le")),
                   USER.upper().encode("utf-16-le") + domain, hashlib.md5).digest()
    proof = hmac.new(key, CHALLENGE + response[16:], hashlib.md5).digest()
    return user.decode("utf-16-le") == USER and domain.decode("utf-16-le") == DOMAIN \
        and proof == response[:16]


def header(head, name):
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.lower() == name:
            return value.strip().decode()
    return ""


class Ntlm:
    """The login of one connection."""

    def __init__(self, answer, count):
        self.answer = answer
        self.count = count
        self.state = ""  # "", "asked", "in"

    def no(self, *lines):
        return self.answer(b"<html>no</html>", "401 Unauthorized", "text/html", *lines)

    def serve(self, c, mode, head, body):
        """One answer; False when the connection is over."""
        kind, _, data = header(head, b"authorization").partition(" ")
        message = base64.b64decode(data) if kind == "NTLM" else b""
        if not message and (self.state == "in" or (mode == "open" and body)):
            return self.admitted(c, mode, body)
        if message[8:9] == b"\x01":
            self.count("ntlm-begun")
            if body:
                self.count("ntlm-body-early")
            return self.challenge(c, mode)
        if message[8:9] == b"\x03" and self.state == "asked":
            if body:
                self.count("ntlm-body")
            if mode == "die3":
                return False
            if mode == "hang3":
                c.recv(1)
                return False
            if is_right(message):
                self.state = "in"
                return self.admitted(c, mode, body)
        self.state = ""
        c.sendall(self.no("WWW-Authenticate: NTLM"))
        return True

    def challenge(self, c, mode):
        if mode == "die1":
            return False
        if mode == "hang1":
            c.recv(1)
            return False
        if mode == "s500":
            c.sendall(self.answer(b"no", "500 Internal Server Error", "text/plain"))
            return True
        if mode == "fault":
            c.sendall(self.answer(
                b"<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body><s:Fault>"
                b"<faultcode>s:Client</faultcode><faultstring>empty</faultstring></s:Fault>"
                b"</s:Body></s:Envelope>", "500 Internal Server Error", "text/xml"))
            return True
        if mode == "open":  # wants no login
            c.sendall(self.answer(b"open"))
            return True
        self.state = "asked"
        c.sendall(self.no("WWW-Authenticate: NTLM " + base64.b64encode(type2()).decode()))
        return True

    def admitted(self, c, mode, body):
        self.count("ntlm-done")
        if mode == "forget":  # the next request of this connection must log in again
            self.state = ""
        c.sendall(self.answer(body or b"nothing"))
        return mode != "drop"


def serve_negotiate(c, state, answer, count, mode, head, body):
    """One leg, as a Kerberos ticket needs, or two with MODE "two"; a login for a connection, or with
    MODE "each" for a request. What is let in without a body is answered as an ERP would."""
    kind, _, data = header(head, b"authorization").partition(" ")
    step = base64.b64decode(data) if kind == "Negotiate" else b""
    is_in = state.get("negotiate") == "in" or step == (b"step" if mode == "two" else b"ticket")
    if mode == "two" and step == b"ticket":
        c.sendall(answer(b"no", "401 Unauthorized", "text/html", "WWW-Authenticate: Negotiate "
                         + base64.b64encode(b"more").decode()))
    elif not is_in:
        c.sendall(answer(b"no", "401 Unauthorized", "text/html", "WWW-Authenticate: Negotiate"))
    else:
        state["negotiate"] = "" if mode == "each" else "in"
        count("negotiate-body" if body else "negotiate-empty")
        if mode == "die":
            return False
        c.sendall(answer(body, "200 OK") if body else
                  answer(b"no body", "500 Internal Server Error", "text/plain"))
    return True


def give_token(mode, head, body):
    """(status, what the token's server says)."""
    form = urllib.parse.parse_qs(body.decode())
    said = {"token_type": "Bearer", "expires_in": 3600}
    if form.get("grant_type") != ["client_credentials"] or form.get("client_id") != [CLIENT] \
            or form.get("client_secret") != [SECRET]:
        return "401 Unauthorized", {"error": "invalid_client", "error_description":
                                    "AADSTS7000215: the secret is wrong\r\nsecond line"}
    if mode == "scope" and form.get("scope") != ["api://x/.default"]:
        return "400 Bad Request", {"error": "invalid_scope"}
    with LOCK:
        ISSUED[0] += 1
        token = f"token-that-is-hidden-{ISSUED[0]}"
        TOKENS.add(token)
    said["access_token"] = token
    if mode == "tells":
        return "400 Bad Request", {"error": "your secret is " + SECRET, "error_description": SECRET}
    if mode == "words":
        said["expires_in"] = "3600"
    if mode == "old":
        said["expires_in"] = 0
    if mode == "none":
        del said["access_token"]
    if mode == "mac":
        said["token_type"] = "mac"
    if mode == "header":
        said["access_token"] = token + "\r\nX-Evil: yes"
    if mode == "list":
        said["access_token"] = [token]
    return "200 OK", said


def serve_token(c, answer, mode, head, body):
    if mode == "hang":
        c.recv(1)
        return False
    if mode == "page":
        c.sendall(answer(b"<html>sign in</html>", "200 OK", "text/html"))
    elif mode == "s500":
        c.sendall(answer(b"no", "500 Internal Server Error", "text/plain"))
    elif mode == "s302":
        c.sendall(answer(b"", "302 Found", "text/html", "Location: /token/ok"))
    elif mode == "s405":
        c.sendall(answer(b"no", "405 Method Not Allowed", "text/plain"))
    else:
        status, said = give_token(mode, head, body)
        c.sendall(answer(json.dumps(said).encode(), status))
    return True


def serve_api(c, answer, count, mode, head, body):
    kind, _, token = header(head, b"authorization").partition(" ")
    with LOCK:
        is_known = kind == "Bearer" and token in TOKENS
    if is_known and mode != "never":
        count("api")
        c.sendall(answer(body or b"nothing"))
    else:
        c.sendall(answer(b"no", "401 Unauthorized", "text/plain"))


def serve(c, state, name, mode, head, body, answer, count):
    """One answer of a login path; False when the connection is over. `state` is the connection's."""
    if name == "ntlm":
        if "ntlm" not in state:
            state["ntlm"] = Ntlm(answer, count)
        return state["ntlm"].serve(c, mode, head, body)
    if name == "negotiate":
        return serve_negotiate(c, state, answer, count, mode, head, body)
    if name == "token":
        count("token")
        return serve_token(c, answer, mode, head, body)
    if name == "revoke":
        with LOCK:
            TOKENS.clear()
        c.sendall(answer(b"{}"))
        return True
    serve_api(c, answer, count, mode, head, body)
    return True
