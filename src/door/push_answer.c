/* What became of a message, in the form of push.wsdl: counts and a result for each record. gSOAP
 * writes it; all texts live in the request's arena. A worker of the door calls it. */
#include <string.h>

#include "door/push_inner.h"
#include "model/record.h"

enum { SENTENCE_MAX = 1000, KEY_MAX = 4096, BYTES_PER_CHARACTER = 4 };

/* A part of a key as keys are written: '%', '|' and control characters as %XX. */
static void put_part(struct kt_buf *out, struct kt_str part)
{
    for (size_t i = 0; i < part.n; i++) {
        unsigned char c = (unsigned char)part.p[i];
        if (c == '%' || c == '|' || c < 0x20 || c == 0x7F)
            kt_buf_format(out, "%%%02X", c);
        else
            kt_buf_char(out, (char)c);
    }
}

/* As kt_shape_key, without the scope. What was refused may have any key: one that is not fit to be
 * shown is left out. */
struct kt_str kt_push_key(const struct kt_inbound *in, size_t at, struct kt_arena *a)
{
    bool is_fact = in->facts.count > 0;
    const struct kt_shape *shape =
        is_fact ? kt_fact_shape[in->facts.item[at].kind] : kt_kind_shape[in->changes.item[at].kind];
    const void *rec = is_fact ? in->facts.item[at].record : in->changes.item[at].record;
    struct kt_buf out;
    bool is_first = true;
    kt_buf_init(&out, a, KEY_MAX);
    for (const struct kt_field *f = shape->fields + 1; f->type != KT_TYPE_END; f++) {
        if ((f->marks & KT_KEY) == 0)
            continue;
        const struct kt_str *part = kt_field_at(rec, f);
        if (part->n > (size_t)f->max * BYTES_PER_CHARACTER || !kt_utf8_ok(*part))
            return KT_STR("");
        if (!is_first)
            kt_buf_char(&out, '|');
        is_first = false;
        put_part(&out, *part);
    }
    return kt_buf_view(&out);
}

static char *sentence(const struct kt_verdict *v, enum kt_lang lang, bool is_suggestion,
                      struct kt_arena *a)
{
    char text[SENTENCE_MAX];
    if (is_suggestion)
        kt_suggestion(v, lang, text, sizeof text);
    else
        kt_sentence(v, lang, text, sizeof text);
    return kt_text_copy(a, text);
}

/* gSOAP only reads what it writes; its structs have no const. */
static char *borrowed(const char *text)
{
    return (char *)(uintptr_t)text;
}

static void fill_result(struct push__Result *to, const struct kt_push_message *m, size_t at,
                        struct kt_arena *a)
{
    const struct kt_inbound_result *result = &m->in.result[at];
    to->position = (int)at + 1;
    to->key = borrowed(kt_push_key(&m->in, at, a).p);
    to->status = borrowed(kt_inbound_status_name(result->status));
    if (result->status != KT_INBOUND_REFUSED || result->v == NULL)
        return;
    to->code = borrowed(kt_code_name(result->v->code));
    to->sentence = sentence(result->v, m->lang, false, a);
    to->suggestion = sentence(result->v, m->lang, true, a);
}

void kt_push_fill_answer(struct push__Answer *answer, const struct kt_push_message *m,
                         struct kt_arena *a)
{
    const struct kt_inbound *in = &m->in;
    *answer = (struct push__Answer){
        .accepted = (int)in->count[KT_INBOUND_ACCEPTED],
        .unchanged = (int)in->count[KT_INBOUND_UNCHANGED],
        .stale = (int)in->count[KT_INBOUND_STALE],
        .refused = (int)in->count[KT_INBOUND_REFUSED],
        .repeated = borrowed(in->is_repeat ? "true" : "false"),
        .ignoredFields = (int)m->ignored,
        .__sizeresult = (int)in->results,
        .result = KT_NEW_ARRAY(a, in->results + 1, struct push__Result),
    };
    for (size_t i = 0; i < in->results; i++)
        fill_result(&answer->result[i], m, i, a);
}
