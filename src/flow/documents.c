/* What covers articles, put together from what was ever said, and whether they may be sold. Any
 * thread with a connection of its own: views, order checks, bindings. What a channel shows:
 * documents_shown.c. */
#include "flow/documents.h"

#include <stdlib.h>

#include "store/records.h"

/* --- articles --- */

static struct kt_str group_of(const struct kt_product *p)
{
    return p != NULL && p->product_group.n > 0 ? p->product_group : (struct kt_str){ NULL, 0 };
}

struct kt_article kt_article_of(const struct kt_variant *variant, const struct kt_product *own,
                                const struct kt_product *head)
{
    struct kt_str group = group_of(own);
    struct kt_article out = { .variant = variant,
                              .product = own != NULL ? own : head,
                              .head = head };
    if (group.n == 0)
        group = group_of(head);
    out.goods = (struct kt_goods){ variant->sku, variant->product, group };
    return out;
}

static struct kt_str product_key(struct kt_str scope, struct kt_str id, struct kt_arena *a)
{
    struct kt_product p = { 0 };
    p.scope = scope;
    p.id = id;
    return kt_shape_key(&kt_product_shape, &p, a);
}

static struct kt_str variant_key(struct kt_str scope, struct kt_str sku, struct kt_arena *a)
{
    struct kt_variant v = { 0 };
    v.scope = scope;
    v.sku = sku;
    return kt_shape_key(&kt_variant_shape, &v, a);
}

static const void *living(const struct kt_stored *stored)
{
    return stored->is_deleted ? NULL : stored->record;
}

enum kt_rc kt_articles_read(struct kt_work *w, struct kt_str scope, const struct kt_str *sku,
                            size_t count, struct kt_article *out, struct kt_err *e)
{
    struct kt_arena *a = w->arena;
    struct kt_str *key = KT_NEW_ARRAY(a, count + 1, struct kt_str);
    struct kt_stored *variant = KT_NEW_ARRAY(a, count + 1, struct kt_stored);
    struct kt_stored *own = KT_NEW_ARRAY(a, count + 1, struct kt_stored);
    struct kt_stored *head = KT_NEW_ARRAY(a, count + 1, struct kt_stored);
    if (count == 0)
        return KT_OK;
    for (size_t i = 0; i < count; i++)
        key[i] = variant_key(scope, sku[i], a);
    enum kt_rc rc = kt_records_get(w->db, KT_KIND_VARIANT, key, count, variant, a, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++)
        key[i] = product_key(scope, sku[i], a);
    if (rc == KT_OK)
        rc = kt_records_get(w->db, KT_KIND_PRODUCT, key, count, own, a, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        const struct kt_variant *v = living(&variant[i]);
        key[i] = product_key(scope, v != NULL && v->product.n > 0 ? v->product : sku[i], a);
    }
    if (rc == KT_OK)
        rc = kt_records_get(w->db, KT_KIND_PRODUCT, key, count, head, a, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        const struct kt_variant *v = living(&variant[i]);
        out[i] = v != NULL ? kt_article_of(v, living(&own[i]), living(&head[i]))
                           : (struct kt_article){ .goods = { .sku = sku[i] } };
    }
    return rc;
}

/* --- revisions --- */

/* The newest revision that its source knew: what a deletion leaves behind is that one. */
static size_t newest_known(const struct kt_past *past, size_t from, size_t to)
{
    size_t at = to;
    while (at > from && past[at - 1].is_deleted)
        at--;
    return at;
}

static size_t end_of_key(const struct kt_past *past, size_t pasts, size_t from)
{
    size_t to = from + 1;
    while (to < pasts && kt_str_eq(past[to].key, past[from].key))
        to++;
    return to;
}

void kt_versions_of_past(const struct kt_past *past, size_t pasts, struct kt_document_version **out,
                         size_t *count, struct kt_arena *a)
{
    struct kt_document_version *version = KT_NEW_ARRAY(a, pasts + 1, struct kt_document_version);
    size_t n = 0;
    for (size_t from = 0, to; from < pasts; from = to) {
        to = end_of_key(past, pasts, from);
        size_t first = from;
        while (first < to && past[first].is_deleted)
            first++;
        const size_t behind = newest_known(past, from, to);
        if (behind == from) /* only ever deleted: nothing was said of it */
            continue;
        const struct kt_past *known = &past[behind - 1];
        version[n++] = (struct kt_document_version){
            .document = known->record,
            .key = known->key,
            .rev = known->rev,
            .first_us = past[first].recorded_us,
            .known_us = known->recorded_us,
            .gone_us = behind < to ? past[behind].recorded_us : KT_NEVER,
        };
    }
    *out = version;
    *count = n;
}

/* That a source tidies up does not unmake what was: one that it deleted counts as revoked then. */
static void certificates_of_past(const struct kt_past *past, size_t pasts,
                                 struct kt_certificate **out, size_t *count, struct kt_arena *a)
{
    struct kt_certificate *known = KT_NEW_ARRAY(a, pasts + 1, struct kt_certificate);
    size_t n = 0;
    for (size_t from = 0, to; from < pasts; from = to) {
        to = end_of_key(past, pasts, from);
        const size_t behind = newest_known(past, from, to);
        if (behind == from)
            continue;
        struct kt_certificate *c = &known[n++];
        *c = *(const struct kt_certificate *)past[behind - 1].record;
        const bool is_revoked = KT_HAS(c, kt_certificate_shape, revoked_at);
        if (behind < to && (!is_revoked || c->revoked_at > past[behind].recorded_us))
            KT_PUT(c, kt_certificate_shape, revoked_at, past[behind].recorded_us);
    }
    *out = known;
    *count = n;
}

/* --- which of them names an article --- */

struct kt_cover {
    enum kt_covers what;
    struct kt_str id;
    size_t at;
};

static int compare_covers(const void *left, const void *right)
{
    const struct kt_cover *a = left;
    const struct kt_cover *b = right;
    if (a->what != b->what)
        return (int)a->what - (int)b->what;
    int by_id = kt_str_cmp(a->id, b->id);
    return by_id != 0 ? by_id : (a->at > b->at) - (a->at < b->at);
}

struct covers {
    struct kt_cover *item;
    size_t count;
};

static void add_covers(struct covers *c, enum kt_covers what, struct kt_list ids, size_t at)
{
    const struct kt_ref *ref = ids.item;
    for (size_t i = 0; i < ids.count; i++)
        c->item[c->count++] = (struct kt_cover){ what, ref[i].id, at };
}

static void sort_covers(struct covers *c)
{
    if (c->count > 1)
        qsort(c->item, c->count, sizeof *c->item, compare_covers);
}

static void sort_by_cover(struct kt_papers *p, struct kt_arena *a)
{
    size_t room = 1;
    struct covers of_version = { NULL, 0 };
    struct covers of_certificate = { NULL, 0 };
    for (size_t i = 0; i < p->versions; i++) {
        const struct kt_document *d = p->version[i].document;
        room += d->variants.count + d->products.count + d->families.count;
    }
    of_version.item = KT_NEW_ARRAY(a, room, struct kt_cover);
    for (size_t i = 0; i < p->versions; i++) {
        const struct kt_document *d = p->version[i].document;
        add_covers(&of_version, KT_COVERS_VARIANT, d->variants, i);
        add_covers(&of_version, KT_COVERS_PRODUCT, d->products, i);
        add_covers(&of_version, KT_COVERS_FAMILY, d->families, i);
    }
    room = 1;
    for (size_t i = 0; i < p->certificates; i++) {
        const struct kt_certificate *c = &p->certificate[i];
        room += c->variants.count + c->products.count + c->families.count;
    }
    of_certificate.item = KT_NEW_ARRAY(a, room, struct kt_cover);
    for (size_t i = 0; i < p->certificates; i++) {
        const struct kt_certificate *c = &p->certificate[i];
        add_covers(&of_certificate, KT_COVERS_VARIANT, c->variants, i);
        add_covers(&of_certificate, KT_COVERS_PRODUCT, c->products, i);
        add_covers(&of_certificate, KT_COVERS_FAMILY, c->families, i);
    }
    sort_covers(&of_version);
    sort_covers(&of_certificate);
    p->of_version = of_version.item;
    p->version_covers = of_version.count;
    p->of_certificate = of_certificate.item;
    p->certificate_covers = of_certificate.count;
}

static size_t first_cover(const struct kt_cover *cover, size_t count, const struct kt_cover *wanted)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_covers(&cover[middle], wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int compare_places(const void *left, const void *right)
{
    const size_t *a = left;
    const size_t *b = right;
    return (*a > *b) - (*a < *b);
}

/* Places of all that name the article, each once, ascending. */
static size_t places_of(const struct kt_cover *cover, size_t count, const struct kt_goods *goods,
                        size_t **out, struct kt_arena *a)
{
    const struct kt_str id[] = { [KT_COVERS_VARIANT] = goods->sku,
                                 [KT_COVERS_PRODUCT] = goods->product,
                                 [KT_COVERS_FAMILY] = goods->family };
    size_t first[KT_COUNT(id)];
    size_t behind[KT_COUNT(id)];
    size_t room = 1;
    size_t n = 0;
    for (size_t w = 0; w < KT_COUNT(id); w++) {
        struct kt_cover wanted = { (enum kt_covers)w, id[w], 0 };
        first[w] = behind[w] = id[w].n == 0 ? count : first_cover(cover, count, &wanted);
        while (behind[w] < count && cover[behind[w]].what == wanted.what &&
               kt_str_eq(cover[behind[w]].id, wanted.id))
            behind[w]++;
        room += behind[w] - first[w];
    }
    size_t *place = KT_NEW_ARRAY(a, room, size_t);
    for (size_t w = 0; w < KT_COUNT(id); w++) {
        for (size_t i = first[w]; i < behind[w]; i++)
            place[n++] = cover[i].at;
    }
    if (n > 1)
        qsort(place, n, sizeof *place, compare_places);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (kept == 0 || place[kept - 1] != place[i])
            place[kept++] = place[i];
    }
    *out = place;
    return kept;
}

void kt_papers_of(const struct kt_papers *all, const struct kt_goods *goods, struct kt_papers *out,
                  struct kt_arena *a)
{
    size_t *place = NULL;
    if (all->of_version == NULL) { /* narrowed already */
        *out = *all;
        return;
    }
    *out = (struct kt_papers){ .silent_since_us = all->silent_since_us };
    out->versions = places_of(all->of_version, all->version_covers, goods, &place, a);
    out->version = KT_NEW_ARRAY(a, out->versions + 1, struct kt_document_version);
    for (size_t i = 0; i < out->versions; i++)
        out->version[i] = all->version[place[i]];
    out->certificates = places_of(all->of_certificate, all->certificate_covers, goods, &place, a);
    out->certificate = KT_NEW_ARRAY(a, out->certificates + 1, struct kt_certificate);
    for (size_t i = 0; i < out->certificates; i++)
        out->certificate[i] = all->certificate[place[i]];
}

/* --- reading --- */

enum kt_rc kt_certificates_silence(struct kt_work *w, const char *scope, int64_t now_us,
                                   int64_t *since_us, int64_t *heard_us, struct kt_err *e)
{
    const struct kt_site *site = w->site;
    *since_us = KT_NEVER;
    *heard_us = 0;
    if (site->documents.silent_s == 0 || site->compliance.certificates == 0)
        return KT_OK;
    enum kt_rc rc = kt_heard_at(w->db, scope, KT_KIND_CERTIFICATE, heard_us, e);
    const int64_t until_us = *heard_us == 0 ? 0 : *heard_us + site->documents.silent_s * KT_SECOND;
    if (rc == KT_OK && now_us >= until_us)
        *since_us = until_us;
    return rc;
}

/* Nobody was ever heard: then nobody fell silent, and what ended has ended. */
static enum kt_rc read_silence(struct kt_work *w, struct kt_str scope, struct kt_papers *out,
                               struct kt_err *e)
{
    int64_t heard_us = 0;
    if (w->site->documents.when_silent != KT_STALE_KEEP)
        return KT_OK;
    enum kt_rc rc = kt_certificates_silence(w, kt_str_copy(w->arena, scope).p, kt_now_us(),
                                            &out->silent_since_us, &heard_us, e);
    if (heard_us == 0)
        out->silent_since_us = KT_NEVER;
    return rc;
}

static enum kt_rc read_certificates(struct kt_work *w, struct kt_str scope,
                                    const struct kt_goods *goods, size_t count,
                                    struct kt_papers *out, struct kt_err *e)
{
    struct kt_past *past = NULL;
    size_t pasts = 0;
    enum kt_rc rc = kt_past_covering(w->db, KT_KIND_CERTIFICATE, scope, goods, count, &past, &pasts,
                                     w->arena, e);
    if (rc != KT_OK)
        return rc;
    certificates_of_past(past, pasts, &out->certificate, &out->certificates, w->arena);
    return read_silence(w, scope, out, e);
}

enum kt_rc kt_papers_read(struct kt_work *w, unsigned what, struct kt_str scope,
                          const struct kt_goods *goods, size_t count, struct kt_papers *out,
                          struct kt_err *e)
{
    struct kt_past *past = NULL;
    size_t pasts = 0;
    enum kt_rc rc = KT_OK;
    *out = (struct kt_papers){ .silent_since_us = KT_NEVER };
    if (count > 0 && (what & KT_PAPERS_DOCUMENTS) != 0) {
        rc = kt_past_covering(w->db, KT_KIND_DOCUMENT, scope, goods, count, &past, &pasts, w->arena,
                              e);
        if (rc == KT_OK)
            kt_versions_of_past(past, pasts, &out->version, &out->versions, w->arena);
    }
    if (rc == KT_OK && count > 0 && (what & KT_PAPERS_CERTIFICATES) != 0)
        rc = read_certificates(w, scope, goods, count, out, e);
    if (rc == KT_OK)
        sort_by_cover(out, w->arena);
    return rc;
}

/* --- may it be sold? --- */

void kt_papers_allow(struct kt_work *w, const struct kt_channel_site *channel,
                     const struct kt_papers *all, const struct kt_article *article,
                     struct kt_str market, int64_t at_us, struct kt_compliance_answer *out)
{
    const struct kt_compliance *rules = &w->site->compliance;
    *out = (struct kt_compliance_answer){ .may_sell = true, .changes_us = KT_NEVER };
    if (rules->certificates + rules->markets == 0 || article->variant == NULL)
        return;
    struct kt_papers own;
    kt_papers_of(all, &article->goods, &own, w->arena);
    struct kt_compliance_ask ask = {
        .product = article->product,
        .head = article->head,
        .variant = article->variant,
        .certificate = own.certificate,
        .certificates = own.certificates,
        .market = market.n > 0 ? market : kt_str_of(channel->market),
        .zone = channel->zone,
        .at_us = at_us,
        .silent_since_us = own.silent_since_us,
    };
    kt_compliance_ask(out, rules, &ask, w->arena);
    if (!out->may_sell || ask.silent_since_us == KT_NEVER)
        return;
    struct kt_compliance_answer strict;
    ask.silent_since_us = KT_NEVER;
    kt_compliance_ask(&strict, rules, &ask, w->arena);
    if (!strict.may_sell && at_us + KT_MINUTE < out->changes_us)
        out->changes_us = at_us + KT_MINUTE; /* nothing tells when its source speaks again */
}
