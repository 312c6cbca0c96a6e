#ifndef KT_STORE_KEEPING_H
#define KT_STORE_KEEPING_H

#include "store/past.h"

/* Legal holds, what may go by the rules of keeping, and the links that customers were given. */

struct kt_hold {
    int64_t number; /* what people type */
    struct kt_str scope;
    struct kt_str id; /* of the document, all its versions */
    struct kt_str reason;
    struct kt_str actor;
    int64_t at_us;
    struct kt_str released_by;
    int64_t released_us; /* 0: it stands */
};
/* Verbs that write do so in the open transaction, or in one of their own. Both of these write an
 * audit row with it; *found false: there is no such hold, or it was released. */
enum kt_rc kt_hold_put(struct kt_db *db, struct kt_hold *hold, struct kt_err *e) KT_MUST;
enum kt_rc kt_hold_release(struct kt_db *db, int64_t number, struct kt_str actor, int64_t now_us,
                           bool *found, struct kt_err *e) KT_MUST;
enum kt_rc kt_holds(struct kt_db *db, struct kt_str scope, struct kt_str id, struct kt_hold **out,
                    size_t *count, struct kt_arena *a, struct kt_err *e) KT_MUST; /* "": of all */

/* A version of a document as far as keeping is concerned. */
struct kt_kept {
    struct kt_str key;
    struct kt_str type;
    struct kt_str sha256; /* of the newest revision */
    int64_t size;
    int64_t first_us; /* recorded first */
    int64_t last_us;  /* recorded last */
    bool is_living;   /* its source still knows it */
    struct kt_day valid_until;
    int64_t last_order_us; /* the newest order bound to it was placed then; 0: none */
    int64_t last_shown_us; /* a channel stopped to show it then; KT_NEVER: shows it; 0: never did */
    bool is_held;
};
/* Behind `after`, by key. */
enum kt_rc kt_kept_page(struct kt_db *db, struct kt_str after, size_t max, struct kt_kept **out,
                        size_t *count, struct kt_arena *a, struct kt_err *e) KT_MUST;
/* Takes a version with all its revisions out of the archive: what it covers, what was shown of it
 * and which orders were bound to it, too; its content is collected when nothing else names it. The
 * audit row is written in the same transaction. *is_gone false: a hold stands, its source knows it,
 * or it is not there. How long it must be kept is for the caller to say. */
enum kt_rc kt_kept_drop(struct kt_db *db, struct kt_str key, const char *actor, int64_t now_us,
                        bool *is_gone, struct kt_err *e) KT_MUST;

/* Links: token is what stands in them, 128 random bits in base64url; the database knows its hash
 * alone. */
enum { KT_CUSTOMER_TOKEN_MAX = 23 };
enum kt_rc kt_customer_link_make(struct kt_db *db, struct kt_str our_key, int64_t now_us,
                                 int64_t expires_us, char token[KT_CUSTOMER_TOKEN_MAX],
                                 struct kt_err *e) KT_MUST;
/* *found false: there is none, it was revoked, or it has expired. */
enum kt_rc kt_customer_link_find(struct kt_db *db, struct kt_str token, int64_t now_us,
                                 struct kt_str *our_key, bool *found, struct kt_arena *a,
                                 struct kt_err *e) KT_MUST;
/* All links of an order that still work; audited. *count of them. */
enum kt_rc kt_customer_links_revoke(struct kt_db *db, struct kt_str our_key, const char *actor,
                                    int64_t now_us, int64_t *count, struct kt_err *e) KT_MUST;
enum kt_rc kt_customer_links_forget(struct kt_db *db, int64_t before_us, int64_t *count,
                                    struct kt_err *e) KT_MUST;

#endif
