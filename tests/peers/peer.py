"""Real partners for tests: installs what one needs once, starts it on 127.0.0.1, stops it.

Vendure's packages come by npm, as the lock file beside its server says, into build/peers/HASH
(KONTOR_PEERS names another folder). Where they cannot be had the tests skip and say why.
"""
import collections
import contextlib
import ctypes
import fcntl
import hashlib
import json
import os
import pathlib
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
SERVER = HERE / "vendure"
INSTALL_S, START_S, STOP_S = 600, 120, 20
KEEP = bool(os.environ.get("KONTOR_TEST_KEEP"))
USER, PASSWORD = "superadmin", "superadmin"


class Missing(Exception):
    """The partner cannot be had here."""


class Refused(AssertionError):
    """The shop answered with an error."""


def skip(why):
    """Ends with 77, which counts as skipped."""
    print(f"skipped: {why}")
    sys.exit(77)


# ---- installing

def store():
    named = os.environ.get("KONTOR_PEERS")
    return pathlib.Path(named) if named else HERE.parent.parent / "build" / "peers"


def install():
    """The folder whose node_modules hold Vendure; installs at the first time, one at a time."""
    for word in ("node", "npm"):
        if shutil.which(word) is None:
            raise Missing(f"no {word} here (scripts/deps --test installs it)")
    files = [SERVER / name for name in ("package.json", "package-lock.json")]
    name = hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest()[:16]
    folder = store() / f"vendure-{name}"
    store().mkdir(parents=True, exist_ok=True)
    with open(store() / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            _install(folder, files)
    return folder


def _install(folder, files):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for file in files:
        shutil.copy(file, folder)
    try:
        done = subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=INSTALL_S, check=False)
    except subprocess.TimeoutExpired as late:
        raise Missing(f"npm did not end within {INSTALL_S} s") from late
    if done.returncode != 0:
        words = done.stdout.decode(errors="replace").strip().splitlines()
        told = next((w for w in words if "error" in w.lower()), words[-1] if words else "no word")
        raise Missing(f"npm cannot install Vendure's packages: {told}")
    (folder / "done").touch()


# ---- the shop

def _die_with_parent():
    """A test that is killed leaves no shop behind."""
    ctypes.CDLL(None).prctl(1, int(signal.SIGKILL))     # PR_SET_PDEATHSIG


class Vendure:
    """with Vendure() as shop: shop.admin("{ activeChannel { code } }")

    Start it in the thread that lives as long as it: the shop ends with that thread.
    plain: without custom fields. net: prices without tax. postgres: libpq's variables of a
    database; then the shop keeps what it knows over kill() and start()."""

    def __init__(self, plain=False, postgres=None, language="de", currency="EUR", net=False):
        self.plain, self.postgres = plain, postgres
        self.market = {"PEER_LANGUAGE": language, "PEER_CURRENCY": currency,
                       "PEER_NET": "1" if net else ""}
        self.folder = tempfile.mkdtemp(prefix="kontor-vendure-")
        self.log = os.path.join(self.folder, "log")
        self.process = self.url = None
        self.port = 0                    # the same one after a restart
        self.token = None

    def start(self):
        installed = install()
        env = dict(os.environ, NODE_PATH=str(installed / "node_modules"), PEER_PORT=str(self.port),
                   PEER_FOLDER=self.folder, PEER_PLAIN="1" if self.plain else "", **self.market,
                   PEER_DB="postgres" if self.postgres else "sqljs", **(self.postgres or {}))
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(["node", str(SERVER / "server.js")], env=env,
                                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                            stderr=log, preexec_fn=_die_with_parent)
        self.port = self._wait_ready()
        self.url = f"http://127.0.0.1:{self.port}"
        self.token = None
        return self

    def _wait_ready(self):
        end, read = time.monotonic() + START_S, b""
        with selectors.DefaultSelector() as ready:
            ready.register(self.process.stdout, selectors.EVENT_READ)
            while time.monotonic() < end:
                if not ready.select(0.2):
                    continue
                more = os.read(self.process.stdout.fileno(), 4096)
                read += more
                for line in read.decode(errors="replace").splitlines():
                    if line.startswith("READY "):
                        return int(line.split()[1])
                if not more:
                    break
        self.kill()
        with open(self.log, encoding="utf-8", errors="replace") as log:
            raise RuntimeError("Vendure did not start:\n" + log.read()[-4000:])

    def kill(self):
        """SIGKILL, as a power cut of the process."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.stop()
        if not KEEP:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_):
        self.close()

    # ---- talking to it

    def ask(self, path, sent=None, headers=None, method=None):
        """(answer, headers) of one HTTP request with JSON both ways."""
        body = None if sent is None else json.dumps(sent).encode()
        request = urllib.request.Request(self.url + path, body, dict(headers or {}), method=method)
        if body is not None:
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer), answer.headers
        except urllib.error.HTTPError as refused:
            with refused:
                raise Refused(f"{path}: {refused.code} {refused.read().decode()[:800]}") from None

    def graphql(self, api, query, variables=None, token=None):
        """(data, token); errors, typed ones too, are raised."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer, got = self.ask(f"/{api}-api", {"query": query, "variables": variables}, headers)
        if answer.get("errors"):
            raise Refused(f"{api}: {json.dumps(answer['errors'])[:800]}")
        for name, value in answer["data"].items():
            if isinstance(value, dict) and value.get("errorCode"):
                raise Refused(f"{api} {name}: {value['errorCode']} {value.get('message')}")
        return answer["data"], got.get("vendure-auth-token") or token

    def admin(self, query, variables=None):
        """As the shop's administrator."""
        if self.token is None:
            _, self.token = self.graphql(
                "admin", "mutation($u:String!,$p:String!){login(username:$u,password:$p){"
                "... on CurrentUser{id} ... on ErrorResult{errorCode message}}}",
                {"u": USER, "p": PASSWORD})
        data, _ = self.graphql("admin", query, variables, self.token)
        return data

    def all(self, field, selection, options=None, size=500):
        """Every item of a list of the admin API."""
        kind = "".join([field[0].upper(), field[1:-1] if field[-3:] != "ies" else field[1:-3] + "y"])
        found, total = [], 1
        while len(found) < total:
            page = self.admin(
                f"query($o:{kind}ListOptions){{{field}(options:$o){{totalItems items{{{selection}}}}}}}",
                {"o": dict(options or {}, skip=len(found), take=size, sort={"id": "ASC"})})[field]
            found, total = found + page["items"], page["totalItems"]
            if not page["items"]:
                break
        return found

    def counts(self):
        """What the admin API was asked for: {"requests": n, "mutations": {name: n}}."""
        counts = self.ask("/_peer/counts")[0]
        counts["mutations"] = collections.Counter(counts["mutations"])
        return counts

    def written(self):
        """Mutations that change something: all but the login."""
        return sum(n for name, n in self.counts()["mutations"].items() if name != "login")

    def log_out_all(self):
        """Every login ends at once, as if it had expired."""
        self.token = None
        return self.ask("/_peer/log-out", method="POST")[0]["sessions"]


@contextlib.contextmanager
def vendure(**options):
    """A running shop, or the test is skipped."""
    try:
        install()
    except Missing as why:
        skip(why)
    with Vendure(**options) as shop:
        yield shop
