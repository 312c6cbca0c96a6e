#ifndef KT_CHANNEL_VENDURE_DECODE_H
#define KT_CHANNEL_VENDURE_DECODE_H

#include "adapters/channel_vendure/session.h"
#include "base/json.h"
#include "model/order.h"

/* What an order of the admin API cannot say itself. */
struct vendure_money {
    uint8_t precision; /* digits behind the point of all amounts */
    bool prices_include_tax;
};

/* The fields of an order that decoding reads, as the selection of a query: "id code …", with the
 * custom fields that the shop has. After vendure_know_shop. */
const char *vendure_order_fields(const struct kt_channel *channel, struct kt_arena *a);

/* An order of the admin API into our record, in `a`, without its installation. Pure.
 * Errors KT_REJECT/KT_RECORD ORDER_MALFORMED {order} {field} {value}. */
enum kt_rc vendure_decode_order(struct kt_order **out, const struct kt_json *j,
                                const struct vendure_money *money, struct kt_arena *a,
                                struct kt_err *e) KT_MUST;

/* Both addresses, with what the customer's own record adds; each stands in for the other. */
void vendure_decode_addresses(struct kt_order *o, const struct kt_json *j, struct kt_arena *a);

/* Of the custom fields of an order, customer or address, the first of these names that says
 * something; else absent. */
enum vendure_meaning { VENDURE_BUYER_PO = 0, VENDURE_NOTE, VENDURE_VAT_ID };
struct kt_str vendure_custom(const struct kt_json *entity, enum vendure_meaning meaning);

#endif
