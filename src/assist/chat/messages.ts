/**
 * What the chat page and the editor say to each other. Each side checks what it gets against these schemas: the page
 * shows text that a model wrote, and what comes from it is input like any other.
 */
import * as v from 'valibot';
import { CONTEXT_KINDS } from '../context/contextItem';
import { TURN_STATES } from './conversation';

/** Bounds on what a message may hold, in UTF-16 units; larger ones are refused. */
const LIMITS = {
  id: 100,
  question: 200_000,
  answer: 1_000_000,
  code: 1_000_000,
  label: 1000,
  items: 500,
} as const;

const id = v.pipe(v.string(), v.minLength(1), v.maxLength(LIMITS.id));
const label = v.pipe(v.string(), v.maxLength(LIMITS.label));
const question = v.pipe(v.string(), v.maxLength(LIMITS.question));
const code = v.pipe(v.string(), v.maxLength(LIMITS.code));
const count = v.pipe(v.number(), v.minValue(0));
const listOf = <T extends v.GenericSchema>(item: T) => v.pipe(v.array(item), v.maxLength(LIMITS.items));

/** A code block of an answer, as the page shows it. */
const block = { code, language: v.pipe(v.string(), v.maxLength(100)) };

export const fromPageSchema = v.variant('type', [
  /** The page has loaded, for the first time or again. */
  v.strictObject({ type: v.literal('ready') }),
  v.strictObject({ type: v.literal('ask'), question }),
  v.strictObject({ type: v.literal('stop') }),
  v.strictObject({ type: v.literal('retry'), turn: id }),
  /** Asks a changed question in place of an earlier one. */
  v.strictObject({ type: v.literal('edit'), turn: id, question }),
  v.strictObject({ type: v.literal('deleteTurn'), turn: id }),
  /** Puts something of a kind in; the editor asks what, where that is not clear. */
  v.strictObject({ type: v.literal('addContext'), kind: v.picklist(CONTEXT_KINDS) }),
  v.strictObject({ type: v.literal('removeContext'), index: count }),
  /** Files dropped onto the page. */
  v.strictObject({ type: v.literal('dropFiles'), uris: listOf(label) }),
  v.strictObject({ type: v.literal('copy'), ...block }),
  v.strictObject({ type: v.literal('insert'), ...block }),
  /** Shows code as a change of the open file. */
  v.strictObject({ type: v.literal('apply'), ...block }),
  v.strictObject({ type: v.literal('newFile'), ...block }),
  v.strictObject({ type: v.literal('openLink'), href: v.pipe(v.string(), v.maxLength(4000)) }),
  /** The way out that an error names. */
  v.strictObject({
    type: v.literal('command'),
    command: v.picklist(['models', 'log']),
  }),
]);
export type FromPage = v.InferOutput<typeof fromPageSchema>;

const context = v.object({ kind: v.picklist(CONTEXT_KINDS), label });
const stats = v.object({
  promptTokens: count,
  cachedTokens: count,
  generatedTokens: count,
  tokensPerSecond: v.optional(count),
  firstTokenMs: count,
});
const turn = v.object({
  id,
  question,
  context: v.array(context),
  answer: v.pipe(v.string(), v.maxLength(LIMITS.answer)),
  state: v.picklist(TURN_STATES),
  notes: v.array(v.string()),
  stats: v.optional(stats),
});
export type ShownTurn = v.InferOutput<typeof turn>;

const shownState = v.object({
  conversation: id,
  title: label,
  turns: v.array(turn),
  /** Of the turns, how many at the beginning the model no longer gets. */
  forgotten: count,
  /** What goes into the next question. */
  context: v.array(context),
  model: v.string(),
  /** Tokens of the last prompt and answer, and how many there is room for. */
  used: v.optional(v.object({ tokens: count, of: count })),
  busy: v.boolean(),
  /** In a workspace that is not trusted nothing is written. */
  mayWrite: v.boolean(),
});
export type ShownState = v.InferOutput<typeof shownState>;

/** Colours of code by the kind of its parts, as the editor's theme has them. */
const colours = v.record(v.string(), v.pipe(v.string(), v.regex(/^#[0-9a-fA-F]{3,8}$/)));

export const toPageSchema = v.variant('type', [
  v.object({ type: v.literal('state'), state: shownState }),
  /** What goes into the next question has changed, and nothing else: it does with each selection. */
  v.object({ type: v.literal('context'), context: v.array(context) }),
  /** More of an answer; `at` is its length before. */
  v.object({ type: v.literal('text'), turn: id, at: count, text: v.string() }),
  v.object({ type: v.literal('theme'), colours }),
  v.object({ type: v.literal('focus') }),
]);
export type ToPage = v.InferOutput<typeof toPageSchema>;

/** @returns undefined for anything that the page has no business to say */
export function readFromPage(message: unknown): FromPage | undefined {
  const result = v.safeParse(fromPageSchema, message);
  return result.success ? result.output : undefined;
}

/** @returns undefined for anything but a message of the editor's side */
export function readToPage(message: unknown): ToPage | undefined {
  const result = v.safeParse(toPageSchema, message);
  return result.success ? result.output : undefined;
}
