/* What the shop says to one position of a batch, as a verdict with a sentence. Pure; called by
 * push_batch.c on the session's thread. */
#include <string.h>

#include "adapters/channel_woocommerce/push_inner.h"

void woocommerce_succeed(struct woocommerce_job *job, struct kt_str remote_id)
{
    job->step = WOOCOMMERCE_JUDGED;
    job->result->v = (struct kt_verdict){ .rc = KT_OK };
    job->result->remote_id = remote_id;
}

void woocommerce_postpone(struct woocommerce_job *job, struct kt_arena *a)
{
    job->step = WOOCOMMERCE_JUDGED;
    kt_judge(&job->result->v, KT_RETRY, KT_RECORD, KT_E_CHANNEL_NOT_YET,
             KT_P_TEXT("unit", woocommerce_unit_text(job->item, a)));
}

static const char *text_or(struct kt_str s, const char *other)
{
    return s.n > 0 ? s.p : other;
}

static bool is_image_refused(struct kt_str code)
{
    return kt_str_is(code, "woocommerce_product_image_upload_error") ||
           kt_str_is(code, "woocommerce_variation_image_upload_error");
}

static bool is_image_unknown(struct kt_str code)
{
    return kt_str_is(code, "woocommerce_product_invalid_image_id") ||
           kt_str_is(code, "woocommerce_variation_invalid_image_id");
}

/* The address that the shop complains of: the one it names, else the first that it was given. */
static struct kt_str blamed_src(const struct woocommerce_body *body, struct kt_str message)
{
    struct kt_str first = { NULL, 0 };
    for (size_t i = 0; i < body->images; i++) {
        if (body->src[i].p == NULL)
            continue;
        if (first.p == NULL)
            first = body->src[i];
        if (message.p != NULL && strstr(message.p, body->src[i].p) != NULL)
            return body->src[i];
    }
    return first;
}

static void judge_image(struct woocommerce_job *job, struct kt_str code, struct kt_str message,
                        struct kt_arena *a)
{
    struct kt_param_in unit = KT_P_TEXT("unit", woocommerce_unit_text(job->item, a));
    struct kt_verdict *v = &job->result->v;
    /* with addresses alone it is the file that was downloaded which is no image */
    if (is_image_unknown(code) && job->body.sent_id.p != NULL)
        kt_judge(v, KT_RETRY, KT_RECORD, KT_E_CHANNEL_MEDIA_GONE, unit);
    else
        kt_judge(v, KT_REJECT, KT_RECORD, KT_E_CHANNEL_IMAGE_UNREADABLE, unit,
                 KT_P_TEXT("url", text_or(blamed_src(&job->body, message), "without an address")),
                 KT_P_TEXT("message", message.p));
}

static void judge_refusal(struct woocommerce_job *job, const struct kt_json *error, int64_t status,
                          struct kt_arena *a)
{
    struct kt_param_in unit = KT_P_TEXT("unit", woocommerce_unit_text(job->item, a));
    struct kt_str code = kt_json_text_of(error, "code");
    struct kt_str message = kt_json_text_of(error, "message");
    struct kt_str other = kt_json_text_of(kt_json_get(error, "data"), "resource_id");
    struct kt_param_in id = KT_P_TEXT("id", text_or(other, "id not told"));
    struct kt_verdict *v = &job->result->v;
    bool may_pass = status == 408 || status == 425 || status == 429 || status == 503;
    if (kt_str_is(code, "product_invalid_sku")) {
        job->holder = kt_str_copy(a, other);
        kt_judge(v, KT_REJECT, KT_RECORD, KT_E_CHANNEL_SKU_TAKEN, unit, id);
    } else if (kt_str_is(code, "product_invalid_global_unique_id")) {
        kt_judge(v, KT_REJECT, KT_RECORD, KT_E_CHANNEL_GTIN_TAKEN, unit, id);
    } else if (kt_str_is(code, "term_exists")) {
        kt_judge(v, KT_REJECT, KT_RECORD, KT_E_CHANNEL_CATEGORY_TAKEN, unit, id);
    } else if (is_image_refused(code) || is_image_unknown(code)) {
        judge_image(job, code, message, a);
    } else {
        enum kt_rc rc = may_pass ? KT_RETRY : KT_UNSURE;
        if (!may_pass && status >= 400 && status < 500)
            rc = KT_REJECT;
        kt_judge(v, rc, KT_RECORD, KT_E_CHANNEL_REFUSED, unit, KT_P_TEXT("message", message.p),
                 KT_P_TEXT("id", code.p));
    }
}

/* The unit was deleted over there: its link is worth nothing, and flow looks again. What had to go
 * has gone. */
static void judge_gone(struct woocommerce_job *job, struct kt_arena *a)
{
    struct kt_str nothing = { NULL, 0 };
    struct kt_str id = job->item->remote_id.n > 0 ? job->item->remote_id : job->item->parent_id;
    if (job->item->action == KT_ACTION_WITHDRAW)
        woocommerce_succeed(job, nothing);
    else
        kt_judge(&job->result->v, KT_RETRY, KT_RECORD, KT_E_CHANNEL_UNIT_GONE,
                 KT_P_TEXT("unit", woocommerce_unit_text(job->item, a)),
                 KT_P_TEXT("id", text_or(id, "")));
}

void woocommerce_judge_error(struct woocommerce_job *job, const struct kt_json *error,
                             struct kt_arena *a)
{
    int64_t status = 0;
    job->step = WOOCOMMERCE_JUDGED;
    job->result->remote_id = (struct kt_str){ NULL, 0 };
    if (!kt_json_int(kt_json_get(kt_json_get(error, "data"), "status"), &status))
        status = 400; /* the shop leaves it out for refusals of its own rules */
    if (woocommerce_is_gone(kt_json_text_of(error, "code")))
        judge_gone(job, a);
    else
        judge_refusal(job, error, status, a);
}
