"""Products and variations of the wc/v3 stand-in, with the shop's own rules.

What the shop works out (price of a variable product, names, inherited figures) is worked out when
it is shown; rows keep what was written.
"""
import re

from wcv3_store import WcError, fold, not_found, now_us, parse_us
from wcv3_terms import slugify

SALE_DATES = ("date_on_sale_from", "date_on_sale_to")
NOT_HERE = ("tags", "brands")
TO_VARIATIONS = ("To manipulate product variations you should use the "
                 "/products/&lt;product_id&gt;/variations/&lt;id&gt; endpoint.")
INHERITED = ("sku", "global_unique_id", "weight")


class GoodsMixin:
    """The part of the shop that keeps what is sold."""

    def get_product(self, product_id, parent=None, status=404):
        row = self.rows["product" if parent is None else "variation"].get(product_id)
        if row is None or (parent is not None and row["parent_id"] != parent):
            raise not_found("product" if parent is None else "product_variation", status)
        return row

    def get_any(self, product_id):
        """GET /products/ID shows a variation as well."""
        row = self.rows["product"].get(product_id) or self.rows["variation"].get(product_id)
        if row is None:
            raise not_found("product")
        return row

    def _no_variation(self, product_id):
        if product_id in self.rows["variation"]:
            raise WcError(404, "woocommerce_rest_invalid_product_id", TO_VARIATIONS)

    # ---- writing

    def save_product(self, body, product_id=None, parent=None, fetched=None):
        """POST (no id) or PUT. A variation names its parent."""
        kind = "product" if parent is None else "variation"
        if product_id is not None and parent is None:
            self._no_variation(product_id)
        old = None if product_id is None else self.get_product(product_id, parent, 400)
        self.check("product" if parent is None else "product_variation", body)
        mother = self.get_product(parent) if parent is not None else None
        self._refuse_more(body)
        row = dict(old) if old else self._new_product(parent)
        row["dimensions"] = dict(row["dimensions"], **(body.get("dimensions") or {}))
        row["meta_data"] = [dict(m) for m in row["meta_data"]]
        row.update({k: v for k, v in body.items() if not k.startswith("date_") and k not in (
            "meta_data", "dimensions", "attributes", "categories", "images", "image", "slug")
            and k not in NOT_HERE})
        for name in ("name", "description", "short_description"):
            if name in body:
                row[name] = self.text(row[name])
        for name in ("sku", "global_unique_id"):
            row[name] = row[name].strip()
            self._unique(row, name, product_id)
        self._dates(row, body)
        self.merge_meta(row["meta_data"], body.get("meta_data") or [])
        if old is None:
            row["id"] = self.next()
        if parent is None:
            self._write_page(row, old, body, fetched)
        else:
            self._write_variation(row, mother, body, fetched)
        self._derive(row)
        row["date_modified_us"] = self.tick(row)
        self.put(kind, row["id"], row)
        return row

    def _refuse_more(self, body):
        more = [k for k in NOT_HERE if body.get(k)]
        if more:
            raise WcError(400, "rest_invalid_param", "The stand-in does not keep: "
                          + ", ".join(more), params={k: "not supported" for k in more})

    def _write_page(self, row, old, body, fetched):
        if body.get("attributes") is not None:
            row["attributes"] = self._page_attributes(body["attributes"])
        if old is None or body.get("categories") is not None:
            row["categories"] = self.known_categories(body.get("categories") or [])
        if row["type"] in ("variable", "grouped"):
            row.update(regular_price="", sale_price="", date_on_sale_from_us=None,
                       date_on_sale_to_us=None)
        if old and old["type"] == "variable" and row["type"] != "variable":
            self._drop_children(row["id"])       # a product that varies no more loses them
        if body.get("images") is not None:
            row["images"] = self._images(body["images"], fetched, old is None)
        if body.get("slug") or not row["slug"]:
            wanted = slugify(body.get("slug") or row["name"]) or f"product-{row['id']}"
            row["slug"] = self._page_slug(wanted, row["id"])

    def _page_slug(self, slug, product_id):
        number, base = 2, slug
        while self.slugs.get(slug, product_id) != product_id:
            slug, number = f"{base}-{number}", number + 1
        return slug

    def _images(self, sent, fetched, creating):
        made, before = [], set(self.rows["image"])
        try:
            for image in filter(None, sent):
                image_id = self.take_image(image, fetched)
                if image_id not in made[1:]:
                    made.append(image_id)
        except WcError:
            if creating:                         # what a failed create uploaded goes again
                for image_id in set(self.rows["image"]) - before:
                    self.put("image", image_id, None)
            raise
        return made

    def _write_variation(self, row, mother, body, fetched):
        if body.get("attributes") is not None:
            row["attributes"] = self._choice(mother, body["attributes"])
        if body.get("image") is not None:
            image = body["image"]
            row["image"] = self.take_image(image, fetched, "variation") \
                if image.get("id") or image.get("src") else 0

    def _new_product(self, parent):
        now = now_us()
        row = {"id": 0, "name": "", "slug": "", "date_created_us": now, "date_modified_us": now,
               "type": "simple" if parent is None else "variation",
               "status": "publish", "featured": False, "catalog_visibility": "visible",
               "description": "", "short_description": "", "sku": "", "global_unique_id": "",
               "price": "", "regular_price": "", "sale_price": "", "date_on_sale_from_us": None,
               "date_on_sale_to_us": None, "total_sales": 0, "virtual": False,
               "downloadable": False, "tax_status": "taxable", "tax_class": "",
               "manage_stock": False, "stock_quantity": None, "stock_status": "instock",
               "backorders": "no", "backorders_allowed": False, "backordered": False,
               "low_stock_amount": None, "sold_individually": False, "weight": "",
               "dimensions": {"length": "", "width": "", "height": ""}, "shipping_class": "",
               "parent_id": parent or 0, "categories": [], "images": [], "attributes": [],
               "default_attributes": [], "menu_order": 0, "meta_data": []}
        if parent is not None:
            for name in ("short_description", "featured", "catalog_visibility", "categories",
                         "images", "default_attributes", "total_sales", "sold_individually"):
                del row[name]
            row.update(image=0, attributes={})
        return row

    def _dates(self, row, body):
        """"" takes a date away, null says nothing; the local form is in the site's zone."""
        for name in SALE_DATES + ("date_created",):
            for sent, offset in ((name, self.offset), (name + "_gmt", 0)):
                if body.get(sent) is None:
                    continue
                if body[sent]:
                    row[name + "_us"] = parse_us(body[sent], offset)
                elif name in SALE_DATES:
                    row[name + "_us"] = None

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
        row["backorders_allowed"] = row["backorders"] != "no"
        if row["manage_stock"] is True:
            row["stock_quantity"] = row["stock_quantity"] or 0
            row["stock_status"] = ("instock" if row["stock_quantity"] > 0 else
                                   "onbackorder" if row["backorders_allowed"] else "outofstock")
        else:
            row["stock_quantity"] = None         # the shop forgets a figure it does not manage

    # ---- attributes: a page declares them, a variation chooses an option of each

    def _page_attributes(self, sent):
        """By key, the last one of a key counts; without options there is no attribute."""
        found = {}
        for entry in sent:
            attribute_id, name = entry.get("id") or 0, (entry.get("name") or "").strip()
            options = entry.get("options")
            if not attribute_id and (not name or options is None):
                continue
            row = {"id": attribute_id, "name": name, "position": entry.get("position") or 0,
                   "visible": bool(entry.get("visible")),
                   "variation": bool(entry.get("variation")), "options": [], "terms": []}
            if attribute_id:
                if attribute_id not in self.rows["attribute"]:
                    raise WcError(400, "rest_invalid_param", "Invalid parameter(s): attributes",
                                  params={"attributes": f"There is no attribute {attribute_id}."})
                row["terms"] = list(dict.fromkeys(self.term_named(attribute_id, o)["id"]
                                                  for o in options or [] if o.strip()))
                if not row["terms"]:
                    continue
                key = self.rows["attribute"][attribute_id]["slug"]
            else:                                # stored as one text, so "|" divides
                row["options"] = [p.strip() for o in options for p in o.split("|")]
                key = slugify(name)
            found[key] = dict(row, key=key)
        return sorted(found.values(), key=lambda a: a["position"])

    def _choice(self, mother, sent):
        """What the page does not declare as varying is dropped without a word; an option that it
        does not list is kept, and of a global attribute it becomes a slug."""
        declared, chosen = {a["key"]: a for a in mother["attributes"]}, {}
        for entry in sent:
            attribute_id = entry.get("id") or 0
            if attribute_id:
                key = self.rows["attribute"].get(attribute_id, {}).get("slug", "")
            else:
                key = slugify(entry.get("name") or "")
            if key not in declared or not declared[key]["variation"]:
                continue
            option = " ".join((entry.get("option") or "").split())
            if declared[key]["id"]:
                term = self.find_term(declared[key]["id"], option)
                option = term["slug"] if term else slugify(option)
            chosen[key] = option
        return chosen

    def _shown_attributes(self, row):
        out = []
        for a in row["attributes"]:
            options, name, order_by = a["options"], a["name"], ""
            if a["id"]:
                attribute = self.rows["attribute"].get(a["id"])
                if attribute is None:
                    continue                     # it was deleted
                terms = [self.rows["term"][t] for t in a["terms"] if t in self.rows["term"]]
                name, order_by = attribute["name"], attribute["order_by"]
                terms.sort(key=_term_order(order_by))
                options = [t["name"] for t in terms]
            out.append({"id": a["id"], "name": name, "slug": a["key"], "position": a["position"],
                        "visible": a["visible"], "variation": a["variation"], "options": options})
        return out

    def _shown_choice(self, row, mother):
        out = []
        for a in mother["attributes"] if mother else ():
            option = row["attributes"].get(a["key"], "") if a["variation"] else ""
            if not option:
                continue                         # any
            name = a["name"]
            if a["id"]:
                if a["id"] not in self.rows["attribute"]:
                    continue
                name = self.rows["attribute"][a["id"]]["name"]
                term = self.by_slug.get((a["id"], option))
                option = self.rows["term"][term]["name"] if term else option
            out.append({"id": a["id"], "name": name, "slug": a["key"], "option": option})
        return out

    # ---- deleting

    def delete_product(self, product_id, parent=None, force=False):
        if parent is None:
            self._no_variation(product_id)
        row = dict(self.get_product(product_id, parent))
        kind = "product" if parent is None else "variation"
        if not force:
            if row["status"] == "trash":
                raise WcError(410, "woocommerce_rest_already_trashed",
                              f"The {kind} has already been deleted.")
            for child in list(self.children.get(product_id, ())):
                self._trash("variation", self.rows["variation"][child])
            return self._trash(kind, row)
        shown = self.show(row)
        self._drop_children(product_id)
        self.put(kind, product_id, None)
        return shown

    def _trash(self, kind, row):
        row = dict(row, status="trash", date_modified_us=self.tick(row))
        self.put(kind, row["id"], row)
        return self.show(row)

    def _drop_children(self, product_id):
        for child in list(self.children.get(product_id, ())):
            self.put("variation", child, None)

    # ---- showing

    def on_sale(self, row):
        now = now_us()
        start, end = row["date_on_sale_from_us"], row["date_on_sale_to_us"]
        return (row["sale_price"] != "" and row["regular_price"] != ""
                and float(row["sale_price"]) < float(row["regular_price"])
                and (start is None or start <= now) and (end is None or end >= now))

    def price_of(self, row):
        """What a customer pays; a variable product names the least of its variations."""
        if row["type"] == "variable":
            prices = [p for p in (self.price_of(c) for c in self.children_of(row)
                                  if c["status"] == "publish") if p]
            return min(prices, key=float) if prices else ""
        return row["sale_price"] if self.on_sale(row) else row["regular_price"]

    def children_of(self, row):
        rows = [self.rows["variation"][i] for i in self.children.get(row["id"], ())]
        return sorted(rows, key=lambda r: (r["menu_order"], r["id"]))

    def show(self, row, as_product=False):
        """A row as an answer. Variations take from their product what they do not say."""
        if row.get("type") == "variation":
            return self._show_as_product(row) if as_product else self._show_variation(row)
        if "catalog_visibility" in row:
            return self._show_product(row)
        return self._with_dates(row)

    def _with_dates(self, row):
        """Internal *_us fields become the two date fields."""
        out = {}
        for name, value in row.items():
            if name.endswith("_us"):
                out[name[:-3]] = None if value is None else self.local(value, False)
                out[name[:-3] + "_gmt"] = None if value is None else self.local(value, True)
            else:
                out[name] = value
        return out

    def permalink(self, row):
        if row["type"] == "variation":
            mother = self.rows["product"].get(row["parent_id"])
            query = "&".join(f"attribute_{k}={slugify(v)}" for k, v in row["attributes"].items())
            return (self.permalink(mother) if mother else "") + (f"?{query}" if query else "")
        if row["status"] in ("draft", "pending"):
            return f"{self.site_url}/?post_type=product&p={row['id']}"
        return f"{self.site_url}/product/{row['slug']}/"

    def _show_product(self, row, control=False):
        out = self._with_dates(row)
        children = self.children_of(row) if row["type"] == "variable" else []
        out["permalink"] = self.permalink(row)
        out["price"] = self.price_of(row)
        out["on_sale"] = any(map(self.on_sale, children)) or self.on_sale(row)
        out["purchasable"] = out["price"] != "" and row["status"] == "publish"
        if children and row["manage_stock"] is not True:
            known = {c["stock_status"] for c in children}
            out["stock_status"] = next(s for s in ("instock", "onbackorder", "outofstock")
                                       if s in known)
        out["variations"] = [c["id"] for c in children if c["status"] in ("publish", "private")]
        out["has_options"] = row["type"] == "variable"
        out["attributes"] = self._shown_attributes(row)
        categories = [self.rows["category"][c] for c in row["categories"]
                      if c in self.rows["category"]]
        categories.sort(key=lambda c: fold(c["name"]))
        out["categories"] = [{"id": c["id"], "name": c["name"], "slug": c["slug"]}
                             for c in categories]
        out["images"] = list(filter(None, (self.show_image(i, control) for i in row["images"])))
        out["tags"], out["brands"] = [], []
        return out

    def _variation_base(self, row, control=False):
        mother = self.rows["product"].get(row["parent_id"])
        out = self._with_dates(row)
        out["price"] = self.price_of(row)
        out["on_sale"] = self.on_sale(row)
        out["purchasable"] = out["price"] != "" and row["status"] == "publish"
        out["permalink"] = self.permalink(row)
        out["attributes"] = self._shown_choice(row, mother)
        out["name"] = ", ".join(a["option"] for a in out["attributes"])
        image = row["image"]
        if not control and mother:
            for name in INHERITED:
                out[name] = out[name] or mother[name]
            out["dimensions"] = {k: v or mother["dimensions"][k]
                                 for k, v in row["dimensions"].items()}
            if row["manage_stock"] is False and mother["manage_stock"] is True:
                out.update(manage_stock="parent", stock_quantity=mother["stock_quantity"],
                           stock_status=mother["stock_status"])
            image = image or next(iter(mother["images"]), 0)
        out["image"] = self.show_image(image, control)
        return out, mother

    def _show_variation(self, row):
        out = self._variation_base(row)[0]
        del out["slug"]
        return out

    def _show_as_product(self, row):
        out, mother = self._variation_base(row)
        title = mother["name"] if mother else ""
        out["name"] = f"{title} - {out['name']}" if out["name"] else title
        image = out.pop("image")
        out.update(slug=slugify(out["name"]), images=[image] if image else [], categories=[],
                   variations=[], tags=[], brands=[], short_description="", featured=False,
                   catalog_visibility="visible", default_attributes=[], has_options=False,
                   total_sales=0, sold_individually=False)
        return out

    def show_for_control(self, row):
        """As stored, nothing inherited; with the paths of categories and the hashes of images."""
        if row["type"] == "variation":
            return self._variation_base(row, True)[0]
        out = self._show_product(row, True)
        if row["type"] == "variable":
            out["price"] = ""            # nobody buys the page itself
        for category in out["categories"]:
            category["path"] = self.category_path(category["id"])
        return out


def _term_order(order_by):
    def name_num(term):
        found = re.match(r"\s*(\d+(?:\.\d+)?)", term["name"])
        return (float(found.group(1)) if found else 0.0, fold(term["name"]))
    return {"id": lambda t: t["id"], "name": lambda t: fold(t["name"]), "name_num": name_num}.get(
        order_by, lambda t: (t["menu_order"], fold(t["name"])))
