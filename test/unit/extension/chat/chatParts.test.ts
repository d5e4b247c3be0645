import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newConversation, withTurn } from '../../../../src/assist/chat/conversation';
import {
  ChatContext,
  contextOrDefault,
  type ContextSource,
} from '../../../../src/extension/chat/chatContext';
import { ChatHistory } from '../../../../src/extension/chat/chatHistory';
import { chatPage, newNonce } from '../../../../src/extension/chat/chatPage';
import { tokenColours } from '../../../../src/extension/chat/tokenColours';
import { temporaryFolder } from '../../../support/tinyModel';

const source = (key: string, kind: ContextSource['kind'] = 'file'): ContextSource => ({
  kind,
  key,
  label: key,
  read: () => Promise.resolve([]),
});
const keys = (sources: readonly ContextSource[]): string[] => sources.map(({ key }) => key);

describe('ChatContext', () => {
  it('has what was put in, each once, and what is selected', () => {
    const context = new ChatContext();
    context.add(source('a'));
    context.add(source('a'));
    context.select(source('s', 'selection'));
    assert.deepEqual(keys(context.sources), ['a', 's']);
    context.add(source('s', 'selection'));
    assert.deepEqual(keys(context.sources), ['a', 's']);
  });

  it('leaves a selection out that the person has taken out, until another one is made', () => {
    const context = new ChatContext();
    context.select(source('s', 'selection'));
    context.remove(0);
    assert.deepEqual(keys(context.sources), []);
    context.select(source('s', 'selection'));
    assert.deepEqual(keys(context.sources), []);
    context.select(source('t', 'selection'));
    assert.deepEqual(keys(context.sources), ['t']);
  });

  it('is taken by a question, but for the selection, and says when it changes', () => {
    const context = new ChatContext();
    let changes = 0;
    context.onChange(() => changes++);
    context.add(source('a'));
    context.select(source('s', 'selection'));
    assert.deepEqual(keys(context.take()), ['a', 's']);
    assert.deepEqual(keys(context.sources), ['s']);
    assert.equal(changes, 3);
  });
});

describe('contextOrDefault', () => {
  const find = (kind: string) => Promise.resolve(kind === 'file' ? source('open') : undefined);

  it('is the first that there is of what a command names, where nothing was put in', async () => {
    assert.deepEqual(keys(await contextOrDefault([], ['selection', 'file'], find)), ['open']);
    assert.deepEqual(keys(await contextOrDefault([], [], find)), []);
    assert.deepEqual(keys(await contextOrDefault([source('a')], ['file'], find)), ['a']);
  });
});

describe('tokenColours', () => {
  it('are those of the most specific rule, the last of equal ones', () => {
    const colours = tokenColours([
      { scope: 'keyword', settings: { foreground: '#111111' } },
      { scope: ['keyword.control', 'string'], settings: { foreground: '#222222' } },
      { scope: 'comment, string', settings: { foreground: '#333333' } },
      { scope: 'source.js string', settings: { foreground: '#444444' } },
      { settings: { foreground: '#555555' } },
    ]);
    assert.equal(colours['keyword'], '#222222');
    assert.equal(colours['string'], '#333333');
    assert.equal(colours['comment'], '#333333');
    assert.equal(colours['number'], undefined);
  });

  it('are colours and nothing else', () => {
    assert.deepEqual(
      tokenColours([{ scope: 'keyword', settings: { foreground: 'red; background: url(x)' } }]),
      {},
    );
  });
});

describe('the chat page', () => {
  it('has a policy under which nothing runs but its own script', () => {
    const nonce = newNonce();
    const html = chatPage({
      scriptUri: 'https://host/chat.js',
      styleUri: 'https://host/s.css',
      cspSource: 'https://host',
      nonce,
    });
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '';
    assert.equal(
      policy,
      `default-src 'none'; script-src 'nonce-${nonce}'; style-src https://host; base-uri 'none'; form-action 'none'`,
    );
    assert.notEqual(newNonce(), nonce);
    assert.equal(html.split('<script').length, 2);
  });
});

describe('ChatHistory', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let path: string;
  before(async () => {
    folder = await temporaryFolder();
    path = join(folder.path, 'storage', 'chats.json');
  });
  beforeEach(() => rm(join(folder.path, 'storage'), { recursive: true, force: true }));
  after(() => folder.remove());

  const talk = withTurn(
    newConversation('c', 1),
    { id: 't', question: 'Q', context: [], message: 'Q', answer: 'A', state: 'done', notes: [] },
    1,
  );

  it('keeps conversations on disk, and the one that was open', async () => {
    const history = new ChatHistory(path, assert.fail);
    await history.load();
    history.keep(talk);
    await history.flush();
    const again = new ChatHistory(path, assert.fail);
    await again.load();
    assert.deepEqual(again.lastOpen, talk);
    again.delete('c');
    await again.flush();
    const third = new ChatHistory(path, assert.fail);
    await third.load();
    assert.deepEqual(third.conversations, []);
  });

  it('puts a file aside that it cannot read', async () => {
    const first = new ChatHistory(path, assert.fail);
    first.keep(talk);
    await first.flush();
    await writeFile(path, 'not a history');
    const lines: string[] = [];
    const history = new ChatHistory(path, (line) => lines.push(line));
    await history.load();
    assert.deepEqual(history.conversations, []);
    assert.equal(lines.length, 1);
    assert.equal(await readFile(`${path}.unreadable`, 'utf8'), 'not a history');
  });

  it('says in the log that it cannot be written, and goes on', async () => {
    const lines: string[] = [];
    await writeFile(join(folder.path, 'file'), '');
    const history = new ChatHistory(join(folder.path, 'file', 'chats.json'), (line) => lines.push(line));
    history.keep(talk);
    await history.flush();
    assert.match(lines.join(), /not written/);
    assert.deepEqual(history.conversations, [talk]);
  });
});
