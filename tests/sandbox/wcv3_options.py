"""What the wc/v3 stand-in tells of itself: the answer to OPTIONS, as WordPress gives it for a route.

`--hide` leaves things out of what is told, as an older shop or a plug-in would: a route
("/products/batch"), a method ("PUT /orders/{id}"), a parameter ("/orders?modified_after") or a
property ("product.global_unique_id"); "product.weight=readonly" marks one as read-only. What the
stand-in does stays the same.
"""
import copy
import re

from wcv3_schema import LIST_PARAMETERS, ORDER_BY

RESOURCE = {"products": "product", "product": "product", "products_batch": "product",
            "variations": "product_variation", "variation": "product_variation",
            "variations_batch": "product_variation", "categories": "product_category",
            "category": "product_category", "categories_batch": "product_category",
            "attributes": "product_attribute", "attribute": "product_attribute",
            "attributes_batch": "product_attribute", "terms": "product_attribute_term",
            "term": "product_attribute_term", "terms_batch": "product_attribute_term",
            "orders": "order", "order": "order", "notes": "order_note"}
KINDS = {"include": "array", "exclude": "array", "page": "integer", "per_page": "integer",
         "offset": "integer", "parent": "integer", "dates_are_gmt": "boolean",
         "hide_empty": "boolean", "status": "array"}


def general(route):
    return re.sub(r"/\d+(?=/|$)", "/{id}", route)


def _parameters(name, route, hidden):
    out = {}
    for parameter in sorted(LIST_PARAMETERS.get(name, ())):
        if f"{route}?{parameter}" in hidden:
            continue
        out[parameter] = {"type": KINDS.get(parameter, "string"), "required": False}
        if parameter == "orderby" and name in ORDER_BY:
            out[parameter]["enum"] = sorted(ORDER_BY[name])
    return out


def _properties(resource, properties, hidden):
    out = copy.deepcopy(properties)
    for entry in hidden:
        where, _, what = entry.partition("=")
        names = where.split(".")
        if names[0] != resource or len(names) < 2:
            continue
        at = out
        for name in names[1:-1]:
            at = at[name]
            at = at.get("items", at)["properties"]
        if what == "readonly":
            at[names[-1]]["readonly"] = True
        else:
            at.pop(names[-1], None)
    return out


def describe(name, route, methods, schema, hidden):
    """The body of the answer, or None where the route is hidden."""
    route = general(route)
    methods = [m for m in sorted(methods) if f"{m} {route}" not in hidden]
    if route in hidden or not methods:
        return None
    endpoints = [{"methods": ["GET"], "args": _parameters(name, route, hidden)}] \
        if "GET" in methods else []
    writing = [m for m in methods if m != "GET"]
    if writing:
        endpoints.append({"methods": writing, "args": {}})
    out = {"namespace": "wc/v3", "methods": methods, "endpoints": endpoints}
    resource = RESOURCE.get(name)
    if resource is not None:
        out["schema"] = {"$schema": "http://json-schema.org/draft-04/schema#", "title": resource,
                         "type": "object",
                         "properties": _properties(resource, schema.properties[resource], hidden)}
    return out
