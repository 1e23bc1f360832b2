import { readFileSync } from 'node:fs';

interface Place {
  line: number;
  column: number;
}

/** What Stryker writes down; only what is read of it here. */
interface StrykerReport {
  files: Record<
    string,
    {
      source: string;
      mutants: {
        status: string;
        replacement?: string;
        location: { start: Place; end: Place };
      }[];
    }
  >;
}

/** A change that no test has noticed. */
export interface Survivor {
  /** From the workbook's top folder on. */
  file: string;
  line: number;
  /** The changed line, or the first of several, as it is. */
  was: string;
  /** The same with the change. */
  became: string;
  /** Whether any test ran the changed code at all. */
  covered: boolean;
}

/** What came of one group. */
export interface Outcome {
  killed: number;
  survivors: Survivor[];
}

const noticed = ['Killed', 'Timeout'];
const unnoticed = ['Survived', 'NoCoverage'];

/**
 * Reads a report of Stryker's.
 *
 * @param file - the report's path
 */
export const readReport = (file: string): Outcome => {
  const { files } = JSON.parse(readFileSync(file, 'utf8')) as StrykerReport;
  const outcome: Outcome = { killed: 0, survivors: [] };
  for (const [name, { source, mutants }] of Object.entries(files)) {
    const lines = source.split('\n');
    for (const { status, replacement = '', location } of mutants) {
      const { start, end } = location;
      if (noticed.includes(status)) outcome.killed += 1;
      if (!unnoticed.includes(status)) continue;
      const before = lines[start.line - 1]!.slice(0, start.column - 1);
      const after = lines[end.line - 1]!.slice(end.column - 1);
      const several = start.line < end.line;
      outcome.survivors.push({
        file: name.replaceAll('\\', '/'),
        line: start.line,
        was: lines[start.line - 1]!.trim() + (several ? ' …' : ''),
        became: `${before}${replacement}${after}`.replaceAll(/\s+/g, ' ').trim(),
        covered: status === 'Survived',
      });
    }
  }
  return outcome;
};
