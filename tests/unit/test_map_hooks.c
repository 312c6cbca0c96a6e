/* Hooks: what enrich changes comes back exactly or not at all; validate refuses with a sentence;
 * mistakes name file, line and field, and personal values stay out of what is logged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "map/map.h"
#include "model/order.h"
#include "model/record.h"

static const char label[] = "variant sap|SKU-1";

static struct kt_variant sample(struct kt_arena *a)
{
    struct kt_variant v = { 0 };
    struct kt_gtin *gtin = KT_NEW_ARRAY(a, 2, struct kt_gtin);
    struct kt_attribute *attribute = KT_NEW_ARRAY(a, 1, struct kt_attribute);
    KT_PUT(&gtin[0], kt_gtin_shape, code, KT_STR("2000000000015"));
    KT_PUT(&gtin[0], kt_gtin_shape, unit, KT_STR("PCE"));
    KT_PUT(&gtin[0], kt_gtin_shape, is_primary, true);
    KT_PUT(&gtin[1], kt_gtin_shape, code, KT_STR("2000000000022"));
    KT_PUT(&attribute[0], kt_attribute_shape, code, KT_STR("COLOUR"));
    KT_PUT(&attribute[0], kt_attribute_shape, value, KT_STR("RD"));
    KT_PUT(&v, kt_variant_shape, scope, KT_STR("sap"));
    KT_PUT(&v, kt_variant_shape, sku, KT_STR("SKU-1"));
    KT_PUT(&v, kt_variant_shape, product, KT_STR("P-1"));
    KT_PUT(&v, kt_variant_shape, gtins, (struct kt_list){ gtin, 2 });
    KT_PUT(&v, kt_variant_shape, attributes, (struct kt_list){ attribute, 1 });
    KT_PUT(&v, kt_variant_shape, net_weight, (struct kt_dec){ 1250000, 6 });
    KT_PUT(&v, kt_variant_shape, serial_required, true);
    KT_PUT(&v, kt_variant_shape, lifecycle, KT_PHASE_OUT);
    KT_PUT(&v, kt_variant_shape, sale_from, (struct kt_day){ 2026, 3, 1 });
    return v;
}

static const char *json_of(const struct kt_shape *shape, const void *record, struct kt_arena *a)
{
    struct kt_buf out;
    kt_buf_init(&out, a, 1 << 20);
    kt_shape_write(&out, shape, record);
    return kt_buf_view(&out).p;
}

/* Runs enrich, whose body is `code`; what came out as JSON, or its message. */
static const char *enrich(const char *code, const struct kt_shape *shape, void *record,
                          const char *name, struct kt_arena *a, struct kt_err *e)
{
    struct kt_hooks *hooks = NULL;
    const char *text = kt_format(a, "return { enrich = function(kind, r)\n%s\nend }", code);
    const char *before = json_of(shape, record, a);
    assert_int_equal(kt_hooks_open(&hooks, "hooks.lua", text, e), KT_OK);
    enum kt_rc rc = kt_hooks_enrich(hooks, shape->name, shape, record, name, a, e);
    kt_hooks_close(hooks);
    if (rc == KT_OK)
        return json_of(shape, record, a);
    assert_int_equal(rc, KT_REJECT);
    assert_int_equal(e->v.reach, KT_RECORD);
    assert_string_equal(json_of(shape, record, a), before);
    return e->v.code == KT_E_MAPPING_FAILED || e->v.code == KT_E_RECORD_REFUSED_BY_RULE
               ? kt_format(a, "%s", e->v.param[1].value)
               : kt_format(a, "%s: %s", kt_code_name(e->v.code), e->trail);
}

static void check(const char *code, const char *expected)
{
    struct kt_arena *a = kt_arena_new();
    struct kt_err e = { 0 };
    struct kt_variant v = sample(a);
    const char *answer = enrich(code, &kt_variant_shape, &v, label, a, &e);
    if (strstr(answer, expected) == NULL)
        fail_msg("%s\n  gave %s\n  expected %s", code, answer, expected);
    kt_arena_free(a);
}

static void enrich__an_untouched_record_comes_back_as_it_was(void **state)
{
    (void)state;
    static const char *const codes[] = {
        "return r",
        "local n = 0 for _ in pairs(r) do n = n + 1 end return r",
        "local x = r.gtins[1].code .. r.attributes[1].value return r",
    };
    for (size_t i = 0; i < KT_COUNT(codes); i++) {
        struct kt_arena *a = kt_arena_new();
        struct kt_err e = { 0 };
        struct kt_variant v = sample(a);
        struct kt_variant checked = sample(a);
        assert_int_equal(kt_shape_check(&kt_variant_shape, &checked, a, &e), KT_OK);
        assert_string_equal(enrich(codes[i], &kt_variant_shape, &v, label, a, &e),
                            json_of(&kt_variant_shape, &checked, a));
        assert_true(v.present == checked.present);
        kt_arena_free(a);
    }
}

static void enrich__changes_every_type_exactly(void **state)
{
    (void)state;
    check("r.mpn = 'M' .. r.sku return r", "\"mpn\":\"MSKU-1\"");
    check("r.net_weight = r.net_weight * 2 return r", "\"net_weight\":\"2.5\"");
    check("r.shipping_weight = 3 return r", "\"shipping_weight\":\"3\"");
    check("r.serial_required = false return r", "\"serial_required\":false");
    check("r.lifecycle = 'active' return r", "\"lifecycle\":\"active\"");
    check("r.sale_until = map.add_days(r.sale_from, 30) return r", "\"sale_until\":\"2026-03-31\"");
    check("r.attributes[#r.attributes + 1] = { code = 'SIZE', value = 'L', unit = '' } return r",
          "{\"code\":\"SIZE\",\"value\":\"L\",\"unit\":\"\"}");
    check("r.units = { { unit = 'BOX', numerator = dec('12'), denominator = 1 } } return r",
          "\"units\":[{\"unit\":\"BOX\",\"numerator\":\"12\",\"denominator\":\"1\"}]");
    check("table.remove(r.gtins, 1) return r", "\"gtins\":[{\"code\":\"2000000000022\"}]");
}

/* Present is what is not nil, whether it was looked at before or not. */
static void enrich__nil_takes_a_field_away(void **state)
{
    (void)state;
    static const char *const codes[] = {
        "r.gtins = nil r.net_weight = nil return r",
        "local x = r.gtins r.gtins = nil r.net_weight = nil return r",
        "r.gtins = {} r.gtins = nil r.net_weight = nil assert(r.gtins == nil) return r",
    };
    for (size_t i = 0; i < KT_COUNT(codes); i++) {
        struct kt_arena *a = kt_arena_new();
        struct kt_err e = { 0 };
        struct kt_variant v = sample(a);
        (void)enrich(codes[i], &kt_variant_shape, &v, label, a, &e);
        assert_int_equal(e.v.rc, KT_OK);
        assert_false(KT_HAS(&v, kt_variant_shape, gtins));
        assert_false(KT_HAS(&v, kt_variant_shape, net_weight));
        assert_true(KT_HAS(&v, kt_variant_shape, attributes));
        kt_arena_free(a);
    }
}

static void enrich__refuses_what_does_not_fit_and_names_the_field(void **state)
{
    (void)state;
    check("r.mnp = 'x' return r", "hooks.lua:2: a variant has no field \"mnp\"");
    check("local x = r.skuu return r", "hooks.lua:2: a variant has no field \"skuu\"");
    check("r[1] = 'x' return r", "a record has fields with names");
    check("r.mpn = 3 return r", "hooks.lua:1: enrich: mpn: is a number, a text is needed");
    check("r.mpn = r.net_weight return r", "mpn: is a decimal, a text is needed");
    check("r.mpn = ('x'):rep(81) return r", "mpn: has more than 80 characters");
    check("r.mpn = '\\xc3' return r", "mpn: is no valid UTF-8 text");
    check("r.product = nil return r", "product: is nil, but needed");
    check("r.product = '' return r", "product: is empty, but needed");
    check("r.net_weight = '1.5' return r", "net_weight: is a string, a decimal");
    check("r.net_weight = 1.5 return r", "net_weight: is a number, a decimal");
    check("r.quantity_step = dec('0.0001') return r",
          "quantity_step: does not fit 3 decimals; round it first");
    check("r.serial_required = 'true' return r",
          "serial_required: is a string, true or false is needed");
    check("r.lifecycle = 'activ' return r",
          "lifecycle: is none of its choices: planned, active, phase_out, discontinued");
    check("r.sale_from = '1.3.2026' return r", "sale_from: is no day like 2026-03-01");
    check("r.sale_from = '2026-02-30' return r", "sale_from: is no day like 2026-03-01");
    check("r.gtins = 'x' return r", "gtins: is a string, a list is needed");
    check("r.gtins = { code = 'x' } return r", "gtins: is a list, it has entries and no members");
    check("r.gtins[4] = { code = 'x' } return r", "gtins[3]: is missing; a list has no gaps");
    check("r.gtins[3] = 'x' return r", "gtins[3]: is a string, a table is needed");
    check("r.gtins[2].unit = 3 return r", "gtins[2].unit: is a number, a text is needed");
    check("r.gtins[3] = { cod = 'x' } return r", "gtins[3]: a gtin has no field \"cod\"");
    check("r.gtins[3] = { 'x' } return r", "gtins[3]: a gtin has fields with names");
    check("r.gtins[3] = r.attributes[1] return r", "gtins[3]: a gtin has no field \"value\"");
    check("r.gtins[2].code = r.gtins[1].code r.gtins[2].unit = 'PCE' return r",
          "FIELD_INVALID: hooks.lua: enrich");
    check("r.sku = 'SKU-2' return r", "hooks.lua:1: enrich: sku: is part of the key");
    check("return 3", "hooks.lua:1: enrich returned number, not the record");
    check("return", "hooks.lua:1: enrich returned nil, not the record");
}

static void enrich__a_mistake_of_the_rule_is_told_with_its_line(void **state)
{
    (void)state;
    check("return r.brnd.x", "hooks.lua:2: a variant has no field \"brnd\"");
    check("\nlocal x = r.mpn .. 'x' return r", "hooks.lua:3: attempt to concatenate a nil value");
    check("while true do end", "used up its");
    check("return map.lookup({RD = 'red'}, 'GN')", "map.lookup: there is no entry for \"GN\"");
}

static void enrich__error_is_a_refusal(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct kt_err e = { 0 };
    struct kt_variant v = sample(a);
    assert_string_equal(enrich("error('no colour')", &kt_variant_shape, &v, label, a, &e),
                        "no colour");
    assert_int_equal(e.v.code, KT_E_RECORD_REFUSED_BY_RULE);
    kt_arena_free(a);
}

/* --- validate --- */

static enum kt_rc validate(const char *code, struct kt_arena *a, struct kt_err *e)
{
    struct kt_hooks *hooks = NULL;
    struct kt_variant v = sample(a);
    const char *text = kt_format(a, "return { validate = function(kind, r)\n%s\nend }", code);
    assert_int_equal(kt_hooks_open(&hooks, "hooks.lua", text, e), KT_OK);
    assert_int_equal(kt_hooks_enrich(hooks, "variant", &kt_variant_shape, &v, label, a, e), KT_OK);
    enum kt_rc rc = kt_hooks_validate(hooks, "variant", &kt_variant_shape, &v, label, a, e);
    kt_hooks_close(hooks);
    return rc;
}

static void validate__refuses_with_its_sentence(void **state)
{
    (void)state;
    static const char *const codes[] = {
        "if kind == 'variant' and r.lifecycle == 'phase_out' then error('No spare parts.') end",
        "if kind == 'variant' then error('No spare parts.', 0) end",
        "assert(r.lifecycle == 'active', 'No spare parts.')",
        "return false, 'No spare parts.'",
        "pcall(error, 'another') error('No spare parts.')",
    };
    for (size_t i = 0; i < KT_COUNT(codes); i++) {
        struct kt_arena *a = kt_arena_new();
        struct kt_err e = { 0 };
        char sentence[300];
        assert_int_equal(validate(codes[i], a, &e), KT_REJECT);
        assert_int_equal(e.v.code, KT_E_RECORD_REFUSED_BY_RULE);
        assert_int_equal(e.v.reach, KT_RECORD);
        kt_sentence(&e.v, KT_LANG_EN, sentence, sizeof sentence);
        assert_string_equal(sentence, "variant sap|SKU-1 is refused by a rule of this "
                                      "installation: No spare parts.");
        kt_arena_free(a);
    }
}

static void validate__lets_the_others_pass(void **state)
{
    (void)state;
    static const char *const codes[] = { "", "return true", "return nil",
                                         "if kind == 'product' then error('x') end" };
    for (size_t i = 0; i < KT_COUNT(codes); i++) {
        struct kt_arena *a = kt_arena_new();
        struct kt_err e = { 0 };
        assert_int_equal(validate(codes[i], a, &e), KT_OK);
        kt_arena_free(a);
    }
}

static void validate__a_mistake_is_no_refusal(void **state)
{
    (void)state;
    static const char *const codes[][2] = {
        { "local x = nil + 1", "hooks.lua:2: attempt to perform arithmetic on a nil value" },
        { "pcall(error, 'x') local y = nil + 1", "attempt to perform arithmetic" },
        { "return false", "returned a boolean without a reason" },
        { "return 'x'", "returned a string without a reason" },
        { "assert(false)", "assertion failed!" },
        { "error({})", "raised a table instead of a text" },
    };
    for (size_t i = 0; i < KT_COUNT(codes); i++) {
        struct kt_arena *a = kt_arena_new();
        struct kt_err e = { 0 };
        assert_int_equal(validate(codes[i][0], a, &e), KT_REJECT);
        assert_int_equal(e.v.code, KT_E_MAPPING_FAILED);
        if (strstr(e.trail, codes[i][1]) == NULL)
            fail_msg("%s gave %s", codes[i][0], e.trail);
        kt_arena_free(a);
    }
}

/* What a rule says about a person is shown to the clerk and masked in logs. */
static void hooks__personal_values_stay_out_of_the_trail(void **state)
{
    (void)state;
    static const char *const codes[] = { "error('who is ' .. r.email)", "dec(r.email) return r",
                                         "r.name = 3 dec(r.email)" };
    for (size_t i = 0; i < KT_COUNT(codes); i++) {
        struct kt_arena *a = kt_arena_new();
        struct kt_err e = { 0 };
        struct kt_customer c = { 0 };
        KT_PUT(&c, kt_customer_shape, scope, KT_STR("sap"));
        KT_PUT(&c, kt_customer_shape, number, KT_STR("1"));
        KT_PUT(&c, kt_customer_shape, email, KT_STR("max@example.org"));
        (void)enrich(codes[i], &kt_customer_shape, &c, "customer sap|1", a, &e);
        assert_true(e.v.param[1].is_personal);
        assert_non_null(strstr(e.v.param[1].value, "max@example.org"));
        assert_null(strstr(e.trail, "max"));
        assert_non_null(strstr(e.trail, "hooks.lua:2"));
        kt_arena_free(a);
    }
}

static enum kt_rc route(const char *code, const char **erp, struct kt_arena *a, struct kt_err *e)
{
    struct kt_hooks *hooks = NULL;
    struct kt_order_line line = { 0 };
    struct kt_view view = { 0 };
    const char *text = kt_format(a, "return { route = function(view)\n%s\nend }", code);
    KT_PUT(&line, kt_order_line_shape, id, KT_STR("item-1"));
    KT_PUT(&line, kt_order_line_shape, sku, KT_STR("A-1"));
    kt_view_record(&view, "line", &kt_order_line_shape, &line);
    kt_view_absent(&view, "variant");
    assert_int_equal(kt_hooks_open(&hooks, "hooks.lua", text, e), KT_OK);
    assert_true(kt_hooks_has_route(hooks));
    enum kt_rc rc = kt_hooks_route(hooks, &view, "order 1, line 1", erp, a, e);
    kt_hooks_close(hooks);
    return rc;
}

static void route__names_an_erp_or_says_nothing(void **state)
{
    (void)state;
    static const char *const codes[][2] = {
        { "if view.line.sku == 'A-1' then return 'nav' end", "nav" },
        { "if view.variant then return 'nav' end", NULL },
        { "return nil", NULL },
    };
    for (size_t i = 0; i < KT_COUNT(codes); i++) {
        struct kt_arena *a = kt_arena_new();
        struct kt_err e = { 0 };
        const char *erp = "unset";
        assert_int_equal(route(codes[i][0], &erp, a, &e), KT_OK);
        assert_true(codes[i][1] == NULL ? erp == NULL : strcmp(erp, codes[i][1]) == 0);
        kt_arena_free(a);
    }
    assert_false(kt_hooks_has_route(NULL));
}

static void route__refuses_or_fails_with_a_sentence(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        enum kt_code says;
    } all[] = {
        { "error('Nobody delivers this.')", KT_E_RECORD_REFUSED_BY_RULE },
        { "return 7", KT_E_MAPPING_FAILED },
        { "return view.lien", KT_E_MAPPING_FAILED },
    };
    for (size_t i = 0; i < KT_COUNT(all); i++) {
        struct kt_arena *a = kt_arena_new();
        struct kt_err e = { 0 };
        const char *erp = NULL;
        assert_int_equal(route(all[i].code, &erp, a, &e), KT_REJECT);
        assert_string_equal(kt_code_name(e.v.code), kt_code_name(all[i].says));
        assert_null(erp);
        kt_arena_free(a);
    }
}

static void hooks__a_file_with_another_function_is_refused(void **state)
{
    (void)state;
    struct kt_hooks *hooks = NULL;
    struct kt_err e = { 0 };
    assert_int_equal(kt_hooks_open(&hooks, "hooks.lua", "return { enrch = function() end }", &e),
                     KT_CONFIG);
    assert_null(hooks);
    assert_string_equal(e.v.param[1].value,
                        "there is no hook enrch; known: enrich, validate, route");
    e = (struct kt_err){ 0 };
    assert_int_equal(kt_hooks_open(&hooks, "hooks.lua", "return {", &e), KT_CONFIG);
    assert_non_null(strstr(e.v.param[1].value, "hooks.lua:1:"));
    e = (struct kt_err){ 0 };
    assert_int_equal(kt_hooks_open(&hooks, "hooks.lua", "return {}", &e), KT_OK);
    kt_hooks_close(hooks);
    kt_hooks_close(NULL);
}

static void hooks__none_changes_nothing(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct kt_err e = { 0 };
    struct kt_variant v = sample(a);
    assert_int_equal(kt_hooks_enrich(NULL, "variant", &kt_variant_shape, &v, label, a, &e), KT_OK);
    assert_int_equal(kt_hooks_validate(NULL, "variant", &kt_variant_shape, &v, label, a, &e),
                     KT_OK);
    kt_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enrich__an_untouched_record_comes_back_as_it_was),
        cmocka_unit_test(enrich__changes_every_type_exactly),
        cmocka_unit_test(enrich__nil_takes_a_field_away),
        cmocka_unit_test(enrich__refuses_what_does_not_fit_and_names_the_field),
        cmocka_unit_test(enrich__a_mistake_of_the_rule_is_told_with_its_line),
        cmocka_unit_test(enrich__error_is_a_refusal),
        cmocka_unit_test(validate__refuses_with_its_sentence),
        cmocka_unit_test(validate__lets_the_others_pass),
        cmocka_unit_test(validate__a_mistake_is_no_refusal),
        cmocka_unit_test(hooks__personal_values_stay_out_of_the_trail),
        cmocka_unit_test(route__names_an_erp_or_says_nothing),
        cmocka_unit_test(route__refuses_or_fails_with_a_sentence),
        cmocka_unit_test(hooks__a_file_with_another_function_is_refused),
        cmocka_unit_test(hooks__none_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
