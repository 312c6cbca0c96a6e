#ifndef KT_PORT_ERP_H
#define KT_PORT_ERP_H

#include "base/conf.h"
#include "model/order.h"
#include "model/record.h"
#include "model/shipment.h"
#include "port/env.h"

/* What an adapter for an ERP offers: a const table of functions and declarations. An adapter
 * translates and talks. It never retries, sleeps, counts attempts, opens the database or decides a
 * fate. docs/new-adapter.md is the checklist. */
struct kt_erp; /* one open session; belongs to one endpoint thread */

/* What can be pulled. One feed may deliver several kinds that belong together. */
enum kt_feed {
    KT_FEED_CATALOGUE = 0, /* products and variants */
    KT_FEED_PRICES,
    KT_FEED_STOCK,
    KT_FEED_CATEGORIES,
    KT_FEED_CUSTOMERS,
    KT_FEED_SHIPMENTS, /* facts, in page->shipments; no kind of record */
    KT_FEED_DOCUMENTS, /* documents and certificates */
    KT_FEEDS
};
const char *kt_feed_name(enum kt_feed feed); /* "catalogue", "prices", … */
bool kt_feed_find(enum kt_feed *out, const char *name) KT_MUST;
unsigned kt_feed_kinds(enum kt_feed feed); /* bit i: it brings records of enum kt_kind i */

enum kt_feed_mode { KT_FEED_NONE = 0, KT_FEED_DELTA, KT_FEED_DELTA_DELETES, KT_FEED_SNAPSHOT };

/* How far an ERP helps us to create an order exactly once. */
enum kt_grade {
    KT_GRADE_NONE = 0, /* cannot look up: after a lost answer a person decides */
    KT_GRADE_LOOKUP,   /* can look up by our key; creates again only after server_limit_s and a
                        * second ABSENT */
    KT_GRADE_KEY       /* honours our key: the same key never makes a second document */
};

struct kt_erp_facts {
    enum kt_feed_mode feed[KT_FEEDS];
};

/* One page of a feed. */
struct kt_page {
    enum kt_feed feed;
    struct kt_str token;           /* in: where to go on; empty: from the beginning */
    size_t max;                    /* in: at most so many objects */
    struct kt_changes changes;     /* out */
    struct kt_shipments shipments; /* out, of KT_FEED_SHIPMENTS: an overlap may repeat them */
    struct kt_str next;            /* out: token behind this page */
    bool is_more;                  /* out: ask again at once */
    bool is_snapshot;              /* out: this page belongs to a full snapshot; the last one of it
                                    * has is_more false */
    bool has_total;                /* out: the source said how much the snapshot holds */
    int64_t total;                 /* out: records of the feed's first kind that are alive in it */
    int64_t begun_us;              /* out: instant at which the source began the snapshot */
};

/* Where a document's content goes, piece by piece. False: it cannot be written; stop. */
struct kt_content_sink {
    bool (*put)(void *context, const char *p, size_t n);
    void *context;
};

enum kt_found { KT_ABSENT = 0, KT_PENDING, KT_FOUND };

struct kt_customer_match {
    struct kt_str number;
    struct kt_str matched_by; /* "email", "vat_id", "name" */
    bool is_blocked;
};

/* Whose price binds: the shop's, so that the ERP blocks a document whose sums differ; or the ERP's.
 */
enum kt_pricing { KT_PRICING_SHOP = 0, KT_PRICING_ERP };

/* What the channel's configuration says about its orders. */
struct kt_order_terms {
    struct kt_str customer; /* number in the ERP; empty: the configured one-time account */
    enum kt_pricing pricing;
    struct kt_dec sum_tolerance; /* differences up to it count as equal */
};

struct kt_erp_ops {
    const char *name;          /* as written in the configuration: "sap" */
    const struct kt_opt *opts; /* settings; the struct they fill has conf_size bytes */
    size_t conf_size;
    const struct kt_erp_facts *facts;

    /* MUST. Opens no connection yet. On failure *out stays NULL. conf and env outlive it. */
    enum kt_rc (*open)(struct kt_erp **out, const void *conf, const struct kt_env *env,
                       struct kt_err *e) KT_MUST;
    void (*close)(struct kt_erp *erp); /* MUST. */
    /* MUST. Longest one call of ours may take with these settings; leases outlive it. */
    unsigned (*max_call_s)(const void *conf);
    /* MUST. Who is at the other end, its grade, and how long its server lets one request run. */
    enum kt_rc (*identify)(struct kt_erp *erp, struct kt_identity *who, enum kt_grade *grade,
                           unsigned *server_limit_s, struct kt_arena *a, struct kt_err *e) KT_MUST;
    /* MUST. Fills page->changes, next, is_more, is_snapshot. Records of a page that cannot be
     * read are reported in page->changes by nobody else: they fail the page with KT_REJECT. */
    enum kt_rc (*pull)(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                       struct kt_err *e) KT_MUST;
    /* MUST where documents come without their content. Hands the content of a document that this
     * ERP named, by document->reference, to the sink; in pieces, so that memory stays flat.
     * Errors KT_REJECT/KT_RECORD: it has none. */
    enum kt_rc (*content)(struct kt_erp *erp, const struct kt_document *document,
                          const struct kt_content_sink *sink, struct kt_arena *a,
                          struct kt_err *e) KT_MUST;
    /* MUST. By OUR key: FOUND fills *booked, PENDING while a create may still run, or ABSENT. */
    enum kt_rc (*order_find)(struct kt_erp *erp, const char *our_key, enum kt_found *found,
                             struct kt_booking *booked, struct kt_arena *a,
                             struct kt_err *e) KT_MUST;
    /* MUST. KT_UNSURE when the answer got lost or another session holds our key. Never resends. */
    enum kt_rc (*order_create)(struct kt_erp *erp, const char *our_key,
                               const struct kt_order *order, const struct kt_order_terms *terms,
                               struct kt_booking *booked, struct kt_arena *a,
                               struct kt_err *e) KT_MUST;
    /* MUST. Checks against the limits of the ERP's contract, without talking: lengths, currencies.
     * Errors KT_REJECT/KT_RECORD with the clerk's sentence. */
    enum kt_rc (*order_check)(struct kt_erp *erp, const struct kt_order *order,
                              struct kt_err *e) KT_MUST;
    /* MAY. Existing customers that fit; none: the one-time account is used. */
    enum kt_rc (*customer_find)(struct kt_erp *erp, const struct kt_order *order,
                                struct kt_customer_match **match, size_t *count, struct kt_arena *a,
                                struct kt_err *e) KT_MUST;
    /* MAY. Reads the site's own contract and says where it differs. KT_OK also with deviations. */
    enum kt_rc (*contract)(struct kt_erp *erp, struct kt_deviations *out, struct kt_arena *a,
                           struct kt_err *e) KT_MUST;
};

#endif
