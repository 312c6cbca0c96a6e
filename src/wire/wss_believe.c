/* What is handed on of a message: our own Envelope, always the same, around the octets that were
 * digested, so that nothing outside of them can change what they mean. And the look that tells a
 * message with a Security header from others. Called by wss.c and by door/sender.c. */
#include <string.h>

#include "base/xml_scan.h"
#include "wire/wss_open.h"

#define REFUSE(o, code, e, ...) kt_wss_refuse((o)->out, KT_WSS_##code, (e), __VA_ARGS__)

/* xsi and xsd are values of attributes, which exclusive canonical form does not carry along: they
 * mean what everybody takes them for, whatever the sender's Envelope bound them to. */
#define SCHEMA                                                 \
    " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"" \
    " xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\""

enum { AROUND = 400 }; /* more than what we write ourselves */

bool kt_wss_is_secured(struct kt_str xml)
{
    struct kt_str header = kt_xml_inside(xml, "Header", 2);
    if (header.p == NULL)
        return false;
    /* no further than the Header: what a Body holds is called as it likes */
    struct kt_str until = kt_str_part(xml, 0, (size_t)(header.p - xml.p) + header.n);
    return kt_xml_inside(until, "Security", 3).p != NULL;
}

enum kt_rc kt_wss_splice(struct kt_str *spliced, struct kt_str xml, unsigned depth,
                         struct kt_str plain, struct kt_wss_opened *out, struct kt_arena *a,
                         struct kt_err *e)
{
    struct kt_xml_found found;
    struct kt_buf b;
    /* one whole element: it cannot close what it is put into */
    if (kt_xml_scan(plain, &found) != KT_XML_OK)
        return kt_wss_refuse(out, KT_WSS_ENCRYPTION_FORM, e, "the plaintext is no one element");
    struct kt_str body = kt_xml_inside(xml, "Body", depth);
    struct kt_str data = { NULL, 0 };
    if (body.p != NULL)
        data = kt_xml_inside(body, "EncryptedData", 1);
    if (data.p == NULL || data.n == 0)
        return kt_wss_refuse(out, KT_WSS_ENCRYPTION_FORM, e, "no EncryptedData in the Body");
    const char *from = data.p - 1;
    while (from > body.p && *from != '<') /* of its start tag, in which no other can stand */
        from--;
    const char *last = body.p + body.n;
    const char *end = data.p + data.n;
    end = memchr(end, '>', (size_t)(last - end));
    KT_ASSERT(end != NULL); /* the end tag was found */
    kt_buf_init(&b, a, xml.n + plain.n + 1);
    kt_buf_put(&b, xml.p, (size_t)(from - xml.p));
    kt_buf_str(&b, plain);
    kt_buf_put(&b, end + 1, (size_t)(xml.p + xml.n - end - 1));
    *spliced = kt_buf_view(&b);
    KT_ASSERT(kt_buf_ok(&b));
    return KT_OK;
}

static size_t room_for(const struct kt_str *header, size_t headers, struct kt_str body)
{
    size_t n = AROUND + body.n;
    for (size_t i = 0; i < headers; i++)
        n += header[i].n;
    return n;
}

enum kt_rc kt_wss_believe(struct kt_wss_opening *o, struct kt_str body, struct kt_err *e)
{
    struct kt_str header[KT_WSS_HEADERS_MAX];
    size_t headers = 0;
    struct kt_buf b;
    for (size_t i = 0; i < o->tree.headers; i++) {
        if (!o->tree.header[i].is_used)
            continue;
        enum kt_rc rc = kt_wss_cover_octets(&header[headers++], o, o->tree.header[i].node, e);
        if (rc != KT_OK)
            return rc;
    }
    kt_buf_init(&b, o->a, room_for(header, headers, body));
    kt_buf_text(&b, "<e:Envelope xmlns:e=\"");
    kt_buf_text(&b, o->tree.uri);
    kt_buf_text(&b, "\"" SCHEMA ">");
    if (headers > 0)
        kt_buf_text(&b, "<e:Header>");
    for (size_t i = 0; i < headers; i++)
        kt_buf_str(&b, header[i]);
    if (headers > 0)
        kt_buf_text(&b, "</e:Header>");
    kt_buf_str(&b, body);
    kt_buf_text(&b, "</e:Envelope>");
    o->out->xml = kt_buf_view(&b);
    KT_ASSERT(kt_buf_ok(&b));
    return KT_OK;
}
