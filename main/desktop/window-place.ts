/** Where the window was when it was last closed, in screen pixels. */
export interface WindowPlace {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly maximized: boolean;
}

interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The remembered place, or undefined when no display shows enough of it to grab (a screen was unplugged). */
export function placeOnScreen(place: WindowPlace | null, displays: readonly Area[]): WindowPlace | undefined {
  if (place === null) return undefined;
  const visible = displays.some((area) => {
    const width = Math.min(place.x + place.width, area.x + area.width) - Math.max(place.x, area.x);
    const height = Math.min(place.y + place.height, area.y + area.height) - Math.max(place.y, area.y);
    return width >= 200 && height >= 100;
  });
  return visible ? place : undefined;
}
