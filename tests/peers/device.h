/* What a device runs over its transport: realms of inner messages, forwarded to its own ports. */
#ifndef DEVICE_H
#define DEVICE_H

#include <nice/pseudotcp.h>

typedef struct Device Device;

/* `ports` maps ports of the device to TCP ports of 127.0.0.1 that serve them; others are closed. */
Device *device_new (PseudoTcpSocket *tcp, GHashTable *ports, gboolean heartbeats);
void device_free (Device *device);

/* Moves what can be moved between the transport and the TCP connections; `now` in microseconds. */
void device_pump (Device *device, gint64 now);

/* Adds what to wait for; device_pump is to be called after. */
void device_wait_for (Device *device, GArray *pollfds);

/* Messages by type (0x10 to 0x1f) that came in. */
guint64 device_messages (Device *device, guint type);

#endif
