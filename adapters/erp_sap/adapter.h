#ifndef KT_ERP_SAP_ADAPTER_H
#define KT_ERP_SAP_ADAPTER_H

#include "port/erp.h"

extern const struct kt_erp_ops kt_erp_sap;

#endif
