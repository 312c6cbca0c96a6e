/* What covers an article and what a channel shows of it: src/flow/documents.c, documents_shown.c
 * and view_papers.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "flow/view.h"
#include "papers_kit.h"

static int open_fake(void **state)
{
    static struct fake f;
    fake_open(&f);
    fake_take_matrix(&f);
    f.site.documents.is_on = true;
    f.site.documents.archive = "https://docs.example.com/";
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

static struct kt_unit_view view_of(struct fake *f, enum kt_unit unit, const char *key)
{
    struct kt_unit_view v = { 0 };
    struct kt_err e = { 0 };
    if (kt_unit_view(&f->work, &f->channel, unit, kt_str_of(key), kt_now_us(), &v, &e) != KT_OK)
        fail_msg("%s: %s", kt_code_name(e.v.code), e.trail);
    assert_true(v.is_there);
    return v;
}

/* The list `documents`; NULL: the part is absent. */
static const struct kt_view_part *documents_of(const struct kt_unit_view *v)
{
    for (size_t i = 0; i < v->view.count; i++) {
        if (strcmp(v->view.part[i].name, "documents") == 0)
            return v->view.part[i].is_list ? &v->view.part[i] : NULL;
    }
    fail_msg("the view has no part documents");
    return NULL;
}

static void view__shows_what_holds_with_its_address(void **state)
{
    struct fake *f = *state;
    kit_document(f, (struct paper_words){ .id = "D/7",
                                          .version = "2",
                                          .sku = "V-R",
                                          .language = "de",
                                          .title = "Datenblatt Lampe",
                                          .from = "2020-01-01" });
    const struct kt_unit_view red = view_of(f, KT_UNIT_VARIANT, "s|V-R");
    const struct kt_view_part *part = documents_of(&red);
    assert_int_equal(part->count, 1);
    const struct kt_paper *p = part->record;
    assert_true(kt_str_is(p->title, "Datenblatt Lampe"));
    assert_true(kt_str_is(p->language, "de"));
    assert_true(kt_str_is(p->url, "https://docs.example.com/d/s/D~2F7/2"));
    assert_true(p->valid_from.y == 2020);
    assert_int_equal(red.showns, 1);
    assert_true(kt_str_eq(red.shown[0].sha256, p->sha256));
    const struct kt_unit_view blue = view_of(f, KT_UNIT_VARIANT, "s|V-B");
    assert_int_equal(documents_of(&blue)->count, 0);
    const struct kt_unit_view page = view_of(f, KT_UNIT_PRODUCT, "s|P-1");
    assert_int_equal(documents_of(&page)->count, 1);
}

static void page__names_each_paper_once(void **state)
{
    struct fake *f = *state;
    kit_document(f, (struct paper_words){ .id = "D", .product = "P-1" });
    kit_document(f, (struct paper_words){ .id = "E", .sku = "V-B", .type = "manual" });
    const struct kt_unit_view page = view_of(f, KT_UNIT_PRODUCT, "s|P-1");
    const struct kt_view_part *part = documents_of(&page);
    assert_int_equal(part->count, 2);
    const struct kt_paper *p = part->record;
    assert_true(kt_str_is(p[0].id, "D") && kt_str_is(p[1].id, "E"));
}

static void off__part_is_absent_and_nothing_is_shown(void **state)
{
    struct fake *f = *state;
    f->site.documents.is_on = false;
    kit_document(f, (struct paper_words){ .id = "D", .product = "P-1" });
    const struct kt_unit_view red = view_of(f, KT_UNIT_VARIANT, "s|V-R");
    assert_null(documents_of(&red));
    assert_int_equal(red.showns, 0);
}

static void kinds__are_those_of_the_channel_else_the_public_ones(void **state)
{
    static const char *const manuals[] = { "manual" };
    static const struct kt_kind_rule reports = { .type = "test_report", .is_public = false };
    struct fake *f = *state;
    kit_document(f, (struct paper_words){ .id = "D", .product = "P-1" });
    kit_document(f, (struct paper_words){ .id = "M", .product = "P-1", .type = "manual" });
    kit_document(f, (struct paper_words){ .id = "R", .product = "P-1", .type = "test_report" });
    kit_document(f, (struct paper_words){ .id = "X", .product = "P-1", .type = "strange" });
    struct kt_unit_view red = view_of(f, KT_UNIT_VARIANT, "s|V-R");
    assert_int_equal(documents_of(&red)->count, 2);
    f->channel.documents = (struct kt_conf_texts){ manuals, 1 };
    red = view_of(f, KT_UNIT_VARIANT, "s|V-R");
    assert_int_equal(documents_of(&red)->count, 1);
    f->channel.documents = (struct kt_conf_texts){ &reports.type, 1 };
    f->site.documents.kind = &reports;
    f->site.documents.kinds = 1;
    red = view_of(f, KT_UNIT_VARIANT, "s|V-R");
    assert_int_equal(documents_of(&red)->count, 1);
    const struct kt_paper *p = documents_of(&red)->record;
    assert_null(p->url.p); /* not for everybody's eyes */
    assert_true(kt_str_is(p->title, "test_report"));
}

/* The next version is shown by the clock alone, and the deleted one no more. */
static void clock__brings_the_next_version(void **state)
{
    struct fake *f = *state;
    char day[KT_TIME_TEXT_MAX];
    const struct kt_day tomorrow = kt_day_next(kt_zone_day(f->channel.zone, kt_now_us()));
    const int64_t begins_us = kt_zone_midnight_us(f->channel.zone, tomorrow);
    kt_day_text(tomorrow, day);
    kit_document(f, (struct paper_words){ .id = "D", .version = "1", .product = "P-1" });
    kit_document(f, (struct paper_words){
                        .id = "D", .version = "2", .product = "P-1", .from = day, .content = 'b' });
    struct kt_unit_view red = view_of(f, KT_UNIT_VARIANT, "s|V-R");
    const struct kt_paper *p = documents_of(&red)->record;
    assert_true(kt_str_is(p->version, "1"));
    assert_true(red.changes_us == begins_us);
    const struct kt_unit_view page = view_of(f, KT_UNIT_PRODUCT, "s|P-1");
    assert_true(page.changes_us == begins_us);
    fake_later(f, (begins_us - kt_now_us()) / KT_SECOND + 1);
    red = view_of(f, KT_UNIT_VARIANT, "s|V-R");
    p = documents_of(&red)->record;
    assert_int_equal(documents_of(&red)->count, 1);
    assert_true(kt_str_is(p->version, "2"));
    fake_later(f, 1);
    kit_document(
        f, (struct paper_words){ .id = "D", .version = "2", .product = "P-1", .is_gone = true });
    red = view_of(f, KT_UNIT_VARIANT, "s|V-R");
    p = documents_of(&red)->record;
    assert_true(kt_str_is(p->version, "1"));
}

static void title__is_that_of_the_kind_where_it_has_none(void **state)
{
    struct fake *f = *state;
    kit_document(f, (struct paper_words){ .id = "D", .product = "P-1" });
    struct kt_unit_view red = view_of(f, KT_UNIT_VARIANT, "s|V-R");
    const struct kt_paper *p = documents_of(&red)->record;
    assert_true(kt_str_is(p->title, kt_document_kind_of(KT_STR("data_sheet"))->title[KT_LANG_DE]));
    f->channel.language = "en";
    red = view_of(f, KT_UNIT_VARIANT, "s|V-R");
    p = documents_of(&red)->record;
    assert_true(kt_str_is(p->title, kt_document_kind_of(KT_STR("data_sheet"))->title[KT_LANG_EN]));
}

/* The product group is the article's own where it has one, else that of its page. */
static void articles__have_the_group_of_their_own_record_first(void **state)
{
    struct fake *f = *state;
    struct kt_article a[3] = { { 0 } };
    const struct kt_str sku[] = { KT_STR("V-R"), KT_STR("V-B"), KT_STR("NONE") };
    struct kt_product p = { 0 };
    struct kt_err e = { 0 };
    KT_PUT(&p, kt_product_shape, scope, KT_STR("s"));
    KT_PUT(&p, kt_product_shape, id, KT_STR("P-1"));
    KT_PUT(&p, kt_product_shape, product_group, KT_STR("HEAD"));
    fake_later(f, 1);
    kit_put(f, KT_KIND_PRODUCT, &p, false);
    p.present = 0;
    KT_PUT(&p, kt_product_shape, scope, KT_STR("s"));
    KT_PUT(&p, kt_product_shape, id, KT_STR("V-R"));
    KT_PUT(&p, kt_product_shape, product_group, KT_STR("OWN"));
    kit_put(f, KT_KIND_PRODUCT, &p, false);
    assert_int_equal(kt_articles_read(&f->work, KT_STR("s"), sku, 3, a, &e), KT_OK);
    assert_true(kt_str_is(a[0].goods.family, "OWN") && kt_str_is(a[0].goods.product, "P-1"));
    assert_true(kt_str_is(a[0].product->id, "V-R"));
    assert_true(kt_str_is(a[1].goods.family, "HEAD") && kt_str_is(a[1].product->id, "P-1"));
    assert_null(a[2].variant);
    assert_true(kt_str_is(a[2].goods.sku, "NONE"));
}

/* Deleted and back again: first learned long ago, and not gone. */
static void versions__are_what_is_known_now(void **state)
{
    static struct kt_document one;
    static struct kt_document two;
    (void)state;
    struct kt_arena *a = kt_arena_new();
    const struct kt_past past[] = {
        { KT_STR("s|D|1"), 1, 100, false, KT_STR("x"), &one },
        { KT_STR("s|D|1"), 2, 200, true, KT_STR("x"), &one },
        { KT_STR("s|D|1"), 3, 300, false, KT_STR("x"), &two },
        { KT_STR("s|D|2"), 1, 150, false, KT_STR("x"), &one },
        { KT_STR("s|D|2"), 2, 160, true, KT_STR("x"), &one },
        { KT_STR("s|D|2"), 3, 170, true, KT_STR("x"), &one },
        { KT_STR("s|D|3"), 1, 180, true, KT_STR("x"), &one },
    };
    struct kt_document_version *v = NULL;
    size_t count = 0;
    kt_versions_of_past(past, KT_COUNT(past), &v, &count, a);
    assert_int_equal(count, 2);
    assert_true(v[0].document == &two && v[0].rev == 3 && v[0].first_us == 100 &&
                v[0].known_us == 300 && v[0].gone_us == KT_NEVER);
    assert_true(v[1].document == &one && v[1].rev == 1 && v[1].known_us == 150 &&
                v[1].gone_us == 160);
    kt_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(view__shows_what_holds_with_its_address, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(page__names_each_paper_once, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(off__part_is_absent_and_nothing_is_shown, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(kinds__are_those_of_the_channel_else_the_public_ones,
                                        open_fake, close_fake),
        cmocka_unit_test_setup_teardown(clock__brings_the_next_version, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(title__is_that_of_the_kind_where_it_has_none, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(articles__have_the_group_of_their_own_record_first,
                                        open_fake, close_fake),
        cmocka_unit_test(versions__are_what_is_known_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
