"""docs/security/ws-security.md: its parts between marks are written by the tests that know them."""
import os
import re

from wss_attack import GROUPS

ROOT = os.environ.get("KONTOR_SOURCE_DIR") or os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
PAGE = os.path.join(ROOT, "docs", "security", "ws-security.md")
COST = re.compile(r" \| [<>] \d+ ms( a MB)? \|$", re.M)


def put(name, text, writes):
    """Puts a part between its marks, or says that it is out of date. What machines change (the
    column of costs) does not count."""
    with open(PAGE, encoding="utf-8") as f:
        page = f.read()
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    at = page.index(begin) + len(begin)
    stop = page.index(end, at)
    if writes:
        with open(PAGE, "w", encoding="utf-8") as f:
            f.write(page[:at] + text + page[stop:])
        return []
    if COST.sub(" |", page[at:stop]) == COST.sub(" |", text):
        return []
    return [f"docs/security/ws-security.md: the part {name} is out of date; run its test with "
            "--write"]


def cell(text):
    return text.replace("|", "\\|").replace("<", "&lt;")


def cost(us, octets):
    """A class, so that it reads the same on most machines."""
    unit = " ms a MB" if octets > 100000 else " ms"
    ms = us * 1000 / octets if octets > 100000 else us / 1000
    return next((f"< {most}{unit}" for most in (1, 10, 100, 1000) if ms < most), f"> 1000{unit}")


def attacks(costs, harmless, writes):
    made = ""
    for title, entries in GROUPS.items():
        made += (f"\n### {title}\n\n| attack | what it does | accepted twin | audit code | cost |\n"
                 "|---|---|---|---|---|\n")
        for entry in entries:
            code = entry.code.replace("look:", "")
            made += (f"| {cell(entry.name)} | {cell(entry.does)} | "
                     f"{cell(entry.twin_is or 'without it')} | `{code}` | "
                     f"{cost(*costs[title, entry.name])} |\n")
    kinds = {"same": "", "replay": ""}
    for kind, name, does in harmless:
        kinds[kind] += f"| {cell(name)} | {cell(does)} |\n"
    head = "| change | what it does |\n|---|---|\n"
    made += ("\n### Changes that nothing comes of\n\nThe message is accepted, and what is handed on "
             "is the same, octet for octet.\n\n" + head + kinds["same"])
    made += ("\n### The same message in another spelling\n\nEach is accepted by its form, and has "
             "the replay key of the first, so that it counts as a repeat of it.\n\n" + head +
             kinds["replay"])
    return put("attacks", made, writes)
