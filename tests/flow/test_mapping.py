#!/usr/bin/python3
"""A customer's own mapping and rules: what fails is one clear exception within a second, and all
else flows on; `kontor mapping` shows what they do before they are in force."""
import json
import os
import time

import kontor_under_test as kut
from kontor_under_test import wait_for

SHOP_LUA = os.path.join(kut.HERE, "..", "..", "adapters", "channel_woocommerce", "woocommerce.lua")

# Each stops one article: the code, and what its exception says.
FAULTS = [
    ("while true do end", "used up its 1000000 steps"),
    ("return string.find(('a'):rep(100000), ('a*'):rep(30) .. 'b')", "used up its 1000000 steps"),
    ("local s = 'x' while true do s = s .. s end", "used up its"),
    ("return string.rep('x', 1 << 30)", "the text would exceed 1 MB"),
    ("return view.product.brnad", 'a product has no field "brnad"'),
    ("return view.product.successor.id", "attempt to index a nil value (field 'successor')"),
    ("error('No pictures, no sale.')", "No pictures, no sale."),
    ("return { name = 1.5 }", "product: name: is a floating point number"),
]
BEHIND = [line for line, _ in FAULTS]


def own_mapping(faults):
    """The default mapping, whose product function breaks down for chosen articles first."""
    with open(SHOP_LUA, encoding="utf-8") as file:
        text = file.read()
    body, last = text.rsplit("return {", 1)
    cases = "\n".join(f'  if view.product.id == "{sku}" then {code} end'
                      for sku, code in faults.items())
    return (body + "local default = product\nlocal function checked(view)\n" + cases
            + "\n  return default(view)\nend\nreturn {"
            + last.replace("product = product", "product = checked"))


class Own(kut.Bench):
    """Everything is in the shop by the default mapping before a test begins."""
    articles = 30
    more = kut.QUICK

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kontor.sync()
        cls.skus = [g.sku for g in cls.goods]

    def lua(self, name, file, text):
        """Puts a file beside the configuration; it is gone when the test is over."""
        folder = os.path.join(self.folder, "mappings", name)
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, file)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        self.addCleanup(lambda: os.path.exists(path) and os.unlink(path))
        return path

    def product(self, sku):
        found = [p for p in self.shop.control("products") if p["sku"] == sku]
        self.assertEqual(len(found), 1, sku)
        return found[0]

    def touch(self, *skus, **fields):
        for sku in skus:
            self.sap.control("change", {"kind": "article", "key": {"MATNR": sku}, "set": fields})

    def back_to_normal(self):
        """Without a customer's file everything is as SAP has it, and no exception is left."""
        self.kontor.sync("all", "--full")
        self.assertEqual(self.kontor.exceptions(), [])
        self.assert_same_as_sap()

    def by_record(self):
        return {x["key"]: x for x in self.kontor.exceptions()}


def verdict_of(code):
    """What a mapping says by error() is a refusal; all else is a mistake in it."""
    return "RECORD_REFUSED_BY_RULE" if "error(" in code else "MAPPING_FAILED"


class Mapping(Own):
    def test_1_each_fault_is_an_exception_and_the_rest_flows_on(self):
        bad = dict(zip(self.skus, BEHIND))
        path = self.lua("shop", "woocommerce.lua",
                        own_mapping(bad).replace('status = "publish"', 'status = "pending"'))
        started = time.monotonic()
        self.kontor.sync()
        self.assertLess(time.monotonic() - started, 30)
        found = {}
        for x in self.kontor.exceptions():
            found[x["key"]] = x
        self.assertEqual(len(found), len(FAULTS), found)
        for sku, (code, said) in zip(self.skus, FAULTS):
            x = found[f"product kts-100|{sku}"]
            self.assertEqual(x["code"], verdict_of(code), x)
            self.assertIn(said, x["trail"] + x["sentence"])
            self.assertIn("woocommerce.lua", x["trail"], x)
            self.assertEqual(self.product(sku)["status"], "publish")     # as it was
        for sku in self.skus[len(FAULTS):]:
            self.assertEqual(self.product(sku)["status"], "pending", sku)
        os.unlink(path)
        self.back_to_normal()

    def test_2_each_fault_ends_within_a_second(self):
        for sku, (code, said) in zip(self.skus, FAULTS):
            path = os.path.join(self.folder, "tried.lua")
            with open(path, "w", encoding="utf-8") as file:
                file.write(own_mapping({sku: code}))
            started = time.monotonic()
            done = self.kontor.run("--json", "mapping", "test", path, f"product kts-100|{sku}")
            self.assertLess(time.monotonic() - started, 5, code)   # start of the program included
            self.assertEqual(done.status, 1, done)
            test, = json.loads(done.out)["tests"]
            self.assertEqual(test["error"]["code"], verdict_of(code))
            self.assertIn(said, test["error"]["trail"])
            self.assertEqual(test["view"]["product"]["id"], sku)

    def test_3_route_takes_a_page_away_and_gives_it_back(self):
        sku, other = self.skus[0], self.skus[1]
        with open(SHOP_LUA, encoding="utf-8") as file:
            body, last = file.read().rsplit("return {", 1)
        route = (f'local function route(view)\n  if view.product.id == "{sku}" then\n'
                 '    return false, "not for this shop"\n  end\nend\n')
        path = self.lua("shop", "woocommerce.lua", body + route + "return { route = route," + last)
        self.kontor.sync()
        self.assertIn(self.product(sku)["status"], kut.check.HIDDEN)
        self.assertEqual(self.product(other)["status"], "publish")
        said = self.kontor.must("mapping", "test", path, f"product kts-100|{sku}")
        self.assertIn("not offered here: not for this shop", said)
        os.unlink(path)
        self.back_to_normal()
        self.assertEqual(self.product(sku)["status"], "publish")

    def test_4_a_file_that_does_not_compile_stops_the_start_with_its_line(self):
        for name, file, text, said in (
                ("shop", "woocommerce.lua", "return {\n", "woocommerce.lua:2:"),
                ("shop", "woocommerce.lua", "return {}", "has no function product"),
                ("main", "hooks.lua", "return { enrich = functoin() end }", "hooks.lua:1:"),
                ("main", "hooks.lua", "return { enrch = function() end }",
                 "there is no hook enrch; known: enrich, validate")):
            path = self.lua(name, file, text)
            done = self.kontor.run("check")
            self.assertEqual(done.status, 3, done)
            self.assertIn(said, done.err)
            os.unlink(path)

    def test_5_the_database_is_whole(self):
        self.assert_whole()


class Hooks(Own):
    def hooks(self, text):
        return self.lua("main", "hooks.lua", text)

    def test_1_enrich_changes_what_is_sold(self):
        sku = self.skus[0]
        path = self.hooks(
            'local function enrich(kind, record)\n'
            f'  if kind == "product" and record.id == "{sku}" then\n'
            '    for _, text in ipairs(record.texts) do\n'
            '      text.name = text.name .. " (geprüft)"\n'
            '    end\n'
            '    record.attributes = record.attributes or {}\n'
            '    table.insert(record.attributes, { code = "TESTED", value = "2026" })\n'
            '  end\n'
            '  return record\n'
            'end\n'
            'return { enrich = enrich }\n')
        report = self.kontor.sync("all", "--full")
        self.assertEqual(report["catalogue"]["changed"], 1, report)
        self.assertTrue(self.product(sku)["name"].endswith(" (geprüft)"))
        self.assertIn("2026", str(self.product(sku)["attributes"]))
        again = self.kontor.sync("all", "--full")
        self.assertEqual(again["catalogue"]["changed"], 0, again)
        self.assertEqual(again["shops"]["sent"], 0, again)
        os.unlink(path)
        self.back_to_normal()

    def test_2_each_fault_refuses_its_record_alone(self):
        faults = [
            ("while true do end", "used up its"),
            ("return string.find(('a'):rep(100000), ('a*'):rep(30) .. 'b')", "used up its"),
            ("local s = 'x' while true do s = s .. s end", "used up its"),
            ("record.brnad = 'x'", 'a variant has no field "brnad"'),
            ("record.product = nil", "product: is nil, but needed"),
            ("record.net_weight = 1.5", "net_weight: is a number, a decimal"),
            ("record.sku = 'X'", "sku: is part of the key"),
            ("return nil", "returned nil, not the record"),
        ]
        bad = dict(zip(self.skus, faults))
        cases = "\n".join(f'  if kind == "variant" and record.sku == "{sku}" then {code} end'
                          for sku, (code, _) in bad.items())
        path = self.hooks("local function enrich(kind, record)\n" + cases
                          + "\n  return record\nend\nreturn { enrich = enrich }\n")
        self.touch(*self.skus, GROSS_WEIGHT="7.500", WEIGHT_UNIT="KGM")
        self.kontor.sync()
        found = {x["key"]: x for x in self.kontor.exceptions()}
        self.assertEqual(len(found), len(faults), found)
        for sku, (_, said) in bad.items():
            x = found[f"variant kts-100|{sku}"]
            self.assertEqual(x["code"], "MAPPING_FAILED", x)
            self.assertIn(said, x["trail"] + x["sentence"])
            self.assertIn("hooks.lua", x["trail"] + x["sentence"])
        for sku in self.skus[len(faults):]:
            self.assertEqual(self.product(sku)["weight"], "7.5", sku)
        os.unlink(path)
        self.back_to_normal()

    def test_3_validate_refuses_with_its_sentence(self):
        sku = self.skus[0]
        path = self.hooks(
            'local function validate(kind, record)\n'
            f'  if kind == "variant" and record.sku == "{sku}" then\n'
            '    error("Without a certificate it is not sold.")\n'
            '  end\n'
            'end\n'
            'return { validate = validate }\n')
        self.touch(sku, self.skus[1], GROSS_WEIGHT="8.250", WEIGHT_UNIT="KGM")
        self.kontor.sync()
        x, = self.kontor.exceptions()
        self.assertEqual((x["code"], x["owner"]), ("RECORD_REFUSED_BY_RULE", "clerk"))
        self.assertIn("Without a certificate it is not sold.", x["sentence"])
        self.assertEqual(x["parameters"]["record"], f"variant kts-100|{sku}")
        self.assertEqual(self.product(self.skus[1])["weight"], "8.25")
        self.assertNotEqual(self.product(sku)["weight"], "8.25")
        german, = self.kontor.exceptions(lang="de")
        self.assertIn("wird durch eine Regel dieser Installation abgelehnt", german["sentence"])
        os.unlink(path)
        self.back_to_normal()

    def test_4_a_running_node_goes_on_beside_a_rule_that_never_ends(self):
        path = self.hooks('return { enrich = function(kind, record)\n'
                          f'  if kind == "price" and record.sku == "{self.skus[0]}" then\n'
                          '    while true do end\n  end\n  return record\nend }\n')
        row = next(p for p in self.sap.control("data")["prices"]
                   if p["MATNR"] == self.skus[1] and p["PRICE_ID"].endswith("-01"))
        stuck = next(p for p in self.sap.control("data")["prices"]
                     if p["MATNR"] == self.skus[0] and p["PRICE_ID"].endswith("-01"))
        node = self.kontor.serve()
        for one, amount in ((stuck, stuck["AMOUNT"]), (row, row["AMOUNT"])):
            self.sap.control("change", {"kind": "price", "key": {"PRICE_ID": one["PRICE_ID"]},
                                        "set": {"AMOUNT": f"{float(amount) * 1.1:.2f}"}})
        wait_for("the exception of the price that never ends",
                 lambda: self.kontor.exception("MAPPING_FAILED"), alive=[node])
        wait_for("the other price", lambda: self.product(self.skus[1])["regular_price"]
                 != f"{float(row['AMOUNT']) / float(row['PER']):.2f}", alive=[node])
        self.assertEqual(node.stop(), 0)
        os.unlink(path)
        self.back_to_normal()

    def test_5_the_database_is_whole(self):
        self.assert_whole()


class Command(Own):
    """`kontor mapping test` and `kontor mapping doc`."""
    def test_1_a_mapping_is_tried_without_being_in_force(self):
        sku = self.skus[0]
        path = os.path.join(self.folder, "tried.lua")
        with open(SHOP_LUA, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace('status = "publish"', 'status = "pending"'))
        before = self.shop.control("counts")["writes"]
        said = self.kontor.must("mapping", "test", path, f"product kts-100|{sku}")
        for line in (f"product kts-100|{sku} for shop", "\nview\n", "\npayload\n",
                     '-   "status": "publish",', '+   "status": "pending",'):
            self.assertIn(line, said)
        test, = json.loads(self.kontor.must("--json", "mapping", "test", path, f"kts-100|{sku}",
                                            "--unit", "product"))["tests"]
        self.assertEqual(sorted(d[0] for d in test["difference"]), ["+", "-"])
        self.assertFalse(test["is_same"])
        same = json.loads(self.kontor.must("--json", "mapping", "test", SHOP_LUA,
                                           f"kts-100|{sku}", "--channel", "shop"))["tests"]
        self.assertEqual({t["what"] for t in same}, {"product", "variant", "price", "stock"})
        for one in same:
            self.assertTrue(one["is_same"], one)
            self.assertEqual(one["difference"], [])
        self.assertEqual(self.shop.control("counts")["writes"], before)

    def test_2_rules_are_tried_on_what_is_held(self):
        sku = self.skus[0]
        path = os.path.join(self.folder, "tried.lua")
        with open(path, "w", encoding="utf-8") as file:
            file.write('return { enrich = function(kind, r)\n'
                       '  if kind == "variant" then r.mpn = "M-" .. r.sku end return r end,\n'
                       'validate = function(kind, r)\n'
                       '  if kind == "product" then error("No sale today.") end end }')
        done = self.kontor.run("mapping", "test", path, f"kts-100|{sku}")
        self.assertEqual(done.status, 1, done)
        for line in ("\nbefore\n", "\nafter enrich\n", f'+   "mpn": "M-{sku}",',
                     "validate lets it pass", "No sale today. [RECORD_REFUSED_BY_RULE]"):
            self.assertIn(line, done.out)
        rows = self.kontor.query("SELECT mpn FROM variant WHERE sku = ?", sku)
        self.assertNotEqual(rows[0][0], f"M-{sku}")

    def test_3_what_does_not_fit_is_said_clearly(self):
        for words, status, said in (
                (("test", SHOP_LUA, "kts-100|NONE"), 1, "There is no record with the key"),
                (("test", SHOP_LUA, "price kts-100|NONE"), 1, "There is no price with the key"),
                (("test", "nowhere.lua", "kts-100|NONE"), 2, "nowhere.lua does not exist"),
                (("test", SHOP_LUA), 2, "FILE and RECORD"),
                (("test", SHOP_LUA, "x", "--channel", "b2b"), 2, "there is no channel b2b"),
                (("test", SHOP_LUA, "x", "--unit", "thing"), 2, "called thing"),
                (("doc", "b2b"), 2, "there is no channel b2b"),
                (("show",), 2, "test FILE RECORD, or doc")):
            done = self.kontor.run("mapping", *words)
            self.assertEqual(done.status, status, done)
            self.assertIn(said, done.out + done.err)

    def test_4_doc_tells_what_each_field_reaches(self):
        fields = json.loads(self.kontor.must("--json", "mapping", "doc"))["fields"]
        by_name = {(f["kind"], f["field"]): f for f in fields}

        def reaches(kind, field):
            return {f"{r['unit']}.{r['path']}" for r in by_name[kind, field]["reaches"]}
        self.assertIn("product.name", reaches("product", "texts.name"))
        self.assertIn("price.regular_price", reaches("price", "amount"))
        self.assertIn("stock.stock_quantity", reaches("stock", "available"))
        self.assertIn("product.(offered)", reaches("product", "lifecycle"))
        self.assertIn("variant.weight", reaches("variant", "shipping_weight"))
        self.assertIn("variant.weight", reaches("variant", "net_weight"))   # where it stands in
        self.assertIn("variant.sku", reaches("variant", "sku"))
        self.assertEqual(reaches("variant", "tariff_no"), set())
        self.assertEqual(reaches("customer", "email"), set())
        self.assertTrue(by_name["customer", "email"]["is_personal"])
        self.assertEqual(by_name["variant", "net_weight"]["unit"], "kg")
        self.assertEqual(by_name["product", "texts.name"]["leads"], "main")
        self.assertEqual(by_name["price", "amount"]["frequency"], "every 1 s")
        text = self.kontor.must("mapping", "doc", "shop")
        self.assertIn("shop: woocommerce.lua, from main", text)
        self.assertRegex(text, r"\namount +decimal, 6 +main +every 1 s +price\.regular_price")


if __name__ == "__main__":
    kut.main()
