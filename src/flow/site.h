#ifndef KT_FLOW_SITE_H
#define KT_FLOW_SITE_H

#include "base/time.h"
#include "port/channel.h"
#include "port/erp.h"
#include "store/db.h"
#include "trade/compliance.h"
#include "trade/plan.h"

/* What is configured: one generation, read-only after load, built by app/config.c. */

/* What a run may do without a person's approval. */
struct kt_brakes {
    int64_t delete_percent; /* of the living keys of a kind: deleted or set to zero; 0: no brake */
    int64_t price_percent;  /* how far one price may move; 0: no brake */
    int64_t at_least;       /* fewer deletions than this are never held */
};

struct kt_erp_site {
    const char *name;
    const char *scope;         /* leads every key of its records */
    int64_t page_max;          /* objects of one pull */
    int64_t every_s[KT_FEEDS]; /* 0: only by hand, not at night either */
    const char *nightly;       /* "02:30": everything is read afresh; NULL: never by itself */
    const char *zone_name;     /* of `nightly` */
    struct kt_brakes brakes;
    struct kt_group_rule grouping;
    struct kt_conf_texts leads; /* "product", "product.texts"; none: everything of its scope */
    /* derived */
    int64_t nightly_min; /* minutes after midnight; -1: never */
    const struct kt_zone *zone;
    uint64_t lead[KT_KINDS];   /* bit i: field i of the kind's shape is led by it */
    uint64_t rivals[KT_KINDS]; /* bit i: field i is led by another ERP of the same scope */
    const char *hooks_file;    /* name in messages; NULL: no hooks */
    const char *hooks;         /* text */
    const struct kt_erp_ops *ops;
    const void *conf;
};

enum kt_customer_rule { KT_CUSTOMER_ONE_TIME = 0, KT_CUSTOMER_MATCH };

struct kt_channel_site {
    const char *name;
    const char *erp_name;
    const char *language;
    const char *fallback_language;
    const char *market;
    const char *zone_name;
    const char *currency;
    const char *price_list;
    struct kt_conf_texts warehouses; /* none: all */
    struct kt_dec buffer;            /* kept back from every stock figure */
    const char *customer_group;      /* whose prices it shows; NULL: those for all */
    int64_t axes_most;               /* of a page; 0: as many as the adapter can */
    int64_t variants_most;           /* of a page; 0: as many as the adapter can */
    struct kt_plan_limits limits;    /* `over`, `split_axes`; the numbers are derived */
    const char *reconcile;           /* "04:00": the shop is read and compared; NULL: never */
    bool reconcile_repairs;          /* what differs is sent again */
    bool takes_orders;
    int64_t orders_every_s;
    const char *orders_from;               /* instant; orders placed earlier are left alone */
    int customer;                          /* enum kt_customer_rule */
    struct kt_conf_texts released_methods; /* payment methods that need no payment first */
    struct kt_conf_texts currencies;       /* of orders; none: `currency` alone */
    struct kt_dec line_tolerance;          /* of the shop's own sums, per line */
    bool books_tests;                      /* orders paid with play money */
    struct kt_conf_texts documents;        /* kinds of documents it shows; none: all public ones */
    int pricing;                           /* enum kt_pricing: whose price binds */
    struct kt_dec sum_tolerance;           /* between what the ERP booked and what the shop sold */
    /* derived */
    const struct kt_erp_site *erp;
    const struct kt_zone *zone;
    int64_t reconcile_min; /* minutes after midnight; -1: never */
    int64_t orders_from_us;
    const char *mapping_file; /* name in messages */
    const char *mapping;      /* text: the customer's, or the adapter's own */
    const struct kt_channel_ops *ops;
    const void *conf;
};

/* Something of the configuration that ends some day. */
struct kt_term {
    const char *what; /* "key ours-2026", "certificate of listener sap" */
    const char *file;
    int64_t until_us; /* 0: it is not there */
    bool is_list;     /* a revocation list */
};

/* From which instant the versions of a kind are reckoned for an order. */
enum kt_basis_of { KT_BASIS_ORDER = 0, KT_BASIS_DISPATCH, KT_BASIS_BATCH };

/* A section of documents.kinds; kinds without one have the defaults. */
struct kt_kind_rule {
    const char *type;
    int basis;          /* enum kt_basis_of */
    int64_t keep_years; /* behind its end, its last order and its last showing */
    bool is_public;     /* everybody may see it: shops and the archive link to it */
};

/* Section `documents`. */
struct kt_documents_site {
    bool is_on;          /* the section is there: channels show documents */
    const char *archive; /* address under which customers reach the archive; NULL: no links */
    int64_t link_s;      /* how long a customer's link holds */
    bool tells_link;     /* a shop's order gets a link to its documents */
    bool purges;         /* what may go by the rules of keeping goes by itself */
    int64_t size_max;    /* bytes of one content */
    bool takes_active;   /* contents that hold what runs are taken */
    const char *scanner; /* "unix:/run/clamav/clamd.ctl", "tcp:127.0.0.1:3310"; NULL: none */
    int64_t scan_s;      /* longest wait for it */
    int64_t silent_s;    /* sources of certificates silent for longer are told; 0: never */
    int when_silent;     /* enum kt_when_stale */
    const struct kt_kind_rule *kind;
    size_t kinds;
};
/* The rule of a kind, or the defaults: the order's day, ten years, and for everybody's eyes where
 * Kontor knows the kind by name. */
const struct kt_kind_rule *kt_kind_rule_of(const struct kt_documents_site *site,
                                           struct kt_str type);

enum kt_clock_rule { KT_CLOCK_CHECKED = 0, KT_CLOCK_TRUSTED };

struct kt_wss_site;

struct kt_site {
    const char *installation; /* name of this Kontor; part of every ERP key, never changed */
    struct kt_db_conf db;
    int log_level;         /* enum kt_log_level */
    int64_t retry_first_s; /* wait after the first failure; doubles */
    int64_t retry_most_s;  /* longest wait between two tries */
    int64_t settle_s;      /* added to a create's deadline before it is looked up */
    int security_clock;    /* enum kt_clock_rule: is the kernel asked whether the clock is right? */
    /* derived */
    int64_t messages_keep_us; /* how long a partner's messages are known; 0: nothing is forgotten */
    const char *blobs;        /* folder of documents' contents; NULL: none */
    const struct kt_erp_site *erp;
    size_t erps;
    const struct kt_channel_site *channel;
    size_t channels;
    struct kt_documents_site documents;
    struct kt_compliance compliance;
    /* asks documents.scanner about these bytes; app sets wire/clamd.h. *found: "" or what it found,
     * room bytes; *is_taken false: it does not look at such a content, and found says why. NULL
     * with a scanner configured: it counts as down. Errors KT_RETRY SCANNER_DOWN {detail} */
    enum kt_rc (*scan)(const char *address, int64_t wait_s, struct kt_str bytes, bool *is_taken,
                       char *found, size_t room, struct kt_err *e);
    struct kt_wss_site *wss; /* keys and policies (wire/wss_site.h); NULL: none are configured */
    /* what ends when, as of now; any thread. NULL: nothing does */
    size_t (*terms)(const void *of, const struct kt_term **out, struct kt_arena *a);
    const void *terms_of;
};

#endif
