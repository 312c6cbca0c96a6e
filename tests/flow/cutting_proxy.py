"""A TCP proxy before a database server that loses the answer to a COMMIT: it hands the statement on,
waits until the server has answered, and then hangs up on both. Whoever sent it cannot know.

It knows both servers' ways to say COMMIT: PostgreSQL's simple query, MariaDB's COM_QUERY.
"""
import select
import socket
import struct
import threading

COMMITS = {"postgresql": b"Q" + struct.pack(">I", 4 + len(b"COMMIT\0")) + b"COMMIT\0",
           "mariadb": struct.pack("<I", 1 + len(b"COMMIT")) + b"\x03COMMIT"}


class CuttingProxy:
    """cut(n): the next n COMMITs lose their answer; `lost` counts them, `commits` all of them.
    before(n): the next n do not reach the server at all."""

    def __init__(self, server):
        self.sign, self.to = COMMITS[server.name], ("127.0.0.1", server.port)
        self.lock = threading.Lock()
        self.after_left = self.before_left = self.lost = self.commits = 0
        self.every = 0
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def close(self):
        self.listener.close()

    def cut(self, after=0, before=0, every=0):
        """every=5: of each five COMMITs that one of these would befall, only one it does."""
        with self.lock:
            self.after_left, self.before_left, self.every = after, before, every

    def left(self):
        with self.lock:
            return self.after_left + self.before_left

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return              # closed
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def fate(self):
        """What becomes of a COMMIT: None, "before" or "after"."""
        with self.lock:
            self.commits += 1
            if self.every and self.commits % self.every:
                return None
            if self.before_left:
                self.before_left -= 1
                self.lost += 1
                return "before"
            if self.after_left:
                self.after_left -= 1
                self.lost += 1
                return "after"
            return None

    def serve(self, client):
        with client:
            try:
                server = socket.create_connection(self.to, timeout=30)
            except OSError:
                return              # the server is away: so is the proxy's other side
            with server:
                for s in (client, server):
                    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                try:
                    self.carry(client, server)
                except OSError:
                    pass            # either side hung up

    def carry(self, client, server):
        while True:
            for ready in select.select([client, server], [], [])[0]:
                data = ready.recv(65536)
                if not data:
                    return
                if ready is server:
                    client.sendall(data)
                    continue
                # A driver sends it alone and then waits, so that it is the end of what came.
                fate = self.fate() if self.is_commit(data) else None
                if fate == "before":
                    return
                server.sendall(data)
                if fate == "after":
                    server.recv(65536)      # it is done over there; nobody here hears of it
                    return

    def is_commit(self, data):
        if self.sign[:1] == b"Q":
            return data.endswith(self.sign)
        # three bytes of length, the number of the packet (0), the command
        return data.endswith(self.sign[:3] + b"\0" + self.sign[4:])
