/* What is wrong with the days of a document's versions: src/trade/documents_wrong.c. */
#include "test_trade_documents_kit.h"

enum { VERSIONS = 120 };
static struct kt_document_version version[VERSIONS];

static int begin(void **state)
{
    memset(version, 0, sizeof version);
    return open_arena(state);
}

/* The sentences, a line each; the same from the other end of the input. */
static const char *wrongs(size_t count)
{
    struct kt_document_version turned[VERSIONS];
    struct kt_verdict *v;
    size_t n;
    char *text[2];
    for (size_t turn = 0; turn < 2; turn++) {
        for (size_t i = 0; i < count; i++)
            turned[i] = version[turn == 0 ? i : count - 1 - i];
        kt_documents_wrong(turned, count, &v, &n, arena);
        text[turn] = kt_text_copy(arena, "");
        for (size_t i = 0; i < n; i++) {
            text[turn] = kt_format(arena, "%s%s", text[turn], kt_code_name(v[i].code));
            for (size_t k = 0; k < KT_PARAMS && v[i].param[k].name != NULL; k++)
                text[turn] = kt_format(arena, "%s %s=%s", text[turn], v[i].param[k].name,
                                       v[i].param[k].value);
            text[turn] = kt_format(arena, "%s\n", text[turn]);
            assert_int_equal(v[i].rc, KT_REJECT);
        }
    }
    assert_string_equal(text[0], text[1]);
    return text[0];
}

static void days__that_follow_each_other_are_right(void **state)
{
    (void)state;
    assert_string_equal(wrongs(0), "");
    add_version(&version[0], "D", "1", "", "2028-02-28", 1);
    add_version(&version[1], "D", "2", "2028-02-29", "2028-02-29", 2);
    add_version(&version[2], "D", "3", "2028-03-01", "9999-12-31", 3);
    assert_string_equal(wrongs(1), "");
    assert_string_equal(wrongs(3), "");
}

static void overlap__names_the_days_and_who_is_used(void **state)
{
    (void)state;
    add_version(&version[0], "D", "1", "2026-01-01", "2026-12-31", 1);
    add_version(&version[1], "D", "2", "2026-12-31", "", 2);
    assert_string_equal(wrongs(2), "DOCUMENT_OVERLAP record=document erp|D|2 other=1 "
                                   "from=2026-12-31 until=2026-12-31\n");
    add_version(&version[0], "D", "1", "", "", 1);
    add_version(&version[1], "D", "2", "", "9999-12-31", 2);
    assert_string_equal(wrongs(2),
                        "DOCUMENT_OVERLAP record=document erp|D|2 other=1 from=… until=…\n");
}

static void overlap__is_none_where_one_supersedes_the_other(void **state)
{
    (void)state;
    struct kt_document *first = add_version(&version[0], "D", "1", "2026-01-01", "", 1);
    struct kt_document *second = add_version(&version[1], "D", "2", "2026-06-01", "", 2);
    struct kt_document *third = add_version(&version[2], "D", "3", "2026-07-01", "", 3);
    KT_PUT(second, kt_document_shape, supersedes, KT_STR("1"));
    KT_PUT(third, kt_document_shape, supersedes, KT_STR("2")); /* and so 1 */
    assert_string_equal(wrongs(3), "");
    KT_PUT(first, kt_document_shape, supersedes, KT_STR("3")); /* a circle says nothing */
    assert_string_equal(wrongs(3), "DOCUMENT_OVERLAP record=document erp|D|2 other=1 "
                                   "from=2026-06-01 until=…\n"
                                   "DOCUMENT_OVERLAP record=document erp|D|3 other=1 "
                                   "from=2026-07-01 until=…\n"
                                   "DOCUMENT_OVERLAP record=document erp|D|3 other=2 "
                                   "from=2026-07-01 until=…\n");
}

static void overlap__needs_a_market_of_both(void **state)
{
    (void)state;
    struct kt_document *first = add_version(&version[0], "D", "1", "", "", 1);
    struct kt_document *second = add_version(&version[1], "D", "2", "", "", 2);
    KT_PUT(first, kt_document_shape, markets, ids("DE AT"));
    KT_PUT(second, kt_document_shape, markets, ids("CH LI"));
    assert_string_equal(wrongs(2), "");
    KT_PUT(second, kt_document_shape, markets, ids("CH AT"));
    assert_non_null(strstr(wrongs(2), "OVERLAP"));
    KT_PUT(second, kt_document_shape, markets, ids(""));
    assert_non_null(strstr(wrongs(2), "OVERLAP"));
}

static void gap__names_the_days_between(void **state)
{
    (void)state;
    add_version(&version[0], "D", "1", "2026-01-01", "2026-02-27", 1);
    add_version(&version[1], "D", "2", "2026-03-01", "2026-05-31", 2);
    add_version(&version[2], "D", "3", "2026-07-01", "", 3);
    assert_string_equal(wrongs(3),
                        "DOCUMENT_GAP record=document erp|D from=2026-02-28 until=2026-02-28\n"
                        "DOCUMENT_GAP record=document erp|D from=2026-06-01 until=2026-06-30\n");
    add_version(&version[1], "D", "2", "2026-03-01", "2026-02-01", 2); /* never counts */
    assert_string_equal(wrongs(3),
                        "DOCUMENT_GAP record=document erp|D from=2026-02-28 until=2026-06-30\n");
}

static void gap__of_some_markets_names_them(void **state)
{
    (void)state;
    add_version(&version[0], "D", "1", "2026-01-01", "2026-01-31", 1);
    struct kt_document *second = add_version(&version[1], "D", "2", "2026-02-01", "2026-03-31", 2);
    add_version(&version[2], "D", "3", "2026-04-01", "", 3);
    KT_PUT(second, kt_document_shape, markets, ids("DE"));
    /* all others have a gap; who reads "all" knows that one fills it for DE */
    assert_string_equal(wrongs(3),
                        "DOCUMENT_GAP record=document erp|D from=2026-02-01 until=2026-03-31\n");
    struct kt_document *first = add_version(&version[0], "D", "1", "2026-01-01", "2026-01-31", 1);
    struct kt_document *third = add_version(&version[2], "D", "3", "2026-04-01", "", 3);
    KT_PUT(first, kt_document_shape, markets, ids("AT CH DE"));
    KT_PUT(third, kt_document_shape, markets, ids("AT CH DE"));
    assert_string_equal(
        wrongs(3),
        "DOCUMENT_GAP record=document erp|D (AT, CH) from=2026-02-01 until=2026-03-31\n");
}

static void gone__counts_until_its_day_and_is_not_blamed(void **state)
{
    (void)state;
    struct kt_document *first = add_version(&version[0], "D", "1", "2026-01-01", "", 1);
    add_version(&version[1], "D", "2", "2026-06-01", "", 2);
    KT_PUT(first, kt_document_shape, supersedes, KT_STR("0"));
    version[0].gone_us = instant("2026-07-01T00:00:00Z");
    assert_string_equal(wrongs(2), "");
    version[0].gone_us = instant("2026-05-31T00:00:00Z");
    assert_string_equal(wrongs(2), "");
    version[0].gone_us = instant("2026-05-30T23:59:59Z");
    assert_string_equal(wrongs(2),
                        "DOCUMENT_GAP record=document erp|D from=2026-05-31 until=2026-05-31\n");
    version[0].gone_us = instant("2025-12-31T23:59:59Z"); /* before it began */
    assert_string_equal(wrongs(2), "");
}

static void superseding__names_what_is_not_there(void **state)
{
    (void)state;
    add_version(&version[0], "D", "1", "", "2026-05-31", 1);
    struct kt_document *second = add_version(&version[1], "D", "2", "2026-06-01", "", 2);
    KT_PUT(second, kt_document_shape, supersedes, KT_STR("0"));
    assert_string_equal(wrongs(2), "DOCUMENT_SUPERSEDES record=document erp|D|2 version=0\n");
    KT_PUT(second, kt_document_shape, supersedes, KT_STR("1"));
    version[0].gone_us = instant("2026-06-01T00:00:00Z"); /* known, if only from the past */
    assert_string_equal(wrongs(2), "");
    KT_PUT(second, kt_document_shape, supersedes, KT_STR(""));
    assert_string_equal(wrongs(2), "");
}

static void sentences__have_an_end(void **state)
{
    (void)state;
    struct kt_verdict *v;
    size_t n;
    for (size_t i = 0; i < VERSIONS; i++)
        add_version(&version[i], "D", kt_format(arena, "%zu", i), "", "", (int64_t)i);
    kt_documents_wrong(version, VERSIONS, &v, &n, arena);
    assert_int_equal(n, KT_DOCUMENT_WRONGS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, close_arena)
        TEST(days__that_follow_each_other_are_right),
        TEST(overlap__names_the_days_and_who_is_used),
        TEST(overlap__is_none_where_one_supersedes_the_other),
        TEST(overlap__needs_a_market_of_both),
        TEST(gap__names_the_days_between),
        TEST(gap__of_some_markets_names_them),
        TEST(gone__counts_until_its_day_and_is_not_blamed),
        TEST(superseding__names_what_is_not_there),
        TEST(sentences__have_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
