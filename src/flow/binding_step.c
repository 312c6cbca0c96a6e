/* Keeps `valid` up to date: what the journal brings marks the lines it touches, and marked lines
 * are resolved anew. Runs on the house thread and in `kontor sync`; any number of nodes. A line is
 * locked by a write before anything is read for it, so that the newest answer is the one that
 * stays, however many work on it. */
#include "flow/binding_inner.h"

#include <stdlib.h>

#include "base/crash.h"
#include "flow/documents.h"
#include "store/deliveries.h"
#include "store/exceptions.h"
#include "store/records.h"

enum { ROWS = 500, LINES = 100, PART = 0, TRIES = 4 };

static const char place[] = "(binding)"; /* in the journal; no channel can be called so */

/* --- the journal marks lines --- */

struct following {
    struct kt_work *w;
    const struct kt_journal_row *row;
    size_t rows;
    int64_t from;
    int64_t now_us;
};

/* What is the same for several rows is done once, for the last one of them. */
static bool comes_again(const struct following *f, size_t at)
{
    for (size_t i = at + 1; i < f->rows; i++) {
        if (f->row[i].kind == f->row[at].kind && kt_str_eq(f->row[i].key, f->row[at].key))
            return true;
    }
    return false;
}

/* "scope|id" of "scope|id|version"; '|' stands in none of the three. */
static struct kt_str prefix_of(struct kt_str key, struct kt_arena *a)
{
    size_t n = key.n;
    while (n > 0 && key.p[n - 1] != '|')
        n--;
    return kt_str_copy(a, kt_str_part(key, 0, n > 0 ? n - 1 : 0));
}

static enum kt_rc mark_covered(const struct following *f, const struct kt_document *named,
                               struct kt_str key, struct kt_err *e)
{
    struct kt_covered *covered = NULL;
    size_t count = 0;
    enum kt_rc rc =
        kt_covered_by(f->w->db, KT_KIND_DOCUMENT, key, &covered, &count, f->w->arena, e);
    if (rc != KT_OK || count == 0)
        return rc;
    return kt_bound_mark(f->w->db, named->scope, covered, count, e);
}

static enum kt_rc follow_document(const struct following *f, size_t at, struct kt_err *e)
{
    struct kt_arena *a = f->w->arena;
    const struct kt_str key = f->row[at].key;
    struct kt_document named = { 0 };
    if (!kt_shape_key_read(&kt_document_shape, &named, key, a))
        return kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_INTERNAL,
                       KT_P_TEXT("detail", "the journal names a document that cannot be one"));
    enum kt_rc rc = kt_binding_tell_replaced(f->w, &named, key, f->row[at].rev, f->now_us, e);
    if (rc != KT_OK || comes_again(f, at))
        return rc;
    rc = mark_covered(f, &named, key, e);
    return rc == KT_OK ? kt_binding_tell_wrong(f->w, &named, prefix_of(key, a), f->now_us, e) : rc;
}

/* A variant tells its product, a product its group. */
static struct kt_goods goods_of(enum kt_kind kind, const void *record, struct kt_str *scope)
{
    const struct kt_variant *v = record;
    const struct kt_product *p = record;
    *scope = kind == KT_KIND_VARIANT ? v->scope : p->scope;
    return kind == KT_KIND_VARIANT
               ? (struct kt_goods){ .sku = v->sku, .product = v->product }
               : (struct kt_goods){ .product = p->id, .family = p->product_group };
}

/* Lines of articles that were not known when their order came. */
static enum kt_rc follow_articles(const struct following *f, enum kt_kind kind, struct kt_err *e)
{
    struct kt_arena *a = f->w->arena;
    struct kt_str *key = KT_NEW_ARRAY(a, f->rows, struct kt_str);
    struct kt_goods *goods = KT_NEW_ARRAY(a, f->rows, struct kt_goods);
    size_t keys = 0;
    size_t count = 0;
    for (size_t i = 0; i < f->rows; i++) {
        if (f->row[i].kind == kind && !comes_again(f, i))
            key[keys++] = f->row[i].key;
    }
    if (keys == 0)
        return KT_OK;
    struct kt_stored *stored = KT_NEW_ARRAY(a, keys, struct kt_stored);
    enum kt_rc rc = kt_records_get(f->w->db, kind, key, keys, stored, a, e);
    struct kt_str scope = { 0 };
    for (size_t i = 0; rc == KT_OK && i < keys; i++) {
        struct kt_str own = { 0 };
        if (stored[i].record == NULL)
            continue;
        struct kt_goods g = goods_of(kind, stored[i].record, &own);
        if (count > 0 && !kt_str_eq(own, scope)) {
            rc = kt_bound_mark_unknown(f->w->db, scope, goods, count, e);
            count = 0;
        }
        scope = own;
        goods[count++] = g;
    }
    if (rc == KT_OK && count > 0)
        rc = kt_bound_mark_unknown(f->w->db, scope, goods, count, e);
    return rc;
}

static enum kt_rc write_marks(const struct following *f, struct kt_err *e)
{
    enum kt_rc rc = kt_tx_begin(f->w->db, e);
    for (size_t i = 0; rc == KT_OK && i < f->rows; i++) {
        if (f->row[i].kind == KT_KIND_DOCUMENT)
            rc = follow_document(f, i, e);
    }
    if (rc == KT_OK)
        rc = follow_articles(f, KT_KIND_VARIANT, e);
    if (rc == KT_OK)
        rc = follow_articles(f, KT_KIND_PRODUCT, e);
    if (rc == KT_OK)
        rc = kt_cursor_move(f->w->db, place, PART, f->from, f->row[f->rows - 1].seq, e);
    KT_CRASH_POINT("binding.marked");
    if (rc == KT_OK)
        rc = kt_tx_commit(f->w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(f->w->db);
    return rc;
}

static enum kt_rc follow(struct kt_work *w, size_t *did, struct kt_err *e)
{
    struct following f = { .w = w, .now_us = kt_now_us() };
    struct kt_journal_row *row = NULL;
    enum kt_rc rc = kt_cursor_get(w->db, place, PART, &f.from, e);
    if (rc == KT_OK)
        rc = kt_journal_read(w->db, PART, f.from, ROWS, &row, &f.rows, w->arena, e);
    f.row = row;
    if (rc == KT_OK && f.rows > 0)
        rc = write_marks(&f, e);
    *did = rc == KT_OK ? f.rows : 0;
    return rc;
}

/* --- marked lines are resolved --- */

struct due_line {
    struct kt_bound_line line;
    int64_t due;
};

struct answering {
    struct kt_work *w;
    struct due_line *due;
    size_t count;
    struct kt_shipped shipped;
    int64_t now_us;
};

/* Everybody takes lines in one order, so that no two wait for each other. */
static int compare_due(const void *left, const void *right)
{
    const struct due_line *a = left;
    const struct due_line *b = right;
    const int order = kt_str_cmp(a->line.our_key, b->line.our_key);
    return order != 0 ? order : kt_str_cmp(a->line.line, b->line.line);
}

/* What was not known of the article yet. */
static enum kt_rc learn_goods(struct answering *x, struct kt_bound_line *line, bool *is_news,
                              struct kt_err *e)
{
    struct kt_article article = { 0 };
    if (line->goods.product.n > 0 && line->goods.family.n > 0)
        return KT_OK;
    enum kt_rc rc = kt_articles_read(x->w, line->scope, &line->goods.sku, 1, &article, e);
    const struct kt_goods goods = article.goods;
    if (rc != KT_OK)
        return rc;
    if (line->goods.product.n == 0 && goods.product.n > 0) {
        line->goods.product = goods.product;
        *is_news = true;
    }
    if (line->goods.family.n == 0 && goods.family.n > 0 &&
        kt_str_eq(line->goods.product, goods.product)) { /* it may have moved since */
        line->goods.family = goods.family;
        *is_news = true;
    }
    return KT_OK;
}

static enum kt_rc answer_line(struct answering *x, const struct due_line *due, struct kt_err *e)
{
    struct kt_db *db = x->w->db;
    struct kt_arena *a = x->w->arena;
    struct kt_bound_line line = due->line;
    struct kt_bound *valid = NULL;
    size_t count = 0;
    int64_t dispatched_us = KT_NEVER;
    bool is_news = false;
    bool is_known = false;
    bool changed = false;
    enum kt_rc rc = learn_goods(x, &line, &is_news, e);
    if (rc == KT_OK)
        rc = kt_binding_dispatch_us(x->w, &line, &x->shipped, &dispatched_us, e);
    if (rc == KT_OK && (is_news || dispatched_us != line.dispatched_us)) {
        line.dispatched_us = dispatched_us;
        rc = kt_bound_line_update(db, &line, e);
    }
    if (rc == KT_OK)
        rc = kt_binding_resolve(x->w, &line, &is_known, &valid, &count, a, e);
    for (size_t i = 0; i < count; i++)
        valid[i].from_us = x->now_us;
    if (rc == KT_OK && is_known) /* else the last answer stands */
        rc = kt_bound_valid_put(db, &line, valid, count, x->now_us, &changed, a, e);
    if (rc == KT_OK && changed)
        kt_log_info(&x->w->log, "documents.bound", F_STR("our_key", line.our_key),
                    F_STR("line", line.line), F_NUM("count", count));
    return rc == KT_OK ? kt_bound_unmark(db, &line, due->due, e) : rc;
}

/* What a person closed stays closed until something else differs. */
static enum kt_rc tell_difference(struct answering *x, const struct kt_bound_line *line,
                                  bool is_first, const struct kt_bound_difference *before,
                                  struct kt_err *e)
{
    static const char subject[] = "document";
    struct kt_bound_difference now;
    enum kt_rc rc = kt_binding_difference(x->w, line->our_key, &now, e);
    if (rc != KT_OK)
        return rc;
    if (now.text.n == 0)
        return kt_exception_close(x->w->db, subject, line->channel.p, line->our_key, x->now_us, e);
    if (!is_first && kt_str_eq(now.text, before->text))
        return KT_OK;
    kt_log_warn(&x->w->log, "documents.differ", F_STR("our_key", line->our_key));
    return kt_exception_open(x->w->db, subject, line->channel.p, line->our_key, &now.v, "",
                             x->now_us, e);
}

/* The due lines of one order, from..to. */
static enum kt_rc answer_order(struct answering *x, size_t from, size_t to, struct kt_err *e)
{
    struct kt_bound_difference before;
    bool is_first = false;
    enum kt_rc rc = KT_OK;
    for (size_t i = from; rc == KT_OK && i < to; i++) { /* locks */
        is_first = is_first || !x->due[i].line.is_answered;
        rc = kt_bound_line_update(x->w->db, &x->due[i].line, e);
    }
    if (rc == KT_OK)
        rc = kt_binding_difference(x->w, x->due[from].line.our_key, &before, e);
    x->shipped = (struct kt_shipped){ 0 };
    for (size_t i = from; rc == KT_OK && i < to; i++)
        rc = answer_line(x, &x->due[i], e);
    return rc == KT_OK ? tell_difference(x, &x->due[from].line, is_first, &before, e) : rc;
}

static enum kt_rc write_answers(struct answering *x, struct kt_err *e)
{
    enum kt_rc rc = kt_tx_begin(x->w->db, e);
    for (size_t from = 0, to = 0; rc == KT_OK && from < x->count; from = to) {
        for (to = from + 1;
             to < x->count && kt_str_eq(x->due[to].line.our_key, x->due[from].line.our_key);)
            to++;
        rc = answer_order(x, from, to, e);
    }
    KT_CRASH_POINT("binding.resolved");
    if (rc == KT_OK)
        rc = kt_tx_commit(x->w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(x->w->db);
    return rc;
}

static enum kt_rc answer(struct kt_work *w, size_t *did, struct kt_err *e)
{
    struct answering x = { .w = w, .now_us = kt_now_us() };
    struct kt_bound_line *line = NULL;
    int64_t *due = NULL;
    enum kt_rc rc = kt_bound_due(w->db, LINES, &line, &due, &x.count, w->arena, e);
    *did = 0;
    if (rc != KT_OK || x.count == 0)
        return rc;
    x.due = KT_NEW_ARRAY(w->arena, x.count, struct due_line);
    for (size_t i = 0; i < x.count; i++)
        x.due[i] = (struct due_line){ line[i], due[i] };
    qsort(x.due, x.count, sizeof *x.due, compare_due);
    rc = write_answers(&x, e);
    *did = rc == KT_OK ? x.count : 0;
    return rc;
}

/* --- one step --- */

/* Another node does the same: nothing is lost, it comes again. */
static enum kt_rc try_again(struct kt_work *w,
                            enum kt_rc (*half)(struct kt_work *w, size_t *did, struct kt_err *e),
                            size_t *did, struct kt_err *e)
{
    enum kt_rc rc = half(w, did, e);
    for (int i = 1; rc == KT_RETRY && e->v.code == KT_E_STORE_BUSY && i < TRIES; i++) {
        kt_err_clear(e);
        kt_arena_reset(w->arena);
        rc = half(w, did, e);
    }
    if (rc == KT_RETRY && e->v.code == KT_E_STORE_BUSY) {
        kt_err_clear(e);
        *did = 0;
        rc = KT_OK;
    }
    return rc;
}

static bool is_on(const struct kt_site *site)
{
    for (size_t i = 0; i < site->channels; i++) {
        if (kt_papers_are_on(site, &site->channel[i]))
            return true;
    }
    return false;
}

enum kt_rc kt_binding_step(struct kt_work *w, size_t *did, struct kt_err *e)
{
    size_t rows = 0;
    size_t lines = 0;
    *did = 0;
    if (!is_on(w->site)) /* what came meanwhile is followed when it is */
        return KT_OK;
    kt_arena_reset(w->arena);
    enum kt_rc rc = try_again(w, follow, &rows, e);
    kt_arena_reset(w->arena);
    if (rc == KT_OK)
        rc = try_again(w, answer, &lines, e);
    *did = rows + lines;
    return rc == KT_OK ? KT_OK : kt_trail(e, "documents of orders");
}
