/* Option groups of pages: one group per page and axis, made with its page and filled as values
 * appear. Groups of the shop's own making are used when they are called like the axis. Called by
 * the push of pages and of variants, on the session's thread. */
#include <string.h>

#include "adapters/channel_vendure/push_inner.h"

enum { BODY_MAX = 1 << 20, CODES_MAX = 90 };

/* A group that has to be there. */
struct group {
    struct vendure_job *job;
    struct kt_str page;
    struct kt_str axis;
    struct kt_str name;
    struct kt_str language;
    struct kt_str code;
    const struct kt_json *here; /* with its options; NULL: new */
    struct kt_str id;
    bool is_attached;
};

struct ensure {
    struct vendure_push *p;
    const struct vendure_need *need;
    size_t needs;
    struct group *group;
    size_t groups;
    bool has_changed;
};

struct kt_str vendure_group_code(struct kt_str page, struct kt_str axis, struct kt_arena *a)
{
    return vendure_code(kt_str_of(kt_format(a, VENDURE_PREFIX "%s:%s", page.p, axis.p)), a);
}

/* By the code that we gave it, else by what people call it. */
const struct kt_json *vendure_group_of(const struct kt_json *groups, struct kt_str page,
                                       struct kt_str axis, struct kt_str name, struct kt_arena *a)
{
    struct kt_str code = vendure_group_code(page, axis, a);
    for (size_t i = 0; i < kt_json_count(groups); i++) {
        if (kt_str_eq(kt_json_text_of(kt_json_at(groups, i), "code"), code))
            return kt_json_at(groups, i);
    }
    for (size_t i = 0; i < kt_json_count(groups); i++) {
        struct kt_str its = kt_json_text_of(kt_json_at(groups, i), "name");
        if (!kt_str_starts(kt_json_text_of(kt_json_at(groups, i), "code"), VENDURE_PREFIX) &&
            kt_str_eq(kt_str_lower(a, its), kt_str_lower(a, name)))
            return kt_json_at(groups, i);
    }
    return NULL;
}

const struct kt_json *vendure_option_of(const struct kt_json *group, struct kt_str value,
                                        struct kt_arena *a)
{
    const struct kt_json *options = kt_json_get(group, "options");
    struct kt_str code = vendure_code(value, a);
    for (size_t i = 0; i < kt_json_count(options); i++) {
        if (kt_str_eq(kt_json_text_of(kt_json_at(options, i), "code"), code))
            return kt_json_at(options, i);
    }
    for (size_t i = 0; i < kt_json_count(options); i++) {
        if (kt_str_eq(kt_json_text_of(kt_json_at(options, i), "name"), value))
            return kt_json_at(options, i);
    }
    return NULL;
}

static struct group *group_of_need(struct ensure *x, const struct vendure_need *n)
{
    for (size_t i = 0; i < x->groups; i++) {
        if (kt_str_eq(x->group[i].page, n->page) && kt_str_eq(x->group[i].axis, n->axis))
            return &x->group[i];
    }
    return NULL;
}

static void collect(struct ensure *x)
{
    struct kt_arena *a = x->p->arena;
    x->group = KT_NEW_ARRAY(a, x->needs + 1, struct group);
    for (size_t i = 0; i < x->needs; i++) {
        const struct vendure_need *n = &x->need[i];
        if (n->job->is_judged || group_of_need(x, n) != NULL)
            continue;
        const struct kt_json *here = vendure_group_of(n->groups, n->page, n->axis, n->name, a);
        x->group[x->groups++] = (struct group){
            .job = n->job,
            .page = n->page,
            .axis = n->axis,
            .name = n->name,
            .language = n->language,
            .code = vendure_group_code(n->page, n->axis, a),
            .here = here,
            .id = kt_json_text_of(here, "id"),
            .is_attached = here != NULL,
        };
    }
}

/* A group may have been made and its answer lost: it then stands there without a page. */
static enum kt_rc look_up(struct ensure *x, struct kt_err *e)
{
    struct kt_arena *a = x->p->arena;
    struct kt_str *code = KT_NEW_ARRAY(a, x->groups + 1, struct kt_str);
    size_t n = 0;
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; i < x->groups; i++) {
        if (x->group[i].here == NULL)
            code[n++] = x->group[i].code;
    }
    for (size_t from = 0; rc == KT_OK && from < n; from += CODES_MAX) {
        struct vendure_answer answer = { 0 };
        struct kt_buf b;
        kt_buf_init(&b, a, BODY_MAX);
        kt_buf_text(&b, "{\"codes\":");
        vendure_put_texts(&b, code + from, n - from < CODES_MAX ? n - from : CODES_MAX);
        kt_buf_char(&b, '}');
        struct vendure_call q = {
            .query = "query($codes:[String!]!){productOptionGroups(options:{take:100,filter:{code:"
                     "{in:$codes}},sort:{id:ASC}}){items{id code name options{id code name}}}}",
            .variables = kt_buf_view(&b),
            .what = "option groups",
        };
        rc = vendure_call(x->p->channel, &q, &answer, a, e);
        const struct kt_json *items =
            kt_json_get(kt_json_get(answer.data, "productOptionGroups"), "items");
        for (size_t i = 0; rc == KT_OK && i < kt_json_count(items); i++) {
            for (size_t k = 0; k < x->groups; k++) {
                if (x->group[k].here != NULL ||
                    !kt_str_eq(x->group[k].code, kt_json_text_of(kt_json_at(items, i), "code")))
                    continue;
                x->group[k].here = kt_json_at(items, i);
                x->group[k].id = kt_json_text_of(kt_json_at(items, i), "id");
            }
        }
    }
    return rc;
}

static void put_named(struct kt_buf *b, struct kt_str code, struct kt_str language,
                      struct kt_str name)
{
    kt_buf_text(b, "\"code\":");
    kt_json_put_text(b, code);
    kt_buf_text(b, ",\"translations\":[{\"languageCode\":");
    kt_json_put_text(b, language);
    kt_buf_text(b, ",\"name\":");
    kt_json_put_text(b, name);
    kt_buf_text(b, "}]");
}

/* The group with all the options that are needed of it. */
static struct kt_str group_input(const struct ensure *x, const struct group *g)
{
    struct kt_arena *a = x->p->arena;
    struct kt_buf b;
    bool is_first = true;
    kt_buf_init(&b, a, BODY_MAX);
    kt_buf_char(&b, '{');
    put_named(&b, g->code, g->language, g->name);
    kt_buf_text(&b, ",\"options\":[");
    for (size_t i = 0; i < x->needs; i++) {
        const struct vendure_need *n = &x->need[i];
        bool is_twice = false;
        if (!kt_str_eq(n->page, g->page) || !kt_str_eq(n->axis, g->axis))
            continue;
        for (size_t k = 0; k < i && !is_twice; k++)
            is_twice = kt_str_eq(x->need[k].page, n->page) && kt_str_eq(x->need[k].axis, n->axis) &&
                       kt_str_eq(x->need[k].value, n->value);
        if (is_twice)
            continue;
        kt_buf_text(&b, is_first ? "{" : ",{");
        put_named(&b, vendure_code(n->value, a), n->language, n->value);
        kt_buf_char(&b, '}');
        is_first = false;
    }
    kt_buf_text(&b, "]}");
    return kt_buf_view(&b);
}

/* What hangs on a group that could not be had cannot be had either; it comes again. */
static void judge_page(struct ensure *x, struct kt_str page, const struct vendure_task *task)
{
    for (size_t i = 0; i < x->needs; i++) {
        struct vendure_job *job = x->need[i].job;
        if (!kt_str_eq(x->need[i].page, page) || job->is_judged)
            continue;
        vendure_judge_task(job, task, x->p->arena);
        if (job->result->v.rc == KT_UNSURE) /* looked up before it is made again */
            job->result->v.rc = KT_RETRY;
    }
}

static enum kt_rc run(struct ensure *x, struct vendure_task *task, struct kt_str *page,
                      size_t count, struct kt_err *e)
{
    if (count == 0)
        return KT_OK;
    x->has_changed = true;
    enum kt_rc rc =
        vendure_tasks_run(x->p->channel, task, count, "options of pages", x->p->arena, e);
    for (size_t i = 0; i < count; i++) {
        if (task[i].fate != VENDURE_DONE && task[i].fate != VENDURE_OPEN)
            judge_page(x, page[i], &task[i]);
    }
    if (rc == KT_UNSURE)
        e->v.rc = KT_RETRY;
    return e->v.rc;
}

static enum kt_rc make_groups(struct ensure *x, struct kt_err *e)
{
    static const struct vendure_mutation create = { "createProductOptionGroup",
                                                    "CreateProductOptionGroupInput!", false,
                                                    "{id}" };
    struct kt_arena *a = x->p->arena;
    struct vendure_task *task = KT_NEW_ARRAY(a, x->groups + 1, struct vendure_task);
    struct kt_str *page = KT_NEW_ARRAY(a, x->groups + 1, struct kt_str);
    struct group **of = KT_NEW_ARRAY(a, x->groups + 1, struct group *);
    size_t n = 0;
    for (size_t i = 0; i < x->groups; i++) {
        if (x->group[i].here != NULL)
            continue;
        of[n] = &x->group[i];
        page[n] = x->group[i].page;
        task[n++] = (struct vendure_task){ .mutation = &create,
                                           .input = group_input(x, &x->group[i]),
                                           .what = vendure_unit_text(x->group[i].job->item, a),
                                           .is_create = true };
    }
    enum kt_rc rc = run(x, task, page, n, e);
    for (size_t i = 0; i < n; i++)
        of[i]->id = task[i].fate == VENDURE_DONE ? task[i].id : of[i]->id;
    return rc;
}

static enum kt_rc attach_groups(struct ensure *x, struct kt_err *e)
{
    static const struct vendure_mutation attach = { "addOptionGroupToProduct", NULL, false,
                                                    "{id}" };
    struct kt_arena *a = x->p->arena;
    struct vendure_task *task = KT_NEW_ARRAY(a, x->groups + 1, struct vendure_task);
    struct kt_str *page = KT_NEW_ARRAY(a, x->groups + 1, struct kt_str);
    size_t n = 0;
    for (size_t i = 0; i < x->groups; i++) {
        const struct group *g = &x->group[i];
        if (g->is_attached || !vendure_is_id(g->id) || g->job->is_judged)
            continue;
        page[n] = g->page;
        task[n++] = (struct vendure_task){
            .mutation = &attach,
            .args = kt_format(a, "productId:\"%s\",optionGroupId:\"%s\"", g->page.p, g->id.p),
            .what = vendure_unit_text(g->job->item, a),
        };
    }
    return run(x, task, page, n, e);
}

/* Options that a group which was there before lacks. */
static enum kt_rc make_options(struct ensure *x, struct kt_err *e)
{
    static const struct vendure_mutation create = { "createProductOption",
                                                    "CreateProductOptionInput!", false, "{id}" };
    struct kt_arena *a = x->p->arena;
    struct vendure_task *task = KT_NEW_ARRAY(a, x->needs + 1, struct vendure_task);
    struct kt_str *page = KT_NEW_ARRAY(a, x->needs + 1, struct kt_str);
    size_t n = 0;
    for (size_t i = 0; i < x->needs; i++) {
        const struct vendure_need *need = &x->need[i];
        const struct group *g = group_of_need(x, need);
        bool is_twice = false;
        if (g == NULL || g->here == NULL || need->job->is_judged ||
            vendure_option_of(g->here, need->value, a) != NULL)
            continue;
        for (size_t k = 0; k < i && !is_twice; k++)
            is_twice =
                group_of_need(x, &x->need[k]) == g && kt_str_eq(x->need[k].value, need->value);
        if (is_twice)
            continue;
        struct kt_buf b;
        kt_buf_init(&b, a, BODY_MAX);
        kt_buf_text(&b, "{\"productOptionGroupId\":");
        kt_json_put_text(&b, g->id);
        kt_buf_char(&b, ',');
        put_named(&b, vendure_code(need->value, a), need->language, need->value);
        kt_buf_char(&b, '}');
        page[n] = need->page;
        task[n++] = (struct vendure_task){ .mutation = &create,
                                           .input = kt_buf_view(&b),
                                           .what = vendure_unit_text(need->job->item, a),
                                           .is_create = true };
    }
    return run(x, task, page, n, e);
}

enum kt_rc vendure_options_ensure(struct vendure_push *p, const struct vendure_need *need,
                                  size_t count, bool *has_changed, struct kt_err *e)
{
    struct ensure x = { .p = p, .need = need, .needs = count };
    collect(&x);
    enum kt_rc rc = look_up(&x, e);
    if (rc == KT_OK)
        rc = make_groups(&x, e);
    if (rc == KT_OK)
        rc = attach_groups(&x, e);
    if (rc == KT_OK)
        rc = make_options(&x, e);
    *has_changed = x.has_changed;
    return rc == KT_OK ? rc : kt_trail(e, "options");
}
