#ifndef KT_TRADE_COUNTRIES_H
#define KT_TRADE_COUNTRIES_H

#include <stdbool.h>

#include "base/macros.h"
#include "base/str.h"

/* What an address looks like in a country, as far as it is certain. Static, shared, read-only. */
struct kt_country {
    char code[3]; /* ISO 3166 alpha-2 */
    bool needs_postcode;
    bool is_number_first;     /* "12 High Street" */
    const char *forms;        /* of the postal code, see kt_postcode_normal; NULL: not known */
    const char *example;      /* of a postal code; NULL with forms */
    const char *house_number; /* NULL: an address may have none. "": it always has one. Else: only
                               * where a word of the street has one of these endings or forms */
};

/* NULL: no such code. Upper case only, as ISO 3166 writes it; XK (Kosovo) counts, because shops and
 * carriers use it. */
const struct kt_country *kt_country_find(struct kt_str code);

enum { KT_POSTCODE_MAX = 16 };

/* The postal code as the country writes it ("sw1a1aa" -> "SW1A 1AA", "D-12345" -> "12345"): blanks,
 * hyphens, case and a country prefix do not matter. `out` holds KT_POSTCODE_MAX bytes. False: it
 * fits none of the country's forms; all zeros never fit. A country without known forms takes
 * anything that is not too long, trimmed. */
bool kt_postcode_normal(const struct kt_country *country, struct kt_str postcode,
                        char *out) KT_MUST;

#endif
