/* Reads CSV row by row: bytes into fields by a machine of four states, fields into UTF-8. Called by
 * the file drop on its thread; memory is the caller's arena and two buffers of its own. */
#include "format/csv.h"

#include <string.h>

#include "format/csv_text.h"

enum { CHUNK = 65536 };

const char *const kt_csv_separators[] = { "auto", "semicolon", "comma", "tab", "pipe", NULL };
const char *const kt_csv_quotes[] = { "double", "single", "none", NULL };
const char *const kt_csv_encodings[] = { "utf-8", "windows-1252", "iso-8859-1", "iso-8859-15",
                                         NULL };

static const char separators[] = {
    [KT_CSV_SEMICOLON] = ';', [KT_CSV_COMMA] = ',', [KT_CSV_TAB] = '\t', [KT_CSV_PIPE] = '|'
};
static const char quotes[] = { [KT_CSV_DOUBLE] = '"', [KT_CSV_SINGLE] = '\'' };

struct kt_csv {
    struct kt_csv_form form;
    kt_csv_source source;
    void *from;
    char chunk[CHUNK];
    size_t at;     /* of the chunk: what is not read yet is from here … */
    size_t n;      /* … to here */
    bool is_open;  /* the first bytes were looked at */
    bool is_ended; /* the source has no more */
    char separator;
    int quote; /* -1: none */
    int encoding;
    uint64_t line;   /* of the byte at hand */
    size_t expected; /* fields of a row; 0: the first one is not read yet */
    char *raw;       /* bytes of the row at hand, unquoted, fields end to end */
    size_t raw_n;
    size_t raw_room;
    size_t end[KT_CSV_COLUMNS_MAX]; /* where each field ends in it */
    size_t fields;
    bool too_many;
    struct kt_arena *arena;
};

struct kt_csv *kt_csv_open(const struct kt_csv_form *form, kt_csv_source source, void *from,
                           struct kt_arena *a)
{
    struct kt_csv *csv = KT_NEW(a, struct kt_csv);
    csv->form = *form;
    csv->source = source;
    csv->from = from;
    csv->line = 1;
    csv->encoding = form->encoding;
    csv->quote = form->quote == KT_CSV_UNQUOTED ? -1 : quotes[form->quote];
    csv->arena = a;
    return csv;
}

char kt_csv_separator(const struct kt_csv *csv)
{
    return csv->separator;
}

/* --- the first bytes --- */

/* Fills the chunk as far as the source has bytes. */
static enum kt_rc refill(struct kt_csv *csv, struct kt_err *e)
{
    csv->at = 0;
    csv->n = 0;
    while (csv->n < CHUNK && !csv->is_ended) {
        size_t got = 0;
        enum kt_rc rc = csv->source(csv->from, csv->chunk + csv->n, CHUNK - csv->n, &got, e);
        if (rc != KT_OK)
            return rc;
        csv->n += got;
        csv->is_ended = got == 0;
    }
    return KT_OK;
}

/* Which mark the first line has most of, outside quotes; 0: two share that place. */
static char guess_separator(const struct kt_csv *csv)
{
    size_t count[KT_COUNT(separators)] = { 0 };
    size_t best = KT_CSV_SEMICOLON;
    bool is_quoted = false;
    bool is_shared = false;
    for (size_t i = csv->at; i < csv->n; i++) {
        char c = csv->chunk[i];
        if (c == '\n' && !is_quoted)
            break;
        if (csv->quote >= 0 && c == (char)csv->quote)
            is_quoted = !is_quoted;
        for (size_t k = KT_CSV_SEMICOLON; !is_quoted && k < KT_COUNT(separators); k++)
            count[k] += c == separators[k] ? 1 : 0;
    }
    for (size_t k = KT_CSV_SEMICOLON + 1; k < KT_COUNT(separators); k++) {
        is_shared =
            (is_shared && count[k] <= count[best]) || (count[k] == count[best] && count[k] > 0);
        if (count[k] > count[best])
            best = k;
    }
    return is_shared ? '\0' : separators[best];
}

static enum kt_rc begin(struct kt_csv *csv, struct kt_err *e)
{
    enum kt_rc rc = refill(csv, e);
    if (rc != KT_OK)
        return rc;
    const unsigned char *p = (const unsigned char *)csv->chunk;
    if (csv->n >= 2 && ((p[0] == 0xFF && p[1] == 0xFE) || (p[0] == 0xFE && p[1] == 0xFF)))
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_CSV_UTF16);
    if (csv->n >= 3 && p[0] == 0xEF && p[1] == 0xBB && p[2] == 0xBF) {
        csv->at = 3;
        csv->encoding = KT_CSV_UTF_8;
    }
    csv->separator =
        csv->form.separator == KT_CSV_AUTO ? guess_separator(csv) : separators[csv->form.separator];
    csv->is_open = true;
    if (csv->separator == '\0')
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_CSV_SEPARATOR);
    return KT_OK;
}

/* --- bytes to fields --- */

enum state {
    AT_START, /* of a field */
    PLAIN,
    QUOTED,
    BEHIND, /* the closing quote */
    LOST    /* the row cannot be read; its end is looked for */
};

/* One row being read. */
struct reading {
    enum state state;
    bool has_bytes; /* it is not an empty line */
    bool after_cr;  /* the last byte was CR outside quotes */
    bool is_over;
    uint64_t begun;  /* line of the row */
    uint64_t quoted; /* line of the quote that is open */
    size_t field_at; /* where the field at hand begins in `raw` */
    struct kt_err why;
};

static void put(struct kt_csv *csv, char c)
{
    if (csv->raw_n == csv->raw_room) {
        size_t room = csv->raw_room == 0 ? 4096 : csv->raw_room * 2;
        char *grown = kt_alloc(csv->arena, room);
        if (csv->raw_n > 0)
            memcpy(grown, csv->raw, csv->raw_n);
        csv->raw = grown;
        csv->raw_room = room;
    }
    csv->raw[csv->raw_n++] = c;
}

static void end_field(struct kt_csv *csv, struct reading *r)
{
    if (csv->fields < KT_CSV_COLUMNS_MAX)
        csv->end[csv->fields++] = csv->raw_n;
    else
        csv->too_many = true;
    r->field_at = csv->raw_n;
    r->state = AT_START;
}

static void lose(struct kt_csv *csv, struct reading *r, enum kt_code code)
{
    r->state = LOST;
    (void)kt_fail(&r->why, KT_REJECT, KT_RECORD, code, KT_P_NUM("line", csv->line),
                  KT_P_NUM("column", csv->fields + 1)); /* noted, not returned: a row's own */
}

/* A byte outside quotes that is neither separator nor line end. */
static void take_plain(struct kt_csv *csv, struct reading *r, char c)
{
    bool is_quote = csv->quote >= 0 && c == (char)csv->quote;
    if (r->state == AT_START && is_quote) {
        r->state = QUOTED;
        r->quoted = csv->line;
    } else if (r->state == BEHIND && is_quote) {
        put(csv, c);
        r->state = QUOTED;
    } else if (is_quote || r->state == BEHIND) {
        lose(csv, r, KT_E_CSV_QUOTE_STRAY);
    } else {
        put(csv, c);
        r->state = PLAIN;
    }
}

static void take(struct kt_csv *csv, struct reading *r, char c)
{
    bool is_cr = c == '\r';
    if (r->state == QUOTED) {
        if (c == (char)csv->quote)
            r->state = BEHIND;
        else
            put(csv, c);
    } else if (c == '\n') {
        if (r->state != LOST && (r->has_bytes || csv->fields > 0))
            end_field(csv, r);
        r->is_over = r->has_bytes;
        if (!r->has_bytes)
            r->begun = csv->line + 1;
    } else if (r->state == LOST) {
        r->has_bytes = true;
    } else if (r->after_cr) {
        r->has_bytes = true;
        lose(csv, r, KT_E_CSV_CR);
    } else if (!is_cr) {
        r->has_bytes = true;
        if (c == csv->separator)
            end_field(csv, r);
        else
            take_plain(csv, r, c);
    }
    r->after_cr = is_cr && r->state != QUOTED;
    csv->line += c == '\n' ? 1 : 0;
}

/* Without a limit an open quote would swallow the rest of a large file. */
static enum kt_rc check_size(const struct kt_csv *csv, const struct reading *r, struct kt_err *e)
{
    if (csv->raw_n - r->field_at <= KT_CSV_FIELD_MAX && csv->raw_n <= KT_CSV_ROW_MAX)
        return KT_OK;
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_CSV_FIELD_LONG, KT_P_NUM("line", r->begun),
                   KT_P_NUM("column", csv->fields + 1), KT_P_NUM("limit", KT_CSV_FIELD_MAX));
}

static enum kt_rc read_row(struct kt_csv *csv, struct reading *r, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    csv->raw_n = 0;
    csv->fields = 0;
    csv->too_many = false;
    r->begun = csv->line;
    while (rc == KT_OK && !r->is_over) {
        if (csv->at == csv->n && !csv->is_ended)
            rc = refill(csv, e);
        if (rc != KT_OK || csv->at == csv->n)
            break;
        while (!r->is_over && csv->at < csv->n)
            take(csv, r, csv->chunk[csv->at++]);
        rc = check_size(csv, r, e);
    }
    if (rc == KT_OK && r->state == QUOTED)
        rc = kt_fail(e, KT_REJECT, KT_RECORD, KT_E_CSV_QUOTE_OPEN, KT_P_NUM("line", r->quoted),
                     KT_P_NUM("column", csv->fields + 1));
    if (rc == KT_OK && !r->is_over && r->has_bytes && r->state != LOST)
        end_field(csv, r); /* the last row needs no line end */
    return rc;
}

/* --- fields to UTF-8 --- */

static void refuse(struct kt_csv_row *row, enum kt_code code, const char *name, size_t number,
                   const char *other, size_t limit)
{
    (void)kt_fail(&row->why, KT_REJECT, KT_RECORD, code, KT_P_NUM("line", row->line),
                  KT_P_NUM(name, number), KT_P_NUM(other, limit)); /* a row's own */
}

static void give_fields(struct kt_csv *csv, struct kt_csv_row *row, struct kt_arena *a)
{
    struct kt_str *field = KT_NEW_ARRAY(a, csv->fields + 1, struct kt_str);
    size_t from = 0;
    for (size_t i = 0; i < csv->fields; i++) {
        const size_t n = csv->end[i] - from;
        /* of a row of empty fields there are no bytes at all */
        struct kt_str bytes = n == 0 ? KT_STR("") : (struct kt_str){ csv->raw + from, n };
        from = csv->end[i];
        if (n == 0)
            field[i] = bytes;
        else if (!kt_csv_text(&field[i], bytes, csv->encoding, a)) {
            refuse(row, KT_E_CSV_ENCODING, "column", i + 1, "limit", 0);
            return;
        }
    }
    row->field = field;
    row->fields = csv->fields;
}

enum kt_rc kt_csv_next(struct kt_csv *csv, struct kt_csv_row *row, struct kt_arena *a,
                       struct kt_err *e)
{
    struct reading r = { .state = AT_START };
    *row = (struct kt_csv_row){ 0 };
    enum kt_rc rc = csv->is_open ? KT_OK : begin(csv, e);
    if (rc == KT_OK)
        rc = read_row(csv, &r, e);
    if (rc != KT_OK)
        return rc;
    row->line = r.begun;
    row->is_last = !r.has_bytes;
    row->why = r.why;
    if (row->is_last || row->why.v.code != KT_E_NONE)
        return KT_OK;
    if (csv->too_many)
        refuse(row, KT_E_CSV_COLUMNS_MANY, "count", KT_CSV_COLUMNS_MAX, "limit",
               KT_CSV_COLUMNS_MAX);
    else if (csv->expected != 0 && csv->fields != csv->expected)
        refuse(row, KT_E_CSV_FIELD_COUNT, "count", csv->fields, "expected", csv->expected);
    else
        give_fields(csv, row, a);
    if (csv->expected == 0)
        csv->expected = csv->fields;
    return KT_OK;
}
