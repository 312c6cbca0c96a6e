/* Facets and facet values: found by code, made on demand. What was found is remembered for ten
 * minutes, but for the marks of pages, of which there are as many as pages. The session's thread;
 * called by the push, by find and by compare. */
#include "adapters/channel_vendure/terms.h"

#include <string.h>

#include "adapters/channel_vendure/place.h"
#include "adapters/channel_vendure/tasks.h"

#define KNOWN_US (10 * KT_MINUTE)
enum { CODES_MAX = 90, PAGE = 100, KNOWN_MAX = 4000, BODY_MAX = 1 << 20 };

struct known {
    struct kt_str facet; /* code */
    struct kt_str code;  /* of the value; absent: the facet itself */
    struct kt_str id;
};

struct vendure_terms {
    struct known item[KNOWN_MAX];
    size_t count;
    int64_t since_us;
};

/* --- what is known --- */

static void begin(struct kt_channel *channel)
{
    struct vendure_terms *t = channel->terms;
    if (t != NULL && t->count < KNOWN_MAX / 2 && kt_mono_us() - t->since_us < KNOWN_US)
        return;
    kt_arena_reset(channel->terms_arena);
    channel->terms = KT_NEW(channel->terms_arena, struct vendure_terms);
    channel->terms->since_us = kt_mono_us();
}

void vendure_terms_forget(struct kt_channel *channel)
{
    kt_arena_reset(channel->terms_arena);
    channel->terms = NULL;
}

static struct kt_str known_id(const struct kt_channel *channel, struct kt_str facet,
                              struct kt_str code)
{
    const struct vendure_terms *t = channel->terms;
    for (size_t i = 0; i < t->count; i++) {
        if (kt_str_eq(t->item[i].facet, facet) && kt_str_eq(t->item[i].code, code))
            return t->item[i].id;
    }
    return (struct kt_str){ NULL, 0 };
}

static void learn(struct kt_channel *channel, struct kt_str facet, struct kt_str code,
                  struct kt_str id)
{
    struct vendure_terms *t = channel->terms;
    struct kt_arena *a = channel->terms_arena;
    if (t->count == KNOWN_MAX || known_id(channel, facet, code).p != NULL)
        return;
    t->item[t->count++] =
        (struct known){ kt_str_copy(a, facet), kt_str_copy(a, code), kt_str_copy(a, id) };
}

static const struct kt_str itself = { NULL, 0 };

void vendure_term_add(struct vendure_term_list *l, const struct vendure_term *term,
                      struct kt_arena *a)
{
    for (size_t i = 0; i < l->count; i++) {
        if (kt_str_eq(l->item[i].facet, term->facet) && kt_str_eq(l->item[i].code, term->code))
            return;
    }
    if (l->count == l->room) {
        size_t room = l->room == 0 ? 64 : 2 * l->room;
        struct vendure_term *more = KT_NEW_ARRAY(a, room, struct vendure_term);
        if (l->count > 0)
            memcpy(more, l->item, l->count * sizeof *more);
        l->item = more;
        l->room = room;
    }
    l->item[l->count++] = *term;
}

struct kt_str vendure_term_id(const struct vendure_term_list *l, struct kt_str facet,
                              struct kt_str code)
{
    for (size_t i = 0; i < l->count; i++) {
        if (kt_str_eq(l->item[i].facet, facet) && kt_str_eq(l->item[i].code, code))
            return l->item[i].id;
    }
    return itself;
}

/* --- facets --- */

static bool is_first_of_facet(const struct vendure_term_list *l, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (kt_str_eq(l->item[i].facet, l->item[at].facet))
            return false;
    }
    return true;
}

/* Facets of the list whose ids nobody knows, each once. */
static size_t missing_facets(const struct kt_channel *channel, const struct vendure_term_list *l,
                             const struct vendure_term **out)
{
    size_t n = 0;
    for (size_t i = 0; i < l->count; i++) {
        if (is_first_of_facet(l, i) && known_id(channel, l->item[i].facet, itself).p == NULL)
            out[n++] = &l->item[i];
    }
    return n;
}

static struct kt_str codes_variable(const struct kt_str *code, size_t count, struct kt_arena *a)
{
    struct kt_buf b;
    kt_buf_init(&b, a, BODY_MAX);
    kt_buf_text(&b, "{\"codes\":");
    vendure_put_texts(&b, code, count);
    kt_buf_char(&b, '}');
    KT_ASSERT(kt_buf_ok(&b)); /* CODES_MAX codes of a bounded length */
    return kt_buf_view(&b);
}

static enum kt_rc read_facets(struct kt_channel *channel, const struct vendure_term **term,
                              size_t count, struct kt_arena *a, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    struct kt_str *code = KT_NEW_ARRAY(a, CODES_MAX, struct kt_str);
    for (size_t from = 0; rc == KT_OK && from < count; from += CODES_MAX) {
        size_t n = count - from < CODES_MAX ? count - from : CODES_MAX;
        struct vendure_answer answer = { 0 };
        for (size_t i = 0; i < n; i++)
            code[i] = term[from + i]->facet;
        struct vendure_call q = {
            .query = "query($codes:[String!]!){facets(options:{take:100,filter:{code:{in:$codes}},"
                     "sort:{id:ASC}}){items{id code}}}",
            .variables = codes_variable(code, n, a),
            .what = "facets",
        };
        rc = vendure_call(channel, &q, &answer, a, e);
        const struct kt_json *items = kt_json_get(kt_json_get(answer.data, "facets"), "items");
        for (size_t i = 0; rc == KT_OK && i < kt_json_count(items); i++)
            learn(channel, kt_json_text_of(kt_json_at(items, i), "code"), itself,
                  kt_json_text_of(kt_json_at(items, i), "id"));
    }
    return rc;
}

static void put_translation(struct kt_buf *b, struct kt_str language, struct kt_str name)
{
    kt_buf_text(b, "\"translations\":[{\"languageCode\":");
    kt_json_put_text(b, language);
    kt_buf_text(b, ",\"name\":");
    kt_json_put_text(b, name);
    kt_buf_text(b, "}]");
}

/* A refusal here is one of the set-up (rights), or of a name; what was lost is found next time. */
static enum kt_rc fail_by(const struct vendure_task *t, struct kt_err *e)
{
    e->v = t->v;
    if (e->v.rc == KT_UNSURE)
        e->v.rc = KT_RETRY;
    return kt_trail(e, "%s", t->what);
}

static enum kt_rc make_facets(struct kt_channel *channel, const struct vendure_term **term,
                              size_t count, struct kt_arena *a, struct kt_err *e)
{
    static const struct vendure_mutation create = { "createFacet", "CreateFacetInput!", false,
                                                    "{id}" };
    struct vendure_task *task = KT_NEW_ARRAY(a, count + 1, struct vendure_task);
    for (size_t i = 0; i < count; i++) {
        struct kt_buf b;
        kt_buf_init(&b, a, BODY_MAX);
        kt_buf_text(&b, "{\"code\":");
        kt_json_put_text(&b, term[i]->facet);
        kt_buf_format(&b, ",\"isPrivate\":%s,", term[i]->is_private ? "true" : "false");
        put_translation(&b, term[i]->language, term[i]->facet_name);
        kt_buf_char(&b, '}');
        task[i] = (struct vendure_task){ .mutation = &create,
                                         .input = kt_buf_view(&b),
                                         .what = kt_format(a, "facet %s", term[i]->facet.p),
                                         .is_create = true };
    }
    enum kt_rc rc = vendure_tasks_run(channel, task, count, "facets", a, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        if (task[i].fate == VENDURE_DONE)
            learn(channel, term[i]->facet, itself, task[i].id);
        else if (task[i].fate != VENDURE_LEFT)
            rc = fail_by(&task[i], e);
    }
    return rc;
}

/* --- values --- */

static size_t missing_values(const struct kt_channel *channel, struct vendure_term_list *l,
                             struct vendure_term **out)
{
    size_t n = 0;
    for (size_t i = 0; i < l->count; i++) {
        if (l->item[i].id.p == NULL)
            l->item[i].id = known_id(channel, l->item[i].facet, l->item[i].code);
        if (l->item[i].id.p == NULL && known_id(channel, l->item[i].facet, itself).p != NULL)
            out[n++] = &l->item[i];
    }
    return n;
}

static bool is_remembered(struct kt_str facet)
{
    return !kt_str_is(facet, VENDURE_FACET_PAGE);
}

static void note_value(struct kt_channel *channel, struct vendure_term **term, size_t count,
                       const struct kt_json *row, struct kt_arena *a)
{
    struct kt_str facet = kt_json_text_of(kt_json_get(row, "facet"), "code");
    for (size_t i = 0; i < count; i++) {
        if (term[i]->id.p != NULL || !kt_str_eq(term[i]->facet, facet) ||
            !kt_str_eq(term[i]->code, kt_json_text_of(row, "code")))
            continue;
        term[i]->id = kt_str_copy(a, kt_json_text_of(row, "id"));
        if (is_remembered(facet))
            learn(channel, facet, term[i]->code, term[i]->id);
    }
}

/* One question per page of answers: a code may stand in several facets. */
static enum kt_rc read_some(struct kt_channel *channel, struct vendure_term **term, size_t count,
                            struct kt_arena *a, struct kt_err *e)
{
    struct kt_str *code = KT_NEW_ARRAY(a, count + 1, struct kt_str);
    struct kt_buf b;
    enum kt_rc rc = KT_OK;
    bool is_more = true;
    for (size_t i = 0; i < count; i++)
        code[i] = term[i]->code;
    for (size_t skip = 0; rc == KT_OK && is_more; skip += PAGE) {
        struct vendure_answer answer = { 0 };
        kt_buf_init(&b, a, BODY_MAX);
        kt_buf_format(&b, "{\"skip\":%zu,\"facets\":[", skip);
        for (size_t i = 0; i < count; i++) {
            kt_buf_text(&b, i > 0 ? "," : "");
            kt_json_put_text(&b, known_id(channel, term[i]->facet, itself));
        }
        kt_buf_text(&b, "],\"codes\":");
        vendure_put_texts(&b, code, count);
        kt_buf_char(&b, '}');
        struct vendure_call q = {
            .query = "query($codes:[String!]!,$facets:[String!]!,$skip:Int!){facetValues(options:{"
                     "take:100,skip:$skip,filter:{code:{in:$codes},facetId:{in:$facets}},"
                     "sort:{id:ASC}}){items{id code facet{code}}}}",
            .variables = kt_buf_view(&b),
            .what = "values of facets",
        };
        rc = vendure_call(channel, &q, &answer, a, e);
        const struct kt_json *items = kt_json_get(kt_json_get(answer.data, "facetValues"), "items");
        for (size_t i = 0; rc == KT_OK && i < kt_json_count(items); i++)
            note_value(channel, term, count, kt_json_at(items, i), a);
        is_more = kt_json_count(items) == PAGE;
    }
    return rc;
}

static enum kt_rc read_values(struct kt_channel *channel, struct vendure_term **term, size_t count,
                              struct kt_arena *a, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    for (size_t from = 0; rc == KT_OK && from < count; from += CODES_MAX)
        rc = read_some(channel, term + from, count - from < CODES_MAX ? count - from : CODES_MAX, a,
                       e);
    return rc;
}

static enum kt_rc make_values(struct kt_channel *channel, struct vendure_term **term, size_t count,
                              struct kt_arena *a, struct kt_err *e)
{
    static const struct vendure_mutation create = { "createFacetValue", "CreateFacetValueInput!",
                                                    false, "{id}" };
    struct vendure_task *task = KT_NEW_ARRAY(a, count + 1, struct vendure_task);
    for (size_t i = 0; i < count; i++) {
        struct kt_buf b;
        kt_buf_init(&b, a, BODY_MAX);
        kt_buf_text(&b, "{\"facetId\":");
        kt_json_put_text(&b, known_id(channel, term[i]->facet, itself));
        kt_buf_text(&b, ",\"code\":");
        kt_json_put_text(&b, term[i]->code);
        kt_buf_char(&b, ',');
        put_translation(&b, term[i]->language, term[i]->name);
        kt_buf_char(&b, '}');
        task[i] = (struct vendure_task){
            .mutation = &create,
            .input = kt_buf_view(&b),
            .what = kt_format(a, "value %s of facet %s", term[i]->code.p, term[i]->facet.p),
            .is_create = true,
        };
    }
    enum kt_rc rc = vendure_tasks_run(channel, task, count, "values of facets", a, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        if (task[i].fate == VENDURE_DONE) {
            term[i]->id = task[i].id;
            if (is_remembered(term[i]->facet))
                learn(channel, term[i]->facet, term[i]->code, task[i].id);
        } else if (task[i].fate != VENDURE_LEFT) {
            rc = fail_by(&task[i], e);
        }
    }
    return rc;
}

enum kt_rc vendure_terms_ensure(struct kt_channel *channel, struct vendure_term_list *l,
                                bool only_look, struct kt_arena *a, struct kt_err *e)
{
    const struct vendure_term **facet = KT_NEW_ARRAY(a, l->count + 1, const struct vendure_term *);
    struct vendure_term **value = KT_NEW_ARRAY(a, l->count + 1, struct vendure_term *);
    begin(channel);
    size_t n = missing_facets(channel, l, facet);
    enum kt_rc rc = read_facets(channel, facet, n, a, e);
    n = missing_facets(channel, l, facet);
    if (rc == KT_OK && !only_look && n > 0)
        rc = make_facets(channel, facet, n, a, e);
    n = missing_values(channel, l, value);
    if (rc == KT_OK)
        rc = read_values(channel, value, n, a, e);
    n = missing_values(channel, l, value);
    if (rc == KT_OK && !only_look && n > 0)
        rc = make_values(channel, value, n, a, e);
    if (rc == KT_UNSURE) /* it is looked up before it is made again */
        e->v.rc = KT_RETRY;
    return rc == KT_OK ? rc : kt_trail(e, "facets");
}
