const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * How much is allowed. The numbers are those of NIST SP 800-63B, OWASP ASVS 5.0 (6.5 and 6.6) and Twilio Verify, or
 * stricter. Times are in milliseconds.
 */
export const otpLimits = {
  /** How long a code is good. */
  life: 5 * minute,
  /** How many tries a code is good for. */
  tries: 5,
  /** The least time between two sends to one number. */
  pause: 30 * second,
  /** How many sends a number gets within a window of time. */
  sends: 5,
  window: 10 * minute,
  /** From this failure in a row on, a number has to wait; each further one doubles the time, up to the longest. */
  failures: 10,
  firstWait: minute,
  longestWait: hour,
  /**
   * Failures are forgotten this long after the last of them. That helps no guesser: ten tries without a wait come once
   * in so long, and who goes on at one an hour gets twenty-four.
   */
  memory: day,
} as const;

/** How long a number has to wait after so many failures in a row, in milliseconds. */
export const waitAfter = (failures: number): number => {
  const { failures: free, firstWait, longestWait } = otpLimits;
  return failures < free ? 0 : Math.min(longestWait, firstWait * 2 ** (failures - free));
};
