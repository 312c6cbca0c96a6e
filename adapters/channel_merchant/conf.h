#ifndef KT_CHANNEL_MERCHANT_CONF_H
#define KT_CHANNEL_MERCHANT_CONF_H

#include "base/conf.h"

struct merchant_conf {
    int64_t every_s;
    const char *file;
    const char *folder;
    const char *link;
    bool needs_picture;
    int64_t shrink_percent;
    const char *title;
};

extern const struct kt_opt merchant_opts[];

#endif
