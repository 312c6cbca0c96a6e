/* Rules of src/app/config_schedule.c: nights, brakes and comparisons, and the mistakes in them. */
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

static char folder[64];
static char file[96];
static char secret[96];
static struct kt_problems problems;

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/kontor-schedule-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    (void)snprintf(file, sizeof file, "%s/kontor.yaml", folder);
    (void)snprintf(secret, sizeof secret, "%s/secret", folder);
    problems = (struct kt_problems){ .arena = kt_arena_new() };
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)unlink(file);
    (void)unlink(secret);
    kt_arena_free(problems.arena);
    return rmdir(folder);
}

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, 0600), 0);
}

/* erp from line 4 on, channel from line 4 + its lines + 8 on. */
static struct kt_config *load(const char *erp, const char *channel)
{
    char text[4096];
    write_file(secret, "hush\n");
    (void)snprintf(text, sizeof text,
                   "installation: demo\nerps:\n  main:\n%s"
                   "    adapter: sap\n    scope: sap-800\n    connection: { url: "
                   "\"https://erp.example/kontor\", user: KONTOR, password: file:secret, "
                   "sales_org: \"1000\", distribution_channel: \"10\", division: \"00\", "
                   "doc_type: ZWEB, one_time_customer: \"900000\" }\n"
                   "channels:\n  shop:\n%s    adapter: woocommerce\n    erp: main\n"
                   "    connection: { url: \"https://shop.example\", consumer_key: ck_1, "
                   "consumer_secret: file:secret }\n"
                   "    language: de\n    market: DE\n    zone: Europe/Berlin\n"
                   "    currency: EUR\n    price_list: \"00\"\n",
                   erp, channel);
    write_file(file, text);
    return kt_config_load(file, &problems);
}

static void expect(const char *line, const char *words)
{
    const char *where = kt_format(problems.arena, "kontor.yaml:%s:", line);
    for (size_t i = 0; i < problems.count; i++) {
        if (strstr(problems.text[i], where) != NULL && strstr(problems.text[i], words) != NULL)
            return;
    }
    for (size_t i = 0; i < problems.count; i++)
        print_message("%s\n", problems.text[i]);
    fail_msg("no problem in line %s says: %s", line, words);
}

static void file__without_a_word_reads_nothing_by_night_and_has_its_brakes_on(void **state)
{
    (void)state;
    struct kt_config *c = load("", "");
    assert_non_null(c);
    const struct kt_erp_site *erp = &c->site.erp[0];
    assert_null(erp->nightly);
    assert_int_equal(erp->nightly_min, -1);
    assert_int_equal(erp->brakes.delete_percent, 5);
    assert_int_equal(erp->brakes.price_percent, 30);
    assert_int_equal(erp->brakes.at_least, 3);
    assert_int_equal(c->site.channel[0].reconcile_min, -1);
    assert_false(c->site.channel[0].reconcile_repairs);
    kt_config_close(c);
}

static void file__says_when_and_how_far(void **state)
{
    (void)state;
    struct kt_config *c = load("    nightly: \"02:30\"\n    zone: Europe/Berlin\n"
                               "    brakes: { delete_percent: 0, price_percent: 50, at_least: 3 }\n"
                               "    every: { categories: 10m, customers: 0 }\n",
                               "    reconcile: \"04:05\"\n    reconcile_repairs: true\n");
    assert_non_null(c);
    const struct kt_erp_site *erp = &c->site.erp[0];
    assert_int_equal(erp->nightly_min, 150);
    assert_non_null(erp->zone);
    assert_int_equal(erp->brakes.delete_percent, 0);
    assert_int_equal(erp->brakes.price_percent, 50);
    assert_int_equal(erp->brakes.at_least, 3);
    assert_int_equal(erp->every_s[KT_FEED_CATEGORIES], 600);
    assert_int_equal(erp->every_s[KT_FEED_CUSTOMERS], 0);
    assert_int_equal(c->site.channel[0].reconcile_min, 245);
    assert_true(c->site.channel[0].reconcile_repairs);
    kt_config_close(c);
}

static void problems__name_their_lines(void **state)
{
    (void)state;
    assert_null(load("    nightly: 2.30 h\n"                                         /* 4 */
                     "    zone: Europe/Berlinn\n"                                    /* 5 */
                     "    brakes:\n"                                                 /* 6 */
                     "      delete_precent: 5\n"                                     /* 7 */
                     "      price_percent: -1\n"                                     /* 8 */
                     "      at_least: 0\n",                                          /* 9 */
                     "    reconcile: \"24:00\"\n    reconcile_repairs: perhaps\n")); /* 15, 16 */
    expect("4", "not a time of day like");
    expect("5", "no time zone");
    expect("7", "did you mean delete_percent?");
    expect("8", "price_percent");
    expect("9", "at_least");
    expect("15", "not a time of day like");
    expect("16", "reconcile_repairs");
}

static void problems__a_night_needs_its_zone(void **state)
{
    (void)state;
    assert_null(load("    nightly: \"02:30\"\n", ""));
    expect("4", "zone is missing");
}

int main(void)
{
#define RULE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        RULE(file__without_a_word_reads_nothing_by_night_and_has_its_brakes_on),
        RULE(file__says_when_and_how_far),
        RULE(problems__name_their_lines),
        RULE(problems__a_night_needs_its_zone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
