import type { RemoteSession } from '../../main/remote/remote-shell.ts';

/** What can go wrong on an endpoint, done to it on purpose. Every fault leaves when the endpoint is put back. */
export interface AptFaults {
  /** Someone else holds dpkg's lock until the returned function is called. */
  holdLock(): Promise<() => Promise<void>>;
  holdPackage(name: string): Promise<void>;
  /** dpkg was cut off in the middle and nobody repaired it. */
  interruptDpkg(): Promise<void>;
  /** Turns one bit of a staged package over, as a failing disk would. */
  tamperStaged(stageId: string, sha256: string): Promise<void>;
  /** A package that is no part of any plan is put on another version behind our back. */
  changeBehindOurBack(name: string): Promise<void>;
  /** The next run of the linker's cache fails, and with it the configuration of any library. */
  breakConfiguration(): Promise<void>;
  /** Leaves no room where this package's files go; undefined where the endpoint can't do it. */
  readonly fillDisk: ((name: string) => Promise<void>) | undefined;
  /**
   * Waits until the install is in the middle of unpacking, then kills dpkg alone, or everything that belongs to the install.
   */
  killInstall(stageId: string, what: 'dpkg' | 'everything'): Promise<void>;
  /** How many times dpkg was told to put a version on another, by its own log. */
  countUpgrades(name: string, to: string): Promise<number>;
  /** Spoils a file on disk that belongs to an installed package, behind dpkg's back. */
  spoilFile(path: string): Promise<void>;
  /** A regular file that the installed package owns, no configuration file. */
  fileOf(name: string): Promise<string>;
}

const HOLD_LOCK = `
setsid perl -e '
  use Fcntl;
  open(my $f, ">>", "/var/lib/dpkg/lock-frontend") or die;
  my $lock = pack("s s x4 q q l x4", F_WRLCK, 0, 0, 0, 0);
  fcntl($f, F_SETLK, $lock) or die;
  open(my $ready, ">", "/run/sallyport-lock-held"); close $ready;
  sleep 600;
' </dev/null >/dev/null 2>&1 &
holder=$!
for try in $(seq 100); do [ -e /run/sallyport-lock-held ] && break; sleep 0.1; done
rm /run/sallyport-lock-held || exit 1
echo "$holder"`;

/** Every process of the install's session; the leader's pid is in its first word. */
const KILL = `
install=/var/lib/sallyport/$1/install
what=$2
tries=0
until grep -qsE '^Status: install ok (half-installed|unpacked|half-configured)' /var/lib/dpkg/status /var/lib/dpkg/updates/*; do
  [ ! -e "$install/exit-status" ] || { echo 'it ended before it could be killed' >&2; exit 1; }
  tries=$((tries + 1))
  [ "$tries" -lt 20000 ] || { echo 'it never began' >&2; exit 1; }
done
read -r leader rest <"$install/process"
for stat in /proc/[0-9]*/stat; do
  line=$(cat "$stat" 2>/dev/null) || continue
  pid=\${line%% *}
  name=\${line#*(}
  name=\${name%)*}
  set -- \${line##*) }
  [ "$4" = "$leader" ] || continue
  case $what,$name in dpkg,dpkg*|everything,*) kill -9 "$pid" ;; esac
done
exit 0`;

/** The faults of a real Debian endpoint, through a session that may become root. */
export function realAptFaults(root: RemoteSession): AptFaults {
  const sh = async (script: string, ...args: readonly string[]): Promise<string> => {
    const argv = ['sh', '-s', '--', ...args];
    const result = await root.run({ argv, asRoot: true, stdin: `${script}\n`, timeoutMs: 120_000 });
    if (result.exitCode !== 0) throw new Error(`the fault failed: ${result.stderr.trim()}`);
    return result.stdout.trim();
  };
  return {
    holdLock: async () => {
      const pid = await sh(HOLD_LOCK);
      return async () => void (await sh('kill "$1"; sleep 0.2', pid));
    },
    holdPackage: async (name) => void (await sh('apt-mark hold "$1"', name)),
    interruptDpkg: async () => {
      const status = '/var/lib/dpkg/status';
      await sh(`sed -i '/^Package: tar$/,/^$/s/^Status: .*/Status: install ok half-configured/' ${status}`);
    },
    tamperStaged: async (stageId, sha256) => {
      const script = `cd /var/lib/sallyport/"$1"/repo || exit 1
path=$(sed -n "s/^$2  //p" ../content)
size=$(stat -c %s "$path")
byte=$(od -An -tu1 -j $((size / 2)) -N 1 "$path")
printf "\\\\$(printf %03o $((byte ^ 1)))" | dd of="$path" bs=1 seek=$((size / 2)) conv=notrunc 2>/dev/null`;
      await sh(script, stageId, sha256);
    },
    changeBehindOurBack: async (name) => {
      await sh(`sed -i "/^Package: $1$/,/^$/s/^Version: .*/Version: 0.1-1/" /var/lib/dpkg/status`, name);
    },
    breakConfiguration: async () => {
      await sh(`mv /sbin/ldconfig /sbin/ldconfig.whole
printf '#!/bin/sh\\necho "ldconfig: broken on purpose" >&2\\nexit 1\\n' >/sbin/ldconfig
chmod 755 /sbin/ldconfig`);
    },
    fillDisk: async (name) => {
      await sh('mkdir -p "$1" && mount -t tmpfs -o size=4k none "$1"', `/usr/share/doc/${name}`);
    },
    killInstall: async (stageId, what) => void (await sh(KILL, stageId, what)),
    countUpgrades: async (name, to) => {
      const log = await sh('cat /var/log/dpkg.log 2>/dev/null; true');
      return log.split('\n').filter((line) => {
        const [, , verb, key, , version] = line.split(' ');
        return verb === 'upgrade' && key?.split(':')[0] === name && version === to;
      }).length;
    },
    spoilFile: async (path) => void (await sh('printf x >>"$1"', path)),
    fileOf: async (name) =>
      sh(
        `dpkg-query -L "$1" | grep '/share/doc/' | while read -r f; do [ -f "$f" ] && [ ! -L "$f" ] && echo "$f"; done | head -n 1`,
        name,
      ),
  };
}
