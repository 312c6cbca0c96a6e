/* Languages, countries and article numbers between NAV's spelling and ours. Pure; called by the
 * decoders and by the order's encoder. */
#include "text.h"

#include <string.h>

#include "base/macros.h"

/* Windows' three-letter codes. Of several for one language, the first is what orders carry. */
static const struct {
    const char *code;
    const char *language;
} languages[] = {
    { "ENU", "en" }, { "ENG", "en" }, { "ENA", "en" }, { "ENC", "en" }, { "ENI", "en" },
    { "ENZ", "en" }, { "DEU", "de" }, { "DES", "de" }, { "DEA", "de" }, { "DEL", "de" },
    { "DEC", "de" }, { "FRA", "fr" }, { "FRB", "fr" }, { "FRC", "fr" }, { "FRS", "fr" },
    { "FRL", "fr" }, { "ITA", "it" }, { "ITS", "it" }, { "ESP", "es" }, { "ESN", "es" },
    { "ESM", "es" }, { "ESS", "es" }, { "NLD", "nl" }, { "NLB", "nl" }, { "DAN", "da" },
    { "SVE", "sv" }, { "SVF", "sv" }, { "NOR", "nb" }, { "NON", "nn" }, { "FIN", "fi" },
    { "PLK", "pl" }, { "CSY", "cs" }, { "SKY", "sk" }, { "SLV", "sl" }, { "PTG", "pt" },
    { "PTB", "pt" }, { "HUN", "hu" }, { "ROM", "ro" }, { "BGR", "bg" }, { "HRV", "hr" },
    { "ELL", "el" }, { "TRK", "tr" }, { "RUS", "ru" }, { "UKR", "uk" }, { "ETI", "et" },
    { "LVI", "lv" }, { "LTH", "lt" }, { "ISL", "is" }, { "JPN", "ja" }, { "CHS", "zh" },
    { "KOR", "ko" }, { "ARA", "ar" }, { "HEB", "he" }, { "CAT", "ca" }, { "THA", "th" },
};

struct kt_str kt_nav_language(const struct kt_nav_conf *conf, struct kt_str code)
{
    struct kt_str own = kt_nav_conf_of(&conf->languages, code);
    if (own.n > 0)
        return own;
    for (size_t i = 0; i < KT_COUNT(languages); i++) {
        if (kt_str_is(code, languages[i].code))
            return kt_str_of(languages[i].language);
    }
    return (struct kt_str){ NULL, 0 };
}

/* The left side of the list's entry whose right side is `value`; absent: none. */
static struct kt_str left_of(const struct kt_conf_texts *list, struct kt_str value)
{
    for (size_t i = 0; i < list->count; i++) {
        const char *sign = strchr(list->item[i], '=');
        if (sign != NULL && kt_str_is(value, sign + 1))
            return (struct kt_str){ list->item[i], (size_t)(sign - list->item[i]) };
    }
    return (struct kt_str){ NULL, 0 };
}

struct kt_str kt_nav_language_code(const struct kt_nav_conf *conf, struct kt_str language)
{
    struct kt_str own = left_of(&conf->languages, language);
    if (own.n > 0)
        return own;
    for (size_t i = 0; i < KT_COUNT(languages); i++) {
        if (kt_str_is(language, languages[i].language))
            return kt_str_of(languages[i].code);
    }
    return (struct kt_str){ NULL, 0 };
}

struct kt_str kt_nav_country(const struct kt_nav_conf *conf, struct kt_str code)
{
    struct kt_str own = kt_nav_conf_of(&conf->countries, code);
    if (own.n > 0)
        return own;
    bool is_iso =
        code.n == 2 && code.p[0] >= 'A' && code.p[0] <= 'Z' && code.p[1] >= 'A' && code.p[1] <= 'Z';
    return is_iso ? code : (struct kt_str){ NULL, 0 };
}

struct kt_str kt_nav_country_code(const struct kt_nav_conf *conf, struct kt_str country)
{
    struct kt_str own = left_of(&conf->countries, country);
    return own.n > 0 ? own : country;
}

struct kt_str kt_nav_sku(const struct kt_nav_conf *conf, struct kt_str item, struct kt_str variant,
                         struct kt_arena *a)
{
    if (variant.n == 0)
        return item;
    return kt_str_of(kt_format(a, "%.*s%s%.*s", (int)item.n, item.p, conf->variant_separator,
                               (int)variant.n, variant.p));
}
