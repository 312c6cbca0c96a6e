/* Messages from partners: records or facts, with the answer that a repeat gets, in one transaction.
 * On a worker of a door, with its own connection; the answer to records is written on the
 * committer's thread while the worker waits. */
#include "flow/inbound.h"

#include <string.h>

#include "base/hash.h"
#include "flow/facts.h"
#include "flow/inbound_inner.h"
#include "store/exceptions.h"
#include "store/messages.h"
#include "store/past.h"
#include "store/replays.h"

enum { ID_MAX = 120 };

static const char *const status_names[] = { "refused", "accepted", "unchanged", "stale" };

const char *kt_inbound_status_name(enum kt_inbound_status status)
{
    return status_names[status];
}

/* --- the desk --- */

struct kt_desk {
    struct kt_work *w;
    struct kt_hooks **hooks; /* by ERP; NULL: it has none */
    struct kt_arena *arena;
};

enum kt_rc kt_desk_open(struct kt_desk **out, struct kt_work *w, struct kt_err *e)
{
    struct kt_arena *arena = kt_arena_new();
    struct kt_desk *d = KT_NEW(arena, struct kt_desk);
    *d = (struct kt_desk){ .w = w, .arena = arena };
    d->hooks = KT_NEW_ARRAY(arena, w->site->erps + 1, struct kt_hooks *);
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < w->site->erps; i++) {
        const struct kt_erp_site *erp = &w->site->erp[i];
        if (erp->hooks != NULL)
            rc = kt_hooks_open(&d->hooks[i], erp->hooks_file, erp->hooks, e);
    }
    *out = rc == KT_OK ? d : NULL;
    if (rc != KT_OK)
        kt_desk_close(d);
    return rc;
}

void kt_desk_close(struct kt_desk *desk)
{
    if (desk == NULL)
        return;
    struct kt_arena *arena = desk->arena; /* the desk itself lives in it */
    for (size_t i = 0; i < desk->w->site->erps; i++)
        kt_hooks_close(desk->hooks[i]);
    kt_arena_free(arena);
}

/* --- keys of secured messages --- */

static enum kt_rc replayed(const char *partner, struct kt_err *e)
{
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_MESSAGE_REPLAYED, KT_P_TEXT("partner", partner));
}

/* OTHER: signature or nonce belong to another message. LATE: it came so late that nobody can tell
 * any more whether it was here. */
static enum kt_rc judge_replay(const char *partner, enum kt_replay_row row, struct kt_err *e)
{
    if (row == KT_REPLAY_LATE) {
        (void)replayed(partner, e);
        return kt_trail(e, "its time ended before what the security clock has passed");
    }
    return row == KT_REPLAY_OTHER ? replayed(partner, e) : KT_OK;
}

static enum kt_rc look_at_replay(struct kt_work *w, const char *partner,
                                 const struct kt_replay *replay, enum kt_replay_row *row,
                                 struct kt_err *e)
{
    enum kt_rc rc = kt_replay_look(w->db, partner, replay->key, replay->digest, row, e);
    return rc == KT_OK ? judge_replay(partner, *row, e) : rc;
}

static enum kt_rc put_replay(struct kt_db *db, const char *partner, const struct kt_replay *replay,
                             enum kt_replay_row *row, struct kt_err *e)
{
    enum kt_rc rc =
        kt_replay_put(db, partner, replay->key, replay->digest, replay->until_us, row, e);
    return rc == KT_OK ? judge_replay(partner, *row, e) : rc;
}

/* Most often it is there: one look, no transaction. */
static enum kt_rc burn(struct kt_work *w, const char *partner, const struct kt_replay *replay,
                       struct kt_err *e)
{
    enum kt_replay_row row = KT_REPLAY_NEW;
    bool is_burnt = false;
    enum kt_rc rc = kt_replay_is_burnt(w->db, partner, replay->key, replay->digest, &is_burnt, e);
    if (rc != KT_OK || is_burnt)
        return rc;
    rc = kt_tx_begin(w->db, e);
    if (rc == KT_OK)
        rc = kt_replay_burn(w->db, partner, replay->key, replay->digest, replay->until_us, &row, e);
    if (rc == KT_OK)
        rc = judge_replay(partner, row, e);
    if (rc == KT_OK)
        rc = kt_tx_commit(w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(w->db);
    return rc;
}

enum kt_rc kt_inbound_burn(struct kt_desk *desk, const char *partner,
                           const struct kt_replay *replay, struct kt_err *e)
{
    enum kt_rc rc = burn(desk->w, partner, replay, e);
    return rc == KT_OK ? rc : kt_trail(e, "message from %s", partner);
}

/* --- sources that were heard --- */

/* Does it say something of this kind that was understood and is of today, news or not? */
static bool speaks_of(const struct kt_inbound *in, enum kt_kind kind)
{
    for (size_t i = 0; i < in->changes.count; i++) {
        const enum kt_inbound_status status = in->result[i].status;
        if (in->changes.item[i].kind == kind &&
            (status == KT_INBOUND_ACCEPTED || status == KT_INBOUND_UNCHANGED))
            return true;
    }
    return false;
}

/* In the open transaction; its results are complete. */
static enum kt_rc hear(struct kt_db *db, const struct kt_inbound *in, const char *scope,
                       int64_t now_us, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    for (int i = 0; i < KT_KINDS && rc == KT_OK; i++) {
        const enum kt_kind kind = (enum kt_kind)i;
        if (kt_kind_has_past(kind) && speaks_of(in, kind))
            rc = kt_hear(db, scope, kind, now_us, e);
    }
    return rc;
}

static bool is_heard(const struct kt_inbound *in)
{
    return speaks_of(in, KT_KIND_DOCUMENT) || speaks_of(in, KT_KIND_CERTIFICATE);
}

/* --- repeats --- */

/* As it is kept: an id of any length finds its row. */
static struct kt_str kept_id(struct kt_str id, struct kt_arena *a)
{
    uint8_t hash[KT_HASH_BYTES];
    char text[KT_HASH_TEXT_MAX];
    if (id.n <= ID_MAX)
        return id;
    kt_sha256(id, hash);
    kt_hex(hash, sizeof hash, text);
    return kt_str_of(kt_format(a, "sha256:%s", text));
}

/* By which id and content its answer is remembered; without an id of its own a secured message is
 * known by its key. id absent: it is not remembered. */
static void name_message(const struct kt_inbound *in, struct kt_message *m, struct kt_arena *a)
{
    *m = (struct kt_message){ .partner = in->partner };
    if (in->id.p != NULL) {
        m->id = kept_id(in->id, a);
        m->digest = in->digest;
    } else if (in->replay != NULL) {
        m->id = kt_str_of(kt_format(a, "wss:%.*s", (int)in->replay->key.n, in->replay->key.p));
        m->digest = in->replay->digest;
    }
}

/* By a repeat: a key that is new is used up by the same answer, and who sends the same file each
 * night has spoken all the same. The very same octets of a secured message may come from anybody:
 * they say nothing new. */
static enum kt_rc use_up(struct kt_work *w, const struct kt_inbound *in, const char *scope,
                         enum kt_replay_row row, struct kt_err *e)
{
    const bool is_new_key = in->replay != NULL && row == KT_REPLAY_NEW;
    if (!is_new_key && (in->replay != NULL || !is_heard(in)))
        return KT_OK;
    enum kt_rc rc = kt_tx_begin(w->db, e);
    if (rc == KT_OK && is_new_key)
        rc = put_replay(w->db, in->partner, in->replay, &row, e);
    if (rc == KT_OK)
        rc = hear(w->db, in, scope, kt_now_us(), e);
    if (rc == KT_OK)
        rc = kt_tx_commit(w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(w->db);
    return rc;
}

/* Was it taken before? Then the results are those of that time. */
static enum kt_rc look_up(struct kt_work *w, const char *scope, struct kt_inbound *in,
                          struct kt_err *e)
{
    struct kt_message mine;
    struct kt_message m = { 0 };
    enum kt_replay_row row = KT_REPLAY_NEW;
    enum kt_rc rc = KT_OK;
    bool found = false;
    name_message(in, &mine, w->arena);
    if (in->replay != NULL)
        rc = look_at_replay(w, in->partner, in->replay, &row, e);
    if (rc == KT_OK && mine.id.p != NULL)
        rc = kt_message_get(w->db, in->partner, mine.id, &m, &found, w->arena, e);
    if (rc != KT_OK)
        return rc;
    const bool has_other = found && !kt_str_eq(m.digest, mine.digest);
    if (in->id.p == NULL && has_other)
        return replayed(in->partner, e);
    if (has_other)
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_MESSAGE_CHANGED,
                       KT_P_TEXT("message", kt_str_copy(w->arena, in->id).p),
                       KT_P_TEXT("partner", in->partner));
    if (!found) /* under a known key: it broke off, is at work, or another part had it */
        return KT_OK;
    rc = kt_inbound_answer_read(in, m.answer, w->arena, e);
    if (rc == KT_OK)
        rc = use_up(w, in, scope, row, e);
    in->is_repeat = rc == KT_OK;
    return rc;
}

/* --- taking --- */

struct taking {
    struct kt_inbound *in;
    struct kt_arena *arena;
    struct kt_taken *taken;       /* of records */
    struct kt_fact_outcome *fact; /* of facts */
    const char *scope;
    int64_t now_us;
};

static enum kt_inbound_status status_of(enum kt_outcome outcome)
{
    switch (outcome) {
    case KT_OUTCOME_CREATED:
    case KT_OUTCOME_CHANGED:
    case KT_OUTCOME_DELETED:
        return KT_INBOUND_ACCEPTED;
    case KT_OUTCOME_UNCHANGED:
        return KT_INBOUND_UNCHANGED;
    case KT_OUTCOME_STALE:
        return KT_INBOUND_STALE;
    case KT_OUTCOME_NONE:
        break;
    }
    kt_assert_failed("a change that was decided", __FILE__, __LINE__);
}

static void fill_results(const struct taking *t)
{
    struct kt_inbound *in = t->in;
    for (size_t i = 0; i < in->results; i++) {
        const struct kt_verdict *v = t->taken != NULL ? t->taken[i].refusal : t->fact[i].refusal;
        const enum kt_outcome outcome = t->taken != NULL ? t->taken[i].outcome : t->fact[i].outcome;
        in->result[i].v = v;
        in->result[i].status = v != NULL ? KT_INBOUND_REFUSED : status_of(outcome);
    }
}

static enum kt_rc say_running(const char *partner, struct kt_err *e)
{
    return kt_fail(e, KT_RETRY, KT_RECORD, KT_E_MESSAGE_RUNNING, KT_P_TEXT("partner", partner));
}

/* In the transaction of the first that is written: its key stands there before anything else does.
 * One that was used meanwhile may belong to the same message on another way. */
static enum kt_rc use_key(struct kt_db *db, void *taking, struct kt_err *e)
{
    const struct taking *t = taking;
    const struct kt_inbound *in = t->in;
    struct kt_message mine;
    struct kt_message m = { 0 };
    enum kt_replay_row row = KT_REPLAY_NEW;
    bool is_through = false;
    if (in->replay == NULL)
        return KT_OK;
    enum kt_rc rc = put_replay(db, in->partner, in->replay, &row, e);
    if (rc != KT_OK || row == KT_REPLAY_NEW)
        return rc;
    name_message(in, &mine, t->arena);
    rc = kt_message_get(db, in->partner, mine.id, &m, &is_through, t->arena, e);
    return rc == KT_OK && is_through ? say_running(in->partner, e) : rc;
}

/* The last thing in the last transaction. */
static enum kt_rc remember(struct kt_db *db, void *taking, struct kt_err *e)
{
    const struct taking *t = taking;
    const struct kt_inbound *in = t->in;
    struct kt_message m;
    bool is_new = false;
    fill_results(t);
    enum kt_rc rc = hear(db, in, t->scope, t->now_us, e);
    name_message(in, &m, t->arena);
    if (rc != KT_OK || m.id.p == NULL)
        return rc;
    m.at_us = t->now_us;
    m.answer = kt_inbound_answer(in, t->arena);
    rc = kt_message_put(db, &m, &is_new, e);
    if (rc == KT_OK && !is_new) /* brought twice at the same time */
        rc = say_running(in->partner, e);
    return rc;
}

/* Facts have one transaction only. */
static enum kt_rc use_key_and_remember(struct kt_db *db, void *taking, struct kt_err *e)
{
    enum kt_rc rc = use_key(db, taking, e);
    return rc == KT_OK ? remember(db, taking, e) : rc;
}

/* Its scope is the ERP's: filled in where the message does not say it. A clock that runs ahead says
 * nothing: until its time came, all that others say of the record would be stale. */
static void place(struct kt_work *w, const struct kt_erp_site *erp, int64_t now_us,
                  struct kt_change *c)
{
    const struct kt_shape *shape = kt_kind_shape[c->kind];
    const struct kt_field *f = &shape->fields[0];
    struct kt_str *scope = kt_field_at_mut(c->record, f);
    if (c->as_of_us == 0 || c->as_of_us > now_us)
        c->as_of_us = now_us;
    if (!kt_field_present(c->record, shape, f)) {
        *scope = kt_str_of(erp->scope);
        kt_field_mark(c->record, shape, f);
    } else if (!kt_str_is(*scope, erp->scope) && c->fault == NULL) {
        struct kt_verdict *v = KT_NEW(w->arena, struct kt_verdict);
        kt_judge(v, KT_REJECT, KT_RECORD, KT_E_SCOPE_FOREIGN,
                 KT_P_TEXT("record", kt_shape_label(shape, c->record, w->arena)),
                 kt_shape_param(shape, "scope", kt_str_copy(w->arena, *scope).p),
                 KT_P_TEXT("expected", erp->scope));
        c->fault = v;
    }
}

static enum kt_rc take(struct kt_desk *d, const struct kt_intake_from *from, struct taking *t,
                       struct kt_intake_report *report, struct kt_err *e)
{
    struct kt_inbound *in = t->in;
    struct kt_work *w = d->w;
    if (in->facts.count > 0) {
        t->fact = KT_NEW_ARRAY(w->arena, in->results, struct kt_fact_outcome);
        return kt_facts_take(w, from, &in->facts, t->fact, use_key_and_remember, t, report, e);
    }
    for (size_t i = 0; i < in->changes.count; i++)
        place(w, from->site, t->now_us, &in->changes.item[i]);
    t->taken = KT_NEW_ARRAY(w->arena, in->results + 1, struct kt_taken);
    const struct kt_intake_with with = {
        .taken = t->taken, .first = use_key, .also = remember, .context = t
    };
    return kt_intake(w, from, &in->changes, &with, report, e);
}

/* Whom to ask about what was refused. */
static const char *origin_of(const struct kt_inbound *in, struct kt_arena *a)
{
    if (in->source != NULL)
        return kt_format(a, KT_BROUGHT_BY "%s, %s", in->partner, in->source);
    if (in->id.p == NULL)
        return kt_format(a, KT_BROUGHT_BY "%s", in->partner);
    struct kt_str id = kept_id(in->id, a);
    return kt_format(a, KT_BROUGHT_BY "%s, message %.*s", in->partner, (int)id.n, id.p);
}

static void count(struct kt_inbound *in)
{
    memset(in->count, 0, sizeof in->count);
    for (size_t i = 0; i < in->results; i++)
        in->count[in->result[i].status]++;
}

static void tell(const struct kt_work *w, const struct kt_inbound *in)
{
    const bool is_noteworthy = in->count[KT_INBOUND_REFUSED] > 0 || in->is_repeat;
    kt_log_line(&w->log, is_noteworthy ? KT_LOG_INFO : KT_LOG_DEBUG, "message.taken",
                F_TEXT("partner", in->partner), F_STR("message", in->id),
                F_TEXT("repeat", in->is_repeat ? "yes" : "no"),
                F_NUM("accepted", in->count[KT_INBOUND_ACCEPTED]),
                F_NUM("unchanged", in->count[KT_INBOUND_UNCHANGED]),
                F_NUM("stale", in->count[KT_INBOUND_STALE]),
                F_NUM("refused", in->count[KT_INBOUND_REFUSED]), F_END);
}

enum kt_rc kt_inbound_take(struct kt_desk *desk, const struct kt_erp_site *erp,
                           struct kt_inbound *in, struct kt_err *e)
{
    struct kt_work *w = desk->w;
    struct kt_intake_report report = { 0 };
    const size_t number = (size_t)(erp - w->site->erp);
    const struct kt_intake_from from = { .endpoint = erp->name,
                                         .site = erp,
                                         .hooks = desk->hooks[number],
                                         .origin = origin_of(in, w->arena) };
    struct taking t = { .in = in, .arena = w->arena, .scope = erp->scope, .now_us = kt_now_us() };
    enum kt_rc rc = KT_OK;
    KT_ASSERT(number < w->site->erps && (in->changes.count == 0 || in->facts.count == 0));
    in->results = in->changes.count + in->facts.count;
    if (in->results > KT_INBOUND_MOST)
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_SOAP_TOO_MANY,
                       KT_P_NUM("limit", KT_INBOUND_MOST));
    in->result = KT_NEW_ARRAY(w->arena, in->results + 1, struct kt_inbound_result);
    in->is_repeat = false;
    if (in->id.p != NULL || in->replay != NULL)
        rc = look_up(w, erp->scope, in, e);
    if (rc == KT_OK && !in->is_repeat)
        rc = take(desk, &from, &t, &report, e);
    if (rc == KT_RETRY && e->v.code == KT_E_MESSAGE_RUNNING) {
        kt_err_clear(e);
        rc = look_up(w, erp->scope, in, e);
        if (rc == KT_OK && !in->is_repeat) /* the other one was rolled back after all */
            rc = say_running(in->partner, e);
    }
    if (rc != KT_OK)
        return kt_trail(e, "message from %s", in->partner);
    count(in);
    tell(w, in);
    return KT_OK;
}

static enum kt_rc forget_some(struct kt_work *w, int64_t before_us, int64_t *rows, bool *is_more,
                              struct kt_err *e)
{
    enum { MOST = 2000 };
    enum kt_rc rc = kt_tx_begin(w->db, e);
    if (rc == KT_OK)
        rc = kt_messages_forget(w->db, before_us, MOST, rows, is_more, e);
    if (rc == KT_OK)
        rc = kt_tx_commit(w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(w->db);
    return rc;
}

enum kt_rc kt_inbound_forget(struct kt_work *w, int64_t keep_us, struct kt_err *e)
{
    const int64_t before_us = kt_now_us() - keep_us;
    int64_t all = 0;
    bool is_more = true;
    enum kt_rc rc = KT_OK;
    while (rc == KT_OK && is_more) {
        int64_t rows = 0;
        rc = forget_some(w, before_us, &rows, &is_more, e);
        all += rc == KT_OK ? rows : 0;
    }
    if (all > 0)
        kt_log_info(&w->log, "message.forgotten", F_NUM("messages", all));
    return rc;
}
