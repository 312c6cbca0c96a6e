/* Rules of src/app/config.c and config_channel.c: what a file becomes, and that every mistake in it
 * is found at once, at its line. */
#include "app/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct fixture {
    char folder[64];
    char file[96];
    struct kt_arena *arena;
    struct kt_problems problems;
};

static const char head[] = "installation: demo\n";

static const char erp[] = "erps:\n"
                          "  main:\n"
                          "    adapter: sap\n"
                          "    scope: sap-800\n"
                          "    connection:\n"
                          "      url: https://erp.example/kontor\n"
                          "      user: KONTOR\n"
                          "      password: file:secret\n"
                          "      sales_org: \"1000\"\n"
                          "      distribution_channel: \"10\"\n"
                          "      division: \"00\"\n"
                          "      doc_type: ZWEB\n"
                          "      one_time_customer: \"900000\"\n";

static const char channel[] = "channels:\n"
                              "  shop:\n"
                              "    adapter: woocommerce\n"
                              "    erp: main\n"
                              "    connection:\n"
                              "      url: https://shop.example\n"
                              "      consumer_key: ck_1\n"
                              "      consumer_secret: file:secret\n"
                              "    language: de\n"
                              "    market: DE\n"
                              "    zone: Europe/Berlin\n"
                              "    currency: EUR\n"
                              "    price_list: \"00\"\n";

static void write_file(const char *path, const char *const *part)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    for (; *part != NULL; part++)
        assert_true(fputs(*part, f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, 0600), 0);
}

static char *path_of(struct fixture *x, const char *name)
{
    return kt_format(x->arena, "%s/%s", x->folder, name);
}

static int set_up(void **state)
{
    struct fixture *x = calloc(1, sizeof *x);
    (void)snprintf(x->folder, sizeof x->folder, "/tmp/kontor-config-XXXXXX");
    if (x == NULL || mkdtemp(x->folder) == NULL)
        return -1;
    (void)snprintf(x->file, sizeof x->file, "%s/kontor.yaml", x->folder);
    x->arena = kt_arena_new();
    x->problems = (struct kt_problems){ .arena = x->arena };
    write_file(path_of(x, "secret"), (const char *const[]){ "hush\n", NULL });
    *state = x;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *x = *state;
    static const char *const names[] = { "mappings/shop/woocommerce.lua", "mappings/shop",
                                         "mappings", "secret", "kontor.yaml" };
    for (size_t i = 0; i < KT_COUNT(names); i++)
        (void)remove(path_of(x, names[i])); /* not every test makes all */
    int rc = rmdir(x->folder);
    kt_arena_free(x->arena);
    free(x);
    return rc;
}

static struct kt_config *load(struct fixture *x, const char *const *part)
{
    write_file(x->file, part);
    x->problems.count = 0;
    return kt_config_load(x->file, &x->problems);
}

/* The problem that holds all of these texts; prints what there is when there is none. */
static void expect(struct fixture *x, const char *line, const char *text)
{
    char where[160];
    (void)snprintf(where, sizeof where, "%s%s%s", x->file, line[0] == '\0' ? "" : ":", line);
    for (size_t i = 0; i < x->problems.count; i++) {
        if (strncmp(x->problems.text[i], where, strlen(where)) == 0 &&
            strstr(x->problems.text[i], text) != NULL)
            return;
    }
    for (size_t i = 0; i < x->problems.count; i++)
        print_message("%s\n", x->problems.text[i]);
    fail_msg("no problem at %s with: %s", where, text);
}

static void file__becomes_a_site_with_its_defaults(void **state)
{
    struct fixture *x = *state;
    struct kt_config *c = load(x, (const char *const[]){ head, erp, channel, NULL });
    for (size_t i = 0; i < x->problems.count; i++)
        print_message("%s\n", x->problems.text[i]);
    assert_non_null(c);
    const struct kt_site *site = &c->site;
    assert_string_equal(site->installation, "demo");
    assert_int_equal(site->retry_first_s, 5);
    assert_int_equal(site->retry_most_s, 900);
    assert_int_equal(site->settle_s, 10);
    assert_int_equal(site->log_level, KT_LOG_INFO);
    assert_string_equal(site->db.file, path_of(x, "kontor.db"));
    assert_int_equal(site->erps, 1);
    assert_string_equal(site->erp[0].name, "main");
    assert_string_equal(site->erp[0].ops->name, "sap");
    assert_int_equal(site->erp[0].page_max, 500);
    assert_int_equal(site->erp[0].every_s[KT_FEED_CATALOGUE], 300);
    assert_int_equal(site->erp[0].every_s[KT_FEED_STOCK], 15);
    assert_int_equal(site->channels, 1);
    const struct kt_channel_site *ch = &site->channel[0];
    assert_ptr_equal(ch->erp, &site->erp[0]);
    assert_non_null(ch->zone);
    assert_string_equal(ch->fallback_language, "de");
    assert_false(ch->takes_orders);
    assert_string_equal(ch->mapping_file, "woocommerce.lua");
    assert_ptr_equal(ch->mapping, ch->ops->facts->mapping);
    kt_config_close(c);
}

static void file__orders_are_taken_from_an_instant_on(void **state)
{
    struct fixture *x = *state;
    static const char text[] = "    orders:\n"
                               "      take: true\n"
                               "      from: 1970-01-02T00:00:00Z\n"
                               "      customer: match\n"
                               "      currencies: [EUR, CHF]\n";
    struct kt_config *c = load(x, (const char *const[]){ head, erp, channel, text, NULL });
    assert_non_null(c);
    const struct kt_channel_site *ch = &c->site.channel[0];
    assert_true(ch->takes_orders);
    assert_int_equal(ch->orders_from_us, KT_DAY_US);
    assert_int_equal(ch->orders_every_s, 30);
    assert_int_equal(ch->customer, KT_CUSTOMER_MATCH);
    assert_int_equal(ch->currencies.count, 2);
    kt_config_close(c);
}

static void problems__are_all_listed_at_once_with_their_lines(void **state)
{
    struct fixture *x = *state;
    static const char text[] = "installation: Demo 1\n"             /* 1 */
                               "lgo: { level: info }\n"             /* 2 */
                               "retry: { first: 20m, most: 15m }\n" /* 3 */
                               "log: { level: inof }\n"             /* 4 */
                               "erps:\n"                            /* 5 */
                               "  main:\n"                          /* 6 */
                               "    adapter: sapp\n"                /* 7 */
                               "    scope: sap-800\n"               /* 8 */
                               "    paeg: 5\n"                      /* 9 */
                               "  Second ERP:\n"                    /* 10 */
                               "    adapter: sap\n"                 /* 11 */
                               "channels:\n"                        /* 12 */
                               "  shop:\n"                          /* 13 */
                               "    adapter: shopify\n"             /* 14 */
                               "    erp: mian\n"                    /* 15 */
                               "    language: Deutsch\n"            /* 16 */
                               "    market: Germany\n"              /* 17 */
                               "    zone: Europe/Berlinn\n"         /* 18 */
                               "    currency: EURO\n"               /* 19 */
                               "    price_list: \"00\"\n"           /* 20 */
                               "    buffer: -1\n"                   /* 21 */
                               "    orders:\n"                      /* 22 */
                               "      take: true\n"                 /* 23 */
                               "      from: yesterday\n"            /* 24 */
                               "      currencies: [EUR, XYZZY]\n"   /* 25 */
                               "      sum_tolerance: -0.01\n"       /* 26 */
                               "      customer: mach\n";            /* 27 */
    assert_null(load(x, (const char *const[]){ text, NULL }));
    expect(x, "1", "must be a name of a-z");
    expect(x, "2", "did you mean log?");
    expect(x, "3", "shorter than the first");
    expect(x, "4", "did you mean info?");
    expect(x, "7", "no adapter \"sapp\". Known: nav, sap");
    expect(x, "9", "did you mean page?");
    expect(x, "10", "must be a name of a-z");
    expect(x, "14", "no adapter \"shopify\". Known: merchant, vendure, woocommerce");
    expect(x, "15", "there is no erps.mian. Known: main");
    expect(x, "16", "not a language");
    expect(x, "17", "not a country");
    expect(x, "18", "no time zone");
    expect(x, "19", "not a currency");
    expect(x, "21", "must not be negative");
    expect(x, "24", "not an instant");
    expect(x, "25", "\"XYZZY\" is not a currency");
    expect(x, "26", "must not be negative");
    expect(x, "27", "did you mean match?");
    assert_int_equal(x->problems.count, 18);
}

static void problems__of_an_adapters_own_settings(void **state)
{
    struct fixture *x = *state;
    static const char text[] = "erps:\n"
                               "  main:\n"
                               "    adapter: sap\n"
                               "    scope: a\n"
                               "    connection:\n"
                               "      urll: https://erp.example\n"
                               "      password: hush\n";
    assert_null(load(x, (const char *const[]){ head, text, NULL }));
    expect(x, "7", "did you mean url?");
    expect(x, "8", "a secret does not stand in this file");
    expect(x, "6", "sales_org is missing");
    for (size_t i = 0; i < x->problems.count; i++)
        assert_null(strstr(x->problems.text[i], "hush"));
}

static void problems__that_only_the_adapter_can_see(void **state)
{
    struct fixture *x = *state;
    char *text = kt_text_copy(x->arena, erp);
    char *place = strstr(text, "ZWEB");
    assert_non_null(place);
    *place = '\0';
    assert_null(load(x, (const char *const[]){ head, text, "ZWEBSHOP", place + 4, NULL }));
    expect(x, "6", "doc_type");
    assert_int_equal(x->problems.count, 1);
}

static void problems__the_databases_place(void **state)
{
    struct fixture *x = *state;
    assert_null(load(
        x, (const char *const[]){ head, "database: { file: nowhere/kontor.db }\n", erp, NULL }));
    expect(x, "2", "there is no folder");
    assert_null(
        load(x, (const char *const[]){ head, "database: { file: /dev/null }\n", erp, NULL }));
    expect(x, "2", "/dev/null is not a regular file");
    assert_int_equal(x->problems.count, 1);
}

/* A second ERP behind the first one, of the same scope, with these lines: its section is line 17.
 */
static const char second[] = "  pim:\n"
                             "    adapter: sap\n"
                             "    scope: sap-800\n" /* 17 */
                             "    connection:\n"
                             "      url: https://pim.example/kontor\n"
                             "      user: KONTOR\n"
                             "      password: file:secret\n"
                             "      sales_org: \"1000\"\n"
                             "      distribution_channel: \"10\"\n"
                             "      division: \"00\"\n"
                             "      doc_type: ZWEB\n"
                             "      one_time_customer: \"900000\"\n";

static void problems__erps_of_one_scope_say_what_they_lead(void **state)
{
    struct fixture *x = *state;
    assert_null(load(x, (const char *const[]){ head, erp, second, channel, NULL }));
    expect(x, "17", "sap-800 is the scope of erps.main, too: where several ERPs have one scope");
    assert_null(load(x, (const char *const[]){ head, erp,
                                               "    leads: [product, variant, price, stock, "
                                               "category, customer, product.texts]\n",
                                               second,
                                               "    leads:\n"            /* 28 */
                                               "      - prodct\n"        /* 29 */
                                               "      - product.txts\n"  /* 30 */
                                               "      - product.id\n"    /* 31 */
                                               "      - stock\n"         /* 32 */
                                               "      - product.texts\n" /* 33 */
                                               "      - no.such\n",      /* 34 */
                                               channel, NULL }));
    expect(x, "29", "there is no kind \"prodct\"; did you mean product? Known: product, variant");
    expect(x, "30", "there is no field of product \"txts\"; did you mean texts? Known: texts");
    expect(x, "31", "id is part of the key of a product");
    expect(x, "32", "stock is led by erps.main, too");
    expect(x, "33", "product.texts is led by erps.main, too");
    expect(x, "34", "there is no kind \"no\". Known: ");
    assert_int_equal(x->problems.count, 6);
}

static void problems__somebody_leads_what_is_read(void **state)
{
    struct fixture *x = *state;
    assert_null(
        load(x, (const char *const[]){ head, erp, "    leads: [variant, price, stock]\n", second,
                                       "    leads: [product.texts]\n", channel, NULL }));
    expect(x, "28", "nobody leads product itself, which says what there is");
    expect(x, "15", "erps.main reads category records, but nobody of scope sap-800 leads category");
}

static uint64_t bit(const struct kt_shape *shape, const char *field)
{
    return UINT64_C(1) << (size_t)(kt_field_find(shape, field) - shape->fields);
}

static void leads__the_fields_named_go_from_one_to_the_other(void **state)
{
    struct fixture *x = *state;
    struct kt_config *c =
        load(x, (const char *const[]){
                    head, erp, "    leads: [product, variant, price, category, customer]\n", second,
                    "    leads: [stock, product.texts, product.media]\n", channel, NULL });
    for (size_t i = 0; i < x->problems.count; i++)
        print_message("%s\n", x->problems.text[i]);
    assert_non_null(c);
    const struct kt_erp_site *main_erp = &c->site.erp[0];
    const struct kt_erp_site *pim = &c->site.erp[1];
    const uint64_t texts = bit(&kt_product_shape, "texts") | bit(&kt_product_shape, "media");
    assert_true(pim->lead[KT_KIND_PRODUCT] == texts);
    assert_true(main_erp->rivals[KT_KIND_PRODUCT] == texts);
    assert_true((main_erp->lead[KT_KIND_PRODUCT] & texts) == 0);
    assert_true((main_erp->lead[KT_KIND_PRODUCT] & 1) == 1);
    assert_true(pim->rivals[KT_KIND_PRODUCT] == main_erp->lead[KT_KIND_PRODUCT]);
    assert_true(main_erp->lead[KT_KIND_STOCK] == 0 && pim->rivals[KT_KIND_STOCK] == 0);
    assert_true(pim->lead[KT_KIND_PRICE] == 0 && main_erp->rivals[KT_KIND_PRICE] == 0);
    kt_config_close(c);
    /* alone in its scope it leads everything, whatever it names */
    c = load(x, (const char *const[]){ head, erp, "    leads: [stock]\n", channel, NULL });
    assert_non_null(c);
    assert_true((c->site.erp[0].lead[KT_KIND_PRODUCT] & 1) == 1);
    assert_true(c->site.erp[0].rivals[KT_KIND_PRODUCT] == 0);
    kt_config_close(c);
}

static void problems__an_erp_and_a_channel_do_not_share_a_name(void **state)
{
    struct fixture *x = *state;
    const char *rest = strchr(strchr(channel, '\n') + 1, '\n') + 1; /* behind "shop:" */
    assert_null(load(x, (const char *const[]){ head, erp, "channels:\n  main:\n", rest, NULL }));
    expect(x, "16", "there is an ERP of this name");
}

static void problems__orders_need_their_first_instant(void **state)
{
    struct fixture *x = *state;
    assert_null(
        load(x, (const char *const[]){ head, erp, channel, "    orders: { take: true }\n", NULL }));
    expect(x, "28", "from is missing");
    assert_int_equal(x->problems.count, 1);
}

static void problems__an_empty_file_says_what_is_missing(void **state)
{
    struct fixture *x = *state;
    assert_null(load(x, (const char *const[]){ "installation: demo\n", NULL }));
    expect(x, "", "erps is missing");
    assert_null(load(x, (const char *const[]){ "erps: [a, b]\nchannels: none\n", NULL }));
    expect(x, "1", "not a list");
    expect(x, "2", "one section per name");
    expect(x, "", "installation is missing");
    x->problems.count = 0;
    assert_null(kt_config_load(path_of(x, "nowhere.yaml"), &x->problems));
    assert_int_equal(x->problems.count, 1);
}

static void put_mapping(struct fixture *x, const char *text)
{
    assert_int_equal(mkdir(path_of(x, "mappings"), 0700), 0);
    assert_int_equal(mkdir(path_of(x, "mappings/shop"), 0700), 0);
    write_file(path_of(x, "mappings/shop/woocommerce.lua"), (const char *const[]){ text, NULL });
}

static void mapping__a_file_of_the_channel_replaces_the_adapters(void **state)
{
    struct fixture *x = *state;
    static const char text[] =
        "local f = function(view) return {} end\n"
        "return { category = f, product = f, variant = f, price = f, stock = f }\n";
    put_mapping(x, text);
    struct kt_config *c = load(x, (const char *const[]){ head, erp, channel, NULL });
    assert_non_null(c);
    assert_string_equal(c->site.channel[0].mapping, text);
    assert_non_null(strstr(c->site.channel[0].mapping_file, "mappings/shop/woocommerce.lua"));
    kt_config_close(c);
}

static void mapping__a_broken_one_is_a_problem(void **state)
{
    struct fixture *x = *state;
    put_mapping(x, "return { product = function(view) return { end }\n");
    assert_null(load(x, (const char *const[]){ head, erp, channel, NULL }));
    expect(x, "16", "woocommerce.lua:1");
}

static void mapping__a_missing_function_is_a_problem(void **state)
{
    struct fixture *x = *state;
    put_mapping(x, "return { product = function(view) return {} end }\n");
    assert_null(load(x, (const char *const[]){ head, erp, channel, NULL }));
    expect(x, "16", "has no function price");
    expect(x, "16", "has no function stock");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(file__becomes_a_site_with_its_defaults),
        TEST(file__orders_are_taken_from_an_instant_on),
        TEST(problems__are_all_listed_at_once_with_their_lines),
        TEST(problems__of_an_adapters_own_settings),
        TEST(problems__that_only_the_adapter_can_see),
        TEST(problems__the_databases_place),
        TEST(problems__erps_of_one_scope_say_what_they_lead),
        TEST(problems__somebody_leads_what_is_read),
        TEST(leads__the_fields_named_go_from_one_to_the_other),
        TEST(problems__an_erp_and_a_channel_do_not_share_a_name),
        TEST(problems__orders_need_their_first_instant),
        TEST(problems__an_empty_file_says_what_is_missing),
        TEST(mapping__a_file_of_the_channel_replaces_the_adapters),
        TEST(mapping__a_broken_one_is_a_problem),
        TEST(mapping__a_missing_function_is_a_problem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
