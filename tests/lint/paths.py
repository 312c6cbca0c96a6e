"""No file names a place that exists on one machine only: home folders, scratch paths, package
registries and mirrors. Keys do not belong into the tree either."""
import re

import lint

MACHINE = [
    (r"(?<![\w.$}~)/-])/(home|Users|root|work|workspace|builds)/[\w.-]", "a path of one machine"),
    (r"(?<![\w.$}~)/-])/tmp/(?![\w.-]*X{6})[\w.-]", "a fixed scratch path; use mktemp"),
    (r"\b(pypi\.org|files\.pythonhosted\.org|registry\.npmjs\.org|registry\.yarnpkg\.com"
     r"|proxy\.golang\.org|(deb|ftp|security)\.debian\.org|index\.crates\.io)\b",
     "a package registry"),
    (r"https?://[\w.-]*\b(artifactory|nexus|registry|mirror|pypi|npm)\b[\w.-]*", "a registry"),
    (r"-----BEGIN (\w+ )?PRIVATE KEY-----\s*$", "a private key"),
]
# The lints and licence texts name what they look for or quote.
EXEMPT = r"^(tests/lint/|LICENSE$)"


def check(root):
    found = []
    for name in lint.tree_files(root):
        text = None if re.match(EXEMPT, name) else lint.read(root, name)
        if text is None:
            continue
        for pattern, what in MACHINE:
            for number, m in lint.lines_matching(text, pattern):
                found.append(f"{name}:{number}: {m.group(0).strip()}: {what}")
    return found


CLEAN = {
    "docs/a.md": "/usr/bin/python3, /etc/kontor, https://shop.example/work/orders, ~/home/x\n",
    "tests/unit/a.c": 'char path[] = "/tmp/kontor-XXXXXX";\n',
    "scripts/a": 'cp "$root/tmp/a" build/root/x\n',
}
PLANTS = [
    ("a home folder", {"docs/b.md": "see /home/ada/notes\n"}, "/home/a: a path of one machine"),
    ("a home folder of root", {"scripts/b": "PATH=/root/.local/bin\n"}, "/root/"),
    ("a scratch path", {"scripts/b": "log=/tmp/kontor.log\n"}, "scratch"),
    ("a registry", {"scripts/b": "pip -i https://pypi.org/simple\n"}, "registry"),
    ("a mirror", {"scripts/b": "curl http://mirror.corp.example/debian\n"}, "registry"),
    ("a private key", {"certs/a.pem": "-----BEGIN PRIVATE KEY-----\nMIIB\n"}, "private key"),
]

if __name__ == "__main__":
    lint.main(check, CLEAN, PLANTS)
