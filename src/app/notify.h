#ifndef KT_APP_NOTIFY_H
#define KT_APP_NOTIFY_H

/* Tells the service manager ("READY=1", "STOPPING=1") over the socket named in NOTIFY_SOCKET;
 * nothing happens without one. 0, or -1 with errno: the message did not get there. */
int kt_notify(const char *state);

#endif
