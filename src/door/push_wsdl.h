#ifndef KT_DOOR_PUSH_WSDL_H
#define KT_DOOR_PUSH_WSDL_H

#include <stddef.h>

/* wsdl/kontor/push.wsdl, byte for byte (embed.cmake). */
extern const unsigned char kt_push_wsdl[];
extern const size_t kt_push_wsdl_size;

#endif
