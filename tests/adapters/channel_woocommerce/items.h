#ifndef KT_TEST_ITEMS_H
#define KT_TEST_ITEMS_H

/* Items to be pushed to a scripted shop, and what became of them. */
#include "script.h"

#define P "/wp-json/wc/v3/products"

static inline struct kt_item item_of(enum kt_unit unit, const char *sku, const char *payload)
{
    return (struct kt_item){
        .unit = unit, .key = kt_str_of(sku), .sku = kt_str_of(sku), .payload = kt_str_of(payload)
    };
}

static inline struct kt_item variant_of(const char *sku, const char *parent, const char *remote,
                                        const char *payload)
{
    struct kt_item item = item_of(KT_UNIT_VARIANT, sku, payload);
    item.parent_id = kt_str_of(parent);
    item.remote_id = kt_str_of(remote);
    return item;
}

static inline enum kt_rc push(struct script *s, struct kt_item *item, size_t count,
                              struct kt_result *r)
{
    struct kt_err e = { 0 };
    for (size_t i = 0; i < count; i++)
        r[i] = (struct kt_result){ .v = { .rc = KT_UNSURE } };
    enum kt_rc rc = kt_channel_woocommerce.push(s->channel, item, count, r, s->a, &e);
    assert_int_equal(rc, e.v.rc);
    return rc;
}

static inline void is_done(const struct kt_result *r, const char *remote_id)
{
    if (r->v.rc != KT_OK)
        fail_msg("%s %s", kt_rc_name(r->v.rc), kt_code_name(r->v.code));
    assert_string_equal(r->remote_id.p, remote_id);
}

static inline void is_judged(const struct kt_result *r, enum kt_rc rc, enum kt_code code)
{
    if (r->v.rc != rc || r->v.code != code)
        fail_msg("%s %s", kt_rc_name(r->v.rc), kt_code_name(r->v.code));
}

static inline void says(const struct kt_result *r, const char *sentence)
{
    char text[600];
    kt_sentence(&r->v, KT_LANG_EN, text, sizeof text);
    assert_string_equal(text, sentence);
}

#endif
