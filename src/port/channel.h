#ifndef KT_PORT_CHANNEL_H
#define KT_PORT_CHANNEL_H

#include "base/conf.h"
#include "model/order.h"
#include "model/record.h"
#include "port/env.h"

/* What an adapter for a receiver (shop, feed, index) offers. The same manners as port/erp.h. */
struct kt_channel;

/* A unit is what a channel updates as one thing. */
enum kt_unit { KT_UNIT_PRODUCT = 0, KT_UNIT_PRICE, KT_UNIT_STOCK, KT_UNITS };
const char *kt_unit_name(enum kt_unit unit); /* "product", "price", "stock" */
bool kt_unit_find(enum kt_unit *out, const char *name) KT_MUST;

/* What a shop's stock figure means, and so whether an absolute write may undo a sale. */
enum kt_stock_semantics { KT_STOCK_ABSOLUTE = 0, KT_STOCK_COMPARE_AND_SWAP, KT_STOCK_DELTA };
enum kt_promise { KT_PROMISE_NONE = 0, KT_PROMISE_BOUNDED, KT_PROMISE_STRICT };

struct kt_channel_facts {
    bool has_unit[KT_UNITS];
    bool has_parent[KT_UNITS]; /* needs the link of the product unit first */
    unsigned batch[KT_UNITS];  /* most items of one push */
    unsigned axes;             /* most axes of a product; 0: no variants */
    unsigned languages;        /* 1: one language per channel */
    enum kt_stock_semantics stock;
    enum kt_promise promise;
    const char *mapping_name; /* "woocommerce.lua" */
    const char *mapping;      /* the default mapping's text */
};

enum kt_action { KT_ACTION_PUT = 0, KT_ACTION_WITHDRAW };

/* One thing to be made so. */
struct kt_item {
    enum kt_unit unit;
    enum kt_action action;
    struct kt_str key;       /* unit key: "sap-800|SKU-1" */
    struct kt_str sku;       /* what the shop knows it by */
    struct kt_str payload;   /* canonical JSON of the mapping; empty for WITHDRAW */
    struct kt_str remote_id; /* from the link; absent: not known to be there */
    struct kt_str parent_id; /* remote id of the product unit, where the unit has a parent */
};

/* Preset to KT_UNSURE, so that a forgotten item is never taken for done. */
struct kt_result {
    struct kt_verdict v;
    struct kt_str remote_id; /* in the arena; present after a PUT that is OK */
};

/* An order as it arrived: the body always, the record when it could be read. */
struct kt_incoming {
    struct kt_str order_id;
    struct kt_str body;
    struct kt_order *order; /* NULL: v says why not */
    struct kt_verdict v;
};

struct kt_incoming_page {
    struct kt_str token;      /* in: where to go on; empty: from start_us */
    int64_t start_us;         /* in: orders placed earlier are never fetched (order start line) */
    struct kt_incoming *item; /* out */
    size_t count;
    struct kt_str next;
    bool is_more;
};

/* What the shop is told about an order. */
struct kt_tell {
    struct kt_str order_id;
    struct kt_str our_key;
    struct kt_str erp_number;
    struct kt_dec erp_gross;
    bool has_erp_gross;
};

struct kt_channel_ops {
    const char *name; /* as written in the configuration: "woocommerce" */
    const struct kt_opt *opts;
    size_t conf_size;
    const struct kt_channel_facts *facts;

    /* MUST. As in port/erp.h. */
    enum kt_rc (*open)(struct kt_channel **out, const void *conf, const struct kt_env *env,
                       struct kt_err *e) KT_MUST;
    void (*close)(struct kt_channel *channel);
    unsigned (*max_call_s)(const void *conf);
    enum kt_rc (*identify)(struct kt_channel *channel, struct kt_identity *who, struct kt_arena *a,
                           struct kt_err *e) KT_MUST;
    /* MUST. Looks items without remote_id up by what the shop knows them by, before any create:
     * fills remote_id where there is exactly one. */
    enum kt_rc (*find)(struct kt_channel *channel, struct kt_item *item, size_t count,
                       struct kt_arena *a, struct kt_err *e) KT_MUST;
    /* MUST. Items of one unit, at most facts->batch. result[i] speaks for item[i], preset to
     * KT_UNSURE; the return value only for the talk as a whole. */
    enum kt_rc (*push)(struct kt_channel *channel, const struct kt_item *item, size_t count,
                       struct kt_result *result, struct kt_arena *a, struct kt_err *e) KT_MUST;
    /* MUST for shops. Orders changed behind the token, oldest first, with an overlap. */
    enum kt_rc (*orders)(struct kt_channel *channel, struct kt_incoming_page *page,
                         struct kt_arena *a, struct kt_err *e) KT_MUST;
    /* MUST for shops. One order by its id; *found false when the shop has none. */
    enum kt_rc (*order_get)(struct kt_channel *channel, struct kt_str order_id,
                            struct kt_incoming *out, bool *found, struct kt_arena *a,
                            struct kt_err *e) KT_MUST;
    /* MUST for shops. Safe to repeat. */
    enum kt_rc (*order_tell)(struct kt_channel *channel, const struct kt_tell *tell,
                             struct kt_arena *a, struct kt_err *e) KT_MUST;
    /* MAY. A webhook's bytes: checks the signature over them and says which order to fetch; a
     * hint only. header: "Name: value" lines. *order_id absent: nothing to fetch (a ping). */
    enum kt_rc (*hint)(const void *conf, struct kt_str header, struct kt_str body,
                       struct kt_str *order_id, struct kt_arena *a, struct kt_err *e) KT_MUST;
};

#endif
