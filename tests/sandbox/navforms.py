"""What the NAV stand-in's tables and pages hold: fields, their types, keys. Used by navdata.py and navsoap.py.

A page shows one table. Names are those that NAV makes of the standard controls; a site may call
its services and fields otherwise (nav.py --names). Values in the data files are JSON strings,
booleans are true or false; README.md says it in words.
"""
import collections
import datetime
import re
from decimal import Decimal

CODE, TEXT, DECIMAL, INT, BOOL, DATE, TIME, OPTION, ANY = (
    "code", "text", "decimal", "int", "boolean", "date", "dateTime", "option", "any")
NO_DAY = "0001-01-01"

# length of a code or text; values of an option, in NAV's order
Field = collections.namedtuple("Field", "kind length values", defaults=(None, ()))


class DataError(Exception):
    """A data file, or a change, that breaks the rules of README.md."""


def code(length):
    return Field(CODE, length)


def text(length):
    return Field(TEXT, length)


def option(*values):
    return Field(OPTION, None, values)


DEC, NUM, FLAG, DAY, INSTANT = Field(DECIMAL), Field(INT), Field(BOOL), Field(DATE), Field(TIME)
LINE_TYPE = option("_blank_", "G_L_Account", "Item", "Resource", "Fixed_Asset", "Charge_Item")
DOCUMENT = option(
    "_blank_", "Sales_Shipment", "Sales_Invoice", "Sales_Return_Receipt", "Sales_Credit_Memo",
    "Purchase_Receipt", "Purchase_Invoice", "Purchase_Return_Shipment", "Purchase_Credit_Memo",
    "Transfer_Shipment", "Transfer_Receipt", "Service_Shipment", "Service_Invoice",
    "Service_Credit_Memo", "Posted_Assembly")
ENTRY = option("Purchase", "Sale", "Positive_Adjmt", "Negative_Adjmt", "Transfer", "Consumption",
               "Output", "_blank_", "Assembly_Consumption", "Assembly_Output")

# table: (file, its key, its fields). Tables without a page are the stand-in's own.
TABLES = {
    "item": ("items.json", ("No",), {
        "No": code(20), "Description": text(50), "Description_2": text(50),
        "Type": option("Inventory", "Service", "Non_Inventory"), "Blocked": FLAG,
        "Base_Unit_of_Measure": code(10), "Sales_Unit_of_Measure": code(10),
        "Item_Category_Code": code(20), "GTIN": code(14), "Net_Weight": DEC, "Gross_Weight": DEC,
        "Tariff_No": code(20), "Country_Region_of_Origin_Code": code(10),
        "VAT_Prod_Posting_Group": code(20), "Item_Tracking_Code": code(10), "Vendor_No": code(20),
        "Vendor_Item_No": text(50), "Manufacturer_Code": code(10), "Order_Multiple": DEC,
        "Unit_Price": DEC, "Price_Includes_VAT": FLAG, "Last_Date_Modified": DAY,
        "SystemModifiedAt": INSTANT}),
    "variant": ("variants.json", ("Item_No", "Code"), {
        "Item_No": code(20), "Code": code(10), "Description": text(50), "Description_2": text(50)}),
    "reference": ("references.json", (
        "Item_No", "Variant_Code", "Unit_of_Measure", "Cross_Reference_Type",
        "Cross_Reference_Type_No", "Cross_Reference_No"), {
        "Item_No": code(20), "Variant_Code": code(10), "Unit_of_Measure": code(10),
        "Cross_Reference_Type": option("_blank_", "Customer", "Vendor", "Bar_Code"),
        "Cross_Reference_Type_No": code(30), "Cross_Reference_No": code(50),
        "Description": text(50)}),
    "translation": ("translations.json", ("Item_No", "Variant_Code", "Language_Code"), {
        "Item_No": code(20), "Variant_Code": code(10), "Language_Code": code(10),
        "Description": text(50), "Description_2": text(50)}),
    "attribute": ("attributes.json", ("Table_ID", "Item_No", "Attribute_ID"), {
        "Table_ID": NUM, "Item_No": code(20), "Attribute_ID": NUM, "Attribute_Name": text(250),
        "Attribute_Type": option("Option", "Text", "Integer", "Decimal"), "Value": text(250),
        "Unit_of_Measure": text(30)}),
    "unit": ("item_units.json", ("Item_No", "Code"), {
        "Item_No": code(20), "Code": code(10), "Qty_per_Unit_of_Measure": DEC, "Length": DEC,
        "Width": DEC, "Height": DEC, "Weight": DEC}),
    "uom": ("units.json", ("Code",), {
        "Code": code(10), "Description": text(50), "International_Standard_Code": code(10)}),
    "category": ("categories.json", ("Code",), {
        "Code": code(20), "Description": text(100), "Parent_Category": code(20),
        "Presentation_Order": NUM}),
    "ledger": ("stock.json", ("Entry_No",), {
        "Entry_No": NUM, "Item_No": code(20), "Variant_Code": code(10), "Location_Code": code(10),
        "Posting_Date": DAY, "Entry_Type": ENTRY,
        "Document_Type": DOCUMENT, "Document_No": code(20), "Document_Line_No": NUM,
        "Quantity": DEC, "Serial_No": code(20), "Lot_No": code(20)}),
    "tracking": ("tracking_codes.json", ("Code",), {
        "Code": code(10), "SN_Specific_Tracking": FLAG, "SN_Sales_Outbound_Tracking": FLAG}),
    "customer": ("customers.json", ("No",), {
        "No": code(20), "Name": text(50), "Name_2": text(50), "Address": text(50),
        "Address_2": text(50), "City": text(30), "Post_Code": code(20),
        "Country_Region_Code": code(10), "VAT_Registration_No": text(20), "E_Mail": text(80),
        "Customer_Price_Group": code(10), "Customer_Disc_Group": code(20),
        "Blocked": option("_blank_", "Ship", "Invoice", "All"), "Currency_Code": code(10),
        "Last_Date_Modified": DAY}),
    "order": ("sales_headers.json", ("No",), {
        "No": code(20), "Sell_to_Customer_No": code(20), "External_Document_No": code(35),
        "Kontor_Key": text(40), "Order_Date": DAY,
        "Status": option("Open", "Released", "Pending_Approval", "Pending_Prepayment"),
        "On_Hold": code(3), "Currency_Code": code(10), "Amount": DEC, "Amount_Including_VAT": DEC}),
    "shipment": ("shipments.json", ("No",), {
        "No": code(20), "Order_No": code(20), "Kontor_Key": text(40),
        "External_Document_No": code(35), "Sell_to_Customer_No": code(20), "Posting_Date": DAY,
        "Shipment_Date": DAY, "Shipping_Agent_Code": code(10),
        "Shipping_Agent_Service_Code": code(10), "Package_Tracking_No": text(30)}),
    "shipment_line": ("shipment_lines.json", ("Document_No", "Line_No"), {
        "Document_No": code(20), "Line_No": NUM, "Type": LINE_TYPE, "No": code(20),
        "Variant_Code": code(10), "Quantity": DEC, "Unit_of_Measure_Code": code(10),
        "Order_No": code(20), "Order_Line_No": NUM, "Kontor_Line": text(40),
        "Item_Shpt_Entry_No": NUM}),
    # ---- without a page
    "price": ("prices.json", (
        "Item_No", "Sales_Type", "Sales_Code", "Starting_Date", "Currency_Code", "Variant_Code",
        "Unit_of_Measure_Code", "Minimum_Quantity"), {
        "Item_No": code(20), "Sales_Type": option("Customer", "Customer_Price_Group",
                                                  "All_Customers", "Campaign"),
        "Sales_Code": code(20), "Starting_Date": DAY, "Currency_Code": code(10),
        "Variant_Code": code(10), "Unit_of_Measure_Code": code(10), "Minimum_Quantity": DEC,
        "Unit_Price": DEC, "Price_Includes_VAT": FLAG, "Ending_Date": DAY}),
    "purchase_line": ("purchase_lines.json", ("Document_No", "Line_No"), {
        "Document_No": code(20), "Line_No": NUM, "Item_No": code(20), "Variant_Code": code(10),
        "Location_Code": code(10), "Outstanding_Qty_Base": DEC, "Expected_Receipt_Date": DAY}),
    "sales_line": ("sales_lines.json", ("Document_No", "Line_No"), {
        "Document_No": code(20), "Line_No": NUM, "Type": LINE_TYPE, "No": code(20),
        "Variant_Code": code(10), "Location_Code": code(10), "Description": text(50),
        "Unit_of_Measure_Code": code(10), "Quantity": DEC, "Unit_Price": DEC,
        "Qty_per_Unit_of_Measure": DEC, "Outstanding_Qty_Base": DEC, "Kontor_Line": text(40),
        "Net": DEC, "Vat": DEC, "Gross": DEC}),
    "order_key": ("order_keys.json", ("Our_Key",), {"Our_Key": text(40), "Order_No": code(20)}),
    # every document that was ever made of a shop's order, with what was sent and what was booked
    "document": ("documents.json", ("No",), {
        "No": code(20), "Key": text(40), "Is_Posted": FLAG, "Is_Deleted": FLAG, "Body": Field(ANY)}),
}
# role: the service it is published as, unless the site says otherwise
SERVICES = {
    "item": "KontorItem", "variant": "KontorItemVariant", "reference": "KontorItemReference",
    "translation": "KontorItemTranslation", "attribute": "KontorItemAttribute",
    "unit": "KontorItemUnit", "uom": "KontorUnitOfMeasure", "category": "KontorItemCategory",
    "ledger": "KontorItemLedger", "tracking": "KontorTrackingCode", "customer": "KontorCustomer",
    "order": "KontorSalesOrder", "shipment": "KontorShipment"}
OPTIONAL = {"item": ("SystemModifiedAt",)}      # shown only where the site's version has it
LINES = ("ShipmentLines", "Kontor_Shipment_Line")   # of the page with lines: list, one of them
LINE_FIELDS = [name for name in TABLES["shipment_line"][2] if name != "Document_No"]
EMPTY = {CODE: "", TEXT: "", DECIMAL: "0", INT: "0", BOOL: False, DATE: "", TIME: "",
         ANY: None}
MUST_EXIST = ("item", "uom")                    # files that a company cannot do without


def fields_of(table):
    return TABLES[table][2]


def key_of(table, row):
    """The row's key in a form that sorts as NAV does."""
    return tuple(comparable(fields_of(table)[name], row[name]) for name in TABLES[table][1])


def comparable(field, value):
    if field.kind == DECIMAL:
        return Decimal(value)
    if field.kind == INT:
        return int(value)
    if field.kind == OPTION:
        return field.values.index(value)
    return value


def check_value(field, value):
    """The value in the form the stand-in keeps, or DataError."""
    kind = field.kind
    if kind == BOOL:
        if not isinstance(value, bool):
            raise DataError("true or false is expected")
        return value
    if kind == ANY:
        return value
    if not isinstance(value, str):
        raise DataError(f"a string is expected, not {type(value).__name__}")
    if kind in (CODE, TEXT):
        if len(value) > field.length:
            raise DataError(f"{len(value)} characters, {field.length} fit")
        return value.upper() if kind == CODE else value
    if kind == OPTION:
        value = value or field.values[0]
        if value not in field.values:
            raise DataError(f'"{value}" is none of {", ".join(field.values)}')
        return value
    value = value or EMPTY[kind]
    if wrong_form(kind, value):
        raise DataError(f'"{value}" is no {kind}')
    return "" if value == NO_DAY else value


def wrong_form(kind, value):
    if kind == DECIMAL:
        return not re.fullmatch(r"-?\d{1,18}(\.\d{1,5})?", value)
    if kind == INT:
        return not re.fullmatch(r"-?\d{1,9}", value)
    if not value:
        return False
    try:
        if kind == DATE:
            return datetime.date.fromisoformat(value) is None
        datetime.datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ")
    except ValueError:
        return True
    return False


def check_row(table, row):
    """All fields of the table, checked; what is left out is empty."""
    fields = fields_of(table)
    if not isinstance(row, dict):
        raise DataError("an object is expected")
    out = {}
    for name, field in fields.items():
        default = field.values[0] if field.kind == OPTION else EMPTY[field.kind]
        try:
            out[name] = check_value(field, row.get(name, default))
        except DataError as error:
            raise DataError(f"{name}: {error}") from None
    unknown = set(row) - set(fields)
    if unknown:
        raise DataError(f"no such field: {', '.join(sorted(unknown))}. Known: {', '.join(fields)}")
    return out
