#ifndef KT_APP_MAPPING_SAMPLE_H
#define KT_APP_MAPPING_SAMPLE_H

#include "flow/site.h"

/* Sample records of every kind with every field, made from the shapes, and their fields one by one:
 * what `kontor mapping doc` runs the mappings on. */

enum { KT_LEAF_DEPTH = 4 };

/* A field that holds a value, by the way to it: texts, name. */
struct kt_leaf {
    enum kt_kind kind;
    const struct kt_field *field[KT_LEAF_DEPTH];
    unsigned depth;
    const char *path; /* "texts.name" */
};

struct kt_leaf *kt_leaves(enum kt_kind kind, size_t *count, struct kt_arena *a);
const struct kt_field *kt_leaf_field(const struct kt_leaf *leaf);
/* It names a record: its own key, or the one it hangs on. What it reaches is found by its value. */
bool kt_leaf_is_name(const struct kt_leaf *leaf);

/* What the samples are called in every record. */
#define KT_SAMPLE_SCOPE    "kontor-sample"
#define KT_SAMPLE_PRODUCT  "Sample-Page"
#define KT_SAMPLE_SKU      "Sample-Article-1"
#define KT_SAMPLE_CATEGORY "Sample-Category"

struct kt_sample_for {
    const struct kt_channel_site *channel;
    bool is_matrix; /* the page has two variants and an axis; else one variant */
    bool is_lean;   /* only what a record needs to be shown at all */
};

/* number: 0, of variants of a matrix also 1. */
void *kt_sample(const struct kt_sample_for *s, enum kt_kind kind, int number, struct kt_arena *a);
/* Text that stands for this name in the samples; NULL: not looked for. */
const char *kt_sample_name(const struct kt_leaf *leaf);

/* Of a lean sample: has this field, too. */
void kt_leaf_keep(const struct kt_leaf *leaf, void *record);
/* Gives the leaf its turn-th other value. False: there is no such one. */
bool kt_leaf_change(const struct kt_leaf *leaf, void *record, int turn, struct kt_arena *a) KT_MUST;

#endif
