/* trade/documents, what holds, for any set of versions: against a slow reference that counts in
 * calendar days and compares each with each, in zones whose clocks change at midnight and around
 * days that never were. */
#include "documents_scene.h"

enum { ROUNDS = 2000, CHANGES = 400, DAYS_MAX = 420 };

/* --- any scene --- */

/* Where something odd happens: skipped and doubled midnights, Samoa's lost day, leap days. */
static const struct kt_day odd_days[] = {
    { 2011, 12, 29 }, { 2011, 12, 30 }, { 2011, 12, 31 }, { 2012, 1, 1 },   { 2012, 2, 28 },
    { 2012, 2, 29 },  { 2012, 3, 1 },   { 2018, 11, 3 },  { 2018, 11, 4 },  { 2019, 2, 16 },
    { 2019, 2, 17 },  { 2022, 3, 26 },  { 2022, 3, 27 },  { 2022, 10, 30 }, { 2022, 10, 29 },
    { 2024, 2, 28 },  { 2024, 2, 29 },  { 2024, 3, 31 },  { 2024, 10, 27 }, { 2024, 9, 7 },
    { 2024, 4, 26 },  { 2024, 11, 3 },  { 2023, 12, 31 }, { 2024, 1, 1 },
};

static struct kt_day any_day(struct gen *g)
{
    if (gen_below(g, 12) == 0)
        return (struct kt_day){ 9999, 12, 31 };
    struct kt_civil near = { 2024, 1, 1 };
    const struct kt_day odd = odd_days[gen_below(g, KT_COUNT(odd_days))];
    near = (struct kt_civil){ odd.y, odd.m, odd.d };
    int64_t days = kt_civil_days(near) + (gen_below(g, 2) == 0 ? 0 : gen_between(g, -3, 3));
    struct kt_civil civil = kt_civil_of(days);
    return (struct kt_day){ (int16_t)civil.year, (uint8_t)civil.month, (uint8_t)civil.day };
}

/* Often exactly where a day begins. */
static int64_t any_instant(struct gen *g, const struct kt_zone *in)
{
    struct kt_day day = any_day(g);
    while (day.y == 9999)
        day = any_day(g);
    int64_t at_us = kt_zone_midnight_us(in, day);
    switch (gen_below(g, 3)) {
    case 0:
        return at_us + gen_between(g, -1, 1);
    case 1:
        return at_us + gen_between(g, -120, 120) * KT_MINUTE;
    default:
        return at_us + gen_between(g, -KT_DAY_US, KT_DAY_US);
    }
}

/* Not yet in the scene. */
static bool any_name(struct gen *g, struct scene *s, struct kt_document *d)
{
    static const char *const ids[] = { "D", "D", "D", "E", "F" };
    d->id = kt_str_of(ids[gen_below(g, KT_COUNT(ids))]);
    d->version = kt_str_of(version_names[gen_below(g, KT_COUNT(version_names))]);
    bool is_new = true;
    for (size_t i = 0; i < s->count; i++)
        is_new = is_new && !(kt_str_eq(s->document[i].id, d->id) &&
                             kt_str_eq(s->document[i].version, d->version));
    return is_new;
}

static void any_version(struct gen *g, struct scene *s)
{
    static const char *const skus[] = { "A", "B" };
    static const char *const products[] = { "P", "Q" };
    static const char *const families[] = { "F" };
    static const char *const markets[] = { "AT", "DE" };
    static const char *const languages[] = { "de", "en", "fr" };
    struct kt_document *d = &s->document[s->count];
    struct kt_document_version *v = &s->version[s->count];
    memset(d, 0, sizeof *d);
    if (!any_name(g, s, d))
        return;
    KT_PUT(d, kt_document_shape, scope, KT_STR("s"));
    KT_PUT(d, kt_document_shape, id, d->id);
    KT_PUT(d, kt_document_shape, version, d->version);
    KT_PUT(d, kt_document_shape, type, gen_below(g, 3) == 0 ? KT_STR("rohs") : KT_STR("manual"));
    d->variants = any_of(g, skus, 2, 45);
    d->products = any_of(g, products, 2, 35);
    d->families = any_of(g, families, 1, 40);
    d->markets = any_of(g, markets, 2, 25);
    d->languages = any_of(g, languages, 3, 30);
    if (gen_below(g, 3) > 0)
        KT_PUT(d, kt_document_shape, valid_from, any_day(g));
    if (gen_below(g, 3) > 0)
        KT_PUT(d, kt_document_shape, valid_until, any_day(g));
    if (gen_below(g, 3) == 0)
        KT_PUT(d, kt_document_shape, supersedes,
               kt_str_of(version_names[gen_below(g, KT_COUNT(version_names))]));
    *v = (struct kt_document_version){ d,
                                       kt_shape_key(&kt_document_shape, d, arena),
                                       gen_between(g, 1, 3),
                                       gen_between(g, 1, 3) * KT_SECOND,
                                       gen_between(g, 3, 9) * KT_SECOND,
                                       KT_NEVER };
    if (gen_below(g, 4) == 0)
        v->gone_us = any_instant(g, s->ask.zone);
    s->count++;
}

static void fill(struct gen *g, struct scene *s)
{
    kt_arena_reset(arena);
    memset(s, 0, sizeof *s);
    s->ask = (struct kt_document_ask){ .sku = KT_STR("A"),
                                       .product = gen_below(g, 5) == 0 ? KT_STR("") : KT_STR("P"),
                                       .family = gen_below(g, 5) == 0 ? KT_STR("") : KT_STR("F"),
                                       .market = KT_STR("DE"),
                                       .language = KT_STR("de"),
                                       .fallback_language = KT_STR("en"),
                                       .zone = zone[gen_below(g, KT_COUNT(zone))] };
    s->ask.at_us = any_instant(g, s->ask.zone);
    size_t wanted = gen_below(g, VERSIONS_MAX + 1);
    for (size_t i = 0; i < wanted; i++)
        any_version(g, s);
}

/* --- the reference --- */

/* 0: the article itself, 1: its product, 2: its family, 3: not at all. */
static int width(const struct scene *s, size_t i)
{
    const struct kt_document *d = &s->document[i];
    if (lists(d->variants, "A"))
        return 0;
    if (s->ask.product.n > 0 && lists(d->products, "P"))
        return 1;
    return s->ask.family.n > 0 && lists(d->families, "F") ? 2 : 3;
}

static bool counts(const struct scene *s, size_t i, int64_t at_us)
{
    const struct kt_document *d = &s->document[i];
    return width(s, i) < 3 && (d->markets.count == 0 || lists(d->markets, "DE")) &&
           is_on(d, kt_zone_day(s->ask.zone, at_us)) && at_us < s->version[i].gone_us;
}

static void newest(const struct scene *s, int64_t at_us, bool holds[VERSIONS_MAX])
{
    bool replaces[VERSIONS_MAX][VERSIONS_MAX];
    bool is_ours[VERSIONS_MAX];
    bool remains[VERSIONS_MAX];
    for (size_t i = 0; i < s->count; i++)
        is_ours[i] = width(s, i) < 3;
    closure(s, is_ours, replaces);
    for (size_t i = 0; i < s->count; i++) {
        remains[i] = counts(s, i, at_us);
        for (size_t k = 0; k < s->count; k++)
            remains[i] = remains[i] && !(counts(s, k, at_us) && replaces[k][i] && !replaces[i][k]);
    }
    for (size_t i = 0; i < s->count; i++) {
        char mine[400];
        rank_text(&s->version[i], mine);
        holds[i] = remains[i];
        for (size_t k = 0; k < s->count; k++) {
            char other[400];
            rank_text(&s->version[k], other);
            if (remains[k] && kt_str_eq(s->document[i].id, s->document[k].id) &&
                strcmp(other, mine) > 0)
                holds[i] = false;
        }
    }
}

static int tongue(const struct kt_document *d)
{
    if (d->languages.count == 0 || lists(d->languages, "de"))
        return 0;
    return lists(d->languages, "en") ? 1 : 2;
}

/* Keys of what holds, sorted by type and key, with blanks between. */
static void reference(const struct scene *s, int64_t at_us, char out[1000])
{
    bool one_of_id[VERSIONS_MAX];
    bool holds[VERSIONS_MAX];
    newest(s, at_us, one_of_id);
    for (size_t i = 0; i < s->count; i++) {
        holds[i] = one_of_id[i];
        for (size_t k = 0; k < s->count; k++) {
            bool is_rival = one_of_id[k] && kt_str_eq(s->document[i].type, s->document[k].type);
            if (is_rival &&
                (width(s, k) < width(s, i) ||
                 (width(s, k) == width(s, i) && tongue(&s->document[k]) < tongue(&s->document[i]))))
                holds[i] = false;
        }
    }
    out[0] = '\0';
    for (;;) {
        size_t least = s->count;
        char least_name[200];
        for (size_t i = 0; i < s->count; i++) {
            char name[200];
            (void)snprintf(name, sizeof name, "%s %s ", s->document[i].type.p, s->version[i].key.p);
            if (holds[i] && (least == s->count || strcmp(name, least_name) < 0)) {
                least = i;
                memcpy(least_name, name, sizeof name);
            }
        }
        if (least == s->count)
            return;
        holds[least] = false;
        (void)snprintf(out + strlen(out), 1000 - strlen(out), "%s", least_name);
    }
}

/* --- what holds --- */

static void answer(const struct kt_document_version *version, size_t count,
                   const struct kt_document_ask *ask, int64_t at_us, char out[1000],
                   int64_t *changes_us)
{
    const struct kt_document_version **holding;
    size_t n;
    struct kt_document_ask then = *ask;
    then.at_us = at_us;
    kt_documents_holding(version, count, &then, &holding, &n, changes_us, arena);
    out[0] = '\0';
    for (size_t i = 0; i < n; i++)
        (void)snprintf(out + strlen(out), 1000 - strlen(out), "%s %s ",
                       holding[i]->document->type.p, holding[i]->key.p);
}

static void holding__equals_the_reference_in_any_order_of_input(void **state)
{
    (void)state;
    struct gen g = gen_start("documents, holding");
    unsigned filled = 0;
    unsigned several = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct scene s;
        char wanted[1000];
        char found[1000];
        int64_t changes_us;
        int64_t first_us;
        fill(&g, &s);
        reference(&s, s.ask.at_us, wanted);
        answer(s.version, s.count, &s.ask, s.ask.at_us, found, &first_us);
        assert_string_equal(found, wanted);
        filled += wanted[0] != '\0';
        several += wanted[0] != '\0' && strlen(wanted) > 20;
        for (size_t i = s.count; i > 1; i--) {
            size_t k = gen_below(&g, i);
            struct kt_document_version spare = s.version[i - 1];
            s.version[i - 1] = s.version[k];
            s.version[k] = spare;
        }
        answer(s.version, s.count, &s.ask, s.ask.at_us, found, &changes_us);
        assert_string_equal(found, wanted);
        assert_int_equal(changes_us, first_us);
    }
    printf("%u of %u hold something, %u more than one\n", filled, ROUNDS, several);
    assert_true(filled > ROUNDS / 4 && filled < ROUNDS && several > ROUNDS / 20);
}

/* Every instant at which the reference could change its mind, and the one before it. */
static void constant_until(const struct scene *s, int64_t changes_us, const char *wanted)
{
    char found[1000];
    struct kt_day day = kt_zone_day(s->ask.zone, s->ask.at_us);
    for (unsigned i = 0; i < DAYS_MAX; i++) {
        day = kt_day_next(day);
        int64_t midnight_us = kt_zone_midnight_us(s->ask.zone, day);
        if (midnight_us >= changes_us)
            break;
        reference(s, midnight_us, found);
        assert_string_equal(found, wanted);
    }
    for (size_t i = 0; i < s->count; i++) {
        if (s->version[i].gone_us <= s->ask.at_us || s->version[i].gone_us >= changes_us)
            continue;
        reference(s, s->version[i].gone_us, found);
        assert_string_equal(found, wanted);
    }
    reference(s, changes_us == KT_NEVER ? s->ask.at_us + 10980 * KT_DAY_US : changes_us - 1, found);
    assert_string_equal(found, wanted);
}

static void change__is_where_a_version_begins_or_ceases_to_count(void **state)
{
    (void)state;
    struct gen g = gen_start("documents, change");
    unsigned announced = 0;
    unsigned real = 0;
    for (unsigned round = 0; round < CHANGES; round++) {
        struct scene s;
        char wanted[1000];
        char found[1000];
        int64_t changes_us;
        int64_t later_us;
        bool is_bound = false;
        fill(&g, &s);
        answer(s.version, s.count, &s.ask, s.ask.at_us, wanted, &changes_us);
        assert_true(changes_us > s.ask.at_us);
        constant_until(&s, changes_us, wanted);
        if (changes_us == KT_NEVER)
            continue;
        announced++;
        for (size_t i = 0; i < s.count; i++)
            is_bound = is_bound || counts(&s, i, changes_us - 1) != counts(&s, i, changes_us);
        assert_true(is_bound);
        answer(s.version, s.count, &s.ask, changes_us - 1, found, &later_us);
        assert_int_equal(later_us, changes_us);
        answer(s.version, s.count, &s.ask, changes_us, found, &later_us);
        real += strcmp(found, wanted) != 0;
    }
    printf("%u changes announced, %u of them changed the answer\n", announced, real);
    assert_true(announced > CHANGES / 5 && real > CHANGES / 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holding__equals_the_reference_in_any_order_of_input),
        cmocka_unit_test(change__is_where_a_version_begins_or_ceases_to_count),
    };
    return cmocka_run_group_tests(tests, open_zones, close_zones);
}
