"""Builds a fuzz target with clang, libFuzzer, ASan and UBSan, and lets it run for a while.

run.py NAME SECONDS; the corpus grows in KONTOR_BUILD_DIR/fuzz/NAME. What breaks it is left there.
"""
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
}
PACKAGES = {"base_xml": ["libxml-2.0"]}
SEEDS = {
    "base_xml": [
        b"<a/>",
        b"\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8'?><s:Envelope xmlns:s='u' xmlns:xsi="
        b"'http://www.w3.org/2001/XMLSchema-instance'><s:Body><a xsi:nil='true'>&lt;&#x41;</a>"
        b"</s:Body></s:Envelope>",
        b"<a b='&#x1F;\x01'><!-- \x02 --><![CDATA[&#31;]]>&#0;\xEF\xBF\xBE<?p i?></a>",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
    ],
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
        f.writelines(f'"{word}"\n' for word in (
            "<a>", "</a>", "<![CDATA[", "]]>", "<!--", "-->", "<?", "?>", "&#x1F;", "&#0;", "&amp;",
            " xmlns='u'", " xmlns:s='u'", "<s:Body>", "</s:Body>", "\\x01", "\\xEF\\xBF\\xBE"))
    run = subprocess.run([build(name, folder), f"-max_total_time={seconds}", "-max_len=4096",
                          "-timeout=5", "-verbosity=0", f"-dict={words}",
                          f"-artifact_prefix={folder}/broken-", corpus], check=False)
    sys.exit(1 if run.returncode else 0)


main()
