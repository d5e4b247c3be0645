/** Commands that answer in words: explain, review, the commit message; and translation. */
import type { Engine } from '../../inference/engine';
import { codeBlocks } from '../answer/codeBlocks';
import type { Answer, Question } from '../ask';
import { answerRoom, fitLines } from '../budget';
import { codeQuestion, fenced, question } from './prompts';

const EXPLAINED_TOKENS = 1100;
const EXPLANATION_TOKENS = 500;
const REVIEWED_TOKENS = 1100;
const REVIEW_TOKENS = 400;
const DIFF_TOKENS = 1200;
const MESSAGE_TOKENS = 60;
/** Git's own advice is 50; hosts cut at 72. */
const SUBJECT_UNITS = 72;
const TRANSLATION_GROWTH = 900;

/** @throws EngineError `context-overflow` */
export async function explainQuestion(
  engine: Engine,
  { code, languageId, path }: { readonly code: string; readonly languageId: string; readonly path: string },
): Promise<Question> {
  const kept = await fitLines(engine, code, EXPLAINED_TOKENS, 'start');
  const cut = kept === code ? '' : ' (its beginning)';
  const text = `Explain this code from \`${path}\`${cut}. Say first in one sentence what it does, then how, step by step, then what is easy to get wrong with it. Be short.\n${fenced(kept, languageId)}`;
  return { messages: question(text), maxTokens: await answerRoom(engine, [text], EXPLANATION_TOKENS) };
}

/** One file's part of a diff. @throws EngineError `context-overflow` */
export async function reviewQuestion(engine: Engine, fileDiff: string): Promise<Question> {
  const kept = await fitLines(engine, fileDiff, REVIEWED_TOKENS, 'start');
  const text = `Review this change. List at most five real problems in the added lines (\`+\`): bugs, missing checks, wrong names. One bullet each, with the line it is about. If there are none, say "No problems found." Do not describe the change.\n${fenced(kept, 'diff')}`;
  return { messages: question(text), maxTokens: await answerRoom(engine, [text], REVIEW_TOKENS) };
}

/** @throws EngineError `context-overflow` */
export async function commitQuestion(engine: Engine, diff: string): Promise<Question> {
  const kept = await fitLines(engine, balancedDiff(diff), DIFF_TOKENS, 'start');
  const text = `Write the subject line of a git commit message for this change: at most ${SUBJECT_UNITS} characters, in the imperative ("Add …", "Fix …"), saying what changes and where. Only that line.\n${fenced(kept, 'diff')}`;
  return {
    messages: question(text),
    maxTokens: await answerRoom(engine, [text], MESSAGE_TOKENS),
    stopStrings: ['\n\n'],
  };
}

/** The subject line of an answer; undefined where there is none. */
export function readCommitMessage({ text }: Answer): string | undefined {
  const inside = codeBlocks(text)[0]?.code ?? text;
  const line = inside
    .split('\n')
    .map((each) => each.trim())
    .find((each) => each !== '' && !/^(?:here|sure|certainly|```)/i.test(each));
  const bare = line
    ?.replace(/^(?:subject|commit message|message)\s*:\s*/i, '')
    .replace(/^[-*#>\s]+/, '')
    .replace(/^(["'`])(.*)\1$/, '$2')
    .replace(/\.$/, '')
    .trim();
  if (bare === undefined || bare === '') return undefined;
  return bare.length <= SUBJECT_UNITS ? bare : `${bare.slice(0, SUBJECT_UNITS - 1).replace(/\s+\S*$/, '')}…`;
}

/** Files of a unified diff, each with its header. */
export function filesOfDiff(diff: string): string[] {
  return diff.split(/^(?=diff --git )/m).filter((part) => part.trim() !== '');
}

/** The new path that a file's diff is about. */
export const pathOfDiff = (fileDiff: string): string =>
  /^\+\+\+ b\/(.*)$/m.exec(fileDiff)?.[1] ?? /^diff --git a\/(.*?) b\//m.exec(fileDiff)?.[1] ?? 'a file';

/** A file that is not tracked, as git would show it when it is. */
export function diffOfNewFile(path: string, text: string): string {
  const lines = text.replace(/\r\n?/g, '\n').replace(/\n$/, '').split('\n');
  const added = lines.map((line) => `+${line}`).join('\n');
  return `diff --git a/${path} b/${path}\nnew file mode 100644\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1,${lines.length} @@\n${added}`;
}

/** Lines of each file that a commit message needs at most, so that the first file does not hide the others. */
const LINES_PER_FILE = 60;

function balancedDiff(diff: string): string {
  const files = filesOfDiff(diff);
  if (files.length < 2) return diff;
  return files.map((file) => file.split('\n').slice(0, LINES_PER_FILE).join('\n')).join('\n');
}

export interface TranslationTask {
  readonly text: string;
  readonly languageId: string;
  readonly target:
    | { readonly kind: 'code'; readonly languageId: string; readonly name: string }
    | { readonly kind: 'words'; readonly name: string };
}

/** @throws EngineError `context-overflow` */
export async function translateQuestion(engine: Engine, task: TranslationTask): Promise<Question> {
  const { text, languageId, target } = task;
  const told =
    target.kind === 'code'
      ? `Translate this code to ${target.name}. Keep what it does, and write it as is usual in ${target.name}. Answer with the code only.`
      : `Translate the comments and the text for people in this to ${target.name}. Leave all code, names and markup as they are. Answer with the whole text only.`;
  const asked = `${told}\n${fenced(text, languageId)}`;
  const answered = target.kind === 'code' ? target.languageId : languageId;
  return codeQuestion(engine, asked, { languageId: answered, wanted: TRANSLATION_GROWTH });
}
