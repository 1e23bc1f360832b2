import { describe, expect, it } from 'vitest';
import { readSettings } from './account-settings.ts';

const typed = { admin: '', life: '600', rotate: 'no' };

describe('the settings of a server with accounts', () => {
  it('are read as they were typed', () => {
    expect(readSettings(typed)).toEqual({ admins: new Set(), life: 600, rotate: false });
    expect(readSettings({ admin: ' +1 (415) 555-0100 ,,+442079460123', life: '30', rotate: 'yes' })).toEqual({
      admins: new Set(['+14155550100', '+442079460123']),
      life: 30,
      rotate: true,
    });
    expect(readSettings({ ...typed, life: '3600' }).life).toBe(3_600);
  });

  it.each([
    [{ admin: '+14155550100, root' }, /^--admin should have phone numbers, and root is none\.$/],
    [{ life: '29' }, /^--life should be a whole number of seconds, from 30 to 3600\.$/],
    [{ life: '3601' }, /^--life /],
    [{ life: '60.5' }, /^--life /],
    [{ life: 'long' }, /^--life /],
    [{ rotate: 'maybe' }, /^--rotate should be yes or no\.$/],
  ])('are refused when they make no sense: %o', (wrong, message) => {
    expect(() => readSettings({ ...typed, ...wrong })).toThrow(message);
  });
});
