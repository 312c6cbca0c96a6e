/* Pictures. Vendure fetches nothing by address, so a file is read from where the ERP keeps it (only
 * below media_url, and no larger than max_media) and handed on as a multipart upload, once: it is
 * tagged with its key, looked up by that tag, and its id is learned. The session's thread; called
 * by the push of pages and variants. */
#include <string.h>

#include "adapters/channel_vendure/push_inner.h"
#include "base/hash.h"

enum { TAGS_MAX = 80, BODY_MAX = 1 << 20, TAG_MAX = 80 };

struct upload {
    struct kt_item_ref *ref;
    struct kt_str src;
    struct kt_str tag;
    struct kt_str id;
    struct vendure_job *job; /* the first one that shows it */
    bool is_refused;
    struct kt_verdict v;
};

struct media {
    struct vendure_push *p;
    struct upload *upload;
    size_t count;
};

bool vendure_sends_media(const struct kt_channel *channel)
{
    return channel->conf->media_url != NULL;
}

static struct kt_str tag_of(struct kt_str key, struct kt_arena *a)
{
    uint8_t digest[KT_HASH_BYTES];
    char hex[KT_HASH_TEXT_MAX];
    kt_sha256(key, digest);
    kt_hex(digest, sizeof digest, hex);
    return kt_str_of(kt_format(a, VENDURE_PREFIX "%.40s", hex));
}

/* --- what is needed --- */

static struct upload *upload_of(const struct media *m, struct kt_str key)
{
    for (size_t i = 0; i < m->count; i++) {
        if (kt_str_eq(m->upload[i].ref->key, key))
            return &m->upload[i];
    }
    return NULL;
}

static size_t collect(struct media *m, bool is_counting)
{
    size_t room = 0;
    for (size_t i = 0; i < m->p->count; i++) {
        struct vendure_job *job = &m->p->job[i];
        const struct kt_json *images = kt_json_get(job->payload, "images");
        for (size_t k = 0; k < kt_json_count(images) && !job->is_judged; k++) {
            const struct kt_json *image = kt_json_at(images, k);
            struct kt_str text = kt_json_text_of(image, "ref");
            struct kt_item_ref *ref = vendure_ref_find(job->item, text);
            room++;
            if (is_counting)
                continue;
            if (ref == NULL || ref->unit != KT_UNIT_MEDIA)
                vendure_judge_ref(job, text, m->p->arena);
            else if (upload_of(m, ref->key) == NULL)
                m->upload[m->count++] = (struct upload){
                    .ref = ref,
                    .src = kt_json_text_of(image, "src"),
                    .tag = tag_of(ref->key, m->p->arena),
                    .id =
                        vendure_is_id(ref->remote_id) ? ref->remote_id : (struct kt_str){ NULL, 0 },
                    .job = job,
                };
        }
    }
    return room;
}

/* A picture that somebody deleted over there would make the whole page fail with a bare error of
 * its database: it is taken for one that was never sent. */
static enum kt_rc check_known(struct media *m, struct kt_err *e)
{
    struct kt_arena *a = m->p->arena;
    struct kt_str *id = KT_NEW_ARRAY(a, m->count + 1, struct kt_str);
    struct upload **of = KT_NEW_ARRAY(a, m->count + 1, struct upload *);
    const struct kt_json **row = KT_NEW_ARRAY(a, m->count + 1, const struct kt_json *);
    size_t n = 0;
    for (size_t i = 0; i < m->count; i++) {
        if (m->upload[i].id.p == NULL)
            continue;
        of[n] = &m->upload[i];
        id[n++] = m->upload[i].id;
    }
    enum kt_rc rc = vendure_read_ids(
        m->p->channel,
        "query($ids:[String!]!){assets(options:{take:100,filter:{id:{in:$ids}}}){items{id}}}",
        "assets", id, n, row, a, e);
    for (size_t i = 0; rc == KT_OK && i < n; i++) {
        if (row[i] == NULL)
            of[i]->id = (struct kt_str){ NULL, 0 };
    }
    return rc;
}

/* An earlier upload's answer may have been lost, or another page has shown it. */
static enum kt_rc look_up(struct media *m, struct kt_err *e)
{
    struct kt_arena *a = m->p->arena;
    struct kt_str *tag = KT_NEW_ARRAY(a, m->count + 1, struct kt_str);
    size_t n = 0;
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; i < m->count; i++) {
        if (m->upload[i].id.p == NULL)
            tag[n++] = m->upload[i].tag;
    }
    for (size_t from = 0; rc == KT_OK && from < n; from += TAGS_MAX) {
        struct vendure_answer answer = { 0 };
        struct kt_buf b;
        kt_buf_init(&b, a, BODY_MAX);
        kt_buf_text(&b, "{\"tags\":");
        vendure_put_texts(&b, tag + from, n - from < TAGS_MAX ? n - from : TAGS_MAX);
        kt_buf_char(&b, '}');
        struct vendure_call q = {
            .query = "query($tags:[String!]!){assets(options:{take:100,tags:$tags,tagsOperator:OR,"
                     "sort:{id:ASC}}){items{id tags{value}}}}",
            .variables = kt_buf_view(&b),
            .what = "pictures",
        };
        rc = vendure_call(m->p->channel, &q, &answer, a, e);
        const struct kt_json *items = kt_json_get(kt_json_get(answer.data, "assets"), "items");
        for (size_t i = 0; rc == KT_OK && i < kt_json_count(items); i++) {
            const struct kt_json *tags = kt_json_get(kt_json_at(items, i), "tags");
            for (size_t t = 0; t < kt_json_count(tags); t++) {
                struct kt_str value = kt_json_text_of(kt_json_at(tags, t), "value");
                for (size_t k = 0; k < m->count; k++) {
                    if (m->upload[k].id.p == NULL && kt_str_eq(m->upload[k].tag, value))
                        m->upload[k].id =
                            kt_str_copy(a, kt_json_text_of(kt_json_at(items, i), "id"));
                }
            }
        }
    }
    return rc;
}

/* --- fetching --- */

static void refuse(struct media *m, struct upload *u, enum kt_rc rc, const char *why)
{
    u->is_refused = true;
    kt_judge(&u->v, rc, KT_RECORD, KT_E_CHANNEL_IMAGE_UNREADABLE,
             KT_P_TEXT("unit", vendure_unit_text(u->job->item, m->p->arena)),
             KT_P_TEXT("url", u->src.n > 0 ? u->src.p : "without an address"),
             KT_P_TEXT("message", why));
}

/* The part behind media_url; NULL: it does not lie there. */
static const char *path_below(const struct kt_channel *channel, struct kt_str src)
{
    const char *base = channel->conf->media_url;
    size_t n = strlen(base);
    while (n > 0 && base[n - 1] == '/')
        n--;
    if (src.n <= n || strncmp(src.p, base, n) != 0 || src.p[n] != '/')
        return NULL;
    const char *path = src.p + n;
    bool climbs = strstr(path, "/../") != NULL || strstr(path, "/./") != NULL ||
                  strstr(path, "%2e") != NULL || strstr(path, "%2E") != NULL ||
                  strpbrk(path, "#\\ \r\n\t") != NULL;
    return climbs ? NULL : path;
}

static enum kt_rc open_media(struct kt_channel *channel, struct kt_err *e)
{
    char *base = kt_text_copy(channel->arena, channel->conf->media_url);
    size_t n = strlen(base);
    while (n > 0 && base[n - 1] == '/')
        base[--n] = '\0';
    channel->media_conf = channel->http_conf;
    channel->media_conf.url = base;
    channel->media_conf.client_cert = NULL; /* those are for the shop */
    channel->media_conf.client_key = NULL;
    channel->media_conf.max_answer = channel->conf->max_media;
    return kt_http_open(&channel->media, &channel->media_conf, "media_url", &channel->env->log, e);
}

static enum kt_rc fetch(struct media *m, struct upload *u, struct kt_http_answer *answer,
                        struct kt_err *e)
{
    struct kt_channel *channel = m->p->channel;
    struct kt_err why = { 0 };
    const char *path = u->src.n > 0 ? path_below(channel, u->src) : NULL;
    if (path == NULL) {
        refuse(m, u, KT_REJECT, "it does not lie below media_url");
        return KT_OK;
    }
    if (channel->media == NULL) {
        enum kt_rc rc = open_media(channel, e);
        if (rc != KT_OK)
            return rc;
    }
    struct kt_http_request q = { .method = "GET", .path = path, .accept = "image/*" };
    enum kt_rc rc = kt_http_call(channel->media, &q, answer, m->p->arena, &why);
    if (rc != KT_OK)
        refuse(m, u, why.v.code == KT_E_PARTNER_ANSWER_TOO_LARGE ? KT_REJECT : KT_RETRY,
               kt_code_name(why.v.code));
    else if (answer->status >= 500 || answer->status == 429 || answer->status == 408)
        refuse(m, u, KT_RETRY, kt_format(m->p->arena, "HTTP %u", answer->status));
    else if (answer->status != 200)
        refuse(m, u, KT_REJECT, kt_format(m->p->arena, "HTTP %u", answer->status));
    else if (!kt_str_starts(answer->content_type, "image/") || answer->body.n == 0)
        refuse(m, u, KT_REJECT,
               answer->content_type.n > 0 ? answer->content_type.p : "an empty file");
    return KT_OK;
}

/* --- uploading --- */

static const char *ending_of(struct kt_str type)
{
    static const char *const known[][2] = { { "image/jpeg", "jpg" },    { "image/png", "png" },
                                            { "image/gif", "gif" },     { "image/webp", "webp" },
                                            { "image/svg+xml", "svg" }, { "image/avif", "avif" } };
    for (size_t i = 0; i < KT_COUNT(known); i++) {
        if (kt_str_is(type, known[i][0]))
            return known[i][1];
    }
    return "img";
}

/* graphql-multipart-request-spec: operations, map, then the file. */
static struct kt_str multipart(const struct upload *u, const struct kt_http_answer *file,
                               const char *boundary, size_t room, struct kt_arena *a)
{
    struct kt_buf b;
    kt_buf_init(&b, a, file->body.n + room);
    kt_buf_format(&b,
                  "--%s\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n"
                  "{\"query\":\"mutation($input:[CreateAssetInput!]!){createAssets(input:$input)"
                  "{...on Asset{id}...on ErrorResult{errorCode message}}}\",\"variables\":"
                  "{\"input\":[{\"file\":null,\"tags\":[\"%s\"]}]}}\r\n",
                  boundary, u->tag.p);
    kt_buf_format(&b,
                  "--%s\r\nContent-Disposition: form-data; name=\"map\"\r\n\r\n"
                  "{\"0\":[\"variables.input.0.file\"]}\r\n"
                  "--%s\r\nContent-Disposition: form-data; name=\"0\"; filename=\"%s.%s\"\r\n"
                  "Content-Type: %s\r\n\r\n",
                  boundary, boundary, u->tag.p, ending_of(file->content_type),
                  file->content_type.p);
    kt_buf_str(&b, file->body);
    kt_buf_format(&b, "\r\n--%s--\r\n", boundary);
    KT_ASSERT(kt_buf_ok(&b));
    return kt_buf_view(&b);
}

static enum kt_rc send(struct media *m, struct upload *u, const struct kt_http_answer *file,
                       struct kt_err *e)
{
    struct kt_arena *a = m->p->arena;
    struct vendure_answer answer = { 0 };
    const char *boundary = kt_format(a, "----%s", u->tag.p); /* a hash: in no file by accident */
    struct vendure_call q = {
        .query = "",
        .what = "the upload of a picture",
        .is_write = true,
        .is_once = true,
        .upload = multipart(u, file, boundary, 4096, a),
        .upload_type = kt_format(a, "multipart/form-data; boundary=%s", boundary),
    };
    enum kt_rc rc = vendure_call(m->p->channel, &q, &answer, a, e);
    if (rc != KT_OK) {
        if (rc == KT_UNSURE) /* looked up by its tag before it is sent again */
            e->v.rc = KT_RETRY;
        return kt_trail(e, "media %s", u->ref->key.p);
    }
    const struct kt_json *asset = kt_json_at(kt_json_get(answer.data, "createAssets"), 0);
    struct kt_str id = kt_json_text_of(asset, "id");
    if (vendure_error_of(asset).n > 0)
        refuse(m, u, KT_REJECT, kt_json_text_of(asset, "message").p);
    else if (vendure_is_id(id))
        u->id = kt_str_copy(a, id);
    else
        refuse(m, u, KT_RETRY, "no id in the answer");
    return KT_OK;
}

static enum kt_rc upload_all(struct media *m, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < m->count; i++) {
        struct upload *u = &m->upload[i];
        struct kt_http_answer file = { 0 };
        if (u->id.p != NULL || !vendure_has_time(m->p->channel))
            continue;
        rc = fetch(m, u, &file, e);
        if (rc == KT_OK && !u->is_refused && vendure_has_time(m->p->channel))
            rc = send(m, u, &file, e);
    }
    return rc;
}

/* --- the result --- */

static void give(struct media *m, struct vendure_job *job)
{
    struct kt_arena *a = m->p->arena;
    const struct kt_json *images = kt_json_get(job->payload, "images");
    job->asset = KT_NEW_ARRAY(a, kt_json_count(images) + 1, struct kt_str);
    for (size_t k = 0; k < kt_json_count(images) && !job->is_judged; k++) {
        struct kt_item_ref *ref =
            vendure_ref_find(job->item, kt_json_text_of(kt_json_at(images, k), "ref"));
        const struct upload *u = ref != NULL ? upload_of(m, ref->key) : NULL;
        bool is_twice = false;
        if (u == NULL) /* collect has judged a payload that names what it was not given */
            continue;
        if (u->is_refused) {
            job->is_judged = true;
            job->result->v = u->v;
        } else if (u->id.p == NULL) {
            vendure_postpone(job, a);
        }
        for (size_t i = 0; i < job->assets; i++)
            is_twice = is_twice || kt_str_eq(job->asset[i], u->id);
        if (!job->is_judged && !is_twice)
            job->asset[job->assets++] = u->id;
        if (!kt_str_eq(ref->remote_id, u->id))
            ref->learned_id = u->id;
    }
}

enum kt_rc vendure_media_ensure(struct vendure_push *p, struct kt_err *e)
{
    struct media m = { .p = p };
    if (!vendure_sends_media(p->channel))
        return KT_OK;
    m.upload = KT_NEW_ARRAY(p->arena, collect(&m, true) + 1, struct upload);
    (void)collect(&m, false); /* the count is known */
    enum kt_rc rc = check_known(&m, e);
    if (rc == KT_OK)
        rc = look_up(&m, e);
    if (rc == KT_OK)
        rc = upload_all(&m, e);
    for (size_t i = 0; rc == KT_OK && i < p->count; i++) {
        if (!p->job[i].is_judged)
            give(&m, &p->job[i]);
    }
    return rc;
}
