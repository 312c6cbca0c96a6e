/* Any interleaving of pushes, pulls and deletions from two sources ends where a fresh load of the
 * newest per source would: whatever is late, doubled, batched or tried twice. The model below keeps
 * per key and source only the newest thing said. */
#include "../unit/test_store_kit.h"

#include "generator.h"
#include "store/records.h"

enum { ROUNDS = 120, SOURCES = 2, KEYS = 6, EVENTS = 90, BATCH_MOST = 9 };

/* What a reader of the journal has seen of a key. */
struct reader {
    const char *shown;
    struct kt_str hung_on; /* as stored, dead or alive */
};

/* Who leads what in a round: source 0 existence and the rest, source 1 some fields; or source 0 all
 * alone. */
struct world {
    struct gen *g;
    struct kit k;
    int round; /* each has keys of its own */
    enum kt_kind kind;
    uint64_t leads[SOURCES];
    struct kt_change newest[KEYS][SOURCES]; /* record NULL: never said */
    struct reader reader[KEYS];
    int64_t seen; /* of the journal */
};

static const char *const source_name[SOURCES] = { "main", "pim" };

static uint64_t bit_of(const struct kt_shape *shape, const struct kt_field *f)
{
    return UINT64_C(1) << (size_t)(f - shape->fields);
}

/* --- what is said --- */

static struct kt_str any_word(struct world *w, const char *form)
{
    return kt_str_of(kt_format(w->k.a, "%s%d", form, (int)gen_below(w->g, 4)));
}

static struct kt_list any_texts(struct world *w)
{
    static const char *const language[] = { "de", "en", "fr" };
    const size_t count = 1 + gen_below(w->g, KT_COUNT(language));
    struct kt_text *t = KT_NEW_ARRAY(w->k.a, count, struct kt_text);
    for (size_t i = 0; i < count; i++) {
        KT_PUT(&t[i], kt_text_shape, language, kt_str_of(language[count - 1 - i]));
        KT_PUT(&t[i], kt_text_shape, name, any_word(w, "name"));
    }
    return (struct kt_list){ t, count };
}

static void *any_product(struct world *w, size_t key)
{
    struct kt_product *p = KT_NEW(w->k.a, struct kt_product);
    KT_PUT(p, kt_product_shape, scope, KT_STR("s"));
    KT_PUT(p, kt_product_shape, id, kt_str_of(kt_format(w->k.a, "P%d-%zu", w->round, key)));
    if (gen_below(w->g, 3) > 0)
        KT_PUT(p, kt_product_shape, texts, any_texts(w));
    if (gen_below(w->g, 3) > 0)
        KT_PUT(p, kt_product_shape, brand, any_word(w, "brand"));
    if (gen_below(w->g, 3) > 0)
        KT_PUT(p, kt_product_shape, lifecycle, (int)gen_below(w->g, 4));
    if (gen_below(w->g, 3) > 0) {
        struct kt_maker maker = { 0 };
        KT_PUT(&maker, kt_maker_shape, name, any_word(w, "maker"));
        KT_PUT(p, kt_product_shape, manufacturer, maker);
    }
    if (gen_below(w->g, 4) == 0)
        KT_PUT(p, kt_product_shape, sale_from, ((struct kt_day){ 2026, 5, 1 }));
    return p;
}

/* A variant needs a product to hang on; who does not lead that says what it likes. */
static void *any_variant(struct world *w, size_t key)
{
    struct kt_variant *v = KT_NEW(w->k.a, struct kt_variant);
    KT_PUT(v, kt_variant_shape, scope, KT_STR("s"));
    KT_PUT(v, kt_variant_shape, sku, kt_str_of(kt_format(w->k.a, "V%d-%zu", w->round, key)));
    KT_PUT(v, kt_variant_shape, product, any_word(w, "P"));
    if (gen_below(w->g, 3) > 0)
        KT_PUT(v, kt_variant_shape, net_weight, ((struct kt_dec){ gen_between(w->g, 1, 3), 1 }));
    if (gen_below(w->g, 3) > 0)
        KT_PUT(v, kt_variant_shape, serial_required, gen_below(w->g, 2) == 0);
    if (gen_below(w->g, 3) > 0)
        KT_PUT(v, kt_variant_shape, mpn, any_word(w, "mpn"));
    return v;
}

static struct kt_list any_refs(struct world *w, const char *form)
{
    const size_t count = gen_below(w->g, 4);
    struct kt_ref *ref = KT_NEW_ARRAY(w->k.a, count + 1, struct kt_ref);
    for (size_t i = 0; i < count; i++)
        KT_PUT(&ref[i], kt_ref_shape, id, kt_str_of(kt_format(w->k.a, "%s%zu", form, count - i)));
    return (struct kt_list){ ref, count };
}

/* Every other one is of an ERP that counts no versions: a part of its key is empty. */
static void *any_document(struct world *w, size_t key)
{
    struct kt_document *d = KT_NEW(w->k.a, struct kt_document);
    KT_PUT(d, kt_document_shape, scope, KT_STR("s"));
    KT_PUT(d, kt_document_shape, id, kt_str_of(kt_format(w->k.a, "D%d-%zu", w->round, key)));
    if (key % 2 == 0)
        KT_PUT(d, kt_document_shape, version, KT_STR("2"));
    KT_PUT(d, kt_document_shape, type, any_word(w, "type"));
    KT_PUT(d, kt_document_shape, sha256, any_word(w, "hash"));
    if (gen_below(w->g, 3) > 0)
        KT_PUT(d, kt_document_shape, products, any_refs(w, "P"));
    if (gen_below(w->g, 3) > 0)
        KT_PUT(d, kt_document_shape, titles, any_texts(w));
    if (gen_below(w->g, 3) > 0)
        KT_PUT(d, kt_document_shape, size, gen_between(w->g, 0, 3));
    if (gen_below(w->g, 3) > 0)
        KT_PUT(d, kt_document_shape, valid_until, ((struct kt_day){ 2027, 5, 1 }));
    return d;
}

static void *any_certificate(struct world *w, size_t key)
{
    struct kt_certificate *c = KT_NEW(w->k.a, struct kt_certificate);
    KT_PUT(c, kt_certificate_shape, scope, KT_STR("s"));
    KT_PUT(c, kt_certificate_shape, scheme, KT_STR("CE"));
    KT_PUT(c, kt_certificate_shape, number, kt_str_of(kt_format(w->k.a, "C%d-%zu", w->round, key)));
    if (gen_below(w->g, 3) > 0)
        KT_PUT(c, kt_certificate_shape, issuer, any_word(w, "issuer"));
    if (gen_below(w->g, 3) > 0)
        KT_PUT(c, kt_certificate_shape, markets, any_refs(w, "D"));
    if (gen_below(w->g, 3) > 0)
        KT_PUT(c, kt_certificate_shape, valid_from, ((struct kt_day){ 2026, 5, 1 }));
    if (gen_below(w->g, 3) > 0)
        KT_PUT(c, kt_certificate_shape, document, any_word(w, "D"));
    return c;
}

static const struct {
    enum kt_kind kind;
    void *(*any)(struct world *w, size_t key);
    const char *key; /* stands before round and number, */
    const char *end; /* behind it, and behind every other one */
    const char *even_end;
} kinds[] = {
    { KT_KIND_PRODUCT, any_product, "s|P", "", "" },
    { KT_KIND_VARIANT, any_variant, "s|V", "", "" },
    { KT_KIND_DOCUMENT, any_document, "s|D", "|", "|2" },
    { KT_KIND_CERTIFICATE, any_certificate, "s|CE|C", "", "" },
};

static size_t kind_at(const struct world *w)
{
    size_t i = 0;
    while (kinds[i].kind != w->kind)
        i++;
    return i;
}

static void *any_record(struct world *w, size_t key)
{
    void *record = kinds[kind_at(w)].any(w, key);
    must(&w->k, kt_shape_check(kt_kind_shape[w->kind], record, w->k.a, &w->k.e));
    return record;
}

/* --- the model --- */

static void remember(struct world *w, size_t key, size_t source, const struct kt_change *c)
{
    struct kt_change *known = &w->newest[key][source];
    if (known->record == NULL || c->as_of_us > known->as_of_us)
        *known = *c;
}

static bool is_complete(const struct kt_shape *shape, const void *record)
{
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++) {
        if ((f->marks & KT_REQUIRED) != 0 && !kt_field_present(record, shape, f))
            return false;
    }
    return true;
}

/* The record as the newest of each says it; NULL: it is not there. */
static const void *expected(struct world *w, size_t key)
{
    const struct kt_shape *shape = kt_kind_shape[w->kind];
    const struct kt_change *first = &w->newest[key][0];
    const struct kt_change *second = &w->newest[key][1];
    if (first->record == NULL || first->is_deleted)
        return NULL;
    char *all = kt_alloc(w->k.a, shape->size);
    memcpy(all, first->record, shape->size);
    if (w->leads[0] == 0) /* it leads all alone */
        return all;
    uint64_t *present = (uint64_t *)(void *)all;
    *present &= w->leads[0];
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++) {
        const uint64_t one = bit_of(shape, f);
        if ((w->leads[1] & one) == 0 || second->record == NULL ||
            !kt_field_present(second->record, shape, f))
            continue;
        const size_t next = f[1].type == KT_TYPE_END ? shape->size : f[1].offset;
        memcpy(all + f->offset, (const char *)second->record + f->offset, next - f->offset);
        *present |= one;
    }
    return is_complete(shape, all) ? all : NULL;
}

/* --- the rounds --- */

static const char *shown(struct world *w, const void *record)
{
    struct kt_buf out;
    if (record == NULL)
        return "not there";
    kt_buf_init(&out, w->k.a, 1 << 16);
    kt_shape_write(&out, kt_kind_shape[w->kind], record);
    assert_true(kt_buf_ok(&out));
    return kt_buf_view(&out).p;
}

static struct kt_str key_of(struct world *w, size_t key)
{
    const size_t at = kind_at(w);
    return kt_str_of(kt_format(w->k.a, "%s%d-%zu%s", kinds[at].key, w->round, key,
                               key % 2 == 0 ? kinds[at].even_end : kinds[at].end));
}

static struct kt_stored stored(struct world *w, size_t key)
{
    struct kt_stored s;
    const struct kt_str name = key_of(w, key);
    must(&w->k, kt_records_get(w->k.db, w->kind, &name, 1, &s, w->k.a, &w->k.e));
    return s;
}

/* Stored, seen by who follows the journal, and what should be: all the same. */
static void compare(struct world *w)
{
    for (size_t key = 0; key < KEYS; key++) {
        char hash[KT_HASH_TEXT_MAX];
        const struct kt_stored s = stored(w, key);
        const void *is = s.record == NULL || s.is_deleted ? NULL : s.record;
        const char *should = shown(w, expected(w, key));
        assert_string_equal(shown(w, is), should);
        assert_string_equal(w->reader[key].shown, should);
        if (is == NULL)
            continue;
        kt_shape_hash(kt_kind_shape[w->kind], is, w->k.a, hash);
        assert_string_equal(s.hash, hash);
    }
}

static struct kt_str hung_on(const struct world *w, const struct kt_stored *s)
{
    const struct kt_variant *v = s->record;
    if (w->kind != KT_KIND_VARIANT || v == NULL || !KT_HAS(v, kt_variant_shape, product))
        return (struct kt_str){ NULL, 0 };
    return v->product;
}

/* Looks again at what the journal names; where it hangs on something else now, the journal has said
 * on what it hung before. */
static void follow(struct world *w)
{
    struct kt_journal_row *row = NULL;
    size_t count = 0;
    must(&w->k, kt_journal_read(w->k.db, 0, w->seen, 1000, &row, &count, w->k.a, &w->k.e));
    for (size_t key = 0; key < KEYS; key++) {
        struct reader *r = &w->reader[key];
        bool is_named = false;
        bool was_said = r->hung_on.p == NULL;
        for (size_t i = 0; i < count; i++) {
            if (!kt_str_eq(row[i].key, key_of(w, key)))
                continue;
            is_named = true;
            was_said = was_said || kt_str_eq(row[i].was, r->hung_on);
        }
        if (!is_named)
            continue;
        const struct kt_stored s = stored(w, key);
        const struct kt_str now = hung_on(w, &s);
        assert_true(was_said || kt_str_eq(now, r->hung_on));
        r->shown = shown(w, s.is_deleted ? NULL : s.record);
        r->hung_on = now;
    }
    w->seen += (int64_t)count;
}

/* --- the rounds --- */

static struct kt_change any_event(struct world *w, int64_t as_of_us)
{
    const size_t key = gen_below(w->g, KEYS);
    const size_t source = w->leads[0] == 0 ? 0 : gen_below(w->g, SOURCES);
    struct kt_change c = { .kind = w->kind,
                           .as_of_us = as_of_us,
                           .source = source_name[source],
                           .leads = w->leads[source],
                           .record = any_record(w, key) };
    c.is_deleted = source == 0 && gen_below(w->g, 4) == 0;
    remember(w, key, source, &c);
    return c;
}

/* Sometimes the same batch twice, sometimes rolled back in between. */
static void put(struct world *w, const struct kt_change *c, size_t count)
{
    enum kt_outcome outcome[BATCH_MOST];
    const size_t times = 1 + (gen_below(w->g, 5) == 0);
    for (size_t i = 0; i < times; i++) {
        const bool is_dropped = i + 1 < times && gen_below(w->g, 2) == 0;
        kit_begin(&w->k);
        must(&w->k, kt_records_put(w->k.db, c, count, (int64_t)gen_below(w->g, 1000000) + 1, 1,
                                   outcome, w->k.a, &w->k.e));
        if (is_dropped)
            kt_tx_rollback(w->k.db);
        else
            kit_commit(&w->k);
    }
}

/* Every event has an instant of its own; they come in any order, or nearly in theirs. */
static void any_order(struct gen *g, int64_t *as_of)
{
    const size_t reach = gen_below(g, 2) == 0 ? EVENTS : 6;
    for (int i = 0; i < EVENTS; i++)
        as_of[i] = i + 1;
    for (size_t i = EVENTS; i > 1; i--) {
        const size_t other = i - 1 - gen_below(g, i < reach ? i : reach);
        const int64_t kept = as_of[i - 1];
        as_of[i - 1] = as_of[other];
        as_of[other] = kept;
    }
}

static void any_leads(struct world *w)
{
    const struct kt_shape *shape = kt_kind_shape[w->kind];
    uint64_t some = 0;
    w->leads[0] = w->leads[1] = 0;
    if (gen_below(w->g, 4) == 0)
        return;
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++) {
        if ((f->marks & KT_KEY) == 0 && gen_below(w->g, 3) == 0)
            some |= bit_of(shape, f);
    }
    if (some == 0)
        return;
    w->leads[0] = ~some;
    w->leads[1] = some;
}

static void run_round(struct world *w)
{
    int64_t as_of[EVENTS];
    w->kind = kinds[gen_below(w->g, KT_COUNT(kinds))].kind;
    any_leads(w);
    any_order(w->g, as_of);
    memset(w->newest, 0, sizeof w->newest);
    for (size_t key = 0; key < KEYS; key++)
        w->reader[key] = (struct reader){ .shown = shown(w, NULL) };
    for (size_t at = 0; at < EVENTS;) {
        struct kt_change c[BATCH_MOST];
        size_t count = 1 + gen_below(w->g, BATCH_MOST);
        count = count < EVENTS - at ? count : EVENTS - at;
        for (size_t i = 0; i < count; i++)
            c[i] = any_event(w, as_of[at + i]);
        at += count;
        put(w, c, count);
        if (gen_below(w->g, 3) == 0 || at == EVENTS) {
            follow(w);
            compare(w);
        }
    }
}

static void any_interleaving__ends_like_a_fresh_load(void **state)
{
    static struct world w;
    struct gen g = gen_start("test_store_any_runs");
    (void)state;
    kit_open(&w.k);
    w.g = &g;
    for (w.round = 0; w.round < ROUNDS; w.round++)
        run_round(&w);
    kit_close(&w.k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_interleaving__ends_like_a_fresh_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
