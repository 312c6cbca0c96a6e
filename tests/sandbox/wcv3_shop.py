"""What the wc/v3 stand-in holds: products, variations, orders and notes, with the shop's own rules.

No HTTP here. Every change is one line of JSON in the state file, so a killed stand-in forgets
nothing. The caller holds `Shop.lock` around each call; a refusal is a WcError, which becomes the
answer.
"""
import copy
import datetime
import decimal
import hashlib
import json
import os
import threading
import uuid

D = decimal.Decimal
RATES = {"": (1, "DE-MWST-1", "MwSt.", D(19)), "reduced-rate": (2, "DE-MWST-ERM-1", "MwSt.", D(7)),
         "zero-rate": (3, "DE-NULL-1", "steuerfrei", D(0))}


class WcError(Exception):
    def __init__(self, status, code, message, **data):
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "message": message, "data": dict({"status": status}, **data)}


def not_found(what):
    return WcError(404, f"woocommerce_rest_{what}_invalid_id", "Invalid ID.")


def cents(value):
    return format(D(value).quantize(D("0.01"), decimal.ROUND_HALF_UP), "f")


def now_us():
    return int(datetime.datetime.now(datetime.timezone.utc).timestamp() * 1_000_000)


def parse_us(text, default_offset_min=0):
    """An ISO 8601 instant as microseconds since 1970; without a zone it is `default_offset_min`."""
    when = datetime.datetime.fromisoformat(text.strip().replace(" ", "T").upper())
    if when.tzinfo is None:
        when = when.replace(tzinfo=datetime.timezone(
            datetime.timedelta(minutes=default_offset_min)))
    return int(when.timestamp() * 1_000_000)


class Shop:
    def __init__(self, schema, state=None, utc_offset_min=60, store_id=None,
                 site_url="https://shop.example"):
        self.lock = threading.RLock()
        self.schema = schema
        self.offset = utc_offset_min
        self.site_url = site_url
        self.rows = {"product": {}, "variation": {}, "order": {}, "note": {}}
        self.skus, self.gtins = {}, {}
        self.facts = {"next_id": 11, "next_meta": 1, "next_item": 1, "store_id": store_id,
                      "writes": 0, "requests": 0, "writes_by_route": {}, "items_written": 0,
                      "items_refused": 0}
        self.file = None
        self.dirty = []
        if state:
            self._load(state)
        if not self.facts["store_id"]:
            self.facts["store_id"] = store_id or str(uuid.uuid4())
            self.dirty = [("note", 0)]      # the identity must outlive a kill before any write
            self.commit()

    # ---- state file

    def _load(self, path):
        if os.path.exists(path):
            with open(path, "rb") as file:
                data = file.read()
            whole = data[:data.rfind(b"\n") + 1]     # a killed writer may leave half a line
            for line in whole.splitlines():
                entry = json.loads(line)
                if entry["kind"] == "facts":
                    self.facts.update(entry["row"])
                else:
                    self._place(entry["kind"], entry["id"], entry["row"])
            if len(whole) != len(data):
                os.truncate(path, len(whole))
        self.file = open(path, "ab")

    def commit(self):
        """Writes what changed since the last call; called before any answer leaves."""
        if self.file and self.dirty:
            entries = [{"kind": k, "id": i, "row": self.rows[k].get(i)} for k, i in self.dirty]
            entries.append({"kind": "facts", "row": self.facts})
            self.file.write(b"".join(
                json.dumps(e, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
                for e in entries))
            self.file.flush()
        self.dirty = []

    def close(self):
        """Keeps the counters of reads, too, then lets go of the file."""
        self.dirty = self.dirty or [("note", 0)]
        self.commit()
        if self.file:
            self.file.close()
            self.file = None

    def _place(self, kind, row_id, row):
        old = self.rows[kind].pop(row_id, None) if row is None else self.rows[kind].get(row_id)
        if kind in ("product", "variation"):
            for index, field in ((self.skus, "sku"), (self.gtins, "global_unique_id")):
                if old and index.get(fold(old[field])) == row_id:
                    del index[fold(old[field])]
                if row and row[field] and row["status"] != "trash":
                    index[fold(row[field])] = row_id
        if row is not None:
            self.rows[kind][row_id] = row

    def put(self, kind, row_id, row):
        self._place(kind, row_id, row)
        self.dirty.append((kind, row_id))

    def next(self, name="next_id", count=1):
        self.facts[name] += count
        return self.facts[name] - count

    # ---- dates: microseconds inside, seconds without a zone outside

    def local(self, us, gmt):
        seconds = us // 1_000_000 + (0 if gmt else self.offset * 60)
        when = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
        return when.isoformat()

    def show(self, row):
        """The row as an answer: internal *_us fields become the two date fields."""
        out = {}
        for name, value in row.items():
            if name.endswith("_us"):
                out[name[:-3]] = None if value is None else self.local(value, False)
                out[name[:-3] + "_gmt"] = None if value is None else self.local(value, True)
            else:
                out[name] = value
        return out

    # ---- products and variations

    def check(self, resource, body):
        if not isinstance(body, dict):
            raise WcError(400, "rest_invalid_json", "Invalid JSON body passed.")
        wrong = self.schema.wrong(resource, body)
        if wrong:
            raise WcError(400, "rest_invalid_param",
                          "Invalid parameter(s): " + ", ".join(wrong), params=wrong, details={})

    def get_product(self, product_id, parent=None):
        row = self.rows["product" if parent is None else "variation"].get(product_id)
        if row is None or (parent is not None and row["parent_id"] != parent):
            raise not_found("product" if parent is None else "product_variation")
        return row

    def save_product(self, body, product_id=None, parent=None):
        """POST (no id) or PUT. A variation names its parent."""
        kind = "product" if parent is None else "variation"
        self.check("product" if parent is None else "product_variation", body)
        if parent is not None:
            self.get_product(parent)
        old = None if product_id is None else self.get_product(product_id, parent)
        row = copy.deepcopy(old) if old else self._new_product(parent)
        meta = body.get("meta_data")
        row.update({k: v for k, v in body.items() if k not in ("meta_data", "dimensions")
                    and not k.startswith("date_")})
        row["dimensions"].update(body.get("dimensions") or {})
        for name in ("sku", "global_unique_id"):
            self._unique(row, name, product_id)
        if meta is not None:
            self.merge_meta(row["meta_data"], meta)
        if old is None:
            row["id"] = self.next()
            row["permalink"] = f"{self.site_url}/?p={row['id']}"
            row["slug"] = row.get("slug") or f"product-{row['id']}"
        for image in row["images"]:
            if not image.get("id"):
                image["id"] = self.next()
        self._derive(row)
        row["date_modified_us"] = self.tick(row)
        self.put(kind, row["id"], row)
        if parent is not None and old is None:
            mother = dict(self.get_product(parent))
            mother["variations"] = mother["variations"] + [row["id"]]
            self.put("product", parent, mother)
        return row

    def _new_product(self, parent):
        now = now_us()
        row = {"id": 0, "name": "", "slug": "", "permalink": "", "date_created_us": now,
               "date_modified_us": now, "type": "simple" if parent is None else "variation",
               "status": "publish", "featured": False, "catalog_visibility": "visible",
               "description": "", "short_description": "", "sku": "", "global_unique_id": "",
               "price": "", "regular_price": "", "sale_price": "", "on_sale": False,
               "purchasable": False, "total_sales": 0, "virtual": False, "downloadable": False,
               "tax_status": "taxable", "tax_class": "", "manage_stock": False,
               "stock_quantity": None, "stock_status": "instock", "backorders": "no",
               "backorders_allowed": False, "backordered": False, "low_stock_amount": None,
               "sold_individually": False, "weight": "",
               "dimensions": {"length": "", "width": "", "height": ""}, "shipping_class": "",
               "parent_id": parent or 0, "categories": [], "tags": [], "images": [],
               "attributes": [], "default_attributes": [], "variations": [], "menu_order": 0,
               "meta_data": []}
        if parent is not None:
            for name in ("short_description", "featured", "catalog_visibility", "categories",
                         "tags", "default_attributes", "variations", "total_sales"):
                del row[name]
        return row

    def _unique(self, row, name, product_id):
        if not row[name]:
            return
        if name == "global_unique_id" and row[name].strip("0123456789-"):
            raise WcError(400, "product_invalid_global_unique_id",
                          "Invalid or duplicated GTIN, UPC, EAN or ISBN.")
        other = (self.skus if name == "sku" else self.gtins).get(fold(row[name]))
        if other is not None and other != product_id:
            code, text = {"sku": ("product_invalid_sku", "Invalid or duplicated SKU."),
                          "global_unique_id": ("product_invalid_global_unique_id",
                                               "Invalid or duplicated GTIN, UPC, EAN or ISBN.")
                          }[name]
            raise WcError(400, code, text, resource_id=other, **(
                {"unique_sku": f"{row[name]}-1"} if name == "sku" else {}))

    @staticmethod
    def _derive(row):
        row["on_sale"] = row["sale_price"] != ""
        row["price"] = row["sale_price"] or row["regular_price"]
        row["purchasable"] = row["price"] != "" and row["status"] == "publish"
        row["backorders_allowed"] = row["backorders"] != "no"
        if row["manage_stock"] is True:
            row["stock_quantity"] = row["stock_quantity"] or 0
            row["stock_status"] = ("instock" if row["stock_quantity"] > 0 else
                                   "onbackorder" if row["backorders_allowed"] else "outofstock")
        else:
            row["stock_quantity"] = None         # the shop forgets a figure it does not manage

    def delete_product(self, product_id, parent=None, force=False):
        row = dict(self.get_product(product_id, parent))
        kind = "product" if parent is None else "variation"
        if not force and parent is None:
            if row["status"] == "trash":
                raise WcError(410, "woocommerce_rest_already_trashed", "Already deleted.")
            row.update(status="trash", date_modified_us=self.tick(row))
            self.put(kind, product_id, row)
            return row
        for child in row.get("variations", []):
            self.put("variation", child, None)
        if parent is not None:
            mother = dict(self.get_product(parent))
            mother["variations"] = [i for i in mother["variations"] if i != product_id]
            self.put("product", parent, mother)
        self.put(kind, product_id, None)
        return row

    def tick(self, row):
        """A modification time that never stands still, even within one microsecond."""
        return max(now_us(), row["date_modified_us"] + 1)

    def merge_meta(self, stored, sent):
        """By id, else by key: an existing key is replaced, null removes, the rest is added."""
        for entry in sent:
            same = [m for m in stored if m["id"] == entry.get("id")] if entry.get("id") else \
                [m for m in stored if m["key"] == entry.get("key")]
            if entry.get("value") is None and "value" in entry:
                stored[:] = [m for m in stored if m not in same]
            elif same:
                same[0].update({k: entry[k] for k in ("key", "value") if k in entry})
            else:
                stored.append({"id": self.next("next_meta"), "key": entry.get("key", ""),
                               "value": entry.get("value", "")})

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
            product = self.get_product(line.get("product_id"))
            count = line.get("quantity", 1)
            rate_id, code, label, rate = RATES.get(product["tax_class"], RATES[""])
            gross = D(product["price"] or 0) * count
            net = D(line["total"]) if "total" in line else D(cents(gross * 100 / (100 + rate)))
            tax = D(cents(gross - net if "total" not in line else net * rate / 100))
            add = taxes.setdefault(rate_id, [code, label, rate, D(0)])
            add[3] += tax
            items.append({"name": product["name"], "product_id": product["id"],
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
        if order_id in self.rows["order"] or order_id in self.rows["product"]:
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

    def _complete_line(self, line):
        product = self.rows["product"].get(self.skus.get(fold(line.get("sku") or "")))
        line.setdefault("product_id", product["id"] if product else 0)
        line.setdefault("name", product["name"] if product else line.get("sku") or "")
        line.setdefault("variation_id", 0)
        line.setdefault("global_unique_id", product["global_unique_id"] if product else "")
        line.setdefault("tax_class", "")
        # A floating point number, as the shop sends it: a reader must not compute with it.
        line.setdefault("price", float(D(line.get("total", "0")) / (line.get("quantity") or 1)))
        line.setdefault("parent_name", None)

    def reduce_stock(self, order):
        for line in order["line_items"]:
            product_id = self.skus.get(fold(line.get("sku") or ""))
            row = self.rows["product"].get(product_id)
            if row and row["manage_stock"]:
                row = dict(row, stock_quantity=row["stock_quantity"] - line["quantity"])
                self._derive(row)
                row["date_modified_us"] = self.tick(row)
                self.put("product", product_id, row)

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


def fold(text):
    return text.strip().casefold()       # the shop's database compares without regard to case
