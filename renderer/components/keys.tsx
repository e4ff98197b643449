import { createContext, useContext, useEffect, useEffectEvent } from 'react';

/** Whether keys without Ctrl or Alt act. A person can turn them off in the settings. */
export const SingleKeysContext = createContext(true);

export type KeyBindings = Readonly<Record<string, (event: KeyboardEvent) => void>>;

/** `Ctrl+k`, `Shift+Enter`, `?`: the name under which a binding is looked up. */
function nameKey(event: KeyboardEvent): string {
  const control = event.ctrlKey || event.metaKey ? 'Ctrl+' : '';
  const alt = event.altKey ? 'Alt+' : '';
  return `${control}${alt}${control === '' ? event.key : event.key.toLowerCase()}`;
}

function takesText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.tagName === 'TEXTAREA' || target.tagName === 'SELECT') return true;
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button'].includes(target.type);
}

/** Keys for the whole window, silent while a person types, a dialog is open or a list pops up. */
export function useKeys(bindings: KeyBindings, active = true): void {
  const singleKeys = useContext(SingleKeysContext);
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented) return;
    const name = nameKey(event);
    const binding = bindings[name];
    if (binding === undefined) return;
    const isChord = name.startsWith('Ctrl+') || name.startsWith('Alt+');
    if (!isChord && name.length === 1 && !singleKeys) return;
    if (!isChord && (takesText(event.target) || document.querySelector('.overlay, .popover') !== null))
      return;
    event.preventDefault();
    binding(event);
  });
  useEffect(() => {
    if (!active) return;
    const listener = (event: KeyboardEvent): void => onKey(event);
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, [active]);
}

/** A key as it is printed on the keyboard. */
export function Key(props: { readonly children: string }) {
  return <kbd className="key">{props.children}</kbd>;
}
