"""Senders for the kill tests of what partners push: each repeats the same octets until it has an
answer, whatever happens to the nodes meanwhile, and remembers what it was told."""
import base64
import hashlib
import http.client
import os
import random
import ssl
import sys
import threading
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "interop"), os.path.join(HERE, "..", "flow")]
import installation  # noqa: E402
import messages  # noqa: E402
from answers import Answer  # noqa: E402

ATTEMPT_S = 15
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-"
TOKEN = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0"
SOAP_SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0"
LOGIN = "Basic " + base64.b64encode(
    f"{installation.USER}:{installation.PASSWORD}".encode()).decode()


class Sender(threading.Thread):
    """One partner's process: message after message, each until it is answered. ways: the nodes'
    ports; it goes to another one when one fails."""
    operation, lines = "PushStock", 5
    has_id = True           # a repeat is known as one
    login = {"Authorization": LOGIN}

    def __init__(self, number, ways, stop):
        super().__init__(name=f"{type(self).__name__}-{number}", daemon=True)
        self.number, self.ways, self.stop = number, list(ways), stop
        self.random = random.Random(f"sender {number}")
        self.tag = f"{type(self).__name__[:2].lower()}{number}"
        self.sent = 0               # messages that were answered
        self.lost = 0               # attempts without an answer
        self.wrong = []             # sentences
        self.connection = None

    # ---- what kinds of senders differ in

    def fields(self, n):
        """Of message n, as messages.envelope takes them."""
        raise NotImplementedError

    def octets(self, n):
        fields = self.fields(n)
        if self.has_id:
            fields = {"messageId": f"{self.tag}-{n}", **fields}
        return (messages.content_type(self.operation),
                messages.envelope(self.operation, fields))

    # ---- sending

    def run(self):
        try:
            while not self.stop.is_set() and not self.wrong:
                self.sent += 1
                self.deliver(self.sent)
        except Exception as broken:      # the thread's end must be seen
            self.wrong.append(f"{self.name} broke: {broken!r}")

    def deliver(self, n, message=None):
        headers, body = message or self.octets(n)
        attempts = 0
        while True:
            attempts += 1
            answer = self.attempt(headers, body)
            if answer is not None:
                break
            self.lost += 1
            self.ways.append(self.ways.pop(0))
            time.sleep(0.02 + 0.1 * self.random.random())
        self.judge(n, attempts, answer)

    def attempt(self, headers, body):
        """The answer; None: none came, or that it may be tried again."""
        try:
            if self.connection is None:
                self.connection = self.connect(self.ways[0])
            self.connection.request("POST", installation.PUSH, body, dict(headers, **self.login))
            got = self.connection.getresponse()
            octets = got.read()
        except (OSError, http.client.HTTPException):
            self.hang_up()
            return None
        if got.status == 503:
            self.hang_up()
            return None
        if got.status in (401, 404, 429):
            self.wrong.append(f"{self.name}: {got.status} {octets[:200]}")
        return Answer(got.status, got.headers, octets)

    def connect(self, ways):
        return http.client.HTTPConnection("127.0.0.1", ways.plain, timeout=ATTEMPT_S)

    def hang_up(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def judge(self, n, attempts, answer):
        """Is what it was told true, as far as it can know?"""
        def say(what):
            self.wrong.append(f"{self.name}, message {n}, {attempts} attempts: {what}: "
                              f"{answer.octets.decode()[-600:]}")
        if answer.is_fault:
            return say("a fault")
        accepted, unchanged, stale, refused = answer.counts
        if stale or refused or accepted + unchanged != self.count(n):
            return say("not all were taken")
        if unchanged and attempts == 1:
            return say("unchanged at first sight")
        if answer.repeated and (attempts == 1 or not self.has_id):
            return say("a repeat that was none")
        return None

    def count(self, _):
        return self.lines


class Stock(Sender):
    """New figures for the same articles again and again, with ids."""

    def fields(self, n):
        return {"stock": [{"sku": f"{self.tag}-{i}", "warehouse": "1",
                           "onHand": f"{n}.{i % 10}"} for i in range(self.lines)]}

    def faults(self, query):
        rows = {sku: rest for sku, *rest in query(
            "SELECT sku, on_hand, rec_rev FROM stock WHERE sku LIKE ?", f"{self.tag}-%")}
        found = [f"{self.name}: {len(rows)} articles"] if len(rows) != self.lines else []
        for i in range(self.lines):
            want = [self.sent * 1000 + i % 10 * 100, self.sent]
            if rows.get(f"{self.tag}-{i}") != want:
                found.append(f"{self.tag}-{i}: figure and revision are "
                             f"{rows.get(f'{self.tag}-{i}')}, not {want}")
        in_journal = query("SELECT COUNT(*) FROM journal WHERE kind = 'stock' AND row_key LIKE ?",
                           f"%|{self.tag}-%")[0][0]
        if in_journal != self.sent * self.lines:
            found.append(f"{self.name}: {in_journal} rows in the journal for {self.sent} messages "
                         f"of {self.lines}")
        return found


class Plain(Stock):
    """The same without ids: a repeat is unchanged."""
    has_id = False


class Wide(Stock):
    """Long transactions."""
    lines = 700


class Secured(Stock):
    """Without ids, with a UsernameToken and its nonce, which alone tell a repeat. Each message is
    brought once more when the next one was answered: taken anew, it would bring old figures back.
    Nodes die between its transactions, too: what broke off is gone on with."""
    lines = 700
    login = {}
    policy = {"requires": ["username-digest"], "user": "safe",
              "password": "env:KONTOR_TEST_PARTNER"}
    partner = {"erp": "main", "wss": "safe"}

    def __init__(self, number, ways, stop):
        super().__init__(number, ways, stop)
        self.before = None          # the last message, as it was sent

    def connect(self, ways):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection("127.0.0.1", ways.tls, timeout=ATTEMPT_S,
                                           context=context)

    def token(self):
        nonce = self.random.randbytes(16)
        created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        digest = hashlib.sha1(nonce + created.encode() + installation.PASSWORD.encode()).digest()
        return (f'<e:Security xmlns:e="{WSSE}secext-1.0.xsd" s:mustUnderstand="1">'
                f"<e:UsernameToken><e:Username>safe</e:Username>"
                f'<e:Password Type="{TOKEN}#PasswordDigest">{base64.b64encode(digest).decode()}'
                f'</e:Password><e:Nonce EncodingType="{SOAP_SECURITY}#Base64Binary">'
                f"{base64.b64encode(nonce).decode()}</e:Nonce>"
                f'<u:Created xmlns:u="{WSSE}utility-1.0.xsd">{created}</u:Created>'
                f"</e:UsernameToken></e:Security>")

    def octets(self, n):
        return (messages.content_type(self.operation),
                messages.envelope(self.operation, self.fields(n), header=self.token()))

    def deliver(self, n):
        message = self.octets(n)
        super().deliver(n, message)
        again = self.before and self.attempt(*self.before)      # when it is lost, it is so
        self.before = message
        if again and (again.is_fault or not again.repeated or sum(again.counts[:2]) != self.lines):
            self.wrong.append(f"{self.name}, message {n - 1} once more: "
                              f"{again.octets.decode()[-600:]}")


class Status(Sender):
    """What became of one order: facts in their order, with ids."""
    operation, lines = "PushOrderStatus", 2

    @property
    def order(self):
        return f"9{self.number:07}"

    def fields(self, n):
        return {"orderStatus": [{"id": self.order, "orderNumber": self.order,
                                 "status": ("open", "confirmed")[i], "net": str(n)}
                                for i in range(self.lines)]}

    def wanted(self):
        return [(self.order, f"{n}") for n in range(1, self.sent + 1) for _ in range(self.lines)]

    def faults(self, query):
        rows = query("SELECT seq, id, body FROM fact WHERE stream = ? ORDER BY seq",
                     f"number:main|{self.order}")
        got = [(i, self.mark(body)) for _, i, body in rows]
        found = []
        if got != self.wanted():
            found.append(f"{self.name}: {len(got)} facts for {self.sent} messages, or not in their "
                         f"order: {got[:6]} … {got[-6:]}")
        if [r[0] for r in rows] != list(range(1, len(rows) + 1)):
            found.append(f"{self.name}: the stream is not dense: {[r[0] for r in rows][:10]} …")
        return found

    @staticmethod
    def mark(body):
        net = installation.kut.json.loads(body)["net"]
        return net.split(".")[0]


class Shipments(Status):
    """Deliveries of one order, without ids of the messages."""
    operation, lines, has_id = "PushShipments", 1, False

    def fields(self, n):
        return {"shipment": [{"id": f"{self.order}-{n}", "orderNumber": self.order,
                              "trackingNo": f"T{n}"}]}

    def wanted(self):
        return [(f"{self.order}-{n}", f"T{n}") for n in range(1, self.sent + 1)]

    @staticmethod
    def mark(body):
        return installation.kut.json.loads(body)["tracking_no"]


class Documents(Sender):
    """Contents as attachments, each another one."""
    operation, lines = "PushDocuments", 1

    def content(self, n):
        return messages.pdf(random.Random(f"{self.tag} {n}").randbytes(50000))

    def fields(self, n):
        content = self.content(n)
        return {"document": [{"id": f"{self.tag}-{n}", "version": "", "type": "data_sheet",
                              "sha256": hashlib.sha256(content).hexdigest(),
                              "size": len(content), "mediaType": "application/pdf",
                              "content": messages.include("a")}]}

    def octets(self, n):
        fields = {"messageId": f"{self.tag}-{n}", **self.fields(n)}
        return messages.package(self.operation, messages.envelope(self.operation, fields),
                                [("a", "application/pdf", self.content(n))])

    def faults(self, query):
        rows = dict(query("SELECT id, sha256 FROM document WHERE id LIKE ?", f"{self.tag}-%"))
        return [f"{self.tag}-{n}: {rows.get(f'{self.tag}-{n}')}" for n in range(1, self.sent + 1)
                if rows.get(f"{self.tag}-{n}") != hashlib.sha256(self.content(n)).hexdigest()]


KINDS = (Stock, Plain, Wide, Secured, Status, Shipments, Documents)
