#ifndef KT_DOOR_DROP_FOLDER_H
#define KT_DOOR_DROP_FOLDER_H

#include <time.h>

#include "door/drop.h"

/* The folder of a section of `drop`, for drop*.c only: what waits in it, claiming, reading and
 * putting away. Everything goes through descriptors that were opened once; links are never
 * followed. A file is claimed by renaming it into work, under its name with an instant before it,
 * so that a process that dies leaves it where the next one finds it. */
enum kt_drop_place {
    KT_DROP_WORK = 0,
    KT_DROP_ARCHIVE,
    KT_DROP_ERROR,
    KT_DROP_REPORTS,
    KT_DROP_PLACES
};

/* A name in the folder, and how long it has been as it is. */
struct kt_drop_seen {
    const char *name;
    uint64_t inode;
    int64_t size;
    struct timespec changed;
    int64_t since_us; /* kt_mono_us */
    bool is_ready;
};

struct kt_drop_folder {
    const struct kt_drop_conf *conf;
    int fd;
    int place[KT_DROP_PLACES];
    int lock;                  /* -1: another process works here */
    int notify;                /* inotify; -1: only polling */
    struct kt_drop_seen *seen; /* of the last look, by name */
    size_t count;
    struct kt_arena *seen_arena;
};

struct kt_drop_file {
    const struct kt_drop_files *rule; /* NULL: its name fits none */
    const char *name;                 /* as it was put there, for people */
    const char *kept;                 /* "20260301T101010.123456Z~stock.csv" */
    int64_t claimed_us;
    bool is_left; /* by a process that died, or by a try that could not be finished */
    int fd;
    int64_t size;
    struct timespec changed;
};

/* As before it is opened. */
void kt_drop_folder_init(struct kt_drop_folder *f, const struct kt_drop_conf *conf);
/* Makes the folders inside. Errors KT_CONFIG DROP_FOLDER. */
enum kt_rc kt_drop_folder_open(struct kt_drop_folder *f, const struct kt_drop_conf *conf,
                               struct kt_err *e) KT_MUST;
void kt_drop_folder_close(struct kt_drop_folder *f);
/* False: the folder, or one inside, is another one by now, and must be opened anew. */
bool kt_drop_folder_is_there(const struct kt_drop_folder *f) KT_MUST;
/* Is this process the one that works here? Tries to become it. Where the file system has no locks,
 * all are: claiming by rename keeps them apart. */
bool kt_drop_folder_lock(struct kt_drop_folder *f) KT_MUST;
/* Waits until something may have changed, at most wait_us; also for `stop`, an eventfd. */
void kt_drop_folder_wait(struct kt_drop_folder *f, int stop, int64_t wait_us);

/* What may be taken now, in order. *next_us: how long until more may be; KT_NEVER: not by waiting.
 * Errors KT_RETRY DROP_FOLDER: it cannot be read now. */
enum kt_rc kt_drop_look(struct kt_drop_folder *f, const char ***name, size_t *count,
                        int64_t *next_us, struct kt_arena *a, struct kt_err *e) KT_MUST;
/* What lies in work. */
enum kt_rc kt_drop_left(struct kt_drop_folder *f, const char ***kept, size_t *count,
                        struct kt_arena *a, struct kt_err *e) KT_MUST;

/* Takes a waiting file for this process. *is_taken false: it is gone, another one has it.
 * Errors KT_RETRY DROP_UNWRITTEN. */
enum kt_rc kt_drop_claim(struct kt_drop_folder *f, struct kt_drop_file *out, const char *name,
                         bool *is_taken, struct kt_arena *a, struct kt_err *e) KT_MUST;
/* The same for one that lies in work. */
void kt_drop_claim_left(struct kt_drop_folder *f, struct kt_drop_file *out, const char *kept,
                        struct kt_arena *a);

/* Opens a claimed file to be read. KT_WAIT: another process has put it away by now.
 * Errors KT_REJECT DROP_NO_RULE, DROP_NOT_PLAIN, DROP_UNREADABLE, DROP_TOO_LARGE. */
enum kt_rc kt_drop_open(struct kt_drop_folder *f, struct kt_drop_file *file,
                        struct kt_err *e) KT_MUST;
void kt_drop_close(struct kt_drop_file *file);
/* Was it written to since it was opened? */
bool kt_drop_is_changed(const struct kt_drop_file *file);
/* Gives a file that is not whole back to the folder; false: its name is taken there by now. */
bool kt_drop_give_back(struct kt_drop_folder *f, const struct kt_drop_file *file) KT_MUST;
/* Out of work. Errors KT_RETRY DROP_UNWRITTEN. */
enum kt_rc kt_drop_put_away(struct kt_drop_folder *f, const struct kt_drop_file *file,
                            enum kt_drop_place place, struct kt_err *e) KT_MUST;
/* Writes a whole file, synced. Errors KT_RETRY DROP_UNWRITTEN. */
enum kt_rc kt_drop_write(struct kt_drop_folder *f, enum kt_drop_place place, const char *name,
                         struct kt_str text, struct kt_err *e) KT_MUST;

#endif
