import { expect, test } from 'vitest';
import { placeOnScreen } from '../../../../main/desktop/window-place.ts';

const laptop = { x: 0, y: 0, width: 1920, height: 1080 };
const beside = { x: 1920, y: 0, width: 2560, height: 1440 };
const place = { x: 2100, y: 100, width: 1400, height: 900, maximized: false };

test('the window comes back where it was, on the display that is still there', () => {
  expect(placeOnScreen(place, [laptop, beside])).toEqual(place);
});

test('the window does not come back on a display that was unplugged', () => {
  expect(placeOnScreen(place, [laptop])).toBeUndefined();
  expect(placeOnScreen(null, [laptop])).toBeUndefined();
});
