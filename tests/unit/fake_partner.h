#ifndef KT_TESTS_FAKE_PARTNER_H
#define KT_TESTS_FAKE_PARTNER_H

#include <pthread.h>

#include "flow/site.h"
#include "flow/work.h"
#include "store/orders.h"

/* An ERP and a shop inside the test's process, behind the real ports: they hold what they were
 * sent, count it, and answer as the test says. The flow, the store and the mapping are the real
 * ones. */

enum fake_answer {
    FAKE_OK = 0,
    FAKE_REFUSES,       /* nothing happened; a person must act */
    FAKE_IS_AWAY,       /* nothing happened */
    FAKE_LOSES_ANSWER,  /* it happened, the answer is lost */
    FAKE_LOSES_REQUEST, /* it did not happen, and nobody knows */
    FAKE_IS_SLOW        /* the answer is lost, it happens later: until fake_finish, PENDING */
};

enum { FAKE_DOCUMENTS = 400, FAKE_PRODUCTS = 400 };

struct fake_document {
    char key[KT_ORDER_KEY_MAX];
    bool is_pending;
};

struct fake_product {
    char sku[64];
    char id[16];
    char price[64];
    char stock[64];
    char page[256];
    char variant[256];
    char gtin[16];
    bool has_variants; /* of a page that was there before */
    bool is_withdrawn;
};

/* One world per test. The mutex guards all of it: threads of the flow come in parallel. */
struct fake_world {
    pthread_mutex_t lock;
    enum kt_grade grade;
    unsigned server_limit_s;
    /* ERP */
    struct kt_changes feed[KT_FEEDS]; /* served once, whole, behind an empty or older token */
    int64_t token[KT_FEEDS];
    enum fake_answer create;
    enum fake_answer find;
    struct fake_document document[FAKE_DOCUMENTS];
    size_t documents;
    size_t customers;    /* how many match a buyer */
    char booked_for[16]; /* customer number of the last create; "" = one-time account */
    size_t creates;
    size_t finds;
    struct kt_dec booked_gross; /* what the ERP books; scale 255: what the shop sold */
    const char *erp_identity;
    bool pages_go_round; /* each page names itself as the next */
    /* shop */
    enum fake_answer push;
    const char *refused_sku;
    bool refuses_whole; /* a batch that holds it, as a firewall does */
    struct fake_product product[FAKE_PRODUCTS];
    size_t products;
    size_t writes;
    size_t finds_of_products;
    size_t uploads;         /* files that came without an id */
    struct kt_order *order; /* offered to whoever asks */
    size_t orders;
    bool lists_nothing;        /* single orders are still to be had */
    const char *unreadable_id; /* an order that a plug-in has spoilt */
    enum fake_answer tell;
    size_t told;
    char told_number[64];
    struct kt_shipment *shipment; /* of the ERP; served whole each time */
    size_t shipments;
    enum fake_answer ship;
    size_t shipped;
    char shipped_as[256]; /* "S-1/T-1 S-2/T-2! ": what the shop was told, in order; !: the last one
                           */
    const char *shop_identity;
    struct kt_arena *arena;
};

/* The world is found through the configuration, as a real adapter finds its settings. */
struct fake_conf {
    struct fake_world *world;
};
extern const struct kt_erp_ops fake_erp_ops;
extern const struct kt_channel_ops fake_channel_ops;
extern const struct kt_channel_ops fake_minus_own_ops;
extern const struct kt_channel_ops
    fake_matrix_ops; /* the same shop, with variants and categories */
extern const struct kt_opt fake_no_opts[];
unsigned fake_one_second(const void *conf);
enum kt_rc fake_away(struct kt_err *e, enum kt_rc rc); /* the partner cannot be reached */
void fake_lock(struct fake_world *w);
void fake_unlock(struct fake_world *w);

/* Site with one ERP "erp" (scope "s") and one channel "shop" on a fresh SQLite file; everything is
 * freed by fake_close. Times are short: retry 1 s, settle 0 s, calls 1 s. */
struct fake {
    struct fake_world world;
    struct kt_erp_site erp;
    struct kt_channel_site channel;
    struct kt_site site;
    struct kt_work work;
    struct kt_log log;
    char folder[64];
    char file[96];
    char clock[96]; /* KT_CLOCK_FILE */
    int64_t later_s;
};

void fake_open(struct fake *f);
void fake_close(struct fake *f);

/* The shop takes pages with variants, categories and files; before the first run. */
void fake_take_matrix(struct fake *f);
/* The shop takes what its open orders hold off its figures itself. */
void fake_minus_own(struct fake *f);

/* Moves the clock of the whole process forward. */
void fake_later(struct fake *f, int64_t seconds);

/* A product that the shop had before Kontor came. page: id of the page it is a variant of, or "".
 */
struct fake_product *fake_was_there(struct fake *f, const char *sku, const char *gtin,
                                    const char *page);

/* What the ERP says next. */
void fake_article(struct fake *f, const char *sku, const char *name);
/* An article below `parent`, told apart by one value. */
void fake_variant(struct fake *f, const char *sku, const char *parent, const char *axis,
                  const char *value);
void fake_two_axes(struct fake *f, const char *sku, const char *parent, const char *axis,
                   const char *value, const char *second, const char *other);
/* A page without a variant of its own, with up to two axes (NULL: none), in a category (NULL: in
 * none) and with a file (NULL: without). */
void fake_page(struct fake *f, const char *id, const char *name, const char *axis,
               const char *second, const char *category, const char *file);
void fake_category(struct fake *f, const char *id, const char *parent);
void fake_gtin(struct fake *f, const char *sku, const char *name, const char *gtin);
void fake_article_gone(struct fake *f, const char *sku);
void fake_price(struct fake *f, const char *sku, const char *amount);
void fake_stock(struct fake *f, const char *sku, const char *available);
/* A sound, paid order over one line of the sku. */
void fake_order(struct fake *f, const char *id, const char *sku, const char *gross);
/* The ERP delivers `quantity` of the line "item-1" of a booked order. */
void fake_deliver(struct fake *f, const char *id, const char *our_key, const char *sku,
                  int64_t quantity, const char *tracking);
void fake_finish(struct fake *f); /* what was slow is done */

const struct fake_product *fake_product_of(const struct fake *f, const char *sku);

/* Pulls, fans out and pushes until nothing is due. */
void fake_out(struct fake *f);
/* Fetches, books and tells until nothing is due now. */
void fake_in(struct fake *f);
/* Reads the ERP's deliveries and tells them until nothing is due now. */
void fake_ship(struct fake *f);
/* State of the only order with this shop id; "" when there is none. */
const char *fake_order_state(struct fake *f, const char *id);
struct kt_order_row fake_row_of(struct fake *f, const char *id); /* there is exactly one */
int64_t fake_open_exceptions(struct fake *f);

#endif
