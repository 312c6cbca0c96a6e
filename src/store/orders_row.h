#ifndef KT_STORE_ORDERS_ROW_H
#define KT_STORE_ORDERS_ROW_H

#include "store/odbc.h"
#include "store/orders.h"

/* An order's row as the statements ORDER_GET, ORDER_SEARCH, ORDER_PARTS and ORDER_DUE_… read it.
 * Inside the store only. */
enum { KT_ORDER_COLUMNS = 23 };

#define KT_ORDER_TYPES "ttttttitttiiiitiiittitt"

static inline void kt_order_row_read(struct kt_order_row *o, const struct kt_value *v)
{
    *o = (struct kt_order_row){ .our_key = v[0].text,
                                .channel = v[1].text,
                                .erp = v[2].text,
                                .shop = v[3].text,
                                .order_id = v[4].text,
                                .number = v[5].text,
                                .placed_us = v[6].number,
                                .state = v[7].text,
                                .revision = v[8].text,
                                .record = v[9].text,
                                .due_us = v[10].number,
                                .token = v[11].number,
                                .attempts = (int)v[12].number,
                                .failing_since_us = v[13].number,
                                .customer = v[14].text,
                                .sent_us = v[15].number,
                                .deadline_us = v[16].number,
                                .absent_us = v[17].number,
                                .booking = v[18].text,
                                .erp_number = v[19].text,
                                .changed_us = v[20].number,
                                .part = v[21].text,
                                .lines = v[22].text };
}

#endif
