"""Attacks on who sent it and when: certificates, Timestamps, tokens of users."""
from wss_attack import attack, group
from wss_message import NOW_US, USER, b64, stamp, username_token

group("Certificates")


def by(name, key_info="token"):
    def run(m, w):
        m.signer, m.key_info = w.of[name], key_info
    return run


for form in ("token", "x509", "str-x509", "issuer", "ski", "thumbprint", "identifier"):
    attack(f"Stranger ({form})", "The certificate of nobody, named like a partner's.",
           "key.unknown", twin=by("sap", form), twin_is="the partner's certificate")(
        by("stranger", form))
for name, does, who in (
        ("Certificate of another authority", "Same issuer and serial number, another authority.",
         "rogue"),
        ("Same key identifier", "Another key whose certificate claims a partner's identifier.",
         "same-ski"),
        ("Server certificate as signer", "Our own TLS certificate, of the right authority.",
         "server"),
        ("Signed by the authority, not listed", "A certificate of the right authority.",
         "ca-signed")):
    for form in ("token", "x509"):
        attack(f"{name} ({form})", does, "key.unknown", signer="good", twin=by("good", form),
               twin_is="a certificate that is listed")(by(who, form))


@attack("The authority itself", "The authority's own certificate signs.", "key.unknown",
        signer="good")
def _(m, w):
    m.signer = w.ca


for form, name in (("ski", "same-ski"), ("issuer", "rogue")):
    attack(f"Named like a partner ({form})", "Another key behind a partner's name.",
           "signature.value", signer="sap" if form == "ski" else "good",
           twin=by("sap" if form == "ski" else "good", form),
           twin_is="the partner's key")(by(name, form))


@attack("Key exchanged", "The partner's certificate in the token, signed by another key.",
        "signature.value")
def _(m, w):
    m.token = m.token_text()
    m.signer = w.stranger


attack("Another partner's certificate", "The partner of the connection is not the one that signed.",
       "key.other", attack_ask={"policy": "ec"}, twin_is="the connection is its own")(
    lambda m, w: None)
attack("RSA of 1024 bits", "A key that is too short, although its fingerprint is listed.",
       "key.weak", signer="pinned")(by("weak"))
attack("Curve secp256k1", "A curve that is not on the list, although its fingerprint is listed.",
       "key.weak", signer="pinned")(by("koblitz"))


def good(m, w):
    m.signer = w.good


for name, does, code in (
        ("expired", "A certificate that ended.", "key.expired"),
        ("future", "A certificate that does not hold yet.", "key.expired"),
        ("revoked", "A certificate that the authority took back.", "key.revoked"),
        ("usage", "A certificate that is for encryption.", "key.usage"),
        ("foreign", "A listed certificate, of another authority of the same name.", "key.chain"),
        ("old-list", "The revocation list is older than a day.", "key.crl")):
    attack(f"Certificate: {name}", does, code, signer=name, twin=good,
           twin_is="a certificate that holds")(lambda m, w: None)
attack("Certificate ended, no authority", "A listed certificate that ended.", "key.expired",
       signer="alone-expired", twin=by("sap"), twin_is="a certificate that holds")(
    lambda m, w: None)

group("Timestamps")


def timestamp(text):
    def run(m, w):
        m.timestamp = text
    return run


def times(created, expires):
    def run(m, w):
        m.created, m.expires = created, expires
    return run


attack("No Timestamp", "Nothing says when it was made.", "timestamp.missing")(timestamp(""))
attack("Stale", "Expires and skew passed a second ago.", "timestamp.stale",
       ask={}, attack_ask={"now_us": NOW_US + 361 * 1000000},
       twin_is="now")(lambda m, w: None)
attack("Stale by a second", "60 s after Expires, when what tells a repeat is forgotten.",
       "timestamp.stale", twin=times(stamp(-359), stamp(-59)), twin_is="59 s after Expires")(
    times(stamp(-360), stamp(-60)))
attack("In the future by a second", "Created is 61 s ahead; 60 s are allowed.",
       "timestamp.future", twin=times(stamp(60), stamp(100)), twin_is="60 s ahead")(
    times(stamp(61), stamp(101)))
attack("Ten days old", "An old message whose Expires lies ahead.", "timestamp.long")(
    times(stamp(-864000), stamp(60)))
attack("Too long by a second", "301 s from Created to Expires.", "timestamp.long",
       twin_is="300 s")(times(stamp(), stamp(301)))
attack("A clock set back", "An hour before Created.", "timestamp.future",
       attack_ask={"now_us": NOW_US - 3600 * 1000000}, twin_is="now")(lambda m, w: None)
C, E = stamp(), stamp(300)


def stamped(created, expires=E, extra=""):
    return (f'<wsu:Timestamp wsu:Id="time-1"><wsu:Created>{created}</wsu:Created>'
            f"<wsu:Expires>{expires}</wsu:Expires>{extra}</wsu:Timestamp>")


for name, text in (
        ("no Expires", f'<wsu:Timestamp wsu:Id="time-1"><wsu:Created>{C}</wsu:Created>'
                       "</wsu:Timestamp>"),
        ("no Created", f'<wsu:Timestamp wsu:Id="time-1"><wsu:Expires>{E}</wsu:Expires>'
                       "</wsu:Timestamp>"),
        ("Expires first", f'<wsu:Timestamp wsu:Id="time-1"><wsu:Expires>{E}</wsu:Expires>'
                          f"<wsu:Created>{C}</wsu:Created></wsu:Timestamp>"),
        ("empty", '<wsu:Timestamp wsu:Id="time-1"/>'),
        ("Created twice", stamped(C, E, f"<wsu:Created>{C}</wsu:Created>")),
        ("Expires twice", stamped(C, E, f"<wsu:Expires>{stamp(60)}</wsu:Expires>")),
        ("another element", stamped(C, E, "<x/>")),
        ("text beside", stamped(C, E, "x")),
        ("zone +00:00", stamped("2026-03-01T12:00:00+00:00")),
        ("zone +01:00", stamped("2026-03-01T13:00:00+01:00")),
        ("no zone", stamped("2026-03-01T12:00:00")),
        ("lower case", stamped("2026-03-01t12:00:00z")),
        ("a blank for T", stamped("2026-03-01 12:00:00Z")),
        ("a comma", stamped("2026-03-01T12:00:00,5Z")),
        ("no digits behind the point", stamped("2026-03-01T12:00:00.Z")),
        ("no seconds", stamped("2026-03-01T12:00Z")),
        ("24:00:00", stamped("2026-02-28T24:00:00Z")),
        ("a leap second", stamped("2026-03-01T11:59:60Z")),
        ("month 13", stamped("2026-13-01T12:00:00Z")),
        ("30 February", stamped("2026-02-30T12:00:00Z")),
        ("year 10000", stamped(C, "10000-03-01T12:00:00Z")),
        ("year 0", stamped("0000-03-01T12:00:00Z")),
        ("a negative year", stamped("-2026-03-01T12:00:00Z")),
        ("a sign", stamped("+2026-03-01T12:00:00Z")),
        ("basic form", stamped("20260301T120000Z")),
        ("only a day", stamped("2026-03-01Z")),
        ("digits of another script", stamped("\u0662\u0660\u0662\u0666-03-01T12:00:00Z")),
        ("a comment in it", stamped("2026-03-01T12:00<!-- -->:00Z")),
        ("an element in it", stamped("2026-03-01T12:00:00<x/>Z")),
        ("rubbish", stamped("now")),
        ("nothing in it", stamped("")),
        ("of no namespace", stamped(C).replace("wsu:Created", "Created"))):
    attack(f"Timestamp: {name}", "A Timestamp of another form.", "timestamp.form")(timestamp(text))
attack("Timestamp: Expires before Created", "It ended before it began.", "timestamp.form",
       twin=times(stamp(), stamp(1)), twin_is="Expires a second after Created")(
    times(stamp(), stamp(-1)))

group("Tokens of users")


def user(**choices):
    """A message that carries only a UsernameToken."""
    def run(m, w):
        m.user = username_token(**choices)
    return run


text = lambda **c: user(**{"name": "shop", "nonce": None, **c})
digest = lambda **c: user(**{"name": "shop-digest", "digest": True, **c})

attack("Text without TLS", "A password in the clear.", "user.plain", signer="text",
       attack_ask={"tls": False}, base=text(), twin_is="over TLS")(lambda m, w: None)
attack("Digest without TLS", "The digest does not protect the Body.", "user.plain",
       signer="digest", attack_ask={"tls": False}, base=digest(), twin_is="over TLS")(
    lambda m, w: None)
for name, does, code, change in (
        ("wrong password", "A wrong password.", "user.password", text(password="secret-2")),
        ("no password", "An empty password.", "user.password", text(password="")),
        ("prefix of the password", "The password without its end.", "user.password",
         text(password="secret-")),
        ("unknown user", "A user that nobody has.", "user.password", text(name="nobody")),
        ("other case", "The user's name in another case.", "user.password", text(name="SHOP")),
        ("digest instead", "A digest where text is wanted.", "user.kind",
         user(name="shop", digest=True)),
        ("unknown type", "A Type of nobody.", "user.form", text(kind="urn:x")),
        ("hashed", "A password type of another profile.", "user.form",
         text(kind=USER + "#PasswordHash"))):
    attack(f"Text: {name}", does, code, signer="text", twin=text(), twin_is="the right one")(change)
for name, does, code, change in (
        ("wrong password", "A digest of another password.", "user.password",
         digest(password="secret-2")),
        ("text instead", "Text where a digest is wanted.", "user.kind",
         user(name="shop-digest", nonce=None)),
        ("no Nonce", "Nothing tells a repeat.", "user.nonce", digest(nonce=None)),
        ("empty Nonce", "A Nonce of no octets.", "user.nonce", digest(nonce=b"")),
        ("Nonce of 15 octets", "A Nonce that is too short.", "user.nonce", digest(nonce=b"x" * 15)),
        ("Nonce of 65 octets", "A Nonce that is too long.", "user.nonce", digest(nonce=b"x" * 65)),
        ("Nonce of no base64", "Lax readers skip the junk.", "user.nonce",
         digest(nonce_text="!MDEyMzQ1Njc4OWFiY2RlZg==")),
        ("Nonce in base64url", "Another alphabet.", "user.nonce",
         digest(nonce=b"\xff\xef" * 8, nonce_text=b64(b"\xff\xef" * 8).replace("/", "_")
                .replace("+", "-"))),
        ("no Created", "Nothing says when it was made.", "user.form", digest(created="")),
        ("old", "Created is too long ago.", "timestamp.stale", digest(created=stamp(-361))),
        ("from the future", "Created lies ahead.", "timestamp.future", digest(created=stamp(61))),
        ("Created of another form", "A time with a zone.", "user.form",
         digest(created="2026-03-01T13:00:00+01:00"))):
    attack(f"Digest: {name}", does, code, signer="digest", twin=digest(),
           twin_is="the right one")(change)
for size in (16, 64):
    attack(f"Digest: other Nonce of {size}", "A Nonce put in the place of the one that was digested.",
           "user.password", signer="digest", twin=digest(nonce=b"y" * size),
           twin_is="the Nonce that was digested")(
        digest(nonce=b"y" * size, nonce_text=b64(b"z" * size)))


def edited(make, old, new):
    def run(m, w):
        make(m, w)
        assert old in m.user
        m.user = m.user.replace(old, new, 1)
    return run


for name, does, old, new in (
        ("two names", "Two Usernames.", "<wsse:Username>",
         "<wsse:Username>shop-digest</wsse:Username><wsse:Username>"),
        ("no name", "No Username.", "<wsse:Username>shop</wsse:Username>", ""),
        ("two passwords", "Two Passwords.", "<wsse:Password ",
         '<wsse:Password>x</wsse:Password><wsse:Password '),
        ("comment in the name", "A comment that cuts the name.", "shop<", "sh<!-- -->op<"),
        ("comment in the password", "A comment that cuts the password.", "secret-1<",
         "secret<!-- -->-1<"),
        ("element in the password", "An element in the password.", "secret-1<", "secret-1<x/><"),
        ("iterations", "A key derived from the password.", "</wsse:UsernameToken>",
         '<wsse11:Salt xmlns:wsse11="http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1'
         '.xsd">AAAA</wsse11:Salt></wsse:UsernameToken>'),
        ("text beside", "Text in the token.", "<wsse:Password ", "x<wsse:Password ")):
    attack(f"Token: {name}", does, "user.form", signer="text", twin=text(),
           twin_is="without it")(edited(text(), old, new))
attack("Token twice", "Two UsernameTokens.", "security.twice", signer="text", twin=text(),
       twin_is="one")(lambda m, w: setattr(m, "user", username_token(nonce=None) +
                        username_token(nonce=None).replace("user-1", "user-2")))
attack("Throttled", "A user with too many failures at this address, right password.",
       "user.throttled", signer="text", attack_ask={"throttled": True}, base=text(),
       twin_is="before")(lambda m, w: None)
attack("User of another partner", "The connection is another partner's.", "user.other",
       signer="text", base=text(), attack_ask={"policy": "digest"}, twin_is="its own")(
    lambda m, w: None)
attack("No token", "The connection's partner must show a user.", "security.missing",
       signer="text", ask={"policy": "text"}, twin=text(), twin_is="with its token")(
    lambda m, w: setattr(m, "timestamp", ""))
attack("Timestamp alone", "Security without the user that is wanted.", "user.missing",
       signer="text", ask={"policy": "text"}, twin=text(), twin_is="with its token")(
    lambda m, w: None)


def signed_token(name="shop-both", signs=None):
    def run(m, w):
        m.user = username_token(name=name, digest=True)
        m.signs = signs
    return run


attack("Token unsigned", "The signature does not cover the UsernameToken.", "signed.token",
       signer="both", twin=signed_token(), twin_is="it does")(
    signed_token(signs=("body-1", "time-1")))
attack("Token of another partner", "A signature of one partner, a user of another.", "user.other",
       signer="both", twin=signed_token(), twin_is="one partner's")(
    signed_token(name="shop-digest"))
attack("Signed, no user", "The policy wants both, the message is only signed.", "user.missing",
       signer="both", twin=signed_token(), twin_is="both")(lambda m, w: None)


@attack("User, not signed", "The policy wants both, the message carries only the user.",
        "signature.missing", signer="both", twin=signed_token(), twin_is="both")
def _(m, w):
    signed_token()(m, w)
    m.signer = None
