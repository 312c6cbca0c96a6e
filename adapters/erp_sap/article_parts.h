#ifndef KT_ERP_SAP_ARTICLE_PARTS_H
#define KT_ERP_SAP_ARTICLE_PARTS_H

#include "read.h"

/* What the answer says about one article in tables beside it. */
struct kt_sap_tables {
    struct kt_sap_rows text;
    struct kt_sap_rows gtin;
    struct kt_sap_rows characteristic;
    struct kt_sap_rows axis;
    struct kt_sap_rows media;
    struct kt_sap_rows category;
    struct kt_sap_rows unit;
    const char **parent; /* PARENT of the page's articles, sorted */
    size_t parents;
};

void kt_sap_tables_sort(struct kt_sap_tables *t, struct _sap__Z_KONTOR_ARTICLESResponse *r,
                        struct kt_arena *a);

struct kt_list kt_sap_texts(const struct kt_sap_tables *t, const char *matnr, struct kt_arena *a);
struct kt_list kt_sap_gtins(const struct kt_sap_tables *t, const char *matnr, struct kt_arena *a);
/* With room for `more` behind them, which is not counted. */
struct kt_attribute *kt_sap_attributes(const struct kt_sap_tables *t, const char *matnr,
                                       size_t more, size_t *count, struct kt_arena *a);
struct kt_list kt_sap_axes(const struct kt_sap_tables *t, const char *matnr,
                           struct kt_sap_row *row);
struct kt_list kt_sap_media(const struct kt_sap_tables *t, const char *matnr,
                            struct kt_sap_row *row);
struct kt_list kt_sap_categories(const struct kt_sap_tables *t, const char *matnr,
                                 struct kt_sap_row *row);
struct kt_list kt_sap_units(const struct kt_sap_tables *t, const char *matnr,
                            struct kt_sap_row *row);
bool kt_sap_has_axes(const struct kt_sap_tables *t, const char *matnr);
bool kt_sap_is_parent(const struct kt_sap_tables *t, const char *matnr);

#endif
