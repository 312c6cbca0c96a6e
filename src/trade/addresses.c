/* The rule that an order's address can be delivered to. Pure, any thread; called by the order flow
 * before the ERP is asked. It refuses only what is certainly wrong. */
#include "trade/addresses.h"

#include <stdio.h>

#include "trade/countries.h"
#include "trade/param.h"
#include "trade/streets.h"

struct check {
    char order[KT_PARAM_MAX];
    const char *what;
    struct kt_err *e;
};

static enum kt_rc missing(const struct check *c, const char *field)
{
    char text[KT_PARAM_MAX];
    (void)snprintf(text, sizeof text, "%s of the %s", field, c->what); /* cut is fine */
    return kt_fail(c->e, KT_REJECT, KT_RECORD, KT_E_ORDER_FIELD_MISSING,
                   KT_P_TEXT("order", c->order), KT_P_TEXT("field", text));
}

static enum kt_rc wrong_country(const struct check *c, struct kt_str code)
{
    char value[KT_PARAM_MAX];
    if (kt_is_blank(code))
        return missing(c, "country");
    kt_param_text(value, code);
    return kt_fail(c->e, KT_REJECT, KT_RECORD, KT_E_ORDER_COUNTRY_INVALID,
                   KT_P_TEXT("order", c->order), KT_P_TEXT("value", value));
}

static enum kt_rc check_postcode(const struct check *c, const struct kt_country *country,
                                 struct kt_str postcode)
{
    char normal[KT_POSTCODE_MAX];
    char value[KT_PARAM_MAX];
    if (kt_is_blank(postcode))
        return country->needs_postcode ? missing(c, "postal code") : KT_OK;
    if (country->forms == NULL || kt_postcode_normal(country, postcode, normal))
        return KT_OK;
    kt_param_text(value, postcode);
    return kt_fail(c->e, KT_REJECT, KT_RECORD, KT_E_ORDER_POSTCODE_INVALID,
                   KT_P_TEXT("order", c->order), KT_P_PERSON("value", value),
                   KT_P_TEXT("country", country->code), KT_P_TEXT("example", country->example));
}

/* Some shops put the number, or the street itself, into the second line; a digit behind "c/o"
 * belongs to somebody's name or room. */
static enum kt_rc check_house_number(const struct check *c, const struct kt_country *country,
                                     const struct kt_address *address)
{
    char value[KT_PARAM_MAX];
    const struct kt_str line[] = { address->street, address->street2 };
    bool is_wanted = false;
    for (size_t i = 0; i < KT_COUNT(line); i++) {
        if (kt_str_starts(line[i], "c/o"))
            continue;
        if (kt_street_has_number(line[i]) || kt_street_is_place(line[i]))
            return KT_OK;
        is_wanted = is_wanted || kt_street_wants_number(country, line[i]);
    }
    if (!is_wanted)
        return KT_OK;
    kt_param_text(value, address->street);
    return kt_fail(c->e, KT_REJECT, KT_RECORD, KT_E_ORDER_HOUSE_NUMBER_MISSING,
                   KT_P_TEXT("order", c->order), KT_P_TEXT("field", c->what),
                   KT_P_PERSON("value", value));
}

enum kt_rc kt_address_check(const struct kt_order *o, const struct kt_address *address,
                            const char *what, struct kt_err *e)
{
    struct check c = { .what = what, .e = e };
    kt_param_order(c.order, o);
    if (kt_is_blank(address->name) && kt_is_blank(address->company))
        return missing(&c, "name");
    if (kt_is_blank(address->street))
        return missing(&c, "street");
    if (kt_is_blank(address->city))
        return missing(&c, "city");
    const struct kt_country *country = kt_country_find(address->country);
    if (country == NULL)
        return wrong_country(&c, address->country);
    enum kt_rc rc = check_postcode(&c, country, address->postcode);
    if (rc == KT_OK)
        rc = check_house_number(&c, country, address);
    return rc;
}
