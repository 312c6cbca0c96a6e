"""The databases of installations under test, read from beside: SQLite's file, or one on a server
(KONTOR_TEST_DATABASE=postgresql or mariadb) that is started once for this process.
"""
import atexit
import contextlib
import os
import sqlite3

import database_server

DATABASE = os.environ.get("KONTOR_TEST_DATABASE", "sqlite")
_server = []


def the_server():
    """The server of this process, started when it is first asked for."""
    if not _server:
        server = database_server.KINDS[DATABASE]()
        atexit.register(server.close)
        _server.append(server.start())
    return _server[0]


class FileDatabase:
    """SQLite in an installation's folder, read from beside."""

    def __init__(self, folder):
        self.file = os.path.join(folder, "kontor.db")

    def settings(self):
        return {"driver": "sqlite", "file": "kontor.db"}

    def query(self, sql, *values):
        uri = f"file:{self.file}?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=30)) as connection:
            return connection.execute(sql, values).fetchall()

    def change(self, sql, *values):
        with contextlib.closing(sqlite3.connect(self.file, timeout=30)) as connection:
            connection.execute(sql, values)
            connection.commit()

    def integrity(self):
        return self.query("PRAGMA integrity_check")[0][0]

    def has_open_transaction(self):
        """One that writes."""
        try:
            with contextlib.closing(sqlite3.connect(self.file, timeout=0.2,
                                                    isolation_level=None)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
            return False
        except sqlite3.OperationalError:
            return True


class ServerDatabase:
    """A database of a server, with one connection of the test's own that is renewed when it is
    lost. port: the program comes by TCP, as user shy, with a password."""
    names = {}          # by server and folder: two installations in a folder share a database

    def __init__(self, server, folder, port=None):
        self.server, self.port, self.connection = server, port, None
        place = (id(server), folder)
        if place not in self.names:
            self.names[place] = f"kontor_{len(self.names) + 1}"
            server.create(self.names[place])
        self.name = self.names[place]

    def settings(self):
        return self.server.settings(self.name, self.port)

    def run(self, sql, values):
        if self.connection is None:
            self.connection = self.server.connect(self.name)
        try:
            cursor = self.connection.execute(sql, values)
            return [tuple(row) for row in cursor.fetchall()] if cursor.description else []
        except BaseException:
            self.close()
            raise

    def query(self, sql, *values):
        return self.run(sql, values)

    def change(self, sql, *values):
        self.run(sql, values)

    def integrity(self):
        return self.server.integrity(self.name)

    def has_open_transaction(self):
        return self.server.open_transactions(self.name) > 0

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def database_of(folder):
    return FileDatabase(folder) if DATABASE == "sqlite" else ServerDatabase(the_server(), folder)
