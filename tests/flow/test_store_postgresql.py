"""The programs of tests/unit and tests/property that open a database once more, on a PostgreSQL of
their own. Skipped (77) where the server or its ODBC driver is not installed."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import database_server  # noqa: E402
import store_programs  # noqa: E402

if __name__ == "__main__":
    sys.exit(store_programs.run_all(database_server.Postgresql))
