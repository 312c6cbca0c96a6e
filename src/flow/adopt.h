#ifndef KT_FLOW_ADOPT_H
#define KT_FLOW_ADOPT_H

#include "flow/push.h"

/* A shop that is not empty: what stands there is matched with the ERP's articles by SKU, then by
 * GTIN, and linked, so that ids and URLs stay. What cannot be matched without doubt is a conflict:
 * it is shown to a person, and nothing is created or changed for it until the person says so. */

enum kt_conflict_reason {
    KT_CONFLICT_SEVERAL = 0, /* several things in the shop fit one article, or the other way */
    KT_CONFLICT_GTIN,        /* the SKU fits, the GTIN is another one */
    KT_CONFLICT_SKU,         /* the GTIN fits, the SKU is another article's */
    KT_CONFLICT_FORM,        /* a page of its own here, one of a page's variants there */
    KT_CONFLICT_PAGES        /* variants of one page stand on several there, or the other way */
};
const char *kt_conflict_name(enum kt_conflict_reason reason); /* "several", "gtin", … */

struct kt_ours; /* an article of ours, inside the adoption */

struct kt_conflict {
    enum kt_conflict_reason reason;
    const struct kt_ours *ours;
    const struct kt_remote *remote; /* the thing in the shop; of several the first */
    struct kt_str sku;              /* the article's */
    struct kt_str product;          /* its page */
    size_t candidates;              /* how many things in the shop fit */
};

struct kt_adopt_report {
    size_t remotes;   /* pages and variants in the shop */
    size_t matched;   /* articles that were found there */
    size_t by_gtin;   /* of these by GTIN */
    size_t linked;    /* newly linked; in a dry run: would be */
    size_t already;   /* linked before */
    size_t unknown;   /* things in the shop that no article fits: they stay as they are */
    size_t not_there; /* articles that the shop does not have: they will be created */
    struct kt_conflict *conflict;
    size_t conflicts;
    struct kt_arena *arena; /* of the list and what it points to; kt_adopt_free */
};

/* Reads the whole shop, compares, and unless it is a dry run links, wants what was linked, opens an
 * exception for each conflict and closes those of conflicts that are gone.
 * Errors of the shop and the store; KT_CONFIG where the channel cannot list what stands there. */
enum kt_rc kt_adopt(struct kt_work *w, struct kt_push *p, bool is_dry,
                    struct kt_adopt_report *report, struct kt_err *e) KT_MUST;
void kt_adopt_free(struct kt_adopt_report *report);

#endif
