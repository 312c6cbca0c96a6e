#ifndef KT_CHANNEL_WOOCOMMERCE_ATTRIBUTES_H
#define KT_CHANNEL_WOOCOMMERCE_ATTRIBUTES_H

#include "adapters/channel_woocommerce/session.h"
#include "base/json.h"

/* The shop's global attributes, by which its customers filter. A payload names one by its label and
 * `"global": true`; the shop wants its id. */

/* Names that one push needs; each once. */
struct woocommerce_names {
    const struct kt_json **entry; /* {name, slug?, global, …} */
    struct kt_verdict *refused;   /* rc KT_OK: it is there */
    size_t count;
    size_t room;
};

/* Collects the global entries of a payload's `attributes`. */
void woocommerce_names_add(struct woocommerce_names *names, const struct kt_json *payload,
                           struct kt_arena *a);

/* Reads the list (again after ten minutes) and creates what is missing. What the shop refuses is
 * noted in names->refused. Nothing of the push itself has happened when this fails. */
enum kt_rc woocommerce_attributes_ensure(struct kt_channel *channel,
                                         struct woocommerce_names *names, struct kt_arena *a,
                                         struct kt_err *e) KT_MUST;

/* Only reads the list, for comparing. */
enum kt_rc woocommerce_attributes_read(struct kt_channel *channel, struct kt_arena *a,
                                       struct kt_err *e) KT_MUST;

/* The attribute's id; absent: the shop has none of that name. */
struct kt_str woocommerce_attribute_id(const struct kt_channel *channel,
                                       const struct kt_json *entry, struct kt_arena *a);
/* The verdict on an entry that has no id; NULL: none was passed. */
const struct kt_verdict *woocommerce_attribute_refused(const struct woocommerce_names *names,
                                                       const struct kt_json *entry);

bool woocommerce_is_global(const struct kt_json *entry);

#endif
