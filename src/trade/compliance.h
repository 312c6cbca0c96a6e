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
    const char *scheme;           /* "CE"; this and all below without regard to case */
    struct kt_conf_texts classes; /* product groups or ids of categories; none: all articles. One
                                   * whose product is not known belongs to no class */
    struct kt_conf_texts markets; /* ISO 3166 alpha-2; none: all */
};

enum kt_market_action { KT_MARKET_HIDE = 0, KT_MARKET_NOTICE };

/* What an attribute may say in some markets. */
struct kt_market_rule {
    const char *name;
    const char *attribute;        /* code; looked up as the value of an axis is: kt_axis_value_of */
    struct kt_conf_texts classes; /* as above */
    struct kt_conf_texts markets; /* as above */
    struct kt_conf_texts allowed; /* values: "230", "220-240", "50/60", "schuko" (allowed.h) */
    const char *unit;             /* of numbers, where a value names none; NULL: as they are */
    bool takes_wider;             /* 100-240 V is allowed where 230 V is, 50/60 Hz where 50 Hz is */
    bool needs_value;             /* an article without the attribute is treated as not allowed */
    int action;                   /* enum kt_market_action */
    struct kt_conf_texts notices; /* "de: nur mit Adapter", one for each language; only for
                                   * KT_MARKET_NOTICE. Without "de:" it is for all */
};

/* What to do while nobody has said for too long which certificates there are. */
enum kt_when_stale {
    KT_STALE_HIDE = 0, /* what is known counts as it stands, so an ended one hides */
    KT_STALE_KEEP      /* one whose days ended since its source fell silent counts on; one that was
                        * revoked does not */
};

struct kt_compliance {
    const struct kt_certificate_rule *certificate;
    size_t certificates;
    const struct kt_market_rule *market;
    size_t markets;
};

/* The article, the certificates that cover it or its product or family, and the moment. */
struct kt_compliance_ask {
    const struct kt_product *product; /* its own record, or that of its page; may be NULL */
    const struct kt_product *head; /* of its page, where that is another record; may be NULL. It is
                                    * of the classes of both, covered where one of them is, and has
                                    * the attributes that only the page's has */
    const struct kt_variant *variant;
    const struct kt_certificate *certificate; /* known now; others than those that cover it do no
                                               * harm */
    size_t certificates;
    struct kt_str market;
    const struct kt_zone *zone; /* of the market */
    int64_t at_us;
    int64_t silent_since_us; /* with KT_STALE_KEEP: one whose days end after this counts on; else
                              * KT_NEVER or 0. That a source speaks again is no matter of the clock:
                              * whoever keeps an article by this looks again when it may have */
};

struct kt_compliance_answer {
    bool may_sell;
    struct kt_verdict why;  /* not may_sell: CERTIFICATE_NEEDED {sku} {scheme} {market},
                             * CERTIFICATE_ENDED {sku} {scheme} {market} {number} {date}: the last
                             * one that ended,
                             * MARKET_FORBIDS {sku} {market} {attribute} {value} {rule} */
    int64_t changes_us;     /* the next instant at which the clock alone may change any of this,
                             * which stays the same until then; KT_NEVER */
    struct kt_list notices; /* struct kt_text: language and name, of rules that say notice */
};

/* The first rule that forbids speaks, certificates before attributes, in the order of the rules. */
void kt_compliance_ask(struct kt_compliance_answer *out, const struct kt_compliance *rules,
                       const struct kt_compliance_ask *ask, struct kt_arena *a);

/* From when until when a certificate counts: its days in that zone, and not beyond revoked_at. */
void kt_certificate_span(const struct kt_certificate *c, const struct kt_zone *zone,
                         int64_t *from_us, int64_t *until_us);
/* Does it cover this article, by SKU, product number (the variant's own word or the id of the
 * record at hand) or product group? product may be NULL. */
bool kt_certificate_covers(const struct kt_certificate *c, const struct kt_product *product,
                           const struct kt_variant *variant);

#endif
