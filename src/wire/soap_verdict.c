/* What an answer to a SOAP call means: whether the stub may see it, and what the stub's result
 * says. Called by soap_mem.c on the session's thread. */
#include <string.h>

#include "wire/soap_inner.h"
#include "wire/xml_scan.h"

/* The answer arrived, but says nothing that can be trusted: a write may have been carried out. */
static enum kt_rc lost(const struct kt_soap *s)
{
    return s->is_write ? KT_UNSURE : KT_RETRY;
}

static bool is_xml(struct kt_str type)
{
    return kt_str_is(type, "text/xml") || kt_str_is(type, "application/xml") ||
           (type.n > 4 && memcmp(type.p + type.n - 4, "+xml", 4) == 0);
}

static enum kt_rc not_soap(struct kt_soap *s, const char *detail, struct kt_err *e)
{
    return kt_fail(e, lost(s), KT_ENDPOINT, KT_E_PARTNER_NOT_API, KT_P_TEXT("partner", s->partner),
                   KT_P_TEXT("detail", detail), KT_P_TEXT("expected", "a SOAP answer"));
}

static enum kt_rc damaged(struct kt_soap *s, const char *detail, struct kt_err *e)
{
    return kt_fail(e, lost(s), KT_ENDPOINT, KT_E_PARTNER_ANSWER_INCOMPLETE,
                   KT_P_TEXT("partner", s->partner), KT_P_TEXT("detail", detail));
}

/* A login page arrives as HTML with 401 or 200, a fault as XML with 500: the body says more than
 * the status, except where the status speaks of the login. */
enum kt_rc kt_soap_admit(struct kt_soap *s, const struct kt_http_request *q, struct kt_err *e)
{
    const struct kt_http_answer *answer = &s->answer;
    struct kt_xml_found found;
    bool is_success = answer->status >= 200 && answer->status < 300;
    bool is_login = answer->status == 401 || answer->status == 403;
    enum kt_xml problem = kt_xml_scan(answer->body, &found);
    bool is_envelope =
        problem == KT_XML_OK && is_xml(answer->content_type) && kt_str_is(found.root, "Envelope");
    enum kt_rc rc = KT_OK;

    if (is_envelope && !is_login)
        return KT_OK;
    if (!is_success)
        return kt_http_refusal(s->http, q, answer, e);
    if (problem == KT_XML_OK)
        rc = not_soap(s, is_xml(answer->content_type) ? "other XML" : "another media type", e);
    else if (problem == KT_XML_HTML || problem == KT_XML_FOREIGN)
        rc = not_soap(s, kt_xml_problem(problem), e);
    else
        rc = damaged(s, kt_xml_problem(problem), e);
    (void)kt_trail(e, "HTTP %u, %zu bytes of %s, problem at byte %zu", answer->status,
                   answer->body.n, answer->content_type.p, found.at); /* the same rc */
    return rc;
}

static struct kt_str text_of(const struct kt_soap *s, const char *const *text)
{
    return text == NULL || *text == NULL ? KT_STR("") : kt_str_copy(s->arena, kt_str_of(*text));
}

static struct kt_str without_prefix(struct kt_str code)
{
    const char *colon = code.n > 0 ? memrchr(code.p, ':', code.n) : NULL;
    return colon == NULL ? code : kt_str_part(code, (size_t)(colon - code.p) + 1, code.n);
}

/* gSOAP turns the fault codes of the two SOAP versions into these. */
static bool is_fault(const struct soap *ctx, int status)
{
    return ctx->fault != NULL &&
           (status == SOAP_FAULT || status == SOAP_CLI_FAULT || status == SOAP_SVR_FAULT ||
            status == SOAP_MUSTUNDERSTAND || status == SOAP_VERSIONMISMATCH);
}

static enum kt_rc judge_fault(struct kt_soap *s, struct kt_soap_fault *fault, struct kt_err *e)
{
    struct soap *ctx = &s->ctx;
    fault->is_fault = true;
    fault->code = without_prefix(text_of(s, soap_faultcode(ctx)));
    fault->text = text_of(s, soap_faultstring(ctx));
    fault->detail = kt_str_trim(text_of(s, soap_faultdetail(ctx)));
    (void)kt_fail(e, KT_REJECT, KT_RECORD, KT_E_PARTNER_FAULT, KT_P_TEXT("partner", s->partner),
                  KT_P_TEXT("message", fault->text.p), KT_P_NUM("status", s->answer.status));
    return kt_trail(e, "SOAP fault %s", fault->code.p); /* its text may name people */
}

enum kt_rc kt_soap_judge(struct kt_soap *s, int status, struct kt_soap_fault *fault,
                         struct kt_err *e)
{
    if (status == SOAP_OK)
        return KT_OK;
    if (!s->is_called) { /* the request could not even be written: nothing left the house */
        (void)kt_fail(e, KT_REJECT, KT_RECORD, KT_E_INTERNAL,
                      KT_P_TEXT("detail", "a SOAP request cannot be written"));
        return kt_trail(e, "gSOAP error %d", status);
    }
    if (is_fault(&s->ctx, status))
        return judge_fault(s, fault, e);
    (void)not_soap(s, "an answer of another contract", e);
    return kt_trail(e, "gSOAP error %d at element %s", status, s->ctx.tag);
}
