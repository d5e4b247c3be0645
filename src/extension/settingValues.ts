/** The person's settings as values that the code can rely on, whatever stands in the settings file. */
import type { ContextSwitches } from '../completion/context/contextChunk';
import { DEFAULT_MAX_CONTEXT_TOKENS } from '../completion/context/contextKeeper';
import { DEFAULT_MIN_PROBABILITY, MAX_DOCUMENT_UNITS } from '../completion/completer';
import { VARIANTS, type VariantChoice } from '../inference/engine';
import { CATALOGUE, DEFAULT_HUB_ENDPOINT, DEFAULT_MODEL } from '../inference/store/catalogue';
import type { CatalogueModel } from '../inference/store/catalogue';
import { DEFAULT_CONTEXT_TOKENS } from '../inference/worker/loadDefaults';

export interface SettingValues {
  readonly enable: boolean;
  /** Suggest by itself in comments, documentation included. */
  readonly suggestInComments: boolean;
  readonly suggestInStrings: boolean;
  /** Write the next suggestion while one is shown. */
  readonly suggestAhead: boolean;
  readonly keepSuffix: boolean;
  /** Language identifier to on or off; `*` stands for all that are not named. */
  readonly languages: Readonly<Record<string, boolean>>;
  /** Catalogue model for suggestions; empty for the default one. */
  readonly completionModel: string;
  /** Catalogue model for chat; empty for the same as for suggestions. */
  readonly chatModel: string;
  /** A GGUF of the person's own to use instead of `completionModel`; empty for none. */
  readonly modelPath: string;
  readonly hubEndpoint: string;
  readonly variant: VariantChoice;
  /** 0 chooses by the machine. */
  readonly threads: number;
  /** Minutes without a request after which the engine gives its memory back; 0 for never. */
  readonly idleMinutes: number;
  /** Upper bound on prompt plus answer, in tokens. */
  readonly contextTokens: number;
  readonly maxNewTokens: number;
  /** Of an answer in chat. */
  readonly maxAnswerTokens: number;
  readonly debounceMs: number;
  /** Suggestions that are less likely to be right do not come by themselves. From 0 to 1. */
  readonly minProbability: number;
  readonly maxPrefixTokens: number;
  readonly maxSuffixTokens: number;
  /** Of other places than the window, in tokens; 0 for none. */
  readonly maxContextTokens: number;
  readonly contextSources: ContextSwitches;
  /** Documents longer than this get no suggestions. UTF-16 units. */
  readonly maxDocumentCharacters: number;
}

/** Numbers with bounds; `package.json` declares the same, and a test compares the two. */
export const NUMBER_SETTINGS = {
  threads: { default: 0, minimum: 0, maximum: 64 },
  /** Not only whole ones: on a small machine a minute may be long. */
  idleMinutes: { default: 10, minimum: 0, maximum: 1440 },
  /** The keys and values of the 0.5B model take 24 KiB per token of context. */
  contextTokens: { default: DEFAULT_CONTEXT_TOKENS, minimum: 512, maximum: 32_768 },
  maxNewTokens: { default: 96, minimum: 8, maximum: 512 },
  maxAnswerTokens: { default: 1024, minimum: 64, maximum: 8192 },
  debounceMs: { default: 60, minimum: 0, maximum: 5000 },
  minProbability: { default: DEFAULT_MIN_PROBABILITY, minimum: 0, maximum: 1 },
  maxPrefixTokens: { default: 1024, minimum: 64, maximum: 16_384 },
  maxSuffixTokens: { default: 128, minimum: 0, maximum: 8192 },
  maxContextTokens: { default: DEFAULT_MAX_CONTEXT_TOKENS, minimum: 0, maximum: 8192 },
  /** A copy of the text is taken at each keystroke; completion itself refuses more than the maximum. */
  maxDocumentCharacters: { default: 1_000_000, minimum: 10_000, maximum: MAX_DOCUMENT_UNITS },
} as const;

/**
 * Off by default where the text is prose: a code model of this size continues prose badly, and ghost text in a
 * note or a commit message distracts. Every other language is on.
 */
export const DEFAULT_LANGUAGES: Readonly<Record<string, boolean>> = {
  '*': true,
  plaintext: false,
  markdown: false,
  scminput: false,
  'search-result': false,
  log: false,
};

/**
 * A source must have shown that it helps, and with the default model none has (docs/BENCHMARKS.md, context): even the
 * path alone costs more right lines than it brings. A small model is easily distracted: beside a function that was
 * edited a moment ago it took its half-written twin for finished.
 */
export const DEFAULT_CONTEXT_SOURCES: ContextSwitches = {
  path: false,
  imports: false,
  signature: false,
  open: false,
  visited: false,
  changed: false,
  'recent-edit': false,
  diagnostic: false,
};

/** The numbers that need not be whole. */
export const FRACTION_SETTINGS: ReadonlySet<keyof typeof NUMBER_SETTINGS> = new Set([
  'idleMinutes',
  'minProbability',
]);

export const VARIANT_CHOICES: readonly VariantChoice[] = ['auto', ...VARIANTS];

/** Settings that are on unless they are off. */
type Switch = 'enable' | 'suggestInComments' | 'suggestInStrings' | 'suggestAhead' | 'keepSuffix';

/** Wrong types fall back to the default, numbers out of bounds to the bound: never an error for a typing mistake. */
export function settingValues(read: (key: keyof SettingValues) => unknown): SettingValues {
  const bounded = (key: keyof typeof NUMBER_SETTINGS): number => {
    const { default: fallback, minimum, maximum } = NUMBER_SETTINGS[key];
    const value = read(key);
    if (typeof value !== 'number' || !Number.isFinite(value)) return fallback;
    return Math.min(maximum, Math.max(minimum, FRACTION_SETTINGS.has(key) ? value : Math.round(value)));
  };
  const text = (key: 'modelPath' | 'hubEndpoint'): string => {
    const value = read(key);
    return typeof value === 'string' ? value.trim() : '';
  };
  const modelId = (key: 'completionModel' | 'chatModel'): string => {
    const value = read(key);
    return CATALOGUE.some(({ id }) => id === value) ? String(value) : '';
  };
  const variant = read('variant');
  const on = (key: Switch): boolean => read(key) !== false;
  return {
    enable: on('enable'),
    suggestInComments: on('suggestInComments'),
    suggestInStrings: on('suggestInStrings'),
    suggestAhead: on('suggestAhead'),
    keepSuffix: on('keepSuffix'),
    languages: languageSwitches(read('languages')),
    completionModel: modelId('completionModel'),
    chatModel: modelId('chatModel'),
    modelPath: text('modelPath'),
    hubEndpoint: text('hubEndpoint') || DEFAULT_HUB_ENDPOINT,
    variant: VARIANT_CHOICES.find((choice) => choice === variant) ?? 'auto',
    threads: bounded('threads'),
    idleMinutes: bounded('idleMinutes'),
    contextTokens: bounded('contextTokens'),
    maxNewTokens: bounded('maxNewTokens'),
    maxAnswerTokens: bounded('maxAnswerTokens'),
    debounceMs: bounded('debounceMs'),
    minProbability: bounded('minProbability'),
    maxPrefixTokens: bounded('maxPrefixTokens'),
    maxSuffixTokens: bounded('maxSuffixTokens'),
    maxContextTokens: bounded('maxContextTokens'),
    contextSources: contextSwitches(read('contextSources')),
    maxDocumentCharacters: bounded('maxDocumentCharacters'),
  };
}

/** The catalogue's model for suggestions, where no file of the person's own is named. */
export function completionModel(settings: Pick<SettingValues, 'completionModel'>): CatalogueModel {
  return CATALOGUE.find(({ id }) => id === settings.completionModel) ?? DEFAULT_MODEL;
}

/**
 * The settings under which chat's own engine loads its model.
 * @returns undefined where chat uses the model of suggestions, and so its engine
 */
export function chatSettings(settings: SettingValues): SettingValues | undefined {
  const { chatModel, modelPath } = settings;
  if (chatModel === '' || (modelPath === '' && completionModel(settings).id === chatModel)) return undefined;
  return { ...settings, completionModel: chatModel, modelPath: '' };
}

/** Whether suggestions are wanted in documents of a language, the general switch left aside. */
export function isLanguageOn(languages: SettingValues['languages'], languageId: string): boolean {
  return own(languages, languageId) ?? own(languages, '*') ?? true;
}

/** What is neither on nor off has its default. */
function contextSwitches(value: unknown): ContextSwitches {
  const given = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const of = (name: keyof ContextSwitches): boolean => {
    const own = Object.hasOwn(given, name) ? given[name] : undefined;
    return typeof own === 'boolean' ? own : DEFAULT_CONTEXT_SOURCES[name];
  };
  return {
    path: of('path'),
    imports: of('imports'),
    signature: of('signature'),
    open: of('open'),
    visited: of('visited'),
    changed: of('changed'),
    'recent-edit': of('recent-edit'),
    diagnostic: of('diagnostic'),
  };
}

function languageSwitches(value: unknown): Record<string, boolean> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { ...DEFAULT_LANGUAGES };
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, boolean] => typeof entry[1] === 'boolean'),
  );
}

/** Languages are named by other extensions: `constructor` must not find what every object has. */
const own = (switches: Readonly<Record<string, boolean>>, key: string): boolean | undefined =>
  Object.hasOwn(switches, key) ? switches[key] : undefined;
