/* Documents of orders: what was shown never changes, what was valid follows what becomes known, and
 * where they differ a person is told, once. */
#include "test_flow_papers_kit.h"

#include "flow/order_parts.h"
#include "flow/retry.h"
#include "store/facts.h"

#define DOC "declaration_of_conformity"

static struct kt_kind_rule rules[] = {
    { .type = "safety_notice", .basis = KT_BASIS_DISPATCH, .keep_years = 10, .is_public = true },
    { .type = "test_report", .basis = KT_BASIS_BATCH, .keep_years = 10, .is_public = true }
};

static int open_fake(void **state)
{
    static struct fake f;
    fake_open(&f);
    f.site.documents =
        (struct kt_documents_site){ .is_on = true, .kind = rules, .kinds = KT_COUNT(rules) };
    fake_article(&f, "A-1", "Leuchte");
    fake_out(&f);
    *state = &f;
    return 0;
}

static int close_fake(void **state)
{
    fake_close(*state);
    return 0;
}

static void close_exception(struct fake *f, enum kt_code code)
{
    struct kt_err e = { 0 };
    struct kt_exception x;
    const char *what = NULL;
    assert_int_equal(papers_open(f, code, &x), 1);
    PAPERS_MUST(kt_retry_exception(&f->work, &x, &what, &e));
    assert_int_equal(papers_open(f, code, NULL), 0);
}

static const char *param(const struct kt_exception *x, const char *name)
{
    for (size_t i = 0; i < KT_PARAMS && x->v.param[i].name != NULL; i++) {
        if (strcmp(x->v.param[i].name, name) == 0)
            return x->v.param[i].value;
    }
    return "";
}

/* The order was placed while version 1 was shown; it comes in when version 2 is. */
static void begin__keeps_what_was_shown_when_the_order_was_placed(void **state)
{
    struct fake *f = *state;
    struct kt_document *one = papers_doc(f, "D", "1", 'a', "2023-01-01", "2023-11-30", "A-1");
    struct kt_document *two = papers_doc(f, "D", "2", 'b', "2023-12-01", "", "A-1");
    papers_say(f, one);
    papers_say(f, two);
    papers_show_one(f, "A-1", one, PAPERS_PLACED_US - KT_DAY_US);
    papers_show_one(f, "A-1", two, PAPERS_PLACED_US + 20 * KT_DAY_US);
    fake_order(f, "1001", "A-1", "19.90");
    papers_fetch(f);
    assert_string_equal(papers_of(f, "1001", "item-1", DOC, true), "shown a;valid a;");
    papers_fetch(f); /* the same again */
    assert_string_equal(papers_of(f, "1001", "item-1", DOC, true), "shown a;valid a;");
    assert_int_equal(fake_open_exceptions(f), 0);
}

static void step__late_correction_changes_valid_and_not_shown(void **state)
{
    struct fake *f = *state;
    struct kt_exception x;
    struct kt_document *one = papers_doc(f, "D", "1", 'a', "2023-01-01", "", "A-1");
    struct kt_document *corrected = papers_doc(f, "D", "1", 'b', "2023-01-01", "", "A-1");
    papers_say(f, one);
    papers_show_one(f, "A-1", one, PAPERS_PLACED_US - KT_DAY_US);
    fake_order(f, "1001", "A-1", "19.90");
    papers_fetch(f);
    assert_int_equal(fake_open_exceptions(f), 0);
    papers_say(f, corrected);
    papers_settle(f);
    assert_string_equal(papers_of(f, "1001", "item-1", DOC, true), "shown a;valid a!;valid b;");
    assert_int_equal(papers_open(f, KT_E_DOCUMENT_REPLACED, &x), 1);
    assert_string_equal(x.key.p, "s|D|1 replaced");
    assert_int_equal(papers_open(f, KT_E_DOCUMENTS_DIFFER, &x), 1);
    assert_string_equal(x.subject, "document");
    assert_string_equal(x.endpoint.p, "shop");
    assert_string_equal(x.key.p, fake_row_of(f, "1001").our_key.p);
    assert_string_equal(param(&x, "order"), "1001");
    assert_string_equal(param(&x, "sku"), "A-1");
    assert_string_equal(param(&x, "kind"), DOC);
    assert_string_equal(param(&x, "shown"), "D/1 (aaaaaaaa)");
    assert_string_equal(param(&x, "valid"), "D/1 (bbbbbbbb)");
    papers_say(f, one); /* taken back: the history stays */
    papers_settle(f);
    assert_string_equal(papers_of(f, "1001", "item-1", DOC, true),
                        "shown a;valid a!;valid b!;valid a;");
    assert_int_equal(papers_open(f, KT_E_DOCUMENTS_DIFFER, NULL), 0);
}

/* A version that counted from before the order comes to be known afterwards. */
static void step__late_arrival_names_both_versions(void **state)
{
    struct fake *f = *state;
    struct kt_exception x;
    struct kt_document *one = papers_doc(f, "D", "1", 'a', "2023-01-01", "", "A-1");
    papers_say(f, one);
    papers_show_one(f, "A-1", one, PAPERS_PLACED_US - KT_DAY_US);
    fake_order(f, "1001", "A-1", "19.90");
    papers_fetch(f);
    papers_say(f, papers_doc(f, "D", "2", 'b', "2023-11-14", "", "A-1"));
    papers_settle(f);
    assert_string_equal(papers_of(f, "1001", "item-1", DOC, false), "shown a;valid b;");
    assert_int_equal(papers_open(f, KT_E_DOCUMENTS_DIFFER, &x), 1);
    assert_string_equal(param(&x, "shown"), "D/1");
    assert_string_equal(param(&x, "valid"), "D/2");
}

static void differ__what_a_person_closed_stays_closed_until_something_else_differs(void **state)
{
    struct fake *f = *state;
    struct kt_document *one = papers_doc(f, "D", "1", 'a', "2023-01-01", "", "A-1");
    struct kt_document *two = papers_doc(f, "D", "2", 'b', "2023-11-01", "", "A-1");
    papers_say(f, one);
    papers_show_one(f, "A-1", one, PAPERS_PLACED_US - KT_DAY_US);
    fake_order(f, "1001", "A-1", "19.90");
    papers_fetch(f);
    papers_say(f, two);
    papers_settle(f);
    close_exception(f, KT_E_DOCUMENTS_DIFFER);
    KT_PUT(two, kt_document_shape, file_name, KT_STR("new.pdf")); /* the same content */
    papers_say(f, two);
    papers_settle(f);
    assert_int_equal(papers_open(f, KT_E_DOCUMENTS_DIFFER, NULL), 0);
    papers_say(f, papers_doc(f, "D", "3", 'c', "2023-11-02", "", "A-1"));
    papers_settle(f);
    assert_int_equal(papers_open(f, KT_E_DOCUMENTS_DIFFER, NULL), 1);
}

static void differ__shown_without_any_that_was_valid_is_told(void **state)
{
    struct fake *f = *state;
    struct kt_exception x;
    struct kt_document *one = papers_doc(f, "D", "1", 'a', "2023-01-01", "2023-11-01", "A-1");
    papers_say(f, one);
    papers_show_one(f, "A-1", one, PAPERS_PLACED_US - 30 * KT_DAY_US); /* and it still stands */
    fake_order(f, "1001", "A-1", "19.90");
    papers_fetch(f);
    assert_string_equal(papers_of(f, "1001", "item-1", DOC, false), "shown a;");
    assert_int_equal(papers_open(f, KT_E_DOCUMENTS_DIFFER, &x), 1);
    assert_string_equal(param(&x, "valid"), "-");
    close_exception(f, KT_E_DOCUMENTS_DIFFER);
    papers_say(f, papers_doc(f, "OTHER", "1", 'x', "2025-01-01", "", "A-1")); /* marks the line */
    papers_settle(f);
    assert_int_equal(papers_open(f, KT_E_DOCUMENTS_DIFFER, NULL), 0);
}

/* Nobody knows what a shop showed before Kontor put anything there. */
static void differ__not_told_where_nothing_was_ever_shown(void **state)
{
    struct fake *f = *state;
    struct kt_document *one = papers_doc(f, "D", "1", 'a', "2023-01-01", "", "A-1");
    papers_say(f, one);
    fake_order(f, "1001", "A-1", "19.90");
    papers_fetch(f);
    assert_string_equal(papers_of(f, "1001", "item-1", DOC, false), "valid a;");
    papers_show_one(f, "A-1", one, kt_now_us()); /* later: that says nothing of then */
    papers_say(f, papers_doc(f, "D", "2", 'b', "2023-11-14", "", "A-1"));
    papers_settle(f);
    assert_string_equal(papers_of(f, "1001", "item-1", DOC, false), "valid b;");
    assert_int_equal(papers_open(f, KT_E_DOCUMENTS_DIFFER, NULL), 0);
}

static void differ__told_where_other_documents_were_shown_but_not_this_one(void **state)
{
    struct fake *f = *state;
    struct kt_exception x;
    struct kt_document *sheet = papers_doc(f, "S", "1", 's', "2023-01-01", "", "A-1");
    KT_PUT(sheet, kt_document_shape, type, KT_STR("data_sheet"));
    papers_say(f, sheet);
    papers_show_one(f, "A-1", sheet, PAPERS_PLACED_US - KT_DAY_US);
    fake_order(f, "1001", "A-1", "19.90");
    papers_fetch(f);
    papers_say(f, papers_doc(f, "D", "1", 'a', "2023-01-01", "", "A-1"));
    papers_settle(f);
    assert_int_equal(papers_open(f, KT_E_DOCUMENTS_DIFFER, &x), 1);
    assert_string_equal(param(&x, "shown"), "-");
    assert_string_equal(param(&x, "valid"), "D/1");
}

static void differ__not_told_of_kinds_that_the_channel_does_not_show(void **state)
{
    struct fake *f = *state;
    static const char *const kinds[] = { "data_sheet" };
    struct kt_document *sheet = papers_doc(f, "S", "1", 's', "2023-01-01", "", "A-1");
    KT_PUT(sheet, kt_document_shape, type, KT_STR("data_sheet"));
    f->channel.documents = (struct kt_conf_texts){ kinds, 1 };
    papers_say(f, sheet);
    papers_show_one(f, "A-1", sheet, PAPERS_PLACED_US - KT_DAY_US);
    fake_order(f, "1001", "A-1", "19.90");
    papers_say(f, papers_doc(f, "D", "1", 'a', "2023-01-01", "", "A-1"));
    papers_fetch(f);
    assert_string_equal(papers_of(f, "1001", "item-1", DOC, false), "valid a;");
    assert_int_equal(fake_open_exceptions(f), 0);
}

static void gone__version_that_its_source_deleted_stays_what_was_valid(void **state)
{
    struct fake *f = *state;
    struct kt_document *one = papers_doc(f, "D", "1", 'a', "2023-01-01", "", "A-1");
    papers_say(f, one);
    papers_show_one(f, "A-1", one, PAPERS_PLACED_US - KT_DAY_US);
    fake_order(f, "1001", "A-1", "19.90");
    papers_fetch(f);
    papers_put(f, one, true, kt_now_us());
    papers_settle(f);
    assert_string_equal(papers_of(f, "1001", "item-1", DOC, false), "shown a;valid a;");
    assert_int_equal(fake_open_exceptions(f), 0);
}

/* The order names an article that no ERP has told of yet. */
static void article__that_comes_later_brings_its_products_documents(void **state)
{
    struct fake *f = *state;
    struct kt_document *d = papers_doc(f, "D", "1", 'a', "2023-01-01", "", "");
    struct kt_ref *ref = KT_NEW(f->world.arena, struct kt_ref);
    KT_PUT(ref, kt_ref_shape, id, KT_STR("NEW"));
    KT_PUT(d, kt_document_shape, products, (struct kt_list){ ref, 1 });
    papers_say(f, d);
    fake_order(f, "1001", "NEW", "19.90");
    papers_fetch(f);
    assert_string_equal(papers_of(f, "1001", "item-1", DOC, true), "");
    fake_article(f, "NEW", "Lampe");
    fake_out(f);
    papers_settle(f);
    assert_string_equal(papers_of(f, "1001", "item-1", DOC, true), "valid a;");
}

static void add_line(struct fake *f, const char *id, const char *sku)
{
    struct kt_order *o = &f->world.order[0];
    struct kt_order_line *line = KT_NEW_ARRAY(f->world.arena, 2, struct kt_order_line);
    line[0] = *(const struct kt_order_line *)o->lines.item;
    line[1] = line[0];
    line[1].id = kt_str_of(id);
    line[1].sku = kt_str_of(sku);
    line[1].net = line[1].gross = kt_dec_int(0);
    KT_PUT(o, kt_order_shape, lines, (struct kt_list){ line, 2 });
}

static void changed__line_that_is_new_has_what_was_shown_at_the_change(void **state)
{
    struct fake *f = *state;
    struct kt_document *one = papers_doc(f, "D", "1", 'a', "2023-01-01", "2023-11-15", "A-1");
    struct kt_document *two = papers_doc(f, "D", "2", 'b', "2023-11-16", "", "A-1");
    papers_say(f, one);
    papers_say(f, two);
    papers_show_one(f, "A-1", one, PAPERS_PLACED_US - KT_DAY_US);
    fake_order(f, "1001", "A-1", "19.90");
    f->world.order[0].is_paid = false; /* held: it may still be changed */
    papers_fetch(f);
    papers_show_one(f, "A-1", two, PAPERS_PLACED_US + 3 * KT_DAY_US);
    add_line(f, "item-2", "A-1");
    KT_PUT(&f->world.order[0], kt_order_shape, changed_at, PAPERS_PLACED_US + 4 * KT_DAY_US);
    papers_fetch(f);
    assert_string_equal(papers_of(f, "1001", "item-1", DOC, true), "shown a;valid a;");
    assert_string_equal(papers_of(f, "1001", "item-2", DOC, true), "shown b;valid b;");
    assert_int_equal(papers_open(f, KT_E_DOCUMENTS_DIFFER, NULL), 0);
}

static void changed__after_booking_keeps_the_old_lines_too(void **state)
{
    struct fake *f = *state;
    struct kt_document *one = papers_doc(f, "D", "1", 'a', "2023-01-01", "", "A-1");
    papers_say(f, one);
    papers_show_one(f, "A-1", one, PAPERS_PLACED_US - KT_DAY_US);
    fake_order(f, "1001", "A-1", "19.90");
    papers_fetch(f);
    add_line(f, "item-2", "A-1");
    papers_fetch(f);
    assert_string_equal(papers_of(f, "1001", "item-1", DOC, true), "shown a;valid a;");
    assert_string_equal(papers_of(f, "1001", "item-2", DOC, true), "shown a;valid a;");
}

static void other_lines__shipping_and_fees_are_not_bound(void **state)
{
    struct fake *f = *state;
    struct kt_err e = { 0 };
    struct kt_bound_line *line = NULL;
    size_t lines = 0;
    fake_order(f, "1001", "A-1", "19.90");
    add_line(f, "shipping-1", "A-1");
    struct kt_order_line *all = KT_NEW_ARRAY(f->world.arena, 2, struct kt_order_line);
    memcpy(all, f->world.order[0].lines.item, 2 * sizeof *all);
    KT_PUT(&all[1], kt_order_line_shape, type, KT_LINE_SHIPPING);
    f->world.order[0].lines.item = all;
    papers_fetch(f);
    PAPERS_MUST(kt_bound_lines(f->work.db, fake_row_of(f, "1001").our_key, &line, &lines,
                               f->world.arena, &e));
    assert_int_equal(lines, 1);
    assert_string_equal(line[0].line.p, "item-1");
    assert_string_equal(line[0].goods.product.p, "A-1");
    assert_string_equal(line[0].market.p, "DE");
    assert_true(line[0].placed_us == PAPERS_PLACED_US);
}

static void off__channel_without_documents_binds_nothing(void **state)
{
    struct fake *f = *state;
    struct kt_err e = { 0 };
    struct kt_bound_line *line = NULL;
    size_t lines = 1;
    f->site.documents.is_on = false;
    papers_say(f, papers_doc(f, "D", "1", 'a', "2023-01-01", "", "A-1"));
    fake_order(f, "1001", "A-1", "19.90");
    papers_fetch(f);
    PAPERS_MUST(kt_bound_lines(f->work.db, fake_row_of(f, "1001").our_key, &line, &lines,
                               f->world.arena, &e));
    assert_int_equal(lines, 0);
}

/* --- another basis --- */

static struct kt_document *notice(struct fake *f, const char *version, char content,
                                  const char *from, const char *until)
{
    struct kt_document *d = papers_doc(f, "N", version, content, from, until, "A-1");
    KT_PUT(d, kt_document_shape, type, KT_STR("safety_notice"));
    papers_say(f, d);
    return d;
}

static void ship_on(struct fake *f, const char *id, const char *day, int64_t quantity)
{
    struct kt_day shipped;
    assert_true(kt_day_parse(&shipped, kt_str_of(day)));
    fake_deliver(f, id, fake_row_of(f, "1001").our_key.p, "A-1", quantity, "T-1");
    KT_PUT(&f->world.shipment[f->world.shipments - 1], kt_shipment_shape, shipped, shipped);
    fake_ship(f);
    papers_settle(f);
}

static void dispatch__is_resolved_with_the_first_delivery(void **state)
{
    struct fake *f = *state;
    struct kt_err e = { 0 };
    struct kt_bound_line *line = NULL;
    size_t lines = 0;
    notice(f, "1", 'a', "2023-01-01", "2023-11-19");
    notice(f, "2", 'b', "2023-11-20", "2023-11-24");
    notice(f, "3", 'c', "2023-11-25", "");
    fake_order(f, "1001", "A-1", "19.90");
    papers_fetch(f);
    assert_string_equal(papers_of(f, "1001", "item-1", NULL, true), "");
    ship_on(f, "S-2", "2023-11-26", 1);
    assert_string_equal(papers_of(f, "1001", "item-1", NULL, false), "valid c;");
    ship_on(f, "S-1", "2023-11-20", 1); /* an earlier one comes to be known */
    assert_string_equal(papers_of(f, "1001", "item-1", NULL, true), "valid b;valid c!;");
    PAPERS_MUST(kt_bound_lines(f->work.db, fake_row_of(f, "1001").our_key, &line, &lines,
                               f->world.arena, &e));
    assert_int_equal(lines, 1);
    assert_true(line[0].dispatched_us ==
                kt_zone_midnight_us(f->channel.zone, (struct kt_day){ 2023, 11, 20 }));
    ship_on(f, "S-1", "2023-11-25", 1); /* corrected */
    assert_string_equal(papers_of(f, "1001", "item-1", NULL, false), "valid c;");
}

static void dispatch__delivery_of_nothing_is_none(void **state)
{
    struct fake *f = *state;
    notice(f, "1", 'a', "2023-01-01", "");
    fake_order(f, "1001", "A-1", "19.90");
    papers_fetch(f);
    ship_on(f, "S-1", "2023-11-26", 0);
    assert_string_equal(papers_of(f, "1001", "item-1", NULL, true), "");
}

static void batch__waits_for_what_nobody_tells_yet(void **state)
{
    struct fake *f = *state;
    struct kt_document *d = papers_doc(f, "T", "1", 't', "2023-01-01", "", "A-1");
    KT_PUT(d, kt_document_shape, type, KT_STR("test_report"));
    papers_say(f, d);
    papers_show_one(f, "A-1", d, PAPERS_PLACED_US - KT_DAY_US);
    fake_order(f, "1001", "A-1", "19.90");
    papers_fetch(f);
    assert_string_equal(papers_of(f, "1001", "item-1", NULL, true), "shown t;");
    assert_int_equal(fake_open_exceptions(f), 0); /* nothing to compare it with */
}

/* --- divided orders --- */

static void parts__delivery_of_a_part_tells_of_the_whole_order(void **state)
{
    struct fake *f = *state;
    struct kt_err e = { 0 };
    notice(f, "1", 'a', "2023-01-01", "2023-11-19");
    notice(f, "2", 'b', "2023-11-20", "");
    fake_order(f, "1001", "A-1", "19.90");
    papers_fetch(f);
    struct kt_order_row part = fake_row_of(f, "1001");
    const struct kt_fact fact = {
        .stream = KT_STR("KPART"),
        .kind = KT_STR("shipment"),
        .scope = KT_STR("s"),
        .id = KT_STR("S-9"),
        .revision = KT_STR("r1"),
        .channel = KT_STR(""),
        .body = KT_STR("{\"scope\":\"s\",\"id\":\"S-9\",\"shipped\":\"2023-11-22\","
                       "\"lines\":[{\"id\":\"1\",\"sku\":\"A-1\",\"quantity\":\"1\"}]}"),
    };
    enum kt_outcome outcome = KT_OUTCOME_NONE;
    part.our_key = fact.stream;
    part.part = KT_STR("other");
    PAPERS_MUST(kt_tx_begin(f->work.db, &e));
    PAPERS_MUST(kt_order_insert(f->work.db, &part, 1, &e));
    PAPERS_MUST(kt_fact_put(f->work.db, &fact, kt_now_us(), &outcome, f->work.arena, &e));
    PAPERS_MUST(kt_binding_dispatched(f->work.db, fact.stream, &e));
    PAPERS_MUST(kt_tx_commit(f->work.db, &e));
    papers_settle(f);
    struct kt_order_row *row = NULL;
    size_t rows = 0;
    struct kt_bound *b = NULL;
    size_t count = 0;
    PAPERS_MUST(kt_order_search(f->work.db, KT_STR("1001"), &row, &rows, f->world.arena, &e));
    assert_int_equal(rows, 2);
    const struct kt_str whole = row[0].part.n == 0 ? row[0].our_key : row[1].our_key;
    PAPERS_MUST(kt_bound_of(f->work.db, whole, false, &b, &count, f->world.arena, &e));
    assert_int_equal(count, 1);
    assert_string_equal(b[0].row_key.p, "s|N|2");
}

/* --- what is wrong with the versions --- */

static void wrong__overlap_and_gap_are_told_and_closed(void **state)
{
    struct fake *f = *state;
    struct kt_exception x;
    papers_say(f, papers_doc(f, "D", "1", 'a', "2023-01-01", "2023-12-31", "A-1"));
    papers_say(f, papers_doc(f, "D", "2", 'b', "2023-06-01", "2024-12-31", "A-1"));
    papers_say(f, papers_doc(f, "D", "3", 'c', "2025-02-01", "", "A-1"));
    papers_settle(f);
    assert_int_equal(papers_open(f, KT_E_DOCUMENT_OVERLAP, &x), 1);
    assert_string_equal(x.subject, "document");
    assert_string_equal(x.endpoint.p, "s");
    assert_string_equal(x.key.p, "s|D overlap");
    assert_string_equal(param(&x, "from"), "2023-06-01");
    assert_int_equal(papers_open(f, KT_E_DOCUMENT_GAP, &x), 1);
    assert_string_equal(param(&x, "until"), "2025-01-31");
    papers_say(f, papers_doc(f, "D", "1", 'a', "2023-01-01", "2023-05-31", "A-1"));
    papers_say(f, papers_doc(f, "D", "3", 'c', "2025-01-01", "", "A-1"));
    papers_settle(f);
    assert_int_equal(fake_open_exceptions(f), 0);
}

static void wrong__supersedes_what_nobody_knows_until_it_comes(void **state)
{
    struct fake *f = *state;
    struct kt_document *two = papers_doc(f, "D", "2", 'b', "2023-06-01", "", "A-1");
    KT_PUT(two, kt_document_shape, supersedes, KT_STR("1"));
    papers_say(f, two);
    papers_settle(f);
    assert_int_equal(papers_open(f, KT_E_DOCUMENT_SUPERSEDES, NULL), 1);
    papers_say(f, papers_doc(f, "D", "1", 'a', "2023-01-01", "", "A-1"));
    papers_settle(f);
    assert_int_equal(fake_open_exceptions(f), 0);
}

/* --- the configuration changes --- */

static void channel__that_was_taken_out_keeps_its_last_answer(void **state)
{
    struct fake *f = *state;
    struct kt_channel_site other = f->channel;
    struct kt_document *one = papers_doc(f, "D", "1", 'a', "2023-01-01", "", "A-1");
    papers_say(f, one);
    papers_show_one(f, "A-1", one, PAPERS_PLACED_US - KT_DAY_US);
    fake_order(f, "1001", "A-1", "19.90");
    papers_fetch(f);
    other.name = "other";
    f->site.channel = &other;
    papers_say(f, papers_doc(f, "D", "1", 'b', "2023-01-01", "", "A-1"));
    papers_settle(f);
    f->site.channel = &f->channel;
    assert_string_equal(papers_of(f, "1001", "item-1", DOC, true), "shown a;valid a;");
}

#define FLOW_TEST(name) cmocka_unit_test_setup_teardown(name, open_fake, close_fake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLOW_TEST(begin__keeps_what_was_shown_when_the_order_was_placed),
        FLOW_TEST(step__late_correction_changes_valid_and_not_shown),
        FLOW_TEST(step__late_arrival_names_both_versions),
        FLOW_TEST(differ__what_a_person_closed_stays_closed_until_something_else_differs),
        FLOW_TEST(differ__shown_without_any_that_was_valid_is_told),
        FLOW_TEST(differ__not_told_where_nothing_was_ever_shown),
        FLOW_TEST(differ__told_where_other_documents_were_shown_but_not_this_one),
        FLOW_TEST(differ__not_told_of_kinds_that_the_channel_does_not_show),
        FLOW_TEST(gone__version_that_its_source_deleted_stays_what_was_valid),
        FLOW_TEST(article__that_comes_later_brings_its_products_documents),
        FLOW_TEST(changed__line_that_is_new_has_what_was_shown_at_the_change),
        FLOW_TEST(changed__after_booking_keeps_the_old_lines_too),
        FLOW_TEST(other_lines__shipping_and_fees_are_not_bound),
        FLOW_TEST(off__channel_without_documents_binds_nothing),
        FLOW_TEST(dispatch__is_resolved_with_the_first_delivery),
        FLOW_TEST(dispatch__delivery_of_nothing_is_none),
        FLOW_TEST(batch__waits_for_what_nobody_tells_yet),
        FLOW_TEST(parts__delivery_of_a_part_tells_of_the_whole_order),
        FLOW_TEST(wrong__overlap_and_gap_are_told_and_closed),
        FLOW_TEST(wrong__supersedes_what_nobody_knows_until_it_comes),
        FLOW_TEST(channel__that_was_taken_out_keeps_its_last_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
