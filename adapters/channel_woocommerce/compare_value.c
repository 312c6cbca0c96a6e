/* Is what stands in the shop what was sent? Numbers are compared by value, texts in plain form,
 * attributes by name or id, categories, pictures and meta data by what they are called. Members
 * that the payload does not name are not looked at. Pure; called by compare.c. */
#include <string.h>

#include "adapters/channel_woocommerce/call.h"
#include "adapters/channel_woocommerce/compare.h"
#include "adapters/channel_woocommerce/html.h"
#include "adapters/channel_woocommerce/payload.h"

enum { SHOWN_MAX = 1000, DEPTH_MAX = 8 };

struct compare {
    const struct kt_channel *channel;
    const struct kt_item *item;
    struct kt_compared *out;
    size_t room;
    struct kt_arena *arena;
};

static void compare_object(struct compare *c, const char *path, const struct kt_json *ours,
                           const struct kt_json *theirs, unsigned depth);

/* --- noting --- */

static struct kt_str shown(const struct kt_json *j, struct kt_arena *a)
{
    struct kt_buf b;
    struct kt_str text = kt_json_text(j);
    if (text.p == NULL && kt_json_type(j) != KT_JSON_NULL) {
        kt_buf_init(&b, a, (size_t)1 << 20);
        kt_json_write(&b, j);
        text = kt_buf_view(&b);
    }
    return kt_str_copy(a, kt_str_part(text, 0, kt_utf8_fit(text, SHOWN_MAX)));
}

static void note(struct compare *c, const char *path, struct kt_str ours, struct kt_str theirs)
{
    if (c->out->count == c->room) {
        size_t room = c->room > 0 ? 2 * c->room : 8;
        struct kt_difference *grown = KT_NEW_ARRAY(c->arena, room, struct kt_difference);
        if (c->out->count > 0)
            memcpy(grown, c->out->differs, c->out->count * sizeof *grown);
        c->out->differs = grown;
        c->room = room;
    }
    c->out->differs[c->out->count++] = (struct kt_difference){
        .field = kt_str_of(kt_text_copy(c->arena, path)),
        .ours = ours.p != NULL ? ours : KT_STR(""),
        .theirs = theirs.p != NULL ? theirs : KT_STR(""),
    };
}

static void note_values(struct compare *c, const char *path, const struct kt_json *ours,
                        const struct kt_json *theirs)
{
    note(c, path, shown(ours, c->arena), shown(theirs, c->arena));
}

/* --- single values --- */

static bool is_number_field(const char *name)
{
    static const char *const names[] = { "regular_price", "sale_price", "weight",
                                         "length",        "width",      "height",
                                         "menu_order",    "parent",     "stock_quantity" };
    for (size_t i = 0; i < KT_COUNT(names); i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

static bool is_empty(const struct kt_json *j)
{
    return kt_json_type(j) == KT_JSON_NULL ||
           (kt_json_type(j) == KT_JSON_TEXT && kt_json_text(j).n == 0);
}

static bool is_same_number(struct kt_str a, struct kt_str b)
{
    struct kt_dec x;
    struct kt_dec y;
    return kt_dec_parse(&x, a) && kt_dec_parse(&y, b) && kt_dec_cmp(x, y) == 0;
}

static bool is_same_text(struct kt_str a, struct kt_str b, struct kt_arena *arena)
{
    return kt_str_eq(a, b) || (a.p != NULL && b.p != NULL &&
                               kt_str_eq(woocommerce_plain(a, arena), woocommerce_plain(b, arena)));
}

static bool is_same_value(struct compare *c, const char *name, const struct kt_json *ours,
                          const struct kt_json *theirs)
{
    if (is_empty(ours) || is_empty(theirs))
        return is_empty(ours) && is_empty(theirs);
    if (kt_json_type(ours) == KT_JSON_BOOL || kt_json_type(theirs) == KT_JSON_BOOL)
        return kt_json_type(ours) == kt_json_type(theirs) &&
               kt_json_is_true(ours) == kt_json_is_true(theirs);
    if (is_number_field(name) && is_same_number(kt_json_text(ours), kt_json_text(theirs)))
        return true;
    return is_same_text(kt_json_text(ours), kt_json_text(theirs), c->arena);
}

/* --- references --- */

/* What was sent in place of a reference or stands in an entry with an id. */
static struct kt_str id_of(const struct compare *c, const struct kt_json *entry)
{
    struct kt_str ref = kt_json_text_of(entry, "ref");
    if (ref.p == NULL)
        return kt_json_text_of(entry, "id");
    const struct kt_item_ref *found = woocommerce_ref_find(c->item, ref);
    return found != NULL ? found->remote_id : (struct kt_str){ NULL, 0 };
}

static bool has_id(const struct kt_json *list, struct kt_str id)
{
    for (size_t i = 0; i < kt_json_count(list); i++) {
        if (kt_str_eq(kt_json_text_of(kt_json_at(list, i), "id"), id))
            return true;
    }
    return false;
}

static bool was_before(const struct compare *c, const struct kt_json *list, size_t at)
{
    struct kt_str id = id_of(c, kt_json_at(list, at));
    for (size_t i = 0; i < at; i++) {
        if (id.p != NULL && kt_str_eq(id_of(c, kt_json_at(list, i)), id))
            return true;
    }
    return false;
}

/* Categories are a set; pictures are a row. */
static bool are_same_ids(const struct compare *c, const struct kt_json *ours,
                         const struct kt_json *theirs, bool in_order)
{
    size_t at = 0;
    for (size_t i = 0; i < kt_json_count(ours); i++) {
        struct kt_str id = id_of(c, kt_json_at(ours, i));
        if (was_before(c, ours, i))
            continue;
        if (id.n == 0 ||
            (in_order && !kt_str_eq(kt_json_text_of(kt_json_at(theirs, at), "id"), id)) ||
            !has_id(theirs, id))
            return false;
        at++;
    }
    return at == kt_json_count(theirs);
}

/* A shop without a category of ours puts the page into its own default. */
static bool is_default_category(const struct kt_json *ours, const struct kt_json *theirs)
{
    return kt_json_count(ours) == 0 && kt_json_count(theirs) == 1;
}

static struct kt_str ids_shown(const struct compare *c, const struct kt_json *list)
{
    struct kt_buf b;
    kt_buf_init(&b, c->arena, SHOWN_MAX);
    for (size_t i = 0; i < kt_json_count(list); i++) {
        struct kt_str id = id_of(c, kt_json_at(list, i));
        kt_buf_text(&b, i > 0 ? "," : "");
        kt_buf_str(&b, id.n > 0 ? id : KT_STR("?"));
    }
    return kt_buf_view(&b);
}

static void compare_ids(struct compare *c, const char *path, const char *name,
                        const struct kt_json *ours, const struct kt_json *theirs)
{
    bool in_order = strcmp(name, "images") == 0;
    if (!are_same_ids(c, ours, theirs, in_order) &&
        (in_order || !is_default_category(ours, theirs)))
        note(c, path, ids_shown(c, ours), ids_shown(c, theirs));
}

/* --- attributes and meta data --- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Options are terms of the shop, which knows each in one spelling. */
static bool is_same_option(struct kt_str a, struct kt_str b, struct kt_arena *arena)
{
    struct kt_str x = woocommerce_plain(a, arena);
    struct kt_str y = woocommerce_plain(b, arena);
    if (a.p == NULL || b.p == NULL || x.n != y.n)
        return false;
    for (size_t i = 0; i < x.n; i++) {
        if (lower(x.p[i]) != lower(y.p[i]))
            return false;
    }
    return true;
}

static const struct kt_json *attribute_of(const struct compare *c, const struct kt_json *entry,
                                          const struct kt_json *theirs)
{
    struct kt_str id = woocommerce_is_global(entry)
                           ? woocommerce_attribute_id(c->channel, entry, c->arena)
                           : kt_json_text_of(entry, "id");
    struct kt_str name = kt_json_text_of(entry, "name");
    for (size_t i = 0; i < kt_json_count(theirs); i++) {
        const struct kt_json *one = kt_json_at(theirs, i);
        if (id.p != NULL ? kt_str_eq(kt_json_text_of(one, "id"), id)
                         : is_same_option(kt_json_text_of(one, "name"), name, c->arena))
            return one;
    }
    return NULL;
}

static bool has_option(const struct compare *c, const struct kt_json *list, struct kt_str option)
{
    for (size_t i = 0; i < kt_json_count(list); i++) {
        if (is_same_option(kt_json_text(kt_json_at(list, i)), option, c->arena))
            return true;
    }
    return false;
}

/* A set: of global attributes the shop sorts them its own way. */
static bool are_same_options(const struct compare *c, const struct kt_json *ours,
                             const struct kt_json *theirs)
{
    for (size_t i = 0; i < kt_json_count(ours); i++) {
        if (!has_option(c, theirs, kt_json_text(kt_json_at(ours, i))))
            return false;
    }
    for (size_t i = 0; i < kt_json_count(theirs); i++) {
        if (!has_option(c, ours, kt_json_text(kt_json_at(theirs, i))))
            return false;
    }
    return true;
}

static void compare_attribute(struct compare *c, const char *path, const struct kt_json *ours,
                              const struct kt_json *theirs)
{
    static const char *const flags[] = { "variation", "visible" };
    const struct kt_json *options = kt_json_get(ours, "options");
    struct kt_str option = kt_json_text_of(ours, "option");
    if (options != NULL && !are_same_options(c, options, kt_json_get(theirs, "options")))
        note_values(c, kt_format(c->arena, "%s.options", path), options,
                    kt_json_get(theirs, "options"));
    if (option.p != NULL && !is_same_option(option, kt_json_text_of(theirs, "option"), c->arena))
        note_values(c, kt_format(c->arena, "%s.option", path), kt_json_get(ours, "option"),
                    kt_json_get(theirs, "option"));
    for (size_t i = 0; i < KT_COUNT(flags); i++) {
        const struct kt_json *flag = kt_json_get(ours, flags[i]);
        if (flag != NULL && kt_json_is_true(flag) != kt_json_is_true(kt_json_get(theirs, flags[i])))
            note_values(c, kt_format(c->arena, "%s.%s", path, flags[i]), flag,
                        kt_json_get(theirs, flags[i]));
    }
}

static void compare_attributes(struct compare *c, const char *path, const struct kt_json *ours,
                               const struct kt_json *theirs)
{
    struct kt_str nothing = { NULL, 0 };
    for (size_t i = 0; i < kt_json_count(ours); i++) {
        const struct kt_json *entry = kt_json_at(ours, i);
        const struct kt_json *other = attribute_of(c, entry, theirs);
        const char *at = kt_format(c->arena, "%s[%zu]", path, i);
        if (other != NULL)
            compare_attribute(c, at, entry, other);
        else
            note(c, at, shown(entry, c->arena), nothing);
    }
    for (size_t i = 0; i < kt_json_count(theirs); i++) {
        const struct kt_json *other = kt_json_at(theirs, i);
        bool is_ours = false;
        for (size_t k = 0; k < kt_json_count(ours) && !is_ours; k++)
            is_ours = attribute_of(c, kt_json_at(ours, k), theirs) == other;
        if (!is_ours)
            note(c, path, nothing, shown(other, c->arena));
    }
}

static void compare_meta(struct compare *c, const char *path, const struct kt_json *ours,
                         const struct kt_json *theirs)
{
    for (size_t i = 0; i < kt_json_count(ours); i++) {
        const struct kt_json *entry = kt_json_at(ours, i);
        const struct kt_json *value = NULL;
        struct kt_str key = kt_json_text_of(entry, "key");
        for (size_t k = 0; k < kt_json_count(theirs) && value == NULL; k++) {
            if (kt_str_eq(kt_json_text_of(kt_json_at(theirs, k), "key"), key))
                value = kt_json_get(kt_json_at(theirs, k), "value");
        }
        if (!is_same_value(c, "value", kt_json_get(entry, "value"), value))
            note_values(c, kt_format(c->arena, "%s[%zu].value", path, i),
                        kt_json_get(entry, "value"), value);
    }
}

/* --- members --- */

static void compare_list(struct compare *c, const char *path, const struct kt_json *ours,
                         const struct kt_json *theirs, unsigned depth)
{
    if (kt_json_count(ours) != kt_json_count(theirs)) {
        note_values(c, path, ours, theirs);
        return;
    }
    for (size_t i = 0; i < kt_json_count(ours); i++) {
        const char *at = kt_format(c->arena, "%s[%zu]", path, i);
        if (kt_json_type(kt_json_at(ours, i)) == KT_JSON_OBJECT)
            compare_object(c, at, kt_json_at(ours, i), kt_json_at(theirs, i), depth + 1);
        else if (!is_same_value(c, "", kt_json_at(ours, i), kt_json_at(theirs, i)))
            note_values(c, at, kt_json_at(ours, i), kt_json_at(theirs, i));
    }
}

static void compare_one_id(struct compare *c, const char *path, const struct kt_json *ours,
                           const struct kt_json *theirs)
{
    struct kt_str id = id_of(c, ours);
    struct kt_str there = kt_json_type(theirs) == KT_JSON_OBJECT ? kt_json_text_of(theirs, "id")
                                                                 : kt_json_text(theirs);
    if (id.n == 0 || !kt_str_eq(id, there))
        note(c, path, id, there);
}

static void compare_member(struct compare *c, const char *path, const char *name,
                           const struct kt_json *ours, const struct kt_json *theirs, unsigned depth)
{
    if (depth > DEPTH_MAX)
        return;
    if (strcmp(name, "attributes") == 0)
        compare_attributes(c, path, ours, theirs);
    else if (strcmp(name, "meta_data") == 0)
        compare_meta(c, path, ours, theirs);
    else if (strcmp(name, "images") == 0 || strcmp(name, "categories") == 0)
        compare_ids(c, path, name, ours, theirs);
    else if (kt_json_get(ours, "ref") != NULL)
        compare_one_id(c, path, ours, theirs);
    else if (kt_json_type(ours) == KT_JSON_OBJECT)
        compare_object(c, path, ours, theirs, depth + 1);
    else if (kt_json_type(ours) == KT_JSON_LIST)
        compare_list(c, path, ours, theirs, depth);
    else if (!is_same_value(c, name, ours, theirs))
        note_values(c, path, ours, theirs);
}

static void compare_object(struct compare *c, const char *path, const struct kt_json *ours,
                           const struct kt_json *theirs, unsigned depth)
{
    for (size_t i = 0; i < kt_json_count(ours); i++) {
        const struct kt_json *value = NULL;
        const char *name = kt_json_name_at(ours, i, &value);
        const char *at = path[0] != '\0' ? kt_format(c->arena, "%s.%s", path, name) : name;
        compare_member(c, at, name, value, kt_json_get(theirs, name), depth);
    }
}

void woocommerce_differences(const struct kt_channel *channel, const struct kt_item *item,
                             const struct kt_json *payload, const struct kt_json *theirs,
                             struct kt_compared *out, struct kt_arena *a)
{
    struct compare c = { .channel = channel, .item = item, .out = out, .arena = a };
    out->differs = NULL;
    out->count = 0;
    compare_object(&c, "", payload, theirs, 0);
}
