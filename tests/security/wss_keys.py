"""Keys and certificates for messages of WS-Security, made when a test runs and never kept."""
import datetime
import functools
import os

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime.datetime(2026, 3, 1, 12, 0, 0)
USAGES = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
          "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")


@functools.lru_cache(maxsize=None)
def private_key(kind="rsa2048", number=0):
    """One key of a kind and number a run: making RSA keys is slow."""
    del number
    if kind == "rsa2048-e3":
        return rsa.generate_private_key(public_exponent=3, key_size=2048)
    if kind.startswith("rsa"):
        return rsa.generate_private_key(public_exponent=65537, key_size=int(kind[3:]))
    curve = {"p256": ec.SECP256R1, "p384": ec.SECP384R1, "p521": ec.SECP521R1,
             "k256": ec.SECP256K1, "p224": ec.SECP224R1}[kind]
    return ec.generate_private_key(curve())


def name_of(common_name):
    return x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "DE"),
                      x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Test, Ltd."),
                      x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


class Identity:
    """A private key and its certificate."""

    def __init__(self, common_name, kind="rsa2048", number=0, issuer=None, serial=None,
                 usage=("digital_signature",), days=(-30, 300), ski=None, is_authority=False,
                 server=False, issuer_name=None):
        self.key = private_key(kind, number)
        self.issuer = issuer
        public = self.key.public_key()
        begin, end = (NOW + datetime.timedelta(days=d) for d in days)
        signer = issuer.key if issuer else self.key
        made = (x509.CertificateBuilder()
                .subject_name(name_of(common_name))
                .issuer_name(issuer_name or (issuer.certificate.subject if issuer
                                             else name_of(common_name)))
                .public_key(public)
                .serial_number(serial or x509.random_serial_number())
                .not_valid_before(begin).not_valid_after(end)
                .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
                .add_extension(x509.SubjectKeyIdentifier(ski) if ski
                               else x509.SubjectKeyIdentifier.from_public_key(public), False))
        if usage is not None:
            flags = {u: u in usage for u in USAGES}
            made = made.add_extension(x509.KeyUsage(**flags), critical=True)
        if server:
            made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]),
                                      critical=False)
        self.certificate = made.sign(signer, hashes.SHA256())

    @property
    def der(self):
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self):
        return self.key.private_bytes(serialization.Encoding.PEM,
                                      serialization.PrivateFormat.PKCS8,
                                      serialization.NoEncryption())

    @property
    def ski(self):
        return self.certificate.extensions.get_extension_for_class(
            x509.SubjectKeyIdentifier).value.digest

    @property
    def fingerprint(self):
        return self.certificate.fingerprint(hashes.SHA256()).hex()


def revocation_list(authority, revoked=(), last=None, next_days=30):
    """PEM; revoked: certificates."""
    last = last or NOW - datetime.timedelta(hours=1)
    made = (x509.CertificateRevocationListBuilder().issuer_name(authority.certificate.subject)
            .last_update(last).next_update(last + datetime.timedelta(days=next_days)))
    for certificate in revoked:
        made = made.add_revoked_certificate(
            x509.RevokedCertificateBuilder().serial_number(certificate.serial_number)
            .revocation_date(last).build())
    return made.sign(authority.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def write(folder, name, octets):
    """A file that only its owner may read."""
    path = os.path.join(folder, name)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as f:
        f.write(octets)
    return path
