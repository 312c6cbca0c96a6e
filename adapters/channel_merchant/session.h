#ifndef KT_CHANNEL_MERCHANT_SESSION_H
#define KT_CHANNEL_MERCHANT_SESSION_H

#include "adapters/channel_merchant/conf.h"
#include "base/hash.h"
#include "base/json.h"
#include "port/channel.h"

struct kt_channel {
    const struct merchant_conf *conf;
    const struct kt_env *env;
    struct kt_arena *arena;         /* lives as long as the session */
    uint8_t written[KT_HASH_BYTES]; /* of the feed that this session wrote last */
    bool has_written;
};

/* judge.c: can the article stand in a feed, as far as this unit says? Fills *v: KT_OK or
 * KT_REJECT. payload: a parsed one. */
void merchant_judge(const struct kt_channel *channel, const struct kt_item *item,
                    const struct kt_json *payload, struct kt_verdict *v, struct kt_arena *a);
/* Is it written with these names only: small letters, digits and '_'? */
bool merchant_is_name(const char *name);

/* item.c: <item>…</item> of the offer's payloads together; false: it is not offered, or not in
 * full. Memory of the parsed payloads is taken from `a`. */
bool merchant_put_item(const struct kt_channel *channel, const struct kt_offer *offer,
                       struct kt_buf *out, struct kt_arena *a) KT_MUST;
/* The braces of the pattern are in pairs, and it is an address of the web. */
bool merchant_is_link(const char *pattern);

/* file.c: a feed that grows beside the old one and takes its place when it is whole. */
struct merchant_file {
    const struct merchant_conf *conf;
    struct kt_hash *hash;
    char *temporary; /* path */
    char *path;
    int fd;
};
/* Items of the feed that stands there; 0 where there is none, or none of ours. */
int64_t merchant_file_items(const struct merchant_conf *conf, struct kt_arena *a);
bool merchant_file_is_there(const struct merchant_conf *conf, struct kt_arena *a);
/* Errors KT_RETRY/KT_ENDPOINT FEED_UNWRITTEN: nothing is left of it. */
enum kt_rc merchant_file_begin(struct merchant_file *f, const struct merchant_conf *conf,
                               struct kt_arena *a, struct kt_err *e) KT_MUST;
enum kt_rc merchant_file_put(struct merchant_file *f, struct kt_str bytes,
                             struct kt_err *e) KT_MUST;
enum kt_rc merchant_file_end(struct merchant_file *f, struct kt_err *e) KT_MUST;
void merchant_file_drop(struct merchant_file *f); /* also behind end: nothing is left to drop */

/* feed.c */
enum kt_rc merchant_compose(struct kt_channel *channel, struct kt_offers *offers,
                            struct kt_composed *done, struct kt_arena *a, struct kt_err *e) KT_MUST;

#endif
