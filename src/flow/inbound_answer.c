/* Answers to messages, as they are kept for a repeat: {"refused":[{…}],"status":"aaur"}, a letter
 * for each record. Written on the committer's thread while the worker of the door waits, read by
 * him. */
#include "flow/inbound_inner.h"

#include <string.h>

#include "store/exceptions.h"

enum { ANSWER_MAX = 64 << 20 };

static const char status_letter[] = { 'r', 'a', 'u', 's' };

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

struct kt_str kt_inbound_answer(const struct kt_inbound *in, struct kt_arena *a)
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

enum kt_rc kt_inbound_answer_read(struct kt_inbound *in, struct kt_str answer, struct kt_arena *a,
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
