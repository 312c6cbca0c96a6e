"""Pictures for catalogues whose own ones are on somebody else's server: every path of this server
is a small PNG of its own, the same each time."""
import hashlib
import http.server
import struct
import threading
import zlib


def picture(path):
    """One pixel whose colour and comment come from the path."""
    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))
    colour = hashlib.sha256(path.encode()).digest()[:3]
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
            + chunk(b"tEXt", b"Comment\0" + path.encode("ascii", "replace"))
            + chunk(b"IDAT", zlib.compress(b"\0" + colour)) + chunk(b"IEND", b""))


def sha256_of(path):
    return hashlib.sha256(picture(path)).hexdigest()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1                    # head and body leave together: nobody waits for an ACK

    def do_GET(self):
        body = picture(self.path)
        with self.server.guard:
            self.server.served[self.path] = self.server.served.get(self.path, 0) + 1
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128         # with less, one of many calls at once waits a second


class ImageServer:
    """with ImageServer() as images: images.url, images.served (requests by path)"""

    def __enter__(self):
        self.server = _Server(("127.0.0.1", 0), _Handler)
        self.server.guard, self.server.served = threading.Lock(), {}
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    @property
    def served(self):
        with self.server.guard:
            return dict(self.server.served)
