/* Where the fields of facts stand in gSOAP's structs of push.wsdl: const tables, any thread. Each
 * is in the order of its shape; a test fills every field of every shape through them. */
#include "door/push_forms.h"

#include "model/fact.h"

static const struct kt_push_row shipment_line_rows[] = {
    VALUE(ShipmentLine, id),       VALUE(ShipmentLine, orderLine), VALUE(ShipmentLine, sku),
    VALUE(ShipmentLine, quantity), VALUE(ShipmentLine, unit),      IDS(ShipmentLine, serials),
};
static const struct kt_push_form shipment_line_form = { &kt_shipment_line_shape,
                                                        sizeof(struct push__ShipmentLine),
                                                        shipment_line_rows,
                                                        KT_COUNT(shipment_line_rows) };

static const struct kt_push_row shipment_rows[] = {
    NOWHERE,
    VALUE(Shipment, id),
    VALUE(Shipment, orderKey),
    VALUE(Shipment, orderNumber),
    VALUE(Shipment, shipped),
    VALUE(Shipment, carrier),
    VALUE(Shipment, service),
    VALUE(Shipment, trackingNo),
    VALUE(Shipment, trackingUrl),
    LIST(Shipment, lines, ShipmentLines, shipment_line),
};
const struct kt_push_form kt_push_shipment_form = { &kt_shipment_shape,
                                                    sizeof(struct push__Shipment), shipment_rows,
                                                    KT_COUNT(shipment_rows) };

static const struct kt_push_row order_status_line_rows[] = {
    VALUE(OrderStatusLine, id),          VALUE(OrderStatusLine, orderLine),
    VALUE(OrderStatusLine, sku),         VALUE(OrderStatusLine, quantity),
    VALUE(OrderStatusLine, unit),        VALUE(OrderStatusLine, confirmed),
    VALUE(OrderStatusLine, confirmedOn), VALUE(OrderStatusLine, isRejected),
    VALUE(OrderStatusLine, reason),
};
static const struct kt_push_form order_status_line_form = { &kt_status_line_shape,
                                                            sizeof(struct push__OrderStatusLine),
                                                            order_status_line_rows,
                                                            KT_COUNT(order_status_line_rows) };

static const struct kt_push_row order_status_rows[] = {
    NOWHERE,
    VALUE(OrderStatus, id),
    VALUE(OrderStatus, orderKey),
    VALUE(OrderStatus, orderNumber),
    VALUE(OrderStatus, status),
    VALUE(OrderStatus, changedAt),
    VALUE(OrderStatus, currency),
    VALUE(OrderStatus, net),
    VALUE(OrderStatus, tax),
    VALUE(OrderStatus, gross),
    LIST(OrderStatus, lines, OrderStatusLines, order_status_line),
};
const struct kt_push_form kt_push_order_status_form = { &kt_status_report_shape,
                                                        sizeof(struct push__OrderStatus),
                                                        order_status_rows,
                                                        KT_COUNT(order_status_rows) };

static const struct kt_push_row invoice_line_rows[] = {
    VALUE(InvoiceLine, id),       VALUE(InvoiceLine, orderLine), VALUE(InvoiceLine, sku),
    VALUE(InvoiceLine, quantity), VALUE(InvoiceLine, unit),      VALUE(InvoiceLine, net),
    VALUE(InvoiceLine, tax),      VALUE(InvoiceLine, gross),
};
static const struct kt_push_form invoice_line_form = { &kt_invoice_line_shape,
                                                       sizeof(struct push__InvoiceLine),
                                                       invoice_line_rows,
                                                       KT_COUNT(invoice_line_rows) };

static const struct kt_push_row invoice_rows[] = {
    NOWHERE,
    VALUE(Invoice, id),
    VALUE(Invoice, orderKey),
    VALUE(Invoice, orderNumber),
    VALUE(Invoice, type),
    VALUE(Invoice, issued),
    VALUE(Invoice, due),
    VALUE(Invoice, corrects),
    VALUE(Invoice, delivery),
    VALUE(Invoice, currency),
    VALUE(Invoice, net),
    VALUE(Invoice, tax),
    VALUE(Invoice, gross),
    LIST(Invoice, lines, InvoiceLines, invoice_line),
};
const struct kt_push_form kt_push_invoice_form = { &kt_invoice_shape, sizeof(struct push__Invoice),
                                                   invoice_rows, KT_COUNT(invoice_rows) };

static const struct kt_push_row return_line_rows[] = {
    VALUE(ReturnLine, id),       VALUE(ReturnLine, orderLine), VALUE(ReturnLine, sku),
    VALUE(ReturnLine, quantity), VALUE(ReturnLine, unit),      VALUE(ReturnLine, reason),
    IDS(ReturnLine, serials),
};
static const struct kt_push_form return_line_form = { &kt_return_line_shape,
                                                      sizeof(struct push__ReturnLine),
                                                      return_line_rows,
                                                      KT_COUNT(return_line_rows) };

static const struct kt_push_row return_rows[] = {
    NOWHERE,
    VALUE(Return, id),
    VALUE(Return, orderKey),
    VALUE(Return, orderNumber),
    VALUE(Return, status),
    VALUE(Return, returned),
    VALUE(Return, reason),
    VALUE(Return, invoice),
    LIST(Return, lines, ReturnLines, return_line),
};
const struct kt_push_form kt_push_return_form = { &kt_return_shape, sizeof(struct push__Return),
                                                  return_rows, KT_COUNT(return_rows) };
