/* Clears the way for variants that are to be made. Vendure cannot move a variant to another page
 * and takes no two of the same options on one page, but as many of one number as there are: so
 * what is there is looked at first. The session's thread; called by push_variants.c. */
#include <string.h>

#include "adapters/channel_vendure/push_variants.h"

enum { PAGE = 100, BODY_MAX = 1 << 20, VARIANTS_MAX = 20000 };

static bool is_new(const struct vendure_job *job)
{
    return !job->is_judged && job->payload != NULL && job->id.p == NULL;
}

static const struct vendure_mutation delete = { "deleteProductVariant", NULL, false,
                                                "{result message}" };

static struct vendure_task delete_task(struct vendure_push *p, const struct vendure_job *job,
                                       struct kt_str id)
{
    return (struct vendure_task){ .mutation = &delete,
                                  .args = kt_format(p->arena, "id:\"%s\"", id.p),
                                  .what = vendure_unit_text(job->item, p->arena),
                                  .entity = "ProductVariant" };
}

static enum kt_rc run(struct vendure_push *p, struct vendure_task *task, struct vendure_job **of,
                      size_t count, struct kt_err *e)
{
    enum kt_rc rc = count > 0 ? vendure_tasks_run(p->channel, task, count,
                                                  "variants that were replaced", p->arena, e)
                              : KT_OK;
    for (size_t i = 0; i < count; i++) {
        bool is_done = task[i].fate == VENDURE_DONE || task[i].is_gone;
        if (is_done || task[i].fate == VENDURE_OPEN || of[i]->is_judged)
            continue;
        vendure_judge_task(of[i], &task[i], p->arena);
        if (of[i]->result->v.rc == KT_UNSURE) /* deleting may be repeated */
            of[i]->result->v.rc = KT_RETRY;
    }
    if (rc == KT_UNSURE)
        e->v.rc = KT_RETRY;
    return e->v.rc;
}

/* --- variants that moved --- */

static enum kt_rc delete_old(struct vendure_push *p, struct kt_err *e)
{
    struct vendure_task *task = KT_NEW_ARRAY(p->arena, p->count + 1, struct vendure_task);
    struct vendure_job **of = KT_NEW_ARRAY(p->arena, p->count + 1, struct vendure_job *);
    size_t n = 0;
    for (size_t i = 0; i < p->count; i++) {
        if (!is_new(&p->job[i]) || p->job[i].old_id.p == NULL)
            continue;
        of[n] = &p->job[i];
        task[n++] = delete_task(p, &p->job[i], p->job[i].old_id);
    }
    return run(p, task, of, n, e);
}

/* --- what stands on their pages --- */

struct standing {
    const struct kt_json **row;
    size_t count;
};

static void put_pages(const struct vendure_push *p, struct kt_buf *b)
{
    bool is_first = true;
    kt_buf_char(b, '[');
    for (size_t i = 0; i < p->count; i++) {
        bool is_wanted = is_new(&p->job[i]);
        for (size_t k = 0; k < i && is_wanted; k++)
            is_wanted = !is_new(&p->job[k]) || !kt_str_eq(p->job[k].page, p->job[i].page);
        if (!is_wanted)
            continue;
        kt_buf_text(b, is_first ? "" : ",");
        kt_json_put_text(b, p->job[i].page);
        is_first = false;
    }
    kt_buf_char(b, ']');
}

static enum kt_rc read_standing(struct vendure_push *p, struct standing *s, struct kt_err *e)
{
    static const char query[] =
        "query($pages:[String!]!,$skip:Int!){productVariants(options:{take:100,skip:$skip,filter:{"
        "productId:{in:$pages}},sort:{id:ASC}}){items{id productId sku enabled facetValues{id code"
        " facet{code}} options{id} prices{currencyCode price}}}}";
    enum kt_rc rc = KT_OK;
    bool is_more = true;
    s->row = KT_NEW_ARRAY(p->arena, VARIANTS_MAX, const struct kt_json *);
    for (size_t skip = 0; rc == KT_OK && is_more && s->count + PAGE <= VARIANTS_MAX; skip += PAGE) {
        struct vendure_answer answer = { 0 };
        struct kt_buf b;
        kt_buf_init(&b, p->arena, BODY_MAX);
        kt_buf_format(&b, "{\"skip\":%zu,\"pages\":", skip);
        put_pages(p, &b);
        kt_buf_char(&b, '}');
        struct vendure_call q = { .query = query,
                                  .variables = kt_buf_view(&b),
                                  .what = "variants of pages" };
        rc = vendure_call(p->channel, &q, &answer, p->arena, e);
        const struct kt_json *items =
            kt_json_get(kt_json_get(answer.data, "productVariants"), "items");
        for (size_t i = 0; rc == KT_OK && i < kt_json_count(items); i++)
            s->row[s->count++] = kt_json_at(items, i);
        is_more = kt_json_count(items) == PAGE;
    }
    return rc;
}

/* An earlier create may have lost its answer: what has our number on our page is it. */
static void take_own(struct vendure_job *job, const struct standing *s)
{
    for (size_t i = 0; i < s->count && job->id.p == NULL; i++) {
        if (kt_str_eq(kt_json_text_of(s->row[i], "productId"), job->page) &&
            kt_str_eq(kt_json_text_of(s->row[i], "sku"), job->item->sku)) {
            job->id = kt_json_text_of(s->row[i], "id");
            job->now = s->row[i];
        }
    }
}

/* Its unit may be on its way out: then the next try finds it withdrawn. */
static void wait_for_options(struct vendure_push *p, struct vendure_job *job, struct kt_str id)
{
    job->is_judged = true;
    kt_judge(&job->result->v, KT_RETRY, KT_RECORD, KT_E_CHANNEL_REFUSED,
             KT_P_TEXT("unit", vendure_unit_text(job->item, p->arena)),
             KT_P_TEXT("message", "another variant of its page has the same options"),
             KT_P_TEXT("id", id.p));
}

static enum kt_rc free_options(struct vendure_push *p, const struct standing *s, struct kt_err *e)
{
    struct vendure_task *task = KT_NEW_ARRAY(p->arena, p->count + 1, struct vendure_task);
    struct vendure_job **of = KT_NEW_ARRAY(p->arena, p->count + 1, struct vendure_job *);
    size_t n = 0;
    for (size_t i = 0; i < p->count; i++) {
        struct vendure_job *job = &p->job[i];
        for (size_t k = 0; k < s->count && is_new(job); k++) {
            const struct kt_json *row = s->row[k];
            struct kt_str id = kt_json_text_of(row, "id");
            if (!kt_str_eq(kt_json_text_of(row, "productId"), job->page) ||
                !vendure_same_options(job, kt_json_get(row, "options")) || !vendure_is_id(id))
                continue;
            if (!vendure_is_withdrawn(row)) {
                wait_for_options(p, job, id);
                break;
            }
            of[n] = job;
            task[n++] = delete_task(p, job, id);
            break;
        }
    }
    return run(p, task, of, n, e);
}

/* --- numbers --- */

static void put_numbers(const struct vendure_push *p, struct kt_buf *b)
{
    bool is_first = true;
    kt_buf_text(b, "{\"skus\":[");
    for (size_t i = 0; i < p->count; i++) {
        if (!is_new(&p->job[i]))
            continue;
        kt_buf_text(b, is_first ? "" : ",");
        kt_json_put_text(b, p->job[i].item->sku);
        is_first = false;
    }
    kt_buf_text(b, "]}");
}

/* The shop would take a second one of the same number without a word; then an order for it could
 * mean either. What we withdrew ourselves does not count. */
static enum kt_rc refuse_taken(struct vendure_push *p, struct kt_err *e)
{
    struct vendure_answer answer = { 0 };
    struct kt_buf b;
    kt_buf_init(&b, p->arena, BODY_MAX);
    put_numbers(p, &b);
    struct vendure_call q = {
        .query = "query($skus:[String!]!){productVariants(options:{take:100,filter:{sku:{in:$skus}}"
                 "}){items{id productId sku facetValues{id code facet{code}}}}}",
        .variables = kt_buf_view(&b),
        .what = "variants by SKU",
    };
    enum kt_rc rc = vendure_call(p->channel, &q, &answer, p->arena, e);
    const struct kt_json *items = kt_json_get(kt_json_get(answer.data, "productVariants"), "items");
    for (size_t i = 0; rc == KT_OK && i < p->count; i++) {
        struct vendure_job *job = &p->job[i];
        for (size_t k = 0; k < kt_json_count(items) && is_new(job); k++) {
            const struct kt_json *row = kt_json_at(items, k);
            struct kt_str id = kt_json_text_of(row, "id");
            if (!kt_str_eq(kt_json_text_of(row, "sku"), job->item->sku) ||
                vendure_is_withdrawn(row) || kt_str_eq(id, job->old_id))
                continue;
            job->is_judged = true;
            kt_judge(&job->result->v, KT_REJECT, KT_RECORD, KT_E_CHANNEL_SKU_TAKEN,
                     KT_P_TEXT("unit", vendure_unit_text(job->item, p->arena)),
                     KT_P_TEXT("id", id.p));
        }
    }
    return rc;
}

static bool has_new(const struct vendure_push *p)
{
    for (size_t i = 0; i < p->count; i++) {
        if (is_new(&p->job[i]))
            return true;
    }
    return false;
}

enum kt_rc vendure_clear_way(struct vendure_push *p, struct kt_err *e)
{
    struct standing s = { 0 };
    enum kt_rc rc = KT_OK;
    if (!has_new(p))
        return KT_OK;
    rc = delete_old(p, e);
    if (rc == KT_OK)
        rc = read_standing(p, &s, e);
    for (size_t i = 0; rc == KT_OK && i < p->count; i++) {
        if (is_new(&p->job[i]))
            take_own(&p->job[i], &s);
    }
    if (rc == KT_OK)
        rc = free_options(p, &s, e);
    if (rc == KT_OK && has_new(p))
        rc = refuse_taken(p, e);
    return rc == KT_OK ? rc : kt_trail(e, "clearing the way for variants");
}
