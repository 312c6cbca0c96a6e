#ifndef KT_TESTS_FAKE_LEDGER_H
#define KT_TESTS_FAKE_LEDGER_H

#include "fake_partner.h"
#include "flow/runs.h"

/* An ERP inside the test's process that holds articles, prices, stock and categories as they are
 * now, serves snapshots and changes page by page, and breaks off, begins anew or miscounts as the
 * test says. It takes the place of the fake's ERP: fake_open, then ledger_open. */

enum { LEDGER_ITEMS = 1200 };

struct ledger_item {
    char id[16];
    int value; /* of a name, a price in cents, a stock figure */
    bool is_alive;
    int64_t as_of_us;
    int64_t change; /* number of its last change */
};

struct ledger {
    struct fake *fake;
    struct ledger_item item[KT_FEEDS][LEDGER_ITEMS];
    size_t items[KT_FEEDS];
    int64_t changes;
    size_t page_rows;
    size_t page;          /* of the run under way, from 0 */
    int fails_at;         /* this page cannot be had; -1: none */
    int begins_anew_at;   /* here it no longer knows its token; -1: nowhere */
    bool hides_deletions; /* changes do not tell what is gone */
    bool says_snapshot;
    bool says_total;
    const char *unreadable; /* id of an item whose record is damaged; NULL: none */
    int64_t miscounts;      /* added to the total */
    int64_t begun_us;       /* what it says of a snapshot; 0: nothing */
    void (*before)(struct ledger *l, void *context); /* before each page; NULL: nothing */
    void *context;
};

void ledger_open(struct ledger *l, struct fake *f);

/* Puts or changes an item; of a category the value means nothing. */
void ledger_put(struct ledger *l, enum kt_feed feed, const char *id, int value);
void ledger_remove(struct ledger *l, enum kt_feed feed, const char *id);
/* `count` items "0000", "0001", … with this value. */
void ledger_fill(struct ledger *l, enum kt_feed feed, int count, int value);

/* One run of the feed; what it did is in *report, its row is given back. */
struct kt_run ledger_run(struct ledger *l, enum kt_feed feed, bool full,
                         struct kt_intake_report *report);
/* Of the newest run. */
struct kt_run ledger_last_run(struct ledger *l, enum kt_feed feed);

/* Living keys of a kind in the store, in all scopes; a record's as_of (-1: none) and value. */
int64_t ledger_living(struct ledger *l, enum kt_kind kind);
bool ledger_lives(struct ledger *l, enum kt_feed feed, const char *id);
int ledger_value(struct ledger *l, enum kt_feed feed, const char *id);
/* Does the store hold exactly what the ERP holds? Fails the test with the first difference. */
void ledger_check(struct ledger *l, enum kt_feed feed);

#endif
