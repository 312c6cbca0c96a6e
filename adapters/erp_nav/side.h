#ifndef KT_ERP_NAV_SIDE_H
#define KT_ERP_NAV_SIDE_H

#include "page.h"

/* What stands beside the items of one page of the catalogue, found by item number. */
struct kt_nav_index {
    const char **row; /* sorted by item number, then as NAV gave them */
    size_t count;
    size_t offset; /* of the item number in a row */
};

struct kt_nav_side {
    struct kt_nav_index variant;
    struct kt_nav_index reference;
    struct kt_nav_index translation;
    struct kt_nav_index attribute;
    struct kt_nav_index unit;
};

/* In a walk the items are neighbours and a range catches what belongs to them; in a run of changes
 * they lie apart and are named one by one. */
enum kt_rc kt_nav_side_read(struct kt_erp *erp, struct kt_nav_side *side,
                            const struct kt_nav_rows *items, bool is_range, struct kt_arena *a,
                            struct kt_err *e) KT_MUST;

/* Sorts rows of the role by a text field of ours. */
struct kt_nav_index kt_nav_index_by(const struct kt_nav_rows *rows, enum kt_nav_role role,
                                    const char *field, struct kt_arena *a);
/* The rows of one value: *n of them from the returned place on; NULL: none. */
const char *const *kt_nav_index_of(const struct kt_nav_index *index, struct kt_str value,
                                   size_t *n);

#endif
