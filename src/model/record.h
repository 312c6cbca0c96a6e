#ifndef KT_MODEL_RECORD_H
#define KT_MODEL_RECORD_H

#include "model/document.h"

/* The state records: latest wins, each kind one table with one key. */
enum kt_kind {
    KT_KIND_PRODUCT = 0,
    KT_KIND_VARIANT,
    KT_KIND_PRICE,
    KT_KIND_STOCK,
    KT_KIND_CATEGORY,
    KT_KIND_CUSTOMER,
    KT_KIND_DOCUMENT,
    KT_KIND_CERTIFICATE,
    KT_KINDS
};

extern const struct kt_shape *const kt_kind_shape[KT_KINDS];
const char *kt_kind_name(enum kt_kind kind);
bool kt_kind_find(enum kt_kind *out, const char *name) KT_MUST;

/* One text in one language. */
struct kt_text {
    uint64_t present;
    struct kt_str language; /* ISO 639, lower case */
    struct kt_str name;
    struct kt_str short_text;
    struct kt_str long_text;
};
extern const struct kt_shape kt_text_shape;

/* Anything with a code and a value; what a customer adds (Z fields, NAV fields) travels here. */
struct kt_attribute {
    uint64_t present;
    struct kt_str code;
    struct kt_str language; /* empty: the same in all */
    struct kt_str value;
    struct kt_str unit;
};
extern const struct kt_shape kt_attribute_shape;

struct kt_gtin {
    uint64_t present;
    struct kt_str code; /* 8, 12, 13 or 14 digits */
    struct kt_str unit;
    bool is_primary;
};
extern const struct kt_shape kt_gtin_shape;

/* An id alone: of a category, an article, a number in another system. */
struct kt_ref {
    uint64_t present;
    struct kt_str id;
};
extern const struct kt_shape kt_ref_shape;

/* A picture or another file of an article. */
struct kt_media {
    uint64_t present;
    int64_t position; /* shown in this order, the first one first */
    struct kt_str url;
    struct kt_str sha256;   /* of the content, hex; where the source knows it */
    struct kt_str role;     /* "image", "manual", …; absent: image */
    struct kt_str language; /* empty: for all */
    struct kt_str alt;      /* what a reader who cannot see it is told */
};
extern const struct kt_shape kt_media_shape;

/* A characteristic whose values tell the variants of a product apart. */
struct kt_axis {
    uint64_t present;
    int64_t position;
    struct kt_str code;
};
extern const struct kt_shape kt_axis_shape;

struct kt_axis_value {
    uint64_t present;
    struct kt_str axis; /* code */
    struct kt_str value;
    struct kt_str unit;
};
extern const struct kt_shape kt_axis_value_shape;

/* How many base units one `unit` holds: numerator / denominator. */
struct kt_unit_of {
    uint64_t present;
    struct kt_str unit;
    struct kt_dec numerator;
    struct kt_dec denominator;
};
extern const struct kt_shape kt_unit_of_shape;

/* Who made it, or who answers for it in the EU (Regulation (EU) 2023/988). */
struct kt_maker {
    uint64_t present;
    struct kt_str name;
    struct kt_str street;
    struct kt_str postal_code;
    struct kt_str city;
    struct kt_str country; /* ISO 3166 alpha-2 */
    struct kt_str email;
};
extern const struct kt_shape kt_maker_shape;

/* Energy label (Regulation (EU) 2017/1369). */
struct kt_energy {
    uint64_t present;
    struct kt_str efficiency_class; /* "A" … "G", of old "A+" … "A+++" */
    struct kt_str scale;            /* from the best class to the worst: "A-G", "A+++-D" */
    struct kt_str consumption;      /* as the label says it, with its unit */
    struct kt_str eprel_id;
    struct kt_str label_url;
    struct kt_str sheet_url;
    struct kt_str label_document; /* id of the document that holds the label */
    struct kt_str sheet_document; /* id of the product information sheet */
};
extern const struct kt_shape kt_energy_shape;

struct kt_battery {
    uint64_t present;
    struct kt_str kind; /* "Li-ion" */
    struct kt_dec mass; /* kg */
    bool is_removable;
};
extern const struct kt_shape kt_battery_shape;

enum kt_lifecycle { KT_PLANNED = 0, KT_ACTIVE, KT_PHASE_OUT, KT_DISCONTINUED };

/* What a shop shows as one page. */
struct kt_product {
    uint64_t present;
    struct kt_str scope;
    struct kt_str id;
    struct kt_list texts; /* struct kt_text */
    struct kt_str brand;
    struct kt_str model_id;
    struct kt_str product_group; /* the ERP's product group, not a category */
    struct kt_list attributes;   /* struct kt_attribute */
    struct kt_str tax_class;
    int lifecycle; /* enum kt_lifecycle */
    struct kt_maker manufacturer;
    struct kt_maker responsible_person; /* in the EU */
    struct kt_list warnings;            /* struct kt_text: long_text per language */
    struct kt_str supplier;
    struct kt_list categories;     /* struct kt_ref: ids of categories, same scope */
    struct kt_list axes;           /* struct kt_axis */
    struct kt_list media;          /* struct kt_media */
    struct kt_day sale_from;       /* first day of sale, in the market's zone; absent = always */
    struct kt_day sale_until;      /* last day of sale; absent = open */
    struct kt_str successor;       /* id of the product that follows it */
    struct kt_list spare_part_for; /* struct kt_ref: ids of products */
    struct kt_energy energy;
    struct kt_str weee_category;
    struct kt_battery battery;
    struct kt_str packaging;
    struct kt_str dangerous_goods; /* UN number and class, as on the transport document */
};
extern const struct kt_shape kt_product_shape;

/* What is sold, counted and priced. */
struct kt_variant {
    uint64_t present;
    struct kt_str scope;
    struct kt_str sku;
    struct kt_str product;   /* id of its product, same scope */
    struct kt_list gtins;    /* struct kt_gtin */
    struct kt_str base_unit; /* UN/ECE Rec. 20 or ISO code as the ERP names it */
    struct kt_str mpn;
    struct kt_dec net_weight;      /* kg */
    struct kt_dec shipping_weight; /* kg, gross */
    struct kt_list attributes;
    bool serial_required;
    struct kt_str origin; /* ISO 3166 alpha-2 */
    struct kt_str tariff_no;
    int lifecycle;                 /* enum kt_lifecycle */
    struct kt_list erp_references; /* struct kt_ref: its numbers in other systems */
    struct kt_list former_skus;    /* struct kt_ref */
    struct kt_list axis_values;    /* struct kt_axis_value; else the attributes of that code */
    struct kt_str sales_unit;
    struct kt_list units;        /* struct kt_unit_of */
    struct kt_dec quantity_step; /* sold in multiples of it, in sales units */
    struct kt_dec length;        /* mm, of the package */
    struct kt_dec width;         /* mm */
    struct kt_dec height;        /* mm */
    struct kt_list media;        /* struct kt_media */
    struct kt_day sale_from;     /* as for products */
    struct kt_day sale_until;
};
extern const struct kt_shape kt_variant_shape;

enum kt_price_kind {
    KT_PRICE_LIST = 0,
    KT_PRICE_SALE,
    KT_PRICE_REFERENCE,
    KT_PRICE_LOWEST_30D, /* the lowest of the last 30 days (Directive 98/6/EC, article 6a) */
    KT_PRICE_LEVY
};

struct kt_price {
    uint64_t present;
    struct kt_str scope;
    struct kt_str id; /* the ERP's key of the condition record */
    struct kt_str sku;
    int kind;               /* enum kt_price_kind */
    struct kt_str list;     /* price list or group */
    struct kt_str currency; /* ISO 4217 */
    struct kt_dec amount;   /* for `per` units of `unit` */
    struct kt_dec per;
    struct kt_str unit;
    struct kt_dec min_quantity;
    bool is_gross;
    struct kt_str tax_class;
    struct kt_day valid_from;     /* first day, in the market's zone; absent = always */
    struct kt_day valid_until;    /* last day, inclusive as the ERP says it; absent = open */
    struct kt_str customer_group; /* customer group it is for; absent: all */
    struct kt_str customer;       /* customer number it is for; absent: all */
    struct kt_str market;         /* ISO 3166 alpha-2; absent: all */
    int64_t priority;             /* the higher one wins before all other rules */
};
extern const struct kt_shape kt_price_shape;

enum kt_stock_basis { KT_BASIS_PHYSICAL = 0, KT_BASIS_MINUS_OPEN_ORDERS, KT_BASIS_ATP };

struct kt_expected {
    uint64_t present;
    struct kt_day day;
    struct kt_dec quantity;
};
extern const struct kt_shape kt_expected_shape;

struct kt_stock {
    uint64_t present;
    struct kt_str scope;
    struct kt_str sku;
    struct kt_str warehouse;
    struct kt_str unit;
    struct kt_dec on_hand;
    struct kt_dec available;
    int basis; /* enum kt_stock_basis: what `available` means */
    struct kt_dec in_quality;
    struct kt_dec blocked;
    int64_t as_of;              /* when the ERP read the figure; not part of the hash */
    struct kt_str as_of_mark;   /* last document the figure includes; not part of the hash */
    struct kt_dec other_demand; /* reserved for other than sales orders */
    struct kt_list expected;    /* struct kt_expected */
};
extern const struct kt_shape kt_stock_shape;

struct kt_category {
    uint64_t present;
    struct kt_str scope;
    struct kt_str id;
    struct kt_str parent; /* id, same scope; absent: at the top */
    struct kt_list texts; /* struct kt_text */
    int64_t position;     /* among its siblings */
};
extern const struct kt_shape kt_category_shape;

enum kt_customer_kind { KT_CUSTOMER_B2C = 0, KT_CUSTOMER_B2B };

struct kt_customer {
    uint64_t present;
    struct kt_str scope;
    struct kt_str number;
    int kind; /* enum kt_customer_kind */
    struct kt_str name;
    struct kt_str email; /* in lower case: the intake makes it so */
    struct kt_str vat_id;
    struct kt_str street;
    struct kt_str postal_code;
    struct kt_str city;
    struct kt_str country; /* ISO 3166 alpha-2 */
    struct kt_str price_list;
    struct kt_str customer_group;
    bool is_blocked;
};
extern const struct kt_shape kt_customer_shape;

/* One thing that a source says about one record. */
struct kt_change {
    enum kt_kind kind;
    bool is_deleted;                /* then only the key fields of *record are set */
    int64_t as_of_us;               /* the source's revision; else our clock when the pull left */
    const struct kt_verdict *fault; /* not NULL: could not be read; only the key is set */
    const char *source;             /* who says so: the endpoint, or a part of it that tells a
                                     * part of the record ("main/CLFMAS"); needed with `leads` */
    uint64_t leads; /* bit i: only field i of the shape is this source's to say; 0: all of them */
    uint64_t adds;  /* bit i, of those: field i, a list that is not ordered, joins what is known,
                     * item by item by their keys. A member that is there replaces the known one, an
                     * empty text takes it away, and an item of which nothing but its key is left
                     * goes */
    void *record;   /* struct of kt_kind_shape[kind] */
};

struct kt_changes {
    struct kt_change *item;
    size_t count;
    size_t room;
    struct kt_arena *arena; /* where it grows and its records live */
};
void kt_changes_add(struct kt_changes *c, struct kt_change change);

#endif
