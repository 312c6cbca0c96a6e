/* The feed: units are judged when they come, the file is whole or not there, and one that became
 * much smaller is not put in place. */
#include "adapters/channel_merchant/adapter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/channel_merchant/session.h"
#include "base/file.h"

enum { OFFERS_MAX = 3000 };

struct feed {
    struct kt_arena *a;
    struct kt_channel *channel;
    struct merchant_conf conf;
    struct kt_env env;
    char folder[32];
    struct kt_offer offer[OFFERS_MAX];
    size_t count;
    size_t given;
    size_t fails_behind; /* offers; 0: never */
};

static int start(void **state)
{
    struct feed *f = calloc(1, sizeof *f);
    struct kt_err e = { 0 };
    assert_non_null(f);
    (void)snprintf(f->folder, sizeof f->folder, "/tmp/kontor-feed-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    f->a = kt_arena_new();
    f->conf = (struct merchant_conf){ .every_s = 30,
                                      .file = "products.xml",
                                      .folder = f->folder,
                                      .link = "https://shop.example/p/{item_group_id}?sku={id}",
                                      .needs_picture = true,
                                      .shrink_percent = 30,
                                      .title = "Lampen & mehr" };
    f->env = (struct kt_env){ .name = "feed" };
    assert_int_equal(kt_channel_merchant.open(&f->channel, &f->conf, &f->env, &e), KT_OK);
    *state = f;
    return 0;
}

static size_t files_in(const struct feed *f, bool removes)
{
    size_t n = 0;
    DIR *folder = opendir(f->folder);
    assert_non_null(folder);
    for (struct dirent *d = readdir(folder); d != NULL; d = readdir(folder)) {
        if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
            continue;
        n++;
        if (removes)
            assert_int_equal(unlinkat(dirfd(folder), d->d_name, 0), 0);
    }
    assert_int_equal(closedir(folder), 0);
    return n;
}

static int stop(void **state)
{
    struct feed *f = *state;
    kt_channel_merchant.close(f->channel);
    (void)files_in(f, true);
    assert_int_equal(rmdir(f->folder), 0);
    kt_arena_free(f->a);
    free(f);
    return 0;
}

#define VARIANT                        \
    "{\"id\":\"K-1\",\"title\":\"A < " \
    "B\",\"description\":\"x\",\"image_link\":\"https://m/a.jpg\"}"

static struct kt_offer *add(struct feed *f, const char *product, const char *variant,
                            const char *price, const char *stock)
{
    struct kt_offer *o = &f->offer[f->count++];
    const char *payload[KT_UNITS] = { [KT_UNIT_PRODUCT] = product,
                                      [KT_UNIT_VARIANT] = variant,
                                      [KT_UNIT_PRICE] = price,
                                      [KT_UNIT_STOCK] = stock };
    o->key = kt_str_of(kt_format(f->a, "sap|K-%zu", f->count));
    for (size_t i = 0; i < KT_UNITS; i++)
        o->payload[i] = payload[i] != NULL ? kt_str_of(payload[i]) : (struct kt_str){ NULL, 0 };
    return o;
}

static void add_articles(struct feed *f, size_t count)
{
    char text[600];
    memset(text, 'd', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (size_t i = 0; i < count; i++)
        (void)add(f, "{\"item_group_id\":\"G\"}",
                  kt_format(f->a,
                            "{\"id\":\"K-%zu\",\"title\":\"t\",\"description\":\"%s\","
                            "\"image_link\":\"https://m/a.jpg\"}",
                            i, text),
                  "{\"price\":\"1.00 EUR\"}", "{\"availability\":\"in_stock\"}");
}

/* Seven at a time. */
static enum kt_rc next(struct kt_offers *offers, const struct kt_offer **offer, size_t *count,
                       struct kt_err *e)
{
    struct feed *f = offers->of;
    const size_t left = f->count - f->given;
    if (f->fails_behind > 0 && f->given >= f->fails_behind)
        return kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_INTERNAL, KT_P_TEXT("detail", "away"));
    *offer = f->offer + f->given;
    *count = left < 7 ? left : 7;
    f->given += *count;
    return KT_OK;
}

static enum kt_rc compose(struct feed *f, struct kt_composed *done, struct kt_err *e)
{
    struct kt_offers offers = { next, f };
    f->given = 0;
    return kt_channel_merchant.compose(f->channel, &offers, done, f->a, e);
}

static struct kt_composed composed(struct feed *f)
{
    struct kt_composed done = { 0 };
    struct kt_err e = { 0 };
    if (compose(f, &done, &e) != KT_OK)
        fail_msg("%s", e.trail);
    return done;
}

static const char *read_feed(struct feed *f)
{
    struct kt_str text = { NULL, 0 };
    const char *complaint = NULL;
    if (!kt_file_read(&text, kt_format(f->a, "%s/products.xml", f->folder), (size_t)8 << 20, false,
                      f->a, &complaint))
        return NULL;
    return text.p;
}

static void feed__holds_what_is_offered_in_full(void **state)
{
    struct feed *f = *state;
    (void)add(f, "{\"item_group_id\":\"G/1\"}", VARIANT,
              "{\"price\":\"19.90 EUR\",\"title\":\"later & last\"}",
              "{\"availability\":\"in_stock\"}");
    (void)add(
        f, "{\"item_group_id\":\"G\"}",
        "{\"additional_image_link\":[\"https://m/1\",\"https://m/2\"],\"certification\":[{"
        "\"certification_authority\":\"EC\",\"certification_name\":\"EPREL\"}],\"empty\":\"\","
        "\"id\":\"K-2\",\"is_bundle\":true,\"link\":\"https://other/2\",\"multipack\":6,"
        "\"none\":null,\"title\":\"Zwei\\u0001\"}",
        "{\"price\":\"1.00 EUR\"}", NULL);
    static const char linked[] = "{\"id\":\"K-9\",\"link\":\"https://other/9\"}";
    static const char priced[] = "{\"price\":\"1.00 EUR\"}";
    (void)add(f, NULL, linked, priced, "{}");  /* its page is gone */
    (void)add(f, linked, NULL, priced, "{}");  /* the SKU is gone */
    (void)add(f, linked, linked, NULL, "{}");  /* nobody has sent a price */
    (void)add(f, linked, linked, "{}", "{}");  /* it has none */
    (void)add(f, "{}", VARIANT, priced, "{}"); /* no address */
    struct kt_composed done = composed(f);
    assert_int_equal(done.offers, 2);
    assert_int_equal(done.left_out, 5);
    assert_true(done.is_new);
    assert_string_equal(read_feed(f),
                        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                        "<rss version=\"2.0\" xmlns:g=\"http://base.google.com/ns/1.0\">\n"
                        "<channel>\n<title>Lampen &amp; mehr</title>"
                        "<link>https://shop.example</link>"
                        "<description>Lampen &amp; mehr</description>\n<item>\n"
                        "<g:item_group_id>G/1</g:item_group_id>\n"
                        "<g:id>K-1</g:id>\n<g:description>x</g:description>\n"
                        "<g:image_link>https://m/a.jpg</g:image_link>\n"
                        "<g:price>19.90 EUR</g:price>\n<g:title>later &amp; last</g:title>\n"
                        "<g:availability>in_stock</g:availability>\n"
                        "<g:link>https://shop.example/p/G%2F1?sku=K-1</g:link>\n</item>\n<item>\n"
                        "<g:item_group_id>G</g:item_group_id>\n"
                        "<g:additional_image_link>https://m/1</g:additional_image_link>\n"
                        "<g:additional_image_link>https://m/2</g:additional_image_link>\n"
                        "<g:certification>\n"
                        "<g:certification_authority>EC</g:certification_authority>\n"
                        "<g:certification_name>EPREL</g:certification_name>\n"
                        "</g:certification>\n<g:id>K-2</g:id>\n<g:is_bundle>yes</g:is_bundle>\n"
                        "<g:link>https://other/2</g:link>\n<g:multipack>6</g:multipack>\n"
                        "<g:title>Zwei </g:title>\n<g:price>1.00 EUR</g:price>\n"
                        "<g:availability>out_of_stock</g:availability>\n</item>\n"
                        "</channel>\n</rss>\n<!-- 2 items -->\n");
}

static void feed__is_read_by_everybody_and_alone(void **state)
{
    struct feed *f = *state;
    struct stat st;
    const mode_t was = umask(077);
    add_articles(f, 2500);
    assert_int_equal(composed(f).offers, 2500);
    (void)umask(was);
    assert_int_equal(stat(kt_format(f->a, "%s/products.xml", f->folder), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0644);
    assert_int_equal(files_in(f, false), 1);
    assert_int_equal(merchant_file_items(&f->conf, f->a), 2500);
}

static void feed__same_is_not_written_again(void **state)
{
    struct feed *f = *state;
    struct stat one;
    struct stat two;
    const char *path = kt_format(f->a, "%s/products.xml", f->folder);
    add_articles(f, 3);
    assert_true(composed(f).is_new);
    assert_int_equal(stat(path, &one), 0);
    assert_false(composed(f).is_new);
    assert_int_equal(stat(path, &two), 0);
    assert_int_equal(one.st_ino, two.st_ino);
    assert_int_equal(unlink(path), 0); /* somebody took it away */
    assert_true(composed(f).is_new);
    assert_non_null(read_feed(f));
}

static void feed__nothing_is_no_feed(void **state)
{
    struct feed *f = *state;
    struct kt_composed done = composed(f);
    assert_false(done.is_new);
    assert_int_equal(files_in(f, false), 0);
}

/* Half a database looks like a shop that gave up. */
static void feed__shrinking_needs_a_person(void **state)
{
    struct feed *f = *state;
    struct kt_composed done = { 0 };
    struct kt_err e = { 0 };
    add_articles(f, 10);
    (void)composed(f);
    f->count = 7; /* 30 % are fine */
    assert_int_equal(composed(f).offers, 7);
    f->count = 4;
    assert_int_equal(compose(f, &done, &e), KT_CONFIG);
    assert_int_equal(e.v.code, KT_E_FEED_SHRINKS);
    assert_int_equal(e.v.reach, KT_ENDPOINT);
    assert_int_equal(merchant_file_items(&f->conf, f->a), 7);
    assert_int_equal(files_in(f, false), 1);
    f->count = 0;
    e = (struct kt_err){ 0 };
    assert_int_equal(compose(f, &done, &e), KT_CONFIG);
    f->conf.shrink_percent = 100;
    assert_true(composed(f).is_new); /* as it comes: nothing is left */
    assert_int_equal(merchant_file_items(&f->conf, f->a), 0);
    assert_non_null(strstr(read_feed(f), "<!-- 0 items -->"));
}

static void feed__a_failure_leaves_the_old_one(void **state)
{
    struct feed *f = *state;
    struct kt_composed done = { 0 };
    struct kt_err e = { 0 };
    add_articles(f, 20);
    (void)composed(f);
    const char *old = read_feed(f);
    f->fails_behind = 7;
    assert_int_equal(compose(f, &done, &e), KT_RETRY);
    assert_string_equal(read_feed(f), old);
    assert_int_equal(files_in(f, false), 1);
    f->fails_behind = 0;
    f->conf.folder = "/nowhere/at/all";
    e = (struct kt_err){ 0 };
    assert_int_equal(compose(f, &done, &e), KT_RETRY);
    assert_int_equal(e.v.code, KT_E_FEED_UNWRITTEN);
    struct kt_identity who = { 0 };
    e = (struct kt_err){ 0 };
    assert_int_equal(kt_channel_merchant.identify(f->channel, &who, f->a, &e), KT_CONFIG);
    f->conf.folder = f->folder;
    e = (struct kt_err){ 0 };
    assert_int_equal(kt_channel_merchant.identify(f->channel, &who, f->a, &e), KT_OK);
}

/* --- settings --- */

static void settings__are_checked_at_once(void **state)
{
    struct feed *f = *state;
    static const struct {
        const char *link;
        const char *file;
        bool is_fine;
    } cases[] = {
        { "https://shop.example/?sku={id}", "a.xml", true },
        { "http://127.0.0.1:80/{item_group_id}/{id}", "a.xml", true },
        { "https://shop.example/all", "a.xml", true },
        { "shop.example/{id}", "a.xml", false },
        { "https://", "a.xml", false },
        { "https://{id}", "a.xml", false },
        { "https://shop.example/{id", "a.xml", false },
        { "https://shop.example/id}", "a.xml", false },
        { "https://shop.example/{}", "a.xml", false },
        { "https://shop.example/{Id}", "a.xml", false },
        { "https://shop.example/ {id}", "a.xml", false },
        { "https://shop.example/{id}", "", false },
        { "https://shop.example/{id}", "../a.xml", false },
        { "https://shop.example/{id}", ".hidden", false },
    };
    for (size_t i = 0; i < KT_COUNT(cases); i++) {
        struct merchant_conf conf = f->conf;
        struct kt_channel *channel = NULL;
        struct kt_err e = { 0 };
        conf.link = cases[i].link;
        conf.file = cases[i].file;
        enum kt_rc rc = kt_channel_merchant.open(&channel, &conf, &f->env, &e);
        if ((rc == KT_OK) != cases[i].is_fine)
            fail_msg("%s %s: %s", cases[i].link, cases[i].file, kt_rc_name(rc));
        if (rc != KT_OK)
            assert_int_equal(e.v.code, KT_E_FEED_SETTING);
        kt_channel_merchant.close(channel);
    }
}

/* --- units --- */

static struct kt_result push(struct feed *f, enum kt_unit unit, const char *payload)
{
    struct kt_err e = { 0 };
    struct kt_result r = { .v = { .rc = KT_UNSURE } };
    struct kt_item item = { .unit = unit,
                            .key = KT_STR("sap|K/1"),
                            .sku = KT_STR("K/1"),
                            .parent_id = KT_STR("sap|P%2F1"),
                            .payload = kt_str_of(payload) };
    assert_int_equal(kt_channel_merchant.push(f->channel, &item, 1, &r, f->a, &e), KT_OK);
    return r;
}

static void push__what_portals_refuse_is_refused_here(void **state)
{
    struct feed *f = *state;
    char *title = kt_alloc(f->a, 152);
    char *umlauts = kt_alloc(f->a, 301);
    memset(title, 'x', 151);
    for (size_t i = 0; i < 150; i++) /* characters count, not bytes */
        memcpy(umlauts + 2 * i, "ö", 2);
    const struct {
        const char *payload;
        enum kt_code code;
    } cases[] = {
        { VARIANT, KT_E_NONE },
        { kt_format(f->a,
                    "{\"id\":\"1\",\"title\":\"%s\",\"description\":\"d\",\"image_link\":\"i\"}",
                    umlauts),
          KT_E_NONE },
        { "{\"title\":\"t\",\"description\":\"d\",\"image_link\":\"i\"}", KT_E_FIELD_MISSING },
        { "{\"id\":\" \",\"title\":\"t\",\"description\":\"d\",\"image_link\":\"i\"}",
          KT_E_FIELD_MISSING },
        { "{\"id\":\"1\",\"title\":\"t\",\"description\":\"d\"}", KT_E_FIELD_MISSING },
        { kt_format(f->a,
                    "{\"id\":\"1\",\"title\":\"%s\",\"description\":\"d\",\"image_link\":\"i\"}",
                    title),
          KT_E_FIELD_TOO_LONG },
        { "{\"id\":\"1\",\"title\":\"t\",\"description\":\"d\",\"image_link\":\"i\",\"gtin\":["
          "\"4006381333931\",\"123456789012345\"]}",
          KT_E_FIELD_TOO_LONG },
        { "{\"id\":\"1\",\"title\":\"t\",\"description\":\"d\",\"image_link\":\"i\",\"a b\":\"x\"}",
          KT_E_FIELD_INVALID },
        { "{\"id\":\"1\",\"title\":\"t\",\"description\":\"d\",\"image_link\":\"i\",\"c\":[{\"<\":"
          "1}]}",
          KT_E_FIELD_INVALID },
        { "{\"id\":\"1\",\"title\":\"t\",\"description\":\"d\",\"image_link\":\"i\","
          "\"additional_image_link\":[1,2,3,4,5,6,7,8,9,10,11]}",
          KT_E_FIELD_INVALID },
    };
    for (size_t i = 0; i < KT_COUNT(cases); i++) {
        struct kt_result r = push(f, KT_UNIT_VARIANT, cases[i].payload);
        if (r.v.code != cases[i].code || (r.v.rc == KT_OK) != (cases[i].code == KT_E_NONE))
            fail_msg("%s: %s", cases[i].payload, kt_code_name(r.v.code));
    }
    f->conf.needs_picture = false;
    assert_int_equal(push(f, KT_UNIT_VARIANT, cases[4].payload).v.rc, KT_OK);
    assert_int_equal(push(f, KT_UNIT_PRICE, "{\"price\":\"1.00 EUR\"}").v.rc, KT_OK);
    assert_int_equal(push(f, KT_UNIT_PRODUCT, "{}").v.rc, KT_OK);
}

/* Ids name the page, so that flow finds it again from its variants. */
static void push__ids_lead_back_to_the_page(void **state)
{
    struct feed *f = *state;
    struct kt_str page = push(f, KT_UNIT_PRODUCT, "{}").remote_id;
    assert_string_equal(page.p, "sap|K%2F1");
    assert_string_equal(kt_composed_key(page, f->a).p, "sap|K/1");
    struct kt_str id = push(f, KT_UNIT_VARIANT, VARIANT).remote_id;
    assert_string_equal(id.p, "sap|P%2F1/K%2F1");
    assert_string_equal(kt_composed_key(kt_remote_page(id), f->a).p, "sap|P/1");
    assert_string_equal(push(f, KT_UNIT_PRICE, "{}").remote_id.p, "sap|P%2F1");
    static const char *const keys[] = { "a|b", "a/b%c|d//", "%2F", "%252F", "%", "%2" };
    for (size_t i = 0; i < KT_COUNT(keys); i++) {
        struct kt_str there = kt_composed_id(kt_str_of(keys[i]), f->a);
        assert_null(memchr(there.p, '/', there.n));
        assert_string_equal(kt_composed_key(there, f->a).p, keys[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(feed__holds_what_is_offered_in_full, start, stop),
        cmocka_unit_test_setup_teardown(feed__is_read_by_everybody_and_alone, start, stop),
        cmocka_unit_test_setup_teardown(feed__same_is_not_written_again, start, stop),
        cmocka_unit_test_setup_teardown(feed__nothing_is_no_feed, start, stop),
        cmocka_unit_test_setup_teardown(feed__shrinking_needs_a_person, start, stop),
        cmocka_unit_test_setup_teardown(feed__a_failure_leaves_the_old_one, start, stop),
        cmocka_unit_test_setup_teardown(settings__are_checked_at_once, start, stop),
        cmocka_unit_test_setup_teardown(push__what_portals_refuse_is_refused_here, start, stop),
        cmocka_unit_test_setup_teardown(push__ids_lead_back_to_the_page, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
