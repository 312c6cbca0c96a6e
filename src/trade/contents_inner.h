#ifndef KT_TRADE_CONTENTS_INNER_H
#define KT_TRADE_CONTENTS_INNER_H

#include "trade/contents.h"

/* Between contents*.c only: a file per family of forms. Each is told that the octets begin as its
 * form does, and fills what it finds. */
void kt_content_look_pdf(struct kt_content_look *out, struct kt_str octets);
void kt_content_look_png(struct kt_content_look *out, struct kt_str octets);
void kt_content_look_jpeg(struct kt_content_look *out, struct kt_str octets);
void kt_content_look_zip(struct kt_content_look *out, struct kt_str octets);

/* XML, SVG or HTML, by prolog and first element; UNKNOWN: none of them, or in an encoding in which
 * nobody can tell what it says; TEXT: it only begins like it. */
enum kt_content_type kt_content_markup(struct kt_str octets);
void kt_content_look_markup(struct kt_content_look *out, struct kt_str octets);

/* Do the octets at this place begin so? */
bool kt_content_at(struct kt_str octets, size_t at, const char *what, size_t n);
#define KT_CONTENT_AT(octets, at, literal) \
    kt_content_at((octets), (at), (literal), sizeof(literal) - 1)

#endif
