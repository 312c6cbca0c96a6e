/* trade/compliance for any set of rules and certificates: against a slow reference that counts in
 * calendar days, minute by minute, in zones whose clocks change at midnight. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "generator.h"

#include "base/arena.h"
#include "base/civil.h"
#include "trade/compliance.h"

enum { ROUNDS = 3000, WALKS = 60, CERTIFICATES_MAX = 8, RULES_MAX = 3 };

static const char *const zone_names[] = { "Europe/Berlin",     "America/Havana",
                                          "America/Santiago",  "Africa/Cairo",
                                          "America/Sao_Paulo", "Pacific/Apia",
                                          "Asia/Beirut",       "UTC" };
/* A day on which its clock does something odd, or a leap day. */
static const struct kt_civil odd_days[] = { { 2024, 3, 31 }, { 2024, 11, 3 }, { 2024, 9, 8 },
                                            { 2024, 4, 26 }, { 2018, 11, 4 }, { 2011, 12, 30 },
                                            { 2022, 3, 27 }, { 2024, 2, 29 } };
static const struct kt_zone *zone[KT_COUNT(zone_names)];
static struct kt_arena *zones;
static struct kt_arena *arena;

struct scene {
    struct kt_certificate certificate[CERTIFICATES_MAX];
    struct kt_certificate_rule rule[RULES_MAX];
    struct kt_compliance rules;
    struct kt_product product;
    struct kt_variant variant;
    struct kt_compliance_ask ask;
    size_t odd;
};

/* --- any scene --- */

static struct kt_list one_ref(const char *id)
{
    struct kt_ref *ref = KT_NEW(arena, struct kt_ref);
    KT_PUT(ref, kt_ref_shape, id, kt_str_of(id));
    return (struct kt_list){ ref, id[0] != '\0' };
}

static struct kt_conf_texts one_text(const char *text)
{
    const char **item = KT_NEW(arena, const char *);
    *item = text;
    return (struct kt_conf_texts){ item, text[0] != '\0' };
}

#define ANY(g, ...) any_text((g), (const char *const[]){ __VA_ARGS__, NULL })
static const char *any_text(struct gen *g, const char *const *texts)
{
    size_t count = 0;
    while (texts[count] != NULL)
        count++;
    return texts[gen_below(g, count)];
}

static struct kt_day near_day(struct gen *g, const struct scene *s)
{
    struct kt_civil civil = kt_civil_of(kt_civil_days(odd_days[s->odd]) + gen_between(g, -3, 3));
    return (struct kt_day){ (int16_t)civil.year, (uint8_t)civil.month, (uint8_t)civil.day };
}

static int64_t near_instant(struct gen *g, const struct scene *s)
{
    int64_t at_us = kt_zone_midnight_us(s->ask.zone, near_day(g, s));
    return gen_below(g, 2) == 0 ? at_us + gen_between(g, -1, 1)
                                : at_us + gen_between(g, -1440, 1440) * KT_MINUTE;
}

static void any_certificate(struct gen *g, struct scene *s, size_t i)
{
    struct kt_certificate *c = &s->certificate[i];
    KT_PUT(c, kt_certificate_shape, scope, kt_str_of(ANY(g, "s", "s", "s", "s", "t")));
    KT_PUT(c, kt_certificate_shape, scheme, kt_str_of(ANY(g, "CE", "CE", "UKCA")));
    KT_PUT(c, kt_certificate_shape, number, kt_str_of(kt_format(arena, "%zu", i)));
    c->variants = one_ref(ANY(g, "A", "A", "A", "B", ""));
    c->products = one_ref(ANY(g, "P", "Q", "", ""));
    c->families = one_ref(ANY(g, "TV", "", "", ""));
    c->markets = one_ref(ANY(g, "DE", "AT", "", ""));
    if (gen_below(g, 3) > 0)
        KT_PUT(c, kt_certificate_shape, valid_from, near_day(g, s));
    if (gen_below(g, 5) > 0)
        KT_PUT(c, kt_certificate_shape, valid_until, near_day(g, s));
    else if (gen_below(g, 2) == 0)
        KT_PUT(c, kt_certificate_shape, valid_until, ((struct kt_day){ 9999, 12, 31 }));
    if (gen_below(g, 4) == 0)
        KT_PUT(c, kt_certificate_shape, revoked_at, near_instant(g, s));
}

static void fill(struct gen *g, struct scene *s, bool may_be_silent)
{
    kt_arena_reset(arena);
    memset(s, 0, sizeof *s);
    s->odd = gen_below(g, KT_COUNT(zone));
    const struct kt_zone *in = zone[s->odd];
    KT_PUT(&s->product, kt_product_shape, id, KT_STR("P"));
    KT_PUT(&s->product, kt_product_shape, product_group, KT_STR("TV"));
    KT_PUT(&s->variant, kt_variant_shape, scope, KT_STR("s"));
    KT_PUT(&s->variant, kt_variant_shape, sku, KT_STR("A"));
    KT_PUT(&s->variant, kt_variant_shape, product, KT_STR("P"));
    s->rules.certificate = s->rule;
    s->rules.certificates = gen_below(g, RULES_MAX + 1);
    for (size_t i = 0; i < s->rules.certificates; i++)
        s->rule[i] = (struct kt_certificate_rule){ "r", ANY(g, "CE", "UKCA"),
                                                   one_text(ANY(g, "TV", "AUDIO", "", "")),
                                                   one_text(ANY(g, "DE", "AT", "", "")) };
    s->ask = (struct kt_compliance_ask){ .product = &s->product,
                                         .variant = &s->variant,
                                         .certificate = s->certificate,
                                         .certificates = gen_below(g, CERTIFICATES_MAX + 1),
                                         .market = KT_STR("DE"),
                                         .zone = in,
                                         .silent_since_us = KT_NEVER };
    for (size_t i = 0; i < s->ask.certificates; i++)
        any_certificate(g, s, i);
    if (may_be_silent && gen_below(g, 2) == 0)
        s->ask.silent_since_us = near_instant(g, s);
    s->ask.at_us = near_instant(g, s);
}

/* --- the reference --- */

static bool is_one(struct kt_list list, const char *id)
{
    return list.count == 1 && kt_str_is(((const struct kt_ref *)list.item)->id, id);
}

/* -1: before its days, 0: on one of them, 1: after them. */
static int side(const struct kt_certificate *c, const struct kt_zone *in, int64_t at_us)
{
    struct kt_day day = kt_zone_day(in, at_us);
    if (c->valid_from.y != 0 && kt_day_cmp(day, c->valid_from) < 0)
        return -1;
    return c->valid_until.y != 0 && c->valid_until.y != 9999 && kt_day_cmp(day, c->valid_until) > 0;
}

/* It has a day at all; Samoa's lost one is none. */
static bool has_days(const struct scene *s, const struct kt_certificate *c)
{
    if (c->valid_until.y == 0 || c->valid_until.y == 9999)
        return true;
    return side(c, s->ask.zone,
                kt_zone_midnight_us(s->ask.zone, kt_day_next(c->valid_until)) - 1) == 0;
}

static bool helps(const struct scene *s, const struct kt_certificate *c, int64_t at_us)
{
    bool is_revoked = (c->present & UINT64_C(1) << 10) != 0 && c->revoked_at <= at_us;
    int now = side(c, s->ask.zone, at_us);
    bool ended_in_silence = now == 1 && has_days(s, c) &&
                            side(c, s->ask.zone, s->ask.silent_since_us) != 1 &&
                            s->ask.silent_since_us != KT_NEVER;
    return !is_revoked && (now == 0 || ended_in_silence);
}

static bool concerns(const struct kt_certificate *c, const struct kt_certificate_rule *rule)
{
    bool covers = is_one(c->variants, "A") || is_one(c->products, "P") || is_one(c->families, "TV");
    return kt_str_is(c->scope, "s") && kt_str_is(c->scheme, rule->scheme) && covers &&
           (c->markets.count == 0 || is_one(c->markets, "DE"));
}

static bool asks_for(const struct kt_certificate_rule *rule)
{
    return (rule->classes.count == 0 || strcmp(rule->classes.item[0], "TV") == 0) &&
           (rule->markets.count == 0 || strcmp(rule->markets.item[0], "DE") == 0);
}

/* Which rules forbid it, as bits. */
static unsigned forbidding(const struct scene *s, int64_t at_us)
{
    unsigned forbid = 0;
    for (size_t i = 0; i < s->rules.certificates; i++) {
        bool is_met = !asks_for(&s->rule[i]);
        for (size_t k = 0; k < s->ask.certificates; k++)
            is_met = is_met || (concerns(&s->certificate[k], &s->rule[i]) &&
                                helps(s, &s->certificate[k], at_us));
        forbid |= (unsigned)!is_met << i;
    }
    return forbid;
}

/* --- the properties --- */

static void answer(const struct scene *s, int64_t at_us, struct kt_compliance_answer *out)
{
    struct kt_compliance_ask then = s->ask;
    then.at_us = at_us;
    kt_compliance_ask(out, &s->rules, &then, arena);
    assert_true(out->changes_us > at_us);
    assert_int_equal(out->may_sell, out->why.code == KT_E_NONE);
}

static bool is_same_answer(const struct kt_compliance_answer *a,
                           const struct kt_compliance_answer *b)
{
    char left[500];
    char right[500];
    kt_sentence(&a->why, KT_LANG_EN, left, sizeof left);
    kt_sentence(&b->why, KT_LANG_EN, right, sizeof right);
    return a->may_sell == b->may_sell && strcmp(left, right) == 0;
}

static void sale__equals_the_reference_in_any_order_of_input(void **state)
{
    (void)state;
    struct gen g = gen_start("compliance, sale");
    unsigned sold = 0;
    unsigned forbidden = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct scene s;
        struct kt_compliance_answer first;
        struct kt_compliance_answer second;
        fill(&g, &s, true);
        answer(&s, s.ask.at_us, &first);
        unsigned forbid = forbidding(&s, s.ask.at_us);
        assert_int_equal(first.may_sell, forbid == 0);
        sold += s.rules.certificates > 0 && first.may_sell;
        forbidden += !first.may_sell;
        for (unsigned i = 0; forbid != 0 && i < RULES_MAX; i++) {
            if ((forbid >> i & 1) == 0)
                continue; /* the first that forbids speaks */
            assert_string_equal(first.why.param[1].value, s.rule[i].scheme);
            break;
        }
        for (size_t i = s.ask.certificates; i > 1; i--) {
            size_t k = gen_below(&g, i);
            struct kt_certificate spare = s.certificate[i - 1];
            s.certificate[i - 1] = s.certificate[k];
            s.certificate[k] = spare;
        }
        answer(&s, s.ask.at_us, &second);
        assert_true(is_same_answer(&first, &second));
        assert_int_equal(first.changes_us, second.changes_us);
    }
    printf("%u sold under rules, %u forbidden\n", sold, forbidden);
    assert_true(sold > ROUNDS / 10 && forbidden > ROUNDS / 10);
}

/* Is this instant one at which a certificate of the scene begins, ends or is revoked? */
static bool is_bound(const struct scene *s, int64_t at_us)
{
    bool is = false;
    for (size_t i = 0; i < s->ask.certificates && !is; i++) {
        const struct kt_certificate *c = &s->certificate[i];
        is = (c->present & UINT64_C(1) << 10) != 0 && c->revoked_at == at_us;
        is = is ||
             (c->valid_from.y != 0 && kt_zone_midnight_us(s->ask.zone, c->valid_from) == at_us);
        is = is || (c->valid_until.y != 0 &&
                    kt_zone_midnight_us(s->ask.zone, kt_day_next(c->valid_until)) == at_us);
    }
    return is;
}

/* Whoever asks only when told to never sells without a certificate that the rules want, and never
 * keeps back what may be sold: minute by minute over nine days. */
static void sale__by_the_announced_changes_alone_is_right_at_every_minute(void **state)
{
    (void)state;
    struct gen g = gen_start("compliance, minutes");
    unsigned changes = 0;
    unsigned real = 0;
    for (unsigned round = 0; round < WALKS; round++) {
        struct scene s;
        struct kt_compliance_answer known;
        struct kt_compliance_answer fresh;
        do
            fill(&g, &s, false);
        while (s.rules.certificates == 0 || s.ask.certificates < 4 || !asks_for(&s.rule[0]));
        int64_t at_us = kt_civil_days(odd_days[s.odd]) * KT_DAY_US - 4 * KT_DAY_US;
        answer(&s, at_us, &known);
        for (unsigned minute = 0; minute < 9 * 24 * 60; minute++) {
            while (known.changes_us <= at_us) {
                int64_t now_us = known.changes_us;
                struct kt_compliance_answer before;
                assert_true(is_bound(&s, now_us));
                answer(&s, now_us - 1, &before);
                assert_true(is_same_answer(&known, &before));
                assert_int_equal(before.changes_us, now_us);
                answer(&s, now_us, &known);
                assert_int_equal(known.may_sell, forbidding(&s, now_us) == 0);
                changes++;
                real += known.may_sell != before.may_sell;
            }
            assert_int_equal(known.may_sell, forbidding(&s, at_us) == 0);
            if (minute % 60 == 0) {
                answer(&s, at_us, &fresh);
                assert_true(is_same_answer(&known, &fresh));
                assert_int_equal(known.changes_us, fresh.changes_us);
            }
            at_us += KT_MINUTE;
        }
    }
    printf("%u changes, %u of them opened or closed the sale\n", changes, real);
    assert_true(changes > WALKS && real > WALKS / 3);
}

/* The same while the source is silent, in steps of an hour. */
static void silence__changes_only_where_announced(void **state)
{
    (void)state;
    struct gen g = gen_start("compliance, silence");
    unsigned kept = 0;
    for (unsigned round = 0; round < ROUNDS / 10; round++) {
        struct scene s;
        struct kt_compliance_answer known;
        struct kt_compliance_answer strict;
        fill(&g, &s, true);
        struct scene heard = s;
        heard.ask.certificate = heard.certificate;
        heard.ask.silent_since_us = 0;
        int64_t at_us = kt_civil_days(odd_days[s.odd]) * KT_DAY_US - 4 * KT_DAY_US;
        answer(&s, at_us, &known);
        for (unsigned hour = 0; hour < 9 * 24; hour++) {
            while (known.changes_us <= at_us)
                answer(&s, known.changes_us, &known);
            assert_int_equal(known.may_sell, forbidding(&s, at_us) == 0);
            answer(&heard, at_us, &strict);
            assert_true(known.may_sell || !strict.may_sell); /* silence takes nothing away */
            kept += known.may_sell && !strict.may_sell;
            at_us += KT_HOUR;
        }
    }
    printf("%u hours kept\n", kept);
    assert_true(kept > ROUNDS / 10);
}

static int open_zones(void **state)
{
    (void)state;
    zones = kt_arena_new();
    arena = kt_arena_new();
    for (size_t i = 0; i < KT_COUNT(zone_names); i++) {
        zone[i] = kt_zone_load(zones, zone_names[i]);
        if (zone[i] == NULL)
            return 1;
    }
    return 0;
}

static int close_zones(void **state)
{
    (void)state;
    kt_arena_free(arena);
    kt_arena_free(zones);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sale__equals_the_reference_in_any_order_of_input),
        cmocka_unit_test(sale__by_the_announced_changes_alone_is_right_at_every_minute),
        cmocka_unit_test(silence__changes_only_where_announced),
    };
    return cmocka_run_group_tests(tests, open_zones, close_zones);
}
