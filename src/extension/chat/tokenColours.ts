/** Colours of code in the editor's theme, for code that the editor does not show itself. */

/** A rule of a TextMate theme. */
export interface TokenRule {
  readonly scope?: string | readonly string[];
  readonly settings?: { readonly foreground?: string };
}

/** Kinds of parts of code, and the scopes that such a part has in most grammars: the first that a theme colours. */
const SCOPES: Readonly<Record<string, readonly string[]>> = {
  keyword: ['keyword.control', 'keyword', 'storage.type', 'storage'],
  storage: ['storage.type', 'storage', 'keyword'],
  string: ['string.quoted.double', 'string'],
  number: ['constant.numeric', 'constant'],
  literal: ['constant.language', 'constant'],
  comment: ['comment.line', 'comment'],
  function: ['entity.name.function', 'support.function'],
  type: ['entity.name.type', 'entity.name.class', 'support.class', 'support.type'],
  builtin: ['support.function', 'support.type', 'support'],
  variable: ['variable.other.readwrite', 'variable'],
  parameter: ['variable.parameter', 'variable'],
  property: ['variable.other.property', 'support.type.property-name', 'variable'],
  tag: ['entity.name.tag'],
  attribute: ['entity.other.attribute-name'],
  regexp: ['string.regexp', 'string'],
  operator: ['keyword.operator', 'keyword'],
  meta: ['meta.preprocessor', 'entity.name.function.preprocessor', 'keyword.control'],
  inserted: ['markup.inserted'],
  deleted: ['markup.deleted'],
  heading: ['markup.heading', 'entity.name.section'],
};

const COLOUR = /^#[0-9a-fA-F]{3,8}$/;

/** The colour of each kind for which the theme has one. Of rules that fit equally, the last one counts. */
export function tokenColours(rules: readonly TokenRule[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [kind, scopes] of Object.entries(SCOPES)) {
    const colour = scopes.map((scope) => colourOf(scope, rules)).find((one) => one !== undefined);
    if (colour !== undefined) found[kind] = colour;
  }
  return found;
}

function colourOf(scope: string, rules: readonly TokenRule[]): string | undefined {
  let best: { readonly length: number; readonly colour: string } | undefined;
  for (const { scope: selectors, settings } of rules) {
    const colour = settings?.foreground;
    if (colour === undefined || !COLOUR.test(colour)) continue;
    for (const selector of selectorsOf(selectors)) {
      const fits = scope === selector || scope.startsWith(`${selector}.`);
      if (fits && selector.length >= (best?.length ?? 0)) best = { length: selector.length, colour };
    }
  }
  return best?.colour;
}

/** Selectors without those that ask for a scope inside another one. */
function selectorsOf(scope: TokenRule['scope']): readonly string[] {
  const all = typeof scope === 'string' ? scope.split(',') : (scope ?? []);
  return all.map((one) => one.trim()).filter((one) => one !== '' && !one.includes(' '));
}
