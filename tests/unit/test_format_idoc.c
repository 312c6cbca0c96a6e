/* Messages of IDocs, their control records, digests and instants: src/format/idoc.c, idoc_read.c.
 */
#include "test_format_idoc_kit.h"

#include "base/file.h"
#include "format/idoc_inner.h"

static void split__finds_every_idoc(void **state)
{
    (void)state;
    struct idoc_read t;
    read_xml(&t,
             MESSAGE("DEBMAS06", IDOC("DEBMAS", "0000000000000815",
                                      "<E1KNA1M SEGMENT=\"1\"><KUNNR>0000001000</KUNNR></E1KNA1M>")
                                     IDOC("DEBMAS", "0000000000000816",
                                          "<E1KNA1M SEGMENT=\"1\"><KUNNR>C-7</KUNNR></E1KNA1M>")));
    assert_int_equal(t.rc, KT_OK);
    assert_int_equal(t.idocs.count, 2);
    assert_true(kt_str_is(t.idocs.name, "DEBMAS06"));
    assert_true(kt_str_is(t.idocs.item[0].control.docnum, "815"));
    assert_true(kt_str_is(t.idocs.item[0].control.sndprn, "ERPCLNT100"));
    assert_null(t.idocs.item[0].control.mescod.p);
    assert_false(t.idocs.item[0].control.is_test);
    assert_int_equal(t.changes.count, 2);
    assert_string_equal(change_json(&t, 0), "{\"scope\":\"sap-800\",\"number\":\"1000\","
                                            "\"kind\":\"b2b\",\"is_blocked\":false}");
    close_read(&t);
}

static void split__needs_an_idoc(void **state)
{
    (void)state;
    struct idoc_read t;
    read_xml(&t, "<MATMAS05><IDOCS/></MATMAS05>");
    assert_int_equal(t.rc, KT_REJECT);
    assert_sentence(&t.e.v, "The message cannot be read: there is no IDOC in it");
    close_read(&t);
}

static void read__names_the_known_types(void **state)
{
    (void)state;
    struct idoc_read t;
    read_xml(&t, ONE("WPDTAX01", "WPDTAX", "<E1WPT01/>"));
    assert_int_equal(t.rc, KT_REJECT);
    assert_sentence(&t.e.v,
                    "IDocs of the message type WPDTAX are not taken; known are MATMAS, "
                    "CLFMAS, DEBMAS, DESADV, SHPMNT, SHPCON, SHPADV, WHSCON, INVOIC, ORDRSP");
    close_read(&t);
    /* a site's own message type over a basic type that says enough */
    read_xml(&t, ONE("MATMAS05", "ZMATSHOP", "<E1MARAM><MATNR>A</MATNR></E1MARAM>"));
    assert_int_equal(t.rc, KT_OK);
    assert_int_equal(t.idocs.item[0].type, KT_IDOC_MATMAS);
    close_read(&t);
    /* ORDERS05 carries orders, confirmations and changes */
    read_xml(&t, ONE("ORDERS05", "ORDERS", "<E1EDK01/>"));
    assert_int_equal(t.rc, KT_REJECT);
    close_read(&t);
}

static void digest__is_of_the_content(void **state)
{
    (void)state;
    static const char *const texts[] = {
        MESSAGE("DEBMAS06", "<IDOC BEGIN=\"1\"><EDI_DC40><DOCNUM>1</DOCNUM><STATUS>30</STATUS>"
                            "</EDI_DC40><E1KNA1M SEGMENT=\"1\"><KUNNR>7</KUNNR></E1KNA1M></IDOC>"),
        MESSAGE("DEBMAS06",
                "\n <IDOC BEGIN='1'>\n <EDI_DC40><DOCNUM>1</DOCNUM><STATUS>03</STATUS>"
                "</EDI_DC40>\n <E1KNA1M SEGMENT='1'>\n <KUNNR>7</KUNNR> </E1KNA1M></IDOC>"),
        MESSAGE("DEBMAS06", "<IDOC BEGIN=\"1\"><EDI_DC40><DOCNUM>1</DOCNUM><STATUS>30</STATUS>"
                            "</EDI_DC40><E1KNA1M SEGMENT=\"1\"><KUNNR>8</KUNNR></E1KNA1M></IDOC>"),
        MESSAGE("DEBMAS06", "<IDOC BEGIN=\"1\"><EDI_DC40><DOCNUM>1</DOCNUM></EDI_DC40>"
                            "<E1KNA1M SEGMENT=\"1\"/><KUNNR>7</KUNNR></IDOC>"),
    };
    char digest[4][KT_HASH_TEXT_MAX];
    for (size_t i = 0; i < 4; i++) {
        struct idoc_read t;
        read_xml(&t, texts[i]);
        kt_idoc_digest(&t.idocs.item[0], digest[i], t.a);
        close_read(&t);
    }
    assert_string_equal(digest[0], digest[1]);
    assert_string_not_equal(digest[0], digest[2]);
    assert_string_not_equal(digest[0], digest[3]); /* the same texts in another place */
}

static void made__counts_in_the_zone(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    const struct kt_zone *berlin = kt_zone_load(a, "Europe/Berlin");
    struct kt_idoc_control c = { .credat = KT_STR("20260301"), .cretim = KT_STR("101530") };
    const int64_t noon = INT64_C(1772360130) * KT_SECOND; /* 2026-03-01T10:15:30Z */
    assert_non_null(berlin);
    assert_int_equal(kt_idoc_made_us(&c, NULL), noon);
    assert_int_equal(kt_idoc_made_us(&c, berlin), noon - KT_HOUR);
    c.docnum = KT_STR("1000000000000815");
    assert_int_equal(kt_idoc_made_us(&c, NULL), noon + 815);
    c.serial = KT_STR("20260301101530000042");
    assert_int_equal(kt_idoc_made_us(&c, NULL), noon + 42);
    c.serial = KT_STR("none");
    assert_int_equal(kt_idoc_made_us(&c, NULL), noon);
    c.cretim = KT_STR("256000");
    assert_int_equal(kt_idoc_made_us(&c, NULL), noon - (10 * 3600 + 15 * 60 + 30) * KT_SECOND);
    c.credat = KT_STR("10260301");
    assert_int_equal(kt_idoc_made_us(&c, NULL), 0);
    c.credat = KT_STR("00000000");
    assert_int_equal(kt_idoc_made_us(&c, NULL), 0);
    kt_arena_free(a);
}

static void floats__become_decimals(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        const char *out; /* NULL: refused */
    } cases[] = {
        { "1.2500000000000000E+01", "12.5" },
        { "1.0000000000000001E-01", "0.1" }, /* what a double makes of 0.1 */
        { "-3.0000000000000000E+00", "-3" },
        { "9.9999999999999999E+00", "10" },
        { "0.0000000000000000E+00", "0" },
        { "1.2345678901234560E-05", "0.0000123456789012346" },
        { "2.5000000000000000E+06", "2500000" },
        { "12.5", "12.5" },
        { "12.5-", "-12.5" },
        { "007", "7" },
        { "1.5E", NULL },
        { "1.5E+", NULL },
        { "1.5E+999", NULL },
        { "1.5E+31", NULL },
        { "1,5", NULL },
        { "1.2.3", NULL },
        { "", NULL },
        { "-", NULL },
        { ".", NULL },
        { "E+01", NULL },
        { "1.5E+0x", NULL },
    };
    struct kt_arena *a = kt_arena_new();
    for (size_t i = 0; i < KT_COUNT(cases); i++) {
        struct kt_str out = kt_idoc_float_text(kt_str_of(cases[i].in), a);
        if (cases[i].out == NULL)
            assert_null(out.p);
        else
            assert_string_equal(out.p, cases[i].out);
    }
    kt_arena_free(a);
}

static void numbers_and_keys(void **state)
{
    (void)state;
    assert_true(kt_str_is(kt_idoc_bare(KT_STR("000000000000004711")), "4711"));
    assert_true(kt_str_is(kt_idoc_bare(KT_STR("0000A")), "0000A"));
    assert_true(kt_str_is(kt_idoc_bare(KT_STR("0000")), ""));
    assert_true(kt_idoc_is_our_key(KT_STR("K0123456789ABCDEFGHJKMNPQRSTVWXY")));
    assert_false(kt_idoc_is_our_key(KT_STR("K0123456789ABCDEFGHJKMNPQRSTVWX")));
    assert_false(kt_idoc_is_our_key(KT_STR("X0123456789ABCDEFGHJKMNPQRSTVWXY")));
    assert_false(kt_idoc_is_our_key(KT_STR("KO123456789ABCDEFGHJKMNPQRSTVWXY"))); /* no O */
}

/* What the tables map stands in the documentation, and each row names fields that exist. */
static void tables__are_documented(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct kt_str doc = { 0 };
    const char *complaint = NULL;
    assert_true(
        kt_file_read(&doc, KT_TEST_ROOT "/docs/sap-push.md", 1 << 20, false, a, &complaint));
    for (size_t i = 0; kt_idoc_tables[i] != NULL; i++) {
        const struct kt_idoc_table *t = kt_idoc_tables[i];
        for (const struct kt_idoc_row *row = t->row; row->field != NULL; row++) {
            const char *last = strrchr(row->segment, '/');
            const char *segment = last != NULL ? last + 1 : row->segment;
            size_t n = strcspn(row->field, "|");
            const char *name = kt_format(a, "%s-%.*s", segment[0] != '\0' ? segment : t->segment,
                                         (int)n, row->field);
            assert_non_null(kt_field_find(t->shape, row->to));
            if (strstr(doc.p, name) == NULL)
                fail_msg("docs/sap-push.md does not name %s", name);
        }
    }
    kt_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(split__finds_every_idoc),
        cmocka_unit_test(split__needs_an_idoc),
        cmocka_unit_test(read__names_the_known_types),
        cmocka_unit_test(digest__is_of_the_content),
        cmocka_unit_test(made__counts_in_the_zone),
        cmocka_unit_test(floats__become_decimals),
        cmocka_unit_test(numbers_and_keys),
        cmocka_unit_test(tables__are_documented),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
