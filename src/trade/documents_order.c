/* The order of the versions of a document: which one is newer, which one replaces which. Pure, any
 * thread; called by the rules on documents. */
#include "model/record.h"
#include "trade/documents_inner.h"

static int order_of(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static bool is_digit(struct kt_str text, size_t at)
{
    return at < text.n && text.p[at] >= '0' && text.p[at] <= '9';
}

/* The run of digits at *at without its leading zeros; *at moves behind it. */
static struct kt_str digits_at(struct kt_str text, size_t *at)
{
    while (is_digit(text, *at) && text.p[*at] == '0')
        (*at)++;
    size_t first = *at;
    while (is_digit(text, *at))
        (*at)++;
    return kt_str_part(text, first, *at - first);
}

/* "10" is greater than "9", "A.2" less than "A.10"; zero also for "1" and "01". */
static int compare_versions(struct kt_str a, struct kt_str b)
{
    size_t i = 0;
    size_t k = 0;
    while (i < a.n && k < b.n) {
        int order;
        if (is_digit(a, i) && is_digit(b, k)) {
            struct kt_str left = digits_at(a, &i);
            struct kt_str right = digits_at(b, &k);
            order = order_of((int64_t)left.n, (int64_t)right.n);
            if (order == 0)
                order = kt_str_cmp(left, right);
        } else {
            order = order_of((unsigned char)a.p[i++], (unsigned char)b.p[k++]);
        }
        if (order != 0)
            return order;
    }
    return order_of((int64_t)(a.n - i), (int64_t)(b.n - k));
}

int kt_version_by_name(const struct kt_document_version *a, const struct kt_document_version *b)
{
    int order = kt_str_cmp(a->document->scope, b->document->scope);
    if (order == 0)
        order = kt_str_cmp(a->document->id, b->document->id);
    if (order == 0)
        order = kt_str_cmp(a->document->version, b->document->version);
    if (order == 0)
        order = kt_str_cmp(a->key, b->key);
    return order != 0 ? order : order_of(a->rev, b->rev);
}

int kt_version_by_rank(const struct kt_document_version *a, const struct kt_document_version *b)
{
    int order = kt_day_cmp(a->document->valid_from, b->document->valid_from); /* absent: year 0 */
    if (order == 0)
        order = order_of(a->first_us, b->first_us);
    if (order == 0)
        order = compare_versions(a->document->version, b->document->version);
    if (order == 0)
        order = kt_str_cmp(a->document->version, b->document->version);
    if (order == 0)
        order = kt_str_cmp(a->key, b->key);
    return order != 0 ? order : order_of(a->rev, b->rev);
}

/* The version of that name, the first of several. */
static int64_t find(const struct kt_document_version *const *version, size_t count,
                    struct kt_str name)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (kt_str_cmp(version[middle]->document->version, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool is_there = low < count && kt_str_cmp(version[low]->document->version, name) == 0;
    return is_there ? (int64_t)low : KT_NO_VERSION;
}

struct kt_succession kt_succession_of(const struct kt_document_version *const *version,
                                      size_t count, struct kt_arena *a)
{
    struct kt_succession s = { version, count, KT_NEW_ARRAY(a, count, int64_t) };
    for (size_t i = 0; i < count; i++) {
        struct kt_str named = version[i]->document->supersedes;
        s.next[i] = named.n == 0 ? KT_NO_VERSION : find(version, count, named);
    }
    return s;
}

/* Each names one at most, so what it supersedes is a path. One that comes back to its beginning
 * goes in a circle, and there nobody is the newer one. */
static bool is_in_circle(const struct kt_succession *s, size_t version)
{
    int64_t at = s->next[version];
    for (size_t i = 0; i < s->count && at != KT_NO_VERSION && at != (int64_t)version; i++)
        at = s->next[at];
    return at == (int64_t)version;
}

bool kt_supersedes(const struct kt_succession *s, size_t newer, size_t older)
{
    if (is_in_circle(s, newer))
        return false;
    int64_t at = s->next[newer];
    for (size_t i = 0; i < s->count && at != KT_NO_VERSION && at != (int64_t)older; i++)
        at = s->next[at];
    return at == (int64_t)older;
}

void kt_succession_mark(const struct kt_succession *s, size_t newer, bool *beaten)
{
    if (is_in_circle(s, newer))
        return;
    int64_t at = s->next[newer];
    for (size_t i = 0; i < s->count && at != KT_NO_VERSION; i++) {
        beaten[at] = true;
        at = s->next[at];
    }
}

bool kt_refs_name(struct kt_list refs, struct kt_str id)
{
    const struct kt_ref *all = refs.item;
    for (size_t i = 0; i < refs.count; i++) {
        if (id.n > 0 && kt_str_eq(all[i].id, id))
            return true;
    }
    return false;
}

bool kt_document_is_for(const struct kt_document *document, struct kt_str market)
{
    return document->markets.count == 0 || kt_refs_name(document->markets, market);
}
