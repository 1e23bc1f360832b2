import { randomUUID } from 'node:crypto';
import type { Payment__Output } from '#protos/generated/payment/Payment.ts';
import type { Total__Output } from '#protos/generated/payment/Total.ts';
import { isTaken, openDatabase, type OpenDatabase } from './database.ts';

// The driver reads a text only up to its first NUL character, but all of its bytes. A key that is NULL is no key: a
// unique column may hold any number of them. What is read at the end fails where a table of this name keeps something else.
const columns = 'id, CAST(payee AS BLOB) AS payee, amount';
const schema = `
  CREATE TABLE IF NOT EXISTS payments (
    id TEXT NOT NULL UNIQUE,
    payee BLOB NOT NULL,
    amount INTEGER NOT NULL,
    idempotency_key BLOB UNIQUE
  );
  CREATE INDEX IF NOT EXISTS payments_by_payee ON payments (payee);
  SELECT ${columns}, idempotency_key FROM payments LIMIT 0;
`;

interface Row {
  id: string;
  payee: ArrayBuffer;
  amount: number;
}

/** What is to be paid. */
export interface Booking {
  payee: string;
  /** In cents. */
  amount: number;
  /** At most one payment has this key; any number has none, which is ''. */
  key: string;
}

const bytes = (text: string): Buffer => Buffer.from(text);

const statementsOn = (database: OpenDatabase) => ({
  book: database.prepare(`
    INSERT INTO payments (id, payee, amount, idempotency_key) VALUES (:id, :payee, :amount, :key)`),
  withKey: database.prepare(`SELECT ${columns} FROM payments WHERE idempotency_key = :key`),
  total: database.prepare(`
    SELECT count(*) AS payments, CAST(coalesce(sum(amount), 0) AS TEXT) AS amount
    FROM payments WHERE payee = :payee`),
});

/**
 * The payments in a database, as the contract's messages. It knows nothing of calls and their status: it says what is so.
 * Every method happens as a whole or not at all, whatever other servers do at the same time.
 */
export class PaymentStore {
  readonly #database: OpenDatabase;
  readonly #statements: ReturnType<typeof statementsOn>;

  /**
   * @param file - where the payments are kept; `:memory:` forgets them at the end
   * @throws CannotOpenDatabase when the file cannot be used, is no database, or keeps something else
   */
  constructor(file: string) {
    this.#database = openDatabase(file, schema);
    this.#statements = statementsOn(this.#database);
  }

  /**
   * Books a payment.
   *
   * @returns the payment; or `key taken`, when there is one with this key
   */
  book({ payee, amount, key }: Booking): Payment__Output | 'key taken' {
    const id = randomUUID();
    try {
      const keyOrNone = key === '' ? null : bytes(key);
      this.#statements.book.run({ id, payee: bytes(payee), amount, key: keyOrNone });
      return { id, payee, amount };
    } catch (error) {
      if (isTaken(error)) return 'key taken';
      throw error;
    }
  }

  /** @returns the payment with this key; undefined when there is none */
  withKey(key: string): Payment__Output | undefined {
    const [row] = this.#statements.withKey.all({ key: bytes(key) }) as Row[];
    return row && { ...row, payee: Buffer.from(row.payee).toString() };
  }

  /** @returns how many payments somebody has got, and what they come to */
  total(payee: string): Total__Output {
    const [row] = this.#statements.total.all({ payee: bytes(payee) }) as Total__Output[];
    return row!;
  }

  close(): void {
    this.#database.close();
  }
}
