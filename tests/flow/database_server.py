"""Database servers for tests: a PostgreSQL or a MariaDB in a temporary folder, reached by its socket
and on loopback. They sync nothing, unless they are told to: processes die here, machines do not.

As a program it starts one that syncs, below TMPDIR, tells a command where it is, and stops it again:

    database_server.py postgresql COMMAND …      exit status of COMMAND; 77 without a server
"""
import contextlib
import ctypes
import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SKIP = 77
START_S = 60
TAKEN_S = 600
PASSWORD = "a;b}c {d}="         # of user shy: whatever a connection string could stumble over


class Absent(Exception):
    """There is no such server here, or no way to start it."""


class Failed(AssertionError):
    """The server did not do what it was told."""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def need_driver(name):
    done = subprocess.run(["odbcinst", "-q", "-d", "-n", name], capture_output=True, check=False)
    if done.returncode != 0:
        raise Absent(f'the ODBC driver "{name}" is not installed')


class Server:
    """What both have in common. Users: kontor, without a password on the socket, and shy, with one,
    everywhere."""
    name = label = driver = variable = account = ending = None

    def __init__(self, syncs=False, below="/tmp"):
        self.syncs = syncs
        self.binaries = self.find()
        need_driver(self.driver)
        self.process = None
        self.port = free_port()
        self.folder = tempfile.mkdtemp(prefix=f"kontor-{self.name}-", dir=below)
        self.data = os.path.join(self.folder, "data")
        # the servers refuse to run as root
        self.demote = {}
        if os.getuid() == 0:
            try:
                user = pwd.getpwnam(self.account)
            except KeyError:
                raise Absent(f"running as root, and there is no user {self.account}") from None
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self.demote = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        os.chmod(self.folder, 0o755)
        self.prepare()

    def run(self, *command, **options):
        done = subprocess.run(command, cwd=self.folder, stdin=subprocess.DEVNULL, env=self.env(),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False, timeout=120, **options)
        if done.returncode != 0:
            raise Failed(f"{' '.join(command)} failed:\n{done.stdout}\n{self.log()}")
        return done.stdout

    @staticmethod
    def env():
        return dict(os.environ, LC_ALL="C.UTF-8")

    def log(self):
        path = os.path.join(self.folder, "log")
        if not os.path.exists(path):
            return ""
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()[-8000:]

    # ---- life

    def start(self):
        """Starts it on the same port and data as before; returns when it answers."""
        with open(os.path.join(self.folder, "log"), "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(self.command(), cwd=self.folder, env=self.env(),
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            preexec_fn=self.die_with_parent, **self.demote)
        end = time.monotonic() + START_S
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise Failed(f"{self.label} does not answer:\n{self.log()}")
            time.sleep(0.03)
        return self

    def die_with_parent(self):
        """A test that is killed leaves no server behind."""
        ctypes.CDLL(None).prctl(1, int(self.ending))        # PR_SET_PDEATHSIG

    def end(self, number, within_s=30):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(within_s)

    def stop(self):
        """In good order, but without waiting for its clients."""
        self.end(self.orderly)

    def kill(self):
        """SIGKILL for it and all processes of its own: no word to anybody, files as they are."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children",
                  encoding="ascii") as file:
            children = [int(pid) for pid in file.read().split()]
        self.end(signal.SIGKILL)
        for pid in children:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass                    # it noticed by itself
        for pid in children:
            while os.path.exists(f"/proc/{pid}/exe") and not self.is_zombie(pid):
                time.sleep(0.01)

    @staticmethod
    def is_zombie(pid):
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                return file.read().rpartition(")")[2].split()[0] in "ZX"
        except FileNotFoundError:
            return True

    def close(self):
        self.end(self.ending)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_):
        self.close()

    # ---- for those who use it

    def environment(self):
        """Tells the programs of tests/unit where the server is."""
        return {self.variable: self.place(), "KONTOR_TEST_PORT": str(self.port)}

    def settings(self, database, port=None, **more):
        """The section `database` of a configuration; with a port: by TCP and with a password."""
        section = {"driver": self.name, "server": self.place(), "name": database, "user": "kontor"}
        if self.name == "postgresql":
            section["port"] = self.port
        if port:
            section.update(server="127.0.0.1", port=port, user="shy",
                           password="env:KONTOR_TEST_DATABASE_PASSWORD")
        return dict(section, **more)

    def connect(self, database):
        """A connection of the test's own: pyodbc, autocommit, '?' for parameters."""
        try:
            import pyodbc       # only who asks needs it
        except ImportError:
            raise Absent("python3-pyodbc is not installed") from None
        pyodbc.pooling = False
        connection = pyodbc.connect(self.connection(database), autocommit=True, timeout=10)
        connection.setdecoding(pyodbc.SQL_CHAR, encoding="utf-8")
        connection.setencoding(encoding="utf-8", ctype=pyodbc.SQL_CHAR)
        return connection


class Postgresql(Server):
    name, label, driver = "postgresql", "PostgreSQL", "PostgreSQL Unicode"
    variable, account = "KONTOR_TEST_PG", "postgres"
    orderly, ending = signal.SIGINT, signal.SIGQUIT
    connections = 60

    @staticmethod
    def find():
        """The folder that holds initdb and postgres, the newest version first."""
        places = sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)
        on_path = shutil.which("initdb")
        if on_path:
            places.append(os.path.dirname(os.path.realpath(on_path)))
        for place in places:
            if all(os.access(os.path.join(place, n), os.X_OK)
                   for n in ("initdb", "postgres", "psql")):
                return place
        raise Absent("no PostgreSQL server is installed")

    def binary(self, name):
        return os.path.join(self.binaries, name)

    def prepare(self):
        self.run(self.binary("initdb"), "-D", self.data, "-A", "trust", "-U", "kontor", "-E", "UTF8",
                 "--no-sync", "--locale=C.UTF-8", **self.demote)
        with open(os.path.join(self.data, "pg_hba.conf"), "w", encoding="ascii") as file:
            file.write("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")

    def command(self):
        return [self.binary("postgres"), "-D", self.data, "-k", self.folder, "-p", str(self.port),
                "-c", "listen_addresses=127.0.0.1", "-c", f"fsync={'on' if self.syncs else 'off'}",
                "-c", f"max_connections={self.connections}", "-c", "lc_messages=C"]

    def place(self):
        return self.folder

    def answers(self):
        return subprocess.run([*self.client("postgres"), "-c", "SELECT 1"], capture_output=True,
                              check=False).returncode == 0

    def client(self, database):
        return [self.binary("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h",
                self.folder, "-p", str(self.port), "-U", "kontor", "-d", database]

    def sql(self, text, database="postgres"):
        return self.run(*self.client(database), "-c", text)

    def start(self):
        is_new = self.process is None
        super().start()
        if is_new:
            self.sql(f"CREATE ROLE shy LOGIN PASSWORD '{PASSWORD}'")
            self.create("kontor")
        return self

    def create(self, database):
        self.sql(f"CREATE DATABASE {database} OWNER shy")

    def empty(self, database):
        self.sql("DROP SCHEMA public CASCADE", database)
        self.sql("CREATE SCHEMA public AUTHORIZATION shy", database)

    def tables(self, database):
        return int(self.sql("SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'", database))

    def connection(self, database):
        return (f"Driver={self.driver};Server={self.folder};Port={self.port};Database={database};"
                "UID=kontor")

    def open_transactions(self, database):
        """Sessions that hold one and are doing nothing in it."""
        return int(self.sql("SELECT COUNT(*) FROM pg_stat_activity WHERE state LIKE 'idle in trans%'"
                            f" AND datname = '{database}'"))

    def integrity(self, database):
        """Every heap and every index, also that each row is in its indexes."""
        self.sql("CREATE EXTENSION IF NOT EXISTS amcheck", database)
        done = subprocess.run(
            [self.binary("pg_amcheck"), "-h", self.folder, "-p", str(self.port), "-U", "kontor",
             "-d", database, "--heapallindexed"], capture_output=True, text=True, check=False)
        return "ok" if done.returncode == 0 else done.stdout + done.stderr

    # ---- what befalls it

    def read_only(self, is_on):
        """As after a failover, when the old address leads to a standby."""
        self.sql(f"ALTER SYSTEM SET default_transaction_read_only = {'on' if is_on else 'off'}")
        self.sql("SELECT pg_reload_conf()")

    def hang_up(self, user="shy"):
        """Ends all sessions of a user, and says so in the server's own way."""
        self.sql("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                 f"WHERE usename = '{user}'")

    def take_all_connections(self, user="shy"):
        """None is left for this user, who loses those that it has."""
        self.sql(f"ALTER ROLE {user} CONNECTION LIMIT 0")
        self.hang_up(user)

    def give_connections(self, user="shy"):
        self.sql(f"ALTER ROLE {user} CONNECTION LIMIT -1")


class Mariadb(Server):
    name, label, driver = "mariadb", "MariaDB", "MariaDB Unicode"
    variable, account = "KONTOR_TEST_MARIADB", "mysql"
    orderly, ending = signal.SIGTERM, signal.SIGKILL

    @staticmethod
    def find():
        """mariadbd, mariadb-install-db and the client; Debian keeps the first in /usr/sbin."""
        path = os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin"
        found = [shutil.which(n, path=path) for n in ("mariadbd", "mariadb-install-db", "mariadb")]
        if None in found:
            raise Absent("no MariaDB server is installed")
        return found

    def prepare(self):
        self.run(self.binaries[1], "--no-defaults", f"--datadir={self.data}", "--skip-test-db",
                 "--auth-root-authentication-method=normal", **self.demote)

    def command(self):
        loose = ["--innodb-flush-method=nosync", "--innodb-doublewrite=0",
                 "--innodb-flush-log-at-trx-commit=2", "--skip-sync-frm",
                 "--innodb-log-file-size=32M", "--innodb-buffer-pool-size=64M"]
        return [self.binaries[0], "--no-defaults", f"--datadir={self.data}",
                f"--socket={self.place()}", "--bind-address=127.0.0.1", f"--port={self.port}",
                "--skip-name-resolve", *([] if self.syncs else loose)]

    def place(self):
        return os.path.join(self.folder, "socket")

    def client(self):
        return [self.binaries[2], "--no-defaults", "-u", "root", "-S", self.place(), "-N"]

    def answers(self):
        return subprocess.run([*self.client(), "-e", "SELECT 1"], capture_output=True,
                              check=False).returncode == 0

    def sql(self, text, database="mysql"):
        return self.run(*self.client(), "-D", database, "-e", text)

    def start(self):
        is_new = self.process is None
        super().start()
        if is_new:
            self.sql("CREATE USER kontor@localhost; GRANT ALL ON *.* TO kontor@localhost; "
                     f"CREATE USER shy@localhost IDENTIFIED BY '{PASSWORD}'; "
                     "GRANT ALL ON `kontor%`.* TO shy@localhost; "
                     f"CREATE USER shy@127.0.0.1 IDENTIFIED BY '{PASSWORD}'; "
                     "GRANT ALL ON `kontor%`.* TO shy@127.0.0.1")
            self.create("kontor")
        return self

    def create(self, database):
        self.sql(f"CREATE DATABASE {database}")

    def empty(self, database):
        self.sql(f"CREATE OR REPLACE DATABASE {database}")

    def tables(self, database):
        return int(self.sql("SELECT COUNT(*) FROM information_schema.tables "
                            f"WHERE table_schema = '{database}'"))

    def connection(self, database):
        return (f"Driver={self.driver};Server=localhost;Socket={self.place()};Database={database};"
                "UID=kontor;CharSet=utf8mb4")

    def open_transactions(self, database):
        return int(self.sql("SELECT COUNT(*) FROM information_schema.innodb_trx t "
                            "JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id "
                            f"WHERE p.command = 'Sleep' AND p.db = '{database}'"))

    def integrity(self, database):
        tables = self.sql("SELECT GROUP_CONCAT(table_name) FROM information_schema.tables "
                          f"WHERE table_schema = '{database}'").strip()
        rows = [line.split("\t") for line in self.sql(f"CHECK TABLE {tables}", database).splitlines()]
        bad = [row for row in rows if row[2] != "status" or row[3] != "OK"]
        return "ok" if rows and not bad else repr(bad)

    # ---- what befalls it

    def read_only(self, is_on):
        self.sql(f"SET GLOBAL read_only = {int(is_on)}")

    def hang_up(self, user="shy"):
        self.sql(f"KILL USER {user}")

    def take_all_connections(self, user="shy"):
        """One may be had, since 0 means any number, and that one is ours. Those that stood before
        the limit are not counted, so that all are ended until ours is the one."""
        self.sql(f"ALTER USER {user}@127.0.0.1 WITH MAX_USER_CONNECTIONS 1")
        deadline = time.monotonic() + 20
        while True:
            assert time.monotonic() < deadline, "the one connection was not had"
            self.hang_up(user)
            self.taken = subprocess.Popen(
                [self.binaries[2], "--no-defaults", "-u", user, f"-p{PASSWORD}", "-h", "127.0.0.1",
                 "-P", str(self.port), "-N", "-e", f"SELECT SLEEP({TAKEN_S})"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            while self.taken.poll() is None:
                if self.connections(user, "LIKE"):
                    for number in self.connections(user, "NOT LIKE"):
                        with contextlib.suppress(Failed):  # it went by itself
                            self.sql(f"KILL {number}")
                    return
                time.sleep(0.05)

    def connections(self, user, like):
        """Numbers of the user's: ours (LIKE), or the others (NOT LIKE)."""
        return self.sql("SELECT id FROM information_schema.processlist WHERE user = "
                        f"'{user}' AND COALESCE(info, '') {like} 'SELECT SLEEP({TAKEN_S})'").split()

    def give_connections(self, user="shy"):
        self.sql(f"ALTER USER {user}@127.0.0.1 WITH MAX_USER_CONNECTIONS 0")
        self.taken.kill()
        self.taken.wait()


KINDS = {kind.name: kind for kind in (Postgresql, Mariadb)}


def main(words):
    if len(words) < 2 or words[0] not in KINDS:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        with KINDS[words[0]](syncs=True, below=os.environ.get("TMPDIR", "/tmp")) as server:
            return subprocess.run(words[1:], env=dict(os.environ, **server.environment()),
                                  check=False).returncode
    except Absent as why:
        print(f"skipped: {why}")
        return SKIP


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
