/* What is made of all units of a channel, like a feed file: gives the adapter every SKU with the
 * payloads that its units were sent last, page by page, so that memory stays flat. Called by the
 * channel's push thread between its steps, and by `kontor sync` at the end. */
#include "flow/compose.h"

#include "store/deliveries.h"

enum { PAGE = 500 };

/* A unit that another thread sent is in the database a little later than its time says. */
#define LATE_US (30 * KT_SECOND)

static const enum kt_unit composed_of[] = { KT_UNIT_PRODUCT, KT_UNIT_VARIANT, KT_UNIT_PRICE,
                                            KT_UNIT_STOCK };

/* One reading of all offers. */
struct reading {
    struct kt_work *w;
    const struct kt_channel_site *channel;
    struct kt_arena *page;  /* of the offers at hand */
    struct kt_arena *place; /* of the key behind which to go on */
    struct kt_str after;
    bool is_over;
};

/* --- reading --- */

static enum kt_rc read_payloads(struct reading *r, enum kt_unit unit, const struct kt_str *key,
                                struct kt_offer *offer, size_t count, struct kt_err *e)
{
    struct kt_link *link = KT_NEW_ARRAY(r->page, count, struct kt_link);
    enum kt_rc rc =
        kt_link_get(r->w->db, r->channel->name, kt_unit_name(unit), key, count, link, r->page, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++)
        offer[i].payload[unit] = link[i].sent_body;
    return rc;
}

static enum kt_rc read_page(struct reading *r, struct kt_offer **offer, size_t *count,
                            struct kt_err *e)
{
    struct kt_str *key = NULL;
    struct kt_link *link = NULL;
    kt_arena_reset(r->page);
    enum kt_rc rc = kt_link_page(r->w->db, r->channel->name, kt_unit_name(KT_UNIT_VARIANT),
                                 r->after, PAGE, &key, &link, count, r->page, e);
    if (rc != KT_OK || *count == 0)
        return rc;
    struct kt_str *page = KT_NEW_ARRAY(r->page, *count, struct kt_str);
    *offer = KT_NEW_ARRAY(r->page, *count, struct kt_offer);
    for (size_t i = 0; i < *count; i++) {
        (*offer)[i].key = key[i];
        (*offer)[i].payload[KT_UNIT_VARIANT] = link[i].sent_body;
        page[i] = kt_composed_key(kt_remote_page(link[i].remote_id), r->page);
    }
    rc = read_payloads(r, KT_UNIT_PRODUCT, page, *offer, *count, e);
    if (rc == KT_OK)
        rc = read_payloads(r, KT_UNIT_PRICE, key, *offer, *count, e);
    if (rc == KT_OK)
        rc = read_payloads(r, KT_UNIT_STOCK, key, *offer, *count, e);
    kt_arena_reset(r->place);
    r->after = kt_str_copy(r->place, key[*count - 1]);
    return rc;
}

static enum kt_rc next_offers(struct kt_offers *offers, const struct kt_offer **offer,
                              size_t *count, struct kt_err *e)
{
    struct reading *r = offers->of;
    struct kt_offer *page = NULL;
    *count = 0;
    enum kt_rc rc = r->is_over ? KT_OK : read_page(r, &page, count, e);
    r->is_over = r->is_over || *count < PAGE;
    *offer = page;
    return rc;
}

/* --- when --- */

static enum kt_rc was_sent(struct kt_push *p, struct kt_work *w, bool *was, struct kt_err *e)
{
    const int64_t since_us = p->composed_us - LATE_US;
    enum kt_rc rc = KT_OK;
    *was = p->composed_us == 0; /* who knows what a process before us wrote */
    for (size_t i = 0; rc == KT_OK && !*was && i < KT_COUNT(composed_of); i++) {
        int64_t count = 0;
        int64_t first_us = 0;
        rc = kt_link_pace(w->db, p->session.site->name, kt_unit_name(composed_of[i]), since_us,
                          &count, &first_us, e);
        *was = count > 0;
    }
    return rc;
}

static enum kt_rc compose(struct kt_push *p, struct kt_work *w, struct kt_composed *done,
                          struct kt_err *e)
{
    struct reading reading = { .w = w, .channel = p->session.site, .after = KT_STR("") };
    struct kt_offers offers = { next_offers, &reading };
    enum kt_rc rc = kt_channel_session_know(&p->session, w, e);
    if (rc != KT_OK)
        return rc;
    reading.page = kt_arena_new();
    reading.place = kt_arena_new();
    rc = p->session.site->ops->compose(p->session.channel, &offers, done, w->arena, e);
    kt_arena_free(reading.page);
    kt_arena_free(reading.place);
    return rc;
}

static bool is_due(const struct kt_push *p, bool is_last)
{
    return p->session.site->ops->compose != NULL &&
           !kt_pace_is_held(&p->session.compose, kt_now_us()) &&
           (is_last || kt_mono_us() >= p->compose_at_us);
}

enum kt_rc kt_compose_step(struct kt_push *p, struct kt_work *w, bool is_last, struct kt_err *e)
{
    const struct kt_channel_site *channel = p->session.site;
    struct kt_composed done = { 0 };
    struct kt_err why = { 0 };
    bool was = false;
    if (!is_due(p, is_last))
        return KT_OK;
    kt_arena_reset(w->arena);
    const int64_t begun_us = kt_now_us();
    enum kt_rc rc = was_sent(p, w, &was, e);
    if (rc != KT_OK)
        return rc;
    if (was)
        rc = compose(p, w, &done, &why);
    p->compose_at_us = kt_mono_us() + channel->ops->compose_s(channel->conf) * KT_SECOND;
    if (rc == KT_OK && was) {
        p->composed_us = begun_us;
        kt_pace_fine(&p->session.compose, w);
        if (done.is_new)
            kt_log_info(&w->log, "channel.composed", F_TEXT("channel", channel->name),
                        F_NUM("offers", done.offers), F_NUM("left_out", done.left_out));
    } else if (rc != KT_OK && kt_is_store_failure(&why)) {
        *e = why;
        return rc;
    } else if (rc != KT_OK) {
        kt_pace_failed(&p->session.compose, w, &why);
    }
    return KT_OK;
}
