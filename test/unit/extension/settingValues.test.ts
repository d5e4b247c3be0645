import assert from 'node:assert/strict';
import { DEFAULT_MODEL } from '../../../src/inference/store/catalogue';
import { DEFAULT_MIN_PROBABILITY } from '../../../src/completion/completer';
import { isLanguageOn, settingValues, type SettingValues } from '../../../src/extension/settingValues';

const read = (values: Record<string, unknown>): SettingValues => settingValues((key) => values[key]);

describe('settingValues', () => {
  it('has a default for everything', () => {
    assert.deepEqual(read({}), {
      enable: true,
      suggestInComments: true,
      suggestInStrings: true,
      suggestAhead: true,
      keepSuffix: true,
      languages: {
        '*': true,
        plaintext: false,
        markdown: false,
        scminput: false,
        'search-result': false,
        log: false,
      },
      completionModel: '',
      chatModel: '',
      modelPath: '',
      hubEndpoint: 'https://huggingface.co',
      variant: 'auto',
      threads: 0,
      idleMinutes: 10,
      contextTokens: 8192,
      maxAnswerTokens: 1024,
      maxDocumentCharacters: 1_000_000,
      maxNewTokens: 96,
      debounceMs: 60,
      minProbability: DEFAULT_MIN_PROBABILITY,
      maxPrefixTokens: 1024,
      maxSuffixTokens: 128,
      maxContextTokens: 1000,
      contextSources: {
        path: false,
        imports: false,
        signature: false,
        open: false,
        visited: false,
        changed: false,
        'recent-edit': false,
        diagnostic: false,
      },
    });
  });

  it('replaces values of wrong types by the default', () => {
    const values = read({ enable: 'yes', languages: [true], modelPath: 7, threads: '4', debounceMs: NaN });
    assert.deepEqual(values, read({}));
  });

  it('replaces variants and models that there are not', () => {
    assert.deepEqual(read({ variant: 'fastest', completionModel: 'gpt', chatModel: 3 }), read({}));
    const known = { variant: 'exact', completionModel: DEFAULT_MODEL.id, chatModel: DEFAULT_MODEL.id };
    assert.deepEqual(read(known), { ...read({}), ...known });
  });

  it('lets idle minutes be a part of one', () => {
    assert.equal(read({ idleMinutes: 0.05 }).idleMinutes, 0.05);
    assert.equal(read({ idleMinutes: -1 }).idleMinutes, 0);
  });

  it('keeps numbers whole and within their bounds', () => {
    const { threads, contextTokens, maxNewTokens, debounceMs } = read({
      threads: -3,
      contextTokens: 1e9,
      maxNewTokens: 40.4,
      debounceMs: 1e9,
    });
    assert.deepEqual([threads, contextTokens, maxNewTokens, debounceMs], [0, 32_768, 40, 5000]);
  });

  it('takes an empty address for the public hub and trims paths', () => {
    const values = read({ hubEndpoint: '  ', modelPath: ' /m/a.gguf\n' });
    assert.equal(values.hubEndpoint, 'https://huggingface.co');
    assert.equal(values.modelPath, '/m/a.gguf');
  });

  it('gives each source of context its default where it is neither on nor off', () => {
    const given = { imports: false, visited: true, open: 'no', other: true };
    const { contextSources } = read({ contextSources: given });
    assert.deepEqual(contextSources, { ...read({}).contextSources, imports: false, visited: true });
    assert.deepEqual(read({ contextSources: 7 }).contextSources, read({}).contextSources);
  });

  it('drops switches that are neither on nor off', () => {
    assert.deepEqual(read({ languages: { python: 'no', rust: false } }).languages, { rust: false });
  });
});

describe('isLanguageOn', () => {
  it('looks for the language, then for the rest, and is on without either', () => {
    const languages = { '*': false, python: true };
    assert.equal(isLanguageOn(languages, 'python'), true);
    assert.equal(isLanguageOn(languages, 'rust'), false);
    assert.equal(isLanguageOn({ rust: false }, 'python'), true);
  });

  it('is not fooled by names that every object has', () => {
    assert.equal(isLanguageOn({ '*': false }, 'constructor'), false);
    assert.equal(isLanguageOn({ '*': true }, 'toString'), true);
  });
});
