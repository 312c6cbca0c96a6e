/* Where the fields of state records stand in gSOAP's structs of push.wsdl: const tables, any
 * thread. Each is in the order of its shape; a test fills every field of every shape through them.
 */
#include "door/push_forms.h"

#include "model/record.h"

static const struct kt_push_row id_rows[] = { { 0, NULL } }; /* an item is a text by itself */
const struct kt_push_form kt_push_id_form = { &kt_ref_shape, sizeof(char *), id_rows,
                                              KT_COUNT(id_rows) };

static const struct kt_push_row text_rows[] = {
    VALUE(Text, language),
    VALUE(Text, name),
    VALUE(Text, shortText),
    VALUE(Text, longText),
};
static const struct kt_push_form text_form = { &kt_text_shape, sizeof(struct push__Text), text_rows,
                                               KT_COUNT(text_rows) };

static const struct kt_push_row attribute_rows[] = {
    VALUE(Attribute, code),
    VALUE(Attribute, language),
    VALUE(Attribute, value),
    VALUE(Attribute, unit),
};
const struct kt_push_form kt_push_attribute_form = { &kt_attribute_shape,
                                                     sizeof(struct push__Attribute), attribute_rows,
                                                     KT_COUNT(attribute_rows) };

static const struct kt_push_row gtin_rows[] = {
    VALUE(Gtin, code),
    VALUE(Gtin, unit),
    VALUE(Gtin, isPrimary),
};
static const struct kt_push_form gtin_form = { &kt_gtin_shape, sizeof(struct push__Gtin), gtin_rows,
                                               KT_COUNT(gtin_rows) };

static const struct kt_push_row media_rows[] = {
    VALUE(Media, position), VALUE(Media, url),      VALUE(Media, sha256),
    VALUE(Media, role),     VALUE(Media, language), VALUE(Media, alt),
};
static const struct kt_push_form media_form = { &kt_media_shape, sizeof(struct push__Media),
                                                media_rows, KT_COUNT(media_rows) };

static const struct kt_push_row axis_rows[] = {
    VALUE(Axis, position),
    VALUE(Axis, code),
};
static const struct kt_push_form axis_form = { &kt_axis_shape, sizeof(struct push__Axis), axis_rows,
                                               KT_COUNT(axis_rows) };

static const struct kt_push_row axis_value_rows[] = {
    VALUE(AxisValue, axis),
    VALUE(AxisValue, value),
    VALUE(AxisValue, unit),
};
static const struct kt_push_form axis_value_form = { &kt_axis_value_shape,
                                                     sizeof(struct push__AxisValue),
                                                     axis_value_rows, KT_COUNT(axis_value_rows) };

static const struct kt_push_row unit_rows[] = {
    VALUE(Unit, unit),
    VALUE(Unit, numerator),
    VALUE(Unit, denominator),
};
static const struct kt_push_form unit_form = { &kt_unit_of_shape, sizeof(struct push__Unit),
                                               unit_rows, KT_COUNT(unit_rows) };

static const struct kt_push_row maker_rows[] = {
    VALUE(Maker, name), VALUE(Maker, street),  VALUE(Maker, postalCode),
    VALUE(Maker, city), VALUE(Maker, country), VALUE(Maker, email),
};
static const struct kt_push_form maker_form = { &kt_maker_shape, sizeof(struct push__Maker),
                                                maker_rows, KT_COUNT(maker_rows) };

static const struct kt_push_row energy_rows[] = {
    VALUE(Energy, efficiencyClass), VALUE(Energy, scale),         VALUE(Energy, consumption),
    VALUE(Energy, eprelId),         VALUE(Energy, labelUrl),      VALUE(Energy, sheetUrl),
    VALUE(Energy, labelDocument),   VALUE(Energy, sheetDocument),
};
static const struct kt_push_form energy_form = { &kt_energy_shape, sizeof(struct push__Energy),
                                                 energy_rows, KT_COUNT(energy_rows) };

static const struct kt_push_row battery_rows[] = {
    VALUE(Battery, kind),
    VALUE(Battery, mass),
    VALUE(Battery, isRemovable),
};
static const struct kt_push_form battery_form = { &kt_battery_shape, sizeof(struct push__Battery),
                                                  battery_rows, KT_COUNT(battery_rows) };

static const struct kt_push_row expected_rows[] = {
    VALUE(Expected, day),
    VALUE(Expected, quantity),
};
static const struct kt_push_form expected_form = { &kt_expected_shape,
                                                   sizeof(struct push__Expected), expected_rows,
                                                   KT_COUNT(expected_rows) };

static const struct kt_push_row product_rows[] = {
    NOWHERE,
    VALUE(Product, id),
    LIST(Product, texts, Texts, text),
    VALUE(Product, brand),
    VALUE(Product, modelId),
    VALUE(Product, productGroup),
    LIST(Product, attributes, Attributes, kt_push_attribute),
    VALUE(Product, taxClass),
    VALUE(Product, lifecycle),
    PART(Product, manufacturer, Maker, maker),
    PART(Product, responsiblePerson, Maker, maker),
    LIST(Product, warnings, Texts, text),
    VALUE(Product, supplier),
    IDS(Product, categories),
    LIST(Product, axes, Axes, axis),
    LIST(Product, media, MediaList, media),
    VALUE(Product, saleFrom),
    VALUE(Product, saleUntil),
    VALUE(Product, successor),
    IDS(Product, sparePartFor),
    PART(Product, energy, Energy, energy),
    VALUE(Product, weeeCategory),
    PART(Product, battery, Battery, battery),
    VALUE(Product, packaging),
    VALUE(Product, dangerousGoods),
};
const struct kt_push_form kt_push_product_form = { &kt_product_shape, sizeof(struct push__Product),
                                                   product_rows, KT_COUNT(product_rows) };

static const struct kt_push_row variant_rows[] = {
    NOWHERE,
    VALUE(Variant, sku),
    VALUE(Variant, product),
    LIST(Variant, gtins, Gtins, gtin),
    VALUE(Variant, baseUnit),
    VALUE(Variant, mpn),
    VALUE(Variant, netWeight),
    VALUE(Variant, shippingWeight),
    LIST(Variant, attributes, Attributes, kt_push_attribute),
    VALUE(Variant, serialRequired),
    VALUE(Variant, origin),
    VALUE(Variant, tariffNo),
    VALUE(Variant, lifecycle),
    IDS(Variant, erpReferences),
    IDS(Variant, formerSkus),
    LIST(Variant, axisValues, AxisValues, axis_value),
    VALUE(Variant, salesUnit),
    LIST(Variant, units, Units, unit),
    VALUE(Variant, quantityStep),
    VALUE(Variant, length),
    VALUE(Variant, width),
    VALUE(Variant, height),
    LIST(Variant, media, MediaList, media),
    VALUE(Variant, saleFrom),
    VALUE(Variant, saleUntil),
};
const struct kt_push_form kt_push_variant_form = { &kt_variant_shape, sizeof(struct push__Variant),
                                                   variant_rows, KT_COUNT(variant_rows) };

static const struct kt_push_row price_rows[] = {
    NOWHERE,
    VALUE(Price, id),
    VALUE(Price, sku),
    VALUE(Price, kind),
    VALUE(Price, list),
    VALUE(Price, currency),
    VALUE(Price, amount),
    VALUE(Price, per),
    VALUE(Price, unit),
    VALUE(Price, minQuantity),
    VALUE(Price, isGross),
    VALUE(Price, taxClass),
    VALUE(Price, validFrom),
    VALUE(Price, validUntil),
    VALUE(Price, customerGroup),
    VALUE(Price, customer),
    VALUE(Price, market),
    VALUE(Price, priority),
};
const struct kt_push_form kt_push_price_form = { &kt_price_shape, sizeof(struct push__Price),
                                                 price_rows, KT_COUNT(price_rows) };

static const struct kt_push_row stock_rows[] = {
    NOWHERE,
    VALUE(Stock, sku),
    VALUE(Stock, warehouse),
    VALUE(Stock, unit),
    VALUE(Stock, onHand),
    VALUE(Stock, available),
    VALUE(Stock, basis),
    VALUE(Stock, inQuality),
    VALUE(Stock, blocked),
    VALUE(Stock, asOf),
    VALUE(Stock, asOfMark),
    VALUE(Stock, otherDemand),
    LIST(Stock, expected, ExpectedList, expected),
};
const struct kt_push_form kt_push_stock_form = { &kt_stock_shape, sizeof(struct push__Stock),
                                                 stock_rows, KT_COUNT(stock_rows) };

static const struct kt_push_row category_rows[] = {
    NOWHERE,
    VALUE(Category, id),
    VALUE(Category, parent),
    LIST(Category, texts, Texts, text),
    VALUE(Category, position),
};
const struct kt_push_form kt_push_category_form = { &kt_category_shape,
                                                    sizeof(struct push__Category), category_rows,
                                                    KT_COUNT(category_rows) };

static const struct kt_push_row customer_rows[] = {
    NOWHERE,
    VALUE(Customer, number),
    VALUE(Customer, kind),
    VALUE(Customer, name),
    VALUE(Customer, email),
    VALUE(Customer, vatId),
    VALUE(Customer, street),
    VALUE(Customer, postalCode),
    VALUE(Customer, city),
    VALUE(Customer, country),
    VALUE(Customer, priceList),
    VALUE(Customer, customerGroup),
    VALUE(Customer, isBlocked),
};
const struct kt_push_form kt_push_customer_form = { &kt_customer_shape,
                                                    sizeof(struct push__Customer), customer_rows,
                                                    KT_COUNT(customer_rows) };

static const struct kt_push_row document_rows[] = {
    NOWHERE,
    VALUE(Document, id),
    VALUE(Document, version),
    VALUE(Document, type),
    LIST(Document, titles, Texts, text),
    IDS(Document, languages),
    IDS(Document, markets),
    IDS(Document, products),
    IDS(Document, variants),
    IDS(Document, families),
    VALUE(Document, validFrom),
    VALUE(Document, validUntil),
    VALUE(Document, supersedes),
    VALUE(Document, sha256),
    VALUE(Document, size),
    VALUE(Document, mediaType),
    VALUE(Document, fileName),
    VALUE(Document, reference),
};
const struct kt_push_form kt_push_document_form = { &kt_document_shape,
                                                    sizeof(struct push__Document), document_rows,
                                                    KT_COUNT(document_rows) };

static const struct kt_push_row certificate_rows[] = {
    NOWHERE,
    VALUE(Certificate, scheme),
    VALUE(Certificate, number),
    VALUE(Certificate, issuer),
    IDS(Certificate, markets),
    IDS(Certificate, products),
    IDS(Certificate, variants),
    IDS(Certificate, families),
    VALUE(Certificate, validFrom),
    VALUE(Certificate, validUntil),
    VALUE(Certificate, revokedAt),
    VALUE(Certificate, document),
};
const struct kt_push_form kt_push_certificate_form = { &kt_certificate_shape,
                                                       sizeof(struct push__Certificate),
                                                       certificate_rows,
                                                       KT_COUNT(certificate_rows) };
