import type { OutgoingHttpHeaders, Settings } from 'node:http2';
import { afterAll, expect, it } from 'vitest';
import { ServerProcess, type Variant } from '../services/server-process.ts';
import {
  meansFor,
  services,
  wellBehavedClientOf,
  type AttackedService,
  type Target,
} from './attacked-services.ts';
import { RawClient } from './raw-client.ts';
import { signIn } from './well-behaved-client.ts';

/** The servers that the tests of a file, or of a `describe`, attack. They run as long as those do. */
export class Attacked {
  readonly process: ServerProcess;
  readonly #headers = new Map<AttackedService, OutgoingHttpHeaders>();

  private constructor(process: ServerProcess) {
    this.process = process;
  }

  /** @param variant - whether they run under the workbook's watch */
  static async servers(variant: Variant = 'watched'): Promise<Attacked> {
    const process = await ServerProcess.start(
      variant,
      services.map(({ name }) => name),
    );
    afterAll(() => process.stop());
    const attacked = new Attacked(process);
    for (const service of services.filter(({ attacker }) => attacker)) {
      const means = meansFor(process, service);
      const { authorization } = await signIn(means, service.attacker);
      attacked.#headers.set(service, { authorization });
      means.client.close();
    }
    return attacked;
  }

  /** @returns a connection to a server, on which the attacker is signed in where that has to be */
  connect(service: AttackedService, settings?: Settings): Promise<RawClient> {
    return RawClient.to(this.process, service, settings, this.#headers.get(service));
  }

  /**
   * Attacks a server while a well-behaved client calls it, and looks that this client is served as ever: during the
   * attack, after it, and with all that was acknowledged to it. Nothing may have gone wrong in the code of the servers.
   *
   * @param attack - what is done to the server
   */
  async besideClient(service: AttackedService, attack: () => Promise<void>): Promise<void> {
    const wellBehaved = await wellBehavedClientOf(this.process, service);
    try {
      const state = { over: false };
      const attacking = attack().finally(() => (state.over = true));
      attacking.catch(() => {});
      do await wellBehaved.visit();
      while (!state.over);
      await attacking;
      await wellBehaved.visit();
      await wellBehaved.recall();
    } finally {
      wellBehaved.close();
    }
    expect(await this.process.ask('faults')).toEqual([]);
  }

  /**
   * A test of every server: attacks its methods, one after the other, from one connection, beside a well-behaved client.
   *
   * @param title - what every server does
   * @param attack - what is done to a method
   */
  everyMethod(
    title: string,
    attack: (client: RawClient, target: Target, service: AttackedService) => Promise<void>,
  ): void {
    it.each(services)(`$name ${title}`, async (service) => {
      const client = await this.connect(service);
      await this.besideClient(service, async () => {
        for (const target of service.targets) await attack(client, target, service);
      });
      client.vanish();
    });
  }
}
