#ifndef KT_MODEL_ORDER_H
#define KT_MODEL_ORDER_H

#include "model/shape.h"

/* An order as the shop sold it. Amounts are in the order's currency, scale up to 6. */
enum kt_order_line_type { KT_LINE_ITEM = 0, KT_LINE_SHIPPING, KT_LINE_FEE, KT_LINE_DISCOUNT };

struct kt_order_line {
    uint64_t present;
    struct kt_str id; /* the shop's line id, prefixed by what it is: "item-12", "shipping-3" */
    int type;         /* enum kt_order_line_type */
    struct kt_str sku;
    struct kt_str name;
    struct kt_dec quantity;
    struct kt_str unit; /* empty: base unit */
    struct kt_dec net;  /* of the whole line, after discounts; discounts are negative */
    struct kt_dec tax;
    struct kt_dec gross;
    struct kt_str tax_class;
};
extern const struct kt_shape kt_order_line_shape;

struct kt_address {
    uint64_t present;
    struct kt_str company;
    struct kt_str name;   /* first and last name */
    struct kt_str street; /* street and house number as the customer typed them */
    struct kt_str street2;
    struct kt_str postcode;
    struct kt_str city;
    struct kt_str region;
    struct kt_str country; /* ISO 3166 alpha-2 */
    struct kt_str phone;
    struct kt_str email;
    struct kt_str vat_id;
};
extern const struct kt_shape kt_address_shape;

/* What the shop says has become of the order. */
enum kt_order_status { KT_ORDER_OPEN = 0, KT_ORDER_CANCELLED };

struct kt_order {
    uint64_t present;
    struct kt_str installation; /* identity of the shop installation */
    struct kt_str id;           /* the shop's id; with installation the identity */
    struct kt_str number;       /* what people call it */
    int64_t placed_at;
    int64_t changed_at; /* volatile: the shop's last change */
    struct kt_str language;
    struct kt_str market;
    struct kt_str currency;
    bool prices_include_tax;
    struct kt_str customer;  /* the shop's customer id; empty for guests */
    struct kt_str buyer_po;  /* the buyer's own purchase order number */
    struct kt_day requested; /* requested delivery date */
    bool is_test;
    int status; /* enum kt_order_status */
    bool is_paid;
    bool is_fulfilled; /* volatile: all of it has left, as the shop sees it, whoever said so */
    struct kt_str payment_method;
    struct kt_str payment_ref; /* transaction id */
    struct kt_address billing;
    struct kt_address shipping;
    struct kt_list lines; /* struct kt_order_line, ordered */
    struct kt_dec net;    /* totals as the shop computed them */
    struct kt_dec tax;
    struct kt_dec gross;
    struct kt_str note; /* the customer's note */
};
extern const struct kt_shape kt_order_shape;

/* What an ERP booked. */
struct kt_booked_line {
    uint64_t present;
    struct kt_str line; /* id of the order's line; empty: the ERP added it */
    struct kt_dec net;
    struct kt_dec tax;
    struct kt_dec gross;
};
extern const struct kt_shape kt_booked_line_shape;

struct kt_booking {
    uint64_t present;
    struct kt_str number; /* the ERP's document */
    bool is_blocked;      /* held over there until a person releases it */
    struct kt_str currency;
    struct kt_dec net;
    struct kt_dec tax;
    struct kt_dec gross;
    struct kt_list lines; /* struct kt_booked_line */
};
extern const struct kt_shape kt_booking_shape;

enum { KT_ORDER_KEY_MAX = 33 };

/* Our key of an order in an ERP: 'K' and 31 characters of base32 over SHA-256 of installation of
 * Kontor, channel and the shop's order identity. Derived, never random: after a restore the same
 * order gets the same key. `out` holds KT_ORDER_KEY_MAX bytes. */
void kt_order_key(char *out, const char *kontor, const char *channel, struct kt_str shop,
                  struct kt_str order_id);

#endif
