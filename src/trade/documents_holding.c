/* Which versions of documents hold for an article at an instant, and until when. Pure, any thread;
 * called when a channel shows them and when orders are bound to them. */
#include <stdlib.h>

#include "model/record.h"
#include "trade/documents_inner.h"
#include "trade/validity.h"

enum cover { COVER_VARIANT = 0, COVER_PRODUCT, COVER_FAMILY, COVER_NONE };
enum tongue { TONGUE_ASKED = 0, TONGUE_FALLBACK, TONGUE_OTHER };

static enum cover cover_of(const struct kt_document *d, const struct kt_document_ask *ask)
{
    if (kt_refs_name(d->variants, ask->sku))
        return COVER_VARIANT;
    if (kt_refs_name(d->products, ask->product))
        return COVER_PRODUCT;
    return kt_refs_name(d->families, ask->family) ? COVER_FAMILY : COVER_NONE;
}

static enum tongue tongue_of(const struct kt_document *d, const struct kt_document_ask *ask)
{
    if (d->languages.count == 0 || kt_refs_name(d->languages, ask->language))
        return TONGUE_ASKED;
    return kt_refs_name(d->languages, ask->fallback_language) ? TONGUE_FALLBACK : TONGUE_OTHER;
}

static struct kt_span span_of(const struct kt_document_version *v, const struct kt_zone *zone)
{
    struct kt_span span = kt_span_of(v->document->valid_from, v->document->valid_until, zone);
    if (v->gone_us < span.until_us)
        span.until_us = v->gone_us;
    return span;
}

static void earlier(int64_t *least_us, int64_t bound_us, int64_t now_us)
{
    if (bound_us > now_us && bound_us < *least_us)
        *least_us = bound_us;
}

/* Whether it counts at the instant asked for; notes when that changes. */
static bool counts(const struct kt_document_version *v, const struct kt_document_ask *ask,
                   int64_t *changes_us)
{
    struct kt_span span = span_of(v, ask->zone);
    if (!kt_document_is_for(v->document, ask->market) || span.from_us >= span.until_us)
        return false;
    earlier(changes_us, span.from_us, ask->at_us);
    earlier(changes_us, span.until_us, ask->at_us);
    return kt_span_holds(span, ask->at_us);
}

static int by_name(const void *left, const void *right)
{
    const struct kt_document_version *const *a = left;
    const struct kt_document_version *const *b = right;
    return kt_version_by_name(*a, *b);
}

static int by_type(const void *left, const void *right)
{
    const struct kt_document_version *const *a = left;
    const struct kt_document_version *const *b = right;
    int order = kt_str_cmp((*a)->document->type, (*b)->document->type);
    if (order == 0)
        order = kt_str_cmp((*a)->key, (*b)->key);
    return order != 0 ? order : kt_version_by_name(*a, *b);
}

/* Of the versions of one id, the one that holds; NULL: none counts. */
static const struct kt_document_version *newest(const struct kt_document_version *const *version,
                                                size_t count, const struct kt_document_ask *ask,
                                                int64_t *changes_us, struct kt_arena *a)
{
    const struct kt_document_version *best = NULL;
    struct kt_succession s = kt_succession_of(version, count, a);
    bool *is_counting = KT_NEW_ARRAY(a, count, bool);
    bool *is_beaten = KT_NEW_ARRAY(a, count, bool);
    for (size_t i = 0; i < count; i++) {
        is_counting[i] = counts(version[i], ask, changes_us);
        if (is_counting[i])
            kt_succession_mark(&s, i, is_beaten);
    }
    for (size_t i = 0; i < count; i++) {
        if (is_counting[i] && !is_beaten[i] &&
            (best == NULL || kt_version_by_rank(version[i], best) > 0))
            best = version[i];
    }
    return best;
}

static bool is_same_id(const struct kt_document_version *a, const struct kt_document_version *b)
{
    return kt_str_cmp(a->document->id, b->document->id) == 0 &&
           kt_str_cmp(a->document->scope, b->document->scope) == 0;
}

/* One for each id, in place; they were sorted by name. */
static size_t newest_of_each(const struct kt_document_version **version, size_t count,
                             const struct kt_document_ask *ask, int64_t *changes_us,
                             struct kt_arena *a)
{
    size_t kept = 0;
    size_t end;
    for (size_t i = 0; i < count; i = end) {
        end = i + 1;
        while (end < count && is_same_id(version[i], version[end]))
            end++;
        const struct kt_document_version *one = newest(version + i, end - i, ask, changes_us, a);
        if (one != NULL)
            version[kept++] = one;
    }
    return kept;
}

/* Of those of one type, in place: the narrowest cover alone, of these the nearest language. */
static size_t nearest(const struct kt_document_version **version, size_t count,
                      const struct kt_document_ask *ask)
{
    enum cover cover = COVER_NONE;
    enum tongue tongue = TONGUE_OTHER;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (cover_of(version[i]->document, ask) < cover)
            cover = cover_of(version[i]->document, ask);
    }
    for (size_t i = 0; i < count; i++) {
        if (cover_of(version[i]->document, ask) == cover &&
            tongue_of(version[i]->document, ask) < tongue)
            tongue = tongue_of(version[i]->document, ask);
    }
    for (size_t i = 0; i < count; i++) {
        if (cover_of(version[i]->document, ask) == cover &&
            tongue_of(version[i]->document, ask) == tongue)
            version[kept++] = version[i];
    }
    return kept;
}

void kt_documents_holding(const struct kt_document_version *version, size_t count,
                          const struct kt_document_ask *ask,
                          const struct kt_document_version ***out, size_t *holding,
                          int64_t *changes_us, struct kt_arena *a)
{
    const struct kt_document_version **all =
        KT_NEW_ARRAY(a, count, const struct kt_document_version *);
    size_t covering = 0;
    size_t kept = 0;
    size_t end;
    *changes_us = KT_NEVER;
    for (size_t i = 0; i < count; i++) {
        if (cover_of(version[i].document, ask) != COVER_NONE)
            all[covering++] = &version[i];
    }
    if (covering > 0)
        qsort(all, covering, sizeof(const struct kt_document_version *), by_name);
    size_t newest_ones = newest_of_each(all, covering, ask, changes_us, a);
    if (newest_ones > 0)
        qsort(all, newest_ones, sizeof(const struct kt_document_version *), by_type);
    for (size_t i = 0; i < newest_ones; i = end) {
        end = i + 1;
        while (end < newest_ones &&
               kt_str_cmp(all[i]->document->type, all[end]->document->type) == 0)
            end++;
        size_t near = nearest(all + i, end - i, ask);
        for (size_t k = 0; k < near; k++)
            all[kept++] = all[i + k];
    }
    *out = all;
    *holding = kept;
}
