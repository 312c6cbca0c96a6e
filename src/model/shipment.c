/* The shapes of deliveries: const tables, any thread. Read wherever a delivery is checked, kept or
 * told. */
#include "model/shipment.h"

#include "model/record.h"

const struct kt_shape kt_shipment_line_shape = {
    "shipment_line", sizeof(struct kt_shipment_line),
    (const struct kt_field[]){
        KT_TEXT(kt_shipment_line, id, 60, KT_KEY | KT_REQUIRED),
        KT_TEXT(kt_shipment_line, order_line, 60, 0),
        KT_TEXT(kt_shipment_line, sku, 64, KT_REQUIRED),
        KT_DECIMAL(kt_shipment_line, quantity, 6, KT_REQUIRED),
        KT_TEXT(kt_shipment_line, unit, 20, 0),
        KT_LIST(kt_shipment_line, serials, kt_ref_shape, 0),
        { 0 },
    }
};

const struct kt_shape kt_shipment_shape = {
    "shipment", sizeof(struct kt_shipment),
    (const struct kt_field[]){
        KT_TEXT(kt_shipment, scope, 40, KT_KEY | KT_REQUIRED),
        KT_TEXT(kt_shipment, id, 60, KT_KEY | KT_REQUIRED),
        KT_TEXT(kt_shipment, order_key, 60, 0),
        KT_TEXT(kt_shipment, order_number, 40, 0),
        KT_DAY(kt_shipment, shipped, 0),
        KT_TEXT(kt_shipment, carrier, 80, 0),
        KT_TEXT(kt_shipment, service, 80, 0),
        KT_TEXT(kt_shipment, tracking_no, 120, KT_PERSONAL),
        KT_TEXT(kt_shipment, tracking_url, 400, KT_PERSONAL),
        KT_LIST(kt_shipment, lines, kt_shipment_line_shape, KT_ORDERED),
        { 0 },
    }
};
