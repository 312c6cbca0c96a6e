/* How pages look and speak. Pure, any thread; the handlers of this room call. */
#include "archive/html.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/base64.h"
#include "base/hash.h"
#include "base/path_part.h"
#include "base/time.h"
#include "base/xml_write.h"

enum { PAGE_MAX = 8 << 20, POLICY_MAX = 300, SUBTAG = 2 };

static const char style[] =
    "body{margin:0;background:#f6f7f9;color:#1c2430;font:16px/1.5 system-ui,sans-serif}"
    "main{max-width:44rem;margin:0 auto;padding:1.5rem 1rem 3rem}"
    "h1{font-size:1.5rem;line-height:1.25;margin:0 0 .25rem}"
    "h2{font-size:1.15rem;line-height:1.3;margin:2rem 0 0}"
    "h3{font-size:1rem;margin:1.25rem 0 .5rem}"
    "p{margin:.25rem 0}"
    ".s{color:#5a6675;font-size:.9rem}"
    ".c{background:#fff;border:1px solid #dde2e8;border-radius:8px;padding:.9rem 1rem;"
    "margin:.6rem 0}"
    ".c strong{overflow-wrap:anywhere}"
    ".t{display:inline-block;border-radius:99px;padding:.05rem .6rem;font-size:.85rem;"
    "background:#e8ecf1;color:#3c4858}"
    ".t.y{background:#dff3e4;color:#155d2b}"
    ".w{background:#fff4d6;border:1px solid #e6c766;border-radius:8px;padding:.6rem 1rem;"
    "margin:.6rem 0}"
    ".h{font:.75rem/1.4 ui-monospace,monospace;color:#5a6675;overflow-wrap:anywhere}"
    "a{color:#0b57a4}"
    "a.b{display:inline-block;margin:.4rem 0 .1rem;padding:.4rem .9rem;border-radius:6px;"
    "background:#0b57a4;color:#fff;text-decoration:none}"
    "a.b:focus,a.b:hover{background:#08427d}"
    "@media(prefers-color-scheme:dark){body{background:#12161c;color:#e6e9ee}"
    ".c{background:#1b2129;border-color:#333c48}.s,.h{color:#9aa6b4}"
    ".t{background:#2b3440;color:#c9d2dd}.t.y{background:#17402a;color:#a8e5bd}"
    ".w{background:#3a3115;border-color:#7a6625}a{color:#7db8f2}a.b{color:#fff}}";

const char *kt_word(enum kt_lang lang, enum kt_word word)
{
    static const char *const words[KT_WORDS][2] = {
#define WORD(name, en, de) { en, de },
#include "archive/words.def"
#undef WORD
    };
    return words[word][lang == KT_LANG_DE ? 1 : 0];
}

/* --- writing --- */

void kt_html_begin(struct kt_html *p, enum kt_lang lang, struct kt_str title, struct kt_arena *a)
{
    kt_buf_init(&p->out, a, PAGE_MAX);
    p->lang = lang;
    kt_buf_format(&p->out,
                  "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n",
                  lang == KT_LANG_DE ? "de" : "en");
    kt_buf_text(
        &p->out,
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    kt_xml_put_text(&p->out, title);
    kt_buf_format(&p->out, "</title>\n<style>%s</style>\n</head>\n<body>\n<main>\n", style);
}

void kt_html_end(struct kt_html *p)
{
    kt_buf_text(&p->out, "</main>\n</body>\n</html>\n");
}

void kt_html_raw(struct kt_html *p, const char *html)
{
    kt_buf_text(&p->out, html);
}

void kt_html_text(struct kt_html *p, struct kt_str text)
{
    kt_buf_text(&p->out, "<bdi>");
    kt_xml_put_text(&p->out, text);
    kt_buf_text(&p->out, "</bdi>");
}

void kt_html_words(struct kt_html *p, const char *text)
{
    kt_xml_put_text(&p->out, kt_str_of(text));
}

void kt_html_word(struct kt_html *p, enum kt_word word)
{
    kt_html_words(p, kt_word(p->lang, word));
}

void kt_html_part(struct kt_html *p, struct kt_str text)
{
    kt_path_part_put(&p->out, text); /* leaves nothing that needs escaping */
}

void kt_html_fill(struct kt_html *p, enum kt_word word, const char *first, const char *second)
{
    const char *rest = kt_word(p->lang, word);
    for (int i = 0;; i++) {
        const char *mark = strstr(rest, "%s");
        if (mark == NULL)
            break;
        kt_xml_put_text(&p->out, (struct kt_str){ rest, (size_t)(mark - rest) });
        kt_html_words(p, i == 0 ? first : second);
        rest = mark + 2;
    }
    kt_html_words(p, rest);
}

const char *kt_html_day(enum kt_lang lang, struct kt_day day, struct kt_arena *a)
{
    if (lang == KT_LANG_DE)
        return kt_format(a, "%02d.%02d.%04d", day.d, day.m, day.y);
    return kt_format(a, "%d %.3s %d", day.d, kt_word(lang, KT_W_MONTHS) + (size_t)(day.m - 1) * 4,
                     day.y);
}

const char *kt_html_size(enum kt_lang lang, int64_t bytes, struct kt_arena *a)
{
    const int64_t tenths = (bytes + 50000) / 100000; /* of a megabyte */
    if (bytes < 1000)
        return kt_format(a, "%lld B", (long long)bytes);
    if (tenths < 10)
        return kt_format(a, "%lld kB", (long long)((bytes + 500) / 1000));
    return kt_format(a, "%lld%s%lld MB", (long long)(tenths / 10), lang == KT_LANG_DE ? "," : ".",
                     (long long)(tenths % 10));
}

const char *kt_html_policy(struct kt_arena *a)
{
    uint8_t digest[KT_HASH_BYTES];
    struct kt_buf out;
    kt_sha256((struct kt_str){ style, sizeof style - 1 }, digest);
    kt_buf_init(&out, a, POLICY_MAX);
    kt_buf_text(&out, "default-src 'none'; base-uri 'none'; form-action 'none'; "
                      "frame-ancestors 'none'; style-src 'sha256-");
    kt_base64_put(&out, (struct kt_str){ (const char *)digest, sizeof digest });
    kt_buf_text(&out, "'");
    KT_ASSERT(kt_buf_ok(&out));
    return kt_buf_view(&out).p;
}

/* --- the reader's language --- */

/* "q=0.8" among the parameters, in thousandths; 1000 where it is not said, 0 where it is no weight.
 */
static int weight_of(struct kt_str params)
{
    int weight = 0;
    int unit = 1000;
    size_t at = 0;
    while (at < params.n && params.p[at] != 'q' && params.p[at] != 'Q')
        at++;
    if (at == params.n)
        return unit;
    if (at + 1 >= params.n || params.p[at + 1] != '=')
        return 0;
    for (at += 2; at < params.n && unit > 0; at++) {
        if (params.p[at] == '.' && unit == 100)
            continue;
        if (params.p[at] < '0' || params.p[at] > '9')
            break;
        weight += (params.p[at] - '0') * unit;
        unit /= 10;
    }
    return weight > 1000 ? 1000 : weight;
}

static bool is_language(struct kt_str range, const char *name)
{
    return range.n >= SUBTAG && strncasecmp(range.p, name, SUBTAG) == 0 &&
           (range.n == SUBTAG || range.p[SUBTAG] == '-');
}

bool kt_html_language(struct kt_str accepted, enum kt_lang *out)
{
    int best = 0;
    while (accepted.n > 0) {
        size_t n = 0;
        size_t name = 0;
        while (n < accepted.n && accepted.p[n] != ',')
            n++;
        while (name < n && accepted.p[name] != ';')
            name++;
        const struct kt_str range = kt_str_trim(kt_str_part(accepted, 0, name));
        const int weight = weight_of(kt_str_part(accepted, name, n - name));
        const bool is_de = is_language(range, "de");
        if ((is_de || is_language(range, "en")) && weight > best) {
            best = weight;
            *out = is_de ? KT_LANG_DE : KT_LANG_EN;
        }
        accepted = kt_str_part(accepted, n + 1, accepted.n);
    }
    return best > 0;
}
