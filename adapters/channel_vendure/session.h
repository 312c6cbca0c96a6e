#ifndef KT_CHANNEL_VENDURE_SESSION_H
#define KT_CHANNEL_VENDURE_SESSION_H

#include "adapters/channel_vendure/conf.h"
#include "port/channel.h"

/* Most items of a push. One call of flow takes at most as long as VENDURE_CALLS timeouts: it may
 * ask more often than that, as long as the answers come quicker (vendure_has_time). */
enum { VENDURE_BATCH = 50, VENDURE_CALLS = 6 };

struct vendure_named {
    struct kt_str id;
    struct kt_str name;
};

/* A custom field that the shop defines. */
struct vendure_field {
    struct kt_str entity; /* "Product" */
    struct kt_str name;
    struct kt_str type; /* "string", "text", "int", "float", "boolean" … */
};

/* What the shop says about the channel and about itself; read again after ten minutes. */
struct vendure_terms;

struct vendure_shop {
    struct kt_str channel_id;
    struct kt_str channel_code;
    struct kt_str channel_token;
    struct kt_str created; /* when the channel was made */
    struct kt_str seller;
    struct kt_str language; /* the channel's default */
    struct kt_str currency; /* the channel's default */
    struct kt_str stock_location_id;
    struct vendure_named *tax; /* tax categories */
    size_t taxes;
    struct vendure_field *field;
    size_t fields;
    bool prices_include_tax;
    int64_t precision; /* digits behind the point of all amounts */
};

struct kt_channel {
    const struct vendure_conf *conf;
    const struct kt_env *env;
    struct kt_http *http;
    struct kt_http_conf http_conf; /* without user and password: the shop's login is its own */
    struct kt_arena *arena;        /* lives as long as the session */
    struct kt_arena *secrets;
    const char *token; /* of the login, in `secrets`; NULL: not logged in */
    struct kt_arena *shop_arena;
    struct vendure_shop shop;
    int64_t shop_us; /* kt_mono_us of its reading; 0: not read */
    struct kt_arena *terms_arena;
    struct vendure_terms *terms; /* facets and their values that are known; terms.h */
    struct kt_http *media;       /* where files are fetched; NULL: not needed yet */
    struct kt_http_conf media_conf;
    int64_t begun_us; /* kt_mono_us at which flow's call began */
    int64_t swept_us; /* kt_mono_us of the last sweep of orders; 0: none */
};

/* Flow's call begins; is there time for one more question? */
void vendure_begin(struct kt_channel *channel);
bool vendure_has_time(const struct kt_channel *channel) KT_MUST;

/* Fills channel->shop unless it is known. Errors KT_CONFIG: the configured stock location or
 * channel is not there. */
enum kt_rc vendure_know_shop(struct kt_channel *channel, struct kt_arena *a,
                             struct kt_err *e) KT_MUST;
/* After vendure_know_shop: does this entity have this custom field, as ("Order", "erpNumber")? */
bool vendure_has_field(const struct kt_channel *channel, const char *entity,
                       const char *name) KT_MUST;
const struct vendure_field *vendure_field(const struct kt_channel *channel, const char *entity,
                                          const char *name); /* NULL: none */

/* What one file offers to the table in adapter.c; contracts stand in port/channel.h. */
enum kt_rc vendure_identify(struct kt_channel *channel, struct kt_identity *who, struct kt_arena *a,
                            struct kt_err *e) KT_MUST;
enum kt_rc vendure_find(struct kt_channel *channel, struct kt_item *item, size_t count,
                        struct kt_arena *a, struct kt_err *e) KT_MUST;
enum kt_rc vendure_push(struct kt_channel *channel, const struct kt_item *item, size_t count,
                        struct kt_result *result, struct kt_arena *a, struct kt_err *e) KT_MUST;
enum kt_rc vendure_list(struct kt_channel *channel, struct kt_remote_page *page, struct kt_arena *a,
                        struct kt_err *e) KT_MUST;
enum kt_rc vendure_compare(struct kt_channel *channel, const struct kt_item *item, size_t count,
                           struct kt_compared *out, struct kt_arena *a, struct kt_err *e) KT_MUST;
enum kt_rc vendure_contract(struct kt_channel *channel, struct kt_deviations *out,
                            struct kt_arena *a, struct kt_err *e) KT_MUST;
enum kt_rc vendure_orders(struct kt_channel *channel, struct kt_incoming_page *page,
                          struct kt_arena *a, struct kt_err *e) KT_MUST;
enum kt_rc vendure_order_get(struct kt_channel *channel, struct kt_str order_id,
                             struct kt_incoming *out, bool *found, struct kt_arena *a,
                             struct kt_err *e) KT_MUST;
enum kt_rc vendure_order_tell(struct kt_channel *channel, const struct kt_tell *tell,
                              struct kt_arena *a, struct kt_err *e) KT_MUST;
enum kt_rc vendure_order_ship(struct kt_channel *channel, const struct kt_parcel *parcel,
                              struct kt_str *remote_id, struct kt_arena *a,
                              struct kt_err *e) KT_MUST;

#endif
