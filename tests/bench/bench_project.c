/* Products into payloads: page, plan, view and mapping, without a database, on one core.
 *
 *   bench_project [seconds per mode [mapping.lua]]      default 4, WooCommerce's own mapping
 *
 * One product has 16 variants (two axes); it and each of them has 60 attributes. "pages": the
 * page's payload. "products": the page's and those of its 16 variants. "by C alone": the same
 * payloads written by the JSON writer. The modes take turns; times are those of the processor. Last
 * line: project ratio=… p99_ms=… rss_mb=…, where ratio is how many products the mapping makes while
 * C alone writes one. Ends with 1 below 1,500 pages per second. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "adapters/channel_woocommerce/adapter.h"
#include "base/file.h"
#include "base/time.h"
#include "map/map.h"
#include "trade/plan.h"

enum {
    SIDE = 4, /* values of an axis */
    VARIANTS = SIDE * SIDE,
    ATTRIBUTES = 60,
    TARGET = 1500, /* pages per second */
    ROUNDS = 4,
    SAMPLES = 1000000,
    PAYLOAD_MAX = 1 << 20,
    MAPPING_MAX = 1 << 20
};

struct goods {
    struct kt_product product;
    struct kt_variant variant[VARIANTS];
    struct kt_page_member member[VARIANTS];
};

struct bench {
    const struct goods *goods;
    struct kt_map *map;
    struct kt_arena *arena; /* of one product */
    const struct kt_json *payload[VARIANTS + 1];
    size_t bytes; /* of all payloads of one product */
};

struct mode {
    const char *name;
    void (*run)(struct bench *b);
    int64_t products;
    int64_t spent_us;
    size_t samples;
    int64_t *took_us;
};

static void must(enum kt_rc rc, const struct kt_err *e)
{
    if (rc == KT_OK)
        return;
    (void)fprintf(stderr, "bench_project: %s: %s\n", kt_code_name(e->v.code), e->trail);
    exit(2);
}

/* --- the goods --- */

static struct kt_str number_text(struct kt_arena *a, const char *what, int number)
{
    return kt_str_of(kt_format(a, "%s%d", what, number));
}

static struct kt_list attributes(struct kt_arena *a, int variant)
{
    struct kt_attribute *all = KT_NEW_ARRAY(a, ATTRIBUTES, struct kt_attribute);
    for (int i = 0; i < ATTRIBUTES; i++) {
        KT_PUT(&all[i], kt_attribute_shape, code, kt_str_of(kt_format(a, "FEATURE_%03d", i)));
        KT_PUT(&all[i], kt_attribute_shape, value, number_text(a, "value ", variant * 1000 + i));
        if (i % 3 == 0)
            KT_PUT(&all[i], kt_attribute_shape, unit, KT_STR("mm"));
    }
    return (struct kt_list){ all, ATTRIBUTES };
}

static struct kt_list texts(struct kt_arena *a)
{
    static const char *const languages[] = { "de", "en" };
    struct kt_text *all = KT_NEW_ARRAY(a, 2, struct kt_text);
    for (int i = 0; i < 2; i++) {
        struct kt_buf text;
        kt_buf_init(&text, a, 4000);
        for (int k = 0; k < 20; k++)
            kt_buf_text(&text, "A sentence about what this is good for, and for whom. ");
        KT_PUT(&all[i], kt_text_shape, language, kt_str_of(languages[i]));
        KT_PUT(&all[i], kt_text_shape, name, KT_STR("Portable player with a display"));
        KT_PUT(&all[i], kt_text_shape, short_text, KT_STR("Plays for 12 hours"));
        KT_PUT(&all[i], kt_text_shape, long_text, kt_buf_view(&text));
    }
    return (struct kt_list){ all, 2 };
}

static struct kt_list media(struct kt_arena *a, int first, int count)
{
    struct kt_media *all = KT_NEW_ARRAY(a, (size_t)count, struct kt_media);
    for (int i = 0; i < count; i++) {
        KT_PUT(&all[i], kt_media_shape, position, i + 1);
        KT_PUT(&all[i], kt_media_shape, url,
               kt_str_of(kt_format(a, "https://media.example.org/%d.jpg", first + i)));
        KT_PUT(&all[i], kt_media_shape, sha256, kt_str_of(kt_format(a, "%064d", first + i)));
    }
    return (struct kt_list){ all, (size_t)count };
}

static void make_product(struct kt_product *p, struct kt_arena *a)
{
    struct kt_axis *axis = KT_NEW_ARRAY(a, 2, struct kt_axis);
    struct kt_ref *category = KT_NEW_ARRAY(a, 2, struct kt_ref);
    struct kt_maker maker = { 0 };
    for (int i = 0; i < 2; i++) {
        KT_PUT(&axis[i], kt_axis_shape, position, i + 1);
        KT_PUT(&axis[i], kt_axis_shape, code, i == 0 ? KT_STR("COLOUR") : KT_STR("STORAGE"));
        KT_PUT(&category[i], kt_ref_shape, id, number_text(a, "C-", i));
    }
    KT_PUT(&maker, kt_maker_shape, name, KT_STR("Example Works"));
    KT_PUT(&maker, kt_maker_shape, country, KT_STR("DE"));
    KT_PUT(p, kt_product_shape, scope, KT_STR("erp"));
    KT_PUT(p, kt_product_shape, id, KT_STR("P-1"));
    KT_PUT(p, kt_product_shape, texts, texts(a));
    KT_PUT(p, kt_product_shape, brand, KT_STR("Example"));
    KT_PUT(p, kt_product_shape, attributes, attributes(a, 0));
    KT_PUT(p, kt_product_shape, lifecycle, KT_ACTIVE);
    KT_PUT(p, kt_product_shape, manufacturer, maker);
    KT_PUT(p, kt_product_shape, categories, (struct kt_list){ category, 2 });
    KT_PUT(p, kt_product_shape, axes, (struct kt_list){ axis, 2 });
    KT_PUT(p, kt_product_shape, media, media(a, 0, 3));
}

static void make_variant(struct kt_variant *v, int number, struct kt_arena *a)
{
    static const char *const colours[SIDE] = { "black", "blue", "red", "white" };
    static const char *const sizes[SIDE] = { "16 GB", "32 GB", "64 GB", "128 GB" };
    struct kt_axis_value *value = KT_NEW_ARRAY(a, 2, struct kt_axis_value);
    struct kt_gtin *gtin = KT_NEW(a, struct kt_gtin);
    KT_PUT(&value[0], kt_axis_value_shape, axis, KT_STR("COLOUR"));
    KT_PUT(&value[0], kt_axis_value_shape, value, kt_str_of(colours[number % SIDE]));
    KT_PUT(&value[1], kt_axis_value_shape, axis, KT_STR("STORAGE"));
    KT_PUT(&value[1], kt_axis_value_shape, value, kt_str_of(sizes[number / SIDE]));
    KT_PUT(gtin, kt_gtin_shape, code, kt_str_of(kt_format(a, "20000000%05d", number)));
    KT_PUT(gtin, kt_gtin_shape, is_primary, true);
    KT_PUT(v, kt_variant_shape, scope, KT_STR("erp"));
    KT_PUT(v, kt_variant_shape, sku, kt_str_of(kt_format(a, "SKU-%02d", number)));
    KT_PUT(v, kt_variant_shape, product, KT_STR("P-1"));
    KT_PUT(v, kt_variant_shape, gtins, (struct kt_list){ gtin, 1 });
    KT_PUT(v, kt_variant_shape, base_unit, KT_STR("PCE"));
    KT_PUT(v, kt_variant_shape, net_weight, (struct kt_dec){ 1250000, 6 });
    KT_PUT(v, kt_variant_shape, shipping_weight, (struct kt_dec){ 1400000, 6 });
    KT_PUT(v, kt_variant_shape, attributes, attributes(a, number + 1));
    KT_PUT(v, kt_variant_shape, lifecycle, KT_ACTIVE);
    KT_PUT(v, kt_variant_shape, axis_values, (struct kt_list){ value, 2 });
    KT_PUT(v, kt_variant_shape, length, (struct kt_dec){ 120000, 3 });
    KT_PUT(v, kt_variant_shape, width, (struct kt_dec){ 80000, 3 });
    KT_PUT(v, kt_variant_shape, height, (struct kt_dec){ 20000, 3 });
    KT_PUT(v, kt_variant_shape, media, media(a, 100 + number, 1));
}

static const struct goods *make_goods(struct kt_arena *a)
{
    struct goods *g = KT_NEW(a, struct goods);
    make_product(&g->product, a);
    for (int i = 0; i < VARIANTS; i++) {
        make_variant(&g->variant[i], i, a);
        g->member[i].variant = &g->variant[i];
    }
    return g;
}

/* --- what is measured --- */

static void plan_page(const struct bench *b, struct kt_product_page *page, struct kt_plan *plan)
{
    static const struct kt_group_rule rule = { 0 };
    static const struct kt_plan_limits limits = { .axes = KT_AXES_MAX };
    kt_page_make(page, b->goods->product.id, &b->goods->product, b->goods->member, VARIANTS, &rule,
                 b->arena);
    kt_plan_make(plan, page, &limits, b->arena);
    KT_ASSERT(plan->pages == 1 && plan->page[0].count == VARIANTS);
}

static struct kt_str payload(const struct bench *b, const char *unit, const struct kt_view *view)
{
    struct kt_err e = { 0 };
    struct kt_str out = { NULL, 0 };
    must(kt_map_call(b->map, unit, view, unit, &out, b->arena, &e), &e);
    return out;
}

static void add_languages(struct kt_view *view)
{
    kt_view_text(view, "form", KT_STR("matrix"));
    kt_view_text(view, "language", KT_STR("de"));
    kt_view_text(view, "fallback_language", KT_STR("en"));
}

static struct kt_str page_payload(const struct bench *b, const struct kt_product_page *page,
                                  const struct kt_plan_page *p)
{
    struct kt_view view = { 0 };
    kt_view_record(&view, "product", &kt_product_shape, page->shown);
    kt_view_list(&view, "variants", &kt_variant_shape, p->variant, p->count);
    kt_view_list(&view, "axes", &kt_plan_axis_shape, p->axes.item, p->axes.count);
    kt_view_text(&view, "part", KT_STR(""));
    kt_view_text(&view, "sku", page->id);
    add_languages(&view);
    return payload(b, "product", &view);
}

static struct kt_str variant_payload(const struct bench *b, const struct kt_product_page *page,
                                     const struct kt_plan_page *p, size_t number)
{
    struct kt_view view = { 0 };
    kt_view_record(&view, "variant", &kt_variant_shape, &p->variant[number]);
    kt_view_record(&view, "product", &kt_product_shape, page->shown);
    kt_view_list(&view, "axes", &kt_plan_axis_shape, p->axes.item, p->axes.count);
    add_languages(&view);
    return payload(b, "variant", &view);
}

static void run_page(struct bench *b)
{
    struct kt_product_page page;
    struct kt_plan plan;
    plan_page(b, &page, &plan);
    (void)page_payload(b, &page, &plan.page[0]);
}

static void run_product(struct bench *b)
{
    struct kt_product_page page;
    struct kt_plan plan;
    plan_page(b, &page, &plan);
    (void)page_payload(b, &page, &plan.page[0]);
    for (size_t i = 0; i < VARIANTS; i++)
        (void)variant_payload(b, &page, &plan.page[0], i);
}

static void run_c(struct bench *b)
{
    for (size_t i = 0; i <= VARIANTS; i++) {
        struct kt_buf out;
        kt_buf_init(&out, b->arena, PAYLOAD_MAX);
        kt_json_write(&out, b->payload[i]);
        KT_ASSERT(kt_buf_ok(&out));
    }
}

static void learn_payloads(struct bench *b, struct kt_arena *keep)
{
    struct kt_product_page page;
    struct kt_plan plan;
    struct kt_err e = { 0 };
    plan_page(b, &page, &plan);
    for (size_t i = 0; i <= VARIANTS; i++) {
        struct kt_str text = i == 0 ? page_payload(b, &page, &plan.page[0])
                                    : variant_payload(b, &page, &plan.page[0], i - 1);
        b->bytes += text.n;
        must(kt_json_parse(&b->payload[i], kt_str_copy(keep, text), keep, &e), &e);
    }
}

/* Of this thread alone: what else the machine does is not measured. */
static int64_t cpu_us(void)
{
    struct timespec t;
    KT_ASSERT(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) == 0);
    return (int64_t)t.tv_sec * KT_SECOND + t.tv_nsec / 1000;
}

static struct mode modes[] = {
    { .name = "pages", .run = run_page },
    { .name = "products", .run = run_product },
    { .name = "by C alone", .run = run_c },
};

static void measure(struct mode *m, struct bench *b, int64_t length_us)
{
    const int64_t started_us = cpu_us();
    int64_t now_us = started_us;
    while (now_us < started_us + length_us) {
        kt_arena_reset(b->arena);
        m->run(b);
        const int64_t then_us = cpu_us();
        if (m->samples < SAMPLES)
            m->took_us[m->samples++] = then_us - now_us;
        now_us = then_us;
        m->products++;
    }
    m->spent_us += now_us - started_us;
}

/* --- the table --- */

static int compare(const void *left, const void *right)
{
    const int64_t *a = left;
    const int64_t *b = right;
    return *a < *b ? -1 : *a > *b;
}

static int64_t rate(const struct mode *m)
{
    return m->products * KT_SECOND / (m->spent_us > 0 ? m->spent_us : 1);
}

static int64_t at(const struct mode *m, size_t per_mille)
{
    return m->samples == 0 ? 0 : m->took_us[(m->samples - 1) * per_mille / 1000];
}

static void report(const struct bench *b)
{
    (void)printf("%-12s %12s %10s %10s %10s\n", "mode", "per second", "p50 us", "p99 us", "max us");
    for (size_t i = 0; i < KT_COUNT(modes); i++) {
        struct mode *m = &modes[i];
        qsort(m->took_us, m->samples, sizeof *m->took_us, compare);
        (void)printf("%-12s %12lld %10lld %10lld %10lld\n", m->name, (long long)rate(m),
                     (long long)at(m, 500), (long long)at(m, 990), (long long)at(m, 1000));
    }
    (void)printf("payloads of one product: %d, %zu bytes\n", VARIANTS + 1, b->bytes);
}

static const char *mapping_text(int argc, char **argv, struct kt_arena *a)
{
    struct kt_str text = { NULL, 0 };
    const char *complaint = NULL;
    if (argc < 3)
        return kt_channel_woocommerce.facts->mapping;
    if (!kt_file_read(&text, argv[2], MAPPING_MAX, false, a, &complaint)) {
        (void)fprintf(stderr, "bench_project: %s %s\n", argv[2], complaint);
        exit(2);
    }
    return text.p;
}

int main(int argc, char **argv)
{
    struct kt_err e = { 0 };
    struct rusage usage;
    struct kt_arena *keep = kt_arena_new();
    struct bench b = { .goods = make_goods(keep), .arena = kt_arena_new() };
    const int seconds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 4;
    KT_ASSERT(seconds >= 1 && seconds <= 3600);
    must(kt_map_open(&b.map, argc > 2 ? argv[2] : kt_channel_woocommerce.facts->mapping_name,
                     mapping_text(argc, argv, keep), &e),
         &e);
    learn_payloads(&b, keep);
    for (size_t i = 0; i < KT_COUNT(modes); i++)
        modes[i].took_us = KT_NEW_ARRAY(keep, SAMPLES, int64_t);
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < KT_COUNT(modes); i++)
            measure(&modes[i], &b, seconds * KT_SECOND / ROUNDS);
    }
    report(&b);
    KT_ASSERT(getrusage(RUSAGE_SELF, &usage) == 0);
    const int64_t ratio = rate(&modes[1]) * 1000 / (rate(&modes[2]) > 0 ? rate(&modes[2]) : 1);
    (void)printf("project ratio=0.%03lld p99_ms=%lld.%03lld rss_mb=%ld\n", (long long)ratio,
                 (long long)(at(&modes[1], 990) / 1000), (long long)(at(&modes[1], 990) % 1000),
                 usage.ru_maxrss / 1024);
    kt_map_close(b.map);
    kt_arena_free(b.arena);
    kt_arena_free(keep);
    return rate(&modes[0]) < TARGET;
}
