import { expect, it } from 'vitest';
import { hintsIn, hintsOf, stepText } from './hints.ts';
import { allLessons, stepsOf } from './lessons.ts';

const readme = `# A lesson

### Step 1 · Say one

Text of one.

<details>
<summary>Hint 1</summary>

Weak,
on two lines.

</details>

<details>
  <summary>Hint 12</summary>
Strong.
  </details>

### Step 11 · Say eleven

Of eleven.

## Run it

<details>
<summary>Hint 1</summary>

Of another part.

</details>
`;

it('finds the text of a step, up to the next heading', () => {
  expect(stepText(readme, 1)).toMatch(/^\nText of one\.\n[^]*Strong\.\n {2}<\/details>\n\n$/);
  expect(stepText(readme, 11)).toBe('\nOf eleven.\n\n');
  expect(stepText('### Step 2 · Last\nText', 2)).toBe('Text');
  expect(stepText(readme, 2)).toBe('');
  expect(stepText('See ### Step 1 · One\nText', 1)).toBe('');
});

it('finds the hints in it, the weaker first', () => {
  expect(hintsIn(stepText(readme, 1))).toEqual(['Weak,\non two lines.', 'Strong.']);
  expect(hintsIn('<summary>Another thing</summary>\n\nx\n</details>')).toEqual([]);
});

it('has two for every step of every lesson, and none where there is no README', () => {
  for (const { folder } of allLessons()) {
    for (const { number } of stepsOf(folder)) {
      expect(hintsOf(folder, number).length, `${folder}, step ${number}`).toBeGreaterThanOrEqual(2);
    }
  }
  expect(hintsOf('99-lost', 1)).toEqual([]);
});
