/* Rules of src/base/conf*.c and file.c. Each test writes the files it reads into a folder of its
 * own. */
#include "base/conf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/dec.h"

struct shop {
    const char *base_url;
    const char *data_file;
    int grade;
    bool is_test;
    struct kt_conf_texts languages;
    int64_t limit;
    struct kt_dec markup;
    const char *name;
    int64_t body_max;
    int64_t timeout_s;
    const char *title;
    const char *token;
};

static const char *const grades[] = { "key", "look-up", "none", NULL };

static const struct kt_opt shop_opts[] = {
    { "base_url", KT_OPT_URL, offsetof(struct shop, base_url), .flags = KT_OPT_REQUIRED,
      .help = "Address of the shop API" },
    { "body_max", KT_OPT_SIZE, offsetof(struct shop, body_max), .def = "8M", .min = 1024,
      .max = 1 << 30, .help = "Largest answer" },
    { "data_file", KT_OPT_FILE, offsetof(struct shop, data_file), .def = "kontor.db",
      .help = "Where it is kept" },
    { "grade", KT_OPT_CHOICE, offsetof(struct shop, grade), .def = "look-up", .choices = grades,
      .help = "How orders are found again" },
    { "is_test", KT_OPT_BOOL, offsetof(struct shop, is_test), .def = "false",
      .help = "No real orders" },
    { "languages", KT_OPT_LIST, offsetof(struct shop, languages), .def = "[de, en]",
      .help = "Languages in order" },
    { "limit", KT_OPT_NUMBER, offsetof(struct shop, limit), .help = "Items at once" },
    { "markup", KT_OPT_DECIMAL, offsetof(struct shop, markup), .def = "0.00", .help = "Markup" },
    { "name", KT_OPT_NAME, offsetof(struct shop, name), .help = "Name of the channel" },
    { "timeout", KT_OPT_SECS, offsetof(struct shop, timeout_s), .def = "30", .min = 1, .max = 600,
      .help = "Longest wait for one answer" },
    { "title", KT_OPT_TEXT, offsetof(struct shop, title), .help = "Shown to people" },
    { "token", KT_OPT_SECRET, offsetof(struct shop, token), .help = "API token" },
    { 0 }
};

static char folder[] = "/tmp/kontor-conf-XXXXXX";
static struct kt_arena *arena;
static struct kt_arena *secrets;
static struct kt_problems problems;
static struct shop shop;

static int open_all(void **state)
{
    (void)state;
    arena = kt_arena_new();
    secrets = kt_arena_new_secret();
    problems = (struct kt_problems){ .arena = arena };
    (void)snprintf(folder, sizeof(folder), "/tmp/kontor-conf-XXXXXX"); /* fits: same text */
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static const char *path_of(const char *name)
{
    return kt_format(arena, "%s/%s", folder, name);
}

static int close_all(void **state)
{
    (void)state;
    static const char *const names[] = { "kontor.yaml", "token", "sub" };
    for (size_t i = 0; i < KT_COUNT(names); i++)
        (void)remove(path_of(names[i])); /* not each test makes each */
    int rc = rmdir(folder);
    kt_arena_free(arena);
    kt_arena_free(secrets);
    return rc;
}

static void write_file(const char *name, const void *bytes, size_t n, mode_t mode)
{
    const char *path = path_of(name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), n);
    assert_int_equal(fchmod(fd, mode), 0);
    assert_int_equal(close(fd), 0);
}

static const struct kt_conf_node *read_yaml(const char *text)
{
    write_file("kontor.yaml", text, strlen(text), 0644);
    problems = (struct kt_problems){ .arena = arena };
    return kt_conf_read(path_of("kontor.yaml"), arena, &problems);
}

static void fill(const char *text)
{
    const struct kt_conf_node *root = read_yaml(text);
    memset(&shop, 0xEE, sizeof(shop));
    if (root != NULL)
        kt_conf_fill(kt_conf_get(root, "shop"), kt_conf_where(root), shop_opts, NULL, &shop, arena,
                     secrets, &problems);
}

static void assert_problem(size_t i, const char *expected)
{
    if (i >= problems.count)
        fail_msg("there are only %zu problems, none says: %s", problems.count, expected);
    const char *text = problems.text[i];
    const char *shown =
        strncmp(text, folder, strlen(folder)) == 0 ? text + strlen(folder) + 1 : text;
    assert_string_equal(shown, expected);
}

static void assert_one_problem(const char *expected)
{
    assert_problem(0, expected);
    if (problems.count != 1)
        fail_msg("also: %s", problems.text[1]);
}

static void fill__reads_every_type(void **state)
{
    (void)state;
    write_file("token", "s3cret\n", 7, 0600);
    fill("shop:\n  base_url: https://shop.test:8443/wp-json\n  data_file: sub/x.db\n"
         "  grade: none\n  is_test: true\n  languages: [nl, \"fr\"]\n  limit: -5\n"
         "  markup: 1.25\n  name: b2b_nl-1\n  body_max: 512k\n  timeout: 2m\n"
         "  title: 'Der Laden: \"Nr. 1\"'\n  token: file:token\n");
    assert_int_equal(problems.count, 0);
    assert_string_equal(shop.base_url, "https://shop.test:8443/wp-json");
    assert_string_equal(shop.data_file, path_of("sub/x.db"));
    assert_int_equal(shop.grade, 2);
    assert_true(shop.is_test);
    assert_int_equal(shop.languages.count, 2);
    assert_string_equal(shop.languages.item[1], "fr");
    assert_int_equal(shop.limit, -5);
    assert_int_equal(shop.markup.units, 125);
    assert_string_equal(shop.name, "b2b_nl-1");
    assert_int_equal(shop.body_max, 512 * 1024);
    assert_int_equal(shop.timeout_s, 120);
    assert_string_equal(shop.title, "Der Laden: \"Nr. 1\"");
    assert_string_equal(shop.token, "s3cret");
}

static void fill__uses_defaults(void **state)
{
    (void)state;
    fill("shop:\n  base_url: http://localhost\n");
    assert_int_equal(problems.count, 0);
    assert_int_equal(shop.timeout_s, 30);
    assert_int_equal(shop.body_max, 8 * 1024 * 1024);
    assert_int_equal(shop.grade, 1);
    assert_false(shop.is_test);
    assert_int_equal(shop.languages.count, 2);
    assert_string_equal(shop.languages.item[0], "de");
    assert_string_equal(shop.data_file, path_of("kontor.db"));
    assert_null(shop.token);
    assert_null(shop.title);
    assert_int_equal(shop.limit, 0);
    fill("other: 1\n"); /* the section is missing: its files still count from the folder */
    assert_one_problem("kontor.yaml:1: base_url is missing: Address of the shop API");
    assert_string_equal(shop.data_file, path_of("kontor.db"));
}

static void problems__are_listed_all_at_once_in_order(void **state)
{
    (void)state;
    fill("# a comment\n"
         "shop:\n"
         "  timeuot: 3\n"
         "  timeout: 0\n"
         "  grade: lookup\n"
         "  is_test: yes\n"
         "  limit: 1.5\n"
         "  languages: de\n"
         "  title: [a]\n"
         "  name:\n"
         "  colour: red\n");
    assert_problem(0, "kontor.yaml:2: shop: base_url is missing: Address of the shop API");
    assert_problem(1, "kontor.yaml:3: shop.timeuot: no such setting; did you mean timeout? Known: "
                      "base_url, body_max, data_file, grade, is_test, languages, limit, markup, "
                      "name, timeout, title, token");
    assert_problem(2, "kontor.yaml:4: shop.timeout: \"0\" must be from 1 to 600");
    assert_problem(3, "kontor.yaml:5: shop.grade: \"lookup\" is no choice; did you mean look-up? "
                      "Choices: key, look-up, none");
    assert_problem(4, "kontor.yaml:6: shop.is_test: \"yes\" must be true or false");
    assert_problem(5, "kontor.yaml:7: shop.limit: \"1.5\" is not a whole number");
    assert_problem(6, "kontor.yaml:8: shop.languages: must be a list, like [a, b]");
    assert_problem(7, "kontor.yaml:9: shop.title: must be a single value");
    assert_problem(8, "kontor.yaml:10: shop.name: has no value");
    assert_problem(9, "kontor.yaml:11: shop.colour: no such setting. Known: "
                      "base_url, body_max, data_file, grade, is_test, languages, limit, markup, "
                      "name, timeout, title, token");
    assert_int_equal(problems.count, 10);
}

static void problems__are_sorted_by_line_whoever_notes_first(void **state)
{
    (void)state;
    kt_problem(&problems, "a.yaml:12: x");
    kt_problem(&problems, "a.yaml:3: y");
    kt_problem(&problems, "database: z");
    kt_problem(&problems, "b.yaml:1: w");
    kt_problem(&problems, "b.yaml:1: v");
    static const char *const expected[] = { "a.yaml:3: y", "a.yaml:12: x", "database: z",
                                            "b.yaml:1: w", "b.yaml:1: v" };
    assert_int_equal(problems.count, KT_COUNT(expected));
    for (size_t i = 0; i < KT_COUNT(expected); i++)
        assert_string_equal(problems.text[i], expected[i]);
}

static void values__that_do_not_do_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "name: Gro\xC3\x9F",
        "name: \"\"",
        "name: a b",
        "name: abcdefghijklmnopqrstuvwxyzabcdefghijklmno",
        "limit: 0x10",
        "limit: 9223372036854775808",
        "limit: \"\"",
        "limit: 1 2",
        "timeout: 30x",
        "timeout: -1",
        "timeout: 1h",
        "timeout: 99999999999999999d",
        "timeout: s",
        "body_max: 1K",
        "body_max: 9999999999G",
        "body_max: 10T",
        "markup: 1,5",
        "markup: 1e3",
        "markup: 1.2345678",
        "is_test: True",
        "is_test: 1",
        "title: \"a\\nb\"",
        "data_file: \"\"",
        "languages: [a, [b]]",
        "languages: [a, \"\"]",
        "base_url: ftp://x",
        "base_url: https://",
        "base_url: https:///path",
        "base_url: http://a b",
        "base_url: https://a#x",
        "base_url: https://a:0",
        "base_url: https://a:65536",
        "base_url: \"https://a:\"",
        "base_url: https://a:1x",
        "base_url: https://[::1",
        "base_url: https://.a",
        "base_url: HTTPS://a",
        "base_url: \"https://a\\tb\"",
        "title: {a: 1}",
        "limit: ~",
        "base_url: https://ü.test",
    };
    for (size_t i = 0; i < KT_COUNT(bad); i++) {
        fill(kt_format(arena, "shop:\n  %s\n%s", bad[i],
                       strncmp(bad[i], "base_url", 8) == 0 ? "" : "  base_url: http://a\n"));
        if (problems.count != 1)
            fail_msg("%s: %zu problems", bad[i], problems.count);
        if (strstr(problems.text[0], "kontor.yaml:2: shop.") == NULL)
            fail_msg("%s: %s", bad[i], problems.text[0]);
    }
    static const char *const good[] = { "https://a", "http://a.test/x?y=1", "https://[::1]:8443/",
                                        "https://a:65535/", "https://sap-dev.corp_x:443/sap/bc" };
    for (size_t i = 0; i < KT_COUNT(good); i++) {
        fill(kt_format(arena, "shop:\n  base_url: %s\n", good[i]));
        if (problems.count != 0)
            fail_msg("%s", problems.text[0]);
    }
}

static void url__with_a_login_is_not_repeated(void **state)
{
    (void)state;
    fill("shop:\n  base_url: https://user:CANARY@a.test/\n");
    assert_one_problem("kontor.yaml:2: shop.base_url: the address must not carry a login; there "
                       "are settings for it");
}

static void secret__stands_in_a_private_file_or_the_environment(void **state)
{
    (void)state;
    write_file("token", "line1\nline2\r\n", 13, 0400);
    fill("shop: {base_url: 'http://a', token: 'file:token'}\n");
    assert_int_equal(problems.count, 0);
    assert_string_equal(shop.token, "line1\nline2");
    fill(kt_format(arena, "shop: {base_url: 'http://a', token: 'file:%s'}\n", path_of("token")));
    assert_string_equal(shop.token, "line1\nline2");
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    assert_int_equal(setenv("KT_TEST_SECRET", "from outside", 1), 0);
    fill("shop: {base_url: 'http://a', token: 'env:KT_TEST_SECRET'}\n");
    assert_int_equal(problems.count, 0);
    assert_string_equal(shop.token, "from outside");
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    assert_int_equal(unsetenv("KT_TEST_SECRET"), 0);
    fill("shop: {base_url: 'http://a', token: 'env:KT_TEST_SECRET'}\n");
    assert_one_problem("kontor.yaml:1: shop.token: the environment has no variable KT_TEST_SECRET");
    assert_null(shop.token);
}

static void assert_secret_refused(const char *why)
{
    fill("shop:\n  base_url: http://a\n  token: file:token\n");
    assert_one_problem(why);
    assert_null(shop.token);
}

static void secret__in_a_file_that_does_not_do_is_refused(void **state)
{
    (void)state;
    struct kt_str at =
        kt_str_of(kt_format(arena, "kontor.yaml:3: shop.token: the file %s", path_of("token")));
    static const mode_t open_modes[] = { 0640, 0604, 0620, 0601, 0644 };
    for (size_t i = 0; i < KT_COUNT(open_modes); i++) {
        write_file("token", "abc", 3, open_modes[i]);
        assert_secret_refused(kt_format(arena,
                                        "%s may be read by others than its owner; "
                                        "run chmod 600 on it",
                                        at.p));
        assert_int_equal(remove(path_of("token")), 0);
    }
    assert_secret_refused(kt_format(arena, "%s does not exist", at.p));
    assert_int_equal(mkdir(path_of("token"), 0700), 0);
    assert_secret_refused(kt_format(arena, "%s is not a regular file", at.p));
    assert_int_equal(rmdir(path_of("token")), 0);
    assert_int_equal(mkfifo(path_of("token"), 0600), 0);
    assert_secret_refused(kt_format(arena, "%s is not a regular file", at.p)); /* and no waiting */
    assert_int_equal(remove(path_of("token")), 0);
    const size_t limit = 64 << 10;
    char *large = kt_alloc(arena, limit + 1);
    memset(large, 'x', limit + 1);
    write_file("token", large, limit + 1, 0600);
    assert_secret_refused(kt_format(arena, "%s is larger than allowed", at.p));
    write_file("token", large, limit, 0600);
    fill("shop:\n  base_url: http://a\n  token: file:token\n");
    assert_int_equal(problems.count, 0);
    assert_int_equal(strlen(shop.token), limit);
    write_file("token", "\n", 1, 0600);
    assert_secret_refused("kontor.yaml:3: shop.token: what the file holds is empty");
    write_file("token", "a\0b", 3, 0600);
    assert_secret_refused("kontor.yaml:3: shop.token: what the file holds is not text");
}

static void secret__written_into_the_file_is_refused_and_not_shown(void **state)
{
    (void)state;
    static const char *const bad[] = { "CANARY", "file:", "env:", "FILE:CANARY", "123" };
    for (size_t i = 0; i < KT_COUNT(bad); i++) {
        fill(kt_format(arena, "shop:\n  base_url: http://a\n  token: \"%s\"\n", bad[i]));
        assert_one_problem("kontor.yaml:3: shop.token: a secret does not stand in this file; "
                           "write file:PATH or env:NAME");
    }
}

static void yaml__that_hides_something_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *problem;
    } bad[] = {
        { "a: &x 1\n", "kontor.yaml:1: a: anchors (&) are not allowed" },
        { "a: 1\nb: *x\n", "kontor.yaml:2: b: aliases (*) are not allowed; write the value out" },
        { "a: !!str 1\n", "kontor.yaml:1: a: tags (!) are not allowed" },
        { "a:\n  <<: {b: 1}\n",
          "kontor.yaml:2: a: merge keys (<<) are not allowed; write the settings out" },
        { "a: 1\n---\nb: 2\n", "kontor.yaml:1: holds more than one document (---)" },
        { "? [a]\n: 1\n", "kontor.yaml:1: a name must be a single word" },
        { "", "kontor.yaml:1: the file is empty" },
        { "# nothing\n", "kontor.yaml:1: the file is empty" },
        { "just text\n", "kontor.yaml:1: must hold sections and settings (name: value)" },
        { "- a\n", "kontor.yaml:1: must hold sections and settings (name: value)" },
        { "a: 1\nb: \xFF\n", "kontor.yaml:2: holds bytes that are not UTF-8" },
        { "a: 1\n\nb: \x01\n", "kontor.yaml:3: holds a control character" },
        { "a: \"x\\0y\"\n", "kontor.yaml:1: a: holds a NUL character" },
        { "&y a: 1\n", "kontor.yaml:1: tags (!) and anchors (&) are not allowed" },
    };
    for (size_t i = 0; i < KT_COUNT(bad); i++) {
        assert_null(read_yaml(bad[i].text));
        assert_one_problem(bad[i].problem);
    }
    static const char *const broken[] = { "a: [1\n", "a: b: c\n", "\ta: 1\n", "a: \"x\n",
                                          "{a: 1\n" };
    for (size_t i = 0; i < KT_COUNT(broken); i++) {
        assert_null(read_yaml(broken[i]));
        assert_true(problems.count >= 1);
        assert_non_null(strstr(problems.text[0], ": not valid YAML: "));
    }
}

static void yaml__with_a_key_twice_names_both_places(void **state)
{
    (void)state;
    assert_null(read_yaml("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\na: 2\n"));
    assert_int_equal(problems.count, 2);
    assert_problem(0, kt_format(arena,
                                "kontor.yaml:5: b.c: stands twice; the first one is at "
                                "%s/kontor.yaml:3: b.c",
                                folder));
    assert_problem(1, kt_format(arena,
                                "kontor.yaml:6: a: stands twice; the first one is at "
                                "%s/kontor.yaml:1: a",
                                folder));
}

static void file__missing_or_too_large_is_said(void **state)
{
    (void)state;
    assert_null(kt_conf_read(path_of("none.yaml"), arena, &problems));
    assert_one_problem("none.yaml: does not exist");
    const size_t limit = 1 << 20;
    char *large = kt_alloc(arena, limit + 2);
    memset(large, '#', limit + 1);
    assert_null(read_yaml(large));
    assert_one_problem("kontor.yaml: is larger than allowed");
    char *deep = kt_alloc(arena, 20001);
    memset(deep, '[', 20000);
    assert_null(read_yaml(deep));
    assert_int_equal(problems.count, 1);
}

static void tree__is_walked_in_the_order_of_the_file(void **state)
{
    (void)state;
    const struct kt_conf_node *value = NULL;
    const struct kt_conf_node *root = read_yaml("channels:\n  z: {a: 1}\n  b:\n  - x\n  - y: 2\n");
    const struct kt_conf_node *channels = kt_conf_get(root, "channels");
    assert_int_equal(kt_conf_count(channels), 2);
    assert_string_equal(kt_conf_name_at(channels, 0, &value), "z");
    assert_string_equal(kt_conf_text(kt_conf_get(value, "a")), "1");
    assert_string_equal(kt_conf_name_at(channels, 1, &value), "b");
    assert_non_null(strstr(kt_conf_where(value), "kontor.yaml:3: channels.b"));
    const struct kt_conf_node *item = NULL;
    assert_null(kt_conf_name_at(value, 1, &item));
    assert_string_equal(kt_conf_text(kt_conf_get(item, "y")), "2");
    assert_non_null(
        strstr(kt_conf_where(kt_conf_get(item, "y")), "kontor.yaml:5: channels.b[1].y"));
    assert_null(kt_conf_name_at(channels, 2, &value));
    assert_null(value);
    assert_null(kt_conf_get(NULL, "a"));
    assert_int_equal(kt_conf_count(NULL), 0);
    assert_null(kt_conf_text(channels));
}

static void fill__leaves_subsections_to_their_readers(void **state)
{
    (void)state;
    static const char *const also[] = { "mapping", NULL };
    const struct kt_conf_node *root = read_yaml("base_url: http://a\nmapping: {x: 1}\nmaping: 2\n");
    kt_conf_fill(root, "", shop_opts, also, &shop, arena, secrets, &problems);
    assert_int_equal(problems.count, 1);
    assert_non_null(strstr(problems.text[0], "maping: no such setting; did you mean mapping?"));
    root = read_yaml("shop: 5\n");
    kt_conf_fill(kt_conf_get(root, "shop"), "", shop_opts, NULL, &shop, arena, secrets, &problems);
    assert_one_problem("kontor.yaml:1: shop: must be a section with settings of its own");
}

static void help__has_a_line_per_option(void **state)
{
    (void)state;
    struct kt_buf out;
    kt_buf_init(&out, arena, 10000);
    kt_conf_help(&out, shop_opts);
    const char *text = kt_buf_view(&out).p;
    assert_non_null(
        strstr(text, "base_url             address, required: Address of the shop API\n"));
    assert_non_null(
        strstr(text, "grade                one of key, look-up, none, default look-up: "));
    assert_non_null(
        strstr(text, "timeout              time (30s, 5m, 2h, 1d), 1 to 600, default 30: "));
    size_t lines = 0;
    for (; *text != '\0'; text++)
        lines += *text == '\n';
    assert_int_equal(lines, KT_COUNT(shop_opts) - 1);
}

#define CONF_TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONF_TEST(fill__reads_every_type),
        CONF_TEST(fill__uses_defaults),
        CONF_TEST(problems__are_listed_all_at_once_in_order),
        CONF_TEST(problems__are_sorted_by_line_whoever_notes_first),
        CONF_TEST(values__that_do_not_do_are_refused),
        CONF_TEST(url__with_a_login_is_not_repeated),
        CONF_TEST(secret__stands_in_a_private_file_or_the_environment),
        CONF_TEST(secret__in_a_file_that_does_not_do_is_refused),
        CONF_TEST(secret__written_into_the_file_is_refused_and_not_shown),
        CONF_TEST(yaml__that_hides_something_is_refused),
        CONF_TEST(yaml__with_a_key_twice_names_both_places),
        CONF_TEST(file__missing_or_too_large_is_said),
        CONF_TEST(tree__is_walked_in_the_order_of_the_file),
        CONF_TEST(fill__leaves_subsections_to_their_readers),
        CONF_TEST(help__has_a_line_per_option),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
