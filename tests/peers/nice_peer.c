/*
 * libnice's PseudoTcp on a UDP port of 127.0.0.1: the transport of a device, written by others.
 *
 *     nice_peer [--active=PORT] [--receive=BYTES] [--send=BYTES] [--echo | --device=80:8080,...] ...
 *
 * Prints a line of JSON when it listens (its port), one when it has sent and received what it was
 * told to, and one with its counters when its standard input ends; until then it keeps answering.
 *
 * What can be seen of libnice 0.1.21 here (the reference of the protocol knows the consequences):
 * - first segment 50544350 00000000 00000000 0002f000 <ms> 00000000 00030100; 0002ffff with
 *   --rcv-buf=65535; with `support-fin-ack` left on, the option fe 01 00 follows;
 * - an unanswered SYN is repeated after 1 s, without back-off;
 * - an MTU of 1408 gives segments of 1292 bytes in datagrams of 1316;
 * - a zero-window probe is an empty segment with SEQ = next - 1;
 * - a forced close sends nothing.
 */

#define _GNU_SOURCE /* ppoll */
#include <arpa/inet.h>
#include <errno.h>
#include <nice/pseudotcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "device.h"
#include "link.h"

#define CONVERSATION 0x50544350
#define HEADER_SIZE 24
#define FLAG_CTL 0x02
#define SYN_SIZE 4
#define BATCH 64

/* Options. */
static gint active_port, rcv_buf = 65535, snd_buf, mtu = 1408, seed = 1;
static gint64 to_receive, to_send, stall_at = -1, stall_ms, read_rate;
static gboolean echo, no_delay;
static gchar *in_spec, *out_spec, *device_spec;

static const GOptionEntry options[] = {
  { "active", 0, 0, G_OPTION_ARG_INT, &active_port, "Open to this port of 127.0.0.1", "PORT" },
  { "receive", 0, 0, G_OPTION_ARG_INT64, &to_receive, "Bytes that are to come", "BYTES" },
  { "send", 0, 0, G_OPTION_ARG_INT64, &to_send, "Bytes of a pattern to send", "BYTES" },
  { "echo", 0, 0, G_OPTION_ARG_NONE, &echo, "Send back what comes", NULL },
  { "device", 0, 0, G_OPTION_ARG_STRING, &device_spec,
      "Serve realms from TCP ports of 127.0.0.1; a client that begins again is taken", "80:8080,..." },
  { "seed", 0, 0, G_OPTION_ARG_INT, &seed, "Of the pattern and the impairments", "N" },
  { "rcv-buf", 0, 0, G_OPTION_ARG_INT, &rcv_buf, "Receive buffer (65535)", "BYTES" },
  { "snd-buf", 0, 0, G_OPTION_ARG_INT, &snd_buf, "Send buffer (libnice's)", "BYTES" },
  { "mtu", 0, 0, G_OPTION_ARG_INT, &mtu, "116 more than the largest segment (1408)", "BYTES" },
  { "no-delay", 0, 0, G_OPTION_ARG_NONE, &no_delay, "Nagle off", NULL },
  { "stall-at", 0, 0, G_OPTION_ARG_INT64, &stall_at, "Stop reading after so much", "BYTES" },
  { "stall-ms", 0, 0, G_OPTION_ARG_INT64, &stall_ms, "and go on after this time", "MS" },
  { "read-rate", 0, 0, G_OPTION_ARG_INT64, &read_rate, "Read so much per second at most", "BYTES" },
  { "in", 0, 0, G_OPTION_ARG_STRING, &in_spec, "Impairment of what comes, see link.h", "LIST" },
  { "out", 0, 0, G_OPTION_ARG_STRING, &out_spec, "Impairment of what goes", "LIST" },
  { NULL }
};

typedef struct {
  guint64 segments, bytes, empty, syns, repeated;
  guint32 next; /* highest offset behind a body */
  gchar first[2 * 64 + 1];
} Direction;

static Direction in, out;
static guint64 overrun, probes, zero_windows, bad_echoes, zero_timestamps, largest;
static guint32 right_edge, acknowledged, latest_timestamp;
static guint window_shift;

static PseudoTcpSocket *tcp;
static Device *device;
static GHashTable *ports;
static Link *link_in, *link_out;
static int udp;
static struct sockaddr_in peer;
static GChecksum *sent_sum, *received_sum;
static guint64 sent, received;
static gint64 started, stalled_until, done_at;
static gboolean closed;
static guint32 close_error;
static guint32 pattern_state;

static guint32
get32 (const guint8 *bytes)
{
  guint32 value;

  memcpy (&value, bytes, 4);
  return ntohl (value);
}

/* Counts a segment; FALSE when it is none. */
static gboolean
count (Direction *way, const guint8 *bytes, gsize length)
{
  guint32 sequence, body = length - HEADER_SIZE;

  if (length < HEADER_SIZE || get32 (bytes) != CONVERSATION)
    return FALSE;
  if (way->segments++ == 0) {
    for (gsize i = 0; i < MIN (length, 64); i++)
      g_snprintf (way->first + 2 * i, 3, "%02x", bytes[i]);
  }
  sequence = get32 (bytes + 4);
  if (bytes[13] & FLAG_CTL)
    way->syns++;
  if (body == 0) {
    way->empty++;
    return TRUE;
  }
  way->bytes += body;
  if ((gint32) (sequence + body - way->next) <= 0)
    way->repeated++;
  else
    way->next = sequence + body;
  return TRUE;
}

static void
count_in (const guint8 *bytes, gsize length)
{
  guint32 end, echoed;

  if (!count (&in, bytes, length))
    return;
  end = get32 (bytes + 4) + (length - HEADER_SIZE);
  if ((gint32) (get32 (bytes + 8) - acknowledged) > 0)
    acknowledged = get32 (bytes + 8);
  if (length > HEADER_SIZE && !(bytes[13] & FLAG_CTL)) {
    gint32 beyond = end - right_edge;

    if (beyond > 0)
      overrun += beyond;
  }
  largest = MAX (largest, length);
  if (get32 (bytes + 16) == 0)
    zero_timestamps++;
  echoed = get32 (bytes + 20);
  if (echoed != 0 && (gint32) (echoed - latest_timestamp) > 0)
    bad_echoes++;
}

static void
count_out (const guint8 *bytes, gsize length)
{
  guint32 window = bytes[14] << 8 | bytes[15], edge;

  count (&out, bytes, length);
  edge = get32 (bytes + 8) + (window << window_shift);
  if (out.segments == 1 || (gint32) (edge - right_edge) > 0)
    right_edge = edge;
  if (window == 0)
    zero_windows++;
  if (length == HEADER_SIZE && get32 (bytes + 4) == out.next - 1)
    probes++;
  latest_timestamp = get32 (bytes + 16);
}

static PseudoTcpWriteResult
write_packet (PseudoTcpSocket *socket, const gchar *bytes, guint32 length, gpointer data)
{
  count_out ((const guint8 *) bytes, length);
  link_push (link_out, (const guint8 *) bytes, length, g_get_monotonic_time ());
  return WR_SUCCESS;
}

static void
deliver_out (const guint8 *bytes, gsize length, gpointer data)
{
  if (peer.sin_port != 0)
    sendto (udp, bytes, length, 0, (struct sockaddr *) &peer, sizeof peer);
}

static void
deliver_in (const guint8 *bytes, gsize length, gpointer data)
{
  count_in (bytes, length);
  pseudo_tcp_socket_notify_packet (tcp, (const gchar *) bytes, length);
}

static void
nothing (PseudoTcpSocket *socket, gpointer data)
{
}

static void
on_closed (PseudoTcpSocket *socket, guint32 error, gpointer data)
{
  closed = TRUE;
  close_error = error;
}

static void
open_socket (void)
{
  static PseudoTcpCallbacks callbacks = { NULL, nothing, nothing, nothing, on_closed, write_packet };

  g_clear_pointer (&device, device_free);
  g_clear_object (&tcp);
  tcp = g_object_new (PSEUDO_TCP_SOCKET_TYPE, "conversation", CONVERSATION, "callbacks", &callbacks,
      "support-fin-ack", FALSE, "rcv-buf", rcv_buf, "no-delay", no_delay, NULL);
  if (snd_buf > 0)
    g_object_set (tcp, "snd-buf", snd_buf, NULL);
  pseudo_tcp_socket_notify_mtu (tcp, mtu);
  for (window_shift = 0; rcv_buf >> window_shift > 0xffff;)
    window_shift++;
  in.next = out.next = right_edge = acknowledged = 0;
  closed = FALSE;
  if (ports != NULL)
    device = device_new (tcp, ports, TRUE);
}

static gboolean
is_done (void)
{
  return received >= (guint64) to_receive && sent >= (guint64) to_send &&
      acknowledged == (guint32) (SYN_SIZE + sent);
}

static void
fill (guint8 *bytes, gsize length)
{
  for (gsize i = 0; i < length; i++) {
    pattern_state = pattern_state * 1664525 + 1013904223;
    bytes[i] = pattern_state >> 24;
  }
}

/* Bytes that were made or received and not taken by the transport yet. */
static GByteArray *waiting;

static void
send_waiting (void)
{
  for (;;) {
    gint taken;

    if (waiting->len == 0 && sent + waiting->len < (guint64) to_send) {
      g_byte_array_set_size (waiting, MIN (16384, to_send - sent));
      fill (waiting->data, waiting->len);
    }
    if (waiting->len == 0)
      return;
    taken = pseudo_tcp_socket_send (tcp, (gchar *) waiting->data, waiting->len);
    if (taken <= 0)
      return;
    g_checksum_update (sent_sum, waiting->data, taken);
    sent += taken;
    g_byte_array_remove_range (waiting, 0, taken);
  }
}

static void
read_all (gint64 now)
{
  guint8 bytes[16384];

  while (waiting->len == 0 || !echo) {
    gsize most = sizeof bytes;
    gint count;

    if (stall_at >= 0 && received >= (guint64) stall_at) {
      stalled_until = now + stall_ms * 1000;
      stall_at = -1;
    }
    if (now < stalled_until)
      return;
    if (stall_at >= 0)
      most = MIN (most, stall_at - received);
    if (read_rate > 0)
      most = MIN (most, (gdouble) (now - started) * read_rate / G_USEC_PER_SEC - received);
    if (most == 0)
      return;
    count = pseudo_tcp_socket_recv (tcp, (gchar *) bytes, most);
    if (count <= 0)
      return;
    received += count;
    g_checksum_update (received_sum, bytes, count);
    if (echo) {
      g_byte_array_append (waiting, bytes, count);
      send_waiting ();
    }
  }
}

static void
pump (gint64 now)
{
  if (device != NULL) {
    device_pump (device, now);
    return;
  }
  read_all (now);
  send_waiting ();
}

static void
print_direction (const gchar *name, const Direction *way)
{
  printf ("\"%s\":{\"segments\":%" G_GUINT64_FORMAT ",\"bytes\":%" G_GUINT64_FORMAT
      ",\"empty\":%" G_GUINT64_FORMAT ",\"syns\":%" G_GUINT64_FORMAT ",\"repeated\":%"
      G_GUINT64_FORMAT ",\"first\":\"%s\"},", name, way->segments, way->bytes, way->empty,
      way->syns, way->repeated, way->first);
}

static void
print_report (const gchar *event)
{
  PseudoTcpState state;

  g_object_get (tcp, "state", &state, NULL);
  printf ("{\"event\":\"%s\",", event);
  print_direction ("in", &in);
  print_direction ("out", &out);
  printf ("\"received\":%" G_GUINT64_FORMAT ",\"receivedSha256\":\"%s\",", received,
      g_checksum_get_string (g_checksum_copy (received_sum)));
  printf ("\"sent\":%" G_GUINT64_FORMAT ",\"sentSha256\":\"%s\",", sent,
      g_checksum_get_string (g_checksum_copy (sent_sum)));
  printf ("\"overrun\":%" G_GUINT64_FORMAT ",\"probes\":%" G_GUINT64_FORMAT ",\"zeroWindows\":%"
      G_GUINT64_FORMAT ",\"badEchoes\":%" G_GUINT64_FORMAT ",\"zeroTimestamps\":%" G_GUINT64_FORMAT
      ",\"largest\":%" G_GUINT64_FORMAT ",", overrun, probes, zero_windows, bad_echoes,
      zero_timestamps, largest);
  printf ("\"heartbeats\":%" G_GUINT64_FORMAT ",\"binds\":%" G_GUINT64_FORMAT ",",
      device == NULL ? 0 : device_messages (device, 0x13),
      device == NULL ? 0 : device_messages (device, 0x11));
  printf ("\"closed\":%s,\"closeError\":%u,\"state\":%d,\"ms\":%" G_GINT64_FORMAT "}\n",
      closed ? "true" : "false", close_error, state,
      ((done_at > 0 ? done_at : g_get_monotonic_time ()) - started) / 1000);
  fflush (stdout);
}

static void
take_datagrams (gint64 now)
{
  guint8 bytes[65536];

  for (int i = 0; i < BATCH; i++) {
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    gssize length =
        recvfrom (udp, bytes, sizeof bytes, MSG_DONTWAIT, (struct sockaddr *) &from, &size);

    if (length < 0)
      return;
    if (length < HEADER_SIZE || get32 (bytes) != CONVERSATION)
      continue;
    if (from.sin_port != peer.sin_port) {
      /* A device keeps a session per client; this one keeps the newest, begun by a SYN. */
      if (peer.sin_port != 0 && (device == NULL || !(bytes[13] & FLAG_CTL)))
        continue;
      if (peer.sin_port != 0)
        open_socket ();
      peer = from;
    }
    if (started == 0)
      started = now;
    link_push (link_in, bytes, length, now);
  }
}

/* Microseconds until something is to be done. */
static gint64
time_left (gint64 now)
{
  gint64 until = MIN (link_deadline (link_in), link_deadline (link_out));
  guint64 clock = 0;

  if (!closed && pseudo_tcp_socket_get_next_clock (tcp, &clock))
    until = MIN (until, (gint64) clock * 1000);
  if (stalled_until > now)
    until = MIN (until, stalled_until);
  if (read_rate > 0 || device != NULL)
    until = MIN (until, now + 5000);
  return CLAMP (until - now, 0, G_USEC_PER_SEC);
}

static void
notify_clock (gint64 now)
{
  guint64 clock = 0;

  if (!closed && pseudo_tcp_socket_get_next_clock (tcp, &clock) && (gint64) clock * 1000 <= now)
    pseudo_tcp_socket_notify_clock (tcp);
}

/* TRUE when standard input has ended. */
static gboolean
wait_for_events (gint64 left)
{
  GArray *pollfds = g_array_new (FALSE, TRUE, sizeof (struct pollfd));
  struct pollfd items[2] = { { .fd = udp, .events = POLLIN }, { .fd = 0, .events = POLLIN } };
  struct timespec timeout = { left / G_USEC_PER_SEC, left % G_USEC_PER_SEC * 1000 };
  gboolean ended = FALSE;

  g_array_append_vals (pollfds, items, 2);
  if (device != NULL)
    device_wait_for (device, pollfds);
  if (ppoll ((struct pollfd *) pollfds->data, pollfds->len, &timeout, NULL) > 0 &&
      g_array_index (pollfds, struct pollfd, 1).revents != 0) {
    gchar byte;

    ended = read (0, &byte, 1) <= 0;
  }
  g_array_unref (pollfds);
  return ended;
}

static void
map_ports (const gchar *spec)
{
  gchar **pairs = g_strsplit (spec, ",", -1);

  ports = g_hash_table_new (g_direct_hash, g_direct_equal);
  for (gchar **pair = pairs; *pair != NULL; pair++) {
    guint of_device, of_service;

    if (sscanf (*pair, "%u:%u", &of_device, &of_service) == 2)
      g_hash_table_insert (ports, GUINT_TO_POINTER (of_device), GUINT_TO_POINTER (of_service));
  }
  g_strfreev (pairs);
}

int
main (int argc, char **argv)
{
  GOptionContext *context = g_option_context_new (NULL);
  struct sockaddr_in address = { .sin_family = AF_INET };
  socklen_t size = sizeof address;
  int large = 4 * 1024 * 1024;
  GError *error = NULL;

  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error)) {
    g_printerr ("nice_peer: %s\n", error->message);
    return 2;
  }
  g_option_context_free (context);
  link_in = link_new (in_spec, 2 * seed, deliver_in, NULL);
  link_out = link_new (out_spec, 2 * seed + 1, deliver_out, NULL);
  if (link_in == NULL || link_out == NULL) {
    g_printerr ("nice_peer: --in and --out are lists like loss=5,delay=20\n");
    return 2;
  }
  pattern_state = seed;
  waiting = g_byte_array_new ();
  sent_sum = g_checksum_new (G_CHECKSUM_SHA256);
  received_sum = g_checksum_new (G_CHECKSUM_SHA256);
  if (device_spec != NULL)
    map_ports (device_spec);

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  udp = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  setsockopt (udp, SOL_SOCKET, SO_RCVBUF, &large, sizeof large);
  setsockopt (udp, SOL_SOCKET, SO_SNDBUF, &large, sizeof large);
  if (bind (udp, (struct sockaddr *) &address, sizeof address) != 0 ||
      getsockname (udp, (struct sockaddr *) &address, &size) != 0) {
    g_printerr ("nice_peer: %s\n", g_strerror (errno));
    return 1;
  }
  printf ("{\"event\":\"ready\",\"port\":%u}\n", ntohs (address.sin_port));
  fflush (stdout);

  open_socket ();
  if (active_port > 0) {
    peer = address;
    peer.sin_port = htons (active_port);
    started = g_get_monotonic_time ();
    pseudo_tcp_socket_connect (tcp);
  }
  for (;;) {
    gint64 now = g_get_monotonic_time ();

    link_release (link_in, now);
    link_release (link_out, now);
    notify_clock (now);
    pump (now);
    if (done_at == 0 && device == NULL && !echo && is_done ()) {
      done_at = now;
      print_report ("done");
    }
    if (wait_for_events (time_left (now)))
      break;
    take_datagrams (g_get_monotonic_time ());
  }
  print_report ("end");
  return 0;
}
