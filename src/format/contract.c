/* Says where a site's contract differs from what an adapter needs, gap by gap. Pure; the caller's
 * thread. Called by the adapters' contract operations. */
#include "format/contract.h"

#include <inttypes.h>
#include <string.h>

static enum kt_rc rc_of(enum kt_need need)
{
    static const enum kt_rc rc[] = {
        [KT_NEED_MUST] = KT_CONFIG,
        [KT_NEED_SHOULD] = KT_REJECT,
        [KT_NEED_MAY] = KT_OK,
    };
    KT_ASSERT((unsigned)need < KT_COUNT(rc));
    return rc[need];
}

static struct kt_verdict *add(struct kt_contract *c, enum kt_code follows)
{
    if (c->count == c->room) {
        size_t room = c->room == 0 ? 16 : 2 * c->room;
        struct kt_contract_gap *more = KT_NEW_ARRAY(c->arena, room, struct kt_contract_gap);
        if (c->count > 0)
            memcpy(more, c->gap, c->count * sizeof *more);
        c->gap = more;
        c->room = room;
    }
    c->gap[c->count] = (struct kt_contract_gap){ .follows = follows };
    return &c->gap[c->count++].v;
}

#define GAP(c, need, follows, ...) \
    kt_judge(add((c), (follows)), rc_of(need), KT_ENDPOINT, __VA_ARGS__)

void kt_contract_no_service(struct kt_contract *c, const char *service, const char *detail,
                            enum kt_need need, enum kt_code follows)
{
    GAP(c, need, follows, KT_E_CONTRACT_SERVICE_MISSING, KT_P_TEXT("service", service),
        KT_P_TEXT("detail", detail));
}

void kt_contract_no_operation(struct kt_contract *c, const char *service, const char *operation,
                              enum kt_need need, enum kt_code follows)
{
    GAP(c, need, follows, KT_E_CONTRACT_OPERATION_MISSING, KT_P_TEXT("service", service),
        KT_P_TEXT("operation", operation));
}

void kt_contract_read_only(struct kt_contract *c, const char *service, const char *field,
                           enum kt_need need, enum kt_code follows)
{
    GAP(c, need, follows, KT_E_CONTRACT_FIELD_READ_ONLY, KT_P_TEXT("service", service),
        KT_P_TEXT("field", field));
}

void kt_contract_unreadable(struct kt_contract *c, const char *service, const char *detail,
                            enum kt_need need)
{
    GAP(c, need, KT_E_FOLLOWS_NOT_COMPARED, KT_E_CONTRACT_UNREADABLE, KT_P_TEXT("service", service),
        KT_P_TEXT("detail", detail));
}

void kt_contract_version(struct kt_contract *c, const char *service, int64_t ours, int64_t theirs)
{
    if (ours == theirs)
        return;
    GAP(c, KT_NEED_MUST, KT_E_NONE, theirs < ours ? KT_E_CONTRACT_OLDER : KT_E_CONTRACT_NEWER,
        KT_P_TEXT("service", service), KT_P_NUM("ours", ours), KT_P_NUM("theirs", theirs));
}

/* What is read or sent under its own name is not the missing one under another. */
static bool is_wanted(const struct kt_wanted *wanted, size_t count, const char *path)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(wanted[i].path, path) == 0)
            return true;
    }
    return false;
}

static void missing(struct kt_contract *c, const char *service, const struct kt_form_type *offered,
                    const struct kt_wanted *w, const struct kt_wanted *wanted, size_t count)
{
    const char *closest = offered == NULL ? NULL : kt_form_closest(offered, w->path, c->arena);
    if (closest == NULL || is_wanted(wanted, count, closest))
        GAP(c, w->need, w->follows, KT_E_CONTRACT_FIELD_MISSING, KT_P_TEXT("service", service),
            KT_P_TEXT("field", w->path));
    else
        GAP(c, w->need, w->follows, KT_E_CONTRACT_FIELD_RENAMED, KT_P_TEXT("service", service),
            KT_P_TEXT("field", w->path), KT_P_TEXT("closest", closest));
}

/* What travels as text is text to us; a narrower form can be read as the wider one. */
static bool fits(const struct kt_form_type *t, const struct kt_wanted *w)
{
    if (w->base == KT_FORM_ANY || t->base == KT_FORM_ANY || t->base == w->base)
        return true;
    if (t->base == KT_FORM_RECORD || w->base == KT_FORM_RECORD)
        return false;
    if (w->is_sent)
        return t->base == KT_FORM_TEXT ||
               (w->base == KT_FORM_INTEGER && t->base == KT_FORM_DECIMAL);
    return w->base == KT_FORM_TEXT || (w->base == KT_FORM_DECIMAL && t->base == KT_FORM_INTEGER) ||
           (w->base == KT_FORM_DATETIME && t->base == KT_FORM_DATE);
}

/* Characters and decimals. A field that cannot hold our key is as bad as none. */
static bool too_small(struct kt_contract *c, const char *service, const struct kt_form_type *t,
                      const struct kt_wanted *w)
{
    bool is_number = t->base == KT_FORM_DECIMAL;
    if (w->length > 0 && t->max_length >= 0 && t->max_length < w->length) {
        GAP(c, w->need, w->follows, KT_E_CONTRACT_FIELD_SHORT, KT_P_TEXT("service", service),
            KT_P_TEXT("field", w->path), KT_P_NUM("limit", t->max_length),
            KT_P_NUM("needed", w->length));
        return true;
    }
    if (is_number && w->fraction > 0 && t->fraction_digits >= 0 &&
        t->fraction_digits < w->fraction) {
        GAP(c, w->need, w->follows, KT_E_CONTRACT_FIELD_FRACTION, KT_P_TEXT("service", service),
            KT_P_TEXT("field", w->path), KT_P_NUM("limit", t->fraction_digits),
            KT_P_NUM("needed", w->fraction));
        return true;
    }
    return false;
}

static bool offers(const struct kt_form_type *t, const char *value)
{
    for (size_t i = 0; i < t->values; i++) {
        if (kt_str_is(t->value[i], value))
            return true;
    }
    return false;
}

static bool understands(const struct kt_wanted *w, struct kt_str value)
{
    for (const char *const *is = w->is; *is != NULL; is++) {
        if (kt_str_is(value, *is))
            return true;
    }
    return false;
}

/* Several are one gap: "B, C". A verdict's value is cut at its size. */
static void put_value(struct kt_buf *list, const char *value)
{
    kt_buf_format(list, "%s%s", list->n == 0 ? "" : ", ", value);
}

static void compare_values(struct kt_contract *c, const char *service, const struct kt_form_type *t,
                           const struct kt_wanted *w)
{
    struct kt_buf list;
    enum kt_code code = w->is_sent ? KT_E_CONTRACT_VALUE_MISSING : KT_E_CONTRACT_VALUE_UNKNOWN;
    kt_buf_init(&list, c->arena, 4096);
    for (const char *const *is = w->is; w->is_sent && *is != NULL; is++) {
        if (!offers(t, *is))
            put_value(&list, *is);
    }
    for (size_t i = 0; !w->is_sent && i < t->values; i++) {
        if (!understands(w, t->value[i]))
            put_value(&list, t->value[i].p);
    }
    if (list.n > 0)
        GAP(c, w->is_sent ? w->need : KT_NEED_MAY, w->is_sent ? w->follows : KT_E_NONE, code,
            KT_P_TEXT("service", service), KT_P_TEXT("field", w->path),
            KT_P_TEXT("value", kt_buf_view(&list).p));
}

static void compare(struct kt_contract *c, const char *service, const struct kt_form_type *offered,
                    const struct kt_wanted *w, const struct kt_wanted *wanted, size_t count)
{
    const struct kt_form_field *f = offered == NULL ? NULL : kt_form_find(offered, w->path);
    if (f == NULL) {
        missing(c, service, offered, w, wanted, count);
    } else if (w->is_sent && f->is_read_only) {
        kt_contract_read_only(c, service, w->path, w->need, w->follows);
    } else if (!fits(f->type, w)) {
        GAP(c, w->need, w->follows, KT_E_CONTRACT_FIELD_TYPE, KT_P_TEXT("service", service),
            KT_P_TEXT("field", w->path), KT_P_TEXT("found", kt_form_base_name(f->type->base)),
            KT_P_TEXT("needed", kt_form_base_name(w->base)));
    } else if (!too_small(c, service, f->type, w) && w->is != NULL && f->type->values > 0) {
        compare_values(c, service, f->type, w);
    }
}

void kt_contract_field(struct kt_contract *c, const char *service,
                       const struct kt_form_type *offered, const struct kt_wanted *wanted)
{
    compare(c, service, offered, wanted, wanted, 1);
}

void kt_contract_fields(struct kt_contract *c, const char *service,
                        const struct kt_form_type *offered, const struct kt_wanted *wanted,
                        size_t count)
{
    for (size_t i = 0; i < count; i++)
        compare(c, service, offered, &wanted[i], wanted, count);
}
