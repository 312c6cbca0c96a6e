#!/usr/bin/python3
"""Generates a catalogue of invented electronics as the SAP data directory that README.md describes.

The same options give the same bytes. GTINs come from the GS1 range for internal use.
"""
import argparse
import decimal
import json
import os
import random

D = decimal.Decimal
CHANGED = "20261101080000.0000000"
AS_OF = "20261102060000.0000000"
FOREVER = ("2020-01-01", "9999-12-31")
BRANDS = ["Lumen & Söhne", "Voltara", "Ohmwerk", "Kabelküste", "Pixelhain", "O'Watt", "Øresmål"]
SERIES = ["Möwe", "Dachs", "Iltis", "Krähe", "Uhu", "Äsche", "Lurch", "Zeisig", "Fuchs", "Grille"]
# per kind: de, en, unit, tax class, material group, cents from/to, PER, grams from/to
TYPES = [
    ("Schreibtischleuchte", "Desk lamp", "PCE", "1", "LAMP", 1990, 18990, 1, 400, 3200),
    ("Steckernetzteil", "Power adapter", "PCE", "1", "POWER", 790, 5990, 1, 60, 480),
    ("USB-C-Kabel", "USB-C cable", "PCE", "1", "CABLE", 390, 2990, 1, 20, 180),
    ("Lötstation", "Soldering station", "PCE", "1", "TOOL", 4990, 38900, 1, 900, 4100),
    ("Prüfgerät", "Tester", "PCE", "1", "TOOL", 2490, 99900, 1, 150, 1400),
    ("Litze, Meterware", "Stranded wire, by metre", "MTR", "1", "CABLE", 1250, 8900, 100, 5, 60),
    ("Aderendhülse", "Wire end ferrule", "PCE", "1", "SMALL", 90, 1450, 100, 0, 2),
    ("Lautsprecher", "Loudspeaker", "PCE", "1", "AUDIO", 2990, 45900, 1, 300, 8600),
    ("Werkstattbuch", "Workshop book", "PCE", "2", "BOOK", 990, 4990, 1, 250, 1300),
    ("Schmelzsicherung", "Fuse", "PCE", "1", "SMALL", 425, 2995, 100, 1, 9),
    ("Steckdosenleiste", "Power strip", "PCE", "1", "POWER", 890, 6990, 1, 250, 1500),
    ("Funkschalter", "Radio switch", "PCE", "1", "HOME", 1490, 8990, 1, 40, 220),
]
COLOURS = [("rot", "red"), ("weiß", "white"), ("grün", "green"), ("türkis", "turquoise")]
# --variants: id, parent, de, en; the material groups of TYPES are the leaves
CATEGORIES = [
    ("HOUSE", "", "Haus & Wohnen", "Home & living"), ("LAMP", "HOUSE", "Leuchten", "Lamps"),
    ("HOME", "HOUSE", "Hausautomation", "Home automation"), ("ENTERTAIN", "HOUSE", "Unterhaltung", "Entertainment"),
    ("AUDIO", "ENTERTAIN", "Ton", "Audio"), ("BOOK", "ENTERTAIN", "Bücher", "Books"),
    ("WORKSHOP", "", "Werkstatt", "Workshop"), ("POWER", "WORKSHOP", "Strom", "Power"),
    ("CABLE", "WORKSHOP", "Kabel & Litzen", "Cables & wires"), ("TOOL", "WORKSHOP", "Werkzeug", "Tools"),
    ("SMALL", "WORKSHOP", "Kleinteile", "Small parts")]
SIZES = ["20", "40", "60", "100"]           # cm
MEDIA_BASE = "https://media.example/"
ODD_NUMBERS = {3: "K/100003.B", 7: "4711007", 11: "K-ÄÖ-11"}      # what old systems really contain


def check_digit(twelve):
    """GS1: weights 1 and 3 from the left."""
    return str(-sum(int(c) * (3 if i % 2 else 1) for i, c in enumerate(twelve)) % 10)


def gtin13(seed, index):
    body = f"{200 + seed % 100}{index:09d}"
    return body + check_digit(body)


def article_number(index):
    return ODD_NUMBERS.get(index, f"K-{100000 + index}")


class Catalogue:
    def __init__(self, articles=60, seed=1, variants=False):
        if not 3 <= articles <= 100_000:
            raise ValueError("a catalogue has 3 to 100000 articles")
        self.seed, self.random = seed, random.Random(f"catalogue {seed}")
        self.articles, self.prices, self.stock = [], [], []
        for index in range(articles):
            kind = TYPES[index % len(TYPES)]
            number = article_number(index)
            if index == articles - 2:
                self.articles.append({"MATNR": number, "DELETED": "X", "CHANGED_AT": CHANGED})
                continue
            self._article(index, number, kind, blocked=index == articles - 1)
            self._prices(index, number, kind)
            self._stock(number, kind)
        self.categories = []
        if variants:
            self._enrich(random.Random(f"variants {seed}"), max(4, articles // 50))

    # ---- --variants: on top of the articles above, which stay as they are ----

    def _enrich(self, rnd, count):
        self.categories = [
            {"ID": name, "PARENT": parent, "POSITION": str(n),
             "TEXT": [{"LANGU": "DE", "NAME": de}, {"LANGU": "EN", "NAME": en}]}
            for n, (name, parent, de, en) in enumerate(CATEGORIES, 1)]
        living = [a for a in self.articles if not a.get("DELETED")]
        for index, article in enumerate(living):
            article["CATEGORY"] = [{"CATEGORY": article["MATKL"]}]
            article["MEDIA"] = [self._image(article["MATNR"], n) for n in range(1, 2 + index % 3)]
            article["MODEL"] = article["TEXT"][-1]["NAME"].rsplit(" ", 2)[-2]
            article["SUPPLIER"] = f"Großhandel {1 + index % 4}"
            article["WEEE_CATEGORY"] = str(1 + index % 6)
            measures = [str(rnd.randint(5, 90)) for _ in range(3)]
            article.update(zip(("LENGTH", "WIDTH", "HEIGHT"), measures), DIM_UNIT="CMT")
            if index % 6 == 2:
                article.update(SALES_UNIT="CT", QTY_STEP="1",
                               UNIT_OF=[{"UNIT": "CT", "NUMERATOR": "10", "DENOMINATOR": "1"}])
            if index % 10 == 7:
                article.update(LIFECYCLE="O", SUCCESSOR=living[index - 1]["MATNR"])
        for n in range(count):
            self._generic(rnd, n)

    @staticmethod
    def _image(number, position):
        name = "".join(c if c.isascii() and c.isalnum() else "-" for c in number).lower()
        return {"POSITION": str(position), "URL": f"{MEDIA_BASE}{name}-{position}.jpg", "ROLE": "image",
                "ALT": f"{number}, {position}"}

    def _generic(self, rnd, n):
        """A generic article and its variants in colour and length; now and then a combination is not made."""
        kind = TYPES[(0, 2, 10, 7)[n % 4]]      # sold by the piece
        de, en, unit, tax, group = kind[:5]
        series, number = SERIES[n % len(SERIES)], f"G-{2000 + n}"
        common = {"MEINS": unit, "MATKL": group, "BRAND": BRANDS[n % len(BRANDS)], "TAX_CLASS": tax, "ORIGIN": "DE",
                  "TARIFF_NO": "85444290", "CHANGED_AT": CHANGED}
        self.articles.append(dict(
            common, MATNR=number, GENERIC="X", MODEL=f"{series} {n}", CATEGORY=[{"CATEGORY": group}],
            AXIS=[{"POSITION": "1", "CODE": "COLOUR"}, {"POSITION": "2", "CODE": "LENGTH"}],
            TEXT=[{"LANGU": "DE", "NAME": f"{de} {series}", "SHORT_TEXT": f"{de} in vielen Farben"},
                  {"LANGU": "EN", "NAME": f"{en} {series}", "SHORT_TEXT": f"{en} in many colours"}],
            MEDIA=[self._image(number, 1), self._image(number, 2)]))
        made = 0
        for c in range(2 + n % 3):
            for size in SIZES[:2 + n % 2]:
                if (c, size) == (1, SIZES[1]) and n % 3 == 2:
                    continue
                self._variant(rnd, n, made, number, kind, common, COLOURS[c], size)
                made += 1

    def _variant(self, rnd, n, made, parent, kind, common, colour, size):
        number = f"{parent}-{made + 1:02d}"
        index = 600_000 + n * 20 + made
        row = dict(
            common, MATNR=number, PARENT=parent, NET_WEIGHT="0.5", GROSS_WEIGHT=plain(D(rnd.randint(500, 1500)) / 1000),
            WEIGHT_UNIT="KGM", LENGTH=size, WIDTH="10", HEIGHT="5", DIM_UNIT="CMT",
            TEXT=[{"LANGU": "DE", "NAME": f"{kind[0]} {colour[0]} {size} cm"}],
            GTIN=[{"UNIT": kind[2], "GTIN": gtin13(self.seed, index), "MAIN": "X"}],
            MEDIA=[self._image(number, 1)],
            CHARACTERISTIC=[{"CODE": "COLOUR", "VALUE": colour[0], "LANGU": "DE"},
                            {"CODE": "COLOUR", "VALUE": colour[1], "LANGU": "EN"},
                            {"CODE": "LENGTH", "VALUE": size, "UNIT": "CMT"}])
        if made == 1:       # one of each stage of life in the first four families
            row.update(({"VALID_TO": "2025-12-31"}, {"VALID_FROM": "2090-01-01"}, {"LIFECYCLE": "P"},
                        {"LIFECYCLE": "D"})[n % 4])
        elif made == 0:
            row.update(VALID_FROM="2026-01-01", VALID_TO="2089-12-31", LIFECYCLE="A")
        self.articles.append(row)
        amount = D(rnd.randint(kind[5], kind[6])) / 100
        self._price_row(index, number, kind, "01", amount)
        if made == 2:
            self._price_row(index, number, kind, "50", amount * D("0.8"), KIND="sale", VALID_FROM="2026-01-01",
                            VALID_TO="2089-12-31")
            self._price_row(index, number, kind, "51", amount, KIND="reference")
            self._price_row(index, number, kind, "52", amount * D("0.7"), CUSTOMER_GROUP="02")
        self._stock(number, kind)
        if made == 0:
            self.stock[-1].update(OTHER_DEMAND="1", EXPECTED=[{"DAY": "2089-12-01", "QUANTITY": "25"}])

    def _price_row(self, index, number, kind, step, amount, **more):
        self.prices.append(dict({
            "PRICE_ID": f"{4711000 + index:010d}-{step}", "MATNR": number, "PRICE_LIST": "00", "CURRENCY": "EUR",
            "AMOUNT": format(amount.quantize(D("0.01"), decimal.ROUND_HALF_UP), "f"), "PER": "1", "UNIT": kind[2],
            "MIN_QTY": "0", "GROSS": "X", "TAX_CLASS": kind[3], "VALID_FROM": FOREVER[0], "VALID_TO": FOREVER[1],
            "CHANGED_AT": CHANGED}, **more))

    def _article(self, index, number, kind, blocked):
        de, en, unit, tax, group, _, _, _, light, heavy = kind
        rnd = self.random
        brand, series = rnd.choice(BRANDS), rnd.choice(SERIES)
        model = f"{series} {100 + index % 900}"
        colour = rnd.choice(COLOURS)
        grams = rnd.randint(light, heavy)
        gram_unit = index % 4 == 1 and grams > 0
        weight = D(grams) if gram_unit else D(grams) / 1000
        rows = []
        if index % 13 != 5:                      # every 13th has an English text only
            rows.append(self._text("DE", f"{de} {model}", brand, colour[0],
                                   f"{de} „{model}“ von {brand} – für Büro & Werkstatt 💡",
                                   "Leistungsaufnahme im Ruhezustand < 0,5 W.", "Maße: 10\" × 4\""))
        rows.append(self._text("EN", f"{en} {model}", brand, colour[1],
                               f"{en} \"{model}\" by {brand} – for office & workshop 💡",
                               "Standby consumption < 0.5 W.", "Size: 10\" × 4\""))
        gtins = [{"UNIT": unit, "GTIN": gtin13(self.seed, index), "MAIN": "X"}]
        if index % 9 == 4:
            gtins.append({"UNIT": "CT", "GTIN": gtin13(self.seed, 500_000 + index), "MAIN": ""})
        self.articles.append({
            "MATNR": number, "PARENT": "", "SALES_STATUS": "Z1" if blocked else "",
            "SALES_BLOCKED": "X" if blocked else "", "MEINS": unit, "MATKL": group, "BRAND": brand,
            "MFRPN": f"{series[:2].upper()}-{index}", "TAX_CLASS": tax,
            "NET_WEIGHT": plain(weight * 9 / 10), "GROSS_WEIGHT": plain(weight),
            "WEIGHT_UNIT": "GRM" if gram_unit else "KGM", "SERIAL_PROFILE": "",
            "ORIGIN": rnd.choice(["DE", "AT", "NL"]), "TARIFF_NO": "85444290",
            "CHANGED_AT": CHANGED, "TEXT": rows, "GTIN": gtins,
            "CHARACTERISTIC": [{"CODE": "COLOUR", "VALUE": colour[0], "UNIT": "", "LANGU": "DE"},
                               {"CODE": "COLOUR", "VALUE": colour[1], "UNIT": "", "LANGU": "EN"}]})

    @staticmethod
    def _text(language, name, brand, colour, short, *lines):
        assert len(name) <= 40, name
        return {"LANGU": language, "NAME": name, "SHORT_TEXT": short,
                "LONG_TEXT": "\n".join([f"{short}, {colour}.", *lines, f"© {brand} 🔌"])}

    def _prices(self, index, number, kind):
        _, _, unit, tax, _, low, high, per, _, _ = kind
        amount = D(self.random.randint(low, high)) / 100

        def add(step, amount, min_qty="0", price_list="00", currency="EUR", gross="X",
                valid=FOREVER, per=per):
            self.prices.append({
                "PRICE_ID": f"{4711000 + index:010d}-{step}", "MATNR": number,
                "PRICE_LIST": price_list, "CURRENCY": currency,
                "AMOUNT": format(amount.quantize(D("0.01"), decimal.ROUND_HALF_UP), "f"),
                "PER": str(per), "UNIT": unit, "MIN_QTY": min_qty, "GROSS": gross,
                "TAX_CLASS": tax, "VALID_FROM": valid[0], "VALID_TO": valid[1],
                "CHANGED_AT": CHANGED})
        add("01", amount, min_qty="1" if index % 2 else "0")
        if index % 5 == 0:
            add("02", amount * D("0.95"), min_qty="10")
            add("03", amount * D("0.90"), min_qty="50.000")
        if index % 6 == 1:
            add("10", amount * D("0.80"), valid=("2015-01-01", "2019-12-31"))
        if index % 6 == 2:
            add("11", amount * D("1.10"), valid=("2090-01-01", "9999-12-31"))
        if index % 7 == 3:
            add("20", amount * D("0.70"), price_list="01", gross="")
        if index % 8 == 6:
            add("30", amount * D("1.05"), currency="CHF")

    def _stock(self, number, kind):
        rnd = self.random
        for plant in ("1000", "2000"):
            if plant == "2000" and rnd.random() < 0.2:
                continue
            on_hand = D(rnd.choice([0, 0, 1, 3]) if rnd.random() < 0.2 else rnd.randint(2, 900))
            if kind[2] == "MTR":
                on_hand += D(rnd.randint(0, 999)) / 1000
            reserved = D(rnd.randint(0, 5) if rnd.random() < 0.3 else 0)
            self.stock.append({
                "MATNR": number, "PLANT": plant, "UNIT": kind[2], "ON_HAND": plain(on_hand),
                "AVAILABLE": plain(on_hand - reserved), "QUALITY": "0", "BLOCKED": "0",
                "AS_OF": AS_OF, "LAST_DOC": f"{5_000_000_000 + len(self.stock)}/2026"})

    def customers(self):
        return [
            {"KUNNR": "900000", "NAME": "Einmalkunde Webshop", "COUNTRY": "DE", "ONE_TIME": "X"},
            {"KUNNR": "100001", "NAME": "Lichtwerkstatt Funkelbach GmbH",
             "EMAIL": "einkauf@funkelbach.example", "VAT_ID": "DE999999999",
             "POSTL_CODE": "17999", "COUNTRY": "DE"},
            {"KUNNR": "100002", "NAME": "Elektro Sankt Glimmer OG",
             "EMAIL": "buero@glimmer.example", "VAT_ID": "ATU99999999", "POSTL_CODE": "8999",
             "COUNTRY": "AT"},
            {"KUNNR": "100003", "NAME": "Lampendam Techniek B.V.",
             "EMAIL": "inkoop@lampendam.example", "VAT_ID": "NL999999999B99",
             "POSTL_CODE": "9999 ZX", "COUNTRY": "NL", "BLOCKED": "X"}]

    def settings(self):
        return {"SYSID": "KTS", "CLIENT": "100", "RELEASE": "7.54", "CURRENCIES": ["EUR", "CHF"],
                "COUNTRIES": ["DE", "AT", "NL", "FR", "CH"], "PRICE_LIST": "00",
                "SHIPPING": "4.90", "TAX": tax_table()}

    def write(self, directory):
        os.makedirs(directory, exist_ok=True)
        files = [("articles", self.articles), ("prices", self.prices), ("stock", self.stock),
                 ("customers", self.customers())]
        if self.categories:
            files.append(("categories", self.categories))
        for name, rows in files:
            body = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
            _write(os.path.join(directory, name + ".json"), f"[{body}]\n")
        _write(os.path.join(directory, "settings.json"),
               json.dumps(self.settings(), ensure_ascii=False, indent=1) + "\n")


def tax_table():
    """Percent by country and tax class of the article."""
    return {"DE": {"0": "0", "1": "19", "2": "7"}, "AT": {"0": "0", "1": "20", "2": "10"},
            "NL": {"0": "0", "1": "21", "2": "9"}, "FR": {"0": "0", "1": "20", "2": "5.5"}}


def plain(value):
    """At most three decimals, no exponent, no trailing zeros."""
    text = format(D(value).quantize(D("0.001"), decimal.ROUND_HALF_UP), "f")
    return text.rstrip("0").rstrip(".") or "0"


def _write(path, text):
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".new", path)


def main(argv=None):
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("directory", help="data directory to write")
    p.add_argument("--articles", "--count", type=int, default=60, help="3 to 100000, default 60")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--variants", action="store_true",
                   help="adds generic articles with variants, categories, images, units and days of sale")
    options = p.parse_args(argv)
    catalogue = Catalogue(options.articles, options.seed, options.variants)
    catalogue.write(options.directory)
    print(f"catalogue: articles={len(catalogue.articles)} prices={len(catalogue.prices)} "
          f"stock={len(catalogue.stock)} in {options.directory}")


if __name__ == "__main__":
    main()
