#ifndef KT_TEST_VIEW_H
#define KT_TEST_VIEW_H

/* Views of one invented article for the default mapping of VIEW_CHANNEL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#ifndef VIEW_CHANNEL
#include "adapters/channel_woocommerce/adapter.h"
#define VIEW_CHANNEL kt_channel_woocommerce
#endif
#include "map/map.h"
#include "trade/plan.h"

/* A document as a view shows it. */
struct view_paper {
    uint64_t present;
    struct kt_str type;
    struct kt_str title;
    struct kt_str id;
    struct kt_str version;
    struct kt_str language;
    struct kt_str url;
    struct kt_str sha256;
    struct kt_str media_type;
    struct kt_str file_name;
    int64_t size;
    struct kt_day valid_from;
    struct kt_day valid_until;
};
static const struct kt_shape view_paper_shape = { "paper", sizeof(struct view_paper),
                                                  (const struct kt_field[]){
                                                      KT_TEXT(view_paper, type, 40, 0),
                                                      KT_TEXT(view_paper, title, 200, 0),
                                                      KT_TEXT(view_paper, id, 64, 0),
                                                      KT_TEXT(view_paper, version, 40, 0),
                                                      KT_TEXT(view_paper, language, 3, 0),
                                                      KT_TEXT(view_paper, url, 2000, 0),
                                                      KT_TEXT(view_paper, sha256, 64, 0),
                                                      KT_TEXT(view_paper, media_type, 120, 0),
                                                      KT_TEXT(view_paper, file_name, 255, 0),
                                                      KT_INTEGER(view_paper, size, 0),
                                                      KT_DAY(view_paper, valid_from, 0),
                                                      KT_DAY(view_paper, valid_until, 0),
                                                      { 0 },
                                                  } };

struct article {
    struct kt_product product;
    struct kt_variant variant[2];
    struct kt_text text[2];
    struct kt_gtin gtin[2];
    struct kt_price price;
    struct kt_category category;
    struct kt_media media[3];
    struct kt_ref in_category[1];
    struct kt_attribute attribute[3];
    struct kt_text warning[1];
    struct kt_plan_option option[2];
    struct kt_plan_axis axis[1];
    struct kt_axis_value value[2];
    struct view_paper paper[2];
    size_t papers;
    struct kt_text notice[3];
    size_t notices;
    bool has_papers; /* the channel shows documents */
    size_t variants;
    size_t axes;
    bool is_single;
    const char *part;
};

static inline struct article *article_new(struct kt_arena *a)
{
    struct article *x = KT_NEW(a, struct article);
    KT_PUT(&x->text[0], kt_text_shape, language, KT_STR("de"));
    KT_PUT(&x->text[0], kt_text_shape, name, KT_STR("Leuchte \"Irrlicht\" & Sockel"));
    KT_PUT(&x->text[0], kt_text_shape, short_text, KT_STR("Klein <b>"));
    KT_PUT(&x->text[0], kt_text_shape, long_text, KT_STR("Erste Zeile\n5 > 3 & 2"));
    KT_PUT(&x->text[1], kt_text_shape, language, KT_STR("en"));
    KT_PUT(&x->text[1], kt_text_shape, name, KT_STR("Lamp"));
    KT_PUT(&x->gtin[0], kt_gtin_shape, code, KT_STR("2000000000022"));
    KT_PUT(&x->gtin[1], kt_gtin_shape, code, KT_STR("2000000000015"));
    KT_PUT(&x->gtin[1], kt_gtin_shape, is_primary, true);
    KT_PUT(&x->product, kt_product_shape, scope, KT_STR("sap-800"));
    KT_PUT(&x->product, kt_product_shape, id, KT_STR("K-1001"));
    KT_PUT(&x->product, kt_product_shape, texts, (struct kt_list){ x->text, 2 });
    KT_PUT(&x->variant[0], kt_variant_shape, scope, KT_STR("sap-800"));
    KT_PUT(&x->variant[0], kt_variant_shape, sku, KT_STR("K-1001"));
    KT_PUT(&x->variant[0], kt_variant_shape, gtins, (struct kt_list){ x->gtin, 2 });
    KT_PUT(&x->variant[0], kt_variant_shape, net_weight, (struct kt_dec){ 400000, 6 });
    KT_PUT(&x->variant[0], kt_variant_shape, shipping_weight, (struct kt_dec){ 550000, 6 });
    x->variant[1] = x->variant[0];
    KT_PUT(&x->price, kt_price_shape, sku, KT_STR("K-1001"));
    KT_PUT(&x->category, kt_category_shape, scope, KT_STR("sap-800"));
    KT_PUT(&x->category, kt_category_shape, id, KT_STR("LAMP"));
    KT_PUT(&x->category, kt_category_shape, texts, (struct kt_list){ x->text, 2 });
    x->variants = 1;
    x->is_single = true;
    x->part = "";
    return x;
}

/* A page with one axis and two variants. */
static inline void article_with_axis(struct article *x)
{
    KT_PUT(&x->option[0], kt_plan_option_shape, value, KT_STR("rot"));
    KT_PUT(&x->option[1], kt_plan_option_shape, value, KT_STR("blau &amp; grau"));
    KT_PUT(&x->axis[0], kt_plan_axis_shape, code, KT_STR("COLOUR"));
    KT_PUT(&x->axis[0], kt_plan_axis_shape, options, (struct kt_list){ x->option, 2 });
    for (size_t i = 0; i < 2; i++) {
        KT_PUT(&x->value[i], kt_axis_value_shape, axis, KT_STR("COLOUR"));
        KT_PUT(&x->value[i], kt_axis_value_shape, value, x->option[i].value);
        KT_PUT(&x->variant[i], kt_variant_shape, axis_values, (struct kt_list){ &x->value[i], 1 });
    }
    KT_PUT(&x->variant[0], kt_variant_shape, sku, KT_STR("K-1001-R"));
    KT_PUT(&x->variant[1], kt_variant_shape, sku, KT_STR("K-1001-B"));
    x->variants = 2;
    x->axes = 1;
    x->is_single = false;
}

static inline void put_media(struct kt_media *m, int64_t position, const char *url,
                             const char *sha256, const char *alt)
{
    KT_PUT(m, kt_media_shape, position, position);
    KT_PUT(m, kt_media_shape, url, kt_str_of(url));
    if (sha256 != NULL)
        KT_PUT(m, kt_media_shape, sha256, kt_str_of(sha256));
    if (alt != NULL)
        KT_PUT(m, kt_media_shape, alt, kt_str_of(alt));
}

/* Everything that a record may say. */
static inline void article_in_full(struct article *x)
{
    struct kt_product *p = &x->product;
    put_media(&x->media[0], 2, "https://m/b.jpg", "bb22", "Seite");
    put_media(&x->media[1], 1, "https://m/a.jpg", NULL, NULL);
    put_media(&x->media[2], 0, "https://m/manual.pdf", NULL, NULL);
    KT_PUT(&x->media[2], kt_media_shape, role, KT_STR("manual"));
    KT_PUT(p, kt_product_shape, media, (struct kt_list){ x->media, 3 });
    KT_PUT(&x->in_category[0], kt_ref_shape, id, KT_STR("A|B"));
    KT_PUT(p, kt_product_shape, categories, (struct kt_list){ x->in_category, 1 });
    KT_PUT(&x->attribute[0], kt_attribute_shape, code, KT_STR("SCREEN_SIZE"));
    KT_PUT(&x->attribute[0], kt_attribute_shape, value, KT_STR("30&quot;|3"));
    KT_PUT(&x->attribute[1], kt_attribute_shape, code, KT_STR("POWER"));
    KT_PUT(&x->attribute[1], kt_attribute_shape, value, KT_STR("60"));
    KT_PUT(&x->attribute[1], kt_attribute_shape, unit, KT_STR("W"));
    KT_PUT(&x->attribute[2], kt_attribute_shape, code, KT_STR("POWER"));
    KT_PUT(&x->attribute[2], kt_attribute_shape, language, KT_STR("en"));
    KT_PUT(&x->attribute[2], kt_attribute_shape, value, KT_STR("sixty"));
    KT_PUT(p, kt_product_shape, attributes, (struct kt_list){ x->attribute, 3 });
    KT_PUT(p, kt_product_shape, brand, KT_STR("Kobold"));
    KT_PUT(&p->responsible_person, kt_maker_shape, name, KT_STR("Kobold GmbH"));
    KT_PUT(&p->responsible_person, kt_maker_shape, city, KT_STR("Ulm"));
    kt_mark(p, &kt_product_shape, offsetof(struct kt_product, responsible_person));
    KT_PUT(&p->energy, kt_energy_shape, efficiency_class, KT_STR("D"));
    KT_PUT(&p->energy, kt_energy_shape, scale, KT_STR("A-G"));
    KT_PUT(&p->energy, kt_energy_shape, label_url, KT_STR("https://m/label"));
    kt_mark(p, &kt_product_shape, offsetof(struct kt_product, energy));
    KT_PUT(&p->battery, kt_battery_shape, kind, KT_STR("Li-ion"));
    KT_PUT(&p->battery, kt_battery_shape, mass, (struct kt_dec){ 25, 2 });
    kt_mark(p, &kt_product_shape, offsetof(struct kt_product, battery));
    KT_PUT(p, kt_product_shape, dangerous_goods, KT_STR("UN 3481 9"));
    KT_PUT(&x->warning[0], kt_text_shape, language, KT_STR("de"));
    KT_PUT(&x->warning[0], kt_text_shape, long_text, KT_STR("Heiß!"));
    KT_PUT(p, kt_product_shape, warnings, (struct kt_list){ x->warning, 1 });
    KT_PUT(&x->variant[0], kt_variant_shape, length, (struct kt_dec){ 125, 0 });
    KT_PUT(&x->variant[0], kt_variant_shape, media, (struct kt_list){ &x->media[0], 2 });
}

static inline void put_paper(struct view_paper *p, const char *type, const char *id,
                             const char *title, const char *url)
{
    KT_PUT(p, view_paper_shape, type, kt_str_of(type));
    KT_PUT(p, view_paper_shape, id, kt_str_of(id));
    KT_PUT(p, view_paper_shape, title, kt_str_of(title));
    KT_PUT(p, view_paper_shape, version, KT_STR("3"));
    KT_PUT(p, view_paper_shape, language, KT_STR("de"));
    KT_PUT(p, view_paper_shape, sha256, KT_STR("ab12"));
    KT_PUT(p, view_paper_shape, media_type, KT_STR("application/pdf"));
    KT_PUT(p, view_paper_shape, size, 1200);
    KT_PUT(p, view_paper_shape, valid_from, ((struct kt_day){ 2026, 3, 1 }));
    if (url != NULL)
        KT_PUT(p, view_paper_shape, url, kt_str_of(url));
}

/* A declaration that everybody may see, a sheet that has no address, and notices. */
static inline void article_with_papers(struct article *x)
{
    put_paper(&x->paper[0], "declaration_of_conformity", "DOC-1", "Erklärung \"CE\" & <RoHS>",
              "https://docs/d/sap-800/DOC-1/3?a=1&b=2");
    put_paper(&x->paper[1], "data_sheet", "DOC-2", "", NULL);
    KT_PUT(&x->notice[0], kt_text_shape, language, KT_STR("de"));
    KT_PUT(&x->notice[0], kt_text_shape, name, KT_STR("nur mit Adapter"));
    KT_PUT(&x->notice[1], kt_text_shape, language, KT_STR("en"));
    KT_PUT(&x->notice[1], kt_text_shape, name, KT_STR("with adapter only"));
    KT_PUT(&x->notice[2], kt_text_shape, name, KT_STR("230 V <\"!\">"));
    x->papers = 2;
    x->notices = 3;
    x->has_papers = true;
}

/* An energy label of which the ERP gives the number of the sheet, not its address. */
static inline void article_with_label(struct article *x, const char *efficiency_class,
                                      const char *scale)
{
    struct kt_product *p = &x->product;
    KT_PUT(&p->energy, kt_energy_shape, efficiency_class, kt_str_of(efficiency_class));
    KT_PUT(&p->energy, kt_energy_shape, scale, kt_str_of(scale));
    KT_PUT(&p->energy, kt_energy_shape, consumption, KT_STR("46 kWh/1000 h"));
    KT_PUT(&p->energy, kt_energy_shape, eprel_id, KT_STR("345678"));
    KT_PUT(&p->energy, kt_energy_shape, label_url, KT_STR("https://m/label.png"));
    KT_PUT(&p->energy, kt_energy_shape, sheet_document, KT_STR("DOC-1"));
    kt_mark(p, &kt_product_shape, offsetof(struct kt_product, energy));
    KT_PUT(p, kt_product_shape, brand, KT_STR("Kobold"));
    KT_PUT(&x->variant[0], kt_variant_shape, mpn, KT_STR("K/1001"));
}

static inline void view_common(struct kt_view *v, const struct article *x, const char *language)
{
    kt_view_list(v, "axes", &kt_plan_axis_shape, x->axis, x->axes);
    kt_view_text(v, "form", x->is_single ? KT_STR("single") : KT_STR("matrix"));
    kt_view_text(v, "language", kt_str_of(language));
    kt_view_text(v, "fallback_language", KT_STR("en"));
    kt_view_record(v, "product", &kt_product_shape, &x->product);
    if (x->has_papers) {
        kt_view_list(v, "documents", &view_paper_shape, x->paper, x->papers);
        kt_view_list(v, "notices", &kt_text_shape, x->notice, x->notices);
    }
}

static inline struct kt_view product_view(const struct article *x, const char *language)
{
    struct kt_view v = { 0 };
    view_common(&v, x, language);
    kt_view_list(&v, "variants", &kt_variant_shape, x->variant, x->variants);
    kt_view_text(&v, "part", kt_str_of(x->part));
    kt_view_text(&v, "sku", x->product.id);
    return v;
}

static inline struct kt_view variant_view(const struct article *x, size_t at, const char *language)
{
    struct kt_view v = { 0 };
    view_common(&v, x, language);
    kt_view_record(&v, "variant", &kt_variant_shape, &x->variant[at]);
    return v;
}

static inline struct kt_view category_view(const struct article *x, const char *language)
{
    struct kt_view v = { 0 };
    kt_view_record(&v, "category", &kt_category_shape, &x->category);
    kt_view_text(&v, "language", kt_str_of(language));
    kt_view_text(&v, "fallback_language", KT_STR("en"));
    return v;
}

static inline struct kt_view price_view(const struct article *x, const struct kt_dec *price)
{
    struct kt_view v = { 0 };
    kt_view_record(&v, "variant", &kt_variant_shape, &x->variant[0]);
    kt_view_text(&v, "currency", KT_STR("EUR"));
    kt_view_text(&v, "has_price", price != NULL ? KT_STR("true") : KT_STR("false"));
    if (price != NULL) {
        kt_view_record(&v, "price", &kt_price_shape, &x->price);
        kt_view_dec(&v, "unit_price", *price);
    }
    return v;
}

static inline struct kt_view stock_view(const struct article *x, const struct kt_dec *quantity)
{
    struct kt_view v = { 0 };
    kt_view_record(&v, "variant", &kt_variant_shape, &x->variant[0]);
    if (quantity != NULL)
        kt_view_dec(&v, "quantity", *quantity);
    return v;
}

/* Payload of the default mapping, or the message. */
static inline const char *mapped(const char *unit, const struct kt_view *v, struct kt_arena *a)
{
    /* what the flow's views name even where they do not have it */
    static const char *const may_lack[] = { "price",     "unit_price",    "sale_price",
                                            "sale_from", "sale_until",    "quantity",
                                            "next_day",  "next_quantity", "documents",
                                            "notices" };
    const struct kt_channel_facts *facts = VIEW_CHANNEL.facts;
    struct kt_map *map = NULL;
    struct kt_err e = { 0 };
    struct kt_str payload = { NULL, 0 };
    if (kt_map_open(&map, facts->mapping_name, facts->mapping, &e) != KT_OK)
        fail_msg("%s", e.trail);
    struct kt_view whole = *v;
    for (size_t i = 0; i < KT_COUNT(may_lack); i++)
        kt_view_absent(&whole, may_lack[i]);
    enum kt_rc rc = kt_map_call(map, unit, &whole, "unit under test", &payload, a, &e);
    kt_map_close(map);
    return rc == KT_OK ? payload.p : kt_text_copy(a, e.trail);
}

#endif
