"""Pictures of the wc/v3 stand-in: downloaded when they are named by `src`, kept as attachments.

As the real shop: every `src` is downloaded again and makes an attachment with a new id, `id` uses
one that is there. Other than the real shop: only http on the loopback address is fetched, and of
the bytes only their SHA-256 and length are kept.
"""
import collections
import concurrent.futures
import hashlib
import http.client
import os
import urllib.parse

from wcv3_store import WcError, now_us

FETCH_S = 10
SIZE_LIMIT = 32 << 20
AT_ONCE = 8
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
# What the shop takes, by the name's ending and by the first bytes.
ENDINGS = {"jpg", "jpeg", "jpe", "gif", "png", "bmp", "tiff", "tif", "ico", "webp"}
MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM", b"II*\0", b"MM\0*",
         b"\0\0\1\0", b"RIFF")


class FetchError(Exception):
    """A sentence of the shop: why this picture could not be had."""


def _file_name(url):
    return os.path.basename(urllib.parse.urlsplit(url.split("?")[0]).path)


def fetch(url):
    """The bytes behind a URL; no redirects, no proxies."""
    parts = urllib.parse.urlsplit(url)
    failed = f"Error getting remote image {url}. Error: "
    if parts.scheme != "http" or parts.hostname not in LOOPBACK:
        raise FetchError(failed + "A valid URL was not provided.")
    try:
        connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=FETCH_S)
        try:
            connection.request("GET", (parts.path or "/") + (f"?{parts.query}" if parts.query
                                                             else ""))
            answer = connection.getresponse()
            data = answer.read(SIZE_LIMIT + 1)
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError) as wrong:
        raise FetchError(f"{failed}{wrong or type(wrong).__name__}") from wrong
    if answer.status != 200:
        raise FetchError(failed + (answer.reason or str(answer.status)))
    ending = _file_name(url).rpartition(".")[2].lower()
    if ending not in ENDINGS or not data.startswith(MAGIC):
        raise FetchError("Invalid image: Sorry, you are not allowed to upload this file type.")
    if len(data) > SIZE_LIMIT:
        raise FetchError("Invalid image: The file is too large.")
    return hashlib.sha256(data).hexdigest(), len(data)


def _try(url):
    try:
        return fetch(url)
    except FetchError as wrong:
        return wrong


class Fetched:
    """The pictures that one request names, downloaded before the shop is locked."""

    def __init__(self, body=None):
        self.ready = collections.defaultdict(collections.deque)
        urls = list(_sources(body))
        if urls:
            with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
                for url, result in zip(urls, pool.map(_try, urls)):
                    self.ready[url].append(result)

    def take(self, url):
        result = self.ready[url].popleft() if self.ready[url] else _try(url)
        if isinstance(result, FetchError):
            raise result
        return result


def _sources(body):
    """Every `src` that needs a download, at the places where a body may have one."""
    if isinstance(body, list):
        for part in body:
            yield from _sources(part)
    elif isinstance(body, dict):
        for name in ("create", "update", "products", "variations"):
            if isinstance(body.get(name), list):
                yield from _sources(body[name])
        images = body.get("images") if isinstance(body.get("images"), list) else []
        for image in images + [body.get("image")]:
            if isinstance(image, dict) and not image.get("id") and not image.get("sha256") \
                    and isinstance(image.get("src"), str):
                yield image["src"]


class ImagesMixin:
    """The part of the shop that keeps attachments."""

    def take_image(self, image, fetched, resource="product"):
        """The attachment's id of one entry of images[] (or of a variation's image)."""
        image_id = image.get("id") or 0
        if not image_id and image.get("src"):
            try:
                digest, size = fetched.take(image["src"])
            except FetchError as wrong:
                self.facts["image_failures"] += 1
                raise WcError(400, f"woocommerce_{resource}_image_upload_error",
                              str(wrong)) from wrong
            image_id = self.add_image(image["src"], digest, size)
        if image_id not in self.rows["image"]:
            raise WcError(400, f"woocommerce_{resource}_invalid_image_id",
                          f"#{image_id} is an invalid image ID.")
        told = {k: image[k] for k in ("name", "alt") if image.get(k)}
        row = self.rows["image"][image_id]
        if any(row[k] != v for k, v in told.items()):
            self.put("image", image_id, dict(row, date_modified_us=now_us(), **told))
        return image_id

    def add_image(self, source, digest, size):
        now, name = now_us(), _file_name(source) or "image"
        taken = self.file_names.get(name, 0)
        stem, dot, ending = name.rpartition(".")
        title = f"{stem}-{taken}{dot}{ending}" if taken else name
        folder = self.local(now, True)[:7].replace("-", "/")
        row = {"id": self.next(), "date_created_us": now, "date_modified_us": now,
               "src": f"{self.site_url}/wp-content/uploads/{folder}/{title}", "name": title,
               "alt": "", "sha256": digest, "bytes": size, "source": source, "file": name}
        self.facts["image_uploads"] += 1
        self.put("image", row["id"], row)
        return row["id"]

    def show_image(self, image_id, control=False):
        """None: the attachment is gone; the shop then shows the product without it."""
        row = self.rows["image"].get(image_id)
        if row is None:
            return None
        out = {"id": row["id"]}
        for name in ("date_created", "date_modified"):
            out[name] = self.local(row[name + "_us"], False)
            out[name + "_gmt"] = self.local(row[name + "_us"], True)
        out.update({k: row[k] for k in ("src", "name", "alt")})
        if control:
            out.update({k: row[k] for k in ("sha256", "bytes", "source")})
        return out
