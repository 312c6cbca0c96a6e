"""Checks requests of the wc/v3 stand-in: unknown, read-only and mistyped properties are refused.

The real shop drops what it does not know without a word; the stand-in refuses, so that mistakes
show. The shop's own schema document is used where it is found; else the list below does the job.
"""
import json
import pathlib
import re

DATE_TIME = re.compile(r"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d(:?\d\d)?)?$")
DECIMAL = re.compile(r"^\d+(\.\d+)?$")
SIGNED_DECIMAL = re.compile(r"^-?\d+(\.\d+)?$")
# Strings by schema, numbers by nature; the shop would silently store another figure.
DECIMAL_FIELDS = {"regular_price", "sale_price", "weight", "length", "width", "height"}
SIGNED_DECIMAL_FIELDS = {"total", "subtotal"}
NESTED_ID = {"line_items", "shipping_lines", "fee_lines", "coupon_lines", "meta_data"}


def _types(text, **more):
    """'a:string b!:integer' becomes schema properties; '!' marks a read-only one."""
    out = {}
    for word in text.split():
        name, kind = word.split(":")
        out[name.rstrip("!")] = {"type": kind, "readonly": name.endswith("!")}
    out.update(more)
    return out


def _list_of(properties):
    return {"type": "array", "items": {"type": "object", "properties": properties}}


def _built_in():
    meta = _list_of(_types("id!:integer key:string value:mixed"))
    address = _types("first_name:string last_name:string company:string address_1:string "
                     "address_2:string city:string state:string postcode:string country:string")
    billing = dict(address, **_types("phone:string"), email={"type": ["string", "null"]})
    attribute = _types("id:integer name:string position:integer visible:boolean variation:boolean",
                       options={"type": "array", "items": {"type": "string"}})
    common = _types(
        "id!:integer permalink!:string date_modified!:date-time description:string sku:string "
        "global_unique_id:string price!:string regular_price:string sale_price:string "
        "date_on_sale_from:date-time date_on_sale_from_gmt:date-time date_on_sale_to:date-time "
        "date_on_sale_to_gmt:date-time "
        "on_sale!:boolean purchasable!:boolean tax_class:string stock_quantity:integer "
        "weight:string shipping_class:string menu_order:integer virtual:boolean",
        status={"type": "string", "enum": ["draft", "pending", "private", "publish"]},
        tax_status={"type": "string", "enum": ["taxable", "shipping", "none"]},
        stock_status={"type": "string", "enum": ["instock", "outofstock", "onbackorder"]},
        backorders={"type": "string", "enum": ["no", "notify", "yes"]},
        dimensions={"type": "object",
                    "properties": _types("length:string width:string height:string")},
        meta_data=meta)
    product = dict(
        common, **_types("date_created:date-time date_created_gmt:date-time "
                         "date_modified_gmt!:date-time name:string slug:string featured:boolean "
                         "short_description:string manage_stock:boolean "
                         "sold_individually:boolean parent_id:integer "
                         "purchase_note:string variations!:array"),
        type={"type": "string", "enum": ["simple", "grouped", "external", "variable"]},
        status={"type": "string", "enum": ["draft", "pending", "private", "publish", "future",
                                           "auto-draft", "trash"]},
        catalog_visibility={"type": "string", "enum": ["visible", "catalog", "search", "hidden"]},
        categories=_list_of(_types("id:integer name!:string slug!:string")),
        images=_list_of(_types("id:integer src:string name:string alt:string")),
        attributes=_list_of(attribute),
        default_attributes=_list_of(_types("id:integer name:string option:string")))
    image = _types("id:integer src:string name:string alt:string date_created!:date-time "
                   "date_created_gmt!:date-time date_modified!:date-time "
                   "date_modified_gmt!:date-time")
    variation = dict(
        common, date_created={"type": "date-time", "readonly": True},
        type={"type": "string", "readonly": True},
        parent_id={"type": "integer", "readonly": True},
        image={"type": "object", "properties": image},
        manage_stock={"type": ["boolean", "string"]},
        attributes=_list_of(_types("id:integer name:string option:string")))
    line = _types("id!:integer name:mixed product_id:mixed variation_id:integer quantity:integer "
                  "tax_class:string subtotal:string total:string total_tax!:string sku!:string "
                  "price!:number",
                  meta_data=meta)
    shipping = _types("id!:integer method_title:mixed method_id:mixed instance_id:string "
                      "total:string", meta_data=meta)
    fee = _types("id!:integer name:mixed tax_class:string tax_status:string total:string",
                 meta_data=meta)
    order = dict(
        _types("id!:integer parent_id:integer number!:string created_via:string "
               "date_created_gmt!:date-time date_modified_gmt!:date-time total!:string "
               "total_tax!:string "
               "prices_include_tax!:boolean customer_id:integer customer_note:string "
               "payment_method:string payment_method_title:string transaction_id:string "
               "date_paid_gmt!:date-time tax_lines!:array refunds!:array set_paid:boolean"),
        status={"type": "string", "enum": ["auto-draft", "pending", "processing", "on-hold",
                                           "completed", "cancelled", "refunded", "failed"]},
        currency={"type": "string", "enum": ["CHF", "CZK", "DKK", "EUR", "GBP", "PLN", "SEK",
                                             "USD"]},
        billing={"type": "object", "properties": billing},
        shipping={"type": "object", "properties": address},
        line_items=_list_of(line), shipping_lines=_list_of(shipping), fee_lines=_list_of(fee),
        coupon_lines=_list_of(_types("id!:integer code:mixed")), meta_data=meta)
    note = _types("id!:integer author!:string date_created_gmt!:date-time note:string "
                  "customer_note:boolean added_by_user:boolean")
    category = dict(
        _types("id!:integer name:string slug:string parent:integer description:string "
               "menu_order:integer count!:integer"),
        display={"type": "string", "enum": ["default", "products", "subcategories", "both"]},
        image={"type": "object", "properties": image})
    of_all = dict(
        _types("id!:integer name:string slug:string has_archives:boolean"),
        type={"type": "string", "enum": ["select"]},
        order_by={"type": "string", "enum": ["menu_order", "name", "name_num", "id"]})
    term = _types("id!:integer name:string slug:string description:string menu_order:integer "
                  "count!:integer")
    return {"product": product, "product_variation": variation, "order": order,
            "order_note": note, "product_category": category, "product_attribute": of_all,
            "product_attribute_term": term}


_PAGED = {"page", "per_page", "offset", "order", "orderby", "include", "exclude", "search",
          "context"}
_DATED = _PAGED | {"status", "modified_after", "modified_before", "after", "before",
                   "dates_are_gmt"}
LIST_PARAMETERS = {
    "orders": _DATED, "notes": {"context", "type"}, "attributes": {"context"},
    "products": _DATED | {"sku", "global_unique_id", "type", "slug", "parent", "category",
                          "include_status", "stock_status"},
    "variations": _DATED | {"sku", "slug", "include_status", "stock_status"},
    "categories": _PAGED | {"slug", "parent", "hide_empty", "product"},
    "terms": _PAGED | {"slug", "hide_empty", "product"}}
ORDER_BY = {name: {"date", "modified", "id", "include", "title", "slug"}
            for name in ("orders", "products", "variations")}
ORDER_BY["categories"] = ORDER_BY["terms"] = {"id", "include", "name", "slug", "description",
                                              "count"}


class Schema:
    """The properties of each resource, and the one check over them."""

    def __init__(self, path=None):
        if path is None:
            root = pathlib.Path(__file__).resolve().parents[3]
            path = root / "shared/contracts/woocommerce/wc-v3-schemas-10.5.2.json"
            path = path if path.is_file() else None
        self.origin = "built-in list"
        self.properties = _built_in()
        if path is not None and path != "builtin":
            with open(path, encoding="utf-8") as file:
                document = json.load(file)
            for name in self.properties:
                self.properties[name] = document["resources"][name]["schema"]["properties"]
            self.origin = pathlib.Path(path).name

    def wrong(self, resource, body):
        """{property: sentence} of everything in `body` that the resource does not take."""
        found = {}
        for name, value in body.items():
            self._check(found, name, name, self.properties[resource].get(name), value)
        return found

    def _check(self, found, path, name, rule, value):
        if rule is None:
            found[path] = f"{path} is not a property of this resource."
            return
        if rule.get("readonly"):
            found[path] = f"{path} is read-only."
            return
        kinds = rule.get("type", "mixed")
        kinds = kinds if isinstance(kinds, list) else [kinds]
        if kinds == ["date-time"] and value in (None, "") and name.startswith("date_on_sale"):
            return                       # null says nothing, "" takes the date away
        if not any(_is(kind, value) for kind in kinds):
            found[path] = f"{path} is not of type {','.join(kinds)}."
        elif rule.get("enum") and value not in rule["enum"]:
            found[path] = f"{path} is not one of {', '.join(map(str, rule['enum'][:12]))}."
        elif name in DECIMAL_FIELDS and value and not DECIMAL.match(value):
            found[path] = f"{path} is not a decimal number with a dot."
        elif name in SIGNED_DECIMAL_FIELDS and value and not SIGNED_DECIMAL.match(value):
            found[path] = f"{path} is not a decimal number with a dot."
        elif isinstance(value, dict) and "properties" in rule:
            for key, inner in value.items():
                self._check(found, f"{path}[{key}]", key, rule["properties"].get(key), inner)
        elif isinstance(value, list) and "items" in rule:
            for i, inner in enumerate(value):
                self._check_item(found, f"{path}[{i}]", name, rule["items"], inner)

    def _check_item(self, found, path, name, rule, value):
        # The ids inside these lists are marked read-only, yet they are how an entry is addressed.
        if name in NESTED_ID and isinstance(value, dict) and "id" in value:
            if not _is("integer", value["id"]):
                found[f"{path}[id]"] = f"{path}[id] is not of type integer."
            value = {k: v for k, v in value.items() if k != "id"}
        self._check(found, path, "", rule, value)


def _is(kind, value):
    if kind == "mixed":
        return True
    if kind == "date-time":
        return isinstance(value, str) and bool(DATE_TIME.match(value))
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind == "null":
        return value is None
    return isinstance(value, {"string": str, "boolean": bool, "array": list,
                              "object": dict}[kind])
