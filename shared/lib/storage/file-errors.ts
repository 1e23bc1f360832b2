const meanings: Readonly<Record<string, string>> = {
  EISDIR: 'there is a folder of this name, and it should be a file',
  ENOTDIR: 'a part of its path is a file, and should be a folder',
  EEXIST: 'there is something else of this name',
  ENOENT: 'it is not there, or leads to something that is not there',
  EACCES: 'you may not do that there',
  EPERM: 'you may not do that there, or another program holds it open',
  EBUSY: 'another program holds it open',
  EROFS: 'it is on a disk that can only be read',
  ENOSPC: 'the disk is full',
  EDQUOT: 'your share of the disk is used up',
  EFBIG: 'a file may not become so large here',
  ELOOP: 'links lead in a circle',
  ENAMETOOLONG: 'its name is too long',
};

/**
 * @param error - what reading or writing a file has thrown
 * @returns why, in words for people; what the system says where there are none
 */
export const fileProblem = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  return meanings[code ?? ''] ?? message ?? String(error);
};
