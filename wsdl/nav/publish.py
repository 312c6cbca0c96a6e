#!/usr/bin/python3
"""Writes the WSDL files of this folder in the form in which NAV publishes our objects.

The tables below are the one description of the contract; the object sources in cal/ and al/ are compared with what comes out
(tests/adapters/erp_nav/test_objects.py). `publish.py` writes the files, `publish.py --check` says which of them differ.
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
CODEUNIT = "KontorService"
HOST = "http://localhost:7047/DynamicsNAV/WS/CRONUS%20AG"

# Every value in an XMLport is text in XML form (12.5, 2026-11-22, true): NAV publishes text elements as strings. An entry that is a
# key of the same table is another element with children, any number of times; all others stand at most once.
XMLPORTS = {
    50140: ("Info", "KontorInfo", {
        "KontorInfo": ["Contract", "Database", "Company", "ServerInstance", "NavVersion", "KeyTable", "MaxCallS", "DateSample",
                       "LcyCode"]}),
    50141: ("Prices", "KontorPrices", {
        "KontorPrices": ["NextAfter", "IsLast", "Total", "Price"],
        "Price": ["Id", "ItemNo", "VariantCode", "UnitCode", "Kind", "CustomerPriceGroup", "CustomerNo", "CurrencyCode",
                  "MinQuantity", "UnitPrice", "PriceIncludesVat", "VatGroup", "StartingDate", "EndingDate"]}),
    50142: ("Stock", "KontorStock", {
        "KontorStock": ["NextAfter", "IsLast", "IsSnapshot", "Total", "LastEntryNo", "Row"],
        "Row": ["ItemNo", "VariantCode", "LocationCode", "UnitCode", "Inventory", "OnSalesOrders", "OtherDemand", "Expected"],
        "Expected": ["Day", "Quantity"]}),
    50143: ("Order", "KontorOrder", {
        "KontorOrder": ["CustomerNo", "ExternalDocumentNo", "YourReference", "OrderDate", "RequestedDeliveryDate", "CurrencyCode",
                        "LanguageCode", "PaymentMethodCode", "PaymentRef", "Pricing", "PricesIncludeVat", "Tolerance", "Net",
                        "Vat", "Gross", "Partner", "Line"],
        "Partner": ["Role", "Name", "Name2", "Contact", "Address", "Address2", "PostCode", "City", "County", "CountryCode",
                    "Phone", "Email", "VatId"],
        "Line": ["LineId", "Type", "No", "Description", "Quantity", "UnitCode", "Net", "Vat", "Gross"]}),
    50144: ("Booking", "KontorBooking", {
        "KontorBooking": ["State", "OrderNo", "CurrencyCode", "Net", "Vat", "Gross", "BlockedReason", "BookedLine"],
        "BookedLine": ["LineId", "Net", "Vat", "Gross"]}),
    50145: ("Customers", "KontorCustomers", {
        "KontorCustomers": ["Customer"],
        "Customer": ["No", "Name", "MatchedBy", "Blocked"]}),
}

# Operation: parameters of the call; those with True come back as well (VAR).
OPERATIONS = {
    "Info": [("info", 50140, True)],
    "ReadPrices": [("after", "string", False), ("maxRows", "int", False), ("prices", 50141, True)],
    "ReadStock": [("after", "string", False), ("maxRows", "int", False), ("stock", 50142, True)],
    "CreateOrder": [("ourKey", "string", False), ("order", 50143, False), ("booking", 50144, True)],
    "FindOrder": [("ourKey", "string", False), ("booking", 50144, True)],
    "FindCustomers": [("email", "string", False), ("vatId", "string", False), ("name", "string", False),
                      ("postCode", "string", False), ("country", "string", False), ("customers", 50145, True)],
}

# Page: (keys, fields). A field is a name (string) or (name, type); a type that is a list is an option with its values.
BLANK = "_blank_"
YES = "boolean"
NUMBER = "decimal"
WHOLE = "int"
DAY = "date"
PAGES = {
    "KontorItem": (["No"], [
        "No", "Description", "Description_2", ("Type", ["Inventory", "Service"]), ("Blocked", YES), "Base_Unit_of_Measure",
        "Sales_Unit_of_Measure", "Item_Category_Code", "GTIN", ("Net_Weight", NUMBER), ("Gross_Weight", NUMBER), "Tariff_No",
        "Country_Region_of_Origin_Code", "VAT_Prod_Posting_Group", "Item_Tracking_Code", "Vendor_No", "Vendor_Item_No",
        "Manufacturer_Code", ("Order_Multiple", NUMBER), ("Unit_Price", NUMBER), ("Price_Includes_VAT", YES),
        ("Last_Date_Modified", DAY)]),
    "KontorItemVariant": (["Item_No", "Code"], ["Item_No", "Code", "Description", "Description_2"]),
    "KontorItemReference": (
        ["Item_No", "Variant_Code", "Unit_of_Measure", "Cross_Reference_Type", "Cross_Reference_Type_No", "Cross_Reference_No"], [
            "Item_No", "Variant_Code", "Unit_of_Measure", ("Cross_Reference_Type", [BLANK, "Customer", "Vendor", "Bar_Code"]),
            "Cross_Reference_Type_No", "Cross_Reference_No", "Description"]),
    "KontorItemTranslation": (["Item_No", "Variant_Code", "Language_Code"], [
        "Item_No", "Variant_Code", "Language_Code", "Description", "Description_2"]),
    "KontorItemAttribute": (["Table_ID", "Item_No", "Attribute_ID"], [
        ("Table_ID", WHOLE), "Item_No", ("Attribute_ID", WHOLE), "Attribute_Name",
        ("Attribute_Type", ["Option", "Text", "Integer", "Decimal"]), "Value", "Unit_of_Measure"]),
    "KontorItemUnit": (["Item_No", "Code"], [
        "Item_No", "Code", ("Qty_per_Unit_of_Measure", NUMBER), ("Length", NUMBER), ("Width", NUMBER), ("Height", NUMBER),
        ("Weight", NUMBER)]),
    "KontorUnitOfMeasure": (["Code"], ["Code", "Description", "International_Standard_Code"]),
    "KontorItemCategory": (["Code"], ["Code", "Description", "Parent_Category", ("Presentation_Order", WHOLE)]),
    "KontorItemLedger": (["Entry_No"], [
        ("Entry_No", WHOLE), "Item_No", "Variant_Code", "Location_Code", ("Posting_Date", DAY),
        ("Entry_Type", ["Purchase", "Sale", "Positive_Adjmt", "Negative_Adjmt", "Transfer", "Consumption", "Output", BLANK,
                        "Assembly_Consumption", "Assembly_Output"]),
        ("Document_Type", [BLANK, "Sales_Shipment", "Sales_Invoice", "Sales_Return_Receipt", "Sales_Credit_Memo",
                           "Purchase_Receipt", "Purchase_Invoice", "Purchase_Return_Shipment", "Purchase_Credit_Memo",
                           "Transfer_Shipment", "Transfer_Receipt", "Service_Shipment", "Service_Invoice",
                           "Service_Credit_Memo", "Posted_Assembly"]),
        "Document_No", ("Document_Line_No", WHOLE), ("Quantity", NUMBER), "Serial_No", "Lot_No"]),
    "KontorTrackingCode": (["Code"], ["Code", ("SN_Specific_Tracking", YES), ("SN_Sales_Outbound_Tracking", YES)]),
    "KontorCustomer": (["No"], [
        "No", "Name", "Name_2", "Address", "Address_2", "City", "Post_Code", "Country_Region_Code", "VAT_Registration_No",
        "E_Mail", "Customer_Price_Group", "Customer_Disc_Group", ("Blocked", [BLANK, "Ship", "Invoice", "All"]), "Currency_Code",
        ("Last_Date_Modified", DAY)]),
    "KontorSalesOrder": (["No"], [
        "No", "Sell_to_Customer_No", "External_Document_No", "Kontor_Key", ("Order_Date", DAY),
        ("Status", ["Open", "Released", "Pending_Approval", "Pending_Prepayment"]), "On_Hold", "Currency_Code",
        ("Amount", NUMBER), ("Amount_Including_VAT", NUMBER)]),
    "KontorShipment": (["No"], [
        "No", "Order_No", "Kontor_Key", "External_Document_No", "Sell_to_Customer_No", ("Posting_Date", DAY),
        ("Shipment_Date", DAY), "Shipping_Agent_Code", "Shipping_Agent_Service_Code", "Package_Tracking_No",
        ("ShipmentLines", "Kontor_Shipment_Line_List")]),
}
SUBPAGES = {
    "KontorShipment": ("Kontor_Shipment_Line", [
        ("Line_No", WHOLE), ("Type", [BLANK, "G_L_Account", "Item", "Resource", "Fixed_Asset", "Charge_Item"]), "No",
        "Variant_Code", ("Quantity", NUMBER), "Unit_of_Measure_Code", "Order_No", ("Order_Line_No", WHOLE), "Kontor_Line",
        ("Item_Shpt_Entry_No", WHOLE)]),
}


def messages_to_service(service, kind, operations, namespace, address):
    out = []
    for op in operations:
        for name in (op, op + "_Result"):
            out += [f'  <message name="{name}">', f'    <part name="parameters" element="tns:{name}" />', "  </message>"]
    out.append(f'  <portType name="{service}_Port">')
    for op in operations:
        out += [f'    <operation name="{op}">', f'      <input name="{op}" message="tns:{op}" />',
                f'      <output name="{op}_Result" message="tns:{op}_Result" />', "    </operation>"]
    soap = 'xmlns="http://schemas.xmlsoap.org/wsdl/soap/"'
    out += ["  </portType>", f'  <binding name="{service}_Binding" type="tns:{service}_Port">',
            f'    <binding transport="http://schemas.xmlsoap.org/soap/http" {soap} />']
    for op in operations:
        out += [f'    <operation name="{op}">', f'      <operation soapAction="{namespace}:{op}" style="document" {soap} />',
                f'      <input name="{op}">', f'        <body use="literal" {soap} />', "      </input>",
                f'      <output name="{op}_Result">', f'        <body use="literal" {soap} />', "      </output>", "    </operation>"]
    return out + ["  </binding>", f'  <service name="{kind}">', f'    <port name="{service}_Port" binding="tns:{service}_Binding">',
                  f'      <address location="{address}" {soap} />', "    </port>", "  </service>", "</definitions>", ""]


def head(namespace):
    return ['<?xml version="1.0" encoding="utf-8"?>',
            f'<definitions xmlns:tns="{namespace}" targetNamespace="{namespace}" xmlns="http://schemas.xmlsoap.org/wsdl/">',
            "  <types>"]


def xmlport_schema(number):
    _, root, types = XMLPORTS[number]
    uri = f"urn:microsoft-dynamics-nav/xmlports/x{number}"
    out = [f'    <schema xmlns:tns="{uri}" elementFormDefault="qualified" targetNamespace="{uri}" '
           'xmlns="http://www.w3.org/2001/XMLSchema">']
    for name in reversed(types):
        out += [f'      <complexType name="{name}">', "        <sequence>"]
        for field in types[name]:
            most, kind = ("unbounded", f"tns:{field}") if field in types else ("1", "string")
            out.append(f'          <element minOccurs="0" maxOccurs="{most}" name="{field}" type="{kind}" />')
        out += ["        </sequence>", "      </complexType>"]
    return out + [f'      <element name="{root}" type="tns:{root}" />', "    </schema>"]


def codeunit():
    namespace = f"urn:microsoft-dynamics-schemas/codeunit/{CODEUNIT}"
    out = head(namespace)
    for number in XMLPORTS:
        out += xmlport_schema(number)
    out.append(f'    <schema elementFormDefault="qualified" targetNamespace="{namespace}" xmlns="http://www.w3.org/2001/XMLSchema">')
    q = 0
    for op, parameters in OPERATIONS.items():
        for name, wanted in ((op, parameters), (op + "_Result", [p for p in parameters if p[2]])):
            out += [f'      <element name="{name}">', "        <complexType>", "          <sequence>"]
            for parameter, kind, _ in wanted:
                if isinstance(kind, int):
                    q += 1
                    out.append(f'            <element xmlns:q{q}="urn:microsoft-dynamics-nav/xmlports/x{kind}" minOccurs="1" '
                               f'maxOccurs="1" name="{parameter}" type="q{q}:{XMLPORTS[kind][1]}" />')
                else:
                    out.append(f'            <element minOccurs="1" maxOccurs="1" name="{parameter}" type="{kind}" />')
            out += ["          </sequence>", "        </complexType>", "      </element>"]
    out += ["    </schema>", "  </types>"]
    return "\n".join(out + messages_to_service(CODEUNIT, CODEUNIT, OPERATIONS, namespace, f"{HOST}/Codeunit/{CODEUNIT}"))


def page_type(field):
    """Name and type of a field; an option's values beside."""
    if isinstance(field, str):
        return field, "xsd:string", None
    name, kind = field
    if isinstance(kind, list):
        return name, f"tns:{name}", kind
    return name, f"tns:{kind}" if kind.endswith("_List") else f"xsd:{kind}", None


def record(name, fields):
    out = [f'      <xsd:complexType name="{name}">', "        <xsd:sequence>",
           '          <xsd:element minOccurs="0" maxOccurs="1" name="Key" type="xsd:string" />']
    for field in fields:
        field_name, kind, _ = page_type(field)
        out.append(f'          <xsd:element minOccurs="0" maxOccurs="1" name="{field_name}" type="{kind}" />')
    return out + ["        </xsd:sequence>", "      </xsd:complexType>", f'      <xsd:complexType name="{name}_List">',
                  "        <xsd:sequence>",
                  f'          <xsd:element minOccurs="1" maxOccurs="unbounded" name="{name}" type="tns:{name}" />',
                  "        </xsd:sequence>", "      </xsd:complexType>"]


def operation(name, rows):
    out = [f'      <xsd:element name="{name}">', "        <xsd:complexType>", "          <xsd:sequence>"]
    for least, most, field, kind in rows:
        out.append(f'            <xsd:element minOccurs="{least}" maxOccurs="{most}" name="{field}" type="{kind}" />')
    return out + ["          </xsd:sequence>", "        </xsd:complexType>", "      </xsd:element>"]


READ_OPERATIONS = ["Read", "ReadByRecId", "ReadMultiple", "IsUpdated", "GetRecIdFromKey"]


def page(service):
    keys, fields = PAGES[service]
    line, line_fields = SUBPAGES.get(service, (None, []))
    namespace = f"urn:microsoft-dynamics-schemas/page/{service.lower()}"
    out = head(namespace)
    out.append(f'    <xsd:schema elementFormDefault="qualified" targetNamespace="{namespace}" '
               'xmlns:xsd="http://www.w3.org/2001/XMLSchema">')
    kind_of = {}
    for field in line_fields + fields:
        name, kind, values = page_type(field)
        kind_of[name] = kind
        if values:
            out += [f'      <xsd:simpleType name="{name}">', '        <xsd:restriction base="xsd:string">']
            out += [f'          <xsd:enumeration value="{v}" />' for v in values]
            out += ["        </xsd:restriction>", "      </xsd:simpleType>"]
    if line:
        out += record(line, line_fields)
    out += record(service, fields)
    out += [f'      <xsd:simpleType name="{service}_Fields">', '        <xsd:restriction base="xsd:string">']
    out += [f'          <xsd:enumeration value="{page_type(f)[0]}" />' for f in fields if not page_type(f)[1].endswith("_List")]
    out += ["        </xsd:restriction>", "      </xsd:simpleType>", f'      <xsd:complexType name="{service}_Filter">',
            "        <xsd:sequence>", f'          <xsd:element minOccurs="1" maxOccurs="1" name="Field" type="tns:{service}_Fields" />',
            '          <xsd:element minOccurs="1" maxOccurs="1" name="Criteria" type="xsd:string" />', "        </xsd:sequence>",
            "      </xsd:complexType>"]
    text, own = "xsd:string", ("0", "1", service, f"tns:{service}")
    out += operation("Read", [("1", "1", k, kind_of[k]) for k in keys]) + operation("Read_Result", [own])
    out += operation("ReadByRecId", [("1", "1", "recId", text)]) + operation("ReadByRecId_Result", [own])
    out += operation("ReadMultiple", [("1", "unbounded", "filter", f"tns:{service}_Filter"), ("0", "1", "bookmarkKey", text),
                                      ("1", "1", "setSize", "xsd:int")])
    out += operation("ReadMultiple_Result", [("0", "1", "ReadMultiple_Result", f"tns:{service}_List")])
    out += operation("IsUpdated", [("1", "1", "Key", text)])
    out += operation("IsUpdated_Result", [("1", "1", "IsUpdated_Result", "xsd:boolean")])
    out += operation("GetRecIdFromKey", [("1", "1", "Key", text)])
    out += operation("GetRecIdFromKey_Result", [("1", "1", "GetRecIdFromKey_Result", text)])
    out += ["    </xsd:schema>", "  </types>"]
    return "\n".join(out + messages_to_service(service, service + "_Service", READ_OPERATIONS, namespace, f"{HOST}/Page/{service}"))


def files():
    made = {"kontor_service.wsdl": codeunit()}
    for service in PAGES:
        made[f"page_{service}.wsdl"] = page(service)
    return made


def main():
    differs = []
    for name, text in files().items():
        path = HERE / name
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            differs.append(name)
    for name in differs:
        print(f"{name} is not what publish.py writes")
    return 1 if differs else 0


if __name__ == "__main__":
    sys.exit(main())
