import { channel } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import { status, type StatusObject } from '@grpc/grpc-js';
import { placesOf, placeText, type Place } from '../lesson/stack-trace.ts';
import { unwrittenStep } from '../lesson/step-marks.ts';
import { meaningOf } from './grpc-errors.ts';

/** Something that went wrong in a lesson's code while it was running. */
export interface Fault {
  kind: 'unwritten' | 'thrown' | 'answered twice' | 'written after the end';
  /** One sentence that says what happened, and where. */
  message: string;
  /** Where in the lesson's files, the innermost first. */
  places: Place[];
  /** For an unwritten step: which. */
  step?: number;
}

/** Carries a {@link Fault} each time one happens. */
export const faults = channel('grpc-workbook:fault');

/** A status that is no OK. */
export type Failure = Pick<StatusObject, 'code' | 'details'>;

/** @returns a status as the workbook writes it: its name, and its details when there is something to tell */
export const statusText = (error: unknown): string => {
  if (error === null || error === undefined) return 'OK';
  const { code, details, message } = error as Partial<StatusObject & Error>;
  return `${status[code ?? status.UNKNOWN] ?? code}: ${details ?? message ?? 'Unknown error'}`;
};

export const isStatus = (value: unknown): value is Failure =>
  typeof (value as Partial<Failure> | null | undefined)?.code === 'number';

/** Anything can be thrown, and a plain object says nothing as a string. */
export const textOf = (error: unknown): string => {
  if (error instanceof Error) {
    const meaning = meaningOf(error.message);
    return `${error.name}: ${error.message}${meaning === undefined ? '' : `: ${meaning}`}`;
  }
  if (isStatus(error)) return statusText(error);
  return typeof error === 'object'
    ? inspect(error, { compact: true, breakLength: Infinity, maxStringLength: 200 })
    : String(error);
};

/** @returns what an error of a lesson's code means, as a fault */
export const faultOf = (error: unknown): Fault => {
  const places = placesOf(error);
  const text =
    !(error instanceof Error) && isStatus(error)
      ? `the status ${textOf(error)}; a status is sent with call.emit('error', …) or given to the callback, not thrown`
      : textOf(error);
  const step = error instanceof Error ? unwrittenStep(error.message) : undefined;
  const place = places[0];
  if (step !== undefined && place) {
    const message = `Lesson ${place.lesson}, step ${step} is not written yet: ${placeText(place)}`;
    return { kind: 'unwritten', message, places, step };
  }
  return { kind: 'thrown', message: place ? `${text} (${placeText(place)})` : text, places };
};

/** @returns the status with which a fault reaches the caller */
export const failureOf = (fault: Fault): Failure =>
  fault.kind === 'unwritten'
    ? { code: status.UNIMPLEMENTED, details: fault.message }
    : { code: status.INTERNAL, details: `The server's handler threw ${fault.message}` };
