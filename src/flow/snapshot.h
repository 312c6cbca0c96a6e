#ifndef KT_FLOW_SNAPSHOT_H
#define KT_FLOW_SNAPSHOT_H

#include "flow/work.h"

/* Which keys a full run saw. Only when it came to its end does absence mean deletion. */
struct kt_snapshot;

/* A living record that the whole snapshot did not show. */
struct kt_absence {
    enum kt_kind kind;
    struct kt_str key;
    struct kt_str value; /* what it is, for people; absent: nothing to say */
    int64_t run;         /* under which its deletion waits for a person already; 0: it does not */
    int64_t since_us;    /* then: since when */
};

/* kinds: kt_feed_kinds. begun_us: records known as of then or later are left alone. */
struct kt_snapshot *kt_snapshot_new(unsigned kinds, int64_t begun_us);
void kt_snapshot_free(struct kt_snapshot *s); /* NULL is fine */
int64_t kt_snapshot_begun(const struct kt_snapshot *s);

/* Notes the keys of a page's living records, refused ones, too. */
void kt_snapshot_see(struct kt_snapshot *s, const struct kt_changes *page);
/* More keys than memory is meant for: what it saw says nothing any more. */
bool kt_snapshot_is_full(const struct kt_snapshot *s);
/* Different keys of a kind. */
size_t kt_snapshot_seen(struct kt_snapshot *s, enum kt_kind kind);

/* Living keys of the scope that were not seen and are known as of an instant before the snapshot
 * began. In order of kind and key, in `a`; *list grows, so that memory follows what is absent. */
enum kt_rc kt_snapshot_absent(struct kt_snapshot *s, struct kt_db *db, enum kt_kind kind,
                              const char *scope, struct kt_absence **list, size_t *count,
                              struct kt_arena *a, struct kt_err *e) KT_MUST;

/* What a record is, in a few words for people: "Desk lamp", "12.90 EUR for 1 PCE", "5 PCE". Absent
 * where there is nothing to say, and always for customers. */
struct kt_str kt_record_value(enum kt_kind kind, const void *record, struct kt_arena *a);

#endif
