/* What became of a file, for the people who put it there: as text and as JSON. On the section's
 * thread. */
#include "base/json.h"
#include "base/time.h"
#include "door/drop_take.h"

enum { REPORT_MAX = 64 << 20, SENTENCE_MAX = 1024, COLUMNS_SHOWN = 50, NAME_SHOWN = 100 };

/* The words of a report, in both languages. */
enum word {
    W_FILE,
    W_TAKEN,
    W_RESULT,
    W_ROWS,
    W_RUN,
    W_UNKNOWN,
    W_IGNORED,
    W_LINE,
    W_RECORD,
    W_DO,
    W_MORE,
    WORDS
};
static const char *const words[2][WORDS] = {
    [KT_LANG_EN] = { "file", "taken at", "result", "rows", "run", "columns left out",
                     "elements left out", "line", "record", "What to do", "further refusals" },
    [KT_LANG_DE] = { "Datei", "angenommen", "Ergebnis", "Zeilen", "Lauf", "ausgelassene Spalten",
                     "ausgelassene Elemente", "Zeile", "Datensatz", "Was zu tun ist",
                     "weitere Abweisungen" },
};
static const char *const status_words[2][4] = {
    [KT_LANG_EN] = { "refused", "accepted", "unchanged", "older than known" },
    [KT_LANG_DE] = { "abgewiesen", "übernommen", "unverändert", "älter als bekannt" },
};

enum state { WHOLE, PARTLY, DUPLICATE, FAILED, BROKEN, STATES };
static const char *const state_names[STATES] = { "taken", "partly", "duplicate", "refused",
                                                 "broken_off" };
static const char *const state_words[2][STATES] = {
    [KT_LANG_EN] = { "taken", "taken, but for what is listed below",
                     "a duplicate: it was taken before, nothing was changed",
                     "refused: nothing was taken",
                     "broken off: what stands before the fault was taken" },
    [KT_LANG_DE] = { "übernommen", "übernommen, bis auf das unten Genannte",
                     "ein Duplikat: schon früher übernommen, nichts wurde geändert",
                     "abgewiesen: nichts wurde übernommen",
                     "abgebrochen: was vor dem Fehler steht, wurde übernommen" },
};

static enum state state_of(const struct kt_drop_tally *t)
{
    if (t->why.v.code != KT_E_NONE)
        return t->parts > 0 ? BROKEN : FAILED;
    if (t->is_duplicate)
        return DUPLICATE;
    return t->count[KT_INBOUND_REFUSED] > 0 ? PARTLY : WHOLE;
}

/* The setting's name of the column or field that a verdict speaks of; absent: it names none. */
static struct kt_str field_of(const struct kt_verdict *v)
{
    for (size_t i = 0; i < KT_PARAMS && v->param[i].name != NULL; i++) {
        struct kt_str name = kt_str_of(v->param[i].name);
        if (kt_str_is(name, "field") || kt_str_is(name, "column"))
            return kt_str_of(v->param[i].value);
    }
    return (struct kt_str){ NULL, 0 };
}

static struct kt_str shown_column(const struct kt_drop_tally *t, size_t i)
{
    struct kt_str name = kt_str_of(t->unknown.item[i]);
    name.n = kt_utf8_fit(name, NAME_SHOWN);
    return name;
}

/* --- text --- */

static void put_sentence(struct kt_buf *out, const struct kt_verdict *v, enum kt_lang lang,
                         const char *indent)
{
    char text[SENTENCE_MAX];
    kt_sentence(v, lang, text, sizeof text);
    kt_buf_format(out, "%s\n", text);
    kt_suggestion(v, lang, text, sizeof text);
    kt_buf_format(out, "%s%s: %s\n", indent, words[lang][W_DO], text);
}

static void put_line(struct kt_buf *out, const char *name, const char *text)
{
    kt_buf_format(out, "%s: %s\n", name, text);
}

static void put_number(struct kt_buf *out, const char *name, int64_t number)
{
    kt_buf_format(out, "%s: %lld\n", name, (long long)number);
}

static void put_head(struct kt_buf *out, const struct kt_drop_file *file,
                     const struct kt_drop_tally *t, enum kt_lang lang)
{
    const char *const *word = words[lang];
    char at[KT_TIME_TEXT_MAX];
    kt_time_text(file->claimed_us, at);
    put_line(out, word[W_FILE], file->name);
    put_line(out, word[W_TAKEN], at);
    put_line(out, "SHA-256", t->sha256[0] == '\0' ? "-" : t->sha256);
    put_line(out, word[W_RESULT], state_words[lang][state_of(t)]);
    if (t->run != 0)
        put_number(out, word[W_RUN], t->run);
    if (t->rows > 0)
        put_number(out, word[W_ROWS], t->rows);
    for (size_t i = 0; i < KT_COUNT(t->count); i++)
        put_number(out, status_words[lang][i], t->count[i]);
    if (t->ignored > 0)
        put_number(out, word[W_IGNORED], t->ignored);
    for (size_t i = 0; i < t->unknown.count && i < COLUMNS_SHOWN; i++) {
        struct kt_str name = shown_column(t, i);
        kt_buf_format(out, "%s%s%.*s", i == 0 ? word[W_UNKNOWN] : ", ", i == 0 ? ": " : "",
                      (int)name.n, name.p);
    }
    kt_buf_text(out, t->unknown.count > 0 ? "\n" : "");
}

static void write_text(struct kt_buf *out, const struct kt_drop_file *file,
                       const struct kt_drop_tally *t, enum kt_lang lang)
{
    const char *const *word = words[lang];
    put_head(out, file, t, lang);
    if (t->why.v.code != KT_E_NONE) {
        kt_buf_char(out, '\n');
        put_sentence(out, &t->why.v, lang, "");
    }
    for (size_t i = 0; i < t->refusals; i++) {
        const struct kt_drop_refusal *r = &t->refusal[i];
        kt_buf_format(out, "\n%s %llu, %s\n    ", r->line > 0 ? word[W_LINE] : word[W_RECORD],
                      (unsigned long long)(r->line > 0 ? r->line : r->at), r->record);
        put_sentence(out, &r->v, lang, "    ");
    }
    if (t->count[KT_INBOUND_REFUSED] > (int64_t)t->refusals) {
        kt_buf_char(out, '\n');
        put_number(out, word[W_MORE], t->count[KT_INBOUND_REFUSED] - (int64_t)t->refusals);
    }
}

/* --- JSON --- */

static void put_text(struct kt_buf *out, bool *is_first, const char *name, const char *text)
{
    kt_json_put_name(out, is_first, name);
    kt_json_put_text(out, kt_str_of(text));
}

static void put_count(struct kt_buf *out, bool *is_first, const char *name, int64_t number)
{
    kt_json_put_name(out, is_first, name);
    kt_buf_format(out, "%lld", (long long)number);
}

static void put_verdict(struct kt_buf *out, bool *is_first, const struct kt_verdict *v,
                        enum kt_lang lang)
{
    char text[SENTENCE_MAX];
    struct kt_str field = field_of(v);
    put_text(out, is_first, "code", kt_code_name(v->code));
    if (field.p != NULL)
        put_text(out, is_first, "field", field.p);
    kt_sentence(v, lang, text, sizeof text);
    put_text(out, is_first, "sentence", text);
    kt_suggestion(v, lang, text, sizeof text);
    put_text(out, is_first, "suggestion", text);
}

static void put_refusals(struct kt_buf *out, const struct kt_drop_tally *t, enum kt_lang lang)
{
    kt_buf_char(out, '[');
    for (size_t i = 0; i < t->refusals; i++) {
        const struct kt_drop_refusal *r = &t->refusal[i];
        bool is_first = true;
        kt_buf_text(out, i == 0 ? "\n{" : ",\n{");
        if (r->line > 0)
            put_count(out, &is_first, "line", (int64_t)r->line);
        else
            put_count(out, &is_first, "position", (int64_t)r->at);
        put_text(out, &is_first, "record", r->record);
        put_verdict(out, &is_first, &r->v, lang);
        kt_buf_char(out, '}');
    }
    kt_buf_char(out, ']');
}

static void put_unknown(struct kt_buf *out, const struct kt_drop_tally *t)
{
    kt_buf_char(out, '[');
    for (size_t i = 0; i < t->unknown.count && i < COLUMNS_SHOWN; i++) {
        kt_buf_text(out, i == 0 ? "" : ",");
        kt_json_put_text(out, shown_column(t, i));
    }
    kt_buf_char(out, ']');
}

static void write_json(struct kt_buf *out, const struct kt_drop_file *file,
                       const struct kt_drop_tally *t, enum kt_lang lang)
{
    bool is_first = true;
    char at[KT_TIME_TEXT_MAX];
    kt_time_text(file->claimed_us, at);
    kt_buf_char(out, '{');
    put_text(out, &is_first, "file", file->name);
    put_text(out, &is_first, "taken_at", at);
    put_text(out, &is_first, "sha256", t->sha256);
    put_text(out, &is_first, "state", state_names[state_of(t)]);
    put_count(out, &is_first, "run", t->run);
    put_count(out, &is_first, "rows", t->rows);
    for (size_t i = 0; i < KT_COUNT(t->count); i++)
        put_count(out, &is_first, kt_inbound_status_name((enum kt_inbound_status)i), t->count[i]);
    put_count(out, &is_first, "ignored_elements", t->ignored);
    kt_json_put_name(out, &is_first, "unknown_columns");
    put_unknown(out, t);
    if (t->why.v.code != KT_E_NONE) {
        bool is_first_of_why = true;
        kt_json_put_name(out, &is_first, "why");
        kt_buf_char(out, '{');
        put_verdict(out, &is_first_of_why, &t->why.v, lang);
        kt_buf_char(out, '}');
    }
    kt_json_put_name(out, &is_first, "refusals");
    put_refusals(out, t, lang);
    kt_buf_text(out, "}\n");
}

/* --- both --- */

static enum kt_rc put_files(struct kt_drop_folder *f, enum kt_drop_place place, const char *kept,
                            const struct kt_buf *text, const struct kt_buf *json,
                            struct kt_arena *a, struct kt_err *e)
{
    enum kt_rc rc =
        kt_drop_write(f, place, kt_format(a, "%s.report.txt", kept), kt_buf_view(text), e);
    if (rc == KT_OK)
        rc = kt_drop_write(f, place, kt_format(a, "%s.report.json", kept), kt_buf_view(json), e);
    return rc;
}

enum kt_rc kt_drop_report(struct kt_drop_folder *f, const struct kt_drop_file *file,
                          const struct kt_drop_tally *tally, struct kt_err *e)
{
    const enum kt_lang lang = f->conf->language == 1 ? KT_LANG_DE : KT_LANG_EN;
    struct kt_arena *a = kt_arena_new();
    struct kt_buf text;
    struct kt_buf json;
    kt_buf_init(&text, a, REPORT_MAX);
    kt_buf_init(&json, a, REPORT_MAX);
    write_text(&text, file, tally, lang);
    write_json(&json, file, tally, lang);
    KT_ASSERT(kt_buf_ok(&text) && kt_buf_ok(&json)); /* 1,000 refusals of bounded sentences */
    enum kt_rc rc = put_files(f, KT_DROP_REPORTS, file->kept, &text, &json, a, e);
    if (rc == KT_OK && tally->why.v.code != KT_E_NONE)
        rc = put_files(f, KT_DROP_ERROR, file->kept, &text, &json, a, e);
    kt_arena_free(a);
    return rc;
}
