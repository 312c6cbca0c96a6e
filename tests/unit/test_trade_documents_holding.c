/* Which version of a document holds: src/trade/documents_holding.c and documents_order.c. */
#include "test_trade_documents_kit.h"

enum { VERSIONS = 8 };
static struct kt_document_version version[VERSIONS];
static struct kt_document_ask ask;
static int64_t changes_us;

static int begin(void **state)
{
    (void)open_arena(state);
    memset(version, 0, sizeof version);
    ask = (struct kt_document_ask){ .sku = KT_STR("A"),
                                    .product = KT_STR("P"),
                                    .family = KT_STR("F"),
                                    .market = KT_STR("DE"),
                                    .language = KT_STR("de"),
                                    .fallback_language = KT_STR("en"),
                                    .zone = zone_of("Europe/Berlin"),
                                    .at_us = instant("2026-06-15T12:00:00Z") };
    return 0;
}

/* Keys of what holds, with blanks between; the same from the other end of the input. */
static const char *holding(size_t count)
{
    const struct kt_document_version **out;
    struct kt_document_version turned[VERSIONS];
    size_t n;
    char *text[2];
    int64_t changes[2];
    for (size_t turn = 0; turn < 2; turn++) {
        for (size_t i = 0; i < count; i++)
            turned[i] = version[turn == 0 ? i : count - 1 - i];
        kt_documents_holding(turned, count, &ask, &out, &n, &changes[turn], arena);
        text[turn] = kt_text_copy(arena, "");
        for (size_t i = 0; i < n; i++)
            text[turn] = kt_format(arena, "%s%s%s", text[turn], i > 0 ? " " : "", out[i]->key.p);
    }
    assert_string_equal(text[0], text[1]);
    assert_int_equal(changes[0], changes[1]);
    changes_us = changes[0];
    return text[0];
}

static void holding__of_nothing_is_nothing(void **state)
{
    (void)state;
    assert_string_equal(holding(0), "");
    assert_int_equal(changes_us, KT_NEVER);
}

static void days__are_both_inclusive_in_the_zone_of_the_market(void **state)
{
    (void)state;
    add_version(&version[0], "D", "1", "2026-03-29", "2026-10-25", 1); /* both change the clocks */
    ask.at_us = instant("2026-03-28T22:59:59.999999Z");
    assert_string_equal(holding(1), "");
    assert_int_equal(changes_us, instant("2026-03-28T23:00:00Z"));
    ask.at_us = instant("2026-03-28T23:00:00Z");
    assert_string_equal(holding(1), "erp|D|1");
    assert_int_equal(changes_us, instant("2026-10-25T23:00:00Z"));
    ask.at_us = instant("2026-10-25T22:59:59.999999Z");
    assert_string_equal(holding(1), "erp|D|1");
    ask.at_us = instant("2026-10-25T23:00:00Z");
    assert_string_equal(holding(1), "");
    assert_int_equal(changes_us, KT_NEVER);
}

static void days__open_ones_never_end(void **state)
{
    (void)state;
    add_version(&version[0], "D", "1", "", "9999-12-31", 1);
    ask.at_us = INT64_MIN;
    assert_string_equal(holding(1), "erp|D|1");
    assert_int_equal(changes_us, KT_NEVER);
    ask.at_us = KT_NEVER - 1;
    assert_string_equal(holding(1), "erp|D|1");
}

/* 00:00 became 01:00 there, so the day begins at one o'clock. */
static void days__begin_where_midnight_does_not_exist(void **state)
{
    (void)state;
    ask.zone = zone_of("America/Sao_Paulo");
    add_version(&version[0], "D", "1", "", "2018-11-03", 1);
    add_version(&version[1], "D", "2", "2018-11-04", "", 2);
    ask.at_us = instant("2018-11-04T02:59:59.999999Z");
    assert_string_equal(holding(2), "erp|D|1");
    assert_int_equal(changes_us, instant("2018-11-04T03:00:00Z"));
    ask.at_us = changes_us;
    assert_string_equal(holding(2), "erp|D|2");
    ask.zone = zone_of("Asia/Beirut");
    version[0].document = add_version(&version[0], "D", "1", "2022-03-27", "2022-03-27", 1);
    ask.at_us = instant("2022-03-26T21:59:59Z");
    assert_string_equal(holding(1), "");
    assert_int_equal(changes_us, instant("2022-03-26T22:00:00Z"));
    ask.at_us = changes_us;
    assert_string_equal(holding(1), "erp|D|1");
    assert_int_equal(changes_us, instant("2022-03-27T21:00:00Z")); /* a day of 23 hours */
}

/* Samoa left out 30 December 2011: it has no instant. */
static void days__a_day_that_never_was_holds_nothing(void **state)
{
    (void)state;
    ask.zone = zone_of("Pacific/Apia");
    add_version(&version[0], "D", "1", "2011-12-30", "2011-12-30", 1);
    ask.at_us = instant("2011-12-30T09:59:59Z");
    assert_string_equal(holding(1), "");
    assert_int_equal(changes_us, KT_NEVER);
    ask.at_us = instant("2011-12-30T10:00:00Z");
    assert_string_equal(holding(1), "");
    add_version(&version[0], "D", "1", "", "2011-12-29", 1);
    add_version(&version[1], "D", "2", "2011-12-31", "", 1);
    assert_string_equal(holding(2), "erp|D|2");
    ask.at_us--;
    assert_string_equal(holding(2), "erp|D|1");
}

static void days__leap_day(void **state)
{
    (void)state;
    add_version(&version[0], "D", "1", "2028-02-29", "2028-02-29", 1);
    ask.at_us = instant("2028-02-29T22:59:59Z");
    assert_string_equal(holding(1), "erp|D|1");
    assert_int_equal(changes_us, instant("2028-02-29T23:00:00Z"));
}

static void version__counts_until_its_source_knows_it_no_more(void **state)
{
    (void)state;
    add_version(&version[0], "D", "1", "2026-01-01", "2026-12-31", 1);
    version[0].gone_us = instant("2026-06-15T12:00:00.000001Z");
    assert_string_equal(holding(1), "erp|D|1");
    assert_int_equal(changes_us, version[0].gone_us);
    ask.at_us = version[0].gone_us;
    assert_string_equal(holding(1), "");
    assert_int_equal(changes_us, KT_NEVER);
}

static void newest__by_first_day_then_learned_then_number(void **state)
{
    (void)state;
    add_version(&version[0], "D", "9", "", "", 50); /* absent is earliest */
    add_version(&version[1], "D", "1", "2026-01-01", "", 10);
    assert_string_equal(holding(2), "erp|D|1");
    add_version(&version[2], "D", "0", "2026-01-01", "", 11); /* learned later */
    assert_string_equal(holding(3), "erp|D|0");
    version[1].known_us = 99 * KT_SECOND; /* a correction makes it no newer version */
    version[1].rev = 7;
    assert_string_equal(holding(3), "erp|D|0");
    add_version(&version[3], "D", "a9.2", "2026-01-01", "", 11);
    add_version(&version[4], "D", "a10.1", "2026-01-01", "", 11); /* numbers by value */
    assert_string_equal(holding(5), "erp|D|a10.1");
    add_version(&version[5], "D", "a010.1", "2026-01-01", "", 11); /* the same: by bytes */
    assert_string_equal(holding(6), "erp|D|a10.1");
    add_version(&version[6], "D", "a10.1b", "2026-01-01", "", 11);
    assert_string_equal(holding(7), "erp|D|a10.1b");
}

static void newest__of_one_day_changes_with_the_days_of_the_other(void **state)
{
    (void)state;
    add_version(&version[0], "D", "1", "2026-06-01", "", 1);
    add_version(&version[1], "D", "2", "2026-06-01", "2026-06-20", 2);
    assert_string_equal(holding(2), "erp|D|2");
    assert_int_equal(changes_us, instant("2026-06-20T22:00:00Z"));
    ask.at_us = changes_us;
    assert_string_equal(holding(2), "erp|D|1");
}

static void superseding__comes_before_days(void **state)
{
    (void)state;
    struct kt_document *first = add_version(&version[0], "D", "1", "2026-02-01", "", 9);
    struct kt_document *second = add_version(&version[1], "D", "2", "2026-01-01", "", 1);
    KT_PUT(second, kt_document_shape, supersedes, KT_STR("1"));
    assert_string_equal(holding(2), "erp|D|2");
    /* only while it counts */
    KT_PUT(second, kt_document_shape, valid_until, day_of("2026-05-31"));
    assert_string_equal(holding(2), "erp|D|1");
    /* two that name each other are as if they did not; so is one that names itself */
    KT_PUT(second, kt_document_shape, valid_until, day_of("2026-12-31"));
    KT_PUT(first, kt_document_shape, supersedes, KT_STR("2"));
    assert_string_equal(holding(2), "erp|D|1");
    KT_PUT(first, kt_document_shape, supersedes, KT_STR("1"));
    assert_string_equal(holding(2), "erp|D|2");
    KT_PUT(second, kt_document_shape, supersedes, KT_STR("77"));
    assert_string_equal(holding(2), "erp|D|1");
}

static void superseding__goes_through_versions_that_do_not_count(void **state)
{
    (void)state;
    add_version(&version[0], "D", "1", "2026-05-01", "", 1);
    struct kt_document *second = add_version(&version[1], "D", "2", "2025-01-01", "2025-12-31", 1);
    struct kt_document *third = add_version(&version[2], "D", "3", "2026-01-01", "", 1);
    KT_PUT(second, kt_document_shape, supersedes, KT_STR("1"));
    KT_PUT(third, kt_document_shape, supersedes, KT_STR("2"));
    assert_string_equal(holding(3), "erp|D|3");
    KT_PUT(second, kt_document_shape, variants, ids("B")); /* of another article: nothing of ours */
    assert_string_equal(holding(3), "erp|D|1");
    /* of the same number in another document */
    KT_PUT(third, kt_document_shape, supersedes, KT_STR("1"));
    add_version(&version[1], "E", "1", "", "", 1);
    assert_string_equal(holding(3), "erp|D|3 erp|E|1");
}

static void one_id__has_one_version_whatever_the_types(void **state)
{
    (void)state;
    add_version(&version[0], "D", "1", "2026-01-01", "", 1);
    struct kt_document *second = add_version(&version[1], "D", "2", "2026-02-01", "", 2);
    KT_PUT(second, kt_document_shape, type, KT_STR("manual"));
    assert_string_equal(holding(2), "erp|D|2");
    KT_PUT(second, kt_document_shape, id, KT_STR("E"));
    version[1].key = kt_shape_key(&kt_document_shape, second, arena);
    assert_string_equal(holding(2), "erp|D|1 erp|E|2");
}

static void cover__the_narrowest_holds_alone_for_each_type(void **state)
{
    (void)state;
    struct kt_document *family = add_version(&version[0], "F", "1", "", "", 1);
    struct kt_document *product = add_version(&version[1], "P", "1", "", "", 1);
    struct kt_document *manual = add_version(&version[2], "M", "1", "", "", 1);
    KT_PUT(family, kt_document_shape, variants, ids("B"));
    KT_PUT(family, kt_document_shape, families, ids("F"));
    KT_PUT(product, kt_document_shape, variants, ids(""));
    KT_PUT(product, kt_document_shape, products, ids("O P"));
    KT_PUT(manual, kt_document_shape, type, KT_STR("manual"));
    KT_PUT(manual, kt_document_shape, variants, ids(""));
    KT_PUT(manual, kt_document_shape, families, ids("F"));
    add_version(&version[3], "V", "1", "", "", 1);
    add_version(&version[4], "W", "1", "", "", 1);
    assert_string_equal(holding(1), "erp|F|1");
    assert_string_equal(holding(2), "erp|P|1");
    assert_string_equal(holding(3), "erp|P|1 erp|M|1");
    assert_string_equal(holding(5), "erp|V|1 erp|W|1 erp|M|1");
    ask.product = KT_STR(""); /* nothing is known of the article's place */
    ask.family = KT_STR("");
    assert_string_equal(holding(3), "");
    KT_PUT(manual, kt_document_shape, families, ids("")); /* lists nothing: covers nothing */
    assert_string_equal(holding(3), "");
}

static void cover__a_version_that_moved_on_leaves_the_article_to_the_older(void **state)
{
    (void)state;
    add_version(&version[0], "D", "1", "", "", 1);
    struct kt_document *second = add_version(&version[1], "D", "2", "2026-01-01", "", 2);
    KT_PUT(second, kt_document_shape, variants, ids("B"));
    assert_string_equal(holding(2), "erp|D|1");
    assert_int_equal(changes_us, KT_NEVER);
}

static void market__is_named_or_none_is(void **state)
{
    (void)state;
    struct kt_document *d = add_version(&version[0], "D", "1", "", "2026-12-31", 1);
    KT_PUT(d, kt_document_shape, markets, ids("AT CH"));
    assert_string_equal(holding(1), "");
    assert_int_equal(changes_us, KT_NEVER); /* another market's day is no news */
    ask.market = KT_STR("CH");
    assert_string_equal(holding(1), "erp|D|1");
    KT_PUT(d, kt_document_shape, markets, ids(""));
    ask.market = KT_STR("");
    assert_string_equal(holding(1), "erp|D|1");
}

static void language__asked_then_fallback_then_all(void **state)
{
    (void)state;
    struct kt_document *french = add_version(&version[0], "F", "1", "", "", 1);
    struct kt_document *english = add_version(&version[1], "E", "1", "", "", 1);
    struct kt_document *german = add_version(&version[2], "G", "1", "", "", 1);
    add_version(&version[3], "N", "1", "", "", 1); /* in every language */
    KT_PUT(french, kt_document_shape, languages, ids("fr it"));
    KT_PUT(english, kt_document_shape, languages, ids("en"));
    KT_PUT(german, kt_document_shape, languages, ids("fr de"));
    assert_string_equal(holding(1), "erp|F|1");
    assert_string_equal(holding(2), "erp|E|1");
    assert_string_equal(holding(3), "erp|G|1");
    assert_string_equal(holding(4), "erp|G|1 erp|N|1");
    /* narrower comes first: a French one of the article before a German one of the product */
    KT_PUT(german, kt_document_shape, variants, ids(""));
    KT_PUT(german, kt_document_shape, products, ids("P"));
    version[1] = version[2];
    assert_string_equal(holding(2), "erp|F|1");
}

static void kinds__have_titles_in_both_languages(void **state)
{
    (void)state;
    static const char *const known[] = { "declaration_of_conformity",
                                         "rohs",
                                         "reach",
                                         "data_sheet",
                                         "safety_notice",
                                         "manual",
                                         "energy_label",
                                         "product_sheet" };
    size_t count = 0;
    while (kt_document_kinds[count].type != NULL)
        count++;
    assert_int_equal(count, KT_COUNT(known));
    for (size_t i = 0; i < KT_COUNT(known); i++) {
        const struct kt_document_kind *kind = kt_document_kind_of(kt_str_of(known[i]));
        assert_non_null(kind);
        assert_string_equal(kind->type, known[i]);
        assert_true(strlen(kind->title[KT_LANG_EN]) > 0 && strlen(kind->title[KT_LANG_DE]) > 0);
        assert_string_not_equal(kind->title[KT_LANG_EN], kind->title[KT_LANG_DE]);
    }
    assert_null(kt_document_kind_of(KT_STR("poster")));
    assert_null(kt_document_kind_of((struct kt_str){ 0 }));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, close_arena)
        TEST(holding__of_nothing_is_nothing),
        TEST(days__are_both_inclusive_in_the_zone_of_the_market),
        TEST(days__open_ones_never_end),
        TEST(days__begin_where_midnight_does_not_exist),
        TEST(days__a_day_that_never_was_holds_nothing),
        TEST(days__leap_day),
        TEST(version__counts_until_its_source_knows_it_no_more),
        TEST(newest__by_first_day_then_learned_then_number),
        TEST(newest__of_one_day_changes_with_the_days_of_the_other),
        TEST(superseding__comes_before_days),
        TEST(superseding__goes_through_versions_that_do_not_count),
        TEST(one_id__has_one_version_whatever_the_types),
        TEST(cover__the_narrowest_holds_alone_for_each_type),
        TEST(cover__a_version_that_moved_on_leaves_the_article_to_the_older),
        TEST(market__is_named_or_none_is),
        TEST(language__asked_then_fallback_then_all),
        TEST(kinds__have_titles_in_both_languages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
