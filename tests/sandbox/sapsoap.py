"""SOAP as the SAP stand-in speaks it: checks requests against the WSDL, shapes answers and faults. Used by sap.py."""
import time
import uuid

from lxml import etree

import sapdata

NS = "urn:sap-com:document:sap:rfc:functions"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XSD = "{http://www.w3.org/2001/XMLSchema}"
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
DIGITS = {"tns:quantum13.3": 3, "tns:quantityText": 3, "tns:curr23.4": 4, "tns:amountText": 4}     # behind the point


class Fault(Exception):
    """Becomes HTTP 500. The reason goes to the journal; the caller sees SAP's general sentence, as in real life."""


class Contract:
    """The WSDL as the stand-in uses it: checks requests, shapes answers."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.bytes = file.read()
        root = etree.fromstring(self.bytes, parser())
        schema = root.find(f"{WSDL}types/{XSD}schema")
        self.schema = etree.XMLSchema(etree.fromstring(etree.tostring(schema)))     # takes the prefixes along
        self.types = {t.get("name"): t for t in schema if t.tag != XSD + "element"}
        self.elements = {e.get("name"): e.find(XSD + "complexType") for e in schema if e.tag == XSD + "element"}
        self.functions = [name for name in self.elements if name + "Response" in self.elements]

    def fields(self, complex_type):
        return [(e.get("name"), e.get("type"), e.get("maxOccurs") == "unbounded")
                for e in complex_type.iter(XSD + "element")]

    def read(self, element, complex_type):
        """An element that the schema has accepted, as dict (structures), list (tables) and str."""
        out = {}
        children = {child.tag: child for child in element if isinstance(child.tag, str)}
        for name, kind, is_many in self.fields(complex_type):
            inner = self.types.get(kind.removeprefix("tns:"))
            if is_many:
                return [self.read(child, inner) for child in element if isinstance(child.tag, str)]
            child = children[name]
            is_simple = inner is None or inner.tag == XSD + "simpleType"
            out[name] = "".join(child.itertext()) if is_simple else self.read(child, inner)
            if is_simple and (kind in DIGITS or kind in ("tns:numberText", "xsd:int")):
                out[name] = out[name].strip()
        return out

    def write(self, parent, complex_type, values):
        """Adds every field of the type in its order; SAP leaves none out. An unknown name is our own mistake."""
        fields = self.fields(complex_type)
        unknown = set(values) - {name for name, _, _ in fields}
        if unknown:
            raise KeyError(f"not in the contract: {', '.join(sorted(unknown))}")
        for name, kind, _ in fields:
            child = etree.SubElement(parent, name)
            inner = self.types.get(kind.removeprefix("tns:"))
            value = values.get(name)
            if kind in DIGITS:
                child.text = sapdata.decimal_text(value or "0", DIGITS[kind])
            elif kind in ("tns:numberText", "xsd:int"):
                child.text = str(value or 0)
            elif inner is None or inner.tag == XSD + "simpleType":
                child.text = value or ""
            elif inner.find(f"{XSD}sequence/{XSD}element").get("maxOccurs") == "unbounded":
                row_type = self.types[inner.find(f"{XSD}sequence/{XSD}element").get("type").removeprefix("tns:")]
                for row in value or []:
                    self.write(etree.SubElement(child, "item"), row_type, row)
            else:
                self.write(child, inner, value or {})

    def answer(self, function, values):
        envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap-env": SOAP})
        etree.SubElement(envelope, f"{{{SOAP}}}Header")
        body = etree.SubElement(envelope, f"{{{SOAP}}}Body")
        element = etree.SubElement(body, f"{{{NS}}}{function}Response", nsmap={"n0": NS})
        self.write(element, self.elements[function + "Response"], values)
        return etree.tostring(envelope, encoding="utf-8", xml_declaration=False)


def parser():
    return etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True,
                           remove_pis=True)


def fault(text=None, detail=None):
    """SAP's general fault, or a business fault: the exception of a function module with its message."""
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap-env": SOAP})
    etree.SubElement(envelope, f"{{{SOAP}}}Header")
    body = etree.SubElement(etree.SubElement(envelope, f"{{{SOAP}}}Body"), f"{{{SOAP}}}Fault")
    etree.SubElement(body, "faultcode").text = "soap-env:Server"
    string = etree.SubElement(body, "faultstring")
    string.set("{http://www.w3.org/XML/1998/namespace}lang", "en")
    string.text = text or ("Web service processing error; more details in the web service error log on provider side "
                           f"(UTC timestamp {time.strftime('%Y%m%d%H%M%S', time.gmtime())}; "
                           f"Transaction ID {uuid.uuid4().hex.upper()})")
    place = etree.SubElement(body, "detail")
    if detail:
        function, msg_id, number = detail
        exception = etree.SubElement(place, f"{{{NS}}}{function}.Exception", nsmap={"n0": NS})
        etree.SubElement(exception, "Name").text = "NOT_POSSIBLE"
        etree.SubElement(exception, "Text").text = text
        message = etree.SubElement(exception, "Message")
        etree.SubElement(message, "ID").text = msg_id
        etree.SubElement(message, "Number").text = number
    return etree.tostring(envelope, encoding="utf-8")


def page(title, text):
    return (f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p></body></html>").encode()
