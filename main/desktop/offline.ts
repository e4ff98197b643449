import { app, type Session } from 'electron';

/**
 * Chromium's own habits that reach for the network, each turned off by the switch that its source names
 * (https://peter.sh/experiments/chromium-command-line-switches). The last one makes every name unknown without asking a
 * name server: what a habit not listed here would look up can't be found either.
 */
const SWITCHES: readonly (readonly [name: string, value?: string])[] = [
  ['disable-background-networking'],
  ['disable-component-update'],
  ['disable-domain-reliability'],
  ['disable-sync'],
  ['dns-prefetch-disable'],
  ['no-pings'],
  ['no-proxy-server'],
  ['host-resolver-rules', 'MAP * ~NOTFOUND'],
];

/** Must run before the application is ready. The window needs no network: everything it shows comes from the engine. */
export function keepShellOffline(): void {
  for (const [name, value] of SWITCHES) app.commandLine.appendSwitch(name, value);
}

/** Electron fetches spelling dictionaries from a public server as soon as a session has languages. */
export function keepSessionOffline(session: Session): void {
  session.setSpellCheckerEnabled(false);
  session.setSpellCheckerLanguages([]);
}
