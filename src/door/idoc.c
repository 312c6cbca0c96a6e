/* IDocs over HTTP. On a worker of the door's pool, with its own connection. */
#include "door/idoc.h"

#include "base/hash.h"
#include "base/xml_write.h"
#include "door/envelope.h"
#include "door/sender.h"
#include "format/idoc.h"

#define NAMESPACE "urn:sap-com:document:sap:idoc:soap:messages"

enum { ANSWER_PER_IDOC = 512 }; /* its number is checked to be short */

struct call {
    struct kt_door_worker *worker;
    const struct kt_partner *partner;
    struct kt_sender sender; /* of SOAP */
    bool is_soap;
    struct kt_envelope envelope; /* of SOAP */
    struct kt_idocs idocs;
    const char *response; /* name of the answer's element */
    struct kt_arena *arena;
    struct kt_buf answer; /* an IdocAssign for each IDoc taken so far */
    unsigned status;      /* of a refusal */
};

static const char *response_name(const struct kt_xml_node *message, struct kt_arena *a)
{
    return kt_format(a, "%.*sResponse", (int)message->name.n, message->name.p);
}

static enum kt_rc open_message(struct call *c, const struct kt_xml_node *message, struct kt_err *e)
{
    c->response = response_name(message, c->arena);
    bool is_theirs = message->uri.n == 0 || kt_str_is(message->uri, NAMESPACE);
    if (!kt_xml_is_name(c->response) || (c->is_soap && !is_theirs))
        return kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_SOAP_OPERATION_UNKNOWN,
                       KT_P_TEXT("operation", kt_str_copy(c->arena, message->name).p));
    return kt_idoc_split(&c->idocs, message, c->arena, e);
}

/* Of all before the first is taken: a message that is wrong as a whole leaves nothing behind. */
static enum kt_rc check_all(struct call *c, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; i < c->idocs.count && rc == KT_OK; i++) {
        const struct kt_idoc *d = &c->idocs.item[i];
        rc = kt_idoc_check(d, c->arena, e);
        const char *operation = kt_format(c->arena, "idoc:%s", kt_idoc_type_name(d->type));
        if (rc != KT_OK || kt_partner_may(c->partner, operation))
            continue;
        c->status = 403;
        rc = kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_PUSH_NOT_PERMITTED,
                     KT_P_TEXT("partner", c->partner->name), KT_P_TEXT("operation", operation));
    }
    return rc;
}

/* A number of 16 digits, as SAP numbers its IDocs: the same for the same IDoc. */
static const char *number_of(const struct kt_inbound *in, struct kt_arena *a)
{
    enum { NUMBER_BYTES = 8 };
    const uint64_t limit = UINT64_C(10000000000000000);
    uint8_t bytes[KT_HASH_BYTES];
    uint64_t number = 0;
    kt_sha256(kt_str_of(kt_format(a, "%s\n%s\n%s", in->partner, in->id.p, in->digest.p)), bytes);
    for (int i = 0; i < NUMBER_BYTES; i++)
        number = number << 8 | bytes[i];
    return kt_format(a, "%016llu", (unsigned long long)(number % limit));
}

static void assign(struct call *c, const struct kt_idoc *d, const struct kt_inbound *in)
{
    kt_xml_put_begin(&c->answer, "IdocAssign", NULL);
    kt_xml_put_leaf(&c->answer, "TransferId", d->control.docnum_sent);
    kt_xml_put_leaf(&c->answer, "DbId", kt_str_of(number_of(in, c->arena)));
    kt_xml_put_end(&c->answer, "IdocAssign");
}

static enum kt_rc take(struct call *c, const struct kt_idoc *d, struct kt_err *e)
{
    const struct kt_erp_site *erp = c->partner->erp;
    const struct kt_idoc_source source = {
        .scope = erp->scope, .name = erp->name, .zone = erp->zone, .now_us = kt_now_us()
    };
    char *digest = kt_alloc(c->arena, KT_HASH_TEXT_MAX);
    struct kt_inbound in = { .partner = c->partner->name, .id = kt_idoc_id(d, c->arena) };
    in.changes.arena = in.facts.arena = c->arena;
    kt_idoc_digest(d, digest, c->arena);
    in.digest = kt_str_of(digest);
    in.replay = kt_sender_replay(&c->sender);
    enum kt_rc rc = kt_idoc_read(d, &source, &in.changes, &in.facts, e);
    if (rc != KT_OK)
        return rc;
    rc = kt_inbound_take(c->worker->desk, erp, &in, e);
    kt_door_count("idoc", &in, rc);
    if (rc == KT_OK)
        assign(c, d, &in);
    c->sender.has_taken = c->sender.has_taken || (rc == KT_OK && !in.is_repeat);
    return rc;
}

static enum kt_rc take_all(struct call *c, const struct kt_xml_node *message, struct kt_err *e)
{
    enum kt_rc rc = open_message(c, message, e);
    if (rc == KT_OK)
        rc = check_all(c, e);
    if (rc != KT_OK)
        return rc;
    kt_buf_init(&c->answer, c->arena, (c->idocs.count + 4) * ANSWER_PER_IDOC);
    for (size_t i = 0; i < c->idocs.count && rc == KT_OK; i++)
        rc = take(c, &c->idocs.item[i], e);
    if (rc == KT_REJECT && e->v.code == KT_E_MESSAGE_CHANGED)
        c->status = 409;
    return rc;
}

static void put_response(struct kt_buf *out, const struct call *c, const char *uri)
{
    kt_xml_put_begin(out, c->response, uri);
    kt_buf_str(out, kt_buf_view(&c->answer));
    kt_xml_put_end(out, c->response);
}

static void put_envelope(struct kt_buf *out, const struct call *c)
{
    const struct kt_soap_addressing *wsa = &c->envelope.addressing;
    kt_buf_format(out, "<e:Envelope xmlns:e=\"%s\">",
                  c->envelope.version == KT_SOAP_1_2 ? "http://www.w3.org/2003/05/soap-envelope"
                                                     : "http://schemas.xmlsoap.org/soap/envelope/");
    if (wsa->is_used && wsa->message_id.n > 0) {
        kt_buf_text(out, "<e:Header>");
        kt_xml_put_begin(out, "RelatesTo", "http://www.w3.org/2005/08/addressing");
        kt_xml_put_text(out, wsa->message_id);
        kt_xml_put_end(out, "RelatesTo");
        kt_buf_text(out, "</e:Header>");
    }
    kt_buf_text(out, "<e:Body>");
    put_response(out, c, NAMESPACE);
    kt_buf_text(out, "</e:Body></e:Envelope>");
}

static void answer(const struct call *c, struct kt_reply *r)
{
    struct kt_buf out;
    kt_buf_init(&out, c->arena, c->answer.n + c->envelope.addressing.message_id.n * 6 + 2048);
    kt_buf_text(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    if (c->is_soap)
        put_envelope(&out, c);
    else
        put_response(&out, c, NULL);
    KT_ASSERT(kt_buf_ok(&c->answer) && kt_buf_ok(&out));
    r->status = 200;
    r->content_type =
        c->is_soap ? kt_soap_content_type(c->envelope.version) : "text/xml; charset=utf-8";
    r->body = kt_buf_view(&out);
}

static void say_refused(const struct call *c, const struct kt_request *q, const struct kt_err *e)
{
    kt_log_failure(&c->worker->work.log, KT_LOG_WARN, "idoc.refused", e,
                   F_TEXT("partner", c->partner->name), F_TEXT("address", q->address));
}

static void handle_plain(struct call *c, const struct kt_request *q, struct kt_reply *r)
{
    const struct kt_xml_node *message = NULL;
    struct kt_err e = { 0 };
    c->partner = kt_sender_plain(c->worker, q, r, c->arena);
    if (c->partner == NULL)
        return;
    enum kt_rc rc = kt_plain_xml_open(&message, q, &c->status, c->arena, &e);
    if (rc == KT_OK)
        rc = take_all(c, message, &e);
    if (rc == KT_OK) {
        answer(c, r);
        return;
    }
    say_refused(c, q, &e);
    kt_plain_refuse(&e.v, c->status, r, c->arena);
}

static enum kt_rc take_envelope(struct call *c, const struct kt_soap_message *m, struct kt_err *e)
{
    enum kt_rc rc = kt_envelope_open(&c->envelope, m, KT_ENVELOPE_REPLIED, c->arena, e);
    return rc == KT_OK ? take_all(c, c->envelope.content, e) : rc;
}

static void handle_soap(struct call *c, const struct kt_request *q, struct kt_reply *r)
{
    struct kt_soap_message m;
    struct kt_err e = { 0 };
    enum kt_rc rc = kt_soap_look(&m, q, &c->status, c->arena, &e);
    c->envelope.version = m.version;
    if (!kt_sender_open(&c->sender, c->worker, q, rc == KT_OK ? &m : NULL, r, c->arena))
        goto out;
    c->partner = c->sender.partner;
    if (rc == KT_OK)
        rc = take_envelope(c, &m, &e);
    if (rc != KT_OK)
        say_refused(c, q, &e);
    if (!kt_sender_end(&c->sender, &rc, &e, true, r))
        goto out;
    if (rc == KT_OK)
        answer(c, r);
    else
        kt_envelope_refuse(&c->envelope, &e.v, c->status, r, c->arena);
    kt_sender_seal(&c->sender, r);
out:
    kt_sender_close(&c->sender);
}

void kt_idoc_handle(void *worker, const void *route, const struct kt_request *q, struct kt_reply *r,
                    struct kt_arena *a)
{
    struct call c = { .worker = worker, .arena = a, .status = 400 };
    (void)route;
    c.is_soap = kt_str_is(q->path, KT_SOAP_IDOC_PATH);
    if (c.is_soap)
        handle_soap(&c, q, r);
    else
        handle_plain(&c, q, r);
}
