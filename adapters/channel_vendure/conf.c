/* The settings of a Vendure channel: one table that drives parsing, limits, help and docs.
 * Read-only after the configuration is loaded; used by adapter.c. */
#include "adapters/channel_vendure/conf.h"

#include <stddef.h>

const struct kt_opt vendure_opts[] = {
    KT_HTTP_OPTS(struct vendure_conf, http, "user", "password"),
    { "channel_token", KT_OPT_TEXT, offsetof(struct vendure_conf, channel_token),
      .help = "Token of the Vendure channel to work in; without it the default channel" },
    { "max_body", KT_OPT_SIZE, offsetof(struct vendure_conf, max_body), .def = "90k", .min = 16384,
      .max = 64 << 20, .help = "Largest request that the shop takes" },
    { "max_media", KT_OPT_SIZE, offsetof(struct vendure_conf, max_media), .def = "20M",
      .min = 65536, .max = 200 << 20, .help = "Largest file that is handed on to the shop" },
    { "media_url", KT_OPT_URL, offsetof(struct vendure_conf, media_url),
      .help = "Where pictures are fetched to be uploaded: what their addresses begin with; without "
              "it pictures are left to the shop" },
    { "order_overlap", KT_OPT_SECS, offsetof(struct vendure_conf, order_overlap_s), .def = "300",
      .min = 0, .max = 86400,
      .help = "How far each look at the orders reaches back behind the last one" },
    { "order_states", KT_OPT_LIST, offsetof(struct vendure_conf, order_states),
      .def = "[PaymentAuthorized, PaymentSettled, PartiallyShipped, Shipped, PartiallyDelivered, "
             "Delivered, Cancelled]",
      .help = "States in which an order of the shop counts as placed" },
    { "order_sweep", KT_OPT_SECS, offsetof(struct vendure_conf, order_sweep_s), .def = "259200",
      .min = 0, .max = 31536000,
      .help = "Orders placed so long ago are looked at again every ten minutes, for Vendure does "
              "not date a change of their state" },
    { "stock_location", KT_OPT_TEXT, offsetof(struct vendure_conf, stock_location),
      .help = "Name of the stock location that gets the figures; may be absent if there is one" },
    { 0 },
};
