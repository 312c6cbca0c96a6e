#ifndef KT_CHANNEL_WOOCOMMERCE_CALL_H
#define KT_CHANNEL_WOOCOMMERCE_CALL_H

#include "adapters/channel_woocommerce/session.h"
#include "base/json.h"
#include "base/time.h"

/* One question to the shop: JSON out, JSON in. */
struct woocommerce_call {
    const char *method;
    const char *path;     /* behind the shop's address, with query */
    struct kt_str body;   /* JSON; absent: none */
    const char *what;     /* what sentences call it: "order 12" */
    bool is_write;        /* a lost answer is KT_UNSURE */
    bool is_once;         /* the transport may never send it twice */
    const char *expected; /* error code that is an answer, not a failure; may be NULL */
    bool may_be_gone;     /* so is any that says that the record is not there */
};

/* KT_OK: *answer is there; *is_expected says that it is the expected refusal instead of what was
 * asked for. A refusal in a 200, HTML in place of JSON and cut JSON are failures. */
enum kt_rc woocommerce_call(struct kt_channel *channel, const struct woocommerce_call *q,
                            const struct kt_json **answer, bool *is_expected, struct kt_arena *a,
                            struct kt_err *e) KT_MUST;

/* A question that is answered by a list; *rows is NULL when it was an expected refusal. */
enum kt_rc woocommerce_rows(struct kt_channel *channel, const struct woocommerce_call *q,
                            const struct kt_json **rows, struct kt_arena *a,
                            struct kt_err *e) KT_MUST;

/* Does this code say that the record, or its page, was deleted over there? */
bool woocommerce_is_gone(struct kt_str code) KT_MUST;

/* A part of a path or query, with everything else than letters, digits and -._~ as %XX. */
void woocommerce_put_escaped(struct kt_buf *b, struct kt_str s);

/* Is this an id of the shop: digits only, so that it may stand in a path or in JSON? */
bool woocommerce_is_id(struct kt_str s) KT_MUST;

/* The answer is not of the form that was asked for. */
enum kt_rc woocommerce_odd_answer(struct kt_channel *channel, const struct woocommerce_call *q,
                                  const char *detail, struct kt_err *e) KT_MUST;

#endif
