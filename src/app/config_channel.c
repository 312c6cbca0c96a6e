/* The channels' part of the configuration: their sections, what they lean on (ERP, zone, currency)
 * and their mapping. Called by config.c while a file is read; adds to the same list of problems. */
#include <string.h>

#include "adapters/registry.h"
#include "app/config_inner.h"
#include "app/config_opts.h"
#include "map/map.h"

static bool is_letters(const char *text, size_t least, size_t most, char from, char to)
{
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++) {
        if (text[i] < from || text[i] > to)
            return false;
    }
    return n >= least && n <= most;
}

static void check_words(struct kt_loading *l, const struct kt_conf_node *section,
                        const struct kt_channel_site *ch)
{
    const char *languages[] = { "language", "fallback_language" };
    const char *language[] = { ch->language, ch->fallback_language };
    uint8_t digits = 0;
    for (size_t i = 0; i < KT_COUNT(language); i++) {
        if (language[i] != NULL && !is_letters(language[i], 2, 3, 'a', 'z'))
            kt_problem(l->problems, "%s: \"%.20s\" is not a language like de (ISO 639)",
                       kt_loading_where(section, languages[i]), language[i]);
    }
    if (ch->market != NULL && !is_letters(ch->market, 2, 2, 'A', 'Z'))
        kt_problem(l->problems, "%s: \"%.20s\" is not a country like DE (ISO 3166)",
                   kt_loading_where(section, "market"), ch->market);
    if (ch->currency != NULL && !kt_currency_digits(ch->currency, &digits))
        kt_problem(l->problems, "%s: \"%.20s\" is not a currency like EUR (ISO 4217)",
                   kt_loading_where(section, "currency"), ch->currency);
    if (ch->buffer.units < 0)
        kt_problem(l->problems, "%s: must not be negative", kt_loading_where(section, "buffer"));
}

static void check_orders(struct kt_loading *l, const struct kt_conf_node *section,
                         struct kt_channel_site *ch)
{
    const struct kt_conf_node *orders = kt_conf_get(section, "orders");
    uint8_t digits = 0;
    for (size_t i = 0; i < ch->currencies.count; i++) {
        if (!kt_currency_digits(ch->currencies.item[i], &digits))
            kt_problem(l->problems, "%s: \"%.20s\" is not a currency like EUR (ISO 4217)",
                       kt_loading_where(orders, "currencies"), ch->currencies.item[i]);
    }
    if (ch->line_tolerance.units < 0 || ch->sum_tolerance.units < 0)
        kt_problem(l->problems, "%s: must not be negative",
                   kt_loading_where(orders, ch->line_tolerance.units < 0 ? "line_tolerance"
                                                                         : "sum_tolerance"));
    if (ch->orders_from != NULL &&
        !kt_time_parse(&ch->orders_from_us, kt_str_of(ch->orders_from), false))
        kt_problem(l->problems, "%s: \"%.40s\" is not an instant like 2026-01-01T00:00:00Z",
                   kt_loading_where(orders, "from"), ch->orders_from);
    if (!ch->takes_orders)
        return;
    if (ch->orders_from == NULL)
        kt_problem(l->problems,
                   "%s: from is missing: the instant before which orders are left alone, like "
                   "2026-01-01T00:00:00Z",
                   kt_conf_where(orders));
    if (ch->ops != NULL && ch->ops->orders == NULL)
        kt_problem(l->problems, "%s: adapter %s brings no orders", kt_loading_where(orders, "take"),
                   ch->ops->name);
    if (ch->customer == KT_CUSTOMER_MATCH && ch->erp != NULL && ch->erp->ops != NULL &&
        ch->erp->ops->customer_find == NULL)
        kt_problem(l->problems, "%s: adapter %s of erps.%s cannot search customers",
                   kt_loading_where(orders, "customer"), ch->erp->ops->name, ch->erp->name);
}

static void find_erp(struct kt_loading *l, const struct kt_conf_node *section,
                     struct kt_channel_site *ch)
{
    const struct kt_site *site = &l->config->site;
    struct kt_buf known;
    kt_buf_init(&known, l->problems->arena, 4096);
    for (size_t i = 0; i < site->erps; i++) {
        if (strcmp(site->erp[i].name, ch->erp_name) == 0)
            ch->erp = &site->erp[i];
        kt_buf_format(&known, "%s%s", i == 0 ? "" : ", ", site->erp[i].name);
    }
    if (ch->erp == NULL)
        kt_problem(l->problems, "%s: there is no erps.%s. Known: %s",
                   kt_loading_where(section, "erp"), ch->erp_name, kt_buf_view(&known).p);
}

/* FOLDER/mappings/CHANNEL/NAME of the configuration's folder replaces the adapter's own. */
static void load_mapping(struct kt_loading *l, const struct kt_conf_node *section,
                         struct kt_channel_site *ch)
{
    const struct kt_channel_facts *facts = ch->ops->facts;
    ch->mapping_file = facts->mapping_name;
    ch->mapping = facts->mapping;
    if (!kt_loading_own_file(l, section, ch->name, facts->mapping_name, &ch->mapping_file,
                             &ch->mapping))
        return;
    struct kt_map *map = NULL;
    struct kt_err e = { 0 };
    if (kt_map_open(&map, ch->mapping_file, ch->mapping, &e) != KT_OK) {
        char sentence[512];
        kt_sentence(&e.v, KT_LANG_EN, sentence, sizeof sentence);
        kt_problem(l->problems, "%s: %s", kt_conf_where(section), sentence);
    }
    for (size_t i = 0; map != NULL && i < KT_UNITS; i++) {
        const char *unit = kt_unit_name((enum kt_unit)i);
        if (facts->has_unit[i] && !kt_map_has(map, unit))
            kt_problem(l->problems, "%s: the mapping %s has no function %s", kt_conf_where(section),
                       ch->mapping_file, unit);
    }
    kt_map_close(map);
}

/* The channel's own limits, or narrower ones of the configuration. */
static void load_pages(struct kt_loading *l, const struct kt_conf_node *section,
                       struct kt_channel_site *ch)
{
    const struct kt_channel_facts *facts = ch->ops->facts;
    const struct kt_conf_node *pages = kt_conf_get(section, "pages");
    ch->limits.axes = ch->axes_most > 0 ? (unsigned)ch->axes_most : facts->axes;
    ch->limits.variants = ch->variants_most > 0 ? (unsigned)ch->variants_most : facts->variants;
    if (ch->limits.axes > facts->axes)
        kt_problem(l->problems, "%s: adapter %s takes at most %u", kt_loading_where(pages, "axes"),
                   ch->ops->name, facts->axes);
    if (facts->variants > 0 && ch->limits.variants > facts->variants)
        kt_problem(l->problems, "%s: adapter %s takes at most %u",
                   kt_loading_where(pages, "variants"), ch->ops->name, facts->variants);
}

static void load_channel(struct kt_loading *l, const char *name, const struct kt_conf_node *section,
                         struct kt_channel_site *out)
{
    struct kt_config *c = l->config;
    struct kt_channel_section ch = { 0 };
    const char *where = kt_conf_where(section);
    kt_conf_fill(section, where, kt_channel_opts, kt_channel_also, &ch, c->arena, c->secrets,
                 l->problems);
    kt_conf_fill(kt_conf_get(section, "orders"), kt_format(c->arena, "%s.orders", where),
                 kt_orders_opts, NULL, &ch.site, c->arena, c->secrets, l->problems);
    kt_conf_fill(kt_conf_get(section, "pages"), kt_format(c->arena, "%s.pages", where),
                 kt_pages_opts, NULL, &ch.site, c->arena, c->secrets, l->problems);
    *out = ch.site;
    out->name = name;
    if (out->erp_name != NULL)
        find_erp(l, section, out);
    if (out->zone_name != NULL) {
        out->zone = kt_zone_load(c->arena, out->zone_name);
        if (out->zone == NULL)
            kt_problem(l->problems, "%s: this system has no time zone \"%.60s\"",
                       kt_loading_where(section, "zone"), out->zone_name);
    }
    if (ch.adapter != NULL) {
        out->ops = kt_registry_channel(ch.adapter);
        if (out->ops == NULL)
            kt_loading_no_adapter(l, section, ch.adapter, kt_registry_channel_name);
    }
    check_words(l, section, out);
    if (out->fallback_language == NULL)
        out->fallback_language = out->language;
    check_orders(l, section, out);
    kt_loading_channel_documents(l, section, out);
    kt_loading_reconcile(l, section, out);
    if (out->ops == NULL)
        return;
    size_t before = l->problems->count;
    out->conf = kt_loading_connection(l, section, out->ops->opts, out->ops->conf_size);
    if (l->problems->count == before)
        kt_loading_ask_channel(l, section, out);
    load_pages(l, section, out);
    load_mapping(l, section, out);
}

void kt_loading_channels(struct kt_loading *l)
{
    struct kt_config *c = l->config;
    const char *const *names = NULL;
    const struct kt_conf_node *const *sections = NULL;
    size_t count = kt_loading_entries(l, "channels", &names, &sections);
    struct kt_channel_site *channel = KT_NEW_ARRAY(c->arena, count + 1, struct kt_channel_site);
    for (size_t i = 0; i < count; i++) {
        load_channel(l, names[i], sections[i], &channel[i]);
        for (size_t k = 0; k < c->site.erps; k++) {
            if (strcmp(c->site.erp[k].name, names[i]) == 0)
                kt_problem(l->problems, "%s: there is an ERP of this name; each needs its own",
                           kt_conf_where(sections[i]));
        }
    }
    c->site.channel = channel;
    c->site.channels = count;
}
