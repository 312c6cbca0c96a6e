/* The in-process ERP of the flow's tests. */
#include "fake_partner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct kt_erp {
    struct fake_world *world;
};

static enum kt_rc erp_open(struct kt_erp **out, const void *conf, const struct kt_env *env,
                           struct kt_err *e)
{
    (void)env;
    (void)e;
    const struct fake_conf *c = conf;
    *out = calloc(1, sizeof **out);
    assert_non_null(*out);
    (*out)->world = c->world;
    return KT_OK;
}

static void erp_close(struct kt_erp *erp)
{
    free(erp);
}

static enum kt_rc erp_identify(struct kt_erp *erp, struct kt_identity *who, enum kt_grade *grade,
                               unsigned *limit_s, struct kt_arena *a, struct kt_err *e)
{
    (void)a;
    (void)e;
    fake_lock(erp->world);
    who->text = erp->world->erp_identity;
    *grade = erp->world->grade;
    *limit_s = erp->world->server_limit_s;
    fake_unlock(erp->world);
    return KT_OK;
}

static enum kt_rc erp_pull(struct kt_erp *erp, struct kt_page *page, struct kt_arena *a,
                           struct kt_err *e)
{
    (void)e;
    struct fake_world *w = erp->world;
    fake_lock(w);
    const struct kt_changes *feed = &w->feed[page->feed];
    int64_t from = page->token.n > 0 ? strtoll(page->token.p, NULL, 10) : 0;
    for (int64_t i = from; i < (int64_t)feed->count; i++) {
        struct kt_change copy = feed->item[i];
        size_t size = kt_kind_shape[copy.kind]->size;
        copy.record = memcpy(kt_alloc(a, size), copy.record, size);
        kt_changes_add(&page->changes, copy);
    }
    if (page->feed == KT_FEED_SHIPMENTS && w->shipments > 0) {
        struct kt_shipment *copy = KT_NEW_ARRAY(a, w->shipments, struct kt_shipment);
        memcpy(copy, w->shipment, w->shipments * sizeof *copy);
        page->shipments = (struct kt_shipments){ copy, w->shipments };
    }
    page->next = kt_str_of(kt_format(a, "%zu", feed->count));
    page->is_more = w->pages_go_round;
    fake_unlock(w);
    return KT_OK;
}

static struct fake_document *document_of(struct fake_world *w, const char *key)
{
    for (size_t i = 0; i < w->documents; i++) {
        if (strcmp(w->document[i].key, key) == 0)
            return &w->document[i];
    }
    return NULL;
}

static void fill_booking(struct kt_booking *b, const char *key, struct kt_arena *a)
{
    KT_PUT(b, kt_booking_shape, number, kt_str_of(kt_format(a, "D%s", key + 20)));
}

static enum kt_rc erp_find(struct kt_erp *erp, const char *key, enum kt_found *found,
                           struct kt_booking *booked, struct kt_arena *a, struct kt_err *e)
{
    struct fake_world *w = erp->world;
    fake_lock(w);
    const struct fake_document *d = document_of(w, key);
    w->finds++;
    *found = d == NULL ? KT_ABSENT : d->is_pending ? KT_PENDING : KT_FOUND;
    if (*found == KT_FOUND)
        fill_booking(booked, key, a);
    bool is_away = w->find == FAKE_IS_AWAY;
    fake_unlock(w);
    return is_away ? fake_away(e, KT_RETRY) : KT_OK;
}

static void book(struct fake_world *w, const char *key, bool is_pending)
{
    struct fake_document *d = document_of(w, key);
    if (d != NULL && w->grade == KT_GRADE_KEY)
        return; /* the key is honoured */
    assert_true(w->documents < FAKE_DOCUMENTS);
    d = &w->document[w->documents++];
    (void)snprintf(d->key, sizeof d->key, "%s", key);
    d->is_pending = is_pending;
}

static enum kt_rc erp_create(struct kt_erp *erp, const char *key, const struct kt_order *order,
                             const struct kt_order_terms *terms, struct kt_booking *booked,
                             struct kt_arena *a, struct kt_err *e)
{
    struct fake_world *w = erp->world;
    enum kt_rc rc = KT_OK;
    fake_lock(w);
    w->creates++;
    (void)snprintf(w->booked_for, sizeof w->booked_for, "%.*s", (int)terms->customer.n,
                   terms->customer.n > 0 ? terms->customer.p : "");
    enum fake_answer answer = w->create;
    if (answer == FAKE_OK || answer == FAKE_LOSES_ANSWER || answer == FAKE_IS_SLOW)
        book(w, key, answer == FAKE_IS_SLOW);
    if (answer == FAKE_REFUSES)
        rc = kt_fail(e, KT_REJECT, KT_RECORD, KT_E_ORDER_REFUSED,
                     KT_P_TEXT("order", order->number.p), KT_P_TEXT("message", "no"),
                     KT_P_TEXT("id", "V1"), KT_P_TEXT("number", "001"));
    else if (answer == FAKE_IS_AWAY)
        rc = fake_away(e, KT_RETRY);
    else if (answer != FAKE_OK)
        rc = kt_fail(e, KT_UNSURE, KT_ENDPOINT, KT_E_PARTNER_ANSWER_LOST,
                     KT_P_TEXT("partner", "fake"), KT_P_TEXT("detail", "cut"));
    if (rc == KT_OK) {
        struct kt_dec gross = w->booked_gross.scale == 255 ? order->gross : w->booked_gross;
        fill_booking(booked, key, a);
        KT_PUT(booked, kt_booking_shape, gross, gross);
        KT_PUT(booked, kt_booking_shape, currency, order->currency);
    }
    fake_unlock(w);
    return rc;
}

static enum kt_rc erp_check(struct kt_erp *erp, const struct kt_order *order, struct kt_err *e)
{
    (void)erp;
    (void)order;
    (void)e;
    return KT_OK;
}

static enum kt_rc erp_customers(struct kt_erp *erp, const struct kt_order *order,
                                struct kt_customer_match **match, size_t *count, struct kt_arena *a,
                                struct kt_err *e)
{
    (void)order;
    (void)e;
    fake_lock(erp->world);
    *count = erp->world->customers;
    fake_unlock(erp->world);
    *match = KT_NEW_ARRAY(a, *count + 1, struct kt_customer_match);
    for (size_t i = 0; i < *count; i++)
        (*match)[i].number = kt_str_of(kt_format(a, "C%zu", i + 1));
    return KT_OK;
}

static const struct kt_erp_facts erp_facts = {
    .feed = { [KT_FEED_CATALOGUE] = KT_FEED_DELTA_DELETES,
              [KT_FEED_PRICES] = KT_FEED_DELTA_DELETES,
              [KT_FEED_STOCK] = KT_FEED_DELTA_DELETES,
              [KT_FEED_SHIPMENTS] = KT_FEED_DELTA },
};

const struct kt_erp_ops fake_erp_ops = {
    .name = "fake",
    .opts = fake_no_opts,
    .conf_size = sizeof(struct fake_conf),
    .facts = &erp_facts,
    .open = erp_open,
    .close = erp_close,
    .max_call_s = fake_one_second,
    .identify = erp_identify,
    .pull = erp_pull,
    .order_find = erp_find,
    .order_create = erp_create,
    .order_check = erp_check,
    .customer_find = erp_customers,
};
