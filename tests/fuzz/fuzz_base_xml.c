/* XML from outside, as libFuzzer makes it: the replacement of forbidden characters, the scan, the
 * parser and the raw look inside must agree with each other and stay within their bytes. Built and
 * run by run.py. */
#include <string.h>

#include "base/xml_mend.h"
#include "base/xml_read.h"
#include "base/xml_write.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

static size_t walk(const struct kt_xml_node *node, struct kt_buf *out)
{
    size_t count = 1;
    const struct kt_xml_node *child = kt_xml_child(node);
    KT_ASSERT(strlen(node->text.p) == node->text.n && kt_utf8_ok(node->text));
    KT_ASSERT(child == NULL || node->text.n == 0);
    KT_ASSERT(node->behind > node);
    for (unsigned i = 0; i < node->attr_count; i++)
        KT_ASSERT(kt_utf8_ok(node->attr[i].value));
    kt_xml_put_begin(out, "e", NULL);
    kt_xml_put_text(out, node->text);
    for (; child != NULL; child = kt_xml_next(child)) {
        KT_ASSERT(child->depth == node->depth + 1);
        count += walk(child, out);
    }
    kt_xml_put_end(out, "e");
    return count;
}

/* What was read, written again without its names, reads as the same texts. */
static void compare(const struct kt_xml_node *a, const struct kt_xml_node *b)
{
    for (; a->depth != 0; a++, b++)
        KT_ASSERT(a->depth == b->depth && kt_str_eq(a->text, b->text));
    KT_ASSERT(b->depth == 0);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    static struct kt_arena *a;
    struct kt_xml_found found;
    struct kt_xml_found again;
    const struct kt_xml_node *root = NULL;
    const struct kt_xml_node *copy = NULL;
    struct kt_buf out;
    size_t replaced = 0;
    size_t twice = 0;

    if (a == NULL)
        a = kt_arena_new();
    kt_arena_reset(a);
    struct kt_str in = { (const char *)bytes, n };
    struct kt_str mended = kt_xml_mend(in, &replaced, a);
    (void)kt_xml_mend(mended, &twice, a); /* the same bytes */
    KT_ASSERT(twice == 0 && mended.n <= in.n);
    enum kt_xml before = kt_xml_scan(in, &found);
    enum kt_xml problem = kt_xml_scan(mended, &found);
    KT_ASSERT(before != KT_XML_OK || problem == KT_XML_OK);
    enum kt_xml parsed = kt_xml_parse(&root, mended, &found, a);
    KT_ASSERT((parsed == KT_XML_OK) == (root != NULL) && found.at <= mended.n);
    KT_ASSERT(problem == KT_XML_OK || parsed == problem);
    if (problem == KT_XML_OK) {
        struct kt_str inside = kt_xml_inside(mended, "Body", 2);
        KT_ASSERT(inside.p == NULL || (inside.p >= mended.p && inside.n <= mended.n));
    }
    if (parsed != KT_XML_OK)
        return 0;
    kt_buf_init(&out, a, 64 + n * 8);
    KT_ASSERT(walk(root, &out) == found.elements && kt_buf_ok(&out));
    KT_ASSERT(kt_xml_parse(&copy, kt_buf_view(&out), &again, a) == KT_XML_OK);
    compare(root, copy);
    return 0;
}
