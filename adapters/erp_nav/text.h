#ifndef KT_ERP_NAV_TEXT_H
#define KT_ERP_NAV_TEXT_H

#include "conf.h"

/* Codes that NAV writes in its own way: languages, countries, article numbers. */

/* "de" for "DEU", by the settings first; absent: not known. */
struct kt_str kt_nav_language(const struct kt_nav_conf *conf, struct kt_str code);
/* The other way: "DEU" for "de"; absent: not known. */
struct kt_str kt_nav_language_code(const struct kt_nav_conf *conf, struct kt_str language);

/* "DE" for NAV's own code, by the settings first; absent: no ISO code of two letters. */
struct kt_str kt_nav_country(const struct kt_nav_conf *conf, struct kt_str code);
/* The other way; what the settings do not name is the same in NAV. */
struct kt_str kt_nav_country_code(const struct kt_nav_conf *conf, struct kt_str country);

/* Number of an article: the item's, or the item's, the separator and the variant's code. */
struct kt_str kt_nav_sku(const struct kt_nav_conf *conf, struct kt_str item, struct kt_str variant,
                         struct kt_arena *a);

#endif
