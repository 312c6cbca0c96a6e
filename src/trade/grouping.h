#ifndef KT_TRADE_GROUPING_H
#define KT_TRADE_GROUPING_H

#include "base/conf.h"
#include "model/record.h"

/* Flat articles become product pages. The rule looks at one article alone, so the order of arrival
 * cannot matter. */
enum kt_group_by {
    KT_GROUP_PARENT = 0, /* as the source says it: variant.product */
    KT_GROUP_ATTRIBUTE,  /* articles with the same value of one attribute share a page */
    KT_GROUP_NAME        /* articles of one brand whose names differ only by the values at their
                          * end do */
};

struct kt_group_rule {
    int by;                    /* enum kt_group_by */
    const char *attribute;     /* KT_GROUP_ATTRIBUTE: its code */
    const char *language;      /* of the names and values that are compared; NULL: the least one */
    struct kt_conf_texts axes; /* attribute codes that tell variants apart, in order; used where
                                * the product names no axes itself */
};

/* Puts variant->product by the rule. own: the product record of the same article; NULL where it has
 * a parent, and then nothing is changed, as the source knows better; nor where the article names
 * axes and so is a generic one. A page that is made up by the rule has an id that no two different
 * pages share and that never changes with other articles: readable, then "-" and 12 hex digits of
 * the hash of what was compared. An article that the rule says nothing about, since it has no such
 * attribute or its name does not end with a value of the rule's axes, stays its own page. */
void kt_group_article(const struct kt_group_rule *rule, const struct kt_product *own,
                      struct kt_variant *variant, struct kt_arena *a);

#endif
