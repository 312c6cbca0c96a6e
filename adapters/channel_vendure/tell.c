/* Tells the shop what has become of an order: the ERP's number, our key and the link to its
 * documents in the order's custom fields erpNumber, kontorKey and kontorDocuments; a shop without
 * erpNumber gets a private note, which is looked for first and rewritten. Writing the same again
 * does no harm, so a lost answer is a plain KT_RETRY, but for a new note: that one is looked for
 * again. The session's thread. */
#include <string.h>

#include "adapters/channel_vendure/call.h"

enum { VARIABLES_MAX = 4096, NOTES_MAX = 100 };

/* "19.90": two decimals as people write them, more only where they are there. */
static void total_text(struct kt_dec total, char *out)
{
    struct kt_dec shown = kt_dec_trim(total);
    if (shown.scale < 2 && !kt_dec_rescale(&shown, total, 2))
        shown = total; /* too large for two decimals: as it came */
    kt_dec_text(shown, out);
}

static enum kt_rc write_fields(struct kt_channel *channel, const struct kt_tell *tell,
                               struct kt_arena *a, struct kt_err *e)
{
    struct vendure_answer answer = { 0 };
    struct kt_buf b;
    kt_buf_init(&b, a, VARIABLES_MAX + tell->documents_url.n);
    kt_buf_format(&b,
                  "{\"input\":{\"id\":\"%s\",\"customFields\":{\"erpNumber\":", tell->order_id.p);
    kt_json_put_text(&b, tell->erp_number);
    if (vendure_has_field(channel, "Order", "kontorKey")) {
        kt_buf_text(&b, ",\"kontorKey\":");
        kt_json_put_text(&b, tell->our_key);
    }
    if (tell->documents_url.n > 0 && vendure_has_field(channel, "Order", "kontorDocuments")) {
        kt_buf_text(&b, ",\"kontorDocuments\":");
        kt_json_put_text(&b, tell->documents_url);
    }
    kt_buf_text(&b, "}}}");
    KT_ASSERT(kt_buf_ok(&b)); /* key and number are short by their shapes */
    const struct vendure_call q = {
        .query = "mutation($input:UpdateOrderInput!){setOrderCustomFields(input:$input){id}}",
        .variables = kt_buf_view(&b),
        .what = kt_format(a, "order %s", tell->order_id.p),
    };
    enum kt_rc rc = vendure_call(channel, &q, &answer, a, e);
    if (rc != KT_OK)
        return rc;
    const struct kt_json *order = kt_json_get(answer.data, "setOrderCustomFields");
    if (!kt_str_eq(kt_json_text_of(order, "id"), tell->order_id))
        return vendure_odd_answer(channel, &q, "an answer about something else", e);
    return KT_OK;
}

/* --- a shop without the custom field --- */

static const char *note_text(const struct kt_tell *tell, struct kt_arena *a)
{
    char total[KT_DEC_TEXT_MAX];
    const struct kt_str url = tell->documents_url;
    const char *link = url.n > 0 ? kt_format(a, " %.*s", (int)url.n, url.p) : "";
    if (!tell->has_erp_gross)
        return kt_format(a, "ERP: %s [%s]%s", tell->erp_number.p, tell->our_key.p, link);
    total_text(tell->erp_gross, total);
    return kt_format(a, "ERP: %s, %s [%s]%s", tell->erp_number.p, total, tell->our_key.p, link);
}

/* The note that carries our key: *note_id absent: none. */
static enum kt_rc find_note(struct kt_channel *channel, const struct kt_tell *tell,
                            struct kt_str *note_id, struct kt_str *text, struct kt_arena *a,
                            struct kt_err *e)
{
    struct vendure_answer answer = { 0 };
    const char *mark = kt_format(a, "[%s]", tell->our_key.p);
    const struct vendure_call q = {
        .query = kt_format(a,
                           "query($id:ID!){order(id:$id){id history(options:{filter:{type:{eq:"
                           "\"ORDER_NOTE\"}},take:%d}){items{id data}}}}",
                           NOTES_MAX),
        .variables = kt_str_of(kt_format(a, "{\"id\":\"%s\"}", tell->order_id.p)),
        .what = kt_format(a, "order %s", tell->order_id.p),
    };
    enum kt_rc rc = vendure_call(channel, &q, &answer, a, e);
    const struct kt_json *order = kt_json_get(answer.data, "order");
    const struct kt_json *notes = kt_json_get(kt_json_get(order, "history"), "items");
    if (rc != KT_OK)
        return rc;
    if (kt_json_type(notes) != KT_JSON_LIST)
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_ORDER_GONE,
                       KT_P_TEXT("order", tell->order_id.p));
    for (size_t i = 0; i < kt_json_count(notes); i++) {
        const struct kt_json *entry = kt_json_at(notes, i);
        struct kt_str note = kt_json_text_of(kt_json_get(entry, "data"), "note");
        if (note.n == 0 || strstr(note.p, mark) == NULL)
            continue;
        *note_id = kt_json_text_of(entry, "id");
        *text = note;
        return KT_OK;
    }
    return KT_OK;
}

static enum kt_rc write_note(struct kt_channel *channel, const struct kt_tell *tell,
                             struct kt_arena *a, struct kt_err *e)
{
    struct kt_str note_id = { NULL, 0 };
    struct kt_str old = { NULL, 0 };
    struct vendure_answer answer = { 0 };
    const char *text = note_text(tell, a);
    struct kt_buf b;
    enum kt_rc rc = find_note(channel, tell, &note_id, &old, a, e);
    if (rc != KT_OK || kt_str_is(old, text))
        return rc;
    bool is_new = note_id.n == 0;
    kt_buf_init(&b, a, VARIABLES_MAX + tell->documents_url.n);
    kt_buf_format(&b, "{\"input\":{\"%s\":", is_new ? "id" : "noteId");
    kt_json_put_text(&b, is_new ? tell->order_id : note_id);
    kt_buf_text(&b, ",\"isPublic\":false,\"note\":");
    kt_json_put_text(&b, kt_str_of(text));
    kt_buf_text(&b, "}}");
    KT_ASSERT(kt_buf_ok(&b));
    const struct vendure_call q = {
        .query = is_new
                     ? "mutation($input:AddNoteToOrderInput!){addNoteToOrder(input:$input){id}}"
                     : "mutation($input:UpdateOrderNoteInput!){updateOrderNote(input:$input){id}}",
        .variables = kt_buf_view(&b),
        .what = kt_format(a, "order %s", tell->order_id.p),
        .is_write = is_new,
        .is_once = is_new,
    };
    return vendure_call(channel, &q, &answer, a, e);
}

enum kt_rc vendure_order_tell(struct kt_channel *channel, const struct kt_tell *tell,
                              struct kt_arena *a, struct kt_err *e)
{
    vendure_begin(channel);
    if (!vendure_is_id(tell->order_id))
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_FIELD_INVALID, KT_P_TEXT("record", "order"),
                       KT_P_TEXT("field", "id"), KT_P_TEXT("value", tell->order_id.p));
    enum kt_rc rc = vendure_know_shop(channel, a, e);
    if (rc == KT_OK)
        rc = vendure_has_field(channel, "Order", "erpNumber") ? write_fields(channel, tell, a, e)
                                                              : write_note(channel, tell, a, e);
    return rc == KT_OK ? KT_OK : kt_trail(e, "tell");
}
