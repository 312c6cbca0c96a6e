#ifndef KT_DOOR_DROP_H
#define KT_DOOR_DROP_H

#include "door/door.h"
#include "format/csv_records.h"

/* The file drop: a folder in which others put files (docs/file-drop.md). A thread for each section;
 * of the nodes that share a folder one at a time works in it. */
enum kt_drop_format { KT_DROP_CSV = 0, KT_DROP_XML, KT_DROP_DOCUMENT };
enum kt_drop_repeat {
    KT_DROP_AUTO = 0,   /* by name where the pattern lets names differ, else never */
    KT_DROP_BY_NAME,    /* the same name with the same content is a duplicate */
    KT_DROP_BY_CONTENT, /* the same content is one, whatever its name */
    KT_DROP_NEVER
};

/* A section of drop.NAME.files: what a file name means. */
struct kt_drop_files {
    const char *name;
    const char *pattern; /* of the whole name: "*" any text, "?" one character */
    int format;          /* enum kt_drop_format */
    struct kt_csv_form form;
    struct kt_csv_rules rules;
    int repeat;          /* enum kt_drop_repeat; after load never AUTO */
    int refuses_renewed; /* 1: the same name with another content is refused */
    /* of documents: what their name says, and what holds for all of them */
    const char *name_form; /* "{sku}_v{version}.pdf" */
    const char *type;
    const char *version;
    struct kt_conf_texts languages;
    struct kt_conf_texts markets;
    struct kt_conf_texts products;
    struct kt_conf_texts variants;
    struct kt_conf_texts families;
    const struct kt_csv_pair *type_word; /* words in names, and the types they stand for */
    size_t types;
    const struct kt_name_rule *name_rule; /* derived */
};

/* A section of `drop`. */
struct kt_drop_conf {
    const char *name;
    const char *folder;
    const char *erp_name;
    int64_t batch;        /* rows of a file that are committed together */
    int64_t every_s;      /* how often the folder is looked at, whatever the system tells */
    int64_t settle_s;     /* how long a file must have stood still */
    const char *trigger;  /* suffix of the file that says that another one is whole; NULL: none */
    int order;            /* 0 by name, 1 by time */
    int64_t size_max;     /* bytes of a file */
    int language;         /* enum kt_lang: of reports */
    int leaves_strangers; /* 1: files of no pattern stay where they are */
    const struct kt_drop_files *files;
    size_t file_rules;
    /* derived; by who loads the configuration */
    const struct kt_erp_site *erp;
    const char *partner; /* "drop:NAME", which no section of `partners` can be called: whose the
                          * messages are */
};
extern const struct kt_opt kt_drop_opts[];       /* drop.NAME, into struct kt_drop_conf */
extern const struct kt_opt kt_drop_files_opts[]; /* drop.NAME.files.NAME: struct kt_drop_files */

/* Reads a whole section with its rules, and notes every problem. What is left to the caller: erp by
 * erp_name, and that no two sections share a folder. */
void kt_drop_conf_fill(struct kt_drop_conf *out, const char *name,
                       const struct kt_conf_node *section, struct kt_arena *a,
                       struct kt_problems *p);

/* The running threads. */
struct kt_drops;

/* Can its folder be used as it is? Makes nothing. Errors KT_CONFIG DROP_FOLDER {folder} {detail}:
 * it is not there, or not ours to write. */
enum kt_rc kt_drop_try(const struct kt_drop_conf *conf, struct kt_err *e) KT_MUST;

/* conf, site and log outlive it. A folder that cannot be used is tried again and again. */
enum kt_rc kt_drops_start(struct kt_drops **out, const struct kt_door_conf *conf,
                          const struct kt_site *site, struct kt_serve *serve,
                          const struct kt_log *log, struct kt_err *e) KT_MUST;
/* Ends each after the batch at hand; what is not finished goes on at the next start. NULL is fine.
 * False: a thread did not end; it still uses what it was given. */
bool kt_drops_stop(struct kt_drops *drops, int64_t grace_us) KT_MUST;

#endif
