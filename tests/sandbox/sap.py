#!/usr/bin/python3
"""SAP stand-in: serves wsdl/sap/kontor_z.wsdl from a data directory, strictly, and misbehaves on demand.

Python 3.11 and lxml; no gSOAP, so that an error in one stack does not hide in the other. Listens on 127.0.0.1 only.
How to start it, its control API and its modes: README.md.
"""
import argparse
import base64
import json
import os
import select
import socket
import ssl
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from lxml import etree

import sapdata
import soapguard
from sapforms import ARTICLE_TABLES
from saprules import CREATE, FIND, Journal, Rules
from sapsoap import NS, SOAP, Contract, Fault, fault, page, parser

PATH = "/sap/bc/srt/rfc/sap/kontor_z/100/kontor_z/kontor_z"
PUBLISHED = "/sap/bc/srt/wsdl/flv_10002A111AD1/bndg_url" + PATH     # where SOAMANAGER puts a binding's WSDL
HERE = os.path.dirname(os.path.abspath(__file__))
MAX_BODY = 16 * 1024 * 1024


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "SAP NetWeaver Application Server"
    sys_version = ""

    def log_message(self, format, *args):   # the journal replaces the access log
        pass

    # ---- plumbing ----

    opened = spoil = None       # of the request at hand, where messages are secured; what its answer lacks

    def reply(self, status, body, content_type="text/xml; charset=utf-8", headers=()):
        if content_type.startswith("text/xml"):
            body = self.secure(body)
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def secure(self, body):
        """An answer as it leaves: sealed once, where its request was opened."""
        if self.opened is None or isinstance(body, soapguard.Sealed):
            return body
        return self.server.guard.seal(body, self.opened, self.spoil, self.opened.operation)

    def enter(self, body):
        """The request behind its security; False: it was refused, and has its answer."""
        self.opened = self.spoil = None
        if self.server.guard is None:
            return body
        try:
            self.opened = self.server.guard.open(body)
        except soapguard.Refused as error:
            self.server.journal.add(status=500, error=f"security: {error}")
            self.reply(500, soapguard.fault())
            return False
        self.opened.operation = self.headers.get("SOAPAction", "")
        return self.opened.octets

    def reply_json(self, value, status=200):
        self.reply(status, json.dumps(value, ensure_ascii=False).encode(), "application/json")

    def read_body(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            body = b""
            while True:
                size = int(self.rfile.readline(100).split(b";")[0], 16)
                if len(body) + size > MAX_BODY:
                    raise Fault("request too long")
                body += self.rfile.read(size)
                self.rfile.readline(3)
                if size == 0:
                    return body
        length = int(self.headers.get("Content-Length", "0"))
        if length > MAX_BODY:
            self.close_connection = True
            raise Fault("request too long")
        return self.rfile.read(length)

    def hang_up(self, reset=False):
        """Ends the connection without an answer. reset: the client sees ECONNRESET instead of an orderly end."""
        self.close_connection = True
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(self.connection.detach())  # any orderly step before would send the FIN first
        else:
            try:
                self.connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass    # the client was faster

    def wait(self, seconds):
        """Waits like a work process that does not notice whether its client is still there."""
        self.server.is_stopping.wait(seconds)

    def wait_for_client(self, seconds):
        """Waits; True when the client went away before."""
        end = time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            if left <= 0 or self.server.is_stopping.is_set():
                return False
            readable, _, _ = select.select([self.connection], [], [], min(left, 0.2))
            if readable:
                try:
                    gone = self.connection.recv(1, 0 if isinstance(self.connection, ssl.SSLSocket)
                                                else socket.MSG_PEEK) == b""
                except OSError:
                    gone = True
                if gone:
                    return True
                time.sleep(min(left, 0.2))

    def handle(self):
        try:
            super().handle()
        except (ConnectionError, ssl.SSLError, TimeoutError):
            pass    # a client that goes away is part of the game

    # ---- entry ----

    def do_GET(self):
        url = urlsplit(self.path)
        if url.path.startswith("/_sandbox"):
            self.control("GET", url, None)
        elif not self.may_enter():
            self.refuse()
        elif url.path == PUBLISHED and not self.server.only_wsdl:
            self.publish()
        elif url.path == PATH and "wsdl" in url.query.lower().split("&"):
            self.publish()
        else:
            self.reply(404, page("404 Resource not found", "The service cannot be reached"), "text/html")

    def publish(self):
        """The WSDL; --site-wsdl may show another one than is spoken here."""
        scheme = "https" if self.server.context else "http"
        here = f"{scheme}://127.0.0.1:{self.server.server_address[1]}{PATH}"
        address = f"https://sap.invalid{PATH}".encode()
        self.reply(200, self.server.published.replace(address, here.encode()))

    def do_DELETE(self):
        self.control("DELETE", urlsplit(self.path), None)

    def do_POST(self):
        url = urlsplit(self.path)
        try:
            body = self.read_body()
            if url.path.startswith("/_sandbox"):
                self.control("POST", url, body)
            elif not self.may_enter():
                self.refuse()
            elif url.path != PATH:
                self.server.journal.add(status=404, error=f"no such path {url.path}")
                self.reply(404, page("404 Resource not found", "The service cannot be reached"), "text/html")
            else:
                self.soap(body)
        except (Fault, ValueError) as error:
            self.server.journal.add(status=500, error=str(error))
            self.reply(500, fault())

    def refuse(self):
        self.server.journal.add(status=401, error="logon failed")
        realm = f'Basic realm="SAP NetWeaver Application Server [{self.server.world.settings["SYSID"]}]"'
        self.reply(401, page("Logon Error Message", "Logon failed. Note that the data is case-sensitive."),
                   "text/html; charset=utf-8", [("WWW-Authenticate", realm)])

    def may_enter(self):
        """A client certificate or a password, whichever is configured and right."""
        server = self.server
        if not server.client_ca and server.user is None:
            return True
        if server.client_ca and self.connection.getpeercert():
            return True
        if server.user is None:
            return False
        expected = base64.b64encode(f"{server.user}:{server.password}".encode()).decode()
        return self.headers.get("Authorization") == "Basic " + expected

    # ---- SOAP ----

    def parse(self, body):
        """(function, its values) of a request, or Fault with the reason."""
        if self.headers.get_content_type() != "text/xml":
            raise Fault(f"content type {self.headers.get_content_type()} instead of text/xml")
        try:
            root = etree.fromstring(body, parser())
        except etree.XMLSyntaxError as error:
            raise Fault(f"not well-formed: {error}") from None
        if root.getroottree().docinfo.doctype or root.tag != f"{{{SOAP}}}Envelope":
            raise Fault("not a SOAP 1.1 envelope")
        parts = list(root)
        if parts and parts[0].tag == f"{{{SOAP}}}Header":
            if any(h.get(f"{{{SOAP}}}mustUnderstand") == "1" for h in parts[0]):
                raise Fault("a header that must be understood is unknown")
            parts = parts[1:]
        if len(parts) != 1 or parts[0].tag != f"{{{SOAP}}}Body" or len(parts[0]) != 1:
            raise Fault("exactly one Body with one element is expected")
        request = parts[0][0]
        name = etree.QName(request)
        if name.namespace != NS or name.localname not in self.server.contract.functions:
            raise Fault(f"no such function: {request.tag}")
        action = self.headers.get("SOAPAction", "").strip('"')
        if action != f"{NS}:KONTOR_Z:{name.localname}Request":
            raise Fault(f"SOAPAction {action} does not fit {name.localname}")
        schema = self.server.contract.schema
        with self.server.schema_lock:
            if not schema.validate(request):
                raise Fault(f"{name.localname}: {schema.error_log.last_error.message}")
        return name.localname, self.server.contract.read(request, self.server.contract.elements[name.localname])

    def soap(self, body):
        body = self.enter(body)
        if body is False:
            return
        function, values = self.parse(body)
        key = values.get("IV_KEY", values.get("IV_REFERENCE", ""))
        rule = self.server.rules.pick(function, key)
        entry = self.server.journal.add(function=function, key=key, mode=rule["mode"] if rule else None,
                                        bytes=len(body), error=None,
                                        had=self.opened.had if self.opened else None)
        if rule:
            getattr(self, "do_" + rule["mode"])(function, values, rule, entry)
        else:
            self.send_answer(function, self.run(function, values), entry)

    def send_answer(self, function, answer, entry):
        entry.update(status=200, state=answer.get("EV_STATE"),
                     messages=[f"{m['TYPE']} {m['ID']} {m['NUMBER']}" for m in answer.get("RETURN", [])])
        self.reply(200, self.server.contract.answer(function, answer))

    def run(self, function, values):
        """A well-behaved call from start to end."""
        try:
            return FUNCTIONS[function](self.server.world, values)
        except sapdata.Message as message:
            return {"RETURN": [message.ret]}

    # ---- misbehaviour: one method per mode ----

    def begin(self, function, values):
        """(session ready to commit, None), or (None, answer) where nothing is left to book."""
        if function != CREATE:
            return None, self.run(function, values)
        world = self.server.world
        session = None
        try:
            session, answer = world.open_session(values["IV_KEY"])
            if session:
                world.prepare(session, values["IS_HEADER"], values["IT_PARTNER"], values["IT_ITEM"])
            return session, answer
        except sapdata.Message as message:
            if session:
                world.close_session(session)
            return None, {"RETURN": [message.ret]}

    def do_late(self, function, values, rule, entry):
        session, answer = self.begin(function, values)
        if session and rule.get("commit", "before") == "before":
            answer = self.server.world.answer(self.server.world.commit(session))
            session = None
        self.wait(rule.get("delay_s", 5))
        if session:
            answer = self.server.world.answer(self.server.world.commit(session))
        self.send_answer(function, answer, entry)

    def do_commit_late(self, function, values, rule, entry):
        session, answer = self.begin(function, values)
        if not session:
            self.send_answer(function, answer, entry)
            return
        delay = rule.get("commit_after_s", 30)
        entry["commit_after_s"] = delay
        self.server.later(delay, lambda: self.server.world.commit(session))
        if rule.get("connection", "cut") == "cut":
            self.hang_up(rule.get("reset", False))
        elif self.wait_for_client(delay):
            self.hang_up()
        else:
            while session.document is None:     # the commit is due now, in the timer's thread
                self.wait(0.01)
            self.send_answer(function, self.server.world.answer(session.document), entry)

    def do_twice(self, function, values, rule, entry):
        answer = self.run(function, values)
        if rule.get("what", "process") in ("process", "both"):
            second = self.run(function, values)
            entry["second"] = second.get("EV_STATE")
        self.send_answer(function, answer, entry)
        if rule.get("what", "process") in ("answer", "both"):
            self.send_answer(function, answer, entry)
            self.close_connection = True

    def do_never(self, function, values, rule, entry):
        self.wait_for_client(rule.get("hold_s", 600))
        self.hang_up()

    def do_cut(self, function, values, rule, entry):
        if rule.get("create", False):
            entry["state"] = self.run(function, values).get("EV_STATE")
        self.hang_up(rule.get("reset", False))

    def do_lock(self, function, values, rule, entry):
        world = self.server.world
        if rule.get("hold_s"):
            session = world.hold(values["IV_KEY"])
            self.server.later(rule["hold_s"], lambda: world.close_session(session))
        state = "RUNNING" if function == CREATE else "PENDING"
        self.send_answer(function, {"EV_STATE": state, "RETURN": [sapdata.ret(
            "W", "ZKONTOR", "003", f"Key {values['IV_KEY']} is locked by another session")]}, entry)

    def do_error_after_create(self, function, values, rule, entry):
        entry.update(status=500, state=self.run(function, values).get("EV_STATE"))
        self.reply(500, fault())

    def do_fault(self, function, values, rule, entry):
        entry["status"] = 500
        self.reply(500, fault(rule.get("message", "The sales area is not defined"),
                              (function, rule.get("id", "VP"), rule.get("number", "199"))))

    def do_return_e(self, function, values, rule, entry):
        message = sapdata.ret(rule.get("type", "E"), rule.get("id", "V1"), rule.get("number", "384"),
                              rule.get("message", "The sales document cannot be created"), rule.get("row", 0))
        self.send_answer(function, {"RETURN": [message]}, entry)

    def do_truncate(self, function, values, rule, entry):
        answer = self.run(function, values)
        body = self.secure(self.server.contract.answer(function, answer))
        entry.update(status=200, state=answer.get("EV_STATE"))
        self.reply(200, soapguard.Sealed(body[:int(len(body) * rule.get("keep", 0.5))]))

    def do_security(self, function, values, rule, entry):
        """Done as asked, but the answer's security does not hold; `as` says what it answers."""
        answer = self.run(function, values)
        self.spoil = rule.get("what", "unsigned")
        if rule.get("as", "answer") == "answer":
            entry.update(status=rule.get("status", 200), state=answer.get("EV_STATE"))
            self.reply(entry["status"], self.server.contract.answer(function, answer))
            return
        entry.update(status=500, state=answer.get("EV_STATE"))
        self.reply(500, fault("The sales area is not defined", (function, "VP", "199")))

    def do_content(self, function, values, rule, entry):
        """A piece of a content with something wrong in it."""
        answer = self.run(function, values)
        data = base64.b64decode(answer.get("EV_DATA", ""))
        what = rule["what"]
        if what == "short":         # the end, and it is not all
            answer.update(EV_DATA=base64.b64encode(data[:len(data) // 2]).decode(), EV_END="X")
        elif what == "total":
            answer["EV_TOTAL"] += 1
        elif what == "changed":
            answer["EV_STAMP"] += str(entry["n"])
        elif what == "endless":
            total = 4 * int(values["IV_LENGTH"])
            answer.update(EV_DATA=base64.b64encode(bytes(total // 4)).decode(), EV_END="", EV_TOTAL=total, EV_STAMP="")
        elif what == "huge":
            answer.update(EV_END="", EV_TOTAL=1 << 40)
        elif what == "empty":
            answer.update(EV_DATA="", EV_END="")
        elif what == "garbage":
            answer["EV_DATA"] = "%PDF no base64"
        elif what == "more":
            answer["EV_DATA"] = base64.b64encode(data + b"more").decode()
        self.send_answer(function, answer, entry)

    def do_html(self, function, values, rule, entry):
        entry["status"] = 200
        if rule.get("create", False):
            entry["state"] = self.run(function, values).get("EV_STATE")
        self.reply(200, page("Maintenance", "The system is being maintained. <br>Please come back"), "text/html")

    def do_status(self, function, values, rule, entry):
        entry["status"] = rule.get("status", 503)
        headers = [("Retry-After", str(rule["retry_after"]))] if "retry_after" in rule else []
        if rule.get("create", False):
            entry["state"] = self.run(function, values).get("EV_STATE")
        self.reply(entry["status"], page(f"{entry['status']}", "Service not available"), "text/html", headers)

    def do_slow(self, function, values, rule, entry):
        answer = self.run(function, values)
        body = self.secure(self.server.contract.answer(function, answer))
        entry.update(status=200, state=answer.get("EV_STATE"))
        self.send_response(200)
        self.send_header("Content-Type", "text/xml; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        steps = 20
        for n in range(steps):
            self.wfile.write(body[len(body) * n // steps:len(body) * (n + 1) // steps])
            self.wfile.flush()
            self.wait(rule.get("total_s", 10) / steps)

    # ---- control API ----

    def control(self, method, url, body):
        server = self.server
        route = f"{method} {url.path}"
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        try:
            data = json.loads(body) if body else {}
            if route == "GET /_sandbox/counts":
                self.reply_json(dict(server.world.counts(), calls=dict(server.journal.calls),
                                     misbehaved=dict(server.journal.modes), refused=server.journal.refused,
                                     requests=len(server.journal.entries)))
            elif route == "GET /_sandbox/orders":
                with server.world.lock:
                    self.reply_json([dict(d) for d in server.world.documents])
            elif route == "GET /_sandbox/data":
                self.reply_json(server.world.dump())
            elif route == "GET /_sandbox/requests":
                self.reply_json(server.journal.since(int(query.get("since", "0"))))
            elif route == "GET /_sandbox/misbehave":
                self.reply_json(server.rules.listed())
            elif route == "POST /_sandbox/misbehave":
                rules = data.get("rules", [data["rule"]] if "rule" in data else [data])
                self.reply_json({"rules": [server.rules.add(rule) for rule in rules]})
            elif route == "DELETE /_sandbox/misbehave":
                server.rules.clear(int(query["rule"]) if "rule" in query else None)
                self.reply_json({"ok": True})
            elif route == "POST /_sandbox/change":
                self.reply_json(server.world.change(data.get("kind"), data.get("key"), data.get("set"),
                                                    bool(data.get("delete", False))))
            elif route == "POST /_sandbox/release":
                self.reply_json(server.world.release(data.get("number")))
            else:
                self.reply_json({"error": f"no such route: {route}"}, 404)
        except (sapdata.DataError, ValueError, TypeError, KeyError) as error:
            self.reply_json({"error": f"{type(error).__name__}: {error}"}, 400)


# ---- the functions of the contract ----

def info(world, values):
    return {"EV_SYSID": world.settings["SYSID"], "EV_CLIENT": world.settings["CLIENT"],
            "EV_RELEASE": world.settings["RELEASE"], "EV_WRAPPER": world.settings["WRAPPER"], "EV_KEY_GRADE": world.key_grade,
            "EV_MAX_WORK_S": world.max_work_s, "EV_NOW": sapdata.instant(sapdata.now_utc())}


def deletions(rows, names, changed):
    return [dict({name: row[name] for name in names}, CHANGED_AT=row[changed]) for row in rows]


def paged(world, kind, values):
    page = world.page(kind, values["IV_TOKEN"], int(values["IV_MAX"]))
    for row in page.rows:
        del row["DELETED"]
    return page.rows, page.gone, {
        "EV_TOKEN": page.token, "EV_MORE": "X" if page.more else "", "EV_SNAPSHOT": "X" if page.is_snapshot else "",
        "EV_TOTAL": page.total if page.is_snapshot else -1, "EV_BEGUN_AT": page.begun_at}


def taken_out(rows, field, key):
    """The rows of a table beside the records, each with its record's key."""
    return [dict(entry, **{name: row[name] for name in key}) for row in rows for entry in row.pop(field)]


def articles(world, values):
    rows, gone, answer = paged(world, "article", values)
    for row in rows:
        row["GENERIC"] = "X" if world.is_generic(row) else ""
    for field in ARTICLE_TABLES:
        table = {"CATEGORY": "ET_ARTICLE_CATEGORY", "UNIT_OF": "ET_UNIT"}.get(field, "ET_" + field)
        answer[table] = taken_out(rows, field, ("MATNR",))
    answer["EV_PRODUCTS"] = world.products() if answer["EV_SNAPSHOT"] else -1
    return dict(answer, ET_ARTICLE=rows, ET_DELETED=deletions(gone, ("MATNR",), "CHANGED_AT"))


def prices(world, values):
    rows, gone, answer = paged(world, "price", values)
    return dict(answer, ET_PRICE=rows, ET_DELETED=deletions(gone, ("PRICE_ID", "MATNR"), "CHANGED_AT"))


def stock(world, values):
    rows, gone, answer = paged(world, "stock", values)
    answer["ET_EXPECTED"] = taken_out(rows, "EXPECTED", ("MATNR", "PLANT"))
    return dict(answer, ET_STOCK=rows, ET_DELETED=deletions(gone, ("MATNR", "PLANT"), "AS_OF"))


def categories(world, values):
    rows, _, answer = paged(world, "category", values)
    answer["ET_CATEGORY_TEXT"] = taken_out(rows, "TEXT", ("ID",))
    for row in rows:
        del row["CHANGED_AT"]
    return dict(answer, ET_CATEGORY=rows)


def customers(world, values):
    rows, gone, answer = paged(world, "customer", values)
    for row in rows:
        del row["ONE_TIME"]
    return dict(answer, ET_CUSTOMER=rows, ET_DELETED=deletions(gone, ("KUNNR",), "CHANGED_AT"))


def told(rows, entry):
    """(rows, their texts, their links), joined by ENTRY as the contract wants it."""
    texts, links = [], []
    for n, row in enumerate(rows, 1):
        row["ENTRY"] = f"{entry}{n:06d}"
        texts += [dict(text, ENTRY=row["ENTRY"]) for text in row.pop("TEXT", ())]
        links += [dict(link, ENTRY=row["ENTRY"]) for link in row.pop("LINK")]
        row.pop("DELETED", None)
    return rows, texts, links


def documents(world, values):
    """Certificates, which are few, come with each run's last page."""
    rows, gone, answer = paged(world, "document", values)
    rows, answer["ET_DOCUMENT_TEXT"], answer["ET_DOCUMENT_LINK"] = told(rows, "D")
    if not answer["EV_MORE"]:
        counting, over = world.certificates()
        answer["ET_CERTIFICATE"], _, answer["ET_CERTIFICATE_LINK"] = told(counting, "C")
        if not answer["EV_SNAPSHOT"]:
            answer["ET_CERTIFICATE_DEL"] = deletions(over, ("SCHEME", "NUMBER"), "CHANGED_AT")
    return dict(answer, ET_DOCUMENT=rows, ET_DELETED=deletions(gone, ("ID", "VERSION"), "CHANGED_AT"))


def document_read(world, values):
    octets, stamp = world.content(values["IV_REFERENCE"])
    begin, most = int(values["IV_OFFSET"]), min(int(values["IV_LENGTH"]), 1 << 20)
    piece = octets[begin:begin + most]
    return {"EV_DATA": base64.b64encode(piece).decode(), "EV_TOTAL": len(octets), "EV_STAMP": stamp,
            "EV_END": "X" if begin + len(piece) >= len(octets) else ""}


def customer_find(world, values):
    return {"ET_CUSTOMER": world.customers(values["IV_EMAIL"], values["IV_VAT_ID"], values["IV_NAME"],
                                           values["IV_POSTL_CODE"], values["IV_COUNTRY"])}


def order_create(world, values):
    session, answer = world.open_session(values["IV_KEY"])
    if not session:
        return answer
    try:
        world.prepare(session, values["IS_HEADER"], values["IT_PARTNER"], values["IT_ITEM"])
        return world.answer(world.commit(session))
    finally:
        world.close_session(session)


def order_find(world, values):
    return world.find(values["IV_KEY"])


FUNCTIONS = {"Z_KONTOR_INFO": info, "Z_KONTOR_ARTICLES": articles, "Z_KONTOR_PRICES": prices,
             "Z_KONTOR_STOCK": stock, "Z_KONTOR_CATEGORIES": categories, "Z_KONTOR_CUSTOMERS": customers,
             "Z_KONTOR_DOCUMENTS": documents, "Z_KONTOR_DOCUMENT_READ": document_read,
             "Z_KONTOR_CUSTOMER_FIND": customer_find, CREATE: order_create, FIND: order_find}


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port, contract, world, user=None, password=None, context=None, client_ca=None):
        self.contract, self.world, self.rules, self.journal = contract, world, Rules(), Journal()
        self.user, self.password, self.context, self.client_ca = user, password, context, client_ca
        self.schema_lock = threading.Lock()     # the validator keeps its errors in itself
        self.is_stopping = threading.Event()
        self.published, self.only_wsdl, self.guard = contract.bytes, False, None
        super().__init__(("127.0.0.1", port), Handler)

    def finish_request(self, request, client_address):
        # The handshake belongs to the connection's own thread, or a silent client would stop everybody.
        if self.context:
            request.settimeout(10)
            try:
                request = self.context.wrap_socket(request, server_side=True)
            except (ssl.SSLError, OSError) as error:
                self.journal.add(status=0, error=f"TLS: {error}")
                return
            request.settimeout(None)
        super().finish_request(request, client_address)
        if self.context:
            request.close()     # wrapping moved the file descriptor out of the server's hands

    def later(self, seconds, action):
        timer = threading.Timer(seconds, action)
        timer.daemon = True
        timer.start()

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


def tls(cert, key, client_ca):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(cert, key)
    if client_ca:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_OPTIONAL
    return context


def arguments(argv):
    p = argparse.ArgumentParser(description="SAP stand-in on 127.0.0.1")
    p.add_argument("--data", required=True, help="directory with articles.json and the others, see README.md")
    p.add_argument("--port", type=int, default=8001, help="0 takes a free one")
    p.add_argument("--port-file", help="where to write the port once it listens")
    p.add_argument("--state", help="file that keeps documents and changes over a restart")
    p.add_argument("--cert", help="PEM certificate chain: TLS")
    p.add_argument("--key", help="PEM key of --cert")
    p.add_argument("--client-ca", help="PEM of the CA of client certificates")
    p.add_argument("--user")
    p.add_argument("--password")
    p.add_argument("--key-grade", choices=("K", "L"), default="K", help="L: the create neither locks nor checks")
    p.add_argument("--pricing", choices=("as_sent", "own"), default="as_sent")
    p.add_argument("--overlap", type=int, default=60, metavar="S", help="seconds that a change run reads again")
    p.add_argument("--max-work", type=int, default=600, metavar="S", help="EV_MAX_WORK_S")
    p.add_argument("--wsdl", default=os.path.join(HERE, "..", "..", "wsdl", "sap", "kontor_z.wsdl"))
    p.add_argument("--site-wsdl", metavar="FILE", help="shows this WSDL to who asks; what is spoken stays --wsdl")
    p.add_argument("--only-query-wsdl", action="store_true", help="as older releases: the WSDL at ?wsdl alone")
    p.add_argument("--wss", metavar="FILE", help="JSON: WS-Security of requests and answers, see README.md")
    args = p.parse_args(argv)
    if bool(args.cert) != bool(args.key) or args.client_ca and not args.cert:
        p.error("--cert and --key belong together; --client-ca needs them")
    if (args.user is None) != (args.password is None):
        p.error("--user and --password belong together")
    return args


def main(argv=None):
    args = arguments(argv)
    try:
        world = sapdata.World(args.data, args.state, args.key_grade, args.pricing, args.overlap, args.max_work)
        context = tls(args.cert, args.key, args.client_ca) if args.cert else None
        server = Server(args.port, Contract(args.wsdl), world, args.user, args.password, context, args.client_ca)
        server.only_wsdl = args.only_query_wsdl
        server.guard = soapguard.Guard(args.wss) if args.wss else None
        if args.site_wsdl:
            with open(args.site_wsdl, "rb") as file:
                server.published = file.read()
    except (sapdata.DataError, OSError, ValueError) as error:
        print(f"sap.py: {error}", file=sys.stderr)
        return 2
    port = server.server_address[1]
    if args.port_file:
        with open(args.port_file + ".new", "w", encoding="ascii") as file:
            file.write(f"{port}\n")
        os.replace(args.port_file + ".new", args.port_file)
    print(f"SAP stand-in: {'https' if context else 'http'}://127.0.0.1:{port}{PATH}", flush=True)
    try:
        server.serve_forever(poll_interval=0.1)
    except KeyboardInterrupt:
        server.is_stopping.set()
    return 0


if __name__ == "__main__":
    sys.exit(main())
