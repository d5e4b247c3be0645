/** Names in code, found by their looks alone, so that every language has them. */

/** Shorter names (`i`, `x`, `id`) are everywhere and tell nothing. */
const MIN_LENGTH = 3;
/** Words of many languages that are no names, and names that every file has. */
const COMMON = new Set(
  `abstract and any args arguments array as assert async await bool boolean break byte case catch char class const
  constructor continue def default del delete do double elif else elsif end enum err error except export extends
  extern false final finally float for foreach from func function get global goto has if impl implements import in
  include instanceof int interface internal is iterator key lambda let len length list local long map match module mut
  name namespace new nil none not null number object of operator or override package pass print private protected pub
  public raise readonly require return self set short signed sizeof static str string struct super switch template
  test then this throw throws trait true try type typedef typeof undefined union unsigned until use using val value
  values var virtual void when where while with yield`.split(/\s+/),
);

const NAME = /[\p{L}_$][\p{L}\p{N}_$]*/gu;

/** The distinct names of a text. */
export function identifiers(text: string): Set<string> {
  const found = new Set<string>();
  for (const [name] of text.matchAll(NAME)) {
    if (name.length >= MIN_LENGTH && !COMMON.has(name.toLowerCase())) found.add(name);
  }
  return found;
}

const DECLARATION =
  /\b(?:class|const|def|enum|fn|func|function|impl|interface|let|module|namespace|object|protocol|record|struct|trait|type|union|val|var)\s+(?:\([^)\n]*\)\s*)?([\p{L}_$][\p{L}\p{N}_$]*)/gu;
/** A method or a C function: a name with a parameter list, and a body that opens at the line's end. */
const WITH_BODY =
  /^[ \t]*(?:[\p{L}\p{N}_$<>[\],.*&:]+[ \t]+)*([\p{L}_$][\p{L}\p{N}_$]*)[ \t]*\([^;{}\n]*\)[^;{}\n]*\{[ \t]*$/gmu;
/** Statements that look like that. */
const STATEMENTS = new Set([
  'if',
  'for',
  'while',
  'switch',
  'catch',
  'foreach',
  'function',
  'func',
  'fn',
  'return',
  'match',
]);

/** Names that a text seems to declare. */
export function declaredNames(text: string): Set<string> {
  const found = new Set<string>();
  for (const [, name = ''] of text.matchAll(DECLARATION)) if (name.length >= MIN_LENGTH) found.add(name);
  for (const [, name = ''] of text.matchAll(WITH_BODY)) {
    if (name.length >= MIN_LENGTH && !STATEMENTS.has(name)) found.add(name);
  }
  return found;
}
