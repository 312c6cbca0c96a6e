/* The set-up check of a shop: what OPTIONS tells of each address that is used (methods, parameters,
 * schema) against what Kontor asks for, sends and reads. Sent fields are those of the default
 * mapping. The session's thread; called through port/channel.h. */
#include "format/contract.h"

#include "adapters/channel_woocommerce/call.h"
#include "adapters/channel_woocommerce/contract_fields.h"
#include "format/schema.h"

/* One address. `about`: the place of an id is filled with one that need not exist. */
static const struct route {
    const char *path;  /* asked */
    const char *about; /* said */
    const char *method;
    const struct woocommerce_wanted *arguments;
    const struct woocommerce_wanted *fields;
    enum kt_need need;
    enum kt_code follows;
} routes[] = {
    { "/products", "/products", "GET", &woocommerce_product_arguments, &woocommerce_product_fields,
      KT_NEED_MUST, KT_E_FOLLOWS_NO_PAGES },
    { "/products/batch", "/products/batch", "POST", NULL, NULL, KT_NEED_MUST,
      KT_E_FOLLOWS_NO_PAGES },
    { "/products/1/variations", "/products/{id}/variations", "GET", NULL,
      &woocommerce_variation_fields, KT_NEED_SHOULD, KT_E_FOLLOWS_NO_VARIANTS },
    { "/products/1/variations/batch", "/products/{id}/variations/batch", "POST", NULL, NULL,
      KT_NEED_SHOULD, KT_E_FOLLOWS_NO_VARIANTS },
    { "/products/categories", "/products/categories", "GET", NULL, &woocommerce_category_fields,
      KT_NEED_SHOULD, KT_E_FOLLOWS_NO_CATEGORIES },
    { "/products/categories/batch", "/products/categories/batch", "POST", NULL, NULL,
      KT_NEED_SHOULD, KT_E_FOLLOWS_NO_CATEGORIES },
    { "/products/attributes", "/products/attributes", "GET", NULL, &woocommerce_attribute_fields,
      KT_NEED_SHOULD, KT_E_FOLLOWS_NO_ATTRIBUTES },
    { "/products/attributes/batch", "/products/attributes/batch", "POST", NULL, NULL,
      KT_NEED_SHOULD, KT_E_FOLLOWS_NO_ATTRIBUTES },
    { "/orders", "/orders", "GET", &woocommerce_order_arguments, &woocommerce_order_fields,
      KT_NEED_MUST, KT_E_FOLLOWS_NO_SHOP_ORDERS },
    { "/orders/1", "/orders/{id}", "PUT", NULL, NULL, KT_NEED_SHOULD, KT_E_FOLLOWS_NO_NOTICE },
};

static bool has_text(const struct kt_json *list, const char *text)
{
    for (size_t i = 0; i < kt_json_count(list); i++) {
        if (kt_str_is(kt_json_text(kt_json_at(list, i)), text))
            return true;
    }
    return false;
}

/* The endpoint of an address that takes the method; NULL: none. */
static const struct kt_json *endpoint_of(const struct kt_json *answer, const char *method)
{
    const struct kt_json *list = kt_json_get(answer, "endpoints");
    for (size_t i = 0; i < kt_json_count(list); i++) {
        if (has_text(kt_json_get(kt_json_at(list, i), "methods"), method))
            return kt_json_at(list, i);
    }
    return NULL;
}

static void compare(struct kt_contract *gaps, const struct route *r, const struct kt_json *answer)
{
    const struct kt_json *endpoint = endpoint_of(answer, r->method);
    const struct kt_json *schema = kt_json_get(answer, "schema");
    const char *asked = kt_format(gaps->arena, "%s %s", r->method, r->about);
    if (endpoint == NULL) {
        kt_contract_no_operation(gaps, r->about, r->method, r->need, r->follows);
        return;
    }
    if (r->arguments != NULL)
        kt_contract_fields(gaps, asked,
                           kt_form_of_properties(kt_json_get(endpoint, "args"), gaps->arena),
                           r->arguments->row, r->arguments->count);
    if (r->fields != NULL && kt_json_type(schema) == KT_JSON_OBJECT)
        kt_contract_fields(gaps, r->about, kt_form_of_schema(schema, gaps->arena), r->fields->row,
                           r->fields->count);
    else if (r->fields != NULL)
        kt_contract_unreadable(gaps, r->about, "the answer to OPTIONS has no schema", KT_NEED_MAY);
}

/* A firewall that knows no OPTIONS says nothing about the shop: nothing is compared then. */
static enum kt_rc ask(struct kt_channel *channel, const struct route *r, struct kt_contract *gaps,
                      struct kt_arena *a, struct kt_err *e)
{
    struct woocommerce_call q = {
        .method = "OPTIONS",
        .path = kt_format(a, "/wp-json/wc/v3%s", r->path),
        .what = r->about,
        .expected = "rest_no_route",
    };
    const struct kt_json *answer = NULL;
    struct kt_err refused = { 0 };
    bool is_missing = false;
    enum kt_rc rc = woocommerce_call(channel, &q, &answer, &is_missing, a, &refused);
    if (rc == KT_OK && is_missing)
        kt_contract_no_service(gaps, r->about, "rest_no_route", r->need, r->follows);
    else if (rc == KT_OK)
        compare(gaps, r, answer);
    else if (rc != KT_RETRY && refused.v.code != KT_E_PARTNER_LOGIN)
        kt_contract_unreadable(gaps, r->about, "OPTIONS is refused", KT_NEED_MAY);
    else
        *e = refused;
    return e->v.rc;
}

enum kt_rc woocommerce_contract(struct kt_channel *channel, struct kt_deviations *out,
                                struct kt_arena *a, struct kt_err *e)
{
    struct kt_contract gaps = { .arena = a };
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; i < KT_COUNT(routes) && rc == KT_OK; i++)
        rc = ask(channel, &routes[i], &gaps, a, e);
    if (rc != KT_OK)
        return kt_trail(e, "contract");
    for (size_t i = 0; i < gaps.count; i++)
        kt_deviations_put(out, &gaps.gap[i].v, gaps.gap[i].follows);
    return KT_OK;
}
