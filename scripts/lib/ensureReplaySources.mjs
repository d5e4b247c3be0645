import { join } from 'node:path';
import { cacheRoot } from './cacheRoot.mjs';
import { installFolder } from './installFolder.mjs';
import { fetchPackages } from './packageSources.mjs';

/** Packages under MIT, BSD or Apache-2.0 licences, from the registry of each language, at fixed versions. */
const PACKAGES = Object.freeze({
  python: { click: '8.1.8', httpx: '0.28.1', rich: '13.9.4' },
  typescript: { rxjs: '7.8.2', immer: '10.1.1', '@reduxjs/toolkit': '2.5.0' },
  go: {
    'github.com/spf13/cobra': 'v1.8.1',
    'github.com/gorilla/mux': 'v1.8.1',
    'github.com/go-chi/chi/v5': 'v5.2.0',
  },
  rust: { itertools: '0.13.0', semver: '1.0.24', indexmap: '2.7.0' },
  java: { 'com.google.code.gson:gson': '2.11.0', 'org.apache.commons:commons-lang3': '3.17.0' },
  // Python packages that bring C++ sources.
  cpp: { pybind11: '2.13.6', nanobind: '2.4.0' },
});

/**
 * Sources in six languages that are typed into the engines, in the cache.
 * @returns {Promise<string>} a folder with `LANGUAGE/PACKAGE/…`; slashes and colons in names of packages are `+`
 * @throws {ProvisionError} without npm, pip, Go, Cargo or Maven, or without network
 */
export async function ensureReplaySources() {
  const folder = join(cacheRoot(), 'tools', 'replay-sources');
  const versions = Object.fromEntries(
    Object.entries(PACKAGES).map(([language, packages]) => [language, JSON.stringify(packages)]),
  );
  await installFolder({
    name: 'Sources to type',
    folder,
    versions,
    install: (into) => fetchPackages(PACKAGES, into),
  });
  return folder;
}
