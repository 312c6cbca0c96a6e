#ifndef KT_ERP_NAV_ADAPTER_H
#define KT_ERP_NAV_ADAPTER_H

#include "port/erp.h"

extern const struct kt_erp_ops kt_erp_nav;

#endif
