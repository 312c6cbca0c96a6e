/* The people and places of an order of the admin API: names and streets stand with the order, the
 * mail address with the customer, a tax number in custom fields. What the customer did not fill in
 * is null: that is absent. Pure; called by decode.c. */
#include "adapters/channel_vendure/decode.h"

/* Sets a text member of an address where the shop says something. */
static void take(struct kt_address *to, struct kt_str *member, struct kt_str value,
                 struct kt_arena *a)
{
    value = kt_str_trim(value);
    if (value.n == 0)
        return;
    *member = kt_str_copy(a, value);
    kt_mark(to, &kt_address_shape, (size_t)((const char *)member - (const char *)to));
}

static void decode_address(struct kt_address *to, const struct kt_json *from, struct kt_arena *a)
{
    take(to, &to->company, kt_json_text_of(from, "company"), a);
    take(to, &to->name, kt_json_text_of(from, "fullName"), a);
    take(to, &to->street, kt_json_text_of(from, "streetLine1"), a);
    take(to, &to->street2, kt_json_text_of(from, "streetLine2"), a);
    take(to, &to->postcode, kt_json_text_of(from, "postalCode"), a);
    take(to, &to->city, kt_json_text_of(from, "city"), a);
    take(to, &to->region, kt_json_text_of(from, "province"), a);
    take(to, &to->country, kt_json_text_of(from, "countryCode"), a);
    take(to, &to->phone, kt_json_text_of(from, "phoneNumber"), a);
}

/* A country alone is not an address. */
static bool names_a_place(const struct kt_address *x)
{
    return x->street.n > 0 || x->city.n > 0 || x->postcode.n > 0 || x->name.n > 0 ||
           x->company.n > 0;
}

static struct kt_str customer_name(const struct kt_json *customer, struct kt_arena *a)
{
    struct kt_str first = kt_str_trim(kt_json_text_of(customer, "firstName"));
    struct kt_str last = kt_str_trim(kt_json_text_of(customer, "lastName"));
    if (first.n == 0)
        return last;
    if (last.n == 0)
        return first;
    return kt_str_of(kt_format(a, "%.*s %.*s", (int)first.n, first.p, (int)last.n, last.p));
}

/* The nearest to this order counts. */
static struct kt_str vat_id(const struct kt_json *j)
{
    const struct kt_json *const places[] = { j, kt_json_get(j, "billingAddress"),
                                             kt_json_get(j, "shippingAddress"),
                                             kt_json_get(j, "customer") };
    for (size_t i = 0; i < KT_COUNT(places); i++) {
        struct kt_str value = vendure_custom(places[i], VENDURE_VAT_ID);
        if (value.n > 0)
            return value;
    }
    return (struct kt_str){ NULL, 0 };
}

void vendure_decode_addresses(struct kt_order *o, const struct kt_json *j, struct kt_arena *a)
{
    const struct kt_json *customer = kt_json_get(j, "customer");
    struct kt_address billing = { 0 };
    struct kt_address shipping = { 0 };
    decode_address(&billing, kt_json_get(j, "billingAddress"), a);
    decode_address(&shipping, kt_json_get(j, "shippingAddress"), a);
    if (!names_a_place(&billing))
        billing = shipping;
    if (!names_a_place(&shipping))
        shipping = billing;
    struct kt_address *both[] = { &billing, &shipping };
    for (size_t i = 0; i < KT_COUNT(both); i++) {
        if (both[i]->name.n == 0 && both[i]->company.n == 0)
            take(both[i], &both[i]->name, customer_name(customer, a), a);
        if (both[i]->phone.n == 0)
            take(both[i], &both[i]->phone, kt_json_text_of(customer, "phoneNumber"), a);
        take(both[i], &both[i]->email, kt_json_text_of(customer, "emailAddress"), a);
    }
    take(&billing, &billing.vat_id, vat_id(j), a);
    KT_PUT(o, kt_order_shape, billing, billing);
    KT_PUT(o, kt_order_shape, shipping, shipping);
}
