/* Variants: also a page of its own has one here, with an id of its own. A new one cannot be bought
 * before it has a price: Vendure makes it at 0, so it is made disabled and its price enables it.
 * The session's thread; called by push.c. */
#include <string.h>

#include "adapters/channel_vendure/push_variants.h"

enum { BODY_MAX = 1 << 20 };

static const struct vendure_mutation create = { "createProductVariants",
                                                "CreateProductVariantInput!", true, "{id}" };
static const struct vendure_mutation update = { "updateProductVariants",
                                                "UpdateProductVariantInput!", true, "{id}" };

/* As the shop has it, in any currency. Vendure keeps no "no price". */
static bool has_price(const struct kt_json *now)
{
    const struct kt_json *prices = kt_json_get(now, "prices");
    for (size_t i = 0; i < kt_json_count(prices); i++) {
        int64_t price = 0;
        if (kt_json_int(kt_json_get(kt_json_at(prices, i), "price"), &price) && price > 0)
            return true;
    }
    return false;
}

bool vendure_is_withdrawn(const struct kt_json *now)
{
    return vendure_has_mark(kt_json_get(now, "facetValues"), VENDURE_FACET_STATE,
                            VENDURE_WITHDRAWN);
}

/* --- where it stands --- */

static void place(struct vendure_push *p, struct vendure_job *job)
{
    struct vendure_place link;
    struct vendure_place parent;
    const struct kt_item *item = job->item;
    bool has_link = vendure_place_read(&link, item->remote_id, p->arena);
    if (item->action == KT_ACTION_WITHDRAW) {
        job->page = link.page;
        job->id = link.variant;
        if (!has_link || link.variant.p == NULL)
            vendure_judge_gone(job, p->arena);
        return;
    }
    if (item->parent_id.n == 0) {
        job->is_judged = true;
        kt_judge(&job->result->v, KT_WAIT, KT_RECORD, KT_E_PARENT_MISSING,
                 KT_P_TEXT("unit", vendure_unit_text(item, p->arena)),
                 KT_P_TEXT("parent", "its page"));
        return;
    }
    if (!vendure_place_read(&parent, item->parent_id, p->arena) ||
        (item->remote_id.n > 0 && !has_link)) {
        vendure_judge_gone(job, p->arena);
        return;
    }
    job->page = parent.page;
    if (!has_link || link.variant.p == NULL)
        return;
    if (kt_str_eq(link.page, parent.page))
        job->id = link.variant;
    else
        job->old_id = link.variant; /* the shop cannot move it */
}

static bool is_open(const struct vendure_job *job)
{
    return !job->is_judged && job->payload != NULL;
}

/* --- its page --- */

static enum kt_rc read_pages(struct vendure_push *p, struct kt_err *e)
{
    static const char query[] =
        "query($ids:[String!]!){products(options:{take:100,filter:{id:{in:$ids}}}){items{id"
        " optionGroups{id code name options{id code name}}}}}";
    struct kt_str *id = KT_NEW_ARRAY(p->arena, p->count + 1, struct kt_str);
    const struct kt_json **row = KT_NEW_ARRAY(p->arena, p->count + 1, const struct kt_json *);
    size_t n = 0;
    for (size_t i = 0; i < p->count; i++) {
        bool is_new = is_open(&p->job[i]);
        for (size_t k = 0; k < n && is_new; k++)
            is_new = !kt_str_eq(id[k], p->job[i].page);
        if (is_new)
            id[n++] = p->job[i].page;
    }
    enum kt_rc rc = vendure_read_ids(p->channel, query, "products", id, n, row, p->arena, e);
    for (size_t i = 0; rc == KT_OK && i < p->count; i++) {
        struct vendure_job *job = &p->job[i];
        if (!is_open(job))
            continue;
        for (size_t k = 0; k < n; k++) {
            if (kt_str_eq(id[k], job->page))
                job->page_now = row[k];
        }
        if (job->page_now == NULL)
            vendure_judge_gone(job, p->arena);
    }
    return rc;
}

static enum kt_rc make_options(struct vendure_push *p, struct kt_err *e)
{
    size_t room = 0;
    size_t n = 0;
    bool has_changed = false;
    for (size_t i = 0; i < p->count; i++)
        room += kt_json_count(kt_json_get(p->job[i].payload, "options"));
    struct vendure_need *need = KT_NEW_ARRAY(p->arena, room + 1, struct vendure_need);
    for (size_t i = 0; i < p->count; i++) {
        struct vendure_job *job = &p->job[i];
        const struct kt_json *options = kt_json_get(job->payload, "options");
        for (size_t k = 0; k < kt_json_count(options) && is_open(job); k++) {
            const struct kt_json *option = kt_json_at(options, k);
            need[n++] = (struct vendure_need){
                .job = job,
                .page = job->page,
                .groups = kt_json_get(job->page_now, "optionGroups"),
                .axis = kt_json_text_of(option, "axis"),
                .name = kt_json_text_of(option, "name"),
                .value = kt_json_text_of(option, "value"),
                .language = kt_json_text_of(job->payload, "language"),
            };
        }
    }
    enum kt_rc rc = n > 0 ? vendure_options_ensure(p, need, n, &has_changed, e) : KT_OK;
    return rc == KT_OK && has_changed ? read_pages(p, e) : rc;
}

/* The options of its payload as ids of its page. */
static void choose_options(struct vendure_push *p, struct vendure_job *job)
{
    const struct kt_json *groups = kt_json_get(job->page_now, "optionGroups");
    const struct kt_json *options = kt_json_get(job->payload, "options");
    job->option = KT_NEW_ARRAY(p->arena, kt_json_count(options) + 1, struct kt_str);
    for (size_t i = 0; i < kt_json_count(options) && !job->is_judged; i++) {
        const struct kt_json *option = kt_json_at(options, i);
        const struct kt_json *group =
            vendure_group_of(groups, job->page, kt_json_text_of(option, "axis"),
                             kt_json_text_of(option, "name"), p->arena);
        struct kt_str id = kt_json_text_of(
            vendure_option_of(group, kt_json_text_of(option, "value"), p->arena), "id");
        if (vendure_is_id(id))
            job->option[job->options++] = id;
        else
            vendure_postpone(job, p->arena);
    }
}

/* --- writing --- */

static void put_tax(struct vendure_push *p, struct vendure_job *job, struct kt_buf *b,
                    bool *is_first)
{
    const struct vendure_shop *shop = &p->channel->shop;
    struct kt_str name = kt_json_text_of(job->payload, "tax_category");
    if (name.n == 0)
        return;
    for (size_t i = 0; i < shop->taxes; i++) {
        if (kt_str_eq(shop->tax[i].name, name)) {
            vendure_put_text(b, is_first, "taxCategoryId", shop->tax[i].id);
            return;
        }
    }
    vendure_judge_ref(job, kt_str_of(kt_format(p->arena, "tax category \"%s\"", name.p)), p->arena);
}

bool vendure_same_options(const struct vendure_job *job, const struct kt_json *options)
{
    if (kt_json_count(options) != job->options)
        return false;
    for (size_t i = 0; i < job->options; i++) {
        bool is_there = false;
        for (size_t k = 0; k < kt_json_count(options); k++)
            is_there = is_there ||
                       kt_str_eq(kt_json_text_of(kt_json_at(options, k), "id"), job->option[i]);
        if (!is_there)
            return false;
    }
    return true;
}

static void put_content(struct vendure_push *p, struct vendure_job *job, struct kt_buf *b,
                        bool *is_first)
{
    bool inner = true;
    vendure_put_text(b, is_first, "sku", kt_json_text_of(job->payload, "sku"));
    kt_json_put_name(b, is_first, "translations");
    kt_buf_text(b, "[{");
    vendure_put_text(b, &inner, "languageCode", kt_json_text_of(job->payload, "language"));
    vendure_put_text(b, &inner, "name", kt_json_text_of(job->payload, "name"));
    kt_buf_text(b, "}]");
    put_tax(p, job, b, is_first);
    vendure_put_assets(p, job, b, is_first);
    vendure_put_fields(p->channel, job, b, is_first, "ProductVariant");
}

static void prepare(struct vendure_push *p, struct vendure_job *job)
{
    struct kt_buf b;
    bool is_first = true;
    bool is_new = job->id.p == NULL;
    bool is_enabled = job->payload != NULL && has_price(job->now);
    struct vendure_task *task = KT_NEW(p->arena, struct vendure_task);
    kt_buf_init(&b, p->arena, BODY_MAX);
    kt_buf_char(&b, '{');
    if (is_new) {
        vendure_put_text(&b, &is_first, "productId", job->page);
        kt_buf_text(&b, ",\"price\":0,\"trackInventory\":\"TRUE\"");
    } else {
        vendure_put_text(&b, &is_first, "id", job->id);
    }
    kt_json_put_name(&b, &is_first, "enabled");
    kt_buf_text(&b, is_enabled ? "true" : "false");
    if (job->payload != NULL &&
        (is_new || !vendure_same_options(job, kt_json_get(job->now, "options"))))
        vendure_put_ids(&b, &is_first, "optionIds", job->option, job->options);
    vendure_put_facet_values(p, job, &b, &is_first);
    if (job->payload != NULL)
        put_content(p, job, &b, &is_first);
    kt_buf_char(&b, '}');
    *task = (struct vendure_task){ .mutation = is_new ? &create : &update,
                                   .input = kt_buf_view(&b),
                                   .what = vendure_unit_text(job->item, p->arena),
                                   .entity = is_new ? "Product" : "ProductVariant",
                                   .is_create = is_new };
    job->task = task;
}

/* --- the push --- */

enum kt_rc vendure_push_variants(struct vendure_push *p, struct kt_err *e)
{
    for (size_t i = 0; i < p->count; i++) {
        if (!p->job[i].is_judged)
            place(p, &p->job[i]);
        if (!p->job[i].is_judged)
            vendure_add_terms(p, &p->job[i]);
    }
    enum kt_rc rc = vendure_read_now(p, vendure_variants_query, "productVariants", e);
    if (rc == KT_OK)
        rc = read_pages(p, e);
    if (rc == KT_OK)
        rc = vendure_terms_ensure(p->channel, &p->terms, false, p->arena, e);
    if (rc == KT_OK)
        rc = make_options(p, e);
    for (size_t i = 0; rc == KT_OK && i < p->count; i++) {
        if (is_open(&p->job[i]))
            choose_options(p, &p->job[i]);
    }
    if (rc == KT_OK)
        rc = vendure_clear_way(p, e);
    if (rc == KT_OK)
        rc = vendure_media_ensure(p, e);
    for (size_t i = 0; rc == KT_OK && i < p->count; i++) {
        if (!p->job[i].is_judged)
            prepare(p, &p->job[i]);
    }
    if (rc == KT_OK)
        rc = vendure_run_jobs(p, "variants", e);
    if (rc == KT_OK)
        rc = vendure_find_lost(p, e);
    for (size_t i = 0; rc == KT_OK && i < p->count; i++) {
        struct vendure_job *job = &p->job[i];
        if (!job->is_judged)
            vendure_succeed(job, vendure_place_text(job->page, job->id, p->arena));
    }
    return rc;
}
