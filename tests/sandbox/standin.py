"""Starts and stops a stand-in as a process, for tests: waits for the port file, never sleeps."""
import base64
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
START_S = 30


class StandIn:
    """with StandIn("wcv3.py", "--state", file) as shop: shop.api("GET", "/products")"""

    def __init__(self, script, *options, key="ck_sandbox", secret="cs_sandbox", context=None):
        self.script, self.options, self.context = script, options, context
        self.login = base64.b64encode(f"{key}:{secret}".encode()).decode()
        self.process = self.url = None

    def start(self):
        with tempfile.TemporaryDirectory(prefix="kontor-standin-") as folder:
            port_file = os.path.join(folder, "port")
            self.process = subprocess.Popen(
                ["/usr/bin/python3", "-B", os.path.join(HERE, self.script), "--port-file",
                 port_file, *self.options], stdout=subprocess.DEVNULL)
            end = time.monotonic() + START_S
            while not os.path.exists(port_file):
                if self.process.poll() is not None or time.monotonic() > end:
                    self.kill()
                    raise RuntimeError(f"{self.script} did not start")
                time.sleep(0.02)
            with open(port_file, encoding="ascii") as file:
                port = int(file.read())
        self.url = f"{'https' if '--cert' in self.options else 'http'}://127.0.0.1:{port}"
        return self

    def kill(self):
        """The hard way, as a power cut of the process."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()

    def raw(self, method, path, sent=None, headers=None, timeout=20):
        """(status, headers, bytes); a refusal is an answer, not an exception."""
        body = json.dumps(sent).encode() if sent is not None else None
        request = urllib.request.Request(self.url + path, body, headers or {}, method=method)
        if body is not None and not request.has_header("Content-type"):
            request.add_header("Content-Type", "application/json")
        try:
            answer = urllib.request.urlopen(request, timeout=timeout, context=self.context)
        except urllib.error.HTTPError as refused:
            answer = refused
        with answer:
            return answer.status, answer.headers, answer.read()

    def api(self, method, route, sent=None, timeout=20):
        """(status, parsed answer, headers) of a wc/v3 call."""
        status, headers, data = self.raw(method, "/wp-json/wc/v3" + route, sent,
                                         {"Authorization": "Basic " + self.login}, timeout)
        return status, json.loads(data), headers

    def control(self, path, sent=None, method=None):
        status, _, data = self.raw(method or ("GET" if sent is None else "POST"),
                                   "/_sandbox/" + path, sent)
        if status != 200:
            raise RuntimeError(f"/_sandbox/{path}: {status} {data.decode()}")
        return json.loads(data)


def run(script, *options):
    """Runs one of the commands of this folder; returns (exit status, output)."""
    done = subprocess.run(["/usr/bin/python3", "-B", os.path.join(HERE, script), *options],
                          stdout=subprocess.PIPE, stderr=sys.stderr, timeout=120, check=False)
    return done.returncode, done.stdout.decode()
