"""SAP's own demo company: 94 articles, texts in five languages, two levels of categories."""
import json
import os
import re

FOLDER = "sap_epm"
CURRENCY, LANGUAGE, FALLBACK = "USD", "de", "en"
GROUP = {"by": "parent"}


def convert(source, data, images, limit=None):
    rows = {name: _rows(source, name) for name in (
        "Product", "ProductText", "ProductStock", "ProductCategory", "Supplier", "WeightUnit",
        "DimensionUnit")}
    iso = {u["UnitOfMeasure"]: u["UnitOfMeasureISOCode"]
           for u in rows["WeightUnit"] + rows["DimensionUnit"]}
    suppliers = {s["Supplier"]: s["CompanyName"] for s in rows["Supplier"]}
    for row in rows["ProductCategory"]:
        main = data.category(_id(row["MainProductCategory"]), row["MainProductCategory"],
                             language="EN")
        data.category(_id(row["MainProductCategory"], row["ProductCategory"]),
                      row["ProductCategory"], main, language="EN")
    by_number = {}
    for p in rows["Product"][:limit]:
        by_number[p["Product"]] = row = data.article(
            data.number(p["Product"]), "EA", SUPPLIER=suppliers.get(p["Supplier"], ""),
            NET_WEIGHT=p["Weight"], WEIGHT_UNIT=iso[p["WeightUnit"]], LENGTH=p["Depth"],
            WIDTH=p["Width"], HEIGHT=p["Height"], DIM_UNIT=iso[p["DimensionUnit"]])
        data.into(row, _id(p["MainProductCategory"], p["ProductCategory"]))
        data.price(row, p["Price"], GROSS="")
        if images:
            images.add(data, row, p["ProductPictureURL"], p["Name"])
    for t in rows["ProductText"]:
        if t["Product"] in by_number:
            data.text(by_number[t["Product"]], t["Language"], t["Name"], long=t["Description"])
    for s in rows["ProductStock"]:
        if s["Product"] in by_number:
            data.quantity(by_number[s["Product"]], s["Quantity"])


def _rows(source, name):
    with open(os.path.join(source, name + ".json"), encoding="utf-8") as file:
        rows = json.load(file)
    return rows if isinstance(rows, list) else rows["d"]


def _id(*names):
    return "/".join(re.sub(r"[^A-Z0-9]+", "-", n.upper()).strip("-") for n in names)[:40]
