"""The routes of the wc/v3 stand-in: request in, (status, headers, answer) out; no sockets."""
import datetime
import re

from wcv3_images import Fetched
from wcv3_options import describe
from wcv3_schema import DATE_TIME, LIST_PARAMETERS, ORDER_BY
from wcv3_store import WcError, fold

BASE = "/wp-json/wc/v3"
BATCH_LIMIT = 100
EDIT = {"PUT", "POST", "PATCH"}
BATCH = {"POST", "PUT", "PATCH"}
ROUTES = [
    ("products", r"/products", {"GET", "POST"}),
    ("products_batch", r"/products/batch", BATCH),
    ("product", r"/products/(\d+)", EDIT | {"GET", "DELETE"}),
    ("variations", r"/products/(\d+)/variations", {"GET", "POST"}),
    ("variations_batch", r"/products/(\d+)/variations/batch", BATCH),
    ("variation", r"/products/(\d+)/variations/(\d+)", EDIT | {"GET", "DELETE"}),
    ("categories", r"/products/categories", {"GET", "POST"}),
    ("categories_batch", r"/products/categories/batch", BATCH),
    ("category", r"/products/categories/(\d+)", EDIT | {"GET", "DELETE"}),
    ("attributes", r"/products/attributes", {"GET", "POST"}),
    ("attributes_batch", r"/products/attributes/batch", BATCH),
    ("attribute", r"/products/attributes/(\d+)", EDIT | {"GET", "DELETE"}),
    ("terms", r"/products/attributes/(\d+)/terms", {"GET", "POST"}),
    ("terms_batch", r"/products/attributes/(\d+)/terms/batch", BATCH),
    ("term", r"/products/attributes/(\d+)/terms/(\d+)", EDIT | {"GET", "DELETE"}),
    ("orders", r"/orders", {"GET", "POST"}),
    ("order", r"/orders/(\d+)", EDIT | {"GET"}),
    ("notes", r"/orders/(\d+)/notes", {"GET", "POST"}),
    ("system_status", r"/system_status", {"GET"}),
]
ROUTES = [(name, re.compile(pattern + r"/?$"), methods) for name, pattern, methods in ROUTES]
KIND_OF = {"products": "product", "products_batch": "product", "product": "product",
           "variations": "variation", "variations_batch": "variation", "variation": "variation",
           "categories": "category", "categories_batch": "category", "category": "category",
           "attributes": "attribute", "attributes_batch": "attribute", "attribute": "attribute",
           "terms": "term", "terms_batch": "term", "term": "term"}


class Cut(Exception):
    """A rule ends this request in the middle of a batch."""


def general(route):
    """/orders/12/notes -> /orders/{id}/notes, for counting."""
    return re.sub(r"/\d+(?=/|$)", "/{id}", route)


def invalid(name, text):
    return WcError(400, "rest_invalid_param", f"Invalid parameter(s): {name}",
                   params={name: text}, details={})


class Many:
    """One kind of thing that is listed, made, changed, deleted and batched: how the shop does each.
    `single` is false inside a batch, where the real shop skips some checks."""

    def __init__(self, shop, kind, above, fetched):
        self.shop, self.kind, self.fetched = shop, kind, fetched
        self.above = above               # the id of the product or attribute it belongs to, or None

    def get(self, item_id):
        shop, above = self.shop, self.above
        if self.kind == "product":
            return shop.show(shop.get_any(item_id), True)
        if self.kind == "variation":
            return shop.show(shop.get_product(item_id, above))
        if self.kind == "category":
            return shop.show_category(shop.get_category(item_id))
        if self.kind == "attribute":
            return shop.get_attribute(item_id)
        return shop.show_term(shop.get_term(above, item_id), shop.term_uses())

    def save(self, body, item_id, single):
        shop, above = self.shop, self.above
        if isinstance(body, dict) and item_id is not None:
            body = {k: v for k, v in body.items() if k != "id"}
        if self.kind in ("product", "variation"):
            return shop.show(shop.save_product(body, item_id, above, self.fetched))
        if self.kind == "category":
            return shop.show_category(shop.save_category(body, item_id, self.fetched, single))
        if self.kind == "attribute":
            return shop.save_attribute(body, item_id, single)
        return shop.show_term(shop.save_term(body, above, item_id, single), {})

    def delete(self, item_id, force, single):
        shop, above = self.shop, self.above
        if self.kind in ("product", "variation"):
            return shop.delete_product(item_id, above, force)
        if self.kind == "category":
            return shop.delete_category(item_id, force)
        if self.kind == "attribute":
            return shop.delete_attribute(item_id, force, single)
        return shop.show_term(shop.delete_term(above, item_id, force), {})


class Api:
    def __init__(self, shop, hidden=()):
        self.shop, self.hidden = shop, frozenset(hidden)

    def answer(self, method, route, query, body, rule=None):
        """Applies one request. `query` is a list of pairs, `body` the parsed JSON or None."""
        try:
            if method == "OPTIONS":
                return self._options(route)
            for name, pattern, methods in ROUTES:
                found = pattern.match(route)
                if found and method in methods:
                    ids = [int(x) for x in found.groups()]
                    # Pictures are downloaded before the lock: a slow one holds up its request only.
                    fetched = Fetched(body if method in EDIT and name in KIND_OF else None)
                    with self.shop.lock:
                        try:
                            return self._call(name, method, ids, query, body, rule, fetched)
                        finally:
                            self.shop.commit()
            raise WcError(404, "rest_no_route",
                          "No route was found matching the URL and request method.")
        except WcError as wrong:
            return wrong.status, {}, wrong.body

    def _options(self, route):
        for name, pattern, methods in ROUTES:
            if pattern.match(route):
                told = describe(name, route, methods, self.shop.schema, self.hidden)
                if told is not None:
                    return 200, {"Allow": ", ".join(told["methods"])}, told
        raise WcError(404, "rest_no_route",
                      "No route was found matching the URL and request method.")

    def _call(self, name, method, ids, query, body, rule, fetched):
        if name in LIST_PARAMETERS and method == "GET":
            return self._list(name, ids, query)
        self._only(query, {"force", "context", "_fields"} if method in ("GET", "DELETE")
                   else {"_fields"})
        if method not in ("GET", "DELETE") and not isinstance(body, dict):
            raise WcError(400, "rest_invalid_json", "Invalid JSON body passed.")
        if name not in KIND_OF:
            status, headers, out = getattr(self, "_" + name)(method, ids, query, body)
            return status, headers, self._fields(out, query)
        kind = KIND_OF[name]
        above = ids[0] if kind in ("variation", "term") else None
        many = Many(self.shop, kind, above, fetched)
        if kind == "variation":
            self.shop.get_product(above)
        elif kind == "term":
            self.shop.get_attribute(above)
        if name.endswith("_batch"):
            return self._batch(body, rule, many)
        return self._single(name, many, method, ids, query, body)

    # ---- single things

    def _single(self, name, many, method, ids, query, body):
        if method == "GET":
            return 200, {}, self._fields(many.get(ids[-1]), query)
        if method == "DELETE":
            force = dict(query).get("force", "true" if many.kind == "attribute" else "")
            out = many.delete(ids[-1], force in ("true", "1"), True)
            return self._wrote(out, query)
        if name in LIST_PARAMETERS:
            base = {"products": "/products", "variations": f"/products/{ids[0] if ids else 0}"
                    "/variations", "categories": "/products/categories",
                    "attributes": "/products/attributes",
                    "terms": f"/products/attributes/{ids[0] if ids else 0}/terms"}[name]
            return self._wrote(many.save(body, None, True), query, base)
        return self._wrote(many.save(body, ids[-1], True), query)

    def _wrote(self, shown, query=(), made_at=None):
        self.shop.facts["items_written"] += 1
        self.shop.touch()
        headers = {"Location": f"{self.shop.site_url}{BASE}{made_at}/{shown['id']}"} \
            if made_at else {}
        return (201 if made_at else 200), headers, self._fields(shown, query)

    def _orders(self, _method, _ids, _query, body):
        return self._wrote(self.shop.show(self.shop.create_order(body)), (), "/orders")

    def _order(self, method, ids, _query, body):
        if method == "GET":
            return 200, {}, self.shop.show(self.shop.get_order(ids[0]))
        body = {k: v for k, v in body.items() if k != "id"}
        return self._wrote(self.shop.show(self.shop.put_order(ids[0], body)))

    def _notes(self, _method, ids, _query, body):
        return self._wrote(self.shop.show(self.shop.add_note(ids[0], body)), (),
                           f"/orders/{ids[0]}/notes")

    def _system_status(self, _method, _ids, _query, _body):
        url = self.shop.site_url
        return 200, {}, {
            "environment": {"home_url": url, "site_url": url,
                            "store_id": self.shop.facts["store_id"], "version": "10.5.2",
                            "wp_version": "6.9", "wp_multisite": False, "language": "de_DE",
                            "server_info": "wc/v3 stand-in", "default_timezone": "UTC"},
            "active_plugins": [], "inactive_plugins": [],
            "settings": {"api_enabled": False, "currency": "EUR", "currency_symbol": "&euro;",
                         "currency_position": "right_space", "thousand_separator": ".",
                         "decimal_separator": ",", "number_of_decimals": 2}}

    # ---- batch: HTTP 200, a result or an error in each position, no transaction

    def _batch(self, body, rule, many):
        jobs = []
        for action, items in body.items():
            if action not in ("create", "update", "delete") or not isinstance(items, list):
                raise invalid(action, f"{action} is not a list of this batch.")
        for action in ("create", "update", "delete"):
            jobs += [(action, item) for item in body.get(action, [])]
        if len(jobs) > BATCH_LIMIT:
            raise WcError(413, "woocommerce_rest_request_entity_too_large",
                          f"Unable to accept more than {BATCH_LIMIT} items for this request.")
        limit = rule.param["items"] if rule and rule.mode == "cut" else None
        out = {action: [] for action in ("create", "update", "delete") if body.get(action)}
        for position, (action, item) in enumerate(jobs):
            if limit is not None and position >= limit:
                raise Cut()
            out[action].append(self._batch_item(action, item, position, rule, many))
        return 200, {}, out

    def _batch_item(self, action, item, position, rule, many):
        shop = self.shop
        item_id = item if action == "delete" else \
            item.get("id", 0) if isinstance(item, dict) and action == "update" else 0
        refused = rule and rule.mode == "item_error" and _hits(rule.param, position, item)
        try:
            if refused and not rule.param["apply"]:
                raise _ordered(rule)
            if not isinstance(item_id, int):
                raise invalid("id", "id is not of type integer.")
            if action == "delete":
                shown = many.delete(item_id, True, False)
            elif not isinstance(item, dict):
                raise invalid(str(position), "This position is not an object.")
            else:
                shown = many.save(item, item_id if action == "update" else None, False)
            shop.facts["items_written"] += 1
            if refused:
                raise _ordered(rule)
            return shown
        except WcError as wrong:
            shop.facts["items_refused"] += 1
            return {"id": item_id, "error": wrong.body}
        finally:
            shop.touch()

    # ---- lists

    def _only(self, query, allowed):
        for name, _ in query:
            if name.removesuffix("[]") not in allowed:
                raise invalid(name, f"{name} is not a parameter of this route.")

    def _list(self, name, ids, query):
        shop = self.shop
        self._only(query, LIST_PARAMETERS[name] | {"_fields"})
        values = _collect(query)
        if name == "notes":
            shop.get_order(ids[0])
            rows = [n for n in shop.rows["note"].values() if n["order"] == ids[0]]
            shown = [{k: v for k, v in shop.show(n).items() if k != "order"}
                     for n in sorted(rows, key=lambda n: -n["id"])]
            return 200, {}, shown
        if name == "attributes":         # never paged
            rows = list(shop.rows["attribute"].values())
            return 200, {"X-WP-Total": str(len(rows)), "X-WP-TotalPages": "1"}, \
                self._fields(rows, query)
        if name in ("categories", "terms"):
            rows = self._filtered_terms(self._terms(name, ids), values)
        else:
            rows = self._filtered(self._candidates(name, ids, values), values)
        rows = self._ordered_rows(rows, values, name)
        page, size = _whole(values, "page", 1, 1), _whole(values, "per_page", 10, 1, 100)
        start = _whole(values, "offset", (page - 1) * size, 0)
        pages = -(-len(rows) // size)
        headers = {"X-WP-Total": str(len(rows)), "X-WP-TotalPages": str(pages)}
        where = {"variations": "products/{}/variations", "categories": "products/categories",
                 "terms": "products/attributes/{}/terms"}.get(name, name).format(*ids)
        links = [f'<{shop.site_url}{BASE}/{where}?page={p}&per_page={size}>; rel="{rel}"'
                 for rel, p in (("prev", page - 1), ("next", page + 1)) if 1 <= p <= pages]
        if links:
            headers["Link"] = ", ".join(links)
        shown = self._shown(name, rows[start:start + size])
        return 200, headers, self._fields(shown, query)

    def _shown(self, name, rows):
        shop = self.shop
        if name == "categories":
            return [shop.show_category(row) for row in rows]
        if name == "terms":
            uses = shop.term_uses()
            return [shop.show_term(row, uses) for row in rows]
        return [shop.show(row, name == "products") for row in rows]

    def _candidates(self, name, ids, values):
        """By an index where a parameter names few things: SKUs and GTINs find variations, too."""
        shop = self.shop
        if name == "orders":
            return list(shop.rows["order"].values())
        if name == "variations":
            rows = shop.children_of(shop.get_product(ids[0]))
            if values.get("sku"):
                wanted = {fold(s) for s in values["sku"]}
                rows = [r for r in rows if fold(r["sku"]) in wanted]
            return rows
        if values.get("sku") or values.get("global_unique_id"):
            found = None
            for key, index in (("sku", shop.skus), ("global_unique_id", shop.gtins)):
                if values.get(key):
                    ids = [index[fold(s)] for s in values[key] if fold(s) in index]
                    found = ids if found is None else [i for i in found if i in ids]
            return [shop.get_any(i) for i in dict.fromkeys(found)]
        if values.get("include"):
            ids = dict.fromkeys(int(x) for x in values["include"] if x.isdigit())
            return [shop.rows["product"][i] for i in ids if i in shop.rows["product"]]
        if values.get("category"):
            ids = {i for c in values["category"] if c.isdigit()
                   for i in shop.in_category.get(int(c), ())}
            return [shop.rows["product"][i] for i in sorted(ids)]
        if values.get("slug"):
            ids = [shop.slugs[s] for s in values["slug"] if s in shop.slugs]
            return [shop.rows["product"][i] for i in ids]
        return list(shop.rows["product"].values())

    def _filtered(self, rows, values):
        wanted = values.get("include_status") or values.get("status", ["any"])
        if "any" in wanted:
            rows = [r for r in rows if r["status"] not in ("trash", "auto-draft")]
        else:
            rows = [r for r in rows if r["status"] in wanted]
        for key, keep in (("include", True), ("exclude", False)):
            if values.get(key):
                chosen = {int(x) for x in values[key] if x.isdigit()}
                rows = [r for r in rows if (r["id"] in chosen) == keep]
        for key, field in (("type", "type"), ("stock_status", "stock_status"), ("slug", "slug")):
            if values.get(key):
                rows = [r for r in rows if r.get(field) in values[key]]
        if values.get("parent"):
            rows = [r for r in rows if str(r["parent_id"]) in values["parent"]]
        if values.get("search"):
            words = fold(values["search"][0]).split()
            rows = [r for r in rows if all(w in fold(" ".join(
                (r.get("name", r.get("number", "")), r.get("description", ""),
                 r.get("short_description", "")))) for w in words)]
        for key, field, later in (("modified_after", "date_modified_us", True),
                                  ("modified_before", "date_modified_us", False),
                                  ("after", "date_created_us", True),
                                  ("before", "date_created_us", False)):
            if values.get(key):
                bound, gmt = self._bound(key, values[key][0]), _flag(values, "dates_are_gmt")
                rows = [r for r in rows if (self.shop.local(r[field], gmt) > bound) == later
                        and self.shop.local(r[field], gmt) != bound]
        return rows

    def _terms(self, name, ids):
        return self.shop.terms_of(ids[0]) if name == "terms" else \
            list(self.shop.rows["category"].values())

    def _filtered_terms(self, rows, values):
        shop = self.shop
        for key, keep in (("include", True), ("exclude", False)):
            if values.get(key):
                chosen = {int(x) for x in values[key] if x.isdigit()}
                rows = [r for r in rows if (r["id"] in chosen) == keep]
        if values.get("slug"):
            rows = [r for r in rows if r["slug"] in values["slug"]]
        if values.get("parent"):
            rows = [r for r in rows if str(r.get("parent", 0)) in values["parent"]]
        if values.get("search"):
            text = fold(values["search"][0])
            rows = [r for r in rows if text in fold(r["name"]) or text in r["slug"]]
        if values.get("product"):
            product = shop.get_product(_whole(values, "product", 0, 1))
            used = set(product["categories"]) | {t for a in product["attributes"]
                                                 for t in a["terms"]}
            rows = [r for r in rows if r["id"] in used]
        if _flag(values, "hide_empty"):
            uses = shop.term_uses()
            rows = [r for r in rows if (shop.in_category.get(r["id"]) if "parent" in r
                                        else uses.get(r["id"]))]
        return rows

    def _bound(self, name, text):
        """The shop's way: whole seconds, and an instant WITH a zone is moved into the site's zone
        even where it is then compared with the GMT column. So: send GMT without a zone."""
        if not DATE_TIME.match(text):
            raise invalid(name, "Invalid date.")
        when = datetime.datetime.fromisoformat(text.replace(" ", "T").upper())
        if when.tzinfo is not None:
            site = datetime.timezone(datetime.timedelta(minutes=self.shop.offset))
            when = when.astimezone(site).replace(tzinfo=None)
        return when.replace(microsecond=0).isoformat()

    def _ordered_rows(self, rows, values, name):
        taxonomy = name in ("categories", "terms")
        by = values.get("orderby", ["name" if taxonomy else "date"])[0]
        order = values.get("order", ["asc" if taxonomy else "desc"])[0]
        if by not in ORDER_BY[name]:
            raise invalid("orderby", f"{by} is not an order of this list.")
        if order not in ("asc", "desc"):
            raise invalid("order", "order is asc or desc.")
        if by == "include":
            place = {int(x): i for i, x in enumerate(values.get("include", []))}
            return sorted(rows, key=lambda r: place.get(r["id"], 0))
        key = {"date": lambda r: (r["date_created_us"], r["id"]), "id": lambda r: r["id"],
               "slug": lambda r: (r["slug"], r["id"]),
               "modified": lambda r: (r["date_modified_us"], r["id"])}.get(
                   by, lambda r: (fold(r.get("name", r.get("number", ""))), r["id"]))
        return sorted(rows, key=key, reverse=order == "desc")

    @staticmethod
    def _fields(out, query):
        names = {n.split(".")[0] for k, v in query if k.removesuffix("[]") == "_fields"
                 for n in v.split(",")}
        if not names:
            return out
        if isinstance(out, list):
            return [{k: v for k, v in row.items() if k in names} for row in out]
        return {k: v for k, v in out.items() if k in names}


WHOLE = {"search", "modified_after", "modified_before", "after", "before"}


def _collect(query):
    values = {}
    for name, value in query:
        values.setdefault(name.removesuffix("[]"), []).extend(
            x for x in ([value] if name in WHOLE else value.split(",")) if x != "")
    return values


def _whole(values, name, default, least, most=None):
    text = values.get(name, [str(default)])[0]
    if not text.isdigit() or int(text) < least or (most and int(text) > most):
        raise invalid(name, f"{name} must be a whole number from {least}"
                      + (f" to {most}." if most else "."))
    return int(text)


def _flag(values, name):
    return values.get(name, ["false"])[0] in ("true", "1")


def _ordered(rule):
    return WcError(rule.param["status"], rule.param["code"], rule.param["message"])


def _hits(param, position, item):
    if param["positions"] is not None:
        return position in param["positions"]
    if param["skus"] is not None:
        return isinstance(item, dict) and item.get("sku") in param["skus"]
    return position % (param["every"] or 1) == 0
