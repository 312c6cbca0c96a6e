/* What pages say of a document: its name, days, languages, markets, size. Pure but for the page.
 * Workers of the archive call. */
#include "archive/inner.h"
#include "trade/documents.h"

#include <string.h>

enum { LAST_YEAR = 9999 };

/* The least of its titles counts where none is in that language, so that it never depends on their
 * order. */
static struct kt_str title_in(const struct kt_document *d, const char *language)
{
    const struct kt_text *text = d->titles.item;
    const struct kt_text *other = NULL;
    for (size_t i = 0; i < d->titles.count; i++) {
        if (text[i].name.n == 0)
            continue;
        if (kt_str_is(text[i].language, language))
            return text[i].name;
        if (other == NULL || kt_str_cmp(text[i].language, other->language) < 0)
            other = &text[i];
    }
    return other != NULL ? other->name : (struct kt_str){ NULL, 0 };
}

struct kt_str kt_archive_kind(enum kt_lang lang, struct kt_str type)
{
    const struct kt_document_kind *kind = kt_document_kind_of(type);
    return kind != NULL ? kt_str_of(kind->title[lang]) : type;
}

struct kt_str kt_archive_title(enum kt_lang lang, const struct kt_document *document)
{
    const struct kt_str title = title_in(document, lang == KT_LANG_DE ? "de" : "en");
    return title.n > 0 ? title : kt_archive_kind(lang, document->type);
}

static void put_days(struct kt_html *p, const struct kt_document *d, struct kt_arena *a)
{
    const bool has_end = d->valid_until.y != 0 && d->valid_until.y < LAST_YEAR;
    const char *from = d->valid_from.y != 0 ? kt_html_day(p->lang, d->valid_from, a) : NULL;
    const char *until = has_end ? kt_html_day(p->lang, d->valid_until, a) : NULL;
    if (from != NULL && until != NULL)
        kt_html_fill(p, KT_W_VALID_FROM_UNTIL, from, until);
    else if (from != NULL)
        kt_html_fill(p, KT_W_VALID_FROM, from, "");
    else if (until != NULL)
        kt_html_fill(p, KT_W_VALID_UNTIL, until, "");
    else
        kt_html_word(p, KT_W_VALID_ALWAYS);
}

/* Codes in capitals: " · Language DE, EN" */
static void put_codes(struct kt_html *p, enum kt_word word, struct kt_list codes)
{
    const struct kt_ref *code = codes.item;
    if (codes.count == 0)
        return;
    kt_html_raw(p, " · ");
    kt_html_word(p, word);
    for (size_t i = 0; i < codes.count; i++) {
        char text[8];
        size_t n = 0;
        for (; n < code[i].id.n && n + 1 < sizeof text; n++) {
            const char c = code[i].id.p[n];
            text[n] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
        }
        kt_html_raw(p, i == 0 ? " " : ", ");
        kt_html_text(p, (struct kt_str){ text, n });
    }
}

void kt_archive_describe(struct kt_html *p, const struct kt_document *d)
{
    struct kt_arena *a = p->out.arena;
    kt_html_raw(p, "<p class=\"s\">");
    put_days(p, d, a);
    put_codes(p, KT_W_LANGUAGES, d->languages);
    put_codes(p, KT_W_MARKETS, d->markets);
    if (d->size > 0) {
        kt_html_raw(p, " · ");
        kt_html_words(p, kt_html_size(p->lang, d->size, a));
    }
    kt_html_raw(p, "</p>\n");
}
