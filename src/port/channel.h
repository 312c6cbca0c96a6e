#ifndef KT_PORT_CHANNEL_H
#define KT_PORT_CHANNEL_H

#include "base/conf.h"
#include "model/order.h"
#include "model/record.h"
#include "model/shipment.h"
#include "port/env.h"

/* What an adapter for a receiver (shop, feed, index) offers. The same manners as port/erp.h. */
struct kt_channel;

/* A unit is what a channel updates as one thing. */
enum kt_unit {
    KT_UNIT_PRODUCT = 0, /* a page */
    KT_UNIT_PRICE,       /* of one SKU */
    KT_UNIT_STOCK,       /* of one SKU */
    KT_UNIT_CATEGORY,
    KT_UNIT_VARIANT, /* one SKU of a page; of a single page the page itself */
    KT_UNIT_MEDIA,   /* a file by its content; never pushed alone, its id is learned with a page */
    KT_UNITS
};
const char *kt_unit_name(enum kt_unit unit); /* "product", "price", … */
bool kt_unit_find(enum kt_unit *out, const char *name) KT_MUST;

/* Remote ids are the adapter's own texts, but for one rule: a variant that has an id below its
 * page's is written PAGE/OWN. This is the part before the '/'. */
struct kt_str kt_remote_page(struct kt_str remote_id);

/* What a shop's stock figure means, and so whether an absolute write may undo a sale. MINUS_OWN:
 * absolute, but the shop itself takes off what its open orders hold, so that a figure which the
 * ERP has reduced by them already gets them back before it is sent. */
enum kt_stock_semantics {
    KT_STOCK_ABSOLUTE = 0,
    KT_STOCK_COMPARE_AND_SWAP,
    KT_STOCK_DELTA,
    KT_STOCK_MINUS_OWN
};
enum kt_promise { KT_PROMISE_NONE = 0, KT_PROMISE_BOUNDED, KT_PROMISE_STRICT };

struct kt_channel_facts {
    bool has_unit[KT_UNITS];
    enum kt_unit parent[KT_UNITS]; /* whose link it needs first; KT_UNITS: none */
    bool own_variant;              /* a page without axes, too, holds a variant with its own id */
    bool one_parent[KT_UNITS];     /* all items of one push have the same parent_id */
    unsigned batch[KT_UNITS];      /* most items of one push */
    unsigned axes;                 /* most axes of a page; 0: one variant per page */
    unsigned variants;             /* most variants of a page; 0: no limit */
    unsigned languages;            /* 1: one language per channel */
    enum kt_stock_semantics stock;
    enum kt_promise promise;
    const char *mapping_name; /* "woocommerce.lua" */
    const char *mapping;      /* the default mapping's text */
};

enum kt_action { KT_ACTION_PUT = 0, KT_ACTION_WITHDRAW };

/* Another unit that an item's payload names: a category, a file. A mapping names it by `key`, the
 * adapter puts the id in its place. */
struct kt_item_ref {
    enum kt_unit unit;
    struct kt_str key;        /* unit key; of media: sha256, else the url */
    struct kt_str remote_id;  /* from the link; absent: not known */
    struct kt_str learned_id; /* out: the id that the channel gave it in this push */
};

/* One thing to be made so. */
struct kt_item {
    enum kt_unit unit;
    enum kt_action action;
    bool is_single;          /* page: it holds one SKU and no axes; variant, price, stock: so does
                              * its page, which is what is sold (never with own_variant) */
    struct kt_str key;       /* unit key: "sap-800|SKU-1" */
    struct kt_str sku;       /* what the shop knows it by; of a category its id */
    struct kt_str payload;   /* canonical JSON of the mapping; empty for WITHDRAW */
    struct kt_str remote_id; /* from the link; absent: not known to be there */
    struct kt_str parent_id; /* remote id of the unit it hangs on, where it has one */
    struct kt_item_ref *ref;
    size_t refs;
};

/* Preset to KT_UNSURE, so that a forgotten item is never taken for done. */
struct kt_result {
    struct kt_verdict v;
    struct kt_str remote_id; /* in the arena; present after a PUT that is OK */
};

/* A page or a SKU as it stands in the shop, whoever made it: for adoption. */
struct kt_remote {
    enum kt_unit unit; /* PRODUCT, or VARIANT of a page with axes */
    struct kt_str remote_id;
    struct kt_str parent_id; /* of a VARIANT */
    struct kt_str sku;
    struct kt_str gtin;
    struct kt_str name;
    struct kt_str url;
    bool is_single;  /* a PRODUCT that is sold itself */
    bool is_offered; /* customers can see it */
};

struct kt_remote_page {
    struct kt_str token;    /* in: where to go on; empty: from the beginning */
    struct kt_remote *item; /* out */
    size_t count;
    struct kt_str next;
    bool is_more;
};

/* What stands in the shop in place of what was sent. */
struct kt_difference {
    struct kt_str field; /* path in the payload: "attributes[1].options" */
    struct kt_str ours;
    struct kt_str theirs;
};

struct kt_compared {
    struct kt_verdict v; /* of this item; preset to KT_UNSURE */
    bool is_there;
    struct kt_difference *differs; /* in the arena */
    size_t count;
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
    struct kt_str documents_url; /* where the customer finds the order's documents; absent: none */
};

/* A delivery that the shop is told about. */
struct kt_parcel {
    struct kt_str order_id;
    struct kt_str our_key;
    const struct kt_shipment *shipment;
    struct kt_str
        remote_id;  /* what the shop called an earlier fact of this delivery; else absent */
    bool completes; /* with it all that was ordered has been delivered */
};

/* A SKU by what its units were sent last. */
struct kt_offer {
    struct kt_str key;               /* of the variant */
    struct kt_str payload[KT_UNITS]; /* PRODUCT, VARIANT, PRICE, STOCK; absent: not offered */
};

/* Where compose gets them from, in the order of their keys. */
struct kt_offers {
    /* The next ones, which live until the next call; *count 0: that was all. */
    enum kt_rc (*next)(struct kt_offers *offers, const struct kt_offer **offer, size_t *count,
                       struct kt_err *e) KT_MUST;
    void *of; /* flow's own */
};

struct kt_composed {
    int64_t offers;   /* that stand in it */
    int64_t left_out; /* that are not offered, or not in full */
    bool is_new;      /* it differs from what this session wrote last */
};

/* A channel that composes has no ids of its own: a page is called by its unit key, here with the
 * '/' that part ids written as "%2F"; and back. */
struct kt_str kt_composed_id(struct kt_str key, struct kt_arena *a);
struct kt_str kt_composed_key(struct kt_str remote_page, struct kt_arena *a);

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
     * fills remote_id where there is exactly one. Items of one unit; parent_id is filled. */
    enum kt_rc (*find)(struct kt_channel *channel, struct kt_item *item, size_t count,
                       struct kt_arena *a, struct kt_err *e) KT_MUST;
    /* MUST. Items of one unit, at most facts->batch. result[i] speaks for item[i], preset to
     * KT_UNSURE; the return value only for the talk as a whole. Writes only to learned_id. */
    enum kt_rc (*push)(struct kt_channel *channel, const struct kt_item *item, size_t count,
                       struct kt_result *result, struct kt_arena *a, struct kt_err *e) KT_MUST;
    /* MAY. Everything that stands there, page by page, pages before their variants. */
    enum kt_rc (*list)(struct kt_channel *channel, struct kt_remote_page *page, struct kt_arena *a,
                       struct kt_err *e) KT_MUST;
    /* MAY. Reads what stands there now and compares it with the items' payloads: members that a
     * payload does not name are not compared. Items of one unit, at most facts->batch, with the
     * same rule on parents. */
    enum kt_rc (*compare)(struct kt_channel *channel, const struct kt_item *item, size_t count,
                          struct kt_compared *out, struct kt_arena *a, struct kt_err *e) KT_MUST;
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
    /* MAY. Tells a delivery with its tracking. Safe to repeat: a delivery that is there already is
     * recognised by its number and only corrected. *remote_id: what the shop calls it. */
    enum kt_rc (*order_ship)(struct kt_channel *channel, const struct kt_parcel *parcel,
                             struct kt_str *remote_id, struct kt_arena *a,
                             struct kt_err *e) KT_MUST;
    /* MAY, both. For what is one thing made of all units, like a feed file: push only takes them,
     * calls pages by kt_composed_id and variants PAGE/OWN, and compose makes the whole of all that
     * was sent last, at most once in compose_s seconds, after something was sent. Safe to repeat;
     * fails without a trace of what it made. Errors KT_ENDPOINT. */
    enum kt_rc (*compose)(struct kt_channel *channel, struct kt_offers *offers,
                          struct kt_composed *done, struct kt_arena *a, struct kt_err *e) KT_MUST;
    unsigned (*compose_s)(const void *conf);
    /* MAY. As in port/erp.h. */
    enum kt_rc (*contract)(struct kt_channel *channel, struct kt_deviations *out,
                           struct kt_arena *a, struct kt_err *e) KT_MUST;
    /* MAY. A webhook's bytes: checks the signature over them and says which order to fetch; a
     * hint only. header: "Name: value" lines. *order_id absent: nothing to fetch (a ping). */
    enum kt_rc (*hint)(const void *conf, struct kt_str header, struct kt_str body,
                       struct kt_str *order_id, struct kt_arena *a, struct kt_err *e) KT_MUST;
};

#endif
