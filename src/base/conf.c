/* Fills structs from the configuration's tree by their option tables, and collects the problems.
 * Called at start and reload by app, one section at a time. Reading YAML: conf_yaml.c; single
 * values: conf_value.c. */
#include "base/conf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf_node.h"

enum { NAME_BYTES_MAX = 64, KNOWN_MAX = 128 };

/* "FILE:42: …": the bytes in front of the line's number, and the number; 0 where there is none. */
static size_t place_of(const char *text, unsigned long *line)
{
    *line = 0;
    for (const char *colon = strchr(text, ':'); colon != NULL; colon = strchr(colon + 1, ':')) {
        char *end;
        if (colon[1] < '0' || colon[1] > '9')
            continue;
        *line = strtoul(colon + 1, &end, 10);
        if (*end == ':')
            return (size_t)(colon - text);
    }
    *line = 0;
    return 0;
}

/* Sections are filled in the order the program likes; people read from top to bottom. */
static bool belongs_before(const char *text, const char *other)
{
    unsigned long line;
    unsigned long other_line;
    size_t n = place_of(text, &line);
    size_t other_n = place_of(other, &other_line);
    return n > 0 && n == other_n && memcmp(text, other, n) == 0 && line < other_line;
}

void kt_problem(struct kt_problems *p, const char *fmt, ...)
{
    va_list args;
    va_list again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    KT_ASSERT(n >= 0);
    char *text = kt_alloc(p->arena, (size_t)n + 1);
    (void)vsnprintf(text, (size_t)n + 1, fmt, again); /* length measured above */
    va_end(again);
    if (p->count == p->room) {
        size_t room = p->room == 0 ? 16 : p->room * 2;
        const char **more = KT_NEW_ARRAY(p->arena, room, const char *);
        for (size_t i = 0; i < p->count; i++)
            more[i] = p->text[i];
        p->text = more;
        p->room = room;
    }
    size_t at = p->count++;
    while (at > 0 && belongs_before(text, p->text[at - 1])) {
        p->text[at] = p->text[at - 1];
        at--;
    }
    p->text[at] = text;
}

const struct kt_conf_node *kt_conf_get(const struct kt_conf_node *map, const char *name)
{
    for (size_t i = 0; map != NULL && map->kind == KT_CONF_MAP && i < map->count; i++) {
        if (strcmp(map->name[i], name) == 0)
            return map->value[i];
    }
    return NULL;
}

size_t kt_conf_count(const struct kt_conf_node *map)
{
    return map == NULL ? 0 : map->count;
}

const char *kt_conf_name_at(const struct kt_conf_node *map, size_t i,
                            const struct kt_conf_node **value)
{
    if (i >= kt_conf_count(map)) {
        *value = NULL;
        return NULL;
    }
    *value = map->value[i];
    return map->kind == KT_CONF_MAP ? map->name[i] : NULL;
}

const char *kt_conf_text(const struct kt_conf_node *value)
{
    return value == NULL ? NULL : value->text;
}

const char *kt_conf_where(const struct kt_conf_node *node)
{
    return node == NULL ? "configuration" : node->where;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many letters to add, drop, change or swap; names longer than the limit count as far away. */
static size_t distance(const char *a, const char *b)
{
    size_t row[3][NAME_BYTES_MAX + 1];
    size_t n = strlen(a);
    size_t m = strlen(b);
    if (n > NAME_BYTES_MAX || m > NAME_BYTES_MAX)
        return NAME_BYTES_MAX;
    for (size_t k = 0; k <= m; k++)
        row[0][k] = k;
    for (size_t i = 1; i <= n; i++) {
        size_t *now = row[i % 3];
        const size_t *last = row[(i + 2) % 3];
        const size_t *before = row[(i + 1) % 3];
        now[0] = i;
        for (size_t k = 1; k <= m; k++) {
            now[k] =
                smaller(last[k - 1] + (a[i - 1] != b[k - 1]), smaller(last[k], now[k - 1]) + 1);
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
                now[k] = smaller(now[k], before[k - 2] + 1);
        }
    }
    return row[n % 3][m];
}

const char *kt_conf_meant(const char *written, const char *const *known)
{
    enum { NEAR = 2 };
    const char *best = NULL;
    size_t best_distance = NEAR + 1;
    for (; *known != NULL; known++) {
        size_t d = distance(written, *known);
        if (d < best_distance && d < strlen(*known)) {
            best = *known;
            best_distance = d;
        }
    }
    return best;
}

static bool is_among(const char *name, const char *const *names)
{
    for (; names != NULL && *names != NULL; names++) {
        if (strcmp(*names, name) == 0)
            return true;
    }
    return false;
}

static void note_unknown(const struct kt_conf_node *value, const char *name,
                         const struct kt_opt *opts, const char *const *also, struct kt_problems *p)
{
    const char *known[KNOWN_MAX + 1];
    size_t n = 0;
    struct kt_buf list;
    for (const struct kt_opt *o = opts; o->name != NULL; o++) {
        KT_ASSERT(n < KNOWN_MAX);
        known[n++] = o->name;
    }
    for (; also != NULL && *also != NULL; also++) {
        KT_ASSERT(n < KNOWN_MAX);
        known[n++] = *also;
    }
    known[n] = NULL;
    kt_buf_init(&list, p->arena, (size_t)KNOWN_MAX * NAME_BYTES_MAX);
    for (size_t i = 0; i < n; i++)
        kt_buf_format(&list, "%s%s", i == 0 ? "" : ", ", known[i]);
    const char *meant = kt_conf_meant(name, known);
    kt_problem(p, "%s: no such setting%s%s%s Known: %s", value->where,
               meant == NULL ? "" : "; did you mean ", meant == NULL ? "" : meant,
               meant == NULL ? "." : "?", list.p);
}

static void fill_one(const struct kt_conf_setting *s, const struct kt_conf_node *value)
{
    if (value->kind == KT_CONF_EMPTY) {
        kt_problem(s->problems, "%s: has no value", s->where);
    } else if (s->opt->type == KT_OPT_LIST) {
        if (value->kind != KT_CONF_LIST) {
            kt_problem(s->problems, "%s: must be a list, like [a, b]", s->where);
            return;
        }
        const char **item = KT_NEW_ARRAY(s->arena, value->count, const char *);
        for (size_t i = 0; i < value->count; i++) {
            item[i] = value->value[i]->text;
            if (item[i] == NULL) {
                kt_problem(s->problems, "%s: must be a single value", value->value[i]->where);
                return;
            }
        }
        kt_conf_set_list(s, item, value->count);
    } else if (value->kind != KT_CONF_TEXT) {
        kt_problem(s->problems, "%s: must be a single value", s->where);
    } else {
        kt_conf_set_text(s, value->text);
    }
}

/* "[a, b]" or "a, b" as it would stand in the file; "" and "[]" are empty. */
static void default_list(const struct kt_conf_setting *s)
{
    struct kt_str rest = kt_str_trim(kt_str_of(s->opt->def));
    if (rest.n >= 2 && rest.p[0] == '[' && rest.p[rest.n - 1] == ']')
        rest = kt_str_trim(kt_str_part(rest, 1, rest.n - 2));
    const char **item = KT_NEW_ARRAY(s->arena, rest.n + 1, const char *);
    size_t count = 0;
    while (rest.n > 0) {
        const char *comma = memchr(rest.p, ',', rest.n);
        size_t n = comma == NULL ? rest.n : (size_t)(comma - rest.p);
        item[count++] = kt_str_copy(s->arena, kt_str_trim(kt_str_part(rest, 0, n))).p;
        rest = kt_str_part(rest, n + 1, rest.n);
    }
    kt_conf_set_list(s, item, count);
}

static void fill_default(const struct kt_conf_setting *s, const struct kt_conf_node *map,
                         const char *where)
{
    size_t before = s->problems->count;
    if (s->opt->def != NULL && s->opt->type == KT_OPT_LIST)
        default_list(s);
    else if (s->opt->def != NULL)
        kt_conf_set_text(s, s->opt->def);
    /* Only a secret's default speaks of the outside: its file or variable may be missing. */
    KT_ASSERT(s->problems->count == before || s->opt->type == KT_OPT_SECRET);
    if (s->opt->def == NULL && (s->opt->flags & KT_OPT_REQUIRED) != 0)
        kt_problem(s->problems, "%s: %s is missing: %s", map == NULL ? where : map->where,
                   s->opt->name, s->opt->help);
}

/* A section that is missing has no node to ask, but the place named for it begins with the file. */
static const char *folder_of(const char *where, struct kt_arena *a)
{
    struct kt_str file = { where, strcspn(where, ":") };
    while (file.n > 0 && file.p[file.n - 1] != '/')
        file.n--;
    return kt_str_copy(a, file).p;
}

void kt_conf_fill(const struct kt_conf_node *map, const char *where, const struct kt_opt *opts,
                  const char *const *also, void *out, struct kt_arena *a, struct kt_arena *secrets,
                  struct kt_problems *p)
{
    bool is_map = map == NULL || map->kind == KT_CONF_MAP || map->kind == KT_CONF_EMPTY;
    struct kt_conf_setting s = { .arena = a, .secrets = secrets, .problems = p };
    for (const struct kt_opt *o = opts; o->name != NULL; o++)
        kt_conf_set_zero(o, (char *)out + o->offset);
    if (!is_map) {
        kt_problem(p, "%s: must be a section with settings of its own", map->where);
        return;
    }
    s.folder = map == NULL ? folder_of(where, a) : map->folder;
    for (size_t i = 0; i < kt_conf_count(map); i++) {
        const struct kt_opt *o = opts;
        while (o->name != NULL && strcmp(o->name, map->name[i]) != 0)
            o++;
        s.opt = o;
        s.where = map->value[i]->where;
        s.out = (char *)out + o->offset;
        if (o->name != NULL)
            fill_one(&s, map->value[i]);
        else if (!is_among(map->name[i], also))
            note_unknown(map->value[i], map->name[i], opts, also, p);
    }
    for (const struct kt_opt *o = opts; o->name != NULL; o++) {
        if (kt_conf_get(map, o->name) != NULL)
            continue;
        s.opt = o;
        s.where = kt_format(a, "%s: %s", map == NULL ? where : map->where, o->name);
        s.out = (char *)out + o->offset;
        fill_default(&s, map, where);
    }
}

static const char *type_name(enum kt_opt_type type)
{
    static const char *const names[] = {
        [KT_OPT_END] = "",
        [KT_OPT_TEXT] = "text",
        [KT_OPT_NAME] = "name",
        [KT_OPT_URL] = "address",
        [KT_OPT_FILE] = "file",
        [KT_OPT_SECRET] = "secret (file:PATH or env:NAME)",
        [KT_OPT_NUMBER] = "number",
        [KT_OPT_SECS] = "time (30s, 5m, 2h, 1d)",
        [KT_OPT_SIZE] = "size (512k, 8M, 1G)",
        [KT_OPT_BOOL] = "true or false",
        [KT_OPT_DECIMAL] = "decimal",
        [KT_OPT_CHOICE] = "one of",
        [KT_OPT_LIST] = "list",
    };
    KT_ASSERT((unsigned)type < KT_COUNT(names));
    return names[type];
}

void kt_conf_help(struct kt_buf *out, const struct kt_opt *opts)
{
    for (const struct kt_opt *o = opts; o->name != NULL; o++) {
        kt_buf_format(out, "%-20s %s", o->name, type_name(o->type));
        for (const char *const *c = o->choices; c != NULL && *c != NULL; c++)
            kt_buf_format(out, "%s%s", c == o->choices ? " " : ", ", *c);
        if (o->min != 0 || o->max != 0)
            kt_buf_format(out, ", %lld to %lld", (long long)o->min, (long long)o->max);
        if ((o->flags & KT_OPT_REQUIRED) != 0)
            kt_buf_text(out, ", required");
        else if (o->def != NULL)
            kt_buf_format(out, ", default %s", o->def);
        kt_buf_format(out, ": %s\n", o->help);
    }
}
