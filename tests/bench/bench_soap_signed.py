#!/usr/bin/python3
"""How fast secured messages are taken by SOAP over TLS: a UsernameToken with its password as digest,
X.509 signatures, signed and encrypted ones; on SQLite. Beside it the same stock without security
(Basic), and node-soap, which parses the UsernameToken and checks nothing, so that its rows stand for
no security at all. Called by scripts/bench soap-signed.

    bench_soap_signed.py --program KONTOR --load LOAD_CLIENT --sender WSS_SENDER --inside BENCH_WSS
                         [--rounds 3] [--seconds 1.5] [--check]

Every message is signed anew, before the round and by processes of their own, with another id and
other figures; answers say that they are committed. Rounds take turns; figures are medians. ratio:
what one verification costs in xmlsec by what it costs in Kontor, in one process (bench_wss), the
lowest case. p99_ms: of signed messages (RSA-2048) with one line over TLS. rss_mb: Kontor's most.
--check: the verification alone, in short; ends with 1 below half of what ratios.txt says, below 0.8,
or when a refusal costs more than 100 ms a MB."""
import argparse
import os
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import bench_soap_push as push  # noqa: E402
import installation  # noqa: E402
import messages  # noqa: E402
import packages  # noqa: E402

# What is sent: name, KIND of wss_sender (None: Basic), lines, how many a second at the most
CASES = (("Basic", None, 1, 6000), ("UsernameToken, digest", "digest", 1, 6000),
         ("signed, RSA-2048", "rsa", 1, 3000), ("signed, RSA-2048", "rsa", 100, 1000),
         ("signed, P-256", "ec", 1, 4000), ("signed (P-256), encrypted", "sealed", 1, 2000),
         ("signed (P-256), encrypted", "sealed", 100, 800))
NODE_CASES = ("UsernameToken, digest",)
LEAST = 0.8     # of xmlsec's speed, whatever this machine reaches


class Kontor(push.Kontor):
    """With a partner for each kind of message."""

    def __init__(self, folder):
        super().__init__("sqlite")
        self.keys = folder

    def start(self):
        file = lambda name: os.path.join(self.keys, name)
        signed = lambda name, *more: {"requires": ["signature", *more],
                                      "signers": [file(f"{name}.pem")]}
        policies = {"digest": {"requires": ["username-digest"], "user": "digest",
                               "password": "env:KONTOR_TEST_DIGEST"},
                    "rsa": signed("rsa"), "ec": signed("ec"),
                    "cbc": signed("cbc", "encryption")}
        self.there = there = installation.Place("bench")
        there.settings = {
            "security": {"clock": "trusted"}, "wss": policies,
            "keys": {"box": {"purpose": "decrypt", "certificate": file("box.pem"),
                             "key": file("box.key")}}}
        settings_of = installation.settings_of

        def with_partners(*words, **more):
            made = settings_of(*words, **more)
            made["partners"].update({name: {"erp": "main", "wss": name} for name in policies})
            return made
        installation.settings_of = with_partners
        installation.NODE["KONTOR_TEST_DIGEST"] = "secret"
        try:
            there.__enter__()
        finally:
            installation.settings_of = settings_of
        node = there.kontor.serve(**installation.NODE)
        installation.kut.wait_for("the node's ports", there.answers, alive=[node])
        self.plain, self.tls = there.ways.plain, there.ways.tls
        self.pids = [node.process.pid]
        return self


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder, self.numbers, self.rows = options, folder, 1, {}
        for lines in (1, 100):
            # each line of a message is an article of its own, the same in all messages
            text = push.body_of(lines).split(b"BENCH-@@@@")
            made = text[0] + b"".join(b"BENCH-%04d" % n + piece
                                      for n, piece in enumerate(text[1:]))
            with open(self.file(f"template-{lines}"), "wb") as file:
                file.write(made)

    def file(self, name):
        return os.path.join(self.folder, name)

    def make(self, kind, lines, count):
        """Two processes sign; the file with all of them."""
        parts, running = [], []
        for n in range(2):
            parts.append(self.file(f"messages-{n}"))
            running.append(subprocess.Popen([
                self.options.sender, "make", self.folder, kind, self.file(f"template-{lines}"),
                str(count // 2), str(self.numbers), parts[-1]]))
            self.numbers += (count // 2 + 1) * (lines + 1)
        if any(process.wait() for process in running):
            raise RuntimeError("the messages could not be made")
        whole = self.file("messages")
        with open(whole, "wb") as out:
            for part in parts:
                with open(part, "rb") as file:
                    out.write(file.read())
        return whole

    def load(self, server, case, seconds):
        _, kind, lines, a_second = case
        options = self.options
        words = [options.load, "--port", str(server.tls), "--tls", "--connections",
                 str(push.CONNECTIONS), "--seconds", str(seconds), "--path", server.path]
        if kind is None:
            words += ["--body", self.file(f"template-{lines}"), "--first", str(self.numbers),
                      *server.words(True)]
        else:
            words += ["--bodies", self.make(kind, lines, int(a_second * seconds))]
        for name, value in messages.content_type("PushStock").items():
            words += ["--header", f"{name}: {value}"]
        before = push.cpu_s(server.pids)
        done = subprocess.run(words, capture_output=True, timeout=seconds + 60, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{server.name}, {case}: {done.stdout.decode()}"
                               f"{done.stderr.decode()}")
        said = {n: float(v) for n, v in (w.split("=") for w in done.stdout.decode().split())}
        said.update(cpu_s=push.cpu_s(server.pids) - before, rss_mb=push.rss_mb(server.pids))
        self.numbers += (int(said["requests"]) + push.CONNECTIONS) * (lines + 1)
        return said

    def measure(self, servers, rounds, seconds):
        for n in range(rounds + 1):         # the first fills caches and does not count
            for case in CASES:
                for server in servers:
                    if isinstance(server, push.Node) and case[0] not in NODE_CASES:
                        continue
                    said = self.load(server, case, seconds if n else min(seconds, 0.7))
                    if n:
                        self.rows.setdefault((server.name, *case[:3]), []).append(said)

    middle = staticmethod(lambda rows, what: push.statistics.median(r[what] for r in rows))

    def table(self):
        print(f"{'server':<16} {'message':<34} {'requests/s':>10} {'lines/s':>8} {'p50 ms':>7} "
              f"{'p99 ms':>7} {'CPU us each':>11} {'rss MB':>7}")
        for (name, what, _, lines), rows in self.rows.items():
            def of(which, rows=rows):
                return self.middle(rows, which)
            each = of("cpu_s") * 1e6 / of("requests")
            case = f"{what}, {lines} line{'s' if lines > 1 else ''}"
            print(f"{name:<16} {case:<34} {of('per_s'):>10.0f} {of('per_s') * lines:>8.0f} "
                  f"{of('p50_ms'):>7.2f} {of('p99_ms'):>7.2f} {each:>11.0f} {of('rss_mb'):>7.0f}")


def words():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    for name in ("program", "load", "sender", "inside"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.5)
    parser.add_argument("--check", action="store_true")
    return parser.parse_args()


def inside(options):
    """The ratio in one process, and whether it and the refusals are as they should be."""
    least = max(push.committed_ratio("soap-signed") / 2, LEAST)
    short = ["9", "500"] if options.check else ["15", "1000"]
    done = subprocess.run([options.inside, *short, str(least)], stdout=subprocess.PIPE, check=False)
    lines = done.stdout.decode().splitlines()
    print("\n".join(lines[:-1]))
    if done.returncode not in (0, 1) or not lines:
        raise RuntimeError(f"{options.inside} ended with {done.returncode}")
    said = dict(word.split("=") for word in lines[-1].split()[1:])
    ratio = float(said["ratio"])
    if ratio < least:
        print(f"below {least:.2f}")
    return said, done.returncode == 0


def run(options, folder, stack):
    said, is_good = inside(options)
    if options.check:
        print(f"soap-signed ratio={said['ratio']} p99_ms={said['p99_ms']} rss_mb={said['rss_mb']}")
        return 0 if is_good else 1
    os.environ["KONTOR_BIN"] = os.path.abspath(options.program)
    subprocess.run([options.sender, "keys", folder], check=True)
    authority = installation.certificates.Authority(folder)
    servers = push.start(stack, Kontor(folder), True)
    try:
        servers += push.start(stack, push.Node(folder, authority.server("node")), False)
    except packages.Missing as why:
        print(f"left out: node-soap: {why}")
    bench = Bench(options, folder)
    bench.measure(servers, options.rounds, options.seconds)
    bench.table()
    first = servers[0].name
    one = bench.rows[first, "signed, RSA-2048", "rsa", 1]
    most = max(r["rss_mb"] for (name, *_), rows in bench.rows.items() if name == first
               for r in rows)
    print(f"soap-signed ratio={said['ratio']} p99_ms={bench.middle(one, 'p99_ms'):.1f} "
          f"rss_mb={most:.0f}")
    return 0 if is_good else 1


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
