#!/usr/bin/env bash
# Tries a dhip that was built, without anything else: smoke.sh PROGRAM
# It starts a simulated camera and asks it for what needs the larger parts of the program.
set -euo pipefail

program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
folder=$(mktemp -d)
camera=
finish() {
  [ -z "$camera" ] || kill "$camera" 2>/dev/null || true
  rm -rf "$folder"
}
trap finish EXIT
cd "$folder"

"$program" --version
"$program" help credentials >/dev/null

export DHIP_PASSWORD=smoke-test XDG_CONFIG_HOME=$folder XDG_STATE_HOME=$folder
"$program" simulate --password "$DHIP_PASSWORD" --dhip-port 0 --http-port 0 --rtsp-port 0 >ready &
camera=$!
for _ in $(seq 300); do
  [ ! -s ready ] || break
  sleep 0.1
done
port() { sed -n "s/.*\"$1\":\([0-9]*\),.*\"devices\".*/\1/p" ready; }
target=127.0.0.1:$(port dhipPort)
DHIP_HTTP_PORT=$(port httpPort)
DHIP_RTSP_PORT=$(port rtspPort)
export DHIP_HTTP_PORT DHIP_RTSP_PORT

"$program" info "$target" -o table
"$program" snapshot "$target" gate.jpg
"$program" record "$target" gate.mp4 --duration 2
"$program" probe gate.mp4 -o table
"$program" events "$target" --until 1s -o ndjson >/dev/null
"$program" config get "$target" NTP >/dev/null
echo "smoke: $(basename "$program") works"
