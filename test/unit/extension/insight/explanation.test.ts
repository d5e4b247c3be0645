import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { MAX_DOCUMENT_UNITS } from '../../../../src/completion/completer';
import type { NoneReason } from '../../../../src/completion/outcome';
import { COMMANDS } from '../../../../src/extension/commandIds';
import type { ServiceStatus } from '../../../../src/extension/engineService';
import type { LoggedRequest } from '../../../../src/extension/insight/completionLog';
import { explain, type Explanation, type WhyFacts } from '../../../../src/extension/insight/explanation';
import type { GateReason, ProviderAnswer } from '../../../../src/extension/requestGate';
import type { LoadedModel } from '../../../../src/inference/engine';
import { ENGINE_ERROR_CODES, EngineError } from '../../../../src/inference/errors';

const MODEL = { name: 'Qwen' } as LoadedModel;
const FACTS: WhyFacts = {
  languageId: 'python',
  length: 1000,
  lengthLimit: 1_000_000,
  engine: { state: 'ready', model: MODEL },
  ghostTextShown: true,
  gate: undefined,
  pendingMs: undefined,
  last: undefined,
  changedHere: false,
};

const request = (answer: ProviderAnswer): LoggedRequest => ({
  number: 1,
  at: 0,
  uri: 'file:///w/a.py',
  path: 'a.py',
  languageId: 'python',
  line: 0,
  column: 0,
  trigger: 'automatic',
  answer,
  ms: 230,
});

/** Every reason there is and a word that its explanation must have: one that is added without words does not compile. */
const OUTCOMES: Record<Exclude<NoneReason, 'engine-failed' | 'document-too-large'>, RegExp> = {
  superseded: /newer request took this one’s place/,
  cancelled: /withdrew the request/,
  empty: /nothing to add/,
  'only-repeats': /only repeated/,
  'breaks-syntax': /was withheld/,
  unsure: /hardly right/,
  'engine-not-ready': /not loaded/,
  'invalid-offset': /inside a character/,
  disposed: /replaced by another/,
};
const GATES: Record<GateReason, [happened: RegExp, remedy: string | undefined]> = {
  paused: [/Suggestions are switched off\./, COMMANDS.enable],
  'language-off': [/switched off for the language python/, COMMANDS.enableLanguage],
  'not-a-code-document': [/not a document that code is written in/, undefined],
  'ignored-by-qwenignore': [/\.qwenignore/, 'workbench.action.quickOpen'],
  'document-too-large': [/1,000 characters/, 'Accept 100,000 Characters'],
  'disagrees-with-list': [/selected entry/, COMMANDS.trigger],
  'read-only': [/cannot be written to/, 'workbench.action.files.saveAs'],
  'several-cursors': [/more than one cursor/, COMMANDS.trigger],
  'in-word': [/inside a word/, COMMANDS.trigger],
  'in-comment': [/in a comment/, COMMANDS.trigger],
  'in-string': [/in a string/, COMMANDS.trigger],
};
const STATES: Record<ServiceStatus['state'], [status: ServiceStatus, says: RegExp, remedy: string]> = {
  stopped: [{ state: 'stopped' }, /was not loaded/, COMMANDS.restartEngine],
  asleep: [{ state: 'asleep', reason: 'idle' }, /not used for a while/, COMMANDS.restartEngine],
  loading: [
    { state: 'loading', phase: 'converting', fraction: 0.4 },
    /not ready yet: preparing the model \(once\), 40 %/,
    COMMANDS.showEngineStatus,
  ],
  ready: [{ state: 'ready', model: MODEL }, /was not loaded when/, COMMANDS.trigger],
  working: [{ state: 'working', model: MODEL }, /was not loaded when/, COMMANDS.trigger],
  failed: [
    { state: 'failed', error: { code: 'model-missing', message: 'It has not been downloaded yet.' } },
    /needs its model file/,
    'download',
  ],
};

/** What a remedy does, in a word. */
const deeds = ({ remedies }: Explanation): string[] =>
  remedies.map((remedy) => {
    if ('errorAction' in remedy) return remedy.errorAction;
    return 'command' in remedy ? remedy.command : remedy.label;
  });

/** Whole sentences without codes, and buttons that lead somewhere. */
function check(explanation: Explanation): void {
  const { happened, advice, remedies } = explanation;
  for (const sentence of [happened, advice]) assert.match(sentence, /^[A-Z“].*[.…]$/s);
  assert.equal(new Set(remedies.map(({ label }) => label)).size, remedies.length, 'two buttons of one name');
  const declared = JSON.stringify(
    (JSON.parse(readFileSync('package.json', 'utf8')) as { contributes: unknown }).contributes,
  );
  for (const remedy of remedies) {
    assert.notEqual(remedy.label, '');
    if (!('command' in remedy)) continue;
    if (remedy.command.startsWith('qwenCoder.')) assert.ok(declared.includes(`"${remedy.command}"`));
    const [argument] = remedy.arguments ?? [];
    const id = typeof argument === 'string' ? argument.replace('@id:', '') : undefined;
    if (id?.startsWith('qwenCoder.') === true) assert.ok(declared.includes(`"${id}":`), id);
  }
}

describe('why there was no suggestion', () => {
  for (const [reason, says] of Object.entries(OUTCOMES)) {
    it(`has words for the outcome ${reason}`, () => {
      const found = explain({
        ...FACTS,
        last: request({ kind: 'none', reason: reason as keyof typeof OUTCOMES }),
      });
      assert.match(found.happened, says);
      check(found);
      assert.ok(found.remedies.length > 0);
    });
  }

  for (const [reason, [says, remedy]] of Object.entries(GATES) as [
    GateReason,
    (typeof GATES)[GateReason],
  ][]) {
    it(`has words for the reason ${reason}, also when it holds no more`, () => {
      const now = explain({ ...FACTS, gate: reason });
      assert.match(now.happened, says);
      check(now);
      assert.equal(deeds(now)[0], remedy);
      const before = explain({ ...FACTS, last: request({ kind: 'none', reason }) });
      assert.match(before.happened, says);
      check(before);
      assert.equal(deeds(before)[0], COMMANDS.trigger);
    });
  }

  for (const [state, [engine, says, remedy]] of Object.entries(STATES)) {
    it(`has words for a model that was not ready and an engine that is ${state} now`, () => {
      const found = explain({
        ...FACTS,
        engine,
        last: request({ kind: 'none', reason: 'engine-not-ready' }),
      });
      assert.match(found.happened, says);
      check(found);
      assert.equal(deeds(found)[0], remedy);
    });
  }

  for (const code of ENGINE_ERROR_CODES) {
    it(`has words for the failure ${code}`, () => {
      const error = new EngineError(code, 'The disk of /m has 12 MB free.');
      const found = explain({ ...FACTS, last: request({ kind: 'none', reason: 'engine-failed', error }) });
      check(found);
      assert.ok(found.remedies.length > 0);
    });
  }

  it('says that there was one, and how long it took', () => {
    const answer: ProviderAnswer = {
      kind: 'suggestion',
      text: 'a\nb\nc',
      range: { start: 0, end: 0 },
      source: 'engine',
      tokens: 3,
      ms: 230,
      endedBy: 'stop-token',
    };
    const found = explain({ ...FACTS, last: request(answer) });
    assert.match(found.happened, /There was one: 3 lines, 230 ms/);
    check(found);
  });

  it('puts what holds now before what was', () => {
    const last = request({ kind: 'none', reason: 'empty' });
    assert.match(explain({ ...FACTS, last, gate: 'paused' }).happened, /switched off/);
    const hidden = explain({ ...FACTS, last, ghostTextShown: false });
    assert.match(hidden.happened, /does not show inline suggestions/);
    assert.deepEqual(hidden.remedies[0], {
      label: 'Setting: Inline Suggest: Enabled',
      command: 'workbench.action.openSettings',
      arguments: ['@id:editor.inlineSuggest.enabled'],
    });
    check(hidden);
  });

  it('says that the model is still at it', () => {
    const working = explain({ ...FACTS, pendingMs: 2300, engine: { state: 'working', model: MODEL } });
    assert.match(working.happened, /has been working on the suggestion here for 2\.3 s/);
    check(working);
    const loading = explain({ ...FACTS, pendingMs: 900, engine: { state: 'loading', phase: 'loading' } });
    assert.match(loading.happened, /not ready yet: loading the model/);
  });

  it('says why nobody asked', () => {
    const untouched = explain(FACTS);
    assert.match(untouched.happened, /Nothing has been typed on this line/);
    check(untouched);
    const typed = explain({ ...FACTS, changedHere: true });
    assert.match(typed.happened, /did not ask/);
    check(typed);
    const missing = explain({ ...FACTS, engine: STATES.failed[0] });
    assert.deepEqual(deeds(missing), ['download', 'choose-file', COMMANDS.models]);
  });

  it('accepts a longer file with room to write on, up to what is possible', () => {
    const accepted = (length: number) => {
      const { remedies, advice } = explain({ ...FACTS, length, gate: 'document-too-large' });
      const [first] = remedies;
      return first !== undefined && 'acceptCharacters' in first ? first.acceptCharacters : advice;
    };
    assert.equal(accepted(1_300_000), 1_600_000);
    assert.equal(accepted(MAX_DOCUMENT_UNITS), MAX_DOCUMENT_UNITS);
    assert.match(String(accepted(MAX_DOCUMENT_UNITS + 1)), /not possible/);
    check(explain({ ...FACTS, length: MAX_DOCUMENT_UNITS + 1, gate: 'document-too-large' }));
  });
});
