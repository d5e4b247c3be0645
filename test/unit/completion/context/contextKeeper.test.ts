import assert from 'node:assert/strict';
import {
  chunkKey,
  type ContextChunk,
  type ContextFile,
} from '../../../../src/completion/context/contextChunk';
import { ContextKeeper } from '../../../../src/completion/context/contextKeeper';
import { estimateTokens } from '../../../../src/completion/estimateTokens';
import type { DocumentSnapshot } from '../../../../src/completion/snapshot';
import { setUp } from '../completerSetUp';
import { parse } from '../cursor';
import { ALL_ON, found, sampleFunction, spelled } from './helpers';

const MAIN = 'file:///shop/src/main.py';
const invoices: ContextFile = {
  source: 'open',
  uri: 'file:///shop/src/invoices.py',
  path: 'src/invoices.py',
  text: sampleFunction('invoice', ['customer', 'amount', 'currency']),
};
const declaration: ContextChunk = {
  source: 'imports',
  uri: 'file:///shop/src/mail.py',
  path: 'src/mail.py',
  text: 'def send_mail(to, subject): ...',
  startLine: 3,
  name: 'send_mail',
};
const main = (drawn: string): DocumentSnapshot => parse(drawn, { uri: MAIN });
const start = main('invoice = compute_amount(invoice_input)\ncustomer_invoice = █\n');
const whole = ({ text }: DocumentSnapshot) => ({ start: 0, end: text.length });
const shown = (keeper: ContextKeeper, snapshot: DocumentSnapshot, maxTokens = 1000): string =>
  spelled(keeper.contextFor(snapshot, whole(snapshot), maxTokens));

describe('ContextKeeper', () => {
  it('lays out repository, files and the document’s own path in Qwen’s form', () => {
    const keeper = new ContextKeeper();
    keeper.refresh(found(start, { chunks: [declaration], files: [invoices] }));
    assert.equal(
      shown(keeper, start),
      `<repo_name>shop\n<file_sep>src/mail.py\n${declaration.text}\n` +
        `<file_sep>src/invoices.py\n${invoices.text}\n<file_sep>src/main.py\n`,
    );
  });

  it('knows nothing of a document before its first calm moment', () => {
    assert.equal(new ContextKeeper().contextFor(start, whole(start), 1000), undefined);
  });

  it('shows the path alone where nothing else is known, unless that is switched off', () => {
    const keeper = new ContextKeeper();
    keeper.refresh(found(start));
    assert.equal(shown(keeper, start), '<repo_name>shop\n<file_sep>src/main.py\n');
    keeper.refresh(found(start, { switches: { ...ALL_ON, path: false } }));
    assert.equal(keeper.contextFor(start, whole(start), 1000), undefined);
  });

  it('takes special tokens from code, never from text', () => {
    const keeper = new ContextKeeper();
    const text = 'x = "<|file_sep|>" + "<|fim_middle|>"';
    keeper.refresh(found(start, { chunks: [{ ...declaration, text }], repository: 'a\nb<|endoftext|>' }));
    const parts = keeper.contextFor(start, whole(start), 1000)?.parts ?? [];
    assert.deepEqual(
      parts.flatMap((part) => ('special' in part ? [part.special] : [])),
      ['repo_name', 'file_sep', 'file_sep'],
    );
    assert.ok(parts.some((part) => 'text' in part && part.text.includes(text)));
    assert.ok(parts.some((part) => 'text' in part && part.text === 'a b<|endoftext|>\n'));
  });

  for (const [source, switches] of [
    ['imports', { ...ALL_ON, imports: false }],
    ['open', { ...ALL_ON, open: false }],
  ] as const) {
    it(`leaves out ${source} when they are switched off`, () => {
      const keeper = new ContextKeeper();
      const chosen = keeper.refresh(found(start, { chunks: [declaration], files: [invoices], switches }));
      assert.equal(chosen.length, 1);
      assert.notEqual(chosen[0]?.chunk.source, source);
    });
  }

  it('fits its budget, also where less is asked for at a keystroke', () => {
    const keeper = new ContextKeeper();
    const files = Array.from({ length: 8 }, (_, at) => ({
      ...invoices,
      uri: `file:///i${at}.py`,
      path: `i${at}.py`,
    }));
    keeper.refresh(found(start, { chunks: [declaration], files, maxTokens: 500 }));
    for (const maxTokens of [500, 200, 60, 10, 0]) {
      const context = keeper.contextFor(start, whole(start), maxTokens);
      assert.ok((context?.tokens ?? 0) <= maxTokens, `${context?.tokens} of ${maxTokens}`);
      assert.ok(estimateTokens(spelled(context)) <= maxTokens + 40);
    }
    assert.match(shown(keeper, start, 60), /send_mail/);
    assert.equal(shown(keeper, start, 10), '');
  });

  it('keeps the prompt’s beginning byte by byte over a typing session', () => {
    const keeper = new ContextKeeper();
    const chunks = [declaration];
    keeper.refresh(found(start, { chunks, files: [invoices] }));
    let last = shown(keeper, start);
    let text = start.text;
    let { offset } = start;
    const typed =
      'send_mail(customer_invoice, compute_amount(invoice_input))\nprint(customer_invoice)\n'.repeat(3);
    let common = 0;
    let keys = 0;
    let refreshes = 0;
    for (const [at, key] of [...typed].entries()) {
      text = text.slice(0, offset) + key + text.slice(offset);
      offset += 1;
      const snapshot = { ...start, text, offset, version: at + 2 };
      // A pause now and then: the set is chosen anew, and what was written elsewhere meanwhile comes in.
      if (at % 60 === 59) {
        refreshes += 1;
        const edit: ContextChunk = {
          ...declaration,
          source: 'recent-edit',
          text: `edited_${at} = 1`,
          path: 'src/e.py',
          uri: 'file:///e.py',
        };
        keeper.refresh(found(snapshot, { chunks: [...chunks, edit], files: [invoices] }));
      }
      const now = shown(keeper, snapshot);
      keys += 1;
      if (now === last) common += 1;
      // What differs is behind all that stays.
      const stays = last.slice(
        0,
        last.indexOf('<file_sep>src/e.py') < 0
          ? last.lastIndexOf('<file_sep>')
          : last.indexOf('<file_sep>src/e.py'),
      );
      assert.ok(now.startsWith(stays), `key ${at}: ${JSON.stringify(now)}`);
      last = now;
    }
    assert.equal(keys - common, refreshes);
  });

  it('leaves out what the window shows, also where it moves there later', () => {
    const keeper = new ContextKeeper();
    const far = `${sampleFunction('first', ['alpha'])}\n\n${'x = 1\n'.repeat(600)}`;
    const snapshot = main(`${far}█`);
    const edited: ContextChunk = {
      source: 'recent-edit',
      uri: MAIN,
      path: 'src/main.py',
      text: sampleFunction('first', ['alpha']),
      startLine: 1,
    };
    const window = { prefixTokens: 200, suffixTokens: 50 };
    keeper.refresh(found(snapshot, { chunks: [edited], window }));
    const end = snapshot.text.length;
    const at = (from: number) => spelled(keeper.contextFor(snapshot, { start: from, end }, 1000));
    assert.match(at(end - 300), /def first/);
    assert.doesNotMatch(at(0), /def first/);
    // Near the cursor from the beginning.
    keeper.refresh(found({ ...snapshot, offset: 40 }, { chunks: [edited], window }));
    assert.deepEqual(keeper.chunks(MAIN), []);
  });

  it('never offers a document to itself', () => {
    const keeper = new ContextKeeper();
    const chosen = keeper.refresh(found(start, { files: [{ ...invoices, uri: MAIN }] }));
    assert.deepEqual(chosen, []);
  });

  it('removes at once and for the session, of this document alone', () => {
    const keeper = new ContextKeeper();
    const input = found(start, { chunks: [declaration], files: [invoices] });
    const [first] = keeper.refresh(input);
    assert.equal(first?.key, chunkKey(declaration));
    keeper.remove(MAIN, first.key);
    assert.doesNotMatch(shown(keeper, start), /send_mail/);
    keeper.refresh(input);
    assert.doesNotMatch(shown(keeper, start), /send_mail/);
    assert.equal(keeper.removedCount(MAIN), 1);
    const other = { ...start, uri: 'file:///shop/src/other.py' };
    keeper.refresh({ ...input, snapshot: other });
    assert.match(shown(keeper, other), /send_mail/);
    keeper.restore(MAIN);
    keeper.refresh(input);
    assert.match(shown(keeper, start), /send_mail/);
  });

  it('keeps what is pinned when it is not similar any more, and when its file is closed', () => {
    const keeper = new ContextKeeper();
    const [chunk] = keeper.refresh(found(start, { files: [invoices] }));
    assert.ok(chunk);
    keeper.pin(MAIN, chunk.key, true);
    const elsewhere = main('width = screen_width()\n█');
    for (const files of [[invoices], []]) {
      keeper.refresh(found(elsewhere, { files }));
      assert.match(shown(keeper, elsewhere), /def invoice/);
    }
    keeper.pin(MAIN, chunk.key, false);
    keeper.refresh(found(elsewhere, { files: [invoices] }));
    assert.doesNotMatch(shown(keeper, elsewhere), /def invoice/);
  });

  it('drops files at once, pinned or not', () => {
    const keeper = new ContextKeeper();
    const [, piece] = keeper.refresh(found(start, { chunks: [declaration], files: [invoices] }));
    assert.ok(piece);
    keeper.pin(MAIN, piece.key, true);
    keeper.dropFiles((uri) => uri === invoices.uri);
    assert.doesNotMatch(shown(keeper, start), /def invoice/);
    assert.match(shown(keeper, start), /send_mail/);
    keeper.dropFiles((uri) => uri === MAIN);
    assert.equal(keeper.contextFor(start, whole(start), 1000), undefined);
  });
});

describe('Completer with context', () => {
  it('puts it before the window, within what the model has room for', async () => {
    const keeper = new ContextKeeper();
    const { engine, clock, completer } = setUp({ debounceMs: 0 }, keeper);
    keeper.refresh(found(start, { chunks: [declaration] }));
    engine.answerWith(async (run) => {
      await run.prefilled();
      await run.text('1\n');
      await run.done();
    });
    const answer = completer.complete(start, 'explicit');
    await clock.pass(0);
    await answer;
    assert.equal(
      engine.last.prompt,
      `<repo_name>shop\n<file_sep>src/mail.py\n${declaration.text}\n<file_sep>src/main.py\n` +
        `<fim_prefix>${start.text.slice(0, start.offset)}<fim_suffix>\n<fim_middle>`,
    );
    const { status } = engine;
    assert.ok(status.state === 'ready');
    // Text around the cursor takes all the room of a small model.
    engine.status = { ...status, model: { ...status.model, contextTokens: 512 } };
    const second = completer.complete({ ...start, text: `${start.text}x` }, 'explicit');
    await clock.pass(0);
    await second;
    assert.ok(engine.last.prompt.startsWith('<fim_prefix>'), engine.last.prompt);
  });
});
