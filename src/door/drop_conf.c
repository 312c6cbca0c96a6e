/* The settings of the file drop: tables for its sections, and what must fit together in them.
 * Called by the configuration when it is loaded. */
#include <stddef.h>
#include <string.h>

#include "door/drop.h"
#include "door/drop_name.h"

#define SECTION(member) offsetof(struct kt_drop_conf, member)
#define FILES(member)   offsetof(struct kt_drop_files, member)

static const char *const orders[] = { "name", "time", NULL };
static const char *const languages[] = { "en", "de", NULL };
static const char *const formats[] = { "csv", "xml", "document", NULL };
static const char *const repeats[] = { "auto", "by_name", "by_content", "never", NULL };
static const char *const renewals[] = { "take", "refuse", NULL };
static const char *const strangers[] = { "error", "leave", NULL };
static const char *const unknowns[] = { "report", "refuse", NULL };

const struct kt_opt kt_drop_opts[] = {
    { "batch", KT_OPT_NUMBER, SECTION(batch), .def = "5000", .min = 1, .max = 10000,
      .help = "Rows of a file that are committed together" },
    { "erp", KT_OPT_NAME, SECTION(erp_name), .flags = KT_OPT_REQUIRED,
      .help = "The ERP whose records these are: a name under erps" },
    { "every", KT_OPT_SECS, SECTION(every_s), .def = "30s", .min = 1, .max = 86400,
      .help = "How often the folder is looked at even if the system tells of no change, as on a "
              "network drive" },
    { "folder", KT_OPT_FILE, SECTION(folder), .flags = KT_OPT_REQUIRED,
      .help = "Where others put files; work, archive, error and reports are made in it" },
    { "language", KT_OPT_CHOICE, SECTION(language), .def = "en", .choices = languages,
      .help = "Language of reports" },
    { "order", KT_OPT_CHOICE, SECTION(order), .def = "name", .choices = orders,
      .help = "Which of several waiting files comes first: by name, or the oldest" },
    { "settle", KT_OPT_SECS, SECTION(settle_s), .def = "5s", .min = 0, .max = 86400,
      .help = "How long a file must not have changed before it is taken" },
    { "size_max", KT_OPT_SIZE, SECTION(size_max), .def = "1G", .min = 1, .max = INT64_C(1) << 40,
      .help =
          "Largest file; XML files are held in memory and are bound by the limits of push, too" },
    { "strangers", KT_OPT_CHOICE, SECTION(leaves_strangers), .def = "error", .choices = strangers,
      .help = "Files that fit no pattern: moved to error with a report, or left alone" },
    { "trigger", KT_OPT_TEXT, SECTION(trigger),
      .help =
          "Ending of the file that says that another one is whole, like .ok: stock.csv is taken "
          "when stock.csv.ok or stock.ok is there; default: settle decides" },
    { 0 }
};
static const char *const drop_also[] = { "files", NULL };

const struct kt_opt kt_drop_files_opts[] = {
    { "dates", KT_OPT_LIST, FILES(rules.dates), .def = "[yyyy-mm-dd]",
      .help = "Forms of dates, like dd.mm.yyyy or yyyymmdd" },
    { "decimals", KT_OPT_CHOICE, FILES(rules.decimals), .def = "point", .choices = kt_csv_decimals,
      .help = "How numbers are written: 12.5 or 12,5" },
    { "encoding", KT_OPT_CHOICE, FILES(form.encoding), .def = "utf-8", .choices = kt_csv_encodings,
      .help = "Encoding of CSV files" },
    { "families", KT_OPT_LIST, FILES(families),
      .help = "Product groups that all of these documents cover" },
    { "format", KT_OPT_CHOICE, FILES(format), .def = "csv", .choices = formats,
      .help = "csv; xml: push messages and IDocs, told apart by their root element; document: each "
              "file is the content of a document, and its name says of which" },
    { "kind", KT_OPT_CHOICE, FILES(rules.kind), .choices = kt_csv_kinds,
      .help = "What a row of a CSV file is; needed with csv" },
    { "languages", KT_OPT_LIST, FILES(languages),
      .help = "ISO 639 codes of documents whose name says none; default: for all" },
    { "markets", KT_OPT_LIST, FILES(markets),
      .help = "ISO 3166 codes of documents whose name says none; default: for all" },
    { "name", KT_OPT_TEXT, FILES(name_form),
      .help = "How names of documents are made, like {sku}_{type}_v{version}_{valid_from}.pdf; "
              "needed with format: document" },
    { "no", KT_OPT_LIST, FILES(rules.no), .def = "[false, no, nein, n, 0]",
      .help = "Words for no, in any case" },
    { "pattern", KT_OPT_TEXT, FILES(pattern), .flags = KT_OPT_REQUIRED,
      .help = "Names of these files, like stock_*.csv; the first section that fits counts" },
    { "products", KT_OPT_LIST, FILES(products),
      .help = "Products that all of these documents cover" },
    { "quote", KT_OPT_CHOICE, FILES(form.quote), .def = "double", .choices = kt_csv_quotes,
      .help = "The mark around CSV fields" },
    { "renewed", KT_OPT_CHOICE, FILES(refuses_renewed), .def = "take", .choices = renewals,
      .help = "What to do with a file whose name was taken before with another content" },
    { "repeat", KT_OPT_CHOICE, FILES(repeat), .def = "auto", .choices = repeats,
      .help = "What a duplicate is: the same name and content, or the same content whatever its "
              "name; auto: by_name, but never where the pattern allows a single name only" },
    { "separator", KT_OPT_CHOICE, FILES(form.separator), .def = "auto",
      .choices = kt_csv_separators, .help = "Between CSV fields; auto: found in the first line" },
    { "type", KT_OPT_TEXT, FILES(type),
      .help = "Kind of documents whose name says none, like declaration_of_conformity" },
    { "unknown_columns", KT_OPT_CHOICE, FILES(rules.refuses_unknown), .def = "report",
      .choices = unknowns,
      .help = "Columns that name no field: said in the report, or the file is "
              "refused" },
    { "variants", KT_OPT_LIST, FILES(variants), .help = "SKUs that all of these documents cover" },
    { "version", KT_OPT_TEXT, FILES(version),
      .help = "Version of documents whose name says none; default: the day from which they hold" },
    { "yes", KT_OPT_LIST, FILES(rules.yes), .def = "[true, yes, ja, j, y, x, 1]",
      .help = "Words for yes, in any case" },
    { 0 }
};
static const char *const files_also[] = { "columns", "types", "values", NULL };

/* --- the rules of a file --- */

/* "columns", "types" or "values": a mapping of texts. */
static const struct kt_csv_pair *read_pairs(const struct kt_conf_node *section, const char *name,
                                            size_t *count, struct kt_arena *a,
                                            struct kt_problems *p)
{
    const struct kt_conf_node *map = kt_conf_get(section, name);
    const size_t n = kt_conf_count(map);
    struct kt_csv_pair *pair = KT_NEW_ARRAY(a, n + 1, struct kt_csv_pair);
    *count = 0;
    if (map != NULL && n == 0)
        kt_problem(p, "%s: must hold a setting per name", kt_conf_where(map));
    for (size_t i = 0; i < n; i++) {
        const struct kt_conf_node *value = NULL;
        const char *left = kt_conf_name_at(map, i, &value);
        const char *right = kt_conf_text(value);
        if (left == NULL || right == NULL)
            kt_problem(p, "%s: must be a single text under a name", kt_conf_where(value));
        else
            pair[(*count)++] = (struct kt_csv_pair){ left, right };
    }
    return pair;
}

static void check_csv(const struct kt_conf_node *section, const struct kt_drop_files *f,
                      struct kt_problems *p)
{
    const struct kt_csv_rules *rules = &f->rules;
    if (kt_conf_get(section, "kind") == NULL)
        kt_problem(p, "%s: kind is missing: what a row is", kt_conf_where(section));
    for (size_t i = 0; i < rules->dates.count; i++) {
        if (!kt_csv_date_ok(rules->dates.item[i]))
            kt_problem(p, "%s: \"%s\" is no form of dates; write one like dd.mm.yyyy",
                       kt_conf_where(kt_conf_get(section, "dates")), rules->dates.item[i]);
    }
    for (size_t i = 0; i < rules->columns; i++) {
        if (rules->column[i].value[0] != '\0' &&
            !kt_csv_field_ok(rules->kind, rules->column[i].value))
            kt_problem(
                p, "%s: a record of kind %s has no field \"%s\" that a cell could fill",
                kt_conf_where(kt_conf_get(kt_conf_get(section, "columns"), rules->column[i].name)),
                kt_csv_kinds[rules->kind], rules->column[i].value);
    }
    for (size_t i = 0; i < rules->values; i++) {
        if (!kt_csv_field_ok(rules->kind, rules->value[i].name) ||
            strcmp(rules->value[i].name, "deleted") == 0)
            kt_problem(
                p, "%s: a record of kind %s has no field \"%s\" that a text could fill",
                kt_conf_where(kt_conf_get(kt_conf_get(section, "values"), rules->value[i].name)),
                kt_csv_kinds[rules->kind], rules->value[i].name);
    }
}

/* In names they may be written in any case; here as they are kept. */
static void check_codes(const struct kt_conf_node *section, const char *name,
                        const struct kt_conf_texts *codes, const char *letters, size_t most,
                        struct kt_problems *p)
{
    for (size_t i = 0; i < codes->count; i++) {
        const size_t n = strlen(codes->item[i]);
        if (n < 2 || n > most || strspn(codes->item[i], letters) != n)
            kt_problem(p, "%s: \"%.40s\" is no code like %s",
                       kt_conf_where(kt_conf_get(section, name)), codes->item[i],
                       most == 2 ? "DE" : "de");
    }
}

static bool covers_something(const struct kt_drop_files *f)
{
    return f->products.count + f->variants.count + f->families.count > 0 ||
           kt_name_rule_has(f->name_rule, KT_NAME_SKU) ||
           kt_name_rule_has(f->name_rule, KT_NAME_PRODUCT) ||
           kt_name_rule_has(f->name_rule, KT_NAME_FAMILY);
}

static void check_document(const struct kt_conf_node *section, struct kt_drop_files *f,
                           struct kt_arena *a, struct kt_problems *p)
{
    const char *complaint = NULL;
    check_codes(section, "languages", &f->languages, "abcdefghijklmnopqrstuvwxyz", 3, p);
    check_codes(section, "markets", &f->markets, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", 2, p);
    if (f->name_form == NULL) {
        kt_problem(p, "%s: name is missing: how names of these files are made",
                   kt_conf_where(section));
        return;
    }
    f->name_rule = kt_name_rule_make(f->name_form, a, &complaint);
    if (f->name_rule == NULL) {
        kt_problem(p, "%s: \"%.80s\": %s", kt_conf_where(kt_conf_get(section, "name")),
                   f->name_form, complaint);
        return;
    }
    const bool has_type = kt_name_rule_has(f->name_rule, KT_NAME_TYPE);
    if (!has_type && f->type == NULL)
        kt_problem(p, "%s: type is missing, and name has no {type}", kt_conf_where(section));
    if (!has_type && f->types > 0)
        kt_problem(p, "%s: name has no {type} in which these words could stand",
                   kt_conf_where(kt_conf_get(section, "types")));
    if (!covers_something(f))
        kt_problem(p,
                   "%s: nothing says what these documents cover: {sku}, {product} or {family} in "
                   "name, or variants, products or families",
                   kt_conf_where(section));
}

static void fill_files(struct kt_drop_files *out, const char *name,
                       const struct kt_conf_node *section, struct kt_arena *a,
                       struct kt_problems *p)
{
    size_t before = p->count;
    kt_conf_fill(section, kt_conf_where(section), kt_drop_files_opts, files_also, out, a, a, p);
    out->name = name;
    out->rules.column = read_pairs(section, "columns", &out->rules.columns, a, p);
    out->rules.value = read_pairs(section, "values", &out->rules.values, a, p);
    out->type_word = read_pairs(section, "types", &out->types, a, p);
    if (out->pattern != NULL && strchr(out->pattern, '/') != NULL)
        kt_problem(p, "%s: a pattern is for names in this folder, without /",
                   kt_conf_where(section));
    if (p->count == before && out->format == KT_DROP_CSV)
        check_csv(section, out, p);
    if (p->count == before && out->format == KT_DROP_DOCUMENT)
        check_document(section, out, a, p);
    if (out->repeat == KT_DROP_AUTO && out->pattern != NULL)
        out->repeat = strpbrk(out->pattern, "*?[") == NULL ? KT_DROP_NEVER : KT_DROP_BY_NAME;
}

static void fill_all_files(struct kt_drop_conf *out, const struct kt_conf_node *section,
                           struct kt_arena *a, struct kt_problems *p)
{
    const struct kt_conf_node *all = kt_conf_get(section, "files");
    const size_t count = kt_conf_count(all);
    struct kt_drop_files *files = KT_NEW_ARRAY(a, count + 1, struct kt_drop_files);
    out->files = files;
    if (count == 0)
        kt_problem(p, "%s: files is missing: a section for each kind of file",
                   kt_conf_where(section));
    for (size_t i = 0; i < count; i++) {
        const struct kt_conf_node *one = NULL;
        const char *name = kt_conf_name_at(all, i, &one);
        if (name == NULL) {
            kt_problem(p, "%s: must hold one section per name, not a list", kt_conf_where(all));
            return;
        }
        fill_files(&files[out->file_rules++], name, one, a, p);
    }
}

void kt_drop_conf_fill(struct kt_drop_conf *out, const char *name,
                       const struct kt_conf_node *section, struct kt_arena *a,
                       struct kt_problems *p)
{
    *out = (struct kt_drop_conf){ .name = name, .partner = kt_format(a, "drop:%s", name) };
    kt_conf_fill(section, kt_conf_where(section), kt_drop_opts, drop_also, out, a, a, p);
    fill_all_files(out, section, a, p);
    if (out->trigger != NULL && (out->trigger[0] == '\0' || strchr(out->trigger, '/') != NULL))
        kt_problem(p, "%s: trigger must be an ending like .ok", kt_conf_where(section));
}
