/* Clears the way for what moved between pages. A shop cannot move a variation, and a number stands
 * once in a shop: the old variation goes before the new one is made, and a number that an older
 * page or variation of ours still holds is freed there. What is not ours is left alone; the clerk
 * is told who has the number. The session's thread; called by push.c. */
#include <string.h>

#include "adapters/channel_woocommerce/push_inner.h"

enum { BODY_MAX = 1 << 20, PATH_ROOM = 8000 };

/* --- variations of old pages --- */

static enum kt_rc delete_of_page(struct woocommerce_push *p, struct kt_str page, struct kt_err *e)
{
    struct kt_buf body;
    bool is_gone = false;
    bool is_first = true;
    const struct kt_json *j = NULL;
    kt_buf_init(&body, p->arena, BODY_MAX);
    kt_buf_text(&body, "{\"delete\":[");
    for (size_t i = 0; i < p->count; i++) {
        if (!kt_str_eq(p->job[i].old_page, page))
            continue;
        kt_buf_text(&body, is_first ? "" : ",");
        kt_buf_str(&body, p->job[i].old_id);
        is_first = false;
    }
    kt_buf_text(&body, "]}");
    KT_ASSERT(kt_buf_ok(&body)); /* at most WOOCOMMERCE_BATCH ids */
    struct woocommerce_call q = {
        .method = "POST",
        .path = kt_format(p->arena, WOOCOMMERCE_PRODUCTS "/%s/variations/batch", page.p),
        .body = kt_buf_view(&body),
        .what = "variations that moved",
        .is_write = true,
        .may_be_gone = true,
    };
    enum kt_rc rc = woocommerce_call(p->channel, &q, &j, &is_gone, p->arena, e);
    const struct kt_json *list = kt_json_get(j, "delete");
    for (size_t i = 0, at = 0; rc == KT_OK && i < p->count; i++) {
        struct woocommerce_job *job = &p->job[i];
        if (!kt_str_eq(job->old_page, page))
            continue;
        const struct kt_json *error = kt_json_get(kt_json_at(list, at++), "error");
        job->old_page = (struct kt_str){ NULL, 0 };
        if (error != NULL && !woocommerce_is_gone(kt_json_text_of(error, "code")))
            woocommerce_judge_error(job, error, p->arena);
    }
    return rc;
}

/* A variant that stood elsewhere and is to be made on its new page. */
static bool is_new_here(const struct woocommerce_job *job)
{
    return job->step == WOOCOMMERCE_TO_SEND && job->item->unit == KT_UNIT_VARIANT &&
           job->page.p != NULL && job->id.p == NULL && job->item->remote_id.n > 0;
}

/* The answer to an earlier try may have been lost behind the create: all of one page are looked up.
 */
static enum kt_rc find_on_page(struct woocommerce_push *p, struct kt_str page, struct kt_err *e)
{
    struct kt_item *item = KT_NEW_ARRAY(p->arena, p->count + 1, struct kt_item);
    struct woocommerce_job **of = KT_NEW_ARRAY(p->arena, p->count + 1, struct woocommerce_job *);
    size_t items = 0;
    for (size_t i = 0; i < p->count; i++) {
        if (!is_new_here(&p->job[i]) || !kt_str_eq(p->job[i].page, page))
            continue;
        of[items] = &p->job[i];
        item[items] = *p->job[i].item;
        item[items++].remote_id = (struct kt_str){ NULL, 0 };
    }
    enum kt_rc rc = woocommerce_find_variations(p->channel, page, item, items, p->arena, e);
    for (size_t i = 0; rc == KT_OK && i < items; i++) {
        struct woocommerce_place at;
        if (woocommerce_place_read(&at, item[i].remote_id, p->arena))
            of[i]->id = at.variation;
    }
    return rc;
}

static enum kt_rc delete_old(struct woocommerce_push *p, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < p->count; i++) {
        struct woocommerce_job *job = &p->job[i];
        if (job->step != WOOCOMMERCE_TO_SEND || job->old_page.p == NULL)
            continue;
        if (woocommerce_has_time(p->channel))
            rc = delete_of_page(p, job->old_page, e);
        else
            woocommerce_postpone(job, p->arena);
    }
    return rc;
}

static enum kt_rc find_new(struct woocommerce_push *p, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    struct kt_str looked = { NULL, 0 };
    for (size_t i = 0; rc == KT_OK && i < p->count; i++) {
        struct woocommerce_job *job = &p->job[i];
        if (!is_new_here(job) || kt_str_eq(job->page, looked))
            continue;
        looked = job->page;
        if (woocommerce_has_time(p->channel))
            rc = find_on_page(p, looked, e);
        else
            woocommerce_postpone(job, p->arena);
    }
    return rc;
}

enum kt_rc woocommerce_clear_old(struct woocommerce_push *p, struct kt_err *e)
{
    enum kt_rc rc = delete_old(p, e);
    if (rc == KT_OK)
        rc = find_new(p, e);
    if (rc == KT_UNSURE) /* deleting may be repeated, and nothing else has been sent */
        e->v.rc = KT_RETRY;
    return rc == KT_OK ? KT_OK : kt_trail(e, "variations that moved");
}

/* --- numbers --- */

static struct kt_str meta_of(const struct kt_json *row, const char *key)
{
    const struct kt_json *list = kt_json_get(row, "meta_data");
    for (size_t i = 0; i < kt_json_count(list); i++) {
        if (kt_str_is(kt_json_text_of(kt_json_at(list, i), "key"), key))
            return kt_json_text_of(kt_json_at(list, i), "value");
    }
    return (struct kt_str){ NULL, 0 };
}

/* Ours: a variation of the very page that is sold by itself now, the page that a variant was
 * before, or whatever carries the mark of the same article. */
static bool is_ours(const struct woocommerce_job *job, const struct kt_json *holder)
{
    struct kt_str mark = meta_of(job->payload, "kontor_sku");
    bool is_product = job->item->unit == KT_UNIT_PRODUCT;
    struct kt_str parent = kt_json_text_of(holder, "parent_id");
    if (is_product && job->item->is_single && job->id.p != NULL && kt_str_eq(parent, job->id))
        return true;
    if (!is_product && kt_str_eq(kt_json_text_of(holder, "id"), job->item->remote_id))
        return true;
    return mark.n > 0 && kt_str_eq(meta_of(holder, "kontor_sku"), mark);
}

static const struct kt_json *row_of(const struct kt_json *rows, struct kt_str id)
{
    for (size_t i = 0; i < kt_json_count(rows); i++) {
        if (kt_str_eq(kt_json_text_of(kt_json_at(rows, i), "id"), id))
            return kt_json_at(rows, i);
    }
    return NULL;
}

/* Who holds the numbers: the products of these SKUs, variations included. */
static enum kt_rc read_holders(struct woocommerce_push *p, const struct kt_json **rows,
                               struct kt_err *e)
{
    struct kt_buf path;
    bool is_first = true;
    kt_buf_init(&path, p->arena, PATH_ROOM);
    kt_buf_text(&path, WOOCOMMERCE_PRODUCTS "?status=any&per_page=100"
                                            "&_fields=id,type,parent_id,meta_data&sku=");
    for (size_t i = 0; i < p->count; i++) {
        if (p->job[i].holder.n == 0 || path.n + 3 * p->job[i].item->sku.n > PATH_ROOM)
            continue;
        kt_buf_text(&path, is_first ? "" : "%2C");
        woocommerce_put_escaped(&path, p->job[i].item->sku);
        is_first = false;
    }
    struct woocommerce_call q = { .method = "GET",
                                  .path = kt_buf_view(&path).p,
                                  .what = "products by SKU" };
    return woocommerce_rows(p->channel, &q, rows, p->arena, e);
}

/* Takes number and GTIN from one older page or variation; a variation is then seen no more, a page
 * is its own unit's business. A refusal is found out by the next try. */
static enum kt_rc free_one(struct woocommerce_push *p, const struct kt_json *row, struct kt_err *e)
{
    bool is_expected = false;
    const struct kt_json *j = NULL;
    bool is_variation = kt_str_is(kt_json_text_of(row, "type"), "variation");
    struct kt_str id = kt_json_text_of(row, "id");
    struct kt_str parent = kt_json_text_of(row, "parent_id");
    if (!woocommerce_is_id(id) || (is_variation && !woocommerce_is_id(parent)))
        return KT_OK;
    const char *base = is_variation
                           ? kt_format(p->arena, WOOCOMMERCE_PRODUCTS "/%s/variations", parent.p)
                           : WOOCOMMERCE_PRODUCTS;
    struct woocommerce_call q = {
        .method = "POST",
        .path = kt_format(p->arena, "%s/batch", base),
        .body = kt_str_of(kt_format(p->arena,
                                    "{\"update\":[{\"global_unique_id\":\"\",\"id\":%s,"
                                    "\"sku\":\"\"%s}]}",
                                    id.p, is_variation ? ",\"status\":\"private\"" : "")),
        .what = "an older product of the same number",
        .is_write = true,
        .may_be_gone = true,
    };
    return woocommerce_call(p->channel, &q, &j, &is_expected, p->arena, e);
}

/* A variation of the same page with the number is the one that was to be made: it is changed. */
static bool is_itself(const struct woocommerce_job *job, const struct kt_json *holder)
{
    return job->item->unit == KT_UNIT_VARIANT && job->page.p != NULL && job->id.p == NULL &&
           kt_str_eq(kt_json_text_of(holder, "parent_id"), job->page);
}

static void send_again(struct woocommerce_job *job)
{
    job->step = WOOCOMMERCE_TO_SEND;
    job->holder = (struct kt_str){ NULL, 0 };
    job->result->v = (struct kt_verdict){ .rc = KT_UNSURE };
}

static enum kt_rc free_number(struct woocommerce_push *p, struct woocommerce_job *job,
                              const struct kt_json *holder, bool *again, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    if (!is_itself(job, holder) && !is_ours(job, holder))
        return KT_OK; /* the verdict stays: somebody else's */
    if (!woocommerce_has_time(p->channel)) {
        woocommerce_postpone(job, p->arena);
        return KT_OK;
    }
    if (is_itself(job, holder))
        job->id = kt_str_copy(p->arena, kt_json_text_of(holder, "id"));
    else
        rc = free_one(p, holder, e);
    if (rc == KT_OK) {
        send_again(job);
        *again = true;
    }
    return rc;
}

/* A person is only bothered with what is certain: while the shop cannot be asked, it is tried. */
static void doubt(struct woocommerce_push *p, const struct kt_verdict *v)
{
    for (size_t i = 0; i < p->count; i++) {
        if (p->job[i].holder.n == 0)
            continue;
        p->job[i].result->v = *v;
        if (v->rc == KT_UNSURE || v->rc == KT_REJECT)
            p->job[i].result->v.rc = KT_RETRY;
    }
}

enum kt_rc woocommerce_free_numbers(struct woocommerce_push *p, bool *again, struct kt_err *e)
{
    const struct kt_json *rows = NULL;
    size_t held = 0;
    *again = false;
    for (size_t i = 0; i < p->count; i++)
        held += p->job[i].holder.n > 0 ? 1 : 0;
    if (held == 0)
        return KT_OK;
    enum kt_rc rc = read_holders(p, &rows, e);
    for (size_t i = 0; rc == KT_OK && i < p->count; i++) {
        struct woocommerce_job *job = &p->job[i];
        const struct kt_json *row = job->holder.n > 0 ? row_of(rows, job->holder) : NULL;
        if (row != NULL)
            rc = free_number(p, job, row, again, e);
    }
    if (rc == KT_OK)
        return KT_OK;
    doubt(p, &e->v);
    if (rc == KT_UNSURE || rc == KT_REJECT)
        e->v.rc = KT_RETRY;
    return kt_trail(e, "numbers that are held");
}
