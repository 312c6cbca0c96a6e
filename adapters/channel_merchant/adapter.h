#ifndef KT_CHANNEL_MERCHANT_ADAPTER_H
#define KT_CHANNEL_MERCHANT_ADAPTER_H

#include "port/channel.h"

extern const struct kt_channel_ops kt_channel_merchant;

#endif
