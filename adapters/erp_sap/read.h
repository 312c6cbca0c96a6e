#ifndef KT_ERP_SAP_READ_H
#define KT_ERP_SAP_READ_H

#include "decode.h"

/* The small readers that all decoders share. */

/* Sets a text that is not empty. */
#define KT_SAP_PUT_TEXT(rec, shape, member, text)    \
    do {                                             \
        struct kt_str text_ = (text);                \
        if (text_.n > 0)                             \
            (void)KT_PUT(rec, shape, member, text_); \
    } while (0)

/* Without blanks around it; control characters, which XML allows as references, become blanks. */
struct kt_str kt_sap_text(const char *text, struct kt_arena *a);
struct kt_str kt_sap_lower(const char *text, struct kt_arena *a); /* A to Z alone */
bool kt_sap_flag(const char *text);                               /* 'X' */
bool kt_sap_dec(struct kt_dec *out, struct kt_soap_dec in) KT_MUST;
/* *has false for 0000-00-00, 9999-12-31 and nothing. False: not a day. */
bool kt_sap_day(struct kt_day *day, bool *has, const char *text) KT_MUST;
bool kt_sap_whole(int64_t *out, const char *text) KT_MUST; /* a whole number */

/* The record that is being read and, once something in it cannot be read, why. What comes first is
 * told; the readers below then do nothing. */
struct kt_sap_row {
    const struct kt_sap_source *s;
    const char *what; /* "article", "price", "stock of" */
    struct kt_str key;
    const struct kt_verdict *fault;
};

void kt_sap_row_fault(struct kt_sap_row *row, const char *field, const char *value);
/* Zero when it cannot be read. */
struct kt_dec kt_sap_row_dec(struct kt_sap_row *row, const char *field, const char *text);
int64_t kt_sap_row_whole(struct kt_sap_row *row, const char *field, const char *text);
/* True: there is one. */
bool kt_sap_row_day(struct kt_sap_row *row, struct kt_day *day, const char *field,
                    const char *text);
/* When the pull left, where SAP says nothing (empty or zeros). */
int64_t kt_sap_row_instant(struct kt_sap_row *row, const char *field, const char *text);

/* The page's rows of one table, sorted by their first member, a char * with the key. */
struct kt_sap_rows {
    char *base;
    size_t size;
    size_t count;
};
/* KT_SAP_ROWS(r->ET_TEXT): of a table that may be missing. Sorts it in place. */
#define KT_SAP_ROWS(table)           \
    ((table) == NULL                 \
         ? (struct kt_sap_rows){ 0 } \
         : kt_sap_rows_sorted((table)->item, (table)->__sizeitem, sizeof *(table)->item))
struct kt_sap_rows kt_sap_rows_sorted(void *base, int count, size_t size);
/* The rows of one key in the order SAP gave them: the first one, *n of them; NULL: none. */
void *kt_sap_rows_of(const struct kt_sap_rows *rows, const char *key, size_t *n);

#endif
