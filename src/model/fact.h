#ifndef KT_MODEL_FACT_H
#define KT_MODEL_FACT_H

#include "model/shipment.h"

/* Facts: what happened to orders after they were booked. Appended, never replaced; a correction is
 * another fact with the same id. Every shape begins with scope, id, order_key and order_number, in
 * this order, so that whoever takes facts in can place all kinds alike (struct kt_fact_head). A
 * document that speaks of several orders comes as one fact for each of them, with the same id. */
enum kt_fact_kind {
    KT_FACT_SHIPMENT = 0,
    KT_FACT_ORDER_STATUS,
    KT_FACT_INVOICE,
    KT_FACT_RETURN,
    KT_FACT_KINDS
};
extern const struct kt_shape *const kt_fact_shape[KT_FACT_KINDS];
const char *kt_fact_kind_name(enum kt_fact_kind kind); /* "shipment", "order_status" … */
bool kt_fact_kind_find(enum kt_fact_kind *out, struct kt_str name) KT_MUST;

/* How every fact begins. */
struct kt_fact_head {
    uint64_t present;
    struct kt_str scope;
    struct kt_str id;
    struct kt_str order_key;    /* our key of the order; absent: not said */
    struct kt_str order_number; /* the ERP's number of the order; absent: not said */
};

/* What has become of an order in the ERP, as of now: a confirmation or a change. */
enum kt_erp_status {
    KT_ERP_OPEN = 0,
    KT_ERP_CONFIRMED,
    KT_ERP_BLOCKED,
    KT_ERP_PARTLY_DELIVERED,
    KT_ERP_DELIVERED,
    KT_ERP_INVOICED,
    KT_ERP_CANCELLED
};

struct kt_status_line {
    uint64_t present;
    struct kt_str id;         /* of the line, as the ERP counts */
    struct kt_str order_line; /* id of the shop's order line; absent: the ERP does not keep it */
    struct kt_str sku;
    struct kt_dec quantity; /* ordered, in `unit` */
    struct kt_str unit;
    struct kt_dec confirmed;    /* of it */
    struct kt_day confirmed_on; /* day of delivery */
    bool is_rejected;
    struct kt_str reason; /* code of the rejection, the ERP's own */
};
extern const struct kt_shape kt_status_line_shape;

struct kt_status_report {
    uint64_t present;
    struct kt_str scope;
    struct kt_str id; /* of the order in the ERP */
    struct kt_str order_key;
    struct kt_str order_number;
    int status;         /* enum kt_erp_status */
    int64_t changed_at; /* when the ERP says it changed */
    struct kt_str currency;
    struct kt_dec net;
    struct kt_dec tax;
    struct kt_dec gross;
    struct kt_list lines; /* struct kt_status_line */
};
extern const struct kt_shape kt_status_report_shape;

enum kt_invoice_type { KT_INVOICE = 0, KT_CREDIT_NOTE, KT_INVOICE_CANCELLATION };

struct kt_invoice_line {
    uint64_t present;
    struct kt_str id;
    struct kt_str order_line;
    struct kt_str sku;
    struct kt_dec quantity;
    struct kt_str unit;
    struct kt_dec net; /* of the whole line */
    struct kt_dec tax;
    struct kt_dec gross;
};
extern const struct kt_shape kt_invoice_line_shape;

struct kt_invoice {
    uint64_t present;
    struct kt_str scope;
    struct kt_str id; /* the ERP's number */
    struct kt_str order_key;
    struct kt_str order_number;
    int type; /* enum kt_invoice_type */
    struct kt_day issued;
    struct kt_day due;
    struct kt_str corrects; /* number of the invoice that it cancels or credits */
    struct kt_str delivery; /* number of the shipment it is for */
    struct kt_str currency;
    struct kt_dec net;
    struct kt_dec tax;
    struct kt_dec gross;
    struct kt_list lines; /* struct kt_invoice_line */
};
extern const struct kt_shape kt_invoice_shape;

enum kt_return_status { KT_RETURN_ANNOUNCED = 0, KT_RETURN_RECEIVED, KT_RETURN_REFUSED };

struct kt_return_line {
    uint64_t present;
    struct kt_str id;
    struct kt_str order_line;
    struct kt_str sku;
    struct kt_dec quantity;
    struct kt_str unit;
    struct kt_str reason;   /* code, the ERP's own */
    struct kt_list serials; /* struct kt_ref: serial numbers */
};
extern const struct kt_shape kt_return_line_shape;

struct kt_return {
    uint64_t present;
    struct kt_str scope;
    struct kt_str id; /* the ERP's number */
    struct kt_str order_key;
    struct kt_str order_number;
    int status; /* enum kt_return_status */
    struct kt_day returned;
    struct kt_str reason;
    struct kt_str invoice; /* number of the invoice it refers to */
    struct kt_list lines;  /* struct kt_return_line */
};
extern const struct kt_shape kt_return_shape;

/* What a source brings, in the order in which it happened, as far as it knows. */
struct kt_fact_record {
    enum kt_fact_kind kind;
    const struct kt_verdict *fault; /* not NULL: could not be read; only the key is set */
    void *record;                   /* struct of kt_fact_shape[kind] */
};

struct kt_fact_records {
    struct kt_fact_record *item;
    size_t count;
    size_t room;
    struct kt_arena *arena; /* where it grows and its records live */
};
void kt_facts_add(struct kt_fact_records *facts, struct kt_fact_record fact);

#endif
