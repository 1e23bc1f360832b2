import { canPrompt } from '#shared/terminal/prompt.ts';
import { note, ok, type Finding } from './finding.ts';

/** Looks whether clients can ask questions here. */
export const lookAtTerminal = (): Finding =>
  canPrompt()
    ? ok('Clients can ask you questions in this terminal.')
    : note(
        'There is no terminal to ask you questions in: clients read what is piped into them, or take their defaults.',
      );
