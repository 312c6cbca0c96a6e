/* Names of what a channel updates as one thing, as configuration, command line and tables write
 * them. Pure; any thread. */
#include "port/channel.h"

#include <string.h>

static const char *const unit_names[KT_UNITS] = {
    [KT_UNIT_PRODUCT] = "product",   [KT_UNIT_PRICE] = "price",     [KT_UNIT_STOCK] = "stock",
    [KT_UNIT_CATEGORY] = "category", [KT_UNIT_VARIANT] = "variant", [KT_UNIT_MEDIA] = "media",
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

struct kt_str kt_remote_page(struct kt_str remote_id)
{
    const char *slash = remote_id.n > 0 ? memchr(remote_id.p, '/', remote_id.n) : NULL;
    return slash == NULL ? remote_id : kt_str_part(remote_id, 0, (size_t)(slash - remote_id.p));
}
