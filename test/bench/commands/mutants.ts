/**
 * Small seeded faults in a function, as mutation testing has them: an operator for its neighbour, a number off by one,
 * a condition turned round. A test that passes on the true code and on a mutant of it did not look there.
 */
import { Language, Parser, type Node } from '@vscode/tree-sitter-wasm';
import { join } from 'node:path';
import type { CodeSymbol } from '../../../src/assist/syntax/syntax';

/** The text from `start` to `end` is replaced. UTF-16 offsets of the file. */
export interface Mutation {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const GRAMMARS = 'node_modules/@vscode/tree-sitter-wasm/wasm';
const SWAPS: Readonly<Record<string, string>> = {
  '+': '-',
  '-': '+',
  '*': '+',
  '/': '*',
  '//': '*',
  '%': '*',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '==': '!=',
  '!=': '==',
  '===': '!==',
  '!==': '===',
  '&&': '||',
  '||': '&&',
  '??': '&&',
  and: 'or',
  or: 'and',
  in: 'not in',
  '+=': '-=',
  '-=': '+=',
  '*=': '+=',
  true: 'false',
  false: 'true',
  True: 'False',
  False: 'True',
};
const OPERATORS =
  /^(?:binary_expression|binary_operator|comparison_operator|boolean_operator|augmented_assignment|augmented_assignment_expression)$/;

let languages: Promise<ReadonlyMap<string, Language>> | undefined;

/** In the order of the text. */
export async function mutationsOf(
  text: string,
  languageId: 'python' | 'typescript',
  { declaration, body, end }: CodeSymbol,
): Promise<readonly Mutation[]> {
  languages ??= loadLanguages();
  const language = (await languages).get(languageId);
  if (language === undefined || body === undefined) return [];
  const parser = new Parser();
  try {
    parser.setLanguage(language);
    const tree = parser.parse(text);
    if (tree === null) return [];
    const found: Mutation[] = [];
    const visit = (node: Node): void => {
      if (node.endIndex <= declaration || node.startIndex >= end) return;
      // Types of parameters and the like are no behaviour.
      if (/^type|_type$|^comment$/.test(node.type)) return;
      if (node.startIndex >= body) found.push(...mutate(node));
      for (const child of node.children) if (child !== null) visit(child);
    };
    visit(tree.rootNode);
    tree.delete();
    return found;
  } finally {
    parser.delete();
  }
}

export const withMutation = (text: string, { start, end, text: other }: Mutation): string =>
  text.slice(0, start) + other + text.slice(end);

function mutate(node: Node): Mutation[] {
  const { startIndex: start, endIndex: end, type, text } = node;
  if (type === 'integer' || type === 'number') {
    return /^\d+$/.test(text) ? [{ start, end, text: String(Number(text) + 1) }] : [];
  }
  const other = SWAPS[text];
  if (other !== undefined && (/^(?:true|false)$/i.test(type) || (!node.isNamed && isOperator(node)))) {
    return [{ start, end, text: other }];
  }
  if (type === 'if_statement' || type === 'elif_clause' || type === 'while_statement') {
    const condition = node.childForFieldName('condition');
    if (condition === null) return [];
    const at = { start: condition.startIndex, end: condition.endIndex };
    // TypeScript's condition has its parentheses with it.
    return [
      { ...at, text: condition.text.startsWith('(') ? `(!${condition.text})` : `not (${condition.text})` },
    ];
  }
  return [];
}

const isOperator = ({ parent }: Node): boolean => parent !== null && OPERATORS.test(parent.type);

async function loadLanguages(): Promise<ReadonlyMap<string, Language>> {
  await Parser.init({ locateFile: (file: string) => join(GRAMMARS, file) });
  const load = async (name: string): Promise<[string, Language]> => [
    name,
    await Language.load(join(GRAMMARS, `tree-sitter-${name}.wasm`)),
  ];
  return new Map([await load('python'), await load('typescript')]);
}
