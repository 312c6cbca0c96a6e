#ifndef KT_CHANNEL_VENDURE_MAPPING_H
#define KT_CHANNEL_VENDURE_MAPPING_H

/* The text of vendure.lua, made by embed.cmake at build time. */
extern const char vendure_lua[];

#endif
