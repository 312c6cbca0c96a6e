/* Holds, what is kept and what goes, links of customers: src/store/keeping.c, keeping_holds.c,
 * keeping_links.c. */
#include "test_store_past_kit.h"

#include "store/audit.h"
#include "store/bindings.h"
#include "store/keeping.h"
#include "store/shown.h"

static int64_t hold(struct kit *k, const char *id)
{
    struct kt_hold h = { .scope = KT_STR("s"),
                         .id = kt_str_of(id),
                         .reason = KT_STR("a case"),
                         .actor = KT_STR("jo"),
                         .at_us = 50 };
    must(k, kt_hold_put(k->db, &h, &k->e));
    return h.number;
}

static bool release(struct kit *k, int64_t number, const char *actor)
{
    bool found = false;
    must(k, kt_hold_release(k->db, number, kt_str_of(actor), 60, &found, &k->e));
    return found;
}

static size_t holds(struct kit *k, const char *scope, const char *id, struct kt_hold **list)
{
    size_t count = 99;
    must(k, kt_holds(k->db, kt_str_of(scope), kt_str_of(id), list, &count, k->a, &k->e));
    return count;
}

static struct kt_audit last(struct kit *k, const char *action)
{
    struct kt_audit row;
    bool found = false;
    must(k, kt_audit_last(k->db, action, &row, &found, k->a, &k->e));
    assert_true(found);
    return row;
}

static bool drop(struct kit *k, const char *key)
{
    bool is_gone = false;
    must(k, kt_kept_drop(k->db, kt_str_of(key), "jo", 70, &is_gone, &k->e));
    return is_gone;
}

static size_t page(struct kit *k, const char *after, size_t max, struct kt_kept **out)
{
    size_t count = 99;
    must(k, kt_kept_page(k->db, kt_str_of(after), max, out, &count, k->a, &k->e));
    return count;
}

/* --- holds --- */

static void hold__is_kept_with_who_and_why(void **state)
{
    struct kit k;
    struct kt_hold *list = NULL;
    (void)state;
    kit_open(&k);
    const int64_t first = hold(&k, "D");
    const int64_t second = hold(&k, "E");
    assert_int_equal(first, 1);
    assert_int_equal(second, 2);
    assert_string_equal(last(&k, "document.hold").subject.p, "E");
    assert_string_equal(last(&k, "document.hold").detail.p, "hold 2 in s: a case");
    assert_string_equal(last(&k, "document.hold").actor.p, "jo");
    assert_true(release(&k, first, "al"));
    assert_string_equal(last(&k, "document.release").actor.p, "al");
    assert_string_equal(last(&k, "document.release").subject.p, "D");
    assert_false(release(&k, first, "bo"));
    assert_string_equal(last(&k, "document.release").actor.p, "al");
    assert_false(release(&k, 77, "bo"));
    assert_int_equal(holds(&k, "", "", &list), 2);
    assert_int_equal(list[0].number, 1);
    assert_string_equal(list[0].scope.p, "s");
    assert_string_equal(list[0].id.p, "D");
    assert_string_equal(list[0].reason.p, "a case");
    assert_string_equal(list[0].actor.p, "jo");
    assert_int_equal(list[0].at_us, 50);
    assert_string_equal(list[0].released_by.p, "al");
    assert_int_equal(list[0].released_us, 60);
    assert_int_equal(list[1].released_us, 0);
    assert_null(list[1].released_by.p);
    assert_int_equal(holds(&k, "s", "E", &list), 1);
    assert_int_equal(list[0].number, 2);
    assert_int_equal(holds(&k, "t", "", &list), 0);
    kit_close(&k);
}

static void holds__of_many_are_all_listed(void **state)
{
    enum { MANY = 40 };
    struct kit k;
    struct kt_hold *list = NULL;
    (void)state;
    kit_open(&k);
    for (int i = 0; i < MANY; i++)
        (void)hold(&k, "D");
    assert_int_equal(holds(&k, "s", "D", &list), MANY);
    assert_int_equal(list[MANY - 1].number, MANY);
    kit_close(&k);
}

/* --- what is kept --- */

static void answer(struct kit *k, const struct kt_bound_line *line, const struct kt_bound *bound,
                   size_t count, int64_t now_us)
{
    bool changed = false;
    must(k, kt_bound_valid_put(k->db, line, bound, count, now_us, &changed, k->a, &k->e));
    assert_true(changed);
}

static void put_line(struct kit *k, const struct kt_bound_line *line, const struct kt_bound *bound,
                     size_t count)
{
    must(k, kt_bound_line_put(k->db, line, bound, count, &k->e));
}

static void show(struct kit *k, const struct kt_shown *shown, size_t count, int64_t at_us)
{
    must(k, kt_shown_put(k->db, "shop", KT_STR("s|A"), shown, count, at_us, k->a, &k->e));
}

/* Two orders are bound to it, the second one no more; a channel shows it. */
static void use(struct kit *k, const char *key)
{
    struct kt_bound_line line = { .our_key = KT_STR("o1"),
                                  .line = KT_STR("1"),
                                  .goods = { KT_STR("A"), { NULL, 0 }, { NULL, 0 } },
                                  .placed_us = 500,
                                  .dispatched_us = KT_NEVER,
                                  .produced_us = KT_NEVER };
    const struct kt_bound bound = { .type = KT_STR("data_sheet"),
                                    .row_key = kt_str_of(key),
                                    .sha256 = KT_STR("a") };
    const struct kt_shown shown = { .type = bound.type,
                                    .row_key = bound.row_key,
                                    .sha256 = bound.sha256 };
    kit_begin(k);
    put_line(k, &line, &bound, 1);
    line.our_key = KT_STR("o2");
    line.placed_us = 900;
    put_line(k, &line, NULL, 0);
    answer(k, &line, &bound, 1, 1000);
    answer(k, &line, NULL, 0, 1001);
    show(k, &shown, 1, 400);
    kit_commit(k);
}

static void page__says_what_keeping_needs_to_know(void **state)
{
    struct kit k;
    struct kt_kept *kept = NULL;
    (void)state;
    kit_open(&k);
    struct kt_document *d = kit_document(&k, "D", "1", 'b', "A");
    KT_PUT(d, kt_document_shape, size, 7);
    KT_PUT(d, kt_document_shape, valid_until, (struct kt_day){ 2030, 1, 2 });
    (void)kit_say(&k, kit_document(&k, "D", "1", 'a', "A"), 1, 1000);
    (void)kit_say(&k, d, 2, 2000);
    (void)kit_say(&k, kit_document(&k, "D", "2", 'c', "A"), 1, 3000);
    (void)kit_delete(&k, kit_document(&k, "D", "2", 'x', ""), 2, 4000);
    (void)kit_say(&k, kit_document(&k, "E", "1", 'e', "A"), 1, 3000);
    use(&k, "s|D|1");
    const int64_t number = hold(&k, "D");
    assert_int_equal(page(&k, "", 10, &kept), 3);
    assert_string_equal(kept[0].key.p, "s|D|1");
    assert_string_equal(kept[0].type.p, "data_sheet");
    assert_int_equal(kept[0].sha256.p[0], 'b');
    assert_int_equal(kept[0].size, 7);
    assert_int_equal(kept[0].first_us, 1000);
    assert_int_equal(kept[0].last_us, 2000);
    assert_true(kept[0].is_living);
    assert_int_equal(kept[0].valid_until.y, 2030);
    assert_int_equal(kept[0].last_order_us, 900); /* once bound is bound */
    assert_true(kept[0].last_shown_us == KT_NEVER);
    assert_true(kept[0].is_held && kept[1].is_held);
    assert_string_equal(kept[1].key.p, "s|D|2");
    assert_false(kept[1].is_living);
    assert_int_equal(kept[1].sha256.p[0], 'c');
    assert_int_equal(kept[1].last_us, 4000);
    assert_int_equal(kept[1].valid_until.y, 0);
    assert_false(kept[2].is_held);
    assert_int_equal(kept[2].last_order_us, 0);
    assert_int_equal(kept[2].last_shown_us, 0);
    assert_true(release(&k, number, "al"));
    kit_begin(&k);
    show(&k, NULL, 0, 5000);
    kit_commit(&k);
    assert_int_equal(page(&k, "", 1, &kept), 1);
    assert_false(kept[0].is_held);
    assert_int_equal(kept[0].last_shown_us, 5000);
    assert_int_equal(page(&k, "s|D|1", 10, &kept), 2);
    assert_int_equal(page(&k, "s|E|1", 10, &kept), 0);
    kit_close(&k);
}

static void page__of_many_goes_on_where_it_ended(void **state)
{
    enum { MANY = 250, PAGE = 110 };
    struct kit k;
    struct kt_change c[MANY];
    enum kt_outcome outcome[MANY];
    struct kt_kept *kept = NULL;
    const char *after = "";
    size_t seen = 0;
    size_t count = PAGE;
    (void)state;
    kit_open(&k);
    for (int i = 0; i < MANY; i++)
        c[i] = kit_says(kit_document(&k, kt_format(k.a, "D%03d", i), "1", 'a', "A"), 1);
    kit_put_all(&k, c, MANY, 1000, outcome);
    use(&k, "s|D105|1");
    while (count == PAGE) {
        count = page(&k, after, PAGE, &kept);
        for (size_t i = 0; i < count; i++, seen++) {
            assert_string_equal(kept[i].key.p, kt_format(k.a, "s|D%03zu|1", seen));
            assert_int_equal(kept[i].last_order_us, seen == 105 ? 900 : 0);
            assert_int_equal(kept[i].first_us, 1000);
        }
        after = count > 0 ? kept[count - 1].key.p : after;
    }
    assert_int_equal(seen, MANY);
    kit_close(&k);
}

/* --- what goes --- */

static void drop__refuses_what_lives_or_is_held(void **state)
{
    struct kit k;
    struct kt_past *past = NULL;
    (void)state;
    kit_open(&k);
    (void)kit_say(&k, kit_document(&k, "D", "1", 'a', "A"), 1, 1000);
    assert_false(drop(&k, "s|D|1")); /* its source knows it */
    (void)kit_delete(&k, kit_document(&k, "D", "1", 'x', ""), 2, 2000);
    const int64_t number = hold(&k, "D");
    assert_false(drop(&k, "s|D|1"));
    assert_int_equal(kit_past(&k, "s|D|1", &past), 2);
    assert_true(release(&k, number, "al"));
    (void)hold(&k, "E");           /* of another one */
    assert_false(drop(&k, "s|D")); /* no version */
    assert_false(drop(&k, "s|none|1"));
    assert_int_equal(kit_number(&k, "SELECT COUNT(*) FROM audit WHERE action = 'document.drop'"),
                     0);
    assert_true(drop(&k, "s|D|1"));
    assert_false(drop(&k, "s|D|1"));
    kit_close(&k);
}

static void drop__takes_all_of_one_version_and_says_so(void **state)
{
    struct kit k;
    struct kt_past *past = NULL;
    struct kt_bound *bound = NULL;
    struct kt_shown *shown = NULL;
    struct kt_bound_line *line = NULL;
    size_t count = 99;
    bool is_known = false;
    (void)state;
    kit_open(&k);
    for (int version = 1; version <= 2; version++) {
        const char *name = version == 1 ? "1" : "2";
        (void)kit_say(&k, kit_document(&k, "D", name, 'a', "A"), 1, 1000);
        (void)kit_delete(&k, kit_document(&k, "D", name, 'x', ""), 2, 2000);
    }
    use(&k, "s|D|1");
    assert_true(drop(&k, "s|D|1"));
    assert_int_equal(kit_past(&k, "s|D|1", &past), 0);
    assert_int_equal(kit_past(&k, "s|D|2", &past), 2);
    assert_int_equal(kit_number(&k, "SELECT COUNT(*) FROM covered"), 1);
    assert_int_equal(kit_number(&k, "SELECT COUNT(*) FROM document"), 1);
    must(&k, kt_bound_of(k.db, KT_STR("o1"), true, &bound, &count, k.a, &k.e));
    assert_int_equal(count, 0);
    must(&k, kt_bound_lines(k.db, KT_STR("o1"), &line, &count, k.a, &k.e));
    assert_int_equal(count, 1);
    must(&k, kt_shown_at(k.db, "shop", KT_STR("s|A"), 500, &shown, &count, &is_known, k.a, &k.e));
    assert_int_equal(count, 0);
    const struct kt_audit row = last(&k, "document.drop");
    assert_string_equal(row.subject.p, "D");
    assert_string_equal(row.actor.p, "jo");
    assert_string_equal(row.detail.p, "document s|D|1");
    /* it may come again */
    assert_int_equal(kit_say(&k, kit_document(&k, "D", "1", 'c', "A"), 1, 3000),
                     KT_OUTCOME_CREATED);
    assert_int_equal(kit_past(&k, "s|D|1", &past), 1);
    kit_close(&k);
}

/* Whoever puts a hold and whoever takes away take turns, so that nothing goes under a hold that was
 * granted. */
static void drop__waits_for_a_hold_that_is_being_put(void **state)
{
    struct kit k;
    struct kt_hold h = { .scope = KT_STR("s"),
                         .id = KT_STR("D"),
                         .reason = KT_STR("a case"),
                         .actor = KT_STR("jo"),
                         .at_us = 50 };
    struct kt_past *past = NULL;
    bool is_gone = true;
    int from;
    int to;
    (void)state;
    kit_conf(&k);
    k.conf.busy_s = 1;
    kit_empty(&k);
    must(&k, kt_db_migrate(k.db, &from, &to, k.a, &k.e));
    (void)kit_say(&k, kit_document(&k, "D", "1", 'a', "A"), 1, 1000);
    (void)kit_delete(&k, kit_document(&k, "D", "1", 'x', ""), 2, 2000);
    struct kt_db *also = kit_also(&k);
    kit_begin(&k);
    must(&k, kt_hold_put(k.db, &h, &k.e));
    must_fail(&k, kt_kept_drop(also, KT_STR("s|D|1"), "al", 70, &is_gone, &k.e), KT_RETRY,
              STORE_BUSY);
    assert_false(is_gone);
    kit_commit(&k);
    must(&k, kt_kept_drop(also, KT_STR("s|D|1"), "al", 70, &is_gone, &k.e));
    assert_false(is_gone);
    assert_int_equal(kit_past(&k, "s|D|1", &past), 2);
    kt_db_close(also);
    kit_close(&k);
}

/* --- links --- */

static const char *found(struct kit *k, const char *token, int64_t now_us)
{
    struct kt_str our_key;
    bool is_found = true;
    must(k,
         kt_customer_link_find(k->db, kt_str_of(token), now_us, &our_key, &is_found, k->a, &k->e));
    assert_int_equal(is_found, our_key.p != NULL);
    return our_key.p;
}

static void link__opens_its_order_until_it_ends(void **state)
{
    struct kit k;
    char token[KT_CUSTOMER_TOKEN_MAX];
    char other[KT_CUSTOMER_TOKEN_MAX];
    char hash[KT_HASH_TEXT_MAX];
    uint8_t bytes[KT_HASH_BYTES];
    int64_t count = 0;
    (void)state;
    kit_open(&k);
    must(&k, kt_customer_link_make(k.db, KT_STR("o1"), 100, 200, token, &k.e));
    must(&k, kt_customer_link_make(k.db, KT_STR("o2"), 100, 300, other, &k.e));
    assert_int_equal(strlen(token), KT_CUSTOMER_TOKEN_MAX - 1);
    assert_string_not_equal(token, other);
    assert_string_equal(found(&k, token, 199), "o1");
    assert_string_equal(found(&k, other, 199), "o2");
    assert_null(found(&k, token, 200));
    token[0] = token[0] == 'A' ? 'B' : 'A';
    assert_null(found(&k, token, 150));
    assert_null(found(&k, "", 150));
    assert_null(found(&k, "far longer than any link that was ever given out", 150));
    kt_sha256(kt_str_of(other), bytes); /* the hash alone stands in the database */
    kt_hex(bytes, sizeof bytes, hash);
    assert_int_equal(kit_number(&k, kt_format(k.a,
                                              "SELECT COUNT(*) FROM customer_link WHERE token "
                                              "= '%s'",
                                              hash)),
                     1);
    assert_null(found(&k, hash, 150));
    must(&k, kt_customer_links_forget(k.db, 250, &count, &k.e));
    assert_int_equal(count, 1);
    assert_string_equal(found(&k, other, 250), "o2");
    kit_close(&k);
}

static void make(struct kit *k, const char *our_key, char *token)
{
    must(k, kt_customer_link_make(k->db, kt_str_of(our_key), 100, 500, token, &k->e));
}

static int64_t revoke_links(struct kit *k, const char *our_key)
{
    int64_t count = -1;
    must(k, kt_customer_links_revoke(k->db, kt_str_of(our_key), "jo", 150, &count, &k->e));
    return count;
}

static void revoke__ends_all_links_of_an_order(void **state)
{
    struct kit k;
    char token[3][KT_CUSTOMER_TOKEN_MAX];
    (void)state;
    kit_open(&k);
    make(&k, "o1", token[0]);
    make(&k, "o1", token[1]);
    make(&k, "o2", token[2]);
    assert_int_equal(revoke_links(&k, "o1"), 2);
    assert_null(found(&k, token[0], 160));
    assert_null(found(&k, token[1], 160));
    assert_string_equal(found(&k, token[2], 160), "o2");
    assert_string_equal(last(&k, "document.links.revoke").subject.p, "o1");
    assert_string_equal(last(&k, "document.links.revoke").detail.p, "2 links");
    assert_int_equal(revoke_links(&k, "o1"), 0);
    assert_int_equal(kit_number(&k, "SELECT COUNT(*) FROM audit"), 1);
    kit_close(&k);
}

/* Every bit of the random ones reaches the token, in the digits that need no escaping. */
static void link__uses_all_digits(void **state)
{
    enum { MANY = 200 };
    struct kit k;
    char token[KT_CUSTOMER_TOKEN_MAX];
    bool seen[KT_CUSTOMER_TOKEN_MAX - 1][128] = { { false } };
    (void)state;
    kit_open(&k);
    kit_begin(&k);
    for (int i = 0; i < MANY; i++) {
        make(&k, "o1", token);
        assert_int_equal(strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                       "0123456789-_"),
                         KT_CUSTOMER_TOKEN_MAX - 1);
        for (size_t at = 0; token[at] != '\0'; at++)
            seen[at][(unsigned char)token[at]] = true;
    }
    kit_commit(&k);
    for (size_t at = 0; at < KT_CUSTOMER_TOKEN_MAX - 1; at++) {
        int kinds = 0;
        for (size_t c = 0; c < 128; c++)
            kinds += seen[at][c] ? 1 : 0;
        if (at < KT_CUSTOMER_TOKEN_MAX - 2)
            assert_true(kinds > 40); /* of 64, in 200 draws: a chance far below one in 10^9 */
        else
            assert_int_equal(kinds, 4); /* two bits are left for the last one */
    }
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hold__is_kept_with_who_and_why),
        cmocka_unit_test(holds__of_many_are_all_listed),
        cmocka_unit_test(page__says_what_keeping_needs_to_know),
        cmocka_unit_test(page__of_many_goes_on_where_it_ended),
        cmocka_unit_test(drop__refuses_what_lives_or_is_held),
        cmocka_unit_test(drop__takes_all_of_one_version_and_says_so),
        cmocka_unit_test(drop__waits_for_a_hold_that_is_being_put),
        cmocka_unit_test(link__opens_its_order_until_it_ends),
        cmocka_unit_test(revoke__ends_all_links_of_an_order),
        cmocka_unit_test(link__uses_all_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
