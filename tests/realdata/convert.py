#!/usr/bin/python3
"""Turns a set of real catalogue data into the data directory of the SAP stand-in.

The sets are read where they lie: $KONTOR_SHARED, or ../shared beside the repository. README.md says
what each becomes.
"""
import argparse
import importlib
import os
import sys
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import faults  # noqa: E402
import images  # noqa: E402
from sapfiles import SapData  # noqa: E402

SETS = ("contoso", "epm", "icecat", "opencart", "vendure")


class Missing(Exception):
    """The reference data are not on this machine."""


def shared():
    return os.environ.get("KONTOR_SHARED") or os.path.normpath(
        os.path.join(HERE, "..", "..", "..", "shared"))


def set_of(name):
    return importlib.import_module("set_" + name)


class Pictures:
    """Moves a set's pictures to the server at `base`; every other one is told with its hash."""

    def __init__(self, base):
        self.base = base.rstrip("/")

    def add(self, data, row, address, alt):
        path = "/" + urllib.parse.quote(urllib.parse.urlsplit(address).path.lstrip("/"))
        known = images.sha256_of(path) if len(data.articles) % 2 else ""
        data.media(row, self.base + path, known, alt)


def convert(name, images_at=None, limit=None, with_faults=False, root=None):
    """The set as SapData, or Missing."""
    module = set_of(name)
    source = os.path.join(root or shared(), "data", "catalogue", module.FOLDER)
    if not os.path.isdir(source):
        raise Missing(f"no reference data in {source}; KONTOR_SHARED names their folder")
    data = SapData(name, module.CURRENCY, module.LANGUAGE.upper())
    module.convert(source, data, Pictures(images_at) if images_at else None, limit)
    if with_faults:
        faults.plant(data)
    return data


def main(argv=None):
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("set", choices=SETS)
    p.add_argument("directory", help="data directory to write")
    p.add_argument("--faults", action="store_true", help="adds a few faults; refused.json lists them")
    p.add_argument("--limit", type=int, help="so many articles of the source, always the same ones")
    p.add_argument("--images", metavar="URL", help="server that has the pictures; none without it")
    options = p.parse_args(argv)
    try:
        data = convert(options.set, options.images, options.limit, options.faults)
    except Missing as missing:
        print(f"skipped: {missing}")
        return 77
    data.write(options.directory)
    for what, count in sorted(data.counts.items()):
        if count:
            print(f"{what}: {count}")
    print(f"convert: articles={len(data.articles)} prices={len(data.prices)} "
          f"stock={len(data.stock)} categories={len(data.categories)} refused={len(data.refused)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
