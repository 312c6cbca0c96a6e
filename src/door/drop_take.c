/* Takes a file of the drop into the intake: what is common to tables and messages, and tables. On
 * the section's thread with its own connection. A table goes in by batches, each a message of its
 * own, so that what a crash interrupts goes on where it was. */
#include "door/drop_take.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/crash.h"
#include "base/hash.h"

/* --- bytes --- */

enum kt_rc kt_drop_read(void *reader, char *room, size_t size, size_t *got, struct kt_err *e)
{
    struct kt_drop_reader *r = reader;
    ssize_t n = 0;
    do
        n = pread(r->fd, room, size, r->at);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_DROP_UNREADABLE, KT_P_TEXT("file", r->name),
                       KT_P_TEXT("detail", strerrordesc_np(errno)));
    *got = (size_t)n;
    r->at += n;
    if (r->hash != NULL)
        kt_hash_put(r->hash, room, *got);
    return KT_OK;
}

static enum kt_rc changed(const struct kt_drop_job *job, struct kt_err *e)
{
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_DROP_CHANGED, KT_P_TEXT("file", job->file->name));
}

static enum kt_rc hash_file(struct kt_drop_job *job, struct kt_err *e)
{
    enum { CHUNK = 1 << 18 };
    uint8_t digest[KT_HASH_BYTES];
    struct kt_arena *a = kt_arena_new();
    struct kt_drop_reader r = { job->file->fd, 0, job->file->name, kt_hash_new(a) };
    char *room = kt_alloc(a, CHUNK);
    size_t got = 1;
    enum kt_rc rc = KT_OK;
    while (rc == KT_OK && got > 0)
        rc = kt_drop_read(&r, room, CHUNK, &got, e);
    kt_hash_end(r.hash, digest);
    kt_hex(digest, sizeof digest, job->tally->sha256);
    kt_arena_free(a);
    return rc;
}

/* --- messages --- */

static void put_pairs(struct kt_buf *out, const struct kt_csv_pair *pair, size_t count)
{
    for (size_t i = 0; i < count; i++)
        kt_buf_format(out, "|%s=%s", pair[i].name, pair[i].value);
}

static void put_texts(struct kt_buf *out, const struct kt_conf_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        kt_buf_format(out, "|%s", texts->item[i]);
}

static void put_naming(struct kt_buf *out, const struct kt_drop_files *f)
{
    const struct kt_conf_texts *const lists[] = { &f->languages, &f->markets, &f->products,
                                                  &f->variants, &f->families };
    kt_buf_format(out, "|%s|%s|%s", f->name_form, f->type == NULL ? "" : f->type,
                  f->version == NULL ? "" : f->version);
    for (size_t i = 0; i < KT_COUNT(lists); i++) {
        kt_buf_char(out, '\n');
        put_texts(out, lists[i]);
    }
    put_pairs(out, f->type_word, f->types);
}

/* Other settings read other records from the same bytes: what they made of it is another message.
 */
static void settings_mark(const struct kt_drop_job *job, char out[KT_HASH_TEXT_MAX])
{
    enum { MARK_MAX = 1 << 20 };
    const struct kt_drop_files *f = job->file->rule;
    struct kt_arena *a = kt_arena_new();
    uint8_t digest[KT_HASH_BYTES];
    struct kt_buf text;
    kt_buf_init(&text, a, MARK_MAX);
    kt_buf_format(&text, "%d %d %d %d %d %d %lld", f->format, f->form.separator, f->form.quote,
                  f->form.encoding, f->rules.kind, f->rules.decimals, (long long)job->conf->batch);
    put_texts(&text, &f->rules.dates);
    put_texts(&text, &f->rules.yes);
    put_texts(&text, &f->rules.no);
    put_pairs(&text, f->rules.column, f->rules.columns);
    put_pairs(&text, f->rules.value, f->rules.values);
    if (f->format == KT_DROP_DOCUMENT)
        put_naming(&text, f);
    kt_sha256(kt_buf_view(&text), digest);
    kt_hex(digest, sizeof digest, out);
    kt_arena_free(a);
}

struct kt_str kt_drop_id(const struct kt_drop_job *job, size_t part)
{
    struct kt_arena *a = job->worker->work.arena;
    char mark[KT_HASH_TEXT_MAX];
    const char *who = "";
    settings_mark(job, mark);
    if (job->file->rule->repeat == KT_DROP_NEVER)
        who = job->file->kept;
    else if (job->file->rule->repeat == KT_DROP_BY_NAME)
        who = job->file->name;
    return kt_str_of(kt_format(a, "file:%s:%s:%.8s:%zu", who, job->tally->sha256, mark, part));
}

static void note_refusals(struct kt_drop_job *job, const struct kt_inbound *in,
                          const uint64_t *line)
{
    struct kt_drop_tally *t = job->tally;
    if (t->refusal == NULL)
        t->refusal = KT_NEW_ARRAY(t->arena, KT_DROP_REFUSALS, struct kt_drop_refusal);
    for (size_t i = 0; i < in->results && t->refusals < KT_DROP_REFUSALS; i++) {
        if (in->result[i].status != KT_INBOUND_REFUSED)
            continue;
        struct kt_drop_refusal *r = &t->refusal[t->refusals++];
        *r = (struct kt_drop_refusal){ .v = *in->result[i].v };
        if (line != NULL)
            r->line = line[i];
        else
            r->at = i + 1;
        if (in->facts.count > 0)
            r->record = kt_fact_kind_name(in->facts.item[i].kind);
        else
            r->record = kt_shape_label(kt_kind_shape[in->changes.item[i].kind],
                                       in->changes.item[i].record, t->arena);
    }
}

enum kt_rc kt_drop_bring(struct kt_drop_job *job, struct kt_inbound *in, const uint64_t *line,
                         struct kt_err *e)
{
    struct kt_drop_tally *t = job->tally;
    in->source = kt_format(job->worker->work.arena, "file %s", job->file->name);
    enum kt_rc rc = kt_inbound_take(job->worker->desk, job->conf->erp, in, e);
    kt_door_count("drop", in, rc);
    if (rc != KT_OK)
        return rc;
    KT_CRASH_POINT("drop.committed");
    t->parts++;
    t->repeats += in->is_repeat ? 1 : 0;
    for (size_t i = 0; i < KT_COUNT(t->count); i++)
        t->count[i] += (int64_t)in->count[i];
    if (in->count[KT_INBOUND_REFUSED] > 0)
        note_refusals(job, in, line);
    return KT_OK;
}

/* --- tables --- */

/* One batch of rows. */
struct batch {
    struct kt_inbound in;
    uint64_t *line; /* of each change */
    int64_t rows;
    bool is_last;
};

static enum kt_rc fill_batch(struct kt_drop_job *job, struct kt_csv *csv,
                             const struct kt_csv_plan *plan, struct batch *b, struct kt_err *e)
{
    enum { CHANGES_MAX = 10000 };
    struct kt_arena *a = job->worker->work.arena;
    enum kt_rc rc = KT_OK;
    kt_arena_reset(a);
    *b = (struct batch){ .line = KT_NEW_ARRAY(a, CHANGES_MAX, uint64_t) };
    b->in.partner = job->conf->partner;
    b->in.changes.arena = a;
    while (rc == KT_OK && !b->is_last && b->rows < job->conf->batch &&
           b->in.changes.count + 2 <= CHANGES_MAX) {
        struct kt_csv_row row;
        rc = kt_csv_next(csv, &row, a, e);
        b->is_last = rc != KT_OK || row.is_last;
        if (b->is_last)
            break;
        size_t before = b->in.changes.count;
        kt_csv_plan_row(plan, &row, job->file->claimed_us, &b->in.changes);
        for (size_t i = before; i < b->in.changes.count; i++)
            b->line[i] = row.line;
        b->rows++;
    }
    return rc;
}

/* What was read before the file broke off counts: rows stand for themselves. */
static enum kt_rc take_rows(struct kt_drop_job *job, struct kt_csv *csv,
                            const struct kt_csv_plan *plan, struct kt_err *e)
{
    struct batch b = { .is_last = false };
    for (size_t part = 1; !b.is_last; part++) {
        struct kt_err broken = { 0 };
        if (atomic_load(job->is_over))
            return KT_WAIT;
        enum kt_rc end = fill_batch(job, csv, plan, &b, &broken);
        if (b.in.changes.count > 0) {
            b.in.id = kt_drop_id(job, part);
            b.in.digest = kt_str_of(job->tally->sha256);
            enum kt_rc rc = kt_drop_bring(job, &b.in, b.line, e);
            if (rc != KT_OK)
                return rc;
        }
        job->tally->rows += b.rows;
        if (end != KT_OK) {
            *e = broken;
            return end;
        }
    }
    return KT_OK;
}

static enum kt_rc read_header(struct kt_drop_job *job, struct kt_csv *csv,
                              struct kt_csv_plan **plan, struct kt_err *e)
{
    struct kt_arena *a = job->tally->arena;
    struct kt_csv_row *header = KT_NEW(a, struct kt_csv_row);
    enum kt_rc rc = kt_csv_next(csv, header, a, e);
    if (rc != KT_OK)
        return rc;
    if (header->is_last)
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_CSV_EMPTY);
    if (header->why.v.code != KT_E_NONE) {
        *e = header->why;
        return e->v.rc;
    }
    rc = kt_csv_plan_make(plan, &job->file->rule->rules, header, a, e);
    if (rc == KT_OK)
        job->tally->unknown = kt_csv_plan_unknown(*plan);
    return rc;
}

enum kt_rc kt_drop_take_table(struct kt_drop_job *job, struct kt_err *e)
{
    struct kt_drop_reader reader = { job->file->fd, 0, job->file->name, NULL };
    struct kt_csv *csv =
        kt_csv_open(&job->file->rule->form, kt_drop_read, &reader, job->tally->arena);
    struct kt_csv_plan *plan = NULL;
    enum kt_rc rc = read_header(job, csv, &plan, e);
    if (rc == KT_OK)
        rc = take_rows(job, csv, plan, e);
    return rc;
}

/* --- a whole file --- */

/* A message without records that remembers the name's content. */
static enum kt_rc check_renewed(struct kt_drop_job *job, struct kt_err *e)
{
    struct kt_arena *a = job->worker->work.arena;
    struct kt_inbound in = { .partner = job->conf->partner };
    struct kt_err why = { 0 };
    if (job->file->rule->refuses_renewed == 0)
        return KT_OK;
    kt_arena_reset(a);
    in.id = kt_str_of(kt_format(a, "name:%s", job->file->name));
    in.digest = kt_str_of(job->tally->sha256);
    in.changes.arena = a;
    enum kt_rc rc = kt_inbound_take(job->worker->desk, job->conf->erp, &in, &why);
    if (rc == KT_REJECT && why.v.code == KT_E_MESSAGE_CHANGED)
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_DROP_NAME_TAKEN,
                       KT_P_TEXT("file", job->file->name));
    *e = why;
    return rc;
}

static enum kt_rc (*const take_form[])(struct kt_drop_job *job, struct kt_err *e) = {
    [KT_DROP_CSV] = kt_drop_take_table,
    [KT_DROP_XML] = kt_drop_take_xml,
    [KT_DROP_DOCUMENT] = kt_drop_take_document,
};

static enum kt_rc take(struct kt_drop_job *job, struct kt_err *e)
{
    enum kt_rc rc = hash_file(job, e);
    if (rc == KT_OK && kt_drop_is_changed(job->file))
        rc = changed(job, e);
    if (rc == KT_OK)
        rc = check_renewed(job, e);
    if (rc == KT_OK)
        rc = take_form[job->file->rule->format](job, e);
    if (rc == KT_OK && kt_drop_is_changed(job->file))
        rc = changed(job, e);
    return rc;
}

enum kt_rc kt_drop_take(struct kt_drop_job *job, struct kt_err *e)
{
    struct kt_drop_tally *t = job->tally;
    struct kt_err why = { 0 };
    enum kt_rc rc = take(job, &why);
    if (rc == KT_REJECT && kt_code_class(why.v.code) != KT_CLASS_STORE) {
        t->why = why; /* the file's own fault: trying again does not help */
        return KT_OK;
    }
    if (rc != KT_OK) {
        *e = why;
        return rc;
    }
    t->is_duplicate = t->parts > 0 && t->repeats == t->parts && !job->file->is_left;
    return KT_OK;
}
