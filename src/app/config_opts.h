#ifndef KT_APP_CONFIG_OPTS_H
#define KT_APP_CONFIG_OPTS_H

#include "base/conf.h"
#include "flow/site.h"

/* The settings of Kontor itself, one table per section of the file. They drive parsing, defaults,
 * limits, `kontor help configuration` and docs/configuration.md. */

/* What a section of `erps` or `channels` is read into. */
struct kt_erp_section {
    const char *adapter;
    struct kt_erp_site site;
};
struct kt_channel_section {
    const char *adapter;
    struct kt_channel_site site;
};

extern const struct kt_opt kt_site_opts[];     /* top level, into struct kt_site */
extern const struct kt_opt kt_log_opts[];      /* log, into struct kt_site */
extern const struct kt_opt kt_security_opts[]; /* security, into struct kt_site */
extern const struct kt_opt kt_retry_opts[];    /* retry, into struct kt_site */
extern const struct kt_opt kt_erp_opts[];      /* erps.NAME, into struct kt_erp_section */
extern const struct kt_opt kt_brakes_opts[];   /* erps.NAME.brakes, into struct kt_brakes */
extern const struct kt_opt kt_every_opts[];    /* erps.NAME.every, into struct kt_erp_site */
extern const struct kt_opt kt_grouping_opts[]; /* erps.NAME.grouping, into struct kt_erp_site */
extern const struct kt_opt kt_channel_opts[];  /* channels.NAME, into struct kt_channel_section */
extern const struct kt_opt kt_orders_opts[];   /* channels.NAME.orders, into kt_channel_site */
extern const struct kt_opt kt_pages_opts[];    /* channels.NAME.pages, into kt_channel_site */

extern const struct kt_opt kt_documents_opts[];   /* documents, into struct kt_documents_site */
extern const struct kt_opt kt_kind_opts[];        /* documents.kinds.NAME, into kt_kind_rule */
extern const struct kt_opt kt_certificate_opts[]; /* compliance.certificates.NAME */
extern const struct kt_opt kt_market_opts[];      /* compliance.market_rules.NAME */

/* Sub-sections that stand beside the settings of a table; each ends with NULL. */
extern const char *const kt_site_also[];
extern const char *const kt_erp_also[];
extern const char *const kt_channel_also[];

/* All tables as text for people: sections, and those of every adapter. */
void kt_config_help(struct kt_buf *out);

#endif
