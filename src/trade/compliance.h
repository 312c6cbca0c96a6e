#ifndef KT_TRADE_COMPLIANCE_H
#define KT_TRADE_COMPLIANCE_H

#include "base/conf.h"
#include "base/err.h"
#include "base/time.h"
#include "model/record.h"

/* May this article be sold in this market, as far as certificates and market rules go? Pure
 * functions: rules and records in, an answer and the instant at which it may change out. */

/* A certificate that articles of some classes need in some markets. */
struct kt_certificate_rule {
    const char *name;
    const char *scheme;           /* "CE" */
    struct kt_conf_texts classes; /* product groups or ids of categories; none: all articles */
    struct kt_conf_texts markets; /* ISO 3166 alpha-2; none: all */
};

enum kt_market_action { KT_MARKET_HIDE = 0, KT_MARKET_NOTICE };

/* What an attribute may say in some markets. */
struct kt_market_rule {
    const char *name;
    const char *attribute;        /* code; of the variant, else of its product */
    struct kt_conf_texts classes; /* as above */
    struct kt_conf_texts markets; /* as above */
    struct kt_conf_texts allowed; /* values: "230", "220-240", "schuko"; compared without regard to
                                   * case and blanks; a range holds the numbers within it */
    const char *unit;             /* of numbers, where a value names none; NULL: as they are */
    bool needs_value;             /* an article without the attribute is treated as not allowed */
    int action;                   /* enum kt_market_action */
    struct kt_conf_texts notices; /* "de: nur mit Adapter", one for each language */
};

/* What to do while nobody has said for too long which certificates there are. */
enum kt_when_stale {
    KT_STALE_HIDE = 0, /* what is known counts as it stands, so an ended one hides */
    KT_STALE_KEEP      /* one that ended since its source fell silent counts on */
};

struct kt_compliance {
    const struct kt_certificate_rule *certificate;
    size_t certificates;
    const struct kt_market_rule *market;
    size_t markets;
};

/* The article, the certificates that cover it or its product or family, and the moment. */
struct kt_compliance_ask {
    const struct kt_product *product; /* may be NULL */
    const struct kt_variant *variant;
    const struct kt_certificate *certificate; /* known now; others than those that cover it do no
                                               * harm */
    size_t certificates;
    struct kt_str market;
    const struct kt_zone *zone; /* of the market */
    int64_t at_us;
    int64_t silent_since_us; /* with KT_STALE_KEEP: one that ended after this counts; else KT_NEVER
                              */
};

struct kt_compliance_answer {
    bool may_sell;
    struct kt_verdict why;  /* not may_sell: CERTIFICATE_NEEDED {sku} {scheme} {market},
                             * CERTIFICATE_ENDED {sku} {scheme} {market} {number} {date},
                             * MARKET_FORBIDS {sku} {market} {attribute} {value} {rule} */
    int64_t changes_us;     /* when the clock alone may change it; KT_NEVER */
    struct kt_list notices; /* struct kt_text: language and name, of rules that say notice */
};

/* The first rule that forbids speaks, certificates before attributes, in the order of the rules. */
void kt_compliance_ask(struct kt_compliance_answer *out, const struct kt_compliance *rules,
                       const struct kt_compliance_ask *ask, struct kt_arena *a);

/* From when until when a certificate counts: its days in that zone, and not beyond revoked_at. */
void kt_certificate_span(const struct kt_certificate *c, const struct kt_zone *zone,
                         int64_t *from_us, int64_t *until_us);
/* Does it cover this article? product may be NULL. */
bool kt_certificate_covers(const struct kt_certificate *c, const struct kt_product *product,
                           const struct kt_variant *variant);

#endif
