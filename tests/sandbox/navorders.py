"""Orders of the NAV stand-in: the key table, documents, what their lines cost, shipments. Used by nav.py.

One call of the codeunit is one transaction: the row of the key table comes first and is locked until
the document is there, or nothing is.
"""
import datetime
import re
import threading
from decimal import ROUND_HALF_UP, Decimal

from navdata import plain
from navforms import DataError, check_row
from navsoap import TYPES, Fault

SEPARATOR = "."
LINE_TYPES = {"Item": "Item", "GLAccount": "G_L_Account", "ChargeItem": "Charge_Item", "Resource": "Resource"}
TEXTS = {       # what is wrong, in the languages in which a service user may work; the code in front decides
    "K001": ("The key %s is missing or malformed.", "Der Schlüssel %s fehlt oder ist ungültig.",
             "La clave %s falta o no es válida."),
    "K002": ("The token %s cannot be read.", "Die Marke %s ist nicht lesbar.", "No se puede leer la marca %s."),
    "K004": ("Currency %s does not exist.", "Die Währung %s ist nicht vorhanden.", "La divisa %s no existe."),
    "K005": ("Unit %s is not defined for the item.", "Die Einheit %s gibt es für den Artikel nicht.",
             "La unidad %s no existe para el producto."),
    "K006": ("The order has no lines.", "Der Auftrag hat keine Zeilen.", "El pedido no tiene líneas."),
    "K007": ("Line id %s is missing or occurs twice.", "Die Zeilenkennung %s fehlt oder ist doppelt.",
             "El id. de línea %s falta o está repetido."),
    "K009": ("Customer %s does not exist.", "Der Debitor %s ist nicht vorhanden.", "El cliente %s no existe."),
    "K010": ("Customer %s is blocked.", "Der Debitor %s ist gesperrt.", "El cliente %s está bloqueado."),
    "K011": ("Country %s does not exist.", "Das Land %s ist nicht vorhanden.", "El país %s no existe."),
    "K012": ("Line type or account %s does not exist.", "Zeilenart oder Konto %s ist nicht vorhanden.",
             "El tipo de línea o la cuenta %s no existe."),
    "K013": ("Quantity %s must be above zero.", "Die Menge %s muss größer als null sein.",
             "La cantidad %s debe ser mayor que cero."),
    "K014": ("Item %s does not exist.", "Der Artikel %s ist nicht vorhanden.", "El producto %s no existe."),
    "K020": ("Item %s is blocked.", "Der Artikel %s ist gesperrt.", "El producto %s está bloqueado."),
    "K021": ("Payment method %s does not exist.", "Die Zahlungsform %s ist nicht vorhanden.",
             "La forma de pago %s no existe."),
    "K022": ("Language %s does not exist.", "Die Sprache %s ist nicht vorhanden.", "El idioma %s no existe."),
    "K024": ("%s is no date.", "%s ist kein Datum.", "%s no es una fecha.")}
LOCKED = ("The operation could not complete because a record in the Kontor Order Key table was locked by another user.",
          "Der Vorgang konnte nicht abgeschlossen werden, da ein Datensatz in der Tabelle Kontor Order Key von einem "
          "anderen Benutzer gesperrt wurde.",
          "No se pudo completar la operación porque un registro de la tabla Kontor Order Key estaba bloqueado por otro "
          "usuario.")
LANGUAGES = ("en-US", "de-DE", "es-ES")
LANGUAGE_CODES = ("ENU", "ENG", "DEU", "DEA", "DES", "FRA", "ITA", "ESP", "NLD", "DAN", "SVE", "NOR", "FIN", "PLK")


def cents(value):
    return value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def amount_of(text):
    """A decimal in XML form, as EVALUATE(…, 9) reads it; an empty text is zero."""
    if not text:
        return Decimal(0)
    if not re.fullmatch(r"-?\d{1,18}(\.\d{1,18})?", text):
        raise Fault(TYPES + "NavNCLEvaluateException", f"The value '{text}' can't be evaluated into type Decimal.")
    return Decimal(text)


def number_text(value):
    return plain(cents(value))


class Session:
    """One CreateOrder between its lock and its commit."""

    def __init__(self, key):
        self.key = key
        self.prepared = None        # (document, transaction)
        self.is_open = True
        self.document = None


class Orders:
    """The orders of one company. Every public method may be called by any thread."""

    def __init__(self, company, language, has_key_table=True, pricing="as_sent", lock_timeout_s=10):
        self.company, self.has_key_table, self.pricing = company, has_key_table, pricing
        self.at = LANGUAGES.index(language)
        self.lock_timeout_s = lock_timeout_s
        self.running = {}
        self.free = threading.Condition(company.lock)

    # ---- faults

    def refuse(self, code, value="", line=0):
        place = f"[{code} {line}]" if line else f"[{code}]"
        text = TEXTS[code][self.at]
        return Fault(TYPES + "NavNCLDialogException",
                     f"{place} {text.replace('%s', value)}")

    def lock_fault(self):
        return Fault(TYPES + "NavCSideSQLLockTimeoutException", LOCKED[self.at])

    # ---- create

    def open_session(self, key):
        """(session, None) with the key locked, or (None, booking) when there is nothing to do."""
        if not re.fullmatch(r"\S{1,40}", key):
            raise self.refuse("K001", key)
        with self.company.lock:
            if self.has_key_table:
                if not self.free.wait_for(lambda: not self.running.get(key), self.lock_timeout_s):
                    raise self.lock_fault()
                if (key,) in self.company.rows["order_key"]:
                    return None, self.known(key)
            return self.hold(key), None

    def hold(self, key):
        with self.company.lock:
            self.running[key] = self.running.get(key, 0) + 1
            return Session(key)

    def close_session(self, session):
        with self.company.lock:
            if session.is_open:
                session.is_open = False
                self.running[session.key] -= 1
                if not self.running[session.key]:
                    del self.running[session.key]
                self.free.notify_all()

    def commit(self, session):
        """Document, lines and key, in one step; ends the session."""
        with self.company.lock:
            number = self.next_number("order")
            document, header, lines = session.prepared
            body = dict(document, number=number, created_at=self.company.instant())
            rows = [("order", check_row("order", dict(header, No=number)), None),
                    ("document", check_row("document", {"No": number, "Key": session.key,
                                                        "Body": body}), None)]
            rows += [("sales_line", check_row("sales_line", dict(line, Document_No=number)), None)
                     for line in lines]
            if self.has_key_table:
                rows.append(("order_key", check_row("order_key", {
                    "Our_Key": session.key, "Order_No": number}), None))
            self.company.apply(rows)
            session.document = body
            self.close_session(session)
            return body

    def next_number(self, series):
        """A number series: the last one used, plus one, without holes."""
        table, first = series, self.company.settings["No_Series"][series]
        used = [k[0] for k in self.company.keys[table] if re.fullmatch(r"\d{1,18}", k[0])]
        used += [k[0] for k in self.company.keys["document"]] if series == "order" else []
        return str(max([int(first) - 1, *map(int, used)]) + 1)

    def prepare(self, session, order):
        """Checks and prices the order; a Fault says what is wrong and nothing is booked."""
        company = self.company
        with company.lock:
            customer = self.customer(order)
            self.header(order)
            lines, totals = [], {"Net": Decimal(0), "Vat": Decimal(0), "Gross": Decimal(0)}
            if not order["Line"]:
                raise self.refuse("K006")
            for at, sent in enumerate(order["Line"], 1):
                if not sent["LineId"] or sent["LineId"] in [x["Kontor_Line"] for x in lines]:
                    raise self.refuse("K007", sent["LineId"] or "", at)
                line = self.line(at, sent, order, customer)
                lines.append(line)
                for name in totals:
                    totals[name] += Decimal(line[name])
            tolerance, sent = amount_of(order["Tolerance"]), {n: amount_of(order[n]) for n in totals}
            reasons = [f"{name} {number_text(totals[name])} <> {number_text(sent[name])}"
                       for name in totals if abs(totals[name] - sent[name]) > tolerance]
            blocked = "; ".join(reasons) if order["Pricing"] != "erp" else ""
            document = {
                "key": session.key, "order": order, "blocked": blocked,
                "currency": order["CurrencyCode"] or company.settings["LCY_Code"],
                "total": {name: number_text(value) for name, value in totals.items()},
                "lines": [{"LineId": x["Kontor_Line"], **{n: x[n] for n in totals}} for x in lines]}
            header = {
                "Sell_to_Customer_No": customer["No"], "Kontor_Key": session.key,
                "External_Document_No": order["ExternalDocumentNo"] or "",
                "Order_Date": self.day(order["OrderDate"]) or company.today().isoformat(),
                "Status": "Open" if blocked else "Released", "On_Hold": "KON" if blocked else "",
                "Currency_Code": self.foreign(order["CurrencyCode"]),
                "Amount": number_text(totals["Net"]),
                "Amount_Including_VAT": number_text(totals["Gross"])}
            session.prepared = document, header, lines

    def foreign(self, currency):
        return "" if currency in (None, "", self.company.settings["LCY_Code"]) else currency

    def customer(self, order):
        found = self.company.rows["customer"].get(((order["CustomerNo"] or "").upper(),))
        if found is None:
            raise self.refuse("K009", order["CustomerNo"] or "")
        if found["Blocked"] != "_blank_":
            raise self.refuse("K010", found["No"])
        return found

    def header(self, order):
        settings = self.company.settings
        currency = order["CurrencyCode"] or settings["LCY_Code"]
        if currency not in settings["Currencies"] + [settings["LCY_Code"]]:
            raise self.refuse("K004", currency)
        for partner in order["Partner"]:
            if (partner["CountryCode"] or "DE") not in settings["Countries"]:
                raise self.refuse("K011", partner["CountryCode"])
            if partner["Role"] not in ("SellTo", "ShipTo"):
                raise Fault(TYPES + "NavNCLEvaluateException", f"Role {partner['Role']} is unknown.")
        if order["PaymentMethodCode"] and order["PaymentMethodCode"] not in settings["Payment_Methods"]:
            raise self.refuse("K021", order["PaymentMethodCode"])
        if order["LanguageCode"] and order["LanguageCode"] not in LANGUAGE_CODES:
            raise self.refuse("K022", order["LanguageCode"])
        self.day(order["RequestedDeliveryDate"])
        if order["Pricing"] not in ("shop", "erp"):
            raise Fault(TYPES + "NavNCLEvaluateException", f"Pricing {order['Pricing']} is unknown.")

    def day(self, text):
        if not text:
            return ""
        try:
            return datetime.date.fromisoformat(text).isoformat()
        except ValueError:
            raise self.refuse("K024", text) from None

    def find_item(self, sku):
        """(item, variant code): the item itself unless it has variants, else split at a separator."""
        company, sku = self.company, sku.upper()
        item = company.rows["item"].get((sku,))
        if item and not company.variants_of(sku):
            return item, ""
        at = sku.rfind(SEPARATOR)
        while at > 0:
            number, code = sku[:at], sku[at + 1:]
            if (number, code) in company.rows["variant"]:
                return company.item(number), code
            at = sku.rfind(SEPARATOR, 0, at)
        return None, ""

    def line(self, at, sent, order, customer):
        quantity = amount_of(sent["Quantity"])
        if sent["Type"] not in LINE_TYPES:
            raise self.refuse("K012", sent["Type"] or "", at)
        if quantity <= 0:
            raise self.refuse("K013", sent["Quantity"] or "0", at)
        sums = {name: amount_of(sent[name]) for name in ("Net", "Vat", "Gross")}
        line = {"Line_No": str(at * 10000), "Type": LINE_TYPES[sent["Type"]], "No": sent["No"] or "",
                "Description": (sent["Description"] or "")[:50], "Quantity": plain(quantity),
                "Kontor_Line": sent["LineId"], "Unit_of_Measure_Code": sent["UnitCode"] or "",
                "Location_Code": self.company.settings["Location_Code"]}
        sku = sent["No"] or ""
        if sent["Type"] != "Item":
            if sku not in self.company.settings["Accounts"].get(sent["Type"], ()):
                raise self.refuse("K012", sku, at)
            if sums["Gross"] < 0:
                line["Quantity"] = plain(-quantity)
        else:
            item, variant = self.find_item(sku)
            if item is None:
                raise self.refuse("K014", sku, at)
            if item["Blocked"]:
                raise self.refuse("K020", sku, at)
            per = self.per_unit(item, sent["UnitCode"], at)
            line.update(No=item["No"], Variant_Code=variant, Qty_per_Unit_of_Measure=plain(per),
                        Outstanding_Qty_Base=plain(quantity * per))
            if order["Pricing"] == "erp" or self.pricing == "own":
                sums = self.own_price(item, variant, quantity, order, customer)
        line["Unit_Price"] = plain(round(sums["Gross" if order["PricesIncludeVat"] == "true" else "Net"]
                                         / quantity, 5))
        return dict(line, **{name: number_text(value) for name, value in sums.items()})

    def per_unit(self, item, unit, at):
        if unit in (None, "", item["Base_Unit_of_Measure"]):
            return Decimal(1)
        found = self.company.rows["unit"].get((item["No"], unit.upper()))
        if found is None:
            raise self.refuse("K005", unit, at)
        return Decimal(found["Qty_per_Unit_of_Measure"])

    def own_price(self, item, variant, quantity, order, customer):
        """NAV's best price: the lowest of those that hold for this customer, day and quantity."""
        company, today = self.company, self.company.today().isoformat()
        currency = order["CurrencyCode"] or company.settings["LCY_Code"]
        mine = {"CustomerNo": customer["No"], "CustomerPriceGroup": customer["Customer_Price_Group"]}
        fitting = [row for _, row in company.price_rows()
                   if row["ItemNo"] == item["No"] and row.get("VariantCode", "") in ("", variant)
                   and row["CurrencyCode"] == currency and Decimal(row["MinQuantity"]) <= quantity
                   and all(row.get(name, "") in ("", value) for name, value in mine.items())
                   and row.get("UnitCode", "") in ("", item["Base_Unit_of_Measure"])
                   and row.get("StartingDate", "") <= today <= (row.get("EndingDate") or "9999")]
        percent = Decimal(company.settings["VAT"].get(item["VAT_Prod_Posting_Group"], "0"))

        def gross(row):
            price = Decimal(row["UnitPrice"])
            return price if row["PriceIncludesVat"] else price * (1 + percent / 100)
        amount = cents(min(map(gross, fitting), default=Decimal(0)) * quantity)
        net = cents(amount / (1 + percent / 100))
        return {"Net": net, "Vat": amount - net, "Gross": amount}

    # ---- look-ups

    def booking(self, document, state):
        return {"State": "BLOCKED" if document["blocked"] else state, "OrderNo": document["number"],
                "CurrencyCode": document["currency"], "BlockedReason": document["blocked"],
                "BookedLine": document["lines"], **document["total"]}

    def known(self, key):
        """What a key that was used before is answered with."""
        number = self.company.rows["order_key"][key,]["Order_No"]
        row = self.company.rows["document"][number,]
        return {"State": "GONE", "OrderNo": number} if row["Is_Deleted"] else self.booking(
            row["Body"], "EXISTS")

    def find(self, key):
        if not key.strip():
            raise self.refuse("K001", key)
        company = self.company
        with company.lock:
            if self.has_key_table:
                if self.running.get(key):
                    return {"State": "PENDING"}     # NAV reads the row that is not committed yet
                if (key,) not in company.rows["order_key"]:
                    return {"State": "ABSENT"}
                answer = self.known(key)
                return dict(answer, State="FOUND") if answer["State"] == "EXISTS" else answer
            found = [r for r in company.rows["document"].values()
                     if r["Key"] == key and not r["Is_Deleted"]]
            return self.booking(found[0]["Body"], "FOUND") if found else {"State": "ABSENT"}

    def find_customers(self, email, vat_id, name, post_code, country):
        out = []
        with self.company.lock:
            for row in self.company.rows["customer"].values():
                if email and row["E_Mail"].casefold() == email.casefold():
                    matched = "email"
                elif vat_id and row["VAT_Registration_No"] == vat_id:
                    matched = "vat_id"
                elif name and post_code and country and (row["Name"].casefold(), row["Post_Code"],
                                                         row["Country_Region_Code"]) == (
                        name.casefold(), post_code, country):
                    matched = "name"
                else:
                    continue
                out.append({"No": row["No"], "Name": row["Name"], "MatchedBy": matched,
                            "Blocked": row["Blocked"] != "_blank_"})
        return out

    # ---- what people do in NAV

    def documents(self):
        with self.company.lock:
            return [dict(row["Body"], is_posted=row["Is_Posted"], is_deleted=row["Is_Deleted"])
                    for row in self.company.rows["document"].values()]

    def document(self, number):
        found = self.company.rows["document"].get((number,))
        if found is None or found["Is_Deleted"]:
            raise DataError(f"there is no document {number}")
        return found

    def release(self, number):
        """A clerk corrects a held document to what the shop sold for and releases it."""
        with self.company.lock:
            row = self.document(number)
            sent = row["Body"]["order"]
            body = dict(row["Body"], blocked="",
                        total={n: number_text(amount_of(sent[n])) for n in ("Net", "Vat", "Gross")})
            header = dict(self.company.rows["order"][number,], On_Hold="", Status="Released",
                          Amount=body["total"]["Net"], Amount_Including_VAT=body["total"]["Gross"])
            self.company.apply([("document", dict(row, Body=body), None), ("order", header, None)])
            return body

    def delete(self, number):
        """Somebody deletes the order; the key table still knows that it was there."""
        with self.company.lock:
            row = self.document(number)
            self.company.apply([("document", dict(row, Is_Deleted=True), None),
                                *self.removal(number)])
            return row["Body"]

    def removal(self, number):
        rows = [("sales_line", None, key) for key in self.company.keys["sales_line"] if key[0] == number]
        return rows + ([("order", None, (number,))] if (number,) in self.company.rows["order"] else [])

    def invoice(self, number):
        """The order was delivered and invoiced: NAV deletes it, posted documents stay."""
        with self.company.lock:
            row = self.document(number)
            self.company.apply([("document", dict(row, Is_Posted=True), None), *self.removal(number)])
            return row["Body"]

    def ship(self, number="", key="", lines=None, serials=None, agent="", service="", tracking=""):
        """Posts a shipment of all that is open, or of {line id: quantity}. serials: {line id: [number]}."""
        company, serials = self.company, serials or {}
        with company.lock:
            header = self.header_of(number, key)
            number = header["No"]
            shipment = self.next_number("shipment")
            today = company.today().isoformat()
            rows = [("shipment", check_row("shipment", {
                "No": shipment, "Order_No": number, "Kontor_Key": header["Kontor_Key"],
                "External_Document_No": header["External_Document_No"],
                "Sell_to_Customer_No": header["Sell_to_Customer_No"], "Posting_Date": today,
                "Shipment_Date": today, "Shipping_Agent_Code": agent,
                "Shipping_Agent_Service_Code": service, "Package_Tracking_No": tracking}), None)]
            entries = 0
            for key in [k for k in company.keys["sales_line"] if k[0] == number]:
                line = company.rows["sales_line"][key]
                per = Decimal(line["Qty_per_Unit_of_Measure"]) or Decimal(1)
                open_quantity = Decimal(line["Outstanding_Qty_Base"]) / per
                quantity = Decimal((lines or {}).get(line["Kontor_Line"], 0 if lines else open_quantity))
                if line["Type"] != "Item" or not quantity:
                    continue
                if quantity > open_quantity:
                    raise DataError(f"only {plain(open_quantity)} of {line['Kontor_Line']} are open")
                moved = self.ledger_rows(shipment, line, quantity * per,
                                         serials.get(line["Kontor_Line"], []), entries)
                entries += len(moved)
                rows += [("ledger", entry, None) for entry in moved]
                rows.append(("sales_line", dict(line, Outstanding_Qty_Base=plain(
                    Decimal(line["Outstanding_Qty_Base"]) - quantity * per)), None))
                rows.append(("shipment_line", check_row("shipment_line", {
                    "Document_No": shipment, "Line_No": line["Line_No"], "Type": "Item",
                    "No": line["No"], "Variant_Code": line["Variant_Code"],
                    "Quantity": plain(quantity), "Order_No": number, "Order_Line_No": line["Line_No"],
                    "Unit_of_Measure_Code": line["Unit_of_Measure_Code"],
                    "Kontor_Line": line["Kontor_Line"],
                    "Item_Shpt_Entry_No": moved[0]["Entry_No"] if len(moved) == 1 else "0"}), None))
            if not entries:
                raise DataError(f"nothing of {number} is open")
            company.apply(rows)
            return {"number": shipment, "order": number}

    def header_of(self, number, key):
        for header in self.company.rows["order"].values():
            if header["No"] == number or key and header["Kontor_Key"] == key:
                return header
        raise DataError(f"there is no order {number or key}")

    def track(self, number, tracking):
        """Somebody corrects the tracking number of a posted shipment, which NAV allows."""
        company = self.company
        with company.lock:
            row = company.rows["shipment"].get((number,))
            if row is None:
                raise DataError(f"there is no shipment {number}")
            company.apply([("shipment", check_row("shipment", dict(row, Package_Tracking_No=tracking)), None)])
            return {"number": number}

    def ledger_rows(self, shipment, line, quantity, serials, before):
        """One entry, or one for each serial number."""
        if serials and len(serials) != quantity:
            raise DataError(f"{len(serials)} serial numbers for {plain(quantity)} pieces")
        parts = [("1", serial) for serial in serials] or [(plain(quantity), "")]
        return [self.company.ledger_entry(
            before + n, Item_No=line["No"], Variant_Code=line["Variant_Code"],
            Location_Code=line["Location_Code"], Entry_Type="Sale", Document_Type="Sales_Shipment",
            Document_No=shipment, Document_Line_No=line["Line_No"], Quantity="-" + amount,
            Serial_No=serial) for n, (amount, serial) in enumerate(parts)]
