/* SOAP and plain XML as a tree, and refusals in their form. On a worker of the door; called by
 * idoc.c and s4.c. */
#include "door/envelope.h"

#include <string.h>

#include "base/xml_mend.h"

enum { FAULT_MAX = 64 * 1024, SENTENCE_MAX = 2000 };

#define WSA       "http://www.w3.org/2005/08/addressing"
#define WSA_2004  "http://schemas.xmlsoap.org/ws/2004/08/addressing"
#define ANONYMOUS "/anonymous" /* how both end */
#define NONE      WSA "/none"

static const char *const envelope_uri[] = { [KT_SOAP_1_1] =
                                                "http://schemas.xmlsoap.org/soap/envelope/",
                                            [KT_SOAP_1_2] =
                                                "http://www.w3.org/2003/05/soap-envelope" };

static enum kt_rc malformed(const char *detail, struct kt_err *e)
{
    return kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_SOAP_MALFORMED, KT_P_TEXT("detail", detail));
}

/* Forbidden characters, which ERP texts do hold, become blanks (decision 0012). */
static enum kt_rc parse(const struct kt_xml_node **root, struct kt_str bytes, struct kt_arena *a,
                        struct kt_err *e)
{
    struct kt_xml_found found = { 0 };
    size_t replaced = 0;
    enum kt_xml problem = kt_xml_parse(root, kt_xml_mend(bytes, &replaced, a), &found, a);
    if (problem == KT_XML_OK)
        return KT_OK;
    enum kt_rc rc = malformed(kt_xml_problem(problem), e);
    (void)rc; /* kt_trail returns the same verdict */
    return kt_trail(e, "at byte %zu", found.at);
}

/* --- headers --- */

static bool is_addressing(const struct kt_xml_node *header)
{
    return kt_str_is(header->uri, WSA) || kt_str_is(header->uri, WSA_2004);
}

static bool ends_with(struct kt_str s, const char *end)
{
    size_t n = strlen(end);
    return s.n >= n && memcmp(s.p + s.n - n, end, n) == 0;
}

/* For another node on the way: not ours to understand. */
static bool is_for_others(const struct kt_xml_node *header, const char *uri)
{
    for (unsigned i = 0; i < header->attr_count; i++) {
        const struct kt_xml_attr *at = &header->attr[i];
        bool is_role = kt_str_is(at->name, "actor") || kt_str_is(at->name, "role");
        if (is_role && kt_str_is(at->uri, uri))
            return at->value.n > 0 && !ends_with(at->value, "/next") &&
                   !ends_with(at->value, "/ultimateReceiver");
    }
    return false;
}

static bool must_be_understood(const struct kt_xml_node *header, const char *uri)
{
    for (unsigned i = 0; i < header->attr_count; i++) {
        const struct kt_xml_attr *at = &header->attr[i];
        if (kt_str_is(at->name, "mustUnderstand") && kt_str_is(at->uri, uri))
            return !kt_str_is(kt_str_trim(at->value), "0") &&
                   !kt_str_is(kt_str_trim(at->value), "false");
    }
    return false;
}

static enum kt_rc read_addressing(struct kt_envelope *out, const struct kt_xml_node *header,
                                  enum kt_envelope_way way, struct kt_arena *a, struct kt_err *e)
{
    struct kt_str text = kt_str_trim(header->text);
    out->addressing.is_used = true;
    if (kt_str_is(header->name, "MessageID"))
        out->addressing.message_id = kt_str_copy(a, text);
    if (kt_str_is(header->name, "Action"))
        out->addressing.action = kt_str_copy(a, text);
    bool is_reply = kt_str_is(header->name, "ReplyTo") || kt_str_is(header->name, "FaultTo");
    struct kt_str address = kt_xml_text_of(header, "Address");
    if (!is_reply || way == KT_ENVELOPE_ONE_WAY || address.p == NULL)
        return KT_OK;
    address = kt_str_trim(address);
    if (ends_with(address, ANONYMOUS) || kt_str_is(address, NONE))
        return KT_OK;
    return kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_SOAP_REPLY_TO,
                   KT_P_TEXT("header", kt_str_copy(a, header->name).p));
}

static enum kt_rc read_headers(struct kt_envelope *out, const struct kt_xml_node *root,
                               enum kt_envelope_way way, struct kt_arena *a, struct kt_err *e)
{
    const char *uri = envelope_uri[out->version];
    const struct kt_xml_node *head = kt_xml_find(root, "Header");
    const struct kt_xml_node *header = head != NULL ? kt_xml_child(head) : NULL;
    enum kt_rc rc = KT_OK;
    for (; header != NULL && rc == KT_OK; header = kt_xml_next(header)) {
        if (is_for_others(header, uri))
            continue;
        if (is_addressing(header))
            rc = read_addressing(out, header, way, a, e);
        else if (must_be_understood(header, uri))
            rc = kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_SOAP_HEADER_UNKNOWN,
                         KT_P_TEXT("header", kt_str_copy(a, header->name).p));
    }
    return rc;
}

/* Envelope, an optional Header, one Body of one element, all of the same namespace. */
static enum kt_rc check_structure(struct kt_envelope *out, const struct kt_xml_node *root,
                                  struct kt_err *e)
{
    const char *uri = envelope_uri[out->version];
    const struct kt_xml_node *at = kt_xml_child(root);
    if (!kt_str_is(root->name, "Envelope"))
        return malformed("it is no Envelope", e);
    if (!kt_str_is(root->uri, uri))
        return kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_SOAP_VERSION);
    if (at != NULL && kt_str_is(at->name, "Header") && kt_str_is(at->uri, uri))
        at = kt_xml_next(at);
    if (at == NULL || !kt_str_is(at->name, "Body") || !kt_str_is(at->uri, uri))
        return malformed("the Envelope holds no Body", e);
    if (kt_xml_next(at) != NULL)
        return malformed("something stands behind the Body", e);
    out->content = kt_xml_child(at);
    if (out->content == NULL)
        return malformed("Body holds no element", e);
    return kt_xml_next(out->content) == NULL ? KT_OK : malformed("Body holds two elements", e);
}

enum kt_rc kt_envelope_open(struct kt_envelope *out, const struct kt_soap_message *m,
                            enum kt_envelope_way way, struct kt_arena *a, struct kt_err *e)
{
    const struct kt_xml_node *root = NULL;
    *out = (struct kt_envelope){ .version = m->version };
    enum kt_rc rc = parse(&root, m->xml, a, e);
    if (rc == KT_OK)
        rc = check_structure(out, root, e);
    if (rc == KT_OK)
        rc = read_headers(out, root, way, a, e);
    return rc;
}

/* --- plain XML --- */

enum kt_rc kt_plain_xml_open(const struct kt_xml_node **root, const struct kt_request *q,
                             unsigned *status, struct kt_arena *a, struct kt_err *e)
{
    struct kt_str type = kt_mime_type(q->content_type, a);
    struct kt_str charset = kt_mime_param(q->content_type, "charset", a);
    *status = 400;
    if ((kt_str_is(type, "text/xml") || kt_str_is(type, "application/xml")) &&
        (charset.p == NULL || kt_str_is(kt_str_lower(a, charset), "utf-8")))
        return parse(root, q->body, a, e);
    *status = 415;
    return kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_SOAP_CONTENT_TYPE,
                   KT_P_TEXT("value", kt_str_copy(a, kt_str_part(q->content_type, 0, 80)).p));
}

/* --- refusals --- */

static unsigned retry_after_s(const struct kt_verdict *v)
{
    if (v->rc != KT_RETRY && v->rc != KT_UNSURE)
        return 0;
    return v->retry_after_s > 0 ? v->retry_after_s : KT_ENVELOPE_RETRY_S;
}

void kt_plain_refuse(const struct kt_verdict *v, unsigned status, struct kt_reply *r,
                     struct kt_arena *a)
{
    char text[SENTENCE_MAX];
    kt_sentence(v, KT_LANG_EN, text, sizeof text);
    r->retry_after_s = retry_after_s(v);
    r->status = r->retry_after_s > 0 ? 503 : status;
    r->content_type = "text/plain; charset=utf-8";
    r->body = kt_str_of(kt_format(a, "%s\n", text));
}

void kt_envelope_refuse(const struct kt_envelope *envelope, const struct kt_verdict *v,
                        unsigned status, struct kt_reply *r, struct kt_arena *a)
{
    struct kt_buf out;
    if (status == 415) {
        kt_plain_refuse(v, status, r, a);
        return;
    }
    const struct kt_soap_fault_out fault = { .version = envelope->version,
                                             .addressing = &envelope->addressing,
                                             .uri = "urn:kontor:push:1",
                                             .action = WSA "/fault",
                                             .v = v,
                                             .lang = KT_LANG_EN,
                                             .retry_after_s = retry_after_s(v) };
    kt_buf_init(&out, a, FAULT_MAX + envelope->addressing.message_id.n * 6);
    kt_soap_put_fault(&out, &fault);
    KT_ASSERT(kt_buf_ok(&out));
    r->status = kt_soap_fault_status(envelope->version, v);
    r->retry_after_s = fault.retry_after_s;
    r->content_type = kt_soap_content_type(envelope->version);
    r->body = kt_buf_view(&out);
}
