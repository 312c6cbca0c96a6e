/* The whole catalogue out of recorded answers: generic articles and their variants, media,
 * categories, units, price kinds, expected stock, customers; and odd rows, which spoil nobody but
 * themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "recorded.h"

static struct recorded t;

#define EIGHT_O_CLOCK INT64_C(1795248000000000) /* 2026-11-21 08:00 UTC */

static void generic__article_is_a_product_alone(void **state)
{
    (void)state;
    struct kt_page page = pull(&t, KT_FEED_CATALOGUE, "matrix.xml", KT_OK);
    assert_true(page.is_snapshot && page.is_more && page.has_total);
    assert_int_equal(page.total, 5); /* of products: the feed's first kind */
    assert_int_equal(page.begun_us, EIGHT_O_CLOCK);
    assert_int_equal(page.changes.count, 8);
    /* told by its axes, by the flag, by a variant beside it */
    assert_null(change_of(&t, &page, KT_KIND_VARIANT, "main|G-1"));
    assert_null(change_of(&t, &page, KT_KIND_VARIANT, "main|G-2"));
    assert_null(change_of(&t, &page, KT_KIND_VARIANT, "main|G-3"));
    assert_null(change_of(&t, &page, KT_KIND_PRODUCT, "main|G-1-R-S"));
    (void)record(&t, &page, KT_KIND_PRODUCT, "main|G-3", false);
    const struct kt_variant *v = record(&t, &page, KT_KIND_VARIANT, "main|G-3-1", false);
    assert_true(kt_str_is(v->product, "G-3"));
    (void)record(&t, &page, KT_KIND_VARIANT, "main|K-1", false);
}

static void generic__article_says_what_holds_for_all(void **state)
{
    (void)state;
    struct kt_page page = pull(&t, KT_FEED_CATALOGUE, "matrix.xml", KT_OK);
    const struct kt_product *p = record(&t, &page, KT_KIND_PRODUCT, "main|G-1", false);
    assert_true(kt_str_is(p->model_id, "LS") && kt_str_is(p->supplier, "Funkelbach"));
    assert_true(kt_str_is(p->weee_category, "5") && kt_str_is(p->dangerous_goods, "UN3481, 9"));
    assert_true(kt_str_is(p->successor, "G-2"));
    assert_int_equal(p->sale_from.m, 3);
    assert_false(KT_HAS(p, kt_product_shape, sale_until));
    assert_int_equal(p->axes.count, 2);
    const struct kt_axis *axis = p->axes.item; /* the check has sorted them by position */
    assert_true(kt_str_is(axis[0].code, "COLOUR") && kt_str_is(axis[1].code, "SIZE"));
    assert_int_equal(p->categories.count, 1);
    assert_true(kt_str_is(((const struct kt_ref *)p->categories.item)->id, "SEATS"));
    assert_int_equal(p->media.count, 2);
    const struct kt_media *m = p->media.item;
    assert_true(kt_str_is(m[0].url, "https://media.example/g-1.jpg?a=1&b=2"));
    assert_true(m[0].sha256.n == 64 && m[0].sha256.p[0] == 'a' && kt_str_is(m[0].role, "image"));
    assert_true(kt_str_is(m[1].language, "de") && kt_str_is(m[1].role, "manual"));
    assert_true(kt_str_is(m[0].alt, "Stuhl"));
}

static void variant__keeps_its_own(void **state)
{
    (void)state;
    struct kt_page page = pull(&t, KT_FEED_CATALOGUE, "matrix.xml", KT_OK);
    const struct kt_variant *v = record(&t, &page, KT_KIND_VARIANT, "main|G-1-R-S", false);
    assert_int_equal(v->attributes.count, 2);
    is_dec(v->length, "300");
    is_dec(v->width, "125");
    is_dec(v->height, "80");
    assert_true(kt_str_is(v->sales_unit, "CT"));
    is_dec(v->quantity_step, "2");
    assert_int_equal(v->units.count, 2); /* the same carton twice is one */
    const struct kt_unit_of *u = v->units.item;
    assert_true(kt_str_is(u[0].unit, "CT"));
    is_dec(u[0].numerator, "12");
    is_dec(u[0].denominator, "1");
    assert_int_equal(v->sale_from.m, 3);
    assert_int_equal(v->sale_until.d, 31);
    assert_int_equal(v->media.count, 1);
    v = record(&t, &page, KT_KIND_VARIANT, "main|G-1-B-S", false);
    is_dec(v->length, "304.8");
    assert_false(KT_HAS(v, kt_variant_shape, quantity_step) ||
                 KT_HAS(v, kt_variant_shape, height) || KT_HAS(v, kt_variant_shape, sale_from));
    v = record(&t, &page, KT_KIND_VARIANT, "main|G-3-1", false);
    assert_false(KT_HAS(v, kt_variant_shape, length));
    const struct kt_attribute *raw = v->attributes.item;
    assert_true(kt_str_is(raw->code, "length_raw") && kt_str_is(raw->value, "5") &&
                kt_str_is(raw->unit, "4H"));
    /* a flat article's days stand with its variant, its categories with its product */
    v = record(&t, &page, KT_KIND_VARIANT, "main|K-1", false);
    const struct kt_product *p = record(&t, &page, KT_KIND_PRODUCT, "main|K-1", false);
    assert_int_equal(v->sale_until.m, 6);
    assert_false(KT_HAS(p, kt_product_shape, sale_until));
    assert_int_equal(p->categories.count, 1);
}

static void lifecycle__of_each_stage(void **state)
{
    static const struct {
        const char *key;
        int lifecycle;
    } row[] = { { "main|G-1-R-S", KT_PHASE_OUT },
                { "main|G-1-B-S", KT_DISCONTINUED },
                { "main|G-3-1", KT_DISCONTINUED }, /* active, but SAP refuses to sell it */
                { "main|K-1", KT_ACTIVE } };
    (void)state;
    struct kt_page page = pull(&t, KT_FEED_CATALOGUE, "matrix.xml", KT_OK);
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        const struct kt_variant *v = record(&t, &page, KT_KIND_VARIANT, row[i].key, false);
        assert_int_equal(v->lifecycle, row[i].lifecycle);
    }
    const struct kt_product *p = record(&t, &page, KT_KIND_PRODUCT, "main|G-2", false);
    assert_int_equal(p->lifecycle, KT_PLANNED);
}

/* A flat article that becomes a variant, or a generic one, must not stay what it was. */
static void delta__takes_away_what_an_article_no_longer_is(void **state)
{
    (void)state;
    struct kt_page page = pull(&t, KT_FEED_CATALOGUE, "matrix_delta.xml", KT_OK);
    assert_false(page.is_snapshot || page.has_total);
    assert_int_equal(page.begun_us, 0);
    assert_int_equal(page.changes.count, 8 + 3 + 3);
    (void)record(&t, &page, KT_KIND_VARIANT, "main|G-1", true);
    (void)record(&t, &page, KT_KIND_PRODUCT, "main|G-1-R-S", true);
    (void)record(&t, &page, KT_KIND_PRODUCT, "main|K-1", false);
    (void)record(&t, &page, KT_KIND_VARIANT, "main|K-1", false);
}

static void odd_rows__become_faults_beside_sound_ones(void **state)
{
    static const struct {
        const char *key, *field, *value;
    } row[] = {
        { "main|BAD-WEIGHT", "NET_WEIGHT", "1,5" },
        { "main|BAD-LONG", "GROSS_WEIGHT", "1234567890123456789.5" },
        { "main|BAD-LENGTH", "LENGTH", NULL },
        { "main|BAD-DAY", "VALID_TO", "2026-02-30" },
        { "main|BAD-STAGE", "LIFECYCLE", "Z" },
        { "main|BAD-STEP", "QTY_STEP", "-1.000" },
        { "main|BAD-MEDIA", "ET_MEDIA-URL (position 2)", NULL },
        { "main|BAD-AXIS", "ET_AXIS-POSITION", "first" },
        { "main|BAD-UNIT", "ET_UNIT-NUMERATOR", "0.000" },
        { "main|BAD-CATEGORY", "ET_ARTICLE_CATEGORY-CATEGORY", NULL },
        { "main|BAD-NEST", "PARENT", "G-9" },
    };
    (void)state;
    struct kt_page page = pull(&t, KT_FEED_CATALOGUE, "articles_odd.xml", KT_OK);
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        const struct kt_verdict *v = fault(&t, &page, KT_KIND_PRODUCT, row[i].key);
        assert_int_equal(v->code, row[i].value != NULL ? KT_E_FIELD_INVALID : KT_E_FIELD_MISSING);
        assert_string_equal(v->param[1].value, row[i].field);
        if (row[i].value != NULL)
            assert_string_equal(v->param[2].value, row[i].value);
    }
    (void)record(&t, &page, KT_KIND_PRODUCT, "main|OK-1", false);
    (void)record(&t, &page, KT_KIND_VARIANT, "main|OK-2", false);
    const struct kt_change *c = change_of(&t, &page, KT_KIND_VARIANT, "main|BAD-DAY");
    KT_ASSERT(c != NULL);
    assert_false(KT_HAS((const struct kt_variant *)c->record, kt_variant_shape, base_unit));
}

static void media__without_address_is_told_in_a_sentence(void **state)
{
    char sentence[400];
    (void)state;
    struct kt_page page = pull(&t, KT_FEED_CATALOGUE, "articles_odd.xml", KT_OK);
    kt_sentence(fault(&t, &page, KT_KIND_VARIANT, "main|BAD-MEDIA"), KT_LANG_EN, sentence,
                sizeof sentence);
    assert_non_null(strstr(sentence, "article BAD-MEDIA"));
    assert_non_null(strstr(sentence, "ET_MEDIA-URL (position 2)"));
}

static void prices__say_for_whom_and_of_what_kind(void **state)
{
    static const struct {
        const char *key;
        int kind;
        int64_t priority;
        const char *customer, *group, *market;
    } row[] = { { "main|1", KT_PRICE_LIST, 0, NULL, NULL, NULL },
                { "main|2", KT_PRICE_SALE, 5, NULL, "02", NULL },
                { "main|3", KT_PRICE_LOWEST_30D, 0, NULL, NULL, "AT" },
                { "main|4", KT_PRICE_LEVY, -1, "4711", NULL, NULL },
                { "main|5", KT_PRICE_REFERENCE, 0, NULL, NULL, NULL } };
    (void)state;
    struct kt_page page = pull(&t, KT_FEED_PRICES, "prices_for.xml", KT_OK);
    assert_true(page.has_total);
    assert_int_equal(page.total, 12);
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        const struct kt_price *p = record(&t, &page, KT_KIND_PRICE, row[i].key, false);
        assert_int_equal(p->kind, row[i].kind);
        assert_int_equal(p->priority, row[i].priority);
        assert_true(kt_str_eq(p->customer, kt_str_of(row[i].customer)));
        assert_true(kt_str_eq(p->customer_group, kt_str_of(row[i].group)));
        assert_true(kt_str_eq(p->market, kt_str_of(row[i].market)));
    }
    assert_string_equal(fault(&t, &page, KT_KIND_PRICE, "main|6")->param[1].value, "KIND");
    assert_int_equal(fault(&t, &page, KT_KIND_PRICE, "main|7")->code, KT_E_FIELD_MISSING);
    assert_string_equal(fault(&t, &page, KT_KIND_PRICE, "main|8")->param[2].value, "12,50");
    assert_string_equal(fault(&t, &page, KT_KIND_PRICE, "main|9")->param[1].value, "PRIORITY");
    assert_string_equal(fault(&t, &page, KT_KIND_PRICE, "main|")->param[0].value, "price of K-7");
    assert_string_equal(fault(&t, &page, KT_KIND_PRICE, "main|11")->param[1].value, "CHANGED_AT");
}

static void stock__says_what_is_on_its_way(void **state)
{
    (void)state;
    struct kt_page page = pull(&t, KT_FEED_STOCK, "stock_expected.xml", KT_OK);
    const struct kt_stock *k = record(&t, &page, KT_KIND_STOCK, "main|K-1|1000", false);
    is_dec(k->other_demand, "1.5");
    assert_int_equal(k->expected.count, 2); /* not those of the other plant */
    const struct kt_expected *x = k->expected.item;
    assert_int_equal(x[0].day.d, 1);
    is_dec(x[0].quantity, "10");
    assert_int_equal(x[1].day.d, 5);
    is_dec(x[1].quantity, "52.5"); /* two deliveries on one day */
    assert_string_equal(fault(&t, &page, KT_KIND_STOCK, "main|K-1|2000")->param[1].value,
                        "AVAILABLE");
    assert_string_equal(fault(&t, &page, KT_KIND_STOCK, "main|K-2|1000")->param[1].value,
                        "ET_EXPECTED-DAY");
    k = record(&t, &page, KT_KIND_STOCK, "main|K-3|1000", false);
    assert_int_equal(k->expected.count, 0);
}

static void categories__are_a_snapshot(void **state)
{
    (void)state;
    struct kt_page page = pull(&t, KT_FEED_CATEGORIES, "categories.xml", KT_OK);
    assert_int_equal(kt_erp_sap.facts->feed[KT_FEED_CATEGORIES], KT_FEED_SNAPSHOT);
    assert_true(page.is_snapshot && !page.is_more && page.has_total);
    assert_int_equal(page.total, 4);
    assert_int_equal(page.next.n, 0); /* the next run begins anew */
    assert_non_null(strstr(answering_request(&t.server), "KONTOR_Z:Z_KONTOR_CATEGORIESRequest"));
    const struct kt_category *c = record(&t, &page, KT_KIND_CATEGORY, "main|LIGHT", false);
    assert_false(KT_HAS(c, kt_category_shape, parent));
    assert_int_equal(c->texts.count, 2);
    const struct kt_text *text = c->texts.item;
    assert_true(kt_str_is(text[0].language, "de") && kt_str_is(text[0].name, "Licht"));
    assert_true(kt_str_is(text[0].long_text, "Alles, was leuchtet"));
    c = record(&t, &page, KT_KIND_CATEGORY, "main|LAMPS", false);
    assert_true(kt_str_is(c->parent, "LIGHT"));
    assert_int_equal(c->position, 2);
    assert_string_equal(fault(&t, &page, KT_KIND_CATEGORY, "main|BROKEN")->param[1].value,
                        "POSITION");
    assert_int_equal(fault(&t, &page, KT_KIND_CATEGORY, "main|")->code, KT_E_FIELD_MISSING);
}

static void customers__come_and_go(void **state)
{
    (void)state;
    struct kt_page page = pull(&t, KT_FEED_CUSTOMERS, "accounts.xml", KT_OK);
    assert_int_equal(kt_erp_sap.facts->feed[KT_FEED_CUSTOMERS], KT_FEED_DELTA_DELETES);
    assert_int_equal(page.changes.count, 4);
    const struct kt_customer *c = record(&t, &page, KT_KIND_CUSTOMER, "main|4711", false);
    assert_int_equal(c->kind, KT_CUSTOMER_B2B);
    assert_true(kt_str_is(c->name, "Muster & Co") && kt_str_is(c->vat_id, "DE999999999"));
    assert_true(kt_str_is(c->email, "einkauf@muster.example") && kt_str_is(c->street, "Am Ufer 3"));
    assert_true(kt_str_is(c->postal_code, "17999") && kt_str_is(c->city, "Funkelbach"));
    assert_true(kt_str_is(c->country, "DE") && kt_str_is(c->price_list, "01"));
    assert_true(kt_str_is(c->customer_group, "02") && !c->is_blocked);
    assert_int_equal(page.changes.item[0].as_of_us, INT64_C(1793520000500000));
    c = record(&t, &page, KT_KIND_CUSTOMER, "main|4712", false);
    assert_true(c->kind == KT_CUSTOMER_B2C && c->is_blocked);
    assert_false(KT_HAS(c, kt_customer_shape, email));
    assert_string_equal(fault(&t, &page, KT_KIND_CUSTOMER, "main|4713")->param[1].value,
                        "CHANGED_AT");
    (void)record(&t, &page, KT_KIND_CUSTOMER, "main|4700", true);
}

/* What a snapshot lacks is taken for deleted, so nothing about its extent is guessed. */
static void snapshot__with_an_unreadable_extent_fails(void **state)
{
    (void)state;
    (void)pull(&t, KT_FEED_CUSTOMERS, "total_broken.xml", KT_RETRY);
    (void)pull(&t, KT_FEED_CUSTOMERS, "begun_broken.xml", KT_RETRY);
}

static bool is_ref(struct kt_list list, size_t at, const char *id)
{
    const struct kt_ref *ref = list.item;
    return at < list.count && kt_str_is(ref[at].id, id);
}

/* Sound but for its hash, which is known once its content is kept. */
static const struct kt_document *unkept(const struct kt_page *page, const char *key)
{
    const struct kt_change *c = change_of(&t, page, KT_KIND_DOCUMENT, key);
    if (c == NULL || c->fault != NULL || c->is_deleted)
        fail_msg("no sound document %s", key);
    return c->record;
}

static void documents__say_what_they_are_and_whom_they_cover(void **state)
{
    (void)state;
    struct kt_page page = pull(&t, KT_FEED_DOCUMENTS, "documents.xml", KT_OK);
    assert_int_equal(page.changes.count, 10);
    assert_int_equal(page.changes.item[0].as_of_us, EIGHT_O_CLOCK);
    const struct kt_document *d = unkept(&page, "main|DOC/K-1/000|02");
    assert_true(kt_str_is(d->type, "declaration_of_conformity") && kt_str_is(d->supersedes, "01"));
    assert_true(kt_str_is(d->media_type, "application/pdf") && d->size == 4711);
    assert_true(kt_str_is(d->reference, "DOC|K-1|02|000|A|B|20260301080000"));
    assert_int_equal(d->valid_from.m, 3);
    assert_false(KT_HAS(d, kt_document_shape, valid_until)); /* 9999-12-31 is no day */
    assert_false(KT_HAS(d, kt_document_shape, sha256));      /* what is not said is not made up */
    assert_int_equal(d->titles.count, 2);
    const struct kt_text *title = d->titles.item;
    assert_true(kt_str_is(title[0].language, "de") && kt_str_is(title[0].name, "Konformität"));
    assert_true(is_ref(d->languages, 0, "de") && is_ref(d->families, 0, "TV"));
    assert_true(is_ref(d->products, 0, "K-1") && is_ref(d->products, 1, "G-1"));
    assert_true(d->variants.count == 1 && is_ref(d->variants, 0, "K-1"));
    assert_true(is_ref(d->markets, 0, "DE") && is_ref(d->markets, 1, "AT"));

    d = unkept(&page, "main|DOC/K-2/000|00");
    assert_false(KT_HAS(d, kt_document_shape, valid_from)); /* 00000000 neither */
    assert_int_equal(d->valid_until.m, 12);
    assert_true(kt_str_is(d->sha256, "abcdef"));
    assert_false(KT_HAS(d, kt_document_shape, size));
    (void)record(&t, &page, KT_KIND_DOCUMENT, "main|DOC/K-9/000|01", true);
}

static void documents__that_cannot_be_read_are_told_alone(void **state)
{
    (void)state;
    struct kt_page page = pull(&t, KT_FEED_DOCUMENTS, "documents.xml", KT_OK);
    const struct {
        const char *key;
        const char *field;
    } odd[] = { { "main|DOC/DAY/000|01", "VALID_FROM" },
                { "main|DOC/REF/000|01", "REFERENCE" },
                { "main|DOC/SIZE/000|01", "FILE_SIZE" },
                { "main|DOC/LINK/000|01", "LINK-KIND" } };
    for (size_t i = 0; i < KT_COUNT(odd); i++) {
        const struct kt_verdict *v = fault(&t, &page, KT_KIND_DOCUMENT, odd[i].key);
        assert_string_equal(v->param[1].value, odd[i].field);
    }
    (void)fault(&t, &page, KT_KIND_CERTIFICATE, "main|CE|");
}

static void certificates__come_and_go(void **state)
{
    (void)state;
    struct kt_page page = pull(&t, KT_FEED_DOCUMENTS, "documents.xml", KT_OK);
    const struct kt_certificate *c =
        record(&t, &page, KT_KIND_CERTIFICATE, "main|CE|0197-1", false);
    assert_true(kt_str_is(c->issuer, "Prüfstelle") && kt_str_is(c->document, "DOC/K-1/000"));
    assert_int_equal(c->valid_from.y, 2025);
    assert_false(KT_HAS(c, kt_certificate_shape, valid_until));
    assert_int_equal(c->revoked_at, EIGHT_O_CLOCK);
    assert_true(is_ref(c->products, 0, "K-1") && is_ref(c->variants, 0, "K-1"));
    assert_int_equal(c->markets.count, 0);
    (void)record(&t, &page, KT_KIND_CERTIFICATE, "main|UL|E1", true);
}

static int setup(void **state)
{
    (void)state;
    return recorded_open(&t);
}

static int teardown(void **state)
{
    (void)state;
    return recorded_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(generic__article_is_a_product_alone),
        cmocka_unit_test(generic__article_says_what_holds_for_all),
        cmocka_unit_test(variant__keeps_its_own),
        cmocka_unit_test(lifecycle__of_each_stage),
        cmocka_unit_test(delta__takes_away_what_an_article_no_longer_is),
        cmocka_unit_test(odd_rows__become_faults_beside_sound_ones),
        cmocka_unit_test(media__without_address_is_told_in_a_sentence),
        cmocka_unit_test(prices__say_for_whom_and_of_what_kind),
        cmocka_unit_test(stock__says_what_is_on_its_way),
        cmocka_unit_test(categories__are_a_snapshot),
        cmocka_unit_test(customers__come_and_go),
        cmocka_unit_test(documents__say_what_they_are_and_whom_they_cover),
        cmocka_unit_test(documents__that_cannot_be_read_are_told_alone),
        cmocka_unit_test(certificates__come_and_go),
        cmocka_unit_test(snapshot__with_an_unreadable_extent_fails),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
