/* The first look at a message: raw octets, before a parser is let loose on them. Linear, no memory.
 * Pure; any thread. Called by wss_tree.c, also for what was decrypted. It walks by base/xml_scan
 * alone: two readers of the same octets would differ one day. The limits are measured ones:
 * attributes in one tag cost parsers quadratic time, declarations in scope make canonicalisation
 * quadratic, and every node costs more memory than its octets. */
#include "base/xml_scan.h"
#include "wire/wss_inner.h"

enum { NODES_MAX = 1000000, ATTRIBUTES_MAX = 64, NAMESPACES_MAX = 32 };

static enum kt_wss_code code_of(enum kt_xml problem)
{
    switch (problem) {
    case KT_XML_OK:
        return KT_WSS_OK;
    case KT_XML_ENCODING:
        return KT_WSS_BYTES_ENCODING;
    case KT_XML_DOCTYPE:
        return KT_WSS_BYTES_DOCTYPE;
    case KT_XML_TAG_SIZE:
        return KT_WSS_BYTES_TAG;
    case KT_XML_DEPTH:
        return KT_WSS_BYTES_DEPTH;
    case KT_XML_ELEMENTS:
        return KT_WSS_BYTES_ELEMENTS;
    case KT_XML_EMPTY:
    case KT_XML_FOREIGN:
    case KT_XML_HTML:
    case KT_XML_CUT:
    case KT_XML_MALFORMED:
        return KT_WSS_BYTES_MALFORMED;
    }
    return KT_WSS_BYTES_MALFORMED;
}

enum kt_wss_code kt_wss_scan(struct kt_str xml, struct kt_xml_load *load, size_t *at)
{
    struct kt_xml_found found = { 0 };
    *load = (struct kt_xml_load){ 0 };
    *at = 0;
    if (!kt_utf8_ok(xml))
        return KT_WSS_BYTES_ENCODING;
    const enum kt_wss_code code = code_of(kt_xml_weigh(xml, &found, load));
    *at = found.at;
    if (code != KT_WSS_OK)
        return code;
    if (load->nodes > NODES_MAX)
        return KT_WSS_BYTES_ELEMENTS;
    if (load->attributes > ATTRIBUTES_MAX)
        return KT_WSS_BYTES_ATTRIBUTES;
    return load->declarations > NAMESPACES_MAX ? KT_WSS_BYTES_NAMESPACES : KT_WSS_OK;
}
