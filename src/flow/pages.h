#ifndef KT_FLOW_PAGES_H
#define KT_FLOW_PAGES_H

#include "flow/work.h"
#include "trade/plan.h"

/* A product page as one channel shows it: its records, read together, put into a matrix and fitted
 * to the channel. */
struct kt_planned {
    struct kt_str id; /* of the page, without scope and part */
    bool is_gone;     /* the ERP has deleted the article that heads it */
    struct kt_product_page page;
    struct kt_plan plan;
};

struct kt_pages {
    struct kt_planned *item;
    size_t count;
    struct kt_str scope;
};

/* Reads and plans pages in few queries, however many there are; an id that is named twice is read
 * once. Everything lives in w->arena. Errors of the store. */
enum kt_rc kt_pages_load(struct kt_work *w, const struct kt_channel_site *channel,
                         const struct kt_str *id, size_t count, struct kt_pages *out,
                         struct kt_err *e) KT_MUST;
/* Of a page that was loaded. */
const struct kt_planned *kt_pages_get(const struct kt_pages *pages, struct kt_str id);

/* All pages of a channel's scope that have a living variant, each once. */
struct kt_page_walk {
    const struct kt_channel_site *channel;
    struct kt_arena *arena; /* of the walk */
    struct kt_str after;    /* key of the last variant that was read */
    struct kt_str *seen;    /* ids that were given out, sorted */
    size_t seens;
    size_t room;
    bool is_over;
};
void kt_page_walk_begin(struct kt_page_walk *walk, const struct kt_channel_site *channel);
void kt_page_walk_end(struct kt_page_walk *walk);
/* The next ids, at most max, in w->arena; *count 0: there are no more. */
enum kt_rc kt_page_walk_next(struct kt_work *w, struct kt_page_walk *walk, size_t max,
                             struct kt_str **id, size_t *count, struct kt_err *e) KT_MUST;

/* The unit key of a page or, where part is not empty, of a part of a split page. */
struct kt_str kt_page_key(struct kt_str scope, struct kt_str id, struct kt_str part,
                          struct kt_arena *a);
/* The other way. part: "" for a whole page. False: no key of a page. */
bool kt_page_key_read(struct kt_str key, struct kt_str *id, struct kt_str *part,
                      struct kt_arena *a) KT_MUST;

#endif
