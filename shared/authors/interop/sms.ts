import type { Served } from './stage.ts';

/** @returns the code that a solution's server has sent to a phone, once it has */
export const codeFor = async ({ printed }: Served, phone: string): Promise<string> => {
  const sms = new RegExp(`SMS to \\${phone}: your code is (\\d{6})\n`);
  return sms.exec(await printed(sms))![1]!;
};
