/** What *Show Engine Status* says, as a function of what is the case. */
import type { LoadedModel, VariantChoice } from '../inference/engine';
import type { OtherSession } from '../inference/store/sessionRegistry';
import type { ServiceStatus } from './engineService';
import { codeSpan, escapeMarkdown, table } from './markdown';
import { decodedTokens, evaluatedTokens, type RequestCost, type Speed } from './requestSpeeds';
import { engineHeadline, SLEEP_REASONS } from './statusView';
import { bytes, duration, perSecond, percent } from './units';

export interface EngineFacts {
  readonly status: ServiceStatus;
  /** The model that is loaded, or was until the engine fell asleep. */
  readonly model: LoadedModel | undefined;
  readonly settings: {
    readonly variant: VariantChoice;
    readonly threads: number;
    readonly idleMinutes: number;
  };
  readonly logicalProcessors: number;
  /** Since the last use, in milliseconds. */
  readonly idleMs: number;
  readonly memory: {
    /** Resident, of the process that holds the engine: the extension host with all its extensions. */
    readonly processBytes: number;
    readonly availableBytes: number | undefined;
    readonly totalBytes: number;
  };
  readonly others: readonly OtherSession[];
  readonly requests: {
    /** Newest last. */
    readonly recent: readonly RequestCost[];
    readonly speed: Speed;
    /** 0 to 1. */
    readonly cachedPart: number | undefined;
    /** 0 to 1, of the tokens written. */
    readonly draftedPart: number | undefined;
  };
  /** Absolute paths by what lies there, in the order in which they are shown. */
  readonly files: readonly (readonly [what: string, path: string])[];
  readonly versions: { readonly extension: string; readonly editor: string };
}

/** Shown one by one. */
const RECENT = 8;

/** The report in Markdown, also readable where it is not rendered. */
export function engineReport(facts: EngineFacts): string {
  const sections = [
    `# Qwen Coder: engine status\n\n${statusLines(facts).join('\n\n')}`,
    section('Model', modelList(facts)),
    section('Why this variant', choiceTable(facts.model)),
    section('Recent requests', requestsTable(facts)),
    section('Memory', memoryList(facts)),
    section('Files', list(facts.files.map(([what, path]) => [what, codeSpan(path)]))),
    `Qwen Coder Local ${escapeMarkdown(facts.versions.extension)}, editor ${escapeMarkdown(facts.versions.editor)}`,
  ];
  return `${sections.filter((part) => part !== '').join('\n\n')}\n`;
}

const section = (title: string, content: string): string =>
  content === '' ? '' : `## ${title}\n\n${content}`;

const list = (items: readonly (readonly [name: string, value: string])[]): string =>
  items.map(([name, value]) => `- ${name}: ${value}`).join('\n');

function statusLines({ status, settings, idleMs }: EngineFacts): string[] {
  const lines = [`**${capital(engineHeadline(status))}.**`];
  if (status.state === 'failed') lines.push(escapeMarkdown(status.error.message));
  if (status.state === 'asleep') lines.push(SLEEP_REASONS[status.reason]);
  if (status.state === 'ready') lines.push(idleLine(settings.idleMinutes, idleMs));
  return lines;
}

function idleLine(idleMinutes: number, idleMs: number): string {
  if (idleMinutes === 0) return 'It stays loaded: the setting *Idle Minutes* is 0.';
  const left = Math.max(0, idleMinutes * 60_000 - idleMs);
  return `It gives its memory back in ${duration(left)} unless it is used; the next request brings it back.`;
}

function modelList(facts: EngineFacts): string {
  const { model, status } = facts;
  if (model === undefined)
    return 'No model has been loaded in this window yet; the first suggestion does that.';
  const gone = status.state === 'ready' || status.state === 'working' ? '' : ', not loaded now';
  return list([
    ['name', escapeMarkdown(`${model.name} (${model.architecture})${gone}`)],
    ['variant', escapeMarkdown(`${model.variant}, ${variantReason(model, facts.settings.variant)}`)],
    ['threads', threadsWords(model.threads, facts)],
    ['context', `${model.contextTokens} tokens for prompt and answer together`],
    ['loaded in', duration(model.loadMs)],
    ['converted in', model.convertMs === 0 ? 'nothing to convert at this start' : duration(model.convertMs)],
  ]);
}

function variantReason({ choice }: LoadedModel, setting: VariantChoice): string {
  if (setting !== 'auto') return 'as the setting says';
  return choice === undefined ? 'chosen without a measurement' : `chosen automatically: ${choice.reason}`;
}

function threadsWords(threads: number, { settings, logicalProcessors }: EngineFacts): string {
  const machine = `the machine has ${logicalProcessors} logical processors`;
  return settings.threads === 0
    ? `${threads}, chosen automatically so that the editor stays responsive (${machine})`
    : `${threads}, as the setting says (${machine})`;
}

/** Empty where nothing was chosen between. */
function choiceTable(model: LoadedModel | undefined): string {
  if (model?.choice === undefined || model.choice.measured.length === 0) return '';
  return table(
    ['variant', 'prompt tokens/s', 'new tokens/s', 'KL to exact', '', 'note'],
    model.choice.measured.map((one) => [
      one.variant,
      perSecond(one.prefillTokensPerSecond),
      perSecond(one.decodeTokensPerSecond),
      one.klToExact === undefined ? '' : one.klToExact.toPrecision(2),
      verdict(one.variant === model.variant, one.accepted),
      escapeMarkdown(one.note ?? ''),
    ]),
  );
}

function verdict(used: boolean, accepted: boolean): string {
  if (used) return 'used';
  return accepted ? 'possible' : 'failed its check';
}

function requestsTable({ requests }: EngineFacts): string {
  const { recent, speed, cachedPart, draftedPart } = requests;
  if (recent.length === 0) return 'None yet.';
  const known = [
    ...(speed.prefill === undefined ? [] : [`reads ${perSecond(speed.prefill)} tokens/s`]),
    ...(speed.decode === undefined ? [] : [`writes ${perSecond(speed.decode)} tokens/s`]),
    ...(cachedPart === undefined ? [] : [`${percent(cachedPart)} of the prompts came from the cache`]),
    ...(draftedPart === undefined ? [] : [`${percent(draftedPart)} of what was written had been guessed`]),
  ];
  const rows = recent
    .slice(-RECENT)
    .reverse()
    .map((cost) => [
      cost.background ? 'chat or command' : 'completion',
      `${cost.promptTokens}`,
      `${cost.cachedTokens}`,
      duration(cost.prefillMs),
      perSecond((1000 * evaluatedTokens(cost)) / cost.prefillMs),
      `${cost.generatedTokens}`,
      `${cost.acceptedTokens}`,
      decodedTokens(cost) === 0 ? '' : duration(cost.decodeMs),
      decodedTokens(cost) === 0 ? '' : perSecond((1000 * decodedTokens(cost)) / cost.decodeMs),
    ]);
  const head = [
    ...['', 'prompt tokens', 'from cache', 'read in', 'tokens/s'],
    ...['new tokens', 'guessed', 'written in', 'tokens/s'],
  ];
  const summary = known.length === 0 ? '' : `${capital(known.join(', '))}. `;
  return `${summary}The newest first:\n\n${table(head, rows)}`;
}

function memoryList({ memory, others }: EngineFacts): string {
  const { processBytes, availableBytes, totalBytes } = memory;
  const available = availableBytes === undefined ? 'not known' : bytes(availableBytes);
  return list([
    ['this window’s extension host', `${bytes(processBytes)}, engine and all other extensions included`],
    ['available on the machine', `${available} of ${bytes(totalBytes)}`],
    ...others.map(({ pid, model, bytes: held, busy }): [string, string] => [
      `another window (process ${pid})`,
      `${escapeMarkdown(model)}, about ${bytes(held)}, ${busy ? 'working' : 'idle'}`,
    ]),
  ]);
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
