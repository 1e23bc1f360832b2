/** What went wrong in a lesson's code, for checks that run it themselves. */
export { faultOf, faults, type Fault } from '../../wire/faults.ts';
