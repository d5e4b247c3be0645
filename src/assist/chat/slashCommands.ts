/** What `/explain` and its like mean: an instruction for the model, and the context that it goes with. */
import type { ContextKind } from '../context/contextItem';
import { withoutMentions } from './mentions';

export interface SlashCommand {
  /** Without the slash. */
  readonly name: string;
  /** For people, in a list. */
  readonly description: string;
  /** Put in where the person has named no context; the first of them that there is. */
  readonly context: readonly ContextKind[];
  /** What may stand behind the command, for people; absent where nothing is expected. */
  readonly argument?: string;
  /** What the model is told; `rest` is what the person wrote behind the command, trimmed. */
  readonly instruct: (rest: string) => string;
}

const CODE: readonly ContextKind[] = ['selection', 'symbol', 'file'];

/** Behind the instruction, what the person wished besides. */
const also = (rest: string): string => (rest === '' ? '' : `\n\n${rest}`);

export const SLASH_COMMANDS: readonly SlashCommand[] = [
  {
    name: 'explain',
    description: 'Explain the code',
    context: CODE,
    argument: 'what you want to know',
    instruct: (rest) =>
      'Explain what this code does and how, step by step, for a programmer who does not know it. ' +
      `Name what is surprising. Be brief.${also(rest)}`,
  },
  {
    name: 'fix',
    description: 'Find and mend what is wrong',
    context: CODE,
    argument: 'what goes wrong',
    instruct: (rest) =>
      'Find what is wrong in this code. Say what the cause is in one or two sentences, then give the corrected ' +
      `code, complete, in one code block. Change nothing else.${also(rest)}`,
  },
  {
    name: 'tests',
    description: 'Write tests for the code',
    context: CODE,
    argument: 'what matters',
    instruct: (rest) =>
      'List the cases that are worth testing here: the usual one, borders, wrong input. Then write the tests in one ' +
      `code block, in the test framework that is usual for this language.${also(rest)}`,
  },
  {
    name: 'docs',
    description: 'Document the code',
    context: CODE,
    argument: 'style',
    instruct: (rest) =>
      'Write documentation comments for this code in the style that is usual for its language: what it does, ' +
      'parameters, result, errors. Give the code with its comments in one code block and leave the code itself ' +
      `as it is.${also(rest)}`,
  },
  {
    name: 'refactor',
    description: 'Improve the code without changing what it does',
    context: CODE,
    argument: 'what to improve',
    instruct: (rest) =>
      'Rewrite this code so that it is easier to read and to change, and still does exactly the same. ' +
      `Give the code in one code block, then say in a few words what has changed.${also(rest)}`,
  },
  {
    name: 'review',
    description: 'Review the code or the changes',
    context: ['selection', 'diff', 'file'],
    argument: 'what to look at',
    instruct: (rest) =>
      'Review this as a careful colleague: errors, cases that are not handled, unclear names, missing tests. ' +
      `List what you find, the most important first, each with the line it concerns. Leave out praise.${also(rest)}`,
  },
  {
    name: 'commit',
    description: 'Write a commit message for the changes',
    context: ['diff'],
    instruct: (rest) =>
      'Write a commit message for these changes: a first line of at most 72 characters in the imperative, ' +
      `an empty line, then why, if that can be seen. Only the message, in one code block.${also(rest)}`,
  },
  {
    name: 'translate',
    description: 'Translate text, comments or code into another language',
    context: CODE,
    argument: 'the language, natural or programming',
    instruct: (rest) =>
      `Translate this into ${rest === '' ? 'English' : rest}. If that is a natural language, translate comments and ` +
      'texts and leave code as it is; if it is a programming language, rewrite the code in it, idiomatically. ' +
      'Give the result in one code block.',
  },
  {
    name: 'write',
    description: 'Write prose, such as a part of a README',
    context: [],
    argument: 'what to write',
    instruct: (rest) =>
      `Write this in clear, plain language, in Markdown: ${rest === '' ? 'a README' : rest}`,
  },
  {
    name: 'analyze',
    description: 'Explain the data in a CSV, TSV or JSON file',
    context: ['selection', 'file'],
    argument: 'what you want to know',
    instruct: (rest) =>
      'Explain what this data is, what stands out in it (missing values, ranges, values that look wrong), and what ' +
      'could be asked of it. Use only the computed facts and rows above; compute no numbers of your own.' +
      also(rest),
  },
];

export interface ParsedQuestion {
  readonly command?: SlashCommand;
  /** The question without the command, trimmed. */
  readonly rest: string;
}

/** A question that may begin with a command. A word with a slash that is no command is part of the question. */
export function parseQuestion(question: string): ParsedQuestion {
  const text = question.trim();
  const [, name, rest = ''] = /^\/([a-z]+)(?:\s+([^]*))?$/.exec(text) ?? [];
  const command = SLASH_COMMANDS.find((one) => one.name === name);
  return command === undefined ? { rest: text } : { command, rest: rest.trim() };
}

/** What the model is asked, without the context. */
export function instructionOf({ command, rest }: ParsedQuestion): string {
  const words = withoutMentions(rest);
  return command === undefined ? words : command.instruct(words);
}
