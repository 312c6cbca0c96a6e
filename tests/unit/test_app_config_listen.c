/* Rules of src/app/config_listen.c: who may come in is said completely and safely, or the file is
 * refused at the line. */
#include "app/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "door/drop.h"

#define PRINT_A                                                                \
    "AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:" \
    "AB:CD:EF:01:23:45:67:89"
#define PLAIN_A "abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789"

struct fixture {
    char folder[64];
    char file[96];
    struct kt_arena *arena;
    struct kt_problems problems;
};

static const char head[] = "installation: demo\n"
                           "erps:\n"
                           "  main:\n"
                           "    adapter: sap\n"
                           "    scope: sap-800\n"
                           "    connection: { url: https://erp.example/k, user: K, password: "
                           "file:secret, sales_org: \"1000\", distribution_channel: \"10\", "
                           "division: \"00\", doc_type: ZWEB, one_time_customer: \"9\" }\n";

static const char push_listener[] = "listen:\n"
                                    "  sap: { port: 8443, roles: [push], certificate: c.pem, "
                                    "key: k.pem }\n";

static const char partner[] = "partners:\n"
                              "  sap: { erp: main, user: SAP, password: file:secret }\n";

static void write_file(const char *path, const char *const *part)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    for (; *part != NULL; part++)
        assert_true(fputs(*part, f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, 0600), 0);
}

static int set_up(void **state)
{
    struct fixture *x = calloc(1, sizeof *x);
    if (x == NULL)
        return -1;
    (void)snprintf(x->folder, sizeof x->folder, "/tmp/kontor-listen-XXXXXX");
    if (mkdtemp(x->folder) == NULL)
        return -1;
    (void)snprintf(x->file, sizeof x->file, "%s/kontor.yaml", x->folder);
    x->arena = kt_arena_new();
    x->problems = (struct kt_problems){ .arena = x->arena };
    write_file(kt_format(x->arena, "%s/secret", x->folder),
               (const char *const[]){ "hush\n", NULL });
    *state = x;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *x = *state;
    (void)remove(kt_format(x->arena, "%s/secret", x->folder));
    (void)remove(x->file);
    int rc = rmdir(x->folder);
    kt_arena_free(x->arena);
    free(x);
    return rc;
}

static struct kt_config *load(struct fixture *x, const char *sections)
{
    write_file(x->file, (const char *const[]){ head, sections, NULL });
    x->problems.count = 0;
    return kt_config_load(x->file, &x->problems);
}

static void print_problems(const struct fixture *x)
{
    for (size_t i = 0; i < x->problems.count; i++)
        print_message("%s\n", x->problems.text[i]);
}

/* The only problem, and that it stands at a line of the file. */
static void expect_problem(struct fixture *x, const char *sections, const char *text)
{
    struct kt_config *c = load(x, sections);
    const size_t n = strlen(x->file);
    assert_null(c);
    if (x->problems.count != 1 || strstr(x->problems.text[0], text) == NULL ||
        strncmp(x->problems.text[0], x->file, n) != 0 || x->problems.text[0][n] != ':') {
        print_problems(x);
        fail_msg("expected one problem: %s", text);
    }
}

static struct kt_config *must_load(struct fixture *x, const char *sections)
{
    struct kt_config *c = load(x, sections);
    print_problems(x);
    assert_non_null(c);
    return c;
}

/* --- what is sound --- */

static void silence__means_that_nobody_comes_in(void **state)
{
    struct kt_config *c = must_load(*state, "");
    assert_int_equal(c->door.listens, 0);
    assert_int_equal(c->door.partners, 0);
    assert_int_equal(c->door.drops, 0);
    assert_null(c->door.blobs);
    assert_int_equal(c->door.message_max, 32 << 20);
    assert_int_equal(c->door.document_max, 64 << 20);
    assert_int_equal(c->door.workers, 8);
    assert_true(c->site.messages_keep_us == 30 * KT_DAY_US);
    kt_config_close(c);
}

static void listener__gets_its_roles(void **state)
{
    struct kt_config *c =
        must_load(*state, "listen:\n"
                          "  one: { port: 1, roles: [webhook, admin] }\n"
                          "  two: { port: 2, roles: [metrics], address: \"::1\" }\n");
    assert_int_equal(c->door.listens, 2);
    assert_int_equal(c->door.listen[0].role, KT_ROLE_WEBHOOK | KT_ROLE_ADMIN);
    assert_string_equal(c->door.listen[0].name, "one");
    assert_string_equal(c->door.listen[0].address, "127.0.0.1");
    assert_int_equal(c->door.listen[1].role, KT_ROLE_METRICS);
    kt_config_close(c);
}

static void fingerprints__are_brought_into_one_form(void **state)
{
    struct fixture *x = *state;
    struct kt_config *c = must_load(
        x, kt_format(x->arena, "%spartners:\n  sap: { erp: main, certificates: [\"%s\"] }\n",
                     push_listener, PRINT_A));
    assert_int_equal(c->door.partners, 1);
    assert_int_equal(c->door.partner[0].certificates.count, 1);
    assert_string_equal(c->door.partner[0].certificates.item[0], PLAIN_A);
    assert_ptr_equal(c->door.partner[0].erp, &c->site.erp[0]);
    kt_config_close(c);
}

static void login__is_fine_on_this_machine(void **state)
{
    struct fixture *x = *state;
    struct kt_config *c = must_load(
        x, kt_format(x->arena, "listen:\n  sap: { port: 1, roles: [push] }\n%s", partner));
    assert_string_equal(c->door.partner[0].user, "SAP");
    assert_string_equal(c->door.partner[0].password, "hush");
    kt_config_close(c);
}

static void admin__is_shown_outside_where_that_is_said(void **state)
{
    struct kt_config *c = must_load(*state, "listen:\n  m: { port: 1, roles: [metrics], address: "
                                            "0.0.0.0, admin_outside: true }\n");
    kt_config_close(c);
}

/* --- what is not --- */

static void listener__is_refused_where_it_is_open_to_everybody(void **state)
{
    struct fixture *x = *state;
    expect_problem(x,
                   kt_format(x->arena,
                             "listen:\n  s: { port: 1, roles: [push], address: 0.0.0.0 }\n%s",
                             partner),
                   "listen.s.address: role push on an address that other machines reach");
    expect_problem(x, "listen:\n  m: { port: 1, roles: [admin], address: \"::\" }\n",
                   "need admin_outside: true");
    expect_problem(x, "listen:\n  m: { port: 1, roles: [webhook, metrics], address: 10.0.0.1 }\n",
                   "need admin_outside: true");
}

static void listener__must_make_sense(void **state)
{
    struct fixture *x = *state;
    expect_problem(x, "listen:\n  m: { port: 1, roles: [metrix] }\n",
                   "there is no role \"metrix\"; did you mean metrics?");
    expect_problem(x, "listen:\n  m: { port: 1, roles: [panel] }\n",
                   "there is no role \"panel\". Known: push, webhook, documents, admin, metrics");
    expect_problem(x, "listen:\n  m: { port: 1, roles: [] }\n", "names no role");
    expect_problem(x, "listen:\n  m: { port: 1, roles: [admin], address: localhost }\n",
                   "\"localhost\" is no IP address");
    expect_problem(x, "listen:\n  m: { port: 1, roles: [admin], certificate: c.pem }\n",
                   "certificate and key belong together");
    expect_problem(x, "listen:\n  m: { port: 1, roles: [admin], client_ca: c.pem }\n",
                   "client certificates need TLS");
    expect_problem(x, "listen:\n  m: { port: 1, roles: [admin], trusted_proxies: [proxy] }\n",
                   "\"proxy\" is neither an address nor a network");
    expect_problem(x,
                   "listen:\n  m: { port: 7, roles: [admin] }\n  n: { port: 7, roles: "
                   "[metrics] }\n",
                   "listen.n.port: listen.m has this address and port, too");
    expect_problem(x, push_listener, "role push, but partners names nobody");
}

static void partner__must_be_able_to_show_who_it_is(void **state)
{
    struct fixture *x = *state;
    expect_problem(x, "partners:\n  p: { erp: main }\n", "nobody could show to be this partner");
    expect_problem(x, "partners:\n  p: { erp: main, user: U }\n",
                   "user and password belong together");
    expect_problem(x, "partners:\n  p: { erp: main, user: \"a:b\", password: file:secret }\n",
                   "holds no ':'");
    expect_problem(x, "partners:\n  p: { erp: main, certificates: [\"AB:CD\"] }\n",
                   "\"AB:CD\" is no SHA-256 fingerprint");
    expect_problem(x, "partners:\n  p: { erp: main, certificates: [\"" PLAIN_A "0\"] }\n",
                   "is no SHA-256 fingerprint");
    expect_problem(x,
                   "partners:\n  p: { erp: main, user: U, password: file:secret, operations: "
                   "[PushStok, PushPrices, \"idoc:*\"] }\n",
                   "there is no operation \"PushStok\"; did you mean PushStock?");
    expect_problem(x, "partners:\n  p: { erp: other, user: U, password: file:secret }\n",
                   "there is no ERP \"other\". Known: main");
    expect_problem(x,
                   "listen:\n  s: { port: 1, roles: [push] }\npartners:\n  p: { erp: main, "
                   "certificates: [\"" PRINT_A "\"] }\n",
                   "can be shown over TLS only");
}

static void partners__are_told_apart(void **state)
{
    struct fixture *x = *state;
    expect_problem(x,
                   "partners:\n  p: { erp: main, user: U, password: file:secret }\n"
                   "  q: { erp: main, user: U, password: file:secret }\n",
                   "partners.q.user: partners.p has this user, too");
    expect_problem(x,
                   "partners:\n  p: { erp: main, certificates: [" PLAIN_A "] }\n"
                   "  q: { erp: main, certificates: [\"" PRINT_A "\"] }\n",
                   "partners.p has one of these certificates, too");
}

/* None named is all; a list that names none looks like none. */
static void partner__has_operations_or_none_are_named(void **state)
{
    struct fixture *x = *state;
    expect_problem(x,
                   "partners:\n  p: { erp: main, certificates: [" PLAIN_A "], operations: [] }\n",
                   "partners.p.operations: names nothing that it may bring; leave operations out");
}

static void words__are_known(void **state)
{
    struct fixture *x = *state;
    expect_problem(x, "push: { worker: 3 }\n", "did you mean workers?");
    expect_problem(x, "listen:\n  m: { prt: 1, port: 1, roles: [admin] }\n", "did you mean port?");
    expect_problem(x, "partner: {}\n", "did you mean partners?");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(silence__means_that_nobody_comes_in),
        TEST(listener__gets_its_roles),
        TEST(fingerprints__are_brought_into_one_form),
        TEST(login__is_fine_on_this_machine),
        TEST(admin__is_shown_outside_where_that_is_said),
        TEST(listener__is_refused_where_it_is_open_to_everybody),
        TEST(listener__must_make_sense),
        TEST(partner__must_be_able_to_show_who_it_is),
        TEST(partners__are_told_apart),
        TEST(partner__has_operations_or_none_are_named),
        TEST(words__are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
