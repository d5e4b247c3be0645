/** Downloads of catalogue models: one of each at a time, each with a notification that shows how far it is. */
import * as vscode from 'vscode';
import type { CatalogueModel } from '../inference/store/catalogue';
import type { ModelStore } from '../inference/store/modelStore';
import type { ProxyOptions } from '../inference/store/proxy';
import { abortOnCancel } from './abortOnCancel';
import type { DisposableLike } from './disposables';
import { Listeners } from './listeners';
import { licenceQuestion } from './modelsView';

/** In the editor's global state: the licences that have been agreed to on this installation. */
const AGREED_KEY = 'qwenCoder.agreedLicences';

export interface ModelDownloadsDeps {
  readonly store: ModelStore;
  readonly endpoint: () => string;
  /** By the editor's settings as they are now. */
  readonly proxy: () => ProxyOptions | undefined;
  readonly globalState: vscode.Memento;
}

interface Running {
  readonly done: Promise<boolean>;
  readonly cancel: () => void;
  fraction: number;
}

export class ModelDownloads implements DisposableLike {
  readonly #running = new Map<string, Running>();
  readonly #ending = new AbortController();
  readonly #progress = new Listeners<void>();

  constructor(private readonly deps: ModelDownloadsDeps) {}

  /** Calls back when a download has begun, gone on or ended. */
  readonly onProgress = this.#progress.listen;

  /** From 0 to 1 while the model is being downloaded. */
  fractionOf(id: string): number | undefined {
    return this.#running.get(id)?.fraction;
  }

  /** Of any download that is running. */
  get fraction(): number | undefined {
    return [...this.#running.values()][0]?.fraction;
  }

  /**
   * Downloads a model, or goes on with it; who asks while it runs waits for the same download. A licence that wants
   * agreement is asked about first.
   *
   * @param url address of the file where it is not on the hub
   * @returns false where the person did not agree
   * @throws EngineError as `ModelStore.download`, `aborted` where it was cancelled
   */
  async download(model: CatalogueModel, url?: string): Promise<boolean> {
    const running = this.#running.get(model.id);
    if (running !== undefined) return running.done;
    if (!(await this.#agreed(model))) return false;
    // Agreeing takes time, in which another one may have begun.
    return (this.#running.get(model.id) ?? this.#begin(model, url)).done;
  }

  /** Ends a download; what has arrived stays. */
  cancel(id: string): void {
    this.#running.get(id)?.cancel();
  }

  /** Ends all downloads. */
  dispose(): void {
    this.#ending.abort();
    this.#progress.dispose();
  }

  #begin(model: CatalogueModel, url: string | undefined): Running {
    const cancelling = new AbortController();
    const signal = AbortSignal.any([cancelling.signal, this.#ending.signal]);
    const done = this.#fetch(model, url, signal).finally(() => {
      this.#running.delete(model.id);
      this.#progress.fire();
    });
    const running: Running = { done, cancel: () => cancelling.abort(), fraction: 0 };
    this.#running.set(model.id, running);
    this.#progress.fire();
    return running;
  }

  async #fetch(model: CatalogueModel, url: string | undefined, signal: AbortSignal): Promise<boolean> {
    const { store, endpoint } = this.deps;
    const proxy = this.deps.proxy();
    await withFileProgress(`Downloading ${model.name}`, signal, (either, onProgress) =>
      store.download(model.id, {
        endpoint: endpoint(),
        ...(url === undefined ? {} : { url }),
        ...(proxy === undefined ? {} : { proxy }),
        agreedToLicence: true,
        signal: either,
        onProgress: (received, total) => {
          this.#received(model.id, received / total);
          onProgress(received, total);
        },
      }),
    );
    return true;
  }

  /** Tells of whole percents only: a fast download reports hundreds of times a second. */
  #received(id: string, fraction: number): void {
    const running = this.#running.get(id);
    if (running === undefined) return;
    const before = running.fraction;
    running.fraction = fraction;
    if (Math.floor(100 * before) !== Math.floor(100 * fraction)) this.#progress.fire();
  }

  /** Asks once per licence and installation; where nothing has to be agreed to, nobody is asked. */
  async #agreed(model: CatalogueModel): Promise<boolean> {
    const question = licenceQuestion(model);
    if (question === undefined) return true;
    const agreed = this.deps.globalState.get<readonly string[]>(AGREED_KEY) ?? [];
    if (agreed.includes(model.licence.url)) return true;
    for (;;) {
      const choice = await vscode.window.showInformationMessage(
        question.message,
        { modal: true, detail: question.detail },
        'Agree and Download',
        'Read the Licence',
      );
      if (choice === undefined) return false;
      if (choice === 'Agree and Download') break;
      await vscode.env.openExternal(vscode.Uri.parse(model.licence.url));
    }
    await this.deps.globalState.update(AGREED_KEY, [...agreed, model.licence.url]);
    return true;
  }
}

/**
 * Runs file work under a notification that shows megabytes and can be cancelled.
 *
 * @param ending ends the work as well
 * @throws what the work throws
 */
export async function withFileProgress<T>(
  title: string,
  ending: AbortSignal,
  work: (signal: AbortSignal, onProgress: (done: number, total: number) => void) => Promise<T>,
): Promise<T> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    (progress, token) =>
      abortOnCancel(token, (cancelled) => {
        let shown = 0;
        return work(AbortSignal.any([cancelled, ending]), (done, total) => {
          const percent = Math.floor((100 * done) / total);
          progress.report({
            increment: percent - shown,
            message: `${Math.round(done / 1e6)} of ${Math.round(total / 1e6)} MB`,
          });
          shown = percent;
        });
      }),
  );
}
