"""Deliberate faults for sets that are too clean, each on an article of its own, always the same
ones; what Kontor has to say about each goes into the list of the refused."""
import copy

UNREADABLE = "123456789012345678901.00"      # fits SAP's field, but no number of 64 bits


def plant(data):
    """Puts one of each into the data, as far as the set has a place for it."""
    families = _families(data)
    taken = {r["sku"] for r in data.refused}
    singles = [a for a in data.articles.values()
               if not a.get("PARENT") and not a.get("AXIS") and a["MATNR"] not in taken]
    if data.axes:
        alone = _by_name(data)
        singles = [a for a in singles if len(alone[_bare(data, a)]) == 1]
    place = len(singles) // 3
    _wrong_check_digit(data, singles[place])
    _empty_name(data, singles[place + 1])
    _unreadable_price(data, singles[place + 2])
    if families:
        _same_values(data, next(a for a in families[0] if a["MATNR"] not in taken))
        _no_value(data, families[1][-1])


def _wrong_check_digit(data, row):
    if not row["GTIN"]:
        data.gtin(row, "2000000000015")
    main = row["GTIN"][0]
    main["GTIN"] = main["GTIN"][:-1] + str((int(main["GTIN"][-1]) + 1) % 10)
    data.refuse(row["MATNR"], "article", "GTIN_CHECK_DIGIT", "wrong check digit")


def _empty_name(data, row):
    for text in row["TEXT"]:
        text["NAME"] = ""
    data.refuse(row["MATNR"], "article", "RECORD_REFUSED_BY_RULE", "no name in any language")


def _unreadable_price(data, row):
    for price in data.prices:
        if price["MATNR"] == row["MATNR"]:
            price["AMOUNT"] = UNREADABLE
            data.refuse(row["MATNR"], "price", "FIELD_INVALID", f"price {price['PRICE_ID']} unreadable")


def _families(data):
    """Variants that belong together, by number; families of most variants first."""
    if not data.axes:
        return [sorted(data.variants_of(number), key=lambda a: a["MATNR"])
                for number in data.generics() if len(data.variants_of(number)) > 2]
    families = [sorted(f, key=lambda a: a["MATNR"]) for f in _by_name(data).values() if len(f) > 2]
    return sorted(families, key=lambda f: (-len(f), f[0]["MATNR"]))


def _by_name(data):
    """Flat articles with the same name but for the colour at its end."""
    families = {}
    for row in data.articles.values():
        families.setdefault(_bare(data, row), []).append(row)
    return families


def _bare(data, row):
    name, colour = row["TEXT"][0]["NAME"].casefold(), data.value_of(row, data.axes[0]).casefold()
    if colour and name.endswith(" " + colour):
        name = name[:-len(colour)].strip()
    return row.get("BRAND", "").casefold(), name


def _same_values(data, row):
    """A second article for a combination that is there; the one with the least number stays."""
    twin = copy.deepcopy(row)
    twin["MATNR"] += "-TWIN"
    twin["GTIN"] = []
    data.articles[twin["MATNR"]] = twin
    data.price(twin, "19.90")
    data.quantity(twin, 5)
    data.refuse(twin["MATNR"], "article", "AXIS_VALUES_TAKEN",
                f"the same values as {row['MATNR']}")


def _no_value(data, row):
    """Without its value a variant cannot be chosen; a flat article then is a page of its own."""
    axis = data.axes[0] if data.axes else data.articles[row["PARENT"]]["AXIS"][0]["CODE"]
    row["CHARACTERISTIC"] = [c for c in row["CHARACTERISTIC"] if c["CODE"] != axis]
    if not data.axes:
        data.refuse(row["MATNR"], "article", "AXIS_VALUE_MISSING", f"no value of {axis}")
