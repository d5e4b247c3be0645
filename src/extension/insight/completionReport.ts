/** What *Show Completion Log* says, as a function of the requests. */
import type { CompletionTrace } from '../../completion/trace';
import { evaluatedPieces, KEPT_REQUESTS, type LoggedRequest } from './completionLog';
import { codeBlock, codeSpan, escapeMarkdown, table } from '../markdown';
import { inShort, type ProviderAnswer } from '../requestGate';
import { duration } from '../units';

/**
 * The log in Markdown, newest request first.
 *
 * @param timeOf writes a time, given in milliseconds since 1970
 */
export function completionReport(
  requests: readonly LoggedRequest[],
  timeOf: (at: number) => string = clockTime,
): string {
  const head = [
    '# Qwen Coder: completion log',
    `The last ${KEPT_REQUESTS} requests of this window, the newest first. They are kept in memory only and are gone when the window closes; nothing of this is written to a file or to the output log.`,
  ];
  if (requests.length === 0) return `${[...head, 'Nothing has been asked yet.'].join('\n\n')}\n`;
  const newest = [...requests].reverse();
  const overview = table(
    ['', 'time', 'where', 'asked', 'outcome', 'total'],
    newest.map((request) => [
      `${request.number}`,
      timeOf(request.at),
      placeOf(request),
      request.trigger,
      outcomeOf(request.answer),
      duration(request.ms),
    ]),
  );
  return `${[...head, overview, ...newest.map((request) => details(request, timeOf))].join('\n\n')}\n`;
}

const clockTime = (at: number): string => new Date(at).toTimeString().slice(0, 8);

const placeOf = ({ path, line, column }: LoggedRequest): string =>
  codeSpan(`${path}:${line + 1}:${column + 1}`);

const outcomeOf = (answer: ProviderAnswer): string => escapeMarkdown(inShort(answer));

function details(request: LoggedRequest, timeOf: (at: number) => string): string {
  const { number, at, languageId, trigger, answer, trace, ms } = request;
  const facts: (readonly [string, string])[] = [
    ['where', `${placeOf(request)}, ${escapeMarkdown(languageId)}`],
    ['asked', trigger === 'explicit' ? 'by hand' : 'automatically, while typing'],
    ['outcome', outcomeOf(answer)],
    ['times', times(trace, ms)],
  ];
  if (trace?.adopted === true) facts.push(['engine', 'went on with what it was writing for an earlier key']);
  if (trace?.generatedTokens !== undefined) facts.push(['tokens written', `${trace.generatedTokens}`]);
  if (trace?.rules !== undefined) facts.push(['rules that saw an end', trace.rules.map(codeSpan).join(', ')]);
  return [
    `## ${number}, ${timeOf(at)}`,
    facts.map(([name, value]) => `- ${name}: ${value}`).join('\n'),
    ...prompt(trace),
    ...(answer.kind === 'suggestion' ? [`Text:\n\n${codeBlock(answer.text, languageId)}`] : []),
  ].join('\n\n');
}

function times(trace: CompletionTrace | undefined, ms: number): string {
  const parts: (readonly [string, number | undefined])[] = [
    ['debounce', trace?.debounceMs],
    ['own work', trace?.prepareMs],
    ['queue', trace?.queueMs],
    ['prefill', trace?.prefillMs],
    ['first text', trace?.firstTextMs],
    ['total', ms],
  ];
  return parts
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${duration(value)}`]))
    .join(', ');
}

/** Empty where the engine was not asked. */
function prompt(trace: CompletionTrace | undefined): string[] {
  if (trace?.pieces === undefined) return [];
  const { pieces, promptTokens, cachedTokens } = trace;
  if (promptTokens === undefined || cachedTokens === undefined) {
    const rows = pieces.map(({ kind, origin, tokens }) => [named(kind, origin), `${tokens}`]);
    return [table(['prompt, not evaluated', 'tokens (estimate)'], rows)];
  }
  const rows = evaluatedPieces(pieces, promptTokens, cachedTokens).map(
    ({ kind, origin, tokens, evaluated, reused }) => [
      named(kind, origin),
      `${tokens}`,
      `${evaluated}`,
      `${reused}`,
    ],
  );
  const all = ['all', `${promptTokens}`, `${promptTokens - cachedTokens}`, `${cachedTokens}`];
  return [table(['prompt', 'tokens', 'evaluated', 'reused'], [...rows, all])];
}

const named = (kind: string, origin: string | undefined): string =>
  origin === undefined ? escapeMarkdown(kind) : `${escapeMarkdown(kind)}, ${codeSpan(origin)}`;
