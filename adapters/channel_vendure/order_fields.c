/* Which fields of an order are asked for. Vendure has none for a tax number, the buyer's own order
 * number or a note: shops define custom fields for them, and a question for one that is not there
 * fails as a whole. So only those are asked for that the shop has. Called by orders.c; decoding
 * uses the same names. The session's thread. */
#include "adapters/channel_vendure/decode.h"

enum { QUERY_MAX = 8192, NAMES = 5 };

/* The names that shops give them, NULL behind. */
static const char *const known[][NAMES] = {
    [VENDURE_BUYER_PO] = { "buyerPo", "poNumber", "purchaseOrderNumber", NULL },
    [VENDURE_NOTE] = { "customerNote", "orderNote", "comment", NULL },
    [VENDURE_VAT_ID] = { "vatId", "vatNumber", "vatID", "taxId", NULL },
};

struct kt_str vendure_custom(const struct kt_json *entity, enum vendure_meaning meaning)
{
    const struct kt_json *fields = kt_json_get(entity, "customFields");
    for (size_t i = 0; known[meaning][i] != NULL; i++) {
        struct kt_str value = kt_str_trim(kt_json_text_of(fields, known[meaning][i]));
        if (value.n > 0)
            return value;
    }
    return (struct kt_str){ NULL, 0 };
}

static void put_known(struct kt_buf *b, const struct kt_channel *channel, const char *entity,
                      enum vendure_meaning meaning, bool *is_open)
{
    for (size_t i = 0; known[meaning][i] != NULL; i++) {
        if (!vendure_has_field(channel, entity, known[meaning][i]))
            continue;
        kt_buf_format(b, "%s%s", *is_open ? " " : " customFields{", known[meaning][i]);
        *is_open = true;
    }
}

static void close(struct kt_buf *b, bool is_open)
{
    if (is_open)
        kt_buf_char(b, '}');
}

static void put_address(struct kt_buf *b, const struct kt_channel *channel, const char *name)
{
    bool is_open = false;
    kt_buf_format(b,
                  " %s{fullName company streetLine1 streetLine2 city province postalCode"
                  " countryCode phoneNumber",
                  name);
    put_known(b, channel, "Address", VENDURE_VAT_ID, &is_open);
    close(b, is_open);
    kt_buf_char(b, '}');
}

const char *vendure_order_fields(const struct kt_channel *channel, struct kt_arena *a)
{
    struct kt_buf b;
    bool is_open = false;
    kt_buf_init(&b, a, QUERY_MAX);
    kt_buf_text(&b, "id code state updatedAt orderPlacedAt currencyCode total totalWithTax"
                    " lines{id quantity orderPlacedQuantity proratedLinePrice"
                    " proratedLinePriceWithTax taxLines{description}"
                    " productVariant{sku name}}"
                    " surcharges{id description sku price priceWithTax taxLines{description}}"
                    " shippingLines{id discountedPrice discountedPriceWithTax"
                    " shippingMethod{code name}}"
                    " payments{id method state amount transactionId}"
                    " customer{id emailAddress firstName lastName phoneNumber user{id}");
    put_known(&b, channel, "Customer", VENDURE_VAT_ID, &is_open);
    close(&b, is_open);
    kt_buf_char(&b, '}');
    put_address(&b, channel, "billingAddress");
    put_address(&b, channel, "shippingAddress");
    is_open = false;
    for (int meaning = VENDURE_BUYER_PO; meaning <= VENDURE_VAT_ID; meaning++)
        put_known(&b, channel, "Order", (enum vendure_meaning)meaning, &is_open);
    close(&b, is_open);
    KT_ASSERT(kt_buf_ok(&b)); /* every name is a constant */
    return kt_buf_view(&b).p;
}
