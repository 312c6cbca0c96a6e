/* The one list of adapters. Read by app when the configuration names one; checked once at start, so
 * that a half-filled table stops the program and not the first order at night. Any thread: const.
 */
#include "adapters/registry.h"

#include <stdio.h>
#include <string.h>

#include "adapters/channel_merchant/adapter.h"
#include "adapters/channel_vendure/adapter.h"
#include "adapters/channel_woocommerce/adapter.h"
#include "adapters/erp_nav/adapter.h"
#include "adapters/erp_sap/adapter.h"

static const struct kt_erp_ops *const erps[] = { &kt_erp_nav, &kt_erp_sap };
static const struct kt_channel_ops *const channels[] = { &kt_channel_merchant, &kt_channel_vendure,
                                                         &kt_channel_woocommerce };

const struct kt_erp_ops *kt_registry_erp(const char *name)
{
    for (size_t i = 0; i < KT_COUNT(erps); i++) {
        if (strcmp(erps[i]->name, name) == 0)
            return erps[i];
    }
    return NULL;
}

const struct kt_channel_ops *kt_registry_channel(const char *name)
{
    for (size_t i = 0; i < KT_COUNT(channels); i++) {
        if (strcmp(channels[i]->name, name) == 0)
            return channels[i];
    }
    return NULL;
}

const char *kt_registry_erp_name(size_t i)
{
    return i < KT_COUNT(erps) ? erps[i]->name : NULL;
}

const char *kt_registry_channel_name(size_t i)
{
    return i < KT_COUNT(channels) ? channels[i]->name : NULL;
}

/* A member and whether it is there. */
struct must {
    const char *member;
    bool is_there;
};

static const char *first_gap(const struct must *must, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!must[i].is_there)
            return must[i].member;
    }
    return NULL;
}

static bool is_table(const struct kt_opt *opts)
{
    for (const struct kt_opt *o = opts; o != NULL && o->name != NULL; o++) {
        if (o->type == KT_OPT_END || o->help == NULL)
            return false;
    }
    return opts != NULL;
}

const char *kt_registry_erp_gap(const struct kt_erp_ops *ops)
{
    const struct must must[] = {
        { "name", ops->name != NULL && ops->name[0] != '\0' },
        { "opts", is_table(ops->opts) },
        { "conf_size", ops->conf_size > 0 },
        { "facts", ops->facts != NULL },
        { "open", ops->open != NULL },
        { "close", ops->close != NULL },
        { "max_call_s", ops->max_call_s != NULL },
        { "identify", ops->identify != NULL },
        { "pull", ops->pull != NULL },
        { "order_find", ops->order_find != NULL },
        { "order_create", ops->order_create != NULL },
        { "order_check", ops->order_check != NULL },
    };
    return first_gap(must, KT_COUNT(must));
}

/* Offered units have a batch size, and nothing is named that is not offered. */
static bool units_fit(const struct kt_channel_facts *facts)
{
    bool has_any = false;
    for (size_t i = 0; facts != NULL && i < KT_UNITS; i++) {
        if (facts->has_unit[i] != (facts->batch[i] > 0))
            return false;
        has_any = has_any || facts->has_unit[i];
    }
    return has_any;
}

const char *kt_registry_channel_gap(const struct kt_channel_ops *ops)
{
    /* A channel that brings orders can also fetch one and tell their fate. */
    bool is_shop = ops->orders != NULL || ops->order_get != NULL || ops->order_tell != NULL;
    const struct must must[] = {
        { "name", ops->name != NULL && ops->name[0] != '\0' },
        { "opts", is_table(ops->opts) },
        { "conf_size", ops->conf_size > 0 },
        { "facts", ops->facts != NULL },
        { "facts.batch", units_fit(ops->facts) },
        { "facts.mapping_name", ops->facts != NULL && ops->facts->mapping_name != NULL },
        { "facts.mapping", ops->facts != NULL && ops->facts->mapping != NULL },
        { "open", ops->open != NULL },
        { "close", ops->close != NULL },
        { "max_call_s", ops->max_call_s != NULL },
        { "identify", ops->identify != NULL },
        { "find", ops->find != NULL },
        { "push", ops->push != NULL },
        { "orders", !is_shop || ops->orders != NULL },
        { "order_get", !is_shop || ops->order_get != NULL },
        { "order_tell", !is_shop || ops->order_tell != NULL },
        { "compose_s", (ops->compose == NULL) == (ops->compose_s == NULL) },
    };
    return first_gap(must, KT_COUNT(must));
}

static enum kt_rc refuse(struct kt_err *e, const char *what, const char *name, const char *gap)
{
    char detail[KT_PARAM_MAX];
    (void)snprintf(detail, sizeof detail, "%s adapter %s: %s is missing or wrong", what,
                   name == NULL ? "without a name" : name, gap);
    return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_INTERNAL, KT_P_TEXT("detail", detail));
}

enum kt_rc kt_registry_check(struct kt_err *e)
{
    for (size_t i = 0; i < KT_COUNT(erps); i++) {
        const char *gap = kt_registry_erp_gap(erps[i]);
        if (gap != NULL)
            return refuse(e, "ERP", erps[i]->name, gap);
        if (kt_registry_erp(erps[i]->name) != erps[i])
            return refuse(e, "ERP", erps[i]->name, "a name of its own");
    }
    for (size_t i = 0; i < KT_COUNT(channels); i++) {
        const char *gap = kt_registry_channel_gap(channels[i]);
        if (gap != NULL)
            return refuse(e, "channel", channels[i]->name, gap);
        if (kt_registry_channel(channels[i]->name) != channels[i])
            return refuse(e, "channel", channels[i]->name, "a name of its own");
    }
    return KT_OK;
}
