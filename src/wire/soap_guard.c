/* A SOAP call under a policy of WS-Security: the request is addressed and sealed, the answer opened
 * before anybody reads it. What does not hold is not believed: after a write nobody knows what
 * happened, after a read nothing did. The session's thread; called by soap_mem.c and soap_raw.c. */
#include "wire/soap_guard.h"

#include <string.h>
#include <strings.h>

#include "base/hash.h"
#include "base/rand.h"
#include "base/time.h"
#include "base/xml_scan.h"
#include "base/xml_write.h"
#include "wire/http_inner.h"
#include "wire/http_text.h"
#include "wire/soap_inner.h"
#include "wire/wss.h"

#define WSA       "http://www.w3.org/2005/08/addressing"
#define ANONYMOUS WSA "/anonymous"

enum {
    HEADERS_MAX = 64 << 10,
    SEALED_MAX = 96 << 20, /* the largest request, encrypted and in base64, three times over */
    UUID_MAX = 46,
    FAULT_SHOWN = 80,
    OF_REQUESTS = KT_WSS_USERNAME | KT_WSS_USERNAME_DIGEST,
    BY_SEAL = KT_WSS_SIGNATURE | KT_WSS_ENCRYPTION | OF_REQUESTS
};

/* One call. */
struct guarded {
    struct kt_http *http;
    struct kt_soap_guard *guard;
    const struct kt_wss_policy_conf *policy;
    struct kt_wss_ring *ring;
    struct kt_wss_asked asked;
    struct kt_arena *arena;
};

static bool is_tls(const struct kt_http *http)
{
    return strncasecmp(http->conf->url, "https:", 6) == 0;
}

/* --- the request --- */

/* Something in the answer must tell that it answers this request, or an earlier one would do as
 * well: a confirmation of our signature, else the MessageID. */
static bool needs_addressing(const struct guarded *g)
{
    bool is_confirmed = (g->policy->required & KT_WSS_CONFIRMATION) != 0 &&
                        (g->policy->given & KT_WSS_SIGNATURE) != 0;
    return g->guard->conf.is_addressed ||
           ((g->policy->required & KT_WSS_SIGNATURE) != 0 && !is_confirmed);
}

static struct kt_str new_message_id(struct kt_arena *a)
{
    uint8_t b[16];
    char hex[33];
    kt_rand_bytes(b, sizeof b);
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40); /* RFC 4122: version 4, variant 1 */
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    kt_hex(b, sizeof b, hex);
    return kt_str_of(kt_format(a, "urn:uuid:%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
                               hex + 16, hex + 20));
}

/* Where the Envelope's start tag ends, and its prefix with the colon. The octets are our own. */
static size_t after_start(struct kt_str xml, struct kt_str *prefix)
{
    size_t at = 0;
    if (kt_str_starts(xml, "<?xml"))
        while (at < xml.n && xml.p[at] != '>')
            at++;
    while (at < xml.n && xml.p[at] != '<')
        at++;
    size_t name = at + 1;
    size_t colon = name;
    while (colon < xml.n && strchr(": \t\r\n>", xml.p[colon]) == NULL)
        colon++;
    *prefix = KT_STR("");
    if (colon < xml.n && xml.p[colon] == ':')
        *prefix = kt_str_part(xml, name, colon + 1 - name);
    char quote = '\0';
    for (at = colon; at < xml.n && (quote != '\0' || xml.p[at] != '>'); at++) {
        if (quote == '\0' && (xml.p[at] == '"' || xml.p[at] == '\''))
            quote = xml.p[at];
        else if (xml.p[at] == quote)
            quote = '\0';
    }
    return at + 1;
}

static void put_header(struct kt_buf *out, const char *name, struct kt_str text)
{
    kt_buf_text(out, "<wsa:");
    kt_buf_text(out, name);
    kt_buf_text(out, " xmlns:wsa=\"" WSA "\">");
    kt_xml_put_text(out, text);
    kt_buf_text(out, "</wsa:");
    kt_buf_text(out, name);
    kt_buf_text(out, ">");
}

/* A Header in front of the Body; neither stubs nor raw calls write one. */
static struct kt_str addressed(struct guarded *g, const struct kt_http_request *q,
                               const char *action)
{
    struct kt_str prefix;
    struct kt_buf out;
    size_t at = after_start(q->body, &prefix);
    KT_ASSERT(at < q->body.n);
    g->asked.message_id = new_message_id(g->arena);
    kt_buf_init(&out, g->arena, q->body.n + HEADERS_MAX);
    kt_buf_put(&out, q->body.p, at);
    kt_buf_text(&out, "<");
    kt_buf_str(&out, prefix);
    kt_buf_text(&out, "Header>");
    put_header(&out, "Action", kt_str_of(action));
    put_header(&out, "MessageID", g->asked.message_id);
    kt_buf_text(&out, "<wsa:ReplyTo xmlns:wsa=\"" WSA "\"><wsa:Address>" ANONYMOUS
                      "</wsa:Address></wsa:ReplyTo>");
    put_header(&out, "To", kt_str_of(kt_http_url(g->http->conf->url, q->path, g->arena)));
    kt_buf_text(&out, "</");
    kt_buf_str(&out, prefix);
    kt_buf_text(&out, "Header>");
    kt_buf_str(&out, kt_str_part(q->body, at, q->body.n));
    KT_ASSERT(kt_buf_ok(&out)); /* an address and an action are shorter */
    return kt_buf_view(&out);
}

static enum kt_rc seal(struct guarded *g, struct kt_http_request *q, const char *action,
                       struct kt_err *e)
{
    if ((g->policy->given & OF_REQUESTS) != 0 && !is_tls(g->http))
        return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_WSS_PLAIN,
                       KT_P_TEXT("partner", g->http->partner),
                       KT_P_TEXT("policy", g->guard->conf.policy));
    if (needs_addressing(g))
        q->body = addressed(g, q, action);
    if ((g->policy->given & BY_SEAL) == 0)
        return KT_OK;
    struct kt_buf out;
    struct kt_str message_id = g->asked.message_id;
    kt_buf_init(&out, g->arena, SEALED_MAX);
    enum kt_rc rc = kt_wss_seal(g->ring, g->guard->conf.policy, q->body, NULL, kt_now_us(), &out,
                                &g->asked, g->arena, e);
    if (rc != KT_OK)
        return kt_trail(e, "nothing was sent to %s", g->http->partner);
    if (!kt_buf_ok(&out)) {
        (void)kt_fail(e, KT_REJECT, KT_RECORD, KT_E_INTERNAL,
                      KT_P_TEXT("detail", "a SOAP request too long to be secured"));
        return kt_trail(e, "nothing was sent to %s", g->http->partner);
    }
    g->asked.message_id = message_id; /* ours alone: what is asked for is decided here */
    q->body = kt_buf_view(&out);
    return KT_OK;
}

/* --- the answer --- */

/* What somebody in front of the partner says of its own accord, for people who set it up: a name of
 * a fault. Its text is not kept, since nobody vouches for it. */
static const char *fault_of(struct kt_str xml, struct kt_arena *a)
{
    struct kt_str code = kt_xml_inside(xml, "faultcode", 4);
    if (code.p == NULL)
        code = kt_xml_inside(xml, "Value", 5);
    char *shown = kt_text_copy(a, "");
    size_t n = 0;
    if (code.p != NULL && code.n <= FAULT_SHOWN) {
        shown = kt_alloc(a, code.n + 1);
        for (; n < code.n; n++) {
            bool is_letter = (code.p[n] >= 'a' && code.p[n] <= 'z') ||
                             (code.p[n] >= 'A' && code.p[n] <= 'Z') ||
                             (code.p[n] >= '0' && code.p[n] <= '9');
            shown[n] = is_letter ? code.p[n] : strchr("._:-", code.p[n]) != NULL ? code.p[n] : '?';
        }
        shown[n] = '\0';
    }
    return shown;
}

/* Replaces what *e holds, but for its trail. */
static enum kt_rc disbelieved(struct guarded *g, const struct kt_http_request *q,
                              const struct kt_http_answer *answer, enum kt_wss_code code,
                              struct kt_err *e)
{
    char why[KT_TRAIL_MAX];
    memcpy(why, e->trail, sizeof why);
    kt_err_clear(e);
    (void)kt_fail(e, kt_soap_lost(q, answer), KT_ENDPOINT, KT_E_WSS_ANSWER,
                  KT_P_TEXT("partner", g->http->partner),
                  KT_P_TEXT("detail", kt_wss_code_text(code)));
    if (why[0] != '\0')
        (void)kt_trail(e, "%s", why); /* the same verdict */
    const char *fault = fault_of(answer->body, g->arena);
    return kt_trail(e, "HTTP %u, %zu bytes%s%s", answer->status, answer->body.n,
                    fault[0] != '\0' ? ", which call themselves the fault " : "", fault);
}

/* No message, only HTTP: a page, a status. TLS vouches for what a gateway says of itself (no login,
 * come back later); a refusal of what was sent is a word that only the partner's signature makes
 * believable, and without TLS anybody says anything. */
static enum kt_rc unproven(const struct guarded *g, const struct kt_http_request *q,
                           const struct kt_http_answer *answer, struct kt_err *e)
{
    bool is_word = e->v.rc == KT_REJECT;
    bool is_anybodys = q->is_write && !is_tls(g->http);
    if (is_word || is_anybodys) {
        e->v.rc = kt_soap_lost(q, answer);
        e->v.reach = KT_ENDPOINT;
    }
    return e->v.rc;
}

static bool is_envelope(const struct kt_http_answer *answer)
{
    struct kt_xml_found found;
    return !answer->is_unsent && kt_soap_is_xml(answer->content_type) &&
           kt_xml_scan(answer->body, &found) == KT_XML_OK && kt_str_is(found.root, "Envelope");
}

static enum kt_rc open_it(struct guarded *g, const struct kt_http_request *q,
                          struct kt_http_answer *answer, struct kt_err *e)
{
    struct kt_wss_opened opened = { 0 };
    const struct kt_wss_message m = { .xml = answer->body,
                                      .version = KT_SOAP_ANY,
                                      .policy = g->guard->conf.policy,
                                      .is_tls = is_tls(g->http),
                                      .now_us = kt_now_us(),
                                      .asked = &g->asked };
    enum kt_rc rc = kt_wss_open(g->ring, &m, &opened, g->arena, e);
    if (rc != KT_OK)
        return disbelieved(g, q, answer, opened.code, e);
    if (opened.is_sha1 && !g->guard->has_said_sha1 && g->http->log != NULL)
        kt_log_warn(g->http->log, "security.sha1", F_TEXT("policy", g->guard->conf.policy));
    g->guard->has_said_sha1 = g->guard->has_said_sha1 || opened.is_sha1;
    answer->body = opened.xml;
    return KT_OK;
}

/* What is believed was written by us around octets that were digested; it is looked at like any
 * input all the same. Its HTTP status is nobody's word and does not count. */
static enum kt_rc look(struct guarded *g, const struct kt_http_request *q,
                       const struct kt_http_answer *answer, const struct kt_xml_node **root,
                       struct kt_err *e)
{
    struct kt_xml_found found;
    enum kt_xml problem = root != NULL ? kt_xml_parse(root, answer->body, &found, g->arena)
                                       : kt_xml_scan(answer->body, &found);
    return problem == KT_XML_OK ? KT_OK
                                : kt_soap_foreign(g->http, q, answer, kt_xml_problem(problem), e);
}

static enum kt_rc believe(struct guarded *g, const struct kt_http_request *q,
                          struct kt_http_answer *answer, size_t *replaced,
                          const struct kt_xml_node **root, struct kt_err *e)
{
    bool is_required = (g->policy->required & ~(unsigned)OF_REQUESTS) != 0;
    bool is_message = is_envelope(answer);
    if (is_message && (is_required || kt_wss_is_secured(answer->body))) {
        enum kt_rc rc = open_it(g, q, answer, e);
        return rc == KT_OK ? look(g, q, answer, root, e) : rc;
    }
    enum kt_rc rc = kt_soap_admit(g->http, q, answer, replaced, root, g->arena, e);
    if (!is_required)
        return rc;
    if (rc == KT_OK) /* an envelope only after characters that XML forbids were replaced */
        return disbelieved(g, q, answer, KT_WSS_BYTES_MALFORMED, e);
    return unproven(g, q, answer, e);
}

/* --- one call --- */

static enum kt_rc no_policy(const struct guarded *g, struct kt_err *e)
{
    (void)kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_WSS_NO_KEY,
                  KT_P_TEXT("policy", g->guard->conf.policy));
    return kt_trail(e, "wss has no section %s; nothing was sent to %s", g->guard->conf.policy,
                    g->http->partner);
}

bool kt_soap_is_guarded(const struct kt_soap_guard *guard)
{
    return guard != NULL && guard->conf.policy != NULL;
}

static enum kt_rc talk_openly(struct kt_http *http, const struct kt_http_request *q,
                              struct kt_http_answer *answer, size_t *replaced,
                              const struct kt_xml_node **root, struct kt_arena *a, struct kt_err *e)
{
    enum kt_rc rc = kt_http_call(http, q, answer, a, e);
    return rc == KT_OK ? kt_soap_admit(http, q, answer, replaced, root, a, e) : rc;
}

enum kt_rc kt_soap_talk(struct kt_http *http, struct kt_soap_guard *guard,
                        const struct kt_http_request *q, const char *action,
                        struct kt_http_answer *answer, size_t *replaced,
                        const struct kt_xml_node **root, struct kt_arena *a, struct kt_err *e)
{
    struct guarded g = { .http = http, .guard = guard, .arena = a };
    const struct kt_wss_policy *policy = NULL;
    *answer = (struct kt_http_answer){ 0 };
    if (!kt_soap_is_guarded(guard))
        return talk_openly(http, q, answer, replaced, root, a, e);
    if (guard->site != NULL) {
        g.ring = kt_wss_hold(guard->site);
        policy = kt_wss_policy_of(g.ring, guard->conf.policy);
    }
    enum kt_rc rc = KT_OK;
    if (policy == NULL) {
        rc = no_policy(&g, e);
        goto out;
    }
    g.policy = kt_wss_policy_conf(policy);
    struct kt_http_request sealed = *q;
    rc = seal(&g, &sealed, action, e);
    if (rc == KT_OK)
        rc = kt_http_call(http, &sealed, answer, a, e);
    if (rc == KT_OK)
        rc = believe(&g, &sealed, answer, replaced, root, e);
out:
    kt_wss_release(g.ring);
    return rc;
}

enum kt_rc kt_soap_contradicted(const struct kt_http *http, const struct kt_soap_guard *guard,
                                const struct kt_http_request *q,
                                const struct kt_http_answer *answer, struct kt_err *e)
{
    if (!kt_soap_is_guarded(guard))
        return kt_http_refusal(http, q, answer, e);
    enum kt_rc rc = kt_soap_foreign(http, q, answer, "an answer that its status contradicts", e);
    (void)rc; /* kt_trail returns the same verdict */
    return kt_trail(e, "HTTP %u", answer->status);
}
