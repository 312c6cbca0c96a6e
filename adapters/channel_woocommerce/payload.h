#ifndef KT_CHANNEL_WOOCOMMERCE_PAYLOAD_H
#define KT_CHANNEL_WOOCOMMERCE_PAYLOAD_H

#include "adapters/channel_woocommerce/attributes.h"

/* From a mapping's payload to what the shop takes: ids in place of names of categories, files and
 * global attributes. */

/* Files whose ids were learned earlier in this push, so that a file is uploaded once. */
struct woocommerce_learned {
    struct kt_str *key;
    struct kt_str *id;
    size_t count;
    size_t room;
};
void woocommerce_learn(struct woocommerce_learned *l, struct kt_str key, struct kt_str id,
                       struct kt_arena *a);
/* The id that a reference has by its link or by what was learned; absent: none yet. */
struct kt_str woocommerce_ref_id(const struct woocommerce_learned *l,
                                 const struct kt_item_ref *ref);
/* The reference that a payload member {"ref": text} means; NULL: the item has no such one. */
struct kt_item_ref *woocommerce_ref_find(const struct kt_item *item, struct kt_str text);

struct woocommerce_body {
    struct kt_str text;         /* the JSON object */
    struct kt_item_ref **image; /* the files in it, in the order in which the shop answers them */
    struct kt_str *src;         /* of those that it has to download; else absent */
    size_t images;
    struct kt_str sent_id; /* an image id that was sent; absent: all were addresses */
};

/* `payload` parsed; members of the item's own making stay as they are. The verdict is KT_OK or says
 * why it cannot be sent: CHANNEL_REF_UNKNOWN, PARENT_MISSING, what the shop said to an attribute.
 */
void woocommerce_body_make(const struct kt_channel *channel, const struct kt_item *item,
                           const struct kt_json *payload, const struct woocommerce_learned *learned,
                           const struct woocommerce_names *names, struct woocommerce_body *out,
                           struct kt_verdict *v, struct kt_arena *a);

/* Files of the payload that the shop would have to download now; each is one upload. */
size_t woocommerce_uploads(const struct kt_item *item, const struct kt_json *payload,
                           const struct woocommerce_learned *learned, struct kt_item_ref **which,
                           size_t room);

#endif
