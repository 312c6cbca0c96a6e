/* The set-up check of the SAP adapter: where a site's WSDL is looked for, and what versions mean.
 * What it says about gaps is tested on the whole program (tests/flow/test_check_contract.py). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/erp_sap/contract.h"

static void wsdl__stands_beside_its_binding(void **state)
{
    struct kt_arena *a = kt_arena_new();
    (void)state;
    assert_string_equal(
        kt_sap_wsdl_address("https://sap.example:44300/sap/bc/srt/rfc/sap/kontor_z/100/s/b", a),
        "https://sap.example:44300/sap/bc/srt/wsdl/flv_10002A111AD1/bndg_url/sap/bc/srt/rfc/sap/"
        "kontor_z/100/s/b");
    assert_string_equal(
        kt_sap_wsdl_address("http://sap.example/sap/bc/srt/scs/sap/kontor_z?sap-client=100", a),
        "http://sap.example/sap/bc/srt/wsdl/flv_10002A111AD1/bndg_url/sap/bc/srt/scs/sap/kontor_z"
        "?sap-client=100");
    assert_null(kt_sap_wsdl_address("https://sap.example/sap/bc/soap/rfc", a)); /* all functions */
    assert_null(kt_sap_wsdl_address("https://sap.example", a));
    assert_null(kt_sap_wsdl_address("sap.example/sap/bc/srt/rfc", a));
    kt_arena_free(a);
}

static void version__is_a_number(void **state)
{
    (void)state;
    assert_int_equal(kt_sap_version(KT_STR("2")), 2);
    assert_int_equal(kt_sap_version(KT_STR("12")), 12);
    assert_int_equal(kt_sap_version(KT_STR("")), 0);
    assert_int_equal(kt_sap_version(KT_STR("2.1")), 0);
    assert_int_equal(kt_sap_version(KT_STR("1234567")), 0);
    assert_int_equal(kt_sap_version((struct kt_str){ 0 }), 0);
}

static void contract__is_in_the_program(void **state)
{
    (void)state;
    assert_non_null(strstr(kt_sap_wsdl, "Z_KONTOR_ORDER_CREATE"));
    assert_non_null(strstr(kt_sap_wsdl, "</wsdl:definitions>"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wsdl__stands_beside_its_binding),
        cmocka_unit_test(version__is_a_number),
        cmocka_unit_test(contract__is_in_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
