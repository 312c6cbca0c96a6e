#!/usr/bin/python3
"""The adapter's catalogue against a real Vendure: with custom fields and without, with pictures
from a folder that is served here. Arguments: the program channel_vendure_real."""
import functools
import http.server
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import threading
import zlib

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "peers"))
import peer  # noqa: E402


def picture():
    """A PNG of two by two points."""
    def chunk(kind, octets):
        check = struct.pack(">I", zlib.crc32(kind + octets) & 0xFFFFFFFF)
        return struct.pack(">I", len(octets)) + kind + octets + check
    rows = b"".join(b"\0" + colour * 2 for colour in (b"\xff\0\0", b"\0\xff\0"))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


def run(program, shop, media):
    env = dict(os.environ, KT_VENDURE_URL=f"{shop.url}/admin-api", KT_VENDURE_MEDIA=media)
    done = subprocess.run([program], env=env, check=False)
    assert done.returncode == 0, f"{program} ended with {done.returncode}"


def main():
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "a.png").write_bytes(picture())
        handler = functools.partial(Quiet, directory=folder)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        media = f"http://127.0.0.1:{server.server_port}"
        try:
            with peer.Vendure() as shop:
                run(sys.argv[1], shop, media)
            with peer.Vendure(plain=True) as shop:
                run(sys.argv[1], shop, media)
        except peer.Missing as missing:
            peer.skip(missing)
        finally:
            server.shutdown()


if __name__ == "__main__":
    main()
