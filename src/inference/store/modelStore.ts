/**
 * The models on this machine: which there are, fetching, checking and deleting them. Used by the editor and by the
 * command line; several processes may do so at once.
 */
import { join } from 'node:path';
import { EngineError } from '../errors';
import { CATALOGUE, DEFAULT_HUB_ENDPOINT, findModel, modelFile, type CatalogueModel } from './catalogue';
import { downloadFile } from './download';
import { NODE_FILES, type FileLayer } from './fileLayer';
import type { HashWork } from './hashFile';
import { httpUrl, modelUrl } from './hub';
import { withLock } from './interProcessLock';
import { partPath, partStatePath, type ExpectedFile } from './partFile';
import { pinPath, readPin, writePin } from './pin';
import type { ProxyOptions } from './proxy';
import { openFetch } from './proxyFetch';
import { publishedSum } from './publishedSum';
import { freshIdentity, identityPath } from './weightsIdentity';

export interface ModelEntry {
  readonly model: CatalogueModel;
  /** `installed`: its file is there in full; `partial`: some of it has been downloaded. */
  readonly state: 'installed' | 'partial' | 'available';
  /** Where the weights lie or will lie. */
  readonly path: string;
  /** Of the GGUF, in full or in part. */
  readonly downloadedBytes: number;
  /** GGUF, part and converted files. */
  readonly bytesOnDisk: number;
}

export interface DownloadModelOptions {
  /** A hub or mirror; default: the publisher's hub. Also tells the sum of a model that is pinned at download. */
  readonly endpoint?: string;
  /** The address of the file itself, where it is on no hub. */
  readonly url?: string;
  readonly proxy?: ProxyOptions;
  /** The person has agreed to the licence; needed where `licence.needsAgreement`. */
  readonly agreedToLicence?: boolean;
  readonly signal?: AbortSignal;
  /** In bytes. */
  readonly onProgress?: (received: number, total: number) => void;
}

export interface ModelStoreDeps {
  readonly modelsDir: string;
  readonly convertedDir: string;
  readonly catalogue?: readonly CatalogueModel[];
  readonly files?: FileLayer;
  readonly fetch?: typeof fetch;
}

export class ModelStore {
  readonly #modelsDir: string;
  readonly #convertedDir: string;
  readonly #catalogue: readonly CatalogueModel[];
  readonly #files: FileLayer;
  readonly #fetch: typeof fetch | undefined;

  constructor(deps: ModelStoreDeps) {
    this.#modelsDir = deps.modelsDir;
    this.#convertedDir = deps.convertedDir;
    this.#catalogue = deps.catalogue ?? CATALOGUE;
    this.#files = deps.files ?? NODE_FILES;
    this.#fetch = deps.fetch;
  }

  /** All models of the catalogue, in its order. */
  async list(): Promise<ModelEntry[]> {
    return Promise.all(this.#catalogue.map((model) => this.#entry(model)));
  }

  /**
   * @param id identifier or short name
   * @throws EngineError `invalid-request` for an unknown one
   */
  async entry(id: string): Promise<ModelEntry> {
    return this.#entry(this.#require(id));
  }

  /**
   * What the weights of a model must be: published, or pinned when they were downloaded; undefined for a model that
   * is pinned at download and has not been downloaded.
   * @throws EngineError `invalid-request` for an unknown model
   */
  async expected(id: string): Promise<ExpectedFile | undefined> {
    return this.#expected(this.#require(id));
  }

  /**
   * Downloads a model's weights, or goes on with a download that was broken off, and checks them.
   *
   * @returns the path of the weights
   * @throws EngineError `invalid-request` (unknown model, licence not agreed to), and as `downloadFile`
   */
  async download(id: string, options: DownloadModelOptions = {}): Promise<string> {
    const model = this.#require(id);
    const { endpoint = DEFAULT_HUB_ENDPOINT, signal, onProgress } = options;
    if (model.licence.needsAgreement && options.agreedToLicence !== true) {
      throw new EngineError(
        'invalid-request',
        `${model.name} is under the ${model.licence.name} (${model.licence.url}), which has to be agreed to before it is downloaded.`,
        { model: model.id },
      );
    }
    const url = options.url === undefined ? modelUrl(endpoint, model) : httpUrl(options.url).href;
    const target = modelFile(this.#modelsDir, model);
    const connection = await openFetch(options.proxy, this.#fetch);
    try {
      const known = await this.#expected(model);
      const expected = known ?? (await publishedSum(endpoint, model, connection.fetch, signal));
      await downloadFile(
        { url, target, bytes: expected.bytes, sha256: expected.sha256 },
        {
          files: this.#files,
          fetch: connection.fetch,
          ...(signal && { signal }),
          ...(onProgress && { onProgress }),
        },
      );
      if (known === undefined) await writePin(target, expected, this.#files);
      return target;
    } catch (error) {
      throw EngineError.from(error, 'io');
    } finally {
      await connection.close();
    }
  }

  /**
   * Deletes a model: GGUF, part, pin and converted files.
   * @throws EngineError `invalid-request` for an unknown model, `io` where another process is at work on it or a file
   *   cannot be removed
   */
  async remove(id: string): Promise<{ freedBytes: number }> {
    const model = this.#require(id);
    const target = modelFile(this.#modelsDir, model);
    const pinned = await readPin(target, this.#files);
    if (pinned === undefined && (await this.#bytesOf(model)) === 0) return { freedBytes: 0 };
    const inUse = new EngineError('io', `${model.name} is being downloaded by another window or program.`);
    const onWait = (): never => {
      throw inUse;
    };
    return withLock(target, { files: this.#files, onWait }, async () => {
      const freedBytes = await this.#bytesOf(model);
      try {
        // The GGUF first: without it, what is left is cheap to make anew or of no use.
        for (const path of [
          target,
          partPath(target),
          partStatePath(target),
          ...(await this.#converted(model)),
          identityPath(target, this.#convertedDir),
          pinPath(target),
        ]) {
          await this.#files.rm(path, { recursive: true, force: true });
        }
      } catch (error) {
        throw EngineError.from(error, 'io');
      }
      return { freedBytes };
    });
  }

  /**
   * Reads the whole file and compares its sum with the one that it must have. What is found is remembered, so that a
   * damaged file is refused when it is opened the next time.
   * @throws EngineError `invalid-request` for an unknown model, `model-missing`, `io`, `aborted`
   */
  async verify(id: string, work: HashWork = {}): Promise<{ good: boolean; sha256: string }> {
    const model = this.#require(id);
    const path = modelFile(this.#modelsDir, model);
    const sha256 = await freshIdentity(path, this.#convertedDir, { files: this.#files, ...work });
    return { good: sha256 === (await this.#expected(model))?.sha256, sha256 };
  }

  #require(id: string): CatalogueModel {
    const model = findModel(this.#catalogue, id);
    if (model !== undefined) return model;
    const known = this.#catalogue.map(({ aliases, id: full }) => aliases[0] ?? full).join(', ');
    throw new EngineError('invalid-request', `There is no model "${id}"; there are ${known}.`);
  }

  async #expected(model: CatalogueModel): Promise<ExpectedFile | undefined> {
    const { bytes, sha256 } = model;
    return sha256 === undefined ? readPin(modelFile(this.#modelsDir, model), this.#files) : { bytes, sha256 };
  }

  async #entry(model: CatalogueModel): Promise<ModelEntry> {
    const path = modelFile(this.#modelsDir, model);
    const [expected, there, part, bytesOnDisk] = await Promise.all([
      this.#expected(model),
      this.#size(path),
      this.#size(partPath(path)),
      this.#bytesOf(model),
    ]);
    const installed = expected !== undefined && there === expected.bytes;
    const partial = there > 0 || part > 0;
    const state = installed ? 'installed' : partial ? 'partial' : 'available';
    return { model, state, path, downloadedBytes: installed || part === 0 ? there : part, bytesOnDisk };
  }

  async #bytesOf(model: CatalogueModel): Promise<number> {
    const target = modelFile(this.#modelsDir, model);
    let bytes = (await this.#size(target)) + (await this.#size(partPath(target)));
    for (const folder of await this.#converted(model)) {
      const names = await this.#files.readdir(folder).catch(() => []);
      for (const name of names) bytes += await this.#size(join(folder, name));
    }
    return bytes;
  }

  /** Folders of graphs that were converted from a model's weights, finished or not. */
  async #converted(model: CatalogueModel): Promise<string[]> {
    const sha256 = (await this.#expected(model))?.sha256;
    if (sha256 === undefined) return [];
    const names = await this.#files.readdir(this.#convertedDir).catch(() => []);
    return names
      .filter((name) => name.includes(`${sha256}-`) && !name.endsWith('.lock'))
      .map((name) => join(this.#convertedDir, name));
  }

  /** 0 where there is no such file. */
  async #size(path: string): Promise<number> {
    return this.#files.stat(path).then(
      (found) => (found.isFile() ? found.size : 0),
      () => 0,
    );
  }
}
