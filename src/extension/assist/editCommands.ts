/** Commands that change the document: each shows a diff, and writes when it is accepted. */
import * as vscode from 'vscode';
import { ask } from '../../assist/ask';
import {
  documentationQuestion,
  existingDocumentation,
  placeDocumentation,
  readDocumentation,
  type DocumentationTask,
} from '../../assist/commands/documentation';
import {
  commentAt,
  commentQuestion,
  partialCommentCode,
  readCommentCode,
} from '../../assist/commands/fromComment';
import { fix } from '../../assist/commands/fix';
import {
  DOES_NOT_PARSE,
  partialRewrite,
  problemInWords,
  readRewrite,
  rewriteQuestion,
  type RewriteTask,
} from '../../assist/commands/rewrite';
import type { EditOutcome } from '../edits/editPreview';
import type { CodePlace, CodePlaces } from './codePlace';
import { showInstead, streamEdit, type StreamedEditDeps } from './streamedEdit';

export interface EditCommandDeps extends StreamedEditDeps {
  readonly places: CodePlaces;
}

export class EditCommands {
  constructor(private readonly deps: EditCommandDeps) {}

  /** @param instruction asked for where it is not given */
  async rewrite(kind: 'refactor' | 'edit', instruction?: string): Promise<EditOutcome | undefined> {
    const editor = activeEditor();
    if (editor === undefined) return undefined;
    const place = await this.deps.places.at(editor);
    if (kind === 'edit' && place.code.trim() === '') return this.fromInstruction(place, instruction);
    const words = instruction ?? (await askInstruction(kind));
    if (words === undefined || words.trim() === '') return undefined;
    const title = kind === 'refactor' ? `Refactor: ${words}` : `Edit: ${words}`;
    return this.#rewrite(place, { kind, instruction: words }, title);
  }

  /** @param diagnostics of the code actions; found at the cursor where they are not given */
  async fix(uri?: vscode.Uri, diagnostics?: readonly vscode.Diagnostic[]): Promise<EditOutcome | undefined> {
    const editor = activeEditor();
    if (editor === undefined) return undefined;
    const { document, selection } = editor;
    if (uri !== undefined && uri.toString() !== document.uri.toString()) return undefined;
    const found =
      diagnostics ??
      vscode.languages.getDiagnostics(document.uri).filter(({ range }) => linesMeet(range, selection));
    const [first] = found;
    if (first === undefined) {
      void vscode.window.showInformationMessage(
        'There is no problem at the cursor. Put it on one, or use Edit with Instruction.',
      );
      return undefined;
    }
    const place = await this.deps.places.at(editor, new vscode.Range(first.range.start, first.range.start));
    const problems = found
      .map(({ message, source, range }) =>
        problemInWords(message, source, place.lines[range.start.line] ?? ''),
      )
      .join('\n');
    const task = {
      ...{
        kind: 'fix' as const,
        instruction: problems,
        faultyLine: first.range.start.line - place.startLine,
      },
      ...taskAt(place),
    };
    const { code, languageId, style } = place;
    return streamEdit(this.deps, {
      ...{ title: `Fix: ${firstLine(first.message)}`, place },
      ask: (engine, options) => fix(engine, task, style, options),
      partial: (text) => partialRewrite(text, code, languageId, style),
    });
  }

  async document(): Promise<EditOutcome | undefined> {
    const editor = activeEditor();
    if (editor === undefined) return undefined;
    const place = await this.deps.places.symbolAt(editor, editor.selection);
    const { symbol } = place ?? {};
    if (place === undefined || symbol === undefined) {
      void vscode.window.showInformationMessage('Put the cursor into the function or class to document.');
      return undefined;
    }
    const task = documentationTask(place, symbol);
    const title = `Document ${symbol.name}`;
    const { runner, answers, previews, syntax } = this.deps;
    const answer = await runner.run(title, async ({ engine, signal }) =>
      ask(engine, await documentationQuestion(engine, task), { signal }),
    );
    if (answer === undefined) return undefined;
    const text = readDocumentation(answer, task);
    const newText = text && withDocumentation(place, symbol, text);
    const parses = newText && (await syntax.parsesAsWell(newText, place.text, place.languageId));
    if (newText === undefined || parses === false) {
      await showInstead(
        answers,
        title,
        newText === undefined ? 'there is no comment in the answer' : DOES_NOT_PARSE,
        answer.text,
      );
      return undefined;
    }
    return previews.proposeEdit({ uri: place.document.uri, newText, title, base: place.text });
  }

  async fromComment(): Promise<EditOutcome | undefined> {
    const editor = activeEditor();
    if (editor === undefined) return undefined;
    const place = await this.deps.places.at(editor);
    const comment = commentAt(place.lines, editor.selection.active.line);
    if (comment === undefined) {
      void vscode.window.showInformationMessage(
        'Put the cursor into a comment that says what to write, or right below it.',
      );
      return undefined;
    }
    return this.#below(
      place,
      place.lines.slice(comment.start, comment.end + 1).join('\n'),
      comment,
      'Generate from comment',
    );
  }

  /** Where there is no code to change, the instruction is a comment that is not written into the file. */
  private async fromInstruction(place: CodePlace, instruction?: string): Promise<EditOutcome | undefined> {
    const words = instruction ?? (await askInstruction('edit'));
    if (words === undefined || words.trim() === '') return undefined;
    return this.#rewrite({ ...place, code: '' }, { kind: 'edit', instruction: words }, `Edit: ${words}`);
  }

  #rewrite(
    place: CodePlace,
    { kind, instruction }: Pick<RewriteTask, 'kind' | 'instruction'>,
    title: string,
  ): Promise<EditOutcome | undefined> {
    const { languageId, code, style } = place;
    return streamEdit(this.deps, {
      title,
      place,
      ask: async (engine, options) => {
        const question = await rewriteQuestion(engine, { kind, instruction, ...taskAt(place) });
        const answer = await ask(engine, question, options);
        return { answer, read: readRewrite(answer, code, languageId, style) };
      },
      partial: (text) => partialRewrite(text, code, languageId, style),
    });
  }

  #below(
    place: CodePlace,
    comment: string,
    { start, end }: { readonly start: number; readonly end: number },
    title: string,
  ): Promise<EditOutcome | undefined> {
    const { languageId, lines, style } = place;
    // Lines of the comment stay; what comes is put below them, in the place of a blank line.
    const blank = lines[end + 1]?.trim() === '' && end + 2 < lines.length ? 1 : 0;
    const at: CodePlace = { ...place, startLine: end + 1, endLine: end + blank, code: '' };
    const before = lines.slice(0, start).join('\n');
    const task = { languageId, comment, before, after: lines.slice(end + 1 + blank).join('\n') };
    const tail = blank === 1 ? '\n' : '';
    return streamEdit(this.deps, {
      title,
      place: at,
      ask: async (engine, options) => {
        const answer = await ask(engine, await commentQuestion(engine, task), options);
        const read = readCommentCode(answer, task, style);
        return { answer, read: read.kind === 'code' ? { ...read, code: read.code + tail } : read };
      },
      partial: (text) => partialCommentCode(text, task, style),
    });
  }
}

/** What a command needs to know of the code and its place. */
const taskAt = ({ languageId, code, before, after }: CodePlace) => ({ languageId, code, before, after });

function activeEditor(): vscode.TextEditor | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) void vscode.window.showInformationMessage('Open a file first.');
  return editor;
}

const askInstruction = (kind: 'refactor' | 'edit'): Thenable<string | undefined> =>
  vscode.window.showInputBox({
    title: kind === 'refactor' ? 'Refactor with Instruction' : 'Edit with Instruction',
    prompt: 'What is to be done with the selection, or with the function around the cursor?',
    placeHolder: kind === 'refactor' ? 'split it in two, without the flag' : 'also accept negative numbers',
  });

const firstLine = (text: string): string => text.split('\n')[0] ?? '';

const linesMeet = (one: vscode.Range, other: vscode.Range): boolean =>
  one.start.line <= other.end.line && other.start.line <= one.end.line;

function documentationTask(place: CodePlace, symbol: NonNullable<CodePlace['symbol']>): DocumentationTask {
  const { text, languageId } = place;
  return {
    languageId,
    name: symbol.name,
    code: text.slice(symbol.declaration, symbol.end),
    signature: text.slice(symbol.declaration, symbol.body ?? symbol.end).trimEnd(),
  };
}

function withDocumentation(
  { text, lines, languageId, style }: CodePlace,
  symbol: NonNullable<CodePlace['symbol']>,
  comment: readonly string[],
): string {
  const lineOf = (offset: number): number => text.slice(0, offset).split('\n').length - 1;
  const indent = /^[ \t]*/.exec(lines[symbol.startLine] ?? '')?.[0] ?? '';
  const bodyLine = lineOf(symbol.body ?? symbol.end);
  const at = { line: symbol.startLine, indent, bodyLine };
  const [from, to] = existingDocumentation(lines, languageId, at);
  const added = placeDocumentation(comment, languageId, at, style);
  return [...lines.slice(0, from), ...added, ...lines.slice(to)].join('\n');
}
