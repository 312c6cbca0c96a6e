/* `kontor document verify`, `retention` and `purge`: is the archive whole, what must stay in it and
 * what may go. Main thread. */
#include "app/cmd_document.h"

#include <string.h>

#include "app/out.h"
#include "app/who.h"
#include "flow/keeping.h"
#include "store/blobs.h"

enum { PAGE = 200, FREE_MOST = 1000, TYPES_MOST = 200, DAMAGED_MOST = 1000 };

/* --- verify --- */

/* A content that is not whole. */
struct damaged {
    struct kt_str sha256;
    struct kt_str key; /* of the first version that names it */
    struct kt_verdict v;
};

struct verifying {
    struct kt_app *app;
    struct kt_str *done; /* hashes that were looked at, sorted */
    size_t dones;
    size_t room;
    struct damaged *damaged;
    size_t count;
    int64_t bytes;
};

/* Where it stands, or belongs, among those that were looked at. */
static size_t place_of(const struct verifying *v, struct kt_str sha256, bool *is_there)
{
    size_t from = 0;
    size_t to = v->dones;
    while (from < to) {
        const size_t middle = from + (to - from) / 2;
        const int order = kt_str_cmp(v->done[middle], sha256);
        if (order == 0) {
            *is_there = true;
            return middle;
        }
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    *is_there = false;
    return from;
}

static bool is_new(struct verifying *v, struct kt_str sha256)
{
    bool is_there = false;
    const size_t at = place_of(v, sha256, &is_there);
    if (is_there)
        return false;
    if (v->dones == v->room) {
        const size_t room = v->room == 0 ? 1024 : 2 * v->room;
        struct kt_str *more = KT_NEW_ARRAY(v->app->arena, room, struct kt_str);
        if (v->dones > 0)
            memcpy(more, v->done, v->dones * sizeof *more);
        v->done = more;
        v->room = room;
    }
    memmove(v->done + at + 1, v->done + at, (v->dones - at) * sizeof *v->done);
    v->done[at] = kt_str_copy(v->app->arena, sha256);
    v->dones++;
    return true;
}

static void look_at(struct verifying *v, struct kt_str key, struct kt_str sha256)
{
    struct kt_arena *a = kt_arena_new(); /* what is mapped goes with it */
    struct kt_err why = { 0 };
    struct kt_str bytes = { 0 };
    if (kt_blob_get(v->app->config->site.blobs, sha256, &bytes, a, &why) == KT_OK)
        v->bytes += (int64_t)bytes.n;
    else if (v->count < DAMAGED_MOST)
        v->damaged[v->count++] = (struct damaged){ kt_str_copy(v->app->arena, sha256),
                                                   kt_str_copy(v->app->arena, key), why.v };
    kt_arena_free(a);
}

static void look_at_all(struct verifying *v, const struct kt_document_found *f, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < f[i].pasts; k++) {
            const struct kt_document *d = f[i].past[k].record;
            if (d->sha256.n > 0 && is_new(v, d->sha256))
                look_at(v, f[i].key, d->sha256);
        }
    }
}

/* Revisions of one version after the other: no more than these are in memory. */
static enum kt_rc verify_page(struct verifying *v, struct kt_arena *a, const struct kt_kept *kept,
                              size_t count, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        struct kt_past *past = NULL;
        size_t pasts = 0;
        rc = kt_past_of(v->app->work.db, KT_KIND_DOCUMENT, kept[i].key, &past, &pasts, a, e);
        for (size_t k = 0; rc == KT_OK && k < pasts; k++) {
            const struct kt_document *d = past[k].record;
            if (d->sha256.n > 0 && is_new(v, d->sha256))
                look_at(v, past[k].key, d->sha256);
        }
    }
    return rc;
}

static enum kt_rc verify_all(struct verifying *v, struct kt_err *e)
{
    struct kt_app *app = v->app;
    struct kt_str after = KT_STR("");
    size_t count = PAGE;
    enum kt_rc rc = KT_OK;
    while (rc == KT_OK && count == PAGE) {
        struct kt_kept *kept = NULL;
        kt_arena_reset(app->work.arena);
        rc = kt_kept_page(app->work.db, after, PAGE, &kept, &count, app->work.arena, e);
        if (rc == KT_OK)
            rc = verify_page(v, app->work.arena, kept, count, e);
        if (rc == KT_OK && count > 0)
            after = kt_str_copy(app->arena, kept[count - 1].key);
    }
    return rc;
}

static void put_damaged(struct verifying *v)
{
    struct kt_buf *out = &v->app->out;
    bool is_first = true;
    kt_buf_char(out, '{');
    kt_out_member_number(out, &is_first, "contents", (int64_t)v->dones);
    kt_out_member_number(out, &is_first, "bytes", v->bytes);
    kt_json_put_name(out, &is_first, "damaged");
    kt_buf_char(out, '[');
    for (size_t i = 0; i < v->count; i++) {
        bool is_first_member = true;
        kt_buf_text(out, i == 0 ? "{" : ",{");
        kt_out_member(out, &is_first_member, "sha256", v->damaged[i].sha256);
        kt_out_member(out, &is_first_member, "document", v->damaged[i].key);
        kt_out_verdict(out, &is_first_member, &v->damaged[i].v, v->app->lang);
        kt_buf_char(out, '}');
    }
    kt_buf_text(out, "]}\n");
}

static void show_damaged(struct verifying *v)
{
    struct kt_buf *out = &v->app->out;
    for (size_t i = 0; i < v->count; i++) {
        char sentence[1024];
        kt_sentence(&v->damaged[i].v, v->app->lang, sentence, sizeof sentence);
        kt_out_text(out, v->damaged[i].key);
        kt_buf_text(out, ": ");
        kt_out_text(out, kt_str_of(sentence));
        kt_buf_char(out, '\n');
    }
    kt_buf_format(out, "%zu contents, %lld bytes read, %zu damaged.\n", v->dones,
                  (long long)v->bytes, v->count);
}

enum kt_exit kt_document_verify(struct kt_app *app)
{
    struct verifying v = { .app = app };
    struct kt_document_found *f = NULL;
    struct kt_err e = { 0 };
    enum kt_rc rc = KT_OK;
    size_t count = 0;
    if (app->config->site.blobs == NULL)
        return kt_app_usage(app, "document verify: push.blobs names no folder for contents");
    v.damaged = KT_NEW_ARRAY(app->arena, DAMAGED_MOST, struct damaged);
    if (app->args.words == 2) {
        rc = verify_all(&v, &e);
    } else {
        rc = kt_document_look_up(app, app->args.word[2], &f, &count, &e);
        if (rc == KT_OK && count == 0)
            return kt_document_unknown(app, app->args.word[2]);
        look_at_all(&v, f, count);
    }
    if (rc != KT_OK)
        return kt_app_failed(app, &e);
    if (app->is_json)
        put_damaged(&v);
    else
        show_damaged(&v);
    return v.count > 0 ? KT_EXIT_ATTENTION : KT_EXIT_OK;
}

/* --- retention --- */

/* Versions of one kind, by what keeps them. */
struct tally {
    struct kt_str type;
    int64_t years;
    int64_t count[KT_KEEPING_REASONS];
    int64_t next_us; /* when the next one may go; KT_NEVER: none has a date */
};

struct report {
    struct kt_app *app;
    struct tally tally[TYPES_MOST];
    size_t tallies;
    struct kt_kept *free; /* the first of those that may go */
    size_t frees;
};

/* Beyond so many kinds the last one stands for the rest. */
static struct tally *tally_of(struct report *r, struct kt_str type, int64_t years)
{
    for (size_t i = 0; i < r->tallies; i++) {
        if (kt_str_eq(r->tally[i].type, type))
            return &r->tally[i];
    }
    if (r->tallies == TYPES_MOST)
        return &r->tally[TYPES_MOST - 1];
    r->tally[r->tallies] = (struct tally){ .type = kt_str_copy(r->app->arena, type),
                                           .years = years,
                                           .next_us = KT_NEVER };
    return &r->tally[r->tallies++];
}

static void count_one(struct report *r, const struct kt_kept *kept)
{
    struct kt_keeping k;
    kt_keeping_of(&r->app->config->site, kept, kt_now_us(), &k);
    struct tally *t = tally_of(r, kept->type.p != NULL ? kept->type : KT_STR("-"), k.years);
    t->count[k.reason]++;
    if (k.reason == KT_KEEPING_YEARS && k.free_us < t->next_us)
        t->next_us = k.free_us;
    if (k.reason == KT_KEEPING_FREE && r->frees < FREE_MOST) {
        struct kt_kept *f = &r->free[r->frees++];
        *f = *kept;
        f->key = kt_str_copy(r->app->arena, kept->key);
        f->type = kt_str_copy(r->app->arena, kept->type);
        f->sha256 = kt_str_copy(r->app->arena, kept->sha256);
    }
}

static enum kt_rc read_report(struct report *r, struct kt_err *e)
{
    struct kt_app *app = r->app;
    struct kt_str after = KT_STR("");
    size_t count = PAGE;
    enum kt_rc rc = KT_OK;
    r->free = KT_NEW_ARRAY(app->arena, FREE_MOST, struct kt_kept);
    while (rc == KT_OK && count == PAGE) {
        struct kt_kept *kept = NULL;
        kt_arena_reset(app->work.arena);
        rc = kt_kept_page(app->work.db, after, PAGE, &kept, &count, app->work.arena, e);
        for (size_t i = 0; rc == KT_OK && i < count; i++)
            count_one(r, &kept[i]);
        if (rc == KT_OK && count > 0)
            after = kt_str_copy(app->arena, kept[count - 1].key);
    }
    return rc;
}

static void put_free(struct report *r)
{
    struct kt_buf *out = &r->app->out;
    kt_buf_char(out, '[');
    for (size_t i = 0; i < r->frees; i++) {
        const struct kt_kept *k = &r->free[i];
        bool is_first = true;
        kt_buf_text(out, i == 0 ? "{" : ",{");
        kt_out_member(out, &is_first, "document", k->key);
        kt_out_member(out, &is_first, "kind", k->type);
        kt_out_member(out, &is_first, "sha256", k->sha256);
        kt_out_member_number(out, &is_first, "size", k->size);
        kt_out_member_instant(out, &is_first, "received", k->first_us);
        kt_out_member_instant(out, &is_first, "last_order", k->last_order_us);
        kt_out_member_instant(out, &is_first, "last_shown", k->last_shown_us);
        kt_buf_char(out, '}');
    }
    kt_buf_char(out, ']');
}

static void put_report(struct report *r)
{
    struct kt_buf *out = &r->app->out;
    kt_buf_text(out, "{\"kinds\":[");
    for (size_t i = 0; i < r->tallies; i++) {
        const struct tally *t = &r->tally[i];
        bool is_first = true;
        kt_buf_text(out, i == 0 ? "{" : ",{");
        kt_out_member(out, &is_first, "kind", t->type);
        kt_out_member_number(out, &is_first, "keep_years", t->years);
        for (int k = 0; k < KT_KEEPING_REASONS; k++)
            kt_out_member_number(out, &is_first, kt_keeping_reason_name((enum kt_keeping_reason)k),
                                 t->count[k]);
        kt_out_member_instant(out, &is_first, "next", t->next_us);
        kt_buf_char(out, '}');
    }
    kt_buf_text(out, "],\"may_go\":");
    put_free(r);
    kt_buf_text(out, "}\n");
}

static void show_free(struct report *r)
{
    static const char *const titles[] = { "MAY GO", "KIND", "RECEIVED", "LAST ORDER",
                                          "LAST SHOWN" };
    struct kt_table t;
    kt_table_init(&t, r->app->arena, titles, KT_COUNT(titles));
    for (size_t i = 0; i < r->frees; i++) {
        kt_table_str(&t, r->free[i].key);
        kt_table_str(&t, r->free[i].type);
        kt_table_instant(&t, r->free[i].first_us);
        kt_table_instant(&t, r->free[i].last_order_us);
        kt_table_instant(&t, r->free[i].last_shown_us);
    }
    kt_table_print(&t, &r->app->out);
    if (r->frees == FREE_MOST)
        kt_buf_format(&r->app->out, "These are the first %d.\n", FREE_MOST);
}

static void show_report(struct report *r)
{
    static const char *const titles[] = { "KIND",   ">YEARS",  ">MAY GO",   ">HELD", ">SHOWN",
                                          ">VALID", ">LISTED", ">IN YEARS", "NEXT" };
    struct kt_table t;
    if (r->tallies == 0) {
        kt_buf_text(&r->app->out, "The archive is empty.\n");
        return;
    }
    kt_table_init(&t, r->app->arena, titles, KT_COUNT(titles));
    for (size_t i = 0; i < r->tallies; i++) {
        kt_table_str(&t, r->tally[i].type);
        kt_table_number(&t, r->tally[i].years);
        for (int k = 0; k < KT_KEEPING_REASONS; k++)
            kt_table_number(&t, r->tally[i].count[k]);
        kt_table_instant(&t, r->tally[i].next_us);
    }
    kt_table_print(&t, &r->app->out);
    if (r->frees == 0)
        return;
    kt_buf_char(&r->app->out, '\n');
    show_free(r);
}

enum kt_exit kt_document_retention(struct kt_app *app)
{
    struct report *r = KT_NEW(app->arena, struct report);
    struct kt_err e = { 0 };
    r->app = app;
    if (read_report(r, &e) != KT_OK)
        return kt_app_failed(app, &e);
    if (app->is_json)
        put_report(r);
    else
        show_report(r);
    return KT_EXIT_OK;
}

/* --- purge --- */

static enum kt_exit look_first(struct kt_app *app)
{
    struct report *r = KT_NEW(app->arena, struct report);
    struct kt_err e = { 0 };
    r->app = app;
    if (read_report(r, &e) != KT_OK)
        return kt_app_failed(app, &e);
    if (app->is_json) {
        kt_buf_text(&app->out, "{\"may_go\":");
        put_free(r);
        kt_buf_text(&app->out, "}\n");
    } else if (r->frees == 0) {
        kt_buf_text(&app->out, "Nothing may go.\n");
    } else {
        show_free(r);
    }
    return KT_EXIT_OK;
}

enum kt_exit kt_document_purge(struct kt_app *app)
{
    struct kt_err e = { 0 };
    size_t gone = 0;
    if (kt_args_has(&app->args, "--dry-run"))
        return look_first(app);
    if (kt_keeping_purge(&app->work, kt_who(app->arena), &gone, &e) != KT_OK)
        return kt_app_failed(app, &e);
    kt_buf_format(&app->out,
                  app->is_json
                      ? "{\"gone\":%zu}\n"
                      : "%zu versions have gone; the audit trail names them. Contents that "
                        "nothing names any\nmore are removed within a day.\n",
                  gone);
    return KT_EXIT_OK;
}
