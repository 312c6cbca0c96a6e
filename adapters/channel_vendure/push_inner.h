#ifndef KT_CHANNEL_VENDURE_PUSH_INNER_H
#define KT_CHANNEL_VENDURE_PUSH_INNER_H

/* Shared by the files of the push only. */
#include "adapters/channel_vendure/place.h"
#include "adapters/channel_vendure/tasks.h"
#include "adapters/channel_vendure/terms.h"

/* One item of a push on its way. */
struct vendure_job {
    const struct kt_item *item;
    struct kt_result *result;
    bool is_judged;
    const struct kt_json *payload; /* NULL: it is withdrawn */
    struct kt_str page;            /* id of the page; of a category unused */
    struct kt_str id;              /* own id in the shop; absent: it is to be made */
    const struct kt_json *now;     /* what the shop has of it; NULL: nothing */
    const struct kt_json *page_now;
    struct vendure_task *task; /* the mutation that makes it so */
    struct kt_str value;       /* of a category: the facet value that it collects */
    struct kt_str parent;      /* of a category: the collection above; absent: the top */
    struct kt_str old_id;      /* a variant on another page that this one replaces */
    struct kt_str *option;     /* ids of a variant's options */
    size_t options;
    struct kt_str *asset; /* ids of its pictures, in order */
    size_t assets;
};

struct vendure_push {
    struct kt_channel *channel;
    struct kt_arena *arena;
    struct vendure_job *job;
    size_t count;
    struct vendure_term_list terms;
};

void vendure_succeed(struct vendure_job *job, struct kt_str remote_id);
void vendure_postpone(struct vendure_job *job, struct kt_arena *a);
/* Deleted over there. What had to go has gone. */
void vendure_judge_gone(struct vendure_job *job, struct kt_arena *a);
/* A task that is not DONE, as the verdict of its job. */
void vendure_judge_task(struct vendure_job *job, const struct vendure_task *task,
                        struct kt_arena *a);
void vendure_judge_ref(struct vendure_job *job, struct kt_str text, struct kt_arena *a);

/* The reference that a payload member {"ref": text} means; NULL: the item has no such one. */
struct kt_item_ref *vendure_ref_find(const struct kt_item *item, struct kt_str text);

/* Reads `query` (with $ids and $skip, rows under `root`.items, take:100) for these ids. rows: an
 * array with room for `count` results at the place of their id; NULL where the shop has none. */
enum kt_rc vendure_read_ids(struct kt_channel *channel, const char *query, const char *root,
                            const struct kt_str *id, size_t count, const struct kt_json **rows,
                            struct kt_arena *a, struct kt_err *e) KT_MUST;
extern const char vendure_pages_query[];    /* "products" by id, with all that the push compares */
extern const char vendure_variants_query[]; /* "productVariants" by id */
extern const char vendure_collections_query[];

/* Fills job->now from the shop for those that have an id; judges those that are gone. */
enum kt_rc vendure_read_now(struct vendure_push *p, const char *query, const char *root,
                            struct kt_err *e) KT_MUST;

/* Runs the tasks of the jobs that have one and are not judged; judges what did not come off. */
enum kt_rc vendure_run_jobs(struct vendure_push *p, const char *what, struct kt_err *e) KT_MUST;

/* Those whose create may have happened are looked for at once: the others of the request must not
 * wait a turn because one of them was refused. */
enum kt_rc vendure_find_lost(struct vendure_push *p, struct kt_err *e) KT_MUST;

/* "customFields":{…} of those that the shop defines for this entity, our key among them; nothing
 * without any. */
void vendure_put_fields(const struct kt_channel *channel, const struct vendure_job *job,
                        struct kt_buf *b, bool *is_first, const char *entity);
void vendure_put_ids(struct kt_buf *b, bool *is_first, const char *name, const struct kt_str *id,
                     size_t count);
void vendure_put_text(struct kt_buf *b, bool *is_first, const char *name, struct kt_str text);
void vendure_put_assets(const struct vendure_push *p, const struct vendure_job *job,
                        struct kt_buf *b, bool *is_first);

/* Facet values that a page or variant needs, to be ensured before it is written. */
void vendure_add_terms(struct vendure_push *p, const struct vendure_job *job);
/* "facetValueIds": what the payload says, our marks, and what is there of the shop's own. Judges
 * the job when one of them is not to be had. */
void vendure_put_facet_values(struct vendure_push *p, struct vendure_job *job, struct kt_buf *b,
                              bool *is_first);

/* --- what one kind of unit needs; each judges its jobs --- */
enum kt_rc vendure_push_pages(struct vendure_push *p, struct kt_err *e) KT_MUST;
enum kt_rc vendure_push_variants(struct vendure_push *p, struct kt_err *e) KT_MUST;
enum kt_rc vendure_push_prices(struct vendure_push *p, struct kt_err *e) KT_MUST;
enum kt_rc vendure_push_stock(struct vendure_push *p, struct kt_err *e) KT_MUST;
enum kt_rc vendure_push_categories(struct vendure_push *p, struct kt_err *e) KT_MUST;

/* An option that a page must offer. */
struct vendure_need {
    struct vendure_job *job;
    struct kt_str page;
    const struct kt_json *groups; /* the page's option groups as the shop has them */
    struct kt_str axis;           /* code */
    struct kt_str name;           /* of the axis */
    struct kt_str value;
    struct kt_str language;
};
/* Makes groups and options that are missing. A job whose option cannot be had is judged.
 * *has_changed: something was made, so what was read before is old. */
enum kt_rc vendure_options_ensure(struct vendure_push *p, const struct vendure_need *need,
                                  size_t count, bool *has_changed, struct kt_err *e) KT_MUST;
/* The group of this axis among `groups`, the option of this value in it; NULL: none. */
const struct kt_json *vendure_group_of(const struct kt_json *groups, struct kt_str page,
                                       struct kt_str axis, struct kt_str name, struct kt_arena *a);
const struct kt_json *vendure_option_of(const struct kt_json *group, struct kt_str value,
                                        struct kt_arena *a);
/* The code of a group that we make. */
struct kt_str vendure_group_code(struct kt_str page, struct kt_str axis, struct kt_arena *a);

/* Fills job->asset for every job with pictures, uploading what the shop does not have. A job whose
 * picture cannot be had is judged. */
enum kt_rc vendure_media_ensure(struct vendure_push *p, struct kt_err *e) KT_MUST;
/* Are pictures sent at all? */
bool vendure_sends_media(const struct kt_channel *channel) KT_MUST;

#endif
