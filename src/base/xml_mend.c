/* Characters that XML forbids, replaced before the scan and the parser see the bytes. A pure
 * function, any thread; called by soap_verdict.c for every SOAP answer. Two walks over the bytes:
 * the first counts, the second, only when there is something to replace, writes. */
#include "base/xml_mend.h"

#include <string.h>

#include "base/xml_char.h"

struct mend {
    const char *p;
    size_t n;
    size_t at;
    char *out; /* NULL: only count */
    size_t out_n;
    size_t replaced;
};

static void put(struct mend *m, const char *p, size_t n)
{
    if (m->out != NULL && n > 0)
        memcpy(m->out + m->out_n, p, n);
    m->out_n += n;
}

static bool is_digit(char c, bool is_hex)
{
    return (c >= '0' && c <= '9') || (is_hex && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')));
}

static uint32_t digit_value(char c)
{
    if (c <= '9')
        return (uint32_t)(c - '0');
    return (uint32_t)((c | 0x20) - 'a') + 10;
}

/* Bytes of the reference "&#…;" at p to a forbidden character; 0: none, or no reference at all. */
static size_t forbidden_reference(const char *p, size_t n)
{
    bool is_hex = n > 2 && p[2] == 'x';
    size_t from = is_hex ? 3 : 2;
    size_t i = from;
    uint32_t c = 0;
    if (n < 4 || p[1] != '#')
        return 0;
    for (; i < n && is_digit(p[i], is_hex); i++) {
        if (c <= 0x10FFFF)
            c = c * (is_hex ? 16U : 10U) + digit_value(p[i]);
    }
    if (i == from || i == n || p[i] != ';' || kt_xml_is_char(c))
        return 0;
    return i + 1;
}

/* Text, an attribute's value, the inside of CDATA or of a comment. */
static void mend_run(struct mend *m, size_t end, bool has_references)
{
    size_t from = m->at;
    while (m->at < end) {
        size_t bad = kt_xml_forbidden(m->p + m->at, end - m->at);
        if (bad == 0 && has_references && m->p[m->at] == '&')
            bad = forbidden_reference(m->p + m->at, end - m->at);
        if (bad == 0) {
            m->at++;
            continue;
        }
        put(m, m->p + from, m->at - from);
        put(m, " ", 1);
        m->replaced++;
        m->at += bad;
        from = m->at;
    }
    put(m, m->p + from, m->at - from);
}

static void pass(struct mend *m, size_t end)
{
    put(m, m->p + m->at, end - m->at);
    m->at = end;
}

static bool starts(const struct mend *m, const char *text)
{
    size_t n = strlen(text);
    return m->n - m->at >= n && memcmp(m->p + m->at, text, n) == 0;
}

/* "<!--" … "-->": the opening passes, the inside is mended; the closing is ordinary text. What
 * never closes ends where the bytes end. */
static void mend_section(struct mend *m, size_t opening, const char *closing)
{
    pass(m, m->at + opening);
    const char *hit = memmem(m->p + m->at, m->n - m->at, closing, strlen(closing));
    mend_run(m, hit != NULL ? (size_t)(hit - m->p) : m->n, false);
    if (hit != NULL)
        pass(m, m->at + strlen(closing));
}

static void pass_instruction(struct mend *m)
{
    const char *hit = memmem(m->p + m->at, m->n - m->at, "?>", 2);
    pass(m, hit != NULL ? (size_t)(hit - m->p) + 2 : m->n);
}

/* A tag: only what stands in quotes is mended. */
static void mend_tag(struct mend *m)
{
    while (m->at < m->n) {
        size_t i = m->at;
        while (i < m->n && m->p[i] != '>' && m->p[i] != '"' && m->p[i] != '\'')
            i++;
        if (i == m->n) {
            pass(m, m->n);
            return;
        }
        char stop = m->p[i];
        pass(m, i + 1);
        if (stop == '>')
            return;
        const char *hit = memchr(m->p + m->at, stop, m->n - m->at);
        mend_run(m, hit != NULL ? (size_t)(hit - m->p) : m->n, true);
        if (hit != NULL)
            pass(m, m->at + 1);
    }
}

static void walk(struct mend *m)
{
    while (m->at < m->n) {
        const char *next = memchr(m->p + m->at, '<', m->n - m->at);
        mend_run(m, next != NULL ? (size_t)(next - m->p) : m->n, true);
        if (m->at == m->n)
            return;
        if (starts(m, "<!--"))
            mend_section(m, 4, "-->");
        else if (starts(m, "<![CDATA["))
            mend_section(m, 9, "]]>");
        else if (starts(m, "<?"))
            pass_instruction(m);
        else
            mend_tag(m);
    }
}

struct kt_str kt_xml_mend(struct kt_str bytes, size_t *replaced, struct kt_arena *a)
{
    struct mend m = { .p = bytes.p, .n = bytes.n };
    *replaced = 0;
    walk(&m);
    if (m.replaced == 0)
        return bytes;
    size_t n = m.out_n;
    m = (struct mend){ .p = bytes.p, .n = bytes.n, .out = kt_alloc(a, n + 1) };
    walk(&m);
    *replaced = m.replaced;
    return (struct kt_str){ m.out, n };
}
