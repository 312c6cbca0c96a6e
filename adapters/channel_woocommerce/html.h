#ifndef KT_CHANNEL_WOOCOMMERCE_HTML_H
#define KT_CHANNEL_WOOCOMMERCE_HTML_H

#include "base/arena.h"
#include "base/str.h"

/* Texts as the shop gives them back: it writes characters as entities, filters HTML, and puts
 * paragraphs where lines ended. Two texts that mean the same have the same plain form. */
struct kt_str woocommerce_plain(struct kt_str text, struct kt_arena *a);

#endif
