/* Rules of src/door/door.c: a handler runs only when there is something to write to and room for
 * it; else the door answers itself, and looks again. */
#include "door/door.h"

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

#include "base/metric.h"
#include "base/time.h"

#define MUST(call) assert_int_equal((call), KT_OK)

struct fixture {
    struct kt_arena *arena;   /* of the fixture */
    struct kt_arena *request; /* of one request */
    char folder[64];
    struct kt_site site;
    struct kt_door_conf conf;
    struct kt_door_parts parts;
    struct kt_log log;
    void *worker;
};

static int set_up(void **state)
{
    struct fixture *x = test_calloc(1, sizeof *x);
    x->arena = kt_arena_new();
    x->request = kt_arena_new();
    (void)snprintf(x->folder, sizeof x->folder, "/tmp/kontor-door-XXXXXX");
    if (mkdtemp(x->folder) == NULL)
        return -1;
    x->log = (struct kt_log){ .least = KT_LOG_ERROR };
    x->site.db = (struct kt_db_conf){ .busy_s = 1,
                                      .file = kt_format(x->arena, "%s/in/kontor.db", x->folder) };
    x->conf =
        (struct kt_door_conf){ .message_max = 1 << 20, .document_max = 2 << 20, .workers = 1 };
    kt_door_parts(&x->parts, &x->conf, &x->site, NULL, 5, &x->log, x->arena);
    *state = x;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *x = *state;
    if (x->worker != NULL)
        x->parts.pool[0].end(x->worker);
    int rc = system(kt_format(x->arena, "rm -r %s", x->folder)); /* NOLINT: a folder of our own */
    kt_arena_free(x->request);
    kt_arena_free(x->arena);
    test_free(x);
    return rc;
}

static const struct kt_route *route_of(const struct fixture *x, const char *path)
{
    for (size_t i = 0; i < x->parts.routes; i++) {
        if (strcmp(x->parts.route[i].path, path) == 0)
            return &x->parts.route[i];
    }
    fail_msg("there is no route %s", path);
    return NULL;
}

static struct kt_reply ask(struct fixture *x, const char *method, const char *path)
{
    const struct kt_route *route = route_of(x, path);
    const struct kt_pool *pool = &x->parts.pool[route->pool - 5];
    struct kt_request q = { .method = kt_str_of(method),
                            .path = kt_str_of(path),
                            .head = KT_STR(""),
                            .address = "127.0.0.1",
                            .fingerprint = "",
                            .subject = "",
                            .listener = "test" };
    struct kt_reply r = { .status = 500 };
    kt_arena_reset(x->request);
    if (x->worker == NULL)
        x->worker = pool->begin(pool->context, 0);
    route->handler(x->worker, route->context, &q, &r, x->request);
    return r;
}

static void make_database(struct fixture *x)
{
    struct kt_err e = { 0 };
    struct kt_db *db = NULL;
    int from = 0;
    int to = 0;
    assert_int_equal(mkdir(kt_format(x->arena, "%s/in", x->folder), 0700), 0);
    MUST(kt_db_open(&db, &x->site.db, &x->log, &e));
    MUST(kt_db_migrate(db, &from, &to, x->arena, &e));
    kt_db_close(db);
}

static void database__that_is_away_is_503_until_it_is_there(void **state)
{
    struct fixture *x = *state;
    struct kt_reply r = ask(x, "POST", "/soap/push");
    assert_int_equal(r.status, 503);
    assert_true(r.retry_after_s > 0);
    make_database(x);
    const int64_t until_us = kt_mono_us() + 10 * KT_SECOND;
    while (r.status == 503 && kt_mono_us() < until_us)
        r = ask(x, "POST", "/soap/push"); /* it looks again within a second */
    assert_int_equal(r.status, 401);
}

static void page__needs_no_database(void **state)
{
    struct kt_reply r = ask(*state, "GET", "/soap/push");
    assert_int_equal(r.status, 200);
}

static void disk__below_its_reserve_takes_nothing(void **state)
{
    struct fixture *x = *state;
    make_database(x);
    x->conf.disk_reserve = INT64_MAX;
    struct kt_reply r = ask(x, "POST", "/idoc");
    assert_int_equal(r.status, 503);
    assert_true(r.retry_after_s > 0);
    assert_false(kt_door_has_room(&x->conf, &x->site));
    x->conf.disk_reserve = 1;
    assert_int_equal(ask(x, "POST", "/idoc").status, 401);
    assert_true(kt_door_has_room(&x->conf, &x->site));
}

static void requests__are_counted_by_door_and_status(void **state)
{
    struct fixture *x = *state;
    make_database(x);
    const int64_t before = kt_metric_get(KT_M_DOOR_REQUESTS, KT_LABELS("s4", "401"));
    assert_int_equal(ask(x, "POST", "/soap/s4").status, 401);
    assert_int_equal(kt_metric_get(KT_M_DOOR_REQUESTS, KT_LABELS("s4", "401")), before + 1);
}

static void messages__are_counted_with_their_records(void **state)
{
    struct kt_inbound in = { .partner = "p", .count = { 1, 2, 3, 4 } };
    (void)state;
    kt_door_count("t", &in, KT_OK);
    in.is_repeat = true; /* its records were counted the first time */
    kt_door_count("t", &in, KT_OK);
    kt_door_count("t", &in, KT_REJECT);
    kt_door_count("t", &in, KT_RETRY);
    kt_door_count("t", &in, KT_UNSURE);
    assert_int_equal(kt_metric_get(KT_M_MESSAGES, KT_LABELS("t", "p", "taken")), 1);
    assert_int_equal(kt_metric_get(KT_M_MESSAGES, KT_LABELS("t", "p", "repeated")), 1);
    assert_int_equal(kt_metric_get(KT_M_MESSAGES, KT_LABELS("t", "p", "refused")), 1);
    assert_int_equal(kt_metric_get(KT_M_MESSAGES, KT_LABELS("t", "p", "retry")), 2);
    assert_int_equal(kt_metric_get(KT_M_RECORDS, KT_LABELS("t", "p", "refused")), 1);
    assert_int_equal(kt_metric_get(KT_M_RECORDS, KT_LABELS("t", "p", "accepted")), 2);
    assert_int_equal(kt_metric_get(KT_M_RECORDS, KT_LABELS("t", "p", "unchanged")), 3);
    assert_int_equal(kt_metric_get(KT_M_RECORDS, KT_LABELS("t", "p", "stale")), 4);
}

static void routes__have_their_limits_and_pools(void **state)
{
    struct fixture *x = *state;
    assert_int_equal(route_of(x, "/soap/push")->body_max, 2 << 20); /* documents come there, too */
    assert_int_equal(route_of(x, "/idoc")->body_max, 1 << 20);
    assert_int_equal(route_of(x, "/idoc")->pool, 5);
    assert_int_equal(route_of(x, "/webhook/")->pool, 6);
    assert_int_equal(route_of(x, "/webhook/")->role, KT_ROLE_WEBHOOK);
    assert_int_equal(x->parts.pool[0].workers, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(database__that_is_away_is_503_until_it_is_there),
        TEST(page__needs_no_database),
        TEST(disk__below_its_reserve_takes_nothing),
        TEST(requests__are_counted_by_door_and_status),
        TEST(messages__are_counted_with_their_records),
        TEST(routes__have_their_limits_and_pools),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
