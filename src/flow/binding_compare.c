/* What holds for a line against what its customer was shown. House thread, commands and the
 * archive; reads only. */
#include "flow/binding_inner.h"

#include "flow/documents.h"
#include "store/orders.h"
#include "store/shown.h"

enum { NAMES_MAX = 4000, TEXT_MAX = 1 << 20, HASH_BEGIN = 8 };

static bool is_of(const struct kt_bound *b, struct kt_str line, struct kt_str type,
                  enum kt_axis_of_time axis)
{
    return b->axis == axis && b->until_us == KT_NEVER && kt_str_eq(b->line, line) &&
           kt_str_eq(b->type, type);
}

static bool has_content(const struct kt_bound *bound, size_t count, const struct kt_bound *like,
                        enum kt_axis_of_time axis)
{
    for (size_t i = 0; i < count; i++) {
        if (is_of(&bound[i], like->line, like->type, axis) &&
            kt_str_eq(bound[i].sha256, like->sha256))
            return true;
    }
    return false;
}

static enum kt_axis_of_time other(enum kt_axis_of_time axis)
{
    return axis == KT_AXIS_SHOWN ? KT_AXIS_VALID : KT_AXIS_SHOWN;
}

bool kt_binding_agrees(const struct kt_bound *bound, size_t count, struct kt_str line,
                       struct kt_str type)
{
    for (size_t i = 0; i < count; i++) {
        const struct kt_bound *b = &bound[i];
        if (is_of(b, line, type, b->axis) && !has_content(bound, count, b, other(b->axis)))
            return false;
    }
    return true;
}

enum kt_rc kt_binding_is_compared(struct kt_work *w, const struct kt_bound_line *line,
                                  const struct kt_bound *bound, size_t count, struct kt_str type,
                                  bool *is, struct kt_err *e)
{
    const struct kt_channel_site *channel = kt_binding_channel(w->site, line);
    const struct kt_variant v = { .scope = line->scope, .sku = line->goods.sku };
    struct kt_shown *shown = NULL;
    size_t shows = 0;
    *is = channel != NULL && kt_papers_shows(w->site, channel, type) &&
          kt_binding_basis_us(w->site, line, type) != KT_NEVER;
    if (!*is)
        return KT_OK;
    for (size_t i = 0; i < count; i++) {
        if (bound[i].axis == KT_AXIS_SHOWN && kt_str_eq(bound[i].line, line->line))
            return KT_OK;
    }
    /* nothing was shown: because there was nothing, or because nobody knows? */
    return kt_shown_at(w->db, channel->name, kt_shape_key(&kt_variant_shape, &v, w->arena),
                       line->placed_us, &shown, &shows, is, w->arena, e);
}

static bool has_version(const struct kt_bound *bound, size_t count, const struct kt_bound *like,
                        enum kt_axis_of_time axis)
{
    for (size_t i = 0; i < count; i++) {
        if (is_of(&bound[i], like->line, like->type, axis) &&
            kt_str_eq(bound[i].row_key, like->row_key))
            return true;
    }
    return false;
}

struct kt_str kt_binding_names(const struct kt_bound *bound, size_t count, struct kt_str line,
                               struct kt_str type, enum kt_axis_of_time axis, struct kt_arena *a)
{
    struct kt_buf out;
    kt_buf_init(&out, a, NAMES_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct kt_bound *b = &bound[i];
        struct kt_document d = { 0 };
        if (!is_of(b, line, type, axis))
            continue;
        kt_buf_text(&out, out.n > 0 ? ", " : "");
        if (!kt_shape_key_read(&kt_document_shape, &d, b->row_key, a))
            d.id = b->row_key;
        kt_buf_str(&out, d.id);
        if (d.version.n > 0)
            kt_buf_format(&out, "/%s", d.version.p);
        if (has_version(bound, count, b, other(axis)) && !has_content(bound, count, b, other(axis)))
            kt_buf_format(&out, " (%.*s)", HASH_BEGIN, b->sha256.p);
    }
    return out.n > 0 ? kt_buf_view(&out) : KT_STR("-");
}

/* --- what differs in an order --- */

struct differing {
    struct kt_work *w;
    struct kt_str our_key;
    const struct kt_bound *bound;
    size_t count;
    struct kt_buf text;
    struct kt_bound_difference *out;
};

/* Is it the first entry of its line and kind? */
static bool is_first_of_kind(const struct differing *d, size_t at)
{
    const struct kt_bound *b = &d->bound[at];
    for (size_t i = 0; i < at; i++) {
        if (kt_str_eq(d->bound[i].line, b->line) && kt_str_eq(d->bound[i].type, b->type))
            return false;
    }
    return true;
}

static enum kt_rc judge(struct differing *d, const struct kt_bound_line *line, struct kt_str type,
                        struct kt_str shown, struct kt_str valid, struct kt_err *e)
{
    struct kt_order_row row = { 0 };
    bool is_there = false;
    enum kt_rc rc = kt_order_get(d->w->db, d->our_key, &row, &is_there, d->w->arena, e);
    const char *number = is_there && row.number.n > 0 ? row.number.p : d->our_key.p;
    kt_judge(&d->out->v, KT_REJECT, KT_RECORD, KT_E_DOCUMENTS_DIFFER, KT_P_TEXT("order", number),
             KT_P_TEXT("sku", line->goods.sku.p), KT_P_TEXT("kind", type.p),
             KT_P_TEXT("shown", shown.p), KT_P_TEXT("valid", valid.p));
    return rc;
}

static enum kt_rc compare(struct differing *d, const struct kt_bound_line *line, struct kt_str type,
                          struct kt_err *e)
{
    struct kt_arena *a = d->w->arena;
    bool is_compared = false;
    if (kt_binding_agrees(d->bound, d->count, line->line, type))
        return KT_OK;
    enum kt_rc rc = kt_binding_is_compared(d->w, line, d->bound, d->count, type, &is_compared, e);
    if (rc != KT_OK || !is_compared)
        return rc;
    struct kt_str shown = kt_binding_names(d->bound, d->count, line->line, type, KT_AXIS_SHOWN, a);
    struct kt_str valid = kt_binding_names(d->bound, d->count, line->line, type, KT_AXIS_VALID, a);
    if (d->text.n == 0)
        rc = judge(d, line, type, shown, valid, e);
    kt_buf_format(&d->text, "%s %s: %s, %s;", line->line.p, type.p, shown.p, valid.p);
    return rc;
}

enum kt_rc kt_binding_difference(struct kt_work *w, struct kt_str our_key,
                                 struct kt_bound_difference *out, struct kt_err *e)
{
    struct differing d = { .w = w, .our_key = our_key, .out = out };
    struct kt_bound_line *line = NULL;
    struct kt_bound *bound = NULL;
    size_t lines = 0;
    *out = (struct kt_bound_difference){ 0 };
    kt_buf_init(&d.text, w->arena, TEXT_MAX);
    enum kt_rc rc = kt_bound_lines(w->db, our_key, &line, &lines, w->arena, e);
    if (rc == KT_OK)
        rc = kt_bound_of(w->db, our_key, false, &bound, &d.count, w->arena, e);
    d.bound = bound;
    for (size_t i = 0; rc == KT_OK && i < lines; i++) {
        for (size_t k = 0; rc == KT_OK && k < d.count; k++) {
            if (kt_str_eq(bound[k].line, line[i].line) && is_first_of_kind(&d, k))
                rc = compare(&d, &line[i], bound[k].type, e);
        }
    }
    out->text = kt_buf_view(&d.text);
    return rc;
}
