/* What an answer to a SOAP call means, before anybody reads it: one set of rules for stubs
 * (soap_mem.c) and raw calls (soap_raw.c), on the session's thread. */
#include <string.h>

#include "base/xml_mend.h"
#include "wire/http_inner.h"
#include "wire/http_text.h"
#include "wire/soap_inner.h"

struct kt_http_request kt_soap_request(const char *path, struct kt_str envelope, bool is_write)
{
    return (struct kt_http_request){ .method = "POST",
                                     .path = path,
                                     .content_type = "text/xml; charset=utf-8",
                                     .accept = "text/xml",
                                     .body = envelope,
                                     .is_write = is_write,
                                     .is_once = is_write };
}

const char *const *kt_soap_header(const char *action, struct kt_arena *a)
{
    const char **line = KT_NEW_ARRAY(a, 2, const char *);
    line[0] = kt_format(a, "SOAPAction: \"%s\"", action);
    return line;
}

/* The answer arrived, but says nothing that can be trusted: a write may have been carried out. */
enum kt_rc kt_soap_lost(const struct kt_http_request *q, const struct kt_http_answer *answer)
{
    return q->is_write && !answer->is_unsent ? KT_UNSURE : KT_RETRY;
}

bool kt_soap_is_xml(struct kt_str type)
{
    return kt_str_is(type, "text/xml") || kt_str_is(type, "application/xml") ||
           (type.n > 4 && memcmp(type.p + type.n - 4, "+xml", 4) == 0);
}

enum kt_rc kt_soap_foreign(const struct kt_http *http, const struct kt_http_request *q,
                           const struct kt_http_answer *answer, const char *detail,
                           struct kt_err *e)
{
    return kt_fail(e, kt_soap_lost(q, answer), KT_ENDPOINT, KT_E_PARTNER_NOT_API,
                   KT_P_TEXT("partner", http->partner), KT_P_TEXT("detail", detail),
                   KT_P_TEXT("expected", "a SOAP answer"));
}

static enum kt_rc damaged(const struct kt_http *http, const struct kt_http_request *q,
                          const struct kt_http_answer *answer, const char *detail, struct kt_err *e)
{
    return kt_fail(e, kt_soap_lost(q, answer), KT_ENDPOINT, KT_E_PARTNER_ANSWER_INCOMPLETE,
                   KT_P_TEXT("partner", http->partner), KT_P_TEXT("detail", detail));
}

/* A text that is broken in other ways too stays as it came, and counts nothing. */
static enum kt_xml look(struct kt_http *http, const struct kt_http_request *q,
                        struct kt_http_answer *answer, size_t *replaced,
                        const struct kt_xml_node **root, struct kt_xml_found *found,
                        struct kt_arena *a)
{
    struct kt_str mended = kt_xml_mend(answer->body, replaced, a);
    enum kt_xml problem =
        root != NULL ? kt_xml_parse(root, mended, found, a) : kt_xml_scan(mended, found);
    if (problem != KT_XML_OK)
        *replaced = 0;
    if (*replaced == 0)
        return problem;
    answer->body = mended;
    if (http->log != NULL && !http->has_said_replaced) /* they stand in every answer from now on */
        kt_log_warn(http->log, "soap.characters_replaced", F_NUM("count", *replaced),
                    F_TEXT("path", kt_http_place(http->conf->url, q->path, a)));
    http->has_said_replaced = true;
    return problem;
}

/* A login page arrives as HTML with 401 or 200, a fault as XML with 500: the body says more than
 * the status, except where the status speaks of the login. */
enum kt_rc kt_soap_admit(struct kt_http *http, const struct kt_http_request *q,
                         struct kt_http_answer *answer, size_t *replaced,
                         const struct kt_xml_node **root, struct kt_arena *a, struct kt_err *e)
{
    struct kt_xml_found found;
    bool is_success = answer->status >= 200 && answer->status < 300;
    bool is_login = answer->status == 401 || answer->status == 403;
    enum kt_xml problem = look(http, q, answer, replaced, root, &found, a);
    bool is_envelope = problem == KT_XML_OK && kt_soap_is_xml(answer->content_type) &&
                       kt_str_is(found.root, "Envelope");
    enum kt_rc rc = KT_OK;

    if (is_envelope && !is_login && !answer->is_unsent)
        return KT_OK;
    if (!is_success)
        return kt_http_refusal(http, q, answer, e);
    if (answer->is_unsent)
        rc = damaged(http, q, answer, "it came before the request", e);
    else if (problem == KT_XML_OK)
        rc = kt_soap_foreign(
            http, q, answer,
            kt_soap_is_xml(answer->content_type) ? "other XML" : "another media type", e);
    else if (problem == KT_XML_HTML || problem == KT_XML_FOREIGN)
        rc = kt_soap_foreign(http, q, answer, kt_xml_problem(problem), e);
    else
        rc = damaged(http, q, answer, kt_xml_problem(problem), e);
    (void)kt_trail(e, "HTTP %u, %zu bytes of %s, problem at byte %zu", answer->status,
                   answer->body.n, answer->content_type.p, found.at); /* the same rc */
    return rc;
}

struct kt_str kt_soap_local_part(struct kt_str code)
{
    const char *colon = code.n > 0 ? memrchr(code.p, ':', code.n) : NULL;
    return colon == NULL ? code : kt_str_part(code, (size_t)(colon - code.p) + 1, code.n);
}

enum kt_rc kt_soap_refused(const struct kt_http *http, const struct kt_soap_fault *fault,
                           struct kt_err *e)
{
    (void)kt_fail(e, KT_REJECT, KT_RECORD, KT_E_PARTNER_FAULT, KT_P_TEXT("partner", http->partner),
                  KT_P_TEXT("message", fault->text.p), KT_P_NUM("status", fault->status));
    return kt_trail(e, "SOAP fault %s", fault->code.p); /* its text may name people */
}
