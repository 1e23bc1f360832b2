import path from 'node:path';
import { readSecrets } from './secret-file.ts';

/**
 * The server's secret key. It is made at random on the first start, and kept beside the database: what was made with
 * it survives a restart only together with it. It is in the environment variable `OTP_KEY` instead, when that is set.
 *
 * @param database - the file of the database; the key is in the file of that name with `.key` behind it, readable for
 * its owner alone. For `:memory:` it is kept nowhere.
 * @returns 32 bytes; the same ones for every server that uses this database
 * @throws CannotOpenDatabase when the key is damaged, or cannot be kept
 */
export const secretKey = (database: string): Buffer =>
  readSecrets({
    variable: 'OTP_KEY',
    file: database === ':memory:' ? undefined : `${path.resolve(database)}.key`,
    what: "the server's secret key",
    whenDamaged:
      'Bring it back from a copy. Without it nothing in the database beside it can be read, so you may as well delete both.',
  })[0]!;
