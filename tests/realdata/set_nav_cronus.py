"""CRONUS, the demo company that came with NAV: items without texts of their own, customers of twenty countries."""
import os
import re

from navfiles import NavData, rows_of
from sapfiles import made_up

FOLDER = "nav_cronus"
COMPANY, LANGUAGE, CURRENCY = "CRONUS International Ltd.", "en", "GBP"
CHOICES = {"Country/Region Code": "GB", '"X91-95SouthwarkBridgeRd"': "91-95 Southwark Bridge Rd"}
PIECES = {"BOX": "1", "PACK": "5", "PALLET": "32", "CAN": "1"}      # the source names units, not their sizes


def convert(source, limit=None):
    data = NavData(COMPANY, CHOICES, LCY_Code=CURRENCY, VAT={"VAT20": "20"})
    for code, iso in (("PCS", "EA"), ("CAN", "CA"), ("BOX", "BX"), ("PACK", "PK"), ("PALLET", "PF")):
        data.add("units", Code=code, Description=code.capitalize(), International_Standard_Code=iso)
    names = _names(source)
    for row in rows_of(source, "items")[:limit]:
        units = [row[name] for name in ("Arg11", "Arg12", "Arg13") if row[name]]
        number = row["No"]
        data.item(number, names.get(number, f"CRONUS item {number}"), (units or ["PCS"])[0], row["UnitPrice"],
                  Gross_Weight=row["GrossWeight"], Net_Weight=row["NetWeight"], Tariff_No=row["TariffNo"],
                  Vendor_No=row["VendorNo"], Vendor_Item_No=row["VendorItemNo"],
                  VAT_Prod_Posting_Group="VAT20")
        for unit in units[1:]:
            data.add("item_units", Item_No=number, Code=unit, Qty_per_Unit_of_Measure=PIECES[unit])
        for location in ("BLUE", "RED", "YELLOW")[:1 + made_up(number, 0, 2)]:
            data.entry(number, str(made_up(f"{number} {location}", 1, 400)), location, "1903-01-26")
    for c in rows_of(source, "customers"):
        country = data.plain(c["CountryRegionCode"])
        code = re.sub(r"^[A-Z]{2}-(?=.)", "", c["CountryPrefixedPostCode"])
        data.add("customers", No=c["No"], Name=c["Name"], Address=data.plain(c["Address"]), Post_Code=code,
                 Country_Region_Code=country, VAT_Registration_No=c["VATRegistrationNo"],
                 Currency_Code=c["CurrencyCode"], Last_Date_Modified="1903-01-26")
    return data


def _names(source):
    """Contoso sells some of the same furniture, with its names."""
    other = os.path.join(os.path.dirname(source), "nav_contoso")
    return {row["ItemNo"]: row["Description"] for row in rows_of(other, "items")} if os.path.isdir(other) else {}
