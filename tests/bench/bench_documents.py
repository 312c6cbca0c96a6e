#!/usr/bin/python3
"""How fast documents are taken: pushed by SOAP with their content as an attachment (MTOM), over TLS,
each with a content of its own, ten versions of each document. Called by scripts/bench documents.

    bench_documents.py --program KONTOR --load LOAD_CLIENT [--documents 100000] [--kilobytes 200]
                       [--large 20] [--check]

Beside it stands what the disk allows: as many threads as there are senders write contents of the
same size, each hashed, written, synced, renamed, its folder synced. Then the same content comes
under many names and is kept once, and documents of --large MB come one after another.
ratio: documents a second, Kontor to the plain files. p99_ms: of one document. rss_mb: Kontor's most
while documents came. --check: in short; ends with 1 below half of what ratios.txt says, when memory
grows, or when a content is kept twice."""
import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "interop"), os.path.join(HERE, "..", "flow")]
import bench_soap_push as push  # noqa: E402
import installation  # noqa: E402
import messages  # noqa: E402

SENDERS, SAME, LARGE_COUNT = 8, 500, 10
NUMBER, ROW = "#" * 10, "@" * 4  # 10,000 documents; load_client puts numbers there
GROWTH_MB = 40


def pdf(octets, mark):
    """A small PDF that grows to this size by a stream that nothing shows."""
    filler = bytes(0x21 + i % 2 for i in range(4096)) * (octets // 4096 + 1)  # '!' and '"'
    head = (b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
            b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
            b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\n%" + mark + b"\n")
    begin = b"4 0 obj<</Length %d>>stream\n" % octets
    end = b"\nendstream endobj\ntrailer<</Root 1 0 R/Size 5>>\nstartxref\n0\n%%EOF\n"
    return head + begin + filler[:max(octets - len(head) - len(begin) - len(end), 0)] + end


def message(octets, mark, name, version):
    root = messages.envelope("PushDocuments", {"messageId": f"bench-{NUMBER}", "document": {
        "id": name, "version": version, "type": "data_sheet",
        "variants": {"item": {"id": f"BENCH-{ROW}"}}, "content": messages.include("file")}})
    return messages.package("PushDocuments", root, [("file", "application/pdf",
                                                    pdf(octets, mark))])


def rss_of(pid):
    """Bytes of its own: what is mapped from files comes and goes as the system likes."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        rows = dict(line.split(":", 1) for line in file)
    return int(rows["RssAnon"].split()[0]) / 1024


class Watch(threading.Thread):
    """The memory of the program, ten times a second: its most in each tenth of the run."""
    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.seen, self.over = pid, [], threading.Event()
        self.start()

    def run(self):
        while not self.over.wait(0.1):
            self.seen.append(rss_of(self.pid))

    def close(self):
        self.over.set()
        self.join()
        return self.seen or [rss_of(self.pid)]


def plain_files(folder, octets, count):
    """Contents a second that this disk takes, without a database, a protocol or a check."""
    numbers = iter(range(count))
    lock = threading.Lock()

    def write():
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            content = pdf(octets, b"%010d" % number)
            name = hashlib.sha256(content).hexdigest()
            below = os.path.join(folder, name[:2])
            os.makedirs(below, exist_ok=True)
            path = os.path.join(below, name)
            with open(path + ".new", "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.rename(path + ".new", path)
            for place in (below, folder):
                fd = os.open(place, os.O_RDONLY)
                os.fsync(fd)
                os.close(fd)
    threads = [threading.Thread(target=write) for _ in range(SENDERS)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return count / (time.monotonic() - began)


class Bench:
    def __init__(self, options, folder, server):
        self.options, self.folder, self.server, self.first = options, folder, server, 1

    def send(self, octets, count, mark=NUMBER.encode(), senders=SENDERS):
        headers, body = message(octets, mark, f"D-{ROW}", NUMBER)
        file = os.path.join(self.folder, "message")
        with open(file, "wb") as out:
            out.write(body)
        words = [self.options.load, "--port", str(self.server.tls), "--tls", "--connections",
                 str(senders), "--seconds", "7200", "--requests", str(count), "--path",
                 self.server.path, "--body", file, "--first", str(self.first),
                 *self.server.words(True)]
        for name, value in headers.items():
            words += ["--header", f"{name}: {value}"]
        self.first += 4 * count
        watch = Watch(self.server.pids[0])
        done = subprocess.run(words, capture_output=True, timeout=7500, check=False)
        memory = watch.close()
        if done.returncode != 0:
            raise RuntimeError(done.stdout.decode() + done.stderr.decode())
        said = {n: float(v) for n, v in (w.split("=") for w in done.stdout.decode().split())}
        return said, memory

    def kept(self):
        """Files and bytes in the folder for contents."""
        files = size = 0
        for below, _, names in os.walk(os.path.join(self.server.there.folder, "blobs")):
            for name in names:
                files += 1
                size += os.path.getsize(os.path.join(below, name))
        return files, size


def most_of(memory, first, last):
    n = len(memory)
    return max(memory[n * first // 10:max(n * last // 10, n * first // 10 + 1)])


def run(options, folder, server):
    octets = options.kilobytes * 1000
    bench, wrong = Bench(options, folder, server), []
    bench.send(octets, 50)  # caches fill
    before, _ = bench.kept()
    said, memory = bench.send(octets, options.documents)
    files, size = bench.kept()
    print(f"{'what':<42} {'documents/s':>11} {'MB/s':>7} {'p50 ms':>7} {'p99 ms':>7}")
    print(f"{f'{options.documents} of {options.kilobytes} kB, ten versions each':<42} "
          f"{said['per_s']:>11.0f} {said['per_s'] * octets / 1e6:>7.0f} {said['p50_ms']:>7.1f} "
          f"{said['p99_ms']:>7.1f}")
    if files - before != options.documents:
        wrong.append(f"{files - before} contents are kept of {options.documents}")
    with tempfile.TemporaryDirectory(prefix="kontor-bench-") as plain:
        disk = plain_files(plain, octets, min(options.documents, 5000))
    print(f"{'plain files, hashed and synced':<42} {disk:>11.0f} {disk * octets / 1e6:>7.0f}")
    same, _ = bench.send(octets, SAME, mark=b"always the same")
    again, _ = bench.kept()
    print(f"{f'{SAME} with one content':<42} {same['per_s']:>11.0f}")
    early, late = most_of(memory, 1, 4), most_of(memory, 7, 10)
    quiet = rss_of(server.pids[0])
    large, grown = bench.send(options.large * 1000000, LARGE_COUNT, senders=1)
    print(f"{f'{LARGE_COUNT} of {options.large} MB':<42} {large['per_s']:>11.1f} "
          f"{large['per_s'] * options.large:>7.0f} {large['p50_ms']:>7.0f} {large['p99_ms']:>7.0f}")
    print(f"kept: {files} contents, {size / 1e9:.2f} GB; {again - files} for {SAME} documents with "
          "one content")
    print(f"memory of its own: {early:.0f} MB early, {late:.0f} MB late; {options.large} MB by MTOM: "
          f"{max(grown) - quiet:+.0f} MB")
    if again - files != 1:
        wrong.append(f"one content is kept {again - files} times")
    if late > early * 1.2 + 10:
        wrong.append(f"memory grows: {early:.0f} MB, later {late:.0f} MB")
    if max(grown) - quiet >= GROWTH_MB:
        wrong.append(f"{options.large} MB need {max(grown) - quiet:.0f} MB")
    ratio = said["per_s"] / disk
    least = push.committed_ratio("documents") / 2
    if options.check and ratio < least:
        wrong.append(f"below half of what tests/bench/ratios.txt says: {least:.2f}")
    for line in wrong:
        print(line)
    print(f"documents ratio={ratio:.2f} p99_ms={said['p99_ms']:.1f} rss_mb={max(memory):.0f}")
    return 1 if wrong else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--load", required=True)
    parser.add_argument("--documents", type=int)
    parser.add_argument("--kilobytes", type=int, default=200)
    parser.add_argument("--large", type=int, default=20)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    options.documents = options.documents or (1000 if options.check else 100000)
    os.environ["KONTOR_BIN"] = os.path.abspath(options.program)
    with tempfile.TemporaryDirectory(prefix="kontor-bench-") as folder:
        installation.certificates.Authority(folder)
        server = push.Kontor("sqlite")
        try:
            return run(options, folder, server.start())
        finally:
            server.close()


if __name__ == "__main__":
    began = time.monotonic()
    status = main()
    print(f"took {time.monotonic() - began:.0f} s", file=sys.stderr)
    sys.exit(status)
