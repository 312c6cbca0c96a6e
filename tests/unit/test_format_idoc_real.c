/* The IDocs and replication messages that were met outside, where they are there: each is read, or
 * refused with the sentence that fits. */
#include "test_format_idoc_kit.h"

#include "base/file.h"
#include "format/s4.h"

enum { SKIPPED = 77, FILE_MOST = 1 << 20 };

#define SHARED KT_TEST_ROOT "/../shared/"

static const char *text_of(const char *path, struct kt_arena *a)
{
    struct kt_str bytes = { 0 };
    const char *complaint = NULL;
    if (!kt_file_read(&bytes, path, FILE_MOST, false, a, &complaint))
        fail_msg("%s: %s", path, complaint);
    return bytes.p;
}

static void real_idocs__are_read_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *refusal; /* NULL: read */
        size_t changes;
        size_t facts;
        const char *unnumbered; /* what the door says first; NULL: it takes it */
    } files[] = {
        { SHARED "contracts/sap-idoc/messages/mule_matmas_test.xml", NULL, 2, 0, "DOCNUM" },
        { SHARED "contracts/sap-idoc/messages/mule_debmas_test.xml", NULL, 1, 0, "DOCNUM" },
        { SHARED "data/edi/idoc/delvry03_Avon.xml", NULL, 0, 1, NULL },
        { SHARED "data/edi/idoc/delvry03_back.xml", NULL, 0, 1, NULL },
        { SHARED "data/edi/idoc/splitter_1.xml",
          "IDocs of the message type (none) are not taken; known are MATMAS, CLFMAS, DEBMAS, "
          "DESADV, "
          "SHPMNT, SHPCON, SHPADV, WHSCON, INVOIC, ORDRSP",
          0, 0, "SNDPRN" },
    };
    struct kt_arena *a = kt_arena_new();
    for (size_t i = 0; i < KT_COUNT(files); i++) {
        struct idoc_read t;
        struct kt_err e = { 0 };
        read_xml(&t, text_of(files[i].path, a));
        assert_int_equal(t.rc, files[i].refusal == NULL ? KT_OK : KT_REJECT);
        if (files[i].refusal != NULL)
            assert_sentence(&t.e.v, files[i].refusal);
        assert_int_equal(t.changes.count, files[i].changes);
        assert_int_equal(t.facts.count, files[i].facts);
        for (size_t k = 0; k < t.changes.count; k++)
            assert_null(t.changes.item[k].fault);
        for (size_t k = 0; k < t.facts.count; k++)
            assert_null(t.facts.item[k].fault);
        enum kt_rc rc = kt_idoc_check(&t.idocs.item[0], t.a, &e);
        assert_int_equal(rc, files[i].unnumbered == NULL ? KT_OK : KT_REJECT);
        if (files[i].unnumbered != NULL)
            assert_string_equal(e.v.param[0].value, files[i].unnumbered);
        close_read(&t);
    }
    kt_arena_free(a);
}

static void real_material__has_its_texts(void **state)
{
    (void)state;
    struct idoc_read t;
    struct kt_arena *a = kt_arena_new();
    read_xml(&t, text_of(SHARED "contracts/sap-idoc/messages/mule_matmas_test.xml", a));
    const struct kt_product *p = t.changes.item[0].record;
    const struct kt_text *text = p->texts.item;
    assert_int_equal(p->texts.count, 4);
    assert_true(kt_str_is(text[0].language, "en") && kt_str_is(text[3].language, "ru"));
    close_read(&t);
    kt_arena_free(a);
}

/* Messages for SAP, not from it: Kontor takes none of their operations. */
static void real_services__are_no_replication(void **state)
{
    (void)state;
    static const char *const files[] = {
        SHARED "contracts/sap-es/messages/SalesOrderERPCreateRequest_sync_V1.xml",
        SHARED "contracts/sap-es/messages/assembled_MaterialDocumentCreateRequest_Async.xml",
    };
    struct kt_arena *a = kt_arena_new();
    for (size_t i = 0; i < KT_COUNT(files); i++) {
        const struct kt_xml_node *root = NULL;
        struct kt_xml_found found = { 0 };
        struct kt_s4_message m;
        struct kt_err e = { 0 };
        assert_int_equal(kt_xml_parse(&root, kt_str_of(text_of(files[i], a)), &found, a),
                         KT_XML_OK);
        const struct kt_xml_node *content = kt_xml_child(kt_xml_find(root, "Body"));
        assert_int_equal(kt_s4_open(&m, content, a, &e), KT_REJECT);
        assert_int_equal(e.v.code, KT_E_SOAP_OPERATION_UNKNOWN);
    }
    kt_arena_free(a);
}

/* What the reader looks for stands in SAP's own lists of fields. */
static void fields__are_those_of_sap(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *field;
    } fields[] = {
        { "MATMAS.MATMAS05.tsv", "/E1MARAM/E1MARCM/E1MARC1/NFMAT_LONG\t" },
        { "MATMAS.MATMAS05.tsv", "/E1MARAM/E1MARA1/MATNR_EXTERNAL\t" },
        { "MATMAS.MATMAS05.tsv", "/E1MARAM/E1MARMM/E1MEANM/HPEAN\t" },
        { "MATMAS.MATMAS05.tsv", "/E1MARAM/E1MVKEM/SCHME\t" },
        { "MATMAS.MATMAS05.tsv", "/E1MARAM/E1MTXHM/E1MTXLM/TDLINE\t" },
        { "MATMAS.MATMAS05.tsv", "/E1MARAM/KZKFG\t" },
        { "DESADV.DELVRY07.tsv", "/E1EDL20/E1EDL37/E1EDL44/E1EDL46/SERNR\t" },
        { "DESADV.DELVRY07.tsv", "/E1EDL20/E1EDL37/E1EDL49/XSIURL_SINGLE_TRACK\t" },
        { "DESADV.DELVRY07.tsv", "/E1EDL20/E1EDL47/XSIURL_MULTI_TRACK\t" },
        { "DESADV.DELVRY07.tsv", "/E1EDL20/E1EDL28/E1EDL29/VSART_BEZ\t" },
        { "DESADV.DELVRY07.tsv", "/E1EDL20/E1ADRM1/PARTNER_Q\t" },
        { "INVOIC.INVOIC02.tsv", "/E1EDP01/E1EDP04/MWSBT\t" },
        { "INVOIC.INVOIC02.tsv", "/E1EDP01/E1EDP19/IDTNR_LONG\t" },
        { "ORDRSP.ORDERS05.tsv", "/E1EDP01/E1EDP20/WMENG\t" },
        { "ORDRSP.ORDERS05.tsv", "/E1EDK01/LIFSK\t" },
    };
    struct kt_arena *a = kt_arena_new();
    for (size_t i = 0; i < KT_COUNT(fields); i++) {
        const char *path = kt_format(a, SHARED "contracts/sap-b2b-structures/%s", fields[i].path);
        if (strstr(text_of(path, a), fields[i].field) == NULL)
            fail_msg("%s: %s", fields[i].path, fields[i].field);
    }
    kt_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_idocs__are_read_or_refused),
        cmocka_unit_test(real_material__has_its_texts),
        cmocka_unit_test(real_services__are_no_replication),
        cmocka_unit_test(fields__are_those_of_sap),
    };
    struct kt_arena *a = kt_arena_new();
    struct kt_str bytes = { 0 };
    const char *complaint = NULL;
    bool is_there =
        kt_file_read(&bytes, SHARED "contracts/README.md", FILE_MOST, false, a, &complaint);
    kt_arena_free(a);
    if (!is_there) {
        printf("no reference messages beside the source tree; nothing was compared\n");
        return SKIPPED;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
