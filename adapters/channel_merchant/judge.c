/* Can an article stand in a feed? Lengths and needed attributes as Google's product data
 * specification names them (November 2026), judged when a unit comes, so that a person sees what is
 * wrong at once. Pure; called by adapter.c. */
#include <string.h>

#include "adapters/channel_merchant/session.h"

/* Most characters; 0: any. */
static const struct limit {
    const char *name;
    unsigned characters;
    bool is_needed; /* of every variant */
} limits[] = {
    { "id", 50, true },
    { "title", 150, true },
    { "description", 5000, true },
    { "link", 2000, false }, /* made by the setting where the mapping makes none */
    { "image_link", 2000, false },
    { "additional_image_link", 2000, false },
    { "brand", 70, false },
    { "gtin", 14, false },
    { "mpn", 70, false },
    { "item_group_id", 50, false },
    { "product_type", 750, false },
    { "google_product_category", 750, false },
    { "color", 100, false },
    { "material", 200, false },
    { "pattern", 100, false },
    { "size", 100, false },
    { "shipping_label", 100, false },
    { "custom_label_0", 100, false },
    { "custom_label_1", 100, false },
    { "custom_label_2", 100, false },
    { "custom_label_3", 100, false },
    { "custom_label_4", 100, false },
};
enum { PICTURES_MAX = 10 };

bool merchant_is_name(const char *name)
{
    size_t n = 0;
    for (; name[n] != '\0'; n++) {
        const char c = name[n];
        if (!(c >= 'a' && c <= 'z') && (n == 0 || (!(c >= '0' && c <= '9') && c != '_')))
            return false;
    }
    return n > 0;
}

static size_t characters(struct kt_str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
    return n;
}

static const char *record_of(const struct kt_item *item, struct kt_arena *a)
{
    return kt_format(a, "%s %s", kt_unit_name(item->unit), item->key.p);
}

static bool judge_length(const struct kt_item *item, const struct limit *limit,
                         const struct kt_json *value, struct kt_verdict *v, struct kt_arena *a)
{
    for (size_t i = 0; i < kt_json_count(value); i++) {
        if (!judge_length(item, limit, kt_json_at(value, i), v, a))
            return false;
    }
    if (characters(kt_json_text(value)) <= limit->characters)
        return true;
    kt_judge(v, KT_REJECT, KT_RECORD, KT_E_FIELD_TOO_LONG, KT_P_TEXT("record", record_of(item, a)),
             KT_P_TEXT("field", limit->name), KT_P_NUM("limit", limit->characters));
    return false;
}

static void judge_missing(const struct kt_item *item, const char *name, struct kt_verdict *v,
                          struct kt_arena *a)
{
    kt_judge(v, KT_REJECT, KT_RECORD, KT_E_FIELD_MISSING, KT_P_TEXT("record", record_of(item, a)),
             KT_P_TEXT("field", name));
}

/* Member names are elements of the feed: a mapping's own ones must be fit for that. */
static bool judge_names(const struct kt_item *item, const struct kt_json *object,
                        struct kt_verdict *v, struct kt_arena *a)
{
    for (size_t i = 0; i < kt_json_count(object); i++) {
        const struct kt_json *value = NULL;
        const char *name = kt_json_name_at(object, i, &value);
        for (size_t k = 0; kt_json_type(value) == KT_JSON_LIST && k < kt_json_count(value); k++) {
            const struct kt_json *one = kt_json_at(value, k);
            if (kt_json_type(one) == KT_JSON_OBJECT && !judge_names(item, one, v, a))
                return false;
        }
        if (kt_json_type(value) == KT_JSON_OBJECT && !judge_names(item, value, v, a))
            return false;
        if (merchant_is_name(name))
            continue;
        kt_judge(v, KT_REJECT, KT_RECORD, KT_E_FIELD_INVALID,
                 KT_P_TEXT("record", record_of(item, a)), KT_P_TEXT("field", "attribute"),
                 KT_P_TEXT("value", name));
        return false;
    }
    return true;
}

static bool has(const struct kt_json *payload, const char *name)
{
    return kt_str_trim(kt_json_text_of(payload, name)).n > 0;
}

void merchant_judge(const struct kt_channel *channel, const struct kt_item *item,
                    const struct kt_json *payload, struct kt_verdict *v, struct kt_arena *a)
{
    const bool is_variant = item->unit == KT_UNIT_VARIANT;
    if (kt_json_type(payload) != KT_JSON_OBJECT || !judge_names(item, payload, v, a))
        return;
    for (size_t i = 0; i < KT_COUNT(limits); i++) {
        const struct kt_json *value = kt_json_get(payload, limits[i].name);
        if (value != NULL && !judge_length(item, &limits[i], value, v, a))
            return;
        if (is_variant && limits[i].is_needed && !has(payload, limits[i].name)) {
            judge_missing(item, limits[i].name, v, a);
            return;
        }
    }
    if (is_variant && channel->conf->needs_picture && !has(payload, "image_link"))
        judge_missing(item, "image_link", v, a);
    else if (kt_json_count(kt_json_get(payload, "additional_image_link")) > PICTURES_MAX)
        kt_judge(v, KT_REJECT, KT_RECORD, KT_E_FIELD_INVALID,
                 KT_P_TEXT("record", record_of(item, a)),
                 KT_P_TEXT("field", "additional_image_link"),
                 KT_P_TEXT("value", "more than 10 pictures"));
}
