#ifndef KT_APP_CMD_DOCUMENT_H
#define KT_APP_CMD_DOCUMENT_H

/* Shared by cmd_document*.c only. */
#include "app/app.h"
#include "app/table.h"
#include "store/bindings.h"
#include "store/keeping.h"
#include "store/orders.h"

/* A version with all that was ever said of it. */
struct kt_document_found {
    struct kt_str key;
    const struct kt_past *past; /* by rev */
    size_t pasts;
    const struct kt_document *document; /* as its source knows it, or did last */
    bool is_known;                      /* its source still does */
};

/* NAME is an id (in every scope that is configured), "scope|id" or "scope|id|version", as
 * exceptions and lists name them. All versions, by key. */
enum kt_rc kt_document_look_up(struct kt_app *app, const char *name, struct kt_document_found **out,
                               size_t *count, struct kt_err *e) KT_MUST;
/* Sorts revisions, by key and rev, into versions. */
void kt_document_group(struct kt_app *app, const struct kt_past *past, size_t pasts,
                       struct kt_document_found **out, size_t *count);
enum kt_exit kt_document_unknown(struct kt_app *app, const char *name);

/* The order that documents are bound to: by our key, else by the shop's number or id. Several
 * shops may have one of that number. */
enum kt_rc kt_document_order(struct kt_app *app, const char *name, struct kt_order_row **row,
                             size_t *count, struct kt_err *e) KT_MUST;
enum kt_exit kt_document_no_order(struct kt_app *app);

const char *kt_document_state(const struct kt_document_found *f, int64_t now_us);
/* "DE, AT"; "-": none. */
struct kt_str kt_document_refs(struct kt_list refs, struct kt_arena *a);
void kt_document_days(struct kt_table *t, const struct kt_document *d); /* two cells */
/* {"key":…,"state":…,"received":…,"recorded":…,"source":…,"document":{…}} without the braces */
void kt_document_put(struct kt_app *app, const struct kt_document_found *f, bool *is_first);

/* After kt_app_open. */
enum kt_exit kt_document_list(struct kt_app *app);
enum kt_exit kt_document_versions(struct kt_app *app);
enum kt_exit kt_document_show(struct kt_app *app);
enum kt_exit kt_document_of_order(struct kt_app *app);
enum kt_exit kt_document_verify(struct kt_app *app);
enum kt_exit kt_document_retention(struct kt_app *app);
enum kt_exit kt_document_purge(struct kt_app *app);

#endif
