/* Matching buyers with the ERP's customers. Called by orders.c on the ERP's booking thread. */
#include "flow/order_customer.h"

#include "store/records.h"

static enum kt_rc known_by_email(struct kt_work *w, const struct kt_erp_site *site,
                                 struct kt_str email, struct kt_customer_match *match, bool *is_one,
                                 struct kt_err *e)
{
    struct kt_list found = { 0 };
    *is_one = false;
    if (email.n == 0)
        return KT_OK;
    enum kt_rc rc = kt_records_where(w->db, KT_KIND_CUSTOMER, kt_str_of(site->scope), "email",
                                     kt_str_lower(w->arena, email), &found, w->arena, e);
    const struct kt_customer *customer = found.item;
    if (rc != KT_OK || found.count != 1 || customer->is_blocked)
        return rc;
    *is_one = true;
    *match =
        (struct kt_customer_match){ .number = customer->number, .matched_by = KT_STR("email") };
    return KT_OK;
}

enum kt_rc kt_order_customers(struct kt_work *w, struct kt_erp_session *s,
                              const struct kt_order *order, struct kt_customer_match **match,
                              size_t *count, struct kt_err *e)
{
    bool is_one = false;
    *match = KT_NEW(w->arena, struct kt_customer_match);
    *count = 0;
    enum kt_rc rc = known_by_email(w, s->site, order->billing.email, *match, &is_one, e);
    if (rc == KT_OK && is_one)
        *count = 1;
    else if (rc == KT_OK && s->site->ops->customer_find != NULL)
        rc = s->site->ops->customer_find(s->erp, order, match, count, w->arena, e);
    return rc;
}
