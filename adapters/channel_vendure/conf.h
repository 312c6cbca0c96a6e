#ifndef KT_CHANNEL_VENDURE_CONF_H
#define KT_CHANNEL_VENDURE_CONF_H

#include "base/conf.h"
#include "wire/http.h"

struct vendure_conf {
    struct kt_http_conf http;  /* url: of the admin API; user and password: of its login */
    const char *channel_token; /* NULL: the default channel */
    const char *stock_location;
    const char *media_url; /* what addresses of pictures begin with; NULL: none is sent */
    struct kt_conf_texts order_states; /* in which an order counts as placed */
    int64_t order_overlap_s;
    int64_t order_sweep_s;
    int64_t max_body;  /* bytes of one request */
    int64_t max_media; /* bytes of one file */
};

extern const struct kt_opt vendure_opts[];

#endif
