/* Categories in full, and the look-ups before any create. Against recorded answers. */
#include "items.h"

static void categories__are_made_changed_and_deleted(void **state)
{
    struct script *s = *state;
    struct kt_result r[4];
    struct kt_item_ref top = { .unit = KT_UNIT_CATEGORY,
                               .key = KT_STR("sap|TOP"),
                               .remote_id = KT_STR("5") };
    struct kt_item item[4] = {
        item_of(KT_UNIT_CATEGORY, "A",
                "{\"name\":\"A\",\"parent\":{\"ref\":\"category sap|TOP\"}}"),
        item_of(KT_UNIT_CATEGORY, "B", "{\"name\":\"B\",\"parent\":0}"),
        item_of(KT_UNIT_CATEGORY, "C", ""),
        item_of(KT_UNIT_CATEGORY, "D", "{\"name\":\"D\",\"parent\":0}"),
    };
    item[0].ref = &top;
    item[0].refs = 1;
    item[1].remote_id = KT_STR("6");
    item[2].remote_id = KT_STR("7");
    item[2].action = KT_ACTION_WITHDRAW;
    script_begin(s);
    script_then(s, "{\"create\":[{\"id\":8},{\"id\":0,\"error\":{\"code\":\"term_exists\","
                   "\"message\":\"A term with the name provided already exists\",\"data\":{"
                   "\"status\":400,\"resource_id\":33}}}],\"update\":[{\"id\":6}],\"delete\":[{"
                   "\"id\":7,\"error\":{\"code\":\"woocommerce_rest_term_invalid\",\"message\":"
                   "\"Resource does not exist.\",\"data\":{\"status\":404}}}]}");
    assert_int_equal(push(s, item, 4, r), KT_OK);
    script_was(s, 0, "POST " P "/categories/batch",
               "{\"create\":[{\"name\":\"A\",\"parent\":5},{\"name\":\"D\",\"parent\":0}],"
               "\"update\":[{\"id\":6,\"name\":\"B\",\"parent\":0}],\"delete\":[7]}");
    is_done(&r[0], "8");
    is_done(&r[1], "6");
    assert_int_equal(r[2].v.rc, KT_OK);
    is_judged(&r[3], KT_REJECT, KT_E_CHANNEL_CATEGORY_TAKEN);
}

static void find(struct script *s, struct kt_item *item, size_t count)
{
    struct kt_err e = { 0 };
    if (kt_channel_woocommerce.find(s->channel, item, count, s->a, &e) != KT_OK)
        fail_msg("%s", e.trail);
}

static void find__categories_by_slug_or_name_and_place(void **state)
{
    struct script *s = *state;
    struct kt_item_ref top = { .unit = KT_UNIT_CATEGORY,
                               .key = KT_STR("sap|TOP"),
                               .remote_id = KT_STR("5") };
    struct kt_item item[] = {
        item_of(KT_UNIT_CATEGORY, "A",
                "{\"name\":\"Lamps & Lights\",\"parent\":{\"ref\":\"category sap|TOP\"}}"),
        item_of(KT_UNIT_CATEGORY, "B", "{\"name\":\"Other\",\"parent\":0,\"slug\":\"beta\"}"),
        item_of(KT_UNIT_CATEGORY, "C", "{\"name\":\"Twice\",\"parent\":0}"),
        item_of(KT_UNIT_CATEGORY, "D", "{\"name\":\"Lamps & Lights\",\"parent\":0}"),
    };
    item[0].ref = &top;
    item[0].refs = 1;
    script_begin(s);
    script_then(s, "[{\"id\":20,\"name\":\"Lamps &amp; Lights\",\"slug\":\"lamps\",\"parent\":5},"
                   "{\"id\":21,\"name\":\"Beta\",\"slug\":\"beta\",\"parent\":9},"
                   "{\"id\":22,\"name\":\"Twice\",\"slug\":\"t1\",\"parent\":0},"
                   "{\"id\":23,\"name\":\"Twice\",\"slug\":\"t2\",\"parent\":0}]");
    find(s, item, KT_COUNT(item));
    assert_string_equal(item[0].remote_id.p, "20");
    assert_string_equal(item[1].remote_id.p, "21");
    assert_null(item[2].remote_id.p);
    assert_null(item[3].remote_id.p);
    script_then(s, "[{\"id\":20,\"name\":\"Lamps &amp; Lights\",\"slug\":\"lamps\",\"parent\":5}]");
    find(s, &item[3], 1);
    assert_null(item[3].remote_id.p); /* that name stands elsewhere */
}

static void find__variants_on_their_page_only(void **state)
{
    struct script *s = *state;
    struct kt_item item[] = { variant_of("S-1", "12", NULL, "{}"),
                              variant_of("S-2", "12", NULL, "{}"),
                              variant_of("S-3", "13", NULL, "{}") };
    item[2].is_single = true;
    script_begin(s);
    script_then(s, "[{\"id\":34,\"sku\":\"S-2\"},{\"id\":35,\"sku\":\"S-20\"}]");
    find(s, item, KT_COUNT(item));
    script_was(s, 0, "GET " P "/12/variations?status=any&per_page=100&_fields=id,sku&sku=S-1%2CS-2",
               NULL);
    assert_int_equal(script_count(s), 1);
    assert_null(item[0].remote_id.p);
    assert_string_equal(item[1].remote_id.p, "12/34");
    assert_string_equal(item[2].remote_id.p, "13");
}

/* A page with variations is not taken for one without: the shop would delete them. */
static void find__pages_of_the_right_form(void **state)
{
    struct script *s = *state;
    struct kt_item item[] = { item_of(KT_UNIT_PRODUCT, "S-1", "{}"),
                              item_of(KT_UNIT_PRODUCT, "S-2", "{}"),
                              item_of(KT_UNIT_PRODUCT, "S-3", "{}"),
                              item_of(KT_UNIT_PRODUCT, "S-4", "{}") };
    item[0].is_single = item[2].is_single = true;
    script_begin(s);
    script_then(s, "[{\"id\":1,\"sku\":\"S-1\",\"type\":\"variable\"},"
                   "{\"id\":2,\"sku\":\"S-2\",\"type\":\"variable\"},"
                   "{\"id\":3,\"sku\":\"S-3\",\"type\":\"simple\"},"
                   "{\"id\":4,\"sku\":\"S-4\",\"type\":\"variation\"}]");
    find(s, item, KT_COUNT(item));
    assert_null(item[0].remote_id.p);
    assert_string_equal(item[1].remote_id.p, "2");
    assert_string_equal(item[2].remote_id.p, "3");
    assert_null(item[3].remote_id.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(categories__are_made_changed_and_deleted),
        cmocka_unit_test(find__categories_by_slug_or_name_and_place),
        cmocka_unit_test(find__variants_on_their_page_only),
        cmocka_unit_test(find__pages_of_the_right_form),
    };
    return cmocka_run_group_tests(tests, script_start, script_stop);
}
