#!/usr/bin/python3
"""A PostgreSQL in trouble while the service works in both directions: server_faults.py says what."""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import database_server  # noqa: E402
import kontor_under_test as kut  # noqa: E402
import server_faults  # noqa: E402


class OnPostgresql(server_faults.Faults):
    kind = database_server.Postgresql


if __name__ == "__main__":
    kut.main()
