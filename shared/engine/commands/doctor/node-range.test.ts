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
  ['', '20.19.0', true],
  ['20', '20.3.1', true],
  ['20', '21.0.0', false],
  ['=20.1.10', '20.1.10', true],
  ['=20.1.10', '20.1.9', false],
  ['20.1.10', '20.1.11', false],
  ['v20.1.x', '20.1.7', true],
  ['20.1.*', '20.2.0', false],
  ['20.x', '20.2.0', true],
  ['^20.5.1', '20.5.0', false],
  ['^20.5.1', '20.6.0', true],
  ['~20.5.1', '20.5.3', true],
  ['>=20.19.1', '20.19.1', true],
  ['>=20.19.1', '20.19.0', false],
  ['<20.19.1', '20.19.1', false],
  ['>=  20   <  23', '21.1.0', true],
])('%j admits Node.js %s: %s', (range, node, expected) => {
  expect(admits(range, node)).toBe(expected);
});

it('does not pretend to read every range', () => {
  expect(admits('18 - 20', '19.0.0')).toBeUndefined();
  expect(admits('18 - 20 || >=22', '22.0.0')).toBe(true);
  expect(admits('18 - 20 || >=22', '21.0.0')).toBeUndefined();
  expect(admits('release-20', '20.0.0')).toBeUndefined();
  expect(admits('20.1.2-beta', '20.1.2')).toBeUndefined();
});
