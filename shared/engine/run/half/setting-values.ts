import type { Settings, SettingValues } from '#shared/terminal/ask.ts';

/**
 * @param given - values given by flags, by key; the last one counts
 * @returns the value of each setting
 */
export const valuesOf = (settings: Settings, given: Record<string, string[]>): SettingValues =>
  Object.fromEntries(
    Object.entries(settings).map(([key, { initial }]) => [key, given[key]?.at(-1) ?? initial]),
  );
