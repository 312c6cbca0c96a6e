#ifndef KT_DOOR_DROP_NAME_H
#define KT_DOOR_DROP_NAME_H

#include "base/arena.h"
#include "base/err.h"
#include "base/time.h"

/* Names of files that say something: "{sku}_{type}_v{version}_{language}_{valid_from}.pdf". What
 * stands between the braces is a part of a document; the rest stands there as it is, in any case.
 * Pure; for drop*.c only. */
enum kt_name_part {
    KT_NAME_FAMILY = 0,
    KT_NAME_ID,
    KT_NAME_LANGUAGE,
    KT_NAME_MARKET,
    KT_NAME_PRODUCT,
    KT_NAME_SKU,
    KT_NAME_TYPE,
    KT_NAME_VALID_FROM,
    KT_NAME_VALID_UNTIL,
    KT_NAME_VERSION,
    KT_NAME_PARTS
};
extern const char *const kt_name_parts[]; /* "family" …; ends with NULL */

struct kt_name_rule;

/* NULL: *complaint says why, a static text. */
const struct kt_name_rule *kt_name_rule_make(const char *text, struct kt_arena *a,
                                             const char **complaint);
bool kt_name_rule_has(const struct kt_name_rule *rule, enum kt_name_part part);

struct kt_name {
    struct kt_str part[KT_NAME_PARTS]; /* as it stands there; absent: the rule has none */
    struct kt_day valid_from;          /* year 0: likewise */
    struct kt_day valid_until;
    struct kt_str left; /* without ending, version and days: what all versions share; may be "" */
};

/* is_type: of a word, whether it is one for a type of documents.
 * Errors KT_REJECT/KT_RECORD
 *   DROP_NAME {file} {rule}                        it is not made so
 *   DROP_NAME_PART {file} {part} {value} {expected}  but for this part it would be
 *   DROP_NAME_UNCLEAR {file} {rule}                it can be read in several ways */
enum kt_rc kt_name_read(struct kt_name *out, const struct kt_name_rule *rule, const char *file,
                        bool (*is_type)(const void *context, struct kt_str word),
                        const void *context, struct kt_arena *a, struct kt_err *e) KT_MUST;

#endif
