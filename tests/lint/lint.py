"""What all lints share: the list of files, C without its comments, and the self-test.

A lint is a script with check(root, ...) -> list of findings "path:line: sentence". Called with
--self-test it proves on a tree of its own that it is silent on CLEAN and finds every plant.
Exit: 0 clean, 1 findings, 77 nothing to look at here.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

SKIP = 77
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# named like C, but in the language of soapcpp2
NOT_C = {"generated/env.h"}
NEVER = {".git", "build", "__pycache__", ".cache"}


class NothingToCheck(Exception):
    """What the lint looks at does not exist here."""


def tree_files(root, *patterns):
    """Files of the project, relative to root, sorted; patterns are regular expressions."""
    names = []
    if os.path.exists(os.path.join(root, ".git")):
        out = subprocess.run(["git", "-c", "safe.directory=*", "-C", root, "ls-files", "-z", "-co",
                              "--exclude-standard"], check=True, capture_output=True).stdout
        names = [n for n in out.decode().split("\0") if n]
    else:
        for folder, subfolders, files in os.walk(root):
            subfolders[:] = [s for s in subfolders if s not in NEVER]
            names += [os.path.relpath(os.path.join(folder, f), root) for f in files]
    names = sorted({n for n in names if os.path.isfile(os.path.join(root, n))})
    if not patterns:
        return names
    return [n for n in names if any(re.search(p, n) for p in patterns)]


def read(root, name):
    """Text of a file; None for one that is no text."""
    with open(os.path.join(root, name), "rb") as f:
        octets = f.read()
    if b"\0" in octets:
        return None
    return octets.decode("utf-8", "replace")


_C_PARTS = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def strip_c(text, keep_strings=False):
    """C without comments (and strings); every line keeps its number."""
    def blank(m):
        part = m.group(0)
        if part[0] == "/":
            return " " + "\n" * part.count("\n")
        return part if keep_strings else part[0] * 2
    return _C_PARTS.sub(blank, text)


def lines_matching(text, pattern):
    for number, line in enumerate(text.split("\n"), 1):
        for m in re.finditer(pattern, line):
            yield number, m


def write_tree(root, files):
    for name, text in files.items():
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)


def self_test(check, clean, plants):
    """plants: (what it is, {path: text}, a piece of the expected finding)."""
    bad = 0
    with tempfile.TemporaryDirectory() as root:
        write_tree(root, clean)
        found = check(root)
        if found:
            bad += 1
            print("self-test: a clean tree is refused:", *found, sep="\n  ")
    for what, files, expected in plants:
        with tempfile.TemporaryDirectory() as root:
            write_tree(root, clean)
            write_tree(root, files)
            found = check(root)
        if not any(expected in f and any(f.startswith(n) for n in files) for f in found):
            bad += 1
            print(f"self-test: not caught: {what}; findings: {found}")
    print(f"self-test: {len(plants) + 1 - bad} passed, {bad} failed")
    return 1 if bad else 0


def main(check, clean, plants, extra=()):
    """extra: (option, help) pairs, handed to check() as keyword arguments."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("--root", default=ROOT)
    for option, text in extra:
        parser.add_argument("--" + option, default=None, help=text)
    args = parser.parse_args()
    if args.self_test:
        sys.exit(self_test(check, clean, plants))
    try:
        found = check(args.root, **{o: getattr(args, o) for o, _ in extra})
    except NothingToCheck as reason:
        print(f"skipped: {reason}")
        sys.exit(SKIP)
    for finding in found:
        print(finding)
    print(f"{os.path.basename(sys.argv[0])}: {len(found)} findings")
    sys.exit(1 if found else 0)
