#ifndef KT_FORMAT_S4_H
#define KT_FORMAT_S4_H

#include "base/hash.h"
#include "base/xml_read.h"
#include "model/fact.h"

/* What SAP S/4HANA replicates by itself, one way: SalesOrderBulkReplication becomes order status,
 * CustomerReturnBulkReplication returns. What is mapped to what stands in docs/sap-push.md. Pure:
 * no network, no database, no clock. */
enum kt_s4_type { KT_S4_UNKNOWN = 0, KT_S4_SALES_ORDER, KT_S4_CUSTOMER_RETURN };
const char *kt_s4_type_name(enum kt_s4_type type); /* "SalesOrder", "CustomerReturn"; "" */

struct kt_s4_message {
    enum kt_s4_type type;
    const struct kt_xml_node *node; /* the element in the Body */
    struct kt_str id;               /* UUID of its MessageHeader, else its ID; "": neither */
    struct kt_str system;           /* that sent it; "": not said */
    size_t records;
};

/* Errors KT_REJECT: SOAP_OPERATION_UNKNOWN; SOAP_MALFORMED: no record in it. */
enum kt_rc kt_s4_open(struct kt_s4_message *out, const struct kt_xml_node *node, struct kt_arena *a,
                      struct kt_err *e) KT_MUST;
/* Over all but the MessageHeader. */
void kt_s4_digest(const struct kt_s4_message *m, char out[KT_HASH_TEXT_MAX], struct kt_arena *a);
/* Adds a fact for each record but those that say only that a document went to the archive. A record
 * that cannot be read gets its fault. */
void kt_s4_read(const struct kt_s4_message *m, const char *scope, struct kt_fact_records *facts);

#endif
