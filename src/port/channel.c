/* Names of what a channel updates as one thing, as configuration, command line and tables write
 * them. Pure; any thread. */
#include "port/channel.h"

#include <string.h>

static const char *const unit_names[KT_UNITS] = {
    [KT_UNIT_PRODUCT] = "product",
    [KT_UNIT_PRICE] = "price",
    [KT_UNIT_STOCK] = "stock",
};

const char *kt_unit_name(enum kt_unit unit)
{
    KT_ASSERT(unit < KT_UNITS);
    return unit_names[unit];
}

bool kt_unit_find(enum kt_unit *out, const char *name)
{
    for (unsigned i = 0; i < KT_UNITS; i++) {
        if (strcmp(unit_names[i], name) == 0) {
            *out = (enum kt_unit)i;
            return true;
        }
    }
    return false;
}
