/* DEBMAS: customers. Pure, any thread; called by idoc.c. What the message does not speak of (mail
 * addresses are in ADRMAS alone) stays as it is known. */
#include "format/idoc_inner.h"

static const struct kt_idoc_row customer_rows[] = {
    { "", NULL, "NAME1", "name", KT_IDOC_PLAIN },
    { "", NULL, "STCEG", "vat_id", KT_IDOC_PLAIN },
    { "", NULL, "STRAS", "street", KT_IDOC_PLAIN },
    { "", NULL, "PSTLZ", "postal_code", KT_IDOC_PLAIN },
    { "", NULL, "ORT01", "city", KT_IDOC_PLAIN },
    { "", NULL, "LAND1", "country", KT_IDOC_PLAIN },
    { "E1KNVVM", NULL, "PLTYP", "price_list", KT_IDOC_PLAIN },
    { "E1KNVVM", NULL, "KONDA", "customer_group", KT_IDOC_PLAIN },
    { "E1KNVVM", NULL, "AUFSD", "is_blocked", KT_IDOC_FILLED },
    { "", NULL, "AUFSD", "is_blocked", KT_IDOC_FILLED },
    { 0 },
};
const struct kt_idoc_table kt_idoc_customer = { "DEBMAS", "E1KNA1M", &kt_customer_shape,
                                                customer_rows };

static struct kt_customer *new_customer(const struct kt_idoc_reader *r)
{
    struct kt_customer *c = KT_NEW(r->arena, struct kt_customer);
    (void)KT_PUT(c, kt_customer_shape, scope, kt_str_of(r->s->scope));
    (void)KT_PUT(c, kt_customer_shape, number, r->key);
    return c;
}

static void read_one(struct kt_idoc_reader *r, const struct kt_xml_node *main)
{
    struct kt_change change = { .kind = KT_KIND_CUSTOMER, .leads = 1 };
    bool is_said = false;
    kt_idoc_begin(r, "customer", kt_idoc_number(main, "KUNNR"));
    struct kt_customer *c = new_customer(r);
    if (r->key.n == 0)
        kt_idoc_fault(r, main, "KUNNR", KT_STR(""));
    change.is_deleted = kt_idoc_is_delete(main) || kt_idoc_is(main, "LOEVM", "X");
    if (!change.is_deleted) {
        change.leads |= kt_idoc_apply(r, &kt_idoc_customer, main, c);
        bool is_person = kt_idoc_text(main, "STKZN", &is_said).n > 0;
        (void)KT_PUT(c, kt_customer_shape, kind, is_person ? KT_CUSTOMER_B2C : KT_CUSTOMER_B2B);
        if (is_said)
            change.leads |= kt_idoc_bit(&kt_customer_shape, "kind");
        /* a message without the sales area does not know of a block there */
        if (!c->is_blocked && kt_idoc_next(main, NULL, "E1KNVVM") == NULL)
            change.leads &= ~kt_idoc_bit(&kt_customer_shape, "is_blocked");
    }
    change.record = r->fault == NULL ? c : new_customer(r);
    kt_idoc_add(r, change);
}

void kt_idoc_read_customer(struct kt_idoc_reader *r)
{
    for (const struct kt_xml_node *main = kt_idoc_next(r->idoc->node, NULL, "E1KNA1M");
         main != NULL; main = kt_idoc_next(r->idoc->node, main, "E1KNA1M"))
        read_one(r, main);
}
