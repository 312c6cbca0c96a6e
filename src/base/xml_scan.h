#ifndef KT_BASE_XML_SCAN_H
#define KT_BASE_XML_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* A look at raw XML before any parser sees it: linear, no memory, no recursion. It says whether a
 * parser may be let loose on the bytes (attributes cost parsers quadratic time, document types
 * let them fetch and expand) and whether the text is whole. It does not replace the parser. */
enum kt_xml {
    KT_XML_OK = 0,
    KT_XML_EMPTY,
    KT_XML_FOREIGN,  /* no XML at all */
    KT_XML_HTML,     /* a page for people */
    KT_XML_CUT,      /* ends before the root element does */
    KT_XML_ENCODING, /* not well-formed UTF-8, or another encoding declared */
    KT_XML_DOCTYPE,
    KT_XML_TAG_SIZE, /* a start tag above KT_XML_TAG_MAX bytes */
    KT_XML_DEPTH,    /* deeper than KT_XML_DEPTH_MAX */
    KT_XML_ELEMENTS, /* too many for kt_xml_parse: above a million */
    KT_XML_MALFORMED /* end tags do not match, text outside the root, a bare '<' … */
};

enum { KT_XML_TAG_MAX = 8192, KT_XML_DEPTH_MAX = 64 };

struct kt_xml_found {
    struct kt_str root; /* name of the root element without prefix; a part of the bytes */
    size_t at;          /* where a problem begins */
    size_t elements;    /* start tags seen */
};

enum kt_xml kt_xml_scan(struct kt_str bytes, struct kt_xml_found *found) KT_MUST;

/* What makes XML costly for those who read it later. Meant for bytes that are found OK; of others
 * it tells what stands before the problem. */
struct kt_xml_load {
    size_t nodes;         /* elements, comments, CDATA sections and instructions */
    size_t attributes;    /* at most, in one tag; without declarations of namespaces */
    size_t declarations;  /* of namespaces, at most in scope at one place */
    uint64_t lookups;     /* steps to look up one prefix at each element, through all around it */
    uint64_t lookups_all; /* the same for every declaration in scope there */
};
/* As kt_xml_scan, in the same walk; counting the attributes costs a second look at each tag. */
enum kt_xml kt_xml_weigh(struct kt_str bytes, struct kt_xml_found *found,
                         struct kt_xml_load *load) KT_MUST;
/* The raw content of the first element of this name (without prefix) at this depth, the root's
 * being 1; absent when there is none. For bytes that were found OK. */
struct kt_str kt_xml_inside(struct kt_str bytes, const char *name, unsigned depth);
const char *kt_xml_problem(enum kt_xml problem); /* "a start tag above 8192 bytes" */

#endif
