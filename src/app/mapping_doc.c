/* Prints the field mapping in force: from the shapes, the configuration and what
 * mapping_reach.c found out about rules and mappings. Main thread; called by cmd_mapping.c. */
#include "app/mapping_doc.h"

#include <string.h>

#include "app/mapping_reach.h"
#include "app/out.h"
#include "app/table.h"

struct doc {
    struct kt_app *app;
    const struct kt_site *site;
    const struct kt_channel_site *channel; /* those that are shown */
    size_t channels;
    struct kt_reached *field;
    size_t count;
};

/* --- what is known of a field --- */

static const char *type_text(const struct kt_field *f, struct kt_arena *a)
{
    static const char *const names[] = { [KT_TYPE_INTEGER] = "integer",
                                         [KT_TYPE_BOOL] = "yes/no",
                                         [KT_TYPE_INSTANT] = "instant",
                                         [KT_TYPE_DAY] = "day" };
    struct kt_buf out;
    switch (f->type) {
    case KT_TYPE_TEXT:
        return kt_format(a, "text, %u", f->max);
    case KT_TYPE_DECIMAL:
        return kt_format(a, "decimal, %u", f->max);
    case KT_TYPE_CHOICE:
        kt_buf_init(&out, a, 400);
        for (int i = 0; f->choices[i] != NULL; i++)
            kt_buf_format(&out, "%s%s", i > 0 ? " | " : "", f->choices[i]);
        return kt_buf_view(&out).p;
    case KT_TYPE_INTEGER:
    case KT_TYPE_BOOL:
    case KT_TYPE_INSTANT:
    case KT_TYPE_DAY:
        return names[f->type];
    case KT_TYPE_PART:
    case KT_TYPE_LIST:
    case KT_TYPE_END:
        break;
    }
    return "";
}

/* Units that the data model fixes (docs/mapping.md); others travel with a unit of their own. */
static const char *unit_text(const struct kt_leaf *leaf)
{
    static const struct {
        const char *path;
        const char *unit;
    } units[] = { { "net_weight", "kg" }, { "shipping_weight", "kg" }, { "battery.mass", "kg" },
                  { "length", "mm" },     { "width", "mm" },           { "height", "mm" } };
    for (size_t i = 0; i < KT_COUNT(units); i++) {
        if (strcmp(units[i].path, leaf->path) == 0)
            return units[i].unit;
    }
    return NULL;
}

static bool is_led_by(const struct kt_erp_site *erp, const struct kt_leaf *leaf)
{
    const struct kt_field *top = leaf->field[0];
    const uint64_t bit = UINT64_C(1) << (unsigned)(top - kt_kind_shape[leaf->kind]->fields);
    if (erp->leads.count == 0)
        return true; /* everything of its scope */
    return (erp->lead[leaf->kind] & bit) != 0;
}

/* The ERPs behind the channels that are shown, each once. */
static bool is_of_interest(const struct doc *d, const struct kt_erp_site *erp)
{
    for (size_t i = 0; i < d->channels; i++) {
        if (strcmp(d->channel[i].erp->scope, erp->scope) == 0)
            return true;
    }
    return d->channels == 0;
}

static const char *leads_text(const struct doc *d, const struct kt_leaf *leaf)
{
    struct kt_buf out;
    kt_buf_init(&out, d->app->arena, 1000);
    for (size_t i = 0; i < d->site->erps; i++) {
        const struct kt_erp_site *erp = &d->site->erp[i];
        if (is_of_interest(d, erp) && is_led_by(erp, leaf))
            kt_buf_format(&out, "%s%s", out.n > 0 ? ", " : "", erp->name);
    }
    return out.n > 0 ? kt_buf_view(&out).p : "nobody";
}

static const char *every_text(int64_t seconds, struct kt_arena *a)
{
    struct kt_buf out;
    if (seconds == 0)
        return "by hand";
    kt_buf_init(&out, a, 100);
    kt_buf_text(&out, "every ");
    kt_out_age(&out, seconds * KT_SECOND);
    return kt_buf_view(&out).p;
}

static const char *frequency_text(const struct doc *d, const struct kt_leaf *leaf)
{
    struct kt_buf out;
    kt_buf_init(&out, d->app->arena, 1000);
    for (size_t i = 0; i < d->site->erps; i++) {
        const struct kt_erp_site *erp = &d->site->erp[i];
        if (!is_of_interest(d, erp) || !is_led_by(erp, leaf))
            continue;
        for (int feed = 0; feed < KT_FEEDS; feed++) {
            if ((kt_feed_kinds((enum kt_feed)feed) >> (unsigned)leaf->kind & 1) == 0 ||
                erp->ops->facts->feed[feed] == KT_FEED_NONE)
                continue;
            kt_buf_format(&out, "%s%s", out.n > 0 ? ", " : "",
                          every_text(erp->every_s[feed], d->app->arena));
            if (erp->nightly != NULL)
                kt_buf_format(&out, " and all at %s", erp->nightly);
        }
    }
    return out.n > 0 ? kt_buf_view(&out).p : "not offered";
}

static const char *conflict_text(const struct doc *d, const struct kt_leaf *leaf)
{
    bool has_rules = false;
    for (size_t i = 0; i < d->site->erps; i++)
        has_rules =
            has_rules || (is_of_interest(d, &d->site->erp[i]) && d->site->erp[i].leads.count > 0);
    if (has_rules)
        return "a value from another system is refused and listed";
    return leaf->kind == KT_KIND_CUSTOMER ? "the newest of the ERP wins"
                                          : "the newest of the ERP wins; the shop's is overwritten";
}

static bool is_on(const struct kt_reached *r, const struct kt_channel_site *channel)
{
    for (size_t i = 0; i < r->count; i++) {
        if (strcmp(r->reach[i].channel, channel->name) == 0)
            return true;
    }
    return false;
}

static const char *direction_text(const struct doc *d, const struct kt_reached *r)
{
    struct kt_buf out;
    kt_buf_init(&out, d->app->arena, 4000);
    kt_buf_text(&out, leads_text(d, &r->leaf));
    for (size_t i = 0, n = 0; i < d->channels; i++) {
        if (is_on(r, &d->channel[i]))
            kt_buf_format(&out, "%s%s", n++ == 0 ? " -> " : ", ", d->channel[i].name);
    }
    return kt_buf_view(&out).p;
}

/* --- a table for people --- */

/* "product.name, variant.sku"; several channels: "shop: …; b2b: …" */
static const char *reach_text(const struct doc *d, const struct kt_reached *r)
{
    struct kt_buf out;
    kt_buf_init(&out, d->app->arena, 16000);
    for (size_t i = 0; i < d->channels; i++) {
        size_t n = 0;
        for (size_t k = 0; k < r->count; k++) {
            const struct kt_target *reach = &r->reach[k];
            if (strcmp(reach->channel, d->channel[i].name) != 0)
                continue;
            if (n++ == 0 && d->channels > 1)
                kt_buf_format(&out, "%s%s: ", out.n > 0 ? "; " : "", reach->channel);
            kt_buf_format(&out, "%s%s%s%s", n > 1 ? ", " : "", reach->unit,
                          reach->path[0] == '(' ? " " : ".", reach->path);
        }
    }
    return out.n > 0 ? kt_buf_view(&out).p : "-";
}

static void print_kind(const struct doc *d, enum kt_kind kind)
{
    static const char *const titles[] = { "FIELD", "TYPE", "LED BY", "READ", "REACHES" };
    struct kt_buf *out = &d->app->out;
    struct kt_table t;
    kt_table_init(&t, d->app->arena, titles, KT_COUNT(titles));
    for (size_t i = 0; i < d->count; i++) {
        const struct kt_reached *r = &d->field[i];
        const char *type = type_text(kt_leaf_field(&r->leaf), d->app->arena);
        const char *unit = unit_text(&r->leaf);
        if (r->leaf.kind != kind)
            continue;
        kt_table_text(&t, r->leaf.path);
        kt_table_text(&t, unit != NULL ? kt_format(d->app->arena, "%s, %s", type, unit) : type);
        kt_table_text(&t, leads_text(d, &r->leaf));
        kt_table_text(&t, frequency_text(d, &r->leaf));
        kt_table_text(&t, reach_text(d, r));
    }
    kt_buf_format(out, "%s%s\n", kind > 0 ? "\n" : "", kt_kind_name(kind));
    kt_table_print(&t, out);
}

static void print_all(const struct doc *d)
{
    struct kt_buf *out = &d->app->out;
    struct kt_leaf any = { .kind = KT_KIND_PRODUCT, .field = { kt_product_shape.fields } };
    for (size_t i = 0; i < d->channels; i++)
        kt_buf_format(out, "%s: %s, from %s\n", d->channel[i].name, d->channel[i].mapping_file,
                      d->channel[i].erp->name);
    kt_buf_char(out, '\n');
    for (int kind = 0; kind < KT_KINDS; kind++)
        print_kind(d, (enum kt_kind)kind);
    kt_buf_format(out,
                  "\nDirection: from the ERP into the shop; only orders go the other way "
                  "(docs/orders.md).\nOn conflict: %s.\n(offered): the field decides whether "
                  "the unit is offered at all. -: it reaches no payload.\n",
                  conflict_text(d, &any));
}

/* --- JSON --- */

static void put_reach(struct kt_buf *out, const struct kt_reached *r)
{
    kt_buf_char(out, '[');
    for (size_t i = 0; i < r->count; i++) {
        bool is_first = true;
        kt_buf_text(out, i > 0 ? ",{" : "{");
        kt_out_member_text(out, &is_first, "channel", r->reach[i].channel);
        kt_out_member_text(out, &is_first, "unit", r->reach[i].unit);
        kt_out_member_text(out, &is_first, "path", r->reach[i].path);
        kt_buf_char(out, '}');
    }
    kt_buf_char(out, ']');
}

static void put_field(const struct doc *d, const struct kt_reached *r)
{
    struct kt_buf *out = &d->app->out;
    const struct kt_field *f = kt_leaf_field(&r->leaf);
    bool is_first = true;
    kt_buf_char(out, '{');
    kt_out_member_text(out, &is_first, "kind", kt_kind_name(r->leaf.kind));
    kt_out_member_text(out, &is_first, "field", r->leaf.path);
    kt_out_member_text(out, &is_first, "type", type_text(f, d->app->arena));
    kt_out_member_number(out, &is_first, "limit", (int64_t)f->max);
    kt_out_member_text(out, &is_first, "unit", unit_text(&r->leaf));
    kt_out_member_bool(out, &is_first, "is_key", (f->marks & KT_KEY) != 0);
    kt_out_member_bool(out, &is_first, "is_required", (f->marks & KT_REQUIRED) != 0);
    kt_out_member_bool(out, &is_first, "is_personal", (f->marks & KT_PERSONAL) != 0);
    kt_out_member_text(out, &is_first, "leads", leads_text(d, &r->leaf));
    kt_out_member_text(out, &is_first, "direction", direction_text(d, r));
    kt_out_member_text(out, &is_first, "frequency", frequency_text(d, &r->leaf));
    kt_out_member_text(out, &is_first, "conflict", conflict_text(d, &r->leaf));
    kt_json_put_name(out, &is_first, "reaches");
    put_reach(out, r);
    kt_buf_char(out, '}');
}

static void put_all(const struct doc *d)
{
    struct kt_buf *out = &d->app->out;
    kt_buf_text(out, "{\"fields\":[");
    for (size_t i = 0; i < d->count; i++) {
        if (i > 0)
            kt_buf_char(out, ',');
        put_field(d, &d->field[i]);
    }
    kt_buf_text(out, "]}\n");
}

enum kt_exit kt_mapping_doc(struct kt_app *app, const char *channel)
{
    struct kt_err e = { 0 };
    enum kt_exit status = kt_app_load(app);
    if (status != KT_EXIT_OK)
        return status;
    struct doc d = { .app = app, .site = &app->config->site };
    d.channel = channel != NULL ? kt_app_channel(app, channel) : d.site->channel;
    d.channels = channel != NULL ? 1 : d.site->channels;
    if (d.channel == NULL && channel != NULL)
        return kt_app_usage(app, kt_format(app->arena, "there is no channel %s", channel));
    if (kt_mapping_reach(d.site, d.channel, d.channels, &app->log, &d.field, &d.count, app->arena,
                         &e) != KT_OK)
        return kt_app_failed(app, &e);
    if (app->is_json)
        put_all(&d);
    else
        print_all(&d);
    return KT_EXIT_OK;
}
