"""The routes of the wc/v3 stand-in: request in, (status, headers, answer) out; no sockets."""
import datetime
import re

from wcv3_schema import DATE_TIME, LIST_PARAMETERS, ORDER_BY
from wcv3_shop import WcError, fold

BASE = "/wp-json/wc/v3"
BATCH_LIMIT = 100
EDIT = {"PUT", "POST", "PATCH"}
ROUTES = [
    ("products", r"/products", {"GET", "POST"}),
    ("products_batch", r"/products/batch", {"POST", "PUT", "PATCH"}),
    ("product", r"/products/(\d+)", EDIT | {"GET", "DELETE"}),
    ("variations", r"/products/(\d+)/variations", {"GET", "POST"}),
    ("variations_batch", r"/products/(\d+)/variations/batch", {"POST", "PUT", "PATCH"}),
    ("variation", r"/products/(\d+)/variations/(\d+)", EDIT | {"GET", "DELETE"}),
    ("orders", r"/orders", {"GET", "POST"}),
    ("order", r"/orders/(\d+)", EDIT | {"GET"}),
    ("notes", r"/orders/(\d+)/notes", {"GET", "POST"}),
    ("system_status", r"/system_status", {"GET"}),
]
ROUTES = [(name, re.compile(pattern + r"/?$"), methods) for name, pattern, methods in ROUTES]


class Cut(Exception):
    """A rule ends this request in the middle of a batch."""


def general(route):
    """/orders/12/notes -> /orders/{id}/notes, for counting."""
    return re.sub(r"/\d+(?=/|$)", "/{id}", route)


def invalid(name, text):
    return WcError(400, "rest_invalid_param", f"Invalid parameter(s): {name}",
                   params={name: text}, details={})


class Api:
    def __init__(self, shop):
        self.shop = shop

    def answer(self, method, route, query, body, rule=None):
        """Applies one request. `query` is a list of pairs, `body` the parsed JSON or None."""
        try:
            for name, pattern, methods in ROUTES:
                found = pattern.match(route)
                if found and method in methods:
                    ids = [int(x) for x in found.groups()]
                    with self.shop.lock:
                        try:
                            return self._call(name, method, ids, query, body, rule)
                        finally:
                            self.shop.commit()
            raise WcError(404, "rest_no_route",
                          "No route was found matching the URL and request method.")
        except WcError as wrong:
            return wrong.status, {}, wrong.body

    def _call(self, name, method, ids, query, body, rule):
        if name in ("products", "orders", "variations", "notes") and method == "GET":
            return self._list(name, ids, query)
        self._only(query, {"force", "context", "_fields"} if method in ("GET", "DELETE")
                   else {"_fields"})
        if method != "GET" and method != "DELETE" and not isinstance(body, dict):
            raise WcError(400, "rest_invalid_json", "Invalid JSON body passed.")
        status, headers, out = getattr(self, "_" + name)(method, ids, query, body, rule)
        return status, headers, self._fields(out, query)

    # ---- single things

    def _wrote(self, row, created=False, where=""):
        self.shop.facts["items_written"] += 1
        headers = {"Location": f"{self.shop.site_url}{BASE}{where}/{row['id']}"} if created else {}
        return (201 if created else 200), headers, self.shop.show(row)

    def _products(self, _method, _ids, _query, body, _rule):
        return self._wrote(self.shop.save_product(body), True, "/products")

    def _product(self, method, ids, query, body, _rule, parent=None):
        if method == "GET":
            return 200, {}, self.shop.show(self.shop.get_product(ids[-1], parent))
        if method == "DELETE":
            force = dict(query).get("force") in ("true", "1")
            return self._wrote(self.shop.delete_product(ids[-1], parent, force))
        body = {k: v for k, v in body.items() if k != "id"}
        return self._wrote(self.shop.save_product(body, ids[-1], parent))

    def _variations(self, _method, ids, _query, body, _rule):
        return self._wrote(self.shop.save_product(body, None, ids[0]), True,
                           f"/products/{ids[0]}/variations")

    def _variation(self, method, ids, query, body, rule):
        return self._product(method, ids, query, body, rule, ids[0])

    def _orders(self, _method, _ids, _query, body, _rule):
        return self._wrote(self.shop.create_order(body), True, "/orders")

    def _order(self, method, ids, _query, body, _rule):
        if method == "GET":
            return 200, {}, self.shop.show(self.shop.get_order(ids[0]))
        return self._wrote(self.shop.put_order(ids[0], {k: v for k, v in body.items()
                                                        if k != "id"}))

    def _notes(self, _method, ids, _query, body, _rule):
        return self._wrote(self.shop.add_note(ids[0], body), True, f"/orders/{ids[0]}/notes")

    def _system_status(self, _method, _ids, _query, _body, _rule):
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

    def _products_batch(self, _method, _ids, _query, body, rule):
        return self._batch(body, rule, None)

    def _variations_batch(self, _method, ids, _query, body, rule):
        self.shop.get_product(ids[0])
        return self._batch(body, rule, ids[0])

    def _batch(self, body, rule, parent):
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
            out[action].append(self._batch_item(action, item, position, rule, parent))
        return 200, {}, out

    def _batch_item(self, action, item, position, rule, parent):
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
                row = shop.delete_product(item_id, parent, True)
            elif not isinstance(item, dict):
                raise invalid(str(position), "This position is not an object.")
            elif action == "create":
                row = shop.save_product(item, None, parent)
            else:
                shop.get_product(item_id, parent)
                row = shop.save_product({k: v for k, v in item.items() if k != "id"}, item_id,
                                        parent)
            shop.facts["items_written"] += 1
            if refused:
                raise _ordered(rule)
            return shop.show(row)
        except WcError as wrong:
            shop.facts["items_refused"] += 1
            return {"id": item_id, "error": wrong.body}

    # ---- lists

    def _only(self, query, allowed):
        for name, _ in query:
            if name.removesuffix("[]") not in allowed:
                raise invalid(name, f"{name} is not a parameter of this route.")

    def _list(self, name, ids, query):
        shop = self.shop
        self._only(query, LIST_PARAMETERS | {"_fields"})
        values = _collect(query)
        if name == "notes":
            shop.get_order(ids[0])
            rows = [n for n in shop.rows["note"].values() if n["order"] == ids[0]]
            shown = [{k: v for k, v in shop.show(n).items() if k != "order"}
                     for n in sorted(rows, key=lambda n: -n["id"])]
            return 200, {}, shown
        if name == "variations":
            mother = shop.get_product(ids[0])
            rows = [shop.rows["variation"][i] for i in mother["variations"]]
        elif name == "products" and values.get("sku"):
            rows = [shop.rows["product"].get(shop.skus.get(fold(s))) for s in values["sku"]]
            rows = list({r["id"]: r for r in rows if r}.values())
        else:
            rows = list(shop.rows["product" if name == "products" else "order"].values())
        rows = self._ordered_rows(self._filtered(rows, values, name), values, name)
        page, size = _whole(values, "page", 1, 1), _whole(values, "per_page", 10, 1, 100)
        start = _whole(values, "offset", (page - 1) * size, 0)
        pages = -(-len(rows) // size)
        headers = {"X-WP-Total": str(len(rows)), "X-WP-TotalPages": str(pages)}
        links = [f'<{shop.site_url}{BASE}/{name}?page={p}&per_page={size}>; rel="{rel}"'
                 for rel, p in (("prev", page - 1), ("next", page + 1)) if 1 <= p <= pages]
        if links:
            headers["Link"] = ", ".join(links)
        shown = [shop.show(row) for row in rows[start:start + size]]
        return 200, headers, self._fields(shown, query)

    def _filtered(self, rows, values, name):
        wanted = values.get("status", ["any"])
        if "any" in wanted:
            rows = [r for r in rows if r["status"] not in ("trash", "auto-draft")]
        else:
            rows = [r for r in rows if r["status"] in wanted]
        for key, keep in (("include", True), ("exclude", False)):
            if values.get(key):
                chosen = {int(x) for x in values[key] if x.isdigit()}
                rows = [r for r in rows if (r["id"] in chosen) == keep]
        if values.get("search"):
            text = fold(values["search"][0])
            rows = [r for r in rows if text in fold(r.get("name", r.get("number", "")))]
        for key, field, later in (("modified_after", "date_modified_us", True),
                                  ("modified_before", "date_modified_us", False),
                                  ("after", "date_created_us", True),
                                  ("before", "date_created_us", False)):
            if values.get(key):
                bound, gmt = self._bound(key, values[key][0]), _flag(values, "dates_are_gmt")
                rows = [r for r in rows if (self.shop.local(r[field], gmt) > bound) == later
                        and self.shop.local(r[field], gmt) != bound]
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
        by, order = values.get("orderby", ["date"])[0], values.get("order", ["desc"])[0]
        if by not in ORDER_BY["order" if name == "orders" else "product"]:
            raise invalid("orderby", f"{by} is not an order of this list.")
        if order not in ("asc", "desc"):
            raise invalid("order", "order is asc or desc.")
        if by == "include":
            place = {int(x): i for i, x in enumerate(values.get("include", []))}
            return sorted(rows, key=lambda r: place.get(r["id"], 0))
        key = {"date": lambda r: (r["date_created_us"], r["id"]), "id": lambda r: r["id"],
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


def _collect(query):
    values = {}
    for name, value in query:
        values.setdefault(name.removesuffix("[]"), []).extend(
            x for x in ([value] if name in ("search", "modified_after") else value.split(","))
            if x != "")
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
