#ifndef KT_TRADE_ALLOWED_H
#define KT_TRADE_ALLOWED_H

#include "base/arena.h"
#include "base/conf.h"
#include "base/str.h"

/* Whether the value of an attribute is among those that a rule allows.
 *
 * Numbers are compared exactly: "230", "230 V", "230V~", "0,23 kV", "220-240 V", "220 V - 240 V",
 * "220 to 240 V", "50/60 Hz", "2.4-2.4835 GHz". One point or comma is the decimal one; blanks and
 * case do not count (but m is milli, M mega). A unit stands behind the number, else behind the next
 * one of the value, else it is that of the attribute, else that of the rule. Everything that is not
 * read so in full is a text, which must be the same without regard to case and blanks.
 *
 * A number or range is allowed when it lies within one that is allowed; of several ("50/60"), each
 * must. takes_wider: also when it holds one that is allowed, and of several, one suffices. */
struct kt_allowing {
    struct kt_conf_texts allowed;
    const char *unit; /* NULL: none */
    bool takes_wider;
};
bool kt_value_is_allowed(const struct kt_allowing *by, struct kt_str value, struct kt_str unit,
                         struct kt_arena *a);

#endif
