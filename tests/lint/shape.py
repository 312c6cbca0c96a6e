"""The shape of the tree: fixed top level, no file with a second job in it (size), and every C file
opening with what it does, on which thread, and who calls it."""
import re

import lint

FOLDERS = {"wsdl", "generated", "src", "adapters", "tests", "certs", "docs", "scripts", "deploy",
           ".ci"}
FILES = {"CMakeLists.txt", "CMakePresets.json", "README.md", "LICENSE", "CONTRIBUTING.md",
         "CHANGELOG.md", ".clang-format", ".clang-tidy", ".editorconfig", ".gitattributes",
         ".gitignore"}
# path -> most lines; the first match counts
LIMITS = [
    (r"^tests/sandbox/.*\.py$", 1200),      # a stand-in is one program
    (r"\.py$", 600), (r"^(src|adapters|generated|tests)/.*\.(c|h|lua|js)$", 600),
    (r"^scripts/[^/.]+$", 600), (r"CMakeLists\.txt$", 200),
]


def check_size(name, text):
    lines = text.count("\n")
    for pattern, most in LIMITS:
        if re.search(pattern, name):
            if lines > most:
                return [f"{name}:{most}: {lines} lines, more than {most}: look for the second job"]
            break
    return []


def check_opening(name, text):
    if not re.match(r"(src|adapters|generated)/.*\.c$", name):
        return []
    m = re.match(r"/\*.*?\*/", text, re.S)
    if m and len(m.group(0)) >= 50 and m.group(0).count("\n") < 12:
        return []
    return [f"{name}:1: opens with no comment that says job, thread and who calls"]


def check(root):
    found = []
    for name in lint.tree_files(root):
        first, _, rest = name.partition("/")
        if not (first in FOLDERS if rest else first in FILES):
            found.append(f"{name}:1: does not belong to the top level")
        text = lint.read(root, name)
        if text is None:
            continue
        found += check_size(name, text)
        found += check_opening(name, text)
    return found


CLEAN = {
    "README.md": "",
    "src/base/a.c": "/* Does one thing.\n * Any thread; called by everybody. */\nint a;\n",
    "docs/long.md": "line\n" * 3000, "tests/unit/test_base_a.c": "int a;\n" * 600,
}
PLANTS = [
    ("a file at the top", {"notes.txt": ""}, "top level"),
    ("a folder at the top", {"tools/x.sh": ""}, "top level"),
    ("a long C file", {"src/base/b.c": "/* a\n b */\n" + "int a;\n" * 599}, "601 lines"),
    ("a long script", {"scripts/big": "true\n" * 601}, "601 lines"),
    ("a C file without its opening", {"src/base/b.c": "int a;\n"}, "opens with no comment"),
    ("an opening that says nothing", {"src/base/b.c": "/* a */\nint a;\n"}, "opens with no"),
]

if __name__ == "__main__":
    lint.main(check, CLEAN, PLANTS)
