#ifndef KT_DOOR_PARTNER_H
#define KT_DOOR_PARTNER_H

#include "base/conf.h"
#include "flow/site.h"
#include "wire/server.h"

/* Who may bring records: a section of `partners`. */
struct kt_partner {
    const char *name;
    const char *erp_name;              /* for which ERP it speaks */
    struct kt_conf_texts certificates; /* SHA-256 of its client certificates, hex; ':' allowed */
    const char *user;                  /* HTTP Basic; only over TLS or from this machine */
    const char *password;
    struct kt_conf_texts operations; /* "PushStock", "idoc:MATMAS" …; none: all */
    const char *wss;                 /* its policy of WS-Security, a section of `wss`; NULL: none */
    /* derived */
    const struct kt_erp_site *erp;
};
extern const struct kt_opt kt_partner_opts[];
extern const char *const kt_partner_operations[]; /* all there are; ends with NULL */
/* Is it one of them, or the beginning of some with a '*' ("idoc:*")? */
bool kt_partner_is_operation(const char *name);

/* Who sent this request: by the certificate's fingerprint, or by user and password. NULL: nobody we
 * know; *r is the whole answer then (401 with a challenge, 403, or 429 after many failures). */
const struct kt_partner *kt_partner_of(const struct kt_partner *partner, size_t partners,
                                       const struct kt_request *q, struct kt_reply *r,
                                       const struct kt_log *log, struct kt_arena *a);
/* Does the connection say nothing of who it is: no login, no certificate that a partner has? */
bool kt_partner_is_silent(const struct kt_partner *partner, size_t partners,
                          const struct kt_request *q);
/* Is this one of its client certificates? */
bool kt_partner_shows_certificate(const struct kt_partner *partner, struct kt_str fingerprint);
/* Is the login that came besides its certificate, if one did, its own? Says nothing of others. */
bool kt_partner_agrees(const struct kt_partner *partner, const struct kt_request *q,
                       struct kt_arena *a);
/* May it bring this? "PushStock", "idoc:MATMAS", "s4:SalesOrder". */
bool kt_partner_may(const struct kt_partner *partner, const char *operation);

#endif
