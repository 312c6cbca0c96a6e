#ifndef KT_DOOR_PUSH_FORMS_H
#define KT_DOOR_PUSH_FORMS_H

#include "door/push_inner.h"

/* The rows of the tables in push_forms*.c, and what the operations take from them. s: the type's
 * name in the contract. A row on a member of another C type does not compile. */
#define KT_PUSH_MEMBER(s, m, t) KT_CHECKED(push__##s, m, t)
#define VALUE(s, m)                        \
    {                                      \
        KT_PUSH_MEMBER(s, m, char *), NULL \
    }
#define PART(s, m, t, f)                                    \
    {                                                       \
        KT_PUSH_MEMBER(s, m, struct push__##t *), &f##_form \
    }
#define LIST(s, m, t, f)                                    \
    {                                                       \
        KT_PUSH_MEMBER(s, m, struct push__##t *), &f##_form \
    }
#define IDS(s, m)                                                  \
    {                                                              \
        KT_PUSH_MEMBER(s, m, struct push__Ids *), &kt_push_id_form \
    }
#define NOWHERE               \
    {                         \
        KT_PUSH_NOWHERE, NULL \
    }

extern const struct kt_push_form kt_push_id_form;
extern const struct kt_push_form kt_push_product_form;
extern const struct kt_push_form kt_push_variant_form;
extern const struct kt_push_form kt_push_price_form;
extern const struct kt_push_form kt_push_stock_form;
extern const struct kt_push_form kt_push_category_form;
extern const struct kt_push_form kt_push_customer_form;
extern const struct kt_push_form kt_push_document_form;
extern const struct kt_push_form kt_push_certificate_form;
extern const struct kt_push_form kt_push_shipment_form;
extern const struct kt_push_form kt_push_order_status_form;
extern const struct kt_push_form kt_push_invoice_form;
extern const struct kt_push_form kt_push_return_form;

#endif
