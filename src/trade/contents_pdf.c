/* What the octets of a PDF say without unpacking anything: names are looked for wherever they
 * stand, so that no fake stream, string or comment hides one. The long ones do not turn up by
 * chance in packed data. Pure functions. */
#include <string.h>

#include "trade/contents_inner.h"

enum { NAME_MAX = 15 };

/* Actions that do more than show another place of the same document. */
static const char *const active[] = { "EmbeddedFile", "EmbeddedFiles", "GoToE",
                                      "ImportData",   "JavaScript",    "Launch",
                                      "Rendition",    "RichMedia",     "SubmitForm",
                                      "XFA" };

static bool is_white(unsigned char c)
{
    return c == 0 || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' ';
}

static bool ends_name(unsigned char c)
{
    return is_white(c) || memchr("()<>[]{}/%", c, 10) != NULL;
}

static int hex(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The name whose first character stands at `at`, with #xx resolved; "" where it is longer than any
 * that is looked for. Returns the place behind it. */
static size_t read_name(struct kt_str o, size_t at, char out[NAME_MAX + 1])
{
    size_t n = 0;
    while (at < o.n && n <= NAME_MAX && !ends_name((unsigned char)o.p[at])) {
        unsigned char c = (unsigned char)o.p[at++];
        if (c == '#' && o.n - at >= 2 && hex((unsigned char)o.p[at]) >= 0 &&
            hex((unsigned char)o.p[at + 1]) >= 0) {
            c = (unsigned char)(hex((unsigned char)o.p[at]) * 16 + hex((unsigned char)o.p[at + 1]));
            at += 2;
        }
        if (n < NAME_MAX)
            out[n] = (char)c;
        n++;
    }
    out[n <= NAME_MAX ? n : 0] = '\0';
    return at;
}

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

static size_t skip_white(struct kt_str o, size_t at)
{
    enum { MOST = 32 };
    for (int i = 0; i < MOST && at < o.n && is_white((unsigned char)o.p[at]); i++)
        at++;
    return at;
}

/* Two letters turn up by chance: here a script, or where it is, follows in plain characters. */
static bool is_script(struct kt_str o, size_t at)
{
    enum { PLAIN = 8 };
    at = skip_white(o, at);
    if (at >= o.n || (o.p[at] != '(' && o.p[at] != '<' && (o.p[at] < '0' || o.p[at] > '9')))
        return false;
    for (size_t i = at; i < at + PLAIN && i < o.n; i++) {
        const unsigned char c = (unsigned char)o.p[i];
        if (c == 0 || (c < 0x20 && !is_white(c)) || c > 0x7E)
            return false;
    }
    return true;
}

/* A place to open it at is fine, and so is an action that leads to one. What others do is told by
 * their own names; only those without such a name, like URI, are told here. */
static bool opens_more(struct kt_str o, size_t at)
{
    enum { MOST = 256 };
    at = skip_white(o, at);
    if (!KT_CONTENT_AT(o, at, "<<"))
        return false;
    const struct kt_str action = kt_str_part(o, at, MOST);
    return memmem(action.p, action.n, "/GoTo", 5) == NULL;
}

struct pages {
    size_t type_end; /* behind the last /Type; 0: none yet */
    bool has_page;
    bool has_packed; /* objects that cannot be seen */
};

static void look_at_name(struct kt_content_look *out, struct pages *p, struct kt_str o, size_t from,
                         size_t to, const char *name)
{
    const bool is_type = p->type_end > 0 && skip_white(o, p->type_end) == from - 1;
    if (is_type && strcmp(name, "Page") == 0)
        p->has_page = true;
    else if (is_type && strcmp(name, "ObjStm") == 0)
        p->has_packed = true;
    else if (strcmp(name, "Type") == 0)
        p->type_end = to;
    else if (strcmp(name, "Encrypt") == 0)
        out->is_encrypted = true;
    else if (is_one_of(name, active, KT_COUNT(active)) ||
             (strcmp(name, "JS") == 0 && is_script(o, to)) ||
             (strcmp(name, "OpenAction") == 0 && opens_more(o, to)))
        out->is_active = true;
}

void kt_content_look_pdf(struct kt_content_look *out, struct kt_str octets)
{
    enum { TAIL = 1024 };
    const struct kt_str tail =
        octets.n > TAIL ? kt_str_part(octets, octets.n - TAIL, TAIL) : octets;
    struct pages pages = { 0 };
    char name[NAME_MAX + 1];
    size_t at = 0;
    while (at < octets.n) {
        const char *slash = memchr(octets.p + at, '/', octets.n - at);
        if (slash == NULL)
            break;
        const size_t from = (size_t)(slash - octets.p) + 1;
        at = read_name(octets, from, name);
        look_at_name(out, &pages, octets, from, at, name);
    }
    out->is_empty = !pages.has_page && !pages.has_packed;
    out->is_cut = memmem(tail.p, tail.n, "%%EOF", 5) == NULL;
}
