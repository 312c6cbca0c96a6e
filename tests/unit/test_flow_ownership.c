/* Two ERPs of one scope at the intake, and its brakes: src/flow/ownership.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_partner.h"
#include "flow/brakes.h"
#include "flow/intake.h"
#include "flow/ownership.h"
#include "store/exceptions.h"

#define MUST(call) assert_int_equal((call), KT_OK)

/* "main" leads products and variants, "pim" the texts and files of products. */
struct two {
    struct fake f;
    struct kt_erp_site erp[2];
    struct kt_intake_report report;
};

enum { MAIN = 0, PIM };

static uint64_t bit(const char *field)
{
    return UINT64_C(1) << (size_t)(kt_field_find(&kt_product_shape, field) -
                                   kt_product_shape.fields);
}

static void open_two(struct two *t)
{
    const uint64_t pims = bit("texts") | bit("media");
    memset(t, 0, sizeof *t);
    fake_open(&t->f);
    t->erp[MAIN] = t->erp[PIM] = t->f.erp;
    t->erp[MAIN].name = "main";
    t->erp[PIM].name = "pim";
    for (int kind = 0; kind < KT_KINDS; kind++) {
        t->erp[MAIN].lead[kind] = kind == KT_KIND_PRODUCT ? ~pims : ~UINT64_C(0);
        t->erp[PIM].lead[kind] = kind == KT_KIND_PRODUCT ? pims : 0;
        t->erp[MAIN].rivals[kind] = t->erp[PIM].lead[kind];
        t->erp[PIM].rivals[kind] = t->erp[MAIN].lead[kind];
    }
    t->f.site.erp = t->erp;
    t->f.site.erps = 2;
}

static void close_two(struct two *t)
{
    t->f.site.erp = &t->f.erp;
    t->f.site.erps = 1;
    fake_close(&t->f);
}

static struct kt_product *product(struct two *t, const char *id, const char *brand,
                                  const char *name)
{
    struct kt_arena *a = t->f.world.arena;
    struct kt_product *p = KT_NEW(a, struct kt_product);
    KT_PUT(p, kt_product_shape, scope, KT_STR("s"));
    KT_PUT(p, kt_product_shape, id, kt_str_of(id));
    if (brand != NULL)
        KT_PUT(p, kt_product_shape, brand, kt_str_of(brand));
    if (name != NULL) {
        struct kt_text *text = KT_NEW(a, struct kt_text);
        KT_PUT(text, kt_text_shape, language, KT_STR("de"));
        KT_PUT(text, kt_text_shape, name, kt_str_of(name));
        KT_PUT(p, kt_product_shape, texts, (struct kt_list){ text, 1 });
    }
    return p;
}

static void bring(struct two *t, int who, struct kt_change *change, size_t count)
{
    struct kt_err e = { 0 };
    struct kt_changes changes = {
        .item = change, .count = count, .room = count, .arena = t->f.world.arena
    };
    const struct kt_intake_from from = { .endpoint = t->erp[who].name, .site = &t->erp[who] };
    MUST(kt_intake(&t->f.work, &from, &changes, &(struct kt_intake_with){ 0 }, &t->report, &e));
}

static void bring_product(struct two *t, int who, int64_t as_of_us, struct kt_product *p,
                          bool is_deleted)
{
    struct kt_change c = {
        .kind = KT_KIND_PRODUCT, .as_of_us = as_of_us, .record = p, .is_deleted = is_deleted
    };
    bring(t, who, &c, 1);
}

/* "brand/name" of product P; "-" where there is none, "gone" or "none" instead of it. */
static const char *shown(struct two *t)
{
    struct kt_err e = { 0 };
    struct kt_stored s;
    const struct kt_str key = KT_STR("s|P");
    struct kt_arena *a = t->f.world.arena;
    MUST(kt_records_get(t->f.work.db, KT_KIND_PRODUCT, &key, 1, &s, a, &e));
    if (s.record == NULL || s.is_deleted)
        return s.record == NULL ? "none" : "gone";
    const struct kt_product *p = s.record;
    const struct kt_text *text = p->texts.item;
    return kt_format(a, "%s/%s", KT_HAS(p, kt_product_shape, brand) ? p->brand.p : "-",
                     p->texts.count > 0 ? text->name.p : "-");
}

/* The open exception of this key; its count in *times, 0: there is none. */
static struct kt_exception *exception(struct two *t, const char *key, int64_t *times)
{
    struct kt_err e = { 0 };
    struct kt_exception *x = NULL;
    size_t count = 0;
    *times = 0;
    MUST(kt_exception_list(t->f.work.db, false, 0, 100, &x, &count, t->f.world.arena, &e));
    for (size_t i = 0; i < count; i++) {
        if (strcmp(x[i].subject, "ownership") != 0 || !kt_str_is(x[i].key, key))
            continue;
        *times = x[i].times;
        return &x[i];
    }
    return NULL;
}

static void intake__takes_from_each_what_it_leads(void **state)
{
    static struct two t;
    int64_t times;
    char sentence[256];
    (void)state;
    open_two(&t);
    bring_product(&t, MAIN, 10, product(&t, "P", "Acme", "from main"), false);
    assert_string_equal(shown(&t), "Acme/-");
    bring_product(&t, PIM, 5, product(&t, "P", "from pim", "Lampe"), false);
    assert_string_equal(shown(&t), "Acme/Lampe");
    bring_product(&t, MAIN, 11, product(&t, "P", "Bolt", "from main"), false);
    assert_string_equal(shown(&t), "Bolt/Lampe");
    assert_int_equal(t.report.created, 1);
    assert_int_equal(t.report.changed, 2);
    assert_int_equal(t.report.refused, 0);
    /* one row per source and field, which counts */
    struct kt_exception *x = exception(&t, "product.texts", &times);
    assert_int_equal(times, 2);
    assert_true(kt_str_is(x->endpoint, "main"));
    kt_sentence(&x->v, KT_LANG_EN, sentence, sizeof sentence);
    assert_string_equal(sentence,
                        "main says product.texts of product s|P, which pim leads; it is left out");
    x = exception(&t, "product.brand", &times);
    assert_int_equal(times, 1);
    assert_true(kt_str_is(x->endpoint, "pim"));
    assert_int_equal(fake_open_exceptions(&t.f), 2);
    close_two(&t);
}

static void intake__refuses_a_deletion_by_who_leads_texts_only(void **state)
{
    static struct two t;
    int64_t times;
    (void)state;
    open_two(&t);
    bring_product(&t, MAIN, 10, product(&t, "P", "Acme", NULL), false);
    bring_product(&t, PIM, 10, product(&t, "P", NULL, "Lampe"), false);
    bring_product(&t, PIM, 20, product(&t, "P", NULL, NULL), true);
    assert_string_equal(shown(&t), "Acme/Lampe");
    assert_int_equal(t.report.refused, 1);
    (void)exception(&t, "product", &times);
    assert_int_equal(times, 1);
    bring_product(&t, MAIN, 20, product(&t, "P", NULL, NULL), true);
    assert_string_equal(shown(&t), "gone");
    assert_int_equal(t.report.deleted, 1);
    /* news of what is gone brings nothing to life */
    bring_product(&t, PIM, 30, product(&t, "P", NULL, "Leuchte"), false);
    assert_string_equal(shown(&t), "gone");
    bring_product(&t, MAIN, 21, product(&t, "P", "Acme", NULL), false);
    assert_string_equal(shown(&t), "Acme/Leuchte");
    close_two(&t);
}

/* The other records of the page go on. */
static void intake__leaves_out_records_that_a_source_does_not_lead_at_all(void **state)
{
    static struct two t;
    int64_t times;
    struct kt_err e = { 0 };
    int64_t variants = -1;
    (void)state;
    open_two(&t);
    struct kt_arena *a = t.f.world.arena;
    struct kt_change c[3] = { { .kind = KT_KIND_VARIANT, .as_of_us = 1 },
                              { .kind = KT_KIND_PRODUCT, .as_of_us = 1 },
                              { .kind = KT_KIND_VARIANT, .as_of_us = 1 } };
    for (int i = 0; i < 3; i += 2) {
        struct kt_variant *v = KT_NEW(a, struct kt_variant);
        KT_PUT(v, kt_variant_shape, scope, KT_STR("s"));
        KT_PUT(v, kt_variant_shape, sku, kt_str_of(kt_format(a, "V%d", i)));
        KT_PUT(v, kt_variant_shape, product, KT_STR("P"));
        c[i].record = v;
    }
    c[1].record = product(&t, "P", NULL, "Lampe");
    bring(&t, PIM, c, 3);
    assert_int_equal(t.report.refused, 2);
    MUST(kt_records_count(t.f.work.db, KT_KIND_VARIANT, &variants, &e));
    assert_int_equal(variants, 0);
    (void)exception(&t, "variant", &times);
    assert_int_equal(times, 1); /* per page, not per record */
    bring_product(&t, MAIN, 1, product(&t, "P", "Acme", NULL), false);
    assert_string_equal(shown(&t), "Acme/Lampe");
    close_two(&t);
}

static void exception__closes_when_the_configuration_gives_it(void **state)
{
    static struct two t;
    int64_t times;
    (void)state;
    open_two(&t);
    bring_product(&t, MAIN, 10, product(&t, "P", "Acme", "Lampe"), false);
    (void)exception(&t, "product.texts", &times);
    assert_int_equal(times, 1);
    bring_product(&t, MAIN, 11, product(&t, "P", "Acme", NULL), false); /* one page without */
    (void)exception(&t, "product.texts", &times);
    assert_int_equal(times, 1);
    memset(t.erp[MAIN].rivals, 0, sizeof t.erp[MAIN].rivals); /* pim is gone */
    bring_product(&t, MAIN, 12, product(&t, "P", "Acme", "Lampe"), false);
    (void)exception(&t, "product.texts", &times);
    assert_int_equal(times, 0);
    assert_string_equal(shown(&t), "Acme/Lampe");
    close_two(&t);
}

/* Main leads existence and pulls with the ERP's own revision time; pim has spoken later. */
static void brakes__deletions_of_one_of_two_sources_are_held(void **state)
{
    static struct two t;
    struct kt_err e = { 0 };
    (void)state;
    open_two(&t);
    t.erp[MAIN].brakes =
        (struct kt_brakes){ .delete_percent = 5, .price_percent = 30, .at_least = 1 };
    for (int i = 0; i < 10; i++) {
        const char *id = kt_format(t.f.world.arena, "P-%d", i);
        bring_product(&t, MAIN, 10, product(&t, id, "Acme", NULL), false);
        bring_product(&t, PIM, 100, product(&t, id, NULL, "Lampe"), false);
    }
    struct kt_change gone[10];
    for (int i = 0; i < 10; i++) {
        const char *id = kt_format(t.f.world.arena, "P-%d", i);
        gone[i] = (struct kt_change){ .kind = KT_KIND_PRODUCT,
                                      .as_of_us = 50,
                                      .record = product(&t, id, NULL, NULL),
                                      .is_deleted = true };
    }
    struct kt_brake_run b;
    MUST(kt_brake_begin(&b, &t.f.work, &t.erp[MAIN], "catalogue", 1, &e));
    struct kt_changes changes = { .item = gone, .count = 10, .room = 10, .arena = t.f.world.arena };
    const struct kt_intake_from from = { .endpoint = "main", .site = &t.erp[MAIN], .brakes = &b };
    struct kt_intake_report r = { 0 };
    MUST(kt_intake(&t.f.work, &from, &changes, &(struct kt_intake_with){ 0 }, &r, &e));
    assert_int_equal(r.deleted, 0);
    assert_int_equal(r.held, 10);
    close_two(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intake__takes_from_each_what_it_leads),
        cmocka_unit_test(intake__refuses_a_deletion_by_who_leads_texts_only),
        cmocka_unit_test(intake__leaves_out_records_that_a_source_does_not_lead_at_all),
        cmocka_unit_test(exception__closes_when_the_configuration_gives_it),
        cmocka_unit_test(brakes__deletions_of_one_of_two_sources_are_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
