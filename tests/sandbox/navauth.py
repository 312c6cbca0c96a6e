"""Logins of the NAV stand-in: HTTP Basic and NTLM. Used by nav.py.

NTLM is checked for real: a challenge of our own, the NTLMv2 proof over it and the client's blob, and
only for the connection on which it took place. NTLMv1 and anonymous answers are refused.
"""
import base64
import hashlib
import hmac
import os
import struct
import time

SIGNATURE = b"NTLMSSP\0"
UNICODE, REQUEST_TARGET, NTLM, ALWAYS_SIGN = 0x1, 0x4, 0x200, 0x8000
TARGET_SERVER, EXTENDED, TARGET_INFO, WIDE, STRONG = 0x20000, 0x80000, 0x800000, 0x20000000, 0x80000000
MASK = 0xFFFFFFFF


def md4(data):
    """RFC 1320; the machine's own OpenSSL may not offer it any more."""
    def left(x, n):
        return (x << n | x >> 32 - n) & MASK
    length = struct.pack("<Q", len(data) * 8)
    data += b"\x80" + b"\0" * ((55 - len(data)) % 64) + length
    state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476]
    rounds = (
        (lambda x, y, z: x & y | ~x & z, 0, range(16), (3, 7, 11, 19)),
        (lambda x, y, z: x & y | x & z | y & z, 0x5A827999,
         [n // 4 + n % 4 * 4 for n in range(16)], (3, 5, 9, 13)),
        (lambda x, y, z: x ^ y ^ z, 0x6ED9EBA1,
         (0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15), (3, 9, 11, 15)))
    for at in range(0, len(data), 64):
        words = struct.unpack("<16I", data[at:at + 64])
        a, b, c, d = state
        for mix, constant, order, shifts in rounds:
            for turn, word in enumerate(order):
                a = left((a + (mix(b, c, d) & MASK) + words[word] + constant) & MASK,
                         shifts[turn % 4])
                a, b, c, d = d, a, b, c
        state = [(s + x) & MASK for s, x in zip(state, (a, b, c, d))]
    return struct.pack("<4I", *state)


def md5_mac(key, data):
    return hmac.new(key, data, hashlib.md5).digest()


def _info(server):
    """Target info: domain and computer in both spellings, and the time, so that clients add a MIC."""
    name = server.encode("utf-16-le")
    now = struct.pack("<Q", int((time.time() + 11644473600) * 10_000_000))
    pairs = [(2, name), (1, name), (4, name), (3, name), (7, now)]
    return b"".join(struct.pack("<HH", kind, len(value)) + value
                    for kind, value in pairs) + b"\0\0\0\0"


class Ntlm:
    """The handshake of one connection."""

    def __init__(self, user, password, server="NAVSERVER"):
        self.user, self.password, self.server = user, password, server
        self.challenge = None
        self.is_open = False
        self.refused = None         # why, for the journal

    def step(self, header):
        """What follows a message of the client: None when it is in, else WWW-Authenticate."""
        scheme, _, token = header.partition(" ")
        if scheme not in ("NTLM", "Negotiate"):
            return self.refuse(f"{scheme} instead of NTLM")
        try:
            message = base64.b64decode(token, validate=True)
            kind, = struct.unpack_from("<I", message, 8)
        except (ValueError, struct.error):
            return self.refuse("no NTLM message")
        if not message.startswith(SIGNATURE) or kind not in (1, 3):
            return self.refuse("no NTLM message")
        if kind == 1:
            return f"{scheme} " + base64.b64encode(self.second(message)).decode()
        challenge, self.challenge = self.challenge, None        # each one is good for once
        if challenge is None:
            return self.refuse("an answer to a challenge that this connection was never given")
        try:
            self.refused = self.wrong(message, challenge)
        except (struct.error, UnicodeDecodeError) as error:
            self.refused = f"broken message: {error}"
        if self.refused:
            return self.refuse(self.refused)
        self.is_open = True
        return None

    def refuse(self, why):
        self.refused = why
        return "NTLM"

    def second(self, first):
        """The challenge message."""
        self.challenge = os.urandom(8)
        asked, = struct.unpack_from("<I", first, 12)
        flags = UNICODE | REQUEST_TARGET | NTLM | ALWAYS_SIGN | TARGET_SERVER | EXTENDED | TARGET_INFO
        flags |= asked & (WIDE | STRONG)
        name, info = self.server.encode("utf-16-le"), _info(self.server)
        return (SIGNATURE + struct.pack("<IHHI", 2, len(name), len(name), 56)
                + struct.pack("<I", flags) + self.challenge + b"\0" * 8
                + struct.pack("<HHI", len(info), len(info), 56 + len(name))
                + b"\x0a\x00\x63\x45\x00\x00\x00\x0f" + name + info)

    def wrong(self, message, challenge):
        """Why a third message does not prove the password; None: it does."""
        def part(at):
            length, _, offset = struct.unpack_from("<HHI", message, at)
            return message[offset:offset + length]
        answer, domain, user = part(20), part(28), part(36)
        flags, = struct.unpack_from("<I", message, 60)
        coding = "utf-16-le" if flags & UNICODE else "latin-1"
        domain, user = domain.decode(coding), user.decode(coding)
        given, _, name = self.user.rpartition("\\")
        if not answer:
            return "anonymous"
        if len(answer) <= 24:
            return "NTLMv1 is switched off"
        if user.casefold() != name.casefold() or domain and given and (
                domain.casefold() != given.casefold()):
            return f"unknown user {domain}\\{user}"
        secret = md4(self.password.encode("utf-16-le"))
        secret = md5_mac(secret, (user.upper() + domain).encode("utf-16-le"))
        if not hmac.compare_digest(md5_mac(secret, challenge + answer[16:]), answer[:16]):
            return "wrong password"
        return None


def basic(header, user, password):
    """NAV takes user and web service key as UTF-8."""
    expected = base64.b64encode(f"{user}:{password}".encode()).decode()
    return hmac.compare_digest(header.encode("latin-1", "replace"), b"Basic " + expected.encode())
