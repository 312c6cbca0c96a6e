#ifndef KT_FLOW_VIEW_H
#define KT_FLOW_VIEW_H

#include "flow/pages.h"
#include "map/map.h"
#include "store/deliveries.h"
#include "store/shown.h"

/* What one unit of a channel should be now, after the trade rules and before the mapping. */
struct kt_unit_view {
    bool is_there;  /* false: the unit must not be offered; view is empty */
    bool is_single; /* product: it holds one SKU and no axes; variant: so does its page, which is
                     * what is sold (never where variants have ids of their own) */
    struct kt_view view;
    struct kt_str sku;    /* what the shop knows it by; of a category its id */
    struct kt_str parent; /* key of the unit it hangs on; absent: of none, or unknown */
    struct kt_str *child; /* of a product: keys of its SKUs, also of those left out */
    size_t children;
    struct kt_str *part; /* of a page that is split: keys of its parts */
    size_t parts;
    struct kt_item_ref *ref; /* other units that the payload may name */
    size_t refs;
    const struct kt_shown *shown; /* of a variant: which documents it shows */
    size_t showns;
    int64_t changes_us;        /* next instant at which the clock alone changes it; KT_NEVER */
    struct kt_verdict refusal; /* not KT_OK: it is not there because a rule refuses it; a person
                                * must see that */
    struct kt_verdict fault;   /* not KT_OK: nobody can say what it should be */
    const char *trail;         /* of the fault; may be NULL */
};

/* Reads the records of many units of one kind in few queries (into `w->arena`) and applies the
 * rules; out[i] belongs to key[i]. A refused unit has its fault and stops no other. Errors of the
 * store. */
enum kt_rc kt_unit_views(struct kt_work *w, const struct kt_channel_site *channel,
                         enum kt_unit unit, const struct kt_str *key, size_t count, int64_t now_us,
                         struct kt_unit_view *out, struct kt_err *e) KT_MUST;
/* One unit. */
enum kt_rc kt_unit_view(struct kt_work *w, const struct kt_channel_site *channel, enum kt_unit unit,
                        struct kt_str key, int64_t now_us, struct kt_unit_view *out,
                        struct kt_err *e) KT_MUST;

#endif
