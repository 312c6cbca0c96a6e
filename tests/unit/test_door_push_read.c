/* The contract and the shapes say the same: src/door/push_read.c, push_forms*.c, wsdl/kontor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/xml_read.h"
#include "base/xml_write.h"
#include "door/push.h"
#include "model/fact.h"
#include "model/record.h"

#define MUST(call) assert_int_equal((call), KT_OK)

enum { NAME_ROOM = 80 };

static struct kt_arena *arena;
static struct kt_push_soap *soap;

static int set_up(void **state)
{
    (void)state;
    arena = kt_arena_new();
    soap = kt_push_soap_open();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    kt_push_soap_close(soap);
    kt_arena_free(arena);
    return 0;
}

/* "on_hand" in the contract: "onHand". */
static const char *camel(const char *name)
{
    char *out = kt_alloc(arena, NAME_ROOM);
    size_t n = 0;
    for (const char *c = name; *c != '\0'; c++) {
        bool is_next = *c == '_';
        if (is_next)
            c++;
        out[n++] = is_next && *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
    }
    return out;
}

static const struct row {
    const char *operation;
    const char *element;
    const char *type;
    int kind;
    bool is_fact;
} rows[] = {
    { "PushProducts", "product", "Product", KT_KIND_PRODUCT, false },
    { "PushVariants", "variant", "Variant", KT_KIND_VARIANT, false },
    { "PushPrices", "price", "Price", KT_KIND_PRICE, false },
    { "PushStock", "stock", "Stock", KT_KIND_STOCK, false },
    { "PushCategories", "category", "Category", KT_KIND_CATEGORY, false },
    { "PushCustomers", "customer", "Customer", KT_KIND_CUSTOMER, false },
    { "PushDocuments", "document", "Document", KT_KIND_DOCUMENT, false },
    { "PushCertificates", "certificate", "Certificate", KT_KIND_CERTIFICATE, false },
    { "PushShipments", "shipment", "Shipment", KT_FACT_SHIPMENT, true },
    { "PushOrderStatus", "orderStatus", "OrderStatus", KT_FACT_ORDER_STATUS, true },
    { "PushInvoices", "invoice", "Invoice", KT_FACT_INVOICE, true },
    { "PushReturns", "return", "Return", KT_FACT_RETURN, true },
};

static const struct kt_shape *shape_of(const struct row *r)
{
    return r->is_fact ? kt_fact_shape[r->kind] : kt_kind_shape[r->kind];
}

/* --- the contract --- */

static const struct kt_xml_node *schema;

static const struct kt_xml_node *named(const char *name)
{
    for (const struct kt_xml_node *n = kt_xml_child(schema); n != NULL; n = kt_xml_next(n)) {
        if (!kt_str_is(n->name, "element") && kt_str_is(kt_xml_attr_of(n, "name"), name))
            return n;
    }
    fail_msg("the contract has no type %s", name);
    return NULL;
}

static const char *type_of(const struct kt_xml_node *element)
{
    struct kt_str type = kt_xml_attr_of(element, "type");
    assert_non_null(type.p);
    return type.p;
}

static const char *without_prefix(const char *type)
{
    assert_memory_equal(type, "tns:", 4);
    return type + 4;
}

static void compare_type(const char *name, const struct kt_shape *shape);

static void compare_choices(const char *type, const char *const *choices)
{
    const struct kt_xml_node *v = kt_xml_child(kt_xml_find(named(type), "restriction"));
    for (; *choices != NULL; choices++, v = kt_xml_next(v)) {
        assert_non_null(v);
        assert_string_equal(kt_xml_attr_of(v, "value").p, *choices);
    }
    assert_null(v);
}

static void compare_list(const char *type, const struct kt_shape *items)
{
    const struct kt_xml_node *item = kt_xml_child(kt_xml_find(named(type), "sequence"));
    assert_string_equal(kt_xml_attr_of(item, "name").p, "item");
    assert_string_equal(kt_xml_attr_of(item, "maxOccurs").p, "unbounded");
    assert_null(kt_xml_next(item));
    if (items == &kt_ref_shape)
        assert_string_equal(type_of(item), "xsd:string");
    else
        compare_type(without_prefix(type_of(item)), items);
}

static void compare_field(const struct kt_xml_node *element, const struct kt_field *f)
{
    static const char *const simple[] = {
        [KT_TYPE_TEXT] = "xsd:string",      [KT_TYPE_INTEGER] = "xsd:long",
        [KT_TYPE_DECIMAL] = "xsd:decimal",  [KT_TYPE_BOOL] = "xsd:boolean",
        [KT_TYPE_INSTANT] = "xsd:dateTime", [KT_TYPE_DAY] = "xsd:date"
    };
    const char *type = type_of(element);
    assert_string_equal(kt_xml_attr_of(element, "name").p, camel(f->name));
    if (f->type == KT_TYPE_CHOICE)
        compare_choices(without_prefix(type), f->choices);
    else if (f->type == KT_TYPE_PART)
        compare_type(without_prefix(type), f->items);
    else if (f->type == KT_TYPE_LIST)
        compare_list(without_prefix(type), f->items);
    else
        assert_string_equal(type, simple[f->type]);
    if ((f->type == KT_TYPE_TEXT || f->type == KT_TYPE_DECIMAL) && f->max > 0) {
        const struct kt_xml_node *note =
            kt_xml_find(kt_xml_find(element, "annotation"), "documentation");
        const char *limit = kt_format(arena, "at most %u ", f->max);
        assert_non_null(note);
        assert_true(kt_str_starts(note->text, limit));
    }
}

/* What stands beside a shape's fields. */
static bool is_extra(const struct kt_xml_node *n)
{
    struct kt_str name = kt_xml_attr_of(n, "name");
    return kt_str_is(n->name, "any") || kt_str_is(name, "deleted") || kt_str_is(name, "content");
}

static void compare_type(const char *name, const struct kt_shape *shape)
{
    const struct kt_xml_node *n = kt_xml_child(kt_xml_find(named(name), "sequence"));
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++) {
        if (strcmp(f->name, "scope") == 0)
            continue;
        while (n != NULL && is_extra(n))
            n = kt_xml_next(n);
        assert_non_null(n);
        compare_field(n, f);
        n = kt_xml_next(n);
    }
    while (n != NULL && is_extra(n))
        n = kt_xml_next(n);
    assert_null(n);
}

static void contract__says_every_field_of_every_shape(void **state)
{
    const struct kt_xml_node *root = NULL;
    struct kt_xml_found found;
    struct kt_str text;
    const char *complaint = NULL;
    (void)state;
    assert_true(kt_file_read(&text, KT_TEST_ROOT "/wsdl/kontor/push.wsdl", 1 << 20, false, arena,
                             &complaint));
    assert_int_equal(kt_xml_parse(&root, text, &found, arena), KT_XML_OK);
    schema = kt_xml_find(kt_xml_find(root, "types"), "schema");
    for (size_t i = 0; i < KT_COUNT(rows); i++)
        compare_type(rows[i].type, shape_of(&rows[i]));
}

/* --- every field --- */

static void put_value(struct kt_buf *out, const struct kt_field *f, void *member, int64_t *n)
{
    char text[KT_TIME_TEXT_MAX];
    (*n)++;
    switch (f->type) {
    case KT_TYPE_TEXT: {
        const char *unique = kt_format(arena, "%02lld", (long long)(*n % 100));
        if (f->max > 8)
            unique = kt_format(arena, "%lld <ä> &", (long long)*n);
        *(struct kt_str *)member = kt_str_of(unique);
        kt_xml_put_text(out, kt_str_of(unique));
        break;
    }
    case KT_TYPE_INTEGER:
        *(int64_t *)member = *n;
        kt_buf_format(out, " %lld ", (long long)*n);
        break;
    case KT_TYPE_DECIMAL:
        *(struct kt_dec *)member = (struct kt_dec){ *n * 10 + 5, 1 };
        kt_buf_format(out, "%lld.50", (long long)*n);
        break;
    case KT_TYPE_BOOL:
        *(bool *)member = true;
        kt_buf_text(out, *n % 2 == 0 ? "true" : "1");
        break;
    case KT_TYPE_INSTANT:
        *(int64_t *)member = *n * KT_SECOND;
        kt_time_text(*n * KT_SECOND, text);
        kt_buf_text(out, text);
        break;
    case KT_TYPE_DAY:
        *(struct kt_day *)member = kt_day_of(*n * KT_DAY_US);
        kt_day_text(kt_day_of(*n * KT_DAY_US), text);
        kt_buf_text(out, text);
        break;
    case KT_TYPE_CHOICE:
        *(int *)member = 1;
        kt_buf_text(out, f->choices[1]);
        break;
    case KT_TYPE_PART:
    case KT_TYPE_LIST:
    case KT_TYPE_END:
        fail();
    }
}

static void put_fields(struct kt_buf *out, const struct kt_shape *shape, void *rec, int64_t *n);

static void put_list(struct kt_buf *out, const struct kt_shape *items, struct kt_list *list,
                     int64_t *n)
{
    char *item = kt_alloc_array(arena, 2, items->size);
    *list = (struct kt_list){ item, 2 };
    for (size_t i = 0; i < 2; i++) {
        kt_xml_put_begin(out, "item", NULL);
        if (items == &kt_ref_shape) {
            struct kt_ref *ref = (struct kt_ref *)(void *)item + i;
            put_value(out, &items->fields[0], &ref->id, n);
            kt_field_mark(ref, items, &items->fields[0]);
        } else {
            put_fields(out, items, item + i * items->size, n);
        }
        kt_xml_put_end(out, "item");
    }
}

static void put_fields(struct kt_buf *out, const struct kt_shape *shape, void *rec, int64_t *n)
{
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++) {
        void *member = kt_field_at_mut(rec, f);
        kt_field_mark(rec, shape, f);
        if (strcmp(f->name, "scope") == 0) {
            *(struct kt_str *)member = KT_STR("s");
            continue;
        }
        kt_xml_put_begin(out, camel(f->name), NULL);
        if (f->type == KT_TYPE_PART)
            put_fields(out, f->items, member, n);
        else if (f->type == KT_TYPE_LIST)
            put_list(out, f->items, member, n);
        else
            put_value(out, f, member, n);
        kt_xml_put_end(out, camel(f->name));
    }
}

static const char *json_of(const struct kt_shape *shape, const void *rec)
{
    struct kt_buf out;
    kt_buf_init(&out, arena, 1 << 20);
    kt_shape_write(&out, shape, rec);
    assert_true(kt_buf_ok(&out));
    return kt_buf_view(&out).p;
}

static const struct kt_site site = { .blobs = NULL }; /* contents are not of interest here */
static struct kt_work work = { .site = &site };
static const struct kt_push_from from = { .scope = "s", .as_of_us = 7, .work = &work };

static enum kt_rc read_text(const char *xml, struct kt_push_message *m, struct kt_err *e)
{
    kt_err_clear(e);
    return kt_push_read(soap, kt_str_of(xml), &from, m, arena, e);
}

static void every_field__arrives_where_it_belongs(void **state)
{
    (void)state;
    for (size_t i = 0; i < KT_COUNT(rows); i++) {
        const struct kt_shape *shape = shape_of(&rows[i]);
        struct kt_push_message m;
        struct kt_err e = { 0 };
        struct kt_buf out;
        int64_t n = 100;
        void *rec = kt_alloc(arena, shape->size);
        kt_buf_init(&out, arena, 1 << 20);
        kt_xml_put_begin(&out, rows[i].operation, "urn:kontor:push:1");
        kt_xml_put_begin(&out, rows[i].element, NULL);
        put_fields(&out, shape, rec, &n);
        kt_xml_put_end(&out, rows[i].element);
        kt_xml_put_end(&out, rows[i].operation);
        MUST(read_text(kt_buf_view(&out).p, &m, &e));
        assert_string_equal(m.operation, rows[i].operation);
        assert_int_equal(m.ignored, 0);
        if (rows[i].is_fact) {
            assert_int_equal(m.in.facts.count, 1);
            assert_int_equal(m.in.facts.item[0].kind, rows[i].kind);
            assert_string_equal(json_of(shape, m.in.facts.item[0].record), json_of(shape, rec));
        } else {
            assert_int_equal(m.in.changes.count, 1);
            assert_int_equal(m.in.changes.item[0].kind, rows[i].kind);
            assert_int_equal(m.in.changes.item[0].as_of_us, 7);
            assert_string_equal(json_of(shape, m.in.changes.item[0].record), json_of(shape, rec));
        }
    }
}

/* --- what is not there, and what cannot be read --- */

#define STOCK(head, ...)                                                                         \
    "<p:PushStock xmlns:p=\"urn:kontor:push:1\" xmlns:z=\"urn:z\">" head "<p:stock>" __VA_ARGS__ \
    "</p:stock></p:PushStock>"
#define VARIANT(...)                                                                    \
    "<PushVariants xmlns=\"urn:kontor:push:1\" xmlns:z=\"urn:z\"><variant>" __VA_ARGS__ \
    "</variant></PushVariants>"

static const char *first_json(const struct kt_push_message *m)
{
    const struct kt_change *c = &m->in.changes.item[0];
    return json_of(kt_kind_shape[c->kind], c->record);
}

static void absent__is_not_empty(void **state)
{
    struct kt_push_message m;
    struct kt_err e = { 0 };
    (void)state;
    MUST(read_text(VARIANT("<sku>A</sku><mpn/><gtins/><formerSkus><item/></formerSkus>"
                           "<netWeight/><saleFrom>0000-00-00</saleFrom><saleUntil> </saleUntil>"
                           "<serialRequired/>"),
                   &m, &e));
    assert_string_equal(first_json(&m), "{\"scope\":\"s\",\"sku\":\"A\",\"gtins\":[],\"mpn\":\"\","
                                        "\"former_skus\":[{\"id\":\"\"}]}");
    MUST(read_text(VARIANT("<sku>A</sku><brand xmlns=\"urn:z\">x</brand><mpn "
                           "xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" "
                           "i:nil=\"true\"/>"),
                   &m, &e));
    assert_string_equal(first_json(&m),
                        "{\"scope\":\"s\",\"sku\":\"A\",\"attributes\":[{\"code\":\"brand\","
                        "\"value\":\"x\"}]}");
}

static void blanks__around_a_number_are_not_part_of_it(void **state)
{
    struct kt_push_message m;
    struct kt_err e = { 0 };
    (void)state;
    MUST(read_text(VARIANT("<sku>\n  A 1\t</sku><product> P</product><formerSkus><item> B "
                           "</item></formerSkus>"),
                   &m, &e));
    assert_string_equal(first_json(&m), "{\"scope\":\"s\",\"sku\":\"A 1\",\"product\":\"P\","
                                        "\"former_skus\":[{\"id\":\"B\"}]}");
    MUST(read_text(VARIANT("<sku>   </sku>"), &m, &e));
    assert_string_equal(first_json(&m), "{\"scope\":\"s\",\"sku\":\"\"}");
}

static void head__is_read(void **state)
{
    struct kt_push_message m;
    struct kt_err e = { 0 };
    (void)state;
    MUST(read_text(STOCK("<p:messageId> m-1 </p:messageId>"
                         "<p:asOf>2026-03-01T10:00:00+01:00</p:asOf>"
                         "<p:scope>other</p:scope><p:language>de-AT</p:language>",
                         "<p:sku>A</p:sku>"),
                   &m, &e));
    assert_true(kt_str_is(m.in.id, "m-1"));
    assert_int_equal(m.lang, KT_LANG_DE);
    assert_int_equal(m.in.changes.item[0].as_of_us, INT64_C(1772355600) * KT_SECOND);
    assert_string_equal(first_json(&m), "{\"scope\":\"other\",\"sku\":\"A\"}");
    assert_int_equal(m.in.digest.n, 64);
    assert_int_equal(read_text(STOCK("<p:asOf>yesterday</p:asOf>", "<p:sku>A</p:sku>"), &m, &e),
                     KT_REJECT);
    assert_int_equal(e.v.code, KT_E_FIELD_INVALID);
}

static void bad_value__refuses_its_record_alone(void **state)
{
    static const char *const bad[] = {
        "<p:onHand>1,5</p:onHand>",
        "<p:onHand>1e5</p:onHand>",
        "<p:onHand>NaN</p:onHand>",
        "<p:onHand>1.1234567</p:onHand>",
        "<p:asOf>2026-02-30T00:00:00Z</p:asOf>",
        "<p:asOf>2026-02-20T00:00:00</p:asOf>",
        "<p:basis>guessed</p:basis>",
        "<p:deleted>maybe</p:deleted>",
        "<p:expected><p:item><p:day>31.12.2026</p:day></p:item></p:expected>",
        "<p:onHand>99999999999999999999</p:onHand>",
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(bad); i++) {
        struct kt_push_message m;
        struct kt_err e = { 0 };
        MUST(read_text(kt_format(arena,
                                 STOCK("", "%s<p:sku>A</p:sku>"
                                           "<p:warehouse>W</p:warehouse></p:stock><p:stock>"
                                           "<p:sku>B</p:sku>"),
                                 bad[i]),
                       &m, &e));
        assert_int_equal(m.in.changes.count, 2);
        assert_non_null(m.in.changes.item[0].fault);
        assert_int_equal(m.in.changes.item[0].fault->code, KT_E_FIELD_INVALID);
        assert_string_equal(m.in.changes.item[0].fault->param[0].value, "stock s|A|W");
        assert_true(kt_str_is(kt_push_key(&m.in, 0, arena), "A|W"));
        assert_null(m.in.changes.item[1].fault);
    }
}

static void deleted__reads_only_the_keys(void **state)
{
    struct kt_push_message m;
    struct kt_err e = { 0 };
    (void)state;
    MUST(read_text(STOCK("", "<p:deleted>true</p:deleted><p:sku>A</p:sku>"
                             "<p:warehouse>W</p:warehouse><p:onHand>x</p:onHand>"),
                   &m, &e));
    assert_true(m.in.changes.item[0].is_deleted);
    assert_null(m.in.changes.item[0].fault);
    assert_string_equal(first_json(&m), "{\"scope\":\"s\",\"sku\":\"A\",\"warehouse\":\"W\"}");
}

/* --- a customer's own fields --- */

static void own_fields__become_attributes_where_there_are_some(void **state)
{
    struct kt_push_message m;
    struct kt_err e = { 0 };
    (void)state;
    MUST(read_text(VARIANT("<sku>A</sku><attributes><item><code>x</code><value>1</value></item>"
                           "</attributes><z:ZZCOLOR>red &amp; <![CDATA[<blue>]]></z:ZZCOLOR>"
                           "<z:deep><z:er>1</z:er></z:deep>"),
                   &m, &e));
    assert_string_equal(first_json(&m),
                        "{\"scope\":\"s\",\"sku\":\"A\",\"attributes\":[{\"code\":\"x\","
                        "\"value\":\"1\"},{\"code\":\"ZZCOLOR\",\"value\":\"red & <blue>\"}]}");
    assert_int_equal(m.ignored, 1);
    MUST(read_text(STOCK("", "<p:sku>A</p:sku><z:a>1</z:a><p:expected><p:item><z:b/>"
                             "<p:day>2026-01-01</p:day></p:item></p:expected>"),
                   &m, &e));
    assert_int_equal(m.ignored, 2);
    assert_string_equal(first_json(&m), "{\"scope\":\"s\",\"sku\":\"A\","
                                        "\"expected\":[{\"day\":\"2026-01-01\"}]}");
}

static void unknown_element_of_ours__refuses_the_message(void **state)
{
    static const char *const bad[] = {
        "<p:sku>A</p:sku><p:onhand>1</p:onhand>",            /* misspelt */
        "<p:sku>A</p:sku><p:sku>B</p:sku>",                  /* twice */
        "<p:sku>A</p:sku><onHand>1</onHand>",                /* without namespace */
        "<p:sku>A</p:sku><p:expected><p:day/></p:expected>", /* in a wrong place */
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(bad); i++) {
        struct kt_push_message m;
        struct kt_err e = { 0 };
        assert_int_equal(read_text(kt_format(arena, STOCK("", "%s"), bad[i]), &m, &e), KT_REJECT);
        assert_int_equal(e.v.code, KT_E_SOAP_ELEMENT_UNKNOWN);
    }
}

/* --- messages as a whole --- */

static void entities__of_xml_are_read(void **state)
{
    struct kt_push_message m;
    struct kt_err e = { 0 };
    (void)state;
    MUST(read_text(STOCK("", "<p:sku>&lt;&#65;&#x42;&amp;<!-- &c --><![CDATA[&d;]]>&gt;</p:sku>"),
                   &m, &e));
    assert_string_equal(first_json(&m), "{\"scope\":\"s\",\"sku\":\"<AB&&d;>\"}");
}

static const char *many(size_t count)
{
    struct kt_buf out;
    kt_buf_init(&out, arena, 8 << 20);
    kt_xml_put_begin(&out, "PushStock", "urn:kontor:push:1");
    for (size_t i = 0; i < count; i++)
        kt_buf_format(&out, "<stock><sku>%zu</sku></stock>", i);
    kt_xml_put_end(&out, "PushStock");
    return kt_buf_view(&out).p;
}

static void message__holds_at_most_10000_records(void **state)
{
    struct kt_push_message m;
    struct kt_err e = { 0 };
    (void)state;
    MUST(read_text(many(10000), &m, &e));
    assert_int_equal(m.in.changes.count, 10000);
    assert_int_equal(read_text(many(10001), &m, &e), KT_REJECT);
    assert_int_equal(e.v.code, KT_E_SOAP_TOO_MANY);
    MUST(read_text(many(1), &m, &e)); /* the context is as good as new */
    assert_int_equal(m.in.changes.count, 1);
}

static void levels__end_at_64(void **state)
{
    struct kt_push_message m;
    struct kt_err e = { 0 };
    (void)state;
    for (size_t levels = 55; levels < 70; levels += 14) {
        struct kt_buf out;
        kt_buf_init(&out, arena, 1 << 16);
        for (size_t i = 0; i < levels; i++)
            kt_buf_text(&out, "<z:a>");
        for (size_t i = 0; i < levels; i++)
            kt_buf_text(&out, "</z:a>");
        enum kt_rc rc = read_text(
            kt_format(arena, STOCK("", "<p:sku>A</p:sku>%s"), kt_buf_view(&out).p), &m, &e);
        assert_int_equal(rc, levels < 60 ? KT_OK : KT_REJECT);
    }
}

static void digest__is_that_of_the_content(void **state)
{
    struct kt_push_message one, two, three;
    struct kt_err e = { 0 };
    (void)state;
    MUST(read_text(STOCK("", "<p:sku>A</p:sku>"), &one, &e));
    MUST(read_text("<?xml version=\"1.0\"?>\n" STOCK("", "<p:sku>A</p:sku>"), &two, &e));
    MUST(read_text(STOCK("", "<p:sku>B</p:sku>"), &three, &e));
    assert_true(kt_str_eq(one.in.digest, two.in.digest));
    assert_false(kt_str_eq(one.in.digest, three.in.digest));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contract__says_every_field_of_every_shape),
        cmocka_unit_test(every_field__arrives_where_it_belongs),
        cmocka_unit_test(absent__is_not_empty),
        cmocka_unit_test(blanks__around_a_number_are_not_part_of_it),
        cmocka_unit_test(head__is_read),
        cmocka_unit_test(bad_value__refuses_its_record_alone),
        cmocka_unit_test(deleted__reads_only_the_keys),
        cmocka_unit_test(own_fields__become_attributes_where_there_are_some),
        cmocka_unit_test(unknown_element_of_ours__refuses_the_message),
        cmocka_unit_test(entities__of_xml_are_read),
        cmocka_unit_test(message__holds_at_most_10000_records),
        cmocka_unit_test(levels__end_at_64),
        cmocka_unit_test(digest__is_that_of_the_content),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
