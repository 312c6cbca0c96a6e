#ifndef KT_FORMAT_IDOC_ARTICLE_H
#define KT_FORMAT_IDOC_ARTICLE_H

#include "format/idoc_inner.h"

/* One material while it is read; for idoc_article*.c only. */
struct kt_idoc_article {
    struct kt_idoc_reader *r;
    const struct kt_xml_node *main; /* E1MARAM */
    struct kt_str parent;           /* number of the generic article; "": none */
    struct kt_variant *v;
    struct kt_product *p;
    uint64_t v_leads;
    uint64_t p_leads;
    struct kt_attribute *attribute;
    size_t attributes;
};

/* Its lists, with what they lead. */
void kt_idoc_article_texts(struct kt_idoc_article *at);
void kt_idoc_article_units(struct kt_idoc_article *at);
void kt_idoc_article_gtins(struct kt_idoc_article *at);

#endif
