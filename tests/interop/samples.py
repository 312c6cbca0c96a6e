"""Requests for every operation of our contract, and what must stand in the database afterwards.

A request is written as clients write it: elements by their names, lists as {"item": […]}, numbers
as texts. What is expected is derived from it here, by rules of this file's own.
"""
import datetime
import decimal
import hashlib
import json
import re

# Characters that a careless reader or writer loses.
ODD = "Größe <M> & „Zitat“ ]]> 'é' \U0001f9f0"

ELEMENT = {"PushProducts": "product", "PushVariants": "variant", "PushPrices": "price",
           "PushStock": "stock", "PushCategories": "category", "PushCustomers": "customer",
           "PushDocuments": "document", "PushCertificates": "certificate",
           "PushShipments": "shipment", "PushOrderStatus": "orderStatus",
           "PushInvoices": "invoice", "PushReturns": "return"}
KEY = {"product": ("id",), "variant": ("sku",), "price": ("id",), "stock": ("sku", "warehouse"),
       "category": ("id",), "customer": ("number",), "document": ("id", "version"),
       "certificate": ("scheme", "number")}
FACT = {"PushShipments": "shipment", "PushOrderStatus": "order_status", "PushInvoices": "invoice",
        "PushReturns": "return"}
# Decimals with their digits behind the point, as the tables keep them.
DIGITS = {"net_weight": 6, "shipping_weight": 6, "quantity_step": 3, "length": 3, "width": 3,
          "height": 3, "amount": 6, "per": 6, "min_quantity": 6, "on_hand": 3, "available": 3,
          "in_quality": 3, "blocked": 3, "other_demand": 3}
DECIMALS = {*DIGITS, "numerator", "denominator", "mass", "quantity", "confirmed", "net", "tax",
            "gross"}
DAYS = {"sale_from", "sale_until", "valid_from", "valid_until"}
INSTANTS = {"as_of"}
ORDERED = {"lines"}


def items(*things):
    return {"item": list(things)}


def samples(tag, order_number):
    """{operation: records}; tag makes keys of this sender's own."""
    sku, product = f"{tag}-10", f"{tag}-P"
    content = f"%PDF-1.4\n1 0 obj<</Type/Page>>endobj % {tag}\n%%EOF\n".encode()
    return {
        "PushCategories": [
            {"id": f"{tag}-K", "texts": items({"language": "de", "name": "Schläuche"}),
             "position": 3},
            {"id": f"{tag}-L", "parent": f"{tag}-K", "texts": items(
                {"language": "de", "name": "Kupplungen"}, {"language": "en", "name": "Couplings"})}],
        "PushProducts": [
            {"id": product, "brand": "Muster & Söhne", "modelId": "M1",
             "productGroup": "0017", "taxClass": "1", "lifecycle": "phase_out",
             "texts": items({"language": "de", "name": ODD, "shortText": "kurz",
                             "longText": "Zeile 1\nZeile 2"},
                            {"language": "en", "name": "Coupling"}),
             "attributes": items({"code": "MATERIAL", "language": "de", "value": "Messing"},
                                 {"code": "DRUCK", "value": "16.0", "unit": "bar"}),
             "manufacturer": {"name": "Muster GmbH", "street": "Ring 1", "postalCode": "01067",
                              "city": "Dresden", "country": "DE", "email": "pos@muster.example"},
             "warnings": items({"language": "de", "longText": "Nicht für Kinder."}),
             "categories": items(f"{tag}-L", f"{tag}-K"),
             "axes": items({"position": 1, "code": "GROESSE"}),
             "media": items({"position": 1, "url": "https://media.example/a%20b.jpg?x=1&y=2",
                             "role": "image", "alt": "von vorn"}),
             "saleFrom": "2026-01-31", "saleUntil": "2031-12-31", "successor": f"{tag}-Q",
             "sparePartFor": items(f"{tag}-X"),
             "energy": {"efficiencyClass": "B", "scale": "A-G", "eprelId": "123456"},
             "battery": {"kind": "Li-ion", "mass": "0.125", "isRemovable": True},
             "packaging": "Karton", "dangerousGoods": "UN3481"},
            {"id": f"{tag}-Q", "lifecycle": "active",
             "texts": items({"language": "de", "name": "Nachfolger"})}],
        "PushVariants": [
            {"sku": sku, "product": product, "mpn": "0815/00",
             "gtins": items({"code": "4006381333931", "unit": "PCE", "isPrimary": True},
                            {"code": "73513537", "unit": "KAR", "isPrimary": False}),
             "baseUnit": "PCE", "netWeight": "0.123456", "shippingWeight": "1.5",
             "serialRequired": True, "origin": "DE", "tariffNo": "74122000",
             "lifecycle": "active", "erpReferences": items("000000000000000010"),
             "formerSkus": items(f"{tag}-09"),
             "axisValues": items({"axis": "GROESSE", "value": "1/2", "unit": "Zoll"}),
             "salesUnit": "KAR", "units": items({"unit": "KAR", "numerator": "12",
                                                 "denominator": "1"}),
             "quantityStep": "0.5", "length": "100", "width": "20.125", "height": "7"},
            {"sku": f"{tag}-11", "product": product}],
        "PushPrices": [
            {"id": f"{tag}-1", "sku": sku, "kind": "list", "list": "00", "currency": "EUR",
             "amount": "1234567.8901", "per": "100", "unit": "PCE", "minQuantity": "0",
             "isGross": False, "taxClass": "1", "validFrom": "2026-01-01",
             "validUntil": "9999-12-31", "market": "DE", "priority": -5},
            {"id": f"{tag}-2", "sku": sku, "kind": "lowest_30d", "currency": "EUR",
             "amount": "0.01", "per": "1", "isGross": True, "customerGroup": "GH",
             "customer": "4711"}],
        "PushStock": [
            {"sku": sku, "warehouse": "0001", "unit": "PCE", "onHand": "12.500",
             "available": "-3", "basis": "minus_open_orders", "inQuality": "0", "blocked": "0.001",
             "asOf": "2020-11-20T10:11:12.345678Z", "asOfMark": "5000000123",
             "otherDemand": "7", "expected": items({"day": "2027-02-28", "quantity": "100"},
                                                   {"day": "2027-03-01", "quantity": "0.5"})},
            {"sku": sku, "warehouse": "0002", "onHand": "0"}],
        "PushCustomers": [
            {"number": f"{tag}-4711", "kind": "b2b", "name": "Käufer & Co. KG",
             "email": "einkauf@kaeufer.example", "vatId": "DE123456789", "street": "Weg 3",
             "postalCode": "00100", "city": "Roma", "country": "IT", "priceList": "01",
             "customerGroup": "GH", "isBlocked": True},
            {"number": f"{tag}-4712", "kind": "b2c", "name": "O'Neil"}],
        "PushDocuments": [
            {"id": f"{tag}-D", "version": "02", "type": "declaration_of_conformity",
             "titles": items({"language": "de", "name": "Konformitätserklärung"}),
             "languages": items("de", "en"), "markets": items("AT", "DE"),
             "products": items(product), "variants": items(sku), "validFrom": "2026-01-01",
             "supersedes": "01", "sha256": hashlib.sha256(content).hexdigest(),
             "size": len(content), "mediaType": "application/pdf",
             "fileName": "Erklärung 02.pdf", "content": content}],
        "PushCertificates": [
            {"scheme": "CE", "number": f"{tag}-0815", "issuer": "Prüfstelle 1234",
             "markets": items("DE"), "variants": items(sku), "validFrom": "2026-01-01",
             "validUntil": "2030-12-31", "document": f"{tag}-D"}],
        "PushShipments": [
            {"id": f"{tag}-80000001", "orderNumber": order_number, "shipped": "2026-11-21",
             "carrier": "Paketdienst", "service": "Express", "trackingNo": "JJD0001",
             "trackingUrl": "https://track.example/?id=JJD0001&lang=de",
             "lines": items({"id": "000010", "orderLine": "17", "sku": sku, "quantity": "2",
                             "unit": "PCE", "serials": items("SN-1", "SN-2")},
                            {"id": "000020", "sku": f"{tag}-11", "quantity": "0.25"})}],
        "PushOrderStatus": [
            {"id": order_number, "orderNumber": order_number, "status": "partly_delivered",
             "currency": "EUR", "net": "100", "tax": "19", "gross": "119.00",
             "lines": items({"id": "000010", "sku": sku, "quantity": "2", "confirmed": "2",
                             "confirmedOn": "2026-11-21", "isRejected": False},
                            {"id": "000020", "sku": f"{tag}-11", "quantity": "1",
                             "isRejected": True, "reason": "52"})}],
        "PushInvoices": [
            {"id": f"{tag}-90000001", "orderNumber": order_number, "type": "invoice",
             "issued": "2026-11-22", "due": "2026-12-22", "delivery": f"{tag}-80000001",
             "currency": "EUR", "net": "100.00", "tax": "19.00", "gross": "119.00",
             "lines": items({"id": "000010", "orderLine": "17", "sku": sku, "quantity": "2",
                             "net": "100", "tax": "19", "gross": "119"})}],
        "PushReturns": [
            {"id": f"{tag}-60000001", "orderNumber": order_number, "status": "received",
             "returned": "2026-11-22", "reason": "101", "invoice": f"{tag}-90000001",
             "lines": items({"id": "000010", "sku": sku, "quantity": "1", "reason": "101",
                             "serials": items("SN-2")})}],
    }


# ---- what must stand there

def snake(name):
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda m: "_" + m.group(1).lower(), name)


def decimal_of(value):
    return decimal.Decimal(str(value)).normalize()


def _inner(name, value):
    """A value of a request as the canonical JSON of a record says it, decimals as numbers."""
    if isinstance(value, dict):
        if set(value) == {"item"}:
            things = [_inner(name, v) if isinstance(v, dict) else {"id": v} for v in value["item"]]
            return things if name in ORDERED else _sorted(things)
        return {snake(n): _inner(snake(n), v) for n, v in value.items()}
    return decimal_of(value) if name in DECIMALS else value


def _sorted(things):
    return sorted(things, key=lambda t: json.dumps(t, sort_keys=True, default=str))


def _read(name, value):
    """The same of what was stored."""
    if isinstance(value, list):
        things = [_read(name, v) for v in value]
        return things if name in ORDERED else _sorted(things)
    if isinstance(value, dict):
        return {n: _read(n, v) for n, v in value.items()}
    return decimal_of(value) if name in DECIMALS else value


def _column(name, value):
    """A value of a request as it stands in a column."""
    if isinstance(value, dict):
        return _inner(name, value)
    if name in DIGITS:
        return int(decimal_of(value).scaleb(DIGITS[name]))
    if name in DAYS:
        return int(value.replace("-", ""))
    if name in INSTANTS:
        when = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
        return int(when.timestamp()) * 1000000 + when.microsecond
    return int(value) if isinstance(value, bool) else value


def differences(query, scope, operation, record):
    """What is in the database otherwise than this record says it, as sentences."""
    wanted = {snake(n): v for n, v in record.items() if n not in ("content", "deleted")}
    if operation in FACT:
        return _fact_differences(query, scope, FACT[operation], wanted)
    table = ELEMENT[operation]
    names = [*wanted]
    where = " AND ".join(f"{k} = ?" for k in ("scope", *KEY[table]))
    rows = query(f"SELECT {', '.join(names)}, rec_deleted FROM {table} WHERE {where}", scope,
                 *(wanted.get(k, "") for k in KEY[table]))
    if len(rows) != 1:
        return [f"{table} {record}: {len(rows)} rows"]
    *values, is_deleted = rows[0]
    found = [f"{table} is deleted"] if is_deleted else []
    for name, value in zip(names, values):
        want = _column(name, wanted[name])
        got = _read(name, json.loads(value)) if isinstance(want, (dict, list)) and value else value
        if got != want:
            found.append(f"{table}.{name}: {got!r} is there, {want!r} was sent")
    return found


def _fact_differences(query, scope, kind, wanted):
    rows = query("SELECT body FROM fact WHERE kind = ? AND scope = ? AND id = ?", kind, scope,
                 wanted["id"])
    if len(rows) != 1:
        return [f"{kind} {wanted['id']}: {len(rows)} facts"]
    got = _read("", json.loads(rows[0][0]))
    want = {n: _inner(n, v) for n, v in wanted.items()}
    return [f"{kind}.{n}: {got.get(n)!r} is there, {want[n]!r} was sent" for n in want
            if got.get(n) != want[n]]
