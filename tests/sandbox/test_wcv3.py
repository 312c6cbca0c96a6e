#!/usr/bin/python3
"""The wc/v3 stand-in keeps the shop's rules, forgets nothing and misbehaves exactly as told."""
import base64
import hashlib
import hmac
import http.client
import http.server
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
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
        self.refused("PUT", "/products/999", {"name": "x"}, 400,
                     "woocommerce_rest_product_invalid_id")
        self.refused("GET", "/products/999", None, 404, "woocommerce_rest_product_invalid_id")

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

    def test_options_tell_methods_parameters_and_schema(self):
        status, told, _ = self.shop.api("OPTIONS", "/products")
        self.assertEqual((status, told["methods"]), (200, ["GET", "POST"]))
        self.assertIn("sku", told["endpoints"][0]["args"])
        self.assertTrue(told["schema"]["properties"]["id"]["readonly"])
        self.assertIn("src", told["schema"]["properties"]["images"]["items"]["properties"])
        status, told, _ = self.shop.api("OPTIONS", "/products/7/variations/batch")
        self.assertEqual((status, told["methods"]), (200, ["PATCH", "POST", "PUT"]))
        self.refused("OPTIONS", "/nothing", None, 404, "rest_no_route")
        self.assertEqual(self.shop.control("counts")["writes"], 0)

    def test_what_is_hidden_is_not_told_but_works(self):
        shop = StandIn("wcv3.py", "--hide", "product.sku", "--hide", "/products/batch", "--hide",
                       "product.images.alt=readonly", "--hide", "/orders?modified_after").start()
        self.addCleanup(shop.stop)
        properties = shop.api("OPTIONS", "/products")[1]["schema"]["properties"]
        self.assertNotIn("sku", properties)
        self.assertTrue(properties["images"]["items"]["properties"]["alt"]["readonly"])
        self.assertEqual(shop.api("OPTIONS", "/products/batch")[0], 404)
        self.assertNotIn("modified_after",
                         shop.api("OPTIONS", "/orders")[1]["endpoints"][0]["args"])
        self.assertEqual(shop.api("POST", "/products", {"name": "A", "sku": "A-1"})[0], 201)

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


COLOUR = {"name": "Farbe", "variation": True, "visible": True, "position": 1,
          "options": ["rot", "blau"]}
SIZE = {"name": "Größe", "variation": True, "position": 0, "options": ["S", "M"]}


class Variations(ShopCase):
    def setUp(self):
        super().setUp()
        self.page = self.create(type="variable", sku="P", name="Hemd", weight="0.3",
                                attributes=[COLOUR, SIZE, {"name": "Stoff", "options": ["Wolle"]}])
        self.route = f"/products/{self.page['id']}/variations"

    def vary(self, **fields):
        status, made, _ = self.shop.api("POST", self.route, fields)
        self.assertEqual(status, 201, made)
        return made

    def choice(self, *pairs):
        return [{"name": name, "option": option} for name, option in pairs]

    def test_a_page_declares_and_a_variation_chooses(self):
        self.assertEqual([(a["name"], a["slug"], a["variation"], a["options"])
                          for a in self.page["attributes"]],
                         [("Größe", "groesse", True, ["S", "M"]),
                          ("Stoff", "stoff", False, ["Wolle"]),
                          ("Farbe", "farbe", True, ["rot", "blau"])])
        made = self.vary(sku="P-1", regular_price="5", attributes=self.choice(
            ("Farbe", "rot"), ("Größe", "XXL"), ("Stoff", "Seide"), ("Muster", "kariert")))
        # What does not vary there is dropped, what is not listed there is kept: both silently.
        self.assertEqual([(a["name"], a["option"]) for a in made["attributes"]],
                         [("Größe", "XXL"), ("Farbe", "rot")])
        self.assertEqual((made["name"], made["parent_id"], made["type"]),
                         ("XXL, rot", self.page["id"], "variation"))
        self.shop.api("PUT", f"/products/{self.page['id']}", {"attributes": [COLOUR]})
        _, seen, _ = self.shop.api("GET", f"{self.route}/{made['id']}")
        self.assertEqual([a["name"] for a in seen["attributes"]], ["Farbe"])

    def test_options_are_one_text_inside_and_a_key_counts_once(self):
        _, seen, _ = self.shop.api("PUT", f"/products/{self.page['id']}", {"attributes": [
            {"name": "Farbe", "options": ["a"]}, {"name": "FARBE", "options": ["1|2", "3"]},
            {"name": "leer"}]})
        self.assertEqual([(a["name"], a["options"]) for a in seen["attributes"]],
                         [("FARBE", ["1", "2", "3"])])

    def test_sku_and_gtin_are_unique_over_products_and_variations(self):
        made = self.vary(sku="P-1", global_unique_id="2000000000015")
        for body, code in (({"sku": "p-1"}, "product_invalid_sku"),
                           ({"global_unique_id": "2000000000015"},
                            "product_invalid_global_unique_id")):
            answer = self.refused("POST", "/products", body, 400, code)
            self.assertEqual(answer["data"]["resource_id"], made["id"])
            self.refused("POST", self.route, body, 400, code)
        self.refused("POST", self.route, {"sku": "P"}, 400, "product_invalid_sku")

    def test_a_variation_is_not_changed_as_a_product(self):
        made = self.vary(sku="P-1", attributes=self.choice(("Farbe", "rot")))
        route = f"/products/{made['id']}"
        _, seen, _ = self.shop.api("GET", route)
        self.assertEqual((seen["type"], seen["name"], seen["parent_id"]),
                         ("variation", "Hemd - rot", self.page["id"]))
        self.refused("PUT", route, {"name": "x"}, 404, "woocommerce_rest_invalid_product_id")
        self.refused("DELETE", route, None, 404, "woocommerce_rest_invalid_product_id")
        _, batch, _ = self.shop.api("POST", "/products/batch",
                                    {"update": [{"id": made["id"], "name": "x"}],
                                     "delete": [made["id"]]})
        self.assertEqual([batch[k][0]["error"]["code"] for k in ("update", "delete")],
                         ["woocommerce_rest_invalid_product_id"] * 2)
        self.assertEqual(self.shop.control("counts")["variations"], 1)

    def test_the_list_the_batch_and_the_wrong_parent(self):
        _, batch, _ = self.shop.api("POST", self.route + "/batch", {
            "create": [{"sku": f"P-{i}"} for i in range(5)] + [{"sku": "P-0"}, {"name": "x"}]})
        ids = [v["id"] for v in batch["create"]]
        self.assertEqual([v.get("error", {}).get("code") for v in batch["create"][5:]],
                         ["product_invalid_sku", "rest_invalid_param"])
        _, page, headers = self.shop.api("GET", self.route + "?per_page=2&page=2&orderby=id"
                                         "&order=asc")
        self.assertEqual(([v["id"] for v in page], headers["X-WP-Total"]), (ids[2:4], "5"))
        _, found, _ = self.shop.api("GET", self.route + "?sku=p-3,P-9&_fields=sku")
        self.assertEqual(found, [{"sku": "P-3"}])
        _, page, _ = self.shop.api("GET", f"/products/{self.page['id']}")
        self.assertEqual(page["variations"], ids[:5])
        other = f"/products/{self.create(sku='Q', type='variable')['id']}/variations"
        code = "woocommerce_rest_product_variation_invalid_id"
        self.refused("GET", f"{other}/{ids[0]}", None, 404, code)
        _, batch, _ = self.shop.api("POST", other + "/batch", {
            "update": [{"id": ids[0], "sku": "X"}], "delete": [ids[1]]})
        self.assertEqual([batch[k][0]["error"]["code"] for k in ("update", "delete")], [code] * 2)
        self.refused("POST", self.route + "/batch", {"create": [{}] * 101}, 413,
                     "woocommerce_rest_request_entity_too_large")
        self.refused("POST", "/products/999/variations/batch", {"create": [{}]}, 404,
                     "woocommerce_rest_product_invalid_id")

    def test_the_type_changes_under_the_same_id(self):
        self.vary(sku="P-1", regular_price="5")
        route = f"/products/{self.page['id']}"
        _, seen, _ = self.shop.api("PUT", route, {"type": "simple", "regular_price": "9"})
        self.assertEqual((seen["id"], seen["price"], seen["variations"]),
                         (self.page["id"], "9", []))
        self.assertEqual(self.shop.control("counts")["variations"], 0)
        self.create(sku="P-1")                                   # its SKU is free again
        _, seen, _ = self.shop.api("PUT", route, {"type": "variable"})
        self.assertEqual((seen["type"], seen["regular_price"], seen["price"]),
                         ("variable", "", ""))

    def test_deleting(self):
        first, second, third = (self.vary(sku=f"P-{i}")["id"] for i in range(3))
        _, gone, _ = self.shop.api("DELETE", f"{self.route}/{first}")
        self.assertEqual(gone["status"], "trash")
        self.refused("DELETE", f"{self.route}/{first}", None, 410,
                     "woocommerce_rest_already_trashed")
        self.shop.api("DELETE", f"{self.route}/{second}?force=true")
        self.assertEqual([v["id"] for v in self.shop.api("GET", self.route)[1]], [third])
        self.shop.api("DELETE", f"/products/{self.page['id']}")
        self.assertEqual({v["status"] for v in self.shop.control("products")}, {"trash"})
        self.create(sku="P-2")
        self.shop.api("DELETE", f"/products/{self.page['id']}?force=true")
        counts = self.shop.control("counts")
        self.assertEqual((counts["products"], counts["variations"]), (1, 0))

    def test_what_a_variation_does_not_say_is_shown_from_its_product(self):
        made = self.vary()
        self.assertEqual((made["sku"], made["weight"]), ("P", "0.3"))
        own = next(r for r in self.shop.control("products") if r["id"] == made["id"])
        self.assertEqual((own["sku"], own["weight"]), ("", ""))
        self.assertEqual(self.vary(weight="0.5")["weight"], "0.5")

    def test_a_page_costs_what_its_cheapest_variation_costs(self):
        self.vary(regular_price="12.50", manage_stock=True, stock_quantity=0)
        self.vary(regular_price="9.90", status="private")
        cheap = self.vary(regular_price="11.00", manage_stock=True, stock_quantity=2)
        _, seen, _ = self.shop.api("GET", f"/products/{self.page['id']}")
        self.assertEqual((seen["price"], seen["regular_price"], seen["stock_status"],
                          len(seen["variations"])), ("11.00", "", "instock", 3))
        self.shop.api("PUT", f"{self.route}/{cheap['id']}", {"status": "draft"})
        _, seen, _ = self.shop.api("GET", f"/products/{self.page['id']}")
        self.assertEqual((seen["price"], len(seen["variations"])), ("12.50", 2))

    def test_a_sale_has_its_days(self):
        def sale(**fields):
            _, seen, _ = self.shop.api("PUT", route, fields)
            return seen["price"], seen["on_sale"], seen["date_on_sale_to_gmt"]
        route = f"{self.route}/{self.vary(regular_price='10')['id']}"
        self.assertEqual(sale(sale_price="8"), ("8", True, None))
        self.assertEqual(sale(date_on_sale_to_gmt="2020-01-01T22:59:59"),
                         ("10", False, "2020-01-01T22:59:59"))
        self.assertEqual(sale(date_on_sale_to_gmt=None), ("10", False, "2020-01-01T22:59:59"))
        self.assertEqual(sale(date_on_sale_to_gmt=""), ("8", True, None))
        self.assertEqual(sale(date_on_sale_to="2099-01-01T00:00:00"),
                         ("8", True, "2098-12-31T23:00:00"))       # the site's zone
        self.assertEqual(sale(date_on_sale_from_gmt="2098-01-01T00:00:00")[:2], ("10", False))
        self.assertEqual(sale(date_on_sale_from_gmt="", sale_price="")[:2], ("10", False))

    def test_an_order_names_product_and_variation(self):
        made = self.vary(sku="P-1", regular_price="11.90", manage_stock=True, stock_quantity=5,
                         attributes=self.choice(("Farbe", "rot")))
        order = self.shop.control("order?reduce_stock=1",
                                  {"line_items": [{"sku": "P-1", "quantity": 2}]})
        line = order["line_items"][0]
        self.assertEqual((line["product_id"], line["variation_id"], line["name"]),
                         (self.page["id"], made["id"], "Hemd - rot"))
        _, seen, _ = self.shop.api("GET", f"{self.route}/{made['id']}")
        self.assertEqual(seen["stock_quantity"], 3)
        _, order, _ = self.shop.api("POST", "/orders", {"line_items": [
            {"product_id": self.page["id"], "variation_id": made["id"], "quantity": 1}]})
        self.assertEqual((order["total"], order["line_items"][0]["variation_id"]),
                         ("11.90", made["id"]))


class VariationsByTheBuiltInList(Variations):
    options = ("--schema", "builtin")


class Taxonomies(ShopCase):
    def make(self, route, status=201, **fields):
        got, made, _ = self.shop.api("POST", route, fields)
        self.assertEqual(got, status, made)
        return made

    def test_categories_are_nested_and_their_slugs_unique(self):
        route = "/products/categories"
        top = self.make(route, name="Licht & Wärme")
        low = self.make(route, name="Leuchten", parent=top["id"], description="x")
        self.assertEqual((top["slug"], low["parent"], low["count"]),
                         ("licht-waerme", top["id"], 0))
        answer = self.refused("POST", route, {"name": "leuchten", "parent": top["id"]}, 400,
                              "term_exists")
        self.assertEqual(answer["data"]["resource_id"], low["id"])
        self.assertEqual(self.make(route, name="Leuchten")["slug"], "leuchten-2")
        self.assertEqual(self.make(route, name="Anders", slug="leuchten", parent=top["id"])["slug"],
                         "leuchten-licht-waerme")                # never refused, but changed
        self.refused("POST", route, {"name": "x", "parent": 999}, 400, "missing_parent")
        self.refused("POST", route, {"description": "x"}, 400, "rest_missing_callback_param")
        self.refused("GET", route + "/999", None, 404, "woocommerce_rest_term_invalid")
        status, answer, _ = self.shop.api("PUT", f"{route}/{top['id']}", {"slug": "leuchten"})
        self.assertEqual((status, answer["code"]), (500, "duplicate_term_slug"))
        _, seen, _ = self.shop.api("PUT", f"{route}/{top['id']}", {"name": "Licht"})
        self.assertEqual((seen["name"], seen["slug"]), ("Licht", "licht-waerme"))
        self.shop.api("PUT", f"{route}/{top['id']}", {"parent": low["id"]})
        _, seen, _ = self.shop.api("GET", f"{route}/{low['id']}")
        self.assertEqual(seen["parent"], 0)                      # the circle was cut
        _, found, headers = self.shop.api("GET", route + "?slug=leuchten-2&per_page=100")
        self.assertEqual(([c["name"] for c in found], headers["X-WP-Total"]), (["Leuchten"], "1"))
        _, found, _ = self.shop.api("GET", f"{route}?parent=0&search=lich&_fields=name")
        self.assertEqual(found, [])

    def test_a_batch_of_categories(self):
        route = "/products/categories"
        known = self.make(route, name="A")
        _, batch, _ = self.shop.api("POST", route + "/batch", {
            "create": [{"name": "B", "parent": known["id"]}, {"name": "A"}, {"slug": "x"}],
            "update": [{"id": known["id"], "menu_order": 4}, {"id": 999}], "delete": [15]})
        self.assertEqual([p.get("error", {}).get("code") for k in ("create", "update", "delete")
                          for p in batch[k]],
                         [None, "term_exists", "empty_term_name", None,
                          "woocommerce_rest_term_invalid", "woocommerce_rest_cannot_delete"])
        self.assertEqual(batch["create"][1]["error"]["data"]["resource_id"], known["id"])
        self.refused("DELETE", f"{route}/{known['id']}", None, 501,
                     "woocommerce_rest_trash_not_supported")
        self.shop.api("DELETE", f"{route}/{known['id']}?force=true")
        _, seen, _ = self.shop.api("GET", f"{route}/{batch['create'][0]['id']}")
        self.assertEqual(seen["parent"], 0)

    def test_products_know_their_categories_by_id(self):
        low = self.make("/products/categories", name="Leuchten")
        made = self.create(sku="A", categories=[{"id": 999}, {"id": low["id"]}])
        self.assertEqual([c["name"] for c in made["categories"]], ["Leuchten"])
        self.assertEqual(self.create(sku="B")["categories"][0]["slug"], "uncategorized")
        self.assertEqual(self.create(sku="C", categories=[{"id": 999}])["categories"], [])
        _, found, _ = self.shop.api("GET", f"/products?category={low['id']}&_fields=sku")
        self.assertEqual(found, [{"sku": "A"}])
        self.assertEqual(self.shop.api("GET", f"/products/categories/{low['id']}")[1]["count"], 1)
        self.shop.api("DELETE", f"/products/categories/{low['id']}?force=true")
        _, seen, _ = self.shop.api("GET", f"/products/{made['id']}")
        self.assertEqual([c["id"] for c in seen["categories"]], [15])
        self.refused("POST", "/products", {"categories": [{"name": "x"}]}, 400,
                     "rest_invalid_param")

    def test_attributes_have_short_and_free_slugs(self):
        route = "/products/attributes"
        made = self.make(route, name="Farbe")
        self.assertEqual((made["slug"], made["type"], made["order_by"]),
                         ("pa_farbe", "select", "menu_order"))
        for body in ({"name": "x" * 29}, {"name": "Type"}, {"name": "Ton", "slug": "farbe"}):
            self.refused("POST", route, body, 400, "woocommerce_rest_cannot_create")
        self.assertEqual(self.make(route, name="y" * 28)["slug"], "pa_" + "y" * 28)
        other = self.make(route, name="Größe", slug="pa_size")
        self.assertEqual(other["slug"], "pa_size")
        self.refused("PUT", f"{route}/{other['id']}", {"slug": "farbe"}, 400,
                     "woocommerce_rest_cannot_edit")
        self.refused("GET", route + "/999", None, 404, "woocommerce_rest_taxonomy_invalid")
        _, listed, headers = self.shop.api("GET", route)
        self.assertEqual((len(listed), headers["X-WP-Total"]), (3, "3"))
        self.refused("DELETE", f"{route}/{other['id']}?force=false", None, 501,
                     "woocommerce_rest_trash_not_supported")
        _, batch, _ = self.shop.api("POST", route + "/batch", {
            "create": [{"name": "Form"}, {"name": "Farbe"}], "delete": [other["id"], 999]})
        self.assertEqual([p.get("error", {}).get("code") for k in ("create", "delete")
                          for p in batch[k]], [None, "woocommerce_rest_cannot_create", None,
                                               "woocommerce_rest_attribute_invalid"])

    def test_terms(self):
        attribute = self.make("/products/attributes", name="Farbe")["id"]
        route = f"/products/attributes/{attribute}/terms"
        red = self.make(route, name="Rot")
        self.assertEqual(red["slug"], "rot")
        answer = self.refused("POST", route, {"name": "ROT"}, 400, "term_exists")
        self.assertEqual(answer["data"]["resource_id"], red["id"])
        self.assertEqual(self.make(route, name="Hellrot", slug="rot")["slug"], "rot-2")
        self.refused("POST", "/products/attributes/999/terms", {"name": "x"}, 404,
                     "woocommerce_rest_taxonomy_invalid")
        _, batch, _ = self.shop.api("POST", route + "/batch", {
            "create": [{"name": f"F{i}"} for i in range(3)] + [{"name": "rot"}],
            "update": [{"id": red["id"], "menu_order": 3}]})
        self.assertEqual((batch["create"][3]["error"]["code"], batch["update"][0]["menu_order"]),
                         ("term_exists", 3))
        _, page, headers = self.shop.api("GET", route + "?per_page=2&page=2")
        self.assertEqual(([t["name"] for t in page], headers["X-WP-Total"]),
                         (["F2", "Hellrot"], "5"))
        self.refused("DELETE", f"{route}/{red['id']}", None, 501,
                     "woocommerce_rest_trash_not_supported")
        self.shop.api("DELETE", f"{route}/{red['id']}?force=true")
        self.refused("GET", f"{route}/{red['id']}", None, 404, "woocommerce_rest_term_invalid")

    def test_global_attributes_on_products(self):
        attribute = self.make("/products/attributes", name="Farbe")["id"]
        page = self.create(type="variable", sku="P", attributes=[
            {"id": attribute, "name": "egal", "variation": True,
             "options": ["rot", "Blau", "ROT"]}])
        self.assertEqual(page["attributes"][0]["slug"], "pa_farbe")
        self.assertEqual((page["attributes"][0]["name"], page["attributes"][0]["options"]),
                         ("Farbe", ["Blau", "rot"]))             # by name, and rot is ROT
        route = f"/products/{page['id']}/variations"
        for sent, shown in (({"id": attribute, "option": "BLAU"}, "Blau"),
                            ({"name": "pa_farbe", "option": "rot"}, "rot"),
                            ({"id": attribute, "option": "Grau Grün"}, "grau-gruen")):
            made = self.shop.api("POST", route, {"attributes": [sent]})[1]
            self.assertEqual([(a["id"], a["option"]) for a in made["attributes"]],
                             [(attribute, shown)])
        made = self.shop.api("POST", route, {"attributes": [{"name": "Farbe", "option": "rot"}]})[1]
        self.assertEqual(made["attributes"], [])                 # by id or slug, not by its name
        _, terms, _ = self.shop.api("GET", f"/products/attributes/{attribute}/terms")
        self.assertEqual([(t["name"], t["count"]) for t in terms], [("Blau", 1), ("rot", 1)])
        self.refused("POST", "/products", {"attributes": [{"id": 99, "options": ["x"]}]}, 400,
                     "rest_invalid_param")
        self.shop.api("DELETE", f"/products/attributes/{attribute}")
        self.assertEqual(self.shop.api("GET", f"/products/{page['id']}")[1]["attributes"], [])


class TaxonomiesByTheBuiltInList(Taxonomies):
    options = ("--schema", "builtin")


PNG = b"\x89PNG\r\n\x1a\n" + bytes(24)


class PictureServer:
    """Serves /NAME.png as other bytes for every name, /NAME.txt as text; counts what it served."""

    def __init__(self):
        outer = self
        self.asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                outer.asked.append(self.path)
                self.send_response(404 if "missing" in self.path else 200)
                self.end_headers()
                self.wfile.write(outer.bytes(self.path))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    @staticmethod
    def bytes(path):
        return (b"" if "text" in path else PNG) + path.encode()

    def sha256(self, path):
        return hashlib.sha256(self.bytes(path)).hexdigest()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Pictures(ShopCase):
    def setUp(self):
        super().setUp()
        self.pictures = PictureServer()
        self.addCleanup(self.pictures.close)

    def src(self, *names):
        return [{"src": f"{self.pictures.url}/{n}"} for n in names]

    def stored(self, sku):
        return next(p for p in self.shop.control("products") if p["sku"] == sku)

    def test_every_src_is_downloaded_and_gets_a_new_id(self):
        made = self.create(sku="A", images=self.src("a.png", "b.png"))
        ids = [i["id"] for i in made["images"]]
        self.assertEqual([i["sha256"] for i in self.stored("A")["images"]],
                         [self.pictures.sha256("/a.png"), self.pictures.sha256("/b.png")])
        self.assertTrue(made["images"][0]["src"].startswith("https://shop.example/wp-content/"))
        self.assertEqual(made["images"][0]["name"], "a.png")
        route = f"/products/{made['id']}"
        _, seen, _ = self.shop.api("PUT", route, {"images": self.src("a.png", "a.png")})
        again = [i["id"] for i in seen["images"]]
        self.assertEqual(len(set(ids + again)), 4)
        self.assertEqual([i["name"] for i in seen["images"]], ["a-1.png", "a-2.png"])
        counts = self.shop.control("counts")
        self.assertEqual((counts["image_uploads"], counts["images"], len(self.pictures.asked)),
                         (4, 4, 4))
        _, seen, _ = self.shop.api("PUT", route, {"images": [
            {"id": ids[1], "alt": "von hinten"}, {"id": ids[0], "src": "http://x.example/"}]})
        self.assertEqual([(i["id"], i["alt"]) for i in seen["images"]],
                         [(ids[1], "von hinten"), (ids[0], "")])
        self.assertEqual(self.shop.control("counts")["image_uploads"], 4)
        self.assertEqual(self.shop.api("PUT", route, {"name": "x"})[1]["images"], seen["images"])
        self.assertEqual(self.shop.api("PUT", route, {"images": []})[1]["images"], [])

    def test_what_cannot_be_had_is_refused(self):
        for src, word in ((self.pictures.url + "/missing.png", "Not Found"),
                          (self.pictures.url + "/text.png", "not allowed"),
                          (self.pictures.url + "/a.exe", "not allowed"),
                          (self.pictures.url + "/image?id=3", "not allowed"),
                          ("http://127.0.0.1:1/a.png", "refused"),
                          ("http://shop.example/a.png", "valid URL"), ("C:\\a.png", "valid URL")):
            answer = self.refused("POST", "/products", {"images": [{"src": src}]}, 400,
                                  "woocommerce_product_image_upload_error")
            self.assertIn(word, answer["message"])
        for image in ({"id": 999}, {"alt": "x"}):
            self.refused("POST", "/products", {"images": [image]}, 400,
                         "woocommerce_product_invalid_image_id")
        self.refused("POST", "/products", {"images": self.src("a.png", "missing.png")}, 400,
                     "woocommerce_product_image_upload_error")
        counts = self.shop.control("counts")
        self.assertEqual((counts["images"], counts["products"], counts["image_failures"]),
                         (0, 0, 8))                  # the half-made product left nothing behind

    def test_a_variation_has_one_picture_of_its_own_or_its_products(self):
        page = self.create(type="variable", sku="P", images=self.src("p.png"))
        route = f"/products/{page['id']}/variations"
        made = self.shop.api("POST", route, {"sku": "P-1", "image": self.src("v.png")[0]})[1]
        self.assertEqual(self.stored("P-1")["image"]["sha256"], self.pictures.sha256("/v.png"))
        _, seen, _ = self.shop.api("PUT", f"{route}/{made['id']}", {"image": {}})
        self.assertEqual(seen["image"]["id"], page["images"][0]["id"])       # shown, not its own
        self.assertIsNone(self.stored("P-1")["image"])
        for image, code in (({"id": 999}, "woocommerce_variation_invalid_image_id"),
                            (self.src("missing.png")[0],
                             "woocommerce_variation_image_upload_error")):
            self.refused("PUT", f"{route}/{made['id']}", {"image": image}, 400, code)

    def test_in_a_batch_each_position_has_its_own_fate(self):
        _, batch, _ = self.shop.api("POST", "/products/batch", {"create": [
            {"sku": "A", "images": self.src("a.png")},
            {"sku": "B", "images": self.src("missing.png")},
            {"sku": "C", "images": self.src("a.png")}]})
        self.assertEqual([p.get("error", {}).get("code") for p in batch["create"]],
                         [None, "woocommerce_product_image_upload_error", None])
        self.assertNotEqual(batch["create"][0]["images"][0]["id"],
                            batch["create"][2]["images"][0]["id"])

    def test_an_emptied_media_library(self):
        made = self.create(sku="A", images=self.src("a.png"))
        image = made["images"][0]["id"]
        self.shop.control(f"images/{image}", method="DELETE")
        self.assertEqual(self.shop.api("GET", f"/products/{made['id']}")[1]["images"], [])
        self.refused("PUT", f"/products/{made['id']}", {"images": [{"id": image}]}, 400,
                     "woocommerce_product_invalid_image_id")

    def test_a_slow_picture_holds_up_its_request_only(self):
        gate = threading.Event()
        self.pictures.bytes = lambda _path: gate.wait(20) and PNG
        caught = []
        waiting = threading.Thread(target=lambda: caught.append(
            self.shop.api("POST", "/products", {"sku": "A", "images": self.src("a.png")})[0]))
        waiting.start()
        while not self.pictures.asked:
            time.sleep(0.01)
        self.create(sku="B")                         # answered while the other one waits
        gate.set()
        waiting.join(20)
        self.assertEqual(caught, [201])


class Lists(ShopCase):
    def test_filters(self):
        a = self.create(sku="A", name="Rote Lampe", global_unique_id="2000000000015")
        b = self.create(sku="B", name="Lampe", status="draft", description="Ein rotes Ding")
        p = self.create(sku="P", name="Hemd", type="variable", slug="das-hemd")
        v = self.shop.api("POST", f"/products/{p['id']}/variations",
                          {"sku": "P-1", "global_unique_id": "2000000000022"})[1]
        ids = {"A": a["id"], "B": b["id"], "P": p["id"], "P-1": v["id"]}
        for query, wanted in (
                (f"include={ids['P']},{ids['A']},{ids['P-1']}", ["P", "A"]),
                (f"include[]={ids['P']}&include[]={ids['A']}&orderby=include", ["P", "A"]),
                ("sku=p-1,B", ["P-1", "B"]), ("sku=nix", []),
                ("global_unique_id=2000000000022,2000000000015", ["P-1", "A"]),
                ("type=variable", ["P"]), ("type=simple&status=draft", ["B"]),
                ("slug=das-hemd", ["P"]), ("search=ROT", ["B", "A"]),
                ("search=rote lampe", ["A", "B"]),
                (f"exclude={ids['A']}", ["P", "B"]), ("status=publish", ["P", "A"])):
            _, found, headers = self.shop.api("GET", "/products?" + query.replace(" ", "%20"))
            if query == "search=rote lampe":
                found.sort(key=lambda r: r["id"])    # both words, in name or text
            self.assertEqual([r["sku"] for r in found], wanted, query)
            self.assertEqual(headers["X-WP-Total"], str(len(wanted)))
        found = self.shop.api("GET", "/products?sku=P-1")[1][0]
        self.assertEqual((found["id"], found["parent_id"], found["type"]),
                         (v["id"], p["id"], "variation"))
        self.refused("GET", "/products?meta=1", None, 400, "rest_invalid_param")

    def test_slugs_are_unique_and_stay(self):
        made = [self.create(name="Grüne Möwe") for _ in range(3)]
        self.assertEqual([p["slug"] for p in made], ["gruene-moewe", "gruene-moewe-2",
                                                     "gruene-moewe-3"])
        self.assertEqual(made[0]["permalink"], "https://shop.example/product/gruene-moewe/")
        _, seen, _ = self.shop.api("PUT", f"/products/{made[0]['id']}", {"name": "Anders"})
        self.assertEqual(seen["permalink"], made[0]["permalink"])
        _, seen, _ = self.shop.api("PUT", f"/products/{made[0]['id']}", {"status": "draft"})
        self.assertIn("post_type=product", seen["permalink"])


class Seeds(ShopCase):
    def test_a_catalogue_that_was_there_before(self):
        answer = self.shop.control("seed", {"products": [
            {"sku": "P", "type": "variable", "name": "Hemd", "id": 500,
             "date_modified_gmt": "2020-01-01T00:00:00",
             "categories": [["Kleidung", "Hemden"], "Angebote"],
             "images": [{"src": "http://old.example/p.jpg", "sha256": "ab" * 32}],
             "attributes": [{"name": "Farbe", "global": True, "variation": True,
                             "options": ["rot", "blau"]}],
             "variations": [{"sku": "P-1", "regular_price": "5", "attributes": [
                 {"name": "pa_farbe", "option": "rot"}]}]},
            {"sku": "Q", "categories": [["Kleidung", "Hosen"]]}]})
        self.assertEqual((answer["products"], answer["variations"]), (2, 1))
        self.assertEqual(answer["made"][0]["id"], 500)
        page, _, child = self.shop.control("products")
        self.assertEqual([c["path"] for c in page["categories"]],
                         [["Angebote"], ["Kleidung", "Hemden"]])
        self.assertEqual(page["images"][0]["sha256"], "ab" * 32)
        self.assertEqual((child["parent_id"], child["attributes"][0]["option"]), (500, "rot"))
        self.assertEqual(page["date_modified_gmt"], "2020-01-01T00:00:00")
        counts = self.shop.control("counts")
        self.assertEqual((counts["categories"], counts["attributes"], counts["writes"],
                          counts["items_written"], counts["image_uploads"]), (5, 1, 0, 0, 0))
        self.assertGreater(self.create(sku="R")["id"], 500)

    def test_what_is_wrong_is_named(self):
        for products, word in (([{"sku": "A"}, {"sku": "A"}], r"products\[1\] A: Invalid or dup"),
                               ([{"sku": "B", "colour": 1}], "colour"),
                               ([{"sku": "C", "id": 11}, {"sku": "D", "id": 11}], "taken")):
            with self.assertRaisesRegex(RuntimeError, word):
                self.shop.control("seed", {"products": products})


class Entities(ShopCase):
    options = ("--entities",)

    def test_a_bare_ampersand_is_written_as_an_entity(self):
        made = self.create(name="A & B &amp; C", description="<p>1 < 2 & 3</p>")
        self.assertEqual((made["name"], made["description"]),
                         ("A &amp; B &amp; C", "<p>1 &lt; 2 &amp; 3</p>"))
        made = self.shop.api("POST", "/products/categories", {"name": "A & B"})[1]
        self.assertEqual(made["name"], "A &amp; B")
        self.refused("POST", "/products/categories", {"name": "a &amp; b"}, 400, "term_exists")


class Large(ShopCase):
    """15,000 products, 20,000 variations: a write costs what it changes, not what is known."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="kontor-wcv3-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.state = os.path.join(self.folder, "shop.jsonl")
        self.options = ("--state", self.state)
        super().setUp()

    def test_batches_are_quick_and_small(self):
        products = [{"sku": f"S{i}", "name": f"Ding {i}", "regular_price": "5",
                     "categories": [["A", f"B{i % 50}"]]} for i in range(14000)]
        products += [{"sku": f"V{i}", "name": f"Hemd {i}", "type": "variable", "attributes": [
            {"name": "Nummer", "variation": True, "options": [str(j) for j in range(20)]}],
            "variations": [{"sku": f"V{i}-{j}", "regular_price": "6", "attributes": [
                {"name": "Nummer", "option": str(j)}]} for j in range(20)]} for i in range(1000)]
        start = time.monotonic()
        status, _, data = self.shop.raw("POST", "/_sandbox/seed", {"products": products},
                                        timeout=120)
        self.assertEqual(status, 200, data[:500])
        self.assertLess(time.monotonic() - start, 60)
        made = json.loads(data)["made"]
        children = [v["id"] for v in made[-1]["variations"]]
        known = os.path.getsize(self.state)
        jobs = [("/products/batch", {"update": [{"id": m["id"], "regular_price": "7"}
                                                for m in made[:100]]}),
                ("/products/batch", {"create": [{"sku": f"N{i}"} for i in range(100)]}),
                (f"/products/{made[-1]['id']}/variations/batch",
                 {"update": [{"id": i, "regular_price": "8"} for i in children] * 5})]
        for route, body in jobs:
            took = []
            for again in range(3):
                if "create" in body:
                    body = {"create": [{"sku": f"N{again}-{i}"} for i in range(100)]}
                start = time.monotonic()
                self.assertEqual(self.shop.api("POST", route, body)[0], 200)
                took.append(time.monotonic() - start)
            self.assertLess(min(took), 0.1, route)
        self.assertLess(os.path.getsize(self.state) - known, 900 * 1500)
        _, found, headers = self.shop.api("GET", "/products?per_page=100&page=150&orderby=id"
                                          "&order=asc")
        self.assertEqual((len(found), headers["X-WP-Total"]), (100, "15300"))
        self.shop.kill()
        self.shop.start()
        self.assertEqual(self.shop.api("GET", "/products?sku=V999-19")[1][0]["price"], "8")


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
        attribute = self.shop.api("POST", "/products/attributes", {"name": "Farbe"})[1]["id"]
        self.shop.control("seed", {"products": [
            {"sku": "P", "type": "variable", "images": [{"sha256": "00"}],
             "categories": [["A", "B"]],
             "attributes": [{"id": attribute, "variation": True, "options": ["rot"]}],
             "variations": [{"sku": "P-1", "attributes": [{"id": attribute, "option": "ROT"}]}]}]})
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
        self.refused("POST", f"/products/attributes/{attribute}/terms", {"name": "Rot"}, 400,
                     "term_exists")
        self.refused("POST", "/products", {"sku": "p-1"}, 400, "product_invalid_sku")
        self.assertGreater(self.create(sku="L-2")["id"], order["id"])
        self.restart()
        self.assertEqual(self.shop.control("counts")["products"], 3)
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
