#ifndef KT_ARCHIVE_INNER_H
#define KT_ARCHIVE_INNER_H

/* Shared by the files of this room only. */
#include "archive/archive.h"
#include "archive/html.h"
#include "model/document.h"
#include "store/db.h"

struct kt_archive {
    const struct kt_site *site;
    struct kt_log log;
    const char *page_header; /* of every page */
    struct kt_arena *arena;
};

/* One worker's own. */
struct kt_archive_worker {
    const struct kt_archive *archive;
    const struct kt_site *site;
    struct kt_db *db;    /* open while a handler runs */
    int64_t next_try_us; /* after it could not be opened */
};

/* One request on its way. */
struct kt_archive_ask {
    struct kt_archive_worker *w;
    const struct kt_request *q;
    struct kt_reply *r;
    struct kt_arena *a;
    enum kt_lang lang; /* of the reader, as far as the request tells */
    bool has_lang;     /* it does */
};

/* Answers in words. `not_found` is the same for everything that is not there, whatever the reason.
 */
void kt_archive_not_found(const struct kt_archive_ask *k);
void kt_archive_damaged(const struct kt_archive_ask *k); /* 503 */
/* 503, logged; e NULL: it was. */
void kt_archive_failed(const struct kt_archive_ask *k, const struct kt_err *e);
/* 200 with this page. `shared`: anybody may see it; else it is the reader's alone. */
void kt_archive_show(const struct kt_archive_ask *k, const struct kt_html *page, bool is_shared);

/* versions.c, orders.c: what stands behind the route, parts already read. */
enum { KT_ARCHIVE_PARTS = 4 };
void kt_archive_versions(struct kt_archive_ask *k, const struct kt_str *part, size_t parts);
void kt_archive_order(struct kt_archive_ask *k, const struct kt_str *part, size_t parts);

/* give.c: a content as a file. */
struct kt_archive_file {
    struct kt_str key;                  /* of the version, for whoever must bring it back */
    struct kt_str sha256;               /* of the content */
    const struct kt_document *document; /* says how it is called and what it is; may be NULL */
    const char *cache;                  /* Cache-Control */
};
void kt_archive_give(const struct kt_archive_ask *k, const struct kt_archive_file *f);

/* What people call the document: its title, else that of its kind, else the kind. In k->lang. */
struct kt_str kt_archive_title(enum kt_lang lang, const struct kt_document *document);
/* The title of the kind, in words. */
struct kt_str kt_archive_kind(enum kt_lang lang, struct kt_str type);
/* "valid from … until …", languages, markets, size: the line under a document's title. */
void kt_archive_describe(struct kt_html *p, const struct kt_document *document);

#endif
