/* May an article be sold in a market? src/trade/compliance.c and certificates.c. */
#include "test_trade_documents_kit.h"

#include "trade/compliance.h"

enum { CERTIFICATES = 6, RULES = 4 };
static struct kt_certificate certificate[CERTIFICATES];
static struct kt_certificate_rule needed[RULES];
static struct kt_market_rule market_rule[RULES];
static struct kt_compliance rules;
static struct kt_compliance_ask ask;
static struct kt_product *product;
static struct kt_variant *variant;
static struct kt_compliance_answer answer;

static const char *const only_ce[] = { "CE" };
static const char *const tv[] = { "AUDIO", "TV" };
static const char *const de_at[] = { "DE", "AT" };
#define TEXTS(list) ((struct kt_conf_texts){ (list), KT_COUNT(list) })

static int begin(void **state)
{
    (void)open_arena(state);
    memset(certificate, 0, sizeof certificate);
    memset(needed, 0, sizeof needed);
    memset(market_rule, 0, sizeof market_rule);
    memset(&rules, 0, sizeof rules);
    product = product_of("P");
    variant = variant_of("A");
    KT_PUT(variant, kt_variant_shape, product, KT_STR("P"));
    KT_PUT(product, kt_product_shape, product_group, KT_STR("TV"));
    rules.certificate = needed;
    rules.market = market_rule;
    ask = (struct kt_compliance_ask){ .product = product,
                                      .variant = variant,
                                      .certificate = certificate,
                                      .market = KT_STR("DE"),
                                      .zone = zone_of("Europe/Berlin"),
                                      .at_us = instant("2026-06-15T12:00:00Z"),
                                      .silent_since_us = KT_NEVER };
    return 0;
}

/* A CE certificate of article A. */
static struct kt_certificate *add(const char *number, const char *from, const char *until)
{
    struct kt_certificate *c = &certificate[ask.certificates++];
    KT_PUT(c, kt_certificate_shape, scope, KT_STR("erp"));
    KT_PUT(c, kt_certificate_shape, scheme, KT_STR("CE"));
    KT_PUT(c, kt_certificate_shape, number, text_of(number));
    KT_PUT(c, kt_certificate_shape, variants, ids("A"));
    if (from[0] != '\0')
        KT_PUT(c, kt_certificate_shape, valid_from, day_of(from));
    if (until[0] != '\0')
        KT_PUT(c, kt_certificate_shape, valid_until, day_of(until));
    return c;
}

static void need_ce(void)
{
    needed[rules.certificates++] = (struct kt_certificate_rule){ "ce", "CE", { 0 }, { 0 } };
}

static bool may_sell(void)
{
    kt_compliance_ask(&answer, &rules, &ask, arena);
    assert_int_equal(answer.may_sell, answer.why.code == KT_E_NONE);
    assert_true(answer.changes_us > ask.at_us);
    return answer.may_sell;
}

static void refused(const char *sentence)
{
    char text[400];
    assert_false(may_sell());
    kt_sentence(&answer.why, KT_LANG_EN, text, sizeof text);
    assert_string_equal(text, sentence);
    assert_null(strchr(text, '{'));
    assert_int_equal(answer.why.rc, KT_REJECT);
}

static void rule__without_rules_all_may_be_sold(void **state)
{
    (void)state;
    ask.product = NULL;
    assert_true(may_sell());
    assert_int_equal(answer.changes_us, KT_NEVER);
    assert_int_equal(answer.notices.count, 0);
}

static void certificate__is_needed(void **state)
{
    (void)state;
    need_ce();
    refused("Article A is not sold in DE: it has no CE certificate there");
    assert_int_equal(answer.changes_us, KT_NEVER);
    add("1", "", "");
    assert_true(may_sell());
    assert_int_equal(answer.changes_us, KT_NEVER);
}

static void certificate__begins_and_ends_at_midnight_of_the_market(void **state)
{
    (void)state;
    need_ce();
    add("7", "2026-06-16", "2026-06-30");
    refused("Article A is not sold in DE: it has no CE certificate there");
    assert_int_equal(answer.changes_us, instant("2026-06-15T22:00:00Z"));
    ask.at_us = answer.changes_us;
    assert_true(may_sell());
    assert_int_equal(answer.changes_us, instant("2026-06-30T22:00:00Z"));
    ask.at_us = answer.changes_us - 1;
    assert_true(may_sell());
    ask.at_us++;
    refused("Article A is not sold in DE: its CE certificate 7 ended on 2026-06-30");
    assert_int_equal(answer.changes_us, KT_NEVER);
    ask.zone = zone_of("America/New_York"); /* it is not midnight there */
    assert_true(may_sell());
}

static void certificate__counts_no_more_once_revoked(void **state)
{
    (void)state;
    need_ce();
    struct kt_certificate *c = add("7", "2026-01-01", "9999-12-31");
    KT_PUT(c, kt_certificate_shape, revoked_at, instant("2026-06-15T22:30:00Z"));
    assert_true(may_sell());
    assert_int_equal(answer.changes_us, c->revoked_at);
    ask.at_us = c->revoked_at; /* in Berlin it is the day after */
    refused("Article A is not sold in DE: its CE certificate 7 ended on 2026-06-16");
    /* the next one brings it back */
    add("8", "2026-06-20", "");
    refused("Article A is not sold in DE: its CE certificate 7 ended on 2026-06-16");
    assert_int_equal(answer.changes_us, instant("2026-06-19T22:00:00Z"));
    ask.at_us = answer.changes_us;
    assert_true(may_sell());
}

static void certificate__revoked_before_it_began_or_after_it_ended(void **state)
{
    (void)state;
    int64_t from_us;
    int64_t until_us;
    need_ce();
    struct kt_certificate *c = add("7", "2026-06-20", "2026-06-25");
    KT_PUT(c, kt_certificate_shape, revoked_at, instant("2026-06-10T10:00:00Z"));
    refused("Article A is not sold in DE: its CE certificate 7 ended on 2026-06-10");
    KT_PUT(c, kt_certificate_shape, revoked_at, instant("2026-07-10T10:00:00Z"));
    kt_certificate_span(c, ask.zone, &from_us, &until_us);
    assert_int_equal(from_us, instant("2026-06-19T22:00:00Z"));
    assert_int_equal(until_us, instant("2026-06-25T22:00:00Z"));
    ask.at_us = instant("2026-07-15T00:00:00Z");
    refused("Article A is not sold in DE: its CE certificate 7 ended on 2026-06-25");
}

static void certificate__the_last_one_that_ended_is_named(void **state)
{
    (void)state;
    need_ce();
    add("1", "", "2026-03-31");
    add("3", "", "2026-05-31");
    add("2", "", "2026-05-31"); /* the same day: the lesser number, whatever the order */
    add("4", "", "2026-04-30");
    refused("Article A is not sold in DE: its CE certificate 2 ended on 2026-05-31");
    struct kt_certificate spare = certificate[1];
    certificate[1] = certificate[2];
    certificate[2] = spare;
    refused("Article A is not sold in DE: its CE certificate 2 ended on 2026-05-31");
}

static void certificate__of_another_scheme_market_article_or_scope_does_not_help(void **state)
{
    (void)state;
    need_ce();
    struct kt_certificate *c = add("1", "", "2026-12-31");
    assert_true(may_sell());
    KT_PUT(c, kt_certificate_shape, scheme, KT_STR("UKCA"));
    assert_false(may_sell());
    assert_int_equal(answer.changes_us, KT_NEVER);         /* its days are no news */
    KT_PUT(c, kt_certificate_shape, scheme, KT_STR("ce")); /* as somebody typed it */
    assert_true(may_sell());
    KT_PUT(c, kt_certificate_shape, markets, ids("AT CH"));
    assert_false(may_sell());
    KT_PUT(c, kt_certificate_shape, markets, ids("AT DE"));
    assert_true(may_sell());
    KT_PUT(c, kt_certificate_shape, variants, ids("B"));
    assert_false(may_sell());
    KT_PUT(c, kt_certificate_shape, variants, ids("B A"));
    assert_true(may_sell());
    KT_PUT(c, kt_certificate_shape, scope, KT_STR("erp2"));
    assert_false(may_sell());
}

static void covers__by_sku_product_or_group(void **state)
{
    (void)state;
    struct kt_certificate *c = add("1", "", "");
    struct kt_product *own = product_of("A");
    KT_PUT(c, kt_certificate_shape, variants, ids(""));
    assert_false(kt_certificate_covers(c, product, variant)); /* lists nothing */
    KT_PUT(c, kt_certificate_shape, products, ids("P"));
    assert_true(kt_certificate_covers(c, product, variant));
    assert_true(kt_certificate_covers(c, NULL, variant));
    assert_true(kt_certificate_covers(c, own, variant)); /* by what the variant says */
    KT_PUT(c, kt_certificate_shape, products, ids("H"));
    assert_false(kt_certificate_covers(c, product, variant));
    assert_true(kt_certificate_covers(c, product_of("H"), variant)); /* the head of its page */
    KT_PUT(c, kt_certificate_shape, products, ids(""));
    KT_PUT(c, kt_certificate_shape, families, ids("TV"));
    assert_true(kt_certificate_covers(c, product, variant));
    assert_false(kt_certificate_covers(c, NULL, variant));
    assert_false(kt_certificate_covers(c, own, variant)); /* no group */
}

static void rule__applies_to_its_classes_and_markets(void **state)
{
    (void)state;
    needed[rules.certificates++] =
        (struct kt_certificate_rule){ "ce", "CE", TEXTS(tv), TEXTS(de_at) };
    assert_false(may_sell());
    ask.market = KT_STR("CH");
    assert_true(may_sell());
    ask.market = KT_STR("AT");
    assert_false(may_sell());
    KT_PUT(product, kt_product_shape, product_group, KT_STR("tv")); /* case does not open a door */
    assert_false(may_sell());
    KT_PUT(product, kt_product_shape, product_group, KT_STR("TVS"));
    assert_true(may_sell());
    KT_PUT(product, kt_product_shape, categories, ids("X AUDIO"));
    assert_false(may_sell());
    ask.product = NULL;
    assert_true(may_sell());
}

/* An article record that says less than the page it is on opens no door. */
static void head__of_the_page_counts_beside_the_article_s_own_record(void **state)
{
    (void)state;
    struct kt_product *own = product_of("A");
    struct kt_market_rule *mains_rule = &market_rule[0];
    needed[rules.certificates++] = (struct kt_certificate_rule){ "ce", "CE", TEXTS(tv), { 0 } };
    ask.product = own;
    assert_true(may_sell());
    ask.head = product;
    refused("Article A is not sold in DE: it has no CE certificate there");
    struct kt_certificate *c = add("1", "", "");
    KT_PUT(c, kt_certificate_shape, variants, ids(""));
    assert_false(may_sell());
    KT_PUT(c, kt_certificate_shape, families, ids("TV"));
    assert_true(may_sell());
    static const char *const allowed[] = { "230" };
    *mains_rule = (struct kt_market_rule){
        .name = "mains", .attribute = "voltage", .allowed = TEXTS(allowed), .unit = "V"
    };
    rules.markets = 1;
    KT_PUT(product, kt_product_shape, attributes,
           one_more_attribute(product->attributes, "voltage", NULL, "110", NULL));
    refused("Article A is not sold in DE: rule mains does not allow voltage \"110\" there");
    KT_PUT(own, kt_product_shape, attributes,
           one_more_attribute(own->attributes, "voltage", NULL, "230", NULL));
    assert_true(may_sell());
}

static void rule__the_first_that_forbids_speaks_and_every_bound_counts(void **state)
{
    (void)state;
    static const char *const schemes[] = { "CE", "UKCA" };
    needed[0] = (struct kt_certificate_rule){ "a", "CE", { 0 }, { 0 } };
    needed[1] = (struct kt_certificate_rule){ "b", "UKCA", { 0 }, { 0 } };
    rules.certificates = 2;
    add("1", "", "2026-07-31");
    struct kt_certificate *second = add("2", "", "2026-06-30");
    KT_PUT(second, kt_certificate_shape, scheme, kt_str_of(schemes[1]));
    assert_true(may_sell());
    assert_int_equal(answer.changes_us, instant("2026-06-30T22:00:00Z"));
    ask.at_us = answer.changes_us;
    refused("Article A is not sold in DE: its UKCA certificate 2 ended on 2026-06-30");
    assert_int_equal(answer.changes_us, instant("2026-07-31T22:00:00Z"));
    ask.at_us = answer.changes_us;
    refused("Article A is not sold in DE: its CE certificate 1 ended on 2026-07-31");
}

static void silence__keeps_what_ended_since(void **state)
{
    (void)state;
    need_ce();
    add("1", "", "2026-06-14"); /* ended on 14 June at 22:00 UTC */
    assert_false(may_sell());
    ask.silent_since_us = instant("2026-06-14T21:59:59Z");
    assert_true(may_sell());
    ask.silent_since_us = instant("2026-06-14T22:00:00Z");
    assert_false(may_sell());
    ask.silent_since_us = 0; /* never set */
    assert_false(may_sell());
    ask.silent_since_us = instant("2026-06-01T00:00:00Z");
    ask.at_us = instant("2026-06-14T00:00:00Z");
    assert_true(may_sell());
    assert_int_equal(answer.changes_us, instant("2026-06-14T22:00:00Z")); /* it may have spoken */
}

static void silence__does_not_unmake_a_revocation_or_begin_anything(void **state)
{
    (void)state;
    need_ce();
    struct kt_certificate *c = add("1", "", "2026-06-14");
    ask.silent_since_us = instant("2026-06-01T00:00:00Z");
    KT_PUT(c, kt_certificate_shape, revoked_at, instant("2026-06-16T00:00:00Z"));
    assert_true(may_sell());
    assert_int_equal(answer.changes_us, c->revoked_at);
    ask.at_us = c->revoked_at;
    refused("Article A is not sold in DE: its CE certificate 1 ended on 2026-06-14");
    ask.certificates = 0;
    memset(c, 0, sizeof *c);
    add("2", "2026-06-20", "2026-06-30");
    refused("Article A is not sold in DE: it has no CE certificate there");
}

/* --- market rules --- */

static const char *const mains[] = { "220-240" };
static const char *const notices[] = { "de: nur mit Adapter", "en:with adapter only", "Adapter!",
                                       " ", "Note: more" };

static struct kt_market_rule *add_mains(int action)
{
    struct kt_market_rule *rule = &market_rule[rules.markets++];
    *rule = (struct kt_market_rule){ .name = "mains",
                                     .attribute = "voltage",
                                     .markets = TEXTS(de_at),
                                     .allowed = TEXTS(mains),
                                     .unit = "V",
                                     .action = action,
                                     .notices = TEXTS(notices) };
    return rule;
}

static void attribute__forbids_by_its_value(void **state)
{
    (void)state;
    struct kt_market_rule *rule = add_mains(KT_MARKET_HIDE);
    assert_true(may_sell()); /* no such attribute */
    rule->needs_value = true;
    refused("Article A is not sold in DE: rule mains does not allow voltage \"\" there");
    KT_PUT(product, kt_product_shape, attributes,
           one_more_attribute(product->attributes, "voltage", NULL, "230", NULL));
    assert_true(may_sell());
    add_attribute(variant, "voltage", "110 V"); /* the article's own word */
    refused("Article A is not sold in DE: rule mains does not allow voltage \"110 V\" there");
    assert_int_equal(answer.changes_us, KT_NEVER);
    add_value(variant, "voltage", "230", "V");
    assert_true(may_sell());
    ask.market = KT_STR("US");
    variant->axis_values.count = 0;
    assert_true(may_sell());
    assert_int_equal(answer.notices.count, 0);
}

static void attribute__unit_is_shown_and_wider_is_asked_for(void **state)
{
    (void)state;
    struct kt_market_rule *rule = add_mains(KT_MARKET_HIDE);
    KT_PUT(variant, kt_variant_shape, attributes,
           one_more_attribute(variant->attributes, "voltage", NULL, "100-240", "V"));
    refused("Article A is not sold in DE: rule mains does not allow voltage \"100-240 V\" there");
    rule->takes_wider = true;
    assert_true(may_sell());
    rule->takes_wider = false;
    rule->classes = TEXTS(only_ce); /* not ours */
    assert_true(may_sell());
}

static void notice__is_one_for_each_language_once(void **state)
{
    (void)state;
    add_mains(KT_MARKET_NOTICE);
    add_mains(KT_MARKET_NOTICE); /* says the same */
    add_attribute(variant, "voltage", "110 V");
    assert_true(may_sell());
    assert_int_equal(answer.notices.count, 4);
    const struct kt_text *notice = answer.notices.item;
    same_text(notice[0].language, "de");
    same_text(notice[0].name, "nur mit Adapter");
    same_text(notice[1].language, "en");
    same_text(notice[1].name, "with adapter only");
    assert_false(KT_HAS(&notice[2], kt_text_shape, language));
    assert_true(KT_HAS(&notice[2], kt_text_shape, name));
    same_text(notice[2].name, "Adapter!");
    same_text(notice[3].name, "Note: more");
    variant->attributes.count = 0;
    assert_true(may_sell());
    assert_int_equal(answer.notices.count, 0);
}

static void certificates__speak_before_attributes(void **state)
{
    (void)state;
    add_mains(KT_MARKET_HIDE);
    need_ce();
    add_attribute(variant, "voltage", "110 V");
    refused("Article A is not sold in DE: it has no CE certificate there");
    add("1", "", "2026-06-30");
    refused("Article A is not sold in DE: rule mains does not allow voltage \"110 V\" there");
    assert_int_equal(answer.changes_us, instant("2026-06-30T22:00:00Z"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, close_arena)
        TEST(rule__without_rules_all_may_be_sold),
        TEST(certificate__is_needed),
        TEST(certificate__begins_and_ends_at_midnight_of_the_market),
        TEST(certificate__counts_no_more_once_revoked),
        TEST(certificate__revoked_before_it_began_or_after_it_ended),
        TEST(certificate__the_last_one_that_ended_is_named),
        TEST(certificate__of_another_scheme_market_article_or_scope_does_not_help),
        TEST(covers__by_sku_product_or_group),
        TEST(rule__applies_to_its_classes_and_markets),
        TEST(head__of_the_page_counts_beside_the_article_s_own_record),
        TEST(rule__the_first_that_forbids_speaks_and_every_bound_counts),
        TEST(silence__keeps_what_ended_since),
        TEST(silence__does_not_unmake_a_revocation_or_begin_anything),
        TEST(attribute__forbids_by_its_value),
        TEST(attribute__unit_is_shown_and_wider_is_asked_for),
        TEST(notice__is_one_for_each_language_once),
        TEST(certificates__speak_before_attributes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
