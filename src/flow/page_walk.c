/* Walks over all pages of a scope by way of their variants. Called by commands and by the adoption
 * of a shop, on the caller's connection. */
#include <stdlib.h>
#include <string.h>

#include "flow/fanout.h"
#include "flow/pages.h"
#include "store/records.h"

void kt_page_walk_begin(struct kt_page_walk *walk, const struct kt_channel_site *channel)
{
    *walk =
        (struct kt_page_walk){ .channel = channel, .arena = kt_arena_new(), .after = KT_STR("") };
}

void kt_page_walk_end(struct kt_page_walk *walk)
{
    kt_arena_free(walk->arena);
    *walk = (struct kt_page_walk){ 0 };
}

/* Where the id stands among those given out, or would stand. */
static size_t place_of(const struct kt_page_walk *walk, struct kt_str id)
{
    size_t low = 0;
    size_t high = walk->seens;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (kt_str_cmp(walk->seen[middle], id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool note(struct kt_page_walk *walk, struct kt_str id)
{
    size_t at = place_of(walk, id);
    if (at < walk->seens && kt_str_eq(walk->seen[at], id))
        return false;
    if (walk->seens == walk->room) {
        size_t room = walk->room == 0 ? 1024 : 2 * walk->room;
        struct kt_str *more = KT_NEW_ARRAY(walk->arena, room, struct kt_str);
        if (walk->seens > 0)
            memcpy(more, walk->seen, walk->seens * sizeof *more);
        walk->seen = more;
        walk->room = room;
    }
    memmove(walk->seen + at + 1, walk->seen + at, (walk->seens - at) * sizeof *walk->seen);
    walk->seen[at] = kt_str_copy(walk->arena, id);
    walk->seens++;
    return true;
}

enum kt_rc kt_page_walk_next(struct kt_work *w, struct kt_page_walk *walk, size_t max,
                             struct kt_str **id, size_t *count, struct kt_err *e)
{
    struct kt_str *found = KT_NEW_ARRAY(w->arena, max, struct kt_str);
    *id = found;
    *count = 0;
    while (*count == 0 && !walk->is_over) {
        struct kt_str *key = NULL;
        size_t keys = 0;
        enum kt_rc rc =
            kt_records_keys(w->db, KT_KIND_VARIANT, walk->after, max, &key, &keys, w->arena, e);
        if (rc != KT_OK)
            return rc;
        walk->is_over = keys == 0;
        if (keys == 0)
            break;
        struct kt_stored *stored = KT_NEW_ARRAY(w->arena, keys, struct kt_stored);
        walk->after = kt_str_copy(walk->arena, key[keys - 1]);
        rc = kt_records_get(w->db, KT_KIND_VARIANT, key, keys, stored, w->arena, e);
        if (rc != KT_OK)
            return rc;
        for (size_t i = 0; i < keys; i++) {
            const struct kt_variant *v = stored[i].record;
            if (v != NULL && kt_fanout_takes(walk->channel, key[i]) && note(walk, v->product))
                found[(*count)++] = v->product;
        }
    }
    return KT_OK;
}
