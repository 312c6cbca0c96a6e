/* Lines of orders and what they are bound to: src/store/bindings.c. */
#include "test_store_kit.h"

#include "store/bindings.h"

static struct kt_bound_line line_of(const char *our_key, const char *line, const char *sku)
{
    return (struct kt_bound_line){ .our_key = kt_str_of(our_key),
                                   .line = kt_str_of(line),
                                   .channel = KT_STR("shop"),
                                   .scope = KT_STR("s"),
                                   .goods = { kt_str_of(sku), KT_STR("P"), KT_STR("TV") },
                                   .market = KT_STR("DE"),
                                   .language = KT_STR("de"),
                                   .placed_us = 500,
                                   .dispatched_us = KT_NEVER,
                                   .produced_us = KT_NEVER };
}

static struct kt_bound bound(const char *row_key, int64_t rev, const char *sha256, int64_t basis_us)
{
    return (struct kt_bound){ .type = KT_STR("data_sheet"),
                              .row_key = kt_str_of(row_key),
                              .rev = rev,
                              .sha256 = kt_str_of(sha256),
                              .basis_us = basis_us,
                              .from_us = 400 };
}

static void put_line(struct kit *k, struct kt_bound_line line, const struct kt_bound *shown,
                     size_t count)
{
    kit_begin(k);
    must(k, kt_bound_line_put(k->db, &line, shown, count, &k->e));
    kit_commit(k);
}

static bool answer(struct kit *k, struct kt_bound_line line, const struct kt_bound *valid,
                   size_t count, int64_t now_us)
{
    bool changed = false;
    kit_begin(k);
    must(k, kt_bound_valid_put(k->db, &line, valid, count, now_us, &changed, k->a, &k->e));
    kit_commit(k);
    return changed;
}

static size_t lines_of(struct kit *k, const char *our_key, struct kt_bound_line **out)
{
    size_t count = 99;
    must(k, kt_bound_lines(k->db, kt_str_of(our_key), out, &count, k->a, &k->e));
    return count;
}

static size_t bound_of(struct kit *k, const char *our_key, bool with_history, struct kt_bound **out)
{
    size_t count = 99;
    must(k, kt_bound_of(k->db, kt_str_of(our_key), with_history, out, &count, k->a, &k->e));
    return count;
}

/* "o1/1 o1/2": what is due, in its order. */
static const char *due(struct kit *k, size_t max)
{
    struct kt_bound_line *line = NULL;
    int64_t *mark = NULL;
    size_t count = 99;
    const char *text = "";
    must(k, kt_bound_due(k->db, max, &line, &mark, &count, k->a, &k->e));
    for (size_t i = 0; i < count; i++) {
        assert_true(mark[i] > 0);
        text =
            kt_format(k->a, "%s%s%s/%s", text, i > 0 ? " " : "", line[i].our_key.p, line[i].line.p);
    }
    return text;
}

static void unmark_all(struct kit *k)
{
    struct kt_bound_line *line = NULL;
    int64_t *mark = NULL;
    size_t count = 0;
    must(k, kt_bound_due(k->db, 1000, &line, &mark, &count, k->a, &k->e));
    for (size_t i = 0; i < count; i++)
        must(k, kt_bound_unmark(k->db, &line[i], mark[i], &k->e));
    assert_string_equal(due(k, 1000), "");
}

/* --- lines --- */

static void put__keeps_the_line_as_it_was_when_the_order_came(void **state)
{
    struct kit k;
    struct kt_bound_line *line = NULL;
    struct kt_bound *out = NULL;
    const struct kt_bound shown = bound("s|D|1", 0, "a", 500);
    const struct kt_bound other = bound("s|D|2", 0, "b", 600);
    (void)state;
    kit_open(&k);
    put_line(&k, line_of("o1", "1", "A"), &shown, 1);
    struct kt_bound_line again = line_of("o1", "1", "B");
    again.placed_us = 600;
    put_line(&k, again, &other, 1);
    put_line(&k, line_of("o1", "2", "B"), NULL, 0);
    assert_int_equal(lines_of(&k, "o1", &line), 2);
    assert_string_equal(line[0].goods.sku.p, "A");
    assert_string_equal(line[0].goods.product.p, "P");
    assert_string_equal(line[0].goods.family.p, "TV");
    assert_string_equal(line[0].channel.p, "shop");
    assert_string_equal(line[0].scope.p, "s");
    assert_string_equal(line[0].market.p, "DE");
    assert_string_equal(line[0].language.p, "de");
    assert_int_equal(line[0].placed_us, 500);
    assert_true(line[0].dispatched_us == KT_NEVER && line[0].produced_us == KT_NEVER);
    assert_false(line[0].is_answered);
    assert_int_equal(bound_of(&k, "o1", true, &out), 1);
    assert_int_equal(out->axis, KT_AXIS_SHOWN);
    assert_string_equal(out->line.p, "1");
    assert_string_equal(out->type.p, "data_sheet");
    assert_string_equal(out->row_key.p, "s|D|1");
    assert_string_equal(out->sha256.p, "a");
    assert_int_equal(out->rev, 0);
    assert_int_equal(out->basis_us, 500);
    assert_int_equal(out->from_us, 400);
    assert_true(out->until_us == KT_NEVER);
    assert_int_equal(lines_of(&k, "o2", &line), 0);
    kit_close(&k);
}

static void update__learns_and_never_forgets(void **state)
{
    struct kit k;
    struct kt_bound_line *line = NULL;
    struct kt_bound_line one = line_of("o1", "1", "A");
    struct kt_bound_line known = line_of("o1", "1", "");
    (void)state;
    kit_open(&k);
    one.goods = (struct kt_goods){ KT_STR("A"), { NULL, 0 }, { NULL, 0 } };
    put_line(&k, one, NULL, 0);
    assert_int_equal(lines_of(&k, "o1", &line), 1);
    assert_string_equal(line->goods.product.p, "");
    known.scope = KT_STR("t");
    known.goods = (struct kt_goods){ { NULL, 0 }, KT_STR("P2"), { NULL, 0 } };
    known.dispatched_us = 700;
    kit_begin(&k);
    must(&k, kt_bound_line_update(k.db, &known, &k.e));
    known.goods = (struct kt_goods){ { NULL, 0 }, { NULL, 0 }, KT_STR("F2") };
    known.scope = (struct kt_str){ NULL, 0 };
    known.dispatched_us = KT_NEVER;
    known.produced_us = 300;
    must(&k, kt_bound_line_update(k.db, &known, &k.e));
    kit_commit(&k);
    assert_int_equal(lines_of(&k, "o1", &line), 1);
    assert_string_equal(line->scope.p, "t");
    assert_string_equal(line->goods.sku.p, "A");
    assert_string_equal(line->goods.product.p, "P2");
    assert_string_equal(line->goods.family.p, "F2");
    assert_int_equal(line->dispatched_us, 700);
    assert_int_equal(line->produced_us, 300);
    kit_close(&k);
}

/* --- answers --- */

static void valid__a_newer_answer_ends_the_one_before(void **state)
{
    struct kit k;
    struct kt_bound *out = NULL;
    struct kt_bound_line *lines = NULL;
    const struct kt_bound shown = bound("s|D|1", 0, "a", 500);
    const struct kt_bound first[] = { bound("s|D|1", 1, "a", 500), bound("s|E|1", 3, "e", 500) };
    const struct kt_bound second[] = { bound("s|D|2", 1, "b", 500), bound("s|E|1", 3, "e", 500),
                                       bound("s|E|1", 3, "e", 500) };
    const struct kt_bound_line line = line_of("o1", "1", "A");
    (void)state;
    kit_open(&k);
    put_line(&k, line, &shown, 1);
    put_line(&k, line_of("o1", "2", "B"), NULL, 0);
    assert_true(answer(&k, line, first, 2, 600));
    assert_false(answer(&k, line, first, 2, 700));
    assert_true(answer(&k, line, second, 3, 800));
    assert_false(answer(&k, line_of("o1", "2", "B"), NULL, 0, 800));
    assert_int_equal(lines_of(&k, "o1", &lines), 2);
    assert_true(lines[0].is_answered && lines[1].is_answered);
    assert_int_equal(bound_of(&k, "o1", false, &out), 3);
    assert_int_equal(out[0].axis, KT_AXIS_SHOWN); /* it never changes */
    assert_string_equal(out[0].sha256.p, "a");
    assert_int_equal(out[1].axis, KT_AXIS_VALID);
    assert_string_equal(out[1].row_key.p, "s|D|2");
    assert_int_equal(out[1].from_us, 800);
    assert_string_equal(out[2].row_key.p, "s|E|1");
    assert_int_equal(out[2].from_us, 600);
    assert_int_equal(out[2].rev, 3);
    assert_int_equal(bound_of(&k, "o1", true, &out), 4);
    assert_string_equal(out[1].row_key.p, "s|D|1");
    assert_int_equal(out[1].from_us, 600);
    assert_int_equal(out[1].until_us, 800);
    assert_true(answer(&k, line, NULL, 0, 900)); /* none holds */
    assert_int_equal(bound_of(&k, "o1", false, &out), 1);
    assert_false(answer(&k, line_of("none", "1", "A"), first, 2, 900));
    assert_int_equal(bound_of(&k, "none", true, &out), 0);
    kit_close(&k);
}

static void valid__of_another_revision_or_instant_is_another_answer(void **state)
{
    struct kit k;
    struct kt_bound *out = NULL;
    const struct kt_bound_line line = line_of("o1", "1", "A");
    const struct kt_bound turns[] = { bound("s|D|1", 1, "a", 500), bound("s|D|1", 2, "a", 500),
                                      bound("s|D|1", 2, "a", 550), bound("s|D|1", 2, "b", 550) };
    (void)state;
    kit_open(&k);
    put_line(&k, line, NULL, 0);
    for (size_t i = 0; i < KT_COUNT(turns); i++)
        assert_true(answer(&k, line, &turns[i], 1, 1000 - (int64_t)i)); /* the clock goes back */
    assert_int_equal(bound_of(&k, "o1", true, &out), KT_COUNT(turns));
    for (size_t i = 0; i < KT_COUNT(turns); i++)
        assert_true(out[i].from_us == 1000 + (int64_t)i && out[i].until_us > out[i].from_us);
    assert_int_equal(bound_of(&k, "o1", false, &out), 1);
    assert_string_equal(out->sha256.p, "b");
    kit_close(&k);
}

static void valid__of_many_documents_keeps_all(void **state)
{
    enum { MANY = 25 };
    struct kit k;
    struct kt_bound *out = NULL;
    struct kt_bound valid[MANY];
    const struct kt_bound_line line = line_of("o1", "1", "A");
    (void)state;
    kit_open(&k);
    put_line(&k, line, NULL, 0);
    for (int i = 0; i < MANY; i++)
        valid[i] = bound(kt_format(k.a, "s|D%02d|1", i), 1, "a", 500);
    assert_true(answer(&k, line, valid, MANY, 600));
    assert_false(answer(&k, line, valid, MANY, 700));
    assert_int_equal(bound_of(&k, "o1", false, &out), MANY);
    assert_true(answer(&k, line, valid, MANY - 1, 700));
    assert_int_equal(bound_of(&k, "o1", false, &out), MANY - 1);
    kit_close(&k);
}

static void to__finds_the_orders_of_a_version(void **state)
{
    struct kit k;
    struct kt_bound *out = NULL;
    size_t count = 0;
    const struct kt_bound shown = bound("s|D|1", 0, "a", 500);
    const struct kt_bound valid = bound("s|D|1", 1, "a", 500);
    const struct kt_bound other = bound("s|D|2", 1, "b", 500);
    (void)state;
    kit_open(&k);
    put_line(&k, line_of("o1", "1", "A"), &shown, 1);
    put_line(&k, line_of("o2", "1", "A"), NULL, 0);
    (void)answer(&k, line_of("o2", "1", "A"), &valid, 1, 600);
    (void)answer(&k, line_of("o2", "1", "A"), &other, 1, 700); /* it was once */
    put_line(&k, line_of("o3", "1", "A"), &other, 1);
    must(&k, kt_bound_to(k.db, KT_STR("s|D|1"), 10, &out, &count, k.a, &k.e));
    assert_int_equal(count, 2);
    assert_string_equal(out[0].our_key.p, "o1");
    assert_string_equal(out[1].our_key.p, "o2");
    assert_int_equal(out[1].until_us, 700);
    must(&k, kt_bound_to(k.db, KT_STR("s|D|1"), 1, &out, &count, k.a, &k.e));
    assert_int_equal(count, 1);
    kit_sql(&k, "UPDATE bound_document SET axis = 'else'");
    must_fail(&k, kt_bound_to(k.db, KT_STR("s|D|1"), 10, &out, &count, k.a, &k.e), KT_REJECT,
              STORE_REFUSED);
    kit_close(&k);
}

/* Two nodes that answer the same line take turns. */
static void valid__has_the_line_for_its_own(void **state)
{
    struct kit k;
    bool changed = false;
    int from;
    int to;
    const struct kt_bound valid = bound("s|D|1", 1, "a", 500);
    const struct kt_bound_line line = line_of("o1", "1", "A");
    (void)state;
    kit_conf(&k);
    k.conf.busy_s = 1;
    kit_empty(&k);
    must(&k, kt_db_migrate(k.db, &from, &to, k.a, &k.e));
    put_line(&k, line, NULL, 0);
    assert_false(answer(&k, line, NULL, 0, 600)); /* nothing is left to be written in it */
    struct kt_db *also = kit_also(&k);
    kit_begin(&k);
    must(&k, kt_bound_valid_put(k.db, &line, &valid, 1, 600, &changed, k.a, &k.e));
    enum kt_rc rc = kt_tx_begin(also, &k.e);
    if (rc == KT_OK)
        rc = kt_bound_valid_put(also, &line, &valid, 1, 600, &changed, k.a, &k.e);
    assert_int_equal(rc, KT_RETRY);
    assert_string_equal(kt_code_name(k.e.v.code), "STORE_BUSY");
    kt_err_clear(&k.e);
    kt_tx_rollback(also);
    kit_commit(&k);
    assert_int_equal(kit_number(&k, "SELECT COUNT(*) FROM bound_document"), 1);
    kt_db_close(also);
    kit_close(&k);
}

/* --- marks --- */

static void new__line_is_due_until_it_is_resolved(void **state)
{
    struct kit k;
    struct kt_bound_line *line = NULL;
    int64_t *mark = NULL;
    size_t count = 0;
    (void)state;
    kit_open(&k);
    for (int i = 1; i <= 5; i++)
        put_line(&k, line_of("o1", kt_format(k.a, "%d", i), "A"), NULL, 0);
    assert_string_equal(due(&k, 3), "o1/1 o1/2 o1/3");
    must(&k, kt_bound_due(k.db, 3, &line, &mark, &count, k.a, &k.e));
    for (size_t i = 0; i < count; i++)
        must(&k, kt_bound_unmark(k.db, &line[i], mark[i], &k.e));
    assert_string_equal(due(&k, 10), "o1/4 o1/5");
    put_line(&k, line_of("o1", "1", "A"), NULL, 0); /* known: it stays as it is */
    assert_string_equal(due(&k, 10), "o1/4 o1/5");
    kit_close(&k);
}

/* The one line that is due, and its mark. */
static int64_t take_due(struct kit *k, struct kt_bound_line *line)
{
    struct kt_bound_line *list = NULL;
    int64_t *mark = NULL;
    size_t count = 0;
    must(k, kt_bound_due(k->db, 3, &list, &mark, &count, k->a, &k->e));
    assert_int_equal(count, 1);
    *line = list[0];
    return mark[0];
}

static void unmark(struct kit *k, const struct kt_bound_line *line, int64_t mark)
{
    must(k, kt_bound_unmark(k->db, line, mark, &k->e));
}

static void mark_order(struct kit *k, const char *our_key)
{
    must(k, kt_bound_mark_order(k->db, kt_str_of(our_key), &k->e));
}

static void mark__put_while_a_line_is_worked_on_stays(void **state)
{
    struct kit k;
    struct kt_bound_line line;
    (void)state;
    kit_open(&k);
    put_line(&k, line_of("o1", "1", "A"), NULL, 0);
    for (int i = 0; i < 3; i++) {
        const int64_t mark = take_due(&k, &line);
        mark_order(&k, "o1");
        unmark(&k, &line, mark); /* of the mark before */
        assert_string_equal(due(&k, 10), "o1/1");
    }
    /* done and marked again meanwhile: a mark never comes twice */
    const int64_t mark = take_due(&k, &line);
    unmark(&k, &line, mark);
    mark_order(&k, "o1");
    unmark(&k, &line, mark);
    assert_string_equal(due(&k, 10), "o1/1");
    kit_close(&k);
}

static void mark_covered(struct kit *k, const struct kt_covered *covered, size_t count)
{
    must(k, kt_bound_mark(k->db, KT_STR("s"), covered, count, &k->e));
}

static void mark__finds_what_a_record_covers(void **state)
{
    enum { MANY = 150 };
    struct kit k;
    struct kt_covered covered[MANY + 2];
    struct kt_bound_line other = line_of("o9", "1", "A");
    (void)state;
    kit_open(&k);
    put_line(&k, line_of("o1", "1", "A"), NULL, 0);
    put_line(&k, line_of("o1", "2", "B"), NULL, 0);
    struct kt_bound_line radio = line_of("o2", "1", "C");
    radio.goods.product = KT_STR("Q");
    radio.goods.family = KT_STR("RADIO");
    put_line(&k, radio, NULL, 0);
    other.scope = KT_STR("t");
    put_line(&k, other, NULL, 0);
    unmark_all(&k);
    covered[0] = (struct kt_covered){ KT_COVERS_VARIANT, KT_STR("A") };
    mark_covered(&k, covered, 1);
    assert_string_equal(due(&k, 10), "o1/1");
    unmark_all(&k);
    covered[0] = (struct kt_covered){ KT_COVERS_PRODUCT, KT_STR("Q") };
    covered[1] = (struct kt_covered){ KT_COVERS_PRODUCT, KT_STR("A") };
    mark_covered(&k, covered, 2);
    assert_string_equal(due(&k, 10), "o2/1");
    unmark_all(&k);
    covered[0] = (struct kt_covered){ KT_COVERS_FAMILY, KT_STR("TV") };
    kit_begin(&k); /* in the open transaction */
    mark_covered(&k, covered, 1);
    kt_tx_rollback(k.db);
    assert_string_equal(due(&k, 10), "");
    mark_covered(&k, covered, 1);
    assert_string_equal(due(&k, 10), "o1/2 o1/1"); /* the one that was marked least comes first */
    unmark_all(&k);
    for (int i = 0; i < MANY; i++)
        covered[i] = (struct kt_covered){ KT_COVERS_VARIANT, kt_str_of(kt_format(k.a, "X%d", i)) };
    covered[MANY] = (struct kt_covered){ KT_COVERS_VARIANT, KT_STR("B") };
    covered[MANY + 1] = (struct kt_covered){ KT_COVERS_FAMILY, KT_STR("RADIO") };
    mark_covered(&k, covered, MANY + 2);
    assert_string_equal(due(&k, 10), "o1/2 o2/1");
    kit_close(&k);
}

static void mark_unknown__finds_lines_that_learn_from_it(void **state)
{
    struct kit k;
    struct kt_bound_line no_product = line_of("o1", "1", "A");
    struct kt_bound_line no_family = line_of("o1", "2", "B");
    const struct kt_goods a[] = { { KT_STR("A"), KT_STR("P"), { NULL, 0 } },
                                  { KT_STR("C"), KT_STR("P"), { NULL, 0 } } };
    const struct kt_goods p = { { NULL, 0 }, KT_STR("P"), KT_STR("TV") };
    const struct kt_goods nothing = { KT_STR("A"), { NULL, 0 }, KT_STR("TV") };
    (void)state;
    kit_open(&k);
    no_product.goods.product = no_product.goods.family = KT_STR("");
    no_family.goods.family = KT_STR("");
    put_line(&k, no_product, NULL, 0);
    put_line(&k, no_family, NULL, 0);
    put_line(&k, line_of("o1", "3", "A"), NULL, 0); /* all is known of it */
    put_line(&k, line_of("o1", "4", "B"), NULL, 0);
    unmark_all(&k);
    must(&k, kt_bound_mark_unknown(k.db, KT_STR("s"), a, 2, &k.e));
    assert_string_equal(due(&k, 10), "o1/1");
    unmark_all(&k);
    must(&k, kt_bound_mark_unknown(k.db, KT_STR("s"), &p, 1, &k.e));
    assert_string_equal(due(&k, 10), "o1/2");
    unmark_all(&k);
    must(&k, kt_bound_mark_unknown(k.db, KT_STR("s"), &nothing, 1, &k.e));
    must(&k, kt_bound_mark_unknown(k.db, KT_STR("t"), a, 2, &k.e));
    assert_string_equal(due(&k, 10), "");
    kit_close(&k);
}

static void name__of_each_axis(void **state)
{
    (void)state;
    assert_string_equal(kt_axis_of_time_name(KT_AXIS_SHOWN), "shown");
    assert_string_equal(kt_axis_of_time_name(KT_AXIS_VALID), "valid");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(put__keeps_the_line_as_it_was_when_the_order_came),
        cmocka_unit_test(update__learns_and_never_forgets),
        cmocka_unit_test(valid__a_newer_answer_ends_the_one_before),
        cmocka_unit_test(valid__of_another_revision_or_instant_is_another_answer),
        cmocka_unit_test(valid__of_many_documents_keeps_all),
        cmocka_unit_test(to__finds_the_orders_of_a_version),
        cmocka_unit_test(valid__has_the_line_for_its_own),
        cmocka_unit_test(new__line_is_due_until_it_is_resolved),
        cmocka_unit_test(mark__put_while_a_line_is_worked_on_stays),
        cmocka_unit_test(mark__finds_what_a_record_covers),
        cmocka_unit_test(mark_unknown__finds_lines_that_learn_from_it),
        cmocka_unit_test(name__of_each_axis),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
