/* Who sent a SOAP message and what of it may be believed. On a worker of the door; called by
 * push.c, idoc.c and s4.c, before anything else reads the message. */
#include "door/sender.h"

#include <string.h>

#include "base/hash.h"
#include "base/metric.h"
#include "base/time.h"
#include "door/sender_inner.h"
#include "door/throttle.h"
#include "flow/security.h"

enum {
    REFUSALS_MOST = 30, /* a minute, of one name at one address that shows nothing but messages */
    GUESSES_MOST = 10,  /* a minute, of one user's password from one address */
    SEALED_ROOM = 128 * 1024
};

static const unsigned identifying = KT_WSS_SIGNATURE | KT_WSS_USERNAME | KT_WSS_USERNAME_DIGEST;

/* --- a message's own security --- */

/* A policy belongs to one partner at most; NULL: to none. */
static const struct kt_partner *partner_of_policy(const struct kt_door_conf *conf,
                                                  const char *policy)
{
    for (size_t i = 0; policy != NULL && i < conf->partners; i++) {
        if (conf->partner[i].wss != NULL && strcmp(conf->partner[i].wss, policy) == 0)
            return &conf->partner[i];
    }
    return NULL;
}

static bool may_try(void *context, struct kt_str user)
{
    const struct kt_sender *s = context;
    return kt_throttle_turn_s(kt_sender_user_row(s, user), GUESSES_MOST) == 0;
}

/* False: *r is the answer. The instant is asked for before each look, and not believed when nobody
 * keeps the clock right. */
static bool read_clock(struct kt_sender *s, struct kt_reply *r)
{
    static struct kt_hush hush;
    struct kt_err e = { 0 };
    int64_t left_out = 0;
    if (kt_security_now(&s->w->work, &s->now_us, &e) == KT_OK)
        return true;
    if (kt_hush_may_say(&hush, &left_out))
        kt_log_failure(&s->w->work.log, KT_LOG_ERROR, "security.unready", &e,
                       F_TEXT("address", s->q->address), F_NUM("left_out", left_out));
    struct kt_verdict told = e.v; /* the machine's name and state are nobody's business outside */
    if (told.code == KT_E_SECURITY_CLOCK)
        kt_judge(&told, told.rc, told.reach, told.code, KT_P_TEXT("detail", "its log tells why"));
    kt_sender_answer_fault(s, &told, r);
    return false;
}

static enum kt_rc open_security(struct kt_sender *s, const struct kt_soap_message *m,
                                struct kt_err *e)
{
    const bool has_certificate =
        s->partner != NULL &&
        kt_partner_shows_certificate(s->partner, kt_str_of(s->q->fingerprint));
    const struct kt_wss_message message = {
        .xml = m->xml,
        .version = m->version,
        .action = { m->action[0], m->action[1] },
        .mime = m->mime.parts > 0 ? &m->mime : NULL,
        .policy = s->partner == NULL ? NULL : s->partner->wss,
        .is_tls = s->q->is_tls,
        .has_tls_certificate = has_certificate,
        .now_us = s->now_us,
        .may_try = may_try,
        .context = s,
    };
    return kt_wss_open(s->ring, &message, &s->opened, s->arena, e);
}

/* Hash and signature of an attachment cover its octets, not what its part says they are; that is
 * the record's to say, in the Body. A client certificate vouches for all that came. */
static void forget_types(const struct kt_sender *s, struct kt_mime *mime)
{
    const struct kt_wss_policy *policy = kt_wss_policy_of(s->ring, s->opened.policy);
    if (policy == NULL || kt_wss_policy_conf(policy)->attachments == KT_WSS_BY_TLS)
        return;
    for (size_t i = 0; i < mime->parts; i++) {
        if (&mime->part[i] != mime->root)
            mime->part[i].content_type = (struct kt_str){ NULL, 0 };
    }
}

/* What was sent stays what it is: its version, its actions, its attachments. Only the Envelope is
 * another. */
static enum kt_rc believe(const struct kt_sender *s, struct kt_soap_message *m, struct kt_err *e)
{
    struct kt_soap_message ours;
    enum kt_rc rc = kt_soap_look_bare(&ours, s->opened.xml, e);
    if (rc != KT_OK)
        return rc;
    ours.version = m->version;
    ours.action[0] = m->action[0];
    ours.action[1] = m->action[1];
    ours.mime = m->mime;
    *m = ours;
    forget_types(s, &m->mime);
    return KT_OK;
}

/* A key that comes from a nonce covers neither Body nor headers: the digest covers both, so that
 * the same key under another content, or another MessageID, is a replay. A signature covers them by
 * itself. */
static void set_replay(struct kt_sender *s)
{
    const struct kt_wss_opened *opened = &s->opened;
    uint8_t digest[KT_HASH_BYTES];
    s->replay = (struct kt_replay){ .key = opened->replay,
                                    .digest = opened->digest,
                                    .until_us = opened->replay_until_us };
    if (opened->replay.p == NULL || opened->signer != NULL)
        return;
    char *text = kt_alloc(s->arena, KT_HASH_TEXT_MAX);
    struct kt_hash *h = kt_hash_new(s->arena);
    kt_hash_put(h, opened->digest.p, opened->digest.n);
    kt_hash_put(h, "\n", 1);
    kt_hash_put(h, opened->xml.p, opened->xml.n);
    kt_hash_end(h, digest);
    kt_hex(digest, sizeof digest, text);
    s->replay.digest = kt_str_of(text);
}

static void tell_weak(const struct kt_sender *s)
{
    static struct kt_hush hush;
    int64_t left_out = 0;
    kt_metric_add(KT_M_SECURITY_SHA1, 1, KT_LABELS(s->partner->name));
    if (kt_hush_may_say(&hush, &left_out))
        kt_log_warn(&s->w->work.log, "security.weak", F_TEXT("partner", s->partner->name),
                    F_TEXT("algorithm", "SHA-1"), F_NUM("left_out", left_out));
    kt_security_weak(&s->w->work, s->partner->name);
}

/* It holds: now it is this partner's. */
static void take_note(struct kt_sender *s)
{
    s->is_secured = true;
    s->is_proven = true;
    set_replay(s);
    if (s->opened.user != NULL)
        kt_throttle_forget(kt_sender_user_row(s, kt_str_of(s->opened.user)));
    if (s->opened.is_sha1)
        tell_weak(s);
}

/* Whoever is given certificates or a login besides a policy must show both. */
static bool has_connection(const struct kt_partner *partner)
{
    return partner->certificates.count > 0 || partner->user != NULL;
}

static bool check_security(struct kt_sender *s, struct kt_soap_message *m, struct kt_reply *r)
{
    const struct kt_door_conf *conf = s->w->conf;
    const bool is_silent = s->partner == NULL;
    struct kt_err e = { 0 };
    s->is_silent = is_silent;
    if (!read_clock(s, r))
        return false;
    if (open_security(s, m, &e) != KT_OK) {
        kt_sender_note(s, is_silent, s->opened.code);
        kt_sender_refuse(s, is_silent ? partner_of_policy(conf, s->opened.policy) : s->partner,
                         s->opened.code, &e, r);
        return false;
    }
    if (is_silent)
        s->partner = partner_of_policy(conf, s->opened.policy);
    if (s->partner == NULL) { /* the policy is that of a connection of ours */
        kt_sender_note(s, is_silent, KT_WSS_KEY_UNKNOWN);
        kt_sender_refuse(s, NULL, KT_WSS_KEY_UNKNOWN, &e, r);
        return false;
    }
    if (is_silent && has_connection(s->partner)) {
        kt_sender_note(s, is_silent, KT_WSS_CONNECTION_MISSING);
        kt_sender_refuse(s, s->partner, KT_WSS_CONNECTION_MISSING, &e, r);
        return false;
    }
    if (believe(s, m, &e) != KT_OK) {
        kt_sender_note(s, is_silent, KT_WSS_BYTES_MALFORMED);
        kt_sender_refuse(s, s->partner, KT_WSS_BYTES_MALFORMED, &e, r);
        return false;
    }
    take_note(s);
    return true;
}

/* --- who --- */

/* Is anybody known by messages alone? */
static bool messages_tell(const struct kt_door_conf *conf, const struct kt_wss_ring *ring)
{
    for (size_t i = 0; i < conf->partners; i++) {
        const char *name = conf->partner[i].wss;
        const struct kt_wss_policy *policy = name == NULL ? NULL : kt_wss_policy_of(ring, name);
        if (policy != NULL && !has_connection(&conf->partner[i]) &&
            (kt_wss_policy_conf(policy)->required & identifying) != 0)
            return true;
    }
    return false;
}

/* Failures of others at its address do not stand in the way of who names a key or user of ours, and
 * his own not for good: somebody may have failed in his name. */
static unsigned wait_of(const struct kt_sender *s)
{
    const uint64_t row = kt_sender_row(s);
    return s->named == NULL ? kt_throttle_held_s(row, REFUSALS_MOST)
                            : kt_throttle_turn_s(row, REFUSALS_MOST);
}

static bool open_silent(struct kt_sender *s, struct kt_soap_message *m, struct kt_reply *r)
{
    const struct kt_door_conf *conf = s->w->conf;
    const struct kt_log *log = &s->w->work.log;
    s->is_silent = true;
    if (!messages_tell(conf, s->ring)) {
        (void)kt_partner_of(conf->partner, conf->partners, s->q, r, log, s->arena);
        return false;
    }
    const bool is_secured = m != NULL && kt_wss_is_secured(m->xml);
    if (is_secured)
        s->named = kt_wss_named(s->ring, m->xml, s->arena);
    const unsigned wait_s = wait_of(s);
    if (wait_s > 0) {
        kt_sender_hold_up(s, wait_s, r);
        return false;
    }
    if (m != NULL && m->xml.n > (uint64_t)conf->message_max) {
        kt_sender_note(s, true, KT_WSS_OK);
        kt_sender_refuse_size(s, r);
        return false;
    }
    if (is_secured)
        return check_security(s, m, r);
    kt_sender_note(s, true, KT_WSS_OK);
    (void)kt_partner_of(conf->partner, conf->partners, s->q, r, log, s->arena);
    if (m != NULL)
        kt_sender_refuse_bare(s, r);
    return false;
}

static bool open_known(struct kt_sender *s, struct kt_soap_message *m, struct kt_reply *r)
{
    const bool is_secured = m != NULL && kt_wss_is_secured(m->xml);
    struct kt_err e = { 0 };
    if (s->partner->wss == NULL) {
        if (!is_secured)
            return true;
        kt_sender_refuse_unchecked(s, r);
        return false;
    }
    const struct kt_wss_policy *policy =
        s->ring == NULL ? NULL : kt_wss_policy_of(s->ring, s->partner->wss);
    if (policy == NULL) { /* taken out of the configuration meanwhile */
        kt_sender_refuse(s, s->partner, KT_WSS_KEY_UNKNOWN, &e, r);
        return false;
    }
    if (m == NULL) /* what cannot be read is answered as for everybody, and is no proof */
        return true;
    if (is_secured || kt_wss_policy_conf(policy)->required != 0)
        return check_security(s, m, r);
    s->is_proven = true;
    return true;
}

bool kt_sender_open(struct kt_sender *s, struct kt_door_worker *w, const struct kt_request *q,
                    struct kt_soap_message *m, struct kt_reply *r, struct kt_arena *a)
{
    const struct kt_door_conf *conf = w->conf;
    struct kt_wss_site *wss = w->work.site->wss;
    *s = (struct kt_sender){
        .w = w, .q = q, .arena = a, .version = m == NULL ? KT_SOAP_1_1 : m->version
    };
    if (wss != NULL)
        s->ring = kt_wss_hold(wss);
    if (wss != NULL && kt_partner_is_silent(conf->partner, conf->partners, q))
        return open_silent(s, m, r);
    s->partner = kt_partner_of(conf->partner, conf->partners, q, r, &w->work.log, a);
    if (s->partner == NULL)
        return false;
    if (kt_partner_shows_certificate(s->partner, kt_str_of(q->fingerprint)) &&
        !kt_partner_agrees(s->partner, q, a)) {
        struct kt_err e = { 0 };
        kt_sender_refuse(s, s->partner, KT_WSS_CONNECTION_OTHER, &e, r);
        return false;
    }
    return open_known(s, m, r);
}

void kt_sender_close(struct kt_sender *s)
{
    kt_wss_release(s->ring);
    s->ring = NULL;
}

/* --- afterwards --- */

const struct kt_replay *kt_sender_replay(const struct kt_sender *s)
{
    return s->replay.key.p == NULL ? NULL : &s->replay;
}

static bool is_replay(enum kt_rc rc, const struct kt_err *e)
{
    return rc == KT_REJECT && e->v.code == KT_E_MESSAGE_REPLAYED;
}

bool kt_sender_end(struct kt_sender *s, enum kt_rc *rc, struct kt_err *e, bool is_taken,
                   struct kt_reply *r)
{
    if (*rc == KT_OK && s->is_silent && s->has_taken) /* nobody but the partner can bring it */
        kt_throttle_forget(kt_sender_row(s));
    const bool is_used_up = *rc == KT_REJECT || (*rc == KT_OK && !is_taken);
    if (kt_sender_replay(s) == NULL || !is_used_up)
        return true;
    if (!is_replay(*rc, e)) {
        struct kt_err burning = { 0 };
        const enum kt_rc burned =
            kt_inbound_burn(s->w->desk, s->partner->name, &s->replay, &burning);
        if (burned == KT_OK)
            return true;
        *rc = burned;
        *e = burning;
        if (!is_replay(burned, e))
            return true;
    }
    kt_sender_note(s, s->is_silent, KT_WSS_REPLAY);
    kt_sender_refuse(s, s->partner, KT_WSS_REPLAY, e, r);
    return false;
}

static bool is_envelope(const struct kt_reply *r)
{
    const struct kt_str type = r->content_type == NULL ? KT_STR("") : kt_str_of(r->content_type);
    return r->body.n > 0 &&
           (kt_str_starts(type, "text/xml") || kt_str_starts(type, "application/soap+xml"));
}

/* What cannot be sealed does not leave: the work is done, and a repeat gets the answer. */
void kt_sender_seal(const struct kt_sender *s, struct kt_reply *r)
{
    struct kt_buf out;
    struct kt_err e = { 0 };
    if (!s->is_proven || s->ring == NULL || !is_envelope(r))
        return;
    const struct kt_wss_policy *policy = kt_wss_policy_of(s->ring, s->partner->wss);
    if (policy == NULL || kt_wss_policy_conf(policy)->given == 0)
        return;
    const int64_t wall_us = kt_now_us();
    kt_buf_init(&out, s->arena, r->body.n * 3 + SEALED_ROOM);
    if (kt_wss_seal(s->ring, s->partner->wss, r->body, &s->opened,
                    wall_us > s->now_us ? wall_us : s->now_us, &out, NULL, s->arena, &e) == KT_OK &&
        kt_buf_ok(&out)) {
        r->body = kt_buf_view(&out);
        return;
    }
    kt_log_failure(&s->w->work.log, KT_LOG_ERROR, "answer.unsealed", &e,
                   F_TEXT("partner", s->partner->name));
    kt_sender_answer_plain(r, 503, "The answer cannot be secured now.\n", KT_SENDER_RETRY_S);
}

/* --- before there is a message --- */

enum kt_entry kt_sender_admits(const struct kt_door_conf *conf, struct kt_wss_site *wss,
                               const struct kt_request *q, struct kt_reply *r,
                               const struct kt_log *log, struct kt_arena *a)
{
    if (wss != NULL && kt_partner_is_silent(conf->partner, conf->partners, q)) {
        struct kt_wss_ring *ring = kt_wss_hold(wss);
        const bool is_open = messages_tell(conf, ring);
        kt_wss_release(ring);
        if (is_open)
            return KT_ENTRY_STRANGER;
    }
    return kt_partner_of(conf->partner, conf->partners, q, r, log, a) != NULL ? KT_ENTRY_KNOWN
                                                                              : KT_ENTRY_REFUSED;
}
