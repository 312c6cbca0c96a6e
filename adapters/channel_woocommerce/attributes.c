/* Global attributes: the shop's list, kept for ten minutes of a session, and what is missing in it,
 * created by one batch. A slug has at most 28 bytes, and words of WordPress are reserved: a name
 * that is refused gets a second slug, once. The session's thread; called by push and compare. */
#include "adapters/channel_woocommerce/attributes.h"

#include <string.h>

#include "adapters/channel_woocommerce/call.h"
#include "base/hash.h"

enum { SLUG_MAX = 28, KEEP_S = 600, BODY_MAX = 1 << 20, HASH_DIGITS = 5 };
#define ATTRIBUTES "/wp-json/wc/v3/products/attributes"

bool woocommerce_is_global(const struct kt_json *entry)
{
    return kt_json_is_true(kt_json_get(entry, "global"));
}

/* --- slugs --- */

static char slug_char(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '-';
}

/* Lower case, words joined by '-'; what is no ASCII letter or digit parts words. */
static struct kt_str slug_text(struct kt_str name, struct kt_arena *a)
{
    char *out = kt_alloc(a, name.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < name.n; i++) {
        char c = slug_char(name.p[i]);
        if (c != '-' || (n > 0 && out[n - 1] != '-'))
            out[n++] = c;
    }
    while (n > 0 && out[n - 1] == '-')
        n--;
    out[n] = '\0';
    return (struct kt_str){ out, n };
}

/* At most SLUG_MAX bytes. What is cut, or was written with other letters, gets a mark of the name,
 * so that two long names stay two. */
static struct kt_str slug_of(const struct kt_json *entry, const char *tail, struct kt_arena *a)
{
    struct kt_str name = kt_json_text_of(entry, "name");
    struct kt_str given = kt_json_text_of(entry, "slug");
    struct kt_str slug = slug_text(given.n > 0 ? given : name, a);
    size_t room = SLUG_MAX - strlen(tail);
    bool is_plain = slug.n > 0 && slug.n <= room && (given.n > 0 || slug.n >= name.n);
    if (is_plain)
        return kt_str_of(kt_format(a, "%s%s", slug.p, tail));
    uint8_t digest[KT_HASH_BYTES];
    char hex[KT_HASH_TEXT_MAX];
    kt_sha256(name, digest);
    kt_hex(digest, sizeof digest, hex);
    size_t keep = slug.n < room - HASH_DIGITS - 1 ? slug.n : room - HASH_DIGITS - 1;
    return kt_str_of(kt_format(a, "%.*s%s%.*s%s", (int)keep, slug.p, keep > 0 ? "-" : "a",
                               HASH_DIGITS, hex, tail));
}

/* --- the list --- */

static struct kt_str without_prefix(struct kt_str slug)
{
    return kt_str_starts(slug, "pa_") ? kt_str_part(slug, 3, slug.n - 3) : slug;
}

static void forget(struct kt_channel *channel)
{
    channel->attributes = 0;
    channel->attributes_us = 0;
}

enum kt_rc woocommerce_attributes_read(struct kt_channel *channel, struct kt_arena *a,
                                       struct kt_err *e)
{
    const struct kt_json *rows = NULL;
    struct woocommerce_call q = { .method = "GET",
                                  .path = ATTRIBUTES "?_fields=id,name,slug",
                                  .what = "the list of attributes" };
    int64_t now_us = kt_mono_us();
    if (channel->attributes_us > 0 && now_us - channel->attributes_us < KEEP_S * KT_SECOND)
        return KT_OK;
    forget(channel);
    enum kt_rc rc = woocommerce_rows(channel, &q, &rows, a, e);
    if (rc != KT_OK)
        return rc;
    kt_arena_reset(channel->attributes_arena);
    size_t count = kt_json_count(rows);
    channel->attribute =
        KT_NEW_ARRAY(channel->attributes_arena, count + 1, struct woocommerce_attribute);
    for (size_t i = 0; i < count; i++) {
        const struct kt_json *row = kt_json_at(rows, i);
        struct woocommerce_attribute one = {
            .id = kt_str_copy(channel->attributes_arena, kt_json_text_of(row, "id")),
            .slug = kt_str_copy(channel->attributes_arena,
                                without_prefix(kt_json_text_of(row, "slug"))),
            .name = kt_str_copy(channel->attributes_arena, kt_json_text_of(row, "name")),
        };
        if (woocommerce_is_id(one.id))
            channel->attribute[channel->attributes++] = one;
    }
    channel->attributes_us = now_us;
    return KT_OK;
}

static struct kt_str by_slug(const struct kt_channel *channel, struct kt_str slug)
{
    for (size_t i = 0; i < channel->attributes; i++) {
        if (kt_str_eq(channel->attribute[i].slug, slug))
            return channel->attribute[i].id;
    }
    return (struct kt_str){ NULL, 0 };
}

static struct kt_str by_name(const struct kt_channel *channel, struct kt_str name)
{
    for (size_t i = 0; i < channel->attributes; i++) {
        if (kt_str_eq(channel->attribute[i].name, name))
            return channel->attribute[i].id;
    }
    return (struct kt_str){ NULL, 0 };
}

/* The slug of our own making comes first; a shop that had the attribute before knows it by name. */
struct kt_str woocommerce_attribute_id(const struct kt_channel *channel,
                                       const struct kt_json *entry, struct kt_arena *a)
{
    struct kt_str id = by_slug(channel, slug_of(entry, "", a));
    if (id.p == NULL)
        id = by_slug(channel, slug_of(entry, "-k", a));
    return id.p != NULL ? id : by_name(channel, kt_json_text_of(entry, "name"));
}

/* --- what is missing --- */

static bool is_same_entry(const struct kt_json *a, const struct kt_json *b)
{
    return kt_str_eq(kt_json_text_of(a, "name"), kt_json_text_of(b, "name")) &&
           kt_str_eq(kt_json_text_of(a, "slug"), kt_json_text_of(b, "slug"));
}

static void add_name(struct woocommerce_names *names, const struct kt_json *entry,
                     struct kt_arena *a)
{
    for (size_t i = 0; i < names->count; i++) {
        if (is_same_entry(names->entry[i], entry))
            return;
    }
    if (names->count == names->room) {
        size_t room = names->room > 0 ? 2 * names->room : 8;
        const struct kt_json **grown = KT_NEW_ARRAY(a, room, const struct kt_json *);
        if (names->count > 0)
            memcpy(grown, names->entry, names->count * sizeof(const struct kt_json *));
        names->entry = grown;
        names->room = room;
    }
    names->entry[names->count++] = entry;
}

void woocommerce_names_add(struct woocommerce_names *names, const struct kt_json *payload,
                           struct kt_arena *a)
{
    const struct kt_json *list = kt_json_get(payload, "attributes");
    for (size_t i = 0; i < kt_json_count(list); i++) {
        if (woocommerce_is_global(kt_json_at(list, i)))
            add_name(names, kt_json_at(list, i), a);
    }
}

static void note_refusal(struct woocommerce_names *names, size_t i, const struct kt_json *error,
                         struct kt_arena *a)
{
    const char *unit = kt_format(a, "attribute \"%s\"", kt_json_text_of(names->entry[i], "name").p);
    struct kt_str message = kt_json_text_of(error, "message");
    struct kt_str code = kt_json_text_of(error, "code");
    kt_judge(&names->refused[i], KT_REJECT, KT_RECORD, KT_E_CHANNEL_REFUSED,
             KT_P_TEXT("unit", unit), KT_P_TEXT("message", message.p), KT_P_TEXT("id", code.p));
}

/* Creates the first WOOCOMMERCE_BATCH of those that are not in the list. */
static enum kt_rc create(struct kt_channel *channel, struct woocommerce_names *names,
                         const char *tail, size_t *asked, struct kt_arena *a, struct kt_err *e)
{
    struct kt_buf body;
    size_t at[WOOCOMMERCE_BATCH];
    bool is_expected = false;
    const struct kt_json *answer = NULL;
    kt_buf_init(&body, a, BODY_MAX);
    kt_buf_text(&body, "{\"create\":[");
    *asked = 0;
    for (size_t i = 0; i < names->count && *asked < WOOCOMMERCE_BATCH; i++) {
        if (woocommerce_attribute_id(channel, names->entry[i], a).p != NULL)
            continue;
        kt_buf_text(&body, *asked > 0 ? ",{\"has_archives\":false,\"name\":"
                                      : "{\"has_archives\":false,\"name\":");
        kt_json_put_text(&body, kt_json_text_of(names->entry[i], "name"));
        kt_buf_text(&body, ",\"slug\":");
        kt_json_put_text(&body, slug_of(names->entry[i], tail, a));
        kt_buf_char(&body, '}');
        at[(*asked)++] = i;
    }
    kt_buf_text(&body, "]}");
    if (*asked == 0 || !kt_buf_ok(&body))
        return KT_OK; /* a body that is too large leaves them without an id: refused one by one */
    struct woocommerce_call q = { .method = "POST",
                                  .path = ATTRIBUTES "/batch",
                                  .body = kt_buf_view(&body),
                                  .what = "attributes",
                                  .is_write = true,
                                  .is_once = true };
    enum kt_rc rc = woocommerce_call(channel, &q, &answer, &is_expected, a, e);
    forget(channel); /* whatever happened, the list is another by now */
    for (size_t i = 0; rc == KT_OK && i < *asked; i++) {
        const struct kt_json *error =
            kt_json_get(kt_json_at(kt_json_get(answer, "create"), i), "error");
        if (error != NULL)
            note_refusal(names, at[i], error, a);
    }
    return rc;
}

/* The list is read again behind each try: somebody else may have created it meanwhile. */
static enum kt_rc ensure(struct kt_channel *channel, struct woocommerce_names *names,
                         struct kt_arena *a, struct kt_err *e)
{
    static const char *const tails[] = { "", "-k" };
    size_t asked = 1;
    enum kt_rc rc = woocommerce_attributes_read(channel, a, e);
    for (size_t i = 0; rc == KT_OK && asked > 0 && i < KT_COUNT(tails); i++) {
        rc = create(channel, names, tails[i], &asked, a, e);
        if (rc == KT_OK)
            rc = woocommerce_attributes_read(channel, a, e);
    }
    return rc;
}

enum kt_rc woocommerce_attributes_ensure(struct kt_channel *channel,
                                         struct woocommerce_names *names, struct kt_arena *a,
                                         struct kt_err *e)
{
    if (names->count == 0)
        return KT_OK;
    names->refused = KT_NEW_ARRAY(a, names->count, struct kt_verdict);
    enum kt_rc rc = ensure(channel, names, a, e);
    if (rc == KT_OK)
        return KT_OK;
    if (rc == KT_UNSURE || (rc == KT_REJECT && e->v.reach == KT_RECORD))
        e->v.rc = KT_RETRY; /* of the units that were to be sent nothing has happened */
    return kt_trail(e, "attributes");
}

const struct kt_verdict *woocommerce_attribute_refused(const struct woocommerce_names *names,
                                                       const struct kt_json *entry)
{
    for (size_t i = 0; i < names->count; i++) {
        if (is_same_entry(names->entry[i], entry) && names->refused[i].rc != KT_OK)
            return &names->refused[i];
    }
    return NULL;
}
