/* The push: what the shop must have before (facets, pictures, options), then the units themselves
 * in as few requests as their size allows, and a verdict for each. One file per kind of unit does
 * the work; here is what they share. The session's thread. */
#include "adapters/channel_vendure/push_inner.h"

#include <string.h>

enum { IDS_MAX = 100, BODY_MAX = 1 << 20 };

const char vendure_pages_query[] =
    "query($ids:[String!]!){products(options:{take:100,filter:{id:{in:$ids}}}){items{id enabled"
    " facetValues{id code name facet{code}} assets{id} featuredAsset{id}"
    " optionGroups{id code name options{id code name}}"
    " translations{languageCode name slug description}}}}";
const char vendure_variants_query[] =
    "query($ids:[String!]!){productVariants(options:{take:100,filter:{id:{in:$ids}}}){items{id"
    " productId sku enabled trackInventory facetValues{id code facet{code}}"
    " assets{id} options{id code name groupId} prices{currencyCode price} taxCategory{id name}"
    " stockLevels{stockLocationId stockOnHand} translations{languageCode name}}}}";

/* --- verdicts --- */

void vendure_succeed(struct vendure_job *job, struct kt_str remote_id)
{
    job->is_judged = true;
    job->result->v = (struct kt_verdict){ .rc = KT_OK };
    job->result->remote_id = remote_id;
}

void vendure_postpone(struct vendure_job *job, struct kt_arena *a)
{
    job->is_judged = true;
    kt_judge(&job->result->v, KT_RETRY, KT_RECORD, KT_E_CHANNEL_NOT_YET,
             KT_P_TEXT("unit", vendure_unit_text(job->item, a)));
}

void vendure_judge_gone(struct vendure_job *job, struct kt_arena *a)
{
    struct kt_str nothing = { NULL, 0 };
    struct kt_str id = job->item->remote_id.n > 0 ? job->item->remote_id : job->item->parent_id;
    if (job->item->action == KT_ACTION_WITHDRAW) {
        vendure_succeed(job, nothing);
        return;
    }
    job->is_judged = true;
    kt_judge(&job->result->v, KT_RETRY, KT_RECORD, KT_E_CHANNEL_UNIT_GONE,
             KT_P_TEXT("unit", vendure_unit_text(job->item, a)),
             KT_P_TEXT("id", id.p != NULL ? id.p : ""));
}

void vendure_judge_ref(struct vendure_job *job, struct kt_str text, struct kt_arena *a)
{
    job->is_judged = true;
    kt_judge(&job->result->v, KT_REJECT, KT_RECORD, KT_E_CHANNEL_REF_UNKNOWN,
             KT_P_TEXT("unit", vendure_unit_text(job->item, a)),
             KT_P_TEXT("ref", text.p != NULL ? text.p : ""));
}

void vendure_judge_task(struct vendure_job *job, const struct vendure_task *task,
                        struct kt_arena *a)
{
    switch (task->fate) {
    case VENDURE_DONE:
        break;
    case VENDURE_OPEN:
    case VENDURE_LEFT:
        vendure_postpone(job, a);
        break;
    case VENDURE_REFUSED:
    case VENDURE_LOST:
        if (task->is_gone) {
            vendure_judge_gone(job, a);
            break;
        }
        job->is_judged = true;
        job->result->v = task->v;
        break;
    }
}

/* --- shared steps --- */

struct kt_item_ref *vendure_ref_find(const struct kt_item *item, struct kt_str text)
{
    const char *blank = text.n > 0 ? memchr(text.p, ' ', text.n) : NULL;
    if (blank == NULL)
        return NULL;
    size_t at = (size_t)(blank - text.p);
    struct kt_str unit = kt_str_part(text, 0, at);
    struct kt_str key = kt_str_part(text, at + 1, text.n);
    for (size_t i = 0; i < item->refs; i++) {
        if (kt_str_is(unit, kt_unit_name(item->ref[i].unit)) && kt_str_eq(item->ref[i].key, key))
            return &item->ref[i];
    }
    return NULL;
}

void vendure_put_ids(struct kt_buf *b, bool *is_first, const char *name, const struct kt_str *id,
                     size_t count)
{
    kt_json_put_name(b, is_first, name);
    vendure_put_texts(b, id, count);
}

void vendure_put_text(struct kt_buf *b, bool *is_first, const char *name, struct kt_str text)
{
    kt_json_put_name(b, is_first, name);
    kt_json_put_text(b, text.p != NULL ? text : KT_STR(""));
}

void vendure_put_assets(const struct vendure_push *p, const struct vendure_job *job,
                        struct kt_buf *b, bool *is_first)
{
    if (!vendure_sends_media(p->channel) || kt_json_get(job->payload, "images") == NULL)
        return;
    vendure_put_ids(b, is_first, "assetIds", job->asset, job->assets);
    kt_json_put_name(b, is_first, "featuredAssetId");
    if (job->assets > 0)
        kt_json_put_text(b, job->asset[0]);
    else
        kt_buf_text(b, "null");
}

static void put_value(struct kt_buf *b, const struct vendure_field *field,
                      const struct kt_json *value)
{
    bool is_plain = kt_str_is(field->type, "int") || kt_str_is(field->type, "float") ||
                    kt_str_is(field->type, "boolean");
    struct kt_str text = kt_json_text(value);
    if (text.n == 0 && kt_json_type(value) != KT_JSON_BOOL)
        kt_buf_text(b, "null");
    else if (kt_json_type(value) == KT_JSON_BOOL || is_plain)
        kt_json_type(value) == KT_JSON_BOOL ? kt_json_write(b, value) : kt_buf_str(b, text);
    else
        kt_json_put_text(b, text);
}

void vendure_put_fields(const struct kt_channel *channel, const struct vendure_job *job,
                        struct kt_buf *b, bool *is_first, const char *entity)
{
    const struct kt_json *fields = kt_json_get(job->payload, "custom_fields");
    bool is_first_field = !vendure_has_field(channel, entity, "kontorKey");
    if (!is_first_field) { /* by which it is found again */
        kt_json_put_name(b, is_first, "customFields");
        kt_buf_text(b, "{\"kontorKey\":");
        kt_json_put_text(b, job->item->key);
    }
    for (size_t i = 0; i < kt_json_count(fields); i++) {
        const struct kt_json *value = NULL;
        const char *name = kt_json_name_at(fields, i, &value);
        const struct vendure_field *field = vendure_field(channel, entity, name);
        if (field == NULL || strcmp(name, "kontorKey") == 0)
            continue;
        if (is_first_field) {
            kt_json_put_name(b, is_first, "customFields");
            kt_buf_char(b, '{');
        }
        kt_json_put_name(b, &is_first_field, name);
        put_value(b, field, value);
    }
    if (!is_first_field)
        kt_buf_char(b, '}');
}

static void place_rows(const struct kt_json *items, const struct kt_str *id, size_t count,
                       const struct kt_json **rows)
{
    for (size_t i = 0; i < kt_json_count(items); i++) {
        struct kt_str here = kt_json_text_of(kt_json_at(items, i), "id");
        for (size_t k = 0; k < count; k++) {
            if (kt_str_eq(id[k], here))
                rows[k] = kt_json_at(items, i);
        }
    }
}

enum kt_rc vendure_read_ids(struct kt_channel *channel, const char *query, const char *root,
                            const struct kt_str *id, size_t count, const struct kt_json **rows,
                            struct kt_arena *a, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; i < count; i++)
        rows[i] = NULL;
    for (size_t from = 0; rc == KT_OK && from < count; from += IDS_MAX) {
        size_t n = count - from < IDS_MAX ? count - from : IDS_MAX;
        struct vendure_answer answer = { 0 };
        struct kt_buf b;
        kt_buf_init(&b, a, BODY_MAX);
        kt_buf_text(&b, "{\"ids\":");
        vendure_put_texts(&b, id + from, n);
        kt_buf_char(&b, '}');
        struct vendure_call q = { .query = query, .variables = kt_buf_view(&b), .what = root };
        rc = vendure_call(channel, &q, &answer, a, e);
        if (rc == KT_OK)
            place_rows(kt_json_get(kt_json_get(answer.data, root), "items"), id + from, n,
                       rows + from);
    }
    return rc;
}

enum kt_rc vendure_read_now(struct vendure_push *p, const char *query, const char *root,
                            struct kt_err *e)
{
    struct kt_str *id = KT_NEW_ARRAY(p->arena, p->count + 1, struct kt_str);
    struct vendure_job **of = KT_NEW_ARRAY(p->arena, p->count + 1, struct vendure_job *);
    const struct kt_json **row = KT_NEW_ARRAY(p->arena, p->count + 1, const struct kt_json *);
    size_t n = 0;
    for (size_t i = 0; i < p->count; i++) {
        if (p->job[i].is_judged || p->job[i].id.p == NULL)
            continue;
        of[n] = &p->job[i];
        id[n++] = p->job[i].id;
    }
    enum kt_rc rc = vendure_read_ids(p->channel, query, root, id, n, row, p->arena, e);
    for (size_t i = 0; rc == KT_OK && i < n; i++) {
        of[i]->now = row[i];
        if (row[i] == NULL)
            vendure_judge_gone(of[i], p->arena);
    }
    return rc;
}

enum kt_rc vendure_run_jobs(struct vendure_push *p, const char *what, struct kt_err *e)
{
    struct vendure_task *task = KT_NEW_ARRAY(p->arena, p->count + 1, struct vendure_task);
    struct vendure_job **of = KT_NEW_ARRAY(p->arena, p->count + 1, struct vendure_job *);
    size_t n = 0;
    for (size_t i = 0; i < p->count; i++) {
        if (p->job[i].is_judged || p->job[i].task == NULL)
            continue;
        of[n] = &p->job[i];
        task[n++] = *p->job[i].task;
    }
    enum kt_rc rc = vendure_tasks_run(p->channel, task, n, what, p->arena, e);
    for (size_t i = 0; i < n; i++) {
        of[i]->task = &task[i];
        if (task[i].fate == VENDURE_DONE && task[i].is_create)
            of[i]->id = task[i].id;
        else if (task[i].fate != VENDURE_DONE && task[i].fate != VENDURE_OPEN)
            vendure_judge_task(of[i], &task[i], p->arena);
    }
    return rc;
}

/* Those whose create may have happened are looked for at once: the others of the request must not
 * wait a turn because one of them was refused. */
enum kt_rc vendure_find_lost(struct vendure_push *p, struct kt_err *e)
{
    struct kt_item *item = KT_NEW_ARRAY(p->arena, p->count + 1, struct kt_item);
    struct vendure_job **of = KT_NEW_ARRAY(p->arena, p->count + 1, struct vendure_job *);
    size_t n = 0;
    for (size_t i = 0; i < p->count; i++) {
        struct vendure_job *job = &p->job[i];
        if (job->task == NULL || job->task->fate != VENDURE_LOST || !job->task->is_create)
            continue;
        of[n] = job;
        item[n] = *job->item;
        item[n++].remote_id = (struct kt_str){ NULL, 0 };
    }
    enum kt_rc rc = n > 0 ? vendure_find(p->channel, item, n, p->arena, e) : KT_OK;
    for (size_t i = 0; rc == KT_OK && i < n; i++) {
        if (item[i].remote_id.p == NULL)
            continue;
        struct vendure_place at;
        bool is_place = vendure_place_read(&at, item[i].remote_id, p->arena);
        of[i]->id = is_place && at.variant.p != NULL ? at.variant : item[i].remote_id;
        of[i]->is_judged = false;
        of[i]->result->v = (struct kt_verdict){ .rc = KT_UNSURE };
    }
    return rc;
}

/* --- the push --- */

static void read_payload(struct vendure_job *job, struct kt_arena *a)
{
    struct kt_err why = { 0 };
    if (job->item->action == KT_ACTION_WITHDRAW)
        return;
    if (kt_json_parse(&job->payload, job->item->payload, a, &why) == KT_OK &&
        kt_json_type(job->payload) == KT_JSON_OBJECT)
        return;
    job->is_judged = true;
    kt_judge(&job->result->v, KT_REJECT, KT_RECORD, KT_E_MAPPING_FAILED,
             KT_P_TEXT("unit", vendure_unit_text(job->item, a)),
             KT_P_TEXT("message", "the payload is no object with members"));
}

static enum kt_rc dispatch(struct vendure_push *p, struct kt_err *e)
{
    switch (p->job[0].item->unit) {
    case KT_UNIT_PRODUCT:
        return vendure_push_pages(p, e);
    case KT_UNIT_VARIANT:
        return vendure_push_variants(p, e);
    case KT_UNIT_PRICE:
        return vendure_push_prices(p, e);
    case KT_UNIT_STOCK:
        return vendure_push_stock(p, e);
    case KT_UNIT_CATEGORY:
        return vendure_push_categories(p, e);
    case KT_UNIT_MEDIA: /* is never pushed alone */
    case KT_UNITS:
        break;
    }
    kt_assert_failed("a unit that is not offered", __FILE__, __LINE__);
}

/* The talk broke: what nothing was said about had not been begun, or comes again as a whole. */
static void give_back(struct vendure_push *p, const struct kt_verdict *v)
{
    for (size_t i = 0; i < p->count; i++) {
        if (p->job[i].is_judged)
            continue;
        p->job[i].result->v = *v;
        if (v->rc == KT_UNSURE || v->rc == KT_REJECT)
            p->job[i].result->v.rc = KT_RETRY;
    }
}

/* One refused record must not stand for all when some of them are done. */
static bool has_verdicts(const struct vendure_push *p)
{
    for (size_t i = 0; i < p->count; i++) {
        if (p->job[i].is_judged)
            return true;
    }
    return false;
}

enum kt_rc vendure_push(struct kt_channel *channel, const struct kt_item *item, size_t count,
                        struct kt_result *result, struct kt_arena *a, struct kt_err *e)
{
    struct vendure_push *p = KT_NEW(a, struct vendure_push);
    KT_ASSERT(count <= VENDURE_BATCH);
    if (count == 0)
        return KT_OK;
    vendure_begin(channel);
    p->channel = channel;
    p->arena = a;
    p->job = KT_NEW_ARRAY(a, count + 1, struct vendure_job);
    p->count = count;
    for (size_t i = 0; i < count; i++) {
        p->job[i].item = &item[i];
        p->job[i].result = &result[i];
        read_payload(&p->job[i], a);
    }
    enum kt_rc rc = vendure_know_shop(channel, a, e);
    if (rc == KT_OK)
        rc = dispatch(p, e);
    if (rc == KT_OK)
        return KT_OK;
    bool is_of_one = rc == KT_REJECT && e->v.reach == KT_RECORD && has_verdicts(p);
    give_back(p, &e->v);
    if (!is_of_one)
        return kt_trail(e, "push of %zu items", count);
    kt_err_clear(e);
    return KT_OK;
}
