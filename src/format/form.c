/* Finds fields in the shape of a foreign contract, exactly or nearly. Pure; the caller's thread.
 * Called by contract.c and by adapters. */
#include "format/form.h"

#include <string.h>

const char *kt_form_base_name(enum kt_form_base base)
{
    static const char *const names[] = {
        [KT_FORM_ANY] = "anyType",         [KT_FORM_TEXT] = "string",
        [KT_FORM_BOOL] = "boolean",        [KT_FORM_INTEGER] = "integer",
        [KT_FORM_DECIMAL] = "decimal",     [KT_FORM_DATE] = "date",
        [KT_FORM_TIME] = "time",           [KT_FORM_DATETIME] = "dateTime",
        [KT_FORM_BINARY] = "base64Binary", [KT_FORM_RECORD] = "complexType",
    };
    KT_ASSERT((unsigned)base < KT_COUNT(names));
    return names[base];
}

static const struct kt_form_field *field_of(const struct kt_form_type *in, struct kt_str name)
{
    for (size_t i = 0; i < in->fields; i++) {
        if (kt_str_eq(in->field[i].name, name))
            return &in->field[i];
    }
    return NULL;
}

/* The step up to the next '/', which *path leaves behind. */
static struct kt_str step_of(const char **path)
{
    size_t n = strcspn(*path, "/");
    struct kt_str step = { *path, n };
    *path += (*path)[n] == '/' ? n + 1 : n;
    return step;
}

const struct kt_form_field *kt_form_find(const struct kt_form_type *in, const char *path)
{
    const struct kt_form_field *found = NULL;
    while (in != NULL && path[0] != '\0') {
        found = field_of(in, step_of(&path));
        in = found == NULL ? NULL : found->type;
    }
    return in == NULL ? NULL : found;
}

enum { NAME_MAX_BYTES = 64, PART_MIN = 4 };

/* Letters and digits alone, in lower case. Longer names are compared by their beginning. */
static size_t bare(struct kt_str name, char out[NAME_MAX_BYTES])
{
    size_t n = 0;
    for (size_t i = 0; i < name.n && n < NAME_MAX_BYTES; i++) {
        char c = name.p[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (c == '_' || c == '-' || c == '.' || c == ' ')
            continue;
        out[n++] = c;
    }
    return n;
}

/* Levenshtein over two rows. */
static size_t apart(const char *a, size_t a_n, const char *b, size_t b_n)
{
    size_t row[NAME_MAX_BYTES + 1];
    for (size_t j = 0; j <= b_n; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_n; j++) {
            size_t least = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            if (row[j] + 1 < least)
                least = row[j] + 1;
            if (row[j - 1] + 1 < least)
                least = row[j - 1] + 1;
            diagonal = row[j];
            row[j] = least;
        }
    }
    return row[b_n];
}

static size_t skip_letters(const char *text, size_t at, size_t n)
{
    while (at < n && (text[at] < '0' || text[at] > '9'))
        at++;
    return at;
}

/* Description_2 is not Description. */
static bool same_digits(const char *a, size_t a_n, const char *b, size_t b_n)
{
    size_t i = skip_letters(a, 0, a_n);
    size_t j = skip_letters(b, 0, b_n);
    while (i < a_n && j < b_n && a[i] == b[j]) {
        i = skip_letters(a, i + 1, a_n);
        j = skip_letters(b, j + 1, b_n);
    }
    return i == a_n && j == b_n;
}

/* 0: the same but for its writing; SIZE_MAX: another name. */
static size_t distance(struct kt_str wanted, struct kt_str offered)
{
    char a[NAME_MAX_BYTES];
    char b[NAME_MAX_BYTES];
    size_t a_n = bare(wanted, a);
    size_t b_n = bare(offered, b);
    size_t less = a_n < b_n ? a_n : b_n;
    size_t more = a_n < b_n ? b_n : a_n;
    const char *small = a_n < b_n ? a : b;
    const char *large = a_n < b_n ? b : a;
    if (less == more && memcmp(a, b, less) == 0)
        return 0;
    if (!same_digits(a, a_n, b, b_n))
        return SIZE_MAX;
    /* A misspelling before a part: Cross_Reference_No is rather Reference_No than Cross_Ref_Note.
     */
    if (less >= PART_MIN) {
        size_t letters = apart(a, a_n, b, b_n);
        if (letters <= less / 6)
            return letters;
    }
    if (less < PART_MIN || 2 * less < more)
        return SIZE_MAX;
    if (memcmp(small, large, less) == 0 || memcmp(small, large + (more - less), less) == 0)
        return NAME_MAX_BYTES + (more - less);
    return SIZE_MAX;
}

const char *kt_form_closest(const struct kt_form_type *in, const char *path, struct kt_arena *a)
{
    const char *slash = strrchr(path, '/');
    size_t head = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    const struct kt_form_field *best = NULL;
    size_t nearest = SIZE_MAX;
    if (slash != NULL) {
        const struct kt_form_field *parent =
            kt_form_find(in, kt_format(a, "%.*s", (int)(head - 1), path));
        in = parent == NULL ? NULL : parent->type;
    }
    for (size_t i = 0; in != NULL && i < in->fields; i++) {
        size_t far = distance(kt_str_of(path + head), in->field[i].name);
        if (far < nearest) {
            nearest = far;
            best = &in->field[i];
        }
    }
    return best == NULL ? NULL : kt_format(a, "%.*s%s", (int)head, path, best->name.p);
}
