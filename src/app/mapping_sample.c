/* Sample records, filled by their shapes, so that no field can be forgotten; then what belongs
 * together is made to fit. Pure; called by mapping_reach.c. */
#include "app/mapping_sample.h"

#include <string.h>

enum { LEAVES_MAX = 400 };

#define AXIS "COLOUR"
#define UNIT "PCE"

/* --- the fields of a kind --- */

struct walk {
    enum kt_kind kind;
    struct kt_leaf *item;
    size_t count;
    struct kt_arena *arena;
};

static void add_leaves(struct walk *w, const struct kt_shape *shape, const struct kt_leaf *above)
{
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++) {
        struct kt_leaf leaf = *above;
        KT_ASSERT(leaf.depth < KT_LEAF_DEPTH && w->count < LEAVES_MAX);
        leaf.field[leaf.depth++] = f;
        leaf.path =
            above->depth == 0 ? f->name : kt_format(w->arena, "%s.%s", above->path, f->name);
        if (f->type == KT_TYPE_PART || f->type == KT_TYPE_LIST)
            add_leaves(w, f->items, &leaf);
        else
            w->item[w->count++] = leaf;
    }
}

struct kt_leaf *kt_leaves(enum kt_kind kind, size_t *count, struct kt_arena *a)
{
    struct walk w = { kind, KT_NEW_ARRAY(a, LEAVES_MAX, struct kt_leaf), 0, a };
    struct kt_leaf top = { .kind = kind, .path = "" };
    add_leaves(&w, kt_kind_shape[kind], &top);
    *count = w.count;
    return w.item;
}

const struct kt_field *kt_leaf_field(const struct kt_leaf *leaf)
{
    return leaf->field[leaf->depth - 1];
}

bool kt_leaf_is_name(const struct kt_leaf *leaf)
{
    return leaf->depth == 1 && (leaf->field[0]->marks & (KT_KEY | KT_HANGS_ON)) != 0;
}

const char *kt_sample_name(const struct kt_leaf *leaf)
{
    const char *name = leaf->field[0]->name;
    if (strcmp(name, "scope") == 0)
        return KT_SAMPLE_SCOPE;
    if (strcmp(name, "sku") == 0)
        return KT_SAMPLE_SKU;
    if (strcmp(name, "product") == 0 || (leaf->kind == KT_KIND_PRODUCT && strcmp(name, "id") == 0))
        return KT_SAMPLE_PRODUCT;
    return leaf->kind == KT_KIND_CATEGORY && strcmp(name, "id") == 0 ? KT_SAMPLE_CATEGORY : NULL;
}

/* --- values --- */

static void *items_of(struct kt_list *list)
{
    union {
        const void *in;
        void *out;
    } item = { .in = list->item };
    return item.out; /* a sample's own */
}

static struct kt_dec decimal(const struct kt_field *f, int64_t number)
{
    struct kt_dec d = kt_dec_int(number);
    bool is_ok = kt_dec_rescale(&d, d, (uint8_t)f->max);
    KT_ASSERT(is_ok);
    return d;
}

static struct kt_str text(const struct kt_field *f, const char *value, struct kt_arena *a)
{
    size_t n = strlen(value);
    return kt_str_copy(a, (struct kt_str){ value, f->max > 0 && n > f->max ? f->max : n });
}

static void fill(const struct kt_shape *shape, void *record, struct kt_arena *a);

static void fill_field(const struct kt_field *f, void *member, struct kt_arena *a)
{
    switch (f->type) {
    case KT_TYPE_TEXT:
        *(struct kt_str *)member = text(f, f->max <= 3 ? "DEU" : f->name, a);
        break;
    case KT_TYPE_INTEGER:
        *(int64_t *)member = 1;
        break;
    case KT_TYPE_DECIMAL:
        *(struct kt_dec *)member = decimal(f, 2);
        break;
    case KT_TYPE_BOOL:
        *(bool *)member = true;
        break;
    case KT_TYPE_INSTANT:
        *(int64_t *)member = INT64_C(1577836800) * KT_SECOND;
        break;
    case KT_TYPE_DAY:
        *(struct kt_day *)member = (struct kt_day){ 2999, 12, 31 };
        break;
    case KT_TYPE_CHOICE:
        *(int *)member = 0;
        break;
    case KT_TYPE_PART:
        fill(f->items, member, a);
        break;
    case KT_TYPE_LIST: {
        void *item = kt_alloc(a, f->items->size);
        fill(f->items, item, a);
        *(struct kt_list *)member = (struct kt_list){ item, 1 };
        break;
    }
    case KT_TYPE_END:
        break;
    }
}

static void fill(const struct kt_shape *shape, void *record, struct kt_arena *a)
{
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++) {
        fill_field(f, kt_field_at_mut(record, f), a);
        kt_field_mark(record, shape, f);
    }
}

/* --- what belongs together --- */

static const struct kt_day long_ago = { 2000, 1, 1 };

static struct kt_list texts(const struct kt_sample_for *s, const char *what, struct kt_arena *a)
{
    const char *language[] = { s->channel->language, s->channel->fallback_language };
    struct kt_text *t = KT_NEW_ARRAY(a, 2, struct kt_text);
    size_t count = strcmp(language[0], language[1]) == 0 ? 1 : 2;
    for (size_t i = 0; i < count; i++) {
        fill(&kt_text_shape, &t[i], a);
        t[i].language = kt_str_of(language[i]);
        t[i].name = kt_str_of(kt_format(a, "%s in %s", what, language[i]));
    }
    return (struct kt_list){ t, count };
}

static void fit_attribute(struct kt_list *list)
{
    struct kt_attribute *attribute = items_of(list);
    attribute->code = KT_STR("MATERIAL");
    attribute->language = KT_STR("");
}

static void fit_media(struct kt_list *list, const char *file)
{
    struct kt_media *media = items_of(list);
    media->url = kt_str_of(file);
    media->sha256 = KT_STR("00000000000000000000000000000000000000000000000000000000000000aa");
    media->language = KT_STR("");
    media->role = KT_STR("image");
}

static void fit_product(const struct kt_sample_for *s, struct kt_product *p, struct kt_arena *a)
{
    struct kt_axis *axis = items_of(&p->axes);
    struct kt_ref *category = items_of(&p->categories);
    p->id = KT_STR(KT_SAMPLE_PRODUCT);
    p->texts = texts(s, "A page", a);
    p->warnings = texts(s, "A warning", a);
    p->lifecycle = KT_ACTIVE;
    p->sale_from = long_ago;
    axis->code = KT_STR(AXIS);
    category->id = KT_STR(KT_SAMPLE_CATEGORY);
    fit_attribute(&p->attributes);
    fit_media(&p->media, "https://media.example.org/page.jpg");
}

static void fit_variant(struct kt_variant *v, int number)
{
    struct kt_axis_value *value = items_of(&v->axis_values);
    struct kt_gtin *gtin = items_of(&v->gtins);
    v->sku = number == 0 ? KT_STR(KT_SAMPLE_SKU) : KT_STR("Sample-Article-2");
    v->product = KT_STR(KT_SAMPLE_PRODUCT);
    v->base_unit = KT_STR(UNIT);
    v->sales_unit = KT_STR(UNIT);
    v->lifecycle = KT_ACTIVE;
    v->sale_from = long_ago;
    value->axis = KT_STR(AXIS);
    value->value = number == 0 ? KT_STR("red") : KT_STR("blue");
    value->unit = KT_STR("");
    gtin->code = number == 0 ? KT_STR("2000000000015") : KT_STR("2000000000022");
    gtin->unit = KT_STR(UNIT);
    fit_attribute(&v->attributes);
    fit_media(&v->media, "https://media.example.org/article.jpg");
}

static void leave_out(void *record, const struct kt_shape *shape, const struct kt_field *f)
{
    uint64_t *present = record;
    *present &= ~(UINT64_C(1) << (unsigned)(f - shape->fields));
}

static void leave_out_name(void *record, const struct kt_shape *shape, const char *name)
{
    const struct kt_field *f = kt_field_find(shape, name);
    KT_ASSERT(f != NULL);
    leave_out(record, shape, f);
}

static void fit_price(const struct kt_sample_for *s, struct kt_price *p)
{
    const struct kt_shape *shape = &kt_price_shape;
    const struct kt_channel_site *ch = s->channel;
    p->sku = KT_STR(KT_SAMPLE_SKU);
    p->kind = KT_PRICE_LIST;
    p->currency = kt_str_of(ch->currency);
    p->per = kt_dec_int(1);
    p->min_quantity = kt_dec_int(1);
    p->unit = KT_STR(UNIT);
    p->valid_from = long_ago;
    p->list = kt_str_of(ch->price_list);
    p->market = kt_str_of(ch->market);
    p->customer_group = kt_str_of(ch->customer_group);
    if (ch->price_list == NULL)
        leave_out_name(p, shape, "list");
    if (ch->market == NULL)
        leave_out_name(p, shape, "market");
    if (ch->customer_group == NULL)
        leave_out_name(p, shape, "customer_group");
    leave_out_name(p, shape, "customer");
}

static void fit_stock(const struct kt_sample_for *s, struct kt_stock *stock)
{
    stock->sku = KT_STR(KT_SAMPLE_SKU);
    stock->warehouse =
        s->channel->warehouses.count > 0 ? kt_str_of(s->channel->warehouses.item[0]) : KT_STR("W1");
    stock->unit = KT_STR(UNIT);
    stock->available = kt_dec_int(50);
    stock->on_hand = kt_dec_int(60);
}

/* Only what a record needs to be shown at all. */
static void make_lean(enum kt_kind kind, void *record)
{
    static const char *const needed[] = { "texts",     "axes",           "axis_values",
                                          "lifecycle", "currency",       "amount",
                                          "per",       "list",           "market",
                                          "available", "customer_group", NULL };
    const struct kt_shape *shape = kt_kind_shape[kind];
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++) {
        bool is_needed = (f->marks & (KT_KEY | KT_REQUIRED)) != 0;
        for (size_t i = 0; needed[i] != NULL && !is_needed; i++)
            is_needed = strcmp(needed[i], f->name) == 0;
        if (!is_needed)
            leave_out(record, shape, f);
    }
}

void *kt_sample(const struct kt_sample_for *s, enum kt_kind kind, int number, struct kt_arena *a)
{
    const struct kt_shape *shape = kt_kind_shape[kind];
    void *record = kt_alloc(a, shape->size);
    struct kt_str *scope = kt_field_at_mut(record, kt_field_find(shape, "scope"));
    fill(shape, record, a);
    *scope = KT_STR(KT_SAMPLE_SCOPE);
    switch (kind) {
    case KT_KIND_PRODUCT:
        fit_product(s, record, a);
        break;
    case KT_KIND_VARIANT:
        fit_variant(record, number);
        break;
    case KT_KIND_PRICE:
        fit_price(s, record);
        break;
    case KT_KIND_STOCK:
        fit_stock(s, record);
        break;
    case KT_KIND_CATEGORY:
        ((struct kt_category *)record)->id = KT_STR(KT_SAMPLE_CATEGORY);
        ((struct kt_category *)record)->texts = texts(s, "A category", a);
        break;
    case KT_KIND_CUSTOMER:
    case KT_KIND_DOCUMENT:
    case KT_KIND_CERTIFICATE:
    case KT_KINDS:
        break;
    }
    if (s->is_lean)
        make_lean(kind, record);
    return record;
}

/* --- one field --- */

/* The struct that holds the leaf: of a list the first entry. Marks the way to it as present. */
static void *holder_of(const struct kt_leaf *leaf, void *record, const struct kt_shape **shape)
{
    *shape = kt_kind_shape[leaf->kind];
    for (unsigned i = 0; i + 1 < leaf->depth; i++) {
        const struct kt_field *f = leaf->field[i];
        void *member = kt_field_at_mut(record, f);
        kt_field_mark(record, *shape, f);
        record = f->type == KT_TYPE_LIST ? items_of(member) : member;
        *shape = f->items;
    }
    return record;
}

void kt_leaf_keep(const struct kt_leaf *leaf, void *record)
{
    kt_field_mark(record, kt_kind_shape[leaf->kind], leaf->field[0]); /* its value is still there */
}

static bool change_text(const struct kt_field *f, struct kt_str *value, int turn,
                        struct kt_arena *a)
{
    if (turn > 0)
        return false;
    if (strcmp(f->name, "code") == 0 && f->max == 14)
        *value = KT_STR("2000000000039"); /* a GTIN keeps its check digit */
    else if (f->max > 0 && f->max <= 8)
        *value = text(f, "zz", a);
    else
        *value = text(f, kt_format(a, "z%s", value->p != NULL ? value->p : ""), a);
    return true;
}

static bool change_choice(const struct kt_field *f, int *value, int turn)
{
    int count = 0;
    while (f->choices[count] != NULL)
        count++;
    KT_ASSERT(count > 0);
    *value = (*value + 1 + turn) % count;
    return turn + 1 < count;
}

bool kt_leaf_change(const struct kt_leaf *leaf, void *record, int turn, struct kt_arena *a)
{
    static const struct kt_day days[] = { { 2998, 1, 1 }, { 2001, 1, 1 } };
    const struct kt_shape *shape = NULL;
    const struct kt_field *f = kt_leaf_field(leaf);
    void *holder = holder_of(leaf, record, &shape);
    void *member = kt_field_at_mut(holder, f);
    kt_field_mark(holder, shape, f);
    switch (f->type) {
    case KT_TYPE_TEXT:
        return change_text(f, member, turn, a);
    case KT_TYPE_INTEGER:
        *(int64_t *)member += 1;
        return turn == 0;
    case KT_TYPE_DECIMAL:
        *(struct kt_dec *)member = decimal(f, turn == 0 ? 3 : 0);
        return turn < 2;
    case KT_TYPE_BOOL:
        *(bool *)member = !*(bool *)member;
        return turn == 0;
    case KT_TYPE_INSTANT:
        *(int64_t *)member += KT_DAY_US;
        return turn == 0;
    case KT_TYPE_DAY:
        *(struct kt_day *)member = days[turn < 2 ? turn : 0];
        return turn < 2;
    case KT_TYPE_CHOICE:
        return change_choice(f, member, turn);
    case KT_TYPE_PART:
    case KT_TYPE_LIST:
    case KT_TYPE_END:
        break;
    }
    return false;
}
