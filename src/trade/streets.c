/* Reads street lines as people type them: is there a house number, and which part is it? Pure, any
 * thread; called by the address rules. A false alarm stops a good order, so whatever may be a house
 * number counts as one; only dates, ordinals, floors and flats are known not to be. */
#include "trade/streets.h"

#include <string.h>

/* Lists: words in small letters, without the dot behind, a blank around each. */
#define MONTHS                                                                                           \
    " januar jänner jaenner februar märz maerz april mai juni juli august september oktober "          \
    "november dezember janvier février fevrier mars avril juin juillet août aout septembre "           \
    "octobre novembre décembre decembre gennaio febbraio marzo aprile maggio giugno luglio "            \
    "agosto settembre ottobre dicembre enero febrero abril mayo junio julio septiembre octubre "         \
    "noviembre diciembre janeiro fevereiro março marco maio junho julho setembro outubro "              \
    "novembro dezembro januari februari maart mei augustus october december stycznia lutego "            \
    "marca kwietnia maja czerwca lipca sierpnia września wrzesnia października pazdziernika "          \
    "listopada grudnia ledna února unora března brezna dubna května kvetna června cervna "           \
    "července cervence srpna září zari října rijna listopadu prosince januára februára apríla " \
    "mája júna júla augusta septembra októbra novembra decembra "
/* Behind a number with a dot: a floor. In front of a number: a floor, a flat, a room. */
#define FLOORS                                                                                       \
    " og obergeschoss stock stockwerk etage sal th tv verdieping étage patro piętro pietro piano " \
    "piso planta våning vån krs "
#define FLATS                                                                                    \
    " og etage app apt apartment appartement whg wohnung zimmer top suite unit flat room lokal " \
    "lok byt piano interno scala étage piso planta lgh "
#define MARKERS                                                                           \
    " nr no n° nº n č č.p čp číslo num número numero numéro hausnummer hausnr #" \
    " "
#define NO_NUMBER " s/n s.n sn snc s.n.c bb b.b "
#define TAILS     " bis ter quater hs huis - / + & "
#define BOXES                                                                                 \
    " postfach packstation postfiliale paketbox postlagernd postbus antwoordnummer postboks " \
    "apartado casella skrytka poštovní boîte poste "
/* In front: a place that is known by its name. */
#define PLACES                                                                                       \
    " schloss burg gut hof kloster haus forsthaus mühle flughafen bahnhof flugplatz "               \
    "industriepark "                                                                                 \
    "gewerbepark gewerbegebiet universität klinikum krankenhaus kaserne alpe alp gasthof hotel "    \
    "località localita loc frazione fraz contrada c.da cascina borgo finca polígono poligono pol " \
    "urbanización urbanizacion urb partida caserío barrio edificio cortijo quinta lugar casal "    \
    "herdade monte edifício lieu-dit lieudit hameau château chateau résidence zi za zac "

enum { TOKENS = 40, WORD_MAX = 32 };

enum role {
    PLAIN_WORD,
    NUMBER,     /* may be a house number */
    MIXED,      /* letters, then digits: "C4" */
    NONE_GIVEN, /* says that there is no number */
    MARKER,     /* "Nr." */
    OTHER       /* digits that are no house number */
};

struct token {
    const char *p;
    size_t n;
    enum role role;
    char word[WORD_MAX]; /* small letters, no dot behind; "" when longer than that */
};

struct line {
    struct token token[TOKENS];
    size_t count;
    bool is_cut; /* there were more */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0;
}

static bool is_gap(char c)
{
    return c == ' ' || c == ',' || c == '\t' || c == '\n' || c == '\r' || c == ';';
}

/* ASCII and the accented letters of Latin-1 (0xC3 0x80 to 0x9E); others stay as they are. */
static void fold(struct token *t)
{
    size_t n = t->n;
    while (n > 1 && t->p[n - 1] == '.')
        n--;
    if (n >= WORD_MAX)
        n = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)t->p[i];
        bool is_latin =
            i > 0 && (unsigned char)t->p[i - 1] == 0xc3 && c >= 0x80 && c <= 0x9e && c != 0x97;
        if ((c >= 'A' && c <= 'Z') || is_latin)
            c = (unsigned char)(c + 0x20);
        t->word[i] = (char)c;
    }
    t->word[n] = '\0';
}

static bool is_listed(const char *list, const char *word)
{
    size_t n = strlen(word);
    if (n == 0)
        return false;
    for (const char *at = strstr(list, word); at != NULL; at = strstr(at + 1, word)) {
        if (at > list && at[-1] == ' ' && at[n] == ' ')
            return true;
    }
    return false;
}

/* Ends at a gap, and between a dot and a digit ("Hauptstr.12"). */
static size_t token_bytes(struct kt_str rest)
{
    size_t n = 0;
    while (n < rest.n && !is_gap(rest.p[n])) {
        n++;
        if (n < rest.n && rest.p[n - 1] == '.' && is_digit(rest.p[n]) && is_letter(rest.p[0]))
            break;
    }
    return n;
}

static void cut(struct line *l, struct kt_str street)
{
    size_t at = 0;
    l->count = 0;
    l->is_cut = false;
    while (at < street.n) {
        if (is_gap(street.p[at])) {
            at++;
            continue;
        }
        if (l->count == TOKENS) {
            l->is_cut = true;
            return;
        }
        struct token *t = &l->token[l->count++];
        *t = (struct token){ .p = street.p + at, .role = PLAIN_WORD };
        t->n = token_bytes((struct kt_str){ street.p + at, street.n - at });
        fold(t);
        at += t->n;
    }
}

/* What follows the digits in front, without a dot between: "17.juni" -> "juni", "2e" -> "e". */
static const char *behind_digits(const struct token *t)
{
    const char *p = t->word;
    while (is_digit(*p))
        p++;
    return *p == '.' ? p + 1 : p;
}

/* "1945" behind a date. A house number of the 18th to 20th hundred there is rarer than the year. */
static bool is_year(const struct token *t)
{
    return strlen(t->word) == 4 && t->word[0] == '1' && t->word[1] >= '7' &&
           strspn(t->word, "0123456789") == 4;
}

/* "17. Juni", "25 de Abril", "8 mai 1945", "17.Juni": marks the parts; false: no date at i. */
static bool take_date(struct line *l, size_t i)
{
    size_t month = i;
    const char *glued = behind_digits(&l->token[i]);
    if (*glued == '\0') {
        month = i + 1;
        if (month < l->count && strcmp(l->token[month].word, "de") == 0)
            month++;
        if (month >= l->count || !is_listed(MONTHS, l->token[month].word))
            return false;
    } else if (!is_listed(MONTHS, glued)) {
        return false;
    }
    l->token[i].role = OTHER;
    if (month + 1 < l->count && is_year(&l->token[month + 1]))
        l->token[month + 1].role = OTHER;
    return true;
}

static enum role role_of_number(const struct line *l, size_t i)
{
    static const char ordinals[] = " e er ère ere ème eme ste de st nd rd th º ª ° ";
    const char *tail = behind_digits(&l->token[i]);
    bool has_word_next = i + 1 < l->count && is_letter(l->token[i + 1].p[0]);
    if (has_word_next && is_listed(ordinals, tail))
        return OTHER;
    bool has_dot = l->token[i].p[l->token[i].n - 1] == '.'; /* "5 OG" may be number 5, upstairs */
    if ((has_dot && has_word_next && is_listed(FLOORS, l->token[i + 1].word)) ||
        is_listed(FLOORS, tail))
        return OTHER;
    if (i > 0 && is_listed(FLATS, l->token[i - 1].word))
        return OTHER;
    return NUMBER;
}

static void read_line(struct line *l, struct kt_str street)
{
    cut(l, street);
    for (size_t i = 0; i < l->count; i++) {
        struct token *t = &l->token[i];
        if (t->role == OTHER) /* the year of a date */
            continue;
        if (is_digit(t->p[0])) {
            if (!take_date(l, i))
                t->role = role_of_number(l, i);
        } else if (is_listed(NO_NUMBER, t->word)) {
            t->role = NONE_GIVEN;
        } else if (is_listed(MARKERS, t->word)) {
            t->role = MARKER;
        } else {
            for (size_t k = 0; k < t->n; k++) {
                if (is_digit(t->p[k]))
                    t->role = i > 0 && is_listed(FLATS, l->token[i - 1].word) ? OTHER : MIXED;
            }
        }
    }
}

bool kt_street_has_number(struct kt_str street)
{
    struct line l;
    read_line(&l, street);
    for (size_t i = 0; i < l.count; i++) {
        enum role role = l.token[i].role;
        if (role == NUMBER || role == MIXED || role == NONE_GIVEN)
            return true;
    }
    return l.is_cut; /* longer than any street: nothing is certain */
}

static bool is_box(const struct line *l)
{
    for (size_t i = 0; i < l->count; i++) {
        const char *word = l->token[i].word;
        if (is_listed(BOXES, word) || strcmp(word, "p.o") == 0)
            return true;
        if (strcmp(word, "po") == 0 && i + 1 < l->count && strcmp(l->token[i + 1].word, "box") == 0)
            return true;
    }
    return false;
}

/* One ending of the list fits the word; "=rue" wants the whole word. */
static bool is_street_word(const char *endings, const char *word)
{
    size_t n = strlen(word);
    while (*endings != '\0') {
        size_t k = strcspn(endings, " ");
        bool is_whole = *endings == '=';
        const char *end = endings + is_whole;
        size_t m = k - is_whole;
        if (n >= m && memcmp(word + n - m, end, m) == 0 && (!is_whole || n == m))
            return true;
        endings += k;
        endings += strspn(endings, " ");
    }
    return false;
}

bool kt_street_is_place(struct kt_str street)
{
    struct line l;
    read_line(&l, street);
    return is_box(&l) || (l.count > 0 && is_listed(PLACES, l.token[0].word));
}

bool kt_street_wants_number(const struct kt_country *country, struct kt_str street)
{
    struct line l;
    read_line(&l, street);
    if (country->house_number == NULL || l.count == 0)
        return false;
    if (country->house_number[0] == '\0')
        return true;
    for (size_t i = 0; i < l.count; i++) {
        if (is_street_word(country->house_number, l.token[i].word))
            return true;
    }
    return false;
}

/* --- dividing --- */

static struct kt_str span(const struct line *l, size_t from, size_t to)
{
    if (from >= to)
        return (struct kt_str){ "", 0 };
    const struct token *last = &l->token[to - 1];
    const char *p = l->token[from].p;
    return (struct kt_str){ p, (size_t)(last->p + last->n - p) };
}

static bool is_single_letter(const struct token *t)
{
    return strlen(t->word) == 1 && is_letter(t->word[0]);
}

/* From i on all can belong to a house number: "12", "12 a", "12-14", "263 hs", "12 m. 5". */
static bool is_tail(const struct line *l, size_t i)
{
    if (l->token[i].role != NUMBER && l->token[i].role != NONE_GIVEN)
        return false;
    for (i++; i < l->count; i++) {
        const struct token *t = &l->token[i];
        if (t->role != NUMBER && !is_single_letter(t) && !is_listed(TAILS, t->word))
            return false;
    }
    return true;
}

static bool split_behind(const struct line *l, struct kt_str *name, struct kt_str *house_no)
{
    for (size_t i = 1; i < l->count; i++) {
        if (!is_tail(l, i))
            continue;
        size_t name_end = l->token[i - 1].role == MARKER ? i - 1 : i;
        bool is_square = name_end == 1 && is_single_letter(&l->token[0]); /* Mannheim: "C 4, 8" */
        if (name_end == 0 || is_square)
            continue;
        *name = span(l, 0, name_end);
        *house_no = span(l, i, l->count);
        return true;
    }
    return false;
}

/* "12 bis rue", "12 B rue", "12 - 14 rue". Not every letter: "12 R Victor Hugo", "12 E Main St". */
static bool is_front_tail(const struct line *l, size_t i)
{
    const struct token *t = &l->token[i];
    if (is_listed(TAILS, t->word))
        return true;
    if (t->role == NUMBER)
        return is_listed(TAILS, l->token[i - 1].word);
    return is_single_letter(t) && t->word[0] >= 'a' && t->word[0] <= 'd';
}

static bool split_in_front(const struct line *l, struct kt_str *name, struct kt_str *house_no)
{
    size_t at = l->token[0].role == MARKER ? 1 : 0;
    if (at + 1 >= l->count || l->token[at].role != NUMBER ||
        l->token[at].p[l->token[at].n - 1] == '.') /* "1. Parkweg" */
        return false;
    size_t end = at + 1;
    while (end + 1 < l->count && is_front_tail(l, end))
        end++;
    *house_no = span(l, at, end);
    *name = span(l, end, l->count);
    return true;
}

bool kt_street_split(const struct kt_country *country, struct kt_str street, struct kt_str *name,
                     struct kt_str *house_no)
{
    struct line l;
    read_line(&l, street);
    *name = kt_str_trim(street);
    *house_no = (struct kt_str){ "", 0 };
    if (l.count < 2 || l.is_cut || is_box(&l))
        return false;
    if (country->is_number_first) /* "Highway 12" is no house, "Rue de Rivoli 12" is one */
        return split_in_front(&l, name, house_no) ||
               (country->house_number != NULL && split_behind(&l, name, house_no));
    return split_behind(&l, name, house_no) || split_in_front(&l, name, house_no);
}
