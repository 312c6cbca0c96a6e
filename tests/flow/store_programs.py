"""Every program of tests/unit and tests/property that opens a database once more, and the program
itself, on a server of their own. Used by test_store_postgresql.py and test_store_mariadb.py.

The programs are found by their sources, so that none can be forgotten; KONTOR_BUILD_DIR names the
build tree.
"""
import glob
import json
import os
import subprocess
import sys
import time

import database_server

HERE = os.path.dirname(os.path.abspath(__file__))
# they are about files and processes, or need no database
NOT_HERE = {"test_store_faults", "test_store_gate"}
PASSWORD_NAME = "KONTOR_TEST_DATABASE_PASSWORD"


def programs(variable):
    """Paths of those that know where the server is; the others use no database."""
    build = os.environ.get("KONTOR_BUILD_DIR", "build/dev")
    names, found = [], []
    for folder in ("unit", "property"):
        for room in ("store", "flow"):      # no other room opens one
            for source in glob.glob(os.path.join(HERE, "..", folder, f"test_{room}_*.c")):
                names.append((folder, os.path.basename(source)[:-2]))
    for folder, name in sorted(names):
        path = os.path.join(build, "tests", folder, name)
        if not os.access(path, os.X_OK):
            raise database_server.Failed(f"no program {name} below {build}")
        with open(path, "rb") as file:
            if variable.encode() in file.read() and name not in NOT_HERE:
                found.append(path)
    if len(found) < 20:
        raise database_server.Failed(f"only {len(found)} programs know {variable}")
    return found


def environment(server):
    env = dict(os.environ, LC_ALL="C.UTF-8", **server.environment())
    env[PASSWORD_NAME] = database_server.PASSWORD
    # the drivers copy texts with strndup from buffers that end without a zero, as they may
    env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":strict_string_checks=0"
    return env


def run_program(server, path):
    server.empty("kontor")
    run = subprocess.run([path], env=environment(server), stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                         errors="replace", timeout=240, check=False)
    if run.returncode == 0 and server.tables("kontor") == 0:
        return "it left no table behind: it ran on another database"
    return None if run.returncode == 0 else f"exit status {run.returncode}\n{run.stdout}"


def settings(server):
    """What a configuration must hold; none of these partners is ever asked."""
    nobody = "http://127.0.0.1:9"
    secret = f"env:{PASSWORD_NAME}"
    return {"installation": "test",
            "database": server.settings("kontor", port=server.port),
            "erps": {"main": {"adapter": "sap", "scope": "x",
                              "connection": {"url": nobody, "user": "u", "password": secret,
                                             "sales_org": "1000", "distribution_channel": "10",
                                             "division": "00", "doc_type": "ZWEB",
                                             "one_time_customer": "900000"}}},
            "channels": {"shop": {"adapter": "woocommerce", "erp": "main",
                                  "connection": {"url": nobody, "consumer_key": "k",
                                                 "consumer_secret": secret},
                                  "language": "de", "market": "DE", "zone": "Europe/Berlin",
                                  "currency": "EUR", "price_list": "00"}}}


def run_kontor(server):
    """By TCP and with a password: connection, migration (twice), a command that reads."""
    server.empty("kontor")
    file = os.path.join(server.folder, "kontor.yaml")
    with open(file, "w", encoding="utf-8") as out:
        json.dump(settings(server), out)                # JSON is YAML
    for words, said in ((("db", "migrate"), '"from":0,"to":'), (("db", "migrate"), '"from":'),
                        (("status",), "{")):
        command = [os.environ.get("KONTOR_BIN", "build/dev/kontor"), "--json", "--config", file]
        run = subprocess.run(command + list(words), env=environment(server),
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True, timeout=60, check=False)
        if run.returncode != 0 or said not in run.stdout.replace(" ", ""):
            return (f"kontor {' '.join(words)}: exit status {run.returncode}\n"
                    f"{run.stdout}{run.stderr}")
    return None if server.tables("kontor") > 10 else "kontor db migrate made no tables"


def run_all(kind):
    """All of them on a server of this kind; the exit status."""
    failed = 0
    try:
        paths = programs(kind.variable)
        with kind() as server:
            jobs = [("kontor", lambda: run_kontor(server))]
            jobs += [(os.path.basename(p), lambda p=p: run_program(server, p)) for p in paths]
            for name, job in jobs:
                began = time.monotonic()
                why = job()
                print(f"{name}: {'ok' if why is None else 'FAILED'} "
                      f"({time.monotonic() - began:.1f} s)", flush=True)
                if why is not None:
                    failed += 1
                    print(why, flush=True)
    except database_server.Absent as why:
        print(f"skipped: {why}")
        return database_server.SKIP
    except database_server.Failed as why:
        sys.exit(str(why))
    return 1 if failed else 0
