/* Documents of orders under any history of versions, corrections, late arrivals, deletions, orders,
 * dispatches and clocks that jump: what was shown never changes; what is valid is what a slow look
 * over everything that was ever said finds; nothing archived is lost; and an exception stands open
 * exactly where the two differ. */
#include "binding_model.h"
#include "store/facts.h"

static struct kt_kind_rule rules[] = {
    { .type = "safety_notice", .basis = KT_BASIS_DISPATCH, .keep_years = 10, .is_public = true }
};

static struct fake the_fake;

static int open_fake(void **state)
{
    fake_open(&the_fake);
    the_fake.site.documents =
        (struct kt_documents_site){ .is_on = true, .kind = rules, .kinds = KT_COUNT(rules) };
    *state = &the_fake;
    return 0;
}

static int close_fake(void **state)
{
    fake_close(*state);
    return 0;
}

/* --- anything that may be said --- */

static struct kt_day day_near(struct model *m, int64_t least, int64_t most)
{
    return kt_day_of(FIRST_US + gen_between(m->g, least, most) * KT_DAY_US);
}

static struct kt_list refs(struct model *m, const char *const *word, size_t count)
{
    struct kt_arena *a = m->f->world.arena;
    struct kt_ref *ref = KT_NEW_ARRAY(a, count + 1, struct kt_ref);
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (gen_below(m->g, 2) == 0)
            continue;
        KT_PUT(&ref[n], kt_ref_shape, id, kt_str_of(word[i]));
        n++;
    }
    return (struct kt_list){ ref, n };
}

static void any_cover(struct model *m, struct kt_document *d)
{
    static const char *const of_products[] = { "P-1", "P-2" };
    static const char *const of_families[] = { "F-1", "F-9" };
    switch (gen_below(m->g, 4)) {
    case 0:
        KT_PUT(d, kt_document_shape, products, refs(m, of_products, 2));
        break;
    case 1:
        KT_PUT(d, kt_document_shape, families, refs(m, of_families, 2));
        break;
    default:
        KT_PUT(d, kt_document_shape, variants, refs(m, skus, SKUS));
        break;
    }
}

static struct kt_document *any_document(struct model *m, size_t id, size_t version)
{
    static const char *const markets[] = { "DE", "AT" };
    static const char *const languages[] = { "de", "en", "fr" };
    struct kt_arena *a = m->f->world.arena;
    const char content = "abcdef"[gen_below(m->g, 6)];
    struct kt_document *d = papers_doc(m->f, kt_format(a, "D%d-%zu", m->number, id),
                                       kt_format(a, "%zu", version + 1), content, "", "", "");
    struct kt_day from = day_near(m, -20, 150);
    struct kt_day until = day_near(m, -20, 150);
    KT_PUT(d, kt_document_shape, type, kt_str_of(types[id]));
    if (gen_below(m->g, 4) > 0)
        KT_PUT(d, kt_document_shape, valid_from, from);
    if (gen_below(m->g, 2) == 0 && (d->valid_from.y == 0 || kt_day_cmp(from, until) <= 0))
        KT_PUT(d, kt_document_shape, valid_until, until);
    else if (gen_below(m->g, 3) == 0)
        KT_PUT(d, kt_document_shape, valid_until, (struct kt_day){ 9999, 12, 31 });
    if (version > 0 && gen_below(m->g, 4) == 0)
        KT_PUT(d, kt_document_shape, supersedes,
               kt_str_of(kt_format(a, "%zu", 1 + gen_below(m->g, version))));
    if (gen_below(m->g, 3) == 0)
        KT_PUT(d, kt_document_shape, markets, refs(m, markets, 2));
    if (gen_below(m->g, 3) == 0)
        KT_PUT(d, kt_document_shape, languages, refs(m, languages, 3));
    any_cover(m, d);
    return d;
}

/* --- events --- */

static void record(struct version *v, struct kt_document *d, bool is_deleted, int64_t now_us,
                   struct kt_arena *a)
{
    struct revision *last = v->count > 0 ? &v->revision[v->count - 1] : NULL;
    struct revision next = { .d = d, .recorded_us = now_us, .is_deleted = is_deleted };
    if (is_deleted && (last == NULL || last->is_deleted))
        return;
    kt_shape_hash(&kt_document_shape, d, a, next.hash);
    if (is_deleted) { /* what was known last */
        next.d = last->d;
        memcpy(next.hash, last->hash, sizeof next.hash);
    } else if (last != NULL && !last->is_deleted && strcmp(last->hash, next.hash) == 0) {
        return;
    }
    if (last != NULL && next.recorded_us <= last->recorded_us)
        next.recorded_us = last->recorded_us + 1;
    assert_true(v->count < REVISIONS);
    v->revision[v->count++] = next;
}

/* The clock of whoever records may stand anywhere. */
static void say_something(struct model *m)
{
    size_t id = gen_below(m->g, IDS);
    size_t version = gen_below(m->g, VERSIONS);
    struct version *v = &m->version[id][version];
    bool is_deleted = gen_below(m->g, 5) == 0;
    int64_t now_us = m->t_us + gen_between(m->g, -6, 3) * KT_DAY_US + gen_between(m->g, 0, 999);
    struct kt_document *d = any_document(m, id, version);
    struct kt_err e = { 0 };
    struct kt_change c = { .kind = KT_KIND_DOCUMENT,
                           .as_of_us = ++m->said_us,
                           .source = "erp",
                           .record = d,
                           .is_deleted = is_deleted };
    enum kt_outcome outcome = KT_OUTCOME_NONE;
    if (v->count > 0 && gen_below(m->g, 6) == 0)
        c.record = d = v->revision[v->count - 1].d; /* the same again */
    PAPERS_MUST(kt_shape_check(&kt_document_shape, d, m->f->world.arena, &e));
    PAPERS_MUST(kt_tx_begin(m->f->work.db, &e));
    PAPERS_MUST(
        kt_records_put(m->f->work.db, &c, 1, now_us, now_us, &outcome, m->f->world.arena, &e));
    PAPERS_MUST(kt_tx_commit(m->f->work.db, &e));
    record(v, d, is_deleted, now_us, m->f->world.arena);
}

/* Any versions that are known, whether they should be shown or not. */
static void show_something(struct model *m)
{
    size_t sku = gen_below(m->g, SKUS);
    const struct kt_document *d[IDS];
    const char *item[IDS];
    size_t count = 0;
    for (size_t id = 0; id < IDS; id++) {
        const struct version *v = &m->version[id][gen_below(m->g, VERSIONS)];
        if (v->count == 0 || gen_below(m->g, 2) == 0)
            continue;
        d[count] = v->revision[v->count - 1].d;
        item[count] = named(m, papers_key(m->f, d[count]), d[count]->sha256);
        count++;
    }
    assert_true(m->shows[sku] < SHOWS);
    struct show *s = &m->show[sku][m->shows[sku]++];
    m->t_us += 1;
    s->at_us = m->t_us;
    join(item, count, s->set);
    s->is_anything = count > 0;
    papers_show(m->f, skus[sku], d, count, m->t_us);
}

static const struct show *show_at(const struct model *m, size_t sku, int64_t at_us)
{
    const struct show *found = NULL;
    for (size_t i = 0; i < m->shows[sku]; i++) {
        if (m->show[sku][i].at_us <= at_us)
            found = &m->show[sku][i];
    }
    return found;
}

static bool had_shown(const struct model *m, size_t sku, int64_t at_us)
{
    bool is_anything = false;
    for (size_t i = 0; i < m->shows[sku]; i++)
        is_anything =
            is_anything || (m->show[sku][i].at_us <= at_us && m->show[sku][i].is_anything);
    return is_anything;
}

static void insert_order(struct model *m, const struct line *l, const struct kt_order *o)
{
    struct kt_err e = { 0 };
    const struct kt_order_row row = { .our_key = kt_str_of(l->key),
                                      .channel = KT_STR("shop"),
                                      .erp = KT_STR("erp"),
                                      .shop = KT_STR("https://shop.example"),
                                      .order_id = kt_str_of(l->key),
                                      .number = kt_str_of(l->key),
                                      .placed_us = o->placed_at,
                                      .state = KT_STR("booked"),
                                      .revision = KT_STR("r1"),
                                      .record = KT_STR("{}"),
                                      .customer = KT_STR(""),
                                      .erp_number = KT_STR(""),
                                      .part = KT_STR("") };
    PAPERS_MUST(kt_tx_begin(m->f->work.db, &e));
    PAPERS_MUST(kt_order_insert(m->f->work.db, &row, m->t_us, &e));
    PAPERS_MUST(kt_binding_begin(&m->f->work, &m->f->channel, row.our_key, o, m->t_us, &e));
    PAPERS_MUST(kt_tx_commit(m->f->work.db, &e));
}

/* Orders come late: placed at any time until now. */
static void order_something(struct model *m)
{
    if (m->lines == ORDERS)
        return;
    struct line *l = &m->line[m->lines++];
    struct kt_order_line item = { 0 };
    struct kt_order o = { 0 };
    (void)snprintf(l->key, sizeof l->key, "K%d-%zu", m->number % 1000, m->lines);
    l->sku = gen_below(m->g, SKUS);
    l->placed_us = gen_between(m->g, FIRST_US, m->t_us);
    l->knew_article = l->sku != SKUS - 1 || m->has_late;
    const struct show *s = show_at(m, l->sku, l->placed_us);
    memcpy(l->shown, s != NULL ? s->set : "", s != NULL ? sizeof s->set : 1);
    KT_PUT(&item, kt_order_line_shape, id, KT_STR("item-1"));
    KT_PUT(&item, kt_order_line_shape, type, KT_LINE_ITEM);
    KT_PUT(&item, kt_order_line_shape, sku, kt_str_of(skus[l->sku]));
    KT_PUT(&o, kt_order_shape, placed_at, l->placed_us);
    KT_PUT(&o, kt_order_shape, market, KT_STR("DE"));
    KT_PUT(&o, kt_order_shape, lines, (struct kt_list){ &item, 1 });
    insert_order(m, l, &o);
}

static void ship_something(struct model *m)
{
    struct kt_err e = { 0 };
    struct kt_arena *a = m->f->world.arena;
    char day[KT_TIME_TEXT_MAX];
    enum kt_outcome outcome = KT_OUTCOME_NONE;
    if (m->lines == 0)
        return;
    struct line *l = &m->line[gen_below(m->g, m->lines)];
    size_t id = gen_below(m->g, SHIPMENTS);
    l->shipped[id] = day_near(m, 0, 160);
    kt_day_text(l->shipped[id], day);
    const struct kt_fact fact = {
        .stream = kt_str_of(l->key),
        .kind = KT_STR("shipment"),
        .scope = KT_STR("s"),
        .id = kt_str_of(kt_format(a, "S-%zu", id)),
        .revision = kt_str_of(kt_format(a, "%s", day)),
        .channel = KT_STR(""),
        .body = kt_str_of(kt_format(a,
                                    "{\"scope\":\"s\",\"id\":\"S-%zu\",\"shipped\":\"%s\","
                                    "\"lines\":[{\"id\":\"1\",\"sku\":\"%s\",\"quantity\":\"1\"}]}",
                                    id, day, skus[l->sku])),
    };
    PAPERS_MUST(kt_tx_begin(m->f->work.db, &e));
    PAPERS_MUST(kt_fact_put(m->f->work.db, &fact, m->t_us, &outcome, a, &e));
    PAPERS_MUST(kt_binding_dispatched(m->f->work.db, fact.stream, &e));
    PAPERS_MUST(kt_tx_commit(m->f->work.db, &e));
}

static void put_article(struct model *m, const char *sku, const char *product, const char *group)
{
    struct kt_err e = { 0 };
    struct kt_arena *a = m->f->world.arena;
    struct kt_product *p = KT_NEW(a, struct kt_product);
    struct kt_variant *v = KT_NEW(a, struct kt_variant);
    enum kt_outcome outcome[2];
    KT_PUT(p, kt_product_shape, scope, KT_STR("s"));
    KT_PUT(p, kt_product_shape, id, kt_str_of(product));
    if (group != NULL)
        KT_PUT(p, kt_product_shape, product_group, kt_str_of(group));
    KT_PUT(v, kt_variant_shape, scope, KT_STR("s"));
    KT_PUT(v, kt_variant_shape, sku, kt_str_of(sku));
    KT_PUT(v, kt_variant_shape, product, kt_str_of(product));
    PAPERS_MUST(kt_shape_check(&kt_product_shape, p, a, &e));
    PAPERS_MUST(kt_shape_check(&kt_variant_shape, v, a, &e));
    const struct kt_change c[] = {
        { .kind = KT_KIND_PRODUCT, .as_of_us = 1, .source = "erp", .record = p },
        { .kind = KT_KIND_VARIANT, .as_of_us = 1, .source = "erp", .record = v },
    };
    PAPERS_MUST(kt_tx_begin(m->f->work.db, &e));
    PAPERS_MUST(kt_records_put(m->f->work.db, c, 2, 1, m->t_us, outcome, a, &e));
    PAPERS_MUST(kt_tx_commit(m->f->work.db, &e));
}

/* --- checking --- */

static void bound_set(struct model *m, const struct line *l, enum kt_axis_of_time axis,
                      const char *type, char *out)
{
    struct kt_err e = { 0 };
    struct kt_bound *b = NULL;
    const char *item[64];
    size_t count = 0;
    size_t n = 0;
    PAPERS_MUST(
        kt_bound_of(m->f->work.db, kt_str_of(l->key), false, &b, &count, m->f->world.arena, &e));
    for (size_t i = 0; i < count; i++) {
        assert_true(n < KT_COUNT(item));
        if (b[i].axis == axis && (type == NULL || kt_str_is(b[i].type, type)))
            item[n++] = named(m, b[i].row_key, b[i].sha256);
    }
    join(item, n, out);
}

/* Contents alone, of one type, out of "key=x;key=y;". */
static void contents_of(const char *set, const char *type, char *out)
{
    bool has[256] = { false };
    size_t n = 0;
    for (const char *at = set; *at != '\0'; at = strchr(at, ';') + 1) {
        const char *id = strchr(at, '-');
        const char *content = strchr(at, '=');
        assert_non_null(id);
        assert_non_null(content);
        if (strcmp(types[(size_t)(id[1] - '0')], type) == 0)
            has[(unsigned char)content[1]] = true;
    }
    for (int c = 'a'; c <= 'f'; c++) {
        if (has[c])
            out[n++] = (char)c;
    }
    out[n] = '\0';
}

static bool differs(const struct model *m, const struct line *l, const char *type,
                    const char *valid)
{
    char left[32];
    char right[32];
    contents_of(l->shown, type, left);
    contents_of(valid, type, right);
    return strcmp(left, right) != 0 && had_shown(m, l->sku, l->placed_us);
}

static void check_line(struct model *m, const struct line *l)
{
    static const char *const kinds[] = { "declaration_of_conformity", "safety_notice",
                                         "data_sheet" };
    struct kt_err e = { 0 };
    char found[SET_MAX];
    bool is_different = false;
    bool is_open = false;
    bound_set(m, l, KT_AXIS_SHOWN, NULL, found);
    assert_string_equal(found, l->shown);
    for (size_t k = 0; k < KT_COUNT(kinds); k++) {
        const char *item[IDS];
        char wanted[SET_MAX];
        size_t count = 0;
        int64_t at_us = k == 1 ? dispatched_us(m, l) : l->placed_us;
        if (at_us != KT_NEVER)
            look(m, l, kinds[k], at_us, item, &count);
        join(item, count, wanted);
        bound_set(m, l, KT_AXIS_VALID, kinds[k], found);
        if (strcmp(found, wanted) != 0)
            fail_msg("%s %s: %s, wanted %s", l->key, kinds[k], found, wanted);
        is_different = is_different || (at_us != KT_NEVER && differs(m, l, kinds[k], wanted));
    }
    PAPERS_MUST(
        kt_exception_is_open(m->f->work.db, "document", "shop", kt_str_of(l->key), &is_open, &e));
    if (is_open != is_different)
        fail_msg("%s: %s", l->key, is_open ? "told, but nothing differs" : "differs, not told");
}

/* Every revision is there, as it was said. */
static void check_past(struct model *m, const struct version *v)
{
    struct kt_err e = { 0 };
    struct kt_past *past = NULL;
    size_t count = 0;
    if (v->count == 0)
        return;
    PAPERS_MUST(kt_past_of(m->f->work.db, KT_KIND_DOCUMENT, papers_key(m->f, v->revision[0].d),
                           &past, &count, m->f->world.arena, &e));
    assert_int_equal(count, v->count);
    for (size_t i = 0; i < count; i++) {
        char hash[KT_HASH_TEXT_MAX];
        kt_shape_hash(&kt_document_shape, past[i].record, m->f->world.arena, hash);
        assert_string_equal(hash, v->revision[i].hash);
        assert_int_equal(past[i].is_deleted, v->revision[i].is_deleted);
        assert_true(past[i].recorded_us == v->revision[i].recorded_us);
    }
}

static void check(struct model *m)
{
    papers_settle(m->f);
    for (size_t i = 0; i < m->lines; i++)
        check_line(m, &m->line[i]);
    for (size_t id = 0; id < IDS; id++) {
        for (size_t i = 0; i < VERSIONS; i++)
            check_past(m, &m->version[id][i]);
    }
}

static void any_event(struct model *m)
{
    struct kt_err e = { 0 };
    size_t did = 0;
    switch (gen_below(m->g, 10)) {
    case 0:
    case 1:
    case 2:
    case 3:
        say_something(m);
        break;
    case 4:
    case 5:
        show_something(m);
        break;
    case 6:
    case 7:
        order_something(m);
        break;
    case 8:
        ship_something(m);
        break;
    default:
        PAPERS_MUST(kt_binding_step(&m->f->work, &did, &e)); /* half way */
        break;
    }
    m->t_us += gen_between(m->g, 0, 3 * KT_DAY_US);
}

static void binding__is_what_a_slow_look_finds(void **state)
{
    struct gen g = gen_start("binding__is_what_a_slow_look_finds");
    struct model *m = calloc(1, sizeof *m);
    assert_non_null(m);
    for (int round = 0; round < ROUNDS; round++) {
        void *fresh = NULL;
        if (round > 0) { /* each with a database of its own */
            close_fake(state);
            open_fake(&fresh);
            *state = fresh;
        }
        memset(m, 0, sizeof *m);
        *m = (struct model){ .g = &g, .f = *state, .number = round, .t_us = FIRST_US };
        put_article(m, "A-1", "P-1", "F-1");
        put_article(m, "A-2", "P-1", "F-1");
        put_article(m, "A-3", "P-2", NULL);
        for (int i = 0; i < EVENTS; i++) {
            any_event(m);
            if (i == EVENTS / 2) {
                put_article(m, "LATE", "P-1", "F-1");
                m->has_late = true;
            }
            if (i % 10 == 9)
                check(m);
        }
        check(m);
    }
    free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(binding__is_what_a_slow_look_finds, open_fake, close_fake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
