#ifndef KT_CHANNEL_VENDURE_OFFERS_H
#define KT_CHANNEL_VENDURE_OFFERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/dec.h"

/* "89.9" as the shop keeps it: whole units of 10^-precision, whatever the currency. False: it has
 * more digits than that, or is no amount. */
bool vendure_minor_units(int64_t *out, struct kt_str amount, int64_t precision) KT_MUST;

#endif
