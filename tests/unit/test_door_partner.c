/* Rules of src/door/partner.c: who is let in, and that guessing is slow. */
#include "door/partner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "door/push_forms.h"

#define PRINT_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define PRINT_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define PRINT_C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

static const char *const two[] = { PRINT_A, PRINT_B };
static const char *const some[] = { "PushStock", "idoc:*" };
static const struct kt_partner known[] = {
    { .name = "nav", .user = "nav", .password = "geheim" },
    { .name = "sap",
      .certificates = { two, 2 },
      .user = "sap",
      .password = "passwört",
      .operations = { some, 2 } },
};
static const struct kt_log silent = { .least = KT_LOG_ERROR };

struct fixture {
    struct kt_arena *arena;
    struct kt_request q;
    struct kt_reply r;
};

static int set_up(void **state)
{
    struct fixture *x = test_calloc(1, sizeof *x);
    x->arena = kt_arena_new();
    x->q = (struct kt_request){ .fingerprint = "", .is_tls = true };
    *state = x;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *x = *state;
    kt_arena_free(x->arena);
    test_free(x);
    return 0;
}

/* Each test speaks from an address of its own: failures are remembered for the whole process. */
static const struct kt_partner *ask(struct fixture *x, const char *address, const char *header)
{
    x->q.address = address;
    x->q.head = kt_str_of(header);
    x->r = (struct kt_reply){ .status = 500 };
    return kt_partner_of(known, KT_COUNT(known), &x->q, &x->r, &silent, x->arena);
}

#define NAV_RIGHT "Authorization: Basic bmF2OmdlaGVpbQ==\r\n"     /* nav:geheim */
#define NAV_WRONG "Authorization: Basic bmF2OmdlaGVpbg==\r\n"     /* nav:gehein */
#define NOBODY    "Authorization: Basic bm9ib2R5OmdlaGVpbQ==\r\n" /* nobody:geheim */
#define SAP_RIGHT "authorization: bAsIc c2FwOnBhc3N3w7ZydA==\r\n" /* sap:passwört */
#define MIXED_UP  "Authorization: Basic bmF2OnBhc3N3w7ZydA==\r\n" /* nav:passwört */
#define BARE_USER "Authorization: Basic bmF2Og==\r\n"             /* nav: */

static void certificate__is_enough(void **state)
{
    struct fixture *x = *state;
    x->q.fingerprint = PRINT_B;
    assert_ptr_equal(ask(x, "1.1.1.1", ""), &known[1]);
    assert_ptr_equal(ask(x, "1.1.1.1", NAV_WRONG), &known[1]);
}

/* Whoever shows a certificate and a login besides must show his own. */
static void certificate__agrees_with_its_own_login_alone(void **state)
{
    static const char *const own[] = { "", SAP_RIGHT, "Authorization: Bearer bmF2\r\n" };
    static const char *const foreign[] = { NAV_RIGHT, NAV_WRONG, NOBODY, MIXED_UP, BARE_USER };
    struct fixture *x = *state;
    for (size_t i = 0; i < KT_COUNT(own); i++) {
        x->q.head = kt_str_of(own[i]);
        assert_true(kt_partner_agrees(&known[1], &x->q, x->arena));
    }
    for (size_t i = 0; i < KT_COUNT(foreign); i++) {
        x->q.head = kt_str_of(foreign[i]);
        assert_false(kt_partner_agrees(&known[1], &x->q, x->arena));
    }
}

static void certificate__that_nobody_has_is_403(void **state)
{
    struct fixture *x = *state;
    x->q.fingerprint = PRINT_C;
    assert_null(ask(x, "1.1.1.2", ""));
    assert_int_equal(x->r.status, 403);
    assert_ptr_equal(ask(x, "1.1.1.2", NAV_RIGHT), &known[0]); /* a login still counts */
}

static void login__finds_its_partner(void **state)
{
    struct fixture *x = *state;
    assert_ptr_equal(ask(x, "1.1.1.3", NAV_RIGHT), &known[0]);
    assert_ptr_equal(ask(x, "1.1.1.3", SAP_RIGHT), &known[1]);
}

static void refusals__are_all_alike(void **state)
{
    static const char *const wrong[] = {
        NAV_WRONG,
        NOBODY,
        MIXED_UP,
        BARE_USER,
        "",
        "Authorization: Bearer bmF2OmdlaGVpbQ==\r\n",
        "Authorization: Basic bmF2OmdlaGVpbQ\r\n",
        "Authorization: Basic bmF2OmdlaGVpbQ=\r\n",
        "Authorization: Basic bmF2Om=laGVpbQ==\r\n",
        "Authorization: Basic ====\r\n",
        "Authorization: Basic bmF2\r\n",
        "Authorization: Basic\r\n",
        "Authorization: Basic bmF2OmdlaGVpbQ== bmF2OmdlaGVpbQ==\r\n",
    };
    struct fixture *x = *state;
    for (size_t i = 0; i < KT_COUNT(wrong); i++) {
        assert_null(ask(x, "1.1.1.4", wrong[i]));
        assert_int_equal(x->r.status, 401);
        assert_string_equal(x->r.header,
                            "WWW-Authenticate: Basic realm=\"kontor\", charset=\"UTF-8\"\r\n");
        assert_string_equal(x->r.body.p,
                            "A login or a client certificate that Kontor knows is needed.\n");
    }
}

static void login__passes_no_open_line(void **state)
{
    struct fixture *x = *state;
    x->q.is_tls = false;
    assert_null(ask(x, "1.1.1.5", NAV_RIGHT));
    assert_int_equal(x->r.status, 403);
    x->q.is_local = true; /* whoever ends TLS on this machine */
    assert_ptr_equal(ask(x, "1.1.1.5", NAV_RIGHT), &known[0]);
}

static void guessing__is_held_for_that_user_and_address_alone(void **state)
{
    struct fixture *x = *state;
    for (int i = 0; i < 10; i++) {
        assert_null(ask(x, "1.1.1.6", NAV_WRONG));
        assert_int_equal(x->r.status, 401);
    }
    assert_null(ask(x, "1.1.1.6", NAV_RIGHT));
    assert_int_equal(x->r.status, 429);
    assert_in_range(x->r.retry_after_s, 1, 61);
    assert_ptr_equal(ask(x, "1.1.1.7", NAV_RIGHT), &known[0]);
    assert_ptr_equal(ask(x, "1.1.1.6", SAP_RIGHT), &known[1]);
    x->q.fingerprint = PRINT_A;
    assert_ptr_equal(ask(x, "1.1.1.6", NAV_WRONG), &known[1]);
}

/* One peer has all of a /64. */
static void guessing__from_one_ipv6_network_is_one(void **state)
{
    static const char *const addresses[] = { "2001:db8:1:2::1",
                                             "2001:db8:1:2:ffff::", "2001:db8:1:2:3:4:5:6" };
    struct fixture *x = *state;
    for (size_t i = 0; i < 10; i++)
        assert_null(ask(x, addresses[i % 3], NAV_WRONG));
    assert_null(ask(x, "2001:db8:1:2::9", NAV_RIGHT));
    assert_int_equal(x->r.status, 429);
    assert_ptr_equal(ask(x, "2001:db8:1:3::1", NAV_RIGHT), &known[0]);
}

static void right_login__clears_what_was_mistyped(void **state)
{
    struct fixture *x = *state;
    for (int turn = 0; turn < 3; turn++) {
        for (int i = 0; i < 9; i++)
            assert_null(ask(x, "1.1.1.8", NAV_WRONG));
        assert_ptr_equal(ask(x, "1.1.1.8", NAV_RIGHT), &known[0]);
    }
}

/* What the contract offers can be named, so that it can be allowed alone. */
static void operations__of_the_contract_are_all_known(void **state)
{
    (void)state;
    for (size_t i = 0; i < kt_push_operation_count; i++)
        assert_true(kt_partner_is_operation(kt_push_operations[i].name));
    assert_true(kt_partner_is_operation("s4:*"));
    assert_false(kt_partner_is_operation("s5:*"));
    assert_false(kt_partner_is_operation(""));
}

static void operations__are_those_that_are_named(void **state)
{
    (void)state;
    assert_true(kt_partner_may(&known[0], "PushPrices"));
    assert_true(kt_partner_may(&known[1], "PushStock"));
    assert_true(kt_partner_may(&known[1], "idoc:MATMAS"));
    assert_false(kt_partner_may(&known[1], "PushStocks"));
    assert_false(kt_partner_may(&known[1], "s4:SalesOrder"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(certificate__is_enough),
        TEST(certificate__agrees_with_its_own_login_alone),
        TEST(certificate__that_nobody_has_is_403),
        TEST(login__finds_its_partner),
        TEST(refusals__are_all_alike),
        TEST(login__passes_no_open_line),
        TEST(guessing__is_held_for_that_user_and_address_alone),
        TEST(guessing__from_one_ipv6_network_is_one),
        TEST(right_login__clears_what_was_mistyped),
        TEST(operations__of_the_contract_are_all_known),
        TEST(operations__are_those_that_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
