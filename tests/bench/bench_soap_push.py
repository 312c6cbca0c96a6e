#!/usr/bin/python3
"""How fast stock figures are taken by SOAP: Kontor, which answers what it has committed, on SQLite
and on PostgreSQL, beside node-soap (two processes) and PHP's SoapServer (two workers), which parse
and answer but store nothing. Called by scripts/bench soap-push.

    bench_soap_push.py --program KONTOR --load LOAD_CLIENT [--rounds 3] [--seconds 1.5] [--check]

Every message is another one: an id of its own, new figures; its articles go round in 10,000. Rounds
take turns; figures are medians. ratio: lines a second with 100 lines a message over TLS, Kontor on
SQLite to node-soap. p99_ms: of messages with one line over TLS on SQLite. rss_mb: Kontor's most.
--check: that ratio alone, in short; ends with 1 below half of what ratios.txt says."""
import argparse
import base64
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
sys.path[:0] = [os.path.join(HERE, "..", "interop"), os.path.join(HERE, "..", "flow")]
import database_server  # noqa: E402
import installation  # noqa: E402
import messages  # noqa: E402
import packages  # noqa: E402

WSDL = os.path.join(ROOT, "wsdl", "kontor", "push.wsdl")
RATIOS = os.path.join(HERE, "ratios.txt")
CONNECTIONS, WORKERS = 16, 2
CASES = ((False, 1), (False, 100), (True, 1), (True, 100))
LOGIN = base64.b64encode(f"{installation.USER}:{installation.PASSWORD}".encode()).decode()


def body_of(lines):
    """About 1 kB with one line; '#' and '@' are what load_client replaces."""
    stock = [{"sku": "BENCH-@@@@", "warehouse": "0001", "unit": "PCE", "onHand": "######.5",
              "available": "12", "basis": "atp", "asOfMark": "5000000001"} for _ in range(lines)]
    header = "".join(f'<a:{n} xmlns:a="{messages.WSA}">{v}</a:{n}>' for n, v in (
        ("Action", f"{messages.NAMESPACE}/PushStock"), ("To", "https://kontor.example/soap/push")))
    return messages.envelope("PushStock", {"messageId": "bench-##########", "stock": stock},
                             header=header)


def cpu_s(pids):
    """User and system time of these processes so far."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def rss_mb(pids):
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            total += next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
    return total / 1024


def family(pid):
    """A process and its children."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [pid, *(int(p) for p in file.read().split())]


class Kontor:
    """On a database in TMPDIR, on the disk that is to be measured."""
    path = installation.PUSH

    def __init__(self, database):
        self.name = f"Kontor, {database}"
        self.database, self.server = database, None

    def start(self):
        kut = installation.kut
        self.there = installation.Place("bench")
        if self.database == "postgresql":
            self.server = database_server.Postgresql(syncs=True,
                                                     below=tempfile.gettempdir()).start()
            self.there.database = kut.ServerDatabase(self.server, self.there.folder)
        self.there.__enter__()
        node = self.there.kontor.serve(**installation.NODE)
        kut.wait_for("the node's ports", self.there.answers, alive=[node])
        self.plain, self.tls = self.there.ways.plain, self.there.ways.tls
        self.pids = [node.process.pid]
        return self

    def words(self, _):
        return ["--header", f"Authorization: Basic {LOGIN}"]

    def close(self):
        self.there.close()
        if self.server:
            self.server.close()


class Node:
    """node-soap: one server for plain HTTP and one for TLS."""
    name, path = "node-soap", installation.PUSH

    def __init__(self, folder, certificate):
        self.folder, self.certificate, self.processes = folder, certificate, []

    def start(self):
        env = dict(os.environ, NODE_PATH=str(packages.node_modules()))
        ports = []
        for n, more in enumerate(([], self.certificate)):
            file = os.path.join(self.folder, f"node-{n}")
            self.processes.append(subprocess.Popen(
                ["node", os.path.join(installation.HERE, "servers", "server.js"), file, WSDL,
                 str(WORKERS), *more], env=env))
            ports.append(wait_file(file, self.processes[-1]))
        self.plain, self.tls = ports
        self.pids = [p for process in self.processes for p in family(process.pid)]
        return self

    def words(self, _):
        return []

    def close(self):
        for process in self.processes:
            process.terminate()
            process.wait(10)


class Php:
    """PHP's own server: plain HTTP only, and a connection for each message."""
    name, path, tls = "PHP SoapServer", "/", None

    def __init__(self, folder):
        self.folder = folder

    def start(self):
        if shutil.which("php") is None:
            raise packages.Missing("no php here (scripts/deps --test installs it)")
        self.plain = database_server.free_port()
        with open(os.path.join(self.folder, "php.log"), "ab") as log:
            self.process = subprocess.Popen(
                ["php", "-d", f"soap.wsdl_cache_dir={self.folder}", "-S",
                 f"127.0.0.1:{self.plain}",
                 os.path.join(installation.HERE, "servers", "server.php")],
                env=dict(os.environ, PHP_CLI_SERVER_WORKERS=str(WORKERS), KONTOR_WSDL=WSDL),
                stdout=log, stderr=log, start_new_session=True)
        installation.kut.wait_for("PHP's port", self.answers)
        self.pids = family(self.process.pid)
        return self

    def answers(self):
        with database_server.socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.plain)) == 0

    def words(self, _):
        return []

    def close(self):
        for pid in self.pids:
            os.kill(pid, 15)
        self.process.wait(10)


def wait_file(path, process):
    def read():
        if not os.path.exists(path):
            return 0
        with open(path, encoding="ascii") as file:
            return int(file.read())
    if process.poll() is not None:
        raise RuntimeError(f"{process.args[0]} ended with {process.returncode}")
    return installation.kut.wait_for(path, read)


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder, self.numbers = options, folder, 1
        self.rows = {}
        self.bodies = {}
        for lines in (1, 100):
            self.bodies[lines] = os.path.join(folder, f"body-{lines}")
            with open(self.bodies[lines], "wb") as file:
                file.write(body_of(lines))

    def load(self, server, tls, lines, seconds):
        """One measurement: what load_client says, with CPU and memory of the server."""
        words = [self.options.load, "--port", str(server.tls if tls else server.plain),
                 "--connections", str(CONNECTIONS), "--seconds", str(seconds), "--path",
                 server.path, "--body", self.bodies[lines], "--first", str(self.numbers),
                 *server.words(tls), *(["--tls"] if tls else [])]
        for name, value in messages.content_type("PushStock").items():
            words += ["--header", f"{name}: {value}"]
        before = cpu_s(server.pids)
        done = subprocess.run(words, capture_output=True, timeout=seconds + 60, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{server.name}: {done.stdout.decode()}{done.stderr.decode()}")
        said = {n: float(v) for n, v in (w.split("=") for w in done.stdout.decode().split())}
        said.update(cpu_s=cpu_s(server.pids) - before, rss_mb=rss_mb(server.pids))
        self.numbers += int(said["requests"]) * (lines + 1) + CONNECTIONS * (lines + 1)
        return said

    def measure(self, servers, cases, rounds, seconds):
        for server in servers:              # caches fill, articles are created
            for tls, lines in cases:
                if not tls or server.tls:
                    self.load(server, tls, lines, min(seconds, 1))
        for _ in range(rounds):
            for tls, lines in cases:
                for server in servers:
                    if not tls or server.tls:
                        self.rows.setdefault((server.name, tls, lines), []).append(
                            self.load(server, tls, lines, seconds))

    def middle(self, name, tls, lines, what):
        return statistics.median(r[what] for r in self.rows[name, tls, lines])

    def table(self):
        print(f"{'server':<20} {'case':<15} {'requests/s':>10} {'lines/s':>9} {'p50 ms':>8} "
              f"{'p99 ms':>8} {'CPU s/s':>8} {'rss MB':>7}")
        for name, tls, lines in self.rows:
            def of(what, key=(name, tls, lines)):
                return self.middle(*key, what)
            case = f"{'TLS' if tls else 'plain'}, {lines} line{'s' if lines > 1 else ''}"
            print(f"{name:<20} {case:<15} {of('per_s'):>10.0f} {of('per_s') * lines:>9.0f} "
                  f"{of('p50_ms'):>8.2f} {of('p99_ms'):>8.2f} {of('cpu_s') / of('seconds'):>8.2f} "
                  f"{of('rss_mb'):>7.0f}")

    def ratio(self, name="Kontor, sqlite"):
        return self.middle(name, True, 100, "per_s") / self.middle("node-soap", True, 100, "per_s")


def committed_ratio(name):
    with open(RATIOS, encoding="ascii") as file:
        rows = dict(line.split() for line in file if line.strip() and not line.startswith("#"))
    return float(rows[name])


def words():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--load", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--on", action="append", choices=("sqlite", "postgresql"))
    return parser.parse_args()


def start(stack, made, must):
    """Starts a server; one that cannot be had here is left out, with a word."""
    try:
        server = made.start()
    except (packages.Missing, database_server.Absent) as why:
        if must:
            print(f"skipped: {why}")
            sys.exit(77)
        print(f"left out: {made.name}: {why}")
        return []
    stack.append(server)
    return [server]


def run(options, folder, stack):
    os.environ["KONTOR_BIN"] = os.path.abspath(options.program)
    authority = installation.certificates.Authority(folder)
    servers = []
    for database in options.on or (["sqlite"] if options.check else ["sqlite", "postgresql"]):
        servers += start(stack, Kontor(database), database == "sqlite")
    servers += start(stack, Node(folder, authority.server("node")), True)
    if not options.check:
        servers += start(stack, Php(folder), False)
    bench = Bench(options, folder)
    cases = [(True, 100)] if options.check else CASES
    rounds, seconds = (5, 1) if options.check else (options.rounds, options.seconds)
    bench.measure(servers, cases, rounds, seconds)
    bench.table()
    first = servers[0].name
    one = (first, True, cases[0][1] if options.check else 1)
    most = max(r["rss_mb"] for (name, *_), rows in bench.rows.items() if name == first for r in rows)
    print(f"soap-push ratio={bench.ratio(first):.2f} p99_ms={bench.middle(*one, 'p99_ms'):.1f} "
          f"rss_mb={most:.0f}")
    least = committed_ratio("soap-push") / 2
    if options.check and bench.ratio(first) < least:
        print(f"below half of what tests/bench/ratios.txt says: {least:.2f}")
        return 1
    return 0


def main():
    options, stack = words(), []
    with tempfile.TemporaryDirectory(prefix="kontor-bench-") as folder:
        try:
            return run(options, folder, stack)
        finally:
            for server in reversed(stack):
                server.close()


if __name__ == "__main__":
    began = time.monotonic()
    status = main()
    print(f"took {time.monotonic() - began:.0f} s", file=sys.stderr)
    sys.exit(status)
