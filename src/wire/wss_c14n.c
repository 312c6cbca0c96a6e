/* Canonical octets of an element: Canonical XML 1.0 and 1.1 and the exclusive one, by libxml2,
 * always without comments. Any thread, for a document of its own. Called for SignedInfo, for all
 * that is digested, and by wss_seal.c, so that both directions write the same octets. */
#include <libxml/c14n.h>
#include <libxml/xmlIO.h>

#include "wire/wss_inner.h"

/* Outside the element stand only its ancestors: nothing else is ever asked for, since the walk
 * begins at the element and ends with it. Namespaces and attributes are asked for with their own
 * pointers, which are never an ancestor's. */
static int is_inside(void *apex, xmlNodePtr node, xmlNodePtr parent)
{
    const xmlNode *above = ((const xmlNode *)apex)->parent;
    (void)parent;
    while (above != NULL && above != node)
        above = above->parent;
    return above == NULL;
}

static void close_buffer(void *buffer)
{
    (void)xmlOutputBufferClose(buffer); /* memory alone: it cannot fail */
}

static int mode_of(enum kt_wss_c14n_kind kind)
{
    if (kind == KT_WSS_EXCLUSIVE)
        return XML_C14N_EXCLUSIVE_1_0;
    return kind == KT_WSS_INCLUSIVE_11 ? XML_C14N_1_1 : XML_C14N_1_0;
}

/* libxml2 walks the children of a document, asking for each node whether it is seen. It is handed a
 * copy of the document's head whose only child is the element, so that it walks nothing else; the
 * element still knows its ancestors, whose namespaces and xml: attributes count. */
bool kt_wss_canonical(struct kt_str *octets, const xmlNode *node, const struct kt_wss_c14n *c14n,
                      struct kt_arena *a)
{
    xmlNodePtr apex = (xmlNodePtr)(uintptr_t)node; /* its link is put back below */
    xmlNodePtr next = apex->next;
    kt_wss_library();
    xmlOutputBufferPtr out = xmlAllocOutputBuffer(NULL);
    if (out == NULL)
        return false;
    kt_arena_defer(a, close_buffer, out); /* the octets are used where they are */
    /* made when it is first looked up: now, so that no copy of the head makes one of its own */
    if (xmlSearchNs(apex->doc, apex, BAD_CAST "xml") == NULL)
        return false;
    xmlDoc head = *apex->doc;
    head.children = apex;
    apex->next = NULL;
    int rc = xmlC14NExecute(&head, is_inside, apex, mode_of(c14n->kind), c14n->prefix, 0, out);
    apex->next = next;
    if (rc < 0 || xmlOutputBufferFlush(out) < 0 || out->error != 0)
        return false;
    *octets = (struct kt_str){ (const char *)xmlOutputBufferGetContent(out),
                               xmlOutputBufferGetSize(out) };
    return octets->p != NULL && octets->n > 0;
}
