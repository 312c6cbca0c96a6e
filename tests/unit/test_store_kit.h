#ifndef KT_TESTS_UNIT_TEST_STORE_KIT_H
#define KT_TESTS_UNIT_TEST_STORE_KIT_H

/* What the tests of the store share: a fresh, migrated database each, of the kind that server_db.h
 * says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/time.h"
#include "server_db.h"

struct kit {
    char folder[64];
    char file[96];
    struct kt_db_conf conf;
    struct kt_log log;
    struct kt_db *db;
    struct kt_arena *a;
    struct kt_err e;
};

/* must(k, call): the call succeeds, or the test says why not. */
#define must(k, call)                                              \
    do {                                                           \
        if ((call) != KT_OK) {                                     \
            char why_[512];                                        \
            kt_sentence(&(k)->e.v, KT_LANG_EN, why_, sizeof why_); \
            fail_msg("%s: %s (%s)", #call, why_, (k)->e.trail);    \
        }                                                          \
    } while (0)

/* must_fail(k, call, KT_REJECT, STORE_REFUSED) */
#define must_fail(k, call, verdict, code_name)                        \
    do {                                                              \
        assert_int_equal((call), (verdict));                          \
        assert_string_equal(kt_code_name((k)->e.v.code), #code_name); \
        kt_err_clear(&(k)->e);                                        \
    } while (0)

static inline void kit_conf(struct kit *k)
{
    memset(k, 0, sizeof *k);
    (void)snprintf(k->folder, sizeof k->folder, "%s/kontor-XXXXXX",
                   getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
    assert_non_null(mkdtemp(k->folder));
    (void)snprintf(k->file, sizeof k->file, "%s/kontor.db", k->folder);
    k->conf = server_conf(k->file, 5);
    k->log.least = KT_LOG_ERROR;
    k->a = kt_arena_new();
}

static inline void kit_sql(struct kit *k, const char *text)
{
    must(k, kt_odbc_direct(k->db, "test", text, 0, &k->e));
}

static inline void kit_empty(struct kit *k)
{
    must(k, kt_db_open(&k->db, &k->conf, &k->log, &k->e));
    must(k, server_empty(k->db, &k->e));
}

static inline void kit_open(struct kit *k)
{
    int from = -1;
    int to = -1;
    kit_conf(k);
    kit_empty(k);
    must(k, kt_db_migrate(k->db, &from, &to, k->a, &k->e));
    assert_int_equal(from, 0);
    assert_true(to >= 1);
}

/* One more connection to the same database. */
static inline struct kt_db *kit_also(struct kit *k)
{
    struct kt_db *db = NULL;
    must(k, kt_db_open(&db, &k->conf, &k->log, &k->e));
    return db;
}

static inline void kit_close(struct kit *k)
{
    static const char *const parts[] = { "", "-wal", "-shm", "-journal" };
    kt_db_close(k->db);
    kt_arena_free(k->a);
    for (size_t i = 0; i < KT_COUNT(parts); i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s%s", k->file, parts[i]);
        (void)unlink(path); /* most of them are not there */
    }
    assert_int_equal(rmdir(k->folder), 0);
}

/* A number that a statement without parameters gives. */
static inline int64_t kit_number(struct kit *k, const char *text)
{
    struct kt_sql *s;
    struct kt_value v = kt_int(-1);
    bool found;
    must(k, kt_sql_prepare(&s, k->db, "test", text, &k->e));
    must(k, kt_sql_one(k->db, s, NULL, 0, "i", &v, &found, k->a, &k->e));
    (void)SQLFreeHandle(SQL_HANDLE_STMT, s->handle);
    return found ? v.number : -1;
}

static inline void kit_begin(struct kit *k)
{
    must(k, kt_tx_begin(k->db, &k->e));
}

static inline void kit_commit(struct kit *k)
{
    must(k, kt_tx_commit(k->db, &k->e));
}

/* A checked stock record: what most tests write. */
static inline struct kt_change kit_stock(struct kit *k, const char *sku, int64_t quantity,
                                         int64_t as_of_us)
{
    struct kt_stock *s = KT_NEW(k->a, struct kt_stock);
    KT_PUT(s, kt_stock_shape, scope, KT_STR("erp"));
    KT_PUT(s, kt_stock_shape, sku, kt_str_copy(k->a, kt_str_of(sku)));
    KT_PUT(s, kt_stock_shape, warehouse, KT_STR("W1"));
    KT_PUT(s, kt_stock_shape, available, kt_dec_int(quantity));
    must(k, kt_shape_check(&kt_stock_shape, s, k->a, &k->e));
    return (struct kt_change){ .kind = KT_KIND_STOCK, .as_of_us = as_of_us, .record = s };
}

#endif
