/* Countries: their codes, the forms of their postal codes and where a house number stands. Pure,
 * any thread; called by the address rules. A form that is not certain is left out: nothing is
 * refused because we do not know better. */
#include "trade/countries.h"

#include <string.h>

/* A street of the Nordic countries has a number; a farm or hamlet need not. Endings. */
#define STREET_NORDIC                                                                             \
    "gata gatan gate gaten gade vägen väg vej vejen vei veien vegen gränd stigen torget torg " \
    "stræde katu tie kuja polku kaari raitti "
/* A French street has a number; a hamlet ("Le Bourg"), a square or a rural road need not. Words. */
#define STREET_FRENCH "=rue =avenue =av =boulevard =bd =bld =allée =impasse =quai =faubourg "

enum { NEEDS = 1, FIRST = 2 }; /* postal code is a must; house number in front of the street */
#define ROW(code, marks, forms, example, house)                                 \
    {                                                                           \
        code, ((marks)&NEEDS) != 0, ((marks)&FIRST) != 0, forms, example, house \
    }
#define GB_FORMS \
    "@# #@@|@## #@@|@@# #@@|@@## #@@|@#@ #@@|@@#@ #@@|GIR 0AA|BFPO #|BFPO ##|BFPO ###|BFPO ####"
#define US_FORMS "#####|#####-####"

/* '#' a digit, '@' a letter, '*' either, all else as it stands; '|' between forms. */
static const struct kt_country known[] = {
    /* European Union */
    ROW("AT", NEEDS, "####", "1010", ""),
    ROW("BE", NEEDS, "####", "1000", ""),
    ROW("BG", NEEDS, "####", "1000", NULL),
    ROW("CY", NEEDS, "####", "2008", NULL),
    ROW("CZ", NEEDS, "### ##", "110 00", ""),
    ROW("DE", NEEDS, "#####", "10115", ""),
    ROW("DK", NEEDS, "####", "1566", STREET_NORDIC),
    ROW("EE", NEEDS, "#####", "10111", NULL),
    ROW("ES", NEEDS, "#####", "28013", ""),
    ROW("FI", NEEDS, "#####", "00100", STREET_NORDIC),
    ROW("FR", NEEDS | FIRST, "#####", "75001", STREET_FRENCH),
    ROW("GR", NEEDS, "### ##", "104 31", NULL),
    ROW("HR", NEEDS, "#####", "10000", ""),
    ROW("HU", NEEDS, "####", "1051", NULL),
    ROW("IE", FIRST, "@## ****|D6W ****", "D02 AF30", NULL),
    ROW("IT", NEEDS, "#####", "00144", ""),
    ROW("LT", NEEDS, "LT-#####", "LT-01100", NULL),
    ROW("LU", NEEDS | FIRST, "####", "2998", ""),
    ROW("LV", NEEDS, "LV-####", "LV-1050", NULL),
    ROW("MT", NEEDS | FIRST, "@@@ ####|@@@ ##", "VLT 1117", NULL),
    ROW("NL", NEEDS, "#### @@", "1012 AB", ""),
    ROW("PL", NEEDS, "##-###", "00-950", ""),
    ROW("PT", NEEDS, "####-###", "1250-096", ""),
    ROW("RO", NEEDS, "######", "010011", NULL),
    ROW("SE", NEEDS, "### ##", "111 20", STREET_NORDIC),
    ROW("SI", NEEDS, "####", "1000", ""),
    ROW("SK", NEEDS, "### ##", "811 01", ""),
    /* the rest of Europe */
    ROW("AD", NEEDS, "AD###", "AD500", NULL),
    ROW("AL", 0, "####", "1001", NULL),
    ROW("AX", NEEDS, "22###", "22100", NULL),
    ROW("BA", 0, "#####", "71000", NULL),
    ROW("BY", 0, "######", "220050", NULL),
    ROW("CH", NEEDS, "####", "8001", ""),
    ROW("FO", 0, "###", "100", NULL),
    ROW("GB", NEEDS | FIRST, GB_FORMS, "SW1A 1AA", NULL),
    ROW("GG", NEEDS | FIRST, "GY# #@@|GY## #@@", "GY1 1AA", NULL),
    ROW("GI", FIRST, "GX11 1AA", "GX11 1AA", NULL),
    ROW("GL", NEEDS, "39##", "3900", NULL),
    ROW("IM", NEEDS | FIRST, "IM# #@@|IM## #@@", "IM2 1AA", NULL),
    ROW("IS", NEEDS, "###", "101", NULL),
    ROW("JE", NEEDS | FIRST, "JE# #@@|JE## #@@", "JE1 1AA", NULL),
    ROW("LI", NEEDS, "94##", "9490", ""),
    ROW("MC", NEEDS | FIRST, "980##", "98000", STREET_FRENCH),
    ROW("MD", 0, "MD-####", "MD-2012", NULL),
    ROW("ME", 0, "8####", "81000", NULL),
    ROW("MK", 0, "####", "1000", NULL),
    ROW("NO", NEEDS, "####", "0150", STREET_NORDIC),
    ROW("RS", 0, "#####|######", "11000", NULL),
    ROW("RU", NEEDS, "######", "125009", NULL),
    ROW("SJ", NEEDS, "####", "9170", NULL),
    ROW("SM", NEEDS, "4789#", "47890", NULL),
    ROW("TR", NEEDS, "#####", "06101", NULL),
    ROW("UA", 0, "#####", "01001", NULL),
    ROW("VA", 0, "00120", "00120", NULL),
    ROW("XK", 0, "#####", "10000", NULL),
    /* parts of France overseas */
    ROW("BL", NEEDS | FIRST, "97###", "97133", NULL),
    ROW("GF", NEEDS | FIRST, "973##", "97300", NULL),
    ROW("GP", NEEDS | FIRST, "971##", "97100", NULL),
    ROW("MF", NEEDS | FIRST, "97###", "97150", NULL),
    ROW("MQ", NEEDS | FIRST, "972##", "97200", NULL),
    ROW("NC", NEEDS | FIRST, "988##", "98800", NULL),
    ROW("PF", NEEDS | FIRST, "987##", "98713", NULL),
    ROW("PM", NEEDS | FIRST, "975##", "97500", NULL),
    ROW("RE", NEEDS | FIRST, "974##", "97400", NULL),
    ROW("WF", NEEDS | FIRST, "986##", "98600", NULL),
    ROW("YT", NEEDS | FIRST, "976##", "97600", NULL),
    /* America */
    ROW("AR", 0, "####|@####@@@", "C1070AAM", NULL),
    ROW("AS", NEEDS | FIRST, "96799|96799-####", "96799", NULL),
    ROW("BR", NEEDS, "#####-###", "40301-110", NULL),
    ROW("CA", NEEDS | FIRST, "@#@ #@#", "K1A 0B1", NULL),
    ROW("CL", 0, "#######", "8340457", NULL),
    ROW("CO", 0, "######", "111221", NULL),
    ROW("GU", NEEDS | FIRST, "969##|969##-####", "96910", NULL),
    ROW("MP", NEEDS | FIRST, "9695#|9695#-####", "96950", NULL),
    ROW("MX", NEEDS, "#####", "06082", NULL),
    ROW("PR", NEEDS | FIRST, "00###|00###-####", "00930", NULL),
    ROW("US", NEEDS | FIRST, US_FORMS, "95014", NULL),
    ROW("VI", NEEDS | FIRST, "008##|008##-####", "00802", NULL),
    /* Asia, Australia, Africa */
    ROW("AM", 0, "####|37####", "0010", NULL),
    ROW("AU", NEEDS | FIRST, "####", "2060", NULL),
    ROW("CN", NEEDS, "######", "100808", NULL),
    ROW("DZ", 0, "#####", "16027", NULL),
    ROW("GE", 0, "####", "0101", NULL),
    ROW("ID", 0, "#####", "40115", NULL),
    ROW("IL", FIRST, "#######|#####", "9614303", NULL),
    ROW("IN", NEEDS | FIRST, "######", "110001", NULL),
    ROW("JP", NEEDS, "###-####", "154-0023", NULL),
    ROW("KR", NEEDS, "#####|###-###", "04524", NULL),
    ROW("MA", FIRST, "#####", "10000", NULL),
    ROW("MY", NEEDS | FIRST, "#####", "50670", NULL),
    ROW("NZ", NEEDS | FIRST, "####", "6001", NULL),
    ROW("PH", FIRST, "####", "1000", NULL),
    ROW("SG", NEEDS | FIRST, "######", "308125", NULL),
    ROW("TH", FIRST, "#####", "10210", NULL),
    ROW("TN", FIRST, "####", "1002", NULL),
    ROW("TW", FIRST, "###|#####|######", "104", NULL),
    ROW("ZA", NEEDS | FIRST, "####", "0083", NULL),
};

/* Codes about whose addresses nothing is refused. */
#define PLAIN(code) ROW(code, 0, NULL, NULL, NULL)
static const struct kt_country plain[] = {
    PLAIN("AE"), PLAIN("AF"), PLAIN("AG"), PLAIN("AI"), PLAIN("AO"), PLAIN("AQ"), PLAIN("AW"),
    PLAIN("AZ"), PLAIN("BB"), PLAIN("BD"), PLAIN("BF"), PLAIN("BH"), PLAIN("BI"), PLAIN("BJ"),
    PLAIN("BM"), PLAIN("BN"), PLAIN("BO"), PLAIN("BQ"), PLAIN("BS"), PLAIN("BT"), PLAIN("BV"),
    PLAIN("BW"), PLAIN("BZ"), PLAIN("CC"), PLAIN("CD"), PLAIN("CF"), PLAIN("CG"), PLAIN("CI"),
    PLAIN("CK"), PLAIN("CM"), PLAIN("CR"), PLAIN("CU"), PLAIN("CV"), PLAIN("CW"), PLAIN("CX"),
    PLAIN("DJ"), PLAIN("DM"), PLAIN("DO"), PLAIN("EC"), PLAIN("EG"), PLAIN("EH"), PLAIN("ER"),
    PLAIN("ET"), PLAIN("FJ"), PLAIN("FK"), PLAIN("FM"), PLAIN("GA"), PLAIN("GD"), PLAIN("GH"),
    PLAIN("GM"), PLAIN("GN"), PLAIN("GQ"), PLAIN("GS"), PLAIN("GT"), PLAIN("GW"), PLAIN("GY"),
    PLAIN("HK"), PLAIN("HM"), PLAIN("HN"), PLAIN("HT"), PLAIN("IO"), PLAIN("IQ"), PLAIN("IR"),
    PLAIN("JM"), PLAIN("JO"), PLAIN("KE"), PLAIN("KG"), PLAIN("KH"), PLAIN("KI"), PLAIN("KM"),
    PLAIN("KN"), PLAIN("KP"), PLAIN("KW"), PLAIN("KY"), PLAIN("KZ"), PLAIN("LA"), PLAIN("LB"),
    PLAIN("LC"), PLAIN("LK"), PLAIN("LR"), PLAIN("LS"), PLAIN("LY"), PLAIN("MG"), PLAIN("MH"),
    PLAIN("ML"), PLAIN("MM"), PLAIN("MN"), PLAIN("MO"), PLAIN("MR"), PLAIN("MS"), PLAIN("MU"),
    PLAIN("MV"), PLAIN("MW"), PLAIN("MZ"), PLAIN("NA"), PLAIN("NE"), PLAIN("NF"), PLAIN("NG"),
    PLAIN("NI"), PLAIN("NP"), PLAIN("NR"), PLAIN("NU"), PLAIN("OM"), PLAIN("PA"), PLAIN("PE"),
    PLAIN("PG"), PLAIN("PK"), PLAIN("PN"), PLAIN("PS"), PLAIN("PW"), PLAIN("PY"), PLAIN("QA"),
    PLAIN("RW"), PLAIN("SA"), PLAIN("SB"), PLAIN("SC"), PLAIN("SD"), PLAIN("SH"), PLAIN("SL"),
    PLAIN("SN"), PLAIN("SO"), PLAIN("SR"), PLAIN("SS"), PLAIN("ST"), PLAIN("SV"), PLAIN("SX"),
    PLAIN("SY"), PLAIN("SZ"), PLAIN("TC"), PLAIN("TD"), PLAIN("TF"), PLAIN("TG"), PLAIN("TJ"),
    PLAIN("TK"), PLAIN("TL"), PLAIN("TM"), PLAIN("TO"), PLAIN("TT"), PLAIN("TV"), PLAIN("TZ"),
    PLAIN("UG"), PLAIN("UM"), PLAIN("UY"), PLAIN("UZ"), PLAIN("VC"), PLAIN("VE"), PLAIN("VG"),
    PLAIN("VN"), PLAIN("VU"), PLAIN("WS"), PLAIN("YE"), PLAIN("ZM"), PLAIN("ZW"),
};

static const struct kt_country *find_in(const struct kt_country *table, size_t count,
                                        struct kt_str code)
{
    for (size_t i = 0; i < count; i++) {
        if (memcmp(table[i].code, code.p, 2) == 0)
            return &table[i];
    }
    return NULL;
}

const struct kt_country *kt_country_find(struct kt_str code)
{
    if (code.n != 2)
        return NULL;
    const struct kt_country *found = find_in(known, KT_COUNT(known), code);
    return found != NULL ? found : find_in(plain, KT_COUNT(plain), code);
}

/* --- postal codes --- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool fits(char form, char c)
{
    switch (form) {
    case '#':
        return is_digit(c);
    case '@':
        return is_letter(c);
    case '*':
        return is_digit(c) || is_letter(c);
    default:
        return form == c;
    }
}

/* Letters and digits only, upper case; false: something else stands in it, or it is too long. */
static bool squeeze(struct kt_str postcode, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < postcode.n; i++) {
        char c = postcode.p[i];
        if (c == ' ' || c == '-' || c == '.')
            continue;
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if ((!is_digit(c) && !is_letter(c)) || n + 1 >= KT_POSTCODE_MAX)
            return false;
        out[n++] = c;
    }
    out[n] = '\0';
    return n > 0;
}

/* `form` runs to '|' or the end. Writes the code in that form. */
static bool write_form(const char *form, const char *code, char *out)
{
    for (; *form != '\0' && *form != '|'; form++) {
        if (*form == ' ' || *form == '-') {
            *out++ = *form;
        } else {
            if (!fits(*form, *code)) /* also where the code has ended */
                return false;
            *out++ = *code++;
        }
    }
    *out = '\0';
    return *code == '\0';
}

static bool write_any(const char *forms, const char *code, char *out)
{
    for (const char *form = forms; form != NULL; form = strchr(form, '|')) {
        if (*form == '|')
            form++;
        if (write_form(form, code, out))
            return true;
    }
    return false;
}

/* Behind a prefix of at most three letters that may mean the country: "D12345", "FIN00100". */
static const char *behind_prefix(const struct kt_country *country, const char *code)
{
    size_t n = 0;
    while (is_letter(code[n]))
        n++;
    bool is_liechtenstein = strcmp(country->code, "LI") == 0 && strncmp(code, "FL", 2) == 0;
    bool is_prefix = n >= 1 && n <= 3 && (code[0] == country->code[0] || is_liechtenstein);
    return is_prefix ? code + n : NULL;
}

bool kt_postcode_normal(const struct kt_country *country, struct kt_str postcode, char *out)
{
    char code[KT_POSTCODE_MAX];
    postcode = kt_str_trim(postcode);
    if (country->forms == NULL) {
        if (postcode.n == 0 || postcode.n >= KT_POSTCODE_MAX)
            return false;
        memcpy(out, postcode.p, postcode.n);
        out[postcode.n] = '\0';
        return true;
    }
    if (!squeeze(postcode, code) || strspn(code, "0") == strlen(code))
        return false;
    if (write_any(country->forms, code, out))
        return true;
    const char *plain_code = behind_prefix(country, code);
    if (plain_code != NULL && is_digit(*plain_code) &&
        strspn(plain_code, "0") < strlen(plain_code) && write_any(country->forms, plain_code, out))
        return true;
    if (strncmp(country->forms, country->code, 2) != 0)
        return false;
    /* "1050" where the country writes "LV-1050": the form's own prefix may be left out */
    char whole[KT_POSTCODE_MAX + 2];
    memcpy(whole, country->code, 2);
    memcpy(whole + 2, code, strlen(code) + 1);
    return write_any(country->forms, whole, out);
}
