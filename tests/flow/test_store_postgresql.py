"""The tests of the store once more, on a PostgreSQL of their own in a temporary folder.

Skipped (77) where the server or its ODBC driver is not installed. The programs are found beside the
build's other unit tests; KONTOR_BUILD_DIR names the build tree.
"""
import glob
import os
import pwd
import shutil
import subprocess
import sys
import tempfile

SKIP = 77
# not here: test_store_gate needs no database, test_store_faults is about files and processes
PROGRAMS = ["db", "records", "records_get", "records_merge", "deliveries", "leases", "exceptions",
            "orders", "committer", "lost", "held", "runs"]


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIP)


def find_bin():
    """The folder that holds initdb and postgres, the newest version first."""
    places = sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)
    on_path = shutil.which("initdb")
    if on_path:
        places.append(os.path.dirname(os.path.realpath(on_path)))
    for place in places:
        if all(os.access(os.path.join(place, n), os.X_OK) for n in ("initdb", "pg_ctl")):
            return place
    skip("no PostgreSQL server is installed")


def has_driver():
    run = subprocess.run(["odbcinst", "-q", "-d", "-n", "PostgreSQL Unicode"], capture_output=True,
                         check=False)
    return run.returncode == 0


def find_program(name):
    build = os.environ.get("KONTOR_BUILD_DIR", "build/dev")
    for folder in ("tests/unit", "bin"):
        path = os.path.join(build, folder, f"test_store_{name}")
        if os.access(path, os.X_OK):
            return path
    sys.exit(f"no program test_store_{name} below {build}")


class Server:
    """One cluster, reached by its socket only; fsync off, since nothing here outlives the test."""

    def __init__(self, folder, binaries):
        self.folder, self.binaries = folder, binaries
        # the server refuses to run as root
        self.demote = {}
        if os.getuid() == 0:
            try:
                user = pwd.getpwnam("postgres")
            except KeyError:
                skip("running as root, and there is no user postgres")
            os.chown(folder, user.pw_uid, user.pw_gid)
            self.demote = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        os.chmod(folder, 0o755)

    def run(self, name, *arguments):
        env = dict(os.environ, LC_ALL="C.UTF-8")
        run = subprocess.run([os.path.join(self.binaries, name), *arguments], cwd=self.folder,
                             env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, check=False, **self.demote)
        if run.returncode != 0:
            sys.exit(f"{name} failed:\n{run.stdout}")

    def start(self):
        cluster = os.path.join(self.folder, "data")
        self.run("initdb", "-D", cluster, "-A", "trust", "-U", "kontor", "-E", "UTF8",
                 "--no-sync", "--locale=C.UTF-8")
        options = f"-k {self.folder} -c listen_addresses= -c fsync=off -c max_connections=40"
        self.run("pg_ctl", "-D", cluster, "-w", "-o", options,
                 "-l", os.path.join(self.folder, "log"), "start")
        self.run("createdb", "-h", self.folder, "-U", "kontor", "kontor")

    def stop(self):
        cluster = os.path.join(self.folder, "data")
        if os.path.exists(os.path.join(cluster, "postmaster.pid")):
            self.run("pg_ctl", "-D", cluster, "-w", "-m", "immediate", "stop")


def main():
    binaries = find_bin()
    if not has_driver():
        skip("the ODBC driver \"PostgreSQL Unicode\" is not installed")
    programs = [find_program(name) for name in PROGRAMS]
    folder = tempfile.mkdtemp(prefix="kontor-pg-", dir="/tmp")
    failed = []
    server = Server(folder, binaries)
    try:
        server.start()
        for program in programs:
            env = dict(os.environ, KONTOR_TEST_PG=folder)
            run = subprocess.run([program], env=env, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                 errors="replace", timeout=240, check=False)
            print(f"{os.path.basename(program)}: {'ok' if run.returncode == 0 else 'FAILED'}",
                  flush=True)
            if run.returncode != 0:
                failed.append(program)
                print(run.stdout)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
