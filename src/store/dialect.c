/* Turns a statement written once into the text that a database understands. Any thread; called when
 * a statement is prepared and when a migration runs. */
#include "store/dialect.h"

#include <string.h>

enum { STATEMENT_MAX = 1024 * 1024 };

const struct kt_dialect *kt_dialect_of(int driver)
{
    static const struct kt_dialect *const dialects[] = {
        [KT_DB_SQLITE] = &kt_dialect_sqlite,
        [KT_DB_POSTGRESQL] = &kt_dialect_postgresql,
        [KT_DB_MARIADB] = &kt_dialect_mariadb,
    };
    if (driver < 0 || (size_t)driver >= KT_COUNT(dialects))
        return NULL;
    return dialects[driver];
}

static const char *word_text(const struct kt_dialect *d, struct kt_str word)
{
    for (const struct kt_word *w = d->words; w->word != NULL; w++) {
        if (kt_str_is(word, w->word))
            return w->text;
    }
    return NULL;
}

/* {TIMES 10 (?, ?)}: the text ten times, with commas between. */
static void put_times(struct kt_buf *out, struct kt_str form)
{
    size_t times = 0;
    size_t at = strlen("TIMES ");
    for (; at < form.n && form.p[at] >= '0' && form.p[at] <= '9'; at++)
        times = times * 10 + (size_t)(form.p[at] - '0');
    KT_ASSERT(times > 0 && at + 1 < form.n);
    struct kt_str text = kt_str_part(form, at + 1, form.n);
    for (size_t i = 0; i < times; i++) {
        if (i > 0)
            kt_buf_text(out, ", ");
        kt_buf_str(out, text);
    }
}

/* {SET key}: the middle of an upsert; {KEEP key}: insert unless it is there; {NEW column}. */
static bool put_form(struct kt_buf *out, const struct kt_dialect *d, struct kt_str form)
{
    bool is_conflict = d->upsert == KT_UPSERT_CONFLICT;
    if (kt_str_starts(form, "TIMES ")) {
        put_times(out, form);
        return true;
    }
    if (kt_str_starts(form, "SET ")) {
        struct kt_str key = kt_str_part(form, 4, form.n);
        if (is_conflict)
            kt_buf_format(out, "ON CONFLICT (%.*s) DO UPDATE SET", (int)key.n, key.p);
        else
            kt_buf_text(out, "ON DUPLICATE KEY UPDATE");
        return true;
    }
    if (kt_str_starts(form, "KEEP ")) {
        struct kt_str key = kt_str_part(form, 5, form.n);
        const char *comma = memchr(key.p, ',', key.n);
        int first = comma == NULL ? (int)key.n : (int)(comma - key.p);
        if (is_conflict)
            kt_buf_format(out, "ON CONFLICT (%.*s) DO NOTHING", (int)key.n, key.p);
        else
            kt_buf_format(out, "ON DUPLICATE KEY UPDATE %.*s = %.*s", first, key.p, first, key.p);
        return true;
    }
    if (kt_str_starts(form, "NEW ")) {
        struct kt_str column = kt_str_part(form, 4, form.n);
        kt_buf_format(out, is_conflict ? "excluded.%.*s" : "VALUES(%.*s)", (int)column.n, column.p);
        return true;
    }
    return false;
}

const char *kt_dialect_expand(const struct kt_dialect *d, const char *text, struct kt_arena *a)
{
    struct kt_buf out;
    kt_buf_init(&out, a, STATEMENT_MAX);
    while (*text != '\0') {
        size_t plain = strcspn(text, "{");
        kt_buf_put(&out, text, plain);
        text += plain;
        if (*text == '\0')
            break;
        const char *end = strchr(text, '}');
        KT_ASSERT(end != NULL);
        struct kt_str form = { text + 1, (size_t)(end - text - 1) };
        const char *word = word_text(d, form);
        if (word != NULL)
            kt_buf_text(&out, word);
        else
            KT_ASSERT(put_form(&out, d, form));
        text = end + 1;
    }
    KT_ASSERT(kt_buf_ok(&out));
    return kt_buf_view(&out).p;
}

void kt_dialect_put(struct kt_buf *out, const char *name, const char *value)
{
    if (value == NULL)
        return;
    kt_buf_format(out, "%s=", name);
    if (strpbrk(value, "{};=[] ") == NULL) {
        kt_buf_text(out, value);
    } else {
        kt_buf_char(out, '{');
        for (const char *p = value; *p != '\0'; p++) {
            if (*p == '}')
                kt_buf_char(out, '}');
            kt_buf_char(out, *p);
        }
        kt_buf_char(out, '}');
    }
    kt_buf_char(out, ';');
}
