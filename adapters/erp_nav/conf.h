#ifndef KT_ERP_NAV_CONF_H
#define KT_ERP_NAV_CONF_H

#include "base/conf.h"
#include "base/err.h"
#include "wire/http.h"
#include "wire/soap_guard.h"

enum kt_nav_lengths { KT_NAV_LENGTHS_NAV = 0, KT_NAV_LENGTHS_BC };
enum kt_nav_units { KT_NAV_UNITS_NAV = 0, KT_NAV_UNITS_ISO };
/* Indices of the two choices of measures, see measure.h. */

struct kt_nav_conf {
    struct kt_http_conf http; /* url: up to the instance */
    struct kt_soap_guard_conf guard;
    const char *company;
    const char *tenant;              /* NULL: the server has one */
    struct kt_conf_texts services;   /* "item=ItemCard" */
    struct kt_conf_texts fields;     /* "item.GTIN=EAN_Code" */
    struct kt_conf_texts without;    /* "translation" */
    struct kt_conf_texts attributes; /* "Brand_Code=brand": further fields of the item page */
    const char *language;            /* of what NAV keeps as description */
    struct kt_conf_texts languages;  /* "ENU=en" */
    struct kt_conf_texts countries;  /* "D=DE" */
    struct kt_conf_texts axes;
    const char *axes_separator;
    const char *variant_separator;
    const char *date_format; /* NULL: NAV is asked */
    bool order_multiple;
    int weight_unit;
    int length_unit;
    int unit_codes;   /* enum kt_nav_units */
    int text_lengths; /* enum kt_nav_lengths */
    int64_t shipment_days;
    /* codeunit: prices, stock, orders */
    struct kt_conf_texts xmlports; /* "order=50243": numbers other than ours */
    const char *list_price;        /* list of the prices that are for everybody */
    const char *blank_location;    /* warehouse that NAV's empty location code becomes */
    const char *one_time_customer;
    const char *shipping_account; /* "gl:8400", "charge:FREIGHT", "item:…", "resource:…" */
    const char *fee_account;
    const char *discount_account;
    struct kt_conf_texts payments; /* "paypal=PAYPAL" */
};

extern const struct kt_opt kt_nav_opts[];

/* What the table cannot say: forms of the lists, names that no page or field has.
 * Errors KT_CONFIG/KT_ENDPOINT with the settings' names in the trail. */
enum kt_rc kt_nav_conf_check(const struct kt_nav_conf *conf, struct kt_err *e) KT_MUST;

/* What stands behind NAME= in a list; absent: nothing. */
struct kt_str kt_nav_conf_of(const struct kt_conf_texts *list, struct kt_str name);

#endif
