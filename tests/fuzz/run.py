"""Builds a fuzz target with clang, libFuzzer, ASan and UBSan, and lets it run for a while.

run.py NAME SECONDS; the corpus grows in KONTOR_BUILD_DIR/fuzz/NAME. What breaks it is left there.
"""
import gzip
import os
import shutil
import subprocess
import sys

ROOT = os.environ.get("KONTOR_SOURCE_DIR") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("KONTOR_BUILD_DIR") or os.path.join(ROOT, "build", "dev")
BASE = ["arena", "civil", "err", "log", "macros", "str", "time"]
SOURCES = {
    "base_xml": [f"src/base/{name}.c" for name in BASE]
    + [f"src/base/xml_{name}.c" for name in ("mend", "read", "scan", "write")],
    "wire_http_head": [f"src/base/{name}.c" for name in BASE]
    + [f"src/wire/{name}.c" for name in ("http_chunks", "http_head", "http_target", "inflate")],
    "wire_mime": [f"src/base/{name}.c" for name in BASE]
    + [f"src/wire/{name}.c" for name in ("mime", "mime_param")],
}
PACKAGES = {"base_xml": ["libxml-2.0"], "wire_http_head": ["zlib"], "wire_mime": []}
PACKED = gzip.compress(b"<a>" * 40, mtime=0)
SEEDS = {
    "base_xml": [
        b"<a/>",
        b"\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8'?><s:Envelope xmlns:s='u' xmlns:xsi="
        b"'http://www.w3.org/2001/XMLSchema-instance'><s:Body><a xsi:nil='true'>&lt;&#x41;</a>"
        b"</s:Body></s:Envelope>",
        b"<a b='&#x1F;\x01'><!-- \x02 --><![CDATA[&#31;]]>&#0;\xEF\xBF\xBE<?p i?></a>",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
    ],
    "wire_http_head": [
        b"GET /a?b=%20 HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close\r\n\r\n",
        b"POST /push HTTP/1.1\r\nHost: a\r\nContent-Type: text/xml\r\nSOAPAction: \"\"\r\n"
        b"Content-Length: 4\r\nExpect: 100-continue\r\n\r\n<a/>\r\nGET http://a/ HTTP/1.0\r\n"
        b"Host: a\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n"
        b"0000A\r\n0123456789\r\n0\r\nA: b\r\n\r\nHEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s"
        % (len(PACKED), PACKED),
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"
        b"\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(PACKED), PACKED),
    ],
    "wire_mime": [
        b"multipart/related; boundary=b; type=\"text/xml\"; start=\"<r>\"; start-info=\"a/b\"\n"
        b"--b\r\nContent-Type: text/xml;\r\n charset=utf-8\r\nContent-ID: <r>\r\n\r\n<a/>"
        b"\r\n--b\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <d@e>\r\n\r\n\0\r\n-b"
        b"\r\n--b--\r\n",
        b"multipart/related;boundary=\"=_ .\"\np\r\n--=_ . \r\n\r\nx\r\n--=_ .\r\n\r\n"
        b"--=_ .--",
    ],
}
# One dictionary each.
WORDS = {
    "base_xml": (
        "<a>", "</a>", "<![CDATA[", "]]>", "<!--", "-->", "<?", "?>", "&#x1F;", "&#0;", "&amp;",
        " xmlns='u'", " xmlns:s='u'", "<s:Body>", "</s:Body>", "\\x01", "\\xEF\\xBF\\xBE"),
    "wire_http_head": (
        "GET / HTTP/1.1", "POST /p HTTP/1.1", "HEAD / HTTP/1.0", "\\x0D\\x0A",
        "\\x0D\\x0A\\x0D\\x0A", "0\\x0D\\x0A\\x0D\\x0A", "\\x0A", "\\x0D", "_",
        "Host: a\\x0D\\x0A", "Content-Length: ", "Transfer-Encoding: chunked\\x0D\\x0A",
        "Content-Encoding: gzip\\x0D\\x0A", "Connection: keep-alive\\x0D\\x0A", "http://", "%2e",
        "Expect: 100-continue\\x0D\\x0A", "Content-Type: ", "..", "\\x1F\\x8B\\x08\\x00", ";a=b"),
    "wire_mime": (
        "multipart/related", "boundary=", "boundary=b", "; start=", "\\x22<r>\\x22",
        "\\x0D\\x0A--b", "\\x0D\\x0A--b\\x0D\\x0A", "--b--", "Content-ID: <", "Content-Type: ",
        "Content-Transfer-Encoding: 8bit\\x0D\\x0A", "\\x0D\\x0A", "\\x0D\\x0A ", "start-info=",
        "\\x0D\\x0A\\x0D\\x0A"),
}


def build(name, folder):
    flags = []
    for package in PACKAGES[name]:
        flags += subprocess.run(["pkg-config", "--cflags", "--libs", package], check=True,
                                capture_output=True, text=True).stdout.split()
    program = os.path.join(folder, "fuzz_" + name)
    sources = [os.path.join(ROOT, "tests", "fuzz", f"fuzz_{name}.c")]
    sources += [os.path.join(ROOT, path) for path in SOURCES[name]]
    subprocess.run(["clang", "-std=c11", "-g", "-O1", "-D_GNU_SOURCE=", '-DKT_VERSION="fuzz"',
                    "-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all",
                    "-I", os.path.join(ROOT, "src"), *sources, *flags, "-lpthread", "-o", program],
                   check=True)
    return program


def main():
    name, seconds = sys.argv[1], sys.argv[2]
    if shutil.which("clang") is None:
        print("clang is not installed; nothing is fuzzed")
        sys.exit(77)
    folder = os.path.join(BUILD, "fuzz", name)
    corpus = os.path.join(folder, "corpus")
    os.makedirs(corpus, exist_ok=True)
    for i, seed in enumerate(SEEDS[name]):
        with open(os.path.join(corpus, f"seed-{i}"), "wb") as f:
            f.write(seed)
    words = os.path.join(folder, "words")
    with open(words, "w", encoding="ascii") as f:
        f.writelines(f'"{word}"\n' for word in WORDS[name])
    run = subprocess.run([build(name, folder), f"-max_total_time={seconds}", "-max_len=4096",
                          "-timeout=5", "-verbosity=0", f"-dict={words}",
                          f"-artifact_prefix={folder}/broken-", corpus], check=False)
    sys.exit(1 if run.returncode else 0)


main()
