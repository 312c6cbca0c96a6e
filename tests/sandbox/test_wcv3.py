#!/usr/bin/python3
"""The wc/v3 stand-in keeps the shop's rules, forgets nothing and misbehaves exactly as told."""
import base64
import hashlib
import hmac
import http.client
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import orders  # noqa: E402
from catalogue import Catalogue  # noqa: E402
from standin import StandIn  # noqa: E402
from wcv3_schema import Schema, _built_in  # noqa: E402

D = orders.D


class ShopCase(unittest.TestCase):
    options = ()

    def setUp(self):
        self.shop = StandIn("wcv3.py", *self.options).start()
        self.addCleanup(lambda: self.shop.process.poll() is None and self.shop.stop())

    def create(self, **fields):
        status, product, _ = self.shop.api("POST", "/products", fields)
        self.assertEqual(status, 201, product)
        return product

    def refused(self, method, route, body, status, code):
        got, answer, _ = self.shop.api(method, route, body)
        self.assertEqual((got, answer["code"]), (status, code), answer)
        self.assertEqual(answer["data"]["status"], status)
        return answer

    def misbehave(self, **rule):
        return self.shop.control("misbehave", rule)["ids"][0]


class Products(ShopCase):
    def test_a_product_comes_back_as_the_shop_shapes_it(self):
        made = self.create(sku="L-1", name="Leuchte „Möwe“ & 💡 a/b", regular_price="12.50",
                           manage_stock=True, stock_quantity=3, weight="0.4")
        self.assertEqual((made["price"], made["stock_status"], made["status"]),
                         ("12.50", "instock", "publish"))
        self.assertNotIn("Z", made["date_modified_gmt"])
        self.assertNotEqual(made["date_modified"], made["date_modified_gmt"])
        _, _, data = self.shop.raw("GET", f"/wp-json/wc/v3/products/{made['id']}", None,
                                   {"Authorization": "Basic " + self.shop.login})
        self.assertIn(rb"a\/b", data)
        self.assertIn(rb"\ud83d\udca1", data)
        self.assertEqual(json.loads(data), made)

    def test_every_write_moves_the_modification_time(self):
        made = self.create(name="x")
        order = [made["id"], self.create(name="y")["id"]]
        self.shop.api("PUT", f"/products/{made['id']}", {"name": "x"})
        _, listed, _ = self.shop.api("GET", "/products?orderby=modified&order=asc")
        self.assertEqual([p["id"] for p in listed], order[::-1])

    def test_unknown_readonly_and_wrong_properties_are_refused(self):
        for body, name in (({"colour": "red"}, "colour"), ({"price": "1"}, "price"),
                           ({"regular_price": 12.5}, "regular_price"),
                           ({"regular_price": "12,50"}, "regular_price"),
                           ({"stock_quantity": "3"}, "stock_quantity"),
                           ({"stock_quantity": 3.5}, "stock_quantity"),
                           ({"manage_stock": "yes"}, "manage_stock"),
                           ({"status": "active"}, "status"),
                           ({"dimensions": {"depth": "1"}}, "dimensions[depth]"),
                           ({"meta_data": [{"key": 1}]}, "meta_data[0][key]")):
            answer = self.refused("POST", "/products", body, 400, "rest_invalid_param")
            self.assertEqual(list(answer["data"]["params"]), [name])
        self.assertEqual(self.shop.control("counts")["products"], 0)

    def test_a_stock_figure_is_forgotten_where_stock_is_not_managed(self):
        self.assertIsNone(self.create(name="x", stock_quantity=5)["stock_quantity"])

    def test_a_sku_is_unique_without_regard_to_case_until_its_owner_is_in_the_trash(self):
        first = self.create(sku="L-1")
        answer = self.refused("POST", "/products", {"sku": "l-1"}, 400, "product_invalid_sku")
        self.assertEqual(answer["data"]["resource_id"], first["id"])
        self.shop.api("DELETE", f"/products/{first['id']}")
        self.create(sku="L-1")
        self.refused("PUT", "/products/999", {"name": "x"}, 404,
                     "woocommerce_rest_product_invalid_id")

    def test_a_gtin_is_unique(self):
        self.create(global_unique_id="2000000000015")
        self.refused("POST", "/products", {"global_unique_id": "2000000000015"}, 400,
                     "product_invalid_global_unique_id")

    def test_creating_twice_makes_two(self):
        self.create(name="x")
        self.create(name="x")
        self.assertEqual(self.shop.control("counts")["products"], 2)

    def test_a_batch_answers_per_position_and_keeps_the_good_ones(self):
        known = self.create(sku="L-1")
        status, answer, _ = self.shop.api("POST", "/products/batch", {
            "create": [{"sku": "L-2"}, {"sku": "L-1"}, {"foo": 1}],
            "update": [{"id": known["id"], "name": "neu"}, {"id": 999}], "delete": [998]})
        self.assertEqual(status, 200)
        self.assertEqual([p.get("error", {}).get("code") for p in answer["create"]],
                         [None, "product_invalid_sku", "rest_invalid_param"])
        self.assertEqual(answer["create"][1]["id"], 0)
        self.assertEqual(answer["update"][0]["name"], "neu")
        self.assertEqual((answer["update"][1]["id"], answer["delete"][0]["id"]), (999, 998))
        counts = self.shop.control("counts")
        self.assertEqual((counts["products"], counts["items_written"], counts["items_refused"]),
                         (2, 3, 4))

    def test_a_batch_over_100_is_refused_as_a_whole(self):
        self.refused("POST", "/products/batch", {"create": [{"name": "x"}] * 101}, 413,
                     "woocommerce_rest_request_entity_too_large")
        self.assertEqual(self.shop.control("counts")["products"], 0)

    def test_the_list_pages_by_offset_and_finds_by_sku(self):
        ids = [self.create(sku=f"L-{i}")["id"] for i in range(5)]
        status, page, headers = self.shop.api("GET", "/products?per_page=2&page=2&orderby=id"
                                              "&order=asc")
        self.assertEqual((status, [p["id"] for p in page]), (200, ids[2:4]))
        self.assertEqual((headers["X-WP-Total"], headers["X-WP-TotalPages"]), ("5", "3"))
        self.shop.api("DELETE", f"/products/{ids[0]}?force=true")
        _, page, _ = self.shop.api("GET", "/products?per_page=2&page=2&orderby=id&order=asc")
        self.assertEqual([p["id"] for p in page], ids[3:5])          # one was skipped
        _, found, _ = self.shop.api("GET", "/products?sku=L-4,nix,l-2&_fields=sku")
        self.assertEqual(found, [{"sku": "L-4"}, {"sku": "L-2"}])
        for query in ("per_page=101", "page=0", "colour=red", "orderby=price2", "order=up"):
            self.refused("GET", "/products?" + query, None, 400, "rest_invalid_param")

    def test_variations_belong_to_their_parent(self):
        parent = self.create(type="variable", sku="P")
        status, child, _ = self.shop.api("POST", f"/products/{parent['id']}/variations",
                                         {"sku": "P-1", "regular_price": "5"})
        self.assertEqual(status, 201)
        _, seen, _ = self.shop.api("GET", f"/products/{parent['id']}")
        self.assertEqual(seen["variations"], [child["id"]])
        other = self.create(sku="Q")
        self.refused("GET", f"/products/{other['id']}/variations/{child['id']}", None, 404,
                     "woocommerce_rest_product_variation_invalid_id")
        _, batch, _ = self.shop.api("POST", f"/products/{parent['id']}/variations/batch",
                                    {"update": [{"id": child["id"], "regular_price": "6"}]})
        self.assertEqual(batch["update"][0]["price"], "6")
        self.shop.api("DELETE", f"/products/{parent['id']}?force=true")
        self.assertEqual(self.shop.control("counts")["variations"], 0)

    def test_a_login_is_needed(self):
        for headers in ({}, {"Authorization": "Basic " + base64.b64encode(b"ck:no").decode()},
                        {"Authorization": "Basic ?"}):
            status, _, data = self.shop.raw("GET", "/wp-json/wc/v3/products", None, headers)
            self.assertEqual((status, json.loads(data)["data"]["status"]), (401, 401))

    def test_what_is_not_json_is_refused(self):
        status, _, data = self.shop.raw(
            "POST", "/wp-json/wc/v3/products", {"name": "x"},
            {"Authorization": "Basic " + self.shop.login, "Content-Type": "text/plain"})
        self.assertEqual((status, json.loads(data)["code"]), (400, "rest_invalid_json"))
        self.refused("GET", "/nothing", None, 404, "rest_no_route")


class ProductsByTheBuiltInList(Products):
    options = ("--schema", "builtin")


class Orders(ShopCase):
    def setUp(self):
        super().setUp()
        self.create(sku="L-1", name="Leuchte", regular_price="11.90")
        self.order = self.shop.control("order", {
            "line_items": [{"sku": "L-1", "quantity": 1, "total": "10.00", "total_tax": "1.90"}],
            "total": "11.90"})

    def test_a_placed_order_is_complete(self):
        line = self.order["line_items"][0]
        self.assertTrue(self.order["id"] and line["id"] and line["product_id"])
        self.assertEqual(self.order["number"], str(self.order["id"]))
        self.assertIsNotNone(self.order["date_paid_gmt"])

    def test_meta_data_is_replaced_by_key_and_removed_by_null(self):
        route = f"/orders/{self.order['id']}"
        self.shop.api("PUT", route, {"meta_data": [{"key": "_n", "value": "1"},
                                                   {"key": "_m", "value": "x"}]})
        _, seen, _ = self.shop.api("PUT", route, {"meta_data": [{"key": "_n", "value": "2"}]})
        self.assertEqual([(m["key"], m["value"]) for m in seen["meta_data"]],
                         [("_n", "2"), ("_m", "x")])
        self.assertEqual(len({m["id"] for m in seen["meta_data"]}), 2)
        _, seen, _ = self.shop.api("PUT", route, {"meta_data": [{"key": "_m", "value": None}]})
        self.assertEqual([m["key"] for m in seen["meta_data"]], ["_n"])

    def test_completing_pays_and_dates(self):
        unpaid = self.shop.control("order", {"status": "pending"})
        self.assertIsNone(unpaid["date_paid_gmt"])
        _, seen, _ = self.shop.api("PUT", f"/orders/{unpaid['id']}", {"status": "completed"})
        self.assertTrue(seen["date_paid_gmt"] and seen["date_completed_gmt"])

    def test_modified_after_counts_whole_seconds_and_excludes_the_bound(self):
        for i, second in enumerate(("10:00:00", "10:00:00.900", "10:00:01")):
            self.shop.control("order", {"date_modified_gmt": f"2026-11-01T{second}",
                                        "number": str(i)})

        def found(bound, more="&dates_are_gmt=true"):
            _, rows, _ = self.shop.api("GET", "/orders?orderby=modified&order=asc&modified_before="
                                       f"2026-11-10T00:00:00&modified_after={bound}{more}")
            return [r["number"] for r in rows]
        self.assertEqual(found("2026-11-01T09:59:59"), ["0", "1", "2"])
        self.assertEqual(found("2026-11-01T10:00:00"), ["2"])
        # The site's zone is one hour ahead: a bound with Z is moved by it before it is compared.
        self.assertEqual(found("2026-11-01T09:59:59Z"), [])
        self.assertEqual(found("2026-11-01T08:59:59Z"), ["0", "1", "2"])
        self.assertEqual(found("2026-11-01T10:59:59", ""), ["0", "1", "2"])
        self.refused("GET", "/orders?modified_after=yesterday", None, 400, "rest_invalid_param")

    def test_our_write_makes_the_order_appear_again(self):
        self.shop.control(f"order/{self.order['id']}", {"date_modified_gmt": "2026-01-01T00:00:00"})
        query = "/orders?dates_are_gmt=true&modified_after=2026-01-02T00:00:00"
        self.assertEqual(self.shop.api("GET", query)[1], [])
        self.shop.api("PUT", f"/orders/{self.order['id']}", {"meta_data": [{"key": "k",
                                                                             "value": "v"}]})
        self.assertEqual(len(self.shop.api("GET", query)[1]), 1)

    def test_status_filters(self):
        self.shop.control("order", {"status": "on-hold"})
        for query, count in (("", 2), ("?status=processing,completed", 1), ("?status=any", 2),
                             ("?status[]=on-hold&status[]=processing", 2)):
            self.assertEqual(len(self.shop.api("GET", "/orders" + query)[1]), count, query)

    def test_notes(self):
        route = f"/orders/{self.order['id']}/notes"
        status, note, _ = self.shop.api("POST", route, {"note": "ERP 4711"})
        self.assertEqual((status, note["note"]), (201, "ERP 4711"))
        self.assertEqual(len(self.shop.api("GET", route)[1]), 1)
        self.refused("POST", "/orders/999/notes", {"note": "x"}, 404,
                     "woocommerce_rest_shop_order_invalid_id")

    def test_an_order_by_the_interface_is_priced_from_the_products(self):
        product = self.shop.control("products")[0]
        _, made, _ = self.shop.api("POST", "/orders", {
            "line_items": [{"product_id": product["id"], "quantity": 2}], "set_paid": True})
        self.assertEqual((made["total"], made["total_tax"], made["status"]),
                         ("23.80", "3.80", "processing"))

    def test_a_clerk_changes_an_order_and_stock_follows_a_sale(self):
        changed = self.shop.control(f"order/{self.order['id']}", {"shipping": {"postcode": "1"}})
        self.assertEqual((changed["shipping"]["postcode"], changed["shipping"]["city"]),
                         ("1", "Lampenheim"))
        self.create(sku="S", manage_stock=True, stock_quantity=5)
        self.shop.control("order?reduce_stock=1", {"line_items": [{"sku": "S", "quantity": 2}]})
        self.assertEqual(self.shop.api("GET", "/products?sku=S")[1][0]["stock_quantity"], 3)

    def test_a_webhook_is_signed_over_its_exact_bytes(self):
        hook = self.shop.control("webhook", {"order": self.order["id"], "topic": "order.created"})
        data = base64.b64decode(hook["body_base64"])
        mac = hmac.new(b"whsec_sandbox", data, hashlib.sha256).digest()
        self.assertEqual(hook["headers"]["X-WC-Webhook-Signature"], base64.b64encode(mac).decode())
        self.assertEqual(json.loads(data)["id"], self.order["id"])
        self.assertEqual(hook["headers"]["X-WC-Webhook-Topic"], "order.created")
        ping = self.shop.control("webhook", {"topic": "ping"})
        self.assertEqual(ping["body"], "webhook_id=1")


class Misbehaviour(ShopCase):
    def lost(self, method="POST", route="/products", body=None, timeout=20):
        with self.assertRaises((OSError, http.client.HTTPException)) as caught:
            self.shop.api(method, route, body or {"name": "x"}, timeout)
        return caught.exception

    def products(self):
        return self.shop.control("counts")["products"]

    def test_cut_before_and_after_applying(self):
        self.misbehave(on="POST /products", mode="cut", apply=False, times=1)
        self.lost()
        self.assertEqual(self.products(), 0)
        self.misbehave(on="POST /products", mode="cut", times=1, reset=True)
        self.lost()
        self.assertEqual(self.products(), 1)
        self.create(name="y")

    def test_cut_in_the_middle_of_a_batch(self):
        self.misbehave(on="POST /products/batch", mode="cut", items=2, times=1)
        self.lost(route="/products/batch", body={"create": [{"sku": str(i)} for i in range(5)]})
        self.assertEqual(self.products(), 2)

    def test_error_after_apply_and_html(self):
        self.misbehave(on="POST /products", mode="error_after_apply", times=1)
        status, headers, data = self.shop.raw("POST", "/wp-json/wc/v3/products", {"name": "x"},
                                              {"Authorization": "Basic " + self.shop.login})
        self.assertEqual((status, self.products()), (500, 1))
        self.assertIn("text/html", headers["Content-Type"])
        self.misbehave(on="POST /products", mode="html", times=1)
        status, _, data = self.shop.raw("POST", "/wp-json/wc/v3/products", {"name": "x"},
                                        {"Authorization": "Basic " + self.shop.login})
        self.assertEqual((status, data[:9], self.products()), (200, b"<!DOCTYPE", 1))

    def test_status_with_retry_after(self):
        self.misbehave(on="* *", mode="status", status=429, retry_after=7, times=1)
        status, _, headers = self.shop.api("POST", "/products", {"name": "x"})
        self.assertEqual((status, headers["Retry-After"], self.products()), (429, "7", 0))

    def test_truncate_with_and_without_a_true_length(self):
        self.create(name="x" * 500)
        self.misbehave(on="GET /products", mode="truncate", times=1)
        self.assertIsInstance(self.lost("GET"), http.client.IncompleteRead)
        self.misbehave(on="GET /products", mode="truncate", honest=True, times=1)
        with self.assertRaises(ValueError):
            self.shop.api("GET", "/products")
        self.assertEqual(self.shop.api("GET", "/products")[0], 200)

    def test_lying(self):
        self.misbehave(on="PUT|POST /products*", mode="lying", times=1)
        status, answer, _ = self.shop.api("POST", "/products", {"name": "x"})
        self.assertEqual((status, answer["code"], self.products()),
                         (200, "woocommerce_rest_cannot_edit", 0))

    def test_item_error_by_position_and_by_sku(self):
        body = {"create": [{"sku": "A"}, {"sku": "B"}, {"sku": "C"}]}
        self.misbehave(on="POST /products/batch", mode="item_error", positions=[1], times=1)
        _, answer, _ = self.shop.api("POST", "/products/batch", body)
        self.assertEqual([p.get("error", {}).get("code") for p in answer["create"]],
                         [None, "sandbox_item_error", None])
        self.misbehave(on="POST /products/batch", mode="item_error", skus=["B"], apply=True,
                       times=1)
        _, answer, _ = self.shop.api("POST", "/products/batch", {"create": [{"sku": "B"}]})
        self.assertIn("error", answer["create"][0])
        self.assertEqual(self.products(), 3)                # it says no, yet it did it

    def test_late_before_and_after_committing(self):
        self.misbehave(on="POST /products", mode="late", delay_s=1.0, times=1)
        self.lost(timeout=0.4)
        self.assertEqual(self.products(), 1)
        self.misbehave(on="POST /products", mode="late", delay_s=1.0, commit="after", times=1)
        self.lost(timeout=0.4)
        self.assertEqual(self.products(), 1)
        end = time.monotonic() + 10
        while self.products() == 1 and time.monotonic() < end:
            time.sleep(0.05)
        self.assertEqual(self.products(), 2)

    def test_never_and_slow(self):
        self.misbehave(on="POST /products", mode="never", times=1)
        self.lost(timeout=0.4)
        self.assertEqual(self.products(), 0)
        self.create(name="x")
        self.misbehave(on="GET /products", mode="slow", bytes_per_s=2000, times=1)
        start = time.monotonic()
        self.assertEqual(self.shop.api("GET", "/products")[0], 200)
        self.assertGreater(time.monotonic() - start, 0.3)

    def test_duplicate(self):
        made = self.shop.control("order", {})
        self.misbehave(on="GET /orders", mode="duplicate", times=1)
        self.assertEqual([o["id"] for o in self.shop.api("GET", "/orders")[1]], [made["id"]] * 2)
        self.assertEqual(len(self.shop.api("GET", "/orders")[1]), 1)

    def test_after_times_and_probability_are_counted_and_repeatable(self):
        def pattern():
            self.misbehave(on="GET /products", mode="status", status=503, after=2, times=3,
                           probability=0.5, seed=11)
            seen = [self.shop.api("GET", "/products")[0] for _ in range(20)]
            removed = self.shop.control("misbehave", method="DELETE")["removed"]
            return seen, removed[0]
        first, rule = pattern()
        self.assertEqual(first[:2], [200, 200])
        self.assertEqual((first.count(503), rule["fired"], rule["seen"]), (3, 3, 20))
        self.assertEqual(pattern()[0], first)

    def test_a_wrong_rule_is_refused(self):
        for rule in ({"mode": "evil"}, {"mode": "late", "delay": 3}, {"mode": "cut", "on": "x"},
                     {"mode": "late", "commit": "never"}):
            with self.assertRaisesRegex(RuntimeError, "400"):
                self.shop.control("misbehave", rule)


class Life(ShopCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="kontor-wcv3-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.state = os.path.join(self.folder, "shop.jsonl")
        self.options = ("--state", self.state)
        super().setUp()

    def restart(self):
        self.shop.kill()
        self.shop.start()

    def test_a_killed_stand_in_forgets_nothing(self):
        store = self.shop.api("GET", "/system_status")[1]["environment"]["store_id"]
        self.restart()
        made = self.create(sku="L-1", name="Möwe")
        gone = self.create(sku="L-2")
        self.shop.api("DELETE", f"/products/{gone['id']}?force=true")
        order = self.shop.control("order", {"line_items": [{"sku": "L-1", "quantity": 1}]})
        before, counts = self.shop.control("products"), self.shop.control("counts")
        with open(self.state, "ab") as file:
            file.write(b'{"kind":"product","id":77,"row":{"na')          # died while writing
        self.restart()
        self.assertEqual(self.shop.control("products"), before)
        self.assertEqual(self.shop.control("orders")[0]["id"], order["id"])
        after = self.shop.control("counts")
        self.assertEqual((after["writes"], after["items_written"], after["store_id"]),
                         (counts["writes"], counts["items_written"], store))
        self.refused("POST", "/products", {"sku": "l-1"}, 400, "product_invalid_sku")
        self.assertGreater(self.create(sku="L-2")["id"], order["id"])
        self.restart()
        self.assertEqual(self.shop.control("counts")["products"], 2)
        self.assertEqual(made["id"], before[0]["id"])

    def test_the_journal_shows_bodies_and_counts_writes_by_route(self):
        made = self.create(name="x")
        mark = self.shop.control("requests")["last"]
        self.shop.api("PUT", f"/products/{made['id']}", {"name": "y"})
        self.shop.api("GET", "/products?page=1")
        rows = self.shop.control(f"requests?since={mark}")["requests"]
        self.assertEqual([(r["method"], r["route"], r["body"], r["status"]) for r in rows],
                         [("PUT", f"/products/{made['id']}", {"name": "y"}, 200),
                          ("GET", "/products", None, 200)])
        self.assertEqual(self.shop.control("counts")["writes_by_route"],
                         {"POST /products": 1, "PUT /products/{id}": 1})

    def test_one_connection_serves_many_requests(self):
        connection = http.client.HTTPConnection(self.shop.url.split("//")[1], timeout=20)
        self.addCleanup(connection.close)
        sockets = set()
        for _ in range(3):
            connection.request("GET", "/wp-json/wc/v3/products",
                               headers={"Authorization": "Basic " + self.shop.login})
            connection.getresponse().read()
            sockets.add(id(connection.sock))
        self.assertEqual(len(sockets), 1)
        self.assertIsNotNone(connection.sock)


class Tls(unittest.TestCase):
    def test_https_with_a_certificate_of_ones_own(self):
        with tempfile.TemporaryDirectory(prefix="kontor-wcv3-") as folder:
            key, cert = os.path.join(folder, "key.pem"), os.path.join(folder, "cert.pem")
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                            "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", cert,
                            "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
                            "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
            trusted = ssl.create_default_context(cafile=cert)
            with StandIn("wcv3.py", "--cert", cert, "--tls-key", key, context=trusted) as shop:
                self.assertEqual(shop.api("GET", "/products")[0], 200)
                shop.context = ssl.create_default_context()
                with self.assertRaises(urllib.error.URLError):
                    shop.api("GET", "/products")


class Schemas(unittest.TestCase):
    def test_the_built_in_list_agrees_with_the_published_one(self):
        schema = Schema()
        if schema.origin == "built-in list":
            self.skipTest("the published schema is not beside the repository")
        for resource, properties in _built_in().items():
            for name, rule in properties.items():
                with self.subTest(resource=resource, name=name):
                    published = schema.properties[resource][name]
                    self.assertEqual(rule["type"], published.get("type", "mixed"))
                    self.assertEqual(bool(rule.get("readonly")), bool(published.get("readonly")))
                    self.assertLessEqual(set(rule.get("enum", [])),
                                         set(published.get("enum", [])))


class MadeOrders(unittest.TestCase):
    goods = None

    def setUp(self):
        with tempfile.TemporaryDirectory(prefix="kontor-data-") as folder:
            Catalogue(60, 1).write(folder)
            self.goods = orders.goods_from_data(folder)

    @staticmethod
    def sums(order):
        lines = order["line_items"] + order["fee_lines"]
        net = sum(D(x["total"]) for x in lines)
        tax = sum(D(x["total_tax"]) for x in lines)
        ship = sum(D(x["total"]) for x in order["shipping_lines"])
        ship_tax = sum(D(x["total_tax"]) for x in order["shipping_lines"])
        return {"cart_tax": tax, "shipping_total": ship, "shipping_tax": ship_tax,
                "total_tax": tax + ship_tax, "total": net + tax + ship + ship_tax}

    def test_sound_orders_add_up_in_both_price_modes(self):
        for include in (True, False):
            for order in orders.make_orders(self.goods, 200, prices_include_tax=include):
                self.assertEqual({k: D(order[k]) for k in self.sums(order)}, self.sums(order))
                by_rate = sum(D(t["tax_total"]) + D(t["shipping_tax_total"])
                              for t in order["tax_lines"])
                self.assertEqual(by_rate, D(order["total_tax"]))
                for line in order["line_items"]:
                    self.assertGreaterEqual(D(line["subtotal"]), D(line["total"]))

    def test_they_are_repeatable_and_of_many_kinds(self):
        made = orders.make_orders(self.goods, 200, seed=5)
        self.assertEqual(made, orders.make_orders(self.goods, 200, seed=5))
        self.assertEqual(made[150], orders.make_order(self.goods, 150, seed=5))
        self.assertNotEqual(made, orders.make_orders(self.goods, 200, seed=6))
        self.assertEqual({o["shipping"]["country"] for o in made}, set(orders.PLACES))
        self.assertTrue(any(len(o["tax_lines"]) > 1 for o in made))
        for kind in ("coupon_lines", "fee_lines", "meta_data"):
            self.assertTrue(any(o.get(kind) for o in made), kind)

    def test_each_fault_spoils_one_thing(self):
        known = {g.sku: g for g in self.goods}
        for index in range(20):
            made = {f: orders.make_order(self.goods, index, fault=f) for f in orders.FAULTS}
            self.assertNotIn(made["unknown_sku"]["line_items"][0]["sku"], known)
            self.assertGreater(len(made["street_too_long"]["shipping"]["address_1"]), 70)
            self.assertFalse(any(c.isdigit() for c in
                                 made["missing_house_number"]["shipping"]["address_1"]))
            wrong = made["bad_postcode"]["shipping"]
            self.assertEqual(wrong["postcode"], orders.WRONG_POSTCODE[wrong["country"]])
            order = made["bad_totals"]
            self.assertEqual(D(order["total"]) - self.sums(order)["total"], 1)
            self.assertIsNone(made["unpaid"]["date_paid_gmt"])
            self.assertEqual(made["unknown_currency"]["currency"], "THB")
            order = made["price_differs"]
            self.assertEqual(D(order["total"]), self.sums(order)["total"])
            for line in order["line_items"]:
                paid = (D(line["total"]) + D(line["total_tax"])) / line["quantity"]
                self.assertGreater(known[line["sku"]].gross - paid, 2)


if __name__ == "__main__":
    unittest.main()
