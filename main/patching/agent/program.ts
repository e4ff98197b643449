/**
 * `/usr/bin/sallyport-agent`. It does one thing when it is called and ends: no daemon, no port, no timer. Everything that is read
 * lies beside it, also where the package is unpacked into a folder.
 *
 * The lock of the customer is a line of the policy file. What is not plainly `yes` there is locked: a missing file, a word that
 * nobody knows, the same line twice.
 *
 * Exit codes: 0 done, 2 wrong use, 77 locked by the policy (EX_NOPERM of sysexits.h); of `inventory` also what the script says.
 */
const PROGRAM = `#!/bin/sh
# Sallyport's agent. It runs only when it is called, opens no port and changes nothing.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
version='@VERSION@'

case $0 in
  */usr/bin/sallyport-agent) root=\${0%/usr/bin/sallyport-agent} ;;
  *) root= ;;
esac
policy=$root/etc/sallyport-agent/policy.conf
script=$root/usr/lib/sallyport-agent/inventory

# yes, or no for whatever is not plainly yes.
allowed() {
  found=
  [ -r "$policy" ] || { echo no; return; }
  while IFS= read -r line || [ -n "$line" ]; do
    line=\${line%%#*}
    line=$(printf '%s' "$line" | tr -d ' \\t\\r')
    case $line in
      "$1="*) found="$found \${line#*=}" ;;
    esac
  done <"$policy"
  if [ "$found" = ' yes' ]; then echo yes; else echo no; fi
}

refuse() {
  printf 'sallyport-agent: %s\\n' "$1" >&2
  exit "$2"
}

case \${1-} in
  version)
    [ "$#" -eq 1 ] || refuse 'version takes no arguments.' 2
    printf '%s\\n' "$version"
    ;;
  inventory)
    [ "$#" -eq 1 ] || refuse 'inventory takes no arguments.' 2
    [ "$(allowed remote-execution)" = yes ] ||
      refuse "remote execution is locked: $policy does not say remote-execution=yes." 77
    exec sh "$script" apt/inventory
    ;;
  status)
    [ "$#" -eq 1 ] || refuse 'status takes no arguments.' 2
    printf 'version=%s\\n' "$version"
    printf 'remote-execution=%s\\n' "$(allowed remote-execution)"
    printf 'self-update=%s\\n' "$(allowed self-update)"
    printf 'policy=%s\\n' "$policy"
    ;;
  *)
    refuse 'usage: sallyport-agent version | inventory | status' 2
    ;;
esac
`;

/** Text of the program for one version. */
export const agentProgram = (version: string): string => PROGRAM.replace('@VERSION@', version);

/** The customer's lock, as it is installed; dpkg keeps what the customer changed in it. */
export const POLICY = `# What the owner of this machine allows Sallyport's agent. Whatever is not plainly yes is locked.

# May "sallyport-agent inventory" be run for Sallyport?
remote-execution=yes

# May the agent be replaced by a newer one that Sallyport brings? Nothing does that yet.
self-update=no
`;
