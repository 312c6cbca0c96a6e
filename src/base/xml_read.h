#ifndef KT_BASE_XML_READ_H
#define KT_BASE_XML_READ_H

#include "base/arena.h"
#include "base/xml_scan.h"

/* A whole XML text as a row of elements in document order, read in one go with libxml2's SAX parser
 * after the look of kt_xml_scan. Walking costs nothing and cannot fail:
 *     for (row = kt_xml_child(list); row != NULL; row = kt_xml_next(row))
 *         for (field = kt_xml_child(row); field != NULL; field = kt_xml_next(field))
 * Comments and processing instructions are left out. */
struct kt_xml_attr {
    struct kt_str name;
    struct kt_str uri; /* "": none */
    struct kt_str value;
};

struct kt_xml_node {
    struct kt_str name; /* without prefix */
    struct kt_str uri;  /* of its namespace; "": none */
    struct kt_str text; /* of an element without children, as it stands, NUL behind; else "" */
    const struct kt_xml_node *behind; /* the first one that is not inside; never NULL */
    const struct kt_xml_attr *attr;
    unsigned attr_count;
    unsigned depth; /* the root has 1; 0 ends the row */
    bool is_nil;    /* xsi:nil */
};

/* *root and all below live in `a`. Not OK: *root is NULL, found->at is where the problem begins.
 * Besides the scan's problems KT_XML_MALFORMED for what only the parser sees (unknown entities,
 * prefixes without namespace, an attribute twice …) and KT_XML_ELEMENTS. */
enum kt_xml kt_xml_parse(const struct kt_xml_node **root, struct kt_str bytes,
                         struct kt_xml_found *found, struct kt_arena *a) KT_MUST;

const struct kt_xml_node *kt_xml_child(const struct kt_xml_node *node); /* the first, or NULL */
const struct kt_xml_node *kt_xml_next(const struct kt_xml_node *node);  /* next sibling, or NULL */
/* The first child of this name (without prefix), or NULL; node NULL gives NULL. */
const struct kt_xml_node *kt_xml_find(const struct kt_xml_node *node, const char *name);
/* Text of that child; absent when there is none or it is nil. */
struct kt_str kt_xml_text_of(const struct kt_xml_node *node, const char *name);
struct kt_str kt_xml_attr_of(const struct kt_xml_node *node, const char *name); /* or absent */

#endif
