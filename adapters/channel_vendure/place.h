#ifndef KT_CHANNEL_VENDURE_PLACE_H
#define KT_CHANNEL_VENDURE_PLACE_H

#include "adapters/channel_vendure/session.h"
#include "base/json.h"

/* Where a unit stands in the shop: a page "12", or a variant of a page "12/34", also of a page
 * that holds a single one. */
struct vendure_place {
    struct kt_str page;
    struct kt_str variant; /* absent: the page itself */
};
/* False: not of that form, or absent. */
bool vendure_place_read(struct vendure_place *out, struct kt_str remote_id,
                        struct kt_arena *a) KT_MUST;
struct kt_str vendure_place_text(struct kt_str page, struct kt_str variant, struct kt_arena *a);

/* A category is a collection and the value of a private facet that it collects: "5:17". */
struct vendure_shelf {
    struct kt_str collection;
    struct kt_str value;
};
bool vendure_shelf_read(struct vendure_shelf *out, struct kt_str remote_id,
                        struct kt_arena *a) KT_MUST;

/* What sentences call an item: "variant sap-800|SKU-1". */
const char *vendure_unit_text(const struct kt_item *item, struct kt_arena *a);

/* Codes in the shop are at most 255 characters: a longer text goes by its hash. */
struct kt_str vendure_code(struct kt_str text, struct kt_arena *a);

/* ["1","2"] */
void vendure_put_texts(struct kt_buf *b, const struct kt_str *text, size_t count);

/* Facets by which we find again what is ours; customers do not see them. Codes of all facets that
 * the default mapping makes begin with the prefix, too. */
#define VENDURE_PREFIX         "kontor-"
#define VENDURE_FACET_PAGE     "kontor-page"
#define VENDURE_FACET_CATEGORY "kontor-category"
#define VENDURE_FACET_STATE    "kontor-state"
#define VENDURE_WITHDRAWN      "withdrawn"

/* Is a facet value of this list (`facetValues{id code facet{code}}`) there? */
bool vendure_has_mark(const struct kt_json *values, const char *facet, const char *code) KT_MUST;

#endif
