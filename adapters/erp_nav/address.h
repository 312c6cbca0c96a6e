#ifndef KT_ERP_NAV_ADDRESS_H
#define KT_ERP_NAV_ADDRESS_H

#include "model/order.h"

/* A shop's address in NAV's fields: a company is the name and the person its contact; a person
 * alone is the name. The house number stays in the street. */
struct kt_nav_address {
    struct kt_str name;
    struct kt_str name_2;
    struct kt_str contact;
    struct kt_str address;
    struct kt_str address_2;
    struct kt_str city;
    struct kt_str post_code;
    struct kt_str county; /* absent where it does not fit: nobody delivers by it */
    struct kt_str country;
    struct kt_str phone;
    struct kt_str email;
};

/* bc: the longer fields of Business Central 14 and later. Names and streets that are too long go on
 * in the second field, cut at a blank, where that is empty. */
void kt_nav_address(struct kt_nav_address *out, const struct kt_address *in, bool is_bc);

enum kt_nav_text_max {
    KT_NAV_NAME_2_MAX = 50,
    KT_NAV_ADDRESS_2_MAX = 50,
    KT_NAV_CITY_MAX = 30,
    KT_NAV_COUNTY_MAX = 30,
    KT_NAV_POST_CODE_MAX = 20,
    KT_NAV_COUNTRY_MAX = 10,
    KT_NAV_PHONE_MAX = 30,
    KT_NAV_EMAIL_MAX = 80
};
size_t kt_nav_name_max(bool is_bc);    /* Name, Address: 50, then 100 */
size_t kt_nav_contact_max(bool is_bc); /* Contact: 50, then 100 */

/* Where goods go: the delivery address, or the billing address where there is none. */
const struct kt_address *kt_nav_ship_to(const struct kt_order *order);

#endif
