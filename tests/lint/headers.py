"""Every header compiles alone, twice in one file, and has the guard of its path."""
import concurrent.futures
import os
import re
import subprocess
import tempfile

import lint

PACKAGES = ["libxml-2.0", "xmlsec1-openssl", "openssl", "libcurl", "odbc", "libevent", "lua5.4",
            "libfyaml", "zlib", "gsoapssl"]
WARNINGS = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Wstrict-prototypes", "-Wundef",
            "-Wshadow", "-Wno-unused-function", "-Werror"]


def package_flags():
    run = subprocess.run(["pkg-config", "--cflags"] + PACKAGES, capture_output=True, text=True,
                         check=False)
    if run.returncode != 0:
        raise lint.NothingToCheck("a library is missing; run scripts/deps: " + run.stderr.strip())
    # libraries' own headers are not judged
    return " ".join(run.stdout.split()).replace("-I", "-isystem ").split()


def guard_of(name):
    parts = name.split("/")
    stem = "_".join(parts[1:] if parts[0] == "src" else parts)
    return "KT_" + "".join(c if c.isalnum() else "_" for c in stem).upper()


def guards_of(name):
    """Guards that a header may have; an adapter may leave out "adapters": KT_ERP_X_CONF_H."""
    return sorted({guard_of(name), guard_of(name).replace("KT_ADAPTERS_", "KT_")}, key=len)


def fix_guards(root):
    """Gives every header the guard of its path; called by scripts/lint --fix."""
    for name in lint.tree_files(root, r"^(src|adapters|generated)/.*\.h$"):
        text = lint.read(root, name)
        m = re.search(r"^#ifndef (\w+)\n#define \1\n", text, re.M)
        if m and m.group(1) not in guards_of(name):
            with open(os.path.join(root, name), "w", encoding="utf-8") as f:
                f.write(re.sub(rf"\b{m.group(1)}\b", guards_of(name)[0], text))
            print(f"{name}: guard is now {guards_of(name)[0]}")


def check_one(root, name, flags):
    with open(os.path.join(root, name), encoding="utf-8") as f:
        text = f.read()
    found = []
    guards = guards_of(name)
    if not any(f"#ifndef {g}\n" in text and f"#define {g}\n" in text for g in guards):
        found.append(f"{name}:1: include guard is not {' or '.join(guards)}")
    with tempfile.NamedTemporaryFile("w", suffix=".c") as unit:
        unit.write(f'#include "{os.path.join(root, name)}"\n' * 2 + "extern int kt_not_empty;\n")
        unit.flush()
        run = subprocess.run(["gcc"] + WARNINGS + flags + ["-fsyntax-only", unit.name],
                             capture_output=True, text=True, check=False)
    if run.returncode != 0:
        first = [line for line in run.stderr.splitlines() if "error:" in line][:1]
        found.append(f"{name}:1: does not compile alone: {' '.join(first)}")
    return found


def check(root, build=None):
    build = build or os.path.join(root, "build", "dev")
    # the same definitions as kt_flags
    flags = ["-D_GNU_SOURCE=", '-DKT_VERSION="0"', "-DKT_TEST_HOOKS=1", "-I",
             os.path.join(root, "src"), "-I", root, "-isystem", build] + package_flags()
    names = lint.tree_files(root, r"^(src|adapters|generated)/.*\.h$")
    names = [n for n in names if n not in lint.NOT_C]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda n: check_one(root, n, flags), names))
    return [f for one in found for f in one]


GOOD = "#ifndef KT_BASE_%s_H\n#define KT_BASE_%s_H\n\n%s\n#endif\n"
CLEAN = {
    "src/base/a.h": GOOD % ("A", "A", "#include <stdint.h>\n\nstruct kt_a {\n    int32_t n;\n};\n"),
    "adapters/erp_x/a.h": "#ifndef KT_ERP_X_A_H\n#define KT_ERP_X_A_H\n\n#include \"base/a.h\"\n"
                          "#endif\n",
}
PLANTS = [
    ("a missing include", {"src/base/b.h": GOOD % ("B", "B", "extern int32_t b;\n")}, "alone"),
    ("a definition without a guard", {"src/base/b.h": "struct kt_b {\n    int n;\n};\n"}, "alone"),
    ("a guard of another file", {"src/base/b.h": GOOD % ("A", "A", "extern int b;\n")}, "guard"),
    ("an unprototyped function", {"src/base/b.h": GOOD % ("B", "B", "int b();\n")}, "alone"),
]

if __name__ == "__main__":
    lint.main(check, CLEAN, PLANTS, [("build", "build tree that holds the generated stubs")])
