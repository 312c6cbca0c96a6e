/* Names of columns as members of records, and cells as their values. Pure, any thread; called by
 * csv_plan.c and csv_records.c. */
#include "format/csv_fields.h"

#include <string.h>
#include <strings.h>

/* How lists stand in a table. */
static const struct list_form {
    const struct kt_shape *items;
    const char *each;  /* a|b fills this member of one item each; NULL: they have no such form */
    const char *key;   /* LIST.KEY: this member has the KEY; NULL: likewise */
    const char *value; /* and this one the cell, unless another is named */
} list_forms[] = {
    { &kt_ref_shape, "id", NULL, NULL },
    { &kt_gtin_shape, "code", "unit", "code" },
    { &kt_media_shape, "url", NULL, NULL },
    { &kt_axis_shape, "code", NULL, NULL },
    { &kt_text_shape, NULL, "language", NULL },
    { &kt_attribute_shape, NULL, "code", "value" },
    { &kt_axis_value_shape, NULL, "axis", "value" },
    { &kt_unit_of_shape, NULL, "unit", NULL },
};

static const struct list_form *form_of(const struct kt_shape *items)
{
    for (size_t i = 0; i < KT_COUNT(list_forms); i++) {
        if (list_forms[i].items == items)
            return &list_forms[i];
    }
    return NULL;
}

static bool is_plain(const struct kt_field *f)
{
    return f != NULL && f->type != KT_TYPE_PART && f->type != KT_TYPE_LIST;
}

static const struct kt_field *member(const struct kt_shape *shape, const char *name)
{
    return name == NULL ? NULL : kt_field_find(shape, name);
}

/* "COLOUR" or "COLOUR.unit": the last word is a member where it is one. */
static bool find_item(struct kt_csv_place *out, const struct list_form *form, struct kt_str rest,
                      struct kt_arena *a)
{
    out->key = member(form->items, form->key);
    out->inner = member(form->items, form->value);
    if (out->key == NULL)
        return false;
    for (size_t i = rest.n; i > 1; i--) {
        if (rest.p[i - 1] != '.')
            continue;
        const char *last = kt_str_copy(a, kt_str_part(rest, i, rest.n)).p;
        const struct kt_field *named = kt_field_find(form->items, last);
        if (is_plain(named) && named != out->key) {
            out->inner = named;
            rest.n = i - 1;
        }
        break;
    }
    out->item = kt_str_copy(a, rest);
    return rest.n > 0 && out->inner != NULL;
}

static bool find_list(struct kt_csv_place *out, struct kt_str rest, struct kt_arena *a)
{
    const struct list_form *form = form_of(out->field->items);
    if (form == NULL)
        return false;
    if (rest.p != NULL)
        return find_item(out, form, rest, a);
    out->inner = member(form->items, form->each);
    return out->inner != NULL;
}

bool kt_csv_place_find(struct kt_csv_place *out, const struct kt_shape *shape, struct kt_str path,
                       struct kt_arena *a)
{
    const char *dot = memchr(path.p, '.', path.n);
    size_t n = dot == NULL ? path.n : (size_t)(dot - path.p);
    struct kt_str rest = { NULL, 0 };
    *out = (struct kt_csv_place){ 0 };
    if (dot != NULL)
        rest = kt_str_copy(a, kt_str_part(path, n + 1, path.n));
    out->field = kt_field_find(shape, kt_str_copy(a, kt_str_part(path, 0, n)).p);
    if (out->field == NULL)
        return false;
    if (out->field->type == KT_TYPE_LIST)
        return find_list(out, rest, a);
    if (out->field->type != KT_TYPE_PART)
        return rest.p == NULL;
    out->inner = rest.p == NULL ? NULL : kt_field_find(out->field->items, rest.p);
    return is_plain(out->inner);
}

/* --- dates --- */

/* The day, month or year of a form at the front of both texts. */
static bool take_number(const char **form, const char **text, unsigned *out)
{
    char letter = **form;
    unsigned value = 0;
    while (**form == letter) {
        if (**text < '0' || **text > '9')
            return false;
        value = value * 10 + (unsigned)(**text - '0');
        (*form)++;
        (*text)++;
    }
    *out = value;
    return true;
}

static bool read_date(struct kt_day *out, const char *form, const char *text)
{
    unsigned y = 0;
    unsigned m = 0;
    unsigned d = 0;
    while (*form != '\0') {
        bool is_fine = false;
        if (*form == 'y' || *form == 'm' || *form == 'd')
            is_fine = take_number(&form, &text, *form == 'y' ? &y : *form == 'm' ? &m : &d);
        else
            is_fine = *form++ == *text++;
        if (!is_fine)
            return false;
    }
    *out = (struct kt_day){ (int16_t)y, (uint8_t)m, (uint8_t)d };
    return *text == '\0' && y > 0 && kt_day_ok(*out);
}

bool kt_csv_date_ok(const char *form)
{
    static const char *const part[] = { "yyyy", "mm", "dd" };
    size_t letters = 0;
    for (size_t i = 0; i < KT_COUNT(part); i++) {
        const char *at = strstr(form, part[i]);
        if (at == NULL)
            return false;
    }
    for (const char *p = form; *p != '\0'; p++) {
        if (*p == 'y' || *p == 'm' || *p == 'd')
            letters++;
        else if (strchr(".-/ ", *p) == NULL)
            return false;
    }
    return letters == 8;
}

/* --- cells --- */

static enum kt_rc refuse(const struct kt_csv_cell *cell, enum kt_code code, const char *expected,
                         struct kt_err *e)
{
    struct kt_param_in value =
        cell->is_personal ? KT_P_PERSON("value", cell->text.p) : KT_P_TEXT("value", cell->text.p);
    return kt_fail(e, KT_REJECT, KT_RECORD, code, KT_P_NUM("line", cell->line),
                   KT_P_TEXT("column", cell->column), value, KT_P_TEXT("expected", expected));
}

/* With a decimal comma a point has no meaning: it is refused rather than guessed at. */
static bool read_decimal(struct kt_dec *out, struct kt_str text, int decimals)
{
    char copy[KT_DEC_TEXT_MAX + KT_DEC_SCALE_MAX];
    if (decimals != KT_CSV_DECIMAL_COMMA)
        return kt_dec_parse(out, text);
    if (text.n >= sizeof copy || memchr(text.p, '.', text.n) != NULL)
        return false;
    for (size_t i = 0; i < text.n; i++)
        copy[i] = text.p[i] == ',' ? '.' : text.p[i];
    return kt_dec_parse(out, (struct kt_str){ copy, text.n });
}

static bool read_integer(int64_t *out, struct kt_str text)
{
    struct kt_dec d = { 0 };
    if (!kt_dec_parse(&d, text) || !kt_dec_rescale(&d, d, 0))
        return false;
    *out = d.units;
    return true;
}

static bool has_word(const struct kt_conf_texts *words, struct kt_str text)
{
    for (size_t i = 0; i < words->count; i++) {
        if (strcasecmp(words->item[i], text.p) == 0)
            return true;
    }
    return false;
}

static bool read_choice(int *out, const struct kt_field *f, struct kt_str text)
{
    for (int i = 0; f->choices[i] != NULL; i++) {
        if (strcasecmp(f->choices[i], text.p) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

static bool read_day(struct kt_day *out, const struct kt_conf_texts *forms, struct kt_str text)
{
    for (size_t i = 0; i < forms->count; i++) {
        if (read_date(out, forms->item[i], text.p))
            return true;
    }
    return false;
}

static void list_words(struct kt_buf *out, const struct kt_conf_texts *words)
{
    for (size_t i = 0; i < words->count; i++)
        kt_buf_format(out, "%s%s", out->n == 0 ? "" : ", ", words->item[i]);
}

static const char *forms_of(const struct kt_csv_rules *rules, struct kt_arena *a)
{
    struct kt_buf out;
    kt_buf_init(&out, a, KT_PARAM_MAX);
    list_words(&out, &rules->dates);
    return kt_buf_view(&out).p;
}

static const char *choices_of(const struct kt_field *f, struct kt_arena *a)
{
    struct kt_buf out;
    kt_buf_init(&out, a, KT_PARAM_MAX);
    for (size_t i = 0; f->choices[i] != NULL; i++)
        kt_buf_format(&out, "%s%s", i == 0 ? "" : ", ", f->choices[i]);
    return kt_buf_view(&out).p;
}

enum kt_rc kt_csv_yes_no(bool *out, const struct kt_csv_cell *cell,
                         const struct kt_csv_rules *rules, struct kt_arena *a, struct kt_err *e)
{
    struct kt_buf words;
    *out = has_word(&rules->yes, cell->text);
    if (*out || has_word(&rules->no, cell->text))
        return KT_OK;
    kt_buf_init(&words, a, KT_PARAM_MAX);
    list_words(&words, &rules->yes);
    list_words(&words, &rules->no);
    return refuse(cell, KT_E_CSV_WORD, kt_buf_view(&words).p, e);
}

static enum kt_rc read_cell(void *at, const struct kt_field *f, const struct kt_csv_cell *cell,
                            const struct kt_csv_rules *rules, struct kt_arena *a, struct kt_err *e)
{
    const char *mark = rules->decimals == KT_CSV_DECIMAL_COMMA ? "1234,5" : "1234.5";
    struct kt_str text = cell->text;
    switch (f->type) {
    case KT_TYPE_TEXT:
        *(struct kt_str *)at = text;
        return KT_OK;
    case KT_TYPE_INTEGER:
        return read_integer(at, text) ? KT_OK : refuse(cell, KT_E_CSV_NUMBER, "1234", e);
    case KT_TYPE_DECIMAL:
        return read_decimal(at, text, rules->decimals) ? KT_OK
                                                       : refuse(cell, KT_E_CSV_NUMBER, mark, e);
    case KT_TYPE_DAY:
        return read_day(at, &rules->dates, text)
                   ? KT_OK
                   : refuse(cell, KT_E_CSV_DATE, forms_of(rules, a), e);
    case KT_TYPE_INSTANT:
        return kt_time_parse(at, text, false)
                   ? KT_OK
                   : refuse(cell, KT_E_CSV_DATE, "yyyy-mm-ddThh:mm:ssZ", e);
    case KT_TYPE_CHOICE:
        return read_choice(at, f, text) ? KT_OK : refuse(cell, KT_E_CSV_WORD, choices_of(f, a), e);
    case KT_TYPE_BOOL:
        return kt_csv_yes_no(at, cell, rules, a, e);
    case KT_TYPE_PART:
    case KT_TYPE_LIST:
    case KT_TYPE_END:
        break;
    }
    KT_ASSERT(f->type == KT_TYPE_TEXT); /* kt_csv_place_find gives plain members only */
    return KT_REJECT;
}

enum kt_rc kt_csv_put(void *rec, const struct kt_shape *shape, const struct kt_field *f,
                      const struct kt_csv_cell *cell, const struct kt_csv_rules *rules,
                      struct kt_arena *a, struct kt_err *e)
{
    enum kt_rc rc = read_cell(kt_field_at_mut(rec, f), f, cell, rules, a, e);
    if (rc == KT_OK)
        kt_field_mark(rec, shape, f);
    return rc;
}
