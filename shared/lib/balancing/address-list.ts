import { readFileSync, watch } from 'node:fs';
import path from 'node:path';
import { experimental, type ChannelOptions } from '@grpc/grpc-js';
import { fileProblem } from '../storage/file-errors.ts';

/** Where one server listens. */
export interface Address {
  host: string;
  port: number;
}

/** Hears which addresses there are; and, in place of them, why they cannot be read. */
export type Heard = (addresses: readonly Address[], problem?: string) => void;

/** A list of addresses that changes. */
export interface AddressList {
  /**
   * Watches the list.
   *
   * @param heard - called soon, though not at once, and then each time that the list changes
   * @returns ends it: from then on nothing is heard
   */
  watch(heard: Heard): () => void;
}

/** @returns the address that is written as `host:port` */
const addressIn = (line: string): Address => {
  const { host, port } = experimental.splitHostPort(line) ?? { host: '' };
  if (port === undefined) throw new Error(`"${line}" is no address, such as 127.0.0.1:50051`);
  return { host, port };
};

/**
 * @param text - addresses, with commas between; it may be empty
 * @throws Error when one is no address
 */
export const addressesIn = (text: string): string[] =>
  text
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean)
    .map(addressIn)
    .map(({ host, port }) => `${host === 'localhost' ? '127.0.0.1' : host}:${port}`);

/** A file with an address in each line. Empty lines, and what stands behind a #, are passed over. */
export class AddressFile implements AddressList {
  readonly #file: string;

  constructor(file: string) {
    this.#file = path.resolve(file);
  }

  /** @throws Error when the file cannot be read, or a line is no address */
  read(): Address[] {
    const lines = readFileSync(this.#file, 'utf8').split('\n');
    return lines
      .map((line) => line.replace(/#.*/, '').trim())
      .filter(Boolean)
      .map(addressIn);
  }

  watch(heard: Heard): () => void {
    let isOver = false;
    let last: string | undefined;
    const look = (): void => {
      if (isOver) return;
      let found: Parameters<Heard>;
      try {
        found = [this.read()];
      } catch (error) {
        found = [[], `${this.#file} cannot be read: ${fileProblem(error)}`];
      }
      // One change of a file is often told several times.
      const now = JSON.stringify(found);
      if (now === last) return;
      last = now;
      heard(...found);
    };
    // The folder is watched: whoever replaces a file as a whole takes away the one that was watched.
    const watcher = watch(path.dirname(this.#file), look);
    watcher.on('error', look);
    setImmediate(look);
    return () => {
      isOver = true;
      watcher.close();
    };
  }
}

/** What grpc-js asks of a resolver, and what it hands to it: both are experimental in 1.14.7. */
export type Resolver = experimental.Resolver;
export type ResolverListener = experimental.ResolverListener;

/**
 * Has grpc-js look up names such as `list:servers.txt` by a resolver of your own, from the next channel on.
 *
 * @param resolve - makes a resolver for one channel
 * @param scheme - what stands before the colon
 * @param listAt - the list behind a path; by default a file
 */
export const registerList = (
  resolve: (list: AddressList, listener: ResolverListener) => Resolver,
  scheme = 'list',
  listAt: (path: string) => AddressList = (file) => new AddressFile(file),
): void => {
  experimental.registerResolver(
    scheme,
    class implements Resolver {
      readonly #own: Resolver;

      constructor(target: experimental.GrpcUri, listener: ResolverListener, _options: ChannelOptions) {
        this.#own = resolve(listAt(target.path), listener);
      }

      static getDefaultAuthority(): string {
        return scheme;
      }

      updateResolution(): void {
        this.#own.updateResolution();
      }

      destroy(): void {
        this.#own.destroy();
      }
    },
  );
};
