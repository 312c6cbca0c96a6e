#!/usr/bin/python3
"""The ways in of a running service: health, readiness, metrics, webhooks, and who is let in."""
import base64
import hashlib
import hmac
import http.client
import json
import os
import re
import signal
import socket
import ssl
import time
import unittest

import kontor_under_test as kut
from kontor_under_test import wait_for

SECRET = "whsec_sandbox"
LOGIN = {"Authorization": "Basic " + base64.b64encode(b"sap:s3cret").decode()}
WRONG = {"Authorization": "Basic " + base64.b64encode(b"sap:guess").decode()}


# ---- a strict reader of the Prometheus text format 0.0.4

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (-?[0-9]+(?:\.[0-9]+)?)\Z")
KINDS = ("counter", "gauge", "histogram")


class Metrics:
    """Every sample by its name and labels; anything out of order is an AssertionError."""

    def __init__(self, text):
        assert text.endswith("\n"), "the last line does not end"
        self.samples, self.kind, told = {}, {}, set()
        current = None
        for line in text[:-1].split("\n"):
            if line.startswith("# HELP "):
                current = line.split(" ", 3)[2]
                assert current not in told, f"a second HELP: {line}"
                told.add(current)
                continue
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                assert name == current and kind in KINDS, line
                self.kind[name] = kind
                continue
            found = SAMPLE.match(line)
            assert found, f"no sample: {line!r}"
            name, labels, value = found[1], found[2] or "", float(found[found.re.groups])
            base = name
            if self.kind.get(current) == "histogram":
                base = re.sub(r"_(bucket|sum|count)\Z", "", name)
                assert base != name, line
            assert base == current, f"{line!r} stands under {current}"
            key = (name, tuple((n, v) for n, v in re.findall(LABEL, labels)))
            assert key not in self.samples, f"twice: {line}"
            self.samples[key] = value
        self.check_histograms()

    def check_histograms(self):
        """Buckets grow, the last one is the count, and there is a sum."""
        groups = {}
        for (name, labels), value in self.samples.items():
            if name.endswith("_bucket"):
                plain = tuple(x for x in labels if x[0] != "le")
                groups.setdefault((name[:-7], plain), []).append((dict(labels)["le"], value))
        for (name, labels), buckets in groups.items():
            values = [v for _, v in buckets]
            assert values == sorted(values) and buckets[-1][0] == "+Inf", buckets
            assert self.samples[(name + "_count", labels)] == values[-1], name
            assert (name + "_sum", labels) in self.samples, name

    def get(self, name, **labels):
        """The sum of all samples with at least these labels; None: there is none."""
        found = [v for (n, have), v in self.samples.items()
                 if n == name and set(labels.items()) <= set(have)]
        return sum(found) if found else None


# ---- talking

class Line:
    """One connection to a listener, kept open between requests."""

    def __init__(self, port, context=None):
        self.http = (http.client.HTTPSConnection("127.0.0.1", port, timeout=20, context=context)
                     if context else http.client.HTTPConnection("127.0.0.1", port, timeout=20))

    def ask(self, method, path, body=None, headers=None):
        self.http.request(method, path, body, headers or {})
        answer = self.http.getresponse()
        return answer.status, answer.headers, answer.read().decode()

    def close(self):
        self.http.close()


def ask(port, method, path, body=None, headers=None, context=None):
    line = Line(port, context)
    try:
        return line.ask(method, path, body, headers)
    finally:
        line.close()


def signed(body, topic="order.updated", secret=SECRET):
    mac = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return {"Content-Type": "application/json", "X-WC-Webhook-Topic": topic,
            "X-WC-Webhook-Signature": base64.b64encode(mac).decode()}


class Service(kut.Bench):
    """One node whose regular look at the shop's orders is an hour away."""
    listen = {"hooks": {"port": 0, "roles": ["webhook"]},
              "watch": {"port": 0, "roles": ["admin", "metrics"]}}

    @classmethod
    def make_kontor(cls):
        with open(os.path.join(cls.folder, "hook.secret"), "w", encoding="ascii") as file:
            file.write(SECRET)
        os.chmod(file.name, 0o600)
        settings = kut.fast_settings(cls.sap, cls.shop, **cls.more)
        settings["listen"] = cls.listen
        settings["channels"]["shop"]["orders"]["every"] = "1h"
        settings["channels"]["shop"]["connection"]["webhook_secret"] = "file:hook.secret"
        settings["retry"] = {"first": "1s", "most": "1s", "settle": "1s"}
        return kut.Kontor(cls.folder, settings)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.node = cls.start()

    @classmethod
    def start(cls):
        node = cls.kontor.serve()
        wait_for("a running service", lambda: "event=service.started" in node.text(),
                 alive=[node])
        wait_for("the first look at the orders", lambda: cls.kontor.query(
            "SELECT 1 FROM watermark WHERE endpoint = 'shop' AND stream = 'orders'"), alive=[node])
        return node

    def metrics(self):
        status, headers, text = ask(self.node.port("watch"), "GET", "/metrics")
        self.assertEqual(status, 200)
        self.assertEqual(headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        return Metrics(text)

    def hook(self, body, headers, channel="shop"):
        return ask(self.node.port("hooks"), "POST", f"/webhook/{channel}", body, headers)


class Health(Service):
    def test_process_and_readiness(self):
        port = self.node.port("watch")
        self.assertEqual(ask(port, "GET", "/healthz")[::2], (200, "ok\n"))
        self.assertEqual(ask(port, "GET", "/readyz")[::2], (200, "ready\n"))
        self.assertEqual(ask(port, "HEAD", "/readyz")[0], 200)
        self.assertEqual(ask(port, "POST", "/readyz", b"")[0], 405)

    def test_each_listener_has_its_own_routes(self):
        watch, hooks = self.node.port("watch"), self.node.port("hooks")
        for path in ("/healthz", "/readyz", "/metrics", "/"):
            self.assertEqual(ask(hooks, "GET", path)[0], 404, path)
        body = b'{"id":1}'
        self.assertEqual(ask(watch, "POST", "/webhook/shop", body, signed(body))[0], 404)
        self.assertEqual(ask(watch, "GET", "/soap/push")[0], 404)
        self.assertEqual(ask(watch, "GET", "/nothing")[0], 404)

    def test_metrics_are_strict_and_true(self):
        wait_for("a commit", lambda: self.metrics().get("kontor_commit_seconds_count"),
                 alive=[self.node])
        before = self.metrics()
        self.assertEqual(before.get("kontor_build_info"), 1)
        self.assertEqual(before.get("kontor_ready"), 1)
        self.assertEqual(before.get("kontor_database_up"), 1)
        self.assertEqual(before.get("kontor_exceptions_open"),
                         self.kontor.query("SELECT COUNT(open_mark) FROM exceptions")[0][0])
        self.assertLess(abs(before.get("process_start_time_seconds") - time.time()), 600)
        self.assertGreater(before.get("process_resident_memory_bytes"), 1 << 20)
        self.assertGreater(before.get("process_open_fds"), 5)
        self.hook(b"{}", {})
        after = self.metrics()
        for name, labels in (("kontor_hints_total", {"channel": "shop", "result": "refused"}),
                             ("kontor_door_requests_total", {"door": "webhook", "status": "401"}),
                             ("kontor_door_request_seconds_count", {"door": "webhook"}),
                             ("kontor_http_requests_total", {"server": "main"})):
            self.assertEqual(after.get(name, **labels), (before.get(name, **labels) or 0) + 1,
                             name)

    def test_numbers_of_the_database(self):
        """What stands in the tables is what is shown, once nothing moves any more."""
        def settled():
            m = self.metrics()
            return m if m.get("kontor_deliveries", state="due") == 0 and m.get(
                "kontor_deliveries", state="leased") == 0 and m.get(
                "kontor_channel_behind", channel="shop") == 0 else None
        m = wait_for("a quiet shop", settled, 60, [self.node])
        self.assertEqual(m.get("kontor_deliveries", channel="shop"),
                         self.kontor.query("SELECT COUNT(*) FROM delivery")[0][0])
        self.assertEqual(m.get("kontor_orders") or 0,
                         self.kontor.query("SELECT COUNT(*) FROM orders")[0][0])


class Webhooks(Service):
    more = {"log__level": "info"}

    def test_order_is_booked_at_once(self):
        order_id, = self.place(1)
        hook = self.shop.control("webhook", {"order": order_id, "topic": "order.created"})
        began = time.monotonic()
        status, _, _ = self.hook(base64.b64decode(hook["body_base64"]), hook["headers"])
        self.assertEqual(status, 200)
        wait_for("the order in SAP", lambda: self.documents().get(order_id), 5, [self.node])
        print(f"from webhook to SAP: {time.monotonic() - began:.2f} s")
        self.wait_told([order_id], self.node)
        self.assertEqual(len(self.documents()[order_id]), 1)
        wait_for("no hint left", lambda: not self.kontor.query("SELECT 1 FROM hint"),
                 alive=[self.node])

    def test_the_same_hint_many_times_is_one_order(self):
        order_id, = self.place(1)
        hook = self.shop.control("webhook", {"order": order_id})
        line = Line(self.node.port("hooks"))
        for _ in range(20):
            self.assertEqual(line.ask("POST", "/webhook/shop",
                                      base64.b64decode(hook["body_base64"]), hook["headers"])[0],
                             200)
        line.close()
        self.wait_told([order_id], self.node)
        self.assertEqual(len(self.documents()[order_id]), 1)

    def test_ping_and_other_topics_are_taken_quietly(self):
        hook = self.shop.control("webhook", {"topic": "ping"})
        self.assertEqual(self.hook(hook["body"].encode(), hook["headers"])[0], 200)
        body = b'{"id":7}'
        self.assertEqual(self.hook(body, signed(body, "product.updated"))[0], 200)
        self.assertEqual(self.kontor.query("SELECT COUNT(*) FROM hint")[0][0], 0)

    def test_what_is_not_signed_as_agreed(self):
        body = b'{"id":4711}'
        right = signed(body)
        for sent, headers in ((body + b" ", right), (body, signed(body, secret="guess")),
                              (body, {}), (body, dict(right, **{"X-WC-Webhook-Signature": ""}))):
            self.assertEqual(self.hook(sent, headers)[0], 401)
        for channel in ("nobody", "shop/", "SHOP", ""):
            self.assertEqual(self.hook(body, right, channel)[0], 404, channel)
        self.assertEqual(ask(self.node.port("hooks"), "GET", "/webhook/shop")[0], 405)
        self.assertEqual(self.kontor.query("SELECT COUNT(*) FROM hint")[0][0], 0)

    def test_rubbish_fills_no_log(self):
        before = self.node.text().count("event=webhook.refused")
        line = Line(self.node.port("hooks"))
        for _ in range(60):
            self.assertEqual(line.ask("POST", "/webhook/shop", b"{}", {})[0], 401)
        line.close()
        self.assertLessEqual(self.node.text().count("event=webhook.refused") - before, 6)

    def test_flood_of_orders_is_bounded(self):
        """The shop is down, so that nothing is fetched; it signs a thousand orders and more."""
        self.shop.control("misbehave", {"on": "* *", "mode": "status", "status": 503})
        answers = {}
        try:
            line = Line(self.node.port("hooks"))
            for i in range(1050):
                body = json.dumps({"id": 900000 + i}).encode()
                status, headers, _ = line.ask("POST", "/webhook/shop", body, signed(body))
                answers[status] = answers.get(status, 0) + 1
                if status == 503:
                    self.assertGreater(int(headers["Retry-After"]), 0)
            line.close()
            self.assertEqual(ask(self.node.port("watch"), "GET", "/readyz")[0], 200)
            waiting = self.kontor.query("SELECT COUNT(*) FROM hint")[0][0]
        finally:
            self.shop.control("misbehave", method="DELETE")
        self.assertEqual(set(answers), {200, 503})
        self.assertGreaterEqual(answers[200], 1000)
        self.assertLessEqual(waiting, 1010)
        wait_for("no hint left", lambda: not self.kontor.query("SELECT 1 FROM hint"), 90,
                 [self.node])
        order_id, = self.place(1)
        hook = self.shop.control("webhook", {"order": order_id})
        self.assertEqual(self.hook(base64.b64decode(hook["body_base64"]), hook["headers"])[0], 200)
        self.wait_told([order_id], self.node)


class Ending(Service):
    """Each test has a node of its own."""

    @classmethod
    def setUpClass(cls):
        super(Service, cls).setUpClass()

    def setUp(self):
        self.node = self.start()
        self.addCleanup(self.node.end)

    def begin_request(self):
        """A webhook whose body is half there; (socket, the other half)."""
        body = b'{"id":123456}'
        head = "".join(f"{k}: {v}\r\n" for k, v in signed(body).items())
        s = socket.create_connection(("127.0.0.1", self.node.port("hooks")), 10)
        s.sendall(f"POST /webhook/shop HTTP/1.1\r\nHost: kontor\r\n{head}"
                  f"Content-Length: {len(body)}\r\n\r\n".encode() + body[:5])
        return s, body[5:]

    def test_readiness_goes_first_and_the_request_ends_well(self):
        port = self.node.port("watch")
        s, rest = self.begin_request()
        wait_for("the request", lambda: self.metrics().get(
            "kontor_http_connections", server="main"), alive=[self.node])
        self.node.process.send_signal(signal.SIGTERM)
        wait_for("503 of readyz", lambda: ask(port, "GET", "/readyz")[::2] == (
            503, "not ready: it is about to stop\n"), 5, [self.node])
        self.assertEqual(ask(port, "GET", "/healthz")[0], 200)
        self.assertEqual(Metrics(ask(port, "GET", "/metrics")[2]).get("kontor_ready"), 0)
        hooks = self.node.port("hooks")
        wait_for("no new connections", lambda: refuses(hooks), 5, [self.node])
        s.sendall(rest)
        with s, s.makefile("rb") as answer:
            self.assertIn(b" 200 ", answer.readline())
        self.assertEqual(self.node.process.wait(20), 0)
        asked = [r for r in self.shop.control("requests")["requests"] if "123456" in r["route"]]
        self.assertTrue(asked or self.kontor.query("SELECT 1 FROM hint WHERE order_id = '123456'"))
        self.assertIn("event=service.stopped", self.node.text())

    def test_second_signal_ends_at_once(self):
        s, _ = self.begin_request()
        with s:
            self.node.process.send_signal(signal.SIGTERM)
            wait_for("stopping", lambda: "event=service.stopping" in self.node.text())
            self.node.process.send_signal(signal.SIGTERM)
            self.assertEqual(self.node.process.wait(5), -signal.SIGTERM)

    def test_address_that_is_taken_stops_the_start(self):
        settings = json.loads(json.dumps(self.kontor.settings))
        settings["listen"]["watch"]["port"] = self.node.port("watch")
        folder = kut.make_folder("taken")
        self.addCleanup(kut.drop_folder, folder)
        with open(os.path.join(folder, "hook.secret"), "w", encoding="ascii") as file:
            file.write(SECRET)
        os.chmod(file.name, 0o600)
        if kut.DATABASE == "sqlite":
            settings["database"]["file"] = os.path.join(self.folder, "kontor.db")
        other = kut.Kontor(folder, settings, database=self.kontor.database)
        done = other.run("serve", timeout=40)
        self.assertEqual(done.status, 3, done.err)
        self.assertIn("[LISTEN_TAKEN]", done.err)
        self.assertIn(str(self.node.port("watch")), done.err)
        self.assertTrue(self.node.is_alive())
        done = other.run("check", timeout=40)
        self.assertIn(f"Port {self.node.port('watch')} is in use: by Kontor itself if it runs",
                      done.out)
        self.assertNotEqual(done.status, 3, done.out)


def refuses(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return True
    return False


def fingerprint(cert):
    with open(cert, encoding="ascii") as file:
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(file.read())).hexdigest()


class Partners(Service):
    """Who may push: by certificate, by login, over which line."""
    ping = (b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
            b'<p:Ping xmlns:p="urn:kontor:push:1"/></e:Body></e:Envelope>')
    kind = {"Content-Type": "text/xml; charset=utf-8"}

    @classmethod
    def make_kontor(cls):
        kontor = super().make_kontor()
        make = kut.make_certificate
        cls.tls, cls.known, cls.stranger = (make(cls.folder, n) for n in
                                            ("kontor", "partner", "stranger"))
        with open(os.path.join(cls.folder, "partner.secret"), "w", encoding="ascii") as file:
            file.write("s3cret")
        os.chmod(file.name, 0o600)
        settings = dict(kontor.settings)
        settings["listen"] = dict(
            cls.listen, plain={"port": 0, "roles": ["push"]},
            tls={"port": 0, "roles": ["push"], "certificate": cls.tls[0], "key": cls.tls[1]})
        print_of = fingerprint(cls.known[0]).upper()
        settings["partners"] = {
            "sap": {"erp": "main", "user": "sap", "password": "file:partner.secret"},
            "nav": {"erp": "main", "certificates": [":".join(
                print_of[i:i + 2] for i in range(0, 64, 2))], "operations": ["PushStock", "Ping"]}}
        kontor.write(settings)
        return kontor

    def tls_context(self, client=None):
        context = ssl.create_default_context(cafile=self.tls[0])
        if client:
            context.load_cert_chain(*client)
        return context

    def push(self, listener, headers=None, client=None, body=None):
        context = self.tls_context(client) if listener == "tls" else None
        return ask(self.node.port(listener), "POST", "/soap/push", body or self.ping,
                   dict(self.kind, **(headers or {})), context)

    def test_nobody_is_401_with_a_challenge(self):
        for headers in ({}, WRONG, {"Authorization": "Bearer x"}):
            status, answer, text = self.push("tls", headers)
            self.assertEqual(status, 401)
            self.assertEqual(answer["WWW-Authenticate"], 'Basic realm="kontor", charset="UTF-8"')
            self.assertNotIn("sap", text)

    def test_login_and_certificate_open_the_door(self):
        self.assertEqual(self.push("plain", LOGIN)[0], 200)
        self.assertEqual(self.push("tls", LOGIN)[0], 200)
        self.assertEqual(self.push("tls", client=self.known)[0], 200)

    def test_nobody_is_told_before_the_body(self):
        with socket.create_connection(("127.0.0.1", self.node.port("plain")), 10) as s:
            s.sendall(b"POST /soap/push HTTP/1.1\r\nHost: kontor\r\nContent-Type: text/xml\r\n"
                      b"Content-Encoding: gzip\r\nContent-Length: 9999999\r\n\r\n")
            with s.makefile("rb") as answer:
                self.assertIn(b" 401 ", answer.readline())

    def test_many_users_fill_no_log(self):
        lines = self.node.text().count("event=login.refused")
        for i in range(40):
            login = base64.b64encode(f"user{i}:guess".encode()).decode()
            self.assertEqual(self.push("plain", {"Authorization": "Basic " + login})[0], 401)
        self.assertLessEqual(self.node.text().count("event=login.refused") - lines, 30)

    def test_strange_certificate_is_403(self):
        self.assertEqual(self.push("tls", client=self.stranger)[0], 403)

    def test_what_a_partner_may_not_is_403(self):
        body = self.ping.replace(b"Ping", b"PushPrices")
        self.assertEqual(self.push("tls", client=self.known, body=body)[0], 403)

    def test_guessing_is_429_for_that_login_alone(self):
        nobody = {"Authorization": "Basic " + base64.b64encode(b"ghost:x").decode()}
        for _ in range(10):
            self.assertEqual(self.push("tls", nobody)[0], 401)
        status, answer, _ = self.push("tls", nobody)
        self.assertEqual(status, 429)
        self.assertGreater(int(answer["Retry-After"]), 0)
        self.assertEqual(self.push("tls", LOGIN)[0], 200)
        self.assertEqual(self.push("tls", client=self.known)[0], 200)
        # a certificate and a login must be one partner's
        self.assertEqual(self.push("tls", nobody, client=self.known)[0], 500)

    def test_messages_are_counted(self):
        """Taken once, repeated once; one of its two records is refused."""
        body = self.ping.replace(b'<p:Ping xmlns:p="urn:kontor:push:1"/>', (
            '<p:PushStock xmlns:p="urn:kontor:push:1"><p:messageId>count-1</p:messageId>'
            '<p:stock><p:sku>PUSHED-1</p:sku><p:warehouse>1000</p:warehouse>'
            '<p:available>7</p:available></p:stock>'
            f'<p:stock><p:sku>{"X" * 70}</p:sku><p:warehouse>1000</p:warehouse>'
            '<p:available>7</p:available></p:stock></p:PushStock>').encode())
        before = self.metrics()
        for _ in range(2):
            status, _, text = self.push("plain", LOGIN, body=body)
            self.assertEqual(status, 200, text)
        after = self.metrics()
        for name, result in (("messages", "taken"), ("messages", "repeated"),
                             ("records", "accepted"), ("records", "refused")):
            name, labels = f"kontor_{name}_total", {"door": "push", "partner": "sap",
                                                     "result": result}
            self.assertEqual(after.get(name, **labels), (before.get(name, **labels) or 0) + 1,
                             (name, result))

    def test_certificates_are_read_again_on_hup(self):
        """The listener gets another certificate; the old one stays where the new one is broken."""
        def shown():
            return hashlib.sha256(ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(
                ("127.0.0.1", self.node.port("tls"))))).hexdigest()
        before = shown()
        self.assertEqual(before, fingerprint(self.tls[0]))
        kept = {}
        for path in self.tls:
            with open(path, "rb") as file:
                kept[path] = file.read()
        fresh = kut.make_certificate(self.folder, "fresh")
        for path, other in zip(self.tls, fresh):
            with open(path, "wb") as file, open(other, "rb") as made:
                file.write(made.read())
        self.node.process.send_signal(signal.SIGHUP)
        wait_for("the new certificate", lambda: shown() == fingerprint(fresh[0]), 10, [self.node])
        with open(self.tls[0], "wb") as file:
            file.write(b"rubbish")
        self.node.process.send_signal(signal.SIGHUP)
        wait_for("a refusal", lambda: "event=certificates.refused" in self.node.text(), 10,
                 [self.node])
        self.assertEqual(shown(), fingerprint(fresh[0]))
        for path, text in kept.items():
            with open(path, "wb") as file:
                file.write(text)
        self.node.process.send_signal(signal.SIGHUP)
        wait_for("the old certificate", lambda: shown() == before, 10, [self.node])

    def test_check_says_who_may_come_in(self):
        out = self.kontor.must("check", status=(0, 1))
        for sentence in ("with TLS, for push", "ends in ", "user and password; may bring everything",
                         "1 certificate; may bring PushStock and Ping", "admin and metrics"):
            self.assertIn(sentence, out)


class Refused(kut.Bench):
    """Listeners that cannot open: `check` says it, and `serve` ends before anything flows."""

    def trial(self, sentence, **listeners):
        before = self.shop.control("requests")["last"]
        self.kontor.write(dict(self.kontor.settings, listen=listeners))
        done = self.kontor.run("serve", timeout=40)
        self.assertEqual(done.status, 3, done.err)
        self.assertIn(sentence, done.err)
        self.assertEqual(self.shop.control("requests")["last"], before)
        self.assertEqual(self.kontor.query("SELECT COUNT(*) FROM product")[0][0], 0)
        done = self.kontor.run("check", timeout=40)
        self.assertEqual(done.status, 3, done.out)
        self.assertIn(sentence, done.out)

    def test_what_check_says_is_what_serve_does(self):
        cert, key = kut.make_certificate(self.folder, "one")
        other = kut.make_certificate(self.folder, "other")
        plain = {"port": 0, "roles": ["webhook"]}
        tls = dict(plain, certificate=cert, key=key)
        none = os.path.join(self.folder, "none.pem")
        self.trial("does not belong to the certificate", hooks=dict(tls, key=other[1]))
        self.trial("none.pem cannot be used", hooks=dict(tls, client_ca=none))
        self.trial("holds no certificate", hooks=dict(tls, client_ca=key))
        self.trial("cannot use 192.0.2.1 port 0", hooks=dict(tls, address="192.0.2.1"))
        os.chmod(key, 0o644)
        self.trial(key, hooks=tls)
        os.chmod(key, 0o600)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        self.trial("another program listens there", hooks=dict(plain, port=port),
                   all=dict(plain, port=port, address="0.0.0.0"))


class Troubled(Partners):
    """What a service says that cannot take anything now. The tests of Partners run here, too:
    trouble leaves nothing behind."""

    def says(self, status, *words):
        """/readyz and the door agree; the process is alive, and its metrics are still shown."""
        watch = self.node.port("watch")
        got, _, text = ask(watch, "GET", "/readyz")
        self.assertEqual(got, status, text)
        for word in words:
            self.assertIn(word, text)
        self.assertEqual(ask(watch, "GET", "/healthz")[0], 200)
        self.assertEqual(self.metrics().get("kontor_ready"), 1 if status == 200 else 0)
        got, headers, _ = self.push("plain", LOGIN)
        self.assertEqual(got, status)
        if status == 503:
            self.assertGreater(int(headers["Retry-After"]), 0)

    @unittest.skipIf(kut.DATABASE == "sqlite", "about a server that goes away")
    def test_0_database_goes_and_comes(self):
        server = kut.the_server()
        self.says(200, "ready")
        server.stop()
        try:
            self.kontor.database.close()
            self.says(503, "the database does not answer")
            self.assertEqual(self.metrics().get("kontor_database_up"), 0)
            body = b'{"id":1}'
            self.assertEqual(self.hook(body, signed(body))[0], 503)
        finally:
            server.start()
        wait_for("readiness", lambda: ask(self.node.port("watch"), "GET", "/readyz")[0] == 200,
                 20, [self.node])
        self.says(200, "ready")

    def test_1_disk_is_nearly_full(self):
        """The reserve is larger than any disk; of a server's own disk nothing is known here."""
        self.node.stop()
        settings = json.loads(json.dumps(self.kontor.settings))
        self.kontor.write(dict(settings, push={"disk_reserve": "1000000G",
                                                "blobs": self.folder}))
        type(self).node = self.start()
        try:
            self.says(503, "the disk is nearly full")
        finally:
            self.node.stop()
            self.kontor.write(settings)
            type(self).node = self.start()
        self.says(200, "ready")


if __name__ == "__main__":
    kut.main()
