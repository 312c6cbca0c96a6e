# Copies IN to OUT with one line more: PENDING is taken for ABSENT. Stops where the place is gone.
file(READ ${IN} text)
set(place "    *due_us = now_us;\n    if (l->found == KT_FOUND)\n")
string(REPLACE "${place}" "    if (l->found == KT_PENDING)\n        l->found = KT_ABSENT;\n${place}"
    changed "${text}")
if(changed STREQUAL text)
    message(FATAL_ERROR "${IN}: the place where a look-up is judged was not found")
endif()
file(WRITE ${OUT} "${changed}")
