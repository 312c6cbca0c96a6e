/* The names of issuers as messages write them: RFC 2253 as Java, .NET and xmlsec understand it, in
 * either order. They only choose among certificates that are configured. Pure functions. */
#include <ctype.h>
#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <string.h>
#include <strings.h>

#include "wire/wss_ring.h"

enum { TEXT_MAX = 4096, PARTS_MAX = 32, TYPE_MAX = 64, DIGITS_MAX = 100 };

/* One "type=value" of a name. */
struct part {
    char type[TYPE_MAX];
    char *value; /* unescaped octets */
    size_t n;
    bool is_der;  /* written as #hex */
    bool is_same; /* behind a '+': of one relative name with the part before it */
};

struct reader {
    struct kt_str text;
    size_t at;
    struct kt_arena *a;
};

static int peek(const struct reader *r)
{
    return r->at < r->text.n ? (unsigned char)r->text.p[r->at] : -1;
}

static void skip_blanks(struct reader *r)
{
    while (peek(r) >= 0 && strchr(" \t\r\n", peek(r)) != NULL)
        r->at++;
}

static int hex_digit(int c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* The octet at hand, of two hex digits; -1: there is none. */
static int hex_octet(const struct reader *r)
{
    if (r->at + 1 >= r->text.n)
        return -1;
    const int high = hex_digit((unsigned char)r->text.p[r->at]);
    const int low = hex_digit((unsigned char)r->text.p[r->at + 1]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static bool read_type(struct reader *r, struct part *part)
{
    size_t n = 0;
    skip_blanks(r);
    while (peek(r) >= 0 && peek(r) != '=') {
        if (n + 1 == TYPE_MAX)
            return false;
        part->type[n++] = (char)peek(r);
        r->at++;
    }
    while (n > 0 && isspace((unsigned char)part->type[n - 1]) != 0)
        n--;
    part->type[n] = '\0';
    if (peek(r) != '=' || n == 0)
        return false;
    r->at++;
    skip_blanks(r);
    return true;
}

/* Behind a backslash: two hex digits, or the character itself. */
static bool read_escape(struct reader *r, struct part *part)
{
    const int octet = hex_octet(r);
    if (octet >= 0) {
        part->value[part->n++] = (char)octet;
        r->at += 2;
        return true;
    }
    if (peek(r) < 0)
        return false;
    part->value[part->n++] = (char)peek(r);
    r->at++;
    return true;
}

/* "…", as RFC 1779 and .NET write it; there a quote inside is doubled. */
static bool read_quoted(struct reader *r, struct part *part)
{
    r->at++;
    while (peek(r) >= 0) {
        const char c = (char)peek(r);
        r->at++;
        if (c == '\\') {
            if (!read_escape(r, part))
                return false;
        } else if (c != '"') {
            part->value[part->n++] = c;
        } else if (peek(r) == '"') {
            part->value[part->n++] = c;
            r->at++;
        } else {
            return true;
        }
    }
    return false;
}

/* "#0c0161", up to the next separator; false: it is something else, nothing is read. */
static bool read_der(struct reader *r, struct part *part)
{
    const size_t from = r->at;
    for (r->at++; hex_octet(r) >= 0; r->at += 2)
        part->value[part->n++] = (char)hex_octet(r);
    skip_blanks(r);
    part->is_der = part->n > 0 && (peek(r) < 0 || strchr(",;+", peek(r)) != NULL);
    if (!part->is_der) {
        part->n = 0;
        r->at = from;
    }
    return part->is_der;
}

static bool read_plain(struct reader *r, struct part *part)
{
    size_t kept = 0; /* blanks at the end count only when they are escaped */
    while (peek(r) >= 0 && strchr(",;+", peek(r)) == NULL) {
        const char c = (char)peek(r);
        r->at++;
        if (c == '\\') {
            if (!read_escape(r, part))
                return false;
            kept = part->n;
            continue;
        }
        part->value[part->n++] = c;
        if (isspace((unsigned char)c) == 0)
            kept = part->n;
    }
    part->n = kept;
    return true;
}

static bool read_value(struct reader *r, struct part *part)
{
    part->value = kt_alloc(r->a, r->text.n + 1);
    bool does = true;
    if (peek(r) == '"')
        does = read_quoted(r, part);
    else if (peek(r) != '#' || !read_der(r, part)) /* OpenSSL leaves a lone # unescaped */
        does = read_plain(r, part);
    skip_blanks(r);
    return does;
}

/* How many parts; 0: it is no name. */
static size_t read_parts(struct part *part, struct kt_str text, struct kt_arena *a)
{
    struct reader r = { text, 0, a };
    size_t n = 0;
    bool is_same = false;
    for (;;) {
        if (n == PARTS_MAX || !read_type(&r, &part[n]) || !read_value(&r, &part[n]))
            return 0;
        part[n++].is_same = is_same;
        const int end = peek(&r);
        if (end < 0)
            return n;
        if (strchr(",;+", end) == NULL)
            return 0;
        is_same = end == '+';
        r.at++;
    }
}

/* Names that others use, besides those OpenSSL knows. */
static ASN1_OBJECT *object_of(const char *type)
{
    static const struct {
        const char *name;
        int nid;
    } names[] = {
        { "C", NID_countryName },
        { "CN", NID_commonName },
        { "DC", NID_domainComponent },
        { "DNQ", NID_dnQualifier },
        { "DNQUALIFIER", NID_dnQualifier },
        { "E", NID_pkcs9_emailAddress },
        { "EMAIL", NID_pkcs9_emailAddress },
        { "EMAILADDRESS", NID_pkcs9_emailAddress },
        { "G", NID_givenName },
        { "GENERATION", NID_generationQualifier },
        { "GIVENNAME", NID_givenName },
        { "I", NID_initials },
        { "INITIALS", NID_initials },
        { "L", NID_localityName },
        { "O", NID_organizationName },
        { "OU", NID_organizationalUnitName },
        { "POSTALCODE", NID_postalCode },
        { "S", NID_stateOrProvinceName },
        { "SERIALNUMBER", NID_serialNumber },
        { "SN", NID_surname },
        { "SP", NID_stateOrProvinceName },
        { "ST", NID_stateOrProvinceName },
        { "STREET", NID_streetAddress },
        { "SURNAME", NID_surname },
        { "T", NID_title },
        { "TITLE", NID_title },
        { "UID", NID_userId },
    };
    for (size_t i = 0; i < KT_COUNT(names); i++) {
        if (strcasecmp(names[i].name, type) == 0)
            return OBJ_nid2obj(names[i].nid);
    }
    if (strncasecmp(type, "OID.", 4) == 0)
        type += 4;
    return OBJ_txt2obj(type, isdigit((unsigned char)type[0]) != 0);
}

static bool add_part(X509_NAME *name, const struct part *part, bool is_same)
{
    const unsigned char *at = (const unsigned char *)part->value;
    int type = V_ASN1_UTF8STRING; /* names are compared by their characters, not by their type */
    int n = (int)part->n;
    ASN1_TYPE *der = NULL;
    ASN1_OBJECT *object = object_of(part->type);
    bool does = object != NULL;
    if (does && part->is_der) {
        der = d2i_ASN1_TYPE(NULL, &at, n);
        const int kind = der == NULL ? V_ASN1_NULL : ASN1_TYPE_get(der);
        does = kind == V_ASN1_UTF8STRING || kind == V_ASN1_PRINTABLESTRING ||
               kind == V_ASN1_IA5STRING || kind == V_ASN1_T61STRING || kind == V_ASN1_BMPSTRING ||
               kind == V_ASN1_UNIVERSALSTRING || kind == V_ASN1_VISIBLESTRING ||
               kind == V_ASN1_NUMERICSTRING;
        if (does) {
            type = kind;
            at = ASN1_STRING_get0_data(der->value.asn1_string);
            n = ASN1_STRING_length(der->value.asn1_string);
        }
    }
    does = does && X509_NAME_add_entry_by_OBJ(name, object, type, at, n, -1, is_same ? -1 : 0) == 1;
    ASN1_TYPE_free(der);
    ASN1_OBJECT_free(object);
    return does;
}

/* As written, or with the last relative name first, which is how RFC 2253 turns them. */
static bool is_in_order(const struct part *part, size_t parts, bool is_turned,
                        const X509_NAME *name)
{
    X509_NAME *built = X509_NAME_new();
    KT_ASSERT(built != NULL);
    bool does = true;
    size_t end = parts;
    for (size_t i = 0; does && !is_turned && i < parts; i++)
        does = add_part(built, &part[i], part[i].is_same);
    while (does && is_turned && end > 0) {
        size_t first = end - 1;
        while (part[first].is_same)
            first--;
        for (size_t i = first; does && i < end; i++)
            does = add_part(built, &part[i], part[i].is_same);
        end = first;
    }
    does = does && X509_NAME_cmp(built, name) == 0;
    X509_NAME_free(built);
    return does;
}

bool kt_wss_is_name(struct kt_str text, const X509_NAME *name)
{
    if (text.n == 0 || text.n > TEXT_MAX)
        return false;
    struct kt_arena *a = kt_arena_new();
    struct part *part = KT_NEW_ARRAY(a, PARTS_MAX, struct part);
    const size_t parts = read_parts(part, text, a);
    const bool is = parts > 0 &&
                    (is_in_order(part, parts, true, name) || is_in_order(part, parts, false, name));
    kt_arena_free(a);
    ERR_clear_error();
    return is;
}

bool kt_wss_is_serial(struct kt_str text, const ASN1_INTEGER *serial)
{
    char digits[DIGITS_MAX + 2];
    size_t from = text.n > 0 && text.p[0] == '-' ? 1 : 0;
    bool is = false;
    if (text.n <= from || text.n > DIGITS_MAX)
        return false;
    for (size_t i = from; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
    }
    memcpy(digits, text.p, text.n);
    digits[text.n] = '\0';
    BIGNUM *given = NULL;
    BIGNUM *own = ASN1_INTEGER_to_BN(serial, NULL);
    is = own != NULL && BN_dec2bn(&given, digits) > 0 && BN_cmp(own, given) == 0;
    BN_free(own);
    BN_free(given);
    ERR_clear_error();
    return is;
}
