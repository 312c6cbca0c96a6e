/* Looks products up by SKU before any create, because the shop keeps no idempotency key. Only a
 * simple product with exactly this SKU counts; anything else that carries the SKU makes the create
 * fail with the shop's own words, and a person decides. The session's thread. */
#include "adapters/channel_woocommerce/call.h"

#include <string.h>

enum { PATH_MAX_BYTES = 6000, URL_ROOM = 3 * 64 };

static bool is_unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

static void put_escaped(struct kt_buf *b, struct kt_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (is_unreserved(c))
            kt_buf_char(b, s.p[i]);
        else
            kt_buf_format(b, "%%%02X", c);
    }
}

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
        put_escaped(b, item[i].sku);
        if (is_alone) {
            i++;
            break;
        }
    }
    return asked > 0 ? i : count;
}

/* The row for this SKU if there is exactly one; else absent. */
static struct kt_str id_of(const struct kt_json *rows, struct kt_str sku)
{
    struct kt_str id = { NULL, 0 };
    for (size_t i = 0; i < kt_json_count(rows); i++) {
        const struct kt_json *row = kt_json_at(rows, i);
        struct kt_str here = kt_json_text_of(row, "id");
        if (!kt_str_eq(kt_json_text_of(row, "sku"), sku) || kt_str_eq(here, id))
            continue;
        if (id.p != NULL || !kt_str_is(kt_json_text_of(row, "type"), "simple"))
            return (struct kt_str){ NULL, 0 };
        id = here;
    }
    return id;
}

enum kt_rc woocommerce_find(struct kt_channel *channel, struct kt_item *item, size_t count,
                            struct kt_arena *a, struct kt_err *e)
{
    for (size_t from = 0; from < count;) {
        struct kt_buf path;
        kt_buf_init(&path, a, PATH_MAX_BYTES + URL_ROOM);
        kt_buf_text(&path, "/wp-json/wc/v3/products?status=any&per_page=100"
                           "&_fields=id,sku,type&sku=");
        size_t empty = path.n;
        size_t next = fill_path(&path, item, count, from);
        if (path.n == empty)
            break;
        struct woocommerce_call q = {
            .method = "GET",
            .path = kt_buf_view(&path).p,
            .what = "products by SKU",
        };
        bool is_expected = false;
        const struct kt_json *rows = NULL;
        if (!kt_buf_ok(&path))
            return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_FIELD_TOO_LONG,
                           KT_P_TEXT("record", "product"), KT_P_TEXT("field", "sku"),
                           KT_P_NUM("limit", URL_ROOM / 3));
        enum kt_rc rc = woocommerce_call(channel, &q, &rows, &is_expected, a, e);
        if (rc != KT_OK)
            return kt_trail(e, "find");
        if (kt_json_type(rows) != KT_JSON_LIST)
            return woocommerce_odd_answer(channel, &q, "an answer that is no list", e);
        for (size_t i = from; i < next; i++) {
            if (is_wanted(&item[i]))
                item[i].remote_id = id_of(rows, item[i].sku);
        }
        from = next;
    }
    return KT_OK;
}
