/* How the NAV adapter walks through pages: bookmarks within a session, key values beyond it,
 * changes by day, side tables by range or by list, pages that are missing, faults. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "playing.h"

static struct playing t;

#define KEY(n) "<Key>24;GwAAAAJ7" n ";</Key>"
#define ITEM(n)                                                                 \
    "<KontorItem>" KEY(n) "<No>" n "</No><Description>Item " n "</Description>" \
                          "<Base_Unit_of_Measure>PCS</Base_Unit_of_Measure></KontorItem>"
#define NOTHING KT_STR("")

static const char *const sides[] = { "KontorItemVariant",     "KontorItemReference",
                                     "KontorItemTranslation", "KontorItemAttribute",
                                     "KontorItemUnit",        "KontorTrackingCode" };

/* All side tables are there and empty, behind what the test gives itself. */
static void give_empty_sides(void)
{
    for (size_t i = 0; i < KT_COUNT(sides); i++)
        give(&t, sides[i], NULL, "");
}

static const char *item_request(int n)
{
    return script_request(&t.nav, "/Page/KontorItem ", n);
}

static bool asks(const char *request, const char *what)
{
    return request != NULL && strstr(request, what) != NULL;
}

static int each_set_up(void **state)
{
    (void)state;
    if (play_start(&t) != 0)
        return -1;
    play_open(&t);
    return 0;
}

static int each_tear_down(void **state)
{
    (void)state;
    return play_stop(&t);
}

static void walk__goes_on_by_bookmark_to_an_empty_page(void **state)
{
    (void)state;
    give(&t, "KontorItem", "GwAAAAJ71003", "");
    give(&t, "KontorItem", "GwAAAAJ71001", ITEM("1002") ITEM("1003"));
    give(&t, "KontorItem", NULL, ITEM("1000") ITEM("1001"));
    give_empty_sides();
    struct kt_page one = pull_from(&t, KT_FEED_CATALOGUE, NOTHING, 2);
    assert_true(one.is_more && one.is_snapshot && one.begun_us > 0 && !one.has_total);
    assert_int_equal(one.changes.count, 4);
    assert_null(strstr(one.next.p, "GwAA")); /* row keys are not stored */
    struct kt_page two = pull_from(&t, KT_FEED_CATALOGUE, one.next, 2);
    assert_true(two.is_more && two.is_snapshot);
    (void)record(&t, &two, KT_KIND_VARIANT, "nav|1003");
    struct kt_page three = pull_from(&t, KT_FEED_CATALOGUE, two.next, 2);
    assert_true(!three.is_more && three.is_snapshot && three.changes.count == 0);
    assert_true(three.next.n > 0 && three.next.p[0] == 'w');
    const char *first = item_request(0);
    assert_true(asks(first, "POST /NAV/WS/CRONUS%20AG/Page/KontorItem HTTP"));
    assert_true(asks(first, "SOAPAction: \"urn:microsoft-dynamics-schemas/page/"
                            "kontoritem:ReadMultiple\""));
    assert_true(asks(first, "<filter><Field>No</Field><Criteria></Criteria></filter>"
                            "<setSize>2</setSize>"));
    assert_true(asks(item_request(1), "<bookmarkKey>24;GwAAAAJ71001;</bookmarkKey>"));
    assert_int_equal(script_count(&t.nav, "/Page/KontorItem "), 3);
}

static void walk__ends_with_a_page_that_is_shorter_than_others_were(void **state)
{
    (void)state;
    give(&t, "KontorItem", "GwAAAAJ71001", ITEM("1002"));
    give(&t, "KontorItem", NULL, ITEM("1000") ITEM("1001"));
    give_empty_sides();
    struct kt_page one = pull_from(&t, KT_FEED_CATALOGUE, NOTHING, 2);
    struct kt_page two = pull_from(&t, KT_FEED_CATALOGUE, one.next, 2);
    assert_false(two.is_more);
    assert_int_equal(script_count(&t.nav, "/Page/KontorItem "), 2);
}

/* The server gives out two rows at most, whatever is asked for: nothing may be lost by that. */
static void walk__survives_a_limit_of_the_server(void **state)
{
    (void)state;
    give(&t, "KontorItem", "GwAAAAJ71003", "");
    give(&t, "KontorItem", "GwAAAAJ71001", ITEM("1002") ITEM("1003"));
    give(&t, "KontorItem", NULL, ITEM("1000") ITEM("1001"));
    give_empty_sides();
    struct kt_page page = pull_from(&t, KT_FEED_CATALOGUE, NOTHING, 100);
    size_t seen = page.changes.count;
    while (page.is_more) {
        page = pull_from(&t, KT_FEED_CATALOGUE, page.next, 100);
        seen += page.changes.count;
    }
    assert_int_equal(seen, 8);
}

static void walk__of_another_session_goes_on_behind_the_last_number(void **state)
{
    (void)state;
    give(&t, "KontorItem", NULL, ITEM("1000") ITEM("10'1"));
    give_empty_sides();
    struct kt_page one = pull_from(&t, KT_FEED_CATALOGUE, NOTHING, 2);
    struct kt_str token = kt_str_copy(t.arena, one.next);
    play_again(&t);
    give(&t, "KontorItem", NULL, ITEM("1002"));
    give_empty_sides();
    struct kt_page two = pull_from(&t, KT_FEED_CATALOGUE, token, 2);
    assert_true(two.is_snapshot && two.begun_us == one.begun_us);
    assert_true(asks(item_request(0), "<Criteria>&gt;&apos;10&apos;&apos;1&apos;</Criteria>") ||
                asks(item_request(0), "<Criteria>&gt;'10''1'</Criteria>"));
    assert_false(asks(item_request(0), "bookmarkKey"));
}

static void walk__with_a_stale_bookmark_goes_on_behind_the_last_number(void **state)
{
    (void)state;
    give_once(&t, "KontorItem", NULL, ITEM("1000") ITEM("1001"));
    fault_once(&t, "KontorItem", "bookmarkKey",
               "Microsoft.Dynamics.Nav.Service.WebServices.ServiceBrokerException",
               "Otro usuario ha modificado");
    give(&t, "KontorItem", "1001", ITEM("1002"));
    give_empty_sides();
    struct kt_page one = pull_from(&t, KT_FEED_CATALOGUE, NOTHING, 2);
    struct kt_page two = pull_from(&t, KT_FEED_CATALOGUE, one.next, 2);
    (void)record(&t, &two, KT_KIND_VARIANT, "nav|1002");
    assert_true(asks(item_request(1), "bookmarkKey"));
    assert_false(asks(item_request(2), "bookmarkKey"));
    assert_true(asks(item_request(2), "1001"));
}

static void walk__in_another_order_than_that_of_numbers_is_refused(void **state)
{
    (void)state;
    give(&t, "KontorItem", NULL, ITEM("1001") ITEM("1000"));
    struct kt_err e = pull_fails(&t, KT_FEED_CATALOGUE, NOTHING, KT_CONFIG);
    assert_int_equal(e.v.code, KT_E_PARTNER_NOT_API);
}

/* --- changes --- */

static struct kt_str rested(void)
{
    give(&t, "KontorItem", NULL, "");
    give_empty_sides();
    struct kt_page page = pull_from(&t, KT_FEED_CATALOGUE, NOTHING, 100);
    struct kt_str token = kt_str_copy(t.arena, page.next);
    play_again(&t);
    return token;
}

static void changes__are_asked_for_by_day_and_by_name(void **state)
{
    (void)state;
    struct kt_str token = rested();
    char day[16];
    kt_day_text(kt_day_of(kt_now_us() - KT_DAY_US), day);
    give(&t, "KontorItem", NULL, ITEM("1000") ITEM("2000"));
    give_once(&t, "KontorItemVariant", "1000",
              "<KontorItemVariant>" KEY(
                  "v") "<Item_No>1000</Item_No><Code>RED</Code>"
                       "<Description>Item 1000, Red</Description></KontorItemVariant>");
    give_empty_sides();
    struct kt_page page = pull_from(&t, KT_FEED_CATALOGUE, token, 100);
    assert_false(page.is_snapshot);
    const char *wanted = kt_format(t.arena,
                                   "<filter><Field>Last_Date_Modified</Field><Criteria>"
                                   "%.2s.%.2s.%.2s..</Criteria></filter>",
                                   day + 8, day + 5, day + 2);
    assert_true(asks(item_request(0), wanted));
    const char *side = script_request(&t.nav, "/Page/KontorItemUnit ", 0);
    assert_true(asks(side, "1000") && asks(side, "|") && asks(side, "2000") && !asks(side, ".."));
    /* it was an article of its own before it had variants */
    const struct kt_change *gone = change_of(&t, &page, KT_KIND_VARIANT, "nav|1000");
    assert_true(gone != NULL && gone->is_deleted && gone->fault == NULL);
    (void)record(&t, &page, KT_KIND_VARIANT, "nav|1000.RED");
}

static void changes__ask_nav_how_it_writes_days(void **state)
{
    (void)state;
    struct kt_str token = rested();
    t.conf.date_format = NULL;
    play_again(&t);
    script_add(&t.nav, "/Codeunit/KontorService ", "Info", "200 OK",
               "<Soap:Envelope xmlns:Soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><Soap:Body>"
               "<Info_Result xmlns=\"urn:microsoft-dynamics-schemas/codeunit/KontorService\">"
               "<info><Contract xmlns=\"urn:microsoft-dynamics-nav/xmlports/x50140\">1</Contract>"
               "<Database xmlns=\"urn:microsoft-dynamics-nav/xmlports/x50140\">NAVDB</Database>"
               "<Company xmlns=\"urn:microsoft-dynamics-nav/xmlports/x50140\">CRONUS AG</Company>"
               "<DateSample xmlns=\"urn:microsoft-dynamics-nav/xmlports/x50140\">12/31/2001"
               "</DateSample></info></Info_Result></Soap:Body></Soap:Envelope>",
               0);
    give(&t, "KontorItem", NULL, "");
    give_empty_sides();
    (void)pull_from(&t, KT_FEED_CATALOGUE, token, 100);
    (void)pull_from(&t, KT_FEED_CATALOGUE, token, 100);
    char day[16];
    kt_day_text(kt_day_of(kt_now_us() - KT_DAY_US), day);
    const char *wanted =
        kt_format(t.arena, "<Criteria>%.2s/%.2s/%.4s..</Criteria>", day + 5, day + 8, day);
    assert_true(asks(item_request(0), wanted) && asks(item_request(1), wanted));
    assert_int_equal(script_count(&t.nav, "/Codeunit/"), 1); /* once a session */
}

/* --- side tables --- */

static void side__rows_are_asked_for_by_range_in_a_walk(void **state)
{
    (void)state;
    give(&t, "KontorItem", NULL, ITEM("1000") ITEM("1001") ITEM("1009"));
    give_empty_sides();
    (void)pull_from(&t, KT_FEED_CATALOGUE, NOTHING, 100);
    const char *side = script_request(&t.nav, "/Page/KontorItemAttribute ", 0);
    assert_true(asks(side, "<Field>Item_No</Field>") && asks(side, "1000") && asks(side, "..") &&
                asks(side, "1009") && !asks(side, "1001"));
}

#define TRANSLATION(item, code, text)                                                          \
    "<KontorItemTranslation>" KEY(item code) "<Item_No>" item "</Item_No><Language_Code>" code \
                                             "</Language_Code><Description>" text              \
                                             "</Description></KontorItemTranslation>"

/* The row behind which we went on was changed: what was read of its item is read again. */
static void side__with_a_stale_bookmark_begins_again_at_the_last_item(void **state)
{
    (void)state;
    give(&t, "KontorItem", NULL, ITEM("1000") ITEM("1001") ITEM("1002"));
    give_once(&t, "KontorItemTranslation", "1000",
              TRANSLATION("1000", "ENU", "one") TRANSLATION("1001", "ENU", "two"));
    fault_once(&t, "KontorItemTranslation", "bookmarkKey",
               "Microsoft.Dynamics.Nav.Service.WebServices.ServiceBrokerException", "x");
    give_once(&t, "KontorItemTranslation", "1001",
              TRANSLATION("1001", "ENU", "two") TRANSLATION("1001", "FRA", "deux")
                  TRANSLATION("1002", "ENU", "three"));
    give_empty_sides();
    struct kt_page page = pull_from(&t, KT_FEED_CATALOGUE, NOTHING, 100);
    static const size_t texts[] = { 2, 3, 2 };
    for (int i = 0; i < 3; i++) {
        const struct kt_product *p =
            record(&t, &page, KT_KIND_PRODUCT, kt_format(t.arena, "nav|100%d", i));
        assert_int_equal(p->texts.count, texts[i]);
    }
}

static void side__that_leads_back_to_itself_is_no_endless_walk(void **state)
{
    (void)state;
    give(&t, "KontorItem", NULL, ITEM("1000"));
    give(&t, "KontorItemTranslation", NULL, TRANSLATION("1000", "ENU", "one"));
    give_empty_sides();
    struct kt_err e = pull_fails(&t, KT_FEED_CATALOGUE, NOTHING, KT_RETRY);
    assert_int_equal(e.v.code, KT_E_PARTNER_ANSWER_INCOMPLETE);
}

static void side__that_changes_without_end_is_tried_later(void **state)
{
    (void)state;
    give(&t, "KontorItem", NULL, ITEM("1000"));
    for (int i = 0; i < 9; i++)
        fault_once(&t, "KontorItemTranslation", "bookmarkKey",
                   "Microsoft.Dynamics.Nav.Service.WebServices.ServiceBrokerException", "x");
    give(&t, "KontorItemTranslation", NULL, TRANSLATION("1000", "ENU", "one"));
    give_empty_sides();
    struct kt_err e = pull_fails(&t, KT_FEED_CATALOGUE, NOTHING, KT_RETRY);
    assert_int_equal(e.v.code, KT_E_PARTNER_ANSWER_INCOMPLETE);
}

static void side__that_is_not_published_is_asked_for_once_a_run(void **state)
{
    (void)state;
    give(&t, "KontorItem", "GwAAAAJ71001", ITEM("1002"));
    give(&t, "KontorItem", NULL, ITEM("1000") ITEM("1001"));
    for (size_t i = 0; i < KT_COUNT(sides); i++) {
        if (strcmp(sides[i], "KontorItemTranslation") != 0)
            give(&t, sides[i], NULL, "");
    }
    for (int run = 0; run < 2; run++)
        fault_once(&t, "KontorItemTranslation", NULL,
                   "Microsoft.Dynamics.Nav.Service.WebServices.ServiceNotFoundException", "no");
    struct kt_page one = pull_from(&t, KT_FEED_CATALOGUE, NOTHING, 2);
    (void)record(&t, &one, KT_KIND_PRODUCT, "nav|1000");
    (void)pull_from(&t, KT_FEED_CATALOGUE, one.next, 2);
    assert_int_equal(script_count(&t.nav, "/Page/KontorItemTranslation "), 1);
    (void)pull_from(&t, KT_FEED_CATALOGUE, NOTHING, 2); /* a new run: it may be there by now */
    assert_int_equal(script_count(&t.nav, "/Page/KontorItemTranslation "), 2);
}

/* Going on without it would take the texts away from every article. */
static void side__that_was_there_and_is_gone_stops_the_run(void **state)
{
    (void)state;
    give(&t, "KontorItem", NULL, ITEM("1000"));
    for (size_t i = 0; i < KT_COUNT(sides); i++) {
        if (strcmp(sides[i], "KontorItemTranslation") != 0)
            give(&t, sides[i], NULL, "");
    }
    give_once(&t, "KontorItemTranslation", NULL, "");
    (void)pull_from(&t, KT_FEED_CATALOGUE, NOTHING, 2);
    struct kt_err e = pull_fails(&t, KT_FEED_CATALOGUE, NOTHING, KT_CONFIG);
    assert_int_equal(e.v.code, KT_E_PARTNER_NOT_FOUND);
}

static void side__that_the_settings_spare_is_never_asked_for(void **state)
{
    (void)state;
    static const char *const without[] = { "translation", "tracking", "customer" };
    t.conf.without = (struct kt_conf_texts){ without, 3 };
    play_again(&t);
    give(&t, "KontorItem", NULL, ITEM("1000"));
    give_empty_sides();
    (void)pull_from(&t, KT_FEED_CATALOGUE, NOTHING, 2);
    assert_int_equal(script_count(&t.nav, "/Page/KontorItemTranslation "), 0);
    assert_int_equal(script_count(&t.nav, "/Page/KontorTrackingCode "), 0);
    struct kt_page page = pull_from(&t, KT_FEED_CUSTOMERS, NOTHING, 10);
    assert_true(!page.is_snapshot && !page.is_more && page.next.n > 0); /* deletes nobody */
}

/* --- faults --- */

#define EX "Microsoft.Dynamics.Nav.Types.Exceptions."

static void fault__is_judged_by_its_type(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        enum kt_rc rc;
        enum kt_code code;
    } known[] = {
        { EX "NavNCLDialogException", KT_RETRY, KT_E_PARTNER_FAULT },
        { EX "NavCSideSQLLockTimeoutException", KT_RETRY, KT_E_PARTNER_FAULT },
        { EX "NavNCLCallbackNotAllowedException", KT_CONFIG, KT_E_PARTNER_ASKS_BACK },
        { EX "NavCSideFilterException", KT_CONFIG, KT_E_PARTNER_FAULT },
        { EX "NavPermissionException", KT_CONFIG, KT_E_PARTNER_FAULT },
        { EX "NavCompanyNotFoundException", KT_CONFIG, KT_E_PARTNER_SETTING },
        { EX "ServiceNotFoundException", KT_CONFIG, KT_E_PARTNER_NOT_FOUND },
        { EX "NavSomethingNewException", KT_RETRY, KT_E_PARTNER_FAULT },
    };
    for (size_t i = 0; i < KT_COUNT(known); i++) {
        fault_once(&t, "KontorItem", NULL, known[i].type, "[001] El producto 8 ya existe.");
        struct kt_err e = pull_fails(&t, KT_FEED_CATALOGUE, NOTHING, known[i].rc);
        assert_int_equal(e.v.code, known[i].code);
        assert_int_equal(e.v.reach, KT_ENDPOINT);
        assert_non_null(strstr(e.trail, strrchr(known[i].type, '.') + 1));
    }
}

static void answer__of_somebody_else_is_tried_later(void **state)
{
    (void)state;
    script_add(&t.nav, "KontorItem ", NULL, "200 OK", "<html><body>Login</body></html>", 1);
    assert_int_equal(pull_fails(&t, KT_FEED_CATALOGUE, NOTHING, KT_RETRY).v.code,
                     KT_E_PARTNER_NOT_API);
    script_add(&t.nav, "KontorItem ", NULL, "200 OK",
               "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body>"
               "<Other/></e:Body></e:Envelope>",
               1);
    assert_int_equal(pull_fails(&t, KT_FEED_CATALOGUE, NOTHING, KT_RETRY).v.code,
                     KT_E_PARTNER_NOT_API);
    const char *cut = rows_of(&t, "KontorItem", ITEM("1000"));
    script_add(&t.nav, "KontorItem ", NULL, "200 OK",
               kt_format(t.arena, "%.*s", (int)strlen(cut) - 30, cut), 1);
    assert_int_equal(pull_fails(&t, KT_FEED_CATALOGUE, NOTHING, KT_RETRY).v.code,
                     KT_E_PARTNER_ANSWER_INCOMPLETE);
}

static void page__item_that_is_not_published_is_said(void **state)
{
    (void)state;
    struct kt_err e = pull_fails(&t, KT_FEED_CATALOGUE, NOTHING, KT_CONFIG);
    assert_int_equal(e.v.code, KT_E_PARTNER_NOT_FOUND);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, each_set_up, each_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(walk__goes_on_by_bookmark_to_an_empty_page),
        EACH(walk__ends_with_a_page_that_is_shorter_than_others_were),
        EACH(walk__survives_a_limit_of_the_server),
        EACH(walk__of_another_session_goes_on_behind_the_last_number),
        EACH(walk__with_a_stale_bookmark_goes_on_behind_the_last_number),
        EACH(walk__in_another_order_than_that_of_numbers_is_refused),
        EACH(changes__are_asked_for_by_day_and_by_name),
        EACH(changes__ask_nav_how_it_writes_days),
        EACH(side__rows_are_asked_for_by_range_in_a_walk),
        EACH(side__with_a_stale_bookmark_begins_again_at_the_last_item),
        EACH(side__that_leads_back_to_itself_is_no_endless_walk),
        EACH(side__that_changes_without_end_is_tried_later),
        EACH(side__that_is_not_published_is_asked_for_once_a_run),
        EACH(side__that_was_there_and_is_gone_stops_the_run),
        EACH(side__that_the_settings_spare_is_never_asked_for),
        EACH(fault__is_judged_by_its_type),
        EACH(answer__of_somebody_else_is_tried_later),
        EACH(page__item_that_is_not_published_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
