/* format/wsdl on every WSDL that real systems gave out, where they are there: each is read whole.
 */
#include "format/wsdl.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/file.h"

enum { SKIPPED = 77, DEPTH = 4, LEAST = 40 };

static size_t seen;

static void read_one(const char *path)
{
    struct kt_arena *a = kt_arena_new();
    struct kt_wsdl *w = NULL;
    struct kt_str bytes = { 0 };
    const char *complaint = NULL;
    struct kt_err e = { 0 };
    char why[400] = "";
    assert_true(kt_file_read(&bytes, path, KT_WSDL_MAX, false, a, &complaint));
    if (kt_wsdl_read(&w, bytes, path, a, &e) != KT_OK)
        kt_sentence(&e.v, KT_LANG_EN, why, sizeof why);
    assert_string_equal(why, "");
    if (w->operations == 0 && w->elements == 0)
        fail_msg("%s: nothing was read", path);
    for (size_t i = 0; i < w->types; i++)
        assert_true(w->type[i]->base != KT_FORM_ANY);
    seen++;
    kt_arena_free(a);
}

static void walk(const char *folder, int depth)
{
    DIR *d = opendir(folder);
    if (d == NULL)
        return;
    for (const struct dirent *f = readdir(d); f != NULL; f = readdir(d)) {
        char path[1024];
        struct stat st;
        size_t n = strlen(f->d_name);
        if (f->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, f->d_name);
        if (stat(path, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode) && depth > 0)
            walk(path, depth - 1);
        else if (n > 5 && strcmp(f->d_name + n - 5, ".wsdl") == 0)
            read_one(path);
    }
    (void)closedir(d);
}

static void real_ones__are_read(void **state)
{
    (void)state;
    walk(KT_TEST_ROOT "/../shared/contracts", DEPTH);
    assert_in_range(seen, LEAST, 10000);
}

/* A page as NAV publishes it. */
static void nav_page__has_its_fields(void **state)
{
    static const char path[] =
        KT_TEST_ROOT "/../shared/contracts/dynamics-nav/wsdl/page_ItemCard.wsdl";
    struct kt_arena *a = kt_arena_new();
    struct kt_wsdl *w = NULL;
    struct kt_str bytes = { 0 };
    const char *complaint = NULL;
    struct kt_err e = { 0 };
    (void)state;
    assert_true(kt_file_read(&bytes, path, KT_WSDL_MAX, false, a, &complaint));
    assert_int_equal(kt_wsdl_read(&w, bytes, "ItemCard", a, &e), KT_OK);
    assert_int_equal(kt_wsdl_find(w, "ItemCard/GTIN")->type->base, KT_FORM_TEXT);
    assert_int_equal(kt_wsdl_find(w, "ItemCard/Last_Date_Modified")->type->base, KT_FORM_DATE);
    assert_int_equal(kt_wsdl_find(w, "ItemCard/Unit_Price")->type->base, KT_FORM_DECIMAL);
    assert_int_equal(kt_wsdl_find(w, "ItemCard/Type")->type->values, 2);
    const struct kt_wsdl_operation *o = kt_wsdl_operation(w, "ReadMultiple");
    assert_non_null(strstr(o->action.p, ":ReadMultiple"));
    assert_non_null(kt_form_find(o->request->type, "bookmarkKey"));
    kt_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_ones__are_read),
        cmocka_unit_test(nav_page__has_its_fields),
    };
    struct stat st;
    if (stat(KT_TEST_ROOT "/../shared/contracts/dynamics-nav", &st) != 0) {
        (void)printf("skipped: ../shared/contracts is not there\n");
        return SKIPPED;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
