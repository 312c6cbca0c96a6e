/* Names of files as a rule makes them. Every way to read a name is counted, in a table of pieces
 * and places, so that an unclear name is refused and a long one costs no more than its square.
 * Pure; on the section's thread. */
#include "door/drop_name.h"

#include <string.h>
#include <strings.h>

enum { PIECES = 2 * KT_NAME_PARTS + 1, VALUE_MAX = 64, FILE_MAX = 255, UNKNOWN = 0xFF };

#define TABLE ((size_t)PIECES * (FILE_MAX + 1))

const char *const kt_name_parts[] = { "family",      "id",      "language", "market",
                                      "product",     "sku",     "type",     "valid_from",
                                      "valid_until", "version", NULL };

struct piece {
    bool is_part;
    enum kt_name_part part;
    struct kt_str text; /* that stands there as it is */
};

struct kt_name_rule {
    const char *text;
    struct piece piece[PIECES];
    size_t pieces;
};

/* --- the rule --- */

static bool find_part(struct kt_str word, enum kt_name_part *out)
{
    for (size_t i = 0; i < KT_NAME_PARTS; i++) {
        if (kt_str_is(word, kt_name_parts[i])) {
            *out = (enum kt_name_part)i;
            return true;
        }
    }
    return false;
}

bool kt_name_rule_has(const struct kt_name_rule *rule, enum kt_name_part part)
{
    for (size_t i = 0; i < rule->pieces; i++) {
        if (rule->piece[i].is_part && rule->piece[i].part == part)
            return true;
    }
    return false;
}

/* Takes what stands between two braces. */
static const char *add_part(struct kt_name_rule *r, struct kt_str word)
{
    enum kt_name_part part = KT_NAME_ID;
    if (!find_part(word, &part))
        return "known between braces are family, id, language, market, product, sku, type, "
               "valid_from, valid_until and version";
    if (kt_name_rule_has(r, part))
        return "each part may stand there once";
    if (r->pieces > 0 && r->piece[r->pieces - 1].is_part)
        return "something must stand between two parts, or nobody can tell where one ends";
    r->piece[r->pieces++] = (struct piece){ .is_part = true, .part = part };
    return NULL;
}

const struct kt_name_rule *kt_name_rule_make(const char *text, struct kt_arena *a,
                                             const char **complaint)
{
    struct kt_name_rule *r = KT_NEW(a, struct kt_name_rule);
    *r = (struct kt_name_rule){ .text = kt_text_copy(a, text) };
    const char *p = r->text;
    *complaint = NULL;
    while (*p != '\0' && *complaint == NULL) {
        const size_t n = strcspn(p, "{}");
        const char *close = p[n] == '{' ? strchr(p + n, '}') : NULL;
        if (n > 0)
            r->piece[r->pieces++] = (struct piece){ .text = { p, n } };
        p += n;
        if (*p == '\0')
            break;
        if (close == NULL) {
            *complaint = "a brace has no other one";
            break;
        }
        *complaint = add_part(r, (struct kt_str){ p + 1, (size_t)(close - p) - 1 });
        p = close + 1;
    }
    if (*complaint == NULL && r->pieces == 0)
        *complaint = "it is empty";
    return *complaint == NULL ? r : NULL;
}

/* --- forms of parts --- */

static bool is_letters(struct kt_str text, size_t least, size_t most)
{
    bool is = text.n >= least && text.n <= most;
    for (size_t i = 0; is && i < text.n; i++)
        is = (text.p[i] | 32) >= 'a' && (text.p[i] | 32) <= 'z';
    return is;
}

struct reading {
    const struct kt_name_rule *rule;
    const char *file;
    struct kt_str name;
    bool (*is_type)(const void *context, struct kt_str word);
    const void *context;
    struct kt_arena *arena;
    int lenient;    /* this part may be anything, or nothing; -1: none */
    uint8_t *known; /* by piece and place: in how many ways the rest can be read; 2: or more */
};

static const char *const expected[KT_NAME_PARTS] = {
    [KT_NAME_FAMILY] = "an id",
    [KT_NAME_ID] = "an id",
    [KT_NAME_LANGUAGE] = "a language like de",
    [KT_NAME_MARKET] = "a country like DE",
    [KT_NAME_PRODUCT] = "an id",
    [KT_NAME_SKU] = "an SKU",
    [KT_NAME_TYPE] = "a kind of documents, or a word of `types`",
    [KT_NAME_VALID_FROM] = "a day like 20260131 or 2026-01-31",
    [KT_NAME_VALID_UNTIL] = "a day like 20261231 or 2026-12-31",
    [KT_NAME_VERSION] = "a version of at most 40 characters",
};

static bool is_fine(const struct reading *r, enum kt_name_part part, struct kt_str value)
{
    enum { VERSION_MAX = 40 };
    struct kt_day day;
    switch (part) {
    case KT_NAME_LANGUAGE:
        return is_letters(value, 2, 3);
    case KT_NAME_MARKET:
        return is_letters(value, 2, 2);
    case KT_NAME_TYPE:
        return r->is_type(r->context, value);
    case KT_NAME_VALID_FROM:
    case KT_NAME_VALID_UNTIL:
        return kt_day_parse(&day, value);
    case KT_NAME_VERSION:
        return value.n > 0 && kt_utf8_count(value) <= VERSION_MAX;
    case KT_NAME_FAMILY:
    case KT_NAME_ID:
    case KT_NAME_PRODUCT:
    case KT_NAME_SKU:
    case KT_NAME_PARTS:
        break;
    }
    return value.n > 0 && kt_str_trim(value).n == value.n;
}

static bool takes(const struct reading *r, enum kt_name_part part, struct kt_str value)
{
    return (int)part == r->lenient || is_fine(r, part, value);
}

/* --- all ways to read it --- */

static unsigned ways(struct reading *r, size_t piece, size_t at)
{
    const struct piece *p = &r->rule->piece[piece];
    unsigned count = 0;
    if (piece == r->rule->pieces)
        return at == r->name.n ? 1 : 0;
    uint8_t *known = &r->known[piece * (FILE_MAX + 1) + at];
    if (*known != UNKNOWN)
        return *known;
    if (p->is_part) {
        for (size_t n = 0; n <= VALUE_MAX && at + n <= r->name.n && count < 2; n++) {
            if (takes(r, p->part, kt_str_part(r->name, at, n)))
                count += ways(r, piece + 1, at + n);
        }
    } else if (r->name.n - at >= p->text.n &&
               strncasecmp(r->name.p + at, p->text.p, p->text.n) == 0) {
        count = ways(r, piece + 1, at + p->text.n);
    }
    *known = (uint8_t)(count > 2 ? 2 : count);
    return *known;
}

static unsigned ways_with(struct reading *r, int lenient)
{
    r->lenient = lenient;
    memset(r->known, UNKNOWN, TABLE);
    return ways(r, 0, 0);
}

/* The first way, of those that are known to be there. */
static void pick(struct reading *r, struct kt_str part[KT_NAME_PARTS])
{
    size_t at = 0;
    for (size_t i = 0; i < r->rule->pieces; i++) {
        const struct piece *p = &r->rule->piece[i];
        size_t n = p->text.n;
        if (p->is_part) {
            n = 0;
            while (!takes(r, p->part, kt_str_part(r->name, at, n)) || ways(r, i + 1, at + n) == 0)
                n++;
            part[p->part] = kt_str_copy(r->arena, kt_str_part(r->name, at, n));
        }
        at += n;
    }
    KT_ASSERT(at == r->name.n);
}

/* --- what is wrong with it --- */

static enum kt_rc refuse(const struct reading *r, enum kt_code code, struct kt_err *e)
{
    return kt_fail(e, KT_REJECT, KT_RECORD, code, KT_P_TEXT("file", r->file),
                   KT_P_TEXT("rule", r->rule->text));
}

/* One part that could be anything, and the rest would fit: then that one is wrong. */
static enum kt_rc complain(struct reading *r, struct kt_err *e)
{
    for (size_t i = 0; i < r->rule->pieces; i++) {
        struct kt_str part[KT_NAME_PARTS] = { { NULL, 0 } };
        const enum kt_name_part suspect = r->rule->piece[i].part;
        if (!r->rule->piece[i].is_part || ways_with(r, (int)suspect) == 0)
            continue;
        pick(r, part);
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_DROP_NAME_PART, KT_P_TEXT("file", r->file),
                       KT_P_TEXT("part", kt_name_parts[suspect]),
                       KT_P_TEXT("value", part[suspect].p),
                       KT_P_TEXT("expected", expected[suspect]));
    }
    return refuse(r, KT_E_DROP_NAME, e);
}

/* --- what is left --- */

static bool is_of_version(const struct piece *p)
{
    return p->is_part && (p->part == KT_NAME_VERSION || p->part == KT_NAME_VALID_FROM ||
                          p->part == KT_NAME_VALID_UNTIL);
}

static struct kt_str without_ending(struct kt_str text)
{
    const char *dot = memrchr(text.p, '.', text.n);
    return dot == NULL ? text : (struct kt_str){ text.p, (size_t)(dot - text.p) };
}

static struct kt_str trim_marks(struct kt_str text)
{
    static const char marks[] = "_-. ~+";
    while (text.n > 0 && memchr(marks, text.p[0], sizeof marks - 1) != NULL)
        text = kt_str_part(text, 1, text.n);
    while (text.n > 0 && memchr(marks, text.p[text.n - 1], sizeof marks - 1) != NULL)
        text.n--;
    return text;
}

/* With what tells versions apart goes the mark before it. */
static struct kt_str left_of(const struct reading *r, const struct kt_name *name)
{
    const struct kt_name_rule *rule = r->rule;
    struct kt_buf out;
    kt_buf_init(&out, r->arena, FILE_MAX + 1);
    for (size_t i = 0; i < rule->pieces; i++) {
        const struct piece *p = &rule->piece[i];
        const bool is_last = i + 1 == rule->pieces;
        if (is_of_version(p) || (!is_last && is_of_version(p + 1)))
            continue;
        if (p->is_part)
            kt_buf_str(&out, name->part[p->part]);
        else
            kt_buf_str(&out, is_last ? without_ending(p->text) : p->text);
    }
    return kt_str_copy(r->arena, trim_marks(kt_buf_view(&out)));
}

enum kt_rc kt_name_read(struct kt_name *out, const struct kt_name_rule *rule, const char *file,
                        bool (*is_type)(const void *context, struct kt_str word),
                        const void *context, struct kt_arena *a, struct kt_err *e)
{
    struct reading r = { .rule = rule,
                         .file = file,
                         .name = kt_str_of(file),
                         .is_type = is_type,
                         .context = context,
                         .arena = a };
    *out = (struct kt_name){ .left = { NULL, 0 } };
    if (r.name.n > FILE_MAX)
        return refuse(&r, KT_E_DROP_NAME, e);
    r.known = kt_alloc(a, TABLE);
    const unsigned count = ways_with(&r, -1);
    if (count == 0)
        return complain(&r, e);
    if (count > 1)
        return refuse(&r, KT_E_DROP_NAME_UNCLEAR, e);
    pick(&r, out->part);
    /* they were read once already; absent ones leave the year 0 */
    const bool has_from = kt_day_parse(&out->valid_from, out->part[KT_NAME_VALID_FROM]);
    const bool has_until = kt_day_parse(&out->valid_until, out->part[KT_NAME_VALID_UNTIL]);
    if (!has_from)
        out->valid_from = (struct kt_day){ 0, 0, 0 };
    if (!has_until)
        out->valid_until = (struct kt_day){ 0, 0, 0 };
    out->left = left_of(&r, out);
    return KT_OK;
}
