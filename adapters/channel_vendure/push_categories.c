/* Categories: a collection whose filter takes all that carries one value of a private facet, so
 * that pages say themselves where they belong. The session's thread; called by push.c. */
#include <string.h>

#include "adapters/channel_vendure/push_inner.h"

enum { BODY_MAX = 1 << 20 };

static const struct vendure_mutation create = { "createCollection", "CreateCollectionInput!", false,
                                                "{id}" };
static const struct vendure_mutation update = { "updateCollection", "UpdateCollectionInput!", false,
                                                "{id}" };
static const struct vendure_mutation move = { "moveCollection", "MoveCollectionInput!", false,
                                              "{id}" };
static const struct vendure_mutation delete = { "deleteCollection", NULL, false,
                                                "{result message}" };

const char vendure_collections_query[] =
    "query($ids:[String!]!){collections(options:{take:100,filter:{id:{in:$ids}}}){items{id parentId"
    " parent{id slug} translations{languageCode name slug description}"
    " filters{code args{name value}}}}}";

static void place(struct vendure_push *p, struct vendure_job *job)
{
    struct vendure_shelf at;
    if (job->is_judged || job->item->remote_id.n == 0)
        return;
    if (vendure_shelf_read(&at, job->item->remote_id, p->arena)) {
        job->id = at.collection;
        job->value = at.value;
    } else {
        vendure_judge_gone(job, p->arena);
    }
}

static void add_term(struct vendure_push *p, struct vendure_job *job)
{
    const struct vendure_term term = { .facet = KT_STR(VENDURE_FACET_CATEGORY),
                                       .facet_name = KT_STR("Kontor: categories"),
                                       .is_private = true,
                                       .code = vendure_code(job->item->key, p->arena),
                                       .name = kt_json_text_of(job->payload, "name"),
                                       .language = kt_json_text_of(job->payload, "language") };
    if (!job->is_judged && job->payload != NULL && job->value.p == NULL)
        vendure_term_add(&p->terms, &term, p->arena);
}

/* The id of the collection above; absent: it stands at the top. */
static struct kt_str parent_of(struct vendure_push *p, struct vendure_job *job)
{
    struct kt_str none = { NULL, 0 };
    const struct kt_json *parent = kt_json_get(job->payload, "parent");
    struct kt_str text = kt_json_text_of(parent, "ref");
    struct vendure_shelf at;
    if (kt_json_type(parent) != KT_JSON_OBJECT)
        return none;
    const struct kt_item_ref *ref = vendure_ref_find(job->item, text);
    if (ref == NULL || ref->unit != KT_UNIT_CATEGORY) {
        vendure_judge_ref(job, text, p->arena);
    } else if (vendure_shelf_read(&at, ref->remote_id, p->arena)) {
        return at.collection;
    } else {
        job->is_judged = true;
        kt_judge(&job->result->v, KT_WAIT, KT_RECORD, KT_E_PARENT_MISSING,
                 KT_P_TEXT("unit", vendure_unit_text(job->item, p->arena)),
                 KT_P_TEXT("parent", kt_format(p->arena, "category %s", ref->key.p)));
    }
    return none;
}

static void put_translations(const struct vendure_job *job, struct kt_buf *b, bool *is_first)
{
    const struct kt_json *list = kt_json_get(job->now, "translations");
    struct kt_str language = kt_json_text_of(job->payload, "language");
    bool is_new = true;
    bool inner = true;
    for (size_t i = 0; i < kt_json_count(list); i++)
        is_new =
            is_new && !kt_str_eq(kt_json_text_of(kt_json_at(list, i), "languageCode"), language);
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
    bool is_new = job->id.p == NULL;
    struct vendure_task *task = KT_NEW(p->arena, struct vendure_task);
    job->parent = parent_of(p, job);
    if (job->value.p == NULL)
        job->value = vendure_term_id(&p->terms, KT_STR(VENDURE_FACET_CATEGORY),
                                     vendure_code(job->item->key, p->arena));
    if (!job->is_judged && !vendure_is_id(job->value))
        vendure_postpone(job, p->arena);
    if (job->is_judged)
        return;
    kt_buf_init(&b, p->arena, BODY_MAX);
    kt_buf_char(&b, '{');
    if (!is_new)
        vendure_put_text(&b, &is_first, "id", job->id);
    kt_json_put_name(&b, &is_first, "filters");
    kt_buf_format(&b,
                  "[{\"code\":\"facet-value-filter\",\"arguments\":[{\"name\":\"facetValueIds\","
                  "\"value\":\"[\\\"%s\\\"]\"},{\"name\":\"containsAny\",\"value\":\"true\"},"
                  "{\"name\":\"combineWithAnd\",\"value\":\"true\"}]}]",
                  job->value.p);
    kt_json_put_name(&b, &is_first, "inheritFilters");
    kt_buf_text(&b, "false");
    if (is_new && job->parent.p != NULL)
        vendure_put_text(&b, &is_first, "parentId", job->parent);
    put_translations(job, &b, &is_first);
    kt_buf_char(&b, '}');
    *task = (struct vendure_task){ .mutation = is_new ? &create : &update,
                                   .input = kt_buf_view(&b),
                                   .what = vendure_unit_text(job->item, p->arena),
                                   .entity = is_new ? NULL : "Collection",
                                   .is_create = is_new };
    job->task = task;
}

static void prepare_delete(struct vendure_push *p, struct vendure_job *job)
{
    struct vendure_task *task = KT_NEW(p->arena, struct vendure_task);
    *task = (struct vendure_task){ .mutation = &delete,
                                   .args = kt_format(p->arena, "id:\"%s\"", job->id.p),
                                   .what = vendure_unit_text(job->item, p->arena),
                                   .entity = "Collection" };
    job->task = task;
}

/* --- moving --- */

/* Nothing names the root but those below it. */
static enum kt_rc read_root(struct vendure_push *p, struct kt_str *root, struct kt_err *e)
{
    struct vendure_answer answer = { 0 };
    struct vendure_call q = {
        .query = "{collections(options:{take:1,topLevelOnly:true}){items{parentId}}}",
        .what = "the root of all categories",
    };
    enum kt_rc rc = vendure_call(p->channel, &q, &answer, p->arena, e);
    const struct kt_json *items = kt_json_get(kt_json_get(answer.data, "collections"), "items");
    *root = kt_json_text_of(kt_json_at(items, 0), "parentId");
    return rc;
}

static bool has_moved(const struct vendure_job *job)
{
    const struct kt_json *above = kt_json_get(job->now, "parent");
    bool is_top = kt_str_is(kt_json_text_of(above, "slug"), "__root_collection__");
    if (job->is_judged || job->payload == NULL || job->now == NULL)
        return false;
    return job->parent.p == NULL ? !is_top
                                 : !kt_str_eq(kt_json_text_of(job->now, "parentId"), job->parent);
}

static enum kt_rc move_all(struct vendure_push *p, struct kt_err *e)
{
    struct vendure_task *task = KT_NEW_ARRAY(p->arena, p->count + 1, struct vendure_task);
    struct vendure_job **of = KT_NEW_ARRAY(p->arena, p->count + 1, struct vendure_job *);
    struct kt_str root = { NULL, 0 };
    enum kt_rc rc = KT_OK;
    size_t n = 0;
    for (size_t i = 0; rc == KT_OK && i < p->count; i++) {
        struct vendure_job *job = &p->job[i];
        if (!has_moved(job))
            continue;
        if (job->parent.p == NULL && root.p == NULL)
            rc = read_root(p, &root, e);
        struct kt_str to = job->parent.p != NULL ? job->parent : root;
        if (rc != KT_OK || !vendure_is_id(to))
            continue;
        of[n] = job;
        task[n++] = (struct vendure_task){
            .mutation = &move,
            .input = kt_str_of(
                kt_format(p->arena, "{\"collectionId\":\"%s\",\"index\":0,\"parentId\":\"%s\"}",
                          job->id.p, to.p)),
            .what = vendure_unit_text(job->item, p->arena),
            .entity = "Collection",
        };
    }
    if (rc == KT_OK && n > 0)
        rc = vendure_tasks_run(p->channel, task, n, "categories", p->arena, e);
    for (size_t i = 0; i < n; i++) {
        if (task[i].fate != VENDURE_DONE && task[i].fate != VENDURE_OPEN)
            vendure_judge_task(of[i], &task[i], p->arena);
    }
    return rc;
}

/* --- the push --- */

static enum kt_rc drop_values(struct vendure_push *p, struct kt_err *e)
{
    static const struct vendure_mutation drop = { "deleteFacetValues", NULL, true,
                                                  "{result message}" };
    struct vendure_task *task = KT_NEW_ARRAY(p->arena, p->count + 1, struct vendure_task);
    struct vendure_job **of = KT_NEW_ARRAY(p->arena, p->count + 1, struct vendure_job *);
    size_t n = 0;
    for (size_t i = 0; i < p->count; i++) {
        if (p->job[i].is_judged || p->job[i].payload != NULL)
            continue;
        of[n] = &p->job[i];
        task[n++] = (struct vendure_task){
            .mutation = &drop,
            .args = kt_format(p->arena, "ids:[\"%s\"],force:true", p->job[i].value.p),
            .what = vendure_unit_text(p->job[i].item, p->arena),
            .entity = "FacetValue",
        };
    }
    enum kt_rc rc =
        n > 0 ? vendure_tasks_run(p->channel, task, n, "categories", p->arena, e) : KT_OK;
    for (size_t i = 0; i < n; i++) {
        if (task[i].fate != VENDURE_DONE && task[i].fate != VENDURE_OPEN)
            vendure_judge_task(of[i], &task[i], p->arena);
    }
    if (n > 0)
        vendure_terms_forget(p->channel);
    return rc;
}

static void finish(struct vendure_push *p, struct vendure_job *job)
{
    if (job->is_judged)
        return;
    /* one that was found again after its create got lost has "5:17" already */
    if (job->payload != NULL && memchr(job->id.p, ':', job->id.n) == NULL)
        job->id = kt_str_of(kt_format(p->arena, "%s:%s", job->id.p, job->value.p));
    vendure_succeed(job, job->id);
}

enum kt_rc vendure_push_categories(struct vendure_push *p, struct kt_err *e)
{
    for (size_t i = 0; i < p->count; i++) {
        place(p, &p->job[i]);
        add_term(p, &p->job[i]);
    }
    enum kt_rc rc = vendure_read_now(p, vendure_collections_query, "collections", e);
    if (rc == KT_OK)
        rc = vendure_terms_ensure(p->channel, &p->terms, false, p->arena, e);
    for (size_t i = 0; rc == KT_OK && i < p->count; i++) {
        if (p->job[i].is_judged)
            continue;
        if (p->job[i].payload != NULL)
            prepare(p, &p->job[i]);
        else
            prepare_delete(p, &p->job[i]);
    }
    if (rc == KT_OK)
        rc = vendure_run_jobs(p, "categories", e);
    if (rc == KT_OK)
        rc = vendure_find_lost(p, e);
    if (rc == KT_OK)
        rc = move_all(p, e);
    if (rc == KT_OK)
        rc = drop_values(p, e);
    for (size_t i = 0; rc == KT_OK && i < p->count; i++)
        finish(p, &p->job[i]);
    return rc;
}
