/* What is left to deliver. Pure, any thread; called when a delivery is told to the shop. */
#include "trade/remaining.h"

static bool take(struct kt_dec *left, struct kt_dec quantity)
{
    return kt_dec_sub(left, *left, quantity);
}

static bool take_by_line(const struct kt_order *order, const struct kt_shipment_line *delivered,
                         struct kt_dec *left)
{
    const struct kt_order_line *line = order->lines.item;
    for (size_t i = 0; i < order->lines.count; i++) {
        if (kt_str_eq(line[i].id, delivered->order_line))
            return take(&left[i], delivered->quantity);
    }
    return true; /* of a line that the shop does not know */
}

static bool take_by_sku(const struct kt_order *order, const struct kt_shipment_line *delivered,
                        struct kt_dec *left)
{
    const struct kt_order_line *line = order->lines.item;
    struct kt_dec rest = delivered->quantity;
    for (size_t i = 0; i < order->lines.count; i++) {
        bool is_its = line[i].type == KT_LINE_ITEM && kt_str_eq(line[i].sku, delivered->sku);
        if (!is_its || left[i].units <= 0 || rest.units <= 0)
            continue;
        struct kt_dec taken = kt_dec_cmp(rest, left[i]) < 0 ? rest : left[i];
        if (!take(&left[i], taken) || !take(&rest, taken))
            return false;
    }
    return true;
}

static bool take_all(const struct kt_order *order, const struct kt_shipment *s, bool by_line,
                     struct kt_dec *left)
{
    const struct kt_shipment_line *line = s->lines.item;
    bool fits = true;
    for (size_t i = 0; fits && i < s->lines.count; i++) {
        if ((line[i].order_line.n > 0) != by_line)
            continue;
        fits = by_line ? take_by_line(order, &line[i], left) : take_by_sku(order, &line[i], left);
    }
    return fits;
}

bool kt_order_remaining(const struct kt_order *order, const struct kt_shipment *shipment,
                        size_t shipments, struct kt_dec *left)
{
    const struct kt_order_line *line = order->lines.item;
    bool fits = true;
    for (size_t i = 0; i < order->lines.count; i++)
        left[i] = line[i].type == KT_LINE_ITEM ? line[i].quantity : kt_dec_int(0);
    for (size_t i = 0; fits && i < shipments; i++)
        fits = take_all(order, &shipment[i], true, left);
    for (size_t i = 0; fits && i < shipments; i++) /* what is known exactly went first */
        fits = take_all(order, &shipment[i], false, left);
    for (size_t i = 0; i < order->lines.count; i++) {
        if (line[i].type != KT_LINE_ITEM || left[i].units < 0)
            left[i] = kt_dec_int(0);
    }
    return fits;
}
