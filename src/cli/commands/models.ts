/** `qwen-coder models`: which models there are, fetching, checking and deleting them. */
import { Command } from 'commander';
import { DEFAULT_HUB_ENDPOINT, type CatalogueModel } from '../../inference/store/catalogue';
import { ModelStore, type ModelEntry } from '../../inference/store/modelStore';
import { proxyFromEnvironment } from '../../inference/store/proxy';
import type { CliContext } from '../cliContext';
import { CliError, EXIT, type ExitCode } from '../exitCodes';
import { catalogueModel } from '../modelChoice';
import { storageFolders } from '../storageFolders';

interface FetchOptions {
  readonly agree?: boolean;
  readonly endpoint: string;
  readonly url?: string;
}

type Exit = (code: ExitCode) => void;

const HELP = `
Models are shared with the editor: what is fetched here is there, and the other way round. They are kept in
$QWEN_CODER_HOME, or else in qwen-coder-local in your cache folder. MODEL is a name such as 0.5b, or an id.

Examples:
  qwen-coder models list
  qwen-coder models fetch 1.5b
  qwen-coder models check && echo all good`;

const FETCH_HELP = `
Goes on where a download was broken off, and checks the file by its SHA-256; a file under its final name is complete.
The path goes to standard output. A model that is there already is not fetched again.

Where the licence asks for it (the 3B model: research and other non-commercial use only), read it first and then say
--agree. The proxy is the one that https_proxy, http_proxy or all_proxy name, with no_proxy for exceptions.

Examples:
  qwen-coder models fetch 0.5b
  qwen-coder models fetch 0.5b --endpoint https://mirror.example.org
  qwen-coder models fetch 0.5b --url http://files.example.org/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf`;

export function modelsCommand(context: CliContext, exit: Exit): Command {
  const models = new Command('models')
    .summary('list, fetch, check and delete models')
    .description('Lists, fetches, checks and deletes models.')
    .addHelpText('after', HELP);
  models
    .command('list')
    .description(
      'Lists the models by name: installed, partly downloaded or available; size, memory, licence.',
    )
    .option('--json', 'as JSON, sizes in bytes')
    .action(async ({ json }: { json?: boolean }) => exit(await list(json === true, context)));
  models
    .command('fetch')
    .description('Downloads a model.')
    .argument('<MODEL>', 'which')
    .option('--agree', 'you agree to the licence of the model')
    .option('--endpoint <url>', 'a hub or a mirror with the same paths', DEFAULT_HUB_ENDPOINT)
    .option('--url <url>', 'the address of the file itself')
    .addHelpText('after', FETCH_HELP)
    .action(async (name: string, options: FetchOptions) => exit(await fetchModel(name, options, context)));
  models
    .command('check')
    .description('Reads models as a whole and compares their SHA-256; exits with 1 where one is damaged.')
    .argument('[MODEL]', 'which; all that are installed without it')
    .action(async (name: string | undefined) => exit(await check(name, context)));
  models
    .command('delete')
    .description('Deletes a model with its converted files.')
    .argument('<MODEL>', 'which')
    .action(async (name: string) => exit(await deleteModel(name, context)));
  return models;
}

const openStore = (): ModelStore => new ModelStore(storageFolders());

async function list(json: boolean, { terminal }: CliContext): Promise<ExitCode> {
  const entries = await openStore().list();
  if (json) terminal.result(`${JSON.stringify(entries.map(asJson), undefined, 2)}\n`);
  else terminal.result(table([HEADINGS, ...entries.map(asRow)]));
  return EXIT.ok;
}

async function fetchModel(name: string, options: FetchOptions, context: CliContext): Promise<ExitCode> {
  const { terminal, interrupt } = context;
  const model = catalogueModel(name);
  const agreed = options.agree === true;
  requireAgreement(model, agreed);
  const proxy = proxyFromEnvironment(process.env);
  const path = await openStore().download(model.id, {
    endpoint: options.endpoint,
    ...(options.url === undefined ? {} : { url: options.url }),
    ...(proxy === undefined ? {} : { proxy }),
    agreedToLicence: agreed,
    signal: interrupt.signal,
    onProgress: (received, total) => {
      terminal.status(`${model.name}: ${Math.floor((100 * received) / total)} % of ${inWords(total)}`);
    },
  });
  terminal.result(`${path}\n`);
  return EXIT.ok;
}

/** The licence is named before anything is fetched, and the person has to answer. */
function requireAgreement({ name, licence, aliases, id }: CatalogueModel, agreed: boolean): void {
  if (!licence.needsAgreement || agreed) return;
  throw new CliError(
    EXIT.usage,
    `${name} is under the ${licence.name}: ${licence.summary ?? ''}\nIts text: ${licence.url}\n` +
      `If you agree to it: qwen-coder models fetch ${aliases[0] ?? id} --agree`,
  );
}

async function check(name: string | undefined, { terminal, interrupt }: CliContext): Promise<ExitCode> {
  const store = openStore();
  const entries = name === undefined ? await store.list() : [await store.entry(catalogueModel(name).id)];
  const chosen = name === undefined ? entries.filter(({ state }) => state === 'installed') : entries;
  let damaged = 0;
  for (const { model } of chosen) {
    const { good, sha256 } = await store.verify(model.id, {
      isAborted: () => interrupt.signal.aborted,
      onProgress: (done, total) => terminal.status(`${model.name}: ${Math.floor((100 * done) / total)} %`),
    });
    if (!good) damaged++;
    terminal.result(`${model.id} ${good ? 'good' : 'damaged'} ${sha256}\n`);
  }
  if (chosen.length === 0) throw new CliError(EXIT.modelMissing, 'No model is installed.');
  return damaged === 0 ? EXIT.ok : EXIT.nothing;
}

async function deleteModel(name: string, { terminal }: CliContext): Promise<ExitCode> {
  const model = catalogueModel(name);
  const { freedBytes } = await openStore().remove(model.id);
  terminal.result(`${model.id} deleted, ${inWords(freedBytes)} freed\n`);
  return EXIT.ok;
}

const HEADINGS = ['name', 'state', 'download', 'on disk', 'memory', 'licence', 'id'];

function asRow({ model, state, bytesOnDisk }: ModelEntry): string[] {
  const { aliases, id, bytes, needs, licence } = model;
  return [
    aliases[0] ?? id,
    state,
    inWords(bytes),
    bytesOnDisk === 0 ? '-' : inWords(bytesOnDisk),
    inWords(needs.exact.memoryBytes),
    licence.name,
    id,
  ];
}

const asJson = ({ model, state, path, bytesOnDisk }: ModelEntry) => ({
  id: model.id,
  names: model.aliases,
  state,
  path,
  bytes: model.bytes,
  bytesOnDisk,
  needs: model.needs,
  licence: model.licence,
});

/** Columns with two blanks between them. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) => `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
    .map((line) => `${line}\n`)
    .join('');
}

const inWords = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`;
