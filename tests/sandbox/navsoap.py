"""SOAP as the NAV stand-in speaks it: WSDLs of pages, requests read strictly, answers, faults. Used by nav.py."""
import re

from lxml import etree

import navforms
from navforms import BOOL, DATE, INT, LINE_FIELDS, LINES, OPTION, SERVICES, TIME

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XSD = "{http://www.w3.org/2001/XMLSchema}"
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
PAGE_NS = "urn:microsoft-dynamics-schemas/page/"
CODEUNIT_NS = "urn:microsoft-dynamics-schemas/codeunit/"
XMLPORT_NS = "urn:microsoft-dynamics-nav/xmlports/x"
ERROR_NS = "urn:microsoft-dynamics-schemas/error"
TYPES = "Microsoft.Dynamics.Nav.Types.Exceptions."
SERVICE = "Microsoft.Dynamics.Nav.Service.WebServices."
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
OPERATIONS = ("Read", "ReadByRecId", "ReadMultiple", "IsUpdated", "GetRecIdFromKey")


class Fault(Exception):
    """An answer with HTTP 500: `kind` is the .NET type of the exception."""

    def __init__(self, kind, text, status=500):
        super().__init__(text)
        self.kind, self.text, self.status = kind, text, status


def validation(text):
    """What NAV says of a request that its reader refuses."""
    return Fault("System.InvalidOperationException", f"There is an error in XML document. {text}")


def escape(value):
    """NAV writes control characters as references that no XML parser takes."""
    value = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return CONTROL.sub(lambda found: f"&#x{ord(found[0]):X};", value)


def envelope(body):
    return (f'<Soap:Envelope xmlns:Soap="{SOAP}"><Soap:Body>{body}</Soap:Body></Soap:Envelope>'
            ).encode("utf-8", "surrogatepass")


def fault(kind, text, language):
    text = escape(text)
    return (f'<s:Envelope xmlns:s="{SOAP}"><s:Body><s:Fault><faultcode xmlns:a="{ERROR_NS}">a:{kind}'
            f'</faultcode><faultstring xml:lang="{language}">{text}</faultstring><detail><string '
            f'xmlns="http://schemas.microsoft.com/2003/10/Serialization/">{text}</string></detail>'
            "</s:Fault></s:Body></s:Envelope>").encode()


def parser():
    return etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False,
                           remove_comments=True, remove_pis=True)


def request_of(body):
    """The one element inside Body, or Fault."""
    try:
        root = etree.fromstring(body, parser())
    except etree.XMLSyntaxError as error:
        raise validation(str(error)) from None
    if root.getroottree().docinfo.doctype or root.tag != f"{{{SOAP}}}Envelope":
        raise validation("This is no SOAP 1.1 envelope.")
    parts = [p for p in root if p.tag != f"{{{SOAP}}}Header"]
    if len(parts) != 1 or parts[0].tag != f"{{{SOAP}}}Body" or len(parts[0]) != 1:
        raise validation("Exactly one Body with one element is expected.")
    return parts[0][0]


def leaf(element):
    if len(element):
        raise validation(f"{etree.QName(element).localname} holds no elements.")
    return element.text or ""


class Names:
    """What a site calls its services and fields, and what it leaves out: nav.py --names."""
    KNOWN = {"services", "fields", "missing", "extra", "codeunit", "xmlports", "modified_at"}

    def __init__(self, told=None):
        told = told or {}
        if set(told) - self.KNOWN:
            raise navforms.DataError(f"--names: unknown: {', '.join(sorted(set(told) - self.KNOWN))}")
        self.services = dict(SERVICES, **told.get("services", {}))      # a role without one: null
        self.fields, self.missing = told.get("fields", {}), told.get("missing", {})
        self.extra = told.get("extra", {})              # role: {field: text that every row has}
        self.codeunit = told.get("codeunit", "KontorService")
        self.xmlports = told.get("xmlports", {})        # our id: the site's
        self.modified_at = bool(told.get("modified_at", False))
        for role in [*self.services, *self.fields, *self.missing, *self.extra]:
            if role not in SERVICES:
                raise navforms.DataError(f"--names: no such role: {role}")

    def columns(self, role):
        """[(the site's name, ours, Field)] of a page, in its order."""
        out = []
        for name, field in navforms.fields_of(role).items():
            hidden = name in navforms.OPTIONAL.get(role, ()) and not self.modified_at
            if not hidden and name not in self.missing.get(role, ()):
                out.append((self.fields.get(role, {}).get(name, name), name, field))
        return out + [(name, None, navforms.text(250)) for name in self.extra.get(role, {})]


class Page:
    """One published page: its names, its WSDL, its rows as XML."""

    def __init__(self, role, names):
        self.role, self.service = role, names.services[role]
        self.namespace = PAGE_NS + self.service.lower()
        self.columns = names.columns(role)
        self.extra = names.extra.get(role, {})
        self.field = {site: (ours, field) for site, ours, field in self.columns}
        self.key_fields = [site for site, ours, _ in self.columns
                           if ours in navforms.TABLES[role][1]]

    # ---- rows

    def row(self, key, values, lines=()):
        parts = [f"<Key>{escape(key)}</Key>"]
        for site, ours, field in self.columns:
            parts.append(self.value(site, field, values[ours] if ours else self.extra[site]))
        if self.role == "shipment":
            inner = "".join(self.line(line_key, line) for line_key, line in lines)
            parts.append(f"<{LINES[0]}>{inner}</{LINES[0]}>" if inner else "")
        return f"<{self.service}>{''.join(parts)}</{self.service}>"

    def line(self, key, values):
        fields = navforms.fields_of("shipment_line")
        inner = "".join(self.value(name, fields[name], values[name]) for name in LINE_FIELDS)
        return f"<{LINES[1]}><Key>{escape(key)}</Key>{inner}</{LINES[1]}>"

    @staticmethod
    def value(name, field, value):
        """NAV leaves empty texts out and writes an empty day as the first of all days."""
        if field.kind == BOOL:
            value = "true" if value else "false"
        elif field.kind == DATE:
            value = value or navforms.NO_DAY
        elif field.kind == TIME:
            value = value or navforms.NO_DAY + "T00:00:00"
        return f"<{name}>{escape(value)}</{name}>" if value != "" else ""

    def result(self, operation, inner):
        return envelope(f'<{operation}_Result xmlns="{self.namespace}">{inner}</{operation}_Result>')

    def rows(self, rows):
        inner = "".join(rows)
        return self.result("ReadMultiple", f"<ReadMultiple_Result>{inner}</ReadMultiple_Result>")

    # ---- requests

    def asked(self, element):
        """(filters, bookmark, set size) of a ReadMultiple, elements in NAV's order."""
        filters, bookmark, size, stage = [], "", None, 0
        stages = {"filter": 0, "bookmarkKey": 1, "setSize": 2}
        for child in element:
            name = etree.QName(child)
            at = stages.get(name.localname)
            if name.namespace != self.namespace or at is None or at < stage:
                raise validation(f"{name.localname} is not expected here.")
            stage = at if at == 0 else at + 0.5
            if at == 0:
                filters.append(self.filter(child))
            elif at == 1:
                bookmark = leaf(child)
            else:
                size = leaf(child).strip() or "0"
        if size is None or not re.fullmatch(r"-?\d{1,9}", size):
            raise validation("setSize is expected.")
        return filters, bookmark, int(size)

    def filter(self, element):
        names = [etree.QName(c).localname for c in element]
        if names != ["Field", "Criteria"]:
            raise validation("Field and Criteria are expected.")
        field, criteria = (leaf(c) for c in element)
        if field and field not in self.field:
            raise validation(f"Instance validation error: '{field}' is not a valid value for "
                             f"{self.service}_Fields.")
        return field, criteria

    def one_leaf(self, element, *expected):
        """The values of a request that only has these elements, each once."""
        found = {}
        for child in element:
            name = etree.QName(child).localname
            if name not in expected or name in found:
                raise validation(f"{name} is not expected here.")
            found[name] = leaf(child)
        if set(found) != set(expected):
            raise validation(f"{', '.join(expected)} are expected.")
        return [found[name] for name in expected]

    # ---- the WSDL, as NAV publishes a page that cannot be edited

    def wsdl(self, address):
        return (f'<?xml version="1.0" encoding="utf-8"?>\n<definitions xmlns:tns="{self.namespace}" '
                f'targetNamespace="{self.namespace}" xmlns="http://schemas.xmlsoap.org/wsdl/">\n'
                f"  <types>\n{self.schema()}\n  </types>\n{self.messages()}\n"
                f'  <service name="{self.service}_Service">\n    <port name="{self.service}_Port" '
                f'binding="tns:{self.service}_Binding">\n      <address location="{escape(address)}" '
                'xmlns="http://schemas.xmlsoap.org/wsdl/soap/" />\n    </port>\n  </service>\n'
                "</definitions>").encode()

    def schema(self):
        parts = [self.options()]
        rows = [f'{_element(name, self.xsd_type(name, field))}'
                for name, _, field in self.columns]
        if self.role == "shipment":
            lines = navforms.fields_of("shipment_line")
            own = [_element(name, self.xsd_type(name, lines[name])) for name in LINE_FIELDS]
            parts.append(_complex(LINES[1], [_element("Key", "xsd:string"), *own]))
            parts.append(_complex(LINES[1] + "_List", [
                _element(LINES[1], "tns:" + LINES[1], 1, "unbounded")]))
            rows.append(_element(LINES[0], f"tns:{LINES[1]}_List"))
        service = self.service
        parts += [_complex(service, [_element("Key", "xsd:string"), *rows]),
                  _complex(service + "_List", [_element(service, "tns:" + service, 1, "unbounded")]),
                  _simple(service + "_Fields", [site for site, _, _ in self.columns]),
                  _complex(service + "_Filter", [_element("Field", f"tns:{service}_Fields", 1),
                                                 _element("Criteria", "xsd:string", 1)])]
        keys = [_element(site, self.xsd_type(site, self.field[site][1]), 1)
                for site in self.key_fields]
        one = [_element(service, "tns:" + service)]
        shapes = {
            "Read": keys, "Read_Result": one,
            "ReadByRecId": [_element("recId", "xsd:string", 1)], "ReadByRecId_Result": one,
            "ReadMultiple": [_element("filter", f"tns:{service}_Filter", 1, "unbounded"),
                             _element("bookmarkKey", "xsd:string"),
                             _element("setSize", "xsd:int", 1)],
            "ReadMultiple_Result": [_element("ReadMultiple_Result", f"tns:{service}_List")],
            "IsUpdated": [_element("Key", "xsd:string", 1)],
            "IsUpdated_Result": [_element("IsUpdated_Result", "xsd:boolean", 1)],
            "GetRecIdFromKey": [_element("Key", "xsd:string", 1)],
            "GetRecIdFromKey_Result": [_element("GetRecIdFromKey_Result", "xsd:string", 1)]}
        parts += [f'      <xsd:element name="{name}">\n{_complex(None, rows)}\n      </xsd:element>'
                  for name, rows in shapes.items()]
        body = "\n".join(part for part in parts if part)
        return ('    <xsd:schema elementFormDefault="qualified" targetNamespace="'
                f'{self.namespace}" xmlns:xsd="http://www.w3.org/2001/XMLSchema">\n{body}\n'
                "    </xsd:schema>")

    def options(self):
        found = {name: field for name, _, field in self.columns if field.kind == OPTION}
        if self.role == "shipment":
            found["Type"] = navforms.LINE_TYPE
        return "\n".join(_simple(name, field.values) for name, field in found.items())

    @staticmethod
    def xsd_type(name, field):
        if field.kind == OPTION:
            return f"tns:{name}"
        return "xsd:" + {BOOL: "boolean", DATE: "date", TIME: "dateTime", INT: "int",
                         navforms.DECIMAL: "decimal"}.get(field.kind, "string")

    def messages(self):
        messages, port, binding = [], [], []
        soap = 'xmlns="http://schemas.xmlsoap.org/wsdl/soap/"'
        body = f'\n        <body use="literal" {soap} />\n      '
        for name in OPERATIONS:
            for message in (name, name + "_Result"):
                messages.append(f'  <message name="{message}">\n    <part name="parameters" '
                                f'element="tns:{message}" />\n  </message>')
            port.append(f'    <operation name="{name}">\n'
                        f'      <input name="{name}" message="tns:{name}" />\n'
                        f'      <output name="{name}_Result" message="tns:{name}_Result" />\n'
                        "    </operation>")
            binding.append(f'    <operation name="{name}">\n      <operation soapAction='
                           f'"{self.namespace}:{name}" style="document" {soap} />\n'
                           f'      <input name="{name}">{body}</input>\n'
                           f'      <output name="{name}_Result">{body}</output>\n    </operation>')
        service = self.service
        return "\n".join([
            *messages, f'  <portType name="{service}_Port">', *port, "  </portType>",
            f'  <binding name="{service}_Binding" type="tns:{service}_Port">',
            f'    <binding transport="http://schemas.xmlsoap.org/soap/http" {soap} />', *binding,
            "  </binding>"])


def _element(name, kind, least=0, most=1):
    return (f'          <xsd:element minOccurs="{least}" maxOccurs="{most}" name="{name}" '
            f'type="{kind}" />')


def _complex(name, rows):
    named = f' name="{name}"' if name else ""
    inner = "\n".join(rows)
    return (f"      <xsd:complexType{named}>\n        <xsd:sequence>\n{inner}\n"
            "        </xsd:sequence>\n      </xsd:complexType>")


def _simple(name, values):
    inner = "\n".join(f'          <xsd:enumeration value="{value}" />' for value in values)
    return (f'      <xsd:simpleType name="{name}">\n        <xsd:restriction base="xsd:string">\n'
            f"{inner}\n        </xsd:restriction>\n      </xsd:simpleType>")


# ---- the codeunit: its WSDL is the contract, read as it stands

class Node:
    """One element of the contract: its namespace, its children or its simple type, how often."""

    def __init__(self, name, namespace, simple, children, least, is_many):
        self.name, self.namespace, self.simple = name, namespace, simple
        self.children, self.least, self.is_many = children, least, is_many


FORMS = {"decimal": r"-?\d*\.?\d+", "int": r"-?\d+", "long": r"-?\d+", "boolean": "true|false|0|1",
         "date": r"\d{4}-\d\d-\d\d(Z|[+-]\d\d:\d\d)?", "dateTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*"}
NOTHING = {"decimal": "0", "int": "0", "long": "0", "boolean": "false", "date": navforms.NO_DAY,
           "dateTime": navforms.NO_DAY + "T00:00:00"}


class Codeunit:
    def __init__(self, path, names):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.service = names.codeunit
        text = text.replace("KontorService", self.service)
        for ours, site in names.xmlports.items():
            text = text.replace(XMLPORT_NS + ours, XMLPORT_NS + site)
        self.text = text
        self.namespace = CODEUNIT_NS + self.service
        root = etree.fromstring(text.encode(), parser())
        self.named, self.elements = {}, {}
        for schema in root.iter(XSD + "schema"):
            space = schema.get("targetNamespace")
            for child in schema:
                if child.tag in (XSD + "complexType", XSD + "simpleType"):
                    self.named[space, child.get("name")] = (child, space)
                elif child.tag == XSD + "element":
                    self.elements[space, child.get("name")] = child
        self.address = next(root.iter("{http://schemas.xmlsoap.org/wsdl/soap/}address")).get("location")
        self.operations = {name for space, name in self.elements
                           if space == self.namespace and not name.endswith("_Result")}
        self.nodes = {name: self.node(element, space)
                      for (space, name), element in self.elements.items() if space == self.namespace}

    def wsdl(self, address):
        return self.text.replace(escape(self.address), escape(address)).encode()

    def node(self, element, space):
        ref, many = element.get("ref"), element.get("maxOccurs", "1") != "1"
        least = int(element.get("minOccurs", "1"))
        if ref:
            found = self.resolve(element, ref)
            element, space = self.elements[found], found[0]
        kind, inner = element.get("type"), element.find(XSD + "complexType")
        simple, inner_space = None, space
        if kind:
            found = self.resolve(element, kind)
            if found[0] == XSD[1:-1]:
                simple = found[1]
            else:
                inner, inner_space = self.named[found]
                if inner.tag == XSD + "simpleType":
                    base = inner.find(XSD + "restriction").get("base")
                    simple, inner = base.rpartition(":")[2], None
        elif inner is None:
            simple = "string"
        children = None if inner is None else [
            self.node(child, inner_space) for child in inner.iterfind(f"{XSD}sequence/{XSD}element")]
        return Node(element.get("name"), space, simple, children, least, many)

    @staticmethod
    def resolve(element, name):
        prefix, _, local = name.rpartition(":")
        return element.nsmap[prefix or None], local

    def read(self, element, node=None):
        """A request as dict, lists for what may come often. Order, names, forms as the WSDL says."""
        node = node or self.nodes[etree.QName(element).localname]
        if node.simple:
            value = leaf(element)
            form = FORMS.get(node.simple)
            if form and not re.fullmatch(form, value.strip()):
                raise validation(f"'{value}' is not a valid {node.simple} ({node.name}).")
            return value.strip() if form else value
        out = {c.name: [] if c.is_many else None for c in node.children}
        at = 0
        for child in element:
            name = etree.QName(child)
            while at < len(node.children) and (node.children[at].name, node.children[at].namespace) != (
                    name.localname, name.namespace):
                at += 1
            if at == len(node.children):
                raise validation(f"{name.localname} ({name.namespace}) is not expected in {node.name}.")
            wanted = node.children[at]
            value = self.read(child, wanted)
            if wanted.is_many:
                out[wanted.name].append(value)
            else:
                out[wanted.name] = value
                at += 1
        for child in node.children:
            if child.least and out[child.name] in (None, []) and not child.is_many:
                raise validation(f"{child.name} is missing in {node.name}.")
        return out

    def answer(self, operation, values):
        return envelope(self.write(self.nodes[operation + "_Result"], values, None))

    def write(self, node, value, space):
        """Every element of the contract in its order. An unknown name is our own mistake."""
        own = "" if node.namespace == space else f' xmlns="{node.namespace}"'
        if node.simple:
            value = NOTHING.get(node.simple, "") if value in (None, "") else value
            value = ("true" if value else "false") if isinstance(value, bool) else str(value)
            return f"<{node.name}{own}>{escape(value)}</{node.name}>"
        value = value or {}
        unknown = set(value) - {c.name for c in node.children}
        if unknown:
            raise KeyError(f"not in the contract of {node.name}: {', '.join(sorted(unknown))}")
        inner = []
        for child in node.children:
            if child.is_many:
                inner += [self.write(child, row, node.namespace) for row in value.get(child.name) or []]
            else:
                inner.append(self.write(child, value.get(child.name), node.namespace))
        return f"<{node.name}{own}>{''.join(inner)}</{node.name}>"


def html(title, text):
    return (f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h2>{title}</h2>"
            f"<p>{text}</p></body></html>").encode()
