/* Filter expressions as NAV reads them. Pure; called by feed.c and side.c. */
#include "filter.h"

#include "base/arena.h"

const char kt_nav_filled[] = "<>''";

/* A part in single quotes is data; a quote inside is written twice. */
static void put_value(struct kt_buf *out, struct kt_str value)
{
    kt_buf_char(out, '\'');
    for (size_t i = 0; i < value.n; i++) {
        kt_buf_char(out, value.p[i]);
        if (value.p[i] == '\'')
            kt_buf_char(out, '\'');
    }
    kt_buf_char(out, '\'');
}

static const char *done(const struct kt_buf *out)
{
    KT_ASSERT(kt_buf_ok(out));
    return kt_buf_view(out).p;
}

const char *kt_nav_after(struct kt_str value, struct kt_arena *a)
{
    struct kt_buf out;
    kt_buf_init(&out, a, 2 * value.n + 8);
    kt_buf_char(&out, '>');
    put_value(&out, value);
    return done(&out);
}

const char *kt_nav_range(struct kt_str first, struct kt_str last, struct kt_arena *a)
{
    struct kt_buf out;
    kt_buf_init(&out, a, 2 * (first.n + last.n) + 8);
    put_value(&out, first);
    kt_buf_text(&out, "..");
    put_value(&out, last);
    return done(&out);
}

const char *kt_nav_since(const char *day, struct kt_arena *a)
{
    return kt_format(a, "%s..", day);
}

const char *kt_nav_list(const struct kt_str *value, size_t count, size_t *at, struct kt_arena *a)
{
    struct kt_buf out;
    size_t used = 0;
    kt_buf_init(&out, a, KT_NAV_FILTER_MAX + 2 * value[*at].n + 8);
    for (; *at < count && used < KT_NAV_FILTER_VALUES; used++, ++*at) {
        if (used > 0 && out.n + 2 * value[*at].n + 3 > KT_NAV_FILTER_MAX)
            break;
        if (used > 0)
            kt_buf_char(&out, '|');
        put_value(&out, value[*at]);
    }
    return done(&out);
}
