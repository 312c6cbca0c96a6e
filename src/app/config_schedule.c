/* When things are done by themselves, and what a run may do unasked: an ERP's nightly run and
 * brakes, a channel's comparison with its shop. Called by config.c and config_channel.c while a
 * file is read; adds to the same list of problems. */
#include "app/config_inner.h"
#include "app/config_opts.h"
#include "flow/schedule.h"

/* -1 where nothing is configured, or not a time of day. */
static int64_t slot_of(struct kt_loading *l, const struct kt_conf_node *section, const char *name,
                       const char *text)
{
    int64_t minutes = -1;
    if (text != NULL && !kt_slot_parse(&minutes, text))
        kt_problem(l->problems, "%s: \"%.20s\" is not a time of day like \"02:30\"",
                   kt_loading_where(section, name), text);
    return minutes;
}

void kt_loading_schedule(struct kt_loading *l, const struct kt_conf_node *section,
                         struct kt_erp_site *erp)
{
    struct kt_config *c = l->config;
    kt_conf_fill(kt_conf_get(section, "brakes"),
                 kt_format(c->arena, "%s.brakes", kt_conf_where(section)), kt_brakes_opts, NULL,
                 &erp->brakes, c->arena, c->secrets, l->problems);
    erp->nightly_min = slot_of(l, section, "nightly", erp->nightly);
    if (erp->nightly != NULL && erp->zone_name == NULL)
        kt_problem(l->problems, "%s: zone is missing: its time zone, like Europe/Berlin",
                   kt_loading_where(section, "nightly"));
    if (erp->zone_name == NULL)
        return;
    erp->zone = kt_zone_load(c->arena, erp->zone_name);
    if (erp->zone == NULL)
        kt_problem(l->problems, "%s: this system has no time zone \"%.60s\"",
                   kt_loading_where(section, "zone"), erp->zone_name);
}

void kt_loading_reconcile(struct kt_loading *l, const struct kt_conf_node *section,
                          struct kt_channel_site *ch)
{
    ch->reconcile_min = slot_of(l, section, "reconcile", ch->reconcile);
}
