/* format/wsdl on documents that were damaged at random: it reads them or refuses them with a word,
 * in bounded time, and what it gives can be walked. */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "format/wsdl.h"
#include "generator.h"

enum { ROUNDS = 2000, DAMAGES = 4, PIECE = 200, WALK_MAX = 6 };

/* Pieces that mean something to the reader. */
static const char *const words[] = {
    "x:extension base='t:",
    "ref='t:",
    "maxOccurs='unbounded'",
    "minOccurs='-1'",
    "<x:group ref='t:a'/>",
    "</xsd:schema>",
    "<!--",
    "]]>",
    "<!DOCTYPE a>",
    "&#0;",
    "&unknown;",
    "xmlns:tns=''",
    "type='nowhere:Thing'",
    "\xc3",
    "name=''",
    "value='99999999999999999999'",
    "<xsd:complexContent/>",
    "targetNamespace",
    "\"",
    ">",
};

static size_t walked;

/* Everything that a caller could follow, a few steps deep. */
static void walk(const struct kt_form_type *t, int depth)
{
    assert_true(t->base >= KT_FORM_ANY && t->base <= KT_FORM_RECORD);
    assert_non_null(kt_form_base_name(t->base));
    for (size_t i = 0; i < t->values; i++)
        walked += t->value[i].n;
    for (size_t i = 0; i < t->fields && i < 20; i++) {
        assert_non_null(t->field[i].name.p);
        assert_non_null(t->field[i].type);
        if (depth > 0)
            walk(t->field[i].type, depth - 1);
    }
}

/* Another letter at the begin of the next attribute: the document stays well-formed, names and
 * numbers in it no longer fit. */
static size_t rename_next(struct gen *g, struct kt_buf *b, struct kt_str from, size_t at)
{
    const char *sign = memmem(from.p + at, from.n - at, "=\"", 2);
    if (sign == NULL)
        return at;
    size_t value = (size_t)(sign - from.p) + 2;
    kt_buf_put(b, from.p + at, value - at);
    kt_buf_char(b, "tx:aZ0-"[gen_below(g, 7)]);
    return from.p[value] == '"' ? value : value + 1;
}

static void damage(struct gen *g, struct kt_buf *b, struct kt_str from)
{
    bool is_gentle = gen_below(g, 2) == 0;
    size_t at = 0;
    for (size_t n = 1 + gen_below(g, DAMAGES); n > 0; n--) {
        size_t next = at + gen_below(g, from.n - at + 1);
        kt_buf_put(b, from.p + at, next - at);
        at = next;
        switch (is_gentle ? 4 : gen_below(g, 5)) {
        case 0: /* a piece is gone */
            at += gen_below(g, PIECE) % (from.n - at + 1);
            break;
        case 1: /* a piece comes twice, from wherever */
            kt_buf_str(b, kt_str_part(from, gen_below(g, from.n), gen_below(g, PIECE)));
            break;
        case 2:
            kt_buf_text(b, words[gen_below(g, KT_COUNT(words))]);
            break;
        case 3: /* another byte */
            kt_buf_char(b, (char)gen_below(g, 256));
            at += at < from.n ? 1 : 0;
            break;
        default:
            at = rename_next(g, b, from, at);
        }
    }
    if (is_gentle || gen_below(g, 8) != 0) /* else it ends here */
        kt_buf_put(b, from.p + at, from.n - at);
}

static void read_damaged(struct gen *g, struct kt_str whole, size_t *sound)
{
    struct kt_arena *a = kt_arena_new();
    struct kt_wsdl *w = NULL;
    struct kt_err e = { 0 };
    struct kt_buf b;
    kt_buf_init(&b, a, 4 << 20);
    damage(g, &b, whole);
    enum kt_rc rc = kt_wsdl_read(&w, kt_buf_view(&b), "any", a, &e);
    if (rc == KT_OK) {
        ++*sound;
        for (size_t i = 0; i < w->types; i++)
            walk(w->type[i], i < 5 ? WALK_MAX : 1);
        for (size_t i = 0; i < w->operations; i++) {
            assert_non_null(w->operation[i].name.p);
            assert_non_null(w->operation[i].action.p);
        }
    } else {
        assert_int_equal(rc, KT_CONFIG);
        assert_null(w);
        assert_true(e.v.param[1].value[0] != '\0');
    }
    kt_arena_free(a);
}

static void damaged_ones__are_read_or_refused(void **state)
{
    struct gen g = gen_start("any_wsdl");
    struct kt_arena *a = kt_arena_new();
    glob_t found = { 0 };
    size_t sound = 0;
    (void)state;
    assert_int_equal(glob(KT_TEST_ROOT "/wsdl/*/*.wsdl", 0, NULL, &found), 0);
    for (int i = 0; i < ROUNDS; i++) {
        struct kt_str whole = { 0 };
        const char *complaint = NULL;
        const char *path = found.gl_pathv[gen_below(&g, found.gl_pathc)];
        if (!kt_file_read(&whole, path, KT_WSDL_MAX, false, a, &complaint))
            fail_msg("%s: %s", path, complaint);
        read_damaged(&g, whole, &sound);
        kt_arena_reset(a);
    }
    assert_in_range(sound, ROUNDS / 20, ROUNDS - ROUNDS / 20); /* both happened often */
    globfree(&found);
    kt_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damaged_ones__are_read_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
