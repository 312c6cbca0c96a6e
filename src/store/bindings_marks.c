/* Marks of lines that must be resolved again: since a document came, changed or went, or since more
 * is known of an article. Put by the house thread that follows the journal. */
#include "store/bindings.h"

#include "store/odbc.h"
#include "store/own_tx.h"

enum { CHUNK = 100 };

/* A list of ids in one column, by 100 or one by one; the last id fills what is left. */
static enum kt_rc mark(struct kt_db *db, enum kt_stmt_id one, enum kt_stmt_id many,
                       struct kt_str scope, const struct kt_str *id, size_t count, struct kt_err *e)
{
    struct kt_value v[CHUNK + 1];
    enum kt_rc rc = KT_OK;
    v[0] = kt_text(scope);
    for (size_t at = 0; at < count && rc == KT_OK; at += CHUNK) {
        const size_t some = count - at < CHUNK ? count - at : CHUNK;
        const size_t room = some == 1 ? 1 : CHUNK;
        for (size_t i = 0; i < room; i++)
            v[i + 1] = kt_text(id[at + (i < some ? i : some - 1)]);
        rc = kt_stmt_write(db, some == 1 ? one : many, v, room + 1, NULL, e);
    }
    return rc;
}

static size_t ids_of(const struct kt_covered *covered, size_t count, enum kt_covers what,
                     struct kt_str *id)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (covered[i].what == what && covered[i].id.n > 0)
            id[n++] = covered[i].id;
    }
    return n;
}

enum kt_rc kt_bound_mark(struct kt_db *db, struct kt_str scope, const struct kt_covered *covered,
                         size_t count, struct kt_err *e)
{
    static const enum kt_stmt_id one[] = { KT_S_BOUND_MARK_SKU_1, KT_S_BOUND_MARK_PRODUCT_1,
                                           KT_S_BOUND_MARK_FAMILY_1 };
    static const enum kt_stmt_id many[] = { KT_S_BOUND_MARK_SKU_100, KT_S_BOUND_MARK_PRODUCT_100,
                                            KT_S_BOUND_MARK_FAMILY_100 };
    struct kt_arena *a = kt_arena_new();
    struct kt_str *id = KT_NEW_ARRAY(a, count + 1, struct kt_str);
    bool is_own = false;
    enum kt_rc rc = kt_own_begin(db, &is_own, e);
    for (unsigned what = KT_COVERS_VARIANT; what <= KT_COVERS_FAMILY && rc == KT_OK; what++) {
        const size_t n = ids_of(covered, count, (enum kt_covers)what, id);
        rc = mark(db, one[what], many[what], scope, id, n, e);
    }
    rc = kt_own_end(db, is_own, rc, e);
    kt_arena_free(a);
    return rc;
}

enum kt_rc kt_bound_mark_unknown(struct kt_db *db, struct kt_str scope,
                                 const struct kt_goods *goods, size_t count, struct kt_err *e)
{
    struct kt_arena *a = kt_arena_new();
    struct kt_str *sku = KT_NEW_ARRAY(a, count + 1, struct kt_str);
    struct kt_str *product = KT_NEW_ARRAY(a, count + 1, struct kt_str);
    size_t skus = 0;
    size_t products = 0;
    bool is_own = false;
    for (size_t i = 0; i < count; i++) {
        if (goods[i].sku.n > 0 && goods[i].product.n > 0)
            sku[skus++] = goods[i].sku;
        if (goods[i].product.n > 0 && goods[i].family.n > 0)
            product[products++] = goods[i].product;
    }
    enum kt_rc rc = kt_own_begin(db, &is_own, e);
    if (rc == KT_OK)
        rc = mark(db, KT_S_BOUND_MARK_NO_PRODUCT_1, KT_S_BOUND_MARK_NO_PRODUCT_100, scope, sku,
                  skus, e);
    if (rc == KT_OK)
        rc = mark(db, KT_S_BOUND_MARK_NO_FAMILY_1, KT_S_BOUND_MARK_NO_FAMILY_100, scope, product,
                  products, e);
    rc = kt_own_end(db, is_own, rc, e);
    kt_arena_free(a);
    return rc;
}

enum kt_rc kt_bound_mark_order(struct kt_db *db, struct kt_str our_key, struct kt_err *e)
{
    bool is_own = false;
    enum kt_rc rc = kt_own_begin(db, &is_own, e);
    if (rc == KT_OK)
        rc = kt_stmt_write(db, KT_S_BOUND_MARK_ORDER, KT_ARGS(kt_text(our_key)), NULL, e);
    return kt_own_end(db, is_own, rc, e);
}

enum kt_rc kt_bound_unmark(struct kt_db *db, const struct kt_bound_line *line, int64_t due,
                           struct kt_err *e)
{
    bool is_own = false;
    enum kt_rc rc = kt_own_begin(db, &is_own, e);
    if (rc == KT_OK)
        rc = kt_stmt_write(db, KT_S_BOUND_UNMARK,
                           KT_ARGS(kt_text(line->our_key), kt_text(line->line), kt_int(due)), NULL,
                           e);
    return kt_own_end(db, is_own, rc, e);
}
