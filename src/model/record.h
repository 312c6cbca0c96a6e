#ifndef KT_MODEL_RECORD_H
#define KT_MODEL_RECORD_H

#include "model/shape.h"

/* The state records: latest wins, each kind one table with one key. */
enum kt_kind { KT_KIND_PRODUCT = 0, KT_KIND_VARIANT, KT_KIND_PRICE, KT_KIND_STOCK, KT_KINDS };

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

enum kt_lifecycle { KT_PLANNED = 0, KT_ACTIVE, KT_PHASE_OUT, KT_DISCONTINUED };

/* What a shop shows as one page. */
struct kt_product {
    uint64_t present;
    struct kt_str scope;
    struct kt_str id;
    struct kt_list texts; /* struct kt_text */
    struct kt_str brand;
    struct kt_str model_id;
    struct kt_str product_group; /* the ERP's product group, not yet a category */
    struct kt_list attributes;   /* struct kt_attribute */
    struct kt_str tax_class;
    int lifecycle; /* enum kt_lifecycle */
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
    int lifecycle; /* enum kt_lifecycle */
};
extern const struct kt_shape kt_variant_shape;

enum kt_price_kind { KT_PRICE_LIST = 0, KT_PRICE_SALE, KT_PRICE_REFERENCE };

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
    struct kt_day valid_from;  /* first day, in the market's zone; absent = always */
    struct kt_day valid_until; /* last day, inclusive as the ERP says it; absent = open */
};
extern const struct kt_shape kt_price_shape;

enum kt_stock_basis { KT_BASIS_PHYSICAL = 0, KT_BASIS_MINUS_OPEN_ORDERS, KT_BASIS_ATP };

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
    int64_t as_of;            /* when the ERP read the figure; not part of the hash */
    struct kt_str as_of_mark; /* last document the figure includes; not part of the hash */
};
extern const struct kt_shape kt_stock_shape;

/* One thing that a source says about one record. */
struct kt_change {
    enum kt_kind kind;
    bool is_deleted;                /* then only the key fields of *record are set */
    int64_t as_of_us;               /* the source's revision; else our clock when the pull left */
    const struct kt_verdict *fault; /* not NULL: could not be read; only the key is set */
    void *record;                   /* struct of kt_kind_shape[kind] */
};

struct kt_changes {
    struct kt_change *item;
    size_t count;
    size_t room;
    struct kt_arena *arena; /* where it grows and its records live */
};
void kt_changes_add(struct kt_changes *c, struct kt_change change);

#endif
