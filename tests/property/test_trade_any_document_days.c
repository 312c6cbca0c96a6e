/* trade/documents, what is wrong with the days of versions, for any set of them: against a
 * reference that looks at each day in each market. */
#include "documents_scene.h"

enum { ROUNDS = 1500 };

enum { UTC = 9 }; /* of the zones */
enum { FIRST = 0, LAST = 40, MARGIN = 3, SPAN = LAST + 2 * MARGIN };

static const char *const all_markets[] = { "", "AT", "CH", "DE" }; /* "": any other one */
enum { MARKETS = KT_COUNT(all_markets) };

static struct kt_day day_at(int64_t n)
{
    struct kt_civil civil = kt_civil_of(kt_civil_days((struct kt_civil){ 2024, 2, 10 }) + n);
    return (struct kt_day){ (int16_t)civil.year, (uint8_t)civil.month, (uint8_t)civil.day };
}

static void fill_days(struct gen *g, struct scene *s)
{
    s->count = 1 + gen_below(g, 7);
    for (size_t i = 0; i < s->count; i++) {
        struct kt_document *d = &s->document[i];
        int64_t from = gen_between(g, FIRST, LAST);
        int64_t until = gen_below(g, 15) == 0 ? from - 1 : gen_between(g, from, from + 12);
        memset(d, 0, sizeof *d);
        KT_PUT(d, kt_document_shape, scope, KT_STR("s"));
        KT_PUT(d, kt_document_shape, id, KT_STR("D"));
        KT_PUT(d, kt_document_shape, version, kt_str_of(version_names[i]));
        d->markets = any_of(g, all_markets + 1, MARKETS - 1, 30);
        if (gen_below(g, 8) > 0)
            KT_PUT(d, kt_document_shape, valid_from, day_at(from));
        if (gen_below(g, 8) > 0)
            KT_PUT(d, kt_document_shape, valid_until, until > LAST ? day_at(LAST) : day_at(until));
        if (gen_below(g, 3) == 0)
            KT_PUT(d, kt_document_shape, supersedes,
                   kt_str_of(version_names[gen_below(g, KT_COUNT(version_names))]));
        s->version[i] = (struct kt_document_version){ d, kt_shape_key(&kt_document_shape, d, arena),
                                                      1, gen_between(g, 1, 3),
                                                      9, KT_NEVER };
        if (gen_below(g, 6) == 0)
            s->version[i].gone_us =
                kt_zone_midnight_us(zone[UTC], day_at(gen_between(g, FIRST, LAST))) +
                gen_between(g, 0, KT_DAY_US - 1);
    }
}

static bool counts_on(const struct kt_document_version *v, int64_t n, const char *market)
{
    const struct kt_document *d = v->document;
    struct kt_day day = day_at(n);
    return is_on(d, day) && (d->markets.count == 0 || lists(d->markets, market)) &&
           kt_zone_midnight_us(zone[UTC], day) <= v->gone_us;
}

/* A day of a sentence as a number; "…" is beyond all. */
static int64_t number_in(const struct kt_verdict *v, const char *name, int64_t beyond)
{
    struct kt_day day = { 0 };
    for (size_t i = 0; i < KT_PARAMS && v->param[i].name != NULL; i++) {
        if (strcmp(v->param[i].name, name) != 0)
            continue;
        if (strcmp(v->param[i].value, "…") == 0)
            return beyond;
        assert_true(kt_day_parse(&day, kt_str_of(v->param[i].value)));
    }
    return kt_civil_days((struct kt_civil){ day.y, day.m, day.d }) -
           kt_civil_days((struct kt_civil){ 2024, 2, 10 });
}

static bool says(const struct kt_verdict *v, const char *name, const char *value)
{
    for (size_t i = 0; i < KT_PARAMS && v->param[i].name != NULL; i++) {
        if (strcmp(v->param[i].name, name) == 0)
            return strcmp(v->param[i].value, value) == 0;
    }
    return false;
}

/* The sentence on these two, whichever is named first. */
static const struct kt_verdict *overlap_of(const struct scene *s, size_t i, size_t k,
                                           const struct kt_verdict *v, size_t wrongs)
{
    const struct kt_verdict *found = NULL;
    for (size_t w = 0; w < wrongs; w++) {
        for (size_t turn = 0; turn < 2; turn++) {
            size_t newer = turn == 0 ? i : k;
            size_t older = turn == 0 ? k : i;
            const char *name = kt_format(arena, "document %s", s->version[newer].key.p);
            if (v[w].code == KT_E_DOCUMENT_OVERLAP && says(&v[w], "record", name) &&
                says(&v[w], "other", s->document[older].version.p)) {
                char mine[400];
                char other[400];
                rank_text(&s->version[newer], mine);
                rank_text(&s->version[older], other);
                assert_true(strcmp(mine, other) > 0);
                assert_null(found);
                found = &v[w];
            }
        }
    }
    return found;
}

static size_t check_overlaps(const struct scene *s, const struct kt_verdict *v, size_t wrongs)
{
    bool replaces[VERSIONS_MAX][VERSIONS_MAX];
    bool is_ours[VERSIONS_MAX];
    size_t told = 0;
    memset(is_ours, true, sizeof is_ours);
    closure(s, is_ours, replaces);
    for (size_t i = 0; i < s->count; i++) {
        for (size_t k = i + 1; k < s->count; k++) {
            const struct kt_verdict *sentence = overlap_of(s, i, k, v, wrongs);
            bool may_be = s->version[i].gone_us == KT_NEVER && s->version[k].gone_us == KT_NEVER &&
                          replaces[i][k] == replaces[k][i];
            int64_t from = sentence == NULL ? 0 : number_in(sentence, "from", -MARGIN);
            int64_t until = sentence == NULL ? -1 : number_in(sentence, "until", LAST + MARGIN);
            told += sentence != NULL;
            for (int64_t n = -MARGIN; n <= LAST + MARGIN; n++) {
                bool is_wrong = false;
                for (size_t m = 0; m < MARKETS && may_be; m++)
                    is_wrong = is_wrong || (counts_on(&s->version[i], n, all_markets[m]) &&
                                            counts_on(&s->version[k], n, all_markets[m]));
                assert_int_equal(is_wrong, n >= from && n <= until);
            }
        }
    }
    return told;
}

/* The stretches of days between two that are covered, of one market. */
static size_t gaps_of(const struct scene *s, const char *market, int64_t gap[SPAN][2])
{
    size_t gaps = 0;
    int64_t covered = INT64_MIN;
    for (int64_t n = -MARGIN; n <= LAST + MARGIN; n++) {
        bool is_covered = false;
        for (size_t i = 0; i < s->count; i++)
            is_covered = is_covered || counts_on(&s->version[i], n, market);
        if (!is_covered)
            continue;
        if (covered != INT64_MIN && n > covered + 1) {
            gap[gaps][0] = covered + 1;
            gap[gaps++][1] = n - 1;
        }
        covered = n;
    }
    return gaps;
}

/* Whether the sentence names that market; "": whether it names none. */
static bool names_market(const struct kt_verdict *v, const char *market)
{
    const char *bracket = strchr(v->param[0].value, '(');
    return bracket == NULL ? market[0] == '\0'
                           : market[0] != '\0' && strstr(bracket, market) != NULL;
}

static size_t check_gaps(const struct scene *s, const struct kt_verdict *v, size_t wrongs)
{
    size_t told = 0;
    for (size_t m = 0; m < MARKETS; m++) {
        int64_t gap[SPAN][2];
        size_t gaps = gaps_of(s, all_markets[m], gap);
        bool is_found[SPAN] = { false };
        for (size_t w = 0; w < wrongs; w++) {
            bool is_one = false;
            if (v[w].code != KT_E_DOCUMENT_GAP)
                continue;
            assert_true(kt_str_starts(kt_str_of(v[w].param[0].value), "document s|D"));
            for (size_t i = 0; i < gaps; i++) {
                if (gap[i][0] != number_in(&v[w], "from", INT64_MIN) ||
                    gap[i][1] != number_in(&v[w], "until", INT64_MAX))
                    continue;
                is_one = true; /* told of this market, or of all that no version names */
                is_found[i] =
                    is_found[i] || names_market(&v[w], all_markets[m]) || names_market(&v[w], "");
            }
            told += is_one && names_market(&v[w], all_markets[m]);
            assert_true(is_one || !names_market(&v[w], all_markets[m]));
        }
        for (size_t i = 0; i < gaps; i++)
            assert_true(is_found[i]);
    }
    return told;
}

static size_t check_names(const struct scene *s, const struct kt_verdict *v, size_t wrongs)
{
    size_t told = 0;
    for (size_t i = 0; i < s->count; i++) {
        const struct kt_str named = s->document[i].supersedes;
        bool is_wrong = named.n > 0 && s->version[i].gone_us == KT_NEVER;
        size_t found = 0;
        for (size_t k = 0; k < s->count; k++)
            is_wrong = is_wrong && !kt_str_eq(s->document[k].version, named);
        for (size_t w = 0; w < wrongs; w++)
            found += v[w].code == KT_E_DOCUMENT_SUPERSEDES &&
                     says(&v[w], "record", kt_format(arena, "document %s", s->version[i].key.p)) &&
                     says(&v[w], "version", named.p);
        assert_int_equal(found, is_wrong);
        told += found;
    }
    return told;
}

static void wrong__is_told_of_exactly_the_days_that_are(void **state)
{
    (void)state;
    struct gen g = gen_start("documents, wrong");
    size_t told[3] = { 0 };
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct scene s;
        struct kt_verdict *v;
        size_t wrongs;
        size_t codes[3] = { 0 };
        kt_arena_reset(arena);
        memset(&s, 0, sizeof s);
        fill_days(&g, &s);
        kt_documents_wrong(s.version, s.count, &v, &wrongs, arena);
        size_t overlaps = check_overlaps(&s, v, wrongs);
        told[1] += check_gaps(&s, v, wrongs);
        size_t names = check_names(&s, v, wrongs);
        for (size_t w = 0; w < wrongs; w++) {
            codes[0] += v[w].code == KT_E_DOCUMENT_OVERLAP;
            codes[1] += v[w].code == KT_E_DOCUMENT_GAP;
            codes[2] += v[w].code == KT_E_DOCUMENT_SUPERSEDES;
        }
        assert_int_equal(codes[0], overlaps);
        assert_int_equal(codes[2], names);
        assert_int_equal(codes[0] + codes[1] + codes[2], wrongs);
        told[0] += overlaps;
        told[2] += names;
    }
    printf("%zu overlaps, %zu gaps, %zu unknown names\n", told[0], told[1], told[2]);
    assert_true(told[0] > ROUNDS / 2 && told[1] > ROUNDS / 10 && told[2] > ROUNDS / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong__is_told_of_exactly_the_days_that_are),
    };
    return cmocka_run_group_tests(tests, open_zones, close_zones);
}
