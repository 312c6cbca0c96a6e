#ifndef KT_APP_CONFIG_INNER_H
#define KT_APP_CONFIG_INNER_H

/* Shared by config.c and config_channel.c only. */
#include "app/config.h"

/* One file being read. */
struct kt_loading {
    struct kt_config *config;
    struct kt_problems *problems;
    const struct kt_conf_node *root;
};

/* "kontor.yaml:42: erps.main.scope" of a setting, or of its section where it is not written. */
const char *kt_loading_where(const struct kt_conf_node *section, const char *name);
/* The entries of `erps` and `channels` with names in order; others are noted and left out. */
size_t kt_loading_entries(struct kt_loading *l, const char *name, const char *const **names,
                          const struct kt_conf_node *const **sections);
/* The same of any node that holds one section per name; NULL: none. */
size_t kt_loading_entries_of(struct kt_loading *l, const struct kt_conf_node *all,
                             const char *const **names,
                             const struct kt_conf_node *const **sections);
/* The settings behind `connection`, filled by the adapter's own table. */
void *kt_loading_connection(struct kt_loading *l, const struct kt_conf_node *section,
                            const struct kt_opt *opts, size_t conf_size);
/* Notes that there is no such adapter and which there are. */
void kt_loading_no_adapter(struct kt_loading *l, const struct kt_conf_node *section,
                           const char *name, const char *(*known)(size_t));

/* What an adapter says about its settings beyond their table, by opening a session (no connection)
 * and closing it again. Not asked where the table found something already. */
void kt_loading_ask_erp(struct kt_loading *l, const struct kt_conf_node *section,
                        const struct kt_erp_site *site);
void kt_loading_ask_channel(struct kt_loading *l, const struct kt_conf_node *section,
                            const struct kt_channel_site *site);

void kt_loading_channels(struct kt_loading *l);
/* listen, push, partners, drop; behind the ERPs. */
void kt_loading_doors(struct kt_loading *l);

/* documents, compliance; before the channels. */
void kt_loading_documents(struct kt_loading *l);
/* Are there such kinds as the channel is to show? */
void kt_loading_channel_documents(struct kt_loading *l, const struct kt_conf_node *section,
                                  const struct kt_channel_site *ch);

/* security, keys, wss; before those who name a policy. */
void kt_loading_wss(struct kt_loading *l);
/* The policy of that name; NULL: name is NULL, or there is none, which is noted. */
const struct kt_wss_policy_conf *kt_loading_policy(struct kt_loading *l, const char *where,
                                                   const char *name);
/* Is the policy there that a partner, or an ERP's connection, names, and does it fit? */
void kt_loading_partner_policy(struct kt_loading *l, const struct kt_conf_node *section,
                               const struct kt_partner *p);
void kt_loading_connection_policy(struct kt_loading *l, const struct kt_conf_node *section,
                                  const struct kt_erp_site *erp);

/* FOLDER/mappings/NAME/FILE of the configuration's folder. Without that file *path and *text stay
 * as they are; false: it is there and cannot be read, which is noted. */
bool kt_loading_own_file(struct kt_loading *l, const struct kt_conf_node *section, const char *name,
                         const char *file, const char **path, const char **text) KT_MUST;
/* The customer's rules for the records of an ERP: hooks.lua. */
void kt_loading_hooks(struct kt_loading *l, const struct kt_conf_node *section,
                      struct kt_erp_site *erp);

/* Who leads what: fills `lead` and `rivals` of all, and notes where ERPs of one scope overlap or
 * leave something to nobody. */
void kt_loading_leads(struct kt_loading *l, const struct kt_conf_node *const *sections,
                      struct kt_erp_site *erp, size_t count);

/* An ERP's nightly run with its zone, and its brakes; a channel's comparison with the shop. */
void kt_loading_schedule(struct kt_loading *l, const struct kt_conf_node *section,
                         struct kt_erp_site *erp);
void kt_loading_reconcile(struct kt_loading *l, const struct kt_conf_node *section,
                          struct kt_channel_site *ch);

#endif
