#ifndef KT_BASE_DEC_H
#define KT_BASE_DEC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/macros.h"
#include "base/str.h"

/* An exact decimal: units / 10^scale. Scale is at most KT_DEC_SCALE_MAX. */
struct kt_dec {
    int64_t units;
    uint8_t scale;
};

struct kt_money {
    struct kt_dec amount;
    char currency[4]; /* ISO 4217, NUL behind */
};

enum { KT_DEC_SCALE_MAX = 6, KT_DEC_TEXT_MAX = 24 };

/* Plain notation only: [-+]digits[.digits]; refuses empty text, exponents, NaN, overflow, and
 * more than KT_DEC_SCALE_MAX digits behind the point unless the excess is zeros. A trailing
 * minus as SAP writes it ("12.50-") is accepted. False leaves *out alone. */
bool kt_dec_parse(struct kt_dec *out, struct kt_str text) KT_MUST;
struct kt_dec kt_dec_int(int64_t number);

/* "-12.30" with exactly the digits of its scale; `out` holds KT_DEC_TEXT_MAX bytes. */
void kt_dec_text(struct kt_dec d, char *out);
struct kt_dec kt_dec_trim(struct kt_dec d); /* without trailing zeros behind the point */

/* The same value with another scale; false when digits or range would be lost. */
bool kt_dec_rescale(struct kt_dec *out, struct kt_dec d, uint8_t scale) KT_MUST;
struct kt_dec kt_dec_round_half_up(struct kt_dec d, uint8_t scale); /* away from zero at .5 */
struct kt_dec kt_dec_round_half_even(struct kt_dec d, uint8_t scale);
struct kt_dec kt_dec_floor(struct kt_dec d, uint8_t scale);

/* False on overflow. mul and div round half up to `scale`; div by zero is false. */
bool kt_dec_add(struct kt_dec *out, struct kt_dec a, struct kt_dec b) KT_MUST;
bool kt_dec_sub(struct kt_dec *out, struct kt_dec a, struct kt_dec b) KT_MUST;
bool kt_dec_mul(struct kt_dec *out, struct kt_dec a, struct kt_dec b, uint8_t scale) KT_MUST;
bool kt_dec_div(struct kt_dec *out, struct kt_dec a, struct kt_dec b, uint8_t scale) KT_MUST;
int kt_dec_cmp(struct kt_dec a, struct kt_dec b);
bool kt_dec_is_zero(struct kt_dec d);
struct kt_dec kt_dec_abs(struct kt_dec d);

/* Digits behind the point that the currency has: 2, 0 for JPY, 3 for KWD …; false: not ISO 4217. */
bool kt_currency_digits(const char *currency, uint8_t *digits) KT_MUST;

#endif
