/* SOAP requests as libFuzzer makes them: what the look at the raw bytes takes for Body and
 * operation must be what an XML parser finds, and nothing else may stand there. Built and run by
 * run.py. */
#include <string.h>

#include "base/xml_read.h"
#include "wire/soap_serve.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

/* The server's; here no request has a head. */
struct kt_str kt_request_header(const struct kt_request *q, const char *name)
{
    (void)q;
    (void)name;
    return (struct kt_str){ NULL, 0 };
}

static void agree(const struct kt_soap_message *m, struct kt_arena *a)
{
    const struct kt_xml_node *root = NULL;
    struct kt_xml_found found;
    KT_ASSERT(m->operation.n > 0 && m->operation.p >= m->xml.p);
    KT_ASSERT(m->body.p >= m->xml.p && m->body.p + m->body.n <= m->xml.p + m->xml.n);
    if (kt_xml_parse(&root, m->xml, &found, a) != KT_XML_OK)
        return; /* prefixes without namespace, an attribute twice: gSOAP's affair */
    if (m->is_bare) {
        KT_ASSERT(kt_str_eq(root->name, m->operation));
        return;
    }
    KT_ASSERT(kt_str_is(root->name, "Envelope"));
    const struct kt_xml_node *body = kt_xml_child(root);
    if (kt_str_is(body->name, "Header"))
        body = kt_xml_next(body);
    KT_ASSERT(body != NULL && kt_str_is(body->name, "Body") && kt_xml_next(body) == NULL);
    const struct kt_xml_node *operation = kt_xml_child(body);
    KT_ASSERT(operation != NULL && kt_xml_next(operation) == NULL);
    KT_ASSERT(kt_str_eq(operation->name, m->operation));
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    static struct kt_arena *a;
    const char *line = n == 0 ? NULL : memchr(bytes, '\n', n);
    struct kt_soap_message m;
    struct kt_err e = { 0 };
    unsigned status = 0;
    if (a == NULL)
        a = kt_arena_new();
    kt_arena_reset(a);
    struct kt_str all = kt_str_copy(a, (struct kt_str){ (const char *)bytes, n });
    if (all.p == NULL)
        return 0;
    if (kt_soap_look_bare(&m, all, &e) == KT_OK)
        agree(&m, a);
    if (line == NULL)
        return 0;
    size_t head = (size_t)(line - (const char *)bytes);
    struct kt_request q = { .content_type = kt_str_copy(a, kt_str_part(all, 0, head)),
                            .body = kt_str_copy(a, kt_str_part(all, head + 1, n)) };
    kt_err_clear(&e);
    enum kt_rc rc = kt_soap_look(&m, &q, &status, a, &e);
    KT_ASSERT(rc == KT_OK || rc == KT_REJECT);
    KT_ASSERT(m.version == KT_SOAP_1_1 || m.version == KT_SOAP_1_2);
    if (rc == KT_OK)
        agree(&m, a);
    return 0;
}
