/* Who leads what: leaves out of a source's records what another one leads. Called by the intake, on
 * the caller's thread with its own connection. */
#include "flow/ownership.h"

#include <string.h>

#include "store/exceptions.h"

static uint64_t bit_of(const struct kt_shape *shape, const struct kt_field *f)
{
    return UINT64_C(1) << (size_t)(f - shape->fields);
}

/* The ERP of the same scope that leads this field; the first field stands for existence. */
static const char *leader_of(const struct kt_work *w, const struct kt_erp_site *site,
                             enum kt_kind kind, uint64_t bit)
{
    for (size_t i = 0; i < w->site->erps; i++) {
        const struct kt_erp_site *erp = &w->site->erp[i];
        if (strcmp(erp->scope, site->scope) == 0 && (erp->lead[kind] & bit) != 0)
            return erp->name;
    }
    return NULL;
}

static void note(const struct kt_work *w, const struct kt_erp_site *site, const struct kt_change *c,
                 const struct kt_field *f, struct kt_unled_list *unled)
{
    const struct kt_shape *shape = kt_kind_shape[c->kind];
    for (size_t i = 0; i < unled->count; i++) {
        if (unled->item[i].kind == c->kind && unled->item[i].field == f) {
            unled->item[i].count++;
            return;
        }
    }
    if (unled->count == unled->room) {
        const size_t room = unled->room == 0 ? 8 : unled->room * 2;
        struct kt_unled *grown = KT_NEW_ARRAY(unled->arena, room, struct kt_unled);
        if (unled->count > 0)
            memcpy(grown, unled->item, unled->count * sizeof *grown);
        unled->item = grown;
        unled->room = room;
    }
    unled->item[unled->count++] = (struct kt_unled){
        .kind = c->kind,
        .field = f,
        .leader = leader_of(w, site, c->kind, f == NULL ? 1 : bit_of(shape, f)),
        .record = kt_str_of(kt_shape_label(shape, c->record, unled->arena)),
        .count = 1,
    };
}

bool kt_ownership_take(const struct kt_work *w, const struct kt_intake_from *from,
                       struct kt_change *c, struct kt_unled_list *unled)
{
    const struct kt_erp_site *site = from->site;
    const struct kt_shape *shape = kt_kind_shape[c->kind];
    if (site == NULL || site->rivals[c->kind] == 0)
        return true;
    const uint64_t said = c->leads == 0 ? ~UINT64_C(0) : c->leads; /* a part of the record */
    if (c->source == NULL)
        c->source = from->endpoint;
    c->leads = site->lead[c->kind] & said;
    if (c->leads == 0 || (c->is_deleted && (c->leads & 1) == 0)) {
        note(w, site, c, NULL, unled);
        return false;
    }
    /* the fields stay in the struct: the store takes the led ones only, and what follows in the
     * page may still look at them (an article's name decides where its variant belongs) */
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++) {
        bool is_led = (f->marks & KT_KEY) != 0 || (c->leads & bit_of(shape, f)) != 0;
        if (!is_led && !c->is_deleted && (said & bit_of(shape, f)) != 0 &&
            kt_field_present(c->record, shape, f))
            note(w, site, c, f, unled);
    }
    return true;
}

/* "product.texts", or "product" for the record as a whole. */
static struct kt_str key_of(const struct kt_unled *u, struct kt_arena *a)
{
    const char *kind = kt_kind_name(u->kind);
    return kt_str_of(u->field == NULL ? kind : kt_format(a, "%s.%s", kind, u->field->name));
}

enum kt_rc kt_ownership_note(struct kt_work *w, const struct kt_intake_from *from,
                             const struct kt_unled_list *unled, int64_t now_us, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; i < unled->count && rc == KT_OK; i++) {
        const struct kt_unled *u = &unled->item[i];
        struct kt_err why = { 0 };
        struct kt_str key = key_of(u, w->arena);
        kt_fail(&why, KT_REJECT, KT_RECORD, KT_E_SOURCE_NOT_LEADING,
                KT_P_TEXT("source", from->endpoint), KT_P_TEXT("field", key.p),
                KT_P_TEXT("leader", u->leader == NULL ? "-" : u->leader),
                KT_P_TEXT("record", u->record.p));
        kt_log_failure(&w->log, KT_LOG_WARN, "record.not_led", &why, F_NUM("count", u->count));
        rc = kt_exception_open(w->db, "ownership", from->endpoint, key, &why.v, "", now_us, e);
    }
    return rc;
}

bool kt_ownership_is_settled(const struct kt_intake_from *from, struct kt_str key)
{
    char name[64];
    enum kt_kind kind;
    const char *point = memchr(key.p, '.', key.n);
    const size_t n = point == NULL ? key.n : (size_t)(point - key.p);
    if (from->site == NULL || n >= sizeof name)
        return false;
    memcpy(name, key.p, n);
    name[n] = '\0';
    if (!kt_kind_find(&kind, name))
        return true; /* no such kind any more */
    uint64_t bit = 1;
    if (point != NULL) {
        const struct kt_shape *shape = kt_kind_shape[kind];
        const struct kt_field *f = kt_field_find(shape, point + 1);
        if (f == NULL)
            return true;
        bit = bit_of(shape, f);
    }
    return from->site->rivals[kind] == 0 || (from->site->lead[kind] & bit) != 0;
}

bool kt_ownership_reads(const struct kt_erp_site *site, enum kt_feed feed)
{
    const unsigned kinds = kt_feed_kinds(feed);
    bool leads_something = kinds == 0; /* facts have no leader */
    for (int kind = 0; kind < KT_KINDS; kind++) {
        if ((kinds & 1U << kind) != 0)
            leads_something = leads_something || site->rivals[kind] == 0 || site->lead[kind] != 0;
    }
    return site->ops->facts->feed[feed] != KT_FEED_NONE &&
           (leads_something || site->every_s[feed] > 0);
}
