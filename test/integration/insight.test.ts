/** What a person finds out about suggestions: silence with its reason, the log, and what became of them. */
import assert from 'node:assert/strict';
import { chmod } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { QwenCoderTestApi } from '../../src/extension/extension';
import { rowsBy } from '../../src/extension/statistics/counts';
import { activate, activateWarm, OpenDocument, set, sleep, trigger, until } from './support';

const EARLIER_JUDGED_MS = 32_000;
const SHOWN_LIMIT_MS = 10_000;
const KEPT_LIMIT_MS = 45_000;
const ANSWER_LIMIT_MS = 30_000;

describe('silence has its reason', () => {
  let api: QwenCoderTestApi;
  let file: OpenDocument | undefined;

  before(async () => {
    api = await activateWarm();
  });
  afterEach(async () => {
    await set('suggestInComments', undefined);
    await set('suggestInStrings', undefined);
    await set('minProbability', undefined);
    await set('maxDocumentCharacters', undefined);
    await file?.close();
    file = undefined;
  });

  /** Acts, and waits until a request after that has ended in this way. */
  const answeredWith = async (reason: RegExp, act: () => Promise<unknown>): Promise<void> => {
    const { log } = api.insight;
    const before = log.requests.at(-1)?.number ?? 0;
    await act();
    await until(
      String(reason),
      () =>
        log.requests.find(
          ({ number, answer }) =>
            number > before && reason.test(answer.kind === 'none' ? answer.reason : answer.kind),
        ),
      ANSWER_LIMIT_MS,
      () => log.requests.slice(-5),
    );
  };
  const why = (): string => {
    const { editor } = file as OpenDocument;
    return api.insight.why.explainAt(editor.document, editor.selection.active).happened;
  };

  it('with several cursors, but not when asked by hand', async () => {
    file = await OpenDocument.open(
      'cursors.py',
      'def add(a, b):\n    return\n\n\ndef sub(a, b):\n    return',
    );
    const { editor } = file;
    const [one, two] = [new vscode.Position(1, 10), new vscode.Position(5, 10)];
    await answeredWith(/^several-cursors$/, async () => {
      editor.selections = [new vscode.Selection(one, one), new vscode.Selection(two, two)];
      await sleep(200);
      await file?.type(' ');
    });
    assert.match(why(), /more than one cursor/);
    assert.equal(file.text, 'def add(a, b):\n    return \n\n\ndef sub(a, b):\n    return ');
    await answeredWith(/^(suggestion|empty|only-repeats)$/, async () => {
      await vscode.commands.executeCommand('qwenCoder.trigger');
    });
    assert.equal(editor.selections.length, 2);
  });

  it('in comments and strings, where the settings say so', async () => {
    file = await OpenDocument.open('quiet.py', '# Adds two');
    await set('suggestInComments', false);
    await set('suggestInStrings', false);
    // The end of so short a line is hardly sure.
    await set('minProbability', 0);
    await answeredWith(/^in-comment$/, () => (file as OpenDocument).type(' '));
    assert.match(why(), /in a comment/);
    await file.replaceAll('x = ""');
    const inside = new vscode.Position(0, 5);
    file.editor.selection = new vscode.Selection(inside, inside);
    await answeredWith(/^in-string$/, () => (file as OpenDocument).type('a'));
    assert.match(why(), /in a string/);
    await file.replaceAll('def add(a, b):\n    return');
    await answeredWith(/^suggestion$/, () => (file as OpenDocument).type(' '));
  });

  it('in a document that is too long, until longer ones are accepted', async () => {
    await set('maxDocumentCharacters', 10_000);
    file = await OpenDocument.open('long.py', `${'x = 1\n'.repeat(3000)}def add(a, b):\n    return`);
    await answeredWith(/^document-too-large$/, () => (file as OpenDocument).type(' '));
    assert.match(why(), /18,026 characters; longer ones than 10,000/);
    await set('maxDocumentCharacters', 100_000);
    await answeredWith(/^suggestion$/, async () => {
      await vscode.commands.executeCommand('qwenCoder.trigger');
    });
  });

  it('in a document that cannot be written to', async () => {
    file = await OpenDocument.open('locked.py', 'def add(a, b):\n    return ');
    const { document } = file.editor;
    await set('debounceMs', undefined);
    const files = vscode.workspace.getConfiguration('files');
    await chmod(document.uri.fsPath, 0o444);
    try {
      await files.update('readonlyInclude', { '**/locked.py': true }, vscode.ConfigurationTarget.Global);
      assert.match(why(), /cannot be written to/);
    } finally {
      await files.update('readonlyInclude', undefined, vscode.ConfigurationTarget.Global);
      await chmod(document.uri.fsPath, 0o644);
    }
    assert.doesNotMatch(why(), /cannot be written to/);
  });

  it('where nobody asked, and where the editor shows none', async () => {
    file = await OpenDocument.open('untouched.py', 'def add(a, b):\n    return ');
    assert.match(why(), /Nothing has been typed on this line/);
    const editor = vscode.workspace.getConfiguration('editor');
    await editor.update('inlineSuggest.enabled', false, vscode.ConfigurationTarget.Global);
    try {
      assert.match(why(), /does not show inline suggestions/);
    } finally {
      await editor.update('inlineSuggest.enabled', undefined, vscode.ConfigurationTarget.Global);
    }
  });
});

describe('a suggestion', () => {
  let api: QwenCoderTestApi;
  let file: OpenDocument;

  before(async () => {
    api = await activate();
    // What other tests have accepted is judged after 30 seconds, and would be counted here.
    await sleep(EARLIER_JUDGED_MS);
  });
  afterEach(async () => file.close());

  const counted = async () => {
    const { rows } = await api.statistics.current();
    const [row] = rowsBy(
      rows.filter(({ language }) => language === 'python'),
      'language',
    );
    const { returned = 0, accepted = 0, judged = 0, kept = 0 } = row ?? {};
    return { returned, accepted, judged, kept };
  };
  /** Waits until so many more were judged. */
  const judgedMore = async (before: { judged: number }, more: number): Promise<void> => {
    for (const limit = Date.now() + KEPT_LIMIT_MS; ; await sleep(500)) {
      const { judged } = await counted();
      if (judged >= before.judged + more) return;
      assert.ok(Date.now() < limit, `${judged} judged`);
    }
  };

  /** Accepts the suggestion as soon as the editor shows it; before that the command does nothing. */
  const acceptWhenShown = async (expected: string): Promise<void> => {
    for (
      const limit = Date.now() + SHOWN_LIMIT_MS;
      file.text !== expected && Date.now() < limit;
      await sleep(300)
    )
      await vscode.commands.executeCommand('editor.action.inlineSuggest.commit');
    assert.equal(file.text, expected);
  };

  it('is counted when it is accepted, and undo takes back exactly it', async () => {
    const text = 'def add(a, b):\n    return ';
    file = await OpenDocument.open('undo.py', text);
    const before = await counted();
    const outcome = await trigger(api);
    assert.ok(outcome.kind === 'suggestion', JSON.stringify(outcome));
    await sleep(300);
    await acceptWhenShown(text + outcome.text);
    await sleep(300);
    const after = await counted();
    assert.deepEqual([after.returned - before.returned, after.accepted - before.accepted], [1, 1]);
    await vscode.commands.executeCommand('undo');
    assert.equal(file.text, text);
    await vscode.commands.executeCommand('redo');
    assert.equal(file.text, text + outcome.text);
    await vscode.commands.executeCommand('undo');
    await judgedMore(before, 1);
    assert.equal((await counted()).kept, before.kept, 'what was undone is not kept');
  });

  it('is kept when it still stands there after 30 seconds, wherever it has moved', async () => {
    const text = 'def plus(a, b):\n    return ';
    file = await OpenDocument.open('kept.py', text);
    const before = await counted();
    const outcome = await trigger(api);
    assert.ok(outcome.kind === 'suggestion', JSON.stringify(outcome));
    await sleep(300);
    await acceptWhenShown(text + outcome.text);
    await file.editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '# Adds two numbers.\n\n'));
    await judgedMore(before, 1);
    assert.equal((await counted()).kept, before.kept + 1);
  });

  it('that is typed along is one suggestion', async () => {
    file = await OpenDocument.open('along.py', 'def sum_of(a, b):\n    return ');
    const before = await counted();
    const outcome = await trigger(api);
    assert.ok(outcome.kind === 'suggestion' && outcome.text.startsWith('a '), JSON.stringify(outcome));
    for (const letter of ['a', ' ']) {
      await file.type(letter);
      await sleep(300);
    }
    assert.equal((await counted()).returned, before.returned + 1);
  });
});
