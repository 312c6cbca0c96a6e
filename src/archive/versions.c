/* The versions of a document, for everybody: a page, and their files. Only of kinds that are
 * public, and of versions whose first day has come somewhere. Workers of the archive call. */
#include <stdlib.h>
#include <string.h>

#include "archive/inner.h"
#include "flow/documents.h"

/* PART_BYTES: 64 characters, with room */
enum { VERSIONS_MOST = 200, PART_BYTES = 400 };

/* One version with all that was ever said of it. */
struct version {
    const struct kt_past *said; /* oldest first */
    size_t count;
    const struct kt_past *newest;
    const struct kt_document *document; /* as the newest says */
};

static bool is_public(const struct kt_site *site, const struct kt_document *d)
{
    return kt_kind_rule_of(&site->documents, d->type)->is_public;
}

/* The latest day it is anywhere where we sell: a shop may show from then on what begins on it. */
static struct kt_day latest_day(const struct kt_site *site, int64_t now_us)
{
    struct kt_day day = kt_day_of(now_us);
    for (size_t i = 0; i < site->channels; i++) {
        const struct kt_zone *zone = site->channel[i].zone;
        const struct kt_day there = zone != NULL ? kt_zone_day(zone, now_us) : day;
        if (kt_day_cmp(there, day) > 0)
            day = there;
    }
    return day;
}

static bool has_begun(const struct kt_site *site, const struct kt_document *d, int64_t now_us)
{
    return d->valid_from.y == 0 || kt_day_cmp(d->valid_from, latest_day(site, now_us)) <= 0;
}

static bool has_ended(const struct kt_site *site, const struct kt_document *d, int64_t now_us)
{
    const struct kt_zone *zone = site->channels > 0 ? site->channel[0].zone : NULL;
    const struct kt_day today = zone != NULL ? kt_zone_day(zone, now_us) : kt_day_of(now_us);
    return d->valid_until.y != 0 && kt_day_cmp(d->valid_until, today) < 0;
}

/* Revisions by key become versions; those that nobody may see are left out. */
static size_t group(const struct kt_archive_ask *k, const struct kt_past *past, size_t pasts,
                    struct version *out)
{
    const struct kt_site *site = k->w->site;
    const int64_t now_us = kt_now_us();
    size_t count = 0;
    for (size_t i = 0; i < pasts;) {
        size_t n = 1;
        while (i + n < pasts && kt_str_eq(past[i + n].key, past[i].key))
            n++;
        const struct kt_past *newest = &past[i + n - 1];
        const struct version one = { &past[i], n, newest, newest->record };
        if (is_public(site, one.document) && has_begun(site, one.document, now_us))
            out[count++] = one;
        i += n;
    }
    return count;
}

static struct kt_str key_of(struct kt_str scope, struct kt_str id, const struct kt_str *version,
                            struct kt_arena *a)
{
    struct kt_document d = { 0 };
    KT_PUT(&d, kt_document_shape, scope, scope);
    KT_PUT(&d, kt_document_shape, id, id);
    KT_PUT(&d, kt_document_shape, version, version != NULL ? *version : KT_STR(""));
    struct kt_str key = kt_shape_key(&kt_document_shape, &d, a);
    if (version == NULL && key.n > 0)
        key.n--; /* the bar behind the id: all versions begin with what is before it */
    return kt_str_copy(a, key);
}

/* --- which one is the one --- */

static struct kt_str first_of(struct kt_list refs)
{
    const struct kt_ref *ref = refs.item;
    return refs.count > 0 ? ref[0].id : (struct kt_str){ NULL, 0 };
}

static bool holds_in(const struct kt_archive_ask *k, const struct kt_document_version *all,
                     size_t count, const struct version *v, struct kt_str market, int64_t now_us)
{
    static const struct kt_str none = { "", 0 };
    const struct kt_document *d = v->document;
    const struct kt_site *site = k->w->site;
    const struct kt_document_version **holding = NULL;
    size_t holdings = 0;
    int64_t changes_us = 0;
    struct kt_document_ask ask = { .sku = first_of(d->variants),
                                   .product = first_of(d->products),
                                   .family = first_of(d->families),
                                   .market = market,
                                   .language = first_of(d->languages),
                                   .fallback_language = none,
                                   .zone = site->channels > 0 ? site->channel[0].zone : NULL,
                                   .at_us = now_us };
    if (ask.sku.n > 0)
        ask.product = ask.family = none;
    else if (ask.product.n > 0)
        ask.family = none;
    if (ask.zone == NULL)
        return true; /* nowhere, so nothing replaces it */
    for (size_t i = 0; i < site->channels; i++) {
        if (kt_str_is(market, site->channel[i].market) && site->channel[i].zone != NULL)
            ask.zone = site->channel[i].zone;
    }
    kt_documents_holding(all, count, &ask, &holding, &holdings, &changes_us, k->a);
    for (size_t i = 0; i < holdings; i++) {
        if (kt_str_eq(holding[i]->key, v->newest->key))
            return true;
    }
    return false;
}

/* Is it the one that counts, in one of its markets at least? */
static bool is_current(const struct kt_archive_ask *k, const struct kt_document_version *all,
                       size_t count, const struct version *v, int64_t now_us)
{
    const struct kt_document *d = v->document;
    const struct kt_ref *market = d->markets.item;
    bool is = d->variants.count + d->products.count + d->families.count == 0;
    if (d->markets.count == 0)
        is = is || holds_in(k, all, count, v, KT_STR(""), now_us);
    for (size_t i = 0; i < d->markets.count && !is; i++)
        is = holds_in(k, all, count, v, market[i].id, now_us);
    return is;
}

static enum kt_word state_of(const struct kt_archive_ask *k, const struct kt_document_version *all,
                             size_t count, const struct version *v)
{
    const int64_t now_us = kt_now_us();
    if (v->newest->is_deleted)
        return KT_W_WITHDRAWN;
    if (has_ended(k->w->site, v->document, now_us))
        return KT_W_ENDED;
    return is_current(k, all, count, v, now_us) ? KT_W_CURRENT : KT_W_REPLACED;
}

/* --- the page --- */

/* The newest first: by first day, then by when it came. */
static int by_age(const void *left, const void *right)
{
    const struct version *a = left;
    const struct version *b = right;
    const int days = kt_day_cmp(b->document->valid_from, a->document->valid_from);
    if (days != 0)
        return days;
    if (a->said->recorded_us != b->said->recorded_us)
        return a->said->recorded_us < b->said->recorded_us ? 1 : -1;
    return kt_str_cmp(b->newest->key, a->newest->key);
}

/* From the page on: a proxy may have put folders of its own in front. */
static void put_address(struct kt_html *p, const struct kt_document *d)
{
    kt_html_part(p, d->id);
    kt_html_raw(p, "/");
    kt_html_part(p, d->version);
}

/* Contents that it had before, under the same number. */
static void put_earlier(const struct kt_archive_ask *k, struct kt_html *p, const struct version *v)
{
    for (size_t i = 0; i + 1 < v->count; i++) {
        const struct kt_document *d = v->said[i].record;
        const struct kt_document *next = v->said[i + 1].record;
        if (kt_str_eq(d->sha256, next->sha256) || kt_str_eq(d->sha256, v->document->sha256) ||
            !is_public(k->w->site, d))
            continue;
        kt_html_raw(p, "<p class=\"s\"><a href=\"");
        put_address(p, v->document);
        kt_html_raw(p, "?sha256=");
        kt_html_part(p, d->sha256);
        kt_html_raw(p, "\">");
        kt_html_fill(p, KT_W_EARLIER,
                     kt_html_day(p->lang, kt_day_of(v->said[i + 1].recorded_us), k->a), "");
        kt_html_raw(p, "</a></p>\n");
    }
}

static void put_version(const struct kt_archive_ask *k, struct kt_html *p, const struct version *v,
                        enum kt_word state)
{
    const struct kt_document *d = v->document;
    kt_html_raw(p, "<div class=\"c\">\n<p><strong>");
    kt_html_word(p, d->version.n > 0 ? KT_W_VERSION : KT_W_ONLY_VERSION);
    if (d->version.n > 0) {
        kt_html_raw(p, " ");
        kt_html_text(p, d->version);
    }
    kt_html_raw(p, "</strong> <span class=\"t");
    kt_html_raw(p, state == KT_W_CURRENT ? " y\">" : "\">");
    kt_html_word(p, state);
    kt_html_raw(p, "</span></p>\n");
    kt_archive_describe(p, d);
    kt_html_raw(p, "<p><a class=\"b\" href=\"");
    put_address(p, d);
    kt_html_raw(p, "\">");
    kt_html_word(p, KT_W_DOWNLOAD);
    kt_html_raw(p, "</a></p>\n<p class=\"h\">");
    kt_html_word(p, KT_W_FINGERPRINT);
    kt_html_raw(p, " ");
    kt_html_text(p, d->sha256);
    kt_html_raw(p, "</p>\n");
    put_earlier(k, p, v);
    kt_html_raw(p, "</div>\n");
}

static void show_versions(const struct kt_archive_ask *k, const struct kt_past *past, size_t pasts,
                          struct version *v, size_t count)
{
    struct kt_document_version *known = NULL;
    size_t knowns = 0;
    struct kt_html p;
    qsort(v, count, sizeof *v, by_age);
    kt_versions_of_past(past, pasts, &known, &knowns, k->a);
    const struct kt_str title = kt_archive_title(k->lang, v[0].document);
    const struct kt_str kind = kt_archive_kind(k->lang, v[0].document->type);
    kt_html_begin(&p, k->lang, title, k->a);
    kt_html_raw(&p, "<h1>");
    kt_html_text(&p, title);
    kt_html_raw(&p, "</h1>\n<p class=\"s\">");
    if (!kt_str_eq(title, kind)) {
        kt_html_text(&p, kind);
        kt_html_raw(&p, " · ");
    }
    kt_html_word(&p, KT_W_NUMBER);
    kt_html_raw(&p, " ");
    kt_html_text(&p, v[0].document->id);
    kt_html_raw(&p, "</p>\n");
    for (size_t i = 0; i < count && i < VERSIONS_MOST; i++)
        put_version(k, &p, &v[i], state_of(k, known, knowns, &v[i]));
    kt_html_end(&p);
    kt_archive_show(k, &p, true);
}

/* --- the file --- */

/* "sha256=…" of the query; absent: not asked for. False: there, but no hash. */
static bool read_hash(struct kt_str query, struct kt_str *out)
{
    static const char name[] = "sha256=";
    *out = (struct kt_str){ NULL, 0 };
    while (query.n > 0) {
        size_t n = 0;
        while (n < query.n && query.p[n] != '&')
            n++;
        const struct kt_str one = kt_str_part(query, 0, n);
        if (kt_str_starts(one, name)) {
            *out = kt_str_part(one, sizeof name - 1, one.n);
            return out->n == KT_HASH_TEXT_MAX - 1;
        }
        query = kt_str_part(query, n + 1, query.n);
    }
    return true;
}

static void give_version(const struct kt_archive_ask *k, const struct version *v)
{
    struct kt_archive_file f = { .key = v->newest->key,
                                 .sha256 = v->document->sha256,
                                 .document = v->document,
                                 .cache = "public, no-cache" };
    struct kt_str hash;
    const bool is_fine = read_hash(k->q->query, &hash);
    if (is_fine && hash.p == NULL) {
        kt_archive_give(k, &f);
        return;
    }
    for (size_t i = v->count; is_fine && i > 0; i--) {
        const struct kt_document *d = v->said[i - 1].record;
        if (!kt_str_eq(d->sha256, hash) || !is_public(k->w->site, d))
            continue;
        f.sha256 = d->sha256;
        f.document = d;
        f.cache = "public, max-age=31536000, immutable"; /* its address names its content */
        kt_archive_give(k, &f);
        return;
    }
    kt_archive_not_found(k);
}

void kt_archive_versions(struct kt_archive_ask *k, const struct kt_str *part, size_t parts)
{
    struct kt_past *past = NULL;
    size_t pasts = 0;
    struct kt_err e = { 0 };
    bool is_fine = (parts == 2 || parts == 3) && part[0].n > 0 && part[1].n > 0;
    for (size_t i = 0; i < parts; i++)
        is_fine = is_fine && part[i].n <= PART_BYTES;
    if (!is_fine) {
        kt_archive_not_found(k);
        return;
    }
    const bool is_file = parts == 3;
    const struct kt_str key = key_of(part[0], part[1], is_file ? &part[2] : NULL, k->a);
    if (kt_past_of(k->w->db, KT_KIND_DOCUMENT, key, &past, &pasts, k->a, &e) != KT_OK) {
        kt_archive_failed(k, &e);
        return;
    }
    struct version *v = KT_NEW_ARRAY(k->a, pasts + 1, struct version);
    const size_t count = group(k, past, pasts, v);
    if (count == 0)
        kt_archive_not_found(k);
    else if (is_file)
        give_version(k, &v[0]);
    else
        show_versions(k, past, pasts, v, count);
}
