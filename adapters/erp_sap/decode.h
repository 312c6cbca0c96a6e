#ifndef KT_ERP_SAP_DECODE_H
#define KT_ERP_SAP_DECODE_H

#include "generated/erp_sap/sapStub.h"
#include "port/erp.h"

/* SAP's structs into our records, copied into the page's arena. A record that cannot be read
 * becomes a change with a fault, so that its neighbours go on. pulled_us: when the pull left, the
 * revision of records that carry no instant. */
struct kt_sap_source {
    const char *scope;
    int64_t pulled_us;
    bool is_snapshot; /* then absence tells what is gone, and no deletion has to be added */
    struct kt_arena *arena;
    struct kt_changes *out;
};

void kt_sap_decode_articles(const struct kt_sap_source *s,
                            struct _sap__Z_KONTOR_ARTICLESResponse *r);
void kt_sap_decode_prices(const struct kt_sap_source *s,
                          const struct _sap__Z_KONTOR_PRICESResponse *r);
void kt_sap_decode_stock(const struct kt_sap_source *s, struct _sap__Z_KONTOR_STOCKResponse *r);
void kt_sap_decode_categories(const struct kt_sap_source *s,
                              struct _sap__Z_KONTOR_CATEGORIESResponse *r);
void kt_sap_decode_accounts(const struct kt_sap_source *s,
                            const struct _sap__Z_KONTOR_CUSTOMERSResponse *r);
void kt_sap_decode_documents(const struct kt_sap_source *s,
                             struct _sap__Z_KONTOR_DOCUMENTSResponse *r);

/* The first row of type E or A; NULL: none. */
const struct sap__BAPIRET2 *kt_sap_failure(const struct sap__ZKONTOR_T_RETURN *table);
bool kt_sap_is_message(const struct sap__BAPIRET2 *row, const char *id, const char *number);

/* What SAP says it booked. */
struct kt_sap_booked {
    const char *number;
    const char *blocked;
    const struct sap__ZKONTOR_S_TOTAL *total;
    const struct sap__ZKONTOR_T_LINE *lines;
    const struct kt_order *order; /* NULL: positions cannot be named, so lines stay absent */
    const char *partner;
    enum kt_rc if_broken; /* the verdict when a number is missing or cannot be read */
};
enum kt_rc kt_sap_decode_booking(struct kt_booking *out, const struct kt_sap_booked *in,
                                 struct kt_arena *a, struct kt_err *e) KT_MUST;

/* Our verdict for the failure rows of an order create, by the row that says most: an article or a
 * currency that SAP does not know, else the first one. */
enum kt_rc kt_sap_refused(const struct sap__ZKONTOR_T_RETURN *table, const struct kt_order *order,
                          const char *partner, struct kt_err *e) KT_MUST;

void kt_sap_decode_customers(const struct sap__ZKONTOR_T_CUSTOMER *table,
                             struct kt_customer_match **match, size_t *count, struct kt_arena *a);

#endif
