"""A scanner as the tests need it: clamd's INSTREAM on a local socket, honest or misbehaving; and the
real clamd with a database of one signature, where it is installed."""
import hashlib
import os
import shutil
import socket
import struct
import subprocess
import threading

EVIL = b"kontor-test-evil"


class Scanner:
    """how: honest, silent, nonsense, closes, small (refuses what is longer than 1,000 bytes)."""

    def __init__(self, path, how="honest"):
        self.path, self.how, self.seen = path, how, []
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(path)
        self.socket.listen(20)
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    @property
    def address(self):
        return "unix:" + self.path

    def run(self):
        while True:
            try:
                line, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(line,), daemon=True).start()

    @staticmethod
    def get(line, n):
        got = b""
        while len(got) < n:
            piece = line.recv(n - len(got))
            if not piece:
                raise EOFError
            got += piece
        return got

    def serve(self, line):
        with line:
            try:
                assert self.get(line, 10) == b"zINSTREAM\0"
                content = b""
                while size := struct.unpack(">I", self.get(line, 4))[0]:
                    content += self.get(line, size)
                    if self.how == "small" and len(content) > 1000:
                        line.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                        return
            except EOFError:
                return
            self.seen.append(hashlib.sha256(content).hexdigest())
            if self.how == "silent":
                self.is_over.wait(30)
            elif self.how == "nonsense":
                line.sendall(b"stream: all is well\0")
            elif self.how != "closes":
                line.sendall(b"stream: Test-Evil FOUND\0" if EVIL in content else b"stream: OK\0")

    def close(self):
        self.is_over.set()
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join()
        os.unlink(self.path)


def find_clamd():
    return os.environ.get("KONTOR_CLAMD") or shutil.which("clamd") or shutil.which(
        "clamd", path="/usr/sbin")


class Clamd:
    """The real one; it knows one file by its hash, and runs as whoever runs the test."""

    def __init__(self, folder, evil):
        database = os.path.join(folder, "signatures")
        os.mkdir(database)
        with open(os.path.join(database, "test.hsb"), "w", encoding="ascii") as file:
            file.write(f"{hashlib.sha256(evil).hexdigest()}:{len(evil)}:Kontor.Test\n")
        self.path = os.path.join(folder, "clamd.ctl")
        self.file = os.path.join(folder, "clamd.conf")
        with open(self.file, "w", encoding="ascii") as file:
            file.write(f"DatabaseDirectory {database}\nLocalSocket {self.path}\nForeground yes\n"
                       f"LogFile {folder}/clamd.log\nStreamMaxLength 1M\nMaxThreads 4\n"
                       f"TemporaryDirectory {folder}\nOfficialDatabaseOnly no\n")
        self.process = subprocess.Popen([find_clamd(), "--config-file", self.file],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)

    @property
    def address(self):
        return "unix:" + self.path

    def is_there(self):
        assert self.process.poll() is None, "clamd ended"
        with socket.socket(socket.AF_UNIX) as line:
            try:
                line.connect(self.path)
                line.sendall(b"zPING\0")
                return line.recv(10) == b"PONG\0"
            except OSError:
                return False

    def close(self):
        self.process.terminate()
        self.process.wait(30)
