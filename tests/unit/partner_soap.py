"""SOAP answers of the partner in partner.py: path -> (status, media type, octets)."""
OK, FAILED = "200 OK", "500 Internal Server Error"
XML = "text/xml; charset=utf-8"
NAV = b"urn:microsoft-dynamics-schemas/error"


def envelope(body, uri=b"http://schemas.xmlsoap.org/soap/envelope/"):
    return (b"\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8'?><Soap:Envelope xmlns:Soap='" + uri
            + b"' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><Soap:Header/><Soap:Body>"
            + body + b"</Soap:Body></Soap:Envelope>")


ROWS = b"<Result xmlns='urn:r'><value>a b</value><none xsi:nil='true'/></Result>"
FAULT = (b"<Soap:Fault><faultcode xmlns:a='" + NAV + b"'>a:Microsoft.Dynamics.Nav.Types.Exceptions."
         b"NavNCLDialogException</faultcode><faultstring xml:lang='es-ES'>No existe\x1f "
         b"&lt;x&gt;</faultstring><detail><string xmlns='urn:d'>one &amp; two</string></detail>"
         b"</Soap:Fault>")
FAULT_12 = (b"<Soap:Fault><Soap:Code><Soap:Value>Soap:Sender</Soap:Value></Soap:Code><Soap:Reason>"
            b"<Soap:Text xml:lang='en'>no</Soap:Text></Soap:Reason></Soap:Fault>")

ANSWERS = {
    "soap": (OK, XML, envelope(ROWS)),
    "soap_odd": (OK, XML, envelope(ROWS.replace(b"a b", b"a\x01b&#x1F;c\xEF\xBF\xBE&#0;d&#xD;"))),
    "soap_empty": (OK, XML, envelope(b"")),
    "soap_fault": (FAILED, XML, envelope(FAULT)),
    "soap_fault_200": (OK, XML, envelope(FAULT)),
    "soap_fault_12": (FAILED, "application/soap+xml",
                      envelope(FAULT_12, b"http://www.w3.org/2003/05/soap-envelope")),
    "soap_values_500": (FAILED, XML, envelope(ROWS)),
    "soap_503": ("503 Service Unavailable", "text/html", b"<html>closed</html>"),
    "soap_page": (OK, "text/html", b"<!DOCTYPE html><html><body>login\x01</body></html>"),
    "soap_login": ("401 Unauthorized", XML, envelope(ROWS)),
    "soap_cut": (OK, XML, envelope(ROWS)[:-30]),
    "soap_entity": (OK, XML, envelope(ROWS.replace(b"a b", b"&nbsp;\x01"))),
    "soap_prefix": (OK, XML, envelope(b"<x:y/>")),
    "soap_utf": (OK, XML, envelope(b"<y>\xff</y>")),
    "soap_doctype": (OK, XML, b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + envelope(b"<y>&b;</y>")[41:]),
    "soap_xml": (OK, XML, b"<status>up</status>"),
    "soap_envelope": (OK, XML, envelope(ROWS, b"urn:mail")),
    "soap_json": (OK, "application/json", b"{}"),
}
