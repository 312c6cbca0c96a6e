/* trade/grouping and trade/pages on a real catalogue, where it is there: flat articles whose names
 * end in their colour. */
#include "test_trade_kit.h"

#include <stdlib.h>
#include <string.h>

#include "trade/plan.h"

enum { ROWS_MAX = 4000, CELLS = 11, LINE_MAX_BYTES = 1024 };
enum { CELL_CODE = 1, CELL_NAME = 2, CELL_BRAND = 4, CELL_COLOUR = 5 };

static const char *const axis_codes[] = { "colour" };
static const struct kt_group_rule rule = { .by = KT_GROUP_NAME,
                                           .language = "en",
                                           .axes = { axis_codes, 1 } };

static struct kt_page_member member[ROWS_MAX];
static size_t members;

/* One line of comma-separated cells; quotes hold commas. */
static void read_cells(char *line, char *cell[CELLS])
{
    char *to = line;
    bool is_quoted = false;
    size_t n = 0;
    cell[n++] = line;
    for (const char *p = line; *p != '\0' && *p != '\r' && *p != '\n'; p++) {
        if (*p == '"') {
            is_quoted = !is_quoted;
        } else if (*p == ',' && !is_quoted) {
            *to++ = '\0';
            assert_true(n < CELLS);
            cell[n++] = to;
        } else {
            *to++ = *p;
        }
    }
    *to = '\0';
    assert_int_equal(n, CELLS);
}

static void add(char *cell[CELLS])
{
    struct kt_variant *v = variant_of(cell[CELL_CODE]);
    struct kt_product *own = product_of(cell[CELL_CODE]);
    add_text(own, "en", cell[CELL_NAME]);
    KT_PUT(own, kt_product_shape, brand, text_of(cell[CELL_BRAND]));
    own->attributes = one_more_attribute(own->attributes, "colour", NULL, cell[CELL_COLOUR], NULL);
    kt_group_article(&rule, own, v, arena);
    assert_true(members < ROWS_MAX);
    member[members++] = (struct kt_page_member){ v, own };
}

static void read_catalogue(FILE *file)
{
    char line[LINE_MAX_BYTES];
    char *cell[CELLS] = { NULL };
    for (bool is_head = true; fgets(line, sizeof line, file) != NULL; is_head = false) {
        if (is_head)
            continue;
        read_cells(line, cell);
        add(cell);
    }
}

static int by_page(const void *a, const void *b)
{
    const struct kt_page_member *x = a;
    const struct kt_page_member *y = b;
    int order = kt_str_cmp(x->variant->product, y->variant->product);
    return order != 0 ? order : kt_str_cmp(x->variant->sku, y->variant->sku);
}

static void articles__of_one_family_differ_by_their_colour_alone(void **state)
{
    (void)state;
    const struct kt_plan_limits limits = { .axes = 1 };
    size_t pages = 0;
    size_t planned = 0;
    size_t matrices = 0;
    size_t alone = 0;
    size_t out = 0;
    qsort(member, members, sizeof *member, by_page);
    for (size_t from = 0; from < members;) {
        struct kt_product_page page;
        struct kt_plan plan;
        size_t to = from;
        struct kt_str id = member[from].variant->product;
        while (to < members && kt_str_eq(member[to].variant->product, id))
            to++;
        bool is_alone = kt_str_eq(id, member[from].variant->sku);
        kt_page_make(&page, id, is_alone ? member[from].own : NULL, &member[from], to - from, &rule,
                     arena);
        kt_plan_make(&plan, &page, &limits, arena);
        assert_int_equal(page.count, to - from);
        assert_int_equal(plan.pages, 1);
        for (size_t i = 0; i < plan.outs; i++) {
            char text[300];
            kt_sentence(&plan.out[i].why, KT_LANG_EN, text, sizeof text);
            printf("%s\n", text);
        }
        pages++;
        planned += plan.page[0].count;
        out += plan.outs;
        matrices += plan.form == KT_PLAN_MATRIX;
        alone += is_alone;
        from = to;
    }
    printf("%zu articles, %zu pages (%zu with colours, %zu of a single article without one in its "
           "name), %zu articles planned, %zu out\n",
           members, pages, matrices, alone, planned, out);
    assert_int_equal(planned + out, members);
    assert_true(members > 1500 && matrices > 300 && out < members / 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(articles__of_one_family_differ_by_their_colour_alone),
    };
    FILE *file =
        fopen(KT_TEST_ROOT "/../shared/data/catalogue/contoso_electronics/products.csv", "r");
    if (file == NULL) {
        printf("the catalogue is not here: skipped\n");
        return 77;
    }
    (void)open_arena(NULL);
    read_catalogue(file);
    (void)fclose(file); /* read only */
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)close_arena(NULL);
    return failed;
}
