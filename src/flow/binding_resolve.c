/* Which versions hold for a line of an order, and from which instant they are reckoned. House
 * thread and commands; reads only. */
#include "flow/binding_inner.h"

#include <string.h>

#include "flow/documents.h"
#include "model/fact.h"
#include "store/facts.h"
#include "store/orders.h"

const struct kt_channel_site *kt_binding_channel(const struct kt_site *site,
                                                 const struct kt_bound_line *line)
{
    for (size_t i = 0; i < site->channels; i++) {
        if (kt_str_is(line->channel, site->channel[i].name))
            return &site->channel[i];
    }
    return NULL;
}

static int64_t instant_of(const struct kt_bound_line *line, int basis)
{
    switch ((enum kt_basis_of)basis) {
    case KT_BASIS_ORDER:
        return line->placed_us;
    case KT_BASIS_DISPATCH:
        return line->dispatched_us;
    case KT_BASIS_BATCH:
        return line->produced_us;
    }
    return KT_NEVER;
}

int64_t kt_binding_basis_us(const struct kt_site *site, const struct kt_bound_line *line,
                            struct kt_str type)
{
    return instant_of(line, kt_kind_rule_of(&site->documents, type)->basis);
}

/* --- resolving --- */

struct resolving {
    struct kt_work *w;
    const struct kt_bound_line *line;
    const struct kt_channel_site *channel;
    const struct kt_document_version *version;
    size_t versions;
    struct kt_bound *out;
    size_t count;
    struct kt_arena *a;
};

static bool has_basis(const struct resolving *r, struct kt_str type, enum kt_basis_of basis)
{
    return kt_kind_rule_of(&r->w->site->documents, type)->basis == (int)basis;
}

static void resolve_by(struct resolving *r, enum kt_basis_of basis)
{
    const struct kt_bound_line *line = r->line;
    const struct kt_document_version **holding = NULL;
    const struct kt_document_ask ask = {
        .sku = line->goods.sku,
        .product = line->goods.product,
        .family = line->goods.family,
        .market = line->market,
        .language = line->language,
        .fallback_language = kt_str_of(r->channel->fallback_language),
        .zone = r->channel->zone,
        .at_us = instant_of(line, (int)basis),
    };
    int64_t changes_us = 0;
    size_t count = 0;
    bool is_asked = false;
    for (size_t i = 0; i < r->versions && !is_asked; i++)
        is_asked = has_basis(r, r->version[i].document->type, basis);
    if (!is_asked || ask.at_us == KT_NEVER)
        return;
    kt_documents_holding(r->version, r->versions, &ask, &holding, &count, &changes_us, r->a);
    for (size_t i = 0; i < count; i++) {
        const struct kt_document_version *v = holding[i];
        if (has_basis(r, v->document->type, basis))
            r->out[r->count++] = (struct kt_bound){ .our_key = line->our_key,
                                                    .line = line->line,
                                                    .axis = KT_AXIS_VALID,
                                                    .type = v->document->type,
                                                    .row_key = v->key,
                                                    .rev = v->rev,
                                                    .sha256 = v->document->sha256,
                                                    .basis_us = ask.at_us,
                                                    .until_us = KT_NEVER };
    }
}

enum kt_rc kt_binding_resolve(struct kt_work *w, const struct kt_bound_line *line, bool *is_known,
                              struct kt_bound **out, size_t *count, struct kt_arena *a,
                              struct kt_err *e)
{
    struct resolving r = { .w = w, .line = line, .a = a };
    struct kt_past *past = NULL;
    struct kt_document_version *version = NULL;
    size_t pasts = 0;
    r.channel = kt_binding_channel(w->site, line);
    *is_known = r.channel != NULL;
    *out = NULL;
    *count = 0;
    if (!*is_known)
        return KT_OK;
    enum kt_rc rc = kt_past_covering(w->db, KT_KIND_DOCUMENT, line->scope, &line->goods, 1, &past,
                                     &pasts, a, e);
    if (rc != KT_OK)
        return rc;
    kt_versions_of_past(past, pasts, &version, &r.versions, a);
    r.version = version;
    r.out = KT_NEW_ARRAY(a, r.versions + 1, struct kt_bound); /* each kind has one basis */
    for (int basis = KT_BASIS_ORDER; basis <= KT_BASIS_BATCH; basis++)
        resolve_by(&r, (enum kt_basis_of)basis);
    *out = r.out;
    *count = r.count;
    return KT_OK;
}

/* --- dispatch --- */

static bool asks_for_dispatch(const struct kt_site *site)
{
    for (size_t i = 0; i < site->documents.kinds; i++) {
        if (site->documents.kind[i].basis == KT_BASIS_DISPATCH)
            return true;
    }
    return false;
}

/* One that cannot be read tells nothing; who told the shop of it has an exception open. */
static bool read_shipment(struct kt_work *w, const struct kt_fact *fact, struct kt_shipment *out)
{
    const struct kt_json *j = NULL;
    struct kt_err ignored = { 0 };
    return kt_str_is(fact->kind, kt_fact_kind_name(KT_FACT_SHIPMENT)) &&
           kt_json_parse(&j, fact->body, w->arena, &ignored) == KT_OK &&
           kt_shape_read(&kt_shipment_shape, out, j, w->arena, &ignored) == KT_OK;
}

/* Of each shipment the newest word counts. */
static void add_shipments(struct kt_work *w, const struct kt_fact *fact, size_t facts,
                          struct kt_shipped *all)
{
    struct kt_shipment *item = KT_NEW_ARRAY(w->arena, all->count + facts + 1, struct kt_shipment);
    int64_t *at_us = KT_NEW_ARRAY(w->arena, all->count + facts + 1, int64_t);
    if (all->count > 0) {
        memcpy(item, all->item, all->count * sizeof *item);
        memcpy(at_us, all->at_us, all->count * sizeof *at_us);
    }
    all->item = item;
    all->at_us = at_us;
    for (size_t i = 0; i < facts; i++) {
        struct kt_shipment s = { 0 };
        size_t at = 0;
        if (!read_shipment(w, &fact[i], &s))
            continue;
        while (at < all->count &&
               !(kt_str_eq(item[at].scope, s.scope) && kt_str_eq(item[at].id, s.id)))
            at++;
        if (at == all->count)
            at_us[all->count++] = fact[i].at_us;
        item[at] = s;
    }
}

static enum kt_rc read_shipped(struct kt_work *w, struct kt_str our_key, struct kt_shipped *out,
                               struct kt_err *e)
{
    struct kt_order_row row = { 0 };
    struct kt_order_row *part = NULL;
    size_t parts = 0;
    bool is_there = false;
    *out = (struct kt_shipped){ .our_key = our_key };
    enum kt_rc rc = kt_order_get(w->db, our_key, &row, &is_there, w->arena, e);
    if (rc == KT_OK && is_there)
        rc = kt_order_parts(w->db, row.channel, row.shop, row.order_id, &part, &parts, w->arena, e);
    for (size_t i = 0; rc == KT_OK && i < parts; i++) {
        struct kt_fact *fact = NULL;
        size_t facts = 0;
        rc = kt_facts_of(w->db, part[i].our_key, &fact, &facts, w->arena, e);
        if (rc == KT_OK && facts > 0)
            add_shipments(w, fact, facts, out);
    }
    return rc;
}

/* By the shop's line where the ERP keeps it, else by the article. */
static bool holds_line(const struct kt_shipment *s, const struct kt_bound_line *line)
{
    const struct kt_shipment_line *all = s->lines.item;
    for (size_t i = 0; i < s->lines.count; i++) {
        bool is_its = all[i].order_line.n > 0 ? kt_str_eq(all[i].order_line, line->line)
                                              : kt_str_eq(all[i].sku, line->goods.sku);
        if (is_its && all[i].quantity.units > 0)
            return true;
    }
    return false;
}

enum kt_rc kt_binding_dispatch_us(struct kt_work *w, const struct kt_bound_line *line,
                                  struct kt_shipped *known, int64_t *dispatched_us,
                                  struct kt_err *e)
{
    const struct kt_channel_site *channel = kt_binding_channel(w->site, line);
    *dispatched_us = line->dispatched_us;
    if (channel == NULL || !asks_for_dispatch(w->site))
        return KT_OK;
    if (!kt_str_eq(known->our_key, line->our_key)) {
        enum kt_rc rc = read_shipped(w, line->our_key, known, e);
        if (rc != KT_OK)
            return rc;
    }
    int64_t first_us = KT_NEVER;
    for (size_t i = 0; i < known->count; i++) {
        const struct kt_shipment *s = &known->item[i];
        struct kt_day day = KT_HAS(s, kt_shipment_shape, shipped)
                                ? s->shipped
                                : kt_zone_day(channel->zone, known->at_us[i]);
        int64_t at_us = kt_zone_midnight_us(channel->zone, day);
        if (at_us < first_us && holds_line(s, line))
            first_us = at_us;
    }
    if (first_us != KT_NEVER) /* a delivery that was taken back had left all the same */
        *dispatched_us = first_us;
    return KT_OK;
}
