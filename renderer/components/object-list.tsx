import { useEffect, useId, useRef, type ReactNode } from 'react';
import { useKeys } from './keys.tsx';

export interface ListGroup<T> {
  readonly title: string;
  readonly items: readonly T[];
}

/** A list of objects in several lines each, like mail. Up and down move, the detail beside it follows. */
export function ObjectList<T>(props: {
  readonly label: string;
  readonly groups: readonly ListGroup<T>[];
  readonly keyOf: (item: T) => string;
  readonly chosen: string | null;
  readonly onChoose: (item: T) => void;
  readonly onOpen?: () => void;
  /** False where something else on the screen moves by `j` and `k`. */
  readonly letters?: boolean;
  readonly children: (item: T) => ReactNode;
}) {
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);
  const flat = props.groups.flatMap((group) => group.items);
  const index = flat.findIndex((item) => props.keyOf(item) === props.chosen);
  const move = (to: number): void => {
    const item = flat[Math.max(0, Math.min(flat.length - 1, to))];
    if (item !== undefined) props.onChoose(item);
  };
  useKeys({ j: () => move(index + 1), k: () => move(index - 1) }, props.letters !== false);
  useEffect(() => {
    if (props.chosen === null) return;
    // jsdom has no layout and therefore no scrollIntoView.
    const chosen = list.current?.querySelector('[aria-selected="true"]');
    if (chosen instanceof HTMLElement && typeof chosen.scrollIntoView === 'function') {
      chosen.scrollIntoView({ block: 'nearest' });
    }
  }, [props.chosen]);
  return (
    <div
      ref={list}
      className="object-list"
      role="listbox"
      aria-label={props.label}
      tabIndex={0}
      {...(index >= 0 ? { 'aria-activedescendant': `${listId}-${index}` } : {})}
      onKeyDown={(event) => {
        const moves: Readonly<Record<string, () => void>> = {
          ArrowDown: () => move(index + 1),
          ArrowUp: () => move(index - 1),
          Home: () => move(0),
          End: () => move(flat.length - 1),
          Enter: () => props.onOpen?.(),
        };
        const action = moves[event.key];
        if (action === undefined) return;
        event.preventDefault();
        action();
      }}
    >
      {props.groups.map((group, groupIndex) => (
        <div key={group.title} role="group" aria-labelledby={`${listId}-group-${groupIndex}`}>
          <div className="object-group" id={`${listId}-group-${groupIndex}`} role="presentation">
            <span className="object-group-title" title={group.title}>
              {group.title}
            </span>
            <span className="object-group-count">{group.items.length}</span>
          </div>
          {group.items.map((item) => {
            const key = props.keyOf(item);
            const at = flat.indexOf(item);
            return (
              <div
                key={key}
                id={`${listId}-${at}`}
                role="option"
                aria-selected={key === props.chosen}
                className="object"
                onClick={() => props.onChoose(item)}
              >
                {props.children(item)}
              </div>
            );
          })}
        </div>
      ))}
    </div>
  );
}
