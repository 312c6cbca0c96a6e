/* Small tables of NAV that the session keeps for a run. Session's thread; called by feed.c, the
 * decoders and the codeunit's part. */
#include "lists.h"

#include <string.h>

#include "page.h"

void kt_nav_lists_forget(struct kt_erp *erp)
{
    erp->has_lists = false;
    memset(erp->is_absent, 0, sizeof erp->is_absent);
}

static enum kt_rc load_tracking(struct kt_erp *erp, struct kt_err *e)
{
    struct kt_nav_rows rows;
    enum kt_rc rc = kt_nav_read_whole(erp, KT_NAV_TRACKING, &rows, erp->lists, e);
    if (rc != KT_OK)
        return rc;
    const struct kt_nav_tracking *row = rows.item;
    erp->serial_code = KT_NEW_ARRAY(erp->lists, rows.count + 1, struct kt_str);
    erp->serial_codes = 0;
    for (size_t i = 0; i < rows.count; i++) {
        if (row[i].is_serial || row[i].is_serial_sold)
            erp->serial_code[erp->serial_codes++] = row[i].code;
    }
    return KT_OK;
}

static enum kt_rc load_units(struct kt_erp *erp, struct kt_err *e)
{
    struct kt_nav_rows rows = { 0 };
    enum kt_rc rc = KT_OK;
    if (erp->conf->unit_codes == KT_NAV_UNITS_ISO)
        rc = kt_nav_read_whole(erp, KT_NAV_UOM, &rows, erp->lists, e);
    erp->uom = rows.item;
    erp->uoms = rc == KT_OK ? rows.count : 0;
    return rc;
}

enum kt_rc kt_nav_lists_load(struct kt_erp *erp, struct kt_err *e)
{
    if (erp->has_lists)
        return KT_OK;
    kt_arena_reset(erp->lists);
    erp->serial_codes = 0;
    erp->uoms = 0;
    enum kt_rc rc = load_tracking(erp, e);
    if (rc == KT_OK)
        rc = load_units(erp, e);
    erp->has_lists = rc == KT_OK;
    return rc;
}

bool kt_nav_is_serial(const struct kt_erp *erp, struct kt_str tracking_code)
{
    for (size_t i = 0; i < erp->serial_codes; i++) {
        if (kt_str_eq(erp->serial_code[i], tracking_code))
            return true;
    }
    return false;
}

/* The one unit with this standard code; NULL: none, or several, which it cannot tell apart. */
static const struct kt_nav_uom *only_one(const struct kt_erp *erp, struct kt_str iso)
{
    const struct kt_nav_uom *found = NULL;
    for (size_t i = 0; i < erp->uoms; i++) {
        if (!kt_str_eq(erp->uom[i].iso, iso))
            continue;
        if (found != NULL)
            return NULL;
        found = &erp->uom[i];
    }
    return found;
}

struct kt_str kt_nav_unit(const struct kt_erp *erp, struct kt_str code)
{
    for (size_t i = 0; code.n > 0 && i < erp->uoms; i++) {
        const struct kt_nav_uom *u = &erp->uom[i];
        if (kt_str_eq(u->code, code))
            return u->iso.n > 0 && only_one(erp, u->iso) != NULL ? u->iso : code;
    }
    return code;
}

struct kt_str kt_nav_unit_code(const struct kt_erp *erp, struct kt_str unit)
{
    const struct kt_nav_uom *u = unit.n > 0 ? only_one(erp, unit) : NULL;
    return u != NULL ? u->code : unit;
}
