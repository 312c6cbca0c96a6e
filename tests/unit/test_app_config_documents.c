/* Rules of src/app/config_documents.c: documents, their kinds, certificates and market rules. */
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

#include "app/config_opts.h"

struct fixture {
    char folder[64];
    char file[96];
    struct kt_arena *arena;
    struct kt_problems problems;
};

static const char head[] =
    "installation: demo\n"
    "erps:\n"
    "  main:\n"
    "    adapter: sap\n"
    "    scope: sap-800\n"
    "    connection: { url: https://erp.example/k, user: K, password: file:secret, sales_org: "
    "\"1000\", distribution_channel: \"10\", division: \"00\", doc_type: ZWEB, "
    "one_time_customer: \"9\" }\n"
    "channels:\n"
    "  shop:\n"
    "    adapter: woocommerce\n"
    "    erp: main\n"
    "    language: de\n"
    "    market: DE\n"
    "    zone: Europe/Berlin\n"
    "    currency: EUR\n"
    "    price_list: \"00\"\n"
    "    connection: { url: https://shop.example, consumer_key: ck_1, consumer_secret: file:secret "
    "}\n";

static int set_up(void **state)
{
    struct fixture *x = calloc(1, sizeof *x);
    if (x == NULL)
        return -1;
    (void)snprintf(x->folder, sizeof x->folder, "/tmp/kontor-documents-XXXXXX");
    if (mkdtemp(x->folder) == NULL)
        return -1;
    (void)snprintf(x->file, sizeof x->file, "%s/kontor.yaml", x->folder);
    x->arena = kt_arena_new();
    x->problems = (struct kt_problems){ .arena = x->arena };
    FILE *f = fopen(kt_format(x->arena, "%s/secret", x->folder), "w");
    if (f == NULL || fputs("hush\n", f) < 0 || fclose(f) != 0)
        return -1;
    *state = x;
    return chmod(kt_format(x->arena, "%s/secret", x->folder), 0600);
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

/* channel: more settings of it, one line. */
static struct kt_config *load(struct fixture *x, const char *channel, const char *text)
{
    FILE *f = fopen(x->file, "w");
    assert_non_null(f);
    assert_true(fputs(head, f) >= 0 && fprintf(f, "    %s\n%s", channel, text) > 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(x->file, 0600), 0);
    x->problems.count = 0;
    return kt_config_load(x->file, &x->problems);
}

static struct kt_config *must_load(struct fixture *x, const char *channel, const char *text)
{
    struct kt_config *c = load(x, channel, text);
    for (size_t i = 0; i < x->problems.count; i++)
        print_message("%s\n", x->problems.text[i]);
    assert_non_null(c);
    return c;
}

static void expect(struct fixture *x, const char *channel, const char *text, const char *problem)
{
    struct kt_config *c = load(x, channel, text);
    for (size_t i = 0; i < x->problems.count; i++) {
        if (x->problems.count != 1 || strstr(x->problems.text[i], problem) == NULL)
            print_message("%s\n", x->problems.text[i]);
    }
    assert_null(c);
    assert_int_equal(x->problems.count, 1);
    assert_non_null(strstr(x->problems.text[0], problem));
}

static void documents__have_defaults_and_are_off_without_a_section(void **state)
{
    struct kt_config *c = must_load(*state, "", "");
    const struct kt_documents_site *d = &c->site.documents;
    assert_false(d->is_on);
    assert_int_equal(d->silent_s, 26 * 3600);
    assert_int_equal(d->link_s, 90 * 86400);
    assert_int_equal(d->size_max, 50 * 1024 * 1024);
    assert_true(d->tells_link);
    assert_int_equal(c->site.compliance.certificates + c->site.compliance.markets, 0);
    kt_config_close(c);
    c = must_load(*state, "", "documents: {}\n");
    assert_true(c->site.documents.is_on);
    kt_config_close(c);
}

static void kinds__are_public_when_they_are_known_or_said_to_be(void **state)
{
    struct kt_config *c =
        must_load(*state, "documents: [data_sheet, test_report]",
                  "documents:\n"
                  "  archive: https://docs.example.com\n"
                  "  when_silent: keep\n"
                  "  kinds:\n"
                  "    declaration_of_conformity: { basis: dispatch, keep_years: 12 }\n"
                  "    manual: { public: false }\n"
                  "    test_report: { basis: batch }\n"
                  "    brochure: { public: true }\n");
    const struct kt_documents_site *d = &c->site.documents;
    const struct kt_kind_rule *doc = kt_kind_rule_of(d, KT_STR("declaration_of_conformity"));
    assert_int_equal(doc->basis, KT_BASIS_DISPATCH);
    assert_int_equal(doc->keep_years, 12);
    assert_true(doc->is_public);
    assert_false(kt_kind_rule_of(d, KT_STR("manual"))->is_public);
    assert_false(kt_kind_rule_of(d, KT_STR("test_report"))->is_public);
    assert_true(kt_kind_rule_of(d, KT_STR("brochure"))->is_public);
    assert_true(kt_kind_rule_of(d, KT_STR("rohs"))->is_public); /* without a section */
    assert_false(kt_kind_rule_of(d, KT_STR("anything"))->is_public);
    assert_int_equal(kt_kind_rule_of(d, KT_STR("rohs"))->keep_years, 10);
    assert_int_equal(d->when_silent, KT_STALE_KEEP);
    assert_int_equal(c->site.channel[0].documents.count, 2);
    kt_config_close(c);
}

static void archive__is_https_or_this_machine(void **state)
{
    static const char *const fine[] = { "https://docs.example.com/kontor", "http://127.0.0.1:8443",
                                        "http://localhost/x", "http://[::1]:80" };
    for (size_t i = 0; i < KT_COUNT(fine); i++) {
        char text[120];
        (void)snprintf(text, sizeof text, "documents: { archive: \"%s\" }\n", fine[i]);
        kt_config_close(must_load(*state, "", text));
    }
    expect(*state, "", "documents: { archive: http://docs.example.com }\n",
           "it must begin with https");
    expect(*state, "", "documents: { archive: http://127.0.0.1.example.com }\n",
           "it must begin with https");
    expect(*state, "", "documents: { archive: http://localhost.example.com }\n",
           "it must begin with https");
    expect(*state, "", "documents: { archive: \"https://docs.example.com/?a=\" }\n",
           "must not hold a '?'");
}

static void scanner__is_a_socket_of_this_machine(void **state)
{
    kt_config_close(
        must_load(*state, "", "documents: { scanner: \"unix:/run/clamav/clamd.ctl\" }\n"));
    expect(*state, "", "documents: { scanner: \"tcp:192.0.2.1:3310\" }\n",
           "is no socket of this machine");
}

static void channel__names_kinds_that_there_are(void **state)
{
    expect(*state, "documents: [data_sheets]", "", "did you mean data_sheet?");
    expect(*state, "documents: [own_kind]", "", "others stand under documents.kinds");
    expect(*state, "documents: []", "", "names no kind");
    kt_config_close(must_load(*state, "documents: [own_kind]",
                              "documents: { kinds: { own_kind: { public: true } } }\n"));
}

static void rules__are_read_with_their_names(void **state)
{
    struct kt_config *c = must_load(
        *state, "",
        "compliance:\n"
        "  certificates:\n"
        "    ce: { scheme: CE, classes: [TV, AUDIO], markets: [DE, AT] }\n"
        "    ukca: { scheme: UKCA, markets: [GB] }\n"
        "  market_rules:\n"
        "    mains: { attribute: voltage, unit: V, allowed: [\"220-240\"], markets: [DE], wider: "
        "true }\n"
        "    plug: { attribute: plug, allowed: [schuko], action: notice, notices: [\"de: nur mit "
        "Adapter\", \"en: with an adapter only\"] }\n");
    const struct kt_compliance *r = &c->site.compliance;
    assert_int_equal(r->certificates, 2);
    assert_string_equal(r->certificate[0].name, "ce");
    assert_string_equal(r->certificate[0].classes.item[1], "AUDIO");
    assert_string_equal(r->certificate[1].scheme, "UKCA");
    assert_int_equal(r->markets, 2);
    assert_string_equal(r->market[0].unit, "V");
    assert_true(r->market[0].takes_wider);
    assert_int_equal(r->market[1].action, KT_MARKET_NOTICE);
    assert_int_equal(r->market[1].notices.count, 2);
    kt_config_close(c);
}

static void rules__that_say_nothing_or_too_much_are_refused(void **state)
{
#define RULE(text) "compliance: { market_rules: { r: { attribute: a, " text " } } }\n"
    expect(*state, "", "compliance: { certificates: { ce: { markets: [DE] } } }\n",
           "scheme is missing");
    expect(*state, "", "compliance: { certificates: { ce: { scheme: CE, markets: [Germany] } } }\n",
           "is not a country like DE");
    expect(*state, "", "compliance: { certificate: { ce: { scheme: CE } } }\n",
           "did you mean certificates?");
    expect(*state, "", RULE("markets: [DE]"), "allowed is missing");
    expect(*state, "", RULE("allowed: [x], markets: [de]"), "is not a country like DE");
    expect(*state, "", RULE("allowed: [x], action: notice"), "needs what customers are to read");
    expect(*state, "", RULE("allowed: [x], notices: [\"de: x\"]"), "are read by nobody");
    expect(*state, "", RULE("allowed: [x], action: notice, notices: [\"nur mit Adapter\"]"),
           "does not begin with its language");
    expect(*state, "", RULE("allowed: [x], action: show"), "hide");
#undef RULE
}

static void help__names_every_section(void **state)
{
    struct fixture *x = *state;
    struct kt_buf out;
    kt_buf_init(&out, x->arena, 1 << 20);
    kt_config_help(&out);
    static const char *const titles[] = { "documents\n", "documents.kinds.NAME",
                                          "compliance.certificates.NAME",
                                          "compliance.market_rules.NAME" };
    for (size_t i = 0; i < KT_COUNT(titles); i++)
        assert_non_null(strstr(kt_buf_view(&out).p, titles[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(documents__have_defaults_and_are_off_without_a_section,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(kinds__are_public_when_they_are_known_or_said_to_be, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(archive__is_https_or_this_machine, set_up, tear_down),
        cmocka_unit_test_setup_teardown(scanner__is_a_socket_of_this_machine, set_up, tear_down),
        cmocka_unit_test_setup_teardown(channel__names_kinds_that_there_are, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rules__are_read_with_their_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rules__that_say_nothing_or_too_much_are_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(help__names_every_section, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
