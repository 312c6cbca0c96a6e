#ifndef KT_ERP_NAV_ROW_H
#define KT_ERP_NAV_ROW_H

#include "base/xml_read.h"
#include "session.h"

/* The rows below a list element, by the page's table and the site's names. Never fails: a field
 * that cannot be read is noted in its row. */
void kt_nav_rows_decode(const struct kt_nav_site *site, enum kt_nav_role role,
                        const struct kt_xml_node *list, void **item, size_t *count,
                        struct kt_arena *a);

/* "A_x003D_B" as "A=B": how NAV writes values of options as XML names. */
struct kt_str kt_nav_option_text(struct kt_str text, struct kt_arena *a);

#endif
