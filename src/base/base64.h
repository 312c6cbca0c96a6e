#ifndef KT_BASE_BASE64_H
#define KT_BASE_BASE64_H

#include "base/str.h"

/* Base64 of RFC 4648, section 4, with its padding. `out` holds text.n / 4 * 3 + 3 bytes; *n of them
 * are set. skips_blanks: as XML Schema allows, blanks and line ends may stand anywhere.
 * False: it is no base64. */
bool kt_base64_read(char *out, size_t *n, struct kt_str text, bool skips_blanks) KT_MUST;
void kt_base64_put(struct kt_buf *out, struct kt_str bytes);

#endif
