/* Tells the shop a delivery. wc/v3 knows no deliveries: each becomes an entry of the order's meta
 * data under its own number, which later ones replace; where it is set, also a note that the shop
 * mails to the customer, and with the last one the state "completed". All of it is looked at before
 * it is written, so repeating does no harm. The session's thread. */
#include <string.h>

#include "adapters/channel_woocommerce/call.h"

enum { BODY_MAX = 1 << 20, NOTE_MAX = 2000 };

/* What a customer reads: "Delivery 102045: DHL 00340434…, https://…" */
static struct kt_str note_text(const struct kt_shipment *s, struct kt_arena *a)
{
    struct kt_buf b;
    kt_buf_init(&b, a, NOTE_MAX);
    kt_buf_format(&b, "Delivery %s", s->id.p);
    if (s->carrier.n > 0 || s->tracking_no.n > 0)
        kt_buf_format(&b, ": %s%s%s", s->carrier.n > 0 ? s->carrier.p : "",
                      s->carrier.n > 0 && s->tracking_no.n > 0 ? " " : "",
                      s->tracking_no.n > 0 ? s->tracking_no.p : "");
    if (s->tracking_url.n > 0)
        kt_buf_format(&b, ", %s", s->tracking_url.p);
    KT_ASSERT(kt_buf_ok(&b)); /* every field is bounded by its shape */
    return kt_buf_view(&b);
}

static enum kt_rc has_note(struct kt_channel *channel, const struct kt_parcel *parcel,
                           struct kt_str text, bool *has, struct kt_arena *a, struct kt_err *e)
{
    const struct kt_json *rows = NULL;
    const struct woocommerce_call q = {
        .method = "GET",
        .path = kt_format(a, "/wp-json/wc/v3/orders/%s/notes?type=customer", parcel->order_id.p),
        .what = kt_format(a, "order %s", parcel->order_id.p),
    };
    enum kt_rc rc = woocommerce_rows(channel, &q, &rows, a, e);
    *has = false;
    for (size_t i = 0; rc == KT_OK && i < kt_json_count(rows); i++)
        *has = *has || kt_str_eq(kt_json_text_of(kt_json_at(rows, i), "note"), text);
    return rc;
}

static enum kt_rc put_note(struct kt_channel *channel, const struct kt_parcel *parcel,
                           struct kt_arena *a, struct kt_err *e)
{
    struct kt_str text = note_text(parcel->shipment, a);
    const struct kt_json *j = NULL;
    struct kt_buf body;
    bool has = false;
    bool is_expected = false;
    enum kt_rc rc = has_note(channel, parcel, text, &has, a, e);
    if (rc != KT_OK || has)
        return rc;
    kt_buf_init(&body, a, BODY_MAX);
    kt_buf_text(&body, "{\"customer_note\":true,\"note\":");
    kt_json_put_text(&body, text);
    kt_buf_char(&body, '}');
    const struct woocommerce_call q = {
        .method = "POST",
        .path = kt_format(a, "/wp-json/wc/v3/orders/%s/notes", parcel->order_id.p),
        .body = kt_buf_view(&body),
        .what = kt_format(a, "order %s", parcel->order_id.p),
        .is_write = true,
        .is_once = true, /* a second one would be a second mail */
    };
    return woocommerce_call(channel, &q, &j, &is_expected, a, e);
}

/* The delivery as it is kept with the order: one JSON text, so that other programs can read it. */
static enum kt_rc put_entry(struct kt_channel *channel, const struct kt_parcel *parcel,
                            struct kt_arena *a, struct kt_err *e)
{
    struct kt_buf value;
    struct kt_buf body;
    const struct kt_json *j = NULL;
    bool is_expected = false;
    kt_buf_init(&value, a, BODY_MAX / 4);
    kt_shape_write(&value, &kt_shipment_shape, parcel->shipment);
    kt_buf_init(&body, a, BODY_MAX);
    kt_buf_text(&body, "{\"meta_data\":[{\"key\":");
    kt_json_put_text(&body,
                     kt_str_of(kt_format(a, "kontor_delivery_%s_%s", parcel->shipment->scope.p,
                                         parcel->shipment->id.p)));
    kt_buf_text(&body, ",\"value\":");
    kt_json_put_text(&body, kt_buf_view(&value));
    kt_buf_text(&body, "}]");
    if (parcel->completes && channel->conf->completed_when_delivered)
        kt_buf_text(&body, ",\"status\":\"completed\"");
    kt_buf_char(&body, '}');
    if (!kt_buf_ok(&value) || !kt_buf_ok(&body))
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_FIELD_TOO_LONG,
                       KT_P_TEXT("record", kt_format(a, "delivery %s", parcel->shipment->id.p)),
                       KT_P_TEXT("field", "lines"), KT_P_NUM("limit", BODY_MAX / 4));
    const struct woocommerce_call q = {
        .method = "PUT",
        .path = kt_format(a, "/wp-json/wc/v3/orders/%s?_fields=id", parcel->order_id.p),
        .body = kt_buf_view(&body),
        .what = kt_format(a, "order %s", parcel->order_id.p),
    };
    enum kt_rc rc = woocommerce_call(channel, &q, &j, &is_expected, a, e);
    if (rc == KT_OK && !kt_str_eq(kt_json_text_of(j, "id"), parcel->order_id))
        return woocommerce_odd_answer(channel, &q, "an answer about something else", e);
    return rc;
}

enum kt_rc woocommerce_order_ship(struct kt_channel *channel, const struct kt_parcel *parcel,
                                  struct kt_str *remote_id, struct kt_arena *a, struct kt_err *e)
{
    if (!woocommerce_is_id(parcel->order_id))
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_FIELD_INVALID, KT_P_TEXT("record", "order"),
                       KT_P_TEXT("field", "id"), KT_P_TEXT("value", parcel->order_id.p));
    enum kt_rc rc = put_entry(channel, parcel, a, e);
    if (rc == KT_OK && channel->conf->delivery_notes)
        rc = put_note(channel, parcel, a, e);
    if (rc != KT_OK)
        return kt_trail(e, "delivery %s", parcel->shipment->id.p);
    *remote_id = parcel->shipment->id;
    return KT_OK;
}
