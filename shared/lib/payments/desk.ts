/** How many milliseconds a desk that is busy asks its callers to wait. */
const busyMs = 700;

/** Whether there is somebody who takes a payment now. */
export interface Desk {
  /** @returns in how many milliseconds it may be asked again; 0 when it takes a payment now, Infinity when it is no use */
  wait(): number;
}

const busyDesk = (): Desk => {
  let turn = 0;
  let sent = 0;
  return {
    wait: () => {
      turn += 1;
      if (turn % 5 === 1) {
        sent = Date.now();
        console.log(`the desk is busy: call again in ${busyMs} ms`);
        return busyMs;
      }
      if (turn % 5 === 2) console.log(`the next call came after ${Date.now() - sent} ms`);
      return 0;
    },
  };
};

/** The desks that the lesson's server can have. */
export const desks = {
  open: (): Desk => ({ wait: () => 0 }),
  /** Sends every fifth call away, the first one too. */
  busy: busyDesk,
  closed: (): Desk => ({ wait: () => Infinity }),
};
