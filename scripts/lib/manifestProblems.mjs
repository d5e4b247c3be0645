/**
 * Everything that is wrong with the manifest.
 * @param {Record<string, any>} manifest package.json
 * @param {{ packages?: Record<string, { version?: string, resolved?: string }> }} lock package-lock.json
 * @returns {string[]}
 */
export function manifestProblems(manifest, lock) {
  return [
    ...hostProblems(manifest),
    ...commandProblems(manifest.contributes?.commands ?? []),
    ...settings(manifest.contributes?.configuration).flatMap(settingProblems),
    ...lockProblems(lock),
  ];
}

function hostProblems(manifest) {
  const problems = [];
  if (manifest.enabledApiProposals !== undefined) {
    problems.push('enabledApiProposals: an extension with proposed APIs cannot be published');
  }
  const minimum = /^\^(\d+\.\d+\.\d+)$/.exec(manifest.engines?.vscode ?? '')?.[1];
  const types = manifest.devDependencies?.['@types/vscode'];
  if (minimum === undefined || types !== minimum) {
    problems.push(
      `@types/vscode is ${types}, engines.vscode ${manifest.engines?.vscode}: newer types would hide that an API is missing in the oldest editor`,
    );
  }
  if (manifest.extensionKind?.[0] !== 'workspace') {
    problems.push("extensionKind must begin with 'workspace': the engine runs where the files are");
  }
  if (manifest.capabilities?.untrustedWorkspaces?.supported === undefined) {
    problems.push(
      'capabilities.untrustedWorkspaces.supported is not declared, so the editor would disable the extension there',
    );
  }
  return problems;
}

function commandProblems(commands) {
  return commands.flatMap(({ command, title, category }) =>
    [
      [title, 'title'],
      [category, 'category'],
    ]
      .filter(([value]) => !isText(value))
      .map(([, what]) => `command ${command} has no ${what}`),
  );
}

/** `configuration` may be one section or several. @returns {Array<[string, Record<string, unknown>]>} */
function settings(configuration) {
  return [configuration ?? []].flat().flatMap((section) => Object.entries(section.properties ?? {}));
}

function settingProblems([name, setting]) {
  const problems = [];
  if (!isText(setting.description) && !isText(setting.markdownDescription)) problems.push('description');
  if (setting.default === undefined) problems.push('default');
  if (setting.type === undefined && setting.enum === undefined) problems.push('type');
  return problems.map((what) => `setting ${name} has no ${what}`);
}

/** A registry's address in the lock would send everyone else's npm there. */
function lockProblems({ packages = {} }) {
  return Object.entries(packages)
    .filter(([, { resolved }]) => /^https?:/.test(resolved ?? ''))
    .map(([path]) => `package-lock.json: ${path} names the registry it came from`);
}

const isText = (value) => typeof value === 'string' && value.trim() !== '';
