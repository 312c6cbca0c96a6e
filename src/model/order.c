/* The shapes of orders and of what an ERP booked, and our key of an order. */
#include "model/order.h"

#include <string.h>

static const char *const line_type_names[] = { "item", "shipping", "fee", "discount", NULL };
static const char *const status_names[] = { "open", "cancelled", NULL };

const struct kt_shape kt_order_line_shape = {
    "order_line", sizeof(struct kt_order_line),
    (const struct kt_field[]){
        KT_TEXT(kt_order_line, id, 60, KT_KEY | KT_REQUIRED),
        KT_CHOICE(kt_order_line, type, line_type_names, KT_REQUIRED),
        KT_TEXT(kt_order_line, sku, 64, 0),
        KT_TEXT(kt_order_line, name, 400, 0),
        KT_DECIMAL(kt_order_line, quantity, 6, KT_REQUIRED),
        KT_TEXT(kt_order_line, unit, 20, 0),
        KT_DECIMAL(kt_order_line, net, 6, KT_REQUIRED),
        KT_DECIMAL(kt_order_line, tax, 6, KT_REQUIRED),
        KT_DECIMAL(kt_order_line, gross, 6, KT_REQUIRED),
        KT_TEXT(kt_order_line, tax_class, 40, 0),
        { 0 },
    }
};

const struct kt_shape kt_address_shape = { "address", sizeof(struct kt_address),
                                           (const struct kt_field[]){
                                               KT_TEXT(kt_address, company, 200, KT_PERSONAL),
                                               KT_TEXT(kt_address, name, 200, KT_PERSONAL),
                                               KT_TEXT(kt_address, street, 200, KT_PERSONAL),
                                               KT_TEXT(kt_address, street2, 200, KT_PERSONAL),
                                               KT_TEXT(kt_address, postcode, 40, KT_PERSONAL),
                                               KT_TEXT(kt_address, city, 200, KT_PERSONAL),
                                               KT_TEXT(kt_address, region, 80, KT_PERSONAL),
                                               KT_TEXT(kt_address, country, 2, 0),
                                               KT_TEXT(kt_address, phone, 80, KT_PERSONAL),
                                               KT_TEXT(kt_address, email, 254, KT_PERSONAL),
                                               KT_TEXT(kt_address, vat_id, 40, KT_PERSONAL),
                                               { 0 },
                                           } };

const struct kt_shape kt_order_shape = {
    "order", sizeof(struct kt_order),
    (const struct kt_field[]){
        KT_TEXT(kt_order, installation, 200, KT_KEY | KT_REQUIRED),
        KT_TEXT(kt_order, id, 64, KT_KEY | KT_REQUIRED),
        KT_TEXT(kt_order, number, 64, KT_REQUIRED),
        KT_INSTANT(kt_order, placed_at, KT_REQUIRED),
        KT_INSTANT(kt_order, changed_at, KT_VOLATILE),
        KT_TEXT(kt_order, language, 8, 0),
        KT_TEXT(kt_order, market, 20, 0),
        KT_TEXT(kt_order, currency, 3, KT_REQUIRED),
        KT_BOOL(kt_order, prices_include_tax, 0),
        KT_TEXT(kt_order, customer, 64, KT_PERSONAL),
        KT_TEXT(kt_order, buyer_po, 80, 0),
        KT_DAY(kt_order, requested, 0),
        KT_BOOL(kt_order, is_test, 0),
        KT_CHOICE(kt_order, status, status_names, KT_REQUIRED),
        KT_BOOL(kt_order, is_paid, 0),
        KT_TEXT(kt_order, payment_method, 80, 0),
        KT_TEXT(kt_order, payment_ref, 120, KT_PERSONAL),
        KT_PART(kt_order, billing, kt_address, kt_address_shape, 0),
        KT_PART(kt_order, shipping, kt_address, kt_address_shape, 0),
        KT_LIST(kt_order, lines, kt_order_line_shape, KT_ORDERED | KT_REQUIRED),
        KT_DECIMAL(kt_order, net, 6, 0),
        KT_DECIMAL(kt_order, tax, 6, KT_REQUIRED),
        KT_DECIMAL(kt_order, gross, 6, KT_REQUIRED),
        KT_TEXT(kt_order, note, 4000, KT_PERSONAL),
        KT_BOOL(kt_order, is_fulfilled, KT_VOLATILE),
        { 0 },
    }
};

const struct kt_shape kt_booked_line_shape = { "booked_line", sizeof(struct kt_booked_line),
                                               (const struct kt_field[]){
                                                   KT_TEXT(kt_booked_line, line, 60, KT_KEY),
                                                   KT_DECIMAL(kt_booked_line, net, 6, 0),
                                                   KT_DECIMAL(kt_booked_line, tax, 6, 0),
                                                   KT_DECIMAL(kt_booked_line, gross, 6, 0),
                                                   { 0 },
                                               } };

const struct kt_shape kt_booking_shape = {
    "booking", sizeof(struct kt_booking),
    (const struct kt_field[]){
        KT_TEXT(kt_booking, number, 40, KT_KEY | KT_REQUIRED),
        KT_BOOL(kt_booking, is_blocked, 0),
        KT_TEXT(kt_booking, currency, 3, 0),
        KT_DECIMAL(kt_booking, net, 6, 0),
        KT_DECIMAL(kt_booking, tax, 6, 0),
        KT_DECIMAL(kt_booking, gross, 6, 0),
        KT_LIST(kt_booking, lines, kt_booked_line_shape, KT_ORDERED),
        { 0 },
    }
};

static void put_part(struct kt_hash *h, const void *bytes, size_t n)
{
    uint8_t length[4] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n };
    kt_hash_put(h, length, sizeof length); /* "ab","c" and "a","bc" must differ */
    kt_hash_put(h, bytes, n);
}

void kt_order_key(char *out, const char *kontor, const char *channel, struct kt_str shop,
                  struct kt_str order_id)
{
    enum { DIGEST_BYTES = 19 }; /* 152 bits, 31 characters */
    uint8_t digest[KT_HASH_BYTES];
    struct kt_arena *a = kt_arena_new();
    struct kt_hash *h = kt_hash_new(a);
    put_part(h, kontor, strlen(kontor));
    put_part(h, channel, strlen(channel));
    put_part(h, shop.p, shop.n);
    put_part(h, order_id.p, order_id.n);
    kt_hash_end(h, digest);
    kt_arena_free(a);
    out[0] = 'K';
    kt_base32(digest, DIGEST_BYTES, out + 1);
}
