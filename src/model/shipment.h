#ifndef KT_MODEL_SHIPMENT_H
#define KT_MODEL_SHIPMENT_H

#include "model/shape.h"

/* A delivery that left the warehouse. A fact: it is never replaced, a correction is another fact
 * with the same id. */
struct kt_shipment_line {
    uint64_t present;
    struct kt_str id;         /* of the line of the delivery, as the ERP counts them */
    struct kt_str order_line; /* id of the shop's order line; absent: the ERP does not keep it */
    struct kt_str sku;
    struct kt_dec quantity; /* in `unit` */
    struct kt_str unit;
    struct kt_list serials; /* struct kt_ref: serial numbers */
};
extern const struct kt_shape kt_shipment_line_shape;

struct kt_shipment {
    uint64_t present;
    struct kt_str scope;
    struct kt_str id;           /* the ERP's number of the delivery */
    struct kt_str order_key;    /* our key of the order; absent: a sale that no shop made */
    struct kt_str order_number; /* the ERP's number of the order */
    struct kt_day shipped;      /* in the ERP's own zone */
    struct kt_str carrier;
    struct kt_str service;
    struct kt_str tracking_no;
    struct kt_str tracking_url;
    struct kt_list lines; /* struct kt_shipment_line; at most what one delivery holds */
};
extern const struct kt_shape kt_shipment_shape;

/* What a source brings: shipments in the order in which they happened, as far as it knows. */
struct kt_shipments {
    struct kt_shipment *item;
    size_t count;
};

#endif
