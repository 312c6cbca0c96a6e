/* Looks units up before any create, because the shop keeps no idempotency key: pages by the mark
 * that they were made with, else by the SKU of the only variant of a page that somebody else made;
 * variants by SKU among those of their page; categories by what their collection collects. Only an
 * exact and single match counts, but for our own marks. The session's thread. */
#include <string.h>

#include "adapters/channel_vendure/place.h"
#include "adapters/channel_vendure/terms.h"

enum { BODY_MAX = 1 << 20, PAGE = 100, COLLECTIONS_MAX = 20000 };

static bool is_wanted(const struct kt_item *item)
{
    return item->remote_id.n == 0 && item->sku.n > 0;
}

static enum kt_rc ask(struct kt_channel *channel, const char *query, const char *root,
                      const struct kt_str *text, size_t count, struct kt_str pages,
                      const struct kt_json **items, struct kt_arena *a, struct kt_err *e)
{
    struct vendure_answer answer = { 0 };
    struct kt_buf b;
    kt_buf_init(&b, a, BODY_MAX);
    kt_buf_text(&b, "{\"texts\":");
    vendure_put_texts(&b, text, count);
    if (pages.n > 0) {
        kt_buf_text(&b, ",\"pages\":");
        kt_buf_str(&b, pages);
    }
    kt_buf_char(&b, '}');
    struct vendure_call q = { .query = query, .variables = kt_buf_view(&b), .what = root };
    enum kt_rc rc = vendure_call(channel, &q, &answer, a, e);
    *items = kt_json_get(kt_json_get(answer.data, root), "items");
    return rc;
}

static const struct kt_str nowhere = { NULL, 0 };

/* --- pages by what they were made with --- */

/* The only row that fits; NULL: none, or several. */
static const struct kt_json *only(const struct kt_json *items, struct kt_str text,
                                  bool (*fits)(const struct kt_json *row, struct kt_str text))
{
    const struct kt_json *hit = NULL;
    for (size_t i = 0; i < kt_json_count(items); i++) {
        if (!fits(kt_json_at(items, i), text))
            continue;
        if (hit != NULL)
            return NULL;
        hit = kt_json_at(items, i);
    }
    return hit;
}

/* Of those with our own mark the oldest: the shop's button "duplicate" copies the mark, too. Rows
 * come by their age. */
static const struct kt_json *oldest(const struct kt_json *items, struct kt_str text,
                                    bool (*fits)(const struct kt_json *row, struct kt_str text))
{
    for (size_t i = 0; i < kt_json_count(items); i++) {
        if (fits(kt_json_at(items, i), text))
            return kt_json_at(items, i);
    }
    return NULL;
}

static bool has_key(const struct kt_json *row, struct kt_str key)
{
    return kt_str_eq(kt_json_text_of(kt_json_get(row, "customFields"), "kontorKey"), key);
}

static enum kt_rc pages_by_key(struct kt_channel *channel, struct kt_item *item, size_t count,
                               struct kt_arena *a, struct kt_err *e)
{
    struct kt_str *key = KT_NEW_ARRAY(a, count + 1, struct kt_str);
    const struct kt_json *items = NULL;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (is_wanted(&item[i]))
            key[n++] = item[i].key;
    }
    enum kt_rc rc = ask(channel,
                        "query($texts:[String!]!){products(options:{take:100,filter:{kontorKey:{in:"
                        "$texts}},sort:{createdAt:ASC}}){items{id customFields{kontorKey}}}}",
                        "products", key, n, nowhere, &items, a, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        if (is_wanted(&item[i]))
            item[i].remote_id =
                kt_str_copy(a, kt_json_text_of(oldest(items, item[i].key, has_key), "id"));
    }
    return rc;
}

static bool has_page_mark(const struct kt_json *row, struct kt_str code)
{
    return vendure_has_mark(kt_json_get(row, "facetValues"), VENDURE_FACET_PAGE, code.p);
}

/* Marks that are there say which pages to ask for. */
static enum kt_rc pages_by_mark(struct kt_channel *channel, struct kt_item *item, size_t count,
                                struct kt_arena *a, struct kt_err *e)
{
    struct vendure_term_list terms = { 0 };
    struct kt_str *id = KT_NEW_ARRAY(a, count + 1, struct kt_str);
    const struct kt_json *items = NULL;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        const struct vendure_term mark = { .facet = KT_STR(VENDURE_FACET_PAGE),
                                           .code = vendure_code(item[i].key, a) };
        if (is_wanted(&item[i]))
            vendure_term_add(&terms, &mark, a);
    }
    enum kt_rc rc = vendure_terms_ensure(channel, &terms, true, a, e);
    for (size_t i = 0; rc == KT_OK && i < terms.count; i++) {
        if (terms.item[i].id.p != NULL)
            id[n++] = terms.item[i].id;
    }
    if (rc == KT_OK && n > 0)
        rc = ask(channel,
                 "query($texts:[String!]!){products(options:{take:100,filter:{facetValueId:{in:"
                 "$texts}},sort:{createdAt:ASC}}){items{id facetValues{id code facet{code}}}}}",
                 "products", id, n, nowhere, &items, a, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        if (is_wanted(&item[i]))
            item[i].remote_id = kt_str_copy(
                a,
                kt_json_text_of(oldest(items, vendure_code(item[i].key, a), has_page_mark), "id"));
    }
    return rc;
}

/* --- pages that somebody else made --- */

/* Sold by itself, and not one of ours. */
static bool is_plain(const struct kt_json *row, struct kt_str sku)
{
    const struct kt_json *variants = kt_json_get(row, "variants");
    return kt_json_count(variants) == 1 &&
           kt_str_eq(kt_json_text_of(kt_json_at(variants, 0), "sku"), sku) &&
           kt_json_count(kt_json_get(row, "optionGroups")) == 0 &&
           kt_json_text_of(kt_json_get(row, "customFields"), "kontorKey").n == 0 &&
           !vendure_has_mark(kt_json_get(row, "facetValues"), VENDURE_FACET_PAGE, NULL);
}

static enum kt_rc pages_by_sku(struct kt_channel *channel, struct kt_item *item, size_t count,
                               struct kt_arena *a, struct kt_err *e)
{
    struct kt_str *sku = KT_NEW_ARRAY(a, count + 1, struct kt_str);
    const struct kt_json *items = NULL;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (is_wanted(&item[i]) && item[i].is_single)
            sku[n++] = item[i].sku;
    }
    if (n == 0)
        return KT_OK;
    enum kt_rc rc = ask(channel,
                        vendure_has_field(channel, "Product", "kontorKey")
                            ? "query($texts:[String!]!){products(options:{take:100,filter:{sku:{in:"
                              "$texts}}}){items{id optionGroups{id} variants{id sku} facetValues{id"
                              " code facet{code}} customFields{kontorKey}}}}"
                            : "query($texts:[String!]!){products(options:{take:100,filter:{sku:{in:"
                              "$texts}}}){items{id optionGroups{id} variants{id sku} facetValues{id"
                              " code facet{code}}}}}",
                        "products", sku, n, nowhere, &items, a, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        if (is_wanted(&item[i]) && item[i].is_single)
            item[i].remote_id =
                kt_str_copy(a, kt_json_text_of(only(items, item[i].sku, is_plain), "id"));
    }
    return rc;
}

/* --- variants --- */

static struct kt_str pages_of(const struct kt_item *item, size_t count, struct kt_arena *a)
{
    struct kt_buf b;
    bool is_first = true;
    kt_buf_init(&b, a, BODY_MAX);
    kt_buf_char(&b, '[');
    for (size_t i = 0; i < count; i++) {
        struct vendure_place at;
        if (!is_wanted(&item[i]) || !vendure_place_read(&at, item[i].parent_id, a))
            continue;
        kt_buf_text(&b, is_first ? "" : ",");
        kt_json_put_text(&b, at.page);
        is_first = false;
    }
    kt_buf_char(&b, ']');
    return kt_buf_view(&b);
}

static enum kt_rc find_variants(struct kt_channel *channel, struct kt_item *item, size_t count,
                                struct kt_arena *a, struct kt_err *e)
{
    struct kt_str *sku = KT_NEW_ARRAY(a, count + 1, struct kt_str);
    const struct kt_json *items = NULL;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (is_wanted(&item[i]))
            sku[n++] = item[i].sku;
    }
    enum kt_rc rc =
        ask(channel,
            "query($texts:[String!]!,$pages:[String!]!){productVariants(options:{take:100,filter:{"
            "sku:{in:$texts},productId:{in:$pages}}}){items{id productId sku}}}",
            "productVariants", sku, n, pages_of(item, count, a), &items, a, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        struct vendure_place at;
        struct kt_str id = nowhere;
        size_t hits = 0;
        if (!is_wanted(&item[i]) || !vendure_place_read(&at, item[i].parent_id, a))
            continue;
        for (size_t k = 0; k < kt_json_count(items); k++) {
            const struct kt_json *row = kt_json_at(items, k);
            if (!kt_str_eq(kt_json_text_of(row, "sku"), item[i].sku) ||
                !kt_str_eq(kt_json_text_of(row, "productId"), at.page))
                continue;
            id = kt_json_text_of(row, "id");
            hits++;
        }
        if (hits == 1 && vendure_is_id(id))
            item[i].remote_id = vendure_place_text(at.page, id, a);
    }
    return rc;
}

/* --- categories --- */

/* Does this collection collect exactly this value? */
static bool collects(const struct kt_json *row, const char *wanted)
{
    const struct kt_json *filters = kt_json_get(row, "filters");
    if (kt_json_count(filters) != 1)
        return false;
    const struct kt_json *args = kt_json_get(kt_json_at(filters, 0), "args");
    for (size_t i = 0; i < kt_json_count(args); i++) {
        if (kt_str_is(kt_json_text_of(kt_json_at(args, i), "name"), "facetValueIds"))
            return kt_str_is(kt_json_text_of(kt_json_at(args, i), "value"), wanted);
    }
    return false;
}

static void take_collections(struct kt_item *item, size_t count, const struct kt_json *rows,
                             const struct vendure_term_list *terms, struct kt_arena *a)
{
    for (size_t i = 0; i < count; i++) {
        struct kt_str value =
            vendure_term_id(terms, KT_STR(VENDURE_FACET_CATEGORY), vendure_code(item[i].key, a));
        if (!is_wanted(&item[i]) || !vendure_is_id(value))
            continue;
        const char *wanted = kt_format(a, "[\"%s\"]", value.p);
        for (size_t k = 0; k < kt_json_count(rows) && is_wanted(&item[i]); k++) {
            struct kt_str id = kt_json_text_of(kt_json_at(rows, k), "id");
            if (vendure_is_id(id) && collects(kt_json_at(rows, k), wanted))
                item[i].remote_id = kt_str_of(kt_format(a, "%s:%s", id.p, value.p));
        }
    }
}

static enum kt_rc find_categories(struct kt_channel *channel, struct kt_item *item, size_t count,
                                  struct kt_arena *a, struct kt_err *e)
{
    struct vendure_term_list terms = { 0 };
    bool is_more = false;
    for (size_t i = 0; i < count; i++) {
        const struct vendure_term term = { .facet = KT_STR(VENDURE_FACET_CATEGORY),
                                           .code = vendure_code(item[i].key, a) };
        if (is_wanted(&item[i]))
            vendure_term_add(&terms, &term, a);
    }
    enum kt_rc rc = vendure_terms_ensure(channel, &terms, true, a, e);
    for (size_t i = 0; i < terms.count; i++)
        is_more = is_more || terms.item[i].id.p != NULL;
    for (size_t skip = 0; rc == KT_OK && is_more && skip < COLLECTIONS_MAX; skip += PAGE) {
        struct vendure_answer answer = { 0 };
        struct vendure_call q = {
            .query = "query($skip:Int!){collections(options:{take:100,skip:$skip,sort:{id:ASC}}){"
                     "items{id filters{code args{name value}}}}}",
            .variables = kt_str_of(kt_format(a, "{\"skip\":%zu}", skip)),
            .what = "categories",
        };
        rc = vendure_call(channel, &q, &answer, a, e);
        const struct kt_json *rows = kt_json_get(kt_json_get(answer.data, "collections"), "items");
        if (rc == KT_OK)
            take_collections(item, count, rows, &terms, a);
        is_more = kt_json_count(rows) == PAGE;
    }
    return rc;
}

/* --- the look-up --- */

static bool has_wanted(const struct kt_item *item, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (is_wanted(&item[i]))
            return true;
    }
    return false;
}

enum kt_rc vendure_find(struct kt_channel *channel, struct kt_item *item, size_t count,
                        struct kt_arena *a, struct kt_err *e)
{
    KT_ASSERT(count <= VENDURE_BATCH);
    if (!has_wanted(item, count))
        return KT_OK;
    enum kt_rc rc = vendure_know_shop(channel, a, e);
    if (rc == KT_OK && item[0].unit == KT_UNIT_CATEGORY)
        rc = find_categories(channel, item, count, a, e);
    else if (rc == KT_OK && item[0].unit == KT_UNIT_VARIANT)
        rc = find_variants(channel, item, count, a, e);
    else if (rc == KT_OK && vendure_has_field(channel, "Product", "kontorKey"))
        rc = pages_by_key(channel, item, count, a, e);
    else if (rc == KT_OK)
        rc = pages_by_mark(channel, item, count, a, e);
    if (rc == KT_OK && item[0].unit == KT_UNIT_PRODUCT && has_wanted(item, count))
        rc = pages_by_sku(channel, item, count, a, e);
    return rc == KT_OK ? rc : kt_trail(e, "find %zu units", count);
}
