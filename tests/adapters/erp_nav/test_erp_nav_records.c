/* What the NAV adapter makes of rows: articles with all that stands beside them, categories,
 * customers, deliveries with serial numbers; and odd rows, which spoil nobody but themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "playing.h"

static struct playing t;

#define NOTHING KT_STR("")

static const char *file_of(const char *name)
{
    char path[512];
    static char body[100000];
    snprintf(path, sizeof path, KT_TEST_ROOT "/tests/adapters/erp_nav/answers/%s", name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(body, 1, sizeof body - 1, f);
    fclose(f);
    body[n] = '\0';
    return body;
}

/* The page once, and nothing behind it. */
static void give_file(const char *service, const char *file)
{
    give_once(&t, service, NULL, file_of(file));
    give(&t, service, NULL, "");
}

static struct kt_page catalogue(void)
{
    give_file("KontorItem", "items.xml");
    give_file("KontorItemVariant", "variants.xml");
    give_file("KontorItemReference", "references.xml");
    give_file("KontorItemTranslation", "translations.xml");
    give_file("KontorItemAttribute", "attributes.xml");
    give_file("KontorItemUnit", "units.xml");
    give_file("KontorTrackingCode", "tracking.xml");
    give_file("KontorUnitOfMeasure", "uom.xml");
    return pull_from(&t, KT_FEED_CATALOGUE, NOTHING, 100);
}

static int each_set_up(void **state)
{
    (void)state;
    if (play_start(&t) != 0)
        return -1;
    play_open(&t);
    return 0;
}

static int each_tear_down(void **state)
{
    (void)state;
    return play_stop(&t);
}

static void article__is_product_and_variant_in_one(void **state)
{
    (void)state;
    struct kt_page page = catalogue();
    const struct kt_product *p = record(&t, &page, KT_KIND_PRODUCT, "nav|1000");
    const struct kt_variant *v = record(&t, &page, KT_KIND_VARIANT, "nav|1000");
    is_text(p->brand, "FUNKEL");
    is_text(p->product_group, "LAMPEN");
    is_text(p->tax_class, "VAT19");
    is_text(p->supplier, "10000");
    assert_int_equal(p->lifecycle, KT_ACTIVE);
    is_text(((const struct kt_ref *)p->categories.item)->id, "LAMPEN");
    assert_int_equal(p->axes.count, 0);
    is_text(v->product, "1000");
    is_text(v->base_unit, "STK");
    is_text(v->sales_unit, "KARTON");
    is_text(v->mpn, "FB-77");
    is_text(v->origin, "AT");
    is_text(v->tariff_no, "9405 21 90");
    is_dec(v->net_weight, "1.25");
    is_dec(v->shipping_weight, "1.5");
    is_dec(v->length, "300"); /* centimetres over there */
    is_dec(v->width, "125");
    assert_false(KT_HAS(v, kt_variant_shape, height));        /* zero: not measured */
    assert_false(KT_HAS(v, kt_variant_shape, quantity_step)); /* a figure of purchase planning */
    assert_true(v->serial_required);
    assert_int_equal(v->units.count, 2);
    assert_int_equal(page.changes.item[0].as_of_us, page.changes.item[1].as_of_us);
    assert_true(page.changes.item[0].as_of_us >
                INT64_C(1700000000000000)); /* 1902 is no revision */
}

static void article__has_texts_by_language(void **state)
{
    (void)state;
    struct kt_page page = catalogue();
    const struct kt_product *p = record(&t, &page, KT_KIND_PRODUCT, "nav|1000");
    const struct kt_text *text = p->texts.item; /* sorted by the check */
    assert_int_equal(p->texts.count, 2);
    is_text(text[0].language, "de");
    is_text(text[0].name, "Schreibtischleuchte"); /* the item's own words */
    is_text(text[0].short_text, "schwarz");
    is_text(text[1].language, "en");
    is_text(text[1].name, "Desk lamp"); /* the first of two that are English */
    is_text(text[1].short_text, "black");
}

static void article__has_attributes_with_units(void **state)
{
    (void)state;
    struct kt_page page = catalogue();
    const struct kt_product *p = record(&t, &page, KT_KIND_PRODUCT, "nav|1000");
    const struct kt_attribute *a = p->attributes.item;
    assert_int_equal(p->attributes.count, 2);
    is_text(a[0].code, "Breite");
    is_text(a[0].value, "12.5");
    is_text(a[0].unit, "CM");
    is_text(a[1].value, "schwarz, weiß");
    assert_false(KT_HAS(&a[1], kt_attribute_shape, unit));
}

static void article__has_gtins_by_unit_and_other_numbers(void **state)
{
    (void)state;
    struct kt_page page = catalogue();
    const struct kt_variant *v = record(&t, &page, KT_KIND_VARIANT, "nav|1000");
    const struct kt_gtin *g = v->gtins.item;
    assert_int_equal(v->gtins.count, 2);
    is_text(g[0].code, "4006381333931");
    is_text(g[0].unit, "STK");
    assert_true(g[0].is_primary);
    is_text(g[1].code, "5901234123457");
    is_text(g[1].unit, "KARTON");
    assert_false(g[1].is_primary);
    assert_int_equal(v->erp_references.count, 1); /* the house code; the customer's is not ours */
    is_text(((const struct kt_ref *)v->erp_references.item)->id, "R0001");
}

static void article__with_odd_fields_is_read(void **state)
{
    (void)state;
    static const char *const attributes[] = { "Brand_Code=brand", "Season=season",
                                              "Not_There=other" };
    t.conf.attributes = (struct kt_conf_texts){ attributes, 3 };
    play_again(&t);
    struct kt_page page = catalogue();
    const struct kt_product *p = record(&t, &page, KT_KIND_PRODUCT, "nav|1001");
    const struct kt_variant *v = record(&t, &page, KT_KIND_VARIANT, "nav|1001");
    is_text(((const struct kt_text *)p->texts.item)->name, "Kabel  Meterware");
    assert_int_equal(p->lifecycle, KT_DISCONTINUED);
    assert_int_equal(p->attributes.count, 1); /* "_blank_" and what is missing are none */
    is_text(((const struct kt_attribute *)p->attributes.item)->code, "brand");
    is_text(((const struct kt_attribute *)p->attributes.item)->value, "A=B");
    assert_false(KT_HAS(v, kt_variant_shape, net_weight));
    assert_false(KT_HAS(v, kt_variant_shape, origin)); /* a place-holder is no country */
    assert_int_equal(v->gtins.count, 0);               /* a wrong check digit */
    is_text(((const struct kt_ref *)v->erp_references.item)->id, "4006381333932");
    v = record(&t, &page, KT_KIND_VARIANT, "nav|Z9");
    assert_false(KT_HAS(v, kt_variant_shape, base_unit));
    assert_int_equal(v->gtins.count, 0);
}

static void article__with_variants_is_a_product_alone(void **state)
{
    (void)state;
    struct kt_page page = catalogue();
    const struct kt_product *p = record(&t, &page, KT_KIND_PRODUCT, "nav|SP-1006");
    assert_null(change_of(&t, &page, KT_KIND_VARIANT, "nav|SP-1006"));
    assert_int_equal(p->axes.count, 1);
    is_text(((const struct kt_axis *)p->axes.item)->code, "variant");
    static const struct {
        const char *key;
        const char *value;
    } known[] = { { "nav|SP-1006.BLACK", "Black" },
                  { "nav|SP-1006.RED", "Red" },
                  { "nav|SP-1006.W.1", "Weiß" },
                  { "nav|SP-1006.PLAIN", "PLAIN" } };
    for (size_t i = 0; i < KT_COUNT(known); i++) {
        const struct kt_variant *v = record(&t, &page, KT_KIND_VARIANT, known[i].key);
        is_text(v->product, "SP-1006");
        assert_int_equal(v->axis_values.count, 1);
        is_text(((const struct kt_axis_value *)v->axis_values.item)->value, known[i].value);
        is_dec(v->shipping_weight, "2");
    }
    const struct kt_variant *red = record(&t, &page, KT_KIND_VARIANT, "nav|SP-1006.RED");
    assert_int_equal(red->gtins.count, 1); /* those of the item as a whole are nobody's */
    is_text(((const struct kt_gtin *)red->gtins.item)->code, "96385074");
    is_text(((const struct kt_gtin *)red->gtins.item)->unit, "STK");
    assert_int_equal(red->erp_references.count, 2); /* number and code */
    assert_int_equal(fault_of(&t, &page, KT_KIND_VARIANT, "nav|SP-1006.?")->code,
                     KT_E_FIELD_MISSING); /* the variant without a code */
}

static void axes__stand_in_the_variants_description(void **state)
{
    (void)state;
    static const char *const axes[] = { "colour", "size" };
    t.conf.axes = (struct kt_conf_texts){ axes, 2 };
    play_again(&t);
    give_once(&t, "KontorItem", NULL,
              "<KontorItem><Key>1</Key><No>H1</No><Description>Hemd</Description></KontorItem>");
    give_once(&t, "KontorItemVariant", NULL,
              "<KontorItemVariant><Key>1</Key><Item_No>H1</Item_No><Code>A</Code>"
              "<Description>Hemd, rot / XL</Description></KontorItemVariant>"
              "<KontorItemVariant><Key>2</Key><Item_No>H1</Item_No><Code>B</Code>"
              "<Description>Hemd, blau</Description></KontorItemVariant>");
    give(&t, "KontorItemVariant", NULL, "");
    static const char *const sides[] = { "KontorItemReference", "KontorItemTranslation",
                                         "KontorItemAttribute", "KontorItemUnit",
                                         "KontorTrackingCode" };
    for (size_t i = 0; i < KT_COUNT(sides); i++)
        give(&t, sides[i], NULL, "");
    struct kt_page page = pull_from(&t, KT_FEED_CATALOGUE, NOTHING, 100);
    const struct kt_product *p = record(&t, &page, KT_KIND_PRODUCT, "nav|H1");
    assert_int_equal(p->axes.count, 2);
    const struct kt_variant *a = record(&t, &page, KT_KIND_VARIANT, "nav|H1.A");
    const struct kt_axis_value *value = a->axis_values.item;
    assert_int_equal(a->axis_values.count, 2);
    is_text(value[0].axis, "colour");
    is_text(value[0].value, "rot");
    is_text(value[1].value, "XL");
    const struct kt_variant *b = record(&t, &page, KT_KIND_VARIANT, "nav|H1.B");
    assert_int_equal(b->axis_values.count, 0); /* one value for two axes: trade says which */
}

static void row__that_cannot_be_read_spoils_itself_alone(void **state)
{
    (void)state;
    struct kt_page page = catalogue();
    static const char *const broken[] = { "nav|X1", "nav|X2", "nav|X3", "nav|X4" };
    static const char *const field[] = { "Net_Weight", "Net_Weight", "Blocked",
                                         "Qty_per_Unit_of_Measure" };
    for (size_t i = 0; i < KT_COUNT(broken); i++) {
        const struct kt_verdict *v = fault_of(&t, &page, KT_KIND_PRODUCT, broken[i]);
        assert_int_equal(v->code, KT_E_FIELD_INVALID);
        assert_string_equal(v->param[1].value, field[i]);
        (void)fault_of(&t, &page, KT_KIND_VARIANT, broken[i]);
    }
    (void)record(&t, &page, KT_KIND_VARIANT, "nav|Z9");
}

static void units__by_their_standard_code_where_it_tells_them_apart(void **state)
{
    (void)state;
    t.conf.unit_codes = KT_NAV_UNITS_ISO;
    t.conf.order_multiple = true;
    play_again(&t);
    struct kt_page page = catalogue();
    const struct kt_variant *v = record(&t, &page, KT_KIND_VARIANT, "nav|1000");
    is_text(v->base_unit, "PCE");
    is_text(v->sales_unit, "CT");
    is_text(((const struct kt_unit_of *)v->units.item)[0].unit, "CT");
    is_dec(v->quantity_step, "12");
}

static void category__tree(void **state)
{
    (void)state;
    give_file("KontorItemCategory", "categories.xml");
    struct kt_page page = pull_from(&t, KT_FEED_CATEGORIES, NOTHING, 100);
    assert_true(page.is_snapshot);
    const struct kt_category *c = record(&t, &page, KT_KIND_CATEGORY, "nav|LAMPEN");
    is_text(c->parent, "WOHNEN");
    assert_int_equal(c->position, 20);
    is_text(((const struct kt_text *)c->texts.item)->name, "Leuchten");
    c = record(&t, &page, KT_KIND_CATEGORY, "nav|WOHNEN");
    is_text(((const struct kt_text *)c->texts.item)->name, "WOHNEN");
    assert_false(KT_HAS(c, kt_category_shape, parent));
    (void)fault_of(&t, &page, KT_KIND_CATEGORY, "nav|X");
}

static void customer__business_and_private(void **state)
{
    (void)state;
    give_file("KontorCustomer", "customers.xml");
    struct kt_page page = pull_from(&t, KT_FEED_CUSTOMERS, NOTHING, 100);
    const struct kt_customer *c = record(&t, &page, KT_KIND_CUSTOMER, "nav|10001");
    assert_int_equal(c->kind, KT_CUSTOMER_B2B);
    is_text(c->name, "Lichtwerkstatt Funkelbach GmbH");
    is_text(c->customer_group, "GROSS");
    is_text(c->country, "DE");
    assert_false(c->is_blocked);
    c = record(&t, &page, KT_KIND_CUSTOMER, "nav|10002");
    assert_int_equal(c->kind, KT_CUSTOMER_B2C);
    assert_true(c->is_blocked);
    assert_false(KT_HAS(c, kt_customer_shape, country));
    assert_null(change_of(&t, &page, KT_KIND_CUSTOMER, "nav|90000")); /* the one-time account */
}

static const struct kt_shipment *shipment(const struct kt_page *page, size_t at)
{
    struct kt_err e = { 0 };
    assert_true(at < page->shipments.count);
    struct kt_shipment *s = &page->shipments.item[at];
    if (kt_shape_check(&kt_shipment_shape, s, t.arena, &e) != KT_OK)
        fail_msg("%s %s", e.v.param[0].value, e.v.param[1].value);
    return s;
}

static void shipment__with_serial_numbers(void **state)
{
    (void)state;
    give_file("KontorShipment", "shipments.xml");
    give_file("KontorItemLedger", "ledger.xml");
    give(&t, "KontorTrackingCode", NULL, "");
    struct kt_page page = pull_from(&t, KT_FEED_SHIPMENTS, NOTHING, 100);
    assert_int_equal(page.changes.count, 0);
    assert_false(page.is_snapshot);
    assert_int_equal(page.shipments.count, 2); /* the third one holds texts only */
    const struct kt_shipment *s = shipment(&page, 0);
    is_text(s->id, "102001");
    is_text(s->order_key, "KABC");
    is_text(s->order_number, "101001");
    assert_true(s->shipped.y == 1903 && s->shipped.d == 26);
    is_text(s->carrier, "DHL");
    is_text(s->service, "EXPRESS");
    is_text(s->tracking_no, "0034");
    assert_int_equal(s->lines.count, 2); /* goods alone */
    const struct kt_shipment_line *l = s->lines.item;
    is_text(l[0].id, "10000");
    is_text(l[0].order_line, "item-12");
    is_text(l[0].sku, "1000");
    is_dec(l[0].quantity, "2");
    is_text(l[0].unit, "STK");
    assert_int_equal(l[0].serials.count, 2);
    is_text(((const struct kt_ref *)l[0].serials.item)[1].id, "SN-2");
    is_text(l[1].sku, "SP-1006.RED");
    assert_int_equal(l[1].serials.count, 0);
    s = shipment(&page, 1);
    is_text(s->order_number, "101002"); /* told by its lines */
    assert_true(s->shipped.y == 2026 && s->shipped.d == 20);
    const char *asked = script_request(&t.nav, "/Page/KontorShipment ", 0);
    assert_non_null(strstr(asked, "<Field>Kontor_Key</Field><Criteria>&lt;&gt;"));
    assert_null(strstr(asked, "Posting_Date"));
}

static void shipment__changes_look_back_some_days(void **state)
{
    (void)state;
    give(&t, "KontorShipment", NULL, "");
    give(&t, "KontorTrackingCode", NULL, "");
    struct kt_page page = pull_from(&t, KT_FEED_SHIPMENTS, NOTHING, 100);
    page = pull_from(&t, KT_FEED_SHIPMENTS, kt_str_copy(t.arena, page.next), 100);
    char day[16];
    kt_day_text(kt_day_of(kt_now_us() - 14 * KT_DAY_US), day);
    const char *wanted =
        kt_format(t.arena, "<Field>Posting_Date</Field><Criteria>%.2s.%.2s.%.2s..<", day + 8,
                  day + 5, day + 2);
    const char *asked = script_request(&t.nav, "/Page/KontorShipment ", 1);
    assert_non_null(strstr(asked, wanted));
    assert_non_null(strstr(asked, "Kontor_Key"));
}

static void names__of_the_site_are_its_own(void **state)
{
    (void)state;
    static const char *const services[] = { "category=ItemCategoryCard" };
    static const char *const fields[] = { "category.Parent_Category=Parent_Code" };
    t.conf.services = (struct kt_conf_texts){ services, 1 };
    t.conf.fields = (struct kt_conf_texts){ fields, 1 };
    play_again(&t);
    give_once(&t, "ItemCategoryCard", "urn:microsoft-dynamics-schemas/page/itemcategorycard\"",
              "<ItemCategoryCard><Key>1</Key><Code>A</Code><Parent_Code>B</Parent_Code>"
              "<Parent_Category>C</Parent_Category></ItemCategoryCard>");
    give(&t, "ItemCategoryCard", NULL, "");
    struct kt_page page = pull_from(&t, KT_FEED_CATEGORIES, NOTHING, 100);
    is_text(((const struct kt_category *)record(&t, &page, KT_KIND_CATEGORY, "nav|A"))->parent,
            "B");
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, each_set_up, each_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(article__is_product_and_variant_in_one),
        EACH(article__has_texts_by_language),
        EACH(article__has_attributes_with_units),
        EACH(article__has_gtins_by_unit_and_other_numbers),
        EACH(article__with_odd_fields_is_read),
        EACH(article__with_variants_is_a_product_alone),
        EACH(axes__stand_in_the_variants_description),
        EACH(row__that_cannot_be_read_spoils_itself_alone),
        EACH(units__by_their_standard_code_where_it_tells_them_apart),
        EACH(category__tree),
        EACH(customer__business_and_private),
        EACH(shipment__with_serial_numbers),
        EACH(shipment__changes_look_back_some_days),
        EACH(names__of_the_site_are_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
