/* trade/prices for any set of prices: against a slow reference that counts in calendar days, in
 * zones whose clocks change at different hours, around leap days. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "generator.h"

#include "base/arena.h"
#include "trade/prices.h"

enum { ROUNDS = 1500, PRICES_MAX = 12, DAYS_MAX = 800 };

/* Havana, Santiago and Cairo change their clocks at midnight; Apia once left a day out. */
static const char *const zone_names[] = { "Europe/Berlin",    "America/Havana",
                                          "America/Santiago", "Africa/Cairo",
                                          "Asia/Tokyo",       "Pacific/Apia",
                                          "America/New_York", "UTC" };
static const struct kt_zone *zone[KT_COUNT(zone_names)];
static struct kt_arena *arena;

struct scene {
    struct kt_price price[PRICES_MAX];
    char id[PRICES_MAX][24];
    size_t count;
    struct kt_price_want want;
};

static const struct kt_day *near_days(size_t *count)
{
    static const struct kt_day day[] = {
        { 2024, 2, 28 },  { 2024, 2, 29 },  { 2024, 3, 1 },   { 2025, 2, 28 },  { 2025, 3, 1 },
        { 2024, 3, 30 },  { 2024, 3, 31 },  { 2024, 10, 26 }, { 2024, 10, 27 }, { 2024, 11, 2 },
        { 2024, 11, 3 },  { 2024, 3, 10 },  { 2024, 9, 7 },   { 2024, 9, 8 },   { 2024, 4, 26 },
        { 2024, 10, 31 }, { 2023, 12, 31 }, { 2024, 1, 1 },   { 2025, 12, 31 }, { 9999, 12, 31 },
    };
    *count = KT_COUNT(day);
    return day;
}

static struct kt_day any_day(struct gen *g)
{
    size_t count;
    const struct kt_day *day = near_days(&count);
    if (gen_below(g, 2) == 0)
        return day[gen_below(g, count)];
    return kt_day_of(gen_between(g, 1704000000, 1767000000) * KT_SECOND); /* 2024, 2025 */
}

/* Most prices are for all. */
static const char *named(struct gen *g)
{
    static const char *const names[] = { "", "", "", "", "A", "B" };
    return names[gen_below(g, KT_COUNT(names))];
}

static void fill(struct gen *g, struct scene *s)
{
    static const char *const lists[] = { "", "A", "B" };
    static const char *const currencies[] = { "EUR", "CHF" };
    memset(s, 0, sizeof *s);
    s->count = gen_below(g, PRICES_MAX + 1);
    for (size_t i = 0; i < s->count; i++) {
        struct kt_price *p = &s->price[i];
        (void)snprintf(s->id[i], sizeof s->id[i], "%zu", i);
        KT_PUT(p, kt_price_shape, id, kt_str_of(s->id[i]));
        KT_PUT(p, kt_price_shape, list, kt_str_of(lists[gen_below(g, 8) / 3]));
        KT_PUT(p, kt_price_shape, currency, kt_str_of(currencies[gen_below(g, 8) / 7]));
        KT_PUT(p, kt_price_shape, kind, gen_below(g, 5) == 0 ? KT_PRICE_SALE : KT_PRICE_LIST);
        if (gen_below(g, 3) > 0)
            KT_PUT(p, kt_price_shape, valid_from, any_day(g));
        if (gen_below(g, 3) > 0)
            KT_PUT(p, kt_price_shape, valid_until, any_day(g));
        if (gen_below(g, 2) > 0)
            KT_PUT(p, kt_price_shape, min_quantity, kt_dec_int(gen_between(g, 0, 3)));
        KT_PUT(p, kt_price_shape, customer, kt_str_of(named(g)));
        KT_PUT(p, kt_price_shape, customer_group, kt_str_of(named(g)));
        KT_PUT(p, kt_price_shape, market, kt_str_of(named(g)));
        if (gen_below(g, 4) == 0)
            KT_PUT(p, kt_price_shape, priority, gen_between(g, -1, 1));
    }
    s->want = (struct kt_price_want){ .list = kt_str_of(lists[gen_below(g, 3)]),
                                      .currency = KT_STR("EUR"),
                                      .customer = KT_STR("A"),
                                      .customer_group = KT_STR("A"),
                                      .market = KT_STR("A"),
                                      .kind = KT_PRICE_LIST,
                                      .zone = zone[gen_below(g, KT_COUNT(zone))],
                                      .quantity = kt_dec_int(gen_between(g, 0, 3)) };
}

static bool is_for(struct kt_str name)
{
    return name.n == 0 || kt_str_is(name, "A");
}

/* The nearer the buyer, the larger; market counts least. */
static int nearness(const struct kt_price *p)
{
    return (p->customer.n > 0 ? 4 : p->customer_group.n > 0 ? 2 : 0) + (p->market.n > 0);
}

static bool counts(const struct kt_price *p, const struct kt_price_want *want)
{
    struct kt_dec least = KT_HAS(p, kt_price_shape, min_quantity) ? p->min_quantity : kt_dec_int(0);
    bool is_of_list = kt_str_cmp(p->list, want->list) == 0 ||
                      (p->list.n == 0 && p->customer.n + p->customer_group.n > 0);
    return p->kind == want->kind && is_of_list && is_for(p->customer) &&
           is_for(p->customer_group) && is_for(p->market) &&
           kt_str_cmp(p->currency, want->currency) == 0 && kt_dec_cmp(least, want->quantity) <= 0;
}

static bool is_valid_on(const struct kt_price *p, struct kt_day day)
{
    return (!KT_HAS(p, kt_price_shape, valid_from) || kt_day_cmp(p->valid_from, day) <= 0) &&
           (!KT_HAS(p, kt_price_shape, valid_until) || kt_day_cmp(day, p->valid_until) <= 0);
}

/* The rules once more, one after the other: each removes what is worse than the best in it. */
static const struct kt_price *reference(const struct scene *s, struct kt_day today)
{
    const struct kt_price *best = NULL;
    for (size_t i = 0; i < s->count; i++) {
        const struct kt_price *p = &s->price[i];
        bool is_beaten = !counts(p, &s->want) || !is_valid_on(p, today);
        for (size_t k = 0; k < s->count && !is_beaten; k++) {
            const struct kt_price *q = &s->price[k];
            if (k == i || !counts(q, &s->want) || !is_valid_on(q, today))
                continue;
            int order = (int)(q->priority - p->priority);
            if (order == 0)
                order = nearness(q) - nearness(p);
            if (order == 0)
                order = kt_dec_cmp(q->min_quantity, p->min_quantity); /* absent is 0 here */
            if (order == 0)
                order = kt_day_cmp(q->valid_from, p->valid_from); /* absent is before all */
            if (order == 0)
                order = kt_str_cmp(p->id, q->id);
            is_beaten = order > 0;
        }
        if (!is_beaten)
            best = p;
    }
    return best;
}

static void shuffle(struct gen *g, struct kt_price *price, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t k = gen_below(g, i);
        struct kt_price spare = price[i - 1];
        price[i - 1] = price[k];
        price[k] = spare;
    }
}

static void same_id(const struct kt_price *a, const struct kt_price *b)
{
    assert_int_equal(a == NULL, b == NULL);
    if (a != NULL)
        assert_true(kt_str_eq(a->id, b->id));
}

static void choice__equals_the_reference_in_any_order_of_input(void **state)
{
    (void)state;
    struct gen g = gen_start("prices, choice");
    struct scene s;
    unsigned found = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        const struct kt_price *chosen;
        int64_t changes_us;
        int64_t first_us;
        fill(&g, &s);
        int64_t now_us = gen_between(&g, 1703000000, 1768000000) * KT_SECOND;
        kt_price_choose(s.price, s.count, &s.want, now_us, &chosen, &first_us);
        same_id(chosen, reference(&s, kt_zone_day(s.want.zone, now_us)));
        found += chosen != NULL;
        char id[24] = "-";
        if (chosen != NULL)
            memcpy(id, chosen->id.p, chosen->id.n + 1);
        shuffle(&g, s.price, s.count);
        kt_price_choose(s.price, s.count, &s.want, now_us, &chosen, &changes_us);
        assert_int_equal(changes_us, first_us);
        assert_true(chosen == NULL ? strcmp(id, "-") == 0 : kt_str_is(chosen->id, id));
    }
    assert_true(found > ROUNDS / 6 && found < ROUNDS); /* both answers were tried */
}

/* From now to the announced change, every day has the answer of today; the instant before it too.
 */
static void change__is_never_announced_too_late(void **state)
{
    (void)state;
    struct gen g = gen_start("prices, change");
    struct scene s;
    unsigned announced = 0;
    unsigned real = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        const struct kt_price *now_chosen;
        const struct kt_price *chosen;
        int64_t changes_us;
        int64_t later_us;
        fill(&g, &s);
        int64_t now_us = gen_between(&g, 1703000000, 1768000000) * KT_SECOND;
        kt_price_choose(s.price, s.count, &s.want, now_us, &now_chosen, &changes_us);
        assert_true(changes_us > now_us);
        struct kt_day day = kt_zone_day(s.want.zone, now_us);
        for (unsigned i = 0; i < DAYS_MAX; i++) {
            day = kt_day_next(day);
            if (kt_zone_midnight_us(s.want.zone, day) >= changes_us)
                break;
            same_id(now_chosen, reference(&s, day));
        }
        if (changes_us == KT_NEVER)
            continue;
        announced++;
        same_id(now_chosen, reference(&s, kt_zone_day(s.want.zone, changes_us - 1)));
        kt_price_choose(s.price, s.count, &s.want, changes_us - 1, &chosen, &later_us);
        same_id(now_chosen, chosen);
        assert_int_equal(later_us, changes_us);
        kt_price_choose(s.price, s.count, &s.want, changes_us, &chosen, &later_us);
        real += chosen != now_chosen;
    }
    printf("%u changes announced, %u of them changed the answer\n", announced, real);
    assert_true(announced > 100 && real > 20);
}

static void unit_price__is_within_half_a_digit(void **state)
{
    (void)state;
    struct gen g = gen_start("prices, unit");
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct kt_dec unit;
        struct kt_price p = { .amount = { gen_between(&g, -1000000000, 1000000000), 4 },
                              .per = { gen_between(&g, 1, 10000), 1 } };
        assert_true(kt_price_per_unit(&p, &unit));
        assert_true(unit.scale <= KT_DEC_SCALE_MAX);
        assert_true(kt_dec_rescale(&unit, unit, KT_DEC_SCALE_MAX));
        /* |unit * per - amount| <= per / 2 millionths, in units of 10^-7 */
        int64_t off = unit.units * p.per.units - p.amount.units * 1000;
        assert_true(2 * (off < 0 ? -off : off) <= p.per.units);
    }
}

static int open_zones(void **state)
{
    (void)state;
    arena = kt_arena_new();
    for (size_t i = 0; i < KT_COUNT(zone_names); i++) {
        zone[i] = kt_zone_load(arena, zone_names[i]);
        if (zone[i] == NULL)
            return 1;
    }
    return 0;
}

static int close_zones(void **state)
{
    (void)state;
    kt_arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(choice__equals_the_reference_in_any_order_of_input),
        cmocka_unit_test(change__is_never_announced_too_late),
        cmocka_unit_test(unit_price__is_within_half_a_digit),
    };
    return cmocka_run_group_tests(tests, open_zones, close_zones);
}
