#ifndef KT_TRADE_STREETS_H
#define KT_TRADE_STREETS_H

#include <stdbool.h>

#include "base/macros.h"
#include "base/str.h"
#include "trade/countries.h"

/* A number that can be a house number stands in the line, or a word that says there is none
 * ("s/n"). Dates ("17. Juni"), ordinals ("2e"), floors ("2. OG") and flats ("Whg 3") do not count.
 */
bool kt_street_has_number(struct kt_str line);

/* A PO box, a parcel locker or a place that is known by its name ("Schloss Ort", "Lieu-dit X"). */
bool kt_street_is_place(struct kt_str line);

/* A line like this carries a house number in that country. */
bool kt_street_wants_number(const struct kt_country *country, struct kt_str line);

/* For ERPs with two fields. The order of the parts is the country's, the other one where that does
 * not fit; a marker ("Nr.", "n°") belongs to neither. Both are slices of `street`, without a NUL.
 * False: it does not divide with certainty; then *name is all of it and *house_no is empty. */
bool kt_street_split(const struct kt_country *country, struct kt_str street, struct kt_str *name,
                     struct kt_str *house_no);

#endif
