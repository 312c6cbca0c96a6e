/* The settings of a WooCommerce channel: one table that drives parsing, limits, help and docs.
 * Read-only after the configuration is loaded; used by adapter.c. */
#include "adapters/channel_woocommerce/conf.h"

#include <stddef.h>

const struct kt_opt woocommerce_opts[] = {
    KT_HTTP_OPTS(struct woocommerce_conf, http, "consumer_key", "consumer_secret"),
    { "completed_when_delivered", KT_OPT_BOOL,
      offsetof(struct woocommerce_conf, completed_when_delivered), .def = "false",
      .help = "Whether the last delivery sets the order to completed" },
    { "delivery_notes", KT_OPT_BOOL, offsetof(struct woocommerce_conf, delivery_notes),
      .def = "false",
      .help =
          "Whether each delivery becomes a note to the customer, which the shop sends by mail" },
    { "order_overlap", KT_OPT_SECS, offsetof(struct woocommerce_conf, order_overlap_s),
      .def = "300", .min = 0, .max = 86400,
      .help = "How far each look at the orders reaches back behind the last one" },
    { "webhook_secret", KT_OPT_SECRET, offsetof(struct woocommerce_conf, webhook_secret),
      .help = "Secret of the shop's webhooks; without it webhooks are refused" },
    { "webhook_secret_next", KT_OPT_SECRET, offsetof(struct woocommerce_conf, webhook_secret_next),
      .help = "Second secret that is accepted too, while the first one is being replaced" },
    { 0 },
};
