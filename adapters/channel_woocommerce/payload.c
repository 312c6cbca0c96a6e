/* Rewrites a payload for the shop: {"ref": "category …"} and {"ref": "media …"} become ids, or an
 * address that the shop downloads; a global attribute becomes its id. Pure but for the session's
 * list of attributes. Called by push on the session's thread. */
#include "adapters/channel_woocommerce/payload.h"

#include <string.h>

#include "adapters/channel_woocommerce/place.h"

enum { BODY_MAX = 2 << 20 };

/* --- references --- */

void woocommerce_learn(struct woocommerce_learned *l, struct kt_str key, struct kt_str id,
                       struct kt_arena *a)
{
    if (l->count == l->room) {
        size_t room = l->room > 0 ? 2 * l->room : 64;
        struct kt_str *keys = KT_NEW_ARRAY(a, room, struct kt_str);
        struct kt_str *ids = KT_NEW_ARRAY(a, room, struct kt_str);
        if (l->count > 0) {
            memcpy(keys, l->key, l->count * sizeof *keys);
            memcpy(ids, l->id, l->count * sizeof *ids);
        }
        l->key = keys;
        l->id = ids;
        l->room = room;
    }
    l->key[l->count] = key;
    l->id[l->count++] = id;
}

struct kt_str woocommerce_ref_id(const struct woocommerce_learned *l, const struct kt_item_ref *ref)
{
    if (ref->remote_id.n > 0 || l == NULL)
        return ref->remote_id;
    for (size_t i = 0; i < l->count; i++) {
        if (kt_str_eq(l->key[i], ref->key))
            return l->id[i];
    }
    return (struct kt_str){ NULL, 0 };
}

struct kt_item_ref *woocommerce_ref_find(const struct kt_item *item, struct kt_str text)
{
    const char *blank = text.n > 0 ? memchr(text.p, ' ', text.n) : NULL;
    if (blank == NULL)
        return NULL;
    size_t at = (size_t)(blank - text.p);
    struct kt_str unit = kt_str_part(text, 0, at);
    struct kt_str key = kt_str_part(text, at + 1, text.n);
    for (size_t i = 0; i < item->refs; i++) {
        if (kt_str_is(unit, kt_unit_name(item->ref[i].unit)) && kt_str_eq(item->ref[i].key, key))
            return &item->ref[i];
    }
    return NULL;
}

/* --- writing --- */

struct rewrite {
    const struct kt_channel *channel;
    const struct kt_item *item;
    const struct woocommerce_learned *learned;
    const struct woocommerce_names *names;
    struct woocommerce_body *out;
    struct kt_verdict *v;
    struct kt_buf buf;
    struct kt_arena *arena;
};

static void write_value(struct rewrite *r, const char *name, const struct kt_json *j);

static bool is_fine(const struct rewrite *r)
{
    return r->v->rc == KT_OK;
}

/* A member that our own interface adds and the shop does not know. */
static bool is_ours(const char *name, bool is_attribute)
{
    return strcmp(name, "ref") == 0 ||
           (is_attribute && (strcmp(name, "global") == 0 || strcmp(name, "slug") == 0));
}

static void refuse_ref(struct rewrite *r, struct kt_str text)
{
    kt_judge(r->v, KT_REJECT, KT_RECORD, KT_E_CHANNEL_REF_UNKNOWN,
             KT_P_TEXT("unit", woocommerce_unit_text(r->item, r->arena)),
             KT_P_TEXT("ref", text.p != NULL ? text.p : ""));
}

static void write_category(struct rewrite *r, const char *name, const struct kt_item_ref *ref)
{
    struct kt_str id = woocommerce_ref_id(r->learned, ref);
    if (id.n == 0) {
        kt_judge(r->v, KT_WAIT, KT_RECORD, KT_E_PARENT_MISSING,
                 KT_P_TEXT("unit", woocommerce_unit_text(r->item, r->arena)),
                 KT_P_TEXT("parent", kt_format(r->arena, "category %s", ref->key.p)));
        return;
    }
    bool is_plain = name != NULL && strcmp(name, "parent") == 0;
    kt_buf_text(&r->buf, is_plain ? "" : "{\"id\":");
    kt_buf_str(&r->buf, id);
    kt_buf_text(&r->buf, is_plain ? "" : "}");
}

/* With an id the shop keeps its file; alt and name may have changed nevertheless. */
static void write_media(struct rewrite *r, const struct kt_json *j, struct kt_item_ref *ref)
{
    struct kt_str id = woocommerce_ref_id(r->learned, ref);
    struct kt_str src = kt_json_text_of(j, "src");
    bool is_first = true;
    if (src.n == 0 && kt_str_starts(ref->key, "http"))
        src = ref->key;
    if (id.n == 0 && src.n == 0) {
        kt_judge(r->v, KT_REJECT, KT_RECORD, KT_E_FIELD_MISSING,
                 KT_P_TEXT("record", woocommerce_unit_text(r->item, r->arena)),
                 KT_P_TEXT("field", kt_format(r->arena, "src of media %s", ref->key.p)));
        return;
    }
    kt_buf_char(&r->buf, '{');
    if (kt_json_text_of(j, "alt").n > 0) {
        kt_json_put_name(&r->buf, &is_first, "alt");
        kt_json_put_text(&r->buf, kt_json_text_of(j, "alt"));
    }
    if (id.n > 0) {
        kt_json_put_name(&r->buf, &is_first, "id");
        kt_buf_str(&r->buf, id);
        r->out->sent_id = id;
    }
    if (kt_json_text_of(j, "name").n > 0) {
        kt_json_put_name(&r->buf, &is_first, "name");
        kt_json_put_text(&r->buf, kt_json_text_of(j, "name"));
    }
    if (id.n == 0) {
        kt_json_put_name(&r->buf, &is_first, "src");
        kt_json_put_text(&r->buf, src);
    }
    kt_buf_char(&r->buf, '}');
    r->out->src[r->out->images] = id.n == 0 ? src : (struct kt_str){ NULL, 0 };
    r->out->image[r->out->images++] = ref;
}

static void write_ref(struct rewrite *r, const char *name, const struct kt_json *j)
{
    struct kt_str text = kt_json_text_of(j, "ref");
    struct kt_item_ref *ref = woocommerce_ref_find(r->item, text);
    if (ref == NULL)
        refuse_ref(r, text);
    else if (ref->unit == KT_UNIT_MEDIA)
        write_media(r, j, ref);
    else
        write_category(r, name, ref);
}

/* Known by its id, so the label stays with the shop. */
static void write_global(struct rewrite *r, const struct kt_json *j)
{
    struct kt_str id = woocommerce_attribute_id(r->channel, j, r->arena);
    bool is_first = true;
    if (id.p == NULL) {
        const struct kt_verdict *why = woocommerce_attribute_refused(r->names, j);
        if (why != NULL)
            *r->v = *why;
        else
            kt_judge(r->v, KT_REJECT, KT_RECORD, KT_E_CHANNEL_REF_UNKNOWN,
                     KT_P_TEXT("unit", woocommerce_unit_text(r->item, r->arena)),
                     KT_P_TEXT("ref", kt_format(r->arena, "attribute \"%s\"",
                                                kt_json_text_of(j, "name").p)));
        return;
    }
    kt_buf_char(&r->buf, '{');
    kt_json_put_name(&r->buf, &is_first, "id");
    kt_buf_str(&r->buf, id);
    for (size_t i = 0; i < kt_json_count(j); i++) {
        const struct kt_json *value = NULL;
        const char *name = kt_json_name_at(j, i, &value);
        if (is_ours(name, true) || strcmp(name, "name") == 0)
            continue;
        kt_json_put_name(&r->buf, &is_first, name);
        write_value(r, name, value);
    }
    kt_buf_char(&r->buf, '}');
}

static void write_object(struct rewrite *r, const struct kt_json *j, bool is_attribute)
{
    bool is_first = true;
    kt_buf_char(&r->buf, '{');
    for (size_t i = 0; i < kt_json_count(j); i++) {
        const struct kt_json *value = NULL;
        const char *name = kt_json_name_at(j, i, &value);
        if (is_ours(name, is_attribute))
            continue;
        kt_json_put_name(&r->buf, &is_first, name);
        write_value(r, name, value);
    }
    kt_buf_char(&r->buf, '}');
}

/* The same file twice on a page: the shop would drop one of them and shift its answer. */
static bool is_repeated(const struct kt_json *list, size_t at)
{
    struct kt_str text = kt_json_text_of(kt_json_at(list, at), "ref");
    for (size_t i = 0; text.p != NULL && i < at; i++) {
        if (kt_str_eq(kt_json_text_of(kt_json_at(list, i), "ref"), text))
            return true;
    }
    return false;
}

static void write_list(struct rewrite *r, const char *name, const struct kt_json *j)
{
    bool are_attributes = name != NULL && strcmp(name, "attributes") == 0;
    bool are_images = name != NULL && strcmp(name, "images") == 0;
    bool is_first = true;
    kt_buf_char(&r->buf, '[');
    for (size_t i = 0; i < kt_json_count(j); i++) {
        const struct kt_json *entry = kt_json_at(j, i);
        if (is_repeated(j, i))
            continue;
        if (!is_first)
            kt_buf_char(&r->buf, ',');
        is_first = false;
        if (are_images && kt_json_get(entry, "ref") == NULL)
            r->out->image[r->out->images++] = NULL; /* it has a place in the answer, too */
        if (are_attributes && woocommerce_is_global(entry))
            write_global(r, entry);
        else if (are_attributes && kt_json_type(entry) == KT_JSON_OBJECT)
            write_object(r, entry, true);
        else
            write_value(r, NULL, entry);
    }
    kt_buf_char(&r->buf, ']');
}

static void write_value(struct rewrite *r, const char *name, const struct kt_json *j)
{
    if (!is_fine(r))
        return;
    if (kt_json_get(j, "ref") != NULL)
        write_ref(r, name, j);
    else if (kt_json_type(j) == KT_JSON_OBJECT)
        write_object(r, j, false);
    else if (kt_json_type(j) == KT_JSON_LIST)
        write_list(r, name, j);
    else
        kt_json_write(&r->buf, j);
}

void woocommerce_body_make(const struct kt_channel *channel, const struct kt_item *item,
                           const struct kt_json *payload, const struct woocommerce_learned *learned,
                           const struct woocommerce_names *names, struct woocommerce_body *out,
                           struct kt_verdict *v, struct kt_arena *a)
{
    size_t room = kt_json_count(kt_json_get(payload, "images")) + 1;
    struct rewrite r = { .channel = channel,
                         .item = item,
                         .learned = learned,
                         .names = names,
                         .out = out,
                         .v = v,
                         .arena = a };
    *out = (struct woocommerce_body){ .image = KT_NEW_ARRAY(a, room, struct kt_item_ref *),
                                      .src = KT_NEW_ARRAY(a, room, struct kt_str) };
    *v = (struct kt_verdict){ .rc = KT_OK };
    kt_buf_init(&r.buf, a, BODY_MAX);
    write_object(&r, payload, false);
    if (is_fine(&r) && !kt_buf_ok(&r.buf))
        kt_judge(v, KT_REJECT, KT_RECORD, KT_E_FIELD_TOO_LONG,
                 KT_P_TEXT("record", woocommerce_unit_text(item, a)), KT_P_TEXT("field", "payload"),
                 KT_P_NUM("limit", BODY_MAX));
    out->text = kt_buf_view(&r.buf);
}

/* --- uploads --- */

static size_t note_upload(const struct kt_item *item, const struct kt_json *image,
                          const struct woocommerce_learned *learned, struct kt_item_ref **which,
                          size_t count, size_t room)
{
    struct kt_item_ref *ref = woocommerce_ref_find(item, kt_json_text_of(image, "ref"));
    if (ref == NULL || ref->unit != KT_UNIT_MEDIA || woocommerce_ref_id(learned, ref).n > 0)
        return count;
    if (count < room)
        which[count] = ref;
    return count + 1;
}

size_t woocommerce_uploads(const struct kt_item *item, const struct kt_json *payload,
                           const struct woocommerce_learned *learned, struct kt_item_ref **which,
                           size_t room)
{
    const struct kt_json *images = kt_json_get(payload, "images");
    size_t count = note_upload(item, kt_json_get(payload, "image"), learned, which, 0, room);
    for (size_t i = 0; i < kt_json_count(images); i++)
        count = note_upload(item, kt_json_at(images, i), learned, which, count, room);
    return count;
}
