"""The object sources in wsdl/nav say what the WSDLs say: functions and parameters of the codeunit, nodes of the XMLports, names of
the pages' fields, and the C/AL and AL editions the same things."""

import os
import pathlib
import re
import subprocess
import sys
import unittest

from lxml import etree

NAV = pathlib.Path(os.environ.get("KONTOR_SOURCE_DIR", pathlib.Path(__file__).parents[3])) / "wsdl" / "nav"
XSD = {"s": "http://www.w3.org/2001/XMLSchema", "w": "http://schemas.xmlsoap.org/wsdl/"}
PORT_URI = "urn:microsoft-dynamics-nav/xmlports/x"
PORTS = {"Kontor Info": 50140, "Kontor Prices": 50141, "Kontor Stock": 50142, "Kontor Order": 50143, "Kontor Booking": 50144,
         "Kontor Customers": 50145}


def lower_first(name):
    """NAV publishes parameters with a small first letter."""
    return name[0].lower() + name[1:]


# --- WSDL ---

def wsdl_ports():
    """{number: (root, {element: [(name, is repeated)]})}"""
    found = {}
    for schema in etree.parse(str(NAV / "kontor_service.wsdl")).iterfind(".//s:schema", XSD):
        uri = schema.get("targetNamespace")
        if not uri.startswith(PORT_URI):
            continue
        types = {}
        for kind in schema.iterfind("s:complexType", XSD):
            types[kind.get("name")] = [(e.get("name"), e.get("maxOccurs") == "unbounded") for e in kind.iterfind(".//s:element", XSD)]
            for e in kind.iterfind(".//s:element", XSD):
                assert (e.get("type") == "string") == (e.get("maxOccurs") == "1"), e.get("name")
                assert e.get("minOccurs") == "0", e.get("name")
        found[int(uri.removeprefix(PORT_URI))] = (schema.find("s:element", XSD).get("name"), types)
    return found


def wsdl_functions():
    """{function: ([(parameter, type)], [what comes back])}; a type is a number for an XMLport."""
    found = {}
    for schema in etree.parse(str(NAV / "kontor_service.wsdl")).iterfind(".//s:schema", XSD):
        if schema.get("targetNamespace").startswith(PORT_URI):
            continue
        for element in schema.iterfind("s:element", XSD):
            parameters = []
            for e in element.iterfind(".//s:element", XSD):
                prefix, _, kind = e.get("type").rpartition(":")
                parameters.append((e.get("name"), int(e.nsmap[prefix].removeprefix(PORT_URI)) if prefix else kind))
            name = element.get("name").removesuffix("_Result")
            both = found.setdefault(name, [None, None])
            both[element.get("name").endswith("_Result")] = parameters
    return found


def wsdl_page(service):
    """{field: type} of a page's row, and of its lines where it has some."""
    tree = etree.parse(str(NAV / f"page_{service}.wsdl"))
    rows = {}
    for kind in tree.iterfind(".//s:complexType", XSD):
        name = kind.get("name")
        if name and not name.endswith(("_List", "_Filter")):
            rows[name] = [e.get("name") for e in kind.iterfind(".//s:element", XSD) if e.get("name") != "Key"]
    return rows


# --- C/AL ---

CAL_TYPES = {"Text": "string", "Integer": "int", "Boolean": "boolean", "Decimal": "decimal"}


def cal_functions(text):
    found = {}
    for name, inner in re.findall(r"^    PROCEDURE (\w+)@\d+\((.*)\)", text, re.M):
        parameters = []
        for p in filter(None, inner.split(";")):
            m = re.fullmatch(r"(VAR )?(\w+)@\d+ : (?:XMLport (\d+)|(\w+))", p)
            parameters.append((m[2], int(m[3]) if m[3] else CAL_TYPES[m[4]], bool(m[1])))
        found[name] = parameters
    return found


def cal_nodes(text):
    """[(depth, name, source type, properties)]"""
    pattern = r"^    \{ \[\{[-0-9A-F]{36}\}\];(.*?) ;(\w+) *;Element ;(\w+) *;\n(.*?) \}$"
    for depth, name, source, rest in re.findall(pattern, text, re.M | re.S):
        yield int(depth.strip() or 0), name, source, dict(re.findall(r"^ +([\w:]+)=(.*?);?$", rest, re.M))


def cal_port(number):
    text = (NAV / "cal" / f"xmlport_{number}.txt").read_text(encoding="ascii")
    assert f"DefaultNamespace={PORT_URI}{number};" in text and "FormatEvaluate=XML Format/Evaluate;" in text
    return tree_of((d, n, s == "Table", p.get("MinOccurs")) for d, n, s, p in cal_nodes(text))


def tree_of(nodes):
    """(depth, name, is a table, MinOccurs) in document order, as wsdl_ports gives it."""
    types, path, root = {}, [], None
    for depth, name, is_table, least in nodes:
        path = path[:depth] + [name]
        if depth == 0:
            root = name
            types[name] = []
            continue
        assert least == "Zero", f"{name} would have to be sent"
        types[path[depth - 1]].append((name, is_table))
        if is_table:
            types[name] = []
    return root, types


# --- AL ---

def al_functions(text):
    found = {}
    for name, inner in re.findall(r"^    procedure (\w+)\((.*)\)", text, re.M):
        parameters = []
        for p in filter(None, (x.strip() for x in inner.split(";"))):
            m = re.fullmatch(r'(var )?(\w+): (?:XmlPort "([^"]+)"|(\w+))', p)
            parameters.append((m[2], PORTS[m[3]] if m[3] else CAL_TYPES[m[4]], bool(m[1])))
        found[name] = parameters
    return found


def al_port(name):
    text = (NAV / "al" / f"{name.replace(' ', '')}.XmlPort.al").read_text(encoding="ascii")
    assert f"xmlport {PORTS[name]} \"{name}\"" in text and f"DefaultNamespace = '{PORT_URI}{PORTS[name]}';" in text
    assert "FormatEvaluate = Xml;" in text
    out = []

    def walk(chunk, depth):
        for m in re.finditer(r"^( *)(text|table|field)element\((\w+)(?:; [^)]+)?\)\n\1\{\n(.*?)^\1\}", chunk, re.M | re.S):
            own = re.split(r"^ *(?:text|table|field)element\(", m[4], maxsplit=1, flags=re.M)[0]
            xml_name = re.search(r"XmlName = '(\w+)'", own)
            least = "Zero" if "MinOccurs = Zero;" in own else "One"
            out.append((depth, xml_name[1] if xml_name else m[3], m[2] == "table", least))
            walk(m[4], depth + 1)

    walk(text, 0)
    return tree_of(out)


def code_of_cal(text):
    """Names of functions with their statements, without case, ids and blanks: what both editions share."""
    code = text[text.index("  CODE\n"):]
    return {name: re.sub(r"\s+|\(\)|;", "", body).lower()
            for name, body in re.findall(r"PROCEDURE (\w+)@\d+\(.*?^    BEGIN\n(.*?)^    END;", code, re.M | re.S)}


def code_of_al(text):
    return {name: re.sub(r"\s+|\(\)|;", "", body).lower()
            for name, body in re.findall(r"procedure (\w+)\(.*?^    begin\n(.*?)^    end;", text, re.M | re.S)}


def without_comments(text):
    """C/AL keeps the documentation of an object in braces in front of its last END."""
    text = re.sub(r"^    BEGIN\n    \{\n.*?^    \}", "", text, flags=re.M | re.S)
    return re.sub(r"//.*", "", text)


class Objects(unittest.TestCase):
    maxDiff = None

    def test_the_wsdls_are_what_the_tables_say(self):
        self.assertEqual(subprocess.run([sys.executable, "-B", NAV / "publish.py", "--check"], check=False).returncode, 0)

    def test_xmlports(self):
        wsdl = wsdl_ports()
        self.assertEqual(sorted(wsdl), sorted(PORTS.values()))
        for name, number in PORTS.items():
            with self.subTest(name):
                self.assertEqual(cal_port(number), wsdl[number])
                self.assertEqual(al_port(name), wsdl[number])

    def test_functions(self):
        cal = cal_functions((NAV / "cal" / "codeunit_50140.txt").read_text(encoding="ascii"))
        al = al_functions((NAV / "al" / "KontorService.Codeunit.al").read_text(encoding="ascii"))
        wsdl = wsdl_functions()
        self.assertEqual(cal, al)
        self.assertEqual(sorted(al), sorted(wsdl))
        for name, parameters in al.items():
            with self.subTest(name):
                self.assertEqual([(lower_first(n), k) for n, k, _ in parameters], wsdl[name][0])
                self.assertEqual([(lower_first(n), k) for n, k, is_var in parameters if is_var], wsdl[name][1])

    def test_pages(self):
        cal, al = {}, {}
        for path in (NAV / "cal").glob("page_*.txt"):
            text = path.read_text(encoding="ascii")
            name = re.match(r"OBJECT Page \d+ (.+)", text)[1]
            names = re.findall(r";(?:Field|Part) +;\n +Name=(\w+);", text)
            cal[name] = names
            self.assertEqual(len(re.findall(r"^    (?:InsertAllowed|ModifyAllowed|DeleteAllowed)=No;", text, re.M)), 3, name)
        for path in (NAV / "al").glob("*.Page.al"):
            text = path.read_text(encoding="ascii")
            al[re.match(r'page \d+ "(.+)"', text)[1]] = re.findall(r"^ +(?:field|part)\((\w+);", text, re.M)
        self.assertEqual(cal, al)
        wsdl = {}
        for path in NAV.glob("page_*.wsdl"):
            for row, fields in wsdl_page(path.stem.removeprefix("page_")).items():
                wsdl[row.replace("_", "").lower()] = fields
        self.assertEqual({n.replace(" ", "").lower(): f for n, f in al.items()}, wsdl)

    def test_keys_of_pages_are_fields(self):
        for path in NAV.glob("page_*.wsdl"):
            tree = etree.parse(str(path))
            row = wsdl_page(path.stem.removeprefix("page_"))[path.stem.removeprefix("page_")]
            read = tree.find(".//s:element[@name='Read']", XSD)
            self.assertTrue({e.get("name") for e in read.iterfind(".//s:element", XSD)} <= set(row), path.name)

    def test_both_editions_do_the_same(self):
        """Save where the tables of NAV and Business Central differ."""
        differ = {"KontorService": {"NavVersion"}, "KontorPriceReader": None}
        for number, name in ((50140, "KontorService"), (50141, "KontorEvents"), (50142, "KontorPriceReader"),
                             (50143, "KontorStockReader"), (50144, "KontorOrderWriter")):
            cal = code_of_cal((NAV / "cal" / f"codeunit_{number}.txt").read_text(encoding="ascii"))
            al = code_of_al((NAV / "al" / f"{name}.Codeunit.al").read_text(encoding="ascii"))
            if differ.get(name, set()) is None:
                shared = {"Read", "ReadToken", "ReadItems", "AddItem", "AddItemRow", "NewRow", "PriceKind", "Number", "Day"}
            else:
                self.assertEqual(sorted(cal), sorted(al), name)
                shared = set(al) - differ.get(name, set())
            for function in shared:
                with self.subTest(f"{name}.{function}"):
                    self.assertEqual(cal[function], al[function])

    def test_no_commit(self):
        for path in list((NAV / "cal").glob("*.txt")) + list((NAV / "al").glob("*.al")):
            code = without_comments(path.read_text(encoding="ascii"))
            self.assertIsNone(re.search(r"\bcommit\b", code, re.I), path.name)

    def test_posting_copies_our_fields(self):
        """By number: header and line of the order and of the shipment have them alike."""
        fields = {}
        for path in (NAV / "al").glob("*.TableExt.al"):
            text = path.read_text(encoding="ascii")
            base = re.search(r'extends "(.+)"', text)[1]
            fields[base] = set(re.findall(r'field\((\d+); "(.+)"; (.+)\)', text))
        self.assertEqual(fields["Sales Shipment Header"] - fields["Sales Header"], set())
        self.assertEqual(fields["Sales Shipment Line"], fields["Sales Line"])
        readme = (NAV / "README.md").read_text(encoding="utf-8")
        for base, rows in fields.items():
            for number, name, kind in rows:
                self.assertRegex(readme, rf"\| {base} \|.*\b{number} {re.escape(name)} {re.escape(kind)}")

    def test_bracket_codes_are_listed(self):
        used = set()
        for path in list((NAV / "cal").glob("*.txt")) + list((NAV / "al").glob("*.al")):
            used |= set(re.findall(r"\[(K\d{3})", path.read_text(encoding="ascii")))
        listed = set(re.findall(r"^\| (K\d{3}) \|", (NAV / "README.md").read_text(encoding="utf-8"), re.M))
        self.assertEqual(used, listed)


if __name__ == "__main__":
    unittest.main(verbosity=1)
