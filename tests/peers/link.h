/* One direction of a bad network: loss, duplication, reordering and delay, by seed. */
#ifndef LINK_H
#define LINK_H

#include <glib.h>

typedef struct Link Link;

/* Called with each datagram that arrives at the other end. */
typedef void (*LinkDeliver) (const guint8 *bytes, gsize length, gpointer data);

/*
 * `spec` is a list like "loss=5,dup=1,reorder=5,delay=20,jitter=3,first=2": loss, dup and reorder in
 * percent of the datagrams, delay and jitter in ms, first = number of first datagrams that are lost.
 * NULL when the list cannot be read.
 */
Link *link_new (const gchar *spec, guint32 seed, LinkDeliver deliver, gpointer data);
void link_free (Link *link);

/* A datagram enters at `now` (microseconds); without any delay it arrives within the call. */
void link_push (Link *link, const guint8 *bytes, gsize length, gint64 now);

/* Lets everything arrive that is due at `now`. */
void link_release (Link *link, gint64 now);

/* When link_release has something to do; G_MAXINT64 when nothing is under way. */
gint64 link_deadline (const Link *link);

#endif
