/* Any history of what sources say of documents, by batches, in any order, late, twice, in parts and
 * with a clock that goes back and forth: the past has each revision that was ever recorded, in
 * order, and what covers what is the union of them. The model below keeps every field by itself and
 * a list of what it was. */
#include "../unit/test_store_past_kit.h"

#include "generator.h"

enum { ROUNDS = 40, STEPS = 30, BATCH = 6, DOCUMENTS = 3, SKUS = 4, PASTS = STEPS * BATCH };

enum { LEADER = 0, ARCHIVE, SOURCES }; /* the second one brings contents of what is led by two */

/* What one document says. content 0: none. */
struct said {
    bool is_there;
    char content;
    unsigned skus; /* bits */
};

struct revision {
    bool is_deleted;
    struct said said;
    int64_t before_us; /* recorded no earlier */
};

struct model {
    bool is_known;
    struct said now;
    int64_t as_of[SOURCES]; /* of each source; of a document that one leads: the first */
    struct said shown;      /* while it is whole: what it says; else what it said last */
    bool lives;
    struct revision past[PASTS];
    size_t pasts;
    unsigned covered;
};

/* One thing that is said. */
struct step {
    size_t at; /* in its batch */
    int document;
    int source;
    int64_t as_of;
    bool is_deleted;
    char content;
    unsigned skus;
};

/* The last document is led by two. */
static bool is_led_by_two(int document)
{
    return document == DOCUMENTS - 1;
}

/* Mostly news, some of it late. */
static struct step any_step(struct gen *g, int turn)
{
    struct step s = { .document = (int)gen_below(g, DOCUMENTS) };
    s.source = is_led_by_two(s.document) ? (int)gen_below(g, SOURCES) : LEADER;
    s.as_of = gen_between(g, turn + 1, turn + 8);
    s.is_deleted = s.source == LEADER && gen_below(g, 4) == 0;
    s.content = (char)('a' + gen_below(g, 3));
    s.skus = (unsigned)gen_below(g, 1 << SKUS);
    if (s.source == ARCHIVE && gen_below(g, 4) == 0)
        s.content = 0; /* takes it away */
    return s;
}

/* --- the model --- */

static void model_note(struct model *m, bool is_deleted, int64_t now_us)
{
    KT_ASSERT(m->pasts < PASTS);
    m->past[m->pasts++] = (struct revision){ is_deleted, m->shown, now_us };
    if (!is_deleted)
        m->covered |= m->shown.skus;
}

static bool is_same(const struct said *a, const struct said *b)
{
    return a->content == b->content && a->skus == b->skus;
}

/* What became of it, as kt_records_put names it. */
static enum kt_outcome model_take(struct model *m, const struct step *s, int64_t now_us)
{
    const bool was_there = m->lives;
    if (m->is_known && s->as_of < m->as_of[s->source])
        return KT_OUTCOME_STALE;
    m->is_known = m->is_known || !is_led_by_two(s->document);
    m->as_of[s->source] = s->as_of;
    if (s->source == LEADER) {
        m->now.is_there = !s->is_deleted;
        if (!s->is_deleted)
            m->now.skus = s->skus;
    }
    if (!s->is_deleted && (s->source == ARCHIVE || !is_led_by_two(s->document)))
        m->now.content = s->content;
    m->is_known = true;
    m->lives = m->now.is_there && m->now.content != 0;
    if (!m->lives && was_there)
        model_note(m, true, now_us);
    if (!m->lives)
        return was_there ? KT_OUTCOME_DELETED : KT_OUTCOME_UNCHANGED;
    if (was_there && is_same(&m->now, &m->shown))
        return KT_OUTCOME_UNCHANGED;
    m->shown = m->now;
    model_note(m, false, now_us);
    return was_there ? KT_OUTCOME_CHANGED : KT_OUTCOME_CREATED;
}

/* --- the same as a change --- */

static struct kt_change change_of(struct kit *k, const struct step *s)
{
    static const char *const names[SOURCES] = { "main", "archive" };
    const uint64_t content = UINT64_C(1) << (size_t)(kt_field_find(&kt_document_shape, "sha256") -
                                                     kt_document_shape.fields);
    const char *skus = "";
    for (int i = 0; i < SKUS; i++)
        skus = (s->skus >> i & 1) == 0 ? skus : kt_format(k->a, "%sA%d ", skus, i);
    struct kt_document *d = kit_document(k, kt_format(k->a, "D%d", s->document), "1",
                                         s->content == 0 ? 'z' : s->content, skus);
    struct kt_change c = kit_says(d, s->as_of);
    c.source = names[s->source];
    c.is_deleted = s->is_deleted;
    if (is_led_by_two(s->document))
        c.leads = s->source == LEADER ? ~content : content;
    if (s->content == 0)
        d->present &= ~content;
    return c;
}

/* --- one history --- */

static const char *text_of(const struct said *s, bool is_deleted, struct kt_arena *a)
{
    return kt_format(a, "%s %c %x", is_deleted ? "gone" : "there", s->content, s->skus);
}

static void compare_past(struct kit *k, int document, const struct model *m)
{
    struct kt_past *past = NULL;
    const char *key = kt_format(k->a, "s|D%d|1", document);
    const size_t count = kit_past(k, key, &past);
    assert_int_equal(count, m->pasts);
    for (size_t i = 0; i < count; i++) {
        const struct kt_document *d = past[i].record;
        const struct kt_ref *ref = d->variants.item;
        struct said said = { .content = kit_content(&past[i]) };
        for (size_t r = 0; r < d->variants.count; r++)
            said.skus |= 1U << (ref[r].id.p[1] - '0');
        assert_string_equal(text_of(&said, past[i].is_deleted, k->a),
                            text_of(&m->past[i].said, m->past[i].is_deleted, k->a));
        assert_true(past[i].recorded_us >= m->past[i].before_us);
        assert_true(i == 0 || past[i].recorded_us > past[i - 1].recorded_us);
        assert_true(i == 0 || past[i].rev > past[i - 1].rev);
    }
}

static void compare_covered(struct kit *k, int document, const struct model *m)
{
    struct kt_covered *covered = NULL;
    size_t count = 0;
    unsigned skus = 0;
    must(k, kt_covered_by(k->db, KT_KIND_DOCUMENT, kt_str_of(kt_format(k->a, "s|D%d|1", document)),
                          &covered, &count, k->a, &k->e));
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(covered[i].what, KT_COVERS_VARIANT);
        assert_int_equal(skus >> (covered[i].id.p[1] - '0') & 1, 0); /* each once */
        skus |= 1U << (covered[i].id.p[1] - '0');
    }
    assert_int_equal(skus, m->covered);
}

static void compare_covering(struct kit *k, const struct model *m)
{
    for (int sku = 0; sku < SKUS; sku++) {
        const struct kt_goods goods = { .sku = kt_str_of(kt_format(k->a, "A%d", sku)) };
        struct kt_past *past = NULL;
        size_t count = 0;
        size_t wanted = 0;
        for (int i = 0; i < DOCUMENTS; i++)
            wanted += (m[i].covered >> sku & 1) != 0 ? m[i].pasts : 0;
        must(k, kt_past_covering(k->db, KT_KIND_DOCUMENT, KT_STR("s"), &goods, 1, &past, &count,
                                 k->a, &k->e));
        assert_int_equal(count, wanted);
    }
}

static int compare_step(const void *left, const void *right)
{
    const struct step *a = left;
    const struct step *b = right;
    if (a->document != b->document)
        return a->document < b->document ? -1 : 1;
    if (a->as_of != b->as_of)
        return a->as_of < b->as_of ? -1 : 1;
    return a->at < b->at ? -1 : 1;
}

static bool repeats(const struct step *before, const struct step *s)
{
    return before->document == s->document && !is_led_by_two(s->document) &&
           before->is_deleted == s->is_deleted &&
           (s->is_deleted || (before->content == s->content && before->skus == s->skus));
}

/* What is said at once is taken oldest first. */
static void run_batch(struct kit *k, struct gen *g, struct model *m, int turn, int64_t now_us)
{
    struct step step[BATCH];
    struct kt_change c[BATCH];
    enum kt_outcome outcome[BATCH];
    enum kt_outcome wanted[BATCH];
    const size_t count = 1 + gen_below(g, BATCH);
    const bool is_lost = gen_below(g, 10) == 0;
    for (size_t i = 0; i < count; i++) {
        step[i] = any_step(g, turn);
        step[i].at = i;
        c[i] = change_of(k, &step[i]);
    }
    kit_begin(k);
    must(k, kt_records_put(k->db, c, count, now_us, now_us, outcome, k->a, &k->e));
    if (is_lost) { /* the process died before it could commit */
        kt_tx_rollback(k->db);
        return;
    }
    kit_commit(k);
    qsort(step, count, sizeof *step, compare_step);
    for (size_t i = 0; i < count; i++)
        wanted[i] = model_take(&m[step[i].document], &step[i], now_us);
    for (size_t i = 0; i < count; i++) {
        const bool is_one_of_many = (i > 0 && repeats(&step[i - 1], &step[i])) ||
                                    (i + 1 < count && repeats(&step[i], &step[i + 1]));
        if (!is_one_of_many) /* the very same many times gets one answer */
            assert_int_equal(outcome[step[i].at], wanted[i]);
    }
}

static void past__has_all_that_was_ever_recorded(void **state)
{
    struct gen g = gen_start("past__has_all_that_was_ever_recorded");
    struct kit k;
    (void)state;
    kit_open(&k);
    for (int round = 0; round < ROUNDS; round++) {
        struct model *m = calloc(DOCUMENTS, sizeof *m);
        assert_non_null(m);
        kit_sql(&k, "DELETE FROM past");
        kit_sql(&k, "DELETE FROM covered");
        kit_sql(&k, "DELETE FROM document");
        for (int i = 0; i < STEPS; i++) {
            run_batch(&k, &g, m, i,
                      gen_between(&g, 1000, 2000)); /* the clock goes where it likes */
            if (i % 5 == 4)
                kt_arena_reset(k.a);
        }
        for (int i = 0; i < DOCUMENTS; i++) {
            compare_past(&k, i, &m[i]);
            compare_covered(&k, i, &m[i]);
        }
        compare_covering(&k, m);
        kt_arena_reset(k.a);
        free(m);
    }
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(past__has_all_that_was_ever_recorded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
