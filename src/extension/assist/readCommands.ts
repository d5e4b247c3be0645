/** Commands that answer in words, or in a document of their own. */
import * as vscode from 'vscode';
import { ask } from '../../assist/ask';
import { readCode } from '../../assist/answer/readCode';
import {
  commitQuestion,
  explainQuestion,
  filesOfDiff,
  pathOfDiff,
  readCommitMessage,
  reviewQuestion,
  translateQuestion,
  type TranslationTask,
} from '../../assist/commands/reading';
import { readRewrite } from '../../assist/commands/rewrite';
import { codeSpan } from '../markdown';
import { pathOf } from '../paths';
import type { AnswerSink } from './answerSink';
import type { AssistRunner } from './assistRunner';
import { withCode, type CodePlace, type CodePlaces } from './codePlace';
import type { EditPreviews } from '../edits/editPreviews';
import { changesOf, gitRepository } from './gitApi';

/** A review of more files than this takes longer than anybody waits. */
const MAX_REVIEWED_FILES = 20;

const CODE_TARGETS: readonly (readonly [languageId: string, name: string])[] = [
  ['python', 'Python'],
  ['typescript', 'TypeScript'],
  ['javascript', 'JavaScript'],
  ['go', 'Go'],
  ['rust', 'Rust'],
  ['java', 'Java'],
  ['csharp', 'C#'],
  ['cpp', 'C++'],
  ['c', 'C'],
  ['ruby', 'Ruby'],
  ['php', 'PHP'],
  ['shellscript', 'Bash'],
];
const WORD_TARGETS = [
  'English',
  'Chinese',
  'German',
  'French',
  'Spanish',
  'Japanese',
  'Portuguese',
  'Russian',
];

export interface ReadCommandDeps {
  readonly runner: AssistRunner;
  readonly places: CodePlaces;
  readonly answers: AnswerSink;
  readonly previews: EditPreviews;
}

export class ReadCommands {
  constructor(private readonly deps: ReadCommandDeps) {}

  async explain(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) return;
    const place = await this.deps.places.at(editor);
    const name = place.symbol?.name ?? `lines ${place.startLine + 1} to ${place.endLine + 1}`;
    const path = pathOf(place.document.uri);
    const heading = `# ${codeSpan(name)} in ${codeSpan(path)}\n\n`;
    await this.deps.runner.run(`Explain ${name}`, async ({ engine, signal }) => {
      const question = await explainQuestion(engine, { ...place, path });
      const stream = await this.deps.answers.begin(`Explain ${name}`);
      try {
        await ask(engine, question, { signal, onText: (text) => stream.update(heading + text) });
      } finally {
        stream.end();
      }
    });
  }

  /** Reviews what is staged, else all changes, file by file. */
  async review(view?: unknown): Promise<void> {
    const repository = await gitRepository(view);
    if (repository === undefined) return;
    const files = filesOfDiff(await changesOf(repository)).filter((file) => /^[+-](?![+-])/m.test(file));
    if (files.length === 0) {
      void vscode.window.showInformationMessage('There are no changes to review.');
      return;
    }
    const reviewed = files.slice(0, MAX_REVIEWED_FILES);
    await this.deps.runner.run('Review Changes', async ({ engine, signal, report }) => {
      const stream = await this.deps.answers.begin('Review of Changes');
      let markdown =
        '# Review\n\nA small model reviews with no more than the change itself before it: check what it says.\n';
      try {
        for (const [index, file] of reviewed.entries()) {
          report(`${index + 1} of ${reviewed.length}`);
          markdown += `\n## ${codeSpan(pathOfDiff(file))}\n\n`;
          const onText = (text: string): void => stream.update(markdown + text);
          const answer = await ask(engine, await reviewQuestion(engine, file), { signal, onText });
          markdown += `${answer.text.trim()}\n`;
        }
        const left = files.length - reviewed.length;
        if (left > 0) markdown += `\n${left} more files were not reviewed.\n`;
        stream.update(markdown);
      } finally {
        stream.end();
      }
    });
  }

  /** Writes a subject line into the source-control view's input. @returns it */
  async commitMessage(view?: unknown): Promise<string | undefined> {
    const repository = await gitRepository(view);
    if (repository === undefined) return undefined;
    const diff = await changesOf(repository);
    if (diff.trim() === '') {
      void vscode.window.showInformationMessage('There are no changes to write a message for.');
      return undefined;
    }
    const answer = await this.deps.runner.run('Write Commit Message', async ({ engine, signal }) =>
      ask(engine, await commitQuestion(engine, diff), { signal }),
    );
    const message = answer && readCommitMessage(answer);
    if (message !== undefined) repository.inputBox.value = message;
    else if (answer !== undefined) void vscode.window.showWarningMessage('The model wrote no message.');
    return message;
  }

  /** Into another programming language as a new document; into another human one as an edit. */
  async translate(target?: TranslationTask['target']): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined) return;
    const place = await this.deps.places.at(editor);
    const into = target ?? (await chooseTarget(place.languageId));
    if (into === undefined) return;
    const task = { text: place.code, languageId: place.languageId, target: into };
    const title = `Translate to ${into.name}`;
    const answer = await this.deps.runner.run(title, async ({ engine, signal }) =>
      ask(engine, await translateQuestion(engine, task), { signal }),
    );
    if (answer === undefined) return;
    if (into.kind === 'code') {
      const content = readCode(answer.text, into.languageId)?.code ?? answer.text;
      const opened = await vscode.workspace.openTextDocument({
        content: `${content}\n`,
        language: into.languageId,
      });
      await vscode.window.showTextDocument(opened, { viewColumn: vscode.ViewColumn.Beside });
      if (!answer.whole) void vscode.window.showWarningMessage('The translation was cut off: select less.');
      return;
    }
    await this.#replaceWords(place, title, answer);
  }

  async #replaceWords(
    place: CodePlace,
    title: string,
    answer: Parameters<typeof readRewrite>[0],
  ): Promise<void> {
    const read = readRewrite(answer, place.code, place.languageId, place.style);
    if (read.kind === 'none') {
      void vscode.window.showWarningMessage(`Nothing to apply: ${read.why}.`);
      return;
    }
    const newText = withCode(place, read.code);
    await this.deps.previews.proposeEdit({ uri: place.document.uri, newText, title, base: place.text });
  }
}

/** A caller may name the target as the list does: `Go`, `German`. */
export function targetOf(name: unknown): TranslationTask['target'] | undefined {
  const code = CODE_TARGETS.find(([, label]) => label === name);
  if (code !== undefined) return { kind: 'code', languageId: code[0], name: code[1] };
  const words = WORD_TARGETS.find((label) => label === name);
  return words === undefined ? undefined : { kind: 'words', name: words };
}

async function chooseTarget(languageId: string): Promise<TranslationTask['target'] | undefined> {
  const items: (vscode.QuickPickItem & { target?: TranslationTask['target'] })[] = [
    { label: 'Programming languages', kind: vscode.QuickPickItemKind.Separator },
    ...CODE_TARGETS.filter(([id]) => id !== languageId).map(([id, name]) => ({
      label: name,
      target: { kind: 'code' as const, languageId: id, name },
    })),
    { label: 'Comments and text', kind: vscode.QuickPickItemKind.Separator },
    ...WORD_TARGETS.map((name) => ({ label: name, target: { kind: 'words' as const, name } })),
  ];
  return (await vscode.window.showQuickPick(items, { title: 'Translate the Selection to' }))?.target;
}
