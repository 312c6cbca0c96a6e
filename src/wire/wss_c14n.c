/* Canonical octets of an element: Canonical XML 1.0 and 1.1 and the exclusive one, by libxml2,
 * always without comments. Any thread, for a document of its own. Called for SignedInfo, for all
 * that is digested, and by wss_seal.c, so that both directions write the same octets. */
#include <libxml/c14n.h>
#include <libxml/xmlIO.h>

#include "wire/wss_inner.h"

enum {
    GROWTH = 4, /* octets that canonical form makes of one; a declaration on each leaf makes 3 */
    GROWTH_FREE = 64 * 1024,
    LOOKUPS_PER_OCTET = 32, /* some 3 ns each; usual messages need 5 to 10 */
    LOOKUPS_FREE = 1000000,
    OURS_MAX = 1 << 30 /* octets that a digest takes */
};

struct walk {
    const xmlNode *apex;
    xmlOutputBufferPtr out;
    size_t most; /* octets */
    bool is_over;
};

/* Outside the element stand only its ancestors: nothing else is ever asked for, since the walk
 * begins at the element and ends with it. Namespaces and attributes are asked for with their own
 * pointers, which are never an ancestor's. */
static bool is_inside(const struct walk *walk, const xmlNode *node)
{
    const xmlNode *above = walk->apex->parent;
    while (above != NULL && above != node)
        above = above->parent;
    return above == NULL;
}

/* It is asked before anything is written, so here the walk ends: behind the limit nothing is seen
 * any more. */
static int is_seen(void *of, xmlNodePtr node, xmlNodePtr parent)
{
    struct walk *walk = of;
    (void)parent;
    walk->is_over = walk->is_over || xmlOutputBufferGetSize(walk->out) > walk->most;
    return !walk->is_over && is_inside(walk, node);
}

/* Inclusive form looks up every declaration in scope at each element, exclusive form each prefix of
 * its list; both walk up through all that stands around. */
static bool is_affordable(const struct kt_wss_room *room, const struct kt_wss_c14n *c14n)
{
    uint64_t lookups = 0;
    if (c14n->kind != KT_WSS_EXCLUSIVE)
        lookups = room->load.lookups_all;
    for (size_t i = 0; c14n->prefix != NULL && c14n->prefix[i] != NULL; i++)
        lookups += room->load.lookups;
    return lookups <= (uint64_t)room->octets * LOOKUPS_PER_OCTET + LOOKUPS_FREE;
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
    struct kt_wss_room *room = apex->doc->_private;
    kt_wss_library();
    if (room != NULL && !is_affordable(room, c14n)) {
        room->is_exceeded = true;
        return false;
    }
    xmlOutputBufferPtr out = xmlAllocOutputBuffer(NULL);
    if (out == NULL)
        return false;
    struct walk walk = { .apex = apex,
                         .out = out,
                         .most = room != NULL ? room->octets * GROWTH + GROWTH_FREE : OURS_MAX };
    kt_arena_defer(a, close_buffer, out); /* the octets are used where they are */
    /* made when it is first looked up: now, so that no copy of the head makes one of its own */
    if (xmlSearchNs(apex->doc, apex, (const xmlChar *)"xml") == NULL)
        return false;
    xmlDoc head = *apex->doc;
    head.children = apex;
    apex->next = NULL;
    int rc = xmlC14NExecute(&head, is_seen, &walk, mode_of(c14n->kind), c14n->prefix, 0, out);
    apex->next = next;
    if (room != NULL && walk.is_over)
        room->is_exceeded = true;
    if (walk.is_over)
        return false;
    if (rc < 0 || xmlOutputBufferFlush(out) < 0 || out->error != 0)
        return false;
    *octets = (struct kt_str){ (const char *)xmlOutputBufferGetContent(out),
                               xmlOutputBufferGetSize(out) };
    return octets->p != NULL && octets->n > 0;
}
