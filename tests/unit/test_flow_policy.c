/* Fates: what follows a verdict. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "flow/policy.h"

static const struct kt_site site = { .retry_first_s = 5, .retry_most_s = 900, .settle_s = 10 };

#define NOW (INT64_C(1000000) * KT_SECOND)

static struct kt_verdict verdict(enum kt_rc rc, enum kt_reach reach)
{
    return (struct kt_verdict){ .rc = rc, .reach = reach };
}

static void delivery__ok_is_done(void **state)
{
    (void)state;
    struct kt_verdict v = verdict(KT_OK, KT_RECORD);
    struct kt_fate fate = kt_policy_delivery(&site, &v, 3, NOW);
    assert_int_equal(fate.kind, KT_FATE_DONE);
    assert_int_equal(fate.attempts, 0);
    assert_false(fate.is_exception);
}

static void delivery__refusal_parks_and_is_shown(void **state)
{
    (void)state;
    struct kt_verdict v = verdict(KT_REJECT, KT_RECORD);
    struct kt_fate fate = kt_policy_delivery(&site, &v, 0, NOW);
    assert_int_equal(fate.kind, KT_FATE_PARK);
    assert_true(fate.due_us == KT_NEVER);
    assert_true(fate.is_exception);
}

/* Once for a create of ours that is still running over there, once for what is there now. */
static void delivery__taken_sku_is_looked_up_twice_before_it_is_shown(void **state)
{
    (void)state;
    struct kt_verdict v = verdict(KT_REJECT, KT_RECORD);
    v.code = KT_E_CHANNEL_SKU_TAKEN;
    struct kt_fate first = kt_policy_delivery(&site, &v, 0, NOW);
    struct kt_fate second = kt_policy_delivery(&site, &v, first.attempts, NOW);
    struct kt_fate third = kt_policy_delivery(&site, &v, second.attempts, NOW);
    assert_int_equal(first.kind, KT_FATE_AGAIN);
    assert_int_equal(second.kind, KT_FATE_AGAIN);
    assert_false(second.is_exception);
    assert_int_equal(third.kind, KT_FATE_PARK);
    assert_true(third.is_exception);
}

static void delivery__waits_grow_and_stay_within_their_bounds(void **state)
{
    (void)state;
    struct kt_verdict v = verdict(KT_RETRY, KT_RECORD);
    int64_t most_us = site.retry_most_s * KT_SECOND;
    int64_t whole_us = site.retry_first_s * KT_SECOND;
    for (int attempts = 0; attempts < 40; attempts++) {
        struct kt_fate fate = kt_policy_delivery(&site, &v, attempts, NOW);
        int64_t wait_us = fate.due_us - NOW;
        assert_int_equal(fate.kind, KT_FATE_AGAIN);
        assert_true(wait_us <= whole_us);
        assert_true(wait_us >= whole_us - whole_us / 5);
        assert_int_equal(fate.is_exception, attempts + 1 >= 8);
        whole_us = whole_us * 2 > most_us ? most_us : whole_us * 2;
    }
}

static void delivery__partners_own_wait_is_kept(void **state)
{
    (void)state;
    struct kt_verdict v = verdict(KT_RETRY, KT_RECORD);
    v.retry_after_s = 120;
    struct kt_fate fate = kt_policy_delivery(&site, &v, 0, NOW);
    assert_true(fate.due_us == NOW + 120 * KT_SECOND);
}

static void endpoint__login_is_shown_at_once_and_silence_after_three(void **state)
{
    (void)state;
    struct kt_verdict login = verdict(KT_CONFIG, KT_ENDPOINT);
    struct kt_verdict silence = verdict(KT_RETRY, KT_ENDPOINT);
    assert_true(kt_policy_endpoint(&site, &login, 1, NOW).is_exception);
    assert_false(kt_policy_endpoint(&site, &silence, 2, NOW).is_exception);
    assert_true(kt_policy_endpoint(&site, &silence, 3, NOW).is_exception);
}

/* --- look-ups of creates whose answer is missing --- */

static enum kt_lookup_fate look(struct kt_lookup *l, enum kt_found found, int64_t now_us,
                                int64_t *due_us)
{
    l->found = found;
    return kt_policy_lookup(&site, l, now_us, due_us);
}

static struct kt_lookup sent(enum kt_grade grade)
{
    return (struct kt_lookup){
        .grade = grade, .sent_us = NOW, .deadline_us = NOW + 60 * KT_SECOND, .server_limit_s = 600
    };
}

static void lookup__pending_never_creates(void **state)
{
    (void)state;
    for (int grade = KT_GRADE_LOOKUP; grade <= KT_GRADE_KEY; grade++) {
        struct kt_lookup l = sent((enum kt_grade)grade);
        int64_t due_us = 0;
        for (int64_t later_s = 0; later_s < 100000; later_s += 997) {
            int64_t now_us = l.deadline_us + later_s * KT_SECOND;
            assert_int_equal(look(&l, KT_PENDING, now_us, &due_us), KT_LOOKUP_LATER);
            assert_true(due_us > now_us);
        }
    }
}

static void lookup__honoured_key_creates_after_absent(void **state)
{
    (void)state;
    struct kt_lookup l = sent(KT_GRADE_KEY);
    int64_t due_us = 0;
    assert_int_equal(look(&l, KT_ABSENT, l.deadline_us, &due_us), KT_LOOKUP_CREATE);
}

static void lookup__without_key_waits_for_the_servers_limit_and_a_second_absent(void **state)
{
    (void)state;
    struct kt_lookup l = sent(KT_GRADE_LOOKUP);
    int64_t due_us = 0;
    int64_t gone_us = l.deadline_us + (600 + 10) * KT_SECOND;
    assert_int_equal(look(&l, KT_ABSENT, l.deadline_us, &due_us), KT_LOOKUP_LATER);
    assert_true(due_us == gone_us);
    assert_int_equal(look(&l, KT_ABSENT, gone_us, &due_us), KT_LOOKUP_LATER);
    assert_true(due_us > gone_us);
    assert_int_equal(look(&l, KT_ABSENT, due_us, &due_us), KT_LOOKUP_CREATE);
}

static void lookup__pending_starts_the_two_absents_anew(void **state)
{
    (void)state;
    struct kt_lookup l = sent(KT_GRADE_LOOKUP);
    int64_t due_us = 0;
    int64_t gone_us = l.deadline_us + (600 + 10) * KT_SECOND;
    assert_int_equal(look(&l, KT_ABSENT, gone_us, &due_us), KT_LOOKUP_LATER);
    assert_int_equal(look(&l, KT_PENDING, due_us, &due_us), KT_LOOKUP_LATER);
    assert_int_equal(look(&l, KT_ABSENT, due_us, &due_us), KT_LOOKUP_LATER);
    assert_int_equal(look(&l, KT_ABSENT, due_us, &due_us), KT_LOOKUP_CREATE);
}

static void lookup__without_any_grade_a_person_decides(void **state)
{
    (void)state;
    struct kt_lookup l = sent(KT_GRADE_NONE);
    int64_t due_us = 0;
    assert_int_equal(look(&l, KT_ABSENT, l.deadline_us + KT_DAY_US, &due_us), KT_LOOKUP_PERSON);
}

static void lookup__without_the_servers_limit_a_person_decides(void **state)
{
    (void)state;
    struct kt_lookup l = sent(KT_GRADE_LOOKUP);
    int64_t due_us = 0;
    l.server_limit_s = 0;
    assert_int_equal(look(&l, KT_PENDING, l.deadline_us, &due_us), KT_LOOKUP_LATER);
    assert_int_equal(look(&l, KT_ABSENT, l.deadline_us + KT_DAY_US, &due_us), KT_LOOKUP_PERSON);
}

static void lookup__found_is_booked_whatever_the_grade(void **state)
{
    (void)state;
    for (int grade = KT_GRADE_NONE; grade <= KT_GRADE_KEY; grade++) {
        struct kt_lookup l = sent((enum kt_grade)grade);
        int64_t due_us = 0;
        assert_int_equal(look(&l, KT_FOUND, l.deadline_us, &due_us), KT_LOOKUP_BOOKED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delivery__ok_is_done),
        cmocka_unit_test(delivery__refusal_parks_and_is_shown),
        cmocka_unit_test(delivery__taken_sku_is_looked_up_twice_before_it_is_shown),
        cmocka_unit_test(delivery__waits_grow_and_stay_within_their_bounds),
        cmocka_unit_test(delivery__partners_own_wait_is_kept),
        cmocka_unit_test(endpoint__login_is_shown_at_once_and_silence_after_three),
        cmocka_unit_test(lookup__pending_never_creates),
        cmocka_unit_test(lookup__honoured_key_creates_after_absent),
        cmocka_unit_test(lookup__without_key_waits_for_the_servers_limit_and_a_second_absent),
        cmocka_unit_test(lookup__pending_starts_the_two_absents_anew),
        cmocka_unit_test(lookup__without_any_grade_a_person_decides),
        cmocka_unit_test(lookup__without_the_servers_limit_a_person_decides),
        cmocka_unit_test(lookup__found_is_booked_whatever_the_grade),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
