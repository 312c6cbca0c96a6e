"""The release program holds no test hooks and is hardened (position independent, full RELRO)."""
import os
import re
import subprocess
import tempfile

import lint

TRACES = r"KT_CRASH_AT|KT_CLOCK_FILE|\bkt_test_\w+|KT_TEST_HOOKS"


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True,
                          errors="replace").stdout


def findings(path, shown):
    found = []
    traces = set(re.findall(TRACES, output("strings", "-a", path)))
    traces |= set(re.findall(r"\bkt_test_\w+", output("nm", "-a", path)))
    for trace in sorted(traces):
        found.append(f"{shown}:1: test hook in the release: {trace}")
    if "DYN (Position-Independent" not in output("readelf", "-h", path):
        found.append(f"{shown}:1: not position independent")
    dynamic = output("readelf", "-d", path)
    if not re.search(r"\bBIND_NOW\b|\bNOW\b", dynamic):
        found.append(f"{shown}:1: lazy binding; link with -z now")
    if "GNU_RELRO" not in output("readelf", "-lW", path):
        found.append(f"{shown}:1: no RELRO segment")
    return found


def check(root, program=None):
    path = program or os.path.join(root, "build", "release", "kontor")
    if not os.path.exists(path):
        raise lint.NothingToCheck("no release program yet; cmake --preset release, then build it")
    return findings(path, os.path.relpath(path, root))


def check_source(root):
    """For the self-test: compiles the planted program, then judges it."""
    found = []
    for name in lint.tree_files(root, r"\.c$"):
        flags = ["-O2", "-fPIE", "-pie", "-Wl,-z,relro,-z,now"]
        if "FLAGS: " in (lint.read(root, name) or ""):
            flags = re.search(r"FLAGS: (.*?) \*/", lint.read(root, name)).group(1).split()
        with tempfile.TemporaryDirectory() as folder:
            program = os.path.join(folder, "program")
            subprocess.run(["gcc", *flags, "-o", program, os.path.join(root, name)], check=True)
            found += findings(program, name)
    return found


CLEAN = {"a.c": "int main(void) { return 0; }\n"}
PLANTS = [
    ("a crash point", {"b.c": "#include <stdlib.h>\n#include <stdio.h>\nint main(void)\n"
                              '{ return getenv("KT_CRASH_AT") ? 1 : 0; }\n'}, "KT_CRASH_AT"),
    ("a test function", {"b.c": "int kt_test_clock_shift(int n) { return n + 1; }\n"
                                "int main(int c, char **v) { (void)v; return c; }\n"},
     "kt_test_clock_shift"),
    ("the test clock", {"b.c": "#include <stdlib.h>\nint main(void)\n"
                               '{ return getenv("KT_CLOCK_FILE") ? 1 : 0; }\n'}, "KT_CLOCK_FILE"),
    ("no PIE", {"b.c": "/* FLAGS: -O2 -no-pie -Wl,-z,now */\nint main(void) { return 0; }\n"},
     "not position independent"),
    ("lazy binding", {"b.c": "/* FLAGS: -O2 -pie -fPIE -Wl,-z,lazy */\n#include <stdio.h>\n"
                             "int main(int c, char **v) { return puts(v[c - 1]); }\n"}, "lazy"),
]

if __name__ == "__main__":
    import sys
    lint.main(check_source if "--self-test" in sys.argv else check, CLEAN, PLANTS,
              [] if "--self-test" in sys.argv else [("program", "the program to judge")])
