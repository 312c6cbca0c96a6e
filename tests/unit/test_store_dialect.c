/* What an error of each database means: src/store/dialect_*.c. The states and numbers are those
 * that the drivers were seen to give. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "store/dialect.h"

struct given {
    const char *state;
    long native;
    enum kt_fault fault;
};

static void check(const struct kt_dialect *d, const struct given *g, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++) {
        const enum kt_fault fault = d->fault_of(g[i].state, g[i].native, text);
        if (fault != g[i].fault)
            fail_msg("%s %s/%ld: %d, not %d", d->name, g[i].state, g[i].native, (int)fault,
                     (int)g[i].fault);
    }
}

static void fault__of_postgresql(void **state)
{
    static const struct given given[] = {
        { "23505", 1, KT_FAULT_UNIQUE },     { "23502", 1, KT_FAULT_CONSTRAINT },
        { "23514", 1, KT_FAULT_CONSTRAINT }, { "55P03", 1, KT_FAULT_RETRY },
        { "40P01", 1, KT_FAULT_RETRY },      { "40001", 1, KT_FAULT_RETRY },
        { "57014", 1, KT_FAULT_RETRY },      { "53200", 1, KT_FAULT_RETRY },
        { "57P01", 1, KT_FAULT_LOST },       { "08S01", 35, KT_FAULT_LOST },
        { "08001", 101, KT_FAULT_LOST },     { "57P03", 1, KT_FAULT_LOST },
        { "53300", 1, KT_FAULT_LOST },       { "25P03", 1, KT_FAULT_LOST },
        { "57P05", 1, KT_FAULT_LOST },       { "53100", 1, KT_FAULT_FULL },
        { "25006", 1, KT_FAULT_READ_ONLY },  { "42P07", 1, KT_FAULT_THERE },
        { "42701", 1, KT_FAULT_THERE },      { "42P01", 1, KT_FAULT_OTHER },
        { "42601", 1, KT_FAULT_OTHER },      { "25P02", 1, KT_FAULT_OTHER },
    };
    (void)state;
    check(&kt_dialect_postgresql, given, KT_COUNT(given), "ERROR: x");
    assert_int_equal(
        kt_dialect_postgresql.fault_of("HY000", 1, "server closed the connection unexpectedly"),
        KT_FAULT_LOST);
    assert_true(kt_dialect_postgresql.is_refused(
        101, "connection to server failed: FATAL:  password authentication failed for user \"x\""));
    assert_true(kt_dialect_postgresql.is_refused(101, "FATAL:  database \"x\" does not exist"));
    assert_false(kt_dialect_postgresql.is_refused(101, "Connection refused"));
}

static void fault__of_mariadb(void **state)
{
    static const struct given given[] = {
        { "23000", 1062, KT_FAULT_UNIQUE },     { "23000", 1048, KT_FAULT_CONSTRAINT },
        { "23000", 4025, KT_FAULT_CONSTRAINT }, { "HY000", 1205, KT_FAULT_RETRY },
        { "40001", 1213, KT_FAULT_RETRY },      { "08S01", 2006, KT_FAULT_LOST },
        { "HY000", 2002, KT_FAULT_LOST },       { "HY000", 2013, KT_FAULT_LOST },
        { "08004", 1040, KT_FAULT_LOST },       { "42000", 1203, KT_FAULT_LOST },
        { "42000", 1226, KT_FAULT_LOST },       { "08S01", 1053, KT_FAULT_LOST },
        { "HY000", 1021, KT_FAULT_FULL },       { "HY000", 1114, KT_FAULT_FULL },
        { "HY000", 1290, KT_FAULT_READ_ONLY },  { "25006", 1792, KT_FAULT_READ_ONLY },
        { "42S01", 1050, KT_FAULT_THERE },      { "42S02", 1146, KT_FAULT_THERE },
        { "42S02", 1051, KT_FAULT_THERE },      { "42000", 1064, KT_FAULT_OTHER },
    };
    (void)state;
    check(&kt_dialect_mariadb, given, KT_COUNT(given), "x");
}

static void fault__of_sqlite(void **state)
{
    static const struct given given[] = {
        { "HY000", 5, KT_FAULT_RETRY },       { "HY000", 6, KT_FAULT_RETRY },
        { "HY000", 13, KT_FAULT_FULL },       { "HY000", 10, KT_FAULT_FULL },
        { "HY000", 8, KT_FAULT_READ_ONLY },   { "HY000", 1, KT_FAULT_OTHER },
        { "HY000", 19, KT_FAULT_CONSTRAINT },
    };
    (void)state;
    check(&kt_dialect_sqlite, given, KT_COUNT(given), "NOT NULL constraint failed: x.y");
    assert_int_equal(kt_dialect_sqlite.fault_of("HY000", 19, "UNIQUE constraint failed: x.y"),
                     KT_FAULT_UNIQUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault__of_postgresql),
        cmocka_unit_test(fault__of_mariadb),
        cmocka_unit_test(fault__of_sqlite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
