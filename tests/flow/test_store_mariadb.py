"""The tests of the store and of the flow once more, and the program itself, on a MariaDB of their
own in a temporary folder.

Skipped (77) where the server or its ODBC driver is not installed. The programs are found beside the
build's other unit tests; KONTOR_BUILD_DIR names the build tree.
"""
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SKIP = 77
SOCKET = "KONTOR_TEST_MARIADB"          # tells the programs where the server is
# not here: test_store_gate needs no database, test_store_faults is about files and processes
PROGRAMS = ["store_db", "store_records", "store_records_get", "store_records_merge",
            "store_deliveries", "store_leases", "store_exceptions", "store_orders",
            "store_committer", "store_lost", "store_held", "store_runs", "flow_push", "flow_orders",
            "flow_serve", "flow_pages", "flow_runs", "flow_ownership", "flow_pull_loop"]
PASSWORD = "a;b}c {d}="                 # whatever a connection string could stumble over
START_S = 30


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIP)


def find_server():
    """mariadbd, mariadb-install-db and the client; Debian keeps the first in /usr/sbin."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin"
    found = [shutil.which(n, path=path) for n in ("mariadbd", "mariadb-install-db", "mariadb")]
    if None in found:
        skip("no MariaDB server is installed")
    return found


def has_driver():
    run = subprocess.run(["odbcinst", "-q", "-d", "-n", "MariaDB Unicode"], capture_output=True,
                         check=False)
    return run.returncode == 0


def find_program(name):
    build = os.environ.get("KONTOR_BUILD_DIR", "build/dev")
    for folder in ("tests/unit", "bin"):
        path = os.path.join(build, folder, f"test_{name}")
        if os.access(path, os.X_OK):
            break
    else:
        sys.exit(f"no program test_{name} below {build}")
    with open(path, "rb") as file:
        if SOCKET.encode() not in file.read():      # else it would pass, on SQLite
            sys.exit(f"test_{name} does not know {SOCKET}: its kit knows no MariaDB")
    return path


class Server:
    """One server, reached by its socket only; it syncs nothing, since nothing here outlives it."""

    def __init__(self, folder, daemon, install, client):
        self.folder, self.daemon, self.install, self.client = folder, daemon, install, client
        self.socket = os.path.join(folder, "socket")
        self.process = None
        # the server refuses to run as root
        self.demote = {}
        if os.getuid() == 0:
            try:
                user = pwd.getpwnam("mysql")
            except KeyError:
                skip("running as root, and there is no user mysql")
            os.chown(folder, user.pw_uid, user.pw_gid)
            self.demote = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        os.chmod(folder, 0o755)

    def run(self, *command, **options):
        run = subprocess.run(command, cwd=self.folder, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             check=False, timeout=120, **options)
        if run.returncode != 0:
            sys.exit(f"{command[0]} failed:\n{run.stdout}\n{self.log()}")
        return run.stdout

    def log(self):
        path = os.path.join(self.folder, "log")
        if not os.path.exists(path):
            return ""
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def start(self):
        data = os.path.join(self.folder, "data")
        self.run(self.install, "--no-defaults", f"--datadir={data}", "--skip-test-db",
                 "--auth-root-authentication-method=normal", **self.demote)
        with open(os.path.join(self.folder, "log"), "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [self.daemon, "--no-defaults", f"--datadir={data}", f"--socket={self.socket}",
                 "--skip-networking", "--innodb-flush-method=nosync", "--innodb-doublewrite=0",
                 "--innodb-flush-log-at-trx-commit=0", "--skip-sync-frm",
                 "--innodb-log-file-size=32M", "--innodb-buffer-pool-size=64M"],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self.demote)
        end = time.monotonic() + START_S
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > end:
                sys.exit(f"mariadbd does not answer:\n{self.log()}")
            time.sleep(0.05)
        self.sql("CREATE USER kontor@localhost; GRANT ALL ON kontor.* TO kontor@localhost; "
                 f"CREATE USER shy@localhost IDENTIFIED BY '{PASSWORD}'; "
                 "GRANT ALL ON kontor.* TO shy@localhost")

    def answers(self):
        run = subprocess.run([self.client, "--no-defaults", "-u", "root", "-S", self.socket, "-e",
                              "SELECT 1"], capture_output=True, check=False)
        return run.returncode == 0

    def sql(self, text):
        return self.run(self.client, "--no-defaults", "-u", "root", "-S", self.socket, "-N", "-e",
                        text)

    def empty(self):
        self.sql("CREATE OR REPLACE DATABASE kontor")

    def tables(self):
        return int(self.sql("SELECT COUNT(*) FROM information_schema.tables "
                            "WHERE table_schema = 'kontor'"))

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()


def environment(server):
    env = dict(os.environ, LC_ALL="C.UTF-8")
    env[SOCKET] = server.socket
    # the driver copies texts with strndup from buffers that end without a zero, as it may
    env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":strict_string_checks=0"
    return env


def run_program(server, path):
    server.empty()
    run = subprocess.run([path], env=environment(server), stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                         errors="replace", timeout=240, check=False)
    if run.returncode == 0 and server.tables() == 0:
        return "it left no table behind: it ran on another database"
    return None if run.returncode == 0 else f"exit status {run.returncode}\n{run.stdout}"


def settings(server):
    """What a configuration must hold; none of these partners is ever asked."""
    nobody = "http://127.0.0.1:9"
    return {"installation": "test",
            "database": {"driver": "mariadb", "server": server.socket, "name": "kontor",
                         "user": "shy", "password": "env:KONTOR_TEST_PASSWORD"},
            "erps": {"main": {"adapter": "sap", "scope": "x",
                              "connection": {"url": nobody, "user": "u",
                                             "password": "env:KONTOR_TEST_PASSWORD",
                                             "sales_org": "1000", "distribution_channel": "10",
                                             "division": "00", "doc_type": "ZWEB",
                                             "one_time_customer": "900000"}}},
            "channels": {"shop": {"adapter": "woocommerce", "erp": "main",
                                  "connection": {"url": nobody, "consumer_key": "k",
                                                 "consumer_secret": "env:KONTOR_TEST_PASSWORD"},
                                  "language": "de", "market": "DE", "zone": "Europe/Berlin",
                                  "currency": "EUR", "price_list": "00"}}}


def run_kontor(server):
    """Configuration, connection with a password, migration (twice), a command that reads."""
    server.empty()
    file = os.path.join(server.folder, "kontor.yaml")
    with open(file, "w", encoding="utf-8") as out:
        json.dump(settings(server), out)                # JSON is YAML
    env = dict(environment(server), KONTOR_TEST_PASSWORD=PASSWORD)
    for words, said in ((("db", "migrate"), '"from":0,"to":'), (("db", "migrate"), '"from":'),
                        (("status",), "{")):
        command = [os.environ.get("KONTOR_BIN", "build/dev/kontor"), "--json", "--config", file]
        run = subprocess.run(command + list(words), env=env, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                             timeout=60, check=False)
        if run.returncode != 0 or said not in run.stdout.replace(" ", ""):
            return (f"kontor {' '.join(words)}: exit status {run.returncode}\n"
                    f"{run.stdout}{run.stderr}")
    return None if server.tables() > 10 else "kontor db migrate made no tables"


def main():
    daemon, install, client = find_server()
    if not has_driver():
        skip("the ODBC driver \"MariaDB Unicode\" is not installed")
    programs = [find_program(name) for name in PROGRAMS]
    folder = tempfile.mkdtemp(prefix="kontor-maria-", dir="/tmp")
    failed = 0
    server = Server(folder, daemon, install, client)
    try:
        server.start()
        jobs = [("kontor", lambda: run_kontor(server))]
        jobs += [(os.path.basename(p), lambda p=p: run_program(server, p)) for p in programs]
        for name, job in jobs:
            why = job()
            print(f"{name}: {'ok' if why is None else 'FAILED'}", flush=True)
            if why is not None:
                failed += 1
                print(why, flush=True)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
