/* Reading what was ever said of documents and certificates, and what they cover. Writing:
 * past_put.c. Views, bindings, the archive and the command line, each with a connection of its own.
 */
#include "store/past.h"

#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/time.h"
#include "store/past_put.h"

enum { CHUNK = 100, PAST = 7 };
static const char past_types[] = "ttiiitt";

static const char *const covers_names[] = {
    [KT_COVERS_VARIANT] = "variant", [KT_COVERS_PRODUCT] = "product", [KT_COVERS_FAMILY] = "family"
};

const char *kt_covers_name(enum kt_covers what)
{
    KT_ASSERT(what < KT_COUNT(covers_names));
    return covers_names[what];
}

struct kt_str kt_covers_text(enum kt_covers what, struct kt_str id, struct kt_arena *a)
{
    return kt_str_of(kt_format(a, "%s %.*s", kt_covers_name(what), (int)id.n, id.p));
}

/* Lists that grow by doubling in an arena. */
struct pasts {
    struct kt_past *item;
    size_t count;
    size_t room;
};

struct keys {
    struct kt_str *item;
    size_t count;
    size_t room;
};

static void add_key(struct keys *l, struct kt_str key, struct kt_arena *a)
{
    if (l->count == l->room) {
        const size_t room = l->room == 0 ? 16 : 2 * l->room;
        struct kt_str *grown = KT_NEW_ARRAY(a, room, struct kt_str);
        if (l->count > 0)
            memcpy(grown, l->item, l->count * sizeof *grown);
        l->item = grown;
        l->room = room;
    }
    l->item[l->count++] = key;
}

static int compare_key(const void *left, const void *right)
{
    const struct kt_str *a = left;
    const struct kt_str *b = right;
    return kt_str_cmp(*a, *b);
}

/* Sorted, and each once. */
static void settle_keys(struct keys *l)
{
    size_t n = 0;
    if (l->count > 1)
        qsort(l->item, l->count, sizeof *l->item, compare_key);
    for (size_t i = 0; i < l->count; i++) {
        if (n == 0 || !kt_str_eq(l->item[n - 1], l->item[i]))
            l->item[n++] = l->item[i];
    }
    l->count = n;
}

/* --- revisions --- */

static enum kt_rc unreadable(struct kt_str key, struct kt_arena *a, struct kt_err *e)
{
    return kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_STORE_REFUSED, KT_P_TEXT("statement", "past"),
                   KT_P_TEXT("detail", kt_format(a, "a revision of %s cannot be read", key.p)));
}

static enum kt_rc add_past(struct pasts *l, enum kt_kind kind, const struct kt_value *v,
                           struct kt_arena *a, struct kt_err *e)
{
    const struct kt_shape *shape = kt_kind_shape[kind];
    void *record = kt_alloc(a, shape->size);
    const struct kt_json *j;
    struct kt_err why = { 0 };
    if (kt_json_parse(&j, v[6].text, a, &why) != KT_OK ||
        kt_shape_read(shape, record, j, a, &why) != KT_OK)
        return unreadable(v[1].text, a, e);
    if (l->count == l->room) {
        const size_t room = l->room == 0 ? 8 : 2 * l->room;
        struct kt_past *grown = KT_NEW_ARRAY(a, room, struct kt_past);
        if (l->count > 0)
            memcpy(grown, l->item, l->count * sizeof *grown);
        l->item = grown;
        l->room = room;
    }
    l->item[l->count++] = (struct kt_past){ .key = v[1].text,
                                            .rev = v[2].number,
                                            .recorded_us = v[3].number,
                                            .is_deleted = v[4].number != 0,
                                            .source = v[5].text,
                                            .record = record };
    return KT_OK;
}

static enum kt_rc read_pasts(struct kt_db *db, enum kt_stmt_id id, enum kt_kind kind,
                             const struct kt_value *value, size_t values, struct pasts *l,
                             struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[PAST];
    bool has_row = true;
    enum kt_rc rc = kt_stmt_query(db, id, value, values, e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, id, past_types, v, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        if (kt_str_is(v[0].text, kt_kind_name(kind)))
            rc = add_past(l, kind, v, a, e);
    }
    if (rc != KT_OK && db->stmt[id] != NULL)
        kt_sql_close(db->stmt[id]);
    return rc;
}

/* Of up to CHUNK keys; the last one fills what is left of the list. */
static enum kt_rc read_chunk(struct kt_db *db, enum kt_kind kind, const struct kt_str *key,
                             size_t count, struct pasts *l, struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[CHUNK];
    const size_t room = count == 1 ? 1 : count <= 10 ? 10 : CHUNK;
    const enum kt_stmt_id id = count == 1    ? KT_S_PAST_READ_1
                               : count <= 10 ? KT_S_PAST_READ_10
                                             : KT_S_PAST_READ_100;
    for (size_t i = 0; i < room; i++)
        v[i] = kt_text(key[i < count ? i : count - 1]);
    return read_pasts(db, id, kind, v, room, l, a, e);
}

enum kt_rc kt_past_of_keys(struct kt_db *db, enum kt_kind kind, const struct kt_str *key,
                           size_t count, struct kt_past **out, size_t *pasts, struct kt_arena *a,
                           struct kt_err *e)
{
    struct pasts l = { 0 };
    enum kt_rc rc = KT_OK;
    for (size_t at = 0; at < count && rc == KT_OK; at += CHUNK) {
        const size_t some = count - at < CHUNK ? count - at : CHUNK;
        rc = read_chunk(db, kind, key + at, some, &l, a, e);
    }
    *out = l.item;
    *pasts = rc == KT_OK ? l.count : 0;
    return rc;
}

/* Keys that begin with `key` and '|': from there on, and before the next character. */
static void range_of(struct kt_str key, struct kt_value *from, struct kt_value *to,
                     struct kt_arena *a)
{
    *from = kt_name(kt_format(a, "%.*s|", (int)key.n, key.p));
    *to = kt_name(kt_format(a, "%.*s}", (int)key.n, key.p));
}

enum kt_rc kt_past_of(struct kt_db *db, enum kt_kind kind, struct kt_str key, struct kt_past **out,
                      size_t *count, struct kt_arena *a, struct kt_err *e)
{
    struct pasts l = { 0 };
    struct kt_value v[3] = { kt_name(kt_kind_name(kind)) };
    range_of(key, &v[1], &v[2], a);
    enum kt_rc rc = read_chunk(db, kind, &key, 1, &l, a, e);
    if (rc == KT_OK)
        rc = read_pasts(db, KT_S_PAST_UNDER, kind, v, KT_COUNT(v), &l, a, e);
    *out = l.item;
    *count = rc == KT_OK ? l.count : 0;
    return rc;
}

/* --- what covers what --- */

/* Each text once: goods of one product name it many times. */
static void goods_texts(struct keys *l, const struct kt_goods *goods, size_t count,
                        struct kt_arena *a)
{
    for (size_t i = 0; i < count; i++) {
        if (goods[i].sku.n > 0)
            add_key(l, kt_covers_text(KT_COVERS_VARIANT, goods[i].sku, a), a);
        if (goods[i].product.n > 0)
            add_key(l, kt_covers_text(KT_COVERS_PRODUCT, goods[i].product, a), a);
        if (goods[i].family.n > 0)
            add_key(l, kt_covers_text(KT_COVERS_FAMILY, goods[i].family, a), a);
    }
    settle_keys(l);
}

/* The scope as it leads a key: "sap-800|". */
static const char *scope_of(struct kt_str scope, struct kt_arena *a)
{
    struct kt_document d = { 0 };
    KT_PUT(&d, kt_document_shape, scope, scope);
    KT_PUT(&d, kt_document_shape, id, KT_STR(""));
    KT_PUT(&d, kt_document_shape, version, KT_STR(""));
    const struct kt_str key = kt_shape_key(&kt_document_shape, &d, a);
    return kt_format(a, "%.*s", (int)key.n - 1, key.p);
}

static enum kt_rc covering_chunk(struct kt_db *db, enum kt_kind kind, const char *scope,
                                 const struct kt_str *goods, size_t count, struct keys *l,
                                 struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[CHUNK];
    struct kt_value row[2];
    bool has_row = true;
    const size_t room = count == 1 ? 1 : count <= 10 ? 10 : CHUNK;
    const enum kt_stmt_id id = count == 1    ? KT_S_COVERING_1
                               : count <= 10 ? KT_S_COVERING_10
                                             : KT_S_COVERING_100;
    for (size_t i = 0; i < room; i++)
        v[i] = kt_text(goods[i < count ? i : count - 1]);
    enum kt_rc rc = kt_stmt_query(db, id, v, room, e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, id, "tt", row, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        if (kt_str_is(row[0].text, kt_kind_name(kind)) && kt_str_starts(row[1].text, scope))
            add_key(l, row[1].text, a);
    }
    return rc;
}

enum kt_rc kt_past_covering(struct kt_db *db, enum kt_kind kind, struct kt_str scope,
                            const struct kt_goods *goods, size_t count, struct kt_past **out,
                            size_t *pasts, struct kt_arena *a, struct kt_err *e)
{
    struct keys text = { 0 };
    struct keys key = { 0 };
    const char *begin = scope_of(scope, a);
    enum kt_rc rc = KT_OK;
    goods_texts(&text, goods, count, a);
    for (size_t at = 0; at < text.count && rc == KT_OK; at += CHUNK) {
        const size_t some = text.count - at < CHUNK ? text.count - at : CHUNK;
        rc = covering_chunk(db, kind, begin, text.item + at, some, &key, a, e);
    }
    settle_keys(&key);
    *out = NULL;
    *pasts = 0;
    return rc == KT_OK ? kt_past_of_keys(db, kind, key.item, key.count, out, pasts, a, e) : rc;
}

static enum kt_rc read_covers(struct kt_covered *out, struct kt_str goods, struct kt_err *e)
{
    for (unsigned i = 0; i < KT_COUNT(covers_names); i++) {
        const size_t n = strlen(covers_names[i]);
        if (kt_str_starts(goods, covers_names[i]) && goods.n > n && goods.p[n] == ' ') {
            /* up to its end: the NUL stays behind it */
            *out = (struct kt_covered){ (enum kt_covers)i, { goods.p + n + 1, goods.n - n - 1 } };
            return KT_OK;
        }
    }
    return kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_STORE_REFUSED, KT_P_TEXT("statement", "covered"),
                   KT_P_TEXT("detail", "neither variant nor product nor family"));
}

enum kt_rc kt_covered_by(struct kt_db *db, enum kt_kind kind, struct kt_str key,
                         struct kt_covered **out, size_t *count, struct kt_arena *a,
                         struct kt_err *e)
{
    struct keys l = { 0 };
    struct kt_value v;
    bool has_row = true;
    enum kt_rc rc =
        kt_stmt_query(db, KT_S_COVERED_OF, KT_ARGS(kt_name(kt_kind_name(kind)), kt_text(key)), e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, KT_S_COVERED_OF, "t", &v, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        add_key(&l, v.text, a);
    }
    *out = KT_NEW_ARRAY(a, l.count + 1, struct kt_covered);
    for (size_t i = 0; i < l.count && rc == KT_OK; i++)
        rc = read_covers(&(*out)[i], l.item[i], e);
    *count = rc == KT_OK ? l.count : 0;
    return rc;
}

/* --- certificates that end, and when somebody spoke --- */

static int64_t day_number(struct kt_day d)
{
    return d.y * 10000 + d.m * 100 + d.d;
}

static int64_t begin_us(struct kt_day d)
{
    return kt_civil_days((struct kt_civil){ d.y, d.m, d.d }) * KT_DAY_US;
}

enum kt_rc kt_certificates_ending(struct kt_db *db, struct kt_day first, struct kt_day last,
                                  struct kt_str after, size_t max, struct kt_list *out,
                                  struct kt_arena *a, struct kt_err *e)
{
    struct keys l = { 0 };
    struct kt_value v;
    bool has_row = true;
    *out = (struct kt_list){ NULL, 0 };
    enum kt_rc rc = kt_stmt_query(
        db, KT_S_CERTIFICATES_ENDING,
        KT_ARGS(kt_text(after.p == NULL ? KT_STR("") : after), kt_int(day_number(first)),
                kt_int(day_number(last)), kt_int(begin_us(first)),
                kt_int(begin_us(kt_day_next(last))), kt_int((int64_t)max)),
        e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, KT_S_CERTIFICATES_ENDING, "t", &v, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        add_key(&l, v.text, a);
    }
    struct kt_stored *stored = KT_NEW_ARRAY(a, l.count + 1, struct kt_stored);
    struct kt_certificate *item = KT_NEW_ARRAY(a, l.count + 1, struct kt_certificate);
    size_t n = 0;
    if (rc == KT_OK)
        rc = kt_records_get(db, KT_KIND_CERTIFICATE, l.item, l.count, stored, a, e);
    for (size_t i = 0; i < l.count && rc == KT_OK; i++) {
        if (stored[i].record != NULL && !stored[i].is_deleted) /* since then */
            memcpy(&item[n++], stored[i].record, sizeof *item);
    }
    if (rc == KT_OK)
        *out = (struct kt_list){ item, n };
    return rc;
}

enum kt_rc kt_heard_at(struct kt_db *db, const char *scope, enum kt_kind kind, int64_t *at_us,
                       struct kt_err *e)
{
    struct kt_value v = kt_int(0);
    bool found = false;
    enum kt_rc rc =
        kt_stmt_one(db, KT_S_HEARD_GET, KT_ARGS(kt_name(scope), kt_name(kt_kind_name(kind))), "i",
                    &v, &found, db->arena, e);
    *at_us = rc == KT_OK && found ? v.number : 0;
    return rc;
}

enum kt_rc kt_hear(struct kt_db *db, const char *scope, enum kt_kind kind, int64_t now_us,
                   struct kt_err *e)
{
    return kt_stmt_write(db, KT_S_HEARD_PUT,
                         KT_ARGS(kt_name(scope), kt_name(kt_kind_name(kind)), kt_int(now_us)), NULL,
                         e);
}
