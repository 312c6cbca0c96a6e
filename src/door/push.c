/* The SOAP endpoint: who sent it, what it is, may he bring it; then gSOAP reads it, the intake
 * takes it, and the answer goes out, or a fault. A worker of the door's pool runs it; nothing is
 * answered before it is committed. */
#include "door/push.h"

#include <stdlib.h>

#include "base/time.h"
#include "door/push_inner.h"
#include "generated/push/pushNs.h"

enum { ANSWER_MAX = 64 << 20, RETRY_AFTER_S = 5 };

struct kt_push_soap {
    struct kt_soap_server *server;
};

struct kt_push_soap *kt_push_soap_open(void)
{
    struct kt_push_soap *soap = calloc(1, sizeof *soap);
    KT_ASSERT(soap != NULL); /* only without memory */
    soap->server = kt_soap_server_open(push_namespaces, push_serve_request);
    return soap;
}

void kt_push_soap_close(struct kt_push_soap *soap)
{
    if (soap == NULL)
        return;
    kt_soap_server_close(soap->server);
    free(soap);
}

static bool is_name(struct kt_str name)
{
    for (size_t i = 0; i < kt_push_operation_count; i++) {
        if (kt_str_is(name, kt_push_operations[i].name))
            return true;
    }
    return false;
}

bool kt_push_is_operation(struct kt_str name, struct kt_str uri)
{
    return kt_str_is(uri, KT_PUSH_URI) && is_name(name);
}

/* An operation of ours that is unknown was sent in another namespace. */
static enum kt_rc serve(struct kt_push_soap *soap, const struct kt_soap_message *m,
                        struct kt_push_call *call, struct kt_buf *out, struct kt_err *e)
{
    enum kt_rc rc = kt_soap_serve(soap->server, m, call, out, call->arena, e);
    if (rc != KT_REJECT || e->v.code != KT_E_SOAP_OPERATION_UNKNOWN || !is_name(m->operation))
        return rc;
    kt_err_clear(e); /* the same verdict, told better */
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_SOAP_NAMESPACE,
                   KT_P_TEXT("operation", kt_str_copy(call->arena, m->operation).p),
                   KT_P_TEXT("namespace", KT_PUSH_URI));
}

/* Documents may be larger than what the other operations bring. */
static enum kt_rc check_size(const struct kt_soap_message *m, struct kt_str bytes, int64_t limit,
                             struct kt_err *e)
{
    if (limit == 0 || bytes.n <= (uint64_t)limit || kt_str_is(m->operation, "PushDocuments"))
        return KT_OK;
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_PUSH_TOO_LARGE, KT_P_NUM("limit", limit));
}

enum kt_rc kt_push_read(struct kt_push_soap *soap, struct kt_str xml,
                        const struct kt_push_from *from, struct kt_push_message *out,
                        struct kt_arena *a, struct kt_err *e)
{
    struct kt_soap_message m;
    *out = (struct kt_push_message){ .operation = "" };
    enum kt_rc rc = kt_soap_look_bare(&m, xml, e);
    if (rc != KT_OK)
        return rc;
    struct kt_push_call call = {
        .m = &m, .from = from, .out = out, .partner = "", .arena = a, .e = e
    };
    rc = check_size(&m, xml, from->message_max, e);
    return rc == KT_OK ? serve(soap, &m, &call, NULL, e) : rc;
}

/* --- one request --- */

struct job {
    struct kt_door_worker *w;
    const struct kt_partner *partner;
};

static enum kt_rc take(struct kt_push_call *call, struct kt_err *e)
{
    const struct job *job = call->taker;
    struct kt_inbound *in = &call->out->in;
    in->partner = job->partner->name;
    enum kt_rc rc = kt_inbound_take(job->w->desk, job->partner->erp, in, e);
    kt_door_count("push", in, rc);
    return rc;
}

static enum kt_rc check_rights(const struct job *job, const struct kt_soap_message *m,
                               struct kt_arena *a, struct kt_err *e)
{
    const char *operation = kt_str_copy(a, m->operation).p;
    if (kt_str_is(m->operation, "Ping") || kt_partner_may(job->partner, operation))
        return KT_OK;
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_PUSH_NOT_PERMITTED,
                   KT_P_TEXT("partner", job->partner->name), KT_P_TEXT("operation", operation));
}

static enum kt_rc run(const struct job *job, const struct kt_request *q,
                      const struct kt_soap_message *m, struct kt_push_message *message,
                      struct kt_buf *out, bool *is_read, struct kt_arena *a, struct kt_err *e)
{
    const struct kt_push_from from = { .scope = job->partner->erp->scope,
                                       .as_of_us = q->arrived_us,
                                       .db = job->w->work.db,
                                       .blobs = job->w->conf->blobs };
    struct kt_push_call call = { .m = m,
                                 .from = &from,
                                 .out = message,
                                 .take = take,
                                 .taker = (void *)(uintptr_t)job, /* it is only read */
                                 .partner = job->partner->name,
                                 .arena = a,
                                 .e = e };
    enum kt_rc rc = check_size(m, q->body, job->w->conf->message_max, e);
    if (rc == KT_OK)
        rc = check_rights(job, m, a, e);
    *is_read = rc == KT_OK;
    return rc == KT_OK ? serve(job->w->soap, m, &call, out, e) : rc;
}

static unsigned status_of(const struct kt_soap_message *m, const struct kt_verdict *v)
{
    if (v->code == KT_E_PUSH_NOT_PERMITTED)
        return 403;
    if (v->code == KT_E_PUSH_TOO_LARGE)
        return 413;
    return kt_soap_fault_status(m->version, v);
}

static void answer_fault(const struct job *job, const struct kt_soap_message *m,
                         const struct kt_push_message *message, const struct kt_verdict *v,
                         bool is_read, struct kt_reply *r, struct kt_arena *a)
{
    struct kt_buf out;
    const struct kt_soap_fault_out f = {
        .version = m->version,
        .addressing = is_read ? kt_soap_last_addressing(job->w->soap->server) : NULL,
        .uri = KT_PUSH_URI,
        .action = KT_PUSH_URI "/Problem",
        .v = v,
        .lang = message->lang,
        .retry_after_s = v->retry_after_s != 0 ? v->retry_after_s : RETRY_AFTER_S,
    };
    kt_buf_init(&out, a, ANSWER_MAX);
    kt_soap_put_fault(&out, &f);
    r->status = status_of(m, v);
    r->retry_after_s = r->status == 503 ? f.retry_after_s : 0;
    r->content_type = kt_soap_content_type(m->version);
    r->body = kt_buf_view(&out);
}

static void answer_foreign_type(const struct kt_err *e, struct kt_reply *r, struct kt_arena *a)
{
    char sentence[KT_TRAIL_MAX];
    kt_sentence(&e->v, KT_LANG_EN, sentence, sizeof sentence);
    r->status = 415;
    r->content_type = "text/plain; charset=utf-8";
    r->body = kt_str_of(kt_format(a, "%s.\n", sentence));
}

static void handle_message(const struct job *job, const struct kt_request *q, struct kt_reply *r,
                           struct kt_arena *a)
{
    struct kt_err e = { 0 };
    struct kt_soap_message m;
    struct kt_push_message message = { .operation = "" };
    struct kt_buf out;
    unsigned status = 0;
    bool is_read = false;
    kt_buf_init(&out, a, ANSWER_MAX);
    enum kt_rc rc = kt_soap_look(&m, q, &status, a, &e);
    if (rc == KT_OK)
        rc = run(job, q, &m, &message, &out, &is_read, a, &e);
    if (rc == KT_OK) {
        r->status = 200;
        r->content_type = kt_soap_content_type(m.version);
        r->body = kt_buf_view(&out);
        return;
    }
    kt_log_failure(&job->w->work.log, KT_LOG_WARN, "push.refused", &e,
                   F_TEXT("partner", job->partner->name), F_STR("operation", m.operation),
                   F_STR("message", message.in.id));
    if (status == 415)
        answer_foreign_type(&e, r, a);
    else
        answer_fault(job, &m, &message, &e.v, is_read, r, a);
}

void kt_push_handle(void *worker, const void *route, const struct kt_request *q, struct kt_reply *r,
                    struct kt_arena *a)
{
    struct kt_door_worker *w = worker;
    (void)route; /* all that is set stands with the worker */
    if (!kt_str_is(q->method, "POST")) {
        kt_push_show(q, r, a);
        return;
    }
    struct job job = { w,
                       kt_partner_of(w->conf->partner, w->conf->partners, q, r, &w->work.log, a) };
    if (job.partner != NULL)
        handle_message(&job, q, r, a);
}
