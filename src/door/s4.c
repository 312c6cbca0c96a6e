/* S/4HANA's replication over SOAP, one way. On a worker of the door's pool, with its own
 * connection. */
#include "door/s4.h"

#include "door/envelope.h"
#include "door/sender.h"
#include "format/s4.h"

struct call {
    struct kt_door_worker *worker;
    const struct kt_partner *partner;
    struct kt_sender sender;
    struct kt_envelope envelope;
    struct kt_s4_message message;
    struct kt_arena *arena;
    unsigned status;
};

/* The message's own id; else that of its transport, which stays the same when it is repeated. A
 * message that has neither is taken and not remembered: what its facts say twice is no news. */
static struct kt_str id_of(const struct call *c)
{
    const struct kt_s4_message *m = &c->message;
    struct kt_str id = m->id.n > 0 ? m->id : c->envelope.addressing.message_id;
    if (id.n == 0)
        return (struct kt_str){ NULL, 0 };
    return kt_str_of(
        kt_format(c->arena, "s4:%.*s:%.*s", (int)m->system.n, m->system.p, (int)id.n, id.p));
}

static enum kt_rc check(struct call *c, struct kt_err *e)
{
    const char *operation = kt_format(c->arena, "s4:%s", kt_s4_type_name(c->message.type));
    if (kt_partner_may(c->partner, operation))
        return KT_OK;
    return kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_PUSH_NOT_PERMITTED,
                   KT_P_TEXT("partner", c->partner->name), KT_P_TEXT("operation", operation));
}

static enum kt_rc take(struct call *c, const struct kt_soap_message *m, struct kt_err *e)
{
    char *digest = kt_alloc(c->arena, KT_HASH_TEXT_MAX);
    struct kt_inbound in = { .partner = c->partner->name };
    in.replay = kt_sender_replay(&c->sender);
    enum kt_rc rc = kt_envelope_open(&c->envelope, m, KT_ENVELOPE_ONE_WAY, c->arena, e);
    if (rc == KT_OK)
        rc = kt_s4_open(&c->message, c->envelope.content, c->arena, e);
    if (rc == KT_OK)
        rc = check(c, e);
    if (rc != KT_OK)
        return rc;
    in.changes.arena = in.facts.arena = c->arena;
    kt_s4_read(&c->message, c->partner->erp->scope, &in.facts);
    kt_s4_digest(&c->message, digest, c->arena);
    in.id = id_of(c);
    in.digest = kt_str_of(digest);
    rc = kt_inbound_take(c->worker->desk, c->partner->erp, &in, e);
    kt_door_count("s4", &in, rc);
    c->sender.has_taken = rc == KT_OK && !in.is_repeat;
    return rc;
}

static void handle(struct call *c, const struct kt_request *q, struct kt_reply *r)
{
    struct kt_soap_message m;
    struct kt_err e = { 0 };
    enum kt_rc rc = kt_soap_look(&m, q, &c->status, c->arena, &e);
    c->envelope.version = m.version;
    if (!kt_sender_open(&c->sender, c->worker, q, rc == KT_OK ? &m : NULL, r, c->arena))
        goto out;
    c->partner = c->sender.partner;
    if (rc == KT_OK)
        rc = take(c, &m, &e);
    if (rc != KT_OK)
        kt_log_failure(&c->worker->work.log, KT_LOG_WARN, "s4.refused", &e,
                       F_TEXT("partner", c->partner->name), F_TEXT("address", q->address));
    if (!kt_sender_end(&c->sender, &rc, &e, true, r))
        goto out;
    if (rc == KT_OK)
        r->status = 202;
    else
        kt_envelope_refuse(&c->envelope, &e.v, c->status, r, c->arena);
    kt_sender_seal(&c->sender, r);
out:
    kt_sender_close(&c->sender);
}

void kt_s4_handle(void *worker, const void *route, const struct kt_request *q, struct kt_reply *r,
                  struct kt_arena *a)
{
    struct call c = { .worker = worker, .arena = a, .status = 500 };
    (void)route;
    handle(&c, q, r);
}
