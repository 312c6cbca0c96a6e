#!/usr/bin/python3
"""NAV stand-in: serves pages and our codeunit (wsdl/nav) from data directories, strictly, and misbehaves on demand.

Python 3.11 and lxml; no gSOAP, so that an error in one stack does not hide in the other. Listens on 127.0.0.1 only.
How to start it, its control API and its modes: README.md.
"""
import argparse
import datetime
import json
import os
import re
import sys
import threading
from http.server import ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from lxml import etree

import navauth
import sap
import soapguard
from navdata import Company
from navfilter import DATE_FORMATS, FilterError, Locale, test_of
from navforms import SERVICES, DataError
from navorders import Orders
from navrules import CREATE, FIND, Clock, Rules
from navsoap import (
    OPERATIONS, SERVICE, TYPES, Codeunit, Fault, Names, Page, envelope, fault, html, request_of, validation)
from saprules import Journal
from sapsoap import Fault as BadBody

HERE = os.path.dirname(os.path.abspath(__file__))
INSTANCE = "/DynamicsNAV100"
PATH = re.compile(re.escape(INSTANCE) + r"/WS/((?P<company>[^/]+)/)?(?P<kind>Page|Codeunit)/(?P<service>[^/]+)$")
CHUNKED_FROM = 64 * 1024
MAX_ROWS = 5000


class Handler(sap.Handler):
    """The plumbing (reading bodies, hanging up, waiting) is the SAP stand-in's; what is said is NAV's."""
    server_version = "Microsoft-HTTPAPI/2.0"
    disable_nagle_algorithm = True      # head and body are two writes

    def setup(self):
        super().setup()
        self.ntlm = navauth.Ntlm(self.server.user, self.server.password)     # one handshake per connection

    # ---- entry ----

    def do_GET(self):
        url = urlsplit(self.path)
        if url.path.startswith("/_sandbox"):
            self.control("GET", url, None)
            return
        try:
            if not self.login():
                return
            company, kind, service = self.target(url)
            host = f"http://127.0.0.1:{self.server.server_address[1]}"
            body = service.wsdl(host + url.path + (f"?{url.query}" if url.query else ""))
            self.server.journal.add(status=200, wsdl=service.service, company=company.name, service_kind=kind)
            self.reply(200, body)
        except Fault as error:
            self.refuse(error)

    def do_POST(self):
        url = urlsplit(self.path)
        try:
            body = self.read_body()
            if url.path.startswith("/_sandbox"):
                self.control("POST", url, body)
            elif self.login():
                body = self.enter(body)
                if body is not False:
                    self.soap(url, body)
        except Fault as error:
            self.refuse(error)
        except (BadBody, ValueError) as error:
            self.refuse(validation(str(error)))

    def refuse(self, error):
        self.server.journal.add(status=error.status, error=f"{error.kind}: {error.text}")
        self.reply(error.status, fault(error.kind, error.text, self.server.locale.language))

    def login(self):
        """True where the client is in; otherwise it has been told what is missing."""
        server, header = self.server, self.headers.get("Authorization", "")
        if not server.auth or "ntlm" in server.auth and self.ntlm.is_open:
            return True
        if "basic" in server.auth and header.startswith("Basic "):
            if navauth.basic(header, server.user, server.password):
                return True
            return self.unauthorised([], "wrong user or key")
        if "ntlm" in server.auth and header:
            challenge = self.ntlm.step(header)
            if challenge is None:
                server.journal.add(status=0, login="ntlm")
                return True
            return self.unauthorised([challenge], self.ntlm.refused)
        return self.unauthorised([], None if not header else "wrong kind of login")

    def unauthorised(self, challenges, why):
        if why:
            self.server.journal.add(status=401, error=f"login: {why}")
        offered = (("ntlm", "NTLM"), ("basic", 'Basic realm=""'))
        kinds = challenges or [words for kind, words in offered if kind in self.server.auth]
        self.reply(401, b"", "text/html", [("WWW-Authenticate", kind) for kind in kinds])
        return False

    def target(self, url):
        """(company, "Page" or "Codeunit", service) of an address; without a company the default one."""
        found = PATH.match(url.path)
        if not found:
            raise Fault(SERVICE + "ServiceNotFoundException", f'Service "{url.path}" was not found!', 404)
        tenant = parse_qs(url.query).get("tenant", [""])[0]
        if self.server.tenant and tenant != self.server.tenant:
            raise Fault(TYPES + "NavTenantNotAccessibleException", f"The tenant '{tenant}' is not accessible.", 404)
        name = unquote(found["company"]) if found["company"] else next(iter(self.server.companies))
        if name not in self.server.companies:
            raise Fault(TYPES + "NavCompanyNotFoundException", f'The company "{name}" does not exist.', 404)
        service = self.server.services.get((found["kind"], unquote(found["service"])))
        if service is None:
            raise Fault(SERVICE + "ServiceNotFoundException",
                        f'Service "{found["kind"]}/{found["service"]}" was not found!', 404)
        return self.server.companies[name], found["kind"], service

    def soap(self, url, body):
        company, _, service = self.target(url)
        if self.headers.get_content_type() != "text/xml":
            self.reply(415, b"", "text/html")
            return
        self.server.slow_start(service)
        request = request_of(body)
        name = etree.QName(request)
        operations = OPERATIONS if isinstance(service, Page) else service.operations
        action = self.headers.get("SOAPAction", "").strip('"')
        if name.namespace != service.namespace or name.localname not in operations \
                or action != f"{service.namespace}:{name.localname}":
            raise Fault(SERVICE + "ServiceBrokerException",
                        f"The method {request.tag} (SOAPAction {action}) was not found in service {service.service}.")
        call = PageCall(self.server, company, service) if isinstance(service, Page) else \
            CodeunitCall(self.server, company, service)
        values = call.read(name.localname, request)
        key = values.get("ourKey", "") if isinstance(values, dict) else ""
        rule = self.server.rules.pick(service.service, name.localname, key)
        entry = self.server.journal.add(
            function=name.localname, service=service.service, company=company.name, key=key, bytes=len(body),
            mode=rule["mode"] if rule else None, error=None, asked=call.asked,
            had=self.opened.had if self.opened else None)
        if rule:
            getattr(self, "do_" + rule["mode"])(call, values, rule, entry)
        else:
            self.answer(call, call.run(values), entry)

    def answer(self, call, result, entry):
        """What came of a call, or the fault that a call ends with."""
        if isinstance(result, Fault):
            entry.update(status=result.status, fault=result.kind.rpartition(".")[2], text=result.text)
            self.reply(result.status, fault(result.kind, result.text, self.server.locale.language))
            return
        body = self.secure(call.answer(result))
        entry.update(status=200, state=call.state(result))
        if len(body) < CHUNKED_FROM:
            self.reply(200, body)
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/xml; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for at in range(0, len(body), 32768):
            part = body[at:at + 32768]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")

    # ---- misbehaviour: one method per mode ----

    def do_late(self, call, values, rule, entry):
        session, result = call.begin(values)
        if session and rule.get("commit", "before") == "before":
            session, result = None, call.commit(session)
        self.wait(rule.get("delay_s", 5))
        if session:
            result = call.commit(session)
        self.answer(call, result, entry)

    def do_commit_late(self, call, values, rule, entry):
        session, result = call.begin(values)
        if not session:
            self.answer(call, result, entry)
            return
        delay = rule.get("commit_after_s", 30)
        entry["commit_after_s"] = delay
        self.server.clock.later(delay, lambda: call.commit(session), self.server.is_stopping)
        if rule.get("connection", "cut") == "cut":
            self.hang_up(rule.get("reset", False))
        elif self.wait_for_client(delay):
            self.hang_up()
        else:
            while session.document is None and not self.server.is_stopping.is_set():
                self.wait(0.01)     # the commit is due now, in the timer's thread
            self.answer(call, call.orders.booking(session.document, "BOOKED"), entry)

    def do_twice(self, call, values, rule, entry):
        result = call.run(values)
        if rule.get("what", "process") in ("process", "both"):
            entry["second"] = call.state(call.run(values))
        self.answer(call, result, entry)
        if rule.get("what", "process") in ("answer", "both"):
            self.answer(call, result, entry)
            self.close_connection = True

    def do_never(self, call, values, rule, entry):
        self.wait_for_client(rule.get("hold_s", 600))
        self.hang_up()

    def do_cut(self, call, values, rule, entry):
        if rule.get("create", False):
            entry["state"] = call.state(call.run(values))
        self.hang_up(rule.get("reset", False))

    def do_lock(self, call, values, rule, entry):
        if rule.get("hold_s"):
            session = call.orders.hold(values["ourKey"])
            self.server.clock.later(rule["hold_s"], lambda: call.orders.close_session(session), self.server.is_stopping)
        self.answer(call, {"State": "PENDING"} if call.operation == FIND else call.orders.lock_fault(), entry)

    def do_error_after_create(self, call, values, rule, entry):
        state = call.state(call.run(values))
        self.answer(call, Fault(rule.get("kind", "System.Data.SqlClient.SqlException"), rule.get(
            "message", "A transport-level error has occurred when receiving results from the server.")), entry)
        entry["state"] = state

    def do_fault(self, call, values, rule, entry):
        kind = rule.get("kind", TYPES + "NavNCLDialogException")
        text = rule.get("message", "Posting Date is not within your range of allowed posting dates.")
        self.answer(call, Fault(kind, text), entry)

    def do_odd(self, call, values, rule, entry):
        """200 with something that is no answer to this call."""
        if rule.get("create", False):
            entry["state"] = call.state(call.run(values))
        entry["status"] = 200
        what, space = rule.get("what", "other"), call.service.namespace
        body = {"other": f'<Nothing_Result xmlns="{space}"><return_value>0</return_value></Nothing_Result>',
                "empty": "", "bare": f'<{call.operation}_Result xmlns="{space}" />',
                "state": f'<{call.operation}_Result xmlns="{space}"><booking><State xmlns="'
                         'urn:microsoft-dynamics-nav/xmlports/x50144">PERHAPS</State></booking>'
                         f"</{call.operation}_Result>"}[what]
        self.reply(200, envelope(body))

    def do_truncate(self, call, values, rule, entry):
        result = call.run(values)
        body = self.secure(call.answer(result)) if not isinstance(result, Fault) else b""
        entry.update(status=200, state=call.state(result))
        self.reply(200, soapguard.Sealed(body[:int(len(body) * rule.get("keep", 0.5))]))

    def do_security(self, call, values, rule, entry):
        """Done as asked, but the answer's security does not hold; `as` says what it answers."""
        result = call.run(values)
        self.spoil = rule.get("what", "unsigned")
        if rule.get("as", "answer") == "answer":
            self.answer(call, result, entry)
            return
        state = call.state(result)
        self.answer(call, Fault(TYPES + "NavNCLDialogException", "[K007] The customer is blocked."), entry)
        entry["state"] = state

    def do_html(self, call, values, rule, entry):
        entry["status"] = 200
        if rule.get("create", False):
            entry["state"] = call.state(call.run(values))
        self.reply(200, html("Maintenance", "The service is being maintained. <br>Please come back"), "text/html")

    def do_status(self, call, values, rule, entry):
        entry["status"] = rule.get("status", 503)
        headers = [("Retry-After", str(rule["retry_after"]))] if "retry_after" in rule else []
        if rule.get("create", False):
            entry["state"] = call.state(call.run(values))
        self.reply(entry["status"], html("Service Unavailable", f"HTTP Error {entry['status']}."), "text/html", headers)

    def do_slow(self, call, values, rule, entry):
        result = call.run(values)
        body = self.secure(call.answer(result)) if not isinstance(result, Fault) else b""
        entry.update(status=200, state=call.state(result))
        self.send_response(200)
        self.send_header("Content-Type", "text/xml; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for n in range(20):
            self.wfile.write(body[len(body) * n // 20:len(body) * (n + 1) // 20])
            self.wfile.flush()
            self.wait(rule.get("total_s", 10) / 20)

    def do_touch(self, call, values, rule, entry):
        """The last row of a page changes before its Key can serve as bookmark."""
        result = call.run(values)
        if isinstance(call, PageCall) and call.last:
            self.server.journal.add(touched=call.service.service)
            call.company.touch(call.service.role, call.last)
        self.answer(call, result, entry)

    # ---- control API ----

    def control(self, method, url, body):
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        try:
            data = json.loads(body) if body else {}
            name = query.get("company") or next(iter(self.server.companies))
            if name not in self.server.companies:
                raise DataError(f"no such company: {name}")
            answer = self.controlled(f"{method} {url.path.removeprefix('/_sandbox/')}", query, data,
                                     self.server.companies[name], self.server.orders[name])
            if answer is None:
                self.reply_json({"error": f"no such route: {method} {url.path}"}, 404)
            else:
                self.reply_json(answer)
        except (DataError, ValueError, TypeError, KeyError) as error:
            self.reply_json({"error": f"{type(error).__name__}: {error}"}, 400)

    def controlled(self, route, query, data, company, orders):
        server = self.server
        if route == "GET counts":
            return server.counts(company, orders)
        if route == "GET orders":
            return orders.documents()
        if route == "GET data":
            return company.dump()
        if route == "GET requests":
            return server.journal.since(int(query.get("since", "0")))
        if route == "GET misbehave":
            return server.rules.listed()
        if route == "POST misbehave":
            rules = data.get("rules", [data["rule"]] if "rule" in data else [data])
            return {"rules": [server.rules.add(rule) for rule in rules]}
        if route == "DELETE misbehave":
            server.rules.clear(int(query["rule"]) if "rule" in query else None)
            return {"ok": True}
        if route == "POST change":
            return company.change(data.get("table"), data.get("key"), data.get("set"), bool(data.get("delete", False)))
        if route == "POST stock":
            return company.post_stock(**data)
        if route == "POST ship":
            return orders.ship(**data)
        if route == "POST track":
            return orders.track(**data)
        if route in ("POST release", "POST invoice", "POST delete"):
            return getattr(orders, route[5:])(data.get("number"))
        return None


class PageCall:
    """One call of a page: read only, so there is nothing to begin or to commit."""
    orders = None

    def __init__(self, server, company, page):
        self.server, self.company, self.service = server, company, page
        self.operation = self.asked = self.last = None

    def read(self, operation, element):
        self.operation = operation
        if operation == "ReadMultiple":
            filters, bookmark, size = self.service.asked(element)
            self.asked = {"filters": filters, "bookmark": bookmark, "size": size}
            return self.asked
        names = {"Read": self.service.key_fields, "ReadByRecId": ["recId"]}.get(operation, ["Key"])
        return self.service.one_leaf(element, *names)

    def run(self, values):
        page, role = self.service, self.service.role
        try:
            if self.operation == "ReadMultiple":
                tests = [self.test(field, criteria) for field, criteria in values["filters"] if field and criteria]
                after = self.company.key_read(role, values["bookmark"]) if values["bookmark"] else None
                found = self.company.walk(role, tests, after, values["size"])
                self.last = found[-1][0] if found else None
                return page.rows(self.shown(key, row) for key, row in found)
            if self.operation == "Read":
                return self.one(self.company.typed_key(role, self.key_words(values)))
            if self.operation == "ReadByRecId":
                return self.one(self.company.key_read(role, values[0]))
            if self.operation == "GetRecIdFromKey":
                self.company.key_read(role, values[0])
                return page.result(self.operation, f"<{self.operation}_Result>{values[0]}</{self.operation}_Result>")
            return page.result("IsUpdated", f"<IsUpdated_Result>{self.is_updated(values[0])}</IsUpdated_Result>")
        except Fault as error:
            return error
        except FilterError as error:
            return Fault(TYPES + "NavCSideFilterException",
                         f"The filter is not valid for the {page.service} page: {error}.")

    def test(self, site_name, criteria):
        ours, field = self.service.field[site_name]
        if ours is None:
            value = self.service.extra[site_name]
            test = test_of(criteria, field, self.server.locale)
            return self.service.columns[0][1], lambda _: test(value)
        return ours, test_of(criteria, field, self.server.locale)

    def key_words(self, values):
        """The words of a Read in the table's own order; an option's value becomes its number."""
        words = []
        for name, value in zip(self.service.key_fields, values):
            field = self.service.field[name][1]
            words.append(str(field.values.index(value)) if field.values else value)
        return words

    def one(self, key):
        row = self.company.rows[self.service.role].get(key)
        return self.service.result(self.operation, self.shown(key, row) if row else "")

    def shown(self, key, row):
        lines = [(self.company.key_text("shipment_line", k), line) for k, line in self.company.shipment_lines(key[0])] \
            if self.service.role == "shipment" else ()
        return self.service.row(self.company.key_text(self.service.role, key), row, lines)

    def is_updated(self, key):
        try:
            self.company.key_read(self.service.role, key)
            return "false"
        except Fault as error:
            if "modified" in error.text:
                return "true"
            raise

    def begin(self, values):
        return None, self.run(values)

    @staticmethod
    def answer(result):
        return result

    @staticmethod
    def state(result):
        return result.kind.rpartition(".")[2] if isinstance(result, Fault) else None


class CodeunitCall:
    def __init__(self, server, company, codeunit):
        self.server, self.company, self.service = server, company, codeunit
        self.orders = server.orders[company.name]
        self.operation = self.asked = None

    def read(self, operation, element):
        self.operation = operation
        values = self.service.read(element)
        self.asked = {name: value for name, value in values.items() if isinstance(value, str)}
        return values

    def run(self, values):
        """A well-behaved call from start to end: what it answers, or the Fault that it ends with."""
        session, result = self.begin(values)
        return self.commit(session) if session else result

    def begin(self, values):
        """(session ready to commit, None), or (None, result) where nothing is left to book."""
        session = None
        try:
            if self.operation != CREATE:
                return None, FUNCTIONS[self.operation](self, values)
            session, result = self.orders.open_session(values["ourKey"])
            if session:
                self.orders.prepare(session, values["order"])
            return session, result
        except Fault as error:
            if session:
                self.orders.close_session(session)
            return None, error

    def commit(self, session):
        return self.orders.booking(self.orders.commit(session), "BOOKED")

    def answer(self, result):
        name = {"Info": "info", "ReadPrices": "prices", "ReadStock": "stock", "FindCustomers": "customers"}.get(
            self.operation, "booking")
        return self.service.answer(self.operation, {name: result})

    @staticmethod
    def state(result):
        if isinstance(result, Fault):
            return result.kind.rpartition(".")[2]
        return result.get("State")

    # ---- the functions of the codeunit, but for CreateOrder ----

    def info(self, values):
        settings = self.company.settings
        sample = self.server.locale.show(datetime.date(2001, 12, 31))
        return {"Contract": "1", "Database": settings["Database"], "Company": self.company.name,
                "ServerInstance": settings["Server_Instance"], "NavVersion": settings["Nav_Version"],
                "KeyTable": self.orders.has_key_table, "MaxCallS": self.server.max_call_s, "DateSample": sample,
                "LcyCode": settings["LCY_Code"]}

    def read_prices(self, values):
        return self.company.read_prices(values["after"], self.rows_wanted(values))

    def read_stock(self, values):
        try:
            return self.company.read_stock(values["after"], self.rows_wanted(values))
        except DataError:
            raise self.orders.refuse("K002", values["after"]) from None

    @staticmethod
    def rows_wanted(values):
        size = int(values["maxRows"])
        return size if 0 < size <= MAX_ROWS else MAX_ROWS

    def find_order(self, values):
        return self.orders.find(values["ourKey"])

    def find_customers(self, values):
        return {"Customer": self.orders.find_customers(
            values["email"], values["vatId"], values["name"], values["postCode"], values["country"])}


FUNCTIONS = {"Info": CodeunitCall.info, "ReadPrices": CodeunitCall.read_prices, "ReadStock": CodeunitCall.read_stock,
             FIND: CodeunitCall.find_order, "FindCustomers": CodeunitCall.find_customers}


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, args):
        self.clock = Clock(args.clock_file)
        self.locale = Locale(args.language, args.date_format)
        self.auth = [] if args.auth == "none" else args.auth.split("+")
        self.user, self.password, self.tenant = args.user or "", args.password or "", args.tenant
        self.max_call_s, self.slow_first_s = args.max_call, args.slow_first
        self.companies = {c.name: c for c in (Company(folder, self.clock) for folder in args.data)}
        self.orders = {name: Orders(company, args.language, not args.no_key_table, args.pricing, args.lock_timeout)
                       for name, company in self.companies.items()}
        names = Names(_load_names(args.names))
        self.services = {("Page", page.service): page
                         for page in (Page(role, names) for role in SERVICES if names.services[role])}
        codeunit = Codeunit(args.wsdl, names)
        self.services["Codeunit", codeunit.service] = codeunit
        self.rules, self.journal = Rules(), Journal()
        self.warm, self.warm_lock = set(), threading.Lock()
        self.state_lock, self.is_stopping = threading.Lock(), threading.Event()
        self.context = None
        self.guard = soapguard.Guard(args.wss) if args.wss else None
        if args.state:
            self._remember(args.state)
        super().__init__(("127.0.0.1", args.port), Handler)

    def _remember(self, path):
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                for line in file:
                    if not line.endswith("\n"):
                        break               # cut off by a kill: it was never answered
                    name, events = json.loads(line)
                    self.companies[name].replay(events)
        file = open(path, "a", encoding="utf-8")

        def append(name, events):
            with self.state_lock:
                file.write(json.dumps([name, events], ensure_ascii=False) + "\n")
                file.flush()
        for name, company in self.companies.items():
            company.append = lambda events, name=name: append(name, events)

    def slow_start(self, service):
        """NAV compiles a service's metadata when it is first called."""
        with self.warm_lock:
            is_first = service.service not in self.warm
            self.warm.add(service.service)
        if is_first and self.slow_first_s:
            self.is_stopping.wait(self.slow_first_s)

    def counts(self, company, orders):
        with company.lock:
            by_key = {}
            for row in company.rows["document"].values():
                by_key[row["Key"]] = by_key.get(row["Key"], 0) + 1
            return {"documents": len(company.rows["document"]), "documents_by_key": by_key,
                    "running": sorted(orders.running), "keys": len(company.rows["order_key"]),
                    "shipments": len(company.rows["shipment"]), "touches": company.last_touch,
                    "records": {table: len(rows) for table, rows in company.rows.items()},
                    "calls": dict(self.journal.calls), "misbehaved": dict(self.journal.modes),
                    "refused": self.journal.refused, "requests": len(self.journal.entries)}

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


def _load_names(path):
    if not path:
        return None
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def arguments(argv):
    p = argparse.ArgumentParser(description="NAV stand-in on 127.0.0.1")
    p.add_argument("--data", required=True, action="append", metavar="DIR",
                   help="one company's directory, see README.md; more than one: the first is the default company")
    p.add_argument("--port", type=int, default=8003, help="0 takes a free one")
    p.add_argument("--port-file", help="where to write the port once it listens")
    p.add_argument("--state", help="file that keeps documents and changes over a restart")
    p.add_argument("--auth", choices=("none", "basic", "ntlm", "ntlm+basic"),
                   help="default: basic with --user, else none")
    p.add_argument("--user", help='NTLM: with or without a domain, "CORP\\kontor"')
    p.add_argument("--password")
    p.add_argument("--tenant", help="must stand in every address as ?tenant=")
    p.add_argument("--language", choices=sorted(DATE_FORMATS), default="de-DE", help="of the service user")
    p.add_argument("--date-format", metavar="dd.MM.yy", help="of the service user; default: the language's")
    p.add_argument("--names", metavar="FILE", help="JSON: what this site calls its services and fields, see README.md")
    p.add_argument("--pricing", choices=("as_sent", "own"), default="as_sent")
    p.add_argument("--no-key-table", action="store_true", help="the table that makes our key unique is missing")
    p.add_argument("--lock-timeout", type=float, default=10, metavar="S", help="how long NAV waits for a locked row")
    p.add_argument("--max-call", type=int, default=600, metavar="S", help="MaxCallS of Info")
    p.add_argument("--slow-first", type=float, default=0, metavar="S",
                   help="the first call of each service takes so much longer")
    p.add_argument("--clock-file", help="file with the seconds that the stand-in's clock is ahead")
    p.add_argument("--wsdl", default=os.path.join(HERE, "..", "..", "wsdl", "nav", "kontor_service.wsdl"))
    p.add_argument("--wss", metavar="FILE", help="JSON: WS-Security of requests and answers, see README.md")
    args = p.parse_args(argv)
    args.auth = args.auth or ("basic" if args.user else "none")
    if (args.user is None) != (args.password is None) or args.auth != "none" and args.user is None:
        p.error("--user and --password belong together, and to --auth")
    return args


def main(argv=None):
    args = arguments(argv)
    try:
        server = Server(args)
    except (DataError, OSError, ValueError) as error:
        print(f"nav.py: {error}", file=sys.stderr)
        return 2
    port = server.server_address[1]
    if args.port_file:
        with open(args.port_file + ".new", "w", encoding="ascii") as file:
            file.write(f"{port}\n")
        os.replace(args.port_file + ".new", args.port_file)
    names = ", ".join(server.companies)
    print(f"NAV stand-in: http://127.0.0.1:{port}{INSTANCE} ({names})", flush=True)
    try:
        server.serve_forever(poll_interval=0.1)
    except KeyboardInterrupt:
        server.is_stopping.set()
    return 0


if __name__ == "__main__":
    sys.exit(main())
