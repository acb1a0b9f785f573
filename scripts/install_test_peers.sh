#!/bin/sh
# Installs the real programs that the tests hold dhip against (Debian and Ubuntu packages), and
# builds the one that is made here of others' library.
# May be run again at any time: what is there stays as it is. Needs root, or sudo.
set -eu

# package            program or file that shows it is there
PEERS="
apache2-bin          /usr/sbin/apache2
lighttpd             /usr/sbin/lighttpd
curl                 /usr/bin/curl
openssl              /usr/bin/openssl
ffmpeg               /usr/bin/ffmpeg
python3-gi           /usr/lib/python3/dist-packages/gi/__init__.py
gir1.2-gst-rtsp-server-1.0 /usr/lib/x86_64-linux-gnu/girepository-1.0/GstRtspServer-1.0.typelib
gstreamer1.0-plugins-base /usr/lib/x86_64-linux-gnu/gstreamer-1.0/libgstvideotestsrc.so
gstreamer1.0-plugins-good /usr/lib/x86_64-linux-gnu/gstreamer-1.0/libgstalaw.so
gstreamer1.0-plugins-bad /usr/lib/x86_64-linux-gnu/gstreamer-1.0/libgstx265.so
gstreamer1.0-plugins-ugly /usr/lib/x86_64-linux-gnu/gstreamer-1.0/libgstx264.so
gstreamer1.0-libav   /usr/lib/x86_64-linux-gnu/gstreamer-1.0/libgstlibav.so
zsh                  /usr/bin/zsh
fish                 /usr/bin/fish
libjpeg-turbo-progs  /usr/bin/djpeg
systemd              /usr/bin/systemd-analyze
tshark               /usr/bin/tshark
gcc                  /usr/bin/gcc
pkg-config           /usr/bin/pkg-config
libnice-dev          /usr/include/nice/pseudotcp.h
groff-base           /usr/bin/groff
"

# A transport for a device's side of the tunnel: libnice's PseudoTcp on a UDP port.
build() {
  cd "$(dirname "$0")/../tests/peers"
  [ -z "$(find . -name '*.[ch]' -newer build/nice_peer 2>&1)" ] && return
  mkdir -p build
  # shellcheck disable=SC2046
  gcc -O2 -Wall -Wextra -Wno-unused-parameter -o build/nice_peer ./*.c \
    $(pkg-config --cflags --libs nice glib-2.0)
}

missing=$(echo "$PEERS" | while read -r package file; do
  [ -z "$package" ] || [ -e "$file" ] || echo "$package"
done)
if [ -z "$missing" ]; then
  build
  exit
fi

if ! command -v apt-get >/dev/null; then
  echo "install_test_peers: no apt-get here; install by hand:" $missing >&2
  exit 1
fi

sudo=
[ "$(id -u)" = 0 ] || sudo=sudo

# The tests start these programs themselves, on loopback; no service is to run besides.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" >/dev/null
  $sudo chmod 755 "$policy"
  trap '$sudo rm -f "$policy"' EXIT
fi

log=$(mktemp)
apt() {
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" \
    >"$log" 2>&1
}
# Package lists may be missing or too old to download from.
# shellcheck disable=SC2086
if ! apt install -y --no-install-recommends $missing; then
  if ! { apt update && apt install -y --no-install-recommends $missing; }; then
    cat "$log" >&2
    exit 1
  fi
fi
rm -f "$log"
build
