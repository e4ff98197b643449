#!/bin/sh
# A stand-in for sudo on hosts where the tests have no rights: it follows sudo(8) for -n, -k, -S and -p, runs the command
# as whoever it is, and tells the command so by SALLYPORT_TEST_ROOT. It reads stdin byte by byte, as sudo does.
# SUDO_WANTS is the password, "nothing" for NOPASSWD, or "denied". Each attempt is appended to the file SUDO_LOG.
ask=yes
prompt='Password: '
while :; do
  case "$1" in
    -n) ask=no; shift ;;
    -k | -S) shift ;;
    -p) prompt=$2; shift 2 ;;
    --) shift; break ;;
    *) break ;;
  esac
done
if [ "$SUDO_WANTS" = denied ]; then
  echo "Sorry, user ops is not allowed to execute '$*' as root on here." >&2
  exit 1
fi
if [ "$SUDO_WANTS" != nothing ]; then
  if [ "$ask" = no ]; then
    echo 'sudo: a password is required' >&2
    exit 1
  fi
  printf 'We trust you have received the usual lecture.\n\n' >&2
  tries=0
  while :; do
    printf '%s' "$prompt" >&2
    line=''
    eof=yes
    while byte=$(dd bs=1 count=1 2>/dev/null; printf x); do
      case "$byte" in
        x) break ;;
        '
x') eof=no; break ;;
        *) line=$line${byte%x} ;;
      esac
    done
    if [ "$eof" = yes ] && [ -z "$line" ]; then
      echo 'sudo: no password was provided' >&2
      exit 1
    fi
    echo "attempt" >>"$SUDO_LOG"
    [ "$line" = "$SUDO_WANTS" ] && break
    tries=$((tries + 1))
    [ "$tries" -ge 3 ] && { echo 'sudo: 3 incorrect password attempts' >&2; exit 1; }
    echo 'Sorry, try again.' >&2
  done
fi
command -v "$1" >/dev/null || { echo "sudo: $1: command not found" >&2; exit 1; }
SALLYPORT_TEST_ROOT=yes exec "$@"
