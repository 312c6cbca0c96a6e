#ifndef KT_ERP_NAV_FIELDS_H
#define KT_ERP_NAV_FIELDS_H

#include "format/contract.h"
#include "model/shape.h"

/* The pages that the adapter reads, one table of fields each. The tables drive the decoding of
 * answers and the set-up check; README.md lists them. Service and field names are defaults: a
 * site's own ones stand in its configuration (site.h). */
enum kt_nav_role {
    KT_NAV_ITEM = 0,
    KT_NAV_VARIANT,
    KT_NAV_REFERENCE,
    KT_NAV_TRANSLATION,
    KT_NAV_ATTRIBUTE,
    KT_NAV_UNIT,
    KT_NAV_UOM,
    KT_NAV_CATEGORY,
    KT_NAV_LEDGER,
    KT_NAV_TRACKING,
    KT_NAV_CUSTOMER,
    KT_NAV_ORDER, /* for people and the set-up check; orders go through the codeunit */
    KT_NAV_SHIPMENT,
    KT_NAV_LINE, /* of a shipment; no page of its own */
    KT_NAV_ROLES
};

enum kt_nav_type {
    KT_NAV_TEXT = 0, /* struct kt_str, blanks around it left out */
    KT_NAV_OPTION,   /* struct kt_str: name in the WSDL, "_x003D_" undone, "_blank_" absent */
    KT_NAV_DECIMAL,  /* struct kt_dec */
    KT_NAV_WHOLE,    /* int64_t */
    KT_NAV_BOOL,     /* bool */
    KT_NAV_DAY,      /* struct kt_day; 0001-01-01 is absent */
    KT_NAV_LINES     /* struct kt_list of the role KT_NAV_LINE */
};

#define KT_NAV_UNREAD SIZE_MAX /* offset of a field that is filtered by, or only checked */

struct kt_nav_field {
    const char *name; /* as NAV names the standard control */
    enum kt_nav_type type;
    size_t offset;
    enum kt_need need;
    enum kt_code follows;  /* when the site's page lacks it */
    const char *const *is; /* options: those whose meaning we know */
};

struct kt_nav_page {
    const char *role;    /* as written in the configuration */
    const char *service; /* default name, also that of its rows' element */
    const char *key;     /* field by which it is ordered and walked */
    size_t size;
    const struct kt_nav_field *field; /* at most KT_NAV_FIELDS */
    size_t fields;
    enum kt_need need;
    enum kt_code follows; /* when the site does not publish it */
};

enum { KT_NAV_FIELDS = 32 };

extern const struct kt_nav_page kt_nav_page_of[KT_NAV_ROLES];
bool kt_nav_role_find(enum kt_nav_role *out, struct kt_str name) KT_MUST;
/* Index in the page's table; the name is ours and asserted. */
size_t kt_nav_field_at(enum kt_nav_role role, const char *name);

/* What every row begins with. */
struct kt_nav_row {
    struct kt_str key; /* opaque; good for going on in the same walk, and for nothing else */
    const struct kt_nav_field *bad; /* the first field that cannot be read */
    struct kt_str bad_value;
    uint64_t has;         /* bit i: field i stood in the row, empty or not */
    struct kt_str *extra; /* item: values of the configured further fields; absent where empty */
};

struct kt_nav_item {
    struct kt_nav_row row;
    struct kt_str no;
    struct kt_str description;
    struct kt_str description_2;
    bool is_blocked;
    struct kt_str base_unit;
    struct kt_str sales_unit;
    struct kt_str category;
    struct kt_str gtin;
    struct kt_dec net_weight;
    struct kt_dec gross_weight;
    struct kt_str tariff_no;
    struct kt_str origin;
    struct kt_str tax_group;
    struct kt_str tracking_code;
    struct kt_str vendor;
    struct kt_str vendor_item;
    struct kt_str manufacturer;
    struct kt_dec order_multiple;
};

struct kt_nav_variant {
    struct kt_nav_row row;
    struct kt_str item;
    struct kt_str code;
    struct kt_str description;
    struct kt_str description_2;
};

struct kt_nav_reference {
    struct kt_nav_row row;
    struct kt_str item;
    struct kt_str variant;
    struct kt_str unit;
    struct kt_str type;
    struct kt_str no;
};

struct kt_nav_translation {
    struct kt_nav_row row;
    struct kt_str item;
    struct kt_str variant;
    struct kt_str language;
    struct kt_str description;
    struct kt_str description_2;
};

struct kt_nav_attribute {
    struct kt_nav_row row;
    struct kt_str item;
    struct kt_str name;
    struct kt_str value;
    struct kt_str unit;
};

struct kt_nav_unit {
    struct kt_nav_row row;
    struct kt_str item;
    struct kt_str code;
    struct kt_dec quantity;
    struct kt_dec length;
    struct kt_dec width;
    struct kt_dec height;
    struct kt_dec weight;
};

struct kt_nav_uom {
    struct kt_nav_row row;
    struct kt_str code;
    struct kt_str iso;
};

struct kt_nav_category {
    struct kt_nav_row row;
    struct kt_str code;
    struct kt_str description;
    struct kt_str parent;
    int64_t position;
};

struct kt_nav_ledger {
    struct kt_nav_row row;
    struct kt_str document_type;
    struct kt_str document;
    int64_t line;
    struct kt_str serial;
};

struct kt_nav_tracking {
    struct kt_nav_row row;
    struct kt_str code;
    bool is_serial;
    bool is_serial_sold;
};

struct kt_nav_customer {
    struct kt_nav_row row;
    struct kt_str no;
    struct kt_str name;
    struct kt_str name_2;
    struct kt_str address;
    struct kt_str address_2;
    struct kt_str city;
    struct kt_str post_code;
    struct kt_str country;
    struct kt_str vat_id;
    struct kt_str email;
    struct kt_str price_group;
    struct kt_str discount_group;
    struct kt_str blocked;
};

struct kt_nav_shipment {
    struct kt_nav_row row;
    struct kt_str no;
    struct kt_str order;
    struct kt_str key; /* ours */
    struct kt_day posted;
    struct kt_day shipped;
    struct kt_str agent;
    struct kt_str service;
    struct kt_str tracking_no;
    struct kt_list lines; /* struct kt_nav_line */
};

struct kt_nav_line {
    struct kt_nav_row row;
    int64_t line;
    struct kt_str type;
    struct kt_str no;
    struct kt_str variant;
    struct kt_dec quantity;
    struct kt_str unit;
    struct kt_str order;
    struct kt_str order_line; /* id of the shop's line: our field */
};

#endif
