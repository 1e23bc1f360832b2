// Apart from what makes certificates, which is large: every half of a lesson has to know this error when it sees it.

/** Certificates could not be used. The message says why, in a sentence or two for the person who started the program. */
export class CannotUseCertificates extends Error {
  override name = 'CannotUseCertificates';
}
