/* The lines of a delivery as lines of the shop's order: by the line that the ERP kept with them,
 * else by SKU, filling the order's lines from the first. Pure; called by ship.c. */
#include "adapters/channel_vendure/ship_lines.h"

#include <string.h>

#include "base/dec.h"

static const char item_prefix[] = "item-";

struct matching {
    const struct kt_parcel *parcel;
    const struct kt_json *lines;   /* of the order */
    struct vendure_ship_line *out; /* one for each of them */
    struct kt_err *e;
};

static enum kt_rc unknown(const struct matching *m, const struct kt_shipment_line *line)
{
    return kt_fail(m->e, KT_REJECT, KT_RECORD, KT_E_SHIPMENT_LINE_UNKNOWN,
                   KT_P_TEXT("shipment", m->parcel->shipment->id.p),
                   KT_P_TEXT("order", m->parcel->order_id.p), KT_P_TEXT("sku", line->sku.p));
}

/* Shops sell pieces: a part of one cannot be told. */
static enum kt_rc whole(const struct matching *m, const struct kt_shipment_line *line, int64_t *out)
{
    struct kt_dec pieces = line->quantity;
    char text[KT_DEC_TEXT_MAX];
    if (kt_dec_rescale(&pieces, line->quantity, 0) && pieces.units > 0) {
        *out = pieces.units;
        return KT_OK;
    }
    kt_dec_text(kt_dec_trim(line->quantity), text);
    return kt_fail(m->e, KT_REJECT, KT_RECORD, KT_E_SHIPMENT_QUANTITY,
                   KT_P_TEXT("shipment", m->parcel->shipment->id.p), KT_P_TEXT("sku", line->sku.p),
                   KT_P_TEXT("quantity", text));
}

static int64_t ordered(const struct matching *m, size_t i)
{
    int64_t quantity = 0;
    return kt_json_int(kt_json_get(kt_json_at(m->lines, i), "quantity"), &quantity) ? quantity : 0;
}

static bool has_sku(const struct matching *m, size_t i, struct kt_str sku)
{
    const struct kt_json *variant = kt_json_get(kt_json_at(m->lines, i), "productVariant");
    return kt_str_eq(kt_json_text_of(variant, "sku"), sku);
}

/* Fills the lines of that SKU from the first; what is too much goes to the last of them, where the
 * shop will refuse it. */
static bool spread(const struct matching *m, struct kt_str sku, int64_t quantity)
{
    size_t last = kt_json_count(m->lines);
    for (size_t i = 0; quantity > 0 && i < kt_json_count(m->lines); i++) {
        int64_t free = ordered(m, i) - m->out[i].quantity;
        if (!has_sku(m, i, sku))
            continue;
        last = i;
        if (free <= 0)
            continue;
        int64_t taken = quantity < free ? quantity : free;
        m->out[i].quantity += taken;
        quantity -= taken;
    }
    if (last < kt_json_count(m->lines))
        m->out[last].quantity += quantity;
    return last < kt_json_count(m->lines);
}

static enum kt_rc match(const struct matching *m, const struct kt_shipment_line *line)
{
    int64_t quantity = 0;
    enum kt_rc rc = whole(m, line, &quantity);
    if (rc != KT_OK)
        return rc;
    if (line->order_line.n == 0)
        return spread(m, line->sku, quantity) ? KT_OK : unknown(m, line);
    if (!kt_str_starts(line->order_line, item_prefix))
        return KT_OK; /* postage and fees are not sent */
    struct kt_str id = kt_str_part(line->order_line, sizeof item_prefix - 1, line->order_line.n);
    for (size_t i = 0; i < kt_json_count(m->lines); i++) {
        if (!kt_str_eq(m->out[i].id, id))
            continue;
        m->out[i].quantity += quantity;
        return KT_OK;
    }
    return unknown(m, line);
}

enum kt_rc vendure_ship_lines(struct vendure_ship_line **out, size_t *count,
                              const struct kt_parcel *parcel, const struct kt_json *order,
                              struct kt_arena *a, struct kt_err *e)
{
    struct matching m = { .parcel = parcel, .lines = kt_json_get(order, "lines"), .e = e };
    const struct kt_shipment_line *line = parcel->shipment->lines.item;
    size_t room = kt_json_count(m.lines);
    enum kt_rc rc = KT_OK;
    *count = 0;
    m.out = KT_NEW_ARRAY(a, room + 1, struct vendure_ship_line);
    for (size_t i = 0; i < room; i++)
        m.out[i].id = kt_str_copy(a, kt_json_text_of(kt_json_at(m.lines, i), "id"));
    for (size_t i = 0; rc == KT_OK && i < parcel->shipment->lines.count; i++)
        rc = match(&m, &line[i]);
    for (size_t i = 0; i < room; i++) {
        if (m.out[i].quantity > 0)
            m.out[(*count)++] = m.out[i];
    }
    *out = m.out;
    return rc;
}

bool vendure_ship_lines_same(const struct vendure_ship_line *line, size_t count,
                             const struct kt_json *theirs)
{
    if (kt_json_count(theirs) != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        bool is_there = false;
        for (size_t k = 0; k < count && !is_there; k++) {
            const struct kt_json *other = kt_json_at(theirs, k);
            int64_t quantity = 0;
            is_there = kt_str_eq(kt_json_text_of(other, "orderLineId"), line[i].id) &&
                       kt_json_int(kt_json_get(other, "quantity"), &quantity) &&
                       quantity == line[i].quantity;
        }
        if (!is_there)
            return false;
    }
    return true;
}
