/* Tells the shop what has become of an order: the ERP's number, our key, the ERP's total and the
 * link to its documents as meta data of the order. An existing entry of the same key is replaced,
 * so repeating does no harm, and a lost answer is a plain KT_RETRY. The session's thread. */
#include "adapters/channel_woocommerce/call.h"

enum { BODY_MAX = 4096 };

/* "19.90": two decimals as people write them, more only where they are there. */
static void total_text(struct kt_dec total, char *out)
{
    struct kt_dec shown = kt_dec_trim(total);
    if (shown.scale < 2 && !kt_dec_rescale(&shown, total, 2))
        shown = total; /* too large for two decimals: as it came */
    kt_dec_text(shown, out);
}

static void put_entry(struct kt_buf *b, bool *is_first, const char *key, struct kt_str value)
{
    kt_buf_text(b, *is_first ? "{\"key\":" : ",{\"key\":");
    *is_first = false;
    kt_json_put_text(b, kt_str_of(key));
    kt_buf_text(b, ",\"value\":");
    kt_json_put_text(b, value);
    kt_buf_char(b, '}');
}

enum kt_rc woocommerce_order_tell(struct kt_channel *channel, const struct kt_tell *tell,
                                  struct kt_arena *a, struct kt_err *e)
{
    struct kt_buf body;
    bool is_first = true;
    bool is_expected = false;
    const struct kt_json *j = NULL;
    char total[KT_DEC_TEXT_MAX];
    if (!woocommerce_is_id(tell->order_id))
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_FIELD_INVALID, KT_P_TEXT("record", "order"),
                       KT_P_TEXT("field", "id"), KT_P_TEXT("value", tell->order_id.p));
    kt_buf_init(&body, a, BODY_MAX + tell->documents_url.n);
    kt_buf_text(&body, "{\"meta_data\":[");
    put_entry(&body, &is_first, "kontor_erp_number", tell->erp_number);
    if (tell->has_erp_gross) {
        total_text(tell->erp_gross, total);
        put_entry(&body, &is_first, "kontor_erp_total", kt_str_of(total));
    }
    put_entry(&body, &is_first, "kontor_key", tell->our_key);
    if (tell->documents_url.n > 0)
        put_entry(&body, &is_first, "kontor_documents", tell->documents_url);
    kt_buf_text(&body, "]}");
    KT_ASSERT(kt_buf_ok(&body)); /* key, number and total are short by their shapes */
    struct woocommerce_call q = {
        .method = "PUT",
        .path = kt_format(a, "/wp-json/wc/v3/orders/%s?_fields=id", tell->order_id.p),
        .body = kt_buf_view(&body),
        .what = kt_format(a, "order %s", tell->order_id.p),
    };
    enum kt_rc rc = woocommerce_call(channel, &q, &j, &is_expected, a, e);
    if (rc != KT_OK)
        return kt_trail(e, "tell");
    if (!kt_str_eq(kt_json_text_of(j, "id"), tell->order_id))
        return woocommerce_odd_answer(channel, &q, "an answer about something else", e);
    return KT_OK;
}
