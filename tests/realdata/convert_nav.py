#!/usr/bin/python3
"""Turns the data of one of NAV's demo companies into a data directory of the NAV stand-in.

They are read where they lie: $KONTOR_SHARED, or ../shared beside the repository. README.md says
what becomes of them.
"""
import argparse
import importlib
import os
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from convert import Missing, shared  # noqa: E402

SETS = ("contoso", "cronus")


def set_of(name):
    return importlib.import_module("set_nav_" + name)


def folder_of(name, root=None):
    return os.path.join(root or shared(), "data", "erp", set_of(name).FOLDER)


def convert(name, limit=None, root=None):
    """The company as NavData, or Missing."""
    source = folder_of(name, root)
    if not os.path.isdir(source):
        raise Missing(f"no reference data in {source}; KONTOR_SHARED names their folder")
    return set_of(name).convert(source, limit)


def main(argv=None):
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("set", choices=SETS)
    p.add_argument("directory", help="data directory to write")
    p.add_argument("--limit", type=int, help="so many items")
    options = p.parse_args(argv)
    try:
        data = convert(options.set, options.limit)
    except Missing as missing:
        print(f"skipped: {missing}")
        return 77
    data.write(options.directory)
    print("convert: " + " ".join(f"{name}={len(rows)}" for name, rows in data.tables.items() if rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
