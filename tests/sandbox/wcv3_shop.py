"""What the wc/v3 stand-in holds, with the shop's own rules: put together here, with the orders.

No HTTP here. Goods, taxonomies, pictures and the state file have files of their own. The caller
holds `Shop.lock` around each call; a refusal is a WcError, which becomes the answer.
"""
import copy
import decimal
import hashlib
import re

from wcv3_goods import GoodsMixin
from wcv3_images import ImagesMixin
from wcv3_seed import SeedMixin
from wcv3_store import Store, WcError, fold, not_found, now_us, parse_us
from wcv3_terms import TermsMixin

D = decimal.Decimal
RATES = {"": (1, "DE-MWST-1", "MwSt.", D(19)), "reduced-rate": (2, "DE-MWST-ERM-1", "MwSt.", D(7)),
         "zero-rate": (3, "DE-NULL-1", "steuerfrei", D(0))}


def cents(value):
    return format(D(value).quantize(D("0.01"), decimal.ROUND_HALF_UP), "f")


class Shop(GoodsMixin, TermsMixin, ImagesMixin, SeedMixin, Store):
    def __init__(self, schema, state=None, utc_offset_min=60, store_id=None,
                 site_url="https://shop.example", entities=False):
        super().__init__(state, utc_offset_min, store_id)
        self.schema, self.site_url, self.entities = schema, site_url, entities
        self.begin_terms()

    def check(self, resource, body):
        if not isinstance(body, dict):
            raise WcError(400, "rest_invalid_json", "Invalid JSON body passed.")
        wrong = self.schema.wrong(resource, body)
        if wrong:
            raise WcError(400, "rest_invalid_param",
                          "Invalid parameter(s): " + ", ".join(wrong), params=wrong, details={})

    def text(self, text):
        """The real shop writes a bare & of a name or description as an entity."""
        if not self.entities:
            return text
        bare = re.sub(r"&(?!(#\d+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]*);)", "&amp;", text)
        return re.sub(r"<(?![a-zA-Z/!])", "&lt;", bare)

    # ---- orders

    def get_order(self, order_id):
        row = self.rows["order"].get(order_id)
        if row is None:
            raise not_found("shop_order")
        return row

    def put_order(self, order_id, body):
        """PUT by the interface. Lines of a placed order are not changed this way here."""
        self.check("order", body)
        row = copy.deepcopy(self.get_order(order_id))
        lines = [k for k in body if k.endswith("_lines") or k == "line_items"]
        if lines:
            raise WcError(400, "rest_invalid_param", "The stand-in does not change lines: "
                          + ", ".join(lines), params={k: "not supported" for k in lines})
        for name in ("billing", "shipping"):
            row[name].update(body.get(name) or {})
        self.merge_meta(row["meta_data"], body.get("meta_data") or [])
        row.update({k: v for k, v in body.items()
                    if k not in ("billing", "shipping", "meta_data", "set_paid", "manual_update")})
        paid = body.get("set_paid") or row["status"] in ("processing", "completed")
        if paid and row["date_paid_us"] is None:
            row["date_paid_us"] = now_us()
            row["status"] = "processing" if body.get("set_paid") else row["status"]
        if row["status"] == "completed" and row["date_completed_us"] is None:
            row["date_completed_us"] = now_us()
        row["date_modified_us"] = self.tick(row)
        self.put("order", order_id, row)
        return row

    def create_order(self, body):
        """POST by the interface: lines are priced from the shop's own products (prices gross)."""
        self.check("order", body)
        body = copy.deepcopy(body)
        items, taxes = [], {}
        for line in body.pop("line_items", []):
            product = self.get_any(line.get("variation_id") or line.get("product_id"))
            count = line.get("quantity", 1)
            rate_id, code, label, rate = RATES.get(product["tax_class"], RATES[""])
            gross = D(self.price_of(product) or 0) * count
            net = D(line["total"]) if "total" in line else D(cents(gross * 100 / (100 + rate)))
            tax = D(cents(gross - net if "total" not in line else net * rate / 100))
            add = taxes.setdefault(rate_id, [code, label, rate, D(0)])
            add[3] += tax
            items.append({"name": self.show(product, True)["name"],
                          "product_id": product["parent_id"] or product["id"],
                          "variation_id": product["id"] if product["parent_id"] else 0,
                          "quantity": count, "tax_class": product["tax_class"],
                          "sku": product["sku"], "subtotal": cents(net), "total": cents(net),
                          "subtotal_tax": cents(tax), "total_tax": cents(tax),
                          "taxes": [{"id": rate_id, "total": cents(tax),
                                     "subtotal": cents(tax)}]})
        more = [k for k in ("shipping_lines", "fee_lines", "coupon_lines") if body.get(k)]
        if more:
            raise WcError(400, "rest_invalid_param", "The stand-in does not price: "
                          + ", ".join(more), params={k: "not supported" for k in more})
        tax = sum((t[3] for t in taxes.values()), D(0))
        total = sum((D(i["total"]) for i in items), D(0)) + tax
        if body.pop("set_paid", False):
            body.update(status="processing", date_paid_us=now_us())
        body.update(line_items=items, cart_tax=cents(tax), total_tax=cents(tax),
                    total=cents(total), created_via="rest-api", prices_include_tax=True,
                    tax_lines=[{"rate_code": c, "rate_id": i, "label": n, "compound": False,
                                "tax_total": cents(t), "shipping_tax_total": "0.00",
                                "rate_percent": float(r)}
                               for i, (c, n, r, t) in taxes.items()])
        return self.place_order(body)

    def place_order(self, sent):
        """A shop order as given, over a sensible default; ids and dates are assigned."""
        sent = self._dates_in(sent)
        now = now_us()
        order_id = sent.pop("id", None) or self.next()
        if any(order_id in self.rows[k] for k in ("order", "product", "variation", "image")):
            raise WcError(400, "sandbox_id_taken", f"Id {order_id} is taken.")
        self.facts["next_id"] = max(self.facts["next_id"], order_id + 1)
        address = {"first_name": "Erika", "last_name": "Beispiel", "company": "",
                   "address_1": "Musterweg 7", "address_2": "", "city": "Lampenheim",
                   "state": "", "postcode": "12345", "country": "DE"}
        key = hashlib.sha256(f"{self.facts['store_id']}/{order_id}".encode()).hexdigest()[:13]
        row = {"id": order_id, "parent_id": 0, "status": "processing", "currency": "EUR",
               "version": "10.5.2", "prices_include_tax": True, "date_created_us": now,
               "date_modified_us": now, "discount_total": "0.00", "discount_tax": "0.00",
               "shipping_total": "0.00", "shipping_tax": "0.00", "cart_tax": "0.00",
               "total": "0.00", "total_tax": "0.00", "customer_id": 0,
               "order_key": f"wc_order_{key}",
               "billing": dict(address, email="erika@beispiel.example", phone="+49 30 000000"),
               "shipping": dict(address, phone=""), "payment_method": "bacs",
               "payment_method_title": "Vorkasse", "transaction_id": "",
               "customer_ip_address": "192.0.2.10", "customer_user_agent": "",
               "created_via": "checkout", "customer_note": "", "date_completed_us": None,
               "date_paid_us": now, "cart_hash": "", "number": str(order_id), "meta_data": [],
               "line_items": [], "tax_lines": [], "shipping_lines": [], "fee_lines": [],
               "coupon_lines": [], "refunds": [], "payment_url": "", "is_editable": False,
               "needs_payment": False, "needs_processing": True, "currency_symbol": "€"}
        if sent.get("status", "processing") not in ("processing", "completed"):
            row["date_paid_us"] = None
        self._overlay(row, sent)
        self.put("order", order_id, row)
        return row

    def change_order(self, order_id, sent):
        """What a person in the shop's back office may change: anything, lines as whole lists."""
        row = copy.deepcopy(self.get_order(order_id))
        sent = self._dates_in(sent)
        self._overlay(row, sent)
        if "date_modified_us" not in sent:
            row["date_modified_us"] = self.tick(row)
        self.put("order", order_id, row)
        return row

    @staticmethod
    def _dates_in(sent):
        out = {}
        for name, value in copy.deepcopy(sent).items():
            if name.startswith("date_") and not name.endswith("_us"):
                if not name.endswith("_gmt"):
                    raise WcError(400, "sandbox_bad_date", f"Give {name}_gmt instead of {name}.")
                out[name[:-4] + "_us"] = None if value is None else parse_us(value)
            else:
                out[name] = value
        return out

    def _overlay(self, row, sent):
        unknown = [k for k in sent if k not in row and k != "id"]
        if unknown:
            raise WcError(400, "sandbox_unknown_field", "An order has no " + ", ".join(unknown))
        meta = sent.pop("meta_data", [])
        for name in ("billing", "shipping"):
            row[name].update(sent.pop(name, {}))
        row.update(sent)
        self.merge_meta(row["meta_data"], meta)
        for name in ("line_items", "tax_lines", "shipping_lines", "fee_lines", "coupon_lines"):
            for line in row[name]:
                line.setdefault("id", self.next("next_item"))
                line.setdefault("meta_data", [])
                for entry in line["meta_data"]:
                    entry.setdefault("id", self.next("next_meta"))
        for line in row["line_items"]:
            self._complete_line(line)

    def _sold(self, line):
        """What the line's SKU names: a product, a variation or None."""
        found = self.skus.get(fold(line.get("sku") or ""))
        return None if found is None else self.get_any(found)

    def _complete_line(self, line):
        product = self._sold(line)
        parent = product["parent_id"] if product else 0
        line.setdefault("product_id", parent or (product["id"] if product else 0))
        line.setdefault("name", self.show(product, True)["name"] if product
                        else line.get("sku") or "")
        line.setdefault("variation_id", product["id"] if parent else 0)
        line.setdefault("global_unique_id", product["global_unique_id"] if product else "")
        line.setdefault("tax_class", "")
        # A floating point number, as the shop sends it: a reader must not compute with it.
        line.setdefault("price", float(D(line.get("total", "0")) / (line.get("quantity") or 1)))
        line.setdefault("parent_name", None)

    def reduce_stock(self, order):
        for line in order["line_items"]:
            row = self._sold(line)
            if row and not row["manage_stock"] and row["parent_id"]:
                row = self.get_product(row["parent_id"])
            if row and row["manage_stock"]:
                row = dict(row, stock_quantity=row["stock_quantity"] - line["quantity"])
                self._derive(row)
                row["date_modified_us"] = self.tick(row)
                self.put("variation" if row["parent_id"] else "product", row["id"], row)

    def add_note(self, order_id, body):
        self.check("order_note", body)
        self.get_order(order_id)
        if not body.get("note"):
            raise WcError(400, "rest_missing_callback_param", "Missing parameter(s): note",
                          params=["note"])
        note = {"id": self.next(), "order": order_id, "author": "system",
                "date_created_us": now_us(), "note": body["note"],
                "customer_note": body.get("customer_note", False)}
        self.put("note", note["id"], note)
        return note

