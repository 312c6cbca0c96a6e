#ifndef KT_DOOR_DROP_TAKE_H
#define KT_DOOR_DROP_TAKE_H

#include <stdatomic.h>

#include "door/drop_folder.h"

/* Taking a claimed file in, for drop*.c only. */
enum { KT_DROP_REFUSALS = 1000 }; /* that a report lists */

struct kt_drop_refusal {
    uint64_t line;      /* of a table; else 0 */
    size_t at;          /* of a message's records, from 1; of a table 0 */
    const char *record; /* "stock main|SKU-1|0001" */
    struct kt_verdict v;
};

/* What became of a file. */
struct kt_drop_tally {
    struct kt_arena *arena; /* of the file */
    char sha256[KT_HASH_TEXT_MAX];
    int64_t rows;     /* of a table, without its first line */
    int64_t count[4]; /* records, by enum kt_inbound_status */
    int64_t parts;    /* messages that were taken */
    int64_t repeats;  /* of them, known before */
    struct kt_drop_refusal *refusal;
    size_t refusals;
    struct kt_conf_texts unknown; /* columns that fill nothing */
    int64_t ignored;              /* elements of a message that have no place */
    struct kt_err why;            /* of a file that was not taken, or not to its end */
    bool is_duplicate;
    int64_t run;
};

/* One file being taken. */
struct kt_drop_job {
    struct kt_door_worker *worker;
    const struct kt_drop_conf *conf;
    struct kt_drop_file *file;
    struct kt_drop_tally *tally;
    const atomic_bool *is_over; /* the service stops */
};

/* Takes all of an open file. OK: it is settled, and tally->why says whether it was refused as a
 * whole. Else it stays where it is and is taken again later: KT_RETRY, KT_UNSURE, or KT_WAIT when
 * the service stops. */
enum kt_rc kt_drop_take(struct kt_drop_job *job, struct kt_err *e) KT_MUST;
enum kt_rc kt_drop_take_table(struct kt_drop_job *job, struct kt_err *e) KT_MUST;
enum kt_rc kt_drop_take_xml(struct kt_drop_job *job, struct kt_err *e) KT_MUST;
enum kt_rc kt_drop_take_document(struct kt_drop_job *job, struct kt_err *e) KT_MUST;

/* One message of the file. line[i]: of change i; NULL: not of a table. */
enum kt_rc kt_drop_bring(struct kt_drop_job *job, struct kt_inbound *in, const uint64_t *line,
                         struct kt_err *e) KT_MUST;
/* Its id where the content has none of its own; part: "1", "2" … */
struct kt_str kt_drop_id(const struct kt_drop_job *job, size_t part);
/* The file's bytes in turn; a struct kt_drop_reader is `from`. */
struct kt_drop_reader {
    int fd;
    int64_t at;
    const char *name;
    struct kt_hash *hash; /* of what was read; NULL: not wanted */
};
enum kt_rc kt_drop_read(void *reader, char *room, size_t size, size_t *got,
                        struct kt_err *e) KT_MUST;

/* Report as text and as JSON, in reports; of a refused file in error, too.
 * Errors KT_RETRY DROP_UNWRITTEN. */
enum kt_rc kt_drop_report(struct kt_drop_folder *f, const struct kt_drop_file *file,
                          const struct kt_drop_tally *tally, struct kt_err *e) KT_MUST;

#endif
