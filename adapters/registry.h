#ifndef KT_ADAPTERS_REGISTRY_H
#define KT_ADAPTERS_REGISTRY_H

#include "port/channel.h"
#include "port/erp.h"

/* Every adapter of this program, found by the name that stands in the configuration. */

/* NULL: no such adapter. */
const struct kt_erp_ops *kt_registry_erp(const char *name);
const struct kt_channel_ops *kt_registry_channel(const char *name);

/* Their names in the order of the table; NULL behind the last. */
const char *kt_registry_erp_name(size_t i);
const char *kt_registry_channel_name(size_t i);

/* The first member that an adapter must have and has not, or NULL: its table is complete. */
const char *kt_registry_erp_gap(const struct kt_erp_ops *ops);
const char *kt_registry_channel_gap(const struct kt_channel_ops *ops);

/* At start, before anything is configured.
 * Errors KT_CONFIG/KT_ENDPOINT INTERNAL: a table is half-filled, or a name stands twice. */
enum kt_rc kt_registry_check(struct kt_err *e) KT_MUST;

#endif
