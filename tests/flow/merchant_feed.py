"""Checks a merchant feed as a portal would: its form, and each attribute by Google's published
product contract (names and enumerations are read from its .proto files) and by limits of its own.

It knows nothing of the program that wrote the feed."""
import os
import re
import xml.etree.ElementTree as ElementTree

G = "{http://base.google.com/ns/1.0}"
CLASSES = ["G", "F", "E", "D", "C", "B", "A", "A+", "A++", "A+++"]     # worst first

REQUIRED = {"id", "title", "description", "link", "image_link", "availability", "price"}
LONGEST = {"id": 50, "title": 150, "description": 5000, "link": 2000, "image_link": 2000,
           "additional_image_link": 2000, "brand": 70, "mpn": 70, "item_group_id": 50, "color": 100,
           "size": 100, "material": 200, "product_type": 750, "google_product_category": 750}
MANY = {"additional_image_link": 10, "certification": 10}             # all others stand once
PRICE = re.compile(r"\d+\.\d{2} [A-Z]{3}")
INSTANT = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(Z|[+-]\d{4})"
WEIGHT = re.compile(r"\d+(\.\d+)? (kg|g|lb|oz)")

# The flat names of repeated fields and of the offer's own number.
FLAT = {"additional_image_links": "additional_image_link", "gtins": "gtin",
        "product_types": "product_type", "certifications": "certification",
        "product_details": "product_detail", "product_highlights": "product_highlight",
        "size_types": "size_type", "ads_labels": "ads_label", "promotion_ids": "promotion_id",
        "lifestyle_image_links": "lifestyle_image_link", "video_links": "video_link"}


class Contract:
    """Names of attributes and values of enumerations, as products_common.proto has them."""

    def __init__(self, folder):
        with open(os.path.join(folder, "products_common.proto"), encoding="utf-8") as file:
            text = re.sub(r"//[^\n]*", "", file.read())
        self.enums = {name: set(re.findall(r"^\s*([A-Z][A-Z0-9_]*)\s*=\s*\d+", body, re.M))
                      for name, body in re.findall(r"^enum (\w+) \{(.*?)^\}", text, re.M | re.S)}
        fields = self.fields_of(text, "ProductAttributes")
        self.names = {"id"} | {FLAT.get(name, name) for name in fields}
        self.parts = {"certification": self.fields_of(text, "ProductCertification")}
        assert {"title", "gtin", "energy_efficiency_class"} <= self.names, "not the contract known"

    @staticmethod
    def fields_of(text, message):
        """Fields of a message itself, not of those inside it."""
        depth, names = 0, set()
        body = text[text.index(f"message {message} {{"):]
        for line in body.splitlines():
            found = re.match(r"\s*(?:optional |repeated )?[\w.]+\s+(\w+)\s*=\s*\d+", line)
            pending = re.match(r"\s*(\w+)\s*=\s*\d+;", line)        # its type is on the line above
            if depth == 1 and (found or pending):
                names.add((found or pending)[1])
            depth += line.count("{") - line.count("}")
            if depth == 0 and names:
                break
        return names

    def value_of(self, enum, text):
        """Is this how the feed spells one of the enumeration's values?"""
        spelt = {"A+++": "APPP", "A++": "APP", "A+": "AP"}.get(text, text.upper())
        return spelt in self.enums[enum] and not spelt.endswith("UNSPECIFIED")


ENUMS = {"availability": "Availability", "condition": "Condition",
         "energy_efficiency_class": "EnergyEfficiencyClass",
         "min_energy_efficiency_class": "EnergyEfficiencyClass",
         "max_energy_efficiency_class": "EnergyEfficiencyClass",
         "certification_authority": "CertificationAuthority",
         "certification_name": "CertificationName"}


def is_gtin(text):
    if not re.fullmatch(r"\d{8}|\d{12,14}", text):
        return False
    digits = [int(d) for d in reversed(text)]
    return sum(d * (3 if i % 2 else 1) for i, d in enumerate(digits)) % 10 == 0


class Feed:
    """A feed that was read: items by id, each a dict of lists; `found`: what is wrong with it."""

    def __init__(self, path, contract=None):
        self.contract, self.found, self.items = contract, [], {}
        root = ElementTree.parse(path).getroot()
        if root.tag != "rss" or root.get("version") != "2.0" or len(root) != 1:
            self.found.append("it is no RSS 2.0")
        channel = root[0]
        if [e.tag for e in channel][:3] != ["title", "link", "description"]:
            self.found.append("its head is not complete")
        for item in list(channel)[3:]:
            self.read(item)

    def read(self, item):
        values = {}
        for element in item:
            if item.tag != "item" or not element.tag.startswith(G):
                self.found.append(f"{item.tag}: {element.tag} has no place here")
                continue
            name = element.tag[len(G):]
            part = {e.tag[len(G):]: e.text for e in element}
            values.setdefault(name, []).append(part or element.text or "")
        name = values.get("id", ["?"])[0]
        if name in self.items:
            self.found.append(f"{name} stands there twice")
        self.items[name] = values
        self.found += [f"{name}: {why}" for why in self.wrong(values)]

    def wrong(self, values):
        missing = REQUIRED - {name for name, v in values.items() if v[0]}
        yield from (f"{name} is missing" for name in sorted(missing))
        for name, found in values.items():
            if len(found) > MANY.get(name, 1):
                yield f"{name} stands there {len(found)} times"
            if self.contract and name not in self.contract.names:
                yield f"{name} is no attribute of the contract"
            for value in found:
                yield from self.wrong_value(name, value)
        yield from self.wrong_price(values)
        yield from self.wrong_energy(values)
        if "gtin" not in values and not ({"brand", "mpn"} <= set(values)) \
                and values.get("identifier_exists") != ["no"]:
            yield "nothing says that it has no number of its own"

    def wrong_value(self, name, value):
        if isinstance(value, dict):
            for inner, text in value.items():
                if self.contract and inner not in self.contract.parts.get(name, ()):
                    yield f"{name}.{inner} is no attribute of the contract"
                yield from self.wrong_value(inner, text)
            return
        if not value.strip() or len(value) > LONGEST.get(name, 2000 if name != "description" else 0):
            yield f"{name} is empty or too long ({len(value)} characters)"
        if self.contract and name in ENUMS and not self.contract.value_of(ENUMS[name], value):
            yield f"{name}: {value!r} is none of {ENUMS[name]}"
        if name.endswith("link") and not re.fullmatch(r"https?://[^\s<>\"]+", value):
            yield f"{name}: {value!r} is no address"
        if name == "gtin" and not is_gtin(value):
            yield f"gtin: {value!r} is none"
        if name == "shipping_weight" and not WEIGHT.fullmatch(value):
            yield f"shipping_weight: {value!r}"
        if name in ("title", "description") and re.search(r"<[a-z/][^>]*>|&[a-z]+;", value):
            yield f"{name} is HTML: {value[:60]!r}"

    @staticmethod
    def wrong_price(values):
        prices = {name: values[name][0] for name in ("price", "sale_price") if name in values}
        for name, value in prices.items():
            if not PRICE.fullmatch(value):
                yield f"{name}: {value!r} is no price"
        if len(prices) == 2 and float(prices["sale_price"][:-4]) >= float(prices["price"][:-4]):
            yield "the sale price is no reduction"
        span = values.get("sale_price_effective_date", [None])[0]
        if span is not None and not re.fullmatch(f"{INSTANT}/{INSTANT}", span):
            yield f"sale_price_effective_date: {span!r}"

    @staticmethod
    def wrong_energy(values):
        names = ["min_energy_efficiency_class", "energy_efficiency_class",
                 "max_energy_efficiency_class"]
        there = [values[name][0] for name in names if name in values]
        if there and (len(there) < 3 or any(c not in CLASSES for c in there)):
            yield f"an energy class needs both ends of its scale: {there}"
        elif there and not (CLASSES.index(there[0]) <= CLASSES.index(there[1])
                            <= CLASSES.index(there[2]) != CLASSES.index(there[0])):
            yield f"the energy class is not between the ends of its scale: {there}"
