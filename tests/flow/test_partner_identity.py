#!/usr/bin/python3
"""Who is at the other end: unreachable partners, another system under a known address, certificates
and passwords. Nothing is written to a partner that is not the pinned one."""
import os

import kontor_under_test as kut


class Identity(kut.Patient):
    articles = 24

    def test_unreachable_then_another_system_under_the_address(self):
        """A running node notices: whoever answers after an outage must show again who it is."""
        ports = {p: p.url.rpartition(":")[2] for p in (self.sap, self.shop)}
        self.sap.kill()
        self.shop.kill()
        for endpoint in ("main", "shop"):
            x = self.endpoint_exception(endpoint, "PARTNER_UNREACHABLE")
            self.assertEqual(x["verdict"], "RETRY")
            self.assertIn("cannot be reached", x["sentence"])
        copy = kut.make_folder("copy")
        self.addCleanup(kut.drop_folder, copy)
        sap = kut.start_sap(copy, "--port", ports[self.sap], settings={"SYSID": "KTX"})
        self.addCleanup(lambda: sap.process.poll() is None and sap.kill())
        shop = kut.start_shop(copy, "--port", ports[self.shop], "--store-id", "clone")
        self.addCleanup(lambda: shop.process.poll() is None and shop.kill())
        kut.orders.post(shop.url, kut.sound(self.goods, 1))
        for endpoint, found in (("main", "KTX/100"), ("shop", "clone")):
            x = self.endpoint_exception(endpoint, "PARTNER_IDENTITY")
            self.assertEqual(x["verdict"], "CONFIG")
            self.assertIn(found, x["parameters"]["found"])
            self.assertIn("nothing is written to it", x["sentence"])
        self.assertEqual(sap.control("counts")["calls"].keys(), {"Z_KONTOR_INFO"})
        self.assertEqual((shop.control("counts")["writes"], shop.control("counts")["products"]),
                         (0, 0))
        sap.kill()
        shop.kill()
        type(self).sap = kut.start_sap(self.folder, "--port", ports[self.sap])
        type(self).shop = kut.start_shop(self.folder, "--port", ports[self.shop])
        self.expect_well_again(*self.work())
        self.assertEqual(self.node.stop(), 0)
        self.assert_whole()
        self.assert_same_as_sap()

    def test_another_system_is_refused_from_the_start(self):
        """The same when Kontor itself was restarted meanwhile."""
        copy = kut.make_folder("copy")
        self.addCleanup(kut.drop_folder, copy)
        folder = kut.make_folder("pinned")
        self.addCleanup(kut.drop_folder, folder)
        sap, shop = kut.start_sap(folder, articles=12), kut.start_shop(folder)
        self.addCleanup(lambda: sap.process.poll() is None and sap.kill())
        self.addCleanup(lambda: shop.process.poll() is None and shop.kill())
        kontor = kut.Kontor(folder, kut.fast_settings(sap, shop)).migrate()
        kontor.sync()
        other_sap = kut.start_sap(copy, articles=12, settings={"CLIENT": "200"})
        self.addCleanup(other_sap.kill)
        other_shop = kut.start_shop(copy, "--site-url", "https://staging.example")
        self.addCleanup(other_shop.kill)
        kontor.write(kut.fast_settings(other_sap, other_shop))
        done = kontor.run("check")
        self.assertEqual(done.status, 5, done.out)
        for found in ("KTS/200", "https://staging.example"):
            self.assertIn(found, done.out)
        kontor.sync("all", "--full", status=(5,))
        self.assertEqual({x["code"] for x in kontor.exceptions()}, {"PARTNER_IDENTITY"})
        self.assertEqual(other_sap.control("counts")["calls"].keys(), {"Z_KONTOR_INFO"})
        self.assertEqual(other_shop.control("counts")["writes"], 0)


class Certificates(kut.Bench):
    """TLS: a certificate nobody vouches for, one for another address, a wrong password."""
    articles = 12

    @classmethod
    def setUpClass(cls):
        cls.folder = kut.make_folder("certificates")
        cls.addClassCleanup(kut.drop_folder, cls.folder)

    def start(self, host):
        cert, key = kut.make_certificate(self.folder, f"for-{host}", host)
        for name in ("sap.jsonl", "shop.jsonl"):
            path = os.path.join(self.folder, name)
            if os.path.exists(path):
                os.remove(path)
        context = kut.trusting_nobody()
        sap = kut.start_sap(self.folder, "--cert", cert, "--key", key, articles=12, context=context)
        self.addCleanup(sap.kill)
        shop = kut.start_shop(self.folder, "--cert", cert, "--tls-key", key, context=context)
        self.addCleanup(shop.kill)
        return sap, shop, cert

    def sync_with(self, sap, shop, **more):
        kontor = kut.Kontor(self.folder, kut.fast_settings(sap, shop, **more)).migrate()
        done = kontor.run("--json", "sync", "all", "--wait", "10")
        return kontor, done.status, {x["endpoint"]: x for x in kontor.exceptions()
                                     if x["subject"] == "endpoint"}

    def test_certificates(self):
        sap, shop, cert = self.start("127.0.0.1")
        trusted = {"erps__main__connection__ca_file": cert,
                   "channels__shop__connection__ca_file": cert}
        _, status, found = self.sync_with(sap, shop)
        self.assertEqual(status, 5)
        for endpoint in ("main", "shop"):
            self.assertEqual((found[endpoint]["code"], found[endpoint]["verdict"]),
                             ("PARTNER_CERTIFICATE", "CONFIG"))
            self.assertIn("its certificate is not accepted", found[endpoint]["sentence"])
        _, status, found = self.sync_with(sap, shop, **trusted,
                                          erps__main__connection__user="NOBODY",
                                          channels__shop__connection__consumer_key="ck_nobody")
        self.assertEqual((status, {x["code"] for x in found.values()}), (5, {"PARTNER_LOGIN"}))
        self.assertEqual(shop.control("counts")["products"], 0)
        kontor, status, found = self.sync_with(sap, shop, **trusted)
        self.assertEqual((status, found), (0, {}))
        self.assertEqual(kut.compare(sap, shop).found, [])
        kontor.must("check")

    def test_our_certificate_is_shown_where_sap_asks_for_one(self):
        cert, key = kut.make_certificate(self.folder, "asking")
        ours, our_key = kut.make_certificate(self.folder, "ours")
        context = kut.trusting_nobody()
        context.load_cert_chain(ours, our_key)
        sap = kut.start_sap(self.folder, "--cert", cert, "--key", key, "--client-ca", ours,
                            articles=12, context=context)
        self.addCleanup(sap.kill)
        shop = kut.start_shop(self.folder)
        self.addCleanup(shop.kill)
        # A user SAP does not know: only the certificate can open the door.
        stranger = {"erps__main__connection__ca_file": cert,
                    "erps__main__connection__user": "NOBODY"}
        _, status, found = self.sync_with(sap, shop, **stranger)
        self.assertEqual((status, found["main"]["code"]), (5, "PARTNER_LOGIN"))
        _, status, found = self.sync_with(sap, shop, **stranger,
                                          erps__main__connection__client_cert=ours,
                                          erps__main__connection__client_key=our_key)
        self.assertEqual((status, found), (0, {}))
        self.assertGreater(sap.control("counts")["calls"]["Z_KONTOR_ARTICLES"], 0)

    def test_a_certificate_for_another_address(self):
        sap, shop, cert = self.start("127.0.0.2")
        kontor, status, found = self.sync_with(
            sap, shop, erps__main__connection__ca_file=cert,
            channels__shop__connection__ca_file=cert)
        codes = {x["code"] for x in found.values()}
        self.assertEqual((status, codes), (5, {"PARTNER_CERTIFICATE"}))
        done = kontor.run("check")
        self.assertEqual(done.status, 5)
        self.assertIn("its certificate is not accepted", done.out)


if __name__ == "__main__":
    kut.main()
