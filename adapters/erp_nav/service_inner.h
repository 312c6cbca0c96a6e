#ifndef KT_ERP_NAV_SERVICE_INNER_H
#define KT_ERP_NAV_SERVICE_INNER_H

#include "generated/erp_nav/navStub.h"
#include "service.h"
#include "session.h"
#include "wire/soap_mem.h"

/* Shared by the service_*.c files alone. */

#define KT_NAV_ENDPOINT "http://memory/" /* gSOAP wants one; the HTTP client has its own */

/* One call: the stub's context, and the SOAPAction under the site's own name of the codeunit. */
struct kt_nav_call {
    struct soap *ctx;
    const char *operation;
    char *action;
};
struct kt_nav_call kt_nav_call_begin(struct kt_erp *erp, const char *operation, bool is_write,
                                     struct kt_arena *a);
/* Ends it. order: not NULL for the create, which may have booked something whatever went wrong.
 * *fault may be NULL. */
enum kt_rc kt_nav_call_settle(struct kt_erp *erp, const struct kt_nav_call *call, int status,
                              const struct kt_order *order, struct kt_soap_fault *fault,
                              struct kt_arena *a, struct kt_err *e) KT_MUST;
void kt_nav_call_done(struct kt_erp *erp);

enum kt_rc kt_nav_incomplete(struct kt_erp *erp, enum kt_rc rc, const char *operation,
                             const char *detail, struct kt_err *e) KT_MUST;

/* The table of units, where the settings ask for international codes. */
enum kt_rc kt_nav_units_load(struct kt_erp *erp, struct kt_err *e) KT_MUST;

/* Without blanks around it, copied into the arena; control characters become blanks. */
struct kt_str kt_nav_taken(const char *text, struct kt_arena *a);
bool kt_nav_is_true(const char *flag);
/* False: no number, or one with more digits than we keep. */
bool kt_nav_number(struct kt_dec *out, const char *text) KT_MUST;

/* Where the decoders put a page's records. A record that cannot be read becomes a change with a
 * fault, so that its neighbours go on. */
struct kt_nav_source {
    const struct kt_erp *erp;
    const char *scope;
    int64_t pulled_us; /* when the pull left: NAV tells no instants */
    struct kt_arena *arena;
    struct kt_changes *out;
};
void kt_nav_decode_prices(const struct kt_nav_source *s, const struct navprice__KontorPrices *r);
void kt_nav_decode_stock(const struct kt_nav_source *s, const struct navstock__KontorStock *r);

/* The record that is being read and, once something in it cannot be read, why. */
struct kt_nav_record {
    const struct kt_nav_source *s;
    const char *what; /* "price", "stock of" */
    struct kt_str key;
    const struct kt_verdict *fault;
};
void kt_nav_record_fault(struct kt_nav_record *r, const char *field, const char *value);
struct kt_dec kt_nav_record_dec(struct kt_nav_record *r, const char *field, const char *text);
/* True: there is one. Empty and 0001-01-01 are none. */
bool kt_nav_record_day(struct kt_nav_record *r, struct kt_day *day, const char *field,
                       const char *text);

/* What NAV says it booked; order NULL: line ids are taken as they stand. if_broken: the verdict
 * when a part is missing or cannot be read. */
enum kt_rc kt_nav_decode_booking(struct kt_booking *out, const struct navbooked__KontorBooking *in,
                                 const struct kt_order *order, const char *partner,
                                 enum kt_rc if_broken, struct kt_arena *a,
                                 struct kt_err *e) KT_MUST;

#endif
