#!/usr/bin/python3
"""A WooCommerce wc/v3 stand-in: standard library only, on 127.0.0.1, misbehaving on demand.

Run it by hand as a staging shop or from tests; README.md beside this file names every mode.
"""
import argparse
import base64
import hashlib
import hmac
import http.server
import json
import os
import select
import signal
import socket
import ssl
import struct
import sys
import threading
import time
import traceback
import urllib.parse

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from wcv3_api import BASE, Api, Cut, general  # noqa: E402
from wcv3_rules import RuleError, Rules  # noqa: E402
from wcv3_images import Fetched  # noqa: E402
from wcv3_schema import Schema  # noqa: E402
from wcv3_shop import Shop  # noqa: E402
from wcv3_store import PLURAL, WcError  # noqa: E402

BODY_LIMIT = 256 << 20                  # a seed is one body
JOURNAL_LIMIT = 64 << 20
HTML = ("<!DOCTYPE html>\n<html><head><title>{0}</title></head><body><h1>{0}</h1>"
        "<p>Please try again later.</p></body></html>\n")


def php_json(value):
    """JSON as the shop writes it: ASCII, slashes escaped."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/").encode("ascii")


class Journal:
    """What was received, with bodies, newest last; above the memory limit the oldest go."""

    def __init__(self, first):
        self.lock = threading.Lock()
        self.rows, self.size, self.last = [], 0, first

    def add(self, **row):
        with self.lock:
            self.last += 1
            row = dict(row, n=self.last, at=time.time(), status=None, mode=None)
            self.rows.append(row)
            self.size += len(row["body"])
            while self.size > JOURNAL_LIMIT:
                self.size -= len(self.rows.pop(0)["body"])
            return row

    def since(self, n):
        with self.lock:
            rows = [dict(r) for r in self.rows if r["n"] > n]
        for row in rows:
            text = row["body"].decode("utf-8", "replace")
            try:
                row["body"] = json.loads(text) if text else None
            except ValueError:
                row["body"] = text
        return rows


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, options):
        self.options = options
        self.shop = Shop(Schema(options.schema), options.state, options.utc_offset_min,
                         options.store_id, options.site_url, options.entities)
        self.api, self.rules = Api(self.shop, options.hide), Rules()
        self.journal = Journal(self.shop.facts["requests"])
        self.stopping = threading.Event()
        super().__init__(("127.0.0.1", options.port), Handler)
        if options.cert:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            context.load_cert_chain(options.cert, options.tls_key)
            # The handshake runs in the connection's own thread, not in the accepting one.
            self.socket = context.wrap_socket(self.socket, server_side=True,
                                              do_handshake_on_connect=False)

    @property
    def url(self):
        return f"{'https' if self.options.cert else 'http'}://127.0.0.1:{self.server_port}"

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], (ConnectionError, ssl.SSLError, TimeoutError)):
            traceback.print_exc()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 120
    server_version, sys_version = "wcv3-sandbox", ""

    def log_message(self, format, *args):        # the journal is the log
        pass

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qsl(url.query, keep_blank_values=True)
        body = self._body()
        if body is None:
            return
        if url.path.startswith("/_sandbox/"):
            self._sandbox(url.path[len("/_sandbox/"):].strip("/"), dict(query), body)
        else:
            self._api(urllib.parse.unquote(url.path), query, body)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_GET

    # ---- bytes in and out

    def _body(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            parts = []
            while True:
                size = int(self.rfile.readline().split(b";")[0], 16)
                parts.append(self.rfile.read(size))
                self.rfile.readline()
                if size == 0 or sum(map(len, parts)) > BODY_LIMIT:
                    return b"".join(parts)
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > BODY_LIMIT:
            self.close_connection = True
            self._send(413, {}, php_json({"code": "sandbox_body", "message": "Bad length."}))
            return None
        return self.rfile.read(int(length))

    def _send(self, status, headers, data, kind="application/json; charset=UTF-8", length=None,
              pace=None):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data) if length is None else length))
        for name, value in headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self._headers_buffer.append(b"\r\n")
        head = b"".join(self._headers_buffer)
        self._headers_buffer = []
        try:
            if pace is None:
                self.wfile.write(head + data)
                return
            self.wfile.write(head)
            for i in range(0, len(data), pace["chunk"]):
                self.wfile.write(data[i:i + pace["chunk"]])
                if self.server.stopping.wait(pace["chunk"] / pace["bytes_per_s"]):
                    break
        except (ConnectionError, ssl.SSLError, TimeoutError):
            self.close_connection = True         # the caller did not wait

    def _hang(self, seconds):
        """Waits without answering until the caller leaves, the time is over or the server ends."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.server.stopping.is_set():
            readable, _, _ = select.select([self.connection], [], [], 0.2)
            if readable:
                try:
                    if not self.connection.recv(4096):
                        break
                except OSError:
                    break
        self.close_connection = True

    # ---- wc/v3

    def _api(self, path, query, body):
        server, method = self.server, self.command
        route = path[len(BASE):] if path.startswith(BASE + "/") else path
        row = server.journal.add(method=method, route=route, query=query, body=body)
        with server.shop.lock:
            server.shop.facts["requests"] += 1
        refused = self._login(method)
        if refused:
            row["status"] = refused.status
            self._send(refused.status, {}, php_json(refused.body))
            return
        if method not in ("GET", "OPTIONS"):
            with server.shop.lock:
                facts, name = server.shop.facts, f"{method} {general(route)}"
                facts["writes"] += 1
                facts["writes_by_route"][name] = facts["writes_by_route"].get(name, 0) + 1
        rule = server.rules.match(method, route)
        row["mode"] = rule.mode if rule else None

        def apply():
            row["status"], headers, out = self._apply(path, method, route, query, body, rule)
            return row["status"], headers, out
        if rule is None or rule.mode == "item_error":
            status, headers, out = apply()
            self._send(status, headers, php_json(out))
        else:
            getattr(self, "_mode_" + rule.mode)(rule.param, apply)

    def _apply(self, path, method, route, query, body, rule):
        if not path.startswith(BASE + "/"):
            return 404, {}, {"code": "rest_no_route", "message": "No route was found.",
                             "data": {"status": 404}}
        parsed = None
        if body:
            kind = self.headers.get("Content-Type", "").split(";")[0].strip().lower()
            try:
                if kind != "application/json":
                    raise ValueError("the content type is not application/json")
                parsed = json.loads(body.decode("utf-8"))
            except ValueError as wrong:
                return 400, {}, {"code": "rest_invalid_json",
                                 "message": "Invalid JSON body passed.",
                                 "data": {"status": 400, "json_error_message": str(wrong)}}
        try:
            return self.server.api.answer(method, route, query, parsed, rule)
        except Cut:
            return 0, {}, None
        except Exception:
            traceback.print_exc()
            return 500, {}, {"code": "internal_server_error",
                             "message": "The stand-in failed; see its error output.",
                             "data": {"status": 500}}

    def _login(self, method):
        options = self.server.options
        given = self.headers.get("Authorization", "")
        if not given.startswith("Basic "):
            return WcError(401, "woocommerce_rest_cannot_view",
                           "Sorry, you cannot list resources.")
        try:
            user, _, secret = base64.b64decode(given[6:], validate=True).decode().partition(":")
        except ValueError:
            user = secret = ""
        if not (hmac.compare_digest(user.encode(), options.key.encode())
                and hmac.compare_digest(secret.encode(), options.secret.encode())):
            return WcError(401, "woocommerce_rest_authentication_error",
                           "Consumer key or secret is invalid.")
        reads = method in ("GET", "OPTIONS")
        if options.permissions == ("write" if reads else "read"):
            return WcError(401, "woocommerce_rest_authentication_error",
                           "The API key provided does not have the needed permissions.")
        return None

    # ---- one function per mode of misbehaviour

    def _mode_late(self, param, apply):
        result = apply() if param["commit"] == "before" else None
        self.server.stopping.wait(param["delay_s"])
        status, headers, out = result or apply()
        self._send(status, headers, php_json(out))

    def _mode_never(self, param, apply):
        if param["apply"]:
            apply()
        self._hang(param["hold_s"])

    def _mode_cut(self, param, apply):
        if param["apply"]:
            apply()
        if param["reset"]:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                       struct.pack("ii", 1, 0))
            os.close(self.connection.detach())       # a reset, not an orderly end
        self.close_connection = True

    def _mode_error_after_apply(self, param, apply):
        apply()
        self._send(param["status"], {}, HTML.format("There has been a critical error").encode(),
                   "text/html; charset=UTF-8")

    def _mode_html(self, param, apply):
        if param["apply"]:
            apply()
        self._send(200, {}, HTML.format("Briefly unavailable for maintenance").encode(),
                   "text/html; charset=UTF-8")

    def _mode_status(self, param, _apply):
        headers = {}
        if param["retry_after"] is not None:
            headers["Retry-After"] = str(param["retry_after"])
        if param["html"]:
            data, kind = HTML.format(f"Error {param['status']}").encode(), "text/html"
        elif param["body"] is not None:
            body = param["body"]
            data = body.encode() if isinstance(body, str) else php_json(body)
            kind = "application/json"
        else:
            data = php_json({"code": param["code"] or "sandbox_status",
                             "message": "This request was refused on demand.",
                             "data": {"status": param["status"]}})
            kind = "application/json; charset=UTF-8"
        self._send(param["status"], headers, data, kind)

    def _mode_truncate(self, param, apply):
        status, headers, out = apply()
        data = php_json(out)
        kept = data[:int(len(data) * param["keep"])]
        if not param["honest"]:
            self.close_connection = True
        self._send(status, headers, kept, length=None if param["honest"] else len(data))

    def _mode_slow(self, param, apply):
        status, headers, out = apply()
        self._send(status, headers, php_json(out), pace=param)

    def _mode_duplicate(self, param, apply):
        status, headers, out = apply()
        if isinstance(out, list) and out:
            same = [x for x in out if x.get("id") == param["id"]] if param["id"] else out[:1]
            out = out + same
        self._send(status, headers, php_json(out))

    def _mode_lying(self, param, apply):
        if param["apply"]:
            apply()
        self._send(200, {}, php_json({"code": param["code"], "message": param["message"],
                                      "data": {"status": 401}}))

    # ---- control, without a login: the server listens on the loopback address only

    def _sandbox(self, path, query, body):
        first, _, rest = path.partition("/")
        try:
            sent = json.loads(body) if body else {}
            action = getattr(self, f"_control_{first}", None)
            if action is None:
                raise WcError(404, "sandbox_no_route", f"There is no control /_sandbox/{first}.")
            self.fetched = Fetched(sent if first == "seed" else None)
            with self.server.shop.lock:
                try:
                    out = action(rest, query, sent)
                finally:
                    self.server.shop.commit()
            status = 200
        except WcError as wrong:
            status, out = wrong.status, wrong.body
        except (RuleError, ValueError, KeyError, TypeError, AttributeError) as wrong:
            status, out = 400, {"code": "sandbox_bad_request",
                                "message": f"{type(wrong).__name__}: {wrong}"}
        self._send(status, {}, json.dumps(out, ensure_ascii=False).encode())

    def _control_counts(self, _rest, _query, _sent):
        shop = self.server.shop
        counts = {PLURAL.get(kind, kind + "s"): len(rows) for kind, rows in shop.rows.items()}
        counts.update({k: v for k, v in shop.facts.items() if not k.startswith("next_")})
        return counts

    def _control_requests(self, _rest, query, _sent):
        journal = self.server.journal
        rows = journal.since(int(query.get("since", "0")))
        return {"last": journal.last, "requests": rows}

    def _control_products(self, _rest, query, _sent):
        shop = self.server.shop
        rows = [r for kind in ("product", "variation") for r in shop.rows[kind].values()]
        if "sku" in query:
            wanted = set(query["sku"].split(","))
            rows = [r for r in rows if r["sku"] in wanted]
        return [shop.show_for_control(r) for r in rows]

    def _control_categories(self, _rest, _query, _sent):
        shop = self.server.shop
        return [dict(shop.show_category(c), path=shop.category_path(c["id"]))
                for c in shop.rows["category"].values()]

    def _control_attributes(self, _rest, _query, _sent):
        shop, uses = self.server.shop, self.server.shop.term_uses()
        return [dict(a, terms=[shop.show_term(t, uses) for t in shop.terms_of(a["id"])])
                for a in shop.rows["attribute"].values()]

    def _control_images(self, rest, _query, _sent):
        shop = self.server.shop
        if self.command == "DELETE":     # somebody empties the media library
            if int(rest) not in shop.rows["image"]:
                raise WcError(404, "sandbox_no_image", f"There is no image {rest}.")
            shop.put("image", int(rest), None)
        return [shop.show_image(i, True) for i in shop.rows["image"]]

    def _control_seed(self, _rest, _query, sent):
        self._needs("POST")
        return self.server.shop.seed(sent, self.fetched)

    def _control_orders(self, _rest, _query, _sent):
        shop = self.server.shop
        notes = {}
        for note in shop.rows["note"].values():
            notes.setdefault(note["order"], []).append(note["note"])
        return [dict(shop.show(r), notes=notes.get(r["id"], []))
                for r in shop.rows["order"].values()]

    def _control_order(self, rest, query, sent):
        self._needs("POST")
        shop = self.server.shop
        if rest:
            return shop.show(shop.change_order(int(rest), sent))
        order = shop.place_order(sent)
        if query.get("reduce_stock") == "1":
            shop.reduce_stock(order)
        return shop.show(order)

    def _control_misbehave(self, rest, _query, sent):
        rules = self.server.rules
        if self.command == "GET":
            return {"rules": rules.show()}
        if self.command == "DELETE":
            return {"removed": rules.remove(int(rest) if rest else None)}
        texts = sent.get("rules") or [sent.get("rule") or sent]
        return {"ids": rules.add(texts)}

    def _control_webhook(self, _rest, _query, sent):
        self._needs("POST")
        shop, options = self.server.shop, self.server.options
        order_id = sent.get("order", sent.get("order_id"))
        topic = sent.get("topic", "order.updated")
        resource, _, event = topic.partition(".")
        if topic == "ping":
            data, kind = b"webhook_id=1", "application/x-www-form-urlencoded"
        elif event in ("created", "updated", "deleted", "restored") and resource == "order":
            row = {"id": order_id} if event == "deleted" else shop.show(shop.get_order(order_id))
            data, kind = php_json(row), "application/json"
        else:
            raise WcError(400, "sandbox_bad_topic", f"The stand-in sends no webhook {topic}.")
        mac = hmac.new(options.webhook_secret.encode(), data, hashlib.sha256).digest()
        headers = {"Content-Type": kind,
                   "User-Agent": "WooCommerce/10.5.2 Hookshot (WordPress/6.9)"}
        if topic != "ping":
            delivery = hashlib.sha256(f"{topic}/{order_id}/{shop.next('next_item')}".encode())
            headers.update({
                "X-WC-Webhook-Source": shop.site_url + "/", "X-WC-Webhook-Topic": topic,
                "X-WC-Webhook-Resource": resource, "X-WC-Webhook-Event": event,
                "X-WC-Webhook-Signature": base64.b64encode(mac).decode(),
                "X-WC-Webhook-ID": "1", "X-WC-Webhook-Delivery-ID": delivery.hexdigest()[:32]})
        return {"headers": headers, "body": data.decode(),
                "body_base64": base64.b64encode(data).decode()}

    def _needs(self, method):
        if self.command != method:
            raise WcError(405, "sandbox_method", f"This control takes {method} only.")


def parse(argv):
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--port", type=int, default=0, help="0 chooses a free one")
    p.add_argument("--port-file", help="file that receives the port once the server listens")
    p.add_argument("--state", help="file of JSON lines that keeps everything over a restart")
    p.add_argument("--key", default="ck_sandbox", help="consumer key")
    p.add_argument("--secret", default="cs_sandbox", help="consumer secret")
    p.add_argument("--permissions", default="read_write", choices=["read", "write", "read_write"])
    p.add_argument("--cert", help="PEM certificate: serve HTTPS")
    p.add_argument("--tls-key", help="PEM private key, where it is not in the --cert file")
    p.add_argument("--schema", help="wc/v3 schema document, or builtin for the list in "
                   "wcv3_schema.py; without it what lies beside the repository")
    p.add_argument("--hide", action="append", default=[], metavar="WHAT",
                   help="tell nothing of it in answers to OPTIONS; see wcv3_options.py")
    p.add_argument("--entities", action="store_true", help="write a bare & of names and texts as "
                   "&amp;, as the real shop does")
    p.add_argument("--webhook-secret", default="whsec_sandbox")
    p.add_argument("--store-id", help="identity of the shop; made up and kept in --state otherwise")
    p.add_argument("--site-url", default="https://shop.example")
    p.add_argument("--utc-offset-min", type=int, default=60,
                   help="the site's zone: its local dates differ from the GMT ones")
    return p.parse_args(argv)


def write_port(path, port):
    with open(path + ".new", "w", encoding="ascii") as file:
        file.write(f"{port}\n")
    os.replace(path + ".new", path)


def main(argv=None):
    options = parse(argv)
    server = Server(options)

    def stop(_signal, _frame):
        server.stopping.set()
        threading.Thread(target=server.shutdown, daemon=True).start()
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    if options.port_file:
        write_port(options.port_file, server.server_port)
    print(f"wc/v3 stand-in: {server.url}{BASE}, checks by {server.shop.schema.origin}", flush=True)
    server.serve_forever(poll_interval=0.1)
    with server.shop.lock:
        server.shop.close()
    server.socket.close()


if __name__ == "__main__":
    main()
