/* Rules of src/app/config_wss.c and config_compare.c: keys and policies are whole, and named where
 * they are used; what a reload leaves out is known. */
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
                           "division: \"00\", doc_type: ZWEB, one_time_customer: \"9\"";

static const char keys[] = "keys:\n"
                           "  ours: { purpose: sign, certificate: a.pem, key: a.key }\n";

static const char policy[] = "wss:\n"
                             "  sap: { requires: [signature], signers: [sap.pem, /etc/b.pem], "
                             "gives: [signature] }\n";

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
    (void)snprintf(x->folder, sizeof x->folder, "/tmp/kontor-wss-XXXXXX");
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

static struct kt_config *load(struct fixture *x, const char *connection, const char *const *part)
{
    const char *all[8] = { head, connection, " }\n" };
    size_t n = 3;
    for (; *part != NULL; part++) {
        assert_true(n + 1 < KT_COUNT(all));
        all[n++] = *part;
    }
    write_file(x->file, all);
    x->problems.count = 0;
    return kt_config_load(x->file, &x->problems);
}

static struct kt_config *must_load(struct fixture *x, const char *connection,
                                   const char *const *part)
{
    struct kt_config *c = load(x, connection, part);
    for (size_t i = 0; i < x->problems.count; i++)
        print_message("%s\n", x->problems.text[i]);
    assert_non_null(c);
    return c;
}

static void expect(struct fixture *x, const char *connection, const char *const *part,
                   const char *text)
{
    assert_null(load(x, connection, part));
    if (x->problems.count != 1 || strstr(x->problems.text[0], text) == NULL) {
        for (size_t i = 0; i < x->problems.count; i++)
            print_message("%s\n", x->problems.text[i]);
        fail_msg("expected one problem: %s", text);
    }
}

#define PARTS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void sections__are_read_whole(void **state)
{
    struct fixture *x = *state;
    struct kt_config *c = must_load(x, "", PARTS(keys, policy));
    assert_int_equal(c->wss.keys, 1);
    assert_int_equal(c->wss.policies, 1);
    assert_string_equal(c->wss.key[0].name, "ours");
    assert_int_equal(c->wss.key[0].state, KT_WSS_ACTIVE);
    const struct kt_wss_policy_conf *p = &c->wss.policy[0];
    assert_string_equal(p->name, "sap");
    assert_int_equal(p->required, KT_WSS_SIGNATURE);
    assert_int_equal(p->given, KT_WSS_SIGNATURE);
    assert_int_equal(p->skew_s, 60);
    assert_int_equal(p->lifetime_s, 300);
    assert_int_equal(p->crl_age_s, 86400);
    /* files count from the folder of the configuration */
    assert_string_equal(p->signers.item[0], kt_format(x->arena, "%s/sap.pem", x->folder));
    assert_string_equal(p->signers.item[1], "/etc/b.pem");
    assert_null(c->site.wss); /* no file of a key is opened */
    assert_int_equal(c->site.security_clock, KT_CLOCK_CHECKED);
    kt_config_close(c);
    c = must_load(x, "", PARTS("security: { clock: trusted }\n"));
    assert_int_equal(c->site.security_clock, KT_CLOCK_TRUSTED);
    assert_int_equal(c->wss.keys + c->wss.policies, 0);
    kt_config_close(c);
}

static void faults__are_told_at_their_line(void **state)
{
    struct fixture *x = *state;
    expect(x, "", PARTS("keys:\n  ours: { purpose: seal, certificate: a.pem, key: a.key }\n"),
           "keys.ours.purpose");
    expect(x, "", PARTS("keys:\n  ours: { purpose: sign, certificate: a.pem }\n"),
           "key is missing");
    expect(x, "", PARTS(keys, "wss:\n  sap: { }\n"), "kontor.yaml:10: wss.sap: demands nothing");
    expect(x, "", PARTS("wss:\n  sap: { requires: [signature] }\n"), "whose signature?");
    expect(x, "", PARTS(policy), "state active");
    expect(x, "", PARTS(keys, policy, "security: { clock: maybe }\n"), "security.clock");
    expect(x, "", PARTS("wss:\n  sap: { requires: [signature], signers: [a.pem], lifetime: 2h }\n"),
           "wss.sap.lifetime");
}

static void partner__has_a_policy_that_is_there(void **state)
{
    struct fixture *x = *state;
    static const char tls[] = "listen:\n  sap: { port: 8443, roles: [push], certificate: c.pem, "
                              "key: k.pem }\n";
    /* its signature says who it is */
    struct kt_config *c =
        must_load(x, "", PARTS(keys, policy, tls, "partners:\n  sap: { erp: main, wss: sap }\n"));
    assert_string_equal(c->door.partner[0].wss, "sap");
    kt_config_close(c);
    expect(x, "",
           PARTS(keys, policy,
                 "partners:\n  sap: { erp: main, wss: spa, user: S, password: file:secret }\n"),
           "partners.sap.wss: there is no policy \"spa\" under wss. Known: sap");
    expect(x, "",
           PARTS(keys, policy,
                 "partners:\n  sap: { erp: main, wss: sap }\n  nav: { erp: main, wss: sap }\n"),
           "partners.sap has this policy, too");
    /* the misspelling alone is told, not what else might let this partner in */
    expect(x, "", PARTS(keys, policy, "partners:\n  sap: { erp: main, wss: spa }\n"),
           "there is no policy \"spa\"");
    expect(x, "",
           PARTS("wss:\n  sap: { requires: [signatur], signers: [a.pem] }\n",
                 "partners:\n  sap: { erp: main, wss: sap }\n"),
           "there is no \"signatur\"");
    /* a policy that demands nothing tells nobody */
    expect(x, "",
           PARTS(keys, "wss:\n  sap: { gives: [signature] }\n",
                 "partners:\n  sap: { erp: main, wss: sap }\n"),
           "nobody could show to be this partner");
    expect(x, "",
           PARTS("wss:\n  sap: { requires: [signature], signers: [a.pem], attachments: tls }\n",
                 "partners:\n  sap: { erp: main, wss: sap }\n"),
           "certificates names none");
}

static void listener__keeps_its_key_to_itself(void **state)
{
    struct fixture *x = *state;
    expect(x, "",
           PARTS(keys, "listen:\n  sap: { port: 8443, roles: [metrics], certificate: c.pem, "
                       "key: a.key }\n"),
           "keys.ours has this key, too");
    expect(x, "",
           PARTS(keys, policy,
                 "listen:\n  sap: { port: 8443, roles: [metrics], certificate: sap.pem, "
                 "key: k.pem }\n"),
           "it is a signer of wss.sap");
}

static void connection__has_a_policy_that_is_there(void **state)
{
    struct fixture *x = *state;
    struct kt_config *c = must_load(x, ", wss: sap", PARTS(keys, policy));
    assert_string_equal(kt_config_connection_policy(&c->site.erp[0]), "sap");
    kt_config_close(c);
    c = must_load(x, "", PARTS(keys, policy));
    assert_null(kt_config_connection_policy(&c->site.erp[0]));
    kt_config_close(c);
    expect(x, ", wss: sap", PARTS(keys), "connection.wss: there is no policy \"sap\" under wss");
}

static void reload__knows_what_needs_a_restart(void **state)
{
    static const char *const renewed[] = { "keys", "wss", NULL };
    static const char *const none[] = { NULL };
    struct fixture *x = *state;
    struct kt_config *a = must_load(x, "", PARTS(keys, policy));
    struct kt_config *b = must_load(x, "", PARTS("# moved\n\n", keys, policy));
    assert_string_equal(kt_config_differs(a, b, none, x->arena), "");
    kt_config_close(b);
    b = must_load(x, "",
                  PARTS("log: { level: warn }\n",
                        "keys:\n  ours: { purpose: sign, certificate: a.pem, key: b.key }\n",
                        policy));
    assert_string_equal(kt_config_differs(a, b, renewed, x->arena), "log");
    assert_string_equal(kt_config_differs(b, a, renewed, x->arena), "log");
    assert_string_equal(kt_config_differs(a, b, none, x->arena), "log, keys");
    kt_config_close(b);
    b = must_load(x, ", timeout: 20s", PARTS(keys, policy));
    assert_string_equal(kt_config_differs(a, b, renewed, x->arena), "erps");
    kt_config_close(b);
    kt_config_close(a);
}

/* Partners are renewed by a restart only: the keys of one must not let in as another meanwhile. */
static void reload__moves_no_policy(void **state)
{
    static const char two[] = "wss:\n"
                              "  a: { requires: [signature], signers: [a.pem] }\n"
                              "  b: { requires: [signature], signers: [b.pem] }\n";
    static const char one[] = "wss:\n  b: { requires: [signature], signers: [b.pem] }\n";
    static const struct {
        const char *wss, *partners, *connection, *moved;
    } rows[] = {
        { two, "partners:\n  p: { erp: main, wss: a }\n  q: { erp: main, wss: b }\n", "", NULL },
        { two, "partners:\n  p: { erp: main, wss: b }\n  q: { erp: main, wss: a }\n", "",
          "partner p" },
        { two, "partners:\n  r: { erp: main, wss: a }\n  q: { erp: main, wss: b }\n", "",
          "partner p" },
        { two, "partners:\n  q: { erp: main, wss: b }\n", "", NULL },
        { one, "partners:\n  q: { erp: main, wss: b }\n", "", NULL }, /* p is shut out at once */
        { two, "partners:\n  p: { erp: main, wss: a }\n  q: { erp: main, wss: b }\n", ", wss: a",
          NULL },
    };
    struct fixture *x = *state;
    struct kt_config *before = must_load(x, "", PARTS(rows[0].wss, rows[0].partners));
    for (size_t i = 0; i < KT_COUNT(rows); i++) {
        struct kt_config *c =
            must_load(x, rows[i].connection, PARTS(rows[i].wss, rows[i].partners));
        const char *moved = kt_config_moved_policy(before, c, x->arena);
        assert_string_equal(moved == NULL ? "" : moved, rows[i].moved == NULL ? "" : rows[i].moved);
        kt_config_close(c);
    }
    kt_config_close(before);
    before = must_load(x, ", wss: a", PARTS(two));
    struct kt_config *c = must_load(x, ", wss: b", PARTS(two));
    assert_string_equal(kt_config_moved_policy(before, c, x->arena), "ERP main");
    kt_config_close(c);
    kt_config_close(before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sections__are_read_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(faults__are_told_at_their_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(partner__has_a_policy_that_is_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(listener__keeps_its_key_to_itself, set_up, tear_down),
        cmocka_unit_test_setup_teardown(connection__has_a_policy_that_is_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reload__moves_no_policy, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reload__knows_what_needs_a_restart, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
