/* Facet values of pages and variants: those of the payload by which customers filter, those of the
 * categories, and the marks by which we know our own. Values of the shop's own facets stay. Pure
 * but for the terms, which terms.c keeps; called by the push on the session's thread. */
#include <string.h>

#include "adapters/channel_vendure/push_inner.h"

struct ids {
    struct kt_str *id;
    size_t count;
};

/* --- what is needed --- */

static void add_mark(struct vendure_push *p, const char *facet, const char *name,
                     struct kt_str code)
{
    const struct vendure_term mark = { .facet = kt_str_of(facet),
                                       .facet_name = kt_str_of(name),
                                       .is_private = true,
                                       .code = code,
                                       .name = code,
                                       .language = p->channel->shop.language };
    vendure_term_add(&p->terms, &mark, p->arena);
}

/* A page is found again by its custom field where the shop has that, else by a mark. */
static bool needs_mark(const struct vendure_push *p, const struct vendure_job *job)
{
    return job->item->unit == KT_UNIT_PRODUCT && job->payload != NULL &&
           !vendure_has_field(p->channel, "Product", "kontorKey");
}

static bool is_withdrawn(const struct vendure_job *job)
{
    return job->item->unit == KT_UNIT_VARIANT && job->payload == NULL;
}

void vendure_add_terms(struct vendure_push *p, const struct vendure_job *job)
{
    const struct kt_json *facets = kt_json_get(job->payload, "facets");
    if (needs_mark(p, job))
        add_mark(p, VENDURE_FACET_PAGE, "Kontor: pages", vendure_code(job->item->key, p->arena));
    if (is_withdrawn(job))
        add_mark(p, VENDURE_FACET_STATE, "Kontor: state", KT_STR(VENDURE_WITHDRAWN));
    for (size_t i = 0; i < kt_json_count(facets); i++) {
        const struct kt_json *facet = kt_json_at(facets, i);
        const struct kt_json *values = kt_json_get(facet, "values");
        for (size_t k = 0; k < kt_json_count(values); k++) {
            struct kt_str value = kt_json_text(kt_json_at(values, k));
            const struct vendure_term term = {
                .facet = kt_json_text_of(facet, "code"),
                .facet_name = kt_json_text_of(facet, "name"),
                .is_private = kt_json_is_true(kt_json_get(facet, "is_private")),
                .code = vendure_code(value, p->arena),
                .name = value,
                .language = kt_json_text_of(job->payload, "language"),
            };
            vendure_term_add(&p->terms, &term, p->arena);
        }
    }
}

/* --- what is written --- */

/* Is this facet ours to say here? */
static bool is_led(const struct vendure_job *job, struct kt_str facet)
{
    const struct kt_json *facets = kt_json_get(job->payload, "facets");
    if (kt_str_is(facet, VENDURE_FACET_PAGE))
        return job->payload != NULL;
    if (kt_str_is(facet, VENDURE_FACET_STATE))
        return true;
    if (kt_str_is(facet, VENDURE_FACET_CATEGORY))
        return kt_json_get(job->payload, "categories") != NULL;
    if (kt_str_starts(facet, VENDURE_PREFIX))
        return facets != NULL;
    for (size_t i = 0; i < kt_json_count(facets); i++) {
        if (kt_str_eq(kt_json_text_of(kt_json_at(facets, i), "code"), facet))
            return true;
    }
    return false;
}

static void add_id(struct ids *l, struct kt_str id)
{
    for (size_t i = 0; i < l->count; i++) {
        if (kt_str_eq(l->id[i], id))
            return;
    }
    l->id[l->count++] = id;
}

/* What the terms do not have for want of time comes with the next push. */
static void add_term(struct vendure_push *p, struct vendure_job *job, struct ids *l,
                     struct kt_str facet, struct kt_str code)
{
    struct kt_str id = vendure_term_id(&p->terms, facet, code);
    if (vendure_is_id(id))
        add_id(l, id);
    else if (!job->is_judged)
        vendure_postpone(job, p->arena);
}

static size_t values_in(const struct vendure_job *job)
{
    const struct kt_json *facets = kt_json_get(job->payload, "facets");
    size_t n = kt_json_count(kt_json_get(job->now, "facetValues")) +
               kt_json_count(kt_json_get(job->payload, "categories")) + 2;
    for (size_t i = 0; i < kt_json_count(facets); i++)
        n += kt_json_count(kt_json_get(kt_json_at(facets, i), "values"));
    return n;
}

/* A category that is not there yet: flow holds such pages back, so this is a lost link. */
static void add_categories(struct vendure_push *p, struct vendure_job *job, struct ids *l)
{
    const struct kt_json *list = kt_json_get(job->payload, "categories");
    for (size_t i = 0; i < kt_json_count(list) && !job->is_judged; i++) {
        struct kt_str text = kt_json_text_of(kt_json_at(list, i), "ref");
        const struct kt_item_ref *ref = vendure_ref_find(job->item, text);
        struct vendure_shelf shelf;
        if (ref == NULL || ref->unit != KT_UNIT_CATEGORY) {
            vendure_judge_ref(job, text, p->arena);
        } else if (vendure_shelf_read(&shelf, ref->remote_id, p->arena)) {
            add_id(l, shelf.value);
        } else {
            job->is_judged = true;
            kt_judge(&job->result->v, KT_WAIT, KT_RECORD, KT_E_PARENT_MISSING,
                     KT_P_TEXT("unit", vendure_unit_text(job->item, p->arena)),
                     KT_P_TEXT("parent", kt_format(p->arena, "category %s", ref->key.p)));
        }
    }
}

void vendure_put_facet_values(struct vendure_push *p, struct vendure_job *job, struct kt_buf *b,
                              bool *is_first)
{
    struct ids l = { KT_NEW_ARRAY(p->arena, values_in(job), struct kt_str), 0 };
    const struct kt_json *now = kt_json_get(job->now, "facetValues");
    const struct kt_json *facets = kt_json_get(job->payload, "facets");
    for (size_t i = 0; i < kt_json_count(now); i++) {
        const struct kt_json *value = kt_json_at(now, i);
        if (!is_led(job, kt_json_text_of(kt_json_get(value, "facet"), "code")))
            add_id(&l, kt_json_text_of(value, "id"));
    }
    for (size_t i = 0; i < kt_json_count(facets); i++) {
        const struct kt_json *values = kt_json_get(kt_json_at(facets, i), "values");
        for (size_t k = 0; k < kt_json_count(values); k++)
            add_term(p, job, &l, kt_json_text_of(kt_json_at(facets, i), "code"),
                     vendure_code(kt_json_text(kt_json_at(values, k)), p->arena));
    }
    if (needs_mark(p, job))
        add_term(p, job, &l, KT_STR(VENDURE_FACET_PAGE), vendure_code(job->item->key, p->arena));
    if (is_withdrawn(job))
        add_term(p, job, &l, KT_STR(VENDURE_FACET_STATE), KT_STR(VENDURE_WITHDRAWN));
    add_categories(p, job, &l);
    vendure_put_ids(b, is_first, "facetValueIds", l.id, l.count);
}
