/* What happens at the edges of what the NAV adapter reads: item numbers that look like filters,
 * rows that come and go while they are walked through, services that are gone, XML written another
 * way, deliveries that were taken back, walks that do not say how much they held. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "talking.h"

static struct playing t;

#define NOTHING KT_STR("")
#define ITEM(key, no) \
    "<KontorItem><Key>" key "</Key><No>" no "</No><Description>Item</Description></KontorItem>"
#define EX "Microsoft.Dynamics.Nav.Types.Exceptions."

static const char *const sides[] = { "KontorItemVariant",     "KontorItemReference",
                                     "KontorItemTranslation", "KontorItemAttribute",
                                     "KontorItemUnit",        "KontorTrackingCode" };

static void give_empty_sides(const char *but)
{
    for (size_t i = 0; i < KT_COUNT(sides); i++) {
        if (but == NULL || strcmp(sides[i], but) != 0)
            give(&t, sides[i], NULL, "");
    }
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

/* --- numbers --- */

/* As NAV's database sorts them, not as their bytes do; each is data in every filter. */
static void numbers__that_look_like_filters(void **state)
{
    (void)state;
    give(&t, "KontorItem", "z9", "");
    give(&t, "KontorItem", NULL,
         ITEM("z1", "'") ITEM("z2", "*") ITEM("z3", "..") ITEM("z4", "&lt;&gt;") ITEM("z5", "@X")
             ITEM("z6", "10") ITEM("z7", "2") ITEM("z8", "A|B") ITEM("z9", "\xc3\x84 1"));
    give_empty_sides(NULL);
    struct kt_page one = pull_from(&t, KT_FEED_CATALOGUE, NOTHING, 9);
    assert_true(one.is_more);
    (void)record(&t, &one, KT_KIND_VARIANT, "nav|A%7CB");
    const char *asked = script_request(&t.nav, "/Page/KontorItemVariant ", 0);
    assert_true(asks(asked, "<Criteria>''''..'\xc3\x84 1'</Criteria>"));
    play_again(&t);
    give(&t, "KontorItem", NULL, "");
    give_empty_sides(NULL);
    struct kt_page two = pull_from(&t, KT_FEED_CATALOGUE, one.next, 9);
    assert_true(asks(script_request(&t.nav, "/Page/KontorItem ", 0),
                     "<Criteria>&gt;'\xc3\x84 1'</Criteria>"));
    assert_false(two.is_more);
    assert_true(two.is_snapshot);
}

/* --- rows that go while somebody walks --- */

/* The row behind which the walk wants to go on was deleted meanwhile. */
static void walk__behind_a_deleted_row_goes_on_by_its_number(void **state)
{
    (void)state;
    give_empty_sides(NULL);
    fault_once(&t, "KontorItem", "bookmarkKey>k2", EX "NavCSideRecordNotFoundException",
               "El producto no existe.");
    give(&t, "KontorItem", "&gt;'1001'", ITEM("k3", "1002"));
    give_once(&t, "KontorItem", NULL, ITEM("k1", "1000") ITEM("k2", "1001"));
    struct kt_page one = pull_from(&t, KT_FEED_CATALOGUE, NOTHING, 2);
    struct kt_page two = pull_from(&t, KT_FEED_CATALOGUE, one.next, 2);
    (void)record(&t, &two, KT_KIND_PRODUCT, "nav|1002");
    assert_true(two.is_snapshot);
}

static void side__behind_a_deleted_row_begins_again_at_its_item(void **state)
{
    (void)state;
#define CODE(key, no, code)                                                     \
    "<KontorItemVariant><Key>" key "</Key><Item_No>" no "</Item_No><Code>" code \
    "</Code></KontorItemVariant>"
    give(&t, "KontorItem", "k1", "");
    give(&t, "KontorItem", NULL, ITEM("k1", "1000"));
    give_empty_sides("KontorItemVariant");
    fault_once(&t, "KontorItemVariant", "bookmarkKey>v2", EX "NavCSideRecordNotFoundException",
               "No existe.");
    give(&t, "KontorItemVariant", "bookmarkKey>v3", "");
    give_once(&t, "KontorItemVariant", NULL, CODE("v1", "1000", "A") CODE("v2", "1000", "B"));
    give_once(&t, "KontorItemVariant", NULL, CODE("v1", "1000", "A") CODE("v3", "1000", "C"));
    struct kt_page page = pull_from(&t, KT_FEED_CATALOGUE, NOTHING, 10);
    (void)record(&t, &page, KT_KIND_VARIANT, "nav|1000.A");
    (void)record(&t, &page, KT_KIND_VARIANT, "nav|1000.C");
    assert_null(change_of(&t, &page, KT_KIND_VARIANT, "nav|1000.B"));
    assert_int_equal(page.changes.count, 3); /* no row twice */
}

/* --- services that are gone --- */

/* A web server whose NAV is just starting, or a proxy, knows no address at all: that says nothing
 * about what the site publishes, and must not empty every article. */
static void side__of_a_server_that_starts_is_not_absent(void **state)
{
    (void)state;
    give(&t, "KontorItem", NULL, ITEM("k1", "1000"));
    give_empty_sides("KontorItemAttribute");
    script_add(&t.nav, "/Page/KontorItemAttribute ", NULL, "404 Not Found",
               "<html><h2>Not Found</h2></html>", 0);
    struct kt_err e = pull_fails(&t, KT_FEED_CATALOGUE, NOTHING, KT_CONFIG);
    assert_int_equal(e.v.code, KT_E_PARTNER_NOT_FOUND);
}

/* Articles with variants would all be sold under other numbers. */
static void variants__are_done_without_on_purpose_alone(void **state)
{
    static const char *const without[] = { "variant" };
    (void)state;
    give(&t, "KontorItem", NULL, ITEM("k1", "1000"));
    give_empty_sides("KontorItemVariant");
    fault_once(&t, "KontorItemVariant", NULL,
               "Microsoft.Dynamics.Nav.Service.WebServices.ServiceNotFoundException", "no");
    struct kt_err e = pull_fails(&t, KT_FEED_CATALOGUE, NOTHING, KT_CONFIG);
    assert_int_equal(e.v.code, KT_E_PARTNER_NOT_FOUND);
    t.conf.without = (struct kt_conf_texts){ without, 1 };
    play_again(&t);
    give(&t, "KontorItem", NULL, ITEM("k1", "1000"));
    give_empty_sides("KontorItemVariant");
    struct kt_page page = pull_from(&t, KT_FEED_CATALOGUE, NOTHING, 10);
    (void)record(&t, &page, KT_KIND_VARIANT, "nav|1000");
}

/* --- XML written another way --- */

static void xml__with_prefixes_comments_cdata_and_nil(void **state)
{
    (void)state;
    script_add(&t.nav, "/Page/KontorItem ", "bookmarkKey", "200 OK", rows_of(&t, "KontorItem", ""),
               0);
    script_add(&t.nav, "/Page/KontorItem ", NULL, "200 OK",
               "<?xml version=\"1.0\"?><s:Envelope "
               "xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" "
               "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><s:Body>"
               "<n:ReadMultiple_Result xmlns:n=\"urn:microsoft-dynamics-schemas/page/kontoritem\">"
               "<!-- one --><n:ReadMultiple_Result>\n <n:KontorItem><n:Key>k1</n:Key>"
               "<n:No>10<!-- in the middle -->00</n:No><n:Description><![CDATA[A <b> & C]]>"
               "</n:Description><n:Blocked>1</n:Blocked><n:Net_Weight>0</n:Net_Weight>"
               "<n:GTIN xsi:nil=\"true\"/><n:Item_Category_Code/></n:KontorItem>\n"
               "</n:ReadMultiple_Result></n:ReadMultiple_Result></s:Body></s:Envelope>",
               0);
    give_empty_sides(NULL);
    struct kt_page page = pull_from(&t, KT_FEED_CATALOGUE, NOTHING, 10);
    const struct kt_product *p = record(&t, &page, KT_KIND_PRODUCT, "nav|1000");
    is_text(((const struct kt_text *)p->texts.item)[0].name, "A <b> & C");
    assert_int_equal(p->lifecycle, KT_DISCONTINUED);
    const struct kt_variant *v = record(&t, &page, KT_KIND_VARIANT, "nav|1000");
    assert_false(KT_HAS(v, kt_variant_shape, net_weight));
    assert_int_equal(v->gtins.count, 0);
}

/* --- deliveries --- */

#define LINE(key, line, quantity)                                                          \
    "<Kontor_Shipment_Line><Key>" key "</Key><Line_No>" line "</Line_No><Type>Item</Type>" \
    "<No>1000</No><Quantity>" quantity "</Quantity><Kontor_Line>item-1</Kontor_Line>"      \
    "</Kontor_Shipment_Line>"
#define SHIPMENT(no, lines)                                                           \
    "<KontorShipment><Key>s" no "</Key><No>" no "</No><Kontor_Key>KABC</Kontor_Key>"  \
    "<Posting_Date>2026-11-20</Posting_Date><ShipmentLines>" lines "</ShipmentLines>" \
    "</KontorShipment>"

/* "Undo shipment" leaves the line and adds its opposite: nothing of it left the house. */
static void delivery__that_was_undone_is_none(void **state)
{
    (void)state;
    give_once(&t, "KontorShipment", NULL,
              SHIPMENT("1", LINE("a", "10000", "2") LINE("b", "15000", "-2")) SHIPMENT(
                  "2", LINE("c", "10000", "2") LINE("d", "15000", "-2") LINE("e", "20000", "3")));
    give(&t, "KontorShipment", NULL, "");
    give(&t, "KontorItemLedger", NULL, "");
    give(&t, "KontorTrackingCode", NULL, "");
    struct kt_page page = pull_from(&t, KT_FEED_SHIPMENTS, NOTHING, 100);
    assert_int_equal(page.shipments.count, 1);
    assert_int_equal(page.shipments.item[0].lines.count, 1);
    const struct kt_shipment_line *line = page.shipments.item[0].lines.item;
    is_text(line[0].id, "20000");
}

/* --- walks of the codeunit --- */

#define P(name, value) "<p:" name ">" value "</p:" name ">"

/* The count is what a cut walk is noticed by: one without it must not delete what it lacks. */
static void walk__that_does_not_say_what_it_held_is_not_whole(void **state)
{
    (void)state;
    told(&t, "ReadPrices", "prices", 50141,
         P("NextAfter", "") P("IsLast", "true") P("Total", "-1"));
    struct kt_err e = pull_fails(&t, KT_FEED_PRICES, NOTHING, KT_RETRY);
    assert_int_equal(e.v.code, KT_E_PARTNER_ANSWER_INCOMPLETE);
    told(&t, "ReadStock", "stock", 50142,
         P("NextAfter", "D;1") P("IsLast", "true") P("IsSnapshot", "true"));
    (void)pull_fails(&t, KT_FEED_STOCK, NOTHING, KT_RETRY);
    told(&t, "ReadStock", "stock", 50142,
         P("NextAfter", "D;1") P("IsLast", "true") P("IsSnapshot", "false"));
    struct kt_page page = pull_from(&t, KT_FEED_STOCK, KT_STR("D;0"), 10);
    assert_false(page.has_total);
}

#define EACH(name) cmocka_unit_test_setup_teardown(name, each_set_up, each_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(numbers__that_look_like_filters),
        EACH(walk__behind_a_deleted_row_goes_on_by_its_number),
        EACH(side__behind_a_deleted_row_begins_again_at_its_item),
        EACH(side__of_a_server_that_starts_is_not_absent),
        EACH(variants__are_done_without_on_purpose_alone),
        EACH(xml__with_prefixes_comments_cdata_and_nil),
        EACH(delivery__that_was_undone_is_none),
        EACH(walk__that_does_not_say_what_it_held_is_not_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
