/* Fits the rules to a file's header: which column fills what. Called once a file by the file drop,
 * and by the configuration to look at names. */
#include "format/csv_plan.h"

#include <string.h>

const char *const kt_csv_kinds[] = { "article",  "product",  "variant",     "price", "stock",
                                     "category", "customer", "certificate", NULL };
const char *const kt_csv_decimals[] = { "point", "comma", NULL };

enum kt_kind kt_csv_kind_of(int kind)
{
    static const enum kt_kind kinds[] = {
        [KT_CSV_ARTICLE] = KT_KIND_VARIANT,   [KT_CSV_PRODUCT] = KT_KIND_PRODUCT,
        [KT_CSV_VARIANT] = KT_KIND_VARIANT,   [KT_CSV_PRICE] = KT_KIND_PRICE,
        [KT_CSV_STOCK] = KT_KIND_STOCK,       [KT_CSV_CATEGORY] = KT_KIND_CATEGORY,
        [KT_CSV_CUSTOMER] = KT_KIND_CUSTOMER, [KT_CSV_CERTIFICATE] = KT_KIND_CERTIFICATE,
    };
    return kinds[kind];
}

/* --- which field --- */

static const char deleted_field[] = "deleted";

/* A flat article's characteristics and pictures describe the product, and its number is the sku. */
static bool is_of_side(const struct kt_csv_plan *plan, const struct kt_csv_side *side,
                       const struct kt_field *f)
{
    if (side == &plan->product)
        return strcmp(f->name, "id") != 0;
    if (side == &plan->variant)
        return strcmp(f->name, "attributes") != 0 && strcmp(f->name, "media") != 0;
    return true;
}

static bool find_place(const struct kt_csv_plan *plan, const struct kt_csv_side *side,
                       struct kt_csv_place *place, const char *field, struct kt_arena *a)
{
    return kt_csv_place_find(place, kt_kind_shape[side->kind], kt_str_of(field), a) &&
           is_of_side(plan, side, place->field);
}

static void init_sides(struct kt_csv_plan *plan, int kind)
{
    plan->alone.kind = kt_csv_kind_of(kind);
    plan->product.kind = KT_KIND_PRODUCT;
    plan->variant.kind = KT_KIND_VARIANT;
}

/* The sides that rows of this kind have. */
static size_t sides_of(struct kt_csv_plan *plan, struct kt_csv_side *side[3])
{
    side[0] = &plan->alone;
    side[1] = &plan->product;
    side[2] = &plan->variant;
    return plan->rules->kind == KT_CSV_ARTICLE ? 3 : 1;
}

bool kt_csv_field_ok(int kind, const char *field)
{
    struct kt_csv_rules rules = { .kind = kind };
    struct kt_csv_plan plan = { .rules = &rules };
    struct kt_csv_side *side[3];
    struct kt_arena *a = kt_arena_new();
    bool is_fine = strcmp(field, deleted_field) == 0;
    init_sides(&plan, kind);
    for (size_t i = 0; !is_fine && i < sides_of(&plan, side); i++) {
        struct kt_csv_place place;
        is_fine = find_place(&plan, side[i], &place, field, a);
    }
    kt_arena_free(a);
    return is_fine;
}

/* --- targets --- */

static bool is_same(const struct kt_csv_place *a, const struct kt_csv_place *b)
{
    return a->field == b->field && a->inner == b->inner && kt_str_eq(a->item, b->item);
}

/* The slot of a keyed item: members of the same item share it. */
static size_t slot_of(struct kt_csv_side *side, const struct kt_csv_place *place)
{
    size_t *slots = &side->slots[place->field - kt_kind_shape[side->kind]->fields];
    for (size_t i = 0; i < side->targets; i++) {
        const struct kt_csv_place *known = &side->target[i].place;
        if (known->field == place->field && kt_str_eq(known->item, place->item))
            return side->target[i].slot;
    }
    return (*slots)++;
}

/* Adds it to the sides that have such a field; false: none has. *twice: a column fills it already.
 */
static bool add_target(struct kt_csv_plan *plan, const struct kt_csv_target *t, const char *field,
                       bool *twice, struct kt_arena *a)
{
    struct kt_csv_side *side[3];
    bool is_known = false;
    for (size_t i = 0; i < sides_of(plan, side); i++) {
        struct kt_csv_target added = *t;
        if (!find_place(plan, side[i], &added.place, field, a))
            continue;
        is_known = true;
        for (size_t k = 0; t->piece == NULL && k < side[i]->targets; k++)
            *twice = *twice || is_same(&side[i]->target[k].place, &added.place);
        if (added.place.key != NULL)
            added.slot = slot_of(side[i], &added.place);
        side[i]->target[side[i]->targets++] = added;
    }
    return is_known;
}

static enum kt_rc fail(enum kt_code code, const char *name, const char *text, struct kt_err *e)
{
    return kt_fail(e, KT_REJECT, KT_RECORD, code, KT_P_TEXT(name, text));
}

/* A file without a header has its first record there. */
static enum kt_rc fail_named(const struct kt_csv_plan *plan, enum kt_code code, const char *name,
                             struct kt_err *e)
{
    return kt_fail(e, KT_REJECT, KT_RECORD, code,
                   kt_shape_param(kt_kind_shape[plan->alone.kind], "column", name));
}

static const char *rule_for(const struct kt_csv_rules *rules, const char *column)
{
    for (size_t i = 0; i < rules->columns; i++) {
        if (strcmp(rules->column[i].name, column) == 0)
            return rules->column[i].value;
    }
    return column;
}

static enum kt_rc take_column(struct kt_csv_plan *plan, size_t at, const char *name,
                              const char **unknown, struct kt_arena *a, struct kt_err *e)
{
    const char *field = rule_for(plan->rules, name);
    struct kt_csv_target t = { .name = name, .column = at };
    bool twice = false;
    if (field[0] == '\0')
        return KT_OK;
    if (strcmp(field, deleted_field) == 0) {
        twice = plan->has_deleted;
        plan->has_deleted = true;
        plan->deleted = at;
        plan->deleted_name = name;
    } else if (!add_target(plan, &t, field, &twice, a)) {
        unknown[plan->unknown.count++] = name;
        if (plan->rules->refuses_unknown)
            return fail_named(plan, KT_E_CSV_COLUMN_UNKNOWN, name, e);
    }
    return twice ? fail_named(plan, KT_E_CSV_COLUMN_TWICE, name, e) : KT_OK;
}

/* --- values --- */

static bool find_column(const struct kt_csv_row *header, struct kt_str name, size_t *at)
{
    for (size_t i = 0; i < header->fields; i++) {
        if (kt_str_eq(kt_str_trim(header->field[i]), name)) {
            *at = i;
            return true;
        }
    }
    return false;
}

/* "{sku}-{list}" into pieces. A brace that is not closed stands for itself. */
static enum kt_rc cut_value(struct kt_csv_target *t, const char *text,
                            const struct kt_csv_row *header, struct kt_arena *a, struct kt_err *e)
{
    struct kt_str rest = kt_str_of(text);
    struct kt_csv_piece *piece = KT_NEW_ARRAY(a, rest.n + 1, struct kt_csv_piece);
    t->piece = piece;
    while (rest.n > 0) {
        struct kt_csv_piece *p = &piece[t->pieces++];
        const char *end = rest.p[0] == '{' ? memchr(rest.p, '}', rest.n) : NULL;
        size_t n = 1;
        if (end != NULL) {
            p->is_column = true;
            p->text = kt_str_copy(a, kt_str_part(rest, 1, (size_t)(end - rest.p) - 1));
            if (!find_column(header, p->text, &p->column))
                return fail(KT_E_CSV_COLUMN_ABSENT, "column", p->text.p, e);
            n = (size_t)(end - rest.p) + 1;
        } else {
            while (n < rest.n && rest.p[n] != '{')
                n++;
            p->text = kt_str_part(rest, 0, n);
        }
        rest = kt_str_part(rest, n, rest.n);
    }
    return KT_OK;
}

static enum kt_rc take_values(struct kt_csv_plan *plan, const struct kt_csv_row *header,
                              struct kt_arena *a, struct kt_err *e)
{
    const struct kt_csv_rules *rules = plan->rules;
    for (size_t i = 0; i < rules->values; i++) {
        struct kt_csv_target t = { .name = rules->value[i].name };
        bool twice = false;
        enum kt_rc rc = cut_value(&t, rules->value[i].value, header, a, e);
        if (rc != KT_OK)
            return rc;
        if (!add_target(plan, &t, t.name, &twice, a))
            return fail(KT_E_CSV_COLUMN_UNKNOWN, "column", t.name, e);
    }
    return KT_OK;
}

/* --- the whole --- */

static enum kt_rc take_columns(struct kt_csv_plan *plan, const struct kt_csv_row *header,
                               struct kt_arena *a, struct kt_err *e)
{
    const char **unknown = KT_NEW_ARRAY(a, header->fields + 1, const char *);
    enum kt_rc rc = KT_OK;
    plan->unknown.item = unknown;
    for (size_t i = 0; rc == KT_OK && i < header->fields; i++) {
        struct kt_str name = kt_str_copy(a, kt_str_trim(header->field[i]));
        size_t first = i;
        if (name.n == 0)
            continue;
        if (find_column(header, name, &first) && first < i)
            return fail_named(plan, KT_E_CSV_COLUMN_TWICE, name.p, e);
        rc = take_column(plan, i, name.p, unknown, a, e);
    }
    return rc;
}

static enum kt_rc check_rules(const struct kt_csv_plan *plan, const struct kt_csv_row *header,
                              struct kt_err *e)
{
    const struct kt_csv_rules *rules = plan->rules;
    size_t at = 0;
    for (size_t i = 0; i < rules->columns; i++) {
        if (!find_column(header, kt_str_of(rules->column[i].name), &at))
            return fail(KT_E_CSV_COLUMN_ABSENT, "column", rules->column[i].name, e);
    }
    return KT_OK;
}

/* What every record needs. The scope is the ERP's; an article is its own product. */
static enum kt_rc check_needed(const struct kt_csv_plan *plan, struct kt_err *e)
{
    const struct kt_csv_side *side = &plan->alone;
    unsigned needed = plan->has_deleted ? KT_KEY : KT_REQUIRED;
    for (const struct kt_field *f = kt_kind_shape[side->kind]->fields; f->type != KT_TYPE_END;
         f++) {
        size_t i = 0;
        if ((f->marks & needed) == 0 || (f->marks & KT_REQUIRED) == 0 ||
            strcmp(f->name, "scope") == 0 ||
            (plan->rules->kind == KT_CSV_ARTICLE && strcmp(f->name, "product") == 0))
            continue;
        while (i < side->targets && side->target[i].place.field != f)
            i++;
        if (i == side->targets)
            return fail(KT_E_CSV_KEY_ABSENT, "field", f->name, e);
    }
    return KT_OK;
}

enum kt_rc kt_csv_plan_make(struct kt_csv_plan **out, const struct kt_csv_rules *rules,
                            const struct kt_csv_row *header, struct kt_arena *a, struct kt_err *e)
{
    struct kt_csv_plan *plan = KT_NEW(a, struct kt_csv_plan);
    struct kt_csv_side *side[3];
    plan->rules = rules;
    init_sides(plan, rules->kind);
    for (size_t i = 0; i < sides_of(plan, side); i++)
        side[i]->target = KT_NEW_ARRAY(a, header->fields + rules->values + 1, struct kt_csv_target);
    enum kt_rc rc = check_rules(plan, header, e);
    if (rc == KT_OK)
        rc = take_columns(plan, header, a, e);
    if (rc == KT_OK)
        rc = take_values(plan, header, a, e);
    if (rc == KT_OK)
        rc = check_needed(plan, e);
    if (rc == KT_OK)
        *out = plan;
    return rc;
}

struct kt_conf_texts kt_csv_plan_unknown(const struct kt_csv_plan *plan)
{
    return plan->unknown;
}
