/* Who runs a command, for the audit trail. Main thread; called by the commands. */
#include "app/who.h"

#include <pwd.h>
#include <unistd.h>

enum { PASSWD_MAX = 4096 };

const char *kt_who(struct kt_arena *a)
{
    struct passwd entry;
    struct passwd *found = NULL;
    char *room = kt_alloc(a, PASSWD_MAX);
    if (getpwuid_r(getuid(), &entry, room, PASSWD_MAX, &found) == 0 && found != NULL)
        return kt_format(a, "%s", found->pw_name);
    return kt_format(a, "uid %lu", (unsigned long)getuid());
}
