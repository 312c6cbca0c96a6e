/* What the shop has changed of an order that is in one of its ERPs already: its other parts, and
 * what it holds of the shop's stock. Called by receive_order.c, inside the page's transaction. */
#include "flow/order_parts.h"
#include "flow/order_states.h"
#include "flow/own_stock.h"
#include "flow/receive_inner.h"
#include "store/exceptions.h"

static enum kt_rc write_part(const struct kt_receiving *r, struct kt_order_row *part,
                             enum kt_order_state to, const char *why, bool *was_ours,
                             struct kt_err *e)
{
    const char *from = part->state.p;
    part->state = kt_str_of(kt_order_state_name(to));
    part->attempts = 0;
    part->token = 0;
    return kt_order_write(r->w->db, part, from, 0, why, r->now_us, was_ours, e);
}

/* Nothing of it is in its ERP, and nothing shall come there: by the way that the table of moves
 * knows. */
static enum kt_rc reject_part(const struct kt_receiving *r, struct kt_order_row *part,
                              bool *is_settled, struct kt_err *e)
{
    const char *why = kt_code_name(KT_E_ORDER_CANCELLED);
    part->due_us = KT_NEVER;
    enum kt_rc rc = write_part(r, part, KT_ORDER_NEW, why, is_settled, e);
    if (rc == KT_OK && *is_settled)
        rc = write_part(r, part, KT_ORDER_REJECTED, why, is_settled, e);
    if (rc == KT_OK && *is_settled)
        rc = kt_exception_close(r->w->db, "order", part->channel.p, part->our_key, r->now_us, e);
    return rc;
}

static enum kt_rc free_part(const struct kt_receiving *r, const struct kt_order_row *part,
                            bool has_left, struct kt_err *e)
{
    struct kt_order was;
    if (r->channel->ops->facts->stock != KT_STOCK_MINUS_OWN)
        return KT_OK;
    if (!kt_receive_stored(r, part, &was))
        was.lines.count = 0;
    return kt_own_stock_drop(r->w->db, part, &was, has_left, r->channel->erp->scope, r->now_us, e);
}

enum kt_rc kt_receive_cancel(const struct kt_receiving *r, const struct kt_order_row *row,
                             size_t *booked, bool *is_settled, struct kt_err *e)
{
    struct kt_order_row *part = NULL;
    size_t count = 0;
    *booked = 0;
    *is_settled = true;
    enum kt_rc rc = kt_order_parts(r->w->db, row->channel, row->shop, row->order_id, &part, &count,
                                   r->w->arena, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        bool is_its = kt_str_is(part[i].state, kt_order_state_name(KT_ORDER_REJECTED));
        if (part[i].erp_number.n > 0) {
            is_its = true;
            (*booked)++;
            rc = free_part(r, &part[i], false, e);
        } else if (!is_its && kt_order_is_untouched(&part[i])) {
            rc = reject_part(r, &part[i], &is_its, e);
        }
        *is_settled = *is_settled && is_its;
    }
    return rc;
}

enum kt_rc kt_receive_fulfilled(const struct kt_receiving *r, const struct kt_order_row *row,
                                struct kt_err *e)
{
    struct kt_order_row *part = NULL;
    size_t count = 0;
    if (r->channel->ops->facts->stock != KT_STOCK_MINUS_OWN)
        return KT_OK;
    enum kt_rc rc = kt_order_parts(r->w->db, row->channel, row->shop, row->order_id, &part, &count,
                                   r->w->arena, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++)
        rc = free_part(r, &part[i], true, e);
    return rc;
}

/* Not where the shop took all lines of it away: then a person decides. */
static bool can_renew(const struct kt_receiving *r, const struct kt_order_row *part,
                      const struct kt_order *now)
{
    struct kt_order cut = *now;
    struct kt_err ignored = { 0 };
    return kt_str_is(part->state, kt_order_state_name(KT_ORDER_HELD)) &&
           kt_order_is_untouched(part) && part->lines.p != NULL &&
           kt_order_cut(part, &cut, r->w->arena, &ignored) == KT_OK;
}

enum kt_rc kt_receive_renew(const struct kt_receiving *r, const struct kt_order_row *row,
                            const struct kt_order *now, struct kt_str record, struct kt_err *e)
{
    struct kt_order_row *part = NULL;
    size_t count = 0;
    enum kt_rc rc = kt_order_parts(r->w->db, row->channel, row->shop, row->order_id, &part, &count,
                                   r->w->arena, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        bool was_ours = false; /* else a person is at it right now, with what stood there */
        if (!can_renew(r, &part[i], now))
            continue;
        part[i].record = record;
        part[i].customer = KT_STR("");
        part[i].due_us = r->now_us;
        rc = write_part(r, &part[i], KT_ORDER_NEW, "changed in the shop", &was_ours, e);
    }
    return rc;
}
