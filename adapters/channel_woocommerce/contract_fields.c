/* The fields of wc/v3 that Kontor uses, for the set-up check: sent ones as the default mapping
 * sends them, read ones as orders are decoded. Constant data; used by contract.c. */
#include "adapters/channel_woocommerce/contract_fields.h"

static const char *const types[] = { "simple", "variable", NULL };
static const char *const states[] = { "publish", "draft", NULL };
static const char *const variation_states[] = { "publish", "private", NULL };
static const char *const visible[] = { "visible", "hidden", NULL };
static const char *const stock[] = { "instock", "outofstock", NULL };
static const char *const modified[] = { "modified", NULL };
static const char *const any_status[] = { "any", NULL };

/* A row: path, what it holds, how much it is needed, what becomes of it, values (NULL: any). */
#define SENT(name, kind, use, what, values)                                             \
    {                                                                                   \
        .path = (name), .base = KT_FORM_##kind, .need = KT_NEED_##use, .is_sent = true, \
        .follows = KT_E_##what, .is = (values)                                          \
    }
#define READ(name, kind, use, what, values)                                                    \
    {                                                                                          \
        .path = (name), .base = KT_FORM_##kind, .need = KT_NEED_##use, .follows = KT_E_##what, \
        .is = (values)                                                                         \
    }

static const struct kt_wanted product_arguments[] = {
    SENT("sku", TEXT, MUST, FOLLOWS_NO_PAGES, NULL),
    SENT("include", ANY, MUST, FOLLOWS_NO_PAGES, NULL),
    SENT("per_page", INTEGER, SHOULD, FOLLOWS_NO_PAGES, NULL),
};

static const struct kt_wanted order_arguments[] = {
    SENT("modified_after", ANY, MUST, FOLLOWS_NO_SHOP_ORDERS, NULL),
    SENT("after", ANY, SHOULD, FOLLOWS_NO_SHOP_ORDERS, NULL),
    SENT("dates_are_gmt", ANY, MUST, FOLLOWS_NO_SHOP_ORDERS, NULL),
    SENT("orderby", TEXT, MUST, FOLLOWS_NO_SHOP_ORDERS, modified),
    SENT("status", ANY, MUST, FOLLOWS_NO_SHOP_ORDERS, any_status),
};

static const struct kt_wanted product_fields[] = {
    SENT("type", TEXT, MUST, FOLLOWS_NO_PAGES, types),
    SENT("sku", TEXT, MUST, FOLLOWS_NO_PAGES, NULL),
    SENT("name", TEXT, MUST, FOLLOWS_NO_NAME, NULL),
    SENT("description", TEXT, SHOULD, FOLLOWS_NOT_SENT, NULL),
    SENT("short_description", TEXT, SHOULD, FOLLOWS_NOT_SENT, NULL),
    SENT("status", TEXT, MUST, FOLLOWS_NO_PAGES, states),
    SENT("catalog_visibility", TEXT, SHOULD, FOLLOWS_NOT_SENT, visible),
    SENT("tax_class", TEXT, SHOULD, FOLLOWS_TAX_UNKNOWN, NULL),
    SENT("global_unique_id", TEXT, SHOULD, FOLLOWS_NO_GTIN, NULL),
    SENT("regular_price", TEXT, MUST, FOLLOWS_NO_PRICES, NULL),
    SENT("sale_price", TEXT, SHOULD, FOLLOWS_NOT_SENT, NULL),
    SENT("date_on_sale_from_gmt", DATETIME, SHOULD, FOLLOWS_NOT_SENT, NULL),
    SENT("date_on_sale_to_gmt", DATETIME, SHOULD, FOLLOWS_NOT_SENT, NULL),
    SENT("manage_stock", BOOL, MUST, FOLLOWS_NO_STOCK, NULL),
    SENT("stock_quantity", INTEGER, MUST, FOLLOWS_NO_STOCK, NULL),
    SENT("stock_status", TEXT, SHOULD, FOLLOWS_NO_STOCK, stock),
    SENT("weight", TEXT, SHOULD, FOLLOWS_NOT_SENT, NULL),
    SENT("dimensions/length", TEXT, SHOULD, FOLLOWS_NOT_SENT, NULL),
    SENT("dimensions/width", TEXT, SHOULD, FOLLOWS_NOT_SENT, NULL),
    SENT("dimensions/height", TEXT, SHOULD, FOLLOWS_NOT_SENT, NULL),
    SENT("categories/id", INTEGER, SHOULD, FOLLOWS_NO_CATEGORIES, NULL),
    SENT("images/id", INTEGER, SHOULD, FOLLOWS_NOT_SENT, NULL),
    SENT("images/src", TEXT, SHOULD, FOLLOWS_NOT_SENT, NULL),
    SENT("images/alt", TEXT, SHOULD, FOLLOWS_NOT_SENT, NULL),
    SENT("images/name", TEXT, MAY, FOLLOWS_NOT_SENT, NULL),
    SENT("attributes/id", INTEGER, SHOULD, FOLLOWS_NO_ATTRIBUTES, NULL),
    SENT("attributes/name", TEXT, SHOULD, FOLLOWS_NO_ATTRIBUTES, NULL),
    SENT("attributes/options", ANY, SHOULD, FOLLOWS_NO_ATTRIBUTES, NULL),
    SENT("attributes/position", INTEGER, MAY, FOLLOWS_NOT_SENT, NULL),
    SENT("attributes/visible", BOOL, MAY, FOLLOWS_NOT_SENT, NULL),
    SENT("attributes/variation", BOOL, SHOULD, FOLLOWS_NO_VARIANTS, NULL),
    SENT("meta_data/key", TEXT, MUST, FOLLOWS_NO_PAGES, NULL),
    SENT("meta_data/value", ANY, MUST, FOLLOWS_NO_PAGES, NULL),
    READ("parent_id", INTEGER, MAY, FOLLOWS_FIELD_EMPTY, NULL),
    READ("permalink", TEXT, MAY, FOLLOWS_FIELD_EMPTY, NULL),
};

static const struct kt_wanted variation_fields[] = {
    SENT("sku", TEXT, MUST, FOLLOWS_NO_VARIANTS, NULL),
    SENT("status", TEXT, MUST, FOLLOWS_NO_VARIANTS, variation_states),
    SENT("global_unique_id", TEXT, SHOULD, FOLLOWS_NO_GTIN, NULL),
    SENT("regular_price", TEXT, MUST, FOLLOWS_NO_PRICES, NULL),
    SENT("sale_price", TEXT, SHOULD, FOLLOWS_NOT_SENT, NULL),
    SENT("date_on_sale_from_gmt", DATETIME, SHOULD, FOLLOWS_NOT_SENT, NULL),
    SENT("date_on_sale_to_gmt", DATETIME, SHOULD, FOLLOWS_NOT_SENT, NULL),
    SENT("manage_stock", BOOL, MUST, FOLLOWS_NO_STOCK, NULL),
    SENT("stock_quantity", INTEGER, MUST, FOLLOWS_NO_STOCK, NULL),
    SENT("stock_status", TEXT, SHOULD, FOLLOWS_NO_STOCK, stock),
    SENT("weight", TEXT, SHOULD, FOLLOWS_NOT_SENT, NULL),
    SENT("dimensions/length", TEXT, SHOULD, FOLLOWS_NOT_SENT, NULL),
    SENT("dimensions/width", TEXT, SHOULD, FOLLOWS_NOT_SENT, NULL),
    SENT("dimensions/height", TEXT, SHOULD, FOLLOWS_NOT_SENT, NULL),
    SENT("attributes/id", INTEGER, MUST, FOLLOWS_NO_VARIANTS, NULL),
    SENT("attributes/name", TEXT, SHOULD, FOLLOWS_NO_VARIANTS, NULL),
    SENT("attributes/option", TEXT, MUST, FOLLOWS_NO_VARIANTS, NULL),
    SENT("image/id", INTEGER, SHOULD, FOLLOWS_NOT_SENT, NULL),
    SENT("image/src", TEXT, SHOULD, FOLLOWS_NOT_SENT, NULL),
    SENT("image/alt", TEXT, SHOULD, FOLLOWS_NOT_SENT, NULL),
    SENT("meta_data/key", TEXT, MUST, FOLLOWS_NO_PAGES, NULL),
    SENT("meta_data/value", ANY, MUST, FOLLOWS_NO_PAGES, NULL),
};

static const struct kt_wanted category_fields[] = {
    SENT("name", TEXT, MUST, FOLLOWS_NO_CATEGORIES, NULL),
    SENT("parent", INTEGER, SHOULD, FOLLOWS_NO_CATEGORIES, NULL),
    SENT("description", TEXT, MAY, FOLLOWS_NOT_SENT, NULL),
    SENT("menu_order", INTEGER, MAY, FOLLOWS_NOT_SENT, NULL),
};

static const struct kt_wanted attribute_fields[] = {
    SENT("name", TEXT, SHOULD, FOLLOWS_NO_ATTRIBUTES, NULL),
    SENT("slug", TEXT, SHOULD, FOLLOWS_NO_ATTRIBUTES, NULL),
};

static const struct kt_wanted order_fields[] = {
    READ("id", INTEGER, MUST, FOLLOWS_NO_SHOP_ORDERS, NULL),
    READ("number", TEXT, MUST, FOLLOWS_NO_SHOP_ORDERS, NULL),
    READ("status", TEXT, MUST, FOLLOWS_NO_SHOP_ORDERS, NULL),
    READ("currency", TEXT, MUST, FOLLOWS_NO_SHOP_ORDERS, NULL),
    READ("date_created_gmt", DATETIME, MUST, FOLLOWS_NO_SHOP_ORDERS, NULL),
    READ("date_modified_gmt", DATETIME, MUST, FOLLOWS_NO_SHOP_ORDERS, NULL),
    READ("date_paid_gmt", DATETIME, MAY, FOLLOWS_FIELD_EMPTY, NULL),
    READ("total", TEXT, MUST, FOLLOWS_NO_SHOP_ORDERS, NULL),
    READ("total_tax", TEXT, MUST, FOLLOWS_NO_SHOP_ORDERS, NULL),
    READ("prices_include_tax", BOOL, MUST, FOLLOWS_NO_SHOP_ORDERS, NULL),
    READ("customer_id", INTEGER, MAY, FOLLOWS_FIELD_EMPTY, NULL),
    READ("customer_note", TEXT, MAY, FOLLOWS_FIELD_EMPTY, NULL),
    READ("payment_method", TEXT, SHOULD, FOLLOWS_FIELD_EMPTY, NULL),
    READ("transaction_id", TEXT, MAY, FOLLOWS_FIELD_EMPTY, NULL),
    READ("billing/last_name", TEXT, MUST, FOLLOWS_NO_SHOP_ORDERS, NULL),
    READ("billing/email", TEXT, SHOULD, FOLLOWS_FIELD_EMPTY, NULL),
    READ("billing/country", TEXT, MUST, FOLLOWS_NO_SHOP_ORDERS, NULL),
    READ("shipping/last_name", TEXT, MUST, FOLLOWS_NO_SHOP_ORDERS, NULL),
    READ("shipping/country", TEXT, MUST, FOLLOWS_NO_SHOP_ORDERS, NULL),
    READ("line_items/sku", TEXT, MUST, FOLLOWS_NO_SHOP_ORDERS, NULL),
    READ("line_items/quantity", INTEGER, MUST, FOLLOWS_NO_SHOP_ORDERS, NULL),
    READ("line_items/total", TEXT, MUST, FOLLOWS_NO_SHOP_ORDERS, NULL),
    READ("line_items/total_tax", TEXT, MUST, FOLLOWS_NO_SHOP_ORDERS, NULL),
    READ("shipping_lines/total", TEXT, MUST, FOLLOWS_NO_SHOP_ORDERS, NULL),
    READ("fee_lines/total", TEXT, MUST, FOLLOWS_NO_SHOP_ORDERS, NULL),
    SENT("meta_data/key", TEXT, SHOULD, FOLLOWS_NO_NOTICE, NULL),
    SENT("meta_data/value", ANY, SHOULD, FOLLOWS_NO_NOTICE, NULL),
};

const struct woocommerce_wanted woocommerce_product_arguments = { product_arguments,
                                                                  KT_COUNT(product_arguments) };
const struct woocommerce_wanted woocommerce_order_arguments = { order_arguments,
                                                                KT_COUNT(order_arguments) };
const struct woocommerce_wanted woocommerce_product_fields = { product_fields,
                                                               KT_COUNT(product_fields) };
const struct woocommerce_wanted woocommerce_variation_fields = { variation_fields,
                                                                 KT_COUNT(variation_fields) };
const struct woocommerce_wanted woocommerce_category_fields = { category_fields,
                                                                KT_COUNT(category_fields) };
const struct woocommerce_wanted woocommerce_attribute_fields = { attribute_fields,
                                                                 KT_COUNT(attribute_fields) };
const struct woocommerce_wanted woocommerce_order_fields = { order_fields, KT_COUNT(order_fields) };
