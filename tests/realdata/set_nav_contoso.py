"""Contoso Coffee, a demo company of NAV's successor: furniture, coffee machines and their parts, beans."""
from navfiles import NavData, barcode, rows_of

FOLDER = "nav_contoso"
COMPANY, LANGUAGE, CURRENCY = "Contoso Coffee", "en", "GBP"
CHOICES = {
    "Country/Region Code": "GB", "VAT Prod. Post Grp. Standard": "VAT20", "DefaultUOMCode": "PCS",
    "AdjustedUnitPrice": "12.90", "ItemUnitOfMeasure": "PCS", "ItemCategory": "BEANS",
    "Job Location": "MAIN", "Manufacturing Location": "MAIN", "Service Location": "MAIN"}
MACHINE = {"Jobs": "S-210", "Service": "S-100"}     # what a module's stock line calls its item
KINDS = ("Option", "Text", "Integer", "Decimal")
REFERENCES = {"Bar Code": "Bar_Code", "Customer": "Customer", "Vendor": "Vendor"}
TYPES = {"": "Inventory", "Inventory": "Inventory", "Non-Inventory": "Non_Inventory",
         "Service": "Service"}


def beans(words):
    """ "<Item 2 No.>" of the warehouse module: the second of its three sorts of beans."""
    return f"WRB-{999 + int(words[len('<Item '):].split(' ')[0])}" if words.startswith("<Item ") else words


def convert(source, limit=None):
    data = NavData(COMPANY, CHOICES, LCY_Code=CURRENCY, VAT={"VAT20": "20"}, Countries=["GB", "DE", "US"])
    for u in rows_of(source, "units_of_measure"):
        data.add("units", Code=u["UnitOfMeasureCode"], Description=u["Description"],
                 International_Standard_Code=u["InternationalStandardCode"])
    for c in rows_of(source, "item_categories"):
        data.add("categories", Code=c["ItemCategoryCode"].upper(), Description=c["Description"],
                 Parent_Category=c["ParentCategory"].upper())
    for t in rows_of(source, "item_tracking_codes"):
        data.add("tracking_codes", Code=t["TrackingCode"],
                 SN_Specific_Tracking=t["SNSpecificTracking"] == "true",
                 SN_Sales_Outbound_Tracking=t["SNSalesOutboundTracking"] == "true")
    for row in rows_of(source, "items")[:limit]:
        _item(data, row)
    known = {row["No"] for row in data.rows("items")}
    _parts_of_items(data, source, known)
    _stock(data, source, known)
    for c in rows_of(source, "customers"):
        data.add("customers", No=c["CustomerNo"], Name=c["CustomerName"], Address=c["Address"],
                 Address_2=c["Address2"], Post_Code=c["PostCode"], Last_Date_Modified="1902-06-01",
                 Country_Region_Code=data.plain(c["CountryOrRegionCode"]),
                 VAT_Registration_No=c["VATRegistrationNo"], Currency_Code=c["CurrencyCode"])
    return data


def _item(data, row):
    number = row["ItemNo"]
    unit = data.plain(row["BaseUnitofMeasure"]) or data.plain(row["BaseUnitOfMeasure"])
    is_service = row["ItemType"] == "" and unit in ("HOUR", "DAY")
    gtin = barcode(f"{number} item") if row["GTIN"] else ""
    data.item(
        number, row["Description"], unit, data.plain(row["UnitPrice"]),
        Type="Service" if is_service else TYPES[row["ItemType"]], GTIN=gtin,
        Gross_Weight=row["GrossWeight"], Net_Weight=row["NetWeight"], Tariff_No=row["TariffNo"],
        VAT_Prod_Posting_Group="VAT20", Vendor_No=data.plain(row["VendorNo"]),
        Vendor_Item_No=row["VendorItemNo"], Item_Tracking_Code=row["ItemTrackingCode"],
        Item_Category_Code=data.plain(row["ItemCategoryCode"]).upper())


def _parts_of_items(data, source, known):
    for v in rows_of(source, "item_variants"):
        if v["ItemNo"] in known:
            data.add("variants", Item_No=v["ItemNo"], Code=v["VariantCode"], Description=v["Description"])
    for r in rows_of(source, "item_references"):
        number = beans(r["ItemNo"])
        if number in known:
            code = barcode(f"{number} {r['UnitOfMeasureCode']}") if r["ReferenceType"] == "Bar Code" \
                else r["ReferenceNo"]
            data.add("references", Item_No=number, Variant_Code=r["VariantCode"],
                     Unit_of_Measure=r["UnitOfMeasureCode"], Cross_Reference_No=code,
                     Cross_Reference_Type=REFERENCES[r["ReferenceType"]], Description=r["Description"],
                     Cross_Reference_Type_No=r["ReferenceTypeNo"])
    for u in rows_of(source, "item_units"):
        number = beans(u["ItemNo"])
        if number in known:
            data.add("item_units", Item_No=number, Code=u["Code"], Length=data.plain(u["Length"]),
                     Width=data.plain(u["Width"]), Height=data.plain(u["Height"]),
                     Qty_per_Unit_of_Measure=u["QtyPerUnitofMeasure"] or u["QtyPerUnitOfMeasure"])
    kind = "AttributeType(0=option 1=text 2=integer 3=decimal)"
    for a in rows_of(source, "item_attribute_values"):
        is_item = a["Table"] == "Item"
        if a["No"] in known or not is_item:
            data.attribute("27" if is_item else "5722", a["No"], a["AttributeName"], KINDS[int(a[kind])],
                           a["Value"], a["Unit"])


def _stock(data, source, known):
    for line in rows_of(source, "stock_journal_lines"):
        number = line["ItemNo"]
        if number.startswith("<"):
            number = MACHINE[line["_module"]]
        if number in known:
            data.entry(number, line["Quantity"], data.plain(line["LocationCode"]), line["PostingDate"])
    orders = {h["doc"]: h for h in rows_of(source, "sales_headers") if h["DocumentType"] == "Order"}
    for n, line in enumerate(rows_of(source, "sales_lines"), 1):
        head = orders.get(line["doc"])
        if head and line["ItemNo"] in known:
            data.add("sales_lines", Document_No=f"SO{line['doc']}", Line_No=str(10000 * n), Type="Item",
                     No=line["ItemNo"], Quantity=line["Quantity"], Qty_per_Unit_of_Measure="1",
                     Outstanding_Qty_Base=line["Quantity"])
