/** Something a client wants to know. Its key is also the flag that answers it ahead: `name` → `--name`. */
export interface Question {
  /** What the person reads. */
  message: string;
  /** The answer when nobody gives one. A list: the question is asked again until a blank answer. */
  initial: string | readonly string[];
  /** The only answers there are. */
  choices?: readonly string[];
  /** Set when lines piped into the client answer this question. */
  piped?: true;
}

/** A client's questions, by key. */
export type Questions = Readonly<Record<string, Question>>;

/** What can be set when a server is started. Its key is also the flag that sets it: `db` → `--db`. */
export interface Setting {
  /** What it is for. */
  message: string;
  /** The value when nobody sets it. */
  initial: string;
  /** The only values there are. */
  choices?: readonly string[];
}

/** A server's settings, by key. */
export type Settings = Readonly<Record<string, Setting>>;

/** The values of a server's settings, by key. */
export type SettingValues<S extends Settings = Settings> = { readonly [K in keyof S]: string };

/** How the workbook runs a lesson that is more than one server and one client. */
export interface PairSettings {
  /** How many servers there are, each a process of its own. */
  servers: number;
  /** Methods that are called so often that a line for each call would hide the rest. */
  quiet?: readonly string[];
}

/** How a client gets its answers: from flags, from a person at a terminal, from a pipe, or from the defaults. */
export interface Ask<Q extends Questions = Questions> {
  /** Asks once; in other words than the question's own, when they are given. */
  one(key: keyof Q & string, message?: string): Promise<string>;
  /** Asks again and again, until a blank answer or the end of the input; a menu of choices comes until you leave the loop. */
  each(key: keyof Q & string): AsyncGenerator<string, void>;
}

/** What the workbook hands to a client's `main`. */
export interface ClientContext<Q extends Questions = Questions> {
  /** Host and port of the server; of the first one where there are several. */
  address: string;
  ask: Ask<Q>;
}

/** What it hands to the `main` of a lesson whose pair has several servers. */
export interface PairContext<Q extends Questions = Questions> extends ClientContext<Q> {
  /** Host and port of each server that the workbook has started with this client; or the one `address`. */
  addresses: readonly string[];
  /**
   * Has a server told to leave, by SIGTERM, or killed, and started anew at the same address. Resolves when it takes calls
   * again; is rejected when it does not come back. Undefined for a client that runs alone: its servers are somebody else's.
   */
  restart?: ((address: string, how?: 'told' | 'killed') => Promise<void>) | undefined;
}
