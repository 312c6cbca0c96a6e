"""Who may include whom (layers.txt), which library belongs to which room, and that no adapter is
named outside its folder."""
import os
import re

import lint

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "layers.txt")
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
# header -> where it may be included, and how to say it
HOMES = [
    (r"(sql(ext|types|ucode)?|odbcinst(ext)?)\.h", r"src/store/", "ODBC belongs to src/store"),
    (r"sqlite3(ext)?\.h|libpq-fe\.h|mysql.*", r"(?!)", "databases are reached through ODBC only"),
    (r"curl/.*", r"src/wire/", "libcurl belongs to src/wire"),
    (r"(event2/.*|event\.h|evhttp\.h)", r"src/wire/", "libevent belongs to src/wire"),
    (r"(lua5\.4/.*|lua\w*\.hp*|lauxlib\.h)", r"src/map/", "Lua belongs to src/map"),
    (r"json-c/.*|json_\w+\.h", r"(?!)", "JSON is read by base/json.h only (docs/decisions/0006-json.md)"),
]
# Short names that say a partner, besides the folders that exist.
PARTNERS = {"sap", "nav", "woocommerce", "vendure"}
# The namespace of a form that format and door read: what the form is called, not who sends it.
NAMESPACE = re.compile(r'"(urn:|http://)sap[-.]com[:/][^"]*"')


def read_table(path=TABLE):
    table = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                room, allowed = line.split(":", 1)
                table[room.strip()] = set(allowed.split())
    return table


def place_of(name):
    """(folder, room) of a file: ("src/store", "store"), ("adapters/erp_x", "adapters/X")."""
    parts = name.split("/")
    if parts[0] == "src":
        return "/".join(parts[:2]), parts[1] if len(parts) > 2 else None
    if len(parts) == 2:
        return "adapters", "registry"
    return "/".join(parts[:2]), "adapters/X"


def bad_include(target, name, folder, room, allowed, table, files):
    """Why a quoted include is wrong, or None."""
    parts = target.split("/")
    if ".." in parts:
        return f"leaves its folder by ..: {target}"
    if len(parts) == 1:
        own = os.path.join(os.path.dirname(name), target)
        return None if own in files else f"{target} is no file of its own folder"
    if parts[0] == "generated":
        stubs = "generated/" + (parts[1] if len(parts) > 2 else "env")
        if stubs in allowed or "generated/X" in allowed and stubs == "generated/" + folder[9:]:
            return None
        return f"{room} may not include {stubs}"
    if parts[0] == "adapters":
        if len(parts) == 2:
            ok = room == "registry" or "registry" in allowed
        else:
            ok = "adapters" in allowed or "/".join(parts[:2]) == folder
        return None if ok else f"{room} may not include {target}"
    if parts[0] not in table:
        return f"names no room: {target}"
    if parts[0] != room and parts[0] not in allowed:
        return f"{room} may not include {target}"
    return None


def check_includes(name, text, table, files):
    folder, room = place_of(name)
    if room not in table:
        return [f"{name}:1: {folder} is no room of the house"]
    found = []
    for number, line in enumerate(lint.strip_c(text, keep_strings=True).split("\n"), 1):
        m = INCLUDE.match(line)
        if not m:
            continue
        target = m.group(1) or m.group(2)
        for header, home, sentence in HOMES:
            if re.fullmatch(header, target) and not re.match(home, name):
                found.append(f"{name}:{number}: {target}: {sentence}")
        if m.group(1):
            why = bad_include(target, name, folder, room, table[room], table, files)
            if why:
                found.append(f"{name}:{number}: {why}")
    return found


def check_names(name, text, adapters):
    """No partner's name in code or strings outside its folder and the registry."""
    folder, room = place_of(name)
    if room == "registry":
        return []
    names = {a.split("_", 1)[-1] for a in adapters} | PARTNERS
    names -= {folder.split("_", 1)[-1]} if room == "adapters/X" else set()
    found = []
    code = lint.strip_c(text, keep_strings=True) if re.search(r"\.(c|h|def)$", name) else text
    if re.match(r"src/(format|door)$", folder):
        code = NAMESPACE.sub('""', code)
    for number, m in lint.lines_matching(code, r"[A-Za-z0-9]+"):
        if m.group(0).lower() in names:
            found.append(f"{name}:{number}: names the partner {m.group(0)}; a difference between "
                         "partners is a declaration in the port")
    return found


def check(root):
    table = read_table()
    files = lint.tree_files(root, r"^(src|adapters)/.*\.(c|h|def|lua|sql)$")
    known = set(files)
    adapters = {n.split("/")[1] for n in files if re.match(r"adapters/[^/]+/", n)}
    found = []
    for name in files:
        text = lint.read(root, name) or ""
        if re.search(r"\.(c|h|def)$", name):
            found += check_includes(name, text, table, known)
        found += check_names(name, text, adapters)
    return found


CLEAN = {
    "src/base/err.h": "", "src/port/erp.h": "", "src/base/json.c": "",
    "src/store/db.c": '#include "store/db.h"\n#include "base/err.h"\n#include <sql.h>\n',
    "src/store/db.h": "/* SAP may be named in a comment */\n",
    "src/wire/http.c": '#include <curl/curl.h>\n#include "generated/env/envH.h"\n',
    "src/app/main.c": '#include "adapters/registry.h"\n#include "store/db.h"\n',
    "src/format/a.c": 'char *n = "http://sap.com/xi/SD";\n',
    "adapters/registry.h": "", "adapters/erp_x/adapter.h": "",
    "adapters/registry.c": '#include "registry.h"\n#include "adapters/erp_x/adapter.h"\n',
    "adapters/erp_x/decode.c": '#include "adapter.h"\n#include "generated/erp_x/xStub.h"\n'
                               '#include "port/erp.h"\nint x_open;\n',
}
PLANTS = [
    ("an upward include", {"src/base/a.c": '#include "store/db.h"\n'}, "base may not include"),
    ("flow including wire", {"src/flow/a.c": '#include "wire/http.h"\n'}, "flow may not"),
    ("an unknown room", {"src/misc/a.c": ""}, "no room of the house"),
    ("a file beside the rooms", {"src/a.c": ""}, "no room of the house"),
    ("an include of no room", {"src/base/a.c": '#include "misc/a.h"\n'}, "names no room"),
    ("leaving by ..", {"src/flow/a.c": '#include "../store/db.h"\n'}, "leaves its folder"),
    ("a bare name of another folder", {"src/flow/a.c": '#include "db.h"\n'}, "own folder"),
    ("another adapter", {"adapters/erp_y/a.c": '#include "adapters/erp_x/adapter.h"\n'},
     "may not include adapters/erp_x"),
    ("an adapter asking the store", {"adapters/erp_x/a.c": '#include "store/db.h"\n'}, "may not"),
    ("foreign stubs", {"adapters/erp_y/a.c": '#include "generated/erp_x/xStub.h"\n'},
     "generated/erp_x"),
    ("app including an adapter", {"src/app/a.c": '#include "adapters/erp_x/adapter.h"\n'},
     "app may not include"),
    ("ODBC outside the store", {"src/flow/a.c": "#include <sqlext.h>\n"}, "src/store"),
    ("SQLite directly", {"src/store/a.c": "#include <sqlite3.h>\n"}, "ODBC only"),
    ("curl in an adapter", {"adapters/erp_x/a.c": "#include <curl/curl.h>\n"}, "src/wire"),
    ("libevent in door", {"src/door/a.c": "#include <event2/event.h>\n"}, "src/wire"),
    ("Lua in flow", {"src/flow/a.c": "#include <lua.h>\n"}, "src/map"),
    ("json-c", {"src/base/a.c": "#include <json-c/json.h>\n"}, "base/json.h"),
    ("if (sap)", {"src/flow/a.c": "int f(int sap) { if (sap) return 1; return 0; }\n"}, "partner"),
    ("is_sap", {"src/flow/a.h": "int is_sap;\n"}, "partner sap"),
    ("a name in a string", {"src/app/a.c": 'char *n = "erp_x";\n'}, "partner x"),
    ("a namespace in flow", {"src/flow/a.c": 'char *n = "http://sap.com/xi/SD";\n'}, "partner sap"),
    ("a name beside a namespace", {"src/door/a.c": 'char *n = "urn:sap-com:a"; int sap;\n'},
     "partner sap"),
    ("a name in a statement list", {"src/store/stmt.def": 'STMT(A, "UPDATE nav_item")\n'}, "nav"),
]

if __name__ == "__main__":
    lint.main(check, CLEAN, PLANTS)
