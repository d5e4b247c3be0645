import { join } from 'node:path';
import { cacheRoot } from './cacheRoot.mjs';
import { installFolder } from './installFolder.mjs';
import { fetchPackages } from './packageSources.mjs';

/** Packages under MIT, BSD or Apache-2.0 licences: a release and the one that followed it. */
const RELEASES = Object.freeze({
  python: { click: ['8.1.7', '8.1.8'], httpx: ['0.27.2', '0.28.1'], rich: ['13.9.3', '13.9.4'] },
  typescript: {
    rxjs: ['7.8.1', '7.8.2'],
    immer: ['10.0.4', '10.1.1'],
    '@reduxjs/toolkit': ['2.4.0', '2.5.0'],
  },
  go: {
    'github.com/spf13/cobra': ['v1.8.0', 'v1.8.1'],
    'github.com/gorilla/mux': ['v1.8.0', 'v1.8.1'],
    'github.com/go-chi/chi/v5': ['v5.1.0', 'v5.2.0'],
  },
});

/**
 * Sources as they were before and after people edited them, in the cache: what registries have of a project's history.
 * @returns {Promise<string>} a folder with `before/LANGUAGE/PACKAGE/…` and `after/LANGUAGE/PACKAGE/…`
 * @throws {ProvisionError} without npm, pip or Go, or without network
 */
export async function ensureEditSources() {
  const folder = join(cacheRoot(), 'tools', 'edit-sources');
  await installFolder({
    name: 'Sources before and after edits',
    folder,
    versions: Object.fromEntries(
      Object.entries(RELEASES).map(([language, packages]) => [language, JSON.stringify(packages)]),
    ),
    install: async (into) => {
      for (const [at, name] of ['before', 'after'].entries()) {
        const versions = Object.entries(RELEASES).map(([language, packages]) => [
          language,
          Object.fromEntries(Object.entries(packages).map(([each, releases]) => [each, releases[at]])),
        ]);
        await fetchPackages(Object.fromEntries(versions), join(into, name));
      }
    },
  });
  return folder;
}
