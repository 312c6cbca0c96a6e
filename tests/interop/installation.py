"""Kontor as partners meet it: a running node with a plain and a TLS listener, an ERP that is never
asked, a partner who comes with user and password and one who comes with a certificate.
"""
import http.client
import os
import re
import ssl
import sys
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "flow")]
import certificates  # noqa: E402
import kontor_under_test as kut  # noqa: E402
from database_server import free_port  # noqa: E402

SCOPE = "kts-100"
USER, PASSWORD = "erp", "geheim-erp"
PUSH, IDOC, IDOC_SOAP, S4 = "/soap/push", "/idoc", "/soap/idoc", "/soap/s4"
NODE = {"KONTOR_TEST_PARTNER": PASSWORD}


class Ways:
    """The ways to one node: its ports."""

    def __init__(self):
        self.plain, self.tls = free_port(), free_port()


def settings_of(sap, folder, ways, authority, client, **more):
    """Of a node: `ways` are its ports; `client` the certificate of partner "signed"."""
    cert, key = authority
    return {
        "installation": "test", "log": {"level": "info"}, "database": {}, "retry": kut.QUICK["retry"],
        "erps": {"main": {
            "adapter": "sap", "scope": SCOPE, "every": kut.BY_HAND,
            "connection": {"url": sap.url + kut.SAP_PATH, "user": kut.SAP_LOGIN[0],
                           "password": "env:KONTOR_TEST_SAP", "sales_org": "1000",
                           "distribution_channel": "10", "division": "00", "doc_type": "ZWEB",
                           "one_time_customer": "900000"}}},
        "channels": {},
        "listen": {
            "plain": {"port": ways.plain, "roles": ["push", "admin", "metrics"]},
            "tls": {"port": ways.tls, "roles": ["push"], "certificate": cert, "key": key,
                    "client_ca": client["ca"]}},
        "push": {"blobs": os.path.join(folder, "blobs"), **more},
        "partners": {
            "named": {"erp": "main", "user": USER, "password": "env:KONTOR_TEST_PARTNER"},
            "signed": {"erp": "main",
                       "certificates": [certificates.fingerprint(client["cert"])]}}}


class Place:
    """A folder with certificates, an ERP and a database, as yet without a node."""

    def __init__(self, what, **more):
        self.folder = kut.make_folder(what)
        self.sap = self.kontor = None
        os.mkdir(os.path.join(self.folder, "blobs"))
        self.ca = certificates.Authority(self.folder)
        self.server = self.ca.server("kontor")
        self.client = dict(zip(("cert", "key"), self.ca.client("erp")), ca=self.ca.file)
        self.ways = Ways()
        self.database = None            # the test's own kind
        self.articles, self.settings = 3, {}    # of the ERP; sections besides
        self.more = more

    def __enter__(self):
        try:
            self.sap = kut.start_sap(self.folder, articles=self.articles)
            settings = settings_of(self.sap, self.folder, self.ways, self.server, self.client,
                                   **self.more)
            self.kontor = kut.Kontor(self.folder, dict(settings, **self.settings),
                                     database=self.database)
            self.kontor.must("db", "migrate", env=NODE)
        except BaseException:
            self.close()
            raise
        return self

    def close(self):
        if self.kontor:
            self.kontor.close()
        if self.sap and self.sap.process.poll() is None:
            self.sap.kill()
        kut.drop_folder(self.folder)

    def __exit__(self, *_):
        self.close()

    def answers(self):
        try:
            return self.ask("GET", "/healthz")[0] == 200
        except OSError:
            return False

    # ---- ways in

    def url(self, tls=True, path=PUSH):
        return f"https://127.0.0.1:{self.ways.tls}{path}" if tls else \
            f"http://127.0.0.1:{self.ways.plain}{path}"

    def job(self, soap, tls=True, signed=False, calls=()):
        """One for soap_clients.run; not signed: with user and password."""
        job = {"wsdl": self.url(tls) + "?wsdl", "soap": soap, "calls": list(calls)}
        if tls:
            job["ca"] = self.ca.file
        if signed:
            job.update(cert=self.client["cert"], key=self.client["key"])
        else:
            job.update(user=USER, password=PASSWORD)
        return job

    def connection(self, tls=False, signed=False, timeout=60):
        if not tls:
            return http.client.HTTPConnection("127.0.0.1", self.ways.plain, timeout=timeout)
        context = ssl.create_default_context(cafile=self.ca.file)
        if signed:
            context.load_cert_chain(self.client["cert"], self.client["key"])
        return http.client.HTTPSConnection("127.0.0.1", self.ways.tls, timeout=timeout,
                                           context=context)

    def ask(self, method, path, body=None, headers=None, tls=False, signed=False):
        """(status, headers, octets) of one request."""
        connection = self.connection(tls, signed)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()


class Pushed(Place):
    """with Pushed() as there: there.job("1.1", tls=True, signed=True), there.kontor.query(…)"""
    node = None

    def __enter__(self):
        super().__enter__()
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def start(self, **env):
        self.node = self.kontor.serve(**NODE, **env)
        kut.wait_for("the node's ports", self.answers, alive=[self.node])

    # ---- the node's memory

    def memory_kb(self):
        """(now, most so far) of the node, resident."""
        with open(f"/proc/{self.node.process.pid}/status", encoding="ascii") as file:
            text = file.read()
        return tuple(int(re.search(rf"^{name}:\s+(\d+) kB", text, re.M).group(1))
                     for name in ("VmRSS", "VmHWM"))

    def forget_peak(self):
        """From now on the most is counted anew."""
        with open(f"/proc/{self.node.process.pid}/clear_refs", "w", encoding="ascii") as file:
            file.write("5")


def wait_peak(there, seconds=0.2):
    """What a node frees behind its answer counts too: the peak a moment later."""
    end = time.monotonic() + seconds
    most = 0
    while time.monotonic() < end:
        most = max(most, there.memory_kb()[1])
    return most
