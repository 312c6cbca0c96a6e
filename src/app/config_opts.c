/* The option tables of the configuration file and the help made from them. Const data: read by
 * config.c at start and by `kontor help configuration`. */
#include "app/config_opts.h"

#include <stddef.h>

#include "adapters/registry.h"
#include "door/drop.h"
#include "wire/wss_site.h"

#define EVERY(feed)     offsetof(struct kt_erp_site, every_s[KT_FEED_##feed])
#define CHANNEL(member) offsetof(struct kt_channel_section, site.member)

enum { WEEK_S = 7 * 86400 };

static const char *const level_names[] = { "debug", "info", "warn", "error", NULL };
static const char *const customer_rules[] = { "one_time", "match", NULL };
static const char *const pricings[] = { "shop", "erp", NULL };

const struct kt_opt kt_site_opts[] = {
    { "installation", KT_OPT_NAME, offsetof(struct kt_site, installation), .flags = KT_OPT_REQUIRED,
      .help = "Name of this Kontor; part of every order's key in the ERP, so it is never changed" },
    { 0 }
};
const char *const kt_site_also[] = { "channels", "compliance", "database", "documents", "drop",
                                     "erps",     "keys",       "listen",   "log",       "partners",
                                     "push",     "retry",      "security", "wss",       NULL };

static const char *const clock_rules[] = { "checked", "trusted", NULL };

const struct kt_opt kt_security_opts[] = {
    { "clock", KT_OPT_CHOICE, offsetof(struct kt_site, security_clock), .def = "checked",
      .choices = clock_rules,
      .help = "checked: secured messages are taken only while the kernel says that the clock is "
              "kept right; trusted: it is not asked, for machines whose host sets the clock" },
    { 0 }
};

const struct kt_opt kt_log_opts[] = {
    { "level", KT_OPT_CHOICE, offsetof(struct kt_site, log_level), .def = "info",
      .choices = level_names, .help = "The least important lines that `kontor serve` writes" },
    { 0 }
};

const struct kt_opt kt_retry_opts[] = {
    { "first", KT_OPT_SECS, offsetof(struct kt_site, retry_first_s), .def = "5s", .min = 1,
      .max = 3600, .help = "Wait after the first failure; it doubles with each further one" },
    { "most", KT_OPT_SECS, offsetof(struct kt_site, retry_most_s), .def = "15m", .min = 1,
      .max = 86400, .help = "Longest wait between two tries" },
    { "settle", KT_OPT_SECS, offsetof(struct kt_site, settle_s), .def = "10s", .min = 1,
      .max = 3600,
      .help =
          "Wait behind the deadline of an order whose answer was lost, before it is looked up" },
    { 0 }
};

const struct kt_opt kt_erp_opts[] = {
    { "adapter", KT_OPT_NAME, offsetof(struct kt_erp_section, adapter), .flags = KT_OPT_REQUIRED,
      .help = "Which ERP this is" },
    { "leads", KT_OPT_LIST, offsetof(struct kt_erp_section, site.leads), .def = "[]",
      .help = "Where several ERPs have one scope, the kinds and fields that this one leads, like "
              "[product, stock] beside [product.texts]; default: everything of its scope" },
    { "nightly", KT_OPT_TEXT, offsetof(struct kt_erp_section, site.nightly),
      .help =
          "Time of day, like \"02:30\", at which every feed is read afresh that has an interval in "
          "`every`, and what is gone is deleted; default: only by `kontor sync FLOW --full`" },
    { "page", KT_OPT_NUMBER, offsetof(struct kt_erp_section, site.page_max), .def = "500", .min = 1,
      .max = 10000, .help = "Most objects of one read" },
    { "scope", KT_OPT_NAME, offsetof(struct kt_erp_section, site.scope), .flags = KT_OPT_REQUIRED,
      .help = "Where its numbers are valid (system and client); leads every key, never changed" },
    { "zone", KT_OPT_TEXT, offsetof(struct kt_erp_section, site.zone_name),
      .help = "Time zone of nightly and of the dates in its IDocs (like Europe/Berlin); default: "
              "UTC" },
    { 0 }
};
const char *const kt_erp_also[] = { "brakes", "connection", "every", "grouping", NULL };

enum { PRICE_PERCENT_MAX = 1000 };

const struct kt_opt kt_brakes_opts[] = {
    { "at_least", KT_OPT_NUMBER, offsetof(struct kt_brakes, at_least), .def = "3", .min = 1,
      .max = 1000000, .help = "Fewer deletions and zeroings than this are never held" },
    { "delete_percent", KT_OPT_NUMBER, offsetof(struct kt_brakes, delete_percent), .def = "5",
      .max = 100,
      .help = "A run that would delete, or set to zero, more than this share of the records of a "
              "kind waits for a person; 0: never" },
    { "price_percent", KT_OPT_NUMBER, offsetof(struct kt_brakes, price_percent), .def = "30",
      .max = PRICE_PERCENT_MAX,
      .help = "A price that moves by more than this waits for a person; 0: never" },
    { 0 }
};

const struct kt_opt kt_every_opts[] = {
    { "catalogue", KT_OPT_SECS, EVERY(CATALOGUE), .def = "5m", .max = WEEK_S,
      .help = "How often articles are read; 0: only by `kontor sync`, not by nightly either" },
    { "categories", KT_OPT_SECS, EVERY(CATEGORIES), .def = "15m", .max = WEEK_S,
      .help = "How often categories are read; 0: only by `kontor sync`, not by nightly either" },
    { "customers", KT_OPT_SECS, EVERY(CUSTOMERS), .def = "15m", .max = WEEK_S,
      .help = "How often customers are read; 0: only by `kontor sync`, not by nightly either" },
    { "documents", KT_OPT_SECS, EVERY(DOCUMENTS), .def = "0", .max = WEEK_S,
      .help = "How often documents and certificates are read; 0: only by `kontor sync`, not by "
              "nightly either. Where the feed names certificates, those that it does not name are "
              "gone, also pushed ones" },
    { "prices", KT_OPT_SECS, EVERY(PRICES), .def = "1m", .max = WEEK_S,
      .help = "How often prices are read; 0: only by `kontor sync`, not by nightly either" },
    { "shipments", KT_OPT_SECS, EVERY(SHIPMENTS), .def = "1m", .max = WEEK_S,
      .help = "How often deliveries are read; 0: only by `kontor sync`, not by nightly either" },
    { "stock", KT_OPT_SECS, EVERY(STOCK), .def = "15s", .max = WEEK_S,
      .help = "How often stock is read; 0: only by `kontor sync`, not by nightly either" },
    { 0 }
};

static const char *const group_rules[] = { "parent", "attribute", "name", NULL };

#define GROUPING(member) offsetof(struct kt_erp_site, grouping.member)
const struct kt_opt kt_grouping_opts[] = {
    { "attribute", KT_OPT_TEXT, GROUPING(attribute),
      .help = "With by: attribute, the attribute whose value articles of one page share" },
    { "axes", KT_OPT_LIST, GROUPING(axes), .def = "[]",
      .help =
          "Attributes that tell the variants of a page apart, in order; for pages whose article "
          "names none itself" },
    { "by", KT_OPT_CHOICE, GROUPING(by), .def = "parent", .choices = group_rules,
      .help = "How flat articles become pages: by the parent that the ERP names, by a common "
              "attribute, or by a name that differs only in the values of the axes at its end" },
    { "language", KT_OPT_TEXT, GROUPING(language),
      .help = "With by: name, the language of the names that are compared (ISO 639, like de)" },
    { 0 }
};

const struct kt_opt kt_channel_opts[] = {
    { "adapter", KT_OPT_NAME, offsetof(struct kt_channel_section, adapter),
      .flags = KT_OPT_REQUIRED, .help = "Which kind of shop this is" },
    { "buffer", KT_OPT_DECIMAL, CHANNEL(buffer), .def = "0",
      .help = "Kept back from every stock figure" },
    { "currency", KT_OPT_TEXT, CHANNEL(currency), .flags = KT_OPT_REQUIRED,
      .help = "Currency of its prices (ISO 4217)" },
    { "customer_group", KT_OPT_TEXT, CHANNEL(customer_group),
      .help = "Customer group whose prices it shows; default: prices for all" },
    { "documents", KT_OPT_LIST, CHANNEL(documents), .def = "[]",
      .help = "Kinds of documents it shows; none named: all that everybody may see, where there is "
              "a section documents" },
    { "erp", KT_OPT_NAME, CHANNEL(erp_name), .flags = KT_OPT_REQUIRED,
      .help = "Name of the section under erps that leads it" },
    { "fallback_language", KT_OPT_TEXT, CHANNEL(fallback_language),
      .help = "Language of texts that are missing in `language`; default: none other" },
    { "language", KT_OPT_TEXT, CHANNEL(language), .flags = KT_OPT_REQUIRED,
      .help = "Language of its texts (ISO 639, like de)" },
    { "market", KT_OPT_TEXT, CHANNEL(market), .flags = KT_OPT_REQUIRED,
      .help = "Country it sells to (ISO 3166, like DE)" },
    { "price_list", KT_OPT_TEXT, CHANNEL(price_list), .flags = KT_OPT_REQUIRED,
      .help = "Price list of the ERP that it shows; in quotes if it begins with 0" },
    { "reconcile", KT_OPT_TEXT, CHANNEL(reconcile),
      .help =
          "Time of day, like \"04:00\" in zone, at which the shop is read and compared with what "
          "it was sent; default: never" },
    { "reconcile_repairs", KT_OPT_BOOL, CHANNEL(reconcile_repairs), .def = "false",
      .help = "Whether that sends again what differs" },
    { "warehouses", KT_OPT_LIST, CHANNEL(warehouses), .def = "[]",
      .help = "Warehouses whose stock it sells; none named: all" },
    { "zone", KT_OPT_TEXT, CHANNEL(zone_name), .flags = KT_OPT_REQUIRED,
      .help = "Time zone in which prices begin and end (like Europe/Berlin)" },
    { 0 }
};
const char *const kt_channel_also[] = { "connection", "orders", "pages", NULL };

static const char *const over_names[] = { "fold", "split", "refuse", NULL };

#define PAGES(member) offsetof(struct kt_channel_site, member)
const struct kt_opt kt_pages_opts[] = {
    { "axes", KT_OPT_NUMBER, PAGES(axes_most), .def = "0", .max = KT_AXES_MAX,
      .help = "Most axes of a page; 0: as many as the channel takes" },
    { "over", KT_OPT_CHOICE, PAGES(limits.over), .def = "fold", .choices = over_names,
      .help = "What becomes of a page with more axes than that: the last ones are folded into one, "
              "it is split into several pages, or it is refused" },
    { "split_axes", KT_OPT_LIST, PAGES(limits.split_axes), .def = "[]",
      .help = "With over: split, the axes to split by, in this order; none named: from the last" },
    { "variants", KT_OPT_NUMBER, PAGES(variants_most), .def = "0", .max = 100000,
      .help = "Most variants of a page; 0: as many as the channel takes" },
    { 0 }
};

#define ORDERS(member) offsetof(struct kt_channel_site, member)
const struct kt_opt kt_orders_opts[] = {
    { "currencies", KT_OPT_LIST, ORDERS(currencies), .def = "[]",
      .help = "Currencies of orders; none named: the channel's" },
    { "customer", KT_OPT_CHOICE, ORDERS(customer), .def = "one_time", .choices = customer_rules,
      .help = "Book to the one-time account, or to the customer in the ERP that matches" },
    { "every", KT_OPT_SECS, ORDERS(orders_every_s), .def = "30s", .min = 1, .max = WEEK_S,
      .help = "How often new orders are fetched" },
    { "from", KT_OPT_TEXT, ORDERS(orders_from),
      .help = "Instant like 2026-01-01T00:00:00Z; orders placed earlier are left alone. Needed "
              "where orders are taken" },
    { "line_tolerance", KT_OPT_DECIMAL, ORDERS(line_tolerance), .def = "0.01",
      .help = "How much a line's net and tax may miss its gross" },
    { "pricing", KT_OPT_CHOICE, ORDERS(pricing), .def = "shop", .choices = pricings,
      .help = "Whose price binds: shop, so that a document with another sum is blocked, or erp" },
    { "released_methods", KT_OPT_LIST, ORDERS(released_methods), .def = "[]",
      .help = "Payment methods whose orders are booked before they are paid" },
    { "sum_tolerance", KT_OPT_DECIMAL, ORDERS(sum_tolerance), .def = "0.02",
      .help = "How much the ERP's sum may miss the shop's before the document is blocked" },
    { "take", KT_OPT_BOOL, ORDERS(takes_orders), .def = "false",
      .help = "Whether its orders are booked in the ERP" },
    { "test_orders", KT_OPT_BOOL, ORDERS(books_tests), .def = "false",
      .help = "Whether orders that were paid with play money are booked, too; for staging" },
    { 0 }
};

static void section(struct kt_buf *out, const char *title, const struct kt_opt *opts)
{
    kt_buf_format(out, "%s%s\n", out->n == 0 ? "" : "\n", title);
    kt_conf_help(out, opts);
}

void kt_config_help(struct kt_buf *out)
{
    section(out, "top level", kt_site_opts);
    section(out, "database", kt_db_opts);
    section(out, "log", kt_log_opts);
    section(out, "retry", kt_retry_opts);
    section(out, "erps.NAME", kt_erp_opts);
    section(out, "erps.NAME.brakes", kt_brakes_opts);
    section(out, "erps.NAME.every", kt_every_opts);
    section(out, "erps.NAME.grouping", kt_grouping_opts);
    for (size_t i = 0; kt_registry_erp_name(i) != NULL; i++) {
        const char *name = kt_registry_erp_name(i);
        kt_buf_format(out, "\nerps.NAME.connection, adapter %s\n", name);
        kt_conf_help(out, kt_registry_erp(name)->opts);
    }
    section(out, "channels.NAME", kt_channel_opts);
    section(out, "channels.NAME.orders", kt_orders_opts);
    section(out, "channels.NAME.pages", kt_pages_opts);
    for (size_t i = 0; kt_registry_channel_name(i) != NULL; i++) {
        const char *name = kt_registry_channel_name(i);
        kt_buf_format(out, "\nchannels.NAME.connection, adapter %s\n", name);
        kt_conf_help(out, kt_registry_channel(name)->opts);
    }
    section(out, "listen.NAME", kt_listen_opts);
    section(out, "push", kt_push_opts);
    section(out, "documents", kt_documents_opts);
    section(out, "documents.kinds.NAME", kt_kind_opts);
    section(out, "compliance.certificates.NAME", kt_certificate_opts);
    section(out, "compliance.market_rules.NAME", kt_market_opts);
    section(out, "security", kt_security_opts);
    section(out, "keys.NAME", kt_wss_key_opts);
    section(out, "wss.NAME", kt_wss_policy_opts);
    section(out, "partners.NAME", kt_partner_opts);
    section(out, "drop.NAME", kt_drop_opts);
    section(out, "drop.NAME.files.NAME", kt_drop_files_opts);
}
