#ifndef KT_TRADE_PAGES_INNER_H
#define KT_TRADE_PAGES_INNER_H

/* Shared by pages.c, pages_axes.c and pages_shown.c only. */
#include "trade/pages.h"

/* One article on its way to a place in the matrix. */
struct kt_seat {
    struct kt_page_member member;
    bool is_closed;             /* planned or discontinued */
    struct kt_str *normal;      /* its value on code[i]; "" where it has none */
    struct kt_str *text;        /* the same, as people read it */
    size_t missing;             /* codes on which it has no value */
    struct kt_str combination;  /* of its normal values on the axes */
    struct kt_page_variant *at; /* its place on the page */
};

struct kt_page_making {
    struct kt_product_page *out;
    const struct kt_product *head;
    const struct kt_group_rule *rule;
    struct kt_arena *a;
    struct kt_str *code; /* what may be an axis, in order */
    size_t codes;
    struct kt_seat *seat; /* sorted by SKU */
    size_t seats;
};

/* Codes and values of all seats. */
void kt_page_read_values(struct kt_page_making *m);
/* How many different values the seats have on the code. only_in: of those that are not out. */
size_t kt_page_different(const struct kt_page_making *m, size_t code, bool only_in);
/* Makes an axis of the page out of the code: its values, and where each seat stands on it. */
void kt_page_add_axis(struct kt_page_making *m, size_t code);

/* What the page says; NULL: neither head nor any article of its own is known. */
struct kt_product *kt_page_shown(const struct kt_page_making *m);

#endif
