/* Looks units up before any create, because the shop keeps no idempotency key: pages by SKU,
 * variations by SKU among those of their page, categories by slug or by name and place. Only an
 * exact and single match counts; anything else makes the create fail with the shop's own words, and
 * a person decides. The session's thread. */
#include <string.h>

#include "adapters/channel_woocommerce/html.h"
#include "adapters/channel_woocommerce/push_inner.h"

enum { PATH_MAX_BYTES = 6000, URL_ROOM = 3 * 64 };

/* --- by SKU --- */

static bool has_comma(struct kt_str s)
{
    return memchr(s.p, ',', s.n) != NULL;
}

static bool is_wanted(const struct kt_item *item)
{
    return item->remote_id.n == 0 && item->sku.n > 0;
}

/* How many items from `from` on fit one question; commas separate SKUs, so a SKU that holds one is
 * asked for alone (the shop then tries the whole text, too). */
static size_t fill_path(struct kt_buf *b, const struct kt_item *item, size_t count, size_t from)
{
    size_t asked = 0;
    size_t i = from;
    for (; i < count && asked < WOOCOMMERCE_BATCH; i++) {
        if (!is_wanted(&item[i]))
            continue;
        bool is_alone = has_comma(item[i].sku);
        if (asked > 0 && (is_alone || b->n + 3 * item[i].sku.n > PATH_MAX_BYTES))
            break;
        if (asked++ > 0)
            kt_buf_text(b, "%2C");
        woocommerce_put_escaped(b, item[i].sku);
        if (is_alone) {
            i++;
            break;
        }
    }
    return asked > 0 ? i : count;
}

/* A page without axes may become one with axes, and keeps its address; the other way the shop would
 * delete its variations, so a person decides. */
static bool is_fitting(const struct kt_item *item, struct kt_str type)
{
    if (item->unit == KT_UNIT_VARIANT)
        return true; /* the question was for variations of one page */
    return kt_str_is(type, "simple") || (!item->is_single && kt_str_is(type, "variable"));
}

/* The row for this SKU if there is exactly one; else absent. */
static struct kt_str id_of(const struct kt_json *rows, const struct kt_item *item)
{
    struct kt_str id = { NULL, 0 };
    for (size_t i = 0; i < kt_json_count(rows); i++) {
        const struct kt_json *row = kt_json_at(rows, i);
        struct kt_str here = kt_json_text_of(row, "id");
        if (!kt_str_eq(kt_json_text_of(row, "sku"), item->sku) || kt_str_eq(here, id))
            continue;
        if (id.p != NULL || !is_fitting(item, kt_json_text_of(row, "type")))
            return (struct kt_str){ NULL, 0 };
        id = here;
    }
    return woocommerce_is_id(id) ? id : (struct kt_str){ NULL, 0 };
}

static enum kt_rc too_slow(const struct kt_channel *channel, struct kt_err *e)
{
    return kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_PARTNER_TIMEOUT,
                   KT_P_TEXT("partner", channel->env->name),
                   KT_P_NUM("limit", WOOCOMMERCE_CALLS * channel->conf->http.timeout_s));
}

static enum kt_rc find_by_sku(struct kt_channel *channel, const char *question, struct kt_str page,
                              struct kt_item *item, size_t count, struct kt_arena *a,
                              struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    for (size_t from = 0; rc == KT_OK && from < count;) {
        struct kt_buf path;
        const struct kt_json *rows = NULL;
        kt_buf_init(&path, a, PATH_MAX_BYTES + URL_ROOM);
        kt_buf_text(&path, question);
        size_t empty = path.n;
        size_t next = fill_path(&path, item, count, from);
        if (path.n == empty)
            break;
        if (!kt_buf_ok(&path))
            return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_FIELD_TOO_LONG,
                           KT_P_TEXT("record", "product"), KT_P_TEXT("field", "sku"),
                           KT_P_NUM("limit", URL_ROOM / 3));
        if (from > 0 && !woocommerce_has_time(channel))
            return too_slow(channel, e);
        struct woocommerce_call q = { .method = "GET",
                                      .path = kt_buf_view(&path).p,
                                      .what = "products by SKU",
                                      .may_be_gone = true };
        rc = woocommerce_rows(channel, &q, &rows, a, e);
        for (size_t i = from; rc == KT_OK && i < next; i++) {
            struct kt_str id = is_wanted(&item[i]) ? id_of(rows, &item[i]) : item[i].remote_id;
            if (is_wanted(&item[i]) && id.p != NULL && page.p != NULL)
                id = kt_str_of(kt_format(a, "%s/%s", page.p, id.p));
            item[i].remote_id = id;
        }
        from = next;
    }
    return rc;
}

enum kt_rc woocommerce_find_variations(struct kt_channel *channel, struct kt_str page,
                                       struct kt_item *item, size_t count, struct kt_arena *a,
                                       struct kt_err *e)
{
    const char *question = kt_format(a,
                                     WOOCOMMERCE_PRODUCTS "/%s/variations?status=any&per_page=100"
                                                          "&_fields=id,sku&sku=",
                                     page.p);
    return find_by_sku(channel, question, page, item, count, a, e);
}

/* Variants of one page; a page of its own is its only variant. Those of further pages in the same
 * call are asked for page by page. */
static enum kt_rc find_variants(struct kt_channel *channel, struct kt_item *item, size_t count,
                                struct kt_arena *a, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    struct kt_item *part = KT_NEW_ARRAY(a, count + 1, struct kt_item);
    size_t *at = KT_NEW_ARRAY(a, count + 1, size_t);
    bool *is_asked = KT_NEW_ARRAY(a, count + 1, bool);
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        struct woocommerce_place page;
        if (item[i].remote_id.n > 0 || is_asked[i] ||
            !woocommerce_place_read(&page, item[i].parent_id, a))
            continue;
        if (item[i].is_single) {
            item[i].remote_id = page.page;
            continue;
        }
        size_t parts = 0;
        for (size_t k = i; k < count; k++) {
            if (item[k].is_single || !kt_str_eq(item[k].parent_id, item[i].parent_id))
                continue;
            is_asked[k] = true;
            at[parts] = k;
            part[parts++] = item[k];
        }
        rc = i > 0 && !woocommerce_has_time(channel)
                 ? too_slow(channel, e)
                 : woocommerce_find_variations(channel, page.page, part, parts, a, e);
        for (size_t k = 0; rc == KT_OK && k < parts; k++)
            item[at[k]].remote_id = part[k].remote_id;
    }
    return rc;
}

/* --- categories --- */

struct categories {
    const struct kt_json **row;
    size_t count;
};

static enum kt_rc read_categories(struct kt_channel *channel, struct categories *all,
                                  struct kt_arena *a, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    size_t got = WOOCOMMERCE_BATCH;
    for (int page = 1; rc == KT_OK && got == WOOCOMMERCE_BATCH; page++) {
        const struct kt_json *rows = NULL;
        struct woocommerce_call q = {
            .method = "GET",
            .path =
                kt_format(a,
                          WOOCOMMERCE_CATEGORIES "?per_page=100&hide_empty=false&orderby=id&page=%d"
                                                 "&_fields=id,name,slug,parent",
                          page),
            .what = "the list of categories",
        };
        if (page > 1 && !woocommerce_has_time(channel))
            return too_slow(channel, e);
        rc = woocommerce_rows(channel, &q, &rows, a, e);
        got = rc == KT_OK ? kt_json_count(rows) : 0;
        if (got == 0)
            break;
        const struct kt_json **grown = KT_NEW_ARRAY(a, all->count + got, const struct kt_json *);
        if (all->count > 0)
            memcpy(grown, all->row, all->count * sizeof(const struct kt_json *));
        for (size_t i = 0; i < got; i++)
            grown[all->count + i] = kt_json_at(rows, i);
        all->row = grown;
        all->count += got;
    }
    return rc;
}

/* False: its parent is not in the shop, so neither is it. */
static bool parent_of(const struct kt_item *item, const struct kt_json *payload,
                      struct kt_str *parent)
{
    const struct kt_json *value = kt_json_get(payload, "parent");
    struct kt_str ref = kt_json_text_of(value, "ref");
    *parent = kt_json_text(value);
    if (ref.p != NULL) {
        const struct kt_item_ref *found = woocommerce_ref_find(item, ref);
        *parent = found != NULL ? found->remote_id : (struct kt_str){ NULL, 0 };
        return parent->n > 0;
    }
    if (parent->n == 0)
        *parent = KT_STR("0");
    return true;
}

static bool is_taken(const struct kt_item *item, size_t count, struct kt_str id)
{
    for (size_t i = 0; i < count; i++) {
        if (kt_str_eq(item[i].remote_id, id))
            return true;
    }
    return false;
}

static struct kt_str category_of(const struct categories *all, const struct kt_item *item,
                                 struct kt_arena *a)
{
    struct kt_err why = { 0 };
    const struct kt_json *payload = NULL;
    struct kt_str parent = { NULL, 0 };
    struct kt_str named = { NULL, 0 };
    size_t namesakes = 0;
    if (kt_json_parse(&payload, item->payload, a, &why) != KT_OK)
        return named; /* push says what is wrong with it */
    bool has_parent = parent_of(item, payload, &parent);
    struct kt_str slug = kt_json_text_of(payload, "slug");
    struct kt_str name = woocommerce_plain(kt_json_text_of(payload, "name"), a);
    for (size_t i = 0; i < all->count; i++) {
        const struct kt_json *row = all->row[i];
        if (slug.n > 0 && kt_str_eq(kt_json_text_of(row, "slug"), slug))
            return kt_json_text_of(row, "id");
        if (!has_parent || !kt_str_eq(kt_json_text_of(row, "parent"), parent) ||
            !kt_str_eq(woocommerce_plain(kt_json_text_of(row, "name"), a), name))
            continue;
        named = kt_json_text_of(row, "id");
        namesakes++;
    }
    return namesakes == 1 ? named : (struct kt_str){ NULL, 0 };
}

static enum kt_rc find_categories(struct kt_channel *channel, struct kt_item *item, size_t count,
                                  struct kt_arena *a, struct kt_err *e)
{
    struct categories all = { 0 };
    enum kt_rc rc = read_categories(channel, &all, a, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        if (item[i].remote_id.n > 0)
            continue;
        struct kt_str id = category_of(&all, &item[i], a);
        if (woocommerce_is_id(id) && !is_taken(item, count, id))
            item[i].remote_id = id;
    }
    return rc;
}

enum kt_rc woocommerce_find(struct kt_channel *channel, struct kt_item *item, size_t count,
                            struct kt_arena *a, struct kt_err *e)
{
    struct kt_str none = { NULL, 0 };
    enum kt_rc rc = KT_OK;
    woocommerce_begin(channel);
    if (count > 0 && item[0].unit == KT_UNIT_VARIANT)
        rc = find_variants(channel, item, count, a, e);
    else if (count > 0 && item[0].unit == KT_UNIT_CATEGORY)
        rc = find_categories(channel, item, count, a, e);
    else
        rc = find_by_sku(
            channel, WOOCOMMERCE_PRODUCTS "?status=any&per_page=100&_fields=id,sku,type&sku=", none,
            item, count, a, e);
    return rc == KT_OK ? KT_OK : kt_trail(e, "find");
}
