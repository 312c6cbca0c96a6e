#ifndef KT_TRADE_ADDRESSES_H
#define KT_TRADE_ADDRESSES_H

#include "base/err.h"
#include "model/order.h"

/* Can a parcel and an invoice reach this address? Name or company, street, city and country are
 * there; the postal code is there where the country has them, and in one of its forms; the house
 * number is there where the country's addresses have one. Reading of street lines: streets.h, of
 * postal codes: countries.h (also their normal form).
 * what     "delivery address" or "billing address", for the sentence
 * Errors   KT_REJECT/KT_RECORD: ORDER_FIELD_MISSING, ORDER_COUNTRY_INVALID,
 *          ORDER_POSTCODE_INVALID, ORDER_HOUSE_NUMBER_MISSING */
enum kt_rc kt_address_check(const struct kt_order *o, const struct kt_address *address,
                            const char *what, struct kt_err *e) KT_MUST;

#endif
