"""The reference of `scripts/bench nav-pull`: python3-zeep reads the pages that Kontor read.

    nav_pull_zeep.py PORT PAGES      prints the nanoseconds for an item, by the clock and of CPU time;
                                     ends with 77 where zeep is missing
"""
import pathlib
import sys
import time

try:
    import zeep
except ImportError:
    sys.exit(77)

PAGE = 1000
WSDL = pathlib.Path(__file__).resolve().parents[2] / "wsdl" / "nav"
SIDES = ("KontorItemVariant", "KontorItemReference", "KontorItemTranslation", "KontorItemAttribute",
         "KontorItemUnit")


def service(port, name):
    client = zeep.Client(str(WSDL / f"page_{name}.wsdl"), settings=zeep.Settings(xml_huge_tree=True))
    binding = next(iter(client.wsdl.bindings))
    return client.create_service(binding, f"http://127.0.0.1:{port}/NAV/WS/CRONUS%20AG/Page/{name}")


def read(of, filters, bookmark=None):
    kind = {} if bookmark is None else {"bookmarkKey": bookmark}
    answer = of.ReadMultiple(filter=filters, setSize=PAGE if filters[0]["Field"] == "No" else 5000, **kind)
    if not answer:
        return []
    rows = next(iter(answer)) if isinstance(answer, dict) else answer
    return rows if isinstance(rows, list) else list(answer)


def main():
    port, pages = int(sys.argv[1]), int(sys.argv[2])
    items = service(port, "KontorItem")
    sides = [service(port, name) for name in SIDES]
    bookmark, seen = None, 0
    started, cpu = time.monotonic(), time.process_time()
    for _ in range(pages):
        rows = read(items, [{"Field": "No", "Criteria": ""}], bookmark)
        bookmark, seen = rows[-1]["Key"], seen + len(rows)
        for side in sides:
            read(side, [{"Field": "Item_No", "Criteria": f"'{rows[0]['No']}'..'{rows[-1]['No']}'"}])
    spent, used = time.monotonic() - started, time.process_time() - cpu
    assert seen == pages * PAGE, seen
    print(int(spent * 1e9 / seen), int(used * 1e9 / seen))


main()
