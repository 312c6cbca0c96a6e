#ifndef KT_ERP_SAP_ENCODE_H
#define KT_ERP_SAP_ENCODE_H

#include "conf.h"
#include "generated/erp_sap/sapStub.h"
#include "model/order.h"
#include "port/erp.h"

/* Our order as the wrapper takes it, in the arena. Positions are 000010, 000020 … in the order's
 * sequence. */
void kt_sap_encode_order(struct _sap__Z_KONTOR_ORDER_CREATE *out, const struct kt_sap_conf *conf,
                         const char *our_key, const struct kt_order *order,
                         const struct kt_order_terms *terms, struct kt_arena *a);
/* The other way: index of the order's line behind a position. False: none (order may be NULL). */
bool kt_sap_line_of_position(struct kt_str posnr, const struct kt_order *order,
                             size_t *line) KT_MUST;

/* What the contract's fields cannot hold. Errors KT_REJECT/KT_RECORD with the clerk's sentence. */
enum kt_rc kt_sap_check_order(const struct kt_order *order, struct kt_err *e) KT_MUST;

/* What is known about the buyer; a value that is longer than its field is left out. */
void kt_sap_encode_search(struct _sap__Z_KONTOR_CUSTOMER_FIND *out, const struct kt_order *order,
                          struct kt_arena *a);

/* Text for SAP: control characters, which XML cannot carry, become blanks; cut at `most` characters
 * (0: not). */
char *kt_sap_send(struct kt_str text, size_t most, struct kt_arena *a);

#endif
