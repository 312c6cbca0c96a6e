/* Many mutations in one request, with a fate for each. The session's thread; called by the push.
 * Vendure refuses bodies over 100 kB with a bare 500, so requests are filled by size. */
#include "adapters/channel_vendure/tasks.h"

#include <string.h>

enum { TASKS_MAX = 50, QUERY_ROOM = 200 };

struct round {
    struct kt_channel *channel;
    struct kt_arena *arena;
    const char *what;
    struct vendure_task *in[TASKS_MAX];
    size_t count;
};

/* --- the request --- */

static size_t size_of(const struct vendure_task *t)
{
    size_t args = t->args != NULL ? strlen(t->args) : 0;
    return t->input.n + args + strlen(t->mutation->selection) + QUERY_ROOM;
}

/* False: the first one alone is too large, and is judged. */
static bool fill(struct round *r, struct vendure_task *task, size_t count)
{
    size_t limit = (size_t)r->channel->conf->max_body;
    size_t size = 0;
    r->count = 0;
    for (size_t i = 0; i < count && r->count < TASKS_MAX; i++) {
        if (task[i].fate != VENDURE_OPEN)
            continue;
        size_t one = size_of(&task[i]);
        if (one > limit) {
            task[i].fate = VENDURE_REFUSED;
            kt_judge(&task[i].v, KT_REJECT, KT_RECORD, KT_E_FIELD_TOO_LONG,
                     KT_P_TEXT("record", task[i].what), KT_P_TEXT("field", "payload"),
                     KT_P_NUM("limit", r->channel->conf->max_body));
            continue;
        }
        if (size + one > limit)
            break;
        size += one;
        r->in[r->count++] = &task[i];
    }
    return r->count > 0;
}

static void write_query(const struct round *r, struct kt_buf *query)
{
    bool is_first = true;
    kt_buf_text(query, "mutation");
    for (size_t i = 0; i < r->count; i++) {
        const struct vendure_mutation *m = r->in[i]->mutation;
        if (m->type == NULL)
            continue;
        kt_buf_format(query, "%s$i%zu:%s", is_first ? "(" : ",", i, m->type);
        is_first = false;
    }
    kt_buf_text(query, is_first ? "{" : "){");
    for (size_t i = 0; i < r->count; i++) {
        const struct vendure_mutation *m = r->in[i]->mutation;
        kt_buf_format(query, "m%zu:%s(", i, m->field);
        if (m->type == NULL)
            kt_buf_text(query, r->in[i]->args);
        else
            kt_buf_format(query, m->is_list ? "input:[$i%zu]" : "input:$i%zu", i);
        kt_buf_format(query, ")%s ", m->selection);
    }
    kt_buf_char(query, '}');
}

static void write_variables(const struct round *r, struct kt_buf *variables)
{
    bool is_first = true;
    kt_buf_char(variables, '{');
    for (size_t i = 0; i < r->count; i++) {
        if (r->in[i]->mutation->type == NULL)
            continue;
        kt_buf_format(variables, "%s\"i%zu\":", is_first ? "" : ",", i);
        kt_buf_str(variables, r->in[i]->input);
        is_first = false;
    }
    kt_buf_char(variables, '}');
}

/* --- the answer --- */

static void refuse(struct vendure_task *t, const char *message, const char *id)
{
    t->fate = VENDURE_REFUSED;
    kt_judge(&t->v, KT_REJECT, KT_RECORD, KT_E_CHANNEL_REFUSED, KT_P_TEXT("unit", t->what),
             KT_P_TEXT("message", message), KT_P_TEXT("id", id));
}

static void judge_node(const struct round *r, struct vendure_task *t, const struct kt_json *node)
{
    if (t->mutation->is_list)
        node = kt_json_at(node, 0);
    if (vendure_error_of(node).n > 0) {
        refuse(t, kt_json_text_of(node, "message").p, vendure_error_of(node).p);
        return;
    }
    if (kt_str_is(kt_json_text_of(node, "result"), "NOT_DELETED")) {
        refuse(t, kt_json_text_of(node, "message").p, "NOT_DELETED");
        return;
    }
    t->id = kt_str_copy(r->arena, kt_json_text_of(node, "id"));
    t->fate = VENDURE_DONE;
    if (!t->is_create || vendure_is_id(t->id))
        return;
    t->fate = VENDURE_LOST;
    kt_judge(&t->v, KT_UNSURE, KT_RECORD, KT_E_PARTNER_ANSWER_INCOMPLETE,
             KT_P_TEXT("partner", r->channel->env->name),
             KT_P_TEXT("detail", "no id for this part of the request"));
}

/* Which one an error speaks of: by its path, or by the variable that it names. */
static size_t blamed(const struct round *r, const struct kt_json *error)
{
    struct kt_str alias = kt_json_text(kt_json_at(kt_json_get(error, "path"), 0));
    struct kt_str message = kt_json_text_of(error, "message");
    for (size_t i = 0; i < r->count; i++) {
        const char *name = kt_format(r->arena, "m%zu", i);
        const char *variable = kt_format(r->arena, "\"$i%zu\"", i);
        if (alias.p != NULL ? kt_str_is(alias, name)
                            : message.p != NULL && strstr(message.p, variable) != NULL)
            return i;
    }
    return r->count;
}

/* "No Product with the id …": the shop's words name what is not there, by its type. */
static bool speaks_of(const struct kt_json *error, const char *entity)
{
    struct kt_str message = kt_json_text_of(error, "message");
    const char *at = entity != NULL && message.p != NULL ? strstr(message.p, entity) : NULL;
    return at != NULL && (at == message.p || at[-1] == ' ') && at[strlen(entity)] == ' ';
}

static void judge_blamed(struct vendure_task *t, const struct kt_json *error)
{
    vendure_judge_error(&t->v, error, t->what, true);
    t->is_gone = vendure_is_gone(error) && speaks_of(error, t->entity);
    t->fate = t->v.rc == KT_UNSURE ? VENDURE_LOST : VENDURE_REFUSED;
}

static void lose(const struct round *r, struct vendure_task *t)
{
    t->fate = VENDURE_LOST;
    kt_judge(&t->v, KT_UNSURE, KT_RECORD, KT_E_PARTNER_ANSWER_INCOMPLETE,
             KT_P_TEXT("partner", r->channel->env->name),
             KT_P_TEXT("detail", "the request broke off at another part of it"));
}

/* *e is filled when nobody can say which one was refused. */
static enum kt_rc judge_errors(struct round *r, const struct vendure_call *q,
                               const struct vendure_answer *answer, struct kt_err *e)
{
    const struct kt_json *first = kt_json_at(answer->errors, 0);
    bool has_path = kt_json_count(kt_json_get(first, "path")) > 0;
    size_t at = blamed(r, first);
    if (at == r->count)
        return vendure_fail(r->channel, q, first, e);
    for (size_t i = 0; i < at && has_path; i++) {
        const struct kt_json *node = kt_json_get(answer->data, kt_format(r->arena, "m%zu", i));
        if (node != NULL && kt_json_type(node) != KT_JSON_NULL)
            judge_node(r, r->in[i], node);
        else if (r->in[i]->is_create)
            lose(r, r->in[i]);
        else
            r->in[i]->fate = VENDURE_DONE;
    }
    if (at == 0 || !vendure_is_forbidden(first)) /* else it goes first in the next request, where */
        judge_blamed(r->in[at], first);          /* a new login helps or a right is missing */
    return KT_OK;                                /* those behind it have not been begun */
}

/* --- the talk --- */

/* A refusal of the whole leaves them open: flow looks for the one that causes it by halving. */
static void judge_all(const struct round *r, const struct kt_verdict *v)
{
    if (v->rc == KT_REJECT && v->reach == KT_RECORD)
        return;
    for (size_t i = 0; i < r->count; i++) {
        r->in[i]->fate = v->rc == KT_UNSURE ? VENDURE_LOST : VENDURE_REFUSED;
        r->in[i]->v = *v;
    }
}

static enum kt_rc send(struct round *r, struct kt_err *e)
{
    struct kt_buf query;
    struct kt_buf variables;
    struct vendure_answer answer = { 0 };
    bool has_create = false;
    kt_buf_init(&query, r->arena, (size_t)2 << 20);
    kt_buf_init(&variables, r->arena, (size_t)r->channel->conf->max_body + 4096);
    write_query(r, &query);
    write_variables(r, &variables);
    KT_ASSERT(kt_buf_ok(&query) && kt_buf_ok(&variables)); /* fill has counted */
    for (size_t i = 0; i < r->count; i++)
        has_create = has_create || r->in[i]->is_create;
    struct vendure_call q = { .query = kt_buf_view(&query).p,
                              .variables = kt_buf_view(&variables),
                              .what = r->what,
                              .is_write = true,
                              .is_once = has_create,
                              .is_partial = true };
    enum kt_rc rc = vendure_call(r->channel, &q, &answer, r->arena, e);
    if (rc == KT_OK && answer.errors != NULL)
        rc = judge_errors(r, &q, &answer, e);
    else
        for (size_t i = 0; rc == KT_OK && i < r->count; i++)
            judge_node(r, r->in[i], kt_json_get(answer.data, kt_format(r->arena, "m%zu", i)));
    if (rc != KT_OK)
        judge_all(r, &e->v);
    return rc;
}

enum kt_rc vendure_tasks_run(struct kt_channel *channel, struct vendure_task *task, size_t count,
                             const char *what, struct kt_arena *a, struct kt_err *e)
{
    struct round *r = KT_NEW(a, struct round);
    enum kt_rc rc = KT_OK;
    r->channel = channel;
    r->arena = a;
    r->what = what;
    while (rc == KT_OK && fill(r, task, count)) {
        if (vendure_has_time(channel)) {
            rc = send(r, e);
            continue;
        }
        for (size_t i = 0; i < count; i++) {
            if (task[i].fate == VENDURE_OPEN)
                task[i].fate = VENDURE_LEFT;
        }
    }
    return rc;
}
