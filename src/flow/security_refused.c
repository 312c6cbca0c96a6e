/* Refused messages, counted for the audit trail. Workers of the doors count, whoever comes when the
 * last second is over writes it for all; the house thread writes the rest. */
#include "flow/security.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "store/audit.h"

#define WRITE_EVERY_US KT_SECOND

enum { ROOM = KT_REFUSALS_OF_HOUR + 1, TEXT_MAX = 64 };

struct counted {
    char code[TEXT_MAX];
    char partner[TEXT_MAX];
    char address[TEXT_MAX];
    int64_t times;
    int64_t last_us;
};

/* Of this process. */
static struct {
    pthread_mutex_t lock;     /* guards all below */
    struct counted row[ROOM]; /* the last one is for what found no place */
    size_t rows;
    int64_t written_us; /* kt_mono_us */
} ledger = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void lock(void)
{
    KT_ASSERT(pthread_mutex_lock(&ledger.lock) == 0);
}

static void unlock(void)
{
    KT_ASSERT(pthread_mutex_unlock(&ledger.lock) == 0);
}

static bool is_row(const struct counted *row, const struct counted *sought)
{
    return strcmp(row->code, sought->code) == 0 && strcmp(row->partner, sought->partner) == 0 &&
           strcmp(row->address, sought->address) == 0 &&
           row->last_us / KT_HOUR == sought->last_us / KT_HOUR;
}

/* Under the lock. */
static void count(const struct counted *sought)
{
    size_t at = 0;
    while (at < ledger.rows && !is_row(&ledger.row[at], sought))
        at++;
    if (at == ledger.rows && at < ROOM - 1) {
        ledger.row[ledger.rows++] = *sought;
        return;
    }
    struct counted *row = &ledger.row[at < ROOM ? at : ROOM - 1];
    if (at == ROOM - 1 && ledger.rows == at) {
        *row = (struct counted){ .code = KT_REFUSAL_OTHERS };
        ledger.rows = ROOM;
    }
    row->times += sought->times;
    if (sought->last_us > row->last_us)
        row->last_us = sought->last_us;
}

/* Under the lock; the rows live in `a`. */
static struct counted *take_all(size_t *rows, struct kt_arena *a)
{
    *rows = ledger.rows;
    struct counted *taken = KT_NEW_ARRAY(a, *rows + 1, struct counted);
    memcpy(taken, ledger.row, *rows * sizeof *taken);
    ledger.rows = 0;
    ledger.written_us = kt_mono_us();
    return taken;
}

static enum kt_rc write_rows(struct kt_work *w, const struct counted *row, size_t rows,
                             struct kt_err *e)
{
    enum kt_rc rc = kt_tx_begin(w->db, e);
    for (size_t i = 0; rc == KT_OK && i < rows; i++) {
        const struct kt_refusal refusal = { .code = kt_str_of(row[i].code),
                                            .partner = kt_str_of(row[i].partner),
                                            .address = kt_str_of(row[i].address),
                                            .times = row[i].times,
                                            .last_us = row[i].last_us };
        rc = kt_refusal_add(w->db, &refusal, e);
    }
    if (rc == KT_OK)
        rc = kt_tx_commit(w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(w->db);
    return rc;
}

/* What could not be written is counted on. */
static void write_taken(struct kt_work *w, const struct counted *row, size_t rows)
{
    struct kt_err e = { 0 };
    if (rows == 0 || write_rows(w, row, rows, &e) == KT_OK)
        return;
    kt_log_failure(&w->log, KT_LOG_WARN, "security.refusals.unwritten", &e,
                   F_NUM("rows", (int64_t)rows));
    lock();
    for (size_t i = 0; i < rows; i++)
        count(&row[i]);
    unlock();
}

void kt_security_refused(struct kt_work *w, const char *code, const char *partner,
                         const char *address)
{
    struct counted sought = { .times = 1, .last_us = kt_now_us() };
    struct counted *taken = NULL;
    size_t rows = 0;
    (void)snprintf(sought.code, sizeof sought.code, "%s", code); /* names: a longer one is cut */
    (void)snprintf(sought.partner, sizeof sought.partner, "%s", partner == NULL ? "" : partner);
    (void)snprintf(sought.address, sizeof sought.address, "%s", address == NULL ? "" : address);
    lock();
    count(&sought);
    if (ledger.written_us == 0 || kt_mono_us() - ledger.written_us >= WRITE_EVERY_US)
        taken = take_all(&rows, w->arena);
    unlock();
    write_taken(w, taken, rows);
}

void kt_security_refused_write(struct kt_work *w)
{
    struct counted *taken = NULL;
    size_t rows = 0;
    lock();
    if (ledger.rows > 0)
        taken = take_all(&rows, w->arena);
    unlock();
    write_taken(w, taken, rows);
}
