/* Variants: where they are written, how they move between pages, and who has their numbers. Against
 * recorded and misbehaving answers. */
#include "items.h"

/* --- variations --- */

static void variants__are_written_by_the_batch_of_their_page(void **state)
{
    struct script *s = *state;
    struct kt_result r[4];
    struct kt_item item[4] = {
        variant_of("S-1", "12", NULL, "{\"sku\":\"S-1\"}"),
        variant_of("S-2", "12", "12/34", "{\"sku\":\"S-2\"}"),
        variant_of("S-3", "12", "12/35", ""),
        variant_of("S-4", "12", NULL, "{\"sku\":\"S-4\"}"),
    };
    item[2].action = KT_ACTION_WITHDRAW;
    script_begin(s);
    script_then(s, "{\"create\":[{\"id\":40,\"sku\":\"S-1\"},{\"id\":0,\"error\":{\"code\":"
                   "\"product_invalid_global_unique_id\",\"message\":\"Invalid or duplicated "
                   "GTIN\",\"data\":{\"status\":400,\"resource_id\":77}}}],"
                   "\"update\":[{\"id\":34},{\"id\":35}]}");
    assert_int_equal(push(s, item, 4, r), KT_OK);
    script_was(s, 0, "POST " P "/12/variations/batch",
               "{\"create\":[{\"sku\":\"S-1\"},{\"sku\":\"S-4\"}],\"update\":[{\"id\":34,"
               "\"sku\":\"S-2\"},{\"id\":35,\"status\":\"private\"}],\"delete\":[]}");
    assert_int_equal(script_count(s), 1);
    is_done(&r[0], "12/40");
    is_done(&r[1], "12/34");
    is_done(&r[2], "12/35");
    is_judged(&r[3], KT_REJECT, KT_E_CHANNEL_GTIN_TAKEN);
    says(&r[3], "variant S-4: the shop already has another product (77) with this GTIN");
}

/* An answer about something else, or none at all, proves nothing. */
static void variants__answers_that_fit_nothing_are_unsure(void **state)
{
    struct script *s = *state;
    struct kt_result r[2];
    struct kt_item item[2] = { variant_of("S-1", "12", "12/34", "{\"sku\":\"S-1\"}"),
                               variant_of("S-2", "12", "12/35", "{\"sku\":\"S-2\"}") };
    script_begin(s);
    script_then(s, "{\"update\":[{\"id\":99}]}");
    assert_int_equal(push(s, item, 2, r), KT_OK);
    is_judged(&r[0], KT_UNSURE, KT_E_PARTNER_ANSWER_INCOMPLETE);
    is_judged(&r[1], KT_UNSURE, KT_E_PARTNER_ANSWER_INCOMPLETE);
}

static void variants__of_single_pages_go_to_their_pages_together(void **state)
{
    struct script *s = *state;
    struct kt_result r[3];
    struct kt_item item[3] = {
        variant_of("S-1", "12", NULL, "{\"weight\":\"1\"}"),
        variant_of("S-2", "13", "13", "{\"weight\":\"2\"}"),
        variant_of("S-3", "14", "14", ""),
    };
    item[0].is_single = item[1].is_single = item[2].is_single = true;
    item[2].action = KT_ACTION_WITHDRAW; /* the page's own unit hides it */
    script_begin(s);
    script_then(s, "{\"update\":[{\"id\":12},{\"id\":13}]}");
    assert_int_equal(push(s, item, 3, r), KT_OK);
    script_was(s, 0, "POST " P "/batch",
               "{\"create\":[],\"update\":[{\"id\":12,\"weight\":\"1\"},{\"id\":13,"
               "\"weight\":\"2\"}],\"delete\":[]}");
    is_done(&r[0], "12");
    is_done(&r[1], "13");
    assert_int_equal(r[2].v.rc, KT_OK);
    assert_int_equal(script_count(s), 1);
}

static void offers__stand_where_their_variant_stands(void **state)
{
    struct script *s = *state;
    struct kt_result r[2];
    struct kt_item item[2] = { item_of(KT_UNIT_PRICE, "S-1", "{\"regular_price\":\"1.00\"}"),
                               item_of(KT_UNIT_PRICE, "S-2", "") };
    item[0].parent_id = KT_STR("12/34");
    item[1].parent_id = KT_STR("12/35");
    item[1].action = KT_ACTION_WITHDRAW;
    script_begin(s);
    script_then(s, "{\"update\":[{\"id\":34},{\"id\":35}]}");
    assert_int_equal(push(s, item, 2, r), KT_OK);
    script_was(s, 0, "POST " P "/12/variations/batch",
               "{\"create\":[],\"update\":[{\"id\":34,\"regular_price\":\"1.00\"},{\"id\":35,"
               "\"regular_price\":\"\",\"sale_price\":\"\"}],\"delete\":[]}");
    is_done(&r[0], "12/34");
    is_done(&r[1], "12/35");
}

/* Was a variation of page 99; belongs to page 12 now. */
static void variants__that_moved_are_deleted_there_and_made_here(void **state)
{
    struct script *s = *state;
    struct kt_result r[3];
    struct kt_item item[3] = {
        variant_of("S-1", "12", "99/456", "{\"sku\":\"S-1\"}"),
        variant_of("S-2", "12", "99/457", "{\"sku\":\"S-2\"}"),
        variant_of("S-3", "12", "12/34", "{\"sku\":\"S-3\"}"),
    };
    script_begin(s);
    script_then(s, "{\"delete\":[{\"id\":456},{\"id\":457,\"error\":{\"code\":"
                   "\"woocommerce_rest_product_variation_invalid_id\",\"message\":\"Invalid "
                   "ID.\",\"data\":{\"status\":404}}}]}");
    script_then(s,
                "[{\"id\":61,\"sku\":\"S-2\"}]"); /* an earlier try made it; its answer was lost */
    script_then(s, "{\"create\":[{\"id\":60}],\"update\":[{\"id\":61},{\"id\":34}]}");
    assert_int_equal(push(s, item, 3, r), KT_OK);
    script_was(s, 0, "POST " P "/99/variations/batch", "{\"delete\":[456,457]}");
    script_was(s, 1, "GET " P "/12/variations?status=any&per_page=100&_fields=id,sku&sku=S-1%2CS-2",
               NULL);
    script_was(s, 2, "POST " P "/12/variations/batch",
               "{\"create\":[{\"sku\":\"S-1\"}],\"update\":[{\"id\":61,\"sku\":\"S-2\"},{\"id\":34,"
               "\"sku\":\"S-3\"}],\"delete\":[]}");
    is_done(&r[0], "12/60");
    is_done(&r[1], "12/61");
    is_done(&r[2], "12/34");
}

static void variants__that_became_single_leave_no_variation(void **state)
{
    struct script *s = *state;
    struct kt_result r[1];
    struct kt_item item = variant_of("S-1", "12", "12/34", "{\"weight\":\"1\"}");
    item.is_single = true;
    script_begin(s);
    script_then_with(s, "404 Not Found",
                     "{\"code\":\"woocommerce_rest_product_invalid_id\",\"message\":\"Invalid "
                     "ID.\",\"data\":{\"status\":404}}");
    script_then(s, "{\"update\":[{\"id\":12}]}");
    assert_int_equal(push(s, &item, 1, r), KT_OK);
    script_was(s, 0, "POST " P "/12/variations/batch", "{\"delete\":[34]}");
    script_was(s, 1, "POST " P "/batch",
               "{\"create\":[],\"update\":[{\"id\":12,\"weight\":\"1\"}],\"delete\":[]}");
    is_done(&r[0], "12");
}

/* The shop cannot be asked: nothing has been sent, so nothing is unsure. */
static void variants__that_cannot_be_cleared_come_again(void **state)
{
    struct script *s = *state;
    struct kt_result r[1];
    struct kt_item item = variant_of("S-1", "12", "99/456", "{\"sku\":\"S-1\"}");
    script_begin(s);
    script_then(s, NULL);
    assert_int_equal(push(s, &item, 1, r), KT_RETRY);
    is_judged(&r[0], KT_RETRY, KT_E_PARTNER_ANSWER_LOST);
    assert_int_equal(script_count(s), 1);
}

static void variants__of_a_lost_page_are_gone(void **state)
{
    struct script *s = *state;
    struct kt_result r[2];
    struct kt_item item[2] = { variant_of("S-1", "12", NULL, "{\"sku\":\"S-1\"}"),
                               variant_of("S-2", "12", "12/34", "{\"sku\":\"S-2\"}") };
    script_begin(s);
    script_then(s, "{\"create\":[{\"id\":0,\"error\":{\"code\":"
                   "\"woocommerce_rest_product_variation_invalid_parent\",\"message\":\"x\","
                   "\"data\":{\"status\":404}}}],\"update\":[{\"id\":34,\"error\":{\"code\":"
                   "\"woocommerce_rest_product_variation_invalid_id\",\"message\":\"x\","
                   "\"data\":{\"status\":400}}}]}");
    assert_int_equal(push(s, item, 2, r), KT_OK);
    is_judged(&r[0], KT_RETRY, KT_E_CHANNEL_UNIT_GONE);
    is_judged(&r[1], KT_RETRY, KT_E_CHANNEL_UNIT_GONE);
    script_begin(s);
    script_then_with(s, "404 Not Found",
                     "{\"code\":\"woocommerce_rest_product_invalid_id\",\"message\":\"x\","
                     "\"data\":{\"status\":404}}");
    assert_int_equal(push(s, item, 2, r), KT_OK);
    is_judged(&r[0], KT_RETRY, KT_E_CHANNEL_UNIT_GONE);
    is_judged(&r[1], KT_RETRY, KT_E_CHANNEL_UNIT_GONE);
}

/* --- numbers that are held --- */

#define MARKED(sku) \
    "{\"meta_data\":[{\"key\":\"kontor_sku\",\"value\":\"sap|" sku "\"}],\"sku\":\"" sku "\"}"
#define TAKEN(id)                                                                     \
    "{\"id\":0,\"error\":{\"code\":\"product_invalid_sku\",\"message\":\"Invalid or " \
    "duplicated SKU.\",\"data\":{\"status\":400,\"resource_id\":" id ",\"unique_sku\":\"x\"}}}"

/* A page with variations becomes one that is sold itself: its own variation has the number. */
static void numbers__of_the_page_s_own_variation_are_freed(void **state)
{
    struct script *s = *state;
    struct kt_result r[1];
    struct kt_item item = item_of(KT_UNIT_PRODUCT, "S-1", MARKED("S-1"));
    item.remote_id = KT_STR("12");
    item.is_single = true;
    script_begin(s);
    script_then(s, "{\"update\":[" TAKEN("34") "]}");
    script_then(s, "[{\"id\":34,\"type\":\"variation\",\"parent_id\":12,\"meta_data\":[]}]");
    script_then(s, "{\"update\":[{\"id\":34}]}");
    script_then(s, "{\"update\":[{\"id\":12}]}");
    assert_int_equal(push(s, &item, 1, r), KT_OK);
    script_was(s, 1,
               "GET " P "?status=any&per_page=100&_fields=id,type,parent_id,meta_data&sku=S-1",
               NULL);
    script_was(s, 2, "POST " P "/12/variations/batch",
               "{\"update\":[{\"global_unique_id\":\"\",\"id\":34,\"sku\":\"\",\"status\":"
               "\"private\"}]}");
    script_was(s, 3, "POST " P "/batch", NULL);
    is_done(&r[0], "12");
}

/* Pages that were sold themselves become variations of one page. */
static void numbers__of_older_pages_are_freed(void **state)
{
    struct script *s = *state;
    struct kt_result r[2];
    struct kt_item item[2] = { variant_of("S-1", "12", "99", MARKED("S-1")),
                               variant_of("S-2", "12", NULL, MARKED("S-2")) };
    script_begin(s);
    script_then(s, "[]"); /* S-1 is not on page 12 yet */
    script_then(s, "{\"create\":[" TAKEN("99") "," TAKEN("88") "]}");
    script_then(s, "[{\"id\":99,\"type\":\"simple\",\"parent_id\":0,\"meta_data\":[]},"
                   "{\"id\":88,\"type\":\"simple\",\"parent_id\":0,\"meta_data\":[{\"id\":1,"
                   "\"key\":\"kontor_sku\",\"value\":\"sap|S-2\"}]}]");
    script_then(s, "{\"update\":[{\"id\":99}]}");
    script_then(s, "{\"update\":[{\"id\":88}]}");
    script_then(s, "{\"create\":[{\"id\":51},{\"id\":52}]}");
    assert_int_equal(push(s, item, 2, r), KT_OK);
    script_was(s, 3, "POST " P "/batch",
               "{\"update\":[{\"global_unique_id\":\"\",\"id\":99,\"sku\":\"\"}]}");
    is_done(&r[0], "12/51");
    is_done(&r[1], "12/52");
}

/* Somebody else's product is left alone, and asked about once only. */
static void numbers__of_others_are_left_alone(void **state)
{
    struct script *s = *state;
    struct kt_result r[1];
    struct kt_item item = item_of(KT_UNIT_PRODUCT, "S-1", MARKED("S-1"));
    item.is_single = true;
    script_begin(s);
    script_then(s, "{\"create\":[" TAKEN("88") "]}");
    script_then(s, "[{\"id\":88,\"type\":\"variation\",\"parent_id\":7,\"meta_data\":[{"
                   "\"key\":\"kontor_sku\",\"value\":\"other|S-1\"}]}]");
    assert_int_equal(push(s, &item, 1, r), KT_OK);
    is_judged(&r[0], KT_REJECT, KT_E_CHANNEL_SKU_TAKEN);
    says(&r[0], "product S-1: the shop already has another product (88) with this number");
    assert_int_equal(script_count(s), 2);
}

/* Freed, and still refused: one round only. */
static void numbers__are_freed_once(void **state)
{
    struct script *s = *state;
    struct kt_result r[1];
    struct kt_item item = variant_of("S-1", "12", "99", MARKED("S-1"));
    script_begin(s);
    script_then(s, "[]");
    script_then(s, "{\"create\":[" TAKEN("99") "]}");
    script_then(s, "[{\"id\":99,\"type\":\"simple\",\"parent_id\":0}]");
    script_then(s, "{\"update\":[{\"id\":99,\"error\":{\"code\":\"x\",\"message\":\"x\"}}]}");
    script_then(s, "{\"create\":[" TAKEN("99") "]}");
    assert_int_equal(push(s, &item, 1, r), KT_OK);
    is_judged(&r[0], KT_REJECT, KT_E_CHANNEL_SKU_TAKEN);
    assert_int_equal(script_count(s), 5);
}

/* While the shop cannot say who has the number, no person is bothered. */
static void numbers__in_doubt_come_again(void **state)
{
    struct script *s = *state;
    struct kt_result r[2];
    struct kt_item item[2] = { variant_of("S-1", "12", NULL, MARKED("S-1")),
                               variant_of("S-2", "12", NULL, MARKED("S-2")) };
    script_begin(s);
    script_then(s, "{\"create\":[" TAKEN("99") ",{\"id\":52}]}");
    script_then_with(s, "429 Busy", "{}");
    assert_int_equal(push(s, item, 2, r), KT_RETRY);
    is_judged(&r[0], KT_RETRY, KT_E_PARTNER_BUSY);
    is_done(&r[1], "12/52");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variants__are_written_by_the_batch_of_their_page),
        cmocka_unit_test(variants__answers_that_fit_nothing_are_unsure),
        cmocka_unit_test(variants__of_single_pages_go_to_their_pages_together),
        cmocka_unit_test(offers__stand_where_their_variant_stands),
        cmocka_unit_test(variants__that_moved_are_deleted_there_and_made_here),
        cmocka_unit_test(variants__that_became_single_leave_no_variation),
        cmocka_unit_test(variants__that_cannot_be_cleared_come_again),
        cmocka_unit_test(variants__of_a_lost_page_are_gone),
        cmocka_unit_test(numbers__of_the_page_s_own_variation_are_freed),
        cmocka_unit_test(numbers__of_older_pages_are_freed),
        cmocka_unit_test(numbers__of_others_are_left_alone),
        cmocka_unit_test(numbers__are_freed_once),
        cmocka_unit_test(numbers__in_doubt_come_again),
    };
    return cmocka_run_group_tests(tests, script_start, script_stop);
}
