/* gSOAP stubs over memory: hooks in place of sockets. One context per session, used by the
 * session's own thread only; called by SOAP adapters. The stub writes its envelope into a buffer,
 * the first read makes the one HTTP call, and only the answer's body goes back to the stub, after a
 * look that keeps costly or foreign bytes away from its parser. */
#include "wire/soap_mem.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "wire/http_inner.h"
#include "wire/soap_inner.h"

/* maxoccurs bounds one array, not the answer: a page has many rows of texts; max_answer bounds it.
 */
enum { LEVEL_MAX = 64, TEXT_MAX = 8 * 1024 * 1024, OCCURS_MAX = 2000000, REQUEST_MAX = 32 << 20 };

/* gSOAP insists on a socket that looks valid; no descriptor ever has this number, and every hook
 * that would use it is ours. */
static const SOAP_SOCKET NO_SOCKET = INT_MAX;

static struct kt_soap *owner(struct soap *ctx)
{
    return ctx->user;
}

static SOAP_SOCKET open_nothing(struct soap *ctx, const char *endpoint, const char *host, int port)
{
    (void)endpoint; /* the address is the HTTP client's affair */
    (void)host;
    (void)port;
    ctx->error = SOAP_OK;
    return NO_SOCKET;
}

static int close_nothing(struct soap *ctx)
{
    (void)ctx; /* there is nothing open */
    return SOAP_OK;
}

static int close_no_socket(struct soap *ctx, SOAP_SOCKET socket)
{
    (void)ctx; /* there is no socket, and 0 would be standard input */
    (void)socket;
    return SOAP_OK;
}

static int shut_no_socket(struct soap *ctx, SOAP_SOCKET socket, int how)
{
    (void)ctx; /* there is no socket */
    (void)socket;
    (void)how;
    return SOAP_OK;
}

static int always_ready(struct soap *ctx)
{
    (void)ctx; /* memory is */
    return SOAP_OK;
}

/* A newer partner, or a site's own fields, must not stop us; STRICT alone would. */
static int skip_unknown(struct soap *ctx, const char *tag)
{
    (void)ctx;
    (void)tag;
    return SOAP_OK;
}

static int collect(struct soap *ctx, const char *bytes, size_t n)
{
    struct kt_soap *s = owner(ctx);
    kt_buf_put(&s->request, bytes, n);
    return kt_buf_ok(&s->request) ? SOAP_OK : SOAP_EOM;
}

/* gSOAP would write an HTTP header here; only the action is of use. */
static int note_action(struct soap *ctx, const char *endpoint, const char *host, int port,
                       const char *path, const char *action, ULONG64 count)
{
    struct kt_soap *s = owner(ctx);
    (void)endpoint;
    (void)host;
    (void)port;
    (void)path;
    (void)count;
    s->action = kt_text_copy(s->arena, action != NULL ? action : "");
    return SOAP_OK;
}

static struct kt_http_request request_of(const struct kt_soap *s)
{
    struct kt_http_request q = kt_soap_request(s->path, kt_buf_view(&s->request), s->is_write);
    q.header = kt_soap_header(s->action != NULL ? s->action : "", s->arena);
    return q;
}

static void talk(struct kt_soap *s)
{
    struct kt_http_request q = request_of(s);
    s->is_called = true;
    s->rc = kt_soap_talk(s->http, s->guard, &q, s->action, &s->answer, &s->replaced, NULL, s->arena,
                         &s->err);
}

static size_t supply(struct soap *ctx, char *into, size_t room)
{
    struct kt_soap *s = owner(ctx);
    if (!s->is_called)
        talk(s);
    if (s->rc != KT_OK)
        return 0; /* end of input: the stub gives up, kt_soap_end tells why */
    size_t left = s->answer.body.n - s->read_at;
    size_t n = left < room ? left : room;
    if (n > 0)
        memcpy(into, s->answer.body.p + s->read_at, n);
    s->read_at += n;
    return n;
}

static void set_hooks(struct kt_soap *s, const struct Namespace *table)
{
    struct soap *ctx = &s->ctx;
    soap_init2(ctx, SOAP_XML_STRICT | SOAP_XML_TREE | SOAP_C_UTFSTRING,
               SOAP_XML_TREE | SOAP_C_UTFSTRING);
    soap_set_namespaces(ctx, table);
    ctx->user = s;
    ctx->fopen = open_nothing;
    ctx->fclose = close_nothing;
    ctx->fclosesocket = close_no_socket;
    ctx->fshutdownsocket = shut_no_socket;
    ctx->fpoll = always_ready;
    ctx->fignore = skip_unknown;
    ctx->fpost = note_action;
    ctx->fsend = collect;
    ctx->frecv = supply;
    ctx->recvfd = -1;
    ctx->sendfd = -1;
    ctx->maxlevel = LEVEL_MAX;
    ctx->maxlength = TEXT_MAX;
    ctx->maxoccurs = OCCURS_MAX;
    /* what was signed is read in its canonical form, which is longer */
    ctx->recv_maxlength =
        (ULONG64)s->http->conf->max_answer * (kt_soap_is_guarded(s->guard) ? 4 : 1) + 1;
}

struct kt_soap *kt_soap_on(struct kt_http *http, const char *path, const struct Namespace *table,
                           struct kt_soap_guard *guard)
{
    struct kt_soap *s = calloc(1, sizeof *s);
    KT_ASSERT(s != NULL); /* only without memory */
    s->http = http;
    s->guard = guard;
    s->path = path;
    set_hooks(s, table);
    return s;
}

enum kt_rc kt_soap_open(struct kt_soap **out, const struct kt_http_conf *conf, const char *partner,
                        const struct Namespace *table, struct kt_soap_guard *guard,
                        const struct kt_log *log, struct kt_err *e)
{
    struct kt_http *http = NULL;
    *out = NULL;
    enum kt_rc rc = kt_http_open(&http, conf, partner, log, e);
    if (rc != KT_OK)
        return rc;
    *out = kt_soap_on(http, "", table, guard);
    (*out)->owns_http = true;
    return KT_OK;
}

void kt_soap_close(struct kt_soap *s)
{
    if (s == NULL)
        return;
    kt_soap_done(s);
    soap_done(&s->ctx);
    if (s->owns_http)
        kt_http_close(s->http);
    free(s);
}

struct soap *kt_soap_begin(struct kt_soap *s, bool is_write, struct kt_arena *a)
{
    kt_soap_done(s);
    s->arena = a;
    kt_buf_init(&s->request, a, REQUEST_MAX);
    s->answer = (struct kt_http_answer){ 0 };
    s->replaced = 0;
    s->read_at = 0;
    s->action = NULL;
    s->is_write = is_write;
    s->is_called = false;
    s->rc = KT_OK;
    s->err = (struct kt_err){ 0 };
    return &s->ctx;
}

static struct kt_str text_of(const struct kt_soap *s, const char *const *text)
{
    return text == NULL || *text == NULL ? KT_STR("") : kt_str_copy(s->arena, kt_str_of(*text));
}

/* gSOAP turns the fault codes of the two SOAP versions into these. */
static bool is_fault(const struct soap *ctx, int status)
{
    return ctx->fault != NULL &&
           (status == SOAP_FAULT || status == SOAP_CLI_FAULT || status == SOAP_SVR_FAULT ||
            status == SOAP_MUSTUNDERSTAND || status == SOAP_VERSIONMISMATCH);
}

/* What the stub made of the answer: its values, a fault, or something that is not the contract's.
 */
static enum kt_rc judge(struct kt_soap *s, int status, struct kt_soap_fault *fault,
                        struct kt_err *e)
{
    struct kt_http_request q = request_of(s);
    if (!s->is_called) { /* the request could not even be written: nothing left the house */
        (void)kt_fail(e, KT_REJECT, KT_RECORD, KT_E_INTERNAL,
                      KT_P_TEXT("detail", "a SOAP request cannot be written"));
        return kt_trail(e, "gSOAP error %d", status);
    }
    if (is_fault(&s->ctx, status)) {
        fault->is_fault = true;
        fault->code = kt_soap_local_part(text_of(s, soap_faultcode(&s->ctx)));
        fault->text = text_of(s, soap_faultstring(&s->ctx));
        fault->detail = kt_str_trim(text_of(s, soap_faultdetail(&s->ctx)));
        return kt_soap_refused(s->http, fault, e);
    }
    if (status == SOAP_OK) /* values, but the status says that it failed */
        return kt_soap_contradicted(s->http, s->guard, &q, &s->answer, e);
    enum kt_rc rc = kt_soap_foreign(s->http, &q, &s->answer, "an answer of another contract", e);
    (void)rc; /* kt_trail returns the same verdict */
    return kt_trail(e, "gSOAP error %d at element %s", status, s->ctx.tag);
}

enum kt_rc kt_soap_end(struct kt_soap *s, int status, struct kt_soap_fault *fault, struct kt_err *e)
{
    *fault = (struct kt_soap_fault){ .status = s->answer.status,
                                     .replaced = s->replaced,
                                     .code = KT_STR(""),
                                     .text = KT_STR(""),
                                     .detail = KT_STR("") };
    if (s->is_called && s->rc != KT_OK) {
        KT_ASSERT(e->v.rc == KT_OK);
        *e = s->err;
        return s->rc;
    }
    if (status == SOAP_OK && s->answer.status >= 200 && s->answer.status < 300)
        return KT_OK;
    return judge(s, status, fault, e);
}

void kt_soap_done(struct kt_soap *s)
{
    soap_destroy(&s->ctx);
    soap_end(&s->ctx);
    s->arena = NULL;
}
