/* gSOAP as a server over memory: one context for a contract, owned by a door's worker, which calls
 * it with messages that kt_soap_look has passed. gSOAP's own HTTP, sockets and attachments are not
 * used; the plain mode keeps it from looking for an HTTP head. */
#include "wire/soap_serve.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <stdsoap2.h>

#include "generated/env/envH.h"

enum { LEVEL_MAX = KT_XML_DEPTH_MAX, TEXT_MAX = 8 << 20, SEGMENTS = 3, ROWS_MAX = 16, OURS = 4 };

#define WSA_URI "http://www.w3.org/2005/08/addressing"
static const char anonymous[] = WSA_URI "/anonymous";
static const char none[] = WSA_URI "/none";
static const char bare_head[] =
    "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body>";
static const char bare_tail[] = "</e:Body></e:Envelope>";

struct kt_soap_server {
    struct soap ctx;
    struct Namespace table[ROWS_MAX];
    int (*dispatch)(struct soap *);

    /* one call */
    void *caller;
    struct kt_arena *arena;
    struct kt_buf *out;
    struct kt_str segment[SEGMENTS]; /* what is still to be read */
    size_t at_segment;
    struct kt_soap_addressing addressing;
    bool is_answering; /* the contract's function was content */
    size_t left_out;
    enum kt_code code; /* what a hook refused; KT_E_NONE: nothing */
    const char *name;  /* of the header or element */
};

static struct kt_soap_server *owner(struct soap *ctx)
{
    return ctx->user;
}

/* --- hooks --- */

static size_t supply(struct soap *ctx, char *into, size_t room)
{
    struct kt_soap_server *s = owner(ctx);
    while (s->at_segment < SEGMENTS && s->segment[s->at_segment].n == 0)
        s->at_segment++;
    if (s->at_segment == SEGMENTS)
        return 0;
    struct kt_str *from = &s->segment[s->at_segment];
    size_t n = from->n < room ? from->n : room;
    memcpy(into, from->p, n);
    *from = kt_str_part(*from, n, from->n);
    return n;
}

static int collect(struct soap *ctx, const char *bytes, size_t n)
{
    struct kt_buf *out = owner(ctx)->out;
    if (out == NULL)
        return SOAP_EOF; /* the contract's function was to stop */
    kt_buf_put(out, bytes, n);
    return kt_buf_ok(out) ? SOAP_OK : SOAP_EOM;
}

static int nothing(struct soap *ctx)
{
    (void)ctx; /* there is no socket */
    return SOAP_OK;
}

static int no_socket(struct soap *ctx, SOAP_SOCKET socket)
{
    (void)ctx; /* there is none, and 0 would be standard input */
    (void)socket;
    return SOAP_OK;
}

static int refuse(struct kt_soap_server *s, enum kt_code code, const char *name, int error)
{
    if (s->code == KT_E_NONE) {
        s->code = code;
        s->name = kt_text_copy(s->arena, name);
    }
    return error;
}

static bool is_of_contract(const struct kt_soap_server *s, const char *uri)
{
    for (size_t i = OURS; s->table[i].id != NULL; i++) {
        if (strcmp(s->table[i].ns, uri) == 0)
            return true;
    }
    return false;
}

/* What has no place: in the header a block that is not understood, in the body a field of a
 * customer's own inside a list. An element of ours that stands in a wrong place, or twice, would be
 * lost without a word: it is refused. */
static int skip_foreign(struct soap *ctx, const char *tag)
{
    struct kt_soap_server *s = owner(ctx);
    const char *uri = soap_current_namespace_tag(ctx, tag);
    bool is_ours = uri == NULL || *uri == '\0' || is_of_contract(s, uri);
    if (ctx->part == SOAP_IN_HEADER) {
        if (ctx->mustUnderstand != 0 && ctx->other == 0)
            return refuse(s, KT_E_SOAP_HEADER_UNKNOWN, tag, SOAP_MUSTUNDERSTAND);
        return is_ours ? refuse(s, KT_E_SOAP_ELEMENT_UNKNOWN, tag, SOAP_TAG_MISMATCH) : SOAP_OK;
    }
    if (is_ours)
        return refuse(s, KT_E_SOAP_ELEMENT_UNKNOWN, tag, SOAP_TAG_MISMATCH);
    s->left_out++;
    return SOAP_OK;
}

/* --- the context --- */

/* The contract's rows, and one for addressing. */
static void set_table(struct kt_soap_server *s, const struct Namespace *table)
{
    size_t n = 0;
    for (; table[n].id != NULL; n++) {
        KT_ASSERT(n + 2 < ROWS_MAX);
        s->table[n] = table[n];
    }
    s->table[n] = (struct Namespace){ "wsa5", WSA_URI, NULL, NULL };
    soap_set_namespaces(&s->ctx, s->table);
}

struct kt_soap_server *kt_soap_server_open(const struct Namespace *table,
                                           int (*dispatch)(struct soap *))
{
    struct kt_soap_server *s = calloc(1, sizeof *s);
    KT_ASSERT(s != NULL); /* only without memory */
    struct soap *ctx = &s->ctx;
    soap_init2(ctx, SOAP_XML_STRICT | SOAP_XML_TREE | SOAP_C_UTFSTRING | SOAP_ENC_PLAIN,
               SOAP_XML_TREE | SOAP_C_UTFSTRING | SOAP_ENC_PLAIN | SOAP_IO_BUFFER);
    set_table(s, table);
    s->dispatch = dispatch;
    ctx->user = s;
    ctx->frecv = supply;
    ctx->fsend = collect;
    ctx->fclose = nothing;
    ctx->fpoll = nothing;
    ctx->fclosesocket = no_socket;
    ctx->fignore = skip_foreign;
    ctx->recvfd = -1;
    ctx->sendfd = -1;
    ctx->socket = SOAP_INVALID_SOCKET;
    ctx->maxlevel = LEVEL_MAX;
    ctx->maxlength = TEXT_MAX;
    ctx->maxoccurs = KT_SOAP_LIST_MAX;
    return s;
}

static void forget(struct kt_soap_server *s)
{
    soap_destroy(&s->ctx);
    soap_end(&s->ctx);
}

void kt_soap_server_close(struct kt_soap_server *s)
{
    if (s == NULL)
        return;
    forget(s);
    soap_done(&s->ctx);
    free(s);
}

/* --- addressing --- */

static struct kt_str kept(const struct kt_soap_server *s, const char *text)
{
    return text == NULL ? (struct kt_str){ 0 }
                        : kt_str_copy(s->arena, kt_str_trim(kt_str_of(text)));
}

/* We answer on the connection that asked, and nowhere else. */
static bool is_back_to_us(const struct kt_soap_server *s,
                          const struct wsa5__EndpointReferenceType *to)
{
    if (to == NULL)
        return true;
    struct kt_str address = kept(s, to->Address);
    return kt_str_is(address, anonymous) || kt_str_is(address, none);
}

static int read_addressing(struct kt_soap_server *s)
{
    const struct SOAP_ENV__Header *h = s->ctx.header;
    if (h == NULL)
        return SOAP_OK;
    s->addressing.message_id = kept(s, h->wsa5__MessageID);
    s->addressing.action = kept(s, h->wsa5__Action);
    s->addressing.is_used = s->addressing.message_id.p != NULL || s->addressing.action.p != NULL;
    if (!is_back_to_us(s, h->wsa5__ReplyTo))
        return refuse(s, KT_E_SOAP_REPLY_TO, "ReplyTo", SOAP_TAG_MISMATCH);
    if (!is_back_to_us(s, h->wsa5__FaultTo))
        return refuse(s, KT_E_SOAP_REPLY_TO, "FaultTo", SOAP_TAG_MISMATCH);
    return SOAP_OK;
}

void kt_soap_relate(struct soap *ctx, const char *action)
{
    struct kt_soap_server *s = owner(ctx);
    struct SOAP_ENV__Header *header = NULL;
    s->is_answering = true;
    if (s->addressing.is_used) {
        header = kt_alloc(s->arena, sizeof *header);
        header->wsa5__Action = kt_text_copy(s->arena, action);
        if (s->addressing.message_id.p != NULL) {
            header->wsa5__RelatesTo = kt_alloc(s->arena, sizeof *header->wsa5__RelatesTo);
            header->wsa5__RelatesTo->__item = kt_text_copy(s->arena, s->addressing.message_id.p);
        }
    }
    ctx->header = header; /* NULL: no empty one is written */
}

/* --- one call --- */

static enum kt_rc fail_named(enum kt_code code, const char *name, const char *value,
                             struct kt_err *e)
{
    return kt_fail(e, KT_REJECT, KT_RECORD, code, KT_P_TEXT(name, value));
}

/* What gSOAP could not read. Its own words are for programmers. */
static enum kt_rc judge(struct kt_soap_server *s, const struct kt_soap_message *m, int status,
                        struct kt_err *e)
{
    const char *operation = kt_str_copy(s->arena, kt_str_part(m->operation, 0, 80)).p;
    enum kt_rc rc = KT_REJECT;
    if (e->v.rc != KT_OK)
        return e->v.rc;
    if (s->is_answering) /* it is done, and nobody hears of it */
        return kt_fail(e, KT_UNSURE, KT_RECORD, KT_E_INTERNAL,
                       KT_P_TEXT("detail", "the answer cannot be written"));
    if (s->code == KT_E_SOAP_ELEMENT_UNKNOWN)
        return fail_named(s->code, "element", s->name, e);
    if (s->code != KT_E_NONE)
        return fail_named(s->code, "header", s->name, e);
    switch (status) {
    case SOAP_NO_METHOD:
        return fail_named(KT_E_SOAP_OPERATION_UNKNOWN, "operation", operation, e);
    case SOAP_VERSIONMISMATCH:
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_SOAP_VERSION);
    case SOAP_OCCURS:
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_SOAP_TOO_MANY,
                       KT_P_NUM("limit", KT_SOAP_LIST_MAX));
    default:
        rc = fail_named(KT_E_SOAP_MALFORMED, "detail",
                        kt_format(s->arena, "at element %.80s", s->ctx.tag), e);
        (void)rc; /* kt_trail returns the same verdict */
        return kt_trail(e, "gSOAP error %d", status);
    }
}

static int read_and_answer(struct kt_soap_server *s, const struct kt_soap_message *m)
{
    int status = soap_begin_serve(&s->ctx);
    if (status != SOAP_OK)
        return status;
    if (s->ctx.version != KT_SOAP_1_1 && s->ctx.version != KT_SOAP_1_2)
        return SOAP_VERSIONMISMATCH; /* an Envelope of no namespace counts as none to gSOAP */
    if (m->version != KT_SOAP_ANY && s->ctx.version != (short)m->version)
        return SOAP_VERSIONMISMATCH;
    status = read_addressing(s);
    return status == SOAP_OK ? s->dispatch(&s->ctx) : status;
}

enum kt_rc kt_soap_serve(struct kt_soap_server *s, const struct kt_soap_message *m, void *caller,
                         struct kt_buf *out, struct kt_arena *a, struct kt_err *e)
{
    s->caller = caller;
    s->arena = a;
    s->out = out;
    s->at_segment = 0;
    s->segment[0] = m->is_bare ? kt_str_of(bare_head) : KT_STR("");
    s->segment[1] = m->xml;
    s->segment[2] = m->is_bare ? kt_str_of(bare_tail) : KT_STR("");
    s->addressing = (struct kt_soap_addressing){ 0 };
    s->is_answering = false;
    s->left_out = 0;
    s->code = KT_E_NONE;
    s->name = NULL;
    int status = read_and_answer(s, m);
    enum kt_rc rc = KT_OK;
    if (status != SOAP_OK && status != KT_SOAP_STOP)
        rc = judge(s, m, status, e);
    forget(s);
    s->ctx.header = NULL; /* it stood in the arena */
    s->arena = NULL;
    s->out = NULL;
    return rc;
}

void *kt_soap_caller(struct soap *ctx)
{
    return owner(ctx)->caller;
}

const struct kt_soap_addressing *kt_soap_addressing_of(struct soap *ctx)
{
    return &owner(ctx)->addressing;
}

const struct kt_soap_addressing *kt_soap_last_addressing(const struct kt_soap_server *s)
{
    return &s->addressing;
}

size_t kt_soap_left_out(struct soap *ctx)
{
    return owner(ctx)->left_out;
}
