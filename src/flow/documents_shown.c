/* What a channel shows of the documents of an article: the versions that hold, in its market and
 * language, of the kinds that it is to show. Called when views are made. */
#include "base/path_part.h"
#include "flow/documents.h"

#include <string.h>

const struct kt_shape kt_paper_shape = { "paper", sizeof(struct kt_paper),
                                         (const struct kt_field[]){
                                             KT_TEXT(kt_paper, type, 40, KT_KEY),
                                             KT_TEXT(kt_paper, title, 0, 0),
                                             KT_TEXT(kt_paper, id, 64, KT_KEY),
                                             KT_TEXT(kt_paper, version, 40, KT_KEY),
                                             KT_TEXT(kt_paper, language, 3, 0),
                                             KT_TEXT(kt_paper, url, 0, 0),
                                             KT_TEXT(kt_paper, sha256, 64, 0),
                                             KT_TEXT(kt_paper, media_type, 120, 0),
                                             KT_TEXT(kt_paper, file_name, 255, 0),
                                             KT_INTEGER(kt_paper, size, 0),
                                             KT_DAY(kt_paper, valid_from, 0),
                                             KT_DAY(kt_paper, valid_until, 0),
                                             { 0 },
                                         } };

enum { URL_MAX = 4096 };

bool kt_papers_are_on(const struct kt_site *site, const struct kt_channel_site *channel)
{
    return site->documents.is_on || channel->documents.count > 0;
}

bool kt_papers_shows(const struct kt_site *site, const struct kt_channel_site *channel,
                     struct kt_str type)
{
    for (size_t i = 0; i < channel->documents.count; i++) {
        if (kt_str_is(type, channel->documents.item[i]))
            return true;
    }
    return channel->documents.count == 0 && site->documents.is_on &&
           kt_kind_rule_of(&site->documents, type)->is_public;
}

struct kt_str kt_paper_url(const struct kt_site *site, const struct kt_document *document,
                           struct kt_arena *a)
{
    const char *archive = site->documents.archive;
    const struct kt_str part[] = { document->scope, document->id, document->version };
    struct kt_buf out;
    if (archive == NULL || !kt_kind_rule_of(&site->documents, document->type)->is_public)
        return (struct kt_str){ NULL, 0 };
    kt_buf_init(&out, a, URL_MAX);
    size_t n = strlen(archive);
    while (n > 0 && archive[n - 1] == '/')
        n--;
    kt_buf_put(&out, archive, n);
    kt_buf_text(&out, "/d");
    for (size_t i = 0; i < KT_COUNT(part); i++) {
        kt_buf_char(&out, '/');
        if (part[i].p != NULL) /* ERPs that count no versions */
            kt_path_part_put(&out, part[i]);
    }
    return kt_buf_ok(&out) ? kt_buf_view(&out) : (struct kt_str){ NULL, 0 };
}

/* --- one version as customers see it --- */

static struct kt_str title_in(struct kt_list titles, const char *language)
{
    const struct kt_text *t = titles.item;
    for (size_t i = 0; i < titles.count && language != NULL; i++) {
        if (kt_str_is(t[i].language, language) && t[i].name.n > 0)
            return t[i].name;
    }
    return (struct kt_str){ NULL, 0 };
}

/* Its own in the channel's languages, else that of its kind, else what it is called anywhere. */
static struct kt_str title_of(const struct kt_channel_site *channel, const struct kt_document *d)
{
    const struct kt_document_kind *kind = kt_document_kind_of(d->type);
    const struct kt_text *any = d->titles.item;
    struct kt_str title = title_in(d->titles, channel->language);
    if (title.n == 0)
        title = title_in(d->titles, channel->fallback_language);
    if (title.n == 0)
        title = title_in(d->titles, ""); /* for all */
    if (title.n == 0 && kind != NULL)
        title =
            kt_str_of(kind->title[strcmp(channel->language, "de") == 0 ? KT_LANG_DE : KT_LANG_EN]);
    if (title.n == 0 && d->titles.count > 0)
        title = any[0].name;
    return title.n > 0 ? title : d->type;
}

static bool names_language(const struct kt_document *d, const char *language)
{
    const struct kt_ref *ref = d->languages.item;
    for (size_t i = 0; i < d->languages.count && language != NULL; i++) {
        if (kt_str_is(ref[i].id, language))
            return true;
    }
    return false;
}

/* Of one that holds several languages, the one that this channel's customers read. */
static struct kt_str language_of(const struct kt_channel_site *channel, const struct kt_document *d)
{
    const struct kt_ref *ref = d->languages.item;
    if (d->languages.count == 0)
        return KT_STR("");
    if (names_language(d, channel->language))
        return kt_str_of(channel->language);
    if (names_language(d, channel->fallback_language))
        return kt_str_of(channel->fallback_language);
    return ref[0].id;
}

static void fill_paper(struct kt_work *w, const struct kt_channel_site *channel,
                       const struct kt_document *d, struct kt_paper *out)
{
    struct kt_str url = kt_paper_url(w->site, d, w->arena);
    KT_PUT(out, kt_paper_shape, type, d->type);
    KT_PUT(out, kt_paper_shape, title, title_of(channel, d));
    KT_PUT(out, kt_paper_shape, id, d->id);
    KT_PUT(out, kt_paper_shape, version, d->version.p != NULL ? d->version : KT_STR(""));
    KT_PUT(out, kt_paper_shape, language, language_of(channel, d));
    KT_PUT(out, kt_paper_shape, sha256, d->sha256);
    if (url.p != NULL)
        KT_PUT(out, kt_paper_shape, url, url);
    if (d->media_type.n > 0)
        KT_PUT(out, kt_paper_shape, media_type, d->media_type);
    if (d->file_name.n > 0)
        KT_PUT(out, kt_paper_shape, file_name, d->file_name);
    if (KT_HAS(d, kt_document_shape, size))
        KT_PUT(out, kt_paper_shape, size, d->size);
    if (d->valid_from.y != 0)
        KT_PUT(out, kt_paper_shape, valid_from, d->valid_from);
    if (d->valid_until.y != 0)
        KT_PUT(out, kt_paper_shape, valid_until, d->valid_until);
}

/* --- all of an article --- */

void kt_papers_shown(struct kt_work *w, const struct kt_channel_site *channel,
                     const struct kt_papers *all, const struct kt_goods *goods, int64_t at_us,
                     struct kt_paper **out, struct kt_shown **shown, size_t *count,
                     int64_t *changes_us)
{
    const struct kt_document_ask ask = {
        .sku = goods->sku,
        .product = goods->product,
        .family = goods->family,
        .market = kt_str_of(channel->market),
        .language = kt_str_of(channel->language),
        .fallback_language = kt_str_of(channel->fallback_language),
        .zone = channel->zone,
        .at_us = at_us,
    };
    const struct kt_document_version **holds = NULL;
    struct kt_papers own;
    size_t holding = 0;
    *count = 0;
    *changes_us = KT_NEVER;
    kt_papers_of(all, goods, &own, w->arena);
    kt_documents_holding(own.version, own.versions, &ask, &holds, &holding, changes_us, w->arena);
    *out = KT_NEW_ARRAY(w->arena, holding + 1, struct kt_paper);
    *shown = KT_NEW_ARRAY(w->arena, holding + 1, struct kt_shown);
    for (size_t i = 0; i < holding; i++) {
        const struct kt_document *d = holds[i]->document;
        if (!kt_papers_shows(w->site, channel, d->type))
            continue;
        fill_paper(w, channel, d, &(*out)[*count]);
        (*shown)[(*count)++] =
            (struct kt_shown){ .type = d->type, .row_key = holds[i]->key, .sha256 = d->sha256 };
    }
}
