/* A catalogue with the default mapping on the wc/v3 stand-in: categories, a page with variations,
 * pictures, prices and stock; what stands there is compared and listed; pages change their form. */
#include "script.h"
#include "shop.h"
#include "view.h"

struct hall {
    struct shop *shop;
    struct script *files; /* serves pictures */
};

static int hall_open(void **state)
{
    struct hall *h = calloc(1, sizeof *h);
    void *part = NULL;
    assert_non_null(h);
    assert_int_equal(shop_start(&part), 0);
    h->shop = part;
    assert_int_equal(script_start(&part), 0);
    h->files = part;
    *state = h;
    return 0;
}

static int hall_close(void **state)
{
    struct hall *h = *state;
    void *part = h->files;
    assert_int_equal(script_stop(&part), 0);
    part = h->shop;
    assert_int_equal(shop_stop(&part), 0);
    free(h);
    return 0;
}

static struct kt_str absent(void)
{
    return (struct kt_str){ NULL, 0 };
}

static struct kt_item item_of(struct hall *h, enum kt_unit unit, const char *sku,
                              const struct kt_view *v)
{
    return (struct kt_item){ .unit = unit,
                             .key = kt_str_of(kt_format(h->shop->a, "sap-800|%s", sku)),
                             .sku = kt_str_of(sku),
                             .payload = kt_str_of(mapped(kt_unit_name(unit), v, h->shop->a)) };
}

static void find(struct hall *h, struct kt_item *item)
{
    struct kt_err e = { 0 };
    if (kt_channel_woocommerce.find(h->shop->channel, item, 1, h->shop->a, &e) != KT_OK)
        fail_msg("%s", e.trail);
}

/* As flow does it: looked up when there is no link, then pushed; the link is kept in the item. */
static void put(struct hall *h, struct kt_item *item)
{
    struct kt_err e = { 0 };
    struct kt_result r = { .v = { .rc = KT_UNSURE } };
    char sentence[600];
    if (item->remote_id.p == NULL && item->unit != KT_UNIT_PRICE && item->unit != KT_UNIT_STOCK)
        find(h, item);
    enum kt_rc rc = kt_channel_woocommerce.push(h->shop->channel, item, 1, &r, h->shop->a, &e);
    kt_sentence(&r.v, KT_LANG_EN, sentence, sizeof sentence);
    if (rc != KT_OK || r.v.rc != KT_OK)
        fail_msg("%s: %s %s\n%s", item->key.p, sentence, e.trail, item->payload.p);
    if (r.remote_id.p != NULL)
        item->remote_id = r.remote_id;
    for (size_t i = 0; i < item->refs; i++) {
        if (item->ref[i].learned_id.p != NULL)
            item->ref[i].remote_id = item->ref[i].learned_id;
    }
}

static void is_as_sent(struct hall *h, const struct kt_item *item)
{
    struct kt_err e = { 0 };
    struct kt_compared out = { .v = { .rc = KT_UNSURE } };
    if (kt_channel_woocommerce.compare(h->shop->channel, item, 1, &out, h->shop->a, &e) != KT_OK)
        fail_msg("%s", e.trail);
    assert_int_equal(out.v.rc, KT_OK);
    if (!out.is_there)
        fail_msg("%s %s is not there", kt_unit_name(item->unit), item->key.p);
    if (out.count > 0)
        fail_msg("%s %s: %s is \"%s\", not \"%s\"", kt_unit_name(item->unit), item->key.p,
                 out.differs[0].field.p, out.differs[0].theirs.p, out.differs[0].ours.p);
}

/* --- a page with variations --- */

struct page {
    struct article *x;
    struct kt_item page;
    struct kt_item variant[2];
    struct kt_item_ref ref[4];
};

static void number_variants(struct article *x, const char *first, const char *second)
{
    KT_PUT(&x->variant[0], kt_variant_shape, sku, kt_str_of(first));
    KT_PUT(&x->variant[1], kt_variant_shape, sku, kt_str_of(second));
    x->variant[0].gtins.count = x->variant[1].gtins.count = 0;
}

static struct page *page_of(struct hall *h, const char *id, const char *first, const char *second)
{
    struct page *p = KT_NEW(h->shop->a, struct page);
    p->x = article_new(h->shop->a);
    KT_PUT(&p->x->product, kt_product_shape, id, kt_str_of(id));
    article_with_axis(p->x);
    number_variants(p->x, first, second);
    struct kt_view v = product_view(p->x, "de");
    p->page = item_of(h, KT_UNIT_PRODUCT, id, &v);
    for (size_t i = 0; i < 2; i++) {
        v = variant_view(p->x, i, "de");
        p->variant[i] = item_of(h, KT_UNIT_VARIANT, p->x->variant[i].sku.p, &v);
    }
    return p;
}

static void put_page(struct hall *h, struct page *p)
{
    put(h, &p->page);
    for (size_t i = 0; i < 2; i++) {
        p->variant[i].parent_id = p->page.remote_id;
        put(h, &p->variant[i]);
    }
}

static int64_t count_of(struct hall *h, const char *what)
{
    return shop_count(h->shop, what);
}

static void catalogue__stands_in_the_shop_as_sent(void **state)
{
    struct hall *h = *state;
    struct page *p = page_of(h, "P-1", "P-1-R", "P-1-B");
    struct kt_category top = p->x->category;
    struct kt_view v = category_view(p->x, "en");
    struct kt_item category[2] = { item_of(h, KT_UNIT_CATEGORY, "TOP", &v) };
    put(h, &category[0]);
    KT_PUT(&p->x->category, kt_category_shape, parent, KT_STR("TOP"));
    v = category_view(p->x, "de");
    category[1] = item_of(h, KT_UNIT_CATEGORY, "A|B", &v);
    struct kt_item_ref up = { KT_UNIT_CATEGORY, KT_STR("sap-800|TOP"), category[0].remote_id,
                              absent() };
    category[1].ref = &up;
    category[1].refs = 1;
    put(h, &category[1]);
    is_as_sent(h, &category[0]);
    is_as_sent(h, &category[1]);
    struct kt_item known = category[1];
    known.remote_id = absent();
    find(h, &known);
    assert_string_equal(known.remote_id.p, category[1].remote_id.p);
    p->x->category = top;

    article_in_full(p->x);
    const char *a = kt_format(h->shop->a, "%s/a.gif", h->files->url);
    const char *b = kt_format(h->shop->a, "%s/b.gif", h->files->url);
    put_media(&p->x->media[0], 2, b, "bb22", "Seite");
    put_media(&p->x->media[1], 1, a, NULL, NULL);
    script_begin(h->files);
    script_then(h->files, "GIF89a one");
    script_then(h->files, "GIF89a two");
    v = product_view(p->x, "de");
    p->page = item_of(h, KT_UNIT_PRODUCT, "P-1", &v);
    p->ref[0] = (struct kt_item_ref){ KT_UNIT_CATEGORY, KT_STR("sap-800|A%7CB"),
                                      category[1].remote_id, absent() };
    p->ref[1] = (struct kt_item_ref){ KT_UNIT_MEDIA, kt_str_of(a), absent(), absent() };
    p->ref[2] = (struct kt_item_ref){ KT_UNIT_MEDIA, KT_STR("bb22"), absent(), absent() };
    p->page.ref = p->ref;
    p->page.refs = 3;
    v = variant_view(p->x, 0, "de"); /* its picture is one of the page's */
    p->variant[0] = item_of(h, KT_UNIT_VARIANT, "P-1-R", &v);
    p->variant[0].ref = p->ref;
    p->variant[0].refs = 3;
    put_page(h, p);
    assert_int_equal(count_of(h, "image_uploads"), 2);
    put(h, &p->page); /* again, by the ids that were learned */
    put(h, &p->variant[0]);
    assert_int_equal(count_of(h, "image_uploads"), 2);
    is_as_sent(h, &p->page);
    is_as_sent(h, &p->variant[0]);
    is_as_sent(h, &p->variant[1]);
}

/* Documents, notices and labels are JSON texts in meta data: as they were sent, they are the same.
 */
static void catalogue__papers_are_the_same_in_the_shop(void **state)
{
    struct hall *h = *state;
    struct article *x = article_new(h->shop->a);
    KT_PUT(&x->product, kt_product_shape, id, KT_STR("P-9"));
    article_with_axis(x);
    number_variants(x, "P-9-R", "P-9-B");
    article_with_papers(x);
    article_with_label(x, "D", "A-G");
    struct kt_view v = product_view(x, "de");
    struct kt_item page = item_of(h, KT_UNIT_PRODUCT, "P-9", &v);
    put(h, &page);
    v = variant_view(x, 0, "de");
    struct kt_item variant = item_of(h, KT_UNIT_VARIANT, "P-9-R", &v);
    variant.parent_id = page.remote_id;
    put(h, &variant);
    is_as_sent(h, &page);
    is_as_sent(h, &variant);
    x->papers = 1; /* the sheet has gone: that is a difference until it is sent */
    v = variant_view(x, 0, "de");
    variant.payload = kt_str_of(mapped("variant", &v, h->shop->a));
    struct kt_err e = { 0 };
    struct kt_compared out = { .v = { .rc = KT_UNSURE } };
    assert_int_equal(
        kt_channel_woocommerce.compare(h->shop->channel, &variant, 1, &out, h->shop->a, &e), KT_OK);
    assert_int_equal(out.count, 1);
    assert_string_equal(out.differs[0].field.p, "meta_data[1].value");
    put(h, &variant);
    is_as_sent(h, &variant);
}

static void catalogue__offers_reach_their_variation(void **state)
{
    struct hall *h = *state;
    struct kt_dec amount = { 1990, 2 };
    struct page *p = page_of(h, "P-2", "P-2-R", "P-2-B");
    put_page(h, p);
    struct kt_view v = price_view(p->x, &amount);
    kt_view_dec(&v, "sale_price", (struct kt_dec){ 15, 0 });
    kt_view_text(&v, "sale_until", KT_STR("2036-02-28T23:00:00.000000Z"));
    struct kt_item price = item_of(h, KT_UNIT_PRICE, "P-2-R", &v);
    v = stock_view(p->x, &amount);
    struct kt_item stock = item_of(h, KT_UNIT_STOCK, "P-2-R", &v);
    price.parent_id = stock.parent_id = p->variant[0].remote_id;
    put(h, &price);
    put(h, &stock);
    assert_string_equal(price.remote_id.p, p->variant[0].remote_id.p);
    is_as_sent(h, &price);
    is_as_sent(h, &stock);
    is_as_sent(h, &p->page);
    is_as_sent(h, &p->variant[0]);
    price.action = p->variant[1].action = KT_ACTION_WITHDRAW;
    put(h, &price);
    put(h, &p->variant[1]);
    is_as_sent(h, &price);
    is_as_sent(h, &p->variant[1]);
}

/* An answer that got lost leaves no second variation. */
static void catalogue__lost_variation_is_found(void **state)
{
    struct hall *h = *state;
    struct kt_err e = { 0 };
    struct kt_result r = { .v = { .rc = KT_UNSURE } };
    struct page *p = page_of(h, "P-3", "P-3-R", "P-3-B");
    put(h, &p->page);
    p->variant[0].parent_id = p->page.remote_id;
    find(h, &p->variant[0]);
    assert_null(p->variant[0].remote_id.p);
    int64_t before = count_of(h, "variations");
    shop_spoil(h->shop, "{\"on\":\"POST /products/*/variations/batch\",\"mode\":\"cut\",\"apply\":"
                        "true,\"times\":1}");
    assert_int_equal(
        kt_channel_woocommerce.push(h->shop->channel, &p->variant[0], 1, &r, h->shop->a, &e),
        KT_UNSURE);
    shop_behave(h->shop);
    put(h, &p->variant[0]);
    assert_int_equal(count_of(h, "variations"), before + 1);
}

/* --- pages change their form --- */

static struct kt_item single_page(struct hall *h, struct article *x)
{
    struct kt_view v = product_view(x, "de");
    struct kt_item item = item_of(h, KT_UNIT_PRODUCT, x->variant[0].sku.p, &v);
    item.is_single = true;
    return item;
}

static struct article *single_article(struct hall *h, const char *sku)
{
    struct article *x = article_new(h->shop->a);
    KT_PUT(&x->product, kt_product_shape, id, kt_str_of(sku));
    number_variants(x, sku, sku);
    return x;
}

/* The variant of a page of its own. */
static struct kt_item single_variant(struct hall *h, const struct article *x, struct kt_str page)
{
    struct kt_view v = variant_view(x, 0, "de");
    struct kt_item item = item_of(h, KT_UNIT_VARIANT, x->variant[0].sku.p, &v);
    item.is_single = true;
    item.parent_id = page;
    return item;
}

static void form__single_pages_become_variations_and_back(void **state)
{
    struct hall *h = *state;
    struct article *x = single_article(h, "P-4-R");
    struct kt_item alone = single_page(h, x);
    put(h, &alone);
    struct kt_item variant = single_variant(h, x, alone.remote_id);
    put(h, &variant);
    assert_string_equal(variant.remote_id.p, alone.remote_id.p);
    is_as_sent(h, &variant);

    struct page *p = page_of(h, "P-4", "P-4-R", "P-4-B"); /* grouped now */
    put(h, &p->page);
    p->variant[0].remote_id = variant.remote_id;
    p->variant[0].parent_id = p->variant[1].parent_id = p->page.remote_id;
    put(h, &p->variant[0]);
    put(h, &p->variant[1]);
    assert_non_null(strchr(p->variant[0].remote_id.p, '/'));
    is_as_sent(h, &p->variant[0]);

    struct kt_item again = single_page(h, x); /* and apart again, on its old page */
    again.remote_id = alone.remote_id;
    put(h, &again);
    struct kt_item back = single_variant(h, x, again.remote_id);
    back.remote_id = p->variant[0].remote_id;
    int64_t before = count_of(h, "variations");
    put(h, &back);
    assert_int_equal(count_of(h, "variations"), before - 1);
    assert_string_equal(back.remote_id.p, again.remote_id.p);
    is_as_sent(h, &again);
    is_as_sent(h, &back);
}

static void form__the_same_page_changes_its_form(void **state)
{
    struct hall *h = *state;
    struct page *p = page_of(h, "P-5", "P-5-R", "P-5-B");
    put_page(h, p);
    struct article *x = single_article(h, "P-5-R");
    struct kt_item alone = single_page(h, x);
    alone.remote_id = p->page.remote_id;
    put(h, &alone);
    assert_string_equal(alone.remote_id.p, p->page.remote_id.p);
    struct kt_item variant = single_variant(h, x, alone.remote_id);
    variant.remote_id = p->variant[0].remote_id;
    put(h, &variant);
    is_as_sent(h, &alone);
    put(h, &p->page); /* and into a page with axes */
    p->variant[0].remote_id = variant.remote_id;
    p->variant[1].remote_id = absent();
    put(h, &p->variant[0]);
    put(h, &p->variant[1]);
    is_as_sent(h, &p->page);
    is_as_sent(h, &p->variant[0]);
    is_as_sent(h, &p->variant[1]);
}

static void form__variations_move_to_another_page(void **state)
{
    struct hall *h = *state;
    struct page *from = page_of(h, "P-6", "P-6-R", "P-6-B");
    struct page *to = page_of(h, "P-7", "P-6-R", "P-6-B");
    put_page(h, from);
    int64_t before = count_of(h, "variations");
    put(h, &to->page);
    for (size_t i = 0; i < 2; i++) {
        to->variant[i].parent_id = to->page.remote_id;
        to->variant[i].remote_id = from->variant[i].remote_id;
        put(h, &to->variant[i]);
        is_as_sent(h, &to->variant[i]);
    }
    assert_int_equal(count_of(h, "variations"), before);
}

static void list__names_everything_once(void **state)
{
    struct hall *h = *state;
    struct kt_remote_page page = { 0 };
    int64_t pages = 0;
    int64_t variants = 0;
    do {
        struct kt_err e = { 0 };
        if (kt_channel_woocommerce.list(h->shop->channel, &page, h->shop->a, &e) != KT_OK)
            fail_msg("%s", e.trail);
        for (size_t i = 0; i < page.count; i++) {
            bool is_page = page.item[i].unit == KT_UNIT_PRODUCT;
            pages += is_page ? 1 : 0;
            variants += is_page ? 0 : 1;
            assert_true(is_page == (page.item[i].parent_id.p == NULL));
        }
        page.token = page.next;
    } while (page.is_more);
    assert_int_equal(pages, count_of(h, "products"));
    assert_int_equal(variants, count_of(h, "variations"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(catalogue__stands_in_the_shop_as_sent),
        cmocka_unit_test(catalogue__papers_are_the_same_in_the_shop),
        cmocka_unit_test(catalogue__offers_reach_their_variation),
        cmocka_unit_test(catalogue__lost_variation_is_found),
        cmocka_unit_test(form__single_pages_become_variations_and_back),
        cmocka_unit_test(form__the_same_page_changes_its_form),
        cmocka_unit_test(form__variations_move_to_another_page),
        cmocka_unit_test(list__names_everything_once),
    };
    return cmocka_run_group_tests(tests, hall_open, hall_close);
}
