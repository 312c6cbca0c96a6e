"""The HTTP server alone (echo_server.c), raw connections to it, and certificates for both ends."""
import os
import resource
import socket
import ssl
import subprocess
import tempfile
import time

BUILD = os.environ.get("KONTOR_BUILD_DIR", ".")
PROGRAM = os.path.join(BUILD, "tests", "security", "echo_server")


def until(what, condition, seconds=10):
    """Waits for a condition by name; what it gave, once that is true."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"did not happen within {seconds} s: {what}")
        time.sleep(0.01)


class Server:
    """A running echo_server; settings as its arguments."""
    def __init__(self, log=None, most_files=None, soft_files=None, **settings):
        def limit():
            _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            if most_files or soft_files:
                resource.setrlimit(resource.RLIMIT_NOFILE,
                                   (most_files or soft_files, most_files or hard))
        words = [f"{name}={value}" for name, value in settings.items()]
        self.log = log
        self.process = subprocess.Popen([PROGRAM, *words], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=log, text=True,
                                        preexec_fn=limit)
        first = self.process.stdout.readline().split(None, 1)
        if not first or first[0] != "port":
            self.process.communicate()
            raise RuntimeError("echo_server: " + " ".join(first))
        self.port = int(first[1])
        self.tls = "certificate" in settings

    def say(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def ask(self, word):
        self.say(word)
        return self.process.stdout.readline().strip()

    def counts(self):
        words = self.ask("count").split()[1:]
        return {name: int(value) for name, value in (w.split("=") for w in words)}

    def rss_kb(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))

    def cpu_s(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def stop(self):
        """Ends it as its user would; the exit status says whether all ended well."""
        self.process.stdin.close()
        try:
            status = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        self.process.stdout.close()
        return status


class Reply:
    def __init__(self, status, fields, body):
        self.status = status
        self.fields = fields
        self.body = body

    def facts(self):
        """The lines of /tell."""
        return dict(line.split("=", 1) for line in self.body.decode().splitlines())


class Wire:
    """One raw connection: bytes out, replies in."""
    def __init__(self, port, context=None, timeout=10, buffer=None):
        plain = socket.socket()
        if buffer:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        plain.settimeout(timeout)
        plain.connect(("127.0.0.1", port))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = context.wrap_socket(plain) if context else plain
        self.rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())
        return self

    def _more(self):
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            data = b""
        self.rest += data
        return bool(data)

    def reply(self, method="GET"):
        """The next reply; None when the connection ends before it."""
        while b"\r\n\r\n" not in self.rest:
            if not self._more():
                return None
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        status = int(lines[0].split()[1])
        fields = {name.lower(): value.strip() for name, value in
                  (line.split(":", 1) for line in lines[1:])}
        length = int(fields.get("content-length", 0))
        if method == "HEAD" or status < 200:
            return Reply(status, fields, b"")
        while len(self.rest) < length:
            if not self._more():
                return None
        body, self.rest = self.rest[:length], self.rest[length:]
        return Reply(status, fields, body)

    def ends(self):
        """True when the peer sends nothing more and closes; bytes that come are a failure."""
        try:
            data = self.rest + self.socket.recv(65536)
        except (ConnectionResetError, ssl.SSLEOFError):
            data = self.rest
        if data:
            raise AssertionError(f"more came: {data[:200]!r}")
        return True

    def ask(self, method, path, body=None, **fields):
        """A well-formed request and its reply. Field names: content_type -> content-type."""
        head = f"{method} {path} HTTP/1.1\r\nHost: test\r\n"
        if body is not None:
            head += f"Content-Length: {len(body)}\r\n"
        for name, value in fields.items():
            head += f"{name.replace('_', '-')}: {value}\r\n"
        return self.send(head.encode() + b"\r\n" + (body or b"")).reply(method)


class Certificates:
    """A server certificate, client certificates of two CAs, and some that are not good."""
    def __init__(self):
        self._folder = tempfile.TemporaryDirectory()
        self.folder = self._folder.name
        for name in ("ca", "other_ca"):
            self._run("req", "-x509", *self._key(name), "-out", self.path(name + ".pem"), "-days",
                      "2", "-subj", "/CN=" + name)
        self.issue("server", "ca", "serverAuth")
        self.issue("client", "ca", "clientAuth")
        self.issue("stranger", "other_ca", "clientAuth")
        self.issue("wrong_purpose", "ca", "serverAuth")
        self.issue("expired", "ca", "clientAuth", days="-1")
        self._run("req", "-x509", *self._key("alone"), "-out", self.path("alone.pem"), "-days", "2",
                  "-subj", "/CN=alone")

    def _run(self, *words):
        subprocess.run(["openssl", *words], check=True, capture_output=True)

    def _key(self, name):
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                self.path(name + ".key")]

    def path(self, file):
        return os.path.join(self.folder, file)

    def issue(self, name, ca, purpose, days="2"):
        """NAME.pem and NAME.key, signed by `ca`; days below 0: it has expired."""
        extensions = self.path(name + ".ext")
        with open(extensions, "w", encoding="ascii") as f:
            f.write(f"subjectAltName=IP:127.0.0.1\nextendedKeyUsage={purpose}\n")
        self._run("req", *self._key(name), "-out", self.path(name + ".csr"), "-subj", "/CN=" + name)
        os.chmod(self.path(name + ".key"), 0o600)
        self._run("x509", "-req", "-in", self.path(name + ".csr"), "-CA", self.path(ca + ".pem"),
                  "-CAkey", self.path(ca + ".key"), "-CAcreateserial", "-days", days, "-extfile",
                  extensions, "-out", self.path(name + ".pem"))

    def server(self, log=None, **settings):
        return Server(log, certificate=self.path("server.pem"), key=self.path("server.key"),
                      **settings)

    def fingerprint(self, name):
        out = subprocess.run(["openssl", "x509", "-in", self.path(name + ".pem"), "-noout",
                              "-fingerprint", "-sha256"], check=True, capture_output=True)
        return out.stdout.decode().strip().split("=")[1].replace(":", "").lower()

    def context(self, client=None, ca="ca"):
        """How a client connects: it checks the server, and shows `client`'s certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.load_verify_locations(self.path(ca + ".pem"))
        if client:
            context.load_cert_chain(self.path(client + ".pem"), self.path(client + ".key"))
        return context

    def close(self):
        self._folder.cleanup()
