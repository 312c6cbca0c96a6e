#ifndef KT_ARCHIVE_HTML_H
#define KT_ARCHIVE_HTML_H

#include "base/err.h"
#include "base/time.h"
#include "wire/server.h"

/* Pages for customers: plain HTML with a small style sheet, no scripts, in English or German. All
 * texts that come from anywhere are escaped here. */
enum kt_word {
#define WORD(name, en, de) KT_W_##name,
#include "archive/words.def"
#undef WORD
    KT_WORDS
};
const char *kt_word(enum kt_lang lang, enum kt_word word);

struct kt_html {
    struct kt_buf out;
    enum kt_lang lang;
};

void kt_html_begin(struct kt_html *p, enum kt_lang lang, struct kt_str title, struct kt_arena *a);
void kt_html_end(struct kt_html *p);
void kt_html_raw(struct kt_html *p, const char *html);    /* as it is: ours alone */
void kt_html_text(struct kt_html *p, struct kt_str text); /* escaped, its direction kept apart */
void kt_html_word(struct kt_html *p, enum kt_word word);
void kt_html_words(struct kt_html *p, const char *text);  /* escaped */
void kt_html_part(struct kt_html *p, struct kt_str text); /* as a part of an address */
/* A word with %s in it, and what stands there; both are escaped. */
void kt_html_fill(struct kt_html *p, enum kt_word word, const char *first, const char *second);

/* "1 Mar 2026", "01.03.2026" */
const char *kt_html_day(enum kt_lang lang, struct kt_day day, struct kt_arena *a);
/* "48 kB", "1.2 MB" */
const char *kt_html_size(enum kt_lang lang, int64_t bytes, struct kt_arena *a);

/* The value of Content-Security-Policy of every page: nothing but our own style. In `a`. */
const char *kt_html_policy(struct kt_arena *a);

/* What Accept-Language prefers of the two. False: it names neither. */
bool kt_html_language(struct kt_str accepted, enum kt_lang *out) KT_MUST;

#endif
