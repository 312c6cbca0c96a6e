/* Epochs: a fingerprint of all that shapes a channel's units besides the records, kept in the
 * database. Called by the push thread when it opens, by `kontor sync`, and read by dry runs. */
#include "flow/epoch.h"

#include <string.h>

#include "base/crash.h"
#include "flow/fanout.h"
#include "flow/pages.h"
#include "store/records.h"

enum { PAGE = 500, UNITS_MAX = 4, FINGERPRINT_MAX = 2 << 20 };

static void add(struct kt_buf *out, const char *name, const char *value)
{
    kt_buf_format(out, "%s=%zu:", name, strlen(value)); /* no value can look like two */
    kt_buf_text(out, value);
}

static void add_list(struct kt_buf *out, const char *name, const struct kt_conf_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        add(out, name, texts->item[i]);
}

/* Which documents it shows, and under which addresses. Nothing where the site has none, so that
 * what it was before stays the same. */
static void add_documents(struct kt_buf *out, const struct kt_site *site,
                          const struct kt_channel_site *channel, struct kt_arena *a)
{
    const struct kt_documents_site *d = &site->documents;
    add_list(out, "document", &channel->documents);
    if (!d->is_on)
        return;
    add(out, "archive", d->archive != NULL ? d->archive : "");
    for (size_t i = 0; i < d->kinds; i++)
        add(out, d->kind[i].type, d->kind[i].is_public ? "public" : "");
    add(out, "silent", kt_format(a, "%lld %d", (long long)d->silent_s, d->when_silent));
}

static void add_rules(struct kt_buf *out, const struct kt_compliance *c, struct kt_arena *a)
{
    for (size_t i = 0; i < c->certificates; i++) {
        const struct kt_certificate_rule *r = &c->certificate[i];
        add(out, "certificate", r->scheme);
        add_list(out, "class", &r->classes);
        add_list(out, "market", &r->markets);
    }
    for (size_t i = 0; i < c->markets; i++) {
        const struct kt_market_rule *r = &c->market[i];
        add(out, "rule", r->attribute);
        add(out, "unit", r->unit != NULL ? r->unit : "");
        add(out, "does", kt_format(a, "%d %d %d", r->action, r->needs_value, r->takes_wider));
        add_list(out, "allowed", &r->allowed);
        add_list(out, "class", &r->classes);
        add_list(out, "market", &r->markets);
        add_list(out, "notice", &r->notices);
    }
}

/* The mapping and the settings that view.c and the mapping read. */
static const char *fingerprint_of(const struct kt_site *site, const struct kt_channel_site *channel,
                                  struct kt_arena *a)
{
    uint8_t digest[KT_HASH_BYTES];
    char *text = kt_alloc(a, KT_HASH_TEXT_MAX);
    char buffer[KT_DEC_TEXT_MAX];
    struct kt_buf all;
    kt_buf_init(&all, a, FINGERPRINT_MAX);
    kt_dec_text(kt_dec_trim(channel->buffer), buffer);
    add(&all, "adapter", channel->ops->name);
    add(&all, "mapping", channel->mapping);
    add(&all, "scope", channel->erp->scope);
    add(&all, "language", channel->language);
    add(&all, "fallback_language", channel->fallback_language);
    add(&all, "market", channel->market);
    add(&all, "zone", channel->zone_name);
    add(&all, "currency", channel->currency);
    add(&all, "price_list", channel->price_list);
    add(&all, "buffer", buffer);
    add(&all, "customer_group", channel->customer_group != NULL ? channel->customer_group : "");
    add(&all, "axes", kt_format(a, "%u", channel->limits.axes));
    add(&all, "variants", kt_format(a, "%u", channel->limits.variants));
    add(&all, "over", kt_format(a, "%d", channel->limits.over));
    add_list(&all, "warehouse", &channel->warehouses);
    add_list(&all, "split_axis", &channel->limits.split_axes);
    add_list(&all, "axis", &channel->erp->grouping.axes);
    add_documents(&all, site, channel, a);
    add_rules(&all, &site->compliance, a);
    KT_ASSERT(kt_buf_ok(&all));
    kt_sha256(kt_buf_view(&all), digest);
    kt_hex(digest, sizeof digest, text);
    return text;
}

static const char *setting_of(const struct kt_channel_site *channel, struct kt_arena *a)
{
    return kt_format(a, "epoch %s", channel->name);
}

static enum kt_rc read_epoch(struct kt_work *w, const struct kt_channel_site *channel,
                             struct kt_str *known, struct kt_err *e)
{
    return kt_setting_get(w->db, setting_of(channel, w->arena), known, w->arena, e);
}

enum kt_rc kt_epoch_is_new(struct kt_work *w, const struct kt_channel_site *channel, bool *is_new,
                           struct kt_err *e)
{
    struct kt_str known = { 0 };
    enum kt_rc rc = read_epoch(w, channel, &known, e);
    *is_new = rc == KT_OK && known.p != NULL &&
              !kt_str_is(known, fingerprint_of(w->site, channel, w->arena));
    return rc;
}

static void add_unit(const struct kt_channel_site *channel, enum kt_unit unit, struct kt_str key,
                     struct kt_want *want, size_t *count)
{
    if (kt_fanout_takes(channel, key) && channel->ops->facts->has_unit[unit])
        want[(*count)++] = (struct kt_want){ kt_unit_name(unit), key, kt_fanout_lane(unit) };
}

/* The page that a rule has made up has no record of its own: its variants name it. */
static enum kt_rc pages_of(struct kt_work *w, const struct kt_channel_site *channel,
                           const struct kt_str *key, size_t keys, struct kt_want *want,
                           size_t *count, struct kt_err *e)
{
    struct kt_stored *stored = KT_NEW_ARRAY(w->arena, keys, struct kt_stored);
    enum kt_rc rc = kt_records_get(w->db, KT_KIND_VARIANT, key, keys, stored, w->arena, e);
    for (size_t i = 0; rc == KT_OK && i < keys; i++) {
        const struct kt_variant *v = stored[i].record;
        if (v != NULL && !kt_str_eq(v->product, v->sku))
            add_unit(channel, KT_UNIT_PRODUCT,
                     kt_page_key(v->scope, v->product, KT_STR(""), w->arena), want, count);
    }
    return rc;
}

/* The units of one page of records. */
static enum kt_rc units_of(struct kt_work *w, const struct kt_channel_site *channel,
                           enum kt_kind kind, const struct kt_str *key, size_t keys,
                           struct kt_want *want, size_t *count, struct kt_err *e)
{
    static const enum kt_unit of_variant[] = { KT_UNIT_VARIANT, KT_UNIT_PRICE, KT_UNIT_STOCK };
    *count = 0;
    for (size_t i = 0; i < keys; i++) {
        if (kind == KT_KIND_PRODUCT || kind == KT_KIND_CATEGORY)
            add_unit(channel, kind == KT_KIND_PRODUCT ? KT_UNIT_PRODUCT : KT_UNIT_CATEGORY, key[i],
                     want, count);
        for (size_t u = 0; u < KT_COUNT(of_variant) && kind == KT_KIND_VARIANT; u++)
            add_unit(channel, of_variant[u], key[i], want, count);
    }
    if (kind != KT_KIND_VARIANT || channel->erp->grouping.by == KT_GROUP_PARENT)
        return KT_OK;
    return pages_of(w, channel, key, keys, want, count, e);
}

static enum kt_rc each_of_kind(struct kt_work *w, const struct kt_channel_site *channel,
                               enum kt_kind kind, kt_epoch_page *page, void *context,
                               struct kt_err *e)
{
    struct kt_arena *place = kt_arena_new(); /* of the key behind which to go on */
    struct kt_str after = KT_STR("");
    size_t keys = 1;
    enum kt_rc rc = KT_OK;
    while (rc == KT_OK && keys > 0) {
        struct kt_str *key = NULL;
        kt_arena_reset(w->arena);
        rc = kt_records_keys(w->db, kind, after, PAGE, &key, &keys, w->arena, e);
        if (rc != KT_OK || keys == 0)
            break;
        kt_arena_reset(place);
        after = kt_str_copy(place, key[keys - 1]);
        struct kt_want *want = KT_NEW_ARRAY(w->arena, keys * UNITS_MAX, struct kt_want);
        size_t count = 0;
        rc = units_of(w, channel, kind, key, keys, want, &count, e);
        if (rc == KT_OK && count > 0)
            rc = page(context, want, count, e);
    }
    kt_arena_free(place);
    return rc;
}

enum kt_rc kt_epoch_each(struct kt_work *w, const struct kt_channel_site *channel,
                         kt_epoch_page *page, void *context, struct kt_err *e)
{
    enum kt_rc rc = each_of_kind(w, channel, KT_KIND_CATEGORY, page, context, e);
    if (rc == KT_OK)
        rc = each_of_kind(w, channel, KT_KIND_PRODUCT, page, context, e);
    if (rc == KT_OK)
        rc = each_of_kind(w, channel, KT_KIND_VARIANT, page, context, e);
    return rc;
}

struct beginning {
    struct kt_work *w;
    const struct kt_channel_site *channel;
    size_t units;
};

static enum kt_rc want_page(void *context, const struct kt_want *want, size_t count,
                            struct kt_err *e)
{
    struct beginning *b = context;
    enum kt_rc rc = kt_tx_begin(b->w->db, e);
    if (rc == KT_OK)
        rc = kt_delivery_want(b->w->db, b->channel->name, want, count, kt_now_us(), e);
    if (rc == KT_OK)
        rc = kt_tx_commit(b->w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(b->w->db);
    b->units += count;
    return rc;
}

static enum kt_rc remember(struct kt_work *w, const struct kt_channel_site *channel,
                           struct kt_err *e)
{
    kt_arena_reset(w->arena);
    enum kt_rc rc = kt_tx_begin(w->db, e);
    if (rc == KT_OK)
        rc = kt_setting_put(w->db, setting_of(channel, w->arena),
                            kt_str_of(fingerprint_of(w->site, channel, w->arena)), e);
    if (rc == KT_OK)
        rc = kt_tx_commit(w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(w->db);
    return rc;
}

enum kt_rc kt_epoch_begin(struct kt_work *w, const struct kt_channel_site *channel,
                          struct kt_err *e)
{
    struct beginning b = { .w = w, .channel = channel };
    struct kt_str known = { 0 };
    kt_arena_reset(w->arena);
    enum kt_rc rc = read_epoch(w, channel, &known, e);
    if (rc != KT_OK ||
        (known.p != NULL && kt_str_is(known, fingerprint_of(w->site, channel, w->arena))))
        return rc;
    bool is_first = known.p == NULL;
    if (!is_first)
        rc = kt_epoch_each(w, channel, want_page, &b, e);
    KT_CRASH_POINT("epoch.wanted");
    if (rc == KT_OK)
        rc = remember(w, channel, e);
    if (rc == KT_OK && !is_first)
        kt_log_info(&w->log, "epoch.begun", F_TEXT("channel", channel->name),
                    F_NUM("units", (int64_t)b.units));
    return rc;
}
