"""Keys, signature values and ciphers of soapguard.py, by python3-cryptography."""
import datetime
import ipaddress
import secrets

from cryptography import x509
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
ECDSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
SHA1, SHA256 = "http://www.w3.org/2000/09/xmldsig#sha1", "http://www.w3.org/2001/04/xmlenc#sha256"
OAEP = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"
OAEP11 = "http://www.w3.org/2009/xmlenc11#rsa-oaep"
MGF_SHA256 = "http://www.w3.org/2009/xmlenc11#mgf1sha256"


def certificate(pem):
    return x509.load_pem_x509_certificate(pem)


def key(pem):
    return serialization.load_pem_private_key(pem, None)


def der(cert):
    return cert.public_bytes(serialization.Encoding.DER)


def algorithm_of(private):
    return RSA_SHA256 if isinstance(private, rsa.RSAPrivateKey) else ECDSA_SHA256


def is_signed_by(cert, octets, value, algorithm):
    public = cert.public_key()
    try:
        if isinstance(public, rsa.RSAPublicKey) and algorithm == RSA_SHA256:
            public.verify(value, octets, padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(public, ec.EllipticCurvePublicKey) and algorithm == ECDSA_SHA256 and len(value) == 64:
            r, s = int.from_bytes(value[:32], "big"), int.from_bytes(value[32:], "big")
            public.verify(utils.encode_dss_signature(r, s), octets, ec.ECDSA(hashes.SHA256()))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def sign(private, octets):
    if isinstance(private, rsa.RSAPrivateKey):
        return private.sign(octets, padding.PKCS1v15(), hashes.SHA256())
    r, s = utils.decode_dss_signature(private.sign(octets, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def oaep(digest=None, mask=None):
    return padding.OAEP(padding.MGF1(mask or hashes.SHA1()), digest or hashes.SHA1(), None)


def wrap(cert, session):
    return cert.public_key().encrypt(session, oaep())


def unwrap(private, octets, algorithm, digests, masks):
    """The session key, or ValueError."""
    if algorithm == OAEP and digests in ([], [SHA1]) and not masks:
        return private.decrypt(octets, oaep())
    if algorithm == OAEP11 and digests == [SHA256] and masks in ([], [MGF_SHA256]):
        return private.decrypt(octets, oaep(hashes.SHA256(), hashes.SHA256() if masks else None))
    raise ValueError(f"key encryption {algorithm} {digests} {masks}")


def encipher(session, plain):
    nonce = secrets.token_bytes(12)
    return nonce + AESGCM(session).encrypt(nonce, plain, None)


def decipher(session, octets):
    try:
        return AESGCM(session).decrypt(octets[:12], octets[12:], None)
    except InvalidTag:
        raise ValueError("the tag does not fit") from None


def stranger():
    """A key and certificate that nobody lists."""
    private = ec.generate_private_key(ec.SECP256R1())
    return private, issue(private, "stranger")


def issue(private, common_name, address=None):
    """A certificate of a key for itself. address: it is a TLS server's there."""
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])
    now = datetime.datetime.utcnow()
    usage = x509.KeyUsage(True, False, True, True, False, address is not None, False, False, False)
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).serial_number(
        x509.random_serial_number()).public_key(private.public_key()).not_valid_before(
        now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(days=90)).add_extension(usage, True)
    if address is not None:
        made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), False)
        made = made.add_extension(x509.BasicConstraints(True, None), True)
    return made.add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), False).sign(
        private, hashes.SHA256())


def pem(item):
    """A certificate or a private key as PEM."""
    if isinstance(item, x509.Certificate):
        return item.public_bytes(serialization.Encoding.PEM)
    return item.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                              serialization.NoEncryption())


def new_key(kind="rsa"):
    if kind == "rsa":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP256R1())
