"""Repairs what a machine can: include guards and the format of C files. For scripts/lint --fix."""
import subprocess
import sys

import format as formatting
import headers
import lint


def main():
    headers.fix_guards(lint.ROOT)
    files = [n for n in lint.tree_files(lint.ROOT, r"^(src|adapters|generated|tests)/.*\.[ch]$")
             if n not in lint.NOT_C]
    if not files:
        return 0
    return subprocess.run([formatting.clang_format(), f"--style=file:{formatting.STYLE}", "-i"] +
                          files, cwd=lint.ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
