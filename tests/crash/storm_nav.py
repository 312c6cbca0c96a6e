"""The storm with NAV in the place of SAP. Used by test_kill.py and test_nav_doubts.py."""
import os
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "flow")]
import nav_under_test as nav  # noqa: E402
import storm  # noqa: E402

CREATE, FIND = "CreateOrder", "FindOrder"
LOCK_TIMEOUT_S = "0.3"      # below the deadline of a call: NAV says that the key is locked


class NavStorm(storm.Storm):
    create = CREATE

    def start_erp(self, options):
        return nav.start_nav(self.folder, "--lock-timeout", LOCK_TIMEOUT_S, *options)

    def read_goods(self):
        return nav.goods_of(nav.company_folders(self.folder)[0])

    def make_settings(self, more):
        return nav.settings(self.sap, self.shop, **dict(more, channels__shop__connection__timeout="1s"))

    def erp_rules(self, key_is_honoured=True):
        """As SAP's, under NAV's names for what is called."""
        names = {storm.CREATE: CREATE, storm.FIND: FIND}
        return [dict(rule, on=names[rule["on"]]) for rule in super().erp_rules(key_is_honoured)]
