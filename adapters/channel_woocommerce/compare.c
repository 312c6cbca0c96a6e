/* Reads what stands in the shop now and compares it with what was sent: one question per hundred
 * units of one address. The session's thread; called by the reconciliation. */
#include "adapters/channel_woocommerce/compare.h"

#include <string.h>

#include "adapters/channel_woocommerce/call.h"
#include "adapters/channel_woocommerce/place.h"

enum { PATH_ROOM = 4000 };

/* Where one item stands. */
struct spot {
    const char *base; /* NULL: nowhere, or it has its verdict already */
    struct kt_str id;
    const struct kt_json *payload;
};

static void absent(struct kt_compared *out)
{
    out->v = (struct kt_verdict){ .rc = KT_OK };
    out->is_there = false;
}

static void locate(const struct kt_item *item, struct spot *spot, struct kt_compared *out,
                   struct kt_arena *a)
{
    struct kt_err why = { 0 };
    struct woocommerce_place at;
    bool hangs = item->unit == KT_UNIT_PRICE || item->unit == KT_UNIT_STOCK;
    if (!woocommerce_place_read(&at, hangs ? item->parent_id : item->remote_id, a)) {
        absent(out);
        return;
    }
    if (kt_json_parse(&spot->payload, woocommerce_payload_of(item), a, &why) != KT_OK) {
        out->v = why.v;
        return;
    }
    spot->base =
        item->unit == KT_UNIT_CATEGORY ? WOOCOMMERCE_CATEGORIES : woocommerce_base_of(&at, a);
    spot->id = at.variation.p != NULL ? at.variation : at.page;
}

static const struct kt_json *row_of(const struct kt_json *rows, struct kt_str id)
{
    for (size_t i = 0; i < kt_json_count(rows); i++) {
        if (kt_str_eq(kt_json_text_of(kt_json_at(rows, i), "id"), id))
            return kt_json_at(rows, i);
    }
    return NULL;
}

/* A withdrawn page that the shop has deleted is as it should be. */
static void compare_with(const struct kt_channel *channel, const struct kt_item *item,
                         const struct spot *spot, const struct kt_json *row,
                         struct kt_compared *out, struct kt_arena *a)
{
    absent(out);
    if (row == NULL)
        return;
    out->is_there = true;
    woocommerce_differences(channel, item, spot->payload, row, out, a);
}

/* Asks for all spots of one address. context=edit: texts as they are stored, not as they are shown.
 */
static enum kt_rc ask(struct kt_channel *channel, const struct kt_item *item, size_t count,
                      struct spot *spot, const char *base, struct kt_compared *out,
                      struct kt_arena *a, struct kt_err *e)
{
    struct kt_buf path;
    const struct kt_json *rows = NULL;
    bool is_first = true;
    bool is_category = strcmp(base, WOOCOMMERCE_CATEGORIES) == 0;
    kt_buf_init(&path, a, PATH_ROOM);
    kt_buf_format(&path, "%s?%s&context=edit&per_page=100&include=", base,
                  is_category ? "hide_empty=false" : "status=any");
    for (size_t i = 0; i < count; i++) {
        if (spot[i].base == NULL || strcmp(spot[i].base, base) != 0)
            continue;
        kt_buf_text(&path, is_first ? "" : "%2C");
        kt_buf_str(&path, spot[i].id);
        is_first = false;
    }
    KT_ASSERT(kt_buf_ok(&path)); /* a hundred ids of at most 18 digits */
    struct woocommerce_call q = { .method = "GET",
                                  .path = kt_buf_view(&path).p,
                                  .what = "what stands in the shop",
                                  .may_be_gone = true };
    enum kt_rc rc = woocommerce_rows(channel, &q, &rows, a, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        if (spot[i].base == NULL || strcmp(spot[i].base, base) != 0)
            continue;
        compare_with(channel, &item[i], &spot[i], row_of(rows, spot[i].id), &out[i], a);
        spot[i].base = NULL; /* `base` itself stays */
    }
    return rc;
}

static void postpone(const struct kt_item *item, struct kt_compared *out, struct kt_arena *a)
{
    kt_judge(&out->v, KT_RETRY, KT_RECORD, KT_E_CHANNEL_NOT_YET,
             KT_P_TEXT("unit", woocommerce_unit_text(item, a)));
}

static bool names_global(const struct kt_json *payload)
{
    const struct kt_json *list = kt_json_get(payload, "attributes");
    for (size_t i = 0; i < kt_json_count(list); i++) {
        if (woocommerce_is_global(kt_json_at(list, i)))
            return true;
    }
    return false;
}

enum kt_rc woocommerce_compare(struct kt_channel *channel, const struct kt_item *item, size_t count,
                               struct kt_compared *out, struct kt_arena *a, struct kt_err *e)
{
    struct spot *spot = KT_NEW_ARRAY(a, count + 1, struct spot);
    enum kt_rc rc = KT_OK;
    bool needs_attributes = false;
    KT_ASSERT(count <= WOOCOMMERCE_BATCH);
    woocommerce_begin(channel);
    for (size_t i = 0; i < count; i++) {
        locate(&item[i], &spot[i], &out[i], a);
        needs_attributes = needs_attributes || names_global(spot[i].payload);
    }
    if (needs_attributes)
        rc = woocommerce_attributes_read(channel, a, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        const char *base = spot[i].base;
        if (base == NULL)
            continue;
        if (woocommerce_has_time(channel))
            rc = ask(channel, item, count, spot, base, out, a, e);
        else
            postpone(&item[i], &out[i], a);
    }
    return rc == KT_OK ? KT_OK : kt_trail(e, "compare %zu units", count);
}
