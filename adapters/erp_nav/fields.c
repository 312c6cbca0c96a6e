/* The one table of fields for each page of NAV that the adapter reads. Const; any thread. Used by
 * site.c (names), row.c (answers) and contract.c (set-up check). */
#include "fields.h"

#include <string.h>

static const char *const reference_types[] = { "_blank_", "Customer", "Vendor", "Bar_Code", NULL };
static const char *const blocked_types[] = { "_blank_", "Ship", "Invoice", "All", NULL };

/* A row on a member of another C type does not compile. */
#define TEXT(s, site, m, ...)                                             \
    {                                                                     \
        (site), KT_NAV_TEXT, KT_CHECKED(s, m, struct kt_str), __VA_ARGS__ \
    }
#define OPTION(s, site, m, ...)                                             \
    {                                                                       \
        (site), KT_NAV_OPTION, KT_CHECKED(s, m, struct kt_str), __VA_ARGS__ \
    }
#define DECIMAL(s, site, m, ...)                                             \
    {                                                                        \
        (site), KT_NAV_DECIMAL, KT_CHECKED(s, m, struct kt_dec), __VA_ARGS__ \
    }
#define WHOLE(s, site, m, ...)                                       \
    {                                                                \
        (site), KT_NAV_WHOLE, KT_CHECKED(s, m, int64_t), __VA_ARGS__ \
    }
#define BOOL(s, site, m, ...)                                    \
    {                                                            \
        (site), KT_NAV_BOOL, KT_CHECKED(s, m, bool), __VA_ARGS__ \
    }
#define DAY(s, site, m, ...)                                             \
    {                                                                    \
        (site), KT_NAV_DAY, KT_CHECKED(s, m, struct kt_day), __VA_ARGS__ \
    }
#define LINES(s, site, m, ...)                                              \
    {                                                                       \
        (site), KT_NAV_LINES, KT_CHECKED(s, m, struct kt_list), __VA_ARGS__ \
    }
#define UNREAD(site, type, ...)                    \
    {                                              \
        (site), (type), KT_NAV_UNREAD, __VA_ARGS__ \
    }

#define MUST   KT_NEED_MUST
#define SHOULD KT_NEED_SHOULD
#define MAY    KT_NEED_MAY
#define EMPTY  KT_E_FOLLOWS_FIELD_EMPTY

static const struct kt_nav_field item[] = {
#define S kt_nav_item
    TEXT(S, "No", no, MUST, KT_E_FOLLOWS_NO_ARTICLES, NULL),
    TEXT(S, "Description", description, MUST, KT_E_FOLLOWS_NO_NAME, NULL),
    TEXT(S, "Description_2", description_2, MAY, EMPTY, NULL),
    BOOL(S, "Blocked", is_blocked, SHOULD, KT_E_FOLLOWS_BLOCKED_SOLD, NULL),
    TEXT(S, "Base_Unit_of_Measure", base_unit, SHOULD, KT_E_FOLLOWS_NO_UNITS, NULL),
    TEXT(S, "Sales_Unit_of_Measure", sales_unit, MAY, KT_E_FOLLOWS_NO_UNITS, NULL),
    TEXT(S, "Item_Category_Code", category, SHOULD, KT_E_FOLLOWS_NO_CATEGORIES, NULL),
    TEXT(S, "GTIN", gtin, MAY, KT_E_FOLLOWS_NO_GTIN, NULL),
    DECIMAL(S, "Net_Weight", net_weight, MAY, EMPTY, NULL),
    DECIMAL(S, "Gross_Weight", gross_weight, MAY, EMPTY, NULL),
    TEXT(S, "Tariff_No", tariff_no, MAY, EMPTY, NULL),
    TEXT(S, "Country_Region_of_Origin_Code", origin, MAY, EMPTY, NULL),
    TEXT(S, "VAT_Prod_Posting_Group", tax_group, SHOULD, KT_E_FOLLOWS_TAX_UNKNOWN, NULL),
    TEXT(S, "Item_Tracking_Code", tracking_code, MAY, KT_E_FOLLOWS_NO_SERIALS, NULL),
    TEXT(S, "Vendor_No", vendor, MAY, EMPTY, NULL),
    TEXT(S, "Vendor_Item_No", vendor_item, MAY, EMPTY, NULL),
    TEXT(S, "Manufacturer_Code", manufacturer, MAY, EMPTY, NULL),
    DECIMAL(S, "Order_Multiple", order_multiple, MAY, EMPTY, NULL),
    UNREAD("Last_Date_Modified", KT_NAV_DAY, MUST, KT_E_FOLLOWS_NO_DELTA, NULL),
#undef S
};

static const struct kt_nav_field variant[] = {
#define S kt_nav_variant
    TEXT(S, "Item_No", item, MUST, KT_E_FOLLOWS_NO_VARIANTS, NULL),
    TEXT(S, "Code", code, MUST, KT_E_FOLLOWS_NO_VARIANTS, NULL),
    TEXT(S, "Description", description, SHOULD, EMPTY, NULL),
    TEXT(S, "Description_2", description_2, MAY, EMPTY, NULL),
#undef S
};

static const struct kt_nav_field reference[] = {
#define S kt_nav_reference
    TEXT(S, "Item_No", item, MUST, KT_E_FOLLOWS_NO_GTIN, NULL),
    TEXT(S, "Variant_Code", variant, SHOULD, KT_E_FOLLOWS_NO_GTIN, NULL),
    TEXT(S, "Unit_of_Measure", unit, SHOULD, KT_E_FOLLOWS_NO_GTIN, NULL),
    OPTION(S, "Cross_Reference_Type", type, MUST, KT_E_FOLLOWS_NO_GTIN, reference_types),
    TEXT(S, "Cross_Reference_No", no, MUST, KT_E_FOLLOWS_NO_GTIN, NULL),
#undef S
};

static const struct kt_nav_field translation[] = {
#define S kt_nav_translation
    TEXT(S, "Item_No", item, MUST, KT_E_FOLLOWS_NO_LANGUAGES, NULL),
    TEXT(S, "Variant_Code", variant, SHOULD, KT_E_FOLLOWS_NO_LANGUAGES, NULL),
    TEXT(S, "Language_Code", language, MUST, KT_E_FOLLOWS_NO_LANGUAGES, NULL),
    TEXT(S, "Description", description, MUST, KT_E_FOLLOWS_NO_LANGUAGES, NULL),
    TEXT(S, "Description_2", description_2, MAY, EMPTY, NULL),
#undef S
};

static const struct kt_nav_field attribute[] = {
#define S kt_nav_attribute
    TEXT(S, "Item_No", item, MUST, KT_E_FOLLOWS_NO_ATTRIBUTES, NULL),
    TEXT(S, "Attribute_Name", name, MUST, KT_E_FOLLOWS_NO_ATTRIBUTES, NULL),
    TEXT(S, "Value", value, MUST, KT_E_FOLLOWS_NO_ATTRIBUTES, NULL),
    TEXT(S, "Unit_of_Measure", unit, SHOULD, EMPTY, NULL),
#undef S
};

static const struct kt_nav_field unit[] = {
#define S kt_nav_unit
    TEXT(S, "Item_No", item, MUST, KT_E_FOLLOWS_NO_UNITS, NULL),
    TEXT(S, "Code", code, MUST, KT_E_FOLLOWS_NO_UNITS, NULL),
    DECIMAL(S, "Qty_per_Unit_of_Measure", quantity, MUST, KT_E_FOLLOWS_NO_UNITS, NULL),
    DECIMAL(S, "Length", length, MAY, EMPTY, NULL),
    DECIMAL(S, "Width", width, MAY, EMPTY, NULL),
    DECIMAL(S, "Height", height, MAY, EMPTY, NULL),
    DECIMAL(S, "Weight", weight, MAY, EMPTY, NULL),
#undef S
};

static const struct kt_nav_field uom[] = {
#define S kt_nav_uom
    TEXT(S, "Code", code, MUST, KT_E_FOLLOWS_NO_UNITS, NULL),
    TEXT(S, "International_Standard_Code", iso, MUST, KT_E_FOLLOWS_NO_UNITS, NULL),
#undef S
};

static const struct kt_nav_field category[] = {
#define S kt_nav_category
    TEXT(S, "Code", code, MUST, KT_E_FOLLOWS_NO_CATEGORIES, NULL),
    TEXT(S, "Description", description, MUST, KT_E_FOLLOWS_NO_CATEGORIES, NULL),
    TEXT(S, "Parent_Category", parent, SHOULD, KT_E_FOLLOWS_NO_CATEGORIES, NULL),
    WHOLE(S, "Presentation_Order", position, MAY, KT_E_NONE, NULL),
#undef S
};

static const struct kt_nav_field ledger[] = {
#define S kt_nav_ledger
    OPTION(S, "Document_Type", document_type, MUST, KT_E_FOLLOWS_NO_SERIALS, NULL),
    TEXT(S, "Document_No", document, MUST, KT_E_FOLLOWS_NO_SERIALS, NULL),
    WHOLE(S, "Document_Line_No", line, MUST, KT_E_FOLLOWS_NO_SERIALS, NULL),
    TEXT(S, "Serial_No", serial, MUST, KT_E_FOLLOWS_NO_SERIALS, NULL),
#undef S
};

static const struct kt_nav_field tracking[] = {
#define S kt_nav_tracking
    TEXT(S, "Code", code, MUST, KT_E_FOLLOWS_NO_SERIALS, NULL),
    BOOL(S, "SN_Specific_Tracking", is_serial, MUST, KT_E_FOLLOWS_NO_SERIALS, NULL),
    BOOL(S, "SN_Sales_Outbound_Tracking", is_serial_sold, MAY, KT_E_FOLLOWS_NO_SERIALS, NULL),
#undef S
};

static const struct kt_nav_field customer[] = {
#define S kt_nav_customer
    TEXT(S, "No", no, MUST, KT_E_FOLLOWS_NO_CUSTOMERS, NULL),
    TEXT(S, "Name", name, MUST, KT_E_FOLLOWS_NO_CUSTOMERS, NULL),
    TEXT(S, "Name_2", name_2, MAY, EMPTY, NULL),
    TEXT(S, "Address", address, MAY, EMPTY, NULL),
    TEXT(S, "Address_2", address_2, MAY, EMPTY, NULL),
    TEXT(S, "City", city, MAY, EMPTY, NULL),
    TEXT(S, "Post_Code", post_code, MAY, EMPTY, NULL),
    TEXT(S, "Country_Region_Code", country, MAY, EMPTY, NULL),
    TEXT(S, "VAT_Registration_No", vat_id, SHOULD, EMPTY, NULL),
    TEXT(S, "E_Mail", email, SHOULD, EMPTY, NULL),
    TEXT(S, "Customer_Price_Group", price_group, SHOULD, KT_E_FOLLOWS_NO_PRICES, NULL),
    TEXT(S, "Customer_Disc_Group", discount_group, MAY, EMPTY, NULL),
    OPTION(S, "Blocked", blocked, SHOULD, EMPTY, blocked_types),
    UNREAD("Last_Date_Modified", KT_NAV_DAY, MUST, KT_E_FOLLOWS_NO_DELTA, NULL),
#undef S
};

static const struct kt_nav_field order[] = {
    UNREAD("No", KT_NAV_TEXT, SHOULD, KT_E_FOLLOWS_ORDER_NOT_FOUND_BY_PEOPLE, NULL),
    UNREAD("External_Document_No", KT_NAV_TEXT, SHOULD, KT_E_FOLLOWS_ORDER_NOT_FOUND_BY_PEOPLE,
           NULL),
    UNREAD("Kontor_Key", KT_NAV_TEXT, SHOULD, KT_E_FOLLOWS_ORDER_NOT_FOUND_BY_PEOPLE, NULL),
};

static const struct kt_nav_field shipment[] = {
#define S kt_nav_shipment
    TEXT(S, "No", no, MUST, KT_E_FOLLOWS_NO_SHIPMENTS, NULL),
    TEXT(S, "Order_No", order, SHOULD, EMPTY, NULL),
    TEXT(S, "Kontor_Key", key, MUST, KT_E_FOLLOWS_NO_SHIPMENTS, NULL),
    DAY(S, "Posting_Date", posted, MUST, KT_E_FOLLOWS_NO_SHIPMENTS, NULL),
    DAY(S, "Shipment_Date", shipped, MAY, EMPTY, NULL),
    TEXT(S, "Shipping_Agent_Code", agent, SHOULD, KT_E_FOLLOWS_NO_TRACKING, NULL),
    TEXT(S, "Shipping_Agent_Service_Code", service, MAY, EMPTY, NULL),
    TEXT(S, "Package_Tracking_No", tracking_no, SHOULD, KT_E_FOLLOWS_NO_TRACKING, NULL),
    LINES(S, "ShipmentLines", lines, MUST, KT_E_FOLLOWS_NO_SHIPMENTS, NULL),
#undef S
};

static const struct kt_nav_field line[] = {
#define S kt_nav_line
    WHOLE(S, "Line_No", line, MUST, KT_E_FOLLOWS_NO_SHIPMENTS, NULL),
    OPTION(S, "Type", type, MUST, KT_E_FOLLOWS_NO_SHIPMENTS, NULL),
    TEXT(S, "No", no, MUST, KT_E_FOLLOWS_NO_SHIPMENTS, NULL),
    TEXT(S, "Variant_Code", variant, SHOULD, KT_E_FOLLOWS_NO_SHIPMENTS, NULL),
    DECIMAL(S, "Quantity", quantity, MUST, KT_E_FOLLOWS_NO_SHIPMENTS, NULL),
    TEXT(S, "Unit_of_Measure_Code", unit, SHOULD, EMPTY, NULL),
    TEXT(S, "Order_No", order, MAY, EMPTY, NULL),
    TEXT(S, "Kontor_Line", order_line, SHOULD, EMPTY, NULL),
#undef S
};

#define PAGE(name, site, by, table, tag, ...)                                       \
    {                                                                               \
        .role = (name), .service = (site), .key = (by), .size = sizeof(struct tag), \
        .field = (table), .fields = KT_COUNT(table), __VA_ARGS__                    \
    }
#define LACK(how, what) .need = (how), .follows = (what)

const struct kt_nav_page kt_nav_page_of[KT_NAV_ROLES] = {
    [KT_NAV_ITEM] =
        PAGE("item", "KontorItem", "No", item, kt_nav_item, LACK(MUST, KT_E_FOLLOWS_NO_ARTICLES)),
    [KT_NAV_VARIANT] = PAGE("variant", "KontorItemVariant", "Item_No", variant, kt_nav_variant,
                            LACK(SHOULD, KT_E_FOLLOWS_NO_VARIANTS)),
    [KT_NAV_REFERENCE] = PAGE("reference", "KontorItemReference", "Item_No", reference,
                              kt_nav_reference, LACK(SHOULD, KT_E_FOLLOWS_NO_GTIN)),
    [KT_NAV_TRANSLATION] = PAGE("translation", "KontorItemTranslation", "Item_No", translation,
                                kt_nav_translation, LACK(SHOULD, KT_E_FOLLOWS_NO_LANGUAGES)),
    [KT_NAV_ATTRIBUTE] = PAGE("attribute", "KontorItemAttribute", "Item_No", attribute,
                              kt_nav_attribute, LACK(SHOULD, KT_E_FOLLOWS_NO_ATTRIBUTES)),
    [KT_NAV_UNIT] = PAGE("unit", "KontorItemUnit", "Item_No", unit, kt_nav_unit,
                         LACK(SHOULD, KT_E_FOLLOWS_NO_UNITS)),
    [KT_NAV_UOM] = PAGE("uom", "KontorUnitOfMeasure", "Code", uom, kt_nav_uom,
                        LACK(SHOULD, KT_E_FOLLOWS_NO_UNITS)),
    [KT_NAV_CATEGORY] = PAGE("category", "KontorItemCategory", "Code", category, kt_nav_category,
                             LACK(SHOULD, KT_E_FOLLOWS_NO_CATEGORIES)),
    [KT_NAV_LEDGER] = PAGE("ledger", "KontorItemLedger", "Entry_No", ledger, kt_nav_ledger,
                           LACK(SHOULD, KT_E_FOLLOWS_NO_SERIALS)),
    [KT_NAV_TRACKING] = PAGE("tracking", "KontorTrackingCode", "Code", tracking, kt_nav_tracking,
                             LACK(SHOULD, KT_E_FOLLOWS_NO_SERIALS)),
    [KT_NAV_CUSTOMER] = PAGE("customer", "KontorCustomer", "No", customer, kt_nav_customer,
                             LACK(SHOULD, KT_E_FOLLOWS_NO_CUSTOMERS)),
    [KT_NAV_ORDER] = PAGE("order", "KontorSalesOrder", "No", order, kt_nav_row,
                          LACK(MAY, KT_E_FOLLOWS_ORDER_NOT_FOUND_BY_PEOPLE)),
    [KT_NAV_SHIPMENT] = PAGE("shipment", "KontorShipment", "No", shipment, kt_nav_shipment,
                             LACK(SHOULD, KT_E_FOLLOWS_NO_SHIPMENTS)),
    [KT_NAV_LINE] = PAGE("line", "Kontor_Shipment_Line", "Line_No", line, kt_nav_line,
                         LACK(SHOULD, KT_E_FOLLOWS_NO_SHIPMENTS)),
};

bool kt_nav_role_find(enum kt_nav_role *out, struct kt_str name)
{
    for (unsigned i = 0; i < KT_NAV_ROLES; i++) {
        if (kt_str_is(name, kt_nav_page_of[i].role)) {
            *out = (enum kt_nav_role)i;
            return true;
        }
    }
    return false;
}

size_t kt_nav_field_at(enum kt_nav_role role, const char *name)
{
    const struct kt_nav_page *page = &kt_nav_page_of[role];
    size_t i = 0;
    while (i < page->fields && strcmp(page->field[i].name, name) != 0)
        i++;
    KT_ASSERT(i < page->fields);
    return i;
}
