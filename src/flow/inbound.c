/* Messages from partners: records or facts, with the answer that a repeat gets, in one transaction.
 * On a worker of a door, with its own connection; the answer to records is written on the
 * committer's thread while the worker waits. */
#include "flow/inbound.h"

#include <string.h>

#include "base/hash.h"
#include "flow/facts.h"
#include "store/exceptions.h"
#include "store/messages.h"

enum { ANSWER_MAX = 64 << 20, ID_MAX = 120 };

static const char *const status_names[] = { "refused", "accepted", "unchanged", "stale" };
static const char status_letter[] = { 'r', 'a', 'u', 's' };

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

/* --- answers, as they are kept: {"refused":[{…}],"status":"aaur"}, a letter for each record --- */

static void put_refusal(struct kt_buf *out, size_t at, const struct kt_verdict *v,
                        struct kt_arena *a)
{
    bool is_first = true;
    kt_buf_char(out, '{');
    kt_json_put_name(out, &is_first, "at");
    kt_buf_format(out, "%zu", at);
    kt_json_put_name(out, &is_first, "code");
    kt_json_put_text(out, kt_str_of(kt_code_name(v->code)));
    kt_json_put_name(out, &is_first, "params");
    kt_buf_str(out, kt_params_write(v, a));
    kt_buf_char(out, '}');
}

static struct kt_str write_answer(const struct kt_inbound *in, struct kt_arena *a)
{
    struct kt_buf out;
    bool is_first = true;
    bool is_first_refusal = true;
    kt_buf_init(&out, a, ANSWER_MAX);
    kt_buf_char(&out, '{');
    kt_json_put_name(&out, &is_first, "refused");
    kt_buf_char(&out, '[');
    for (size_t i = 0; i < in->results; i++) {
        if (in->result[i].status != KT_INBOUND_REFUSED)
            continue;
        if (!is_first_refusal)
            kt_buf_char(&out, ',');
        is_first_refusal = false;
        put_refusal(&out, i, in->result[i].v, a);
    }
    kt_buf_char(&out, ']');
    kt_json_put_name(&out, &is_first, "status");
    kt_buf_char(&out, '"');
    for (size_t i = 0; i < in->results; i++)
        kt_buf_char(&out, status_letter[in->result[i].status]);
    kt_buf_text(&out, "\"}");
    KT_ASSERT(kt_buf_ok(&out)); /* KT_INBOUND_MOST refusals of four short values each */
    return kt_buf_view(&out);
}

static enum kt_rc unreadable(struct kt_err *e, const char *detail)
{
    return kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_STORE_REFUSED, KT_P_TEXT("statement", "message"),
                   KT_P_TEXT("detail", detail));
}

static enum kt_rc read_refusal(struct kt_inbound *in, const struct kt_json *j, struct kt_arena *a,
                               struct kt_err *e)
{
    struct kt_verdict *v = KT_NEW(a, struct kt_verdict);
    struct kt_buf params;
    int64_t at = 0;
    struct kt_str code = kt_json_text_of(j, "code");
    if (!kt_json_int(kt_json_get(j, "at"), &at) || at < 0 || (size_t)at >= in->results ||
        code.p == NULL)
        return unreadable(e, "a refusal without a place");
    kt_buf_init(&params, a, ANSWER_MAX);
    kt_json_write(&params, kt_json_get(j, "params"));
    *v = (struct kt_verdict){ .rc = KT_REJECT, .code = kt_code_find(code.p) };
    in->result[at].v = v;
    return kt_params_read(v, kt_buf_view(&params), a, e);
}

static enum kt_rc read_answer(struct kt_inbound *in, struct kt_str answer, struct kt_arena *a,
                              struct kt_err *e)
{
    const struct kt_json *j = NULL;
    enum kt_rc rc = kt_json_parse(&j, answer, a, e);
    if (rc != KT_OK)
        return rc;
    struct kt_str status = kt_json_text_of(j, "status");
    if (status.p == NULL || status.n != in->results)
        return unreadable(e, "another number of records");
    for (size_t i = 0; i < status.n; i++) {
        const char *at = memchr(status_letter, status.p[i], sizeof status_letter);
        if (at == NULL)
            return unreadable(e, "an unknown status");
        in->result[i].status = (enum kt_inbound_status)(at - status_letter);
    }
    const struct kt_json *refused = kt_json_get(j, "refused");
    for (size_t i = 0; rc == KT_OK && i < kt_json_count(refused); i++)
        rc = read_refusal(in, kt_json_at(refused, i), a, e);
    for (size_t i = 0; rc == KT_OK && i < in->results; i++) {
        if (in->result[i].status == KT_INBOUND_REFUSED && in->result[i].v == NULL)
            rc = unreadable(e, "a refusal without its reason");
    }
    return rc;
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

/* Was it taken before? Then the results are those of that time. */
static enum kt_rc look_up(struct kt_work *w, struct kt_inbound *in, struct kt_err *e)
{
    struct kt_message m = { 0 };
    bool found = false;
    struct kt_str id = kept_id(in->id, w->arena);
    enum kt_rc rc = kt_message_get(w->db, in->partner, id, &m, &found, w->arena, e);
    if (rc != KT_OK || !found)
        return rc;
    if (!kt_str_eq(m.digest, in->digest))
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_MESSAGE_CHANGED,
                       KT_P_TEXT("message", kt_str_copy(w->arena, in->id).p),
                       KT_P_TEXT("partner", in->partner));
    rc = read_answer(in, m.answer, w->arena, e);
    in->is_repeat = rc == KT_OK;
    return rc;
}

/* --- taking --- */

struct taking {
    struct kt_inbound *in;
    struct kt_arena *arena;
    struct kt_taken *taken;       /* of records */
    struct kt_fact_outcome *fact; /* of facts */
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

/* The last thing in the transaction. */
static enum kt_rc remember(struct kt_db *db, void *taking, struct kt_err *e)
{
    const struct taking *t = taking;
    const struct kt_inbound *in = t->in;
    bool is_new = false;
    fill_results(t);
    if (in->id.p == NULL)
        return KT_OK;
    const struct kt_message m = { .partner = in->partner,
                                  .id = kept_id(in->id, t->arena),
                                  .digest = in->digest,
                                  .at_us = t->now_us,
                                  .answer = write_answer(in, t->arena) };
    enum kt_rc rc = kt_message_put(db, &m, &is_new, e);
    if (rc == KT_OK && !is_new) /* brought twice at the same time */
        rc = kt_fail(e, KT_RETRY, KT_RECORD, KT_E_MESSAGE_RUNNING,
                     KT_P_TEXT("partner", in->partner));
    return rc;
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
        return kt_facts_take(w, from, &in->facts, t->fact, remember, t, report, e);
    }
    for (size_t i = 0; i < in->changes.count; i++)
        place(w, from->site, t->now_us, &in->changes.item[i]);
    t->taken = KT_NEW_ARRAY(w->arena, in->results + 1, struct kt_taken);
    const struct kt_intake_with with = { .taken = t->taken, .also = remember, .context = t };
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
    struct taking t = { .in = in, .arena = w->arena, .now_us = kt_now_us() };
    enum kt_rc rc = KT_OK;
    KT_ASSERT(number < w->site->erps && (in->changes.count == 0 || in->facts.count == 0));
    in->results = in->changes.count + in->facts.count;
    if (in->results > KT_INBOUND_MOST)
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_SOAP_TOO_MANY,
                       KT_P_NUM("limit", KT_INBOUND_MOST));
    in->result = KT_NEW_ARRAY(w->arena, in->results + 1, struct kt_inbound_result);
    in->is_repeat = false;
    if (in->id.p != NULL)
        rc = look_up(w, in, e);
    if (rc == KT_OK && !in->is_repeat)
        rc = take(desk, &from, &t, &report, e);
    if (rc == KT_RETRY && e->v.code == KT_E_MESSAGE_RUNNING) {
        kt_err_clear(e);
        rc = look_up(w, in, e);
        if (rc == KT_OK && !in->is_repeat) /* the other one was rolled back after all */
            rc = kt_fail(e, KT_RETRY, KT_RECORD, KT_E_MESSAGE_RUNNING,
                         KT_P_TEXT("partner", in->partner));
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
