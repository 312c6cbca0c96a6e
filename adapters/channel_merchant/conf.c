/* The settings of a merchant feed: one table that drives parsing, limits, help and docs. Read-only
 * after the configuration is loaded; used by adapter.c, which checks what a table cannot say. */
#include "adapters/channel_merchant/conf.h"

#include <stddef.h>

const struct kt_opt merchant_opts[] = {
    { "every", KT_OPT_SECS, offsetof(struct merchant_conf, every_s), .def = "30", .min = 1,
      .max = 86400, .help = "Shortest time between two versions of the feed" },
    { "file", KT_OPT_TEXT, offsetof(struct merchant_conf, file), .def = "products.xml",
      .help = "Name of the feed in the folder" },
    { "folder", KT_OPT_FILE, offsetof(struct merchant_conf, folder), .flags = KT_OPT_REQUIRED,
      .help = "Folder that the feed is written into, where the portal's crawler can fetch it" },
    { "link", KT_OPT_TEXT, offsetof(struct merchant_conf, link), .flags = KT_OPT_REQUIRED,
      .help = "Address of an article's page in the shop; {id} and every other attribute of the "
              "article in braces is filled in" },
    { "needs_picture", KT_OPT_BOOL, offsetof(struct merchant_conf, needs_picture), .def = "true",
      .help = "Whether an article without a picture is refused, as Google does" },
    { "shrink", KT_OPT_NUMBER, offsetof(struct merchant_conf, shrink_percent), .def = "30",
      .min = 0, .max = 100,
      .help = "How much smaller than the last one a feed may be, in percent; 100: as it comes" },
    { "title", KT_OPT_TEXT, offsetof(struct merchant_conf, title), .def = "Products",
      .help = "Title of the feed" },
    { 0 },
};
