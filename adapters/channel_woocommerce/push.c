/* Makes units so: creates for what has no link (flow looked it up before), updates for the rest, in
 * as few batches as the shop's rules allow. Here each item gets its place and its first verdict;
 * push_batch.c talks, push_move.c clears the way for what moved. The session's thread. */
#include <string.h>

#include "adapters/channel_woocommerce/push_inner.h"

/* --- where an item goes --- */

static void judge_gone_link(struct woocommerce_job *job, struct kt_str link, struct kt_arena *a)
{
    job->step = WOOCOMMERCE_JUDGED;
    kt_judge(&job->result->v, KT_RETRY, KT_RECORD, KT_E_CHANNEL_UNIT_GONE,
             KT_P_TEXT("unit", woocommerce_unit_text(job->item, a)), KT_P_TEXT("id", link.p));
}

static void judge_parent(struct woocommerce_job *job, struct kt_arena *a)
{
    const char *sku = job->item->sku.p;
    job->step = WOOCOMMERCE_JUDGED;
    kt_judge(&job->result->v, KT_WAIT, KT_RECORD, KT_E_PARENT_MISSING,
             KT_P_TEXT("unit", woocommerce_unit_text(job->item, a)),
             KT_P_TEXT("parent", sku != NULL ? sku : "its product"));
}

static void aim(struct woocommerce_job *job, const struct woocommerce_place *at, struct kt_arena *a)
{
    bool is_page = at->variation.p == NULL;
    job->base = woocommerce_base_of(at, a);
    job->id = is_page ? at->page : at->variation;
    job->page = is_page ? (struct kt_str){ NULL, 0 } : at->page;
}

/* Prices and stock stand where their variant stands. */
static void place_offer(struct woocommerce_job *job, struct kt_arena *a)
{
    struct woocommerce_place at;
    if (job->item->parent_id.n == 0 && job->item->action == KT_ACTION_WITHDRAW)
        woocommerce_succeed(job, (struct kt_str){ NULL, 0 });
    else if (job->item->parent_id.n == 0)
        judge_parent(job, a);
    else if (!woocommerce_place_read(&at, job->item->parent_id, a))
        judge_gone_link(job, job->item->parent_id, a);
    else
        aim(job, &at, a);
}

/* Pages and categories carry their own link. */
static void place_own(struct woocommerce_job *job, struct kt_arena *a)
{
    struct kt_str id = job->item->remote_id;
    bool is_category = job->item->unit == KT_UNIT_CATEGORY;
    if (id.n == 0 && job->item->action == KT_ACTION_WITHDRAW) {
        woocommerce_succeed(job, id); /* not there: nothing to withdraw */
        return;
    }
    if (id.n > 0 && !woocommerce_is_id(id)) {
        judge_gone_link(job, id, a);
        return;
    }
    job->base = is_category ? WOOCOMMERCE_CATEGORIES : WOOCOMMERCE_PRODUCTS;
    job->id = id.n > 0 ? id : (struct kt_str){ NULL, 0 };
    job->is_delete = is_category && job->item->action == KT_ACTION_WITHDRAW;
}

/* A variation is made private; what a page of its own shows is the page's business. */
static void withdraw_variant(struct woocommerce_job *job, struct kt_arena *a)
{
    struct woocommerce_place at;
    struct kt_str link = job->item->remote_id;
    if (!woocommerce_place_read(&at, link, a) || at.variation.p == NULL)
        woocommerce_succeed(job, (struct kt_str){ NULL, 0 });
    else
        aim(job, &at, a);
}

/* `link` names where it stood, `parent` the page it belongs to now. What moved is made anew: a
 * shop cannot move a variation. */
static void place_variant(struct woocommerce_job *job, struct kt_arena *a)
{
    const struct kt_item *item = job->item;
    struct woocommerce_place parent;
    struct woocommerce_place link;
    if (item->action == KT_ACTION_WITHDRAW) {
        withdraw_variant(job, a);
        return;
    }
    if (item->parent_id.n == 0) {
        judge_parent(job, a);
        return;
    }
    bool has_link = woocommerce_place_read(&link, item->remote_id, a);
    if (!woocommerce_place_read(&parent, item->parent_id, a) || parent.variation.p != NULL ||
        (item->remote_id.n > 0 && !has_link)) {
        judge_gone_link(job, has_link ? item->parent_id : item->remote_id, a);
        return;
    }
    bool is_here = has_link && kt_str_eq(link.page, parent.page);
    if (has_link && link.variation.p != NULL && (item->is_single || !is_here)) {
        job->old_id = link.variation;
        job->old_page = link.page;
    }
    if (item->is_single) {
        aim(job, &parent, a);
        return;
    }
    job->page = parent.page;
    job->base = kt_format(a, WOOCOMMERCE_PRODUCTS "/%s/variations", parent.page.p);
    job->id = is_here ? link.variation : (struct kt_str){ NULL, 0 };
}

static void read_payload(struct woocommerce_job *job, struct kt_arena *a)
{
    struct kt_err why = { 0 };
    if (job->step != WOOCOMMERCE_TO_SEND)
        return;
    if (kt_json_parse(&job->payload, woocommerce_payload_of(job->item), a, &why) == KT_OK &&
        kt_json_type(job->payload) == KT_JSON_OBJECT)
        return;
    job->step = WOOCOMMERCE_JUDGED;
    kt_judge(&job->result->v, KT_REJECT, KT_RECORD, KT_E_MAPPING_FAILED,
             KT_P_TEXT("unit", woocommerce_unit_text(job->item, a)),
             KT_P_TEXT("message", "the payload is no object with members"));
}

static void place(struct woocommerce_job *job, struct kt_arena *a)
{
    switch (job->item->unit) {
    case KT_UNIT_PRODUCT:
    case KT_UNIT_CATEGORY:
        place_own(job, a);
        break;
    case KT_UNIT_VARIANT:
        place_variant(job, a);
        break;
    case KT_UNIT_PRICE:
    case KT_UNIT_STOCK:
        place_offer(job, a);
        break;
    case KT_UNIT_MEDIA: /* is never pushed alone */
    case KT_UNITS:
        KT_ASSERT(job->item->unit <= KT_UNIT_VARIANT);
    }
    read_payload(job, a);
}

/* --- the push --- */

/* What was not sent when the talk broke: nothing happened to it. */
static void give_back(struct woocommerce_push *p, const struct kt_verdict *v)
{
    for (size_t i = 0; i < p->count; i++) {
        if (p->job[i].step != WOOCOMMERCE_TO_SEND)
            continue;
        p->job[i].step = WOOCOMMERCE_JUDGED;
        p->job[i].result->v = *v;
        if (v->rc == KT_UNSURE || v->rc == KT_REJECT)
            p->job[i].result->v.rc = KT_RETRY;
    }
}

static enum kt_rc talk(struct woocommerce_push *p, struct kt_err *e)
{
    bool again = false;
    for (size_t i = 0; i < p->count; i++) {
        if (p->job[i].step == WOOCOMMERCE_TO_SEND)
            woocommerce_names_add(&p->names, p->job[i].payload, p->arena);
    }
    enum kt_rc rc = woocommerce_attributes_ensure(p->channel, &p->names, p->arena, e);
    if (rc == KT_OK)
        rc = woocommerce_clear_old(p, e);
    if (rc == KT_OK)
        rc = woocommerce_send_all(p, e);
    if (rc == KT_OK)
        rc = woocommerce_free_numbers(p, &again, e);
    if (rc == KT_OK && again)
        rc = woocommerce_send_all(p, e);
    return rc;
}

enum kt_rc woocommerce_push(struct kt_channel *channel, const struct kt_item *item, size_t count,
                            struct kt_result *result, struct kt_arena *a, struct kt_err *e)
{
    struct woocommerce_push *p = KT_NEW(a, struct woocommerce_push);
    KT_ASSERT(count <= WOOCOMMERCE_BATCH);
    woocommerce_begin(channel);
    p->channel = channel;
    p->arena = a;
    p->job = KT_NEW_ARRAY(a, count + 1, struct woocommerce_job);
    p->count = count;
    for (size_t i = 0; i < count; i++) {
        p->job[i].item = &item[i];
        p->job[i].result = &result[i];
        place(&p->job[i], a);
    }
    enum kt_rc rc = talk(p, e);
    if (rc == KT_OK)
        return KT_OK;
    give_back(p, &e->v);
    return kt_trail(e, "push of %zu items", count);
}
