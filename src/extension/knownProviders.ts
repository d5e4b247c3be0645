/** Extensions that are known to suggest code as one types. */

/** By the identifier in lower case; stable interfaces do not tell who has registered a provider. */
const KNOWN: Readonly<Record<string, { readonly name: string; readonly setting?: string }>> = {
  'github.copilot': { name: 'GitHub Copilot', setting: 'github.copilot.enable' },
  'github.copilot-chat': { name: 'GitHub Copilot', setting: 'github.copilot.enable' },
  'amazonwebservices.amazon-q-vscode': { name: 'Amazon Q' },
  'codeium.codeium': { name: 'Windsurf (Codeium)', setting: 'codeium.enableConfig' },
  'continue.continue': { name: 'Continue', setting: 'continue.enableTabAutocomplete' },
  'ggml-org.llama-vscode': { name: 'llama.vscode', setting: 'llama-vscode.enabled' },
  'google.geminicodeassist': { name: 'Gemini Code Assist' },
  'huggingface.huggingface-vscode': { name: 'llm-vscode', setting: 'llm.enableAutoSuggest' },
  'rjmacarthy.twinny': { name: 'twinny', setting: 'twinny.autoSuggestEnabled' },
  'supermaven.supermaven': { name: 'Supermaven' },
  'tabbyml.vscode-tabby': { name: 'Tabby', setting: 'tabby.inlineCompletion.triggerMode' },
  'tabnine.tabnine-vscode': { name: 'Tabnine' },
};

export interface OtherProvider {
  readonly name: string;
  /** Where it is switched off, as far as known. */
  readonly setting?: string;
}

/** @param active identifiers of the extensions that run; each provider once */
export function otherProviders(active: Iterable<string>): readonly OtherProvider[] {
  const found = new Map<string, OtherProvider>();
  for (const id of active) {
    const known = KNOWN[id.toLowerCase()];
    if (known !== undefined) found.set(known.name, known);
  }
  return [...found.values()];
}
