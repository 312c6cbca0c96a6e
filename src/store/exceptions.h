#ifndef KT_STORE_EXCEPTIONS_H
#define KT_STORE_EXCEPTIONS_H

#include "store/db.h"

/* What needs a person, one open row per thing. Subjects:
 *   delivery   endpoint = channel, key = "unit key": cannot be sent
 *   adopt      endpoint = channel, key = "unit key": what stands in the shop may be the same
 *   reconcile  endpoint = channel, key empty: the shop holds something else than it was sent
 *   record     endpoint = ERP, key = "kind key": refused at the intake
 *   ownership  endpoint = ERP, key = "product.texts": another ERP leads it
 *   run        endpoint = ERP, key = stream, or "stream prices", "stream snapshot"
 *   endpoint   key empty: the partner as a whole
 *   certificate  endpoint = installation, key = "key ours-2026": ends soon
 *   paper      endpoint = installation, key of a certificate: ends soon, or has ended; "scope s":
 *              nobody speaks of its certificates
 *   clock      endpoint = installation, key empty: no secured message is taken
 *   weak       endpoint = partner, key empty: it signs by means that no longer protect
 *   document   endpoint = scope, key = "scope|id gap": its versions are not right; endpoint =
 *              channel, key = our key of an order: shown and valid documents differ; endpoint =
 *              scope, key = "scope|id|version content": its file is missing or damaged
 * And of orders (endpoint = channel, key = our key), each apart, so that none hides another:
 *   order      what keeps it from being booked as it was sold
 *   change     what became of it in the shop afterwards
 *   tell       the shop cannot be told
 *   ship       a delivery of it cannot be told
 *   incoming   what came from the shop cannot be read */

struct kt_exception {
    int64_t number; /* what people type */
    const char *subject;
    struct kt_str endpoint;
    struct kt_str key;
    struct kt_verdict v; /* code and parameters; render with kt_sentence */
    struct kt_str trail;
    int64_t first_us;
    int64_t last_us;
    int64_t times;
    bool is_open;
    struct kt_str cause; /* equal for all of the same cause: code and endpoint */
};

/* Opens it, or counts it once more with the newest parameters. In the open transaction. */
enum kt_rc kt_exception_open(struct kt_db *db, const char *subject, const char *endpoint,
                             struct kt_str key, const struct kt_verdict *v, const char *trail,
                             int64_t now_us, struct kt_err *e) KT_MUST;
/* Closes the open one, if there is one. In the open transaction. */
enum kt_rc kt_exception_close(struct kt_db *db, const char *subject, const char *endpoint,
                              struct kt_str key, int64_t now_us, struct kt_err *e) KT_MUST;

/* Has the endpoint any open one of this subject? */
enum kt_rc kt_exception_any(struct kt_db *db, const char *subject, const char *endpoint,
                            bool *is_any, struct kt_err *e) KT_MUST;
/* Which of these things have an open one? is_open[i] speaks for key[i]. */
enum kt_rc kt_exception_among(struct kt_db *db, const char *subject, const char *endpoint,
                              const struct kt_str *key, size_t count, bool *is_open,
                              struct kt_arena *a, struct kt_err *e) KT_MUST;
/* Open ones of this subject at this endpoint, oldest first, numbers behind `after`. */
enum kt_rc kt_exception_list_of(struct kt_db *db, const char *subject, const char *endpoint,
                                int64_t after, size_t max, struct kt_exception **out, size_t *count,
                                struct kt_arena *a, struct kt_err *e) KT_MUST;

/* Is one open for this thing? */
enum kt_rc kt_exception_is_open(struct kt_db *db, const char *subject, const char *endpoint,
                                struct kt_str key, bool *is_open, struct kt_err *e) KT_MUST;

/* Open ones (all: closed ones too), oldest first, numbers behind `after`. */
enum kt_rc kt_exception_list(struct kt_db *db, bool all, int64_t after, size_t max,
                             struct kt_exception **out, size_t *count, struct kt_arena *a,
                             struct kt_err *e) KT_MUST;
enum kt_rc kt_exception_get(struct kt_db *db, int64_t number, struct kt_exception *out, bool *found,
                            struct kt_arena *a, struct kt_err *e) KT_MUST;
enum kt_rc kt_exception_count(struct kt_db *db, int64_t *open, struct kt_err *e) KT_MUST;

/* The parameters of a verdict as JSON, and back: how rows keep them. */
struct kt_str kt_params_write(const struct kt_verdict *v, struct kt_arena *a);
enum kt_rc kt_params_read(struct kt_verdict *v, struct kt_str text, struct kt_arena *a,
                          struct kt_err *e) KT_MUST;

#endif
