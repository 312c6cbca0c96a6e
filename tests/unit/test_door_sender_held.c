/* Rules of src/door/sender.c: whom refusals hold up, and that nobody is held up by others, nor for
 * good. */
#include "test_door_sender_kit.h"

#include "base/time.h"

/* The clock of the throttle; the test lets time pass. */
static int64_t passed_us;

int64_t __real_kt_mono_us(void);
int64_t __wrap_kt_mono_us(void);
int64_t __wrap_kt_mono_us(void)
{
    return __real_kt_mono_us() + passed_us;
}

static void fail_times(struct gate *g, int times)
{
    const enum kt_wss_code before = play.code;
    play.code = KT_WSS_SIGNATURE_VALUE;
    for (int i = 0; i < times; i++)
        assert_int_equal(believed(g, BELIEVED(PING)), 500);
    play.code = before;
}

static void strangers__hold_up_strangers(void **state)
{
    (void)state;
    struct gate g;
    open_door(&g, "192.0.2.21");
    fail_times(&g, 30);
    const unsigned opens = play.opens;
    assert_int_equal(believed(&g, BELIEVED(PING)), 429);
    assert_in_range(g.r.retry_after_s, 1, 61);
    passed_us += 50 * KT_SECOND;
    assert_int_equal(believed(&g, BELIEVED(PING)), 429); /* no turns for strangers */
    assert_int_equal(play.opens, opens);                 /* and no tree is made */
    assert_int_equal(push(&g, OPEN PING TAIL), 429);
    assert_int_equal(push(&g, "<no XML"), 429);
    assert_int_equal(admitted(&g), KT_ENTRY_STRANGER); /* whom it names stands in the body */
    play.named = "signed";                             /* a good partner behind the same address */
    assert_int_equal(believed(&g, BELIEVED(PING)), 200);
    play.named = NULL;
    g.q.address = "192.0.2.22"; /* another one is not held up */
    assert_int_equal(believed(&g, BELIEVED(PING)), 200);
    g.q.address = "192.0.2.21";
    show(&g, PRINT_SAP); /* nor the partner itself, once its connection says who it is */
    assert_int_equal(admitted(&g), KT_ENTRY_KNOWN);
    assert_int_equal(believed(&g, BELIEVED(PING)), 200);
    show(&g, "");
    passed_us += 20 * KT_SECOND; /* the minute is over */
    assert_int_equal(believed(&g, BELIEVED(PING)), 200);
    close_door(&g);
}

static void strangers__are_those_without_security_too(void **state)
{
    (void)state;
    struct gate g;
    open_door(&g, "192.0.2.23");
    play.named = "signed"; /* is asked of secured messages alone */
    for (int i = 0; i < 30; i++)
        assert_int_equal(push(&g, i % 2 == 0 ? OPEN PING TAIL : "<no XML"), 401);
    assert_int_equal(push(&g, OPEN PING TAIL), 429);
    assert_int_equal(believed(&g, BELIEVED(PING)), 200);
    close_door(&g);
}

/* A partner with a wrong clock does not hold up the others behind the same gateway. */
static void partner__that_fails_holds_up_itself(void **state)
{
    (void)state;
    struct gate g;
    open_door(&g, "192.0.2.24");
    play.named = "curve";
    fail_times(&g, 30);
    assert_int_equal(believed(&g, BELIEVED(PING)), 429);
    play.named = "signed";
    assert_int_equal(believed(&g, BELIEVED(PING)), 200);
    play.named = NULL; /* strangers have their own account */
    assert_int_equal(believed(&g, BELIEVED(PING)), 200);
    close_door(&g);
}

/* Whoever knows its certificate can name it: then it has turns. */
static void partner__is_never_held_up_for_good(void **state)
{
    (void)state;
    struct gate g;
    open_door(&g, "192.0.2.25");
    play.named = "signed";
    fail_times(&g, 30);
    assert_int_equal(believed(&g, BELIEVED(PING)), 429);
    assert_in_range(g.r.retry_after_s, 1, 3);
    passed_us += 2 * KT_SECOND;
    fail_times(&g, 1); /* another one took the turn */
    assert_int_equal(believed(&g, BELIEVED(PING)), 429);
    passed_us += 2 * KT_SECOND;
    play.key = "k1";
    assert_int_equal(believed(&g, BELIEVED(STOCK("B", ""))), 200);
    assert_int_equal(believed(&g, BELIEVED(PING)), 200); /* something new: the count is forgotten */
    fail_times(&g, 30);
    assert_int_equal(believed(&g, BELIEVED(PING)), 429);
    close_door(&g);
}

/* What was captured proves nothing, and forgets nothing. */
static void repeat__does_not_begin_the_count_anew(void **state)
{
    (void)state;
    struct gate g;
    open_door(&g, "192.0.2.26");
    play.named = "signed";
    fail_times(&g, 29);
    play.key = "k1"; /* one that brings something new: the partner is no attacker */
    assert_int_equal(believed(&g, BELIEVED(STOCK("A", ""))), 200);
    fail_times(&g, 29);
    assert_int_equal(believed(&g, BELIEVED(STOCK("A", ""))), 200);
    assert_true(says(&g, "<push:repeated>true<"));
    play.key = NULL;
    assert_int_equal(believed(&g, BELIEVED(PING)), 200);
    fail_times(&g, 1);
    assert_int_equal(believed(&g, BELIEVED(PING)), 429);
    close_door(&g);
}

static void wrong_password(struct gate *g, int times)
{
    play.code = KT_WSS_USER_PASSWORD;
    for (int i = 0; i < times; i++) {
        assert_int_equal(believed(g, BELIEVED(PING)), 500);
        assert_true(play.may_try);
    }
    play.code = KT_WSS_OK;
}

static void password__cannot_be_guessed(void **state)
{
    (void)state;
    struct gate g;
    open_door(&g, "192.0.2.27");
    play.user = "erp";
    play.named = "signed";
    wrong_password(&g, 10);
    assert_int_equal(believed(&g, BELIEVED(PING)), 500); /* right at last: not even looked at */
    assert_string_equal(play.audit, "user.throttled");
    g.q.address = "192.0.2.28"; /* from where the partner sits it goes on */
    assert_int_equal(believed(&g, BELIEVED(PING)), 200);
    g.q.address = "192.0.2.27";
    play.user = "another";
    assert_int_equal(believed(&g, BELIEVED(PING)), 200);
    close_door(&g);
}

static void password__that_is_right_comes_through(void **state)
{
    (void)state;
    struct gate g;
    open_door(&g, "192.0.2.30");
    play.user = "erp";
    play.named = "signed";
    wrong_password(&g, 10);
    passed_us += 5 * KT_SECOND;
    assert_int_equal(believed(&g, BELIEVED(PING)), 500);
    assert_string_equal(play.audit, "user.throttled");
    passed_us += KT_SECOND;
    wrong_password(&g, 1); /* a turn, and another one took it */
    assert_int_equal(believed(&g, BELIEVED(PING)), 500);
    passed_us += 6 * KT_SECOND;
    assert_int_equal(believed(&g, BELIEVED(PING)), 200);
    assert_int_equal(believed(&g, BELIEVED(PING)), 200);
    close_door(&g);
}

/* Who shows its certificate is not mistaken for others at its address. */
static void password__of_a_connection_is_its_own_to_guess(void **state)
{
    (void)state;
    struct gate g;
    open_door(&g, "192.0.2.31");
    play.user = "erp";
    wrong_password(&g, 10);
    assert_int_equal(believed(&g, BELIEVED(PING)), 500);
    show(&g, PRINT_SAP);
    assert_int_equal(believed(&g, BELIEVED(PING)), 200);
    wrong_password(&g, 10);
    g.q.address = "192.0.2.32"; /* it is the same partner */
    assert_int_equal(believed(&g, BELIEVED(PING)), 500);
    assert_string_equal(play.audit, "user.throttled");
    close_door(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strangers__hold_up_strangers),
        cmocka_unit_test(strangers__are_those_without_security_too),
        cmocka_unit_test(partner__that_fails_holds_up_itself),
        cmocka_unit_test(partner__is_never_held_up_for_good),
        cmocka_unit_test(repeat__does_not_begin_the_count_anew),
        cmocka_unit_test(password__cannot_be_guessed),
        cmocka_unit_test(password__that_is_right_comes_through),
        cmocka_unit_test(password__of_a_connection_is_its_own_to_guess),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
