"""SOAP clients that are not ours, each a program that does one job and ends:

    {"wsdl": URL, "soap": "1.1" | "1.2", "ca": FILE, "cert": FILE, "key": FILE, "user": WORD,
     "password": WORD, "calls": [[OPERATION, REQUEST], …]}

"wss" says what the message itself carries, in the words of each client (client.js, client_wss.php,
zeep_wss.py); then each answer has the texts "sent" and "got" besides.

Octets in a request are bytes. Only wsdl, soap and calls must be there. What it prints: for each call {"answer": …} or
{"fault": {"code", "text", "detail", "status"}}, as the client understood it.
"""
import base64
import json
import os
import shutil
import subprocess

import packages

HERE = os.path.dirname(os.path.abspath(__file__))
CLIENTS = os.path.join(HERE, "clients")
JOB_S = 120


class Broken(AssertionError):
    """The client ended with an error of its own instead of an answer or a fault."""


def _zeep():
    return ["/usr/bin/python3", "-B", os.path.join(CLIENTS, "client_zeep.py")], {}


def _php():
    if shutil.which("php") is None:
        raise packages.Missing("no php here (scripts/deps --test installs it)")
    return ["php", "-d", "default_socket_timeout=60", os.path.join(CLIENTS, "client.php")], {}


def _node():
    return (["node", os.path.join(CLIENTS, "client.js")],
            {"NODE_PATH": str(packages.node_modules())})


def _octets(value):
    return {"base64": base64.b64encode(value).decode()}


CLIENT = {"zeep": _zeep, "php": _php, "node": _node}


def run(client, job):
    """One job done by one client; the list that it printed."""
    command, env = CLIENT[client]()
    done = subprocess.run(command, input=json.dumps(job, default=_octets).encode(), capture_output=True,
                          env=dict(os.environ, LC_ALL="C.UTF-8", **env), timeout=JOB_S,
                          check=False)
    if done.returncode != 0:
        raise Broken(f"{client} ended with {done.returncode}\n"
                     f"{done.stdout.decode(errors='replace')[-2000:]}"
                     f"{done.stderr.decode(errors='replace')[-4000:]}")
    return json.loads(done.stdout)
