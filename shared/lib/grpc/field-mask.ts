import type { FieldMask__Output } from '#protos/generated/google/protobuf/FieldMask.ts';

/** What the fields of a resource are to an update. */
export interface MaskRules<Field extends string> {
  /** The fields that a caller may change. */
  writable: readonly Field[];
  /** The paths of the fields that the server alone sets. */
  outputOnly: readonly string[];
}

/** What a field mask asks for. */
export interface Masked<Field extends string> {
  /** The fields to change, in the order of the rules. */
  fields: Field[];
  /** What is wrong with the mask, to stand behind its name: `names "nick", which is no field`; undefined when it is right. */
  problem: string | undefined;
}

/** What a caller has sent comes back to them in a status, which has little room. */
const quoted = (path: string): string => JSON.stringify(path.length > 40 ? `${path.slice(0, 40)}…` : path);

/**
 * Reads the mask of an update as AIP-134, AIP-161 and AIP-203 ask: without a mask, the fields that are not empty; for
 * `*`, all that can be changed; otherwise those it names. A field that the server alone sets may be named, and is
 * passed over, so that what was read can be sent back under the same mask.
 *
 * @param mask - the mask of the request; null, or one without paths, when there is none
 * @param resource - the resource of the request, with its new values
 * @param rules - what the fields of the resource are
 * @returns the fields to change, or what is wrong
 */
export const maskedFields = <Field extends string>(
  mask: FieldMask__Output | null,
  resource: Readonly<Record<Field, string>>,
  { writable, outputOnly }: MaskRules<Field>,
): Masked<Field> => {
  const paths = mask?.paths ?? [];
  const known = new Set<string>(['*', ...writable, ...outputOnly]);
  const unknown = paths.find((path) => !known.has(path));
  const problem = unknown === undefined ? undefined : `names ${quoted(unknown)}, which is no field`;
  const named = (field: Field): boolean => {
    if (paths.length === 0) return resource[field] !== '';
    return paths.includes(field) || paths.includes('*');
  };
  return { fields: writable.filter(named), problem };
};
