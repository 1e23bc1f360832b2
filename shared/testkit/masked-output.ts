/** What differs from run to run, and what stands for it when outputs are compared. */
const varying: [RegExp, string][] = [
  [/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT'],
  [/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID'],
  [/\b[0-9a-f]{8}(?= {2})/g, 'ID'],
  [/ *\d+ ms left/g, ' MILLISECONDS ms left'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, 'TIME'],
  [/seconds: '\d+'/g, "seconds: 'SECONDS'"],
  [/nanos: \d+/g, 'nanos: NANOS'],
  [/within \d+ ms/g, 'within MILLISECONDS ms'],
  [/[█░]+ +\d+ */g, 'BAR COUNT '],
  [/[█░]+/g, 'BAR'],
  [/\d+ (calls made|calls failed|answered)/g, 'COUNT $1'],
  [/(failed in|was out for) \d+\.\d seconds/g, '$1 SECONDS seconds'],
  [/exceeded after \d+\.\d+s[^'\n)]*/g, 'exceeded after SECONDS'],
  [/your code is \d{6}/g, 'your code is CODE'],
];

/** @returns the text with names in place of all that differs from run to run */
export const masked = (line: string): string =>
  varying.reduce((text, [pattern, name]) => text.replace(pattern, name), line);
