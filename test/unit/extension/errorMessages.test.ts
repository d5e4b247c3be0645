import assert from 'node:assert/strict';
import { ACTION_LABELS, errorMessage, RepeatGate } from '../../../src/extension/errorMessages';
import { ENGINE_ERROR_CODES, type EngineErrorCode, type WireError } from '../../../src/inference/errors';

describe('errorMessage', () => {
  /** What each code offers; `silent` for those that interrupt nobody. */
  const expected: Record<EngineErrorCode, 'silent' | string[]> = {
    aborted: 'silent',
    'shutting-down': 'silent',
    'context-overflow': 'silent',
    'invalid-request': 'silent',
    'model-missing': ['download', 'choose-file'],
    'model-corrupt': ['download', 'choose-file', 'show-log'],
    'model-unsupported': ['choose-file', 'download', 'show-log'],
    'checksum-mismatch': ['download', 'choose-file', 'show-log'],
    'converted-corrupt': ['retry', 'show-log'],
    'disk-full': ['retry', 'models', 'show-log'],
    io: ['retry', 'show-log'],
    network: ['download', 'choose-file', 'open-settings'],
    'native-unavailable': ['show-log', 'retry'],
    'native-failure': ['retry', 'use-exact', 'show-log'],
    'out-of-memory': ['models', 'retry', 'open-settings', 'show-log'],
    'worker-died': ['retry', 'use-exact', 'show-log'],
    'worker-stalled': ['retry', 'use-exact', 'show-log'],
    internal: ['show-log', 'retry'],
  };
  for (const code of ENGINE_ERROR_CODES) {
    it(`of ${code}`, () => {
      const message = errorMessage({ code, message: 'The disk of /m is full.' });
      if (message.kind === 'silent') {
        assert.equal(expected[code], 'silent');
        return;
      }
      assert.deepEqual(message.actions, expected[code]);
      assert.match(message.text, /^[A-Z].*\.$/, 'a whole sentence');
      assert.ok(!message.text.includes(code) || code === 'io', 'no code in a sentence for people');
      for (const action of message.actions) assert.notEqual(ACTION_LABELS[action], '');
    });
  }

  it('offers what may help where the engine took its process with it again and again', () => {
    const message = errorMessage({
      code: 'worker-died',
      message: 'It ended 3 times within a few minutes, so it is not started by itself any more.',
      detail: { times: 3 },
    });
    assert.ok(message.kind === 'message');
    assert.deepEqual(message.actions, ['use-exact', 'models', 'retry', 'show-log']);
    assert.match(
      message.text,
      /It ended 3 times .* The exact variant, which is slower, or a smaller model may work\.$/,
    );
  });

  it('only warns of a model that is missing: nothing is broken', () => {
    const message = errorMessage({ code: 'model-missing', message: 'It has not been downloaded yet.' });
    assert.equal(message.kind === 'message' && message.severity, 'warning');
  });

  it('keeps what the error itself says about sizes and paths', () => {
    const message = errorMessage({ code: 'disk-full', message: 'The disk of /m has 12 MB free.' });
    assert.equal(
      message.kind === 'message' && message.text,
      'There is not enough free disk space. The disk of /m has 12 MB free. Deleting a model that is not used makes room.',
    );
  });

  it('says how much memory is needed where that is known', () => {
    const detail = { neededBytes: 9e9, totalBytes: 4e9 };
    const text = (error: WireError): string => {
      const message = errorMessage(error);
      return message.kind === 'message' ? message.text : '';
    };
    assert.match(
      text({ code: 'out-of-memory', message: 'It needs 9 GB.', detail }),
      /model\. It needs 9 GB\. A smaller/,
    );
    assert.doesNotMatch(text({ code: 'out-of-memory', message: 'bad_alloc' }), /bad_alloc/);
  });
});

describe('RepeatGate', () => {
  const full = { code: 'disk-full', message: '12 MB free.' } as const;

  it('lets the same error through once', () => {
    const gate = new RepeatGate();
    assert.deepEqual([gate.admit(full), gate.admit(full), gate.admit({ ...full })], [true, false, false]);
  });

  it('lets another code or another message through', () => {
    const gate = new RepeatGate();
    gate.admit(full);
    assert.equal(gate.admit({ ...full, message: '11 MB free.' }), true);
    assert.equal(gate.admit({ code: 'io', message: '11 MB free.' }), true);
  });

  it('lets the same error through again after a success', () => {
    const gate = new RepeatGate();
    gate.admit(full);
    gate.reset();
    assert.equal(gate.admit(full), true);
  });
});
