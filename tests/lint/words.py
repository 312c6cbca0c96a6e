"""Words that no C file may use: unbounded or zone-blind libc calls, and floating point, which
loses cents (allowed where metrics are computed)."""
import re

import lint

BANNED = {
    "strcpy": "kt_buf", "strncpy": "kt_buf", "strcat": "kt_buf", "strncat": "kt_buf",
    "sprintf": "snprintf or kt_buf", "vsprintf": "vsnprintf or kt_buf", "gets": "a bounded read",
    "strtok": "kt_str", "atoi": "a checked parser", "atol": "a checked parser",
    "atoll": "a checked parser", "atof": "kt_dec", "sscanf": "a checked parser",
    "gmtime": "base/time", "localtime": "base/time", "rand": "base/rand", "srand": "base/rand",
}
CALL = r"\b(" + "|".join(BANNED) + r")\b(?=\s*\()"
FLOAT = r"\b(double|float)\b"
FLOAT_HOME = r"^(src|tests/unit)/.*metrics[^/]*\.[ch]$"


def check(root):
    found = []
    for name in lint.tree_files(root, r"^(src|adapters|generated|tests)/.*\.(c|h|def)$"):
        code = lint.strip_c(lint.read(root, name) or "")
        for number, m in lint.lines_matching(code, CALL):
            word = m.group(1)
            found.append(f"{name}:{number}: {word} is not used here; take {BANNED[word]}")
        if not re.match(FLOAT_HOME, name):
            for number, m in lint.lines_matching(code, FLOAT):
                found.append(f"{name}:{number}: {m.group(1)} outside metrics; amounts are kt_dec")
    return found


CLEAN = {
    "src/base/a.c": "/* strcpy( and double are fine in a comment */\n"
                    'char *s = "double strcpy(a, b)";\nint operand(int brand);\n'
                    "int f(void) { return operand(snprintf(0, 0, s)) + gmtime_r(0, 0); }\n",
    "src/admin/metrics.c": "double seconds;\n",
}
PLANTS = [(word, {"src/flow/a.c": f"int a;\nint f(void) {{ return {word} (1); }}\n"},
           f"a.c:2: {word} ") for word in BANNED] + [
    ("double", {"src/trade/a.h": "double price;\n"}, "double outside metrics"),
    ("float", {"adapters/erp_x/a.c": "float f(void);\n"}, "float outside metrics"),
    ("a banned call in a test", {"tests/unit/a.c": "int i = atoi (0);\n"}, "atoi"),
]

if __name__ == "__main__":
    lint.main(check, CLEAN, PLANTS)
