#ifndef KT_STORE_MIGRATIONS_H
#define KT_STORE_MIGRATIONS_H

#include <stddef.h>

/* migrations/NNNN_name.sql, embedded at build time in the order of their numbers. */
struct kt_migration {
    int number;
    const char *name;
    const unsigned char *text;
    size_t size;
};

extern const struct kt_migration kt_migrations[];
extern const size_t kt_migration_count;

#endif
