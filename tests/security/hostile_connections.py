#!/usr/bin/python3
"""A thousand peers that are silent, slow or half there, beside good clients: those keep at least
80 % of their throughput, each bad one is closed within its deadline and a second, and costs little
memory.

hostile_connections.py [--peers 1000] [--rounds 5] [--seconds 0.8] [--deadline 2]
                       [--no-figures] [KIND…]

Good rounds alternate with bad ones; the medians are compared. The machine may be busy with other
things: when the share falls short, as many rounds are made again, twice at most, and all count.
"""
import argparse
import os
import select
import socket
import ssl
import statistics
import subprocess
import sys
import time

from server_under_test import BUILD, Certificates, Server, until

LOAD = os.path.join(BUILD, "tests", "bench", "load_client")
SHARE = 0.8
LARGE = 110000
HALF_REPLY_S = 1 + LARGE // 65536


def half_handshake(certificates):
    """The first bytes of a client that then never goes on."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = certificates.context().wrap_bio(incoming, outgoing)
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


class Kind:
    """first: sent at once; drip: sent again and again; kb: most memory one may cost."""
    def __init__(self, name, first=b"", drip=b"", kb=16, reads=False, tls=False, deadline=None):
        self.name, self.first, self.drip, self.kb = name, first, drip, kb
        self.reads, self.tls, self.deadline = reads, tls, deadline


def kinds(certificates):
    return [
        Kind("idle"),
        Kind("dripping heads", b"POST /echo HTTP/1.1\r\nHost: a\r\nX: ", b"y"),
        Kind("dripping bodies", b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n",
             b"z"),
        Kind("half handshakes", half_handshake(certificates), kb=96, tls=True),
        Kind("slow readers", b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n", reads=True,
             kb=LARGE / 1024 + 32, deadline=HALF_REPLY_S),
    ]


class Peer:
    def __init__(self, port, kind):
        self.socket = socket.socket()
        if kind.reads:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        self.socket.setblocking(False)
        self.begun = time.monotonic()
        self.lasted = None
        self.has_sent = False
        self.was_answered = False
        try:
            self.socket.connect(("127.0.0.1", port))
        except BlockingIOError:
            pass


class Crowd:
    """Bad peers, driven by step() until all are closed."""
    def __init__(self, port, kind, count):
        self.kind = kind
        self.epoll = select.epoll()
        self.peers = {}
        self.next_drip = time.monotonic() + 0.5
        for i in range(count):
            peer = Peer(port, kind)
            self.peers[peer.socket.fileno()] = peer
            self.epoll.register(peer.socket, select.EPOLLOUT)
            if i % 100 == 99:
                self.step(0.02)
        until("all are there", lambda: self.step(0.02) or all(
            p.was_answered if kind.tls else p.has_sent for p in self.peers.values()))

    def open(self):
        return sum(p.lasted is None for p in self.peers.values())

    def ended(self, peer):
        peer.lasted = time.monotonic() - peer.begun
        self.epoll.unregister(peer.socket)

    def close(self):
        for peer in self.peers.values():
            peer.socket.close()
        self.epoll.close()

    def step(self, seconds):
        for fd, events in self.epoll.poll(seconds):
            peer = self.peers[fd]
            try:
                if events & select.EPOLLOUT and not peer.has_sent:
                    peer.socket.send(self.kind.first)
                    peer.has_sent = True
                    peer.begun = time.monotonic()
                    # who reads slowly is told of the end alone, which needs no asking
                    self.epoll.modify(fd, 0 if self.kind.reads else select.EPOLLIN)
                elif events & (select.EPOLLHUP | select.EPOLLERR) or not peer.socket.recv(65536):
                    self.ended(peer)
                elif self.kind.tls and not peer.was_answered:
                    peer.was_answered = True
                    peer.begun = time.monotonic()  # now it is known to be there
            except BlockingIOError:
                pass
            except OSError:
                self.ended(peer)
        if time.monotonic() > self.next_drip:
            self.drip()

    def drip(self):
        """A byte of each, out or in."""
        self.next_drip = time.monotonic() + 0.5
        for peer in self.peers.values():
            if peer.lasted is not None:
                continue
            try:
                if self.kind.drip:
                    peer.socket.send(self.kind.drip)
                elif self.kind.reads:
                    peer.socket.recv(1)
            except BlockingIOError:
                pass
            except OSError:
                self.ended(peer)


class Load:
    """Good clients for some seconds."""
    def __init__(self, server, seconds, body):
        words = [LOAD, "--port", str(server.port), "--connections", "8", "--seconds", str(seconds),
                 "--path", "/echo", "--body", body]
        self.process = subprocess.Popen(words + (["--tls"] if server.tls else []), text=True,
                                        stdout=subprocess.PIPE)

    def runs(self):
        return self.process.poll() is None

    def per_s(self):
        out = self.process.communicate()[0]
        figures = dict(w.split("=") for w in out.split("\n")[-2].split())
        if self.process.returncode != 0 or int(figures["errors"]) > 0:
            raise AssertionError(f"good clients were not served: {out}")
        return float(figures["per_s"])


def bad_round(server, kind, args, body, to_the_end):
    """Throughput of the good ones beside the bad ones, how long each of those lasted (when we wait
    for it), and kB each."""
    before = server.rss_kb()
    requests = server.counts()["requests"]
    crowd = Crowd(server.port, kind, args.peers)
    if kind.reads:
        until("all are asked", lambda: server.counts()["requests"] >= requests + args.peers)
    until("all are accepted", lambda: crowd.step(0.01) or
          server.counts()["connections"] >= args.peers or crowd.open() < args.peers)
    there = server.counts()["connections"]
    most_kb = server.rss_kb()
    load = Load(server, args.seconds, body)
    while load.runs():
        crowd.step(0.02)
    deadline = (kind.deadline or args.deadline) + 3
    end = time.monotonic() + deadline
    while to_the_end and crowd.open() and time.monotonic() < end:
        crowd.step(0.05)
        most_kb = max(most_kb, server.rss_kb())
    lasted = [p.lasted if p.lasted is not None else 10**6 for p in crowd.peers.values()
              if to_the_end or p.lasted is not None]
    crowd.close()
    return load.per_s(), lasted, (most_kb - before) / args.peers, there


def measure(kind, args, certificates, body):
    settings = {"head_s": args.deadline, "request_s": args.deadline * 2, "idle_s": args.deadline,
                "write_s": 1, "body_rate": 1000, "large": LARGE, "queue": 4096}
    server = certificates.server(**settings) if kind.tls else Server(**settings)
    good, beside, lasted, kb, there = [], [], [], [], []
    Load(server, 0.3, body).per_s()  # warm
    for _ in range(3):
        for i in range(args.rounds):
            good.append(Load(server, args.seconds, body).per_s())
            per_s, times, each_kb, count = bad_round(server, kind, args, body, i < 2)
            beside.append(per_s)
            lasted += times
            kb.append(each_kb)
            there.append(count)
            until("all are gone", lambda: server.counts()["connections"] == 0)
        share = statistics.median(beside) / statistics.median(good)
        if share >= SHARE or not args.figures:
            break
    deadline = kind.deadline or args.deadline
    figures = (f"{kind.name}: peers={args.peers} share={share:.2f} per_s={statistics.median(beside):.0f} "
               f"beside={statistics.median(good):.0f} closed_after_s={min(lasted):.2f}"
               f"..{max(lasted):.2f} (deadline {deadline}) kb_each={kb[0]:.1f} "
               f"rss_mb={server.rss_kb() / 1024:.1f}")
    print(figures, flush=True)
    status = server.stop()
    faults = []
    if share < SHARE and args.figures:
        faults.append(f"good clients keep {share:.0%}, not {SHARE:.0%}")
    if max(lasted) > deadline + 1:
        faults.append(f"one was there for {max(lasted):.1f} s")
    if min(there) < args.peers:
        faults.append(f"only {min(there)} were there at a time")
    if kb[0] > kind.kb and args.figures:
        faults.append(f"one costs {kb[0]:.1f} kB, more than {kind.kb:.0f}")
    if status != 0:
        faults.append("the server did not end well")
    return [f"{kind.name}: {fault}" for fault in faults]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--peers", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.8)
    parser.add_argument("--deadline", type=int, default=2)
    parser.add_argument("--no-figures", dest="figures", action="store_false",
                        help="for sanitized builds: deadlines count, speed and memory do not")
    parser.add_argument("kind", nargs="*")
    args = parser.parse_args()
    certificates = Certificates()
    body = certificates.path("body")
    with open(body, "w", encoding="ascii") as f:
        f.write("<stock>########</stock>" * 20)
    faults = []
    for kind in kinds(certificates):
        if not args.kind or kind.name in args.kind:
            faults += measure(kind, args, certificates, body)
    certificates.close()
    for fault in faults:
        print("FAILED", fault)
    print(f"hostile connections: {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
