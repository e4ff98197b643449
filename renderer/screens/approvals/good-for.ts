/** For how long an approval may be started, in hours. */
export const GOOD_FOR = [
  { value: '24', label: '24 hours' },
  { value: '72', label: '3 days' },
  { value: '168', label: '7 days' },
  { value: '336', label: '14 days' },
] as const;
export type GoodFor = (typeof GOOD_FOR)[number]['value'];
