/* Customers as SAP's wrapper tells them, into our records. No network; called by call.c on the
 * session's thread. The one-time account is never among them. */
#include "read.h"

static struct kt_customer *new_customer(const struct kt_sap_source *s, struct kt_str number)
{
    struct kt_customer *c = KT_NEW(s->arena, struct kt_customer);
    (void)KT_PUT(c, kt_customer_shape, scope, kt_str_of(s->scope));
    (void)KT_PUT(c, kt_customer_shape, number, number);
    return c;
}

static void fill_address(struct kt_customer *c, const struct sap__ZKONTOR_S_ACCOUNT *row,
                         struct kt_arena *a)
{
    KT_SAP_PUT_TEXT(c, kt_customer_shape, street, kt_sap_text(row->STREET, a));
    KT_SAP_PUT_TEXT(c, kt_customer_shape, postal_code, kt_sap_text(row->POSTL_CODE, a));
    KT_SAP_PUT_TEXT(c, kt_customer_shape, city, kt_sap_text(row->CITY, a));
    KT_SAP_PUT_TEXT(c, kt_customer_shape, country, kt_sap_text(row->COUNTRY, a));
}

static void fill_customer(struct kt_customer *c, const struct sap__ZKONTOR_S_ACCOUNT *row,
                          struct kt_arena *a)
{
    (void)KT_PUT(c, kt_customer_shape, kind,
                 kt_sap_flag(row->B2B) ? KT_CUSTOMER_B2B : KT_CUSTOMER_B2C);
    KT_SAP_PUT_TEXT(c, kt_customer_shape, name, kt_sap_text(row->NAME, a));
    KT_SAP_PUT_TEXT(c, kt_customer_shape, email, kt_sap_text(row->EMAIL, a));
    KT_SAP_PUT_TEXT(c, kt_customer_shape, vat_id, kt_sap_text(row->VAT_ID, a));
    KT_SAP_PUT_TEXT(c, kt_customer_shape, price_list, kt_sap_text(row->PRICE_LIST, a));
    KT_SAP_PUT_TEXT(c, kt_customer_shape, customer_group, kt_sap_text(row->CUSTOMER_GROUP, a));
    fill_address(c, row, a);
    (void)KT_PUT(c, kt_customer_shape, is_blocked, kt_sap_flag(row->BLOCKED));
}

static void add(const struct kt_sap_source *s, const char *kunnr, const char *changed_at,
                const struct sap__ZKONTOR_S_ACCOUNT *row)
{
    struct kt_str number = kt_sap_text(kunnr, s->arena);
    struct kt_sap_row r = { .s = s, .what = "customer", .key = number };
    struct kt_customer *c = new_customer(s, number);
    if (number.n == 0)
        kt_sap_row_fault(&r, "KUNNR", "");
    int64_t as_of = kt_sap_row_instant(&r, "CHANGED_AT", changed_at);
    if (row != NULL && r.fault == NULL)
        fill_customer(c, row, s->arena);
    kt_changes_add(s->out, (struct kt_change){ .kind = KT_KIND_CUSTOMER,
                                               .is_deleted = row == NULL,
                                               .as_of_us = as_of,
                                               .record = c,
                                               .fault = r.fault });
}

void kt_sap_decode_accounts(const struct kt_sap_source *s,
                            const struct _sap__Z_KONTOR_CUSTOMERSResponse *r)
{
    for (int i = 0; r->ET_CUSTOMER != NULL && i < r->ET_CUSTOMER->__sizeitem; i++) {
        const struct sap__ZKONTOR_S_ACCOUNT *row = &r->ET_CUSTOMER->item[i];
        add(s, row->KUNNR, row->CHANGED_AT, row);
    }
    for (int i = 0; r->ET_DELETED != NULL && i < r->ET_DELETED->__sizeitem; i++)
        add(s, r->ET_DELETED->item[i].KUNNR, r->ET_DELETED->item[i].CHANGED_AT, NULL);
}
