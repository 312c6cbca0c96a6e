"""Certificates for tests: an authority of its own, made by openssl, valid for two days."""
import hashlib
import os
import ssl
import subprocess


def _run(folder, *words):
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


class Authority:
    """Authority(folder).server("kontor") -> (certificate, key); .client("erp")"""

    def __init__(self, folder, name="ca"):
        self.folder, self.name = folder, name
        self.file = os.path.join(folder, name + ".pem")
        _run(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-keyout", name + ".key", "-out", name + ".pem", "-days", "2", "-subj",
             f"/CN={name} of a test", "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def server(self, name, host="127.0.0.1"):
        return self._signed(name, f"subjectAltName=IP:{host},DNS:localhost\n"
                            "extendedKeyUsage=serverAuth\n")

    def client(self, name):
        return self._signed(name, "extendedKeyUsage=clientAuth\n")

    def _signed(self, name, extensions):
        ext = os.path.join(self.folder, name + ".ext")
        with open(ext, "w", encoding="ascii") as file:
            file.write("basicConstraints=CA:FALSE\n" + extensions)
        _run(self.folder, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-keyout", name + ".key", "-out", name + ".csr", "-subj", f"/CN={name}")
        _run(self.folder, "x509", "-req", "-in", name + ".csr", "-CA", self.name + ".pem",
             "-CAkey", self.name + ".key", "-CAcreateserial", "-days", "2", "-out", name + ".pem",
             "-extfile", ext)
        cert, key = (os.path.join(self.folder, f"{name}.{end}") for end in ("pem", "key"))
        os.chmod(key, 0o600)
        return cert, key


def fingerprint(cert):
    """SHA-256 of a certificate, as people read it off: "AB:CD:…"."""
    with open(cert, encoding="ascii") as file:
        der = ssl.PEM_cert_to_DER_cert(file.read())
    digest = hashlib.sha256(der).hexdigest().upper()
    return ":".join(digest[i:i + 2] for i in range(0, 64, 2))
