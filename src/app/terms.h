#ifndef KT_APP_TERMS_H
#define KT_APP_TERMS_H

#include "app/config.h"

/* When the first certificate of a PEM file ends; NULL: *until_us is right, else what is wrong. */
const char *kt_certificate_end(const char *path, int64_t *until_us, struct kt_arena *a);

/* Everything of this configuration that ends some day: certificates of listeners, keys, partners
 * and authorities, revocation lists. For kt_site.terms; config is a struct kt_config. */
size_t kt_terms_of(const void *config, const struct kt_term **out, struct kt_arena *a);

#endif
