/* One article of the feed: the payloads of its units put together into an <item>. What a later one
 * says stands: page, variant, price, stock. Pure; called by feed.c. */
#include <string.h>

#include "adapters/channel_merchant/session.h"
#include "base/xml_write.h"

static const enum kt_unit layers[] = { KT_UNIT_PRODUCT, KT_UNIT_VARIANT, KT_UNIT_PRICE,
                                       KT_UNIT_STOCK };
enum { LAYERS = KT_COUNT(layers), LINK_MAX = 2000 };

struct merged {
    const struct kt_json *layer[LAYERS];
};

static const struct kt_json *member(const struct merged *m, const char *name)
{
    for (size_t i = LAYERS; i > 0; i--) {
        const struct kt_json *value = kt_json_get(m->layer[i - 1], name);
        if (value != NULL)
            return value;
    }
    return NULL;
}

/* --- the address in the shop --- */

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

static void put_encoded(struct kt_buf *out, struct kt_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (is_unreserved(text.p[i]))
            kt_buf_char(out, text.p[i]);
        else
            kt_buf_format(out, "%%%02X", (unsigned char)text.p[i]);
    }
}

/* The part of the pattern up to the next brace, and the name inside it; name empty: there is none.
 * *rest NULL: a brace without its other one. */
static struct kt_str next_part(const char *pattern, struct kt_str *name, const char **rest)
{
    const char *open = strchr(pattern, '{');
    const char *close = open != NULL ? strchr(open, '}') : NULL;
    *name = KT_STR("");
    *rest = open == NULL ? pattern + strlen(pattern) : NULL;
    if (close != NULL) {
        *name = (struct kt_str){ open + 1, (size_t)(close - open) - 1 };
        *rest = close + 1;
    }
    const struct kt_str text = kt_str_of(pattern);
    return open != NULL ? kt_str_part(text, 0, (size_t)(open - pattern)) : text;
}

bool merchant_is_link(const char *pattern)
{
    struct kt_arena *a = kt_arena_new();
    const char *host = strncmp(pattern, "https://", 8) == 0  ? pattern + 8
                       : strncmp(pattern, "http://", 7) == 0 ? pattern + 7
                                                             : "";
    bool is = host[0] != '\0' && host[0] != '/' && host[0] != '{' && strlen(pattern) < LINK_MAX &&
              strpbrk(pattern, " \t\r\n\"<>") == NULL;
    for (const char *at = pattern; is && *at != '\0';) {
        struct kt_str name;
        const char *rest = NULL;
        const struct kt_str before = next_part(at, &name, &rest);
        is = rest != NULL && memchr(before.p, '}', before.n) == NULL &&
             (name.n > 0) == (strchr(at, '{') != NULL);
        if (is && name.n > 0)
            is = merchant_is_name(kt_str_copy(a, name).p);
        at = is ? rest : "";
    }
    kt_arena_free(a);
    return is;
}

/* False: the article lacks what the address is made of. */
static bool make_link(const char *pattern, const struct merged *m, struct kt_buf *out,
                      struct kt_arena *a)
{
    bool is_whole = true;
    for (const char *at = pattern; is_whole && *at != '\0';) {
        struct kt_str name;
        const char *rest = NULL;
        kt_buf_str(out, next_part(at, &name, &rest));
        if (name.n > 0) {
            const struct kt_str value = kt_json_text(member(m, kt_str_copy(a, name).p));
            put_encoded(out, value);
            is_whole = value.n > 0;
        }
        at = rest != NULL ? rest : "";
    }
    return is_whole && kt_buf_ok(out);
}

/* --- writing --- */

static void put_leaf(struct kt_buf *out, const char *name, struct kt_str text)
{
    if (text.n == 0)
        return;
    kt_buf_format(out, "<g:%s>", name);
    kt_xml_put_text(out, text);
    kt_buf_format(out, "</g:%s>\n", name);
}

static void put_value(struct kt_buf *out, const char *name, const struct kt_json *value,
                      unsigned depth)
{
    enum { DEEPEST = 4 };
    const bool is_list = kt_json_type(value) == KT_JSON_LIST;
    if (depth > DEEPEST)
        return;
    for (size_t i = 0; is_list && i < kt_json_count(value); i++)
        put_value(out, name, kt_json_at(value, i), depth + 1);
    if (kt_json_type(value) == KT_JSON_BOOL) {
        put_leaf(out, name, kt_json_is_true(value) ? KT_STR("yes") : KT_STR("no"));
    } else if (kt_json_type(value) == KT_JSON_OBJECT && kt_json_count(value) > 0) {
        kt_buf_format(out, "<g:%s>\n", name);
        for (size_t i = 0; i < kt_json_count(value); i++) {
            const struct kt_json *inner = NULL;
            const char *inner_name = kt_json_name_at(value, i, &inner);
            if (merchant_is_name(inner_name))
                put_value(out, inner_name, inner, depth + 1);
        }
        kt_buf_format(out, "</g:%s>\n", name);
    } else {
        put_leaf(out, name, kt_json_text(value));
    }
}

/* Each member once: of the last layer that has it. */
static void put_members(struct kt_buf *out, const struct merged *m)
{
    for (size_t i = 0; i < LAYERS; i++) {
        for (size_t k = 0; k < kt_json_count(m->layer[i]); k++) {
            const struct kt_json *value = NULL;
            const char *name = kt_json_name_at(m->layer[i], k, &value);
            if (merchant_is_name(name) && member(m, name) == value)
                put_value(out, name, value, 0);
        }
    }
}

static bool read_layers(const struct kt_offer *offer, struct merged *m, struct kt_arena *a)
{
    for (size_t i = 0; i < LAYERS; i++) {
        const struct kt_str payload = offer->payload[layers[i]];
        struct kt_err e = { 0 };
        if (payload.n == 0 && layers[i] != KT_UNIT_STOCK)
            return false; /* withdrawn, or not there yet */
        if (payload.n > 0 &&
            (kt_json_parse(&m->layer[i], payload, a, &e) != KT_OK ||
             (kt_json_type(m->layer[i]) != KT_JSON_OBJECT && kt_json_count(m->layer[i]) > 0)))
            return false; /* push has judged it, so it was another version that wrote it */
    }
    return true;
}

bool merchant_put_item(const struct kt_channel *channel, const struct kt_offer *offer,
                       struct kt_buf *out, struct kt_arena *a)
{
    struct merged m = { { NULL } };
    struct kt_buf link;
    kt_buf_init(&link, a, LINK_MAX);
    if (!read_layers(offer, &m, a) || kt_json_text(member(&m, "price")).n == 0)
        return false;
    const bool has_link = kt_json_text(member(&m, "link")).n > 0;
    if (!has_link && !make_link(channel->conf->link, &m, &link, a))
        return false;
    kt_buf_text(out, "<item>\n");
    put_members(out, &m);
    if (!has_link)
        put_leaf(out, "link", kt_buf_view(&link));
    if (kt_json_text(member(&m, "availability")).n == 0)
        put_leaf(out, "availability", KT_STR("out_of_stock"));
    kt_buf_text(out, "</item>\n");
    return kt_buf_ok(out);
}
