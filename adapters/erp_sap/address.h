#ifndef KT_ERP_SAP_ADDRESS_H
#define KT_ERP_SAP_ADDRESS_H

#include "model/order.h"

/* A postal address in SAP's fields: parts of the shop's texts, nothing copied. */
struct kt_sap_address {
    struct kt_str name1;
    struct kt_str name2;     /* contact person, or the second address line */
    struct kt_str name2_too; /* both: joined by ", " */
    struct kt_str street;
    struct kt_str house_no;
    struct kt_str region; /* without the country, "" when it is no code */
};

void kt_sap_address(struct kt_sap_address *out, const struct kt_address *in);
size_t kt_sap_name2_length(const struct kt_sap_address *address); /* characters */

/* "Hauptstraße 12 a" into "Hauptstraße" and "12 a"; "12, rue Haute" into "rue Haute" and "12". A
 * number that cannot be told from the name stays in the street. */
void kt_sap_split_street(struct kt_str whole, struct kt_str *street, struct kt_str *house_no);

#endif
