/* Reads JSON schemas into shapes. Recursion ends with the parsed JSON, which is bounded in depth
 * and size. Pure; the caller's thread. Called by adapters whose partner publishes such schemas. */
#include "format/schema.h"

#include <string.h>

static const struct {
    const char *name;
    enum kt_form_base base;
} bases[] = {
    { "boolean", KT_FORM_BOOL },    { "date-time", KT_FORM_DATETIME },
    { "integer", KT_FORM_INTEGER }, { "number", KT_FORM_DECIMAL },
    { "object", KT_FORM_RECORD },   { "string", KT_FORM_TEXT },
};

static enum kt_form_base base_named(struct kt_str name)
{
    for (size_t i = 0; i < KT_COUNT(bases); i++) {
        if (kt_str_is(name, bases[i].name))
            return bases[i].base;
    }
    return KT_FORM_ANY;
}

/* "string", or ["string", "null"]: of several the only one that is a value. */
static struct kt_str type_name(const struct kt_json *type)
{
    struct kt_str only = { 0 };
    if (kt_json_type(type) != KT_JSON_LIST)
        return kt_json_text(type);
    for (size_t i = 0; i < kt_json_count(type); i++) {
        struct kt_str one = kt_json_text(kt_json_at(type, i));
        if (kt_str_is(one, "null"))
            continue;
        if (only.p != NULL)
            return (struct kt_str){ 0 };
        only = one;
    }
    return only;
}

static enum kt_form_base base_of(const struct kt_json *schema, struct kt_str type)
{
    struct kt_str format = kt_json_text_of(schema, "format");
    if (kt_str_is(type, "string") && kt_str_is(format, "date-time"))
        return KT_FORM_DATETIME;
    if (kt_str_is(type, "string") && kt_str_is(format, "date"))
        return KT_FORM_DATE;
    return base_named(type);
}

static void read_values(struct kt_form_type *t, const struct kt_json *values, struct kt_arena *a)
{
    size_t count = kt_json_count(values);
    if (kt_json_type(values) != KT_JSON_LIST || count == 0)
        return;
    t->value = KT_NEW_ARRAY(a, count, struct kt_str);
    for (size_t i = 0; i < count; i++) {
        struct kt_str one = kt_json_text(kt_json_at(values, i));
        if (one.p != NULL)
            t->value[t->values++] = kt_str_copy(a, one);
    }
}

static struct kt_form_type *type_new(struct kt_arena *a)
{
    struct kt_form_type *t = KT_NEW(a, struct kt_form_type);
    t->max_length = t->total_digits = t->fraction_digits = -1;
    return t;
}

const struct kt_form_type *kt_form_of_schema(const struct kt_json *schema, struct kt_arena *a)
{
    struct kt_str type = type_name(kt_json_get(schema, "type"));
    const struct kt_json *properties = kt_json_get(schema, "properties");
    if (kt_str_is(type, "array"))
        return kt_form_of_schema(kt_json_get(schema, "items"), a);
    if (kt_json_type(properties) == KT_JSON_OBJECT)
        return kt_form_of_properties(properties, a);
    struct kt_form_type *t = type_new(a);
    t->base = base_of(schema, type);
    if (!kt_json_int(kt_json_get(schema, "maxLength"), &t->max_length) || t->max_length < 0)
        t->max_length = -1;
    read_values(t, kt_json_get(schema, "enum"), a);
    return t;
}

static bool is_list(const struct kt_json *schema)
{
    return kt_str_is(type_name(kt_json_get(schema, "type")), "array");
}

const struct kt_form_type *kt_form_of_properties(const struct kt_json *properties,
                                                 struct kt_arena *a)
{
    struct kt_form_type *t = type_new(a);
    size_t count = kt_json_type(properties) == KT_JSON_OBJECT ? kt_json_count(properties) : 0;
    t->base = KT_FORM_RECORD;
    t->field = KT_NEW_ARRAY(a, count + 1, struct kt_form_field);
    for (size_t i = 0; i < count; i++) {
        const struct kt_json *schema = NULL;
        struct kt_form_field *f = &t->field[t->fields++];
        f->name = kt_str_copy(a, kt_str_of(kt_json_name_at(properties, i, &schema)));
        f->type = kt_form_of_schema(schema, a);
        f->max = is_list(schema) ? KT_FORM_UNBOUNDED : 1;
        f->min = kt_json_is_true(kt_json_get(schema, "required")) ? 1 : 0;
        f->is_read_only = kt_json_is_true(kt_json_get(schema, "readonly"));
    }
    return t;
}
