#ifndef KT_BASE_XML_MEND_H
#define KT_BASE_XML_MEND_H

#include "base/arena.h"
#include "base/str.h"

/* Characters that XML 1.0 forbids (controls, U+FFFE, U+FFFF, half surrogates, beyond U+10FFFF) come
 * out of ERP text fields raw or as references like &#x1F;. Each becomes one space where it stands
 * in text, CDATA, comments or attribute values; in CDATA and comments a "&#x1F;" is no reference
 * and stays. Tags themselves, ill-formed UTF-8 and all else are left for the scan and the parser to
 * judge. Returns the same bytes when there was nothing to replace, else a copy in `a`. */
struct kt_str kt_xml_mend(struct kt_str bytes, size_t *replaced, struct kt_arena *a);

#endif
