/* MATMAS, CLFMAS, DEBMAS: src/format/idoc_article.c, idoc_class.c, idoc_customer.c. */
#include "test_format_idoc_kit.h"

#define MATMAS(segments) ONE("MATMAS05", "MATMAS", segments)

static const char kettle[] = MATMAS(
    "<E1MARAM SEGMENT=\"1\"><MSGFN>005</MSGFN><MATNR>000000000000004711</MATNR><MATKL>0042</MATKL>"
    "<MEINS>PCE</MEINS><BRGEW>1250.000</BRGEW><NTGEW>1.100 </NTGEW><GEWEI>GRM</GEWEI>"
    "<EAN11>4006381333931</EAN11><LAENG>20.000</LAENG><BREIT>10.5</BREIT><HOEHE>0.000</HOEHE>"
    "<MEABM>CMT</MEABM><MFRPN>K-1</MFRPN>"
    "<E1MAKTM SEGMENT=\"1\"><MSGFN>005</MSGFN><SPRAS>D</SPRAS><MAKTX>Kessel</MAKTX></E1MAKTM>"
    "<E1MAKTM SEGMENT=\"1\"><MSGFN>005</MSGFN><SPRAS>E</SPRAS><MAKTX>Kettle</MAKTX>"
    "<SPRAS_ISO>EN</SPRAS_ISO></E1MAKTM>"
    "<E1MARCM SEGMENT=\"1\"><WERKS>0001</WERKS><SERNP>0001</SERNP><HERKL>CN</HERKL>"
    "<STAWN>85167920</STAWN><NFMAT>000000000000004712</NFMAT></E1MARCM>"
    "<E1MARMM SEGMENT=\"1\"><MEINH>PCE</MEINH><UMREZ>1</UMREZ><UMREN>1</UMREN>"
    "<EAN11>4006381333931</EAN11><E1MEANM><EAN11>4006381333931</EAN11><HPEAN>X</HPEAN></E1MEANM>"
    "<E1MEANM><EAN11>96385074</EAN11></E1MEANM></E1MARMM>"
    "<E1MARMM SEGMENT=\"1\"><MEINH>CT</MEINH><UMREZ>6</UMREZ><UMREN>1</UMREN></E1MARMM>"
    "<E1MVKEM SEGMENT=\"1\"><VKORG>1000</VKORG><VTWEG>10</VTWEG><VMSTA>Z1</VMSTA>"
    "<VMSTD>20260401</VMSTD><SCMNG>2.000</SCMNG><VRKME>CT</VRKME></E1MVKEM>"
    "<E1MLANM SEGMENT=\"1\"><ALAND>DE</ALAND><TATY1>MWST</TATY1><TAXM1>1</TAXM1></E1MLANM>"
    "<E1MTXHM SEGMENT=\"1\"><TDOBJECT>MATERIAL</TDOBJECT><TDID>GRUN</TDID><TDSPRAS>D</TDSPRAS>"
    "<E1MTXLM><TDFORMAT>*</TDFORMAT><TDLINE>Kocht</TDLINE></E1MTXLM>"
    "<E1MTXLM><TDLINE>Wasser.</TDLINE></E1MTXLM>"
    "<E1MTXLM><TDFORMAT>/</TDFORMAT><TDLINE>Schnell.</TDLINE></E1MTXLM></E1MTXHM>"
    "<E1MTXHM SEGMENT=\"1\"><TDID>BEST</TDID><TDSPRAS>D</TDSPRAS>"
    "<E1MTXLM><TDLINE>nur intern</TDLINE></E1MTXLM></E1MTXHM></E1MARAM>");

static void article__is_a_product_and_its_variant(void **state)
{
    (void)state;
    struct idoc_read t;
    struct kt_err e = { 0 };
    read_xml(&t, kettle);
    assert_int_equal(t.rc, KT_OK);
    assert_int_equal(t.changes.count, 2);
    assert_int_equal(t.changes.item[0].kind, KT_KIND_PRODUCT);
    assert_string_equal(t.changes.item[0].source, "main/MATMAS");
    assert_int_equal(t.changes.item[0].as_of_us, INT64_C(1772360100) * KT_SECOND + 815);
    assert_string_equal(change_json(&t, 0),
                        "{\"scope\":\"sap-800\",\"id\":\"4711\",\"texts\":["
                        "{\"language\":\"de\",\"name\":\"Kessel\",\"long_text\":\"Kocht Wasser.\\n"
                        "Schnell.\"},{\"language\":\"en\",\"name\":\"Kettle\"}],"
                        "\"product_group\":\"0042\",\"tax_class\":\"1\",\"lifecycle\":\"active\","
                        "\"successor\":\"4712\"}");
    assert_string_equal(
        change_json(&t, 1),
        "{\"scope\":\"sap-800\",\"sku\":\"4711\",\"product\":\"4711\",\"gtins\":["
        "{\"code\":\"4006381333931\",\"unit\":\"PCE\",\"is_primary\":true},"
        "{\"code\":\"96385074\",\"unit\":\"PCE\",\"is_primary\":false}],\"base_unit\":\"PCE\","
        "\"mpn\":\"K-1\",\"net_weight\":\"0.0011\",\"shipping_weight\":\"1.25\",\"attributes\":["
        "{\"code\":\"sales_status\",\"value\":\"Z1\"},"
        "{\"code\":\"sales_status_from\",\"value\":\"20260401\"}],\"serial_required\":true,"
        "\"origin\":\"CN\",\"tariff_no\":\"85167920\",\"lifecycle\":\"active\","
        "\"sales_unit\":\"CT\",\"units\":[{\"unit\":\"PCE\",\"numerator\":\"1\",\"denominator\":"
        "\"1\"},{\"unit\":\"CT\",\"numerator\":\"6\",\"denominator\":\"1\"}],\"length\":\"200\","
        "\"width\":\"105\"}");
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(kt_shape_check(kt_kind_shape[t.changes.item[i].kind],
                                        t.changes.item[i].record, t.a, &e),
                         KT_OK);
    close_read(&t);
}

/* A segment that is there speaks of all its fields, one that is not there of none. */
static void article__leads_what_its_segments_speak_of(void **state)
{
    (void)state;
    struct idoc_read t;
    read_xml(&t, MATMAS("<E1MARAM><MATNR>A-1</MATNR><MATKL>/</MATKL><MFRPN>/</MFRPN>"
                        "<E1MAKTM><SPRAS_ISO>DE</SPRAS_ISO><MAKTX>Kessel</MAKTX></E1MAKTM>"
                        "<E1MVKEM><MSGFN>003</MSGFN><VRKME>CT</VRKME></E1MVKEM>"
                        "<E1MVKEM><VKORG>2000</VKORG></E1MVKEM></E1MARAM>"));
    assert_int_equal(t.changes.count, 2);
    assert_true(leads(&t, 0, "scope")); /* that it exists */
    assert_true(leads(&t, 0, "texts"));
    assert_true(leads(&t, 0, "lifecycle"));
    assert_false(leads(&t, 0, "product_group")); /* "/" says nothing */
    assert_false(leads(&t, 0, "tax_class"));
    assert_false(leads(&t, 0, "attributes"));
    assert_false(leads(&t, 0, "media"));
    assert_true(leads(&t, 1, "base_unit")); /* empty: it is gone */
    assert_true(leads(&t, 1, "product"));
    assert_true(leads(&t, 1, "sales_unit"));
    assert_true(leads(&t, 1, "shipping_weight"));
    assert_false(leads(&t, 1, "mpn"));
    assert_false(leads(&t, 1, "units"));
    assert_false(leads(&t, 1, "gtins"));
    assert_false(leads(&t, 1, "origin"));
    assert_false(leads(&t, 1, "axis_values"));
    assert_string_equal(change_json(&t, 1), "{\"scope\":\"sap-800\",\"sku\":\"A-1\",\"product\":"
                                            "\"A-1\",\"attributes\":[],\"lifecycle\":\"active\"}");
    close_read(&t);
    read_xml(&t, MATMAS("<E1MARAM><MATNR>A-1</MATNR></E1MARAM>"));
    assert_false(leads(&t, 0, "texts"));
    assert_false(leads(&t, 1, "product")); /* grouping by name would put it elsewhere */
    close_read(&t);
}

/* Change pointers bring single texts. */
static void texts__join_and_go(void **state)
{
    (void)state;
    struct idoc_read t;
    read_xml(&t, MATMAS("<E1MARAM><MATNR>A-1</MATNR><E1MAKTM><SPRAS>E</SPRAS><MAKTX>Kettle</MAKTX>"
                        "</E1MAKTM><E1MAKTM><MSGFN>003</MSGFN><SPRAS>F</SPRAS><MAKTX>x</MAKTX>"
                        "</E1MAKTM><E1MTXHM><MSGFN>003</MSGFN><TDID>GRUN</TDID><TDSPRAS>D</TDSPRAS>"
                        "</E1MTXHM></E1MARAM>"));
    const struct kt_product *p = t.changes.item[0].record;
    struct kt_buf out;
    kt_buf_init(&out, t.a, 4096);
    kt_shape_write_list(&out, &kt_text_shape, p->texts);
    assert_string_equal(kt_buf_view(&out).p, "[{\"language\":\"en\",\"name\":\"Kettle\"},"
                                             "{\"language\":\"fr\",\"name\":\"\"},"
                                             "{\"language\":\"de\",\"long_text\":\"\"}]");
    const uint64_t texts = UINT64_C(1) << (size_t)(kt_field_find(&kt_product_shape, "texts") -
                                                   kt_product_shape.fields);
    assert_int_equal(t.changes.item[0].adds, texts);
    assert_true(leads(&t, 0, "texts"));
    assert_int_equal(t.changes.item[1].adds, 0);
    close_read(&t);
}

static void article__finds_its_place_by_satnr(void **state)
{
    (void)state;
    struct idoc_read t;
    /* a variant: no product of its own any more */
    read_xml(&t, MATMAS("<E1MARAM><MATNR>V-1</MATNR><SATNR>GEN</SATNR></E1MARAM>"));
    assert_int_equal(t.changes.count, 2);
    assert_true(t.changes.item[0].is_deleted);
    assert_string_equal(change_json(&t, 0), "{\"scope\":\"sap-800\",\"id\":\"V-1\"}");
    assert_false(t.changes.item[1].is_deleted);
    assert_true(leads(&t, 1, "product"));
    assert_true(kt_str_is(((struct kt_variant *)t.changes.item[1].record)->product, "GEN"));
    close_read(&t);
    /* a generic one: no variant */
    read_xml(&t, MATMAS("<E1MARAM><MATNR>GEN</MATNR><KZKFG>X</KZKFG><SATNR>GEN</SATNR></E1MARAM>"));
    assert_int_equal(t.changes.count, 2);
    assert_int_equal(t.changes.item[0].kind, KT_KIND_PRODUCT);
    assert_false(t.changes.item[0].is_deleted);
    assert_int_equal(t.changes.item[1].kind, KT_KIND_VARIANT);
    assert_true(t.changes.item[1].is_deleted);
    close_read(&t);
}

static void article__takes_the_long_number(void **state)
{
    (void)state;
    struct idoc_read t;
    read_xml(&t,
             MATMAS("<E1MARAM><MATNR>0001</MATNR><MATNR_LONG>A-LONG-NUMBER-OF-FORTY</MATNR_LONG>"
                    "</E1MARAM>"));
    assert_true(
        kt_str_is(((struct kt_variant *)t.changes.item[1].record)->sku, "A-LONG-NUMBER-OF-FORTY"));
    close_read(&t);
    read_xml(&t, MATMAS("<E1MARAM><MATNR>0001</MATNR><E1MARA1><MATNR_EXTERNAL>EXT-1"
                        "</MATNR_EXTERNAL></E1MARA1></E1MARAM>"));
    assert_true(kt_str_is(((struct kt_variant *)t.changes.item[1].record)->sku, "EXT-1"));
    close_read(&t);
}

static void article__is_deleted_by_its_flags(void **state)
{
    (void)state;
    static const char *const gone[] = {
        MATMAS("<E1MARAM><MSGFN>003</MSGFN><MATNR>A-1</MATNR></E1MARAM>"),
        MATMAS("<E1MARAM><MATNR>A-1</MATNR><LVORM>X</LVORM><BRGEW>x</BRGEW></E1MARAM>"),
    };
    for (size_t i = 0; i < KT_COUNT(gone); i++) {
        struct idoc_read t;
        read_xml(&t, gone[i]);
        assert_int_equal(t.changes.count, 2);
        for (size_t k = 0; k < 2; k++) {
            assert_true(t.changes.item[k].is_deleted);
            assert_int_equal(t.changes.item[k].leads, 1);
            assert_null(t.changes.item[k].fault);
        }
        close_read(&t);
    }
    struct idoc_read
        t; /* change pointers bring the changed area alone: another may still sell it */
    read_xml(&t, MATMAS("<E1MARAM><MATNR>A-1</MATNR><E1MVKEM><VKORG>1000</VKORG><VTWEG>10</VTWEG>"
                        "<LVORM>X</LVORM></E1MVKEM></E1MARAM>"));
    assert_false(t.changes.item[0].is_deleted);
    assert_string_equal(
        change_json(&t, 1),
        "{\"scope\":\"sap-800\",\"sku\":\"A-1\",\"product\":\"A-1\",\"attributes\":["
        "{\"code\":\"sales_deleted\",\"value\":\"1000/10\"}],"
        "\"lifecycle\":\"active\"}");
    close_read(&t);
}

static void article__that_cannot_be_read_stops_no_other(void **state)
{
    (void)state;
    struct idoc_read t;
    read_xml(&t, MATMAS("<E1MARAM><MATNR>A-1</MATNR><BRGEW>1,5</BRGEW><GEWEI>KGM</GEWEI></E1MARAM>"
                        "<E1MARAM><MATNR>A-2</MATNR><E1MARMM><MEINH>CT</MEINH><UMREZ>0</UMREZ>"
                        "<UMREN>1</UMREN></E1MARMM></E1MARAM>"
                        "<E1MARAM><MATKL>1</MATKL></E1MARAM>"
                        "<E1MARAM><MATNR>A-3</MATNR><E1MAKTM><SPRAS>?</SPRAS><MAKTX>x</MAKTX>"
                        "</E1MAKTM></E1MARAM>"
                        "<E1MARAM><MATNR>A-4</MATNR></E1MARAM>"));
    assert_int_equal(t.changes.count, 10);
    assert_sentence(t.changes.item[0].fault, "article A-1: E1MARAM-BRGEW cannot be read: \"1,5\"");
    assert_string_equal(change_json(&t, 1), "{\"scope\":\"sap-800\",\"sku\":\"A-1\"}");
    assert_sentence(t.changes.item[3].fault, "article A-2: E1MARMM-UMREZ cannot be read: \"0\"");
    assert_sentence(t.changes.item[4].fault, "article : E1MARAM-MATNR is empty, but needed");
    assert_sentence(t.changes.item[6].fault,
                    "article A-3: E1MAKTM-SPRAS_ISO cannot be read: \"?\"");
    assert_null(t.changes.item[8].fault);
    close_read(&t);
}

static void measures__with_unknown_units_travel(void **state)
{
    (void)state;
    struct idoc_read t;
    read_xml(&t, MATMAS("<E1MARAM><MATNR>A-1</MATNR><BRGEW>3</BRGEW><GEWEI>STN</GEWEI></E1MARAM>"));
    assert_string_equal(
        change_json(&t, 1),
        "{\"scope\":\"sap-800\",\"sku\":\"A-1\",\"product\":\"A-1\",\"attributes\":["
        "{\"code\":\"weight_raw\",\"value\":\"3\",\"unit\":\"STN\"}],"
        "\"lifecycle\":\"active\"}");
    close_read(&t);
}

#define CLFMAS(segments) ONE("CLFMAS02", "CLFMAS", segments)

static void class__leads_the_characteristics_alone(void **state)
{
    (void)state;
    struct idoc_read t;
    struct kt_err e = { 0 };
    read_xml(&t, CLFMAS("<E1OCLFM><MSGFN>009</MSGFN><OBTAB>MARA</OBTAB><OBJEK>000000000000004711"
                        "</OBJEK><KLART>001</KLART><MAFID>O</MAFID>"
                        "<E1KSSKM><CLASS>KETTLES</CLASS></E1KSSKM>"
                        "<E1AUSPM><ATNAM>COLOUR</ATNAM><ATWRT>red</ATWRT></E1AUSPM>"
                        "<E1AUSPM><ATNAM>VOLUME</ATNAM><ATFLV>1.7000000000000000E+00</ATFLV>"
                        "<ATAWE>LTR</ATAWE><ATCOD>1</ATCOD></E1AUSPM>"
                        "<E1AUSPM><ATNAM>COLOUR</ATNAM><ATWRT>blue</ATWRT></E1AUSPM>"
                        "<E1AUSPM><MSGFN>003</MSGFN><ATNAM>OLD</ATNAM><ATWRT>x</ATWRT></E1AUSPM>"
                        "<E1AUSPM><ATNAM>RANGE</ATNAM><ATFLV>1.0E+00</ATFLV><ATFLB>2.0E+01</ATFLB>"
                        "<ATCOD>3</ATCOD></E1AUSPM></E1OCLFM>"));
    assert_int_equal(t.changes.count, 2);
    assert_string_equal(t.changes.item[0].source, "main/CLFMAS");
    assert_string_equal(change_json(&t, 0),
                        "{\"scope\":\"sap-800\",\"id\":\"4711\",\"attributes\":["
                        "{\"code\":\"COLOUR\",\"value\":\"red, blue\"},"
                        "{\"code\":\"VOLUME\",\"value\":\"1.7\",\"unit\":\"LTR\"},"
                        "{\"code\":\"RANGE\",\"value\":\"1 - 20\"}]}");
    assert_true(leads(&t, 0, "attributes"));
    assert_false(leads(&t, 0, "scope"));
    assert_false(leads(&t, 0, "texts"));
    assert_true(leads(&t, 1, "axis_values"));
    assert_false(leads(&t, 1, "product"));
    assert_false(leads(&t, 1, "scope"));
    assert_int_equal(kt_shape_check(&kt_variant_shape, t.changes.item[1].record, t.a, &e), KT_OK);
    close_read(&t);
}

static void class__of_other_things_says_nothing(void **state)
{
    (void)state;
    struct idoc_read t;
    read_xml(&t,
             CLFMAS("<E1OCLFM><OBTAB>MCH1</OBTAB><OBJEK>1</OBJEK><KLART>023</KLART></E1OCLFM>"
                    "<E1OCLFM><OBTAB>MARA</OBTAB><OBJEK>1</OBJEK><KLART>300</KLART></E1OCLFM>"));
    assert_int_equal(t.rc, KT_OK);
    assert_int_equal(t.changes.count, 0);
    close_read(&t);
}

static void class__can_be_taken_away_or_unreadable(void **state)
{
    (void)state;
    struct idoc_read t;
    read_xml(&t, CLFMAS("<E1OCLFM><MSGFN>003</MSGFN><OBJEK>A</OBJEK><KLART>001</KLART>"
                        "<E1AUSPM><ATNAM>C</ATNAM><ATWRT>red</ATWRT></E1AUSPM></E1OCLFM>"
                        "<E1OCLFM><OBJEK>B</OBJEK><KLART>001</KLART><E1AUSPM><ATNAM>C</ATNAM>"
                        "<ATFLV>many</ATFLV></E1AUSPM></E1OCLFM>"));
    assert_int_equal(t.changes.count, 4);
    assert_false(t.changes.item[0].is_deleted);
    assert_string_equal(change_json(&t, 0),
                        "{\"scope\":\"sap-800\",\"id\":\"A\",\"attributes\":[]}");
    assert_sentence(t.changes.item[2].fault, "article B: E1AUSPM-ATFLV cannot be read: \"many\"");
    close_read(&t);
}

#define DEBMAS(segments) ONE("DEBMAS06", "DEBMAS", segments)

static void customer__has_what_the_message_says(void **state)
{
    (void)state;
    struct idoc_read t;
    read_xml(&t, DEBMAS("<E1KNA1M><MSGFN>005</MSGFN><KUNNR>0000100234</KUNNR><LAND1>DE</LAND1>"
                        "<NAME1>Beispiel GmbH</NAME1><ORT01>Ulm</ORT01><PSTLZ>89073</PSTLZ>"
                        "<STRAS>Ringweg 1</STRAS><STCEG>DE123456789</STCEG>"
                        "<E1KNVVM><VKORG>1000</VKORG><PLTYP>02</PLTYP><KONDA>01</KONDA>"
                        "<AUFSD>01</AUFSD></E1KNVVM></E1KNA1M>"));
    assert_int_equal(t.changes.count, 1);
    assert_string_equal(change_json(&t, 0),
                        "{\"scope\":\"sap-800\",\"number\":\"100234\",\"kind\":\"b2b\",\"name\":"
                        "\"Beispiel GmbH\",\"vat_id\":\"DE123456789\",\"street\":\"Ringweg 1\","
                        "\"postal_code\":\"89073\",\"city\":\"Ulm\",\"country\":\"DE\","
                        "\"price_list\":\"02\",\"customer_group\":\"01\",\"is_blocked\":true}");
    assert_true(leads(&t, 0, "price_list"));
    assert_false(leads(&t, 0, "email"));
    close_read(&t);
    /* nothing of the sales area */
    read_xml(&t, DEBMAS("<E1KNA1M><KUNNR>7</KUNNR><STKZN>X</STKZN></E1KNA1M>"));
    assert_false(leads(&t, 0, "price_list"));
    assert_false(leads(&t, 0, "is_blocked"));
    assert_true(leads(&t, 0, "name")); /* it is there, and empty */
    assert_int_equal(((struct kt_customer *)t.changes.item[0].record)->kind, KT_CUSTOMER_B2C);
    close_read(&t);
    read_xml(&t, DEBMAS("<E1KNA1M><KUNNR>7</KUNNR><LOEVM>X</LOEVM></E1KNA1M>"));
    assert_true(t.changes.item[0].is_deleted);
    close_read(&t);
    read_xml(&t, DEBMAS("<E1KNA1M><NAME1>x</NAME1></E1KNA1M>"));
    assert_sentence(t.changes.item[0].fault, "customer : E1KNA1M-KUNNR is empty, but needed");
    close_read(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(article__is_a_product_and_its_variant),
        cmocka_unit_test(article__leads_what_its_segments_speak_of),
        cmocka_unit_test(texts__join_and_go),
        cmocka_unit_test(article__finds_its_place_by_satnr),
        cmocka_unit_test(article__takes_the_long_number),
        cmocka_unit_test(article__is_deleted_by_its_flags),
        cmocka_unit_test(article__that_cannot_be_read_stops_no_other),
        cmocka_unit_test(measures__with_unknown_units_travel),
        cmocka_unit_test(class__leads_the_characteristics_alone),
        cmocka_unit_test(class__of_other_things_says_nothing),
        cmocka_unit_test(class__can_be_taken_away_or_unreadable),
        cmocka_unit_test(customer__has_what_the_message_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
