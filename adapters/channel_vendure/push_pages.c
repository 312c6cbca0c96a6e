/* Pages: a product with its texts, facets, categories and pictures, then its option groups. What
 * the shop has of a page is read first: its own facet values stay, and what a page lacks is known.
 * The session's thread; called by push.c. */
#include <string.h>

#include "adapters/channel_vendure/push_inner.h"

enum { BODY_MAX = 4 << 20 };

static const struct vendure_mutation create = { "createProduct", "CreateProductInput!", false,
                                                "{id}" };
static const struct vendure_mutation update = { "updateProduct", "UpdateProductInput!", false,
                                                "{id}" };

/* --- the product itself --- */

/* Its address stays once it is made; a language that is new to the page needs one of its own. */
static bool has_language(const struct vendure_job *job, struct kt_str language)
{
    const struct kt_json *list = kt_json_get(job->now, "translations");
    for (size_t i = 0; i < kt_json_count(list); i++) {
        if (kt_str_eq(kt_json_text_of(kt_json_at(list, i), "languageCode"), language))
            return true;
    }
    return false;
}

static void put_translations(const struct vendure_job *job, struct kt_buf *b, bool *is_first)
{
    struct kt_str language = kt_json_text_of(job->payload, "language");
    bool is_new = !has_language(job, language);
    bool inner = true;
    kt_json_put_name(b, is_first, "translations");
    kt_buf_text(b, "[{");
    if (is_new || kt_json_get(job->payload, "description") != NULL)
        vendure_put_text(b, &inner, "description", kt_json_text_of(job->payload, "description"));
    vendure_put_text(b, &inner, "languageCode", language);
    vendure_put_text(b, &inner, "name", kt_json_text_of(job->payload, "name"));
    if (is_new)
        vendure_put_text(b, &inner, "slug", kt_json_text_of(job->payload, "slug"));
    kt_buf_text(b, "}]");
}

static void prepare(struct vendure_push *p, struct vendure_job *job)
{
    struct kt_buf b;
    bool is_first = true;
    struct vendure_task *task = KT_NEW(p->arena, struct vendure_task);
    kt_buf_init(&b, p->arena, BODY_MAX);
    kt_buf_char(&b, '{');
    if (job->id.p != NULL)
        vendure_put_text(&b, &is_first, "id", job->id);
    kt_json_put_name(&b, &is_first, "enabled");
    kt_buf_text(&b, job->payload != NULL ? "true" : "false");
    if (job->payload != NULL) {
        put_translations(job, &b, &is_first);
        vendure_put_facet_values(p, job, &b, &is_first);
        vendure_put_assets(p, job, &b, &is_first);
        vendure_put_fields(p->channel, job, &b, &is_first, "Product");
    }
    kt_buf_char(&b, '}');
    *task = (struct vendure_task){ .mutation = job->id.p != NULL ? &update : &create,
                                   .input = kt_buf_view(&b),
                                   .what = vendure_unit_text(job->item, p->arena),
                                   .entity = "Product",
                                   .is_create = job->id.p == NULL };
    job->task = task;
}

/* --- options --- */

static size_t needs_of(const struct vendure_job *job, struct vendure_need *out)
{
    const struct kt_json *axes = kt_json_get(job->payload, "axes");
    size_t n = 0;
    for (size_t i = 0; i < kt_json_count(axes); i++) {
        const struct kt_json *axis = kt_json_at(axes, i);
        const struct kt_json *options = kt_json_get(axis, "options");
        for (size_t k = 0; k < kt_json_count(options); k++, n++) {
            if (out == NULL)
                continue;
            out[n] = (struct vendure_need){
                .page = job->id,
                .groups = kt_json_get(job->now, "optionGroups"),
                .axis = kt_json_text_of(axis, "code"),
                .name = kt_json_text_of(axis, "name"),
                .value = kt_json_text(kt_json_at(options, k)),
                .language = kt_json_text_of(job->payload, "language"),
            };
        }
    }
    return n;
}

static enum kt_rc make_options(struct vendure_push *p, struct kt_err *e)
{
    size_t room = 0;
    size_t n = 0;
    bool has_changed = false;
    for (size_t i = 0; i < p->count; i++)
        room += needs_of(&p->job[i], NULL);
    struct vendure_need *need = KT_NEW_ARRAY(p->arena, room + 1, struct vendure_need);
    for (size_t i = 0; i < p->count; i++) {
        struct vendure_job *job = &p->job[i];
        if (job->is_judged || job->payload == NULL)
            continue;
        size_t more = needs_of(job, need + n);
        for (size_t k = 0; k < more; k++)
            need[n + k].job = job;
        n += more;
    }
    return n > 0 ? vendure_options_ensure(p, need, n, &has_changed, e) : KT_OK;
}

static bool is_wanted(const struct vendure_push *p, const struct vendure_job *job,
                      const struct kt_json *group)
{
    const struct kt_json *axes = kt_json_get(job->payload, "axes");
    for (size_t i = 0; i < kt_json_count(axes); i++) {
        struct kt_str axis = kt_json_text_of(kt_json_at(axes, i), "code");
        if (kt_str_eq(vendure_group_code(job->id, axis, p->arena), kt_json_text_of(group, "code")))
            return true;
    }
    return false;
}

/* Groups of ours that the page no longer has: variants could not be made without an option of
 * each. */
static enum kt_rc drop_groups(struct vendure_push *p, struct kt_err *e)
{
    static const struct vendure_mutation drop = { "removeOptionGroupFromProduct", NULL, false,
                                                  "{...on Product{id}...on ErrorResult{errorCode"
                                                  " message}}" };
    size_t room = 0;
    size_t n = 0;
    for (size_t i = 0; i < p->count; i++)
        room += kt_json_count(kt_json_get(p->job[i].now, "optionGroups"));
    struct vendure_task *task = KT_NEW_ARRAY(p->arena, room + 1, struct vendure_task);
    struct vendure_job **of = KT_NEW_ARRAY(p->arena, room + 1, struct vendure_job *);
    for (size_t i = 0; i < p->count; i++) {
        struct vendure_job *job = &p->job[i];
        const struct kt_json *groups = kt_json_get(job->now, "optionGroups");
        for (size_t k = 0; k < kt_json_count(groups) && !job->is_judged; k++) {
            const struct kt_json *group = kt_json_at(groups, k);
            struct kt_str id = kt_json_text_of(group, "id");
            if (job->payload == NULL || !vendure_is_id(id) || is_wanted(p, job, group) ||
                !kt_str_starts(kt_json_text_of(group, "code"), VENDURE_PREFIX))
                continue;
            of[n] = job;
            task[n++] = (struct vendure_task){
                .mutation = &drop,
                .args = kt_format(p->arena, "productId:\"%s\",optionGroupId:\"%s\",force:true",
                                  job->id.p, id.p),
                .what = vendure_unit_text(job->item, p->arena),
            };
        }
    }
    enum kt_rc rc =
        n > 0 ? vendure_tasks_run(p->channel, task, n, "options of pages", p->arena, e) : KT_OK;
    for (size_t i = 0; i < n; i++) {
        if (task[i].fate != VENDURE_DONE && task[i].fate != VENDURE_OPEN)
            vendure_judge_task(of[i], &task[i], p->arena);
    }
    return rc;
}

/* --- the push --- */

static void place(struct vendure_push *p, struct vendure_job *job)
{
    struct vendure_place at;
    if (job->is_judged || job->item->remote_id.n == 0)
        return;
    if (vendure_place_read(&at, job->item->remote_id, p->arena))
        job->id = at.page;
    else
        vendure_judge_gone(job, p->arena);
}

enum kt_rc vendure_push_pages(struct vendure_push *p, struct kt_err *e)
{
    for (size_t i = 0; i < p->count; i++) {
        place(p, &p->job[i]);
        if (!p->job[i].is_judged)
            vendure_add_terms(p, &p->job[i]);
    }
    enum kt_rc rc = vendure_read_now(p, vendure_pages_query, "products", e);
    if (rc == KT_OK)
        rc = vendure_terms_ensure(p->channel, &p->terms, false, p->arena, e);
    if (rc == KT_OK)
        rc = vendure_media_ensure(p, e);
    for (size_t i = 0; rc == KT_OK && i < p->count; i++) {
        if (!p->job[i].is_judged)
            prepare(p, &p->job[i]);
    }
    if (rc == KT_OK)
        rc = vendure_run_jobs(p, "pages", e);
    if (rc == KT_OK)
        rc = vendure_find_lost(p, e);
    if (rc == KT_OK)
        rc = drop_groups(p, e);
    if (rc == KT_OK)
        rc = make_options(p, e);
    for (size_t i = 0; rc == KT_OK && i < p->count; i++) {
        if (!p->job[i].is_judged)
            vendure_succeed(&p->job[i], p->job[i].id);
    }
    return rc;
}
