#include "device.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DATA_MAX 1280
/* A realm or the transport that has so much waiting takes no more. */
#define WAITING_MAX (128 * 1024)
#define HEARTBEAT_US (5 * G_USEC_PER_SEC)
#define SIGN "sign-of-a-test-device"

enum {
  TOU_DATA = 0x10,
  TOU_BIND = 0x11,
  TOU_STATUS = 0x12,
  TOU_HEARTBEAT = 0x13,
  TOU_SIGN_REQUEST = 0x17,
  TOU_SIGN_RESPONSE = 0x18,
  TOU_AUTH = 0x19,
  TOU_AUTH_OK = 0x1a,
  TOU_AUTH_DONE = 0x1b,
};

typedef struct {
  guint32 id;
  int fd;
  GByteArray *to_service;
} Realm;

struct Device {
  PseudoTcpSocket *tcp;
  GHashTable *ports;
  GHashTable *realms; /* by id */
  GByteArray *in;
  GByteArray *out;
  guint64 messages[16];
  gint64 next_heartbeat;
};

static void
realm_free (gpointer data)
{
  Realm *realm = data;

  close (realm->fd);
  g_byte_array_unref (realm->to_service);
  g_free (realm);
}

Device *
device_new (PseudoTcpSocket *tcp, GHashTable *ports, gboolean heartbeats)
{
  Device *device = g_new0 (Device, 1);

  device->tcp = tcp;
  device->ports = ports;
  device->realms = g_hash_table_new_full (g_direct_hash, g_direct_equal, NULL, realm_free);
  device->in = g_byte_array_new ();
  device->out = g_byte_array_new ();
  device->next_heartbeat = heartbeats ? 0 : G_MAXINT64;
  return device;
}

void
device_free (Device *device)
{
  g_hash_table_unref (device->realms);
  g_byte_array_unref (device->in);
  g_byte_array_unref (device->out);
  g_free (device);
}

guint64
device_messages (Device *device, guint type)
{
  return device->messages[type & 0x0f];
}

static guint32
get32 (const guint8 *bytes)
{
  guint32 value;

  memcpy (&value, bytes, 4);
  return ntohl (value);
}

static void
say (Device *device, guint8 type, guint length, guint32 realm, const void *tail, guint tail_length)
{
  guint8 head[12] = { type, length >> 16, length >> 8, length };
  guint32 wire = htonl (realm);

  memcpy (head + 4, &wire, 4);
  g_byte_array_append (device->out, head, sizeof head);
  g_byte_array_append (device->out, tail, tail_length);
}

static void
status (Device *device, guint32 realm, const char *word)
{
  say (device, TOU_STATUS, 0, realm, word, 4);
}

static void
bind_realm (Device *device, guint32 id, guint32 port)
{
  guint to = GPOINTER_TO_UINT (g_hash_table_lookup (device->ports, GUINT_TO_POINTER (port)));
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons (to) };
  Realm *realm;
  int fd;

  /* The repeated BIND of a client that lost its patience. */
  if (g_hash_table_contains (device->realms, GUINT_TO_POINTER (id))) {
    status (device, id, "CONN");
    return;
  }
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (to == 0 || connect (fd, (struct sockaddr *) &address, sizeof address) != 0) {
    close (fd);
    status (device, id, "DISC");
    return;
  }
  fcntl (fd, F_SETFL, O_NONBLOCK);
  realm = g_new0 (Realm, 1);
  realm->id = id;
  realm->fd = fd;
  realm->to_service = g_byte_array_new ();
  g_hash_table_insert (device->realms, GUINT_TO_POINTER (id), realm);
  status (device, id, "CONN");
}

/* Bytes of the message at the head of `in`; 0 while it is not whole. */
static guint
message_size (Device *device)
{
  const guint8 *in = device->in->data;
  guint available = device->in->len, size;

  if (available < 12)
    return 0;
  switch (in[0]) {
    case TOU_BIND:
      size = 20;
      break;
    case TOU_STATUS:
      size = 16;
      break;
    case TOU_AUTH:
      /* Its length field is 0 and the sign ends with the segment, which a stream does not show. */
      size = 12 + strlen (SIGN);
      break;
    case TOU_DATA:
      size = 12 + (get32 (in) & 0xffffff);
      break;
    default:
      size = 12;
  }
  return available < size ? 0 : size;
}

static void
take_message (Device *device, guint size)
{
  const guint8 *in = device->in->data;
  guint32 id = get32 (in + 4);
  Realm *realm = g_hash_table_lookup (device->realms, GUINT_TO_POINTER (id));

  device->messages[in[0] & 0x0f]++;
  switch (in[0]) {
    case TOU_BIND:
      bind_realm (device, id, get32 (in + 12));
      break;
    case TOU_DATA:
      if (realm == NULL)
        status (device, id, "DISC");
      else
        g_byte_array_append (realm->to_service, in + 12, size - 12);
      break;
    case TOU_STATUS:
      if (realm != NULL && memcmp (in + 12, "DISC", 4) == 0) {
        /* What was sent before the DISC is delivered: small enough for a socket's buffer. */
        if (realm->to_service->len > 0 &&
            send (realm->fd, realm->to_service->data, realm->to_service->len, MSG_NOSIGNAL) < 0)
          g_printerr ("realm %u: %s\n", id, g_strerror (errno));
        g_hash_table_remove (device->realms, GUINT_TO_POINTER (id));
        status (device, id, "DISC");
      }
      break;
    case TOU_SIGN_REQUEST:
      say (device, TOU_SIGN_RESPONSE, 0, 0, SIGN, strlen (SIGN));
      break;
    case TOU_AUTH:
      say (device, TOU_AUTH_OK, 0, 0, NULL, 0);
      break;
    case TOU_HEARTBEAT:
    case TOU_AUTH_DONE:
      break;
    default:
      g_error ("A message of type %02x: the stream is out of step", in[0]);
  }
  g_byte_array_remove_range (device->in, 0, size);
}

static gboolean
full (Device *device)
{
  GHashTableIter iter;
  Realm *realm;

  g_hash_table_iter_init (&iter, device->realms);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &realm)) {
    if (realm->to_service->len > WAITING_MAX)
      return TRUE;
  }
  return device->out->len > WAITING_MAX;
}

static void
pump_realms (Device *device)
{
  GHashTableIter iter;
  Realm *realm;

  g_hash_table_iter_init (&iter, device->realms);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &realm)) {
    guint8 bytes[DATA_MAX];
    gssize count = -1;

    if (realm->to_service->len > 0) {
      count = send (realm->fd, realm->to_service->data, realm->to_service->len, MSG_NOSIGNAL);
      if (count > 0)
        g_byte_array_remove_range (realm->to_service, 0, count);
    }
    while (device->out->len < WAITING_MAX &&
        (count = recv (realm->fd, bytes, sizeof bytes, 0)) > 0)
      say (device, TOU_DATA, count, realm->id, bytes, count);
    if (device->out->len < WAITING_MAX &&
        (count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK))) {
      status (device, realm->id, "DISC");
      g_hash_table_iter_remove (&iter);
    }
  }
}

void
device_pump (Device *device, gint64 now)
{
  gchar bytes[16384];
  gint count;
  guint size;

  while (!full (device) &&
      (count = pseudo_tcp_socket_recv (device->tcp, bytes, sizeof bytes)) > 0) {
    g_byte_array_append (device->in, (guint8 *) bytes, count);
    while ((size = message_size (device)) > 0)
      take_message (device, size);
  }
  pump_realms (device);
  if (now >= device->next_heartbeat) {
    say (device, TOU_HEARTBEAT, 0, 0, NULL, 0);
    device->next_heartbeat = now + HEARTBEAT_US;
  }
  if (device->out->len > 0) {
    count = pseudo_tcp_socket_send (device->tcp, (gchar *) device->out->data, device->out->len);
    if (count > 0)
      g_byte_array_remove_range (device->out, 0, count);
  }
}

void
device_wait_for (Device *device, GArray *pollfds)
{
  GHashTableIter iter;
  Realm *realm;

  g_hash_table_iter_init (&iter, device->realms);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &realm)) {
    struct pollfd item = { .fd = realm->fd };

    item.events = (device->out->len < WAITING_MAX ? POLLIN : 0) |
        (realm->to_service->len > 0 ? POLLOUT : 0);
    if (item.events != 0)
      g_array_append_val (pollfds, item);
  }
}
