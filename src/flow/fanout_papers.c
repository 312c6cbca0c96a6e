/* Which units a changed document or certificate touches: all articles that it covers or ever
 * covered, by themselves, by their products and by their product groups, and the pages that show
 * them. A group may hold thousands: records are read page by page, and only keys are kept. Called
 * by the fan-out. */
#include "flow/fanout_inner.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE = 500, FOLD_AT = 4096 };

/* What is covered. Sorted and each once up to `folded`; behind that as it came. */
struct covered {
    struct kt_covered *item;
    size_t count;
    size_t room;
    size_t folded;
    struct kt_arena *arena;
};

static int compare_covered(const void *left, const void *right)
{
    const struct kt_covered *a = left;
    const struct kt_covered *b = right;
    return a->what != b->what ? (int)a->what - (int)b->what : kt_str_cmp(a->id, b->id);
}

static void fold(struct covered *c)
{
    size_t n = 0;
    if (c->count > 1)
        qsort(c->item, c->count, sizeof *c->item, compare_covered);
    for (size_t i = 0; i < c->count; i++) {
        if (n == 0 || compare_covered(&c->item[n - 1], &c->item[i]) != 0)
            c->item[n++] = c->item[i];
    }
    c->count = n;
    c->folded = n;
}

static bool is_there(const struct covered *c, const struct kt_covered *wanted)
{
    return c->folded > 0 &&
           bsearch(wanted, c->item, c->folded, sizeof *c->item, compare_covered) != NULL;
}

/* Documents of one family name the same ids again and again: an id is copied once. */
static void add_all(struct covered *c, const struct kt_covered *more, size_t count)
{
    if (c->count + count > c->room) {
        c->room = 2 * (c->count + count) + FOLD_AT;
        struct kt_covered *larger = KT_NEW_ARRAY(c->arena, c->room, struct kt_covered);
        if (c->count > 0)
            memcpy(larger, c->item, c->count * sizeof *larger);
        c->item = larger;
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_there(c, &more[i]))
            c->item[c->count++] =
                (struct kt_covered){ more[i].what, kt_str_copy(c->arena, more[i].id) };
    }
    if (c->count > 2 * c->folded + FOLD_AT)
        fold(c);
}

struct expanding {
    struct kt_work *w;
    struct kt_wants *wants;
    struct kt_str scope;
    struct kt_arena *scratch; /* of one page of records */
};

/* Keys live as long as the list of wants, which outlives the scratch. */
static void want_variant(const struct expanding *x, const struct kt_variant *v)
{
    kt_wants_add(x->wants, KT_UNIT_VARIANT, kt_wants_sku_key(x->wants, x->scope, v->sku));
    if (v->product.n > 0)
        kt_wants_add(x->wants, KT_UNIT_PRODUCT,
                     kt_wants_product_key(x->wants, x->scope, v->product));
}

/* Articles by their numbers; also those of which a product of that number is their own record. */
static enum kt_rc want_skus(const struct expanding *x, const struct kt_str *sku, size_t count,
                            struct kt_err *e)
{
    struct kt_str *key = KT_NEW_ARRAY(x->scratch, count + 1, struct kt_str);
    struct kt_stored *stored = KT_NEW_ARRAY(x->scratch, count + 1, struct kt_stored);
    for (size_t i = 0; i < count; i++) {
        const struct kt_variant v = { .scope = x->scope, .sku = sku[i] };
        key[i] = kt_shape_key(&kt_variant_shape, &v, x->scratch);
    }
    enum kt_rc rc = kt_records_get(x->w->db, KT_KIND_VARIANT, key, count, stored, x->scratch, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        if (stored[i].record != NULL && !stored[i].is_deleted)
            want_variant(x, stored[i].record);
    }
    return rc;
}

static enum kt_rc want_products(const struct expanding *x, const struct kt_str *id, size_t count,
                                struct kt_err *e)
{
    struct kt_list variants = { NULL, 0 };
    for (size_t i = 0; i < count; i++)
        kt_wants_add(x->wants, KT_UNIT_PRODUCT, kt_wants_product_key(x->wants, x->scope, id[i]));
    enum kt_rc rc = kt_records_where_in(x->w->db, KT_KIND_VARIANT, x->scope, "product", id, count,
                                        &variants, x->scratch, e);
    const struct kt_variant *v = variants.item;
    for (size_t i = 0; rc == KT_OK && i < variants.count; i++)
        want_variant(x, &v[i]);
    return rc == KT_OK ? want_skus(x, id, count, e) : rc;
}

/* Ids of the products with these keys, in the scratch. */
static size_t ids_of(const struct expanding *x, const struct kt_str *key, size_t keys,
                     struct kt_str *id)
{
    size_t n = 0;
    for (size_t i = 0; i < keys; i++) {
        struct kt_product p = { 0 };
        if (kt_shape_key_read(&kt_product_shape, &p, key[i], x->scratch))
            id[n++] = p.id;
    }
    return n;
}

static enum kt_rc want_family(const struct expanding *x, struct kt_str family, struct kt_err *e)
{
    struct kt_arena *place = kt_arena_new(); /* of the key behind which to go on */
    struct kt_str after = KT_STR("");
    size_t keys = PAGE;
    enum kt_rc rc = KT_OK;
    while (rc == KT_OK && keys == PAGE) {
        struct kt_str *key = NULL;
        kt_arena_reset(x->scratch);
        rc = kt_records_keys_where(x->w->db, KT_KIND_PRODUCT, x->scope, "product_group", family,
                                   after, PAGE, &key, &keys, x->scratch, e);
        if (rc != KT_OK || keys == 0)
            break;
        kt_arena_reset(place);
        after = kt_str_copy(place, key[keys - 1]);
        struct kt_str *id = KT_NEW_ARRAY(x->scratch, keys, struct kt_str);
        rc = want_products(x, id, ids_of(x, key, keys, id), e);
    }
    kt_arena_free(place);
    return rc;
}

/* At most PAGE that are alike, from `from` on. */
static size_t alike(const struct covered *c, size_t from)
{
    size_t n = 1;
    while (n < PAGE && from + n < c->count && c->item[from + n].what == c->item[from].what)
        n++;
    return n;
}

static enum kt_rc expand(const struct expanding *x, const struct covered *c, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    size_t some = 0;
    for (size_t at = 0; rc == KT_OK && at < c->count; at += some) {
        const enum kt_covers what = c->item[at].what;
        some = what == KT_COVERS_FAMILY ? 1 : alike(c, at);
        kt_arena_reset(x->scratch);
        struct kt_str *id = KT_NEW_ARRAY(x->scratch, some, struct kt_str);
        for (size_t i = 0; i < some; i++)
            id[i] = c->item[at + i].id;
        if (what == KT_COVERS_FAMILY)
            rc = want_family(x, id[0], e); /* of c, not of the scratch */
        else if (what == KT_COVERS_PRODUCT)
            rc = want_products(x, id, some, e);
        else
            rc = want_skus(x, id, some, e);
    }
    return rc;
}

enum kt_rc kt_wants_of_papers(struct kt_work *w, struct kt_wants *wants, enum kt_kind kind,
                              const struct kt_str *key, size_t keys, struct kt_err *e)
{
    struct covered all = { .arena = kt_arena_new() };
    struct expanding x = { w, wants, kt_str_of(wants->channel->erp->scope), kt_arena_new() };
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < keys; i++) {
        struct kt_covered *covered = NULL;
        size_t count = 0;
        kt_arena_reset(x.scratch);
        rc = kt_covered_by(w->db, kind, key[i], &covered, &count, x.scratch, e);
        if (rc == KT_OK)
            add_all(&all, covered, count);
    }
    fold(&all);
    if (rc == KT_OK)
        rc = expand(&x, &all, e);
    kt_arena_free(x.scratch);
    kt_arena_free(all.arena);
    return rc;
}
