/* The SOAP endpoint: who sent it, what it is, may he bring it; then gSOAP reads it, the intake
 * takes it, and the answer goes out, or a fault. A worker of the door's pool runs it; nothing is
 * answered before it is committed. */
#include "door/push.h"

#include <stdlib.h>

#include "base/time.h"
#include "door/push_inner.h"
#include "door/sender.h"
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
    const struct kt_request *q;
    struct kt_soap_message m;
    struct kt_push_message message;
    struct kt_sender sender;
    bool is_read;  /* gSOAP has seen it */
    bool is_taken; /* by the intake */
};

static enum kt_rc take(struct kt_push_call *call, struct kt_err *e)
{
    struct job *job = call->taker;
    const struct kt_partner *partner = job->sender.partner;
    struct kt_inbound *in = &call->out->in;
    in->partner = partner->name;
    in->replay = kt_sender_replay(&job->sender);
    enum kt_rc rc = kt_inbound_take(job->w->desk, partner->erp, in, e);
    kt_door_count("push", in, rc);
    job->is_taken = rc == KT_OK;
    job->sender.has_taken = rc == KT_OK && !in->is_repeat;
    return rc;
}

static enum kt_rc check_rights(const struct job *job, struct kt_arena *a, struct kt_err *e)
{
    const struct kt_partner *partner = job->sender.partner;
    const char *operation = kt_str_copy(a, job->m.operation).p;
    if (kt_str_is(job->m.operation, "Ping") || kt_partner_may(partner, operation))
        return KT_OK;
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_PUSH_NOT_PERMITTED,
                   KT_P_TEXT("partner", partner->name), KT_P_TEXT("operation", operation));
}

static enum kt_rc run(struct job *job, struct kt_buf *out, struct kt_arena *a, struct kt_err *e)
{
    const struct kt_partner *partner = job->sender.partner;
    const struct kt_push_from from = { .scope = partner->erp->scope,
                                       .as_of_us = job->q->arrived_us,
                                       .work = &job->w->work };
    struct kt_push_call call = { .m = &job->m,
                                 .from = &from,
                                 .out = &job->message,
                                 .take = take,
                                 .taker = job,
                                 .partner = partner->name,
                                 .is_secured = job->sender.is_secured,
                                 .arena = a,
                                 .e = e };
    enum kt_rc rc = check_size(&job->m, job->q->body, job->w->conf->message_max, e);
    if (rc == KT_OK)
        rc = check_rights(job, a, e);
    job->is_read = rc == KT_OK;
    return rc == KT_OK ? serve(job->w->soap, &job->m, &call, out, e) : rc;
}

static unsigned status_of(const struct kt_soap_message *m, const struct kt_verdict *v)
{
    if (v->code == KT_E_PUSH_NOT_PERMITTED)
        return 403;
    if (v->code == KT_E_PUSH_TOO_LARGE)
        return 413;
    return kt_soap_fault_status(m->version, v);
}

static void answer_fault(const struct job *job, const struct kt_verdict *v, struct kt_reply *r,
                         struct kt_arena *a)
{
    struct kt_buf out;
    const struct kt_soap_message *m = &job->m;
    const struct kt_soap_fault_out f = {
        .version = m->version,
        .addressing = job->is_read ? kt_soap_last_addressing(job->w->soap->server) : NULL,
        .uri = KT_PUSH_URI,
        .action = KT_PUSH_URI "/Problem",
        .v = v,
        .lang = job->message.lang,
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

static void answer(const struct job *job, enum kt_rc rc, unsigned status, struct kt_str body,
                   const struct kt_err *e, struct kt_reply *r, struct kt_arena *a)
{
    if (rc == KT_OK) {
        r->status = 200;
        r->content_type = kt_soap_content_type(job->m.version);
        r->body = body;
    } else if (status == 415) {
        answer_foreign_type(e, r, a);
    } else {
        answer_fault(job, &e->v, r, a);
    }
}

/* `rc`, `status` and *e: of the look at it. */
static void handle_message(struct job *job, enum kt_rc rc, unsigned status, struct kt_err *e,
                           struct kt_reply *r, struct kt_arena *a)
{
    struct kt_buf out;
    kt_buf_init(&out, a, ANSWER_MAX);
    if (rc == KT_OK)
        rc = run(job, &out, a, e);
    if (rc != KT_OK)
        kt_log_failure(&job->w->work.log, KT_LOG_WARN, "push.refused", e,
                       F_TEXT("partner", job->sender.partner->name),
                       F_STR("operation", job->m.operation), F_STR("message", job->message.in.id));
    if (!kt_sender_end(&job->sender, &rc, e, job->is_taken, r))
        return;
    answer(job, rc, status, kt_buf_view(&out), e, r, a);
    kt_sender_seal(&job->sender, r);
}

void kt_push_handle(void *worker, const void *route, const struct kt_request *q, struct kt_reply *r,
                    struct kt_arena *a)
{
    struct job job = { .w = worker, .q = q, .message = { .operation = "" } };
    struct kt_err e = { 0 };
    unsigned status = 0;
    (void)route; /* all that is set stands with the worker */
    if (!kt_str_is(q->method, "POST")) {
        kt_push_show(q, r, a);
        return;
    }
    const enum kt_rc rc = kt_soap_look(&job.m, q, &status, a, &e);
    if (kt_sender_open(&job.sender, job.w, q, rc == KT_OK ? &job.m : NULL, r, a))
        handle_message(&job, rc, status, &e, r, a);
    kt_sender_close(&job.sender);
}
