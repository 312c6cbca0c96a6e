#ifndef KT_FORMAT_CONTRACT_H
#define KT_FORMAT_CONTRACT_H

#include "base/err.h"
#include "format/form.h"

/* Compares what an adapter needs with what a site offers, and says each gap as a verdict
 * (CONTRACT_… in errors.def) with what follows from it. */

/* What becomes of a flow without it. Decides the verdict's rc. */
enum kt_need {
    KT_NEED_MUST = 0, /* a flow cannot run: KT_CONFIG */
    KT_NEED_SHOULD,   /* something does not travel, or is refused: KT_REJECT */
    KT_NEED_MAY       /* worth knowing: KT_OK */
};

/* One field that the adapter reads or sends. */
struct kt_wanted {
    const char *path;       /* as the site names it: "GTIN", "SalesLines/Sales_Order_Line/No" */
    enum kt_form_base base; /* KT_FORM_ANY: not compared. KT_FORM_TEXT fits all that is text on the
                             * way; DECIMAL takes an INTEGER, DATETIME a DATE, when it is read */
    enum kt_need need;
    bool is_sent;          /* we write it: read-only and lengths matter */
    unsigned length;       /* characters that we send or that must come whole; 0: any */
    unsigned fraction;     /* decimals that must fit; 0: any */
    enum kt_code follows;  /* FOLLOWS_… : what becomes of it; KT_E_NONE: nothing more to say */
    const char *const *is; /* values that we send or understand, ends with NULL; NULL: any */
};

/* A gap; the adapter hands both members to kt_deviations_put(). */
struct kt_contract_gap {
    struct kt_verdict v;
    enum kt_code follows; /* its sentence is filled from v's parameters */
};

struct kt_contract {
    struct kt_arena *arena;
    struct kt_contract_gap *gap;
    size_t count;
    size_t room;
};

/* Each adds at most one gap per field but values: missing (or differently named), read-only, other
 * type, too short, too few decimals, a value that one side does not know. `service` names the
 * place in sentences: "Page/ItemCard", "Z_KONTOR_ORDER_CREATE", "POST /wc/v3/products".
 * offered NULL: as if it had no field. A field that is wanted itself is never taken for another. */
void kt_contract_field(struct kt_contract *c, const char *service,
                       const struct kt_form_type *offered, const struct kt_wanted *wanted);
void kt_contract_fields(struct kt_contract *c, const char *service,
                        const struct kt_form_type *offered, const struct kt_wanted *wanted,
                        size_t count);

/* The site does not have it at all. detail: what was asked and what came ("404 at …"). */
void kt_contract_no_service(struct kt_contract *c, const char *service, const char *detail,
                            enum kt_need need, enum kt_code follows);
void kt_contract_no_operation(struct kt_contract *c, const char *service, const char *operation,
                              enum kt_need need, enum kt_code follows);
/* It is there, but cannot be written (a page without Create, a field marked read-only). */
void kt_contract_read_only(struct kt_contract *c, const char *service, const char *field,
                           enum kt_need need, enum kt_code follows);
/* It may be sound, but nobody can read its description: nothing is compared. */
void kt_contract_unreadable(struct kt_contract *c, const char *service, const char *detail,
                            enum kt_need need);
/* Numbers of our own contract's version; equal ones say nothing. */
void kt_contract_version(struct kt_contract *c, const char *service, int64_t ours, int64_t theirs);

#endif
