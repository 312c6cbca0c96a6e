/* SOAP 1.1 without stubs: our constant envelope around the caller's XML, one HTTP call, the answer
 * as elements in a row. The session's thread; called by adapters whose services are the site's
 * data. */
#include "wire/soap_raw.h"

#include "wire/soap_inner.h"

#define SOAP_11 "http://schemas.xmlsoap.org/soap/envelope/"
#define SOAP_12 "http://www.w3.org/2003/05/soap-envelope"

static const char begin[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
                            "<s:Envelope xmlns:s=\"" SOAP_11 "\"><s:Body>";
static const char end[] = "</s:Body></s:Envelope>";

static struct kt_str wrap(struct kt_str body, struct kt_arena *a)
{
    struct kt_buf out;
    kt_buf_init(&out, a, sizeof begin + body.n + sizeof end);
    kt_buf_text(&out, begin);
    kt_buf_str(&out, body);
    kt_buf_text(&out, end);
    KT_ASSERT(kt_buf_ok(&out)); /* its maximum is its size */
    return kt_buf_view(&out);
}

static bool is_soap(const struct kt_xml_node *node, const char *name)
{
    return node != NULL && kt_str_is(node->name, name) &&
           (kt_str_is(node->uri, SOAP_11) || kt_str_is(node->uri, SOAP_12));
}

static const struct kt_xml_node *find_body(const struct kt_xml_node *root)
{
    const struct kt_xml_node *child = is_soap(root, "Envelope") ? kt_xml_child(root) : NULL;
    while (child != NULL && !is_soap(child, "Body"))
        child = kt_xml_next(child);
    return child;
}

static struct kt_str or_empty(struct kt_str s)
{
    return s.p != NULL ? s : KT_STR("");
}

/* The parts of both SOAP versions: a gateway may answer in the one that was not asked for. */
static void read_fault(const struct kt_xml_node *node, struct kt_str envelope,
                       struct kt_soap_fault *fault, struct kt_arena *a)
{
    bool is_12 = kt_str_is(node->uri, SOAP_12);
    struct kt_str code = is_12 ? kt_xml_text_of(kt_xml_find(node, "Code"), "Value")
                               : kt_xml_text_of(node, "faultcode");
    struct kt_str text = is_12 ? kt_xml_text_of(kt_xml_find(node, "Reason"), "Text")
                               : kt_xml_text_of(node, "faultstring");
    struct kt_str detail = kt_xml_inside(envelope, is_12 ? "Detail" : "detail", 4);
    fault->is_fault = true;
    fault->code = kt_str_copy(a, kt_str_trim(kt_soap_local_part(or_empty(code))));
    fault->text = or_empty(text);
    fault->detail = kt_str_copy(a, kt_str_trim(or_empty(detail)));
}

static enum kt_rc judge(struct kt_http *http, const struct kt_soap_guard *guard,
                        const struct kt_http_request *q, const struct kt_http_answer *got,
                        const struct kt_xml_node *root, struct kt_soap_raw_answer *answer,
                        struct kt_soap_fault *fault, struct kt_arena *a, struct kt_err *e)
{
    const struct kt_xml_node *body = find_body(root);
    if (body == NULL)
        return kt_soap_foreign(http, q, got, "an envelope that is not SOAP's", e);
    const struct kt_xml_node *element = kt_xml_child(body);
    if (is_soap(element, "Fault")) {
        read_fault(element, got->body, fault, a);
        return kt_soap_refused(http, fault, e);
    }
    if (got->status < 200 || got->status > 299)
        return kt_soap_contradicted(http, guard, q, got, e);
    answer->body = body;
    answer->element = element;
    return KT_OK;
}

enum kt_rc kt_soap_raw(struct kt_http *http, const struct kt_soap_raw_request *q,
                       struct kt_soap_raw_answer *answer, struct kt_soap_fault *fault,
                       struct kt_arena *a, struct kt_err *e)
{
    struct kt_http_request request = kt_soap_request(q->path, wrap(q->body, a), q->is_write);
    struct kt_http_answer got;
    const struct kt_xml_node *root = NULL;
    *answer = (struct kt_soap_raw_answer){ .envelope = KT_STR("") };
    *fault = (struct kt_soap_fault){ .code = KT_STR(""), .text = KT_STR(""), .detail = KT_STR("") };
    request.header = kt_soap_header(q->action, a);
    request.timeout_s = q->timeout_s;
    enum kt_rc rc =
        kt_soap_talk(http, q->guard, &request, q->action, &got, &fault->replaced, &root, a, e);
    fault->status = got.status;
    if (rc != KT_OK)
        return rc;
    answer->envelope = got.body;
    return judge(http, q->guard, &request, &got, root, answer, fault, a, e);
}
