#ifndef KT_STORE_RECORDS_INNER_H
#define KT_STORE_RECORDS_INNER_H

/* Shared by records_put.c, records_known.c, records_decide.c and past_put.c only: one key on its
 * way from what is stored to what is written. */
#include "store/records_put.h"

/* What is written for a key. */
enum kt_writing {
    KT_WRITE_NOTHING = 0,
    KT_WRITE_TOUCH,   /* rec_as_of alone */
    KT_WRITE_DELETED, /* the mark, content stays */
    KT_WRITE_ROW
};

/* One key with what is known of it and what becomes of it. */
struct kt_winner {
    struct kt_put *put; /* the newest of its run */
    size_t run;         /* how many of the same key, itself the last */
    unsigned round;     /* of a kind with a past: which revision of this key in the batch */
    bool is_known;
    bool is_led_by_many; /* by the stored row, or by one of the run */
    int was;             /* rec_deleted */
    int64_t rev;         /* as stored, then as written */
    int64_t as_of_us;
    struct kt_str hang; /* what it hangs on; absent: nothing */
    char hash[KT_HASH_TEXT_MAX];
    /* what becomes of it */
    enum kt_outcome outcome;
    enum kt_writing writing;
    const void *record;
    int state; /* rec_deleted */
    struct kt_str sources;
    struct kt_str hung_on; /* before, where that changed; else absent */
};

/* Fills in what is stored of these keys, which are sorted and of one kind. */
enum kt_rc kt_find_known(struct kt_db *db, struct kt_winner *w, size_t count, struct kt_arena *a,
                         struct kt_err *e) KT_MUST;
/* Says what becomes of each; reads in full what several sources lead. */
enum kt_rc kt_decide(struct kt_db *db, struct kt_winner *w, size_t count, struct kt_arena *a,
                     struct kt_err *e) KT_MUST;

#endif
