/* Shop addresses into NAV's fields. Pure; called by the order's check and encoder. */
#include "address.h"

size_t kt_nav_name_max(bool is_bc)
{
    return is_bc ? 100 : 50;
}

size_t kt_nav_contact_max(bool is_bc)
{
    return is_bc ? 100 : 50;
}

/* Bytes of at most `most` characters that end in front of a blank; 0: there is no such place. */
static size_t fold_at(struct kt_str s, size_t most)
{
    size_t at = 0;
    size_t characters = 0;
    for (size_t i = 0; i < s.n && characters <= most; characters++) {
        if (s.p[i] == ' ')
            at = i;
        i += kt_utf8_step(kt_str_part(s, i, s.n - i));
    }
    return at;
}

/* What is too long goes on in the empty second field. */
static void spread(struct kt_str *first, struct kt_str *second, size_t most, size_t second_most)
{
    if (kt_utf8_count(*first) <= most || second->n > 0)
        return;
    size_t at = fold_at(*first, most);
    struct kt_str rest = kt_str_trim(kt_str_part(*first, at, first->n - at));
    if (at == 0 || kt_utf8_count(rest) > second_most)
        return; /* the check says so */
    *second = rest;
    *first = kt_str_trim(kt_str_part(*first, 0, at));
}

void kt_nav_address(struct kt_nav_address *out, const struct kt_address *in, bool is_bc)
{
    struct kt_str company = kt_str_trim(in->company);
    struct kt_str person = kt_str_trim(in->name);
    struct kt_str county = kt_str_trim(in->region);
    *out = (struct kt_nav_address){
        .name = company.n > 0 ? company : person,
        .contact = company.n > 0 ? person : (struct kt_str){ NULL, 0 },
        .address = kt_str_trim(in->street),
        .address_2 = kt_str_trim(in->street2),
        .city = kt_str_trim(in->city),
        .post_code = kt_str_trim(in->postcode),
        .country = kt_str_trim(in->country),
        .phone = kt_str_trim(in->phone),
        .email = kt_str_trim(in->email),
    };
    if (kt_utf8_count(county) <= KT_NAV_COUNTY_MAX)
        out->county = county;
    spread(&out->name, &out->name_2, kt_nav_name_max(is_bc), KT_NAV_NAME_2_MAX);
    spread(&out->address, &out->address_2, kt_nav_name_max(is_bc), KT_NAV_ADDRESS_2_MAX);
}

const struct kt_address *kt_nav_ship_to(const struct kt_order *order)
{
    bool is_empty = order->shipping.street.n == 0 && order->shipping.city.n == 0;
    return is_empty ? &order->billing : &order->shipping;
}
