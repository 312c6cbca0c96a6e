#!/usr/bin/python3
"""Partners that are away, slow or lying: the right verdict and sentence, nothing lost or doubled,
and all arrives once they are well again."""
import kontor_under_test as kut



class Rounds(kut.Patient):
    """One node, both partners ill at once in each round, with work waiting in both directions."""
    def setUp(self):
        self.addCleanup(self.well)

    def round(self, sap_rule, shop_rule, sap_code, shop_code, *words, verdict="RETRY"):
        """Both are spoilt, then there is work, then both codes show up, then both are well."""
        self.sap.control("misbehave", dict({"on": "*"}, **sap_rule))
        self.shop.control("misbehave", dict({"on": "* *"}, **shop_rule))
        work = self.work()
        for endpoint, code in (("main", sap_code), ("shop", shop_code)):
            x = self.endpoint_exception(endpoint, code)
            self.assertEqual(x["verdict"], verdict, x)
            self.assertIn(endpoint, x["sentence"])
            self.assertTrue(x["suggestion"])
            for word in words:
                self.assertIn(word, x["sentence"])
        self.well()
        self.expect_well_again(*work)

    def well(self):
        self.sap.control("misbehave", method="DELETE")
        self.shop.control("misbehave", method="DELETE")

    def test_html_where_an_answer_belongs(self):
        self.round({"mode": "html"}, {"mode": "html"}, "PARTNER_NOT_API", "PARTNER_NOT_API",
                   "where")

    def test_broken_off(self):
        self.round({"mode": "truncate"}, {"mode": "truncate"}, "PARTNER_ANSWER_INCOMPLETE",
                   "PARTNER_ANSWER_INCOMPLETE", "broken off or damaged")

    def test_login_refused(self):
        self.round({"mode": "status", "status": 401}, {"mode": "status", "status": 401},
                   "PARTNER_LOGIN", "PARTNER_LOGIN", "refuses the login (HTTP 401)",
                   verdict="CONFIG")

    def test_a_failure_in_a_success(self):
        """SAP: RETURN of type E in a 200. Shop: {"code", "message"} in a 200."""
        self.sap.control("misbehave", {"on": "Z_KONTOR_PRICES", "mode": "return_e", "id": "ZKONTOR",
                                       "number": "099", "message": "Condition table is locked"})
        self.shop.control("misbehave", {"on": "* *", "mode": "lying"})
        work = self.work()
        x = self.endpoint_exception("main", "PARTNER_FAULT")
        self.assertIn("Condition table is locked", x["sentence"])
        self.assertIn("ZKONTOR 099", x["trail"])
        x = self.endpoint_exception("shop", "PARTNER_LOGIN")
        self.assertEqual(x["verdict"], "CONFIG")
        self.well()
        self.expect_well_again(*work)

    def test_failing_inside(self):
        """500 of either kind on reads, with a page of HTML or as a fault."""
        self.round({"mode": "fault", "message": "No number range"},
                   {"mode": "status", "status": 500, "html": True},
                   "PARTNER_FAULT", "PARTNER_FAULT", "HTTP 500")

    def test_slow_and_silent(self):
        self.round({"mode": "never", "hold_s": 4}, {"mode": "slow", "bytes_per_s": 20, "chunk": 4},
                   "PARTNER_TIMEOUT", "PARTNER_TIMEOUT", "did not answer within")

    def test_cut_off(self):
        self.round({"mode": "cut", "reset": True}, {"mode": "cut", "reset": True},
                   "PARTNER_ANSWER_LOST", "PARTNER_ANSWER_LOST", "the connection broke")

    def test_slow_down_is_obeyed(self):
        asked_s = 4
        since = self.shop.control("requests")["last"]
        self.round({"mode": "status", "status": 429, "retry_after": 1, "times": 12},
                   {"mode": "status", "status": 429, "retry_after": asked_s, "on": "GET /orders",
                    "times": 3},
                   "PARTNER_BUSY", "PARTNER_BUSY", "asks to slow down (HTTP 429)")
        rows = [r for r in self.shop.control(f"requests?since={since}")["requests"]
                if r["route"] == "/orders"]
        spoilt = [n for n, r in enumerate(rows) if r["mode"] == "status"]
        self.assertTrue(spoilt)
        for n in spoilt:
            if n + 1 < len(rows):
                self.assertGreaterEqual(rows[n + 1]["at"] - rows[n]["at"], asked_s - 0.05)

    def test_zz_nothing_is_missing(self):
        self.assertEqual(self.node.stop(), 0)
        self.assert_whole()
        self.assert_same_as_sap()


if __name__ == "__main__":
    kut.main()
