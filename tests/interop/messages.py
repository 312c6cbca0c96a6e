"""Messages made by hand, as octets: SOAP envelopes, MIME packages with attachments (RFC 2387, MTOM).
"""
from xml.sax.saxutils import escape

NAMESPACE = "urn:kontor:push:1"
ENVELOPE = {"1.1": "http://schemas.xmlsoap.org/soap/envelope/",
            "1.2": "http://www.w3.org/2003/05/soap-envelope"}
XOP = "http://www.w3.org/2004/08/xop/include"
WSA = "http://www.w3.org/2005/08/addressing"


def elements(fields):
    """{"sku": "A", "expected": {"item": […]}} as elements of our namespace; a tuple is XML."""
    made = []
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                inner = elements(one)
            elif isinstance(one, tuple):
                inner = one[0]
            else:
                inner = escape(str(one).lower() if isinstance(one, bool) else str(one))
            made.append(f"<k:{name}>{inner}</k:{name}>")
    return "".join(made)


def envelope(operation, fields, soap="1.1", header=""):
    head = f"<s:Header>{header}</s:Header>" if header else ""
    return (f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{ENVELOPE[soap]}" '
            f'xmlns:k="{NAMESPACE}">{head}<s:Body><k:{operation}>{elements(fields)}'
            f"</k:{operation}></s:Body></s:Envelope>").encode()


def content_type(operation, soap="1.1"):
    """Headers that go with it."""
    action = f"{NAMESPACE}/{operation}"
    if soap == "1.2":
        return {"Content-Type": f'application/soap+xml; charset=utf-8; action="{action}"'}
    return {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action}"'}


def include(cid):
    """What stands in the place of an attachment's octets."""
    return (f'<xop:Include xmlns:xop="{XOP}" href="cid:{cid}"/>',)


def package(operation, root, parts, soap="1.1", boundary="=_kontor-part-7f3a"):
    """(headers, octets); parts: [(content id, media type, octets)]."""
    kind = content_type(operation, soap)
    inner = {"1.1": "text/xml", "1.2": "application/soap+xml"}[soap]
    made = [f'--{boundary}\r\nContent-Type: application/xop+xml; charset=UTF-8; type="{inner}"\r\n'
            "Content-Transfer-Encoding: 8bit\r\nContent-ID: <root@kontor>\r\n\r\n".encode(), root,
            b"\r\n"]
    for cid, media, octets in parts:
        made += [f"--{boundary}\r\nContent-Type: {media}\r\nContent-Transfer-Encoding: binary\r\n"
                 f"Content-ID: <{cid}>\r\n\r\n".encode(), octets, b"\r\n"]
    made.append(f"--{boundary}--\r\n".encode())
    headers = dict(kind)
    headers["Content-Type"] = (
        f'multipart/related; type="application/xop+xml"; start="<root@kontor>"; '
        f'start-info="{inner}"; boundary="{boundary}"'
        + (f'; action="{NAMESPACE}/{operation}"' if soap == "1.2" else ""))
    return headers, b"".join(made)


def pdf(filling):
    """A PDF of one empty page that carries these octets in a stream."""
    return (b"%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
            b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
            b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\n"
            b"4 0 obj<</Length %d>>stream\n%s\nendstream endobj\n"
            b"trailer<</Root 1 0 R/Size 5>>\nstartxref\n0\n%%%%EOF\n" % (len(filling), filling))
