/* door/drop_conf: the settings of the file drop, and what is said about wrong ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "door/drop.h"

static struct kt_arena *a;
static struct kt_problems problems;
static struct kt_drop_conf conf;

static int begin(void **state)
{
    (void)state;
    a = kt_arena_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    kt_arena_free(a);
    return 0;
}

static void load(const char *text)
{
    char name[] = "/tmp/kontor-drop-conf-XXXXXX";
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(close(fd), 0);
    problems = (struct kt_problems){ .arena = a };
    const struct kt_conf_node *root = kt_conf_read(name, a, &problems);
    assert_non_null(root);
    kt_drop_conf_fill(&conf, "hall", root, a, &problems);
    assert_int_equal(unlink(name), 0);
}

static void is_problem(const char *text, const char *expected)
{
    load(text);
    assert_int_equal(problems.count, 1);
    if (strstr(problems.text[0], expected) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", expected, problems.text[0]);
}

#define HEAD "erp: main\nfolder: in\n"

static void section__is_read(void **state)
{
    (void)state;
    load(HEAD "settle: 2s\ntrigger: .ok\norder: time\nlanguage: de\nfiles:\n"
              "  stock:\n    pattern: stock_*.csv\n    kind: stock\n    decimals: comma\n"
              "    separator: tab\n    encoding: windows-1252\n    unknown_columns: refuse\n"
              "    columns:\n      Artikel: sku\n      Notiz: \"\"\n"
              "    values:\n      warehouse: MAIN\n"
              "  whole:\n    pattern: prices.csv\n    kind: price\n"
              "  idocs:\n    pattern: '*.xml'\n    format: xml\n    repeat: by_content\n"
              "    renewed: refuse\n");
    assert_int_equal(problems.count, 0);
    assert_string_equal(conf.name, "hall");
    assert_string_equal(conf.partner, "drop:hall");
    assert_string_equal(conf.erp_name, "main");
    assert_int_equal(conf.folder[0], '/'); /* beside the configuration file */
    assert_int_equal(conf.settle_s, 2);
    assert_int_equal(conf.order, 1);
    assert_int_equal(conf.language, KT_LANG_DE);
    assert_int_equal(conf.batch, 5000);
    assert_int_equal(conf.file_rules, 3);
    const struct kt_drop_files *f = conf.files;
    assert_int_equal(f[0].rules.kind, KT_CSV_STOCK);
    assert_int_equal(f[0].rules.decimals, KT_CSV_DECIMAL_COMMA);
    assert_int_equal(f[0].form.separator, KT_CSV_TAB);
    assert_int_equal(f[0].form.encoding, KT_CSV_WINDOWS_1252);
    assert_int_equal(f[0].rules.refuses_unknown, 1);
    assert_int_equal(f[0].rules.columns, 2);
    assert_string_equal(f[0].rules.column[0].name, "Artikel");
    assert_string_equal(f[0].rules.column[1].value, "");
    assert_string_equal(f[0].rules.value[0].value, "MAIN");
    assert_int_equal(f[0].repeat, KT_DROP_BY_NAME); /* names differ */
    assert_int_equal(f[1].repeat, KT_DROP_NEVER);   /* there is one name only */
    assert_int_equal(f[2].repeat, KT_DROP_BY_CONTENT);
    assert_int_equal(f[2].format, KT_DROP_XML);
    assert_int_equal(f[2].refuses_renewed, 1);
}

static void mistakes__are_named(void **state)
{
    (void)state;
    is_problem(HEAD, "files is missing");
    is_problem("folder: in\nfiles:\n  a:\n    pattern: a\n    kind: stock\n", "erp is missing");
    is_problem(HEAD "files:\n  a:\n    pattern: a\n", "kind is missing");
    is_problem(HEAD "files:\n  a:\n    kind: stock\n", "pattern is missing");
    is_problem(HEAD "files:\n  a:\n    pattern: a\n    kind: stok\n", "did you mean stock");
    is_problem(HEAD "files:\n  a:\n    pattern: ../a\n    kind: stock\n", "without /");
    is_problem(HEAD
               "files:\n  a:\n    pattern: a\n    kind: stock\n    columns:\n      X: onhand\n",
               ":8: ");
    is_problem(HEAD
               "files:\n  a:\n    pattern: a\n    kind: stock\n    columns:\n      X: onhand\n",
               "no field \"onhand\"");
    is_problem(HEAD
               "files:\n  a:\n    pattern: a\n    kind: stock\n    values:\n      deleted: ja\n",
               "no field \"deleted\"");
    is_problem(HEAD "files:\n  a:\n    pattern: a\n    kind: stock\n    dates: [d.m.yy]\n",
               "no form of dates");
    is_problem(HEAD "files:\n  a:\n    pattern: a\n    kind: stock\n    columns: [a]\n",
               "single text under a name");
    is_problem(HEAD "trigger: a/b\nfiles:\n  a:\n    pattern: a\n    kind: stock\n",
               "trigger must be an ending");
    is_problem(HEAD "files:\n  a:\n    pattern: a\n    kind: stock\n    colums: {}\n",
               "did you mean columns");
}

#define DOCS HEAD "files:\n  pdf:\n    pattern: '*.pdf'\n    format: document\n"

static void documents__are_told_by_their_names(void **state)
{
    (void)state;
    load(DOCS "    name: '{sku}_{type}_v{version}.pdf'\n    markets: [DE, AT]\n"
              "    languages: [de]\n    families: [TV]\n    types:\n      CE: rohs\n");
    assert_int_equal(problems.count, 0);
    const struct kt_drop_files *f = conf.files;
    assert_int_equal(f->format, KT_DROP_DOCUMENT);
    assert_int_equal(f->repeat, KT_DROP_BY_NAME);
    assert_int_equal(f->markets.count, 2);
    assert_int_equal(f->types, 1);
    assert_string_equal(f->type_word[0].name, "CE");
    assert_non_null(f->name_rule);
    load(DOCS "    name: '{id}.pdf'\n    type: rohs\n    products: [P]\n");
    assert_int_equal(problems.count, 0);
    is_problem(DOCS "    type: rohs\n", "name is missing");
    is_problem(DOCS "    name: '{colour}.pdf'\n", "known between braces are");
    is_problem(DOCS "    name: '{sku}.pdf'\n", "type is missing, and name has no {type}");
    is_problem(DOCS "    name: '{id}.pdf'\n    type: rohs\n", "nothing says what");
    is_problem(DOCS "    name: '{sku}.pdf'\n    type: rohs\n    types:\n      CE: rohs\n",
               "no {type} in which");
    is_problem(DOCS "    name: '{sku}.pdf'\n    type: rohs\n    markets: [de]\n",
               "\"de\" is no code like DE");
    is_problem(DOCS "    name: '{sku}.pdf'\n    type: rohs\n    languages: [DE]\n",
               "\"DE\" is no code like de");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(section__is_read),
        cmocka_unit_test(mistakes__are_named),
        cmocka_unit_test(documents__are_told_by_their_names),
    };
    return cmocka_run_group_tests_name("door/drop_conf", tests, begin, end);
}
