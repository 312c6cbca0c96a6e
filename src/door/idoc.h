#ifndef KT_DOOR_IDOC_H
#define KT_DOOR_IDOC_H

#include "door/door.h"

/* POST of IDocs as SAP's ports send them (docs/sap-push.md): /idoc as plain XML, /soap/idoc inside
 * a SOAP envelope. Each IDoc of a message is taken by itself, known by sender and number; the
 * answer says that all are stored. Records that are refused become exceptions. When something keeps
 * one from being taken, those before it stay taken, and the whole message may be sent again. */
#define KT_IDOC_PATH      "/idoc"
#define KT_SOAP_IDOC_PATH "/soap/idoc"

void kt_idoc_handle(void *worker, const void *route, const struct kt_request *q, struct kt_reply *r,
                    struct kt_arena *a);

#endif
