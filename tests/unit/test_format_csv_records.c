/* format/csv_records: rows into records by the rules of the settings. */
#include "format/csv_records.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { MADE_US = 1234 };

static struct kt_arena *a;

static int begin(void **state)
{
    (void)state;
    a = kt_arena_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    kt_arena_free(a);
    return 0;
}

static const char *const iso_dates[] = { "yyyy-mm-dd", "dd.mm.yyyy", "yyyymmdd" };
static const char *const yes_words[] = { "ja", "true" };
static const char *const no_words[] = { "nein", "false" };

static struct kt_csv_rules rules_of(enum kt_csv_kind kind)
{
    return (struct kt_csv_rules){ .kind = (int)kind,
                                  .dates = { iso_dates, KT_COUNT(iso_dates) },
                                  .yes = { yes_words, KT_COUNT(yes_words) },
                                  .no = { no_words, KT_COUNT(no_words) } };
}

/* A row of texts, written "a;b;c". */
static struct kt_csv_row row_of(const char *text, uint64_t line)
{
    struct kt_str rest = kt_str_of(text);
    struct kt_str *field = KT_NEW_ARRAY(a, rest.n + 1, struct kt_str);
    struct kt_csv_row row = { .field = field, .line = line };
    for (bool more = true; more;) {
        const char *mark = memchr(rest.p, ';', rest.n);
        size_t n = mark == NULL ? rest.n : (size_t)(mark - rest.p);
        field[row.fields++] = kt_str_copy(a, kt_str_part(rest, 0, n));
        more = mark != NULL;
        rest = kt_str_part(rest, n + 1, rest.n);
    }
    return row;
}

static struct kt_csv_plan *plan_of(const struct kt_csv_rules *rules, const char *header)
{
    struct kt_csv_row row = row_of(header, 1);
    struct kt_csv_plan *plan = NULL;
    struct kt_err e = { 0 };
    enum kt_rc rc = kt_csv_plan_make(&plan, rules, &row, a, &e);
    if (rc != KT_OK)
        print_message("%s %s\n", kt_code_name(e.v.code), e.v.param[0].value);
    assert_int_equal(rc, KT_OK);
    return plan;
}

static void no_plan(const struct kt_csv_rules *rules, const char *header, enum kt_code code,
                    const char *named)
{
    struct kt_csv_row row = row_of(header, 1);
    struct kt_csv_plan *plan = NULL;
    struct kt_err e = { 0 };
    assert_int_equal(kt_csv_plan_make(&plan, rules, &row, a, &e), KT_REJECT);
    assert_string_equal(kt_code_name(e.v.code), kt_code_name(code));
    assert_string_equal(e.v.param[0].value, named);
}

static struct kt_changes read_row(const struct kt_csv_plan *plan, const char *text)
{
    struct kt_csv_row row = row_of(text, 2);
    struct kt_changes changes = { .arena = a };
    kt_csv_plan_row(plan, &row, MADE_US, &changes);
    return changes;
}

/* One record as JSON, after the check that every record of the intake passes. */
static void says(const struct kt_change *c, const char *json)
{
    const struct kt_shape *shape = kt_kind_shape[c->kind];
    struct kt_err e = { 0 };
    struct kt_buf out;
    assert_null(c->fault);
    assert_int_equal(c->as_of_us, MADE_US);
    struct kt_str *scope = kt_field_at_mut(c->record, &shape->fields[0]);
    *scope = KT_STR("s");
    kt_field_mark(c->record, shape, &shape->fields[0]);
    assert_int_equal(kt_shape_check(shape, c->record, a, &e), KT_OK);
    kt_buf_init(&out, a, 1 << 20);
    kt_shape_write(&out, shape, c->record);
    assert_string_equal(kt_buf_view(&out).p, json);
}

static void row_says(const struct kt_csv_plan *plan, const char *row, const char *json)
{
    struct kt_changes changes = read_row(plan, row);
    assert_int_equal(changes.count, 1);
    says(&changes.item[0], json);
}

static void fails(const struct kt_csv_plan *plan, const char *row, const char *sentence)
{
    char text[512];
    struct kt_changes changes = read_row(plan, row);
    assert_int_equal(changes.count, 1);
    assert_non_null(changes.item[0].fault);
    kt_sentence(changes.item[0].fault, KT_LANG_EN, text, sizeof text);
    assert_string_equal(text, sentence);
}

static void stock__by_field_names(void **state)
{
    (void)state;
    struct kt_csv_rules rules = rules_of(KT_CSV_STOCK);
    struct kt_csv_plan *plan = plan_of(&rules, "sku;warehouse;on_hand;available;basis;as_of");
    row_says(plan, "A-1; 0001 ;12.5;10;ATP;2026-03-01T10:00:00+01:00",
             "{\"scope\":\"s\",\"sku\":\"A-1\",\"warehouse\":\"0001\",\"on_hand\":\"12.5\","
             "\"available\":\"10\",\"basis\":\"atp\",\"as_of\":\"2026-03-01T09:00:00.000000Z\"}");
    row_says(plan, "A-1;0001;-2;;;",
             "{\"scope\":\"s\",\"sku\":\"A-1\",\"warehouse\":\"0001\",\"on_hand\":\"-2\"}");
    assert_int_equal(read_row(plan, ";; ;;;").count, 0); /* says nothing at all */
}

static void columns_and_values__fill_fields(void **state)
{
    (void)state;
    static const struct kt_csv_pair column[] = {
        { "Artikel", "sku" }, { "Preis", "amount" }, { "Ab", "valid_from" }, { "Notiz", "" }
    };
    static const struct kt_csv_pair value[] = {
        { "id", "{Artikel}/{Liste}" }, { "currency", "EUR" }, { "per", "1" }, { "is_gross", "nein" }
    };
    struct kt_csv_rules rules = rules_of(KT_CSV_PRICE);
    rules.decimals = KT_CSV_DECIMAL_COMMA;
    rules.column = column;
    rules.columns = KT_COUNT(column);
    rules.value = value;
    rules.values = KT_COUNT(value);
    struct kt_csv_plan *plan = plan_of(&rules, "Artikel;Preis;Ab;Notiz;Liste;per");
    row_says(plan, "A-1;1234,50;31.12.2026;x;00;100",
             "{\"scope\":\"s\",\"id\":\"A-1/00\",\"sku\":\"A-1\",\"currency\":\"EUR\","
             "\"amount\":\"1234.5\",\"per\":\"100\",\"is_gross\":false,"
             "\"valid_from\":\"2026-12-31\"}");
    row_says(plan, "A-1;5;20261231;;00;",
             "{\"scope\":\"s\",\"id\":\"A-1/00\",\"sku\":\"A-1\",\"currency\":\"EUR\","
             "\"amount\":\"5\",\"per\":\"1\",\"is_gross\":false,\"valid_from\":\"2026-12-31\"}");
    assert_int_equal(kt_csv_plan_unknown(plan).count, 1);
    assert_string_equal(kt_csv_plan_unknown(plan).item[0], "Liste");
}

static void cells__that_cannot_be_read(void **state)
{
    (void)state;
    struct kt_csv_rules rules = rules_of(KT_CSV_PRICE);
    rules.decimals = KT_CSV_DECIMAL_COMMA;
    struct kt_csv_plan *plan =
        plan_of(&rules, "id;sku;currency;per;amount;valid_from;is_gross;kind;priority");
    fails(plan, "1;A;EUR;1;1.234,50;;;;", "Line 2, amount: \"1.234,50\" is no number like 1234,5");
    fails(plan, "1;A;EUR;1;12.5;;;;", "Line 2, amount: \"12.5\" is no number like 1234,5");
    fails(plan, "1;A;EUR;1;1;31.02.2026;;;",
          "Line 2, valid_from: \"31.02.2026\" is no date of the form yyyy-mm-dd, dd.mm.yyyy, "
          "yyyymmdd");
    fails(plan, "1;A;EUR;1;1;;maybe;;",
          "Line 2, is_gross: \"maybe\" is none of ja, true, nein, false");
    fails(plan, "1;A;EUR;1;1;;;net;",
          "Line 2, kind: \"net\" is none of list, sale, reference, lowest_30d, levy");
    fails(plan, "1;A;EUR;1;1;;;;1,5", "Line 2, priority: \"1,5\" is no number like 1234");
    rules.decimals = KT_CSV_POINT;
    fails(plan, "1;A;EUR;1;1,5;;;;", "Line 2, amount: \"1,5\" is no number like 1234.5");
    struct kt_changes changes = read_row(plan, "7;A-9;EUR;x;1;;;;");
    const struct kt_price *p = changes.item[0].record;
    assert_string_equal(p->id.p, "7"); /* whose refusal it is */
}

static void is_hidden(const struct kt_csv_plan *plan, const char *row, const char *value)
{
    struct kt_changes changes = read_row(plan, row);
    assert_int_equal(changes.count, 1);
    assert_non_null(changes.item[0].fault);
    assert_string_equal(changes.item[0].fault->param[2].value, value);
    assert_true(changes.item[0].fault->param[2].is_personal);
}

/* A column too few, and the address stands where a word should. */
static void customers__show_no_value(void **state)
{
    (void)state;
    struct kt_csv_rules rules = rules_of(KT_CSV_CUSTOMER);
    struct kt_csv_plan *plan = plan_of(&rules, "number;kind;name;is_blocked;deleted");
    is_hidden(plan, "7;b2b;Beispiel;max@beispiel.test;", "max@beispiel.test");
    is_hidden(plan, "7;Max Beispiel;;;", "Max Beispiel");
    plan = plan_of(&rules, "number;deleted");
    is_hidden(plan, "7;Ringweg 1", "Ringweg 1");
    /* without a header */
    rules.refuses_unknown = true;
    struct kt_csv_row first = row_of("7;Max Beispiel", 1);
    struct kt_err e = { 0 };
    assert_int_equal(kt_csv_plan_make(&plan, &rules, &first, a, &e), KT_REJECT);
    assert_int_equal(e.v.code, KT_E_CSV_COLUMN_UNKNOWN);
    assert_true(e.v.param[0].is_personal);
    kt_err_clear(&e);
    rules = rules_of(KT_CSV_STOCK);
    rules.refuses_unknown = true;
    first = row_of("sku;warehouse;shelf", 1);
    assert_int_equal(kt_csv_plan_make(&plan, &rules, &first, a, &e), KT_REJECT);
    assert_false(e.v.param[0].is_personal);
}

static void lists__by_key_and_by_bars(void **state)
{
    (void)state;
    struct kt_csv_rules rules = rules_of(KT_CSV_PRODUCT);
    struct kt_csv_plan *plan =
        plan_of(&rules, "id;texts.de.name;texts.de.long_text;texts.en.name;attributes.COLOUR;"
                        "attributes.net.weight;attributes.COLOUR.unit;categories;axes;"
                        "manufacturer.name;manufacturer.city;media");
    row_says(plan, "P;Lampe;Hell;Lamp;red;2;x;c1| c2 ||c3;COLOUR|SIZE;Acme;Ulm;u1|u2",
             "{\"scope\":\"s\",\"id\":\"P\",\"texts\":[{\"language\":\"de\",\"name\":\"Lampe\","
             "\"long_text\":\"Hell\"},{\"language\":\"en\",\"name\":\"Lamp\"}],"
             "\"attributes\":[{\"code\":\"COLOUR\",\"value\":\"red\",\"unit\":\"x\"},"
             "{\"code\":\"net.weight\",\"value\":\"2\"}],"
             "\"manufacturer\":{\"name\":\"Acme\",\"city\":\"Ulm\"},"
             "\"categories\":[{\"id\":\"c1\"},{\"id\":\"c2\"},{\"id\":\"c3\"}],"
             "\"axes\":[{\"position\":1,\"code\":\"COLOUR\"},{\"position\":2,\"code\":\"SIZE\"}],"
             "\"media\":[{\"position\":1,\"url\":\"u1\"},{\"position\":2,\"url\":\"u2\"}]}");
    row_says(plan, "P;;;Lamp;;;;;;;;",
             "{\"scope\":\"s\",\"id\":\"P\",\"texts\":[{\"language\":\"en\",\"name\":\"Lamp\"}]}");
}

static void article__is_product_and_variant(void **state)
{
    (void)state;
    struct kt_csv_rules rules = rules_of(KT_CSV_ARTICLE);
    struct kt_csv_plan *plan = plan_of(
        &rules, "sku;product;texts.de.name;gtins;brand;lifecycle;attributes.F;axis_values.S");
    struct kt_changes flat = read_row(plan, "A-1;;Lampe;4006381333931;Acme;active;red;");
    assert_int_equal(flat.count, 2);
    assert_int_equal(flat.item[0].kind, KT_KIND_PRODUCT);
    says(&flat.item[0],
         "{\"scope\":\"s\",\"id\":\"A-1\",\"texts\":[{\"language\":\"de\",\"name\":\"Lampe\"}],"
         "\"brand\":\"Acme\",\"attributes\":[{\"code\":\"F\",\"value\":\"red\"}],"
         "\"lifecycle\":\"active\"}");
    assert_int_equal(flat.item[1].kind, KT_KIND_VARIANT);
    says(&flat.item[1], "{\"scope\":\"s\",\"sku\":\"A-1\",\"product\":\"A-1\","
                        "\"gtins\":[{\"code\":\"4006381333931\"}],\"lifecycle\":\"active\"}");
    row_says(plan, "A-2;P-7;Lampe;;Acme;;red;XL",
             "{\"scope\":\"s\",\"sku\":\"A-2\",\"product\":\"P-7\","
             "\"attributes\":[{\"code\":\"F\",\"value\":\"red\"}],"
             "\"axis_values\":[{\"axis\":\"S\",\"value\":\"XL\"}]}");
    struct kt_changes bad = read_row(plan, "A-3;;Lampe;;Acme;lost;red;");
    assert_int_equal(bad.count, 1); /* neither half is taken */
    assert_non_null(bad.item[0].fault);
}

static void deleted__leaves_the_key(void **state)
{
    (void)state;
    static const struct kt_csv_pair column[] = { { "Weg", "deleted" } };
    struct kt_csv_rules rules = rules_of(KT_CSV_VARIANT);
    rules.column = column;
    rules.columns = 1;
    struct kt_csv_plan *plan = plan_of(&rules, "sku;product;mpn;Weg");
    struct kt_changes changes = read_row(plan, "A-1;P;M;JA");
    assert_int_equal(changes.count, 1);
    assert_true(changes.item[0].is_deleted);
    const struct kt_variant *v = changes.item[0].record;
    assert_string_equal(v->sku.p, "A-1");
    assert_false(KT_HAS(v, kt_variant_shape, mpn));
    changes = read_row(plan, "A-1;P;M;nein");
    assert_false(changes.item[0].is_deleted);
    fails(plan, "A-1;P;M;?", "Line 2, Weg: \"?\" is none of ja, true, nein, false");
    struct kt_csv_rules articles = rules_of(KT_CSV_ARTICLE);
    changes = read_row(plan_of(&articles, "sku;brand;deleted"), "A-1;B;ja");
    assert_int_equal(changes.count, 2);
    assert_true(changes.item[0].is_deleted && changes.item[1].is_deleted);
}

static void unreadable_row__is_a_refused_record(void **state)
{
    (void)state;
    struct kt_csv_rules rules = rules_of(KT_CSV_STOCK);
    struct kt_csv_plan *plan = plan_of(&rules, "sku;warehouse");
    struct kt_csv_row row = { .line = 9 };
    struct kt_changes changes = { .arena = a };
    (void)kt_fail(&row.why, KT_REJECT, KT_RECORD, KT_E_CSV_FIELD_COUNT, KT_P_NUM("line", 9));
    kt_csv_plan_row(plan, &row, MADE_US, &changes);
    assert_int_equal(changes.count, 1);
    assert_int_equal(changes.item[0].fault->code, KT_E_CSV_FIELD_COUNT);
    assert_non_null(changes.item[0].record);
}

static void headers__that_do_not_do(void **state)
{
    (void)state;
    static const struct kt_csv_pair column[] = { { "Artikel", "sku" } };
    static const struct kt_csv_pair value[] = { { "warehouse", "{Lager}" } };
    struct kt_csv_rules rules = rules_of(KT_CSV_STOCK);
    no_plan(&rules, "sku;warehouse;sku", KT_E_CSV_COLUMN_TWICE, "sku");
    no_plan(&rules, "sku;on_hand", KT_E_CSV_KEY_ABSENT, "warehouse");
    rules.refuses_unknown = 1;
    no_plan(&rules, "sku;warehouse;colour", KT_E_CSV_COLUMN_UNKNOWN, "colour");
    rules.refuses_unknown = 0;
    rules.column = column;
    rules.columns = 1;
    no_plan(&rules, "sku;warehouse", KT_E_CSV_COLUMN_ABSENT, "Artikel");
    no_plan(&rules, "Artikel;sku;warehouse", KT_E_CSV_COLUMN_TWICE, "sku");
    rules.value = value;
    rules.values = 1;
    no_plan(&rules, "Artikel;on_hand", KT_E_CSV_COLUMN_ABSENT, "Lager");
}

static void names__are_checked_at_load(void **state)
{
    (void)state;
    assert_true(kt_csv_field_ok(KT_CSV_STOCK, "on_hand"));
    assert_false(kt_csv_field_ok(KT_CSV_STOCK, "onhand"));
    assert_false(kt_csv_field_ok(KT_CSV_STOCK, "on_hand.x"));
    assert_false(kt_csv_field_ok(KT_CSV_STOCK, "expected")); /* no cell can hold it */
    assert_true(kt_csv_field_ok(KT_CSV_ARTICLE, "texts.de.name"));
    assert_true(kt_csv_field_ok(KT_CSV_ARTICLE, "axis_values.SIZE"));
    assert_false(kt_csv_field_ok(KT_CSV_ARTICLE, "texts.de"));
    assert_false(kt_csv_field_ok(KT_CSV_ARTICLE, "texts"));
    assert_false(kt_csv_field_ok(KT_CSV_ARTICLE, "manufacturer"));
    assert_false(kt_csv_field_ok(KT_CSV_ARTICLE, "manufacturer.nose"));
    assert_false(kt_csv_field_ok(KT_CSV_ARTICLE, ""));
    assert_true(kt_csv_field_ok(KT_CSV_CUSTOMER, "deleted"));
    assert_true(kt_csv_date_ok("dd.mm.yyyy"));
    assert_true(kt_csv_date_ok("yyyymmdd"));
    assert_false(kt_csv_date_ok("dd.mm.yy"));
    assert_false(kt_csv_date_ok("yyyy-mm-ddTdd"));
    assert_false(kt_csv_date_ok("yyyyyy-mm-dd"));
}

static void certificate__is_a_row(void **state)
{
    const struct kt_csv_rules rules = rules_of(KT_CSV_CERTIFICATE);
    const struct kt_csv_plan *plan =
        plan_of(&rules, "scheme;number;markets;families;valid_until;revoked_at;document");
    (void)state;
    struct kt_changes c =
        read_row(plan, "CE;4711;AT|DE;AUDIO|TV;31.12.2026;2026-03-01T10:00:00+01:00;DOC-1");
    assert_int_equal(c.count, 1);
    says(&c.item[0],
         "{\"scope\":\"s\",\"scheme\":\"CE\",\"number\":\"4711\",\"markets\":[{\"id\":"
         "\"AT\"},{\"id\":\"DE\"}],\"families\":[{\"id\":\"AUDIO\"},{\"id\":\"TV\"}],"
         "\"valid_until\":\"2026-12-31\",\"revoked_at\":\"2026-03-01T09:00:00.000000Z\","
         "\"document\":\"DOC-1\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stock__by_field_names),
        cmocka_unit_test(columns_and_values__fill_fields),
        cmocka_unit_test(cells__that_cannot_be_read),
        cmocka_unit_test(customers__show_no_value),
        cmocka_unit_test(lists__by_key_and_by_bars),
        cmocka_unit_test(article__is_product_and_variant),
        cmocka_unit_test(deleted__leaves_the_key),
        cmocka_unit_test(unreadable_row__is_a_refused_record),
        cmocka_unit_test(headers__that_do_not_do),
        cmocka_unit_test(names__are_checked_at_load),
        cmocka_unit_test(certificate__is_a_row),
    };
    return cmocka_run_group_tests_name("format/csv_records", tests, begin, end);
}
