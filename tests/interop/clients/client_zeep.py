"""A SOAP client by zeep: reads one JSON job from standard input, prints one JSON list. What the job
looks like stands in ../soap_clients.py."""
import base64
import datetime
import decimal
import json
import os
import sys

import requests
import zeep
import zeep.exceptions
import zeep.helpers
from lxml import etree

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


def plain(value):
    if isinstance(value, (decimal.Decimal, datetime.date)):
        return str(value)
    if isinstance(value, bytes):
        return value.decode("latin-1")
    raise TypeError(type(value))


def octets(value):
    """{"base64": …} stands for octets, which JSON cannot carry."""
    if isinstance(value, list):
        return [octets(v) for v in value]
    if isinstance(value, dict):
        return base64.b64decode(value["base64"]) if set(value) == {"base64"} else {
            n: octets(v) for n, v in value.items()}
    return value


def detail_of(fault):
    """The fault's detail as nested dicts of local names."""
    def read(node):
        inner = {etree.QName(n).localname: read(n) for n in node}
        return inner or (node.text or "")
    return None if fault.detail is None else read(fault.detail)


class Kept(zeep.Transport):
    """Remembers the last answer's status, and what was sent and came as texts."""
    status, sent, got = 0, "", ""

    def post(self, address, message, headers):
        answer = super().post(address, message, headers)
        self.status = answer.status_code
        self.sent, self.got = message.decode(), answer.content.decode()
        return answer


def main():
    job = json.load(sys.stdin)
    session = requests.Session()
    session.verify = job.get("ca", True)
    session.trust_env = False
    if "cert" in job:
        session.cert = (job["cert"], job["key"])
    if "user" in job:
        session.auth = (job["user"], job["password"])
    transport = Kept(session=session, timeout=60, operation_timeout=60)
    more = {}
    if "wss" in job:
        import zeep_wss
        more = zeep_wss.choices(job["wss"])
    client = zeep.Client(job["wsdl"], transport=transport, **more)
    wanted = zeep.wsdl.bindings.Soap12Binding if job["soap"] == "1.2" \
        else zeep.wsdl.bindings.Soap11Binding
    service, port = next(
        (s.name, p.name) for s in client.wsdl.services.values() for p in s.ports.values()
        if type(p.binding) is wanted)       # exactly: the one inherits from the other's base
    proxy = client.bind(service, port)
    answers = []
    for operation, request, *_ in job["calls"]:
        try:
            answer = proxy[operation](**octets(request))
            answers.append({"answer": zeep.helpers.serialize_object(answer, dict)})
        except zeep.exceptions.Fault as fault:
            answers.append({"fault": {"code": fault.code, "text": fault.message,
                                      "detail": detail_of(fault), "status": transport.status}})
        except zeep.exceptions.SignatureVerificationFailed:     # as zeep tells a fault without one
            answers.append({"unverified": True})
        if "wss" in job:
            answers[-1].update(sent=transport.sent, got=transport.got)
    json.dump(answers, sys.stdout, default=plain)


if __name__ == "__main__":
    main()
