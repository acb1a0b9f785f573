#!/bin/sh
# dhip @VERSION@ for @SYSTEM@, in one file: this script, and behind it a compressed archive of Deno
# and the program. It is unpacked once, into a folder of its own, and started from there.
#
# DHIP_CACHE names the folder to unpack to. Without it that is XDG_CACHE_HOME/dhip, ~/.cache/dhip or
# a private folder for temporary files: the first of them that can be used.

dhip_name=@NAME@
dhip_files=@FILES@
dhip_sum=@SUM@
dhip_offset=@OFFSET@

# Where to look: in this order, the ones that are not empty.
if [ -n "${DHIP_CACHE:-}" ]; then
  dhip_1=$DHIP_CACHE dhip_2='' dhip_3=''
  case $dhip_1 in /*) ;; *) dhip_1=$PWD/$dhip_1 ;; esac
else
  dhip_1='' dhip_2='' dhip_3=${TMPDIR:-/tmp}/dhip-$(id -u)
  case ${XDG_CACHE_HOME:-} in /*) dhip_1=$XDG_CACHE_HOME/dhip ;; esac
  # Root may have been lent the HOME of a user, who could then choose what root runs.
  case ${HOME:-} in /*) ! [ -O "$HOME" ] || dhip_2=$HOME/.cache/dhip ;; esac
fi

# Whether nobody else can change what lies in $dhip_base. Who sets DHIP_CACHE vouches for it.
dhip_ours() {
  [ -n "${DHIP_CACHE:-}" ] && return
  [ -O "$dhip_base" ] || return
  if [ "$dhip_base" = "$dhip_3" ]; then ! [ -L "$dhip_base" ]; else [ -O "${dhip_base%/*}" ]; fi
}

# Whether all files are there. From a folder for temporary files some may be taken away.
dhip_complete() {
  set -- "$dhip_base/$dhip_name"/*
  [ $# -eq "$dhip_files" ]
}

dhip_start() {
  # The program puts back what these were, for the programs that it starts.
  [ -z "${DENO_DIR+x}" ] || export DHIP_THEIR_DENO_DIR="$DENO_DIR"
  [ -z "${DENO_NO_UPDATE_CHECK+x}" ] ||
    export DHIP_THEIR_DENO_NO_UPDATE_CHECK="$DENO_NO_UPDATE_CHECK"
  export DENO_DIR="$dhip_base/$dhip_name/.deno" DENO_NO_UPDATE_CHECK=1
  exec "$dhip_base/$dhip_name/deno" run @FLAGS@ \
    "$dhip_base/$dhip_name/main.js" "$@"
}

# Unpacks into $dhip_base. Prints why it cannot: with 1 another folder may do, with 3 none.
dhip_unpack() (
  umask 077
  here=$dhip_base/$dhip_name lock=$dhip_base/$dhip_name.lock try=$dhip_base/.try.$$ work=''
  mkdir -p "$dhip_base" || exit 1
  dhip_ours || { echo 'it belongs to somebody else' && exit 1; }
  printf '#!/bin/sh\n' >"$try" && chmod 700 "$try" || exit 1
  "$try" 2>/dev/null || { rm -f "$try" && echo 'no program may run there (mounted noexec)' && exit 1; }
  rm -f "$try"

  # One unpacks and the others wait for it, but not for ever: it may have been killed.
  turn=0
  until mkdir "$lock" 2>/dev/null || [ "$turn" -eq 150 ]; do
    turn=$((turn + 1))
    sleep 0.2 2>/dev/null || sleep 1
  done
  trap '[ -z "$work" ] || rm -rf "$work"; rmdir "$lock" 2>/dev/null' EXIT
  trap 'exit 130' HUP INT TERM
  ! dhip_complete || exit 0

  case $(tail -c +"$dhip_offset" "$dhip_self" |
    { sha256sum || shasum -a 256 || openssl dgst -sha256 -r; } 2>/dev/null) in
    "$dhip_sum"*) ;;
    '') echo 'One of sha256sum, shasum and openssl is needed to unpack it' && exit 3 ;;
    *) echo 'The file is damaged: it does not have the checksum it was made with' && exit 3 ;;
  esac
  rm -rf "$dhip_base/.unpack-$dhip_name".*
  work=$dhip_base/.unpack-$dhip_name.$$
  mkdir "$work" || exit 1
  text=$({ tail -c +"$dhip_offset" "$dhip_self" | gzip -dc | tar -xof - -C "$work"; } 2>&1) ||
    { echo "no room, or writing failed: $text" && exit 1; }
  "$work/deno" --version >/dev/null 2>&1 || { echo 'Deno does not run on this system' && exit 3; }

  # A folder takes its name in one step, or not at all when the name is taken: another was faster,
  # or files have gone missing.
  take_name() {
    DENO_DIR=$work/.deno DENO_NO_UPDATE_CHECK=1 "$work/deno" eval --no-config \
      'try { Deno.renameSync(...Deno.args) } catch (e) { console.log(e.message), Deno.exit(1) }' \
      "$work" "$here" || dhip_complete
  }
  take_name >/dev/null 2>&1 || { rm -rf "$here" && take_name; } || exit 1
)

for dhip_base in "$dhip_1" "$dhip_2" "$dhip_3"; do
  # The file system may have been mounted noexec since; then -x is false.
  [ -x "$dhip_base/$dhip_name/deno" ] && dhip_complete && dhip_ours && dhip_start "$@"
done

dhip_fail() {
  printf 'dhip: %s\nhint: %s\n' "$1" "$2" >&2
  exit 1
}

dhip_self=$0
case $0 in */*) ;; *) [ -f "$0" ] || dhip_self=$(command -v "$0") ;; esac
case $(uname -sm) in
  '@SYSTEM@') ;;
  *) dhip_fail "This file is for @SYSTEM@, and this is $(uname -sm)" 'Take the file for this system.' ;;
esac

dhip_why=''
for dhip_base in "$dhip_1" "$dhip_2" "$dhip_3"; do
  [ -n "$dhip_base" ] || continue
  dhip_text=$(dhip_unpack 2>&1)
  case $? in
    0) dhip_start "$@" ;;
    3) dhip_fail "$dhip_text" 'Fetch it again, or see the install lines of the README.' ;;
  esac
  dhip_why="$dhip_why${dhip_why:+; }$dhip_base: ${dhip_text%%
*}"
done
dhip_fail "Cannot unpack: $dhip_why" \
  'Set DHIP_CACHE to a folder where programs may run, with @ROOM@ free.'
