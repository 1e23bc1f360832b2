/** A service config as JSON has it. What grpc-js exports under these names is the same after it was read. */

/** Which methods something is for: one, all of a service, or, without a service, all that nothing else is for. */
export interface MethodName {
  service?: string;
  method?: string;
}

/** Makes a call again that has failed. */
export interface RetryPolicy {
  /** How many calls there may be in all. */
  maxAttempts: number;
  initialBackoff: string;
  maxBackoff: string;
  backoffMultiplier: number;
  /** The names of the statuses after which the call is made again. */
  retryableStatusCodes: string[];
}

/** Makes a call again that has not been answered yet. */
export interface HedgingPolicy {
  /** How many calls there may be in all. */
  maxAttempts: number;
  /** How long to wait for an answer before the next call. */
  hedgingDelay?: string;
  /** The names of the statuses that another call may still make good. */
  nonFatalStatusCodes?: string[];
}

/** How the calls of some methods are made. */
export interface MethodConfig {
  name: MethodName[];
  /** The longest that a call may take, as a number of seconds with an s behind it. */
  timeout?: string;
  waitForReady?: boolean;
  retryPolicy?: RetryPolicy;
  hedgingPolicy?: HedgingPolicy;
}

/** How the calls of a channel are made. */
export interface ServiceConfig {
  methodConfig: MethodConfig[];
  /** Stops making calls again while too many fail. */
  retryThrottling?: { maxTokens: number; tokenRatio: number };
}

/** A way to share calls out among servers: its name, and its settings. Of a list of them, the first that is known counts. */
export type Policy = Readonly<Record<string, object>>;
