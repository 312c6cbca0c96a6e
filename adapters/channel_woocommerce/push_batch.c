/* The batches of a push. The shop answers 200 with a result or an error in each position: every
 * position gets its own verdict, and what has none stays KT_UNSURE. A batch holds only as many
 * files to download as a shop gets done in one request, and a file once. The session's thread. */
#include <string.h>

#include "adapters/channel_woocommerce/push_inner.h"

enum { BODY_MAX = 32 << 20, UPLOADS_MAX = 20, REFS_MAX = 256 };

/* Which job stands at which position of a list of the batch. */
struct places {
    struct woocommerce_job *job[WOOCOMMERCE_BATCH];
    size_t count;
};

struct batch {
    struct woocommerce_push *p;
    const char *base;
    struct places create;
    struct places update;
    struct places remove;
    struct kt_buf creates;
    struct kt_buf updates;
    struct kt_buf removes;
    struct kt_item_ref *claimed[REFS_MAX]; /* files that this batch has the shop download */
    size_t claims;
};

static size_t in_batch(const struct batch *b)
{
    return b->create.count + b->update.count + b->remove.count;
}

/* --- what goes into one batch --- */

static bool is_claimed(const struct batch *b, const struct kt_item_ref *ref)
{
    for (size_t i = 0; i < b->claims; i++) {
        if (kt_str_eq(b->claimed[i]->key, ref->key))
            return true;
    }
    return false;
}

/* False: it goes with a later batch, because the shop would have too much to download, or the same
 * file twice. */
static bool claim(struct batch *b, const struct woocommerce_job *job)
{
    struct kt_item_ref *which[REFS_MAX];
    size_t count =
        woocommerce_uploads(job->item, job->payload, &b->p->learned, which, KT_COUNT(which));
    if (count > KT_COUNT(which))
        count = KT_COUNT(which);
    if (in_batch(b) > 0 && b->claims + count > UPLOADS_MAX && count > 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (is_claimed(b, which[i]))
            return false;
    }
    for (size_t i = 0; i < count && b->claims < REFS_MAX; i++)
        b->claimed[b->claims++] = which[i];
    return true;
}

static void separate(struct kt_buf *list, const struct places *p)
{
    if (p->count > 0)
        kt_buf_char(list, ',');
}

static void add(struct batch *b, struct woocommerce_job *job)
{
    struct kt_str text = job->body.text;
    struct kt_str rest = kt_str_part(text, 1, text.n); /* behind the brace */
    if (job->is_delete) {
        separate(&b->removes, &b->remove);
        kt_buf_str(&b->removes, job->id);
        b->remove.job[b->remove.count++] = job;
    } else if (job->id.p != NULL) {
        separate(&b->updates, &b->update);
        kt_buf_text(&b->updates, "{\"id\":");
        kt_buf_str(&b->updates, job->id);
        if (!kt_str_is(rest, "}"))
            kt_buf_char(&b->updates, ',');
        kt_buf_str(&b->updates, rest);
        b->update.job[b->update.count++] = job;
    } else {
        separate(&b->creates, &b->create);
        kt_buf_str(&b->creates, text);
        b->create.job[b->create.count++] = job;
    }
}

/* Takes what may go together: same address, and few enough files. */
static void fill(struct batch *b)
{
    struct woocommerce_push *p = b->p;
    for (size_t i = 0; i < p->count && in_batch(b) < WOOCOMMERCE_BATCH; i++) {
        struct woocommerce_job *job = &p->job[i];
        if (job->step != WOOCOMMERCE_TO_SEND)
            continue;
        if (b->base == NULL)
            b->base = job->base;
        if (strcmp(b->base, job->base) != 0 || !claim(b, job))
            continue;
        woocommerce_body_make(p->channel, job->item, job->payload, &p->learned, &p->names,
                              &job->body, &job->result->v, p->arena);
        if (job->result->v.rc != KT_OK)
            job->step = WOOCOMMERCE_JUDGED;
        else
            add(b, job);
    }
}

/* --- what the shop answers --- */

static struct kt_str remote_id_of(const struct woocommerce_job *job, struct kt_str id,
                                  struct kt_arena *a)
{
    if (job->page.p == NULL)
        return kt_str_copy(a, id);
    return kt_str_of(kt_format(a, "%s/%s", job->page.p, id.p));
}

static void learn_one(struct batch *b, struct kt_item_ref *ref, const struct kt_json *image)
{
    struct kt_str id = kt_json_text_of(image, "id");
    if (ref == NULL || ref->remote_id.n > 0 || !woocommerce_is_id(id))
        return;
    ref->learned_id = kt_str_copy(b->p->arena, id);
    woocommerce_learn(&b->p->learned, ref->key, ref->learned_id, b->p->arena);
}

/* The shop answers the files in the order in which they were sent. One more or less than that, and
 * nobody knows which is which. */
static void learn(struct batch *b, const struct woocommerce_job *job, const struct kt_json *entry)
{
    const struct kt_json *images = kt_json_get(entry, "images");
    const struct woocommerce_body *body = &job->body;
    if (kt_json_type(images) == KT_JSON_LIST && kt_json_count(images) == body->images) {
        for (size_t i = 0; i < body->images; i++)
            learn_one(b, body->image[i], kt_json_at(images, i));
    } else if (kt_json_type(images) != KT_JSON_LIST && body->images == 1) {
        learn_one(b, body->image[0], kt_json_get(entry, "image"));
    }
}

static void judge_entry(struct batch *b, struct woocommerce_job *job, const struct kt_json *entry)
{
    const struct kt_json *error = kt_json_get(entry, "error");
    struct kt_str id = kt_json_text_of(entry, "id");
    bool is_mine = job->id.p == NULL || kt_str_eq(id, job->id);
    job->step = WOOCOMMERCE_JUDGED;
    if (error != NULL) {
        woocommerce_judge_error(job, error, b->p->arena);
    } else if (woocommerce_is_id(id) && is_mine) {
        woocommerce_succeed(job, remote_id_of(job, id, b->p->arena));
        learn(b, job, entry);
    } else {
        kt_judge(&job->result->v, KT_UNSURE, KT_RECORD, KT_E_PARTNER_ANSWER_INCOMPLETE,
                 KT_P_TEXT("partner", b->p->channel->env->name),
                 KT_P_TEXT("detail", "no result for this position of the batch"));
    }
}

static void judge_list(struct batch *b, const struct places *p, const struct kt_json *list)
{
    for (size_t i = 0; i < p->count; i++)
        judge_entry(b, p->job[i], kt_json_at(list, i));
}

/* The page is gone, and with it all that hangs on it. `refusal` is the shop's answer. */
static void judge_all_gone(struct batch *b, const struct places *p, const struct kt_json *refusal)
{
    for (size_t i = 0; i < p->count; i++)
        woocommerce_judge_error(p->job[i], refusal, b->p->arena);
}

/* The talk failed as a whole: that is the verdict of everything that was in it. */
static void judge_all(const struct places *p, const struct kt_verdict *v, bool later)
{
    for (size_t i = 0; i < p->count; i++) {
        p->job[i]->step = WOOCOMMERCE_JUDGED;
        p->job[i]->result->v = *v;
        if (later)
            p->job[i]->result->v.rc = KT_RETRY;
    }
}

/* --- the talk --- */

static enum kt_rc call(struct batch *b, const struct kt_json **answer, bool *is_gone,
                       struct kt_err *e)
{
    struct kt_arena *a = b->p->arena;
    struct kt_buf body;
    kt_buf_init(&body, a, (size_t)3 * BODY_MAX + 64);
    kt_buf_text(&body, "{\"create\":[");
    kt_buf_str(&body, kt_buf_view(&b->creates));
    kt_buf_text(&body, "],\"update\":[");
    kt_buf_str(&body, kt_buf_view(&b->updates));
    kt_buf_text(&body, "],\"delete\":[");
    kt_buf_str(&body, kt_buf_view(&b->removes));
    kt_buf_text(&body, "]}");
    struct woocommerce_call q = {
        .method = "POST",
        .path = kt_format(a, "%s/batch", b->base),
        .body = kt_buf_view(&body),
        .what = strcmp(b->base, WOOCOMMERCE_CATEGORIES) == 0 ? "a batch of categories"
                                                             : "a batch of products",
        .is_write = true,
        .is_once = b->create.count > 0,
        .may_be_gone = true,
    };
    if (!kt_buf_ok(&body) || !kt_buf_ok(&b->creates) || !kt_buf_ok(&b->updates))
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_FIELD_TOO_LONG, KT_P_TEXT("record", "batch"),
                       KT_P_TEXT("field", "payloads"), KT_P_NUM("limit", BODY_MAX));
    enum kt_rc rc = woocommerce_call(b->p->channel, &q, answer, is_gone, a, e);
    if (rc == KT_OK && !*is_gone && kt_json_type(*answer) != KT_JSON_OBJECT)
        rc = woocommerce_odd_answer(b->p->channel, &q, "an answer that is no object", e);
    return rc;
}

/* A refusal of the whole is for flow, which looks for the record that causes it by halving; but
 * not once a batch of this push has been answered: then its records come again later, alone. */
static enum kt_rc send(struct batch *b, struct kt_err *e)
{
    bool is_gone = false;
    const struct kt_json *j = NULL;
    enum kt_rc rc = call(b, &j, &is_gone, e);
    bool later = rc == KT_REJECT && e->v.reach == KT_RECORD && b->p->has_written;
    if (rc != KT_OK) {
        judge_all(&b->create, &e->v, later);
        judge_all(&b->update, &e->v, later);
        judge_all(&b->remove, &e->v, later);
        if (!later)
            return rc;
        kt_err_clear(e);
        return KT_OK;
    }
    b->p->has_written = true;
    if (is_gone) {
        const struct kt_json *refusal = j;
        judge_all_gone(b, &b->create, refusal);
        judge_all_gone(b, &b->update, refusal);
        judge_all_gone(b, &b->remove, refusal);
        return KT_OK;
    }
    judge_list(b, &b->create, kt_json_get(j, "create"));
    judge_list(b, &b->update, kt_json_get(j, "update"));
    judge_list(b, &b->remove, kt_json_get(j, "delete"));
    return KT_OK;
}

static bool is_open(const struct woocommerce_push *p)
{
    for (size_t i = 0; i < p->count; i++) {
        if (p->job[i].step == WOOCOMMERCE_TO_SEND)
            return true;
    }
    return false;
}

enum kt_rc woocommerce_send_all(struct woocommerce_push *p, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    while (rc == KT_OK && is_open(p)) {
        struct batch *b = KT_NEW(p->arena, struct batch);
        b->p = p;
        kt_buf_init(&b->creates, p->arena, BODY_MAX);
        kt_buf_init(&b->updates, p->arena, BODY_MAX);
        kt_buf_init(&b->removes, p->arena, BODY_MAX);
        if (p->has_written && !woocommerce_has_time(p->channel)) {
            for (size_t i = 0; i < p->count; i++) {
                if (p->job[i].step == WOOCOMMERCE_TO_SEND)
                    woocommerce_postpone(&p->job[i], p->arena);
            }
            break;
        }
        fill(b);
        if (in_batch(b) > 0)
            rc = send(b, e);
    }
    return rc;
}
