import { Metadata } from '@grpc/grpc-js';

/** @returns metadata with these entries */
export const metadataOf = (entries: Record<string, string>): Metadata => {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(entries)) metadata.set(key, value);
  return metadata;
};
