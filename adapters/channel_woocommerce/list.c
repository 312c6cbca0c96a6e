/* Everything that stands in the shop: pages by their ids, and behind each hundred of them the
 * variations of those that have some. The token says where to go on: "PAGE", or
 * "PAGE;ID,ID;VPAGE" while variations are open. The session's thread; called for adoption. */
#include <stdlib.h>
#include <string.h>

#include "adapters/channel_woocommerce/call.h"
#include "adapters/channel_woocommerce/place.h"

enum { PER_PAGE = 100, NUMBER_MAX = 10 };

struct position {
    long page;          /* of products, read next or read before the variations */
    struct kt_str open; /* ids of pages whose variations are still to be read, with commas */
    long inner;         /* page of the variations of the first of them */
};

/* --- token --- */

static bool read_number(struct kt_str s, long *out)
{
    if (s.p == NULL || s.n > NUMBER_MAX - 1 || !woocommerce_is_id(s))
        return false;
    char text[NUMBER_MAX];
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    *out = strtol(text, NULL, 10);
    return true;
}

/* Takes what stands before `mark` off the front of *rest. */
static struct kt_str cut(struct kt_str *rest, char mark)
{
    const char *at = rest->n > 0 ? memchr(rest->p, mark, rest->n) : NULL;
    size_t n = at != NULL ? (size_t)(at - rest->p) : rest->n;
    struct kt_str part = kt_str_part(*rest, 0, n);
    *rest = at != NULL ? kt_str_part(*rest, n + 1, rest->n) : (struct kt_str){ NULL, 0 };
    return part;
}

static bool read_token(struct position *out, struct kt_str token)
{
    struct kt_str rest = token;
    *out = (struct position){ .page = 1, .inner = 1 };
    if (token.n == 0)
        return true;
    if (!read_number(cut(&rest, ';'), &out->page))
        return false;
    if (rest.p == NULL)
        return true;
    out->open = cut(&rest, ';');
    return read_number(rest, &out->inner);
}

static struct kt_str write_token(const struct position *at, struct kt_arena *a)
{
    if (at->open.n == 0)
        return kt_str_of(kt_format(a, "%ld", at->page));
    return kt_str_of(
        kt_format(a, "%ld;%.*s;%ld", at->page, (int)at->open.n, at->open.p, at->inner));
}

/* --- rows --- */

static struct kt_str text_of(const struct kt_json *row, const char *name, struct kt_arena *a)
{
    struct kt_str text = kt_json_text_of(row, name);
    return text.n > 0 ? kt_str_copy(a, text) : (struct kt_str){ NULL, 0 };
}

static void read_row(struct kt_remote *out, const struct kt_json *row, struct kt_arena *a)
{
    *out = (struct kt_remote){
        .sku = text_of(row, "sku", a),
        .gtin = text_of(row, "global_unique_id", a),
        .name = text_of(row, "name", a),
        .url = text_of(row, "permalink", a),
        .is_offered = kt_str_is(kt_json_text_of(row, "status"), "publish"),
    };
}

static void add_open(struct kt_buf *open, struct kt_str id)
{
    if (open->n > 0)
        kt_buf_char(open, ',');
    kt_buf_str(open, id);
}

static enum kt_rc list_products(struct kt_channel *channel, struct position *at,
                                struct kt_remote_page *page, struct kt_arena *a, struct kt_err *e)
{
    const struct kt_json *rows = NULL;
    struct kt_buf open;
    struct woocommerce_call q = {
        .method = "GET",
        .path = kt_format(a,
                          WOOCOMMERCE_PRODUCTS
                          "?status=any&orderby=id&order=asc&per_page=%d&page=%ld&_fields=id,name,"
                          "sku,global_unique_id,type,status,catalog_visibility,permalink",
                          PER_PAGE, at->page),
        .what = "the list of products",
    };
    enum kt_rc rc = woocommerce_rows(channel, &q, &rows, a, e);
    if (rc != KT_OK)
        return rc;
    size_t count = kt_json_count(rows);
    page->item = KT_NEW_ARRAY(a, count + 1, struct kt_remote);
    kt_buf_init(&open, a, (size_t)PER_PAGE * 20);
    for (size_t i = 0; i < count; i++) {
        const struct kt_json *row = kt_json_at(rows, i);
        struct kt_remote *one = &page->item[page->count];
        struct kt_str id = kt_json_text_of(row, "id");
        bool is_variable = kt_str_is(kt_json_text_of(row, "type"), "variable");
        if (!woocommerce_is_id(id))
            continue;
        read_row(one, row, a);
        one->unit = KT_UNIT_PRODUCT;
        one->remote_id = kt_str_copy(a, id);
        one->is_single = kt_str_is(kt_json_text_of(row, "type"), "simple");
        if (kt_str_is(kt_json_text_of(row, "catalog_visibility"), "hidden"))
            one->is_offered = false;
        if (is_variable)
            add_open(&open, id);
        page->count++;
    }
    KT_ASSERT(kt_buf_ok(&open)); /* an id has at most 18 digits */
    page->is_more = count > 0;   /* a plug-in may leave rows out: only an empty page is the end */
    at->open = kt_buf_view(&open);
    at->inner = 1;
    at->page++;
    return KT_OK;
}

static enum kt_rc list_variations(struct kt_channel *channel, struct position *at,
                                  struct kt_remote_page *page, struct kt_arena *a, struct kt_err *e)
{
    const struct kt_json *rows = NULL;
    struct kt_str rest = at->open;
    struct kt_str parent = kt_str_copy(a, cut(&rest, ','));
    struct woocommerce_call q = {
        .method = "GET",
        .path = kt_format(a,
                          WOOCOMMERCE_PRODUCTS
                          "/%s/variations?status=any&orderby=id&order=asc&per_page=%d&page=%ld"
                          "&_fields=id,name,sku,global_unique_id,status,permalink",
                          parent.p, PER_PAGE, at->inner),
        .what = kt_format(a, "the variations of product %s", parent.p),
        .may_be_gone = true,
    };
    enum kt_rc rc = woocommerce_rows(channel, &q, &rows, a, e);
    if (rc != KT_OK)
        return rc;
    size_t count = kt_json_count(rows);
    page->item = KT_NEW_ARRAY(a, count + 1, struct kt_remote);
    for (size_t i = 0; i < count; i++) {
        struct kt_remote *one = &page->item[page->count];
        struct kt_str id = kt_json_text_of(kt_json_at(rows, i), "id");
        if (!woocommerce_is_id(id))
            continue;
        read_row(one, kt_json_at(rows, i), a);
        one->unit = KT_UNIT_VARIANT;
        one->parent_id = parent;
        one->remote_id = kt_str_of(kt_format(a, "%s/%s", parent.p, id.p));
        page->count++;
    }
    page->is_more = true;
    at->inner++;
    if (count < PER_PAGE) {
        at->open = rest;
        at->inner = 1;
    }
    return KT_OK;
}

static bool are_ids(struct kt_str list)
{
    struct kt_str rest = list;
    while (rest.n > 0) {
        if (!woocommerce_is_id(cut(&rest, ',')))
            return false;
    }
    return true;
}

enum kt_rc woocommerce_list(struct kt_channel *channel, struct kt_remote_page *page,
                            struct kt_arena *a, struct kt_err *e)
{
    struct position at;
    page->item = NULL;
    page->count = 0;
    page->is_more = false;
    woocommerce_begin(channel);
    if (!read_token(&at, page->token) || !are_ids(at.open))
        return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_INTERNAL,
                       KT_P_TEXT("detail", "a place in the shop's list that cannot be read"));
    enum kt_rc rc = at.open.n > 0 ? list_variations(channel, &at, page, a, e)
                                  : list_products(channel, &at, page, a, e);
    if (rc != KT_OK)
        return kt_trail(e, "list");
    page->next = write_token(&at, a);
    return KT_OK;
}
