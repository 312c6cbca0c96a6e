#!/usr/bin/python3
"""What partners push, while the nodes are killed: two nodes on one PostgreSQL, one on SQLite.
Senders repeat the same octets until they get an answer; nodes die at named steps around COMMIT and
at any moment, and come back. Afterwards, by SQL: every record stands there once, with the last
content and as many revisions as messages were sent; the journal is dense; facts are there once and
in their order; documents have their contents; what makes a secured message unique stands there when
what it brought does, and only then; and no sender was told what is not true.

--minutes N: so long instead of the few steps of the test."""
import collections
import hashlib
import os
import random
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import push_senders  # noqa: E402
from push_senders import installation  # noqa: E402

kut = installation.kut
SEED = int(os.environ.get("KONTOR_TEST_SEED", "20261122"))
MINUTES = float(sys.argv[sys.argv.index("--minutes") + 1]) if "--minutes" in sys.argv else 0
PASSES = (1, 2, 3, 7, 20, 60)
POINTS = ("committer.written", "committer.committed", "facts.written", "blob.synced", "blob.kept")
STEPS, AT_RANDOM = 14, 10
STEP_S = 6              # a step that does not come by then becomes any moment
REST_S, DEADLINE_S = 3, 150


class Nodes:
    """The nodes of one installation, each with ports of its own, killed and started again."""

    def __init__(self, there, names):
        self.there, self.random = there, random.Random(f"kill {SEED}")
        self.ways = {name: installation.Ways() for name in names}
        self.kontor, self.node, self.step, self.until = {}, {}, {}, {}
        self.kills = collections.Counter()
        steps = [f"{point}:{n}" for point in POINTS for n in PASSES]
        self.random.shuffle(steps)
        self.steps = collections.deque(steps if MINUTES else steps[:STEPS])
        self.at_random = AT_RANDOM
        for name in names:
            folder = os.path.join(there.folder, name)
            os.mkdir(folder)
            settings = installation.settings_of(there.sap, there.folder, self.ways[name],
                                                there.server, there.client)
            settings["security"] = {"clock": "trusted"}
            settings["wss"] = {"safe": push_senders.Secured.policy}
            settings["partners"]["safe"] = push_senders.Secured.partner
            if kut.DATABASE == "sqlite":
                settings["database"] = {"file": there.kontor.database.file}
            self.kontor[name] = kut.Kontor(folder, settings, database=there.kontor.database)
            self.start(name)

    def start(self, name):
        """With a step at which it is to die, every other time."""
        step = None
        if self.steps and self.random.random() < 0.6:
            step = self.steps.popleft()
            if MINUTES:
                self.steps.append(step)
        self.step[name] = step
        self.until[name] = time.monotonic() + (STEP_S if step else self.random.uniform(0.4, 2.5))
        env = {"KT_CRASH_AT": step} if step else {}
        self.node[name] = self.kontor[name].serve(name, **installation.NODE, **env)

    def is_over(self):
        return not MINUTES and not self.steps and self.at_random <= 0

    def look(self):
        """Buries who died, kills whose time has come."""
        for name, node in self.node.items():
            if node.is_alive() and time.monotonic() < self.until[name]:
                continue
            if node.is_alive():
                node.kill()
                self.at_random -= 1
                self.kills["any moment"] += 1
            elif node.process.returncode == -9 and self.step[name]:
                self.kills[self.step[name].partition(":")[0]] += 1
            else:
                raise AssertionError(f"{name} ended by itself, {node.process.returncode}\n"
                                     + node.tail())
            self.start(name)

    def rest(self):
        """From here on nobody dies."""
        for name, node in self.node.items():
            if self.step[name] and node.is_alive():
                node.kill()
                self.kills["any moment"] += 1
            if not node.is_alive():
                self.node[name] = self.kontor[name].serve(name, **installation.NODE)

    def stop(self):
        for node in self.node.values():
            status = node.stop()
            if status != 0:
                raise AssertionError(f"{node.name} ended with {status}\n{node.tail()}")

    def close(self):
        for kontor in self.kontor.values():
            kontor.close()


def faults(query, blobs, senders):
    """What is wrong afterwards, as sentences."""
    found = [w for s in senders for w in s.wrong]
    for sender in senders:
        found += sender.faults(query)
    (rows, least, most), = query("SELECT COUNT(*), MIN(seq), MAX(seq) FROM journal")
    (head,), = query("SELECT seq FROM head WHERE name = 'journal 0'")
    if (rows, least, most) != (head, 1, head):
        found.append(f"the journal has {rows} rows from {least} to {most}, its head is {head}")
    twice = query("SELECT row_key, rev, COUNT(*) FROM journal GROUP BY kind, row_key, rev "
                  "HAVING COUNT(*) > 1")
    found += [f"in the journal twice: {t}" for t in twice[:5]]
    kept = query("SELECT COUNT(*) FROM message")[0][0]
    sent = sum(s.sent for s in senders if s.has_id)
    if kept != sent:
        found.append(f"{kept} messages are remembered, {sent} were sent")
    secured = sum(s.sent for s in senders if isinstance(s, push_senders.Secured))
    for what in ("replay", "message WHERE message LIKE 'wss:%'"):
        kept = query(f"SELECT COUNT(*) FROM {what}")[0][0]
        if kept != secured:
            found.append(f"{kept} rows of {what} for {secured} secured messages")
    files = {f for _, _, names in os.walk(blobs) for f in names}
    for sha, size in query("SELECT sha256, size FROM stored_blob"):
        name = next((f for f in files if sha.endswith(f) or f.startswith(sha)), None)
        path = next((os.path.join(folder, name) for folder, _, names in os.walk(blobs)
                     if name in names), None)
        if path is None or os.path.getsize(path) != size or digest(path) != sha:
            found.append(f"blob {sha} of {size} octets has no such file")
    return found


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def run(there, names):
    stop = threading.Event()
    nodes = Nodes(there, names)
    senders = [kind(n, nodes.ways.values(), stop)
               for n, kind in enumerate(push_senders.KINDS * len(names))]
    began = time.monotonic()
    try:
        for sender in senders:
            sender.start()
        end = began + (MINUTES * 60 if MINUTES else DEADLINE_S)
        while not nodes.is_over() and time.monotonic() < end:
            nodes.look()
            if any(s.wrong for s in senders):
                break
            time.sleep(0.02)
        nodes.rest()
        time.sleep(REST_S)
        stop.set()
        for sender in senders:
            sender.join(60)
        hanging = [s.name for s in senders if s.is_alive()]
        nodes.stop()
    finally:
        stop.set()
        nodes.close()
    found = [f"{name} has no answer" for name in hanging]
    found += faults(there.kontor.query, os.path.join(there.folder, "blobs"), senders)
    return found, nodes, senders, time.monotonic() - began


def report(found, nodes, senders, took_s):
    kills = sum(nodes.kills.values())
    at_steps = kills - nodes.kills["any moment"]
    if not MINUTES and (kills < 15 or at_steps < 6):
        found.append(f"{kills} kills, {at_steps} of them at named steps: that is too few")
    lost = sum(s.lost for s in senders)
    if lost < kills // 2:
        found.append(f"only {lost} attempts had no answer")
    for sender in senders:
        if sender.sent < 5:
            found.append(f"{sender.name} brought only {sender.sent} messages")
    print("killed: " + " ".join(f"{k.replace(' ', '_')}={v}" for k, v in nodes.kills.items()))
    print("sent: " + " ".join(f"{s.name}={s.sent}" for s in senders))
    for sentence in found[:30]:
        print("WRONG: " + sentence)
    print(f"push kill test ({kut.DATABASE}, {len(nodes.ways)} nodes): kills={kills} "
          f"at_steps={at_steps} messages={sum(s.sent for s in senders)} lost={lost} "
          f"seconds={took_s:.0f}" + (" ok" if not found else f" wrong={len(found)}"), flush=True)
    return 1 if found else 0


def main():
    kut.need_program()
    names = ("a",) if kut.DATABASE == "sqlite" else ("a", "b")
    print(f"seed {SEED}")
    with installation.Place("push-kill") as there:
        return report(*run(there, names))


if __name__ == "__main__":
    sys.exit(main())
