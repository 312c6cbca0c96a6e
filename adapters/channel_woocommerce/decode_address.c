/* The people and places of an order of wc/v3. The shop writes "" for what it does not know: that is
 * absent. Pure; called by decode.c. */
#include "adapters/channel_woocommerce/decode.h"

struct kt_str woocommerce_meta(const struct kt_json *j, const char *key)
{
    const struct kt_json *list = kt_json_get(j, "meta_data");
    for (size_t i = 0; i < kt_json_count(list); i++) {
        const struct kt_json *entry = kt_json_at(list, i);
        if (!kt_str_is(kt_json_text_of(entry, "key"), key))
            continue;
        struct kt_str value = kt_str_trim(kt_json_text_of(entry, "value"));
        if (value.n > 0)
            return value;
    }
    return (struct kt_str){ NULL, 0 };
}

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

static struct kt_str full_name(const struct kt_json *from, struct kt_arena *a)
{
    struct kt_str first = kt_str_trim(kt_json_text_of(from, "first_name"));
    struct kt_str last = kt_str_trim(kt_json_text_of(from, "last_name"));
    if (first.n == 0)
        return last;
    if (last.n == 0)
        return first;
    return kt_str_of(kt_format(a, "%.*s %.*s", (int)first.n, first.p, (int)last.n, last.p));
}

static void decode_address(struct kt_address *to, const struct kt_json *from, struct kt_arena *a)
{
    take(to, &to->company, kt_json_text_of(from, "company"), a);
    take(to, &to->name, full_name(from, a), a);
    take(to, &to->street, kt_json_text_of(from, "address_1"), a);
    take(to, &to->street2, kt_json_text_of(from, "address_2"), a);
    take(to, &to->postcode, kt_json_text_of(from, "postcode"), a);
    take(to, &to->city, kt_json_text_of(from, "city"), a);
    take(to, &to->region, kt_json_text_of(from, "state"), a);
    take(to, &to->country, kt_json_text_of(from, "country"), a);
    take(to, &to->phone, kt_json_text_of(from, "phone"), a);
    take(to, &to->email, kt_json_text_of(from, "email"), a);
}

/* A country alone is not an address: shops fill it in by themselves. */
static bool names_a_place(const struct kt_address *x)
{
    return x->street.n > 0 || x->city.n > 0 || x->postcode.n > 0 || x->name.n > 0 ||
           x->company.n > 0;
}

/* There is no field for it in the core; these are what VAT plug-ins write. */
static struct kt_str vat_id(const struct kt_json *j)
{
    static const char *const keys[] = { "_billing_vat_id", "_vat_number", "_billing_vat_number",
                                        "billing_vat_id" };
    for (size_t i = 0; i < KT_COUNT(keys); i++) {
        struct kt_str value = woocommerce_meta(j, keys[i]);
        if (value.n > 0)
            return value;
    }
    return (struct kt_str){ NULL, 0 };
}

void woocommerce_decode_addresses(struct kt_order *o, const struct kt_json *j, struct kt_arena *a)
{
    struct kt_address billing = { 0 };
    struct kt_address shipping = { 0 };
    decode_address(&billing, kt_json_get(j, "billing"), a);
    decode_address(&shipping, kt_json_get(j, "shipping"), a);
    if (!names_a_place(&shipping))
        shipping = billing;
    take(&billing, &billing.vat_id, vat_id(j), a);
    KT_PUT(o, kt_order_shape, billing, billing);
    KT_PUT(o, kt_order_shape, shipping, shipping);
}
