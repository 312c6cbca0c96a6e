#ifndef KT_CHANNEL_MERCHANT_MAPPING_H
#define KT_CHANNEL_MERCHANT_MAPPING_H

/* The text of merchant.lua, made by embed.cmake at build time. */
extern const char merchant_lua[];

#endif
