/* What a sender is told who is not believed, and what Kontor keeps of it: the one fault, log,
 * metrics, audit trail, and how often it happened lately. On a worker of the door; called by
 * sender.c. */
#include "base/metric.h"
#include "door/sender_inner.h"
#include "door/throttle.h"
#include "flow/security.h"

enum { FAULT_MAX = 16 * 1024 };

uint64_t kt_sender_row(const struct kt_sender *s)
{
    return kt_throttle_who(KT_TRY_MESSAGE, kt_str_of(s->named == NULL ? "" : s->named),
                           s->q->address, s->arena);
}

/* Whoever shows a partner's certificate or login is that partner, wherever it is: nobody else at
 * its address holds it up. */
uint64_t kt_sender_user_row(const struct kt_sender *s, struct kt_str user)
{
    const char *place =
        s->is_silent ? s->q->address : kt_format(s->arena, "partner %s", s->partner->name);
    return kt_throttle_who(KT_TRY_TOKEN, user, place, s->arena);
}

void kt_sender_answer_plain(struct kt_reply *r, unsigned status, const char *text, unsigned retry_s)
{
    r->status = status;
    r->content_type = "text/plain; charset=utf-8";
    r->body = kt_str_of(text);
    r->retry_after_s = retry_s;
}

void kt_sender_answer_fault(const struct kt_sender *s, const struct kt_verdict *v,
                            struct kt_reply *r)
{
    struct kt_buf out;
    const struct kt_soap_fault_out fault = { .version = s->version,
                                             .uri = "urn:kontor:push:1",
                                             .v = v,
                                             .lang = KT_LANG_EN,
                                             .retry_after_s = KT_SENDER_RETRY_S };
    kt_buf_init(&out, s->arena, FAULT_MAX);
    kt_soap_put_fault(&out, &fault);
    KT_ASSERT(kt_buf_ok(&out));
    *r = (struct kt_reply){ .status = kt_soap_fault_status(s->version, v),
                            .content_type = kt_soap_content_type(s->version),
                            .body = kt_buf_view(&out) };
    r->retry_after_s = r->status == 503 ? KT_SENDER_RETRY_S : 0;
}

void kt_sender_hold_up(const struct kt_sender *s, unsigned wait_s, struct kt_reply *r)
{
    static struct kt_hush hush;
    int64_t left_out = 0;
    kt_metric_add(KT_M_SECURITY_REFUSED, 1, KT_LABELS("throttled"));
    if (kt_hush_may_say(&hush, &left_out))
        kt_log_warn(&s->w->work.log, "security.throttled", F_TEXT("address", s->q->address),
                    F_TEXT("policy", s->named == NULL ? "unknown" : s->named),
                    F_NUM("left_out", left_out));
    kt_sender_answer_plain(r, 429, "Too many refused messages; try again later.\n", wait_s);
}

void kt_sender_note(const struct kt_sender *s, bool is_silent, enum kt_wss_code code)
{
    if (is_silent)
        (void)kt_throttle_note(kt_sender_row(s));
    if (code == KT_WSS_USER_PASSWORD && s->opened.user != NULL)
        (void)kt_throttle_note(kt_sender_user_row(s, kt_str_of(s->opened.user)));
}

/* A right password that has to wait has lines of its own: those of the wrong ones before it would
 * leave none for it. */
void kt_sender_tell(const struct kt_sender *s, const char *partner, enum kt_wss_code code,
                    const char *trail)
{
    static struct kt_hush hush[2];
    const char *text = kt_wss_code_text(code);
    int64_t left_out = 0;
    kt_metric_add(KT_M_SECURITY_REFUSED, 1, KT_LABELS(text));
    if (kt_hush_may_say(&hush[code == KT_WSS_USER_THROTTLED], &left_out))
        kt_log_warn(&s->w->work.log, "security.refused", F_TEXT("code", text),
                    F_TEXT("says", kt_wss_code_says(code)), F_TEXT("trail", trail),
                    F_TEXT("partner", partner == NULL ? "unknown" : partner),
                    F_TEXT("address", s->q->address), F_NUM("left_out", left_out));
    kt_security_refused(&s->w->work, text, partner, s->q->address);
}

void kt_sender_refuse(const struct kt_sender *s, const struct kt_partner *partner,
                      enum kt_wss_code code, const struct kt_err *e, struct kt_reply *r)
{
    static const struct kt_verdict told = { .rc = KT_REJECT, .code = KT_E_SECURITY_REFUSED };
    kt_sender_tell(s, partner == NULL ? NULL : partner->name, code, e->trail);
    kt_sender_answer_fault(s, &told, r);
}

/* Whoever forgot to secure its message looks for a login in vain. */
void kt_sender_refuse_bare(const struct kt_sender *s, struct kt_reply *r)
{
    if (r->status != 401)
        return;
    r->body = KT_STR("A login or a client certificate that Kontor knows is needed, or a message "
                     "secured by WS-Security.\n");
    kt_sender_tell(s, NULL, KT_WSS_SECURITY_MISSING, "nor a login or client certificate");
}

void kt_sender_refuse_size(const struct kt_sender *s, struct kt_reply *r)
{
    static struct kt_hush hush;
    struct kt_err e = { 0 };
    int64_t left_out = 0;
    enum kt_rc rc = kt_fail(&e, KT_REJECT, KT_RECORD, KT_E_PUSH_TOO_LARGE,
                            KT_P_NUM("limit", s->w->conf->message_max));
    (void)rc; /* what is answered says it */
    if (kt_hush_may_say(&hush, &left_out))
        kt_log_failure(&s->w->work.log, KT_LOG_WARN, "message.refused", &e,
                       F_TEXT("address", s->q->address), F_NUM("left_out", left_out));
    kt_sender_answer_fault(s, &e.v, r);
    r->status = 413;
}

void kt_sender_refuse_unchecked(const struct kt_sender *s, struct kt_reply *r)
{
    struct kt_err e = { 0 };
    enum kt_rc rc = kt_fail(&e, KT_REJECT, KT_ENDPOINT, KT_E_SECURITY_NO_POLICY,
                            KT_P_TEXT("partner", s->partner->name));
    (void)rc; /* what is answered says it */
    kt_log_failure(&s->w->work.log, KT_LOG_WARN, "security.unchecked", &e,
                   F_TEXT("address", s->q->address));
    kt_sender_answer_fault(s, &e.v, r);
}
