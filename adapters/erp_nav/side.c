/* The tables beside the items: read for a page of items at a time, merged by item number. Session's
 * thread; called by feed.c and the decoders. */
#include "side.h"

#include <stdlib.h>

/* What qsort compares: the key, and the place for rows of one key. */
struct entry {
    struct kt_str key;
    const char *row;
};

static int by_key(const void *a, const void *b)
{
    const struct entry *x = a;
    const struct entry *y = b;
    int by = kt_str_cmp(x->key, y->key);
    return by != 0 ? by : x->row < y->row ? -1 : x->row > y->row;
}

struct kt_nav_index kt_nav_index_by(const struct kt_nav_rows *rows, enum kt_nav_role role,
                                    const char *field, struct kt_arena *a)
{
    const struct kt_nav_page *page = &kt_nav_page_of[role];
    struct kt_nav_index index = { .count = rows->count,
                                  .offset = page->field[kt_nav_field_at(role, field)].offset };
    struct entry *entry = KT_NEW_ARRAY(a, rows->count + 1, struct entry);
    const char *row = rows->item;
    bool is_sorted = true;
    for (size_t i = 0; i < rows->count; i++, row += page->size) {
        entry[i] =
            (struct entry){ *(const struct kt_str *)(const void *)(row + index.offset), row };
        is_sorted = is_sorted && (i == 0 || by_key(&entry[i - 1], &entry[i]) < 0);
    }
    if (!is_sorted) /* NAV sorts as its database does */
        qsort(entry, rows->count, sizeof *entry, by_key);
    index.row = KT_NEW_ARRAY(a, rows->count + 1, const char *);
    for (size_t i = 0; i < rows->count; i++)
        index.row[i] = entry[i].row;
    return index;
}

static struct kt_str key_at(const struct kt_nav_index *index, size_t at)
{
    return *(const struct kt_str *)(const void *)(index->row[at] + index->offset);
}

const char *const *kt_nav_index_of(const struct kt_nav_index *index, struct kt_str value, size_t *n)
{
    size_t low = 0;
    size_t high = index->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (kt_str_cmp(key_at(index, middle), value) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *n = 0;
    while (low + *n < index->count && kt_str_cmp(key_at(index, low + *n), value) == 0)
        (*n)++;
    return *n > 0 ? &index->row[low] : NULL;
}

static enum kt_rc read_one(struct kt_erp *erp, struct kt_nav_index *index, enum kt_nav_role role,
                           const struct kt_str *no, size_t count, bool is_range, struct kt_arena *a,
                           struct kt_err *e)
{
    struct kt_nav_rows rows = { 0 };
    enum kt_rc rc =
        is_range ? kt_nav_read_range(erp, role, no[0], no[count - 1], &rows, a, e)
                 : kt_nav_read_list(erp, role, kt_nav_page_of[role].key, no, count, &rows, a, e);
    if (rc == KT_OK)
        *index = kt_nav_index_by(&rows, role, kt_nav_page_of[role].key, a);
    return rc;
}

enum kt_rc kt_nav_side_read(struct kt_erp *erp, struct kt_nav_side *side,
                            const struct kt_nav_rows *items, bool is_range, struct kt_arena *a,
                            struct kt_err *e)
{
    const struct kt_nav_item *item = items->item;
    const struct {
        enum kt_nav_role role;
        struct kt_nav_index *index;
    } table[] = { { KT_NAV_VARIANT, &side->variant },
                  { KT_NAV_REFERENCE, &side->reference },
                  { KT_NAV_TRANSLATION, &side->translation },
                  { KT_NAV_ATTRIBUTE, &side->attribute },
                  { KT_NAV_UNIT, &side->unit } };
    struct kt_str *no = KT_NEW_ARRAY(a, items->count + 1, struct kt_str);
    enum kt_rc rc = KT_OK;
    *side = (struct kt_nav_side){ 0 };
    for (size_t i = 0; i < items->count; i++)
        no[i] = item[i].no;
    for (size_t i = 0; rc == KT_OK && items->count > 0 && i < KT_COUNT(table); i++)
        rc = read_one(erp, table[i].index, table[i].role, no, items->count, is_range, a, e);
    return rc;
}
