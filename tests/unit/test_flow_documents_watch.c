/* Rules of src/flow/documents_watch.c: the end of a certificate is told in time, once at each
 * stage, until it is followed; a source that is silent is told, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "papers_kit.h"
#include "store/exceptions.h"

#define DAY  INT64_C(86400)
#define HOUR INT64_C(3600)

static int open_fake(void **state)
{
    static struct fake f;
    fake_open(&f);
    fake_take_matrix(&f);
    fake_page(&f, "P-1", "Lampe", "colour", NULL, NULL, NULL);
    fake_variant(&f, "V-R", "P-1", "colour", "red");
    fake_variant(&f, "V-B", "P-1", "colour", "blue");
    fake_out(&f);
    *state = &f;
    return 0;
}

static int close_fake(void **state)
{
    fake_close(*state);
    return 0;
}

static void watch(struct fake *f)
{
    struct kt_err e = { 0 };
    kt_arena_reset(f->work.arena);
    if (kt_papers_watch(&f->work, &e) != KT_OK)
        fail_msg("%s: %s", kt_code_name(e.v.code), e.trail);
}

/* Those open: how many, and the first of them. */
static size_t open_ones(struct fake *f, struct kt_exception *first)
{
    struct kt_exception *x = NULL;
    struct kt_err e = { 0 };
    size_t count = 0;
    assert_int_equal(kt_exception_list_of(f->work.db, "paper", f->site.installation, 0, 100, &x,
                                          &count, f->work.arena, &e),
                     KT_OK);
    if (count > 0 && first != NULL)
        *first = x[0];
    return count;
}

/* The day on which it is `days` days from now at the market's noon or so. */
static const char *day_in(struct fake *f, int days)
{
    char *text = kt_alloc(f->world.arena, KT_TIME_TEXT_MAX);
    kt_day_text(kt_zone_day(f->channel.zone, kt_now_us() + days * KT_DAY_US), text);
    return text;
}

static void end__is_told_90_30_and_7_days_before_and_then(void **state)
{
    static const int64_t steps[] = { 3 * DAY, 60 * DAY, 23 * DAY, 8 * DAY };
    struct fake *f = *state;
    struct kt_exception x = { 0 };
    kit_certificate(f, (struct paper_words){ .id = "4711", .sku = "V-R", .until = day_in(f, 91) });
    watch(f);
    assert_int_equal(open_ones(f, NULL), 0);
    for (size_t i = 0; i < KT_COUNT(steps); i++) {
        fake_later(f, steps[i]);
        watch(f);
        watch(f); /* it is not said each time */
        assert_int_equal(open_ones(f, &x), 1);
        assert_int_equal(x.times, i + 1);
        assert_int_equal(x.v.code, KT_E_CERTIFICATE_ENDS_SOON);
        assert_true(kt_str_is(x.key, "s|CE|4711"));
    }
    fake_later(f, 31 * DAY); /* whoever has not cared until now knows it from the articles */
    watch(f);
    assert_int_equal(open_ones(f, NULL), 0);
}

static void revoked__is_told_with_its_day(void **state)
{
    struct fake *f = *state;
    struct kt_exception x = { 0 };
    char day[KT_TIME_TEXT_MAX];
    const int64_t at_us = kt_now_us() + 5 * KT_DAY_US;
    kit_certificate(f, (struct paper_words){ .id = "4711", .sku = "V-R", .revoked_us = at_us });
    watch(f);
    assert_int_equal(open_ones(f, &x), 1);
    kt_day_text(kt_zone_day(f->channel.zone, at_us), day);
    assert_string_equal(x.v.param[2].value, day);
}

static void renewed__closes_by_itself(void **state)
{
    struct fake *f = *state;
    kit_certificate(f, (struct paper_words){ .id = "1", .product = "P-1", .until = day_in(f, 20) });
    watch(f);
    assert_int_equal(open_ones(f, NULL), 1);
    fake_later(f, 1);
    kit_certificate(f,
                    (struct paper_words){ .id = "1", .product = "P-1", .until = day_in(f, 400) });
    watch(f);
    assert_int_equal(open_ones(f, NULL), 0);
}

/* By another number, also where it covers the articles in another way; only in all its markets. */
static void followed__closes_when_all_is_covered(void **state)
{
    struct fake *f = *state;
    kit_certificate(f, (struct paper_words){ .id = "1", .product = "P-1", .until = day_in(f, 20) });
    kit_certificate(f, (struct paper_words){ .id = "2", .sku = "V-R", .until = day_in(f, 20) });
    watch(f);
    assert_int_equal(open_ones(f, NULL), 2);
    kit_certificate(f, (struct paper_words){ .id = "3", .product = "P-1", .market = "DE" });
    watch(f);
    assert_int_equal(open_ones(f, NULL), 2); /* those were for all markets */
    kit_certificate(f, (struct paper_words){ .id = "4", .product = "P-1", .from = day_in(f, 30) });
    watch(f);
    assert_int_equal(open_ones(f, NULL), 2); /* it leaves a gap */
    kit_certificate(f, (struct paper_words){ .id = "5", .sku = "V-R" });
    watch(f);
    assert_int_equal(open_ones(f, NULL), 1);
    kit_certificate(f, (struct paper_words){ .id = "6", .product = "P-1", .from = day_in(f, 10) });
    watch(f);
    assert_int_equal(open_ones(f, NULL), 0);
}

static void nobodys__is_not_told(void **state)
{
    struct fake *f = *state;
    kit_certificate(
        f, (struct paper_words){ .id = "1", .sku = "V-R", .market = "JP", .until = day_in(f, 20) });
    kit_certificate(f, (struct paper_words){ .id = "2", .sku = "GONE", .until = day_in(f, 20) });
    watch(f);
    assert_int_equal(open_ones(f, NULL), 0);
}

static void silence__is_told_and_closes_with_the_next_word(void **state)
{
    struct fake *f = *state;
    struct kt_exception x = { 0 };
    kit_needs_ce(f);
    f->site.documents.silent_s = 26 * HOUR;
    kit_hear(f);
    watch(f);
    assert_int_equal(open_ones(f, NULL), 0);
    fake_later(f, 26 * HOUR + 1);
    watch(f);
    watch(f);
    assert_int_equal(open_ones(f, &x), 1);
    assert_int_equal(x.v.code, KT_E_CERTIFICATES_SILENT);
    assert_int_equal(x.times, 1);
    kit_hear(f);
    watch(f);
    assert_int_equal(open_ones(f, NULL), 0);
}

/* Nobody needs them, or nobody wants to be told. */
static void silence__is_nobodys_business_without_rules(void **state)
{
    struct fake *f = *state;
    f->site.documents.silent_s = 26 * HOUR;
    f->erp.scope = "t"; /* of which nobody was ever heard */
    watch(f);
    assert_int_equal(open_ones(f, NULL), 0);
    kit_needs_ce(f);
    watch(f);
    assert_int_equal(open_ones(f, NULL), 1);
    f->site.documents.silent_s = 0;
    watch(f);
    assert_int_equal(open_ones(f, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(end__is_told_90_30_and_7_days_before_and_then, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(revoked__is_told_with_its_day, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(renewed__closes_by_itself, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(followed__closes_when_all_is_covered, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(nobodys__is_not_told, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(silence__is_told_and_closes_with_the_next_word, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(silence__is_nobodys_business_without_rules, open_fake,
                                        close_fake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
