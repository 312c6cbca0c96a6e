#ifndef KT_CHANNEL_WOOCOMMERCE_PUSH_INNER_H
#define KT_CHANNEL_WOOCOMMERCE_PUSH_INNER_H

/* Shared by push.c, push_batch.c, push_move.c and verdict.c only. */
#include "adapters/channel_woocommerce/call.h"
#include "adapters/channel_woocommerce/payload.h"
#include "adapters/channel_woocommerce/place.h"

enum woocommerce_step { WOOCOMMERCE_TO_SEND = 0, WOOCOMMERCE_JUDGED };

/* One item of a push on its way. */
struct woocommerce_job {
    const struct kt_item *item;
    struct kt_result *result;
    enum woocommerce_step step;
    const char *base;     /* "/wp-json/wc/v3/products/123/variations" */
    struct kt_str page;   /* of a variation: its page */
    struct kt_str id;     /* what is changed or deleted; absent: it is created */
    struct kt_str old_id; /* a variation to be deleted first ... */
    struct kt_str old_page;
    bool is_delete;
    const struct kt_json *payload;
    struct woocommerce_body body;
    struct kt_str holder; /* what else in the shop has its number, as the last answer said */
};

struct woocommerce_push {
    struct kt_channel *channel;
    struct kt_arena *arena;
    struct woocommerce_job *job;
    size_t count;
    struct woocommerce_learned learned;
    struct woocommerce_names names;
    bool has_written; /* a batch of this push has been answered */
};

void woocommerce_succeed(struct woocommerce_job *job, struct kt_str remote_id);
void woocommerce_postpone(struct woocommerce_job *job, struct kt_arena *a);

/* What the shop said to one position, as a verdict; notes the holder of a number. */
void woocommerce_judge_error(struct woocommerce_job *job, const struct kt_json *error,
                             struct kt_arena *a);

/* Sends everything that is to be sent, in as few batches as the rules allow, and judges it. The
 * return value speaks for the talk. */
enum kt_rc woocommerce_send_all(struct woocommerce_push *p, struct kt_err *e) KT_MUST;

/* Deletes variations that now belong to another page, then looks for them there. */
enum kt_rc woocommerce_clear_old(struct woocommerce_push *p, struct kt_err *e) KT_MUST;

/* Frees numbers that our own, older pages and variations still hold; what was refused for that is
 * to be sent again. *again: there is such a one. */
enum kt_rc woocommerce_free_numbers(struct woocommerce_push *p, bool *again,
                                    struct kt_err *e) KT_MUST;

/* find.c: variations of one page by their SKUs. */
enum kt_rc woocommerce_find_variations(struct kt_channel *channel, struct kt_str page,
                                       struct kt_item *item, size_t count, struct kt_arena *a,
                                       struct kt_err *e) KT_MUST;

#endif
