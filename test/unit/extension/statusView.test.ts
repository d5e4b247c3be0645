import assert from 'node:assert/strict';
import { COMMANDS } from '../../../src/extension/commandIds';
import { statusMenu, statusView, type StatusFacts } from '../../../src/extension/statusView';
import type { LoadedModel } from '../../../src/inference/engine';

const MODEL: LoadedModel = {
  name: 'Qwen2.5 Coder 0.5B',
  architecture: 'qwen2',
  variant: 'fast',
  contextTokens: 2048,
  threads: 2,
  loadMs: 700,
  convertMs: 0,
};
const READY: StatusFacts = {
  engine: { state: 'ready', model: MODEL },
  downloadFraction: undefined,
  enabled: true,
  language: { id: 'python', on: true },
  ghostTextShown: true,
  lastRequest: undefined,
};
const failed = (code: 'model-missing' | 'native-failure' | 'native-unavailable') =>
  ({ state: 'failed', error: { code, message: 'Because.' } }) as const;

describe('statusView', () => {
  it('says what is done about a machine that is slow', () => {
    assert.match(
      statusView({ ...READY, pace: 'less-context' }).tooltip.join(),
      /reads less around the cursor/,
    );
    assert.match(statusView({ ...READY, pace: 'one-line' }).label, /ready\. .*writes one line/);
    assert.match(statusView({ ...READY, pace: 'one-line' }).tooltip.join(), /writes one line/);
    assert.doesNotMatch(statusView({ ...READY, pace: 'full' }).tooltip.join(), /late/);
  });

  const cases: { name: string; facts: Partial<StatusFacts>; text: string; label: string }[] = [
    { name: 'ready', facts: {}, text: '$(sparkle) Qwen', label: 'Qwen Coder: ready' },
    {
      name: 'working',
      facts: { engine: { state: 'working', model: MODEL } },
      text: '$(loading~spin) Qwen',
      label: 'Qwen Coder: working',
    },
    {
      name: 'not loaded yet',
      facts: { engine: { state: 'stopped' } },
      text: '$(sparkle) Qwen',
      label: 'Qwen Coder: loads with the first suggestion',
    },
    {
      name: 'asleep, which is no failure',
      facts: { engine: { state: 'asleep', reason: 'idle' } },
      text: '$(sparkle) Qwen',
      label: 'Qwen Coder: asleep, wakes with the next suggestion',
    },
    {
      name: 'a phase that can tell how far it is',
      facts: { engine: { state: 'loading', phase: 'converting', fraction: 0.456 } },
      text: '$(loading~spin) Qwen: converting 45 %',
      label: 'Qwen Coder: preparing the model (once), 45 %',
    },
    {
      name: 'a phase that cannot',
      facts: { engine: { state: 'loading', phase: 'loading' } },
      text: '$(loading~spin) Qwen: loading',
      label: 'Qwen Coder: loading the model',
    },
    {
      name: 'a download, whatever else is the case',
      facts: { downloadFraction: 0.999, engine: failed('model-missing') },
      text: '$(loading~spin) Qwen 99 %',
      label: 'Qwen Coder: downloading the model, 99 %',
    },
    {
      name: 'a missing model',
      facts: { engine: failed('model-missing') },
      text: '$(cloud-download) Qwen: model needed',
      label: 'Qwen Coder: model needed',
    },
    {
      name: 'switched off, also when something is wrong',
      facts: { enabled: false, engine: failed('native-failure') },
      text: '$(circle-slash) Qwen',
      label: 'Qwen Coder: switched off',
    },
    {
      name: 'switched off for the language',
      facts: { language: { id: 'markdown', on: false } },
      text: '$(circle-slash) Qwen',
      label: 'Qwen Coder: switched off for markdown',
    },
    {
      name: 'a failure',
      facts: { engine: failed('native-failure') },
      text: '$(error) Qwen',
      label: 'Qwen Coder: not working',
    },
  ];
  for (const { name, facts, text, label } of cases) {
    it(`shows ${name}`, () => {
      const view = statusView({ ...READY, ...facts });
      assert.equal(view.text, text);
      assert.equal(view.label, label);
    });
  }

  it('colours failures only, and not those that a download mends', () => {
    assert.equal(statusView({ ...READY, engine: failed('native-failure') }).severity, 'error');
    assert.equal(statusView({ ...READY, engine: failed('model-missing') }).severity, 'none');
    assert.equal(statusView(READY).severity, 'none');
  });

  it('explains itself in the tooltip', () => {
    assert.deepEqual(statusView({ ...READY, lastRequest: 'a suggestion' }).tooltip, [
      'Qwen Coder: ready',
      'Model: Qwen2.5 Coder 0.5B (qwen2, fast)',
      'Threads: 2',
      'Context: 2048 tokens',
      'Last request: a suggestion.',
    ]);
    assert.deepEqual(statusView({ ...READY, engine: failed('native-failure') }).tooltip, [
      'Qwen Coder: not working',
      'Because.',
    ]);
    const asleep = statusView({ ...READY, engine: { state: 'asleep', reason: 'memory' } });
    assert.equal(asleep.severity, 'none');
    assert.equal(asleep.tooltip[1], 'The machine is short of memory.');
    const hidden = statusView({ ...READY, ghostTextShown: false }).tooltip;
    assert.ok(hidden.some((line) => line.includes('editor.inlineSuggest.enabled')));
  });
});

describe('statusMenu', () => {
  const commandsOf = (facts: Partial<StatusFacts>) =>
    statusMenu({ ...READY, ...facts }).map(({ command }) => command);

  it('offers a suggestion and the switches when all is well', () => {
    assert.deepEqual(commandsOf({}), [
      COMMANDS.trigger,
      COMMANDS.whyNoSuggestion,
      COMMANDS.disable,
      COMMANDS.disableLanguage,
      COMMANDS.restartEngine,
      COMMANDS.models,
      COMMANDS.showEngineStatus,
      COMMANDS.showCompletionLog,
      COMMANDS.showStatistics,
      COMMANDS.showLog,
      COMMANDS.openSettings,
    ]);
  });

  it('offers to switch on what is off', () => {
    assert.ok(commandsOf({ language: { id: 'markdown', on: false } }).includes(COMMANDS.enableLanguage));
    const off = commandsOf({ enabled: false });
    assert.ok(off.includes(COMMANDS.enable));
    assert.ok(!off.includes(COMMANDS.trigger) && !off.includes(COMMANDS.disableLanguage));
  });

  it('says which language it means, and none without an editor', () => {
    assert.ok(statusMenu(READY).some(({ label }) => label.endsWith('Switch Off for python')));
    assert.ok(!commandsOf({ language: undefined }).includes(COMMANDS.disableLanguage));
  });

  it('begins with what helps after a failure', () => {
    assert.deepEqual(commandsOf({ engine: failed('model-missing') }).slice(0, 3), [
      COMMANDS.downloadModel,
      COMMANDS.chooseModelFile,
      COMMANDS.restartEngine,
    ]);
    assert.equal(commandsOf({ engine: failed('native-unavailable') })[0], COMMANDS.restartEngine);
  });

  it('does not offer a download while one runs', () => {
    const menu = commandsOf({ engine: failed('model-missing'), downloadFraction: 0.5 });
    assert.ok(!menu.includes(COMMANDS.downloadModel));
  });
});
