import { expect, it } from 'vitest';
import { admits } from './node-range.ts';

it.each([
  ['>=18', '20.19.0', true],
  ['>=20.19', '20.18.9', false],
  ['^20.19.0 || >=22.12.0', '20.19.0', true],
  ['^20.19.0 || >=22.12.0', '21.7.3', false],
  ['^20.19.0 || >=22.12.0', '22.11.0', false],
  ['^20.0.0 || ^22.0.0 || >=24.0.0', '23.1.0', false],
  ['^22.20 || ^24.12 || >=25', '24.12.0', true],
  ['^22.20 || ^24.12 || >=25', '20.20.2', false],
  ['6.* || 8.* || >= 10.*', '8.1.0', true],
  ['6.* || 8.* || >= 10.*', '9.1.0', false],
  ['^13.7 || ~14.2', '14.2.9', true],
  ['^13.7 || ~14.2', '14.3.0', false],
  ['>=20 <23', '22.1.0', true],
  ['>=20 <23', '23.0.0', false],
  ['*', '20.19.0', true],
  ['>=22.0.0', '22.0.0-nightly20260101', true],
])('%j admits Node.js %s: %s', (range, node, expected) => {
  expect(admits(range, node)).toBe(expected);
});

it('does not pretend to read every range', () => {
  expect(admits('18 - 20', '19.0.0')).toBeUndefined();
  expect(admits('18 - 20 || >=22', '22.0.0')).toBe(true);
});
