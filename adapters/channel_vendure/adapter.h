#ifndef KT_CHANNEL_VENDURE_ADAPTER_H
#define KT_CHANNEL_VENDURE_ADAPTER_H

#include "port/channel.h"

extern const struct kt_channel_ops kt_channel_vendure;

#endif
