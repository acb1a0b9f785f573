#include "link.h"

#include <stdlib.h>
#include <string.h>

/* A datagram that is overtaken waits for so many later ones at most, and no longer than this. */
#define OVERTAKEN_MAX 4
#define HELD_MAX_US 10000

typedef struct {
  gint64 due;
  guint overtakes;
  gsize length;
  guint8 bytes[];
} Datagram;

struct Link {
  gdouble loss, dup, reorder;
  gint64 delay, jitter;
  guint first;
  guint32 state;
  LinkDeliver deliver;
  gpointer data;
  GQueue under_way; /* by `due` */
  GQueue held;      /* waits to be overtaken */
};

static gdouble
chance (Link *link)
{
  /* xorshift32 */
  link->state ^= link->state << 13;
  link->state ^= link->state >> 17;
  link->state ^= link->state << 5;
  return link->state / 4294967296.0;
}

Link *
link_new (const gchar *spec, guint32 seed, LinkDeliver deliver, gpointer data)
{
  Link *link = g_new0 (Link, 1);
  gchar **items = g_strsplit (spec == NULL ? "" : spec, ",", -1);
  gboolean good = TRUE;

  for (gchar **item = items; *item != NULL; item++) {
    gchar *equals = strchr (*item, '=');
    gdouble value;

    if (**item == '\0')
      continue;
    if (equals == NULL) {
      good = FALSE;
      break;
    }
    *equals = '\0';
    value = g_ascii_strtod (equals + 1, NULL);
    if (strcmp (*item, "loss") == 0)
      link->loss = value / 100;
    else if (strcmp (*item, "dup") == 0)
      link->dup = value / 100;
    else if (strcmp (*item, "reorder") == 0)
      link->reorder = value / 100;
    else if (strcmp (*item, "delay") == 0)
      link->delay = value * 1000;
    else if (strcmp (*item, "jitter") == 0)
      link->jitter = value * 1000;
    else if (strcmp (*item, "first") == 0)
      link->first = value;
    else
      good = FALSE;
  }
  g_strfreev (items);
  /* Seeds that are close give states that are not; 0 would stay 0. */
  link->state = seed * 2654435761u ^ 0x9e3779b9u;
  if (link->state == 0)
    link->state = 1;
  link->deliver = deliver;
  link->data = data;
  g_queue_init (&link->under_way);
  g_queue_init (&link->held);
  if (!good)
    g_clear_pointer (&link, g_free);
  return link;
}

void
link_free (Link *link)
{
  g_queue_clear_full (&link->under_way, g_free);
  g_queue_clear_full (&link->held, g_free);
  g_free (link);
}

static void
enqueue (Link *link, Datagram *datagram)
{
  GList *after = link->under_way.tail;

  while (after != NULL && ((Datagram *) after->data)->due > datagram->due)
    after = after->prev;
  if (after == NULL)
    g_queue_push_head (&link->under_way, datagram);
  else
    g_queue_insert_after (&link->under_way, after, datagram);
}

static void
pass (Link *link, const guint8 *bytes, gsize length, gint64 now)
{
  gint64 delay = link->delay;
  Datagram *datagram;

  if (link->jitter > 0)
    delay += link->jitter * chance (link);
  if (delay == 0 && link->under_way.length == 0) {
    link->deliver (bytes, length, link->data);
    return;
  }
  datagram = g_malloc (sizeof (Datagram) + length);
  datagram->due = now + delay;
  datagram->length = length;
  memcpy (datagram->bytes, bytes, length);
  enqueue (link, datagram);
}

/* The held datagram goes on its way. */
static void
let_go (Link *link, GList *place, gint64 now)
{
  Datagram *datagram = place->data;

  g_queue_delete_link (&link->held, place);
  pass (link, datagram->bytes, datagram->length, now);
  g_free (datagram);
}

void
link_push (Link *link, const guint8 *bytes, gsize length, gint64 now)
{
  if (link->first > 0) {
    link->first--;
    return;
  }
  if (link->loss > 0 && chance (link) < link->loss)
    return;
  if (link->reorder > 0 && chance (link) < link->reorder) {
    Datagram *datagram = g_malloc (sizeof (Datagram) + length);

    datagram->due = now + HELD_MAX_US;
    datagram->overtakes = 1 + (guint) (chance (link) * OVERTAKEN_MAX);
    datagram->length = length;
    memcpy (datagram->bytes, bytes, length);
    g_queue_push_tail (&link->held, datagram);
    return;
  }
  pass (link, bytes, length, now);
  if (link->dup > 0 && chance (link) < link->dup)
    pass (link, bytes, length, now);
  for (GList *place = link->held.head, *next; place != NULL; place = next) {
    next = place->next;
    if (--((Datagram *) place->data)->overtakes == 0)
      let_go (link, place, now);
  }
}

void
link_release (Link *link, gint64 now)
{
  Datagram *datagram;

  while ((datagram = g_queue_peek_head (&link->held)) != NULL && datagram->due <= now)
    let_go (link, link->held.head, now);
  while ((datagram = g_queue_peek_head (&link->under_way)) != NULL && datagram->due <= now) {
    g_queue_pop_head (&link->under_way);
    link->deliver (datagram->bytes, datagram->length, link->data);
    g_free (datagram);
  }
}

gint64
link_deadline (const Link *link)
{
  const Datagram *under_way = link->under_way.head == NULL ? NULL : link->under_way.head->data;
  const Datagram *held = link->held.head == NULL ? NULL : link->held.head->data;

  return MIN (under_way == NULL ? G_MAXINT64 : under_way->due,
      held == NULL ? G_MAXINT64 : held->due);
}
