/* Customers into our records. Pure; called by feed.c. The one-time account is never among them. */
#include "decode.h"
#include "text.h"

static struct kt_customer *new_customer(const struct kt_nav_into *to, struct kt_str number)
{
    struct kt_customer *c = KT_NEW(to->arena, struct kt_customer);
    (void)KT_PUT(c, kt_customer_shape, scope, kt_str_of(to->erp->env->scope));
    (void)KT_PUT(c, kt_customer_shape, number, number);
    return c;
}

static struct kt_str joined(struct kt_str first, struct kt_str second, struct kt_arena *a)
{
    if (second.n == 0)
        return first;
    if (first.n == 0)
        return second;
    return kt_str_of(kt_format(a, "%.*s %.*s", (int)first.n, first.p, (int)second.n, second.p));
}

/* NAV keeps no kind of customer: who has a VAT number is a business. */
static void fill(struct kt_customer *c, const struct kt_nav_into *to,
                 const struct kt_nav_customer *row)
{
    struct kt_arena *a = to->arena;
    (void)KT_PUT(c, kt_customer_shape, kind, row->vat_id.n > 0 ? KT_CUSTOMER_B2B : KT_CUSTOMER_B2C);
    KT_NAV_PUT_TEXT(c, kt_customer_shape, name, joined(row->name, row->name_2, a));
    KT_NAV_PUT_TEXT(c, kt_customer_shape, email, row->email);
    KT_NAV_PUT_TEXT(c, kt_customer_shape, vat_id, row->vat_id);
    KT_NAV_PUT_TEXT(c, kt_customer_shape, street, joined(row->address, row->address_2, a));
    KT_NAV_PUT_TEXT(c, kt_customer_shape, postal_code, row->post_code);
    KT_NAV_PUT_TEXT(c, kt_customer_shape, city, row->city);
    KT_NAV_PUT_TEXT(c, kt_customer_shape, country, kt_nav_country(to->erp->conf, row->country));
    KT_NAV_PUT_TEXT(c, kt_customer_shape, customer_group, row->price_group);
    (void)KT_PUT(c, kt_customer_shape, is_blocked, row->blocked.n > 0);
}

static void decode_one(const struct kt_nav_into *to, const struct kt_nav_customer *row)
{
    struct kt_nav_reading r = { .what = "customer", .key = row->no, .arena = to->arena };
    struct kt_customer *c = new_customer(to, row->no);
    kt_nav_fault_row(&r, &row->row);
    if (r.fault == NULL)
        fill(c, to, row);
    kt_changes_add(to->out, (struct kt_change){ .kind = KT_KIND_CUSTOMER,
                                                .as_of_us = to->pulled_us,
                                                .record = c,
                                                .fault = r.fault });
}

void kt_nav_decode_customers(const struct kt_nav_into *to, const struct kt_nav_rows *rows)
{
    const struct kt_nav_customer *row = rows->item;
    const char *one_time = to->erp->conf->one_time_customer;
    for (size_t i = 0; i < rows->count; i++) {
        if (!kt_str_is(row[i].no, one_time))
            decode_one(to, &row[i]);
    }
}
