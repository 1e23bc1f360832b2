import { inWorkbook } from '../lesson/paths.ts';
import { CannotUseCertificates } from '#shared/certificates/cannot-use-certificates.ts';
import { certificatesFolder, writeCertificates } from '#shared/certificates/folder.ts';

/** What each certificate is for, by its name; every other name is a user's. */
const purposes: Record<string, string> = {
  ca: 'the authority: who trusts it, trusts the others',
  server: 'the server: localhost',
};

/**
 * Makes the certificates of the workbook, or renews them, and says until when they are good.
 *
 * @returns the exit code: 1 when they could not be kept
 */
export const certs = async (): Promise<number> => {
  try {
    const made = await writeCertificates(inWorkbook(certificatesFolder));
    console.log(`In ${certificatesFolder}/, for your eyes only:`);
    for (const { name, until } of made) {
      const purpose = purposes[name] ?? `a client: the user ${name}`;
      console.log(`  ${name.padEnd(6)}  good until ${until.toISOString()}  ${purpose}`);
    }
    return 0;
  } catch (error) {
    if (!(error instanceof CannotUseCertificates)) throw error;
    console.error(error.message);
    return 1;
  }
};
