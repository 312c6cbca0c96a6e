#ifndef KT_CHANNEL_WOOCOMMERCE_MAPPING_H
#define KT_CHANNEL_WOOCOMMERCE_MAPPING_H

/* The text of woocommerce.lua, made by embed.cmake at build time. */
extern const char woocommerce_lua[];

#endif
