/** Whatever can bring a text to a phone. A real one calls a provider of SMS. */
export interface SmsSender {
  /**
   * @param to - the phone number, in E.164
   * @param text - what to deliver; it is secret, so a sender must not log it
   * @returns once the text is on its way
   * @throws when it could not be delivered; nobody looks at the reason, so a sender that knows it logs it itself
   */
  send(to: string, text: string): Promise<void>;
}

/** A sender that needs no provider: the phone is this terminal. */
export const terminalSms: SmsSender = {
  send: (to, text) => {
    console.log(`SMS to ${to}: ${text}`);
    return Promise.resolve();
  },
};
