"""Builds a fuzz target with clang, libFuzzer, ASan and UBSan, and lets it run for a while.

run.py NAME SECONDS; the corpus grows in KONTOR_BUILD_DIR/fuzz/NAME. What breaks it is left there.
"""
import gzip
import os
import shutil
import subprocess
import sys

import wss_seeds

ROOT = os.environ.get("KONTOR_SOURCE_DIR") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("KONTOR_BUILD_DIR") or os.path.join(ROOT, "build", "dev")
BASE = ["arena", "civil", "err", "log", "macros", "str", "time"]
SOURCES = {
    "base_xml": [f"src/base/{name}.c" for name in BASE]
    + [f"src/base/xml_{name}.c" for name in ("mend", "read", "scan", "write")],
    "format_idoc": [f"src/base/{name}.c" for name in BASE]
    + [f"src/base/{name}.c" for name in ("dec", "file", "hash", "json", "json_parse", "json_write",
                                         "xml_mend", "xml_read", "xml_scan", "zone", "zone_rule")]
    + [f"src/model/{name}.c" for name in ("document", "fact", "record", "shape", "shape_check",
                                          "shape_json", "shipment")]
    + [f"src/format/{name}.c" for name in (
        "idoc", "idoc_article", "idoc_article_lists", "idoc_class", "idoc_customer",
        "idoc_delivery", "idoc_invoice", "idoc_read", "idoc_status", "idoc_table", "measure",
        "s4")],
    "trade_contents": [f"src/base/{name}.c" for name in BASE]
    + [f"src/trade/{name}.c" for name in ("contents", "contents_markup", "contents_parts",
                                          "contents_pdf")],
    "wire_http_head": [f"src/base/{name}.c" for name in BASE]
    + [f"src/wire/{name}.c" for name in ("http_chunks", "http_head", "http_target", "inflate")],
    "wire_mime": [f"src/base/{name}.c" for name in BASE]
    + [f"src/wire/{name}.c" for name in ("mime", "mime_param")],
    "wire_soap_look": [f"src/base/{name}.c" for name in BASE]
    + ["src/base/xml_read.c", "src/base/xml_scan.c"]
    + [f"src/wire/{name}.c" for name in ("mime", "mime_param", "soap_look")],
    "wire_wss_issuer": [f"src/base/{name}.c" for name in BASE] + ["src/wire/wss_issuer.c"],
    "wire_wss_tree": [f"src/base/{name}.c" for name in BASE]
    + [f"src/base/{name}.c" for name in ("base64", "hash", "xml_scan")]
    + [f"src/wire/wss_{name}.c" for name in (
        "alg", "c14n", "codes", "form", "head", "keyinfo", "library", "node", "parts", "reference",
        "scan", "time", "tree", "user")],
}
# A whole site: every part of WS-Security, and the keys of tests/bench/wss_place.c.
SOURCES["wire_wss_open"] = SOURCES["wire_wss_decrypt"] = (
    [f"src/base/{name}.c" for name in BASE]
    + [f"src/base/{name}.c" for name in ("base64", "conf", "conf_secret", "conf_value", "dec", "file",
                                         "hash", "rand", "xml_read", "xml_scan")]
    + sorted(f"src/wire/{name}" for name in os.listdir(os.path.join(ROOT, "src", "wire"))
             if name.startswith("wss") and name.endswith(".c"))
    + ["src/wire/mime.c", "src/wire/mime_param.c", "tests/bench/wss_place.c"])
PACKAGES = {"base_xml": ["libxml-2.0"], "format_idoc": ["libxml-2.0", "json-c", "libcrypto"],
            "trade_contents": [], "wire_http_head": ["zlib"], "wire_mime": [],
            "wire_soap_look": ["libxml-2.0"],
            "wire_wss_issuer": ["libxml-2.0", "xmlsec1-openssl"],
            "wire_wss_tree": ["libxml-2.0", "xmlsec1-openssl"],
            "wire_wss_open": ["libxml-2.0", "xmlsec1-openssl", "libcrypto"],
            "wire_wss_decrypt": ["libxml-2.0", "xmlsec1-openssl", "libcrypto"]}
PACKED = gzip.compress(b"<a>" * 40, mtime=0)
WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSS_TEMPLATE = (
    "0<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/' xmlns:o='%swssecurity-secext-"
    "1.0.xsd' xmlns:u='%swssecurity-utility-1.0.xsd' xmlns:d='http://www.w3.org/2000/09/xmldsig#' "
    "xmlns:x='http://www.w3.org/2001/04/xmlenc#' xmlns:w='http://www.w3.org/2005/08/addressing'>"
    "<s:Header>%%s<o:Security s:mustUnderstand='1'>%%s</o:Security></s:Header><s:Body Id='b'>"
    "<Op xmlns='urn:k'>&amp;<!-- --></Op></s:Body></s:Envelope>" % (WSS, WSS))
WSS_REFERENCE = (
    "<d:Reference URI='#%s'><d:Transforms><d:Transform Algorithm='http://www.w3.org/2001/10/"
    "xml-exc-c14n#'/></d:Transforms><d:DigestMethod Algorithm='http://www.w3.org/2001/04/xmlenc#"
    "sha256'/><d:DigestValue>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=</d:DigestValue>"
    "</d:Reference>")
WSS_SIGNED = (
    "<o:BinarySecurityToken u:Id='t' ValueType='" + WSS + "x509-token-profile-1.0#X509v3'>MAMCAQE="
    "</o:BinarySecurityToken><d:Signature><d:SignedInfo><d:CanonicalizationMethod Algorithm='http:"
    "//www.w3.org/2001/10/xml-exc-c14n#'><c:InclusiveNamespaces xmlns:c='http://www.w3.org/2001/10/"
    "xml-exc-c14n#' PrefixList='s #default'/></d:CanonicalizationMethod><d:SignatureMethod "
    "Algorithm='http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'/>" + WSS_REFERENCE % "b"
    + WSS_REFERENCE % "i" + "</d:SignedInfo><d:SignatureValue>AAAA</d:SignatureValue><d:KeyInfo>"
    "<o:SecurityTokenReference>%s</o:SecurityTokenReference></d:KeyInfo></d:Signature>"
    "<u:Timestamp u:Id='i'><u:Created>2026-03-01T10:00:00Z</u:Created><u:Expires>"
    "2026-03-01T10:05:00.5Z</u:Expires></u:Timestamp>")
SEEDS = {
    "base_xml": [
        b"<a/>",
        b"\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8'?><s:Envelope xmlns:s='u' xmlns:xsi="
        b"'http://www.w3.org/2001/XMLSchema-instance'><s:Body><a xsi:nil='true'>&lt;&#x41;</a>"
        b"</s:Body></s:Envelope>",
        b"<a b='&#x1F;\x01'><!-- \x02 --><![CDATA[&#31;]]>&#0;\xEF\xBF\xBE<?p i?></a>",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
    ],
    "format_idoc": [
        b"<MATMAS05><IDOC BEGIN='1'><EDI_DC40><DOCNUM>0000000000000815</DOCNUM><MESTYP>MATMAS"
        b"</MESTYP><SNDPRN>E</SNDPRN><CREDAT>20260301</CREDAT><CRETIM>101500</CRETIM></EDI_DC40>"
        b"<E1MARAM><MSGFN>005</MSGFN><MATNR>000000000000004711</MATNR><MEINS>PCE</MEINS><BRGEW>1.2"
        b"</BRGEW><GEWEI>KGM</GEWEI><EAN11>4006381333931</EAN11><E1MAKTM><SPRAS>D</SPRAS><MAKTX>x"
        b"</MAKTX></E1MAKTM><E1MARCM><SERNP>1</SERNP><E1MARC1><NFMAT_LONG>1</NFMAT_LONG></E1MARC1>"
        b"</E1MARCM><E1MARMM><MEINH>CT</MEINH><UMREZ>6</UMREZ><UMREN>1</UMREN><E1MEANM><EAN11>1"
        b"</EAN11></E1MEANM></E1MARMM><E1MVKEM><VMSTA>Z</VMSTA><SCMNG>2</SCMNG></E1MVKEM><E1MTXHM>"
        b"<TDID>GRUN</TDID><SPRAS_ISO>DE</SPRAS_ISO><E1MTXLM><TDLINE>t</TDLINE></E1MTXLM></E1MTXHM>"
        b"</E1MARAM></IDOC></MATMAS05>",
        b"<CLFMAS02><IDOC><EDI_DC40><MESTYP>CLFMAS</MESTYP></EDI_DC40><E1OCLFM><OBTAB>MARA</OBTAB>"
        b"<OBJEK>1</OBJEK><KLART>001</KLART><E1AUSPM><ATNAM>A</ATNAM><ATFLV>1.5E+01</ATFLV>"
        b"<ATFLB>2E-3</ATFLB><ATCOD>3</ATCOD></E1AUSPM></E1OCLFM></IDOC><IDOC><E1KNA1M><KUNNR>1"
        b"</KUNNR><E1KNVVM><AUFSD>1</AUFSD></E1KNVVM></E1KNA1M></IDOC></CLFMAS02>",
        b"<DEBMAS06><IDOC><E1KNA1M><KUNNR>0001</KUNNR><STKZN>X</STKZN><E1KNVVM><KONDA>1</KONDA>"
        b"</E1KNVVM></E1KNA1M></IDOC></DEBMAS06>",
        b"<DELVRY07><IDOC><EDI_DC40><MESTYP>DESADV</MESTYP></EDI_DC40><E1EDL20><VBELN>80</VBELN>"
        b"<E1EDT13><QUALF>006</QUALF><IEDD>20260301</IEDD></E1EDT13><E1EDL24><POSNR>10</POSNR>"
        b"<MATNR>1</MATNR><LFIMG>2.000</LFIMG><VGBEL>1</VGBEL><E1EDL11><SERNR>1</SERNR></E1EDL11>"
        b"</E1EDL24><E1EDL24><POSNR>20</POSNR><MATNR>1</MATNR><LFIMG>1</LFIMG></E1EDL24><E1EDL37>"
        b"<EXIDV2>T</EXIDV2><E1EDL44><POSNR>20</POSNR><E1EDL46><SERNR>2</SERNR></E1EDL46></E1EDL44>"
        b"</E1EDL37></E1EDL20></IDOC></DELVRY07>",
        b"<INVOIC02><IDOC><EDI_DC40><MESTYP>INVOIC</MESTYP></EDI_DC40><E1EDK01><CURCY>EUR</CURCY>"
        b"<BELNR>9</BELNR></E1EDK01><E1EDP01><POSEX>10</POSEX><E1EDP02><QUALF>002</QUALF><BELNR>1"
        b"</BELNR></E1EDP02><E1EDP26><QUALF>003</QUALF><BETRG>1.00-</BETRG></E1EDP26><E1EDP04>"
        b"<MWSBT>0.19</MWSBT></E1EDP04></E1EDP01><E1EDP01><POSEX>20</POSEX></E1EDP01></IDOC>"
        b"</INVOIC02>",
        b"<ORDERS05><IDOC><EDI_DC40><MESTYP>ORDRSP</MESTYP></EDI_DC40><E1EDK01><BELNR>1</BELNR>"
        b"</E1EDK01><E1EDP01><POSEX>10</POSEX><E1EDP20><WMENG>1</WMENG><EDATU>20260301</EDATU>"
        b"</E1EDP20></E1EDP01></IDOC></ORDERS05>",
        b"<n:SalesOrderBulkReplication xmlns:n='http://sap.com/xi/SD-SLS'><MessageHeader><UUID>1"
        b"</UUID></MessageHeader><SalesOrder actionCode='04'><SalesOrderID>1</SalesOrderID><Item>"
        b"<SalesOrderItemID>1</SalesOrderItemID><RequestedQuantity unitCode='PCE'>1"
        b"</RequestedQuantity></Item></SalesOrder></n:SalesOrderBulkReplication>",
        b"<n:CustomerReturnBulkReplication xmlns:n='http://sap.com/xi/SD-SLS'><CustomerReturn>"
        b"<CustomerReturnID>1</CustomerReturnID><CustomerReturnDate>2026-03-01</CustomerReturnDate>"
        b"</CustomerReturn></n:CustomerReturnBulkReplication>",
    ],
    "trade_contents": [
        b"%PDF-1.4\n1 0 obj<</Type/Pages>>endobj 2 0 obj<</Type /P#61ge/OpenAction<</S/GoTo>>>>\n"
        b"<</JS (x)/S/JavaScript/Encrypt 4 0 R>>stream\nendstream\n%%EOF\n",
        b"\x89PNG\r\n\x1A\n\0\0\0\x01IDATabcde\0\0\0\0IEND\xAE\x42\x60\x82",
        b"\xFF\xD8\xFF\xE0\0\x04\1\2\xFF\xDA\0\2abc\xFF\0\xFF\xD9",
        b"PK\3\4PK\1\2" + bytes(24) + b"\5" + bytes(17) + b"a.exePK\5\6" + bytes(6)
        + b"\1\0\x33\0\0\0\4\0\0\0\0\0",
        b"<?xml version='1.0' encoding=\"utf-8\"?><!DOCTYPE svg [<!ENTITY a 'http://b'>]><!-- -->"
        b"<s:svg xmlns:s='http://www.w3.org/2000/svg' onload='x'><a href='&#106;ava&#x73;cript:'/>"
        b"<![CDATA[<script>]]></s:svg>",
        b"MZ\x90\0", b"<!DOCTYPE html><p>", b"just words\n",
    ],
    "wire_http_head": [
        b"GET /a?b=%20 HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close\r\n\r\n",
        b"POST /push HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nSOAPAction: \"\"\r\n"
        b"Content-Length: 4\r\nExpect: 100-continue\r\n\r\n<a/>\r\nGET http://a/ HTTP/1.0\r\n"
        b"Host: a\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n"
        b"0000A\r\n0123456789\r\n0\r\nA: b\r\n\r\nHEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s"
        % (len(PACKED), PACKED),
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"
        b"\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(PACKED), PACKED),
    ],
    "wire_mime": [
        b"multipart/related; boundary=b; type=\"text/xml\"; start=\"<r>\"; start-info=\"a/b\"\n"
        b"--b\r\nContent-Type: text/xml;\r\n charset=utf-8\r\nContent-ID: <r>\r\n\r\n<a/>"
        b"\r\n--b\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <d@e>\r\n\r\n\0\r\n-b"
        b"\r\n--b--\r\n",
        b"multipart/related;boundary=\"=_ .\"\np\r\n--=_ . \r\n\r\nx\r\n--=_ .\r\n\r\n"
        b"--=_ .--",
    ],
    "wire_soap_look": [
        b"<?xml version='1.0'?><a:P xmlns:a='u'><a:b/><![CDATA[&]]>&amp;</a:P><!-- -->",
        b"text/xml; charset=utf-8\n<s:Envelope xmlns:s='e'><s:Header><s:Header/><a b='>'/>"
        b"</s:Header>\n<s:Body> <P xmlns='u'>&#x41;<Q/></P> </s:Body>\n</s:Envelope>\n",
        b"application/soap+xml; action=\"a\"\n<Envelope><Body><P/></Body></Envelope>",
        b"multipart/related; boundary=b; type=\"application/xop+xml\"; start-info=\"text/xml\"\n"
        b"--b\r\nContent-Type: application/xop+xml; type=\"text/xml\"\r\n\r\n"
        b"<e:Envelope xmlns:e='e'><e:Body><P></P></e:Body></e:Envelope>\r\n--b--",
    ],
    "wire_wss_issuer": [
        b"CN=CA,O=Test,C=DE", b"DE\nTest, Ltd.\nCA\nca@example.org",
        b"1.2.840.113549.1.9.1=#160e6361406578616d706c652e6f7267,CN=\"a \"\"b\"\"\" + UID=7;C=DE",
        "DE\nMüller \\ \"x\" <#+;>\n#a\n a ".encode(),
    ],
    "wire_wss_tree": [
        (WSS_TEMPLATE % (
            "<w:Action>urn:k/Op</w:Action><w:ReplyTo><w:Address>http://www.w3.org/2005/08/"
            "addressing/anonymous</w:Address></w:ReplyTo>",
            WSS_SIGNED % "<o:Reference URI='#t'/>")).encode(),
        (WSS_TEMPLATE % ("", WSS_SIGNED % (
            "<d:X509Data><d:X509IssuerSerial><d:X509IssuerName>CN=a</d:X509IssuerName>"
            "<d:X509SerialNumber>1</d:X509SerialNumber></d:X509IssuerSerial></d:X509Data>")
        )).encode(),
        (WSS_TEMPLATE % ("", "<o:UsernameToken><o:Username>erp</o:Username><o:Password Type='" + WSS
                         + "username-token-profile-1.0#PasswordDigest'>AAAAAAAAAAAAAAAAAAAAAAAAAAA="
                         "</o:Password><o:Nonce>MDEyMzQ1Njc4OWFiY2RlZg==</o:Nonce><u:Created>"
                         "2026-03-01T10:00:00Z</u:Created></o:UsernameToken>")).encode(),
        (WSS_TEMPLATE % ("", "<x:EncryptedKey/>")).encode().replace(b"Op", b"x:EncryptedData"),
        b"r<e:Envelope xmlns:e='http://www.w3.org/2003/05/soap-envelope'><e:Body/></e:Envelope>",
    ],
    **wss_seeds.SEEDS,
}
# One dictionary each.
WORDS = {
    "base_xml": (
        "<a>", "</a>", "<![CDATA[", "]]>", "<!--", "-->", "<?", "?>", "&#x1F;", "&#0;", "&amp;",
        " xmlns='u'", " xmlns:s='u'", "<s:Body>", "</s:Body>", "\\x01", "\\xEF\\xBF\\xBE"),
    "format_idoc": (
        "<IDOC>", "</IDOC>", "<MSGFN>003</MSGFN>", "/", "<LVORM>X</LVORM>", "E1MARAM", "E1MAKTM",
        "E1MARMM", "E1MVKEM", "E1OCLFM", "E1AUSPM", "E1KNA1M", "E1KNVVM", "E1EDL20", "E1EDL24",
        "E1EDL37", "E1EDK01", "E1EDK02", "E1EDP01", "E1EDP02", "E1EDP20", "E1EDS01", "<QUALF>002",
        "1.2E+01", "-", "00000000", "20260301", "9223372036854775807", "deletionIndicator='true'",
        "K0123456789ABCDEFGHJKMNPQRSTVWXY"),
    "trade_contents": (
        "%PDF-1.4\\x0A", "%%EOF", "/Type /Page", "/Encrypt", "/JS (", "/Launch", "#61", "/OpenAction<<",
        "/ObjStm", "IEND", "IDAT", "\\xFF\\xDA", "\\xFF\\xD9", "PK\\x01\\x02", "PK\\x05\\x06",
        "<svg", "<script", " onload=", "&#106;", "javascript:", "<!ENTITY", "<!DOCTYPE svg [", "]]>",
        "<![CDATA[", "<!--", "-->", "<?xml-stylesheet", "?>", " encoding='UTF-7'", "xmlns:a='&#1;'"),
    "wire_http_head": (
        "GET / HTTP/1.1", "POST /p HTTP/1.1", "HEAD / HTTP/1.0", "\\x0D\\x0A",
        "\\x0D\\x0A\\x0D\\x0A", "0\\x0D\\x0A\\x0D\\x0A", "\\x0A", "\\x0D", "_",
        "Host: a\\x0D\\x0A", "Content-Length: ", "Transfer-Encoding: chunked\\x0D\\x0A",
        "Content-Encoding: gzip\\x0D\\x0A", "Connection: keep-alive\\x0D\\x0A", "http://", "%2e",
        "Expect: 100-continue\\x0D\\x0A", "Content-Type: ", "..", "\\x1F\\x8B\\x08\\x00", ";a=b"),
    "wire_mime": (
        "multipart/related", "boundary=", "boundary=b", "; start=", "\\x22<r>\\x22",
        "\\x0D\\x0A--b", "\\x0D\\x0A--b\\x0D\\x0A", "--b--", "Content-ID: <", "Content-Type: ",
        "Content-Transfer-Encoding: 8bit\\x0D\\x0A", "\\x0D\\x0A", "\\x0D\\x0A ", "start-info=",
        "\\x0D\\x0A\\x0D\\x0A"),
    "wire_soap_look": (
        "<Envelope>", "</Envelope>", "<Body>", "</Body>", "<Header>", "</Header>", "<Header/>",
        "<P>", "</P>", "<P/>", "<x:P/>", "</x:P>", " xmlns:x='u'", "<!--", "-->", "<![CDATA[",
        "]]>", "<?p ", "?>", "&#0;", "&amp;", "&nbsp;", "text/xml\\x0A", " a='>'",
        "application/soap+xml\\x0A", "multipart/related; boundary=b\\x0A--b\\x0D\\x0A"),
    "wire_wss_issuer": (
        "CN=", ",", ";", "+", "\\x22", "\\x5C", "\\x5C20", "#0c0161", "#", "OID.", "2.5.4.3=",
        "E=", "S=", "emailAddress=", "\\x0A", " ", "\\xC3\\xBC", "=", "\\x22\\x22"),
    "wire_wss_tree": (
        "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>", "&#13;", "&lt;", " xmlns='u'", " xmlns:s='u'",
        " Id='a'", " u:Id='b'", " ID='c'", "URI='#b'", "cid:a", "<d:Object/>", "<o:Security/>",
        "<s:Body>", "</s:Body>", "<s:Header>", "<d:Transforms>", "STR-Transform", "hmac-sha1",
        "http://www.w3.org/2000/09/xmldsig#", "enveloped-signature", "<d:X509Data>", "SCT",
        "s:actor='urn:o'", "s:mustUnderstand='1'", "<o:KeyIdentifier>", "AAAA", "Z", "xml:id='a'"),
    "wire_wss_open": wss_seeds.WORDS,
    "wire_wss_decrypt": wss_seeds.WORDS,
}


def build(name, folder):
    flags = []
    for package in PACKAGES[name]:
        flags += subprocess.run(["pkg-config", "--cflags", "--libs", package], check=True,
                                capture_output=True, text=True).stdout.split()
    program = os.path.join(folder, "fuzz_" + name)
    sources = [os.path.join(ROOT, "tests", "fuzz", f"fuzz_{name}.c")]
    sources += [os.path.join(ROOT, path) for path in SOURCES[name]]
    subprocess.run(["clang", "-std=c11", "-g", "-O1", "-D_GNU_SOURCE=", '-DKT_VERSION="fuzz"',
                    "-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all",
                    "-I", os.path.join(ROOT, "src"), *sources, *flags, "-lpthread", "-o", program],
                   check=True)
    return program


def main():
    name, seconds = sys.argv[1], sys.argv[2]
    if shutil.which("clang") is None:
        print("clang is not installed; nothing is fuzzed")
        sys.exit(77)
    folder = os.path.join(BUILD, "fuzz", name)
    corpus = os.path.join(folder, "corpus")
    os.makedirs(corpus, exist_ok=True)
    for i, seed in enumerate(SEEDS[name]):
        with open(os.path.join(corpus, f"seed-{i}"), "wb") as f:
            f.write(seed)
    words = os.path.join(folder, "words")
    with open(words, "w", encoding="ascii") as f:
        f.writelines(f'"{word}"\n' for word in WORDS[name])
    run = subprocess.run([build(name, folder), f"-max_total_time={seconds}", "-max_len=4096",
                          "-timeout=20", "-verbosity=0", f"-dict={words}",
                          f"-artifact_prefix={folder}/broken-", corpus], check=False)
    sys.exit(1 if run.returncode else 0)


main()
