/* What a payload names: categories, files and global attributes become ids; a file is uploaded
 * once. Against recorded and misbehaving answers. */
#include "items.h"

/* --- references --- */

static void refs__become_ids(void **state)
{
    struct script *s = *state;
    struct kt_result r[1];
    struct kt_item_ref ref[] = {
        { .unit = KT_UNIT_CATEGORY, .key = KT_STR("sap|LAMP"), .remote_id = KT_STR("5") },
        { .unit = KT_UNIT_MEDIA, .key = KT_STR("aa11"), .remote_id = KT_STR("70") },
        { .unit = KT_UNIT_MEDIA, .key = KT_STR("bb22") },
        { .unit = KT_UNIT_MEDIA, .key = KT_STR("http://x/c.jpg") },
    };
    struct kt_item item = item_of(
        KT_UNIT_PRODUCT, "S-1",
        "{\"categories\":[{\"ref\":\"category sap|LAMP\"},{\"ref\":\"category sap|LAMP\"}],"
        "\"images\":[{\"alt\":\"A\",\"ref\":\"media aa11\",\"src\":\"http://x/a.jpg\"},"
        "{\"alt\":\"B\",\"ref\":\"media bb22\",\"src\":\"http://x/b.jpg\"},"
        "{\"ref\":\"media bb22\",\"src\":\"http://x/b.jpg\"},{\"ref\":\"media http://x/c.jpg\"}],"
        "\"sku\":\"S-1\"}");
    item.ref = ref;
    item.refs = KT_COUNT(ref);
    script_begin(s);
    script_then(s, "{\"create\":[{\"id\":12,\"images\":[{\"id\":70},{\"id\":71},{\"id\":72}]}]}");
    assert_int_equal(push(s, &item, 1, r), KT_OK);
    script_was(s, 0, "POST " P "/batch",
               "{\"create\":[{\"categories\":[{\"id\":5}],\"images\":[{\"alt\":\"A\",\"id\":70},"
               "{\"alt\":\"B\",\"src\":\"http://x/b.jpg\"},{\"src\":\"http://x/c.jpg\"}],"
               "\"sku\":\"S-1\"}],\"update\":[],\"delete\":[]}");
    is_done(&r[0], "12");
    assert_null(ref[1].learned_id.p);
    assert_string_equal(ref[2].learned_id.p, "71");
    assert_string_equal(ref[3].learned_id.p, "72");
}

static void refs__that_are_not_there_are_said(void **state)
{
    struct script *s = *state;
    struct kt_result r[3];
    struct kt_item_ref unlinked = { .unit = KT_UNIT_CATEGORY, .key = KT_STR("sap|NEW") };
    struct kt_item_ref bare = { .unit = KT_UNIT_MEDIA, .key = KT_STR("aa11") };
    struct kt_item item[3] = {
        item_of(KT_UNIT_PRODUCT, "S-1", "{\"categories\":[{\"ref\":\"category sap|X\"}]}"),
        item_of(KT_UNIT_PRODUCT, "S-2", "{\"categories\":[{\"ref\":\"category sap|NEW\"}]}"),
        item_of(KT_UNIT_PRODUCT, "S-3", "{\"images\":[{\"ref\":\"media aa11\"}]}"),
    };
    item[1].ref = &unlinked;
    item[2].ref = &bare;
    item[1].refs = item[2].refs = 1;
    script_begin(s);
    assert_int_equal(push(s, item, 3, r), KT_OK);
    is_judged(&r[0], KT_REJECT, KT_E_CHANNEL_REF_UNKNOWN);
    says(&r[0],
         "product S-1: the mapping names \"category sap|X\", which the record does not have");
    is_judged(&r[1], KT_WAIT, KT_E_PARENT_MISSING);
    says(&r[1], "product S-2 waits for category sap|NEW, which is not in the shop yet");
    is_judged(&r[2], KT_REJECT, KT_E_FIELD_MISSING);
    assert_int_equal(script_count(s), 0);
}

/* The same new file on two pages is downloaded once: the second page waits for its id. */
static void files__are_uploaded_once(void **state)
{
    struct script *s = *state;
    struct kt_result r[3];
    struct kt_item_ref ref[2] = { { .unit = KT_UNIT_MEDIA, .key = KT_STR("aa11") },
                                  { .unit = KT_UNIT_MEDIA, .key = KT_STR("aa11") } };
    const char *with = "{\"images\":[{\"ref\":\"media aa11\",\"src\":\"http://x/a.jpg\"}]}";
    struct kt_item item[3] = { item_of(KT_UNIT_PRODUCT, "S-1", with),
                               item_of(KT_UNIT_PRODUCT, "S-2", with),
                               item_of(KT_UNIT_PRODUCT, "S-3", "{\"name\":\"C\"}") };
    item[0].ref = &ref[0];
    item[1].ref = &ref[1];
    item[0].refs = item[1].refs = 1;
    script_begin(s);
    script_then(s, "{\"create\":[{\"id\":12,\"images\":[{\"id\":71}]},{\"id\":14}]}");
    script_then(s, "{\"create\":[{\"id\":13,\"images\":[{\"id\":71}]}]}");
    assert_int_equal(push(s, item, 3, r), KT_OK);
    script_was(s, 0, "POST " P "/batch",
               "{\"create\":[{\"images\":[{\"src\":\"http://x/a.jpg\"}]},{\"name\":\"C\"}],"
               "\"update\":[],\"delete\":[]}");
    script_was(s, 1, "POST " P "/batch",
               "{\"create\":[{\"images\":[{\"id\":71}]}],\"update\":[],\"delete\":[]}");
    is_done(&r[0], "12");
    is_done(&r[1], "13");
    is_done(&r[2], "14");
    assert_string_equal(ref[0].learned_id.p, "71");
}

enum { MANY = 50 };

/* Fifty pages with a new picture each. */
static void many_pages(struct script *s, struct kt_item *item, struct kt_item_ref *ref)
{
    for (size_t i = 0; i < MANY; i++) {
        const char *name = kt_format(s->a, "f%zu", i);
        item[i] = item_of(
            KT_UNIT_PRODUCT, name,
            kt_format(s->a, "{\"images\":[{\"ref\":\"media %s\",\"src\":\"http://x/\"}]}", name));
        item[i].remote_id = kt_str_of(kt_format(s->a, "%zu", 100 + i));
        ref[i] = (struct kt_item_ref){ .unit = KT_UNIT_MEDIA, .key = kt_str_of(name) };
        item[i].ref = &ref[i];
        item[i].refs = 1;
    }
}

static void answer_pages(struct script *s, size_t from, size_t to)
{
    struct kt_buf b;
    kt_buf_init(&b, s->a, 1 << 20);
    kt_buf_text(&b, "{\"update\":[");
    for (size_t i = from; i < to; i++)
        kt_buf_format(&b, "%s{\"id\":%zu,\"images\":[{\"id\":%zu}]}", i > from ? "," : "", 100 + i,
                      500 + i);
    kt_buf_text(&b, "]}");
    script_then(s, kt_buf_view(&b).p);
}

/* A shop downloads while it answers: not all the pictures of a push in one request. */
static void files__go_in_portions(void **state)
{
    struct script *s = *state;
    struct kt_result r[MANY];
    struct kt_item item[MANY];
    struct kt_item_ref ref[MANY];
    script_begin(s);
    many_pages(s, item, ref);
    for (size_t from = 0; from < MANY; from += 20)
        answer_pages(s, from, from + 20 < MANY ? from + 20 : MANY);
    assert_int_equal(push(s, item, MANY, r), KT_OK);
    assert_int_equal(script_count(s), 3);
    for (size_t i = 0; i < MANY; i++) {
        assert_int_equal(r[i].v.rc, KT_OK);
        assert_string_equal(ref[i].learned_id.p, kt_format(s->a, "%zu", 500 + i));
    }
}

/* The call has its time; what does not fit comes again, and nothing of it is in doubt. */
static void files__of_a_slow_shop_come_later(void **state)
{
    struct script *s = *state;
    struct kt_result r[MANY];
    struct kt_item item[MANY];
    struct kt_item_ref ref[MANY];
    script_begin(s);
    many_pages(s, item, ref);
    answer_pages(s, 0, 20);
    s->conf.http.timeout_s = 0; /* the first answer has used all of it */
    assert_int_equal(push(s, item, MANY, r), KT_OK);
    s->conf.http.timeout_s = 5;
    assert_int_equal(script_count(s), 1);
    for (size_t i = 0; i < 20; i++)
        assert_int_equal(r[i].v.rc, KT_OK);
    for (size_t i = 20; i < MANY; i++)
        is_judged(&r[i], KT_RETRY, KT_E_CHANNEL_NOT_YET);
}

/* The talk breaks at the second portion: the first is done, the second unsure, the third untouched.
 */
static void files__a_break_judges_only_what_was_sent(void **state)
{
    struct script *s = *state;
    struct kt_result r[MANY];
    struct kt_item item[MANY];
    struct kt_item_ref ref[MANY];
    script_begin(s);
    many_pages(s, item, ref);
    answer_pages(s, 0, 20);
    script_then(s, NULL);
    assert_int_equal(push(s, item, MANY, r), KT_UNSURE);
    assert_int_equal(r[0].v.rc, KT_OK);
    is_judged(&r[20], KT_UNSURE, KT_E_PARTNER_ANSWER_LOST);
    is_judged(&r[40], KT_RETRY, KT_E_PARTNER_ANSWER_LOST);
}

/* A refusal of the whole is for flow to halve; but nothing that is done may be sent anew. */
static void files__a_refused_portion_comes_again_alone(void **state)
{
    struct script *s = *state;
    struct kt_result r[MANY];
    struct kt_item item[MANY];
    struct kt_item_ref ref[MANY];
    const char *no = "{\"code\":\"x\",\"message\":\"no\",\"data\":{\"status\":400}}";
    script_begin(s);
    many_pages(s, item, ref);
    answer_pages(s, 0, 20);
    script_then_with(s, "400 Bad Request", no);
    answer_pages(s, 40, 50);
    assert_int_equal(push(s, item, MANY, r), KT_OK);
    assert_int_equal(r[0].v.rc, KT_OK);
    is_judged(&r[20], KT_RETRY, KT_E_CHANNEL_REFUSED);
    assert_int_equal(r[40].v.rc, KT_OK);
    script_begin(s);
    many_pages(s, item, ref);
    script_then_with(s, "400 Bad Request", no);
    assert_int_equal(push(s, item, MANY, r), KT_REJECT);
    assert_int_equal(script_count(s), 1);
}

/* One picture more or less than was sent: nobody knows which is which. */
static void files__of_another_count_are_not_learned(void **state)
{
    struct script *s = *state;
    struct kt_result r[1];
    struct kt_item_ref ref[2] = { { .unit = KT_UNIT_MEDIA, .key = KT_STR("a") },
                                  { .unit = KT_UNIT_MEDIA, .key = KT_STR("b") } };
    struct kt_item item = item_of(KT_UNIT_PRODUCT, "S-1",
                                  "{\"images\":[{\"ref\":\"media a\",\"src\":\"http://x/a\"},"
                                  "{\"ref\":\"media b\",\"src\":\"http://x/b\"}]}");
    item.ref = ref;
    item.refs = 2;
    script_begin(s);
    script_then(s, "{\"create\":[{\"id\":12,\"images\":[{\"id\":71}]}]}");
    assert_int_equal(push(s, &item, 1, r), KT_OK);
    is_done(&r[0], "12");
    assert_null(ref[0].learned_id.p);
    assert_null(ref[1].learned_id.p);
}

static void files__the_picture_of_a_variant_is_learned(void **state)
{
    struct script *s = *state;
    struct kt_result r[1];
    struct kt_item_ref ref = { .unit = KT_UNIT_MEDIA, .key = KT_STR("a") };
    struct kt_item item =
        variant_of("S-1", "12", NULL, "{\"image\":{\"ref\":\"media a\",\"src\":\"http://x/a\"}}");
    item.ref = &ref;
    item.refs = 1;
    script_begin(s);
    script_then(s, "{\"create\":[{\"id\":34,\"image\":{\"id\":71,\"src\":\"http://shop/a\"}}]}");
    assert_int_equal(push(s, &item, 1, r), KT_OK);
    is_done(&r[0], "12/34");
    assert_string_equal(ref.learned_id.p, "71");
}

#define IMAGE_ERROR(code, message)                                                   \
    "{\"create\":[{\"id\":0,\"error\":{\"code\":\"" code "\",\"message\":\"" message \
    "\",\"data\":{\"status\":400}}}]}"

static void files__that_fail_have_their_sentence(void **state)
{
    struct script *s = *state;
    struct kt_result r[1];
    struct kt_item_ref ref[2] = {
        { .unit = KT_UNIT_MEDIA, .key = KT_STR("a"), .remote_id = KT_STR("70") },
        { .unit = KT_UNIT_MEDIA, .key = KT_STR("b") },
    };
    struct kt_item item = item_of(KT_UNIT_PRODUCT, "S-1",
                                  "{\"images\":[{\"ref\":\"media a\",\"src\":\"http://x/a\"},"
                                  "{\"ref\":\"media b\",\"src\":\"http://x/b\"}]}");
    item.ref = ref;
    item.refs = 2;
    script_begin(s);
    script_then(s,
                IMAGE_ERROR("woocommerce_product_invalid_image_id", "#70 is an invalid image ID."));
    assert_int_equal(push(s, &item, 1, r), KT_OK);
    is_judged(&r[0], KT_RETRY, KT_E_CHANNEL_MEDIA_GONE);
    script_begin(s);
    script_then(s, IMAGE_ERROR("woocommerce_product_image_upload_error",
                               "Error getting remote image http://x/b. Error: Not Found"));
    assert_int_equal(push(s, &item, 1, r), KT_OK);
    is_judged(&r[0], KT_REJECT, KT_E_CHANNEL_IMAGE_UNREADABLE);
    says(&r[0], "product S-1: the shop cannot take the picture http://x/b: Error getting remote "
                "image http://x/b. Error: Not Found");
    ref[0].remote_id = (struct kt_str){ NULL, 0 }; /* no id was sent: a file that is no picture */
    script_begin(s);
    script_then(s,
                IMAGE_ERROR("woocommerce_product_invalid_image_id", "#99 is an invalid image ID."));
    assert_int_equal(push(s, &item, 1, r), KT_OK);
    is_judged(&r[0], KT_REJECT, KT_E_CHANNEL_IMAGE_UNREADABLE);
}

/* --- attributes --- */

static void attributes__are_ensured_once(void **state)
{
    struct script *s = *state;
    struct kt_result r[1];
    struct kt_item item =
        item_of(KT_UNIT_PRODUCT, "S-1",
                "{\"attributes\":[{\"global\":true,\"name\":\"Farbe\",\"options\":[\"rot\"],"
                "\"position\":0,\"slug\":\"COLOUR\",\"variation\":true},{\"global\":true,\"name\":"
                "\"Gr\xc3\xb6\xc3\x9f"
                "e\",\"options\":[\"M\"],\"slug\":\"SIZE\"},{\"global\":false,"
                "\"name\":\"Marke\",\"options\":[\"K\"]}]}");
    item.remote_id = KT_STR("12");
    script_begin(s);
    script_then(s, "[{\"id\":3,\"name\":\"Farbe\",\"slug\":\"pa_farbe\"}]");
    script_then(s, "{\"create\":[{\"id\":4,\"name\":\"Gr\xc3\xb6\xc3\x9f"
                   "e\"}]}");
    script_then(s, "[{\"id\":3,\"name\":\"Farbe\",\"slug\":\"pa_farbe\"},"
                   "{\"id\":4,\"name\":\"Gr\xc3\xb6\xc3\x9f"
                   "e\",\"slug\":\"pa_size\"}]");
    script_then(s, "{\"update\":[{\"id\":12}]}");
    script_then(s, "{\"update\":[{\"id\":12}]}");
    assert_int_equal(push(s, &item, 1, r), KT_OK);
    is_done(&r[0], "12");
    script_was(s, 0, "GET " P "/attributes?_fields=id,name,slug", NULL);
    script_was(s, 1, "POST " P "/attributes/batch",
               "{\"create\":[{\"has_archives\":false,\"name\":\"Gr\xc3\xb6\xc3\x9f"
               "e\",\"slug\":\"size\"}]}");
    script_was(s, 3, "POST " P "/batch",
               "{\"create\":[],\"update\":[{\"id\":12,\"attributes\":[{\"id\":3,\"options\":["
               "\"rot\"],\"position\":0,\"variation\":true},{\"id\":4,\"options\":[\"M\"]},"
               "{\"name\":\"Marke\",\"options\":[\"K\"]}]}],\"delete\":[]}");
    assert_int_equal(push(s, &item, 1, r), KT_OK); /* the list is known by now */
    script_was(s, 4, "POST " P "/batch", NULL);
    assert_int_equal(script_count(s), 5);
}

/* Slugs have at most 28 bytes, words of WordPress are refused: a second slug; then a sentence. */
static void attributes__that_the_shop_refuses_are_said(void **state)
{
    struct script *s = *state;
    struct kt_result r[2];
    struct kt_item item[2] = {
        item_of(KT_UNIT_PRODUCT, "S-1",
                "{\"attributes\":[{\"global\":true,\"name\":\"Type\",\"options\":[\"a\"]}]}"),
        item_of(KT_UNIT_PRODUCT, "S-2",
                "{\"attributes\":[{\"global\":true,\"name\":\"A name that is much longer than "
                "28 bytes\",\"options\":[\"a\"]}]}"),
    };
    script_begin(s);
    script_then(s, "[]");
    script_then(s, "{\"create\":[{\"id\":0,\"error\":{\"code\":\"woocommerce_rest_cannot_create\","
                   "\"message\":\"Slug \\\"type\\\" is not allowed\",\"data\":{\"status\":400}}},"
                   "{\"id\":9}]}");
    script_then(s, "[]"); /* the second one was not made after all */
    script_then(s, "{\"create\":[{\"id\":8},{\"id\":0,\"error\":{\"code\":\"x\",\"message\":"
                   "\"no\",\"data\":{\"status\":400}}}]}");
    script_then(s, "[{\"id\":8,\"name\":\"Type\",\"slug\":\"pa_type-k\"}]");
    script_then(s, "{\"create\":[{\"id\":12}]}");
    assert_int_equal(push(s, item, 2, r), KT_OK);
    const struct kt_json *j = NULL;
    struct kt_err e = { 0 };
    assert_int_equal(kt_json_parse(&j, kt_str_of(script_body(s, 1)), s->a, &e), KT_OK);
    struct kt_str slug = kt_json_text_of(kt_json_at(kt_json_get(j, "create"), 1), "slug");
    assert_in_range(slug.n, 20, 28);
    assert_true(kt_str_starts(slug, "a-name-that-is-much"));
    is_done(&r[0], "12");
    is_judged(&r[1], KT_REJECT, KT_E_CHANNEL_REFUSED);
    says(&r[1], "attribute \"A name that is much longer than 28 bytes\": the shop refused it: no "
                "(x)");
    script_was(s, 5, "POST " P "/batch",
               "{\"create\":[{\"attributes\":[{\"id\":8,\"options\":[\"a\"]}]}],\"update\":[],"
               "\"delete\":[]}");
}

static void attributes__lost_answer_is_no_doubt_about_the_page(void **state)
{
    struct script *s = *state;
    struct kt_result r[1];
    struct kt_item item =
        item_of(KT_UNIT_PRODUCT, "S-1",
                "{\"attributes\":[{\"global\":true,\"name\":\"A\",\"options\":[\"a\"]}]}");
    script_begin(s);
    script_then(s, "[]");
    script_then(s, NULL);
    assert_int_equal(push(s, &item, 1, r), KT_RETRY);
    is_judged(&r[0], KT_RETRY, KT_E_PARTNER_ANSWER_LOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refs__become_ids),
        cmocka_unit_test(refs__that_are_not_there_are_said),
        cmocka_unit_test(files__are_uploaded_once),
        cmocka_unit_test(files__go_in_portions),
        cmocka_unit_test(files__of_a_slow_shop_come_later),
        cmocka_unit_test(files__a_break_judges_only_what_was_sent),
        cmocka_unit_test(files__a_refused_portion_comes_again_alone),
        cmocka_unit_test(files__of_another_count_are_not_learned),
        cmocka_unit_test(files__the_picture_of_a_variant_is_learned),
        cmocka_unit_test(files__that_fail_have_their_sentence),
        cmocka_unit_test(attributes__are_ensured_once),
        cmocka_unit_test(attributes__that_the_shop_refuses_are_said),
        cmocka_unit_test(attributes__lost_answer_is_no_doubt_about_the_page),
    };
    return cmocka_run_group_tests(tests, script_start, script_stop);
}
