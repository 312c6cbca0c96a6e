"""Every C file is as clang-format 14 leaves it."""
import os
import re
import shutil
import subprocess

import lint

STYLE = os.path.join(lint.ROOT, ".clang-format")


def clang_format():
    for name in ("clang-format-14", "clang-format"):
        if shutil.which(name):
            return name
    raise lint.NothingToCheck("clang-format is not installed; run scripts/deps --test")


def check(root):
    # statement and error lists (.def) are tables, laid out by hand
    files = [n for n in lint.tree_files(root, r"^(src|adapters|generated|tests)/.*\.[ch]$")
             if n not in lint.NOT_C]
    if not files:
        return []
    run = subprocess.run([clang_format(), f"--style=file:{STYLE}", "--dry-run",
                          "--ferror-limit=1"] + files, cwd=root, capture_output=True, text=True,
                         check=False)
    found = re.findall(r"^(\S+:\d+):\d+: \w+: code should be clang-formatted", run.stderr, re.M)
    if run.returncode != 0:
        found.append(f".clang-format:1: clang-format failed: {run.stderr[-300:]}")
    return [f if " " in f else f"{f}: not as clang-format leaves it; scripts/lint --fix"
            for f in found]


CLEAN = {"src/base/a.c": "int f(void)\n{\n    return 1;\n}\n"}
PLANTS = [
    ("wrong indent", {"src/base/b.c": "int f(void)\n{\n  return 1;\n}\n"}, "b.c:2: not as"),
    ("brace on the line", {"adapters/erp_x/b.h": "int f(void) {\n    return 1;\n}\n"}, "not as"),
]

if __name__ == "__main__":
    lint.main(check, CLEAN, PLANTS)
