#ifndef KT_FLOW_VIEW_H
#define KT_FLOW_VIEW_H

#include "flow/work.h"
#include "map/map.h"
#include "store/deliveries.h"

/* What one unit of a channel should be now, after the trade rules and before the mapping. */
struct kt_unit_view {
    bool is_there; /* false: the unit must not be offered; view is empty */
    struct kt_view view;
    struct kt_str sku;    /* what the shop knows it by */
    struct kt_str parent; /* key of its product unit; absent for products */
    struct kt_str *child; /* of a product: keys of its price and stock units */
    size_t children;
    int64_t changes_us; /* next instant at which the clock alone changes it; KT_NEVER */
};

/* Reads the records of the unit (in `w->arena`) and applies the rules.
 * Errors of the store; KT_REJECT/KT_RECORD where a rule refuses. */
enum kt_rc kt_unit_view(struct kt_work *w, const struct kt_channel_site *channel, enum kt_unit unit,
                        struct kt_str key, int64_t now_us, struct kt_unit_view *out,
                        struct kt_err *e) KT_MUST;

#endif
