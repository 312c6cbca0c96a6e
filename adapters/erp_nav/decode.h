#ifndef KT_ERP_NAV_DECODE_H
#define KT_ERP_NAV_DECODE_H

#include "side.h"

/* NAV's rows into our records, in the page's arena. A record that cannot be read becomes a change
 * with a fault, so that its neighbours go on. */
struct kt_nav_into {
    const struct kt_erp *erp;
    int64_t pulled_us; /* when the pull left: NAV's own days are no revision */
    bool is_snapshot;  /* then absence tells what is gone, and no deletion has to be added */
    struct kt_arena *arena;
    struct kt_changes *out;
};

void kt_nav_decode_items(const struct kt_nav_into *to, const struct kt_nav_rows *items,
                         const struct kt_nav_side *side);
void kt_nav_decode_categories(const struct kt_nav_into *to, const struct kt_nav_rows *rows);
void kt_nav_decode_customers(const struct kt_nav_into *to, const struct kt_nav_rows *rows);

/* serials: rows of the ledger by document. A shipment that cannot be read fails as a whole, and
 * with it the page: facts are not skipped. */
enum kt_rc kt_nav_decode_shipments(const struct kt_erp *erp, const struct kt_nav_rows *rows,
                                   const struct kt_nav_index *serials, struct kt_shipments *out,
                                   struct kt_arena *a, struct kt_err *e) KT_MUST;

/* Sets a text that is not empty. */
#define KT_NAV_PUT_TEXT(rec, shape, member, text)    \
    do {                                             \
        struct kt_str text_ = (text);                \
        if (text_.n > 0)                             \
            (void)KT_PUT(rec, shape, member, text_); \
    } while (0)

/* The record that is being read and, once something in it cannot be read, why: what comes first is
 * told. */
struct kt_nav_reading {
    const char *what; /* "article", "customer" */
    struct kt_str key;
    struct kt_arena *arena;
    const struct kt_verdict *fault;
};
void kt_nav_fault_field(struct kt_nav_reading *r, const char *field, struct kt_str value);
void kt_nav_fault_row(struct kt_nav_reading *r, const struct kt_nav_row *row); /* its bad field */

/* Parts of an article. item is the row's own number; variant "" for what belongs to the item. */
struct kt_list kt_nav_texts(const struct kt_nav_into *to, const struct kt_nav_item *item,
                            const struct kt_nav_index *translations, struct kt_nav_reading *r);
struct kt_list kt_nav_attributes(const struct kt_nav_into *to, const struct kt_nav_item *item,
                                 const struct kt_nav_index *attributes, struct kt_nav_reading *r);
struct kt_list kt_nav_units(const struct kt_nav_into *to, const struct kt_nav_item *item,
                            const struct kt_nav_index *units, struct kt_nav_reading *r);
/* The item's row of its base unit; NULL: none. */
const struct kt_nav_unit *kt_nav_base_unit(const struct kt_nav_item *item,
                                           const struct kt_nav_index *units);
/* GTINs, and beside them all other numbers that the article is known by. */
void kt_nav_numbers(const struct kt_nav_into *to, const struct kt_nav_item *item,
                    struct kt_str variant, const struct kt_nav_index *references,
                    struct kt_list *gtins, struct kt_list *others, struct kt_nav_reading *r);
struct kt_list kt_nav_axes(const struct kt_nav_into *to);
struct kt_list kt_nav_axis_values(const struct kt_nav_into *to, const struct kt_nav_item *item,
                                  const struct kt_nav_variant *variant);

#endif
