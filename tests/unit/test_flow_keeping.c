/* What of the archive may go: by its days, its source, its orders, its showings, its years and its
 * holds; and that nothing else goes. */
#include "test_flow_papers_kit.h"

#include "flow/keeping.h"
#include "store/audit.h"

#define DAYS(n) ((n)*KT_DAY_US)

static struct kt_kind_rule rules[] = {
    { .type = "data_sheet", .basis = KT_BASIS_ORDER, .keep_years = 2, .is_public = true }
};

static int open_fake(void **state)
{
    static struct fake f;
    fake_open(&f);
    f.site.documents = (struct kt_documents_site){ .is_on = true, .kind = rules, .kinds = 1 };
    fake_article(&f, "A-1", "Leuchte");
    fake_out(&f);
    *state = &f;
    return 0;
}

static int close_fake(void **state)
{
    fake_close(*state);
    return 0;
}

static int64_t day_us(const char *day)
{
    int64_t at_us = 0;
    assert_true(kt_time_parse(&at_us, kt_str_of(day), true));
    return at_us;
}

/* --- the rule --- */

static struct kt_kept kept_until(const char *last, bool is_living)
{
    struct kt_kept k = { .type = KT_STR("data_sheet"),
                         .first_us = day_us("2020-01-01T00:00:00Z"),
                         .last_us = day_us("2020-01-01T00:00:00Z"),
                         .is_living = is_living };
    if (last[0] != '\0')
        assert_true(kt_day_parse(&k.valid_until, kt_str_of(last)));
    return k;
}

static struct kt_keeping at(const struct fake *f, const struct kt_kept *k, const char *now)
{
    struct kt_keeping out;
    kt_keeping_of(&f->site, k, day_us(now), &out);
    return out;
}

static void rule__open_end_never_goes_while_its_source_lists_it(void **state)
{
    struct fake *f = *state;
    struct kt_kept k = kept_until("", true);
    struct kt_keeping out = at(f, &k, "2099-01-01T00:00:00Z");
    assert_int_equal(out.reason, KT_KEEPING_VALID);
    assert_true(out.free_us == KT_NEVER);
    k = kept_until("9999-12-31", true);
    assert_int_equal(at(f, &k, "2099-01-01T00:00:00Z").reason, KT_KEEPING_VALID);
}

static void rule__years_run_from_the_last_word_of_what_is_gone(void **state)
{
    struct fake *f = *state;
    struct kt_kept k = kept_until("2030-12-31", false); /* its source took it back before */
    assert_int_equal(at(f, &k, "2021-12-31T00:00:00Z").reason, KT_KEEPING_YEARS);
    assert_int_equal(at(f, &k, "2022-01-01T00:00:00Z").reason, KT_KEEPING_FREE);
    assert_true(at(f, &k, "2021-01-01T00:00:00Z").free_us == day_us("2022-01-01T00:00:00Z"));
    k.last_order_us = day_us("2020-06-01T00:00:00Z");
    assert_true(at(f, &k, "2021-01-01T00:00:00Z").free_us == day_us("2022-06-01T00:00:00Z"));
    k.last_shown_us = day_us("2020-07-01T00:00:00Z");
    assert_true(at(f, &k, "2021-01-01T00:00:00Z").free_us == day_us("2022-07-01T00:00:00Z"));
    k.type = KT_STR("declaration_of_conformity"); /* ten years, where nothing else is said */
    assert_true(at(f, &k, "2021-01-01T00:00:00Z").free_us == day_us("2030-07-01T00:00:00Z"));
}

static void rule__leap_day_becomes_the_first_of_march(void **state)
{
    struct fake *f = *state;
    struct kt_kept k = kept_until("", false);
    k.last_us = day_us("2024-02-29T10:00:00Z");
    assert_true(at(f, &k, "2025-01-01T00:00:00Z").free_us == day_us("2026-03-01T10:00:00Z"));
}

static void rule__ended_days_end_everywhere_on_earth(void **state)
{
    struct fake *f = *state;
    struct kt_kept k = kept_until("2021-05-31", true);
    assert_int_equal(at(f, &k, "2021-06-01T11:59:59Z").reason, KT_KEEPING_VALID);
    assert_int_equal(at(f, &k, "2021-06-01T12:00:01Z").reason, KT_KEEPING_LISTED);
    assert_true(at(f, &k, "2022-01-01T00:00:00Z").free_us == day_us("2023-06-01T12:00:00Z"));
    assert_int_equal(at(f, &k, "2050-01-01T00:00:00Z").reason, KT_KEEPING_LISTED);
}

static void rule__hold_and_showing_come_before_everything(void **state)
{
    struct fake *f = *state;
    struct kt_kept k = kept_until("", false);
    k.last_shown_us = KT_NEVER;
    assert_int_equal(at(f, &k, "2050-01-01T00:00:00Z").reason, KT_KEEPING_SHOWN);
    assert_true(at(f, &k, "2050-01-01T00:00:00Z").free_us == KT_NEVER);
    k.last_shown_us = 0;
    k.is_held = true;
    assert_int_equal(at(f, &k, "2050-01-01T00:00:00Z").reason, KT_KEEPING_HELD);
}

/* --- purging --- */

static struct kt_document *sheet(struct fake *f, const char *id, const char *version, char content,
                                 const char *until)
{
    struct kt_document *d = papers_doc(f, id, version, content, "2010-01-01", until, "A-1");
    KT_PUT(d, kt_document_shape, type, KT_STR("data_sheet"));
    return d;
}

static size_t past_of(struct fake *f, const char *key)
{
    struct kt_err e = { 0 };
    struct kt_past *past = NULL;
    size_t count = 0;
    PAPERS_MUST(kt_past_of(f->work.db, KT_KIND_DOCUMENT, kt_str_of(key), &past, &count,
                           f->world.arena, &e));
    return count;
}

static size_t purge(struct fake *f)
{
    struct kt_err e = { 0 };
    size_t gone = 0;
    PAPERS_MUST(kt_keeping_purge(&f->work, "clerk", &gone, &e));
    return gone;
}

/* Said three years ago and taken back. */
static struct kt_document *old_and_gone(struct fake *f, const char *id, char content)
{
    struct kt_document *d = sheet(f, id, "1", content, "");
    papers_put(f, d, false, kt_now_us() - DAYS(1200));
    papers_put(f, d, true, kt_now_us() - DAYS(1100));
    return d;
}

static void purge__lets_go_what_is_over_and_nothing_else(void **state)
{
    struct fake *f = *state;
    struct kt_err e = { 0 };
    struct kt_audit last = { 0 };
    bool found = false;
    struct kt_document *shown = old_and_gone(f, "SHOWN", 'b');
    struct kt_document *held = old_and_gone(f, "HELD", 'c');
    struct kt_hold hold = { .scope = KT_STR("s"),
                            .id = held->id,
                            .reason = KT_STR("a case"),
                            .actor = KT_STR("clerk"),
                            .at_us = kt_now_us() };
    (void)old_and_gone(f, "OLD", 'a');
    papers_show_one(f, "A-1", shown, kt_now_us());
    PAPERS_MUST(kt_hold_put(f->work.db, &hold, &e));
    papers_put(f, sheet(f, "LISTED", "1", 'd', "2011-12-31"), false, kt_now_us() - DAYS(4000));
    papers_put(f, sheet(f, "RECENT", "1", 'e', ""), false, kt_now_us() - DAYS(700));
    papers_put(f, sheet(f, "RECENT", "1", 'e', ""), true, kt_now_us() - DAYS(600));
    papers_say(f, sheet(f, "VALID", "1", 'f', ""));
    assert_int_equal(purge(f), 1);
    assert_int_equal(past_of(f, "s|OLD"), 0);
    assert_int_equal(past_of(f, "s|SHOWN"), 2);
    assert_int_equal(past_of(f, "s|HELD"), 2);
    assert_int_equal(past_of(f, "s|LISTED"), 1);
    assert_int_equal(past_of(f, "s|RECENT"), 2);
    assert_int_equal(past_of(f, "s|VALID"), 1);
    assert_int_equal(purge(f), 0);
    PAPERS_MUST(kt_audit_last(f->work.db, "document.drop", &last, &found, f->world.arena, &e));
    assert_true(found);
    assert_string_equal(last.actor.p, "clerk");
    assert_string_equal(last.subject.p, "OLD");
}

static void purge__goes_through_more_than_a_page(void **state)
{
    struct fake *f = *state;
    for (int i = 0; i < 250; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "OLD-%03d", i);
        (void)old_and_gone(f, id, "0123456789abcdef"[i % 16]);
    }
    papers_say(f, sheet(f, "VALID", "1", 'f', ""));
    assert_int_equal(purge(f), 250);
    assert_int_equal(past_of(f, "s|VALID"), 1);
}

static void daily__purges_only_where_the_site_says_so(void **state)
{
    struct fake *f = *state;
    struct kt_err e = { 0 };
    (void)old_and_gone(f, "OLD", 'a');
    PAPERS_MUST(kt_keeping_daily(&f->work, &e));
    assert_int_equal(past_of(f, "s|OLD"), 2);
    f->site.documents.purges = true;
    PAPERS_MUST(kt_keeping_daily(&f->work, &e)); /* it was done today */
    assert_int_equal(past_of(f, "s|OLD"), 2);
    fake_later(f, 24 * 3600);
    PAPERS_MUST(kt_keeping_daily(&f->work, &e));
    assert_int_equal(past_of(f, "s|OLD"), 0);
}

static void daily__forgets_links_that_have_expired(void **state)
{
    struct fake *f = *state;
    struct kt_err e = { 0 };
    char gone[KT_CUSTOMER_TOKEN_MAX];
    char stays[KT_CUSTOMER_TOKEN_MAX];
    struct kt_str our_key = { 0 };
    bool found = false;
    const int64_t now_us = kt_now_us();
    PAPERS_MUST(kt_customer_link_make(f->work.db, KT_STR("K1"), now_us - DAYS(9), now_us - DAYS(1),
                                      gone, &e));
    PAPERS_MUST(
        kt_customer_link_make(f->work.db, KT_STR("K1"), now_us, now_us + DAYS(1), stays, &e));
    PAPERS_MUST(kt_keeping_daily(&f->work, &e));
    /* asked as of then: it is not there any more */
    PAPERS_MUST(kt_customer_link_find(f->work.db, kt_str_of(gone), now_us - DAYS(5), &our_key,
                                      &found, f->world.arena, &e));
    assert_false(found);
    PAPERS_MUST(kt_customer_link_find(f->work.db, kt_str_of(stays), now_us, &our_key, &found,
                                      f->world.arena, &e));
    assert_true(found);
}

#define FLOW_TEST(name) cmocka_unit_test_setup_teardown(name, open_fake, close_fake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLOW_TEST(rule__open_end_never_goes_while_its_source_lists_it),
        FLOW_TEST(rule__years_run_from_the_last_word_of_what_is_gone),
        FLOW_TEST(rule__leap_day_becomes_the_first_of_march),
        FLOW_TEST(rule__ended_days_end_everywhere_on_earth),
        FLOW_TEST(rule__hold_and_showing_come_before_everything),
        FLOW_TEST(purge__lets_go_what_is_over_and_nothing_else),
        FLOW_TEST(purge__goes_through_more_than_a_page),
        FLOW_TEST(daily__purges_only_where_the_site_says_so),
        FLOW_TEST(daily__forgets_links_that_have_expired),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
