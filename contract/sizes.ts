const FACTORS: Readonly<Record<string, number>> = {
  '': 1,
  K: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  KI: 1024,
  MI: 1024 ** 2,
  GI: 1024 ** 3,
  TI: 1024 ** 4,
};

/** Bytes of a size as it is printed on media (`32G`, `64 GB`: powers of ten) or in powers of two (`700MiB`); `null` for what is no size. */
export function readBytes(text: string): number | null {
  const [, digits = '', unit = ''] = /^(\d{1,12}(?:\.\d{1,3})?)\s*([KMGT]I?)?B?$/i.exec(text.trim()) ?? [];
  const factor = FACTORS[unit.toUpperCase()];
  if (digits === '' || factor === undefined) return null;
  return Math.floor(Number(digits) * factor);
}
